"""A sample's weight says how many samples it stands for; a class's, all of its own."""

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_sample_weight

from skshallow import ShallowNetClassifier
from skshallow.samples import Samples, split

# Nets that are hardly trained, or on labels without a pattern, deserve warnings that have
# nothing to do with what is tested here.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::skshallow.exceptions.{category}")
    for category in ("ConstantPredictionsWarning", "LinearPlateauWarning")
]

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


def net(**params):
    defaults = {"learning_rate": "constant", "alpha": 0.1, "max_iter": 25}
    defaults |= {"activation": "tanh", "tol": None, "random_state": 0}
    return ShallowNetClassifier(5, init_scale=1.0, **{**defaults, **params})


def trained(net):
    """All that training decides, in one vector."""
    arrays = [*net.coefs_, *net.intercepts_, net.loss_curve_]
    return np.concatenate([np.ravel(array) for array in arrays])


def fit(params, *data, **weights):
    if params.get("batch_size", 0) > 10:
        params = {**params, "batch_size": min(params["batch_size"], len(data[0]))}
    return net(**params).fit(*data, **weights)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("params", WHOLE_BATCH, ids=lambda p: p["solver"])
def test_integer_weight_equals_repeated_rows(params, n_classes):
    y, weight = CLASSES[n_classes], RNG.randint(1, 4, len(X))
    weighted = fit(params, X, y, sample_weight=weight)
    repeated = fit(params, np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(trained(weighted), trained(repeated), rtol=1e-8)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("params", WHOLE_BATCH, ids=lambda p: p["solver"])
def test_weight_zero_equals_removal(params, n_classes):
    y, kept = CLASSES[n_classes], RNG.rand(len(X)) < 0.7
    weighted = fit(params, X, y, sample_weight=kept.astype(float))
    removed = fit(params, X[kept], y[kept])
    np.testing.assert_allclose(trained(weighted), trained(removed), rtol=1e-8)


@pytest.mark.parametrize("params", WHOLE_BATCH + MINI_BATCHES)
def test_the_penalty_is_over_the_weight_of_all_rows(params):
    """So weights and alpha may be scaled alike, if rows weigh one or more."""
    y, weight = CLASSES[2], 1 + RNG.rand(len(X))
    once = fit({**params, "alpha": 0.1}, X, y, sample_weight=weight)
    tenfold = fit({**params, "alpha": 1.0}, X, y, sample_weight=10 * weight)
    np.testing.assert_allclose(trained(once), trained(tenfold), rtol=1e-8)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0])
@pytest.mark.parametrize("params", WHOLE_BATCH + MINI_BATCHES)
def test_the_penalty_is_over_as_many_rows_as_there_are_at_least(params, scale):
    """Weights that sum to less do not let it outweigh the data."""
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
    np.testing.assert_allclose(trained(fitted), trained(alike), rtol=1e-8)


@pytest.mark.parametrize("params", WHOLE_BATCH + MINI_BATCHES)
def test_equal_weights_are_no_weights(params):
    y = CLASSES[2]
    np.testing.assert_allclose(
        trained(fit(params, X, y, sample_weight=np.ones(len(X)))),
        trained(fit(params, X, y)),
        rtol=1e-8,
    )


@pytest.mark.parametrize("labels", [[-1, 5], ["no", "yes"]])
@pytest.mark.parametrize("params", WHOLE_BATCH + MINI_BATCHES)
def test_class_weight_equals_sample_weight(params, labels):
    y, weight = np.array(labels)[CLASSES[2].astype(int)], RNG.rand(len(X))
    by_class = dict(zip(labels, (0.5, 3.0), strict=True))
    factor = compute_sample_weight(by_class, y)
    classes = {**params, "class_weight": by_class}
    np.testing.assert_array_equal(
        trained(fit(classes, X, y)), trained(fit(params, X, y, sample_weight=factor))
    )
    np.testing.assert_array_equal(
        trained(fit(classes, X, y, sample_weight=weight)),
        trained(fit(params, X, y, sample_weight=weight * factor)),
    )


def test_a_class_left_out_of_the_dict_weighs_one():
    y = CLASSES[3]
    partial = net(solver="gd", class_weight={1: 5.0}).fit(X, y)
    whole = net(solver="gd", class_weight={0: 1, 1: 5.0, 2: 1}).fit(X, y)
    np.testing.assert_array_equal(trained(partial), trained(whole))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("params", WHOLE_BATCH + MINI_BATCHES)
def test_balanced_gives_every_class_the_same_total(params, n_classes):
    y = CLASSES[n_classes]
    weight = compute_sample_weight("balanced", y)
    balanced = fit({**params, "class_weight": "balanced"}, X, y)
    by_hand = fit(params, X, y, sample_weight=weight)
    np.testing.assert_allclose(trained(balanced), trained(by_hand), rtol=1e-10)


@pytest.mark.parametrize("params", WHOLE_BATCH, ids=lambda p: p["solver"])
def test_balanced_counts_weighted_samples(params):
    y, weight = CLASSES[3], RNG.randint(1, 4, len(X))
    params = {**params, "class_weight": "balanced"}
    weighted = fit(params, X, y, sample_weight=weight)
    repeated = fit(params, np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(trained(weighted), trained(repeated), rtol=1e-8)


def test_class_weight_applies_to_partial_fit():
    y, params = CLASSES[2], {"solver": "adam", "batch_size": 13}
    by_class = net(class_weight={False: 0.5, True: 3.0}, **params)
    by_sample = net(**params)
    for part in (slice(0, 30), slice(30, 60)):
        by_class.partial_fit(X[part], y[part], classes=[False, True])
        by_sample.partial_fit(X[part], y[part], np.where(y, 3.0, 0.5)[part], [0, 1])
    np.testing.assert_array_equal(trained(by_class), trained(by_sample))


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
    """Not even one by momentum, by the penalty or by adam's moments."""
    params = {"solver": solver, "momentum": momentum, "batch_size": 10}
    y, weight = CLASSES[2], np.repeat(np.arange(3) != empty, 10).astype(float)
    some = weight > 0
    with_empty = net(shuffle=False, **params).fit(X[:30], y[:30], weight)
    without = net(shuffle=False, **params).fit(X[:30][some], y[:30][some])
    np.testing.assert_allclose(trained(with_empty), trained(without), rtol=1e-12)


def test_a_split_hands_on_every_row_with_its_label_and_its_weight():
    """Every row holds the two, so that whoever has it can tell."""
    labels, weight = CLASSES[3], np.arange(1.0, len(X) + 1)
    rows = np.column_stack([labels, weight])
    parts = split(Samples(rows, labels, weight), fraction=0.3, seed=0)
    for part in parts:
        np.testing.assert_array_equal(part.X, np.c_[part.labels, part.weight])
    handed_on = np.concatenate([part.weight for part in parts])
    np.testing.assert_array_equal(np.sort(handed_on), weight)
    assert len(parts[1].labels) == round(0.3 * len(X))


def test_weights_of_validation_samples():
    y, weight = CLASSES[2], RNG.randint(0, 4, len(X))
    params = {"solver": "gd", "max_iter": 5}
    weighted = net(**params).fit(X, y, X_val=X, y_val=y, sample_weight_val=weight)
    repeated = net(**params).fit(
        X, y, X_val=np.repeat(X, weight, axis=0), y_val=np.repeat(y, weight)
    )
    for curve in ("validation_scores_", "validation_loss_curve_"):
        np.testing.assert_allclose(
            getattr(weighted, curve), getattr(repeated, curve), rtol=1e-12
        )
    assert np.shape(weighted.validation_scores_) == (5,)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_batches_that_differ_in_weight_by_millions_throw_no_step_about(
    n_classes, batch_size, seed
):
    """Labels without a rule; each batch counts the same, however little it weighs."""
    rng = np.random.RandomState(seed)
    noise, y = 20 * rng.standard_normal((60, 2)), rng.randint(n_classes, size=60)
    uneven = dict.fromkeys(range(n_classes), 1e-4) | {0: 1000.0}
    params = {"alpha": 1.0, "max_iter": 200, "class_weight": uneven}
    trained = net(solver="sgd", batch_size=batch_size, **params).fit(noise, y)
    assert all(np.abs(coef).max() < 10 for coef in trained.coefs_)
