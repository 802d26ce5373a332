"""The points of a sweep, drawn over the parameter that varies.

This module knows nothing of estimators or searches.
"""

import numpy as np

from skshallow._plot.drawing import LINES, escaped, style_of

RING = {"marker": "o", "markersize": 13, "fillstyle": "none", "linestyle": "none"}
RING |= {"color": "black", "markeredgewidth": 1.2, "zorder": 3}
BEYOND = 1.5  # a number of iterations above the budget is drawn at 1.5 budgets
# The fields of a `SweepPoint`, by the name of the parameter.
FIELDS = {"init": "init", "init_scale": "scale", "alpha": "alpha"}


def draw_sweep(display, sign):
    """Draw points, marks and baselines, and label the axes.

    Parameters
    ----------
    display : InitSweepDisplay
        Its artists are set, except those of the legend.
    sign : {-1, 1}
        The sign with which the scores are drawn.

    Returns
    -------
    in_lines : str or None
        The parameter that has a line for each of its values, if there are several.
    """
    ax, points, budget = display.ax_, display.points, display.budget
    on_axis, in_lines = axis_and_lines(points)
    values = [getattr(point, FIELDS[on_axis]) for point in points]
    lines = [getattr(point, FIELDS[in_lines]) for point in points]
    x = draw_axis(ax, values)
    y = np.array([centre_and_band(sign * point.scores, budget) for point in points])
    name = display.score_name
    if sign < 0:
        name = name.removeprefix("Negative ").capitalize()
    spread = "median and range" if budget else "mean ± std"
    pooled = f"\nof {display.scores_of}" if display.scores_of else ""
    ax.set(xlabel=on_axis, ylabel=f"{name}, {spread}{pooled}")
    if budget:
        draw_budget(ax, budget)
    draw_lines(display, x, y, lines, [*map(has_place, values)])
    draw_marks(display, x, y[:, 0])
    draw_baselines(display, sign)
    return in_lines if len(set(lines)) > 1 else None


def axis_and_lines(points):
    """The parameter on the axis, and the one that has a line for each of its values.

    If there are several starts and several penalties, the axis shows the more numerous.
    """
    n_scales = len({point.scale for point in points})
    n_alphas = len({point.alpha for point in points})
    if points[0].scale is None:
        return "init", "alpha"
    if points[0].alpha is None:
        return "init_scale", "init"
    is_alpha = n_alphas > n_scales or n_scales == 1
    return ("alpha", "init_scale") if is_alpha else ("init_scale", "alpha")


def name_of(value):
    """An init, a scale or a penalty in words."""
    return escaped(value if isinstance(value, str) else f"{value:.4g}")


def has_place(value):
    """Whether a value has a place on a logarithmic axis."""
    return not isinstance(value, str) and value > 0


def centre_and_band(scores, budget=None):
    """The centre of the scores of a point, and the ends of its band.

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
    >>> from skshallow._plot.sweep import centre_and_band
    >>> centre_and_band(np.array([3, 5, 9, np.inf]), budget=10).tolist()
    [5.0, 3.0, 15.0]
    """
    if budget is None:
        return scores.mean(), scores.mean() - scores.std(), scores.mean() + scores.std()
    counts = np.where(scores > budget, BEYOND * budget, scores)
    return np.quantile(counts, [0.5, 0, 1], method="inverted_cdf")


def draw_axis(ax, values):
    """Scale and label the axis, and return the places of the values on it.

    The axis is logarithmic. Zero has a place to the left of the positive numbers, and
    other values have places to the right.

    Parameters
    ----------
    ax : matplotlib Axes
    values : list of float or str
        The value of each point.

    Returns
    -------
    places : ndarray of shape (n_points,)

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from skshallow._plot.sweep import draw_axis
    >>> draw_axis(Figure().subplots(), [0.0, 1.0, 100.0, "auto"]).round(2).tolist()
    [0.32, 1.0, 100.0, 316.23]
    """
    numbers = sorted({value for value in values if has_place(value)})
    beside = places_beside(numbers, values)
    shown = labelled(numbers)
    texts = [name_of(value) for value in [*beside, *shown]]
    is_crowded = sum(map(len, texts)) > 30
    ax.set_xscale("log")
    ticks = [*beside.values(), *shown]
    ax.set_xticks(ticks, texts, rotation=90 if is_crowded else 0)
    ax.minorticks_off()
    return np.array([beside.get(value, value) for value in values], dtype=float)


def places_beside(numbers, values):
    """The places of all values that a logarithmic axis of the numbers lacks."""
    first, last = np.log10([numbers[0], numbers[-1]]) if numbers else (0, 0)
    step = max(0.5, 0.2 * (last - first))  # in decades
    words = dict.fromkeys(v for v in values if not has_place(v) and v != 0)
    places = {word: 10 ** (last + k * step) for k, word in enumerate(words, 1)}
    if 0 in values:
        places[0] = 10 ** (first - step)
    return places


def labelled(numbers):
    """At most eight of the numbers, or of the powers of 10 among them."""
    lowest, highest = np.log10([numbers[0], numbers[-1]]) if numbers else (0, -1)
    powers = 10.0 ** np.arange(np.ceil(lowest), highest + 1e-9)
    labels = powers if len(powers) > 2 else numbers
    return labels[:: 1 + len(labels) // 8]


def draw_budget(ax, budget):
    """Draw a logarithmic axis of iterations with a grey band above the budget."""
    top = BEYOND**2 * budget
    ax.axhspan(budget, top, color="0.92", lw=0, zorder=0)
    ax.set(yscale="log", ylim=(0.8, top))
    ticks = [*(10 ** np.arange(np.log10(budget))), BEYOND * budget]
    ax.set_yticks(ticks, [*map("{:g}".format, ticks[:-1]), f">{budget}"])
    ax.minorticks_off()


def draw_lines(display, x, y, lines, is_joined):
    """Draw centres and bands, in the style of the line that a point belongs to.

    Parameters
    ----------
    display : InitSweepDisplay
        Its ``lines_``, ``bands_`` and ``off_axis_`` are set.
    x : ndarray of shape (n_points,)
    y : ndarray of shape (n_points, 3)
        Centre, low and high end of each point.
    lines : list of float or str
        The line of each point.
    is_joined : list of bool
        Whether a point is joined with others of its line.
    """
    ax = display.ax_
    display.lines_, display.bands_, display.off_axis_ = [], [], []
    order, names = np.argsort(x), list(dict.fromkeys(lines))
    for k, name in enumerate(names):
        style = style_of(k)
        if len(names) > 1:
            ax.plot([], [], label=name_of(name).replace("\n", " "), **style)
        members = [i for i in order if lines[i] == name]
        joined = [i for i in members if is_joined[i]]
        apart = [i for i in members if not is_joined[i]]
        if joined:
            display.lines_ += ax.plot(x[joined], y[joined, 0], **style)
            look = {"color": style["color"], "linestyle": style["linestyle"]}
            band = ax.fill_between(x[joined], *y[joined, 1:].T, alpha=0.15, **look)
            display.bands_.append(band)
        style["linestyle"] = "none"
        if apart:
            spread = np.abs(y[apart, 1:] - y[apart, :1]).T
            bars = ax.errorbar(x[apart], y[apart, 0], spread, capsize=3, **style)
            display.off_axis_.append(bars)


def draw_marks(display, x, centres):
    """Draw crosses for points without a mean, and a ring around the chosen point."""
    ax, failed = display.ax_, x[np.isnan(centres)]
    display.failures_, display.ring_ = [], None
    if len(failed):
        foot = {"transform": ax.get_xaxis_transform(), "color": "black"}
        display.failures_ = ax.plot(failed, np.full(len(failed), 0.02), "x", **foot)
    if display.chosen is not None:
        place = x[display.chosen], centres[display.chosen]
        (display.ring_,) = ax.plot(*place, label="chosen", **RING)


def draw_baselines(display, sign):
    """Draw a horizontal line for every baseline, and set ``baselines_``."""
    display.baselines_ = []
    for k, (name, score) in enumerate((display.baselines or {}).items(), 1):
        look = {"color": "0.35", "lw": 1.2, "ls": LINES[k % len(LINES)], "zorder": 1}
        line = display.ax_.axhline(sign * score, label=escaped(name), **look)
        display.baselines_.append(line)
