"""The training loop: passes, lanes that stop on their own, histories, outcomes.

One loop trains K lanes in lock-step by ``gd``, ``sgd`` or ``adam``; L-BFGS, whose
steps cannot be shared, hands one lane to scipy and keeps the same records. How a lane
ends is data: one of the words of `STATUSES`. This module knows no estimator; warnings
and errors for users are made from the outcomes elsewhere.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from skshallow._core.lbfgs import train_by_lbfgs
from skshallow._core.network import Objective, Ties
from skshallow._core.optimizers import FLUSH_EVERY, OPTIMIZERS, Steps, flush
from skshallow._core.stopping import Patience

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

# A loss within this share of the constant predictor's counts as on the plateau:
# convention. A net that has begun to learn is past it within an iteration or two.
PLATEAU = 0.01
# The stopping rule is evaluated for many iterations at once, at least every so many
# blocks and so many iterations: the bookkeeping of a tiny net costs as much as its
# steps, and a diverged lane must not train on for long.
REVIEW_BLOCKS, REVIEW_ITERATIONS = 256, 16


class Settings(NamedTuple):
    """Hyperparameters of training; those in (K,) arrays may differ between lanes.

    Parameters
    ----------
    learning_rate : ndarray of shape (K,)
    hidden_rate : ndarray of shape (K,)
        Factor on the learning rate for the weights of the hidden layer.
    weighs_batches : ndarray of bool of shape (K,)
        Whether the gradient is smaller where a batch weighs less than its rows' share.
    penalty, momentum : ndarray of shape (K,)
        The penalty is ``alpha`` over the weight of all training rows.
    is_cosine : ndarray of bool of shape (K,)
        Whether the learning rate falls to 0 over ``max_iter`` iterations.
    tol : ndarray of shape (K,)
        ``-inf`` never stops.
    n_iter_no_change, max_iter : ndarray of shape (K,)
    nesterov : bool
    plateau_loss : float
        The constant predictor's loss.
    early_stopping : bool
        Whether validation scores decide, instead of the loss.
    """

    learning_rate: np.ndarray
    hidden_rate: np.ndarray
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
        """The settings of some of the lanes."""
        kept = (v[lanes] if isinstance(v, np.ndarray) else v for v in self)
        return Settings(*kept)

    def on_plateau(self, losses):
        """Whether losses are within 1% of the constant predictor's."""
        return np.abs(losses - self.plateau_loss) <= PLATEAU * self.plateau_loss


@dataclass
class Continuation:
    """What an optimiser needs to go on: moments of (K, p) each, and updates made."""

    moments: dict
    count: int = 0

    def copy(self):
        """A copy that shares no array."""
        return Continuation({k: v.copy() for k, v in self.moments.items()}, self.count)

    def keep(self, lanes):
        """The moments of some of the lanes."""
        kept = {name: value[lanes] for name, value in self.moments.items()}
        return Continuation(kept, self.count)


@dataclass
class Outcome:
    """How one lane ended.

    Attributes
    ----------
    p : ndarray of shape (p,)
        The parameters to keep: the last, or the best by validation score.
    status : str
        A word of `STATUSES`.
    n_iter : int
    loss_curve, validation_scores, validation_losses : ndarray of shape (n_iter,)
        The last two are empty without validation data.
    best_score : float or None
        With early stopping, the score of ``p``.
    continuation : Continuation or None
    message : str
        What scipy said.
    """

    p: np.ndarray
    status: str
    n_iter: int
    loss_curve: np.ndarray
    validation_scores: np.ndarray
    validation_losses: np.ndarray
    best_score: float | None = None
    continuation: Continuation | None = None
    message: str = ""

    @property
    def loss(self):
        """Final loss: the last entry of the curve, or nan if the lane diverged."""
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
    continuation=None,
    announce=None,
    report=None,
):
    """Train K lanes to their ends.

    Parameters
    ----------
    architecture : Architecture
    solver : {"gd", "sgd", "adam", "lbfgs"}
    batches : Batches
    P : ndarray of shape (K, p)
        The starts; left alone.
    settings : Settings
    row_streams : list of K RandomState
        Draw the order of rows of every lane; advanced. Lanes that share a stream share
        the order.
    validation : Validation or None
    continuation : Continuation or None
        Where an earlier call with the same solver ended; left alone.
    announce : callable or None
        ``announce()`` before each iteration.
    report : callable or None
        ``report(n_iter, losses, scores, outcomes) -> bool`` after each iteration, with
        arrays of the lanes still training (``scores`` None without validation): true
        stops. ``outcomes()`` are the outcomes of all lanes, were it to stop.

    Returns
    -------
    Training
    """
    training = Training([None] * len(P))
    groups = [np.arange(len(P))] if solver != "lbfgs" else np.arange(len(P))[:, None]
    try:
        with np.errstate(all="ignore"):  # overflow ends as the status "diverged"
            for lanes in groups:
                monitor = Monitor(
                    training, lanes, P[lanes], settings.keep(lanes), validation
                )
                monitor.announce, monitor.report = announce, report
                if solver == "lbfgs":
                    train_by_lbfgs(monitor, architecture, batches)
                else:
                    progress = continuation or Continuation(OPTIMIZERS[solver].init(P))
                    _lockstep(
                        monitor, architecture, solver, batches, progress, row_streams
                    )
                if monitor.was_stopped:
                    break
            _judge_last_updates(training, architecture, batches.X)
        return training
    except KeyboardInterrupt:
        training.interrupted = True
        with np.errstate(all="ignore"):
            _judge_last_updates(training, architecture, batches.X)
        return training


def _judge_last_updates(training, architecture, X):
    """A lane has diverged, too, if it fails to predict ``X`` after its last update."""
    outcomes = list(training.outcomes)
    ended = [k for k, lane in enumerate(outcomes) if lane and lane.status != "diverged"]
    if not ended:
        return
    P = np.array([outcomes[k].p for k in ended])
    for k, is_finite in zip(ended, architecture.has_finite_logits(P, X), strict=True):
        if not is_finite:
            outcomes[k] = replace(outcomes[k], status="diverged")
    training.outcomes = outcomes


@dataclass
class Training:
    """What became of the lanes.

    Attributes
    ----------
    outcomes : list of Outcome or None
        None for a lane that was interrupted before its first iteration ended, or that
        a report kept from starting.
    interrupted : bool
    """

    outcomes: list
    interrupted: bool = False


class Monitor:
    """Parameters, histories, stopping and outcomes of the lanes in training.

    An interruption may strike at any line. What an iteration leaves is therefore
    written beside what the last one left, and then made valid by one statement.

    Parameters
    ----------
    training : Training
        Receives the outcomes.
    lanes : ndarray of shape (K,)
        The lanes' numbers among its outcomes.
    P : ndarray of shape (K, p)
        The starts; copied.
    settings : Settings
    validation : Validation or None

    Attributes
    ----------
    announce, report : callable or None
        As in `train`.
    P : ndarray of shape (n_live, p)
        Parameters of the lanes still training, changed in place by the loop.
    lanes : ndarray of shape (n_live,)
        Their numbers.
    n_iter : int
        Iterations completed.
    was_stopped : bool
        Whether a report ended it.
    """

    def __init__(self, training, lanes, P, settings, validation):
        self.training, self.lanes = training, lanes
        self.P, self.settings, self.n_iter = P.copy(), settings, 0
        self.validation, self.was_stopped = validation, False
        self.announce = self.report = None
        self._n_announced = 0
        self._patience = Patience(settings)
        self._checkpoints = [P.copy(), P.copy()]  # for even and for odd iterations
        self._best = P.copy(), np.full(len(P), -np.inf)
        # Losses, scores and validation losses: of the lanes still training, a row
        # (n_live,) an iteration since others last left; and before that, one set of
        # arrays (r, n_live) with the lanes' numbers for each time that some left.
        self._curves, self._past = ([], [], []), []

    def begin(self):
        """Announce the next iteration, once."""
        if self.announce is not None and self._n_announced == self.n_iter:
            self._n_announced += 1
            self.announce()

    def completed(self):
        """Take note that ``P`` is the result of one more iteration."""
        best, curves = self._best, self._curves
        if self.validation is not None:
            scores, losses = self.validation.evaluate(self.P)
            curves[1].append(scores)
            curves[2].append(losses)
            if self.settings.early_stopping:
                better = scores > best[1]
                best = (
                    np.where(better[:, None], self.P, best[0]),
                    np.where(better, scores, best[1]),
                )
        np.copyto(self._checkpoints[(self.n_iter + 1) % 2], self.P)
        self.n_iter, self._best = self.n_iter + 1, best

    @property
    def decides_every_iteration(self):
        """Whether validation or a report may end training at any iteration."""
        return self.report is not None or self.settings.early_stopping

    def iterations_to_review(self, blocks_per_pass):
        """How many iterations may pass before some lane could have to leave."""
        if self.report is not None:
            return 1
        bounds = (
            self._patience.slack(),
            max(1, REVIEW_BLOCKS // blocks_per_pass),
            REVIEW_ITERATIONS,
            self.settings.max_iter.min() - self.n_iter,
        )
        return int(min(bounds))

    def review(self, losses):
        """Decide who must leave, from the losses (r, n_live) since the last review.

        Returns
        -------
        why : ndarray of str, shape (n_live,)
            A status, or "" to stay.
        """
        curves = self._curves
        curves[0].extend(losses)
        last, early = losses[-1], self.settings.early_stopping
        measures = -np.array(curves[1][-len(losses) :]) if early else losses
        impatient = self._patience.review(measures, losses)
        self._report(losses)
        why = np.full(len(self.lanes), "", dtype=object)
        at_end = self.n_iter >= self.settings.max_iter
        why[at_end] = "max_iter"
        why[at_end & self.settings.on_plateau(last)] = "plateau"
        why[impatient] = "early_stopped" if early else "converged"
        if self.was_stopped:
            why[:] = "stopped"
        return self._or_diverged(why, losses)

    def _report(self, losses):
        if self.report is None:
            return
        scores = None if self.validation is None else self._curves[1][-1]

        def outcomes():
            stopped = np.full(len(self.lanes), "stopped", dtype=object)
            return self._outcomes(self._or_diverged(stopped, losses))

        self.was_stopped = self.report(self.n_iter, losses[-1], scores, outcomes)

    def _or_diverged(self, why, losses):
        """Judged by a lane's own iterations and its own end, never by another's."""
        leaves = why != ""
        why[~np.isfinite(losses).all(axis=0)] = "diverged"
        if self._has_validation_loss:  # else the scores mean nothing, either
            held_out = np.array(self._curves[2][-len(losses) :])
            why[~np.isfinite(held_out).all(axis=0)] = "diverged"
        why[leaves & ~np.isfinite(self.P).all(axis=1)] = "diverged"
        return why

    @property
    def _has_validation_loss(self):
        """Whether there is one: nan of rows of unknown classes alone is none."""
        return self.validation is not None and self.validation.has_loss

    def leave(self, why, continuation=None, message=""):
        """Write the outcomes of the lanes that have a reason; return who stays."""
        stay, past = np.flatnonzero(why == ""), self._all_curves()
        outcomes = self._outcomes(why, continuation, message)
        live = {
            "lanes": self.lanes[stay],
            "P": self.P[stay],
            "settings": self.settings.keep(stay),
            "_patience": self._patience.keep(stay),
            "_checkpoints": [kept[stay] for kept in self._checkpoints],
            "_best": tuple(kept[stay] for kept in self._best),
            "_curves": ([], [], []),
            "_past": past,
        }
        self.training.outcomes = outcomes
        vars(self).update(live)
        return stay

    def interrupt(self, losses):
        """End the live lanes as they were after the last completed iteration.

        A lane that had overflowed by then, unseen as yet, has diverged.
        ``losses`` (r, n_live) are those since the last review, and perhaps more.
        """
        self._curves[0].extend(losses)
        if self.n_iter:
            whole = np.isfinite(self._checkpoints[self.n_iter % 2]).all(axis=1)
            n_judged = 3 if self._has_validation_loss else 2
            for curve in self._recent()[:n_judged]:
                whole &= np.isfinite(curve).all(axis=0)
            self.leave(np.where(whole, "interrupted", "diverged").astype(object))

    def _recent(self):
        """The open curves as arrays (r, n_live), up to the last whole iteration."""
        n_past = sum(len(curves[0]) for _, curves in self._past)
        recent = [curve[: self.n_iter - n_past] for curve in self._curves]
        return [np.array(c).reshape(len(c), len(self.lanes)) for c in recent]

    def _all_curves(self):
        return [*self._past, (self.lanes, self._recent())]

    def _outcomes(self, why, continuation=None, message=""):
        """The outcomes so far, and of the lanes that have a reason to leave."""
        outcomes, curves = list(self.training.outcomes), self._all_curves()
        for k in np.flatnonzero(why != ""):
            own = _curves_of(self.lanes[k], curves)
            outcome = self._outcome(k, why[k], own, continuation, message)
            outcomes[self.lanes[k]] = outcome
        return outcomes

    def _outcome(self, k, status, curves, continuation, message):
        p, best_score = self._checkpoints[self.n_iter % 2][k], None
        if self.settings.early_stopping:
            p, best_score = self._best[0][k], float(self._best[1][k])
        if continuation is not None:
            continuation = continuation.keep([k])
        return Outcome(
            p.copy(), status, self.n_iter, *curves, best_score, continuation, message
        )


def _curves_of(lane, past):
    """One lane's losses, scores and validation losses, from all the times it was in."""
    parts = [
        [curve[:, np.searchsorted(lanes, lane)] for curve in curves]
        for lanes, curves in past
    ]
    return [np.concatenate(kind) for kind in zip(*parts, strict=True)]


def _lockstep(monitor, architecture, solver, batches, progress, row_streams):
    """Gradient descent in any of its forms, until every lane has left."""
    progress = progress.copy()
    ties = Ties.find(*architecture.layers(monitor.P))
    passes = None
    try:
        while len(monitor.lanes):
            penalty = monitor.settings.penalty
            objective = Objective(architecture, monitor.P, penalty, ties)
            passes = _Passes(objective, solver, progress, monitor.settings, batches)
            why = [""]
            while not any(why):
                for _ in range(monitor.iterations_to_review(batches.blocks_per_pass)):
                    monitor.begin()
                    passes.make(monitor.n_iter, row_streams)
                    monitor.completed()
                why = monitor.review(passes.losses())
                passes.forget()
            stay = monitor.leave(why, progress)
            progress = progress.keep(stay)
            ties = ties and ties.keep(stay)
            row_streams = [row_streams[k] for k in stay]
    except KeyboardInterrupt:
        if passes is not None:
            monitor.interrupt(passes.losses())
        raise


class _Passes:
    """Passes over the batches: gradient and update for each batch."""

    def __init__(self, objective, solver, progress, settings, batches):
        self.objective, self.progress, self.batches = objective, progress, batches
        self.update = OPTIMIZERS[solver].update
        n_updates = settings.max_iter * batches.n_batches
        self.steps = Steps(
            settings.learning_rate,
            objective.architecture.hidden_factors(settings.hidden_rate),
            settings.momentum,
            settings.nesterov,
            np.where(settings.is_cosine, n_updates, np.inf),
            objective.P.dtype,
        )
        is_uneven = batches.weight is not None and batches.n_batches > 1
        self._weighs = settings.weighs_batches[:, None] if is_uneven else None
        self._batch_rows, self._first_batches = [], []  # of the passes not forgotten

    def make(self, n_before, row_streams):
        """Make one pass, after ``n_before`` others."""
        objective, progress = self.objective, self.progress
        self._first_batches.append(len(self._batch_rows))
        first = n_before * self.batches.n_batches
        for k, batch in enumerate(self.batches.one_pass(row_streams), first):
            if batch.total_weight > 0:
                objective.gradient(batch)
                if self._weighs is not None:
                    self._weigh(batch)
                progress.count += 1
                self.update(
                    progress.moments,
                    objective.P,
                    objective.G,
                    self.steps.of(k),
                    progress.count,
                )
                self._batch_rows.append(batch.n_rows)
                if progress.count % FLUSH_EVERY == 0:
                    flush(objective.P, progress.moments)

    def _weigh(self, batch):
        """Shrink the gradient of a batch that weighs less than its share."""
        share = batch.total_weight / (self.batches.mean_weight * batch.n_rows)
        if share < 1:
            G = self.objective.G
            G *= np.where(self._weighs, share, 1).astype(G.dtype)

    def losses(self):
        """Mean objectives (r, K) of the passes made since `forget`.

        A batch counts by its rows and is evaluated before its update. A pass without
        any batch yet, because it was interrupted, is left out.
        """
        rows = np.array(self._batch_rows)
        first = [start for start in self._first_batches if start < len(rows)]
        if not first:
            return np.empty((0, len(self.objective.P)))
        values = self.objective.values()[: len(rows)]
        if len(first) == len(rows):
            return values
        # Shares, and not sums to be divided: the share of an only batch is exactly 1.
        n_batches = np.diff([*first, len(rows)])
        share = rows / np.repeat(np.add.reduceat(rows, first), n_batches)
        return np.add.reduceat(values * share[:, None], first, axis=0)

    def forget(self):
        """Forget the passes whose losses have been asked for."""
        self._batch_rows, self._first_batches = [], []
        self.objective.forget()
