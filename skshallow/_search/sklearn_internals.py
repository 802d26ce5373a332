"""The undocumented parts of scikit-learn's searches that the searches here use.

Two functions slice data and fit parameters as scikit-learn's searches do; three methods
of its searches are overridden (in ``rounds``). All are the same in 1.7 to 1.9. Another
version gets an error that names it if it lacks one of them, or if it evaluates other
candidates than those that were trained. Callbacks have undocumented parts of their own,
which ``rounds`` and ``callbacks`` use.
"""

import sklearn
from sklearn.model_selection import GridSearchCV

try:
    from sklearn.utils.metaestimators import _safe_split
    from sklearn.utils.validation import _check_method_params
except ImportError:  # `check_version` raises the error when a search is run
    _safe_split = _check_method_params = None

OVERRIDDEN = "_get_routed_params_for_fit", "_run_search", "_format_results"


def check_version():
    """Raise an error if the searches of this scikit-learn are not known.

    Raises
    ------
    RuntimeError
    """
    has_methods = all(hasattr(GridSearchCV, name) for name in OVERRIDDEN)
    if None in (_safe_split, _check_method_params) or not has_methods:
        raise unknown_version()


def unknown_version():
    """The error for a scikit-learn whose searches are not known."""
    return RuntimeError(
        "lock-step searches know how the searches of scikit-learn 1.7 to 1.9 work, but "
        f"those of scikit-learn {sklearn.__version__} work in another way: use "
        "GridSearchCV (in general, the search of the same name without Lockstep), or "
        "another version of scikit-learn."
    )


def arguments_of(X, y, params, estimator, rows):
    """The arguments that a search gives to ``fit``, or to a scorer, for some rows.

    Parameters
    ----------
    X, y : array-likes
    params : dict
        Other arguments. Arrays with a row for each sample are sliced.
    estimator : estimator
    rows : ndarray of indices

    Returns
    -------
    args : tuple
        ``(X,)`` or ``(X, y)``.
    params : dict
    """
    args = _safe_split(estimator, X, y, rows)
    params = _check_method_params(X, params=params, indices=rows)
    return args[: 1 if y is None else 2], params
