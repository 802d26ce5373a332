"""Searches give the same numbers on every backend of joblib."""

import os
import subprocess
import sys
import threading
from contextlib import nullcontext
from functools import partial

import joblib
import numpy as np
import psutil  # dask needs it too
import pytest
import sweep_on_a_cluster as example
from dask.distributed import Client
from nets import assert_same_net, ignored
from searches import assert_same_search, chosen
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import LockstepGridSearchCV, ShallowNetClassifier

# Nets of a few iterations may predict one class only.
pytestmark = ignored("ConstantPredictions")
BACKENDS = ["threading", "loky", "dask"]

# Lanes of several widths and seeds, that stop at different times, and fits alone.
GRID = [
    {
        "shallownetclassifier__n_hidden": [3, 8],
        "shallownetclassifier__init_scale": [0.01, 1],
        "shallownetclassifier__random_state": [0, 1],
        "shallownetclassifier__early_stopping": [True],
        "shallownetclassifier__n_iter_no_change": [2, 5],
    },
    {
        "shallownetclassifier__solver": ["gd", "lbfgs"],
        "shallownetclassifier__n_init": [1, 3],
        "shallownetclassifier__max_iter": [10],
        "shallownetclassifier__tol": [None],
    },
]


@pytest.fixture(scope="module")
def cluster():
    """The example's two worker processes, and a client of theirs."""
    with example.local_cluster() as workers, Client(workers) as client:
        yield client


@pytest.fixture(params=BACKENDS)
def elsewhere(request):
    """Run what joblib runs on two workers that are not this thread."""
    if request.param == "dask":
        request.getfixturevalue("cluster")
        config = {"backend": "dask"}
    else:
        config = {"backend": request.param, "n_jobs": 2}
    with joblib.parallel_config(**config):
        yield request.param


@pytest.fixture(scope="module")
def task():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((120, 4))
    return X, X[:, 0] + X[:, 1] > rng.standard_normal(120) / 2


def make_search(grid=GRID, **settings):
    net = ShallowNetClassifier(alpha=0.01, batch_size=16, random_state=0)
    settings = {"cv": 3, "return_train_score": True, **settings}
    return LockstepGridSearchCV(make_pipeline(StandardScaler(), net), grid, **settings)


@pytest.fixture(scope="module")
def serial(task):
    search = make_search().fit(*task)
    assert len(np.unique(search.cv_results_["mean_test_score"])) > 5
    return search


def test_a_search_elsewhere_equals_the_one_here(serial, task, elsewhere):
    search = make_search().fit(*task)
    assert_same_search(serial, search, task[0])


def test_folds_elsewhere_equal_folds_here(task, elsewhere):
    X, y = task
    model = chosen(random_state=0, early_stopping=True).fit(X, y)
    with joblib.parallel_config("sequential"):
        assert_same_net(model, chosen(random_state=0, early_stopping=True).fit(X, y))


def test_fits_elsewhere_equal_fits_here(task, elsewhere):
    """Nets of every solver come back whole, not only their scores."""
    X, y = task
    nets = [
        ShallowNetClassifier(
            solver=solver, n_init=2, max_iter=10, tol=None, random_state=seed
        )
        for solver in ("gd", "sgd", "adam", "lbfgs")
        for seed in (0, 1)
    ]
    found = joblib.Parallel()(joblib.delayed(net.fit)(X, y) for net in nets)
    for net, expected in zip(found, nets, strict=True):
        assert_same_net(net, expected.fit(X, y))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rows_too_many_for_a_message_arrive_read_only_and_count_alike(dtype, elsewhere):
    """Above a megabyte loky hands over a memory map, and dask parts of a message."""
    rng = np.random.RandomState(0)
    n_rows = 1_200_000 // (40 * np.dtype(dtype).itemsize)
    X = rng.standard_normal((n_rows, 40)).astype(dtype)
    y = X[:, 0] + X[:, 1] ** 2 > rng.standard_normal(n_rows)
    few = {"max_iter": [4], "tol": [None], "batch_size": [300]}
    candidates = {"init_scale": [0.01, 1], "solver": ["gd", "adam"], **few}
    grid = {f"shallownetclassifier__{k}": v for k, v in candidates.items()}
    found, expected = (make_search(grid, n_jobs=n_jobs) for n_jobs in (None, 1))
    found.fit(X, y)
    with joblib.parallel_config(backend="sequential"):
        expected.fit(X, y)
    assert_same_search(expected, found, X)


def draw_and_sign(folder, rng, shape):
    """An init that draws normals and leaves a file named by process and thread."""
    (folder / f"{os.getpid()}-{threading.get_ident()}").touch()
    return rng.standard_normal(shape)


def test_fits_do_run_elsewhere(task, elsewhere, request, tmp_path):
    net = ShallowNetClassifier(
        init=partial(draw_and_sign, tmp_path), max_iter=3, tol=None, random_state=0
    )
    LockstepGridSearchCV(
        net, {"n_hidden": [2, 3], "init_scale": [0.1, 1]}, cv=3, refit=False
    ).fit(*task)
    signatures = [map(int, path.name.split("-")) for path in tmp_path.iterdir()]
    processes, threads = map(set, zip(*signatures, strict=True))
    if elsewhere == "threading":
        assert processes == {os.getpid()}
        assert threading.get_ident() not in threads
    elif elsewhere == "loky":
        assert os.getpid() not in processes
    else:
        workers = request.getfixturevalue("cluster").run(os.getpid).values()
        assert processes <= set(workers)


def test_an_error_in_a_worker_is_the_error_here(task, elsewhere):
    X, y = task
    grid = {"shallownetclassifier__n_hidden": [0, 4]}
    search = make_search(grid, error_score="raise")
    with pytest.raises(ValueError, match="'n_hidden' parameter"):
        search.fit(X, y)


def test_the_cluster_is_reached_through_this_machine_alone(cluster):
    workers = list(cluster.run(os.getpid).values())
    for process in map(psutil.Process, [os.getpid(), *workers]):
        listening = [
            connection.laddr.ip
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening
        assert set(listening) == {"127.0.0.1"}


# The example


def test_the_example_finds_no_difference(cluster, monkeypatch, capsys):
    """The example runs on workers that run already."""
    workers = nullcontext(cluster.cluster)
    monkeypatch.setattr(example, "local_cluster", lambda: workers)
    example.main()
    assert "are equal to the last bit" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.long
def test_the_example_closes_down():
    # Run returns when the last process that could write has ended, workers included.
    command = [sys.executable, example.__file__]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "are equal to the last bit" in result.stdout.splitlines()[-1]
    assert "Traceback" not in result.stderr
