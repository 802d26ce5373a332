"""Mutants: the package with one mistake at a time, each for a test to catch.

Run from anywhere ::

    python tests/mutants.py
    python tests/mutants.py "adam" "row order"

The second runs those mutants alone whose names contain one of the words. Every mutant
is put into a copy of the repository, where the test files that its entry names run
first, and if it survives them the whole suite does. Prints a table as it goes: the
mutant, what the tests took, and the first that failed. The exit status is 1 if a mutant
survived, which means that a test is missing.

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
from functools import lru_cache
from importlib.metadata import version
from itertools import accumulate
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


@lru_cache(1)
def functions(package):
    """The dotted name, the file and the tree of every function and class."""

    def visit(node, name):
        for child in ast.iter_child_nodes(node):
            inner = name
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{name}.{child.name}"
                found.append((inner, path, child))
            visit(child, inner)

    found = []
    for path in sorted(package.rglob("*.py")):
        visit(ast.parse(path.read_bytes()), "")
    return found


def replacement(mutant):
    """The tree to look for, and the text to put in its place."""
    (original,), (mutated,) = (
        ast.parse(text).body for text in (mutant.original, mutant.mutated)
    )
    if isinstance(original, ast.Expr) and isinstance(mutated, ast.Expr):
        return original.value, f"({mutant.mutated})"
    return original, mutant.mutated


def place(mutant, tree, package):
    """The file and the node where the package has the tree that is looked for."""
    named = [
        (path, function)
        for name, path, function in functions(package)
        if name.endswith(f".{mutant.function}")
    ]
    dump = ast.dump(tree)
    places = [
        (path, node)
        for path, function in named
        for node in ast.walk(function)
        if ast.dump(node) == dump
    ]
    if len(places) != 1:
        sys.exit(
            f"{mutant.name}: {mutant.original!r} must occur once, but occurs "
            f"{len(places)} times in the {len(named)} functions or classes called "
            f"{mutant.function}: bring the mutant up to date."
        )
    return places[0]


def mutated_source(mutant, root=ROOT):
    """The file of the mutant under ``root``, and its bytes with the mistake."""
    tree, text = replacement(mutant)
    path, node = place(mutant, tree, root / "skshallow")
    source = path.read_bytes()  # a tree counts columns in bytes
    starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[node.end_lineno - 1] + node.end_col_offset
    mutated = source[:start] + text.encode() + source[end:]
    compile(mutated, mutant.name, "exec")  # a slip of the pen is no mutant
    return path, mutated


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
            # Which compares the table of mutants with the code: no mutant survives it.
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
        path.write_bytes(source)
        return first_failure(copy, mutant.tests) or first_failure(copy)


def chosen(words):
    """The mutants that are asked for: all, or those with a word in their names."""
    for word in words:
        if not any(word in mutant.name for mutant in MUTANTS):
            sys.exit(f"no mutant has {word!r} in its name.")
    return [m for m in MUTANTS if not words or any(word in m.name for word in words)]


def check_without_mutants(mutants):
    """Complain if a test fails anyway, as it would seem to catch every mutant."""
    tests = {name for mutant in mutants for name in mutant.tests.split()}
    with copy_of_the_repository() as copy:
        if failure := first_failure(copy, " ".join(sorted(tests))):
            sys.exit(f"{failure} fails without any mutant.")


def main():
    """Run the mutants asked for; return how many survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="*", help="of the names of those to run")
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
