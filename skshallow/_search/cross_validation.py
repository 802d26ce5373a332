"""Chooses among nets by cross-validation, and averages the chosen ones into one.

A *value* is one setting of what is chosen. On every fold the nets of all values are
trained side by side, on the rows that the fold leaves them. Scores on the other rows
choose the value; its nets, one a fold, are averaged, and what they say of rows that
they have not seen gives the temperature. This module knows estimators by their
attributes only.
"""

import warnings
from copy import copy
from functools import partial
from itertools import chain, islice
from numbers import Integral
from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from scipy.optimize import brentq
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils.parallel import Parallel, delayed

from skshallow._core.losses import loss_for
from skshallow._core.prediction import predicted_logits
from skshallow._core.threads import single_blas_thread
from skshallow._fit.defaults import MOST_TEMPERATURE
from skshallow._fit.labels import listed
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.request import FitData, FitRequest, train_together
from skshallow._fit.result import FitResult, averaged, tempered, unpacked
from skshallow._fit.weights import weigh_classes
from skshallow._search.partition import cut, parts_for_memory
from skshallow._search.sklearn_internals import call_of_fit

# Rows are shuffled before they are cut into folds. In the order of the tables, log-loss
# was 0.281 for 0.270.
N_FOLDS = 5  # convention (scikit-learn's)
# Labels of every other class that count beside those there are. 1 would leave nets on
# iris and wine much less sure than they may be; tables of many rows do not notice.
PSEUDO_COUNT = 0.1


class Choice(NamedTuple):
    """What cross-validation has chosen.

    Parameters
    ----------
    value : int
        Index of the chosen one.
    results : list of FitResult
        Of its nets, one a fold, each of a single start.
    average : FitResult
        Of the average of these nets at that temperature, as of a single start.
    temperature : float
        By which logits are divided.
    scores : ndarray of shape (n_folds, n_values)
        The higher the better; nan of a net that diverged.
    logits : ndarray of shape (n, c)
        Of every row by the nets of that value that have not seen it, at that
        temperature; nan of a row that all of them have seen.
    """

    value: int
    results: list
    average: FitResult
    temperature: float
    scores: np.ndarray
    logits: np.ndarray


class Fold(NamedTuple):
    """Nets of some values on one fold.

    Parameters
    ----------
    results : list of FitResult or None
        One a value, each of a single start; None of a net that diverged.
    scores : ndarray of shape (n_values,)
    logits : ndarray of shape (n_values, n_test, c)
        Of the test rows.
    """

    results: list
    scores: np.ndarray
    logits: np.ndarray


# ---------------------------------------------------------------------------
# Folds


def splits_of(cv, X, y, samples, classes, split_params, seed):
    """Training and test rows of every fold, as arrays of indices.

    Parameters
    ----------
    cv : int, splitter, iterable or None
    X, y : array-likes
        As they were given, for the splitter.
    samples : Samples
        The same rows.
    classes : ndarray of shape (n_classes,)
    split_params : dict
        Of the splitter, such as groups.
    seed : int
        Shuffles the rows if ``cv`` is a number.

    Raises
    ------
    ValueError
        If ``cv`` is a number and a class has one row only, or if a fold leaves rows of
        one class only to train on.
    """
    if cv is None or isinstance(cv, Integral):
        n_folds = _possible_folds(N_FOLDS if cv is None else cv, samples, classes)
        cv = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    rows, splitter = np.arange(len(samples.labels)), check_cv(cv, y, classifier=True)
    given = splitter.split(X, y, **split_params)
    try:
        splits = [(rows[train], rows[test]) for train, test in given]
    except IndexError as error:
        raise ValueError(
            f"cv={cv!r} gives rows that X does not have: {error}."
        ) from None
    if not splits:
        raise ValueError(f"cv={cv!r} gives no folds: give pairs of rows, or a number.")
    for k, (train, _) in enumerate(splits):
        if np.count_nonzero(_count(samples.take(train), classes)) < 2:
            raise ValueError(
                f"cv: the training rows of fold {k} that have a weight are all "
                "of one class, and nothing can be learnt from them. Shuffle the rows, "
                "or give a splitter that leaves every fold several classes to train "
                "on, such as StratifiedKFold(5, shuffle=True)."
            )
    return splits


def _possible_folds(n_folds, samples, classes):
    """So many folds, or fewer if a class has fewer rows."""
    count = _count(samples, classes)
    classes, count = classes[count > 0], count[count > 0]  # others are never learnt
    fewest = int(count.min())
    if fewest >= n_folds:
        return n_folds
    rare = listed(classes[[count.argmin()]])[0]
    if fewest < 2:
        of_weight = "" if samples.weight is None else " that has a weight"
        undivided = ", give cv=KFold(5, shuffle=True), which need not divide it"
        raise ValueError(
            f"y has one row of class {rare!r}{of_weight}, and cross-validation needs "
            "2 of each class: leave the class out, join it with another"
            f"{undivided if len(classes) > 2 else ''}, or use ShallowNetClassifier, "
            "which needs 1."
        )
    warnings.warn(
        f"cv={n_folds}, but y has only {fewest} rows of class {rare!r}: there are "
        f"{fewest} folds. Set cv={fewest}, or give cv=KFold(5, shuffle=True), which "
        "need not divide the class.",
        UserWarning,
        stacklevel=5,
    )
    return fewest


def _count(samples, classes):
    """Rows of every class that have a weight, (n_classes,)."""
    weight, labels = samples.weight, samples.labels
    labels = labels if weight is None else labels[weight > 0]
    return np.bincount(labels, minlength=len(classes))


# ---------------------------------------------------------------------------
# Choosing


def choose(nets, samples, classes, splits, scorer, n_jobs, on_fold):
    """Train the nets of all values on all folds, and choose a value.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
        One a value: of one seed, and alike in what ``cohorts.MUST_MATCH`` names.
    samples : Samples
        Their weights are those of the samples alone.
    classes : ndarray of shape (n_classes,)
    splits : list of (train, test)
    scorer : callable or None
        ``scorer(net, result, rows) -> float``, of a net whose `FitResult` that is, on
        some of the rows; None for minus the log-loss.
    n_jobs : int or None
    on_fold : callable
        ``on_fold(scores)``, called after every fold with those of its nets.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If there is no value whose nets have all been trained and scored.
    """
    weight = weigh_classes(samples, classes, nets[0].class_weight).weight
    train = partial(_train_fold, samples, weight, classes, scorer)
    parts = cut([nets], effective_n_jobs(n_jobs), len(splits), few=1)
    jobs = [delayed(train)(part, *split) for split in splits for part in parts]
    trained, folds = iter(_parallel(n_jobs)(jobs)), []
    for _ in splits:
        folds.append(_joined(islice(trained, len(parts))))
        on_fold(folds[-1].scores)
    scores = np.array([fold.scores for fold in folds])
    value = _best_value(nets, folds, scores)
    logits = _mean_logits(len(samples.labels), splits, folds, value)
    seen, loss = ~np.isnan(logits[:, 0]), loss_for(len(classes))
    unseen_weight = None if weight is None else weight[seen]
    T = temperature(loss, logits[seen], samples.labels[seen], unseen_weight)
    results = [fold.results[value] for fold in folds]
    average = tempered(averaged(results), T)
    return Choice(value, results, average, T, scores, logits / T)


def _parallel(n_jobs):
    """joblib's workers, who hand over what is done while they go on, if they can."""
    backend, _ = get_active_backend()
    can_hand_over = backend.supports_return_generator
    return Parallel(n_jobs, return_as="generator" if can_hand_over else "list")


def _joined(folds):
    """Nets of several values that were trained apart, on one fold."""
    results, scores, logits = zip(*folds, strict=True)
    return Fold([*chain(*results)], np.concatenate(scores), np.concatenate(logits))


def _best_value(nets, folds, scores):
    """Index of the highest mean score; of equals, that with the highest alpha.

    Left out is a value of which a net diverged, and a fold on which no score is
    defined.
    """
    results = zip(*(fold.results for fold in folds), strict=True)
    is_whole = np.array([None not in of_value for of_value in results])
    if not is_whole.any():
        raise ValueError(
            "training diverged in some fold for every value of alphas and init_scales: "
            "the loss or the weights overflowed. Lower learning_rate_init or "
            "init_scales, or put a StandardScaler in front."
        )
    if not is_whole.all():
        _warn_of_lost(nets, is_whole)
    means = np.full(len(nets), np.nan)
    is_defined = ~np.isnan(scores[:, is_whole]).all(axis=1)
    if is_defined.any():
        means[is_whole] = scores[is_defined][:, is_whole].mean(axis=0)
    if np.isnan(means).all():
        raise ValueError(
            "the scoring gives no number for any value of alphas and init_scales: give "
            "a scoring that is defined on every fold, or a cv with rows of every class "
            "in each."
        )
    return max(
        np.flatnonzero(~np.isnan(means)), key=lambda k: (means[k], nets[k].alpha)
    )


def _warn_of_lost(nets, is_whole):
    lost = "; ".join(
        f"alpha={net.alpha:.3g}, init_scale={net.init_scale!r}"
        for net, is_kept in zip(nets, is_whole, strict=True)
        if not is_kept
    )
    warnings.warn(
        "nets of this cross-validation diverged (nan in scores_), and their values "
        f"were left out: {lost}. Lower learning_rate_init or init_scales.",
        ConvergenceWarning,
        stacklevel=6,
    )


def _mean_logits(n_rows, splits, folds, value):
    """Mean logits (n, c) of every row by the nets of a value that have not seen it."""
    sums, n_seen = np.zeros((n_rows, folds[0].logits.shape[-1])), np.zeros((n_rows, 1))
    for (_, test), fold in zip(splits, folds, strict=True):
        np.add.at(sums, test, fold.logits[value])
        np.add.at(n_seen, test, 1)
    return np.divide(sums, n_seen, np.full_like(sums, np.nan), where=n_seen > 0)


# ---------------------------------------------------------------------------
# One fold


def scored(scorer, X, y, columns, score_params, net, result, rows):
    """The score of a net on some rows by a scorer of scikit-learn.

    Parameters
    ----------
    scorer : callable
        ``scorer(estimator, X, y, **params)``.
    X, y : array-likes
        All rows, as they were given: the scorer may look at the names of columns.
    columns : dict
        The fitted attributes that describe the columns of ``X``.
    score_params : dict
        For the scorer; what has a row a sample is sliced.
    net, result, rows
        As `choose` gives them.
    """
    net = copy(net)
    net._adopt(result, columns)
    args, params = call_of_fit(net, X, y, rows, score_params)
    return scorer(net, *args, **params)


def _train_fold(samples, weight, classes, scorer, nets, train, test):
    """Train nets on some rows, and score them on others: a `Fold`."""
    data = FitData(samples.take(train), None, classes)
    X, labels = samples.X[test], samples.labels[test]
    loss, weight = loss_for(len(classes)), None if weight is None else weight[test]
    kept, scores = [None] * len(nets), np.full(len(nets), np.nan)
    logits = np.full((len(nets), len(test), loss.n_outputs), np.nan)
    with single_blas_thread():
        for k, (net, result) in enumerate(zip(nets, _train(nets, data), strict=True)):
            if result.has_diverged:
                continue
            kept[k] = result.kept()
            logits[k] = _logits(kept[k], X)
            if scorer is None:
                scores[k] = -log_loss(loss, logits[k], labels, weight)
            else:
                scores[k] = scorer(net, result, test)
    return Fold(kept, scores, logits)


@np.errstate(over="ignore", invalid="ignore")
def _logits(result, X):
    """Logits (n, c) of the rows ``X`` by the net of a single start."""
    architecture = result.architecture
    net = unpacked(architecture, result.outcomes[0].p)
    return predicted_logits(architecture.activation, *net, X)


def _train(nets, data):
    """A `FitResult` for every net, trained side by side."""
    streams = [RandomStreams(net.random_state) for net in nets]
    data = data.divided(nets[0], streams[0].split_seed)
    architecture = data.architecture(nets[0])
    requests = {
        k: FitRequest.new(net, stream, architecture)
        for k, (net, stream) in enumerate(zip(nets, streams, strict=True))
    }
    results = []
    for part in parts_for_memory(requests, data, architecture):
        results += train_together([requests[k] for k in part], data, architecture)
        if results[-1].interrupted:
            raise KeyboardInterrupt
    return [result.without_optimizer_states() for result in results]


# ---------------------------------------------------------------------------
# Log-loss and temperature


def log_loss(loss, logits, labels, weight):
    """Weighted mean cross-entropy of logits (n, c); nan if no row has a weight."""
    weight = np.ones(len(labels)) if weight is None else weight
    if not weight.any():
        return np.nan
    Z = logits.astype(np.float64).T[None]
    return loss.value(Z, labels, weight / weight.sum())[0]


@np.errstate(over="ignore", invalid="ignore")
def temperature(loss, logits, labels, weight):
    """What to divide logits (n, c) by for nearly the lowest log-loss.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks"
    (arXiv:1706.04599), section 4.2. Of n labels each counts as (n + s) / (n + k s) of
    its class and as s / (n + k s) of each of the k - 1 others: Platt, "Probabilistic
    outputs for support vector machines" (1999), section 2.2, who takes s = 1. So rows
    that are told apart without an error do not ask for a temperature of 0.
    """
    weight = np.ones(len(labels)) if weight is None else weight
    if not weight.any():  # nothing is known of it
        return 1.0
    n = max(weight.sum(), np.count_nonzero(weight))  # a weight of two is two rows
    weight, Z = weight / weight.sum(), logits.astype(np.float64).T  # (c, n)
    of_class = Z if len(Z) > 1 else np.vstack([np.zeros_like(Z), Z])
    target = np.full(of_class.shape, PSEUDO_COUNT)
    target[labels, np.arange(len(labels))] += n
    target /= n + len(target) * PSEUDO_COUNT

    def slope(inverse):  # of the log-loss by the inverse of the temperature: it rises
        P = loss.probabilities(inverse * Z[None])[0]
        return np.dot(((P - target) * of_class).sum(axis=0), weight)

    if not slope(1 / MOST_TEMPERATURE) < 0:
        return MOST_TEMPERATURE
    if not slope(MOST_TEMPERATURE) > 0:
        return 1 / MOST_TEMPERATURE
    # To rounding: rows that weigh two are to give what rows that stand there twice do.
    return 1 / brentq(slope, 1 / MOST_TEMPERATURE, MOST_TEMPERATURE, xtol=1e-15)
