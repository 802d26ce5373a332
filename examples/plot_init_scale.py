"""
How large should the random start be?
=====================================

Textbooks start a network with one hidden layer at standard normal draws times 0.01. Why
0.01, and what happens with 0.0001, or with 10? We train the same network from starts
that differ only in this constant.

What to expect: too small a start begins on a plateau, because near zero all gradients
are small. Too large a start saturates the units. Between the two is a wide range of
good scales, and the best scale depends on the data.
"""

# %%
# Two tasks
# ---------
# The planar flower has two features. The breast cancer data have many more, which we
# scale to unit variance. A hidden unit adds up all its inputs, so the same weights give
# it larger pre-activations on the second task.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier
from skshallow.datasets import make_flower
from skshallow.displays import LossCurveDisplay

cancer = load_breast_cancer()
tasks = {
    "planar flower": make_flower(random_state=1),
    "breast cancer": (StandardScaler().fit_transform(cancer.data), cancer.target),
}
for task, (X, _) in tasks.items():
    print(f"{task}: {X.shape[0]} rows, {X.shape[1]} features")

# %%
# A sweep that isolates the scale
# -------------------------------
# All nets have eight tanh units, the same learning rate, and the same number of
# iterations of plain gradient descent: with ``tol=None`` no net stops early. For one
# seed, the start at scale *s* is *s* times the start at scale 1. Several seeds show how
# much the results depend on chance.

SCALES = [1e-4, 1e-3, 1e-2, 0.1, 0.3, 1, 3, 10]
SEEDS = range(7)
N_ITERATIONS = 500


def loss_curve(X, y, scale, seed):
    """Loss before each update."""
    net = ShallowNetClassifier(
        8,
        activation="tanh",
        init="randn",
        init_scale=scale,
        solver="gd",
        learning_rate_init=1.2,
        alpha=0,
        max_iter=N_ITERATIONS,
        tol=None,
        random_state=seed,
    )
    return net.fit(X, y).loss_curve_


curves = {  # (scales, seeds, iterations) for each task
    task: np.array([[loss_curve(X, y, s, seed) for seed in SEEDS] for s in SCALES])
    for task, (X, y) in tasks.items()
}

# %%
# Iterations to a given loss
# --------------------------
# For each task we choose a loss well below the loss of guessing, and count the updates
# until a net reaches it.

TARGETS = {"planar flower": 0.4, "breast cancer": 0.1}


def iterations_until(curves, target):
    """Updates until the loss is at most ``target``; infinite if it never is."""
    reached = curves <= target
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1), np.inf)


def loss_of_guessing(y):
    """Loss of a net that always predicts the shares of the two classes."""
    share = y.mean()
    return -share * np.log(share) - (1 - share) * np.log(1 - share)


iterations = {
    task: iterations_until(curves[task], target) for task, target in TARGETS.items()
}
medians = {task: np.median(iterations[task], axis=1) for task in tasks}

best_scales = {task: SCALES[np.argmin(medians[task])] for task in tasks}

for task, (_, y) in tasks.items():
    print(f"\n{task}: iterations to a loss of {TARGETS[task]}", end=" ")
    print(f"(guessing has {loss_of_guessing(y):.2f}; inf: not reached)")
    print("   scale   median   fewest     most")
    for scale, median, counts in zip(
        SCALES, medians[task], iterations[task], strict=True
    ):
        print(f"{scale:8g}{median:9.0f}{counts.min():9.0f}{counts.max():9.0f}")
    print(f"fastest from {best_scales[task]:g}")

# %%
# What the numbers say
# --------------------
# **0.01 works.** Every seed reaches the target on both tasks.
#
# **Smaller is slower, but not by much.** Each factor of ten below 0.01 costs about as
# many iterations as the one before. Near zero, weights grow by a constant factor per
# iteration, so that the time to leave zero grows with the logarithm of 1 / scale.
#
# **Other scales can be better, and they differ between the tasks.** On the flower the
# fastest start is far above 0.01, and several times faster. On breast cancer the
# fastest start is ten times 0.01, and hardly faster. There the start that is best for
# the flower is among the slowest.
#
# **Too large can be very bad.** From the largest start no seed reaches the target on
# breast cancer. On the flower all seeds reach it, but the seed matters more than at
# other scales: the numbers of iterations range widely.
#
# These results hold for one learning rate and one target loss. The constant is a
# hyperparameter: compare several values on your own data.

# %%
# The picture
# -----------
# Left: loss curves (median over the seeds, iterations on a logarithmic axis). Right:
# iterations to the target, with a dot for each seed; a cross at the top is a seed that
# did not reach the target.

SHOWN_SCALES = [1e-4, 1e-2, 0.1, 3, 10]
SIDE_BY_SIDE = np.geomspace(0.8, 1.25, len(SEEDS))  # so that equal dots do not overlap

figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained", sharex="col")

for (curve_ax, dot_ax), task in zip(axes, tasks, strict=True):
    median_curves = {
        f"{scale:g}": np.median(curves[task][SCALES.index(scale)], axis=0)
        for scale in SHOWN_SCALES
    }
    LossCurveDisplay(median_curves).plot(curve_ax, log_iterations=True)
    curve_ax.get_legend().remove()
    curve_ax.axhline(TARGETS[task], color="0.5", linewidth=1)
    curve_ax.annotate(
        f"target {TARGETS[task]}",
        (1, TARGETS[task]),
        xytext=(2, -3),
        textcoords="offset points",
        va="top",
        color="0.35",
    )
    curve_ax.set(title=task, xlabel="")

    for scale, counts in zip(SCALES, iterations[task], strict=True):
        x = scale * SIDE_BY_SIDE
        done = np.isfinite(counts)
        dot_ax.plot(
            x[done], counts[done], "o", color="black", markersize=3.5, alpha=0.7
        )
        never = np.full(np.sum(~done), 2 * N_ITERATIONS)
        dot_ax.plot(x[~done], never, "x", color="black", markersize=5)
    dot_ax.plot(SCALES, medians[task], "-", color="#D55E00", zorder=0, label="median")
    dot_ax.axhline(N_ITERATIONS, color="0.5", linewidth=1)
    dot_ax.annotate(
        f"not within {N_ITERATIONS}",
        (SCALES[0], 2 * N_ITERATIONS),
        va="center",
        color="0.35",
    )
    dot_ax.axvline(0.01, color="0.5", linewidth=1, linestyle=":")
    dot_ax.set(title=task, xscale="log", yscale="log", ylim=(3, 1700))
    dot_ax.set_ylabel(f"iterations to a loss of {TARGETS[task]}")

axes[0, 0].legend(title="init_scale", frameon=False, ncols=2, handlelength=3.5)
axes[0, 1].legend(frameon=False, loc="lower left")
axes[1, 0].set_xlabel("Iteration")
axes[1, 1].set_xlabel("init_scale (dotted: 0.01)")
plt.show()
