"""Counts, buffers and weights of any size and kind give a true fit or a clear error."""

import numpy as np
import pytest

from skshallow import ShallowNetClassifier

RNG = np.random.RandomState(0)
X = RNG.standard_normal((60, 3))
Y = (X[:, 0] > 0).astype(int)
X32 = X.astype(np.float32)


def net(**params):
    defaults = {"solver": "gd", "alpha": 0, "tol": None, "max_iter": 5}
    return ShallowNetClassifier(**{**defaults, "random_state": 0, **params})


@pytest.mark.parametrize("seed", range(6))
def test_a_split_that_leaves_a_side_without_weight_is_named(seed):
    weight = np.zeros(60)
    weight[np.random.RandomState(seed).randint(60)] = 1
    stopping = net(early_stopping=True, validation_fraction=0.5, random_state=seed)
    reason = r"validation_fraction=0\.5.*sample_weight is 0"
    with pytest.raises(ValueError, match=reason):
        stopping.fit(X, Y, sample_weight=weight)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint64])
def test_a_numpy_integer_is_an_integer(kind):
    narrow = net(solver="adam", n_hidden=kind(16), batch_size=kind(50)).fit(X, Y)
    plain = net(solver="adam", n_hidden=16, batch_size=50).fit(X, Y)
    assert narrow.loss_curve_ == plain.loss_curve_


@pytest.mark.parametrize(
    "name", ["alpha", "learning_rate_init", "tol", "max_iter", "n_iter_no_change"]
)
def test_an_integer_beyond_floats_is_named(name):
    with pytest.raises(ValueError, match=name):
        net(**{name: 10**400}).fit(X, Y)


def test_a_callable_may_reuse_its_buffer():
    buffer = np.empty(1000)

    def init(rng, shape):
        W = buffer[: shape[0] * shape[1]].reshape(shape)
        W[...] = rng.standard_normal(shape)
        return W

    reused, fresh = net(init=init).fit(X, Y), net(init_scale=1).fit(X, Y)
    for array, expected in zip(reused.init_coefs_, fresh.init_coefs_, strict=True):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("rows", [X, X32])
def test_all_correct_is_an_accuracy_of_exactly_one(rows):
    weight = np.random.RandomState(1).uniform(size=60)
    fitted = net(max_iter=50, learning_rate_init=1.0, init_scale=0.3).fit(rows, Y)
    predicted = fitted.predict(rows)
    again = net(max_iter=50, learning_rate_init=1.0, init_scale=0.3)
    held_out = {"X_val": rows, "y_val": predicted, "sample_weight_val": weight}
    assert again.fit(rows, Y, **held_out).validation_scores_[-1] == 1


def test_the_losses_of_all_starts_stay_known_after_a_warm_start():
    warm = net(n_init=3, warm_start=True).fit(X, Y)
    before = warm.init_losses_
    np.testing.assert_array_equal(warm.fit(X, Y).init_losses_, before)
    assert len(before) == 3
