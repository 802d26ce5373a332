"""Units that start identical stay identical, to the last bit.

The lecture's theorem: equal units compute the same function and get the same gradient,
so by induction they are worth one. Rounding breaks it unless it is enforced.
"""

import numpy as np
import pytest
from core_parts import architecture_of, batches_of, outcomes_of, settings_of
from scipy import sparse
from scipy.optimize import minimize

from skshallow import ShallowNetClassifier
from skshallow._core import lbfgs
from skshallow._core.activations import ACTIVATIONS

# What these tests are about is what a fit warns of.
pytestmark = pytest.mark.filterwarnings("ignore::skshallow.exceptions.SymmetryWarning")

ACTIVATION_NAMES = sorted(ACTIVATIONS)
WIDTHS = range(1, 65)
DTYPES = [np.float64, np.float32]
N_ITERATIONS = 100
# Rates at which every solver moves its units far in so many iterations.
LEARNING_RATE = {"gd": 0.3, "sgd": 0.05, "adam": 0.01, "lbfgs": 1.0}

every_solver = pytest.mark.parametrize("solver", LEARNING_RATE)
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
every_storage = pytest.mark.parametrize("storage", [np.asarray, sparse.csr_matrix])
every_activation = pytest.mark.parametrize("activation", ACTIVATION_NAMES)


def make_rows(n_classes=2, n_rows=29):
    """Classes that no line separates, with features that are mostly not zero."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n_rows, 3))
    X[rng.uniform(size=X.shape) < 0.2] = 0
    y = (X[:, 0] * X[:, 1] > 0) + (X[:, 2] > 0.5) * (n_classes - 2)
    return X, y.astype(int)


def trained_units(starts, solver, X, y, activation, n_hidden):
    """Units (K, h, d + 2) of K lanes after training: weights in, bias, weight out.

    ``starts`` makes (W1, W2) of each lane from their shapes.
    """
    architecture = architecture_of(X.shape[1], n_hidden, activation, dtype=X.dtype)
    shapes = architecture.weight_shapes
    biases = [np.zeros(shape[0]) for shape in shapes]
    P = np.array([architecture.pack(weights, biases) for weights in starts(*shapes)])
    batches = batches_of(architecture, X, y, shuffle=True)
    settings = settings_of(
        len(P), learning_rate=LEARNING_RATE[solver], max_iter=N_ITERATIONS
    )
    outcomes = outcomes_of(architecture, solver, batches, P, settings)
    assert not any(outcome.status == "diverged" for outcome in outcomes)
    hidden, output = architecture.layers(np.array([outcome.p for outcome in outcomes]))
    assert (hidden[0] != architecture.layers(P)[0][0]).any()  # lane 0 did learn
    return np.concatenate([hidden, output[:, :, :-1].swapaxes(1, 2)], axis=2)


def constant_start(*shapes):
    return [[np.full(shape, 0.3) for shape in shapes]]


def constant_and_zero_start(*shapes):
    return [*constant_start(*shapes), [np.zeros(shape) for shape in shapes]]


def half_equal_start(hidden, output):
    """The first half of the units equal the first, all others are random."""
    rng = np.random.RandomState(0)
    W1, W2 = 0.3 * rng.standard_normal(hidden), 0.3 * rng.standard_normal(output)
    n_equal = (len(W1) + 1) // 2
    W1[:n_equal], W2[:, :n_equal] = W1[0], W2[:, :1]
    return [[W1, W2]]


@every_solver
@every_dtype
@every_storage
def test_equal_units_stay_equal_at_every_width(solver, dtype, storage, is_long):
    """Widths and solvers pass the activations around: every pair of them meets.

    With ``--long`` all four meet every width, from constant and from zero weights.
    """
    X, y = make_rows()
    X, broken = storage(X.astype(dtype)), []
    few = sparse.issparse(X) and not is_long
    starts = constant_start if few else constant_and_zero_start
    first = list(LEARNING_RATE).index(solver)
    for n_hidden in WIDTHS:
        turn = (first + n_hidden + n_hidden // 4) % 4
        names = ACTIVATION_NAMES if is_long else ACTIVATION_NAMES[turn : turn + 1]
        for name in names:
            units = trained_units(starts, solver, X, y, name, n_hidden)
            if (units != units[:, :1]).any():
                broken.append((n_hidden, name))
    assert broken == []


@every_solver
@every_dtype
@every_activation
@every_storage
def test_equal_units_stay_equal_among_others(solver, dtype, activation, storage):
    """And the others go their own ways."""
    X, y = make_rows()
    X = storage(X.astype(dtype))
    for n_hidden in (3, 14):
        start = half_equal_start
        (units,) = trained_units(start, solver, X, y, activation, n_hidden)
        n_equal = (n_hidden + 1) // 2
        assert_identical(units[:n_equal])
        assert len(np.unique(units, axis=0)) == 1 + n_hidden - n_equal


def test_equal_units_stay_equal_whatever_scipy_does_to_its_vector(monkeypatch):
    """Rounding in a search direction may part them, as noise does here."""

    def noisy_minimize(fun, x0, *, callback, **settings):
        noise = 1 + 1e-9 * np.random.RandomState(0).standard_normal(len(x0))
        settings["callback"] = lambda x: callback(x * noise)
        return minimize(lambda x: fun(x * noise), x0, **settings)

    monkeypatch.setattr(lbfgs, "minimize", noisy_minimize)
    X, y = make_rows()
    (units,) = trained_units(constant_start, "lbfgs", X, y, "tanh", 9)
    assert_identical(units)


def fitted(X, y, solver, n_hidden, init, **settings):
    """A net that is trained for as long as it takes to move far."""
    defaults = {"learning_rate": "constant", "max_iter": N_ITERATIONS, "tol": None}
    defaults |= {"learning_rate_init": LEARNING_RATE[solver], "random_state": 0}
    defaults |= {"activation": "tanh", "solver": solver, "init": init}
    return ShallowNetClassifier(n_hidden, **{**defaults, **settings}).fit(X, y)


def units_of(net):
    """(h, d + 1 + c): what goes into each hidden unit, its bias, and what goes out."""
    return np.column_stack([net.coefs_[0].T, net.intercepts_[0], net.coefs_[1]])


def assert_identical(units):
    """All rows of an array are the first, to the last bit."""
    np.testing.assert_array_equal(units, units[[0] * len(units)])


def constant(rng, shape):
    return np.full(shape, 0.3)


def constant_arrays(n_features, n_hidden, n_outputs):
    """Explicit weights, in the layout of coefs_ and intercepts_."""
    coefs = np.full((n_features, n_hidden), 0.2), np.full((n_hidden, n_outputs), -0.3)
    return coefs, (np.full(n_hidden, 0.1), np.zeros(n_outputs))


@every_solver
@every_dtype
@every_activation
def test_equal_units_of_an_estimator_stay_equal(solver, dtype, activation):
    """However the start is asked for."""
    X, y = make_rows()
    X = X.astype(dtype)
    for init in ("zeros", constant, constant_arrays(3, 13, 1)):
        net = fitted(X, y, solver, 13, init, activation=activation)
        assert_identical(units_of(net))


@every_solver
@every_dtype
@every_activation
def test_equal_units_stay_equal_with_three_classes(solver, dtype, activation):
    X, y = make_rows(n_classes=3)
    init = constant_arrays(3, 7, 3)
    init[0][1][:] *= [1, 2, -1]  # units are equal, outputs are not
    units = units_of(fitted(X.astype(dtype), y, solver, 7, init, activation=activation))
    assert_identical(units)
    assert len(np.unique(units[0, -3:])) == 3


@every_dtype
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_equal_units_stay_equal_over_shuffled_batches(solver, dtype):
    X, y = make_rows(n_rows=53)
    for n_hidden in (3, 6, 21):
        start = constant_arrays(3, n_hidden, 1)
        in_batches = {"batch_size": 8, "max_iter": 60}
        net = fitted(X.astype(dtype), y, solver, n_hidden, start, **in_batches)
        assert_identical(units_of(net))


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_equal_units_stay_equal_from_call_to_call(solver):
    X, y = make_rows()
    net = ShallowNetClassifier(
        11, init=constant_arrays(3, 11, 1), solver=solver, batch_size=10, random_state=0
    )
    for _ in range(50):
        net.partial_fit(X, y, classes=[0, 1])
    assert_identical(units_of(net))


@every_solver
@every_dtype
@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_from_zero_weights_only_the_output_bias_learns(
    solver, dtype, activation, n_classes
):
    """Hidden activations are 0, and so are both layers' gradients, for ever.

    What is left is the constant predictor: the output bias goes to the log-odds.
    """
    X, y = make_rows(n_classes)
    X = X.astype(dtype)
    rate = {"learning_rate_init": 1.0 if solver == "gd" else 0.1, "alpha": 0.5}
    net = fitted(X, y, solver, 5, "zeros", activation=activation, **rate)
    for weights in net.coefs_:
        np.testing.assert_array_equal(weights, np.zeros_like(weights))
    np.testing.assert_array_equal(net.intercepts_[0], np.zeros(5))
    shares = np.bincount(y) / len(y)
    expected = np.tile(shares, (len(y), 1))
    np.testing.assert_allclose(net.predict_proba(X), expected, rtol=0, atol=1e-3)
    assert np.ptp(shares) > 0.01


@every_solver
@every_dtype
def test_logistic_units_leave_zero_together(solver, dtype):
    """Their activation is 1/2, so the output weights get a gradient."""
    X, y = make_rows()
    net = fitted(X.astype(dtype), y, solver, 5, "zeros", activation="logistic")
    assert (net.coefs_[0] != 0).all()
    assert (net.coefs_[1] != 0).all()
    assert_identical(units_of(net))


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
