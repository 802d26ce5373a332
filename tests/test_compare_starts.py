"""Comparing starts: what is measured, what is chosen, what is said, what is drawn."""

import pickle
import re
from functools import partial
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from nets import ignored
from searches import net, scaled
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GroupKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from test_displays import canvas, flaws, written  # noqa: F401

from skshallow import LockstepGridSearchCV, ShallowNetClassifierCV
from skshallow._search.start_choice import StartFits, choose_start
from skshallow.datasets import make_flower
from skshallow.displays import InitSweepDisplay
from skshallow.sweeps import StartComparison, SweepPoint, compare_starts

X, Y = (rows[::3] for rows in make_flower(random_state=1))
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)
# Models that are fitted by hand here deserve these warnings.
pytestmark = ignored("Symmetry", "Saturation", "ConstantPredictions", "LinearPlateau")


make_net = partial(
    net, 4, solver="gd", learning_rate_init=1.2, max_iter=30, alpha=0, init_scale="auto"
)
FEW = {"init_scales": [0.1, 1, 10], "seeds": [0, 1], "cv": 3}


@pytest.fixture(scope="module")
def comparison():
    return compare_starts(scaled(make_net()), X, Y, iterations_to=0.6, **FEW)


# ---------------------------------------------------------------------------
# What is measured


def fits_by_hand(init, init_scale, seeds, iterations_to):
    """(score, final loss, iterations) of every seed and fold, without a search."""
    for seed in seeds:
        for train, test in FOLDS.split(X, Y):
            net = make_net(init=init, init_scale=init_scale, random_state=seed)
            model = scaled(net).fit(X[train], Y[train])
            curve = np.array(model[-1].loss_curve_)
            reached = np.flatnonzero(curve <= iterations_to)
            n_iter = reached[0] + 1 if len(reached) else np.inf
            yield model.score(X[test], Y[test]), curve[-1], n_iter


def test_a_row_is_what_fits_by_hand_give(comparison):
    frame = comparison.to_frame()
    starts = [("zeros", 0), ("randn", 0.1), ("randn", 1), ("randn", 10)]
    assert list(zip(frame["init"], frame["init_scale"], strict=True)) == starts
    for (init, scale), (_, row) in zip(starts, frame.iterrows(), strict=True):
        fits = list(fits_by_hand(init, scale, [0, 1], 0.6))
        scores, losses, counts = np.array(fits).T
        found = row[["mean_test_score", "std_test_score", "mean_loss", "std_loss"]]
        expected = scores.mean(), scores.std(), losses.mean(), losses.std()
        np.testing.assert_allclose(found.tolist(), expected, rtol=1e-13)
        assert row["min_iterations"] == counts.min()
        assert row["max_iterations"] == counts.max()
        assert row["median_iterations"] == sorted(counts)[(len(counts) - 1) // 2]
        assert (row["n_fits"], row["n_failed"]) == (6, 0)
    assert frame["status"].tolist() == ["plateau", "max_iter", "max_iter", "max_iter"]
    assert np.isinf(frame["median_iterations"][0])
    assert np.isfinite(frame["median_iterations"][2])


def test_iterations_are_counted_only_if_asked_for(comparison):
    plain = compare_starts(scaled(make_net()), X, Y, **FEW)
    assert plain.stated_loss is None
    asked = comparison.to_frame()
    columns = [name for name in asked.columns if "iterations" not in name]
    pd.testing.assert_frame_equal(plain.to_frame(), asked[columns])
    assert "iterations" not in repr(plain)
    assert len(plain.plot()) == 1


def test_half_of_the_way_is_between_the_shares_and_the_lowest_loss():
    few = Y[:100] * (np.arange(100) % 4 == 0)
    options = {**FEW, "init_scales": [0.1, 1], "iterations_to": "auto"}
    found = compare_starts(scaled(make_net()), X[:100], few, **options)
    share = few.mean()
    constant = -share * np.log(share) - (1 - share) * np.log(1 - share)
    lowest = found.to_frame()["mean_loss"].min()
    assert lowest < constant
    assert found.stated_loss == pytest.approx((constant + lowest) / 2, rel=5e-3)


def test_the_model_has_the_chosen_start_the_first_seed_and_all_rows(comparison):
    frame, model = comparison.to_frame(), comparison.model
    (chosen,) = np.flatnonzero(frame["is_chosen"])
    assert comparison.start == (frame["init"][chosen], frame["init_scale"][chosen])
    settings = {"init": "randn", "init_scale": model[-1].init_scale, "random_state": 0}
    expected = scaled(make_net(**settings)).fit(X, Y)
    assert model[-1].init_scale == comparison.start[1]
    assert model[-1].loss_curve_ == expected[-1].loss_curve_
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


def test_baselines_stand_behind_the_same_steps_with_the_same_weights_and_folds():
    noise = 4 * np.random.RandomState(0).standard_normal(len(X))
    few = ((X**2).sum(axis=1) + noise > 12).astype(int)
    steps = PolynomialFeatures(2), StandardScaler()
    options = {"cv": FOLDS, "scoring": "neg_log_loss"}
    weighted = make_pipeline(*steps, make_net(class_weight="balanced"))
    found = compare_starts(weighted, X, few, **{**FEW, **options}).baselines
    linear = LogisticRegression(max_iter=1000, class_weight="balanced")
    models = {
        "most frequent class": DummyClassifier(),
        "logistic regression": make_pipeline(*steps, linear),
    }
    assert [*found] == [*models]
    for name, model in models.items():
        expected = cross_val_score(model, X, few, **options)
        np.testing.assert_allclose(found[name], expected)
    for other in (make_pipeline(*steps, LogisticRegression()), linear):
        scores = cross_val_score(other, X, few, **options)
        assert (scores != found["logistic regression"]).any()


def same(one, other):
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())
    assert repr(one) == repr(other)


def test_jobs_change_nothing(comparison):
    options = {**FEW, "iterations_to": 0.6, "n_jobs": 2}
    same(comparison, compare_starts(scaled(make_net()), X, Y, **options))


def test_a_comparison_can_be_pickled(comparison):
    same(comparison, pickle.loads(pickle.dumps(comparison)))


def test_a_net_in_nested_pipelines_is_compared_as_a_bare_one():
    bare = compare_starts(make_net(), X, Y, **FEW)
    nested = make_pipeline(make_pipeline("passthrough", make_net()))
    same(bare, compare_starts(nested, X, Y, **FEW))


def test_several_classes_and_a_frame_can_be_compared():
    data, labels = load_iris(return_X_y=True, as_frame=True)
    labels = labels.map({0: "a", 1: "b", 2: "c"})
    options = {**FEW, "scoring": "neg_log_loss", "iterations_to": "auto"}
    found = compare_starts(scaled(make_net()), data, labels, **options)
    assert found.model.feature_names_in_.tolist() == list(data.columns)
    assert set(found.model.predict(data)) == {"a", "b", "c"}
    assert (found.to_frame()["mean_test_score"] < 0).all()
    assert "log-loss" in repr(found)
    assert "-0." not in repr(found)


@pytest.mark.parametrize(
    ("cv", "n_fits"),
    [
        (None, 5),
        (2, 2),
        (RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0), 6),
        (ShuffleSplit(1, random_state=0), 1),
        (list(GroupKFold(4).split(X, Y, np.arange(len(X)) % 4)), 4),
    ],
)
def test_splits_may_be_of_any_kind(cv, n_fits):
    options = {**FEW, "cv": cv, "seeds": [0]}
    frame = compare_starts(make_net(), X, Y, **options).to_frame()
    assert (frame["n_fits"] == n_fits).all()


def own_scorer(model, X, y):
    return accuracy_score(y, model.predict(X)) - model[-1].init_coefs_[0].shape[1]


def test_a_scorer_that_asks_for_a_net_has_no_baselines():
    found = compare_starts(scaled(make_net()), X, Y, scoring=own_scorer, **FEW)
    assert found.baselines == {}
    assert (found.to_frame()["mean_test_score"] < -3).all()
    assert "most frequent" not in repr(found)


# scikit-learn 1.7 makes an array of the starts that a search has set.
@pytest.mark.filterwarnings("ignore:Creating an ndarray from ragged nested sequences")
def test_starts_may_be_of_any_kind():
    def twice_uniform(rng, shape):
        return rng.uniform(-2, 2, shape)

    explicit = [np.ones((2, 4)), np.ones((4, 1))], [np.zeros(4), np.zeros(1)]
    inits = ["he", twice_uniform, explicit]
    scales = ["auto", 0, 0.1, (1, 0.1)]
    options = {**FEW, "inits": inits, "init_scales": scales}
    found = compare_starts(make_net(), X, Y, **options)
    frame = found.to_frame()
    names = ["he", "twice_uniform", "explicit weights"]
    assert frame["init"].tolist() == [name for name in names for _ in scales]
    assert frame["init_scale"].tolist() == [1.0, 0.0, 0.1, "(1,\n0.1)"] * 3
    assert found.start[1] != 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": LogisticRegression()}, "ends in LogisticRegression"),
        ({"estimator": make_pipeline(StandardScaler())}, "ends in StandardScaler"),
        ({"estimator": ShallowNetClassifierCV(4)}, "chooses its start itself: give it"),
        ({"iterations_to": "half"}, "'iterations_to'.* Got 'half'"),
        ({"iterations_to": -1}, "'iterations_to' .* Got -1"),
        ({"scoring": ["accuracy", "roc_auc"]}, r"'scoring'.* Got \['accuracy', 'roc"),
        ({"init_scales": "auto"}, "'init_scales' .* Got 'auto'"),
        ({"seeds": 3}, "'seeds' .* an array-like. Got 3"),
        ({"inits": "randn"}, "'inits' .* an array-like. Got 'randn'"),
        ({"inits": ["glorto"]}, "'glorto'.*Did you mean init='glorot'"),
        ({"cv": 0}, "n_splits=0"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_any_work(options, message):
    with (
        mock.patch.object(LockstepGridSearchCV, "fit") as fit,
        pytest.raises((TypeError, ValueError), match=message),
    ):
        compare_starts(**{"estimator": make_net(), "X": X, "y": Y, **options})
    assert not fit.called


@pytest.mark.parametrize("name", ["inits", "init_scales", "seeds"])
def test_a_comparison_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must have a value"):
        compare_starts(make_net(), X, Y, **{name: []})


def no_number(net, X, y):
    return np.nan


@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
def test_a_score_that_is_never_a_number_is_named():
    with pytest.raises(ValueError, match=r"scoring=<function no_number.*no number"):
        compare_starts(make_net(), X, Y, **{**FEW, "scoring": no_number})


@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning")
def test_fits_that_fail_are_counted_where_no_fold_has_a_score():
    rows = X.copy()
    rows[3, 0] = np.nan  # a row for training in two folds, and for the score in one
    said = r"(\d+) of the (\d+) fits failed: fit the estimator on X and y"
    with pytest.raises(ValueError, match=said) as caught:
        compare_starts(make_net(), rows, Y, **FEW)
    n_failed, n_fits = map(int, re.search(said, str(caught.value)).groups())
    assert n_failed / n_fits == 2 / 3
    assert "choose another score" in str(caught.value)
    with pytest.raises(ValueError, match="NaN"):
        make_net().fit(rows, Y)


def test_the_recommendation_names_a_scale_once_that_is_given_in_two_ways():
    """For ``init="he"``, ``init_scale="auto"`` is 1."""
    options = {**FEW, "inits": ["he"], "init_scales": ["auto", 1.0, 0.9]}
    found = compare_starts(make_net(), X, Y, **options)
    assert found.to_frame()["init_scale"].tolist() == [1.0, 1.0, 0.9]
    assert "0.9 and 1 do not differ" in found.recommendation
    assert len(found.plot()) == 1


def test_a_seed_that_is_listed_twice_counts_twice():
    found = compare_starts(make_net(), X, Y, **{**FEW, "seeds": [0, 1, 0]}).to_frame()
    means = [
        compare_starts(make_net(), X, Y, **{**FEW, "seeds": [seed]}).to_frame()[
            "mean_loss"
        ]
        for seed in (0, 1, 0)
    ]
    np.testing.assert_allclose(found["mean_loss"], np.mean(means, axis=0))


def test_what_fails_is_counted_and_not_chosen():
    scales = [0.1, 1e300, 1e308]
    found = compare_starts(make_net(), X, Y, **{**FEW, "init_scales": scales})
    frame = found.to_frame()
    failed = frame["n_failed"].tolist()
    assert failed[:2] == [0, 0]
    assert failed[3] == 6
    assert frame["status"][3] == "failed"
    assert np.isnan(frame["mean_test_score"][3])
    assert found.start == ("randn", 0.1)
    lines = repr(found).splitlines()
    assert "failed" in lines[0]
    assert max(map(len, lines)) < 120


# ---------------------------------------------------------------------------
# What is chosen


def start(scale, scores, *, init="randn", iterations=10, failed=0):
    """A start with scores of one seed by fold, or of several."""
    scores = np.atleast_2d(scores).astype(float)
    statuses = np.full(scores.shape, "max_iter", dtype="U8")
    statuses.flat[:failed] = "failed"
    scores.flat[:failed] = np.nan
    counts = np.full(scores.shape, float(iterations))
    return StartFits(init, scale, scores, 1 - scores, counts, statuses)


def scores_near(mean, spread=0.02, seed=0):
    """Five scores of that mean, with a random spread of their own."""
    noise = np.random.RandomState(seed).standard_normal(5)
    return mean + spread * (noise - noise.mean())


def chosen_of(*starts):
    chosen, tied = choose_start(starts)
    return starts[chosen].scale, [starts[i].scale for i in tied]


LECTURE = (0.001, 0.01, 0.1, 1.0, 10.0)


def sweep(means, scales=LECTURE):
    pairs = zip(scales, means, strict=True)
    return [start(s, scores_near(m, seed=k)) for k, (s, m) in enumerate(pairs)]


CHOICES = {
    "the middle of three": ([0.9, 0.901, 0.902, 0.7, 0.6], LECTURE, 0.01, LECTURE[:3]),
    "of others": ([0.6, 0.9, 0.901, 0.902, 0.7], LECTURE, 0.1, LECTURE[1:4]),
    "no lucky score at an end": ([0.9, 0.9, 0.9, 0.9, 0.905], LECTURE, 0.1, LECTURE),
    "the best alone": ([0.5, 0.6, 0.7, 0.8, 0.95], LECTURE, 10.0, (10.0,)),
    "no number last": ([0.9] * 3, ("auto", 1.0, 0.1), 1.0, ("auto", 1.0, 0.1)),
    "one number": ([0.9] * 3, ("auto", 1.0, "(1, 2)"), "auto", ("auto", 1.0, "(1, 2)")),
}


@pytest.mark.parametrize(
    ("means", "scales", "chosen", "tied"), CHOICES.values(), ids=CHOICES
)
def test_the_middle_of_those_that_do_not_differ_is_chosen(means, scales, chosen, tied):
    starts = sweep(means, scales)
    assert chosen_of(*starts) == (chosen, [*tied])
    if "auto" not in scales:  # the order of the search does not matter
        assert chosen_of(*starts[::-1]) == (chosen, [*tied[::-1]])


def test_scores_of_a_single_split_have_no_spread():
    starts = [start(s, [m]) for s, m in ((0.1, 0.9), (1.0, 0.89), (10.0, 0.9))]
    assert chosen_of(*starts) == (0.1, [0.1, 10.0])


def test_differences_are_paired():
    """Folds may differ by more than starts do, which says nothing of the starts."""
    folds = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    steady = np.array([0.0, 0.001, -0.001, 0.001, -0.001])
    worse = start(0.1, folds - 0.02 + steady)
    assert chosen_of(worse, start(1.0, folds)) == (1.0, [1.0])
    unsteady = np.array([0.05, -0.05, 0.04, -0.04, 0.0])
    alike = start(0.1, folds - 0.02 + unsteady)
    assert chosen_of(alike, start(1.0, folds))[1] == [0.1, 1.0]


def test_a_spread_that_is_small_by_luck_counts_as_the_median():
    best, noise = scores_near(0.9), scores_near(0, 0.02, seed=1)
    lucky = start(0.1, best - 0.01)  # of no spread at all
    others = [start(s, best - 0.01 + noise) for s in (1.0, 10.0)]
    assert chosen_of(lucky, start(0.01, best), *others)[1] == [0.1, 0.01, 1.0, 10.0]
    assert chosen_of(lucky, start(0.01, best))[1] == [0.01]


def test_no_start_is_called_worse_that_scores_better_than_one_of_those_alike():
    best, steady = scores_near(0.6), scores_near(0, 0.003, seed=1)
    middle = [start(s, best - 0.03 + steady) for s in (0.3, 1.0)]
    worse = start(3.0, best - 0.05 + steady)
    unsteady = start(10.0, best + scores_near(-0.04, 0.1, seed=2))
    found = chosen_of(start(0.1, best), *middle, worse, unsteady)
    assert found == (0.1, [0.1, 0.3, 1.0, 10.0])


def test_a_seed_is_not_chosen():
    """One lucky seed of three does not make a start the best."""
    folds = np.array([0.8, 0.81, 0.79, 0.8, 0.8])
    lucky = np.array([folds + 0.15, folds - 0.1, folds - 0.1])
    assert chosen_of(start(0.1, lucky), start(1.0, [folds] * 3)) == (1.0, [1.0])


@pytest.mark.parametrize("best", [0.5, 0.9, 0.905, 1.0])
def test_zeros_are_not_chosen_unless_they_are_alone(best):
    zeros = start(0.0, scores_near(best, 0.001), init="zeros")
    starts = [zeros, start(0.1, scores_near(0.9, seed=1)), start(1.0, scores_near(0.7))]
    assert chosen_of(*starts) == chosen_of(*starts[1:]) == (0.1, [0.1])
    assert chosen_of(zeros) == (0.0, [0.0])


def test_the_init_of_the_best_is_chosen_and_its_middle_scale():
    starts = [start(s, scores_near(0.9, seed=k)) for k, s in enumerate((1e-4, 1e-3))]
    starts += [start(s, scores_near(0.902), init="he") for s in (0.01, 0.1, 1.0)]
    chosen, _ = choose_start(starts)
    assert (starts[chosen].init, starts[chosen].scale) == ("he", 0.1)


def test_a_start_of_which_a_fit_failed_is_out_unless_all_are():
    broken = start(0.1, scores_near(0.95), failed=1)
    assert chosen_of(broken, start(1.0, scores_near(0.9))) == (1.0, [1.0])
    two = [[0.9, 0.9, 0.9], [0.9, 0.9, 0.9]]
    worse = start(1.0, np.array(two) - 0.2, failed=1)
    assert chosen_of(start(0.1, two, failed=1), worse)[0] == 0.1


def test_folds_without_a_score_do_not_count():
    one, other = scores_near(0.9), scores_near(0.7, seed=1)
    one[2] = other[2] = np.nan
    assert chosen_of(start(0.1, one), start(1.0, other)) == (0.1, [0.1])
    better = scores_near(0.95)
    better[2] = np.nan
    broken = start(0.01, better, failed=1)
    assert chosen_of(broken, start(0.1, one), start(1.0, other)) == (0.1, [0.1])


# ---------------------------------------------------------------------------
# What is said


def said(starts, *, guess=0.5, linear=None, stated_loss=0.25, name="Accuracy", c=2):
    baselines = {"most frequent class": scores_near(guess, 0.001)}
    if linear is not None:
        baselines["logistic regression"] = scores_near(linear, 0.001, seed=7)
    chosen, tied = choose_start(starts)
    told = baselines, name, stated_loss, c
    return StartComparison(starts, chosen, tied, *told, search=None, model=None)


def table(comparison):
    """What is printed of a comparison up to the last rule, without the text below."""
    before, rule, _ = repr(comparison).rpartition("-\n")
    return before + rule


def with_counts(means, counts):
    pairs = zip(sweep(means), counts, strict=True)
    return [
        s._replace(iterations=np.full(s.scores.shape, float(count)))
        for s, count in pairs
    ]


def with_zeros(mean):
    return [start(0.0, scores_near(mean), init="zeros"), *ALIKE]


ALIKE, HIGH = sweep([0.9] * 5), sweep([0.99] * 5)
OTHERS = [start(0.1, scores_near(m), init=i) for i, m in (("he", 0.9), ("lecun", 0.5))]
LONE = start(0.1, scores_near(0.5), init="lecun"), start(0.1, scores_near(0.9))
NOT_KEPT = "but are not kept: their hidden units stay identical."
NO_BETTER = "No start beats always answering with the most frequent class (accuracy "
GUESS, ONE_BEST = "most frequent class is right in", "it scores better than all others"
RECOMMENDED = [  # starts, arguments of `said`, what is said and what is not
    (
        sweep([0.9, 0.9, 0.9, 0.9, 0.6]), {},
        ["Use init_scale=0.01; 0.001 to 1 do not differ beyond the spread over folds. "
         "Above 1 it gets worse (0.600 at 10)."],
        ["Below"],
    ),
    (
        sweep([0.6, 0.9, 0.9, 0.9, 0.9]), {},
        ["Below 0.01 it gets worse (0.600 at 0.001)"], ["Above"],
    ),
    (sweep([0.9, 0.9, 0.9, 0.7, 0.6]), {}, ["gets worse (0.600 at 10)"], ["Below"]),
    (ALIKE, {}, ["0.001 to 10 do not differ"], ["Above", "Below", "scoring="]),
    (sweep([0.9, 0.5, 0.5, 0.9, 0.5]), {}, ["0.001 and 1 do not differ"], [" to 1 "]),
    (sweep([0.9, 0.5, 0.9, 0.9, 0.5]), {}, ["0.001, 0.1 and 1 do not"], [" to 1 "]),
    (
        sweep([0.5, 0.6, 0.7, 0.8, 0.95]), {},
        [f"Use init_scale=10: {ONE_BEST}"], ["do not differ"],
    ),
    (sweep([0.9], ["auto"]), {}, ["Use init_scale='auto'."], [ONE_BEST]),
    (sweep([0.9], ["(1,\n0.1)"]), {}, ["Use init_scale=(1, 0.1)."], []),
    (LONE, {}, ["Use init_scale=0.1", "init='lecun' does worse"], ["as well"]),
    (
        [*ALIKE, *OTHERS], {},
        ["Use init_scale=0.1", "init='he' does as well; init='lecun' does worse"], [],
    ),
    (with_zeros(0.9), {}, ["Use init_scale=", f"Zeros get 0.900, {NOT_KEPT}"], []),
    (with_zeros(0.99), {}, ["Use init_scale=", f"Zeros get 0.990, {NOT_KEPT}"], []),
    (with_zeros(0.5), {}, ["Zeros get 0.500, no better than always"], []),
    (with_zeros(0.7), {}, ["Zeros get 0.700."], []),
    (
        HIGH, {"guess": 0.9},
        ["Use init_scale=0.1;", f"{GUESS} 90.0% of the rows", 'scoring="roc_auc"'],
        [NO_BETTER],
    ),
    (
        HIGH, {"guess": 0.9, "c": 3},
        ['scoring="roc_auc_ovr"', 'scoring="balanced_accuracy"'], [],
    ),
    (HIGH, {"guess": 0.6}, [], ["scoring="]),
    (HIGH, {"guess": 0.9, "name": "Recall"}, [], ["scoring="]),
    (
        with_zeros(0.9), {"guess": 0.9, "linear": 0.9},
        [f"{NO_BETTER}0.900). The start that is kept is init_scale=", "roc_auc"],
        ["Use", "Zeros", "Logistic"],
    ),
    (with_zeros(0.97), {"guess": 0.97, "linear": 0.9}, [f"{NO_BETTER}0.970)"], ["Use"]),
    (ALIKE, {"linear": 0.9}, ["does as well (0.900), and is simpler."], []),
    (ALIKE, {"linear": 0.99}, ["scores better (0.990): prefer it."], []),
    (ALIKE, {"linear": 0.6}, ["Logistic regression gets 0.600."], []),
    (
        sweep([-0.3, -0.3, -0.3, -0.3, -0.9]),
        {"guess": -0.7, "name": "Negative log-loss"}, ["(0.900 at 10)"], ["-0"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("starts", "against", "truths", "falsehoods"), RECOMMENDED)
def test_a_recommendation_says_what_to_use_and_why(starts, against, truths, falsehoods):
    told = said(starts, **against).recommendation
    for truth in truths:
        assert truth in told
    for falsehood in falsehoods:
        assert falsehood not in told


def test_a_table_has_a_line_a_start_and_marks_the_chosen():
    starts = with_counts([0.9, 0.9, 0.9, 0.9, 0.6], [9, 9, 9, np.inf, np.inf])
    starts[1].iterations[0, 0] = 30
    starts[2].statuses[0, :2] = "plateau"
    lines = table(said(starts, linear=0.8)).splitlines()
    cells = [line.split() for line in lines]
    assert (
        " ".join(cells[0]) == "start accuracy final loss iterations to loss 0.25 status"
    )
    score = f"0.900 ± {starts[0].scores.std():.3f}"
    assert " ".join(cells[2]) == f"randn, 0.001 {score} 0.1000 9 max_iter"
    assert [line[0] for line in lines if "randn" in line] == [" ", "*", " ", " ", " "]
    assert "9 (9 to 30)" in lines[3]
    assert lines[4].endswith("max_iter 3, plateau 2")
    assert "never" in lines[5]
    assert lines[-3].startswith("  most frequent class  0.500 ± 0.001")
    assert lines[-2].startswith("  logistic regression  0.800 ± 0.001")
    rules = {len(line) for line in lines if set(line) == {"-"}}
    assert rules == {max(map(len, lines))}


# ---------------------------------------------------------------------------
# What is drawn


def test_the_figure_shows_scores_above_iterations(comparison):
    top, bottom = comparison.plot()
    frame = comparison.to_frame()
    (line,) = top.lines_
    np.testing.assert_allclose(line.get_ydata(), frame["mean_test_score"][1:])
    np.testing.assert_array_equal(line.get_xdata(), [0.1, 1, 10])
    means = [scores.mean() for scores in comparison.baselines.values()]
    assert [line.get_ydata()[0] for line in top.baselines_] == means
    (line,) = bottom.lines_
    medians = frame["median_iterations"]
    medians = np.where(np.isinf(medians), 45, medians)
    np.testing.assert_array_equal(line.get_ydata(), medians[1:])
    (zeros,) = bottom.off_axis_
    assert zeros.lines[0].get_ydata() == [45]  # above the budget of 30 iterations
    for display in (top, bottom):
        assert display.ring_.get_xdata() == [comparison.start[1]]
    assert bottom.ax_.get_yscale() == "log"
    assert ">30" in written(bottom.ax_.get_yticklabels())
    assert bottom.ax_.get_ylabel().startswith(
        "Iterations to loss 0.6, median and range"
    )
    assert (top.ax_.get_xlabel(), bottom.ax_.get_xlabel()) == ("", "init_scale")
    assert top.ax_.get_legend() is not None
    assert bottom.ax_.get_legend() is None
    assert list(flaws(top.figure_)) == []


def test_given_axes_are_drawn_on(comparison):
    _, axes = pyplot.subplots(2, layout="constrained")
    displays = comparison.plot(axes, legend=False)
    assert [display.ax_ for display in displays] == list(axes)
    assert axes[0].get_legend() is None
    with pytest.raises(ValueError, match="axes must be 2 Axes, got 1"):
        comparison.plot(axes[:1])


def test_iterations_that_were_not_reached_stand_above_the_budget():
    counts = np.array([[1, 2, 9, np.inf], [np.inf, np.inf, np.inf, 3]])
    pairs = zip((0.1, 1.0), counts, strict=True)
    points = [SweepPoint("randn", scale, count) for scale, count in pairs]
    display = InitSweepDisplay(points, budget=10).plot()
    (line,) = display.lines_
    np.testing.assert_array_equal(line.get_ydata(), [2, 15])
    band = display.bands_[0].get_paths()[0].vertices
    assert sorted(set(band[band[:, 0] == 0.1, 1])) == [1, 15]


def test_baselines_have_the_sign_of_the_scores():
    points = [SweepPoint("randn", s, -np.array([0.5, 0.6])) for s in (0.1, 1.0)]
    options = {"score_name": "Negative log-loss", "baselines": {"guess": -0.7}}
    display = InitSweepDisplay(points, **options).plot()
    assert display.baselines_[0].get_ydata()[0] == 0.7
    assert written(display.ax_.get_legend().get_texts()) == ["guess"]
    assert list(flaws(display.figure_)) == []
