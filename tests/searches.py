"""Pairs of a plain search and one in lock-step, and assertions that they agree.

Values are compared by their atoms: the bits of numbers, and the names and types of what
holds them. Two searches agree when all atoms are equal but those of times.
"""

import contextlib
import io
import itertools
import re
import types
import warnings
import zlib
from collections import Counter

import joblib
import nets
import numpy as np
import pandas as pd
import polars as pl
import pytest
from joblib import Memory
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from watching import watch

from skshallow import (
    LockstepGridSearchCV,
    LockstepHalvingGridSearchCV,
    LockstepHalvingRandomSearchCV,
    LockstepRandomizedSearchCV,
    ShallowNetClassifier,
    ShallowNetClassifierCV,
)

IN_LOCKSTEP = {
    GridSearchCV: LockstepGridSearchCV,
    RandomizedSearchCV: LockstepRandomizedSearchCV,
    HalvingGridSearchCV: LockstepHalvingGridSearchCV,
    HalvingRandomSearchCV: LockstepHalvingRandomSearchCV,
}
# Their options by default: a fingerprint has several scores, of which refit names one,
# and a halving search takes a single score.
OPTIONS = {
    GridSearchCV: {"refit": "accuracy"},
    RandomizedSearchCV: {"refit": "accuracy", "n_iter": 2, "random_state": 0},
    HalvingGridSearchCV: {"random_state": 0},
    HalvingRandomSearchCV: {"random_state": 0},
}
N, D = 47, 4  # so that two folds are not of one size
RNG = np.random.RandomState(0)
X = RNG.standard_normal((N, D))
Y = (X[:, 0] * X[:, 1] + 0.3 * RNG.standard_normal(N) > 0).astype(int)
THREE = np.digitize(X[:, 0] + X[:, 1] ** 2, [0.2, 1.2])
LABELS = {2: Y, 3: THREE}
# The labels of two classes, and the names of the columns, in every form.
KINDS_OF_LABELS = {
    "strings": np.array(["no", "yes"])[Y],
    "objects": np.array(["no", "yes"], dtype=object)[Y],
    "booleans": Y.astype(bool),
    "floats": 2.0 * Y - 1,
    "dates": np.array(["2020-01-01", "2021-01-01"], dtype="M8[D]")[Y],
    "a list": Y.tolist(),
    "a series": pd.Series(Y, index=range(100, 100 + N), name="target"),
    "categories": pd.Series(np.array(["no", "yes"])[Y], dtype="category"),
    "a polars series": pl.Series(Y),
}
NAMES = [f"column {j}" for j in range(D)]
WEIGHT = RNG.exponential(size=N) * (RNG.uniform(size=N) > 0.2)  # some of them 0
GROUPS = np.arange(N) % 5
SCALES = {"init_scale": [0.5, 1.0, 2.0]}
GRID = {"alpha": [0.1, 0.2], "init_scale": [0.1, 2.0]}
TWO_COHORTS = {"n_hidden": [2, 3], **SCALES}  # of three candidates each
ALPHAS = [0.01, 0.1, 1.0]


def net(n_hidden=3, **params):
    """A net of fewer iterations, by mini-batches."""
    few = {"batch_size": 8, "learning_rate_init": 0.05, "max_iter": 5}
    return nets.net(n_hidden, **{**few, **params})


def chosen(**params):
    """A cross-validated net of nets that train for a few iterations."""
    known = ShallowNetClassifierCV().get_params()
    shared = {k: v for k, v in net().get_params().items() if k in known}
    return ShallowNetClassifierCV(**{**shared, "cv": 3, "alphas": ALPHAS, **params})


def exploding(*starts, by=1e200):
    """An init of normals, which are ``by`` times as large in the given starts."""
    calls = itertools.count()

    def init(rng, shape):
        factor = by if next(calls) // 2 in starts else 1.0
        return factor * rng.standard_normal(shape)

    return init


def scaled(net, **options):
    """The net behind a scaler."""
    return Pipeline([("scale", StandardScaler()), ("net", net)], **options)


def prefixed(grid):
    """A grid for the net of a pipeline."""
    return {f"net__{name}": values for name, values in grid.items()}


bare_or_scaled = pytest.mark.parametrize(
    ("estimator", "grid"),
    [(net(), TWO_COHORTS), (scaled(net()), prefixed(TWO_COHORTS))],
    ids=["bare", "scaled"],
)


def held(search, names):
    """A hash of the attributes of a search that have these names."""
    return joblib.hash({name: vars(search)[name] for name in names})


def ordinary_fits(monkeypatch):
    """A list that gets an entry for every ordinary fit of a net."""
    return watch(monkeypatch, ShallowNetClassifier, "fit", lambda *_, **__: 1)


# Atoms


def bits(number):
    """The bytes of an array or a number, with one nan in place of every other."""
    if number.dtype.kind == "f":
        number = np.where(np.isnan(number), number.dtype.type(np.nan), number)
    if number.dtype.char in "gG":  # which some processors pad with undefined bytes
        return repr(number.tolist()).encode()
    return number.tobytes()


def atoms(value, path="", above=()):
    """Yield (path, content) for everything that a value holds, however deep."""
    kind, above = type(value).__qualname__, (*above, id(value))
    parts = []
    if isinstance(value, np.ma.MaskedArray):
        yield path, (kind, value.dtype.str, value.shape, repr(value.fill_value))
        # Entries under a mask are undefined.
        parts = [("mask", value.mask), ("seen", value.compressed())]
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        yield path, (kind, value.dtype.str, value.shape)
        parts = list(enumerate(value.ravel()))
    elif isinstance(value, (np.ndarray, np.generic)):
        yield path, (kind, value.dtype.str, value.shape, bits(value))
    elif isinstance(value, float):
        yield path, (kind, bits(np.float64(value)))
    elif isinstance(value, dict):
        yield path, (kind, repr([*value]))  # the order of keys counts
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        yield path, (kind, len(value))
        parts = list(enumerate(value))
    elif isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        yield path, (value.__module__, value.__qualname__)
    elif isinstance(value, Memory):
        yield path, kind
    elif isinstance(value, np.random.RandomState):
        yield path, kind
        parts = value.get_state(legacy=False).items()
    elif sparse.issparse(value):
        yield path, (kind, value.shape, value.dtype.str)
        coo = value.tocoo()
        places = getattr(coo, "coords", None) or (coo.row, coo.col)  # in SciPy < 1.13
        parts = [("places", list(places)), ("entries", coo.data)]
    elif hasattr(value, "to_numpy"):  # a frame, a series or what they consist of
        yield path, kind
        columns = list(getattr(value, "columns", ["a series"]))
        parts = [("columns", columns)]
        if columns:  # polars made no array of none
            parts.append(("values", value.to_numpy()))
    elif hasattr(value, "__dict__"):
        yield path, kind
        # A request for metadata holds its owner: that estimator, or what it was cloned
        # from.
        parts = sorted(part for part in vars(value).items() if part[0] != "owner")
    else:
        yield path, (kind, repr(value))
    for name, part in parts:
        if id(part) not in above:
            yield from atoms(part, f"{path}/{name}", above)


def assert_same(one, other):
    """Assert that two values have the same atoms; an error names the paths."""
    one, other = dict(atoms(one)), dict(atoms(other))
    assert [*one] == [*other]
    assert [path for path in one if one[path] != other[path]] == []


def fingerprint(estimator, X, y):
    """A scorer whose scores depend on everything that a fitted candidate holds."""
    net = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    return {
        "accuracy": np.mean(estimator.predict(X) == np.asarray(y)),
        "proba": zlib.crc32(bits(estimator.predict_proba(X))),
        "everything": zlib.crc32(repr(list(atoms(estimator))).encode()),
        "loss": getattr(net, "loss_", 0.0),
        "n_iter": np.ravel(net.n_iter_)[0],
    }


def one_number(estimator, X, y):
    """A scorer of one number, which depends on everything in a fitted candidate."""
    return float(fingerprint(estimator, X, y)["everything"])


# Agreement of searches


def assert_same_cv_results(plain, lockstep):
    """Assert that results are equal, except for the values of times."""
    assert [*plain] == [*lockstep]
    is_time = {key: key.endswith(("_fit_time", "_score_time")) for key in plain}
    for key in plain:
        if not is_time[key]:
            assert_same({key: plain[key]}, {key: lockstep[key]})
            continue
        assert type(plain[key]) is type(lockstep[key])
        assert plain[key].dtype == lockstep[key].dtype
        assert plain[key].shape == lockstep[key].shape
        assert np.isfinite(lockstep[key]).all()
        if key.startswith("mean_"):  # what was never scored took no time
            np.testing.assert_array_equal(lockstep[key] > 0, plain[key] > 0)


def assert_same_search(plain, lockstep, X=X):
    """Assert that fitted searches differ only in times and in their classes' names.

    Parameters
    ----------
    plain, lockstep : fitted searches
        The second may also be one of scikit-learn.
    X : array-like
        Rows to predict.
    """
    assert_same_cv_results(plain.cv_results_, lockstep.cv_results_)
    own = {"return_curves", "curves_"}  # of what a plain search cannot return
    assert set(vars(plain)) - own == set(vars(lockstep)) - own
    splitters = (vars(s).get("_checked_cv_orig") for s in (plain, lockstep))
    assert len({type(splitter) for splitter in splitters}) == 1
    seconds = {"refit_time_", "cv_results_", "_checked_cv_orig"}
    parameters = set(plain.get_params(deep=False))
    for name in sorted(set(vars(plain)) - seconds - parameters):
        assert_same({name: vars(plain)[name]}, {name: vars(lockstep)[name]})
    if plain.refit:
        assert lockstep.refit_time_ > 0
        assert_same_predictions(plain, lockstep, X)


def assert_same_predictions(plain, lockstep, X):
    """Assert that two refitted searches predict the same."""
    for name in ("classes_", "n_features_in_", "feature_names_in_"):
        assert hasattr(plain, name) == hasattr(lockstep, name)
        assert_same(getattr(plain, name, None), getattr(lockstep, name, None))
    methods = "predict", "predict_proba", "predict_log_proba", "decision_function"
    for method in methods:
        assert hasattr(plain, method) == hasattr(lockstep, method)
        if hasattr(plain, method):
            assert_same(getattr(plain, method)(X), getattr(lockstep, method)(X))


# Pairs of searches


def said(warning):
    """The category, the counts and the errors that a warning of a search names.

    Tracebacks are left out. Warnings of a single fit give None: plain searches give
    them once a fit, and lock-step searches need not.
    """
    text = str(warning.message)
    beginnings = r"\d+ fits failed|One or more|Scoring failed|The scoring .* does not"
    if not re.match(beginnings, text.strip()):
        return None
    counts = re.findall(r"^.*\d+ fits failed.*$", text, re.M)
    first = re.split(r"when\s+fitting", text.strip().splitlines()[0])[0]
    errors = re.findall(r"^[\w.]+: .*$", text, re.M)  # last lines of tracebacks
    return warning.category, first, tuple(counts), tuple(errors)


def outcome_of(search, X, y, fit_params):
    """Fit; return the warnings, what was printed, and the error or None."""
    error, screen = None, io.StringIO()
    with (
        warnings.catch_warnings(record=True, action="always") as caught,
        contextlib.redirect_stdout(screen),
    ):
        try:
            search.fit(X, y, **fit_params)
        except Exception as raised:
            error = raised
    return caught, screen.getvalue(), error


def pair(estimator, candidates, plain=GridSearchCV, **options):
    """A plain search and one in lock-step.

    A function as ``cv`` or ``random_state`` is called for each of the searches.
    """
    sees_all = one_number if "Halving" in plain.__name__ else fingerprint
    options = {"cv": 2, "scoring": sees_all} | OPTIONS[plain] | options

    def own():
        made = {
            k: options[k]() for k in ("cv", "random_state") if callable(options.get(k))
        }
        return options | made

    kinds = plain, IN_LOCKSTEP[plain]
    return [kind(estimator, candidates, **own()) for kind in kinds]


def compare(
    estimator, candidates, X=X, y=Y, *, fit_params=None, raises=None, **options
):
    """Assert that both searches give the same, warnings and errors included.

    ``raises`` is the type of the error that both must raise. Returns the search in
    lock-step and the warnings that it gave.
    """
    before = list(atoms(estimator))
    plain, lockstep = pair(estimator, candidates, **options)
    outcomes = [outcome_of(s, X, y, fit_params or {}) for s in (plain, lockstep)]
    assert list(atoms(estimator)) == before
    assert lockstep.estimator is estimator
    warned = [Counter(map(said, caught)) for caught, _, _ in outcomes]
    printed = [re.sub(r"time=.*", "", screen) for _, screen, _ in outcomes]
    errors = [error for _, _, error in outcomes]
    assert isinstance(errors[0], raises or type(None)), repr(errors[0])
    for counter in warned:
        counter.pop(None, None)
    assert warned[0] == warned[1]
    assert printed[0] == printed[1]
    assert type(errors[0]) is type(errors[1])
    assert first_line(errors[0]) == first_line(errors[1])
    if not raises:
        assert_same_search(plain, lockstep, X)
    return lockstep, outcomes[1][0]


def first_line(error):
    """The first line of an error, which tracebacks may follow, without "Lockstep"."""
    lines = str(error).strip().splitlines() or [""]
    return lines[0].replace("Lockstep", "")


def convergence_warnings(caught):
    """The convergence warnings among caught warnings."""
    return [w for w in caught if issubclass(w.category, ConvergenceWarning)]
