"""Cuts work into parts: for several workers, and for the memory that lanes take.

Knows how many nets there are and how large they are, and nothing of estimators.
"""

from itertools import count, pairwise
from math import ceil

from skshallow._core.workspace import block_size

# With several workers a cohort is cut so that hardly one waits for the last job. Its
# parts have these many candidates at least: few lanes share a step's fixed cost less
# well.
MOST_IDLE, FEW_CANDIDATES = 0.1, 8
# Lanes are trained together up to this size of parameters, moments and work buffers:
# more of them gain no speed. Bytes.
COHORT_BYTES = 2**25


def cut(cohorts, n_workers, n_splits, few=FEW_CANDIDATES):
    """Cut cohorts into parts that keep several workers busy to the end.

    None of them is cut into parts of fewer than ``few``.
    """
    n_jobs = len(cohorts) * n_splits
    n_parts = next(n for n in count(1) if _busy(n * n_jobs, n_workers))
    return [
        part
        for cohort in cohorts
        for part in _even_parts(cohort, min(n_parts, len(cohort) // few))
    ]


def _busy(n_jobs, n_workers):
    """Whether equal jobs leave hardly a worker idle."""
    n_rounds = ceil(n_jobs / n_workers)
    return n_rounds * n_workers <= (1 + MOST_IDLE) * n_jobs


def _even_parts(items, n_parts):
    """Cut a list into ``n_parts``, at least one, of one length or nearly so."""
    n_parts = max(1, n_parts)
    ends = [k * len(items) // n_parts for k in range(n_parts + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def parts_for_memory(requests, data, architecture):
    """Cut the places of ``requests`` into parts that fit into memory together."""
    (h, d), (c, _) = architecture.weight_shapes
    n_rows = min(block_size(architecture), len(data.samples.labels))
    # As measured: starts, parameters, gradients, moments, checkpoints and results; and
    # activations, slopes, logits and what losses are computed from, and rows.
    lane = 18 * architecture.n_parameters + (2 * h + 4 * c + 2 * (d + 1)) * n_rows
    parts, n_left = [], 0
    for i, request in requests.items():
        if request is not None:
            if len(request.starts) > n_left:
                parts.append([])
                n_left = COHORT_BYTES // (lane * architecture.dtype.itemsize)
            parts[-1].append(i)
            n_left -= len(request.starts)
    return parts
