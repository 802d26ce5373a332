"""L-BFGS by scipy, one lane at a time, because lanes cannot share its steps.

`History` records every iteration, as for every other solver. It reviews the lane at its
end, and after each iteration only for early stopping and hooks.
"""

import numpy as np
from scipy.optimize import minimize

from skshallow._core.stopping import on_plateau

# The reasons of a review for which a lane is not ended here, because scipy's own
# criteria decide on them.
LEFT_TO_SCIPY = ("", "max_iter", "plateau", "converged")


class _LaneEnded(Exception):
    """Raised to leave scipy's loop."""


def train_by_lbfgs(history, objective, batches):
    """Train one lane by L-BFGS until it has left.

    Byrd, Lu, Nocedal and Zhu (SIAM J. Sci. Comput. 16, 1995). scipy's vector is
    float64; objective, gradient and result have the architecture's dtype.

    Parameters
    ----------
    history : History
        It has begun to train the lane, and records every iteration.
    objective : Objective
        That of the lane. Its parameters are the start, and are changed.
    batches : Batches
        A single batch of all rows.

    Raises
    ------
    KeyboardInterrupt
        Raised again after the history has been given the losses so far.
    """
    run = _Run(history, objective, batches)
    try:
        result = minimize(
            run.value_and_gradient,
            objective.P[0].astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=run.end_iteration,
            options=_options(run.settings),
        )
        run.end(result)
    except _LaneEnded:
        pass
    except KeyboardInterrupt:
        history.record(np.reshape(run.losses, (-1, 1)))
        raise


class _Run:
    """What scipy calls, and the losses (1,) since the last review."""

    def __init__(self, history, objective, batches):
        self.history, self.objective, self.batches = history, objective, batches
        self.settings = history.settings.keep(history.live)
        self.losses = []
        self._n_begun = 0

    def value_and_gradient(self, x):
        on_begin = self.history.on_iteration_begin
        if on_begin is not None and self._n_begun == self.history.n_iter:
            self._n_begun += 1
            on_begin(1)
        objective = self.objective
        objective.P[0] = x
        if objective.ties is not None:  # the direction may differ for equal units
            objective.ties.apply(*objective.architecture.layers(objective.P))
        ((blocks, _, _),) = self.batches.epoch([])
        self._x, self._value = x.copy(), objective(blocks)
        return self._value[0], objective.G[0].astype(np.float64)

    def end_iteration(self, x):
        if not (x == self._x).all():
            self.value_and_gradient(x)
        self.losses.append(self._value)
        self.history.end_iteration(self.objective.P)
        has_hook = self.history.on_iteration_end is not None
        if has_hook or self.settings.early_stopping:
            why = self._review()
            if why[0] not in LEFT_TO_SCIPY:
                self.history.leave(why)
                raise _LaneEnded

    def _review(self):
        why = self.history.review(np.array(self.losses))
        self.losses = []
        return why

    def end(self, result):
        """Record the end of the lane from scipy's result."""
        if self.history.n_iter == 0:  # scipy stopped at the start itself
            self.end_iteration(result.x)
        status = _status(result, self.settings, self._value)
        why = np.array([status], dtype=object)
        if self.losses and (reviewed := self._review())[0] == "diverged":
            why = reviewed
        self.history.leave(why, message=result.message)


def _options(settings):
    """Options of scipy: ``tol`` is ``gtol``; without ``tol`` all criteria are 0."""
    (tol,) = settings.tol
    max_iter = int(settings.max_iter[0])
    # The limit on evaluations must not end training before the limit on iterations.
    options = {"maxiter": max_iter, "maxfun": max(15_000, 10 * max_iter)}
    if tol == -np.inf:
        return {**options, "gtol": 0, "ftol": 0}
    return {**options, "gtol": tol}


def _status(result, settings, loss):
    """The status of the lane, a word of ``stopping.STATUSES``, from scipy's result."""
    if on_plateau(loss, settings.plateau_loss).all():
        return "plateau"
    if result.success:
        return "converged"
    return "max_iter" if result.status == 1 else "abnormal"
