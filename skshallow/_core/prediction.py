"""Logits of many rows, block by block, of K networks or of one fitted network."""

import numpy as np
from scipy.sparse import issparse

from skshallow._core.batches import read_rows, row_buffer, slices
from skshallow._core.network import forward
from skshallow._core.workspace import (
    MAX_BLOCK,
    MIN_BLOCK,
    SMALL_PRODUCT,
    Workspace,
    block_size,
    matrices,
)

# Logits up to this share of the largest float have differences that do not overflow.
LARGEST = 0.25


def logits_by_block(architecture, P, X):
    """Yield slices of the rows of ``X`` (n, d) and their logits (K, c, m).

    Each block of logits overwrites the block before.
    """
    n_rows, step = X.shape[0], min(block_size(architecture), X.shape[0])
    layers = [matrices(layer) for layer in architecture.layers(P)]
    buffer = row_buffer(X, step, P.dtype, order="F")
    work = None
    for rows in slices(n_rows, step):
        m = rows.stop - rows.start
        if work is None or work.logits.shape[-1] != m:
            work = Workspace(architecture, len(P), m, is_sparse=issparse(X))
        forward(architecture.activation, layers, read_rows(X, rows, buffer).T, work)
        yield rows, work.logits


def have_finite_logits(architecture, P, X):
    """Whether the logits of every lane are finite on all rows of ``X``, (K,).

    Logits are computed only if a bound from the largest entry of ``X`` exceeds what a
    float can hold.
    """
    h, d = architecture.weight_shapes[0]
    layers = architecture.layers(P)
    hidden, output = (np.abs(layer).max(axis=(1, 2), initial=0) for layer in layers)
    entries = X.data if issparse(X) else X
    largest = max(1.0, entries.max(initial=0), -entries.min(initial=0))
    units = np.maximum(1.0, (d + 1) * largest * hidden.astype(np.float64))
    finite = (h + 1) * units * output <= LARGEST * np.finfo(P.dtype).max
    if not finite.all():
        finite[:] = True
        for _, Z in logits_by_block(architecture, P, X):
            finite &= np.isfinite(Z).all(axis=(1, 2))
    return finite


class _RowsAsGiven:
    """A workspace for separate arrays W and b, and for rows that are not copied.

    Parameters
    ----------
    m, h, c : int
        Numbers of rows, hidden units and outputs.
    dtype : numpy dtype
    """

    def __init__(self, m, h, c, dtype):
        # Samples come first in memory, as in the rows themselves.
        self.A = self.units = np.empty((m, h), dtype).T
        self.Z = np.empty((m, c), dtype).T

    @staticmethod
    def multiply(layer, columns, out):
        """``W X' + b``: (r, s), (s, m) -> (r, m)."""
        W, b = layer
        if isinstance(columns, np.ndarray):
            np.matmul(W, columns, out)
        else:
            out[...] = (columns.T @ W.T).T
        out += b

    times_columns = multiply


def predicted_logits(activation, coefs, intercepts, X):
    """Logits of one network, whose weights have the layout of scikit-learn.

    Parameters
    ----------
    activation : Activation
    coefs : arrays of shapes (d, h) and (h, c)
    intercepts : arrays of shapes (h,) and (c,)
    X : ndarray or CSR of shape (n, d)

    Returns
    -------
    Z : ndarray of shape (n, c)
        Very large logits are clipped, so that their differences are finite.

    Raises
    ------
    ValueError
        If a feature is nan or infinite and logits are not finite, or if logits are nan
        because terms of both signs overflow.
    """
    layers = [(W.T, b[:, None]) for W, b in zip(coefs, intercepts, strict=True)]
    (h, c), dtype = coefs[1].shape, np.promote_types(X.dtype, coefs[0].dtype)
    n_rows = X.shape[0]
    step = max(MIN_BLOCK, min(SMALL_PRODUCT // coefs[0].size, MAX_BLOCK))
    parts = [X] if n_rows <= step else (X[rows] for rows in slices(n_rows, step))
    logits = []
    for rows in parts:
        work = _RowsAsGiven(rows.shape[0], h, c, dtype)
        forward(activation, layers, rows.T, work)
        logits.append(work.Z.T)
    Z = logits[0] if len(logits) == 1 else np.concatenate(logits)
    largest = LARGEST * np.finfo(Z.dtype).max
    if np.abs(Z).max() <= largest:
        return Z
    entries = X.data if issparse(X) else X
    if np.isnan(entries).any():
        raise ValueError(
            "X has missing values, and assume_finite=True kept them from being found "
            "before: impute them (sklearn.impute.SimpleImputer) or leave such rows out."
        )
    if np.isinf(entries).any():
        raise ValueError(
            "X has infinite values, and assume_finite=True kept them from being found "
            "before: clip them (np.clip) or leave such rows out."
        )
    if np.isnan(Z).any():
        raise ValueError(
            "X: the logits of some rows overflow, so that nothing can be predicted. "
            "The features are too large for this net, or of another scale than those "
            "that it was trained on: put a StandardScaler in front."
        )
    return Z.clip(-largest, largest)
