"""Update rules, each a few lines long, and their measured settings.

An update rule is a function ``update(state, P, G, step)``. ``P`` and ``G`` are the
parameters and gradients of K lanes, (K, p) arrays. `OptimizerState` holds the arrays
that the rule keeps, and counts the updates, the present one included. An update changes
``P`` and the state in place and overwrites ``G``. Every rule is elementwise: no lane
depends on another, and equal units with equal gradients stay equal to the last bit. To
add a rule, add a row to `OPTIMIZERS`.
"""

from dataclasses import dataclass
from functools import cache
from math import cos, inf, pi, sqrt
from typing import NamedTuple

import numpy as np

# Kingma and Ba, "Adam: a method for stochastic optimization" (arXiv:1412.6980),
# the recommended settings below Algorithm 1.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
# Weights that only the penalty changes, and arrays of an optimizer without gradients,
# shrink for ever. Some processors are much slower with denormal numbers: a fit in
# float32 took 2.4 times as long on one, and the same time on another (AMD EPYC). So
# after every FLUSH_EVERY updates, numbers below NEARLY_DENORMAL times the smallest
# normal number are set to 0. In a tiny net this takes no measurable time. With 256
# updates, a fit of 200 with a strong penalty took 1.7 times as long.
FLUSH_EVERY = 64
NEARLY_DENORMAL = 2**20


@dataclass
class OptimizerState:
    """What an optimizer keeps from update to update.

    Parameters
    ----------
    arrays : dict of str to ndarray of shape (K, p)
        As named in the row of `OPTIMIZERS`.
    count : int
        Number of updates so far.
    """

    arrays: dict
    count: int = 0

    @classmethod
    def new(cls, solver, P):
        """The state before the first update of lanes with parameters ``P``."""
        return cls({name: np.zeros_like(P) for name in OPTIMIZERS[solver].arrays})

    @classmethod
    def together(cls, states):
        """One state with the lanes of all given states; None if one of them is None.

        The count is the largest of their counts. For lanes that ended earlier, this
        changes only the bias correction of `adam`, and only a little.
        """
        if None in states:
            return None
        names = states[0].arrays
        arrays = {n: np.concatenate([s.arrays[n] for s in states]) for n in names}
        return cls(arrays, max(state.count for state in states))

    def keep(self, lanes):
        """A copy for the given lanes."""
        arrays = {name: array[lanes] for name, array in self.arrays.items()}
        return OptimizerState(arrays, self.count)


class Step(NamedTuple):
    """Settings of one update.

    Parameters
    ----------
    learning_rate : float, or float64 ndarray of shape (K, 1)
        One value for all lanes, or one for each lane.
    factors : ndarray of shape (1, p) or (K, p), or None
        Factors of the learning rate for each parameter, of the parameters' dtype.
    momentum : ndarray of shape () or (K, 1)
        One value, or one for each lane, of the parameters' dtype. Only `sgd` reads it.
    nesterov : bool
        Only `sgd` reads it.
    """

    learning_rate: float | np.ndarray
    factors: np.ndarray | None
    momentum: np.ndarray
    nesterov: bool


def schedule(settings, factors, n_batches, dtype):
    """The step of every update of K lanes, constant or along half a cosine wave.

    The cosine rate of update t, counted from 0, is ``learning_rate * (1 + cos(pi * t /
    n_updates)) / 2``: Loshchilov and Hutter, "SGDR: stochastic gradient descent with
    warm restarts" (arXiv:1608.03983), equation 5, without a restart.

    Parameters
    ----------
    settings : LaneSettings
        The cosine rate of a lane is 0 after ``max_iter`` iterations.
    factors : ndarray or None
        As in `Step`.
    n_batches : int
        Number of updates of an iteration.
    dtype : numpy dtype
        The dtype of the parameters.

    Returns
    -------
    step_of : callable
        ``step_of(t)`` returns the `Step` of update ``t``, counted from 0.
    """
    rate = _per_lane(settings.learning_rate)
    momentum = np.asarray(_per_lane(settings.momentum), dtype)
    others = factors, momentum, settings.nesterov
    n_updates = np.where(settings.is_cosine, settings.max_iter * n_batches, inf)
    n_updates = n_updates.tolist()
    lengths = set(n_updates)
    if lengths == {inf}:
        constant = Step(rate, *others)
        return lambda t: constant

    def step_of(t):
        # `math.cos` also for many lanes: the bits of a lane must not depend on others.
        shares = {n: (1 + cos(pi * (t / n))) / 2 for n in lengths}
        if len(shares) == 1:
            (share,) = shares.values()
        else:
            share = np.array([[shares[n]] for n in n_updates])
        return Step(rate * share, *others)

    return step_of


def _per_lane(values):
    """Values (K,) as a (K, 1) column; as a number if all are equal, which is faster."""
    same = np.all(values == values[0])
    return float(values[0]) if same else values[:, None]


def flush(P, state):
    """Set nearly denormal numbers in the parameters and the state to 0."""
    for values in (P, *state.arrays.values()):
        values[np.abs(values) < NEARLY_DENORMAL * np.finfo(P.dtype).tiny] = 0


def _scale(G, step, correction=1.0):
    """Turn the direction ``G`` into a step with rate times ``correction``, in place."""
    G *= np.asarray(step.learning_rate * correction, G.dtype)
    if step.factors is not None:
        G *= step.factors


def _gradient_descent(state, P, G, step):
    _scale(G, step)
    P -= G


def _sgd(state, P, G, step):
    """Momentum as in scikit-learn: ``v <- momentum v - learning_rate g``.

    Nesterov's variant moves the parameters by ``momentum v - learning_rate g`` with the
    new ``v`` (Sutskever, Martens, Dahl and Hinton, ICML 2013, in the form whose
    parameters are the look-ahead point).
    """
    velocity = state.arrays["velocity"]
    _scale(G, step)
    velocity *= step.momentum
    velocity -= G
    if step.nesterov:
        P -= G
        P += step.momentum * velocity
    else:
        P += velocity


def _adam(state, P, G, step):
    """Kingma and Ba (arXiv:1412.6980), Algorithm 1 in the order of section 2.

    The moments are stored without their factors ``1 - beta``, as ``mean = m / (1 -
    beta_1)`` and ``square = v / (1 - beta_2)``. This saves two operations on arrays.
    """
    mean, square = state.arrays["mean"], state.arrays["square"]
    beta_1, beta_2, epsilon = _adam_constants(P.dtype)
    mean *= beta_1
    mean += G
    square *= beta_2
    G *= G
    square += G
    np.sqrt(square, out=G)
    G += epsilon
    np.divide(mean, G, out=G)
    bias = sqrt(1 - BETA_2**state.count) / (1 - BETA_1**state.count)
    bias *= (1 - BETA_1) / sqrt(1 - BETA_2)
    _scale(G, step, bias)
    P -= G


@cache
def _adam_constants(dtype):
    """Constants as arrays of no dimensions: NumPy converts a float in every call."""
    epsilon = EPSILON / sqrt(1 - BETA_2)
    return tuple(np.array(constant, dtype) for constant in (BETA_1, BETA_2, epsilon))


class Optimizer(NamedTuple):
    """An update rule, and its settings.

    Parameters
    ----------
    update : callable
        ``update(state, P, G, step)``.
    arrays : tuple of str
        The names of the arrays that the rule keeps from update to update. They are 0
        before the first update.
    learning_rate : float
        The measured learning rate: ``learning_rate_init="auto"``.
    longest_row : float
        The squared norm of a row above which steps of the hidden weights are too long
        at that rate. For standardised features this is a number of features.
    has_mini_batches : bool
        Whether an iteration may make more than one update.
    has_momentum : bool
        Whether the rule reads the momentum of the step.
    is_adaptive : bool
        Whether a step has the same length for a larger gradient.
    """

    update: object
    arrays: tuple
    learning_rate: float
    longest_row: float
    has_mini_batches: bool = True
    has_momentum: bool = False
    is_adaptive: bool = False


# Rates: adam scores alike from 0.015 to 0.03, and is unstable with 0.04. On the tables
# sgd scores alike from 0.1 to 0.5. Above 1 the loss of gd oscillates on tables of many
# columns.
# Longest rows: with adam, tables of up to 285 columns score alike for 20 and 200, and
# 60 rows of 20,000 columns are separated for 60 and 200 only. Plain gradients grow with
# the rows. For larger values than these, gd and sgd kill every relu unit on the
# unscaled iris data; scaled tables lose nothing by these values (log-loss within
# 0.002).
OPTIMIZERS = {
    "gd": Optimizer(_gradient_descent, (), 1.0, 10, has_mini_batches=False),
    "sgd": Optimizer(_sgd, ("velocity",), 0.3, 20, has_momentum=True),
    "adam": Optimizer(_adam, ("mean", "square"), 0.02, 200, is_adaptive=True),
}
