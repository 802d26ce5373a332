"""Strategies that draw arguments for a net, valid ones and others.

An attack that is invalid in every place stops at the first check. So most of what is
drawn is valid, and every part of it is invalid now and then.
"""

import numbers
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
from hypothesis import strategies as st
from scipy import sparse
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.utils._param_validation import Interval, StrOptions
from storage import DENSE, SPARSE, locked

from skshallow import ShallowNetClassifier, ShallowNetClassifierCV

NAN, INF = np.nan, np.inf


def mostly(usual, *others):
    """Draw from ``usual`` in five of six cases; smaller examples have more of it."""
    rare = st.one_of(*others)
    return st.integers(0, 5).flatmap(lambda i: rare if i == 5 else usual)


seeds = st.integers(0, 2**16)


# Rows

SCALES = [-323, -300, -200, -154, -30, -7, 7, 20, 38, 100, 154, 200, 300, 308]
DTYPES = [np.float32, np.float16, np.int64, np.int8, np.uint64, bool, object]
DTYPES += [">f8", ">f4", np.longdouble, complex, "U6", "S4", "M8[s]"]


def with_bad_entry(X, entry, seed):
    X = X.copy()
    if X.size:
        X.flat[seed % X.size] = entry
    return X


@st.composite
def numbers_in_rows(draw):
    """float64 (n, d) of any scales, with columns that are constant or repeated."""
    n = draw(mostly(st.integers(6, 30), st.integers(0, 5), st.just(201)))
    d = draw(mostly(st.integers(1, 5), st.sampled_from([0, 40])))
    X = np.random.RandomState(draw(seeds)).standard_normal((n, d))
    if draw(st.booleans()):
        X *= np.random.RandomState(draw(seeds)).uniform(size=X.shape) < 0.5
    exponent = mostly(st.just(0), st.sampled_from(SCALES))
    if draw(st.booleans()):
        exponents = [draw(exponent)] * d
    else:
        exponents = [draw(exponent) for _ in range(d)]
    with np.errstate(over="ignore", under="ignore"):
        X *= 10.0 ** np.array(exponents, dtype=float)
    for i in range(1, min(d, 5)):
        kind = draw(st.sampled_from(["own", "own", "constant", "repeated", "zero"]))
        if n and kind != "own":
            X[:, i] = {"constant": X[0, i], "repeated": X[:, i - 1], "zero": 0}[kind]
    entry = draw(mostly(st.none(), st.sampled_from([NAN, INF, -INF, 5e-324, 1.7e308])))
    return X if entry is None else with_bad_entry(X, entry, draw(seeds))


@st.composite
def typed_rows(draw):
    """Rows of any dtype, as an array in C order."""
    X = draw(numbers_in_rows())
    dtype = draw(mostly(st.just(float), st.sampled_from(DTYPES)))
    with np.errstate(all="ignore"):
        if np.dtype(dtype).kind in "iubM":
            X = np.nan_to_num(X.clip(-9, 9), posinf=9).round()
            return (X if np.dtype(dtype).kind in "iM" else abs(X)).astype(dtype)
        return X.astype(dtype)


LAYOUTS = [*DENSE, lambda X: np.broadcast_to(X[:1], X.shape)]


def in_frame(X):
    return pd.DataFrame(X, columns=[f"column {i}" for i in range(X.shape[1])])


def in_numbered_frame(X):
    return pd.DataFrame(X, columns=range(X.shape[1]))


def in_polars(X):
    return pl.DataFrame({f"column {i}": column for i, column in enumerate(X.T)})


def as_nullable(X):
    return in_frame(X).convert_dtypes()


CONTAINERS = [np.ndarray.tolist, in_frame, in_numbered_frame, as_nullable, np.asmatrix]
NO_ROWS = [None, 3, "rows", {}, [], [[]], [[1], [1, 2]], np.ones(3), np.ones((6, 2, 1))]
NO_ROWS += [pd.Series([1.0, 2.0]), np.array(1.0), object()]


def stored(X, store):
    """``X`` in that form, or as it is where the form cannot hold its dtype."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return store(X)
    except (TypeError, ValueError, NotImplementedError, AttributeError):
        return X
    except pl.exceptions.PolarsError:
        return X


@st.composite
def rows(draw):
    """Values that a user could pass as ``X``, valid or not."""
    X = draw(typed_rows())
    form = draw(st.integers(0, 7))
    if form < 4:
        return stored(X, draw(mostly(st.just(np.asarray), st.sampled_from(LAYOUTS))))
    if form < 6:
        return stored(X, draw(st.sampled_from(SPARSE)))
    if form == 6:
        return stored(X, draw(st.sampled_from([*CONTAINERS, in_polars])))
    return draw(mostly(st.just(X), st.sampled_from(NO_ROWS)))


def n_rows_of(X):
    """The number of labels that fit ``X``."""
    try:
        return X.shape[0]
    except (AttributeError, IndexError):
        return len(X) if isinstance(X, list) else 7


def n_columns_of(X):
    """How many features ``X`` has, at least one."""
    return max(1, *getattr(X, "shape", ())[1:2], 1)


# Labels

LABELS = [
    np.array([0, 1, 2, 3]),
    np.array(["no", "yes", "perhaps", ""]),
    np.array(["no", "yes", "perhaps", ""], dtype=object),
    np.array([True, False, True, False]),
    np.array([-7, 4, 2**40, 0]),
    np.array([0, 1, 2**63, 2**64 - 1], dtype=np.uint64),
    np.array([0.0, 1.0, -0.0, 1e300]),
    np.array([0, 1, 255, 3], dtype=np.uint8),
    np.array([0, 1, 2, 3], dtype=">i4"),
]
STRANGE_LABELS = [
    np.array([0.5, 1.25, -1e-300, 1e300]),
    np.array([0, 1, 2, 3], dtype=np.float16),
    np.array([b"no", b"yes", b"perhaps", b""]),
    np.array([0, "1", 2.5, None], dtype=object),
    np.array([0, 1, True, 2.0], dtype=object),
    np.array([None, None, 1, "a"], dtype=object),
    np.array([0, 1, NAN, NAN]),
    np.array([0, 1, INF, -INF]),
    np.array([0, 1, NAN, None], dtype=object),
    np.array([(1, 2), (3,), (), None], dtype=object),
    np.array([0, 1j, 2, 3]),
    np.array(["2020-01-01", "2021-01-01", "NaT", "2022-01-01"], dtype="M8[D]"),
    np.array([10**30, 1, 0, -(10**30)], dtype=object),
    np.array([Fraction(1, 2), Fraction(1, 3), 0, 1], dtype=object),
]
AS_SEEN = [np.ndarray.tolist, pd.Series, pd.Categorical, lambda y: y[:, None], locked]
AS_SEEN += [lambda y: y[::-1], lambda y: y[:-1], lambda y: np.column_stack([y, y])]
AS_SEEN += [sparse.csr_matrix, pl.Series, lambda y: pd.DataFrame({"y": y})]
AS_SEEN += [lambda y: None, lambda y: 1, lambda y: "labels", lambda y: y.astype("S32")]
AS_SEEN += [lambda y: np.eye(4)[: len(y)], lambda y: pd.Series(y).astype("category")]


@st.composite
def labels(draw, n, kinds=None):
    """Values that a user could pass as ``y`` for ``n`` rows, valid or not."""
    if kinds is None:
        usual, strange = st.sampled_from(LABELS), st.sampled_from(STRANGE_LABELS)
        kinds = draw(mostly(usual, strange))
    n_classes = draw(mostly(st.sampled_from([2, 3]), st.sampled_from([1, 4])))
    codes = np.arange(n) % n_classes
    if draw(st.booleans()):
        codes = np.random.RandomState(draw(seeds)).randint(n_classes, size=n)
    y = kinds[codes]
    return stored(y, draw(mostly(st.just(np.asarray), st.sampled_from(AS_SEEN))))


# Weights


def all_but_one(n, value, others=0.0):
    weight = np.full(n, others)
    weight[n // 2 :][:1] = value
    return weight


WEIGHTS = [np.ones, lambda n: np.arange(n) % 3, lambda n: np.full(n, 1e-300)]
WEIGHTS += [lambda n: np.full(n, 5e-324), lambda n: np.full(n, 1e300)]
WEIGHTS += [lambda n: 10.0 ** np.linspace(-300, 300, n), lambda n: [0.5] * n]
WEIGHTS += [lambda n: all_but_one(n, 1.0), lambda n: all_but_one(n, 1e300, 1e-300)]
WEIGHTS += [lambda n: np.full(n, 0.1, np.float32), lambda n: locked(np.ones(n))]
WEIGHTS += [lambda n: pd.Series(np.ones(n)), lambda n: np.ones(2 * n)[::-2]]
WEIGHTS += [lambda n: np.full(n, 3, ">i2"), lambda n: np.arange(n) % 2 == 0]
BAD_WEIGHTS = [np.zeros, lambda n: np.ones(n + 1), lambda n: np.ones((n, 1))]
BAD_WEIGHTS += [lambda n: all_but_one(n, -1.0, 1.0), lambda n: np.full(n, "heavy")]
BAD_WEIGHTS += [lambda n, bad=bad: all_but_one(n, bad, 1.0) for bad in (NAN, INF)]
BAD_WEIGHTS += [lambda n: np.full(n, 1e308), lambda n: 1j * np.ones(n), lambda n: 2.0]
BAD_WEIGHTS += [lambda n: np.full(n, None), lambda n: [], lambda n: "balanced"]
BAD_WEIGHTS += [lambda n: sparse.csr_matrix(np.ones((1, n))), lambda n: {0: 1}]


def weights(n):
    """Values that a user could pass as ``sample_weight`` for ``n`` rows."""
    some = mostly(st.sampled_from(WEIGHTS), st.sampled_from(BAD_WEIGHTS))
    return mostly(st.none(), some.map(lambda make: make(n)))


@st.composite
def samples(draw, kinds=None):
    """Values that a user could pass as ``X``, ``y`` and ``sample_weight``."""
    X = draw(rows())
    n = n_rows_of(X)
    return {"X": X, "y": draw(labels(n, kinds)), "sample_weight": draw(weights(n))}


# Parameters

CONSTRAINTS = ShallowNetClassifier._parameter_constraints
NONSENSE = [None, "nonsense", "", b"auto", 1j, NAN, -INF, INF, -1, 0, 1, 2, 1.5, True]
NONSENSE += [10**400, -(10**400), (), [], {}, set(), (1, 2), [1, 2], {0: 1}, object()]
NONSENSE += [np.ones(2), np.ones((2, 2)), np.array(1), np.int8(1), np.float16(0.5)]
NONSENSE += [np.bool_(True), np.array("adam"), np.str_("adam"), Fraction(1, 2), int]
NONSENSE += [pd.NA, np.datetime64("NaT"), lambda *args: object()]


def around(interval):
    """Values at, inside and past the bounds of an interval."""
    bounds = [b for b in (interval.left, interval.right) if b is not None]
    if interval.type is numbers.Integral:
        values = [b + step for b in bounds for step in (-1, 0, 1, 4)]
        return values + [np.int8(2), np.uint64(3), 1.0, 2.5]
    values = [np.nextafter(b, to) for b in bounds for to in (-INF, INF)] + bounds
    values += [0.5, 1e-300, 5e-324, 1e-16, Fraction(1, 3), np.float32(0.25)]
    return values + [1e16, 1e154, 1e300, 1.7e308, np.float32(1e38), np.longdouble(0.5)]


def values_of(name):
    """Values that the constraints of a parameter name, and some more."""
    values = []
    for constraint in CONSTRAINTS[name]:
        if isinstance(constraint, Interval):
            values += around(constraint)
        elif isinstance(constraint, StrOptions):
            values += sorted(constraint.options)
        elif constraint in ("boolean", "verbose"):
            values += [False, True]
    return values + MORE.get(name, [])


def ones(rng, shape):
    return np.ones(shape)


def reals(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


def huge(rng, shape):
    return np.full(shape, 1e300)


def twins(rng, shape):
    return np.repeat(rng.standard_normal((1, shape[1])), shape[0], axis=0)


def drawn_with(value):
    return lambda rng, shape: np.full(shape, value)


def explicit(d, h, c, value=0.5):
    weights = [np.full((d, h), value), np.full((h, c), value)]
    return weights, [np.zeros(h), np.zeros(c)]


INITS = [ones, reals, huge, twins]
INITS += [lambda rng, shape: rng.standard_normal(shape).tolist()]
INITS += [drawn_with(bad) for bad in (NAN, INF, "a", None, 1j)]
INITS += [lambda rng, shape: 0, lambda rng, shape: None, lambda rng: None]
INITS += [lambda rng, shape: np.ones(shape[::-1])]
INITS += [lambda rng, shape: np.ones(shape)[:1]]
INITS += [explicit(d, 4, c) for d in (1, 2, 3, 4, 5) for c in (1, 3)]
INITS += [explicit(2, 4, 1, value) for value in (NAN, 1e300, 0, "a", None)]
MORE = {
    "init": INITS,
    "init_scale": [0, 1, 0.1, (1, 0), (0, 1), [1, 1e-300], np.array([1e3, 1.0])]
    + [(1e308, 1), (1, 1, 1), (-1, 1), (NAN, 1), ("a", 1), np.array(0.5), 1e155],
    "class_weight": [{0: 1, 1: 2}, {0: 0}, {0: 0, 1: 0}, {"no": 3}, {0: 1e300, 1: 1}]
    + [{0: 1e-300, 1: 1e300}, {0: NAN}, {0: -1}, {7: 1}, {(1, 2): 1}, {0: None}],
    "n_init": [3, 10**19, 10**400],
    "n_hidden": [10**19, 10**400],
    "max_iter": [10**400],
    "random_state": [0, 2**32 - 1, 2**32, -1, 0.5, "seed"],
    "n_iter_no_change": [INF, -INF],
}


def all_attacked_values(name):
    """Values that a user could give to a parameter, valid or not."""
    return values_of(name) + NONSENSE


def attacked_values(name):
    """A strategy that draws one of `all_attacked_values`."""
    return st.sampled_from(all_attacked_values(name))


@st.composite
def sound_parameters(draw):
    """Parameters with which a fit takes a few iterations."""
    return {
        "n_hidden": 4,
        "solver": draw(st.sampled_from(["gd", "sgd", "adam", "lbfgs"])),
        "activation": draw(st.sampled_from(["tanh", "logistic", "relu", "identity"])),
        "init": draw(mostly(st.just("randn"), st.just("zeros"), st.just("he"))),
        "init_scale": draw(st.sampled_from(["auto", 1.0, 10.0])),
        "max_iter": draw(st.integers(1, 5)),
        "learning_rate": draw(st.sampled_from(["cosine", "constant"])),
        "tol": draw(st.sampled_from(["auto", None, 1e-3])),
        "n_iter_no_change": draw(st.sampled_from([1, 50])),
        "batch_size": draw(st.sampled_from(["auto", 4, 1])),
        "n_init": draw(mostly(st.just(1), st.just(3))),
        "combine": draw(st.sampled_from(["best", "average"])),
        "early_stopping": draw(mostly(st.just(False), st.just(True))),
        "validation_fraction": draw(st.sampled_from([0.1, 0.4])),
        "class_weight": draw(mostly(st.none(), st.just("balanced"))),
        "random_state": draw(st.integers(0, 9)),
        "verbose": draw(mostly(st.just(False), st.sampled_from([True, 2, 10]))),
    }


@st.composite
def parameters(draw):
    """Sound parameters, up to three of them replaced by any values."""
    params = draw(sound_parameters())
    names = st.lists(st.sampled_from(sorted(CONSTRAINTS)), max_size=3, unique=True)
    for name in draw(mostly(st.just([]), names)):
        params[name] = draw(attacked_values(name))
    return params


# Parameters of a cross-validated net alone: the usual value, and others
HALVES = [(np.arange(0, 6), np.arange(6, 12)), (np.arange(6, 12), np.arange(0, 6))]
OWN = {
    "alphas": (
        [0.1, 1.0],
        ["auto", [0], [1e300, 1.0], np.array([5e-324, 1e3]), [1] * 9],
    ),
    "init_scales": ("auto", [[1.0, "auto"], [(1, 0)], np.ones((2, 2)), [0], [1e308]]),
    "cv": (2, [None, 3, KFold(2), HALVES, HALVES[:1], ShuffleSplit(2, random_state=0)]),
    "scoring": ("neg_log_loss", ["accuracy", "roc_auc", "r2", lambda *_: NAN, None]),
}
WRONG = [["a"], [[1]], [[1], [2, 3]], [None], [1j], [NAN], [(1, 2, 3)], [([0], [99])]]


@st.composite
def parameters_of_choice(draw):
    """Parameters of a cross-validated net, valid or not."""
    names = ShallowNetClassifierCV().get_params()
    params = {k: v for k, v in draw(parameters()).items() if k in names}
    for name, (usual, others) in OWN.items():
        wrong = st.sampled_from(WRONG + NONSENSE)
        params[name] = draw(mostly(st.just(usual), st.sampled_from(others), wrong))
    return params
