"""Splits, seconds, workers and errors of training before a search evaluates."""

import gc
import pickle
import types
import weakref
from functools import partial
from itertools import chain

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets import assert_same_net
from searches import (
    SCALES,
    TWO_COHORTS,
    X,
    Y,
    bare_or_scaled,
    compare,
    net,
    prefixed,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.parallel import Parallel
from watching import watch

from skshallow import LockstepGridSearchCV
from skshallow._fit import train_together as fit_lanes
from skshallow._search import cohort_jobs, rounds, workloads
from skshallow._search.sklearn_internals import arguments_of
from skshallow._search.workloads import FEW_CANDIDATES, MOST_IDLE, parts_of_cohorts


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_fit_times_add_up_to_what_training_took(in_pipeline, monkeypatch):
    """The clock advances only in training and in the step before the net.

    Adopting a result takes time, too, but nothing beside an hour.
    """
    now = 0.0

    def slow(function, seconds):
        def slowed(*args, **kwargs):
            nonlocal now
            now += seconds
            return function(*args, **kwargs)

        return slowed

    monkeypatch.setattr(cohort_jobs, "fit_cohort", slow(cohort_jobs.fit_cohort, 3000.0))
    monkeypatch.setattr(cohort_jobs, "time", types.SimpleNamespace(time=lambda: now))
    estimator, grid, n_splits = net(), TWO_COHORTS, 3
    if in_pipeline:
        step = FunctionTransformer(slow(np.copy, 600.0))
        estimator, grid = Pipeline([("copy", step), ("net", net())]), prefixed(grid)
    search = LockstepGridSearchCV(
        estimator, grid, cv=n_splits, refit=False, scoring=lambda *_: 0.0
    )
    seconds = search.fit(X, Y).cv_results_["mean_fit_time"]
    assert now == n_splits * (2 * 3000 + 600 * in_pipeline)
    assert seconds.sum() * n_splits == pytest.approx(now, rel=0.01)
    assert seconds == pytest.approx(np.full(6, 1000 + 100 * in_pipeline), rel=0.01)


@bare_or_scaled
def test_one_worker_has_the_rows_of_one_split_at_a_time(estimator, grid, monkeypatch):
    prepared, prepare = [], cohort_jobs.prepare

    def watched_prepare(*args):
        split = prepare(*args)
        prepared.append(weakref.ref(split[1][0]))
        return split

    def are_alive(*args, **kwargs):
        gc.collect()
        return [k for k, rows in enumerate(prepared) if rows() is not None]

    monkeypatch.setattr(rounds, "prepare", watched_prepare)
    alive = watch(monkeypatch, cohort_jobs, "fit_cohort", are_alive)
    LockstepGridSearchCV(estimator, grid, cv=3, refit=False).fit(X, Y)
    assert alive == [[0], [0], [1], [1], [2], [2]]  # two cohorts each


# Errors


def break_training(*args, **kwargs):
    raise IndexError("a bug")


@bare_or_scaled
def test_an_error_that_nobody_expects_makes_a_search_slow(estimator, grid, monkeypatch):
    monkeypatch.setattr(fit_lanes, "train_together", break_training)
    with pytest.raises(RuntimeError, match="a bug"):
        LockstepGridSearchCV(estimator, grid).fit(X, Y)
    monkeypatch.delenv("SKSHALLOW_RAISE")
    compare(estimator, grid)


def test_an_error_before_a_fit_of_its_own_is_not_a_fit_that_fails(monkeypatch):
    monkeypatch.setattr(rounds, "arguments_of", break_training)
    search = LockstepGridSearchCV(net(solver="lbfgs"), SCALES, return_curves=True)
    with pytest.raises(RuntimeError, match="a bug"):
        search.fit(X, Y)
    monkeypatch.delenv("SKSHALLOW_RAISE")
    assert np.isfinite(search.fit(X, Y).best_score_)


# Workers


@pytest.mark.parametrize("pre_dispatch", ["all", 3, "n_jobs", "2*n_jobs"])
@bare_or_scaled
def test_jobs_are_dispatched_as_asked_for(pre_dispatch, estimator, grid, monkeypatch):
    seen = []

    class Watched(Parallel):
        def __call__(self, jobs):
            seen.append((self.n_jobs, self.pre_dispatch))
            return super().__call__(jobs)

    monkeypatch.setattr(workloads, "Parallel", Watched)
    search = LockstepGridSearchCV(
        estimator, grid, cv=3, refit=False, n_jobs=2, pre_dispatch=pre_dispatch
    )
    with joblib.parallel_config("threading"):
        search.fit(X, Y)
    assert set(seen) == {(2, pre_dispatch)}


def test_the_result_of_a_worker_is_passed_on_without_unpickling():
    arguments = partial(arguments_of, X, Y, {})
    prepared = cohort_jobs.prepare(net(), 1, arguments, np.arange(len(X)))
    (fit,) = cohort_jobs.train_part(None, [(0, net())], prepared)
    received = pickle.loads(pickle.dumps(fit))
    passed_on = pickle.loads(pickle.dumps(received))
    assert isinstance(received.result, bytes)
    assert received.result == passed_on.result
    assert_same_net(passed_on.fitted_net(), fit.fitted_net())


def many(*sizes):
    """Cohorts of these numbers of candidates, which are all different."""
    ends = np.cumsum(sizes)
    return [[*range(end - n, end)] for n, end in zip(sizes, ends, strict=True)]


cohort_sizes = st.lists(st.integers(1, 400), min_size=1, max_size=6)


@given(cohort_sizes, st.integers(1, 10))
def test_one_worker_has_its_cohorts_whole(sizes, n_splits):
    assert parts_of_cohorts(many(*sizes), 1, n_splits) == many(*sizes)


@given(cohort_sizes, st.integers(2, 64), st.integers(1, 10))
def test_cohorts_are_cut_in_order_and_not_into_small_parts(sizes, n_workers, n_splits):
    parts = parts_of_cohorts(many(*sizes), n_workers, n_splits)
    assert [*chain(*parts)] == [*range(sum(sizes))]
    for cohort in many(*sizes):
        of_cohort = [len(part) for part in parts if part[0] in cohort]
        assert sum(of_cohort) == len(cohort)  # no part has nets of two
        assert len(of_cohort) == 1 or min(of_cohort) >= FEW_CANDIDATES
        assert max(of_cohort) - min(of_cohort) <= 1


@given(st.integers(1, 6), st.integers(2, 64), st.integers(1, 10))
def test_few_workers_are_idle(n_cohorts, n_workers, n_splits):
    """There are candidates enough for ten jobs a worker, which always suffice."""
    cohorts = many(*[n_workers * 10 * FEW_CANDIDATES] * n_cohorts)
    n_jobs = n_splits * len(parts_of_cohorts(cohorts, n_workers, n_splits))
    n_rounds = -(-n_jobs // n_workers)
    assert 1 - n_jobs / (n_rounds * n_workers) <= MOST_IDLE


def test_a_cohort_is_cut_no_more_than_workers_need():
    """Two workers get two halves on five splits, and so five jobs each."""
    (cohort,) = many(100)
    assert parts_of_cohorts([cohort], 2, 5) == [cohort[:50], cohort[50:]]
    assert parts_of_cohorts([cohort], 2, 4) == [cohort]
    assert parts_of_cohorts([cohort], 5, 5) == [cohort]


def test_workers_are_sent_no_more_than_500_candidates_at_once():
    parts = parts_of_cohorts(many(5000, 20), 2, 5)
    assert [*map(len, parts)] == [500] * 10 + [10] * 2


@given(st.integers(1, 9), st.integers(1, 12), st.integers(1, 12))
def test_every_net_is_trained_once_on_every_split(n_nets, n_workers, n_splits):
    nets = [*range(n_nets)]
    parts_of = workloads.parts_by_split(nets, n_workers, n_splits)
    assert len(parts_of) == n_splits
    for parts in parts_of:
        assert [*chain(*parts)] == nets
        assert min(map(len, parts)) > 0


def test_nets_stay_together_but_for_splits_that_would_leave_workers_idle():
    def sizes(n_workers, n_splits):
        parts_of = workloads.parts_by_split([0, 1, 2], n_workers, n_splits)
        return [[*map(len, parts)] for parts in parts_of]

    assert sizes(1, 5) == [[3]] * 5
    assert sizes(2, 5) == [[3]] * 4 + [[2, 1]]
    assert sizes(3, 5) == sizes(5, 5) == sizes(8, 5) == [[3]] * 5
    assert sizes(4, 5) == [[3]] * 4 + [[1, 1, 1]]
    assert sizes(16, 5) == [[1, 1, 1]] * 5
