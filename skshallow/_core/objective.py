"""Objective and gradient of K lanes: the sum over blocks, penalty, tied units.

The objective is the weighted mean of the loss over a batch plus ``penalty / 2`` times
the squared weights. An update needs the gradient only. Losses and penalties are only
recorded: `gradient` stores the numbers from which `values` computes them, for many
batches at a time. To compute them batch by batch would take a third of the time of a
net of a few units.
"""

from bisect import bisect_left
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse

from skshallow._core.batches import slices
from skshallow._core.network import backward, forward
from skshallow._core.workspace import Workspace, lanes_together, matrices

# Limits on the rows of a `Deferred`: memory in bytes, and number of rows.
DEFERRED_BYTES, DEFERRED_ROWS = 2**16, 256


class Objective:
    """Objective and gradient of K lanes.

    Parameters
    ----------
    architecture : Architecture
    P : ndarray of shape (K, p)
        The parameters. They are read at every call; the caller changes them in place
        between calls.
    penalty : ndarray of shape (K,)
        The same for every batch, whatever its size.
    ties : Ties or None
        Units that must stay identical.

    Attributes
    ----------
    G : ndarray of shape (K, p)
        The gradient of the last call. The caller may overwrite it.
    """

    def __init__(self, architecture, P, penalty, ties=None):
        self.architecture, self.P, self.ties = architecture, P, ties
        self.G, self._addend = np.empty_like(P), None
        self._layouts = {}  # tiles and deferred losses, by the rows of a block
        self._penalty = None
        if np.any(penalty):
            penalty = np.minimum(penalty, np.finfo(P.dtype).max)[:, None]  # inf * 0
            self._factors = architecture.is_weight() * penalty.astype(P.dtype)
            self._pull = np.empty_like(P)
            self._penalty = Deferred(1, P.shape, P.dtype, _penalties)
        self.clear()

    def __call__(self, batch):
        """Return the objective of every lane, float64 of shape (K,); fill ``G``."""
        self.gradient(batch)
        (values,) = self.values()
        self.clear()
        return values

    def gradient(self, batch):
        """Fill ``G`` for a batch, and store the numbers that `values` needs."""
        architecture, is_first = self.architecture, True
        activation = architecture.activation
        for block in batch.blocks:
            m, have_own_rows = block.target.shape[-1], block.X.ndim == 3
            tiles, losses = self._layouts.get(m) or self._new_layout(block)
            loss_row = losses.row(self._n_blocks, block.weight)
            for tile in tiles:
                part = block.of_lanes(tile.lanes) if have_own_rows else block
                X, X_T, target, weight = part
                parts = loss_row[tile.number]
                forward(activation, tile.layers, X_T, tile.work)
                architecture.loss.gradient(tile.work.logits, target, weight, parts)
                gradients = tile.gradients if is_first else tile.addends
                backward(activation, tile.W2_T, X, tile.work, gradients)
            if not is_first:
                self.G += self._addend
            self._n_blocks, is_first = self._n_blocks + 1, False
        if self._penalty is not None:
            ((terms,),) = self._penalty.row(len(self._batch_ends))
            pull = np.multiply(self._factors, self.P, self._pull)
            self.G += pull
            np.multiply(pull, self.P, terms)
        self._batch_ends.append(self._n_blocks)
        if self.ties is not None:
            self.ties.apply(*architecture.layers(self.G))

    def values(self):
        """Objectives (n_batches, K), float64, of all batches since `clear`."""
        ends, K = self._batch_ends, len(self.P)
        gains = np.empty((ends[-1], K))
        for _, losses in self._layouts.values():
            losses.write_values(gains)
        if len(ends) < len(gains):
            gains = np.add.reduceat(gains, [0, *ends[:-1]], axis=0)
        values = self.architecture.loss.at_zero - gains
        if self._penalty is not None:
            penalties = np.empty_like(values)
            self._penalty.write_values(penalties)
            values += penalties
        return values

    def clear(self):
        """Drop the stored batches."""
        self._batch_ends, self._n_blocks = [], 0  # blocks up to the end of each batch
        for _, losses in self._layouts.values():
            losses.clear()
        if self._penalty is not None:
            self._penalty.clear()

    def _new_layout(self, block):
        """Make tiles, each of as many lanes as the cache holds, and deferred losses.

        Tiles of the same size share their buffers.
        """
        architecture, K = self.architecture, len(self.P)
        m, is_sparse = block.target.shape[-1], issparse(block.X)
        n_tiles = -(-K // lanes_together(architecture, m))
        tiles, workspaces = [], {}
        if self._addend is None:
            self._addend = np.empty_like(self.G)
        for lanes in slices(K, -(-K // n_tiles)):
            size = lanes.stop - lanes.start
            if size not in workspaces:
                workspaces[size] = Workspace(architecture, size, m, is_sparse=is_sparse)
            tiles.append(self._tile(len(tiles), lanes, workspaces[size]))
        loss, cuts = architecture.loss, [tile.lanes for tile in tiles]
        evaluate = partial(_gains, loss)
        losses = Deferred(loss.n_parts, (K, 1, m), self.P.dtype, evaluate, cuts)
        self._layouts[m] = tiles, losses
        return self._layouts[m]

    def _tile(self, number, lanes, work):
        layers, gradients, addends = (
            [matrices(layer) for layer in self.architecture.layers(values[lanes])]
            for values in (self.P, self.G, self._addend)
        )
        W2_T = layers[1][..., :-1].swapaxes(-2, -1)
        return _Tile(number, lanes, layers, W2_T, gradients, addends, work)


def _gains(loss, parts, weights):
    """Gains (n, K) of n blocks, from the parts that the loss has stored."""
    gains = loss.gain(parts)  # (n, K, 1, m)
    weights = np.array(weights)  # (n,), or (n, K, 1, m)
    if weights.ndim > 1:
        return (gains * weights).sum(axis=(2, 3))
    return gains.sum(axis=(2, 3)) * weights[:, None]


def _penalties(parts, _):
    """Penalties (n, K) from the penalty times each squared weight, (1, n, K, p)."""
    # Not a product with a vector of ones: the order in which BLAS sums may depend on
    # where a row lies in memory.
    return 0.5 * parts[0].sum(axis=-1)


class _Tile(NamedTuple):
    """Views and buffers of the lanes that are computed together on a block.

    The views are made once, because in a small net making them costs as much as the
    arithmetic.
    """

    number: int
    lanes: slice
    layers: list
    W2_T: np.ndarray
    gradients: list
    addends: list
    work: Workspace


class Deferred:
    """Values that no update needs: rows are written now, and evaluated later.

    Parameters
    ----------
    n_parts : int
        Number of arrays in a row.
    shape : tuple
        Shape of each array.
    dtype : numpy dtype
    evaluate : callable
        ``evaluate(parts, weights) -> values``: computes values (n, K) from the parts of
        n rows, (n_parts, n, *shape), and their n weights.
    cuts : list of slice, default=[slice(None)]
        Slices of lanes, into which the arrays of a row are cut.
    """

    def __init__(self, n_parts, shape, dtype, evaluate, cuts=(slice(None),)):
        row_bytes = n_parts * int(np.prod(shape)) * np.dtype(dtype).itemsize
        capacity = max(1, min(DEFERRED_BYTES // row_bytes, DEFERRED_ROWS))
        self._parts = np.empty((n_parts, capacity, *shape), dtype)
        self._cuts, self._rows = cuts, []  # views, made when they are first used
        self._evaluate_rows = evaluate
        self.clear()

    def clear(self):
        """Drop all rows."""
        self._open, self._values = [], []

    def row(self, number, weight=1.0):
        """Arrays to write a row to: a list for each cut. Row numbers must ascend."""
        i = len(self._open)
        if i == self._parts.shape[1]:
            self._evaluate()
            i = 0
        if i == len(self._rows):
            row = [[part[i, lanes] for part in self._parts] for lanes in self._cuts]
            self._rows.append(row)
        self._open.append((number, weight))
        return self._rows[i]

    def _evaluate(self):
        numbers, weights = zip(*self._open, strict=True)
        values = self._evaluate_rows(self._parts[:, : len(numbers)], weights)
        self._values, self._open = [*self._values, (numbers, values)], []

    def write_values(self, out):
        """Write the values of row i into ``out[i]``; ``out`` has shape (n, K).

        Rows with higher numbers belong to a batch that was interrupted. They are left
        out.
        """
        if self._open:
            self._evaluate()
        for numbers, values in self._values:
            n_whole = bisect_left(numbers, len(out))
            out[list(numbers[:n_whole])] = values[:n_whole]
