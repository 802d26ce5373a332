"""
Choosing the penalty
====================

The best penalty for one table is far too strong or too weak for another, and it is not
known in advance. ``ShallowNetClassifierCV`` tries several penalties, chooses one by
cross-validation, and averages the nets of this penalty. It keeps the predictions of
these nets for the rows of the left-out folds. From these we get a reliable score, a
threshold and a calibration curve, without fitting any further net.
"""

# %%
# The task
# --------
# The data are ten measurements of each of 442 patients with diabetes. Which patients
# will have the most advanced disease a year later? Class 1 is the quarter of the
# patients with the highest values. Four in ten patients are held out until the end.

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit
from sklearn.calibration import CalibrationDisplay
from sklearn.datasets import load_diabetes
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifierCV
from skshallow.displays import InitSweepDisplay

X, progression = load_diabetes(return_X_y=True)
y = (progression >= np.quantile(progression, 0.75)).astype(int)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.4, stratify=y, random_state=0
)
print(f"{len(X_train)} patients to learn from, {len(X_test)} held out")

# %%
# Nine penalties
# --------------
# Five folds and nine penalties make 45 nets, which are trained together. By default
# there are three penalties, around a value that depends on the number of rows. We try
# more penalties, to see the whole curve.

ALPHAS = 10.0 ** np.arange(-1, 3.1, 0.5)

model = make_pipeline(
    StandardScaler(), ShallowNetClassifierCV(alphas=ALPHAS, random_state=0)
)
net = model.fit(X_train, y_train)[-1]
log_losses = -net.scores_.mean(axis=0)

for alpha, log_loss in zip(ALPHAS, log_losses, strict=True):
    mark = "   chosen" * bool(alpha == net.alpha_)
    print(f"alpha {alpha:7.1f}   log-loss {log_loss:.3f}{mark}")
print(f"{net.coefs_[0].shape[1]} hidden units, temperature {net.temperature_:.2f}")

# %%
# **With too weak a penalty** the nets overfit. Many of their predictions for the
# patients left out are confident and wrong, and the log-loss is worse than that of
# predicting 25% for every patient (the dashed line). **With too strong a penalty** the
# nets predict about 25% for every patient.

share = y_train.mean()
ignorance = -(share * np.log(share) + (1 - share) * np.log(1 - share))

display = InitSweepDisplay.from_estimator(model)
display.figure_.set_size_inches(7, 4.2)
display.ax_.axhline(ignorance, color="0.5", linewidth=1, linestyle="--")
display.ax_.set_ylim(bottom=0)
plt.show()

# %%
# The five nets of the chosen penalty are now one net. Its logits are the mean of their
# logits, divided by the temperature. The temperature is above 1 if the nets were too
# confident, and below 1 if they were not confident enough. The net predicts, is saved
# and is exported like any other net.
#
# A reliable score
# ----------------
# ``oof_decision_function_`` has a logit for every training row (oof: out of fold). It
# comes from the net that was trained without this row. So every score can be estimated
# from it.

oof_probability = expit(net.oof_decision_function_)


def scores_of(labels, probability):
    """Log-loss with its standard error, accuracy and area under the ROC curve."""
    losses = -np.log(np.where(labels == 1, probability, 1 - probability))
    return {
        "log-loss": losses.mean(),
        "±": losses.std() / np.sqrt(len(losses)),
        "accuracy": accuracy_score(labels, probability > 0.5),
        "area": roc_auc_score(labels, probability),
    }


test_probability = model.predict_proba(X_test)[:, 1]
scores = {
    "rows that it learnt": scores_of(y_train, model.predict_proba(X_train)[:, 1]),
    "out of fold": scores_of(y_train, oof_probability),
    "held out": scores_of(y_test, test_probability),
}
for name, row in scores.items():
    cells = "   ".join(f"{score} {value:.3f}" for score, value in row.items())
    print(f"{name:20s} {cells}")

# %%
# Scores on training rows are too good. The scores out of fold agree with the scores on
# the patients held out, as far as so few patients can tell: the difference is within
# the standard errors. And they need no held-out patients.
#
# Scores out of fold may still be slightly too good, because penalty and temperature
# were chosen with these rows. On the other hand they are scores of single nets, and the
# average of the nets is better.
#
# The scaler has seen all rows, but no labels, which hardly matters. If a step of the
# pipeline uses labels, such as a selection of features, scores out of fold are too
# good: use ``cross_val_predict`` of the whole pipeline.
#
# A threshold
# -----------
# Suppose that a missed patient costs five times as much as a false alarm. Then one half
# is too high a threshold. Which threshold has the lowest cost out of fold?

MISSED, FALSE_ALARM = 5, 1
thresholds = np.arange(1, 100) / 100


def cost(labels, probability, threshold):
    """Mean cost of a patient."""
    is_alarm = probability > threshold
    return np.mean(np.where(labels == 1, MISSED * ~is_alarm, FALSE_ALARM * is_alarm))


oof_costs = [cost(y_train, oof_probability, t) for t in thresholds]
test_costs = [cost(y_test, test_probability, t) for t in thresholds]
best = thresholds[np.argmin(oof_costs)]
by_theory = FALSE_ALARM / (FALSE_ALARM + MISSED)

for name, threshold in {"half": 0.5, "best": best, "by theory": by_theory}.items():
    print(f"{name:10s}threshold {threshold:.2f}", end="   ")
    print(f"cost out of fold {cost(y_train, oof_probability, threshold):.2f}", end=", ")
    print(f"held out {cost(y_test, test_probability, threshold):.2f}")

# %%
# The threshold that is best out of fold costs much less than one half does, also for
# the patients held out. But the curve is rough near its minimum, and the place of the
# minimum depends on a few patients.
#
# Theory gives a threshold without a search. Raise an alarm if the expected cost of a
# missed patient is higher than that of a false alarm: if five times the probability p
# is above 1 - p, that is, if p is above one sixth. This costs about as much. But it
# needs probabilities that are right, which a calibration curve shows.
#
# A calibration curve
# -------------------
# The patients are divided into five groups, from low probability to high. In each
# group, the share of patients of class 1 should be the mean probability.

figure, (cost_ax, calibration_ax) = plt.subplots(
    1, 2, figsize=(10, 4.6), layout="constrained"
)
cost_ax.plot(thresholds, oof_costs, color="black", label="out of fold")
cost_ax.plot(thresholds, test_costs, "--", color="#D55E00", label="held out")
cost_ax.plot(best, min(oof_costs), "o", color="black", label="best out of fold")
cost_ax.axvline(by_theory, color="0.5", linewidth=1, linestyle=":", label="by theory")
cost_ax.set(xlabel="Threshold", ylabel="Cost of a patient", ylim=(0, None))
cost_ax.legend(frameon=False)

curves = {}
for name, labels, probability, style in (
    ("out of fold", y_train, oof_probability, {"color": "black", "linestyle": "-"}),
    ("held out", y_test, test_probability, {"color": "#D55E00", "linestyle": "--"}),
):
    curves[name] = CalibrationDisplay.from_predictions(
        labels,
        probability,
        n_bins=5,
        strategy="quantile",
        name=name,
        ax=calibration_ax,
        **style,
    )
calibration_ax.set(xlabel="Mean probability", ylabel="Share", aspect="equal")
calibration_ax.legend(frameon=False)
plt.show()

# %%
# Both curves stay near the diagonal. How near can they be? A group has about fifty
# patients, or fewer of those held out, and a share of so few patients is off by several
# percent by chance. So these probabilities can be used as they are, and so can the
# threshold of theory. With ``class_weight`` the probabilities would be shifted, and the
# curve would show it.
