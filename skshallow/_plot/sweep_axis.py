"""The axis of a sweep, for scales and for what has no place among them.

Draws points of a sweep on it, and knows nothing of estimators or searches.
"""

from itertools import cycle, pairwise
from typing import NamedTuple

import numpy as np

from skshallow._plot.drawing import style_of, write_ticks

RING = {"marker": "o", "markersize": 13, "fillstyle": "none", "linestyle": "none"}
RING |= {"color": "black", "markeredgewidth": 1.2, "zorder": 3}
REFERENCE_LINES = ("--", ":", "-.", (0, (5, 1)))
BEYOND = 1.5  # times a budget: where a median stands that is above it
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


def with_sign(display, marks, negate_score):
    """What is drawn of scores of which some are negative by name alone.

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
        Of the axis.
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
        Its ``lines_``, ``bands_``, ``off_axis_``, ``failures_`` and ``ring_`` become
        what is drawn.
    axis : SweepAxis
    marks : list of Mark

    Returns
    -------
    is_named : bool
        Whether lines have names for a legend: there are several, and the axis does not
        name them.
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
    """What is drawn of the scores of a mark: its centre, and the ends of its band.

    Parameters
    ----------
    scores : ndarray
    budget : int, default=None
        If they are numbers of iterations, the most there were.

    Returns
    -------
    centre, low, high : floats
        The mean and a standard deviation to either side; with ``budget`` the median,
        never a mean of two, and the range, inf being a place above ``budget``.

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
    """Draw ``references_``, lines across the axes, by name."""
    lines = zip(references.items(), cycle(REFERENCE_LINES), strict=False)
    display.references_ = [
        display.ax_.axhline(value, label=name, color="0.35", lw=1.2, ls=line, zorder=1)
        for (name, value), line in lines
    ]


def _draw_budget(ax, budget):
    """A logarithmic axis of iterations with a grey band above them."""
    top = BEYOND**2 * budget
    ax.axhspan(budget, top, color="0.92", lw=0, zorder=0)
    powers = [10**k for k in range(1 + int(np.log10(max(budget / 2, 1))))]
    ax.set(yscale="log", ylim=(0.8, top))
    ax.set_yticks([*powers, BEYOND * budget], [*map(str, powers), f">{budget}"])
    ax.minorticks_off()


def _draw_line(display, axis, marks, style):
    """Draw the marks of one line: joined on the axis, each for itself beside it."""
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
            hollow["zorder"] = 2.5  # on what is drawn of the others
            ax.plot(places[never], centres[never], **hollow)
        failed = places[np.isnan(centres)]
        if len(failed):
            foot = {"transform": ax.get_xaxis_transform(), "color": "black"}
            display.failures_ += ax.plot(failed, [0.02] * len(failed), "x", **foot)


def _draw_band(ax, places, low, high, style):
    """Draw a band, with edges like its line: bands that overlap are told apart."""
    color, line = style["color"], style["linestyle"]
    edges = {"edgecolor": (color, 0.6), "linewidth": 0.6, "linestyle": line}
    return ax.fill_between(places, low, high, facecolor=(color, 0.1), **edges)


def _slot_name(mark):
    """The name of what has no place on a logarithmic axis."""
    if mark.value is None:
        return mark.line
    return "0" if mark.value == 0 else mark.value
