"""Searches in lock-step give what plain ones give, to the last bit: nets and data.

The score is a fingerprint of the whole fitted candidate, so that ``cv_results_`` tells
of every lane and not of the best one alone.
"""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from nets import SOLVERS, every_solver
from scipy import sparse, stats
from searches import (
    KINDS_OF_LABELS,
    NAMES,
    SCALES,
    THREE,
    WEIGHT,
    D,
    N,
    X,
    compare,
    net,
)
from sklearn.model_selection import ParameterGrid, RandomizedSearchCV

ONE_START = [[np.full((D, 3), 0.1), np.ones((3, 1))], [np.zeros(3), np.zeros(1)]]
RANDOM_START = (
    [np.random.RandomState(5).standard_normal(shape) for shape in ((D, 3), (3, 1))],
    [np.array([0.5, 0.0, -0.5]), np.array([0.25])],
)


def uniform(rng, shape):
    return rng.uniform(-1, 1, size=shape)


def ramp(rng, shape):
    """An init that draws nothing."""
    return np.linspace(-1, 1, shape[0] * shape[1]).reshape(shape)


@every_solver
@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "identity"])
def test_nets(solver, activation):
    search, _ = compare(net(solver=solver, activation=activation), SCALES)
    assert len(set(search.cv_results_["mean_test_loss"])) == 3


SEEDS = {"random_state": [0, 1], "init_scale": [0.5, 1.0]}
GRIDS = {
    "one candidate": {"alpha": [0.1]},
    "no parameters": {},
    "one twice": {"alpha": [0.1, 0.1]},
    "seeds": SEEDS,
    "seeds of other kinds": {"random_state": [0, np.int64(1), np.uint8(7)]},
    "generators": {"random_state": [np.random.RandomState(3), 3]},
    "scales": {
        "init_scale": [0, 0.5, (0.1, 2.0), [1.0, 0.1], np.array([1, 2]), "auto"]
    },
    "schemes": {"init": ["zeros", "randn", "glorot", "he", "lecun", "orthogonal"]},
    "callables": {"init": [uniform, ramp, "randn"], "random_state": [0, 1]},
    "arrays": {"init": [ONE_START, RANDOM_START, "randn"], "init_scale": [0.5, 1.0]},
    "penalties": {"alpha": [0, 1, 1e-3, 10.0, "auto"]},
    "rates": {"learning_rate_init": ["auto", 0.01, np.float32(0.2)]},
    "schedules": {"learning_rate": ["cosine", "constant"], "max_iter": [1, 7, 300]},
    "waves": {"learning_rate": ["cosine"], "learning_rate_init": ["auto", 0.1]},
    "rules": {"learning_rate": ["cosine", "constant"], "tol": ["auto", None, 0.1]},
    "budgets": {"max_iter": [3, "auto"], "learning_rate": ["cosine", "constant"]},
    "all defaults": [
        {"alpha": ["auto", 0.1], "learning_rate_init": ["auto"], "tol": ["auto"]}
        | {"learning_rate": ["cosine"], "max_iter": ["auto"], "batch_size": ["auto"]}
    ],
    "widths": {"n_hidden": [1, 2, 5], "init_scale": [0.5, 1.0]},
    "batch sizes": {"batch_size": [5, 16, "auto", 100], "alpha": [0.1, 1.0]},
    "activations": {"activation": ["relu", "tanh"], "alpha": [0.1, 1.0]},
    "solvers": {"solver": SOLVERS, "alpha": [0.1, 1.0]},
    "momenta": {"solver": ["sgd"], "momentum": [0, 0.5, 1.0]},
    "look-ahead": {"solver": ["sgd"], "nesterovs_momentum": [True, False]},
    "row order": {"shuffle": [True, False], "random_state": [0, 1]},
    "starts": {"n_init": [1, 3, 2], "random_state": [0, 1]},
    "starts that are one": {"n_init": [1, 3], "init": ["zeros", "randn"]},
    "classes' weights": {
        "class_weight": [None, "balanced", {0: 1.0, 1: 3.0}, {0: 0.0, 1: 1.0}]
    },
    "continuing": {"warm_start": [False, True], "alpha": [0.1, 1.0]},
    "a list": [{"alpha": [0.1, 1.0]}, {"init": ["he"], "alpha": [0.2]}, {"tol": [0.1]}],
    "a list of cohorts": [
        {"n_hidden": [2], "solver": ["adam", "gd"]},
        {"early_stopping": [True], "alpha": [0.5]},
    ],
}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_grids(grid):
    compare(net(), grid)


@pytest.mark.parametrize("weighs", [False, True])
@every_solver
def test_measured_rates_beside_others(solver, weighs):
    """The rates are lower in one layer for long rows, in both for light batches."""
    grid = {"learning_rate_init": ["auto", 0.01], "learning_rate": ["cosine"]}
    grid |= {"alpha": ["auto", 0.1], "init_scale": ["auto", 0.5]}
    weights = {"sample_weight": WEIGHT**3} if weighs else None
    search, _ = compare(net(solver=solver), grid, 30 * X, fit_params=weights)
    n_different = len(set(search.cv_results_["mean_test_loss"]))
    assert n_different == (4 if solver == "lbfgs" else 8)


# Lanes that stop at different times


PATIENCE = [
    {"tol": [1e-4, 0.02], "n_iter_no_change": [1, 3, np.inf], "random_state": [0, 1]},
    {"tol": [None, 0.1], "max_iter": [3, 12]},
]


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_lanes_stop_at_different_times(solver):
    estimator = net(solver=solver, learning_rate_init=0.2, max_iter=12)
    search, _ = compare(estimator, PATIENCE)
    n_iter = search.cv_results_["mean_test_n_iter"]
    assert n_iter.min() == 3
    assert n_iter.max() == 12
    assert len(set(n_iter)) > 3


def test_lanes_on_the_plateau():
    grid = {"init_scale": [0, 1e-3, 1.0], "solver": ["gd", "adam"]}
    search, _ = compare(net(tol=0.1, n_iter_no_change=2, max_iter=9), grid)
    n_iter = search.cv_results_["mean_test_n_iter"]
    assert n_iter.min() < n_iter.max() == 9


EARLY = {"early_stopping": True, "validation_fraction": 0.25, "max_iter": 12}
EARLY_GRIDS = {
    "scales": {"init_scale": [0.1, 1.0, 3.0]},
    "seeds": {"random_state": [0, 1, 2]},
    "fractions": {"validation_fraction": [0.2, 0.4], "alpha": [0.1, 1.0]},
    "patience": {"n_iter_no_change": [1, 4], "tol": [0, 1e-3, 0.5]},
    "with and without": {"early_stopping": [True, False], "random_state": [0, 1]},
    "starts": {"n_init": [1, 3], "random_state": [0, 1]},
    "classes' weights": {"class_weight": [None, "balanced"], "alpha": [0.1, 1.0]},
}


@pytest.mark.parametrize("grid", EARLY_GRIDS.values(), ids=EARLY_GRIDS)
@pytest.mark.parametrize("solver", ["adam", "gd"])
def test_early_stopping(solver, grid):
    estimator = net(solver=solver, tol=1e-3, n_iter_no_change=2, **EARLY)
    compare(estimator, grid)


def test_a_generator_as_the_estimators_seed():
    """Each candidate starts from a copy of the generator, as each clone does."""
    estimator = net(random_state=np.random.RandomState(3))
    search, _ = compare(estimator, {"init_scale": [1.0, 1.0, 0.5]})
    losses = search.cv_results_["mean_test_loss"]
    assert losses[0] == losses[1] != losses[2]


# Classes and rows


@every_solver
def test_several_classes(solver):
    grid = {"random_state": [0, 1], "alpha": [0.1, 1.0]}
    compare(net(solver=solver), grid, X, THREE)


LABELS = {**KINDS_OF_LABELS, "three": np.array(["red", "green", "blue"])[THREE]}


@pytest.mark.parametrize("y", LABELS.values(), ids=LABELS)
def test_labels(y):
    compare(net(), SCALES, X, y)


SPARSE = X * (np.abs(X) > 0.7)
ROWS = {
    "float32": X.astype(np.float32),
    "F-ordered": np.asfortranarray(X),
    "every second column": np.repeat(X, 2, axis=1)[:, ::2],
    "integers": np.rint(3 * X).astype(int),
    "read-only": np.frombuffer(X.tobytes()).reshape(X.shape),
    "a list": X.tolist(),
    "a list of arrays": list(X),
    "pandas": pd.DataFrame(X, columns=NAMES, index=range(100, 100 + N)),
    "pandas float32": pd.DataFrame(X.astype(np.float32), columns=NAMES),
    "pandas, mixed": pd.DataFrame(X, columns=NAMES).astype({NAMES[0]: np.float32}),
    "polars": pl.DataFrame(X, schema=NAMES),
    **{
        f"{kind.__name__} {dtype.__name__}": kind(SPARSE.astype(dtype))
        for kind in (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array)
        for dtype in (np.float64, np.float32)
    },
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows(rows):
    compare(net(), SEEDS, rows)


@every_solver
def test_sparse_rows_for_every_solver(solver):
    compare(net(solver=solver), SEEDS, sparse.csr_matrix(SPARSE))


# Randomised searches


@pytest.mark.parametrize("seed", [0, lambda: np.random.RandomState(0)])
def test_randomised_search(seed):
    distributions = {
        "init_scale": stats.loguniform(1e-2, 1e1),
        "random_state": stats.randint(0, 3),
        "solver": ["gd", "adam"],
        "n_hidden": [2, 3],
    }
    options = {"plain": RandomizedSearchCV, "n_iter": 8, "random_state": seed}
    search, _ = compare(net(), distributions, **options)
    assert len(search.cv_results_["params"]) == 8


def test_the_users_own_values_are_reported():
    """``cv_results_`` has the very objects, not copies, as in scikit-learn."""
    grid = {"init": [RANDOM_START, uniform], "init_scale": [np.array([1.0, 0.5])]}
    search, _ = compare(net(), grid)
    for params, given in zip(
        search.cv_results_["params"], ParameterGrid(grid), strict=True
    ):
        assert all(params[name] is value for name, value in given.items())
