"""Batches and training runs of the core, with the defaults that most tests want."""

import numpy as np

from skshallow._core.batches import Batches
from skshallow._core.threads import single_blas_thread
from skshallow._core.training import train
from skshallow._core.workspace import block_size as default_block_size


def batches_of(architecture, X, labels, weight=None, **settings):
    """Batches of labelled rows: one of all rows in their order, if not told else."""
    defaults = {
        "batch_size": X.shape[0],
        "block_size": default_block_size(architecture),
        "shuffle": False,
        "dtype": architecture.dtype,
    }
    target = architecture.loss.encode(labels, architecture.dtype)
    return Batches(X, target, weight, **{**defaults, **settings})


def outcomes_of(architecture, solver, batches, P, settings, seed=0, **more):
    """Outcomes of lanes that are trained on one stream of row orders."""
    streams = [np.random.RandomState(seed)] * len(P)
    with single_blas_thread():
        outcomes, interrupted = train(
            *(architecture, solver, batches, P, settings), row_streams=streams, **more
        )
    assert not interrupted
    return outcomes
