"""The training loop: passes, lanes that stop on their own, histories, outcomes.

One loop trains K lanes in lock-step by ``gd``, ``sgd`` or ``adam``; L-BFGS, whose
steps cannot be shared, hands one lane to scipy and keeps the same records. How a lane
ends is data: one of the words of `STATUSES`. This module knows no estimator; warnings
and errors for users are made from the outcomes elsewhere.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from skshallow.network import Objective, Ties
from skshallow.optimizers import OPTIMIZERS, Step

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

# A loss within this share of the constant predictor's counts as on the plateau.
PLATEAU = 0.01
# The stopping rule is evaluated for many iterations at once, at least every so many
# blocks and so many iterations: the bookkeeping of a tiny net costs as much as its
# steps, and a diverged lane must not train on for long.
REVIEW_BLOCKS, REVIEW_ITERATIONS = 256, 16


class Settings(NamedTuple):
    """Hyperparameters of training; those in (K,) arrays may differ between lanes.

    Parameters
    ----------
    learning_rate, alpha, momentum : ndarray of shape (K,)
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
    alpha: np.ndarray
    momentum: np.ndarray
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


class Validation:
    """Held-out rows, on which every lane is scored after each iteration.

    Parameters
    ----------
    architecture : Architecture
    X : ndarray or CSR of shape (n, d)
    labels : ndarray of shape (n,)
        Class indices.
    weight : ndarray of shape (n,) or None
    """

    def __init__(self, architecture, X, labels, weight):
        self.architecture, self.X, self.labels = architecture, X, labels
        weight = np.ones(len(labels)) if weight is None else weight
        self.total, self.weight = weight.sum(), weight

    def evaluate(self, P):
        """Accuracy and mean cross-entropy of every lane: two (K,) arrays."""
        loss = self.architecture.loss
        correct, losses = np.zeros(len(P)), np.zeros(len(P))
        for rows, Z in self.architecture.logits(P, self.X):
            labels, weight = self.labels[rows], self.weight[rows]
            correct += np.matmul(loss.classify(Z) == labels, weight)
            losses += loss.value(Z, labels, weight)
        return correct / self.total, losses / self.total


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
        """Forget the other lanes."""
        self.settings = self.settings.keep(lanes)
        self.best, self.stale = self.best[lanes], self.stale[lanes]

    def slack(self):
        """Iterations until the first lane could stop: never too many."""
        if np.isneginf(self.settings.tol).all():
            return REVIEW_ITERATIONS
        return 1 + (self.settings.n_iter_no_change - self.stale).min()

    def review(self, measures, losses):
        """Take in r iterations, (r, K) arrays each; return the lanes out of patience.

        ``r`` must not exceed `slack`, so that no lane could have stopped earlier.
        """
        best = np.minimum.accumulate(np.vstack([self.best, measures]))
        stale = measures > best[:-1] - self.settings.tol
        stale &= ~self.settings.on_plateau(losses)
        in_a_row = np.argmin(stale[::-1], axis=0)  # back to the last improvement
        self.stale = np.where(stale.all(axis=0), self.stale + len(stale), in_a_row)
        self.best = best[-1]
        return self.stale > self.settings.n_iter_no_change


def train(
    architecture,
    solver,
    batches,
    P,
    settings,
    *,
    row_stream,
    validation=None,
    continuation=None,
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
    row_stream : RandomState
        Draws the order of rows; advanced.
    validation : Validation or None
    continuation : Continuation or None
        Where an earlier call with the same solver ended; left alone.
    report : callable or None
        ``report(n_iter, losses, scores) -> bool`` after each iteration, with arrays
        of the lanes still training (``scores`` None without validation): true stops.

    Returns
    -------
    outcomes : list of Outcome or None, one a lane
        None for a lane that was interrupted before its first iteration ended.
    """
    with np.errstate(all="ignore"):  # overflow ends as the status "diverged"
        if solver != "lbfgs":
            if continuation is None:
                continuation = Continuation(OPTIMIZERS[solver].init(P))
            monitor = Monitor(P, settings, validation, report)
            _lockstep(monitor, architecture, solver, batches, continuation, row_stream)
            return monitor.outcomes
        outcomes = [None] * len(P)
        for k, p in enumerate(P):
            monitor = Monitor(p[None], settings.keep([k]), validation, report)
            _lbfgs(monitor, architecture, batches)
            outcomes[k] = monitor.outcomes[0]
            if monitor.interrupted:
                break
        return outcomes


class Monitor:
    """Parameters, histories, stopping and outcomes of the lanes in training.

    Parameters
    ----------
    P : ndarray of shape (K, p)
        The starts; copied.
    settings : Settings
    validation : Validation or None
    report : callable or None
        As in `train`.

    Attributes
    ----------
    P : ndarray of shape (n_live, p)
        Parameters of the lanes still training, changed in place by the loop.
    lanes : ndarray of shape (n_live,)
        Their numbers.
    n_iter : int
        Iterations completed.
    outcomes : list of Outcome or None
    interrupted : bool
    """

    def __init__(self, P, settings, validation, report):
        self.P, self.settings = P.copy(), settings
        self.validation, self.report = validation, report
        self.lanes, self.n_iter = np.arange(len(P)), 0
        self.outcomes, self.interrupted = [None] * len(P), False
        self._patience = Patience(settings)
        self._best_P, self._best_score = P.copy(), np.full(len(P), -np.inf)
        # Two, in turn: whenever an interruption strikes, one of them holds the last
        # completed iteration whole.
        self._checkpoints = [P.copy(), P.copy()]
        self._curves = ([], [], [])  # a (n_live,) row an iteration, since `_archived`
        self._archive = [[] for _ in P]  # of each lane, the iterations before
        self._archived = 0

    def completed(self):
        """Take note that ``P`` is the result of one more iteration."""
        if self.validation is not None:
            scores, losses = self.validation.evaluate(self.P)
            self._curves[1].append(scores)
            self._curves[2].append(losses)
        np.copyto(self._checkpoints[(self.n_iter + 1) % 2], self.P)
        self.n_iter += 1
        if self.settings.early_stopping:
            better = scores > self._best_score
            self._best_P[better] = self.P[better]
            self._best_score[better] = scores[better]

    @property
    def decides_every_iteration(self):
        """Whether validation or a report may end training at any iteration."""
        return self.report is not None or self.settings.early_stopping

    @property
    def last_loss(self):
        """Loss of the first live lane after the last review."""
        return self._curves[0][-1][0]

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
        self._curves[0].extend(losses)
        last, early = losses[-1], self.settings.early_stopping
        measures = -np.array(self._curves[1][-len(losses) :]) if early else losses
        impatient = self._patience.review(measures, losses)
        stop = False
        if self.report is not None:
            scores = self._curves[1][-1] if self.validation is not None else None
            stop = self.report(self.n_iter, last, scores)
        why = np.full(len(self.lanes), "", dtype=object)
        at_end = self.n_iter >= self.settings.max_iter
        why[at_end] = "max_iter"
        why[at_end & self.settings.on_plateau(last)] = "plateau"
        why[impatient] = "early_stopped" if early else "converged"
        if stop:
            why[:] = "stopped"
        finite = np.isfinite(last)
        if any(why):
            finite &= np.isfinite(self.P).all(axis=1)
        why[~finite] = "diverged"
        return why

    def leave(self, why, continuation=None, message=""):
        """Write the outcomes of the lanes that have a reason; return who stays."""
        stay, length = np.flatnonzero(why == ""), self.n_iter - self._archived
        for k, lane in enumerate(self.lanes):
            rows = [np.array([r[k] for r in c[:length]]) for c in self._curves]
            self._archive[lane].append(rows)
            if why[k]:
                self.outcomes[lane] = self._outcome(k, why[k], continuation, message)
        self._curves, self._archived = ([], [], []), self.n_iter
        self.P, self._best_P = self.P[stay], self._best_P[stay]
        self._best_score, self.lanes = self._best_score[stay], self.lanes[stay]
        self._checkpoints = [kept[stay] for kept in self._checkpoints]
        self.settings = self.settings.keep(stay)
        self._patience.keep(stay)
        return stay

    def interrupt(self, losses):
        """End the live lanes as they were after the last completed iteration.

        ``losses`` (r, n_live) are those since the last review, and perhaps one more.
        """
        self.interrupted = True
        self._curves[0].extend(losses)
        if self.n_iter:
            self.leave(np.full(len(self.lanes), "interrupted", dtype=object))

    def _outcome(self, k, status, continuation, message):
        p, best_score = self._checkpoints[self.n_iter % 2][k], None
        if self.settings.early_stopping:
            p, best_score = self._best_P[k], float(self._best_score[k])
        pieces = zip(*self._archive[self.lanes[k]], strict=True)
        curves = [np.concatenate(piece) for piece in pieces]
        if continuation is not None:
            continuation = continuation.keep([k])
        return Outcome(
            p.copy(), status, self.n_iter, *curves, best_score, continuation, message
        )


def _lockstep(monitor, architecture, solver, batches, progress, row_stream):
    """Gradient descent in any of its forms, until every lane has left."""
    progress = progress.copy()
    ties = Ties.find(*architecture.layers(monitor.P))
    while len(monitor.lanes):
        alpha = monitor.settings.alpha
        objective = Objective(architecture, monitor.P, alpha, ties)
        passes = _Passes(objective, solver, progress, monitor.settings)
        try:
            while True:
                for _ in range(monitor.iterations_to_review(batches.blocks_per_pass)):
                    passes.make(batches, row_stream)
                    monitor.completed()
                why = monitor.review(passes.losses())
                if any(why):
                    break
        except KeyboardInterrupt:
            monitor.interrupt(passes.losses())
            return
        stay = monitor.leave(why, progress)
        progress = progress.keep(stay)
        ties = ties and ties.keep(stay)


class _Passes:
    """Passes over the batches: gradient and update for each batch."""

    def __init__(self, objective, solver, progress, settings):
        self.objective, self.progress = objective, progress
        self.update = OPTIMIZERS[solver].update
        dtype = objective.P.dtype
        self.step = Step(
            _per_lane(settings.learning_rate, dtype),
            _per_lane(settings.momentum, dtype),
            settings.nesterov,
        )
        self._batch_rows = []  # of the passes whose losses have not been asked for
        self._first_batches = []

    def make(self, batches, row_stream):
        """Make one pass."""
        objective, progress, step = self.objective, self.progress, self.step
        self._first_batches.append(len(self._batch_rows))
        for batch in batches.one_pass(row_stream):
            if batch.total_weight > 0:
                objective.gradient(batch)
                progress.count += 1
                self.update(
                    progress.moments, objective.P, objective.G, step, progress.count
                )
                self._batch_rows.append(batch.n_rows)

    def losses(self):
        """Mean objectives (r, K) of the passes since the last call.

        A batch counts by its rows and is evaluated before its update. A pass without
        any batch yet, because it was interrupted, is left out.
        """
        rows, first = self._batch_rows, self._first_batches
        self._batch_rows, self._first_batches = [], []
        if not rows:
            return np.empty((0, len(self.objective.P)))
        values = self.objective.settle()[: len(rows)]
        if first == list(range(len(rows))):
            return values
        first = [start for start in first if start < len(rows)]
        total = np.add.reduceat(values * np.array(rows)[:, None], first, axis=0)
        return total / np.add.reduceat(rows, first)[:, None]


def _per_lane(values, dtype):
    """Values (K,) as a (K, 1) column, or a cheaper () array where all are equal."""
    same = np.all(values == values[0])
    return (values[0] if same else values[:, None]).astype(dtype)


class _LaneEnded(Exception):
    """Unwinds scipy's loop."""


def _lbfgs(monitor, architecture, batches):
    """L-BFGS of the single lane of ``monitor``: the algorithm is scipy's.

    Byrd, Lu, Nocedal and Zhu (SIAM J. Sci. Comput. 16, 1995). scipy's vector is
    float64; objective, gradient and result have the architecture's dtype.
    """
    P, settings = monitor.P, monitor.settings
    ties = Ties.find(*architecture.layers(P))
    objective = Objective(architecture, P, settings.alpha, ties)
    (whole,) = batches.one_pass(None)
    last_x, last_value, losses = None, None, []

    def value_and_gradient(x):
        nonlocal last_x, last_value
        P[0] = x
        if ties is not None:  # the search direction may part equal units
            ties.apply(*architecture.layers(P))
        last_x, last_value = x.copy(), objective(whole)
        return last_value[0], objective.G[0].astype(np.float64)

    def after_iteration(x):
        if not (x == last_x).all():
            value_and_gradient(x)
        losses.append(last_value)
        monitor.completed()
        if monitor.decides_every_iteration:
            why = monitor.review(np.array(losses))
            losses.clear()
            if why[0] in ("early_stopped", "stopped", "diverged"):
                monitor.leave(why)
                raise _LaneEnded

    tol = settings.tol[0]
    options = {"maxiter": int(settings.max_iter[0]), "gtol": max(tol, 0)}
    if tol == -np.inf:
        options["ftol"] = 0
    try:
        result = minimize(
            value_and_gradient,
            P[0].astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options=options,
        )
        if monitor.n_iter == 0:  # scipy stopped at the start itself
            after_iteration(result.x)
        if losses:
            monitor.review(np.array(losses))
        why = np.array([_lbfgs_status(monitor, result)], dtype=object)
        monitor.leave(why, message=result.message)
    except _LaneEnded:
        pass
    except KeyboardInterrupt:
        monitor.interrupt(losses)


def _lbfgs_status(monitor, result):
    """scipy's verdict in the words of `STATUSES`."""
    if not np.isfinite(monitor.last_loss):
        return "diverged"
    if monitor.settings.on_plateau(monitor.last_loss):
        return "plateau"
    if result.success:
        return "converged"
    return "max_iter" if result.status == 1 else "abnormal"
