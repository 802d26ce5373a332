"""The same numbers in every form in which an array or a sparse matrix may hold them."""

import tempfile

import numpy as np
from scipy import sparse

# Dense


def strided(X):
    """Every second row and column of a larger array, backwards."""
    larger = np.empty((2 * X.shape[0], 2 * X.shape[1]), X.dtype)
    view = larger[::-2, ::-2]
    view[...] = X
    return view


def backwards(X):
    """Rows that lie in memory from the last to the first."""
    return X[::-1].copy()[::-1]


def locked(X):
    """A copy that is read-only."""
    X = X.copy()
    X.flags.writeable = False
    return X


def mapped(X):
    """A read-only memory map of a file that has been deleted."""
    if X.dtype.hasobject or not X.size:
        return locked(X)
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(X.tobytes())
        file.flush()
        return np.memmap(file, X.dtype, "r", shape=X.shape)


def misaligned(X):
    """A copy whose numbers lie at odd addresses."""
    if X.dtype.hasobject:
        return X
    buffer = np.empty(X.nbytes + 1, np.uint8)
    view = buffer[1:].view(X.dtype).reshape(X.shape)
    view[...] = X
    return view


DENSE = [np.asfortranarray, strided, backwards, locked, mapped, misaligned]


# Sparse


def with_long_indices(X):
    """Sparse rows with indices of 64 bits where 32 would do."""
    X = sparse.csr_matrix(X)
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def in_disorder(X):
    """Sparse rows with falling indices, entries in two parts, and stored zeros."""
    indices, indptr = [], [0]
    for row in X:
        kept = np.flatnonzero(row)[::-1]
        zeros = np.flatnonzero(row == 0)[:1]
        indices += [*np.repeat(kept, 2), *zeros]
        indptr.append(len(indices))
    rows = np.repeat(np.arange(len(X)), np.diff(indptr))
    halves = X[rows, np.array(indices, dtype=int)] / 2
    return sparse.csr_matrix((halves, indices, indptr), shape=X.shape)


def locked_csr(X):
    """Sparse rows in read-only arrays."""
    X = sparse.csr_matrix(X)
    for part in (X.data, X.indices, X.indptr):
        part.flags.writeable = False
    return X


SPARSE = [sparse.csr_matrix, sparse.csc_matrix, sparse.coo_matrix, sparse.csr_array]
SPARSE += [sparse.csc_array, sparse.coo_array, sparse.lil_matrix, sparse.dok_matrix]
SPARSE += [sparse.bsr_matrix, sparse.bsr_array]
SPARSE += [with_long_indices, in_disorder, locked_csr]
