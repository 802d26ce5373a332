"""The mutants still fit the code: a change to it does not leave them behind.

Whether the tests catch them is for ``python tests/mutants.py``, which takes long.
"""

import ast
from pathlib import Path

import mutants
import pytest

TESTS = Path(__file__).parent


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_one_place_and_leaves_valid_python(mutant):
    mutants.mutated_source(mutant)  # ends the run where it cannot
    original, mutated = map(ast.parse, (mutant.original, mutant.mutated))
    assert ast.dump(original) != ast.dump(mutated)


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_names_tests_that_exist(mutant):
    for name in mutant.tests.split():
        assert (TESTS / f"test_{name}.py").exists()


def test_mutants_have_names_of_their_own():
    names = [mutant.name for mutant in mutants.MUTANTS]
    assert len(set(names)) == len(names) >= 20


SOURCE = '''"""Größe."""
class Net:
    def size(self, a, b):
        return "ß", self.f(a
            + b)  # the sum
    def stop(self):
        self.n = 1
def size(a):
    return a - 1
'''


def mutate(root, replacement):
    package = root / "skshallow" / "inner"
    package.mkdir(parents=True)
    (package / "net.py").write_text(SOURCE, encoding="utf-8")
    (mutant,) = mutants.read_mutants(f"a mistake [network]\n    {replacement}\n")
    return mutants.mutated_source(mutant, root)[1].decode()


@pytest.mark.parametrize(
    ("replacement", "original", "mutated"),
    [
        ("Net.size: a+b -> a", "a\n            + b", "(a)"),
        ("size: a - 1\n    -> a", "a - 1", "(a)"),
        ("stop: self.n = 1 -> pass", "self.n = 1", "pass"),
    ],
)
def test_all_but_the_original_stays(tmp_path, replacement, original, mutated):
    assert SOURCE.count(original) == 1
    assert mutate(tmp_path, replacement) == SOURCE.replace(original, mutated)


@pytest.mark.parametrize(
    ("replacement", "message"),
    [
        ("start: a + b -> a", "0 times in the 0 functions"),
        ("Net.size: a - 1 -> a", "0 times in the 1 functions"),
        ("size: a -> b", "2 times in the 2 functions"),
    ],
)
def test_an_original_that_is_not_there_once_is_an_error(tmp_path, replacement, message):
    with pytest.raises(SystemExit, match=message):
        mutate(tmp_path, replacement)
