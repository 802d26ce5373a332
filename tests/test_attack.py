"""Any arguments give a sound net, or a ValueError or TypeError that says why.

Nothing crashes, warns from within NumPy or changes its arguments. The strategies
are in ``attacks``; each defect that they have found has a minimal example at the end.
"""

import contextlib
import io
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import sklearn
from attacks import (
    LABELS,
    all_attacked_values,
    attacked_values,
    mostly,
    n_columns_of,
    n_rows_of,
    parameters,
    parameters_of_choice,
    rows,
    samples,
    seeds,
    sound_parameters,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import either_precision, every_solver, raises_and_leaves_alone
from scipy import sparse
from searches import assert_same_search, atoms
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, KFold

from skshallow import LockstepGridSearchCV, ShallowNetClassifier, ShallowNetClassifierCV

attacked = settings.get_profile("attack")
SKLEARN = Path(sklearn.__file__).parent


def share_of_examples(share):
    """The settings of an attack, with some of its examples."""
    return settings(attacked, max_examples=int(attacked.max_examples * share))


# What has to hold


def bits(value):
    """What a value holds, to be compared with what it holds later."""
    return list(atoms(value))


def is_for_users(warning):
    """Whether a warning is written for users."""
    return issubclass(warning.category, (UserWarning, FitFailedWarning))


def is_of_a_search(warning):
    """Whether a warning is for users, or of a scorer that casts labels."""
    is_cast = str(warning.message) == "invalid value encountered in cast"
    is_of_sklearn = SKLEARN in Path(warning.filename).parents
    return is_for_users(warning) or (is_cast and is_of_sklearn)


def outcome_of(call, given, is_allowed=is_for_users):
    """What a call returns, or None if it raises a ValueError or a TypeError.

    What it prints is not shown.

    Parameters
    ----------
    call : callable
        Takes no arguments.
    given : dict
        Its values must not change.
    is_allowed : callable
        Takes a warning.
    """
    before = bits(given)
    with warnings.catch_warnings(record=True, action="always") as caught:
        # NumPy 1.23, where scikit-learn reads frames with columns of swapped bytes
        swapped = "The `dtype` and `signature` arguments to ufuncs only select"
        warnings.filterwarnings("ignore", swapped, DeprecationWarning)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                outcome, message = call(), "none"
        except (ValueError, TypeError) as error:
            outcome, message = None, str(error)
    assert message.strip()
    assert bits(given) == before
    for warning in caught:
        assert is_allowed(warning), str(warning)
    return outcome


def assert_sound(net):
    """Assert that every number of a fitted net is finite."""
    arrays = net.coefs_ + net.intercepts_ + net.init_coefs_ + net.init_intercepts_
    for numbers in [*arrays, net.loss_curve_, net.validation_scores_]:
        assert np.isfinite(numbers).all()
    # Validation rows have no loss if no training row is of any of their classes.
    losses = net.validation_loss_curve_
    assert np.isfinite(losses).all() or np.isnan(losses).all()
    assert net.loss_ == net.loss_curve_[-1]


def assert_sound_predictions(net, X):
    """Assert that probabilities sum to one, and that all methods agree."""
    P, logs = net.predict_proba(X), net.predict_log_proba(X)
    Z = net.decision_function(X)
    assert P.shape == logs.shape == (len(Z), len(net.classes_))
    for numbers in (P, logs, Z):
        assert np.isfinite(numbers).all()
    assert ((P >= 0) & (P <= 1)).all()
    eps = np.finfo(P.dtype).eps
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=10 * eps)
    np.testing.assert_allclose(np.exp(logs), P, rtol=1000 * eps, atol=eps)
    codes = Z.argmax(axis=1) if Z.ndim == 2 else (Z > 0).astype(int)
    np.testing.assert_array_equal(net.predict(X), net.classes_[codes])


def attack(net, method, given):
    """Call ``fit`` or ``partial_fit``; return whether it gives a net, a sound one."""
    before = bits(vars(net))
    fitted = outcome_of(
        lambda: getattr(net, method)(**given), {**given, **net.get_params()}
    )
    if fitted is None:
        assert bits(vars(net)) == before
        return False
    assert fitted is net
    assert_sound(net)
    X = given["X"]
    assert outcome_of(lambda: assert_sound_predictions(net, X) or True, {"X": X})
    return True


# Attacks

GOOD_X = np.random.RandomState(0).standard_normal((12, 2))
GOOD_Y = np.arange(12) % 2


@share_of_examples(1.0)
@given(parameters(), samples())
def test_a_fit_of_anything_is_sound_or_an_error(params, given):
    attack(ShallowNetClassifier(**params), "fit", given)


@share_of_examples(0.3)
@given(parameters_of_choice(), samples())
def test_a_choice_on_anything_is_sound_or_an_error(params, given):
    net = ShallowNetClassifierCV(**params)
    if attack(net, "fit", given):
        assert 0.01 <= net.temperature_ <= 100
        assert not np.isposinf(net.scores_).any()
        assert np.isfinite(net.oof_decision_function_).any()


@share_of_examples(0.3)
@given(st.data(), sound_parameters(), samples(LABELS[0]))
def test_anything_may_be_given_as_validation_data(data, params, held_out):
    """Validation data of any kind give a sound net or an error."""
    d = data.draw(mostly(st.just(n_columns_of(held_out["X"])), st.integers(1, 5)))
    X = np.random.RandomState(0).standard_normal((12, d))
    held_out = {f"{name}_val": value for name, value in held_out.items()}
    given = {"X": X, "y": np.arange(12) % 3, **held_out}
    attack(ShallowNetClassifier(**params), "fit", given)


@share_of_examples(0.3)
@given(st.data(), parameters())
def test_passes_over_anything_are_sound_or_an_error(data, params):
    """A pass that fails changes nothing, and later passes go on from there."""
    usual = {"early_stopping": False, "n_init": 1, "class_weight": None}
    params |= data.draw(mostly(st.just(usual), st.just({})))
    net, kinds = ShallowNetClassifier(**params), data.draw(st.sampled_from(LABELS))
    if not hasattr(net, "partial_fit"):
        return
    some = mostly(st.just(kinds), st.sampled_from([None, kinds[:1], kinds[:2], 3]))
    for part in data.draw(st.lists(samples(kinds), min_size=1, max_size=3)):
        attack(net, "partial_fit", {**part, "classes": data.draw(some)})


@share_of_examples(0.3)
@given(sound_parameters(), rows(), rows(), seeds)
def test_predictions_of_anything_are_sound_or_an_error(params, X, others, seed):
    """Rows unlike those of training get sound predictions or an error."""
    codes = np.random.RandomState(seed).randint(3, size=n_rows_of(X))
    net = ShallowNetClassifier(**params)
    if attack(net, "fit", {"X": X, "y": codes}):
        X = others
        outcome_of(lambda: assert_sound_predictions(net, others), {"X": X})


@pytest.mark.parametrize("name", sorted(ShallowNetClassifier._parameter_constraints))
@every_solver
def test_a_parameter_of_any_value_is_sound_or_an_error(name, solver):
    sound = {"n_hidden": 4, "solver": solver, "max_iter": 2, "random_state": 0}
    for value in all_attacked_values(name):
        net = ShallowNetClassifier(**{**sound, name: value})
        attack(net, "fit", {"X": GOOD_X, "y": GOOD_Y})


@share_of_examples(0.1)
@given(st.data(), sound_parameters(), samples())
def test_a_search_in_lockstep_over_anything_is_as_a_plain_one(data, params, given):
    """What a search finds is sound, whichever of its candidates fail."""
    params |= {"class_weight": None, "validation_fraction": 0.4}
    names = ["init", "init_scale", "learning_rate_init", "alpha", "n_hidden", "tol"]
    name = data.draw(st.sampled_from([*names, "momentum", "n_init", "batch_size"]))
    values = data.draw(st.lists(attacked_values(name), min_size=1, max_size=4))
    error_score = data.draw(st.sampled_from([np.nan, "raise"]))
    searches = []
    for Search in (GridSearchCV, LockstepGridSearchCV):
        net = ShallowNetClassifier(**params)
        before = bits(vars(net))
        search = Search(net, {name: values}, cv=KFold(2), error_score=error_score)
        attempt = {**given, "params": params, name: values}
        fit = partial(search.fit, **given)
        searches.append(outcome_of(fit, attempt, is_of_a_search))
        assert bits(vars(net)) == before
        assert (searches[-1] is None) != hasattr(search, "cv_results_")
    if None in searches:
        assert searches == [None, None]
    else:
        assert_sound(search.best_estimator_)
        assert_sound_predictions(search, given["X"])
        assert_same_search(*searches, given["X"])


# Defects that attacks have found


def small_net(**params):
    defaults = {"n_hidden": 4, "max_iter": 1, "tol": None, "random_state": 0}
    return ShallowNetClassifier(**{**defaults, **params})


@pytest.mark.parametrize("Search", [GridSearchCV, LockstepGridSearchCV])
def test_a_label_beyond_integers_among_those_that_are_scored(Search):
    """The half without the label is trained on, and the other half is scored."""
    y = np.where(np.arange(12) == 3, 1e300, GOOD_Y)
    search = Search(small_net(), {"alpha": [0, 1.0]}, cv=KFold(2), refit=False)
    fit = partial(search.fit, GOOD_X, y)
    assert outcome_of(fit, {"X": GOOD_X, "y": y}, is_of_a_search) is search
    assert np.isnan(search.cv_results_["mean_test_score"]).all()


def test_a_class_of_hardly_any_weight_gives_no_warning():
    weight = np.where(GOOD_Y, 1e-300, 1e300)
    assert np.isfinite(small_net().fit(GOOD_X, GOOD_Y, weight).loss_)
    net = small_net(class_weight="balanced", alpha=0.0)
    lopsided = net.fit(GOOD_X, GOOD_Y, np.where(GOOD_Y, 5e-324, 1.0)).coefs_[0]
    np.testing.assert_array_equal(lopsided, net.fit(GOOD_X, GOOD_Y).coefs_[0])


def test_a_batch_size_beyond_floats_is_clipped():
    with pytest.warns(UserWarning, match=r"batch_size=10{400} is larger"):
        clipped = small_net(solver="sgd", batch_size=10**400).fit(GOOD_X, GOOD_Y)
    with pytest.warns(UserWarning, match="batch_size=500 is larger"):
        expected = small_net(solver="sgd", batch_size=500).fit(GOOD_X, GOOD_Y)
    np.testing.assert_array_equal(clipped.coefs_[0], expected.coefs_[0])


def test_rows_whose_sum_overflows_either_way_are_looked_at_without_a_warning():
    X = np.float32(1e38) * np.array([[3, -3], [-3, 3], [3, 3], [-3, -3]] * 3)
    for n_features in (1, 2):
        for column in (X[:, :n_features], -X[:, :n_features]):
            rows = column[np.argsort(column[:, 0])].astype(np.float32)
            with pytest.raises(ValueError, match="training diverged"):
                small_net(activation="relu", max_iter=5).fit(rows, GOOD_Y)


@pytest.mark.parametrize("as_given", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_last_update_that_overflows_is_a_divergence(as_given, method):
    """The last update leaves finite weights, whose predictions overflow."""
    X = as_given(1e150 * GOOD_X)
    diverging = small_net(solver="gd", learning_rate_init=1.0, alpha=1.0)
    diverging.set_params(activation="relu", init_scale=10.0)
    more = {"classes": [0, 1]} if method == "partial_fit" else {}
    with raises_and_leaves_alone(diverging, ValueError, "training diverged"):
        getattr(diverging, method)(X, GOOD_Y, **more)


@pytest.mark.parametrize("as_given", [np.asarray, sparse.csr_matrix])
def test_a_row_whose_norm_overflows_counts_for_nothing_without_weight(as_given):
    X, weight = GOOD_X.copy(), np.ones(12)
    X[3], weight[3] = 1e200, 0
    net = small_net(max_iter=20)
    coefs = net.fit(as_given(X), GOOD_Y, weight).coefs_
    kept = weight > 0
    expected = net.fit(as_given(GOOD_X[kept]), GOOD_Y[kept]).coefs_
    for with_row, without in zip(coefs, expected, strict=True):
        np.testing.assert_allclose(with_row, without, rtol=1e-9)


@every_solver
@pytest.mark.parametrize("early_stopping", [False, True])
def test_penalties_or_validation_rows_that_overflow_diverge(solver, early_stopping):
    X_val, said = np.sign(GOOD_X) * 1.7e308, r"training diverged.*unscaled features"
    net = small_net(solver=solver, activation="relu", init_scale=1.0, max_iter=3)
    net.set_params(early_stopping=early_stopping)
    with pytest.raises(ValueError, match=said):
        net.fit(GOOD_X, GOOD_Y, X_val=X_val, y_val=GOOD_Y)
    with pytest.raises(ValueError, match=said):
        small_net(solver=solver, max_iter=5).fit(1e200 * GOOD_X, GOOD_Y)
    X = (1e25 * GOOD_X).astype(np.float32)  # of which the penalty does not overflow
    assert outcome_of(lambda: assert_sound(net.fit(X, GOOD_Y)) or True, {"X": X})
    assert np.isfinite(net._used["alpha"])


@either_precision
@pytest.mark.parametrize(
    ("W2", "expected"),
    [([[1.0]], [[0, 1]]), ([[-1.0]], [[1, 0]]), ([[1.0, -1.0, -1.0]], [[1, 0, 0]])],
)
def test_an_infinite_logit_is_certainty(W2, expected, dtype):
    init = [np.full((2, 1), 4.0), W2], [[0], np.zeros(len(W2[0]))]
    net = small_net(n_hidden=1, init=init, activation="identity", solver="gd")
    net.set_params(learning_rate_init=1e-30)
    net.fit(GOOD_X.astype(dtype), np.arange(12) % len(expected[0]))
    rows = np.full((1, 2), np.finfo(dtype).max / 2, dtype)
    assert_sound_predictions(net, rows)
    np.testing.assert_array_equal(net.predict_proba(rows), expected)


@either_precision
def test_rows_with_infinities_of_either_sign_are_named(dtype):
    init = [np.full((2, 2), 4.0), [[1], [-1]]], [[0, 0], [0]]
    net = small_net(n_hidden=2, init=init, activation="identity", solver="gd")
    net.fit(GOOD_X.astype(dtype), GOOD_Y)
    rows = np.full((1, 2), np.finfo(dtype).max / 2, dtype)
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(ValueError, match="X: the logits of some rows overflow"):
            getattr(net, method)(rows)
