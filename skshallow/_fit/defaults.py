"""What ``"auto"`` stands for, and how its values were chosen.

The values were measured together with ``n_hidden`` and ``activation``: by ROC AUC and
log-loss in five folds on 26 real tables, and by accuracy on small problems, most of
them in the plane (``examples/benchmarks/accuracy.py``; docs/accuracy.md has the
numbers). The two kinds of problems need opposite values: what prevents overfitting on a
table also prevents a net from separating spirals. This module knows sizes and sums over
rows, and of estimators (``net``) only their parameters; it knows no networks.
``initializers`` has the meaning of ``init_scale="auto"``, and ``optimizers`` has the
learning rates.
"""

from math import ceil, inf, sqrt

import numpy as np

from skshallow._core.optimizers import OPTIMIZERS

# Rows of a batch: MLPClassifier's convention. Batches of 64 were no better on tables.
BATCH_SIZE = 200
# A constant rate has a stopping rule, which needs many epochs to apply.
EPOCHS_AT_CONSTANT_RATE = 500
# A budget has two numbers: epochs with a cosine rate, and the minimum number of
# updates, which may take more epochs. 40 to 100 epochs score alike. Small tables make
# few updates per epoch: 600 updates are enough for most problems, spirals need 1000,
# and with 2000 nets overfit the smallest tables (log-loss 0.298, with 1000 updates
# 0.294).
BUDGET = 60, 1000
# For nets that are averaged: each of them may be worse than a single net. With 60
# epochs and 600 updates the log-loss is lower by 0.001, and with twice the units and
# 1000 updates by 0.001 more.
BUDGET_OF_FOLDS = 45, 470
# With at most this number of features they make as many updates as a single net: the
# boundaries of problems in the plane are long. The accuracy on long spirals is 0.96
# instead of 0.92, on spirals of five arms 0.92 instead of 0.74. Fits on tables of more
# than three columns take no longer for this.
FEW_FEATURES = 3
BUDGET_OF_FOLDS_OF_FEW_FEATURES = 45, 1000
# A call of ``partial_fit`` with fewer rows than this takes shorter steps: in proportion
# to the rows with sgd and gd, and to their square root with adam. The accuracy on
# unseen rows after one epoch row by row, with 1, 20 and 50 here (means of four splits
# and seeds), is on the digits 0.11, 0.85 and 0.93 with sgd, 0.10, 0.93 and 0.92 with
# gd, and 0.86, 0.93 and 0.95 with adam; on 1000 moons it is 0.50, 0.94 and 0.89, 0.59,
# 0.89 and 0.88, and 0.92, 0.90 and 0.89. On breast cancer 20 and 50 give 0.96, and 1
# less.
FULL_STEP_ROWS = 20
# With more columns than this, ``longest_row`` of an optimizer that is not adaptive
# grows with the square root of the number of columns. A plain gradient is a sum over
# rows. The more columns there are, the closer are the rows to orthogonal, and the less
# does the term of one row change the units for another row. A step of adam instead adds
# up over all columns, whatever their signs. On 60 rows of 20,000 normal columns, of
# which 300 differ between the classes, the accuracy of sgd on unseen rows is 1.00
# instead of 0.87 with tanh units, and 0.57 instead of 0.51 with relu units, where adam
# has 1.00; on counts of words it is 0.96 instead of 0.90. If the norm grew with the
# number of columns itself, nets would predict at chance where all columns share a
# factor. Up to 1000 columns sgd gains nothing.
MANY_COLUMNS = 1000
# The penalty on the mean loss grows with the features like the gradient for random
# labels, 0.5 sqrt(d / n). It falls faster with the rows, because large tables have
# clean labels more often. Without the features, no value suits all problems: with the
# best one for tables, 2 sqrt(n / 200), log-loss is 0.290 and accuracy on long spirals
# is 0.82; with the values here they are 0.284 and 0.95. Exponents of 0.5 and 0.4 score
# alike on these tables, and on 16 others they have log-losses of 0.261 and 0.260
# instead of 0.259. With 0.25 tanh nets do not learn XOR from four rows.
ALPHA, ALPHA_EXPONENT = 0.1, 0.35
# With more rows than this for each feature, alpha does not grow any more. Such tables
# are large or of few features, as problems in the plane are, and the penalty is what
# limits their accuracy. Without this limit the accuracy is 0.925 on long spirals, 0.833
# on the flower, and the log-loss 0.283, on the 16 other tables 0.263. With 20 it is
# 0.286 and 0.259, and with 50 0.283 and 0.260.
ROWS_PER_FEATURE = 30
# Largest temperature of logits out of fold; the smallest is its inverse. Nets that need
# a larger one have learned nothing.
MOST_TEMPERATURE = 100.0
# Factors of the default penalty, for the values to choose from. Three values in this
# range are enough: with eight values, each three times the one before, the log-loss is
# lower by 0.0002.
ALPHAS = (0.15, 0.8, 4.0)
# The loss has to fall by this much within the patience of 50 iterations, as in version
# 0.1.0. A tenth of both values scored alike.
TOL = 1e-3


def has_mini_batches(solver):
    """Whether an iteration of ``solver`` may make more than one update."""
    return solver in OPTIMIZERS and OPTIMIZERS[solver].has_mini_batches


def momentum(net):
    """The momentum of the steps of the solver; 0 for a solver without momentum."""
    has_momentum = net.solver in OPTIMIZERS and OPTIMIZERS[net.solver].has_momentum
    return float(net.momentum) if has_momentum else 0.0


def is_cosine(net):
    """Whether the learning rate falls, which only the noise of mini-batches needs."""
    return has_mini_batches(net.solver) and net.learning_rate == "cosine"


def batch_size(net, n_rows):
    """Maximum number of rows of a batch.

    It exceeds the number of all rows only if the user set it so.
    """
    if not has_mini_batches(net.solver):
        return n_rows
    size = net.batch_size
    return min(BATCH_SIZE, n_rows) if size == "auto" else int(size)


def max_iter(net, n_batches, budget=BUDGET):
    """Maximum number of iterations, each of which makes ``n_batches`` updates.

    For ``"auto"`` there are as many as the epochs and the updates of ``budget`` need.
    """
    if net.max_iter != "auto":
        return net.max_iter
    epochs, n_updates = budget
    if not is_cosine(net):
        epochs = EPOCHS_AT_CONSTANT_RATE
    return max(epochs, ceil(n_updates / n_batches))


def n_iterations(net, n_rows, holds_out_rows, budget=BUDGET):
    """Maximum number of iterations of a start in a ``fit`` on ``n_rows`` rows.

    ``holds_out_rows`` says that early stopping takes its validation rows from them.
    """
    if net.early_stopping and holds_out_rows:
        n_rows -= ceil(n_rows * net.validation_fraction)
    n_rows = max(1, n_rows)
    n_batches = ceil(n_rows / batch_size(net, n_rows))
    return int(max_iter(net, n_batches, budget))


def budget_of_folds(n_features):
    """How long to train nets that are averaged."""
    is_few = n_features <= FEW_FEATURES
    return BUDGET_OF_FOLDS_OF_FEW_FEATURES if is_few else BUDGET_OF_FOLDS


def tol(value, is_cosine):
    """The improvement that training needs to continue; minus infinity never stops it.

    With a cosine rate there is no stopping rule: a loss or a score that does not change
    while the rate is high changes again when the rate falls.
    """
    if value == "auto":
        value = None if is_cosine else TOL
    return -inf if value is None else value


def alpha(value, weight, mean_square, n_features):
    """The penalty for training rows of this total weight and mean squared norm.

    For standardised features the mean squared norm is the number of features.
    """
    if value != "auto":
        return value
    weight = min(weight, ROWS_PER_FEATURE * n_features)
    return ALPHA * sqrt(mean_square) * weight**ALPHA_EXPONENT


def alphas(values, *totals):
    """The penalties among which cross-validation chooses, a list of floats.

    Further arguments are those of `alpha`.
    """
    if isinstance(values, str):
        auto = alpha("auto", *totals)
        values = [factor * auto for factor in ALPHAS]
    return [float(value) for value in values]


def hidden_factor(solver, mean_square, n_features):
    """Factor of the measured learning rate for the weights of the hidden layer.

    A step of these weights changes the pre-activation of a unit in proportion to the
    squared norm of a row, because the pre-activation is a sum over all inputs. For
    biases and output weights this is not so, and they keep their rate.
    """
    if solver not in OPTIMIZERS or mean_square == 0:
        return 1.0
    optimizer = OPTIMIZERS[solver]
    longest = optimizer.longest_row
    if not optimizer.is_adaptive:
        longest *= sqrt(max(1, n_features / MANY_COLUMNS))
    return min(1.0, longest / mean_square)


def learning_rate(net, penalty, weight_of_call=inf):
    """The measured learning rate of the solver, which depends on batches and penalty.

    - The rate of ``"sgd"`` grows in proportion to the batch size, up to 200 rows: the
      linear scaling rule of Goyal et al. (arXiv:1706.02677). The rates of ``"gd"`` and
      of ``"sgd"`` with ``batch_size="auto"`` grow with ``weight_of_call``, up to 20
      rows; that of ``"adam"`` grows with its square root (Malladi et al.,
      arXiv:2205.10287).
    - For ``"gd"`` and ``"sgd"`` the rate is so low that the penalty alone does not
      change the sign of a weight. scikit-learn's ``SGDClassifier`` has the same limit
      on its decay. The penalty of an update shrinks a weight by the share ``rate *
      penalty``, and with momentum by ``1 / (1 - momentum)`` times as much in all. Only
      penalties of more than 1 on the mean loss lower the rate of ``"gd"``.

    Parameters
    ----------
    net : ShallowNetClassifier
        Its ``batch_size`` matters, and not the rows of a batch, because rows of weight
        0 and copies of rows must not change the rate.
    penalty : float
    weight_of_call : float, default=inf
        Weight of the rows of a call of ``partial_fit``.

    Returns
    -------
    rate : float
    """
    if net.solver not in OPTIMIZERS:
        return 1.0  # L-BFGS searches along a line for the length of its step
    optimizer = OPTIMIZERS[net.solver]
    rate = optimizer.learning_rate
    share = min(weight_of_call, FULL_STEP_ROWS) / FULL_STEP_ROWS
    if optimizer.is_adaptive:
        return rate * sqrt(share)
    if optimizer.has_mini_batches and net.batch_size != "auto":
        rate *= min(net.batch_size, BATCH_SIZE) / BATCH_SIZE
    else:
        rate *= share
    if penalty != 0:
        # With a momentum of 1 the velocity does not decay, and no rate is low enough.
        friction = 1 - momentum(net)
        rate = float(np.minimum(rate, (friction or 1.0) / penalty))
    return rate
