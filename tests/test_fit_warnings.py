"""A fit warns of what is plainly wrong, and advises what helps.

Stated here: strong penalties, linear plateaus, constant predictions, identical, dead
and saturated units, searches, convergence, features without a scale, and validation
labels of other classes.
"""

import re
import warnings

import joblib
import numpy as np
import pytest
from nets import SOLVERS, every_solver
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_blobs,
    make_circles,
    make_gaussian_quantiles,
    make_moons,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.preprocessing import QuantileTransformer, StandardScaler, scale

from skshallow import (
    LockstepGridSearchCV,
    ShallowNetClassifier,
    ShallowNetClassifierCV,
    exceptions,
)
from skshallow._fit import defaults
from skshallow.datasets import make_flower
from skshallow.diagnostics import diagnose
from skshallow.exceptions import (
    ConstantPredictionsWarning,
    DeadUnitsWarning,
    LinearPlateauWarning,
    PenaltyWarning,
    SaturationWarning,
    SymmetryWarning,
)
from skshallow.findings import Measurements

ACTIVATIONS = ["tanh", "logistic", "relu", "identity"]
FLOWER, PETAL = make_flower(random_state=1)
PETALS = scale(FLOWER), PETAL
RAW = load_breast_cancer(return_X_y=True)
TUMOURS = scale(RAW[0]), RAW[1]
MOONS = make_moons(300, noise=0.2, random_state=0)
# Every other row is a thousand times larger, and saturates.
UNEVEN = np.random.RandomState(0).standard_normal((128, 2))
UNEVEN = UNEVEN * np.resize([[1000], [1]], (128, 1)), (UNEVEN[:, 0] > 0).astype(int)
ZEROS = np.zeros((20, 2)), np.arange(20) % 2
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
OWN = [getattr(exceptions, name) for name in exceptions.__all__]

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def net(n_hidden=4, **params):
    defaults = {"max_iter": 30, "random_state": 0}
    return ShallowNetClassifier(n_hidden, **{**defaults, **params})


def warned_of(estimator, X, y, **fit_params):
    """Fit; return the category and the message of every warning."""
    with warnings.catch_warnings(record=True, action="always") as caught:
        estimator.fit(X, y, **fit_params)
    return [(w.category, str(w.message)) for w in caught]


def categories(*args, **kwargs):
    """The categories of this package's own warnings."""
    return [category for category, _ in warned_of(*args, **kwargs) if category in OWN]


def the_only_one(category, *args, **kwargs):
    """The message of the only warning, which must have that category."""
    ((found, message),) = warned_of(*args, **kwargs)
    assert found is category
    return message


def start(W1, W2, b1=0.0):
    """Explicit weights; biases of the output are 0."""
    return [W1, W2], [np.full(W1.shape[1], b1), np.zeros(W2.shape[1])]


def three_or_eight():
    X, y = load_digits(return_X_y=True)
    chosen = np.isin(y, [3, 8])
    return X[chosen] / 16, y[chosen]


def few_active(n_active):
    """400 rows, the last ``n_active`` of them positive, and labels of two halves."""
    X = -np.linspace(1, 2, 400)[:, None]
    X[400 - n_active :] *= -1
    return X, (np.arange(400) >= 200).astype(int)


def rare(n, n_rare, n_classes=2):
    """Labels without a relation to the features, most of them 0."""
    X = np.random.RandomState(0).standard_normal((n, 3))
    return X, (np.arange(n) < n_rare) * (1 + np.arange(n) % (n_classes - 1))


def overlapping():
    """Two overlapping clouds, with three rows in a hundred in the second."""
    y = np.repeat([0, 1], [970, 30])
    X = np.random.RandomState(0).standard_normal((1000, 4))
    return X + 0.6 * y[:, None], y


def some_the_same():
    rng = np.random.RandomState(0)
    W1, W2 = rng.standard_normal((2, 4)), rng.standard_normal((4, 1))
    W1[:, 3], W2[3] = W1[:, 0], W2[0]
    return start(W1, W2)


# What is plainly wrong, and what only looks so

DEFAULT = {"n_hidden": 48, "max_iter": "auto"}
TANH, LOGISTIC = {"activation": "tanh"}, {"activation": "logistic"}
LONGER, HUGE = {"max_iter": 500}, {"init_scale": 100}
# Relu units that no negative row activates.
FAR = start(np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones((4, 1)))
DEAD = {"init": FAR, "activation": "relu", "alpha": 0.0}
ALL_4 = "all 4.*init='zeros'.*Use init='randn'"
NEVER_ACTIVE = "100% of the relu.*never active .100% at the start"
THE_SAME = "^every sample gets the same"
ONLY_3 = "only 3 of 4 hidden units differ.*explicit weights"
OF_4_ROWS = "alpha=100 over 4 rows is a penalty of 25 "
FLAT = "units are on their flat parts.*=100.*Use init='randn' with init_scale='auto'"
PLAINLY_WRONG = [
    *(
        (SymmetryWarning, {"init": "zeros", "activation": activation}, PETALS, ALL_4)
        for activation in ACTIVATIONS
    ),
    (SymmetryWarning, {"init_scale": 0}, PETALS, "all 4 hidden units are identical"),
    (SymmetryWarning, {"init": some_the_same()}, PETALS, ONLY_3),
    (SymmetryWarning, {**DEFAULT, "alpha": 300, "init": "zeros"}, PETALS, "all 48"),
    (SaturationWarning, HUGE | TANH, TUMOURS, f"the tanh {FLAT}"),
    (SaturationWarning, HUGE | LOGISTIC, TUMOURS, f"the logistic {FLAT}"),
    (PenaltyWarning, {"alpha": 100, "max_iter": 200}, PETALS, "^alpha=100 over 400"),
    (PenaltyWarning, {**DEFAULT, "alpha": 100}, CORNERS, OF_4_ROWS),
    (DeadUnitsWarning, DEAD, few_active(0), NEVER_ACTIVE),
    (ConstantPredictionsWarning, LONGER, rare(300, 9), THE_SAME),
    (ConstantPredictionsWarning, LONGER, rare(300, 9, 3), THE_SAME),
    (ConstantPredictionsWarning, {**LONGER, "alpha": 10.0}, overlapping(), THE_SAME),
]
KINDS = {solver: ({"solver": solver}, np.asarray) for solver in SOLVERS}
KINDS |= {f"tol={tol}": ({"tol": tol}, np.asarray) for tol in (None, 1e-3)}
KINDS |= {"sparse": ({}, sparse.csr_matrix), "float32": ({}, np.float32)}


# L-BFGS leaves the flat parts.
CASES = [
    (*row, kind)
    for row in PLAINLY_WRONG
    for kind in KINDS
    if not (row[0] is SaturationWarning and kind == "lbfgs")
]


@pytest.mark.parametrize(("category", "params", "table", "said", "kind"), CASES)
def test_what_is_plainly_wrong_is_said_alone(category, params, table, said, kind):
    """Such a net gets no general advice on convergence, which would mislead."""
    (X, y), (own, rows) = table, KINDS[kind]
    assert re.search(said, the_only_one(category, net(**params | own), rows(X), y))


NEARLY = start(np.full((2, 4), 0.5), 0.5 + np.arange(4)[:, None] * np.spacing(0.5))
LARGER = {"init_scale": 10, "learning_rate_init": 1e-3}
GAUSSIAN = np.random.RandomState(0).standard_normal((300, 5))
TOLD_BY_A_LINE = GAUSSIAN, (GAUSSIAN @ [1, -2, 0.5, 1, 3] > 0).astype(int)
WITHOUT_A_RULE = GAUSSIAN, np.random.RandomState(1).randint(2, size=300)
NO_HARM = {
    "units that differ by one rounding": ({"init": NEARLY}, PETALS),
    "large relu units": ({**LARGER, "activation": "relu"}, TUMOURS),
    "large identity units": ({**LARGER, "activation": "identity"}, TUMOURS),
    "tanh units that are 0": (TANH, ZEROS),
    "identity units that are 0": ({"activation": "identity"}, ZEROS),
    "some large rows": ({"n_hidden": 16, "init_scale": 1.0, "max_iter": 200}, UNEVEN),
    "meant to be linear": ({**DEFAULT, "activation": "identity"}, MOONS),
    "a line is enough": (DEFAULT, TOLD_BY_A_LINE),
    "a small start in a line": ({**DEFAULT, "init_scale": 0.01}, TOLD_BY_A_LINE),
    "no rule": (DEFAULT, WITHOUT_A_RULE),
    "a small start and no rule": ({**DEFAULT, "init_scale": 0.01}, WITHOUT_A_RULE),
}


@pytest.mark.parametrize("name", NO_HARM)
def test_what_does_no_harm_is_not_warned_of(name):
    params, table = NO_HARM[name]
    assert categories(net(**params), *table) == []


PARTED = make_blobs(300, centers=3, random_state=0)
PARTED = scale(PARTED[0]), PARTED[1]


# Penalties


@every_solver
@pytest.mark.parametrize(
    ("tol", "table"), [(None, PETALS), ("auto", PARTED)], ids=["none", "auto"]
)
def test_a_penalty_that_outweighs_the_data_is_to_blame(solver, tol, table):
    strong = ShallowNetClassifier(alpha=300, solver=solver, tol=tol, random_state=0)
    message = the_only_one(PenaltyWarning, strong, *table)
    assert message.startswith(f"alpha=300 over {len(table[0])} rows is a penalty of ")
    assert "times the default of a single net" in message
    first = diagnose(strong, *table).findings[0]
    assert (first.name, first.sentence) == ("penalty too strong", message)
    assert categories(strong.set_params(alpha="auto"), *table) == []


@every_solver
def test_a_penalty_names_the_weight_of_the_rows(solver):
    strong = net(**DEFAULT | {"alpha": 100, "solver": solver})
    of_rows = {"sample_weight": np.full(4, 2.125)}
    message = the_only_one(PenaltyWarning, strong, *CORNERS, **of_rows)
    assert message.startswith("alpha=100 over 8.5 rows is ")


@pytest.mark.parametrize("init_scale", [0.01, 3, "auto"])
@every_activation
def test_nothing_else_is_said_beside_a_penalty(init_scale, activation):
    """A strong penalty may kill units, keep them in a line, or leave one label."""
    own = {"init_scale": init_scale, "activation": activation, "alpha": 300}
    the_only_one(PenaltyWarning, net(**DEFAULT | own), *PETALS)


def test_rows_that_are_all_zero_are_outweighed_by_nothing():
    assert PenaltyWarning not in categories(net(alpha=1.0), *ZEROS)


# Linear plateaus


def three_moons():
    X, y = MOONS
    return np.concatenate([X, X + [3, 0]]), np.concatenate([y, np.where(y, 1, 2)])


SMALL = [
    {"solver": solver, "activation": activation, "init_scale": 0.01}
    for solver, activation in [
        *(("gd", "tanh"), ("sgd", "tanh"), ("adam", "tanh")),
        *(("adam", "relu"), ("adam", "logistic")),
    ]
]
THREE = {"activation": "logistic", "init_scale": 0.01, "alpha": 1.7}
LINES = [
    *((MOONS, params) for params in SMALL),
    *((three_moons(), {"solver": solver, **THREE}) for solver in SOLVERS),
    # The start is of the right size, and a penalty which is not a strong one to blame.
    (MOONS, {"activation": "logistic", "alpha": 1.2}),
]


@pytest.mark.parametrize(("table", "params"), LINES)
@pytest.mark.parametrize("tol", [None, "auto"])
def test_a_net_at_rest_in_a_line_is_told_so(table, params, tol):
    straight = ShallowNetClassifier(tol=tol, random_state=0, **params)
    message = the_only_one(LinearPlateauWarning, straight, *table)
    assert message.startswith("the network ends where a linear model would")
    names = [finding.name for finding in diagnose(straight, *table).findings]
    assert names == ["linear plateau"]
    assert "of its hidden layer is in the directions of such a model" in message
    small = "init_scale" in params
    assert ("Use init='randn' with init_scale='auto'" in message) == small


def test_a_plane_of_three_classes_is_not_always_a_line():
    """No hidden layer can vary in more directions than those of a linear model."""
    radius, y = np.sqrt(np.random.RandomState(0).random_sample(300)), np.arange(300) % 3
    angle = 2 * np.pi * (1.3 * radius + y / 3)
    arms = 2 * np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    curved, line = ShallowNetClassifier(random_state=0), LogisticRegression()
    assert LinearPlateauWarning not in categories(curved, arms, y)
    findings = diagnose(curved, arms, y).findings
    assert "linear plateau" not in [finding.name for finding in findings]
    assert curved.score(arms, y) > line.fit(arms, y).score(arms, y) + 0.4


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [300, 1000])
def test_a_rule_that_ends_training_at_a_linear_model_is_no_excuse(seed, n):
    """Its units lie in many directions, but none bends on these rows."""
    X, y = make_moons(n, noise=0.2, random_state=seed)
    X = scale(X)
    straight = ShallowNetClassifier(solver="gd", activation="logistic", random_state=0)
    message = the_only_one(LinearPlateauWarning, straight, X, y)
    assert straight.score(X, y) < LogisticRegression().fit(X, y).score(X, y) + 0.04
    assert "straight lines in place of its units give 9" in message
    assert "To get on, pass tol=None or use solver='adam'." in message
    assert diagnose(straight, X, y).findings[0].name == "linear plateau"
    for X, y in (TUMOURS, TABLES["3 or 8"]):
        assert categories(straight, X, y) == []


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
def test_a_line_is_told_of_with_uneven_weights(activation):
    """A net that gives up accuracy on rows of little weight does not count as one."""
    X, y = make_moons(600, noise=0.2, random_state=0)
    X, rng = scale(X), np.random.RandomState(0)
    of_small_start = {"init_scale": 0.01, "solver": "gd", "max_iter": 300, "tol": 1e-3}
    line = net(8, activation=activation, **of_small_start)
    for weight in (rng.exponential(size=600), rng.poisson(1, 600), 1 + 4 * y):
        assert categories(line, X, y, sample_weight=weight) == [LinearPlateauWarning]
        good = ShallowNetClassifier(random_state=0)
        assert categories(good, X, y, sample_weight=weight) == []


@pytest.mark.parametrize("mean", [5, 8])
def test_features_far_from_zero_are_told_of_if_they_do_harm(mean):
    """Their root mean square is ordinary, and a scaler makes the net a good one."""
    Z = np.random.RandomState(0).standard_normal((1000, 2))
    y, good = (Z.prod(axis=1) > 0).astype(int), ShallowNetClassifier(random_state=0)
    assert categories(good, Z, y) == []
    assert good.score(Z, y) > 0.95
    message = the_only_one(ConvergenceWarning, good, Z + mean, y)
    assert message.startswith("behind plain models: the features are not scaled")
    assert good.score(Z + mean, y) < 0.9
    assert diagnose(good, Z + mean, y).findings[0].name == "unscaled features"
    assert categories(good, *load_iris(return_X_y=True)) == []  # of this size, unharmed


def test_a_penalty_is_named_by_a_diagnosis_as_by_the_fit():
    X = np.random.RandomState(0).standard_normal((1000, 3))
    y, heavy = X[:, 0] > 2.2, ShallowNetClassifier(alpha=20, random_state=0)
    assert categories(heavy, X, y) == [PenaltyWarning]
    assert diagnose(heavy, X, y).findings[0].name == "penalty too strong"


def test_a_mistake_in_a_property_of_the_measurements_is_an_error(monkeypatch):
    """It must not pass for a measurement that was not taken."""

    def mistaken(measurements):
        return measurements.no_such_name

    mistaken = property(mistaken)
    monkeypatch.setattr(Measurements, "jumps", mistaken)
    with pytest.raises(AttributeError, match="no measurement"):
        net().fit(*MOONS)


@pytest.mark.parametrize("init_scale", [0.01, "auto"])
@pytest.mark.parametrize("max_iter", [1, 3, 10])
@pytest.mark.parametrize("alpha", ["auto", 5.0])
def test_who_cuts_training_short_knows_it(init_scale, max_iter, alpha):
    own = {"init_scale": init_scale, "max_iter": max_iter, "alpha": alpha, "tol": None}
    found = categories(ShallowNetClassifier(random_state=0, **own), *MOONS)
    assert not {LinearPlateauWarning, PenaltyWarning} & set(found)


@pytest.mark.parametrize("max_iter", [1, 2, 5, 10])
def test_nothing_is_said_of_a_few_iterations(max_iter):
    """The loss has levelled because the rate has fallen, and is not said to settle."""
    for X, y in (MOONS, PETALS, *TABLES.values()):
        assert warned_of(net(48, max_iter=max_iter), X, y) == []


ALIVE = {**DEAD, "alpha": "auto", "solver": "gd", "learning_rate_init": 1e-9}


def test_a_unit_that_a_single_row_activates_lives():
    """The row need not be one of the few that are looked at first."""
    assert DeadUnitsWarning not in categories(net(**ALIVE), *few_active(1))


# Constant predictions


@pytest.mark.parametrize("at", [0, 1, 398, 399])
def test_a_single_row_with_another_label_is_enough(at):
    """The row may stand anywhere, though rows are read a block at a time."""
    X = np.full((400, 1), -1.0)
    X[at] = 1.0
    y, sure = np.arange(400) % 2, net(**ALIVE)
    assert ConstantPredictionsWarning not in categories(sure, X, y)
    assert len(set(sure.predict(X))) == 2


@pytest.mark.parametrize("Net", [ShallowNetClassifier, ShallowNetClassifierCV])
def test_class_weights_that_leave_one_label_are_named(Net):
    """Not a rare class, of which there is none."""
    X = np.random.RandomState(0).standard_normal((400, 4))
    y = np.arange(400) % 2
    X[:, 0] += 0.6 * y
    weighted = Net(class_weight={0: 1, 1: 1000}, random_state=0)
    message = the_only_one(ConstantPredictionsWarning, weighted, X, y)
    assert "the label 1, because class_weight gives it 99.9% of all weight" in message
    assert "although 50.0% of the samples have it" in message
    assert warned_of(weighted.set_params(class_weight="balanced"), X, y) == []


@pytest.mark.parametrize("Net", [ShallowNetClassifier, ShallowNetClassifierCV])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_sample_weights_that_leave_one_label_are_named(Net, n_classes):
    """A diagnosis knows it from the loss of guessing in training."""
    X, y = (
        np.random.RandomState(0).standard_normal((600, 4)),
        np.arange(600) % n_classes,
    )
    X[:, 0] += 0.6 * y
    weight = np.where(y == 1, 1000.0, 1.0)
    share = f"{1 / n_classes:.1%}"
    for size in (1.0, 1 / weight.mean()):
        weighted, fit_params = Net(random_state=0), {"sample_weight": size * weight}
        message = the_only_one(ConstantPredictionsWarning, weighted, X, y, **fit_params)
        assert "label 1, because sample_weight gives it nearly all weight" in message
        assert f"although {share} of the samples have it" in message
        (finding,) = diagnose(weighted, X, y).findings
        assert finding.sentence == message
    weighted.set_params(class_weight="balanced")
    assert warned_of(weighted, X, y, **fit_params) == []


def test_a_net_of_which_one_class_has_no_weight_is_not_called_linear():
    X, y = MOONS
    lost = ShallowNetClassifier(random_state=0)
    assert categories(lost, X, y, sample_weight=y) == [ConstantPredictionsWarning]
    assert [of.name for of in diagnose(lost, X, y).findings] == ["uneven weights"]


def test_the_plateau_is_not_said_twice():
    X, y = np.zeros((300, 2)), np.arange(300) < 90
    X[-1] = 1  # constant features alone would be named instead
    stuck = net(max_iter=300)
    message = the_only_one(ConvergenceWarning, stuck, X, y)
    assert "plateau" in message  # and not dead units, though rows of 0 activate none
    assert len(set(stuck.predict(X))) == 1


# All of them


@pytest.mark.parametrize("seed", range(4))
def test_a_diagnosis_finds_constant_predictions_of_whatever_worth(seed):
    """Even a net that ranks well is found, because users see one label."""
    rng = np.random.RandomState(seed)
    y = (rng.random_sample(2000) < 0.03).astype(int)
    X = rng.standard_normal((2000, 5)) + 0.3 * y[:, None]
    constant = ShallowNetClassifier(alpha=3.0, random_state=0)
    assert categories(constant, X, y) == [ConstantPredictionsWarning]
    assert diagnose(constant, X, y).findings


TABLES = {
    "cancer": TUMOURS,
    "3 or 8": three_or_eight(),
    "digits": (load_digits().data / 16, load_digits().target),
    "iris": (scale(load_iris().data), load_iris().target),
    "wine": (scale(load_wine().data), load_wine().target),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("activation", "is_weighted"), [("tanh", False), ("logistic", True), ("relu", True)]
)
def test_the_lecture_s_start_is_good_enough_for_tables(table, activation, is_weighted):
    X, y = TABLES[table]
    weight = np.linspace(0.1, 3, len(y)) if is_weighted else None
    small = ShallowNetClassifier(activation=activation, init_scale=0.01, random_state=0)
    assert categories(small, X, y, sample_weight=weight) == []


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
@pytest.mark.parametrize("init_scale", [0.01, "auto"])
def test_noise_and_rare_classes_are_neither_lines_nor_penalties(activation, init_scale):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((400, 10))
    own = {"activation": activation, "init_scale": init_scale, "random_state": 0}
    noise = [rng.random_sample(400) < share for share in (0.5, 0.05)]
    for y in (*noise, X[:, 0] > 1.6):
        found = categories(ShallowNetClassifier(**own), X, y.astype(int))
        assert not {LinearPlateauWarning, PenaltyWarning} & set(found)


def test_it_is_the_start_that_is_kept_which_counts():
    """The start that is kept is the second of two, ten thousand times smaller."""
    scale_of = iter([100.0, 100.0, 1e-2, 1e-2])

    def shrinking(rng, shape):
        return next(scale_of) * rng.standard_normal(shape)

    several = net(init=shrinking, n_init=2)
    assert categories(several, *TUMOURS) == []
    assert several.init_losses_[1] < several.init_losses_[0]


def test_an_error_made_of_a_warning_leaves_the_estimator_as_it_was():
    fitted = net(tol=None).fit(*PETALS).set_params(init="zeros", tol=1e-4)
    for stuck in (net(init="zeros"), fitted):
        before = joblib.hash(vars(stuck))
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            warnings.simplefilter("error", SymmetryWarning)
            with pytest.raises(SymmetryWarning):
                stuck.fit(*PETALS)
        assert joblib.hash(vars(stuck)) == before


def test_a_penalty_beyond_all_numbers_is_measured_without_a_word_of_numpy():
    """With rows of 1e160 alpha="auto" is infinite, and times weights of 0 it is nan."""
    X = np.random.RandomState(0).standard_normal((20, 2))
    X[0, 0] = 1e160
    zeros = net(init="zeros", solver="gd", max_iter=1, alpha="auto")
    the_only_one(SymmetryWarning, zeros, X, np.arange(20) % 2)


# In searches


GRID = {"init": ["zeros", "randn"], "init_scale": [0.01, 100.0]}


def test_a_plain_search_warns_fit_by_fit():
    search = GridSearchCV(net(activation="tanh"), GRID, cv=2, refit=False)
    found = categories(search, *TUMOURS)
    assert found.count(SymmetryWarning) == 4
    assert found.count(SaturationWarning) == 2


def test_a_search_in_lock_step_warns_once_of_all():
    tanh = net(activation="tanh", tol=1e-3)
    search = LockstepGridSearchCV(tanh, GRID, cv=2, refit=False)
    message = the_only_one(ConvergenceWarning, search, *TUMOURS)
    assert "identical units in 4" in message
    assert "saturated units in 2" in message


@pytest.mark.parametrize(
    ("params", "grid", "category"),
    [
        ({"init": "zeros"}, {"alpha": [0.1, 1.0]}, SymmetryWarning),
        ({}, {"alpha": [200.0, 300.0]}, PenaltyWarning),
        ({"init_scale": 0.01}, {"alpha": [0.5, 1.0]}, LinearPlateauWarning),
    ],
)
def test_a_summary_has_the_category_that_all_fits_have(params, grid, category):
    one = ShallowNetClassifier(random_state=0, **params)
    search = LockstepGridSearchCV(one, grid, cv=2, refit=False)
    message = the_only_one(category, search, *MOONS)
    assert message.startswith("4 of the 4 fits of this search")


# What is said of convergence, and what helps against it

A_START = {"init": "randn", "init_scale": "auto"}
A_RATE = {"learning_rate_init": "auto"}
SLOW = {"solver": "gd", "activation": "tanh"}
SHORT_STEPS = {**SLOW, "learning_rate_init": 0.01}
TINY = {**SLOW, "init_scale": 1e-4, "max_iter": 10}
LARGE = {"init_scale": 100, "max_iter": 1000}
# All hidden weights start at 0, and a logistic unit is then 0.5 for every row.
AT_A_STOP = {"activation": "logistic", "init_scale": (0, 1), "max_iter": "auto"}
LONG_STEPS = {"solver": "sgd", "learning_rate_init": 6, "max_iter": 100}
LONG_STEPS |= {"activation": "tanh", "learning_rate": "constant"}
FAR_STEPS = {"activation": "tanh", "learning_rate_init": 10, "max_iter": "auto"}
SOME_ITERATIONS = {"activation": "logistic", "max_iter": 60}
STUCK = {"solver": "gd", "max_iter": "auto"}
GENTLE = {"activation": "logistic", "learning_rate_init": 0.3}
VIOLENT = {"activation": "logistic", "learning_rate_init": 5}
BRIEF = {"max_iter": 5, "tol": 1e-3}
BRIEF_GD = {"solver": "gd", "max_iter": 20}
LINEAR = {"activation": "identity", "max_iter": "auto"}
FOR_EVER = {"solver": "sgd", "momentum": 1.0, "max_iter": "auto"}
STRAIGHT = {
    "solver": "lbfgs",
    "activation": "logistic",
    "max_iter": "auto",
    "alpha": 0.6,
}
CIRCLES = make_circles(300, noise=0.1, factor=0.5, random_state=0)
LONGER = {"learning_rate_init": 0.1, "max_iter": 300}
QUANTILES = make_gaussian_quantiles(
    n_samples=500, n_features=4, n_classes=3, random_state=0
)
# The penalty of this start keeps the loss above the plateau.
ABOVE = {**SLOW, "activation": "logistic", "learning_rate_init": 0.1}
OCTANTS = np.random.RandomState(0).standard_normal((1000, 3))
OCTANTS = OCTANTS, OCTANTS.prod(axis=1) > 0
ONE_UNIT = {"n_hidden": 1, "activation": "tanh", "max_iter": "auto"}
UNLUCKY = {"n_hidden": 5, "max_iter": "auto", "random_state": 3}
ADVISED = [
    ("used all its iterations (5)", TUMOURS, BRIEF, {"max_iter": 500}),
    ("used all its iterations (30)", TUMOURS, SHORT_STEPS, LONGER),
    ("ended on the plateau", MOONS, TINY, A_START),
    ("ended on the plateau", MOONS, {**SHORT_STEPS, "init_scale": 0.01}, A_RATE),
    ("ended on the plateau", MOONS, TINY, {"max_iter": 200}),
    ("ended on the plateau", CIRCLES, AT_A_STOP, A_START),
    ("used all its iterations (60)", MOONS, SOME_ITERATIONS, {"max_iter": "auto"}),
    *(
        ("the start is too large", PETALS, {**LARGE, **own}, A_START)
        for own in ({}, {"solver": "gd"}, {"solver": "lbfgs"})
    ),
    ("never active", PETALS, {**LARGE, "solver": "sgd"}, A_START),
    ("never active", MOONS, {"learning_rate_init": 3, "max_iter": "auto"}, A_RATE),
    ("never active", CIRCLES, {"learning_rate_init": 10, "max_iter": "auto"}, A_RATE),
    ("has settled at a poor", PETALS, {**STUCK, **VIOLENT}, A_RATE),
    ("has settled at a poor", QUANTILES, {**ABOVE, "max_iter": "auto"}, {"tol": None}),
    *(
        ("far below that of 'auto'", MOONS, {**own, "max_iter": "auto"}, A_RATE)
        for own in (
            {"learning_rate_init": 1e-4},
            {"learning_rate_init": 1e-4, "solver": "sgd"},
            {"learning_rate_init": 1e-3, "solver": "gd"},
        )
    ),
    ("jumps up and down", TUMOURS, LONG_STEPS, A_RATE),
    ("jumps up and down", MOONS, FAR_STEPS, A_RATE),
    ("has settled at a poor", PETALS, {**STUCK, "init_scale": 0.01}, A_START),
    ("has settled at a poor", PETALS, {**STUCK, **GENTLE}, {"tol": None}),
    ("has settled at a poor", PETALS, {**STUCK, **GENTLE}, {"solver": "adam"}),
    ("has settled at a poor", PETALS, UNLUCKY, {"n_init": 10}),
    ("has settled at a poor", PETALS, UNLUCKY, {"n_hidden": 20}),
    ("ended on the plateau", CIRCLES, LINEAR, {"activation": "relu"}),
    ("ended on the plateau", OCTANTS, ONE_UNIT, {"n_hidden": 48}),
    *(
        ("ended on the plateau", CIRCLES, STRAIGHT, cure)
        for cure in ({"tol": None}, {"n_init": 10}, {"alpha": 0.1})
    ),
    ("ended on the plateau", CIRCLES, {"max_iter": 4}, {"max_iter": "auto"}),
    ("used all its iterations (20)", MOONS, BRIEF_GD, {"max_iter": "auto"}),
    ("momentum=1 ", MOONS, FOR_EVER, {"momentum": 0.9}),
    ("momentum=1 ", CIRCLES, {**FOR_EVER, "tol": None}, {"momentum": 0.9}),
]


@pytest.mark.parametrize(("message", "table", "params", "cure"), ADVISED)
def test_advice_on_convergence_helps(message, table, params, cure):
    failed = net(32).set_params(**params)
    are_dead = message == "never active"
    category = DeadUnitsWarning if are_dead else ConvergenceWarning
    advice = the_only_one(category, failed, *table)
    assert message in advice
    for name in cure:
        assert name in advice
    cured = net(32).set_params(**{**params, **cure})
    assert not any(message in said for _, said in warned_of(cured, *table))
    assert cured.loss_ < 0.95 * failed.loss_


@pytest.mark.parametrize("Net", [ShallowNetClassifier, ShallowNetClassifierCV])
def test_columns_of_unlike_scales_are_told_of(Net):
    """One column is about a hundred times as large as the other."""
    X, y = MOONS
    unlike, own = X * [0.2, 0.002], {"max_iter": 60, "random_state": 0}
    said = r"not scaled \(the largest is .* times the smallest\). Put a StandardScaler"
    with pytest.warns((ConvergenceWarning, LinearPlateauWarning), match=said):
        failed = Net(**own).fit(unlike, y)
    assert diagnose(failed, unlike, y).findings[0].name == "unscaled features"
    scaled = StandardScaler().fit_transform(unlike)
    assert Net(**own).fit(scaled, y).score(scaled, y) > failed.score(unlike, y) + 0.05


def test_columns_of_rounding_errors_are_no_cause():
    """A scaler leaves a column of rounding errors as it is."""
    sums = np.random.RandomState(0).dirichlet(np.ones(7), len(MOONS[0])).sum(axis=1)
    rows = StandardScaler().fit_transform(np.column_stack([MOONS[0], sums]))
    brief = net(48, max_iter=5).fit(rows, MOONS[1])
    findings = diagnose(brief, rows, MOONS[1]).findings
    assert findings[0].name == "too few iterations"


def test_a_small_column_does_not_kill_units():
    small = np.random.RandomState(0).uniform(0, 0.01, len(MOONS[0]))
    rows = np.column_stack([MOONS[0], small])
    dead = net(48, learning_rate_init=8.0, max_iter="auto")
    message = the_only_one(DeadUnitsWarning, dead, rows, MOONS[1])
    assert "Use learning_rate_init='auto' (now 8)" in message


# A uniform output, the default, is not what the other defaults were chosen for.
TO_NORMAL = r"QuantileTransformer\(output_distribution='normal'\) in the place of a"


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_a_row_far_from_all_others_is_told_of(size):
    """The rows have been scaled, so that a scaler is no remedy."""
    X, y = MOONS
    rows = np.vstack([[size, -size], X[1:]])
    far = StandardScaler().fit_transform(rows)
    said = f"some rows are far from all others.*Clip or drop.*{TO_NORMAL}"
    with pytest.warns((ConvergenceWarning, LinearPlateauWarning), match=said):
        net(32, max_iter="auto").fit(far, y)
    spread = QuantileTransformer(n_quantiles=100, output_distribution="normal")
    assert categories(net(32), spread.fit_transform(rows), y) == []


@pytest.mark.parametrize("n_missing", [3, 30, 60, 120])
def test_a_code_for_missing_values_is_told_of(n_missing):
    X, y = MOONS
    rows, as_nan = X.copy(), {"missing_values": -9999, "strategy": "median"}
    rows[:n_missing, 0] = -9999
    far, coded = StandardScaler().fit_transform(rows), ShallowNetClassifier(32)
    said = "some rows are far from all.*codes by SimpleImputer.missing_values=-9999"
    with pytest.warns((ConvergenceWarning, LinearPlateauWarning), match=said):
        coded.set_params(random_state=0).fit(far, y)
    assert [finding.name for finding in diagnose(coded, far, y).findings] == [
        "outliers"
    ]
    imputed = StandardScaler().fit_transform(
        SimpleImputer(**as_nan).fit_transform(rows)
    )
    cured = ShallowNetClassifier(32, random_state=0)
    assert warned_of(cured, imputed, y) == []
    assert cured.score(imputed, y) > coded.score(far, y) + 0.05


@pytest.mark.parametrize("size", [1e4, 1e5, 1e6, 1e8])
def test_a_row_far_from_all_others_is_told_of_without_a_scaler(size):
    X, y = MOONS
    rows = np.vstack([X[:-1], [[size, size]]])
    far = net(48, max_iter="auto")
    said = f": some rows are far.*Clip or drop.*{TO_NORMAL}"
    with pytest.warns(ConvergenceWarning, match=said):
        far.fit(rows, y)
    spread = QuantileTransformer(n_quantiles=100, output_distribution="normal")
    for cured in (np.clip(rows, -3, 3), spread.fit_transform(rows)):
        better = net(48, max_iter="auto")
        assert warned_of(better, cured, y) == []
        assert better.score(cured, y) > far.score(rows, y) + 0.1
    assert warned_of(far, X[:-1], y[:-1]) == []


@pytest.mark.parametrize("to_rows", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("value", [0.0, 3.0, 1e5])
@pytest.mark.parametrize("params", [{}, {"alpha": 1e4}, {"init": "zeros"}])
def test_features_that_are_all_constant_are_told_of(to_rows, value, params):
    X, y = MOONS
    message = the_only_one(
        ConvergenceWarning, net(**params), to_rows(np.full_like(X, value)), y
    )
    assert message.startswith("no feature varies")


def test_one_label_at_more_than_the_cost_of_guessing_is_not_a_rare_class():
    thrown = net(32, **{**LONG_STEPS, "learning_rate_init": 5})
    message = the_only_one(ConvergenceWarning, thrown, *TUMOURS)
    assert "learning_rate_init='auto'" in message
    assert "rare" not in message
    cured = thrown.set_params(learning_rate_init="auto", max_iter=300)
    assert categories(cured, *TUMOURS) == []


@pytest.mark.parametrize("tol", ["auto", None])
@pytest.mark.parametrize(
    ("activation", "rate"), [("identity", 30), ("tanh", 1000), ("logistic", 3000)]
)
def test_a_loss_that_has_grown_beyond_its_first_value_is_told_of(activation, rate, tol):
    """The growth is told of with a stopping rule and without one."""
    exploded = net(8, solver="gd", activation=activation, tol=tol)
    exploded.set_params(learning_rate_init=rate, alpha="auto", max_iter=60)
    message = the_only_one(ConvergenceWarning, exploded, *MOONS)
    assert "or grows, instead of settling" in message
    assert exploded.loss_ > 100 * exploded.loss_curve_[0]


def test_no_advice_on_a_rate_that_the_solver_does_not_read():
    short = net(solver="lbfgs", max_iter=3, tol=1e-9)
    message = the_only_one(ConvergenceWarning, short, *TUMOURS)
    assert "used all its iterations (3)" in message
    assert "learning_rate_init" not in message


COINS = np.random.RandomState(8)
COINS = COINS.standard_normal((300, 3)), COINS.randint(2, size=300)


def test_l_bfgs_that_used_all_iterations_on_the_plateau_is_given_more(monkeypatch):
    """With max_iter="auto" as well; and it came from above, where it had started."""
    # It arrives at 170 iterations, and scipy ends it at 310 or more.
    monkeypatch.setattr(defaults, "max_iter", lambda *_: 240)
    params = {"solver": "lbfgs", "init_scale": 10, "alpha": 2.4}
    down = ShallowNetClassifier(random_state=1, **params)
    message = the_only_one(ConvergenceWarning, down, *COINS)
    assert (down.status_, down.n_iter_) == ("plateau", 240)
    assert down.loss_curve_[0] > 100 * down.loss_
    assert f"({down.loss_:.4g}) ended on the plateau" in message
    assert "more max_iter" in message
    assert "tol=None" not in message


def test_l_bfgs_has_not_settled_after_one_iteration():
    X, y = COINS
    first = ShallowNetClassifier(solver="lbfgs", max_iter=1, random_state=0)
    message = the_only_one(ConvergenceWarning, first, X, y)
    assert message.startswith("training used all its iterations (1)")
    assert diagnose(first, X).findings[0].name == "too few iterations"


GUESSING = {
    "of equal scores that of the highest penalty is chosen": (
        PenaltyWarning,
        MOONS,
        {"alphas": [1e3, 1e4]},
        "Lower alphas",
    ),
    "few iterations": (
        ConstantPredictionsWarning,
        MOONS,
        {"max_iter": 1},
        "alike. To get on, use max_iter='auto' (now 1).",
    ),
    "folds without a class": (
        ConstantPredictionsWarning,
        load_iris(return_X_y=True),
        {"cv": KFold(3)},
        "the folds leave out whole classes or groups: then give cv=StratifiedKFold(5",
    ),
}


@pytest.mark.parametrize("case", GUESSING)
def test_why_the_nets_of_all_folds_guess_is_said_alone(case):
    category, table, params, said = GUESSING[case]
    chosen = ShallowNetClassifierCV(random_state=0, **params)
    assert said in the_only_one(category, chosen, *table)
    assert chosen.temperature_ == defaults.MOST_TEMPERATURE


@pytest.mark.parametrize(
    ("seed", "said"),
    [(0, "raise max_iter (now 120) fourfold"), (1, "more max_iter")],
)
def test_more_iterations_are_a_way_on_for_a_choice(seed, said):
    """Two sites with an offset. A fit warns of a choice no better than guessing."""
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((1000, 2))
    y = X[:, 0] * X[:, 1] > 0
    X[:, 0] += 30 * rng.randint(2, size=1000)
    X = StandardScaler().fit_transform(X)
    chosen = ShallowNetClassifierCV(max_iter=120, random_state=seed)
    warned = warned_of(chosen, X, y)
    finding = diagnose(chosen, X, y).findings[0]
    assert said in finding.sentence
    guesses = "ended on the plateau of the constant predictor" in finding.sentence
    assert guesses == (seed == 1)
    assert warned == [(ConvergenceWarning, finding.sentence)] * guesses
    failed = chosen.score(X, y), np.mean((chosen.oof_decision_function_ > 0) == y)
    assert warned_of(chosen.set_params(max_iter=600), X, y) == []
    cured = chosen.score(X, y), np.mean((chosen.oof_decision_function_ > 0) == y)
    assert np.subtract(cured, failed).min() > 0.2


# What is not to blame

SCALE_IT = "1 is wanted). Put a StandardScaler"


@pytest.mark.parametrize(
    "params",
    [
        {"activation": "tanh"},
        {"activation": "tanh", "solver": "gd"},
        {"activation": "tanh", "init": "he", "solver": "sgd"},
    ],
)
def test_unscaled_features_are_named_first(params):
    """The start is not to blame, and no advice on it is given."""
    ((_, message),) = warned_of(ShallowNetClassifier(random_state=0, **params), *RAW)
    assert SCALE_IT in message
    assert "init_scale" not in message


SMALL = [("adam", 0.03), ("adam", 1e-3), ("gd", 0.01), ("sgd", 3e-3)]
SMALL = [(*case, tol) for case in SMALL for tol in (None, "auto")]


@pytest.mark.parametrize(("solver", "size", "tol"), [*SMALL, ("lbfgs", 0.01, "auto")])
def test_small_features_that_hold_a_net_back_are_named(solver, size, tol):
    """Small features are named with a stopping rule and without one."""
    X, y = make_moons(1000, noise=0.2, random_state=0)
    small = ShallowNetClassifier(solver=solver, tol=tol, random_state=0)
    ((_, message),) = warned_of(small, size * X, y)
    assert "the features are not scaled" in message
    assert SCALE_IT in message


def words(seed=0):
    """TF-IDF rows, whose norms of 1 are as large as they ought to be, and labels."""
    rng = np.random.RandomState(seed)
    y = np.arange(400) % 2
    rates = 20 / (10 + np.arange(2000)) * np.where(np.arange(2000) % 7 == 0, 3, 1)
    other = 20 / (10 + np.arange(2000)) * np.where(np.arange(2000) % 7 == 1, 3, 1)
    counts = rng.poisson(np.where(y[:, None], rates, other))
    return TfidfTransformer().fit_transform(sparse.csr_matrix(counts)), y


@pytest.mark.parametrize(
    ("solver", "max_iter"), [*((solver, "auto") for solver in SOLVERS), ("adam", 5)]
)
def test_small_features_that_do_no_harm_are_not_warned_of(solver, max_iter):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((300, 5))
    line = 0.01 * X, (X @ rng.standard_normal(5) > 0).astype(int)
    noise = 0.01 * X, rng.randint(2, size=300)
    for rows, labels in (line, noise, words()):
        small = ShallowNetClassifier(solver=solver, max_iter=max_iter, random_state=0)
        said = [message for _, message in warned_of(small, rows, labels)]
        assert not any("behind plain models" in message for message in said)


def test_a_warm_start_is_judged_by_where_training_began():
    """Units that earlier calls have driven onto flat parts did not start there."""
    driven = net(warm_start=True, learning_rate_init=50.0, max_iter=50)
    assert SaturationWarning not in categories(driven, *TUMOURS)
    assert SaturationWarning not in categories(driven, *TUMOURS)


def test_units_that_the_first_call_killed_were_alive_at_the_start():
    X, y = make_flower(random_state=1)
    killed = net(6, warm_start=True, learning_rate_init=30, max_iter=15)
    for _ in range(2):
        said = the_only_one(DeadUnitsWarning, killed, X, y)
        assert "(0% at the start" in said
        assert "learning_rate_init='auto'" in said


@pytest.mark.parametrize(
    ("max_iter", "status"), [(150, "max_iter"), (500, "converged")]
)
def test_a_saturated_start_that_learns_well_is_not_warned_of(max_iter, status):
    own = {"activation": "tanh", "learning_rate": "constant", "alpha": 3.0}
    learnt = net(16, init_scale=3, max_iter=max_iter, **own)
    assert categories(learnt, *TUMOURS) == []
    assert (learnt.status_, learnt.score(*TUMOURS) > 0.98) == (status, True)
    measured = diagnose(learnt, *TUMOURS).measurements
    assert measured.saturation_start > 0.75
    assert measured.saturation < 0.25


@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_a_saturated_start_that_learns_little_is_told_of_at_any_loss(activation):
    """L-BFGS converges on the flat parts, below the loss of guessing."""
    own = {"activation": activation, "solver": "lbfgs", "max_iter": 1000}
    failed = net(48, init_scale=300, **own)
    message = the_only_one(SaturationWarning, failed, *CIRCLES)
    assert f"{activation} units are on their flat parts" in message
    cured = net(48, **own)
    assert warned_of(cured, *CIRCLES) == []
    assert cured.score(*CIRCLES) > failed.score(*CIRCLES) + 0.3


def rings(n_rings):
    """Rings around each other, in turn of two classes."""
    rng = np.random.RandomState(0)
    ring, angle = rng.randint(n_rings, size=800), rng.uniform(0, 2 * np.pi, 800)
    radius = 1 + ring + rng.uniform(-0.25, 0.25, 800)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return scale(X), ring % 2


@pytest.mark.filterwarnings("ignore:training used all")
def test_the_defaults_do_not_fail_in_silence():
    """Four rings take more than the defaults have, and more makes them easy."""
    table = rings(4)
    failed = net(48, max_iter="auto")
    advice = the_only_one(ConvergenceWarning, failed, *table)
    assert "has settled at a poor network" in advice
    assert "solver='lbfgs'" in advice
    cured = net(48, max_iter="auto", solver="lbfgs").fit(*table)
    assert cured.score(*table) > failed.score(*table) + 0.1


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"init_scale": 100}, "the start is too large"),
        ({"learning_rate_init": 1e-5}, "learning_rate_init=1e-05 is far below"),
    ],
)
def test_what_a_user_has_set_is_named_before_rows_far_from_all_others(own, said):
    X, y = MOONS
    rows = scale(np.vstack([X[:-1], [[100, 100]]]))
    message = the_only_one(ConvergenceWarning, net(48, max_iter="auto", **own), rows, y)
    assert message.startswith(said)


def test_copies_of_rows_are_no_neighbours():
    """The labels are noisy, and only a copy of a row knows its label."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((200, 4))
    y = X[:, 0] + rng.standard_normal(200) > 0
    for twice in (slice(None), np.repeat(np.arange(200), 2)):
        assert warned_of(net(3, solver="lbfgs", tol=None), X[twice], y[twice]) == []


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_too_few_units_are_told_of_where_training_has_converged(solver):
    few = net(2, solver=solver, max_iter="auto")
    assert "n_hidden=2 and every unit in use" in the_only_one(
        ConvergenceWarning, few, *CIRCLES
    )
    more = net(10, solver=solver, max_iter="auto")
    assert warned_of(more, *CIRCLES) == []
    assert more.score(*CIRCLES) > few.score(*CIRCLES) + 0.2


def test_units_that_long_steps_drove_onto_flat_parts_are_told_of():
    driven = net(48, activation="logistic", learning_rate_init=10, max_iter="auto")
    message = the_only_one(SaturationWarning, driven, *CIRCLES)
    assert "A step was too long. Use learning_rate_init='auto' (now 10)" in message
    cured = net(48, activation="logistic", max_iter="auto")
    assert warned_of(cured, *CIRCLES) == []
    assert cured.score(*CIRCLES) > driven.score(*CIRCLES) + 0.3


def test_an_average_of_which_one_net_stays_on_the_plateau_is_not_there():
    scale_of = iter(np.repeat([1e-4, 1.0, 1.0], 2))

    def one_small(rng, shape):
        return next(scale_of) * rng.standard_normal(shape)

    own = {"init": one_small, "n_init": 3, "combine": "average", "max_iter": 10}
    average = net(16, **SLOW, **own)
    assert not any("plateau" in said for _, said in warned_of(average, *MOONS))
    assert average.status_ == "plateau"
    assert average.loss_ < 0.9 * np.log(2)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("other", [np.array(["no", "yes"]), np.array(["NO", "YES"])])
def test_validation_labels_of_which_none_is_a_class_are_told_of(other, early_stopping):
    X, y = MOONS
    y_val, y = other[y], np.array(["No", "Yes"])[y]
    model = net(48, max_iter="auto", early_stopping=early_stopping)
    message = the_only_one(UserWarning, model, X, y, X_val=X, y_val=y_val)
    assert "no label among the classes ['No', 'Yes']" in message
    assert set(model.validation_scores_) == {0.0}
    y_val[0] = y[0]
    assert warned_of(model, X, y, X_val=X, y_val=y_val) == []


def test_validation_labels_of_other_classes_are_told_of_by_a_search_too():
    X, y = MOONS
    held_out = {"X_val": X[:4], "y_val": [7, 8, 7, 8]}
    model, grid = net(48, max_iter="auto"), {"alpha": [0.1, 0.2]}
    search = LockstepGridSearchCV(model, grid, cv=2, refit=False)
    message = the_only_one(UserWarning, search, X, y, **held_out)
    assert "validation labels of other classes in 4" in message


def test_an_interruption_while_looking_loses_nothing(monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    whole = net(tol=1e-9).set_params(tol=None).fit(*PETALS)
    monkeypatch.setattr("skshallow.classifier.warnings_of", interrupt)
    struck = net(tol=1e-9)
    with pytest.raises(KeyboardInterrupt):
        struck.fit(*PETALS)
    assert (struck.status_, struck.n_iter_) == ("interrupted", 30)
    assert_array_equal(struck.coefs_[0], whole.coefs_[0])
