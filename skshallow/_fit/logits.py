"""Logits of one fitted network, and errors about rows for which it has none."""

from types import SimpleNamespace

import numpy as np
from scipy.sparse import issparse

from skshallow._core.batches import slices
from skshallow._core.losses import largest_logit
from skshallow._core.network import forward
from skshallow._core.workspace import MAX_BLOCK, MIN_BLOCK, SMALL_PRODUCT


def _layer(layer, columns, out):
    """``W X' + b``: (r, s), (s, m) -> (r, m)."""
    W, b = layer
    if isinstance(columns, np.ndarray):
        np.matmul(W, columns, out)
    else:
        out[...] = (columns.T @ W.T).T
    out += b


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
    logits : ndarray of shape (n, c)
        Very large logits are clipped, so that their differences are finite.

    Raises
    ------
    ValueError
        If a feature is nan or infinite and logits are not finite, or if logits are nan
        because terms of both signs overflow.
    """
    layers = [(W.T, b[:, None]) for W, b in zip(coefs, intercepts, strict=True)]
    h, c = coefs[1].shape
    dtype = np.promote_types(X.dtype, coefs[0].dtype)
    step = max(MIN_BLOCK, min(SMALL_PRODUCT // coefs[0].size, MAX_BLOCK))
    logits = np.empty((X.shape[0], c), dtype)
    for rows in slices(X.shape[0], step):
        Z = logits[rows].T
        A = np.empty((Z.shape[1], h), dtype).T  # samples first in memory, as in X
        # A workspace for separate arrays W and b, and for rows that are not copied.
        work = SimpleNamespace(A=A, units=A, Z=Z, multiply=_layer, times_columns=_layer)
        forward(activation, layers, X[rows].T, work)
    largest = largest_logit(dtype)
    if np.abs(logits).max() <= largest:
        return logits
    error = rows_error(X)
    if not error and np.isnan(logits).any():
        error = (
            "X: the logits of some rows overflow, so that nothing can be predicted. "
            "The features are too large for this net, or of another scale than those "
            "that it was trained on: put a StandardScaler in front."
        )
    if error:
        raise ValueError(error)
    return logits.clip(-largest, largest)


def rows_error(X, name="X"):
    """What is wrong with rows that are not finite, and what to do; "" if they are."""
    if np.isfinite(X.data if issparse(X) else X).all():
        return ""
    return (
        f"{name} has missing or infinite values (NaN, inf), and assume_finite=True "
        "kept them from being found before: impute them "
        "(sklearn.impute.SimpleImputer), clip them (np.clip) or leave such rows out."
    )
