"""Measures of weights and activations, and what they say of a fitted network.

The measures are pure functions of arrays in the layout of ``coefs_`` and
``intercepts_``: with d features, h hidden units and c outputs, ``coefs`` is a pair of
shapes (..., d, h) and (..., h, c) and ``intercepts`` one of (..., h) and (..., c).
Leading axes are networks, so that one call measures a whole sweep. `diagnose` measures
a fitted estimator, and ``findings`` knows what the figures mean. Nothing here trains,
and nothing is needed to train.
"""

from dataclasses import dataclass
from html import escape
from textwrap import fill

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted, column_or_1d

from skshallow.activations import ACTIVATIONS
from skshallow.batches import Batches
from skshallow.findings import NO_EVIDENCE, Figures, find
from skshallow.initializers import start_in_words
from skshallow.losses import constant_predictor_loss, loss_for
from skshallow.network import Architecture, Objective
from skshallow.references import rank_evidence, reference
from skshallow.samples import class_indices, listed

# Activations g with g(-z) = -g(z): a unit and the one with all signs flipped compute
# the same, and get the same gradients but for the sign.
ODD = frozenset({"tanh", "identity"})
# `diagnose` looks at activations, slopes and neighbours on so many rows, evenly spaced.
# A share is then known to within 0.016 (one standard error).
MOST_ROWS = 1000
# Wide rows are compared with each other in fewer numbers: 80 MB.
MOST_ENTRIES = 10**7
# Slope, relative to the steepest, below which an activation is flat: `saturation`.
FLAT = 0.01
TINY = 1e-30
HEALTHY = "Nothing alarming was found."


# ---------------------------------------------------------------------------
# Measures of units


def _named(activation):
    """The row of `ACTIVATIONS` with that name."""
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(
            f"activation must be one of {[*ACTIVATIONS]}, got {activation!r}."
        )
    return ACTIVATIONS[activation]


def unit_vectors(coefs, intercepts):
    """All weights of every hidden unit: ``u = (w, b, v)``, in, bias and out.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)

    Returns
    -------
    U : ndarray of shape (..., h, d + 1 + c)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import unit_vectors
    >>> coefs = np.array([[1.0, 2.0]]), np.array([[5.0], [6.0]])
    >>> unit_vectors(coefs, (np.array([3.0, 4.0]), np.zeros(1)))
    array([[1., 3., 5.],
           [2., 4., 6.]])
    """
    W1, W2 = map(np.asarray, coefs)
    b1 = np.asarray(intercepts[0])[..., None]
    return np.concatenate([np.swapaxes(W1, -1, -2), b1, W2], axis=-1)


def n_distinct_units(coefs, intercepts, activation, *, tolerance=0.0):
    """Number of hidden units that differ from each other.

    Two units are alike if ``|u_i - u_j| <= tolerance * max_k |u_k|``, with ``u`` from
    `unit_vectors` and Euclidean norms; units linked by a chain of such pairs count
    once. For an odd activation (tanh, identity) ``u`` and ``-u`` are the same unit.
    Units that are alike get the same gradients, and so stay alike for ever.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    tolerance : float, default=0.0
        0 asks for identity to the last bit, the only thing that training cannot undo.
        Small starts end with *nearly* parallel units (condensation: Luo, Xu, Ma and
        Zhang, JMLR 22, 2021), which a tolerance would count as one.

    Returns
    -------
    n : ndarray of int of shape (...)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import n_distinct_units
    >>> zeros = (np.zeros((2, 16)), np.zeros((16, 1))), (np.zeros(16), np.zeros(1))
    >>> int(n_distinct_units(*zeros, "tanh"))
    1
    """
    _named(activation)
    U = unit_vectors(coefs, intercepts)
    if activation in ODD:
        U = _positive_first(U)
    lanes = U.reshape(-1, *U.shape[-2:])
    count = _count_different if tolerance == 0 else _count_apart
    counts = [count(lane, tolerance) for lane in lanes]
    return np.array(counts, dtype=int).reshape(U.shape[:-2])


def _positive_first(U):
    """Each vector, or its negative, such that the first entry not 0 is positive."""
    first = np.argmax(U != 0, axis=-1)[..., None]
    sign = np.where(np.take_along_axis(U, first, axis=-1) < 0, -1, 1)
    return U * sign


def _count_different(U, _):
    if len(np.unique(U[:, 0])) == len(U):  # nearly always, and much faster
        return len(U)
    return len(np.unique(U, axis=0))


def _count_apart(U, tolerance):
    U = U.astype(np.float64)
    U = np.ldexp(U, -np.frexp(np.abs(U).max())[1])  # or tiny squares would underflow
    radius = tolerance * np.linalg.norm(U, axis=1).max()
    alike = np.array([np.linalg.norm(U - u, axis=1) <= radius for u in U])
    while True:  # until no chain of alike units gets any longer
        linked = alike.astype(np.float32) @ alike > 0
        if (linked == alike).all():
            return len(np.unique(alike, axis=0))
        alike = linked


def unit_similarity(coefs, intercepts, activation):
    """Pairwise similarity of the hidden units: the cosine between their weights.

    ``s_ij = u_i . u_j / (|u_i| |u_j|)``, with ``u`` from `unit_vectors`: input weights,
    bias and output weights together (Tucker's coefficient of congruence, 1951; of input
    weights alone it is the measure of condensation in Zhou et al., NeurIPS 2022). Two
    zero units have similarity 1, a zero unit and another one 0. For an odd activation
    (tanh, identity) it is the absolute value, since ``u`` and ``-u`` are the same unit.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.

    Returns
    -------
    S : ndarray of float64 of shape (..., h, h)
        Symmetric, entries in [-1, 1], ones on the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import unit_similarity
    >>> coefs = np.array([[1.0, 0.0], [0.0, 2.0]]), np.zeros((2, 1))
    >>> unit_similarity(coefs, (np.zeros(2), np.zeros(1)), "relu")
    array([[1., 0.],
           [0., 1.]])
    """
    _named(activation)
    U = unit_vectors(coefs, intercepts).astype(np.float64)
    largest = np.abs(U).max(axis=-1, keepdims=True)
    U /= np.where(largest > 0, largest, 1)  # or the squares of large weights overflow
    norm = np.linalg.norm(U, axis=-1, keepdims=True)
    # One more coordinate, 1 for zero units only, makes these similar to each other.
    U = np.concatenate([U / np.where(norm > 0, norm, 1), norm == 0], axis=-1)
    S = np.clip(U @ np.swapaxes(U, -1, -2), -1, 1)
    S = np.abs(S) if activation in ODD else S
    return np.where(np.eye(S.shape[-1], dtype=bool), 1.0, S)


# ---------------------------------------------------------------------------
# Measures of the hidden layer on samples


def pre_activations(coefs, intercepts, X):
    """Inputs of the hidden units: ``X W1 + b1``.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    X : {ndarray, sparse matrix} of shape (n, d)

    Returns
    -------
    Z : ndarray of shape (..., n, h)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import pre_activations
    >>> coefs = np.array([[2.0, 3.0]]), np.zeros((2, 1))
    >>> pre_activations(coefs, (np.array([0.5, 0.0]), np.zeros(1)), np.ones((1, 1)))
    array([[2.5, 3. ]])
    """
    W1, b1 = np.asarray(coefs[0]), np.asarray(intercepts[0])
    d, h = W1.shape[-2:]
    with np.errstate(over="ignore", invalid="ignore"):
        Z = np.array([X @ W for W in W1.reshape(-1, d, h)])  # sparse rows know no lanes
        return Z.reshape(*W1.shape[:-2], -1, h) + b1[..., None, :]


def hidden_activations(coefs, intercepts, activation, X):
    """Outputs of the hidden units: ``activation(X W1 + b1)``.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, sparse matrix} of shape (n, d)

    Returns
    -------
    A : ndarray of shape (..., n, h)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import hidden_activations
    >>> coefs = np.array([[2.0, -3.0]]), np.zeros((2, 1))
    >>> hidden_activations(coefs, (np.zeros(2), np.zeros(1)), "relu", np.ones((1, 1)))
    array([[2., 0.]])
    """
    A = pre_activations(coefs, intercepts, X)
    _named(activation).apply(A)
    return A


def relative_slope(activation, Z):
    """Slope of an activation at pre-activations, over the largest slope it can have.

    Parameters
    ----------
    activation : str
        A key of ``activations.ACTIVATIONS``.
    Z : ndarray of float32 or float64

    Returns
    -------
    slope : ndarray of the shape of Z
        In [0, 1]. 1 - tanh(z)^2; 4 g (1 - g) for logistic; 0 or 1 for relu; 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import relative_slope
    >>> relative_slope("logistic", np.array([0.0, 40.0]))
    array([1., 0.])
    """
    peak = _slope(activation, np.array([0.0, 1.0])).max()  # relu's slope at 0 is 0
    return _slope(activation, Z) / peak.astype(np.asarray(Z).dtype)


def _slope(activation, Z):
    A = np.array(Z)
    _named(activation).apply(A)
    _named(activation).slope(A, out := np.empty_like(A))
    return out


def saturation(coefs, intercepts, activation, X, *, threshold=FLAT):
    """Share of samples on the flat part of each hidden unit.

    A unit is flat for a sample if its slope there is less than ``threshold`` times the
    largest slope of the activation: for tanh at 0.01 where ``|z| > 2.99``. There its
    weights hardly receive a gradient (Glorot and Bengio, AISTATS 2010, section 3). A
    healthy relu unit is flat for about half of the samples.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, sparse matrix} of shape (n, d)
    threshold : float, default=0.01
        Convention: the weight of a sample that is flat by 0.01 learns a hundred times
        more slowly than it could. Between 0.1 and 0.001 tanh's edge moves only from
        1.82 to 4.15.

    Returns
    -------
    share : ndarray of float64 of shape (..., h)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import saturation
    >>> coefs = np.array([[0.01, 1000.0]]), np.zeros((2, 1))
    >>> X = np.array([[-1.0], [0.0], [1.0], [2.0]])
    >>> saturation(coefs, (np.zeros(2), np.zeros(1)), "tanh", X)
    array([0.  , 0.75])
    """
    Z = pre_activations(coefs, intercepts, X)
    return np.mean(relative_slope(activation, Z) < threshold, axis=-2)


def dead_units(coefs, intercepts, activation, X, *, tolerance=0.0):
    """Which hidden units are constant on the samples: they tell none from another.

    A unit is dead if ``max A - min A <= tolerance`` over the rows of ``X``. A relu unit
    that is never active is one such; so is a tanh unit that is 1 to the last bit
    everywhere, and every unit without input weights.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, sparse matrix} of shape (n, d)
        More than one row: on a single one every unit is constant.
    tolerance : float, default=0.0
        In units of the activation. 0 asks for constants to the last bit: a unit of a
        small start varies as little as the start is small, and yet learns.

    Returns
    -------
    dead : ndarray of bool of shape (..., h)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import dead_units
    >>> coefs = np.array([[1.0, 1.0]]), np.zeros((2, 1))
    >>> X = np.array([[-1.0], [2.0]])
    >>> dead_units(coefs, (np.array([0.0, -5.0]), np.zeros(1)), "relu", X)
    array([False,  True])
    """
    A = hidden_activations(coefs, intercepts, activation, X)
    return np.ptp(A, axis=-2) <= tolerance


def effective_rank(coefs, intercepts, activation, X):
    """Effective rank of the hidden layer: in how many directions it varies.

    ``exp(-sum_k p_k log p_k)`` with ``p_k = s_k / sum_j s_j``, where ``s`` are the
    singular values of the hidden activations (n, h) less their means over the samples
    (Roy and Vetterli, EUSIPCO 2007). Activations, because weights know nothing of flat
    and dead units; less their means, because a constant is worth no more than the
    output's bias.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, sparse matrix} of shape (n, d)

    Returns
    -------
    rank : ndarray of float64 of shape (...)
        From 1, as for identical units, to ``min(n - 1, h)``; 0 if all units are
        constant. Singular values below rounding (those that ``matrix_rank`` drops) are
        taken for zero.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import effective_rank
    >>> coefs = np.eye(3), np.zeros((3, 1))
    >>> X = np.vstack([np.eye(3), -np.eye(3)])
    >>> float(effective_rank(coefs, (np.zeros(3), np.zeros(1)), "identity", X).round(3))
    3.0
    """
    A = hidden_activations(coefs, intercepts, activation, X)
    rounding = max(A.shape[-2:]) * np.finfo(A.dtype).eps
    A = A.astype(np.float64)
    largest = np.abs(A).max(axis=(-2, -1), keepdims=True)
    A /= np.where(largest > 0, largest, 1)
    s = np.linalg.svd(A - A.mean(axis=-2, keepdims=True), compute_uv=False)
    s[s < rounding * np.sqrt(A.shape[-2])] = 0
    total = s.sum(axis=-1, keepdims=True)
    p = s / np.where(total > 0, total, 1)
    entropy = -np.sum(p * np.log(np.where(p > 0, p, 1)), axis=-1)
    return np.where(total[..., 0] > 0, np.exp(entropy), 0.0)


def linear_shares(A, n_outputs):
    """Share of the variance of hidden layers in as many directions as outputs take.

    A linear model of c classes has c - 1 directions in which it tells rows apart.

    Parameters
    ----------
    A : ndarray of shape (..., n, h)
        Inputs of the hidden units: of more directions than a linear model has if it
        bends in more than these.
    n_outputs : int
        1 for two classes, else the number of classes.

    Returns
    -------
    shares : ndarray of float64 of shape (...)
        0 where nothing varies: a constant layer is no linear model.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import linear_shares
    >>> A = np.array([[-2.0, -4.0], [2.0, 4.0]])
    >>> float(linear_shares(A, 1))
    1.0
    """
    A = A - A.mean(axis=-2, keepdims=True)
    A = A / np.maximum(np.abs(A).max(axis=(-2, -1), keepdims=True), TINY)
    if A.shape[-1] > A.shape[-2]:
        A = np.swapaxes(A, -1, -2)
    gram = np.swapaxes(A, -1, -2) @ A  # the smaller of the two
    gram = np.where(np.isfinite(gram), gram, 0).astype(np.float64)
    variances = np.linalg.eigvalsh(gram)  # ascending
    total = variances.sum(axis=-1)
    first = variances[..., -max(1, n_outputs - 1) :].sum(axis=-1)
    return np.where(total > 0, first / np.where(total > 0, total, 1), 0.0)


def n_predicted_classes(coefs, intercepts, activation, X):
    """Number of different classes predicted: 1 means constant predictions.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, sparse matrix} of shape (n, d)

    Returns
    -------
    n : ndarray of int of shape (...)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import n_predicted_classes
    >>> coefs = np.ones((1, 2)), np.ones((2, 1))
    >>> X = np.array([[-1.0], [1.0]])
    >>> int(n_predicted_classes(coefs, (np.zeros(2), np.zeros(1)), "tanh", X))
    2
    """
    A = hidden_activations(coefs, intercepts, activation, X)
    W2, b2 = np.asarray(coefs[1]), np.asarray(intercepts[1])
    Z = np.swapaxes(A @ W2 + b2[..., None, :], -1, -2)  # (..., c, n)
    lanes = Z.reshape(-1, *Z.shape[-2:])
    labels = loss_for(max(2, lanes.shape[1])).classify(lanes)
    counts = [len(np.unique(lane)) for lane in labels]
    return np.array(counts, dtype=int).reshape(Z.shape[:-2])


# ---------------------------------------------------------------------------
# Measures of the path from start to end


def distance_travelled(start, end):
    """How far each layer's weights moved, relative to where they started.

    ``|W(end) - W(start)| / |W(start)|`` in the Frobenius norm, layer by layer, biases
    left out (Luo, Xu, Ma and Zhang, JMLR 22, 2021, section 3). Much less than 1 is the
    lazy regime, in which the units stay what the draw made them.

    Parameters
    ----------
    start, end : pairs of arrays of shapes (..., d, h) and (..., h, c)
        Weights: ``init_coefs_`` and ``coefs_``.

    Returns
    -------
    distance : ndarray of float64 of shape (..., 2)
        Of the hidden and of the output layer. Infinite where a layer that started at
        zero moved, 0 where it did not.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import distance_travelled
    >>> start = np.ones((2, 3)), np.zeros((3, 1))
    >>> distance_travelled(start, (np.full((2, 3), 1.5), np.ones((3, 1))))
    array([0.5, inf])
    """
    layers = [_relative_change(*pair) for pair in zip(start, end, strict=True)]
    return np.stack(layers, axis=-1)


def _relative_change(start, end):
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    (moved, exponent), (begin, other) = _norm(end - start), _norm(start)
    with np.errstate(over="ignore"):  # from next to nothing
        ratio = np.ldexp(moved / np.where(begin > 0, begin, 1), exponent - other)
    return np.where((begin == 0) & (moved > 0), np.inf, ratio)


def _norm(W):
    """Frobenius norm, as a number of ordinary size and the power of two it takes.

    The squares of weights underflow and overflow long before the weights do.
    """
    _, exponent = np.frexp(np.abs(W).max(axis=(-2, -1), keepdims=True))
    norm = np.linalg.norm(np.ldexp(W, -exponent), axis=(-2, -1))
    return norm, exponent[..., 0, 0]


def gradient_norms(coefs, intercepts, activation, X, labels):
    """Norm of the gradient of the mean cross-entropy, layer by layer.

    ``|dL / d[W1 b1]|`` and ``|dL / d[W2 b2]|``, Frobenius, without penalty. At the
    start they tell a network that cannot move from one that has merely not arrived
    (Glorot and Bengio, AISTATS 2010, section 4.2).

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, CSR} of shape (n, d)
    labels : ndarray of int of shape (n,)
        Class indices: 0 and 1 if c is 1, else 0 to c - 1.

    Returns
    -------
    norms : ndarray of float64 of shape (..., 2)
        Of the hidden and of the output layer.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import gradient_norms
    >>> zeros = (np.zeros((1, 2)), np.zeros((2, 1))), (np.zeros(2), np.zeros(1))
    >>> gradient_norms(*zeros, "tanh", np.ones((4, 1)), np.array([0, 1, 1, 1]))
    array([0.  , 0.25])
    """
    W1, W2 = map(np.asarray, coefs)
    (*lanes, d, h), c = W1.shape, W2.shape[-1]
    loss, dtype = loss_for(max(2, c)), W1.dtype
    architecture = Architecture(d, h, _named(activation), loss, dtype)
    U = unit_vectors(coefs, intercepts).reshape(-1, h, d + 1 + c)
    out = np.swapaxes(U[..., d + 1 :], -1, -2)
    b2 = np.asarray(intercepts[1]).reshape(-1, c, 1)
    layers = [U[..., : d + 1], np.concatenate([out, b2], axis=-1)]
    P = np.concatenate([layer.reshape(len(U), -1) for layer in layers], axis=1)
    objective = Objective(architecture, P, penalty=np.zeros(len(P)))
    batches = Batches(
        X,
        loss.encode(labels, dtype),
        None,
        batch_size=len(labels),
        block_size=architecture.block_size,
        shuffle=False,
        dtype=dtype,
    )
    for batch in batches.one_pass([]):
        objective.gradient(batch)
    gradients = architecture.layers(objective.G.astype(np.float64))
    norms = [np.ldexp(*_norm(layer)) for layer in gradients]
    return np.stack(norms, axis=-1).reshape(*lanes, 2)


# ---------------------------------------------------------------------------
# The verdict


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
    norm, exponent = _norm(Z.astype(np.float64))
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
