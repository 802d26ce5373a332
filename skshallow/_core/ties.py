"""Hidden units that start identical, and the rule that keeps them identical.

In exact arithmetic, units with equal weights get equal gradients and stay equal for
ever. In floating point they become different, because a matrix product sums its edge
rows in another order. Here every unit gets the gradient of the first unit that is equal
to it, so that equal units stay equal to the last bit.
"""

import numpy as np


class Ties:
    """The pairs of identical units of K lanes.

    Parameters
    ----------
    lane, unit, first : ndarrays of shape (n_ties,)
        ``unit[i]`` of ``lane[i]`` is a copy of the earlier unit ``first[i]``.
    """

    def __init__(self, lane, unit, first):
        self.lane, self.unit, self.first = lane, unit, first

    @classmethod
    def find(cls, hidden, output):
        """The ties of [W1 b1] (K, h, d + 1) and [W2 b2] (K, c, h + 1), or None."""
        fan_out = output[:, :, :-1].swapaxes(1, 2)  # (K, h, c)
        ties = []
        for lane in _lanes_with_repeats(hidden[:, :, 0]):
            units = np.column_stack([hidden[lane], fan_out[lane]])
            _, first, group = np.unique(
                units, axis=0, return_index=True, return_inverse=True
            )
            first = first[group.ravel()]
            unit = np.flatnonzero(first != np.arange(len(units)))
            ties += [(lane, u, first[u]) for u in unit]
        return cls(*np.array(ties).T) if ties else None

    def keep(self, lanes):
        """The ties among ``lanes`` (ascending), which are renumbered; None if none."""
        stays = np.isin(self.lane, lanes)
        if not stays.any():
            return None
        lane = np.searchsorted(lanes, self.lane[stays])
        return Ties(lane, self.unit[stays], self.first[stays])

    def apply(self, hidden, output):
        """Overwrite the entries of each tied unit by those of its first equal."""
        hidden[self.lane, self.unit] = hidden[self.lane, self.first]
        output[self.lane, :, self.unit] = output[self.lane, :, self.first]


def _lanes_with_repeats(column):
    """Lanes of a (K, h) array that hold a value twice; other lanes have no ties."""
    ordered = np.sort(column, axis=1)
    return np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
