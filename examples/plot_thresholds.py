"""
Thresholds
==========

Where labels jump at a time of day, a code or a price, boosted trees are ahead of a net
with smooth units, because a tree asks of a column nothing but whether it is above a
threshold. A net can be given thresholds to begin with: one step of a pipeline replaces
each column by ramps. Here we see what the step does, what it gains, and from how many
rows on.
"""

# %%
# A table of thresholds
# ---------------------
# Was the bus late? We know the time of day, the number of the stop, the rain of the
# last hour, and whether it is Sunday. In this made-up town a bus is late more often in
# the two rush hours, at some stops in a row (there are road works), and if it rains
# hard. On Sundays there is no rush. All of it begins and ends at once. It is mostly
# dry, so that most values of one column are 0.

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


def true_log_odds(X):
    """Log-odds of being late for rows (n, 4)."""
    hour, stop, rain, sunday = X.T
    is_rush = ((hour > 7) & (hour < 9)) | ((hour > 16.5) & (hour < 18.5))
    works = (stop >= 40) & (stop < 50)
    return -2 + 2.5 * (is_rush & (sunday == 0)) + 2 * works + 2 * (rain > 3)


def draw_buses(n, seed):
    """Rows (n, 4) and whether each bus was late."""
    rng = np.random.RandomState(seed)
    hour = rng.uniform(5, 24, n)
    stop = rng.randint(1, 100, n)
    rain = np.where(rng.uniform(size=n) < 0.7, 0, rng.exponential(3, n))
    sunday = rng.uniform(size=n) < 1 / 7
    X = np.column_stack([hour, stop, rain, sunday])
    return X, (rng.uniform(size=n) < expit(true_log_odds(X))).astype(int)


X, y = draw_buses(4000, seed=0)
X_fresh, y_fresh = draw_buses(20_000, seed=1)
print(f"{y.mean():.0%} of the buses are late, {np.mean(X[:, RAIN] == 0):.0%} run dry")

# %%
# Ramps
# -----
# This is *piecewise-linear encoding* (Gorishniy, Rubachev and Babenko, `NeurIPS 2022
# <https://arxiv.org/abs/2203.05556>`_). A column gets knots, between which lie equally
# many rows. Every interval between two knots becomes a column: 0 below the interval, 1
# above it, and a ramp in between. One weight on a ramp makes a step of the logit there,
# where a net on the hour itself must bend two units sharply, against the penalty.
#
# Values that many rows share are knots themselves, and the others are quantiles of what
# is left. So the knots of the rain are where it rains. Sunday has two values, and stays
# one column. :doc:`piecewise_linear` has the code, which is short.

encoder = PiecewiseLinearEncoder().fit(X)

for name, column in {
    "hour": HOUR,
    "stop": STOP,
    "rain": RAIN,
    "Sunday": SUNDAY,
}.items():
    knots = encoder.knots_[column]
    text = " ".join(f"{knot:.1f}" for knot in knots)
    print(f"{name:7s}{len(knots) - 1:2d} ramps, knots {text}")

# %%
# What it gains
# -------------
# ``with_thresholds`` puts the encoder and a scaler in front of a net. We compare it
# with the same net behind a scaler alone, with boosted trees, and with the truth, which
# nobody can beat.


def train(n):
    """The three models, trained on the first rows."""
    models = {
        "net": make_pipeline(StandardScaler(), ShallowNetClassifierCV(random_state=0)),
        "net with thresholds": with_thresholds(ShallowNetClassifierCV(random_state=0)),
        "boosting": HistGradientBoostingClassifier(random_state=0),
    }
    return {name: model.fit(X[:n], y[:n]) for name, model in models.items()}


def loss_on_fresh_rows(model):
    """Log-loss on buses that no model has seen."""
    return log_loss(y_fresh, model.predict_proba(X_fresh))


true_loss = log_loss(y_fresh, expit(true_log_odds(X_fresh)))
models = train(len(X))
losses = {name: loss_on_fresh_rows(model) for name, model in models.items()}

for name, loss in losses.items():
    print(f"{name:20s}log-loss {loss:.3f}, above the truth {loss - true_loss:.3f}")

# %%
# The picture
# -----------
# Left: the probability of being late on a dry weekday, at a stop without road works.
# The plain net makes two hills. With thresholds it climbs within one interval between
# two knots. The steps of boosted trees are steeper, and there are many where there
# should be none: they follow the noise.
#
# Right: log-loss on fresh buses, less that of the truth, by the number of rows. To find
# where a threshold is takes rows, whoever looks for it.

SIZES = [500, 1000, 2000, 4000]
by_size = {name: [] for name in models}
for n in SIZES:
    for name, model in train(n).items():
        by_size[name].append(loss_on_fresh_rows(model) - true_loss)

day = np.zeros((1000, 4))
day[:, HOUR] = np.linspace(5, 24, 1000)
day[:, STOP] = 20

STYLES = {
    "boosting": {"color": "#D55E00", "linewidth": 1, "linestyle": "-."},
    "net": {"color": "black", "linestyle": "--"},
    "net with thresholds": {"color": "#0072B2"},
}
figure, (day_ax, size_ax) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
truth = expit(true_log_odds(day))
day_ax.plot(day[:, HOUR], truth, color="0.7", linewidth=4, label="truth")
curves = {}
for name, style in STYLES.items():
    curves[name] = models[name].predict_proba(day)[:, 1]
    day_ax.plot(day[:, HOUR], curves[name], label=name, **style)
    size_ax.plot(SIZES, by_size[name], marker="o", markersize=4, label=name, **style)
day_ax.plot(encoder.knots_[HOUR], np.zeros(12), "|", color="0.4", label="knots")
day_ax.set(xlabel="Hour", ylabel="Probability of being late", ylim=(-0.02, 0.8))
day_ax.legend(
    frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(0.26, 1)
)
size_ax.set(xscale="log", xlabel="Rows", ylabel="Log-loss above the truth")
size_ax.set(xticks=SIZES, xticklabels=SIZES, ylim=(0, None))
size_ax.minorticks_off()
plt.show()

for n, *row in zip(SIZES, *by_size.values(), strict=True):
    figures = "   ".join(f"{a} {b:.3f}" for a, b in zip(by_size, row, strict=True))
    print(f"{n:4d} rows   {figures}")
