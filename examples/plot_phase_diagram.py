"""
What a fast sweep is for
========================

A single net has one width, one scale and one draw, and tells little about starts. Some
questions need a map of many nets. How do the best scale and the width depend on each
other? When do the weights of a wide net stay near their start, and when do they move
far away? Each map needs hundreds of nets, which ``LockstepGridSearchCV`` trains
together.

What to expect: a band of scales in which nets learn fast and well, which widens with
the net. And a line, known from theory: on one side of it the weights of wider nets move
less and less, and on the other side more and more.
"""

# %%
# Other numbers than accuracies from a search
# -------------------------------------------
# ``scoring`` may be a dictionary of functions that take a fitted net and return a
# number: for example the number of iterations until a given loss, or the distance that
# the hidden weights have moved, relative to their start.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import LockstepGridSearchCV, ShallowNetClassifier
from skshallow.diagnostics import distance_travelled
from skshallow.exceptions import SaturationWarning

SEEDS = [0, 1, 2]


def iterations_until(target):
    """A scorer: number of updates until the training loss is at most ``target``.

    For a net that never reaches the target, it is one more than the number of updates.
    """

    def scorer(model, X, y):
        net = model[-1] if hasattr(model, "steps") else model
        reached = np.append(net.loss_curve_, -np.inf) <= target
        return float(np.argmax(reached) + (not reached[:-1].any()))

    return scorer


def distance(net, X, y):
    """A scorer: ||W1 - W1 at the start|| / ||W1 at the start||."""
    return float(distance_travelled(net.init_coefs_, net.coefs_)[0])


# %%
# Scale and width on a real task
# ------------------------------
# Is a handwritten digit odd or even? The search combines every scale with every width,
# with several seeds and folds. All nets have tanh units and are trained by plain
# gradient descent for the same number of iterations. The largest scales saturate the
# units. We silence the warning about this, because we want to measure the effect.

warnings.simplefilter("ignore", SaturationWarning)

SCALES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
WIDTHS = [1, 2, 4, 8, 16, 32]
TARGET = 0.2
N_ITERATIONS = 300
N_FOLDS = 3

digits = load_digits()
net = ShallowNetClassifier(
    activation="tanh",
    init="randn",
    solver="gd",
    learning_rate_init=0.6,
    alpha=0,
    max_iter=N_ITERATIONS,
    tol=None,
)
sweep = LockstepGridSearchCV(
    make_pipeline(StandardScaler(), net),
    {
        "shallownetclassifier__n_hidden": WIDTHS,
        "shallownetclassifier__init_scale": SCALES,
        "shallownetclassifier__random_state": SEEDS,
    },
    scoring={"accuracy": "accuracy", "iterations": iterations_until(TARGET)},
    refit=False,
    cv=N_FOLDS,
    verbose=1,  # a line for each width and fold, while they are trained
).fit(digits.data.astype(np.float32), digits.target % 2)


def by_scale_and_width(name):
    """A score of all nets, an array (widths, scales, seeds and folds)."""
    folds = [sweep.cv_results_[f"split{k}_test_{name}"] for k in range(N_FOLDS)]
    # A grid sorts its parameters by name: scales, then widths, then seeds.
    values = np.transpose(folds).reshape(len(SCALES), len(WIDTHS), -1)
    return values.swapaxes(0, 1)


accuracy = by_scale_and_width("accuracy").mean(axis=-1)
iterations = np.median(by_scale_and_width("iterations"), axis=-1)
print(f"{by_scale_and_width('accuracy').size} nets on {digits.data.shape[0]} digits")

# %%
# How far the weights travel
# --------------------------
# Luo, Xu, Ma and Zhang ("Phase diagram for two-layer ReLU neural networks at
# infinite-width limit", JMLR 22(71), 2021) look at the nets
#
# .. math:: f(x) = \frac{1}{\alpha} \sum_{k=1}^m a_k \, \mathrm{relu}(w_k \cdot x),
#    \quad a_k \sim N(0, \beta_1^2), \quad w_k \sim N(0, \beta_2^2 I),
#
# and find that two numbers decide what happens as the width m grows: γ, where
# β₁ β₂ / α = m^(-γ), and γ′, where β₁ / β₂ = m^(-γ′). Our nets have no factor in front
# (α = 1), and one ``init_scale`` s for both layers means β₁ = β₂ = s. So γ′ = 0, and
# s = m^(-γ/2): a larger γ is a smaller start. On that line the paper proves, for
# gradient flow on the squared error, that the relative distance travelled by the
# hidden weights goes to 0 for γ < 1 (the *linear* regime: the net behaves like its
# linearisation at the start) and to infinity for γ > 1 (the *condensed* regime, where
# units gather in a few directions). γ = 1 is *critical*. Scales of 1 / sqrt(width), as
# of the popular schemes, have γ of 1 or below.
#
# Three things differ here. The loss is cross-entropy, under which weights would grow
# for ever on data that can be separated. Each net is therefore stopped at the first
# update at which its loss is at a target. The hidden units have biases, which start at
# 0 and are not counted. And gradient flow is replaced by gradient descent with small
# steps, for which the learning rate sets the unit of time and not the path. For γ < 1
# the output reacts to a step m^(1 - γ) times more strongly, because m terms of size s²
# add up. The rate is therefore divided by this factor.

GAMMAS = np.linspace(0.5, 1.75, 11)
RELU_WIDTHS = [8, 16, 32, 64, 128, 256, 512]
RELU_TARGET = 0.1
RATE = 1.5
RELU_ITERATIONS = 150

cancer = load_breast_cancer()
X_cancer = StandardScaler().fit_transform(cancer.data[::4]) / np.sqrt(30)
X_cancer, y_cancer = X_cancer.astype(np.float32), cancer.target[::4]
SHAPE = (len(RELU_WIDTHS), len(GAMMAS), len(SEEDS))


def relu_sweep(max_iter, scoring, rate):
    """Scores of relu nets on their training rows.

    Parameters
    ----------
    max_iter : ndarray of int of shape SHAPE
    scoring : dict of callables
    rate : float

    Returns
    -------
    dict of ndarrays of shape SHAPE
    """
    grid = [
        {
            "n_hidden": [m],
            "init_scale": [m ** (-gamma / 2)],
            "learning_rate_init": [rate * min(1, m ** (gamma - 1))],
            "max_iter": [int(max_iter[i, j, k])],
            "random_state": [seed],
        }
        for i, m in enumerate(RELU_WIDTHS)
        for j, gamma in enumerate(GAMMAS)
        for k, seed in enumerate(SEEDS)
    ]
    net = ShallowNetClassifier(activation="relu", solver="gd", alpha=0, tol=None)
    everything = np.arange(len(y_cancer))
    search = LockstepGridSearchCV(
        net, grid, scoring=scoring, refit=False, cv=[(everything, everything)]
    ).fit(X_cancer, y_cancer)
    return {
        name: search.cv_results_[f"mean_test_{name}"].reshape(SHAPE) for name in scoring
    }


# %%
# The rows are every fourth row of breast cancer, scaled to a length of about 1. A first
# sweep finds the iteration at which each net reaches the loss, and a second sweep stops
# the net there. With steps of half the size, and about twice as many of them, the
# distances hardly change: the steps are small enough.


def travel(rate, max_iter):
    """Distances at the first loss on target, and numbers of updates, of shape SHAPE."""
    until = {"until": iterations_until(RELU_TARGET)}
    stops = relu_sweep(max_iter, until, rate)["until"]
    return relu_sweep(stops, {"distance": distance}, rate)["distance"], stops


distances, stops = travel(RATE, np.full(SHAPE, RELU_ITERATIONS))
of_half_steps, _ = travel(RATE / 2, 2 * stops + 10)
largest_change = np.max(np.abs(of_half_steps / distances - 1))
distance_map = np.exp(np.mean(np.log(distances), axis=-1))

print(f"{distances.size} nets")
print(f"steps of half the size change no distance by more than {largest_change:.1%}")

# %%
# With which power of the width does the distance grow? If all units move a little and
# together make a fixed change of the output, the distance grows with m^(γ - 1). If the
# weights end at a size that does not depend on their start, it grows with
# 1 / ||W1 at the start||, that is m^((γ - 1) / 2). We fit the exponent to widths from
# 64 on, because the theory is about wide nets.

WIDE = RELU_WIDTHS.index(64)
exponents = np.polyfit(np.log(RELU_WIDTHS[WIDE:]), np.log(distance_map[WIDE:]), 1)[0]
expected = np.where(GAMMAS < 1, GAMMAS - 1, (GAMMAS - 1) / 2)

# %%
# The maps
# --------

INK = {"dark": "white", "light": "black"}


def heat_map(ax, values, x_labels, y_labels, texts, norm, cmap):
    """Draw a map with a text in every cell, legible in grey; return the image."""
    image = ax.imshow(values, norm=norm, cmap=cmap, origin="lower", aspect="auto")
    for (i, j), text in np.ndenumerate(texts):
        red, green, blue, _ = image.cmap(image.norm(values[i, j]))
        is_dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        ax.text(j, i, text, ha="center", va="center", fontsize=7.5)
        ax.texts[-1].set_color(INK["dark" if is_dark else "light"])
    ax.set_xticks(range(len(x_labels)), x_labels)
    ax.set_yticks(range(len(y_labels)), y_labels)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return image


def percent(values):
    """Texts of shares."""
    return np.vectorize("{:.0f}".format)(100 * values)


def count(values):
    """Texts of numbers of iterations, with a dash if the loss was not reached."""
    return np.array(
        [[f"{v:.0f}" if v <= N_ITERATIONS else "–" for v in row] for row in values]
    )


def two_digits(values):
    """Texts of positive numbers."""
    return np.array([[f"{v:.2f}" if v < 1 else f"{v:.1f}" for v in r] for r in values])


figure, axes = plt.subplots(2, 2, figsize=(11, 8), layout="constrained")
(accuracy_ax, iterations_ax), (distance_ax, exponent_ax) = axes
scale_labels = [f"{scale:g}" for scale in SCALES]

heat_map(
    accuracy_ax,
    accuracy,
    scale_labels,
    WIDTHS,
    percent(accuracy),
    plt.Normalize(0.6, 1),
    "viridis",
)
accuracy_ax.set_title("odd or even digits: accuracy (%), cross-validated")

heat_map(
    iterations_ax,
    iterations,
    scale_labels,
    WIDTHS,
    count(iterations),
    LogNorm(iterations.min(), N_ITERATIONS + 1),
    "viridis_r",
)
iterations_ax.set_title(f"iterations to a loss of {TARGET} (–: over {N_ITERATIONS})")
for ax in (accuracy_ax, iterations_ax):
    ax.set(xlabel="init_scale", ylabel="width n_hidden")

heat_map(
    distance_ax,
    distance_map,
    [f"{gamma:g}" for gamma in GAMMAS],
    RELU_WIDTHS,
    two_digits(distance_map),
    LogNorm(distance_map.min(), distance_map.max()),
    "viridis",
)
distance_ax.set_title("relu: relative distance of hidden weights from start", pad=22)
distance_ax.set(xlabel="γ, where init_scale = width$^{-γ/2}$", ylabel="width n_hidden")

critical = int(np.flatnonzero(GAMMAS == 1)[0])
top = len(RELU_WIDTHS) - 0.5
frame = plt.Rectangle((critical - 0.5, -0.5), 1, top + 0.5, fill=False, clip_on=False)
frame.set(linewidth=2, edgecolor="black")
distance_ax.add_patch(frame)
REGIMES = [("linear", 0.75), ("critical", 1), ("condensed", 1.375)]
for name, gamma in REGIMES:
    x = np.interp(gamma, GAMMAS, range(len(GAMMAS)))
    distance_ax.text(x, top + 0.1, name, ha="center", va="bottom", style="italic")
exponent_ax.axhline(0, color="0.6", linewidth=1)
exponent_ax.axvline(1, color="0.6", linewidth=1)
exponent_ax.plot(GAMMAS, expected, "--", color="#D55E00", label="γ − 1, (γ − 1) / 2")
exponent_ax.plot(GAMMAS, exponents, "o", color="black", label="measured, widths ≥ 64")
for name, gamma in REGIMES:
    exponent_ax.text(gamma, 0.6, name, ha="center", va="bottom", style="italic")
exponent_ax.set_title("growth of that distance with the width", pad=22)
exponent_ax.set(xlabel="γ", ylabel="exponent of the width", ylim=(-0.6, 0.58))
exponent_ax.spines[["top", "right"]].set_visible(False)
exponent_ax.legend(frameon=False, loc="lower right")
plt.show()

# %%
# What the maps say
# -----------------
# **Scale and width.** From a few units on, all scales up to 0.1 are equally good on
# unseen digits; nets of one or two units are worse. At every width the fastest start is
# at 0.03 or 0.1, and the textbook's 0.01 needs hardly more iterations. Larger scales
# are soon much worse. From the two largest scales no net of any width reaches the loss
# in time, and the accuracy is lower. At scale 1 the result depends on the width: the
# wider the net, the fewer iterations it needs, and nets of one or two units do not
# reach the loss. On this task wide nets tolerate a larger start than narrow nets, but a
# small start is good at every width.
#
# **Distance.** At γ = 1 the weights of narrow and of wide nets move equally far,
# relative to their length at the start. For smaller γ the weights of wide nets move
# less far, and for larger γ farther. The distance itself does not jump at γ = 1: there
# it changes from falling to growing with the width. The measured exponents are close to
# the two estimates.
#
# The maps show how far weights move, for these widths. They do not show the direction:
# the paper finds that units of the condensed regime gather in a few directions, which
# would need another figure.
