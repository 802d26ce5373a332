"""Draws the pictures of the documentation that are kept with it.

    python docs/images/draw.py

The logo, an icon and the card that other sites show for a link, all of one drawing of
a network; and of each of the three scripts of the lecture its first figure, which the
lecture pages show where there is no gallery. It takes half a minute, and needs the
extra ``[plot]``.
"""

import itertools
import runpy
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.patches import Circle

HERE = Path(__file__).parent
STATIC = HERE.parent / "_static"
SCRIPTS = HERE.parents[1] / "examples"

# Two inputs, three hidden units, one output, on a square of 32 by 32. The colours stand
# out from a light and from a dark page.
LAYERS = [(4.5, (9, 23)), (16, (4.5, 16, 27.5)), (27.5, (16,))]
COLOURS = ["#1f8fa6", "#e8791a", "#1f8fa6"]
LINE, RADIUS = "#8795a1", 4

NAME = "skshallow"
CLAIM = """A scikit-learn classifier
with one hidden layer
whose initial weights
are a hyperparameter"""


def units():
    """Centre and colour of every unit."""
    for (x, ys), colour in zip(LAYERS, COLOURS, strict=True):
        yield from (((x, y), colour) for y in ys)


def weights():
    """Both ends of every line between neighbouring layers."""
    for (x, ys), (next_x, next_ys) in itertools.pairwise(LAYERS):
        yield from (((x, y), (next_x, next_y)) for y in ys for next_y in next_ys)


def svg():
    """The network as text of an SVG file."""
    lines = [
        f'<path d="M{x} {y}L{to_x} {to_y}"/>' for (x, y), (to_x, to_y) in weights()
    ]
    circles = [
        f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="{colour}"/>'
        for (x, y), colour in units()
    ]
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">',
            f"<title>{NAME}</title>",
            f'<g stroke="{LINE}" stroke-width="1.5">',
            *lines,
            "</g>",
            *circles,
            "</svg>\n",
        ]
    )


def draw_network(ax, points):
    """The network on axes that are ``points`` wide."""
    ax.set(xlim=(0, 32), ylim=(32, 0), aspect="equal")
    ax.axis("off")
    for (x, y), (to_x, to_y) in weights():
        ax.plot([x, to_x], [y, to_y], color=LINE, linewidth=1.5 * points / 32, zorder=1)
    for centre, colour in units():
        ax.add_patch(Circle(centre, RADIUS, color=colour, linewidth=0))


def save_icon(path, pixels=64):
    """The network alone, on nothing."""
    figure = plt.figure(figsize=(1, 1))
    draw_network(figure.add_axes((0, 0, 1, 1)), points=72)
    figure.savefig(path, dpi=pixels, transparent=True)


def save_card(path):
    """Name, claim and network, of the size that is usual for such cards."""
    figure = plt.figure(figsize=(12, 6.3))
    draw_network(figure.add_axes((0.6, 0.14, 0.38, 0.72)), points=0.38 * 12 * 72)
    figure.text(0.06, 0.72, NAME, fontsize=64, weight="bold", color="#222832")
    figure.text(0.06, 0.24, CLAIM, fontsize=34, color="#48566b", linespacing=1.35)
    figure.savefig(path, dpi=100, facecolor="white")


def save_first_figure(script, path):
    """What a script of the gallery draws first."""
    plt.close("all")
    runpy.run_path(str(SCRIPTS / f"{script}.py"))
    plt.figure(1).savefig(path, dpi=100, facecolor="white")


def main():
    """Draw all of them."""
    (STATIC / "logo.svg").write_text(svg(), encoding="utf-8")
    save_icon(STATIC / "logo.png")
    save_card(STATIC / "card.png")
    for script in ("plot_zero_start", "plot_saturation", "plot_init_scale"):
        save_first_figure(script, HERE / f"{script.removeprefix('plot_')}.png")


if __name__ == "__main__":
    main()
