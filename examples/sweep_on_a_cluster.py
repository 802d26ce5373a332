"""
A sweep on a cluster
====================

A search runs its jobs by joblib, and joblib can run them on a cluster. This script
starts a very small cluster, two worker processes on this machine, and runs a search
over starts, seeds and widths on it. Then it compares the result with that of the same
search in this process: every score and every weight of the best net, to the last bit.

    python sweep_on_a_cluster.py

The script needs dask (``python -m pip install ".[dask]"`` in the root of the
repository) and connects only to 127.0.0.1.

On a real cluster
-----------------
Only the connection to the cluster changes. If a scheduler already runs, connect to it::

    with Client("tcp://scheduler.example.org:8786"):
        with joblib.parallel_config(backend="dask"):
            search.fit(X, y)

With a queue (Slurm, PBS, Kubernetes), replace ``LocalCluster`` by a class of
dask-jobqueue or dask-kubernetes. Besides:

- Install the same versions of Python, skshallow, numpy, scipy and scikit-learn on all
  workers. dask warns if its own versions differ, but not if these differ.
- Give each worker process one thread: a fit uses one BLAS thread, and threads of a
  process share an interpreter.
- Keep ``if __name__ == "__main__":`` around the code that starts workers on this
  machine, because the workers import the script.
- Results are equal to the last bit if all processors are of the same kind. On another
  kind of processor, the BLAS library uses other kernels, which sum in another order.
  Scores then differ in the last digits, and another candidate may win a tie.

A small sweep like this one does not need a cluster: sending it there takes longer than
training. A cluster is useful if a job trains for seconds. A job trains all candidates
of one kind on one fold.
"""

import time

import joblib
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import LockstepGridSearchCV, ShallowNetClassifier

try:
    from dask.distributed import Client, LocalCluster
except ImportError as error:
    raise SystemExit(
        "sweep_on_a_cluster.py needs dask, which comes with the extra 'dask'. In the "
        f'root of the repository: python -m pip install ".[dask]" ({error})'
    ) from error

GRID = {
    "shallownetclassifier__n_hidden": [4, 8],
    "shallownetclassifier__init_scale": [0.001, 0.01, 0.1, 1, 10],
    "shallownetclassifier__random_state": [0, 1, 2],
}
N_WORKERS = 2


def make_search():
    """A search over 30 candidates on 5 folds; all nets train for as many epochs."""
    net = ShallowNetClassifier(
        solver="adam", batch_size=32, alpha=0.01, max_iter=20, tol=None
    )
    model = make_pipeline(StandardScaler(), net)
    return LockstepGridSearchCV(model, GRID, cv=5, verbose=1)  # prints how far it is


def local_cluster():
    """Two worker processes with one thread each, which listen on 127.0.0.1 only."""
    return LocalCluster(
        n_workers=N_WORKERS,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        # Scheduler and workers always serve pages that show whether they are alive.
        # These get free ports of this machine, and the scheduler gets no dashboard.
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
    )


def timed_fit(search, X, y):
    """Fit a search; return the seconds that it takes."""
    start = time.perf_counter()
    search.fit(X, y)
    return time.perf_counter() - start


def differences(first, second):
    """Names of the results in which two searches differ, in any bit."""
    different = [
        name
        for name, column in first.cv_results_.items()
        if name.startswith(("split", "mean_test", "std_test", "rank"))
        and not np.array_equal(column, second.cv_results_[name])
    ]
    pairs = zip(
        first.best_estimator_[-1].coefs_ + first.best_estimator_[-1].intercepts_,
        second.best_estimator_[-1].coefs_ + second.best_estimator_[-1].intercepts_,
        strict=True,
    )
    if not all(np.array_equal(*pair) for pair in pairs):
        different.append("weights of the best net")
    return different


def print_table(serial, distributed):
    """Print the accuracy of each scale, the mean over seeds and widths, twice."""
    print(f"{'init_scale':>10}  {'serial':>20}  {'cluster':>20}")
    scales = np.array(
        [c["shallownetclassifier__init_scale"] for c in serial.cv_results_["params"]]
    )
    for scale in GRID["shallownetclassifier__init_scale"]:
        means = [
            float(search.cv_results_["mean_test_score"][scales == scale].mean())
            for search in (serial, distributed)
        ]
        print(f"{scale:>10}  {means[0]!r:>20}  {means[1]!r:>20}")
    print(f"best, serial:  {serial.best_params_}")
    print(f"best, cluster: {distributed.best_params_}")


def main():
    """Run one search twice, here and on a cluster, and compare the results."""
    X, y = load_breast_cancer(return_X_y=True)
    serial, distributed = make_search(), make_search()
    n_fits = 5 * int(np.prod([len(values) for values in GRID.values()]))
    print(f"Breast cancer, {n_fits} fits, here and on {N_WORKERS} dask workers\n")

    seconds = {"here": timed_fit(serial, X, y)}
    start = time.perf_counter()
    with local_cluster() as cluster, Client(cluster):
        seconds["starting the cluster"] = time.perf_counter() - start
        with joblib.parallel_config(backend="dask"):
            seconds["on the cluster"] = timed_fit(distributed, X, y)

    print_table(serial, distributed)
    print("\n" + ", ".join(f"{name}: {value:.1f} s" for name, value in seconds.items()))
    different = differences(serial, distributed)
    if different:
        raise SystemExit("NOT equal to the last bit: " + ", ".join(different))
    print("All scores and the weights of the best net are equal to the last bit.")


if __name__ == "__main__":
    main()
