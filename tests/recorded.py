"""What ``recording.py`` records: tables of fits, sequences of calls, and searches.

Parameters are those of the net, those of `data`, or, where it is said, others.
"""

import inspect
from collections import Counter
from itertools import combinations, product

import numpy as np
from scipy import sparse
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, KFold
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skshallow import (
    LockstepGridSearchCV,
    LockstepRandomizedSearchCV,
    ShallowNetClassifier,
)

SOLVERS = "adam", "sgd", "gd", "lbfgs"

# Starts and streams of one's own


def uniform(rng, shape):
    return rng.uniform(-1, 1, shape)


def paired(rng, shape):
    """Every unit of six has a twin."""
    half = rng.standard_normal((3, 5) if shape[0] == 6 else (shape[0], 3))
    return np.concatenate([half, half], axis=int(shape[0] != 6))


def one_too_large(rng, shape):
    """Some of the starts overflow."""
    scale = 1e200 if rng.random_sample() > 0.5 else 1.0
    return scale * rng.standard_normal(shape)


def of_wrong_shape(rng, shape):
    return np.ones(3)


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
    """Rows (n, d), and labels that a line tells apart the better the steeper it is."""
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
    names=None,
    rare=None,
):
    """``X``, ``y`` and the other arguments of ``fit``.

    ``weights`` is a factor on those of the samples, ``val`` says which validation
    arguments are wanted, of ``n_val`` rows, ``size`` is the scale of the features,
    ``slope`` how much of a line is in the labels, ``names`` are those of the classes,
    and ``rare`` is how many rows the last class has.
    """

    def stored(X):
        X = np.asarray(X * size, dtype, order="F" if storage == "Fortran" else "C")
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
    if "some known" in val:
        options["y_val"] = y_val + 1
    if "none known" in val:
        options["y_val"] = y_val + n_classes
    if "weights" in val:
        options["sample_weight_val"] = rng.uniform(size=n_val)
    if names is not None:
        y = np.array(names)[y]
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
    return ShallowNetClassifier(**own), X, y, options


# The table of fits: all combinations of the first five axes; the others are spread
# over these so that any two values meet. A value is named by what it changes.

AXES = {
    "solver": {solver: {"solver": solver} for solver in SOLVERS},
    "activation": {
        name: {"activation": name} for name in ("relu", "tanh", "logistic", "identity")
    },
    "dtype": {"float64": {}, "float32": {"dtype": "float32"}},
    "storage": {"dense": {}, "CSR": {"storage": "CSR"}},
    "classes": {"2 classes": {}, "3 classes": {"n_classes": 3}},
    "start": {
        "": {},
        "zeros": {"init": "zeros"},
        "randn .01": {"init_scale": 0.01},
        "randn pair": {"init_scale": (0.5, 2.0)},
        "glorot": {"init": "glorot"},
        "he": {"init": "he", "init_scale": 0.3},
        "lecun": {"init": "lecun"},
        "orthogonal": {"init": "orthogonal"},
        "callable": {"init": uniform},
        "explicit": {"init": "explicit"},
    },
    "weights": {
        "": {},
        "weights": {"weights": 1.0},
        "balanced": {"class_weight": "balanced"},
        "dict": {"class_weight": {0: 2.5, 7: 3.0}, "weights": 0.01},
    },
    "validation": {
        "": {},
        "split": {"early_stopping": True},
        "X_val": {"val": ["rows"]},
        "X_val decides": {"early_stopping": True, "val": ["rows", "weights"]},
    },
    "tol": {
        "": {"tol": None},
        "tol": {"tol": 0.01, "n_iter_no_change": 1, "max_iter": 12},
        "auto tol": {"n_iter_no_change": 2},
    },
    "rate": {
        "": {},
        "rate": {"learning_rate_init": 0.05},
        "constant": {"learning_rate": "constant"},
        "constant rate": {"learning_rate": "constant", "learning_rate_init": 0.01},
    },
    "alpha": {"": {}, "alpha 0": {"alpha": 0}, "alpha": {"alpha": 0.3}},
    "batch": {"": {}, "batches": {"batch_size": 16}},
    "n_init": {"": {}, "3 starts": {"n_init": 3}},
    "shuffle": {"": {}, "in order": {"shuffle": False}},
    "momentum": {
        "": {},
        "plain momentum": {"nesterovs_momentum": False},
        "no momentum": {"momentum": 0},
    },
    "size": {
        "": {},
        "more": {"n": 433, "d": 3, "n_hidden": 16},
        "wide": {"n": 40, "d": 301, "n_hidden": 5},
    },
}
N_CROSSED = 5


def thinned(axes):
    """Lists of (axis, label): every two labels meet, and all equally often or so."""
    met, names = Counter(), list(axes)
    for crossed in product(*list(axes.values())[:N_CROSSED]):
        row = list(zip(names, crossed, strict=False))
        for axis in names[N_CROSSED:]:

            def meetings(label, axis=axis, row=row):
                counts = [met[other, (axis, label)] for other in row]
                return sum(count > 0 for count in counts), sum(counts)

            row.append((axis, min(axes[axis], key=meetings)))
        met.update(combinations(row, 2))
        yield row


def fits():
    """Names and parameters of the fits in `AXES`."""
    for row in thinned(AXES):
        params = {}
        for axis, label in row:
            params |= AXES[axis][label]
        yield ", ".join(label for _, label in row if label), params


# Fits that show what the axes do not, each by every solver

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
    "streamed float32": {"n": 11000, "d": 99, "max_iter": 1, "dtype": "float32"},
    "sparse blocks": {"n": 3000, "d": 40, "storage": "CSR", "max_iter": 2},
    "many short": {"max_iter": 80, "learning_rate": "constant", "n_init": 2}
    | {"tol": 0.02, "n_iter_no_change": 3, "batch_size": 20},
    "single rows": {"batch_size": 1, "weights": 1.0, "max_iter": 2, "shuffle": False},
    "weighed starts": {"batch_size": 9, "weights": 1.0, "n_init": 2, "n_classes": 3},
    "Fortran": {
        "n": 11000,
        "d": 99,
        "max_iter": 1,
        "storage": "Fortran",
        "n_hidden": 8,
    },
    "to the end": {"tol": 0, "max_iter": 600, "alpha": 0.1, "dtype": "float32"},
    "endless patience": {"n_iter_no_change": np.inf, "tol": 0.1, "max_iter": 20},
    "stops by score": {"early_stopping": True, "n_iter_no_change": 2, "tol": 0.01}
    | {"max_iter": 60, "n": 200},
    "diverges": {"learning_rate_init": 1e200, "init_scale": 1e150, "size": 1e30},
    "diverges later": {"learning_rate_init": 1e3, "max_iter": 500, "alpha": 1.0},
    "large start": {"init_scale": (1e152, 1e154), "alpha": 0, "tol": None},
    "a start diverges": {"init": one_too_large, "n_init": 4, "random_state": 3},
    "penalty": {"alpha": 1e4, "max_iter": 60, "tol": "auto"},
    "some penalty": {"alpha": 300.0, "max_iter": 60, "weights": 1.0},
    "huge penalty": {"alpha": 1e308, "dtype": "float32"},
    "infinite penalty": {"alpha": 1e300, "dtype": "float32", "init": "zeros"},
    "tiny penalty": {"alpha": 1e-320, "dtype": "float32"},
    "tiny weights": {"weights": 1e-300, "class_weight": {0: 1e-20}, "batch_size": 7},
    "large weights": {"weights": 1e300, "batch_size": 7},
    "unscaled": {"size": 1000.0, "max_iter": 60, "tol": "auto", "activation": "tanh"},
    "unscaled, small": {"size": 0.001, "max_iter": 60, "tol": "auto", "alpha": 0},
    "unscaled, sparse": {"size": 300.0, "max_iter": 60, "tol": 1e-3, "storage": "CSR"}
    | {"init_scale": 1.0},
    "shrinks": {"size": 0.0, "alpha": 15.0, "max_iter": 260, "dtype": "float32"},
    "no scale": {"size": 0.0, "max_iter": 5},
    "plateau": {"init_scale": 1e-4, "activation": "tanh", "learning_rate_init": 1e-6}
    | {"tol": 1e-3, "max_iter": 60},
    "vanishes": {"init_scale": 1e-60, "dtype": "float32"},
    "linear": LINE | {"learning_rate": "constant", "max_iter": 100},
    "linear cosine": LINE | {"max_iter": 60, "n_classes": 3, "n_init": 2},
    "linear sparse": LINE | {"max_iter": 80, "storage": "CSR", "alpha": 0},
    "short steps": {"learning_rate_init": 1e-4, "max_iter": 60, "tol": 1e-8},
    "long steps": {"learning_rate_init": 30.0, "max_iter": 60, "tol": 1e-8},
    "rare class": {"n": 100, "rare": 4, "max_iter": 60, "tol": "auto"},
    "dead": {"max_iter": 60, "n_hidden": 2, "tol": 1e-3}
    | {"init": ([[[0.1, 0.2]] * 5, [[1.0], [2.0]]], [[-9.0, -9.0], [0.0]])},
    "equal starts": {"init": "explicit", "n_init": 3},
    "batch too large": {"batch_size": 1000},
    "printed": {"verbose": 2, "n_init": 2, "early_stopping": True},
    "words": {"names": ["spam", "ham", "eggs"], "n_classes": 3}
    | {"class_weight": {"ham": 3}},
    "objects": {"names": np.array(["a", "b"], object), "early_stopping": True},
    "dates": {"names": np.array(["2020-01-01", "2021-01-01"], "M8[D]"), "tol": None}
    | {"class_weight": {np.datetime64("2020-01-01"): 2.0}},
    "whole numbers": {"dtype": "int64", "size": 3.0, "names": [False, True]},
    "validation of few classes": {"val": ["rows", "some known"], "tol": None},
    "validation of no class": {"val": ["rows", "none known"], "tol": None},
    "validation in blocks": {"val": ["rows"], "n_val": 2500, "n_hidden": 48},
    "stream": {"random_state": twister, "n_init": 2},
    "other stream": {"random_state": permuted, "warm_start": True},
}

# What ``fit`` is given in place of what is sound

LABELS, BAD = np.arange(60) % 2, np.nan
ERRORS = {
    "one class": {"y": np.ones(60)},
    "missing label": {"y": [None, *LABELS[1:]]},
    "columns of labels": {"y": np.eye(2)[LABELS]},
    "lists of labels": {"y": [[0], *LABELS[1:].tolist()]},
    "mixed labels": {"y": np.array(["a", *LABELS[1:]], object)},
    "continuous labels": {"y": np.linspace(0, 1, 60)},
    "sparse labels": {"y": sparse.csr_matrix(LABELS)},
    "masked labels": {"y": np.ma.masked_equal(LABELS, 1)},
    "nan among labels": {"y": np.where(LABELS, BAD, LABELS)},
    "dates that are none": {"y": np.array(["NaT", "2020"] * 30, "M8[D]")},
    "one label": {"y": 3},
    "dates in class_weight": {"y": np.array(["2021", "2020"] * 30, "M8[D]")}
    | {"class_weight": {"spam": 2.0, "eggs": 1.0}},
    "nan": {"X": np.full((60, 5), BAD)},
    "nan unseen": {"X": np.full((60, 5), BAD), "assume_finite": True},
    "nan in X_val unseen": {"X_val": np.full((2, 5), BAD), "y_val": [0, 1]}
    | {"assume_finite": True},
    "too few rows": {"X": np.ones((59, 5))},
    "negative weight": {"sample_weight": -np.ones(60)},
    "no weight": {"sample_weight": np.zeros(60)},
    "infinite weights": {"sample_weight": np.full(60, 1e308)},
    "short weights": {"sample_weight": np.ones(59)},
    "words for weights": {"sample_weight": ["a"] * 60},
    "X_val alone": {"X_val": np.ones((3, 5))},
    "y_val alone": {"y_val": [0, 1]},
    "weights of none": {"sample_weight_val": [1.0]},
    "narrow X_val": {"X_val": np.ones((2, 4)), "y_val": [0, 1]},
    "nan in X_val": {"X_val": np.full((2, 5), BAD), "y_val": [0, 1]},
    "flat X_val": {"X_val": np.ones(5), "y_val": [0]},
    "columns of y_val": {"X_val": np.ones((2, 5)), "y_val": [[[0]], [[1]]]},
    "short y_val": {"X_val": np.ones((2, 5)), "y_val": [0]},
    "words in y_val": {"X_val": np.ones((2, 5)), "y_val": ["a", "b"]},
    "zero weights of X_val": {"X_val": np.ones((2, 5)), "y_val": [0, 1]}
    | {"sample_weight_val": [0.0, 0.0]},
    "class_weight 0": {"class_weight": {0: 0.0, 1: 0.0}},
    "class_weight of words": {"class_weight": {"a": 2.0}},
    "negative class_weight": {"class_weight": {0: -1.0}},
    "no number": {"class_weight": {0: "much"}},
    "init fails": {"init": failing},
    "init of wrong shape": {"init": of_wrong_shape},
    "init of one array": {"init": [np.ones((5, 7))]},
    "init of other arrays": {"init": explicit(4, 7, 1)},
    "init of nan": {"init": ([np.full((5, 7), BAD), np.ones((7, 1))], [[0] * 7, [0]])},
    "complex init": {"init": ([np.ones((5, 7)) * 1j, np.ones((7, 1))], [[0] * 7, [0]])},
    "init of words": {"init": (["a", "b"], ["c", "d"])},
    "start overflows": {"init_scale": 1e300, "X": np.ones((60, 5), np.float32)},
    "three scales": {"init_scale": (1, 2, 3)},
    "negative scale": {"init_scale": (1, -2)},
    "scale of words": {"init_scale": ["a", "b"]},
    "no units": {"n_hidden": 0},
    "tiny split": {"early_stopping": True, "validation_fraction": 0.01},
    "split without weight": {"early_stopping": True, "sample_weight": np.eye(60)[3]},
    "huge alpha": {"alpha": 10**400},
}

# Several calls: parameters, and the calls as (method, rows, what changes before); the
# classes that ``partial_fit`` is told of and the type of the rows may change, too

ALL, FIRST, SECOND = slice(None), slice(20), slice(20, 60)
SEQUENCES = {
    "warm": ({"warm_start": True, "batch_size": 16}, [("fit", ALL, {})] * 3),
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
    "cold": ({}, [("fit", ALL, {}), ("fit", FIRST, {}), ("partial_fit", ALL, {})]),
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
    "classes": (
        {"n_classes": 3, "names": ["a", "b", "c"]},
        [("partial_fit", ALL, {"classes": c}) for c in ([], ["a"], ["a", "b"], [1, 2])],
    ),
    "mixed": (
        {"warm_start": True, "names": ["a", "b"]},
        [("fit", ALL, {}), ("partial_fit", FIRST, {}), ("fit", SECOND, {})],
    ),
    "refused": ({"n_init": 2}, [("partial_fit", ALL, {})]),
    "refused later": (
        {},
        [("partial_fit", ALL, {}), ("partial_fit", ALL, {"early_stopping": True})]
        + [("partial_fit", ALL, {"early_stopping": False, "classes": [0, 2]})],
    ),
}

# Searches: parameters of the net and its data, candidates, and options


class TwoRounds(LockstepGridSearchCV):
    """Tells its candidates in two rounds."""

    def _run_search(self, evaluate_candidates):
        for scale in (0.5, 1.0):
            evaluate_candidates([{"init_scale": scale}, {"init_scale": 2 * scale}])


SCALES, SEEDS = {"init_scale": [0.01, 1.0, 2.0]}, {"random_state": [0, 1, 2]}
SCORES = {"scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"}
SEARCHES = {
    "scales, seeds": ({}, SCALES | SEEDS, {}),
    "seeds, batches": (
        {"batch_size": 16},
        SCALES | SEEDS,
        {"return_train_score": True},
    ),
    "some leave": (
        {"batch_size": 16, "learning_rate": "constant"},
        [{"max_iter": [2], "random_state": [0, 1]}]
        + [{"max_iter": [5], "random_state": [2, 3]}],
        {},
    ),
    "many of a seed": ({"batch_size": 8}, {"alpha": [*np.logspace(-3, 1, 20)]}, {}),
    "rates": (
        {"solver": "sgd", "n_classes": 3, "d": 40},
        {"alpha": [0, "auto", 1.0], "learning_rate_init": ["auto", 0.1]},
        {"return_train_score": True},
    ),
    "cohorts": (
        {},
        {"activation": ["tanh", "relu"], "solver": SOLVERS, "n_hidden": [3, 5]},
        {"scoring": "neg_log_loss"},
    ),
    "all own settings": (
        {"solver": "sgd", "max_iter": 20, "tol": 0.01, "n_iter_no_change": 2},
        {"momentum": [0.5, 0.9], "learning_rate": ["cosine", "constant"]}
        | {"n_init": [1, 2], "max_iter": [3, 20], "init": ["he", uniform]},
        SCORES,
    ),
    "all that cohorts share": (
        {"solver": "sgd"},
        {"nesterovs_momentum": [True, False], "shuffle": [True, False]}
        | {"batch_size": [16, 30], "class_weight": [None, "balanced"]},
        {},
    ),
    "pipeline": (
        {"batch_size": 16, "storage": "dense"},
        {
            "scale": [
                StandardScaler(),
                "passthrough",
                FunctionTransformer(lambda X: X),
            ],
            "net__init_scale": [0.1, 1.0],
        },
        {"error_score": "raise"},
    ),
    "unfit pipeline": (
        {"storage": "CSR"},
        {"scale__with_mean": [True, False], "net__init_scale": [0.1, 1.0]},
        {"error_score": 0.25},
    ),
    "pipeline with arrays": (
        {},
        {"scale": [FunctionTransformer(np.clip)], "net__init_scale": [0.1, 1.0]}
        | {"scale__kw_args": [{"a_min": -2, "a_max": np.ones(5)}, {"a_min": (0,) * 5}]},
        {},
    ),
    "callback": ({}, SCALES, {"has_callback": True, "cv": 2}),
    "early stopping": ({"early_stopping": True, "n": 150}, SCALES | SEEDS, {}),
    "X_val": ({"val": ["rows", "weights"], "early_stopping": True}, SCALES, {}),
    "weights": (
        {"weights": 1.0, "batch_size": 9, "class_weight": "balanced"},
        SCALES | SEEDS,
        {},
    ),
    "sparse": (
        {"storage": "CSR", "batch_size": 9, "dtype": "float32"},
        SCALES | SEEDS,
        {},
    ),
    "three classes": (
        {"n_classes": 3, "n_init": 2, "solver": "gd"},
        SCALES | SEEDS,
        {},
    ),
    "parts": (
        {"n_hidden": 256, "n": 1500, "max_iter": 1},
        {"alpha": [*np.arange(35.0)]},
        {"cv": 2},
    ),
    "a lane a tile": ({"n_hidden": 200, "n": 600, "max_iter": 2}, SEEDS, {"cv": 2}),
    "no refit": ({"class_weight": {0: 2.0}}, SCALES, {"refit": False}),
    "failures": (
        {"activation": "tanh"},
        [
            {"n_hidden": [4, -1]},
            {"init": ["he", failing, of_wrong_shape]},
            {"learning_rate_init": [1e300], "init_scale": [1e150]},
        ],
        {"error_score": 0.25},
    ),
    "raises": ({}, {"n_hidden": [4, -1]}, {"error_score": "raise"}),
    "warnings": (
        {"alpha": 1e4, "max_iter": 60},
        {"init": ["zeros", "randn"]} | SEEDS,
        {},
    ),
    "alone": ({}, {"warm_start": [False, True], "verbose": [False, 2]}, {}),
    "stream": ({"random_state": twister}, SCALES, {}),
    "random": (
        {},
        {"alpha": loguniform(1e-3, 1), "init": ["he", "glorot"]},
        {"search": LockstepRandomizedSearchCV, "n_iter": 6, "random_state": 0},
    ),
    "halving": (
        {"n": 200},
        SCALES | SEEDS,
        {"search": HalvingGridSearchCV, "random_state": 0},
    ),
    "rounds": ({}, {}, {"search": TwoRounds, "cv": KFold(2)}),
    "two jobs": ({"batch_size": 20}, SCALES | SEEDS, {"n_jobs": 2}),
    "threads": (
        {},
        {"alpha": [*np.arange(40.0)]},
        {"n_jobs": 2, "backend": "threading"},
    ),
}

# Callbacks: parameters of the net, and of the `Diary` that hears of its fit


class Diary:
    """Keeps what it hears; stops a fit, or strikes as Ctrl-C does, at the k-th end."""

    def __init__(self, stop_at=None, strike_at=None):
        self.pages, self.n_ends = [], 0
        self.stop_at, self.strike_at = stop_at, strike_at

    def _note(self, hook, context, *facts, net=None):
        self.pages.append((hook, [context.task_name, context.task_id, *facts], net))

    def setup(self, estimator, context):
        self._note("setup", context)

    def teardown(self, estimator, context):
        self._note("teardown", context)

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self._note("begin", context, np.shape(X), np.shape(y), metadata)

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self._note("end", context, net=fitted_estimator)
        self.n_ends += 1
        if self.n_ends == self.strike_at:
            raise KeyboardInterrupt
        return self.n_ends == self.stop_at


CALLBACKS = {
    "one start": ({}, {}),
    "three starts": ({"n_init": 3, "val": ["rows"]}, {}),
    "stops": ({"early_stopping": True, "n_init": 2}, {"stop_at": 2}),
    "struck": ({"n_init": 2, "weights": 1.0}, {"strike_at": 2}),
    "struck at once": ({"val": ["rows"]}, {"strike_at": 1}),
    "given up": ({"alpha": 0, "tol": None, "max_iter": 200, "n": 20}, {}),
    "ends early": ({"tol": 0.1, "n_iter_no_change": 1, "max_iter": 30}, {}),
}
