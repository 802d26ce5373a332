"""The example that learns from a file by chunks, of which it holds one at a time."""

import re
import runpy
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "out_of_core.py"


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", EXAMPLE, *map(str, arguments)],
        capture_output=True,
        text=True,
    )


def reported(output):
    """(rows learned from, accuracy) of every line of the table."""
    found = re.findall(r"^ +(\d+)   (\d\.\d{3})$", output, re.M)
    return np.array(found, dtype=float)


def test_accuracy_on_later_chunks_rises():
    result = run("--rows", 20_000)
    assert result.stderr == ""
    rows, accuracy = reported(result.stdout).T
    assert rows.tolist() == list(range(2000, 20_000, 2000))
    assert accuracy[0] < 0.8
    assert accuracy[-3:].min() > 0.93


def test_a_table_of_ones_own(tmp_path):
    """Several kinds of labels, not all of them in the first chunk, and a short last."""
    rng = np.random.RandomState(0)
    x = np.sort(rng.uniform(0, 3, 4000))
    x[700:] = rng.permutation(x[700:])
    table = ["kind,x", *(f"kind {int(v)},{v}" for v in x)]
    (tmp_path / "own.csv").write_text("\n".join(table))
    result = run("--data", tmp_path / "own.csv", "--target", "kind", "--chunk", 700)
    assert result.stderr == ""
    rows, accuracy = reported(result.stdout).T
    assert rows.tolist() == [700, 1400, 2100, 2800, 3500]
    assert accuracy[-1] > 0.9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere.csv"], "There is no file nowhere.csv"),
        (["--data", EXAMPLE, "--target", "y"], "has no column 'y'"),
    ],
)
def test_what_cannot_be_read_is_said(arguments, said):
    result = run(*arguments)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_features_that_are_no_numbers_are_said(tmp_path):
    (tmp_path / "words.csv").write_text("x,label\n1,a\ntwo,b\n")
    result = run("--data", tmp_path / "words.csv")
    assert "all columns must be numbers" in result.stderr
    assert "Traceback" not in result.stderr


def test_memory_does_not_grow_with_the_file(tmp_path):
    example = runpy.run_path(str(EXAMPLE))
    peaks = []
    for n_rows in (4_000, 32_000):
        path = tmp_path / f"{n_rows}.csv"
        example["write_table"](path, n_rows)
        tracemalloc.start()
        try:
            list(example["learn"](path, "label", 500))
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < path.stat().st_size / 2
