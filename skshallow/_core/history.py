"""Records how lanes train, and decides when each of them leaves.

How a lane ends is one of the words of ``stopping.STATUSES``. This module knows nothing
of updates.
"""

from dataclasses import dataclass

import numpy as np

from skshallow._core.stopping import count_stale, has_begun, on_plateau

# The stopping rule is evaluated for many iterations at once, because for a tiny net
# evaluating it costs as much as a step. It is evaluated after this number of blocks or
# of iterations at the latest, because a diverged lane must not train on for long.
REVIEW_BLOCKS, REVIEW_ITERATIONS = 256, 16


@dataclass
class Outcome:
    """How one lane ended.

    Attributes
    ----------
    p : ndarray of shape (p,)
        The final parameters; with early stopping those of the best validation score.
    status : str
        A word of ``stopping.STATUSES``.
    n_iter : int
    loss_curve, validation_scores, validation_losses : ndarray of shape (n_iter,)
        The last two are empty without validation data.
    best_score : float or None
        With early stopping, the validation score of ``p``.
    optimizer_state : OptimizerState or None
        The state from which the same solver can resume.
    message : str
        The message of scipy's optimizer, if it was used.
    """

    p: np.ndarray
    status: str
    n_iter: int
    loss_curve: np.ndarray
    validation_scores: np.ndarray
    validation_losses: np.ndarray
    best_score: float | None = None
    optimizer_state: object = None
    message: str = ""

    @property
    def loss(self):
        """Final loss: the last entry of the curve; nan if the lane diverged."""
        return np.nan if self.status == "diverged" else float(self.loss_curve[-1])


class History:
    """How K lanes train, and their outcomes.

    ``KeyboardInterrupt`` may be raised at any line. The results of an iteration are
    therefore written to other memory than those of the iteration before, and a single
    assignment makes them current.

    Parameters
    ----------
    starts : ndarray of shape (K, p)
    settings : LaneSettings
    validation : Validation or None
    on_iteration_begin, on_iteration_end : callable or None
        As in ``training.train``.

    Attributes
    ----------
    live : ndarray of int of shape (n_live,)
        The lanes that train.
    n_iter : int
        Number of iterations that these lanes have completed.
    n_recorded : int
        Number of these iterations whose losses are recorded.
    curves : ndarray of shape (1 or 3, iterations, K)
        Losses, and with validation data also scores and validation losses. They are nan
        for a lane that has left.
    checkpoints : ndarray of shape (K, 2, p)
        The parameters to return, after the last even and the last odd iteration: those
        of this iteration; with early stopping those of the best score by then.
    best_scores, lowest, stale : ndarrays of shape (K,)
        Best validation score, lowest measure, and iterations without improvement.
    patience : ndarray of shape (K,)
        Largest number of iterations without improvement; infinite without ``tol``.
    was_stopped : bool
        Whether ``on_iteration_end`` ended training.
    """

    def __init__(
        self, starts, settings, validation, on_iteration_begin, on_iteration_end
    ):
        self.starts, self.settings, self.validation = starts, settings, validation
        self.on_iteration_begin = on_iteration_begin
        self.on_iteration_end = on_iteration_end
        K, p = starts.shape
        self.begin(np.arange(0))
        n_curves = 1 if validation is None else 3
        self.curves = np.full((n_curves, REVIEW_ITERATIONS, K), np.nan)
        self.checkpoints = np.empty((K, 2, p), starts.dtype)
        self.best_scores, self.lowest = np.full(K, -np.inf), np.full(K, np.inf)
        self.stale = np.zeros(K)
        has_tol = settings.tol > -np.inf
        self.patience = np.where(has_tol, settings.n_iter_no_change, np.inf)
        self.was_stopped = False
        self._outcomes = [None] * K  # of the lanes that have left

    def begin(self, lanes):
        """Begin to train these lanes, and return their starts."""
        self.n_iter, self.n_recorded, self.live = 0, 0, lanes
        return self.starts[lanes]

    def n_until_review(self, blocks_per_epoch):
        """Number of iterations until the next review; no lane has to leave before."""
        if self.on_iteration_end is not None:
            return 1
        bounds = (
            1 + (self.patience - self.stale)[self.live].min(),
            self.settings.max_iter[self.live].min() - self.n_iter,
            max(1, REVIEW_BLOCKS // blocks_per_epoch),
            REVIEW_ITERATIONS,
        )
        return int(min(bounds))

    def end_iteration(self, P):
        """Record that the lanes have completed one more iteration."""
        live, now, before = self.live, (self.n_iter + 1) % 2, self.n_iter % 2
        if self.n_iter == self.curves.shape[1]:
            more = np.full_like(self.curves, np.nan)
            self.curves = np.concatenate([self.curves, more], axis=1)
        if self.validation is not None:
            scores, losses = self.validation.evaluate(P)
            self.curves[1:, self.n_iter, live] = scores, losses
        if self.settings.early_stopping:
            best = self.best_scores[live]
            is_better = scores > best
            # While a cosine rate falls, weights settle: of equal scores the last.
            is_better |= self.settings.is_cosine[live] & (scores == best)
            P = np.where(is_better[:, None], P, self.checkpoints[live, before])
            self.best_scores[live] = np.maximum(scores, best)
        self.checkpoints[live, now] = P
        self.n_iter += 1

    def record(self, losses):
        """Record the losses (r, n_live) of the iterations since the last review.

        The losses of an iteration that was interrupted are left out.
        """
        n_new = self.n_iter - self.n_recorded
        self.curves[0][self.n_recorded : self.n_iter, self.live] = losses[:n_new]
        self.n_recorded = self.n_iter

    def review(self, losses):
        """Decide which lanes must leave.

        Parameters
        ----------
        losses : ndarray of shape (r, n_live)
            The losses since the last review.

        Returns
        -------
        why : ndarray of str, shape (n_live,)
            The status of a lane that must leave; "" for a lane that stays.
        """
        settings, live = self.settings, self.live
        self.record(losses)
        if self.on_iteration_end is not None:
            has_scores = self.validation is not None
            scores = self.curves[1, self.n_iter - 1, live] if has_scores else None
            self.was_stopped = self.on_iteration_end(
                self.n_iter, losses[-1], scores, self.outcomes
            )
        why = np.full(len(live), "", dtype=object)
        at_end = self.n_iter >= settings.max_iter[live]
        if at_end.any():
            why[at_end] = "max_iter"
            why[at_end & on_plateau(losses[-1], settings.plateau_loss)] = "plateau"
        if (settings.tol > -np.inf).any():
            self._update_stale(losses)
            status = "early_stopped" if settings.early_stopping else "converged"
            why[(self.stale > self.patience)[live]] = status
        if self.was_stopped:
            why[:] = "stopped"
        return self._or_diverged(why, len(losses))

    def _update_stale(self, losses):
        """Count the iterations without improvement, up to the last of these losses."""
        settings, live = self.settings, self.live
        measures = losses
        if settings.early_stopping:
            measures = -self.curves[1][self.n_iter - len(losses) : self.n_iter, live]
        begun = has_begun(losses, self.curves[0, 0, live], settings.plateau_loss)
        self.stale[live], self.lowest[live] = count_stale(
            self.stale[live], self.lowest[live], measures, begun, settings.tol[live]
        )

    def _or_diverged(self, why, n_last):
        """The reasons, "diverged" where last losses or parameters are not finite."""
        curves = self.curves[:, self.n_iter - n_last : self.n_iter, self.live]
        is_finite = np.isfinite(curves[0]).all(axis=0)
        # Validation rows have no loss if none is of a known class.
        if self.validation is not None and self.validation.has_loss:
            is_finite &= np.isfinite(curves[2]).all(axis=0)
        P = self.checkpoints[self.live, self.n_iter % 2]
        is_finite &= (why == "") | np.isfinite(P).all(axis=1)
        return np.where(is_finite, why, "diverged")

    def leave(self, why, optimizer_state=None, message=""):
        """Record the end of every lane that has a reason to leave.

        Parameters
        ----------
        why : ndarray of str, shape (n_live,)
            As from `review`.
        optimizer_state : OptimizerState or None
            The state of the lanes that train.
        message : str

        Returns
        -------
        stay : ndarray of int
            Positions, in ``why``, of the lanes that stay.
        """
        for k in np.flatnonzero(why != ""):
            state = optimizer_state and optimizer_state.keep([k])
            lane = self.live[k]
            self._outcomes[lane] = self._outcome(lane, why[k], state, message)
        stay = np.flatnonzero(why == "")
        self.live = self.live[stay]
        return stay

    def outcomes(self, status="stopped"):
        """The outcomes of all lanes; None for a lane without a completed iteration.

        A lane that still trains is given ``status``.
        """
        outcomes = list(self._outcomes)
        if self.n_iter > 0:
            why = np.full(len(self.live), status, dtype=object)
            why = self._or_diverged(why, self.n_iter)
            for lane, reason in zip(self.live, why, strict=True):
                outcomes[lane] = outcomes[lane] or self._outcome(lane, reason)
        return outcomes

    def _outcome(self, lane, status, optimizer_state=None, message=""):
        """The outcome of a lane that trains."""
        n_iter = self.n_iter
        p = self.checkpoints[lane, n_iter % 2].copy()
        curves = [*self.curves[:, :n_iter, lane].copy()]
        if self.validation is None:
            curves += [np.empty(0), np.empty(0)]
        best_score = float(curves[1].max()) if self.settings.early_stopping else None
        return Outcome(p, status, n_iter, *curves, best_score, optimizer_state, message)
