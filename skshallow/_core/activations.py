"""Hidden activations: the value, and the slope computed from the value.

Both work in place on arrays of any shape and know nothing of lanes, layers or
losses. Slopes are functions of the *output* ``A`` alone, so that the backward pass does
not need the pre-activations. To add an activation, add a row to `ACTIVATIONS`, and its
ONNX name to ``export.ONNX_OPERATORS``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Arrays of no dimensions, because NumPy converts a Python number in every call.
_ONE = {np.dtype(kind): np.array(1, kind) for kind in ("f4", "f8")}


class Activation(NamedTuple):
    """A hidden activation.

    Parameters
    ----------
    apply : callable
        ``apply(Z)`` overwrites the pre-activations with the activations.
    slope : callable
        ``slope(A, out)`` writes the derivative of the activation into ``out``, an array
        of the shape of ``A``. ``A`` holds the activations, not the pre-activations.
    gain : float
        With ``init_scale="auto"``, the standard deviation of the pre-activations at the
        start: see ``initializers``.
    is_odd : bool, default=False
        Whether g(-z) = -g(z). If so, a unit computes the same after the signs of all
        its weights are flipped, and its gradients differ by the sign only.
    """

    apply: Callable
    slope: Callable
    gain: float
    is_odd: bool = False


def _tanh(Z):
    np.tanh(Z, Z)


def _tanh_slope(A, out):
    np.square(A, out)
    np.subtract(_ONE[A.dtype], out, out)


def _logistic(Z):
    # 1 / (1 + exp(-z)) = (1 + tanh(z / 2)) / 2: several times cheaper than exp or
    # expit. The result is 0 below z = -37, exact enough for a hidden unit, but not for
    # a probability that a user is given.
    Z *= 0.5
    np.tanh(Z, out=Z)
    Z += 1
    Z *= 0.5


def _logistic_slope(A, out):
    np.subtract(_ONE[A.dtype], A, out=out)
    out *= A


def _relu(Z):
    np.maximum(Z, 0, out=Z)


def _relu_slope(A, out):
    np.greater(A, 0, out=out)


def _identity(Z):
    pass


def _identity_slope(A, out):
    out.fill(1)


ACTIVATIONS = {
    "tanh": Activation(_tanh, _tanh_slope, gain=1.0, is_odd=True),
    "logistic": Activation(_logistic, _logistic_slope, gain=2.0),
    "relu": Activation(_relu, _relu_slope, gain=2**0.5),
    "identity": Activation(_identity, _identity_slope, gain=1.0, is_odd=True),
}


def is_bounded(name):
    """Whether an activation has flat parts on both sides."""
    return bool(np.isfinite(_limits(name)).all())


def can_die(name):
    """Whether an activation is flat on one side, with the value 0 there."""
    low, high = _limits(name)
    return low == 0 and high == np.inf


def _limits(name):
    """The values of an activation at minus infinity and at infinity."""
    ends = np.array([-np.inf, np.inf])
    ACTIVATIONS[name].apply(ends)
    return ends
