"""Chooses among nets by cross-validation, and averages the chosen ones into one.

A *value* is a penalty and a scale of the start. On every fold, the nets of all values
are trained together on the training rows of the fold. The value with the best scores on
the test rows is chosen. Its nets, one for each fold, are averaged. Their logits for the
test rows determine the temperature. Of estimators, this module reads the parameters.
"""

import warnings
from functools import partial
from itertools import chain, islice, product, repeat
from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.parallel import delayed

import skshallow._fit.defaults as defaults
from skshallow._core.losses import loss_for
from skshallow._core.threads import single_blas_thread
from skshallow._fit.logits import predicted_logits, rows_error
from skshallow._fit.parameters import OF_A_NET
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.result import FitResult, averaged, tempered, unpacked
from skshallow._fit.train_together import FitRequest, train_in_parts
from skshallow._search.progress import Job, Progress
from skshallow._search.temperature import temperature
from skshallow._search.workloads import parallel_of, parts_by_split


class FoldFit(NamedTuple):
    """The net of one value on one fold.

    Parameters
    ----------
    result : FitResult
        The result of all its starts.
    score : float, default=nan
    logits : ndarray of shape (n_test, c), default=None
        Logits of the test rows; None if all starts diverged.
    """

    result: FitResult
    score: float = np.nan
    logits: np.ndarray = None


# ---------------------------------------------------------------------------
# The values


def values_of(estimator, samples):
    """The penalties and the scales to choose from, two lists.

    Parameters
    ----------
    estimator : ShallowNetClassifierCV
    samples : Samples
        The training rows, with the weights of training.

    Raises
    ------
    ValueError
        If the rows are not finite: the penalties would not be, either.
    """
    totals, scales = samples.totals(), estimator.init_scales
    if not np.isfinite(totals.mean_square) and (error := rows_error(samples.X)):
        raise ValueError(error)
    data = totals.weight, totals.mean_square, samples.X.shape[1]
    alphas = defaults.alphas(estimator.alphas, *data)
    return alphas, ["auto"] if isinstance(scales, str) else list(scales)


def params_of(estimator, alphas, init_scales, splits, seed):
    """Parameters of a net for every pair of a scale and a penalty, a list of dicts.

    The order is that of the columns of ``scores_``. The nets of all folds have the same
    ``max_iter``, which is computed for the fold with the fewest training rows.
    """
    params = estimator.get_params(deep=False)
    common = {name: params[name] for name in params.keys() & OF_A_NET.keys()}
    fewest = min(len(train) for train, _ in splits)
    budget = defaults.budget_of_folds(estimator.n_features_in_)
    common["max_iter"] = defaults.n_iterations(estimator, fewest, True, budget)
    common |= {"random_state": seed, "verbose": False}
    return [
        {**common, "init_scale": scale, "alpha": alpha}
        for scale, alpha in product(init_scales, alphas)
    ]


def names_of(nets):
    """Names of the values of these nets, with their scales if these differ."""
    alphas = [f"alpha={net.alpha:.3g}" for net in nets]
    scales = [f"init_scale={net.init_scale!r}" for net in nets]
    if len(set(scales)) == 1:
        return alphas
    return [" and ".join(pair) for pair in zip(alphas, scales, strict=True)]


# ---------------------------------------------------------------------------
# The nets of the folds


def train_folds(nets, samples, splits, score, n_jobs, verbose, watch):
    """Train the nets of all values on every fold.

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
    verbose : bool
        Whether lines about the progress are printed.
    watch : Watch or None
        Its hooks are called after every fold.

    Returns
    -------
    folds : list of lists of FoldFit
        By fold and value.
    """
    n_workers, n_folds, names = effective_n_jobs(n_jobs), len(splits), names_of(nets)
    jobs = [
        Job.of(f"fold {k}/{n_folds}", nets, rows)
        for k, (rows, _) in enumerate(splits, start=1)
    ]
    parts_of, folds = parts_by_split(nets, n_workers, n_folds), []
    with Progress(verbose).running() as progress:
        progress.begin_round(len(nets), n_folds)
        progress.begin_training(jobs)
        # Workers are other processes and cannot call it.
        on_iteration_begin = progress.begin_iteration if n_workers == 1 else None
        train_fold = partial(_train_fold, samples, score, on_iteration_begin)
        tasks = (
            delayed(train_fold)(part, *split)
            for split, parts in zip(splits, parts_of, strict=True)
            for part in parts
        )
        results = iter(parallel_of(n_jobs)(tasks))
        for parts in parts_of:
            fold = [*chain(*islice(results, len(parts)))]
            pairs = zip(fold, names, strict=True)
            scores = [f"{fit.score:.4f} with {name}" for fit, name in pairs]
            progress.end_job(", ".join(scores))
            if watch is not None:
                watch.tell("fold")
            folds.append(fold)
    return folds


def _train_fold(samples, score, on_iteration_begin, nets, train, test):
    """Train nets on some rows, score them on others; return a `FoldFit` for each."""
    X = samples.X[test]
    with single_blas_thread():
        streams = [RandomStreams(net.random_state) for net in nets]
        samples = samples.take(train).divided(nets[0], streams[0].split_seed)
        requests = [*map(FitRequest.new, nets, streams, repeat(samples))]
        results = train_in_parts(requests, samples, on_iteration_begin)
        pairs = zip(nets, results, strict=True)
        return [_fold_fit(net, result, score, X, test) for net, result in pairs]


def _fold_fit(net, result, score, X, test):
    """A `FoldFit` of a net, with its score and logits on the rows ``X``."""
    if result.error:
        return FoldFit(result)
    logits = _fold_logits(result.kept(), X)
    return FoldFit(result, score(net, result, logits, test), logits)


@np.errstate(over="ignore", invalid="ignore")
def _fold_logits(result, X):
    """Logits (n, c) of the rows ``X`` by the net of a single start, in float64."""
    architecture = result.architecture
    coefs, intercepts = unpacked(architecture, result.outcomes[0].p)
    logits = predicted_logits(architecture.activation, coefs, intercepts, X)
    return logits.astype(np.float64)


# ---------------------------------------------------------------------------
# Choosing


def choose(nets, samples, splits, folds):
    """Choose a value, average its nets, and find the temperature of the average.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
    samples : Samples
        All rows, with the weights of training.
    splits : list of (train, test)
    folds : list of lists of FoldFit
        The fits of these nets, by fold.

    Returns
    -------
    fits : list of FoldFit
        The fits of the nets of the chosen value, one for each fold.
    average : FitResult
        The average of these nets with the temperature, as the result of a single start.
    attributes : dict
        Fitted attributes of the estimator that chooses. ``scores_`` is an array
        (n_folds, n_values), and ``oof_decision_function_`` an array (n, c).

    Raises
    ------
    ValueError
        If no value has nets that were all trained and scored.
    """
    scores = np.array([[fit.score for fit in fold] for fold in folds])
    errors = np.array([[fit.result.error for fit in fold] for fold in folds], object)
    is_lost = (errors != "").any(axis=0)
    if is_lost.all():
        raise ValueError(errors[errors != ""][0])
    if is_lost.any():
        _warn_of_lost(np.array(names_of(nets))[is_lost])
    value = _best_value(nets, np.where(is_lost, np.nan, scores))
    fits = [fold[value] for fold in folds]
    logits = _mean_logits(len(samples.labels), splits, fits)
    left_out = ~np.isnan(logits[:, 0])
    judged, loss = samples.take(left_out), loss_for(len(samples.classes))
    T = temperature(loss, logits[left_out], judged.labels, judged.weight)
    kept = [fit.result.kept() for fit in fits]
    attributes = {
        "alpha_": nets[value].alpha,
        "init_scale_": nets[value].init_scale,
        "init_losses_": np.array([result.outcomes[0].loss for result in kept]),
        "temperature_": T,
        "scores_": scores,
        "oof_decision_function_": logits / T,
    }
    return fits, tempered(averaged(kept), T), attributes


def _warn_of_lost(names):
    """Warn of the values of which a net diverged on some fold."""
    warnings.warn(
        "nets of this cross-validation diverged (nan in scores_), and their values "
        f"were left out: {'; '.join(names)}. Lower learning_rate_init or init_scales.",
        ConvergenceWarning,
        stacklevel=5,
    )


def _best_value(nets, scores):
    """Index of the highest mean score; of equal scores, that of the highest alpha.

    A fold on which no score is defined is left out.
    """
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


def _mean_logits(n_rows, splits, fits):
    """Mean logits (n, c) of every row, by the nets that were not trained on it."""
    sums, n_seen = np.zeros((n_rows, fits[0].logits.shape[1])), np.zeros((n_rows, 1))
    for (_, test), fit in zip(splits, fits, strict=True):
        np.add.at(sums, test, fit.logits)
        np.add.at(n_seen, test, 1)
    return np.divide(sums, n_seen, np.full_like(sums, np.nan), where=n_seen > 0)
