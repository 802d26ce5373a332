"""Cuts work into parts: for several workers, and for the memory that lanes need.

This module knows numbers and sizes of nets, and nothing of estimators.
"""

from itertools import count, pairwise
from math import ceil

from skshallow._core.workspace import block_size

# With several workers, cohorts are cut so that workers are idle for at most this share
# of the time. A part has at least this number of candidates, because with few lanes the
# fixed cost of a step is large for each lane.
MOST_IDLE, FEW_CANDIDATES = 0.1, 8
# Maximum number of bytes of parameters, moments and work buffers of lanes that are
# trained together. More lanes are not faster.
COHORT_BYTES = 2**25


def cut(cohorts, n_workers, n_splits):
    """Cut cohorts into parts, so that several workers are busy until the end.

    No cohort is cut into parts of fewer than `FEW_CANDIDATES`.
    """
    n_jobs = len(cohorts) * n_splits
    n_parts = next(n for n in count(1) if _busy(n * n_jobs, n_workers))
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
    n_parts = max(1, n_parts)
    ends = [k * len(items) // n_parts for k in range(n_parts + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def parts_for_memory(requests, samples):
    """Cut the keys of ``requests`` into parts of nets that fit into memory together."""
    parts, n_left = [], 0
    for i, request in requests.items():
        if request is not None:
            if len(request.starts) > n_left:
                parts.append([])
                lane_bytes = _lane_bytes(request.architecture, len(samples.labels))
                n_left = COHORT_BYTES // lane_bytes
            parts[-1].append(i)
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
