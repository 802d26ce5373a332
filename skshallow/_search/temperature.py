"""The temperature that makes the log-loss of logits lowest.

Knows logits, labels and weights, and nothing of nets and folds.
"""

import numpy as np
from scipy.optimize import brentq

from skshallow._fit.defaults import MOST_TEMPERATURE

# Labels of every other class that count beside those there are. 1 would leave nets on
# iris and wine much less sure than they may be; tables of many rows do not notice.
PSEUDO_COUNT = 0.1


@np.errstate(over="ignore", invalid="ignore")
def temperature(loss, logits, labels, weight):
    """What to divide logits (n, c) by for nearly the lowest log-loss.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks"
    (arXiv:1706.04599), section 4.2. Of n labels each counts as (n + s) / (n + k s) of
    its class and as s / (n + k s) of each of the k - 1 others: Platt, "Probabilistic
    outputs for support vector machines" (1999), section 2.2, who takes s = 1. So rows
    that are told apart without an error do not ask for a temperature of 0.
    """
    weight = np.ones(len(labels)) if weight is None else weight
    if len(np.unique(labels[weight > 0])) < 2:  # nothing is known of it
        return 1.0
    n = max(weight.sum(), np.count_nonzero(weight))  # a weight of two is two rows
    weight, Z = weight / weight.sum(), logits.astype(np.float64).T  # (c, n)
    of_class = Z if len(Z) > 1 else np.vstack([np.zeros_like(Z), Z])
    target = np.full(of_class.shape, PSEUDO_COUNT)
    target[labels, np.arange(len(labels))] += n
    target /= n + len(target) * PSEUDO_COUNT

    def slope(inverse):  # of the log-loss by the inverse of the temperature: it rises
        P = loss.probabilities(inverse * Z[None])[0]
        return np.dot(((P - target) * of_class).sum(axis=0), weight)

    if not slope(1 / MOST_TEMPERATURE) < 0:
        return MOST_TEMPERATURE
    if not slope(MOST_TEMPERATURE) > 0:
        return 1 / MOST_TEMPERATURE
    # To rounding: rows that weigh two are to give what rows that stand there twice do.
    return 1 / brentq(slope, 1 / MOST_TEMPERATURE, MOST_TEMPERATURE, xtol=1e-15)
