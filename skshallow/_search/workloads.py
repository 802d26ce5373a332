"""Cuts work into parts for several workers, and makes joblib's ``Parallel`` for them.

This module knows nothing of estimators and of training.
"""

from copy import copy
from itertools import count
from math import ceil

from joblib.parallel import get_active_backend
from sklearn.utils import gen_even_slices
from sklearn.utils.parallel import Parallel

# With several workers, cohorts are cut so that workers are idle for at most this share
# of the time. A part has at least this number of candidates, because with few lanes the
# fixed cost of a step is large for each lane.
MOST_IDLE, FEW_CANDIDATES = 0.1, 8
# A part has at most this number of candidates. While the parent process pickles
# nets or unpickles results, its other threads wait, such as the one that prints.
MANY_CANDIDATES = 500


def parallel_of(n_jobs, pre_dispatch="2*n_jobs"):
    """joblib's ``Parallel`` for training; it yields each result when done, if it can.

    All code under ``parallel_config`` shares one backend, and the first user that ends
    closes it for the others. So this function copies the backend. A search must call it
    before it starts its own workers, because a later copy would share them.
    """
    backend, n_of_context = get_active_backend()
    can_yield = backend.supports_return_generator
    return Parallel(
        n_of_context if n_jobs is None else n_jobs,
        copy(backend),
        pre_dispatch=pre_dispatch,
        return_as="generator" if can_yield else "list",
    )


def parts_of_cohorts(cohorts, n_workers, n_splits):
    """Cohorts, or parts of them, so that several workers are busy until the end.

    No cohort is cut into parts of fewer than `FEW_CANDIDATES`.
    """
    if n_workers == 1:
        return cohorts
    n_jobs = len(cohorts) * n_splits
    n_least = ceil(max(map(len, cohorts)) / MANY_CANDIDATES)
    n_parts = next(n for n in count(n_least) if _busy(n * n_jobs, n_workers))
    return [
        part
        for cohort in cohorts
        for part in _even_parts(cohort, min(n_parts, len(cohort) // FEW_CANDIDATES))
    ]


def parts_by_split(nets, n_workers, n_splits):
    """Parts of a few nets for each split; each part is trained as one job.

    All nets of a split are one part, so that the fixed cost of a step is paid once. If
    there are fewer last splits than workers, the nets of these splits are cut into more
    parts.
    """
    n_left = n_splits % n_workers
    n_parts = min(len(nets), n_workers // n_left) if n_left else 1
    return [[nets]] * (n_splits - n_left) + [_even_parts(nets, n_parts)] * n_left


def _busy(n_jobs, n_workers):
    """Whether workers are hardly idle with this number of equal jobs."""
    n_rounds = ceil(n_jobs / n_workers)
    return n_rounds * n_workers <= (1 + MOST_IDLE) * n_jobs


def _even_parts(items, n_parts):
    """Cut a list into ``n_parts`` parts, at least one, of nearly equal lengths."""
    return [items[part] for part in gen_even_slices(len(items), max(1, n_parts))]
