"""What a fit warns of: identical, saturated or dead units, constant predictions."""

import warnings

import joblib
import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import scale

from skshallow import LockstepGridSearchCV, ShallowNetClassifier
from skshallow.datasets import make_flower
from skshallow.diagnostics import diagnose, unit_similarity
from skshallow.exceptions import (
    ConstantPredictionsWarning,
    DeadUnitsWarning,
    SaturationWarning,
    SymmetryWarning,
)
from skshallow.symptoms import symptoms
from skshallow.verdicts import ALARMS, CONSTANT

SOLVERS = ["gd", "sgd", "adam", "lbfgs"]
ACTIVATIONS = ["tanh", "logistic", "relu", "identity"]
FLOWER, PETAL = make_flower(random_state=1)
FLOWER = scale(FLOWER)
CANCER, MALIGNANT = load_breast_cancer(return_X_y=True)
CANCER = scale(CANCER)
OWN = (
    ConstantPredictionsWarning,
    DeadUnitsWarning,
    SaturationWarning,
    SymmetryWarning,
)

every_solver = pytest.mark.parametrize("solver", SOLVERS)
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def net(n_hidden=4, **params):
    defaults = {"max_iter": 30, "random_state": 0}
    return ShallowNetClassifier(n_hidden, **{**defaults, **params})


def warned_of(estimator, X, y, **fit_params):
    """Fit; return the categories and messages of this package's own warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator.fit(X, y, **fit_params)
    return [(w.category, str(w.message)) for w in caught if w.category in OWN]


def categories(*args, **kwargs):
    return [category for category, _ in warned_of(*args, **kwargs)]


def start(W1, W2, b1=0.0):
    """Explicit weights; biases of the output are 0."""
    return [W1, W2], [np.full(W1.shape[1], b1), np.zeros(W2.shape[1])]


# Identical units


@every_solver
@every_activation
def test_zeros_are_symmetric(solver, activation):
    stuck = net(init="zeros", solver=solver, activation=activation)
    ((category, message),) = warned_of(stuck, FLOWER, PETAL)
    assert category is SymmetryWarning
    assert message.startswith("all 4 hidden units are identical")
    assert "init='zeros'" in message
    assert "Use init='randn'" in message


def test_some_units_that_are_the_same_are_counted():
    rng = np.random.RandomState(0)
    W1, W2 = rng.standard_normal((2, 4)), rng.standard_normal((4, 1))
    W1[:, 3], W2[3] = W1[:, 0], W2[0]
    ((category, message),) = warned_of(net(init=start(W1, W2)), FLOWER, PETAL)
    assert category is SymmetryWarning
    assert message.startswith("only 3 of 4 hidden units differ")
    assert "explicit weights" in message


def test_units_that_differ_by_one_rounding_are_not_identical():
    W2 = 0.5 + np.arange(4)[:, None] * np.spacing(0.5)
    assert categories(net(init=start(np.full((2, 4), 0.5), W2)), FLOWER, PETAL) == []


def test_condensed_units_are_healthy():
    """A small start ends with nearly parallel units, and no two that are the same."""
    X, y = load_digits(return_X_y=True)
    three_or_eight = np.isin(y, [3, 8])
    X, y = X[three_or_eight] / 16, y[three_or_eight]
    condensed = net(16, init_scale=1e-3, max_iter=500)
    assert categories(condensed, X, y) == []
    S = unit_similarity(condensed.coefs_, condensed.intercepts_, "tanh")
    assert S.mean() > 0.95


# Saturated starts


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_a_large_start_is_saturated(solver, activation):
    large = net(init_scale=100, solver=solver, activation=activation)
    ((category, message),) = warned_of(large, CANCER, MALIGNANT)
    assert category is SaturationWarning
    assert f"the {activation} units start on their flat parts" in message
    assert "init_scale=100" in message
    assert "Lower init_scale" in message


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_what_has_no_flat_parts_on_both_sides_does_not_saturate(activation):
    large = net(init_scale=10, activation=activation, learning_rate_init=1e-3)
    assert categories(large, CANCER, MALIGNANT) == []


def test_a_saturated_start_that_training_has_overcome_is_not_warned_of():
    overcome = net(16, init_scale=3, max_iter=500).fit(CANCER, MALIGNANT)
    figures = diagnose(overcome, CANCER, MALIGNANT).figures
    assert overcome.status_ == "converged"
    assert figures.saturation_start > 0.75
    assert figures.saturation < 0.25


def test_a_line_search_gets_off_the_flat_parts():
    """From there; from starts still larger it may, or may not, by their last bits."""
    large = net(init_scale=100, solver="lbfgs", tol=None).fit(CANCER, MALIGNANT)
    assert large.loss_ < 0.3
    assert large.score(CANCER, MALIGNANT) > 0.95


# Dead units


def few_active(n_active):
    """400 rows, of which the last ``n_active`` are positive, and labels they tell."""
    X = -np.linspace(1, 2, 400)[:, None]
    X[400 - n_active :] *= -1
    return X, (np.arange(400) >= 200).astype(int)


@every_solver
def test_relu_units_that_no_row_activates_are_dead(solver):
    dead = start(np.ones((1, 4)) * [[1, 2, 3, 4]], np.ones((4, 1)))
    dead = net(init=dead, activation="relu", solver=solver, alpha=0.0)
    ((category, message),) = warned_of(dead, *few_active(0))
    assert category is DeadUnitsWarning
    assert message.startswith("100% of the relu units are never active, 100% from")


def test_relu_units_that_a_long_step_kills_are_dead():
    thrown = net(8, activation="relu", init="he", learning_rate_init=1e3, max_iter=100)
    ((category, message),) = warned_of(thrown, CANCER, MALIGNANT)
    assert category is DeadUnitsWarning
    assert "too long a step" in message


def test_a_unit_that_a_single_row_activates_lives():
    """Whichever row it is: not only the few that are looked at first."""
    alive = start(np.ones((1, 4)) * [[1, 2, 3, 4]], np.ones((4, 1)))
    alive = net(init=alive, activation="relu", solver="gd", learning_rate_init=1e-9)
    assert DeadUnitsWarning not in categories(alive, *few_active(1))


@pytest.mark.parametrize("activation", ["tanh", "identity"])
def test_only_relu_units_are_called_dead(activation):
    """Others that are 0 on every row, as here, still have a slope."""
    X, y = np.zeros((20, 2)), np.arange(20) % 2
    assert categories(net(activation=activation), X, y) == []


# Constant predictions


def rare(n, n_rare):
    """Labels without a relation to the features."""
    X = np.random.RandomState(0).standard_normal((n, 3))
    return X, np.arange(n) < n_rare


@every_solver
@pytest.mark.parametrize("n_classes", [2, 3])
def test_one_label_for_every_row_is_said(solver, n_classes):
    X, is_rare = rare(300, 9)
    y = is_rare * (1 + np.arange(300) % (n_classes - 1))
    settled = net(solver=solver, max_iter=500)
    ((category, message),) = warned_of(settled, X, y)
    assert category is ConstantPredictionsWarning
    assert message.startswith("every sample gets the same label")
    assert len(set(settled.predict(X))) == 1


@pytest.mark.parametrize("at", [0, 1, 398, 399])
def test_a_single_row_with_another_label_is_enough(at):
    """Wherever it stands, and also where rows are read a block at a time."""
    X = np.full((400, 1), -1.0)
    X[at] = 1.0
    y = (np.arange(400) % 2).astype(int)
    sure = net(init=start(np.full((1, 4), 1.0) * [[1, 2, 3, 4]], np.ones((4, 1))))
    sure.set_params(solver="gd", learning_rate_init=1e-9)
    assert ConstantPredictionsWarning not in categories(sure, X, y)
    assert len(set(sure.predict(X))) == 2


def test_the_plateau_is_not_said_twice():
    X, y = np.zeros((300, 2)), np.arange(300) < 90
    with pytest.warns(ConvergenceWarning, match="plateau") as caught:
        stuck = net(max_iter=300).fit(X, y)
    assert len(caught) == 1
    assert len(set(stuck.predict(X))) == 1


# All of them


def decaying(n_rows):
    """Relu units that no row activates, whose weights the penalty takes to 0."""
    unlike = start(np.array([[-1.0, -2.0, 1.0, 2.0]]), np.array([[1.0, 2, 3, 4]]).T)
    decay = {"learning_rate_init": 0.1, "alpha": 10.0 * n_rows}
    return net(init=unlike, activation="relu", solver="gd", max_iter=2, **decay)


ALARMED = {
    "identical units": (net(init="zeros"), FLOWER, PETAL),
    "units became identical": (decaying(400), *few_active(400)),
    "dead relu units at the start": (
        net(
            init=start(np.full((1, 4), 1.0) * [[1, 2, 3, 4]], np.ones((4, 1)))
        ).set_params(activation="relu", alpha=0.0),
        *few_active(0),
    ),
    "dead relu units": (
        net(8, activation="relu", init="he", learning_rate_init=1e3, max_iter=100),
        CANCER,
        MALIGNANT,
    ),
    "saturated start": (net(init_scale=100), FLOWER, PETAL),
    "constant predictions": (net(max_iter=500), *rare(300, 4)),
}


@pytest.mark.parametrize("alarm", [*ALARMS, CONSTANT], ids=lambda alarm: alarm.cause)
def test_what_a_fit_warns_of_a_diagnosis_finds(alarm):
    alarmed, X, y = ALARMED[alarm.cause]
    ((category, message),) = warned_of(alarmed, X, y)
    assert category is alarm.category
    found = {finding.name: finding for finding in diagnose(alarmed, X, y).findings}
    assert message == found[alarm.cause].sentence


@pytest.mark.parametrize("seed", range(4))
def test_a_diagnosis_finds_constant_predictions_of_whatever_worth(seed):
    """Of a net that ranks as well as any, too: one label is what users get to see."""
    rng = np.random.RandomState(seed)
    y = (rng.random_sample(2000) < 0.03).astype(int)
    X = rng.standard_normal((2000, 5)) + 0.3 * y[:, None]
    constant = ShallowNetClassifier(random_state=0)
    assert categories(constant, X, y) == [ConstantPredictionsWarning]
    assert diagnose(constant, X, y).findings


HEALTHY = {
    "flower": (FLOWER, PETAL),
    "cancer": (CANCER, MALIGNANT),
    "digits": (load_digits().data / 16, load_digits().target),
    "iris": (scale(load_iris().data), load_iris().target),
    "wine": (scale(load_wine().data), load_wine().target),
}


@pytest.mark.parametrize("table", HEALTHY)
@every_activation
@pytest.mark.parametrize("init", ["randn", "glorot", "he", "lecun", "orthogonal"])
def test_good_fits_warn_of_nothing(table, activation, init):
    sound = ShallowNetClassifier(activation=activation, init=init, random_state=0)
    assert categories(sound, *HEALTHY[table]) == []


@pytest.mark.parametrize("rows", [sparse.csr_matrix, np.float32])
def test_sparse_and_single_precision_rows(rows):
    X, y = rare(300, 9)
    assert categories(net(max_iter=500), rows(X), y) == [ConstantPredictionsWarning]
    assert categories(net(init="zeros"), rows(FLOWER), PETAL) == [SymmetryWarning]
    large = net(init_scale=100)
    assert categories(large, rows(CANCER), MALIGNANT) == [SaturationWarning]


@pytest.mark.parametrize(
    "params", [{"init": "zeros"}, {"init_scale": 100}, {"init_scale": 0}]
)
def test_a_fixed_budget_asks_for_no_verdict(params):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net(tol=None, **params).fit(FLOWER, PETAL)


def test_it_is_the_start_that_is_kept_which_counts():
    """Here that of the second of two, which is ten thousand times smaller."""
    scale_of = iter([100.0, 100.0, 1e-2, 1e-2])

    def shrinking(rng, shape):
        return next(scale_of) * rng.standard_normal(shape)

    several = net(init=shrinking, n_init=2)
    assert categories(several, CANCER, MALIGNANT) == []
    assert several.init_losses_[1] < several.init_losses_[0]


def test_an_error_made_of_a_warning_leaves_the_estimator_as_it_was():
    fitted = net(tol=None).fit(FLOWER, PETAL).set_params(init="zeros", tol=1e-4)
    for stuck in (net(init="zeros"), fitted):
        before = joblib.hash(vars(stuck))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("error", SymmetryWarning)
            with pytest.raises(SymmetryWarning):
                stuck.fit(FLOWER, PETAL)
        assert joblib.hash(vars(stuck)) == before


def test_figures_are_those_of_a_diagnosis():
    """On rows that are few enough for both to look at all of them."""
    X, y = FLOWER[::8], PETAL[::8]
    for params in [{"init": "zeros"}, {"init_scale": 100}, {"init_scale": 40}]:
        fitted = net(**params, tol=None).fit(X, y)
        figures = diagnose(fitted, X, y).figures
        architecture, P = packed(fitted, X)
        (found,) = symptoms(architecture, "tanh", *P, X)
        for name, value in found.items():
            if name != "dead":  # a diagnosis counts all that is constant
                assert getattr(figures, name) == value, name


def packed(fitted, X):
    """A net's architecture, and its parameters (1, p) before and after."""
    from skshallow.cohorts import Problem
    from skshallow.samples import Samples

    samples = Samples(X, np.zeros(len(X)), None)
    architecture = Problem(samples, None, fitted.classes_).architecture(fitted)
    ends = [
        (fitted.init_coefs_, fitted.init_intercepts_),
        (fitted.coefs_, fitted.intercepts_),
    ]
    return architecture, [
        architecture.pack([W.T for W in coefs], intercepts)[None]
        for coefs, intercepts in ends
    ]


# In searches


GRID = {"init": ["zeros", "randn"], "init_scale": [0.01, 100.0]}


def test_a_plain_search_warns_fit_by_fit():
    search = GridSearchCV(net(), GRID, cv=2, refit=False)
    found = categories(search, CANCER, MALIGNANT)
    assert found.count(SymmetryWarning) == 4
    assert found.count(SaturationWarning) == 2


def test_a_search_in_lock_step_warns_once_of_all():
    search = LockstepGridSearchCV(net(), GRID, cv=2, refit=False)
    with pytest.warns(ConvergenceWarning) as caught:
        search.fit(CANCER, MALIGNANT)
    (warning,) = caught
    assert "4 had identical hidden units" in str(warning.message)
    assert "2 started saturated" in str(warning.message)


def test_the_category_of_a_summary_is_that_of_all_if_they_have_one():
    grid = {"init": ["zeros"], "activation": ["logistic"], "alpha": [0.1, 1.0]}
    search = LockstepGridSearchCV(net(max_iter=500), grid, cv=2, refit=False)
    with pytest.warns(SymmetryWarning, match="4 had identical hidden units") as caught:
        search.fit(CANCER, MALIGNANT)
    assert len(caught) == 1


# What is not to blame


RAW = load_breast_cancer(return_X_y=True)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"solver": "gd"},
        {"activation": "relu", "init": "he", "solver": "sgd"},
    ],
)
def test_unscaled_features_are_named_first(params):
    """It is not the start, and 'randn' at 0.01 has no use for that advice."""
    found = warned_of(ShallowNetClassifier(random_state=0, **params), *RAW)
    assert found
    for _, message in found:
        assert "the features are not scaled" in message
        assert "put a StandardScaler before the network" in message
        assert "init_scale" not in message


def test_a_warm_start_is_judged_by_where_training_began():
    """Units that earlier calls have driven onto flat parts did not start there."""
    driven = net(warm_start=True, learning_rate_init=50.0, max_iter=50)
    assert SaturationWarning not in categories(driven, CANCER, MALIGNANT)
    assert SaturationWarning not in categories(driven, CANCER, MALIGNANT)


@pytest.mark.parametrize("max_iter", [150, 500])
def test_a_large_start_that_learns_well_is_not_warned_of(max_iter):
    learnt = net(16, init_scale=3, max_iter=max_iter)
    assert categories(learnt, CANCER, MALIGNANT) == []
    assert learnt.score(CANCER, MALIGNANT) > 0.98


def test_rows_in_a_rhythm_are_not_mistaken_for_all():
    """Every other row is a thousand times larger, and saturates."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((128, 2))
    y = (X[:, 0] > 0).astype(int)
    X[::2] *= 1000
    assert categories(net(16, init_scale=1.0, max_iter=200), X, y) == []


def test_attributes_of_a_subclass_do_not_stand_in_the_way():
    class Named(ShallowNetClassifier):
        def __init__(self, *, loss="log", max_iter=5):
            super().__init__(max_iter=max_iter)
            self.loss = loss

    with pytest.warns(ConvergenceWarning, match="max_iter=5"):
        Named().fit(CANCER, MALIGNANT)


def test_an_interruption_while_looking_loses_nothing(monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    whole = net(tol=1e-9).set_params(tol=None).fit(FLOWER, PETAL)
    monkeypatch.setattr("skshallow.cohorts.symptoms", interrupt)
    struck = net(tol=1e-9)
    with pytest.raises(KeyboardInterrupt):
        struck.fit(FLOWER, PETAL)
    assert (struck.status_, struck.n_iter_) == ("interrupted", 30)
    np.testing.assert_array_equal(struck.coefs_[0], whole.coefs_[0])
