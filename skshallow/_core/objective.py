"""Objective and gradient of K lanes: the sum over blocks, penalty, tied units.

The objective is the weighted mean of the loss over a batch plus ``penalty / 2`` times
the squared weights. `Objective.gradient` computes the gradient of a batch, and stores
what the objective needs; `Objective.values` computes the objectives of many batches at
once (`DeferredSums`).
"""

from operator import itemgetter
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse

from skshallow._core.batches import slices
from skshallow._core.network import backward, forward
from skshallow._core.workspace import Workspace, lanes_together, matrices

# Limits on the rows that are stored: memory in bytes, and number of rows.
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
        self._layouts = {}  # tiles, and sums of decreases, by the rows of a block
        self._penalty = None  # sums of squared weights times the penalty
        if np.any(penalty):
            penalty = np.minimum(penalty, np.finfo(P.dtype).max)[:, None]  # inf * 0
            self._factors = architecture.is_weight() * penalty.astype(P.dtype)
            self._decay = np.empty_like(P)
            self._penalty = DeferredSums(1, P.shape, P.dtype, itemgetter(0))
        self.clear()

    def __call__(self, blocks):
        """Return the objective of every lane, float64 of shape (K,); fill ``G``."""
        self.gradient(blocks)
        (values,) = self.values()
        self.clear()
        return values

    def gradient(self, blocks, *, epoch=0, n_rows=1):
        """Fill ``G`` for a batch, and store what `values` needs.

        ``epoch`` and ``n_rows`` are the epoch and the number of rows of the batch, for
        `epoch_means`.
        """
        architecture = self.architecture
        activation = architecture.activation
        for i, block in enumerate(blocks):
            m = block.target.shape[-1]
            differ_in_rows = block.X.ndim == 3
            tiles, decreases = self._layouts.get(m) or self._new_layout(block)
            row = decreases.new_row(self._n_blocks, block.weight)
            for tile, parts in zip(tiles, row, strict=True):
                of_tile = block.keep(tile.lanes) if differ_in_rows else block
                X, X_T, target, weight = of_tile
                forward(activation, tile.layers, X_T, tile.work)
                architecture.loss.gradient(tile.work.logits, target, weight, parts)
                gradients = tile.addends if i else tile.gradients
                backward(activation, tile.W2_T, X, tile.work, gradients)
            if i:
                self.G += self._addend
            self._n_blocks += 1
        if self._penalty is not None:
            # If the weights were stored, and squared later, a step would take up to a
            # quarter longer.
            ((terms,),) = self._penalty.new_row(len(self._batches))
            decay = np.multiply(self._factors, self.P, self._decay)
            self.G += decay
            np.multiply(decay, self.P, terms)
        if self.ties is not None:
            self.ties.apply(*architecture.layers(self.G))
        self._batches.append((epoch, n_rows, self._n_blocks))

    def values(self):
        """Objectives (n_batches, K), float64, of all batches since `clear`.

        A batch that was interrupted is left out.
        """
        n_batches, K = len(self._batches), len(self.P)
        decreases = np.empty((self._n_blocks + 1, K))
        for _, deferred in self._layouts.values():
            deferred.write_to(decreases)
        ends = [end for _, _, end in self._batches]
        decreases = decreases[: ends[-1]]
        if n_batches < len(decreases):
            decreases = np.add.reduceat(decreases, [0, *ends[:-1]], axis=0)
        objectives = self.architecture.loss.at_zero - decreases
        if self._penalty is not None:
            penalties = np.empty((n_batches + 1, K))
            self._penalty.write_to(penalties)
            objectives += 0.5 * penalties[:n_batches]
        return objectives

    def epoch_means(self):
        """Mean objectives (r, K) of the r epochs of all batches since `clear`.

        The mean weighs a batch by its number of rows.
        """
        if not self._batches:
            return np.empty((0, len(self.P)))
        values = self.values()
        if len({epoch for epoch, _, _ in self._batches}) == len(values):
            return values
        epochs, rows, _ = np.array(self._batches).T
        first = [0, *np.flatnonzero(np.diff(epochs)) + 1]  # batch of each epoch
        # Shares are summed, because the share of a single batch is exactly 1. A
        # division of the sum would round.
        n_batches = np.diff([*first, len(rows)])
        share = rows / np.repeat(np.add.reduceat(rows, first), n_batches)
        return np.add.reduceat(values * share[:, None], first, axis=0)

    def clear(self):
        """Drop the batches whose `values` are known."""
        # The epoch, the rows, and the blocks up to the end of every batch.
        self._batches, self._n_blocks = [], 0
        for _, decreases in self._layouts.values():
            decreases.clear()
        if self._penalty is not None:
            self._penalty.clear()

    def _new_layout(self, block):
        """Make tiles, each of as many lanes as the cache holds, and deferred sums.

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
        sums = DeferredSums(loss.n_parts, shape, self.P.dtype, loss.decrease, cuts)
        self._layouts[m] = tiles, sums
        return tiles, sums

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


class DeferredSums:
    """The sums of rows that are written now and summed later.

    An update needs the gradient only; losses and penalties are only recorded. To sum
    them batch by batch would take a third of the time of a net of a few units. So a
    *row* of numbers is stored, in one or more arrays, its *parts*. Later the *terms* of
    many rows, one for each sample or each parameter, are computed from their parts and
    are summed.

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
    """

    def __init__(self, n_parts, shape, dtype, terms_of, cuts=(slice(None),)):
        row_bytes = n_parts * int(np.prod(shape)) * np.dtype(dtype).itemsize
        capacity = max(1, min(DEFERRED_BYTES // row_bytes, DEFERRED_ROWS))
        self._parts = np.empty((n_parts, capacity, *shape), dtype)
        self._cuts = [[part[:, lanes] for part in self._parts] for lanes in cuts]
        self._rows = []  # views, made when they are first used
        self._terms_of = terms_of
        self._axes = tuple(range(2, 1 + len(shape)))
        self.clear()

    def new_row(self, number, weight=None):
        """Arrays to write the row of this number to: a list for each cut.

        ``weight`` multiplies its terms. It has no dimensions or the shape of a row, or
        it is None; for all rows the same.
        """
        i = len(self._stored)
        if i == self._parts.shape[1]:
            self._sum_rows()
            i = 0
        if i == len(self._rows):
            self._rows.append([[part[i] for part in parts] for parts in self._cuts])
        self._stored.append((number, weight))
        return self._rows[i]

    def write_to(self, sums):
        """Write the sum (K,) of every row since `clear` to ``sums[number]``."""
        self._sum_rows()
        for numbers, row_sums in self._summed:
            sums[numbers] = row_sums

    def clear(self):
        """Drop all rows."""
        self._stored = []  # number and weight of every row that is not yet summed
        self._summed = []  # numbers of rows, and their sums (n, K)

    def _sum_rows(self):
        if not self._stored:
            return
        numbers, weights = zip(*self._stored, strict=True)
        terms = self._terms_of(self._parts[:, : len(numbers)])  # (n, K, ...)
        # Not products with a vector of ones: the order in which BLAS sums may depend on
        # where a row lies in memory.
        if weights[0] is None:
            sums = terms.sum(axis=self._axes)
        elif weights[0].ndim == 0:
            sums = terms.sum(axis=self._axes) * np.array(weights)[:, None]
        else:
            sums = (terms * np.array(weights)).sum(axis=self._axes)
        self._summed.append((list(numbers), sums))
        self._stored = []
