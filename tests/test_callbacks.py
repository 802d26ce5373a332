"""scikit-learn's callbacks are called at every iteration, and may end training.

Most tests use a `Diary`, which keeps its calls; those of scikit-learn's own callbacks
and of searches follow.
"""

import re
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from nets import SOLVERS, assert_same_net, every_solver
from scipy.optimize import minimize
from searches import (
    THREE,
    WEIGHT,
    X,
    Y,
    assert_same_cv_results,
    exploding,
    net,
    ordinary_fits,
)
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from watching import HAS_CALLBACKS, Diary, needs_callbacks

import skshallow._fit.callbacks
from skshallow import LockstepGridSearchCV
from skshallow._core import lbfgs

if HAS_CALLBACKS:
    from sklearn.callback import ProgressBar, ScoringMonitor

pytestmark = needs_callbacks
every_number_of_starts = pytest.mark.parametrize(
    "starts", [{}, {"n_init": 3}, {"n_init": 3, "combine": "average"}]
)


def fingerprint(net):
    """A hash of everything that a net holds but its callbacks."""
    own = {k: v for k, v in vars(net).items() if not k.startswith("_skl_callback")}
    return joblib.hash(own)


# Parameters of a fit, and its number of tasks, if not that of its iterations: L-BFGS
# trains one start after another.
EARLY = {"tol": 1e-2, "max_iter": 300}
FITS = [({"solver": solver, "n_init": n}, None) for solver in SOLVERS for n in (1, 3)]
FITS[-1] = {"solver": "lbfgs", "n_init": 3}, 15
FITS += [({"solver": "lbfgs", **EARLY}, None), ({"n_iter_no_change": 2, **EARLY}, None)]


@pytest.mark.parametrize(("params", "n_tasks"), FITS)
def test_every_iteration_begins_and_ends(params, n_tasks):
    diary = Diary()
    watched = net(**params).set_callbacks(diary).fit(X, Y)
    assert diary.calls == [
        *["setup", "begin fit"],
        *["begin iteration", "end iteration"] * (n_tasks or watched.n_iter_),
        *["end fit", "teardown"],
    ]
    assert_same_net(watched, net(**params).fit(X, Y))


def test_an_iteration_that_lbfgs_gives_up_ends_without_a_net(monkeypatch):
    """The iteration ends when the next start begins, or when the fit ends.

    Here scipy evaluates the objective once more than it iterates.
    """

    def giving_up(fun, x0, options, **settings):
        result = minimize(fun, x0, options={**options, "maxiter": 3}, **settings)
        fun(x0)
        return result

    monkeypatch.setattr(lbfgs, "minimize", giving_up)
    diary = Diary()
    net(solver="lbfgs", n_init=2).set_callbacks(diary).fit(X, Y)
    assert diary.calls[2:-2] == ["begin iteration", "end iteration"] * 8
    are_without = [fitted is None for fitted in diary.fitted[:8]]
    assert are_without == [False, False, False, True] * 2


@every_solver
@pytest.mark.parametrize("held_out", [{}, {"X_val": X[:20], "y_val": Y[:20]}])
@every_number_of_starts
def test_a_callback_is_given_the_net_of_that_moment(solver, held_out, starts):
    """The k-th net is that of a fit of k iterations, and nothing changes it later."""
    diary, params = Diary(), {"solver": solver, "max_iter": 3, **starts}
    net(**params).set_callbacks(diary).fit(X, Y, **held_out)
    if solver == "lbfgs":  # which trains one start after another
        diary.fitted = diary.fitted[-2:-1] if starts else diary.fitted[:3]
    for k, fitted in enumerate(diary.fitted[:3], start=4 - len(diary.fitted[:3])):
        expected = net(**{**params, "max_iter": k}).fit(X, Y, **held_out)
        assert_same_net(fitted, expected, without={"status_"})
        P, expected_P = fitted.predict_proba(X), expected.predict_proba(X)
        np.testing.assert_array_equal(P, expected_P)


def test_a_callback_sees_how_a_warm_start_goes_on():
    diary, warm = Diary(), net(max_iter=3, warm_start=True).fit(X, Y)
    warm.set_callbacks(diary).fit(X, Y)
    whole = net(max_iter=6).fit(X, Y)
    for k, fitted in enumerate(diary.fitted[:3], start=4):
        assert fitted.loss_curve_ == whole.loss_curve_[:k]
    np.testing.assert_array_equal(warm.coefs_[0], whole.coefs_[0])


def test_a_callback_is_given_the_arguments_of_the_fit():
    frame, diary = pd.DataFrame(X, columns=list("abcd")), Diary()
    net().set_callbacks(diary).fit(frame, Y, WEIGHT)
    assert diary.seen[0] is frame
    assert diary.seen[1] is Y
    assert diary.seen[2] == {"sample_weight": WEIGHT}
    assert diary.fitted[0].feature_names_in_.tolist() == list("abcd")
    net().set_callbacks(diary).fit(X, Y)
    assert diary.seen[2] is None


@every_solver
@every_number_of_starts
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_callback_stops_training(solver, starts, early_stopping):
    params = {"solver": solver, "early_stopping": early_stopping, **starts}
    diary = Diary(stop_after=2)
    stopped = net(**params, max_iter=50).set_callbacks(diary).fit(X, Y)
    assert (stopped.status_, stopped.n_iter_) == ("stopped", 2)
    assert diary.calls.count("begin iteration") == 2
    assert diary.calls[-2:] == ["end fit", "teardown"]
    if solver != "lbfgs":
        short = net(**params, max_iter=2).fit(X, Y)
        np.testing.assert_array_equal(stopped.coefs_[0], short.coefs_[0])
        np.testing.assert_array_equal(stopped.init_losses_, short.init_losses_)
    elif starts:  # those after the first never started
        assert np.isnan(stopped.init_losses_).tolist() == [False, True, True]


def test_one_of_several_callbacks_is_enough_to_stop_and_all_are_told(capsys):
    diaries = Diary(), Diary(stop_after=2), Diary()
    net(verbose=True).set_callbacks(*diaries).fit(X, Y)
    assert len({tuple(diary.calls) for diary in diaries}) == 1
    assert diaries[0].calls.count("end iteration") == 2
    assert capsys.readouterr().out.count("Iteration ") == 2


@every_solver
def test_a_callback_that_fails_changes_nothing(solver):
    """A callback may fail in any call; those that were set up are torn down."""
    params = {"solver": solver, "max_iter": 2}
    whole = Diary()
    net(**params).set_callbacks(whole).fit(X, Y)
    for fail_at in range(1, len(whole.calls)):
        diary, other = Diary(fail_at=fail_at), Diary()
        failing = net(**params, warm_start=True).fit(X[:, :2], THREE)
        failing.set_params(warm_start=False).set_callbacks(other, diary)
        before = fingerprint(failing)
        with pytest.raises(RuntimeError):
            failing.fit(X, Y)
        assert fingerprint(failing) == before
        assert other.calls[-1] == "teardown"


@pytest.mark.parametrize(("task", "n_iter"), [("end iteration", 3), ("end fit", 5)])
def test_ctrl_c_in_a_callback_keeps_the_iterations_and_tears_down(task, n_iter):
    """Ctrl-C comes at the end of an iteration, or at the end of the fit."""
    # Calls are a setup, the begin of the fit, and two an iteration.
    at = 2 + 2 * n_iter + (task == "end fit")
    diary, struck = Diary(fail_at=at, error=KeyboardInterrupt), net()
    with pytest.raises(KeyboardInterrupt):
        struck.set_callbacks(diary).fit(X, Y)
    whole = net(max_iter=n_iter).fit(X, Y)
    assert_same_net(struck, whole, without={"status_"})
    assert struck.status_ == "interrupted"
    np.testing.assert_array_equal(struck.predict_proba(X), whole.predict_proba(X))
    assert diary.calls[-2:] == [task, "teardown"]


def test_a_checkpoint_is_an_ordinary_net(tmp_path):
    class Checkpoints(Diary):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator):
            if fitted_estimator is not None:
                joblib.dump(fitted_estimator.set_callbacks(), tmp_path / "net.joblib")

    watched = net(random_state=np.random.RandomState(0)).set_callbacks(Checkpoints())
    watched.fit(X, Y)
    loaded = joblib.load(tmp_path / "net.joblib")
    assert not {name for name in vars(loaded) if "callback" in name}
    np.testing.assert_array_equal(loaded.predict_proba(X), watched.predict_proba(X))


def test_a_start_that_diverges_is_not_the_net_of_the_moment():
    diary, params = Diary(), {"solver": "gd", "max_iter": 3}
    with pytest.warns(UserWarning, match="1 of 2 starts diverged"):
        net(init=exploding(0), **params, n_init=2).set_callbacks(diary).fit(X, Y)
    for fitted in diary.fitted:
        assert np.isnan(fitted.init_losses_).tolist() == [True, False]
        assert np.isfinite(fitted.predict_proba(X)).all()
    with pytest.raises(ValueError, match="training diverged"):
        net(init=exploding(0), **params).set_callbacks(diary).fit(X, Y)


# scikit-learn's own


@every_solver
def test_a_progress_bar_advances_with_every_iteration(solver, drawn, capsys):
    watched = net(solver=solver, max_iter=5).set_callbacks(ProgressBar())
    watched.fit(X, Y)
    _, ended = drawn
    assert [path for path, _ in ended] == [(0, k) for k in range(5)] + [(0,)]
    shares = [progress for _, progress in ended]
    np.testing.assert_allclose(shares, [0.2, 0.4, 0.6, 0.8, 1.0, 1.0])
    assert re.search(r"ShallowNetClassifier - fit .*100%", capsys.readouterr().out)
    assert_same_net(watched, net(solver=solver, max_iter=5).fit(X, Y))


@every_solver
def test_a_scoring_monitor_records_every_iteration(solver):
    monitor, weight = ScoringMonitor(scoring="neg_log_loss"), 1 + WEIGHT
    net(solver=solver, max_iter=4).set_callbacks(monitor).fit(X, Y, weight)
    rows = monitor.get_logs().data
    rows = [row for row in rows if row["task_name"] == "iteration"]
    assert [row["task_id"] for row in rows] == [0, 1, 2, 3]
    for k, row in enumerate(rows, start=1):
        P = net(solver=solver, max_iter=k).fit(X, Y, weight).predict_proba(X)
        expected = -log_loss(Y, P, sample_weight=weight)
        np.testing.assert_allclose(row["neg_log_loss"], expected, rtol=1e-12)


# Searches in lock-step


def in_the_grid(search, callback):
    steps = [StandardScaler(), StandardScaler().set_callbacks(callback)]
    search.param_grid = {**search.param_grid, "standardscaler": steps}


class Following(Diary):
    """A callback that is set on the outermost estimator and told of all within."""

    max_propagation_depth = None


# What sets a callback, by the place at which it is set.
PLACES = {
    "net": lambda search, callback: search.estimator[-1].set_callbacks(callback),
    "scaler": lambda search, callback: search.estimator[0].set_callbacks(callback),
    "pipeline": lambda search, callback: search.estimator.set_callbacks(callback),
    "search": lambda search, callback: search.set_callbacks(callback),
    "grid": in_the_grid,
    "nowhere": lambda search, callback: None,
}


@pytest.mark.parametrize(
    ("place", "Callback"),
    # scikit-learn admits callbacks that follow fits on the outermost estimator only.
    [*((place, Diary) for place in PLACES), ("search", Following)],
)
def test_a_search_in_lockstep_tells_what_a_plain_one_does(place, Callback, monkeypatch):
    """A search whose callbacks follow every fit fits one by one, and says so."""
    diaries, searches, n_fits = [], [], ordinary_fits(monkeypatch)
    is_followed = place not in ("search", "nowhere") or Callback is Following
    name = Callback.__name__
    why = f"one by one, which is slow, because callbacks \\({name}\\) follow every fit"
    for Search in (GridSearchCV, LockstepGridSearchCV):
        diary = Callback(stop_after=7)
        pipeline = make_pipeline(StandardScaler(), net(max_iter=3))
        grid = {"shallownetclassifier__init_scale": [0.1, 0.5, 1.0]}
        search = Search(pipeline, grid, cv=2)
        PLACES[place](search, diary)
        n_fits.clear()
        with warnings.catch_warnings(record=True, action="always") as caught:
            searches.append(search.fit(X, Y))
        diaries.append(diary)
    said = [w for w in caught if re.search(why, str(w.message))]
    assert [w.filename for w in said] == [__file__] * is_followed
    assert len(n_fits) == 1 + 3 * 2 * is_followed  # the refit, and candidates by folds
    assert diaries[0].calls == diaries[1].calls
    assert (len(diaries[0].calls) > 5) == (place != "nowhere")
    own = {"params", "param_standardscaler"}  # where the diaries may be
    plain, lockstep = (s.cv_results_ for s in searches)
    names = [name for name in plain if name not in own]
    assert_same_cv_results(*({n: s[n] for n in names} for s in (plain, lockstep)))
    assert_same_net(*(search.best_estimator_[-1] for search in searches))


def test_without_callbacks_nothing_is_done_for_them():
    watched = skshallow._fit.callbacks.Watch.over(net(), X, Y, None, lambda: None)
    assert watched is None
