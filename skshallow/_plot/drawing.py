"""What the displays share: styles, axes, ticks, legends, names, and lines in a plane.

matplotlib is imported inside functions, when something is drawn, and does the layout.
"""

from contextlib import suppress
from itertools import combinations, product

import numpy as np

# Okabe and Ito's palette, its light yellow left out, with a line style and a marker
# each; dark and light take turns.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#CC79A7", "#009E73", "#E69F00", "#56B4E9")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


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


def new_column(n_axes):
    """Axes below one another in a new figure, which share the axis of x."""
    from matplotlib import pyplot

    size = 6.4, 1.6 + 2.4 * n_axes
    return pyplot.subplots(n_axes, sharex=True, figsize=size, layout="constrained")[1]


def write_ticks(axis, places, names, *, rotations=(0,)):
    """Label the ticks of an axis so that no label touches another, smaller if need be.

    Parameters
    ----------
    axis : matplotlib Axis
    places : sequence of float
    names : sequence of str
    rotations : sequence of float, default=(0,)
        Of the labels, in degrees, to be tried one after the other.

    Returns
    -------
    fit : bool
        Whether they do not touch. If they do, the last trial stays.
    """
    if len(places) > 100:  # no figure has room for them, and the trial would take long
        return False
    for rotation, size in product(rotations, ("medium", "x-small")):
        axis.set_ticks(places, names, rotation=rotation, fontsize=size)
        axis.get_figure(root=True).draw_without_rendering()
        boxes = [text.get_window_extent().padded(2) for text in axis.get_ticklabels()]
        if not any(one.overlaps(other) for one, other in combinations(boxes, 2)):
            return True
    return False


def style_of(k):
    """Colour, line and marker of the k-th curve; all three differ up to the 7th.

    Where colours come round again, they come with another line and another marker.

    Examples
    --------
    >>> from skshallow._plot.drawing import style_of
    >>> len({tuple(map(str, style_of(k).values())) for k in range(49)})
    49
    """
    n = len(COLOURS)
    turn, j = divmod(k, n)
    line, marker = LINES[(j + turn) % n], MARKERS[(j + 2 * turn) % n]
    return {"color": COLOURS[j], "linestyle": line, "marker": marker, "markersize": 5}


def add_legend(ax, **options):
    """A legend beside the axes, or below them if its names are long, but not many.

    A figure without a layout engine makes no room for it there: it stays in the axes.
    """
    options = {"fontsize": "small", "handlelength": 3.5, "labelspacing": 0.3, **options}
    if ax.figure.get_layout_engine() is None:
        ax.legend(**options)
        return
    options["frameon"] = False
    legend = ax.legend(**options, loc="upper left", bbox_to_anchor=(1, 1))
    width, height = legend.get_window_extent().size / ax.bbox.size
    if width > 0.5 and height < 0.75:
        # So many letters lower, ticks and the label of the axis have room.
        below = {"bbox_to_anchor": (0.5, 0), "borderaxespad": 5.5}
        ax.legend(**options, loc="upper center", **below)


def label_log_axis(axis):
    """Plain numbers, at powers of 10 alone where the axis has many of them."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    low, high = axis.get_view_interval()
    subs = (1, 2, 5) if high < 200 * low else (1,)
    locator = LogLocator(subs=subs) if high > 10 * low else MaxNLocator(5)
    axis.set_major_locator(locator)
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def plot_curve(ax, values, k, *, is_log, **style):
    """The k-th of several curves, with eight markers, evenly seen along the axis.

    Those of other curves stand elsewhere, in case the curves lie on each other.
    """
    n, shares = len(values), (np.arange(8) + 3 * k % 7 / 7) / 8
    marks = (n**shares - 1 if is_log else n * shares).astype(int).tolist()
    style = {**style_of(k), "markevery": marks, **style}
    return ax.plot(np.arange(1, n + 1), values, **style)


def chain(S):
    """Indices from the first on, each followed by the most similar one left."""
    order, left = [0], list(range(1, len(S)))
    while left:
        nearest = max(left, key=lambda j: S[order[-1], j])
        left.remove(nearest)
        order.append(nearest)
    return np.array(order)


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
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    sides = np.roll(corners, -1, axis=0) - corners
    Z = corners @ w + b
    crossed = (Z < 0) != (np.roll(Z, -1) < 0)
    length = np.linalg.norm(w)
    if not (length and crossed.any()):
        return np.empty((0, 2)), np.empty((0, 2, 2))
    shares = Z[crossed] / -(sides[crossed] @ w)
    border = corners[crossed] + shares[:, None] * sides[crossed]
    along = border[1] - border[0]
    n_ticks = int(np.ceil(np.linalg.norm(along) / 0.12))
    roots = border[0] + (np.arange(n_ticks)[:, None] + 0.5) / n_ticks * along
    return border, np.stack([roots, roots + 0.02 / length * w], axis=1)


def feature_names(estimator, network):
    """Names of the features as they reach a network, or else their numbers."""
    if hasattr(network, "feature_names_in_"):
        return network.feature_names_in_
    pipeline = getattr(estimator, "best_estimator_", estimator)
    # A step that has no names for what it gives has no such method, or raises.
    with suppress(AttributeError, TypeError, ValueError):
        return pipeline[:-1].get_feature_names_out()
    return numbered_features(len(network.coefs_[0]))


def numbered_features(n):
    """Names of features that have none."""
    return [f"Feature {j}" for j in range(1, n + 1)]
