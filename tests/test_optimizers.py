"""An optimizer is its row, and no automatic rate outruns a penalty.

The update rules are scikit-learn's by ``test_parity``, of each lane alone by
``test_lanes``, and their rates fall as ``test_stopping`` says.
"""

import numpy as np
import pytest
from core_parts import settings_of
from nets import assert_same_net, either_precision

from skshallow import ShallowNetClassifier
from skshallow._core.optimizers import OPTIMIZERS, OptimizerState, flush, schedule
from skshallow._fit import defaults


def test_an_optimizer_is_its_row(monkeypatch):
    """Under the name of another optimizer, adam's row makes the same nets."""
    X = np.random.RandomState(0).standard_normal((300, 2))
    y = X[:, 0] * X[:, 1] > 0
    params = {"n_hidden": 4, "random_state": 0, "max_iter": 5}
    adam = ShallowNetClassifier(solver="adam", **params)
    other = ShallowNetClassifier(solver="gd", **params)
    monkeypatch.setitem(OPTIMIZERS, "gd", OPTIMIZERS["adam"])
    assert_same_net(other.fit(X, y), adam.fit(X, y))
    # A call with few rows takes shorter steps.
    assert_same_net(other.partial_fit(X[:5], y[:5]), adam.partial_fit(X[:5], y[:5]))


def path(solver, P, gradients, step):
    """The parameters after every update."""
    P, state = P.copy(), OptimizerState.new(solver, P)
    visited = []
    for G in gradients:
        state.count += 1
        OPTIMIZERS[solver].update(state, P, G.copy(), step)
        visited.append(P.copy())
    return np.array(visited)


@either_precision
def test_a_flush_leaves_nothing_denormal_and_all_else_alone(dtype):
    tiny = np.finfo(dtype).tiny
    values = np.array([0, tiny / 4, -tiny, -1e-20, 1, np.finfo(dtype).max], dtype)
    P, state = values.copy(), OptimizerState({"mean": values.copy()})
    flush(P, state)
    for flushed in (P, state.arrays["mean"]):
        np.testing.assert_array_equal(flushed, [0, 0, 0, *values[3:]])


@pytest.mark.parametrize("penalty", [0.0, 1e-3, 1.0, 1e4])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(
    ("solver", "nesterov"), [("gd", False), ("sgd", False), ("sgd", True)]
)
def test_no_penalty_passes_zero_at_the_auto_rate(solver, nesterov, momentum, penalty):
    """One gradient, followed by steps of momentum alone, moves a weight by a series."""
    net = ShallowNetClassifier(solver=solver, batch_size=200, momentum=momentum)
    rate = defaults.learning_rate(net, penalty)
    settings = settings_of(1, nesterov, learning_rate=rate, momentum=momentum)
    step = schedule(settings, None, 1, float)(0)
    P = np.array([[1.0, -2.0]])
    gradients = np.zeros((400, *P.shape))
    gradients[0] = penalty * P
    visited = path(solver, P, gradients, step)
    reach = 1 if solver == "gd" else 1 / (1 - momentum)
    decay = min(1, rate * penalty * reach)
    np.testing.assert_allclose(visited[-1], (1 - decay) * P, rtol=0, atol=1e-12)
    assert (visited * P > -1e-12).all()


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam", "lbfgs"])
def test_the_auto_rate_does_not_feel_an_ordinary_penalty(solver):
    whole = defaults.learning_rate(ShallowNetClassifier(solver=solver), penalty=0.0)
    for batch_size in (1, 5, 32, 200, 10_000, "auto"):
        net = ShallowNetClassifier(solver=solver, batch_size=batch_size, momentum=0.9)
        rate = defaults.learning_rate(net, penalty=0.3)
        rows = 200 if batch_size == "auto" else batch_size
        part = min(1, rows / 200) if solver == "sgd" else 1
        assert rate == part * whole


def test_a_momentum_of_one_does_not_stop_the_net():
    net = ShallowNetClassifier(solver="sgd", batch_size=200, momentum=1)
    assert defaults.learning_rate(net, penalty=1.0) > 0
