"""Update rules: state in, state out, a handful of lines each.

An optimiser is a pair ``init(P) -> state`` and ``update(state, P, G, step, count)``,
the split of optax (``GradientTransformation``). ``P`` and ``G`` are the parameters and
gradients of K lanes, (K, p) arrays, and ``count`` numbers the updates from 1; ``P``
and the state are changed in place and ``G`` serves as scratch. Every rule is
elementwise, so that a lane never feels its neighbours and equal units with equal
gradients stay equal to the last bit. To add a rule, add a row to `OPTIMIZERS`
and one to `AUTO_LEARNING_RATE`.
"""

from collections.abc import Callable
from functools import cache
from math import sqrt
from typing import NamedTuple

import numpy as np

# Kingma and Ba, "Adam: a method for stochastic optimization" (arXiv:1412.6980),
# the recommended settings below Algorithm 1.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
# Measured with the other defaults, as told in ``classifier``; L-BFGS reads none. On the
# tables sgd's rates from 0.1 to 0.5 score alike; from the default start 0.1 learns the
# planar flower in 2 runs of 20, 0.2 in 15, 0.3 in 19. gd's would have to be 3 for that,
# but beyond 1 the loss begins to jump on tables of many columns.
AUTO_LEARNING_RATE = {"gd": 1.0, "sgd": 0.3, "adam": 0.02, "lbfgs": 1.0}
FULL_RATE_BATCH = 200  # rows, MLPClassifier's batch


class Step(NamedTuple):
    """Settings of one update.

    Parameters
    ----------
    learning_rate : float, or float64 ndarray of shape (K, 1)
        One value for all lanes, or one each.
    momentum : ndarray of shape () or (K, 1)
        Likewise, of the parameters' dtype. Read by `sgd` only.
    nesterov : bool
        Read by `sgd` only.
    """

    learning_rate: float | np.ndarray
    momentum: np.ndarray
    nesterov: bool


class Steps:
    """The step of every update of K lanes, shorter on light batches where asked for.

    Parameters
    ----------
    learning_rate, momentum : ndarray of shape (K,)
    nesterov : bool
    full_step_weight : ndarray of shape (K,) or ()
        On a batch of less total weight the learning rate falls in proportion; 0 for a
        constant rate.
    dtype : numpy dtype
        Of the parameters.
    """

    def __init__(self, learning_rate, momentum, nesterov, full_step_weight, dtype):
        self._learning_rate, self._full_weight = learning_rate, full_step_weight
        self._heaviest = float(np.max(full_step_weight))
        self._full = Step(
            _per_lane(learning_rate),
            np.asarray(_per_lane(momentum), dtype),
            nesterov,
        )

    def on(self, total_weight):
        """The step on a batch of that total weight."""
        if total_weight >= self._heaviest:
            return self._full
        share = total_weight / np.maximum(total_weight, self._full_weight)
        rate = self._learning_rate * share
        return self._full._replace(learning_rate=_per_lane(rate))


def _per_lane(values):
    """Values (K,) as a (K, 1) column, or a cheaper number where all are equal."""
    same = np.all(values == values[0])
    return float(values[0]) if same else values[:, None]


@np.errstate(over="ignore")
def auto_learning_rate(solver, batch_size, alpha, momentum):
    """The measured learning rate of a solver, and how it stays stable.

    Plain gradient steps, which unlike Adam's are as long as the gradient, get two
    safeguards:

    - The rate of ``"sgd"`` grows in proportion to the batch, up to 200 rows: the linear
      scaling rule of Goyal et al. (arXiv:1706.02677). A batch's penalty is divided by
      its weight, so that rate times penalty is the same for all sizes.
    - The penalty alone never takes a weight past zero, which is where scikit-learn's
      ``SGDClassifier`` cuts its decay off, too. An update on a batch of weight w pulls
      a weight by ``rate * alpha / w`` of its size, and momentum repeats the pull
      ``1 / (1 - momentum)`` times in all; the rate falls with w where that exceeds 1.
      It takes weights, of samples or classes, that are small or most uneven, or a large
      ``alpha``.

    Parameters
    ----------
    solver : {"gd", "sgd", "adam", "lbfgs"}
    batch_size : int
        As asked for: weights of 0 and copies of rows must not change the rate.
    alpha, momentum : ndarray of shape (K,)

    Returns
    -------
    learning_rate, full_step_weight : ndarray of shape (K,)
        As `Steps` takes them.
    """
    rate = np.full(len(alpha), AUTO_LEARNING_RATE[solver])
    if solver == "gd":
        return rate, rate * alpha
    if solver == "sgd":
        rate *= min(batch_size, FULL_RATE_BATCH) / FULL_RATE_BATCH
        # A momentum of 1 never forgets a pull: no step would be short enough.
        forgets = np.where(momentum < 1, 1 - momentum, np.inf)
        return rate, rate * alpha / forgets
    return rate, np.zeros_like(rate)


class Optimizer(NamedTuple):
    """A row of `OPTIMIZERS`: see the head of this file."""

    init: Callable
    update: Callable


def _no_state(P):
    return {}


def _gradient_descent(state, P, G, step, count):
    G *= np.asarray(step.learning_rate, P.dtype)
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
    G *= np.asarray(step.learning_rate, P.dtype)
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
    G *= np.asarray(step.learning_rate * bias, P.dtype)
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
