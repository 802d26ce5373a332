"""Reads rows: the whole data block by block, or mini-batches gathered in some order.

A *batch* is what one update is made of; a *block* is a part of it small enough for
the processor's cache. Dense rows are copied into bounded buffers whose last column is
one (homogeneous coordinates), so that a layer's bias is one more column of its
weights; nothing of the size of the data is allocated. Knows rows, targets and
weights; knows nothing of networks.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy import sparse

# Rows of a full batch that fit are copied once, with their ones and transposed as well,
# and kept; more rows are copied block by block in every pass. Bytes.
KEPT_ROWS = 4 * 2**20
# Mini-batches are gathered several at a time, up to this size: they share the fixed
# cost of a gather and are still in cache when their turn comes. Bytes.
GATHERED_ROWS = 2**18


class Block(NamedTuple):
    """Rows that go through the network together.

    Parameters
    ----------
    X : ndarray of shape (m, d + 1) or CSR of shape (m, d)
        Dense rows end in a one.
    X_T : ndarray of shape (d + 1, m) or CSC of shape (d, m)
        The transpose: a copy where the block is kept, because products with rows that
        lie together in memory are up to twice as fast.
    target : ndarray of shape (1, 1, m)
    weight : ndarray of shape (1, 1, m)
        Sample weights over the total weight of the whole batch.
    """

    X: object
    X_T: object
    target: np.ndarray
    weight: np.ndarray


class Batch(NamedTuple):
    """What one update sees: its blocks, their rows in all, and the rows' weight."""

    blocks: Iterable
    n_rows: int
    total_weight: float


class Batches:
    """The batches of every pass over some rows.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    target : ndarray of shape (1, 1, n)
    weight : ndarray of shape (n,) or None
    batch_size : int
        ``n`` or more: one batch holds everything and the order does not matter.
    block_size : int
        Rows of a block.
    shuffle : bool
        Whether every pass draws a new order.
    dtype : numpy dtype
        Of the dense blocks.
    """

    def __init__(self, X, target, weight, *, batch_size, block_size, shuffle, dtype):
        self.X, self.target = X, target
        self.weight = None if weight is None else weight[None, None]
        self.n_rows = X.shape[0]
        self.batch_size = min(batch_size, self.n_rows)
        self.block_size = block_size
        self.shuffle = shuffle
        self.dtype = np.dtype(dtype)
        row_length = X.nnz / X.shape[0] if sparse.issparse(X) else X.shape[1] + 1
        self._row_bytes = int(row_length * self.dtype.itemsize) + 1
        self._equal_shares = {}
        self._whole = self._reader = None

    @property
    def n_batches(self):
        """Updates a pass."""
        return -(-self.n_rows // self.batch_size)

    @property
    def blocks_per_pass(self):
        """Blocks of all the batches of a pass."""
        return self.n_batches * -(-self.batch_size // self.block_size)

    def one_pass(self, row_streams):
        """Yield the batches of one pass; each overwrites the buffers of the last.

        Parameters
        ----------
        row_streams : list of RandomState
            Draw the order of every lane, if more than one batch has to be shuffled.
        """
        if self.n_batches == 1:
            if self._whole is None:
                self._whole = self._whole_batch()
            yield self._whole
        elif self.shuffle:
            yield from self._mini_batches(row_streams[0].permutation(self.n_rows))
        else:
            yield from self._mini_batches(None)

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
        if self._reader is None:
            together = max(1, GATHERED_ROWS // (self.batch_size * self._row_bytes))
            together = min(together * self.batch_size, self.n_rows)
            self._reader = RowReader(self.X, together, self.dtype)
        for part in slices(self.n_rows, self._reader.capacity):
            rows = part if order is None else order[part]
            yield from self._cut(self._reader.read(rows), *self._picked(rows))

    def _picked(self, rows):
        """Targets and weights (or None) of some rows."""
        weight = None if self.weight is None else self.weight[..., rows]
        return self.target[..., rows], weight

    def _cut(self, X, target, weight):
        """Cut rows that were read together into batches."""
        n_rows = X.shape[0]
        for start in range(0, n_rows, self.batch_size):
            stop = min(start + self.batch_size, n_rows)
            total = _total_weight(weight, start, stop)
            blocks = self._blocks(X, target, weight, total, start, stop)
            yield Batch(blocks, stop - start, total)

    def _blocks(self, X, target, weight, total, first, last):
        """Cut the rows of a batch, whose weights sum to ``total``, into blocks."""
        blocks = []
        for start in range(first, last, self.block_size):
            stop = min(start + self.block_size, last)
            if weight is None:
                share = self._equal_share(stop - start, total)
            else:
                # A batch of no weight makes no update: its shares are never read.
                share = (weight[..., start:stop] / (total or 1.0)).astype(self.dtype)
            rows = X[start:stop]
            blocks.append(Block(rows, rows.T, target[..., start:stop], share))
        return blocks

    def _equal_share(self, n_rows, total):
        if (n_rows, total) not in self._equal_shares:
            share = np.full((1, 1, n_rows), 1 / total, self.dtype)
            self._equal_shares[n_rows, total] = share
        return self._equal_shares[n_rows, total]


def _total_weight(weight, start, stop):
    if weight is None:
        return float(stop - start)
    return float(weight[..., start:stop].sum(dtype=np.float64))


def slices(n, step):
    """Cut ``range(n)`` into slices of ``step``, the last one shorter."""
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


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
    """

    def __init__(self, X, capacity, dtype, order="C"):
        self.X, self.capacity = X, capacity
        self.n_features = X.shape[1]
        self.is_sparse = sparse.issparse(X)
        if not self.is_sparse:
            self._buffer = np.ones((capacity, self.n_features + 1), dtype, order)
            self._taken = None

    def read(self, rows):
        """Rows chosen by a slice or an index array; overwrites what was read last."""
        if self.is_sparse:
            return self.X[rows]
        picked = self.X[rows] if isinstance(rows, slice) else self._take(rows)
        block = self._buffer[: len(picked)]
        block[:, :-1] = picked
        return block

    def _take(self, indices):
        # take(mode="clip") into a buffer is twice as fast as fancy indexing, but
        # copies all of X first when that is not C-contiguous.
        if not self.X.flags.c_contiguous or self.X.dtype != self._buffer.dtype:
            return self.X[indices]
        if self._taken is None:
            self._taken = np.empty((len(self._buffer), self.n_features), self.X.dtype)
        taken = self._taken[: len(indices)]
        return np.take(self.X, indices, axis=0, out=taken, mode="clip")
