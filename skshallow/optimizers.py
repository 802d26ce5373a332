"""Update rules: state in, state out, a handful of lines each.

An optimiser is a pair ``init(P) -> state`` and ``update(state, P, G, step, count)``,
the split of optax (``GradientTransformation``). ``P`` and ``G`` are the parameters and
gradients of K lanes, (K, p) arrays, and ``count`` numbers the updates from 1; ``P``
and the state are changed in place and ``G`` serves as scratch. Every rule is
elementwise, so that a lane never feels its neighbours and equal units with equal
gradients stay equal to the last bit. To add a rule, add a row to `OPTIMIZERS`.
"""

from collections.abc import Callable
from functools import cache
from math import sqrt
from typing import NamedTuple

import numpy as np

# Kingma and Ba, "Adam: a method for stochastic optimization" (arXiv:1412.6980),
# the recommended settings below Algorithm 1.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class Step(NamedTuple):
    """Settings of one update.

    Parameters
    ----------
    learning_rate, momentum : ndarray of shape () or (K, 1)
        One value for all lanes, or one each. ``momentum`` is read by `sgd` only.
    nesterov : bool
        Read by `sgd` only.
    """

    learning_rate: np.ndarray
    momentum: np.ndarray
    nesterov: bool


class Optimizer(NamedTuple):
    """A row of `OPTIMIZERS`: see the head of this file."""

    init: Callable
    update: Callable


def _no_state(P):
    return {}


def _gradient_descent(state, P, G, step, count):
    G *= step.learning_rate
    P -= G


def _velocity(P):
    return {"velocity": np.zeros_like(P)}


def _sgd(state, P, G, step, count):
    """Momentum as in scikit-learn: ``v <- momentum v - learning_rate g``.

    Nesterov's variant moves by ``momentum v - learning_rate g`` with the new ``v``
    (Sutskever, Martens, Dahl and Hinton, ICML 2013, in the form that keeps the
    look-ahead point).
    """
    velocity = state["velocity"]
    G *= step.learning_rate
    velocity *= step.momentum
    velocity -= G
    if step.nesterov:
        P -= G
        P += step.momentum * velocity
    else:
        P += velocity


def _moments(P):
    return {"mean": np.zeros_like(P), "square": np.zeros_like(P)}


def _adam(state, P, G, step, count):
    """Kingma and Ba (arXiv:1412.6980), Algorithm 1 in the order of section 2.

    The moments are kept without their factors ``1 - beta``, which saves two passes:
    ``mean = m / (1 - beta_1)`` and ``square = v / (1 - beta_2)``.
    """
    mean, square = state["mean"], state["square"]
    beta_1, beta_2, epsilon = _adam_constants(P.dtype)
    mean *= beta_1
    mean += G
    square *= beta_2
    G *= G
    square += G
    np.sqrt(square, out=G)
    G += epsilon
    np.divide(mean, G, out=G)
    bias = sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
    bias *= (1 - BETA_1) / sqrt(1 - BETA_2)
    G *= np.multiply(step.learning_rate, bias, dtype=P.dtype)
    P -= G


@cache
def _adam_constants(dtype):
    """Constants as arrays of no dimensions: numpy converts a float in every call."""
    epsilon = EPSILON / sqrt(1 - BETA_2)
    return tuple(np.array(constant, dtype) for constant in (BETA_1, BETA_2, epsilon))


OPTIMIZERS = {
    "gd": Optimizer(_no_state, _gradient_descent),
    "sgd": Optimizer(_velocity, _sgd),
    "adam": Optimizer(_moments, _adam),
}
