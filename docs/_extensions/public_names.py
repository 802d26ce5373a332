"""What the package offers, and whether the page of the API has all of it.

A module at the top of the package is public unless it is named here as internal; a new
one is public, and the build fails until its names are on the page or it is named here.
Sphinx is not needed to ask.
"""

import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import skshallow

PAGE = Path(__file__).parents[1] / "api.md"
INTERNAL = {"classifier", "halving", "model_selection", "sweeps"}


def public_names():
    """Dotted names of all that users may rely on, a set."""
    modules = {module.name for module in pkgutil.iter_modules(skshallow.__path__)}
    names = {f"skshallow.{name}" for name in skshallow.__all__}
    for module in sorted(m for m in modules - INTERNAL if not m.startswith("_")):
        names |= {
            f"skshallow.{module}.{name}"
            for name in names_in(import_module(f"skshallow.{module}"))
        }
    return names


def names_in(module):
    """``__all__``, or else the functions and classes that a module defines itself."""
    return getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]


def documented_names(page=None):
    """Dotted names in the autosummary lists of a page (Markdown), a list."""
    page = PAGE.read_text(encoding="utf-8") if page is None else page
    lists = re.findall(r"^\.\. autosummary::\n((?:[ \t]+\S.*\n|\n)+)", page, re.M)
    entries = [line.strip() for names in lists for line in names.splitlines()]
    return [f"skshallow.{name}" for name in entries if name and name[0] != ":"]


def complaints():
    """What is wrong with the page, a list of sentences."""
    public, documented = public_names(), documented_names()
    return [
        *(f"{name} is public, but not in api.md" for name in public - {*documented}),
        *(f"{name} is in api.md, but not public" for name in {*documented} - public),
        *(
            f"{name} is in api.md more than once"
            for name in {*documented}
            if documented.count(name) > 1
        ),
    ]


def own_methods(module, name):
    """The public methods of a class: those of this package, and the inherited ones.

    Returns
    -------
    own, inherited : two lists of str
        The setters of metadata requests count as inherited: scikit-learn makes them.
    """
    cls = getattr(import_module(module), name)
    ours = [base for base in cls.__mro__ if base.__module__.startswith("skshallow")]
    methods = [
        method
        for method in dir(cls)
        if not method.startswith("_") and callable(getattr(cls, method, None))
    ]
    in_order = list(dict.fromkeys(n for base in ours for n in vars(base)))
    own = [n for n in in_order if n in methods and not _is_request(n)]
    own = [n for n in own if not inspect.isclass(inspect.getattr_static(cls, n))]
    return own, [n for n in methods if n not in own]


def _is_request(method):
    return re.fullmatch(r"set_\w+_request", method) is not None


def check(app):
    """Warn, which fails the build, of every complaint."""
    from sphinx.util import logging

    for complaint in complaints():
        logging.getLogger(__name__).warning(complaint)


def setup(app):
    """Check before anything is built."""
    app.connect("builder-inited", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
