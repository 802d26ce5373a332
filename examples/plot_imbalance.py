"""
One in twenty: imbalanced classes
=================================

If one class is rare, a net may be right in nearly all cases and never predict the rare
class. ``class_weight`` makes the rare samples count more. This example shows which
scores get better and which get worse, and why the probabilities of such a net are
wrong.
"""

# %%
# A task whose answer is known
# ----------------------------
# The data are a wide cloud of common points and, in its middle, a narrow cloud of rare
# points. One point in twenty is rare. Both clouds are normally distributed, so the true
# probability of the rare class is known everywhere. It is highest in the middle, and
# even there common points are more frequent.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from scipy.special import expit
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from skshallow import ShallowNetClassifier
from skshallow.diagnostics import diagnose
from skshallow.displays import HiddenUnitsDisplay, LossCurveDisplay
from skshallow.exceptions import ConstantPredictionsWarning

COMMON, RARE = 2.0, 0.8  # standard deviations
ODDS = 1 / 19  # odds of the rare class


def draw_points(n_rare, seed):
    """Points and labels, with nineteen common points for each rare point."""
    rng = np.random.RandomState(seed)
    common = COMMON * rng.standard_normal((19 * n_rare, 2))
    rare = RARE * rng.standard_normal((n_rare, 2))
    return np.concatenate([common, rare]), np.repeat([0, 1], [19 * n_rare, n_rare])


def true_log_odds(X):
    """Log-odds of the rare class at points (n, 2)."""
    squares = np.sum(X**2, axis=1)
    densities = 2 * np.log(COMMON / RARE) + squares * (COMMON**-2 - RARE**-2) / 2
    return densities + np.log(ODDS)


X, y = draw_points(100, seed=0)
X_test, y_test = draw_points(2000, seed=1)
highest = float(expit(true_log_odds(np.zeros((1, 2))))[0])

print(f"highest probability of the rare class: {highest:.2f}")

# %%
# Three nets
# ----------
# ``"balanced"`` gives both classes the same total weight, so that here a rare sample
# counts nineteen times as much as a common one. A dictionary sets factors freely.

WEIGHTS = {"none": None, "1 to 5": {0: 1, 1: 5}, "balanced": "balanced"}


def train(class_weight, init_scale=0.5):
    """A trained net of eight tanh units."""
    net = ShallowNetClassifier(
        8,
        activation="tanh",
        class_weight=class_weight,
        init_scale=init_scale,
        learning_rate="constant",
        alpha=1,
        max_iter=300,
        tol=None,
        random_state=0,
    )
    return net.fit(X, y)


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    nets = {name: train(class_weight) for name, class_weight in WEIGHTS.items()}


def scores_of(predicted):
    """Scores of predictions for the test points, by name."""
    return {
        "accuracy": accuracy_score(y_test, predicted),
        "balanced accuracy": balanced_accuracy_score(y_test, predicted),
        "recall": recall_score(y_test, predicted),
        "precision": precision_score(y_test, predicted, zero_division=0),
    }


scores = {name: scores_of(net.predict(X_test)) for name, net in nets.items()}
areas = {
    name: roc_auc_score(y_test, net.decision_function(X_test))
    for name, net in nets.items()
}
for name, row in scores.items():
    cells = "   ".join(f"{score} {value:.2f}" for score, value in row.items())
    print(f"{name:10s}{cells}   area {areas[name]:.2f}")

# %%
# **Without weights** the net never predicts "rare". So it is right on all common points
# and on no rare point. It is not a bad net. It ranks the points about as well as the
# other nets (the area is that under the ROC curve). But none of its probabilities
# exceeds one half, and that is correct.
#
# **Balanced** finds most of the rare points (recall). But only a small part of the
# points that it calls rare are rare (precision), and fewer points in all are right
# (accuracy). The balanced accuracy, which is the mean over the classes, is higher.
# **1 to 5** is between the two.
#
# Which net is best depends on the cost of a missed rare point and on the cost of a
# false alarm. Accuracy alone cannot tell.
#
# The warning
# -----------
# The fit of the unweighted net has given a warning, in a category of its own.

(warning,) = caught
print(f"{warning.category.__name__}: {warning.message}")

# %%
# ``diagnose``, which is given the labels as well, names the cause first, and then what
# to do.

diagnosis = diagnose(nets["none"], X, y)
print(diagnosis.findings[0].sentence)

# %%
# Probabilities are shifted
# -------------------------
# Weights change the problem. For the balanced net the classes are equally frequent. Its
# probabilities are right for such data, and much too high for the real data. A factor
# of nineteen on the rare samples multiplies the odds by nineteen. This can be undone:
# subtract log 19 from the log-odds, and the mean probability is near the true share
# again.

balanced = nets["balanced"].decision_function(X_test)
means = {
    "none": nets["none"].predict_proba(X_test)[:, 1].mean(),
    "balanced": expit(balanced).mean(),
    "balanced, shifted back": expit(balanced + np.log(ODDS)).mean(),
}
print(f"share of rare points {y_test.mean():.3f}")
for name, mean in means.items():
    print(f"{name:24s} mean probability of the rare class {mean:.3f}")

# %%
# Weights are not needed to find rare points. The unweighted net with a threshold of 5%
# instead of 50% finds as many of them, and its probabilities are right. Weights are
# useful if ``predict`` itself must give the labels.

above_threshold = nets["none"].predict_proba(X_test)[:, 1] > 0.05
threshold_scores = scores_of(above_threshold.astype(int))

print(f"threshold of 5%: recall {threshold_scores['recall']:.2f}", end="   ")
print(f"precision {threshold_scores['precision']:.2f}")

# %%
# The picture
# -----------
# Left and middle: the shaded region is what the net calls rare. If both classes were
# equally frequent, a rare and a common point would be equally likely on the dashed
# circle. The region of the balanced net is close to this circle, and the unweighted net
# has no such region. A blue line is where the pre-activation of a hidden unit is 0. In
# the unweighted net a few lines cross the data, and the other units are nearly constant
# on the data. In the balanced net more lines cross the data. But in both nets the lines
# surround the middle: even the net that never predicts "rare" has found where the rare
# points are. Right: the probability along a line from the centre to the right.

figure, axes = plt.subplots(1, 3, figsize=(11, 3.9), layout="constrained")
n_lines = {}
circle = np.sqrt(4 * np.log(COMMON / RARE) / (RARE**-2 - COMMON**-2))

for ax, name in zip(axes, ("none", "balanced"), strict=False):
    DecisionBoundaryDisplay.from_estimator(
        nets[name],
        X,
        response_method="predict_proba",
        class_of_interest=1,
        ax=ax,
        levels=[0, 0.5, 1],
        colors=["white", "#9EBCDA"],
    )
    labels = np.array(["common", "rare"])[y]
    display = HiddenUnitsDisplay.from_estimator(nets[name], X, labels, ax=ax)
    n_lines[name] = len(display.lines_)
    common, rare = display.points_
    common.set(sizes=[3], alpha=0.6)
    rare.set(sizes=[18], facecolor="black", edgecolor="white", zorder=3)
    ax.add_patch(plt.Circle((0, 0), circle, fill=False, linestyle="--", linewidth=1.5))
    ax.get_legend().remove()
    ax.set(title=f"class_weight: {name}", aspect="equal", xlim=(-4, 4), ylim=(-4, 4))
    ax.set(xticks=[-4, 0, 4], yticks=[-4, 0, 4], xlabel="", ylabel="")
handles = [common, rare, Line2D([], [], color=display.lines_[0].get_color(), lw=2)]
named = ["common", "rare", "hidden unit"]
figure.legend(handles, named, loc="outside lower left", ncols=3, frameon=False)
print(f"units whose line crosses the data: {n_lines}")

ray = np.column_stack([np.linspace(0, 6, 200), np.zeros(200)])
CURVES = [
    ("truth", true_log_odds(ray), {"color": "0.7", "linewidth": 5}),
    ("none", nets["none"].decision_function(ray), {"color": "black"}),
    ("balanced", nets["balanced"].decision_function(ray), {"color": "#0072B2"}),
]
for (name, log_odds, style), line in zip(CURVES, ("-", "-", "--"), strict=True):
    axes[2].plot(ray[:, 0], expit(log_odds), linestyle=line, label=name, **style)
shifted = expit(CURVES[2][1] + np.log(ODDS))
axes[2].plot(ray[:, 0], shifted, ":", color="#D55E00", label="balanced, shifted back")
axes[2].set(title="probability of the rare class", xlabel="distance from the centre")
axes[2].set_ylim(0, 1)
axes[2].legend(frameon=False)
plt.show()

# %%
# Weights help a small start
# --------------------------
# Weights have one more use. A small start begins on the plateau of the constant
# prediction. If one class is rare, the constant prediction is nearly right, so that
# there is little to gain by leaving the plateau. From the lecture's start at 0.01 the
# unweighted net is still on the plateau at the end, and the balanced net leaves it
# early. The height of the plateau is the entropy of the classes: log 2 if both have the
# same weight, and much less if one point in twenty is rare. (The default start,
# ``init_scale="auto"``, is so large that training does not begin on the plateau.)

warnings.simplefilter("ignore", ConstantPredictionsWarning)
from_small = {
    f"class_weight: {name}": train(WEIGHTS[name], init_scale=0.01)
    for name in ("none", "balanced")
}
shares = np.array([19 / 20, 1 / 20])
heights = [-np.sum(shares * np.log(shares)), np.log(2)]
for (name, net), height in zip(from_small.items(), heights, strict=True):
    print(f"{name:24s}plateau at {height:.2f}", end="   ")
    print(f"loss {net.loss_:.2f} after {net.n_iter_} iterations: {net.status_}")

_, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
LossCurveDisplay.from_estimator(from_small, ax=ax, log_loss=False)
ax.set_ylim(bottom=0)
plt.show()
