"""Every mutant still changes one place of the code, which may have changed.

``python tests/mutants.py`` shows whether the tests catch them, which takes long.
"""

import ast
from pathlib import Path

import mutants
import pytest

TESTS = Path(__file__).parent


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_one_place_and_names_tests_that_exist(mutant):
    mutants.mutated_source(mutant)  # ends the run where it cannot
    original, mutated = map(ast.parse, (mutant.original, mutant.mutated))
    assert ast.dump(original) != ast.dump(mutated)
    for name in mutant.tests.split():
        assert (TESTS / f"test_{name}.py").exists()


def test_mutants_have_names_of_their_own():
    names = [mutant.name for mutant in mutants.MUTANTS]
    assert len(set(names)) == len(names) >= 20
