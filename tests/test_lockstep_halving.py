"""Successive halving in lock-step: scikit-learn's results, a round at a time."""

import subprocess
import sys
from collections import Counter

import joblib
import numpy as np
import pytest
from nets import ignored
from searches import (
    IN_LOCKSTEP,
    WEIGHT,
    X,
    Y,
    compare,
    net,
    ordinary_fits,
    pair,
    prefixed,
    scaled,
)
from sklearn.model_selection import (
    GroupKFold,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    ShuffleSplit,
)
from watching import watch

from skshallow._search import cohort_jobs

pytestmark = ignored("ConstantPredictions")
HALVINGS = [plain for plain in IN_LOCKSTEP if "Halving" in plain.__name__]
every_halving = pytest.mark.parametrize("plain", HALVINGS)
GRID = {"alpha": [0.1, 0.2, 0.4], "init_scale": [0.1, 0.5, 2.0]}
RESOURCES = {
    "samples": {},
    "few samples": {"min_resources": "smallest"},
    "iterations": {"resource": "max_iter", "max_resources": 9},
    "from one": {"resource": "max_iter", "max_resources": 9, "min_resources": 1},
}
every_resource = pytest.mark.parametrize("options", RESOURCES.values(), ids=RESOURCES)


def small(**params):
    """A net whose batches are full even with the few rows of a first round."""
    return net(batch_size=2, **params)


def rounds_of(search):
    """Candidates by round, and by resources."""
    names = "iter", "n_resources"
    return [Counter(search.cv_results_[name].tolist()) for name in names]


@every_halving
@every_resource
def test_the_results_are_scikit_learns(plain, options):
    if plain is HalvingRandomSearchCV:
        options = {"n_candidates": 9, **options}
    search, _ = compare(small(), GRID, plain=plain, **options)
    by_round, by_resources = rounds_of(search)
    assert list(by_round.values()) == search.n_candidates_
    assert list(by_resources) == search.n_resources_
    assert search.n_candidates_[0] == 9
    assert len(search.n_candidates_) > 1


@pytest.mark.parametrize(
    ("scoring", "factor"), [(None, 2), ("roc_auc", 2.5), ("neg_log_loss", 3)]
)
def test_by_scores_that_people_use(scoring, factor):
    """Many scores are equal, so that the order of ties decides who stays."""
    estimator = scaled(small())
    for resource in ({}, {"resource": "net__max_iter", "max_resources": 12}):
        options = {"scoring": scoring, "factor": factor, **resource}
        compare(estimator, prefixed(GRID), plain=HalvingGridSearchCV, **options)


OPTIONS = {
    "elimination": {"aggressive_elimination": True, "max_resources": 20},
    "not refitted": {"refit": False},
    "no scores of training": {"return_train_score": False},
    "two jobs": {"n_jobs": 2},
    "other splits": {"cv": ShuffleSplit(3, test_size=0.3, random_state=1)},
    "no seed of the splits": {"cv": ShuffleSplit(3), "raises": ValueError},
    "a draw of its own": {"random_state": lambda: np.random.RandomState(3)},
    "no such resource": {"resource": "n_trees", "raises": ValueError},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options(options):
    with joblib.parallel_config("threading"):
        compare(small(), GRID, plain=HalvingGridSearchCV, **options)


@every_resource
def test_candidates_that_are_fitted_one_by_one_and_some_that_fail(options):
    grid = [
        {"solver": ["lbfgs", "adam"], "alpha": [0.1, 0.2]},
        {"learning_rate_init": [1e300], "solver": ["gd"]},
    ]
    compare(small(), grid, plain=HalvingGridSearchCV, factor=2, **options)


def test_fit_parameters_and_groups():
    params = {"sample_weight": WEIGHT + 0.1, "groups": np.arange(len(X)) % 4}
    options = {"cv": GroupKFold(2), "fit_params": params, "plain": HalvingGridSearchCV}
    compare(small(), GRID, **options)


@every_resource
def test_all_candidates_of_a_round_train_together(options, monkeypatch):
    n_fits = ordinary_fits(monkeypatch)
    n_nets = watch(
        monkeypatch, cohort_jobs, "fit_cohort", lambda nets, *_, **__: len(nets)
    )
    _, search = pair(small(), GRID, HalvingGridSearchCV, **options)
    search.fit(X, Y)
    assert n_nets == [n for n in search.n_candidates_ for _ in range(2)]  # two splits
    assert len(n_fits) == 1  # the refit


def test_importing_the_package_leaves_halving_experimental():
    program = """
import skshallow
try:
    from sklearn.model_selection import HalvingGridSearchCV
except ImportError as error:
    assert "experimental" in str(error)
else:
    raise AssertionError
import pickle
search = skshallow.LockstepHalvingGridSearchCV(skshallow.ShallowNetClassifier(), {})
pickle.loads(pickle.dumps(search))
from sklearn.experimental import enable_halving_search_cv
from sklearn.model_selection import HalvingGridSearchCV
assert isinstance(search, HalvingGridSearchCV)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
