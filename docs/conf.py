"""How Sphinx builds this site; CONTRIBUTING.md says with which command."""

import re
import sys
from pathlib import Path

import skshallow
from skshallow._fit.version import DOCUMENTATION

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

from public_names import own_methods

project = "skshallow"
author = "The skshallow developers"
copyright = f"2026, {author}"
release = version = skshallow.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "linked_names",
    "linked_terms",
    "mathml",
    "public_names",
]
exclude_patterns = ["_build", "_extensions", "gallery/*.md5"]
templates_path = ["_templates"]
default_role = "py:obj"
suppress_warnings = ["config.cache"]  # of `autosummary_context`, which holds a function
smartquotes = False  # "tanh" is a value, and not a quotation
toc_object_entries_show_parents = "hide"

myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

# A class page lists its methods itself: its own, and the names of the inherited ones.
autosummary_context = {"own_methods": own_methods}
numpydoc_show_class_members = False
# What a docstring must have for the build to pass, by the names of numpydoc.
numpydoc_validation_checks = {"GL08", "PR01", "PR02", "PR03", "PR04", "RT01", "SS01"}
doctest_test_doctest_blocks = "default"

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"compare_init_scales|sweep_on_a_cluster|/benchmarks/",
    "within_subsection_order": "story_order.StoryOrder",
    "backreferences_dir": "generated/examples",
    "doc_module": ("skshallow",),
    "reference_url": {"skshallow": None},
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_selector = ", ".join(  # not of output
    f".highlight-{language} pre" for language in ("python", "Python", "default", "none")
)

LOGO = "_static/logo.svg"  # drawn, as all pictures here, by images/draw.py
html_theme = "pydata_sphinx_theme"
html_title = "skshallow"
html_baseurl = DOCUMENTATION
html_favicon = LOGO
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"html_baseurl": html_baseurl}
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {  # the others have no pages below
    "*": [],
    "api": ["sidebar-nav-bs"],
    "user_guide": ["sidebar-nav-bs"],
}
html_theme_options = {
    "logo": {"text": "skshallow", "image_light": LOGO, "image_dark": LOGO},
    "switcher": {  # of the newest documentation, which knows the versions that followed
        "json_url": f"{DOCUMENTATION}_static/switcher.json",
        "version_match": release,
    },
    "check_switcher": False,  # it would ask the network
    "navbar_end": ["version-switcher", "theme-switcher"],
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], "accuracy_tables": []},  # wide
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}


def link_to_the_gallery(app, docname, source):
    """Links to scripts, which work in the repository, become links to their pages."""
    to_script = r"\]\((?:\.\./)+examples/(plot_\w+)\.py\)"
    text = re.sub(to_script, r"](/gallery/\1.rst)", source[0])
    source[0] = re.sub(r"\]\((\.\./)+examples/\)", "](/gallery/index.rst)", text)


def say_what_is_turkish(app, doctree, docname):
    """The text of a Turkish edition says so, to browsers and those who listen to it."""
    if docname.endswith("_tr"):
        for section in doctree.children:
            section["classes"].append("language-tr")  # docutils makes it ``lang="tr"``


def setup(app):
    """Connect what this file does itself."""
    app.connect("source-read", link_to_the_gallery)
    app.connect("doctree-resolved", say_what_is_turkish)
