"""An update rule is the formula of its source, lane by lane and entry by entry.

Oracles: scikit-learn's optimizers, the paper's algorithm written out, closed forms. The
schedule of the rates, and the rate that is chosen if none is given, come after them.
"""

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from skshallow._core.optimizers import OPTIMIZERS, OptimizerState, Schedule, Step, flush
from skshallow._fit import defaults

SOLVERS = ["gd", "sgd", "adam"]
N_UPDATES, K, N_PARAMETERS = 50, 3, 7
every_solver = pytest.mark.parametrize("solver", SOLVERS)
every_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def step_of(learning_rate=0.1, momentum=0.9, nesterov=False, dtype=np.float64):
    """Settings shared by all lanes, or of each if they are sequences."""

    def per_lane(value, dtype):
        value = np.asarray(value, dtype)
        return value[:, None] if value.ndim else value

    rate, momentum = per_lane(learning_rate, float), per_lane(momentum, dtype)
    return Step(rate, None, momentum, nesterov)


def problem(dtype=np.float64):
    """A start (K, p), and a gradient (K, p) for every update."""
    rng = np.random.RandomState(0)
    gradients = rng.standard_normal((N_UPDATES, K, N_PARAMETERS))
    return rng.standard_normal((K, N_PARAMETERS)).astype(dtype), gradients.astype(dtype)


def path(solver, P, gradients, step):
    """The parameters after every update, and the state after the last."""
    P = P.copy()
    state = OptimizerState.new(solver, P)
    visited = []
    for G in gradients:
        state.count += 1
        OPTIMIZERS[solver].update(state, P, G.copy(), step)
        visited.append(P.copy())
    return np.array(visited), state.arrays


def sklearn_path(Optimizer, P, gradients, *settings):
    params = [P.copy()]
    optimizer, visited = Optimizer(params, *settings), []
    for G in gradients:
        optimizer.update_params(params, [G])
        visited.append(params[0].copy())
    return np.array(visited)


def test_every_optimizer_is_tested_here():
    assert sorted(OPTIMIZERS) == sorted(SOLVERS)


def test_gradient_descent_goes_down_the_gradient():
    P, gradients = problem()
    visited, state = path("gd", P, gradients, step_of(0.1))
    expected = P - 0.1 * np.cumsum(gradients, axis=0)
    np.testing.assert_allclose(visited, expected, rtol=0, atol=1e-13)
    assert state == {}


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 1.0])
def test_sgd_is_scikit_learn_s(momentum, nesterov):
    P, gradients = problem()
    visited, _ = path("sgd", P, gradients, step_of(0.1, momentum, nesterov))
    settings = 0.1, "constant", momentum, nesterov
    expected = sklearn_path(SGDOptimizer, P, gradients, *settings)
    np.testing.assert_allclose(visited, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("learning_rate", [1e-3, 0.1])
def test_adam_is_scikit_learn_s(learning_rate):
    P, gradients = problem()
    gradients[:, 0] *= 1e-7  # of the size of epsilon, so that its place matters
    visited, _ = path("adam", P, gradients, step_of(learning_rate))
    settings = learning_rate, 0.9, 0.999, 1e-8
    expected = sklearn_path(AdamOptimizer, P, gradients, *settings)
    np.testing.assert_allclose(visited, expected, rtol=0, atol=1e-12)


def test_adam_is_algorithm_1_where_epsilon_is_small():
    """Kingma and Ba, Algorithm 1 as printed, with bias-corrected moments."""
    P, gradients = problem()
    visited, _ = path("adam", P, gradients, step_of(0.01))
    theta, m, v = P.copy(), 0, 0
    for t, g in enumerate(gradients, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        theta = theta - 0.01 * m_hat / (np.sqrt(v_hat) + 1e-8)
        np.testing.assert_allclose(visited[t - 1], theta, rtol=0, atol=1e-6)


def test_adam_s_first_step_has_the_size_of_the_learning_rate():
    P, _ = problem()
    G = np.random.RandomState(1).standard_normal(P.shape)
    visited, _ = path("adam", P, G[None], step_of(0.03))
    np.testing.assert_allclose(visited[0], P - 0.03 * np.sign(G), rtol=0, atol=1e-5)


def test_a_constant_gradient_gathers_momentum_as_a_geometric_series():
    P, gradients = problem()
    g, mu = gradients[0], 0.8
    constant = np.repeat(g[None], N_UPDATES, axis=0)
    velocity = -0.1 * np.cumsum(mu ** np.arange(N_UPDATES))[:, None, None] * g
    for nesterov, moves in [(False, velocity), (True, mu * velocity - 0.1 * g)]:
        visited, _ = path("sgd", P, constant, step_of(0.1, mu, nesterov))
        expected = P + np.cumsum(moves, axis=0)
        np.testing.assert_allclose(visited, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd_without_momentum_is_gradient_descent(nesterov):
    P, gradients = problem()
    sgd, _ = path("sgd", P, gradients, step_of(0.1, 0.0, nesterov))
    gd, _ = path("gd", P, gradients, step_of(0.1))
    np.testing.assert_array_equal(sgd, gd)


@every_dtype
@every_solver
def test_a_lane_moves_as_it_does_alone(solver, dtype):
    P, gradients = problem(dtype)
    rates, momenta = [0.1, 0.02, 0.3], [0.9, 0.0, 0.5]
    step = step_of(rates, momenta, nesterov=True, dtype=dtype)
    together, state = path(solver, P, gradients, step)
    for k in range(K):
        one = slice(k, k + 1)
        step = step_of(rates[k], momenta[k], nesterov=True, dtype=dtype)
        alone, state_alone = path(solver, P[one], gradients[:, one], step)
        np.testing.assert_array_equal(together[:, one], alone)
        for name, moments in state.items():
            np.testing.assert_array_equal(moments[one], state_alone[name])


@every_dtype
@every_solver
def test_equal_entries_with_equal_gradients_stay_equal(solver, dtype):
    """Wherever they stand in a row: elementwise to the last bit."""
    P, gradients = problem(dtype)
    columns = np.repeat(np.arange(N_PARAMETERS), 37)
    np.random.RandomState(2).shuffle(columns)
    step = step_of(0.1, 0.9, nesterov=True, dtype=dtype)
    few, _ = path(solver, P, gradients, step)
    many, _ = path(solver, P[:, columns], gradients[:, :, columns], step)
    np.testing.assert_array_equal(many, few[:, :, columns])


@every_dtype
@every_solver
def test_parameters_change_in_place_and_the_dtype_stays(solver, dtype):
    P, gradients = problem(dtype)
    held, start = P, P.copy()
    state, G = OptimizerState.new(solver, P), gradients[0].copy()
    state.count = 1
    OPTIMIZERS[solver].update(state, P, G, step_of(dtype=dtype))
    assert P is held
    assert (start != P).all()
    for array in (P, *state.arrays.values()):
        assert array.dtype == dtype
        assert array.shape == start.shape


@every_solver
def test_float32_follows_float64(solver):
    wide, _ = path(solver, *problem(), step_of(0.1))
    narrow, _ = path(solver, *problem(np.float32), step_of(0.1, dtype=np.float32))
    np.testing.assert_allclose(narrow, wide, rtol=0, atol=1e-3)


LENGTHS = np.array([10.0, np.inf, 7.0])


def schedule_of(rates, n_updates, factors=None, dtype=float):
    return Schedule(rates, factors, np.zeros(len(rates)), False, n_updates, dtype)


RATES = np.array([0.1, 0.3, 0.2])


@pytest.mark.parametrize("k", range(10))
def test_the_rate_follows_half_a_cosine_wave_or_none(k):
    """SGDR, equation 5: from the whole rate, and towards 0 after the last update."""
    rate = schedule_of(RATES, LENGTHS).step(k).learning_rate[:, 0]
    wave = (1 + np.cos(np.pi * k / LENGTHS)) / 2
    # Near its end the wave is a difference of numbers near 1.
    np.testing.assert_allclose(rate, RATES * wave, rtol=1e-13)
    assert rate[1] == RATES[1]


@pytest.mark.parametrize("k", range(7))
def test_the_rate_of_a_lane_is_its_own_to_the_last_bit(k):
    together = schedule_of(RATES, LENGTHS).step(k).learning_rate
    for one in range(K):
        alone = schedule_of(RATES[[one]], LENGTHS[[one]]).step(k).learning_rate
        assert alone == together[one, 0]


@every_solver
@every_dtype
def test_factors_scale_the_steps_of_their_parameters(solver, dtype):
    """From a fresh state a step is in proportion to the rate, for every rule."""
    P = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]], dtype)
    factors = np.array([[1.0, 0.5, 0.25]], dtype)
    moved = []
    for some in (None, factors):
        steps = schedule_of(np.array([0.1, 0.1]), np.array([np.inf] * 2), some, dtype)
        end, state = P.copy(), OptimizerState.new(solver, P)
        state.count = 1
        OPTIMIZERS[solver].update(state, end, P.copy(), steps.step(0))
        moved.append(end - P)
    np.testing.assert_allclose(moved[1], moved[0] * factors, rtol=1e-5)


@every_dtype
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
def test_at_the_auto_rate_the_penalty_alone_takes_no_weight_past_zero(
    solver, nesterov, momentum, penalty
):
    """One pull, and then a long coast on its momentum: a geometric series."""
    penalties, momenta = np.array([penalty]), np.array([momentum])
    rate = defaults.learning_rate(solver, 200, penalties, momenta)
    step = Schedule(rate, None, momenta, nesterov, np.array([np.inf]), float).step(0)
    P = np.array([[1.0, -2.0]])
    gradients = np.zeros((400, *P.shape))
    gradients[0] = penalty * P
    visited, _ = path(solver, P, gradients, step)
    reach = 1 if solver == "gd" else 1 / (1 - momentum)
    pull = min(1, rate[0] * penalty * reach)
    np.testing.assert_allclose(visited[-1], (1 - pull) * P, rtol=0, atol=1e-12)
    assert (visited * P > -1e-12).all()


@pytest.mark.parametrize("solver", [*SOLVERS, "lbfgs"])
def test_the_auto_rate_does_not_feel_an_ordinary_penalty(solver):
    for batch_size in (1, 5, 32, 200, 10_000, "auto"):
        settings = np.array([0.3]), np.array([0.9])
        rate = defaults.learning_rate(solver, batch_size, *settings)
        rows = 200 if batch_size == "auto" else batch_size
        part = min(1, rows / 200) if solver == "sgd" else 1
        assert rate[0] == defaults.LEARNING_RATE[solver] * part


def test_a_momentum_that_never_forgets_does_not_stop_the_net():
    assert defaults.learning_rate("sgd", 200, np.ones(1), np.ones(1)) > 0
