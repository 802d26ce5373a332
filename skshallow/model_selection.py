"""Searches that train many candidates at once.

The searches are scikit-learn's, which makes the candidates and scores, ranks and refits
them. The code here and in ``rounds`` trains the candidates of a round together before
scikit-learn evaluates them one by one.
"""

import warnings
from copy import copy
from functools import wraps
from inspect import signature

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils import indexable

from skshallow._advice.warn_after_fit import warn_of_search
from skshallow._fit.callbacks import (
    names_of_callbacks,
    passes_on_callbacks,
    shows_progress,
)
from skshallow._fit.version import PAGE
from skshallow._search.rounds import Rounds
from skshallow._search.sklearn_internals import OVERRIDDEN, check_version


class SearchCurves:
    """Curves and starts of all nets that a search has fitted, except for its refit.

    The first axis of the arrays stands for the candidates, in the order of
    ``cv_results_``, and the second for the splits.

    Parameters
    ----------
    params : list of dict
        ``cv_results_["params"]``.
    curves : list of dict
        Curves and start of every net, in the order of ``product(candidates, splits)``.

    Attributes
    ----------
    params : list of dict
        Parameters of the candidates.
    loss : ndarray of shape (n_candidates, n_splits, n_iterations)
        ``loss_curve_`` of every net, with nan after its last iteration.
    validation_loss, validation_score : ndarray of that shape
        ``validation_loss_curve_`` and ``validation_scores_`` of every net. Without
        validation data, the last axis has length 0.
    n_iter : ndarray of shape (n_candidates, n_splits)
        Lengths of the loss curves; 0 for a failed fit.
    status : ndarray of str of shape (n_candidates, n_splits)
        ``status_`` of every net; "failed" for a failed fit, for example one that
        diverged.
    init_coefs, init_intercepts : list of lists
        ``init_coefs_`` and ``init_intercepts_`` of every net, by candidate and split;
        None for a failed fit.

    Examples
    --------
    >>> from skshallow import LockstepGridSearchCV, ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> net = ShallowNetClassifier(4, max_iter=30, random_state=0)
    >>> grid = {"init_scale": [0.1, 1]}
    >>> search = LockstepGridSearchCV(net, grid, cv=3, return_curves=True)
    >>> search.fit(*make_flower(random_state=1)).curves_.loss.shape
    (2, 3, 30)
    """

    def __init__(self, params, curves):
        n_splits = len(curves) // len(params)
        rows = [curves[i : i + n_splits] for i in range(0, len(curves), n_splits)]

        def each(name):
            return [[net[name] for net in row] for row in rows]

        self.params = params
        self.loss = _stacked(each("loss_curve_"))
        self.validation_loss = _stacked(each("validation_loss_curve_"))
        self.validation_score = _stacked(each("validation_scores_"))
        self.n_iter = (~np.isnan(self.loss)).sum(axis=2)
        self.status = np.array(each("status_"))
        self.init_coefs = each("init_coefs_")
        self.init_intercepts = each("init_intercepts_")

    def to_frame(self):
        """The curves as a pandas data frame with a row for each iteration of each net.

        Returns
        -------
        frame : pandas.DataFrame
            The columns are "candidate", "split", a column for each parameter as in
            ``cv_results_``, "iteration" (from 1), "loss" and, with validation data,
            "validation_loss" and "validation_score".

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        is_trained = np.arange(self.loss.shape[2]) < self.n_iter[..., None]
        candidate, split, iteration = np.nonzero(is_trained)
        columns = {"candidate": candidate, "split": split}
        for name in sorted({name for params in self.params for name in params}):
            values = pd.Series([params.get(name) for params in self.params])
            columns[f"param_{name}"] = values[candidate].to_numpy()
        columns["iteration"] = iteration + 1
        for name in ("loss", "validation_loss", "validation_score"):
            if getattr(self, name).shape[2]:
                columns[name] = getattr(self, name)[candidate, split, iteration]
        return pd.DataFrame(columns)


def _stacked(curves):
    """Curves by candidate and split as one array, with nan after their ends."""
    longest = max(len(curve) for row in curves for curve in row)
    stack = np.full((len(curves), len(curves[0]), longest), np.nan)
    for i, row in enumerate(curves):
        for k, curve in enumerate(row):
            stack[i, k, : len(curve)] = curve
    return stack


class _Lockstep:
    """What all lock-step searches add to scikit-learn's searches."""

    _doc_link_module, _doc_link_template = "skshallow", PAGE
    return_curves = False  # for searches without this parameter

    def fit(self, X, y=None, **params):
        """Run fit with all sets of parameters.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,), default=None
            Class labels.
        **params : dict of str -> object
            Passed to the estimator's ``fit``, the scorer and the splitter, as in
            scikit-learn's search. Arrays with a row for each sample are split like
            ``X``.

        Returns
        -------
        self : object
            The fitted search.

        Raises
        ------
        RuntimeError
            If this version of scikit-learn is not supported.
        ValueError
            If ``return_curves=True`` and callbacks follow every fit.
        """
        check_version()
        self._validate_params()
        follow_fits = passes_on_callbacks(self) and not shows_progress(self)
        if follow_fits and self.return_curves:
            raise ValueError(
                "return_curves=True keeps the curves of nets that are trained "
                "together, but with callbacks the search fits nets one by one: "
                "leave out return_curves or the callbacks."
            )
        if names := names_of_callbacks(self if follow_fits else self.get_params(False)):
            warnings.warn(
                f"{type(self).__name__} fits candidates one by one, which is slow, "
                f"because callbacks ({', '.join(sorted(names))}) follow every fit. To "
                "see the progress of nets that are trained together, set ProgressBar() "
                "as the only callback, and set it on the search.",
                stacklevel=2,
            )
        if follow_fits:
            return super().fit(X, y, **params)
        X, y = indexable(X, y)
        search = copy(self)  # an error leaves this search as it was
        rounds = Rounds(search, X, y)
        with rounds.attached():
            super(_Lockstep, search).fit(X, y, **params)
        if self.scoring is None:  # the scorer would hold the proxy estimator
            search.scorer_ = check_scoring(self.estimator)
        fitted = {k: v for k, v in vars(search).items() if k not in OVERRIDDEN}
        vars(self).update({**fitted, "estimator": self.estimator, "cv": self.cv})
        vars(self).pop("curves_", None)  # of an earlier fit
        if self.return_curves:
            self.curves_ = SearchCurves(self.cv_results_["params"], rounds.curves)
        warn_of_search([fit.warnings for fit in rounds.fits], stacklevel=2)
        return self

    def __getstate__(self):
        return {k: v for k, v in super().__getstate__().items() if k not in OVERRIDDEN}


def _with_return_curves(search):
    """Give a class of searches the parameter ``return_curves``."""
    init = search.__init__

    @wraps(init)
    def extended(self, *args, return_curves=False, **params):
        init(self, *args, **params)
        self.return_curves = return_curves

    base, added = signature(init), signature(extended, follow_wrapped=False)
    extended.__signature__ = base.replace(
        parameters=[*base.parameters.values(), added.parameters["return_curves"]]
    )
    search.__init__ = extended
    search._parameter_constraints = {
        **search._parameter_constraints,
        "return_curves": ["boolean"],
    }
    return search


@_with_return_curves
class LockstepGridSearchCV(_Lockstep, GridSearchCV):
    """``GridSearchCV`` that trains many candidates at once.

    Its results are those of scikit-learn's ``GridSearchCV`` to the last bit, apart from
    timings, if the estimator's ``random_state`` is fixed.

    Parameters
    ----------
    estimator : estimator
        A ``ShallowNetClassifier``, or a ``Pipeline`` that ends in one. Candidates that
        cannot be trained together are fitted one by one, with the same results; see
        Notes.
    param_grid : dict or list of dicts
        Values to try for each parameter, by parameter name.
    scoring : str, callable, list, tuple or dict, default=None
        How predictions are scored. None stands for the estimator's ``score``.
    n_jobs : int, default=None
        Number of jobs that run in parallel. A job trains a group of candidates, or
        scores one candidate.
    refit : bool, str or callable, default=True
        Whether, and by which score, the best candidate is fitted on all the data.
    cv : int, splitter or iterable, default=None
        How the data are split. None stands for five stratified folds. The splits are
        made once.
    verbose : int, default=0
        If not 0, the search prints which candidates it trains together, and a line for
        every cohort and split, with the time used and an estimate of the time left.
    pre_dispatch : int or str, default="2*n_jobs"
        Number of jobs that are dispatched ahead of time.
    error_score : "raise" or number, default=np.nan
        Score of a candidate whose fit fails, for example because it diverged.
    return_train_score : bool, default=False
        Whether ``cv_results_`` has scores on the training rows.
    return_curves : bool, default=False
        Whether to keep the loss curves, validation curves and starts of all nets in
        ``curves_``. Nets that cannot be trained together are then all fitted before
        the first net is scored.

    Attributes
    ----------
    cv_results_ : dict of ndarrays
        As in scikit-learn. The fit time of a candidate is its share of the time in
        which candidates were trained together.
    best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, \
    refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_
        As in scikit-learn.
    curves_ : SearchCurves
        Curves and starts of all nets, with ``return_curves=True`` only.

    See Also
    --------
    LockstepRandomizedSearchCV : The same for parameters drawn at random.
    sklearn.model_selection.GridSearchCV : The search on which this one is based.

    Notes
    -----
    Candidates form a *cohort* if their steps before the net are the same and if they
    agree in ``n_hidden``, ``activation``, ``solver``, ``nesterovs_momentum``,
    ``batch_size``, ``shuffle``, ``early_stopping``, ``validation_fraction`` and
    ``class_weight``. They may differ in all other parameters. Candidates with different
    seeds are trained separately where their rows differ: with ``early_stopping`` and no
    ``X_val``, and in mini-batches with weights or sparse rows, or if there are 16 or
    more of a seed. A cohort is trained on each split as the lanes of one array. Each
    lane gives exactly the numbers that it gives when it is trained alone. The steps
    before the net are fitted once for each split.

    Some candidates are fitted one by one: those with ``solver="lbfgs"``,
    ``warm_start`` or ``verbose``, subclasses and other estimators, pipelines that
    print, and candidates that fail before training begins. Each of these fits gives its
    own warnings. The warnings about nets that are trained together are collected into
    one warning at the end.

    If scikit-learn's ``ProgressBar`` is set on the search as its only callback, it
    shows the cohorts, splits and iterations of the nets that are trained together. With
    other callbacks that follow every fit, the search fits the nets one by one, so that
    the callbacks are called for every net, and warns of this.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skshallow import LockstepGridSearchCV, ShallowNetClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> net = ShallowNetClassifier(max_iter=20, tol=None, random_state=0)
    >>> search = LockstepGridSearchCV(
    ...     make_pipeline(StandardScaler(), net),
    ...     {"shallownetclassifier__init_scale": [1e-3, 1e-2, 1e-1, 1, 10]},
    ... )
    >>> bool(search.fit(X, y).best_score_ > 0.95)
    True
    """


@_with_return_curves
class LockstepRandomizedSearchCV(_Lockstep, RandomizedSearchCV):
    """``RandomizedSearchCV`` that trains many candidates at once.

    Its results are those of scikit-learn's ``RandomizedSearchCV`` to the last bit,
    apart from timings, if its own ``random_state`` and that of the estimator are fixed.

    Parameters
    ----------
    estimator : estimator
        As in `LockstepGridSearchCV`, like all parameters that are not described here.
    param_distributions : dict or list of dicts
        Lists of values, or distributions to draw from, by parameter name.
    n_iter : int, default=10
        Number of candidates to draw.
    scoring : str, callable, list, tuple or dict, default=None
    n_jobs : int, default=None
    refit : bool, str or callable, default=True
    cv : int, splitter or iterable, default=None
    verbose : int, default=0
    pre_dispatch : int or str, default="2*n_jobs"
    random_state : int, RandomState instance or None, default=None
        Seed of the candidates that are drawn.
    error_score : "raise" or number, default=np.nan
    return_train_score : bool, default=False
    return_curves : bool, default=False

    Attributes
    ----------
    cv_results_, best_estimator_, best_score_, best_params_, best_index_, scorer_, \
    n_splits_, refit_time_, multimetric_, classes_, n_features_in_, \
    feature_names_in_, curves_
        As in `LockstepGridSearchCV`.

    See Also
    --------
    LockstepGridSearchCV : The same for a grid; see its notes.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from skshallow import LockstepRandomizedSearchCV, ShallowNetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = ShallowNetClassifier(8, random_state=0)
    >>> search = LockstepRandomizedSearchCV(
    ...     net, {"init_scale": loguniform(1e-3, 1)}, n_iter=20, random_state=0
    ... )
    >>> len(search.fit(X, y).cv_results_["params"])
    20
    """
