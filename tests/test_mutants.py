"""The mutants still fit the code: a change to it does not leave them behind.

Whether the tests catch them is for ``python tests/mutants.py``, in ten minutes.
"""

import ast
from pathlib import Path

import mutants
import pytest

TESTS = Path(__file__).parent


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_one_place_and_leaves_valid_python(mutant):
    path, mutated = mutants.mutated_source(mutant)  # ends the run where it cannot
    source = path.read_text(encoding="utf-8")
    assert ast.dump(ast.parse(mutated)) != ast.dump(ast.parse(source))


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_names_tests_that_exist(mutant):
    for name in mutant.tests.split():
        assert (TESTS / f"test_{name}.py").exists()


def test_mutants_have_names_of_their_own():
    names = [mutant.name for mutant in mutants.MUTANTS]
    assert len(set(names)) == len(names) >= 20
