"""A loss is the cross-entropy of its probabilities, and its gradient is its derivative.

Oracles: `sklearn.metrics.log_loss`, scipy's expit and softmax, exact limits at logits
too large for them, and numerical minimisation for the best constant prediction.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import check_grad, minimize
from scipy.special import expit, softmax
from scipy.stats import entropy
from sklearn.metrics import log_loss

from skshallow._core.losses import (
    LogisticLoss,
    SoftmaxLoss,
    constant_predictor_loss,
    loss_for,
)

DTYPES = [np.float64, np.float32]
N_CLASSES = [2, 3, 7]
K, M = 5, 43
either_type = pytest.mark.parametrize("dtype", DTYPES)
every_kind = pytest.mark.parametrize("n_classes", N_CLASSES)


def logits_and_labels(n_classes, dtype=np.float64, spread=3.0):
    rng = np.random.RandomState(n_classes)
    n_outputs = 1 if n_classes == 2 else n_classes
    Z = (spread * rng.standard_normal((K, n_outputs, M))).astype(dtype)
    return Z, rng.randint(n_classes, size=M)


def weights(weighted, dtype=np.float64):
    weight = np.ones(M, dtype)
    if weighted:
        weight = np.random.RandomState(5).exponential(size=M).astype(dtype)
        weight[::7] = 0
    return weight


def textbook_probabilities(Z):
    """(K, n_classes, m) from logits (K, c, m)."""
    Z = Z.astype(np.float64)
    if Z.shape[1] == 1:
        return np.concatenate([expit(-Z), expit(Z)], axis=1)
    return softmax(Z, axis=1)


def textbook_loss(Z, labels, weight):
    """Weighted cross-entropy of every lane, (K,)."""
    options = {"sample_weight": weight, "normalize": False}
    options["labels"] = np.arange(max(2, Z.shape[1]))
    lanes = textbook_probabilities(Z)
    return np.array([log_loss(labels, P.T, **options) for P in lanes])


def gains_and_gradient(loss, Z, labels, weight):
    """Gain of every sample (K, m), and the gradient of the weighted loss (K, c, m)."""
    shape = loss.n_parts, len(Z), 1, Z.shape[-1]
    gradient, parts = Z.copy(), np.full(shape, np.nan, Z.dtype)
    target = loss.encode(labels, Z.dtype)
    loss.gradient(gradient, target, weight[None, None], parts)
    return loss.gain(parts)[:, 0], gradient


@pytest.mark.parametrize("weighted", [False, True])
@either_type
@every_kind
def test_value_gain_and_gradient_are_those_of_the_cross_entropy(
    n_classes, dtype, weighted
):
    """A gain is by how much a loss is below that of logits of zero."""
    loss, eps = loss_for(n_classes), np.finfo(dtype).eps
    Z, labels = logits_and_labels(n_classes, dtype)
    weight, kept = weights(weighted, dtype), Z.copy()
    value = loss.value(Z, labels, weight)
    gains, gradient = gains_and_gradient(loss, Z, labels, weight)
    rtol, atol = (1e-12, 1e-13) if dtype == np.float64 else (1e-5, 5e-6)
    assert_allclose(value, textbook_loss(Z, labels, weight), rtol=rtol)
    assert_array_equal(Z, kept)
    P, truth = textbook_probabilities(Z), np.arange(n_classes)[:, None] == labels
    expected = np.log(n_classes) + np.log(P[:, labels, np.arange(M)])
    assert_allclose(gains, expected, rtol=0, atol=atol)
    expected = (weight * (P - truth))[:, -loss.n_outputs :]
    assert_allclose(gradient, expected, rtol=0, atol=4 * eps * weight.max())
    assert gains.dtype == gradient.dtype == dtype
    assert loss.at_zero == pytest.approx(np.log(n_classes), rel=1e-15)


@every_kind
def test_gradient_is_the_derivative_of_the_loss(n_classes):
    loss = loss_for(n_classes)
    Z, labels = logits_and_labels(n_classes)
    weight, Z = weights(True), Z[:1]

    def value(z):
        gains, _ = gains_and_gradient(loss, z.reshape(Z.shape), labels, weight)
        return -gains[0] @ weight

    def gradient(z):
        return gains_and_gradient(loss, z.reshape(Z.shape), labels, weight)[1].ravel()

    assert check_grad(value, gradient, Z.ravel()) < 1e-5


@either_type
@every_kind
def test_a_lane_s_numbers_are_those_it_has_alone(n_classes, dtype):
    """To the last bit: a sum must not change its order with the number of lanes."""
    loss = loss_for(n_classes)
    Z, labels = logits_and_labels(n_classes, dtype)
    weight = weights(True, dtype)
    gains, gradient = gains_and_gradient(loss, Z, labels, weight)
    value = loss.value(Z, labels, weight)
    for k in range(K):
        alone = Z[k : k + 1]
        gains_alone, gradient_alone = gains_and_gradient(loss, alone, labels, weight)
        assert_array_equal(gains[k], gains_alone[0])
        assert_array_equal(gradient[k], gradient_alone[0])
        assert_array_equal(value[k], loss.value(alone, labels, weight)[0])


@either_type
@pytest.mark.parametrize("size", [40.0, 1e3, 1e30])
def test_badly_wrong_and_surely_right_logits_keep_their_loss(size, dtype):
    """The loss of a wrong logit grows as its size, and its gradient stays at full."""
    Z = np.array([[[size, -size, size, -size]]], dtype)
    labels, weight = np.array([0, 1, 1, 0]), np.ones(4, dtype)
    loss = LogisticLoss()
    for one in range(4):
        picked = slice(one, one + 1)
        gains, gradient = gains_and_gradient(
            loss, Z[:, :, picked], labels[picked], weight[picked]
        )
        expected = np.logaddexp(0, size if one < 2 else -size)
        eps = float(np.finfo(dtype).eps)
        assert gains[0, 0] == pytest.approx(np.log(2) - expected, rel=2 * eps)
        assert_allclose(gradient[0, 0, 0], [1, -1, 0, 0][one], atol=eps)
    assert loss.value(Z, labels, weight)[0] == pytest.approx(2 * size, rel=1e-6)


@either_type
def test_softmax_survives_logits_whose_difference_overflows(dtype):
    huge = np.finfo(dtype).max
    Z = np.array([huge, -huge, -huge], dtype)[None, :, None]
    labels, weight = np.array([0]), np.ones(1, dtype)
    with np.errstate(over="ignore"):
        gains, gradient = gains_and_gradient(SoftmaxLoss(3), Z, labels, weight)
    assert gains[0, 0] == pytest.approx(np.log(3), rel=1e-6)
    assert_array_equal(gradient.ravel(), [0, 0, 0])


@given(
    hnp.arrays(np.float64, (1, 4, 6), elements=st.floats(-30, 30)),
    st.floats(-100, 100),
)
def test_softmax_ignores_a_common_shift(Z, shift):
    loss, labels, weight = SoftmaxLoss(4), np.array([0, 1, 2, 3, 0, 1]), np.ones(6)
    gains, gradient = gains_and_gradient(loss, Z, labels, weight)
    shifted, shifted_gradient = gains_and_gradient(loss, Z + shift, labels, weight)
    assert_allclose(shifted, gains, rtol=0, atol=1e-11)
    assert_allclose(shifted_gradient, gradient, rtol=0, atol=1e-12)


@given(hnp.arrays(np.float64, (1, 1, 6), elements=st.floats(-300, 300)))
def test_softmax_of_two_logits_is_the_logistic_of_their_difference(Z):
    labels, weight = np.array([0, 1, 1, 0, 1, 0]), np.ones(6)
    pair = np.concatenate([-Z / 2, Z / 2], axis=1)
    two, gradient_two = gains_and_gradient(SoftmaxLoss(2), pair, labels, weight)
    one, gradient_one = gains_and_gradient(LogisticLoss(), Z, labels, weight)
    assert_allclose(one, two, rtol=1e-13, atol=1e-13)
    assert_allclose(gradient_one, gradient_two[:, 1:], rtol=0, atol=1e-15)


@every_kind
def test_probabilities_are_scipys_and_sum_to_one(n_classes):
    loss = loss_for(n_classes)
    Z, _ = logits_and_labels(n_classes, spread=5.0)
    probabilities = loss.probabilities(Z)
    assert_allclose(probabilities, textbook_probabilities(Z), atol=1e-15)
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-15)
    assert_allclose(np.exp(loss.log_probabilities(Z)), probabilities, rtol=1e-13)


@either_type
def test_log_probabilities_stay_finite_where_probabilities_vanish(dtype):
    Z = np.array([[[-800.0, 800.0]]], dtype)
    assert_allclose(
        LogisticLoss.log_probabilities(Z)[0], [[0, -800], [-800, 0]], atol=1e-30
    )
    triple = np.concatenate([Z, 0 * Z, -Z], axis=1)
    assert_allclose(
        SoftmaxLoss(3).log_probabilities(triple)[0],
        [[-1600, 0], [-800, -800], [0, -1600]],
        atol=1e-30,
    )


@either_type
def test_the_small_probability_keeps_its_digits(dtype):
    """At a logit of 40 the other class has exp(-40), not 0."""
    probabilities = LogisticLoss.probabilities(np.array([[[40.0, -40.0]]], dtype))
    rtol = 1e-6 if dtype == np.float32 else 1e-14
    assert_allclose(probabilities[0, [0, 1], [0, 1]], np.exp(-40.0), rtol=rtol)


def test_classify_decides_above_zero_and_takes_the_first_of_equals():
    tiny = np.finfo(float).tiny
    Z = np.array([[[-1, -tiny, 0, tiny, 1]]])
    assert_array_equal(LogisticLoss.classify(Z), [[0, 0, 0, 1, 1]])
    Z = np.array([[[0, 1, 2.0], [0, 2, 2], [0, 3, 1]]])
    assert_array_equal(SoftmaxLoss(3).classify(Z), [[0, 2, 0]])


def test_loss_for_gives_one_sigmoid_unit_for_two_classes():
    for n_classes, kind, n_outputs in ((2, LogisticLoss, 1), (5, SoftmaxLoss, 5)):
        assert isinstance(loss_for(n_classes), kind)
        assert loss_for(n_classes).n_outputs == n_outputs


@pytest.mark.parametrize("weighted", [False, True])
def test_no_constant_prediction_is_better_than_the_constant_predictor(weighted):
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
    weight = np.arange(1.0, 11.0) if weighted else None

    def mean_loss(logits):
        probabilities = np.tile(softmax(np.append(0, logits)), (len(labels), 1))
        return log_loss(labels, probabilities, sample_weight=weight)

    best = minimize(mean_loss, np.zeros(2), tol=1e-10).fun
    assert constant_predictor_loss(labels, weight) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize(
    ("labels", "weight", "expected"),
    [
        (np.repeat([0, 1, 2], [5, 3, 12]), None, entropy([5, 3, 12])),
        (np.array([0, 1]), None, np.log(2)),
        (np.arange(4), np.array([1.0, 0.0, 1.0, 0.0]), np.log(2)),
    ],
)
def test_constant_predictor_loss_is_the_entropy(labels, weight, expected):
    """A class without weight has no part in it."""
    found = constant_predictor_loss(labels, weight)
    assert found == pytest.approx(expected, rel=1e-14)
