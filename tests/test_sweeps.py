"""Points of a sweep are read from the results of any search."""

import pickle

import numpy as np
import pytest
from matplotlib.figure import Figure
from nets import ignored
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

from skshallow import LockstepGridSearchCV, LockstepRandomizedSearchCV
from skshallow.displays import InitSweepDisplay


def drawn(search, **options):
    return InitSweepDisplay.from_search(search, ax=Figure().subplots(), **options)


def read(results, **options):
    ax = Figure().subplots()
    return InitSweepDisplay.from_cv_results(results, ax=ax, **options)


def points(display):
    """Init, scale and scores of every point of a display."""
    return [(p.init, p.scale, p.scores.tolist()) for p in display.points]


def with_scores(search, starts):
    """Points of these starts, with the scores of the first candidates of a search."""
    results = search.cv_results_
    scores = np.stack([results[f"split{k}_test_score"] for k in range(2)], axis=1)
    return [(*start, scores[k].tolist()) for k, start in enumerate(starts)]


def ending_in(model):
    return Pipeline([("scaler", StandardScaler()), ("clf", model)])


SCALED, OF_CHOICE = ending_in(make_net()), ending_in(make_cv_net())
OTHERS = [LogisticRegression(C=1e-6), LogisticRegression(C=1e-5)]
OF_OTHER = ending_in(OTHERS[0])
SCALES, NET = {"clf__init_scale": [0.1, 1]}, {"clf": [make_net()]}
NETS = [make_net(init_scale=scale) for scale in (0.1, 1)]
PIPELINES = [make_pipeline(make_net(init=i)) for i in ("he", "glorot", twice_uniform)]
BOTH = [("randn", 0.1), ("randn", 1.0)]
INITS = [("he", None), ("glorot", None), ("twice_uniform", None)]
# An estimator, candidates, and the starts of those that end in a net, which come first.
SWEEPS = [
    (make_net(init="he"), {"init_scale": [0.1, "auto"]}, [("he", 0.1), ("he", 1.0)]),
    (SCALED, [NET | SCALES, {"clf": OTHERS}], BOTH),
    (SCALED, [SCALES, {"clf": OTHERS[:1], "clf__C": [1, 2]}], BOTH),
    (SCALED, [SCALES | {"scaler": ["passthrough"]}, {"clf": OTHERS}], BOTH),
    (SCALED, {"clf": NETS + OTHERS}, BOTH),
    (SCALED, {"clf": [make_pipeline(net) for net in NETS] + OTHERS}, BOTH),
    (SCALED, {"clf": PIPELINES}, INITS),
    (
        SCALED,
        {"clf": PIPELINES[:1], "clf__shallownetclassifier__init": ["lecun", "he"]},
        [("lecun", None), ("he", None)],
    ),
    (SCALED, [NET | SCALES, {"clf": [make_cv_net()]}], BOTH),
    (OF_CHOICE, [NET | SCALES, {"clf": [make_cv_net()]}], BOTH),
    (OF_OTHER, [NET | SCALES, {"clf": [make_net(init="he")]}], [*BOTH, ("he", 1.0)]),
    (OF_OTHER, [NET | SCALES, {"clf__C": [1]}], BOTH),
]


# Of estimators of several lengths NumPy 1.23 makes an array, with a warning.
@pytest.mark.filterwarnings("ignore:Creating an ndarray from ragged")
@pytest.mark.parametrize(("model", "grid", "starts"), SWEEPS)
@pytest.mark.parametrize("kind", [GridSearchCV, LockstepGridSearchCV])
def test_points_are_the_candidates_that_end_in_a_net(kind, model, grid, starts):
    """The net may be the estimator, a step of it, or a candidate for a step."""
    search = kind(model, grid, cv=2).fit(X, Y)
    assert points(drawn(search)) == with_scores(search, starts)


NO_SWEEPS = [{"alpha": 1}, {"kmeans__n_init": 1}, {"clf__init_scale": 1}]


@pytest.mark.parametrize("candidate", NO_SWEEPS)
def test_results_that_are_no_sweep(candidate):
    results = {"params": [candidate], "split0_test_score": np.zeros(1)}
    with pytest.raises(ValueError, match="varied neither init nor init_scale"):
        read(results)


def test_results_are_read_as_the_search_is():
    grid = [{"clf__init_scale": [0.1, 1], "clf__init": ["he"]}, {"clf": OTHERS}]
    search = GridSearchCV(SCALED, grid, cv=2).fit(X, Y)
    assert points(read(search.cv_results_)) == points(drawn(search))


@pytest.mark.parametrize(
    ("model", "grid"),
    [
        (SCALED, {"clf": OTHERS, "clf__C": [1]}),
        (make_cv_net(), {"n_hidden": [2, 3]}),
        (OF_CHOICE, {"clf__init": ["he", "randn"]}),
        (OF_CHOICE, {"clf": [make_cv_net(init="he")]}),
    ],
)
def test_searches_without_a_start_are_refused(model, grid):
    """The error names ``from_estimator``, for nets that choose a start themselves."""
    search = GridSearchCV(model, grid, cv=2)
    with pytest.raises(NotFittedError, match="GridSearchCV"):
        drawn(search)
    with pytest.raises(ValueError, match=r"varied neither.*from_estimator"):
        drawn(search.fit(X, Y))


def test_an_init_of_another_step_is_not_the_net_s():
    starts = [(init, scale) for init in ("random", "nndsvd") for scale in (0.1, 1.0)]
    params = [{"nmf__init": init, "clf__init_scale": scale} for init, scale in starts]
    results = {"params": params, "split0_test_score": np.arange(4)}
    assert points(read(results)) == [("randn", 0.1, [0, 2]), ("randn", 1.0, [1, 3])]


@pytest.mark.parametrize("search", [RandomizedSearchCV, LockstepRandomizedSearchCV])
def test_auto_stands_at_what_it_means(search):
    grid = {"init": ["randn", "glorot"], "init_scale": ["auto", 0.1]}
    search = search(make_net(), grid, n_iter=4, cv=2, random_state=0).fit(X, Y)
    starts = {(init, scale) for init, scale, _ in points(drawn(search))}
    means = {("randn", "auto"), ("glorot", 1.0)}
    assert starts == means | {("randn", 0.1), ("glorot", 0.1)}


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
    for others in ("all", np.array(["pool", "best"])):
        with pytest.raises(ValueError, match="The 'others' parameter"):
            drawn(search, others=others)


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
@ignored("ConstantPredictions")
def test_rounds_of_a_halving_search_are_not_pooled(resource, low, high):
    grid = {"clf__init_scale": [0.1, 1], "clf__init": ["randn", twice_uniform]}
    rounds = {"resource": resource, "min_resources": low, "max_resources": high}
    grid["clf__random_state"] = [0]
    options = {**rounds, "factor": 2, "cv": 2, "random_state": 0}
    search = HalvingGridSearchCV(SCALED, grid, **options).fit(X, Y)
    params = search.cv_results_["params"]
    assert len(params) > 4
    names = [getattr(c["clf__init"], "__name__", c["clf__init"]) for c in params]
    scales = [candidate["clf__init_scale"] for candidate in params]
    every = with_scores(search, zip(names, scales, strict=True))
    last = {(init, scale): scores for init, scale, scores in every}
    for each in (search, pickle.loads(pickle.dumps(search))):
        found = points(drawn(each))
        assert {(init, scale): scores for init, scale, scores in found} == last
    assert drawn(search).scores_of == "2 splits, last round"


def test_seeds_of_other_rounds_of_a_halving_search_are_not_pooled():
    """Of three seeds of a start, two reached the second round and one the third."""
    results = {
        "iter": np.array([0, 0, 0, 0, 1, 1, 2]),
        "n_resources": np.array([10, 10, 10, 10, 20, 20, 40]),
        "params": [
            {"init_scale": scale, "random_state": seed}
            for scale, seed in ((1, 0), (1, 1), (1, 2), (2, 0), (1, 0), (1, 1), (1, 0))
        ],
        "split0_test_score": np.arange(7) / 10,
    }
    display = InitSweepDisplay.from_cv_results(results)
    assert points(display) == [("randn", 1, [0.6]), ("randn", 2, [0.3])]
    assert display.scores_of == "1 split, last round"
