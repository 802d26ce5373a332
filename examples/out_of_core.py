"""
A table larger than memory
==========================

``partial_fit`` trains for one epoch on the rows that it is given, and continues from
call to call. So a net can learn from a file chunk by chunk. This script writes a large
CSV file to a temporary folder and learns from it:

    python out_of_core.py

The net first predicts every chunk and then learns from it. So each printed accuracy is
for rows that the net has not seen, and only one chunk is in memory at a time. The
script reads the file once before, to find all labels: the first call of ``partial_fit``
must be given all of them.

For a table of your own, in which all columns except the target must be numbers::

    python out_of_core.py --data FILE.csv --target COLUMN

If its rows are sorted by label or by time, shuffle them first: a net that has seen one
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

# Units of the columns of the demonstration.
UNITS = np.array([1.0, 10.0, 1e3, 1e-2, 1.0, 5.0])


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
    """Write a table that no linear model can learn: labels are signs of products."""
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
    """Yield the labels (m,) and features (m, d) of each chunk of ``n_rows`` rows."""
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
    """Features as an array; ends the program if some are not numbers."""
    try:
        return np.array(rows, dtype=float)
    except ValueError as error:
        raise SystemExit(f"{path}: all columns must be numbers: {error}.") from None


def learn(path, target, n_rows):
    """Train; yield the rows learned from so far and the accuracy on the next chunk."""
    classes = sorted({y for labels, _ in chunks(path, target, n_rows) for y in labels})
    scaler = StandardScaler()
    # Small batches, because each chunk is used once. A small penalty, because a net
    # hardly overfits on rows that it sees once.
    net = ShallowNetClassifier(
        16, init_scale=0.5, batch_size=50, alpha=0.01, random_state=0
    )
    n_seen = 0
    for y, rows in chunks(path, target, n_rows):
        X = as_numbers(path, rows)
        if n_seen:
            yield n_seen, net.score(scaler.transform(X), y)
        # The scaler uses all rows so far; its values hardly change after a few chunks.
        scaler.partial_fit(X)
        net.partial_fit(scaler.transform(X), y, classes=classes)
        n_seen += len(y)


def main(arguments=None):
    """Learn from a table, and print the accuracy on each chunk."""
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
