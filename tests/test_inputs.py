"""The same numbers train the same net, however they are stored, and stay untouched.

Stated here: rows dense and sparse, of any type, in files and in frames; any labels.
"""

from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from nets import assert_near, assert_same_net, either_kind, ignored, net
from scipy import sparse
from sklearn.preprocessing import StandardScaler
from storage import DENSE, SPARSE
from watching import peak_bytes

from skshallow import ShallowNetClassifier

RNG = np.random.RandomState(0)
N, D = 90, 6
X = RNG.standard_normal((N, D)) * (RNG.rand(N, D) < 0.5)  # half of it zeros
CLASSES = {2: (X[:, 0] > X[:, 1]).astype(int), 3: RNG.randint(3, size=N)}
Y = CLASSES[2]
SOLVERS = [
    {"solver": "gd"},
    {"solver": "sgd", "batch_size": 16},
    {"solver": "adam", "batch_size": 16},
    {"solver": "adam", "batch_size": 16, "shuffle": False},
    {"solver": "lbfgs"},
]
PREDICTIONS = ["predict_proba", "predict_log_proba", "decision_function"]
every_solver = pytest.mark.parametrize("params", SOLVERS, ids=str)


# Rows, and the same as they are stored, or as numbers of a type that becomes float64.
STORES = [*DENSE, np.ndarray.tolist, lambda X: X.astype(object), *SPARSE]
STORES.append(lambda X: pd.DataFrame(X.astype(">f8")))
STORED = [(X, store(X)) for store in STORES]
for dtype in (np.int64, np.int8, bool, np.uint8, np.float16):
    whole = (3 * X).round().clip(0, 9).astype(dtype)
    STORED.append((whole.astype(float), whole))
    if dtype is not np.float16:  # which sparse rows do not hold
        STORED.append((whole.astype(float), sparse.csr_matrix(whole)))


@every_solver
@either_kind
@pytest.mark.parametrize(("rows", "stored"), STORED)
def test_storage_does_not_matter(rows, stored, n_classes, params):
    y, weight = CLASSES[n_classes], np.linspace(0, 2, N)
    expected, trained = (
        net(**params).fit(of, y, weight, X_val=of, y_val=y) for of in (rows, stored)
    )
    assert_near(trained, expected)
    if params["solver"] != "lbfgs":
        assert_near(trained.partial_fit(stored, y), expected.partial_fit(rows, y))
    assert trained.validation_scores_ == pytest.approx(expected.validation_scores_)
    assert trained.coefs_[0].dtype == np.float64
    for method in PREDICTIONS:
        found = getattr(trained, method)(stored)
        np.testing.assert_allclose(found, getattr(expected, method)(rows), 1e-9, 1e-9)
        assert found.dtype == np.float64
    np.testing.assert_array_equal(trained.predict(stored), expected.predict(rows))


# Nothing can be learned from these rows.
@ignored("ConstantPredictions")
@every_solver
def test_a_wide_sparse_matrix_is_never_made_dense(params):
    n, d = 1000, 50_000
    y, where = np.arange(n) % 2, RNG.randint(0, d, (5, n))
    wide = sparse.csr_matrix(
        (np.ones(5 * n), (np.tile(np.arange(n), 5), where.ravel()))
    )
    wide.resize(n, d)
    few = ShallowNetClassifier(2, max_iter=2, tol=None, random_state=0, **params)
    peak = peak_bytes(lambda: few.fit(wide, y).predict_proba(wide.tocsc()))
    assert peak < n * d * 8 / 4


@either_kind
@pytest.mark.parametrize("store", [np.asarray, sparse.csr_matrix])
@every_solver
def test_float32_is_kept(params, store, n_classes):
    half, y = store(X.astype(np.float32)), CLASSES[n_classes]
    trained = net(**params).fit(half, y, X_val=half, y_val=y)
    arrays = trained.coefs_ + trained.intercepts_
    arrays += trained.init_coefs_ + trained.init_intercepts_
    arrays += net(warm_start=True, **params).fit(half, y).fit(half, y).coefs_
    if params["solver"] != "lbfgs":
        resumed = net(**params).partial_fit(half, y, classes=range(n_classes))
        arrays += resumed.partial_fit(half, y).coefs_
    for method in PREDICTIONS:
        arrays.append(getattr(trained, method)(half))
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert all(type(loss) is float for loss in trained.loss_curve_)
    full = net(**params).fit(X.astype(np.float32).astype(float), y)
    assert_near(trained, full, rtol=1e-3)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint64])
def test_an_integer_of_numpy_is_an_integer(kind):
    narrow, plain = (
        net().set_params(n_hidden=of(16), batch_size=of(50)).fit(X, Y)
        for of in (kind, int)
    )
    assert narrow.loss_curve_ == plain.loss_curve_


class ArrowTable:
    """An imitation of a table of pyarrow, whose types are in its schema."""

    schema = SimpleNamespace(types=["float"] * D)  # so pyarrow writes float32
    shape = X.shape

    def __len__(self):
        return N

    def __array__(self, dtype=None, copy=None):
        return X.astype(np.float32).astype(dtype or np.float32)


SINGLE = X.astype(np.float32)
FRAMES_OF_FLOAT32 = {
    "pandas": pd.DataFrame(SINGLE),
    "pandas extension": pd.DataFrame(SINGLE).astype("Float32"),
    "pandas both": pd.DataFrame(SINGLE).astype({0: "Float32"}),
    "polars": pl.DataFrame(SINGLE),
    "pyarrow": ArrowTable(),
}


@pytest.mark.parametrize("name", FRAMES_OF_FLOAT32)
def test_float32_is_kept_of_every_table(name):
    table = FRAMES_OF_FLOAT32[name]
    trained = net().fit(table, Y, X_val=table, y_val=Y)
    expected = net().fit(SINGLE, Y, X_val=SINGLE, y_val=Y)
    assert_same_net(trained, expected, without=["feature_names_in_"])
    for method in PREDICTIONS:
        predicted = getattr(trained, method)(table)
        assert predicted.dtype == np.float32
        np.testing.assert_array_equal(predicted, getattr(expected, method)(SINGLE))


def test_a_table_of_which_one_column_is_float64_becomes_float64():
    frame = pl.DataFrame(SINGLE).with_columns(pl.col("column_0").cast(pl.Float64))
    assert net().fit(frame, Y).coefs_[0].dtype == np.float64


NAMES = [f"column {i}" for i in range(D)]


@pytest.mark.parametrize("frame_of", [pd.DataFrame, pl.DataFrame])
def test_frames_give_their_column_names(frame_of):
    frame = frame_of(dict(zip(NAMES, X.T, strict=True)))
    labels = pd.Series(Y) if frame_of is pd.DataFrame else pl.Series(Y)
    trained = net(solver="gd").fit(frame, labels, X_val=frame, y_val=labels)
    assert_near(trained, net(solver="gd").fit(X, Y))
    # Which kinds of frame give names is scikit-learn's matter, and differs by version.
    assert names_seen(trained) == names_seen(StandardScaler().fit(frame))
    np.testing.assert_allclose(
        trained.predict_proba(frame), net(solver="gd").fit(X, Y).predict_proba(X)
    )


def names_seen(estimator):
    return getattr(estimator, "feature_names_in_", np.array([])).tolist()


def test_frames_of_several_types_and_extension_types():
    frame = pd.DataFrame(X, columns=NAMES)
    trained = net(solver="gd").fit(frame, Y)
    assert names_seen(trained) == NAMES
    assert names_seen(trained.fit(X, Y)) == []
    frame[NAMES[0]] = frame[NAMES[0]].round().astype("Int64")
    frame[NAMES[1]] = frame[NAMES[1]].astype(np.float32)
    frame[NAMES[2]] = frame[NAMES[2]] > 0
    expected = net(solver="gd").fit(frame.to_numpy(dtype=float), Y)
    assert_near(net(solver="gd").fit(frame, Y), expected)


DAYS = np.array(["2020-01-01", "2021-01-01"], dtype="M8[D]")
# The same labels, whatever their types, and what else may hold them.
EQUAL_LABELS = {
    "dates": [DAYS.astype(f"M8[{unit}]") for unit in ("D", "ms", "us", "ns")],
    "numbers": [np.array([0, 1], dtype) for dtype in (int, np.uint8, float, bool)],
    "others": [np.array([-7, 200], dtype) for dtype in (int, np.int16, np.float32)],
    "words": [np.array(["no", "yes"], dtype) for dtype in ("U3", "U30", object)],
}
HOLDERS = {
    "array": np.asarray,
    "list": list,
    "pandas": pd.Series,
    "polars": lambda y: pl.Series(y.tolist() if y.dtype.kind == "O" else y),
}


@pytest.mark.parametrize("kind", EQUAL_LABELS)
@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_equal_labels_are_the_same_classes_in_every_call(kind, hold):
    plain_twice = net(warm_start=True).fit(X, Y).fit(X, Y)
    plain_held_out = net(early_stopping=True).fit(X, Y, X_val=X, y_val=Y)
    plain_bit_by_bit = net().partial_fit(X, Y, classes=[0, 1])
    plain_bit_by_bit.partial_fit(X, Y).partial_fit(X, Y)
    labels = EQUAL_LABELS[kind]
    for one, other in zip(labels, labels[1:] + labels[:1], strict=True):
        y, again = one[Y], hold(other[Y])
        twice = net(warm_start=True).fit(X, y).fit(X, again)
        assert_near(twice, plain_twice)
        held_out = net(early_stopping=True).fit(X, y, X_val=X, y_val=again)
        assert held_out.validation_scores_ == plain_held_out.validation_scores_
        bit_by_bit = net().partial_fit(X, again, classes=one)
        bit_by_bit.partial_fit(X, y, classes=hold(other)).partial_fit(X, again)
        assert_near(bit_by_bit, plain_bit_by_bit)
        np.testing.assert_array_equal(bit_by_bit.classes_, one)
        predicted = bit_by_bit.predict(X)
        np.testing.assert_array_equal(predicted, one[plain_bit_by_bit.predict(X)])
        assert predicted.dtype == bit_by_bit.classes_.dtype
        assert bit_by_bit.score(X, again) == plain_bit_by_bit.score(X, Y)


def test_a_column_of_labels_is_flattened_with_a_warning():
    with pytest.warns(UserWarning, match="column-vector"):
        trained = net(solver="gd").fit(X, Y[:, None])
    assert_near(trained, net(solver="gd").fit(X, Y))


@every_solver
@pytest.mark.parametrize("store", [np.array, np.asfortranarray, sparse.csr_matrix])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_inputs_are_neither_changed_nor_kept(params, store, early_stopping):
    params = {**params, "early_stopping": early_stopping, "class_weight": {0: 2.0}}
    params["init"] = [RNG.rand(D, 5), RNG.rand(5, 1)], [RNG.rand(5), RNG.rand(1)]
    given = {"X": store(X), "y": Y.copy(), "sample_weight": RNG.rand(N)}
    given |= {"X_val": store(X), "y_val": Y.copy(), "sample_weight_val": RNG.rand(N)}
    before = joblib.hash((given, params))
    trained = net(**params).fit(**given)
    trained.predict_proba(given["X"])
    trained.predict_log_proba(given["X"])
    trained.score(given["X"], given["y"], given["sample_weight"])
    assert joblib.hash((given, params)) == before
    fitted = trained.coefs_ + trained.intercepts_
    fitted += trained.init_coefs_ + trained.init_intercepts_
    arrays = [given["X"], given["y"], *params["init"][0], *params["init"][1]]
    arrays = [array for array in arrays if not sparse.issparse(array)]
    assert not any(np.shares_memory(a, b) for a in fitted for b in arrays)
