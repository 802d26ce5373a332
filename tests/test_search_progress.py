"""A search in lock-step reports its progress in lines and by progress bars."""

import re
import threading
import time
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from joblib.parallel import ThreadingBackend
from nets import ignored
from searches import (
    SCALES,
    TWO_COHORTS,
    X,
    Y,
    assert_same_search,
    bare_or_scaled,
    chosen,
    net,
    ordinary_fits,
    outcome_of,
    pair,
    prefixed,
    scaled,
)
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
)
from watching import HAS_CALLBACKS, watch

from skshallow import LockstepGridSearchCV, ShallowNetClassifier
from skshallow._fit import train_together
from skshallow._search import progress

pytestmark = ignored("ConstantPredictions")


# Lines


def lines_of(search, X=X, y=Y):
    """The lines that a search prints, without times."""
    _, screen, error = outcome_of(search, X, y, {})
    assert error is None
    gone = re.sub(r"\d+\.\d s gone", "T gone", screen)
    return re.sub(r"about \d+ (s|min) left", "T left", gone).splitlines()


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets, for lines without their thread."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress, "time", clock)
    clock.monotonic = lambda: clock.now
    return clock


def test_nets_that_have_stopped_begin_no_iterations(monkeypatch):
    progressed = progress.Progress
    begun = watch(monkeypatch, progressed, "begin_iteration", lambda _, n_nets: n_nets)
    _, search = pair(net(tol=None), {"max_iter": [3, 20]}, verbose=1)
    outcome_of(search, X, Y, {})
    assert sum(begun) == 2 * (3 + 20)  # on two folds


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("verbose", [1, 2, 3, 10])
@bare_or_scaled
def test_every_cohort_and_fold_has_a_line(verbose, estimator, grid):
    _, search = pair(estimator, grid, verbose=verbose)
    assert lines_of(search) == [
        "Fitting 2 folds for each of 6 candidates, totalling 12 fits",
        "Candidates trained together: 6; fitted one by one: 0",
        "Cohort 1/2 (3 candidates), fold 1/2: trained, T gone",
        "Cohort 2/2 (3 candidates), fold 1/2: trained, T gone",
        "Cohort 1/2 (3 candidates), fold 2/2: trained, T gone",
        "Cohort 2/2 (3 candidates), fold 2/2: trained, T gone",
        "Scored 12 fits, T gone",
    ]
    assert search.verbose == verbose


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("estimator", [net(), LogisticRegression()])
def test_what_is_fitted_one_by_one_is_counted(estimator):
    grid = {"solver": ["lbfgs"]}
    n_together = 0
    if isinstance(estimator, ShallowNetClassifier):
        grid["solver"], n_together = ["lbfgs", "gd"], 1
    lines = lines_of(pair(estimator, grid, scoring=None, refit=True, verbose=1)[1])
    assert lines[1] == (
        f"Candidates trained together: {n_together}; fitted one by one: 1"
    )
    assert len(lines) == 3 + 2 * n_together


@pytest.mark.usefixtures("clock")
def test_every_round_of_a_halving_search_has_its_lines():
    """The lines that scikit-learn prints about its rounds are among them."""
    options = {"resource": "max_iter", "max_resources": 9, "verbose": 1}
    plain, lockstep = pair(net(), TWO_COHORTS, HalvingGridSearchCV, **options)
    plain, lockstep = lines_of(plain), lines_of(lockstep)
    ours = [line for line in lockstep if line not in plain]
    assert [line for line in lockstep if line in plain] == plain
    assert lockstep.count("iter: 1") == 1
    assert sum("trained together" in line for line in ours) == 2
    assert sum("fold 2/2" in line for line in ours) >= 2 + 1  # cohorts


def test_nothing_is_printed_unasked():
    assert lines_of(pair(net(), TWO_COHORTS)[1]) == []


@pytest.mark.parametrize("hands_out", [True, False])
def test_workers_tell_of_cohorts_and_folds(hands_out, monkeypatch):
    """A backend that hands out no results as they come tells of them all at the end."""
    monkeypatch.setattr(ThreadingBackend, "supports_return_generator", hands_out)
    with joblib.parallel_config("threading"):
        lines = lines_of(pair(net(), TWO_COHORTS, n_jobs=2, verbose=1)[1])
    assert sum(": trained" in line for line in lines) == 4


@pytest.fixture
def lines(clock, capsys):
    """The lines of a search whose two jobs begin now."""
    lines = progress.Progress()
    lines.begin_round(4, 1)
    lines.end_grouping(4)
    common = {"n_iterations": 10, "n_total": 20}
    lines.begin_training(
        [progress.Job(f"cohort {k} of 2", work=20 * k, **common) for k in (1, 2)]
    )
    capsys.readouterr()
    return lines


def test_lines_between_tell_how_much_of_a_job_is_trained(lines, clock, capsys):
    """The time that is left follows from the work that is done."""
    for clock.now in (3.0, 6.0):
        lines.begin_iteration(5)
        lines.print_if_due()
    lines.end_job()
    clock.now = 120.0
    lines.end_job()
    lines.begin_evaluation(4)
    for clock.now in (122.0, 122.25, 122.25, 122.25):
        lines.advance()
        lines.print_if_due()
    lines.end_evaluation()
    assert capsys.readouterr().out.splitlines() == [
        "Cohort 1 of 2: 25% trained, 3.0 s gone, about 33 s left",
        "Cohort 1 of 2: 50% trained, 6.0 s gone, about 30 s left",
        "Cohort 1 of 2: trained, 6.0 s gone, about 12 s left",
        "Cohort 2 of 2: trained, 120.0 s gone",
        "Scoring fit 2 of 4, 2.0 s gone, about 6 s left",
        "Scored 4 fits, 2.2 s gone",
    ]


def test_lines_between_tell_what_workers_are_awaited_for(lines, clock, capsys):
    """The time that is left follows from the jobs that have ended."""
    for clock.now in (0.4, 3.0, 3.4):
        lines.print_if_due()
    clock.now = 5.0
    lines.end_job()
    for clock.now in (11.0, 16.0):  # later than the estimated end
        lines.print_if_due()
    lines.end_job()
    clock.now = 17.0
    lines.print_if_due()
    lines.begin_rest(2)
    for clock.now in (18.0, 20.0):
        lines.print_if_due()
        lines.advance()
    assert capsys.readouterr().out.splitlines() == [
        "Waiting for cohort 1 of 2, 3.0 s gone",
        "Cohort 1 of 2: trained, 5.0 s gone, about 10 s left",
        "Waiting for cohort 2 of 2, 11.0 s gone, about 4 s left",
        "Waiting for cohort 2 of 2, 16.0 s gone",
        "Cohort 2 of 2: trained, 16.0 s gone",
        "All cohorts are trained, 17.0 s gone",
        "Fitted one by one: 0 of 2 fits, 1.0 s gone",
        "Fitted one by one: 1 of 2 fits, 3.0 s gone",
    ]


def slow_init(rng, shape):
    time.sleep(0.2)
    return rng.standard_normal(shape)


def slow_score(net, X, y):
    time.sleep(0.2)
    return net.score(X, y)


class SlowFolds(KFold):
    def split(self, X, y=None, groups=None):
        time.sleep(0.2)
        return super().split(X, y, groups)


@pytest.fixture
def short_pause(monkeypatch):
    monkeypatch.setattr(progress, "PAUSE", 0.02)
    monkeypatch.setattr(progress, "TICK", 0.01)


def threads_of_lines():
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if "_print_until_the_end" in name]


@pytest.mark.usefixtures("short_pause")
@pytest.mark.parametrize(
    ("n_jobs", "backend"), [(1, "loky"), (2, "threading"), (2, "loky")]
)
def test_every_stage_prints_lines_while_it_lasts(n_jobs, backend):
    """Lines are printed as well while workers, which report only at the end, work."""
    options = {"cv": SlowFolds(2), "scoring": slow_score, "return_curves": True}
    options |= {"n_jobs": n_jobs, "verbose": 1}
    grid = {"solver": ["gd", "lbfgs"]}
    search = LockstepGridSearchCV(net(init=slow_init), grid, **options)
    with joblib.parallel_config(backend):
        lines = lines_of(search)
    for start in (
        "Listing the candidates, T gone",
        "Waiting for cohort 1/1 (1 candidate), fold 1/2, T gone",
        "Fitted one by one: 0 of 2 fits, T gone",
        "Scoring fit ",
        "Fitting the best candidate to all rows, T gone",
    ):
        assert sum(line.startswith(start) for line in lines) >= 2
    assert not threads_of_lines()


@pytest.mark.usefixtures("short_pause")
@pytest.mark.parametrize(
    ("n_jobs", "said"), [(None, "Fold 1/3: 100% trained"), (2, "Waiting for fold 1/3")]
)
def test_a_net_that_chooses_its_penalty_tells_of_a_long_fold(n_jobs, said, capsys):
    with joblib.parallel_config("threading"):
        chosen(verbose=True, n_jobs=n_jobs, scoring=slow_score).fit(X, Y)
    assert capsys.readouterr().out.count(said) >= 2
    assert not threads_of_lines()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize(
    "model",
    [
        LockstepGridSearchCV(net(), TWO_COHORTS, cv=2, error_score="raise", verbose=1),
        chosen(verbose=True),
    ],
)
def test_no_thread_is_left_after_an_error(model, error):
    def failing(net, X, y):
        assert threads_of_lines()
        raise error

    with pytest.raises(error):
        clone(model).set_params(scoring=failing).fit(X, Y)
    assert not threads_of_lines()


def test_no_thread_is_left_if_ctrl_c_comes_while_it_starts(monkeypatch):
    start = threading.Thread.start

    def interrupted(thread):
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    lines = progress.Progress()
    with pytest.raises(KeyboardInterrupt), lines.running():
        pass
    lines._thread.join(timeout=60)
    assert not lines._thread.is_alive()


def test_a_job_counts_the_steps_of_all_its_nets():
    job = progress.Job.of("some", [net(n_init=2, max_iter=5), net(max_iter=8)], X)
    assert job == ("some", 8, 18, 18 * 3)


@pytest.mark.usefixtures("clock")
def test_many_cohorts_are_not_worth_a_line_each(monkeypatch):
    monkeypatch.setattr(progress, "MANY_JOBS", 3)
    lines = lines_of(pair(net(), TWO_COHORTS, verbose=1)[1])
    assert sum(": trained" in line for line in lines) == 1


# Progress bars


def test_callbacks_come_with_scikit_learn_1_9():
    assert hasattr(LockstepGridSearchCV, "set_callbacks") == HAS_CALLBACKS
    assert hasattr(ShallowNetClassifier, "set_callbacks") == HAS_CALLBACKS


def with_bar(search, **params):
    from sklearn.callback import ProgressBar

    return search.set_callbacks(ProgressBar(**params))


@pytest.fixture
def n_fits(monkeypatch):
    return ordinary_fits(monkeypatch)


@pytest.mark.parametrize("plain", [GridSearchCV, RandomizedSearchCV])
@pytest.mark.parametrize("depth", [0, 1, None])
def test_a_bar_keeps_a_search_in_lockstep(plain, depth, drawn, n_fits):
    search, lockstep = pair(scaled(net()), prefixed(TWO_COHORTS), plain)
    search.fit(X, Y)
    n_before = len(n_fits)
    with_bar(lockstep, max_propagation_depth=depth).fit(X, Y)
    assert len(n_fits) == n_before + 1  # the refit
    assert_same_search(search, lockstep.set_callbacks())


def test_a_bar_shows_cohorts_folds_iterations_and_the_refit(drawn, n_fits):
    search = LockstepGridSearchCV(scaled(net(max_iter=4)), prefixed(TWO_COHORTS), cv=2)
    with_bar(search, max_propagation_depth=None).fit(X, Y)
    names, ended = drawn
    assert len(n_fits) == 1
    jobs = [
        "cohort 1/2 (3 candidates), fold 1/2",
        "cohort 2/2 (3 candidates), fold 1/2",
        "cohort 1/2 (3 candidates), fold 2/2",
        "cohort 2/2 (3 candidates), fold 2/2",
    ]
    of_search = {path: name for path, name in names.items() if path[:2] == (0, 0)}
    assert of_search == {
        (0, 0): "search",
        (0, 0, 0): "training",
        **{(0, 0, 0, k): job for k, job in enumerate(jobs)},
        (0, 0, 1): "evaluation",
    }
    iterations = [path for path, _ in ended if len(path) == 5]
    assert iterations == [(0, 0, 0, k, i) for k in range(4) for i in range(4)]
    scored = [path for path, _ in ended if path[:3] == (0, 0, 1) and len(path) == 4]
    assert scored == [(0, 0, 1, k) for k in range(12)]
    of_refit = [path for path, _ in ended if path[:2] == (0, 1) and len(path) == 4]
    assert of_refit == [(0, 1, 1, k) for k in range(4)]
    shares = [share for _, share in ended]
    assert (np.diff(shares) >= -1e-12).all()
    assert ended[-1] == ((0,), 1.0)


def test_a_bar_shows_the_rounds_of_a_halving_search(drawn, n_fits):
    options = {"resource": "max_iter", "max_resources": 9, "refit": False}
    search = with_bar(pair(net(), TWO_COHORTS, HalvingGridSearchCV, **options)[1])
    search.fit(X, Y)
    names, ended = drawn
    names_of_rounds = [name for path, name in names.items() if len(path) == 3]
    assert names_of_rounds == ["training", "evaluation"] * 2
    assert (0, 0, 2) in names  # of the second round
    assert names[(0, 0, 2, 0)].startswith("cohort 1/")
    assert not n_fits
    assert [share for path, share in ended if path == (0, 0, 1)] == [0.5]


def test_a_bar_advances_by_the_nets_that_are_trained(drawn, monkeypatch):
    """The bar is right even if the nets of a cohort do not fit into memory at once."""
    n_drawn = watch(
        monkeypatch, progress.Progress, "begin_iteration", lambda bars, _: bars._n_iter
    )
    monkeypatch.setattr(train_together, "COHORT_BYTES", 1)
    search = LockstepGridSearchCV(
        net(max_iter=6), {"init_scale": [0.5, 1.0, 2.0]}, cv=2, refit=False
    )
    with_bar(search).fit(X, Y)
    iterations = [path for path, _ in drawn[1] if len(path) == 5]
    assert iterations == [(0, 0, 0, k, i) for k in range(2) for i in range(6)]
    assert n_drawn == [k // 3 for k in range(18)] * 2


def test_a_bar_with_workers_tells_of_cohorts_and_folds(drawn):
    search = LockstepGridSearchCV(net(), TWO_COHORTS, cv=2, n_jobs=2, refit=False)
    with joblib.parallel_config("threading"):
        with_bar(search).fit(X, Y)
    jobs = [path for path, _ in drawn[1] if path[:3] == (0, 0, 0) and len(path) == 4]
    assert jobs == [(0, 0, 0, k) for k in range(4)]


def test_a_bar_of_an_outer_search_shows_the_inner_ones(drawn, n_fits):
    """The tasks of an inner search have their places among those of the outer one."""
    inner = LockstepGridSearchCV(net(), SCALES, cv=2, refit=False, scoring="accuracy")
    outer = GridSearchCV(inner, {"estimator__n_hidden": [2, 3]}, cv=2, refit=False)
    outer.scoring = lambda search, X, y: search.cv_results_["mean_test_score"].max()
    with_bar(outer, max_propagation_depth=None).fit(X, Y)
    assert not n_fits
    names, _ = drawn
    jobs = [path for path, name in names.items() if name.startswith("cohort 1/1")]
    assert jobs == [(0, 0, k, 0, 0, fold) for k in range(4) for fold in range(2)]
