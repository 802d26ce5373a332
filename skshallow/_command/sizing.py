"""How long a comparison takes, and on how many rows it fits into a minute."""

from math import ceil
from time import perf_counter

import numpy as np
from sklearn.base import clone

from skshallow._fit.defaults import batch_size
from skshallow._fit.request import n_iterations

MINUTE = 60
# Numbers of rows to compare on. With fewer, folds are too small to tell starts apart.
SIZES = (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000)
N_TRIAL = 2000
N_ITERATIONS = (1, 1, 100)  # of trials, of which the first is slower than any later one


def n_updates(net, n_rows):
    """How many updates a fit of a net on so many rows makes."""
    n_batches = ceil(n_rows / batch_size(net, n_rows))
    return n_batches * n_iterations(net, np.empty(n_rows), holds_out_rows=True)


def clock(compare, model, y, n_seeds, n_folds):
    """A function from numbers of rows to the seconds that a comparison of them takes.

    Short comparisons show how long an update of the nets of a seed takes.

    Parameters
    ----------
    compare : callable
        Takes a model, rows, ``seeds`` and ``cv``.
    model : Pipeline
        Which ends in a net.
    y : ndarray
        All labels.
    n_seeds, n_folds : int
    """
    rows, trial = thinned(y, N_TRIAL), clone(model)
    times = []
    for n_iter in N_ITERATIONS:
        trial[-1].set_params(max_iter=n_iter)
        begin = perf_counter()
        compare(trial, rows, seeds=(0,), cv=2)
        times.append((perf_counter() - begin, n_updates(trial[-1], len(rows) // 2)))
    (_, (few, n_few), (many, n_many)), net = times, model[-1]
    per_update = max(0.0, many - few) / (2 * (n_many - n_few))
    return lambda n_rows: (
        per_update * n_seeds * n_folds * n_updates(net, n_rows - n_rows // n_folds)
    )


def size_for_a_minute(seconds_of, n_rows):
    """How many of the rows fit into a minute, a thousand at least."""
    sizes = [n_rows, *(size for size in SIZES if size < n_rows)]
    return next((size for size in sizes if seconds_of(size) <= MINUTE), sizes[-1])


def thinned(y, n_rows):
    """Indices of so many rows, of each class in proportion but not fewer than few.

    Parameters
    ----------
    y : ndarray
    n_rows : int

    Returns
    -------
    rows : ndarray
        In order.
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
