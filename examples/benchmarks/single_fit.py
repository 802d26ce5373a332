"""Time whole fits of ``ShallowNetClassifier`` against ``MLPClassifier``.

Same rows, width, batch size, number of epochs, activation (tanh), penalty and data
type on both sides; no stopping before the end, but all of its bookkeeping. One BLAS
thread for both. The two are fitted in turn, in one process, and a row quotes the
ratio of the medians (of processor time, which a busy machine disturbs less), with the
middle half of the ratios pair by pair.

Run it with::

    python examples/benchmarks/single_fit.py
    python examples/benchmarks/single_fit.py --rounds 21 --only adam
"""

import argparse
import time
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skshallow import ShallowNetClassifier

ALPHA = 1e-4
FOREVER = 10**6


@dataclass(frozen=True)
class Work:
    """What both sides are given to do: one row of the table.

    Attributes
    ----------
    name : str
    shape : (int, int) or None
        Rows and features of a synthetic task; None for breast cancer.
    n_hidden, max_iter : int
    solver : str
        Of ``ShallowNetClassifier``; ``"gd"`` is ``"sgd"`` on one batch for the peer.
    batch_size : int
    n_init : int
        Starts here, and fits of the peer.
    floors : (float or None, float or None)
        The ratios aimed at in float64 and float32.
    """

    name: str
    shape: tuple | None
    n_hidden: int
    solver: str
    batch_size: int
    max_iter: int
    n_init: int = 1
    floors: tuple = (None, None)

    def data(self, dtype):
        """Features of type ``dtype``, and labels that no straight line separates."""
        if self.shape is None:
            X, y = load_breast_cancer(return_X_y=True)
            return StandardScaler().fit_transform(X).astype(dtype), y
        rng = np.random.default_rng(0)
        X = rng.standard_normal(self.shape)
        y = X[:, 0] * X[:, 1] + 0.3 * rng.standard_normal(len(X)) > 0
        return X.astype(dtype), y.astype(int)

    def ours(self):
        """The estimator of this package."""
        return ShallowNetClassifier(
            self.n_hidden,
            init="glorot",
            solver=self.solver,
            learning_rate_init=0.1 if self.solver == "gd" else 0.001,
            n_init=self.n_init,
            **self._common(),
        )

    def peers(self):
        """scikit-learn's, once for every start."""
        return [
            MLPClassifier(
                (self.n_hidden,),
                activation="tanh",
                solver="sgd" if self.solver == "gd" else self.solver,
                learning_rate_init=0.1 if self.solver == "gd" else 0.001,
                momentum=0,
                **{**self._common(), "random_state": start},
            )
            for start in range(self.n_init)
        ]

    def _common(self):
        return {
            "alpha": ALPHA,
            "batch_size": self.batch_size,
            "max_iter": self.max_iter,
            # For L-BFGS the tolerance is on the gradient: 0 uses all iterations.
            "tol": 0 if self.solver == "lbfgs" else 1e-4,
            "n_iter_no_change": FOREVER,
            "random_state": 0,
        }


WORKS = (
    Work("full batch, n 400, d 2, h 4", (400, 2), 4, "gd", 400, 1000, 1, (6, 8)),
    Work("adam, n 1000, d 20, h 16", (1000, 20), 16, "adam", 32, 20, 1, (5, 6)),
    Work(
        "full batch, n 10000, d 30, h 16", (10000, 30), 16, "gd", 10000, 50, 1, (2.5, 3)
    ),
    Work(
        "adam, n 10000, d 30, h 100", (10000, 30), 100, "adam", 200, 10, 1, (1.9, 2.6)
    ),
    Work("lbfgs, breast cancer, h 8", None, 8, "lbfgs", 569, 100, 1, (2, None)),
    Work("20 starts, n 1000, d 20, h 16", (1000, 20), 16, "adam", 32, 20, 20, (18, 28)),
)


def clocked(run):
    """Processor seconds of ``run()``, and what it returned."""
    start = time.process_time()
    result = run()
    return time.process_time() - start, result


def compare_fits(work, dtype, rounds):
    """Seconds of both sides, each of shape (rounds,), per iteration made."""
    X, y = work.data(dtype)
    ours, theirs = [], []
    for _ in range(rounds + 1):
        seconds, model = clocked(lambda: work.ours().fit(X, y))
        ours.append(seconds / model.n_iter_)
        seconds, models = clocked(lambda: [peer.fit(X, y) for peer in work.peers()])
        theirs.append(seconds / models[0].n_iter_)
    return np.array(ours[1:]), np.array(theirs[1:])  # the first round warms up


def compare_predictions(n_rows, dtype, rounds):
    """Seconds a call of ``predict_proba`` of both sides, each of shape (rounds,)."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((500, 30)).astype(dtype), rng.integers(0, 2, 500)
    ours = ShallowNetClassifier(16, max_iter=2).fit(X, y)
    theirs = MLPClassifier((16,), activation="tanh", max_iter=2).fit(X, y)
    rows = rng.standard_normal((n_rows, 30)).astype(dtype)
    calls = 2000 // (1 + n_rows // 100)
    seconds = np.empty((2, rounds * 3))
    for k in range(seconds.shape[1]):
        for side, model in enumerate((ours, theirs)):

            def run(model=model):
                return [model.predict_proba(rows) for _ in range(calls)]

            seconds[side, k] = clocked(run)[0] / calls
    return seconds


def table_row(name, dtype, ours, theirs, floor):
    """One row of the table, in Markdown."""
    ratio = np.median(theirs) / np.median(ours)
    low, high = np.percentile(theirs / ours, [25, 75])
    aim = "" if floor is None else f"{floor:g}x"
    return (
        f"| {name} | {np.dtype(dtype).name} | {ratio:.2f}x "
        f"| {low:.2f} to {high:.2f} | {aim} |"
    )


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=11, help="pairs of fits a row")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| work | dtype | faster than MLPClassifier | middle half | aim |")
    print("|---|---|---:|---:|---:|")
    with threadpool_limits(1):
        for work in WORKS:
            if arguments.only not in work.name:
                continue
            for dtype, floor in zip((np.float64, np.float32), work.floors, strict=True):
                ours, theirs = compare_fits(work, dtype, arguments.rounds)
                print(table_row(work.name, dtype, ours, theirs, floor), flush=True)
        for n_rows in (10_000, 1):
            name = f"predict_proba, {n_rows} row{'s' * (n_rows > 1)}"
            if arguments.only not in name:
                continue
            for dtype in (np.float64, np.float32):
                ours, theirs = compare_predictions(n_rows, dtype, arguments.rounds)
                print(table_row(name, dtype, ours, theirs, 1), flush=True)


if __name__ == "__main__":
    main()
