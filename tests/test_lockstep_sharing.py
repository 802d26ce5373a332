"""Nets of a cohort are trained at once, and what candidates share is done once.

Counted: the lanes of every call of ``train``, the calls of ``fit``, and how often a
step before the net is fitted.
"""

import sys

import numpy as np
import pytest
from searches import SCALES, X, Y, net, prefixed, scaled
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skshallow import LockstepGridSearchCV, ShallowNetClassifier
from skshallow.training import train


class Shift(FunctionTransformer):
    """Counts its fits."""

    n_fits = 0

    def __init__(self, shift=0.0):
        super().__init__()
        self.shift = shift

    def fit(self, X, y=None):
        type(self).n_fits += 1
        return super().fit(X, y)

    def transform(self, X):
        return super().transform(X) + self.shift


@pytest.fixture
def n_fits(monkeypatch):
    """How often a `Shift` has been fitted: a function."""
    monkeypatch.setattr(Shift, "n_fits", 0)
    return lambda: Shift.n_fits


@pytest.fixture
def trained(monkeypatch):
    """The number of lanes of every call of ``train``, wherever it is called."""
    lanes = []

    def watched(architecture, solver, batches, P, *args, **kwargs):
        lanes.append(len(P))
        return train(architecture, solver, batches, P, *args, **kwargs)

    for name, module in list(sys.modules.items()):
        if name.startswith("skshallow") and getattr(module, "train", None) is train:
            monkeypatch.setattr(module, "train", watched)
    return lanes


COHORTS = {
    "scales": (SCALES, [3]),
    "seeds and scales": ({"random_state": [0, 1, 2], "init_scale": [0.5, 1.0]}, [6]),
    "seeds on full batches": ({"solver": ["gd"], "random_state": [0, 1, 2]}, [3]),
    "rates": ({"learning_rate_init": [0.1, 0.2], "alpha": [0, 1.0]}, [4]),
    "tolerances": ({"tol": [None, 0, 9.0]}, [3]),
    "momenta": ({"solver": ["sgd"], "momentum": [0.1, 0.9]}, [2]),
    "ends": ({"max_iter": [2, 5], "n_iter_no_change": [1, np.inf]}, [4]),
    "starts": ({"n_init": [3], "init": ["randn", "he", "orthogonal"]}, [9]),
    "widths": ({"n_hidden": [2, 3], "alpha": [0.1, 1.0]}, [2, 2]),
    "solvers": ({"solver": ["gd", "adam"], "alpha": [0.1, 1.0]}, [2, 2]),
    "activations": ({"activation": ["relu", "tanh"], "alpha": [0.1, 1.0]}, [2, 2]),
    "batch sizes": ({"batch_size": [4, 8], "alpha": [0.1, 1.0]}, [2, 2]),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("grid", "lanes"), COHORTS.values(), ids=COHORTS.keys())
@pytest.mark.parametrize("in_pipeline", [False, True])
def test_every_cohort_and_fold_is_trained_at_once(grid, lanes, in_pipeline, trained):
    estimator = net()
    if in_pipeline:
        estimator, grid = scaled(estimator), prefixed(grid)
    LockstepGridSearchCV(estimator, grid, cv=3, refit=False).fit(X, Y)
    assert sorted(trained) == sorted(3 * lanes)


def test_stacked_nets_are_not_fitted_one_by_one(monkeypatch):
    calls = []
    fit = ShallowNetClassifier.fit
    monkeypatch.setattr(
        ShallowNetClassifier, "fit", lambda *a, **k: calls.append(1) or fit(*a, **k)
    )
    LockstepGridSearchCV(net(), SCALES, cv=3).fit(X, Y)
    assert len(calls) == 1  # the refit


def test_pre_steps_are_fitted_once_a_setting_and_fold(n_fits):
    estimator = Pipeline([("shift", Shift()), ("net", net())])
    grid = {"shift__shift": [0.0, 1.0], "net__n_hidden": [2, 3], **prefixed(SCALES)}
    search = LockstepGridSearchCV(estimator, grid, cv=3, refit=False).fit(X, Y)
    assert len(search.cv_results_["params"]) == 12
    assert n_fits() == 2 * 3


def test_pre_steps_swapped_whole_are_fitted_once_a_setting_and_fold(n_fits):
    estimator = Pipeline([("shift", Shift()), ("net", net())])
    steps = [Shift(), Shift(1.0), "passthrough"]
    grid = {"shift": steps, **prefixed(SCALES)}
    LockstepGridSearchCV(estimator, grid, cv=3, refit=False).fit(X, Y)
    assert n_fits() == 2 * 3
