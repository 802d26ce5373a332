"""Makes links of the names of classes and functions, ours and other libraries'.

In prose a name in code style is linked where a section first has it; so is a name in
the types of parameters. Intersphinx knows other libraries by inventories, which it
would fetch. A build needs no network, so the inventories are written here, from the
names that these pages use. All pages of a library's names have one form of address.
Neither Sphinx nor docutils is needed to ask for names.
"""

import re
import zlib
from pathlib import Path
from typing import NamedTuple

import public_names


class Library(NamedTuple):
    """Where the pages of a library are: its site, those of names, and the names.

    A name may have a page of its own after an equals sign; ``$`` stands for the name.
    """

    site: str
    pages: str
    names: str


LIBRARIES = {
    "scikit-learn": Library(
        "https://scikit-learn.org/stable/",
        "modules/generated/$.html#$",
        """
        sklearn.calibration.CalibratedClassifierCV sklearn.calibration.calibration_curve
        sklearn.callback.ProgressBar sklearn.callback.ScoringMonitor
        sklearn.compose.ColumnTransformer sklearn.dummy.DummyClassifier
        sklearn.ensemble.AdaBoostClassifier sklearn.ensemble.BaggingClassifier
        sklearn.ensemble.HistGradientBoostingClassifier
        sklearn.ensemble.VotingClassifier sklearn.exceptions.ConvergenceWarning
        sklearn.exceptions.FitFailedWarning sklearn.frozen.FrozenEstimator
        sklearn.impute.SimpleImputer sklearn.linear_model.LogisticRegression
        sklearn.linear_model.LogisticRegressionCV sklearn.linear_model.SGDClassifier
        sklearn.model_selection.FixedThresholdClassifier
        sklearn.model_selection.GridSearchCV sklearn.model_selection.KFold
        sklearn.model_selection.HalvingGridSearchCV
        sklearn.model_selection.HalvingRandomSearchCV
        sklearn.model_selection.RandomizedSearchCV
        sklearn.model_selection.RepeatedStratifiedKFold
        sklearn.model_selection.StratifiedGroupKFold
        sklearn.model_selection.StratifiedKFold sklearn.model_selection.TimeSeriesSplit
        sklearn.model_selection.TunedThresholdClassifierCV
        sklearn.model_selection.cross_val_predict
        sklearn.model_selection.cross_val_score
        sklearn.model_selection.train_test_split sklearn.neural_network.MLPClassifier
        sklearn.pipeline.Pipeline sklearn.pipeline.make_pipeline
        sklearn.preprocessing.FunctionTransformer sklearn.preprocessing.OneHotEncoder
        sklearn.preprocessing.StandardScaler
        """,
    ),
    "NumPy": Library(
        "https://numpy.org/doc/stable/",
        "reference/generated/$.html#$",
        """
        numpy.memmap numpy.ndarray
        numpy.random.RandomState=reference/random/legacy.html#$
        """,
    ),
    "pandas": Library(
        "https://pandas.pydata.org/docs/",
        "reference/api/$.html#$",
        "pandas.DataFrame pandas.Series pandas.read_csv",
    ),
}


def entries(library):
    """Dotted names of a library and the addresses of their pages, a dict."""
    split = (entry.partition("=") for entry in library.names.split())
    return {name: page or library.pages for name, _, page in split}


def inventory(title, library):
    """What intersphinx reads, in the format of Sphinx's ``objects.inv``, version 2."""
    head = f"# Sphinx inventory version 2\n# Project: {title}\n# Version: \n"
    head += "# The remainder of this file is compressed using zlib.\n"
    lines = [
        f"{name} py:class 1 {page.replace('$', name)} -"
        for name, page in entries(library).items()
    ]
    return head.encode() + zlib.compress("\n".join([*lines, ""]).encode())


def dotted_names():
    """The dotted name for every name as the text has it, short or dotted."""
    names = [*public_names.public_names()]
    for library in LIBRARIES.values():
        names += entries(library)
    return {short: name for name in names for short in (name, name.rpartition(".")[2])}


def write_inventories(app, config):
    """Write the inventories beside what Sphinx keeps, and name them to intersphinx."""
    folder = Path(app.doctreedir, "inventories")
    folder.mkdir(parents=True, exist_ok=True)
    for title, library in LIBRARIES.items():
        path = folder / f"{title}.inv"
        path.write_bytes(inventory(title, library))
        config.intersphinx_mapping[title] = (library.site, str(path))


def link_names(app, doctree):
    """Replace names by links to what they name."""
    from docutils import nodes
    from sphinx.addnodes import pending_xref

    known = dotted_names()
    for node in _first_uses(doctree, known, app.env.current_document.docname):
        node.replace_self(_linked(node.deepcopy(), known[_name_in(node)]))
    for node in doctree.findall(pending_xref):
        if node["refdomain"] == "py" and node["reftarget"] in known:
            node["reftarget"] = known[node["reftarget"]]
    for node in list(doctree.findall(nodes.classifier)):
        words = [nodes.Text(word) for word in re.split(r"([\w.]*\w)", node.astext())]
        node[:] = [_linked(w, known[w]) if _is_type(w, known) else w for w in words]


def _is_type(word, known):
    return word in known and (word == "ndarray" or not word.islower())


def _name_in(node):
    return node.astext().removesuffix("()")


def _first_uses(doctree, known, docname):
    """Names in code style that are no links yet, the first of each in every section."""
    from docutils import nodes
    from sphinx.addnodes import pending_xref

    seen, taken = set(), {nodes.reference, nodes.title, pending_xref}
    for node in list(doctree.findall(nodes.literal)):
        above = _above(node)
        section = next((n for n in above if isinstance(n, nodes.section)), doctree)
        name = known.get(_name_in(node), docname)
        is_new = not docname.endswith(name) and (section, name) not in seen
        if is_new and not {type(parent) for parent in above} & taken:
            seen.add((section, name))
            yield node


def _above(node):
    return [] if node.parent is None else [node.parent, *_above(node.parent)]


def _linked(node, name):
    """A link to the page of a name, as Sphinx resolves it later."""
    from sphinx.addnodes import pending_xref

    target = {"refdomain": "py", "reftype": "obj", "reftarget": name}
    return pending_xref("", node, refexplicit=True, refwarn=False, **target)


def setup(app):
    """Write inventories before intersphinx looks for them, and link every page."""
    app.setup_extension("sphinx.ext.intersphinx")
    app.connect("config-inited", write_inventories)
    app.connect("doctree-read", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
