"""``"auto"`` stands for a value that follows from the rows."""

from functools import partial

import numpy as np
import pytest
from nets import every_solver, ignored
from scipy import sparse

from skshallow import ShallowNetClassifier
from skshallow._core.optimizers import OPTIMIZERS
from skshallow._fit import defaults

RNG = np.random.RandomState(0)
N, D = 60, 3
X = RNG.standard_normal((N, D))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
WEIGHT = RNG.uniform(0.5, 2, N) * (np.arange(N) % 4 > 0)
net = partial(ShallowNetClassifier, 4, max_iter=4, tol=None, random_state=0)


def assert_near_weights(one, other, rtol=0.0):
    for a, b in zip(one.coefs_, other.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("weight", [None, WEIGHT / 5, WEIGHT, 5 * WEIGHT])
@pytest.mark.parametrize("scale", [0.5, 2.0])
@pytest.mark.parametrize("store", [np.asarray, sparse.csr_matrix])
@every_solver
def test_the_auto_penalty_follows_from_number_and_length_of_rows(
    solver, store, scale, weight
):
    """Rows without weight do not count, and the weight is at least their number."""
    rows = store(scale * X)
    w = np.ones(N) if weight is None else weight
    total = max(w.sum(), np.count_nonzero(w))
    length = np.average(np.sum(np.square(scale * X), axis=1), weights=w)
    number = 0.1 * np.sqrt(length) * min(total, 30 * D) ** 0.35
    auto = net(solver=solver, max_iter=2).fit(rows, Y, weight)
    given = net(solver=solver, max_iter=2, alpha=number).fit(rows, Y, weight)
    assert_near_weights(auto, given, rtol=1e-6)


@pytest.mark.parametrize("scale", [0.1, 10.0])
@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_the_measured_rate_is_lower_for_the_hidden_weights_of_long_rows(solver, scale):
    """Biases and output weights keep the rate, and a given rate is one for all."""
    rows = scale * X
    length = np.mean(np.sum(np.square(rows), axis=1))
    optimizer = OPTIMIZERS[solver]
    factor = min(1, optimizer.longest_row / length)
    still = {"solver": solver, "max_iter": 1, "alpha": 0, "learning_rate": "constant"}
    auto = net(**still).fit(rows, Y)
    given = net(learning_rate_init=optimizer.learning_rate, **still).fit(rows, Y)
    moved = auto.coefs_[0] - auto.init_coefs_[0]
    expected = factor * (given.coefs_[0] - given.init_coefs_[0])
    np.testing.assert_allclose(moved, expected, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(auto.coefs_[1], given.coefs_[1])
    for bias, same in zip(auto.intercepts_, given.intercepts_, strict=True):
        np.testing.assert_array_equal(bias, same)


@every_solver
def test_rows_of_many_columns_may_be_longer_for_plain_gradients(solver):
    """The length may grow as the root of the columns, beyond a thousand of them."""
    many = 4 * defaults.MANY_COLUMNS
    few = defaults.hidden_factor(solver, many, D)
    assert few == defaults.hidden_factor(solver, many, defaults.MANY_COLUMNS)
    times = 2 if solver in ("gd", "sgd") else 1
    assert defaults.hidden_factor(solver, many, many) == times * few


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_net_learns_from_few_rows_of_many_columns(solver):
    """Of 10,000 columns 140 have another mean in the other class."""
    y = np.arange(96) % 2
    rng = np.random.RandomState(11)  # not the net's seed: its start would be rows
    rows = rng.standard_normal((96, 10_000)).astype(np.float32)
    rows[:, :140] += y[:, None] - 0.5
    wide = ShallowNetClassifier(solver=solver, random_state=0)
    wide.fit(rows[:48], y[:48])
    assert wide.score(rows[48:], y[48:]) > 0.95


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_light_batches_count_for_what_they_weigh_at_the_measured_rate_alone(solver):
    """Of two batches the first weighs a tenth of the rows' mean, the other more."""
    weight, half = np.repeat([0.1, 1.9], N // 2), N // 2
    params = {"solver": solver, "alpha": 0, "learning_rate": "constant", "momentum": 0}
    params |= {"shuffle": False, "batch_size": half, "nesterovs_momentum": False}
    rate = defaults.learning_rate(net(**params), penalty=0.0)

    def in_turn(*rates):
        by_hand = net(**params)
        for rate, rows in zip(rates, (slice(half), slice(half, N)), strict=True):
            by_hand.set_params(learning_rate_init=rate)
            by_hand.partial_fit(X[rows], Y[rows], classes=[0, 1])
        return by_hand

    auto = net(**params).partial_fit(X, Y, weight, classes=[0, 1])
    given = net(learning_rate_init=rate, **params)
    given.partial_fit(X, Y, weight, classes=[0, 1])
    assert_near_weights(given, in_turn(rate, rate), rtol=1e-12)
    if solver == "adam":  # whose first step does not depend on the size of the gradient
        assert not np.array_equal(auto.coefs_[0], given.coefs_[0])
    else:
        assert_near_weights(auto, in_turn(0.1 * rate, rate), rtol=1e-12)


def test_a_leftover_batch_counts_for_its_rows_at_the_measured_rate_alone():
    """A batch of one row that follows batches of twenty takes a twentieth of a step."""
    params = {"solver": "sgd", "alpha": 0, "learning_rate": "constant", "momentum": 0}
    params |= {"shuffle": False, "batch_size": 20, "nesterovs_momentum": False}
    rate = defaults.learning_rate(net(**params), penalty=0.0)
    for measured, share in [({}, 1 / 20), ({"learning_rate_init": rate}, 1)]:
        whole = net(**params, **measured).partial_fit(X[:41], Y[:41], classes=[0, 1])
        by_hand = net(**params, learning_rate_init=rate)
        by_hand.partial_fit(X[:40], Y[:40], classes=[0, 1])
        by_hand.set_params(learning_rate_init=share * rate)
        assert_near_weights(whole, by_hand.partial_fit(X[40:41], Y[40:41]), rtol=1e-12)


def test_an_automatic_batch_size_makes_equal_batches_and_a_number_full_ones():
    """Without momentum an epoch equals an epoch of each of its batches, in turn."""
    rows, labels = np.tile(X, (7, 1))[:401], np.tile(Y, 7)[:401]
    params = {"solver": "sgd", "shuffle": False, "alpha": 0, "momentum": 0}
    params |= {"learning_rate_init": 0.1, "nesterovs_momentum": False}
    for size, ends in (("auto", [134, 268, 401]), (200, [200, 400, 401])):
        net_of_size = net(batch_size=size, **params)
        net_of_size.partial_fit(rows, labels, classes=[0, 1])
        by_hand, start = net(**params), 0
        for end in ends:
            by_hand.partial_fit(rows[start:end], labels[start:end], classes=[0, 1])
            start = end
        assert_near_weights(net_of_size, by_hand, rtol=1e-12)


@ignored("Penalty", "ConstantPredictions")
@pytest.mark.parametrize("solver", ["gd", "sgd"])
def test_weights_that_shrink_for_ever_are_0_before_they_are_denormal(solver):
    """The weights of a feature that is always 0 have the penalty's gradient alone."""
    rows = np.column_stack([X, np.zeros(N)])
    params = {"solver": solver, "momentum": 0, "learning_rate": "constant"}
    params |= {"learning_rate_init": 1.0, "alpha": 0.752 * N}
    shrinking = net(warm_start=True, nesterovs_momentum=False, **params)
    largest = []
    for n_updates in (511, 1):
        shrinking.set_params(max_iter=n_updates).fit(rows, Y)
        largest.append(np.abs(shrinking.coefs_[0][-1]).max())
    assert largest[0] > 0  # 0.248**511, which is denormal
    assert largest[1] == 0


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_an_epoch_of_partial_fit_knows_no_cosine(solver):
    """A call of ``partial_fit`` cannot tell how many are to follow."""
    params = {"solver": solver, "batch_size": 10}
    cosine = net(learning_rate="cosine", **params).partial_fit(X, Y, classes=[0, 1])
    constant = net(learning_rate="constant", **params)
    assert_near_weights(cosine, constant.partial_fit(X, Y, classes=[0, 1]))
