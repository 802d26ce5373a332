"""Cross-entropy on logits: gradient and value, and probabilities.

Conventions
-----------
``Z`` (K, c, m) are logits, ``target`` (1, 1, m) is what `encode` made of the class
indices, ``weight`` (1, 1, m) weighs the samples, or () all of them alike. ``at_zero``
is the loss of zero logits, log c; the gain of a sample is ``at_zero`` minus its loss.
Every update needs the gradient, but only the record of training needs the value:
`gradient` stores ``n_parts`` numbers for each sample, and `gain` later computes the
gains of many batches from them. Logarithms are natural. A loss knows nothing of
layers, penalties or estimators.
"""

import numpy as np
from scipy.special import log_expit, log_softmax, softmax

# As arrays of no dimensions: numpy converts a Python number anew in every call, and a
# small batch costs little else than its calls.
_ONE = {np.dtype(kind): np.array(1, kind) for kind in ("f4", "f8")}


class LogisticLoss:
    """Binary cross-entropy of one logit: ``log(1 + exp(-t z))`` with ``t = ±1``.

    Everything follows from one hyperbolic tangent. With ``s = tanh(t z / 2)``,
    ``loss = log 2 - log(1 + |s|) - min(t z, 0)``, in which no term cancels however
    wrong the logit is, and ``d loss / d z = (s - 1) t / 2``.
    """

    n_outputs = 1
    n_parts = 2
    at_zero = float(np.log(2))
    link = "logistic"

    def encode(self, labels, dtype):
        """Class indices (n,), 0 and 1, as ``t / 2`` (1, 1, n): -1/2 and +1/2."""
        return np.subtract(labels, 0.5, dtype=dtype)[None, None]

    def gradient(self, Z, target, weight, parts):
        """Overwrite logits by the gradient of the weighted loss.

        Parameters
        ----------
        Z : ndarray of shape (K, 1, m)
            Logits; on return, the derivative of ``sum_i weight_i loss_i`` by each.
        target : ndarray of shape (1, 1, m) or (K, 1, m)
        weight : ndarray of shape (), (1, 1, m) or (K, 1, m)
        parts : ``n_parts`` ndarrays of shape (K, 1, m)
            On return, what `gain` needs: ``t z / 2`` and ``s``.
        """
        margin, s = parts
        np.multiply(Z, target, margin)
        np.tanh(margin, s)
        np.subtract(s, _ONE[Z.dtype], Z)
        Z *= target
        Z *= weight

    @staticmethod
    def gain(parts):
        """Gains of the samples from their parts: ``log(1 + |s|) + min(t z, 0)``.

        Any shape behind the first axis, which counts the parts.
        """
        margin, s = parts
        gain = np.abs(s)
        # In [1, 2] this is as accurate as log1p, and several times faster.
        gain += _ONE[gain.dtype]
        np.log(gain, out=gain)
        wrong = np.minimum(margin, 0)
        wrong *= 2
        gain += wrong
        return gain

    def value(self, Z, labels, weight):
        """Weighted loss of every lane, shape (K,); ``Z`` is left alone."""
        losses = -log_expit((2 * labels - 1) * Z)
        return np.matmul(losses, weight)[:, 0]

    @staticmethod
    def classify(Z):
        """Class indices, shape (K, m): 1 where the logit is positive."""
        return (Z[:, 0] > 0).astype(np.intp)

    @staticmethod
    def probabilities(Z):
        """Probabilities of both classes, shape (K, 2, m)."""
        # expit of either sign; 1 - p would lose the digits of a small probability
        odds = np.exp(np.concatenate([Z, -Z], axis=1))
        odds += 1
        return np.divide(1, odds, out=odds)

    @staticmethod
    def log_probabilities(Z):
        """Logarithms of the probabilities of both classes, shape (K, 2, m)."""
        return log_expit(np.concatenate([-Z, Z], axis=1))


class SoftmaxLoss:
    """Multinomial cross-entropy of ``n_outputs`` logits.

    ``loss = log sum_j exp(z_j) - z_y`` and ``d loss / d z = softmax(z) - onehot(y)``.
    """

    link = "softmax"
    n_parts = 1

    def __init__(self, n_classes):
        self.n_outputs = n_classes
        self.at_zero = float(np.log(n_classes))
        self._classes = np.arange(n_classes)[:, None]

    def encode(self, labels, dtype):
        """Class indices (n,) as (1, 1, n): a one-hot code would cost c times that."""
        return np.asarray(labels)[None, None]

    def gradient(self, Z, target, weight, parts):
        """As `LogisticLoss.gradient`, on logits of shape (K, c, m).

        The only part is the gain itself: to compute it later would save nothing.
        """
        (part,) = parts
        onehot = target == self._classes
        Z -= Z.max(axis=1, keepdims=True)
        # Picked and not multiplied, because 0 * inf is nan.
        np.sum(Z, axis=1, keepdims=True, where=onehot, out=part)
        np.exp(Z, out=Z)
        partition = Z.sum(axis=1, keepdims=True)
        Z /= partition
        Z -= onehot
        Z *= weight
        part -= np.log(partition)
        part += self.at_zero

    @staticmethod
    def gain(parts):
        """Gains of the samples from their parts: see `gradient`."""
        return parts[0].copy()

    def value(self, Z, labels, weight):
        """Weighted loss of every lane, shape (K,); ``Z`` is left alone."""
        losses = -np.where(labels == self._classes, log_softmax(Z, axis=1), 0)
        return np.matmul(losses.sum(axis=1, keepdims=True), weight)[:, 0]

    @staticmethod
    def classify(Z):
        """Class indices, shape (K, m): the largest logit, the first of equals."""
        return Z.argmax(axis=1)

    @staticmethod
    def probabilities(Z):
        """Probabilities of all classes, shape (K, c, m)."""
        return softmax(Z, axis=1)

    @staticmethod
    def log_probabilities(Z):
        """Logarithms of the probabilities of all classes, shape (K, c, m)."""
        return log_softmax(Z, axis=1)


def loss_for(n_classes):
    """One sigmoid unit for two classes, softmax for more."""
    return LogisticLoss() if n_classes == 2 else SoftmaxLoss(n_classes)


def constant_predictor_loss(labels, weight):
    """Lowest loss a constant prediction reaches: the entropy of the classes, in nats.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Class indices.
    weight : ndarray of shape (n,) or None
    """
    mass = np.bincount(labels, weights=weight)
    share = mass / mass.sum()
    share = share[share > 0]  # a class of hardly any weight may round to none
    return float(-(share * np.log(share)).sum())


def log_loss(loss, logits, labels, weight):
    """Weighted mean cross-entropy of logits (n, c); nan if no row has a weight."""
    weight = np.ones(len(labels)) if weight is None else weight
    if not weight.any():
        return np.nan
    Z = logits.astype(np.float64).T[None]
    return loss.value(Z, labels, weight / weight.sum())[0]
