"""Bad parameters and bad data get an error that names them, before any work.

Whatever the error, every attribute of the estimator is afterwards as it was before.
"""

import functools
import re
import warnings
from contextlib import contextmanager
from datetime import date

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from skshallow import (
    LockstepGridSearchCV,
    ShallowNetClassifier,
    ShallowNetClassifierCV,
)
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


@contextmanager
def raises_and_leaves_alone(net, error=(ValueError, TypeError), match=None):
    """Expect the error, and every attribute of the net untouched, bit for bit.

    A warning would be an error of another type, so there is none either.
    """
    before = joblib.hash(vars(net))
    with pytest.raises(error, match=match) as caught:
        yield caught
    assert not isinstance(caught.value, Warning)
    assert joblib.hash(vars(net)) == before


def with_entry(array, value, index=0):
    """A copy of the array, one entry replaced."""
    changed = np.array(array, dtype=float)
    changed.flat[index] = value
    return changed


GENERATOR = np.random.default_rng(0)
# Bad values of every parameter, and what the error must say is allowed.
BAD_VALUES = {
    "n_hidden": (r"int.*\[1, inf\)", [0, -1, 2.0, NAN, "10", None, (10,)]),
    "activation": (r"tanh.*|relu.*", ["sigmoid", "Tanh", None, 3, np.tanh]),
    "init": (r"str among.*callable", ["random", None, 3, 0.01, {}, np.ones(3)]),
    "init_scale": (
        r"auto|float|number|pair",
        [-1, -0.1, NAN, INF, -INF, "0.01", "automatic", None, 1j, {}]
        + [(), (0.1,), (1, 2, 3), (1, -1), (-1, 1), (NAN, 1), (1, INF), ("a", 1)]
        + [(1, None), ((1, 2), 3), [[1, 2]], [0.1], np.ones(3), np.ones((2, 2))],
    ),
    "n_init": (r"int.*\[1, inf\)", [0, -1, 1.5, 2.0, "auto", None]),
    "combine": (r"average.*|best.*", ["mean", "Best", None, 1]),
    "solver": (r"gd.*|lbfgs.*", ["newton", "ADAM", None, 1]),
    "learning_rate_init": (
        r"auto.*float",
        [0, -0.1, NAN, INF, "constant", None, 1j, (0.1,)],
    ),
    "learning_rate": (
        r"cosine.*constant|constant.*cosine",
        ["adaptive", "invscaling", "auto", None, 0.1],
    ),
    "alpha": (r"auto.*float.*\[0\.?0?, inf\)", [-1e-9, NAN, INF, "none", None, [1]]),
    "momentum": (r"float.*\[0\.?0?, 1\.?0?\]", [-0.1, 1.1, NAN, INF, "0.9", None]),
    "batch_size": (r"auto.*int.*\[1, inf\)", [0, -5, 0.5, 8.0, "full", None, NAN]),
    "max_iter": (r"auto.*int.*\[1, inf\)", [0, -1, 1.5, 10.0, None, INF, "all"]),
    "tol": (r"auto.*float.*\[0\.?0?, inf\).*None", [-1e-9, NAN, INF, -INF, "no", [1]]),
    "n_iter_no_change": (r"int.*\[1, inf\)", [0, -1, 1.5, NAN, None, "auto"]),
    "validation_fraction": (
        r"float.*\(0\.?0?, 1\.?0?\)",
        [0, 1, 0.0, 1.0, -0.1, 1.5, NAN, "auto", None, 5],
    ),
    "class_weight": (
        r"dict|weights|classes",
        ["auto", 3, [1, 2], ("balanced",), {0: -1, 1: 1}, {0: 1, 1: -0.5}]
        + [{0: NAN}, {1: INF}, {0: "a", 1: 1}, {0: None}, {0: [1, 2], 1: 1}]
        + [{"0": 1}, {0: 0, 1: 0}],
    ),
    "random_state": (r"int|RandomState", ["seed", -1, 1.5, NAN, 2**33, GENERATOR]),
    "verbose": (r"int|bool", [-1, 2.5, "yes", None, NAN]),
    **dict.fromkeys(
        ["nesterovs_momentum", "shuffle", "early_stopping", "warm_start"],
        (r"bool", ["yes", None, 1, 0.5]),
    ),
}


def bad_values():
    for name, (allowed, values) in BAD_VALUES.items():
        for value in values:
            yield pytest.param(name, value, allowed, id=f"{name}={value!r:.20}")


MEANT = [
    ("init", "xavier", "glorot"),
    ("init", "kaiming_normal", "he"),
    ("init", "glorot_uniform", "glorot"),
    ("init", "Zeros", "zeros"),
    ("init_scale", "Auto", "auto"),
    ("activation", "sigmoid", "logistic"),
    ("activation", "ReLU", "relu"),
    ("solver", "L-BFGS", "lbfgs"),
    ("combine", "averaged", "average"),
    ("class_weight", "balance", "balanced"),
]


@pytest.mark.parametrize(("name", "value", "meant"), MEANT)
def test_a_word_of_another_library_gets_the_option_that_was_meant(name, value, meant):
    with pytest.raises(ValueError, match=rf"Did you mean {name}='{meant}'\?$"):
        ShallowNetClassifier(**{name: value}).fit(X, Y)


def test_nothing_is_suggested_where_nothing_is_alike():
    for params in ({"solver": "rmsprop"}, {"init": 3}, {"n_hidden": 0}):
        with pytest.raises(ValueError, match="must be") as caught:
            ShallowNetClassifier(**params).fit(X, Y)
        assert "Did you mean" not in str(caught.value)


def test_the_cross_validated_net_suggests_a_scorer():
    with pytest.raises(ValueError, match=r"Did you mean scoring='neg_log_loss'\?$"):
        ShallowNetClassifierCV(scoring="log_loss").fit(X, Y)


def test_every_parameter_has_bad_values():
    assert set(BAD_VALUES) == set(ShallowNetClassifier().get_params())


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(("name", "value", "allowed"), list(bad_values()))
def test_bad_value_is_named_before_any_work(name, value, allowed, method, capsys):
    net = fitted_net() if method == "fit" else quick_net()
    net.set_params(random_state=np.random.RandomState(0), verbose=1)
    net.set_params(**{name: value})
    data = (X, Y) if method == "fit" else (X, Y, None, [0, 1])
    # The attributes include random_state: not one number was drawn.
    with raises_and_leaves_alone(net, match=rf"\b{name}\b") as caught:
        getattr(net, method)(*data)
    message = str(caught.value)
    assert repr(value) in message or str(value) in message
    assert re.search(allowed, message, flags=re.DOTALL)
    assert capsys.readouterr().out == ""


class Draws:
    """An init that gives what it holds, for the hidden and for the output layer."""

    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, rng, shape):
        return self.layers[shape == (1, H)]


@pytest.mark.parametrize(
    ("init", "match"),
    [
        (Draws(np.ones((D, H))), r"init.*shape \(4, 3\).*got.*\(3, 4\)"),
        (Draws(np.full((H, D), NAN)), r"init.*\(4, 3\).*finite.*NaN"),
        (Draws(np.full((H, D), INF)), r"init.*\(4, 3\).*finite"),
        (Draws(np.full((H, D), "large")), r"init.*numbers.*got.*large"),
        (Draws(1j * np.ones((H, D))), r"init.*real.*got.*complex"),
        (Draws(None), r"init.*shape \(4, 3\).*got"),
        (Draws([[1.0], [2.0, 3.0]]), r"init.*\(4, 3\).*got"),
        (Draws(np.ones((H, D)), np.full((1, H), NAN)), r"init.*\(1, 4\).*finite.*NaN"),
    ],
)
def test_init_callable_must_return_finite_numbers_of_its_shape(init, match):
    net = fitted_net().set_params(init=init)
    with raises_and_leaves_alone(net, match=f"(?s){match}"):
        net.fit(X, Y)


def raises_one_of_its_own(rng, shape):
    raise KeyError("spam")


@pytest.mark.parametrize(
    "init",
    [
        *(np.zeros, np.random.randn, np.ones, np.empty, np.random.normal, np.full),
        *(RNG.standard_normal, lambda shape: np.zeros(shape), lambda: 1.0),
        *(lambda shape, rng: rng.normal(size=shape), lambda rng, *, shape: shape),
        *(raises_one_of_its_own, lambda rng, shape: 1 / 0, dict, lambda *_: None),
        *(lambda rng, shape: rng.spam(shape), functools.partial(np.zeros, order="C")),
    ],
)
def test_an_init_of_another_signature_is_told_how_it_is_called(init):
    said = r"init=.*init\(rng, \(4, 3\)\)|^init\(rng, \(4, 3\)\)"
    with pytest.raises((TypeError, ValueError), match=said):
        quick_net(init=init).fit(X, Y)


def test_what_an_init_raises_is_kept_as_the_cause():
    with pytest.raises(
        ValueError, match=r"init=raises_one.*KeyError: 'spam'"
    ) as caught:
        quick_net(init=raises_one_of_its_own).fit(X, Y)
    assert isinstance(caught.value.__cause__, KeyError)

    class Mine(Exception):
        pass

    def raises_mine(rng, shape):
        raise Mine("spam")

    with pytest.raises(Mine, match=r"init=raises_mine.*init\(rng, .*Mine: spam"):
        quick_net(init=raises_mine).fit(X, Y)


COEFS = [np.ones((D, H)), np.ones((H, 1))]
INTERCEPTS = [np.ones(H), np.ones(1)]


@pytest.mark.parametrize(
    ("init", "match"),
    [
        (([COEFS[0].T, COEFS[1]], INTERCEPTS), r"coefs\[0\].*\(3, 4\).*got \(4, 3\)"),
        (([COEFS[0], np.ones(H)], INTERCEPTS), r"coefs\[1\].*\(4, 1\).*got \(4,\)"),
        ((COEFS, [np.ones(3), np.ones(1)]), r"intercepts\[0\].*\(4,\).*got \(3,\)"),
        ((COEFS, [np.ones(H), np.ones(2)]), r"intercepts\[1\].*\(1,\).*got \(2,\)"),
        (([with_entry(COEFS[0], NAN), COEFS[1]], INTERCEPTS), r"coefs\[0\].*NaN"),
        (([COEFS[0], with_entry(COEFS[1], INF)], INTERCEPTS), r"coefs\[1\].*infinity"),
        ((COEFS, [with_entry(np.ones(H), NAN), [0]]), r"intercepts\[0\].*NaN"),
        (([np.full((D, H), "a"), COEFS[1]], INTERCEPTS), r"coefs\[0\].*numbers"),
        (([1j * COEFS[0], COEFS[1]], INTERCEPTS), r"coefs\[0\].*real.*complex"),
        (([[[1.0], [2.0, 3.0]], COEFS[1]], INTERCEPTS), r"coefs\[0\].*\(3, 4\)"),
        (([COEFS[0], COEFS[1].T], INTERCEPTS), r"coefs\[1\].*\(4, 1\).*got \(1, 4\)"),
        (("ab", "cd"), r"coefs\[0\].*numbers.*|pair \(coefs, intercepts\)"),
        *[
            (init, r"pair \(coefs, intercepts\)")
            for init in [
                *([], (), ([], []), (1.0, 2.0), COEFS, (COEFS,)),
                *((COEFS, INTERCEPTS, []), (COEFS + COEFS, INTERCEPTS)),
            ]
        ],
    ],
)
def test_explicit_weights_must_fit_the_net(init, match):
    net = fitted_net().set_params(init=init)
    with raises_and_leaves_alone(net, match=f"(?s)init.*({match})"):
        net.fit(X, Y)


@pytest.mark.parametrize(
    ("scale", "dtype"),
    [(1e308, "float64"), ((1e308, 1), "float64"), (1e40, "float32")],
)
def test_a_start_that_overflows_is_named(scale, dtype):
    net = fitted_net().set_params(init_scale=scale)
    with raises_and_leaves_alone(net, match=f"init_scale.*overflow.*{dtype}"):
        net.fit(X.astype(dtype), Y)


@pytest.mark.parametrize(
    ("X", "y", "match"),
    [
        (with_entry(X, NAN), Y, "NaN"),
        (with_entry(X, INF), Y, "infinity"),
        (sparse.csr_matrix(with_entry(X, NAN)), Y, "NaN"),
        (sparse.csc_matrix(with_entry(X, INF)), Y, "infinity"),
        (X[:0], Y[:0], "0 sample"),
        (X[:, :0], Y, "0 feature"),
        (X[0], Y[:D], "2D array"),
        (X[None], Y, "dim 3"),
        (1j * X, Y, "[Cc]omplex"),
        (np.full((N, D), "a"), Y, "convert string to float"),
        (X, Y[:-1], "inconsistent numbers of samples"),
        (X, None, "requires y"),
        (X, np.zeros(N), r"two classes.*0"),
        (X, np.full(N, "spam"), r"two classes.*spam"),
        (X, with_entry(Y, NAN), "NaN"),
        (X, Y + 0.5 * RNG.rand(N), "continuous"),
        (X, np.column_stack([Y, Y]), "(?i)1d array|multilabel"),
        (X[:1], Y[:1], "two classes"),
    ],
)
def test_bad_training_data(X, y, match):
    for net in (quick_net(), fitted_net()):
        with raises_and_leaves_alone(net, ValueError, match):
            net.fit(X, y)


@pytest.mark.filterwarnings("ignore::skshallow.exceptions.ConstantPredictionsWarning")
@pytest.mark.parametrize("solver", ["gd", "sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("store", [np.asarray, sparse.csr_matrix])
def test_nan_in_rows_that_nobody_checked_is_named(solver, activation, store):
    """scikit-learn looks for none under ``assume_finite=True``."""
    net = quick_net(solver=solver, activation=activation)
    more, bad = quick_net(n_init=3, early_stopping=True), store(with_entry(X, NAN))
    match = "Input {}contains NaN.*assume_finite=True.*SimpleImputer"
    with config_context(assume_finite=True):
        with raises_and_leaves_alone(net, ValueError, match.format("X ")):
            net.fit(bad, Y)
        with raises_and_leaves_alone(more, ValueError, match.format("X ")):
            more.fit(store(np.full((N, D), NAN)), Y)
        with raises_and_leaves_alone(net, ValueError, match.format("X_val ")):
            net.fit(store(X), Y, X_val=bad, y_val=Y)
        with raises_and_leaves_alone(more, ValueError, match.format("X or X_val ")):
            more.fit(store(X), Y, X_val=bad, y_val=Y)
        if solver != "lbfgs":
            with raises_and_leaves_alone(net, ValueError, match.format("X ")):
                net.partial_fit(bad, Y, classes=[0, 1])
        net.fit(store(X), Y)
        for ask in (net.predict, functools.partial(diagnose, net)):
            with pytest.raises(ValueError, match=r"X has missing .*SimpleImputer"):
                ask(bad)


def test_infinity_that_nobody_checked_is_named():
    net, bad = quick_net(activation="identity"), with_entry(X, INF)
    with config_context(assume_finite=True):
        match = r"X contains infinity.*assume_f.*np\.clip"
        with raises_and_leaves_alone(net, ValueError, match):
            net.fit(bad, Y)
        net.fit(X, Y)
        for store in (np.asarray, sparse.csr_matrix):
            for ask in (
                net.predict,
                net.decision_function,
                functools.partial(diagnose, net),
            ):
                with pytest.raises(ValueError, match=r"X has infinite .*np\.clip"):
                    ask(store(bad))
        clipped = np.clip(bad, -10, 10)
        assert np.isfinite(net.fit(clipped, Y).decision_function(clipped)).all()
        for search in (GridSearchCV, LockstepGridSearchCV):
            search = search(net, {"alpha": [0.1, 1]}, cv=2, error_score="raise")
            with pytest.raises(ValueError, match=r"X contains infinity.*assume_f"):
                search.fit(np.full((N, D), INF), Y)


def test_what_diverges_on_finite_rows_is_not_put_down_to_them():
    net = quick_net(learning_rate_init=1e300, max_iter=20)
    with (
        config_context(assume_finite=True),
        raises_and_leaves_alone(net, ValueError, "training diverged.*learning_rate"),
    ):
        net.fit(X, Y)


def test_nan_in_weights_that_nobody_checked_is_named():
    net, weight = quick_net(), with_entry(np.ones(N), NAN)
    with config_context(assume_finite=True):
        with raises_and_leaves_alone(net, ValueError, "sample_weight has missing"):
            net.fit(X, Y, weight)
        with raises_and_leaves_alone(net, ValueError, "sample_weight_val has missing"):
            net.fit(X, Y, X_val=X, y_val=Y, sample_weight_val=weight)


BAD_WEIGHTS = [
    (with_entry(np.ones(N), -1), r"{name}.*negative.*-1"),
    (np.zeros(N), r"{name}.*(sum.*0|non-zero)"),
    (with_entry(np.ones(N), NAN), r"{name}.*NaN"),
    (with_entry(np.ones(N), INF), r"{name}.*infinity"),
    (np.full(N, 1e308), r"{name}.*sum.*inf"),
    (np.ones(N - 1), rf"{{name}}.*{N - 1}|inconsistent.*{N - 1}"),
    (np.ones((N, 2)), "(?i)1D array|{name}"),
    (np.full(N, "heavy"), "heavy"),
]


@pytest.mark.parametrize(("weight", "match"), BAD_WEIGHTS)
def test_bad_sample_weight(weight, match):
    match = match.format(name="(?i:sample.weight)")
    for net in (quick_net(), fitted_net()):
        with raises_and_leaves_alone(net, ValueError, match):
            net.fit(X, Y, sample_weight=weight)
    net = quick_net()
    with raises_and_leaves_alone(net, ValueError, match):
        net.partial_fit(X, Y, sample_weight=weight, classes=[0, 1])


def test_class_weight_and_sample_weight_that_cancel():
    net = fitted_net().set_params(class_weight={0: 0, 1: 1})
    with raises_and_leaves_alone(net, ValueError, "class_weight.*sample_weight.*sum"):
        net.fit(X, Y, sample_weight=1 - Y)


DAYS = np.array(["2020-01-01", "2021-01-01"], dtype="M8[ns]")


@pytest.mark.parametrize(
    ("classes", "labels", "match"),
    [
        (DAYS, DAYS.astype("M8[D]").astype(str), r"2021-01-01T00.*\['2020-01-01'"),
        (DAYS, DAYS.astype(int), r"2021-01-01T00.*\[1577836800000000000"),
        (DAYS.astype("M8[D]"), np.array([0, 1]), r"\[0, 1\]"),
        (np.array([0, 1]), np.array(["0", "1"]), r"\[0, 1\]: \['0', '1'\]"),
        (np.array(["no", "yes"], object), np.array([0, "no"], object), "types"),
    ],
)
def test_labels_of_another_type_are_named(classes, labels, match):
    net = quick_net()
    with raises_and_leaves_alone(net, match=f"y_val has labels.*{match}"):
        net.fit(X, classes[Y], X_val=X, y_val=labels[Y])
    net.fit(X, classes[Y])
    with pytest.raises((ValueError, TypeError)):
        diagnose(net, X, labels[Y])


@pytest.mark.parametrize(
    ("classes", "labels", "match"),
    [
        (DAYS, DAYS.astype("M8[h]") + 12, r"2021-01-01T00.*\[.*2020-01-01T12'"),
        (np.array([0, 1]), np.array([0, 2.0]), r"\[0, 1\]: \[2.0\]"),
        (np.array(["no", "yes"]), np.array(["no", "yes!"]), r"\['yes!'\]"),
    ],
)
def test_labels_that_only_look_alike_are_other_classes(classes, labels, match):
    net = quick_net().partial_fit(X, classes[Y], classes=classes)
    with raises_and_leaves_alone(net, match=f"y has labels.*{match}"):
        net.partial_fit(X, labels[Y])
    watched = quick_net().fit(X, classes[Y], X_val=X[1::2], y_val=labels[Y][1::2])
    assert watched.validation_scores_[-1] == 0


UNFIT = {
    "X_val": [X[None], 1j * X, np.full((N, D), "a"), "spam", 1.0, [], {"a": 1}]
    + [[[1.0], [2.0, 3.0]], sparse.csr_matrix(X[:0])],
    "y_val": ["spam", 5, Y.astype(str), 1j * Y, [[0], [1, 2]] * 6, Y[None, None]],
    "sample_weight_val": ["spam", [], 1j * np.ones(N), [None] * N],
}


BAD_HELD_OUT = [
    ({"X_val": X}, "X_val and y_val.*y_val is None"),
    ({"y_val": Y}, "X_val and y_val.*X_val is None"),
    ({"sample_weight_val": np.ones(N)}, "sample_weight_val.*X_val"),
    ({"X_val": X[:, :2], "y_val": Y}, "X_val.*2 features.*3"),
    ({"X_val": X, "y_val": Y[:-1]}, "inconsistent"),
    ({"X_val": X, "y_val": np.column_stack([Y, Y])}, "1d array"),
    ({"X_val": X[:0], "y_val": Y[:0]}, "0 sample"),
    ({"X_val": X[0], "y_val": Y[:1]}, "2D array"),
    ({"X_val": with_entry(X, NAN), "y_val": Y}, "X_val.*NaN"),
    ({"X_val": with_entry(X, INF), "y_val": Y}, "X_val.*infinity"),
    *[
        ({"X_val": X, "y_val": Y, "sample_weight_val": weight}, match)
        for weight, match in BAD_WEIGHTS
    ],
    *[
        ({"X_val": X, "y_val": Y, name: value}, name)
        for name, values in UNFIT.items()
        for value in values
    ],
]


# Of lists of several lengths NumPy 1.23 makes an array, with a warning.
@pytest.mark.filterwarnings("ignore:Creating an ndarray from ragged")
@pytest.mark.parametrize(("held_out", "match"), BAD_HELD_OUT)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_bad_validation_data(held_out, match, early_stopping):
    error = (ValueError, TypeError) if match in UNFIT else ValueError
    match = match.format(name="(?i:sample.weight.val)")
    for net in (quick_net(), fitted_net()):
        net.set_params(early_stopping=early_stopping)
        with raises_and_leaves_alone(net, error, match):
            net.fit(X, Y, **held_out)


MISSING = {
    "None": ["a", "b", None, "a", "b", "a"],
    "nan": ["a", "b", NAN, "a", "b", "a"],
    "NA": pd.Series(["a", "b", pd.NA, "a", "b", "a"], dtype="string"),
    "object": pd.Series(["a", "b", pd.NA, "a", "b", "a"], dtype=object),
    "array": np.array(["a", "b", None, "a", "b", "a"], dtype=object),
    "of array": np.array(["a", "b", NAN, "a", "b", "a"], dtype=object),
    "category": pd.Series(["a", "b", None, "a", "b", "a"], dtype="category"),
    "Int64": pd.Series([0, 1, pd.NA, 0, 1, 0], dtype="Int64"),
    "boolean": pd.Series([False, True, pd.NA, False, True, False], dtype="boolean"),
    "float": np.array([0, 1, NAN, 0, 1, 0]),
    "float32": np.array([0, 1, NAN, 0, 1, 0], dtype=np.float32),
    "numbers": [0, 1, None, 0, 1, 0],
    "first": [None, "b", None, "a", "b", "a"],
    "dates": np.array(["2020", "2021", "NaT", "2020", "2021", "2020"], dtype="M8[D]"),
    "NaT": pd.Series(pd.to_datetime(["2020", "2021", None, "2020", "2021", "2020"])),
    "listed NaT": [pd.Timestamp(2020, 1, 1), pd.NaT] * 3,
    "column": pd.DataFrame({"y": ["a", "b", None, "a", "b", "a"]}),
    "masked": np.ma.array([0, 1, 0, 0, 1, 0], mask=[0, 0, 1, 0, 0, 0]),
    "polars": pl.Series(["a", "b", None, "a", "b", "a"]),
    "polars numbers": pl.Series([0, 1, None, 0, 1, 0]),
}


@pytest.mark.parametrize("y", MISSING.values(), ids=MISSING.keys())
def test_missing_labels_are_named(y):
    rows, first = X[:6], np.flatnonzero(pd.isna(np.ravel(y)))
    first = first[0] if len(first) else 2
    said = f"y has missing labels.*the first at position {first}.*Drop"
    for net in (quick_net(), fitted_net()):
        with raises_and_leaves_alone(net, ValueError, said):
            net.fit(rows, y)
    net = quick_net()
    with raises_and_leaves_alone(net, ValueError, "y has missing labels"):
        net.partial_fit(rows, y, classes=["a", "b"])
    with raises_and_leaves_alone(net, ValueError, "classes has missing labels"):
        net.partial_fit(rows, ["a", "b"] * 3, classes=y)
    with raises_and_leaves_alone(net, ValueError, "y_val has missing labels"):
        net.fit(rows, ["a", "b"] * 3, X_val=rows, y_val=y)


OBJECTS = {
    "int": np.array([0, 1], dtype=object),
    "bool": np.array([False, True], dtype=object),
    "'datetime64[us]'": np.array([date(2020, 1, 1), date(2021, 1, 1)]),
    "str": pd.period_range("2020-01", periods=2, freq="M").to_numpy(),
}


@pytest.mark.parametrize("type_", OBJECTS)
def test_labels_in_an_array_of_objects_are_converted_as_the_error_says(type_):
    classes = OBJECTS[type_]
    remedy = re.escape(f"np.asarray(y).astype({type_})")
    with raises_and_leaves_alone(quick_net(), ValueError, remedy):
        quick_net().fit(X, classes[Y])
    remedy = re.escape(f"np.asarray(classes).astype({type_})")
    with raises_and_leaves_alone(quick_net(), ValueError, remedy):
        quick_net().partial_fit(X, Y, classes=classes)
    plain = classes.astype(type_.strip("'"))
    quick_net().partial_fit(X, plain[Y], classes=plain)


def test_labels_that_no_class_can_be_compared_with_are_named():
    y = OBJECTS["str"][Y]
    with raises_and_leaves_alone(quick_net(), TypeError, r"y_val has labels.*\[0, 1\]"):
        quick_net().fit(X, Y, X_val=X, y_val=y)
    with pytest.raises(TypeError, match=r"y has labels.*\[0, 1\]"):
        diagnose(quick_net(solver="lbfgs").fit(X, Y), X, y)


def test_text_among_features_is_named_with_a_remedy():
    frame = pd.DataFrame(X, columns=[*"abc"]).assign(city="Bonn")
    with raises_and_leaves_alone(quick_net(), ValueError, "X has text.*OneHotEncoder"):
        quick_net().fit(frame, Y)


MIXED, ONE_HOT = np.array(["a", 1] * 6, dtype=object), np.eye(2)[Y]
NO_LABELS = [
    *[
        (mixed, r"^{0} has.*\['int', 'str'\].*{0}\.astype\(str\)")
        for mixed in (MIXED, pd.Series(MIXED), MIXED[::-1])
    ],
    *[
        (one_hot, r"^{0} should.* {0}\.argmax\(axis=1\)")
        for one_hot in (ONE_HOT, ONE_HOT.astype(int), np.eye(3)[Y] > 0)
    ],
    (pd.DataFrame(ONE_HOT), r"{0}\.to_numpy\(\)\.argmax"),
    (ONE_HOT.tolist(), r"np\.array\({0}\)\.argmax"),
    (sparse.csr_matrix(ONE_HOT), r"{0}\.toarray\(\)\.argmax"),
    (sparse.csr_matrix(Y[:, None]), r"{0}\.toarray\(\)\.ravel"),
    (Y[None, :], r"samples are rows, .* is {0}\.ravel\(\)"),
]


@pytest.mark.parametrize(("y", "match"), NO_LABELS)
def test_what_is_no_label_a_sample_gets_the_way_to_one(y, match):
    net = quick_net()
    with raises_and_leaves_alone(net, match=match.format("y")):
        net.fit(X, y)
    with raises_and_leaves_alone(net, match=match.format("y_val")):
        net.fit(X, Y, X_val=X, y_val=y)


def test_validation_columns_must_have_the_training_names():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    net = quick_net()
    with raises_and_leaves_alone(net, ValueError, "(?s)feature names.*spam"):
        net.fit(frame, Y, X_val=frame.rename(columns={"a": "spam"}), y_val=Y)


@pytest.mark.parametrize("fraction", [0.01, 0.99])
def test_a_split_that_leaves_a_side_without_classes(fraction):
    net = fitted_net().set_params(early_stopping=True, validation_fraction=fraction)
    with raises_and_leaves_alone(net, ValueError, f"validation_fraction={fraction}"):
        net.fit(X, Y)


@pytest.mark.parametrize(
    "method", ["predict", "predict_proba", "predict_log_proba", "decision_function"]
)
def test_bad_data_to_predict(method):
    with pytest.raises(NotFittedError):
        getattr(quick_net(), method)(X)
    net = quick_net().fit(pd.DataFrame(X, columns=["a", "b", "c"]), Y)
    for bad, match in (
        (X[:, :2], "2 features.*expecting 3"),
        (pd.DataFrame(X, columns=["b", "a", "c"]), "feature names"),
        (X[0], "2D array"),
        (X[:0], "0 sample"),
        (with_entry(X, NAN), "NaN"),
        (with_entry(X, INF), "infinity"),
    ):
        with (
            warnings.catch_warnings(),
            raises_and_leaves_alone(net, ValueError, match),
        ):
            warnings.filterwarnings("ignore", "X does not have valid feature names")
            getattr(net, method)(bad)


@pytest.mark.parametrize(
    ("calls_before", "X", "y", "classes", "match"),
    [
        (0, X, Y, None, "classes must be passed on the first call"),
        (0, X, np.full(N, 7), [0, 1], r"y.*\[0, 1\].*\[7\]"),
        (0, X, np.zeros(N), [0], "two classes"),
        (0, X, Y, [], "classes"),
        (0, with_entry(X, NAN), Y, [0, 1], "NaN"),
        (0, X, Y[:-1], [0, 1], "inconsistent"),
        (0, X[:0], Y[:0], [0, 1], "0 sample"),
        (1, X, np.full(N, 7), None, r"y.*\[0, 1\].*\[7\]"),
        (1, X, np.full(N, "0"), None, "y"),
        (1, X, Y, [0, 1, 2], r"classes"),
        (1, X[:, :2], Y, None, "2 features.*expecting 3"),
        (1, with_entry(X, INF), Y, None, "infinity"),
    ],
)
def test_bad_partial_fit(calls_before, X, y, classes, match):
    net = quick_net()
    for _ in range(calls_before):
        net.partial_fit(*GOOD, classes=[0, 1])
    with raises_and_leaves_alone(net, ValueError, match):
        net.partial_fit(X, y, classes=classes)


@pytest.mark.parametrize(
    "params", [{"early_stopping": True}, {"n_init": 3}, {"class_weight": "balanced"}]
)
def test_partial_fit_does_not_support(params):
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
