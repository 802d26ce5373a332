"""The fits, sequences of calls and searches that ``recording.py`` records.

Parameters are those of a net and of `data`; other names are explained in their tables.
"""

import inspect

import numpy as np
from scipy import sparse
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from watching import HAS_CALLBACKS, Diary

from skshallow import (
    LockstepHalvingGridSearchCV,
    LockstepHalvingRandomSearchCV,
    LockstepRandomizedSearchCV,
    ShallowNetClassifier,
    ShallowNetClassifierCV,
)

if HAS_CALLBACKS:
    from sklearn.callback import ProgressBar

SOLVERS = "adam", "sgd", "gd", "lbfgs"

# Inits and random streams


def uniform(rng, shape):
    return rng.uniform(-1, 1, shape)


def paired(rng, shape):
    """An init that gives every hidden unit a copy."""
    half = rng.standard_normal((3, 5) if shape[0] == 6 else (shape[0], 3))
    return np.concatenate([half, half], axis=int(shape[0] != 6))


def one_too_large(rng, shape):
    """An init of which some starts overflow."""
    scale = 1e200 if rng.random_sample() > 0.5 else 1.0
    return scale * rng.standard_normal(shape)


def failing(rng, shape):
    raise ZeroDivisionError("no start today")


def explicit(d, h, c, seed=0):
    """Arrays in the layout of ``coefs_`` and ``intercepts_``."""
    rng = np.random.RandomState(seed)
    sizes = (d, h), (h, c), (h,), (c,)
    W1, W2, b1, b2 = (rng.standard_normal(size) for size in sizes)
    return [W1, W2], [b1, b2]


def twister():
    return np.random.RandomState(0)


def permuted():
    return np.random.RandomState(np.random.PCG64(0))


# Data


def table(n, d, n_classes, slope, seed):
    """Rows (n, d), and labels that depend more on a line the larger ``slope`` is."""
    X = np.random.RandomState(seed).standard_normal((n, d))
    return X, np.digitize(X[:, 0] * (X[:, 1] + slope), [0.0, 0.4, 0.8][: n_classes - 1])


def data(
    n=60,
    d=5,
    n_classes=2,
    dtype="float64",
    storage="dense",
    weights=None,
    val=(),
    n_val=25,
    size=1.0,
    slope=0.0,
    rare=None,
):
    """``X``, ``y`` and the other arguments of ``fit``.

    ``weights`` is a factor of the sample weights, ``val`` names the validation
    arguments that are wanted, of ``n_val`` rows, ``size`` is the scale of the features,
    ``slope`` is how much the labels depend on a line, and ``rare`` is the number of
    rows of class 1.
    """

    def stored(X):
        X = np.asarray(X * size, dtype)
        return sparse.csr_matrix(X * (X > 0)) if storage == "CSR" else X

    X, y = table(n, d, n_classes, slope, 0)
    if rare is not None:
        y = (np.arange(n) < rare).astype(int)
    X_val, y_val = table(n_val, d, n_classes, slope, 1)
    rng, options = np.random.RandomState(2), {}
    if weights is not None:
        weight = rng.exponential(size=n) * (rng.uniform(size=n) > 0.1)
        options["sample_weight"] = weights * weight
    if "rows" in val:
        options |= {"X_val": stored(X_val), "y_val": y_val}
    if "weights" in val:
        options["sample_weight_val"] = rng.uniform(size=n_val)
    return stored(X), y, options


DATA = inspect.signature(data).parameters


def problem(params):
    """A net and the arguments of its ``fit``, from parameters of `data` and of nets."""
    X, y, options = data(**{k: v for k, v in params.items() if k in DATA})
    own = {"n_hidden": 7, "max_iter": 4, "random_state": 0}
    own |= {k: v for k, v in params.items() if k not in DATA}
    if callable(own["random_state"]):  # each fit has its own
        own["random_state"] = own["random_state"]()
    if own.get("init") == "explicit":
        c = len(np.unique(y))
        own["init"] = explicit(X.shape[1], own["n_hidden"], c if c > 2 else 1)
    Net = ShallowNetClassifierCV if "cv" in own else ShallowNetClassifier
    callback = own.pop("callback", None)
    net = Net(**own)
    return net.set_callbacks(callback()) if callback else net, X, y, options


# Values of parameters, one of each drawn for a fit, so that any two occur together

VALUES = {
    "solver": SOLVERS,
    "activation": ["relu", "tanh", "logistic", "identity"],
    "dtype": ["float64", "float32"],
    "storage": ["dense", "CSR"],
    "n_classes": [2, 3],
    "init": [
        "randn",
        "zeros",
        "glorot",
        "he",
        "lecun",
        "orthogonal",
        uniform,
        "explicit",
    ],
    "init_scale": ["auto", 0.01, 0.3, (0.5, 2.0)],
    "weights": [None, 1.0, 0.01],
    "class_weight": [None, "balanced", {0: 2.5, 7: 3.0}],
    "early_stopping": [False, True],
    "val": [[], ["rows"], ["rows", "weights"]],
    "tol": [None, "auto", 0.01],
    "n_iter_no_change": [1, 2],
    "max_iter": [4, 12],
    "learning_rate": ["cosine", "constant"],
    "learning_rate_init": ["auto", 0.05],
    "alpha": ["auto", 0, 0.3],
    "batch_size": ["auto", 16],
    "n_init": [1, 3],
    "combine": ["best", "average"],
    "shuffle": [True, False],
    "momentum": [0.9, 0],
    "nesterovs_momentum": [True, False],
    "n": [60, 433],
    "d": [5, 301],
    "n_hidden": [7, 16],
}
N_FITS = 240


def fits():
    """Names and parameters of the fits, which are drawn at random."""
    rng = np.random.RandomState(0)
    for i in range(N_FITS):
        params = {name: of[rng.randint(len(of))] for name, of in VALUES.items()}
        yield f"{i}, {params['solver']}, {params['activation']}", params


# Fits of cases that those values do not reach, each by every solver

LINE = {"init_scale": 0.01, "n": 150, "d": 2, "activation": "logistic", "slope": 1.0}
SPECIAL = {
    "as it comes": {"max_iter": "auto"},
    "saturated": {"activation": "tanh", "init_scale": 100, "max_iter": 20, "d": 20},
    "saturated relu": {"init_scale": 100, "tol": "auto", "max_iter": 60},
    "twins": {"init": paired, "n_hidden": 6, "max_iter": 20},
    "twins among starts": {"init": paired, "n_hidden": 6, "n_init": 3, "tol": 0.05}
    | {"n_iter_no_change": 2, "max_iter": 60, "batch_size": 20},
    "twins with outputs of their own": {"n_hidden": 2}
    | {"init": ([np.ones((5, 2)), [[1.0], [-0.5]]], [[0, 0], [0]])},
    "one unit": {"n_hidden": 1, "activation": "tanh"},
    "odd width": {"n_hidden": 33, "n": 211, "d": 17, "n_classes": 4},
    "blocks": {"n": 5000, "d": 20, "n_hidden": 48, "batch_size": 2300, "max_iter": 2},
    "blocks of 3 starts": {"n": 2500, "n_hidden": 64, "n_init": 3, "max_iter": 2},
    "weighed blocks": {"n": 4500, "d": 30, "n_hidden": 64, "weights": 1, "max_iter": 2}
    | {"batch_size": 4000, "n_classes": 3, "val": ["rows"]},
    "streamed": {"n": 5700, "d": 99, "n_hidden": 32, "max_iter": 2, "tol": None},
    "sparse blocks": {"n": 3000, "d": 40, "storage": "CSR", "max_iter": 2},
    "many short": {"max_iter": 80, "learning_rate": "constant", "n_init": 2}
    | {"tol": 0.02, "n_iter_no_change": 3, "batch_size": 20},
    "single rows": {"batch_size": 1, "weights": 1.0, "max_iter": 2, "shuffle": False},
    "to the end": {"tol": 0, "max_iter": 600, "alpha": 0.1, "dtype": "float32"},
    "diverges": {"learning_rate_init": 1e200, "init_scale": 1e150, "size": 1e30},
    "a start diverges": {"init": one_too_large, "n_init": 4, "random_state": 3},
    "penalty": {"alpha": 1e4, "max_iter": 60, "tol": "auto"},
    "huge penalty": {"alpha": 1e308, "dtype": "float32"},
    "tiny penalty": {"alpha": 1e-320, "dtype": "float32"},
    "unscaled": {"size": 1000.0, "max_iter": 60, "tol": "auto", "activation": "tanh"},
    "unscaled, small": {"size": 0.001, "max_iter": 60, "tol": "auto", "alpha": 0},
    "shrinks": {"size": 0.0, "alpha": 15.0, "max_iter": 260, "dtype": "float32"},
    "plateau": {"init_scale": 1e-4, "activation": "tanh", "learning_rate_init": 1e-6}
    | {"tol": 1e-3, "max_iter": 60},
    "vanishes": {"init_scale": 1e-60, "dtype": "float32"},
    "linear": LINE | {"learning_rate": "constant", "max_iter": 100},
    "linear cosine": LINE | {"max_iter": 60, "n_classes": 3, "n_init": 2},
    "short steps": {"learning_rate_init": 1e-4, "max_iter": 60, "tol": 1e-8},
    "long steps": {"learning_rate_init": 30.0, "max_iter": 60, "tol": 1e-8},
    "rare class": {"n": 100, "rare": 4, "max_iter": 60, "tol": "auto"},
    "dead": {"max_iter": 60, "n_hidden": 2, "tol": 1e-3}
    | {"init": ([[[0.1, 0.2]] * 5, [[1.0], [2.0]]], [[-9.0, -9.0], [0.0]])},
    "validation in blocks": {"val": ["rows"], "n_val": 2500, "n_hidden": 48},
    "choice": {"alphas": [0.1, 1.0], "cv": 3, "weights": 1.0, "n_classes": 3},
    "choice of starts": {"init_scales": [0.5, (1.0, 0.5)], "cv": 2, "storage": "CSR"},
    "stream": {"random_state": twister, "n_init": 2},
    "other stream": {"random_state": permuted, "warm_start": True},
}
if HAS_CALLBACKS:
    SPECIAL["callback"] = {"callback": Diary, "n_init": 2, "val": ["rows"]}
    SPECIAL["callback of a choice"] = {"callback": Diary, "cv": 2}
    SPECIAL["progress bar"] = {"callback": ProgressBar}

# Several calls: parameters, and the calls as (method, rows, what changes before); the
# type of the rows may change, too

ALL, FIRST, SECOND = slice(None), slice(20), slice(20, 60)
SEQUENCES = {
    "warm, changed": (
        {"warm_start": True, "weights": 1.0, "dtype": "float32", "n_init": 3},
        [("fit", ALL, {}), ("fit", FIRST, {"alpha": 0.5}), ("fit", SECOND, {"tol": 1})],
    ),
    "warm, other type": (
        {"warm_start": True, "batch_size": 9},
        [("fit", ALL, {"dtype": "float32"}), ("fit", ALL, {})],
    ),
    "warm, early": (
        {"warm_start": True, "early_stopping": True, "random_state": twister},
        [("fit", ALL, {})] * 2,
    ),
    "warm, unlike": (
        {"warm_start": True, "n_classes": 3},
        [
            ("fit", ALL, {}),
            ("fit", ALL, {"n_hidden": 9}),
            ("fit", slice(2), {"n_hidden": 7}),
        ],
    ),
    "warm, other solver": (
        {"warm_start": True},
        [("fit", ALL, {}), ("fit", ALL, {"solver": "adam", "activation": "tanh"})],
    ),
    "stream": (
        {"n_classes": 3},
        [("partial_fit", r, {}) for r in (FIRST, SECOND, ALL)],
    ),
    "rows": (
        {"weights": 1.0},
        [("partial_fit", slice(k, k + 1), {}) for k in range(25)],
    ),
    "sparse stream": (
        {"storage": "CSR", "dtype": "float32", "class_weight": {0: 2.0}},
        [("partial_fit", FIRST, {}), ("partial_fit", SECOND, {"batch_size": 8})],
    ),
}

# Searches: parameters of the net and its data, candidates, and options. Tests say that
# a search in lock-step equals scikit-learn's, whatever its candidates.

GRID = {"init_scale": [0.01, 1.0, 2.0], "random_state": [0, 1, 2]}
SEARCHES = {
    "seeds, batches": ({"batch_size": 16}, GRID, {"return_train_score": True}),
    "some leave": (
        {"batch_size": 16, "learning_rate": "constant"},
        [{"max_iter": [2], "random_state": [0, 1]}]
        + [{"max_iter": [5], "random_state": [2, 3]}],
        {},
    ),
    "many of a seed": ({"batch_size": 8}, {"alpha": [*np.logspace(-3, 1, 20)]}, {}),
    "cohorts": (
        {},
        {"activation": ["tanh", "relu"], "solver": SOLVERS, "n_hidden": [3, 5]},
        {"scoring": "neg_log_loss"},
    ),
    "all own settings": (
        {"solver": "sgd", "max_iter": 20, "tol": 0.01, "n_iter_no_change": 2},
        {"momentum": [0.5, 0.9], "learning_rate": ["cosine", "constant"]}
        | {"n_init": [1, 2], "max_iter": [3, 20], "init": ["he", uniform]},
        {"scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"},
    ),
    "unfit pipeline": (
        {"storage": "CSR"},
        {"scale__with_mean": [True, False], "net__init_scale": [0.1, 1.0]},
        {"error_score": 0.25},
    ),
    "early stopping": ({"early_stopping": True, "n": 150}, GRID, {}),
    "weights": (
        {"weights": 1.0, "batch_size": 9, "class_weight": "balanced"},
        GRID,
        {},
    ),
    "sparse": ({"storage": "CSR", "batch_size": 9, "dtype": "float32"}, GRID, {}),
    "parts": (
        {"n_hidden": 256, "n": 1500, "max_iter": 1},
        {"alpha": [*np.arange(35.0)]},
        {"cv": 2},
    ),
    "failures in lock-step": (
        {"activation": "tanh"},
        [{"n_hidden": [4, -1]}, {"init": ["he", failing]}]
        + [{"learning_rate_init": [1e300], "init_scale": [1e150]}],
        {"error_score": 0.25},
    ),
    "halving in lock-step": (
        {"n": 200},
        GRID,
        {"search": LockstepHalvingGridSearchCV, "random_state": 0},
    ),
    "halving by iterations": (
        {"n": 150},
        {"init_scale": loguniform(1e-3, 1), "alpha": [0.1, 1.0]},
        {"search": LockstepHalvingRandomSearchCV, "random_state": 0}
        | {"resource": "max_iter", "min_resources": 3, "max_resources": 12},
    ),
    "at random, curves": (
        {"early_stopping": True, "n": 150},
        {"init_scale": loguniform(1e-3, 1), "solver": SOLVERS},
        {"search": LockstepRandomizedSearchCV, "n_iter": 6, "random_state": 0}
        | {"return_curves": True},
    ),
    "pipeline, two workers": (
        {"batch_size": 16},
        {"scale__with_std": [True, False], "net__init_scale": [0.1, 1.0]},
        {"n_jobs": 2},
    ),
    "of choices": ({"alphas": [0.1, 1.0], "cv": 2}, {"init": ["randn", "he"]}, {}),
}
if HAS_CALLBACKS:
    SEARCHES["callback"] = {}, GRID, {"callback": Diary}
    SEARCHES["progress bar"] = {"batch_size": 16}, GRID, {"callback": ProgressBar}
