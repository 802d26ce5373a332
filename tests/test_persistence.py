"""A fitted net is plain numbers: it survives every round trip, and holds no data."""

import io
import numbers
import pickle

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier

RNG = np.random.RandomState(0)
X = RNG.standard_normal((90, 4))
Y = np.array(["no", "yes"])[(X[:, 0] * X[:, 1] > 0).astype(int)]
SOLVERS = ["gd", "sgd", "adam", "lbfgs"]


def net(**params):
    defaults = {"max_iter": 10, "tol": None, "random_state": 0, "solver": "adam"}
    return ShallowNetClassifier(5, **{**defaults, **params})


def with_pickle(model, path):
    return pickle.loads(pickle.dumps(model))


def with_joblib(model, path):
    joblib.dump(model, path)
    return joblib.load(path)


def with_memory_map(model, path):
    joblib.dump(model, path)
    return joblib.load(path, mmap_mode="r")


every_way = pytest.mark.parametrize(
    "through", [with_pickle, with_joblib, with_memory_map]
)
MODELS = {
    "bare": net(),
    "pipeline": make_pipeline(StandardScaler(), net()),
    "search": GridSearchCV(net(), {"init_scale": [0.1, 1.0]}, cv=2),
    "pipeline in search": GridSearchCV(
        make_pipeline(StandardScaler(), net()),
        {"shallownetclassifier__init": ["zeros", "randn", "he"]},
        cv=2,
    ),
}


@every_way
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_a_round_trip_changes_no_prediction(model, through, tmp_path):
    model.fit(X, Y)
    loaded = through(model, tmp_path / "model.joblib")
    for method in ("predict", "predict_proba", "predict_log_proba"):
        np.testing.assert_array_equal(
            getattr(loaded, method)(X), getattr(model, method)(X)
        )


@every_way
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_loaded_net_can_be_fitted_again(solver, through, tmp_path):
    fitted = net(solver=solver, warm_start=True).fit(X, Y)
    loaded = through(fitted, tmp_path / "net.joblib")
    np.testing.assert_array_equal(
        loaded.fit(X, Y).coefs_[0], fitted.fit(X, Y).coefs_[0]
    )
    for again in (loaded, fitted):
        again.set_params(warm_start=False, random_state=1).fit(X, Y)
    np.testing.assert_array_equal(loaded.coefs_[0], fitted.coefs_[0])
    assert loaded.loss_curve_ == fitted.loss_curve_


@every_way
def test_a_loaded_net_gives_its_weights_to_another(through, tmp_path):
    loaded = through(net().fit(X, Y), tmp_path / "net.joblib")
    heir = net(init=(loaded.coefs_, loaded.intercepts_), max_iter=3).fit(X, Y)
    np.testing.assert_array_equal(heir.init_coefs_[0], loaded.coefs_[0])


def test_predicting_writes_nothing():
    fitted = net().fit(X, Y)
    before = joblib.hash(vars(fitted))
    fitted.predict_proba(X), fitted.predict(X), fitted.score(X, Y)
    assert joblib.hash(vars(fitted)) == before


def is_plain(value):
    """Arrays, numbers and strings, and lists and dicts of them."""
    if isinstance(value, np.ndarray):
        return value.dtype != object or all(isinstance(v, str) for v in value.flat)
    if isinstance(value, list):
        return type(value) is list and all(map(is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(k, str) for k in value) and all(
            map(is_plain, value.values())
        )
    return value is None or isinstance(value, (numbers.Real, str))


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_fitted_state_is_plain(solver, early_stopping, dtype):
    params = {"solver": solver, "warm_start": True, "early_stopping": early_stopping}
    fitted = net(**params).fit(X.astype(dtype), Y.astype(object))
    learned = vars(fitted).keys() - fitted.get_params().keys()
    assert len(learned) > 15
    assert {name for name in learned if not is_plain(getattr(fitted, name))} == set()


def test_the_types_of_the_public_attributes():
    held_out = {"X_val": X, "y_val": Y}
    fitted = net(n_init=3, early_stopping=True).fit(X, Y, **held_out)
    for name in ("coefs_", "intercepts_", "init_coefs_", "init_intercepts_"):
        assert [type(a) for a in getattr(fitted, name)] == [np.ndarray] * 2
    for name in ("loss_curve_", "validation_scores_", "validation_loss_curve_"):
        curve = getattr(fitted, name)
        assert type(curve) is list
        assert {type(value) for value in curve} == {float}
    for name in ("loss_", "best_loss_", "best_validation_score_"):
        assert isinstance(getattr(fitted, name), float)
    for name in ("n_iter_", "n_layers_", "n_outputs_", "n_features_in_"):
        assert type(getattr(fitted, name)) is int
    assert isinstance(fitted.status_, str)
    assert isinstance(fitted.out_activation_, str)
    assert fitted.init_losses_.shape == (3,)
    assert [c.shape for c in fitted.coefs_] == [(4, 5), (5, 1)]
    assert [b.shape for b in fitted.intercepts_] == [(5,), (1,)]


def size(fitted):
    file = io.BytesIO()
    joblib.dump(fitted, file)
    return file.tell()


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_data_are_not_kept(solver):
    few = net(solver=solver, warm_start=True).fit(X, Y)
    many = net(solver=solver, warm_start=True)
    many.fit(np.tile(X, (20, 1)), np.tile(Y, 20), np.ones(1800))
    assert len(many.loss_curve_) <= 10
    assert abs(size(many) - size(few)) < 1000
