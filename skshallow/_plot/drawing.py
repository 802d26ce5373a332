"""What the displays share: styles, axes, ticks, legends, names, and lines in a plane.

matplotlib is imported inside functions, when something is drawn.
"""

from contextlib import suppress
from itertools import combinations, product

import numpy as np

# Okabe and Ito's palette without its light yellow, with dark and light colours in turn.
# Each colour has a line style and a marker.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#CC79A7", "#009E73", "#E69F00", "#56B4E9")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def new_axes(display, ax):
    """The axes to draw on: ``ax``, or new ones if ``ax`` is None.

    Parameters
    ----------
    display : display
        Its attributes ``ax_`` and ``figure_`` are set.
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


def write_ticks(axis, places, names, *, rotations=(0,)):
    """Label the ticks of an axis so that no labels overlap.

    The rotations are tried in order, and then smaller letters.

    Parameters
    ----------
    axis : matplotlib Axis
    places : sequence of float
    names : sequence of str
    rotations : sequence of float, default=(0,)
        Rotations of the labels to try, in degrees.

    Returns
    -------
    fit : bool
        Whether the labels do not overlap. If they do, the last trial stays.
    """
    if len(places) > 100:  # they fit no figure, and trying would take long
        return False
    for rotation, size in product(rotations, ("medium", "x-small")):
        axis.set_ticks(places, names, rotation=rotation, fontsize=size)
        axis.get_figure(root=True).draw_without_rendering()
        boxes = [text.get_window_extent().padded(2) for text in axis.get_ticklabels()]
        if not any(one.overlaps(other) for one, other in combinations(boxes, 2)):
            return True
    return False


def style_of(k):
    """Colour, line style and marker of the k-th curve.

    All three differ among the first seven curves. Later curves use the colours again,
    with other line styles and markers.

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
    """Add a legend beside the axes, or below them if its names are long and few.

    In a figure without a layout engine, which would make no room, it is in the axes.
    """
    options = {"fontsize": "small", "handlelength": 3.5, "labelspacing": 0.3, **options}
    if ax.figure.get_layout_engine() is None:
        ax.legend(**options)
        return
    options["frameon"] = False
    legend = ax.legend(**options, loc="upper left", bbox_to_anchor=(1, 1))
    width, height = legend.get_window_extent().size / ax.bbox.size
    if width > 0.5 and height < 0.75:
        # The pad, in font sizes, leaves room for the ticks and the label of the axis.
        below = {"bbox_to_anchor": (0.5, 0), "borderaxespad": 5.5}
        ax.legend(**options, loc="upper center", **below)


def label_log_axis(axis):
    """Label a log axis with plain numbers; only with powers of 10 if it is long."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    low, high = axis.get_view_interval()
    subs = (1, 2, 5) if high < 200 * low else (1,)
    locator = LogLocator(subs=subs) if high > 10 * low else MaxNLocator(5)
    axis.set_major_locator(locator)
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def plot_curve(ax, values, k, *, is_log, **style):
    """Draw the k-th of several curves, with eight markers evenly spaced on the axis.

    Each curve has its markers at other places, so that curves that coincide can be told
    apart.
    """
    n, shares = len(values), (np.arange(8) + 3 * k % 7 / 7) / 8
    marks = (n**shares - 1 if is_log else n * shares).astype(int).tolist()
    style = {**style_of(k), "markevery": marks, **style}
    return ax.plot(np.arange(1, n + 1), values, **style)


def chain(S):
    """An order of the indices: after each, the most similar of those that are left."""
    order, left = [0], list(range(1, len(S)))
    while left:
        nearest = max(left, key=lambda j: S[order[-1], j])
        left.remove(nearest)
        order.append(nearest)
    return np.array(order)


def half_plane(w, b):
    """The line ``w u + b = 0`` in the unit square, with ticks to its positive side.

    Returns
    -------
    border : ndarray of shape (2, 2), or (0, 2)
        Both ends of the line; none if the line does not cross the square.
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
    n = len(network.coefs_[0])
    if hasattr(network, "feature_names_in_"):
        return network.feature_names_in_
    # A step that has no names for its output has no such method, or raises.
    with suppress(AttributeError, TypeError, ValueError):
        names = _names_from_steps(estimator)
        if len(names) == n:
            return names
    return numbered_features(n)


def _names_from_steps(model, names=None):
    """Names that the steps before the last give, in pipelines within pipelines."""
    model = getattr(model, "best_estimator_", model)
    if not hasattr(model, "steps"):
        return names
    if len(model.steps) > 1:
        names = model[:-1].get_feature_names_out(names)
    return _names_from_steps(model[-1], names)


def numbered_features(n):
    """Numbered names for features without names."""
    return [f"Feature {j}" for j in range(1, n + 1)]
