"""Points of a sweep are read from the results of any search."""

import pickle

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from test_displays import X, Y, make_cv_net, make_net, twice_uniform

from skshallow import (
    LockstepGridSearchCV,
    LockstepRandomizedSearchCV,
)
from skshallow._search.readings import net_in, read_sweep
from skshallow.displays import InitSweepDisplay

every_search = pytest.mark.parametrize("search", [GridSearchCV, LockstepGridSearchCV])


def drawn(search, **options):
    return InitSweepDisplay.from_search(search, ax=Figure().subplots(), **options)


def swept(search):
    """Init, scale and scores of every point that is drawn of a search."""
    points = drawn(search).points
    return [(point.init, point.scale, point.scores.tolist()) for point in points]


def read(results, *, init="randn"):
    return read_sweep(results, "score", init=init, init_scale="auto", others="pool")


def of_splits(search, candidate):
    """The test scores of one candidate on two splits."""
    return [search.cv_results_[f"split{k}_test_score"][candidate] for k in range(2)]


SCALED = Pipeline([("scaler", StandardScaler()), ("clf", make_net())])
OTHERS = [LogisticRegression(C=1e-6), LogisticRegression(C=1e-5)]


# Of estimators of several lengths NumPy 1.23 makes an array, with a warning.
@pytest.mark.filterwarnings("ignore:Creating an ndarray from ragged")
@pytest.mark.parametrize(
    "grid",
    [
        [{"clf": [make_net()], "clf__init_scale": [0.1, 1]}, {"clf": OTHERS}],
        [{"clf__init_scale": [0.1, 1]}, {"clf": [OTHERS[0]], "clf__C": [1, 2]}],
        [{"clf__init_scale": [0.1, 1], "scaler": ["passthrough"]}, {"clf": OTHERS}],
        {"clf": [make_net(init_scale=0.1), make_net(init_scale=1), *OTHERS]},
        {"clf": [make_pipeline(make_net(init_scale=s)) for s in (0.1, 1)] + OTHERS},
    ],
)
@every_search
def test_candidates_of_other_classifiers_are_left_out(search, grid):
    search = search(SCALED, grid, cv=2).fit(X, Y)
    expected = [("randn", s, of_splits(search, k)) for k, s in enumerate([0.1, 1.0])]
    assert swept(search) == expected


def test_the_net_may_stand_in_the_grid_alone():
    pipeline = Pipeline([("scaler", StandardScaler()), ("clf", OTHERS[0])])
    grid = [
        {"clf": [make_net(init="he")], "clf__init_scale": [0.1, 1]},
        {"clf": [make_net(init="glorot", init_scale=3)]},
        {"clf__C": [1]},
    ]
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, Y)
    starts = [("he", 0.1), ("he", 1.0), ("glorot", 3.0)]
    expected = [(*start, of_splits(search, k)) for k, start in enumerate(starts)]
    assert swept(search) == expected
    of_results = read(search.cv_results_, init=None)
    assert [(p.init, p.scale) for p in of_results] == starts


def test_nets_of_several_inits_are_an_axis_of_their_own():
    nets = [make_pipeline(make_net(init=i)) for i in ("he", "glorot", twice_uniform)]
    search = GridSearchCV(SCALED, {"clf": nets}, cv=2).fit(X, Y)
    assert [name for name, _, _ in swept(search)] == ["he", "glorot", "twice_uniform"]
    grid = {"clf": nets[:1], "clf__shallownetclassifier__init": ["lecun", "he"]}
    search = GridSearchCV(SCALED, grid, cv=2).fit(X, Y)
    assert [name for name, _, _ in swept(search)] == ["lecun", "he"]


NO_SWEEPS = {
    "varied neither init nor init_scale": {"alpha": 1},
    r"parameter is init\?.*a__init, b__init": {"a__init": "randn", "b__init": "he"},
    "no candidate of the search ends in a Sha": {"c": OTHERS[0], "c__init_scale": 1},
    r"which net is meant\?.*a, b": {"a": make_net(), "b": make_net()},
}


@pytest.mark.parametrize("message", NO_SWEEPS)
def test_searches_that_are_no_sweep(message):
    results = {"params": [NO_SWEEPS[message]], "split0_test_score": np.zeros(1)}
    with pytest.raises(ValueError, match=message):
        read(results)


def test_a_search_that_is_not_fitted_or_has_no_net_is_refused():
    with pytest.raises(NotFittedError, match="GridSearchCV"):
        drawn(GridSearchCV(SCALED, {}))
    search = GridSearchCV(SCALED, {"clf": OTHERS, "clf__C": [1]}, cv=2).fit(X, Y)
    with pytest.raises(ValueError, match="varied neither init nor init_scale"):
        drawn(search)


@pytest.mark.parametrize(
    ("model", "grid"),
    [
        (make_cv_net(), {"n_hidden": [2, 3]}),
        (Pipeline([("clf", make_cv_net())]), {"clf__init": ["he", "randn"]}),
        (Pipeline([("clf", make_cv_net())]), {"clf": [make_cv_net(init="he")]}),
    ],
)
@every_search
def test_a_search_over_nets_that_choose_themselves_is_refused(search, model, grid):
    fitted = search(model, grid, cv=2).fit(X, Y)
    with pytest.raises(ValueError, match=r"over a ShallowNetClassifierCV.*best_estim"):
        drawn(fitted)


@every_search
def test_candidates_that_choose_themselves_are_left_out(search):
    for own in (make_net(), make_cv_net()):
        pipeline = Pipeline([("clf", own)])
        grid = [
            {"clf": [make_net()], "clf__init_scale": [0.1, 1]},
            {"clf": [make_cv_net()]},
        ]
        fitted = search(pipeline, grid, cv=2).fit(X, Y)
        expected = [("randn", s, of_splits(fitted, k)) for k, s in enumerate([0.1, 1])]
        assert swept(fitted) == expected


def test_the_net_in_a_model_may_choose_itself():
    net = make_cv_net()
    assert net_in(GridSearchCV(make_pipeline(StandardScaler(), net), {})) is net


def test_an_init_of_another_step_is_not_the_net_s():
    starts = [(init, scale) for init in ("random", "nndsvd") for scale in (0.1, 1.0)]
    params = [{"nmf__init": init, "clf__init_scale": scale} for init, scale in starts]
    results = {"params": params, "split0_test_score": np.arange(4)}
    points = read(results)
    found = [(point.init, point.scale, point.scores.tolist()) for point in points]
    assert found == [("randn", 0.1, [0, 2]), ("randn", 1.0, [1, 3])]


@pytest.mark.parametrize("search", [RandomizedSearchCV, LockstepRandomizedSearchCV])
def test_auto_stands_at_what_it_means(search):
    grid = {"init": ["randn", "glorot"], "init_scale": ["auto", 0.1]}
    search = search(make_net(), grid, n_iter=4, cv=2, random_state=0).fit(X, Y)
    starts = {(init, scale) for init, scale, _ in swept(search)}
    means = {("randn", "auto"), ("glorot", 1.0)}
    assert starts == means | {("randn", 0.1), ("glorot", 0.1)}


def test_the_estimator_says_what_the_search_does_not():
    search = GridSearchCV(make_net(init="he"), {"init_scale": ["auto", 0.1]}, cv=2)
    points = swept(search.fit(X, Y))
    assert [point[:2] for point in points] == [("he", 1.0), ("he", 0.1)]


def test_other_parameters_are_pooled_or_the_best_is_kept():
    grid = {"init_scale": [0.1, 1], "learning_rate_init": [1e-4, 1]}
    search = GridSearchCV(make_net(), grid, cv=2, scoring="neg_log_loss").fit(X, Y)
    pooled = drawn(search)
    assert [len(point.scores) for point in pooled.points] == [4, 4]
    best = drawn(search, others="best")
    means = search.cv_results_["mean_test_score"].reshape(2, 2)
    np.testing.assert_allclose(best.lines_[0].get_ydata(), -means.max(axis=1))
    assert best.ax_.get_ylabel().startswith("Log-loss,")
    as_it_is = drawn(search, negate_score=False)
    assert as_it_is.ax_.get_ylabel().startswith("Negative log-loss,")
    assert best.ax_.get_ylabel().endswith("of 2 splits, best of 2 candidates")
    assert pooled.ax_.get_ylabel().endswith("of 2 candidates × 2 splits")
    with pytest.raises(ValueError, match="others must be 'pool' or 'best', got 'all'"):
        drawn(search, others="all")


def test_one_of_several_metrics():
    options = {"cv": 2, "scoring": ["accuracy", "roc_auc"], "refit": "roc_auc"}
    search = LockstepGridSearchCV(make_net(), {"init_scale": [0.1, 1]}, **options)
    results = search.fit(X, Y).cv_results_
    display = drawn(search)
    (line,) = display.lines_
    np.testing.assert_allclose(line.get_ydata(), results["mean_test_roc_auc"])
    assert display.ax_.get_ylabel().startswith("ROC AUC")
    (line,) = drawn(search, score="accuracy").lines_
    np.testing.assert_allclose(line.get_ydata(), results["mean_test_accuracy"])
    with pytest.raises(ValueError, match=r"score='loss' .*: accuracy, roc_auc\."):
        drawn(search, score="loss")


@pytest.mark.parametrize(
    ("resource", "low", "high"), [("n_samples", 80, 400), ("clf__max_iter", 2, 8)]
)
@pytest.mark.filterwarnings("ignore::skshallow.exceptions.ConstantPredictionsWarning")
def test_rounds_of_a_halving_search_are_not_pooled(resource, low, high):
    grid = {"clf__init_scale": [0.1, 1], "clf__init": ["randn", twice_uniform]}
    rounds = {"resource": resource, "min_resources": low, "max_resources": high}
    grid["clf__random_state"] = [0]
    options = {**rounds, "factor": 2, "cv": 2, "random_state": 0}
    search = HalvingGridSearchCV(SCALED, grid, **options).fit(X, Y)
    results = search.cv_results_
    assert len(results["params"]) > 4
    last = {}
    for k, candidate in enumerate(results["params"]):
        init, scale = candidate["clf__init"], candidate["clf__init_scale"]
        last[getattr(init, "__name__", init), scale] = of_splits(search, k)
    for each in (search, pickle.loads(pickle.dumps(search))):
        assert {(init, s): scores for init, s, scores in swept(each)} == last
    assert drawn(search).scores_of == "2 splits, last round"
