"""Classes, probabilities and their logarithms are functions of the logits."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.metrics import accuracy_score

from skshallow import ShallowNetClassifier

RNG = np.random.RandomState(0)
X = RNG.standard_normal((120, 4))
LABELS = {
    2: np.array(["no", "yes"])[(X[:, 0] * X[:, 1] > 0).astype(int)],
    3: np.array([-5, 0, 9])[RNG.randint(3, size=120)],
}
every_kind = pytest.mark.parametrize("n_classes", [2, 3])
either_precision = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def fitted(n_classes=2, dtype=np.float64, **params):
    defaults = {"solver": "gd", "max_iter": 20, "tol": None, "random_state": 0}
    defaults |= {"activation": "tanh", "init_scale": 1.0}
    net = ShallowNetClassifier(6, **{**defaults, **params})
    return net.fit(X.astype(dtype), LABELS[n_classes])


def net_with_logits_of(X, y, W2):
    """A net of identity units whose logits are ``X @ W2``, as near as can be."""
    n_features, n_outputs = np.shape(W2)
    start = [np.eye(n_features), W2], [np.zeros(n_features), np.zeros(n_outputs)]
    net = ShallowNetClassifier(n_features, activation="identity", init=start)
    net.set_params(solver="gd", learning_rate_init=1e-300, max_iter=1, tol=None)
    return net.fit(X, y)


LOGITS = np.array([-1e4, -700, -40, -1, -1e-9, 0, 1e-9, 1, 40, 700, 1e4])


@every_kind
@either_precision
def test_logits_are_those_of_the_weights(n_classes, dtype):
    net = fitted(n_classes, dtype)
    A = np.tanh(X @ net.coefs_[0] + net.intercepts_[0])
    Z = A @ net.coefs_[1] + net.intercepts_[1]
    expected = Z[:, 0] if n_classes == 2 else Z
    logits = net.decision_function(X.astype(dtype))
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(logits, expected, rtol=tolerance, atol=tolerance)


def test_class_one_iff_the_logit_is_positive():
    net = fitted(2)
    logits = net.decision_function(X)
    assert 0 < (logits > 0).sum() < len(X)
    expected = np.where(logits > 0, net.classes_[1], net.classes_[0])
    np.testing.assert_array_equal(net.predict(X), expected)


@pytest.mark.filterwarnings("ignore::skshallow.exceptions.SymmetryWarning")
def test_a_logit_of_zero_means_the_first_class():
    balanced = np.arange(120) % 2
    zero = ShallowNetClassifier(3, init="zeros", solver="gd", max_iter=5, tol=None)
    zero.fit(X, balanced)
    assert not zero.decision_function(X).any()
    assert not zero.predict(X).any()
    np.testing.assert_array_equal(zero.predict_proba(X), 0.5)


def test_the_smallest_positive_logit_means_the_second_class():
    net = net_with_logits_of(np.array([[-1.0], [1.0]]), [0, 1], [[1.0]])
    tiny = np.array([[5e-324], [1e-300], [-1e-300]])
    np.testing.assert_array_equal(net.predict(tiny), net.decision_function(tiny) > 0)


def test_the_largest_of_several_logits_wins():
    net = fitted(3)
    largest = net.decision_function(X).argmax(axis=1)
    assert len(set(largest)) == 3
    np.testing.assert_array_equal(net.predict(X), net.classes_[largest])
    np.testing.assert_array_equal(net.predict_proba(X).argmax(axis=1), largest)


@every_kind
@either_precision
def test_probabilities_sum_to_one_and_follow_the_logits(n_classes, dtype):
    net, rows = fitted(n_classes, dtype), X.astype(dtype)
    probabilities, logits = net.predict_proba(rows), net.decision_function(rows)
    assert probabilities.shape == (120, n_classes)
    assert (probabilities > 0).all()
    rtol = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=rtol)
    if n_classes == 2:
        expected = np.column_stack([expit(-logits), expit(logits)])
    else:
        expected = softmax(logits, axis=1)
    np.testing.assert_allclose(probabilities, expected, rtol=rtol)


@every_kind
@either_precision
def test_log_probabilities_are_logarithms_of_probabilities(n_classes, dtype):
    net, rows = fitted(n_classes, dtype), X.astype(dtype)
    logs, expected = net.predict_log_proba(rows), np.log(net.predict_proba(rows))
    tolerance = 20 * np.finfo(dtype).eps
    np.testing.assert_allclose(logs, expected, rtol=tolerance, atol=tolerance)


@either_precision
def test_log_probabilities_stay_finite_in_the_tails_of_two_classes(dtype):
    net = net_with_logits_of(np.array([[-1], [1]], dtype), [0, 1], [[1.0]])
    rows = LOGITS[:, None].astype(dtype)
    np.testing.assert_allclose(net.decision_function(rows), rows[:, 0], rtol=1e-6)
    logs, probabilities = net.predict_log_proba(rows), net.predict_proba(rows)
    assert np.isfinite(logs).all()
    expected = np.column_stack([log_expit(-LOGITS), log_expit(LOGITS)])
    rtol = 1e-12 if dtype == np.float64 else 1e-6
    np.testing.assert_allclose(logs, expected, rtol=rtol, atol=np.finfo(dtype).tiny)
    np.testing.assert_allclose(np.exp(logs), probabilities, rtol=1e-3, atol=1e-30)
    # The tail is not lost to the rounding of 1 - p: exp(-40) is a number.
    assert probabilities[2, 1] == pytest.approx(np.exp(-40), rel=1e-6)


@either_precision
def test_log_probabilities_stay_finite_in_the_tails_of_three_classes(dtype):
    W2 = np.array([[0.0, 1.0, -1.0]])
    net = net_with_logits_of(np.array([[-1], [0], [1]], dtype), [0, 1, 2], W2)
    rows = LOGITS[:, None].astype(dtype)
    logs = net.predict_log_proba(rows)
    assert np.isfinite(logs).all()
    expected = log_softmax(LOGITS[:, None] @ W2, axis=1)
    rtol = 1e-12 if dtype == np.float64 else 1e-6
    np.testing.assert_allclose(logs, expected, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(net.predict_proba(rows).sum(axis=1), 1, rtol=1e-6)


def test_logits_that_overflow_give_certain_answers_without_a_warning():
    net = net_with_logits_of(np.array([[-1.0], [1.0]]), [0, 1], [[1e10]])
    sure = net.predict_proba(np.array([[-1e305], [1e305]]))
    np.testing.assert_array_equal(sure, [[1, 0], [0, 1]])


@every_kind
def test_score_is_the_accuracy(n_classes):
    net, y, weight = fitted(n_classes), LABELS[n_classes], RNG.rand(120)
    predicted = net.predict(X)
    assert net.score(X, y) == accuracy_score(y, predicted)
    assert net.score(X, y, weight) == accuracy_score(y, predicted, sample_weight=weight)


@pytest.mark.parametrize("method", ["decision_function", "predict_proba"])
@every_kind
@either_precision
@pytest.mark.parametrize("store", [np.asarray, np.asfortranarray, sparse.csr_matrix])
def test_rows_are_predicted_independently(method, n_classes, dtype, store):
    """Whatever block a row falls into, and in whatever company."""
    net = fitted(n_classes, dtype)
    rows = RNG.standard_normal((6001, 4)).astype(dtype)
    together = getattr(net, method)(store(rows))
    assert len(together) == 6001
    tolerance = 20 * np.finfo(dtype).eps
    for part in (slice(0, 1), slice(1, 3), slice(100, 4097), slice(6000, None)):
        alone, expected = getattr(net, method)(store(rows[part])), together[part]
        np.testing.assert_allclose(alone, expected, rtol=tolerance, atol=tolerance)


@every_kind
@pytest.mark.parametrize("seen", [np.float64, np.float32])
@pytest.mark.parametrize("asked", [np.float64, np.float32])
def test_precisions_mix(n_classes, seen, asked):
    """The finer of the two precisions is that of the answer."""
    net = fitted(n_classes, seen)
    exact = fitted(n_classes, np.float64).predict_proba(X)
    answer = net.predict_proba(X.astype(asked))
    assert answer.dtype == np.result_type(seen, asked)
    rtol = 1e-12 if seen == asked == np.float64 else 1e-4
    np.testing.assert_allclose(answer, exact, rtol=rtol)


def test_changing_the_activation_after_fit_changes_no_prediction():
    net = fitted(2)
    before = net.predict_proba(X)
    net.set_params(activation="relu", n_hidden=99, solver="lbfgs", init="zeros")
    np.testing.assert_array_equal(net.predict_proba(X), before)
