"""The starts and curves of nets, which a search keeps with ``return_curves=True``.

This module reads only attributes of fitted estimators.
"""

import numpy as np

CURVES = "loss_curve_", "validation_loss_curve_", "validation_scores_"


def curves_of(estimator):
    """The attributes of a net that a search keeps, as a dict.

    Parameters
    ----------
    estimator : fitted estimator or None
        A net, or a pipeline that ends in one; None stands for a failed fit. Other
        estimators have empty curves, the status "" and the start None.
    """
    while hasattr(estimator, "steps"):
        estimator = estimator.steps[-1][1]
    curves = {name: getattr(estimator, name, None) for name in CURVES}
    return {
        **{k: np.array([] if of is None else of) for k, of in curves.items()},
        "status_": getattr(estimator, "status_", "failed" if estimator is None else ""),
        "init_coefs_": getattr(estimator, "init_coefs_", None),
        "init_intercepts_": getattr(estimator, "init_intercepts_", None),
    }


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
    for i, row in enumerate(curves):
        for k, curve in enumerate(row):
            stack[i, k, : len(curve)] = curve
    return stack
