"""The axis of a sweep, for scales and for what has no place among them.

Draws points of a sweep on it, and knows nothing of estimators or searches.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from skshallow._plot.drawing import write_ticks

RING = {"marker": "o", "markersize": 13, "fillstyle": "none", "linestyle": "none"}
RING |= {"color": "black", "markeredgewidth": 1.2, "zorder": 3}
# What a point tells, by the name of the parameter.
FIELDS = {"init": "init", "init_scale": "scale", "alpha": "alpha"}


class Mark(NamedTuple):
    """What is drawn of a point of a sweep.

    Parameters
    ----------
    line : str or float
        What it shares with the other marks of its line.
    value : float, str or None
        What the axis shows of it.
    scores : ndarray of shape (n_fits,)
    """

    line: object
    value: object
    scores: np.ndarray


def marks_of(points):
    """A mark for every point, and the parameters of the axis and of the lines.

    Of starts and penalties, the axis shows those of which there are more.
    """
    n_scales = len({point.scale for point in points})
    n_alphas = len({point.alpha for point in points})
    if points[0].alpha is None:
        names = "init_scale", "init"
    elif n_scales == 1:
        names = "alpha", "init"
    else:
        names = ("alpha", "init_scale")[:: 1 if n_alphas > n_scales else -1]
    value, line = (FIELDS[name] for name in names)
    marks = [Mark(getattr(p, line), getattr(p, value), p.scores) for p in points]
    return marks, *names


def line_name(line):
    """What a legend calls a line: an init, a scale or a penalty."""
    return f"{line:.4g}" if isinstance(line, float) else line.replace("\n", " ")


def is_on_axis(mark):
    """Whether a mark has a place on a logarithmic axis."""
    return isinstance(mark.value, float) and mark.value > 0


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


class SweepAxis:
    """A logarithmic axis of numbers, with slots beside it for what has no place on it.

    Zero stands to the left, all else to the right. If nothing has a place on it, the
    slots alone are the axis.

    Parameters
    ----------
    marks : list of Mark
    name : str, default="init_scale"
        The parameter that it shows.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._plot.sweep_axis import Mark, SweepAxis
    >>> marks = [Mark("randn", s, np.array([0.9])) for s in (0.0, 0.1, 1.0)]
    >>> axis = SweepAxis(marks)
    >>> axis.numbers, bool(axis.place(marks[0]) < 0.1)
    ([0.1, 1.0], True)
    """

    def __init__(self, marks, name="init_scale"):
        self.name = name
        self.numbers = sorted({mark.value for mark in marks if is_on_axis(mark)})
        self.lines = {}  # by slot
        for mark in marks:
            if not is_on_axis(mark):
                self.lines.setdefault(_slot_name(mark), []).append(mark.line)
        names = sorted(self.lines, key=lambda name: name != "0")  # zero comes first
        self.slots = {name: float(k) for k, name in enumerate(names)}
        if self.numbers:
            first, last = np.log10([self.numbers[0], self.numbers[-1]])
            self.step = max(0.5, 0.2 * (last - first))  # decades
            for k, name in enumerate(names, 1 - ("0" in names)):
                place = last + k * self.step if k else first - self.step
                self.slots[name] = 10**place

    def place(self, mark):
        """Where a mark stands; those of a slot stand side by side."""
        if is_on_axis(mark):
            return mark.value
        lines, slot = self.lines[_slot_name(mark)], self.slots[_slot_name(mark)]
        gap = min(0.25, 0.75 / len(lines))
        aside = gap * (lines.index(mark.line) - (len(lines) - 1) / 2)
        return slot * 10 ** (aside * self.step) if self.numbers else slot + aside

    def draw(self, ax):
        """Scale and label the axis, and part the slots from the numbers."""
        names, places = list(self.slots), list(self.slots.values())
        has_numbers = self.numbers or any(name[0] in "0(" for name in names)
        ax.set_xlabel(self.name if has_numbers else "init")
        if self.numbers:
            ax.set_xscale("log")
            ends = self.numbers[0], self.numbers[-1]
            for one, other in pairwise(sorted({*places, *ends})):
                if (one, other) != ends:
                    middle = np.sqrt(one * other)
                    ax.axvline(middle, color="0.5", lw=0.8, ls=(0, (1, 3)))
            places += self._shown_numbers()
            names += [f"{number:.4g}" for number in places[len(names) :]]
        else:
            ax.set_xlim(-0.5, len(names) - 0.5)
        write_ticks(ax.xaxis, places, names, rotations=[0, 90])
        ax.minorticks_off()

    def _shown_numbers(self):
        """Powers of 10, or the numbers if these are few, but eight at most."""
        first, last = np.log10([self.numbers[0], self.numbers[-1]])
        powers = 10.0 ** np.arange(np.ceil(first), last + 1e-9)
        gap, shown = (last - first + self.step * len(self.slots)) / 8, []
        for number in powers if len(powers) > 2 else self.numbers:
            if not shown or np.log10(number / shown[-1]) > gap:
                shown.append(number)
        return shown


def draw_line(display, axis, marks, style):
    """Draw the marks of one line: joined on the axis, each for itself beside it.

    Parameters
    ----------
    display : InitSweepDisplay
        Its ``lines_``, ``bands_``, ``off_axis_`` and ``failures_`` get what is drawn.
    axis : SweepAxis
    marks : list of Mark
    style : dict
    """
    ax = display.ax_
    for on_axis in (True, False):
        shown = [mark for mark in marks if is_on_axis(mark) == on_axis]
        if not shown:
            continue
        shown.sort(key=axis.place)
        places = np.array([axis.place(mark) for mark in shown])
        means = np.array([mark.scores.mean() for mark in shown])
        spreads = np.array([mark.scores.std() for mark in shown])
        if on_axis:
            display.lines_ += ax.plot(places, means, **style)
            edges = means - spreads, means + spreads
            band = {"color": style["color"], "alpha": 0.15, "linewidth": 0}
            display.bands_.append(ax.fill_between(places, *edges, **band))
        else:
            bars = {**style, "linestyle": "none", "capsize": 3}
            display.off_axis_.append(ax.errorbar(places, means, spreads, **bars))
        failed = places[np.isnan(means)]
        if len(failed):
            foot = {"transform": ax.get_xaxis_transform(), "color": "black"}
            display.failures_ += ax.plot(failed, [0.02] * len(failed), "x", **foot)


def draw_ring(display, axis, mark):
    """Draw ``ring_`` around the mark of what was chosen."""
    place = axis.place(mark), mark.scores.mean()
    (display.ring_,) = display.ax_.plot(*place, label="chosen", **RING)


def _slot_name(mark):
    """The name of what has no place on a logarithmic axis."""
    if mark.value is None:
        return mark.line
    return "0" if mark.value == 0 else mark.value
