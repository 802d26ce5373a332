"""A fit that fails in a plain search fails in one in lock-step, and no other fit does.

Failing candidates score ``error_score`` and are counted in scikit-learn's own warning.
Warnings of single nets are gathered into one a search. A search that fails as a whole
is as it was before.
"""

import re

import numpy as np
import pytest
from nets import either_precision
from searches import (
    SCALES,
    WEIGHT,
    N,
    X,
    Y,
    atoms,
    compare,
    convergence_warnings,
    fingerprint,
    net,
    outcome_of,
    pair,
    prefixed,
    said,
    scaled,
)
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

FAR = 1e3 * X + 500  # unscaled
DIVERGING = {"learning_rate_init": [0.05, 1e200, 0.01], "alpha": [0.5, 1.0]}
ITERATIVE = ["gd", "sgd", "adam"]


def scores(search, name="accuracy"):
    return search.cv_results_[f"mean_test_{name}"]


@pytest.mark.parametrize("solver", ITERATIVE)
@either_precision
def test_a_candidate_that_diverges_changes_no_other(solver, dtype):
    estimator = net(solver=solver, max_iter=12)
    search, caught = compare(estimator, DIVERGING, FAR.astype(dtype))
    diverging = search.cv_results_["param_learning_rate_init"] == 1e200
    np.testing.assert_array_equal(np.isnan(scores(search)), diverging)
    assert sum(w.category is FitFailedWarning for w in caught) == 1
    sane = DIVERGING | {"learning_rate_init": [0.05, 0.01]}
    alone, _ = compare(estimator, sane, FAR.astype(dtype))
    for name in ("everything", "loss"):
        of_others = scores(search, name)[~diverging]
        np.testing.assert_array_equal(of_others, scores(alone, name))


def test_a_candidate_that_diverges_on_one_split_only():
    """The candidate takes large steps, and one split trains on a row far away."""
    rows = X.copy()
    rows[0] *= 1e160
    grid = {"learning_rate_init": [0.05, 1e160], "random_state": [0, 1]}
    search, _ = compare(net(solver="gd", activation="relu"), grid, rows)
    failed = [np.isnan(search.cv_results_[f"split{k}_test_loss"]) for k in (0, 1)]
    assert failed[0].sum() != failed[1].sum()


def test_a_start_of_several_that_diverges():
    estimator = net(solver="gd", n_init=3, activation="identity", alpha=0.0)
    grid = {"init_scale": [1.0, 1e154, 1e300], "random_state": [0, 1]}
    compare(estimator, grid, FAR)


ERROR_SCORES = [np.nan, -1.0, 0, "raise"]


@pytest.mark.parametrize("error_score", ERROR_SCORES)
@pytest.mark.parametrize("scoring", [fingerprint, None, ["accuracy", "roc_auc"]])
def test_error_scores(error_score, scoring):
    options = {"scoring": scoring, "refit": scoring is None or "accuracy"}
    options |= {"error_score": error_score, "return_train_score": True}
    options["raises"] = ValueError if error_score == "raise" else None
    compare(net(), DIVERGING, FAR, **options)
    compare(scaled(net()), prefixed({"alpha": [1.0, -1.0]}), **options)


def test_all_fits_fail():
    compare(net(solver="gd"), {"learning_rate_init": [1e200]}, FAR, raises=ValueError)
    compare(net(), {"alpha": [-1.0, -2.0]}, raises=ValueError)
    compare(net(n_hidden=0), SCALES, raises=ValueError)


def too_few(rng, shape):
    return np.zeros(shape)[:-1]


def refusing(rng, shape):
    raise OSError("no start today")


INVALID = {
    "alpha": [1.0, -1.0, "much", np.nan],
    "n_hidden": [3, 0, 2.5, "many"],
    "activation": ["tanh", "sine"],
    "solver": ["adam", "newton"],
    "init": ["randn", "nonsense", too_few, refusing, 7],
    "init_scale": [1.0, -1.0, "big", (1.0, 2.0, 3.0)],
    "n_init": [1, 0],
    "learning_rate_init": [0.05, 0, "fast"],
    "momentum": [0.5, 1.5],
    "batch_size": [8, 0, "all"],
    "max_iter": [3, 0, 10**400],
    "tol": [None, -1.0],
    "n_iter_no_change": [3, 0],
    "early_stopping": [False, "maybe"],
    "validation_fraction": [0.2, 0.01, 1.5],
    "class_weight": [None, {5: 1.0}, "fair", {0: -1.0, 1: 1.0}],
    "random_state": [0, "seed", -1],
    "warm_start": [False, "sometimes"],
    "verbose": [0, -1],
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_values_among_valid_ones(name):
    grid = {name: INVALID[name], "shuffle": [True, False]}
    search, caught = compare(net(early_stopping=name == "validation_fraction"), grid)
    assert np.isfinite(scores(search)).any()
    assert np.isnan(scores(search)).any()
    assert sum(w.category is FitFailedWarning for w in caught) == 1


def test_invalid_values_behind_a_scaler():
    grid = {"alpha": [1.0, -1.0], "init": ["randn", refusing], "n_hidden": [3, 0]}
    compare(scaled(net()), prefixed(grid))


@pytest.mark.parametrize("name", ["beta", "net__alpha", "alpha__beta"])
def test_a_parameter_that_does_not_exist(name):
    grid, raises = {name: [1.0, 2.0]}, (ValueError, AttributeError)
    compare(net(), grid, raises=raises)
    compare(scaled(net()), prefixed(SCALES | grid), raises=raises)


def test_a_fold_of_one_class():
    """All fits on such a fold fail, and those on the others do not."""
    splits = [(np.flatnonzero(Y), np.arange(N)), (np.arange(30), np.arange(30, N))]
    compare(net(), SCALES, cv=splits)
    compare(scaled(net()), prefixed(SCALES), cv=splits)


def test_a_fold_that_weighs_nothing():
    weight = np.where(np.arange(N) < 23, 0.0, WEIGHT + 0.1)
    splits = [(np.arange(20), np.arange(20, N)), (np.arange(20, N), np.arange(20))]
    compare(net(), SCALES, cv=splits, fit_params={"sample_weight": weight})


BAD_FIT_PARAMS = {
    "negative weights": {"sample_weight": -WEIGHT},
    "too few weights": {"sample_weight": WEIGHT[:-1]},
    "labels of another type": {"X_val": X[:5], "y_val": [*"abcde"]},
    "missing labels": {"X_val": X[:5], "y_val": [0, 1, None, 0, 1]},
    "too few columns": {"X_val": X[:5, :2], "y_val": Y[:5]},
    "no labels": {"X_val": X[:5]},
    "unknown names": {"weights": WEIGHT},
}
BAD_ROWS = {
    "nan": np.where(np.arange(N)[:, None] == 3, np.nan, X),
    "too few": X[:-1],
    "words": np.full(X.shape, "word"),
    "flat": X[:, 0],
}


@pytest.mark.parametrize("fit_params", BAD_FIT_PARAMS.values(), ids=BAD_FIT_PARAMS)
def test_bad_fit_params(fit_params):
    compare(net(), SCALES, fit_params=fit_params, raises=(ValueError, TypeError))


@pytest.mark.parametrize("cv", [2, StratifiedKFold(2)])
@pytest.mark.parametrize("missing", [None, np.nan])
def test_missing_labels_are_named_as_by_the_net(missing, cv):
    labels = np.array(["no", "yes"], dtype=object)[Y]
    labels[3] = missing
    with pytest.raises(ValueError, match=f"^y has missing .* 1 of {N}.*position 3"):
        pair(scaled(net()), prefixed(SCALES), cv=cv)[1].fit(X, labels)
    raises = TypeError, ValueError
    compare(LogisticRegression(), {"C": [1.0]}, y=labels, cv=cv, raises=raises)


@pytest.mark.parametrize("y_val", [[0, 1, 2, 3, 4], [7, 7, 7, 7, 8]])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_validation_rows_of_unknown_classes(early_stopping, y_val):
    estimator = net().set_params(early_stopping=early_stopping)
    compare(estimator, SCALES, fit_params={"X_val": X[:5], "y_val": y_val})
    compare(estimator, {"class_weight": [{0: 1, 9: 5}, "balanced"]})


@pytest.mark.parametrize("rows", BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows(rows):
    splits = [(np.arange(9), np.arange(9, 20)), (np.arange(4), np.arange(9))]
    compare(net(), SCALES, rows, cv=splits, raises=(ValueError, TypeError))
    compare(scaled(net()), prefixed(SCALES), rows, raises=(ValueError, TypeError))


def test_one_bad_row():
    """The row is a training row of one split, and a test row of the other."""
    splits = [(np.arange(20), np.arange(20, N)), (np.arange(20, N), np.arange(20))]
    options = {"cv": splits, "scoring": "accuracy", "refit": False}
    compare(net(), SCALES, BAD_ROWS["nan"], **options)


def failing_scorer(estimator, X, y):
    if estimator.get_params()["init_scale"] == 1.0:
        raise ValueError("no score for this")
    return 0.5


@pytest.mark.parametrize("error_score", ERROR_SCORES)
@pytest.mark.parametrize("is_dict", [False, True])
def test_scorers_that_fail(error_score, is_dict):
    scoring = {"bad": failing_scorer, "good": "accuracy"} if is_dict else failing_scorer
    options = {"scoring": scoring, "refit": False, "error_score": error_score}
    options["raises"] = ValueError if error_score == "raise" else None
    compare(net(), SCALES, **options)


# One warning a search


def gathered(estimator, grid, **options):
    """The numbers in the one convergence warning in lock-step, and its text.

    The third value is how many such warnings a plain search gives.
    """
    plain, lockstep = pair(estimator, grid, refit=False, **options)
    singly, jointly = (
        convergence_warnings(outcome_of(search, X, Y, {})[0])
        for search in (plain, lockstep)
    )
    assert len(jointly) == 1
    assert issubclass(jointly[0].category, ConvergenceWarning)
    text = str(jointly[0].message)
    return [int(n) for n in re.findall(r"\b\d+\b", text)], text, len(singly)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_fits_that_have_not_converged(n_jobs):
    grid = prefixed({"tol": [0, None], "alpha": [0.1, 0.2]})
    estimator = scaled(net(init_scale=0.5))
    numbers, text, n_singly = gathered(estimator, grid, n_jobs=n_jobs)
    assert {4, 8} <= set(numbers)  # half of four candidates on two splits
    assert n_singly == 4 or n_jobs == 2
    assert "max_iter" in text


def test_fits_of_several_kinds():
    grid = [{"init_scale": [0, 1.0]}, {"n_init": [3], "init_scale": [1.0]}]
    estimator = net(tol=0)
    numbers, text, n_singly = gathered(estimator, grid)
    assert n_singly == 4
    assert {1, 2, 3, 6} <= set(numbers)  # 3, 2 and 1 of 6 fits
    assert "plateau" in text
    assert "identical" in text


def test_a_refit_may_warn_too():
    """A refit is a fit like any other, of the best candidate on all rows."""
    _, lockstep = pair(net(tol=0), SCALES)
    texts = [str(w.message) for w in convergence_warnings(fitted_warnings(lockstep))]
    assert 1 <= len(texts) <= 2
    assert sum("6" in re.findall(r"\b\d+\b", text) for text in texts) == 1


def fitted_warnings(search):
    return outcome_of(search, X, Y, {})[0]


WARY = {
    "batch_size": {"batch_size": [100, 200]},
    "n_init": {"init": ["zeros"], "n_init": [2, 3]},
}


@pytest.mark.parametrize("name", WARY)
def test_other_warnings_of_single_nets(name):
    """The warnings are given once a search: neither lost nor given for every fit."""
    searches = pair(net(), WARY[name], refit=False)
    singly, jointly = (
        [w for w in fitted_warnings(search) if said(w) is None] for search in searches
    )
    assert sum(name in str(warning.message) for warning in singly) == 4
    assert len(jointly) == 1
    assert jointly[0].category is UserWarning
    assert name in str(jointly[0].message)


@pytest.mark.parametrize("plain", [GridSearchCV, RandomizedSearchCV])
def test_nothing_to_say(plain):
    _, search = pair(net(), SCALES, plain, refit=False)
    assert fitted_warnings(search) == []


def test_the_summary_names_the_caller():
    _, lockstep = pair(net(tol=0), SCALES, refit=False)
    with pytest.warns(ConvergenceWarning) as caught:
        lockstep.fit(X, Y)
    assert [w.filename for w in caught] == [__file__]


# Searches that fail as a whole


def interrupted(*args):
    raise KeyboardInterrupt


FAILURES = {
    "net__init": (interrupted, KeyboardInterrupt),
    "scale__func": (interrupted, KeyboardInterrupt),
    "net__alpha": (-1.0, ValueError),
}


@pytest.mark.parametrize("name", [*FAILURES, "scoring"])
def test_a_search_that_fails_is_as_it_was(name):
    """The search keeps the results of its last fit."""
    estimator = Pipeline([("scale", FunctionTransformer()), ("net", net())])
    _, search = pair(estimator, prefixed(SCALES), scoring=None, refit=True)
    search.set_params(error_score="raise").fit(X, Y)
    value, error = FAILURES.get(name, (interrupted, KeyboardInterrupt))
    search.set_params(**{f"estimator__{name}" if name in FAILURES else name: value})
    before = list(atoms(search))
    with pytest.raises(error):
        search.fit(X, Y)
    assert list(atoms(search)) == before
