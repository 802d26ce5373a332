"""Logits of many rows, block by block, of K networks, and scores on held-out rows."""

import numpy as np
from scipy.sparse import issparse

from skshallow._core.batches import read_rows, row_buffer, slices
from skshallow._core.losses import largest_logit
from skshallow._core.network import forward
from skshallow._core.workspace import Workspace, block_size, matrices


def logits_by_block(architecture, P, X):
    """Yield slices of the rows of ``X`` (n, d) and their logits (K, c, m).

    Each block of logits overwrites the block before.
    """
    n_rows = X.shape[0]
    step = min(block_size(architecture), n_rows)
    layers = [matrices(layer) for layer in architecture.layers(P)]
    buffer = row_buffer(X, step, P.dtype, order="F")
    work = None
    for rows in slices(n_rows, step):
        m = rows.stop - rows.start
        if work is None or work.logits.shape[-1] != m:
            work = Workspace(architecture, len(P), m, is_sparse=issparse(X))
        forward(architecture.activation, layers, read_rows(X, rows, buffer).T, work)
        yield rows, work.logits


def have_finite_logits(architecture, P, X):
    """Whether the logits of every lane are finite on all rows of ``X``, (K,).

    Logits are computed only if a bound from the largest entry of ``X`` exceeds what a
    float can hold.
    """
    h, d = architecture.weight_shapes[0]
    layers = architecture.layers(P)
    hidden, output = (np.abs(layer).max(axis=(1, 2), initial=0) for layer in layers)
    entries = X.data if issparse(X) else X
    largest = max(1.0, entries.max(initial=0), -entries.min(initial=0))
    units = np.maximum(1.0, (d + 1) * largest * hidden.astype(np.float64))
    finite = (h + 1) * units * output <= largest_logit(P.dtype)
    if not finite.all():
        finite[:] = True
        for _, Z in logits_by_block(architecture, P, X):
            finite &= np.isfinite(Z).all(axis=(1, 2))
    return finite


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
            known_labels = np.maximum(labels, 0)
            losses += loss.value(Z, known_labels, self.known_weight[rows])
        losses = losses / self.known_total if self.has_loss else losses * np.nan
        return correct / self.total, losses
