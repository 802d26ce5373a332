"""The rule that ends training when a loss, or a score, no longer improves.

This is scikit-learn's rule, which here stops no network before it has begun to learn.
An iteration is *stale* if the measure of a lane, which is its loss or minus its
validation score, does not improve on the lowest value so far by ``tol``. Iterations
before a network `has_begun` are never stale. A lane stops when the number of stale
iterations in a row *exceeds* ``n_iter_no_change``, as in ``MLPClassifier``.

All lanes are judged at once, each by its own numbers. To add a rule, write it here, put
its status in its place in `STATUSES`, and call it in ``History.review``. A lane must
leave after the iteration in which its rule applies, whatever other lanes do:
``History.n_until_review`` bounds the iterations until the next review. ``lbfgs`` has
reviews of its own, and advice names how to turn a rule off (``STOPPING_RULES``).
"""

import numpy as np

# How training may end. The worst is first: an average has the first status that one of
# its networks has.
STATUSES = (
    "diverged",  # the loss or the weights overflowed
    "interrupted",  # KeyboardInterrupt
    "stopped",  # a callback asked for it
    "plateau",  # the loss ended at the constant predictor's
    "abnormal",  # L-BFGS ended in an abnormal line search
    "max_iter",  # all iterations were used, and no rule ended training before
    "early_stopped",  # the validation score stopped improving
    "converged",  # the loss stopped improving (or scipy's criterion was met)
)
# A loss counts as on the plateau if its relative distance from the constant
# predictor's loss is at most this. Convention: a net that has begun to learn leaves
# this range within an iteration or two.
PLATEAU = 0.01


def on_plateau(losses, plateau_loss):
    """Whether losses are within 1% of the constant predictor's loss."""
    return np.abs(losses - plateau_loss) <= PLATEAU * plateau_loss


def has_begun(losses, first_losses, plateau_loss):
    """Whether patience is to be counted: networks learn, or will not learn.

    A small start begins on the constant predictor's plateau. Long steps may lead above
    it, and above the first loss, for a hundred iterations before the loss falls. A loss
    of more than twice both is not waited for. Of 172 such fits by gd, at rates from
    "auto" to 30, all 33 that stayed below that ended better than guessing, and 57 of
    the 139 others.
    """
    highest = np.maximum(first_losses, plateau_loss)
    has_risen = (losses > highest) & (losses < 2 * highest)
    return ~(has_risen | on_plateau(losses, plateau_loss))


def count_stale(n_stale, lowest, measures, begun, tol):
    """Count the stale iterations in a row, up to the last of r more iterations.

    Parameters
    ----------
    n_stale, lowest : ndarray of shape (K,)
        Stale iterations in a row and lowest measure before these iterations.
    measures : ndarray of shape (r, K)
        No lane may have to stop before the last iteration.
    begun : ndarray of bool, shape (r, K)
        As returned by `has_begun`.
    tol : ndarray of shape (K,)

    Returns
    -------
    n_stale, lowest : ndarray of shape (K,)
        The same after these iterations.
    """
    lowest = np.minimum.accumulate(np.vstack([lowest, measures]))
    stale = (measures > lowest[:-1] - tol) & begun
    in_a_row = np.argmin(stale[::-1], axis=0)  # back to the last improvement
    return np.where(stale.all(axis=0), n_stale + len(stale), in_a_row), lowest[-1]
