"""What the searches need of scikit-learn beyond what it documents, in one place.

Two functions slice data and fit parameters as scikit-learn's searches do; three methods
of its searches are overridden (in ``rounds``). All have been the same from 1.7 to 1.9.
Any other version is refused in a sentence if it lacks one of them, or evaluates other
candidates than those that were trained.
"""

from inspect import signature

import sklearn
from sklearn.model_selection import GridSearchCV

try:
    from sklearn.utils.metaestimators import _safe_split
    from sklearn.utils.validation import _check_method_params
except ImportError:  # said by `check_version`, when a search is run
    _safe_split = _check_method_params = None

# Overridden methods and the names of their first parameters.
OVERRIDDEN = {
    "_run_search": ["self", "evaluate_candidates"],
    "_get_routed_params_for_fit": ["self", "params"],
    "_format_results": ["self", "candidate_params", "n_splits", "out"],
}


def check_version():
    """Refuse a scikit-learn whose searches work in a way that is not known.

    Raises
    ------
    RuntimeError
    """
    has_functions = _safe_split is not None and _check_method_params is not None
    if not has_functions or not all(map(_has_method, OVERRIDDEN)):
        raise unknown_version()


def _has_method(name):
    method, first = getattr(GridSearchCV, name, None), OVERRIDDEN[name]
    return bool(method) and list(signature(method).parameters)[: len(first)] == first


def unknown_version():
    """The error for a scikit-learn whose searches are not known."""
    return RuntimeError(
        "lock-step searches know how the searches of scikit-learn 1.7 to 1.9 work, and "
        f"those of scikit-learn {sklearn.__version__} work in another way: use "
        "GridSearchCV or whichever search it is without the name Lockstep, or another "
        "version of scikit-learn."
    )


def call_of_fit(estimator, X, y, rows, fit_params):
    """The arguments that a search gives to ``fit``, or to a scorer, for some rows.

    Parameters
    ----------
    estimator : estimator
    X, y : array-likes
    rows : ndarray of indices
    fit_params : dict
        Of the search; what has a row a sample is sliced.

    Returns
    -------
    args : tuple
        ``(X,)`` or ``(X, y)``.
    fit_params : dict
    """
    args = _safe_split(estimator, X, y, rows)
    params = _check_method_params(X, params=fit_params, indices=rows)
    return args[: 1 if y is None else 2], params
