"""Takes the measurements of networks: all for a diagnosis, and fewer after fits.

All measurements take longer than many fits. So after fits only networks with signs of a
problem are measured in more detail, and for the signs a few rows are enough.
"""

from collections import defaultdict
from itertools import chain

import numpy as np
from scipy.sparse import issparse

import skshallow._advice.measures as measures
from skshallow._advice.baselines import (
    MOST_ROWS,
    baselines_on_some,
    neighbours_labels,
    rank_evidence,
    scattered,
)
from skshallow._advice.measurements import (
    LAG,
    LINEAR,
    SATURATED,
    SMALL_FEATURES,
    STRONG,
    Measurements,
    curve_still_falls,
)
from skshallow._core.activations import is_bounded
from skshallow._core.batches import slices
from skshallow._core.initializers import start_in_words
from skshallow._core.losses import constant_predictor_loss, loss_for
from skshallow._core.workspace import block_size
from skshallow._fit.labels import class_indices
from skshallow._fit.result import n_nets_of

# With 64 samples the standard error of a share is 0.06, and a class with a share of a
# twentieth is among them in 96 of 100 cases. Where that is not enough, all rows count.
FEW_ROWS = 64
# Maximum number of rows for nearest neighbours after a fit. If rows are wide, there are
# fewer of them, so that there are at most FEW_ENTRIES entries (8 MB) in each of several
# dense arrays, but not fewer than FEWEST rows.
FEW, FEW_ENTRIES, FEWEST = 500, 10**6, 50

# ---------------------------------------------------------------------------
# Measurements of both


def _of_parameters(estimator):
    """Measurements of parameters, as they were set or chosen."""
    is_chosen = hasattr(estimator, "alpha_")  # by cross-validation
    scale = estimator.init_scale_ if is_chosen else estimator.init_scale
    return {
        "is_chosen": is_chosen,
        "is_weakest": not is_chosen or _has_weakest(estimator),
        "solver": estimator.solver,
        "init": start_in_words(estimator.init, scale),
        "is_auto_start": isinstance(scale, str),
        "is_auto_rate": isinstance(estimator.learning_rate_init, str),
        "class_weight": estimator.class_weight,
    }


def _has_weakest(estimator):
    """Whether the chosen penalty is the lowest of the penalties that a user set."""
    is_lowest = estimator.alpha_ == min(estimator.alphas_)
    return is_lowest and not isinstance(estimator.alphas, str)


def _of_units(activation, start, end, X, n_nets):
    """Measurements of the hidden units of one network or more, on some rows.

    ``start`` and ``end`` are (coefs, intercepts) of averages of ``n_nets`` networks.
    """
    return {
        "feature_scale": _feature_scale(X),
        "is_sparse": issparse(X),
        "n_distinct_start": _n_distinct(activation, start, n_nets),
        "n_distinct": _n_distinct(activation, end, n_nets),
        "saturation_start": measures.saturation(*start, activation, X).mean(axis=-1),
        "saturation": measures.saturation(*end, activation, X).mean(axis=-1),
        "dead_start": measures.dead_units(*start, activation, X).mean(axis=-1),
        "input_start": _root_mean_square(measures.pre_activations(*start, X)),
    }


def _n_distinct(activation, average, n_nets):
    """Number of different units, counted within each of the averaged networks.

    The networks of all folds begin with the same units, and some units do not learn.
    """
    (W1, W2), (b1, b2) = average
    parts = zip(
        np.split(W1, n_nets, axis=-1),
        np.split(W2, n_nets, axis=-2),
        np.split(b1, n_nets, axis=-1),
        strict=True,
    )
    return sum(
        measures.n_distinct_units((W1, W2), (b1, b2), activation)
        for W1, W2, b1 in parts
    )


def _feature_scale(X):
    """Root mean square of the feature for which it is largest."""
    rows = X.astype(np.float64)
    squares = rows.multiply(rows) if issparse(X) else np.square(rows)
    return np.sqrt(squares.mean(axis=0).max())


def _root_mean_square(Z):
    norm, exponent = measures.matrix_norm(Z.astype(np.float64))
    return np.ldexp(norm / np.sqrt(Z.shape[-2] * Z.shape[-1]), exponent)


@np.errstate(all="ignore")  # logits may be infinite, and weights may be none
def _of_logits(logits, labels, weight=None):
    """Loss and ranking of rows by logits (n,) or (n, c)."""
    Z = logits.reshape(len(logits), -1).T[None]  # (1, c, n)
    log_p = loss_for(max(2, Z.shape[1])).log_probabilities(Z.astype(np.float64))[0]
    weight = np.ones(len(labels)) if weight is None else weight
    losses = -log_p[labels, np.arange(len(labels))]
    return {
        "loss": (weight * losses).sum() / weight.sum(),
        "evidence": rank_evidence(log_p.T, np.eye(len(log_p))[labels]),
    }


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
        **_of_network(network, some_X),
        "n_predicted": len(np.unique(predicted)),
    }
    if labels is not None:
        start = network.init_coefs_, network.init_intercepts_
        of_rows = network._activation, some_X, labels[rows]
        norms = measures.gradient_norms(*start, *of_rows)
        measured["gradient_hidden"], measured["gradient_output"] = norms
        measured |= _of_labels(network, predicted, labels) | _of_logits(logits, labels)
        measured |= baselines_on_some(X, labels, n_classes)
    return Measurements(
        **_of_parameters(network),
        **network._used,
        activation=network._activation,  # that of the fit; set_params may change it
        status=network.status_,
        n_iter=network.n_iter_,
        loss_curve=np.array(network.loss_curve_),
        n_samples=X.shape[0],
        n_features=X.shape[1],
        n_hidden=len(network.intercepts_[0]),
        n_classes=n_classes,
        **_plain(measured),
    )


def _of_network(network, X):
    """Measurements of the weights, and of the hidden layer on some rows."""
    activation, end = network._activation, (network.coefs_, network.intercepts_)
    start = network.init_coefs_, network.init_intercepts_
    S, distances = measures.unit_similarity(*end, activation), (np.nan, np.nan)
    if start[0][0].shape == end[0][0].shape:  # no units were removed
        distances = measures.distance_travelled(start[0], end[0])
    return {
        **_of_units(activation, start, end, X, n_nets_of(network)),
        "dead": measures.dead_units(*end, activation, X).mean(),
        "linear_share": measures.linear_shares(
            measures.pre_activations(*end, X), network.n_outputs_
        ),
        "similarity": S[~np.eye(len(S), dtype=bool)].mean() if len(S) > 1 else 1,
        "rank": measures.effective_rank(*end, activation, X),
        "distance_hidden": distances[0],
        "distance_output": distances[1],
    }


def _of_labels(network, predicted, labels):
    """Measurements of the predictions, and of predicting always the same."""
    count = np.bincount(labels, minlength=len(network.classes_))
    # With fewer than ten rows of a class, a good network may miss all of them.
    missed = (count >= 10) & ~np.isin(np.arange(len(count)), predicted)
    weight = _class_factors(network, count)[labels]
    return {
        "accuracy": np.mean(predicted == labels),
        "chance_accuracy": count.max() / len(labels),
        "chance_loss": constant_predictor_loss(labels, weight),
        "missed": ", ".join(map(str, network.classes_[missed])),
        "missed_share": count[missed].sum() / len(labels),
    }


def _class_factors(network, count):
    """Factors of ``class_weight``, (n_classes,)."""
    if isinstance(network.class_weight, str):  # "balanced"
        return count.sum() / np.maximum(count, 1)
    factors = np.ones(len(count))
    for label, factor in (network.class_weight or {}).items():
        k, is_known = class_indices(np.array([label]), network.classes_)
        factors[k[is_known]] = factor
    return factors


# ---------------------------------------------------------------------------
# After fits


def after_fits(estimators, results, samples):
    """Measurements of the networks that may need a warning.

    Parameters
    ----------
    estimators : list of estimators
    results : list of FitResult
        Results of these estimators, which agree in the parameters
        ``_search.cohorts.MUST_MATCH``.
    samples : Samples
        The training rows.

    Returns
    -------
    list of Measurements or None
        One for each estimator; None if its network needs no warning or all its starts
        diverged.
    """
    measured, by_width = [None] * len(results), defaultdict(dict)
    for i, (estimator, result) in enumerate(zip(estimators, results, strict=True)):
        if not result.has_diverged:
            kept = result.kept()
            by_width[kept.architecture.n_hidden][i] = estimator, kept
    with np.errstate(all="ignore"):  # large weights and penalties may overflow
        for nets in by_width.values():
            details = _details([*nets.values()], samples)
            for (i, net), detail in zip(nets.items(), details, strict=True):
                if detail or _is_unsettled(net[1]):
                    measured[i] = Measurements(**_of_fit(*net), **_plain(detail))
    return measured


def _details(nets, samples):
    """Measurements of units and rows, a dict for each of K networks.

    The dict is empty if the network shows no sign of a problem. ``nets`` are pairs of
    an estimator and a FitResult of one start.
    """
    activation, X = nets[0][0].activation, samples.X
    architecture, n_nets = nets[0][1].architecture, nets[0][1].n_nets
    starts = _networks(architecture, [result.origins[0] for _, result in nets])
    ends = _networks(architecture, [result.outcomes[0].p for _, result in nets])
    few = X[scattered(X.shape[0], FEW_ROWS)]
    labels = _labels(activation, ends, few)
    compared = _compared(nets, ends, few, samples)
    has_sign = (
        np.array([_is_suspect(*net) for net in nets])
        | np.array([_may_lag(accuracies) for accuracies in compared])
        | (_n_distinct(activation, ends, n_nets) < architecture.n_hidden)
        | (is_bounded(activation) and _is_saturated(activation, starts, few))
        # All rows get the same label, for example from a net of dead units.
        | (labels == labels[:, :1]).all(axis=1)
    )
    details, chosen = [{} for _ in nets], np.flatnonzero(has_sign)
    if not len(chosen):
        return details
    some = _lanes(starts, chosen), _lanes(ends, chosen)
    units = _of_units(activation, *some, few, n_nets)
    units = {name: np.broadcast_to(v, chosen.shape) for name, v in units.items()}
    for j, k in enumerate(chosen):
        details[k] = {
            **{name: values[j] for name, values in units.items()},
            **_of_all_rows(architecture, activation, _lanes(ends, k), X, few),
            **compared[k],
            **_of_rows_out_of_fold(nets[k][0], samples),
        }
    return details


def _networks(architecture, parameters):
    """Weights and biases of K networks, as the measures take them."""
    hidden, output = architecture.layers(np.array(parameters))
    coefs = [layer[:, :, :-1].swapaxes(1, 2) for layer in (hidden, output)]
    return coefs, [hidden[:, :, -1], output[:, :, -1]]


def _lanes(networks, index):
    """One or some of K networks."""
    return [[array[index] for array in part] for part in networks]


def _labels(activation, networks, X):
    """Class indices (K, m) that K networks predict."""
    A = measures.hidden_activations(*networks, activation, X)
    return measures.predicted_labels(*networks, A)


def _compared(nets, networks, few, samples):
    """Linear shares of networks, and accuracies of those that may be held back.

    These are networks that are nearly linear, and all if the features are small, which
    impairs any network. With weights of rows there are no accuracies, because the
    networks give up accuracy for rows of more weight.
    """
    inputs = measures.pre_activations(*networks, few)
    shares = measures.linear_shares(inputs, networks[0][1].shape[-1])
    compared = [{"linear_share": share} for share in shares]
    is_small = 0 < _feature_scale(few) < SMALL_FEATURES
    asked = [
        k
        for k, share in enumerate(shares)
        if is_small or (share > LINEAR and _is_at_rest(nets[k][1]))
    ]
    if asked and samples.weight is None:
        ends = _lanes(networks, asked)
        accuracies = _accuracies(nets[0][0].activation, ends, samples)
        for k, of_net in zip(asked, accuracies, strict=True):
            compared[k] |= of_net
    return compared


def _accuracies(activation, networks, samples):
    """Accuracies of networks and of nearest neighbours on the same rows.

    Nearest neighbours take a tenth of the time of a short fit. So they predict only
    once for all networks, and only if a network may be worse.
    """
    most = min(FEW, max(FEWEST, FEW_ENTRIES // samples.X.shape[1]))
    some = samples.take(scattered(len(samples.labels), most))
    is_right = _labels(activation, networks, some.X) == some.labels  # (K, m)
    if is_right.mean(axis=1).min() >= 1 - LAG:
        return [{} for _ in is_right]
    X = some.X.toarray() if issparse(some.X) else some.X
    n_classes = max(2, networks[0][1].shape[-1])
    are_right = neighbours_labels(X, some.labels, n_classes) == some.labels
    return [
        {
            "accuracy": right.mean(),
            "reference_accuracy": are_right.mean(),
            "lag_error": np.sqrt(np.count_nonzero(right != are_right)) / len(right),
        }
        for right in is_right
    ]


def _may_lag(accuracies):
    """Whether neighbours may be better than a network by more than `LAG`."""
    return accuracies.get("reference_accuracy", 0) - accuracies.get("accuracy", 0) > LAG


def _is_at_rest(result):
    """Whether the loss has levelled; other networks need more iterations."""
    settings, curve = result.settings, result.outcomes[0].loss_curve
    return not curve_still_falls(curve, settings.is_cosine[0], settings.plateau_loss)


def _is_saturated(activation, networks, X):
    return measures.saturation(*networks, activation, X).mean(axis=-1) > SATURATED


def _is_suspect(estimator, result):
    """Whether a network may need a warning although its units show no problem."""
    is_poor = result.outcomes[0].loss > 0.95 * result.settings.plateau_loss
    if not is_poor or estimator.tol is not None:
        return is_poor
    used = result.used()
    return used["alpha"] > STRONG * used["auto_alpha"]


def _is_unsettled(result):
    """Whether training has ended in a way that always needs a warning."""
    has_rule = result.settings.tol[0] > -np.inf
    return has_rule and result.outcomes[0].status in ("max_iter", "abnormal")


def _of_fit(estimator, result):
    """Measurements of a fit that do not need its units."""
    architecture, settings = result.architecture, result.settings
    outcome, n_nets = result.outcomes[0], result.n_nets
    (W1, W2), _ = architecture.unpack(outcome.p.astype(np.float64))
    # Of an average the mean; its output weights are those of its networks over n_nets.
    squares = np.square(W1).sum() / n_nets + np.square(W2).sum() * n_nets
    return {
        **_of_parameters(estimator),
        **result.used(),
        "activation": estimator.activation,
        "status": outcome.status,
        "n_iter": outcome.n_iter,
        "loss_curve": outcome.loss_curve,
        "n_samples": result.n_rows,
        "n_features": architecture.n_features,
        "n_hidden": architecture.n_hidden,
        "n_classes": len(result.classes),
        "chance_loss": settings.plateau_loss,
        "tol": np.nan if estimator.tol is None else settings.tol[0],
        "weight_loss": settings.penalty[0] / 2 * squares,
        "message": outcome.message,
    }


def _of_all_rows(architecture, activation, network, X, few):
    """Dead units and predictions of one network, from as many rows as needed."""
    n_classes, predicted, is_dead = max(2, architecture.loss.n_outputs), set(), True
    blocks = (X[rows] for rows in slices(X.shape[0], block_size(architecture)))
    for rows in chain([few], blocks):
        A = measures.hidden_activations(*network, activation, rows)
        predicted.update(measures.predicted_labels(*network, A).tolist())
        is_dead = is_dead & ~A.any(axis=0)
        if len(predicted) == n_classes and not is_dead.any():
            break  # more rows cannot change the result
    return {"dead": is_dead.mean(), "n_predicted": len(predicted)}


def _of_rows_out_of_fold(estimator, samples):
    """Loss and ranking of rows by nets not trained on them, if these are known."""
    logits = getattr(estimator, "oof_decision_function_", None)
    if logits is None:
        return {}
    is_known = ~np.isnan(logits.reshape(len(logits), -1)[:, 0])
    if samples.weight is not None:
        is_known &= samples.weight > 0
    known = samples.take(is_known)
    return _of_logits(logits[is_known], known.labels, known.weight)
