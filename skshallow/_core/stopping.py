"""What ends training early: scores on held-out rows, and a loss that rests.

Both judge all lanes at once, each by its own numbers. Knows nothing of updates.
"""

import numpy as np

from skshallow._core.batches import slices
from skshallow._core.prediction import logits_by_block
from skshallow._core.workspace import block_size

# A loss within this share of the constant predictor's counts as on the plateau:
# convention. A net that has begun to learn is past it within an iteration or two.
PLATEAU = 0.01


def on_plateau(losses, plateau_loss):
    """Whether losses are within 1% of the constant predictor's."""
    return np.abs(losses - plateau_loss) <= PLATEAU * plateau_loss


class Validation:
    """Held-out rows, on which every lane is scored after each iteration.

    Parameters
    ----------
    architecture : Architecture
    X : ndarray or CSR of shape (n, d)
    labels : ndarray of shape (n,)
        Class indices; negative for a class that the nets do not know. Such a row counts
        as wrong, and has no part in the loss.
    weight : ndarray of shape (n,) or None

    Attributes
    ----------
    has_loss : bool
        Whether there is a row of a known class; the loss is nan otherwise.
    """

    def __init__(self, architecture, X, labels, weight):
        self.architecture, self.X, self.labels = architecture, X, labels
        self.weight = np.ones(len(labels)) if weight is None else weight
        self.known_weight = np.where(labels < 0, 0, self.weight)
        self.total = self._sum(self.weight)
        self.known_total = self._sum(self.known_weight)
        self.has_loss = self.known_total > 0

    def _sum(self, weight):
        """Summed as `evaluate` does, so that all correct makes exactly 1."""
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
            # One product a lane: (K, m) at once would round by the number of lanes.
            hits = (loss.classify(Z) == labels)[:, None].astype(np.float64)
            correct += np.matmul(hits, weight)[:, 0]
            known = np.maximum(labels, 0)
            losses += loss.value(Z, known, self.known_weight[rows])
        losses = losses / self.known_total if self.has_loss else losses * np.nan
        return correct / self.total, losses


class Patience:
    """scikit-learn's stopping rule, without its mistake about plateaus.

    A lane is stale for as many iterations in a row as its measure (the loss, or minus
    the validation score) failed to beat its best by ``tol``, not counting those on
    the constant predictor's plateau: a small start always begins there. It stops when
    that number *exceeds* ``n_iter_no_change``, as in ``MLPClassifier``.
    """

    def __init__(self, settings):
        self.settings = settings
        self.best = np.full(len(settings.tol), np.inf)
        self.stale = np.zeros(len(settings.tol))

    def keep(self, lanes):
        """The patience with some of the lanes."""
        kept = Patience(self.settings.keep(lanes))
        kept.best, kept.stale = self.best[lanes], self.stale[lanes]
        return kept

    def slack(self):
        """Iterations until the first lane could stop: never too many."""
        if np.isneginf(self.settings.tol).all():
            return np.inf
        return 1 + (self.settings.n_iter_no_change - self.stale).min()

    def review(self, measures, losses):
        """Take in r iterations, (r, K) arrays each; return the lanes out of patience.

        ``r`` must not exceed `slack`, so that no lane could have stopped earlier.
        """
        best = np.minimum.accumulate(np.vstack([self.best, measures]))
        stale = measures > best[:-1] - self.settings.tol
        stale &= ~on_plateau(losses, self.settings.plateau_loss)
        in_a_row = np.argmin(stale[::-1], axis=0)  # back to the last improvement
        self.stale = np.where(stale.all(axis=0), self.stale + len(stale), in_a_row)
        self.best = best[-1]
        return self.stale > self.settings.n_iter_no_change
