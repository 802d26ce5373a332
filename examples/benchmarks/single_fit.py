"""Time whole fits of ``ShallowNetClassifier`` against ``MLPClassifier``.

Both sides have the same rows, width, batch size, number of epochs, activation (tanh),
penalty, constant learning rate and data type. No fit stops before the end, but the
stopping rules are evaluated. Both use one BLAS thread. They are fitted in turn, in one
process. A row gives the ratio of the medians of processor time, which a busy machine
disturbs less, and the middle half of the ratios of the pairs.

Run it with::

    python examples/benchmarks/single_fit.py
    python examples/benchmarks/single_fit.py --rounds 21 --only adam
"""

import argparse
import warnings
from dataclasses import dataclass

import numpy as np
from pairs import (
    breast_cancer,
    clocked,
    in_turn,
    mlp,
    our_alpha,
    quadrants,
    shallow_net,
    table_row,
)
from threadpoolctl import threadpool_limits


@dataclass(frozen=True)
class Work:
    """A fit for both sides to do: one row of the table.

    Attributes
    ----------
    name : str
    shape : (int, int) or None
        Rows and features of a synthetic task; None for breast cancer.
    n_hidden, max_iter : int
    solver : str
        Solver of ``ShallowNetClassifier``. For ``"gd"`` the peer uses ``"sgd"`` with
        one batch.
    batch_size : int
    n_init : int
        Number of starts of ``ShallowNetClassifier``, and number of fits of the peer.
    floors : (float or None, float or None)
        The ratios to reach in float64 and float32.
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
        """Features of type ``dtype``, and labels."""
        if self.shape is None:
            return breast_cancer(dtype)
        return quadrants(*self.shape, dtype)

    def ours(self):
        """The estimator of this package."""
        n_rows = len(self.data(np.float64)[1])
        return shallow_net(
            self.n_hidden,
            self.solver,
            alpha=our_alpha(n_rows, self.batch_size),
            init="glorot",
            n_init=self.n_init,
            random_state=0,
            **self._budget(),
        )

    def peers(self):
        """The estimators of scikit-learn, one for each start."""
        return [
            mlp(self.n_hidden, self.solver, random_state=start, **self._budget())
            for start in range(self.n_init)
        ]

    def _budget(self):
        return {
            "batch_size": self.batch_size,
            "max_iter": self.max_iter,
            # For L-BFGS the tolerance is on the gradient: 0 uses all iterations.
            "tol": 0 if self.solver == "lbfgs" else 1e-4,
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


def compare_fits(work, dtype, rounds):
    """Seconds per iteration of both sides, each of shape (rounds,)."""
    X, y = work.data(dtype)
    ours, theirs = [], []
    net, peers = work.ours(), work.peers()
    for _ in range(rounds + 1):
        seconds, model = clocked(lambda: net.fit(X, y))
        ours.append(seconds / model.n_iter_)
        seconds, models = clocked(lambda: [peer.fit(X, y) for peer in peers])
        theirs.append(seconds / models[0].n_iter_)
    return np.array(ours[1:]), np.array(theirs[1:])  # the first round warms up


def compare_predictions(n_rows, dtype, rounds):
    """Seconds per call of ``predict_proba`` of both sides, each of shape (rounds,)."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((500, 30)).astype(dtype), rng.integers(0, 2, 500)
    models = [
        shallow_net(16, "adam", max_iter=2).fit(X, y),
        mlp(16, "adam", max_iter=2).fit(X, y),
    ]
    rows = rng.standard_normal((n_rows, 30)).astype(dtype)
    calls = 2000 // (1 + n_rows // 100)

    def many(model):
        return lambda: [model.predict_proba(rows) for _ in range(calls)]

    return in_turn(rounds * 3, *map(many, models)) / calls


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=11, help="pairs of fits per row")
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
