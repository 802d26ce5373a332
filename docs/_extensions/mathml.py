"""Writes formulas as MathML, which browsers typeset themselves.

So a page needs no script from elsewhere and reads the same offline, and a mistake in a
formula fails the build instead of showing in the browser.
"""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging


def _converted(node, as_block):
    code = node.astext()
    try:
        return tex2mathml(code, as_block=as_block)
    except MathError as error:
        logging.getLogger(__name__).warning(
            "cannot read the formula %r: %s", code, error, location=node
        )
        return ""


def visit_math(translator, node):
    """Write a formula within a line."""
    translator.body.append(_converted(node, as_block=False))
    raise nodes.SkipNode


def visit_displaymath(translator, node):
    """Write a formula on lines of its own."""
    translator.body.append(translator.starttag(node, "div", CLASS="formula"))
    translator.body.append(_converted(node, as_block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Offer the renderer to ``html_math_renderer``."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
