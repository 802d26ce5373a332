"""An epoch is every row once, cut into batches; blocks are only how a batch is read.

Whatever the storage, the order, the block size or the size of the buffers, the rows,
targets and weights that come out are those that went in. The target of a row is its
number, which identifies the row.
"""

from typing import NamedTuple
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets import either_precision
from scipy import sparse
from storage import locked
from watching import peak_bytes

from skshallow._core import batches as batches_module
from skshallow._core.batches import Batches

D = 4


STORAGES = {
    "C": np.asarray,
    "F": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "read-only": locked,
    "sparse": sparse.csr_matrix,
}
every_storage = pytest.mark.parametrize("store", STORAGES.values(), ids=STORAGES)


class Batch(NamedTuple):
    """What came out of one batch, its blocks joined: X has no column of ones."""

    X: np.ndarray
    target: np.ndarray
    share: np.ndarray
    n_rows: int
    total_weight: float
    block_sizes: list


def table(n_rows):
    return np.random.RandomState(0).standard_normal((n_rows, D)).astype(np.float32)


def make_batches(n_rows=53, weight=None, store=np.asarray, **settings):
    defaults = {"batch_size": 10, "block_size": 7, "shuffle": False, "dtype": float}
    settings = {**defaults, **settings}
    target = np.arange(n_rows, dtype=settings["dtype"])[None, None]
    return Batches(store(table(n_rows)), target, weight, **settings)


def read(batch, dtype):
    (read_blocks, *facts), blocks = batch, []
    for block in read_blocks:
        X = block.X
        if sparse.issparse(X):
            X = X.toarray()
            np.testing.assert_array_equal(block.X_T.toarray(), X.T)
        else:
            np.testing.assert_array_equal(block.X_T, X.T)
            np.testing.assert_array_equal(X[:, -1], np.ones(len(X)))
            assert X.dtype == dtype
            X = X[:, :-1]
        assert block.weight.dtype == dtype
        share = np.broadcast_to(block.weight, block.target.shape)
        blocks.append((X.copy(), block.target.ravel().copy(), share.ravel()))
    X, target, share = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return Batch(X, target.astype(int), share, *facts, [len(X) for X, _, _ in blocks])


def one_epoch(batches, stream=None):
    return [read(batch, batches.dtype) for batch in batches.epoch([stream])]


def order_of(batches, stream=None):
    return np.concatenate([batch.target for batch in one_epoch(batches, stream)])


def assert_is_of_the_table(batch, weight):
    """Assert that a batch has the rows of its targets, and shares of its weight."""
    mass = weight[batch.target]
    np.testing.assert_array_equal(batch.X, table(len(weight))[batch.target])
    assert (batch.n_rows, batch.total_weight) == (len(mass), mass.sum())
    share = (mass / (mass.sum() or 1)).astype(batch.share.dtype)
    np.testing.assert_array_equal(batch.share, share)


def sizes_of(rows, most, is_even=False):
    """Sizes of the pieces that rows are cut into: full, save for the last, or even."""
    at = -(-len(rows) // most) if is_even else np.arange(most, len(rows), most)
    return [len(piece) for piece in np.array_split(rows, at)]


@every_storage
@either_precision
@given(
    n_rows=st.integers(1, 60),
    batch_size=st.integers(1, 70),
    block_size=st.integers(1, 70),
    shuffle=st.booleans(),
    is_even=st.booleans(),
    is_weighted=st.booleans(),
    n_bytes=st.sampled_from([1, 3 * 10 * (D + 1) * 8, 10**9]),
)
def test_an_epoch_is_every_row_once_with_its_share_of_the_weight_of_its_batch(
    store, dtype, n_rows, batch_size, block_size, shuffle, is_even, is_weighted, n_bytes
):
    """The limits of what is kept and what is gathered at once change no batch."""
    weight, rows = np.ones(n_rows), np.arange(n_rows)
    settings = {"batch_size": batch_size, "block_size": block_size, "shuffle": shuffle}
    settings |= {"is_even": is_even, "store": store, "dtype": dtype}
    if is_weighted:
        weight = settings["weight"] = rows % 4 * (rows // 5 % 2.0)
    limits = {"COPIED_ROWS": n_bytes, "GATHERED_ROWS": n_bytes}
    with mock.patch.multiple(batches_module, **limits):
        batches = make_batches(n_rows, **settings)
        stream = np.random.RandomState(0)
        epochs = [one_epoch(batches, stream) for _ in range(2)]
    for epoch in epochs:
        order = np.concatenate([batch.target for batch in epoch])
        is_shuffled = shuffle and batches.n_batches > 1
        np.testing.assert_array_equal(np.sort(order) if is_shuffled else order, rows)
        n_of_batches = [batch.n_rows for batch in epoch]
        assert n_of_batches == sizes_of(rows, batch_size, is_even)
        for batch in epoch:
            assert_is_of_the_table(batch, weight)
            assert batch.block_sizes == sizes_of(batch.target, block_size)
        n_blocks = sum(len(batch.block_sizes) for batch in epoch)
        assert batches.blocks_per_epoch >= n_blocks  # an upper bound is enough
        if n_rows % batches.batch_size == 0:
            assert batches.blocks_per_epoch == n_blocks


def test_every_epoch_has_a_new_order_that_the_stream_alone_decides():
    """The order depends on neither the batch size, the storage nor the dtype."""
    variants = [{}, {}, {"batch_size": 3}, {"store": sparse.csr_matrix}]
    variants.append({"dtype": np.float32})
    orders = []
    for variant in variants:
        batches = make_batches(shuffle=True, **variant)
        stream = np.random.RandomState(0)
        orders += [tuple(order_of(batches, stream)) for _ in range(3)]
    assert orders == orders[:3] * len(variants)
    other = order_of(make_batches(shuffle=True), np.random.RandomState(1))
    assert len({*orders, tuple(other)}) == 4


def test_lanes_with_streams_of_their_own_have_the_orders_they_have_alone():
    streams = [np.random.RandomState(seed) for seed in range(3)]
    together = make_batches(shuffle=True)
    alone = [
        (make_batches(shuffle=True), np.random.RandomState(seed)) for seed in range(3)
    ]
    for _ in range(2):
        blocks = [
            (block.X[..., :-1].copy(), block.target[:, 0].copy())
            for blocks, _, _ in together.epoch(streams)
            for block in blocks
        ]
        rows, order = (
            np.concatenate(parts, axis=1) for parts in zip(*blocks, strict=True)
        )
        for k, own in enumerate(alone):
            expected = order_of(*own)
            np.testing.assert_array_equal(order[k], expected)
            np.testing.assert_array_equal(rows[k], table(53)[expected])


@pytest.mark.parametrize(("batch_size", "shuffle"), [(10, False), (53, True)])
def test_what_needs_no_order_leaves_the_stream_alone(batch_size, shuffle):
    stream = np.random.RandomState(0)
    one_epoch(make_batches(batch_size=batch_size, shuffle=shuffle), stream)
    assert stream.randint(2**31) == np.random.RandomState(0).randint(2**31)


@pytest.mark.parametrize("batch_size", [1024, 10**6])
def test_nothing_of_the_size_of_the_data_is_allocated(batch_size):
    X = np.ones((200_000, 20))
    settings = {"batch_size": batch_size, "block_size": 512, "shuffle": False}
    batches = Batches(X, np.zeros((1, 1, len(X))), None, dtype=float, **settings)

    def read_all():
        for blocks, _, _ in batches.epoch(None):
            for _ in blocks:
                pass

    assert peak_bytes(read_all) < X.nbytes / 4
