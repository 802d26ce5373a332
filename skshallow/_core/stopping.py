"""The rule that ends training when a loss, or a score, no longer improves.

All lanes are judged at once, each by its own numbers. This module knows nothing of
updates. To add a rule, call it in ``History.review`` of ``training``, and add the
status that it gives to ``training.STATUSES``.
"""

import numpy as np

# A loss counts as on the plateau if its relative distance from the constant
# predictor's loss is at most this. Convention: a net that has begun to learn leaves
# this range within an iteration or two.
PLATEAU = 0.01


def on_plateau(losses, plateau_loss):
    """Whether losses are within 1% of the constant predictor's loss."""
    return np.abs(losses - plateau_loss) <= PLATEAU * plateau_loss


class Patience:
    """scikit-learn's stopping rule, which here does not stop on a plateau.

    The measure of a lane is the loss, or minus the validation score. An iteration is
    stale if the measure does not improve on its best value by ``tol``. Iterations on
    the constant predictor's plateau are never stale, because a small start always
    begins there. A lane stops when the number of stale iterations in a row *exceeds*
    ``n_iter_no_change``, as in ``MLPClassifier``.
    """

    def __init__(self, settings):
        self.settings = settings
        self.best = np.full(len(settings.tol), np.inf)
        self.stale = np.zeros(len(settings.tol))

    def keep(self, lanes):
        """A copy for the given lanes."""
        kept = Patience(self.settings.keep(lanes))
        kept.best, kept.stale = self.best[lanes], self.stale[lanes]
        return kept

    def slack(self):
        """A lower bound on the iterations before any lane can stop."""
        if np.isneginf(self.settings.tol).all():
            return np.inf
        return 1 + (self.settings.n_iter_no_change - self.stale).min()

    def review(self, measures, losses):
        """Whether each lane must stop, (K,), after r more iterations.

        ``measures`` and ``losses`` are (r, K) arrays. ``r`` must not exceed `slack`, so
        that no lane could have stopped earlier.
        """
        best = np.minimum.accumulate(np.vstack([self.best, measures]))
        stale = measures > best[:-1] - self.settings.tol
        stale &= ~on_plateau(losses, self.settings.plateau_loss)
        in_a_row = np.argmin(stale[::-1], axis=0)  # back to the last improvement
        self.stale = np.where(stale.all(axis=0), self.stale + len(stale), in_a_row)
        self.best = best[-1]
        return self.stale > self.settings.n_iter_no_change
