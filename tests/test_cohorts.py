"""Nets that can share their steps are trained together, and equal single fits."""

from functools import partial

import numpy as np
import pytest
from nets import ignored
from searches import WEIGHT, X, Y
from sklearn.model_selection import ParameterGrid
from watching import peak_bytes, watch

from skshallow import ShallowNetClassifier
from skshallow._core.threads import single_blas_thread
from skshallow._fit import train_together as fit_lanes
from skshallow._search.cohort_jobs import MANY_OF_A_SEED, fit_cohort
from skshallow._search.cohorts import EXCLUDED, MUST_MATCH, cohort_key

# Nets that are hardly trained, or on random labels, deserve these warnings, which no
# test here is about.
pytestmark = ignored("ConstantPredictions", "LinearPlateau")

FEW = {"batch_size": 7, "max_iter": 6, "tol": None, "random_state": 0}
net = partial(ShallowNetClassifier, n_hidden=3, **FEW)


@pytest.fixture
def cohorts_trained(monkeypatch):
    """Numbers of estimators in the cohorts trained, in order."""
    return watch(
        monkeypatch, fit_lanes, "train_together", lambda nets, *_, **__: len(nets)
    )


def assert_as_alone(nets, **fit_params):
    """Assert that every net of a cohort has the curve and weights of its own fit."""
    with single_blas_thread():
        together = fit_cohort(nets, None, X, Y, **fit_params)
    assert len(together) == len(nets)
    for one in together:
        trained = one.result
        alone = one.net.fit(X, Y, **fit_params)
        for k, outcome in enumerate(trained.outcomes):
            assert outcome.loss == alone.init_losses_[k]
        (best,) = (o for o in trained.outcomes if o.loss == alone.loss_)
        assert best.loss_curve.tolist() == alone.loss_curve_
        weights, biases = trained.architecture.unpack(best.p)
        for k in range(2):
            np.testing.assert_array_equal(weights[k].T, alone.coefs_[k])
            np.testing.assert_array_equal(biases[k], alone.intercepts_[k])


# Another value of every parameter in which the nets of a cohort may differ. A new
# parameter belongs here, or to one of the two tuples of the module.
PER_LANE = {"init": np.zeros, "init_scale": (1, 2), "n_init": 3, "combine": "average"}
PER_LANE |= {"learning_rate": "constant", "learning_rate_init": 0.5, "alpha": 0.5}
PER_LANE |= {"momentum": 0.5, "max_iter": 7, "tol": 0.5, "n_iter_no_change": 3}
PER_LANE |= {"random_state": 1}
OTHERS = {"n_hidden": 4, "activation": "tanh", "solver": "sgd", "batch_size": 8}
OTHERS |= {"nesterovs_momentum": False, "shuffle": False, "early_stopping": True}
OTHERS |= {"validation_fraction": 0.2, "class_weight": {0: 1, 1: 2}}
OTHERS |= {"warm_start": True, "verbose": 2}


def test_every_parameter_has_its_place():
    places = [*MUST_MATCH, *PER_LANE, *EXCLUDED]
    assert sorted(places) == sorted(ShallowNetClassifier().get_params())


@pytest.mark.parametrize("name", ShallowNetClassifier().get_params())
def test_nets_of_one_cohort_differ_in_what_is_per_lane(name):
    key = cohort_key(net(**{name: (PER_LANE | OTHERS)[name]}))
    assert (key == cohort_key(net())) == (name in PER_LANE)
    assert (key is None) == (name in EXCLUDED)


def test_lbfgs_trains_nets_alone():
    assert cohort_key(net(solver="lbfgs")) is None


def test_equal_class_weights_are_equal_however_they_are_ordered():
    weights = {0: 1, 1: 2}, {1: 2, 0: 1}
    first, second = (cohort_key(net(class_weight=weight)) for weight in weights)
    assert first == second


WEIGHTS = {
    "unweighted": ({}, {}),
    "balanced": ({"class_weight": "balanced"}, {}),
    "weighted": ({}, {"sample_weight": WEIGHT}),
}


def crossed(**values):
    """Nets of all combinations of the values."""
    return [net(**params) for params in ParameterGrid(values)]


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
@pytest.mark.parametrize(("params", "fit_params"), WEIGHTS.values(), ids=WEIGHTS)
def test_seeds_scales_starts_in_one_cohort(solver, params, fit_params, cohorts_trained):
    """Weighted batches of different rows differ in weight: seeds train apart."""
    grid = {"init_scale": [0.1, 1.0], "random_state": [0, 1, 2], "n_init": [1, 2]}
    nets = [one.set_params(solver=solver, **params) for one in crossed(**grid)]
    assert_as_alone(nets, **fit_params)
    is_apart = solver != "gd" and (params or fit_params)
    assert cohorts_trained == ([4, 4, 4] if is_apart else [12])


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_every_start_of_a_net_has_the_settings_of_its_net(solver, cohorts_trained):
    names = "n_init", "alpha", "learning_rate_init", "learning_rate", "momentum"
    names = *names, "max_iter"
    settings = [
        (2, 0.0, 0.1, "cosine", 0.0, 4),
        (1, 0.1, 0.02, "constant", 0.5, 6),
        (3, "auto", "auto", "cosine", 0.9, 2),
    ]
    assert_as_alone(
        [net(solver=solver, **dict(zip(names, own, strict=True))) for own in settings]
    )
    assert cohorts_trained[0] == 3


def test_lanes_of_different_seeds_stop_at_different_times():
    nets = [net(random_state=s, max_iter=m) for s in range(4) for m in (1, 5, 3)]
    assert_as_alone(nets)


@ignored("Convergence")
def test_early_stopping_splits_by_seed(cohorts_trained):
    early = {"early_stopping": [True], "tol": [1e-3]}
    assert_as_alone(crossed(random_state=[0, 1], init_scale=[0.1, 1.0], **early))
    assert cohorts_trained == [2, 2]


@pytest.mark.parametrize("n_scales", [MANY_OF_A_SEED - 1, MANY_OF_A_SEED])
def test_many_lanes_of_one_seed_share_their_rows(n_scales, cohorts_trained):
    """Few lanes of a seed have rows of their own, beside those of another seed."""
    scales = np.linspace(0.5, 1, n_scales)
    nets = [*crossed(init_scale=scales), net(random_state=1)]
    fit_cohort(nets, None, X, Y)
    is_many = n_scales == MANY_OF_A_SEED
    assert cohorts_trained == ([n_scales, 1] if is_many else [n_scales + 1])


def test_a_cohort_larger_than_memory_is_cut(cohorts_trained, monkeypatch):
    monkeypatch.setattr(fit_lanes, "COHORT_BYTES", 1)
    assert_as_alone(crossed(init_scale=[0.1, 0.2, 0.5, 1.0]))
    assert cohorts_trained == [1, 1, 1, 1]


LARGE = {
    "wide": (60, 3, 2, {"n_hidden": 500}),
    "full batches": (500, 4, 2, {"n_hidden": 50, "solver": "gd"}),
    "rows of their own": (500, 30, 2, {"n_hidden": 8, "batch_size": 200}),
    "many features": (60, 300, 2, {"n_hidden": 20}),
    "many classes": (500, 4, 10, {"n_hidden": 50, "batch_size": 64}),
}


def large(n_rows, n_features, n_classes, parameters):
    """A function of a number of nets: the most bytes that training them allocates."""
    rng = np.random.RandomState(0)
    rows = rng.standard_normal((n_rows, n_features))
    labels = np.arange(n_rows) % n_classes
    common = {"max_iter": 2, "batch_size": 30, **parameters}

    def peak(n_nets):
        nets = [net(random_state=seed, **common) for seed in range(n_nets)]
        with single_blas_thread():
            return peak_bytes(fit_cohort, nets, None, rows, labels)

    return peak


@pytest.mark.parametrize("problem", LARGE.values(), ids=LARGE)
def test_lanes_take_about_the_estimated_memory(problem, cohorts_trained, monkeypatch):
    """Lanes take at most 1.25 times the estimate, and at least a sixteenth of it."""
    peak, n_nets, budget = large(*problem), 60, 2**23
    monkeypatch.setattr(fit_lanes, "COHORT_BYTES", budget)
    peak(n_nets)
    assert sum(cohorts_trained) == n_nets
    most = cohorts_trained[0]
    assert 4 <= most < n_nets
    lane = (peak(most) - peak(most // 2)) / (most - most // 2)
    assert budget / 16 < most * lane < 1.25 * budget


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_results_hold_no_optimizer_state(solver, monkeypatch):
    """The state takes as much memory as the nets, and a search resumes no training."""
    states, train_together = [], fit_lanes.train_together

    def spy(*args, **kwargs):
        trained = train_together(*args, **kwargs)
        states.extend(o.optimizer_state for one in trained for o in one.outcomes)
        return trained

    monkeypatch.setattr(fit_lanes, "train_together", spy)
    nets = [net(solver=solver, random_state=seed, n_init=2) for seed in range(3)]
    trained = fit_cohort(nets, None, X, Y)
    assert len(states) == 6
    assert None not in states
    kept = [o.optimizer_state for one in trained for o in one.result.outcomes]
    assert kept == [None] * 6
