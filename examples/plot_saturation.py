"""
Large weights, flat units, slow learning
========================================

tanh and the logistic function are steep near zero and flat far from zero. A unit whose
input is far from zero is *saturated*: its output hardly depends on its weights, its
gradient nearly vanishes, and gradient descent is very slow. A relu is flat for negative
inputs, and never flat for positive ones. This example shows which inputs the units have
after a random start, and how much slower training is.
"""

# %%
# The task
# --------
# The task is to tell handwritten threes from eights. Each pixel is scaled to unit
# variance. A unit adds up dozens of pixels, so that its input is far from zero even
# with moderate weights.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier
from skshallow.diagnostics import (
    distance_travelled,
    hidden_activations,
    pre_activations,
    relative_slope,
    saturation,
)
from skshallow.displays import LossCurveDisplay, SaturationDisplay
from skshallow.exceptions import SaturationWarning

digits = load_digits()
three_or_eight = np.isin(digits.target, [3, 8])
X = StandardScaler().fit_transform(digits.data[three_or_eight])
y = digits.target[three_or_eight] == 8
print(f"{X.shape[0]} images of {X.shape[1]} pixels")

# %%
# All nets have eight hidden units, and are trained by plain gradient descent with the
# same learning rate, from several seeds. The largest start is too large on purpose, so
# that the warnings of this are silenced.

warnings.simplefilter("ignore", SaturationWarning)
warnings.filterwarnings("ignore", "the start is too large")

ACTIVATIONS = ["tanh", "logistic", "relu"]
SCALES = [0.01, 1, 10]
SEEDS = range(7)
N_ITERATIONS = 1000


def train(activation, init_scale, seed, max_iter=N_ITERATIONS):
    """A trained network; its start is kept in ``init_coefs_``."""
    net = ShallowNetClassifier(
        8,
        activation=activation,
        init="randn",
        init_scale=init_scale,
        solver="gd",
        learning_rate_init=0.5,
        alpha=0,
        max_iter=max_iter,
        tol=None,
        random_state=seed,
    )
    return net.fit(X, y)


nets = {
    (activation, scale): [train(activation, scale, seed) for seed in SEEDS]
    for activation in ACTIVATIONS
    for scale in SCALES
}

# %%
# Where the start puts the units
# ------------------------------
# The input of a unit, its *pre-activation*, is a weighted sum of the pixels. We call a
# unit flat for an image if the slope of the activation there is less than 1% of its
# largest slope. The measures of ``skshallow.diagnostics`` take many nets at once, along
# the first axis.


def stacked(layers):
    """Weights or biases of several nets, by layer, with nets along the first axis."""
    return tuple(map(np.array, zip(*layers, strict=True)))


def starts(key):
    """Weights and biases of the starts of all seeds."""
    weights = stacked(net.init_coefs_ for net in nets[key])
    return weights, stacked(net.init_intercepts_ for net in nets[key])


start_inputs = {key: pre_activations(*starts(key), X) for key in nets}
flat_shares = {key: saturation(*starts(key), key[0], X).mean() for key in nets}

for (activation, scale), share in flat_shares.items():
    print(f"{activation:10s} start × {scale:<5g} {share:4.0%} flat")


# %%
# The draws are the same for all three activations, and at scale *s* they are *s* times
# the draws at scale 1. The table has the share of pairs of a unit and an image for
# which the unit is flat. At 0.01 no tanh or logistic unit is flat for any image; at 1
# many units are flat, and at 10 nearly all. A relu unit is flat for half of the images
# *at any scale*, and has the same slope at any scale for the other half.

EDGE = 20  # pre-activations beyond it are counted in the outermost bars

figure, axes = plt.subplots(3, 3, figsize=(10, 7.5), layout="constrained")
for (activation, scale), ax in zip(nets, axes.T.flat, strict=True):
    z = start_inputs[activation, scale]
    SaturationDisplay(z, activation).plot(ax, edge=EDGE)
    ax.set(title=f"{activation}, start × {scale:g}", xlabel="", ylabel="")

figure.supxlabel("Pre-activation")
figure.supylabel("Bars: distribution of pre-activations; line: output; grey: flat")
plt.show()

# %%
# How much slower training is
# ---------------------------
# We count the updates until the loss reaches a target well below the loss of guessing,
# which is log 2 = 0.69.

TARGET = 0.1


def loss_curves(key):
    """Loss before each update (seeds, iterations)."""
    return np.array([net.loss_curve_ for net in nets[key]])


def iterations_to_target(key):
    """Updates to the target, for each seed; infinite if not reached."""
    reached = loss_curves(key) <= TARGET
    return np.where(reached.any(axis=1), reached.argmax(axis=1), np.inf)


def median_accuracy(key):
    """Share of the training images classified correctly, median over seeds."""
    return np.median([net.score(X, y) for net in nets[key]])


iterations = {key: np.median(iterations_to_target(key)) for key in nets}
accuracies = {key: median_accuracy(key) for key in nets}

for activation, scale in nets:
    key = activation, scale
    n_reached = np.isfinite(iterations_to_target(key)).sum()
    print(f"{activation:10s} start × {scale:<5g}", end="")
    print(f"{iterations[key]:5.0f} iterations ({n_reached} seeds reach it)", end="")
    print(f"   accuracy {accuracies[key]:.2f}")

# %%
# The numbers are medians over the seeds. With scale 1 all three activations need more
# iterations than with 0.01. For tanh the number grows by the largest factor, more than
# six.
#
# With scale 10, no seed of the tanh and logistic nets reaches the target (``inf``), and
# in the end about one in six of their training images is wrong. The relu nets reach the
# target, though much more slowly than from 0.01, and in the end all images are right.

figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained", sharey=True)
for ax, activation in zip(axes, ACTIVATIONS, strict=True):
    quartiles = {
        f"{scale:g}": np.quantile(
            loss_curves((activation, scale)), [0.25, 0.5, 0.75], axis=0
        )
        for scale in SCALES
    }
    medians = {scale: median for scale, (_, median, _) in quartiles.items()}
    display = LossCurveDisplay(medians).plot(
        ax, title="init_scale", log_iterations=True
    )
    for line, (low, _, high) in zip(display.lines_, quartiles.values(), strict=True):
        band = {"color": line.get_color(), "alpha": 0.2, "linewidth": 0}
        ax.fill_between(line.get_xdata(), low, high, **band)
    ax.axhline(TARGET, color="0.5", linewidth=1)
    ax.set(title=activation, ylim=(1e-3, 1e3))
for ax in axes[:2]:
    ax.get_legend().remove()
for ax in axes[1:]:
    ax.set_ylabel("")
plt.show()

# %%
# Lines are medians over the seeds; bands contain the middle half of the seeds.
#
# Hidden units, or the output?
# ----------------------------
# Large weights not only move the hidden units to their flat parts. The output is a
# sigmoid, too, and at scale 10 it is flat for most images, as printed below.
#
# The output can be flat even if the hidden units are not. Relu units are no flatter at
# scale 10 than at 0.01, but their outputs are not bounded, and the output of the net is
# near 0 or 1 for nearly every image, right or wrong. The tanh and logistic nets begin
# with a loss about ten times that of guessing. The relu nets begin with a loss about
# fifty times that of the tanh nets.


def flat_outputs(activation, scale):
    """Share of images for which the sigmoid output starts flat."""
    weights, biases = starts((activation, scale))
    hidden = hidden_activations(weights, biases, activation, X)
    logits = hidden @ weights[1]  # (seeds, images, 1); the output bias starts at 0
    return np.mean(relative_slope("logistic", logits) < 0.01)


def median_first_loss(key):
    """Loss before the first update, median over seeds."""
    return np.median(loss_curves(key)[:, 0])


flat_output_shares = {
    activation: flat_outputs(activation, 10) for activation in ACTIVATIONS
}

first_losses = {
    activation: median_first_loss((activation, 10)) for activation in ACTIVATIONS
}

print("start × 10  flat outputs   first loss")
for activation in ACTIVATIONS:
    print(f"{activation:10s}{flat_output_shares[activation]:14.0%}", end="")
    print(f"{first_losses[activation]:13.1f}")

# %%
# Which layer makes learning slow? ``init_scale`` takes a pair, the scales of the hidden
# and of the output layer. We make only one of them large. With a small output layer the
# output starts on its steep part. With a small hidden layer the hidden units do.

LARGE_HIDDEN, LARGE_OUTPUT = (10, 0.01), (0.01, 10)

print("iterations   large hidden layer    large output layer   (from fewest to most)")
for activation in ACTIVATIONS:
    print(f"{activation:10s}", end="")
    for pair in (LARGE_HIDDEN, LARGE_OUTPUT):
        key = activation, pair
        nets[key] = [train(*key, seed) for seed in SEEDS]
        counts = np.sort(iterations_to_target(key))
        iterations[key] = np.median(counts)
        print(f"   {' '.join(f'{count:.0f}' for count in counts):28s}", end="")
    print()

# %%
# With a large hidden layer alone again no seed of the tanh and logistic nets reaches
# the target. So the hidden units make learning slow. They stay where the random start
# has put them: in the nets above that start at scale 10, training changes the hidden
# weights by only a small part of their size.
#
# The relu nets with a large hidden layer are still slow, but for another reason: their
# hidden units are not flat but *large*. Because the outputs of the hidden units are
# large, the first updates change the logits too much. The loss begins near that of
# guessing, and rises to a high peak before it falls.
#
# With a large output layer alone the logistic and relu nets are faster than from 0.01,
# and the tanh nets are much slower; one of their seeds does not reach the target. The
# gradients of the hidden weights contain the output weights, which are large here. So
# the first update is long enough to drive most tanh units onto their flat parts.


def flat_after_one_update(activation):
    """Share of flat pairs one update after a start with a large output layer."""
    shares = []
    for seed in SEEDS:
        net = train(activation, LARGE_OUTPUT, seed, max_iter=1)
        shares.append(saturation(net.coefs_, net.intercepts_, activation, X).mean())
    return np.median(shares)


flat_after = {
    activation: flat_after_one_update(activation) for activation in ACTIVATIONS
}
for activation, share in flat_after.items():
    print(f"{activation:10s} large output layer, after one update   {share:4.0%} flat")


def relative_move(key):
    """Distance that training moved the hidden weights, relative to their size."""
    weights, _ = starts(key)
    trained = stacked(net.coefs_ for net in nets[key])
    return np.median(distance_travelled(weights, trained)[:, 0])


moves = {activation: relative_move((activation, 10)) for activation in ACTIVATIONS}
relu_curves = loss_curves(("relu", LARGE_HIDDEN))
relu_first_loss = median_first_loss(("relu", LARGE_HIDDEN))
relu_peak_loss = np.median(relu_curves.max(axis=1))

for activation, move in moves.items():
    print(f"{activation:10s} start × 10   hidden weights moved by {move:.1%}")
print("relu       large hidden layer   ", end="")
print(f"loss {relu_first_loss:.1f} at the start, {relu_peak_loss:.0f} at its peak")
