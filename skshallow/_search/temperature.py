"""The temperature that makes the log-loss of logits lowest.

This module knows logits, labels and weights, and nothing of nets and folds.
"""

import numpy as np
from scipy.optimize import brentq

from skshallow._fit.defaults import MOST_TEMPERATURE

# Number of labels of every other class that are added to the real labels. With 1, nets
# on iris and wine would be much less confident than they can be. For tables of many
# rows it does not matter.
PSEUDO_COUNT = 0.1


@np.errstate(over="ignore", invalid="ignore")
def temperature(loss, logits, labels, weight):
    """The number to divide logits (n, c) by, for nearly the lowest log-loss.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks"
    (arXiv:1706.04599), section 4.2. With n labels and k classes, each label counts as
    (n + s) / (n + k s) of its class and as s / (n + k s) of each other class: Platt,
    "Probabilistic outputs for support vector machines" (1999), section 2.2, who uses
    s = 1. Without this, rows that are classified without an error would give a
    temperature of 0.
    """
    weight = np.ones(len(labels)) if weight is None else weight
    if len(np.unique(labels[weight > 0])) < 2:  # one class determines no temperature
        return 1.0
    n = max(weight.sum(), np.count_nonzero(weight))  # a weight of two is two rows
    weight, Z = weight / weight.sum(), logits.astype(np.float64).T  # (c, n)
    of_class = Z if len(Z) > 1 else np.vstack([np.zeros_like(Z), Z])
    target = np.full(of_class.shape, PSEUDO_COUNT)
    target[labels, np.arange(len(labels))] += n
    target /= n + len(target) * PSEUDO_COUNT

    def derivative(inverse):  # d log-loss / d (1 / temperature), an increasing function
        P = loss.probabilities(inverse * Z[None])[0]
        return np.dot(((P - target) * of_class).sum(axis=0), weight)

    if not derivative(1 / MOST_TEMPERATURE) < 0:
        return MOST_TEMPERATURE
    if not derivative(MOST_TEMPERATURE) > 0:
        return 1 / MOST_TEMPERATURE
    # Solved to rounding, so that a row of weight two gives the same as two rows.
    return 1 / brentq(derivative, 1 / MOST_TEMPERATURE, MOST_TEMPERATURE, xtol=1e-15)
