"""Measure how much memory a fit adds, each case in a fresh process.

The rows are a C-contiguous float64 array of 1,000,000 x 30 (240 MB). For an array in
memory, the peak resident size of the process is compared before and after the fit. For
a read-only ``np.memmap``, the anonymous part of the resident size (Linux: ``RssAnon``)
shows whether the rows were copied. The aim for both is a quarter of the array.

Run it with::

    python examples/benchmarks/memory.py
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import numpy as np

from skshallow import ShallowNetClassifier

N_ROWS, N_FEATURES = 1_000_000, 30
SOLVERS = {"adam": {"batch_size": 1024}, "gd": {}}
MEGABYTE = 1e6


def status_bytes(field):
    """One of the sizes of this process in ``/proc`` (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise OSError(f"the kernel does not report {field}")


def anonymous_bytes():
    """Anonymous resident memory of this process."""
    return status_bytes("RssAnon")


def peak_bytes():
    """Peak resident memory of this process so far."""
    # Not getrusage: its peak includes that of the process that started this one.
    return status_bytes("VmHWM")


class HighestAnonymous(threading.Thread):
    """Records the highest anonymous memory while a fit runs."""

    def __init__(self):
        super().__init__(daemon=True)
        self.highest, self.done = anonymous_bytes(), False

    def run(self):
        """Sample until the fit is done."""
        while not self.done:
            self.highest = max(self.highest, anonymous_bytes())
            time.sleep(0.002)


def write_rows(path):
    """Write the features to a raw file, in parts."""
    rng = np.random.default_rng(0)
    with open(path, "wb") as file:
        for _ in range(20):
            rng.standard_normal((N_ROWS // 20, N_FEATURES)).tofile(file)


def fit(solver, X):
    """Fit a net with two passes over the rows."""
    y = np.arange(N_ROWS) % 2
    warnings.simplefilter("ignore")
    model = ShallowNetClassifier(16, solver=solver, max_iter=2, **SOLVERS[solver])
    small = slice(0, 3000)
    model.fit(X[small], y[small])  # loads and allocates what every fit needs
    return lambda: model.fit(X, y)


def measure(solver, storage, path):
    """Bytes that a fit adds, in this process."""
    if storage == "memmap":
        X = np.memmap(path, np.float64, mode="r", shape=(N_ROWS, N_FEATURES))
        run = fit(solver, X)
        watch = HighestAnonymous()
        before = watch.highest
        watch.start()
        run()
        watch.done = True
        return watch.highest - before
    X = np.fromfile(path).reshape(N_ROWS, N_FEATURES)
    run = fit(solver, X)
    before = peak_bytes()
    run()
    return peak_bytes() - before


def measure_in_fresh_process(solver, storage, path):
    """As `measure`, in a fresh process."""
    command = [sys.executable, __file__, "--case", solver, storage, str(path)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(output)


def main():
    """Print the table, or one number if a case is given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        print(measure(*arguments.case))
        return
    array = N_ROWS * N_FEATURES * 8
    print("| solver | rows | memory added, MB | share of the array | aim |")
    print("|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.bin"
        write_rows(path)
        for storage in ("array", "memmap"):
            for solver in SOLVERS:
                added = measure_in_fresh_process(solver, storage, path)
                share = f"{added / array:.0%}"
                megabytes = f"{added / MEGABYTE:.0f}"
                print(
                    f"| {solver} | {storage} | {megabytes} | {share} | 25% |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
