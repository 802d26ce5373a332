"""L-BFGS by scipy, one lane at a time, because lanes cannot share its steps.

The history that ``training`` passes records and judges every iteration, as for every
other solver.
"""

import numpy as np
from scipy.optimize import minimize

from skshallow._core.objective import Objective
from skshallow._core.stopping import Patience, on_plateau
from skshallow._core.ties import Ties


class _LaneEnded(Exception):
    """Raised to leave scipy's loop."""


def train_by_lbfgs(history, architecture, batches, on_iteration_begin=None):
    """Train the single lane of ``history`` by L-BFGS until it has left.

    Byrd, Lu, Nocedal and Zhu (SIAM J. Sci. Comput. 16, 1995). scipy's vector is
    float64; objective, gradient and result have the architecture's dtype.

    Parameters
    ----------
    history : History
        The history of ``training``, which records every iteration.
    architecture : Architecture
    batches : Batches
        A single batch of all rows.
    on_iteration_begin : callable or None
        As in ``training.train``.

    Raises
    ------
    KeyboardInterrupt
        Raised again after the history has been given the losses so far.
    """
    P, settings, losses = history.starts.copy(), history.settings, []
    ties, patience = Ties.find(*architecture.layers(P)), Patience(settings)
    objective = Objective(architecture, P, settings.penalty, ties)
    (whole,) = batches.epoch([])
    last_x = last_value = None
    n_begun = 0

    def value_and_gradient(x):
        nonlocal last_x, last_value, n_begun
        if on_iteration_begin is not None and n_begun == history.n_iter:
            n_begun += 1
            on_iteration_begin()
        P[0] = x
        if ties is not None:  # the search direction may differ for equal units
            ties.apply(*architecture.layers(P))
        last_x, last_value = x.copy(), objective(whole)
        return last_value[0], objective.G[0].astype(np.float64)

    def review():
        why = history.review(np.array(losses), patience)
        losses.clear()
        return why

    def after_iteration(x):
        if not (x == last_x).all():
            value_and_gradient(x)
        losses.append(last_value)
        history.end_iteration(P)
        if history.decides_every_iteration:
            why = review()
            if why[0] in ("early_stopped", "stopped", "diverged"):
                history.leave(why)
                raise _LaneEnded

    try:
        result = minimize(
            value_and_gradient,
            P[0].astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options=_options(settings),
        )
        if history.n_iter == 0:  # scipy stopped at the start itself
            after_iteration(result.x)
        why = np.array([_status(result, settings, last_value)], dtype=object)
        if losses and (reviewed := review())[0] == "diverged":
            why = reviewed
        history.leave(why, message=result.message)
    except _LaneEnded:
        pass
    except KeyboardInterrupt:
        if losses:
            history.add_losses(np.array(losses))
        raise


def _options(settings):
    """Options of scipy: ``tol`` is ``gtol``; without ``tol`` all criteria are 0."""
    (tol,), max_iter = settings.tol, int(settings.max_iter[0])
    # The limit on evaluations must not end training before the limit on iterations.
    options = {"maxiter": max_iter, "maxfun": max(15_000, 10 * max_iter)}
    if tol == -np.inf:
        return {**options, "gtol": 0, "ftol": 0}
    return {**options, "gtol": tol}


def _status(result, settings, loss):
    """The status of the lane, a word of ``training.STATUSES``, from scipy's result."""
    if on_plateau(loss, settings.plateau_loss).all():
        return "plateau"
    if result.success:
        return "converged"
    return "max_iter" if result.status == 1 else "abnormal"
