"""Scores, refits, splits, fit parameters and routing are those of a plain search."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from nets import ignored
from scipy import sparse
from searches import (
    GRID,
    GROUPS,
    IN_LOCKSTEP,
    SCALES,
    WEIGHT,
    N,
    X,
    Y,
    assert_same,
    assert_same_search,
    compare,
    net,
    pair,
    prefixed,
    scaled,
)
from sklearn.metrics import accuracy_score, log_loss, make_scorer
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def n_correct(estimator, X, y):
    """A scorer that depends on a parameter of the candidate."""
    return int((estimator.predict(X) == y).sum()) + estimator.get_params()["alpha"]


def several(estimator, X, y):
    proba = estimator.predict_proba(X)
    return {"log": -log_loss(y, proba), "mean": np.float32(proba.mean())}


def worst(cv_results):
    """A refit rule that picks the last of the ranks."""
    return cv_results["rank_test_score"].argmax()


def worst_by_log(cv_results):
    return cv_results["rank_test_log"].argmax()


SCORINGS = {
    "none": {"scoring": None, "refit": True},
    "a name": {"scoring": "neg_log_loss", "refit": True},
    "of decisions": {"scoring": "roc_auc", "refit": True},
    "a function": {"scoring": n_correct, "refit": True},
    "made": {"scoring": make_scorer(accuracy_score, normalize=False), "refit": True},
    "a list": {"scoring": ["roc_auc", "accuracy"], "refit": "roc_auc"},
    "a tuple": {"scoring": ("f1", "neg_brier_score"), "refit": "f1"},
    "a dict": {"scoring": {"a": "roc_auc", "b": n_correct}, "refit": "b"},
    "several at once": {"scoring": several, "refit": "mean"},
    "not refitted": {"scoring": None, "refit": False},
    "several, not refitted": {"scoring": ["roc_auc", "accuracy"], "refit": False},
    "a rule": {"scoring": "accuracy", "refit": worst},
    "a rule of several": {"scoring": {"log": "neg_log_loss"}, "refit": worst_by_log},
}


@pytest.mark.parametrize("options", SCORINGS.values(), ids=SCORINGS)
@pytest.mark.parametrize("return_train_score", [False, True])
def test_scoring_and_refit(options, return_train_score):
    compare(net(), GRID, return_train_score=return_train_score, **options)


def test_scores_behind_a_scaler():
    for options in (SCORINGS["none"], SCORINGS["a list"]):
        compare(scaled(net()), prefixed(GRID), return_train_score=True, **options)


@pytest.mark.parametrize("plain", IN_LOCKSTEP)
def test_the_default_scorer_asks_the_users_estimator(plain):
    """The scorer holds the user's estimator, and not its proxy."""
    grid = {"alpha": [0.1, 0.2, 0.4], "random_state": [0, 1]}
    small = net(batch_size=1)  # a halving search begins with very few samples
    for search in pair(small, grid, plain, scoring=None, refit=True):
        search.fit(X, Y)
        assert search.scorer_._estimator is search.estimator
        assert search.score(X, Y) == search.best_estimator_.score(X, Y)


WRONG = {
    "a refit of nothing": {"scoring": ["roc_auc", "accuracy"], "refit": True},
    "a refit of another": {"scoring": several, "refit": "median"},
    "a rule of no number": {"scoring": None, "refit": lambda results: "first"},
    "a rule out of range": {"scoring": None, "refit": lambda results: 99},
    "no such score": {"scoring": "beauty", "refit": True},
    "no such verbosity": {"verbose": "much"},
    "one fold": {"cv": 1},
    "no groups": {"cv": GroupKFold(2)},
    "too many folds": {"cv": 40},
    "no splits": {"cv": []},
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG)
def test_wrong_options(options):
    compare(net(), GRID, raises=(ValueError, TypeError, IndexError), **options)


# Splits


def a_generator():
    return (split for split in KFold(3).split(X))


def bare_splits():
    """Unequal splits that overlap, and leave rows out."""
    return [(np.arange(20), np.arange(15, 40)), (np.arange(10, 47), np.arange(4))]


SPLITS = {
    "default": None,
    "a number": 3,
    "a splitter": KFold(3, shuffle=True, random_state=1),
    "repeated": RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=1),
    "without a seed": lambda: ShuffleSplit(
        3, test_size=0.3, random_state=np.random.RandomState(1)
    ),
    "a generator": a_generator,
    "a list": bare_splits(),
    "masks": [(np.arange(N) % 3 > 0, np.arange(N) % 3 == 0)],
    "predefined": PredefinedSplit(np.where(np.arange(N) < 7, -1, np.arange(N) % 2)),
}


@pytest.mark.parametrize("cv", SPLITS.values(), ids=SPLITS)
def test_splits(cv):
    compare(scaled(net()), prefixed(SCALES), cv=cv)


def test_a_splitter_without_a_seed_is_asked_once_a_fit():
    """The next fit of the same search has the next splits."""
    make = SPLITS["without a seed"]
    plain, lockstep = pair(net(), GRID, cv=make)
    for _ in range(2):
        assert_same_search(plain.fit(X, Y), lockstep.fit(X, Y))


def test_each_row_left_out():
    compare(net(), SCALES, X[:7], Y[:7], cv=LeaveOneOut(), scoring=None, refit=True)


@pytest.mark.parametrize("cv", [GroupKFold(3), StratifiedGroupKFold(3)])
def test_groups(cv):
    compare(net(), SCALES, cv=cv, fit_params={"groups": GROUPS})
    listed = {"groups": list(GROUPS)}
    compare(scaled(net()), prefixed(SCALES), cv=cv, fit_params=listed)


def test_a_fold_that_lacks_a_class():
    """The nets of the fold have fewer outputs than those of the others."""
    y = np.where(np.arange(N) < 12, 2, Y)
    splits = [(np.arange(12, N), np.arange(12)), (np.arange(30), np.arange(30, N))]
    compare(net(), GRID, X, y, cv=splits)


# Fit parameters


HELD_OUT = {"X_val": X[:9], "y_val": Y[:9], "sample_weight_val": WEIGHT[:9] + 0.1}
FIT_PARAMS = {
    "weights": {"sample_weight": WEIGHT},
    "a list": {"sample_weight": WEIGHT.tolist()},
    "a series": {"sample_weight": pd.Series(WEIGHT, index=range(7, 7 + N))},
    "no weights": {"sample_weight": None},
    "held-out rows": HELD_OUT,
    "as many as rows": {"X_val": X[::-1], "y_val": Y[::-1]},
    "sparse": {"X_val": sparse.csr_matrix(X[:9]), "y_val": Y[:9].tolist()},
    "both": {"sample_weight": WEIGHT, **HELD_OUT},
}


@pytest.mark.parametrize("fit_params", FIT_PARAMS.values(), ids=FIT_PARAMS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_fit_params(fit_params, early_stopping):
    estimator = net(early_stopping=early_stopping, tol=1e-3, n_iter_no_change=1)
    grid = {"random_state": [0, 1], "init_scale": [0.5, 1.0]}
    compare(estimator, grid, fit_params=fit_params)


@pytest.mark.parametrize("scoring", [None, "accuracy", "roc_auc", n_correct])
def test_weights_in_training_and_scores(scoring):
    weighted = {"sample_weight": WEIGHT}
    compare(net(), GRID, scoring=scoring, refit=True, fit_params=weighted)


def test_weights_of_classes_and_samples():
    grid = {"class_weight": [None, "balanced", {0: 1.0, 1: 2.0}], "alpha": [0.1, 1.0]}
    compare(net(), grid, fit_params={"sample_weight": WEIGHT})


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


REQUESTS = {"nobody": (None, None), "the net": (True, False), "both": (True, True)}


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize(("fitting", "scoring"), REQUESTS.values(), ids=REQUESTS)
def test_routed_weights_and_groups(fitting, scoring):
    estimator = net().set_fit_request(sample_weight=fitting)
    estimator.set_score_request(sample_weight=scoring)
    scorer = make_scorer(accuracy_score).set_score_request(sample_weight=scoring)
    metadata = {"sample_weight": WEIGHT, "groups": GROUPS}
    unset = sklearn.exceptions.UnsetMetadataPassedError
    for asked in (None, scorer):
        options = {"scoring": asked, "refit": True, "cv": GroupKFold(2)}
        raises = None if fitting else unset
        compare(estimator, GRID, fit_params=metadata, raises=raises, **options)


@pytest.mark.usefixtures("routing")
def test_routed_to_the_steps_of_a_pipeline():
    routed = net().set_fit_request(sample_weight="importance")
    scaler = StandardScaler().set_fit_request(sample_weight=True)
    estimator = make_pipeline(scaler, routed)
    metadata = {"sample_weight": np.arange(N) % 3, "importance": WEIGHT}
    grid = {"shallownetclassifier__init_scale": [0.5, 1.0]}
    scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
    options = {"scoring": scorer, "refit": True}
    compare(estimator, grid, fit_params=metadata, **options)


@pytest.mark.usefixtures("routing")
@ignored("ConstantPredictions")
def test_routed_through_a_search():
    """A search passes on the metadata that it is given."""
    routed = (
        net().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
    )
    scores = [
        cross_validate(search, X, Y, cv=2, params={"sample_weight": WEIGHT})
        for search in pair(routed, GRID, scoring=None, refit=True)
    ]
    assert_same(*(result["test_score"] for result in scores))
