"""Memory of the products: buffers, blocks, tiles, and by what function they multiply.

The equations are in ``network``; nothing of them is here. Blocks of samples must not
depend on the number of lanes, or a lane would not have the bits that it has alone; the
lanes that go through a block together may be chosen freely.
"""

import numpy as np

# A block's working set, all its arrays together, should stay in a core's second-level
# cache; tiles of several lanes share that budget. Bytes.
CACHE = 3 * 2**18
# OpenBLAS multiplies matrices without packing them first up to this many
# multiplications, which is up to twice as fast.
SMALL_PRODUCT = 10**6
MIN_BLOCK, MAX_BLOCK = 128, 2000
# From so many samples on, the axis of units comes first in memory. Below, every lane is
# contiguous, as a single lane always is: OpenBLAS multiplies contiguous matrices of up
# to 8 rows or columns by a vector in another order than others.
MIN_STRIDED = 32


def block_size(architecture):
    """Rows of a block: as many as the cache holds with all that one lane needs."""
    (h, d), (c, _) = architecture.weight_shapes
    row_bytes = (d + 2 * h + 4 * c) * np.dtype(architecture.dtype).itemsize
    rows = min(CACHE // row_bytes, SMALL_PRODUCT // (h * (d + 1)))
    return max(MIN_BLOCK, min(rows // 16 * 16, MAX_BLOCK))


def lanes_together(architecture, n_rows):
    """Lanes whose buffers for blocks of ``n_rows`` the cache holds at once."""
    itemsize = np.dtype(architecture.dtype).itemsize
    return max(1, CACHE // (2 * architecture.n_hidden * n_rows * itemsize))


class Workspace:
    """Buffers of K lanes and m rows, and the products that fill them.

    The order in memory is (units, lanes, samples): an elementwise operation runs over
    contiguous memory, and a product sees each lane as a matrix with longer strides. The
    buffers of one lane are matrices, without an axis of lanes.

    Parameters
    ----------
    architecture : Architecture
    K, m : int
    is_sparse : bool
        Whether the rows are CSR.

    Attributes
    ----------
    logits : ndarray of shape (K, c, m)
        ``Z``, always with lanes, as the losses take it.
    Z, A, A_T, units, D, dA : ndarrays
        As in ``network``; ``units`` is ``A`` without its row of ones.
    multiply, outer, times_columns, times_rows : callables
        ``f(left, right, out)``. The last two multiply by rows, dense or sparse.
    scales_gradient : bool
        Whether W2 multiplies the gradient, h times (d + 1) numbers, and not ``D``, h
        times m: possible with one output, and cheaper where m is larger.
    """

    def __init__(self, architecture, K, m, *, is_sparse):
        (h, d), (c, _) = architecture.weight_shapes
        dtype = architecture.dtype
        self.logits = np.empty((K, c, m), dtype)
        self.Z = matrices(self.logits)
        self.A = matrices(_units_first(K, h + 1, m, dtype))
        self.A[..., -1, :] = 1
        self.A_T, self.units = self.A.swapaxes(-2, -1), self.A[..., :-1, :]
        self.D = matrices(_units_first(K, h, m, dtype))
        self.scales_gradient = c == 1 and m > 2 * (d + 1)
        self.dA = None if self.scales_gradient else np.empty_like(self.D)
        # `numpy.dot` of two matrices has less to prepare: half a microsecond, a third
        # of a small product. Its bits are those of `matmul`, except where the left
        # factor is a transpose.
        self.multiply = np.dot if K == 1 else np.matmul
        self.outer = np.matmul if c > 1 else np.multiply
        self.times_columns = _times_sparse_columns if is_sparse else self.multiply
        self.times_rows = _times_sparse_rows if is_sparse else self.multiply


def matrices(stack):
    """A stack of matrices (K, r, s) as it is, or the only one of them, (r, s)."""
    return stack[0] if len(stack) == 1 else stack


def _units_first(K, n_units, m, dtype):
    """An array (K, n_units, m) that has ``n_units`` as the first axis in memory."""
    if m < MIN_STRIDED:
        return np.empty((K, n_units, m), dtype)
    return np.empty((n_units, K, m), dtype).swapaxes(0, 1)


def _times_sparse_columns(layer, X_T, out):
    """``[W b] [X 1]'``: (K, r, d + 1), CSC (d, m) -> (K, r, m)."""
    for lane, product in zip(_stack(layer), _stack(out), strict=True):
        product[...] = (X_T.T @ lane[:, :-1].T).T
        product += lane[:, -1:]


def _times_sparse_rows(D, X, out):
    """``D [X 1]``: (K, r, m), CSR (m, d) -> (K, r, d + 1)."""
    for lane, product in zip(_stack(D), _stack(out), strict=True):
        product[:, :-1] = (X.T @ lane.T).T
        lane.sum(axis=1, out=product[:, -1])


def _stack(stack):
    """The inverse of `matrices`."""
    return stack if stack.ndim == 3 else stack[None]
