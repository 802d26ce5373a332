"""Warnings after fits: about parameters, and by the first rule in ``warning_rules``.

To take all measurements takes longer than a short fit. So after a fit a measurement is
taken when a rule first reads it, and most are taken on few rows.
"""

import warnings
from collections import Counter
from copy import copy
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import ConvergenceWarning

import skshallow._advice.baselines as baselines
import skshallow._advice.conditions as conditions
import skshallow._advice.features as features
import skshallow._advice.take_measurements as measuring
import skshallow._advice.weight_measures as weight_measures
from skshallow._advice.measurements import LAG, Measurements
from skshallow._advice.warning_rules import CAUSES, RULES, due_to_scale
from skshallow._core.batches import slices
from skshallow._fit.defaults import batch_size
from skshallow._fit.labels import UNKNOWN, listed
from skshallow._fit.lazy import lazy
from skshallow._fit.weights import names_a_class

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


class FitWarning(NamedTuple):
    """A warning about a fit.

    Parameters
    ----------
    category : type
        Category of the warning.
    kind : str
        The name of a rule, or what happened, in a few words.
    message : str
        The whole sentence, with what to do.
    """

    category: type
    kind: str
    message: str


def warnings_of(estimators, results, samples):
    """The warnings after fits on the same rows, a list of FitWarning for each fit.

    Parameters
    ----------
    estimators : list of estimators
        The estimators, whose parameters the warnings name.
    results : list of FitResult
    samples : Samples
        The training rows.
    """
    rows = Rows(samples)
    with np.errstate(all="ignore"):  # large features, weights and penalties overflow
        return [
            [
                *_setup_warnings(estimator, result, samples),
                *_net_warnings(estimator, result, rows),
            ]
            for estimator, result in zip(estimators, results, strict=True)
        ]


def _setup_warnings(estimator, result, samples):
    """Warnings about parameters that do not fit the data or each other."""
    if not hasattr(estimator, "alphas"):  # which warns of the starts of its folds
        yield from warnings_of_starts(estimator, [result])
    yield from _other_classes(estimator.class_weight, samples)
    n_rows = result.n_rows
    if batch_size(estimator, n_rows) > n_rows:
        yield FitWarning(
            UserWarning,
            "fewer samples than batch_size",
            f"batch_size={estimator.batch_size} is larger than the {n_rows} "
            "training samples and is clipped to that.",
        )


def _other_classes(weights, samples):
    """Warnings that class weights, or validation labels, are all of other classes."""
    classes, held_out = samples.classes, samples.held_out
    if weights and weights != "balanced" and not names_a_class(weights, classes):
        yield FitWarning(
            UserWarning,
            "class weights for other classes",
            f"class_weight={weights!r} has no key among the classes "
            f"{listed(classes)}, so that all have the weight 1: give these as keys.",
        )
    if held_out and (held_out.labels == UNKNOWN).all():
        yield FitWarning(
            UserWarning,
            "validation labels of other classes",
            f"y_val has no label among the classes {listed(classes)}, so that all "
            "validation rows count as wrong: write its labels as in y.",
        )


def warnings_of_starts(estimator, results):
    """Warnings about starts that were all the same, and about diverged starts.

    Parameters
    ----------
    estimator : estimator
    results : list of FitResult
        The result of a fit, or those of the nets of the folds.
    """
    first, outcomes = results[0], [o for result in results for o in result.outcomes]
    if not first.resumes and len(first.starts) < estimator.n_init:
        yield FitWarning(
            UserWarning,
            "equal starts",
            f"n_init={estimator.n_init}, but every start of this init and init_scale "
            "is the same: one start is trained. Use a random init or n_init=1.",
        )
    statuses = [outcome.status for outcome in outcomes if outcome is not None]
    n, n_diverged = len(statuses), statuses.count("diverged")
    if 0 < n_diverged < n:
        yield FitWarning(
            ConvergenceWarning,
            "diverged starts",
            f"{n_diverged} of {n} starts diverged and were dropped. Lower "
            "learning_rate_init or the scale of the start.",
        )


# ---------------------------------------------------------------------------
# Measurements after a fit


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


# ---------------------------------------------------------------------------
# Warnings by the rules


def _net_warnings(estimator, result, rows):
    """A warning by the first rule that applies to the net that is kept, if any does."""
    if result.error:
        return
    m = FitMeasurements(estimator, result, rows)
    is_brief = conditions.is_brief(m)
    for name, rule in RULES.items():
        may_warn = rule.category and (rule.in_brief_fit or not is_brief)
        applies = rule.in_fit or rule.applies
        if may_warn and applies(m):
            is_effect = name not in CAUSES and conditions.is_due_to_scale(m)
            message = due_to_scale(name, m) if is_effect else rule.sentence(m)
            yield FitWarning(rule.category, name, message)
            return


def warn(fit_warnings, stacklevel):
    """Give every warning of a fit."""
    for category, _, message in fit_warnings:
        warnings.warn(message, category, stacklevel=stacklevel + 1)


def warn_of_search(fit_warnings, stacklevel):
    """Give one warning for all fits of a search, if any needs a warning.

    Parameters
    ----------
    fit_warnings : list of lists of FitWarning
        One list for each fit.
    stacklevel : int
        As in ``warnings.warn``, seen from the caller.
    """
    every = [warning for of_fit in fit_warnings for warning in of_fit]
    if not every:
        return
    n_fits = sum(map(bool, fit_warnings))
    counts = Counter(warning.kind for warning in every).most_common()
    kinds = ", ".join(f"{kind} in {count}" for kind, count in counts)
    categories = {warning.category for warning in every}
    worst = ConvergenceWarning if ConvergenceWarning in categories else UserWarning
    (category,) = categories if len(categories) == 1 else {worst}
    warnings.warn(
        f"{n_fits} of the {len(fit_warnings)} fits of this search deserve a warning: "
        f"{kinds}. The first: {every[0].message}",
        category,
        stacklevel=stacklevel + 1,
    )
