"""What a fit sees of the nets it has trained, on the rows that it trained them on.

A diagnosis takes longer than many a fit. This looks at the weights and at a few rows,
and closer only at a net that shows something alarming. Knows no estimator.
"""

import numpy as np
from scipy.sparse import issparse

from skshallow._advice.findings import FEW, LAG, LINEAR, STRONG
from skshallow._advice.measures import (
    FLAT,
    dead_units,
    linear_shares,
    n_distinct_units,
    pre_activations,
    relative_slope,
    saturation,
    still_falls,
)
from skshallow._advice.references import neighbours_labels
from skshallow._core.activations import is_bounded
from skshallow._core.batches import slices
from skshallow._core.workspace import block_size
from skshallow._fit.result import best_start

# A share of 64 samples is known to within 0.06 (one standard error), and of two classes
# the one that has a twentieth is among 64 in 96 of 100 cases; or else all rows decide.
FEW_ROWS = 64
GOLDEN = (5**0.5 - 1) / 2  # of which the multiples fill the unit interval most evenly
# Share of pairs of unit and sample on flat parts above which a start is saturated. With
# tanh it takes inputs of a deviation of 9.4, which a standard normal start at scale 1
# has from 88 scaled features on. At scale 1 on fewer nets learn well, and often with
# half of the pairs on flat parts.
SATURATED = 0.75
# Wide rows are compared with each other in fewer numbers, but not in fewer than these:
# what is sparse is dense there, several times over. 8 MB each.
MOST_ENTRIES, FEWEST = 10**6, 50


def look_at(results, estimators, samples):
    """The symptoms of every result that has a net, a list; None of the others.

    Parameters
    ----------
    results : list of FitResult
    estimators : list of estimators
    samples : Samples
        The rows of training.
    """
    best = {}
    for i, result in enumerate(results):
        if any(lane and lane.status != "diverged" for lane in result.outcomes):
            best[i] = best_start(result)
    symptoms_of = [None] * len(results)
    if not best:
        return symptoms_of
    chosen = [(results[i], estimators[i], k) for i, k in best.items()]
    seen = symptoms(
        results[0].architecture,
        estimators[0].activation,
        np.array([result.origins[k] for result, _, k in chosen]),
        np.array([result.outcomes[k].p for result, _, k in chosen]),
        samples,
        suspects=np.array([_is_suspect(*facts) for facts in chosen]),
        at_rest=np.array([_is_at_rest(result, k) for result, _, k in chosen]),
    )
    for i, figures in zip(best, seen, strict=True):
        symptoms_of[i] = figures
    return symptoms_of


def _is_suspect(result, estimator, k):
    """Whether something may be to be said of a net that does not show it."""
    is_poor = result.outcomes[k].loss > 0.95 * result.settings.plateau_loss
    used = result.used()
    has_strong_penalty = used["alpha"] > STRONG * used["auto_alpha"]
    return is_poor and (has_strong_penalty or estimator.tol is not None)


def _is_at_rest(result, k):
    """Whether the loss has levelled."""
    settings, curve = result.settings, result.outcomes[k].loss_curve
    return not still_falls(curve, settings.is_cosine[0], settings.plateau_loss)


def symptoms(architecture, activation, starts, ends, samples, *, suspects, at_rest):
    """Figures of those of K trained nets that show something alarming.

    Dead are units of activation 0 on every row.

    Parameters
    ----------
    architecture : Architecture
    activation : str
    starts, ends : ndarrays of shape (K, p)
        Parameters before and after training.
    samples : Samples
        The rows of training.
    suspects : ndarray of bool of shape (K,)
        Nets whose loss is no less than a constant prediction's: to be looked at
        closely, whatever they show.
    at_rest : ndarray of bool of shape (K,)
        Nets whose loss has levelled: others have not come to an end yet.

    Returns
    -------
    list of K dicts or None
        What ``findings.Symptoms`` calls figures, by name.
    """
    X = samples.X
    few = X[_spread(X.shape[0], FEW_ROWS)]
    start, end = _networks(architecture, starts), _networks(architecture, ends)
    with np.errstate(all="ignore"):  # large weights may overflow
        inputs, labels = _forward(architecture, end, few)
        compared = _compared(architecture, end, samples, inputs, at_rest)
        looks_ill = (
            suspects
            | _may_have_twins(end)
            | _is_saturated(activation, start, few)
            | np.array([may_lag(figures) for figures in compared])
            # All rows get the same label, as they do from a net of dead units.
            | (labels == labels[:, :1]).all(axis=1)
        )
        return [
            {
                **_closer(architecture, activation, starts[[k]], ends[[k]], few, X),
                **compared[k],
            }
            if looks_ill[k]
            else None
            for k in range(len(ends))
        ]


def _spread(n, most):
    """Rows spread evenly, and yet in step with no order that the rows may have."""
    if n <= most:
        return slice(None)
    return (np.arange(most) * GOLDEN % 1 * n).astype(int)


def _networks(architecture, P):
    """Weights and biases of K nets, as ``diagnostics`` takes them."""
    hidden, output = architecture.layers(P)
    coefs = [layer[:, :, :-1].swapaxes(1, 2) for layer in (hidden, output)]
    return coefs, (hidden[:, :, -1], output[:, :, -1])


def _may_have_twins(networks):
    """Whether any two units have a weight in common, but for its sign."""
    (W1, _), _ = networks
    ordered = np.sort(np.abs(W1[:, 0]), axis=1)
    return (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)


def _is_saturated(activation, networks, X):
    if not is_bounded(activation):
        return np.zeros(len(networks[0][0]), dtype=bool)
    slope = relative_slope(activation, pre_activations(*networks, X))
    return (slope < FLAT).mean(axis=(1, 2)) > SATURATED


def _forward(architecture, networks, X):
    """Inputs of the hidden units (K, m, h), and class indices (K, m)."""
    (_, W2), (_, b2) = networks
    inputs = pre_activations(*networks, X)
    architecture.activation.apply(A := inputs.copy())
    Z = A @ W2 + b2[:, None]  # (K, m, c)
    return inputs, architecture.loss.classify(Z.swapaxes(1, 2))


def _compared(architecture, networks, samples, inputs, at_rest):
    """How linear nets are by the inputs of their units, and how accurate if so.

    Nets that weigh rows are not compared: they trade accuracy for what weighs more. The
    neighbours, who take as long as a tenth of a short fit, are asked once for all nets,
    and only if one of these can be behind.
    """
    shares = linear_shares(inputs, architecture.loss.n_outputs)
    figures = [{"linear_share": float(share)} for share in shares]
    linear = np.flatnonzero((shares > LINEAR) & at_rest)
    if not len(linear) or samples.weight is not None:
        return figures
    most = min(FEW, max(FEWEST, MOST_ENTRIES // samples.X.shape[1]))
    some = samples.take(_spread(len(samples.labels), most))
    coefs, intercepts = networks
    linear_nets = [W[linear] for W in coefs], [b[linear] for b in intercepts]
    _, labels = _forward(architecture, linear_nets, some.X)
    is_right = labels == some.labels  # (n_linear, m)
    accuracies = is_right.mean(axis=1)
    if accuracies.min() >= 1 - LAG:
        return figures
    X = some.X.toarray() if issparse(some.X) else some.X
    n_classes = max(2, architecture.loss.n_outputs)
    are_right = neighbours_labels(X, some.labels, n_classes) == some.labels
    for k, accuracy, right in zip(linear, accuracies, is_right, strict=True):
        n_apart = np.count_nonzero(right != are_right)
        figures[k] |= {
            "accuracy": float(accuracy),
            "reference_accuracy": float(are_right.mean()),
            "lag_error": float(np.sqrt(n_apart) / len(right)),
        }
    return figures


def may_lag(figures):
    """Whether neighbours may be ahead of a net by more than `LAG`."""
    return figures.get("reference_accuracy", 0) - figures.get("accuracy", 0) > LAG


def _closer(architecture, activation, starts, ends, few, X):
    """The figures of one net, of its predictions and dead units on all rows."""
    start, end = _networks(architecture, starts), _networks(architecture, ends)
    predicted, is_dead = set(), True
    wide = few.astype(np.float64)
    squares = wide.multiply(wide) if issparse(few) else np.square(wide)
    for rows in slices(X.shape[0], block_size(architecture)):
        (inputs,), (labels,) = _forward(architecture, end, X[rows])
        predicted.update(labels.tolist())
        architecture.activation.apply(inputs)
        is_dead = is_dead & ~inputs.any(axis=0)
        if len(predicted) == max(2, architecture.loss.n_outputs) and not is_dead.any():
            break  # no other row can change either
    return {
        "n_hidden": architecture.n_hidden,
        "feature_scale": float(np.sqrt(squares.mean(axis=0).max())),
        "is_sparse": issparse(few),
        "input_start": float(np.sqrt(np.mean(np.square(pre_activations(*start, few))))),
        "n_distinct_start": n_distinct_units(*start, activation).item(),
        "n_distinct": n_distinct_units(*end, activation).item(),
        "saturation_start": saturation(*start, activation, few).mean(),
        "saturation": saturation(*end, activation, few).mean(),
        "dead_start": dead_units(*start, activation, few).mean(),
        "dead": is_dead.mean(),
        "n_predicted": len(predicted),
    }
