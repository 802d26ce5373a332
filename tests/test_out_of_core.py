"""The example that learns from a file by chunks, of which it holds one at a time."""

import re
import subprocess
import sys

import numpy as np
import out_of_core as example
from watching import peak_bytes


def reported(output):
    """(rows learned from, accuracy) of every line of the table."""
    found = re.findall(r"^ +(\d+)   (\d\.\d{3})$", output, re.M)
    return np.array(found, dtype=float)


def test_accuracy_on_later_chunks_rises():
    command = [sys.executable, "-W", "error", example.__file__, "--rows", "20000"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.stderr == ""
    rows, accuracy = reported(result.stdout).T
    assert rows.tolist() == list(range(2000, 20_000, 2000))
    assert accuracy[0] < 0.8
    assert accuracy[-3:].min() > 0.93


def test_a_table_of_ones_own(tmp_path, capsys):
    """The first chunk lacks some kinds of labels, and the last chunk is short."""
    rng = np.random.RandomState(0)
    x = np.sort(rng.uniform(0, 3, 4000))
    x[700:] = rng.permutation(x[700:])
    table = ["kind,x", *(f"kind {int(v)},{v}" for v in x)]
    path = tmp_path / "own.csv"
    path.write_text("\n".join(table))
    example.main(["--data", str(path), "--target", "kind", "--chunk", "700"])
    rows, accuracy = reported(capsys.readouterr().out).T
    assert rows.tolist() == [700, 1400, 2100, 2800, 3500]
    assert accuracy[-1] > 0.9


def test_memory_does_not_grow_with_the_file(tmp_path):
    peaks = []
    for n_rows in (4_000, 32_000):
        path = tmp_path / f"{n_rows}.csv"
        example.write_table(path, n_rows)
        peaks.append(peak_bytes(list, example.learn(path, "label", 500)))
    assert peaks[1] < 1.2 * peaks[0] < path.stat().st_size / 2
