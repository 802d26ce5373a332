"""An activation is the function of its name, and its slope is that one's derivative.

Oracles: scipy's and Python's own functions, central differences, and the activations
of scikit-learn's multilayer perceptron.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.neural_network._base import ACTIVATIONS as SKLEARN_ACTIVATIONS
from sklearn.neural_network._base import DERIVATIVES as SKLEARN_DERIVATIVES

from skshallow._core.activations import ACTIVATIONS, is_bounded

NAMES = ["tanh", "logistic", "relu", "identity"]
DTYPES = [np.float64, np.float32]
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


@pytest.mark.parametrize("dtype", DTYPES)
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


@pytest.mark.parametrize("name", NAMES)
def test_slope_is_the_derivative(name):
    Z, step = grid(np.float64), 1e-5
    assert np.abs(Z).min() > step  # relu has no derivative at 0
    A, difference = applied(name, Z), applied(name, Z + step) - applied(name, Z - step)
    kept = A.copy()
    slope = slope_of(name, A)
    np.testing.assert_allclose(slope, difference / (2 * step), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(A, kept)


@pytest.mark.parametrize("name", NAMES)
def test_works_on_strided_views(name):
    """Hidden units are a view into an array with one more row."""
    larger = np.random.RandomState(0).standard_normal((2, 4, 7))
    units, last_row = larger[:, :-1], larger[:, -1].copy()
    expected_A = applied(name, units)
    ACTIVATIONS[name].apply(units)
    np.testing.assert_array_equal(units, expected_A)
    np.testing.assert_array_equal(slope_of(name, units), slope_of(name, expected_A))
    np.testing.assert_array_equal(larger[:, -1], last_row)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["tanh", "logistic"])
def test_saturation_is_silent_and_stays_in_range(name, dtype):
    """Far out the unit is flat: its value is a limit and its slope is 0, never nan."""
    Z = np.array([-1e30, -1e4, -100, 100, 1e4, 1e30], dtype)
    A = applied(name, Z)
    low = -1 if name == "tanh" else 0
    np.testing.assert_array_equal(A, [low, low, low, 1, 1, 1])
    np.testing.assert_array_equal(slope_of(name, A), np.zeros(6))


@pytest.mark.parametrize("dtype", DTYPES)
def test_relu_slope_at_zero_is_zero(dtype):
    A = applied("relu", np.array([-1, -0.0, 0.0, np.finfo(dtype).tiny], dtype))
    np.testing.assert_array_equal(slope_of("relu", A), [0, 0, 0, 1])


@given(st.floats(-1e3, 1e3))
def test_tanh_is_odd_and_logistic_is_its_own_complement(z):
    assert applied("tanh", [-z])[0] == -applied("tanh", [z])[0]
    total = applied("logistic", [-z])[0] + applied("logistic", [z])[0]
    assert total == pytest.approx(1, abs=2e-16)


@given(st.sampled_from(NAMES), st.floats(-50, 50), st.floats(-50, 50))
def test_no_activation_decreases(name, z1, z2):
    low, high = applied(name, sorted([z1, z2]))
    assert low <= high
    assert (slope_of(name, np.array([low, high])) >= 0).all()


def test_tanh_and_logistic_are_flat_on_both_sides():
    assert {name for name in ACTIVATIONS if is_bounded(name)} == {"tanh", "logistic"}
