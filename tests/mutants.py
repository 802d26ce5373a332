"""Mutants: the package with one mistake at a time, each for a test to catch.

Run from anywhere ::

    python tests/mutants.py
    python tests/mutants.py "adam" "row order" network

The second runs those mutants alone whose names contain one of the words, or whose
entries name such a test file. Every mutant is put into a copy of the repository, where
the test files that its entry names run first, and if it survives them the whole suite
does. Prints a table as it goes: the mutant, what the tests took, and the first that
failed. The exit status is 1 if a mutant survived, which means that a test is missing.

The mutants stand in ``mutants.txt``, each with the test files to run first, the
function, and what is replaced by what in it::

    adam's epsilon in another unit [optimizers]
        _adam_constants: EPSILON / sqrt(1 - BETA_2) -> EPSILON

The function is looked for in the whole package, by its name or as ``Class.name``, and
the expression or statement in it is compared as a syntax tree: a mutant stays valid if
functions move or are formatted anew. It is an error if the package does not have it
exactly once; who changes that code brings the mutant up to date.

No tool makes the mutants. mutmut would make 11,000 for this package and cosmic-ray
14,000, which would take a day or two. Those that change nothing that matters would have
to be listed by numbers that any edit may shift; and neither tool leaves out a statement
or puts one variable in the place of another, as many of these mistakes do.
"""

import argparse
import ast
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGES = "numpy", "scipy", "scikit-learn"


class Mutant(NamedTuple):
    """A mistake in one function, and which test files (``test_*.py``) to run first."""

    name: str
    tests: str
    function: str
    original: str
    mutated: str


def read_mutants(table):
    """The mutants of a table, each a line and the indented lines below it."""
    lines = [line for line in table.splitlines() if line and not line.startswith("#")]
    entries = re.sub(r"\n +", " ", "\n".join(lines)).splitlines()
    form = re.compile(r"(.+) \[(.+?)\] ([\w.]+): (.+) -> (.+)")
    return [Mutant(*form.fullmatch(entry).groups()) for entry in entries]


MUTANTS = read_mutants((ROOT / "tests" / "mutants.txt").read_text(encoding="utf-8"))


def named(tree, name):
    """The functions and classes of a name, which may be dotted, in a syntax tree."""
    first, _, rest = name.partition(".")
    for node in ast.walk(tree):
        is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if is_definition and node.name == first:
            yield from named(node, rest) if rest else [node]


def mutated_source(mutant, root=ROOT):
    """The file of the mutant under ``root``, and its text with the mistake."""
    parts = [ast.parse(text).body[0] for text in (mutant.original, mutant.mutated)]
    if all(isinstance(part, ast.Expr) for part in parts):
        parts = [part.value for part in parts]
    (original, mutated), places = parts, []
    definition = re.compile(rf"(def|class) {mutant.function.partition('.')[0]}\b")
    for path in sorted((root / "skshallow").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not definition.search(source):
            continue
        tree = ast.parse(source)
        for function in named(tree, mutant.function):
            for node in ast.walk(function):
                if ast.dump(node) == ast.dump(original):
                    places.append((path, tree, node))
    if len(places) != 1:
        sys.exit(
            f"{mutant.name}: {mutant.original!r} must occur once in what is called "
            f"{mutant.function}, but occurs {len(places)} times: bring the mutant up "
            "to date."
        )
    ((path, tree, node),) = places
    node.__class__, node.__dict__ = mutated.__class__, vars(mutated)
    return path, ast.unparse(tree)


@contextmanager
def copy_of_the_repository():
    """A copy in a temporary directory, without what is built or hidden."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        copy = Path(scratch) / "repository"
        built = shutil.ignore_patterns(".*", "__pycache__", "_build", "*.egg-info")
        shutil.copytree(ROOT, copy, ignore=built)
        yield copy


def first_failure(root, tests=""):
    """The first test that fails in ``root``: of some files, or of all; or None."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            # That file compares mutants with the code: no mutant would survive it.
            "--ignore=tests/test_mutants.py",
            *(f"tests/test_{name}.py" for name in tests.split()),
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    if run.returncode == 0:
        return None
    failure = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", run.stdout, re.M)
    if failure is None:  # the tests did not run at all
        raise RuntimeError(run.stdout + run.stderr)
    return failure[1]


def caught_by(mutant):
    """The first test that fails on a mutant, or None if it survives the whole suite."""
    with copy_of_the_repository() as copy:
        path, source = mutated_source(mutant, copy)
        path.write_text(source, encoding="utf-8")
        return first_failure(copy, mutant.tests) or first_failure(copy)


def chosen(words):
    """Mutants with a word in their names or as a test file of theirs; all without."""
    found = [
        mutant
        for mutant in MUTANTS
        if not words
        or any(word in mutant.name or word in mutant.tests.split() for word in words)
    ]
    return found or sys.exit(f"no mutant has one of {words} in its name.")


def check_without_mutants(mutants):
    """Exit if a test fails without a mutant, as it would seem to catch all of them."""
    tests = {name for mutant in mutants for name in mutant.tests.split()}
    with copy_of_the_repository() as copy:
        if failure := first_failure(copy, " ".join(sorted(tests))):
            sys.exit(f"{failure} fails without any mutant.")


def main():
    """Run the mutants asked for; return how many survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="*", help="of a name, or the name of a test file")
    mutants = chosen(parser.parse_args().word)
    for mutant in MUTANTS:
        mutated_source(mutant)
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    print(f"Python {platform.python_version()},", ", ".join(packages), flush=True)
    check_without_mutants(mutants)
    width, n_caught = max(len(mutant.name) for mutant in mutants), 0
    for mutant in mutants:
        start = time.perf_counter()
        test = caught_by(mutant)
        n_caught += test is not None
        row = mutant.name.ljust(width), f"{time.perf_counter() - start:5.0f} s"
        print(*row, test or "SURVIVED", sep="  ", flush=True)
    print(f"{n_caught} of {len(mutants)} mutants caught.")
    return len(mutants) - n_caught


if __name__ == "__main__":
    sys.exit(min(main(), 1))
