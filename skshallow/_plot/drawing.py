"""What the displays share: options, axes, styles of curves, legends, half-planes.

matplotlib is imported inside functions, when something is drawn.
"""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
    validate_params,
)

# Okabe and Ito's palette without its light yellow, with dark and light colours in turn.
# Each colour has a line style and a marker.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#CC79A7", "#009E73", "#E69F00", "#56B4E9")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# Allowed values of the options of displays.
OPTIONS = {
    "at": [StrOptions({"start", "end"})],
    "edge": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
    "n_bins": [Interval(Integral, 1, None, closed="left")],
    "negate_score": ["boolean", StrOptions({"auto"})],
    "order": [StrOptions({"similarity", "unit"})],
    "others": [StrOptions({"pool", "best"})],
    "threshold": [Interval(Real, 0, 1, closed="both")],
}
with_checked_options = validate_params(OPTIONS, prefer_skip_nested_validation=False)


def check_options(display):
    """Raise an error if an attribute of a display is an option with another value."""
    validate_parameter_constraints(OPTIONS, vars(display), type(display).__name__)


def pyplot_for(display):
    """Import ``matplotlib.pyplot``, or raise an error that says what to install."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot needs matplotlib, which is not installed: "
            "pip install 'skshallow[plot]'."
        ) from error
    return pyplot


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
    TypeError
        If ``ax`` is something else.
    """
    pyplot = pyplot_for(display)
    if not isinstance(ax, pyplot.Axes | None):
        raise TypeError(
            f"ax must be matplotlib Axes or None, got {type(ax).__name__}: of several "
            "axes, pass one."
        )
    if ax is None:
        _, ax = pyplot.subplots(layout="constrained")
    display.ax_, display.figure_ = ax, ax.figure
    return ax


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


def plot_curve(ax, k, values, **style):
    """Draw the k-th of several curves, with markers at even distances along it.

    Each curve has its markers at other places, so that curves that coincide can be told
    apart.
    """
    style = {**style_of(k), "markevery": (k % 7 / 56, 1 / 8), **style}
    return ax.plot(np.arange(1, len(values) + 1), values, **style)


def escaped(name, most=None):
    r"""A name from data as a text that matplotlib shows as it is.

    matplotlib reads text between two dollar signs as mathematics, and leaves names that
    are empty or begin with an underscore out of legends. The middle of a name of more
    than ``most`` characters is left out.

    Examples
    --------
    >>> from skshallow._plot.drawing import escaped
    >>> print(escaped("$a$ to $b$"))
    \$a\$ to \$b\$
    >>> escaped("_private")
    ' _private'
    >>> escaped("department of mathematics", most=9)
    'depa…tics'
    """
    text = str(name)
    if most and len(text) > most:
        half = most // 2
        text = f"{text[:half]}…{text[-half:]}"
    text = text.replace("$", r"\$")
    return f" {text}" if text[:1] in ("", "_") else text


def add_legend(ax, title=None):
    """Add a legend beside the axes.

    A figure without a layout engine has no room beside its axes: there the legend is
    in the axes.
    """
    options = {"title": title, "fontsize": "small", "handlelength": 3.5}
    if ax.figure.get_layout_engine() is not None:
        beside = {"loc": "upper left", "bbox_to_anchor": (1, 1), "frameon": False}
        options |= beside
    ax.legend(labelspacing=0.3, **options)


def make_logarithmic(ax, name):
    """Make an axis logarithmic, with plain numbers; only powers of 10 if it is long.

    Versions of matplotlib differ in how many numbers they write on a short axis.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    ax.set(**{f"{name}scale": "log"})
    axis = getattr(ax, f"{name}axis")
    low, high = axis.get_view_interval()
    subs = (1, 2, 5) if high < 200 * low else (1,)
    locator = LogLocator(subs=subs) if high > 10 * low else MaxNLocator(5)
    axis.set_major_locator(locator)
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def draw_half_planes(ax, coefs, intercepts, X):
    """Draw the lines on which the pre-activations of hidden units are 0.

    The axes show the samples ``X`` (n, 2) with a margin. Only units whose lines cross
    this frame are drawn, with ticks on the side where they are positive. Lines of units
    with large output weights are thick.

    Returns
    -------
    lines : list of Line2D
    """
    from matplotlib.patheffects import withTickedStroke

    spread = np.ptp(X, axis=0)
    margin = 0.08 * np.where(spread > 0, spread, 1)
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    size, W = high - low, coefs[0].astype(np.float64)
    strength = np.linalg.norm(coefs[1], axis=1)
    widths = 0.6 + 2 * strength / max(strength.max(), np.finfo(float).tiny)
    ticks = withTickedStroke(spacing=20, angle=90, length=0.3)
    lines, at_centre = [], (low + high) / 2 @ W + intercepts[0]
    for w, b, width in zip(W.T * size, at_centre, widths, strict=True):
        if abs(b) < np.abs(w).sum() / 2:
            # In the unit square, the line goes from the point that is nearest to the
            # centre to either side, by more than half a diagonal. Its direction has w
            # on its left, which is the side of the ticks.
            nearest = 0.5 - b / (w @ w) * w
            along = np.array([w[1], -w[0]]) / np.linalg.norm(w)
            ends = low + size * [nearest - along, nearest + along]
            look = {"color": COLOURS[2], "linewidth": width, "path_effects": [ticks]}
            lines += ax.plot(*ends.T, **look)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    return lines


def chain(S):
    """An order of the indices: the most similar of the others follows each index."""
    order, left = [0], list(range(1, len(S)))
    while left:
        order.append(left.pop(np.argmax(S[order[-1], left])))
    return np.array(order)


def feature_names(steps, net):
    """Names of the features as they reach a net, None without names.

    Parameters
    ----------
    steps : list of transformers
        The fitted steps before the net.
    net : fitted net

    Returns
    -------
    names : array-like of str of shape (n_features_in_,) or None
    """
    names = None
    for step in steps:
        # A step that has no names for its output has no such method, or raises.
        try:
            names = step.get_feature_names_out(names)
        except (AttributeError, TypeError, ValueError):
            names = None
    names = getattr(net, "feature_names_in_", names)
    return names if names is not None and len(names) == net.n_features_in_ else None
