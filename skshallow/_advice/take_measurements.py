"""Takes the measurements of a network: all for a diagnosis.

After a fit, ``fit_measurements`` takes some of them on fewer rows.
"""

from math import ceil

import numpy as np

import skshallow._advice.baselines as baselines
import skshallow._advice.features as features
import skshallow._advice.measurements as measurements
import skshallow._advice.weight_measures as weight_measures
import skshallow._fit.defaults as defaults
from skshallow._core.batches import slices
from skshallow._core.losses import constant_predictor_loss, log_loss, loss_for
from skshallow._fit.result import n_nets_of
from skshallow._fit.sample_weights import RowTotals, given_factors, weigh_classes
from skshallow._fit.samples import Samples
from skshallow._fit.starts import start_in_words

# ---------------------------------------------------------------------------
# Parameters and training


def training(net, n_samples):
    """Measurements of parameters, as they were set or chosen, and of the training."""
    n_features, n_hidden = net.coefs_[0].shape
    totals = RowTotals(*net._row_totals)
    n_rows = totals.count or n_samples  # files of version 0.1 have none
    n_batches = ceil(n_rows / defaults.batch_size(net, n_rows))
    penalty = net._used["alpha"] / net._used["row_weight"]
    best = net.best_validation_score_  # None without early stopping
    is_chosen = hasattr(net, "alpha_")  # by cross-validation
    budget = defaults.budget_of_folds(n_features) if is_chosen else defaults.BUDGET
    scale = net.init_scale_ if is_chosen else net.init_scale
    return {
        **net._used,
        "activation": net._activation,  # that of the fit; set_params may change it
        "solver": net.solver,
        "init": start_in_words(net.init, scale),
        "is_auto_start": isinstance(scale, str),
        "is_auto_rate": isinstance(net.learning_rate_init, str),
        "auto_rate": defaults.learning_rate(net, penalty),
        "momentum": defaults.momentum(net),
        "class_weight": net.class_weight,
        "is_chosen": is_chosen,
        "temperature": net.temperature_ if is_chosen else np.nan,
        "is_weakest": not is_chosen or _has_weakest(net),
        "is_fixed": net.tol is None,
        "has_rule": defaults.tol(net.tol, net._used["is_cosine"]) > -np.inf,
        "status": net.status_,
        "n_iter": net.n_iter_,
        "max_iter": net.max_iter,
        "is_used_up": net.n_iter_ == defaults.max_iter(net, n_batches, budget),
        "n_init": net.n_init,
        "n_updates": n_batches * len(net.loss_curve_),
        "keeps_earlier": best is not None
        and best - net.validation_scores_[-1] > measurements.LAG,
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
    is_strong = lowest > measurements.STRONG * estimator._used["auto_alpha"]
    may_be_lower = is_strong or estimator.alpha_ == lowest
    return may_be_lower and not isinstance(estimator.alphas, str)


def weight_loss(net):
    """The penalty in the loss of a network; of an average the mean of its networks."""
    W1, W2 = (W.astype(np.float64) for W in net.coefs_)
    # The output weights of an average are those of its networks over their number.
    squares = np.square(W1).sum() / net._n_nets + np.square(W2).sum() * net._n_nets
    return net._used["alpha"] / net._used["row_weight"] / 2 * squares


def plain(measured):
    """Measurements as Python's own numbers and texts."""
    return {name: np.asarray(value).item() for name, value in measured.items()}


# ---------------------------------------------------------------------------
# Hidden units, at the start and at the end


def weights_at(net, at):
    """Weights and biases of both layers at the "start" or at the "end" of training."""
    if at == "start":
        return net.init_coefs_, net.init_intercepts_
    return net.coefs_, net.intercepts_


def distinct_units(net):
    """Numbers of different units, counted within each of the averaged networks.

    The networks of all folds start from the same units, and units that do not learn
    stay equal to those of another fold.
    """
    n_nets, counts = n_nets_of(net), {}
    for name, at in (("n_distinct_start", "start"), ("n_distinct", "end")):
        (W1, W2), (b1, b2) = weights_at(net, at)
        W1 = W1.reshape(len(W1), n_nets, -1).swapaxes(0, 1)
        of_nets = (W1, W2.reshape(n_nets, -1, len(b2))), (b1.reshape(n_nets, -1), b2)
        counts[name] = weight_measures.n_distinct_units(*of_nets, net._activation).sum()
    return counts


def units_at_start(net, X):
    Z = weight_measures.pre_activations(*weights_at(net, "start"), X)
    return {
        "saturation_start": _share_on_flat_parts(net, Z),
        "inactive_start": _are_inactive(net, Z).mean(),
        "input_start": np.linalg.norm(Z.astype(np.float64), axis=(0, 1))
        / np.sqrt(Z.size),
    }


def units_at_end(net, X):
    Z = weight_measures.pre_activations(*weights_at(net, "end"), X)
    return {
        "saturation": _share_on_flat_parts(net, Z),
        "linear_share": weight_measures.linear_shares(Z, net.coefs_[1].shape[1]),
        "straight_share": _straight_share(net, Z),
    }


def _share_on_flat_parts(net, Z):
    is_flat = weight_measures.relative_slope(net._activation, Z) < weight_measures.FLAT
    return is_flat.mean(axis=0).mean()


def _are_inactive(net, Z):
    """Which units have the activation 0 on every row, by their inputs (n, h)."""
    return ~weight_measures.activated(net._activation, Z).any(axis=0)


@np.errstate(all="ignore")  # units and logits may be infinite, or constant
def _straight_share(net, Z):
    """Share of the variance of the logits if every unit is replaced by its best line.

    Parameters
    ----------
    Z : ndarray of shape (n, h)
        Inputs of the hidden units.
    """
    A = weight_measures.activated(net._activation, Z)
    Z, A = Z - Z.mean(axis=0), A - A.mean(axis=0)
    squares = np.square(Z).sum(axis=0)
    slopes = (Z * A).sum(axis=0) / np.where(squares > 0, squares, 1)
    bent, logits = (A - slopes * Z) @ net.coefs_[1], A @ net.coefs_[1]
    return 1 - np.square(bent).sum() / np.square(logits).sum()


def inactive(net, X):
    """Share of the units that are inactive on all rows."""
    blocks, end = (X[rows] for rows in slices(X.shape[0])), weights_at(net, "end")
    inputs = (weight_measures.pre_activations(*end, rows) for rows in blocks)
    return np.all([_are_inactive(net, Z) for Z in inputs], axis=0).mean()


def rank(net, X):
    return weight_measures.effective_rank(*weights_at(net, "end"), net._activation, X)


def _units_in_detail(net, X):
    """Measurements of the hidden units that a fit does not need."""
    activation = net._activation
    start, end = weights_at(net, "start"), weights_at(net, "end")
    S, distances = weight_measures.unit_similarity(*end, activation), (np.nan, np.nan)
    if start[0][0].shape == end[0][0].shape:  # no units were removed
        distances = weight_measures.distance_travelled(start[0], end[0])
    return {
        "dead_start": weight_measures.dead_units(*start, activation, X).mean(),
        "dead": weight_measures.dead_units(*end, activation, X).mean(),
        "similarity": S[~np.eye(len(S), dtype=bool)].mean() if len(S) > 1 else 1,
        "rank": rank(net, X),
        "distance_hidden": distances[0],
        "distance_output": distances[1],
    }


# ---------------------------------------------------------------------------
# Predictions, compared with the labels


@np.errstate(all="ignore")  # logits may be infinite, and weights may be none
def _loss_and_evidence(logits, labels, weight=None):
    """Loss and ranking of rows by logits (n,) or (n, c)."""
    logits = logits.reshape(len(logits), -1).astype(np.float64)
    loss = loss_for(max(2, logits.shape[1]))
    log_p = loss.log_probabilities(logits.T[None])[0]
    return {
        "loss": log_loss(loss, logits, labels, weight),
        "evidence": baselines.rank_evidence(log_p.T, np.eye(len(log_p))[labels]),
    }


def out_of_fold(estimator, samples):
    """Loss and ranking of rows by nets not trained on them, if these are known."""
    logits = getattr(estimator, "oof_decision_function_", None)
    if logits is None:
        return {"loss": np.nan, "evidence": np.nan}
    is_known = ~np.isnan(logits.reshape(len(logits), -1)[:, 0])
    if samples.weight is not None:
        is_known &= samples.weight > 0
    known = samples.take(is_known)
    return _loss_and_evidence(logits[is_known], known.labels, known.weight)


def _predictions(net, predicted, labels):
    """Measurements of the predictions, and of predicting always the same."""
    count = np.bincount(labels, minlength=len(net.classes_))
    # With fewer than ten rows of a class, a good network may miss all of them.
    missed = (count >= 10) & ~np.isin(np.arange(len(count)), predicted)
    samples = Samples(None, labels, None, net.classes_)
    weight = weigh_classes(samples, net.class_weight).weight
    return {
        "accuracy": np.mean(predicted == labels),
        "chance_accuracy": count.max() / len(labels),
        "chance_loss": constant_predictor_loss(labels, weight),
        "missed": ", ".join(map(str, net.classes_[missed])),
        "missed_share": count[missed].sum() / len(labels),
    }


@np.errstate(all="ignore")  # weights may be huge
def favoured_class(net, labels, predicted, chance_loss):
    """The class that weights favour, if nearly every row gets its label.

    Parameters
    ----------
    labels : ndarray of int of shape (n,)
    predicted : ndarray of int of shape (m,)
        Labels that the network predicts for these rows, or for some of them.
    chance_loss : float
        Loss of a constant prediction with the weights of training. If it shows a share
        that the rows do not have, sample weights gave it to the class.
    """
    k = np.bincount(predicted).argmax()
    count = np.bincount(labels, minlength=len(net.classes_))
    share, given = count[k] / len(labels), ""
    if chance_loss < measurements.ONE_SIDED < constant_predictor_loss(labels, None):
        given = "sample_weight gives it nearly all weight"
    if isinstance(net.class_weight, dict):
        by_class = count * given_factors(net.class_weight, net.classes_)
        by_class = by_class[k] / by_class.sum()
        if by_class > measurements.NEARLY_ALL:
            given = f"class_weight gives it {by_class:.1%} of all weight"
    is_favoured = given and share <= 0.75 and np.mean(predicted == k) >= 0.9
    if not is_favoured:
        return {"favoured": "", "favoured_by": "", "favoured_share": np.nan}
    favoured = str(net.classes_[k])
    return {"favoured": favoured, "favoured_by": given, "favoured_share": share}


# ---------------------------------------------------------------------------
# For a diagnosis

# What a diagnosis does not measure, or not without labels.
UNMEASURED = {
    **dict.fromkeys(("accuracy", "chance_accuracy", "loss", "evidence"), np.nan),
    **dict.fromkeys(("baseline_accuracy", "lag", "lag_error"), np.nan),
    **dict.fromkeys(("baseline_loss", "baseline_evidence", "baseline_error"), np.nan),
    **dict.fromkeys(("gradient_hidden", "gradient_output"), np.nan),
    **dict.fromkeys(("favoured_share", "weight_loss"), np.nan),
    **dict.fromkeys(("missed", "favoured", "favoured_by", "message"), ""),
    "missed_share": 0.0,
}


def for_diagnosis(net, X, logits, labels=None):
    """All measurements of a fitted network.

    Parameters
    ----------
    net : ShallowNetClassifier
    X : {ndarray, CSR} of shape (n, d)
    logits : ndarray
        Logits of the network for these rows.
    labels : ndarray of int of shape (n,), default=None
        Class indices. Without labels, measurements that need them are nan.

    Returns
    -------
    Measurements
    """
    rows = baselines.scattered(X.shape[0], baselines.MOST_ROWS)
    some_X = X[rows].astype(net.coefs_[0].dtype)
    predicted = logits > 0 if logits.ndim == 1 else logits.argmax(axis=1)
    is_partial = net._training_state is not None and not net.warm_start
    # Old files have none, and after calls of partial_fit that of the last one is known.
    trained_loss = np.nan if is_partial else net._used.get("chance_loss", np.nan)
    measured = {
        **UNMEASURED,
        **features.measure(X, some_X),
        **distinct_units(net),
        **units_at_start(net, some_X),
        **units_at_end(net, some_X),
        **_units_in_detail(net, some_X),
        "inactive": inactive(net, X),
        "n_predicted": len(np.unique(predicted)),
        "is_partial": is_partial,
        "chance_loss": trained_loss,
    }
    if labels is not None:
        of_rows = net._activation, some_X, labels[rows]
        norms = weight_measures.gradient_norms(*weights_at(net, "start"), *of_rows)
        measured["gradient_hidden"], measured["gradient_output"] = norms
        measured |= favoured_class(net, labels, predicted, trained_loss)
        measured |= _predictions(net, predicted, labels)
        measured |= _loss_and_evidence(logits, labels)
        of_labels = labels, len(net.classes_), predicted == labels
        measured |= baselines.baselines_on_some(X, *of_labels)
    return measurements.Measurements(**training(net, X.shape[0]) | plain(measured))
