"""Takes the measurements of networks: all for a diagnosis, and few after fits.

All measurements take longer than many fits. So after a fit a measurement is taken when
a rule first reads it, and most are taken on few rows.
"""

from copy import copy
from dataclasses import fields
from math import ceil

import numpy as np
from scipy.sparse import issparse

import skshallow._advice.features as features
import skshallow._advice.net_measures as net_measures
import skshallow._advice.predictions as predictions
import skshallow._advice.units as units
from skshallow._advice.baselines import (
    MOST_ROWS,
    baselines_on_some,
    lag_behind,
    neighbours_labels,
    scattered,
)
from skshallow._advice.measurements import LAG, STRONG, Measurements, Properties
from skshallow._core.batches import slices
from skshallow._fit.defaults import (
    BUDGET,
    batch_size,
    budget_of_folds,
    learning_rate,
    max_iter,
    momentum,
    tol,
)
from skshallow._fit.lazy import lazy
from skshallow._fit.starts import start_in_words
from skshallow._fit.weights import RowTotals

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

# ---------------------------------------------------------------------------
# Measurements of both


def _training_measurements(net, n_samples):
    """Measurements of parameters, as they were set or chosen, and of the training."""
    is_auto_rate = isinstance(net.learning_rate_init, str)
    n_features, n_hidden = net.coefs_[0].shape
    totals = RowTotals(*net._row_totals)
    n_rows = totals.count or n_samples  # files of version 0.1 have none
    n_batches = ceil(n_rows / batch_size(net, n_rows))
    penalty = net._used["alpha"] / net._used["row_weight"]
    best = net.best_validation_score_  # None without early stopping
    is_chosen = hasattr(net, "alpha_")  # by cross-validation
    budget = budget_of_folds(n_features) if is_chosen else BUDGET
    scale = net.init_scale_ if is_chosen else net.init_scale
    return {
        **net._used,
        "activation": net._activation,  # that of the fit; set_params may change it
        "solver": net.solver,
        "init": start_in_words(net.init, scale),
        "is_auto_start": isinstance(scale, str),
        "is_auto_rate": is_auto_rate,
        "auto_rate": learning_rate(net, penalty),
        "momentum": momentum(net),
        "class_weight": net.class_weight,
        "is_chosen": is_chosen,
        "temperature": net.temperature_ if is_chosen else np.nan,
        "is_weakest": not is_chosen or _has_weakest(net),
        "is_fixed": net.tol is None,
        "has_rule": tol(net.tol, net._used["is_cosine"]) > -np.inf,
        "status": net.status_,
        "n_iter": net.n_iter_,
        "max_iter": net.max_iter,
        "is_used_up": net.n_iter_ == max_iter(net, n_batches, budget),
        "n_init": net.n_init,
        "n_updates": n_batches * len(net.loss_curve_),
        "keeps_earlier": best is not None and best - net.validation_scores_[-1] > LAG,
        "loss_curve": np.array(net.loss_curve_),
        "n_samples": n_samples,
        "n_features": n_features,
        "n_hidden": n_hidden,
        "n_classes": len(net.classes_),
    }


def _has_weakest(estimator):
    """Whether the chosen penalty is the lowest that a user set, or all are too strong.

    Of equal scores that of the highest penalty is chosen.
    """
    lowest = min(estimator.alphas_)
    is_strong = lowest > STRONG * estimator._used["auto_alpha"]
    may_be_lower = is_strong or estimator.alpha_ == lowest
    return may_be_lower and not isinstance(estimator.alphas, str)


def _plain(measured):
    """Measurements as Python's own numbers and texts."""
    return {name: np.asarray(value).item() for name, value in measured.items()}


# ---------------------------------------------------------------------------
# For a diagnosis


def for_diagnosis(network, X, logits, labels=None):
    """All measurements of a fitted network.

    Parameters
    ----------
    network : ShallowNetClassifier
    X : {ndarray, CSR} of shape (n, d)
    logits : ndarray
        Logits of the network for these rows.
    labels : ndarray of int of shape (n,), default=None
        Class indices. Without labels, measurements that need them are nan.

    Returns
    -------
    Measurements
    """
    rows = scattered(X.shape[0], MOST_ROWS)
    some_X, n_classes = X[rows].astype(network.coefs_[0].dtype), len(network.classes_)
    predicted = logits > 0 if logits.ndim == 1 else logits.argmax(axis=1)
    is_partial = network._training_state is not None and not network.warm_start
    # Old files have none, and after calls of partial_fit that of the last one is known.
    trained_loss = np.nan if is_partial else network._used.get("chance_loss", np.nan)
    measured = {
        **features.measure(X, some_X),
        **units.n_distinct(network),
        **units.at_start(network, some_X),
        **units.at_end(network, some_X),
        **units.for_diagnosis(network, some_X),
        "n_predicted": len(np.unique(predicted)),
        "is_partial": is_partial,
        "chance_loss": trained_loss,
    }
    if labels is not None:
        of_rows = network._activation, some_X, labels[rows]
        norms = net_measures.gradient_norms(
            *units.weights_at(network, "start"), *of_rows
        )
        measured["gradient_hidden"], measured["gradient_output"] = norms
        measured |= predictions.favoured_class(network, labels, predicted, trained_loss)
        measured |= predictions.label_measurements(network, predicted, labels)
        measured |= predictions.loss_and_evidence(logits, labels)
        measured |= baselines_on_some(X, labels, n_classes, predicted == labels)
    return Measurements(
        **_training_measurements(network, X.shape[0]) | _plain(measured)
    )


# ---------------------------------------------------------------------------
# After fits


class Rows:
    """Training rows of fits, and the few of them on which all networks are measured.

    Parameters
    ----------
    samples : Samples
        All training rows.
    """

    def __init__(self, samples):
        self.all = samples
        self.few = samples.take(scattered(len(samples.labels), FEW_ROWS))
        self._neighbours = {}  # labels that nearest neighbours predict, by step

    @lazy
    def features(self):
        """All measurements of the features."""
        return features.measure(self.all.X, self.few.X)

    @lazy
    def compared(self):
        """Samples of positive weight, for the comparison with nearest neighbours."""
        n_in_memory = max(FEWEST_COMPARED, ENTRIES_COMPARED // self.all.X.shape[1])
        weight = self.all.weight
        weight = np.ones(len(self.all.labels)) if weight is None else weight
        rows = np.flatnonzero(weight)
        rows = rows[scattered(len(rows), min(MOST_COMPARED, n_in_memory))]
        return self.all._replace(weight=weight).take(rows)

    def neighbours(self, step):
        """The labels of nearest neighbours, for every ``step``-th of these samples."""
        if step not in self._neighbours:
            X, labels = self.compared.X, self.compared.labels
            X = X.toarray() if issparse(X) else X
            of = X, labels, len(self.all.classes), slice(None, None, step)
            self._neighbours[step] = neighbours_labels(*of)
        return self._neighbours[step]


class FitMeasurements(Properties):
    """Measurements after a fit, each of which is taken when a rule first reads it.

    Parameters
    ----------
    estimator : estimator
        Its fitted attributes may not be set yet.
    result : FitResult
    rows : Rows
    """

    def __init__(self, estimator, result, rows):
        self.net, kept = copy(estimator), result.kept()
        self.net._store(kept._replace(resumes=False))  # curves of this call alone
        self.rows, self.X, self.message = rows, rows.few.X, kept.outcomes[0].message
        vars(self).update(_training_measurements(self.net, kept.n_rows))

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
        if name in TAKEN_BY:
            vars(self).update(_plain(TAKEN_BY[name](self)))
            return vars(self)[name]
        if name in UNMEASURED:
            return UNMEASURED[name]
        raise AttributeError(f"a fit has no measurement {name!r}")


def _predicted(net, X):
    return net_measures.predicted_labels(
        *units.weights_at(net, "end"), net._activation, X
    )


def _weight_loss(net):
    """The penalty in the loss of a network; of an average the mean of its networks."""
    W1, W2 = (W.astype(np.float64) for W in net.coefs_)
    # The output weights of an average are those of its networks over their number.
    squares = np.square(W1).sum() / net._n_nets + np.square(W2).sum() * net._n_nets
    return net._used["alpha"] / net._used["row_weight"] / 2 * squares


def _n_predicted(m):
    """Number of predicted labels, from as many rows as needed to find two."""
    X, labels = m.rows.all.X, {*m.few_labels.tolist()}
    for block in slices(X.shape[0]):
        if len(labels) > 1:
            break
        labels.update(_predicted(m.net, X[block]).tolist())
    return {"n_predicted": len(labels)}


def _inactive(m):
    """Share of the units that are inactive on all rows."""
    X, end = m.rows.all.X, units.weights_at(m.net, "end")
    blocks = (X[block] for block in slices(X.shape[0]))
    inputs = (net_measures.pre_activations(*end, rows) for rows in blocks)
    are_inactive = [units.are_inactive(m.net, Z) for Z in inputs]
    return {"inactive": np.all(are_inactive, axis=0).mean()}


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
        weight, labels = m.rows.compared.weight[::step], m.rows.compared.labels[::step]
        are_right = m.rows.neighbours(step) == labels, m.is_right[::step]
        found = lag_behind(*are_right, weight)
        if found["lag"] + found["lag_error"] < LAG:
            break
    return {**found, "baseline_accuracy": m.accuracy + found["lag"]}


def _favoured_class(m):
    labels = m.rows.all.labels
    return predictions.favoured_class(m.net, labels, m.few_labels, m.chance_loss)


# Measurements that are taken together, and how.
TAKEN_TOGETHER = {
    "feature_scale is_sparse is_constant": lambda m: m.rows.features,
    "outlier_ratio scale_ratio": lambda m: m.rows.features,
    "n_distinct_start n_distinct": lambda m: units.n_distinct(m.net),
    "saturation_start inactive_start input_start": lambda m: units.at_start(m.net, m.X),
    "saturation linear_share straight_share": lambda m: units.at_end(m.net, m.X),
    "inactive": _inactive,
    "rank": lambda m: {"rank": units.rank(m.net, m.X)},
    "n_predicted": _n_predicted,
    "accuracy": _accuracy,
    "baseline_accuracy lag lag_error": _accuracy_of_neighbours,
    "evidence loss": lambda m: predictions.out_of_fold(m.net, m.rows.all),
    "favoured favoured_by favoured_share": _favoured_class,
    "weight_loss": lambda m: {"weight_loss": _weight_loss(m.net)},
}
TAKEN_BY = {
    name: take for names, take in TAKEN_TOGETHER.items() for name in names.split()
}
# The values of all others, which only a diagnosis takes.
UNMEASURED = {of.name: of.default for of in fields(Measurements)}
