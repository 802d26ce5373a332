"""Logits of many rows, block by block, of K networks."""

import numpy as np
from scipy.sparse import issparse

from skshallow._core.batches import read_rows, row_buffer, slices
from skshallow._core.network import forward
from skshallow._core.workspace import Workspace, block_size, matrices

# Logits up to this share of the largest float have differences that do not overflow.
LARGEST = 0.25


def logits_by_block(architecture, P, X):
    """Yield slices of the rows of ``X`` (n, d) and their logits (K, c, m).

    Each block of logits overwrites the block before.
    """
    n_rows = X.shape[0]
    step = min(block_size(architecture), X.shape[0])
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
