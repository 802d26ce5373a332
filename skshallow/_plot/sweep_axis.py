"""The axis of a sweep, for scales and for what has no place among them.

Knows points of a sweep, and nothing of estimators or searches.
"""

from itertools import pairwise

import numpy as np

from skshallow._plot.drawing import write_ticks


def scores_of(pooled, best, others):
    """What a point shows the mean of; ``best`` has one candidate's scores a point."""
    n_splits = len(best[0].scores)
    counts = [len(point.scores) // n_splits for point in pooled]
    few, many = min(counts), max(counts)
    splits = f"{n_splits} split{'s' * (n_splits > 1)}"
    if many == 1:
        return splits
    several = f"{many} candidates" if few == many else f"{few} to {many} candidates"
    if others == "best":
        return f"{splits}, best of {several}"
    return f"{several} × {splits}"


def is_on_axis(point):
    """Whether a point of a sweep has a place on a logarithmic axis."""
    return isinstance(point.scale, float) and point.scale > 0


class ScaleAxis:
    """A logarithmic axis of scales, with slots beside it for what has no place on it.

    Zero stands to the left, all else to the right. If nothing has a place on it, the
    slots alone are the axis.

    Parameters
    ----------
    points : list of SweepPoint

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._plot.sweep_axis import ScaleAxis
    >>> from skshallow.sweeps import SweepPoint
    >>> score = np.array([0.9])
    >>> points = [SweepPoint("randn", scale, score) for scale in (0.0, 0.1, 1.0)]
    >>> axis = ScaleAxis(points)
    >>> axis.scales, bool(axis.place(points[0]) < 0.1)
    ([0.1, 1.0], True)
    """

    def __init__(self, points):
        self.scales = sorted({point.scale for point in points if is_on_axis(point)})
        self.inits = {}  # by slot
        for point in points:
            if not is_on_axis(point):
                self.inits.setdefault(_slot_name(point), []).append(point.init)
        names = sorted(self.inits, key=lambda name: name != "0")  # zero comes first
        self.slots = {name: float(k) for k, name in enumerate(names)}
        if self.scales:
            first, last = np.log10([self.scales[0], self.scales[-1]])
            self.step = max(0.5, 0.2 * (last - first))  # decades
            for k, name in enumerate(names, 1 - ("0" in names)):
                place = last + k * self.step if k else first - self.step
                self.slots[name] = 10**place

    def place(self, point):
        """Where a point stands; those of a slot stand side by side."""
        if is_on_axis(point):
            return point.scale
        inits, slot = self.inits[_slot_name(point)], self.slots[_slot_name(point)]
        aside = 0.25 * (inits.index(point.init) - (len(inits) - 1) / 2)
        return slot * 10 ** (aside * self.step) if self.scales else slot + aside

    def draw(self, ax):
        """Scale and label the axis, and part the slots from the scales."""
        names, places = list(self.slots), list(self.slots.values())
        is_scale = self.scales or any(name[0] in "0(" for name in names)
        ax.set_xlabel("init_scale" if is_scale else "init")
        if self.scales:
            ax.set_xscale("log")
            ends = self.scales[0], self.scales[-1]
            for one, other in pairwise(sorted({*places, *ends})):
                if (one, other) != ends:
                    middle = np.sqrt(one * other)
                    ax.axvline(middle, color="0.5", lw=0.8, ls=(0, (1, 3)))
            places += self._shown_scales()
            names += [f"{scale:.4g}" for scale in places[len(names) :]]
        else:
            ax.set_xlim(-0.5, len(names) - 0.5)
        write_ticks(ax.xaxis, places, names, rotations=[0, 90])
        ax.minorticks_off()

    def _shown_scales(self):
        """Powers of 10, or the scales if these are few, but eight at most."""
        first, last = np.log10([self.scales[0], self.scales[-1]])
        powers = 10.0 ** np.arange(np.ceil(first), last + 1e-9)
        gap, shown = (last - first + self.step * len(self.slots)) / 8, []
        for scale in powers if len(powers) > 2 else self.scales:
            if not shown or np.log10(scale / shown[-1]) > gap:
                shown.append(scale)
        return shown


def _slot_name(point):
    """The name of a start that has no place on a logarithmic axis."""
    if point.scale is None:
        return point.init
    return "0" if point.scale == 0 else point.scale
