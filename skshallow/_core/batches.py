"""Reads rows: all data block by block, or mini-batches gathered in some order.

A *batch* holds the rows of one update. A *block* is a part of a batch that is small
enough for the processor's cache; ``workspace`` decides its size. Dense rows are copied
into bounded buffers whose last column is one (homogeneous coordinates), so that the
bias of a layer is one more column of its weights. Nothing of the size of the data is
allocated. This module knows rows, targets and weights, and nothing of networks.
"""

from itertools import accumulate, pairwise
from math import prod
from typing import NamedTuple

import numpy as np
from scipy import sparse

# A full batch of up to this number of bytes is copied once, with its column of ones and
# also transposed. A larger one is copied block by block in every epoch.
COPIED_ROWS = 4 * 2**20
# Mini-batches are gathered several at a time, up to this number of bytes. The fixed
# cost of a gather is then paid once for several batches, and the rows are still in the
# cache when they are used. With a gather for every batch, a fit takes 22 to 30% longer
# with batches of 32 rows, and 7 to 12% longer on the flower.
GATHERED_ROWS = 2**16
# Rows that are measured at once, if there are no batches: a matter of memory.
MEASURED_ROWS = 1024


class Block(NamedTuple):
    """Rows that are computed together.

    ``X``, ``X_T``, ``target`` and ``weight`` are the same for all lanes, or they have a
    leading axis of lanes, if every lane has rows of its own.

    Parameters
    ----------
    X : ndarray of shape (m, d + 1) or (K, m, d + 1), or CSR of shape (m, d)
        Dense rows end in a one.
    X_T : ndarray of shape (d + 1, m) or (K, d + 1, m), or CSC of shape (d, m)
        The transpose of ``X``. It is a copy if the rows are read more than once or are
        few, because products with contiguous rows are up to twice as fast.
    target : ndarray of shape (1, 1, m) or (K, 1, m)
    weight : ndarray of shape (), (1, 1, m) or (K, 1, m)
        Sample weights divided by the total weight of the batch; one number if all are
        equal.
    """

    X: object
    X_T: object
    target: np.ndarray
    weight: np.ndarray

    def keep(self, lanes):
        """The block of some lanes (a slice), if every lane has rows of its own.

        For a single lane ``X`` and ``X_T`` are matrices, like rows that lanes share.
        """
        weight = self.weight[lanes] if self.weight.ndim else self.weight
        rows = lanes.start if lanes.stop - lanes.start == 1 else lanes
        return Block(self.X[rows], self.X_T[rows], self.target[lanes], weight)


class Batches:
    """The batches of every epoch over some rows.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    target : ndarray of shape (1, 1, n)
    weight : ndarray of shape (n,) or None
    batch_size : int
        Maximum number of rows of a batch. With ``n`` or more, one batch holds all rows
        and their order does not matter.
    is_even : bool, default=False
        Whether the rows are spread evenly over the batches, so that their sizes differ
        by at most one. Otherwise all batches are full except the last, which has the
        remaining rows.
    block_size : int
        Maximum number of rows of a block.
    shuffle : bool
        Whether every epoch draws a new order.
    dtype : numpy dtype
        The dtype of dense blocks.
    """

    def __init__(
        self,
        X,
        target,
        weight,
        *,
        batch_size,
        block_size,
        shuffle,
        dtype,
        is_even=False,
    ):
        self.X, self.target = X, target
        self.weight = None if weight is None else weight[None, None]
        self.n_rows = X.shape[0]
        self.total_weight = _total_weight(self.weight, slice(0, self.n_rows))
        cut = even_slices if is_even else slices
        self._batch_rows = cut(self.n_rows, min(batch_size, self.n_rows))
        self.n_batches = len(self._batch_rows)
        self.batch_size = self._batch_rows[0].stop
        self.has_leftover = not is_even and self.n_rows % self.batch_size > 0
        self.block_size = block_size
        self.blocks_per_epoch = self.n_batches * -(-self.batch_size // block_size)
        self.shuffle = shuffle
        self.dtype = np.dtype(dtype)
        row_length = X.nnz / X.shape[0] if sparse.issparse(X) else X.shape[1] + 1
        self._row_bytes = int(row_length * self.dtype.itemsize) + 1
        self._copies = None  # the only batch, if its rows are few
        self._lanes = None  # for which there are buffers

    def epoch(self, row_streams):
        """Yield the batches of one epoch; each overwrites the buffers of the previous.

        Parameters
        ----------
        row_streams : list of RandomState
            Sources of the row order of every lane. They are used only if rows are
            shuffled and an epoch has more than one batch.

        Yields
        ------
        blocks : iterable of Block
        n_rows : int
        total_weight : float
            Total weight of the rows.
        """
        if self.n_batches > 1:
            yield from self._gather(self._order(row_streams))
        elif self.n_rows * self._row_bytes > COPIED_ROWS:
            yield self._read_blocks(), self.n_rows, self.total_weight
        else:
            if self._copies is None:
                self._copies = [*self._gather(order=None)]
            yield from self._copies

    def _read_blocks(self):
        """Yield the blocks of all rows; each overwrites the previous."""
        buffer = row_buffer(self.X, self.block_size, self.dtype)
        for rows in slices(self.n_rows, self.block_size):
            X = read_rows(self.X, rows, buffer)
            share = _share(self.weight, rows, self.total_weight, self.dtype)
            yield Block(X, X.T, self.target[..., rows], share)

    def _order(self, row_streams):
        """The row order, (n,) for all lanes or (K, n); None without shuffling."""
        if not self.shuffle:
            return None
        streams = dict.fromkeys(row_streams)  # lanes may share a stream
        orders = {stream: stream.permutation(self.n_rows) for stream in streams}
        if len(orders) == 1:
            return orders[row_streams[0]]
        return np.array([orders[stream] for stream in row_streams])

    def _gather(self, order):
        """Yield all batches; the rows of several batches are read together."""
        lanes = () if order is None else order.shape[:-1]
        if self._lanes != lanes:
            self._make_buffers(lanes)
        for run in slices(self.n_batches, self._together):
            cuts = self._batch_rows[run]
            rows = slice(cuts[0].start, cuts[-1].stop)
            rows = rows if order is None else order[..., rows]
            X = read_rows(self.X, rows, self._buffer)
            target = self._target_buffer[..., : X.shape[-2]]
            target[:, 0] = self.target[0, 0, rows]
            sizes = tuple(cut.stop - cut.start for cut in cuts)
            if self._buffer is None or sizes not in self._views:
                self._views[sizes] = _cut(X, target, sizes, self.block_size, self.dtype)
            batches, transposes = self._views[sizes]
            for X_T, columns in transposes:
                np.copyto(X_T, columns)
            if self.weight is not None:
                batches = _weighted(batches, self.weight[..., rows], self.dtype)
            yield from batches

    def _make_buffers(self, lanes):
        """Make memory for the rows that are read together, by all or by K lanes."""
        row_bytes = self._row_bytes * prod(lanes)
        self._together = max(1, GATHERED_ROWS // (self.batch_size * row_bytes))
        capacity = min(self._together * self.batch_size, self.n_rows)
        self._buffer = row_buffer(self.X, capacity, self.dtype, lanes=lanes)
        shape = *(lanes or (1,)), 1, capacity
        self._target_buffer = np.empty(shape, self.target.dtype)
        self._views = {}  # of the buffers, by the sizes of batches: as from `_cut`
        self._lanes = lanes


def _cut(X, target, sizes, block_size, dtype):
    """Cut rows that were read together into batches of rows without weights.

    The result is used again after other dense rows have been read into the same memory:
    in a small net, making the views takes a noticeable part of a step.

    Parameters
    ----------
    X : ndarray of shape (n, d + 1) or (K, n, d + 1), or CSR of shape (n, d)
    target : ndarray of shape (1, 1, n) or (K, 1, n)
    sizes : sequence of int
        Numbers of rows of the batches; their sum is n.
    block_size : int
    dtype : numpy dtype

    Returns
    -------
    batches : list of (blocks, n_rows, total_weight)
        As in `Batches.epoch`.
    transposes : list of (ndarray, ndarray)
        The second array has to be copied into the first before the batches are used.
    """
    batches, transposes = [], []
    for batch in consecutive(sizes):
        n_rows = batch.stop - batch.start
        share = np.array(1 / n_rows, dtype)
        blocks = []
        for start in range(batch.start, batch.stop, block_size):
            rows = slice(start, min(start + block_size, batch.stop))
            if sparse.issparse(X):
                block_rows = X[rows]
                X_T = block_rows.T
            else:
                block_rows = X[..., rows, :]
                columns = block_rows.swapaxes(-1, -2)
                X_T = np.empty(columns.shape, dtype)
                transposes.append((X_T, columns))
            blocks.append(Block(block_rows, X_T, target[..., rows], share))
        batches.append((blocks, n_rows, float(n_rows)))
    return batches, transposes


def _weighted(batches, weight, dtype):
    """Yield batches whose rows have the weights (1, 1, n)."""
    start = 0
    for blocks, n_rows, _ in batches:
        total = _total_weight(weight, slice(start, start + n_rows))
        weighted = []
        for block in blocks:
            rows = slice(start, start + block.target.shape[-1])
            share = _share(weight, rows, total, dtype)
            weighted.append(block._replace(weight=share))
            start = rows.stop
        yield weighted, n_rows, total


def _share(weight, rows, total, dtype):
    """Weights of some rows divided by the ``total`` weight of their batch."""
    if weight is None:
        return np.array(1 / total, dtype)
    # A batch of weight 0 makes no update, so its shares are never used.
    return (weight[..., rows] / (total or 1.0)).astype(dtype)


def _total_weight(weight, rows):
    if weight is None:
        return float(rows.stop - rows.start)
    return float(weight[..., rows].sum(dtype=np.float64))


def slices(n, step=MEASURED_ROWS):
    """Cut ``range(n)`` into slices of ``step``; the last one may be shorter."""
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def even_slices(n, most):
    """Cut ``range(n)`` into slices of at most ``most`` whose sizes differ by at most 1.

    There are as few slices as possible. The longer ones come first.
    """
    n_slices = -(-n // most)
    size, n_longer = divmod(n, n_slices)
    return consecutive([size + 1] * n_longer + [size] * (n_slices - n_longer))


def consecutive(sizes):
    """Consecutive slices of the given sizes."""
    ends = [0, *accumulate(sizes)]
    return [slice(start, stop) for start, stop in pairwise(ends)]


def row_buffer(X, n_rows, dtype, order="C", lanes=()):
    """Memory for rows of ``X`` that are read together; None for sparse rows.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    n_rows : int
        Maximum number of rows that are read at once.
    dtype : numpy dtype
    order : {"C", "F"}
        The memory order. "F" suits products with the transpose.
    lanes : () or (K,)
        With (K,), each of K lanes reads rows of its own.
    """
    if sparse.issparse(X):
        return None
    return np.ones((*lanes, n_rows, X.shape[1] + 1), dtype, order)


def read_rows(X, rows, buffer):
    """Copy rows of ``X`` into the buffer, where each row ends in a one.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    rows : slice, or ndarray of int of shape (m,) or (K, m)
    buffer : ndarray or None
        As returned by `row_buffer`.

    Returns
    -------
    block : ndarray of shape (m, d + 1) or (K, m, d + 1), or CSR of shape (m, d)
        A view of the buffer. Sparse rows are returned as they are.
    """
    if buffer is None:
        return X[rows]
    if not isinstance(rows, slice) and X.flags.c_contiguous:
        # Twice as fast as X[rows], but it copies all of another source first.
        picked = np.take(X, rows, axis=0)
    else:
        picked = X[rows]
    block = buffer[..., : picked.shape[-2], :]
    block[..., :-1] = picked
    return block
