"""What users are told of how training went: a line an iteration, a warning, an error.

Outcomes are data (``training.STATUSES``); each that calls for something to be done has
a sentence here that says what.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

REMEDIES = {
    "max_iter": (
        "solver={solver!r} used all max_iter={max_iter} iterations and the loss had "
        "not settled (now {loss_:.4g}). Increase max_iter or learning_rate_init, "
        "scale the features, or pass tol=None to train for a fixed budget. {message}"
    ),
    "plateau": (
        "the loss ({loss_:.4g}) never left the plateau of the constant predictor in "
        "{n_iter} iterations. Try a larger init_scale (or a random init in place of "
        "zeros), a larger learning_rate_init, a smaller alpha, more max_iter, or "
        "scaled features. {message}"
    ),
    "abnormal": (
        "L-BFGS ended in an abnormal line search: scipy says {message!r}. The loss is "
        "{loss_:.4g}. Scale the features, use float64, or raise tol."
    ),
}


def printer(every, n_starts):
    """A report for ``training.train`` that prints a line every so many iterations."""

    def report(n_iter, losses, scores):
        if n_iter % every == 0:
            of_best = f" (lowest of {len(losses)} starts)" if n_starts > 1 else ""
            print(f"Iteration {n_iter}, loss = {np.fmin.reduce(losses):.8f}{of_best}")
            if scores is not None:
                print(f"Validation score: {scores.max():f}")
        return False

    return report


def best_start(outcomes):
    """Index of the start to keep: the best validation score, or the lowest loss.

    Raises
    ------
    ValueError
        If all starts diverged.
    KeyboardInterrupt
        If all were interrupted before an iteration was completed.
    """
    if all(outcome is None for outcome in outcomes):
        raise KeyboardInterrupt
    cost = {
        k: outcome.loss if outcome.best_score is None else -outcome.best_score
        for k, outcome in enumerate(outcomes)
        if outcome is not None and outcome.status != "diverged"
    }
    if not cost:
        raise ValueError(
            "training diverged: the loss or the weights overflowed. The likely cause "
            "is too large a step or start, or unscaled features: lower "
            "learning_rate_init or init_scale, or put a StandardScaler in front."
        )
    return min(cost, key=cost.get)


def warn_of(estimator, outcomes, best, stacklevel):
    """Give the `ConvergenceWarning` that outcomes deserve; ``tol=None`` wants none."""
    n_diverged = sum(outcome.status == "diverged" for outcome in outcomes)
    if n_diverged:
        warnings.warn(
            f"{n_diverged} of {len(outcomes)} starts diverged and were dropped (nan in "
            "init_losses_). Lower learning_rate_init or init_scale.",
            ConvergenceWarning,
            stacklevel=stacklevel,
        )
    if estimator.tol is not None and best.status in REMEDIES:
        facts = {**vars(estimator), **vars(best)}
        message = REMEDIES[best.status].format(**facts).strip()
        warnings.warn(message, ConvergenceWarning, stacklevel=stacklevel)
