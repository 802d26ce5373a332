"""A cross-validated net works with scikit-learn's tools, and gives advice of its own.

How it is chosen and averaged is stated in ``test_cross_validation``.
"""

import re
import warnings

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from nets import assert_same_net, ignored, raises_and_leaves_alone
from numpy.testing import assert_array_equal
from searches import (
    ALPHAS,
    GROUPS,
    KINDS_OF_LABELS,
    NAMES,
    THREE,
    WEIGHT,
    D,
    X,
    Y,
    chosen,
    compare,
    net,
    prefixed,
    scaled,
)
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning, UndefinedMetricWarning
from sklearn.metrics import get_scorer, make_scorer, roc_auc_score
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut
from sklearn.preprocessing import StandardScaler
from watching import Diary, needs_callbacks

from skshallow import ShallowNetClassifierCV
from skshallow._advice.advice import get_on, make_units_differ
from skshallow.diagnostics import diagnose
from skshallow.exceptions import (
    ConstantPredictionsWarning,
    PenaltyWarning,
    SymmetryWarning,
)

# Nets that are hardly trained deserve these warnings, which no test here is about.
pytestmark = ignored("ConstantPredictions", "LinearPlateau")

# Rows and labels


def mean_of_first(net, X, y):
    """A scorer that looks up a column by its name."""
    return X["column 0"].mean() + net.alpha


ROWS = {
    "pandas": pd.DataFrame(X, columns=NAMES, index=range(100, 147)),
    "polars": pl.DataFrame(X, schema=NAMES),
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("scoring", ["neg_log_loss", "roc_auc", mean_of_first])
def test_frames_keep_their_names(rows, scoring):
    """A scorer is given rows of the user's frame, with the names of their columns."""
    model = chosen(scoring=scoring).fit(rows, Y)
    names = getattr(net().fit(rows, Y), "feature_names_in_", [])  # if it is known
    assert [*getattr(model, "feature_names_in_", [])] == [*names]
    assert model.predict_proba(rows).shape == (47, 2)
    if isinstance(scoring, str):
        plain = chosen(scoring=scoring).fit(X, Y)
        assert_same_net(model, plain, without={"feature_names_in_"})


@pytest.mark.parametrize("y", KINDS_OF_LABELS.values(), ids=KINDS_OF_LABELS)
@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy"])
def test_labels_may_be_of_every_kind(y, scoring):
    plain = chosen(scoring=scoring).fit(X, Y)
    model = chosen(scoring=scoring).fit(X.tolist(), y)
    assert_same_net(model, plain, without={"classes_"})
    assert_array_equal(model.predict(X), np.unique(y)[plain.predict(X)])


# Metadata


def test_metadata_go_where_they_are_asked_for():
    """Groups go to the splitter, weights to a scorer that asks for them."""
    cv = GroupKFold(3)
    fits = {
        name: chosen(cv=cv, scoring=scoring).fit(X, Y, WEIGHT, groups=GROUPS)
        for name, scoring in {
            "default": "neg_log_loss",
            True: "roc_auc",
            False: lambda net, X, y: get_scorer("roc_auc")(net, X, y),
        }.items()
    }
    with config_context(enable_metadata_routing=True):
        given = {"sample_weight": WEIGHT, "groups": GROUPS}
        assert_same_net(chosen(cv=cv).fit(X, Y, **given), fits["default"])
        for asks in (True, False):
            auc = make_scorer(roc_auc_score, response_method="decision_function")
            model = chosen(cv=cv, scoring=auc.set_score_request(sample_weight=asks))
            assert_same_net(model.fit(X, Y, **given), fits[asks])
        with pytest.raises(TypeError, match="groups"):
            chosen(cv=KFold(3)).fit(X, Y, groups=GROUPS)


def test_metadata_go_through_a_pipeline():
    alone = chosen(cv=LeaveOneGroupOut()).fit(X, Y, WEIGHT, groups=GROUPS)
    given = {"net__groups": GROUPS, "net__sample_weight": WEIGHT}
    scaler = StandardScaler(with_mean=False, with_std=False)
    through = scaled(chosen(cv=LeaveOneGroupOut()))
    through.set_params(scale=scaler).fit(X, Y, **given)
    assert_same_net(through[-1], alone)
    with config_context(enable_metadata_routing=True):
        asking = chosen(cv=LeaveOneGroupOut()).set_fit_request(sample_weight=True)
        scaler.set_fit_request(sample_weight=False)
        through = scaled(asking).set_params(scale=scaler)
        through.fit(X, Y, sample_weight=WEIGHT, groups=GROUPS)
        assert_same_net(through[-1], alone)


# Searches and models around it


def test_its_other_parameters_can_be_searched():
    """A search in lock-step leaves cross-validated nets to ordinary fits."""
    compare(chosen(), {"n_hidden": [2, 3], "class_weight": [None, "balanced"]})
    grid = prefixed({"n_hidden": [2, 3]})
    search, _ = compare(scaled(chosen()), grid, X, THREE, n_jobs=2)
    assert search.best_estimator_[-1].scores_.shape == (3, 3)


# Advice and progress


@ignored("Symmetry")
@pytest.mark.parametrize("scale", [0, 0.5, (0.5, 1.0), np.array([0.5, 1.0]), "auto"])
def test_a_diagnosis_names_the_start_that_was_chosen(scale):
    model = chosen(init_scales=[scale], activation="logistic", max_iter=30).fit(X, Y)
    measured = diagnose(model, X, Y).measurements
    assert measured.is_auto_start == isinstance(scale, str)
    assert ("init_scale" in measured.init) == (not isinstance(scale, str))
    assert measured.n_hidden == 9
    assert measured.alpha == pytest.approx(model.alpha_)


def test_units_are_identical_within_a_net_only():
    """Units of the nets of different folds are not called identical.

    The nets begin at one start, where a unit that no row activates stays.
    """
    start = [np.array([[5.0, 1, 1], [0, 1, 2], [0, 0, 1], [0, 0, 0]]), np.ones((3, 1))]
    init = start, [np.array([-1e6, 0.0, 0.0]), np.zeros(1)]
    model = chosen(init=init, activation="relu", max_iter=30, alphas=[0.0]).fit(X, Y)
    assert len(np.unique(model.coefs_[0][0])) == 7  # one of them three times
    measured = diagnose(model, X, Y).measurements
    assert (measured.n_distinct, measured.n_distinct_start) == (9, 9)
    with pytest.warns(SymmetryWarning, match="only 3 of 9 hidden units differ"):
        chosen(init="zeros", activation="logistic").fit(X, Y)


def test_a_penalty_is_too_strong_only_if_no_weaker_one_was_tried():
    said = "alpha=1e.* times the default of a single net, and.*. Lower alphas, or"
    with pytest.warns(PenaltyWarning, match=said):
        strong = chosen(alphas=[1e5, 1e6], max_iter=60).fit(X, Y)
    assert strong.alpha_ == 1e5
    assert diagnose(strong, X, Y).findings[0].name == "penalty too strong"
    by_chance = np.random.RandomState(1).randint(2, size=47)
    model = chosen(alphas=[0.01, 1e5], max_iter=60).fit(X, by_chance)
    assert model.alpha_ == 1e5


@ignored("Convergence")
def test_a_penalty_of_the_measured_range_is_never_too_strong():
    """The rule holds even if one fold lacks the row that makes the range so high."""
    by_chance = np.random.RandomState(1).randint(2, size=48)
    rows = np.vstack([1e3 * np.ones((1, D)), X])
    cv = [(np.arange(1, 48), [0]), (np.arange(40), np.arange(40, 48))]
    model = chosen(alphas="auto", cv=cv, max_iter=60)
    model.set_params(scoring=lambda net, X, y: -net.alpha).fit(rows, by_chance)
    assert model._used["alpha"] > 3 * model._used["auto_alpha"]
    names = [finding.name for finding in diagnose(model, rows, by_chance).findings]
    assert "penalty too strong" not in names


def rare_class(signal, seed=0):
    """Rows, and labels: one in twenty is 1, and lies further along the first column."""
    rng = np.random.RandomState(seed)
    y = (np.arange(400) % 20 == 0).astype(int)
    return rng.standard_normal((400, 4)) + signal * np.eye(4)[0] * y[:, None], y


@pytest.mark.filterwarnings("error::skshallow.exceptions.ConstantPredictionsWarning")
def test_a_net_that_knows_a_rare_class_is_not_constant():
    """The net's probabilities rank the rows well, although none is above a half."""
    rows, y = rare_class(1.5)
    model = ShallowNetClassifierCV(random_state=0, alphas=[30.0]).fit(rows, y)
    assert not model.predict(rows).any()
    assert roc_auc_score(y, model.oof_decision_function_) > 0.7
    (finding,) = diagnose(model, rows, y).findings
    assert finding.name == "class imbalance"


def test_a_net_that_has_shrunk_to_nothing_knows_no_class():
    """The net is warned of although what is left of its weights ranks the rows."""
    rows, y = rare_class(3)
    with pytest.warns(PenaltyWarning, match="outweighs the data"):
        model = ShallowNetClassifierCV(random_state=0, alphas=[300.0]).fit(rows, y)
    assert roc_auc_score(y, model.oof_decision_function_) > 0.9


@pytest.mark.filterwarnings("default::skshallow.exceptions.ConstantPredictionsWarning")
@ignored("Convergence")
@pytest.mark.parametrize("class_weight", [None, {0: 1}])
def test_a_net_that_does_not_know_it_is_constant(class_weight):
    rows, y = rare_class(0)
    model = ShallowNetClassifierCV(class_weight=class_weight, random_state=0, tol=None)
    with pytest.warns(ConstantPredictionsWarning, match="judge by recall") as caught:
        model.fit(rows, y)
    known = "class_weight" if class_weight else "init='randn'"
    assert not any(known in str(w.message) for w in caught)


PLATEAU = {"alphas": [0.1], "init_scales": [1e-4], "max_iter": 10, "tol": 1e-3}
AUTO_START = {"init_scales": "auto"}
NO_ALPHA = {"learning_rate_init": "auto", "alphas": [0.0]}
ADVICE = [
    ({}, "init_scales='auto', learning_rate_init='auto', lower alphas, more n"),
    (NO_ALPHA, "Try max_iter='auto', init='randn' with init_scales='auto', more n_"),
    (AUTO_START, "Try max_iter='auto', learning_rate_init='auto', lower alphas, more"),
    ({**NO_ALPHA, "init": "zeros"}, "init='randn' with init_scales='auto'"),
]


@pytest.mark.parametrize(("params", "said"), ADVICE)
def test_advice_names_the_parameters_that_it_has_and_that_are_not_so_yet(params, said):
    own = {"activation": "tanh", "solver": "gd", "learning_rate_init": 1e-6, **PLATEAU}
    with warnings.catch_warnings(record=True, action="always") as caught:
        model = chosen(**{**own, **params}).fit(X, Y)
    messages = [str(warning.message) for warning in caught]
    assert any(said in message for message in messages)
    messages += [finding.sentence for finding in diagnose(model, X, Y).findings]
    for lacking in ("init_scale='auto'", "alpha='auto'", "lower alpha,"):
        assert not any(lacking in message for message in messages)


def barely(rng, shape):
    return 1e-9 * rng.standard_normal(shape)


def test_no_weaker_penalty_is_advised_where_one_scored_worse():
    model = chosen(**{**PLATEAU, **AUTO_START}, solver="lbfgs", init=barely)
    model.set_params(alphas=[0.01, 1.0], scoring=lambda net, X, y: net.alpha)
    with pytest.warns(ConvergenceWarning, match="tol=None, more n_hidden, n_init"):
        model.fit(X, Y)
    measured = diagnose(model, X, Y).measurements
    assert "alpha" not in get_on(measured)
    assert make_units_differ(measured) == "Lower n_hidden."


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_verbose_prints_a_line_for_every_fold(capsys, n_jobs):
    """A line has the number of the fold, its scores, the time gone and that left."""
    chosen().fit(X, Y)
    assert capsys.readouterr().out == ""
    model = chosen(verbose=True, n_jobs=n_jobs).fit(X, Y)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "Fitting 3 folds for each of 3 candidates, totalling 9 fits"
    # Workers may be slow to start.
    lines = [line for line in lines if not line.startswith("Waiting for fold")]
    for k, (line, scores) in enumerate(zip(lines, model.scores_, strict=True), 1):
        of_values = [
            f"{score:.4f} with alpha={a:.3g}"
            for a, score in zip(ALPHAS, scores, strict=True)
        ]
        assert line.startswith(f"Fold {k}/3: {', '.join(of_values)}, ")
        assert re.search(r"\d\.\d s gone(, about \d+ s left)?$", line)


def test_verbose_names_starts_if_there_are_several(capsys):
    chosen(verbose=True, init_scales=[0.5, 1.0]).fit(X, Y)
    assert "with alpha=0.01 and init_scale=0.5, " in capsys.readouterr().out


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_callbacks_hear_of_every_fold(n_jobs):
    """Callbacks are called for every fold, and cannot stop its training."""
    diary = Diary(stop_after=1)
    model = chosen(n_jobs=n_jobs).set_callbacks(diary).fit(X, Y)
    folds = ["begin fold", "end fold"] * 3
    expected = ["setup", "begin fit", *folds, "end fit", "teardown"]
    assert diary.calls == expected
    assert_same_net(model, chosen().fit(X, Y))


@needs_callbacks
@pytest.mark.filterwarnings("ignore:.*limit unnecessary computation:UserWarning")
@pytest.mark.parametrize(("n_jobs", "moments"), [(None, range(1, 10)), (2, [4, 9])])
def test_a_callback_that_fails_changes_nothing(n_jobs, moments):
    for fail_at in moments:
        model = chosen(n_jobs=n_jobs).fit(X[:, :2], THREE)
        model.set_callbacks(Diary(fail_at=fail_at))
        before = fitted_attributes(model)
        with pytest.raises(RuntimeError):
            model.fit(X, Y)
        assert fitted_attributes(model) == before


def fitted_attributes(model):
    return joblib.hash({k: v for k, v in vars(model).items() if k.endswith("_")})


# Errors


WRONG = [
    *[{"alphas": a} for a in ([], [-1], ["x"], [[1, 2]], [[1], [2, 3]], [np.nan])],
    *[{"alphas": a} for a in ("x", 1.0, None, [10**400], [np.inf], [None], [1j], {})],
    *[{"init_scales": s} for s in ([], [-1], ["x"], [(1, 2, 3)], "x", 1.0, None, [[]])],
    *[{"cv": cv} for cv in (1, 0, [], "x", 2.5, [([0, 1], [99])])],
    *[{"scoring": s} for s in ("nothing", 1, ["accuracy"])],
    *[{"n_jobs": n} for n in (1.5, "all")],
]


@pytest.mark.parametrize("params", WRONG, ids=str)
def test_an_error_names_the_parameter_and_its_value(params):
    ((name, value),) = params.items()
    model = chosen().fit(X, Y).set_params(**params)
    with raises_and_leaves_alone(model, match=name) as caught:
        model.fit(X, Y)
    assert repr(value) in str(caught.value)


def test_what_fit_is_not_made_for_is_named():
    with pytest.raises(TypeError, match=r"fit got \['X_val', 'colour'\].*groups"):
        chosen().fit(X, Y, X_val=X, colour="red")
    with pytest.raises(ValueError, match="groups"):
        chosen(cv=GroupKFold(3)).fit(X, Y)


RARE = np.where(np.arange(len(X)) % 16 < 1, 7, np.arange(len(X)) % 3)


@pytest.mark.parametrize("scoring", ["roc_auc_ovr", "roc_auc_ovo", "average_precision"])
def test_a_fold_without_a_class_that_the_scoring_needs_does_not_count(scoring):
    folds = [*KFold(5).split(X)]
    with pytest.warns(UndefinedMetricWarning, match="is nan on folds whose rows lack"):
        model = chosen(scoring=scoring, cv=folds).fit(X, RARE)
    is_whole = [len(np.unique(RARE[test])) == 4 for _, test in folds]
    assert_array_equal(np.isfinite(model.scores_).all(axis=1), is_whole)
    assert_array_equal(np.isnan(model.scores_).any(axis=1), np.logical_not(is_whole))


@pytest.mark.parametrize(
    ("scoring", "y"),
    [("f1", np.where(Y, "b", "a")), ("roc_auc", np.arange(len(X)) % 3)],
)
def test_a_scoring_that_is_for_other_classes_is_named(scoring, y):
    expected = rf"scoring=make_scorer.{scoring}.* classes .*neg_log_loss"
    with pytest.raises(ValueError, match=expected):
        chosen(scoring=scoring).fit(X, y)
