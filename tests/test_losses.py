"""A loss is the cross-entropy of its probabilities, and its gradient is its derivative.

Oracles: `sklearn.metrics.log_loss`, scipy's expit and softmax, and exact limits at
logits too large for them. Probabilities are stated in ``test_predictions``.
"""

import numpy as np
import pytest
from nets import either_precision
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax
from scipy.stats import entropy
from sklearn.metrics import log_loss

from skshallow._core.losses import (
    LogisticLoss,
    SoftmaxLoss,
    constant_predictor_loss,
    loss_for,
)

K, M = 5, 43
every_kind = pytest.mark.parametrize("n_classes", [2, 3, 7])


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


def decreases_and_gradient(loss, Z, labels, weight):
    """Decreases of all samples (K, m), and the weighted loss's gradient (K, c, m)."""
    shape = loss.n_parts, len(Z), 1, Z.shape[-1]
    gradient, parts = Z.copy(), np.full(shape, np.nan, Z.dtype)
    target = loss.encode(labels, Z.dtype)
    loss.gradient(gradient, target, weight[None, None], parts)
    return loss.decrease(parts)[:, 0], gradient


@pytest.mark.parametrize("weighted", [False, True])
@either_precision
@every_kind
def test_value_and_gradient_are_those_of_the_cross_entropy(n_classes, dtype, weighted):
    """A decrease is the loss of logits of zero minus the loss."""
    loss, eps = loss_for(n_classes), np.finfo(dtype).eps
    Z, labels = logits_and_labels(n_classes, dtype)
    weight, kept = weights(weighted, dtype), Z.copy()
    value = loss.value(Z, labels, weight)
    decreases, gradient = decreases_and_gradient(loss, Z, labels, weight)
    rtol, atol = (1e-12, 1e-13) if dtype == np.float64 else (1e-5, 5e-6)
    assert_allclose(value, textbook_loss(Z, labels, weight), rtol=rtol)
    assert_array_equal(Z, kept)
    P, truth = textbook_probabilities(Z), np.arange(n_classes)[:, None] == labels
    expected = np.log(n_classes) + np.log(P[:, labels, np.arange(M)])
    assert_allclose(decreases, expected, rtol=0, atol=atol)
    expected = (weight * (P - truth))[:, -loss.n_outputs :]
    assert_allclose(gradient, expected, rtol=0, atol=4 * eps * weight.max())
    assert decreases.dtype == gradient.dtype == dtype
    assert loss.at_zero == pytest.approx(np.log(n_classes), rel=1e-15)


@either_precision
@pytest.mark.parametrize("size", [40.0, 1e3, 1e30])
def test_badly_wrong_and_surely_right_logits_keep_their_loss(size, dtype):
    """The loss of a wrong logit grows with its size, and its gradient is 1 or -1."""
    Z = np.array([[[size, -size, size, -size]]], dtype)
    labels, weight = np.array([0, 1, 1, 0]), np.ones(4, dtype)
    loss = LogisticLoss()
    for one in range(4):
        picked = slice(one, one + 1)
        decreases, gradient = decreases_and_gradient(
            loss, Z[:, :, picked], labels[picked], weight[picked]
        )
        expected = np.logaddexp(0, size if one < 2 else -size)
        eps = float(np.finfo(dtype).eps)
        assert decreases[0, 0] == pytest.approx(np.log(2) - expected, rel=2 * eps)
        assert_allclose(gradient[0, 0, 0], [1, -1, 0, 0][one], atol=eps)
    assert loss.value(Z, labels, weight)[0] == pytest.approx(2 * size, rel=1e-6)


@either_precision
def test_softmax_survives_logits_whose_difference_overflows(dtype):
    huge = np.finfo(dtype).max
    Z = np.array([huge, -huge, -huge], dtype)[None, :, None]
    labels, weight = np.array([0]), np.ones(1, dtype)
    with np.errstate(over="ignore"):
        decreases, gradient = decreases_and_gradient(SoftmaxLoss(3), Z, labels, weight)
    assert decreases[0, 0] == pytest.approx(np.log(3), rel=1e-6)
    assert_array_equal(gradient.ravel(), [0, 0, 0])


@pytest.mark.parametrize(
    ("labels", "weight", "expected"),
    [
        (np.repeat([0, 1, 2], [5, 3, 12]), None, entropy([5, 3, 12])),
        (np.array([0, 1]), None, np.log(2)),
        (np.arange(4), np.array([1.0, 0.0, 1.0, 0.0]), np.log(2)),
    ],
)
def test_constant_predictor_loss_is_the_entropy(labels, weight, expected):
    """A class without weight does not count."""
    found = constant_predictor_loss(labels, weight)
    assert found == pytest.approx(expected, rel=1e-14)
