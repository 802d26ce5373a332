"""Units that start identical stay identical, to the last bit.

The lecture's theorem: equal units compute the same function and get the same gradient,
so by induction they are worth one. Rounding breaks it unless it is enforced.
"""

from itertools import count

import numpy as np
import pytest
from nets import either_kind, either_precision, ignored
from scipy import sparse
from scipy.optimize import minimize

from skshallow import ShallowNetClassifier
from skshallow._core import lbfgs
from skshallow._core.activations import ACTIVATIONS

# A fit warns of the units that these tests are about.
pytestmark = ignored("Symmetry")

ACTIVATION_NAMES = sorted(ACTIVATIONS)
WIDTHS = range(1, 65)
# Rates at which every solver moves its units far in 100 iterations.
LEARNING_RATE = {"gd": 0.3, "sgd": 0.05, "adam": 0.01, "lbfgs": 1.0}

every_solver = pytest.mark.parametrize("solver", LEARNING_RATE)
every_storage = pytest.mark.parametrize("storage", [np.asarray, sparse.csr_matrix])
every_activation = pytest.mark.parametrize("activation", ACTIVATION_NAMES)


def make_rows(n_classes=2, n_rows=29, dtype=np.float64):
    """Classes that no line separates, with features that are mostly not zero."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n_rows, 3))
    X[rng.uniform(size=X.shape) < 0.2] = 0
    y = (X[:, 0] * X[:, 1] > 0) + (X[:, 2] > 0.5) * (n_classes - 2)
    return X.astype(dtype), y.astype(int)


def fitted(X, y, solver, n_hidden, init, **settings):
    """A net that is trained for long enough to move far."""
    defaults = {"learning_rate": "constant", "max_iter": 100, "tol": None}
    defaults |= {"learning_rate_init": LEARNING_RATE[solver], "random_state": 0}
    defaults |= {"activation": "tanh", "solver": solver, "init": init}
    return ShallowNetClassifier(n_hidden, **{**defaults, **settings}).fit(X, y)


def units_of(net):
    """(h, d + 1 + c): what goes into each hidden unit, its bias, and what goes out."""
    return np.column_stack([net.coefs_[0].T, net.intercepts_[0], net.coefs_[1]])


def assert_identical(units):
    """Assert that all rows of an array equal the first, to the last bit."""
    np.testing.assert_array_equal(units, units[[0] * len(units)])


def constant_and_zeros():
    """An init whose first start is constant and whose second one is zero."""
    calls = count()
    return lambda rng, shape: np.full(shape, 0.3 if next(calls) < 2 else 0.0)


def constant_arrays(n_features, n_hidden, n_outputs):
    """Explicit weights, in the layout of coefs_ and intercepts_."""
    coefs = np.full((n_features, n_hidden), 0.2), np.full((n_hidden, n_outputs), -0.3)
    return coefs, (np.full(n_hidden, 0.1), np.zeros(n_outputs))


def half_equal(rng, shape):
    """The first half of the units equal the first, all others are random."""
    weights = 0.3 * np.random.RandomState(0).standard_normal(shape)
    units = weights.T if shape[0] == 1 else weights
    units[: (len(units) + 1) // 2] = units[0]
    return weights


@every_solver
@either_precision
@every_storage
def test_equal_units_stay_equal_at_every_width(solver, dtype, storage, is_long):
    """The activation depends on width and solver: any two of the three meet.

    With ``--long`` all four activations meet every width, and sparse rows a zero start.
    """
    X, y = make_rows(dtype=dtype)
    broken, first = [], list(LEARNING_RATE).index(solver)
    n_starts = 1 if storage is sparse.csr_matrix and not is_long else 2
    for n_hidden in WIDTHS:
        turn = (first + n_hidden + n_hidden // 4) % 4
        names = ACTIVATION_NAMES if is_long else ACTIVATION_NAMES[turn : turn + 1]
        for name in names:
            starts = {"n_init": n_starts, "combine": "average", "activation": name}
            start = constant_and_zeros()
            net = fitted(storage(X), y, solver, n_hidden, start, **starts)
            assert (net.coefs_[0] != net.init_coefs_[0]).any()
            units = units_of(net).reshape(n_starts, n_hidden, -1)
            if (units != units[:, :1]).any():
                broken.append((n_hidden, name))
    assert broken == []


@every_solver
@either_precision
@every_activation
@every_storage
def test_equal_units_stay_equal_among_others(solver, dtype, activation, storage):
    """The other units stay different from these and from each other."""
    X, y = make_rows(dtype=dtype)
    for n_hidden in (3, 14):
        net = fitted(storage(X), y, solver, n_hidden, half_equal, activation=activation)
        units, n_equal = units_of(net), (n_hidden + 1) // 2
        assert_identical(units[:n_equal])
        assert len(np.unique(units, axis=0)) == 1 + n_hidden - n_equal


def test_equal_units_stay_equal_whatever_scipy_does_to_its_vector(monkeypatch):
    """Rounding in a search direction may part equal units, as noise does here."""

    def noisy_minimize(fun, x0, *, callback, **settings):
        noise = 1 + 1e-9 * np.random.RandomState(0).standard_normal(len(x0))
        settings["callback"] = lambda x: callback(x * noise)
        return minimize(lambda x: fun(x * noise), x0, **settings)

    monkeypatch.setattr(lbfgs, "minimize", noisy_minimize)
    net = fitted(*make_rows(), "lbfgs", 9, constant_arrays(3, 9, 1))
    assert_identical(units_of(net))


@every_solver
@either_precision
@every_activation
def test_equal_units_stay_equal_with_three_classes(solver, dtype, activation):
    X, y = make_rows(3, dtype=dtype)
    init = constant_arrays(3, 7, 3)
    init[0][1][:] *= [1, 2, -1]  # units are equal, outputs are not
    units = units_of(fitted(X, y, solver, 7, init, activation=activation))
    assert_identical(units)
    assert len(np.unique(units[0, -3:])) == 3


@either_precision
@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_equal_units_stay_equal_over_shuffled_batches_and_calls(solver, dtype):
    X, y = make_rows(n_rows=53, dtype=dtype)
    for n_hidden in (3, 6, 21):
        start = constant_arrays(3, n_hidden, 1)
        net = fitted(X, y, solver, n_hidden, start, batch_size=8, max_iter=60)
        assert_identical(units_of(net))
        for _ in range(20):
            net.partial_fit(X, y)
        assert_identical(units_of(net))


@every_solver
@either_precision
@every_activation
@either_kind
def test_from_zeros_only_the_output_bias_learns(solver, dtype, activation, n_classes):
    """Hidden activations are 0, and so are both layers' gradients at all times.

    What is left is the constant predictor: the output bias goes to the log-odds. Only
    units whose activation is not 0 there, as logistic units, leave zero: all equal.
    """
    X, y = make_rows(n_classes, dtype=dtype)
    rate = {"learning_rate_init": 1.0 if solver == "gd" else 0.1, "alpha": 0.5}
    net = fitted(X, y, solver, 5, "zeros", activation=activation, **rate)
    units = units_of(net)
    ACTIVATIONS[activation].apply(at_zero := np.zeros(1))
    if at_zero != 0:
        assert (units[:, :3] != 0).all()
        assert (units[:, 4:] != 0).all()
        assert_identical(units)
        return
    np.testing.assert_array_equal(units, np.zeros_like(units))
    shares = np.bincount(y) / len(y)
    expected = np.tile(shares, (len(y), 1))
    np.testing.assert_allclose(net.predict_proba(X), expected, rtol=0, atol=1e-3)
    assert np.ptp(shares) > 0.01


@every_solver
@every_activation
def test_equal_units_are_worth_one(solver, activation):
    """The trained net is one unit, with the output weights of all of them together."""
    X, y = make_rows()
    net = fitted(X, y, solver, 8, constant_arrays(3, 8, 1), activation=activation)
    one_unit = X @ net.coefs_[0][:, :1] + net.intercepts_[0][0]
    ACTIVATIONS[activation].apply(one_unit)
    logits = one_unit @ (8 * net.coefs_[1][:1]) + net.intercepts_[1]
    expected = net.decision_function(X)
    np.testing.assert_allclose(logits[:, 0], expected, rtol=1e-10, atol=1e-10)
