"""How long a comparison takes, and on how many rows it fits into a minute."""

from math import ceil
from time import perf_counter
from typing import NamedTuple

import numpy as np
from sklearn.base import clone

from skshallow._fit.request import batch_size, n_iterations

MOST_SECONDS = 60
N_TRIAL, TRIAL_FOLDS = 2000, 2
# Of trials: from each to the next, until one takes twice the time of the first. Else
# what is measured is the noise of the clock.
N_ITERATIONS = (2, 10, 50, 200, 1000)
LEAST = 1000  # rows: with fewer, folds are too small to tell starts apart


class Cost(NamedTuple):
    """Seconds of parts of a comparison.

    Parameters
    ----------
    update : float
        For one update of the nets of a seed on a fold.
    row : float
        For all that is done with one row of a fold besides.
    """

    update: float
    row: float

    def seconds(self, net, n_rows, n_seeds, n_folds):
        """The time for so many rows, seeds and folds."""
        updates = n_updates(net, n_rows - n_rows // n_folds)
        return n_folds * (n_seeds * self.update * updates + self.row * n_rows)

    def seconds_of_fit(self, net, n_rows):
        """The most that one net takes: no more than all the nets of a seed."""
        return self.update * n_updates(net, n_rows)


def n_updates(net, n_rows):
    """How many updates a fit of a net on so many rows makes."""
    n_batches = ceil(n_rows / batch_size(net, n_rows))
    return n_batches * n_iterations(net, np.empty(n_rows), has_own_split=True)


def measured_cost(compare, model, y):
    """The cost, measured by comparisons of few iterations on few rows.

    Parameters
    ----------
    compare : callable
        From a model, rows, ``seeds`` and ``cv`` to their comparison.
    model : Pipeline
        Which ends in a net.
    y : ndarray
        All labels.
    """
    rows = thinned(y, N_TRIAL)
    n_train = len(rows) - len(rows) // TRIAL_FOLDS
    seconds, updates = [], []
    for n_iter in N_ITERATIONS:
        trial = clone(model)
        trial[-1].set_params(max_iter=n_iter)
        begin = perf_counter()
        compare(trial, rows, seeds=(0,), cv=TRIAL_FOLDS)
        seconds.append(perf_counter() - begin)
        updates.append(TRIAL_FOLDS * n_updates(trial[-1], n_train))
        if seconds[-1] > 2 * seconds[0]:
            break
    update = max(0.0, (seconds[-1] - seconds[0]) / (updates[-1] - updates[0]))
    rest = max(0.0, seconds[0] - update * updates[0])
    return Cost(update, rest / TRIAL_FOLDS / len(rows))


def rows_for(seconds_of, n_rows):
    """How many of the rows fit into a minute; a thousand at least.

    Two digits are enough, and it is likelier to be the same number in the next run.

    Parameters
    ----------
    seconds_of : callable
        From a number of rows to seconds.
    n_rows : int
    """
    n = n_rows
    while n > LEAST and seconds_of(n) > MOST_SECONDS:
        n = max(LEAST, int(0.98 * n))
    if n == n_rows:
        return n
    digit = 10 ** (len(str(n)) - 2)
    return n // digit * digit


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
