"""Takes all measurements of a network, for a diagnosis.

The measurements that a fit takes, too (``quick_look``), are also defined here.
"""

import numpy as np
from scipy.sparse import issparse

import skshallow._advice.measures as measures
from skshallow._advice.baselines import (
    MOST_ROWS,
    baselines_on_some,
    evenly,
    rank_evidence,
)
from skshallow._advice.measurements import Measurements
from skshallow._core.initializers import start_in_words
from skshallow._core.losses import constant_predictor_loss, loss_for
from skshallow._fit.labels import class_indices
from skshallow._fit.result import n_nets_of

# ---------------------------------------------------------------------------
# Measurements that a fit takes, too


def of_estimator(estimator):
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


def of_units(activation, start, end, X, n_nets):
    """Measurements of the hidden units of one network or more, on some rows.

    ``start`` and ``end`` are (coefs, intercepts) of averages of ``n_nets`` networks.
    """
    return {
        "feature_scale": feature_scale(X),
        "is_sparse": issparse(X),
        "n_distinct_start": n_distinct(activation, start, n_nets),
        "n_distinct": n_distinct(activation, end, n_nets),
        "saturation_start": measures.saturation(*start, activation, X).mean(axis=-1),
        "saturation": measures.saturation(*end, activation, X).mean(axis=-1),
        "dead_start": measures.dead_units(*start, activation, X).mean(axis=-1),
        "input_start": _root_mean_square(measures.pre_activations(*start, X)),
    }


def n_distinct(activation, average, n_nets):
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


def feature_scale(X):
    """Root mean square of the feature for which it is largest."""
    rows = X.astype(np.float64)
    squares = rows.multiply(rows) if issparse(X) else np.square(rows)
    return np.sqrt(squares.mean(axis=0).max())


def _root_mean_square(Z):
    norm, exponent = measures.matrix_norm(Z.astype(np.float64))
    return np.ldexp(norm / np.sqrt(Z.shape[-2] * Z.shape[-1]), exponent)


# ---------------------------------------------------------------------------
# For a diagnosis


def measure(network, X, logits, labels=None):
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
    rows = evenly(np.arange(X.shape[0]), MOST_ROWS)
    some_X, n_classes = X[rows].astype(network.coefs_[0].dtype), len(network.classes_)
    measured = _of_network(network, some_X)
    measured["n_predicted"] = len(np.unique(_predicted(logits)))
    if labels is not None:
        start, _ = _ends(network)
        of_rows = network._activation, some_X, labels[rows]
        norms = measures.gradient_norms(*start, *of_rows)
        measured["gradient_hidden"], measured["gradient_output"] = norms
        measured |= _of_labels(network, logits, labels)
        measured |= baselines_on_some(X, labels, n_classes)
    return Measurements(
        **of_estimator(network),
        **network._used,
        activation=network._activation,  # that of the fit; set_params may change it
        status=network.status_,
        n_iter=network.n_iter_,
        loss_curve=np.array(network.loss_curve_),
        n_samples=X.shape[0],
        n_features=X.shape[1],
        n_hidden=len(network.intercepts_[0]),
        n_classes=n_classes,
        **{name: np.asarray(value).item() for name, value in measured.items()},
    )


def _ends(network):
    """(coefs, intercepts) at the start and at the end."""
    start = network.init_coefs_, network.init_intercepts_
    return start, (network.coefs_, network.intercepts_)


def _of_network(network, X):
    """Measurements of the weights, and of the hidden layer on some rows."""
    activation, (start, end) = network._activation, _ends(network)
    S, distances = measures.unit_similarity(*end, activation), (np.nan, np.nan)
    if start[0][0].shape == end[0][0].shape:  # no units were removed
        distances = measures.distance_travelled(start[0], end[0])
    return {
        **of_units(activation, start, end, X, n_nets_of(network)),
        "dead": measures.dead_units(*end, activation, X).mean(),
        "linear_share": measures.linear_shares(
            measures.pre_activations(*end, X), network.n_outputs_
        ),
        "similarity": S[~np.eye(len(S), dtype=bool)].mean() if len(S) > 1 else 1,
        "rank": measures.effective_rank(*end, activation, X),
        "distance_hidden": distances[0],
        "distance_output": distances[1],
    }


def _predicted(logits):
    return logits > 0 if logits.ndim == 1 else logits.argmax(axis=1)


def _of_labels(network, logits, labels):
    """Measurements of the predictions."""
    n_classes, predicted = len(network.classes_), _predicted(logits)
    count = np.bincount(labels, minlength=n_classes)
    # With fewer than ten rows of a class, a good network may miss all of them.
    missed = (count >= 10) & ~np.isin(np.arange(n_classes), predicted)
    Z = logits[None, None] if logits.ndim == 1 else logits.T[None]
    with np.errstate(over="ignore", invalid="ignore"):
        log_p = loss_for(n_classes).log_probabilities(Z.astype(np.float64))[0]
    weight = _class_factors(network, count)[labels]
    return {
        "accuracy": np.mean(predicted == labels),
        "loss": -np.mean(log_p[labels, np.arange(len(labels))]),
        "chance_accuracy": count.max() / len(labels),
        "chance_loss": constant_predictor_loss(labels, weight),
        "evidence": rank_evidence(log_p.T, np.eye(n_classes)[labels]),
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
