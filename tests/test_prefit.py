"""What a rehearsal does with splits, seconds and workers, before a search scores."""

import gc
import types
import weakref
from itertools import chain

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from searches import SCALES, X, Y, net, prefixed, scaled
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.parallel import Parallel

from skshallow import LockstepGridSearchCV
from skshallow._search import prefit
from skshallow._search.prefit import (
    FEW_CANDIDATES,
    MOST_IDLE,
    Candidate,
    PreparedSplit,
)

GRID = {"n_hidden": [2, 3], **SCALES}  # two cohorts of three


# Seconds


class Clock:
    """Stands still but for what is said to take its time."""

    PREPARATION, COHORT = 600.0, 3000.0

    def __init__(self):
        self.now = 1e9

    def time(self):
        return self.now

    def slowed(self, function, seconds):
        """The function, as if it took so many seconds."""

        def slow(*args, **kwargs):
            self.now += seconds
            return function(*args, **kwargs)

        return slow


@pytest.fixture
def clock(monkeypatch):
    """The clock by which searches measure."""
    clock = Clock()
    slow = clock.slowed(prefit.fit_cohort, Clock.COHORT)
    monkeypatch.setattr(prefit, "fit_cohort", slow)
    monkeypatch.setattr(prefit, "time", types.SimpleNamespace(time=clock.time))
    return clock


def test_nets_trained_together_share_the_time_of_that_and_of_its_preparation(clock):
    split = PreparedSplit(0, net(), (X, Y), {}, seconds=50.0)
    fits = prefit._train([Candidate(i, {}, net()) for i in range(4)], split)
    assert [fit.seconds for fit in fits.values()] == [3000 / 4 + 50] * 4


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_fit_times_add_up_to_what_training_took(clock, in_pipeline):
    """But for what handing over takes, which is nothing beside an hour."""
    estimator, grid, n_splits = net(), GRID, 3
    if in_pipeline:
        scaler = FunctionTransformer(clock.slowed(np.copy, Clock.PREPARATION))
        estimator = Pipeline([("copy", scaler), ("net", estimator)])
        grid = prefixed(grid)
    search = LockstepGridSearchCV(
        estimator, grid, cv=n_splits, refit=False, scoring=lambda *_: 0.0
    )
    start = clock.now
    seconds = search.fit(X, Y).cv_results_["mean_fit_time"]
    assert clock.now - start == n_splits * (2 * 3000 + 600 * in_pipeline)
    assert seconds.sum() * n_splits == pytest.approx(clock.now - start, rel=0.01)
    assert seconds == pytest.approx(np.full(6, 1000 + 100 * in_pipeline), rel=0.01)


# Memory


@pytest.mark.parametrize("estimator", [net(), scaled(net())], ids=["bare", "scaled"])
def test_one_worker_has_the_rows_of_one_split_at_a_time(estimator, monkeypatch):
    prepared, alive = [], []

    def prepare(*args):
        result = prefit_prepare(*args)
        prepared.append(weakref.ref(result.args[0]))
        return result

    def fit_cohort(*args, **kwargs):
        gc.collect()
        alive.append([k for k, rows in enumerate(prepared) if rows() is not None])
        return prefit_fit_cohort(*args, **kwargs)

    prefit_prepare = prefit._prepare
    prefit_fit_cohort = prefit.fit_cohort
    monkeypatch.setattr(prefit, "_prepare", prepare)
    monkeypatch.setattr(prefit, "fit_cohort", fit_cohort)
    grid = prefixed(GRID) if isinstance(estimator, Pipeline) else GRID
    LockstepGridSearchCV(estimator, grid, cv=3, refit=False).fit(X, Y)
    assert alive == [[0], [0], [1], [1], [2], [2]]  # two cohorts each


# Workers


@pytest.mark.parametrize("pre_dispatch", ["all", 3, "n_jobs", "2*n_jobs"])
@pytest.mark.parametrize("estimator", [net(), scaled(net())], ids=["bare", "scaled"])
def test_jobs_are_dispatched_ahead_as_the_search_says(
    pre_dispatch, estimator, monkeypatch
):
    seen = []

    class Watched(Parallel):
        def __call__(self, jobs):
            seen.append((self.n_jobs, self.pre_dispatch))
            return super().__call__(jobs)

    monkeypatch.setattr(prefit, "Parallel", Watched)
    grid = prefixed(GRID) if isinstance(estimator, Pipeline) else GRID
    search = LockstepGridSearchCV(
        estimator, grid, cv=3, refit=False, n_jobs=2, pre_dispatch=pre_dispatch
    )
    with joblib.parallel_config("threading"):
        search.fit(X, Y)
    assert set(seen) == {(2, pre_dispatch)}


def many(*sizes):
    """Cohorts of so many candidates each, all different."""
    ends = np.cumsum(sizes)
    return [[*range(end - n, end)] for n, end in zip(sizes, ends, strict=True)]


def idle_share(n_jobs, n_workers):
    """Of the time of all workers, if jobs take the same."""
    rounds = -(-n_jobs // n_workers)
    return 1 - n_jobs / (rounds * n_workers)


cohort_sizes = st.lists(st.integers(1, 400), min_size=1, max_size=6)


@given(cohort_sizes, st.integers(1, 10))
def test_one_worker_has_its_cohorts_whole(sizes, n_splits):
    assert prefit._cut(many(*sizes), 1, n_splits) == many(*sizes)


@given(cohort_sizes, st.integers(2, 64), st.integers(1, 10))
def test_cohorts_are_cut_in_order_and_not_into_crumbs(sizes, n_workers, n_splits):
    parts = prefit._cut(many(*sizes), n_workers, n_splits)
    assert [*chain(*parts)] == [*range(sum(sizes))]
    for cohort in many(*sizes):
        of_cohort = [len(part) for part in parts if part[0] in cohort]
        assert sum(of_cohort) == len(cohort)  # no part has nets of two
        assert len(of_cohort) == 1 or min(of_cohort) >= FEW_CANDIDATES
        assert max(of_cohort) - min(of_cohort) <= 1


@given(st.integers(1, 6), st.integers(2, 64), st.integers(1, 10))
def test_hardly_a_worker_idles(n_cohorts, n_workers, n_splits):
    """Given candidates enough: ten jobs a worker are always fine."""
    cohorts = many(*[n_workers * 10 * FEW_CANDIDATES] * n_cohorts)
    n_jobs = n_splits * len(prefit._cut(cohorts, n_workers, n_splits))
    assert idle_share(n_jobs, n_workers) <= MOST_IDLE


def test_a_cohort_is_cut_no_more_than_workers_need():
    """Two workers on five splits: halves, and each has five jobs."""
    (cohort,) = many(100)
    assert prefit._cut([cohort], 2, 5) == [cohort[:50], cohort[50:]]
    assert prefit._cut([cohort], 2, 4) == [cohort]
    assert prefit._cut([cohort], 5, 5) == [cohort]
