"""Cross-entropy on logits: gradient and value, and probabilities.

Conventions
-----------
``Z`` (K, c, m) are logits. ``target`` (1, 1, m) holds the class indices as `encode`
returns them. ``weight`` holds a weight for each sample (1, 1, m), or one for all ().
``at_zero`` is the loss of zero logits, log c; the decrease of a sample is ``at_zero``
minus its loss. Every update needs the gradient, but only the record of training needs
the value: `gradient` stores ``n_parts`` numbers for each sample, and `decrease` later
computes the decreases of many batches from them. Logarithms are natural. A loss knows
nothing of layers, penalties or estimators.
"""

import numpy as np
from scipy.special import log_expit, log_softmax, softmax


class LogisticLoss:
    """Binary cross-entropy of one logit: ``log(1 + exp(-t z))`` with ``t = ±1``.

    One hyperbolic tangent gives both the value and the gradient. With ``s = tanh(t z /
    2)``, ``loss = log 2 - log(1 + |s|) - min(t z, 0)``, which is accurate for every
    logit because no terms cancel, and ``d loss / d z = (s - 1) t / 2``.
    """

    n_outputs = 1
    n_parts = 2
    at_zero = float(np.log(2))
    link = "logistic"

    def encode(self, labels, dtype):
        """``t / 2`` of shape (1, 1, n), -1/2 or +1/2, from class indices (n,)."""
        return np.subtract(labels, 0.5, dtype=dtype)[None, None]

    def gradient(self, Z, target, weight, parts):
        """Overwrite logits by the gradient of the weighted loss.

        Parameters
        ----------
        Z : ndarray of shape (K, 1, m)
            Logits, overwritten by the derivatives of ``sum_i weight_i loss_i``.
        target : ndarray of shape (1, 1, m) or (K, 1, m)
        weight : ndarray of shape (), (1, 1, m) or (K, 1, m)
        parts : ``n_parts`` ndarrays of shape (K, 1, m)
            Overwritten by the values that `decrease` needs: ``t z / 2`` and ``s``.
        """
        margin, s = parts
        np.multiply(Z, target, margin)
        np.tanh(margin, s)
        np.multiply(s, target, Z)
        Z -= target  # (s - 1) t / 2, because products with ±1/2 are exact
        Z *= weight

    @staticmethod
    def decrease(parts):
        """Decreases of the samples from their parts: ``log(1 + |s|) + min(t z, 0)``.

        The first axis of ``parts`` has length ``n_parts``; other axes are arbitrary.
        """
        margin, s = parts
        decrease = np.abs(s)
        # For arguments in [1, 2], log is as accurate as log1p and several times faster.
        decrease += 1
        np.log(decrease, out=decrease)
        wrong = np.minimum(margin, 0)
        wrong *= 2
        decrease += wrong
        return decrease

    def value(self, Z, labels, weight):
        """Weighted loss of every lane, shape (K,); ``Z`` is not changed."""
        losses = -log_expit((2 * labels - 1) * Z)
        return np.matmul(losses, weight)[:, 0]

    @staticmethod
    def classify(Z):
        """Class indices, shape (K, m): 1 where the logit is positive."""
        return (Z[:, 0] > 0).astype(np.intp)

    @staticmethod
    def probabilities(Z):
        """Probabilities of both classes, shape (K, 2, m)."""
        # expit(-Z) and expit(Z): 1 - p would lose the digits of a small probability
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
        """Class indices (n,) as (1, 1, n); one-hot codes would be c times as large."""
        return np.asarray(labels)[None, None]

    def gradient(self, Z, target, weight, parts):
        """As `LogisticLoss.gradient`, for logits of shape (K, c, m).

        The only part is the decrease itself: computing it later would save nothing.
        """
        (part,) = parts
        onehot = target == self._classes
        Z -= Z.max(axis=1, keepdims=True)
        # Logits are selected, and not multiplied by 0 and 1, because 0 * inf is nan.
        np.sum(Z, axis=1, keepdims=True, where=onehot, out=part)
        np.exp(Z, out=Z)
        partition = Z.sum(axis=1, keepdims=True)
        Z /= partition
        Z -= onehot
        Z *= weight
        part -= np.log(partition)
        part += self.at_zero

    @staticmethod
    def decrease(parts):
        """Decreases of the samples: their only part."""
        return parts[0]

    def value(self, Z, labels, weight):
        """Weighted loss of every lane, shape (K,); ``Z`` is not changed."""
        losses = -np.where(labels == self._classes, log_softmax(Z, axis=1), 0)
        return np.matmul(losses.sum(axis=1, keepdims=True), weight)[:, 0]

    @staticmethod
    def classify(Z):
        """Index of the largest logit, shape (K, m); of equal logits the first."""
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
    """The loss for this number of classes: logistic for two, softmax for more."""
    return LogisticLoss() if n_classes == 2 else SoftmaxLoss(n_classes)


def largest_logit(dtype):
    """A number up to which logits have differences that do not overflow."""
    return 0.25 * np.finfo(dtype).max


def constant_predictor_loss(labels, weight):
    """Lowest loss of a constant prediction: the entropy of the classes, in nats.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Class indices.
    weight : ndarray of shape (n,) or None
    """
    mass = np.bincount(labels, weights=weight)
    share = mass / mass.sum()
    share = share[share > 0]  # the share of a class of tiny weight may round to 0
    return float(-(share * np.log(share)).sum())


def log_loss(loss, logits, labels, weight):
    """Weighted mean cross-entropy of logits (n, c); nan if no row has a weight."""
    weight = np.ones(len(labels)) if weight is None else weight
    if not weight.any():
        return np.nan
    Z = logits.astype(np.float64).T[None]
    return loss.value(Z, labels, weight / weight.sum())[0]
