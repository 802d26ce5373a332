"""A search in lock-step keeps scikit-learn's conventions for searches.

It shares its work among jobs, can be cloned, pickled and nested, and knows whether it
is fitted.
"""

import contextlib
import inspect
import pickle

import joblib
import numpy as np
import pytest
from nets import ignored
from searches import (
    GRID,
    IN_LOCKSTEP,
    SCALES,
    WEIGHT,
    X,
    Y,
    assert_same,
    assert_same_search,
    compare,
    net,
    ordinary_fits,
    pair,
    prefixed,
    scaled,
)
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    ParameterGrid,
    _search,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted
from watching import watch

from skshallow import LockstepGridSearchCV

every_search = pytest.mark.parametrize("plain", IN_LOCKSTEP)


# Jobs


def test_what_a_worker_is_sent_to_score_a_net_does_not_grow(monkeypatch):
    def size(*args, **kwargs):
        shared = {name: kwargs.get(name) for name in ("caller", "callback_ctx")}
        return len(pickle.dumps(shared))

    sizes = watch(monkeypatch, _search, "_fit_and_score", size)
    for n in (2, 40):
        grid = {"random_state": [*range(n)]}
        LockstepGridSearchCV(net(max_iter=1), grid, cv=2, refit=False).fit(X, Y)
    assert sizes[-1] < sizes[0] + 10 * 40  # ten bytes a seed of the grid


BACKENDS = {
    "own": contextlib.nullcontext,
    "loky": lambda: joblib.parallel_config("loky"),
    "loky for all": lambda: joblib.parallel_config("loky", n_jobs=2),
    "threads": lambda: joblib.parallel_config("threading"),
}


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
def test_two_jobs(backend):
    grid = {"alpha": [0.1, 0.2], "n_hidden": [2, 3], "solver": ["adam", "lbfgs"]}
    estimator, weighted = scaled(net()), {"sample_weight": WEIGHT}
    with backend() as config:
        n_jobs = None if config and config["n_jobs"] == 2 else 2
        compare(estimator, prefixed(grid), n_jobs=n_jobs)
        compare(net(), SCALES, n_jobs=n_jobs, fit_params=weighted)


# Conventions


@every_search
def test_a_subclass_of_the_same_signature(plain):
    lockstep = IN_LOCKSTEP[plain]
    assert issubclass(lockstep, plain)
    own = inspect.signature(lockstep)
    shared = [p for p in own.parameters.values() if str(p) != "return_curves=False"]
    shared = own.replace(parameters=shared)
    assert str(shared) == str(inspect.signature(plain))  # as text: nan is a default
    assert inspect.signature(lockstep.fit) == inspect.signature(plain.fit)


@every_search
def test_parameters_and_clones(plain):
    searches = pair(scaled(net()), {"net__alpha": [0.1]}, plain, verbose=1)
    expected, *found = (s.get_params() for s in (*searches, clone(searches[1])))
    for params in found:
        assert params.pop("return_curves", False) is False
        assert_same(params, expected)
    searches[1].set_params(estimator__net__alpha=7.0, refit=False)
    assert searches[1].estimator[-1].alpha == 7.0
    assert is_classifier(searches[1])
    assert isinstance(searches[1], plain)


def test_it_knows_whether_it_is_fitted():
    _, search = pair(net(), GRID, scoring=None, refit=True)
    with pytest.raises(NotFittedError):
        check_is_fitted(search)
    with pytest.raises(NotFittedError):
        search.predict(X)
    check_is_fitted(search.fit(X, Y))
    assert "LockstepGridSearchCV" in search._repr_html_()


@every_search
def test_a_fitted_search_can_be_kept(plain):
    grid = {"alpha": [0.1, 0.5, 1.0], "random_state": [0, 1]}
    _, search = pair(scaled(net(batch_size=2)), prefixed(grid), plain)
    search.fit(X, Y)
    for again in (pickle.loads(pickle.dumps(search)), clone(search).fit(X, Y)):
        assert_same_search(search, again)


@ignored("ConstantPredictions")
@pytest.mark.parametrize("plain", [s for s in IN_LOCKSTEP if "Grid" in s.__name__])
def test_a_search_can_be_fitted_anew(plain):
    plain, lockstep = pair(net(batch_size=2), GRID, plain)
    for rows, labels in ((X, Y), (X[:, :2], 1 - Y), (X[:20], np.arange(20) % 3)):
        assert_same_search(plain.fit(rows, labels), lockstep.fit(rows, labels), rows)


def test_a_search_in_cross_validation():
    results = [
        cross_validate(search, X, Y, cv=2, return_estimator=True)
        for search in pair(scaled(net()), prefixed(GRID), scoring=None, refit=True)
    ]
    assert_same(*(result["test_score"] for result in results))
    for searches in zip(*(result["estimator"] for result in results), strict=True):
        assert_same_search(*searches)


def test_a_search_in_a_pipeline():
    pipelines = [
        make_pipeline(StandardScaler(), search).fit(X, Y)
        for search in pair(net(), GRID)
    ]
    assert_same_search(*(pipeline[-1] for pipeline in pipelines))
    assert_same(*(pipeline.predict_proba(X) for pipeline in pipelines))


def test_a_search_in_a_search():
    inner = pair(net(), {"alpha": [0.1, 1.0]}, scoring=None, refit=True)
    grid = {"estimator__n_hidden": [2, 3]}
    outer = [GridSearchCV(search, grid, cv=2) for search in inner]
    results = [search.fit(X, Y).cv_results_["mean_test_score"] for search in outer]
    assert_same(*results)


class InRounds:
    """A search of scales, and then, on other splits, of penalties at the best scale."""

    def _run_search(self, evaluate_candidates):
        first = evaluate_candidates(ParameterGrid(SCALES), more_results={"at": [0] * 3})
        best = first["params"][first["mean_test_loss"].argmin()]
        penalties = ({**best, "alpha": alpha} for alpha in (0.2, 0.4))
        evaluate_candidates(penalties, KFold(2), {"at": [1, 1]})


@pytest.mark.parametrize("cv", [None, KFold(2, shuffle=True, random_state=1)])
def test_a_subclass_with_rounds_of_its_own(cv, monkeypatch):
    plain, lockstep = (
        type("Search", (InRounds, type(search)), {})(**search.get_params(deep=False))
        for search in pair(net(), SCALES, cv=cv or 2)
    )
    plain.fit(X, Y)
    n_fits = ordinary_fits(monkeypatch)
    assert_same_search(plain, lockstep.fit(X, Y))
    assert len(n_fits) == 1  # the refit


def test_nets_without_a_seed_are_drawn_anew_each():
    grid = {"alpha": [0.1, 0.1, 0.1]}
    _, search = pair(net(random_state=None), grid)
    losses = search.fit(X, Y).cv_results_["split0_test_loss"]
    assert len(set(losses)) == 3


@every_search
def test_estimators_of_other_kinds(plain):
    grid = {"C": [0.1, 1.0, 10.0]}
    compare(LogisticRegression(), grid, plain=plain)
