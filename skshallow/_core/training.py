"""The training loop, and the record of how each lane trains and ends.

One loop trains K lanes in lock-step by ``gd``, ``sgd`` or ``adam``; each lane stops by
itself. L-BFGS, whose steps lanes cannot share, gives one lane to scipy and keeps the
same record. How a lane ends is one of the words of `STATUSES`. This module knows no
estimator; other modules make warnings and errors from the outcomes.
"""

from dataclasses import dataclass, replace

import numpy as np

from skshallow._core.lbfgs import train_by_lbfgs
from skshallow._core.objective import Objective
from skshallow._core.optimizers import (
    FLUSH_EVERY,
    OPTIMIZERS,
    OptimizerState,
    Schedule,
    flush,
)
from skshallow._core.prediction import have_finite_logits
from skshallow._core.stopping import Patience, on_plateau
from skshallow._core.ties import Ties

STATUSES = {
    "converged": "the loss stopped improving (or scipy's criterion was met)",
    "plateau": "the loss never left the constant predictor's",
    "max_iter": "all iterations were used while the loss was still falling",
    "early_stopped": "the validation score stopped improving",
    "stopped": "a callback asked for it",
    "interrupted": "KeyboardInterrupt",
    "abnormal": "L-BFGS ended in an abnormal line search",
    "diverged": "the loss or the weights overflowed",
}
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
    optimizer_state: OptimizerState | None = None
    message: str = ""

    @property
    def loss(self):
        """Final loss: the last entry of the curve; nan if the lane diverged."""
        return np.nan if self.status == "diverged" else float(self.loss_curve[-1])


def train(
    architecture,
    solver,
    batches,
    P,
    settings,
    *,
    row_streams,
    validation=None,
    optimizer_state=None,
    on_iteration_begin=None,
    on_iteration_end=None,
):
    """Train K lanes to their ends.

    Parameters
    ----------
    architecture : Architecture
    solver : {"gd", "sgd", "adam", "lbfgs"}
    batches : Batches
    P : ndarray of shape (K, p)
        The starts, which are not changed.
    settings : Settings
    row_streams : list of K RandomState
        Sources of the row order of every lane. They are advanced. Lanes that share a
        stream share the order.
    validation : Validation or None
    optimizer_state : OptimizerState or None
        The state in which an earlier call with the same solver ended; not changed.
    on_iteration_begin : callable or None
        Called before each iteration, without arguments.
    on_iteration_end : callable or None
        ``on_iteration_end(n_iter, losses, scores, outcomes) -> bool`` is called after
        each iteration with arrays of the lanes that still train; ``scores`` is None
        without validation data. Training stops if it returns true. ``outcomes()``
        returns the outcomes that `train` would return if it stopped now.

    Returns
    -------
    outcomes : list of Outcome or None
        One for each lane; None for a lane that was interrupted before its first
        iteration ended, or that had not begun when ``on_iteration_end`` stopped
        training.
    interrupted : bool
        Whether a ``KeyboardInterrupt`` ended training.
    """
    K, histories = len(P), []

    def outcomes(status="stopped"):
        begun = [lane for history in histories for lane in history.outcomes(status)]
        return begun + [None] * (K - len(begun))

    on_end = None
    if on_iteration_end is not None:

        def on_end(*facts):
            return on_iteration_end(*facts, outcomes)

    is_lbfgs = solver == "lbfgs"
    with np.errstate(all="ignore"):  # overflow ends as the status "diverged"
        try:
            for lanes in np.arange(K)[:, None] if is_lbfgs else [slice(None)]:
                history = History(P[lanes], settings.keep(lanes), validation, on_end)
                histories.append(history)
                if is_lbfgs:
                    train_by_lbfgs(history, architecture, batches, on_iteration_begin)
                else:
                    _train_in_lockstep(
                        history,
                        architecture,
                        solver,
                        batches,
                        optimizer_state or OptimizerState.new(solver, P),
                        row_streams,
                        on_iteration_begin,
                    )
                if history.was_stopped:
                    break
            return _judged(outcomes(), architecture, batches.X), False
        except KeyboardInterrupt:
            return _judged(outcomes("interrupted"), architecture, batches.X), True


def _judged(outcomes, architecture, X):
    """The outcomes, "diverged" for lanes whose logits on ``X`` are not all finite."""
    ended = [k for k, lane in enumerate(outcomes) if lane and lane.status != "diverged"]
    if ended:
        P = np.array([outcomes[k].p for k in ended])
        are_finite = have_finite_logits(architecture, P, X)
        for k, is_finite in zip(ended, are_finite, strict=True):
            if not is_finite:
                outcomes[k] = replace(outcomes[k], status="diverged")
    return outcomes


def _train_in_lockstep(
    history,
    architecture,
    solver,
    batches,
    optimizer_state,
    row_streams,
    on_iteration_begin,
):
    """Train by gd, sgd or adam until every lane has left."""
    P, settings = history.starts.copy(), history.settings
    state = optimizer_state.keep(np.arange(len(P)))  # a copy
    update, objective, updates = OPTIMIZERS[solver].update, None, []
    ties, patience = Ties.find(*architecture.layers(P)), Patience(settings)
    n_batches = batches.n_batches
    try:
        while len(P):
            objective = Objective(architecture, P, settings.penalty, ties)
            schedule = _schedule(architecture, settings, n_batches)
            weigh = _weighing(settings, batches)
            why = [""]
            while not any(why):
                for _ in range(history.n_until_review(patience, batches)):
                    if on_iteration_begin is not None:
                        on_iteration_begin()
                    epoch = batches.epoch(row_streams)
                    for n, batch in enumerate(epoch, history.n_iter * n_batches):
                        if batch.total_weight > 0:
                            objective.gradient(batch)
                            if weigh is not None:
                                weigh(objective.G, batch)
                            state.count += 1
                            update(state, P, objective.G, schedule.step(n))
                            updates.append((history.n_iter, batch.n_rows))
                            if state.count % FLUSH_EVERY == 0:
                                flush(P, state)
                    history.end_iteration(P)
                why = history.review(_losses(objective, updates), patience)
                updates = []
                objective.clear()
            stay = history.leave(why, state)
            P, settings, state = P[stay], settings.keep(stay), state.keep(stay)
            patience, ties = patience.keep(stay), ties and ties.keep(stay)
            row_streams = [row_streams[k] for k in stay]
    except KeyboardInterrupt:
        if updates:
            history.add_losses(_losses(objective, updates))
        raise


def _losses(objective, updates):
    """Mean objectives (r, K) of the r epochs to which the updates belong.

    Parameters
    ----------
    objective : Objective
    updates : list of (int, int)
        The epoch and the number of rows of every batch since the values were cleared.
        The mean weighs every batch by its number of rows. A batch is evaluated before
        its update.
    """
    epochs, rows = np.array(updates).T
    values = objective.values()[: len(rows)]
    first = np.flatnonzero(np.diff(epochs, prepend=-1))
    if len(first) == len(rows):
        return values
    # Shares are summed, because the share of a single batch is exactly 1. A division of
    # the sum would round.
    n_batches = np.diff([*first, len(rows)])
    share = rows / np.repeat(np.add.reduceat(rows, first), n_batches)
    return np.add.reduceat(values * share[:, None], first, axis=0)


def _schedule(architecture, settings, n_batches):
    """The steps of all updates; the rate of the hidden weights may be lower."""
    rate = settings.hidden_rate
    if np.all(rate == rate[0]):
        rate = rate[:1]  # one row serves all lanes
    factors = np.array([architecture.pack((r, 1), (1, 1)) for r in rate])
    return Schedule(
        settings.learning_rate,
        None if np.all(rate == 1) else factors,
        settings.momentum,
        settings.nesterov,
        np.where(settings.is_cosine, settings.max_iter * n_batches, np.inf),
        architecture.dtype,
    )


def _weighing(settings, batches):
    """A function that scales down the gradient of a batch of small weight.

    None if no batch needs that. See ``weighs_batches`` of `Settings`.
    """
    if batches.weight is None or batches.n_batches == 1:
        return None

    def weigh(G, batch):
        share = batch.total_weight / (batches.mean_weight * batch.n_rows)
        if share < 1:
            G *= np.where(settings.weighs_batches[:, None], share, 1).astype(G.dtype)

    return weigh


class History:
    """Losses, scores and checkpoints of K lanes, and how each has ended.

    Its arrays have a row or a column for every lane, also for lanes that have left.
    ``KeyboardInterrupt`` may be raised at any line. The results of an iteration are
    therefore written to other memory than those of the iteration before, and a single
    assignment makes them current.

    Parameters
    ----------
    starts : ndarray of shape (K, p)
    settings : Settings
    validation : Validation or None
    on_iteration_end : callable or None
        ``on_iteration_end(n_iter, losses, scores) -> bool``, as in `train`.

    Attributes
    ----------
    lanes : ndarray of shape (n_live,)
        Indices of the lanes that still train.
    n_iter : int
        Number of iterations that these lanes have completed.
    was_stopped : bool
        Whether ``on_iteration_end`` ended training.
    """

    def __init__(self, starts, settings, validation, on_iteration_end=None):
        K = len(starts)
        self.starts, self.settings, self.validation = starts, settings, validation
        self.lanes, self.n_iter = np.arange(K), 0
        self.on_iteration_end, self.was_stopped = on_iteration_end, False
        self._ends = [None] * K  # (status, iterations, optimizer state, message)
        self._losses = []  # arrays (r, K)
        self._scores, self._validation_losses = [], []  # rows (K,)
        self._checkpoints = [starts.copy(), starts.copy()]  # even and odd iterations
        self._best = starts.copy(), np.full(K, -np.inf)  # by validation score

    def end_iteration(self, P):
        """Record that the lanes have completed one more iteration."""
        lanes, best = self.lanes, self._best
        if self.validation is not None:
            scores, losses = (self._rows(v) for v in self.validation.evaluate(P))
            self._scores.append(scores)
            self._validation_losses.append(losses)
            if self.settings.early_stopping:
                best_P, best_scores = best[0].copy(), best[1]
                is_better = scores > best_scores  # False for nan, of lanes that left
                best_P[is_better] = P[is_better[lanes]]
                best = best_P, np.where(is_better, scores, best_scores)
        checkpoint = self._checkpoints[(self.n_iter + 1) % 2]
        checkpoint[lanes if len(lanes) < len(checkpoint) else slice(None)] = P
        self.n_iter, self._best = self.n_iter + 1, best

    def add_losses(self, losses):
        """Add the losses (r, n_live) of the last r iterations."""
        self._losses.append(self._rows(losses))

    def _rows(self, values):
        """Values (..., n_live) as (..., K), with nan for the lanes that have left."""
        if len(self.lanes) == len(self.starts):
            return values
        rows = np.full((*values.shape[:-1], len(self.starts)), np.nan)
        rows[..., self.lanes] = values
        return rows

    @property
    def decides_every_iteration(self):
        """Whether early stopping or the hook may end training at any iteration."""
        return self.on_iteration_end is not None or self.settings.early_stopping

    def n_until_review(self, patience, batches):
        """Number of iterations until the next review; no lane has to leave before."""
        if self.on_iteration_end is not None:
            return 1
        bounds = (
            patience.slack(),
            max(1, REVIEW_BLOCKS // batches.blocks_per_epoch),
            REVIEW_ITERATIONS,
            self.settings.max_iter[self.lanes].min() - self.n_iter,
        )
        return int(min(bounds))

    def review(self, losses, patience):
        """Decide which lanes must leave.

        Parameters
        ----------
        losses : ndarray of shape (r, n_live)
            The losses since the last review.
        patience : Patience

        Returns
        -------
        why : ndarray of str, shape (n_live,)
            The status of a lane that must leave; "" for a lane that stays.
        """
        settings, is_early = self.settings, self.settings.early_stopping
        self.add_losses(losses)
        measures, last_scores = losses, None
        if self.validation is not None:
            scores = np.array(self._scores[-len(losses) :])[:, self.lanes]
            measures, last_scores = -scores if is_early else losses, scores[-1]
        is_stale = patience.review(measures, losses)
        if self.on_iteration_end is not None:
            self.was_stopped = self.on_iteration_end(
                self.n_iter, losses[-1], last_scores
            )
        why = np.full(len(self.lanes), "", dtype=object)
        at_end = self.n_iter >= settings.max_iter[self.lanes]
        why[at_end] = "max_iter"
        why[at_end & on_plateau(losses[-1], settings.plateau_loss)] = "plateau"
        why[is_stale] = "early_stopped" if is_early else "converged"
        if self.was_stopped:
            why[:] = "stopped"
        return self._or_diverged(why, losses)

    def _or_diverged(self, why, losses):
        """The reasons, "diverged" where losses or final parameters are not finite."""
        is_whole = np.isfinite(losses).all(axis=0)
        if self._has_validation_loss:
            held_out = np.array(self._validation_losses[: self.n_iter])
            held_out = held_out[-len(losses) :, self.lanes]
            is_whole &= np.isfinite(held_out).all(axis=0)
        P = self._checkpoints[self.n_iter % 2][self.lanes]
        is_whole &= (why == "") | np.isfinite(P).all(axis=1)
        return np.where(is_whole, why, "diverged")

    @property
    def _has_validation_loss(self):
        """Whether validation rows have a loss, which needs a row of a known class."""
        return self.validation is not None and self.validation.has_loss

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
        self.lanes = self.lanes[stay]
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
