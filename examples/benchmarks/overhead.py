"""Measure how much time the warnings of a fit and the import of the package take.

There are two tables:

- How much time the check of a trained net, and a warning that may follow, add to a fit.
  They are timed inside the fit and compared with the rest of the same fit. A row gives
  the median of these shares and their middle half. Another way would be to compare fits
  with and without the check. But their times vary by more than the check takes: for 40
  such pairs the middle half was 3 to 13% wide, while that of the shares is 0.1 to 0.3%
  wide. The medians were about the same.
- How long ``import skshallow`` takes, compared with the imports of scikit-learn that a
  user needs anyway. Each import is timed in a fresh process, without the start of
  Python, which is the same for both. The two are timed in turn. The row gives the ratio
  of the medians, and the middle half of the ratios of the pairs.

All times are processor times with one BLAS thread.

Run it with::

    python examples/benchmarks/overhead.py
    python examples/benchmarks/overhead.py --rounds 101 --imports 51
"""

import argparse
import subprocess
import sys
import time
import warnings
from contextlib import ExitStack
from unittest.mock import patch

import numpy as np
from pairs import breast_cancer, clocked, times_faster
from single_fit import WORKS
from tables import load_tables
from threadpoolctl import threadpool_limits

from skshallow import ShallowNetClassifier, classifier
from skshallow.datasets import make_flower

LOOK_AIM, IMPORT_AIM = 0.02, 1.15
# The function that checks a net after every fit, and chooses the warnings.
LOOKS = ((classifier, "warnings_of"),)
OURS = "skshallow"
THEIRS = "sklearn.neural_network, sklearn.model_selection, sklearn.pipeline"


def works():
    """Name -> estimator and the rows that it is fitted on."""
    cancer, flower = breast_cancer(np.float64), make_flower(random_state=1)
    (digits,) = load_tables(["digits-3-8"])
    (adam,) = (work for work in WORKS if work.name == "adam, n 1000, d 20, h 16")
    net = ShallowNetClassifier
    return {
        "defaults, breast cancer": (net(random_state=0), *cancer),
        "defaults, flower": (net(random_state=0), *flower),
        "defaults, digits 3 and 8": (net(random_state=0), digits.X / 16, digits.y),
        "5 iterations, breast cancer": (net(max_iter=5, random_state=0), *cancer),
        "zero start, breast cancer": (net(init="zeros", random_state=0), *cancer),
        adam.name: (adam.ours(), *adam.data(np.float64)),
    }


def fit_and_look(model, X, y, clock=time.process_time):
    """Seconds of a fit by ``clock``, and how many of them the check took."""
    looks = []

    def timed(look):
        def look_by_the_clock(*arguments):
            seconds, seen = clocked(lambda: look(*arguments), clock)
            looks.append(seconds)
            return seen

        return look_by_the_clock

    with ExitStack() as stack:
        for module, name in LOOKS:
            look = timed(getattr(module, name))
            stack.enter_context(patch.object(module, name, look))
        seconds, _ = clocked(lambda: model.fit(X, y), clock)
    return seconds, sum(looks)


def look_row(name, model, X, y, rounds):
    """One row of the table of checks, in Markdown."""
    pairs = [fit_and_look(model, X, y) for _ in range(rounds + 1)]
    fits, looks = np.transpose(pairs[1:])  # the first round warms up
    low, share, high = np.percentile(looks / (fits - looks), [25, 50, 75])
    return (
        f"| {name} | {1e3 * np.median(fits):.1f} ms | {share:.2%} "
        f"| {low:.2%} to {high:.2%} | {LOOK_AIM:.0%} |"
    )


def import_seconds(modules):
    """Processor time that a fresh process takes to import ``modules``."""
    clock = "__import__('time').process_time()"
    code = f"start = {clock}; import {modules}; print({clock} - start)"
    command = [sys.executable, "-c", code]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output)


def import_row(rounds):
    """The row of the table of imports, in Markdown."""
    pairs = [(import_seconds(THEIRS), import_seconds(OURS)) for _ in range(rounds + 1)]
    theirs, ours = np.transpose(pairs[1:])  # the first round fills the disk's cache
    # The ratio is the time of our import divided by the time of theirs.
    ratio, low, high = times_faster(theirs, ours)
    return (
        f"| {1e3 * np.median(ours):.0f} ms | {1e3 * np.median(theirs):.0f} ms "
        f"| {ratio:.2f} | {low:.2f} to {high:.2f} | {IMPORT_AIM} |"
    )


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=41, help="fits a row")
    parser.add_argument("--imports", type=int, default=21, help="pairs of imports")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| fit | whole fit | the look adds | middle half | aim |")
    print("|---|---:|---:|---:|---:|")
    with threadpool_limits(1):
        for name, work in works().items():
            print(look_row(name, *work, arguments.rounds), flush=True)
    print(f"\n`import {OURS}` against `import {THEIRS}`:\n")
    print("| ours | scikit-learn's | ratio | middle half | aim |")
    print("|---:|---:|---:|---:|---:|")
    print(import_row(arguments.imports))


if __name__ == "__main__":
    main()
