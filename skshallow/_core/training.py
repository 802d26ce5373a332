"""The training loop.

One loop trains K lanes in lock-step by ``gd``, ``sgd`` or ``adam``; each lane stops by
itself. An iteration is one epoch: every row is used once. `Objective.gradient` runs the
forward and the backward pass, and the update of the optimizer changes the parameters.
L-BFGS, whose steps lanes cannot share, trains one lane after the other. `History`
records the training of all lanes. This module knows no estimator; other modules make
warnings and errors from the outcomes.
"""

from dataclasses import replace

import numpy as np

from skshallow._core.evaluation import have_finite_logits
from skshallow._core.history import History
from skshallow._core.lbfgs import train_by_lbfgs
from skshallow._core.objective import Objective
from skshallow._core.optimizers import (
    FLUSH_EVERY,
    OPTIMIZERS,
    OptimizerState,
    flush,
    schedule,
)
from skshallow._core.ties import Ties


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
    settings : LaneSettings
    row_streams : list of K RandomState
        Sources of the row order of every lane. They are advanced. Lanes that share a
        stream share the order.
    validation : Validation or None
    optimizer_state : OptimizerState or None
        The state in which an earlier call with the same solver ended; not changed.
    on_iteration_begin : callable or None
        ``on_iteration_begin(n_lanes)`` is called before each iteration of so many
        lanes.
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
    history = History(P, settings, validation, on_iteration_begin, on_iteration_end)
    with np.errstate(all="ignore"):  # overflow ends as the status "diverged"
        try:
            if solver == "lbfgs":
                _train_in_turn(history, architecture, batches)
            else:
                _train_in_lockstep(
                    history, architecture, batches, solver, optimizer_state, row_streams
                )
            return _checked(history.outcomes(), architecture, batches.X), False
        except KeyboardInterrupt:
            outcomes = history.outcomes("interrupted")
            return _checked(outcomes, architecture, batches.X), True


def _checked(outcomes, architecture, X):
    """The outcomes, "diverged" for lanes whose logits on ``X`` are not all finite."""
    ended = [k for k, o in enumerate(outcomes) if o and o.status != "diverged"]
    if ended:
        P = np.array([outcomes[k].p for k in ended])
        are_finite = have_finite_logits(architecture, P, X)
        for k, is_finite in zip(ended, are_finite, strict=True):
            if not is_finite:
                outcomes[k] = replace(outcomes[k], status="diverged")
    return outcomes


def _train_in_turn(history, architecture, batches):
    """Train one lane after the other by L-BFGS."""
    for lane in range(len(history.starts)):
        if not history.was_stopped:
            P = history.begin(np.array([lane]))
            penalty = history.settings.penalty[[lane]]
            ties = Ties.find(*architecture.layers(P))
            objective = Objective(architecture, P, penalty, ties)
            train_by_lbfgs(history, objective, batches)


def _train_in_lockstep(
    history, architecture, batches, solver, optimizer_state, row_streams
):
    """Train by gd, sgd or adam until every lane has left."""
    P = history.begin(np.arange(len(history.starts)))
    state = optimizer_state or OptimizerState.new(solver, P)
    state = state.keep(np.arange(len(P)))  # a copy
    update = OPTIMIZERS[solver].update
    ties = Ties.find(*architecture.layers(P))
    n_batches = batches.n_batches
    while len(P):
        settings = history.settings.keep(history.live)
        objective = Objective(architecture, P, settings.penalty, ties)
        factors = _rate_factors(architecture, settings.hidden_factor)
        step_of = schedule(settings, factors, n_batches, P.dtype)
        weigh = _weighing(settings, batches)
        try:
            why = ()  # no lane has a reason to leave
            while not any(why):
                for _ in range(history.n_until_review(batches.blocks_per_epoch)):
                    if history.on_iteration_begin is not None:
                        history.on_iteration_begin(len(P))
                    n_before = history.n_iter * n_batches
                    epoch = enumerate(batches.epoch(row_streams), n_before)
                    for t, (blocks, n_rows, total_weight) in epoch:
                        if total_weight == 0:
                            continue  # no update
                        objective.gradient(blocks, epoch=history.n_iter, n_rows=n_rows)
                        if weigh is not None:
                            weigh(objective.G, n_rows, total_weight)
                        state.count += 1
                        update(state, P, objective.G, step_of(t))
                        if state.count % FLUSH_EVERY == 0:
                            flush(P, state)
                    history.end_iteration(P)
                why = history.review(objective.epoch_means())
                objective.clear()
        except KeyboardInterrupt:
            history.record(objective.epoch_means())
            raise
        stay = history.leave(why, state)
        P, state, ties = P[stay], state.keep(stay), ties and ties.keep(stay)
        row_streams = [row_streams[k] for k in stay]


def _rate_factors(architecture, hidden):
    """Factors of the learning rate for each parameter; None if all are 1.

    ``hidden`` (K,) are the factors for the hidden weights.
    """
    if np.all(hidden == 1):
        return None
    if np.all(hidden == hidden[0]):
        hidden = hidden[:1]  # one row serves all lanes
    return np.array([architecture.pack((factor, 1), (1, 1)) for factor in hidden])


def _weighing(settings, batches):
    """A function that scales down the gradient of a batch of small weight.

    A last batch with fewer rows than the others has a small weight. None if there can
    be no such batch. See ``weighs_batches`` of `LaneSettings`.
    """
    if batches.n_batches == 1 or (batches.weight is None and not batches.has_leftover):
        return None

    mean_weight = batches.total_weight / batches.n_rows

    def weigh(G, n_rows, total_weight):
        n_usual = batches.batch_size if batches.has_leftover else n_rows
        share = total_weight / (mean_weight * n_usual)
        if share < 1:
            G *= np.where(settings.weighs_batches[:, None], share, 1).astype(G.dtype)

    return weigh
