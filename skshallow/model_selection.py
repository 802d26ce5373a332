"""Searches that train all candidates which take the same steps at once.

The searches are scikit-learn's own: they make the candidates, and they score, rank and
refit them. What is added trains the candidates of a round together before scikit-learn
evaluates them one by one (``rounds``).
"""

import warnings
from copy import copy
from functools import partial
from importlib import import_module

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, check_cv
from sklearn.utils import indexable

from skshallow._advice.fit_warnings import warn_of_search
from skshallow._fit.callbacks import (
    names_of_callbacks,
    passes_on_callbacks,
    shows_progress,
)
from skshallow._fit.version import PAGE
from skshallow._search.curves import stacked
from skshallow._search.prefit import parallel_of, prefit
from skshallow._search.rounds import PrefitRounds
from skshallow._search.sklearn_internals import OVERRIDDEN, check_version
from skshallow.classifier import ShallowNetClassifier

_CONSTRAINTS = {"return_curves": ["boolean"]}  # of what scikit-learn does not know


class SearchCurves:
    """Curves and starts of all nets that a search has fitted, its refit aside.

    Rows are the candidates, in the order of ``cv_results_``, and columns the splits.

    Parameters
    ----------
    params : list of dict
        ``cv_results_["params"]``.
    curves : list of lists of NetCurves
        By candidate and split.

    Attributes
    ----------
    params : list of dict
    loss : ndarray of shape (n_candidates, n_splits, n_iterations)
        ``loss_curve_`` of every net, with nan behind its end.
    validation_loss, validation_score : ndarray of that shape, or with no iterations
        ``validation_loss_curve_`` and ``validation_scores_``.
    n_iter : ndarray of shape (n_candidates, n_splits)
        Lengths of the loss curves: 0 for a fit that failed.
    status : ndarray of str, of that shape
        ``status_``; "failed" for a fit that failed, for example because it diverged.
    init_coefs, init_intercepts : list of lists
        The start of the net by candidate and split, as ``init_coefs_`` and
        ``init_intercepts_``; None for a fit that failed.

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
        def each(name):
            return [[getattr(net, name) for net in row] for row in curves]

        self.params = params
        self.loss = stacked(each("loss"))
        self.validation_loss = stacked(each("validation_loss"))
        self.validation_score = stacked(each("validation_score"))
        self.n_iter = np.array([[len(net.loss) for net in row] for row in curves])
        self.status = np.array(each("status"))
        self.init_coefs = each("init_coefs")
        self.init_intercepts = each("init_intercepts")

    def to_frame(self):
        """The curves as a pandas data frame: a row an iteration of a net.

        Returns
        -------
        frame : pandas.DataFrame
            With columns "candidate", "split", those of the parameters as in
            ``cv_results_``, "iteration" (from 1), "loss" and, where there are such,
            "validation_loss" and "validation_score".

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        candidate, split, iteration = np.nonzero(self._is_trained())
        columns = {"candidate": candidate, "split": split}
        for name in sorted({name for params in self.params for name in params}):
            values = pd.Series([params.get(name) for params in self.params])
            columns[f"param_{name}"] = values[candidate].to_numpy()
        columns["iteration"] = iteration + 1
        for name in ("loss", "validation_loss", "validation_score"):
            if getattr(self, name).shape[2]:
                columns[name] = getattr(self, name)[candidate, split, iteration]
        return pd.DataFrame(columns)

    def _is_trained(self):
        """Mask of the iterations that there were, of the shape of ``loss``."""
        return np.arange(self.loss.shape[2]) < self.n_iter[..., None]


class _Lockstep:
    """The part of all searches that is not scikit-learn's."""

    _doc_link_module, _doc_link_template = "skshallow", PAGE
    return_curves = False  # of a search whose parameters do not include it

    def fit(self, X, y=None, **params):
        """Run fit with all sets of parameters.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), default=None
        **params : dict of str -> object
            As in scikit-learn's search: passed to the estimator's ``fit``, the scorer
            and the splitter. What has a row a sample is sliced with ``X``.

        Returns
        -------
        self : object

        Raises
        ------
        RuntimeError
            If the searches of this version of scikit-learn are not known.
        ValueError
            If curves are to be returned of fits that callbacks follow.
        """
        check_version()
        self._validate_params()
        if passes_on_callbacks(self) and not shows_progress(self):
            if self.return_curves:
                raise ValueError(
                    "return_curves=True keeps the curves of nets that the search "
                    "trains together, and with callbacks it fits one by one: leave "
                    "one of them out."
                )
            _warn_of_callbacks(self, set_on=self)
            return super().fit(X, y, **params)
        _warn_of_callbacks(self, set_on=self.get_params(deep=False))
        X, y = indexable(X, y)
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        train = partial(prefit, self, parallel_of(self), ShallowNetClassifier, X, y)
        rounds = PrefitRounds(self.estimator, cv, X, y, train, self.return_curves)
        twin = copy(self)  # an error leaves the search itself as it was
        rounds.attach_to(twin)
        super(_Lockstep, twin).fit(X, y, **params)
        if self.scoring is None:  # its scorer would keep the proxy
            twin.scorer_ = check_scoring(self.estimator)
        for search in (self, twin):
            vars(search).pop("curves_", None)  # of an earlier fit
        if self.return_curves:
            twin.curves_ = SearchCurves(twin.cv_results_["params"], rounds.curves)
        fitted = {k: v for k, v in vars(twin).items() if k not in OVERRIDDEN}
        vars(self).update({**fitted, "estimator": self.estimator, "cv": self.cv})
        warn_of_search(rounds.warnings, stacklevel=2)
        return self

    def __getstate__(self):
        return {k: v for k, v in super().__getstate__().items() if k not in OVERRIDDEN}


def _warn_of_callbacks(search, set_on):
    """Say why a search is slow, if callbacks follow every fit."""
    if names := names_of_callbacks(set_on):
        warnings.warn(
            f"{type(search).__name__} fits candidates one by one where callbacks "
            f"({', '.join(sorted(names))}) follow every fit: nets that are trained "
            "together have nothing to show for one of them. Set ProgressBar() alone, "
            "and on the search, to watch them train together.",
            stacklevel=3,
        )


class LockstepGridSearchCV(_Lockstep, GridSearchCV):
    """``GridSearchCV`` that trains all candidates which take the same steps at once.

    Its results are those of scikit-learn's ``GridSearchCV`` to the last bit, timings
    aside, whenever the estimator's ``random_state`` is fixed.

    Parameters
    ----------
    estimator : estimator
        A ``ShallowNetClassifier``, or a ``Pipeline`` that ends in one. What cannot be
        trained together is fitted one by one, with the same results; see Notes.
    param_grid : dict or list of dicts
        Values to try by parameter name.
    scoring : str, callable, list, tuple or dict, default=None
        How predictions are scored; None takes the estimator's ``score``.
    n_jobs : int, default=None
        Jobs in parallel: sets of candidates in training, single ones in scoring.
    refit : bool, str or callable, default=True
        Whether, and by which score, the best candidate is fitted on all the data.
    cv : int, splitter or iterable, default=None
        The splits, made once; None for five stratified folds.
    verbose : int, default=0
        Whether to print what is trained together, and a line for every cohort and
        split, with the time that it took and what is left.
    pre_dispatch : int or str, default="2*n_jobs"
        Jobs dispatched ahead of time.
    error_score : "raise" or number, default=np.nan
        Score of a candidate whose fit fails, for example because it diverged.
    return_train_score : bool, default=False
        Whether ``cv_results_`` has scores on the training rows.
    return_curves : bool, default=False
        Whether to keep the loss curves, validation curves and starts of all nets, in
        ``curves_``. Nets that cannot be trained together are then all fitted before
        the first is scored.

    Attributes
    ----------
    cv_results_ : dict of ndarrays
        As scikit-learn's. A candidate's fit time is its share of the time in which it
        was trained together with others.
    best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, \
    refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_
        As scikit-learn's.
    curves_ : SearchCurves
        If ``return_curves`` is set.

    See Also
    --------
    LockstepRandomizedSearchCV : The same for parameters drawn at random.
    sklearn.model_selection.GridSearchCV : The search that this one is.

    Notes
    -----
    Candidates form a *cohort* if their steps before the net are the same and they agree
    in ``n_hidden``, ``activation``, ``solver``, ``nesterovs_momentum``, ``batch_size``,
    ``shuffle``, ``early_stopping``, ``validation_fraction`` and ``class_weight``. They
    may differ in everything else; but seeds go apart where the rows differ with them:
    with ``early_stopping`` and no ``X_val``, and in mini-batches with weights or sparse
    rows. A cohort is trained on each split as the lanes of one array, of which each
    gives the very numbers that it would give alone; the steps before it are fitted once
    a split.

    Fitted one by one are candidates with ``solver="lbfgs"``, ``warm_start`` or
    ``verbose``, subclasses and other estimators, pipelines that print, and whatever
    fails before training begins. Each of these fits gives its own warnings; those that
    nets trained together deserve are gathered into one at the end.

    A ``ProgressBar`` of scikit-learn that is set on the search, and alone, shows the
    cohorts, splits and iterations of nets that are trained together. Other callbacks
    that follow every fit are told of every net: the search then fits them one by one,
    and warns of that.

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

    _parameter_constraints = {**GridSearchCV._parameter_constraints, **_CONSTRAINTS}

    def __init__(
        self,
        estimator,
        param_grid,
        *,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        error_score=np.nan,
        return_train_score=False,
        return_curves=False,
    ):
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.return_curves = return_curves


class LockstepRandomizedSearchCV(_Lockstep, RandomizedSearchCV):
    """``RandomizedSearchCV`` that trains all candidates with the same steps at once.

    Its results are those of scikit-learn's ``RandomizedSearchCV`` to the last bit,
    timings aside, whenever its own and the estimator's ``random_state`` are fixed.

    Parameters
    ----------
    estimator : estimator
        As in `LockstepGridSearchCV`, like all parameters that are not described here.
    param_distributions : dict or list of dicts
        Lists of values, or distributions to draw from, by parameter name.
    n_iter : int, default=10
        Candidates to draw.
    scoring : str, callable, list, tuple or dict, default=None
    n_jobs : int, default=None
    refit : bool, str or callable, default=True
    cv : int, splitter or iterable, default=None
    verbose : int, default=0
    pre_dispatch : int or str, default="2*n_jobs"
    random_state : int, RandomState instance or None, default=None
        Of the draws.
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
    LockstepGridSearchCV : The same for a grid; its notes say what is trained together.

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

    _parameter_constraints = {
        **RandomizedSearchCV._parameter_constraints,
        **_CONSTRAINTS,
    }

    def __init__(
        self,
        estimator,
        param_distributions,
        *,
        n_iter=10,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        random_state=None,
        error_score=np.nan,
        return_train_score=False,
        return_curves=False,
    ):
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.return_curves = return_curves


def __getattr__(name):
    # scikit-learn's halving searches are experimental, and whoever imports them makes
    # them public for the whole process: that is done when these classes are asked for.
    if name in {"LockstepHalvingGridSearchCV", "LockstepHalvingRandomSearchCV"}:
        return getattr(import_module("skshallow.halving"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
