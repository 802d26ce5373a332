"""Measures of the weights and activations of networks.

They are pure functions of arrays in the layout of ``coefs_`` and ``intercepts_``. With
d features, h hidden units and c outputs, ``coefs`` is a pair of arrays of shapes (...,
d, h) and (..., h, c), and ``intercepts`` a pair of shapes (..., h) and (..., c).
Leading axes stand for networks, so that one call measures a whole sweep. Users find the
measures in ``skshallow.diagnostics``.
"""

from functools import cache

import numpy as np
from scipy.sparse.csgraph import connected_components

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.batches import Batches
from skshallow._core.losses import loss_for
from skshallow._core.network import Architecture
from skshallow._core.objective import Objective
from skshallow._core.workspace import block_size
from skshallow._fit.logits import predicted_logits

# An activation is flat where its slope is below this share of the largest slope.
FLAT = 0.01
TINY = 1e-30


# ---------------------------------------------------------------------------
# Measures of units


def _activation_named(activation):
    """The row of `ACTIVATIONS` with this name."""
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(
            f"activation must be one of {[*ACTIVATIONS]}, got {activation!r}."
        )
    return ACTIVATIONS[activation]


def unit_vectors(coefs, intercepts):
    """All weights of every hidden unit: ``u = (w, b, v)``, input, bias and output.

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

    Two units count as equal if ``|u_i - u_j| <= tolerance * max_k |u_k|``, with ``u``
    from `unit_vectors` and Euclidean norms. Units that are linked by a chain of such
    pairs count once. For an odd activation (tanh, identity) ``u`` and ``-u`` are the
    same unit. Identical units get the same gradients, and so stay identical for ever.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    tolerance : float, default=0.0
        With 0 only units that are identical to the last bit count as equal, which
        training cannot change. Nets from small starts end with *nearly* parallel units
        (condensation: Luo, Xu, Ma and Zhang, JMLR 22, 2021), which a tolerance would
        count as one.

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
    is_odd = _activation_named(activation).is_odd
    W1 = np.asarray(coefs[0])
    if tolerance == 0 and not may_have_twins(W1).any():  # the usual case
        return np.full(W1.shape[:-2], W1.shape[-1])
    U = unit_vectors(coefs, intercepts)
    if is_odd:
        U = _positive_first(U)
    lanes = U.reshape(-1, *U.shape[-2:])
    counts = [_count_apart(lane, tolerance) for lane in lanes]
    return np.array(counts, dtype=int).reshape(U.shape[:-2])


def _positive_first(U):
    """Each vector or its negative, so that its first nonzero entry is positive."""
    first = np.argmax(U != 0, axis=-1)[..., None]
    sign = np.where(np.take_along_axis(U, first, axis=-1) < 0, -1, 1)
    return U * sign


def may_have_twins(W1):
    """Whether any two units have the same first weight, apart from the sign.

    Other units are different. This test is much faster than comparing the units.

    Parameters
    ----------
    W1 : ndarray of shape (..., d, h)
    """
    first = np.sort(np.abs(W1[..., 0, :]), axis=-1)
    return (first[..., 1:] == first[..., :-1]).any(axis=-1)


def _count_apart(U, tolerance):
    if tolerance == 0:
        return len(np.unique(U, axis=0))
    U = U.astype(np.float64)
    radius = tolerance * np.linalg.norm(U, axis=1).max()
    alike = np.array([np.linalg.norm(U - u, axis=1) <= radius for u in U])
    return connected_components(alike, directed=False)[0]


def unit_similarity(coefs, intercepts, activation):
    """Pairwise similarity of the hidden units: the cosine between their weights.

    ``s_ij = u_i . u_j / (|u_i| |u_j|)``, with ``u`` from `unit_vectors`: input weights,
    bias and output weights together (Tucker's coefficient of congruence, 1951; for
    input weights alone it is the measure of condensation in Zhou et al., NeurIPS 2022).
    Two zero units have similarity 1; a zero unit and another unit have similarity 0.
    For an odd activation (tanh, identity) the similarity is the absolute value, because
    ``u`` and ``-u`` are the same unit.

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
    is_odd = _activation_named(activation).is_odd
    U = unit_vectors(coefs, intercepts).astype(np.float64)
    largest = np.abs(U).max(axis=-1, keepdims=True)
    U /= np.where(largest > 0, largest, 1)  # so that squares do not overflow
    norm = np.linalg.norm(U, axis=-1, keepdims=True)
    # Another coordinate, 1 for zero units only, makes zero units similar to each other.
    U = np.concatenate([U / np.where(norm > 0, norm, 1), norm == 0], axis=-1)
    S = np.clip(U @ np.swapaxes(U, -1, -2), -1, 1)
    S = np.abs(S) if is_odd else S
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
        Z = np.array([X @ W for W in W1.reshape(-1, d, h)])  # no stacks of sparse rows
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
    return activated(activation, pre_activations(coefs, intercepts, X))


def activated(activation, Z):
    """Outputs of hidden units for their inputs, in a new array."""
    A = np.array(Z)
    _activation_named(activation).apply(A)
    return A


def relative_slope(activation, Z):
    """Slope of an activation at pre-activations, divided by its largest slope.

    Parameters
    ----------
    activation : str
        A key of ``activations.ACTIVATIONS``.
    Z : ndarray of float32 or float64

    Returns
    -------
    slope : ndarray of the shape of Z
        Values in [0, 1]: 1 - tanh(z)^2 for tanh, 4 g (1 - g) for logistic, 0 or 1 for
        relu, and 1 for the identity.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import relative_slope
    >>> relative_slope("logistic", np.array([0.0, 40.0]))
    array([1., 0.])
    """
    return _slope(activation, Z) / np.asarray(Z).dtype.type(_largest_slope(activation))


@cache
def _largest_slope(activation):
    # It may be at 0, or far out: softplus has a slope of 1 at 40.
    return _slope(activation, np.linspace(-40, 40, 81)).max()


def _slope(activation, Z):
    A = activated(activation, Z)
    _activation_named(activation).slope(A, out := np.empty_like(A))
    return out


def saturation(coefs, intercepts, activation, X, *, threshold=FLAT):
    """Share of samples on the flat part of each hidden unit.

    A unit is flat for a sample if the slope there is less than ``threshold`` times the
    largest slope of the activation. For tanh and 0.01 this is where ``|z| > 2.99``. For
    such a sample the weights of the unit hardly receive a gradient (Glorot and Bengio,
    AISTATS 2010, section 3). A healthy relu unit is flat for about half of the samples.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, sparse matrix} of shape (n, d)
    threshold : float, default=0.01
        The default is a convention: with a slope of 0.01 times the largest, weights
        learn a hundred times more slowly from a sample. The choice matters little:
        between 0.1 and 0.001 the edge for tanh moves only from 1.82 to 4.15.

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
    """Mask of the hidden units that are constant on the samples.

    A unit is dead if ``max A - min A <= tolerance`` over the rows of ``X``. Examples
    are a relu unit that is never active, a tanh unit that is 1 to the last bit for
    every sample, and a unit whose input weights are 0.

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, sparse matrix} of shape (n, d)
        At least two rows, because on a single row every unit is constant.
    tolerance : float, default=0.0
        Largest range of the activation of a dead unit. The default is 0, because the
        units of a small start also vary little, but learn.

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
    """Effective rank of the hidden layer: the number of directions in which it varies.

    It is ``exp(-sum_k p_k log p_k)`` with ``p_k = s_k / sum_j s_j``, where ``s`` are
    the singular values of the hidden activations (n, h) minus their means over the
    samples (Roy and Vetterli, EUSIPCO 2007). It uses activations, because weights do
    not show flat and dead units. The means are subtracted, because a constant does the
    same as the bias of the output.

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
        Values from 1 (for example for identical units) to ``min(n - 1, h)``; 0 if all
        units are constant. Singular values below rounding errors (those that
        ``matrix_rank`` drops) count as zero.

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
    """Share of the variance of hidden layers in the directions of a linear model.

    A linear model of c classes has c - 1 directions, which distinguish rows. The share
    is that of the c - 1 directions of the largest variance.

    Parameters
    ----------
    A : ndarray of shape (..., n, h)
        Inputs of the hidden units. They vary in more directions than a linear model has
        only if the network can do more than a linear model.
    n_outputs : int
        1 for two classes, otherwise the number of classes.

    Returns
    -------
    shares : ndarray of float64 of shape (...)
        0 if nothing varies, because a constant layer is no linear model.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import linear_shares
    >>> A = np.array([[-2.0, -4.0], [2.0, 4.0]])
    >>> float(linear_shares(A, 1))
    1.0
    """
    variances = np.linalg.eigvalsh(_gram(A))  # ascending
    total = variances.sum(axis=-1)
    first = variances[..., -max(1, n_outputs - 1) :].sum(axis=-1)
    return np.where(total > 0, first / np.where(total > 0, total, 1), 0.0)


def _gram(A):
    """Inner products of the units, or of the samples, of which there are fewer."""
    A = A - A.mean(axis=-2, keepdims=True)
    A = A / np.maximum(np.abs(A).max(axis=(-2, -1), keepdims=True), TINY)
    if A.shape[-1] > A.shape[-2]:
        A = np.swapaxes(A, -1, -2)
    gram = np.swapaxes(A, -1, -2) @ A
    return np.where(np.isfinite(gram), gram, 0).astype(np.float64)


def n_predicted_classes(coefs, intercepts, activation, X):
    """Number of different predicted classes; 1 means constant predictions.

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
    counts = [
        len(np.unique(predicted_labels(*network, activation, X)))
        for network in _networks(coefs, intercepts)
    ]
    return np.array(counts).reshape(np.shape(coefs[0])[:-2])


def predicted_labels(coefs, intercepts, activation, X):
    """Class indices (n,) that one network predicts."""
    Z = predicted_logits(_activation_named(activation), coefs, intercepts, X)
    return loss_for(max(2, Z.shape[1])).classify(Z.T[None])[0]


def _networks(coefs, intercepts):
    """The networks of a stack, one after another."""
    for k in np.ndindex(np.shape(coefs[0])[:-2]):
        yield [[np.asarray(array)[k] for array in of] for of in (coefs, intercepts)]


# ---------------------------------------------------------------------------
# Measures of the path from start to end


def distance_travelled(start, end):
    """Distance that the weights of each layer moved, relative to the start.

    It is ``|W(end) - W(start)| / |W(start)|`` in the Frobenius norm for each layer,
    without biases (Luo, Xu, Ma and Zhang, JMLR 22, 2021, section 3). A distance much
    less than 1 is the lazy regime, in which the units stay nearly as they were drawn.

    Parameters
    ----------
    start, end : pairs of arrays of shapes (..., d, h) and (..., h, c)
        Weights: ``init_coefs_`` and ``coefs_``.

    Returns
    -------
    distance : ndarray of float64 of shape (..., 2)
        Distances of the hidden and of the output layer. For a layer that started at
        zero, infinite if it moved and 0 if not.

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
    with np.errstate(all="ignore"):  # the start may be zero
        moved = np.linalg.norm(end - start, axis=(-2, -1))
        return np.where(moved > 0, moved / np.linalg.norm(start, axis=(-2, -1)), 0.0)


def gradient_norms(coefs, intercepts, activation, X, labels):
    """Norm of the gradient of the mean cross-entropy, for each layer.

    These are ``|dL / d[W1 b1]|`` and ``|dL / d[W2 b2]|`` in the Frobenius norm, without
    penalty. At the start they distinguish a network that cannot learn from a network
    that needs more iterations (Glorot and Bengio, AISTATS 2010, section 4.2).

    Parameters
    ----------
    coefs : pair of arrays of shapes (..., d, h) and (..., h, c)
    intercepts : pair of arrays of shapes (..., h) and (..., c)
    activation : str
        A key of ``activations.ACTIVATIONS``.
    X : {ndarray, CSR} of shape (n, d)
    labels : ndarray of int of shape (n,)
        Class indices: 0 and 1 if c is 1, otherwise 0 to c - 1.

    Returns
    -------
    norms : ndarray of float64 of shape (..., 2)
        Norms for the hidden and for the output layer.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.diagnostics import gradient_norms
    >>> zeros = (np.zeros((1, 2)), np.zeros((2, 1))), (np.zeros(2), np.zeros(1))
    >>> gradient_norms(*zeros, "tanh", np.ones((4, 1)), np.array([0, 1, 1, 1]))
    array([0.  , 0.25])
    """
    W1, W2 = map(np.asarray, coefs)
    (*lanes, d, h), c, dtype = W1.shape, W2.shape[-1], W1.dtype
    loss = loss_for(max(2, c))
    architecture = Architecture(d, h, _activation_named(activation), loss, dtype)
    P = [
        architecture.pack([W.T for W in weights], biases)
        for weights, biases in _networks(coefs, intercepts)
    ]
    objective = Objective(architecture, np.array(P), penalty=np.zeros(len(P)))
    targets, n, size = loss.encode(labels, dtype), len(labels), block_size(architecture)
    batches = Batches(
        X, targets, None, batch_size=n, block_size=size, shuffle=False, dtype=dtype
    )
    for blocks, _, _ in batches.epoch([]):
        objective.gradient(blocks)
    gradients = architecture.layers(objective.G.astype(np.float64))
    norms = [np.linalg.norm(layer, axis=(-2, -1)) for layer in gradients]
    return np.stack(norms, axis=-1).reshape(*lanes, 2)
