"""Classes, probabilities and their logarithms are functions of the logits."""

import re

import numpy as np
import pytest
from nets import either_kind, either_precision, ignored, net
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
LARGE = np.array([-1e4, -700, -40, -1, -1e-9, 0, 1e-9, 1, 40, 700, 1e4])


def fitted(n_classes=2, dtype=np.float64, **params):
    return net(**params).fit(X.astype(dtype), LABELS[n_classes])


def net_with_logits_of(X, y, W2):
    """A net of identity units whose logits are ``X @ W2``, up to rounding."""
    n_features, n_outputs = np.shape(W2)
    start = [np.eye(n_features), W2], [np.zeros(n_features), np.zeros(n_outputs)]
    net = ShallowNetClassifier(n_features, activation="identity", init=start)
    net.set_params(solver="gd", learning_rate_init=1e-300, max_iter=1, tol=None)
    return net.fit(X, y)


@either_kind
@either_precision
def test_logits_are_those_of_the_weights(n_classes, dtype):
    net = fitted(n_classes, dtype)
    A = np.tanh(X @ net.coefs_[0] + net.intercepts_[0])
    Z = A @ net.coefs_[1] + net.intercepts_[1]
    expected = Z[:, 0] if n_classes == 2 else Z
    logits = net.decision_function(X.astype(dtype))
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(logits, expected, rtol=tolerance, atol=tolerance)


@ignored("Symmetry")
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


@either_kind
def test_the_largest_logit_wins_or_of_a_single_one_its_sign(n_classes):
    net = fitted(n_classes)
    logits = net.decision_function(X)
    won = (logits > 0).astype(int) if n_classes == 2 else logits.argmax(axis=1)
    assert len(set(won)) == n_classes
    np.testing.assert_array_equal(net.predict(X), net.classes_[won])
    np.testing.assert_array_equal(net.predict_proba(X).argmax(axis=1), won)


@either_kind
@either_precision
@pytest.mark.parametrize("is_large", [False, True])
def test_probabilities_and_logarithms_follow_the_logits(n_classes, dtype, is_large):
    """In the tails, too, probabilities keep their digits and logarithms are finite."""
    net, rows = fitted(n_classes, dtype), X.astype(dtype)
    if is_large:
        W2 = [[1.0]] if n_classes == 2 else [[0.0, 1.0, -1.0]]
        seen, rows = np.arange(n_classes), LARGE[:, None].astype(dtype)
        net = net_with_logits_of(seen[:, None].astype(dtype), seen, W2)
        expected = np.squeeze(rows @ np.array(W2, dtype))
        found = net.decision_function(rows)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-290)
    Z, eps = net.decision_function(rows), np.finfo(dtype).eps
    if n_classes == 2:
        Z = np.column_stack([-Z, Z])
    P, log_P = (expit, log_expit) if n_classes == 2 else (softmax, log_softmax)
    along = {} if n_classes == 2 else {"axis": 1}
    probabilities, logs = net.predict_proba(rows), net.predict_log_proba(rows)
    assert np.isfinite(logs).all()
    atol = np.finfo(dtype).tiny
    np.testing.assert_allclose(probabilities, P(Z, **along), 4 * eps, atol)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, 4 * eps)
    atol = atol if n_classes == 2 else 8 * eps
    expected = log_P(Z.astype(np.float64), **along)
    np.testing.assert_allclose(logs, expected, 8 * eps, atol)


MADE_FROM = {
    "the labels": lambda y: y,
    "a list": list,
    "a column of objects": lambda y: y[:, None].astype(object),
    "a broader type": lambda y: y.astype("U9" if y.dtype.kind == "U" else complex),
    "numbers that are no labels": lambda y: np.linspace(0, 1, len(y)),
    "other labels": lambda y: np.where(y == y[0], y[-1], y[0]),
    "one label": lambda y: y[:1],
    "no label": lambda y: y[:0],
    "all rows twice": lambda y: np.append(y, y),
}


@ignored("DataConversion")
@pytest.mark.parametrize("made", MADE_FROM)
@either_kind
def test_score_is_the_accuracy_and_refuses_what_it_refuses(n_classes, made):
    net = fitted(n_classes)
    y = MADE_FROM[made](LABELS[n_classes])
    for weight in (None, RNG.rand(len(y))):
        try:
            expected = accuracy_score(y, net.predict(X), sample_weight=weight)
        except ValueError as error:
            with pytest.raises(ValueError, match=f"^{re.escape(str(error))}$"):
                net.score(X, y, weight)
        else:
            assert net.score(X, y, weight) == expected


def test_score_uses_the_predictions_of_a_subclass():
    class Contrary(ShallowNetClassifier):
        def predict(self, X):
            return self.classes_[::-1][super().predict(X).astype(int)][:, None]

    y = (X[:, 0] > 0).astype(int)
    contrary = Contrary(4, random_state=0).fit(X, y)
    right = accuracy_score(y, ShallowNetClassifier.predict(contrary, X))
    assert contrary.score(X, y) == pytest.approx(1 - right)


@pytest.mark.parametrize("method", ["decision_function", "predict_proba"])
@either_kind
@either_precision
@pytest.mark.parametrize("store", [np.asarray, np.asfortranarray, sparse.csr_matrix])
def test_rows_are_predicted_independently(method, n_classes, dtype, store):
    """A prediction depends on neither the block of its row nor the other rows."""
    net = fitted(n_classes, dtype)
    rows = RNG.standard_normal((6001, 4)).astype(dtype)
    together = getattr(net, method)(store(rows))
    assert len(together) == 6001
    tolerance = 20 * np.finfo(dtype).eps
    for part in (slice(0, 1), slice(1, 3), slice(100, 4097), slice(6000, None)):
        alone, expected = getattr(net, method)(store(rows[part])), together[part]
        np.testing.assert_allclose(alone, expected, rtol=tolerance, atol=tolerance)


@either_kind
@pytest.mark.parametrize("seen", [np.float64, np.float32])
@pytest.mark.parametrize("asked", [np.float64, np.float32])
def test_precisions_mix(n_classes, seen, asked):
    """An answer has the finer of the precisions of training and of the rows."""
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
