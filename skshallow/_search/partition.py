"""Cuts work into parts: for several workers, and for the memory that lanes need.

It also makes joblib's ``Parallel`` for the workers, and trains the parts that fit into
memory. This module knows nothing of estimators.
"""

from copy import copy
from functools import partial
from itertools import count
from math import ceil

from joblib.parallel import get_active_backend
from sklearn.utils import gen_even_slices
from sklearn.utils.parallel import Parallel

from skshallow._core.workspace import block_size
from skshallow._fit.request import train_together

# With several workers, cohorts are cut so that workers are idle for at most this share
# of the time. A part has at least this number of candidates, because with few lanes the
# fixed cost of a step is large for each lane.
MOST_IDLE, FEW_CANDIDATES = 0.1, 8
# A part has at most this number of candidates. While the parent process pickles
# nets or unpickles results, its other threads wait, such as the one that prints.
MANY_CANDIDATES = 500
# Maximum number of bytes of parameters, moments and work buffers of lanes that are
# trained together. More lanes are not faster.
COHORT_BYTES = 2**25


def parallel_of(n_jobs, pre_dispatch="2*n_jobs"):
    """joblib's ``Parallel`` for training; it yields each result when done, if it can.

    All code under ``parallel_config`` shares one backend, and the first user that ends
    closes it for the others. So this function copies the backend. A search must call it
    before it starts its own workers, because a later copy would share them.
    """
    backend, n_of_context = get_active_backend()
    can_hand_out = backend.supports_return_generator
    return Parallel(
        n_of_context if n_jobs is None else n_jobs,
        copy(backend),
        pre_dispatch=pre_dispatch,
        return_as="generator" if can_hand_out else "list",
    )


def cut(cohorts, n_workers, n_splits):
    """Cut cohorts into parts, so that several workers are busy until the end.

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
    """For each split, the parts of a few nets that are trained together on it.

    The nets of a split stay together: the fixed cost of a step is then shared. If the
    last splits are fewer than the workers, their nets are cut into parts.
    """
    n_left = n_splits % n_workers
    n_parts = min(len(nets), n_workers // n_left) if n_left else 1
    whole, cut = [[nets]], [_even_parts(nets, n_parts)]
    return whole * (n_splits - n_left) + cut * n_left


def _busy(n_jobs, n_workers):
    """Whether workers are hardly idle with this number of equal jobs."""
    n_rounds = ceil(n_jobs / n_workers)
    return n_rounds * n_workers <= (1 + MOST_IDLE) * n_jobs


def _even_parts(items, n_parts):
    """Cut a list into ``n_parts`` parts, at least one, of nearly equal lengths."""
    return [items[part] for part in gen_even_slices(len(items), max(1, n_parts))]


def train_in_parts(requests, samples, on_step=None):
    """Train nets, as many together as fit into memory.

    Parameters
    ----------
    requests : dict of FitRequest
    samples : Samples
    on_step : callable, default=None
        ``on_step(n_nets)`` is called whenever ``n_nets`` nets begin an iteration.

    Yields
    ------
    results : dict of FitResult
        The results of a part of the requests, with their keys.
    """
    for keys in _parts_for_memory(requests, len(samples.labels)):
        part = [requests[key] for key in keys]
        on_iteration = on_step and partial(on_step, sum(len(r.starts) for r in part))
        results = train_together(part, samples, on_iteration=on_iteration)
        if results[0].interrupted:
            raise KeyboardInterrupt
        results = [result.without_optimizer_states() for result in results]
        yield dict(zip(keys, results, strict=True))


def _parts_for_memory(requests, n_rows):
    """Cut the keys of ``requests`` into parts of nets that fit into memory together."""
    parts, n_left = [], 0
    for key, request in requests.items():
        if len(request.starts) > n_left:
            parts.append([])
            n_left = COHORT_BYTES // _lane_bytes(request.architecture, n_rows)
        parts[-1].append(key)
        n_left -= len(request.starts)
    return parts


def _lane_bytes(architecture, n_rows):
    """Bytes of memory that one lane takes, as measured."""
    (h, d), (c, _) = architecture.weight_shapes
    n_rows = min(block_size(architecture), n_rows)
    # Starts, parameters, gradients, moments, checkpoints and results; and activations,
    # slopes, logits, parts of losses, and rows.
    numbers = 18 * architecture.n_parameters + (2 * h + 4 * c + 2 * (d + 1)) * n_rows
    return numbers * architecture.dtype.itemsize
