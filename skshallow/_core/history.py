"""The record of how lanes train and end.

How a lane ends is one of the words of `STATUSES`. This module knows nothing of updates.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skshallow._core.settings import Settings
from skshallow._core.stopping import count_stale, has_begun, on_plateau

# The worst is first: an average has the first status that one of its networks has.
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
        A word of `STATUSES`.
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


class LiveLanes(NamedTuple):
    """What is recorded of the lanes that train: arrays with an axis of these lanes.

    `History` changes the lists and arrays in place.

    Parameters
    ----------
    lanes : ndarray of int of shape (n_live,)
        Their indices among all lanes.
    checkpoints : ndarray of shape (n_live, 2, p)
        The parameters to return, after the last even and the last odd iteration: those
        of this iteration; with early stopping those of the best score by then.
    best_scores, lowest, stale : ndarrays of shape (n_live,)
        Best validation score, lowest measure, and iterations without improvement.
    settings : Settings
    losses, scores, validation_losses : lists of ndarray of shape (n_live,)
        One array for each iteration. The last two are empty without validation data.
    """

    lanes: np.ndarray
    checkpoints: np.ndarray
    best_scores: np.ndarray
    lowest: np.ndarray
    stale: np.ndarray
    settings: Settings
    losses: list
    scores: list
    validation_losses: list

    def curves(self, n_iter):
        """Losses, scores and validation losses: arrays (n_iter or 0, n_live)."""
        curves = self.losses, self.scores, self.validation_losses
        return [np.reshape(curve[:n_iter], (-1, len(self.lanes))) for curve in curves]

    def keep(self, stay, curves):
        """The record of the lanes at some positions; ``curves`` are those of all."""
        arrays = self.lanes, self.checkpoints, self.best_scores, self.lowest, self.stale
        return LiveLanes(
            *(array[stay] for array in arrays),
            self.settings.keep(stay),
            *(list(curve[:, stay]) for curve in curves),
        )


class History:
    """How K lanes train, and their outcomes.

    ``KeyboardInterrupt`` may be raised at any line. The results of an iteration are
    therefore written to other memory than those of the iteration before, and a single
    assignment makes them current.

    Parameters
    ----------
    starts : ndarray of shape (K, p)
    settings : Settings
    validation : Validation or None
    on_iteration_begin, on_iteration_end : callable or None
        As in ``training.train``.

    Attributes
    ----------
    live : LiveLanes or None
        The lanes that train; None before the first ones `begin`.
    n_iter : int
        Number of iterations that these lanes have completed.
    was_stopped : bool
        Whether ``on_iteration_end`` ended training.
    """

    def __init__(
        self, starts, settings, validation, on_iteration_begin, on_iteration_end
    ):
        self.starts, self.settings, self.validation = starts, settings, validation
        self.on_iteration_begin = on_iteration_begin
        self.on_iteration_end = on_iteration_end
        self.n_iter, self.live = 0, None
        self.was_stopped = False
        self._ended = [None] * len(starts)  # outcomes

    def begin(self, lanes):
        """Begin to train these lanes, and return their starts."""
        P = self.starts[lanes]
        live = LiveLanes(
            lanes=lanes,
            checkpoints=np.empty((len(P), 2, P.shape[1]), P.dtype),
            best_scores=np.full(len(P), -np.inf),
            lowest=np.full(len(P), np.inf),
            stale=np.zeros(len(P)),
            settings=self.settings.keep(lanes),
            losses=[],
            scores=[],
            validation_losses=[],
        )
        self.n_iter, self.live = 0, live
        return P

    def n_until_review(self, blocks_per_epoch):
        """Number of iterations until the next review; no lane has to leave before."""
        settings = self.live.settings
        if self.on_iteration_end is not None:
            return 1
        patience = np.where(settings.tol > -np.inf, settings.n_iter_no_change, np.inf)
        bounds = (
            1 + (patience - self.live.stale).min(),
            settings.max_iter.min() - self.n_iter,
            max(1, REVIEW_BLOCKS // blocks_per_epoch),
            REVIEW_ITERATIONS,
        )
        return int(min(bounds))

    def end_iteration(self, P):
        """Record that the lanes have completed one more iteration."""
        live, now, before = self.live, (self.n_iter + 1) % 2, self.n_iter % 2
        if self.validation is not None:
            scores, losses = self.validation.evaluate(P)
            live.scores.append(scores)
            live.validation_losses.append(losses)
        if live.settings.early_stopping:
            is_better = scores > live.best_scores
            # While a cosine rate falls, weights settle: of equal scores the last.
            is_better |= live.settings.is_cosine & (scores == live.best_scores)
            P = np.where(is_better[:, None], P, live.checkpoints[:, before])
            np.maximum(scores, live.best_scores, out=live.best_scores)
        live.checkpoints[:, now] = P
        self.n_iter += 1

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
        settings = self.live.settings
        why = np.full(len(self.live.lanes), "", dtype=object)
        self.live.losses.extend(losses)
        if self.on_iteration_end is not None:
            scores = None if self.validation is None else self.live.scores[-1]
            self.was_stopped = self.on_iteration_end(
                self.n_iter, losses[-1], scores, self.outcomes
            )
        at_end = self.n_iter >= settings.max_iter
        if at_end.any():
            why[at_end] = "max_iter"
            why[at_end & on_plateau(losses[-1], settings.plateau_loss)] = "plateau"
        if (settings.tol > -np.inf).any():
            self._update_stale(losses)
            is_out_of_patience = self.live.stale > settings.n_iter_no_change
            status = "early_stopped" if settings.early_stopping else "converged"
            why[is_out_of_patience] = status
        if self.was_stopped:
            why[:] = "stopped"
        return self._or_diverged(why, losses)

    def _update_stale(self, losses):
        """Count the iterations without improvement, up to the last of these losses."""
        live = self.live
        plateau_loss, tol = live.settings.plateau_loss, live.settings.tol
        measures = losses
        if live.settings.early_stopping:
            measures = -np.array(live.scores[-len(losses) :])
        begun = has_begun(losses, live.losses[0], plateau_loss)
        live.stale[:], live.lowest[:] = count_stale(
            live.stale, live.lowest, measures, begun, tol
        )

    def _or_diverged(self, why, losses):
        """The reasons, "diverged" where losses or parameters are not finite."""
        live = self.live
        is_whole = np.isfinite(losses).all(axis=0)
        # Validation rows have no loss if none is of a known class.
        if self.validation is not None and self.validation.has_loss:
            held_out = live.validation_losses[: self.n_iter][-len(losses) :]
            is_whole &= np.isfinite(held_out).all(axis=0)
        P = live.checkpoints[:, self.n_iter % 2]
        is_whole &= (why == "") | np.isfinite(P).all(axis=1)
        return np.where(is_whole, why, "diverged")

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
        live, curves = self.live, self.live.curves(self.n_iter)
        for k in np.flatnonzero(why != ""):
            state = optimizer_state and optimizer_state.keep([k])
            outcome = self._outcome(k, curves, why[k], state, message)
            self._ended[live.lanes[k]] = outcome
        stay = np.flatnonzero(why == "")
        self.live = live.keep(stay, curves)
        return stay

    def outcomes(self, status="stopped"):
        """The outcomes of all lanes; None for a lane without a completed iteration.

        A lane that still trains is given ``status``.
        """
        outcomes, live = list(self._ended), self.live
        if self.n_iter == 0 or len(live.lanes) == 0:
            return outcomes
        curves = live.curves(self.n_iter)
        why = np.full(len(live.lanes), status, dtype=object)
        why = self._or_diverged(why, curves[0])
        for k, lane in enumerate(live.lanes):
            outcomes[lane] = outcomes[lane] or self._outcome(k, curves, why[k])
        return outcomes

    def _outcome(self, k, curves, status, optimizer_state=None, message=""):
        """The outcome of the lane at position ``k``, given the curves of all lanes."""
        live, n_iter = self.live, self.n_iter
        p = live.checkpoints[k, n_iter % 2].copy()
        curves = [curve[:, k].copy() for curve in curves]
        is_scored = live.settings.early_stopping
        best_score = float(curves[1].max()) if is_scored else None
        return Outcome(p, status, n_iter, *curves, best_score, optimizer_state, message)
