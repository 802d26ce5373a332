"""L-BFGS, whose steps lanes cannot share: one lane at a time, the algorithm is scipy's.

What an iteration leaves is kept, judged and ended by the monitor that ``training``
hands over, as for every other solver.
"""

import numpy as np
from scipy.optimize import minimize

from skshallow._core.network import Objective, Ties


class _LaneEnded(Exception):
    """Unwinds scipy's loop."""


def train_by_lbfgs(monitor, architecture, batches):
    """Train the single lane of ``monitor`` by L-BFGS, until it has left.

    Byrd, Lu, Nocedal and Zhu (SIAM J. Sci. Comput. 16, 1995). scipy's vector is
    float64; objective, gradient and result have the architecture's dtype.

    Parameters
    ----------
    monitor : Monitor
        As in ``training``; takes note of every iteration.
    architecture : Architecture
    batches : Batches
        Of all rows.

    Raises
    ------
    KeyboardInterrupt
        Raised again after the lane has been ended where it was.
    """
    P, settings, losses = monitor.P, monitor.settings, []
    ties = Ties.find(*architecture.layers(P))
    objective = Objective(architecture, P, settings.penalty, ties)
    (whole,) = batches.one_pass([])
    last_x = last_value = None

    def value_and_gradient(x):
        nonlocal last_x, last_value
        monitor.begin()
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

    try:
        result = minimize(
            value_and_gradient,
            P[0].astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options=_options(settings),
        )
        if monitor.n_iter == 0:  # scipy stopped at the start itself
            after_iteration(result.x)
        why = np.array([_status(result, settings, last_value)], dtype=object)
        if losses and monitor.review(np.array(losses))[0] == "diverged":
            why[0] = "diverged"
        monitor.leave(why, message=result.message)
    except _LaneEnded:
        pass
    except KeyboardInterrupt:
        monitor.interrupt(losses)
        raise


def _options(settings):
    """``tol`` is scipy's ``gtol``; without one nothing but rounding ends the search."""
    (tol,), max_iter = settings.tol, int(settings.max_iter[0])
    # scipy's limit of evaluations must not end a search before its iterations do.
    options = {"maxiter": max_iter, "maxfun": max(15_000, 10 * max_iter)}
    if tol == -np.inf:
        return {**options, "gtol": 0, "ftol": 0}
    return {**options, "gtol": tol}


def _status(result, settings, loss):
    """scipy's verdict in the words of ``training.STATUSES``."""
    if settings.on_plateau(loss).all():
        return "plateau"
    if result.success:
        return "converged"
    return "max_iter" if result.status == 1 else "abnormal"
