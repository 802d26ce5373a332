"""Imports point one way, down the layers, and importing the package stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skshallow

PACKAGE = Path(skshallow.__file__).parent
# From the bottom up: what a module may import of the package, and of others.
LAYERS = {
    "activations": (set(), {"numpy"}),
    "losses": (set(), {"numpy", "scipy.special"}),
    "initializers": (set(), {"numpy", "scipy.linalg"}),
    "optimizers": (set(), {"numpy"}),
    "defaults": (set(), {"numpy"}),
    "batches": (set(), {"numpy", "scipy.sparse"}),
    "threads": (set(), {"threadpoolctl"}),
    "network": ({"batches"}, {"numpy"}),
    "stopping": ({"batches"}, {"numpy"}),
    "lbfgs": ({"network"}, {"numpy", "scipy.optimize"}),
    "training": (
        {"optimizers", "network", "stopping", "lbfgs"},
        {"numpy"},
    ),
    "samples": ({"batches"}, {"numpy", "scipy.sparse", "sklearn"}),
    "random_streams": ({"training"}, {"numpy", "sklearn"}),
    "exceptions": (set(), {"sklearn"}),
    "references": (set(), {"numpy"}),
    "findings": ({"activations", "defaults", "stopping"}, {"numpy"}),
    "diagnostics": (
        {
            "activations",
            "losses",
            "initializers",
            "batches",
            "network",
            "samples",
            "references",
            "findings",
        },
        {"numpy", "scipy.sparse", "sklearn"},
    ),
    "symptoms": (
        {"activations", "batches", "references", "findings", "diagnostics"},
        {"numpy", "scipy.sparse"},
    ),
    "verdicts": (
        {"activations", "initializers", "exceptions", "findings", "symptoms"},
        {"numpy", "sklearn"},
    ),
    "version": (set(), set()),
    "callbacks": (set(), {"sklearn"}),
    "persistence": (
        {"activations", "losses", "defaults", "optimizers", "exceptions", "version"},
        {"numpy", "sklearn"},
    ),
    "cohorts": (
        {
            "activations",
            "losses",
            "defaults",
            "initializers",
            "batches",
            "network",
            "stopping",
            "training",
            "samples",
            "random_streams",
            "findings",
            "symptoms",
            "verdicts",
        },
        {"numpy", "scipy.sparse", "sklearn"},
    ),
    "classifier": (
        {
            "activations",
            "losses",
            "initializers",
            "optimizers",
            "threads",
            "network",
            "samples",
            "random_streams",
            "verdicts",
            "callbacks",
            "persistence",
            "cohorts",
            "version",
        },
        {"numpy", "sklearn"},
    ),
    "sklearn_internals": (set(), {"sklearn"}),
    "rehearsals": (
        {
            "initializers",
            "threads",
            "verdicts",
            "callbacks",
            "cohorts",
            "classifier",
            "sklearn_internals",
        },
        {"numpy", "sklearn", "joblib"},
    ),
    "model_selection": (
        {"verdicts", "callbacks", "sklearn_internals", "rehearsals", "version"},
        {"sklearn"},
    ),
    "export": ({"classifier"}, {"numpy", "sklearn", "onnx", "skl2onnx"}),
    "datasets": (set(), {"numpy", "sklearn"}),
    "sweeps": ({"initializers"}, {"numpy"}),
    "drawing": (set(), {"numpy", "matplotlib"}),
    "displays": (
        {"diagnostics", "sweeps", "drawing"},
        {"numpy", "scipy.sparse", "sklearn", "matplotlib"},
    ),
    "__init__": ({"version", "classifier", "model_selection"}, set()),
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported_modules(source):
    """Dotted names of all imports in some source, wherever they stand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [alias.name for alias in node.names]
            if node.module in ("skshallow", "scipy"):  # their names are modules
                yield from (f"{node.module}.{name}" for name in names)
            else:
                yield node.module


def allowances(module):
    """What a module may import, by dotted names, the standard library aside."""
    own, others = LAYERS[module]
    return {f"skshallow.{name}" for name in own} | others


def covers(allowance, name):
    return name == allowance or name.startswith(allowance + ".")


every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)


@every_module
def test_a_module_imports_only_what_its_layer_may(path):
    forbidden = [
        name
        for name in imported_modules(path.read_text(encoding="utf-8"))
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(covers(allowance, name) for allowance in allowances(path.stem))
    ]
    assert forbidden == []


@every_module
def test_a_module_imports_all_that_its_layer_may(path):
    """What nobody imports is not allowed either, so that the table stays true."""
    names = list(imported_modules(path.read_text(encoding="utf-8")))
    unused = [
        allowance
        for allowance in sorted(allowances(path.stem))
        if not any(covers(allowance, name) for name in names)
    ]
    assert unused == []


def test_every_module_has_its_layer():
    assert {path.stem for path in MODULES} == set(LAYERS)


def test_arrows_point_one_way():
    """A module imports only modules that stand above it in the table."""
    order = list(LAYERS)
    for i, module in enumerate(order):
        assert LAYERS[module][0] <= set(order[:i])


def test_the_import_reader_sees_every_form():
    source = """
import a.b, c as d
from scipy import sparse
from skshallow._core.network import Objective
def late():
    from sklearn.base import clone
"""
    assert sorted(imported_modules(source)) == [
        "a.b",
        "c",
        "scipy.sparse",
        "sklearn.base",
        "skshallow._core.network",
    ]


def test_importing_the_package_loads_nothing_that_scikit_learn_does_not():
    program = """
import sys
import sklearn.neural_network, sklearn.model_selection, sklearn.pipeline
before = set(sys.modules)
import skshallow
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["skshallow"]


def test_the_mathematics_needs_no_scikit_learn():
    program = """
import sys
sys.modules["sklearn"] = None  # importing it now fails
sys.modules["skshallow"] = package = type(sys)("skshallow")
package.__path__ = ["skshallow"]
import skshallow._core.initializers, skshallow._core.threads, skshallow._core.training
"""
    subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, check=True)
