"""Sums that no update needs: stored for every batch, computed for many at a time.

An update needs the gradient only; losses and penalties are only recorded. To sum them
batch by batch would take a third of the time of a net of a few units. So a *row* of
numbers is stored, in one or more arrays, its *parts*. Later the *terms* of many rows,
one for each sample or each parameter, are computed from their parts and are summed.
`Objective` says what the rows are. This module knows no losses and no networks.
"""

import numpy as np

# Limits on the rows that are stored: memory in bytes, and number of rows.
DEFERRED_BYTES, DEFERRED_ROWS = 2**16, 256


class DeferredSums:
    """The sums of rows that are written now and summed later.

    Parameters
    ----------
    n_parts : int
        Number of arrays in a row.
    shape : tuple
        Shape of each array; the first axis is that of the lanes.
    dtype : numpy dtype
    terms_of : callable
        ``terms_of(parts)`` computes the terms of n rows, (n, *shape), from their parts,
        (n_parts, n, *shape).
    cuts : list of slice, default=[slice(None)]
        Slices of lanes, into which the arrays of a row are cut.
    """

    def __init__(self, n_parts, shape, dtype, terms_of, cuts=(slice(None),)):
        row_bytes = n_parts * int(np.prod(shape)) * np.dtype(dtype).itemsize
        capacity = max(1, min(DEFERRED_BYTES // row_bytes, DEFERRED_ROWS))
        self._parts = np.empty((n_parts, capacity, *shape), dtype)
        self._cuts = [[part[:, lanes] for part in self._parts] for lanes in cuts]
        self._rows = []  # views, made when they are first used
        self._terms_of = terms_of
        self._axes = tuple(range(2, 1 + len(shape)))
        self.clear()

    def new_row(self, number, weight=None):
        """Arrays to write the row of this number to: a list for each cut.

        ``weight`` multiplies its terms. It has no dimensions or the shape of a row, or
        it is None; for all rows the same.
        """
        i = len(self._stored)
        if i == self._parts.shape[1]:
            self._sum_rows()
            i = 0
        if i == len(self._rows):
            self._rows.append([[part[i] for part in parts] for parts in self._cuts])
        self._stored.append((number, weight))
        return self._rows[i]

    def write_to(self, sums):
        """Write the sum (K,) of every row since `clear` to ``sums[number]``."""
        self._sum_rows()
        for numbers, of_rows in self._summed:
            sums[numbers] = of_rows

    def clear(self):
        """Drop all rows."""
        self._stored = []  # number and weight of every row that is not yet summed
        self._summed = []  # numbers of rows, and their sums (n, K)

    def _sum_rows(self):
        if not self._stored:
            return
        numbers, weights = zip(*self._stored, strict=True)
        terms = self._terms_of(self._parts[:, : len(numbers)])  # (n, K, ...)
        # Not products with a vector of ones: the order in which BLAS sums may depend on
        # where a row lies in memory.
        if weights[0] is None:
            sums = terms.sum(axis=self._axes)
        elif weights[0].ndim == 0:
            sums = terms.sum(axis=self._axes) * np.array(weights)[:, None]
        else:
            sums = (terms * np.array(weights)).sum(axis=self._axes)
        self._summed.append((list(numbers), sums))
        self._stored = []
