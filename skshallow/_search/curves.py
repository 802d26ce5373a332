"""What a search is asked to keep of its nets: where they started and how they went.

Knows fitted estimators by their attributes only.
"""

from typing import NamedTuple

import numpy as np


class NetCurves(NamedTuple):
    """The curves and the start of one net.

    Parameters
    ----------
    loss, validation_loss, validation_score : ndarrays of shape (n_iterations,)
        Empty if there are none.
    status : str
        "failed" if the fit failed, empty for an estimator without a status.
    init_coefs, init_intercepts : list of ndarray or None
        None where an estimator does not tell its start.
    """

    loss: np.ndarray = np.empty(0)
    validation_loss: np.ndarray = np.empty(0)
    validation_score: np.ndarray = np.empty(0)
    status: str = "failed"
    init_coefs: list = None
    init_intercepts: list = None

    @classmethod
    def of(cls, estimator):
        """Of a fitted net, or a pipeline that ends in one; of None, a failed fit."""
        if estimator is None:
            return cls()
        while hasattr(estimator, "steps"):
            estimator = estimator.steps[-1][1]
        names = "loss_curve_", "validation_loss_curve_", "validation_scores_"
        curves = (getattr(estimator, name, None) for name in names)
        return cls(
            *(np.array([] if curve is None else curve) for curve in curves),
            getattr(estimator, "status_", ""),
            getattr(estimator, "init_coefs_", None),
            getattr(estimator, "init_intercepts_", None),
        )


def stacked(curves):
    """Curves of several lengths as one array, with nan behind their ends.

    Parameters
    ----------
    curves : list of lists of ndarray
        By candidate and split.

    Returns
    -------
    stack : ndarray of shape (n_candidates, n_splits, n_iterations)
    """
    longest = max(len(curve) for row in curves for curve in row)
    stack = np.full((len(curves), len(curves[0]), longest), np.nan)
    for row, places in zip(curves, stack, strict=True):
        for curve, place in zip(row, places, strict=True):
            place[: len(curve)] = curve
    return stack
