"""
Thresholds
==========

Where labels change suddenly at a time of day, a code or a price, boosted trees are
often better than a net, because a tree compares columns with thresholds. A net can be
given thresholds to begin with: a step of the pipeline replaces each column by ramps.
This example shows what the step does, where it is better, and where it is worse.
"""

# %%
# A table of thresholds
# ---------------------
# Was the bus late? We know the hour, the number of the stop, the rain, and whether it
# is Sunday. In this made-up town more buses are late in the two rush hours, except on
# Sundays; at some stops in a row, where there are road works; and in heavy rain. Each
# of these effects begins and ends at a threshold. It is mostly dry, so most values of
# the rain are 0.

import matplotlib.pyplot as plt
import numpy as np
from piecewise_linear import PiecewiseLinearEncoder, with_thresholds
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifierCV

HOUR, STOP, RAIN, SUNDAY = range(4)  # the columns


def log_odds_of_buses(X):
    """True log-odds of being late for rows (n, 4)."""
    hour, stop, rain, sunday = X.T
    is_rush = ((hour > 7) & (hour < 9)) | ((hour > 16.5) & (hour < 18.5))
    has_works = (stop >= 40) & (stop < 50)
    n_causes = np.sum([is_rush & (sunday == 0), has_works, rain > 3], axis=0)
    return 3 * n_causes - 2


def draw_buses(n, rng):
    """Rows (n, 4)."""
    hour = rng.uniform(5, 24, n)
    stop = rng.randint(1, 100, n)
    rain = np.where(rng.uniform(size=n) < 0.7, 0, rng.exponential(3, n))
    sunday = rng.uniform(size=n) < 1 / 7
    return np.column_stack([hour, stop, rain, sunday])


def draw_labels(log_odds, rng):
    """Labels of these true log-odds."""
    return (rng.uniform(size=len(log_odds)) < expit(log_odds)).astype(int)


rng = np.random.RandomState(0)
X = draw_buses(4000, rng)
y = draw_labels(log_odds_of_buses(X), rng)
print(f"{y.mean():.0%} of the buses are late, {np.mean(X[:, RAIN] == 0):.0%} run dry")

# %%
# Ramps
# -----
# This is *piecewise-linear encoding* (Gorishniy, Rubachev and Babenko, `NeurIPS 2022
# <https://arxiv.org/abs/2203.05556>`_). A column gets knots, with equally many rows
# between them. Each interval between two knots becomes a column: 0 below the interval,
# 1 above it, and a ramp in between. So a net needs one weight to make a step there.
# With the hour itself as its input, it needs two hidden units with large weights, which
# the penalty makes smaller.
#
# A value that many rows share is a knot, and the other knots are quantiles of the other
# rows. So the knots of the rain are where it rains. Sunday has two values and remains
# one column. :doc:`piecewise_linear` has the code, which is short.

encoder = PiecewiseLinearEncoder().fit(X)

for name, knots in zip(("hour", "stop", "rain", "Sunday"), encoder.knots_, strict=True):
    print(f"{name:8s}knots {'  '.join(f'{knot:.3g}' for knot in knots)}")

# %%
# Where it is better
# ------------------
# ``with_thresholds`` puts the encoder and a scaler before a net. We compare this
# pipeline with the same net after a scaler only, and with boosted trees. The numbers
# are the log-loss on fresh buses minus the log-loss of the true probabilities, which is
# the lowest possible.


def train(X, y):
    """The three models, trained on these rows."""
    models = {
        "net": make_pipeline(StandardScaler(), ShallowNetClassifierCV(random_state=0)),
        "net with thresholds": with_thresholds(ShallowNetClassifierCV(random_state=0)),
        "boosting": HistGradientBoostingClassifier(random_state=0),
    }
    return {name: model.fit(X, y) for name, model in models.items()}


SIZES = [250, 500, 1000, 2000, 4000]


def losses_by_size(draw_rows, true_log_odds):
    """Log-loss on fresh rows minus that of the truth, of each model for all SIZES."""
    rng = np.random.RandomState(0)
    X, X_fresh = draw_rows(max(SIZES), rng), draw_rows(20_000, rng)
    y, log_odds = draw_labels(true_log_odds(X), rng), true_log_odds(X_fresh)
    y_fresh = draw_labels(log_odds, rng)
    true_loss, losses = log_loss(y_fresh, expit(log_odds)), {}
    for n in SIZES:
        for name, model in train(X[:n], y[:n]).items():
            loss = log_loss(y_fresh, model.predict_proba(X_fresh))
            losses.setdefault(name, []).append(loss - true_loss)
    return losses


def print_losses(losses):
    """Print a line for each number of rows."""
    for n, *row in zip(SIZES, *losses.values(), strict=True):
        cells = (f"{name} {loss:.3f}" for name, loss in zip(losses, row, strict=True))
        print(f"{n:4d} rows   {'   '.join(cells)}")


bus_losses = losses_by_size(draw_buses, log_odds_of_buses)
print_losses(bus_losses)

# %%
# The net with thresholds is better than the plain net for every number of rows. With
# few rows it is better than boosted trees, and with many rows it is as good: trees
# choose where they cut, while knots lie where the rows are. With many rows more knots
# help.

N_KNOTS = [6, 12, 24]
X_fresh = draw_buses(20_000, rng)
y_fresh = draw_labels(log_odds_of_buses(X_fresh), rng)
knot_losses = []
for n_knots in N_KNOTS:
    net = ShallowNetClassifierCV(random_state=0)
    model = with_thresholds(net, n_knots).fit(X, y)
    knot_losses.append(log_loss(y_fresh, model.predict_proba(X_fresh)))
    print(f"{n_knots:2d} knots   log-loss {knot_losses[-1]:.3f}")

# %%
# Where it is worse
# -----------------
# A threshold cuts one column. Where labels depend on a sum of columns, ramps do not
# help: the net first has to learn to add up the ramps to the scaled columns, and it has
# more weights to learn. Trees are even worse. Here class 1 lies in a band between two
# planes that are parallel to no axis.


def log_odds_of_band(X):
    """True log-odds of lying in the band for rows (n, 6)."""
    return 4 * (1.5 - np.abs(X[:, :4] @ [1, -1, 1, -1]))


band_losses = losses_by_size(
    lambda n, rng: rng.standard_normal((n, 6)), log_odds_of_band
)
print_losses(band_losses)

# %%
# Now the plain net is better for every number of rows, though by much less with many
# rows. Most tables are between these two: compare both nets by cross-validation.
#
# The picture
# -----------
# Left: the probability of being late on a dry weekday, away from the road works, as
# predicted by models that are trained on all rows. The curve of the plain net has two
# flat hills. With thresholds the curve is steep between some knots, and nearly flat
# elsewhere. The curve of boosted trees is steepest, and it follows the noise as well.
# Middle and right: the log-loss for both tables, by the number of rows.

day = np.zeros((1000, 4))
day[:, HOUR] = np.linspace(5, 24, 1000)
day[:, STOP] = 20
truth = expit(log_odds_of_buses(day))
curves = {name: model.predict_proba(day)[:, 1] for name, model in train(X, y).items()}

STYLES = {
    "boosting": {"color": "#D55E00", "linewidth": 1, "linestyle": "-."},
    "net": {"color": "black", "linestyle": "--"},
    "net with thresholds": {"color": "#0072B2"},
}
figure, axes = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained")
day_ax, *size_axes = axes
day_ax.plot(day[:, HOUR], truth, color="0.7", linewidth=4, label="truth")
for name, style in STYLES.items():
    day_ax.plot(day[:, HOUR], curves[name], label=name, **style)
knots = encoder.knots_[HOUR]
day_ax.plot(knots, np.zeros(len(knots)), "|", color="0.3", label="knots")
day_ax.set(title="buses: a weekday", xlabel="Hour", ylabel="Probability of being late")
tables = {"buses": bus_losses, "a band": band_losses}
for ax, (title, losses) in zip(size_axes, tables.items(), strict=True):
    for name, style in STYLES.items():
        ax.plot(SIZES, losses[name], marker="o", markersize=4, **style)
    ax.set(title=title, xscale="log", xlabel="Rows", ylim=(0, None))
    ax.set(xticks=SIZES, xticklabels=SIZES)
    ax.minorticks_off()
size_axes[0].set_ylabel("Log-loss minus that of the truth")
figure.legend(loc="outside lower center", ncols=5, frameon=False)
plt.show()
