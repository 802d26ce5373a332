"""What a fit warns of: strong penalties, identical, dead, saturated units, lines."""

import warnings
from contextlib import suppress

import joblib
import numpy as np
import pytest
import recorded
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_blobs,
    make_circles,
    make_moons,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import QuantileTransformer, StandardScaler, scale

from skshallow import LockstepGridSearchCV, ShallowNetClassifier, exceptions
from skshallow._advice import examination, fit_warnings
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

SOLVERS = ["gd", "sgd", "adam", "lbfgs"]
ACTIVATIONS = ["tanh", "logistic", "relu", "identity"]
FLOWER, PETAL = make_flower(random_state=1)
FLOWER = scale(FLOWER)
RAW = load_breast_cancer(return_X_y=True)
CANCER, MALIGNANT = TUMOURS = scale(RAW[0]), RAW[1]
MOONS = make_moons(300, noise=0.2, random_state=0)
OWN = [getattr(exceptions, name) for name in exceptions.__all__]

# Of these the flat parts take their time, and a rule says when they are done.
AS_ONCE = {"activation": "tanh", "learning_rate": "constant", "alpha": 3.0}

every_solver = pytest.mark.parametrize("solver", SOLVERS)
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def net(n_hidden=4, **params):
    defaults = {"max_iter": 30, "random_state": 0}
    return ShallowNetClassifier(n_hidden, **{**defaults, **params})


def warned_of(estimator, X, y, **fit_params):
    """Fit; return the category and the message of every warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator.fit(X, y, **fit_params)
    return [(w.category, str(w.message)) for w in caught]


def categories(*args, **kwargs):
    """Those of this package's own warnings."""
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


# Identical units


@every_solver
@every_activation
def test_zeros_are_symmetric(solver, activation):
    stuck = net(init="zeros", solver=solver, activation=activation)
    message = the_only_one(SymmetryWarning, stuck, FLOWER, PETAL)
    assert message.startswith("all 4 hidden units are identical")
    assert "init='zeros'" in message
    assert "Use init='randn'" in message


def test_some_units_that_are_the_same_are_counted():
    rng = np.random.RandomState(0)
    W1, W2 = rng.standard_normal((2, 4)), rng.standard_normal((4, 1))
    W1[:, 3], W2[3] = W1[:, 0], W2[0]
    message = the_only_one(SymmetryWarning, net(init=start(W1, W2)), FLOWER, PETAL)
    assert message.startswith("only 3 of 4 hidden units differ")
    assert "explicit weights" in message


def test_units_that_differ_by_one_rounding_are_not_identical():
    W2 = 0.5 + np.arange(4)[:, None] * np.spacing(0.5)
    nearly = net(init=start(np.full((2, 4), 0.5), W2))
    assert categories(nearly, FLOWER, PETAL) == []


# Saturated starts


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_a_large_start_is_saturated(solver, activation):
    large = net(init_scale=100, solver=solver, activation=activation)
    message = the_only_one(SaturationWarning, large, CANCER, MALIGNANT)
    assert f"the {activation} units start on their flat parts" in message
    assert "init_scale=100" in message
    assert "Use init='randn' with init_scale='auto'" in message


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_what_has_no_flat_parts_on_both_sides_does_not_saturate(activation):
    large = net(init_scale=10, activation=activation, learning_rate_init=1e-3)
    assert categories(large, CANCER, MALIGNANT) == []


# Dead units


def few_active(n_active, dtype=float):
    """400 rows, of which the last ``n_active`` are positive, and labels they tell."""
    X = -np.linspace(1, 2, 400, dtype=dtype)[:, None]
    X[400 - n_active :] *= -1
    return X, (np.arange(400) >= 200).astype(int)


PARTED = make_blobs(300, centers=3, random_state=0)
PARTED = scale(PARTED[0]), PARTED[1]


# Penalties


@every_solver
@pytest.mark.parametrize(
    ("tol", "table"), [(None, (FLOWER, PETAL)), ("auto", PARTED)], ids=["none", "auto"]
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
@pytest.mark.parametrize(
    ("weight", "said"), [(None, "4 rows is a penalty of 25 "), (2.125, "8.5 rows is ")]
)
def test_a_penalty_over_few_rows_names_their_weight(solver, weight, said):
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    strong = ShallowNetClassifier(alpha=100, solver=solver, random_state=0)
    weight = weight and np.full(4, weight)
    message = the_only_one(PenaltyWarning, strong, X, y, sample_weight=weight)
    assert message.startswith(f"alpha=100 over {said}")


@pytest.mark.parametrize("init_scale", [0.01, 3, "auto"])
@every_activation
def test_nothing_else_is_said_beside_a_penalty(init_scale, activation):
    """It may have killed the units, kept them in a line, or predict one label."""
    own = {"init_scale": init_scale, "activation": activation, "random_state": 0}
    with pytest.warns(PenaltyWarning) as caught:
        ShallowNetClassifier(alpha=300, **own).fit(FLOWER, PETAL)
    assert len(caught) == 1


def test_identical_units_are_not_the_penalty_s_doing():
    alike = ShallowNetClassifier(alpha=300, init="zeros", random_state=0)
    assert categories(alike, FLOWER, PETAL) == [SymmetryWarning]


def test_a_rare_class_is_not_the_penalty_s_doing():
    """With less of it, too, every row has the label that most rows have."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [970, 30])
    X = rng.standard_normal((1000, 4)) + 0.6 * y[:, None]
    for alpha in (10.0, "auto"):
        settled = ShallowNetClassifier(4, alpha=alpha, random_state=0)
        assert categories(settled, X, y) == [ConstantPredictionsWarning]


def test_rows_that_are_all_zero_are_outweighed_by_nothing():
    X, y = np.zeros((20, 2)), np.arange(20) % 2
    assert PenaltyWarning not in categories(net(alpha=1.0), X, y)


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
THREE = {"activation": "logistic", "init_scale": 0.01}
LINES = [
    *((MOONS, params) for params in SMALL),
    *((three_moons(), {"solver": solver, **THREE}) for solver in SOLVERS),
    # The start is of the right size, and a penalty which is not a strong one to blame.
    (MOONS, {"activation": "logistic", "alpha": 2.0}),
]


@pytest.mark.parametrize(("table", "params"), LINES)
@pytest.mark.parametrize("tol", [None, "auto"])
def test_a_net_at_rest_in_a_line_is_told_so(table, params, tol):
    straight = ShallowNetClassifier(tol=tol, random_state=0, **params)
    message = the_only_one(LinearPlateauWarning, straight, *table)
    assert message.startswith("the network ends where a linear model would")
    names = [finding.name for finding in diagnose(straight, *table).findings]
    assert names == ["linear plateau"]
    directions = "2 directions" if len(set(table[1])) == 3 else "one direction"
    assert f"its hidden layer varies in {directions} (" in message
    small = "init_scale" in params
    assert ("Use init='randn' with init_scale='auto'" in message) == small


def test_a_linear_network_is_meant_to_be_one():
    meant = ShallowNetClassifier(activation="identity", random_state=0)
    assert categories(meant, *MOONS) == []


def test_a_line_is_no_worse_where_there_is_no_more_to_learn():
    """Neither on a line's own labels, nor on labels without a rule."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((300, 5))
    for y in (X @ rng.standard_normal(5) > 0, rng.random_sample(300) < 0.5):
        for init_scale in (0.01, "auto"):
            straight = ShallowNetClassifier(init_scale=init_scale, random_state=0)
            assert categories(straight, X, y.astype(int)) == []


@pytest.mark.parametrize("init_scale", [0.01, "auto"])
@pytest.mark.parametrize("max_iter", [1, 3, 10])
@pytest.mark.parametrize("alpha", ["auto", 5.0])
def test_who_cuts_training_short_knows_it(init_scale, max_iter, alpha):
    own = {"init_scale": init_scale, "max_iter": max_iter, "alpha": alpha, "tol": None}
    found = categories(ShallowNetClassifier(random_state=0, **own), *MOONS)
    assert not {LinearPlateauWarning, PenaltyWarning} & set(found)


@every_solver
def test_relu_units_that_no_row_activates_are_dead(solver):
    message = the_only_one(DeadUnitsWarning, dead(solver=solver), *few_active(0))
    assert message.startswith("100% of the relu units are never active, 100% from")


def test_a_unit_that_a_single_row_activates_lives():
    """Whichever row it is: not only the few that are looked at first."""
    alive = dead(solver="gd", learning_rate_init=1e-9).set_params(alpha="auto")
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
    message = the_only_one(ConstantPredictionsWarning, settled, X, y)
    assert message.startswith("every sample gets the same label")
    assert len(set(settled.predict(X))) == 1


@pytest.mark.parametrize("at", [0, 1, 398, 399])
def test_a_single_row_with_another_label_is_enough(at):
    """Wherever it stands, and also where rows are read a block at a time."""
    X = np.full((400, 1), -1.0)
    X[at] = 1.0
    y = (np.arange(400) % 2).astype(int)
    sure = dead(solver="gd", learning_rate_init=1e-9).set_params(alpha="auto")
    assert ConstantPredictionsWarning not in categories(sure, X, y)
    assert len(set(sure.predict(X))) == 2


def test_the_plateau_is_not_said_twice():
    X, y = np.zeros((300, 2)), np.arange(300) < 90
    with pytest.warns(ConvergenceWarning, match="plateau") as caught:
        stuck = net(max_iter=300).fit(X, y)
    assert len(caught) == 1  # and no word of dead units: these rows wake none
    assert len(set(stuck.predict(X))) == 1


# All of them


def dead(**params):
    """A net of relu units that no negative row activates."""
    far = start(np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones((4, 1)))
    return net(init=far, activation="relu", alpha=0.0, **params)


@pytest.mark.parametrize("seed", range(4))
def test_a_diagnosis_finds_constant_predictions_of_whatever_worth(seed):
    """Of a net that ranks as well as any, too: one label is what users get to see."""
    rng = np.random.RandomState(seed)
    y = (rng.random_sample(2000) < 0.03).astype(int)
    X = rng.standard_normal((2000, 5)) + 0.3 * y[:, None]
    constant = ShallowNetClassifier(random_state=0)
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
def test_the_start_of_the_lecture_is_good_enough_for_tables(
    table, activation, is_weighted
):
    X, y = TABLES[table]
    weight = np.linspace(0.1, 3, len(y)) if is_weighted else None
    small = ShallowNetClassifier(activation=activation, init_scale=0.01, random_state=0)
    assert categories(small, X, y, sample_weight=weight) == []


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
@pytest.mark.parametrize("init_scale", [0.01, "auto"])
def test_neither_noise_nor_rare_classes_ring_the_new_alarms(activation, init_scale):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((400, 10))
    own = {"activation": activation, "init_scale": init_scale, "random_state": 0}
    for y in (
        rng.random_sample(400) < 0.5,
        rng.random_sample(400) < 0.05,
        X[:, 0] > 1.6,
    ):
        found = categories(ShallowNetClassifier(**own), X, y.astype(int))
        assert not {LinearPlateauWarning, PenaltyWarning} & set(found)


@pytest.mark.parametrize("rows", [sparse.csr_matrix, np.float32])
def test_sparse_and_single_precision_rows(rows):
    X, y = rare(300, 9)
    assert categories(net(max_iter=500), rows(X), y) == [ConstantPredictionsWarning]
    assert categories(net(init="zeros"), rows(FLOWER), PETAL) == [SymmetryWarning]
    large = net(init_scale=100, activation="tanh")
    assert categories(large, rows(CANCER), MALIGNANT) == [SaturationWarning]


@pytest.mark.parametrize(
    ("params", "category"),
    [
        ({"init": "zeros"}, SymmetryWarning),
        ({"init_scale": 0}, SymmetryWarning),
        ({"init_scale": 100, "activation": "tanh"}, SaturationWarning),
        ({"alpha": 100, "max_iter": 200}, PenaltyWarning),
    ],
)
@pytest.mark.parametrize("tol", [None, "auto", 1e-3])
def test_what_is_plainly_wrong_is_said_whatever_tol_is(params, category, tol):
    """And it alone: general advice on convergence would lead away from it."""
    with pytest.warns(category) as caught:
        net(tol=tol, **params).fit(FLOWER, PETAL)
    assert len(caught) == 1


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


def test_a_penalty_beyond_all_numbers_is_measured_without_a_word_of_numpy():
    """With rows of 1e160 alpha="auto" is infinite, and times weights of 0 it is nan."""
    X = np.random.RandomState(0).standard_normal((20, 2))
    X[0, 0] = 1e160
    zeros = net(init="zeros", solver="gd", max_iter=1, alpha="auto")
    with pytest.warns(SymmetryWarning) as caught:
        zeros.fit(X, np.arange(20) % 2)
    assert {warning.category for warning in caught} == {SymmetryWarning}


# In searches


GRID = {"init": ["zeros", "randn"], "init_scale": [0.01, 100.0]}


def test_a_plain_search_warns_fit_by_fit():
    search = GridSearchCV(net(activation="tanh"), GRID, cv=2, refit=False)
    found = categories(search, CANCER, MALIGNANT)
    assert found.count(SymmetryWarning) == 4
    assert found.count(SaturationWarning) == 2


def test_a_search_in_lock_step_warns_once_of_all():
    tanh = net(activation="tanh", tol=1e-3)
    search = LockstepGridSearchCV(tanh, GRID, cv=2, refit=False)
    with pytest.warns(ConvergenceWarning) as caught:
        search.fit(CANCER, MALIGNANT)
    (warning,) = caught
    assert "4 had identical hidden units" in str(warning.message)
    assert "2 started saturated" in str(warning.message)


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
    with pytest.warns(category, match="^4 of the 4 fits of this search") as caught:
        search.fit(*MOONS)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", category)
        search.fit(*MOONS)


# What is said of convergence, and what helps against it

A_START = {"init": "randn", "init_scale": "auto"}
A_RATE = {"learning_rate_init": "auto"}
SLOW = {"solver": "gd", "activation": "tanh"}
SHORT_STEPS = {**SLOW, "learning_rate_init": 0.01}
TINY = {**SLOW, "init_scale": 1e-4, "max_iter": 10}
LARGE = {"init_scale": 100, "max_iter": 60}
LONG_STEPS = {"solver": "sgd", "learning_rate_init": 6, "max_iter": 100}
LONG_STEPS |= {"activation": "tanh", "learning_rate": "constant"}
BRIEF = {"max_iter": 5, "tol": 1e-3}
LINEAR = {"activation": "identity", "max_iter": "auto"}
CIRCLES = make_circles(300, noise=0.1, factor=0.5, random_state=0)
WIDE = np.random.RandomState(0).standard_normal((60, 2000)).astype(np.float32)
WIDE = WIDE, WIDE[:, :10].sum(axis=1) > 0
MANY_COLUMNS = {"solver": "gd", "activation": "logistic", "max_iter": 100}
LONGER = {"learning_rate_init": 0.1, "max_iter": 300}
ADVISED = [
    ("used all max_iter=5 iterations", TUMOURS, BRIEF, {"max_iter": 500}),
    ("used all max_iter=30 iterations", TUMOURS, SHORT_STEPS, LONGER),
    ("never left the plateau", MOONS, TINY, A_START),
    ("never left the plateau", MOONS, {**SHORT_STEPS, "init_scale": 0.01}, A_RATE),
    ("never left the plateau", MOONS, TINY, {"max_iter": 200}),
    ("settled at a loss", (FLOWER, PETAL), LARGE, A_START),
    ("jumps up and down", TUMOURS, LONG_STEPS, A_RATE),
    ("never left the plateau", CIRCLES, LINEAR, {"activation": "relu"}),
    *(
        ("with 2000 columns", WIDE, {**MANY_COLUMNS, "tol": tol}, {"solver": "adam"})
        for tol in ("auto", None)
    ),
]


@pytest.mark.parametrize(("message", "table", "params", "cure"), ADVISED)
def test_advice_on_convergence_helps(message, table, params, cure):
    failed = net(32, **params)
    with pytest.warns(ConvergenceWarning, match=message) as caught:
        failed.fit(*table)
    (warning,) = caught
    for name in cure:
        assert name in str(warning.message)
    cured = net(32, **{**params, **cure})
    assert not any(message in said for _, said in warned_of(cured, *table))
    assert cured.loss_ < 0.95 * failed.loss_


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_a_row_far_from_all_others_is_told_of(size):
    """Behind a scaler, which is no remedy."""
    X, y = MOONS
    rows = np.vstack([[size, -size], X[1:]])
    far = StandardScaler().fit_transform(rows)
    said = "a few rows are far from all others.*Clip or drop.*QuantileTransformer"
    with pytest.warns((ConvergenceWarning, LinearPlateauWarning), match=said):
        net(32, max_iter="auto").fit(far, y)
    spread = QuantileTransformer(n_quantiles=100, output_distribution="normal")
    assert categories(net(32), spread.fit_transform(rows), y) == []


def test_one_label_at_more_than_the_cost_of_guessing_is_not_a_rare_class():
    thrown = net(32, **{**LONG_STEPS, "learning_rate_init": 5})
    with pytest.warns(ConvergenceWarning, match="steps are too long") as caught:
        thrown.fit(CANCER, MALIGNANT)
    (warning,) = caught
    assert str(warning.message).endswith("Use learning_rate_init='auto' (now 5).")
    cured = thrown.set_params(learning_rate_init="auto", max_iter=300)
    assert categories(cured, CANCER, MALIGNANT) == []


@pytest.mark.parametrize("tol", ["auto", None])
@pytest.mark.parametrize(
    ("activation", "rate"), [("identity", 30), ("tanh", 1000), ("logistic", 3000)]
)
def test_a_loss_that_has_grown_beyond_its_first_value_is_told_of(activation, rate, tol):
    """Whatever the penalty of the weights that it has grown with, and whatever tol."""
    exploded = net(8, solver="gd", activation=activation, tol=tol)
    exploded.set_params(learning_rate_init=rate, alpha="auto", max_iter=60)
    with pytest.warns(ConvergenceWarning, match="or grows, instead of settling"):
        exploded.fit(*MOONS)
    assert exploded.loss_ > 100 * exploded.loss_curve_[0]


def test_no_advice_on_a_rate_that_the_solver_does_not_read():
    short = net(solver="lbfgs", max_iter=3, tol=1e-9)
    with pytest.warns(ConvergenceWarning, match="used all max_iter=3") as caught:
        short.fit(CANCER, MALIGNANT)
    assert "learning_rate_init" not in str(caught[0].message)


# What is not to blame


@pytest.mark.parametrize(
    "params",
    [
        {"activation": "tanh"},
        {"activation": "tanh", "solver": "gd"},
        {"activation": "tanh", "init": "he", "solver": "sgd"},
    ],
)
def test_unscaled_features_are_named_first(params):
    """It is not the start, and the default start has no use for that advice."""
    found = warned_of(ShallowNetClassifier(random_state=0, **params), *RAW)
    assert found
    for _, message in found:
        assert "the features are not scaled" in message
        assert "put a StandardScaler before the network" in message
        assert "init_scale" not in message


SMALL = [("adam", 0.03), ("adam", 1e-3), ("gd", 0.01), ("sgd", 3e-3)]
SMALL = [(*case, tol) for case in SMALL for tol in (None, "auto")]


@pytest.mark.parametrize(("solver", "size", "tol"), [*SMALL, ("lbfgs", 0.01, "auto")])
def test_small_features_that_hold_a_net_back_are_named(solver, size, tol):
    """Whether or not it rests, and where no line is to be seen."""
    X, y = make_moons(1000, noise=0.2, random_state=0)
    small = ShallowNetClassifier(solver=solver, tol=tol, random_state=0)
    ((_, message),) = warned_of(small, size * X, y)
    assert "the features are not scaled" in message
    assert "put a StandardScaler before the network" in message


def words(seed=0):
    """TF-IDF rows of norm 1: what is no larger than it is meant to be."""
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
    assert SaturationWarning not in categories(driven, CANCER, MALIGNANT)
    assert SaturationWarning not in categories(driven, CANCER, MALIGNANT)


@pytest.mark.parametrize(
    ("max_iter", "status"), [(150, "max_iter"), (500, "converged")]
)
def test_a_saturated_start_that_learns_well_is_not_warned_of(max_iter, status):
    learnt = net(16, init_scale=3, max_iter=max_iter, **AS_ONCE)
    assert categories(learnt, CANCER, MALIGNANT) == []
    assert (learnt.status_, learnt.score(CANCER, MALIGNANT) > 0.98) == (status, True)
    figures = diagnose(learnt, CANCER, MALIGNANT).figures
    assert figures.saturation_start > 0.75
    assert figures.saturation < 0.25


def test_rows_in_a_rhythm_are_not_mistaken_for_all():
    """Every other row is a thousand times larger, and saturates."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((128, 2))
    y = (X[:, 0] > 0).astype(int)
    X[::2] *= 1000
    assert categories(net(16, init_scale=1.0, max_iter=200), X, y) == []


# The signs that a net shows before its units are measured


@pytest.fixture
def signs_change_nothing(monkeypatch):
    """Each fit asserts that it warns as if the net had shown every sign."""
    n_warned = []

    def both(*args):
        said = fit_warnings.warnings_of(*args)
        with monkeypatch.context() as patch:
            patch.setattr(examination, "_has_sign", lambda *args: True)
            assert fit_warnings.warnings_of(*args) == said
        n_warned.append(bool(said[0]))
        return said

    monkeypatch.setattr("skshallow.classifier.warnings_of", both)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield n_warned


def test_no_rule_applies_to_a_net_without_a_sign(signs_change_nothing):
    """Of many nets, half of them on features without a scale."""
    for k, (_, params) in enumerate(recorded.fits()):
        size = 1.0 if k % 2 else 100.0
        estimator, X, y, options = recorded.problem({**params, "size": size})
        with suppress(ValueError):  # training diverged
            estimator.fit(X, y, **options)
    assert len(signs_change_nothing) > 200
    assert 0.2 < np.mean(signs_change_nothing) < 0.8


def test_an_average_of_which_one_net_stays_on_the_plateau(signs_change_nothing):
    scale_of = iter(np.repeat([1e-4, 1.0, 1.0], 2))

    def one_small(rng, shape):
        return next(scale_of) * rng.standard_normal(shape)

    own = {"init": one_small, "n_init": 3, "combine": "average", "max_iter": 10}
    average = net(16, **SLOW, **own).fit(*MOONS)
    assert average.status_ == "plateau"
    assert average.loss_ < 0.9 * np.log(2)


def test_an_interruption_while_looking_loses_nothing(monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    whole = net(tol=1e-9).set_params(tol=None).fit(FLOWER, PETAL)
    monkeypatch.setattr("skshallow.classifier.warnings_of", interrupt)
    struck = net(tol=1e-9)
    with pytest.raises(KeyboardInterrupt):
        struck.fit(FLOWER, PETAL)
    assert (struck.status_, struck.n_iter_) == ("interrupted", 30)
    assert_array_equal(struck.coefs_[0], whole.coefs_[0])
