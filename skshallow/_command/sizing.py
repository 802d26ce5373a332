"""The time that a comparison takes, and a number of rows for which it is a minute."""

from math import ceil
from time import perf_counter

import numpy as np
from sklearn.base import clone

from skshallow._fit.defaults import batch_size
from skshallow._fit.request import n_iterations

MINUTE = 60
# Numbers of rows of a comparison. With fewer rows, the scores of a fold are too
# imprecise.
SIZES = (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000)
N_TRIAL = 2000
N_ITERATIONS = (1, 1, 100)  # of the trials; the first one is slower than the others


def n_updates(net, n_rows):
    """Number of updates of a fit of a net on ``n_rows`` rows."""
    n_batches = ceil(n_rows / batch_size(net, n_rows))
    return n_batches * n_iterations(net, np.empty(n_rows), holds_out_rows=True)


def clock(compare_rows, model, y, n_seeds, n_folds):
    """Measure how long an update takes, in short comparisons of one seed.

    Parameters
    ----------
    compare_rows : callable
        ``compare_rows(model, rows, seeds=..., cv=...)`` makes a comparison.
    model : Pipeline
        It ends in a net.
    y : ndarray
        All labels.
    n_seeds, n_folds : int

    Returns
    -------
    seconds_of : callable
        ``seconds_of(n_rows)`` is the time of a comparison on so many rows, in seconds.
    """
    rows, trial = thinned(y, N_TRIAL), clone(model)
    times = []
    for n_iter in N_ITERATIONS:
        trial[-1].set_params(max_iter=n_iter)
        begin = perf_counter()
        compare_rows(trial, rows, seeds=(0,), cv=2)
        times.append((perf_counter() - begin, n_updates(trial[-1], len(rows) // 2)))
    (_, (few, n_few), (many, n_many)), net = times, model[-1]
    per_update = max(0.0, many - few) / (2 * (n_many - n_few))
    return lambda n_rows: (
        per_update * n_seeds * n_folds * n_updates(net, n_rows - n_rows // n_folds)
    )


def size_for_a_minute(seconds_of, n_rows):
    """The most rows whose comparison takes a minute or less; at least a thousand."""
    sizes = [n_rows, *(size for size in SIZES if size < n_rows)]
    return next((size for size in sizes if seconds_of(size) <= MINUTE), sizes[-1])


def thinned(y, n_rows):
    """Indices, sorted, of ``n_rows`` random rows: the same share of every class.

    There are at least 10 rows of every class that has as many.
    """
    if n_rows >= len(y):
        return np.arange(len(y))
    rng = np.random.RandomState(0)  # the same rows in every run
    taken = []
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        n = max(round(len(rows) * n_rows / len(y)), min(len(rows), 10))
        taken.append(rng.permutation(rows)[:n])
    return np.sort(np.concatenate(taken))
