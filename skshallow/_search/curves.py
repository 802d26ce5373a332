"""The starts and curves of nets, which a search keeps with ``return_curves=True``.

This module reads only attributes of fitted estimators.
"""

from typing import NamedTuple

import numpy as np


class NetCurves(NamedTuple):
    """The curves and the start of one net.

    Parameters
    ----------
    loss, validation_loss, validation_score : ndarrays of shape (n_iterations,)
        A curve is empty if the estimator does not have it.
    status : str
        "failed" if the fit failed, "" for an estimator without a status.
    init_coefs, init_intercepts : list of ndarray or None
        The start; None for an estimator without these attributes.
    """

    loss: np.ndarray = np.empty(0)
    validation_loss: np.ndarray = np.empty(0)
    validation_score: np.ndarray = np.empty(0)
    status: str = "failed"
    init_coefs: list = None
    init_intercepts: list = None

    @classmethod
    def of(cls, estimator):
        """The curves of a fitted net, a pipeline with one, or None for a failed fit."""
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
    """Curves of different lengths as one array, with nan after their ends.

    Parameters
    ----------
    curves : list of lists of ndarray
        The curves by candidate and split.

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
