"""Nets to fit, and assertions that nets are the same, unchanged, or averages of others.

The marks that several test files share are here, too.
"""

from contextlib import contextmanager

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skshallow import ShallowNetClassifier, exceptions

SOLVERS = ["gd", "sgd", "adam", "lbfgs"]
every_solver = pytest.mark.parametrize("solver", SOLVERS)
either_kind = pytest.mark.parametrize("n_classes", [2, 3])
ROUNDING = {np.float64: 1e-12, np.float32: 1e-5}
either_precision = pytest.mark.parametrize("dtype", ROUNDING)


def net(n_hidden=5, **params):
    """A net of a few iterations whose loss falls, so that its fit gives no warning."""
    defaults = {"activation": "tanh", "init_scale": 1.0, "learning_rate": "constant"}
    defaults |= {"alpha": 0.1, "max_iter": 10, "tol": None, "random_state": 0}
    return ShallowNetClassifier(n_hidden, **{**defaults, **params})


def drawn_starts(n_starts, d, h, c=1, seed=0):
    """Explicit starts that equal those of a seed: W1 is drawn before W2."""
    normal = np.random.RandomState(seed).standard_normal
    draws = [(normal((h, d)), normal((c, h))) for _ in range(n_starts)]
    return [([W1.T, W2.T], [np.zeros(h), np.zeros(c)]) for W1, W2 in draws]


def numbers_of(net):
    """All that training decides, in one vector."""
    arrays = [*net.coefs_, *net.intercepts_, net.loss_curve_]
    return np.concatenate([np.ravel(array) for array in arrays])


def ignored(*names):
    """A mark that ignores warnings of nets where no test is about them."""
    filters = []
    for name in names:
        package = "skshallow" if hasattr(exceptions, f"{name}Warning") else "sklearn"
        filters.append(f"ignore::{package}.exceptions.{name}Warning")
    return pytest.mark.filterwarnings(*filters)


def assert_same_net(one, other, without=()):
    """Assert equal fitted attributes, to the last bit, except for some names."""
    one, other = (
        {k: v for k, v in vars(net).items() if k.endswith("_") and k not in without}
        for net in (one, other)
    )
    np.testing.assert_equal(one, other)
    for name in ("coefs_", "intercepts_", "init_coefs_", "init_intercepts_"):
        assert [W.dtype for W in one[name]] == [W.dtype for W in other[name]]


def assert_near(one, other, rtol=1e-9):
    """Assert that two nets were trained alike, up to rounding."""
    assert_allclose(numbers_of(one), numbers_of(other), rtol, rtol)


@contextmanager
def raises_and_leaves_alone(net, error=(ValueError, TypeError), match=None):
    """Assert that the block raises the error and changes no bit of the net.

    A warning would be an error of another type, so that the block gives none either.
    """
    before = joblib.hash(vars(net))
    with pytest.raises(error, match=match) as caught:
        yield caught
    assert not isinstance(caught.value, Warning)
    assert joblib.hash(vars(net)) == before


def mean_curve(curves):
    """The mean of curves, of which one that has ended counts with its last value."""
    n = max(map(len, curves))
    return np.mean([c + c[-1:] * (n - len(c)) for c in curves], axis=0)


def assert_is_average(whole, nets, temperature=1.0):
    """Assert that a net has the units of the nets, bit for bit, and mean curves."""
    rtol = ROUNDING[whole.coefs_[0].dtype.type]
    for start, T in (("init_", 1.0), ("", temperature)):
        (W1, W2), (b1, b2) = _layers(whole, start)
        parts = [_layers(net, start) for net in nets]
        assert_array_equal(W1, np.hstack([W[0] for W, _ in parts]))
        assert_array_equal(b1, np.hstack([b[0] for _, b in parts]))
        n = len(nets) * T
        assert_allclose(W2, np.vstack([W[1] for W, _ in parts]) / n, rtol)
        assert_allclose(b2, np.sum([b[1] for _, b in parts], axis=0) / n, rtol, rtol)
    for name in ("loss_curve_", "validation_scores_", "validation_loss_curve_"):
        expected = mean_curve([getattr(net, name) for net in nets])
        assert_allclose(getattr(whole, name), expected, 1e-12)
    assert whole.loss_ == whole.loss_curve_[-1]


def _layers(net, start):
    return getattr(net, f"{start}coefs_"), getattr(net, f"{start}intercepts_")


def assert_averages_logits(whole, nets, X, temperature=1.0):
    """Assert that a net's logits are the mean of those of the nets, up to rounding."""
    logits = np.mean([net.decision_function(X) for net in nets], axis=0) / temperature
    rtol = ROUNDING[whole.coefs_[0].dtype.type]
    assert_allclose(whole.decision_function(X), logits, rtol, rtol)
    assert {net.coefs_[0].dtype for net in nets} == {whole.coefs_[0].dtype}
