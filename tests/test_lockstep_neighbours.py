"""Candidates that look alike are told apart, and none of them can touch another."""

import numpy as np
import pytest
import sklearn
from searches import SCALES, WEIGHT, N, X, Y, compare, net, prefixed, scaled
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import KFold, ParameterGrid
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skshallow import LockstepGridSearchCV

LETTERS = np.array([["a", "b", np.nan][i % 3] for i in range(N)], dtype=object)


class Signed(TransformerMixin, BaseEstimator):
    """Tells zeros of either sign, and dicts of either order, apart."""

    def __init__(self, fill=1.0, table=None):
        self.fill, self.table = fill, table

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        first = 1.0 if self.table is None else next(iter(self.table.values()))
        return np.copysign(1.0, self.fill) * first * X + 0.1


class Restless(TransformerMixin, BaseEstimator):
    """Draws whenever it is used."""

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


def test_steps_that_change_when_they_are_used():
    compare(Pipeline([("noise", Restless()), ("net", net())]), prefixed(SCALES))


def test_a_scorer_that_sets_attributes_of_the_steps():
    def meddling(estimator, X, y):
        estimator[0].mean_ = estimator[0].mean_ + 1
        return estimator.score(X, y)

    compare(scaled(net()), prefixed(SCALES), scoring=meddling, refit=False)


@pytest.mark.parametrize(
    "values", [[0.0, -0.0], [-0.0, 0.0], [1.0, 1]], ids=["plus", "minus", "type"]
)
def test_numbers_that_are_equal_but_not_the_same(values):
    estimator = Pipeline([("sign", Signed()), ("net", net())])
    compare(estimator, {"sign__fill": values, **prefixed(SCALES)})


def test_tables_in_another_order():
    tables = [{"x": 1.0, "y": 3.0}, {"y": 3.0, "x": 1.0}]
    estimator = Pipeline([("sign", Signed()), ("net", net())])
    compare(estimator, {"sign__table": tables})


def test_arrays_that_do_not_equal_themselves():
    categories = [[np.array(["a", "b", np.nan], dtype=object)], "auto"]
    encoder = OneHotEncoder(sparse_output=False)
    estimator = Pipeline([("encode", encoder), ("net", net())])
    grid = {"encode__categories": categories, **prefixed(SCALES)}
    compare(estimator, grid, X=LETTERS[:, None])


@pytest.mark.parametrize("cv", [None, KFold(2, shuffle=True, random_state=1)])
def test_a_subclass_with_rounds_of_its_own(cv):
    class InRounds(LockstepGridSearchCV):
        def _run_search(self, evaluate_candidates):
            for candidate in ParameterGrid(self.param_grid):
                evaluate_candidates([candidate], cv)

    search = InRounds(net(), SCALES, cv=2, refit=False).fit(X, Y)
    splits = cv or 2
    plain = LockstepGridSearchCV(net(), SCALES, cv=splits, refit=False).fit(X, Y)
    for name in ("params", "mean_test_score", "split1_test_score"):
        np.testing.assert_array_equal(search.cv_results_[name], plain.cv_results_[name])


@pytest.mark.filterwarnings("ignore:.*did not converge")
def test_a_penalty_without_bounds_leaves_its_neighbour_alone():
    compare(
        net(),
        {"alpha": [0, 1e-60]},
        X=X.astype(np.float32),
        fit_params={"sample_weight": np.full(N, 1e-50)},
        refit=False,
    )
