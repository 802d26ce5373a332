"""Reads rows: all data block by block, or mini-batches gathered in some order.

A *batch* holds the rows of one update. A *block* is a part of a batch that is small
enough for the processor's cache; ``workspace`` decides its size. Dense rows are copied
into bounded buffers whose last column is one (homogeneous coordinates), so that the
bias of a layer is one more column of its weights. Nothing of the size of the data is
allocated. This module knows rows, targets and weights, and nothing of networks.
"""

from collections.abc import Iterable
from itertools import accumulate, chain, groupby, pairwise
from math import prod
from typing import NamedTuple

import numpy as np
from scipy import sparse

# A full batch of up to this number of bytes is copied once, with its column of ones and
# also transposed, and kept. A larger one is copied block by block in every epoch.
KEPT_ROWS = 4 * 2**20
# Mini-batches are gathered several at a time, up to this number of bytes: they share
# the fixed cost of a gather, and they are still in the cache when they are used.
GATHERED_ROWS = 2**16


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

    def of_lanes(self, lanes):
        """The block of some lanes (a slice), if every lane has rows of its own.

        For a single lane ``X`` and ``X_T`` are matrices, like rows that lanes share.
        """
        weight = self.weight[lanes] if self.weight.ndim else self.weight
        rows = lanes.start if lanes.stop - lanes.start == 1 else lanes
        return Block(self.X[rows], self.X_T[rows], self.target[lanes], weight)


class Batch(NamedTuple):
    """The rows of one update: blocks, number of rows, and total weight of the rows."""

    blocks: Iterable
    n_rows: int
    total_weight: float


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
        cut = even_slices if is_even else slices
        self._parts = cut(self.n_rows, min(batch_size, self.n_rows))
        self.n_batches, self.batch_size = len(self._parts), self._parts[0].stop
        self.block_size = block_size
        self.shuffle = shuffle
        self.dtype = np.dtype(dtype)
        row_length = X.nnz / X.shape[0] if sparse.issparse(X) else X.shape[1] + 1
        self._row_bytes = int(row_length * self.dtype.itemsize) + 1
        self._whole = self._reader = None
        self._gathered = {}  # `_Gathered` by the sizes of its batches

    @property
    def mean_weight(self):
        """The mean weight of a row."""
        return _total_weight(self.weight, 0, self.n_rows) / self.n_rows

    @property
    def blocks_per_epoch(self):
        """Number of blocks of all batches of an epoch."""
        return self.n_batches * -(-self.batch_size // self.block_size)

    def epoch(self, row_streams):
        """Yield the batches of one epoch; each overwrites the buffers of the previous.

        Parameters
        ----------
        row_streams : list of RandomState
            Sources of the row order of every lane. They are used only if rows are
            shuffled and an epoch has more than one batch.
        """
        if self.n_batches == 1:
            if self._whole is None:
                self._whole = self._whole_batch()
            yield self._whole
        else:
            yield from self._mini_batches(self._order(row_streams))

    def _order(self, row_streams):
        """The row order, (n,) for all lanes or (K, n); None without shuffling."""
        if not self.shuffle:
            return None
        streams = dict.fromkeys(row_streams)  # lanes may share a stream
        orders = {stream: stream.permutation(self.n_rows) for stream in streams}
        if len(orders) == 1:
            return orders[row_streams[0]]
        return np.array([orders[stream] for stream in row_streams])

    def _whole_batch(self):
        total = _total_weight(self.weight, 0, self.n_rows)
        if self.n_rows * self._row_bytes <= KEPT_ROWS:
            rows = RowReader(self.X, self.n_rows, self.dtype).read(slice(None))
            blocks = self._blocks(rows, self.target, self.weight, total, 0, self.n_rows)
            if not sparse.issparse(rows):
                blocks = [block._replace(X_T=block.X_T.copy()) for block in blocks]
        else:
            blocks = _ReadAgain(self._streamed_blocks, total)
        return Batch(blocks, self.n_rows, total)

    def _streamed_blocks(self, total):
        reader = RowReader(self.X, self.block_size, self.dtype)
        for part in slices(self.n_rows, self.block_size):
            target, weight = self._picked(part)
            rows = reader.read(part)
            yield from self._blocks(rows, target, weight, total, 0, rows.shape[0])

    def _mini_batches(self, order):
        lanes = () if order is None else order.shape[:-1]
        if self._reader is None or self._reader.lanes != lanes:
            row_bytes = self._row_bytes * prod(lanes)
            self._together = max(1, GATHERED_ROWS // (self.batch_size * row_bytes))
            capacity = min(self._together * self.batch_size, self.n_rows)
            self._reader = RowReader(self.X, capacity, self.dtype, lanes=lanes)
            self._gathered = {}
        for run in slices(self.n_batches, self._together):
            parts = self._parts[run]
            rows = slice(parts[0].start, parts[-1].stop)
            rows = rows if order is None else order[..., rows]
            sizes = tuple(part.stop - part.start for part in parts)
            yield from self._cut(self._reader.read(rows), *self._picked(rows), sizes)

    def _picked(self, rows):
        """Targets of some rows, and their weights or None."""
        weight = None if self.weight is None else self.weight[..., rows]
        target = self.target[0, 0, rows]
        return target.reshape(-1, 1, target.shape[-1]), weight

    def _cut(self, X, target, weight, sizes):
        """Cut rows that were read together into batches of the given sizes."""
        if sparse.issparse(X):
            for part in consecutive(sizes):
                total = _total_weight(weight, part.start, part.stop)
                blocks = self._blocks(X, target, weight, total, part.start, part.stop)
                yield Batch(blocks, part.stop - part.start, total)
            return
        if sizes not in self._gathered:
            self._gathered[sizes] = _Gathered(X, target, sizes, self.block_size)
        gathered = self._gathered[sizes]
        gathered.refresh(target)
        yield from gathered.batches if weight is None else gathered.weighted(weight)

    def _blocks(self, X, target, weight, total, first, last):
        """Cut the rows of a batch, whose weights sum to ``total``, into blocks."""
        blocks = []
        for part in slices(last - first, self.block_size):
            start, stop = first + part.start, first + part.stop
            share = _share(weight, start, stop, total, self.dtype)
            rows = X[start:stop]
            blocks.append(Block(rows, rows.T, target[..., start:stop], share))
        return blocks


class _Gathered:
    """A buffer of rows cut into batches, whose views are made once.

    For a small net, making the views costs a noticeable part of a step.

    Parameters
    ----------
    X : ndarray of shape (n, d + 1) or (K, n, d + 1)
        A buffer that the caller fills before every `refresh`.
    target : ndarray of shape (1, 1, n) or (K, 1, n)
        It is copied.
    sizes : tuple of int
        Numbers of rows of the batches; their sum is n.
    block_size : int

    Attributes
    ----------
    batches : list of Batch
        The batches if the rows have no weights.
    """

    def __init__(self, X, target, sizes, block_size):
        self.dtype, self.target, self._transposes = X.dtype, target.copy(), []
        batches = [
            [slice(rows.start + part.start, rows.start + part.stop) for part in parts]
            for rows in consecutive(sizes)
            for parts in [slices(rows.stop - rows.start, block_size)]
        ]
        X_T = iter(self._transposed(X, chain.from_iterable(batches)))
        self.batches = [self._batch(X, X_T, parts) for parts in batches]

    def _batch(self, X, X_T, parts):
        n_rows = parts[-1].stop - parts[0].start
        share = _share(None, parts[0].start, parts[-1].stop, n_rows, self.dtype)
        blocks = [
            Block(X[..., part, :], next(X_T), self.target[..., part], share)
            for part in parts
        ]
        return Batch(blocks, n_rows, float(n_rows))

    def _transposed(self, X, parts):
        """Buffers of the transposes of all blocks; blocks of one size lie together."""
        X_T = []
        for m, run in groupby(parts, key=lambda part: part.stop - part.start):
            run = list(run)
            rows = X[..., run[0].start : run[-1].stop, :]
            rows = rows.reshape(*X.shape[:-2], len(run), m, X.shape[-1])
            columns = rows.swapaxes(-1, -2)
            copies = np.empty(columns.shape, X.dtype)
            self._transposes.append((copies, columns))
            X_T += [copies[..., i, :, :] for i in range(len(run))]
        return X_T

    def refresh(self, target):
        """Copy targets and rows from the buffer that was filled."""
        self.target[...] = target
        for copies, columns in self._transposes:
            np.copyto(copies, columns)

    def weighted(self, weight):
        """Yield the batches with these weights of the rows, (1, 1, n) or (K, 1, n)."""
        stop = 0
        for batch in self.batches:
            start, stop = stop, stop + batch.n_rows
            total = _total_weight(weight, start, stop)
            blocks, last = [], start
            for block in batch.blocks:
                first, last = last, last + block.target.shape[-1]
                share = _share(weight, first, last, total, self.dtype)
                blocks.append(Block(block.X, block.X_T, block.target, share))
            yield Batch(blocks, batch.n_rows, total)


def _share(weight, start, stop, total, dtype):
    """Weights of some rows divided by the ``total`` weight of their batch."""
    if weight is None:
        return np.array(1 / total, dtype)
    # A batch of weight 0 makes no update, so its shares are never used.
    return (weight[..., start:stop] / (total or 1.0)).astype(dtype)


def _total_weight(weight, start, stop):
    if weight is None:
        return float(stop - start)
    return float(weight[..., start:stop].sum(dtype=np.float64))


def slices(n, step):
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


class _ReadAgain:
    """An iterable that calls a generator function whenever it is iterated over."""

    def __init__(self, generate, *args):
        self._generate, self._args = generate, args

    def __iter__(self):
        return self._generate(*self._args)


class RowReader:
    """Copies rows of dense data into a buffer that ends in a column of ones.

    Sparse rows are returned as they are.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    capacity : int
        Maximum number of rows that are read at once.
    dtype : numpy dtype
        The dtype of the buffer.
    order : {"C", "F"}
        The memory order of the buffer. "F" suits products with the transpose.
    lanes : () or (K,)
        With (K,), each of K lanes reads rows of its own.
    """

    def __init__(self, X, capacity, dtype, order="C", lanes=()):
        self.X, self.lanes = X, lanes
        self.n_features = X.shape[1]
        self.is_sparse = sparse.issparse(X)
        if not self.is_sparse:
            shape = (*lanes, capacity, self.n_features + 1)
            self._buffer = np.ones(shape, dtype, order)
            self._kept = self._taken = None

    def read(self, rows):
        """Read the rows of a slice, or of indices of shape (m,) or (K, m).

        Returns
        -------
        block : ndarray of shape (m, d + 1) or (K, m, d + 1), or CSR of shape (m, d)
            The next call overwrites it.
        """
        if self.is_sparse:
            return self.X[rows]
        if not isinstance(rows, slice):
            return self._take(rows)
        picked = self.X[rows]
        block = self._buffer[: len(picked)]
        block[:, :-1] = picked
        return block

    def _take(self, indices):
        # take(mode="clip") into a buffer is twice as fast as fancy indexing. But if its
        # source is not C-contiguous, it copies all of the source first.
        block = self._buffer[..., : indices.shape[-1], :]
        if self._keeps_rows():
            return np.take(self._kept, indices, axis=0, out=block, mode="clip")
        if not self.X.flags.c_contiguous or self.X.dtype != block.dtype:
            block[..., :-1] = self.X[indices]
            return block
        if self._taken is None:
            self._taken = np.empty_like(self._buffer[..., :-1], order="C")
        taken = self._taken[..., : indices.shape[-1], :]
        block[..., :-1] = np.take(self.X, indices, axis=0, out=taken, mode="clip")
        return block

    def _keeps_rows(self):
        """Whether a copy of all rows, with their ones, is small enough to be kept."""
        if self._kept is None and self.X.size * self._buffer.itemsize <= KEPT_ROWS:
            shape = self.X.shape[0], self.n_features + 1
            self._kept = np.ones(shape, self._buffer.dtype)
            self._kept[:, :-1] = self.X
        return self._kept is not None
