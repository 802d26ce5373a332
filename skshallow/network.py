"""The mathematics of one hidden layer, for K networks at once.

    A = activation(W1 X' + b1)      Z = W2 A + b2

Shape legend (referred to everywhere else)
------------------------------------------
K lanes, m samples in a block, d features, h hidden units, c outputs (1 for binary).

::

    X    (m, d + 1)      one block for all lanes; its last column is one
    X_T  (d + 1, m)      the same, transposed
    W1   (K, h, d)   b1 (K, h, 1)      [W1 b1] is one (K, h, d + 1) array
    W2   (K, c, h)   b2 (K, c, 1)      [W2 b2] is one (K, c, h + 1) array
    P    (K, p)          the parameters: both arrays side by side
    A    (K, h, m)       hidden activations: samples on the last axis
    Z    (K, c, m)       logits
    D    (K, h, m)       derivative of the loss by the pre-activations

A lane is one network, and no operation mixes lanes: each lane's numbers are those it
would have alone, to the last bit. For that, blocks must not depend on K, while the
lanes that go through a block together may be chosen freely. This module knows no
solver, no estimator and no labels.
"""

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from skshallow.batches import RowReader, slices

# A block's working set, all its arrays together, should stay in a core's second-level
# cache; tiles of several lanes share that budget. Bytes.
CACHE = 3 * 2**18
# OpenBLAS multiplies matrices without packing them first up to this many
# multiplications, which is up to twice as fast.
SMALL_PRODUCT = 10**6
MIN_BLOCK, MAX_BLOCK = 128, 2000
# Losses are evaluated once so many notes, one a sample and lane, have come together.
# Bytes.
NOTES = 2**16


class Architecture(NamedTuple):
    """What a network is made of.

    Parameters
    ----------
    n_features, n_hidden : int
        d and h.
    activation : Activation
    loss : LogisticLoss or SoftmaxLoss
        Its ``n_outputs`` is c.
    dtype : numpy dtype
    """

    n_features: int
    n_hidden: int
    activation: object
    loss: object
    dtype: np.dtype

    @property
    def weight_shapes(self):
        """Shapes of one network's W1 and W2."""
        return (self.n_hidden, self.n_features), (self.loss.n_outputs, self.n_hidden)

    @property
    def block_size(self):
        """Rows of a block: as many as the cache holds beside each other, K or no K."""
        (h, d), (c, _) = self.weight_shapes
        row_bytes = (d + 2 * h + 4 * c) * np.dtype(self.dtype).itemsize
        rows = min(CACHE // row_bytes, SMALL_PRODUCT // (h * (d + 1)))
        return max(MIN_BLOCK, min(rows // 16 * 16, MAX_BLOCK))

    def layers(self, P):
        """Views [W1 b1] (K, h, d + 1) and [W2 b2] (K, c, h + 1) into P (K, p)."""
        (h, d), (c, _) = self.weight_shapes
        split = h * (d + 1)
        hidden = P[:, :split].reshape(-1, h, d + 1)
        return hidden, P[:, split:].reshape(-1, c, h + 1)

    def pack(self, weights, biases):
        """Weights (W1, W2) and biases (b1, b2) of one network as a vector (p,)."""
        n_parameters = sum(shape[0] * (shape[1] + 1) for shape in self.weight_shapes)
        p = np.empty(n_parameters, self.dtype)
        for layer, W, b in zip(self.layers(p[None]), weights, biases, strict=True):
            layer[0, :, :-1], layer[0, :, -1] = W, b
        return p

    def unpack(self, p):
        """The inverse of `pack`, with copies: weights and biases of one network."""
        layers = [layer[0] for layer in self.layers(p[None])]
        return [L[:, :-1].copy() for L in layers], [L[:, -1].copy() for L in layers]

    def is_weight(self):
        """Mask (p,) of the penalised parameters: 1 for weights, 0 for biases."""
        return self.pack((1, 1), (0, 0))

    def logits(self, P, X):
        """Yield slices of the rows of ``X`` (n, d) and their logits (K, c, m).

        The logits are overwritten by the next ones.
        """
        hidden, output = self.layers(P)
        K, step = len(P), min(self.block_size, X.shape[0])
        A = _homogeneous(K, self.n_hidden, step, P.dtype)
        Z = np.empty((K, self.loss.n_outputs, step), P.dtype)
        reader = RowReader(X, step, P.dtype, order="F")
        for rows in slices(X.shape[0], step):
            m, X_T = rows.stop - rows.start, reader.read(rows).T
            _forward(self, hidden, output, X_T, A[..., :m], Z[..., :m])
            yield rows, Z[..., :m]


def predicted_logits(activation, coefs, intercepts, X):
    """Logits of one network, in the layout of scikit-learn.

    Rows stay as they are and there is nothing to pack: for one network and one pass
    this costs less than lanes would.

    Parameters
    ----------
    activation : Activation
    coefs : arrays of shapes (d, h) and (h, c)
    intercepts : arrays of shapes (h,) and (c,)
    X : ndarray or CSR of shape (n, d)

    Returns
    -------
    Z : ndarray of shape (n, c)
    """
    (W1, W2), (b1, b2) = coefs, intercepts
    n_rows = X.shape[0]
    step = max(MIN_BLOCK, min(SMALL_PRODUCT // W1.size, MAX_BLOCK))
    parts = [X] if n_rows <= step else (X[rows] for rows in slices(n_rows, step))
    Z = []
    for rows in parts:
        A = rows @ W1
        A += b1
        activation.apply(A)
        Z.append(A @ W2)
    Z = Z[0] if len(Z) == 1 else np.concatenate(Z)
    Z += b2
    return Z


class Objective:
    """Objective and gradient of K lanes, with the buffers that they need.

    The objective is the weighted mean of the loss over the batch plus
    ``alpha / 2`` times the squared weights over the batch's total weight.

    Parameters
    ----------
    architecture : Architecture
    P : ndarray of shape (K, p)
        Read at every call; whoever owns it changes it in place in between.
    alpha : ndarray of shape (K,)
    ties : Ties or None
        Units that are to stay identical.

    Attributes
    ----------
    G : ndarray of shape (K, p)
        The gradient at the last call. The caller may overwrite it.
    """

    def __init__(self, architecture, P, alpha, ties=None):
        self.architecture = architecture
        self.P = P
        self.G = np.empty_like(P)
        self.ties = ties
        self._ledger = _Ledger(architecture.loss, len(P), P.dtype)
        self._tiles = {}
        self._decay = None
        if np.any(alpha):
            decay = np.multiply.outer(alpha, architecture.is_weight())
            self._decay = decay.astype(P.dtype)
            self._share, self._total = np.empty_like(P), None
            self._pull = np.empty_like(P)
            self._P_columns, self._pull_rows = P[:, :, None], self._pull[:, None]

    def __call__(self, batch):
        """Objective of every lane, float64 of shape (K,); fills ``G``."""
        self.gradient(batch)
        (values,) = self.values()
        self.forget()
        return values

    def gradient(self, batch):
        """Fill ``G`` for a batch, and note what its value takes."""
        first = True
        for block in batch.blocks:
            note = self._ledger.note(block.weight)
            for tile in self._tiles_for(block.X.shape[0]):
                tile.gradient(block, note[tile.lanes], first)
            first = False
        penalty = None if self._decay is None else self._add_penalty(batch)
        self._ledger.end_batch(penalty)
        if self.ties is not None:
            self.ties.apply(*self.architecture.layers(self.G))

    def values(self):
        """Objectives (n_batches, K), float64, of all batches since `forget`."""
        return self._ledger.values()

    def forget(self):
        """Forget the batches whose objectives have been asked for."""
        self._ledger.forget()

    def _add_penalty(self, batch):
        """Add the penalty's gradient to G; return twice its value, (K, 1, 1)."""
        if batch.total_weight != self._total:
            np.divide(self._decay, batch.total_weight, out=self._share)
            self._total = batch.total_weight
        np.multiply(self._share, self.P, out=self._pull)
        self.G += self._pull
        return np.matmul(self._pull_rows, self._P_columns)

    def _tiles_for(self, n_rows):
        if n_rows not in self._tiles:
            lane_bytes = 2 * self.architecture.n_hidden * n_rows * self.P.itemsize
            step = max(1, CACHE // lane_bytes)
            self._tiles[n_rows] = [
                _Tile(self.architecture, self.P, self.G, lanes, n_rows)
                for lanes in slices(len(self.P), step)
            ]
        return self._tiles[n_rows]


class _Ledger:
    """Notes of the losses, from which objectives are computed many batches at a time.

    An update needs no objective; a net of a few units would spend a third of its time
    on evaluating it batch by batch.
    """

    def __init__(self, loss, K, dtype):
        self.loss = loss
        capacity = max(1, NOTES // (K * np.dtype(dtype).itemsize))
        self.notes, self.used = np.empty((K, 1, capacity), dtype), 0
        self.weights = []  # of the blocks noted
        self.forget()

    def forget(self):
        """Start anew; only after `values`, when no block is left unevaluated."""
        self.gains = []  # (n, K) arrays, a row a block evaluated
        self.batches = []  # (blocks so far, twice the penalty (K, 1, 1) or None)
        self.n_blocks = 0

    def note(self, weight):
        """Room (K, 1, m) for the notes of a block of that ``weight`` (1, 1, m)."""
        m = weight.shape[-1]
        if self.used + m > self.notes.shape[-1]:
            self._evaluate()
            if m > self.notes.shape[-1]:
                self.notes = np.empty((len(self.notes), 1, m), self.notes.dtype)
        start, self.used = self.used, self.used + m
        self.weights.append(weight)
        self.n_blocks += 1
        return self.notes[..., start : self.used]

    def end_batch(self, penalty):
        """Close a batch, all of whose blocks have been noted."""
        self.batches.append((self.n_blocks, penalty))

    def _evaluate(self):
        if not self.weights:
            return
        ends = list(accumulate(weight.shape[-1] for weight in self.weights))
        weight = self.weights[0]
        if len(ends) > 1:
            weight = np.concatenate(self.weights, axis=-1)
        gain = self.loss.gain(self.notes[..., : ends[-1]])[:, 0]
        gain *= weight[0]
        blocks = np.add.reduceat(gain, [0, *ends[:-1]], axis=1).T
        self.gains, self.weights, self.used = [*self.gains, blocks], [], 0

    def values(self):
        """Objectives (n_batches, K) of the batches closed since `forget`."""
        self._evaluate()
        ends, penalties = zip(*self.batches, strict=True)
        gains = self.gains[0] if len(self.gains) == 1 else np.concatenate(self.gains)
        if len(ends) < len(gains):
            gains = gains[: ends[-1]].astype(np.float64)
            gains = np.add.reduceat(gains, [0, *ends[:-1]], axis=0)
        values = np.subtract(self.loss.at_zero, gains, dtype=np.float64)
        if penalties[0] is not None:
            values += 0.5 * np.concatenate(penalties).reshape(values.shape)
        return values


class _Tile:
    """Some lanes and a number of rows: views into P and G, and work buffers.

    All views are made once; in a small net they would cost as much as the arithmetic.
    """

    def __init__(self, architecture, P, G, lanes, n_rows):
        K = len(P[lanes])
        h, c = architecture.n_hidden, architecture.loss.n_outputs
        self.architecture, self.lanes = architecture, lanes
        self.hidden, self.output = architecture.layers(P[lanes])
        self.W2_T = self.output[:, :, :-1].swapaxes(1, 2)  # (K, h, c)
        self.A = _homogeneous(K, h, n_rows, P.dtype)
        self.A_T, self.units = self.A.swapaxes(1, 2), self.A[:, :-1]
        self.Z = np.empty((K, c, n_rows), P.dtype)
        self.D = np.empty((K, h, n_rows), P.dtype)
        self.back = None if c == 1 else np.empty_like(self.D)
        self.G = G[lanes]
        self.G_layers = architecture.layers(self.G)
        self.addend = None

    def gradient(self, block, note, first):
        """Set the lanes' rows of G, or add to them unless the block is the first."""
        architecture, X = self.architecture, block.X
        _forward(architecture, self.hidden, self.output, block.X_T, self.A, self.Z)
        architecture.loss.gradient(self.Z, block.target, block.weight, note)
        if first:
            self._backward(X, *self.G_layers)
            return
        if self.addend is None:
            self.addend = np.empty_like(self.G)
        self._backward(X, *architecture.layers(self.addend))
        self.G += self.addend

    def _backward(self, X, G_hidden, G_output):
        """Gradient from ``Z``, by now the derivative of the loss by the logits."""
        np.matmul(self.Z, self.A_T, out=G_output)
        self.architecture.activation.slope(self.units, self.D)
        if self.back is None:
            # One output: w2 scales whole units, so it is left out until their
            # gradients are sums, and the outer product w2 Z is never formed.
            self.D *= self.Z
            _times_rows(self.D, X, G_hidden)
            G_hidden *= self.W2_T
        else:
            np.matmul(self.W2_T, self.Z, out=self.back)
            self.D *= self.back
            _times_rows(self.D, X, G_hidden)


def _forward(architecture, hidden, output, X_T, A, Z):
    """Fill A (K, h + 1, m), whose last row is one, and the logits Z (K, c, m)."""
    _times_columns(hidden, X_T, units := A[:, :-1])
    architecture.activation.apply(units)
    np.matmul(output, A, out=Z)


def _times_columns(W, X_T, out):
    """[W b] [X 1]': (K, h, d + 1), (d + 1, m) -> (K, h, m)."""
    if isinstance(X_T, np.ndarray):
        np.matmul(W, X_T, out=out)
        return
    for lane, product in zip(W, out, strict=True):
        product[...] = (X_T.T @ lane[:, :-1].T).T
        product += lane[:, -1:]


def _times_rows(D, X, out):
    """D [X 1]: (K, h, m), (m, d + 1) -> (K, h, d + 1)."""
    if isinstance(X, np.ndarray):
        np.matmul(D, X, out=out)
        return
    for lane, product in zip(D, out, strict=True):
        product[:, :-1] = (X.T @ lane.T).T
        lane.sum(axis=1, out=product[:, -1])


def _homogeneous(K, n_units, n_rows, dtype):
    """Room for activations (K, n_units + 1, m) whose last row is one."""
    A = np.empty((K, n_units + 1, n_rows), dtype)
    A[:, -1] = 1
    return A


class Ties:
    """Hidden units that start identical, and the rule that keeps them so.

    In exact arithmetic units with equal weights get equal gradients and stay equal
    for ever. In floating point they part, because a matrix product sums its edge rows
    in another order. Giving every unit the gradient of the first unit that equals it
    restores the theorem to the last bit.

    Parameters
    ----------
    lane, unit, first : ndarrays of shape (n_ties,)
        ``unit[i]`` of ``lane[i]`` is a copy of the earlier unit ``first[i]``.
    """

    def __init__(self, lane, unit, first):
        self.lane, self.unit, self.first = lane, unit, first

    @classmethod
    def find(cls, hidden, output):
        """The ties of [W1 b1] (K, h, d + 1) and [W2 b2] (K, c, h + 1), or None."""
        fan_out = output[:, :, :-1].swapaxes(1, 2)  # (K, h, c)
        ties = []
        for lane in _lanes_with_repeats(hidden[:, :, 0]):
            units = np.column_stack([hidden[lane], fan_out[lane]])
            _, first, group = np.unique(
                units, axis=0, return_index=True, return_inverse=True
            )
            first = first[group.ravel()]
            unit = np.flatnonzero(first != np.arange(len(units)))
            ties += [(lane, u, first[u]) for u in unit]
        return cls(*np.array(ties).T) if ties else None

    def keep(self, lanes):
        """The ties among ``lanes`` (ascending), by their new numbers, or None."""
        stays = np.isin(self.lane, lanes)
        if not stays.any():
            return None
        lane = np.searchsorted(lanes, self.lane[stays])
        return Ties(lane, self.unit[stays], self.first[stays])

    def apply(self, hidden, output):
        """Overwrite each tied unit's entries by those of the unit it equals."""
        hidden[self.lane, self.unit] = hidden[self.lane, self.first]
        output[self.lane, :, self.unit] = output[self.lane, :, self.first]


def _lanes_with_repeats(column):
    """Lanes of a (K, h) array that hold some value twice: all others have no ties."""
    ordered = np.sort(column, axis=1)
    return np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
