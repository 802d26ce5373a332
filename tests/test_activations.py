"""An activation is the function that its name says, with the derivative as slope.

Oracles: scipy's and Python's own functions, and the activations and derivatives of
scikit-learn's multilayer perceptron.
"""

import math

import numpy as np
import pytest
from nets import either_precision
from scipy.special import expit
from sklearn.neural_network._base import ACTIVATIONS as SKLEARN_ACTIVATIONS
from sklearn.neural_network._base import DERIVATIVES as SKLEARN_DERIVATIVES

from skshallow._core.activations import ACTIVATIONS, Activation, is_bounded
from skshallow.diagnostics import relative_slope

NAMES = ["tanh", "logistic", "relu", "identity"]
TEXTBOOK = {
    "tanh": math.tanh,
    "logistic": lambda z: float(expit(z)),
    "relu": lambda z: max(z, 0.0),
    "identity": lambda z: z,
}


def applied(name, Z):
    A = np.array(Z)
    ACTIVATIONS[name].apply(A)
    return A


def slope_of(name, A):
    slope = np.full_like(A, np.nan)
    ACTIVATIONS[name].slope(A, slope)
    return slope


def grid(dtype):
    """Pre-activations from the linear part far into saturation, of shape (3, 5, 41)."""
    z = np.linspace(-20, 20, 3 * 5 * 41) + 0.01
    return z.astype(dtype).reshape(3, 5, 41)


def test_the_table_has_the_four_promised_rows():
    assert sorted(ACTIVATIONS) == sorted(NAMES)


@either_precision
@pytest.mark.parametrize("name", NAMES)
def test_value_and_slope_are_the_textbook_s_and_scikit_learn_s(name, dtype):
    Z = np.append(grid(dtype).ravel(), 0).astype(dtype)[None]
    A, sklearn_A, sklearn_slope = applied(name, Z), Z.copy(), np.ones_like(Z)
    SKLEARN_ACTIVATIONS[name](sklearn_A)
    SKLEARN_DERIVATIVES[name](sklearn_A, sklearn_slope)
    eps, slope = np.finfo(dtype).eps, slope_of(name, A)
    textbook = [[TEXTBOOK[name](float(z)) for z in Z[0]]]
    for expected in (textbook, sklearn_A):
        np.testing.assert_allclose(A, expected, rtol=2 * eps, atol=2 * eps)
    np.testing.assert_allclose(slope, sklearn_slope, rtol=0, atol=4 * eps)
    assert A.dtype == slope.dtype == dtype


@either_precision
@pytest.mark.parametrize("name", ["tanh", "logistic"])
def test_saturation_is_silent_and_stays_in_range(name, dtype):
    """A saturated unit has its limit as value and 0 as slope, never nan."""
    Z = np.array([-1e30, -1e4, -100, 100, 1e4, 1e30], dtype)
    A = applied(name, Z)
    low = -1 if name == "tanh" else 0
    np.testing.assert_array_equal(A, [low, low, low, 1, 1, 1])
    np.testing.assert_array_equal(slope_of(name, A), np.zeros(6))


def test_tanh_and_logistic_are_flat_on_both_sides():
    assert {name for name in ACTIVATIONS if is_bounded(name)} == {"tanh", "logistic"}


def softplus(Z):
    np.logaddexp(Z, 0, out=Z)


def softplus_slope(A, out):
    np.negative(np.expm1(-A), out=out)


@either_precision
@pytest.mark.parametrize("name", [*NAMES, "softplus"])
def test_slopes_relative_to_the_largest_are_at_most_1(name, dtype, monkeypatch):
    """A new activation of the table, steepest far from 0, obeys the rule as well."""
    new = Activation(softplus, softplus_slope, gain=2.0)
    monkeypatch.setitem(ACTIVATIONS, "softplus", new)
    Z = np.append(grid(dtype).ravel(), [-1e4, -100, 0, 100, 1e4]).astype(dtype)
    slope = relative_slope(name, Z)
    assert slope.min() == (name == "identity")
    assert slope.max() == 1
    assert slope.dtype == dtype
