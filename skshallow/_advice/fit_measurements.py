"""Takes the measurements of a network after a fit, each when a rule first reads it.

To take all measurements takes longer than a short fit. Most of these are taken on few
rows.
"""

from copy import copy

import numpy as np
from scipy.sparse import issparse

import skshallow._advice.baselines as baselines
import skshallow._advice.features as features
import skshallow._advice.take_measurements as measuring
import skshallow._advice.weight_measures as weight_measures
from skshallow._advice.measurements import LAG, Measurements
from skshallow._core.batches import slices
from skshallow._fit.lazy import lazy

# With 64 samples the standard error of a share is 0.06. A class with a share of a
# twentieth, or a mistake of a net that makes one in twenty rows, is among them in 96 of
# 100 cases. Where that is not enough, all rows count.
FEW_ROWS = 64
# Maximum number of rows for nearest neighbours after a fit. If rows are wide, there are
# fewer of them, so that there are at most ENTRIES_COMPARED entries (8 MB) in each of
# several dense arrays, but not fewer than FEWEST_COMPARED rows.
MOST_COMPARED, ENTRIES_COMPARED, FEWEST_COMPARED = 500, 10**6, 50
# A network is compared with its neighbours on about this number of these rows first. It
# takes a third of the time, and shows of most networks that they are better. Of nets
# that lag by 0.05, one or two in a hundred are missed (binomial).
FIRST_COMPARED = 125


class Rows:
    """Training rows of fits, and the few of them on which all networks are measured.

    Parameters
    ----------
    samples : Samples
        All training rows.
    """

    def __init__(self, samples):
        self.all = samples
        self.few = samples.take(baselines.scattered(len(samples.labels), FEW_ROWS))
        self._neighbours = {}  # labels that nearest neighbours predict, by step

    @lazy
    def features(self):
        """All measurements of the features."""
        return features.measure(self.all.X, self.few.X)

    @lazy
    def compared(self):
        """Samples of positive weight, for the comparison with nearest neighbours."""
        n_in_memory = max(FEWEST_COMPARED, ENTRIES_COMPARED // self.all.X.shape[1])
        n, weight = len(self.all.labels), self.all.weight
        rows = np.arange(n) if weight is None else np.flatnonzero(weight)
        rows = rows[baselines.scattered(len(rows), min(MOST_COMPARED, n_in_memory))]
        return self.all.take(rows)

    def neighbours(self, step):
        """The labels of nearest neighbours, for every ``step``-th of these samples."""
        if step not in self._neighbours:
            X, labels, *_ = self.compared
            X = X.toarray() if issparse(X) else X
            of = X, labels, len(self.all.classes), slice(None, None, step)
            self._neighbours[step] = baselines.neighbours_labels(*of)
        return self._neighbours[step]


class FitMeasurements(Measurements):
    """Measurements after a fit, each of which is taken when a rule first reads it.

    Parameters
    ----------
    estimator : estimator
        Its fitted attributes may not be set yet.
    result : FitResult
    rows : Rows
    """

    # What rules read that only a diagnosis measures.
    is_partial, distance_hidden, baseline_evidence = False, np.nan, np.nan

    def __init__(self, estimator, result, rows):
        self.net, kept = copy(estimator), result.kept()
        self.net._store(kept._replace(resumes=False))  # curves of this call alone
        if kept.resumes:  # the start is that of the first call
            self.net.init_coefs_ = estimator.init_coefs_
            self.net.init_intercepts_ = estimator.init_intercepts_
        self.rows, self.X, self.message = rows, rows.few.X, kept.outcomes[0].message
        super().__init__(**measuring.training(self.net, kept.n_rows))

    @property
    def is_poor(self):
        """Whether plain models are more accurate: after a fit nothing else is known."""
        return self.lags

    @lazy
    def few_labels(self):
        """Labels that the network predicts for the few rows."""
        return _predicted(self.net, self.X)

    @lazy
    def is_right(self):
        """For which of the samples to compare the network predicts the right label."""
        return _predicted(self.net, self.rows.compared.X) == self.rows.compared.labels

    def __getattr__(self, name):
        """Take a measurement, and those that are taken together with it."""
        if name not in TAKEN_BY:
            raise AttributeError(f"a fit has no measurement {name!r}")
        vars(self).update(measuring.plain(TAKEN_BY[name](self)))
        return vars(self)[name]


def _predicted(net, X):
    return weight_measures.predicted_labels(
        *measuring.weights_at(net, "end"), net._activation, X
    )


def _n_predicted(m):
    """Number of predicted labels, from as many rows as needed to find two."""
    X, labels = m.rows.all.X, {*m.few_labels.tolist()}
    for block in slices(X.shape[0]):
        if len(labels) > 1:
            break
        labels.update(_predicted(m.net, X[block]).tolist())
    return {"n_predicted": len(labels)}


def _accuracy(m):
    """Accuracy, weighted as the rows were, if some of the few labels are wrong."""
    may_lag = (m.few_labels != m.rows.few.labels).any()
    weight = m.rows.compared.weight
    return {"accuracy": np.average(m.is_right, weights=weight) if may_lag else np.nan}


def _accuracy_of_neighbours(m):
    """Accuracy of nearest neighbours, which take a tenth of the time of a short fit.

    If they are hardly better on the first rows, within one standard error, the other
    rows are not compared. Neighbours count every row alike. So a network that weights
    have led to give up accuracy on some rows does not lag behind them in weighted
    accuracy.
    """
    for step in (max(1, len(m.is_right) // FIRST_COMPARED), 1):
        some = m.rows.compared.take(slice(None, None, step))
        are_right = m.rows.neighbours(step) == some.labels
        found = baselines.lag_behind(are_right, m.is_right[::step], some.weight)
        if found["lag"] + found["lag_error"] < LAG:
            break
    return {**found, "baseline_accuracy": m.accuracy + found["lag"]}


# Measurements that are taken together, and how.
TAKEN_TOGETHER = {
    "feature_scale is_sparse is_constant": lambda m: m.rows.features,
    "outlier_ratio scale_ratio": lambda m: m.rows.features,
    "n_distinct_start n_distinct": lambda m: measuring.distinct_units(m.net),
    "saturation_start inactive_start input_start": lambda m: measuring.units_at_start(
        m.net, m.X
    ),
    "saturation linear_share straight_share": lambda m: measuring.units_at_end(
        m.net, m.X
    ),
    "inactive": lambda m: {"inactive": measuring.inactive(m.net, m.rows.all.X)},
    "rank": lambda m: {"rank": measuring.rank(m.net, m.X)},
    "n_predicted": _n_predicted,
    "accuracy": _accuracy,
    "baseline_accuracy lag lag_error": _accuracy_of_neighbours,
    "evidence loss": lambda m: measuring.out_of_fold(m.net, m.rows.all),
    "favoured favoured_by favoured_share": lambda m: measuring.favoured_class(
        m.net, m.rows.all.labels, m.few_labels, m.chance_loss
    ),
    "weight_loss": lambda m: {"weight_loss": measuring.weight_loss(m.net)},
}
TAKEN_BY = {
    name: take for names, take in TAKEN_TOGETHER.items() for name in names.split()
}
