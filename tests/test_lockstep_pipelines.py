"""Searches in lock-step over pipelines give what plain ones give, to the last bit.

Pipelines that look alike are told apart, and none changes another.
"""

import inspect

import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib import Memory
from searches import (
    SCALES,
    WEIGHT,
    D,
    N,
    X,
    Y,
    assert_same_search,
    compare,
    net,
    outcome_of,
    pair,
    prefixed,
    scaled,
)
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
    TargetEncoder,
)

from skshallow import ShallowNetClassifier

WORDS = pd.DataFrame(
    {
        "number": X[:, 0],
        "word": np.array(["red", "green", "blue"])[np.digitize(X[:, 1], [-0.5, 0.5])],
    }
)


ONE_HOT = OneHotEncoder(sparse_output=False)


class Doubler(TransformerMixin, BaseEstimator):
    """A step that doubles the rows it is fitted on, and no others."""

    def __init__(self, shift=0.0):
        self.shift = shift

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def fit_transform(self, X, y=None):
        return 2 * self.fit(X).transform(X)

    def transform(self, X):
        return X + self.shift


ENCODER = ColumnTransformer(
    [("number", StandardScaler(), ["number"]), ("word", ONE_HOT, ["word"])]
)


SEEDS = {"net__random_state": [0, 1], "net__init_scale": [0.5, 1.0]}
PRE_STEPS = {
    "a scaler": [StandardScaler()],
    "two": [StandardScaler(), PCA(2, random_state=0)],
    "a selection by the labels": [SelectKBest(k=2)],
    "fit_transform is something else": [Doubler(1.0)],
    "whitening": [PCA(3, whiten=True, svd_solver="randomized", random_state=0)],
    "sparse": [
        KBinsDiscretizer(3, encode="onehot", quantile_method="averaged_inverted_cdf")
    ],
    "nested": [make_pipeline(StandardScaler(), make_pipeline(PCA(2)))],
    "a union": [FeatureUnion([("a", StandardScaler()), ("b", PCA(2))])],
    "frames": [StandardScaler().set_output(transform="pandas")],
    "nothing": ["passthrough", None],
    "a function": [FunctionTransformer(np.tanh)],
    "none": [],
}
if "quantile_method" not in inspect.signature(KBinsDiscretizer).parameters:
    PRE_STEPS.pop("sparse")


@pytest.mark.parametrize("steps", PRE_STEPS.values(), ids=PRE_STEPS)
def test_pre_steps(steps):
    named = [(f"step{i}", step) for i, step in enumerate(steps)]
    compare(Pipeline([*named, ("net", net())]), SEEDS)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("solver", ["gd", "sgd", "adam", "lbfgs"])
def test_solvers_behind_a_scaler(solver, dtype):
    search, _ = compare(scaled(net(solver=solver)), SEEDS, X.astype(dtype))
    assert search.best_estimator_[-1].coefs_[0].dtype == dtype


def test_columns_of_words():
    target = TargetEncoder(cv=2, shuffle=False)
    if "random_state" in inspect.signature(TargetEncoder).parameters:
        target.set_params(shuffle=True, random_state=0)
    both = ColumnTransformer([("a", ENCODER, list(WORDS)), ("b", target, ["word"])])
    compare(Pipeline([("both", both), ("net", net())]), SEEDS, WORDS)


def test_frames_between_the_steps():
    estimator = Pipeline([("words", ENCODER), ("net", net())])
    estimator.set_output(transform="pandas")
    search, _ = compare(estimator, SEEDS, WORDS)
    assert "word__word_red" in search.best_estimator_[-1].feature_names_in_


SETTINGS = {
    "a pre-step's parameter": {"scale__with_mean": [True, False]},
    "a whole step": {"scale": [StandardScaler(), MinMaxScaler(), "passthrough", None]},
    "a step and its parameter": {
        "scale": [PCA(random_state=0)],
        "scale__n_components": [1, 3],
    },
    "steps that are alike": {"scale": [StandardScaler(), StandardScaler()]},
    "the net": {"net": [net(), net(n_hidden=2, solver="gd"), net(random_state=1)]},
    "the net and its parameter": {"net": [net(), net(solver="gd")]},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_settings_of_steps(settings):
    compare(scaled(net()), settings | prefixed(SCALES))


def test_another_final_estimator_in_the_grid():
    grid = [
        {"net": [net(), LogisticRegression()], "scale__with_std": [True, False]},
        {"net": [LogisticRegression()], "net__C": [0.1, 1.0]},
        {"net__init_scale": [0.5, 1.0]},
        {"net": [LogisticRegression()], "scale": ["passthrough"]},
    ]
    compare(scaled(net()), grid)
    compare(scaled(LogisticRegression()), grid[:2])


@pytest.mark.parametrize("make_memory", [Memory, str], ids=["Memory", "path"])
def test_pipelines_that_remember(make_memory, tmp_path):
    grid = SEEDS | {"scale__with_mean": [True, False]}
    searches = pair(scaled(net()), grid, scoring="roc_auc", refit=True)
    for search in searches:
        place = tmp_path / type(search).__name__
        memory = Memory(place, verbose=0) if make_memory is Memory else str(place)
        search.set_params(estimator__memory=memory)
        assert outcome_of(search, X, Y, {})[2] is None
        search.best_estimator_.set_params(memory=None)  # their places differ
    assert_same_search(*searches)


@pytest.mark.parametrize("name", ["net__sample_weight", "scale__sample_weight"])
def test_weights_for_a_step(name):
    compare(scaled(net()), SEEDS, fit_params={name: WEIGHT})
    both = {"net__sample_weight": WEIGHT, "scale__sample_weight": WEIGHT.tolist()}
    compare(scaled(net()), SEEDS, fit_params=both)


def test_validation_data_through_a_pipeline():
    held_out = {"net__X_val": X[:9], "net__y_val": Y[:9]}
    estimator = scaled(net(early_stopping=True, tol=1e-3, n_iter_no_change=2))
    compare(estimator, SEEDS, fit_params=held_out)


def test_validation_data_that_the_pipeline_transforms():
    with sklearn.config_context(enable_metadata_routing=True):
        routed = net().set_fit_request(X_val=True, y_val=True)
        asked = scaled(routed, transform_input=["X_val"])
        held_out = {"X_val": X[:9], "y_val": Y[:9]}
        compare(asked, SEEDS, fit_params=held_out)
        asked.set_params(net__early_stopping=True, net__tol=1e-3)
        compare(asked, SEEDS, fit_params=held_out)


def test_a_pre_step_that_fails_for_some():
    grid = {"scale": [PCA()], "scale__n_components": [2, D + 1], **prefixed(SCALES)}
    search, _ = compare(scaled(net()), grid)
    np.testing.assert_array_equal(
        np.isnan(search.cv_results_["mean_test_accuracy"]),
        search.cv_results_["param_scale__n_components"] > D,
    )


# Estimators that are neither plain nets nor plain pipelines of one


class OppositeLearner(ShallowNetClassifier):
    """A net whose own ``fit`` learns the opposite labels."""

    def fit(self, X, y, sample_weight=None):
        return super().fit(X, 1 - y, sample_weight)


class OppositePredictor(ShallowNetClassifier):
    """A net whose own ``predict`` gives the opposite labels."""

    def predict(self, X):
        return self.classes_[1 - np.searchsorted(self.classes_, super().predict(X))]


class OddPipeline(Pipeline):
    """A pipeline that is fitted to the first rows alone."""

    def fit(self, X, y=None, **params):
        return super().fit(X[:15], y[:15], **params)


OPPOSITE_LEARNER = OppositeLearner(3, max_iter=4, random_state=0)
OPPOSITE_PREDICTOR = OppositePredictor(3, max_iter=4, tol=None, random_state=0)
CALIBRATED = CalibratedClassifierCV(net(), cv=2, ensemble=False)
OTHERS = {
    "a subclass with its own fit": (OPPOSITE_LEARNER, "alpha"),
    "a subclass that predicts otherwise": (OPPOSITE_PREDICTOR, "alpha"),
    "a subclass in a pipeline": (scaled(OPPOSITE_LEARNER), "net__alpha"),
    "a pipeline's subclass": (OddPipeline(scaled(net()).steps), "net__alpha"),
    "a pipeline in a pipeline": (Pipeline([("a", scaled(net()))]), "a__net__alpha"),
    "a wrapped net": (CALIBRATED, "estimator__alpha"),
    "a warm start": (net(warm_start=True), "alpha"),
    "a net that talks": (net(verbose=True), "alpha"),
    "a net that talks at times": (scaled(net(verbose=2)), "net__alpha"),
}


@pytest.mark.parametrize(("estimator", "name"), OTHERS.values(), ids=OTHERS)
def test_others_are_fitted_one_by_one(estimator, name):
    compare(estimator, {name: [0.1, 1.0]}, scoring="accuracy", refit=True)


# Candidates that look alike, and neighbours


LETTERS = np.array([["a", "b", np.nan][i % 3] for i in range(N)], dtype=object)


class Signed(TransformerMixin, BaseEstimator):
    """A step that tells zeros of either sign, and dicts of either order, apart."""

    def __init__(self, fill=1.0, table=None):
        self.fill, self.table = fill, table

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        first = 1.0 if self.table is None else next(iter(self.table.values()))
        return np.copysign(1.0, self.fill) * first * X + 0.1


class DrawingStep(TransformerMixin, BaseEstimator):
    """A step that draws random numbers whenever it is used."""

    def fit(self, X, y=None):
        self.rng_ = np.random.RandomState(0)
        return self

    def transform(self, X):
        return X + 0.3 * self.rng_.standard_normal(X.shape)


@pytest.mark.parametrize("first", ["weight", False])
def test_nets_that_ask_for_other_metadata(first):
    second = False if first else "weight"

    def asking(alpha, request):
        return net(alpha=alpha).set_fit_request(sample_weight=request)

    with sklearn.config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight="weight")
        estimator = Pipeline([("scale", scaler), ("net", asking(0, "weight"))])
        grid = {"net": [asking(0, first), asking(0.3, second)]}
        params = {"weight": WEIGHT}
        compare(estimator, grid, fit_params=params, refit=False)


def test_a_scorer_that_sets_attributes_of_the_steps():
    def meddling(estimator, X, y):
        estimator[0].mean_ = estimator[0].mean_ + 1
        return estimator.score(X, y)

    compare(scaled(net()), prefixed(SCALES), scoring=meddling, refit=False)


TABLE = {"x": 1.0, "y": 3.0}
NAN_IN_OBJECTS = [np.array(["a", "b", np.nan], dtype=object)]
ALIKE = {
    "plus and minus": (Signed(), {"fill": [0.0, -0.0]}, X),
    "minus and plus": (Signed(), {"fill": [-0.0, 0.0]}, X),
    "numbers of other types": (Signed(), {"fill": [1.0, 1]}, X),
    "tables in another order": (Signed(), {"table": [TABLE, {"y": 3.0, "x": 1.0}]}, X),
    "what does not equal itself": (
        ONE_HOT,
        {"categories": [NAN_IN_OBJECTS, "auto"]},
        LETTERS[:, None],
    ),
    "steps that change when they are used": (DrawingStep(), {}, X),
}


@pytest.mark.parametrize(("step", "values", "rows"), ALIKE.values(), ids=ALIKE)
def test_candidates_that_look_alike(step, values, rows):
    grid = {f"step__{name}": several for name, several in values.items()}
    compare(Pipeline([("step", step), ("net", net())]), grid | prefixed(SCALES), rows)


@pytest.mark.filterwarnings("ignore:.*did not converge")
def test_a_penalty_without_bounds_leaves_its_neighbour_alone():
    rows, light = X.astype(np.float32), {"sample_weight": np.full(N, 1e-50)}
    compare(net(), {"alpha": [0, 1e-60]}, rows, fit_params=light, refit=False)
