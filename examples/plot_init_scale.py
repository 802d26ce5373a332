"""
How large should the random start be?
=====================================

Textbooks start a network with one hidden layer at a standard normal draw times 0.01.
Why 0.01, and what if it were 0.0001, or 10? We train the same network from starts that
differ in nothing but this constant.

What to expect: too small a start begins on a plateau, because near zero all gradients
are small. Too large a start saturates the units. In between is a wide valley, and where
its floor lies depends on the data.
"""

# %%
# Two tasks
# ---------
# The planar flower has 400 points with two features. The breast cancer data have 569
# samples with thirty features, which we scale to unit variance. A hidden unit adds up
# all its inputs, so the same weights push it further on the second task.

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

# %%
# A sweep that isolates the scale
# -------------------------------
# Eight tanh units, plain gradient descent, one learning rate, 500 iterations, and
# ``tol=None`` so that nothing stops early. For one seed, the start at scale *s* is *s*
# times the start at scale 1. Seven seeds show how much is luck.

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
# For each task we choose a loss well below that of guessing (0.69 for the flower, 0.66
# for breast cancer) and count the updates it takes to get there.

TARGETS = {"planar flower": 0.4, "breast cancer": 0.1}


def iterations_until(curves, target):
    """Updates until the loss is at most ``target``; infinite if it never is."""
    reached = curves <= target
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1), np.inf)


iterations = {
    task: iterations_until(curves[task], target) for task, target in TARGETS.items()
}
medians = {task: np.median(iterations[task], axis=1) for task in tasks}

for task in tasks:
    print(f"\n{task}: iterations to a loss of {TARGETS[task]}, median of seven seeds")
    for scale, median in zip(SCALES, medians[task], strict=True):
        print(f"{scale:8g}  {median:5.0f}")

# %%
# What the numbers say
# --------------------
# **0.01 works.** Every seed reaches the target on both tasks: the flower takes 100
# iterations (median), breast cancer 10.
#
# **Smaller is slower, but not by much.** At 0.0001, a hundredth of that, it takes 127
# and 14. Each factor of ten below 0.01 costs about as much as the one before (15 and 12
# iterations on the flower, 2 and 2 on breast cancer): weights grow by a constant factor
# per iteration near zero, so that the time to leave it goes with the logarithm of the
# scale.
#
# **Others can be better, and not the same ones.** On the flower the fastest start is at
# 3, with 12 iterations: eight times faster than 0.01. On breast cancer it is at 0.1,
# with 8, while 3 takes 131: thirteen times slower than 0.01.
#
# **Too large can be very bad.** At 10, none of the seven seeds reaches the target on
# breast cancer in 500 iterations. The flower gets along even there (52), although the
# luck of the draw matters more than elsewhere: its seeds range from 18 to 299.
#
# All this with one learning rate and one stated loss. The constant is a hyperparameter:
# compare a few on your own data.

best_scales = {task: SCALES[np.argmin(medians[task])] for task in tasks}
print(f"\nfastest: {best_scales}")

# %%
# The picture
# -----------
# Left: loss curves (median over the seeds, iterations on a logarithmic axis). Right:
# iterations to the target, one dot a seed; crosses at the top did not get there.

SHOWN_SCALES = [1e-4, 1e-2, 0.1, 3, 10]
SIDE_BY_SIDE = np.geomspace(0.8, 1.25, len(SEEDS))  # keeps equal dots apart

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
