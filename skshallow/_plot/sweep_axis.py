"""The axis of a sweep, and the points of a sweep drawn on it.

This module knows nothing of estimators or searches.
"""

from itertools import cycle, pairwise
from typing import NamedTuple

import numpy as np

from skshallow._plot.drawing import style_of, write_ticks

RING = {"marker": "o", "markersize": 13, "fillstyle": "none", "linestyle": "none"}
RING |= {"color": "black", "markeredgewidth": 1.2, "zorder": 3}
REFERENCE_LINES = ("--", ":", "-.", (0, (5, 1)))
BEYOND = 1.5  # a number of iterations above the budget is drawn at 1.5 budgets
# The fields of a `SweepPoint`, by the name of the parameter.
FIELDS = {"init": "init", "init_scale": "scale", "alpha": "alpha"}


class Mark(NamedTuple):
    """A point of a sweep as it is drawn.

    Parameters
    ----------
    line : str or float
        Value of the parameter that has a line for each value.
    value : float, str or None
        Value of the parameter that is on the axis.
    scores : ndarray of shape (n_fits,)
    """

    line: object
    value: object
    scores: np.ndarray


def marks_of(points):
    """A mark for every point, and the names of the parameters of axis and lines.

    If there are several starts and several penalties, the axis shows the more numerous.
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
    """The name of a line in a legend: an init, a scale or a penalty."""
    return f"{line:.4g}" if isinstance(line, float) else line.replace("\n", " ")


def is_on_axis(mark):
    """Whether a mark has a place on a logarithmic axis."""
    return isinstance(mark.value, float) and mark.value > 0


def scores_of(pooled, best, others):
    """Words for the scores that a point pools, such as "3 candidates × 5 splits".

    ``pooled`` are the points with the scores of all candidates, ``best`` those with the
    scores of one candidate each.
    """
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
    """A logarithmic axis of numbers, with slots beside it for all other values.

    The slot of zero is to the left, the other slots are to the right. If there are no
    positive numbers, the axis consists of slots only.

    Parameters
    ----------
    marks : list of Mark
    name : str, default="init_scale"
        The parameter that the axis shows.

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
        self.lines = {}  # lines that have a mark in a slot, by slot
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
        """The place of a mark on the axis; marks in the same slot are side by side."""
        if is_on_axis(mark):
            return mark.value
        lines, slot = self.lines[_slot_name(mark)], self.slots[_slot_name(mark)]
        gap = min(0.25, 0.75 / len(lines))
        aside = gap * (lines.index(mark.line) - (len(lines) - 1) / 2)
        return slot * 10 ** (aside * self.step) if self.numbers else slot + aside

    def draw(self, ax):
        """Scale and label the axis, and draw lines between slots and numbers."""
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
        """At most eight tick labels: powers of 10, or the numbers if powers are few."""
        first, last = np.log10([self.numbers[0], self.numbers[-1]])
        powers = 10.0 ** np.arange(np.ceil(first), last + 1e-9)
        gap, shown = (last - first + self.step * len(self.slots)) / 8, []
        for number in powers if len(powers) > 2 else self.numbers:
            if not shown or np.log10(number / shown[-1]) > gap:
                shown.append(number)
        return shown


def with_sign(display, marks, negate_score):
    """Marks, references and label, with the sign of negated scores turned round.

    Parameters
    ----------
    display : InitSweepDisplay
    marks : list of Mark
    negate_score : bool or "auto"
        As in ``InitSweepDisplay.plot``.

    Returns
    -------
    marks : list of Mark
    references : dict of str -> float
    label : str
        The label of the axis.
    """
    name, references = display.score_name, display.references or {}
    if negate_score == "auto":
        negate_score = name.startswith("Negative ")
    if negate_score:
        name = name.removeprefix("Negative ").capitalize()
        marks = [mark._replace(scores=-mark.scores) for mark in marks]
        references = {key: -value for key, value in references.items()}
    spread = "median and range" if display.budget else "mean ± std"
    said = f"\nof {display.scores_of}" if display.scores_of else ""
    return marks, references, f"{name}, {spread}{said}"


def draw_marks(display, axis, marks):
    """Draw all marks, and a ring around the one that was chosen.

    Parameters
    ----------
    display : InitSweepDisplay
        Its ``lines_``, ``bands_``, ``off_axis_``, ``failures_`` and ``ring_`` are set.
    axis : SweepAxis
    marks : list of Mark

    Returns
    -------
    is_named : bool
        Whether the legend has to name the lines: there are several lines, and the axis
        does not show their names.
    """
    ax, budget = display.ax_, display.budget
    display.lines_, display.bands_, display.off_axis_ = [], [], []
    display.failures_, display.ring_ = [], None
    lines = list(dict.fromkeys(mark.line for mark in marks))
    is_named = len(lines) > 1 and axis.slots.keys() != set(lines)
    if budget:
        _draw_budget(ax, budget)
    for k, line in enumerate(lines):
        style = style_of(k)
        if is_named:
            ax.plot([], [], label=line_name(line), **style)
        of_line = [mark for mark in marks if mark.line == line]
        _draw_line(display, axis, of_line, style)
    if display.chosen is not None:
        mark = marks[display.chosen]
        place = axis.place(mark), summary(mark.scores, budget)[0]
        (display.ring_,) = ax.plot(*place, label="chosen", **RING)
    return is_named


def summary(scores, budget=None):
    """The centre of the scores of a mark, and the ends of its band.

    Parameters
    ----------
    scores : ndarray
    budget : int, default=None
        Maximum number of iterations, if the scores are numbers of iterations.

    Returns
    -------
    centre, low, high : floats
        The mean, and the mean minus and plus one standard deviation. With ``budget``
        the median (the lower one of two), the minimum and the maximum, where numbers
        above ``budget`` count as 1.5 times ``budget``.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._plot.sweep_axis import summary
    >>> [float(value) for value in summary(np.array([3, 5, 9, np.inf]), budget=10)]
    [5.0, 3.0, 15.0]
    """
    if budget is None:
        return scores.mean(), scores.mean() - scores.std(), scores.mean() + scores.std()
    counts = np.where(scores > budget, BEYOND * budget, scores)
    median = np.quantile(counts, 0.5, method="inverted_cdf")
    return median, counts.min(), counts.max()


def draw_references(display, references):
    """Draw a horizontal line for every reference, and set ``references_``."""
    lines = zip(references.items(), cycle(REFERENCE_LINES), strict=False)
    display.references_ = [
        display.ax_.axhline(value, label=name, color="0.35", lw=1.2, ls=line, zorder=1)
        for (name, value), line in lines
    ]


def _draw_budget(ax, budget):
    """Draw a logarithmic axis of iterations with a grey band above the budget."""
    top = BEYOND**2 * budget
    ax.axhspan(budget, top, color="0.92", lw=0, zorder=0)
    powers = [10**k for k in range(1 + int(np.log10(max(budget / 2, 1))))]
    ax.set(yscale="log", ylim=(0.8, top))
    ax.set_yticks([*powers, BEYOND * budget], [*map(str, powers), f">{budget}"])
    ax.minorticks_off()


def _draw_line(display, axis, marks, style):
    """Draw the marks of one line; those in slots are not joined."""
    ax, budget = display.ax_, display.budget
    for on_axis in (True, False):
        shown = [mark for mark in marks if is_on_axis(mark) == on_axis]
        if not shown:
            continue
        shown.sort(key=axis.place)
        places = np.array([axis.place(mark) for mark in shown])
        ends = np.array([summary(mark.scores, budget) for mark in shown])
        centres, low, high = ends.T
        if on_axis:
            display.lines_ += ax.plot(places, centres, **style)
            display.bands_.append(_draw_band(ax, places, low, high, style))
        else:
            bars = {**style, "linestyle": "none", "capsize": 3}
            spread = centres - low, high - centres
            display.off_axis_.append(ax.errorbar(places, centres, spread, **bars))
        if budget:
            never = centres > budget
            hollow = {**style, "linestyle": "none", "markerfacecolor": "white"}
            hollow["zorder"] = 2.5  # above the other marks
            ax.plot(places[never], centres[never], **hollow)
        failed = places[np.isnan(centres)]
        if len(failed):
            foot = {"transform": ax.get_xaxis_transform(), "color": "black"}
            display.failures_ += ax.plot(failed, [0.02] * len(failed), "x", **foot)


def _draw_band(ax, places, low, high, style):
    """Draw a band whose edges have the style of its line, so that bands differ."""
    color, line = style["color"], style["linestyle"]
    edges = {"edgecolor": (color, 0.6), "linewidth": 0.6, "linestyle": line}
    return ax.fill_between(places, low, high, facecolor=(color, 0.1), **edges)


def _slot_name(mark):
    """The name of the slot of a mark that has no place on the logarithmic axis."""
    if mark.value is None:
        return mark.line
    return "0" if mark.value == 0 else mark.value
