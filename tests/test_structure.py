"""Imports point to lower floors, and importing the package stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skshallow

PACKAGE = Path(skshallow.__file__).parent
# The floors of folders, from the bottom up: a folder imports itself and lower floors.
# "" are the public modules.
FLOORS = [{"_core"}, {"_fit"}, {"_advice", "_search", "_plot"}, {""}, {"_command"}]
# What folders import of other packages, the standard library aside.
PACKAGES = {
    "_core": {"numpy", "scipy", "threadpoolctl"},
    "_fit": {"numpy", "scipy", "sklearn"},
    "_advice": {"numpy", "scipy", "sklearn"},
    "_search": {"numpy", "scipy", "sklearn", "joblib"},
    "_plot": {"numpy", "sklearn", "matplotlib"},
    "": {"numpy", "scipy", "sklearn", "matplotlib", "onnx", "pandas", "skl2onnx"},
    "_command": {"numpy", "sklearn", "joblib", "matplotlib", "pandas"},
}
# Imported by functions alone, when they are called. The modules of the command are
# themselves imported when it runs.
OPTIONAL = {"matplotlib", "onnx", "pandas", "skl2onnx"}
MODULES = sorted(PACKAGE.rglob("*.py"))
every_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE))
)


def imported_modules(tree):
    """Dotted names of all imports in a syntax tree, wherever they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # Their names may be modules.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def folder_of(name):
    """The folder of a module of the package, by its dotted name."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in PACKAGES else ""


@every_module
def test_a_module_imports_its_own_folder_and_lower_floors(path):
    folder = path.relative_to(PACKAGE).parent.name
    (floor,) = (k for k, folders in enumerate(FLOORS) if folder in folders)
    allowed = {folder}.union(*FLOORS[:floor])
    for name in imported_modules(ast.parse(path.read_text(encoding="utf-8"))):
        package = name.split(".")[0]
        if package == "skshallow":
            assert folder_of(name) in allowed, name
        elif package not in sys.stdlib_module_names:
            assert package in PACKAGES[folder], name


@every_module
def test_what_is_optional_is_imported_when_it_is_needed(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            names = {name.split(".")[0] for name in imported_modules(statement)}
            is_command = path.parent.name == "_command" and path.stem != "__main__"
            assert is_command or not names & OPTIONAL


def run(program):
    """Run a program in a process of its own; return the words that it prints."""
    command, options = [sys.executable, "-c", program], {"text": True, "check": True}
    root = PACKAGE.parent
    result = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, **options)
    return result.stdout.split()


def test_importing_the_package_loads_nothing_that_scikit_learn_does_not():
    program = """
import sys
import sklearn.neural_network, sklearn.model_selection, sklearn.pipeline
before = set(sys.modules)
import skshallow
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""
    assert run(program) == ["skshallow"]


def test_the_core_needs_no_scikit_learn():
    program = """
import sys
sys.modules["sklearn"] = None  # importing it now fails
sys.modules["skshallow"] = package = type(sys)("skshallow")
package.__path__ = ["skshallow"]
import skshallow._core.initializers, skshallow._core.threads, skshallow._core.training
"""
    run(program)


def test_public_modules_are_attributes_that_load_when_asked_for():
    program = """
import sys
import skshallow
import pkgutil
public = [m.name for m in pkgutil.iter_modules(skshallow.__path__) if m.name[0] != "_"]
assert len(public) > 5
assert set(public) <= set(dir(skshallow))
assert "skshallow.displays" not in sys.modules
for name in public:
    assert getattr(skshallow, name).__name__ == f"skshallow.{name}"
"""
    run(program)


def test_an_unknown_attribute_is_said_to_be_missing():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        skshallow.nothing  # noqa: B018
