"""Scores of all lanes on held-out rows."""

import numpy as np

from skshallow._core.batches import slices
from skshallow._core.prediction import logits_by_block
from skshallow._core.workspace import block_size


class Validation:
    """Held-out rows, on which every lane is scored after each iteration.

    Parameters
    ----------
    architecture : Architecture
    X : ndarray or CSR of shape (n, d)
    labels : ndarray of shape (n,)
        Class indices; negative for a class that the nets do not know. A row of such a
        class counts as wrong, and the loss leaves it out.
    weight : ndarray of shape (n,) or None

    Attributes
    ----------
    has_loss : bool
        Whether any row is of a known class. If not, the loss is nan.
    """

    def __init__(self, architecture, X, labels, weight):
        self.architecture, self.X, self.labels = architecture, X, labels
        self.weight = np.ones(len(labels)) if weight is None else weight
        self.known_weight = np.where(labels < 0, 0, self.weight)
        self.total = self._sum(self.weight)
        self.known_total = self._sum(self.known_weight)
        self.has_loss = self.known_total > 0

    def _sum(self, weight):
        """Sum in the order of `evaluate`, so that a perfect accuracy is exactly 1."""
        parts = (weight[rows] for rows in self._blocks())
        return sum(np.matmul(np.ones((1, 1, len(p))), p)[0, 0] for p in parts)

    def _blocks(self):
        return slices(len(self.labels), block_size(self.architecture))

    def evaluate(self, P):
        """Accuracy and mean cross-entropy of every lane: two (K,) arrays."""
        loss = self.architecture.loss
        correct, losses = np.zeros(len(P)), np.zeros(len(P))
        for rows, Z in logits_by_block(self.architecture, P, self.X):
            labels, weight = self.labels[rows], self.weight[rows]
            # One product for each lane: the rounding of a single (K, m) product would
            # depend on the number of lanes.
            hits = (loss.classify(Z) == labels)[:, None].astype(np.float64)
            correct += np.matmul(hits, weight)[:, 0]
            known = np.maximum(labels, 0)
            losses += loss.value(Z, known, self.known_weight[rows])
        losses = losses / self.known_total if self.has_loss else losses * np.nan
        return correct / self.total, losses
