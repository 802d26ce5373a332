"""How lanes are to train, and the record of how they train and end.

How a lane ends is one of the words of `STATUSES`. This module knows nothing of updates.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

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


class Settings(NamedTuple):
    """Hyperparameters of training. Those in (K,) arrays may differ between lanes.

    Parameters
    ----------
    learning_rate : ndarray of shape (K,)
    hidden_factor : ndarray of shape (K,)
        Factor of the learning rate for the weights of the hidden layer.
    weighs_batches : ndarray of bool of shape (K,)
        Whether the gradient of a light batch is scaled down. A batch is light if its
        weight is smaller than its number of rows times the mean weight of a row. For
        a last batch with fewer rows than the others, their number of rows counts.
    penalty, momentum : ndarray of shape (K,)
        The penalty is ``alpha`` over the weight of all training rows.
    is_cosine : ndarray of bool of shape (K,)
        Whether the learning rate falls to 0 over ``max_iter`` iterations.
    tol : ndarray of shape (K,)
        With ``-inf`` training never stops early.
    n_iter_no_change, max_iter : ndarray of shape (K,)
    nesterov : bool
    plateau_loss : float
        The loss of the best constant prediction.
    early_stopping : bool
        Whether validation scores, and not losses, decide when training stops.
    """

    learning_rate: np.ndarray
    hidden_factor: np.ndarray
    weighs_batches: np.ndarray
    penalty: np.ndarray
    momentum: np.ndarray
    is_cosine: np.ndarray
    tol: np.ndarray
    n_iter_no_change: np.ndarray
    max_iter: np.ndarray
    nesterov: bool
    plateau_loss: float
    early_stopping: bool

    def keep(self, lanes):
        """The settings of the given lanes."""
        values = (v[lanes] if isinstance(v, np.ndarray) else v for v in self)
        return Settings(*values)


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


class History:
    """Losses, scores and checkpoints of K lanes, and how each has ended.

    Its arrays of results have a row or a column for every lane, also for lanes that
    have left. ``KeyboardInterrupt`` may be raised at any line. The results of an
    iteration are therefore written to other memory than those of the iteration before,
    and a single assignment makes them current.

    Parameters
    ----------
    starts : ndarray of shape (K, p)
    settings : Settings
    validation : Validation or None
    on_iteration_begin : callable or None
        As in ``training.train``.
    on_iteration_end : callable or None
        ``on_iteration_end(n_iter, losses, scores) -> bool``. That of ``training.train``
        is also given ``outcomes``.

    Attributes
    ----------
    lanes : ndarray of shape (n_live,)
        Indices of the lanes that still train.
    settings : Settings
        The settings of these lanes.
    n_iter : int
        Number of iterations that these lanes have completed.
    was_stopped : bool
        Whether ``on_iteration_end`` ended training.
    """

    def __init__(
        self, starts, settings, validation, on_iteration_begin, on_iteration_end
    ):
        K = len(starts)
        self.starts, self.settings, self.validation = starts, settings, validation
        self.lanes = np.arange(K)
        self.n_iter = 0
        self.on_iteration_begin = on_iteration_begin
        self.on_iteration_end = on_iteration_end
        self.was_stopped = False
        self._ends = [None] * K  # (status, iterations, optimizer state, message)
        self._losses = []  # arrays (r, K), nan for lanes that have left
        self._scores, self._validation_losses = [], []  # rows (K,), likewise
        self._checkpoints = [starts.copy(), starts.copy()]  # even and odd iterations
        self._best = starts.copy(), np.full(K, -np.inf)  # by validation score
        # Of the lanes that train: lowest measure, and iterations without improvement.
        self._lowest, self._stale = np.full(K, np.inf), np.zeros(K)

    def n_until_review(self, blocks_per_epoch):
        """Number of iterations until the next review; no lane has to leave before."""
        settings = self.settings
        if self.on_iteration_end is not None:
            return 1
        patience = np.where(settings.tol > -np.inf, settings.n_iter_no_change, np.inf)
        bounds = (
            1 + (patience - self._stale).min(),
            settings.max_iter.min() - self.n_iter,
            max(1, REVIEW_BLOCKS // blocks_per_epoch),
            REVIEW_ITERATIONS,
        )
        return int(min(bounds))

    def end_iteration(self, P):
        """Record that the lanes have completed one more iteration."""
        lanes, best = self.lanes, self._best
        if self.validation is not None:
            scores, losses = np.full((2, len(self.starts)), np.nan)
            scores[lanes], losses[lanes] = self.validation.evaluate(P)
            self._scores.append(scores)
            self._validation_losses.append(losses)
            if self.settings.early_stopping:
                scores, best = scores[lanes], (best[0].copy(), best[1].copy())
                is_better = scores > best[1][lanes]
                # While a cosine rate falls, weights settle: of equal scores the last.
                is_better |= self.settings.is_cosine & (scores == best[1][lanes])
                best[0][lanes[is_better]] = P[is_better]
                best[1][lanes[is_better]] = scores[is_better]
        checkpoint = self._checkpoints[(self.n_iter + 1) % 2]
        checkpoint[lanes if len(lanes) < len(checkpoint) else slice(None)] = P
        self.n_iter, self._best = self.n_iter + 1, best

    def add_losses(self, losses):
        """Add the losses (r, n_live) of the last r iterations."""
        rows = np.full((len(losses), len(self.starts)), np.nan)
        rows[:, self.lanes] = losses
        self._losses.append(rows)

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
        settings = self.settings
        why = np.full(len(self.lanes), "", dtype=object)
        self.add_losses(losses)
        if self.on_iteration_end is not None:
            scores = None if self.validation is None else self._scores[-1][self.lanes]
            self.was_stopped = self.on_iteration_end(self.n_iter, losses[-1], scores)
        at_end = self.n_iter >= settings.max_iter
        if at_end.any():
            why[at_end] = "max_iter"
            why[at_end & on_plateau(losses[-1], settings.plateau_loss)] = "plateau"
        if (settings.tol > -np.inf).any():
            self._count_stale(losses)
            is_out_of_patience = self._stale > settings.n_iter_no_change
            status = "early_stopped" if settings.early_stopping else "converged"
            why[is_out_of_patience] = status
        if self.was_stopped:
            why[:] = "stopped"
        return self._or_diverged(why, losses)

    def _count_stale(self, losses):
        """Count the iterations without improvement, up to the last of these losses."""
        settings = self.settings
        measures = losses
        if settings.early_stopping:
            measures = -np.array(self._scores[-len(losses) :])[:, self.lanes]
        first_losses = self._losses[0][0, self.lanes]
        begun = has_begun(losses, first_losses, settings.plateau_loss)
        self._stale, self._lowest = count_stale(
            self._stale, self._lowest, measures, begun, settings.tol
        )

    def _or_diverged(self, why, losses):
        """The reasons, "diverged" where losses or final parameters are not finite."""
        is_whole = np.isfinite(losses).all(axis=0)
        # Validation rows have no loss if none is of a known class.
        if self.validation is not None and self.validation.has_loss:
            held_out = self._validation_losses[: self.n_iter][-len(losses) :]
            is_whole &= np.isfinite(held_out).all(axis=0)[self.lanes]
        P = self._checkpoints[self.n_iter % 2][self.lanes]
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
        for k in np.flatnonzero(why != ""):
            state = optimizer_state and optimizer_state.keep([k])
            self._ends[self.lanes[k]] = why[k], self.n_iter, state, message
        stay = np.flatnonzero(why == "")
        self.lanes, self.settings = self.lanes[stay], self.settings.keep(stay)
        self._lowest, self._stale = self._lowest[stay], self._stale[stay]
        return stay

    def outcomes(self, status):
        """The outcomes of all lanes. A lane that still trains is given ``status``."""
        ends = list(self._ends)
        if self.n_iter and any(end is None for end in ends):
            losses = np.concatenate(self._losses)[: self.n_iter, self.lanes]
            why = np.full(len(self.lanes), status, dtype=object)
            why = self._or_diverged(why, losses)
            for lane, reason in zip(self.lanes, why, strict=True):
                ends[lane] = ends[lane] or (reason, self.n_iter, None, "")
        if not any(ends):
            return ends
        curves = np.concatenate(self._losses), self._scores, self._validation_losses
        curves = [np.reshape(curve, (-1, len(ends))) for curve in curves]
        return [end and self._outcome(k, curves, *end) for k, end in enumerate(ends)]

    def _outcome(self, k, curves, status, n_iter, optimizer_state, message):
        p, best_score = self._checkpoints[n_iter % 2][k], None
        if self.settings.early_stopping:
            p, best_score = self._best[0][k], float(self._best[1][k])
        curves = [curve[:n_iter, k].copy() for curve in curves]
        return Outcome(
            p.copy(), status, n_iter, *curves, best_score, optimizer_state, message
        )
