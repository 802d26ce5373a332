"""Objective and gradient of K lanes: the sum over blocks, penalty, tied units.

The objective is the weighted mean of the loss over a batch plus ``penalty / 2`` times
the squared weights. An update needs the gradient only. Losses and penalties are only
recorded: `gradient` stores the numbers from which `values` computes them, for many
batches at a time. To compute them batch by batch would take a third of the time of a
net of a few units.
"""

from operator import itemgetter
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
        self.G, self._addend = np.empty_like(P), np.empty_like(P)
        self._layouts = {}  # tiles and deferred losses, by the rows of a block
        self._penalty = None
        if np.any(penalty):
            penalty = np.minimum(penalty, np.finfo(P.dtype).max)[:, None]  # inf * 0
            self._factors = architecture.is_weight() * penalty.astype(P.dtype)
            self._decay = np.empty_like(P)
            self._penalty = Deferred(1, P.shape, P.dtype, itemgetter(0))
        self.clear()

    def __call__(self, blocks):
        """Return the objective of every lane, float64 of shape (K,); fill ``G``."""
        self.gradient(blocks)
        (values,) = self.values()
        self.clear()
        return values

    def gradient(self, blocks):
        """Fill ``G`` for a batch, and store the numbers that `values` needs."""
        architecture = self.architecture
        is_first = True
        activation = architecture.activation
        for block in blocks:
            m = block.target.shape[-1]
            differ_in_rows = block.X.ndim == 3
            tiles, losses = self._layouts.get(m) or self._new_layout(block)
            row = losses.new_row(self._n_blocks, block.weight)
            for tile, parts in zip(tiles, row, strict=True):
                part = block.of_lanes(tile.lanes) if differ_in_rows else block
                X, X_T, target, weight = part
                forward(activation, tile.layers, X_T, tile.work)
                architecture.loss.gradient(tile.work.logits, target, weight, parts)
                gradients = tile.gradients if is_first else tile.addends
                backward(activation, tile.W2_T, X, tile.work, gradients)
            if not is_first:
                self.G += self._addend
            self._n_blocks += 1
            is_first = False
        if self._penalty is not None:
            # To store the weights, and square them later, takes up to a quarter longer.
            ((terms,),) = self._penalty.new_row(len(self._batch_ends))
            decay = np.multiply(self._factors, self.P, self._decay)
            self.G += decay
            np.multiply(decay, self.P, terms)
        self._batch_ends.append(self._n_blocks)
        if self.ties is not None:
            self.ties.apply(*architecture.layers(self.G))

    def values(self):
        """Objectives (n_batches, K), float64, of all batches since `clear`.

        A batch that was interrupted is left out.
        """
        ends, K = self._batch_ends, len(self.P)
        decreases = np.empty((self._n_blocks + 1, K))
        for _, losses in self._layouts.values():
            losses.sum_rows()
            for numbers, sums in losses.sums:
                decreases[numbers] = sums
        decreases = decreases[: ends[-1]]
        if len(ends) < len(decreases):
            decreases = np.add.reduceat(decreases, [0, *ends[:-1]], axis=0)
        objectives = self.architecture.loss.at_zero - decreases
        if self._penalty is not None:
            self._penalty.sum_rows()
            penalties = np.empty((len(ends) + 1, K))
            for numbers, sums in self._penalty.sums:
                penalties[numbers] = sums
            objectives += 0.5 * penalties[: len(ends)]
        return objectives

    def epoch_means(self, batches):
        """Mean objectives (r, K) of the r epochs of all batches since `clear`.

        Parameters
        ----------
        batches : list of (int, int)
            The epoch and the number of rows of every batch. The mean weighs a batch by
            its number of rows.
        """
        values = self.values()[: len(batches)]
        n_epochs = batches[-1][0] - batches[0][0] + 1
        if n_epochs == len(batches):
            return values
        epochs, rows = np.array(batches).T
        first = [0, *np.flatnonzero(np.diff(epochs)) + 1]  # batch of each epoch
        # Shares are summed, because the share of a single batch is exactly 1. A
        # division of the sum would round.
        n_batches = np.diff([*first, len(rows)])
        share = rows / np.repeat(np.add.reduceat(rows, first), n_batches)
        return np.add.reduceat(values * share[:, None], first, axis=0)

    def clear(self):
        """Drop the batches whose `values` are known."""
        self._batch_ends, self._n_blocks = [], 0  # blocks up to the end of each batch
        for _, losses in self._layouts.values():
            losses.sums.clear()
        if self._penalty is not None:
            self._penalty.sums.clear()

    def _new_layout(self, block):
        """Make tiles, each of as many lanes as the cache holds, and deferred losses.

        Tiles of the same size share their buffers.
        """
        architecture = self.architecture
        K = len(self.P)
        m = block.target.shape[-1]
        is_sparse = issparse(block.X)
        n_tiles = -(-K // lanes_together(architecture, m))
        tiles, workspaces = [], {}
        for lanes in slices(K, -(-K // n_tiles)):
            size = lanes.stop - lanes.start
            if size not in workspaces:
                workspaces[size] = Workspace(architecture, size, m, is_sparse=is_sparse)
            tiles.append(self._tile(lanes, workspaces[size]))
        loss = architecture.loss
        cuts = [tile.lanes for tile in tiles]
        shape = K, 1, m
        losses = Deferred(loss.n_parts, shape, self.P.dtype, loss.decrease, cuts)
        self._layouts[m] = tiles, losses
        return self._layouts[m]

    def _tile(self, lanes, work):
        layers, gradients, addends = (
            [matrices(layer) for layer in self.architecture.layers(values[lanes])]
            for values in (self.P, self.G, self._addend)
        )
        W2_T = layers[1][..., :-1].swapaxes(-2, -1)
        return _Tile(lanes, layers, W2_T, gradients, addends, work)


class _Tile(NamedTuple):
    """Views and buffers of the lanes that are computed together on a block.

    The views are made once, because in a small net making them costs as much as the
    arithmetic.
    """

    lanes: slice
    layers: list
    W2_T: np.ndarray
    gradients: list
    addends: list
    work: Workspace


class Deferred:
    """Sums that no update needs: their terms are written now, and summed later.

    Parameters
    ----------
    n_parts : int
        Number of arrays in a row.
    shape : tuple
        Shape of each array; the first axis is that of the lanes.
    dtype : numpy dtype
    terms_of : callable
        ``terms_of(parts)`` computes the terms of n rows, (n, *shape), from their parts,
        (n_parts, n, *shape).
    cuts : list of slice, default=[slice(None)]
        Slices of lanes, into which the arrays of a row are cut.

    Attributes
    ----------
    sums : list
        Pairs of the numbers of rows and their sums (n, K); the caller empties it.
    """

    def __init__(self, n_parts, shape, dtype, terms_of, cuts=(slice(None),)):
        row_bytes = n_parts * int(np.prod(shape)) * np.dtype(dtype).itemsize
        capacity = max(1, min(DEFERRED_BYTES // row_bytes, DEFERRED_ROWS))
        self._parts = np.empty((n_parts, capacity, *shape), dtype)
        self._cuts = [[part[:, lanes] for part in self._parts] for lanes in cuts]
        self._rows = []  # views, made when they are first used
        self._terms_of = terms_of
        self._axes = tuple(range(2, 1 + len(shape)))
        self._open = []  # number and weight of every row that is not yet summed
        self.sums = []

    def new_row(self, number, weight=None):
        """Arrays to write a row to: a list for each cut.

        ``weight`` multiplies its terms. It has no dimensions or the shape of a row, or
        it is None; for all rows the same.
        """
        i = len(self._open)
        if i == self._parts.shape[1]:
            self.sum_rows()
            i = 0
        if i == len(self._rows):
            self._rows.append([[part[i] for part in parts] for parts in self._cuts])
        self._open.append((number, weight))
        return self._rows[i]

    def sum_rows(self):
        """Sum all rows that were written."""
        if not self._open:
            return
        numbers, weights = zip(*self._open, strict=True)
        terms = self._terms_of(self._parts[:, : len(numbers)])  # (n, K, ...)
        # Not products with a vector of ones: the order in which BLAS sums may depend on
        # where a row lies in memory.
        if weights[0] is None:
            sums = terms.sum(axis=self._axes)
        elif weights[0].ndim == 0:
            sums = terms.sum(axis=self._axes) * np.array(weights)[:, None]
        else:
            sums = (terms * np.array(weights)).sum(axis=self._axes)
        self.sums.append((list(numbers), sums))
        self._open = []
