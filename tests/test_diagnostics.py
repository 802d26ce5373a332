"""Measures of nets with known answers, and the causes that `diagnose` names."""

import re
import warnings
from functools import cache, partial

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from nets import ignored
from numpy.testing import assert_allclose, assert_array_equal
from resampling import EveryOther, make_resampling_pipeline
from scipy import sparse
from scipy.special import expit, softmax, xlogy
from scipy.stats import mannwhitneyu
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_circles,
    make_moons,
)
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SelectFromModel
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    LeaveOneOut,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from watching import watch

from skshallow import LockstepGridSearchCV, ShallowNetClassifier, ShallowNetClassifierCV
from skshallow._advice import baselines as plain_models
from skshallow._advice import features
from skshallow._advice.advice import shorten_steps
from skshallow._advice.baselines import (
    N_NEIGHBOURS,
    _ridge,
    baselines,
    lag_behind,
    rank_evidence,
    scattered,
)
from skshallow._advice.warning_rules import GENERAL, RULES
from skshallow._core.activations import ACTIVATIONS
from skshallow.datasets import make_flower
from skshallow.diagnostics import (
    dead_units,
    diagnose,
    distance_travelled,
    effective_rank,
    gradient_norms,
    hidden_activations,
    n_distinct_units,
    n_predicted_classes,
    network_and_rows,
    pre_activations,
    relative_slope,
    saturation,
    unit_similarity,
    unit_vectors,
)
from skshallow.exceptions import SymmetryWarning
from skshallow.findings import Measurements, find

every_activation = pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
D, H, N = 3, 5, 40


def random_net(seed=0, lanes=(), n_outputs=1, scale=1.0):
    """(coefs, intercepts) of standard normals."""
    rng = np.random.RandomState(seed)
    draw = rng.standard_normal
    coefs = scale * draw((*lanes, D, H)), scale * draw((*lanes, H, n_outputs))
    return coefs, (draw((*lanes, H)), draw((*lanes, n_outputs)))


def lane(net, k):
    """Network k of a stack."""
    return tuple([array[k] for array in part] for part in net)


def permuted(net, order):
    """The same function with its units in another order."""
    (W1, W2), (b1, b2) = net
    return (W1[:, order], W2[order]), (b1[order], b2)


def flipped(net, unit):
    """The net with all weights of one unit negated."""
    (W1, W2), (b1, b2) = ([array.copy() for array in part] for part in net)
    W1[:, unit] *= -1
    b1[unit] *= -1
    W2[unit] *= -1
    return (W1, W2), (b1, b2)


def with_copies(net, unit, copies):
    """The net with some units overwritten by one of them."""
    (W1, W2), (b1, b2) = ([array.copy() for array in part] for part in net)
    W1[:, copies], b1[copies], W2[copies] = W1[:, [unit]], b1[unit], W2[unit]
    return (W1, W2), (b1, b2)


def constant_net(value):
    coefs = np.full((D, H), value), np.full((H, 1), value)
    return coefs, (np.zeros(H), np.zeros(1))


def replace(measured, **values):
    """The measurements with some other values."""
    return Measurements(**vars(measured) | values)


@pytest.fixture
def X():
    return np.random.RandomState(1).standard_normal((N, D))


# ---------------------------------------------------------------------------
# Known answers


@every_activation
@pytest.mark.parametrize("value", [-0.0, 0.5, 1e3])
def test_units_of_a_constant_net_are_one(activation, value, X):
    net = constant_net(value)
    net[0][0][0, 0] = abs(value)  # minus zero is zero
    assert n_distinct_units(*net, activation) == 1
    assert_array_equal(unit_similarity(*net, activation), 1)
    assert effective_rank(*net, activation, X) == pytest.approx(float(value != 0))


@every_activation
def test_copies_are_counted_once_and_near_copies_within_a_tolerance(activation):
    assert n_distinct_units(*random_net(scale=1e-8), activation) == H
    (W1, W2), b = with_copies(random_net(), 0, [1, 3])
    assert n_distinct_units((W1, W2), b, activation) == H - 2
    W1[:, 3] += 1e-9
    assert n_distinct_units((W1, W2), b, activation) == H - 1
    assert n_distinct_units((W1, W2), b, activation, tolerance=1e-6) == H - 2


def test_any_part_of_a_unit_makes_it_different():
    """Input weight, bias and output weight all count, down to the last bit."""
    for part, layer, place in [(0, 0, (1, 2)), (1, 0, 2), (0, 1, (2, 0))]:
        net = constant_net(0.5)
        net[part][layer][place] = np.nextafter(net[part][layer][place], 1)
        assert n_distinct_units(*net, "relu") == 2


def test_a_chain_of_near_copies_counts_once():
    """Units at 0, 1, 2 and 3 are near copies of neighbours, and that at 10 is not."""
    W1 = np.array([[3.0, 0.0, 10.0, 2.0, 1.0]])
    net = (W1, np.zeros((5, 1))), (np.zeros(5), np.zeros(1))
    assert n_distinct_units(*net, "relu", tolerance=0.1) == 2
    assert n_distinct_units(*net, "relu", tolerance=0.099) == 5


def test_similarity_is_the_cosine():
    net = random_net()
    U = unit_vectors(*net)
    for i in range(H):
        for j in range(H):
            cosine = U[i] @ U[j] / np.sqrt((U[i] @ U[i]) * (U[j] @ U[j]))
            assert_allclose(unit_similarity(*net, "relu")[i, j], cosine)
            assert_allclose(unit_similarity(*net, "tanh")[i, j], abs(cosine))


def test_similarity_of_zero_units():
    (W1, W2), (b1, b2) = random_net()
    W1[:, :2], W2[:2], b1[:2] = 0, 0, 0
    assert_array_equal(unit_similarity((W1, W2), (b1, b2), "relu")[0], [1, 1, 0, 0, 0])


def test_slopes_against_their_formulas():
    z = np.array([-3.0, -0.4, 0.0, 0.4, 3.0])
    assert_allclose(relative_slope("tanh", z), np.cosh(z) ** -2.0)
    assert_allclose(relative_slope("logistic", z), 4 * expit(z) * expit(-z), rtol=1e-12)
    assert_array_equal(relative_slope("relu", z), z > 0)
    assert_array_equal(relative_slope("identity", z), 1)


def test_saturation_counts_samples_beyond_the_edge():
    """tanh's slope is below 0.01 where cosh z > 10, a logistic's at twice that."""
    edge = np.arccosh(10)
    X = np.array([[-1.01], [-0.99], [0.99], [1.01]])
    net = (np.array([[edge, 0.5 * edge]]), np.zeros((2, 1))), (np.zeros(2), 0)
    assert_array_equal(saturation(*net, "tanh", X), [0.5, 0])
    twice = (2 * net[0][0], net[0][1]), net[1]
    assert_array_equal(saturation(*twice, "logistic", X), [0.5, 0])
    assert_array_equal(saturation(*net, "relu", X), [0.5, 0.5])
    assert_array_equal(saturation(*net, "identity", X), [0, 0])


def test_saturation_grows_with_its_threshold(X):
    share = partial(saturation, *random_net(), "tanh", X)
    shares = [share(threshold=t).sum() for t in (1e-9, 1e-2, 0.5, 1.1)]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[-1] == H


@every_activation
def test_one_dead_unit(activation, X):
    (W1, W2), (b1, b2) = random_net()
    W1[:, 2] = 0
    dead = dead_units((W1, W2), (b1, b2), activation, X)
    assert_array_equal(dead, [False, False, True, False, False])


def test_a_relu_unit_that_is_never_active_is_dead(X):
    coefs, (b1, b2) = random_net()
    b1[3] = -1e3
    assert dead_units(coefs, (b1, b2), "relu", X).tolist() == [0, 0, 0, 1, 0]
    assert not dead_units(coefs, (b1, b2), "identity", X).any()
    b1[3] = 1e3  # always active
    assert not dead_units(coefs, (b1, b2), "relu", X).any()


def test_a_small_start_is_not_dead(X):
    coefs, _ = random_net(scale=1e-12)
    biases = np.zeros(H), np.zeros(1)
    assert not dead_units(coefs, biases, "tanh", X).any()
    assert dead_units(coefs, biases, "tanh", X, tolerance=1e-9).all()


def test_effective_rank_of_orthogonal_and_of_uneven_directions():
    X = np.vstack([np.eye(D), -np.eye(D)])
    no_bias = np.zeros(D), np.zeros(1)
    even = effective_rank((np.eye(D), np.zeros((D, 1))), no_bias, "identity", X)
    assert even == pytest.approx(D)
    p = np.array([0.7, 0.2, 0.1])  # shares of the singular values
    net = (np.diag(p), np.zeros((D, 1))), no_bias
    expected = np.exp(-xlogy(p, p).sum())
    assert effective_rank(*net, "identity", X) == pytest.approx(expected)


@pytest.mark.parametrize("shift", [0.0, 100.0])
def test_effective_rank_is_at_most_that_of_the_data_for_linear_units(X, shift):
    (W1, W2), (b1, b2) = random_net()
    rank = effective_rank((W1, W2), (b1 + shift, b2), "identity", X)
    assert 1 < rank <= D + 1e-9


def test_n_predicted_classes():
    coefs, (b1, _) = random_net(n_outputs=3)
    X = np.random.RandomState(0).standard_normal((500, D))
    assert n_predicted_classes(coefs, (b1, np.zeros(3)), "tanh", X) == 3
    assert n_predicted_classes(coefs, (b1, np.array([0, 50, 0])), "tanh", X) == 1
    assert n_predicted_classes(*constant_net(0.0), "tanh", X) == 1
    assert n_predicted_classes(*constant_net(1.0), "tanh", X) == 2


def test_distance_travelled():
    start, _ = random_net()
    end = 1.5 * start[0], -start[1]
    assert_allclose(distance_travelled(start, end), [0.5, 2])
    zeros = np.zeros((D, H)), np.zeros((H, 1))
    assert_array_equal(distance_travelled(zeros, zeros), [0, 0])
    still = zeros[0], start[1]
    assert_array_equal(distance_travelled(zeros, still), [0, np.inf])


@every_activation
@pytest.mark.parametrize("n_classes", [2, 3])
def test_gradient_norms_against_central_differences(activation, n_classes, X):
    c = 1 if n_classes == 2 else n_classes
    net, labels = random_net(n_outputs=c), np.arange(N) % n_classes
    arrays = [*net[0], *net[1]]

    def loss(p):
        parts = np.split(p, np.cumsum([array.size for array in arrays])[:-1])
        pairs = zip(parts, arrays, strict=True)
        W1, W2, b1, b2 = (part.reshape(array.shape) for part, array in pairs)
        A = hidden_activations((W1, W2), (b1, b2), activation, X)
        Z = np.column_stack([np.zeros(N), A @ W2 + b2])[:, c > 1 :]
        return log_loss(labels, softmax(Z, axis=1))

    p = np.concatenate([array.ravel() for array in arrays])
    slopes = [(loss(p + e) - loss(p - e)) / 2e-5 for e in 1e-5 * np.eye(len(p))]
    gradient = np.split(slopes, np.cumsum([D * H, H * c, H]))
    expected = [np.linalg.norm(np.concatenate(gradient[k::2])) for k in (0, 1)]
    assert_allclose(gradient_norms(*net, activation, X, labels), expected, rtol=1e-6)


# ---------------------------------------------------------------------------
# Invariances, lanes, storage


def of_net(measure):
    return lambda net, activation, X: measure(*net, activation)


def of_data(measure):
    return lambda net, activation, X: measure(*net, activation, X)


def of_gradients(net, activation, X):
    return gradient_norms(*net, activation, X, np.arange(N) % max(2, len(net[1][1].T)))


MEASURES = [
    *map(of_net, (n_distinct_units, unit_similarity)),
    *map(of_data, (saturation, dead_units, effective_rank, n_predicted_classes)),
    of_gradients,
]
every_measure = pytest.mark.parametrize("measure", MEASURES)


@every_measure
@every_activation
def test_the_order_of_units_does_not_matter(measure, activation, X):
    net = with_copies(random_net(), 4, [2])
    order = np.random.RandomState(2).permutation(H)
    expected = measure(net, activation, X)
    for axis in range(expected.ndim):
        if expected.shape[axis] == H:
            expected = expected.take(order, axis)
    assert_allclose(measure(permuted(net, order), activation, X), expected, rtol=1e-9)


ODD = sorted(name for name, row in ACTIVATIONS.items() if row.is_odd)


@every_measure
@pytest.mark.parametrize("activation", ODD)
def test_flipping_an_odd_unit_changes_nothing(measure, activation, X):
    net = with_copies(random_net(), 4, [2])
    flipped_too = measure(flipped(net, 2), activation, X)
    assert_allclose(flipped_too, measure(net, activation, X), rtol=1e-9)


@pytest.mark.parametrize("activation", sorted({*ACTIVATIONS} - {*ODD}))
def test_flipping_any_other_unit_makes_it_another(activation):
    net = with_copies(random_net(), 4, [2])
    assert n_distinct_units(*flipped(net, 2), activation) == H


def test_odd_is_what_the_activations_are(X):
    for name, activation in ACTIVATIONS.items():
        plus, minus = X.copy(), -X
        activation.apply(plus)
        activation.apply(minus)
        assert (name in ODD) == np.array_equal(plus, -minus)


@every_measure
@every_activation
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_a_stack_of_nets_gives_what_each_gives(measure, activation, n_outputs, X):
    stack = random_net(lanes=(2, 4), n_outputs=n_outputs)
    stack[0][0][1, 2, :, 1:] = stack[0][0][1, 2, :, :1]  # some lane has copies
    stack[0][1][1, 2, 1:] = stack[0][1][1, 2, :1]
    stack[1][0][1, 2] = 7.0
    together = measure(stack, activation, X)
    for k in np.ndindex(2, 4):
        alone = measure(lane(stack, k), activation, X)
        assert_allclose(together[k], alone, rtol=1e-12)


def test_a_stack_of_nets_has_travelled_as_each_has():
    start, end = (random_net(seed, lanes=(2, 4))[0] for seed in (0, 5))
    for k in np.ndindex(2, 4):
        alone = distance_travelled(*([W[k] for W in part] for part in (start, end)))
        assert_array_equal(distance_travelled(start, end)[k], alone)


@every_measure
@pytest.mark.parametrize("name", ["softmax", "__class__", None, []])
def test_an_unknown_activation_is_named(measure, name, X):
    with pytest.raises(ValueError, match=r"activation must be one of.*tanh"):
        measure(random_net(), name, X)


@every_measure
def test_sparse_rows_give_what_dense_rows_give(measure, X):
    X[np.abs(X) < 0.5] = 0
    stack = random_net(lanes=(3,))
    of_sparse = measure(stack, "tanh", sparse.csr_matrix(X))
    assert_allclose(of_sparse, measure(stack, "tanh", X))


@every_measure
@every_activation
def test_measures_leave_their_arguments_alone(measure, activation, X):
    net = random_net()
    before = joblib.hash((net, X))
    measure(net, activation, X)
    assert joblib.hash((net, X)) == before


def test_float32_is_measured_as_float32(X):
    """In float32 tanh rounds to 1 earlier, and a unit that is always 1 is dead."""
    coefs = np.full((D, H), 4.0, np.float32), np.ones((H, 1), np.float32)
    biases = np.full(H, 12, np.float32), np.zeros(1, np.float32)
    rows = np.clip(X, -0.1, 0.1).astype(np.float32)
    assert pre_activations(coefs, biases, rows).dtype == np.float32
    assert dead_units(coefs, biases, "tanh", rows).all()
    doubles = [np.float64(array) for array in (*coefs, *biases)]
    assert not dead_units(doubles[:2], doubles[2:], "tanh", rows).any()


# ---------------------------------------------------------------------------
# Plain models


def every_fourth_of_the_flower():
    X, y = make_flower(random_state=1)
    return X[::4], y[::4]


def a_line_among_noise():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((60, 20)) * np.arange(1, 21)
    X[:, 3] = 7.0  # constant
    return X, (X[:, 0] + 0.5 * rng.standard_normal(60) > 0).astype(int)


def rings(n, seed=0):
    """Five rings in two classes in turn, thinner than fifteen neighbours are wide."""
    rng = np.random.RandomState(seed)
    ring, angle = rng.randint(5, size=n), 2 * np.pi * rng.random_sample(n)
    radius = 1 + ring + 0.15 * rng.standard_normal(n)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return StandardScaler().fit_transform(X), ring % 2


@pytest.mark.parametrize(
    "make", [every_fourth_of_the_flower, a_line_among_noise, partial(rings, 200)]
)
def test_plain_models_against_scikit_learn(make):
    X, y = make()
    scaled, how = StandardScaler().fit_transform(X), {"method": "predict_proba"}
    is_right = np.arange(len(y)) % 3 > 0
    found, of_counts = baselines(X, y, 2, is_right), {}
    for k in N_NEIGHBOURS:
        near = KNeighborsClassifier(k)
        shares = cross_val_predict(near, scaled, y, cv=LeaveOneOut(), **how)
        of_counts[log_loss(y, (k * shares + 0.5) / (k + 1))] = shares
    shares = of_counts[min(of_counts)]
    assert found["baseline_loss"] == pytest.approx(min(of_counts))
    target = np.eye(2)[y]
    # Rows that are left out keep the columns centred on all rows.
    lines = _ridge(scaled @ scaled.T, target, X.shape[1])
    for i in (0, 1, len(y) - 1):
        rest = np.arange(len(y)) != i
        model = Ridge(alpha=X.shape[1]).fit(scaled[rest], target[rest])
        assert_allclose(lines[i], model.predict(scaled[[i]])[0])
    best = max((scores.argmax(axis=1) == y for scores in (shares, lines)), key=np.mean)
    assert found["baseline_accuracy"] == best.mean()
    only_best, only_net = (best & ~is_right).sum(), (is_right & ~best).sum()
    assert found["lag"] == pytest.approx((only_best - only_net) / len(y))
    assert found["lag_error"] == pytest.approx(np.sqrt(only_best + only_net) / len(y))
    evidence = [rank_evidence(scores, target) for scores in (shares, lines)]
    assert found["baseline_evidence"] == pytest.approx(max(evidence))


def test_rank_evidence_is_the_standardised_statistic_of_mann_and_whitney():
    rng = np.random.RandomState(0)
    labels = rng.randint(0, 2, 60)
    scores = rng.standard_normal((60, 2)).round(1)  # with ties
    expected = []
    for j in range(2):
        inside = labels == j
        u = mannwhitneyu(scores[inside, j], scores[~inside, j]).statistic
        n1, n2 = inside.sum(), (~inside).sum()
        expected.append((u - n1 * n2 / 2) / np.sqrt(n1 * n2 * 61 / 12))
    assert rank_evidence(scores, np.eye(2)[labels]) == pytest.approx(max(expected))


def test_a_few_rows_of_a_class_leave_it_open_whether_there_is_something_to_learn():
    X, y = make_noise()
    y[:] = np.arange(300) < 15
    assert names_of(*fitted(lambda: (X, y), {})) == []


def test_thin_rings_are_something_to_learn():
    """Fifteen neighbours lie on several rings, but the nearest one on the same."""
    assert names_of(*fitted(partial(rings, 400), {})) == ["settled too early"]
    good = {"solver": "lbfgs", "n_hidden": 100, "alpha": 0.01}
    assert names_of(*fitted(partial(rings, 240), good)) == []


def test_noise_gives_no_evidence():
    """At most one of 200 tables passes 3, where 0.3 are expected for each model."""
    rng = np.random.RandomState(0)
    all_right = np.ones(80, dtype=bool)
    evidence = [
        baselines(rng.standard_normal((80, 4)), rng.permutation(80) % 2, 2, all_right)
        for _ in range(200)
    ]
    assert sum(found["baseline_evidence"] > 3 for found in evidence) <= 1
    assert evidence[0]["baseline_error"] == pytest.approx(np.sqrt(81 / (12 * 40**2)))


# ---------------------------------------------------------------------------
# Failures, each with the cause that has to come first


def half(rng, shape):
    return np.full(shape, 0.5)


def explicit(W1, W2, b1):
    """Arrays as ``init`` takes them; the biases of the output are 0."""
    return [W1, W2], [np.full(W1.shape[1], b1), np.zeros(W2.shape[1])]


def explicit_copies():
    W1 = np.random.RandomState(0).standard_normal((2, 1)) * np.ones(8)
    return explicit(W1, np.full((8, 1), 0.3), 0.0)


def relu_far_below():
    rng = np.random.RandomState(0)
    W1, W2 = rng.standard_normal((2, 16)), rng.standard_normal((16, 1))
    return explicit(W1, W2, -100.0)


def make_noise():
    rng = np.random.RandomState(0)
    return rng.standard_normal((300, 20)), rng.randint(0, 2, 300)


def clouds(n_rare, shift, seed=0):
    """A function that makes two clouds, ``n_rare`` of a thousand rows in the second."""

    def make():
        y = np.repeat([0, 1], [1000 - n_rare, n_rare])
        X = np.random.RandomState(seed).standard_normal((1000, 4))
        return X + shift * y[:, None], y

    return make


make_imbalanced = clouds(30, 0.6)
# Rows that a net ranks well, though it never predicts the rarer cloud.
a_handful = partial(clouds, shift=0.9, seed=1)


def scaled_by(scaler, make):
    def make_scaled():
        X, y = make()
        return scaler.fit_transform(X), y

    return make_scaled


def scaled(make):
    return scaled_by(StandardScaler(), make)


@cache
def all_digits():
    """The digits, which are read once: that takes longer than most fits."""
    return load_digits(return_X_y=True)


def three_or_eight():
    X, y = all_digits()
    chosen = np.isin(y, [3, 8])
    return X[chosen], y[chosen]


make_raw_cancer = partial(load_breast_cancer, return_X_y=True)
make_cancer = scaled(make_raw_cancer)
make_wine = partial(load_wine, return_X_y=True)
make_iris = partial(load_iris, return_X_y=True)
make_all_digits = scaled(all_digits)
make_digits = scaled(three_or_eight)
make_small_moons = partial(make_moons, 300, noise=0.2, random_state=0)
make_small_circles = partial(make_circles, 300, noise=0.1, factor=0.5, random_state=0)


def make_outlier(size, n=1):
    """A function that makes moons with a code for a coordinate in the first rows."""

    def make():
        X, y = make_small_moons()
        X[:n, 0] = size
        return scaler.fit_transform(X), y

    scaler = StandardScaler()
    return make


flower = partial(make_flower, random_state=1)


def make_permuted_labels():
    """Rows and labels that do not belong together."""
    X, y = make_cancer()
    return X, np.random.RandomState(0).permutation(y)


def make_counts():
    """Sparse rows whose features are hundreds of times too large."""
    X, y = all_digits()
    return sparse.csr_matrix(500 * X), y % 2


def make_points():
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0, 1, 1, 0]


def make_many_columns():
    X = np.random.RandomState(0).standard_normal((60, 2000)).astype(np.float32)
    return X, (X[:, :10].sum(axis=1) > 0).astype(int)


def make_one_feature():
    X = np.linspace(1, 2, 200, dtype=np.float32)[:, None]
    return X, (np.arange(200) >= 100).astype(int)


def make_constant():
    """Two features, each with the same value in all rows, and labels."""
    X, y = make_small_moons()
    return np.full_like(X, 3.0), y


def half_alive(rng, shape):
    """An init whose every second unit is never active: a penalty shrinks it to zero."""
    if shape[0] == 1:
        return np.arange(1.0, 1 + shape[1])[None]
    signs = (-1.0) ** np.arange(shape[0])
    return (signs * np.arange(1, 1 + shape[0]))[:, None]


DECAY = {"activation": "relu", "solver": "gd", "max_iter": 20_000, "tol": None}
DECAY |= {"n_hidden": 4, "init": half_alive, "alpha": 1.0}
CONSTANT_RATE = {"activation": "tanh", "learning_rate": "constant"}
LONG_SGD = {"learning_rate_init": 5, "solver": "sgd", **CONSTANT_RATE}
TANH_GD = {"activation": "tanh", "solver": "gd"}
BAD_SEARCH = {"n_hidden": 4, "solver": "lbfgs", "init_scale": 100}
SHORT_GD = {"solver": "gd", "learning_rate_init": 0.01, "max_iter": 10}
LOGISTIC_GD = {"activation": "logistic", "solver": "gd"}
SHORT_LOGISTIC = {**LOGISTIC_GD, "max_iter": 100}
LOGISTIC, WEAKER = {"activation": "logistic"}, [{"alpha": 0.01}]
BRIEF_GD, LONGER = {**LOGISTIC_GD, "max_iter": 60}, {"max_iter": 500}
LOGISTIC_LBFGS = {"activation": "logistic", "solver": "lbfgs"}
AN_EARLY_NET = {"early_stopping": True, "random_state": 10}
SLOW_GD = {"solver": "gd", "learning_rate_init": 1e-3, "tol": None}
A_START = {"init": "randn", "init_scale": "auto"}
A_RATE = {"learning_rate_init": "auto"}
ALL_ITERATIONS = {"max_iter": "auto"}
BALANCED = {"class_weight": "balanced"}
TO_UNIT_VARIANCE = StandardScaler(with_mean=False)
TO_NORMAL = QuantileTransformer(n_quantiles=100, output_distribution="normal")
# Failures by the cause that has to be the first finding: rows, settings, and what the
# sentence says to do, which is parameters, or other rows.
FAILURES_BY_CAUSE = {
    "constant features": [(make_constant, {}, [make_small_moons])],
    "penalty too strong": [
        (flower, {"alpha": 100}, [{"alpha": "auto"}, {"alpha": 1}]),
        (make_points, {"alpha": 100}, [{"alpha": "auto"}]),
    ],
    "identical units": [
        (flower, {"activation": "tanh", "init": "zeros"}, [A_START]),
        (flower, {"init": half}, [A_START]),
        (flower, {"n_hidden": 8, "init": explicit_copies()}, [A_START]),
        (make_one_feature, DECAY, [{"alpha": 0.1}, {"n_hidden": 2}]),
    ],
    "nothing to learn": [
        (make_noise, {}, []),
        (make_permuted_labels, {}, [make_cancer]),
    ],
    "outliers": [
        (make_outlier(-9999, 6), {}, [scaled_by(TO_NORMAL, make_outlier(-9999, 6))]),
        (make_outlier(-9999, 60), {}, [scaled_by(TO_NORMAL, make_outlier(-9999, 60))]),
        (make_outlier(1e5), {}, [make_small_moons]),
        (
            scaled_by(RobustScaler(), make_outlier(1e3)),
            {},
            [scaled_by(TO_NORMAL, make_outlier(1e3))],
        ),
    ],
    "unscaled features": [
        (make_raw_cancer, {"activation": "tanh"}, [make_cancer]),
        (make_wine, {}, [scaled(make_wine)]),
        (
            make_counts,
            {},
            [scaled_by(s, make_counts) for s in (MaxAbsScaler(), TO_UNIT_VARIANCE)],
        ),
    ],
    "momentum too high": [
        (make_small_moons, {"solver": "sgd", "momentum": m}, [{"momentum": 0.9}])
        for m in (0.999, 1.0)
    ],
    "dead relu units": [
        (flower, {"n_hidden": 16, "init": relu_far_below()}, [A_START]),
        (flower, {"learning_rate_init": 3}, [A_RATE]),
        (make_cancer, BAD_SEARCH, [A_START]),
    ],
    "saturated units": [
        (flower, {"activation": "logistic", "learning_rate_init": 10}, [A_RATE]),
        (make_digits, {"init_scale": 100, "activation": "tanh"}, [A_START]),
        (flower, {"init_scale": 100, "activation": "tanh"}, [A_START]),
    ],
    "start too large": [(flower, {"init_scale": 100}, [A_START])],
    "learning rate too high": [
        (flower, {"learning_rate_init": 30, **TANH_GD}, [A_RATE]),
        (make_cancer, {"learning_rate_init": 10, **CONSTANT_RATE}, [A_RATE]),
        (make_cancer, LONG_SGD, [A_RATE]),
        # Half of this start is saturated, too:
        (make_iris, {"init": "glorot", **TANH_GD}, [{"learning_rate_init": 0.1}]),
    ],
    "learning rate too low": [
        (flower, {"learning_rate_init": 1e-5, "init": "glorot"}, [A_RATE]),
        (make_cancer, SLOW_GD, [A_RATE, {"max_iter": 4000}]),
        (make_digits, {"learning_rate_init": 1e-6}, [A_RATE]),
    ],
    "start too small": [
        (flower, {"init_scale": 1e-6, "solver": "gd", "max_iter": 50}, [A_START]),
    ],
    "linear plateau": [
        (make_small_moons, TANH_GD, [{"tol": None}, {"solver": "adam"}]),
        (make_small_moons, {"init_scale": 0.01}, [A_START]),
        # From a start of the right size, too, a penalty can keep units in a line:
        (make_small_moons, {"activation": "logistic", "alpha": 1.2}, [{"alpha": 0.12}]),
    ],
    "linear network": [
        (flower, {"activation": "identity"}, [{"activation": "relu"}]),
        (make_small_circles, {"activation": "identity"}, [{"activation": "relu"}]),
    ],
    "too few units": [(flower, {"n_hidden": 2}, [{"n_hidden": 32}])],
    "plateau": [
        *((make_points, {**LOGISTIC, "random_state": k}, WEAKER) for k in range(3)),
        (flower, {"n_hidden": 3, "alpha": 2.0}, [{"alpha": 0.1}]),
        (flower, {"init_scale": 0.01, "max_iter": 50, **TANH_GD}, [A_START]),
        (make_small_circles, {**LOGISTIC_LBFGS, "alpha": 0.6}, [{"tol": None}]),
        (make_small_circles, {"max_iter": 6}, [ALL_ITERATIONS]),
    ],
    "guesses on unseen rows": [
        (make_iris, {"cv": KFold(3)}, [{"cv": StratifiedKFold(5, shuffle=True)}]),
        (make_small_moons, {"cv": 5, "max_iter": 1}, [ALL_ITERATIONS]),
    ],
    "uneven weights": [
        (make, {"class_weight": {0: 1, 1: 1000}}, [BALANCED])
        for make in (scaled(make_small_moons), clouds(500, 0.6))
    ],
    "class imbalance": [(make_imbalanced, {}, [BALANCED])],
    "constant predictions": [
        (make_many_columns, SHORT_LOGISTIC, [ALL_ITERATIONS, {"solver": "adam"}]),
        (a_handful(5), {}, [BALANCED]),
        (make_small_circles, BRIEF_GD, [LONGER, {"solver": "adam"}]),
        (scaled(make_small_circles), BRIEF_GD, [LONGER, {"solver": "adam"}]),
        (scaled(make_small_circles), {"max_iter": 3}, [ALL_ITERATIONS]),
        (scaled(make_small_circles), {"max_iter": 6}, [ALL_ITERATIONS]),
    ],
    "settled too early": [
        (flower, {"init_scale": 0.01, "solver": "gd"}, [A_START]),
        (flower, AN_EARLY_NET, [{"early_stopping": False}]),
    ],
    "too few iterations": [
        # Under a rate that falls to 0 every loss levels, after many updates or few:
        *(
            (make, {"max_iter": n}, [ALL_ITERATIONS])
            for make, n in [
                *((make_small_moons, n) for n in (1, 10, 30, 60)),
                *((flower, n) for n in (1, 30, 60)),
                *((make_small_circles, 1), (make_cancer, 1), (make_all_digits, 1)),
            ]
        ),
        (flower, {"max_iter": 10}, [{"max_iter": 500}]),
        (scaled(make_iris), {"max_iter": 10}, [ALL_ITERATIONS]),
        (make_cancer, SHORT_GD, [{"max_iter": 500}, A_RATE]),
        # Under a constant rate a loss may level at a linear model first:
        *(
            (scaled(make_small_moons), {**rate, "max_iter": n}, [ALL_ITERATIONS])
            for rate in ({"solver": "gd"}, CONSTANT_RATE)
            for n in (5, 10, 20)
        ),
    ],
}
FAILURES = [
    (cause, *failure)
    for cause, failures in FAILURES_BY_CAUSE.items()
    for failure in failures
]


def fitted(make, settings, warned_of=None):
    X, y = make()
    Net = ShallowNetClassifierCV if "cv" in settings else ShallowNetClassifier
    net = Net(**{"random_state": 0, **settings})
    with warnings.catch_warnings(record=True, action="always") as caught:
        net.fit(X, y)  # whose warnings are expected
    if warned_of is not None:
        warned_of += caught
    return net, X, y


@pytest.fixture(scope="module")
def healthy():
    """A net without findings, with its rows and labels."""
    return fitted(flower, {})


def names_of(*net_and_rows):
    """The names of all findings."""
    return [finding.name for finding in diagnose(*net_and_rows).findings]


def is_better(cured, failed):
    """Whether a remedy has lowered the loss by 5% or raised the accuracy by 0.02."""
    is_cheaper = cured.loss < 0.95 * failed.loss
    return is_cheaper or cured.accuracy > failed.accuracy + 0.02


# What a remedy raises for causes that need not cost loss or accuracy.
COUNTED = {
    "identical units": lambda f: f.n_distinct / f.n_hidden,
    "class imbalance": lambda f: f.n_predicted,
    "constant predictions": lambda f: f.n_predicted,
}


NEED_NO_LABELS = "identical units", "saturated units", "learning rate too high"


@pytest.mark.parametrize(("cause", "make", "settings", "cures"), FAILURES)
def test_the_right_cause_comes_first_and_its_remedy_helps(cause, make, settings, cures):
    """Each remedy that the first finding names helps, applied as the sentence says.

    If the fit warns of this cause, it says the same; the numbers may be of fewer rows.
    """
    net, X, y = fitted(make, settings, warned_of := [])
    without_labels, failed = diagnose(net, X), diagnose(net, X, y)
    assert "nan" not in str(without_labels)
    if cause in NEED_NO_LABELS:
        assert without_labels.findings[0].name == cause
    assert failed.findings[0].name == cause
    names = [finding.name for finding in failed.findings]
    assert names == [name for name in RULES if name in names]
    # Findings that only describe a cause, such as constant predictions, are left out.
    assert not set(names[1:]) & set(GENERAL)
    for warning in warned_of:
        if warning.category is RULES[cause].category is not ConvergenceWarning:
            texts = str(warning.message), failed.findings[0].sentence
            assert len({re.sub(r"\d+", "", text) for text in texts}) == 1
    for cure in cures:
        if callable(cure):
            cured = diagnose(*fitted(cure, settings))
        else:
            for name in cure:
                assert name in failed.findings[0].sentence
            cured = diagnose(*fitted(make, {**settings, **cure}))
        assert cause not in [finding.name for finding in cured.findings]
        if cause in COUNTED:
            figure = COUNTED[cause]
            assert figure(cured.measurements) > figure(failed.measurements)
        else:
            assert is_better(cured.measurements, failed.measurements)


def test_values_of_ordinary_columns_are_no_codes():
    rng, zeros = np.random.RandomState(0), np.repeat([0, 1], [160, 240])
    columns = [
        *(np.arange(400) < n for n in (1, 30, 100, 200, 300, 399)),
        *(rng.poisson(mean, 400) for mean in (0.1, 1, 10)),
        (np.arange(400) < 120) * (100 + rng.standard_normal(400)),
        *(zeros * rng.exponential(size=400), zeros * rng.poisson(9, 400)),
        *(rng.lognormal(sigma=1, size=400), rng.randint(5, size=400)),
    ]
    rows = np.column_stack(columns).astype(float)
    for X in (rows, StandardScaler().fit_transform(rows)):
        for dtype in (np.float32, np.float64):
            assert features.measure(*2 * [X.astype(dtype)])["outlier_ratio"] < 5


def test_every_finding_has_a_failure_that_shows_it():
    assert FAILURES_BY_CAUSE.keys() == {
        name for name, rule in RULES.items() if rule.applies
    }


EVEN = np.log(2)
FALL = np.geomspace(EVEN, 0.3, 200)
WAVE = np.resize([0.015, -0.015], 200)
CURVES = {
    "well trained": (np.append(FALL, np.full(200, 0.3)), False, False),
    "ripples": (np.append(FALL, 0.3 + WAVE / 10), False, False),
    "waves that end low": (np.append(FALL, 0.3 + WAVE), False, False),
    "slowly rising": (np.append(FALL, np.linspace(0.3, 0.4, 200)), False, False),
    "waves that end high": (np.append(FALL, 0.32 - 6 * WAVE), True, False),
    "waves after a peak": (np.concatenate([[0.5, 3], FALL, 0.3 + WAVE]), True, False),
    "straight": (np.linspace(0.7, 0.6, 400), False, True),
    "almost straight, tiny": (np.linspace(0.7, 0.7 - 1e-9, 400), False, True),
    "a fall at the end": (np.append(np.full(380, 0.7), np.full(20, 0.6)), False, True),
    "constant": (np.full(100, 0.7), False, False),
    "one entry": (np.array([0.7]), False, True),
}


@pytest.mark.parametrize("name", CURVES)
def test_what_curves_say(name, healthy):
    curve, jumps, still_falls = CURVES[name]
    measured = diagnose(*healthy).measurements
    measured = replace(measured, loss_curve=curve, chance_loss=EVEN, is_cosine=False)
    assert measured.jumps == jumps
    assert measured.still_falls == still_falls


def test_a_class_that_cannot_be_told_apart_is_not_ignored(healthy):
    measured = diagnose(*healthy).measurements
    measured = replace(measured, missed="1", missed_share=0.05)
    apart = replace(measured, baseline_evidence=4.0)  # plain models know little, too
    assert find(replace(apart, evidence=1.0)) == []
    assert find(replace(measured, evidence=4.0))[0].name == "class imbalance"
    assert find(replace(measured, evidence=4.0, missed_share=0.5)) == []


def test_units_that_are_active_on_equal_rows_are_not_dead():
    """Such units are constant because the rows are equal."""
    net, X, y = fitted(lambda: (np.ones((100, 2)), np.arange(100) % 2), {})
    measured = diagnose(net, X, y).measurements
    assert measured.dead == 1
    assert measured.inactive < 1
    assert not any(name.startswith("dead") for name in names_of(net, X, y))


# ---------------------------------------------------------------------------
# Healthy networks


def even_and_odd():
    X, y = make_all_digits()
    return X, y % 2


def zero_or_not():
    """Digits, and whether each is a zero, as one in ten is."""
    X, y = make_all_digits()
    return X, y == 0


TABLES = {
    "flower": flower,
    "cancer": make_cancer,
    "iris": scaled(make_iris),
    "wine": scaled(make_wine),
    "digits": make_all_digits,
    "3 and 8": make_digits,
    "one in thirty": clouds(30, 2.0),
    "even and odd": even_and_odd,
    "0 or not": zero_or_not,
}
GOOD_SETTINGS = {
    "defaults": {},
    "relu": {"activation": "relu", "init": "he"},
    "logistic": {"activation": "logistic", "init": "glorot"},
    "tanh": {"activation": "tanh", "init": "lecun"},
    "lbfgs": {"solver": "lbfgs"},
    "gd": {"solver": "gd", "init": "glorot", "max_iter": 2000},
    "wide and far from zero": {"n_hidden": 50, "init_scale": 1, "alpha": 0.1},
}


@pytest.mark.parametrize("settings", GOOD_SETTINGS.values(), ids=GOOD_SETTINGS)
@pytest.mark.parametrize("table", TABLES)
def test_a_good_fit_has_no_finding(table, settings):
    """Neither the fit, whose warnings are errors here, nor a diagnosis complains."""
    X, y = TABLES[table]()
    net = ShallowNetClassifier(random_state=0).set_params(**settings).fit(X, y)
    assert names_of(net, X, y) == names_of(net, X) == []


def test_condensation_is_healthy():
    """From a tiny start the units end nearly parallel, yet not one is a copy."""
    small = {"n_hidden": 16, "activation": "tanh", "init_scale": 1e-3}
    net, X, y = fitted(make_digits, small)
    diagnosis = diagnose(net, X, y)
    assert diagnosis.measurements.similarity > 0.95
    assert n_distinct_units(net.coefs_, net.intercepts_, "tanh", tolerance=0.5) < 16
    assert diagnosis.findings == []


def test_a_handful_of_samples_may_be_missed():
    """A class that is never predicted counts as imbalance from ten rows on.

    That every row gets one label is a finding for fewer rows, too.
    """
    for n, names in [(5, ["constant predictions"]), (12, ["class imbalance"])]:
        diagnosis = diagnose(*fitted(a_handful(n), {}))
        assert diagnosis.measurements.n_predicted == 1
        assert diagnosis.measurements.evidence > 3
        assert [finding.name for finding in diagnosis.findings] == names


@pytest.mark.parametrize("params", [{"alpha": 1.0, "tol": None}, {"alpha": 3.0}])
def test_a_plateau_counts_even_if_a_rare_class_costs_little(params):
    """One row in twenty lies amid the other class: guessing is right for 95%."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [1900, 100])
    X = rng.standard_normal((2000, 2)) * np.where(y, 0.8, 2.0)[:, None]
    params |= {"n_hidden": 8, "max_iter": 300, "init_scale": 0.01, **CONSTANT_RATE}
    diagnosis = diagnose(*fitted(lambda: (X, y), params))
    assert diagnosis.measurements.accuracy == 0.95
    assert [finding.name for finding in diagnosis.findings] == ["plateau"]


@pytest.mark.parametrize("class_weight", ["balanced", {1: 30}])
def test_class_weights_are_no_finding(class_weight):
    """Class weights trade accuracy for the rare class; accuracy is not judged then."""
    diagnosis = diagnose(*fitted(make_imbalanced, {"class_weight": class_weight}))
    measured = diagnosis.measurements
    assert measured.accuracy < measured.baseline_accuracy - 0.05
    assert not measured.is_poor
    assert measured.chance_loss > 0.6
    assert diagnosis.findings == []


@pytest.mark.parametrize(("n_errors", "is_poor"), [(9, False), (10, True)])
def test_nine_errors_are_not_poor_although_the_baseline_has_none(n_errors, is_poor):
    """Their standard error is 3, whatever the number of rows."""
    is_right = np.arange(100) >= n_errors
    lag = lag_behind(np.ones(100, dtype=bool), is_right)
    measured = replace(diagnose(*fitted(flower, {})).measurements, **lag)
    measured = replace(measured, accuracy=is_right.mean(), loss=0, baseline_loss=0)
    assert measured.is_poor == is_poor


def test_confident_mistakes_are_poor(healthy):
    measured = replace(diagnose(*healthy).measurements, lag=0.0, baseline_loss=0.1)
    assert not replace(measured, loss=0.1).is_poor
    assert replace(measured, loss=0.25).is_poor


def passes(net, X, y):
    for _ in range(50):
        net.partial_fit(X, y, classes=np.unique(y))
    return net


def test_a_net_of_few_passes_is_advised_more_of_them():
    X, y = make_small_moons()
    net = ShallowNetClassifier(random_state=0)
    for _ in range(3):
        net.partial_fit(X, y, classes=[0, 1])
    (finding,) = diagnose(net, X, y).findings
    assert finding.name == "too few iterations"
    assert finding.sentence.endswith("To get on, call partial_fit more often.")
    assert names_of(passes(net, X, y), X, y) == []
    X, y = load_iris(return_X_y=True)
    net = clone(net)
    for _ in range(5):
        net.partial_fit(X, y, classes=[0, 1, 2])
    (finding, *_) = diagnose(net, X).findings
    assert "call partial_fit more often" in finding.sentence


WAYS = {
    "passes": passes,
    "warm start": lambda net, X, y: (
        net.set_params(warm_start=True).fit(X, y).set_params(max_iter=20).fit(X, y)
    ),
    "starts": lambda net, X, y: net.set_params(n_init=3).fit(X, y),
    "early stopping": lambda net, X, y: net.set_params(early_stopping=True).fit(X, y),
    "weights": lambda net, X, y: net.fit(X, y, np.linspace(0.5, 1.5, len(y))),
    "lbfgs": lambda net, X, y: net.set_params(solver="lbfgs").fit(X, y),
    "fixed budget": lambda net, X, y: net.set_params(tol=None).fit(X, y),
}


@pytest.mark.filterwarnings("ignore:n_init=3, but every start")
@ignored("Symmetry", "Convergence")
@pytest.mark.parametrize("way", WAYS)
def test_however_a_net_was_trained(way):
    X, y = make_cancer()
    X, y = X.astype(np.float32), np.char.add("class ", y.astype(str))
    for init, names in [("randn", []), ("zeros", ["identical units"])]:
        net = ShallowNetClassifier(8, activation="tanh", init=init, random_state=0)
        net = WAYS[way](net, X, y)
        for rows in (X, sparse.csr_matrix(X)):
            assert names_of(net, rows, y) == names


@pytest.mark.parametrize("shift", [0.0, 0.8])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_known_of_a_rare_class_decides_whether_there_is_something(seed, shift):
    """One of 100 features may tell a class of one row in twenty from the other.

    The 50 rows of it among the first thousand do not show that.
    """
    rng = np.random.RandomState(seed)
    y = (rng.random_sample(6000) < 0.05).astype(int)
    X = rng.standard_normal((6000, 100))
    X[:, 0] += shift * y
    names = names_of(*fitted(lambda: (X, y), {}))
    assert ("nothing to learn" in names) == (shift == 0)


# ---------------------------------------------------------------------------
# What diagnose takes and gives


@pytest.mark.parametrize(
    "wrap",
    [
        lambda net, before: make_resampling_pipeline(*before, net),
        lambda net, before: make_pipeline(
            before[0], "passthrough", make_resampling_pipeline(None, *before[1:], net)
        ),
        lambda net, before: GridSearchCV(
            make_resampling_pipeline(*before, net), {"step 2__alpha": [net.alpha]}, cv=2
        ),
    ],
)
def test_samplers_have_no_part_in_the_rows_that_are_looked_at(wrap):
    X, y = make_raw_cancer()
    net = ShallowNetClassifier(4, max_iter=20, tol=None, random_state=0)
    model = wrap(net, (StandardScaler(), EveryOther())).fit(X, y)
    rows = StandardScaler().fit_transform(X)
    bare = net.fit(rows[::2], y[::2])
    assert str(diagnose(model, X, y)) == str(diagnose(bare, rows, y))
    assert_array_equal(network_and_rows(model, X)[1], rows)


def scaled_net():
    net = ShallowNetClassifier(4, max_iter=20, tol=None, random_state=0)
    return make_pipeline(StandardScaler(), net)


def halving(model):
    grid = {"shallownetclassifier__init_scale": [0.1, 1.0]}
    return HalvingGridSearchCV(model, grid, cv=2, min_resources=100, random_state=0)


WITH_ONE_NET = {
    "pipeline in a pipeline": make_pipeline("passthrough", scaled_net()),
    "search in a pipeline in a search": GridSearchCV(
        make_pipeline("passthrough", halving(scaled_net())),
        {"passthrough": [None]},
        cv=2,
    ),
    "calibrated search": CalibratedClassifierCV(
        halving(scaled_net()), cv=2, ensemble=False
    ),
    "search of a calibration": GridSearchCV(
        CalibratedClassifierCV(scaled_net(), cv=2, ensemble=False),
        {"method": ["sigmoid"]},
        cv=2,
    ),
    "tuned threshold": TunedThresholdClassifierCV(scaled_net(), cv=2),
    "fixed threshold of a search": FixedThresholdClassifier(halving(scaled_net())),
}


@pytest.mark.parametrize("name", WITH_ONE_NET)
def test_models_around_one_net_are_looked_into(name):
    X, y = make_raw_cancer()
    model = WITH_ONE_NET[name]
    with pytest.raises(NotFittedError):
        diagnose(model, X, y)
    model = clone(model).fit(X, y)
    net, rows = network_and_rows(model, X)
    assert_array_equal(rows, StandardScaler().fit_transform(X))
    assert str(diagnose(model, X, y)) == str(diagnose(net, rows, y))


@pytest.mark.parametrize("model", [scaled_net(), scaled_net()[-1]], ids=["in", "bare"])
def test_a_frozen_net_and_its_calibration_are_looked_into(model):
    X, y = make_cancer()
    with pytest.raises(NotFittedError):
        diagnose(FrozenEstimator(model), X, y)
    expected = str(diagnose(model.fit(X, y), X, y))
    frozen = FrozenEstimator(model)
    around = CalibratedClassifierCV(frozen), FixedThresholdClassifier(frozen)
    for outer in (frozen, *around):
        assert str(diagnose(outer.fit(X, y), X, y)) == expected


GRID = {"shallownetclassifier__alpha": [0.1, 1.0]}
WITHOUT_ONE_NET = [
    make_pipeline(StandardScaler(), LogisticRegression()),
    CalibratedClassifierCV(scaled_net(), cv=3),
    BaggingClassifier(scaled_net(), n_estimators=2),
    SelectFromModel(scaled_net(), importance_getter=lambda net: np.ones(30)),
    make_pipeline(StandardScaler(), "passthrough"),
]


@pytest.mark.parametrize("model", WITHOUT_ONE_NET, ids=lambda model: str(model)[:20])
def test_of_no_net_and_of_several_the_error_says_what_to_pass(model):
    X, y = make_raw_cancer()
    name = model[-1] if hasattr(model, "steps") else model
    name = name if isinstance(name, str) else type(name).__name__
    match = f"refit=True.*ensemble=False, got {name}: pass the fitted net itself"
    with pytest.raises(TypeError, match=match):
        diagnose(model.fit(X, y), X, y)


@pytest.mark.parametrize("search", [GridSearchCV, LockstepGridSearchCV])
def test_of_a_search_that_was_not_refitted_the_error_names_the_parameter(search):
    X, y = make_raw_cancer()
    model = search(scaled_net(), GRID, refit=False, cv=2)
    with pytest.raises(NotFittedError):
        diagnose(model, X, y)
    match = f"^{search.__name__} was fitted with refit=False .* set refit=True"
    with pytest.raises(TypeError, match=match):
        diagnose(make_pipeline(model).fit(X, y), X, y)


def test_frames_sparse_rows_and_text_labels():
    X, y = make_flower(random_state=1)
    names = np.array(["outside", "inside"])[y]
    frame = pd.DataFrame(X, columns=["tocsr", "shape"])  # names of attributes of arrays
    net = ShallowNetClassifier(random_state=0).fit(frame, names)
    expected = str(diagnose(net, frame, names))
    bare = ShallowNetClassifier(random_state=0).fit(X, names)
    assert str(diagnose(bare, X, names)) == expected
    for store in (sparse.csr_array, pd.DataFrame.sparse.from_spmatrix):
        assert str(diagnose(bare, store(sparse.csr_array(X)), names)) == expected
    assert str(diagnose(net, frame, pd.Series(names))) == expected


def test_labels_are_taken_as_fit_takes_them():
    X, y = make_flower(random_state=1)
    net = ShallowNetClassifier(4, max_iter=20, tol=None, random_state=0).fit(X, y)
    expected = str(diagnose(net, X, y))
    arrays = y[:, None], y[:, None].tolist(), y.astype(bool)
    frames = pd.DataFrame({"y": y}), pl.DataFrame({"y": y})
    series = pd.Series(y).convert_dtypes(), pl.Series(y)
    for labels in arrays + frames + series:
        assert str(diagnose(net, X, labels)) == expected
    with pytest.raises(ValueError, match=r"1d array.*\(400, 2\).*argmax"):
        diagnose(net, X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="y has missing labels"):
        diagnose(net, X, pd.Series(y, dtype="Int64").where(y > 0))
    days = np.array(["2020-01-01", "2021-01-01"], dtype="M8[us]")
    net.fit(X, days[y])
    for unit in ("D", "ns"):
        labels = days.astype(f"M8[{unit}]")[y]
        assert str(diagnose(net, X, pd.DataFrame({"y": labels}))) == expected


def test_a_learning_rate_that_was_advised_is_not_a_finding_afterwards(healthy):
    """A tenth of the default rate, which is advised, is not called low afterwards."""
    measured = replace(diagnose(*healthy).measurements, is_auto_rate=False)
    for factor, is_low, steps in [
        (10, False, "Use learning_rate_init='auto' (now 0.2)."),
        (0.1, False, "Lower learning_rate_init tenfold (now 0.002)."),
        (0.01, True, "Lower learning_rate_init tenfold (now 0.0002)."),
    ]:
        given = replace(measured, learning_rate_init=factor * measured.auto_rate)
        assert (given.has_low_rate, shorten_steps(given)) == (is_low, steps)


def test_a_rate_is_compared_with_that_of_its_batches():
    """The default rate of "sgd" is proportional to the number of rows of a batch."""
    X, y = make_small_moons()
    few = {"solver": "sgd", "batch_size": 2, "max_iter": 2}
    for rate, is_low in [(3e-3, False), (3e-4, False), (3e-5, True)]:
        net = ShallowNetClassifier(learning_rate_init=rate, random_state=0, **few)
        measured = diagnose(net.fit(X, y), X, y).measurements
        assert measured.auto_rate == pytest.approx(0.3 * 2 / 200)
        assert measured.has_low_rate == is_low


@pytest.mark.parametrize("max_iter", [10, 234, 235, "auto"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_few_updates_are_those_of_the_rows_trained_on(max_iter, early_stopping):
    """The fit has 380 rows, or 342 with early stopping: two batches an epoch.

    The 50 rows that diagnose gets do not matter.
    """
    X, y = flower()
    net = ShallowNetClassifier(max_iter=max_iter, early_stopping=early_stopping)
    net.set_params(random_state=0)
    measured = diagnose(net.fit(X[:380], y[:380]), X[:50], y[:50]).measurements
    assert measured.n_updates == 2 * net.n_iter_
    assert measured.has_few_updates == (max_iter in (10, 234))


def test_a_choice_that_predicts_unseen_rows_has_learnt_something():
    """Plain models do not learn the sign of a product, among 30 features."""
    X = np.random.RandomState(0).standard_normal((400, 30))
    y = X[:, 0] * X[:, 1] > 0
    chosen = ShallowNetClassifierCV(random_state=0).fit(X, y)
    assert np.mean((chosen.oof_decision_function_ > 0) == y) > 0.75
    assert "nothing to learn" not in names_of(chosen, X, y)
    single = ShallowNetClassifier(random_state=0).fit(X, y)
    assert names_of(single, X, y) == ["nothing to learn"]


@ignored("Convergence")  # L-BFGS may use all its iterations
@pytest.mark.parametrize("n_squares", [4, 6])
def test_each_way_on_helps_and_the_first_most(n_squares):
    """On unseen squares of a checkerboard, if the rate has fallen to 0."""
    X = np.random.RandomState(0).uniform(-1, 1, (3000, 2))
    y = (np.floor((X + 1) / 2 * n_squares).sum(axis=1) % 2).astype(int)
    X, (seen, unseen) = X / X.std(axis=0), np.split(np.arange(3000), [1000])
    net = ShallowNetClassifier(random_state=0).fit(X[seen], y[seen])
    (finding,) = diagnose(net, X[seen], y[seen]).findings
    alpha = net._used["alpha"]
    said = {
        4: "To get on, use solver='lbfgs' or raise max_iter (now 200) fourfold and "
        f"lower alpha (now {alpha:.3g}) tenfold.",
        6: "Try solver='lbfgs' with lower alpha, lower alpha alone, more max_iter, or ",
    }
    assert said[n_squares] in finding.sentence
    weaker, longer = {"alpha": alpha / 10}, {"max_iter": 800}
    other = {"solver": "lbfgs"}
    before, by_alpha, by_iterations, by_both, by_solver, by_solver_and_alpha = (
        clone(net).set_params(**cure).fit(X[seen], y[seen]).score(X[unseen], y[unseen])
        for cure in ({}, weaker, longer, weaker | longer, other, weaker | other)
    )
    assert before < by_alpha < by_iterations < by_both
    assert by_solver > by_both > before + 0.02
    assert n_squares == 4 or by_solver_and_alpha > by_solver


@ignored("Convergence")
def test_a_lower_penalty_is_advised_where_the_corners_are_not_learnt():
    X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    for seed in range(5):
        net = ShallowNetClassifier(activation="logistic", random_state=seed)
        (finding,) = diagnose(net.fit(X, y), X, y).findings
        assert "lower alpha alone" in finding.sentence
        assert net.set_params(alpha=net._used["alpha"] / 10).fit(X, y).score(X, y) == 1


def test_what_is_no_network_is_refused():
    X, y = make_flower(random_state=1)
    with pytest.raises(NotFittedError):
        diagnose(ShallowNetClassifier(), X)
    net = ShallowNetClassifier(4, max_iter=2, tol=None, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"y must have shape \(400,\)"):
        diagnose(net, X, y[:-1])
    with pytest.raises(ValueError, match=r"labels that fit did not see: \[7\]"):
        diagnose(net, X, y + 7 * (y == 1) - (y == 1))
    with pytest.raises(ValueError, match="features"):
        diagnose(net, X[:, :1], y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_without_labels_the_loss_of_guessing_is_that_of_training():
    """Of a rare class. The rows of a single call of partial_fit do not tell it."""
    rng = np.random.RandomState(0)
    X, y, weight = rng.standard_normal((400, 3)), np.arange(400) < 20, np.ones(400)
    weight[y] = 2.0
    stuck = ShallowNetClassifier(3, solver="gd", max_iter=50, random_state=0)
    stuck.fit(X, y, sample_weight=weight)
    guessing = log_loss(y, np.full(400, 40 / 420), sample_weight=weight)
    diagnosis = diagnose(stuck, X)
    assert diagnosis.measurements.chance_loss == pytest.approx(guessing)
    assert diagnosis.findings[0].name == "plateau"
    part = clone(stuck).partial_fit(X, y, classes=[False, True])
    assert "guessing" in str(diagnose(part, X, y))
    assert "guessing" not in str(diagnose(part, X))


@ignored("ConstantPredictions")
def test_without_labels_class_weights_that_leave_one_label_are_told_of():
    X, y = clouds(500, 0.6)()
    net = ShallowNetClassifier(class_weight={1: 1e4}, random_state=0).fit(X, y)
    (finding,) = diagnose(net, X).findings
    assert finding.name == "constant predictions"
    assert "Use class_weight='balanced' (now {1: 10000.0})" in finding.sentence
    net.set_params(class_weight="balanced").fit(X, y)
    assert diagnose(net, X).findings == []


@ignored("Convergence", "ConstantPredictions")
def test_a_rare_class_is_not_put_down_to_sample_weights():
    X, y = clouds(500, 0.6)()
    y = (np.arange(len(X)) % 33 == 0).astype(int)
    brief = ShallowNetClassifier(max_iter=3, random_state=0).fit(X, y)
    for labels in (None, y):
        assert "sample_weight" not in str(diagnose(brief, X, labels))


@pytest.mark.parametrize("weight", [2.0, 1 + 1e-15])
def test_uniform_weights_change_no_diagnosis(weight):
    X, y = make_moons(400, noise=0.2, random_state=0)
    linear = ShallowNetClassifier(activation="identity", random_state=0)
    expected = [of.name for of in diagnose(linear.fit(X, y), X, y).findings]
    linear.fit(X, y, sample_weight=np.full(400, weight))
    assert [of.name for of in diagnose(linear, X, y).findings] == expected != []


def test_few_rows_one_class_and_parameters_changed_since():
    net, X, y = fitted(flower, {"activation": "tanh"})
    with pytest.raises(ValueError, match="X must have two rows or more"):
        diagnose(net, X[:1], y[:1])
    assert diagnose(net, X[:2], y[:2]).measurements.n_samples == 2
    assert diagnose(net, X[:50], y[:50]).measurements.chance_loss == 0
    before = str(diagnose(net, X, y))
    net.set_params(activation="relu")
    assert diagnose(net, X, y).measurements.activation == "tanh"
    assert str(diagnose(net, X, y)) == before


def test_rows_whose_labels_alternate_are_compared_in_both_classes():
    y = np.arange(2000) % 2
    X = np.random.RandomState(0).standard_normal((2000, 2)) + 1.6 * y[:, None]
    net = ShallowNetClassifier(8, random_state=0).fit(X, y)
    diagnosis = diagnose(net, X, y)
    assert diagnosis.findings == []
    assert abs(diagnosis.measurements.baseline_accuracy - net.score(X, y)) < 0.02


@pytest.mark.parametrize("n", [100, 101, 130, 199, 1000, 1001])
def test_rows_are_spread_over_all_and_none_is_taken_twice(n):
    rows = np.arange(n)[scattered(n, 100)]
    assert len(np.unique(rows)) == len(rows)
    assert 85 < len(rows) <= 100
    for period in (2, 3, 10):
        shares = np.bincount(rows % period, minlength=period) / len(rows)
        assert_allclose(shares, 1 / period, atol=0.12)
    assert np.ptp(np.histogram(rows, 10, (0, n))[0]) <= 3


def test_at_most_a_thousand_rows_are_compared_but_all_are_scored(monkeypatch):
    """If these rows show nothing, as many others follow, in equal parts a class."""
    shapes = watch(monkeypatch, plain_models, "baselines", lambda X, *_: X.shape)
    X, y = (np.concatenate([part] * 10) for part in flower())
    net = ShallowNetClassifier(random_state=0, max_iter=20, tol=None).fit(X, y)
    measured = diagnose(net, X, y).measurements
    assert measured.n_samples == 4000
    assert measured.accuracy == net.score(X, y)
    wide = sparse.random(300, 10**5, 1e-3, format="csr", random_state=0)
    tiny = ShallowNetClassifier(2, max_iter=2, tol=None, random_state=0)
    wide_net = tiny.fit(wide, y[:300])
    diagnose(wide_net, wide, y[:300])
    assert shapes == [(1000, 2), (100, 10**5), (100, 10**5)]


def test_diagnose_changes_nothing(healthy):
    net, X, y = healthy
    before = joblib.hash((vars(net), X, y))
    diagnose(net, X, y)
    assert joblib.hash((vars(net), X, y)) == before


def test_a_diagnosis_can_be_read(healthy):
    alike = {"n_hidden": 16, "init": "zeros", "activation": "relu"}
    diagnosis = diagnose(*fitted(flower, alike))
    text = str(diagnosis)
    assert text.startswith("1. All 16 hidden units are identical, because")
    assert "init='zeros'" in text
    assert all(len(line) <= 88 for line in text.splitlines())
    assert "init=&#x27;zeros&#x27;" in diagnosis._repr_html_()
    assert repr(diagnosis).startswith("<Diagnosis: identical units, dead")
    sound = diagnose(*healthy)
    assert str(sound).startswith("No problem was found.")
    assert sound._repr_html_() == f"<pre>{sound}</pre>"
    assert repr(sound) == "<Diagnosis: no problem>"
    assert "nan" not in str(diagnose(*healthy[:2]))


def test_measurements_are_plain_numbers_and_those_of_any_size_can_be_read():
    for settings in ({}, {"init_scale": 1e150, "max_iter": 5}, {"init": half}):
        measured = diagnose(*fitted(flower, settings)).measurements
        assert "array" not in repr(measured)
        assert "np." not in repr(measured)
        rows = str(diagnose(*fitted(flower, settings))).splitlines()
        assert all(len(row) <= 88 for row in rows)
    from_zero = {"init": "zeros", "activation": "logistic"}
    assert "output     ∞, ∞" in str(diagnose(*fitted(flower, from_zero)))


def test_measurements_are_printed_a_line_each_and_only_what_was_measured(healthy):
    measured = diagnose(*healthy).measurements
    lines = dict(re.split(r"\s{2,}", line) for line in str(measured).splitlines())
    values = {k: v for k, v in vars(measured).items() if k != "loss_curve"}
    assert set(lines) == {k for k, v in values.items() if v == v and v != ""}
    assert float(lines["accuracy"]) == pytest.approx(measured.accuracy, rel=1e-3)
    assert lines["n_hidden"] == str(measured.n_hidden)


LECTURE = {"n_hidden": 4, "activation": "tanh", "solver": "gd", "alpha": 0}
LECTURE |= {"learning_rate_init": 1.2}


def test_a_start_that_is_to_blame_is_no_lack_of_units():
    stopped = {**LECTURE, "init_scale": 0.01, "random_state": 2}
    (finding,) = diagnose(*fitted(flower, stopped)).findings
    assert finding.name == "settled too early"
    assert "init_scale='auto'" in finding.sentence
    large = {**LECTURE, "init_scale": 10, "max_iter": 300, "tol": None}
    names = names_of(*fitted(make_cancer, large))
    assert names == ["saturated units", "start too large"]


def test_accuracy_on_the_rows_given_is_told_from_that_on_unseen_rows():
    net, X, y = fitted(flower, {"n_hidden": 2, "init": "orthogonal"})
    diagnosis = diagnose(net, X, y)
    rows = dict(re.split(r"\s{2,}", line) for line in str(diagnosis).splitlines()[-3:])
    assert rows["accuracy on the rows given"] == f"{net.score(X, y):.3f}"
    unseen = diagnosis.measurements.baseline_accuracy
    assert rows["accuracy on unseen rows, of plain models"] == f"{unseen:.3f}"
    said = diagnosis.findings[0].sentence
    assert f"{unseen:.0%} on rows that they have not seen" in said
    assert f"on the rows given, {net.score(X, y):.0%}" in said


# Tiny and huge weights


@pytest.mark.parametrize("scale", [-1000, -600, 600, 900])
def test_measures_that_know_no_scale(scale, X):
    """Squares of these weights underflow or overflow."""
    biases = np.zeros(H), np.zeros(3)
    net = random_net(n_outputs=3)[0], biases
    scaled = random_net(n_outputs=3, scale=2.0**scale)[0], biases
    assert_allclose(
        unit_similarity(*scaled, "relu"), unit_similarity(*net, "relu"), rtol=1e-12
    )
    assert_allclose(effective_rank(*scaled, "relu", X), effective_rank(*net, "relu", X))


TINY = [(np.float64, 1e-20), (np.float64, 1e-100), (np.float32, 1e-30)]


@ignored("ConstantPredictions")
@pytest.mark.parametrize(("dtype", "scale"), TINY)
def test_a_tiny_start_is_told_to_be_one(dtype, scale, X):
    rows, y = X.astype(dtype), (X[:, 0] * X[:, 1] > 0).astype(int)
    net = ShallowNetClassifier(4, init_scale=scale, solver="gd", max_iter=20, tol=None)
    found = diagnose(net.fit(rows, y), rows, y).measurements
    assert 0.1 * scale < found.input_start < 10 * scale
    assert 0 < found.distance_hidden < np.inf


@pytest.mark.parametrize(
    "start",
    [
        {"init_scale": 1e-100},
        {"init_scale": (1e-50, 1e-60)},
        {"init": ([np.full((3, 4), 1e-60), np.ones((4, 1)) * 0], [np.zeros(4), [0]])},
    ],
)
def test_a_start_that_float32_rounds_to_nothing_is_told_to_be_one(start, X):
    net = ShallowNetClassifier(4, **start, max_iter=20, tol=1e-4)
    with warnings.catch_warnings(record=True, action="always") as caught:
        net.fit(X.astype(np.float32), np.arange(N) % 2)
    (said,) = [w.message for w in caught if w.category is SymmetryWarning]
    assert "which is 0 in float32" in str(said)
