"""The mathematics of one hidden layer, for K networks at once.

    A = activation(W1 X' + b1)      Z = W2 A + b2

Shape legend (referred to everywhere else)
------------------------------------------
K lanes, m samples in a block, d features, h hidden units, c outputs (1 for binary).

::

    X    (m, d + 1)      one block for all lanes; its last column is one
    X_T  (d + 1, m)      the same, transposed
                         (K, m, d + 1) and (K, d + 1, m) if lanes have rows of their own
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

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from skshallow._core.batches import RowReader, slices

# A block's working set, all its arrays together, should stay in a core's second-level
# cache; tiles of several lanes share that budget. Bytes.
CACHE = 3 * 2**18
# OpenBLAS multiplies matrices without packing them first up to this many
# multiplications, which is up to twice as fast.
SMALL_PRODUCT = 10**6
MIN_BLOCK, MAX_BLOCK = 128, 2000
# The least samples of a block whose units lie apart in memory, by more the more lanes
# there are. OpenBLAS multiplies matrices of up to 8 rows or columns by a vector in
# another order where they are contiguous, and a lane alone is.
MIN_STRIDED = 32
# Differences of logits up to this share of the largest number are numbers.
LARGEST = 0.25
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

    def hidden_factors(self, factors):
        """Factors (K,) on the hidden weights as (K, p), 1 elsewhere; None if all are 1.

        One row, (1, p), serves lanes that have the same.
        """
        if np.all(factors == 1):
            return None
        if np.all(factors == factors[0]):
            factors = factors[:1]
        return np.array([self.pack((f, 1), (1, 1)) for f in factors])

    def has_finite_logits(self, P, X):
        """Whether every lane's logits are numbers on all rows of ``X``, (K,) booleans.

        The rows are only gone through once more if their largest entry tells nothing.
        """
        h, d = self.weight_shapes[0]
        hidden, output = (np.abs(L).max(axis=(1, 2), initial=0) for L in self.layers(P))
        entries = X if isinstance(X, np.ndarray) else X.data
        largest = max(1.0, entries.max(initial=0), -entries.min(initial=0))
        units = np.maximum(1.0, (d + 1) * largest * hidden.astype(np.float64))
        finite = (h + 1) * units * output <= LARGEST * np.finfo(P.dtype).max
        if not finite.all():
            finite[:] = True
            for _, Z in self.logits(P, X):
                finite &= np.isfinite(Z).all(axis=(1, 2))
        return finite

    def logits(self, P, X):
        """Yield slices of the rows of ``X`` (n, d) and their logits (K, c, m).

        The logits are overwritten by the next ones.
        """
        K, step = len(P), min(self.block_size, X.shape[0])
        A = _homogeneous(K, self.n_hidden, step, P.dtype)
        Z = np.empty((K, self.loss.n_outputs, step), P.dtype)
        reader = RowReader(X, step, P.dtype, order="F")
        for rows in slices(X.shape[0], step):
            m, X_T = rows.stop - rows.start, reader.read(rows).T
            outputs = A[:, :-1, :m], A[..., :m], Z[..., :m]
            _forward(self, self.layers(P), X_T, outputs, np.matmul)
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
        Those that overflow are cut to what differences can be taken of.

    Raises
    ------
    ValueError
        If there are terms of either sign that overflow.
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
    largest = LARGEST * np.finfo(Z.dtype).max
    if np.abs(Z).max() <= largest:
        return Z
    if np.isnan(Z).any():
        raise ValueError(
            "X: the logits of some rows overflow, so that nothing can be predicted. "
            "The features are too large for this net, or of another scale than those "
            "that it was trained on: put a StandardScaler in front."
        )
    return Z.clip(-largest, largest)


class Objective:
    """Objective and gradient of K lanes, with the buffers that they need.

    The objective is the weighted mean of the loss over the batch plus ``penalty / 2``
    times the squared weights.

    Parameters
    ----------
    architecture : Architecture
    P : ndarray of shape (K, p)
        Read at every call; whoever owns it changes it in place in between.
    penalty : ndarray of shape (K,)
        The same for every batch, large or small.
    ties : Ties or None
        Units that are to stay identical.

    Attributes
    ----------
    G : ndarray of shape (K, p)
        The gradient at the last call. The caller may overwrite it.
    """

    def __init__(self, architecture, P, penalty, ties=None):
        self.architecture = architecture
        self.P = P
        self.G = np.empty_like(P)
        self.ties = ties
        self._layouts = {}  # by the rows of a block: its tiles, and a ledger
        self._penalty = None
        if np.any(penalty):
            self._penalty = _Penalty(P, penalty, architecture.is_weight())
        self.forget()

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
            tiles, ledger = self._layout(block.target.shape[-1])
            room, shared = ledger.note(self._n_blocks, block.weight), block.is_shared
            self._n_blocks += 1
            for tile, notes in zip(tiles, room, strict=True):
                part = block if shared else block.of_lanes(tile.lanes)
                tile.gradient(part, notes, first)
            first = False
        if self._penalty is not None:
            self._penalty.add_gradient(self.G)
        self._batch_ends.append(self._n_blocks)
        if self.ties is not None:
            self.ties.apply(*self.architecture.layers(self.G))

    def values(self):
        """Objectives (n_batches, K), float64, of all batches since `forget`."""
        ends = self._batch_ends
        gains = np.empty((ends[-1], len(self.P)))
        for _, ledger in self._layouts.values():
            ledger.write_gains(gains)
        if len(ends) < len(gains):
            gains = np.add.reduceat(gains, [0, *ends[:-1]], axis=0)
        values = self.architecture.loss.at_zero - gains
        if self._penalty is not None:
            values += self._penalty.values()[: len(ends)]
        return values

    def forget(self):
        """Forget the batches whose objectives have been asked for."""
        self._batch_ends, self._n_blocks = [], 0  # ends count blocks
        for _, ledger in self._layouts.values():
            ledger.forget()
        if self._penalty is not None:
            self._penalty.forget()

    def _layout(self, n_rows):
        if n_rows not in self._layouts:
            tiles = _tiles(self.architecture, self.P, self.G, n_rows)
            lanes = [tile.lanes for tile in tiles]
            ledger = _Ledger(self.architecture.loss, self.P, n_rows, lanes)
            self._layouts[n_rows] = tiles, ledger
        return self._layouts[n_rows]


class _Ledger:
    """Notes of the losses, from which objectives are computed many batches at a time.

    An update needs no objective; a net of a few units would spend a third of its time
    on evaluating it batch by batch.

    Parameters
    ----------
    loss : LogisticLoss or SoftmaxLoss
    P : ndarray of shape (K, p)
    m : int
        Rows of each block noted here.
    lanes : list of slice
        Of the tiles.
    """

    def __init__(self, loss, P, m, lanes):
        self.loss = loss
        self.capacity = max(1, NOTES // (loss.n_notes * len(P) * m * P.itemsize))
        self.notes = np.empty((loss.n_notes, self.capacity, len(P), 1, m), P.dtype)
        self.lanes, self._rooms = lanes, []
        self.forget()

    def forget(self):
        """Start anew; only after `write_gains`, when no block is left unevaluated."""
        self.open = []  # (number, weight) of the blocks not evaluated yet
        self.gains = []  # (numbers of blocks, their gains (len(numbers), K))

    def note(self, number, weight):
        """Room for the notes of the block of that ``number`` and ``weight``.

        Returns
        -------
        room : list of lists of ``n_notes`` ndarrays of shape (K', 1, m)
            A list a tile, of K' lanes.
        """
        if len(self.open) == self.capacity:
            self._evaluate()
        i = len(self.open)
        if i == len(self._rooms):
            self._rooms.append(
                [[note[i, lanes] for note in self.notes] for lanes in self.lanes]
            )
        self.open.append((number, weight))
        return self._rooms[i]

    def _evaluate(self):
        numbers, weights = zip(*self.open, strict=True)
        weight = np.array(weights)  # (n,), or (n, K, 1, m)
        gain = self.loss.gain(self.notes[:, : len(numbers)])  # (n, K, 1, m)
        if weight.ndim > 1:
            gain *= weight
        gains = gain.sum(axis=(2, 3))
        if weight.ndim == 1:
            gains *= weight[:, None]
        self.gains, self.open = [*self.gains, (numbers, gains)], []

    def write_gains(self, gains):
        """Write the gains of the blocks noted into their rows of ``gains`` (n, K).

        Blocks of higher numbers, of a batch that was interrupted, are left out.
        """
        if self.open:
            self._evaluate()
        for numbers, evaluated in self.gains:
            n_closed = bisect_left(numbers, len(gains))
            gains[list(numbers[:n_closed])] = evaluated[:n_closed]


class _Penalty:
    """``penalty / 2`` times the squared weights, for K lanes.

    The gradient is noted; no update needs the value, which follows from it.
    """

    def __init__(self, P, penalty, is_weight):
        largest = np.finfo(P.dtype).max
        penalty = np.minimum(penalty, largest)[:, None]  # inf * 0 is nan
        # A penalty too small to be inverted has no value to speak of.
        inverse = np.divide(1, penalty, out=np.zeros_like(penalty), where=penalty > 0)
        inverse[inverse > largest] = 0
        self.P, self.inverse = P, inverse.astype(P.dtype)
        self.factors = is_weight * penalty.astype(P.dtype)  # (K, p)
        self.pulls = np.empty((max(1, NOTES // P.nbytes), *P.shape), P.dtype)
        self._rooms = list(self.pulls)
        self.forget()

    def forget(self):
        """Start anew, when the values have been asked for."""
        self.n_noted = 0  # pulls not evaluated yet
        self.evaluated = []  # arrays (n, K)

    def add_gradient(self, G):
        """Add the gradient to ``G``."""
        if self.n_noted == len(self._rooms):
            self._evaluate()
        pull = self._rooms[self.n_noted]
        np.multiply(self.factors, self.P, pull)
        G += pull
        self.n_noted += 1

    def _evaluate(self):
        pulls = self.pulls[: self.n_noted]  # (n, K, p)
        # The weights again, because a square of the pull could overflow.
        weights = pulls * self.inverse
        weights *= pulls
        # Not a product: BLAS may sum by where a row lies in memory.
        self.evaluated.append(0.5 * weights.sum(axis=-1))
        self.n_noted = 0

    def values(self):
        """Penalties (n, K) of the batches since `forget`."""
        if self.n_noted:
            self._evaluate()
        return np.concatenate(self.evaluated)


def _tiles(architecture, P, G, n_rows):
    """Lanes a few at a time, as many as the cache holds; they share work buffers."""
    lane_bytes = 2 * architecture.n_hidden * n_rows * P.itemsize
    n_tiles = -(-len(P) // max(1, CACHE // lane_bytes))
    rooms = {}
    tiles = []
    for lanes in slices(len(P), -(-len(P) // n_tiles)):
        K = lanes.stop - lanes.start
        if K not in rooms:
            rooms[K] = _Room(architecture, K, n_rows, P.dtype)
        tiles.append(_Tile(architecture, P[lanes], G[lanes], lanes, rooms[K]))
    return tiles


class _Room:
    """Work buffers of K lanes and m rows.

    In memory a unit's samples of all lanes lie side by side, so that an elementwise
    pass is one long run; a product takes a lane as (n_units, m) with longer strides.
    """

    def __init__(self, architecture, K, m, dtype):
        h, c = architecture.n_hidden, architecture.loss.n_outputs
        self.logits = np.empty((K, c, m), dtype)  # for the loss, which wants lanes
        self.Z = _matrices(self.logits)
        self.A = _matrices(_units_first(K, h + 1, m, dtype))
        self.A[..., -1, :] = 1
        self.A_T, self.units = self.A.swapaxes(-2, -1), self.A[..., :-1, :]
        self.D = _matrices(_units_first(K, h, m, dtype))
        # With one output w2 scales whole units. It is left out until their gradients
        # are sums, unless these are as long as the rows of D.
        self.back = None
        if c > 1 or m <= 2 * (architecture.n_features + 1):
            self.back = np.empty_like(self.D)
        self.outputs = self.units, self.A, self.Z
        self.multiply = np.dot if K == 1 else np.matmul
        self.spread = np.matmul if c > 1 else np.multiply


def _matrices(stack):
    """A stack of matrices (K, r, s) as it is, or the only one of them, (r, s).

    Two matrices can be multiplied by `numpy.dot`, which has less to prepare: half a
    microsecond, a third of a small product. Its bits are those of `matmul`, except
    where the left factor is a transpose.
    """
    return stack[0] if len(stack) == 1 else stack


def _units_first(K, n_units, m, dtype):
    """Room for (K, n_units, m) that has ``n_units`` as the first axis in memory."""
    if m < MIN_STRIDED:
        return np.empty((K, n_units, m), dtype)
    return np.empty((n_units, K, m), dtype).swapaxes(0, 1)


class _Tile:
    """Some lanes and a number of rows: views into P and G, and shared work buffers.

    All views are made once; in a small net they would cost as much as the arithmetic.

    Parameters
    ----------
    architecture : Architecture
    P, G : ndarrays of shape (K, p)
        Of the tile's lanes.
    lanes : slice
        The numbers of these lanes.
    room : _Room
        For as many lanes.
    """

    def __init__(self, architecture, P, G, lanes, room):
        self.architecture, self.lanes, self.room = architecture, lanes, room
        self.layers = self._layers(P)
        self.W2_T = self.layers[1][..., :-1].swapaxes(-2, -1)  # (K, h, c)
        self.G, self.G_layers = G, self._layers(G)
        self.addend = None

    def _layers(self, P):
        return [_matrices(layer) for layer in self.architecture.layers(P)]

    def gradient(self, block, notes, first):
        """Set the lanes' rows of G, or add to them unless the block is the first."""
        architecture, room = self.architecture, self.room
        X, X_T, target, weight = block
        _forward(architecture, self.layers, X_T, room.outputs, room.multiply)
        architecture.loss.gradient(room.logits, target, weight, notes)
        if first:
            self._backward(X, *self.G_layers)
            return
        if self.addend is None:
            self.addend = np.empty_like(self.G)
        self._backward(X, *self._layers(self.addend))
        self.G += self.addend

    def _backward(self, X, G_hidden, G_output):
        """Gradient from ``Z``, by now the derivative of the loss by the logits."""
        room = self.room
        Z, D, multiply = room.Z, room.D, room.multiply
        multiply(Z, room.A_T, G_output)
        self.architecture.activation.slope(room.units, D)
        if room.back is None:
            D *= Z
            _times_rows(D, X, G_hidden, multiply)
            G_hidden *= self.W2_T
        else:
            room.spread(self.W2_T, Z, room.back)
            D *= room.back
            _times_rows(D, X, G_hidden, multiply)


def _forward(architecture, layers, X_T, outputs, multiply):
    """Fill ``outputs``: the units of A, without its row of ones; A; and logits Z."""
    (hidden, output), (units, A, Z) = layers, outputs
    _times_columns(hidden, X_T, units, multiply)
    architecture.activation.apply(units)
    multiply(output, A, Z)


def _times_columns(W, X_T, out, multiply):
    """[W b] [X 1]': (K, h, d + 1), (d + 1, m) or (K, d + 1, m) -> (K, h, m)."""
    if isinstance(X_T, np.ndarray):
        multiply(W, X_T, out)
        return
    for lane, product in zip(_stack(W), _stack(out), strict=True):
        product[...] = (X_T.T @ lane[:, :-1].T).T
        product += lane[:, -1:]


def _times_rows(D, X, out, multiply):
    """D [X 1]: (K, h, m), (m, d + 1) or (K, m, d + 1) -> (K, h, d + 1)."""
    if isinstance(X, np.ndarray):
        multiply(D, X, out)
        return
    for lane, product in zip(_stack(D), _stack(out), strict=True):
        product[:, :-1] = (X.T @ lane.T).T
        lane.sum(axis=1, out=product[:, -1])


def _stack(matrices):
    """The inverse of `_matrices`."""
    return matrices if matrices.ndim == 3 else matrices[None]


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
