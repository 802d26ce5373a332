"""Memory of the products: buffers, blocks, tiles, and the functions that multiply.

The equations are in ``network``, not here. The size of a block of samples must not
depend on the number of lanes: a lane must give the same bits as when it is trained
alone. The number of lanes that are computed together may be chosen freely.
"""

import numpy as np

# Bytes that all arrays of a block may take together, so that they stay in the
# second-level cache of a core. All lanes of a tile together may take as much.
CACHE = 3 * 2**18
# Up to this many multiplications, OpenBLAS multiplies matrices without packing them
# first, which is up to twice as fast.
SMALL_PRODUCT = 10**6
MIN_BLOCK, MAX_BLOCK = 128, 2000
# From this number of samples on, the axis of units comes first in memory. Below it,
# every lane is contiguous, as a single lane always is: OpenBLAS multiplies contiguous
# matrices of up to 8 rows or columns by a vector in another order than other matrices.
MIN_STRIDED = 32


def block_size(architecture):
    """Rows of a block: as many as the cache holds with the buffers of one lane."""
    (h, d), (c, _) = architecture.weight_shapes
    row_bytes = (d + 2 * h + 4 * c) * np.dtype(architecture.dtype).itemsize
    rows = min(CACHE // row_bytes, SMALL_PRODUCT // (h * (d + 1)))
    return max(MIN_BLOCK, min(rows // 16 * 16, MAX_BLOCK))


def lanes_together(architecture, n_rows):
    """Number of lanes whose buffers for blocks of ``n_rows`` fit the cache together."""
    itemsize = np.dtype(architecture.dtype).itemsize
    return max(1, CACHE // (2 * architecture.n_hidden * n_rows * itemsize))


class Workspace:
    """Buffers of K lanes and m rows, and the products that fill them.

    The order in memory is (units, lanes, samples). An elementwise operation then runs
    over contiguous memory, and a product reads each lane as a matrix with longer
    strides. The buffers of a single lane are matrices, without an axis of lanes.

    Parameters
    ----------
    architecture : Architecture
    K, m : int
    is_sparse : bool
        Whether the rows are CSR.

    Attributes
    ----------
    A, A_T, units, D, Z : ndarrays
        As in ``network``; ``units`` is ``A`` without its row of ones.
    dZ : ndarray
        The memory of ``Z``, after a loss has overwritten logits by derivatives.
    logits : ndarray of shape (K, c, m)
        ``Z`` with its axis of lanes, also for a single lane, as the losses take it.
    dA : ndarray or None
        Memory for dL / dA; None if it is cheaper not to compute it.
    multiply, times_columns, times_rows, outer : callables
        ``f(left, right, out)``. The second and the third multiply by rows, dense or
        sparse; the last multiplies W2' by ``dZ``.
    """

    def __init__(self, architecture, K, m, *, is_sparse):
        (h, d), (c, _) = architecture.weight_shapes
        dtype = architecture.dtype
        self.logits = np.empty((K, c, m), dtype)
        self.Z = self.dZ = matrices(self.logits)
        self.A = matrices(_units_first(K, h + 1, m, dtype))
        self.A[..., -1, :] = 1
        self.A_T, self.units = self.A.swapaxes(-2, -1), self.A[..., :-1, :]
        self.D = matrices(_units_first(K, h, m, dtype))
        # With one output, W2' may multiply the rows of the product, an (h, d + 1)
        # array, and not D, an (h, m) array. This is cheaper if m is larger.
        self.dA = None if c == 1 and m > 2 * (d + 1) else np.empty_like(self.D)
        # `numpy.dot` of two matrices takes half a microsecond less than `matmul`, which
        # is a third of a small product. It gives the same bits, except where the left
        # factor is a transpose.
        self.multiply = np.dot if K == 1 else np.matmul
        self.outer = np.matmul if c > 1 else np.multiply
        self.times_columns = _times_sparse_columns if is_sparse else self.multiply
        self.times_rows = _times_sparse_rows if is_sparse else self.multiply


def matrices(stack):
    """A stack of matrices (K, r, s); if K is 1, its only matrix, (r, s)."""
    return stack[0] if len(stack) == 1 else stack


def _units_first(K, n_units, m, dtype):
    """An array (K, n_units, m) whose first axis in memory is that of the units."""
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
    """The stack (K, r, s) from which `matrices` made its value."""
    return stack if stack.ndim == 3 else stack[None]
