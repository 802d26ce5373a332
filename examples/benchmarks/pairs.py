"""What the benchmarks share: two classifiers that do the same work, and their times.

Both sides get the same rows, width, batch size, activation (tanh), penalty, constant
learning rate and type. They are timed in turn, in one process. A row of a table gives
the ratio of the medians, and the middle half of the ratios of the pairs.

Version 0.1.0 of the package can be timed with the same files: put its folder on
``PYTHONPATH``.
"""

import time

import numpy as np
from sklearn.datasets import load_breast_cancer, make_moons
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier

ALPHA = 1e-4  # of MLPClassifier, which divides it by the rows of a batch, not of all
LEARNING_RATE = {"gd": 0.1, "adam": 0.001, "lbfgs": 0.001}  # L-BFGS ignores it
FOREVER = 10**6


def breast_cancer(dtype):
    """scikit-learn's breast cancer table, scaled: X (569, 30) of type ``dtype``, y."""
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X).astype(dtype), y


def moons(n_rows, dtype):
    """Two half moons: X (n_rows, 2) of type ``dtype``, y."""
    X, y = make_moons(n_rows, noise=0.2, random_state=0)
    return X.astype(dtype), y


def quadrants(n_rows, n_features, dtype):
    """Normal X (n_rows, n_features), and labels that no straight line separates."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_features))
    y = X[:, 0] * X[:, 1] + 0.3 * rng.standard_normal(len(X)) > 0
    return X.astype(dtype), y.astype(int)


def our_alpha(n_rows, batch_size):
    """The ``alpha`` with the penalty of `ALPHA`, for ``n_rows`` in equal batches."""
    return ALPHA * n_rows / min(batch_size, n_rows)


def shallow_net(n_hidden, solver, alpha=ALPHA, **settings):
    """The estimator of this package; ``settings`` are any of its parameters."""
    if "learning_rate" in ShallowNetClassifier().get_params():  # 0.1.0 lacks it
        settings["learning_rate"] = "constant"
    return ShallowNetClassifier(
        n_hidden,
        activation="tanh",
        solver=solver,
        alpha=alpha,
        **_common(solver),
        **settings,
    )


def mlp(n_hidden, solver, **settings):
    """scikit-learn's estimator; ``"gd"`` is ``"sgd"`` on one batch without momentum."""
    return MLPClassifier(
        (n_hidden,),
        activation="tanh",
        solver="sgd" if solver == "gd" else solver,
        alpha=ALPHA,
        momentum=0,
        **_common(solver),
        **settings,
    )


def _common(solver):
    return {
        "learning_rate_init": LEARNING_RATE[solver],
        "n_iter_no_change": FOREVER,
    }


def clocked(run, clock=time.process_time):
    """Seconds of ``run()`` by ``clock``, and its result.

    The default is processor time, which a busy machine disturbs less.
    """
    start = clock()
    result = run()
    return clock() - start, result


def in_turn(rounds, *runs, clock=time.process_time):
    """Seconds (n_runs, rounds) of several runs, one after the other in each round."""
    seconds = [[clocked(run, clock)[0] for run in runs] for _ in range(rounds)]
    return np.transpose(seconds)


def times_faster(ours, theirs):
    """Ratio of the medians of two arrays (rounds,), and its middle half by pairs."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    low, high = np.percentile(theirs / ours, [25, 75])
    return np.median(theirs) / np.median(ours), low, high


def table_row(name, dtype, ours, theirs, floor):
    """One row of a table of ratios, in Markdown."""
    ratio, low, high = times_faster(ours, theirs)
    aim = "" if floor is None else f"{floor:g}x"
    return (
        f"| {name} | {np.dtype(dtype).name} | {ratio:.2f}x "
        f"| {low:.2f} to {high:.2f} | {aim} |"
    )
