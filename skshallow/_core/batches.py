"""Reads rows: the whole data block by block, or mini-batches gathered in some order.

A *batch* is what one update is made of; a *block* is a part of it small enough for the
processor's cache (``workspace`` decides how small). Dense rows are copied into bounded
buffers whose last column is one (homogeneous coordinates), so that the bias of a layer
is one more column of its weights; nothing of the size of the data is allocated. This
module knows rows, targets and weights, and nothing of networks.
"""

from collections.abc import Iterable
from itertools import accumulate, chain, groupby, pairwise
from math import prod
from typing import NamedTuple

import numpy as np
from scipy import sparse

# Rows of a full batch that fit are copied once, with their ones and transposed as well,
# and kept; more rows are copied block by block in every epoch. Bytes.
KEPT_ROWS = 4 * 2**20
# Mini-batches are gathered several at a time, up to this size: they share the fixed
# cost of a gather and are still in cache when their turn comes. Bytes.
GATHERED_ROWS = 2**16


class Block(NamedTuple):
    """Rows that go through the network together.

    ``X``, ``X_T``, ``target`` and ``weight`` are the same for all lanes, or have a
    leading axis of lanes: then every lane has rows of its own.

    Parameters
    ----------
    X : ndarray of shape (m, d + 1) or (K, m, d + 1), or CSR of shape (m, d)
        Dense rows end in a one.
    X_T : ndarray of shape (d + 1, m) or (K, d + 1, m), or CSC of shape (d, m)
        The transpose: a copy wherever the rows are read more than once or are few,
        because products with rows that lie together in memory are up to twice as fast.
    target : ndarray of shape (1, 1, m) or (K, 1, m)
    weight : ndarray of shape (), (1, 1, m) or (K, 1, m)
        Sample weights over the total weight of the whole batch; one number if all
        are equal.
    """

    X: object
    X_T: object
    target: np.ndarray
    weight: np.ndarray

    def of_lanes(self, lanes):
        """The part of some lanes (a slice), where each has rows of its own.

        The rows of a single lane come as matrices, like those that all lanes share.
        """
        weight = self.weight[lanes] if self.weight.ndim else self.weight
        rows = lanes.start if lanes.stop - lanes.start == 1 else lanes
        return Block(self.X[rows], self.X_T[rows], self.target[lanes], weight)


class Batch(NamedTuple):
    """What one update sees: its blocks, their rows in all, and the rows' weight."""

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
        Most rows of a batch. ``n`` or more: one batch holds everything and the order
        does not matter.
    is_even : bool, default=False
        Whether the rows are spread evenly over the batches, whose sizes then differ by
        one at most; else all are full but the last, which has what is left.
    block_size : int
        Rows of a block.
    shuffle : bool
        Whether every epoch draws a new order.
    dtype : numpy dtype
        Of the dense blocks.
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
        self._gathered = {}  # by the sizes of the batches

    @property
    def mean_weight(self):
        """The mean weight of a row."""
        return _total_weight(self.weight, 0, self.n_rows) / self.n_rows

    @property
    def blocks_per_epoch(self):
        """Blocks of all the batches of an epoch."""
        return self.n_batches * -(-self.batch_size // self.block_size)

    def epoch(self, row_streams):
        """Yield the batches of one epoch; each overwrites the buffers of the last.

        Parameters
        ----------
        row_streams : list of RandomState
            Draw the order of every lane, if more than one batch has to be shuffled.
        """
        if self.n_batches == 1:
            if self._whole is None:
                self._whole = self._whole_batch()
            yield self._whole
        else:
            yield from self._mini_batches(self._order(row_streams))

    def _order(self, row_streams):
        """The order of the rows, (n,) for all lanes or (K, n); None as they are."""
        if not self.shuffle:
            return None
        streams = dict.fromkeys(row_streams)  # lanes may share one
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
        """Targets and weights (or None) of some rows."""
        weight = None if self.weight is None else self.weight[..., rows]
        target = self.target[0, 0, rows]
        return target.reshape(-1, 1, target.shape[-1]), weight

    def _cut(self, X, target, weight, sizes):
        """Cut rows that were read together into batches of those sizes."""
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
    """A buffer of rows cut into batches, with all its views and copies made once.

    The step of a small net is so short that cutting its batch anew would show.

    Parameters
    ----------
    X : ndarray of shape (n, d + 1) or (K, n, d + 1)
        A buffer that is filled anew before every `refresh`.
    target : ndarray of shape (1, 1, n) or (K, 1, n)
        Copied.
    sizes : tuple of int
        Rows of the batches, n in all.
    block_size : int

    Attributes
    ----------
    batches : list of Batch
        Those of rows without weights.
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
        """Buffers of the transposes of all blocks, those of one size side by side."""
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
        """Copy targets and rows after the buffer has been filled."""
        self.target[...] = target
        for copies, columns in self._transposes:
            np.copyto(copies, columns)

    def weighted(self, weight):
        """Yield the batches of rows with weights, (1, 1, n) or (K, 1, n)."""
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
    """Weights of some rows over the ``total`` of their batch."""
    if weight is None:
        return np.array(1 / total, dtype)
    # A batch of no weight makes no update: its shares are never read.
    return (weight[..., start:stop] / (total or 1.0)).astype(dtype)


def _total_weight(weight, start, stop):
    if weight is None:
        return float(stop - start)
    return float(weight[..., start:stop].sum(dtype=np.float64))


def slices(n, step):
    """Cut ``range(n)`` into slices of ``step``, the last one shorter."""
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def even_slices(n, most):
    """Cut ``range(n)`` into as few slices of ``most`` as hold it, of nearly one size.

    The longer ones come first.
    """
    n_slices = -(-n // most)
    size, n_longer = divmod(n, n_slices)
    return consecutive([size + 1] * n_longer + [size] * (n_slices - n_longer))


def consecutive(sizes):
    """Slices of those sizes, one after the other."""
    ends = [0, *accumulate(sizes)]
    return [slice(start, stop) for start, stop in pairwise(ends)]


class _ReadAgain:
    """An iterable that calls a generator function anew each time."""

    def __init__(self, generate, *args):
        self._generate, self._args = generate, args

    def __iter__(self):
        return self._generate(*self._args)


class RowReader:
    """Copies rows of dense data into a buffer that ends in a column of ones.

    Sparse rows are handed on as they are.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    capacity : int
        Most rows read at once.
    dtype : numpy dtype
        Of the buffer.
    order : {"C", "F"}
        Of the buffer: "F" for products with the transpose.
    lanes : () or (K,)
        K lanes read rows of their own.
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
        """Rows chosen by a slice, or by indices of shape (m,) or (K, m).

        Returns
        -------
        block : ndarray of shape (m, d + 1) or (K, m, d + 1), or CSR of shape (m, d)
            Overwritten by the next one.
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
        # take(mode="clip") into a buffer is twice as fast as fancy indexing, but
        # copies all of its source first when that is not C-contiguous.
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
        """Whether all rows fit in memory once more, with their ones."""
        if self._kept is None and self.X.size * self._buffer.itemsize <= KEPT_ROWS:
            shape = self.X.shape[0], self.n_features + 1
            self._kept = np.ones(shape, self._buffer.dtype)
            self._kept[:, :-1] = self.X
        return self._kept is not None
