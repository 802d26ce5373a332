"""What ``"auto"`` stands for, and where its numbers come from.

Measured together with ``n_hidden`` and ``activation``, by ROC AUC and
log-loss in five folds on 26 real tables, and by accuracy on small problems, most of
them in the plane (``examples/benchmarks/accuracy.py``; docs/accuracy.md has the
numbers). The two pull apart: what keeps a net from learning a table by heart keeps it
from bending round a spiral. Knows parameters, sizes and sums over rows; knows no
estimator and no networks. What ``init_scale="auto"`` stands for is in ``initializers``.
"""

from math import ceil, inf, sqrt
from typing import NamedTuple

import numpy as np


class Budget(NamedTuple):
    """How long to train.

    Parameters
    ----------
    epochs : dict
        By how the learning rate goes.
    n_updates : int
        The least number of updates, which may take more epochs.
    """

    epochs: dict
    n_updates: int


# Rows: convention (MLPClassifier's). Batches of 64 gained nothing on the tables.
BATCH_SIZE = 200
# Under a cosine 40 to 100 epochs score alike; a constant rate has a stopping rule,
# which must be left the time to apply. Small tables make few updates an epoch. 600 are
# enough for most, spirals take 1000; 2000 overfit the smallest tables (log-loss 0.298
# for 0.294).
BUDGET = Budget({"cosine": 60, "constant": 500}, n_updates=1000)
# Of nets that are averaged each may be worse: with 60 epochs and 600 updates their
# log-loss is lower by 0.001, and with twice the units and 1000 updates by 0.001 more.
BUDGET_OF_FOLDS = Budget({"cosine": 45, "constant": 500}, n_updates=470)
# adam scores alike from 0.015 to 0.03, and at 0.04 is unstable. On the tables sgd's
# rates from 0.1 to 0.5 score alike; beyond 1 the loss of gd begins to jump on tables of
# many columns. L-BFGS reads none.
LEARNING_RATE = {"gd": 1.0, "sgd": 0.3, "adam": 0.02, "lbfgs": 1.0}
# Squared norm of a row (that of as many standardised features) from which on a step of
# the hidden weights is too long. With adam tables of up to 285 columns score alike at
# 20 and at 200, and 60 rows of 20,000 columns are told apart at 60 and 200 only. Plain
# gradients grow with the rows themselves: above these numbers they kill every relu unit
# on iris as it is, while scaled tables lose nothing (log-loss within 0.002).
LONG_ROW = {"gd": 10, "sgd": 20, "adam": 200, "lbfgs": inf}
# Columns from which on that norm may be larger for plain gradients, as the root of the
# columns: these sum over the rows, and the more columns there are, the nearer are rows
# to right angles and the less does one row's sum move another's units. A step of adam
# adds up over all columns whatever their signs. On 60 rows of 20,000 columns sgd is
# right on 0.96 of the rows instead of 0.76 (0.96 for 0.90 on counts of words). In
# proportion to the columns themselves the rate would throw nets back to guessing where
# all columns share a factor. Up to 1000 columns sgd gains nothing.
MANY_COLUMNS = 1000
# The penalty on the mean loss grows with the features as the gradient of labels that
# are noise does, 0.5 sqrt(d / n), and falls faster with the rows: large tables have
# clean labels more often. Without the features no number serves both: at the best for
# tables, 2 sqrt(n / 200), log-loss is 0.290 and accuracy on long spirals 0.82, where
# this has 0.283 and 0.92. Exponents of 0.5 and 0.25 in place of 0.35 have 0.282 and
# 0.283; on 16 other tables they have 0.269 and 0.260 for 0.263, but XOR from four rows
# takes a slow fall.
ALPHA, ALPHA_EXPONENT = 0.1, 0.35
# Of logits out of fold; its inverse is the least. Nets that need more know nothing.
MOST_TEMPERATURE = 100.0
# Times that penalty, the values to choose from. Three in this range are enough: with
# eight, a factor of three apart, log-loss is lower by 0.0002.
ALPHAS = (0.15, 0.8, 4.0)
# The loss has to fall by this much within the patience of 50 iterations, as in version
# 0.1.0: ten times less of both scored alike.
TOL = 1e-3


def has_mini_batches(solver):
    """Whether an iteration of ``solver`` may make more updates than one."""
    return solver in ("sgd", "adam")


def is_cosine(solver, learning_rate):
    """Whether the rate falls: only noise of mini-batches asks for that."""
    return has_mini_batches(solver) and learning_rate == "cosine"


def batch_size(solver, size, n_rows):
    """Most rows of a batch; more than there are only if the user asked for more."""
    if not has_mini_batches(solver):
        return n_rows
    return min(BATCH_SIZE, n_rows) if size == "auto" else int(size)


def max_iter(value, is_cosine, n_batches, budget=BUDGET):
    """Iterations of ``n_batches`` updates: epochs enough, and updates enough."""
    if value != "auto":
        return value
    epochs = budget.epochs["cosine" if is_cosine else "constant"]
    return max(epochs, ceil(budget.n_updates / n_batches))


def tol(value, is_cosine):
    """The improvement asked for; minus infinity asks for none, and never stops.

    Under a cosine there is no stopping rule: a loss or a score that rests at a high
    rate moves again when the rate falls.
    """
    if value == "auto":
        value = None if is_cosine else TOL
    return -inf if value is None else value


def alpha(value, weight, mean_square):
    """The penalty for training rows of that total weight and mean squared norm.

    Standardised features make the norm their number.
    """
    if value != "auto":
        return value
    return ALPHA * sqrt(mean_square) * weight**ALPHA_EXPONENT


def alphas(values, weight, mean_square):
    """The penalties to choose from, a list of floats."""
    if isinstance(values, str):
        auto = alpha("auto", weight, mean_square)
        values = [factor * auto for factor in ALPHAS]
    return [float(value) for value in values]


def hidden_rate(solver, mean_square, n_features):
    """Factor on the measured learning rate for the weights of the hidden layer.

    A step of them moves a unit in proportion to the squared norm of a row, for it is a
    sum over all inputs. Biases and output weights sum no inputs and keep their rate.
    """
    longest = LONG_ROW[solver]
    if solver in ("gd", "sgd"):
        longest *= sqrt(max(1, n_features / MANY_COLUMNS))
    return min(1.0, longest / mean_square) if mean_square > 0 else 1.0


@np.errstate(over="ignore", divide="ignore")
def learning_rate(solver, batch_size, penalty, momentum):
    """The measured learning rate of a solver, and how plain gradient steps stay stable.

    - The rate of ``"sgd"`` grows in proportion to the batch, up to 200 rows: the linear
      scaling rule of Goyal et al. (arXiv:1706.02677).
    - The penalty alone never takes a weight past zero, which is where scikit-learn's
      ``SGDClassifier`` cuts its decay off, too. An update pulls a weight by ``rate *
      penalty`` of its size, and momentum repeats the pull ``1 / (1 - momentum)`` times
      in all. It takes a penalty of more than 1 on the mean loss.

    Parameters
    ----------
    solver : {"gd", "sgd", "adam", "lbfgs"}
    batch_size : int or "auto"
        As asked for: weights of 0 and copies of rows must not change the rate.
    penalty, momentum : ndarray of shape (K,)

    Returns
    -------
    rate : ndarray of float64 of shape (K,)
    """
    rate = np.full(len(penalty), LEARNING_RATE[solver])
    if solver == "sgd" and batch_size != "auto":
        rate *= min(batch_size, BATCH_SIZE) / BATCH_SIZE
    if solver in ("gd", "sgd"):
        # A momentum of 1 never forgets a pull: no step would be short enough.
        forgets = (momentum < 1) & (solver == "sgd")
        rate = np.minimum(rate, np.where(forgets, 1 - momentum, 1.0) / penalty)
    return rate
