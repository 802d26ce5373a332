"""Bad parameters and bad data get an error that names them, before any work.

Whatever the error, every attribute of the estimator is afterwards as it was before.
Stated here: parameters; starts; data, by a table of what is wrong with rows, labels and
weights and of all that takes them; rows that nobody checked; calls that do not go
together. Values at random are in ``test_attack``.
"""

import functools
import re
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest
from nets import every_solver, ignored, raises_and_leaves_alone
from scipy import sparse
from sklearn import config_context
from sklearn.exceptions import NotFittedError

from skshallow import ShallowNetClassifier, ShallowNetClassifierCV
from skshallow.diagnostics import diagnose

RNG = np.random.RandomState(0)
N, D, H = 12, 3, 4
X, Y = RNG.standard_normal((N, D)), np.arange(N) % 2
GOOD = X, Y
NAN, INF = np.nan, np.inf


def quick_net(**params):
    return ShallowNetClassifier(
        **{"n_hidden": H, "max_iter": 2, "tol": None, "random_state": 0, **params}
    )


def fitted_net():
    """A net that was trained on other columns and other classes."""
    wider = RNG.standard_normal((9, D + 1))
    return quick_net().fit(wider, np.repeat(["a", "b", "c"], 3))


def with_entry(array, value, index=0):
    """A copy of the array, one entry replaced."""
    changed = np.array(array, dtype=float)
    changed.flat[index] = value
    return changed


GENERATOR = np.random.default_rng(0)
NO_BOOLEANS = ["yes", None, 1, 0.5]
BAD_VALUES = {
    "n_hidden": [0, -1, 2.0, NAN, "10", None, (10,)],
    "activation": ["sigmoid", "Tanh", None, 3, np.tanh],
    "init": ["random", None, 3, 0.01, {}, np.ones(3)],
    "init_scale": [-1, -0.1, NAN, INF, -INF, "0.01", "automatic", None, 1j, {}]
    + [(), (0.1,), (1, 2, 3), (1, -1), (-1, 1), (NAN, 1), (1, INF), ("a", 1)]
    + [(1, None), ((1, 2), 3), [[1, 2]], [0.1], np.ones(3), np.ones((2, 2))],
    "n_init": [0, -1, 1.5, 2.0, "auto", None],
    "combine": ["mean", "Best", None, 1],
    "solver": ["newton", "ADAM", None, 1],
    "learning_rate_init": [0, -0.1, NAN, INF, "constant", None, 1j, (0.1,)],
    "learning_rate": ["adaptive", "invscaling", "auto", None, 0.1],
    "alpha": [-1e-9, NAN, INF, "none", None, [1]],
    "momentum": [-0.1, 1.1, NAN, INF, "0.9", None],
    "batch_size": [0, -5, 0.5, 8.0, "full", None, NAN],
    "max_iter": [0, -1, 1.5, 10.0, None, INF, "all"],
    "tol": [-1e-9, NAN, INF, -INF, "no", [1]],
    "n_iter_no_change": [0, -1, 1.5, NAN, None, "auto"],
    "validation_fraction": [0, 1, 0.0, 1.0, -0.1, 1.5, NAN, "auto", None, 5],
    "class_weight": ["auto", 3, [1, 2], ("balanced",), {0: -1, 1: 1}, {0: 1, 1: -0.5}]
    + [{0: NAN}, {1: INF}, {0: "a", 1: 1}, {0: None}, {0: [1, 2], 1: 1}]
    + [{0: 0, 1: 0}],
    "random_state": ["seed", -1, 1.5, NAN, 2**33, GENERATOR],
    "verbose": [-1, 2.5, "yes", None, NAN],
    "nesterovs_momentum": NO_BOOLEANS,
    "shuffle": NO_BOOLEANS,
    "early_stopping": NO_BOOLEANS,
    "warm_start": NO_BOOLEANS,
}


MEANT = [
    ("init", "xavier", "='glorot'"),
    ("init", "kaiming_normal", "='he'"),
    ("init", "glorot_uniform", "='glorot'"),
    ("init", "Zeros", "='zeros'"),
    ("init_scale", "Auto", "='auto'"),
    ("activation", "sigmoid", "='logistic'"),
    ("activation", "ReLU", "='relu'"),
    ("solver", "L-BFGS", "='lbfgs'"),
    ("combine", "averaged", "='average'"),
    ("class_weight", "balance", "='balanced'"),
    ("n_hidden", (100,), "=100"),  # the layers of other libraries
    ("learning_rate", "adaptive", "='cosine'"),
    ("learning_rate", "invscaling", "='cosine'"),
    ("scoring", "log_loss", "='neg_log_loss'"),
]


@pytest.mark.parametrize(("name", "value", "meant"), MEANT)
def test_a_word_of_another_library_gets_the_option_that_was_meant(name, value, meant):
    Net = ShallowNetClassifierCV if name == "scoring" else ShallowNetClassifier
    with pytest.raises(ValueError, match=rf"Did you mean {name}{meant}\?"):
        Net(**{name: value}).fit(X, Y)


def test_nothing_is_suggested_where_nothing_is_alike():
    several = {"n_hidden": (100, 50)}
    for params in ({"solver": "rmsprop"}, {"init": 3}, {"n_hidden": 0}, several):
        with pytest.raises(ValueError, match="must be") as caught:
            ShallowNetClassifier(**params).fit(X, Y)
        assert "Did you mean" not in str(caught.value)


def test_every_parameter_has_bad_values():
    assert set(BAD_VALUES) == set(ShallowNetClassifier().get_params())


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("name", "value"), [(name, v) for name in BAD_VALUES for v in BAD_VALUES[name]]
)
def test_a_bad_value_is_named_before_any_work(name, value, method, capsys):
    net = fitted_net() if method == "fit" else quick_net()
    net.set_params(random_state=np.random.RandomState(0), verbose=1)
    net.set_params(**{name: value})
    data = (X, Y) if method == "fit" else (X, Y, None, [0, 1])
    # The attributes include random_state: not one number was drawn.
    with raises_and_leaves_alone(net, match=rf"\b{name}\b") as caught:
        getattr(net, method)(*data)
    message = str(caught.value)
    assert repr(value) in message or str(value) in message
    assert re.search("must|should|need", message), message
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "name", ["alpha", "learning_rate_init", "tol", "max_iter", "n_iter_no_change"]
)
def test_an_integer_beyond_floats_is_named(name):
    with raises_and_leaves_alone(net := quick_net(**{name: 10**400}), match=name):
        net.fit(X, Y)


class Draws:
    """An init that returns the given weights of the hidden and of the output layer."""

    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, rng, shape):
        return self.layers[shape == (1, H)]


COEFS = [np.ones((D, H)), np.ones((H, 1))]
INTERCEPTS = [np.ones(H), np.ones(1)]
NO_PAIRS = [[], (), ([], []), (1.0, 2.0), COEFS, (COEFS,)]
NO_PAIRS += [(COEFS, INTERCEPTS, []), (COEFS + COEFS, INTERCEPTS)]
NO_STARTS = [
    (Draws(np.ones((D, H))), r"shape \(4, 3\).*got.*\(3, 4\)"),
    (Draws(np.full((H, D), NAN)), r"\(4, 3\).*finite.*NaN"),
    (Draws(np.full((H, D), INF)), r"\(4, 3\).*finite"),
    (Draws(np.full((H, D), "large")), "numbers.*got.*large"),
    (Draws(1j * np.ones((H, D))), "real.*got.*complex"),
    (Draws(None), r"shape \(4, 3\).*got"),
    (Draws([[1.0], [2.0, 3.0]]), r"\(4, 3\).*got"),
    (Draws(np.ones((H, D)), np.full((1, H), NAN)), r"\(1, 4\).*finite.*NaN"),
    (([COEFS[0].T, COEFS[1]], INTERCEPTS), r"coefs\[0\].*\(3, 4\).*got \(4, 3\)"),
    (([COEFS[0], np.ones(H)], INTERCEPTS), r"coefs\[1\].*\(4, 1\).*got \(4,\)"),
    (([COEFS[0], COEFS[1].T], INTERCEPTS), r"coefs\[1\].*\(4, 1\).*got \(1, 4\)"),
    ((COEFS, [np.ones(3), np.ones(1)]), r"intercepts\[0\].*\(4,\).*got \(3,\)"),
    ((COEFS, [np.ones(H), np.ones(2)]), r"intercepts\[1\].*\(1,\).*got \(2,\)"),
    (([with_entry(COEFS[0], NAN), COEFS[1]], INTERCEPTS), r"coefs\[0\].*NaN"),
    (([COEFS[0], with_entry(COEFS[1], INF)], INTERCEPTS), r"coefs\[1\].*infinity"),
    ((COEFS, [with_entry(np.ones(H), NAN), [0]]), r"intercepts\[0\].*NaN"),
    (([np.full((D, H), "a"), COEFS[1]], INTERCEPTS), r"coefs\[0\].*numbers"),
    (([1j * COEFS[0], COEFS[1]], INTERCEPTS), r"coefs\[0\].*real.*complex"),
    (([[[1.0], [2.0, 3.0]], COEFS[1]], INTERCEPTS), r"coefs\[0\].*\(3, 4\)"),
    (("ab", "cd"), r"coefs\[0\].*numbers.*|pair \(coefs, intercepts\)"),
    *[(init, r"pair \(coefs, intercepts\)") for init in NO_PAIRS],
]


@pytest.mark.parametrize(("init", "match"), NO_STARTS)
def test_a_start_must_be_finite_numbers_that_fit_the_net(init, match):
    """A start may be drawn by a callable, or be explicit."""
    net = fitted_net().set_params(init=init)
    with raises_and_leaves_alone(net, match=f"(?s)init.*({match})"):
        net.fit(X, Y)


@pytest.mark.parametrize(
    "init",
    [
        *(np.zeros, np.random.randn, np.ones, np.empty, np.random.normal, np.full),
        *(RNG.standard_normal, lambda shape: np.zeros(shape), lambda: 1.0),
        *(lambda shape, rng: rng.normal(size=shape), lambda rng, *, shape: shape),
        *(dict, lambda *_: None, functools.partial(np.zeros, order="C")),
    ],
)
def test_an_init_of_another_signature_is_told_how_it_is_called(init):
    said = r"init=.*init\(rng, \(4, 3\)\)|^init\(rng, \(4, 3\)\)"
    with pytest.raises((TypeError, ValueError), match=said):
        quick_net(init=init).fit(X, Y)


@pytest.mark.parametrize("error", [KeyError("spam"), MemoryError("spam")])
def test_an_error_that_no_other_signature_causes_is_raised_as_it_is(error):
    def raises(rng, shape):
        raise error

    with pytest.raises(type(error)) as caught:
        quick_net(init=raises).fit(X, Y)
    assert caught.value is error


@pytest.mark.parametrize(
    ("scale", "dtype"), [(1e308, "float64"), ((1e308, 1), "float64"), (1e40, "float32")]
)
def test_a_start_that_overflows_is_named(scale, dtype):
    net = fitted_net().set_params(init_scale=scale)
    with raises_and_leaves_alone(net, match=f"init_scale.*overflow.*{dtype}"):
        net.fit(X.astype(dtype), Y)


# Bad data, for every call that takes them


def with_validation(name, **params):
    """The name, a net and a call that gets something as validation data."""
    usual = {"X_val": X, "y_val": Y}
    call = lambda net, bad: net.fit(X, Y, **{**usual, name: bad})  # noqa: E731
    return name, fitted_net().set_params(**params), call


def first_pass(net, X=X, y=Y, weight=None, classes=(0, 1)):
    return net.partial_fit(X, y, weight, classes)


METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]
STOPPING, TRAINED = {"early_stopping": True}, first_pass(quick_net())
# The name of the argument, a net that the call must not change, and the call.
ANY_COLUMNS = [
    ("X", fitted_net(), lambda net, rows: net.fit(rows, Y)),
    ("X", quick_net(), first_pass),
]
COLUMNS_OF_TRAINING = [
    ("X", TRAINED, lambda net, rows: net.partial_fit(rows, Y)),
    *[("X", TRAINED, getattr(ShallowNetClassifier, method)) for method in METHODS],
    *[with_validation("X_val", **params) for params in ({}, STOPPING)],
]
TARGET = [("y", fitted_net(), lambda net, y: net.fit(X, y))]
CLASSES, CLASSES_AGAIN = (
    [("classes", net, lambda net, y: first_pass(net, classes=y))]
    for net in (quick_net(), TRAINED)
)
PASSES = [("y", n, lambda net, y: first_pass(net, y=y)) for n in (quick_net(), TRAINED)]
LABELS = [
    *(TARGET + PASSES),
    *[with_validation("y_val", **params) for params in ({}, STOPPING)],
]
WEIGHTS = [
    ("sample_weight", fitted_net(), lambda net, weight: net.fit(X, Y, weight)),
    ("sample_weight", quick_net(), lambda net, w: first_pass(net, weight=w)),
    *[with_validation("sample_weight_val", **params) for params in ({}, STOPPING)],
]

BOTH = with_entry(with_entry(X, INF), -INF, index=3)  # of which the sum is nan
BAD_ROWS = [
    *[(store(with_entry(X, NAN)), "NaN") for store in (np.array, sparse.csr_matrix)],
    *[(store(with_entry(X, INF)), "infinity") for store in (list, sparse.csc_matrix)],
    *[(store(BOTH), "infinity") for store in (np.array, sparse.csr_matrix)],
    *[(none, "0 sample") for none in (X[:0], sparse.csr_matrix(X[:0]))],
    (X[:, :0], "0 feature"),
    *[(no_table, "2D array") for no_table in (X[0], 1.0, [])],
    (X[None], "dim 3"),
    (1j * X, "Complex"),
    *[(text, "convert string to float") for text in (np.full((N, D), "a"), "spam")],
    ({"a": 1}, "not 'dict'"),
    ([[1.0], [2.0, 3.0]], "setting an array element with a sequence"),
]
TEXT, NUMBERS = ["a", "b", None] * 4, [0, 1, NAN] * 4
DATES, NO_DATE = ["2020", "2021", "NaT"] * 4, [pd.Timestamp(2020, 1, 1), pd.NaT]
MISSING = [
    *(TEXT, ["a", "b", NAN] * 4, [0, 1, None] * 4, pd.DataFrame({"y": TEXT})),
    *[np.array(["a", "b", none] * 4, object) for none in (None, NAN)],
    *[np.array(NUMBERS, dtype) for dtype in (float, np.float32)],
    *[pd.Series(TEXT, dtype=dtype) for dtype in ("string", object, "category")],
    *[pd.Series([0, 1, None] * 4, dtype=dtype) for dtype in ("Int64", "boolean")],
    *(np.array(DATES, "M8[D]"), pd.Series(pd.to_datetime(DATES))),
    *(pl.Series(TEXT), pl.Series([0, 1, None] * 4)),
    np.ma.array([0, 1, 0] * 4, mask=[0, 0, 1] * 4),
]
BAD_LABELS = [
    *[(y, "^{0} has missing labels.*first at position 2.*Drop") for y in MISSING],
    (TEXT[::-1], "^{0} has missing labels.*first at position 0"),
    (NO_DATE * 6, "^{0} has missing labels.*first at position 1"),
]
MIXED, ONE_HOT = np.array(["a", 1] * 6, dtype=object), np.eye(2)[Y]
NO_LABELS = [
    *[
        (mixed, r"^{0}: .*\['int', 'str'\].*\.astype\(str\)")
        for mixed in (MIXED, pd.Series(MIXED), MIXED[::-1])
    ],
    *[
        (several, r"^{0} should.* np\.asarray\({0}\)\.argmax\(axis=1\)")
        for several in (ONE_HOT, pd.DataFrame(ONE_HOT), ONE_HOT.tolist())
    ],
    (Y[None, :], r"a row of labels give np\.asarray\({0}\)\.ravel\(\)"),
    (sparse.csr_matrix(ONE_HOT), "^{0} must be a 1d array.*got a csr_matrix"),
    *[(no_array, "1d array") for no_array in ("spam", 5, {"no", "yes"})],
    ([[0], [1, 2]] * 6, "^{0} has several labels for a sample"),
    (Y[None, None], "dim 3"),
    (1j * Y, "Complex"),
    (Y[:-1], "inconsistent numbers of samples"),
]
BEYOND_INTEGERS = [np.array([0.0, largest])[Y] for largest in (1e300, -1e30)]
MEASURES = [
    (Y + 0.5 * RNG.rand(N), "continuous"),
    *[(y, "Unknown label type") for y in BEYOND_INTEGERS],
]
ONE_CLASS = [(np.zeros(N), "two classes.*0"), (np.full(N, "spam"), "two classes.*spam")]
STRANGERS = [
    (np.full(N, 7), r"^y has labels.*\[0, 1\]: \[7\]"),
    (np.full(N, "0"), r"^y has labels.*\[0, 1\]: \['0'\]"),
]
NO_CLASSES = [(None, "first call"), ([0], "two classes"), ([], "classes")]
NO_CLASSES += [(y, "Unknown label type") for y in BEYOND_INTEGERS]
BAD_WEIGHTS = [
    (with_entry(np.ones(N), -1), "{0}.*negative.*-1"),
    (np.zeros(N), "{0}.*(sum.*0|non-zero)"),
    (with_entry(np.ones(N), NAN), "{0}.*NaN"),
    (with_entry(np.ones(N), INF), "{0}.*infinity"),
    (np.full(N, 1e308), "{0}.*sum.*inf"),
    (np.ones(N - 1), f"{{0}}.*{N - 1}|inconsistent.*{N - 1}"),
    (np.ones((N, 2)), "(?i)1D array|{0}"),
    (np.full(N, "heavy"), "heavy"),
    *[(bad, "{0} must be") for bad in ("spam", [], 1j * np.ones(N), [None] * N)],
]
BAD_DATA = [
    (ANY_COLUMNS + COLUMNS_OF_TRAINING, BAD_ROWS),
    (COLUMNS_OF_TRAINING, [(X[:, :2], "2 features.*expecting 3")]),
    (LABELS + CLASSES, BAD_LABELS),
    (LABELS, NO_LABELS),
    (CLASSES, [({"no", "yes"}, "^{0} must be a 1d array.*got a set: give")]),
    (TARGET + PASSES, [(None, "requires y"), *MEASURES]),
    (TARGET, ONE_CLASS),
    (PASSES, STRANGERS),
    (CLASSES, NO_CLASSES),
    (CLASSES_AGAIN, [([0, 1, 2], r"classes.*\[0, 1, 2\]")]),
    (WEIGHTS, BAD_WEIGHTS),
]


# Of lists of several lengths NumPy 1.23 makes an array, with a warning.
@pytest.mark.filterwarnings("ignore:Creating an ndarray from ragged")
@pytest.mark.parametrize(
    ("place", "bad", "match"),
    [(p, *case) for places, cases in BAD_DATA for p in places for case in cases],
)
def test_bad_data_are_an_error_wherever_they_are_given(place, bad, match):
    """Validation data are named; the words are scikit-learn's where it has some."""
    name, net, call = place
    with raises_and_leaves_alone(net, match=match.format(name)) as caught:
        call(net, bad)
    assert not name.endswith("_val") or name in str(caught.value)


@pytest.mark.parametrize(
    ("held_out", "match"),
    [
        ({"X_val": X}, "X_val and y_val.*y_val is None"),
        ({"y_val": Y}, "X_val and y_val.*X_val is None"),
        ({"sample_weight_val": np.ones(N)}, "sample_weight_val.*X_val"),
    ],
)
def test_validation_data_go_together(held_out, match):
    net = fitted_net()
    with raises_and_leaves_alone(net, ValueError, match):
        net.fit(X, Y, **held_out)


def test_columns_must_have_the_names_of_training():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    net, others = quick_net().fit(frame, Y), frame[["b", "a", "c"]]
    for _, _, call in COLUMNS_OF_TRAINING[:5]:
        with raises_and_leaves_alone(net, ValueError, "feature names"):
            call(net, others)
    with raises_and_leaves_alone(net, ValueError, "(?s)X_val.*feature names"):
        net.fit(frame, Y, X_val=others, y_val=Y)


@pytest.mark.parametrize("method", METHODS)
def test_a_net_must_be_fitted_to_predict(method):
    with pytest.raises(NotFittedError):
        getattr(quick_net(), method)(X)


# Rows that nobody checked, and arguments that do not go together


@ignored("ConstantPredictions")
@every_solver
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("store", [np.asarray, sparse.csr_matrix])
def test_nan_in_rows_that_nobody_checked_is_named(solver, activation, store):
    """scikit-learn does not look for nan under ``assume_finite=True``."""
    net = quick_net(solver=solver, activation=activation)
    more, bad = quick_net(n_init=3, early_stopping=True), store(with_entry(X, NAN))
    match = r"^{}has missing or infinite .*assume_finite=True.*SimpleImputer"
    with config_context(assume_finite=True):
        with raises_and_leaves_alone(net, ValueError, match.format("X ")):
            net.fit(bad, Y)
        with raises_and_leaves_alone(more, ValueError, match.format("X ")):
            more.fit(store(np.full((N, D), NAN)), Y)
        with raises_and_leaves_alone(net, ValueError, match.format("X or X_val ")):
            net.fit(store(X), Y, X_val=bad, y_val=Y)
        with raises_and_leaves_alone(more, ValueError, match.format("X or X_val ")):
            more.fit(store(X), Y, X_val=bad, y_val=Y)
        if solver != "lbfgs":
            with raises_and_leaves_alone(net, ValueError, match.format("X ")):
                net.partial_fit(bad, Y, classes=[0, 1])
        net.fit(store(X), Y)
        for ask in (net.predict, functools.partial(diagnose, net)):
            with pytest.raises(
                ValueError, match=r"X has missing or infinite .*SimpleImputer"
            ):
                ask(bad)


def test_infinity_that_nobody_checked_is_named():
    net, bad = quick_net(activation="identity"), with_entry(X, INF)
    with config_context(assume_finite=True):
        match = r"X has missing or infinite.*assume_f.*np\.clip"
        with raises_and_leaves_alone(net, ValueError, match):
            net.fit(bad, Y)
        net.fit(X, Y)
        for store in (np.asarray, sparse.csr_matrix):
            for ask in (net.predict, functools.partial(diagnose, net)):
                with pytest.raises(ValueError, match=r"X has .*infinite .*np\.clip"):
                    ask(store(bad))


def test_what_diverges_on_finite_rows_is_not_put_down_to_them():
    net = quick_net(learning_rate_init=1e300, init_scale=(0.5, 2), max_iter=20)
    in_use = r"learning_rate_init \(now 1e\+300\) or init_scale \(now 0.5 and 2\)"
    with (
        config_context(assume_finite=True),
        raises_and_leaves_alone(net, ValueError, f"training diverged.*{in_use}"),
    ):
        net.fit(X, Y)


def test_a_penalty_that_makes_the_weights_overflow_is_named():
    strong = quick_net(solver="gd", alpha=1e8, learning_rate_init=0.5, max_iter=60)
    with raises_and_leaves_alone(
        strong, ValueError, r"alpha=1e\+08 over .*lower alpha"
    ):
        strong.fit(X, Y)
    strong.set_params(alpha="auto").fit(X, Y)


def test_nan_in_weights_that_nobody_checked_is_named():
    net, weight = quick_net(), with_entry(np.ones(N), NAN)
    with config_context(assume_finite=True):
        with raises_and_leaves_alone(
            net, ValueError, "sample_weight must have a finite sum, got nan"
        ):
            net.fit(X, Y, weight)
        with raises_and_leaves_alone(
            net, ValueError, "sample_weight_val must have a finite sum"
        ):
            net.fit(X, Y, X_val=X, y_val=Y, sample_weight_val=weight)


def test_class_weight_and_sample_weight_must_not_cancel():
    net = fitted_net().set_params(class_weight={0: 0, 1: 1})
    with raises_and_leaves_alone(net, ValueError, "class_weight.*sample_weight.*sum"):
        net.fit(X, Y, sample_weight=1 - Y)


DAYS = np.array(["2020-01-01", "2021-01-01"], dtype="M8[ns]")


@pytest.mark.parametrize(
    ("classes", "labels", "match"),
    [
        (DAYS, DAYS.astype("M8[D]").astype(str), r"2021-01-01T00.*\['2020-01-01'"),
        (DAYS, DAYS + 12, r"2021-01-01T00.*\[.*2020-01-01T00:00:00.000000012'"),
        (np.array([0, 1]), np.array(["0", "1"]), r"\[0, 1\]: \['0', '1'\]"),
        (np.array([0, 1]), np.array([0, 2.0]), r"\[0, 1\]: \[2.0\]"),
        (np.array(["no", "yes"]), np.array(["no", "yes!"]), r"\['yes!'\]"),
    ],
)
def test_labels_that_only_look_alike_are_other_classes(classes, labels, match):
    net = quick_net().partial_fit(X, classes[Y], classes=classes)
    with raises_and_leaves_alone(net, match=f"y has labels.*{match}"):
        net.partial_fit(X, labels[Y])
    with pytest.raises(ValueError, match="labels that fit did not see"):
        diagnose(net, X, labels[Y])


@pytest.mark.parametrize("classes", [np.array([0, 1]), DAYS])
def test_validation_labels_that_are_text_alone_are_of_another_type(classes):
    net, text = quick_net(), classes.astype(str)
    for y, y_val in ((classes, text), (text, classes)):
        with raises_and_leaves_alone(net, match="y_val has labels of another type"):
            net.fit(X, y[Y], X_val=X, y_val=y_val[Y])


def test_validation_labels_that_are_no_classes_count_as_wrong():
    with pytest.warns(UserWarning, match="y_val has no label among"):
        watched = quick_net().fit(X, Y, X_val=X, y_val=Y + 2)
    assert watched.validation_scores_[-1] == 0


OBJECTS = {
    "int": np.array([0, 1], dtype=object),
    "bool": np.array([False, True], dtype=object),
    "date": np.array([date(2020, 1, 1), date(2021, 1, 1)]),
    "Period": pd.period_range("2020-01", periods=2, freq="M").to_numpy(),
}


@pytest.mark.parametrize("type_", OBJECTS)
def test_labels_in_an_array_of_objects_are_converted_as_the_error_says(type_):
    classes = OBJECTS[type_]
    said = rf"Unknown label type: .*\['{type_}'\].*np\.asarray\(.*\)\.astype\(str\)"
    with raises_and_leaves_alone(quick_net(), ValueError, f"^y: {said}"):
        quick_net().fit(X, classes[Y])
    with raises_and_leaves_alone(quick_net(), ValueError, f"^classes: {said}"):
        quick_net().partial_fit(X, Y, classes=classes)
    with raises_and_leaves_alone(quick_net(), ValueError, f"^y_val: {said}"):
        quick_net().fit(X, Y, X_val=X, y_val=classes[Y])
    plain = classes.astype(str)
    quick_net().partial_fit(X, plain[Y], classes=plain)


@pytest.mark.parametrize("type_", [None, object])
def test_text_and_dates_among_features_are_named_with_a_remedy(type_):
    day = pd.Timestamp("2026-11-27")
    for value, said in (("Bonn", "text.*OneHotEncoder"), (day, "dates.*counts days")):
        frame = pd.DataFrame(X, columns=[*"abc"]).assign(other=value)
        frame = frame if type_ is None else frame.astype(type_)
        with raises_and_leaves_alone(quick_net(), ValueError, f"X has {said}"):
            quick_net().fit(frame, Y)


@pytest.mark.parametrize("fraction", [0.01, 0.99])
def test_a_split_must_leave_no_side_without_classes(fraction):
    net = fitted_net().set_params(early_stopping=True, validation_fraction=fraction)
    match = (
        rf"validation_fraction={fraction} of .* sides \(.*\): give more data, change"
    )
    with raises_and_leaves_alone(net, ValueError, match):
        net.fit(X, Y)


@pytest.mark.parametrize("row", range(6))
def test_a_split_must_leave_no_side_without_weight(row):
    net = fitted_net().set_params(early_stopping=True, validation_fraction=0.5)
    match = r"validation_fraction=0\.5.*sample_weight of a side is 0"
    with raises_and_leaves_alone(net, ValueError, match):
        net.fit(X, Y, sample_weight=with_entry(np.zeros(N), 1, row))


@pytest.mark.parametrize(
    "params", [{"early_stopping": True}, {"n_init": 3}, {"class_weight": "balanced"}]
)
def test_partial_fit_names_what_it_does_not_support(params):
    ((name, value),) = params.items()
    for net in (quick_net(**params), fitted_net().set_params(**params)):
        with raises_and_leaves_alone(net, ValueError, f"partial_fit.*{name}.*{value}"):
            net.partial_fit(X, Y, classes=[0, 1])


def test_lbfgs_has_no_partial_fit():
    net = quick_net(solver="lbfgs")
    assert not hasattr(net, "partial_fit")
    with raises_and_leaves_alone(net, AttributeError, "partial_fit"):
        net.partial_fit(X, Y, classes=[0, 1])


@pytest.mark.parametrize(
    ("params", "X", "y", "match"),
    [
        ({}, X, Y + 1, r"warm_start.*\[0, 1\].*\[1, 2\]"),
        ({}, X, np.arange(N) % 3, r"warm_start.*\[0, 1\].*\[0, 1, 2\]"),
        ({}, X, Y.astype(str), "warm_start.*classes"),
        ({}, X[:, :2], Y, "2 features.*expecting 3"),
        ({"n_hidden": H + 1}, X, Y, f"n_hidden={H + 1}.*{H}"),
    ],
)
def test_warm_start_goes_on_with_the_same_net(params, X, y, match):
    net = quick_net(warm_start=True).fit(*GOOD).set_params(**params)
    with raises_and_leaves_alone(net, ValueError, match):
        net.fit(X, y)
    if params:
        with raises_and_leaves_alone(net, ValueError, match):
            net.partial_fit(X, y)
