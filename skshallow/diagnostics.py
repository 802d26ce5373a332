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

from skshallow._advice.measurements import Measurements
from skshallow._advice.measures import (
    dead_units,
    distance_travelled,
    effective_rank,
    gradient_norms,
    hidden_activations,
    linear_shares,
    n_distinct_units,
    n_predicted_classes,
    pre_activations,
    relative_slope,
    saturation,
    unit_similarity,
    unit_vectors,
)
from skshallow._advice.measuring import measure
from skshallow._fit.fitted_net import FittedNet
from skshallow._fit.labels import class_indices, listed
from skshallow.findings import find

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

HEALTHY = "Nothing alarming was found."

# Labels of the measurements that a diagnosis shows, and how to write them.
SHOWN = (
    ("hidden units that differ", "{m.n_distinct} of {m.n_hidden}"),
    ("mean similarity of two units", "{m.similarity:.2f}"),
    ("effective rank of the hidden layer", "{m.rank:.1f}"),
    ("on flat parts, start → end", "{m.saturation_start:.0%} → {m.saturation:.0%}"),
    ("dead units, start → end", "{m.dead_start:.0%} → {m.dead:.0%}"),
    (
        "distance travelled, hidden and output",
        "{m.distance_hidden:.3g}, {m.distance_output:.3g}",
    ),
    (
        "gradient at the start, hidden and output",
        "{m.gradient_hidden:.2g}, {m.gradient_output:.2g}",
    ),
    ("iterations, and how they ended", "{m.n_iter}, {m.status}"),
    (
        "loss over that of guessing, first → last",
        "{m.first_loss:.4g} → {m.final_loss:.4g}",
    ),
    ("accuracy on the rows given", "{m.accuracy:.3f}"),
    ("the same, of always one class", "{m.chance_accuracy:.3f}"),
    ("accuracy on unseen rows, of plain models", "{m.reference_accuracy:.3f}"),
)


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found. ``print`` it, or show it in a notebook.

    Parameters
    ----------
    figures : Measurements
        ``print`` them for a line each.
    findings : list of Finding
        Causes before what they cause: a finding has a ``name`` and a ``sentence`` with
        cause and remedy. Empty for a healthy network.

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

    figures: Measurements
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
        rows = [(label, value.format(m=self.figures)) for label, value in SHOWN]
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
        a pipeline, as the pipeline takes it. The accuracy that is shown is that on
        these rows; for rows that training has not seen, use cross-validation.
    y : array-like of shape (n_samples,), default=None
        Labels, however `fit` takes them. Without them, what has to do with accuracy
        cannot be found.

    Returns
    -------
    diagnosis : Diagnosis
        With ``figures``, which are `Measurements`, and ``findings``.

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
    Saturation, dead units, rank and plain models are measured on at most 1000 rows,
    evenly spaced; where the plain models find nothing there, they are given 1000 others
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
    labels = None if y is None else _label_indices(net, y, n_samples)
    figures = measure(net, X, logits, labels)
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
    while not isinstance(network, FittedNet):
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
        "a fitted ShallowNetClassifier or ShallowNetClassifierCV is needed, or a "
        f"Pipeline or a search that ends in one, got {name}: {remedy}."
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
