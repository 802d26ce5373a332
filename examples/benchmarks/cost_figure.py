"""Draws how the cost of a sweep grows with the work, in greys for print."""

import numpy as np

# Kind of work -> its name on an axis, and its symbol.
KINDS = {
    "candidates": ("candidates", "K"),
    "rows": ("rows", "n"),
    "hidden units": ("hidden units", "h"),
    "features": ("features", "d"),
}
STYLES = {
    "float64": {"color": "black", "marker": "o", "linestyle": "-"},
    "float32": {"color": "0.5", "marker": "s", "linestyle": "--", "mfc": "white"},
}
GUIDE = {"color": "black", "linestyle": ":", "linewidth": 1}


def draw(growth, base, path):
    """Write the figure: seconds against each kind of work, log-log.

    Parameters
    ----------
    growth : dict of (str, str) to (sizes, seconds)
        Keys are a kind of work, of `KINDS`, and a type, of `STYLES`.
    base : dict of str to int
        The size of each kind of work while another one grows.
    path : path-like
        Path of the PNG file.

    Returns
    -------
    drawn : bool
        False without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(6.5, 5.2), layout="constrained")
    panels = figure.subplots(2, 2, sharey=True)
    for panel, letter, kind in zip(panels.flat, "abcd", KINDS, strict=True):
        name, symbol = KINDS[kind]
        _curves(panel, growth, kind)
        fixed = ", ".join(
            f"${KINDS[other][1]}$ = {size:,}"
            for other, size in base.items()
            if other != kind
        )
        panel.set_title(f"({letter})  {fixed}", fontsize=9, loc="left")
        panel.set_xlabel(f"{name} ${symbol}$")
    for panel in panels[:, 0]:
        panel.set_ylabel("processor time of the search (s)")
    panels[0, 0].legend(frameon=False, fontsize=9, loc="upper left")
    figure.savefig(path, dpi=200)
    return True


def _curves(panel, growth, kind):
    """One panel: a curve for each type, and a line of slope 1 above their upper end."""
    for dtype, style in STYLES.items():
        sizes, seconds = growth[kind, dtype]
        panel.loglog(sizes, seconds, markersize=5, label=dtype, **style)
    sizes, seconds = growth[kind, "float64"]
    guide = np.array([max(sizes[0], sizes[-1] / 10), sizes[-1]])
    panel.loglog(guide, 2 * seconds[-1] * guide / sizes[-1], label="slope 1", **GUIDE)
    panel.set_xticks(sizes, [f"{size:,.0f}" for size in sizes], fontsize=8)
    panel.minorticks_off()
    panel.grid(alpha=0.25, linewidth=0.5)
