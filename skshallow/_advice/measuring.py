"""Takes measurements of networks: a quick look after a fit, or all for a diagnosis.

A diagnosis takes longer than many a fit. After a fit the weights and a few rows are
looked at, and only a network that shows something alarming is looked at closely.
"""

from collections import defaultdict

import numpy as np
from scipy.sparse import issparse

import skshallow._advice.measures as measures
from skshallow._advice.baselines import baselines, neighbours_labels, rank_evidence
from skshallow._advice.measurements import (
    LAG,
    LINEAR,
    NO_EVIDENCE,
    SATURATED,
    SMALL_FEATURES,
    STRONG,
    Measurements,
    curve_still_falls,
)
from skshallow._core.activations import ACTIVATIONS, is_bounded
from skshallow._core.batches import slices
from skshallow._core.initializers import start_in_words
from skshallow._core.losses import constant_predictor_loss, loss_for
from skshallow._core.workspace import block_size
from skshallow._fit.labels import class_indices
from skshallow._fit.result import n_nets_of

# A share of 64 samples is known to within 0.06 (one standard error), and of two classes
# the one that has a twentieth is among 64 in 96 of 100 cases; or else all rows decide.
FEW_ROWS = 64
GOLDEN = (5**0.5 - 1) / 2  # of which the multiples fill the unit interval most evenly
# A fit asks the neighbours on so many rows. Wide rows are compared with each other in
# fewer numbers, but not in fewer rows than these: what is sparse is dense there,
# several times over. 8 MB each.
FEW, FEW_ENTRIES, FEWEST = 500, 10**6, 50
# A diagnosis looks at activations, slopes and neighbours on so many rows, evenly
# spaced. A share is then known to within 0.016 (one standard error). Wide rows are
# compared with each other in fewer numbers: 80 MB.
MOST_ROWS, MOST_ENTRIES = 1000, 10**7


# ---------------------------------------------------------------------------
# What both measure


def _of_estimator(estimator):
    """Measurements of parameters that are as they were given, or chosen."""
    is_chosen = hasattr(estimator, "alpha_")  # by cross-validation
    scale = estimator.init_scale_ if is_chosen else estimator.init_scale
    return {
        "is_weakest": not (is_chosen and estimator.alpha_ > min(estimator.alphas_)),
        "solver": estimator.solver,
        "init": start_in_words(estimator.init, scale),
        "is_auto_start": isinstance(scale, str),
        "is_auto_rate": isinstance(estimator.learning_rate_init, str),
        "class_weight": estimator.class_weight,
    }


def _of_units(activation, start, end, X, n_nets):
    """Measurements of the hidden units of one network or more, on some rows.

    ``start`` and ``end`` are (coefs, intercepts) of averages of so many networks.
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
    """Units that differ from all others of the same network, of those averaged.

    Networks of several folds begin with the same units, and some do not learn.
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
    """Root mean square of the largest feature."""
    rows = X.astype(np.float64)
    squares = rows.multiply(rows) if issparse(X) else np.square(rows)
    return np.sqrt(squares.mean(axis=0).max())


def _root_mean_square(Z):
    norm, exponent = measures.matrix_norm(Z.astype(np.float64))
    return np.ldexp(norm / np.sqrt(Z.shape[-2] * Z.shape[-1]), exponent)


# ---------------------------------------------------------------------------
# After a fit


def look_at(estimators, results, samples):
    """Measurements of the networks of which there may be something to say.

    Parameters
    ----------
    estimators : list of estimators
    results : list of FitResult
        Of these estimators, which agree in what ``_search.cohorts.MUST_MATCH`` names.
    samples : Samples
        The rows of training.

    Returns
    -------
    list of Measurements or None
        None of a network of which there is nothing to say, and where all starts
        diverged.
    """
    measured, by_width = [None] * len(results), defaultdict(dict)
    for i, (estimator, result) in enumerate(zip(estimators, results, strict=True)):
        if not result.has_diverged:
            kept = result.kept()
            by_width[kept.architecture.n_hidden][i] = estimator, kept
    with np.errstate(all="ignore"):  # large weights and penalties may overflow
        for nets in by_width.values():
            alarming = _alarming(list(nets.values()), samples)
            for lane, (i, net) in enumerate(nets.items()):
                if lane in alarming or _is_unsettled(*net):
                    of_units = alarming.get(lane, {})
                    measured[i] = Measurements(**_of_fit(*net), **of_units)
    return measured


def _alarming(nets, samples):
    """Measurements of the units of those of K networks that show something alarming.

    Index of the network -> dict. ``nets`` are (estimator, FitResult of one start).
    """
    activation, X = nets[0][0].activation, samples.X
    architecture, n_nets = nets[0][1].architecture, nets[0][1].n_nets
    starts = _networks(architecture, [result.origins[0] for _, result in nets])
    ends = _networks(architecture, [result.outcomes[0].p for _, result in nets])
    few = _scattered(X.shape[0], FEW_ROWS)
    inputs = measures.pre_activations(*ends, X[few])
    labels = _labels(activation, ends, inputs)
    # Small features hold a network back whether or not it ends in a line.
    is_small = 0 < _feature_scale(X[few]) < SMALL_FEATURES
    compared = _compared(nets, ends, inputs, samples, is_small)
    is_alarming = (
        np.array([_is_suspect(*net) for net in nets])
        | np.array([_may_lag(accuracies) for accuracies in compared])
        | (_n_distinct(activation, ends, n_nets) < architecture.n_hidden)
        | (is_bounded(activation) and _is_saturated(activation, starts, X[few]))
        # All rows get the same label, as they do from a net of dead units.
        | (labels == labels[:, :1]).all(axis=1)
    )
    chosen = np.flatnonzero(is_alarming).tolist()
    if not chosen:
        return {}
    some = _lanes(starts, chosen), _lanes(ends, chosen)
    units = _of_units(activation, *some, X[few], n_nets)
    units = {n: np.broadcast_to(v, len(chosen)).tolist() for n, v in units.items()}
    return {
        k: {
            **{name: values[j] for name, values in units.items()},
            **_of_all_rows(architecture, activation, _lanes(ends, k), X, few),
            **compared[k],
        }
        for j, k in enumerate(chosen)
    }


def _scattered(n, most):
    """So many rows at most, evenly spread and yet in step with no order of the rows."""
    if n <= most:
        return slice(None)
    return (np.arange(most) * GOLDEN % 1 * n).astype(int)


def _networks(architecture, parameters):
    """Weights and biases of K networks, as the measures take them."""
    hidden, output = architecture.layers(np.array(parameters))
    coefs = [layer[:, :, :-1].swapaxes(1, 2) for layer in (hidden, output)]
    return coefs, [hidden[:, :, -1], output[:, :, -1]]


def _lanes(networks, index):
    """One of K networks, or some."""
    return [[array[index] for array in part] for part in networks]


def _labels(activation, networks, inputs):
    """Class indices (K, m) from the inputs of the hidden units (K, m, h)."""
    ACTIVATIONS[activation].apply(A := inputs.copy())
    return measures.predicted_labels(*networks, A)


def _compared(nets, networks, inputs, samples, every):
    """How linear networks are by the inputs of their units, and how accurate if so.

    With ``every``, how accurate the others are, too. Networks that weigh rows are not
    compared: they trade accuracy for what weighs more. The neighbours, who take as long
    as a tenth of a short fit, are asked once for all networks, and only if one of these
    can be behind.
    """
    n_outputs = networks[0][1].shape[-1]
    shares = measures.linear_shares(inputs, n_outputs)
    compared = [{"linear_share": share} for share in shares.tolist()]
    asked = [
        k
        for k, share in enumerate(shares)
        if every or (share > LINEAR and _is_at_rest(*nets[k]))
    ]
    if not asked or samples.weight is not None:
        return compared
    most = min(FEW, max(FEWEST, FEW_ENTRIES // samples.X.shape[1]))
    some = samples.take(_scattered(len(samples.labels), most))
    ends = _lanes(networks, asked)
    inputs = measures.pre_activations(*ends, some.X)
    labels = _labels(nets[0][0].activation, ends, inputs)
    is_right = labels == some.labels  # (n_asked, m)
    if is_right.mean(axis=1).min() >= 1 - LAG:
        return compared
    X = some.X.toarray() if issparse(some.X) else some.X
    are_right = neighbours_labels(X, some.labels, max(2, n_outputs)) == some.labels
    for k, right in zip(asked, is_right, strict=True):
        n_apart = np.count_nonzero(right != are_right)
        compared[k] |= {
            "accuracy": float(right.mean()),
            "reference_accuracy": float(are_right.mean()),
            "lag_error": float(np.sqrt(n_apart) / len(right)),
        }
    return compared


def _is_at_rest(_, result):
    """Whether the loss has levelled: other networks have not come to an end yet."""
    settings, curve = result.settings, result.outcomes[0].loss_curve
    return not curve_still_falls(curve, settings.is_cosine[0], settings.plateau_loss)


def _is_saturated(activation, networks, X):
    return measures.saturation(*networks, activation, X).mean(axis=-1) > SATURATED


def _may_lag(accuracies):
    """Whether neighbours may be ahead of a network by more than `LAG`."""
    return accuracies.get("reference_accuracy", 0) - accuracies.get("accuracy", 0) > LAG


def _is_suspect(estimator, result):
    """Whether there may be something to say of a network that does not show it."""
    is_poor = result.outcomes[0].loss > 0.95 * result.settings.plateau_loss
    if not is_poor or estimator.tol is not None:
        return is_poor
    used = result.used()
    return used["alpha"] > STRONG * used["auto_alpha"]


def _is_unsettled(_, result):
    """Whether training has ended in a way that a fit warns of whatever it sees."""
    has_rule = result.settings.tol[0] > -np.inf
    return has_rule and result.outcomes[0].status in ("max_iter", "abnormal")


def _of_fit(estimator, result):
    """Measurements of a fit, whatever its units look like."""
    architecture, settings = result.architecture, result.settings
    outcome = result.outcomes[0]
    squares = np.square(outcome.p, dtype=np.float64) * architecture.is_weight()
    hidden, output = architecture.layers(squares[None])
    n = result.n_nets  # of an average the mean; its output weights are theirs over n
    squares = hidden.sum() / n + output.sum() * n
    return {
        **_of_estimator(estimator),
        **result.used(),
        "activation": estimator.activation,
        "status": outcome.status,
        "n_iter": outcome.n_iter,
        "loss_curve": outcome.loss_curve,
        "n_samples": result.n_rows,
        "n_features": architecture.weight_shapes[0][1],
        "n_hidden": architecture.n_hidden,
        "n_classes": len(result.classes),
        "chance_loss": settings.plateau_loss,
        "tol": np.nan if estimator.tol is None else settings.tol[0],
        "weight_loss": settings.penalty[0] / 2 * squares,
        "message": outcome.message,
    }


def _of_all_rows(architecture, activation, network, X, few):
    """Dead units and predictions of one network, from as many rows as these take."""
    n_classes, predicted, is_dead = max(2, architecture.loss.n_outputs), set(), True
    for rows in (few, *slices(X.shape[0], block_size(architecture))):
        A = measures.hidden_activations(*network, activation, X[rows])
        predicted.update(measures.predicted_labels(*network, A).tolist())
        is_dead = is_dead & ~A.any(axis=0)
        if len(predicted) == n_classes and not is_dead.any():
            break  # no other row can change either
    return {"dead": is_dead.mean(), "n_predicted": len(predicted)}


# ---------------------------------------------------------------------------
# For a diagnosis


def measure(network, X, logits, labels=None):
    """All measurements of a fitted network.

    Parameters
    ----------
    network : ShallowNetClassifier
    X : {ndarray, CSR} of shape (n, d)
    logits : ndarray
        What the network makes of these rows.
    labels : ndarray of int of shape (n,), default=None
        Class indices. Without them, what has to do with accuracy is nan.

    Returns
    -------
    Measurements
    """
    rows = _evenly(np.arange(X.shape[0]), MOST_ROWS)
    some_X, n_classes = X[rows].astype(network.coefs_[0].dtype), len(network.classes_)
    measured = _of_network(network, some_X)
    measured["n_predicted"] = len(np.unique(_predicted(logits)))
    if labels is not None:
        start, _ = _ends(network)
        of_rows = network._activation, some_X, labels[rows]
        norms = measures.gradient_norms(*start, *of_rows)
        measured["gradient_hidden"], measured["gradient_output"] = norms
        measured |= _of_labels(network, logits, labels)
        measured |= _of_baselines(X, labels, n_classes)
    return Measurements(
        **_of_estimator(network),
        **network._used,
        activation=network._activation,  # set_params may have changed the other
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
    """The start and the end: (coefs, intercepts) each."""
    start = network.init_coefs_, network.init_intercepts_
    return start, (network.coefs_, network.intercepts_)


def _of_network(network, X):
    """Measurements of the weights, and of the hidden layer on some rows."""
    activation, (start, end) = network._activation, _ends(network)
    S, distances = measures.unit_similarity(*end, activation), (np.nan, np.nan)
    if start[0][0].shape == end[0][0].shape:  # no units were cut
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


def _predicted(logits):
    return logits > 0 if logits.ndim == 1 else logits.argmax(axis=1)


def _of_labels(network, logits, labels):
    """Measurements of the predictions."""
    n_classes, predicted = len(network.classes_), _predicted(logits)
    count = np.bincount(labels, minlength=n_classes)
    # Of fewer than ten, a good network may well miss all.
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


def _of_baselines(X, labels, n_classes):
    """Measurements of plain models on some of the rows, fewer if they are wide."""
    n = len(labels)
    most = min(n, MOST_ROWS, max(FEWEST, MOST_ENTRIES // X.shape[1]))

    def found_in(rows):
        some_X = X[rows].toarray() if issparse(X) else X[rows]
        return baselines(some_X.astype(np.float64), labels[rows], n_classes)

    found = found_in(_evenly(np.arange(n), most))
    if found["reference_evidence"] < NO_EVIDENCE and most < n:
        again = found_in(_in_equal_parts(labels, most))
        decisive = ("reference_evidence", "reference_error")
        found |= {name: again[name] for name in decisive}
    return found


def _evenly(rows, most):
    """So many of the rows at most, evenly spaced."""
    places = np.linspace(0, len(rows) - 1, min(len(rows), most))
    return rows[places.astype(int)]


def _in_equal_parts(labels, most):
    """As many rows of each class, or all of a rare one: what is known of it decides."""
    n_free, chosen = most, []
    count = np.bincount(labels)
    for n_left, k in zip(range(len(count), 0, -1), np.argsort(count), strict=True):
        chosen.append(_evenly(np.flatnonzero(labels == k), n_free // n_left))
        n_free -= len(chosen[-1])
    return np.sort(np.concatenate(chosen))
