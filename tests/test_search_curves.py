"""Curves that a search keeps are those of its fits; keeping them changes nothing."""

import pickle
from collections import defaultdict

import numpy as np
import pytest
from matplotlib.figure import Figure
from nets import ignored, mean_curve
from searches import (
    SCALES,
    X,
    Y,
    assert_same,
    assert_same_search,
    chosen,
    net,
    pair,
    scaled,
)
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, check_cv
from sklearn.neural_network import MLPClassifier

from skshallow import LockstepGridSearchCV
from skshallow._search.results import read_curves
from skshallow.displays import LossCurveDisplay

SEEDS = {"random_state": [0, 1]}
STARTS = SCALES | SEEDS
# A model, its candidates and in how many of their fits training is shared.
SEARCHES = {
    "in lock-step": (net(), STARTS),
    "several starts a fit": (net(n_init=2, combine="average"), STARTS),
    "ends at different iterations": (net(), STARTS | {"max_iter": [3, 6]}),
    "validation": (net(early_stopping=True, max_iter=9), STARTS),
    "a pipeline": (scaled(net()), {f"net__{k}": v for k, v in STARTS.items()}),
    "alone": (net(solver="lbfgs"), STARTS),
    "some alone": (net(), STARTS | {"solver": ["adam", "lbfgs"]}),
    "others among them": (
        scaled(net()),
        [{"net__init_scale": [0.1]}, {"net": [LogisticRegression()]}],
    ),
}


def kept(estimator, candidates, **options):
    """A plain search and one that keeps curves, both fitted."""
    plain, lockstep = pair(estimator, candidates, **options)
    return plain.fit(X, Y), lockstep.set_params(return_curves=True).fit(X, Y)


def fits_of(search):
    """Yield every candidate on every split, fitted alone, or its last step."""
    splits = list(check_cv(search.cv, Y, classifier=True).split(X, Y))
    for i, parameters in enumerate(search.cv_results_["params"]):
        for k, (train, _) in enumerate(splits):
            fitted = clone(search.estimator).set_params(**parameters)
            fitted.fit(X[train], Y[train])
            yield i, k, fitted[-1] if hasattr(fitted, "steps") else fitted


def until_end(curve):
    return curve[~np.isnan(curve)].tolist()


@pytest.mark.parametrize(
    ("name", "n_jobs"), [*((name, None) for name in SEARCHES), ("some alone", 2)]
)
@ignored("Convergence")
def test_curves_are_those_of_the_fits(name, n_jobs):
    plain, lockstep = kept(*SEARCHES[name], n_jobs=n_jobs)
    assert_same_search(plain, lockstep)
    curves = lockstep.curves_
    for i, k, fitted in fits_of(lockstep):
        assert until_end(curves.loss[i, k]) == getattr(fitted, "loss_curve_", [])
        assert curves.n_iter[i, k] == len(until_end(curves.loss[i, k]))
        assert curves.status[i, k] == getattr(fitted, "status_", "")
        for name in ("init_coefs", "init_intercepts"):
            start = getattr(fitted, f"{name}_", None)
            assert_same(getattr(curves, name)[i][k], start)
        validation = getattr(fitted, "validation_loss_curve_", [])
        assert until_end(curves.validation_loss[i, k]) == validation
        scores = getattr(fitted, "validation_scores_", [])
        assert until_end(curves.validation_score[i, k]) == scores


@ignored("Convergence")
def test_an_estimator_with_a_curve_that_is_none_has_an_empty_one():
    """`MLPClassifier` without early stopping has no validation scores."""
    candidates = {"net": [net(), MLPClassifier(3, max_iter=2)]}
    _, lockstep = kept(scaled(net()), candidates)
    assert np.isnan(lockstep.curves_.validation_score[1]).all()
    assert lockstep.curves_.n_iter[1].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("solver", "name", "values"),
    [
        ("adam", "learning_rate_init", [0.05, 1e300]),
        ("adam", "init_scale", [1.0, 1e308]),
        ("lbfgs", "init_scale", [1.0, 1e308]),
    ],
)
@ignored("FitFailed")
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
@ignored("Convergence")
def test_a_fit_that_fails_has_no_curve(solver, name, values):
    plain, lockstep = kept(net(solver=solver), {name: values})
    assert_same_search(plain, lockstep)
    curves = lockstep.curves_
    assert (curves.status[1] == "failed").all()
    assert (curves.status[0] != "failed").all()
    assert curves.n_iter[1].tolist() == [0, 0]
    assert curves.init_coefs[1] == [None, None]
    assert (curves.to_frame()["candidate"] == 0).all()
    assert [*read_curves(lockstep)[0]] == [f"{name}={values[0]:g}"]


@pytest.mark.parametrize("plain", [GridSearchCV, RandomizedSearchCV])
def test_the_parameter_is_one_of_the_search(plain):
    _, search = pair(net(), SCALES, plain)
    assert search.get_params()["return_curves"] is False
    assert not hasattr(search.fit(X, Y), "curves_")
    search.set_params(return_curves=True)
    assert clone(search).return_curves
    search.fit(X, Y)
    again = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(again.curves_.loss, search.curves_.loss)
    assert not hasattr(search.set_params(return_curves=False).fit(X, Y), "curves_")
    with pytest.raises(ValueError, match="'return_curves' parameter of Lockstep"):
        search.set_params(return_curves="yes").fit(X, Y)


def test_a_frame_has_a_row_an_iteration():
    candidates = STARTS | {"max_iter": [3, 6]}
    _, search = kept(net(early_stopping=True, n_iter_no_change=99), candidates)
    curves, frame = search.curves_, search.curves_.to_frame()
    names = ["init_scale", "max_iter", "random_state"]
    assert list(frame.columns) == [
        *("candidate", "split", *(f"param_{name}" for name in names), "iteration"),
        *("loss", "validation_loss", "validation_score"),
    ]
    assert len(frame) == curves.n_iter.sum() == 2 * 6 * (3 + 6)
    for (i, k), rows in frame.groupby(["candidate", "split"]):
        assert rows["iteration"].tolist() == list(range(1, len(rows) + 1))
        assert rows["loss"].tolist() == until_end(curves.loss[i, k])
        for name in names:
            assert (rows[f"param_{name}"] == curves.params[i][name]).all()


def test_a_curve_is_the_mean_of_folds_and_seeds():
    """A net that ended earlier counts with its last value."""
    _, search = kept(net(), STARTS | {"max_iter": [3, 6]})
    curves, expected = search.curves_, defaultdict(list)
    curves.loss[0, 0, 2:] = np.nan
    for params, of_candidate in zip(curves.params, curves.loss, strict=True):
        name = "init_scale={init_scale:g}, max_iter={max_iter}".format(**params)
        expected[name] += map(until_end, of_candidate)
    means = read_curves(search)[0]
    assert means.keys() == expected.keys()
    for name, mean in means.items():
        np.testing.assert_allclose(mean, mean_curve(expected[name]), rtol=1e-15)


DRAWN = [
    (scaled(net(alpha=0)), {"net__alpha": [0, 1]}),
    (scaled(net(alpha=0.1)), {"net__init_scale": [0.5, 1, 2.0]}),
    (chosen(alphas=[0.0, 1.0], max_iter=2, cv=2), {"n_hidden": [2, 3]}),
]


@pytest.mark.filterwarnings("ignore:on unseen rows the nets")
@pytest.mark.parametrize(("model", "grid"), DRAWN)
def test_a_display_draws_what_was_kept_with_the_penalty(model, grid):
    search = LockstepGridSearchCV(model, grid, cv=2, return_curves=True).fit(X, Y)
    display = LossCurveDisplay.from_search(search, ax=Figure().subplots())
    means = read_curves(search)[0]
    assert [line.get_label() for line in display.lines_] == list(means)
    for line, mean in zip(display.lines_, means.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), mean)
    assert display.ax_.get_ylabel() == "Loss + penalty (nats)"


def test_a_search_without_curves_is_refused():
    search = GridSearchCV(net(), SCALES, cv=2).fit(X, Y)
    with pytest.raises(ValueError, match=r"GridSearchCV has kept no curves.*=True"):
        LossCurveDisplay.from_search(search)


def test_callbacks_that_follow_every_fit_exclude_curves_and_a_bar_does_not():
    callback = pytest.importorskip("sklearn.callback")
    search = LockstepGridSearchCV(net(), SCALES, return_curves=True)
    bar, monitor = callback.ProgressBar(), callback.ScoringMonitor(scoring="accuracy")
    with pytest.raises(ValueError, match=r"return_curves=True .* leave out return"):
        search.set_callbacks(bar, monitor).fit(X, Y)
    assert np.isfinite(search.set_callbacks(bar).fit(X, Y).curves_.loss).all()
