"""The measurements after a fit, of the weights and of a few rows.

Only networks with signs of a problem are measured in more detail, because all the
measurements of a diagnosis take longer than many fits.
"""

from collections import defaultdict

import numpy as np
from scipy.sparse import issparse

import skshallow._advice.measures as measures
from skshallow._advice.baselines import neighbours_labels, rank_evidence
from skshallow._advice.measurements import (
    LAG,
    LINEAR,
    SATURATED,
    SMALL_FEATURES,
    STRONG,
    Measurements,
    curve_still_falls,
)
from skshallow._advice.measuring import (
    feature_scale,
    n_distinct,
    of_estimator,
    of_units,
)
from skshallow._core.activations import ACTIVATIONS, is_bounded
from skshallow._core.batches import slices
from skshallow._core.losses import log_loss, loss_for
from skshallow._core.workspace import block_size

# With 64 samples the standard error of a share is 0.06, and a class with a share of a
# twentieth is among them in 96 of 100 cases. Where that is not enough, all rows count.
FEW_ROWS = 64
GOLDEN = (5**0.5 - 1) / 2  # its multiples, modulo 1, fill [0, 1] most evenly
# Maximum number of rows for nearest neighbours after a fit. If rows are wide, there are
# fewer of them, so that there are at most FEW_ENTRIES entries (8 MB) in each of several
# dense arrays, but not fewer than FEWEST rows.
FEW, FEW_ENTRIES, FEWEST = 500, 10**6, 50


def look_at(estimators, results, samples):
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
            alarming = _alarming(list(nets.values()), samples)
            for lane, (i, net) in enumerate(nets.items()):
                if lane in alarming or _is_unsettled(*net):
                    of_units = alarming.get(lane, {})
                    measured[i] = Measurements(**_of_fit(*net), **of_units)
    return measured


def _alarming(nets, samples):
    """Measurements of the units of those of K networks that show signs of a problem.

    A dict of dicts, by index of the network. ``nets`` are pairs of an estimator and a
    FitResult of one start.
    """
    activation, X = nets[0][0].activation, samples.X
    architecture, n_nets = nets[0][1].architecture, nets[0][1].n_nets
    starts = _networks(architecture, [result.origins[0] for _, result in nets])
    ends = _networks(architecture, [result.outcomes[0].p for _, result in nets])
    few = _scattered(X.shape[0], FEW_ROWS)
    inputs = measures.pre_activations(*ends, X[few])
    labels = _labels(activation, ends, inputs)
    # Small features impair a network whether or not it ends at a linear model.
    is_small = 0 < feature_scale(X[few]) < SMALL_FEATURES
    compared = _compared(nets, ends, inputs, samples, is_small)
    is_alarming = (
        np.array([_is_suspect(*net) for net in nets])
        | np.array([_may_lag(accuracies) for accuracies in compared])
        | (n_distinct(activation, ends, n_nets) < architecture.n_hidden)
        | (is_bounded(activation) and _is_saturated(activation, starts, X[few]))
        # All rows get the same label, for example from a net of dead units.
        | (labels == labels[:, :1]).all(axis=1)
    )
    chosen = np.flatnonzero(is_alarming).tolist()
    if not chosen:
        return {}
    for k in chosen:
        compared[k] |= _of_rows_out_of_fold(nets[k][0], samples)
    some = _lanes(starts, chosen), _lanes(ends, chosen)
    units = of_units(activation, *some, X[few], n_nets)
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
    """At most ``most`` rows, evenly spread, but not periodic in their order."""
    if n <= most:
        return slice(None)
    return (np.arange(most) * GOLDEN % 1 * n).astype(int)


def _networks(architecture, parameters):
    """Weights and biases of K networks, as the measures take them."""
    hidden, output = architecture.layers(np.array(parameters))
    coefs = [layer[:, :, :-1].swapaxes(1, 2) for layer in (hidden, output)]
    return coefs, [hidden[:, :, -1], output[:, :, -1]]


def _lanes(networks, index):
    """One or some of K networks."""
    return [[array[index] for array in part] for part in networks]


def _labels(activation, networks, inputs):
    """Class indices (K, m) from the inputs of the hidden units (K, m, h)."""
    ACTIVATIONS[activation].apply(A := inputs.copy())
    return measures.predicted_labels(*networks, A)


def _compared(nets, networks, inputs, samples, every):
    """Linear shares of networks, and accuracies of those that are nearly linear.

    With ``every``, the accuracies of the other networks as well. With weights of rows
    there are no accuracies, because the networks give up accuracy for rows of more
    weight. Nearest neighbours take a tenth of the time of a short fit. So they predict
    only once for all networks, and only if a network may be worse.
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


def _of_rows_out_of_fold(estimator, samples):
    """Loss and ranking of rows by nets not trained on them, if these are known."""
    logits = getattr(estimator, "oof_decision_function_", None)
    if logits is None:
        return {}
    logits = logits.reshape(len(logits), -1)
    known = ~np.isnan(logits[:, 0])
    if samples.weight is not None:
        known &= samples.weight > 0
    known, Z = samples.take(known), logits[known]
    loss = loss_for(max(2, Z.shape[1]))
    log_p = loss.log_probabilities(Z.T[None])[0].T  # (n, n_classes)
    return {
        "evidence": rank_evidence(log_p, np.eye(log_p.shape[1])[known.labels]),
        "loss": log_loss(loss, Z, known.labels, known.weight),
    }


def _is_at_rest(_, result):
    """Whether the loss has levelled; other networks need more iterations."""
    settings, curve = result.settings, result.outcomes[0].loss_curve
    return not curve_still_falls(curve, settings.is_cosine[0], settings.plateau_loss)


def _is_saturated(activation, networks, X):
    return measures.saturation(*networks, activation, X).mean(axis=-1) > SATURATED


def _may_lag(accuracies):
    """Whether neighbours may be better than a network by more than `LAG`."""
    return accuracies.get("reference_accuracy", 0) - accuracies.get("accuracy", 0) > LAG


def _is_suspect(estimator, result):
    """Whether a network may need a warning although its units show no problem."""
    is_poor = result.outcomes[0].loss > 0.95 * result.settings.plateau_loss
    if not is_poor or estimator.tol is not None:
        return is_poor
    used = result.used()
    return used["alpha"] > STRONG * used["auto_alpha"]


def _is_unsettled(_, result):
    """Whether training has ended in a way that always needs a warning."""
    has_rule = result.settings.tol[0] > -np.inf
    return has_rule and result.outcomes[0].status in ("max_iter", "abnormal")


def _of_fit(estimator, result):
    """Measurements of a fit that do not need its units."""
    architecture, settings = result.architecture, result.settings
    outcome = result.outcomes[0]
    squares = np.square(outcome.p, dtype=np.float64) * architecture.is_weight()
    hidden, output = architecture.layers(squares[None])
    n = result.n_nets  # of an average the mean; its output weights are theirs over n
    squares = hidden.sum() / n + output.sum() * n
    return {
        **of_estimator(estimator),
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
    """Dead units and predictions of one network, from as many rows as needed."""
    n_classes, predicted, is_dead = max(2, architecture.loss.n_outputs), set(), True
    for rows in (few, *slices(X.shape[0], block_size(architecture))):
        A = measures.hidden_activations(*network, activation, X[rows])
        predicted.update(measures.predicted_labels(*network, A).tolist())
        is_dead = is_dead & ~A.any(axis=0)
        if len(predicted) == n_classes and not is_dead.any():
            break  # more rows cannot change the result
    return {"dead": is_dead.mean(), "n_predicted": len(predicted)}
