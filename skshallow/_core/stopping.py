"""The rule that ends training: a loss, or a score, that has come to rest.

All lanes are judged at once, each by its own numbers. This module knows nothing of
updates. To add a rule, let ``History.review`` in ``training`` ask it, and give the way
to end a word in ``training.STATUSES``.
"""

import numpy as np

# A loss within this share of the constant predictor's counts as on the plateau:
# convention. A net that has begun to learn is past it within an iteration or two.
PLATEAU = 0.01


def on_plateau(losses, plateau_loss):
    """Whether losses are within 1% of the constant predictor's."""
    return np.abs(losses - plateau_loss) <= PLATEAU * plateau_loss


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
        """A copy for some of the lanes."""
        kept = Patience(self.settings.keep(lanes))
        kept.best, kept.stale = self.best[lanes], self.stale[lanes]
        return kept

    def slack(self):
        """A lower bound on the iterations before any lane can stop."""
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
