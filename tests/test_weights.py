"""A sample's weight is a number of samples, and a class's weight multiplies it.

Stated here: weights of samples, of classes and of validation samples; the penalty
beside them; classes that a fit lacks; dates as classes; weights whose products vanish.
"""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from nets import either_kind, either_precision, ignored, net, numbers_of
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import log_loss
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.utils.class_weight import compute_sample_weight

from skshallow import ShallowNetClassifier

# Nets that are hardly trained, or on random labels, deserve these warnings, which no
# test here is about.
pytestmark = ignored("ConstantPredictions", "LinearPlateau")

RNG = np.random.RandomState(0)
X = RNG.standard_normal((60, 3))
CLASSES = {2: X[:, 0] * X[:, 1] > 0, 3: np.digitize(X[:, 0] + X[:, 1] ** 2, [0, 1.5])}
WHOLE_BATCH = [
    {"solver": "gd", "learning_rate_init": 0.5},
    {"solver": "adam", "learning_rate_init": 0.01, "batch_size": 10_000},
    {"solver": "lbfgs"},
]
MINI_BATCHES = [
    {"solver": "sgd", "learning_rate_init": 0.1, "batch_size": 13},
    {"solver": "adam", "learning_rate_init": 0.01, "batch_size": 13},
]
every_whole_batch = pytest.mark.parametrize("params", WHOLE_BATCH)
every_batch = pytest.mark.parametrize("params", WHOLE_BATCH + MINI_BATCHES)


def fit(params, *data, **weights):
    if params.get("batch_size", 0) > 10:
        params = {**params, "batch_size": min(params["batch_size"], len(data[0]))}
    return net(**params).fit(*data, **weights)


@either_kind
@every_whole_batch
@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("least", [0, 1])
def test_a_whole_weight_equals_repeated_rows_and_none_a_row_that_is_left_out(
    params, n_classes, class_weight, least
):
    y, weight = CLASSES[n_classes], RNG.randint(least, 4, len(X))
    params = {**params, "class_weight": class_weight}
    weighted = fit(params, X, y, sample_weight=weight)
    repeated = fit(params, np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert_allclose(numbers_of(weighted), numbers_of(repeated), rtol=1e-8)


@every_batch
def test_the_penalty_is_over_the_weight_of_all_rows(params):
    """Weights and alpha may be scaled alike, if rows weigh one or more."""
    y, weight = CLASSES[2], 1 + RNG.rand(len(X))
    once = fit({**params, "alpha": 0.1}, X, y, sample_weight=weight)
    tenfold = fit({**params, "alpha": 1.0}, X, y, sample_weight=10 * weight)
    assert_allclose(numbers_of(once), numbers_of(tenfold), rtol=1e-8)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0])
@every_batch
def test_the_penalty_is_over_as_many_rows_as_there_are_at_least(params, scale):
    """Weights that sum to less do not let the penalty outweigh the data."""
    y, weight = CLASSES[2], RNG.rand(len(X)) * (np.arange(len(X)) % 4 > 0)
    fitted = fit(params, X, y, sample_weight=scale * weight)
    weights = np.concatenate([coef.ravel() for coef in fitted.coefs_])
    frozen = {"init": (fitted.coefs_, fitted.intercepts_), "init_scale": 1.0}
    frozen |= {"solver": "gd", "max_iter": 1, "learning_rate_init": 1e-300}
    at_end = ShallowNetClassifier(5, activation="tanh", alpha=0.1, **frozen)
    objective = at_end.set_params(tol=None).fit(X, y, scale * weight).loss_
    cost = log_loss(y, fitted.predict_proba(X), sample_weight=weight)
    penalty = 0.1 / (2 * 45) * np.sum(weights**2)  # 45 rows have a weight
    assert objective == pytest.approx(cost + penalty, rel=1e-12)
    alike = fit(params, X, y, sample_weight=weight)
    assert_allclose(numbers_of(fitted), numbers_of(alike), rtol=1e-8)


@pytest.mark.parametrize("labels", [[-1, 5], ["no", "yes"]])
@every_batch
def test_class_weight_equals_sample_weight(params, labels):
    y, weight = np.array(labels)[CLASSES[2].astype(int)], RNG.rand(len(X))
    by_class = dict(zip(labels, (0.5, 3.0), strict=True))
    factor, classes = compute_sample_weight(by_class, y), {"class_weight": by_class}
    for given, product in ((None, factor), (weight, weight * factor)):
        weighed = fit({**params, **classes}, X, y, sample_weight=given)
        expected = fit(params, X, y, sample_weight=product)
        assert_array_equal(numbers_of(weighed), numbers_of(expected))


@either_kind
@every_batch
@pytest.mark.parametrize("lacking", [False, True])
def test_balanced_gives_classes_that_weigh_equal_totals(params, n_classes, lacking):
    y = CLASSES[n_classes].astype(int)
    weight = np.where(y > 0, RNG.rand(len(X)), 0) if lacking else np.ones(len(X))
    balanced = fit({**params, "class_weight": "balanced"}, X, y, sample_weight=weight)
    mass = np.bincount(y, weight)
    share = weight / np.where(mass > 0, mass, 1)[y]
    by_hand = share * weight.sum() / np.count_nonzero(mass)
    if not lacking:
        assert_allclose(by_hand, compute_sample_weight("balanced", y), rtol=1e-12)
    expected = fit(params, X, y, sample_weight=by_hand)
    assert_allclose(numbers_of(balanced), numbers_of(expected), rtol=1e-10, atol=1e-13)


def test_class_weight_applies_to_partial_fit():
    y, params = CLASSES[2], {"solver": "adam", "batch_size": 13}
    by_class = net(class_weight={False: 0.5, True: 3.0}, **params)
    by_sample = net(**params)
    for part in (slice(0, 30), slice(30, 60)):
        by_class.partial_fit(X[part], y[part], classes=[False, True])
        by_sample.partial_fit(X[part], y[part], np.where(y, 3.0, 0.5)[part], [0, 1])
    assert_array_equal(numbers_of(by_class), numbers_of(by_sample))


def test_class_weight_does_not_apply_to_validation_data():
    y, held_out = CLASSES[2], {"X_val": X[:20], "y_val": CLASSES[2][:20]}
    params = {"solver": "gd", "max_iter": 5}
    by_class = net(class_weight={False: 9.0, True: 1.0}, **params).fit(X, y, **held_out)
    by_sample = net(**params).fit(X, y, np.where(y, 1.0, 9.0), **held_out)
    assert by_class.validation_scores_ == by_sample.validation_scores_
    assert by_class.validation_loss_curve_ == by_sample.validation_loss_curve_


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("empty", [0, 1, 2])
def test_a_batch_of_total_weight_zero_makes_no_update(solver, momentum, empty):
    """Neither momentum, the penalty nor adam's moments change the weights."""
    params = {"solver": solver, "momentum": momentum, "batch_size": 10}
    y, weight = CLASSES[2], np.repeat(np.arange(3) != empty, 10).astype(float)
    some = weight > 0
    with_empty = net(shuffle=False, **params).fit(X[:30], y[:30], weight)
    without = net(shuffle=False, **params).fit(X[:30][some], y[:30][some])
    assert_allclose(numbers_of(with_empty), numbers_of(without), rtol=1e-12)


def test_weights_of_validation_samples():
    """A row of weight two counts as two rows, and only ratios of weights count."""
    y, weight = CLASSES[2], RNG.randint(0, 4, len(X))

    def curves(repeats, weight=None):
        rows = np.repeat(X, repeats, axis=0), np.repeat(y, repeats)
        held_out = dict(zip(("X_val", "y_val"), rows, strict=True))
        watched = net(solver="gd", max_iter=5)
        watched.fit(X, y, sample_weight_val=weight, **held_out)
        return watched.validation_scores_, watched.validation_loss_curve_

    expected = curves(weight)
    assert_allclose(curves(1, weight), expected, rtol=1e-12)
    for factor in (2.0**-1000, 1e-20, 1e-312):
        assert_allclose(curves(1, weight * factor), expected, rtol=1e-8)


# The rows are large on purpose: so are the gradients that they give.
@ignored("Saturation")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("batch_size", [1, 5])
@either_kind
def test_batches_of_very_unlike_weights_train_a_stable_net(n_classes, batch_size, seed):
    """The labels are random: a net can learn only that one class outweighs the rest."""
    rng = np.random.RandomState(seed)
    noise, y = 20 * rng.standard_normal((60, 2)), rng.randint(n_classes, size=60)
    uneven = dict.fromkeys(range(n_classes), 1e-4) | {0: 1000.0}
    params = {"alpha": 1.0, "max_iter": 200, "class_weight": uneven}
    trained = net(solver="sgd", batch_size=batch_size, **params).fit(noise, y)
    assert np.mean(trained.predict(noise) == 0) > 0.87
    assert all(np.abs(coef).max() < 10 for coef in trained.coefs_)


# A class that a fit lacks


@pytest.mark.parametrize("spare", [{}, {7: 9.0}, {"no": 9.0, 7: 0.0}, {None: 3.0}])
@pytest.mark.parametrize("given", [{0: 1.0}, {1: 5.0}, {0: 2.0, 1: 5.0, 2: 1.0}])
def test_classes_without_a_key_weigh_1_and_spare_keys_change_nothing(given, spare):
    y, whole = CLASSES[3], dict.fromkeys(range(3), 1.0) | given
    expected = net(solver="gd", class_weight=whole).fit(X, y)
    weighed = net(solver="gd", class_weight={**spare, **given}).fit(X, y)
    assert_array_equal(numbers_of(weighed), numbers_of(expected))


@pytest.mark.parametrize("Several", [OneVsOneClassifier, OneVsRestClassifier])
@pytest.mark.parametrize(("labels", "key"), [([0, 1, 2], 2), ([*"abc"], "c")])
def test_a_class_weight_of_classes_that_a_model_of_nets_encodes(Several, labels, key):
    y = np.array(labels)[CLASSES[3]]
    weighed = Several(net(class_weight={key: 3.0}))
    # scikit-learn numbers the classes of each net 0 and 1: no key names a class.
    with pytest.warns(UserWarning, match=r"class_weight={.*} has no key.*\[0, 1\]"):
        weighed.fit(X, y)
    expected = Several(net()).fit(X, y)
    assert_array_equal(weighed.decision_function(X), expected.decision_function(X))


DAYS = np.array(["2020-01-01", "2021-01-01", "2022-01-01"], dtype="M8[D]")


@pytest.mark.parametrize("unit", ["D", "us", "ns"])
@pytest.mark.parametrize(
    "key",
    [
        *(DAYS[1], DAYS[1].astype("M8[ns]"), date(2021, 1, 1), datetime(2021, 1, 1)),
        *(pd.Timestamp("2021-01-01"), "2021-01-01"),
    ],
    ids=lambda key: f"{type(key).__name__} {key!r:.30}",
)
def test_class_weight_of_dates(key, unit):
    y, weight = DAYS.astype(f"M8[{unit}]")[CLASSES[3]], {key: 5.0, DAYS[0] - 9: 3.0}
    of_dates = net(solver="gd", class_weight=weight).fit(X, y)
    of_numbers = net(solver="gd", class_weight={1: 5.0}).fit(X, CLASSES[3])
    assert_array_equal(numbers_of(of_dates), numbers_of(of_numbers))


def test_keys_that_are_no_dates_are_an_error_by_name():
    with pytest.raises(ValueError, match=r"class_weight.*datetime"):
        net(class_weight={1: 2.0}).fit(X, DAYS[CLASSES[3]])


# Tiny and huge weights: only their ratios count


ORDINARY = np.random.RandomState(1).uniform(0.1, 0.99, len(X))
ORDINARY[:5] = 0


@pytest.mark.parametrize("class_weight", [None, {0: 0.25, 1: 0.5, 2: 0.75}, "balanced"])
@either_precision
@either_kind
@every_batch
def test_powers_of_2_in_weights_change_no_net(params, n_classes, dtype, class_weight):
    """Nets agree to the last bit for weights of samples, of classes, or of both."""
    data = X.astype(dtype), CLASSES[n_classes]

    def by(power, power_of_classes=0, weight=ORDINARY):
        of_classes = class_weight
        if isinstance(class_weight, dict):
            of_classes = {k: w * 2.0**power_of_classes for k, w in class_weight.items()}
        settings = {**params, "alpha": 0.0, "class_weight": of_classes}
        return numbers_of(fit(settings, *data, sample_weight=weight * 2.0**power))

    expected = by(0)
    for power in (-1000, -500, -60, 120, 1000):
        assert_array_equal(by(power), expected)
    if isinstance(class_weight, dict):
        for powers in ((0, -1000), (-1000, -1000), (-700, -600), (-40, -40)):
            assert_array_equal(by(*powers), expected)
        ones = np.ones(len(X))
        assert_array_equal(by(0, -1060, ones), by(0, 0, ones))


@either_precision
@either_kind
@every_batch
def test_tiny_weights_train_the_same_net(params, n_classes, dtype):
    data, params = (X.astype(dtype), CLASSES[n_classes]), {**params, "alpha": 0.0}
    expected = numbers_of(fit(params, *data, sample_weight=ORDINARY))
    for factor, rounding in ((1e-20, 1e-9), (1e-300, 1e-9), (1e-312, 1e-3)):
        tiny = fit(params, *data, sample_weight=ORDINARY * factor)
        rounding = max(rounding, 1e-3) if dtype == np.float32 else rounding
        assert_allclose(numbers_of(tiny), expected, rtol=rounding, atol=rounding)


def test_tiny_weights_of_several_calls_keep_their_ratios():
    """The rows of the second call, ten times as long, have 512 times the weight."""

    def alpha(power):
        tiny = net(solver="adam", alpha="auto")
        for rows, exponent in ((X, power), (10 * X, power + 9)):
            weight = np.full(len(X), 2.0**exponent)
            tiny.partial_fit(rows, CLASSES[2], weight, classes=[0, 1])
        return tiny._used["alpha"]

    assert [alpha(-49), alpha(-60), alpha(-500)] == [alpha(-20)] * 3


@every_batch
def test_a_tiny_class_that_is_balanced_has_the_share_of_the_others(params):
    y, params = CLASSES[3], {**params, "alpha": 0.0}
    lopsided = np.where(y == 0, ORDINARY * 1e-300, ORDINARY)
    balanced = {**params, "class_weight": "balanced"}
    found = numbers_of(fit(balanced, X, y, sample_weight=lopsided))
    by_hand = ORDINARY / np.bincount(y, ORDINARY)[y]
    expected = numbers_of(fit(params, X, y, sample_weight=by_hand))
    assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_the_least_weight_there_is_is_a_weight():
    """A weight of 5e-324, whose half is 0, counts."""
    y, least = CLASSES[2], np.full(len(X), 5e-324)
    params = {"solver": "adam", "alpha": 0.0, "class_weight": {0: 5e-324, 1: 5e-324}}
    tiny = net(**params).partial_fit(X, y, least, classes=[0, 1])
    plain = net(solver="adam", alpha=0.0).partial_fit(X, y, classes=[0, 1])
    assert_allclose(numbers_of(tiny), numbers_of(plain), rtol=1e-12)
