"""What is the matter with a fitted network: `diagnose`, and the measures it takes.

The measures are functions of arrays in the layout of ``coefs_`` and ``intercepts_``,
with leading axes for more networks than one. Nothing here trains, and nothing is needed
to train.
"""

from dataclasses import dataclass
from html import escape
from textwrap import fill

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted, column_or_1d

from skshallow._advice.findings import NO_EVIDENCE, Figures, find
from skshallow._advice.measures import (
    dead_units,
    distance_travelled,
    effective_rank,
    gradient_norms,
    hidden_activations,
    linear_shares,
    matrix_norm,
    n_distinct_units,
    n_predicted_classes,
    pre_activations,
    relative_slope,
    saturation,
    unit_similarity,
    unit_vectors,
)
from skshallow._advice.references import rank_evidence, reference
from skshallow._core.initializers import start_in_words
from skshallow._core.losses import constant_predictor_loss, loss_for
from skshallow._fit.labels import class_indices, listed

__all__ = [
    "Diagnosis",
    "dead_units",
    "diagnose",
    "distance_travelled",
    "effective_rank",
    "gradient_norms",
    "hidden_activations",
    "linear_shares",
    "n_distinct_units",
    "n_predicted_classes",
    "network_and_rows",
    "pre_activations",
    "relative_slope",
    "saturation",
    "unit_similarity",
    "unit_vectors",
]

# `diagnose` looks at activations, slopes and neighbours on so many rows, evenly spaced.
# A share is then known to within 0.016 (one standard error).
MOST_ROWS = 1000
# Wide rows are compared with each other in fewer numbers: 80 MB.
MOST_ENTRIES = 10**7
HEALTHY = "Nothing alarming was found."

# Labels of the figures that a diagnosis shows, and how to write them.
SHOWN = (
    ("hidden units that differ", "{f.n_distinct} of {f.n_hidden}"),
    ("mean similarity of two units", "{f.similarity:.2f}"),
    ("effective rank of the hidden layer", "{f.rank:.1f}"),
    ("on flat parts, start → end", "{f.saturation_start:.0%} → {f.saturation:.0%}"),
    ("dead units, start → end", "{f.dead_start:.0%} → {f.dead:.0%}"),
    (
        "distance travelled, hidden and output",
        "{f.distance_hidden:.3g}, {f.distance_output:.3g}",
    ),
    (
        "gradient at the start, hidden and output",
        "{f.gradient_hidden:.2g}, {f.gradient_output:.2g}",
    ),
    ("iterations, and how they ended", "{f.n_iter}, {f.status}"),
    (
        "loss over that of guessing, first → last",
        "{f.first_loss:.4g} → {f.final_loss:.4g}",
    ),
    ("accuracy", "{f.accuracy:.3f}"),
    ("accuracy of always the same class", "{f.chance_accuracy:.3f}"),
    ("accuracy of plain models on unseen rows", "{f.reference_accuracy:.3f}"),
)


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found. ``print`` it, or show it in a notebook.

    Parameters
    ----------
    figures : Figures
    findings : list of Finding
        The weightiest first: a finding has a ``name``, a ``weight`` and a ``sentence``
        with cause and remedy. Empty for a healthy network.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.diagnostics import diagnose
    >>> X, y = make_flower(random_state=1)
    >>> net = ShallowNetClassifier(random_state=0).fit(X, y)
    >>> print(str(diagnose(net, X, y)).splitlines()[0])
    Nothing alarming was found.
    """

    figures: Figures
    findings: list

    def __str__(self):
        sentences = [f"{i}. {text}" for i, text in enumerate(self._sentences(), 1)]
        rows = self._rows()
        width = max(len(label) for label, _ in rows)
        table = [f"{label:<{width}}  {value}" for label, value in rows]
        blocks = [
            fill(text, 80, subsequent_indent="   ") for text in sentences or [HEALTHY]
        ]
        return "\n".join([*blocks, "", *table])

    def __repr__(self):
        names = [finding.name for finding in self.findings]
        return f"<Diagnosis: {', '.join(names) or 'nothing alarming'}>"

    def _repr_html_(self):
        items = "".join(f"<li>{escape(text)}</li>" for text in self._sentences())
        verdict = f"<ol>{items}</ol>" if items else f"<p>{escape(HEALTHY)}</p>"
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(label)}</th>'
            f"<td>{escape(value)}</td></tr>"
            for label, value in self._rows()
        )
        return f"<div>{verdict}<table>{rows}</table></div>"

    def _sentences(self):
        sentences = [finding.sentence for finding in self.findings]
        return [text[0].upper() + text[1:] for text in sentences]

    def _rows(self):
        rows = [(label, value.format(f=self.figures)) for label, value in SHOWN]
        known = [(label, value) for label, value in rows if "nan" not in value]
        return [(label, value.replace("inf", "∞")) for label, value in known]


def diagnose(estimator, X, y=None):
    """Say what is the matter with a fitted network, and what to do.

    Parameters
    ----------
    estimator : ShallowNetClassifier, or a model that ends in one
        Fitted; see `network_and_rows` for the models that are looked into.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        As `fit` was given it: best the training data, since this is about training. In
        a pipeline, as the pipeline takes it.
    y : array-like of shape (n_samples,), default=None
        Labels, however `fit` takes them. Without them, what has to do with accuracy
        cannot be found.

    Returns
    -------
    diagnosis : Diagnosis
        With ``figures`` and ``findings``, the weightiest first.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted, or is a search that ``refit=False`` left
        without a fitted net.
    TypeError
        If it is not, or does not end in, a ``ShallowNetClassifier``.
    ValueError
        If ``y`` has unknown labels or another length than ``X``, or ``X`` a single row.

    Notes
    -----
    Saturation, dead units, rank and references are measured on at most 1000 rows,
    evenly spaced; where the references find nothing there, they are given 1000 others
    with as many of each class. Sample weights that `fit` was given are not known here.

    Examples
    --------
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.diagnostics import diagnose
    >>> from skshallow.exceptions import SymmetryWarning
    >>> X, y = make_flower(random_state=1)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SymmetryWarning)
    ...     net = ShallowNetClassifier(4, init="zeros", max_iter=100).fit(X, y)
    >>> print(diagnose(net, X, y).findings[0].name)
    identical units
    """
    net, X = network_and_rows(estimator, X)
    logits = net.decision_function(X)  # complains of what is not fitted, or unfit
    X = X.tocsr() if issparse(X) else np.asarray(X)  # a column may be named tocsr
    n_samples = X.shape[0]
    if n_samples < 2:
        raise ValueError("X must have two rows or more: every unit is constant on one.")
    rows = _spread(np.arange(n_samples), MOST_ROWS)
    labels = None if y is None else _label_indices(net, y, n_samples)
    some_X = X[rows].astype(net.coefs_[0].dtype)
    measured = _of_network(net, some_X)
    if labels is not None:
        measured |= _of_path(net, some_X, labels[rows])
        measured |= _of_labels(net, logits, labels)
        measured |= _of_references(X, labels, len(net.classes_))
    measured["n_predicted"] = len(np.unique(_predicted(logits)))
    numbers = {name: np.asarray(figure).item() for name, figure in measured.items()}
    figures = Figures(n_samples=n_samples, **_of_settings(net), **numbers)
    return Diagnosis(figures, find(figures))


def network_and_rows(estimator, X=None):
    """The network that an estimator ends in, and the rows as they reach it.

    Of a pipeline it is the last step; of a search the ``best_estimator_``; of a
    calibration the estimator that was calibrated, if there is one only; of a classifier
    with a threshold the estimator whose scores are compared with it. Each of these may
    stand in another.

    Parameters
    ----------
    estimator : ShallowNetClassifier, or a model that ends in one
    X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
        As the estimator takes it.

    Returns
    -------
    network : ShallowNetClassifier
    X : {array-like, sparse matrix} or None
        Transformed by the steps before the network, as in a prediction: a sampler
        (``fit_resample``) has no part in that.

    Raises
    ------
    NotFittedError
        If a search or another model around the network is not fitted, or a search has
        no ``best_estimator_`` because of ``refit=False``.
    TypeError
        If the estimator does not end in a ``ShallowNetClassifier``, or holds several.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.diagnostics import network_and_rows
    >>> network_and_rows(make_pipeline(ShallowNetClassifier(3)))
    (ShallowNetClassifier(n_hidden=3), None)
    """
    network = estimator
    while not hasattr(network, "init_scale"):
        if hasattr(network, "steps"):
            *before, (_, network) = network.steps
            X = _transformed(before, X)
        else:
            network = _model_inside(network)
    return network, X


def _transformed(steps, X):
    """The rows as they leave some steps of a pipeline that predicts."""
    for _, step in steps:
        is_sampler = hasattr(step, "fit_resample") and not hasattr(step, "transform")
        is_nothing = step is None or isinstance(step, str)  # "passthrough"
        if X is not None and not is_sampler and not is_nothing:
            X = step.transform(X)
    return X


def _model_inside(model):
    """The only fitted model that a search, a calibration or a threshold is about."""
    if hasattr(model, "best_estimator_"):
        return model.best_estimator_
    if hasattr(model, "cv_results_"):
        raise NotFittedError(
            f"this {type(model).__name__} has no best_estimator_, because it has "
            f"refit={model.refit!r}: fit the search with refit=True, or pass a fitted "
            "net."
        )
    if hasattr(model, "estimator"):
        check_is_fitted(model)
    calibrated = getattr(model, "calibrated_classifiers_", ())
    if len(calibrated) == 1:
        return calibrated[0].estimator
    # An ensemble's is a template, and a selection's sees other columns.
    is_whole = not (hasattr(model, "estimators_") or hasattr(model, "transform"))
    if is_whole and hasattr(model, "estimator_"):
        return model.estimator_
    raise TypeError(_what_is_needed(model, len(calibrated)))


def _what_is_needed(model, n_calibrated):
    """What to pass in place of a model that is no net and has not just one."""
    name = model if isinstance(model, str) else type(model).__name__
    remedy = "pass the fitted net itself, with the rows as they reach it"
    if n_calibrated:
        remedy = (
            f"it has {n_calibrated} models, one a fold: pass the estimator of one of "
            "its calibrated_classifiers_, or calibrate with ensemble=False"
        )
    return (
        "a fitted ShallowNetClassifier is needed, or a Pipeline or a search that ends "
        f"in one, got {name}: {remedy}."
    )


def _label_indices(network, y, n_samples):
    y = column_or_1d(y)
    if y.shape != (n_samples,):
        raise ValueError(f"y must have shape ({n_samples},) like X, got {y.shape}.")
    labels, is_known = class_indices(y, network.classes_)
    if not is_known.all():
        unknown = listed(np.unique(y[~is_known]))
        raise ValueError(f"y has labels that fit did not see: {unknown}.")
    return labels


def _predicted(logits):
    return logits > 0 if logits.ndim == 1 else logits.argmax(axis=1)


def _of_settings(network):
    """Figures that need no measuring."""
    (d, h), n_classes = network.coefs_[0].shape, len(network.classes_)
    return {
        "n_features": d,
        "n_hidden": h,
        "n_classes": n_classes,
        "init": start_in_words(network.init, network.init_scale),
        "n_iter": network.n_iter_,
        "status": network.status_,
        "loss_curve": np.array(network.loss_curve_),
        "activation": network._activation,  # set_params may have changed the other
        "solver": network.solver,
        "is_auto_start": isinstance(network.init_scale, str),
        "is_auto_rate": isinstance(network.learning_rate_init, str),
        "class_weight": network.class_weight,
        **network._used,
    }


def _of_network(network, X):
    """Figures of the weights, and of the hidden layer on some rows."""
    g, (start, end) = network._activation, _ends(network)
    S = unit_similarity(*end, g)
    squares = X.multiply(X) if issparse(X) else np.square(X, dtype=np.float64)
    hidden, output = distance_travelled(start[0], end[0])
    return {
        "n_distinct_start": int(n_distinct_units(*start, g)),
        "n_distinct": int(n_distinct_units(*end, g)),
        "similarity": float(S[~np.eye(len(S), dtype=bool)].mean()) if len(S) > 1 else 1,
        "rank": float(effective_rank(*end, g, X)),
        "saturation_start": saturation(*start, g, X).mean(),
        "saturation": saturation(*end, g, X).mean(),
        "dead_start": dead_units(*start, g, X).mean(),
        "dead": dead_units(*end, g, X).mean(),
        "linear_share": linear_shares(pre_activations(*end, X), network.n_outputs_),
        "is_sparse": issparse(X),
        "input_start": _root_mean_square(pre_activations(*start, X)),
        "distance_hidden": float(hidden),
        "distance_output": float(output),
        "feature_scale": float(np.sqrt(np.max(squares.mean(axis=0)))),
    }


def _root_mean_square(Z):
    norm, exponent = matrix_norm(Z.astype(np.float64))
    return np.ldexp(norm / np.sqrt(Z.size), exponent)


def _ends(network):
    """The start and the end: (coefs, intercepts) each."""
    start = network.init_coefs_, network.init_intercepts_
    return start, (network.coefs_, network.intercepts_)


def _of_path(network, X, labels):
    """Figures of the start on some labelled rows."""
    start, _ = _ends(network)
    norms = gradient_norms(*start, network._activation, X, labels)
    return dict(zip(("gradient_hidden", "gradient_output"), norms, strict=True))


def _of_labels(network, logits, labels):
    """Figures of the predictions."""
    n_classes, predicted = len(network.classes_), _predicted(logits)
    count = np.bincount(labels, minlength=n_classes)
    # Of fewer than ten, a good network may well miss all.
    missed = (count >= 10) & ~np.isin(np.arange(n_classes), predicted)
    Z = logits[None, None] if logits.ndim == 1 else logits.T[None]
    loss = loss_for(n_classes)
    with np.errstate(over="ignore", invalid="ignore"):
        log_p = loss.log_probabilities(Z.astype(np.float64))[0]
    weight = _class_factors(network, count)[labels]
    onehot = np.eye(n_classes)[labels]
    return {
        "accuracy": np.mean(predicted == labels),
        "loss": -np.mean(log_p[labels, np.arange(len(labels))]),
        "chance_accuracy": count.max() / len(labels),
        "chance_loss": constant_predictor_loss(labels, weight),
        "evidence": rank_evidence(log_p.T, onehot),
        "missed": ", ".join(map(str, network.classes_[missed])),
        "missed_share": count[missed].sum() / len(labels),
    }


def _class_factors(network, count):
    """Factors of ``class_weight``, (n_classes,)."""
    if network.class_weight is None:
        return np.ones(len(count))
    if isinstance(network.class_weight, str):  # "balanced"
        return count.sum() / np.maximum(count, 1)
    factors = np.ones(len(count))
    for label, factor in network.class_weight.items():
        k, is_known = class_indices(np.array([label]), network.classes_)
        factors[k[is_known]] = factor
    return factors


def _of_references(X, labels, n_classes):
    """Figures of plain models on some of the rows, fewer if they are wide."""
    n, most = len(labels), max(50, MOST_ENTRIES // X.shape[1])
    most = min(n, most, MOST_ROWS)

    def found_in(rows):
        some_X = X[rows].toarray() if issparse(X) else X[rows]
        return reference(some_X.astype(np.float64), labels[rows], n_classes)

    found = again = found_in(_spread(np.arange(n), most))
    if found.rank_evidence < NO_EVIDENCE and most < n:
        again = found_in(_in_equal_parts(labels, most))
    return {
        "reference_accuracy": found.accuracy,
        "reference_loss": found.loss,
        "reference_evidence": again.rank_evidence,
        "reference_error": again.rank_error,
    }


def _spread(rows, most):
    """So many of the rows at most, evenly spaced."""
    places = np.linspace(0, len(rows) - 1, min(len(rows), most))
    return rows[places.astype(int)]


def _in_equal_parts(labels, most):
    """As many rows of each class, or all of a rare one: what is known of it decides."""
    room, chosen = most, []
    count = np.bincount(labels)
    for n_left, k in zip(range(len(count), 0, -1), np.argsort(count), strict=True):
        chosen.append(_spread(np.flatnonzero(labels == k), room // n_left))
        room -= len(chosen[-1])
    return np.sort(np.concatenate(chosen))
