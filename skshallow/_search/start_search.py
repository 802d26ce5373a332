"""The search of a comparison of starts: its candidates and its results."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, check_cv, cross_val_score

from skshallow._fit.pipelines import last_step
from skshallow._fit.starts import init_name
from skshallow._search.folds import N_FOLDS
from skshallow._search.results import place, split_scores
from skshallow._search.start_choice import StartFits

# Names of the baselines that a recommendation mentions.
GUESS, LOGISTIC_REGRESSION = "most frequent class", "logistic regression"


def shuffled_splits(cv, X, y):
    """The splits; a number stands for stratified and shuffled folds."""
    if cv is None or isinstance(cv, Integral):
        # Shuffled, because tables are often sorted. The seed is fixed so that every
        # comparison has the same folds.
        n_folds = N_FOLDS if cv is None else cv
        cv = StratifiedKFold(n_folds, shuffle=True, random_state=0)
    return list(check_cv(cv, y, classifier=True).split(X, y))


def grid_of(estimator, inits, init_scales, seeds):
    """A grid of starts in which the seeds of each start are consecutive.

    Zeros have no scale to vary.

    Raises
    ------
    TypeError
        If the estimator ends in no net, or in one that chooses its start itself.
    ValueError
        If there are no values of one of the three, or if an init is unknown.
    """
    prefix, _, net = last_step(estimator)
    if not hasattr(net, "init_scale"):
        raise TypeError(
            "compare_starts needs a ShallowNetClassifier or a Pipeline that ends in "
            f"one, but this estimator ends in {type(net).__name__}. (A "
            "ShallowNetClassifierCV chooses its start itself: give it init_scales.)"
        )
    given = {"inits": inits, "init_scales": init_scales, "seeds": seeds}
    for name, values in given.items():
        if not len(values):
            raise ValueError(f"{name} must have a value at least, got {values!r}.")
    grid = []
    for init in inits:
        clone(net).set_params(init=init)._validate_params()
        is_zero = isinstance(init, str) and init == "zeros"
        scales = {} if is_zero else {"init_scale": list(init_scales)}
        grid.append({"init": [init], **scales, "random_state": list(seeds)})
    return [{f"{prefix}{key}": v for key, v in start.items()} for start in grid]


def baseline_scores(search, X, y):
    """Scores of a constant model and of logistic regression, by name and fold.

    Logistic regression takes the place of the net, after the same steps. A model that
    the scorer cannot score is left out.
    """
    prefix, _, net = last_step(search.estimator)
    linear = LogisticRegression(max_iter=1000, class_weight=net.class_weight)
    if prefix:
        step = prefix.removesuffix("__")
        linear = clone(search.estimator).set_params(**{step: linear})
    models = {GUESS: DummyClassifier(), LOGISTIC_REGRESSION: linear}
    options = {name: getattr(search, name) for name in ("cv", "scoring", "n_jobs")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a scorer may need methods of a net
        scores = {
            name: cross_val_score(model, X, y, error_score=np.nan, **options)
            for name, model in models.items()
        }
    return {name: row for name, row in scores.items() if not np.isnan(row).any()}


def starts_of(search, n_seeds, iterations_to, y):
    """The starts with all their fits, and the loss up to which iterations are counted.

    Parameters
    ----------
    search : LockstepGridSearchCV
        A search over `grid_of`, fitted with ``return_curves=True``.
    n_seeds : int
    iterations_to : float, "auto" or None
    y : array-like

    Returns
    -------
    starts : list of StartFits
    stated_loss : float or None
    """
    curves, shape = search.curves_, (-1, n_seeds, search.n_splits_)
    last = np.maximum(curves.n_iter - 1, 0)[..., None]
    losses = np.take_along_axis(curves.loss, last, axis=2)[..., 0]
    stated = iterations_to
    if stated == "auto":
        stated = _half_way(y, losses.reshape(shape))
    reached = curves.loss <= (np.nan if stated is None else stated)
    first = np.where(reached.any(axis=2), reached.argmax(axis=2) + 1.0, np.inf)
    failed = curves.status == "failed"
    scores = np.where(failed, np.nan, split_scores(search.cv_results_, "score"))
    if np.isnan(scores).all():
        raise ValueError(
            f"scoring={search.scoring!r} gave no number on any fold, so that there is "
            f"nothing to compare starts by. {failed.sum()} of the {failed.size} fits "
            "failed: fit the estimator on X and y to see the error. If none failed, "
            "choose another score, or folds on which it is defined; an error of the "
            "scorer is in a warning."
        )
    arrays = [a.reshape(shape) for a in (scores, losses, first, curves.status)]
    prefix, *_ = last_step(search.estimator)
    starts = []
    for params, *values in zip(curves.params[::n_seeds], *arrays, strict=True):
        init, scale = params[f"{prefix}init"], params.get(f"{prefix}init_scale", 1.0)
        starts.append(StartFits(init_name(init), place(init, scale), *values))
    return starts, stated


def _half_way(y, losses):
    """Mean of the loss of predicting class shares and the lowest mean loss of a start.

    The mean loss of a start is taken over its final training losses.
    """
    _, counts = np.unique(np.asarray(y), return_counts=True)
    shares, means = counts / len(y), losses.mean(axis=(1, 2))
    lowest = np.nanmin(means if not np.isnan(means).all() else losses)
    return float(f"{(lowest - shares @ np.log(shares)) / 2:.3g}")
