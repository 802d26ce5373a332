"""Chooses among nets by cross-validation, and averages the chosen ones into one.

A *value* is one setting of the chosen parameters. On every fold, the nets of all values
are trained together on the training rows of the fold. The value with the best scores on
the test rows is chosen. Its nets, one for each fold, are averaged. Their logits for the
test rows determine the temperature. This module reads only attributes of estimators.
"""

import warnings
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.parallel import Parallel, delayed

from skshallow._core.losses import loss_for
from skshallow._core.prediction import predicted_logits
from skshallow._core.threads import single_blas_thread
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.request import FitRequest, train_together
from skshallow._fit.result import (
    FitResult,
    averaged,
    best_start,
    tempered,
    unpacked,
)
from skshallow._search.cohorts import counting
from skshallow._search.partition import parts_by_split, parts_for_memory
from skshallow._search.temperature import temperature
from skshallow._search.values import names_of


class Choice(NamedTuple):
    """The result of choosing by cross-validation.

    Parameters
    ----------
    value : int
        Index of the chosen value.
    results : list of FitResult
        Results of its nets, one for each fold, each of a single start.
    start_losses : ndarray of shape (n_folds, n_starts)
        Final losses of all starts of these nets; nan for starts that diverged.
    average : FitResult
        The average of these nets with the temperature, as the result of a single start.
    temperature : float
        The number by which logits are divided.
    scores : ndarray of shape (n_folds, n_values)
        Scores, the higher the better; nan for a net that diverged.
    logits : ndarray of shape (n, c)
        Logits of every row by the nets of the value that were not trained on it,
        divided by the temperature; nan for a row that is in no test fold.
    """

    value: int
    results: list
    start_losses: np.ndarray
    average: FitResult
    temperature: float
    scores: np.ndarray
    logits: np.ndarray


class Fold(NamedTuple):
    """Nets of some values on one fold.

    Parameters
    ----------
    results : list of FitResult
        One for each value: of a single start, or of all starts if all diverged.
    start_losses : list of lists of float
        Final losses of all starts of each net; nan for starts that diverged.
    scores : ndarray of shape (n_values,)
    logits : ndarray of shape (n_values, n_test, c)
        Logits of the test rows.
    """

    results: list
    start_losses: list
    scores: np.ndarray
    logits: np.ndarray


# ---------------------------------------------------------------------------
# The nets of the folds


def train_folds(nets, samples, splits, score, n_jobs, on_step):
    """Train the nets of all values on one fold after the other.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
        One for each value. They have the same seed, and the same values of the
        parameters ``cohorts.MUST_MATCH``.
    samples : Samples
        Their weights do not include class weights.
    splits : list of (train, test)
    score : callable
        ``score(net, result, logits, rows) -> float`` scores a net on some rows by its
        logits (n_test, c). ``result`` is the `FitResult` of the net.
    n_jobs : int or None
    on_step : callable
        ``on_step(n_nets)`` is called whenever ``n_nets`` nets begin an iteration, if
        there is a single worker.

    Yields
    ------
    Fold
    """
    n_workers = effective_n_jobs(n_jobs)
    train = partial(_train_fold, samples, score, on_step if n_workers == 1 else None)
    parts_of = parts_by_split(nets, n_workers, len(splits))
    trained = iter(
        _parallel(n_jobs)(
            delayed(train)(part, *split)
            for split, parts in zip(splits, parts_of, strict=True)
            for part in parts
        )
    )
    for parts in parts_of:
        yield _joined(islice(trained, len(parts)))


def _parallel(n_jobs):
    """joblib's ``Parallel``, which yields each result when it is done if it can."""
    backend, _ = get_active_backend()
    can_hand_over = backend.supports_return_generator
    return Parallel(n_jobs, return_as="generator" if can_hand_over else "list")


def _joined(folds):
    """One `Fold` of nets that were trained in several jobs on the same fold."""
    results, losses, scores, logits = zip(*folds, strict=True)
    lists = [*chain(*results)], [*chain(*losses)]
    return Fold(*lists, np.concatenate(scores), np.concatenate(logits))


def _train_fold(samples, score, on_step, nets, train, test):
    """Train nets on some rows, score them on others, and return a `Fold`."""
    X, n_outputs = samples.X[test], loss_for(len(samples.classes)).n_outputs
    kept, losses = [], []
    scores = np.full(len(nets), np.nan)
    logits = np.full((len(nets), len(test), n_outputs), np.nan)
    with single_blas_thread():
        results = _train(nets, samples.take(train), on_step)
        for k, (net, result) in enumerate(zip(nets, results, strict=True)):
            losses.append([outcome.loss for outcome in result.outcomes])
            kept.append(result if result.has_diverged else result.kept())
            if not result.has_diverged:
                logits[k] = _logits(kept[k], X)
                scores[k] = score(net, result, logits[k], test)
    return Fold(kept, losses, scores, logits)


@np.errstate(over="ignore", invalid="ignore")
def _logits(result, X):
    """Logits (n, c) of the rows ``X`` by the net of a single start."""
    architecture = result.architecture
    net = unpacked(architecture, result.outcomes[0].p)
    return predicted_logits(architecture.activation, *net, X)


def _train(nets, samples, on_step):
    """Train all nets together; return a `FitResult` for each."""
    streams = [RandomStreams(net.random_state) for net in nets]
    samples = samples.divided(nets[0], streams[0].split_seed)
    requests = {
        k: FitRequest.new(net, stream, samples)
        for k, (net, stream) in enumerate(zip(nets, streams, strict=True))
    }
    results = []
    for part in parts_for_memory(requests, samples):
        of_part = [requests[k] for k in part]
        results += train_together(
            of_part,
            samples,
            on_iteration=on_step and counting(on_step, of_part),
        )
        if results[-1].interrupted:
            raise KeyboardInterrupt
    return [result.without_optimizer_states() for result in results]


# ---------------------------------------------------------------------------
# Choosing


def choose(nets, samples, classes, splits, folds):
    """Choose a value, and average its nets.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
    samples : Samples
        All rows, with the weights of training.
    classes : ndarray of shape (n_classes,)
    splits : list of (train, test)
    folds : list of Fold
        The folds of these nets.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If no value has nets that were all trained and scored.
    """
    scores = np.array([fold.scores for fold in folds])
    value = _best_value(nets, scores, _whole_values(nets, folds))
    logits = _mean_logits(len(samples.labels), splits, folds, value)
    left_out = ~np.isnan(logits[:, 0])
    judged, loss = samples.take(left_out), loss_for(len(classes))
    T = temperature(loss, logits[left_out], judged.labels, judged.weight)
    results = [fold.results[value] for fold in folds]
    return Choice(
        value,
        results,
        np.array([fold.start_losses[value] for fold in folds]),
        tempered(averaged(results), T),
        T,
        scores,
        logits / T,
    )


def _whole_values(nets, folds):
    """Mask of the values whose nets have not diverged on any fold."""
    results = list(zip(*(fold.results for fold in folds), strict=True))
    is_whole = np.array(
        [not any(r.has_diverged for r in of_value) for of_value in results]
    )
    if not is_whole.any():
        for result in chain(*results):
            if result.unfit:
                best_start(result)  # raises an error about the rows
        raise ValueError(
            "training diverged in some fold for every value of alphas and init_scales: "
            "the loss or the weights overflowed. Lower learning_rate_init or "
            "init_scales, or put a StandardScaler in front."
        )
    if not is_whole.all():
        names = zip(names_of(nets), is_whole, strict=True)
        lost = "; ".join(name for name, is_kept in names if not is_kept)
        warnings.warn(
            "nets of this cross-validation diverged (nan in scores_), and their values "
            f"were left out: {lost}. Lower learning_rate_init or init_scales.",
            ConvergenceWarning,
            stacklevel=5,
        )
    return is_whole


def _best_value(nets, scores, is_whole):
    """Index of the highest mean score; of equal scores, that of the highest alpha.

    A fold on which no score is defined is left out.
    """
    scores = np.where(is_whole, scores, np.nan)
    scores = scores[~np.isnan(scores).all(axis=1)]
    means = scores.mean(axis=0) if len(scores) else np.full(len(nets), np.nan)
    if np.isnan(means).all():
        raise ValueError(
            "the scoring gives no number for any value of alphas and init_scales (all "
            "are nan): give a scoring that is defined on every fold, or a cv with rows "
            "of every class in each."
        )
    ranked = [(mean, net.alpha) for mean, net in zip(means, nets, strict=True)]
    return max(np.flatnonzero(~np.isnan(means)), key=ranked.__getitem__)


def _mean_logits(n_rows, splits, folds, value):
    """Mean logits (n, c) of every row, by the nets of a value not trained on it."""
    sums, n_seen = np.zeros((n_rows, folds[0].logits.shape[-1])), np.zeros((n_rows, 1))
    for (_, test), fold in zip(splits, folds, strict=True):
        np.add.at(sums, test, fold.logits[value])
        np.add.at(n_seen, test, 1)
    return np.divide(sums, n_seen, np.full_like(sums, np.nan), where=n_seen > 0)
