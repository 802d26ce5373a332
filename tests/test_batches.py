"""An epoch is every row once, cut into batches; blocks are only how a batch is read.

Whatever the storage, the order, the block size or the size of the buffers, the rows,
targets and weights that come out are those that went in.
"""

import tracemalloc
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from skshallow._core import batches as batches_module
from skshallow._core.batches import Batches, RowReader

N, D = 53, 4


class Rows(NamedTuple):
    """What came out of one batch, its blocks joined: X has no column of ones."""

    X: np.ndarray
    target: np.ndarray
    share: np.ndarray
    n_rows: int
    total_weight: float
    block_sizes: list


def table(n_rows=N, dtype=np.float64):
    """Rows that name themselves: the target is the row's number."""
    X = np.random.RandomState(0).standard_normal((n_rows, D)).astype(dtype)
    X[:, 0] = np.arange(n_rows)
    return X, np.arange(float(n_rows)).astype(dtype)


X, TARGET = table()
WEIGHT = np.arange(1.0, N + 1)


def make_batches(X=X, target=TARGET, weight=None, **settings):
    defaults = {"batch_size": 10, "block_size": 7, "shuffle": False, "dtype": X.dtype}
    return Batches(X, target[None, None], weight, **{**defaults, **settings})


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
            X = X[:, :-1]
        assert block.weight.dtype == dtype
        share = np.broadcast_to(block.weight, block.target.shape)
        blocks.append((X.copy(), block.target.ravel().copy(), share.ravel()))
    X, target, share = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    sizes = [len(X) for X, _, _ in blocks]
    return Rows(X, target, share, *facts, sizes)


def one_epoch(batches, row_stream=None):
    """The batches of an epoch, whose order is of a stream or of a seed."""
    if isinstance(row_stream, int):
        row_stream = np.random.RandomState(row_stream)
    return [read(batch, batches.dtype) for batch in batches.epoch([row_stream])]


def assert_same_rows(rows, expected):
    assert len(rows) == len(expected)
    for one, other in zip(rows, expected, strict=True):
        np.testing.assert_array_equal(one.X, other.X)
        np.testing.assert_array_equal(one.target, other.target)
        np.testing.assert_array_equal(one.share, other.share)
        assert one.total_weight == other.total_weight


def storages(X):
    """The same rows, stored in every way that training meets."""
    wide = np.zeros((len(X), 2 * D), X.dtype)
    wide[:, ::2] = X
    read_only = X.copy()
    read_only.flags.writeable = False
    return {
        "C": X,
        "F": np.asfortranarray(X),
        "strided": wide[:, ::2],
        "read-only": read_only,
        "sparse": sparse.csr_matrix(X),
    }


@pytest.mark.parametrize("storage", ["C", "F", "strided", "read-only", "sparse"])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 7, 10, N - 1, N, 2 * N])
def test_an_epoch_is_every_row_once(batch_size, shuffle, storage):
    sizes = {"batch_size": batch_size, "shuffle": shuffle}
    batches = make_batches(storages(X)[storage], **sizes)
    stream = np.random.RandomState(0)
    for _ in range(3):
        rows = one_epoch(batches, stream)
        order = np.concatenate([batch.target for batch in rows]).astype(int)
        np.testing.assert_array_equal(np.sort(order), np.arange(N))
        np.testing.assert_array_equal(np.concatenate([b.X for b in rows]), X[order])
        size = min(batch_size, N)
        assert [b.n_rows for b in rows] == [len(b.X) for b in rows]
        assert {b.n_rows for b in rows[:-1]} <= {size}
        assert rows[-1].n_rows == (N % size or size)
        assert len(rows) == batches.n_batches


def test_without_shuffling_rows_come_in_their_order():
    rows = one_epoch(make_batches())
    np.testing.assert_array_equal(np.concatenate([b.target for b in rows]), TARGET)


def orders(batches, seed, n_epochs):
    stream = np.random.RandomState(seed)
    return [
        np.concatenate([batch.target for batch in one_epoch(batches, stream)])
        for _ in range(n_epochs)
    ]


def test_every_epoch_has_a_new_order_that_the_stream_alone_decides():
    batches = make_batches(shuffle=True)
    first, again, other = (orders(batches, seed, 3) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert len({tuple(order) for order in first + other}) == 6


def test_the_order_depends_neither_on_batch_size_nor_on_storage_nor_on_type():
    expected = orders(make_batches(shuffle=True), 0, 2)
    for batches in (
        make_batches(shuffle=True, batch_size=3),
        make_batches(sparse.csr_matrix(X), shuffle=True),
        make_batches(*table(dtype=np.float32), shuffle=True),
    ):
        np.testing.assert_array_equal(orders(batches, 0, 2), expected)


def test_lanes_with_streams_of_their_own_have_the_orders_they_have_alone():
    seeds = 0, 1, 2
    streams = [np.random.RandomState(seed) for seed in seeds]
    together = make_batches(shuffle=True)
    for n_epochs in (1, 2):
        blocks = [
            (block.X[..., :-1].copy(), block.target[:, 0].copy())
            for blocks, _, _ in together.epoch(streams)
            for block in blocks
        ]
        rows, order = (
            np.concatenate(parts, axis=1) for parts in zip(*blocks, strict=True)
        )
        for lane, seed in enumerate(seeds):
            alone = orders(make_batches(shuffle=True), seed, n_epochs)[-1]
            np.testing.assert_array_equal(order[lane], alone)
            np.testing.assert_array_equal(rows[lane], X[alone.astype(int)])


@pytest.mark.parametrize(("batch_size", "shuffle"), [(10, False), (N, True)])
def test_what_needs_no_order_leaves_the_stream_alone(batch_size, shuffle):
    stream = np.random.RandomState(0)
    one_epoch(make_batches(batch_size=batch_size, shuffle=shuffle), stream)
    assert stream.randint(2**31) == np.random.RandomState(0).randint(2**31)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("batch_size", [10, N])
def test_shares_are_weights_over_the_weight_of_the_batch(batch_size, dtype):
    X, target = table(dtype=dtype)
    weight = np.random.RandomState(1).exponential(size=N).astype(dtype)
    weight[::5] = 0
    shuffled = {"batch_size": batch_size, "shuffle": True}
    rows = one_epoch(make_batches(X, target, weight, **shuffled), 0)
    eps = float(np.finfo(dtype).eps)
    for batch in rows:
        mass = weight[batch.target.astype(int)].astype(np.float64)
        assert batch.total_weight == pytest.approx(mass.sum(), rel=1e-14)
        np.testing.assert_allclose(batch.share, mass / mass.sum(), rtol=2 * eps)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("batch_size", [10, N])
def test_no_weights_are_weights_of_one(batch_size, dtype):
    X, target = table(dtype=dtype)
    sizes = {"batch_size": batch_size}
    ones = make_batches(X, target, np.ones(N, dtype), **sizes)
    assert_same_rows(one_epoch(make_batches(X, target, **sizes)), one_epoch(ones))


def test_a_batch_of_weight_zero_says_so():
    weight = np.ones(N)
    weight[10:20] = 0
    totals = [total for _, _, total in make_batches(weight=weight).epoch(None)]
    assert totals == [10, 0, 10, 10, 10, 3]


@given(
    n_rows=st.integers(1, 60),
    batch_size=st.integers(1, 70),
    block_size=st.integers(1, 70),
    weighted=st.booleans(),
)
def test_blocks_are_the_batch_in_parts(n_rows, batch_size, block_size, weighted):
    X, target = table(n_rows)
    weight = np.arange(1.0, n_rows + 1) if weighted else None
    batches, undivided = (
        make_batches(X, target, weight, batch_size=batch_size, block_size=size)
        for size in (block_size, 10**6)
    )
    rows = one_epoch(batches)
    assert_same_rows(rows, one_epoch(undivided))
    for batch in rows:
        assert max(batch.block_sizes) <= block_size
        assert set(batch.block_sizes[:-1]) <= {block_size}
    n_blocks = sum(len(batch.block_sizes) for batch in rows)
    assert batches.blocks_per_epoch >= n_blocks  # an upper bound paces the reviews
    if n_rows % batches.batch_size == 0:
        assert batches.blocks_per_epoch == n_blocks


@pytest.mark.parametrize("storage", ["C", "F", "strided", "sparse"])
@pytest.mark.parametrize("weighted", [False, True])
def test_streamed_data_are_kept_data(monkeypatch, weighted, storage):
    """Data too large to be kept is read anew in every epoch, with the same outcome."""
    settings = {"weight": WEIGHT if weighted else None, "batch_size": N}
    stored = storages(X)[storage]
    kept = one_epoch(make_batches(stored, **settings))
    monkeypatch.setattr(batches_module, "KEPT_ROWS", 0)
    streamed = make_batches(stored, **settings)
    for _ in range(2):
        assert_same_rows(one_epoch(streamed), kept)


@pytest.mark.parametrize("storage", ["C", "F", "strided", "sparse"])
@pytest.mark.parametrize("gathered", [1, 3 * 10 * (D + 1) * 8, 10**9])
def test_batches_gathered_together_are_batches_gathered_alone(
    monkeypatch, gathered, storage
):
    stored, settings = storages(X)[storage], {"weight": WEIGHT, "shuffle": True}
    expected = one_epoch(make_batches(stored, **settings), 0)
    monkeypatch.setattr(batches_module, "GATHERED_ROWS", gathered)
    assert_same_rows(one_epoch(make_batches(stored, **settings), 0), expected)


@pytest.mark.parametrize("batch_size", [1024, 10**6])
def test_nothing_of_the_size_of_the_data_is_allocated(batch_size):
    X = np.ones((200_000, 20))
    sizes = {"batch_size": batch_size, "block_size": 512}
    batches = make_batches(X, np.zeros(len(X)), **sizes)
    tracemalloc.start()
    try:
        for blocks, _, _ in batches.epoch(None):
            for _ in blocks:
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < X.nbytes / 4


@pytest.mark.parametrize("storage", ["C", "F", "strided", "read-only", "sparse"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kept", [0, batches_module.KEPT_ROWS])
def test_a_reader_gives_rows_of_its_type_that_end_in_one(
    monkeypatch, kept, dtype, storage
):
    """Whatever the type of the rows, and whether or not it keeps a copy of them."""
    monkeypatch.setattr(batches_module, "KEPT_ROWS", kept)
    X = table(dtype=np.float32)[0]
    reader = RowReader(storages(X)[storage], 20, dtype)
    for rows in (slice(3, 17), slice(50, N), np.array([5, 5, 0, 52, 7]), np.arange(20)):
        block = reader.read(rows)
        if storage == "sparse":
            np.testing.assert_array_equal(block.toarray(), X[rows])
        else:
            assert block.dtype == dtype
            np.testing.assert_array_equal(block[:, :-1], X[rows].astype(dtype))
            np.testing.assert_array_equal(block[:, -1], np.ones(len(block)))
