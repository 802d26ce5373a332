"""
A table larger than memory
==========================

``partial_fit`` makes one pass over the rows it is given and goes on from call to call,
so that a net can learn from a file a chunk at a time. This script writes a large CSV
file to a temporary folder and does that:

    python out_of_core.py

Every chunk is first predicted and then learned from. So each accuracy that is printed
is on rows which the net has not seen, and no more than a chunk is ever in memory. The
file is read once before, for the kinds of labels: the first call must know all of them.

For a table of your own, in which all columns but the target must be numbers::

    python out_of_core.py --data FILE.csv --target COLUMN

If its rows are sorted, by label or by time, shuffle them first: a net that has seen one
kind of row for long forgets the others.
"""

import argparse
import csv
import sys
import tempfile
from itertools import islice
from pathlib import Path

import numpy as np
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier

UNITS = np.array(
    [1.0, 10.0, 1e3, 1e-2, 1.0, 5.0]
)  # of the columns of the demonstration


def parse_arguments(arguments=None):
    """The options on the command line."""
    parser = argparse.ArgumentParser(description="Learn from a table by chunks.")
    parser.add_argument("--data", type=Path, help="a CSV file with a header")
    parser.add_argument("--target", default="label", help="the column to predict")
    parser.add_argument("--chunk", type=int, default=2000, help="rows at a time")
    parser.add_argument(
        "--rows", type=int, default=60_000, help="rows of the demonstration"
    )
    return parser.parse_args(arguments)


def write_table(path, n_rows, rows_at_a_time=10_000):
    """Write a table that no linear model can learn: the sign of a product decides."""
    rng = np.random.RandomState(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"x{j}" for j in range(len(UNITS))] + ["label"])
        for start in range(0, n_rows, rows_at_a_time):
            X = rng.standard_normal((min(rows_at_a_time, n_rows - start), len(UNITS)))
            is_up = X[:, 0] * X[:, 1] + 0.3 * X[:, 2] > 0
            for row, up in zip((X * UNITS).tolist(), is_up, strict=True):
                writer.writerow([*row, "up" if up else "down"])


def chunks(path, target, n_rows):
    """Labels (m,) and features (m, d) of ``n_rows`` rows after another."""
    with path.open(newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        if target not in header:
            raise SystemExit(f"{path} has no column {target!r}: it has {header}.")
        column = header.index(target)
        while rows := list(islice(reader, n_rows)):
            labels = np.array([row.pop(column) for row in rows])
            yield labels, rows


def as_numbers(path, rows):
    """Features as an array, or the end of the program."""
    try:
        return np.array(rows, dtype=float)
    except ValueError as error:
        raise SystemExit(f"{path}: all columns must be numbers: {error}.") from None


def learn(path, target, n_rows):
    """Yield rows learned from so far and accuracy on the next chunk; train on it."""
    classes = sorted({y for labels, _ in chunks(path, target, n_rows) for y in labels})
    scaler = StandardScaler()
    # Small batches, because a chunk is passed once, and hardly a penalty, because rows
    # that come once cannot be learnt by heart.
    net = ShallowNetClassifier(
        16, init_scale=0.5, batch_size=50, alpha=0.01, random_state=0
    )
    n_seen = 0
    for y, rows in chunks(path, target, n_rows):
        X = as_numbers(path, rows)
        if n_seen:
            yield n_seen, net.score(scaler.transform(X), y)
        # Mean and spread are those of all rows so far: they settle within a few chunks.
        scaler.partial_fit(X)
        net.partial_fit(scaler.transform(X), y, classes=classes)
        n_seen += len(y)


def main(arguments=None):
    """Learn from a table, and print how well that goes."""
    options = parse_arguments(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = options.data
        if path is None:
            path = Path(folder) / "table.csv"
            write_table(path, options.rows)
        if not path.is_file():
            raise SystemExit(f"There is no file {path}.")
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
        print(f"{options.chunk} rows at a time\n")
        print("rows learned from   accuracy on the next chunk")
        for n_seen, accuracy in learn(path, options.target, options.chunk):
            print(f"{n_seen:>17}   {accuracy:.3f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
