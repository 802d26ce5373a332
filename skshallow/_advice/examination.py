"""Takes the measurements of networks: all for a diagnosis, and fewer after fits.

All measurements take longer than many fits. So after fits only networks with signs of a
problem are measured in more detail, and for the signs a few rows are enough.
"""

from copy import copy
from functools import cached_property
from itertools import chain
from math import ceil

import numpy as np
from scipy.sparse import issparse

import skshallow._advice.features as features
import skshallow._advice.measures as measures
import skshallow._advice.predictions as predictions
import skshallow._advice.units as units
from skshallow._advice.baselines import (
    MOST_ROWS,
    baselines_on_some,
    neighbours_labels,
    scattered,
)
from skshallow._advice.loss_curves import curve_still_falls
from skshallow._advice.measurements import (
    COSTLY,
    LAG,
    LARGE_FEATURES,
    LINEAR_SHARE,
    SATURATED,
    STRAIGHT_SHARE,
    STRONG,
    Measurements,
    are_unscaled,
    have_outliers,
)
from skshallow._advice.phrases import ENDED
from skshallow._core.activations import is_bounded
from skshallow._core.batches import slices
from skshallow._fit.defaults import (
    BUDGET,
    MOST_TEMPERATURE,
    batch_size,
    budget_of_folds,
    hidden_factor,
    learning_rate,
    max_iter,
    tol,
)
from skshallow._fit.starts import start_in_words
from skshallow._fit.weights import RowTotals

# With 64 samples the standard error of a share is 0.06. A class with a share of a
# twentieth, or a mistake of a net that makes one in twenty rows, is among them in 96 of
# 100 cases. Where that is not enough, all rows count.
ROWS_FOR_SIGNS = 64
# Maximum number of rows for nearest neighbours after a fit. If rows are wide, there are
# fewer of them, so that there are at most ENTRIES_COMPARED entries (8 MB) in each of
# several dense arrays, but not fewer than FEWEST_COMPARED rows.
MOST_COMPARED, ENTRIES_COMPARED, FEWEST_COMPARED = 500, 10**6, 50
ROWS_OF_A_BLOCK = 1024  # number of rows whose hidden activations are computed at once

# ---------------------------------------------------------------------------
# Measurements of both


def _of_training(net, n_samples):
    """Measurements of parameters, as they were set or chosen, and of the training."""
    is_auto_rate = isinstance(net.learning_rate_init, str)
    n_features, n_hidden = net.coefs_[0].shape
    totals = RowTotals(*net._row_totals)
    long_rows = net.solver, totals.mean_square, n_features
    n_rows = totals.count or n_samples  # files of version 0.1 have none
    n_batches = ceil(n_rows / batch_size(net, n_rows))
    penalty = net._used["alpha"] / net._used["row_weight"]
    of_steps = np.array([penalty]), np.array([net.momentum])
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
        "auto_rate": learning_rate(net.solver, net.batch_size, *of_steps).item(),
        "momentum": net.momentum,
        "hidden_rate": hidden_factor(*long_rows) if is_auto_rate else 1.0,
        "class_weight": net.class_weight,
        "is_chosen": is_chosen,
        "temperature": net.temperature_ if is_chosen else np.nan,
        "is_weakest": not is_chosen or _has_weakest(net),
        "tol": np.nan if net.tol is None else tol(net.tol, net._used["is_cosine"]),
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
    measured = {
        **features.measured(X, some_X),
        **_of_network(network, some_X),
        "n_predicted": len(np.unique(predicted)),
        "is_partial": network._training_state is not None and not network.warm_start,
    }
    trained_loss = network._used.get("chance_loss", np.nan)  # not in old files
    if measured["is_partial"]:
        # That of the last call only is known.
        trained_loss = measured["chance_loss"] = np.nan
    if labels is not None:
        of_rows = network._activation, some_X, labels[rows]
        norms = measures.gradient_norms(*units.start_of(network), *of_rows)
        measured["gradient_hidden"], measured["gradient_output"] = norms
        measured |= predictions.of_weights(network, labels, predicted, trained_loss)
        measured |= predictions.of_labels(network, predicted, labels)
        measured |= predictions.of_logits(logits, labels)
        measured |= baselines_on_some(X, labels, n_classes)
    return Measurements(**_of_training(network, X.shape[0]) | _plain(measured))


def _of_network(network, X):
    """Measurements of the weights, and of the hidden layer on some rows."""
    activation = network._activation
    start, end = units.start_of(network), units.end_of(network)
    A = measures.hidden_activations(*end, activation, X)
    S, distances = measures.unit_similarity(*end, activation), (np.nan, np.nan)
    if start[0][0].shape == end[0][0].shape:  # no units were removed
        distances = measures.distance_travelled(start[0], end[0])
    return {
        **units.measured(network, X),
        "inactive": units.inactive(A).mean(),
        "dead_start": measures.dead_units(*start, activation, X).mean(),
        "dead": measures.dead_units(*end, activation, X).mean(),
        "similarity": S[~np.eye(len(S), dtype=bool)].mean() if len(S) > 1 else 1,
        "rank": measures.effective_rank(*end, activation, X),
        "distance_hidden": distances[0],
        "distance_output": distances[1],
    }


# ---------------------------------------------------------------------------
# After fits


class _Rows:
    """Training rows of fits, and those of them by which all networks are judged.

    Parameters
    ----------
    samples : Samples
        All training rows.
    """

    def __init__(self, samples):
        self.all = samples
        self.few = samples.take(scattered(len(samples.labels), ROWS_FOR_SIGNS))

    @cached_property
    def measured(self):
        """Measurements of the features."""
        return features.measured(self.all.X, self.few.X)

    @cached_property
    def are_unscaled(self):
        """Whether the features are far from unit size."""
        return are_unscaled(features.largest_scale(self.few.X))

    @cached_property
    def have_outliers(self):
        """Whether some rows are far from the others."""
        return have_outliers(self.measured["outlier_ratio"])

    @cached_property
    def some(self):
        """Samples for the comparison with nearest neighbours."""
        n_rows, n_features = self.all.X.shape
        n_in_memory = max(FEWEST_COMPARED, ENTRIES_COMPARED // n_features)
        return self.all.take(scattered(n_rows, min(MOST_COMPARED, n_in_memory)))

    @cached_property
    def neighbours_are_right(self):
        """For which of these samples the nearest neighbours have the right label."""
        X, labels, classes = self.some.X, self.some.labels, self.some.classes
        X = X.toarray() if issparse(X) else X
        return neighbours_labels(X, labels, len(classes)) == labels


def after_fits(estimators, results, samples):
    """Measurements of the networks that may need a warning.

    Parameters
    ----------
    estimators : list of estimators
    results : list of FitResult
        Results of these estimators.
    samples : Samples
        The training rows.

    Returns
    -------
    list of Measurements or None
        One for each estimator; None if its network needs no warning or all its starts
        diverged.
    """
    with np.errstate(all="ignore"):  # large features, weights and penalties overflow
        rows = _Rows(samples)
        return [
            None if result.has_diverged else _after_fit(estimator, result.kept(), rows)
            for estimator, result in zip(estimators, results, strict=True)
        ]


def _after_fit(estimator, result, rows):
    """Measurements of the network of a `FitResult` of a single start, or None."""
    net, chance_loss = copy(estimator), result.settings.plateau_loss
    net._store(result)
    end = *units.end_of(net), net._activation
    Z = measures.pre_activations(*units.end_of(net), rows.few.X)
    labels = measures.predicted_labels(*end, rows.few.X)
    is_wrong = (labels != rows.few.labels).any()
    is_compared = is_wrong and _may_lag(net, Z, chance_loss, rows)
    accuracies = _accuracies(net, rows) if is_compared else {}
    has_sign = bool(accuracies) or _has_sign(net, labels, chance_loss, rows)
    if not (has_sign or _is_unsettled(net)):
        return None
    measured = {
        **rows.measured,
        "weight_loss": _weight_loss(net),
        "message": result.outcomes[0].message,
    }
    if has_sign:
        measured |= units.measured(net, rows.few.X)
        measured |= _of_all_rows(net, rows) | accuracies
        measured |= predictions.of_rows_out_of_fold(net, rows.all)
        measured |= predictions.of_weights(net, rows.all.labels, labels, chance_loss)
    return Measurements(**_of_training(net, result.n_rows), **_plain(measured))


def _may_lag(net, Z, chance_loss, rows):
    """Whether a network is to be compared with nearest neighbours.

    It is if the network is nearly linear and its loss has levelled or a rule has ended
    training, because other networks need more iterations, and if the features impair
    any network. With weights of rows it is not, because networks give up accuracy for
    rows of more weight.

    Parameters
    ----------
    Z : ndarray of shape (m, h)
        Inputs of the hidden units for the few rows.
    """
    weight = rows.all.weight
    if weight is not None and weight.min() < weight.max():
        return False
    # Outliers take long to find, so that they are looked for only if the mean squared
    # norm of the rows is large. Behind a scaler it is not, but there a network with
    # outliers is nearly linear.
    are_long = RowTotals(*net._row_totals).mean_square > LARGE_FEATURES**2
    if rows.are_unscaled or (are_long and rows.have_outliers):
        return True
    is_cosine, n_outputs = net._used["is_cosine"], net.coefs_[1].shape[1]
    may_fall = curve_still_falls(net.loss_curve_, is_cosine, chance_loss)
    if may_fall and net.status_ not in ENDED:
        return False
    is_in_a_line = measures.linear_shares(Z, n_outputs) > LINEAR_SHARE
    return is_in_a_line or units.straight_share(net, Z) > STRAIGHT_SHARE


def _accuracies(net, rows):
    """Accuracies of a network and of nearest neighbours, if the neighbours are better.

    What takes most time comes last: nearest neighbours take a tenth of the time of a
    short fit.
    """
    predicted = measures.predicted_labels(
        *units.end_of(net), net._activation, rows.some.X
    )
    is_right = predicted == rows.some.labels
    accuracy = is_right.mean()
    if accuracy >= 1 - LAG or rows.neighbours_are_right.mean() - accuracy <= LAG:
        return {}
    n_different = np.count_nonzero(is_right != rows.neighbours_are_right)
    return {
        "accuracy": accuracy,
        "reference_accuracy": rows.neighbours_are_right.mean(),
        "lag_error": np.sqrt(n_different) / len(is_right),
    }


def _has_sign(net, labels, chance_loss, rows):
    """Whether a network shows a sign of a problem, apart from its accuracy.

    No row of the table in ``rules`` applies without a sign: each sign stands below the
    rows that need it. For "linear plateau" and "held back by features" it is that
    there are accuracies, and the rows about a net that `_is_unsettled` need no measured
    units.

    Parameters
    ----------
    labels : ndarray of int of shape (m,)
        Labels that the network predicts for the few rows.
    """
    return (
        # penalty too strong, momentum too high, learning rate too high, many columns,
        # plateau, loss above guessing
        net.loss_ > 0.95 * chance_loss
        # identical units, units became identical
        or measures.may_have_twins(net.coefs_[0])
        # constant features, penalty too strong, dead relu units, many columns, constant
        # predictions
        or (labels == labels[0]).all()
        # guesses on unseen rows
        or getattr(net, "temperature_", 0) >= MOST_TEMPERATURE
        # saturated start
        or _starts_saturated(net, rows)
    )


def _starts_saturated(net, rows):
    is_costly = net.loss_ > COSTLY * np.log(len(net.classes_))
    if not (is_costly and is_bounded(net._activation)):
        return False
    Z = measures.pre_activations(*units.start_of(net), rows.few.X)
    return units.share_on_flat_parts(net._activation, Z) > SATURATED


def _is_unsettled(net):
    """Whether training has ended in a way that always needs a warning.

    The rows are "too few iterations" and "abnormal line search".
    """
    has_rule = tol(net.tol, net._used["is_cosine"]) > -np.inf
    return has_rule and net.status_ in ("max_iter", "abnormal")


def _weight_loss(net):
    """The penalty in the loss of a network; of an average the mean of its networks."""
    W1, W2 = (W.astype(np.float64) for W in net.coefs_)
    # The output weights of an average are those of its networks over their number.
    squares = np.square(W1).sum() / net._n_nets + np.square(W2).sum() * net._n_nets
    return net._used["alpha"] / net._used["row_weight"] / 2 * squares


def _of_all_rows(net, rows):
    """Inactive units and predictions of a network, from as many rows as needed."""
    X, predicted, is_inactive = rows.all.X, set(), True
    end = *units.end_of(net), net._activation
    blocks = (X[block] for block in slices(X.shape[0], ROWS_OF_A_BLOCK))
    for block in chain([rows.few.X], blocks):
        labels = measures.predicted_labels(*end, block)
        predicted.update(labels.tolist())
        is_inactive = is_inactive & units.inactive(
            measures.hidden_activations(*end, block)
        )
        if len(predicted) == len(rows.all.classes) and not is_inactive.any():
            break  # more rows cannot change the result
    return {"inactive": is_inactive.mean(), "n_predicted": len(predicted)}
