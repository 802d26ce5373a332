"""Hidden activations: the value, and the slope computed from the value.

Both work in place on arrays of any shape and know nothing of lanes, layers or
losses. Slopes are functions of the *output* ``A`` alone, so that a backward pass
never keeps the pre-activations. To add an activation, add a row to `ACTIVATIONS`, and
to ``export.ACTIVATIONS`` what ONNX calls it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# As arrays of no dimensions: numpy converts a Python number anew in every call.
_ONE = {np.dtype(kind): np.array(1, kind) for kind in ("f4", "f8")}


class Activation(NamedTuple):
    """A hidden activation.

    Parameters
    ----------
    apply : callable
        ``apply(Z)`` overwrites the pre-activations with the activations.
    slope : callable
        ``slope(A, out)`` writes the derivative at the pre-activation whose
        activation is ``A`` into ``out``, an array of ``A``'s shape.
    gain : float
        With ``init_scale="auto"`` the standard deviation of the first inputs of a unit:
        see ``initializers``.
    is_odd : bool, default=False
        Whether g(-z) = -g(z): a unit and the one with all signs flipped compute the
        same, and get the same gradients but for the sign.
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
    # expit. It loses the lower tail (0 below z = -37), which a hidden unit can
    # spare and a probability handed to the user cannot.
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
    ends = np.array([-np.inf, np.inf])
    ACTIVATIONS[name].apply(ends)
    return bool(np.isfinite(ends).all())
