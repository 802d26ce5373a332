"""A lane has the draws and the training of a single fit, whatever the other lanes are.

Start j of several equals the single fit that begins at that start, to the last bit; the
draws follow the promised order, and the row order depends on the seed alone.
"""

import warnings

import nets
import numpy as np
import pytest
from core_parts import architecture_of, batches_of, outcomes_of, settings_of
from nets import (
    assert_same_net,
    drawn_starts,
    either_kind,
    either_precision,
    every_solver,
)
from scipy import sparse
from searches import compare

from skshallow import ShallowNetClassifier

N, D, H = 60, 4, 5
LEARNING_RATE = {"gd": 0.5, "sgd": 0.05, "adam": 0.03, "lbfgs": 1.0}


def make_rows(n_classes=2, dtype=np.float64):
    rng = np.random.RandomState(n_classes)
    X = rng.standard_normal((N, D))
    scores = X[:, :1] * X[:, 1:2] + X @ rng.standard_normal((D, n_classes))
    y = (scores + 0.5 * rng.standard_normal(scores.shape)).argmax(axis=1)
    return X.astype(dtype), y, rng.exponential(size=N)


def fit(X, y, sample_weight=None, *, validation=None, **settings):
    """Fit without warnings, because a fit may stop for any reason here."""
    net = ShallowNetClassifier(H, **settings)
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return net.fit(X, y, sample_weight, **(validation or {}))


def assert_best(many, alone, early_stopping):
    """Assert that a net of several starts is the best of those fitted alone."""
    np.testing.assert_array_equal(many.init_losses_, [net.loss_ for net in alone])
    if early_stopping:
        best = np.argmax([net.best_validation_score_ for net in alone])
    else:
        best = np.argmin([net.loss_ for net in alone])
    assert_same_net(many, alone[best], without={"init_losses_"})


@every_solver
@either_precision
@either_kind
@pytest.mark.parametrize(
    ("activation", "early_stopping", "n_held_out"),
    [("tanh", False, 0), ("relu", True, 0), ("relu", True, 37)],
)
def test_each_of_several_starts_is_the_single_fit_from_there(
    solver, dtype, n_classes, activation, early_stopping, n_held_out
):
    """Lanes stop at different iterations, and the best is kept.

    Their starts are drawn in the promised order, W1 before W2, and all biases are 0.
    """
    X, y, weight = make_rows(n_classes, dtype)
    held_out = {"X_val": X, "y_val": y, "sample_weight_val": weight}
    held_out = {name: of[:n_held_out] for name, of in held_out.items() if n_held_out}
    settings = {"activation": activation, "solver": solver, "batch_size": 16}
    settings |= {"learning_rate_init": LEARNING_RATE[solver], "alpha": 0.01}
    settings |= {"max_iter": 80, "tol": 3e-3, "n_iter_no_change": 2, "random_state": 0}
    settings |= {"early_stopping": early_stopping, "validation_fraction": 0.3}
    settings |= {"validation": held_out}
    many = fit(X, y, weight, init_scale=0.7, n_init=5, **settings)
    alone = [
        fit(X, y, weight, init_scale=0.7, init=start, **settings)
        for start in drawn_starts(5, D, H, 1 if n_classes == 2 else n_classes)
    ]
    if solver != "lbfgs":
        assert len({net.n_iter_ for net in alone}) > 1
    assert_best(many, alone, early_stopping)


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
@either_kind
@pytest.mark.parametrize(
    ("dtype", "store"), [(np.float64, np.asarray), (np.float32, sparse.csr_matrix)]
)
def test_lanes_of_any_settings_are_trained_as_alone(
    solver, dtype, n_classes, store, lanes_of_steps
):
    """Lanes differ in rates, penalties and ends; one diverges, two have tied units."""
    X, y, weight = make_rows(n_classes, dtype)
    ((W1, W2), intercepts) = drawn_starts(1, D, H, 1 if n_classes == 2 else 3)[0]
    W1[:, 3:], W2[3:] = W1[:, :1], W2[:1]
    tied, constant = ((W1, W2), intercepts), {"learning_rate": "constant"}
    lanes = [
        {"alpha": 0},
        {"tol": 1e-2, "n_iter_no_change": 1, "alpha": 1, "momentum": 0, **constant},
        {"init": tied, "tol": 1e-3, "n_iter_no_change": 2, "momentum": 0.5},
        {"learning_rate_init": 1e300, "init_scale": 1e20, "alpha": 5, **constant},
        {"learning_rate_init": "auto", "alpha": "auto", "max_iter": 13},
        {"init": tied, "learning_rate_init": "auto", "max_iter": 7, **constant},
        {"tol": 0.05, "n_iter_no_change": 1, "learning_rate_init": "auto"},
    ]
    of_all = {"batch_size": 6, "learning_rate_init": LEARNING_RATE[solver]}
    of_all |= {"solver": solver, "learning_rate": "cosine", "max_iter": 20}
    candidates = [{name: [lane[name]] for name in lane} for lane in lanes]
    weights = {"sample_weight": weight}
    net, rows = nets.net(H, **of_all), store(10 * X)
    search, _ = compare(net, candidates, rows, y, fit_params=weights)
    assert max(lanes_of_steps) == 7
    n_iter = search.cv_results_["mean_test_n_iter"]
    assert np.isnan(n_iter).tolist() == [k == 3 for k in range(7)]
    assert len(set(n_iter[~np.isnan(n_iter)])) > 3


def test_a_lane_diverges_or_not_whenever_another_lane_ends():
    """Logits that overflow at first and shrink later get the status of a lane alone."""
    architecture = architecture_of(1, 1, "identity", dtype=np.float32)
    X, y = np.ones((8, 1), np.float32), np.tile([0, 1], 4)
    starts = [([[w]], [[w]]) for w in (np.float32(1e20), np.float32(1))]
    P = np.array([architecture.pack(weights, ([0], [0])) for weights in starts])
    settings = settings_of(2, learning_rate=1.0, penalty=0, max_iter=[20, 1])

    def statuses(lanes):
        batches, some = batches_of(architecture, X, y), (P[lanes], settings.keep(lanes))
        outcomes = outcomes_of(architecture, "gd", batches, *some)
        return [outcome.status for outcome in outcomes]

    assert statuses(np.array([0, 1])) == statuses(np.array([0])) + ["max_iter"]


@pytest.mark.parametrize("init", ["randn", "glorot", "he", "lecun", "orthogonal"])
@pytest.mark.parametrize("scale", [1e-3, 0.3, 7.0])
def test_the_start_at_scale_s_is_s_times_the_start_at_scale_1(init, scale):
    X, y, _ = make_rows(3)
    settings = {"init": init, "max_iter": 1, "tol": None, "random_state": 0}
    unit = fit(X, y, init_scale=1.0, **settings)
    scaled = fit(X, y, init_scale=scale, **settings)
    skewed = fit(X, y, init_scale=(scale, 2.0), **settings)
    for layer, factor in enumerate((scale, 2.0)):
        draw = unit.init_coefs_[layer]
        np.testing.assert_array_equal(scaled.init_coefs_[layer], scale * draw)
        np.testing.assert_array_equal(skewed.init_coefs_[layer], factor * draw)


def fixed_start(n_draws):
    """An init that draws ``n_draws`` numbers and always returns the same weights."""
    W1, W2 = (0.3 * W.T for W in drawn_starts(1, D, H, seed=99)[0][0])

    def init(rng, shape):
        rng.standard_normal(n_draws)
        return W1 if shape == (H, D) else W2

    return init


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_row_order_and_split_depend_on_the_seed_alone(solver, early_stopping):
    """Starts that are equal, however many numbers they drew, take the same path."""
    X, y, _ = make_rows()
    settings = {"solver": solver, "batch_size": 16, "max_iter": 15, "tol": None}
    settings |= {"early_stopping": early_stopping, "random_state": 5}
    net = fit(X, y, init=fixed_start(0), **settings)
    (start,) = drawn_starts(1, D, H, seed=99)
    starts = [
        {"init": fixed_start(1000)},
        {"init": start, "init_scale": 0.3},
        {"init": start, "init_scale": (0.3, 0.3)},
        {"init": fixed_start(3), "n_init": 4},
    ]
    same = [fit(X, y, **start, **settings) for start in starts]
    for other in same:
        assert_same_net(other, net, without={"init_losses_"})
    np.testing.assert_array_equal(same[-1].init_losses_, [net.loss_] * 4)
    other_seed = fit(X, y, init=fixed_start(0), **{**settings, "random_state": 6})
    assert other_seed.loss_curve_ != net.loss_curve_
    other_order = fit(X, y, init=fixed_start(0), **{**settings, "shuffle": False})
    assert other_order.loss_curve_ != net.loss_curve_


@pytest.mark.parametrize(
    ("init", "n_init", "n_draws"),
    [
        ("randn", 1, H * D + H),
        ("orthogonal", 3, 3 * (H * D + H)),
        ("zeros", 1, 0),
        (*drawn_starts(1, D, H), 1, 0),
    ],
)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_generator_serves_the_starts_alone(init, n_init, n_draws, early_stopping):
    """The generator is left behind the last draw, whatever order and split used."""
    X, y, _ = make_rows()
    rng, expected = np.random.RandomState(11), np.random.RandomState(11)
    settings = {"solver": "adam", "batch_size": 16, "max_iter": 3, "tol": None}
    settings |= {"early_stopping": early_stopping, "random_state": rng}
    fit(X, y, init=init, n_init=n_init, **settings)
    expected.standard_normal(n_draws)
    assert rng.standard_normal() == expected.standard_normal()


@every_solver
def test_a_generator_and_its_seed_are_one(solver):
    X, y, _ = make_rows()
    settings = {"solver": solver, "init_scale": 1.0, "max_iter": 8, "tol": None}
    seeds = 4, np.random.RandomState(4)
    nets = [fit(X, y, random_state=s, batch_size=16, **settings) for s in seeds]
    assert_same_net(*nets)
