"""What became of the nets of a fit, and which of them to keep."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

import skshallow._fit.defaults as defaults
from skshallow._core.network import Architecture
from skshallow._core.settings import Settings
from skshallow._fit.weights import RowTotals


class FitResult(NamedTuple):
    """What became of the nets of one estimator.

    Parameters
    ----------
    architecture : Architecture
    classes : ndarray of shape (n_classes,)
    starts, origins : ndarrays of shape (n_starts, p)
        Where this call began, and where the first call began, if training resumes.
    outcomes : list of Outcome or None
        One a start; None where training was interrupted or stopped before its first
        iteration had ended.
    interrupted : bool
    settings : Settings
        Of one lane: all starts have the same.
    totals : RowTotals
        Of the training rows, and all those that came before.
    n_rows : int
        Training rows.
    unfit : str
        What is wrong with the rows, where all starts diverged because of that.
    """

    architecture: Architecture
    classes: np.ndarray
    starts: np.ndarray
    origins: np.ndarray
    outcomes: list
    interrupted: bool
    settings: Settings
    totals: RowTotals
    n_rows: int
    unfit: str = ""

    @property
    def has_diverged(self):
        """Whether all starts diverged, those that had begun."""
        return {lane.status for lane in self.outcomes if lane} == {"diverged"}

    def used(self):
        """The numbers used for parameters, and those a diagnosis compares them with.

        Their names are those of the measurements of a diagnosis.
        """
        weight, mean_square = self.totals.weight, self.totals.mean_square
        return {
            "alpha": float(self.settings.penalty[0]) * weight,
            "auto_alpha": defaults.alpha("auto", weight, mean_square),
            "row_weight": float(weight),
            "learning_rate_init": float(self.settings.learning_rate[0]),
            "is_cosine": bool(self.settings.is_cosine[0]),
        }

    def without_optimizer_states(self):
        """The same without what training would need to resume."""
        outcomes = [
            lane and replace(lane, optimizer_state=None) for lane in self.outcomes
        ]
        return self._replace(outcomes=outcomes)


def best_start(result):
    """Index of the start to keep: the best validation score, or the lowest loss.

    Raises
    ------
    ValueError
        If all starts diverged.
    KeyboardInterrupt
        If training was interrupted and there is no start to keep.
    """
    cost = {
        k: outcome.loss if outcome.best_score is None else -outcome.best_score
        for k, outcome in enumerate(result.outcomes)
        if outcome is not None and outcome.status != "diverged"
    }
    if not cost and result.interrupted:
        raise KeyboardInterrupt
    if not cost and result.unfit:
        raise ValueError(
            f"{result.unfit} Training cannot make a finite loss of that, and "
            "assume_finite=True kept it from being found before: impute what is "
            "missing (sklearn.impute.SimpleImputer) or leave such rows out."
        )
    if not cost:
        raise ValueError(
            "training diverged: the loss or the weights overflowed. The likely cause "
            "is too large a step or start, or unscaled features: lower "
            "learning_rate_init or init_scale, or put a StandardScaler in front."
        )
    return min(cost, key=cost.get)


def packed(architecture, coefs, intercepts):
    """Parameters (1, p) from ``coefs_`` and ``intercepts_``."""
    return architecture.pack([coef.T for coef in coefs], intercepts)[None]


def unpacked(architecture, p):
    """``coefs_`` and ``intercepts_`` from parameters (p,)."""
    weights, biases = architecture.unpack(p)
    return [np.ascontiguousarray(W.T) for W in weights], biases
