"""What the displays share: styles, axes and the geometry of lines.

Knows points of a sweep and lines in the plane, and nothing of estimators. matplotlib is
imported inside functions, when something is drawn.
"""

from itertools import pairwise

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
# In points: the usual size of labels, the least that can be read, a letter's width at
# the usual one, and what an entry of a legend takes besides its letters.
USUAL_SIZE, LEAST_SIZE, LETTER, HANDLE = 10, 6, 6.4, 48
# Places of a legend outside the axes, and what ticks and labels below them take, in
# points.
BESIDE = {"loc": "upper left", "bbox_to_anchor": (1, 1)}
BELOW = {"loc": "upper center", "bbox_to_anchor": (0.5, 0)}
LABELS_BELOW = 42
# Height of a line of text, and width of a letter, as shares of its size.
LINE_HEIGHT, LETTER_WIDTH = 1.3, 0.64


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


def points_across(ax):
    """Width and height of the axes as they are laid out now, in points."""
    figure = ax.figure.canvas.figure  # the whole one, of a subfigure too
    figure.draw_without_rendering()
    return ax.bbox.size * 72 / figure.dpi


def label_size(room, n_letters=1):
    """Largest font size, up to the usual one, of labels with so much room each.

    Parameters
    ----------
    room : float
        Distance between the centres of neighbours, in points.
    n_letters : int, default=1
        Letters side by side in that direction: 1 for rows, or for upright labels.

    Returns
    -------
    size : float
        In points; None if nobody could read it.

    Examples
    --------
    >>> from skshallow._plot.drawing import label_size
    >>> label_size(50), label_size(10.4), label_size(5)
    (10, 8.0, None)
    """
    size = min(USUAL_SIZE, room / max(LINE_HEIGHT, LETTER_WIDTH * (n_letters + 0.5)))
    return size if size >= LEAST_SIZE else None


def style_of(k):
    """Colour, line and marker of the k-th curve; all three differ up to the 7th.

    Where colours come round again, they come with another line and another marker.

    Examples
    --------
    >>> from skshallow._plot.drawing import style_of
    >>> len({tuple(map(str, style_of(k).values())) for k in range(49)})
    49
    """
    n = len(STYLES)
    turn, j = divmod(k, n)
    (colour, *_), (_, line, _) = STYLES[j], STYLES[(j + turn) % n]
    return {
        "color": colour,
        "linestyle": line,
        "marker": STYLES[(j + 2 * turn) % n][2],
    }


def frameless_legend(ax, **options):
    """A legend whose entries show the line styles, where it covers no curve.

    Beside the axes if there is no such place in them, and below them, in letters that
    leave half the height to the axes, if it would take half the figure's width. Where
    nobody would make room for it there, because the figure has no layout engine, it
    stays.
    """
    options = {"frameon": False, "handlelength": 3.5, **options}
    legend, figure = ax.legend(**options), ax.figure.canvas.figure
    figure.draw_without_rendering()
    if ax.figure.get_layout_engine() is not None and _covers(legend, ax):
        box, (width, height) = legend.get_window_extent(), figure.bbox.size
        if box.width < width / 2:
            return ax.legend(**options, **BESIDE)
        size = np.clip(USUAL_SIZE * height / 2 / box.height, LEAST_SIZE, USUAL_SIZE)
        below = {**BELOW, "borderaxespad": LABELS_BELOW / size}
        return ax.legend(**options, **below, fontsize=size)
    return legend


def _covers(legend, ax):
    """Whether a legend lies on a line, a bar or a band of its axes."""
    from matplotlib.collections import LineCollection, PolyCollection

    box = legend.get_window_extent()
    paths = [(line, line.get_path(), False) for line in ax.lines if _is_joined(line)]
    for drawn in ax.collections:
        if isinstance(drawn, LineCollection | PolyCollection):
            is_filled = isinstance(drawn, PolyCollection)
            paths += [(drawn, path, is_filled) for path in drawn.get_paths()]
    points = [
        line.get_transform().transform(line.get_xydata())
        for line in ax.lines
        if not _is_joined(line)
    ]
    return any(
        artist.get_transform()
        .transform_path(path)
        .cleaned(remove_nans=True)
        .intersects_bbox(box, filled=is_filled)
        for artist, path, is_filled in paths
    ) or any(box.count_contains(these) for these in points if len(these))


def _is_joined(line):
    """Whether the points of a line are joined, and not markers alone."""
    return line.get_linestyle() not in ("None", "none", " ", "")


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
    >>> from skshallow._plot.drawing import ScaleAxis
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

    def divide(self, ax):
        """Make the axis logarithmic, and part the slots from it."""
        if not self.is_log:
            return
        ax.set(xscale="log", xlabel="init_scale")
        between = [self.scales[0] / 10 ** (self.step / 2)] * ("0" in self.slots)
        if len(self.slots) > len(between):
            between.append(self.scales[-1] * 10 ** (self.step / 2))
        for place in between:
            ax.axvline(place, color="0.5", linewidth=0.8, linestyle=(0, (1, 3)))

    def label(self, ax):
        """Write the scales and the names of the slots, as many as there is room for."""
        names, places = list(self.slots), list(self.slots.values())
        if not self.is_log:
            is_scale = any(name[0] in "0(" for name in names)
            ax.set_xlim(-0.5, len(names) - 0.5)
            ax.set_xlabel("init_scale" if is_scale else "init")
            lengths = [_n_letters(name) + 1 for name in names]
            longest = max(map(sum, pairwise(lengths)), default=0) / 2
            is_long = longest * LETTER > points_across(ax)[0] / len(names)
            ax.set_xticks(places, names, rotation=90 if is_long else 0)
            return
        low, high = np.log10(ax.get_xlim())
        letter = LETTER * (high - low) / points_across(ax)[0]  # in decades
        lengths = np.array([_n_letters(name) for name in names])
        is_pair = np.array([name != "0" for name in names], bool)
        is_turned = is_pair & (letter * (lengths + 1).max(initial=0) > self.step)
        lengths[is_turned] = 2
        names = [name.replace("\n", " " if is_turned.any() else "\n") for name in names]
        shown = self._shown(list(zip(np.log10(places), lengths, strict=True)), letter)
        labels = [f"{scale:.4g}" for scale in shown]
        ax.set_xticks([*places, *shown], [*names, *labels])
        for text, turned in zip(ax.get_xticklabels(), is_turned, strict=False):
            text.set_rotation(90 if turned else 0)
        ax.minorticks_off()

    def _shown(self, taken, letter):
        """Powers of 10, at equal distances, or as many of the scales as have room."""
        first, last = np.log10([self.scales[0], self.scales[-1]])
        powers = 10.0 ** np.arange(np.ceil(first), last + 1e-9)
        if len(powers) < 3:
            return _apart(self.scales, taken, letter)
        n = len(powers)
        combs = [powers[k::step] for step in range(1, n + 1) for k in range(step)]
        kept = [_apart(comb, taken, letter) for comb in combs]
        whole = (k for k, comb in zip(kept, combs, strict=True) if len(k) == len(comb))
        return next(whole, kept[0])


def _apart(scales, taken, letter):
    """Those of ascending scales whose labels touch no other, and none that is there.

    The latter are pairs of a place and a number of letters, of so many decades each.
    """
    taken, shown = list(taken), []
    for scale in scales:
        here, n = np.log10(scale), len(f"{scale:.4g}")
        if all(abs(here - x) >= ((n + m) / 2 + 1) * letter for x, m in taken):
            taken.append((here, n))
            shown.append(scale)
    return shown


def _n_letters(name):
    """Of the longest line of a name."""
    return max(map(len, name.split("\n")))


def _slot_name(point):
    """The name of a start that has no place on a logarithmic axis."""
    if point.scale is None:
        return point.init
    return "0" if point.scale == 0 else point.scale


def label_log_axis(axis, room):
    """Plain numbers at 1, 2 and 5, if so many points give room, or at powers of 10."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = axis.get_view_interval()
    powers = [f"{10 ** np.floor(np.log10(end)):g}" for end in (low, high)]
    needed = LETTER * (max(map(len, powers)) + 1)
    if axis.axis_name == "y":
        needed = LINE_HEIGHT * USUAL_SIZE
    gap = room * np.log10(2) / np.log10(high / low)  # from 1 to 2, the narrowest
    subs = (1, 2, 5) if high / low < 300 and gap > needed else (1,)
    axis.set_major_locator(LogLocator(subs=subs, numticks=max(2, int(room / needed))))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def marked(n, k, is_log):
    """Indices of some of n points, others for each k, evenly seen on the axis.

    Curves that lie on each other are told apart by markers that take turns.

    Examples
    --------
    >>> from skshallow._plot.drawing import marked
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
    >>> from skshallow._plot.drawing import half_plane
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
