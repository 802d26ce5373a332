"""Nets, settings, batches and training runs of the core, for tests of it.

Each function has the defaults that most tests want, and takes changes by name.
"""

import numpy as np

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.batches import Batches
from skshallow._core.lane_settings import LaneSettings
from skshallow._core.losses import loss_for
from skshallow._core.network import Architecture
from skshallow._core.threads import single_blas_thread
from skshallow._core.training import train
from skshallow._core.workspace import block_size


def architecture_of(d, h, activation="tanh", n_classes=2, dtype=np.float64):
    """An architecture by the names of its parts."""
    activation, loss = ACTIVATIONS[activation], loss_for(n_classes)
    return Architecture(d, h, activation, loss, np.dtype(dtype))


def starts_of(architecture, n_lanes, seed=0):
    """Random parameters (K, p), biases among them."""
    normal = np.random.RandomState(seed).standard_normal
    shapes = architecture.weight_shapes
    draws = [
        ([normal(shape) for shape in shapes], [normal(shape[0]) for shape in shapes])
        for _ in range(n_lanes)
    ]
    return np.array([architecture.pack(*draw) for draw in draws])


def settings_of(
    n_lanes, nesterov=True, early_stopping=False, plateau_loss=0.7, **changes
):
    """Settings of lanes that never stop early; a change is one value or one a lane."""
    values = {"learning_rate": 0.3, "hidden_factor": 1.0, "weighs_batches": 0}
    values |= {"penalty": 1e-4, "is_cosine": 0, "momentum": 0.9, "tol": -np.inf}
    values |= {"n_iter_no_change": 10, "max_iter": 300, **changes}
    lanes = {k: np.array(np.broadcast_to(v, n_lanes), float) for k, v in values.items()}
    kinds = {"nesterov": nesterov, "early_stopping": early_stopping}
    return LaneSettings(**lanes, **kinds, plateau_loss=plateau_loss)


def batches_of(architecture, X, labels, weight=None, **settings):
    """Batches of labelled rows: by default one batch of all rows in their order."""
    defaults = {"batch_size": X.shape[0], "block_size": block_size(architecture)}
    defaults |= {"shuffle": False, "dtype": architecture.dtype}
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
