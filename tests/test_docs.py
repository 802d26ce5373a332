"""The code of the README and the documentation runs, and their lists are complete.

A block of Python prints what the block below it shows; the reference has every public
name; what pages list (parameters, attributes, choices, warnings, scripts) is complete;
every link has a target. The site itself is built with Sphinx, not here.
"""

import ast
import contextlib
import importlib
import inspect
import io
import json
import re
import tomllib
import warnings
from pathlib import Path
from typing import NamedTuple

import public_names
import pytest
from nets import ignored
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.neural_network import MLPClassifier
from story_order import STORY

from skshallow import ShallowNetClassifier, ShallowNetClassifierCV, exceptions
from skshallow._advice.warning_rules import RULES
from skshallow._core.stopping import STATUSES
from skshallow._fit.version import VERSION
from skshallow.datasets import make_flower

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *DOCS.glob("guide/*.md")])
# Other fenced blocks in Markdown than code: directives of Sphinx.
DIRECTIVES = ("sh", "{toctree}", "{eval-rst}", "{include}", "{math}", "{note}")

README = ROOT / "README.md"
every_page = pytest.mark.parametrize(
    "page", [README, *PAGES], ids=lambda page: page.stem
)


class Block(NamedTuple):
    """A block of Python, and what it should print: all output, warnings included."""

    line: int
    code: str
    output: str


LINK = r"\]\(([^)]+)\)"
FENCED = r"^```(?P<language>\S*)\n(?P<text>.*?)^```$"


def code_blocks(markdown):
    """The Python blocks of a page; a ``text`` block after one is what it prints."""
    found, end = [], None
    for match in re.finditer(FENCED, markdown, re.M | re.S):
        language, text = match["language"], match["text"]
        if language == "python":
            found.append(Block(markdown[: match.start()].count("\n") + 1, text, ""))
        elif language == "text":
            between = None if end is None else markdown[end : match.start()]
            assert between is not None, "output without code"
            assert not between.strip(), f"words between code and output: {between}"
            found[-1] = found[-1]._replace(output=text)
        else:
            assert language in DIRECTIVES, f"a block that no test runs: {language}"
        end = match.end() if language == "python" else None
    return found


def run(block, page, names):
    """Run a block; return what it prints, a line for each warning among it."""

    def show(message, category, *_):
        print(f"{category.__name__}: {message}")

    output = io.StringIO()
    with contextlib.redirect_stdout(output), warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        code = "\n" * block.line + block.code  # so that tracebacks name the line
        exec(compile(code, page, "exec"), names)
    return output.getvalue()


def words(text):
    """The words of a text: its line breaks do not count."""
    return text.split()


def without_docstrings(code):
    """Code as a tree, so without comments, and without its docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def untranslated(page):
    """What a translation must keep: code, its output, formulas, headings and links."""
    text = page.read_text(encoding="utf-8")
    links = re.findall(LINK, prose(page))
    return {
        "code": [without_docstrings(block.code) for block in code_blocks(text)],
        "output": [block.output for block in code_blocks(text)],
        "formulas": re.findall(r"^\$\$\n(.*?)^\$\$$", prose(page), re.M | re.S),
        "headings": re.findall(r"^#+ ", prose(page), re.M),
        "links": [link for link in links if not link.startswith("lecture")],
    }


@pytest.fixture
def scheduler():
    """The address of a cluster of one worker, which runs in this process."""
    from dask.distributed import LocalCluster

    port = "127.0.0.1:0"  # any that is free, of this machine alone
    dashboards = {"dashboard_address": port, "worker_dashboard_address": port}
    dashboards["scheduler_kwargs"] = {"dashboard": False}
    with LocalCluster(1, processes=False, **dashboards) as cluster:
        yield cluster.scheduler_address


@every_page
def test_the_code_prints_what_the_page_shows(page, request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    if "tcp://" in text:
        text = re.sub(r"tcp://[\w.:]+", request.getfixturevalue("scheduler"), text)
    names, blocks = {}, code_blocks(text)
    assert len(blocks) == text.count("```python\n")
    for block in blocks:
        assert words(run(block, str(page), names)) == words(block.output)


def test_the_turkish_lecture_differs_from_the_english_in_words_only():
    english, turkish = DOCS / "lecture.md", DOCS / "lecture_tr.md"
    assert untranslated(turkish) == untranslated(english)


def test_the_reference_lists_every_public_name_once():
    assert public_names.complaints() == []


def test_every_public_name_says_what_it_is():
    """Every docstring has an example, and parameters if there are any."""
    for name in public_names.public_names():
        module, _, attribute = name.rpartition(".")
        value = getattr(importlib.import_module(module), attribute)
        doc = inspect.getdoc(value)
        if isinstance(value, type) and issubclass(value, Warning):
            assert doc, name  # a category has nothing to call
            continue
        if inspect.signature(value).parameters:
            assert "\nParameters\n----------\n" in doc, name
        assert "\nExamples\n--------\n>>> " in doc, name


def tables(page):
    """The tables of a page: lists of rows, which are lists of cells."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(r"((?:^\|.*\n)+)", text, re.M)
    return [
        [[cell.strip() for cell in row.strip("|").split("|")] for row in t.splitlines()]
        for t in found
    ]


def defaults(estimator):
    """Parameters and defaults as a page writes them."""
    signature = inspect.signature(estimator).parameters
    return {f"`{name}`": f"`{p.default!r}`" for name, p in signature.items()}


def fitted_names(net):
    """The public attributes that a fit sets."""
    net.fit(*make_flower(random_state=0))
    return {name for name in vars(net) if name.endswith("_") and name[0] != "_"}


def test_every_parameter_of_the_multilayer_perceptron_is_mapped():
    """The table has the defaults of both, and the order of `MLPClassifier`."""
    mapped, only_here, *_ = tables("coming_from_mlpclassifier.md")
    theirs, ours = defaults(MLPClassifier), defaults(ShallowNetClassifier)
    assert [(row[0], row[1]) for row in mapped[2:]] == list(theirs.items())
    counterparts = {row[2]: row[3] for row in mapped[2:] if row[2] != "–"}
    counterparts.update((row[0], row[1]) for row in only_here[2:])
    assert counterparts == ours


def test_every_attribute_of_cross_validation_alone_is_in_the_guide():
    (rows,) = (t for t in tables("guide/restarts.md") if t[0] == ["attribute", ""])
    told = re.findall("`(.+?)`", " ".join(row[0] for row in rows[2:]))
    nets = ShallowNetClassifier(), ShallowNetClassifierCV()
    single, chosen = map(fitted_names, nets)
    assert set(told) == chosen - single


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@ignored("ConstantPredictions", "Convergence")
def test_every_fitted_attribute_of_both_is_mapped(solver):
    rows = tables("coming_from_mlpclassifier.md")[-1]
    settings = {"solver": solver, "max_iter": 2, "early_stopping": solver == "adam"}
    for estimator, n_columns in [(MLPClassifier, 1), (ShallowNetClassifier, 2)]:
        mentioned = " ".join(cell for row in rows for cell in row[:n_columns])
        fitted = fitted_names(estimator(**settings))
        assert {n for n in fitted if f"`{n}`" not in mentioned} == set()


def test_every_choice_of_a_parameter_is_in_the_guide():
    pages = sorted(DOCS.glob("guide/*.md"))
    guide = "".join(page.read_text(encoding="utf-8") for page in pages)
    constraints = ShallowNetClassifier._parameter_constraints
    for name in ("init", "solver"):
        choices = constraints[name][0].options
        assert {c for c in choices if f'| `"{c}"`' not in guide} == set()
    for name in ("learning_rate", "combine"):
        for choice in constraints[name][0].options:
            assert f'`{name}="{choice}"`' in guide
    told = {row[0].strip('`"') for row in tables("guide/stopping.md")[0][2:]}
    assert told == set(STATUSES) - {"diverged"}  # which is an error


def test_every_warning_of_a_fit_is_in_the_guide_in_the_order_of_the_rules():
    told, *_ = tables("guide/diagnosing.md")
    categories = [rule.category.__name__ for rule in RULES.values() if rule.category]
    own = dict.fromkeys(name for name in categories if name != "ConvergenceWarning")
    assert [row[0].strip("`") for row in told[2:]] == [*own, "ConvergenceWarning"]


def prose(page):
    return re.sub(FENCED, "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page):
    """The anchors that GitHub and MyST make of the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.M)
    # İ in lower case is i and a combining dot, which GitHub keeps and MyST drops.
    assert "İ" not in "".join(titles), "a heading without one anchor for both"
    return [re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles]


@every_page
def test_every_link_leads_somewhere_and_every_heading_has_an_anchor(page):
    assert all(anchors(page))
    for link in re.findall(LINK, prose(page)):
        path, _, anchor = link.partition("#")
        if path.startswith("http"):
            continue
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_gallery_has_an_order_for_every_script():
    scripts = [path.name for path in (ROOT / "examples").glob("plot_*.py")]
    assert sorted(STORY) == sorted(scripts)


def test_the_page_on_installing_has_every_requirement_and_extra():
    with open(ROOT / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    needed, extras = tables("installing.md")
    bounds = [f"Python{project['requires-python']}", *project["dependencies"]]
    told = [f"{name}>={version}".lower() for name, version in needed[2:]]
    assert told == [bound.lower() for bound in bounds]
    named = [row[0].strip("`") for row in extras[2:]]
    assert named == [*project["optional-dependencies"]]


def test_every_category_of_warnings_has_an_example_of_a_net_that_gets_it():
    page = (DOCS / "why_does_my_net.md").read_text(encoding="utf-8")
    categories = [*exceptions.__all__, "ConvergenceWarning"]
    shown = "".join(block.output for block in code_blocks(page))
    assert {name for name in categories if f"{name}: " not in shown} == set()
    assert {name for name in categories if f"### {name}\n" not in page} == set()


def test_the_switcher_has_every_version_of_the_changelog():
    (first, *others) = json.loads((DOCS / "_static/switcher.json").read_text("utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\S+)", changelog, re.M)
    assert [entry["version"] for entry in (first, *others)] == versions
    assert first["version"] == VERSION
    assert all(entry["url"].endswith(f"/{entry['version']}/") for entry in others)
