"""Diagnosis of a fitted network: `diagnose`, and the measures that it uses.

The measures are functions of arrays in the layout of ``coefs_`` and ``intercepts_``;
leading axes stand for several networks. Nothing in this module trains a net, and
training uses nothing of this module.
"""

from dataclasses import dataclass
from html import escape
from textwrap import fill

import numpy as np
from sklearn.utils import check_array

import skshallow._advice.take_measurements as measuring
from skshallow._advice.measurements import Measurements
from skshallow._advice.weight_measures import (
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
from skshallow._fit.labels import UNKNOWN, encoded, labels_of_rows, listed
from skshallow._fit.pipelines import steps_and_net
from skshallow._fit.samples import float_types
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

HEALTHY = "No problem was found."

# What a diagnosis shows, a line each: a label, and a format of the measurements.
SHOWN = """\
hidden units that differ: {m.n_distinct} of {m.n_hidden}
mean similarity of two units: {m.similarity:.2f}
effective rank of the hidden layer: {m.rank:.1f}
share on flat parts, start → end: {m.saturation_start:.0%} → {m.saturation:.0%}
constant units, start → end: {m.dead_start:.0%} → {m.dead:.0%}
distance travelled, hidden and output: {m.distance_hidden:.3g}, {m.distance_output:.3g}
gradient at the start, hidden and output: {m.gradient_hidden:.2g}, \
{m.gradient_output:.2g}
iterations, and how they ended: {m.n_iter}, {m.status}
loss over that of guessing, first → last: {m.first_loss:.4g} → {m.final_loss:.4g}
accuracy on the rows given: {m.accuracy:.3f}
accuracy of always guessing one class: {m.chance_accuracy:.3f}
accuracy on unseen rows, of plain models: {m.baseline_accuracy:.3f}
"""


@dataclass(frozen=True)
class Diagnosis:
    """The result of `diagnose`. ``print`` it, or show it in a notebook.

    Parameters
    ----------
    measurements : Measurements
        The measurements. ``print`` them for one line each.
    findings : list of Finding
        The problems, causes before their effects. A finding has a ``name`` and a
        ``sentence`` with the cause and what to do. Empty for a healthy network.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.diagnostics import diagnose
    >>> X, y = make_flower(random_state=1)
    >>> net = ShallowNetClassifier(random_state=0).fit(X, y)
    >>> print(str(diagnose(net, X, y)).splitlines()[0])
    No problem was found.
    """

    measurements: Measurements
    findings: list

    @property
    def figures(self):
        """A former name of ``measurements``."""
        return self.measurements

    def __str__(self):
        sentences = [finding.sentence for finding in self.findings]
        # The name of a parameter, as in "alpha=1", stays as it is.
        begun = [t if "=" in t.split()[0] else t[0].upper() + t[1:] for t in sentences]
        texts = [f"{i}. {text}" for i, text in enumerate(begun, 1)] or [HEALTHY]
        shown = SHOWN.format(m=self.measurements).replace("inf", "∞")
        rows = [line.split(": ", 1) for line in shown.splitlines() if "nan" not in line]
        width = max(len(label) for label, _ in rows)
        table = [f"{label:<{width}}  {value}" for label, value in rows]
        blocks = [fill(text, 80, subsequent_indent="   ") for text in texts]
        return "\n".join([*blocks, "", *table])

    def __repr__(self):
        names = [finding.name for finding in self.findings]
        return f"<Diagnosis: {', '.join(names) or 'no problem'}>"

    def _repr_html_(self):
        return f"<pre>{escape(str(self))}</pre>"


def diagnose(estimator, X, y=None):
    """Find the problems of a fitted network, and say what to do.

    Parameters
    ----------
    estimator : fitted ShallowNetClassifier, or a model that ends in one
        `network_and_rows` lists the models in which a net is found.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        The rows, best those that `fit` was given, because the diagnosis is about
        training. For a pipeline, the rows as the pipeline takes them. The diagnosis
        shows the accuracy on these rows; use cross-validation for the accuracy on
        unseen rows.
    y : array-like of shape (n_samples,), default=None
        Labels, as `fit` takes them. Without labels, problems of accuracy cannot be
        found.

    Returns
    -------
    diagnosis : Diagnosis
        Its ``measurements`` are `Measurements`; its ``findings`` are the problems.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted, or is a search with ``refit=False``.
    TypeError
        If the estimator is not, and does not end in, a ``ShallowNetClassifier``.
    ValueError
        If ``y`` has unknown labels or another length than ``X``, or if ``X`` has a
        single row.

    Notes
    -----
    Saturation, dead units, rank and plain models are measured on at most 1000 rows,
    evenly spread. If the plain models are no better than guessing on these rows, they
    are measured again on as many rows with equal numbers of each class. Of the
    sample weights that `fit` was given, the diagnosis knows only how much of the weight
    one class has.

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
    logits = net.decision_function(X)  # checks that the net is fitted and X is valid
    X = check_array(X, accept_sparse="csr", dtype=float_types(X))
    n_samples = X.shape[0]
    if n_samples < 2:
        raise ValueError("X must have two rows or more: every unit is constant on one.")
    labels = None if y is None else _label_indices(net, y, n_samples)
    measurements = measuring.for_diagnosis(net, X, logits, labels)
    return Diagnosis(measurements, find(measurements))


def network_and_rows(estimator, X=None):
    """The network that an estimator ends in, and the rows that the network is given.

    In a pipeline the network is the last step; in a search, the ``best_estimator_``; in
    a ``CalibratedClassifierCV``, the calibrated estimator, if there is only one; in a
    classifier with a threshold, the estimator whose scores are compared with the
    threshold. These models may be nested.

    Parameters
    ----------
    estimator : ShallowNetClassifier, or a model that ends in one
    X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
        The rows, as the estimator takes them.

    Returns
    -------
    network : ShallowNetClassifier
    X : {array-like, sparse matrix} or None
        The rows, transformed by the steps before the network as in a prediction.
        Samplers (steps with ``fit_resample``) are skipped, as in a prediction.

    Raises
    ------
    NotFittedError
        If a search or another model around the network is not fitted.
    TypeError
        If the estimator does not end in a ``ShallowNetClassifier``, or holds several,
        or none, such as a search with ``refit=False``.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.diagnostics import network_and_rows
    >>> network_and_rows(make_pipeline(ShallowNetClassifier(3)))
    (ShallowNetClassifier(n_hidden=3), None)
    """
    steps, network = steps_and_net(estimator)
    if X is not None:
        for step in steps:
            X = step.transform(X)
    return network, X


def _label_indices(network, y, n_samples):
    y = labels_of_rows(y, n_samples)
    labels = encoded(y, network.classes_)
    if (labels == UNKNOWN).any():
        unknown = listed(np.unique(y[labels == UNKNOWN]))
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        raise ValueError(f"y has labels that fit did not see: {unknown[:10]}{more}.")
    return labels
