"""
Why a hidden layer may not start at zero
========================================

Logistic regression may start with every weight at zero. A network with a hidden layer
may not: all its units would compute the same function and receive the same gradient. So
they would still be the same after any number of iterations. This example shows it, one
iteration at a time.

The task is to tell images of odd digits from images of even digits. A weighted sum of
the pixels does well on it, and a few *different* hidden units do better.
"""

# %%
# Data, and one setting for everything
# ------------------------------------
# Every model below minimises the mean cross-entropy of all images by plain gradient
# descent, with the same learning rate and the same number of iterations. The networks
# have four hidden units.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier
from skshallow.diagnostics import n_distinct_units
from skshallow.displays import LossCurveDisplay, SymmetryDisplay
from skshallow.exceptions import LinearPlateauWarning, SymmetryWarning

digits = load_digits()
X = StandardScaler().fit_transform(digits.data)
y = digits.target % 2  # 1 for the odd digits
print(f"{len(X)} images of {X.shape[1]} pixels, {y.mean():.1%} of them odd")

LEARNING_RATE = 1.0
N_ITERATIONS = 150
N_HIDDEN = 4


def cross_entropy(probability, y):
    """Mean loss in nats; log 2 = 0.693 is the loss of guessing."""
    return -np.mean(np.log(np.where(y == 1, probability, 1 - probability)))


# %%
# Logistic regression from zero
# -----------------------------
# The gradient of a pixel's weight contains the values of this pixel. Different pixels
# have different values, so the weights become different in the first iteration. (Some
# pixels are blank in every image, and their weights stay at 0.)

weights, bias = np.zeros(X.shape[1]), 0.0
logistic_weights, logistic_losses = [weights], []

for _ in range(N_ITERATIONS):
    probability = expit(X @ weights + bias)
    logistic_losses.append(cross_entropy(probability, y))
    error = probability - y
    weights = weights - LEARNING_RATE * X.T @ error / len(y)
    bias = bias - LEARNING_RATE * error.mean()
    logistic_weights.append(weights)

logistic_weights = np.array(logistic_weights)  # (iterations + 1, pixels)
logistic_accuracy = np.mean((X @ weights + bias > 0) == y)
n_different_weights = len(np.unique(logistic_weights[1]))
n_blank = np.sum(np.all(logistic_weights == 0, axis=0))

print(f"different values of the weights after one iteration: {n_different_weights}")
print(f"weights that stay at 0: {n_blank}")

# %%
# The loss of logistic regression is convex: from every start, gradient descent with
# short enough steps approaches the smallest loss. (The weights of blank pixels stay
# where they start, but change no prediction.) After these iterations from zero, the
# accuracy is nearly that of scikit-learn's solver, which runs to convergence.

reference = LogisticRegression(C=np.inf, max_iter=5000).fit(X, y)
reference_accuracy = reference.score(X, y)

print(f"accuracy from zero   {logistic_accuracy:.3f}")
print(f"accuracy converged   {reference_accuracy:.3f}")

# %%
# Networks, one iteration at a time
# ---------------------------------
# ``warm_start=True`` with ``max_iter=1`` makes each call of ``fit`` one update, and
# with ``tol=None`` no stopping rule applies. We keep all weights, from the start on, as
# arrays whose first axis is the iteration. We silence the warnings, because they say
# what this example shows: the units are equal, and in its first updates a net is no
# more than a linear model.

warnings.simplefilter("ignore", SymmetryWarning)
warnings.simplefilter("ignore", LinearPlateauWarning)


def new_net(activation, init, init_scale, **options):
    """An untrained network."""
    return ShallowNetClassifier(
        N_HIDDEN,
        activation=activation,
        init=init,
        init_scale=init_scale,
        solver="gd",
        learning_rate_init=LEARNING_RATE,
        alpha=0,
        tol=None,
        **options,
    )


def train_step_by_step(net):
    """Train; return ``coefs_`` and ``intercepts_`` of all iterations, stacked.

    The hidden weights, which come first, are (iterations + 1, pixels, units).
    """
    net.set_params(warm_start=True, max_iter=1)
    history = []
    for _ in range(N_ITERATIONS):
        net.fit(X, y)
        history.append((*net.coefs_, *net.intercepts_))
    history.insert(0, (*net.init_coefs_, *net.init_intercepts_))
    W1, W2, b1, b2 = map(np.array, zip(*history, strict=True))
    return (W1, W2), (b1, b2)


def all_ones(rng, shape):
    """The weight 1 everywhere, which ``init_scale`` multiplies."""
    return np.ones(shape)


nets = {
    "tanh, all weights 0": new_net("tanh", "zeros", 1),
    "logistic, all weights 0": new_net("logistic", "zeros", 1),
    "tanh, all weights 0.1": new_net("tanh", all_ones, 0.1),
    "tanh, random × 0.01": new_net("tanh", "randn", 0.01, random_state=0),
}
histories = {name: train_step_by_step(net) for name, net in nets.items()}

# %%
# How many units are there?
# -------------------------
# ``n_distinct_units`` counts the units that differ in any bit of any weight. For the
# three starts with equal weights it finds *one* unit, after every iteration. For the
# random start it finds all four units, from the first to the last iteration. The table
# shows the largest difference between the weights of two units for the same pixel. It
# stays exactly 0 for equal weights, and grows for random weights. All four nets start
# with biases of 0: random weights alone break the symmetry.

counts = {
    name: n_distinct_units(*history, nets[name].activation)
    for name, history in histories.items()
}
differences = {
    name: np.ptp(hidden, axis=2).max(axis=1)
    for name, ((hidden, _), _) in histories.items()
}
accuracies = {name: net.score(X, y) for name, net in nets.items()}

print(f"{'':24s}different units   largest difference    loss   accuracy")
for name, net in nets.items():
    before, after = differences[name][[0, -1]]
    print(f"{name:24s}{counts[name][-1]:15d}   {before:8.2f} to {after:.2f}", end="")
    print(f"{net.loss_:11.3f}{accuracies[name]:11.3f}")

# %%
# The similarity of two units is the cosine of the angle between their weights. Equal
# units have a similarity of 1. The units of the random start learn the same task, but
# no two of them are nearly equal.

figure, axes = plt.subplots(1, 4, figsize=(11, 3.3), layout="constrained", sharey=True)
for ax, (name, net) in zip(axes, nets.items(), strict=True):
    display = SymmetryDisplay.from_estimator(net, ax=ax, order="unit", colorbar=False)
    ax.set_title(f"{name}\n{display.n_distinct} of {N_HIDDEN} units distinct")
    ax.label_outer()
figure.colorbar(display.im_, ax=axes, label="Similarity")
plt.show()

# %%
# The three starts with equal weights lead to different results:
#
# * **tanh from zero** changes no weight at all. tanh(0) = 0, so the output weights
#   receive no gradient. The output weights are 0, so the hidden weights receive no
#   gradient either. Only the output bias learns. It ends at the log-odds of the two
#   classes, the net calls every image odd, and its accuracy is the share of odd digits.
#   (Relu units stay at zero for the same reason.)
# * **logistic from zero** changes its weights, because the output of a logistic unit is
#   0.5 at 0, and there are more odd digits than even ones. (If both were equally many,
#   all gradients at zero would be zero.) The output weights leave zero first and the
#   hidden weights follow, for all units in the same way.
# * **tanh from 0.1** changes its weights as well, for all units in the same way.
#
# The last two nets are about as good as logistic regression, and no better. From a
# random start the same tanh network makes far fewer mistakes.

zero_bias = nets["tanh, all weights 0"].intercepts_[1][0]
log_odds = np.log(y.mean() / (1 - y.mean()))

print(f"output bias of tanh from zero   {zero_bias:.4f}")
print(f"log-odds of the two classes     {log_odds:.4f}")

# %%
# Four units that are worth one
# -----------------------------
# Identical units can be replaced by a single unit whose output weight is the sum of
# their output weights. For the logistic net this changes no probability by more than
# rounding errors.

net = nets["logistic, all weights 0"]
first_unit = expit(X @ net.coefs_[0][:, 0] + net.intercepts_[0][0])
one_unit_logit = first_unit * net.coefs_[1].sum() + net.intercepts_[1][0]
replacement_error = np.abs(expit(one_unit_logit) - net.predict_proba(X)[:, 1]).max()

print(f"largest change of a probability: {replacement_error:.0e}")

# %%
# Was the random start one lucky seed? No: other seeds do as well. (A larger
# ``max_iter`` makes the same updates in one call.)

random_nets = [
    new_net("tanh", "randn", 0.01, random_state=seed, max_iter=N_ITERATIONS).fit(X, y)
    for seed in range(7)
]
random_accuracies = [net.score(X, y) for net in random_nets]
print(f"accuracy with {len(random_accuracies)} seeds: ", end="")
print(f"{min(random_accuracies):.3f} to {max(random_accuracies):.3f}")

# %%
# The picture
# -----------
# We show one weight of each unit: the weight of a pixel near the centre of the image.
# (For logistic regression, which has no units, we show the weights of four pixels.) The
# curves have their markers at different iterations, so that curves that coincide can be
# told from a single curve.

# sphinx_gallery_thumbnail_number = 2

PIXEL = 36
FOUR_PIXELS = [20, 28, 36, 44]
MARKERS = ["o", "s", "^", "D"]
COLOURS = ["#000000", "#0072B2", "#D55E00", "#CC79A7"]  # Okabe and Ito's palette


def draw_four_curves(ax, curves, labels):
    """Draw curves (iterations + 1, 4), with different colours and marker positions."""
    for k in range(4):
        ax.plot(
            curves[:, k],
            color=COLOURS[k],
            marker=MARKERS[k],
            markevery=(5 + 10 * k, 40),
            markersize=5.5,
            markeredgecolor="white",
            markeredgewidth=0.6,
            linewidth=1.2,
            label=labels[k],
        )


figure, axes = plt.subplots(2, 3, figsize=(10, 6), layout="constrained", sharex=True)
panels = list(axes.flat)

draw_four_curves(
    panels[0], logistic_weights[:, FOUR_PIXELS], [f"pixel {p}" for p in FOUR_PIXELS]
)
panels[0].set_title("logistic regression, all weights 0")
panels[0].legend(fontsize="small", frameon=False)

unit_names = [f"unit {j + 1}" for j in range(N_HIDDEN)]
for ax, (name, ((hidden, _), _)) in zip(panels[1:5], histories.items(), strict=True):
    draw_four_curves(ax, hidden[:, PIXEL], unit_names)
    ax.set_title(name)
    ax.set_ylim(-0.22, 0.22)  # the same for all networks
panels[1].legend(fontsize="small", frameon=False, ncols=2)

losses = {name.replace("all weights ", ""): n.loss_curve_ for name, n in nets.items()}
losses["logistic regression, 0"] = logistic_losses
LossCurveDisplay(losses).plot(panels[5], log_loss=False)
panels[5].set(title="loss of all five", ylim=(0, 0.75))
panels[5].legend(fontsize="x-small", frameon=False, loc=(0.43, 0.53), handlelength=2.2)

for ax in panels[:5]:
    ax.set_ylabel("weight")
for ax in axes[1]:
    ax.set_xlabel("Iteration")
plt.show()
