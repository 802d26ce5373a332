"""
Large weights, flat units, slow learning
========================================

tanh and the logistic function are steep near zero and flat far from it. A unit whose
input is far from zero is *saturated*: its output hardly depends on its weights, the
gradient all but vanishes, and gradient descent crawls. Half of a relu is flat as well,
but its other half is never. Here we look at where a random start puts the units, and
measure what that costs.
"""

# %%
# The task
# --------
# Handwritten threes against eights: 357 images of 8 by 8 pixels, each pixel scaled to
# unit variance. A unit adds up dozens of them, which takes it far from zero even with
# modest weights.

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier

digits = load_digits()
three_or_eight = np.isin(digits.target, [3, 8])
X = StandardScaler().fit_transform(digits.data[three_or_eight])
y = digits.target[three_or_eight] == 8

# %%
# Eight hidden units, plain gradient descent, one learning rate, seven seeds.

SCALES = [0.01, 1, 10]
SEEDS = range(7)
N_ITERATIONS = 1000


def train(activation, init_scale, seed):
    """A trained network; its start is kept in ``init_coefs_``."""
    net = ShallowNetClassifier(
        8,
        activation=activation,
        init="randn",
        init_scale=init_scale,
        solver="gd",
        learning_rate_init=0.5,
        alpha=0,
        max_iter=N_ITERATIONS,
        tol=None,
        random_state=seed,
    )
    return net.fit(X, y)


nets = {
    (activation, scale): [train(activation, scale, seed) for seed in SEEDS]
    for activation in ["tanh", "logistic", "relu"]
    for scale in SCALES
}

# %%
# Where the start puts the units
# ------------------------------
# The input of a unit, its *pre-activation*, is a weighted sum of the pixels. We call a
# unit flat for an image if its slope there is less than 1% of the largest it can have.


def pre_activations(net):
    """Inputs of the hidden units at the start (images, units)."""
    return X @ net.init_coefs_[0] + net.init_intercepts_[0]


values = {"tanh": np.tanh, "logistic": expit, "relu": lambda z: np.maximum(z, 0)}
relative_slopes = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "logistic": lambda z: 4 * expit(z) * expit(-z),  # its largest slope is 1/4
    "relu": lambda z: z > 0,
}

start_inputs = {
    key: np.array([pre_activations(net) for net in nets[key]]) for key in nets
}
flat_shares = {
    (activation, scale): np.mean(relative_slopes[activation](z) < 0.01)
    for (activation, scale), z in start_inputs.items()
}

for (activation, scale), share in flat_shares.items():
    print(f"{activation:10s} start × {scale:<5g} {share:4.0%} flat")


# %%
# The draws are the same for all three activations, and at scale *s* they are *s* times
# those at scale 1. At 0.01 no tanh or logistic unit is flat for any image; at 1 it is
# 65% of the pairs of unit and image for tanh and 38% for logistic; at 10 it is 97% and
# 93%. A relu unit is flat for half of the images *at any scale*, and as steep as ever
# for the others.

EDGE = 20  # pre-activations beyond it are counted in the outermost bars
BINS = np.arange(-EDGE - 0.5, EDGE + 1)
grid = np.linspace(-EDGE - 0.5, EDGE + 0.5, 1001)

figure, axes = plt.subplots(
    3, 3, figsize=(10, 7), layout="constrained", sharex=True, sharey=True
)
for (activation, scale), ax in zip(nets, axes.T.flat, strict=True):
    z = np.clip(start_inputs[activation, scale].ravel(), -EDGE, EDGE)
    counts, _ = np.histogram(z, BINS)
    ax.stairs(counts / counts.max(), BINS, fill=True, color="#56B4E9")

    output = values[activation](grid)
    height = (output - output.min()) / (output.max() - output.min())
    ax.plot(grid, height, color="black", linewidth=1.5)

    flat = relative_slopes[activation](grid) < 0.01
    ax.fill_between(grid, 0, 1.1, where=flat, color="0.9", zorder=0)

    ax.set_title(f"{activation}, start × {scale:g}")
    ax.text(-18, 0.85, f"{flat_shares[activation, scale]:.0%} flat", fontsize=12)
    ax.set(xlim=(-EDGE - 0.5, EDGE + 0.5), ylim=(0, 1.1), yticks=[])

figure.supxlabel("pre-activation (outermost bars: 20 and beyond)")
figure.supylabel("bars: distribution of pre-activations; line: output; grey: flat")
plt.show()

# %%
# What it costs
# -------------
# We count the updates until the loss is 0.1 (guessing costs 0.69).

TARGET = 0.1


def loss_curves(key):
    """Loss before each update (seeds, iterations)."""
    return np.array([net.loss_curve_ for net in nets[key]])


def median_iterations(key):
    """Median over seeds of the updates to the target; infinite if it is not reached."""
    reached = loss_curves(key) <= TARGET
    return np.median(np.where(reached.any(axis=1), reached.argmax(axis=1), np.inf))


def median_accuracy(key):
    """Share of the training images classified correctly, median over seeds."""
    return np.median([net.score(X, y) for net in nets[key]])


iterations = {key: median_iterations(key) for key in nets}
accuracies = {key: median_accuracy(key) for key in nets}

for activation, scale in nets:
    key = activation, scale
    print(f"{activation:10s} start × {scale:<5g}", end="")
    print(f"{iterations[key]:5.0f} iterations   accuracy {accuracies[key]:.2f}")

# %%
# From 0.01 to 1, tanh slows down from 16 to 106 iterations (median of seven seeds),
# logistic from 63 to 159, relu from 22 to 45.
#
# At 10, no seed of the tanh and logistic nets gets there in 1000 iterations: a slowdown
# of more than 60 and more than 15 times. They end with 82% and 84% of their own
# training images right. The relu nets need about 230 iterations, ten times as many
# as at 0.01, and end with 100%.

figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained", sharey=True)
STYLES = {0.01: ("-", "#000000"), 1: ("--", "#0072B2"), 10: (":", "#D55E00")}

shown = np.unique(np.geomspace(1, N_ITERATIONS, 60).astype(int))

for ax, activation in zip(axes, values, strict=True):
    for scale, (style, colour) in STYLES.items():
        shown_losses = loss_curves((activation, scale))[:, shown - 1]
        low, median, high = np.quantile(shown_losses, [0.25, 0.5, 0.75], axis=0)
        ax.fill_between(shown, low, high, color=colour, alpha=0.2, linewidth=0)
        ax.plot(shown, median, style, color=colour, linewidth=2, label=f"{scale:g}")
    ax.axhline(TARGET, color="0.5", linewidth=1)
    ax.set(title=activation, xscale="log", yscale="log", xlabel="iteration")
    ax.set_ylim(1e-3, 1e3)
axes[0].set_ylabel("mean cross-entropy (nats)")
axes[0].legend(title="init_scale", frameon=False)
plt.show()

# %%
# Lines are medians over the seeds, bands hold the middle half of them.
#
# Hidden units, or the output?
# ----------------------------
# Large weights do not only flatten the hidden units. The output is a sigmoid too, and
# at scale 10 it is flat for 87%, 76% and 99% of the images (tanh, logistic, relu). So
# which layer is to blame? ``init_scale`` takes a pair: with 10 for the hidden layer and
# 0.01 for the output layer, the output starts on its steep part.


def flat_outputs(activation, scale):
    """Share of images for which the sigmoid output starts flat."""
    hidden = values[activation](start_inputs[activation, scale])
    output_coefs = np.array([net.init_coefs_[1] for net in nets[activation, scale]])
    logits = hidden @ output_coefs  # (seeds, images, 1); the output bias starts at 0
    return np.mean(relative_slopes["logistic"](logits) < 0.01)


flat_output_shares = {activation: flat_outputs(activation, 10) for activation in values}

PAIR = (10, 0.01)
for activation in values:
    nets[activation, PAIR] = [train(activation, PAIR, seed) for seed in SEEDS]
    iterations[activation, PAIR] = median_iterations((activation, PAIR))
    print(
        f"{activation:10s} {flat_output_shares[activation]:.0%} of outputs flat at 10"
    )
    print(f"{iterations[activation, PAIR]:10.0f} iterations with a small output layer")

# %%
# For tanh and logistic this changes nothing: again no seed gets to 0.1 in 1000
# iterations. Their hidden units are to blame. They are stuck where the draw has put
# them: in the nets above that start at 10, training moves the hidden weights by 2%
# (tanh) and 5% (logistic) of their size.
#
# The relu nets, which need about 220 iterations now, are slow for another reason: their
# hidden units are not flat but *large*. With hidden outputs of that size, the first
# updates send the logits far off, and the loss, 0.8 at the start, peaks near 260 before
# it falls.


def relative_move(key):
    """How far training moved the hidden weights, relative to their size."""
    return np.median(
        [
            np.linalg.norm(net.coefs_[0] - net.init_coefs_[0])
            / np.linalg.norm(net.init_coefs_[0])
            for net in nets[key]
        ]
    )


moves = {activation: relative_move((activation, 10)) for activation in values}
relu_curves = loss_curves(("relu", PAIR))
relu_first_loss = np.median(relu_curves[:, 0])
relu_peak_loss = np.median(relu_curves.max(axis=1))

for activation, move in moves.items():
    print(f"{activation:10s} hidden weights moved by {move:.1%}")
print(
    f"relu: loss {relu_first_loss:.1f} at the start, {relu_peak_loss:.0f} at its peak"
)
