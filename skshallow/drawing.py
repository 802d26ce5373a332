"""What the displays share: styles, axes and the geometry of lines.

Knows points of a sweep and lines in the plane, and nothing of estimators. matplotlib is
imported inside functions, when something is drawn.
"""

import numpy as np

# Okabe and Ito's palette, its light yellow left out, with a line style and a marker
# each; dark and light take turns.
STYLES = (
    ("#000000", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#0072B2", "-.", "^"),
    ("#CC79A7", ":", "D"),
    ("#009E73", (0, (5, 1)), "v"),
    ("#E69F00", (0, (3, 1, 1, 1)), "P"),
    ("#56B4E9", (0, (1, 1)), "X"),
)
LINE, SHADE = "#0072B2", "0.88"
MOST_TICKS = 9
# In one line under an axis of the usual width.
MOST_LETTERS = 45


def new_axes(display, ax):
    """The axes to draw on, new ones unless given.

    Parameters
    ----------
    display : display
        Gets ``ax_`` and ``figure_``.
    ax : matplotlib Axes or None

    Returns
    -------
    ax : matplotlib Axes

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot needs matplotlib, which is not installed: "
            "pip install 'skshallow[plot]'."
        ) from error
    if ax is None:
        _, ax = pyplot.subplots(layout="constrained")
    display.ax_, display.figure_ = ax, ax.figure
    return ax


def style_of(k):
    """Colour, line and marker of the k-th curve."""
    colour, line, marker = STYLES[k % len(STYLES)]
    return {"color": colour, "linestyle": line, "marker": marker}


def frameless_legend(ax, **options):
    """A legend whose entries show the line styles."""
    return ax.legend(frameon=False, handlelength=3.5, **options)


def legend_handle(label, k):
    """An entry of a legend in the k-th style."""
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, markersize=5, **style_of(k))


def is_on_axis(point):
    """Whether a point of a sweep has a place on a logarithmic axis."""
    return isinstance(point.scale, float) and point.scale > 0


class ScaleAxis:
    """A logarithmic axis of scales, with slots beside it for what has no place on it.

    Zero stands to the left, pairs of scales stand to the right. If nothing has a place
    on it, the slots alone are the axis.

    Parameters
    ----------
    points : list of SweepPoint

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.drawing import ScaleAxis
    >>> from skshallow.sweeps import SweepPoint
    >>> score = np.array([0.9])
    >>> points = [SweepPoint("randn", scale, score) for scale in (0.0, 0.1, 1.0)]
    >>> axis = ScaleAxis(points)
    >>> axis.scales, bool(axis.place(points[0]) < 0.1)
    ([0.1, 1.0], True)
    """

    def __init__(self, points):
        self.scales = sorted({point.scale for point in points if is_on_axis(point)})
        self.tenants = {}  # inits by slot
        for point in points:
            if not is_on_axis(point):
                self.tenants.setdefault(_slot_name(point), []).append(point.init)
        names, self.is_log = list(self.tenants), bool(self.scales)
        if not self.is_log:
            self.slots = {name: float(k) for k, name in enumerate(names)}
            return
        first, last = self.scales[0], self.scales[-1]
        self.step = max(0.5, 0.16 * np.log10(last / first))  # decades
        pairs = [name for name in names if name != "0"]
        self.slots = {"0": first / 10**self.step} if "0" in names else {}
        for k, name in enumerate(pairs, 1):
            self.slots[name] = last * 10 ** (k * self.step)

    def place(self, point):
        """Where a point off the axis stands: the tenants of a slot side by side."""
        name = _slot_name(point)
        inits, slot = self.tenants[name], self.slots[name]
        aside = 0.25 * (inits.index(point.init) - (len(inits) - 1) / 2)
        return slot * 10 ** (aside * self.step) if self.is_log else slot + aside

    def label(self, ax):
        """Write the scales and the names of the slots."""
        names, places = list(self.slots), list(self.slots.values())
        if not self.is_log:
            is_long = sum(map(len, names)) > MOST_LETTERS
            ax.set_xticks(places, names, rotation=90 if is_long else 0)
            is_scale = any(name[0] in "0(" for name in names)
            ax.set_xlim(-0.5, len(names) - 0.5)
            ax.set_xlabel("init_scale" if is_scale else "init")
            return
        first, last = self.scales[0], self.scales[-1]
        ax.set(xscale="log", xlabel="init_scale")
        powers = 10.0 ** np.arange(np.ceil(np.log10(first)), np.log10(last) + 1e-9)
        powers = powers[:: 1 + len(powers) // MOST_TICKS]
        shown = powers if len(powers) >= 3 else self.scales
        ax.set_xticks([*places, *shown], [*names, *(f"{scale:g}" for scale in shown)])
        ax.minorticks_off()
        between = [first / 10 ** (self.step / 2)] * ("0" in names)
        between += [last * 10 ** (self.step / 2)] * (len(names) > len(between))
        for place in between:
            ax.axvline(place, color="0.5", linewidth=0.8, linestyle=(0, (1, 3)))


def _slot_name(point):
    """The name of a start that has no place on a logarithmic axis."""
    if point.scale is None:
        return point.init
    return "0" if point.scale == 0 else point.scale


def plain_log_axis(axis):
    """Make an axis logarithmic, with plain numbers at 1, 2 and 5 or at powers of 10."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    name = axis.axis_name
    getattr(axis.axes, f"set_{name}scale")("log")
    low, high = axis.get_view_interval()
    subs = (1, 2, 5) if high / low < 300 else (1,)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def marked(n, k, is_log):
    """Indices of some of n points, others for each k, evenly seen on the axis.

    Curves that lie on each other are told apart by markers that take turns.

    Examples
    --------
    >>> from skshallow.drawing import marked
    >>> marked(80, 0, is_log=False)
    [0, 10, 20, 30, 40, 50, 60, 70]
    """
    where = (np.arange(8) + (k % 7) / 7) / 8
    if is_log:
        return np.unique((n**where).astype(int) - 1).tolist()
    return np.unique((n * where).astype(int)).tolist()


def half_plane(w, b):
    """Where ``w u + b = 0`` crosses the unit square, and ticks to its positive side.

    Returns
    -------
    border : ndarray of shape (2, 2), or (0, 2) where they do not meet
        Its ends.
    ticks : ndarray of shape (n_ticks, 2, 2)
        Short lines that start on the border.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.drawing import half_plane
    >>> border, ticks = half_plane(np.array([1.0, 0.0]), -0.25)
    >>> border[:, 0], bool((ticks[:, 1, 0] > 0.25).all())
    (array([0.25, 0.25]), True)
    """
    length = np.linalg.norm(w)
    if not length:
        return np.empty((0, 2)), np.empty((0, 2, 2))
    normal, centre = w / length, np.array([0.5, 0.5])
    foot = centre - normal * (normal @ centre + b / length)
    along = np.array([-normal[1], normal[0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        walls = np.array([-foot / along, (1 - foot) / along])  # steps to reach them
    walls = np.where(along == 0, [[-np.inf], [np.inf]], np.sort(walls, axis=0))
    start, stop = walls[0].max(), walls[1].min()
    outside = (along == 0) & ((foot < 0) | (foot > 1))
    if start >= stop or outside.any():
        return np.empty((0, 2)), np.empty((0, 2, 2))
    steps = np.arange(start, stop, 0.12) + 0.5 * ((stop - start) % 0.12)
    roots = foot + steps[:, None] * along
    ticks = np.stack([roots, roots + 0.02 * normal], axis=1)
    return foot + np.array([[start], [stop]]) * along, ticks
