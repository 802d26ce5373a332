"""What the displays show is what was measured, and can be read.

Stated here: the numbers that are drawn, for sweeps, choices by cross-validation, loss
curves, hidden units, symmetry and saturation; that no text covers another, none is cut
and no legend covers the axes; scikit-learn's conventions. The words of the score axis
for searches of other kinds are in test_sweeps.
"""

import pickle
import re
import sys
from itertools import combinations
from unittest import mock

import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib import pyplot
from matplotlib.cbook import is_math_text
from matplotlib.legend import Legend
from matplotlib.text import Text
from nets import ignored
from resampling import EveryOther, make_resampling_pipeline
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import VarianceThreshold
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from skshallow import ShallowNetClassifier, ShallowNetClassifierCV
from skshallow.datasets import make_flower
from skshallow.diagnostics import saturation, unit_similarity, unit_vectors
from skshallow.displays import (
    COLOUR_MAP,
    HiddenUnitsDisplay,
    InitSweepDisplay,
    LossCurveDisplay,
    SaturationDisplay,
    SymmetryDisplay,
)
from skshallow.sweeps import SweepPoint

X, Y = make_flower(random_state=1)
SCALES = [0.001, 0.1, 10.0]
RNG = np.random.RandomState(0)

# Nets are drawn after five iterations, wherever their loss is then.
pytestmark = ignored("Convergence")
# scikit-learn 1.7 makes an array of numbers and pairs, of which NumPy 1.23 complains.
ragged_parameters = pytest.mark.filterwarnings(
    "ignore:Creating an ndarray from ragged nested sequences"
)
# Units that are to be drawn as they are.
identical_units = ignored("Symmetry")


@pytest.fixture(autouse=True)
def canvas():
    """Draw without a window, and close all figures afterwards."""
    before = matplotlib.get_backend()
    matplotlib.use("agg")
    yield
    pyplot.close("all")
    matplotlib.use(before)


def make_net(n_hidden=4, **settings):
    settings = {"solver": "gd", "max_iter": 5, "tol": None, **settings}
    return ShallowNetClassifier(n_hidden, **{"random_state": 0, **settings})


def make_cv_net(**settings):
    settings = {"solver": "gd", "max_iter": 20, "tol": None, "cv": 3, **settings}
    return ShallowNetClassifierCV(4, **{"random_state": 0, **settings})


def twice_uniform(rng, shape):
    return rng.uniform(-2, 2, shape)


def sweep(scales, inits=("randn",), alphas=(None,)):
    """A display of made-up scores for all starts."""
    starts = [(i, s, a) for i in inits for s in scales for a in alphas]
    points = [SweepPoint(i, s, RNG.uniform(0.5, 0.7, 5), a) for i, s, a in starts]
    return InitSweepDisplay(points)


def random_units(n_features, n_hidden, n_outputs=1):
    """Coefs and intercepts."""
    shapes = (n_features, n_hidden), (n_hidden, n_outputs)
    coefs = [RNG.standard_normal(shape) for shape in shapes]
    return coefs, [np.zeros(n_hidden), np.zeros(n_outputs)]


def written(texts):
    return [text.get_text() for text in texts]


def legend_of(display):
    return written(display.ax_.get_legend().get_texts())


def column_names(display):
    return written(display.ax_.get_xticklabels())


# ---------------------------------------------------------------------------
# What can be read


def flaws(figure):
    """Yield what is wrong: overlapping texts, cut texts, and legends on axes."""
    boxes, draw = {}, Text.draw

    def record(text, *args, **kwargs):
        draw(text, *args, **kwargs)
        if text.get_visible() and text.get_text().strip():
            boxes[text] = text.get_window_extent()

    with mock.patch.object(Text, "draw", record):
        figure.canvas.draw()
    for (one, box), (other, other_box) in combinations(boxes.items(), 2):
        if box.overlaps(other_box):
            yield f"{one.get_text()} on {other.get_text()}"
    for text, box in boxes.items():
        if not all(figure.bbox.padded(1).contains(*corner) for corner in box.corners()):
            yield f"{text.get_text()} is cut"
    for legend in figure.findobj(Legend):
        box = legend.get_window_extent()
        yield from ("a legend on axes" for ax in figure.axes if box.overlaps(ax.bbox))


T = np.arange(1, 301)
CURVES = {f"a network with a long name {k}": 2.0**k * T**-0.5 for k in range(7)}
LONG_NAMES = [f"{j}".rjust(25, "x") for j in range(30)]
CLASSES = [f"class number {k % 12}" for k in range(120)]
READABLE = {
    "decades": sweep([0.0, *10.0 ** np.arange(-12, 4)]),
    "pairs": sweep([0.0, *SCALES, "(1,\n0.01)", "(0.01,\n1)", "(0.1,\n1)"]),
    "seven inits": sweep([1.0, 10.0], [f"an_init_by_hand_{k}" for k in range(7)]),
    "words": sweep([0.0, "auto", "(1,\n2)", *2.0 ** T[:8]], alphas=2.0 ** T[:8]),
    "names": sweep([None], ["zeros", "glorot", "orthogonal", "twice_uniform"]),
    "curves": LossCurveDisplay(CURVES),
    "twenty curves": LossCurveDisplay({f"randn, auto ({k})": k / T for k in T[:20]}),
    "half-planes": HiddenUnitsDisplay(*random_units(2, 9), X=X, y=Y),
    "classes": HiddenUnitsDisplay(*random_units(2, 3, 12), X=X[:120], y=CLASSES),
    "many columns": HiddenUnitsDisplay(*random_units(60, 100)),
    "one unit": SymmetryDisplay(np.ones((1, 1)), n_distinct=1),
    "many units": SymmetryDisplay(np.eye(120), n_distinct=120),
    "saturation": SaturationDisplay(30 * RNG.standard_normal((90, 4)), "tanh"),
}
WIDE = {  # these need the width of a page
    "validation": LossCurveDisplay(CURVES, validation_curves=CURVES, penalised=True),
    "long names": HiddenUnitsDisplay(*random_units(30, 9), feature_names=LONG_NAMES),
    "twenty units": SymmetryDisplay(np.eye(20), n_distinct=20),
}
PAGE, HALF_PAGE = (6.4, 4.8), (4.5, 3.4)  # inches


@pytest.mark.parametrize(
    ("name", "size"),
    [*((name, PAGE) for name in READABLE | WIDE), *((n, HALF_PAGE) for n in READABLE)],
)
def test_axes_are_labelled_and_nothing_covers_anything(name, size):
    figure, ax = pyplot.subplots(figsize=size, layout="constrained")
    (READABLE | WIDE)[name].plot(ax)
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert list(flaws(figure)) == []


def test_a_legend_is_in_the_axes_where_nothing_makes_room_beside_them():
    display = READABLE["curves"].plot(pyplot.subplots()[1])
    box = display.ax_.get_legend().get_window_extent()
    assert all(display.ax_.bbox.contains(*corner) for corner in box.corners())


@pytest.mark.parametrize("decades", [1e-5, 0.2, 0.8, 1.5, 2.5, 12])
def test_logarithmic_axes_have_at_least_two_numbers(decades):
    display = LossCurveDisplay({"net": 0.69 * np.logspace(0, -decades, 300)}).plot()
    places, (low, high) = display.ax_.get_yticks(), display.ax_.get_ylim()
    assert ((low <= places) & (places <= high)).sum() >= 2
    assert list(flaws(display.figure_)) == []


def test_figures_can_be_printed_in_black_and_white():
    """Maps grow lighter; curves, bands and marks differ in more than their colour."""
    luminance = matplotlib.colormaps[COLOUR_MAP](np.linspace(0, 1, 50)) @ [3, 6, 1, 0]
    assert (np.diff(luminance) > 0).all()
    display = WIDE["validation"].plot()
    lines = display.lines_ + display.validation_lines_
    looks = {(line.get_marker(), line.get_markerfacecolor()) for line in lines}
    assert len(looks) == 14
    bands = READABLE["seven inits"].plot().bands_
    assert len({str(band.get_linestyle()) for band in bands}) == 7
    lines = LossCurveDisplay(dict.fromkeys("abc", 1 / T)).plot().lines_  # coincide
    assert len({tuple(line.get_markevery()) for line in lines}) == 3


# ---------------------------------------------------------------------------
# Sweeps


@identical_units
def test_a_sweep_pools_seeds_and_splits():
    grid = {"init_scale": [0, *SCALES], "random_state": [0, 1, 2]}
    search = GridSearchCV(make_net(), grid, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    results = search.cv_results_
    scales = results["param_init_scale"].astype(float)
    scores = np.column_stack([results[f"split{k}_test_score"] for k in range(2)])
    (line,) = display.lines_
    np.testing.assert_array_equal(line.get_xdata(), SCALES)
    expected = [scores[scales == scale].mean() for scale in SCALES]
    np.testing.assert_allclose(line.get_ydata(), expected)
    for point in display.points:
        assert sorted(point.scores) == sorted(scores[scales == point.scale].ravel())
    band = display.bands_[0].get_paths()[0].vertices
    spread = scores[scales == 10].std()
    np.testing.assert_allclose(np.ptp(band[band[:, 0] == 10, 1]), 2 * spread)
    assert display.ax_.get_xscale() == "log"
    label = "Accuracy, mean ± std\nof 3 candidates × 2 splits"
    assert display.ax_.get_ylabel() == label
    assert display.ax_.get_legend() is None


@ragged_parameters
@identical_units
def test_zeros_stand_left_and_pairs_right_of_the_scales():
    pipeline = Pipeline([("scaler", StandardScaler()), ("net", make_net())])
    inits = ["randn", twice_uniform]
    grid = [
        {"net__init": ["zeros"], "net__init_scale": [1, 5]},
        {"net__init": inits, "net__init_scale": [0, *SCALES, (10, 0.01)]},
    ]
    display = InitSweepDisplay.from_search(GridSearchCV(pipeline, grid, cv=2).fit(X, Y))
    assert len(display.lines_) == 2
    places = [bars.lines[0].get_xdata() for bars in display.off_axis_]
    (zeros,), (randn, randn_pair), (uniform, uniform_pair) = places
    assert zeros == randn == uniform < min(SCALES)
    assert max(SCALES) < randn_pair == uniform_pair
    assert {"0", "0.001", "10", "(10,\n0.01)"} <= {*column_names(display)}
    assert legend_of(display) == ["zeros", "randn", "twice_uniform"]
    assert display.scores_of == "1 to 2 candidates × 2 splits"
    assert display.plot(legend=False).ax_.get_legend() is None


@ragged_parameters
@identical_units
def test_inits_alone_are_an_axis_of_their_own():
    start = [np.ones((2, 4)), np.ones((4, 1))], [np.zeros(4), np.zeros(1)]
    inits = ["zeros", "randn", "orthogonal", twice_uniform, start]
    search = GridSearchCV(make_net(), {"init": inits}, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    assert display.lines_ == []
    assert column_names(display) == [*inits[:3], "twice_uniform", "explicit weights"]
    (bars,) = display.off_axis_
    np.testing.assert_allclose(np.diff(np.log10(bars.lines[0].get_xdata())), 0.5)
    means = bars.lines[0].get_ydata()
    np.testing.assert_allclose(means, search.cv_results_["mean_test_score"])
    assert display.ax_.get_legend() is None
    assert display.ax_.get_xlabel() == "init"
    assert display.ax_.get_ylabel() == "Accuracy, mean ± std\nof 2 splits"


def test_a_failed_fit_leaves_a_gap_and_a_cross():
    results = {
        "params": [{"init_scale": s} for s in (0.1, 1, 10, 0)],
        "split0_test_score": np.array([0.9, 0.8, np.nan, np.nan]),
        "split1_test_score": np.array([0.9, 0.8, 0.7, 0.6]),
    }
    display = InitSweepDisplay.from_cv_results(results)
    np.testing.assert_allclose(display.lines_[0].get_ydata(), [0.9, 0.8, np.nan])
    (crosses,), (bars,) = display.failures_, display.off_axis_
    (zero,) = bars.lines[0].get_xdata()
    np.testing.assert_array_equal(crosses.get_xdata(), [10, zero])


@pytest.mark.parametrize(
    "scales", [10.0 ** np.arange(-12, 4), np.linspace(0.1, 0.9, 25), [0.3]]
)
def test_many_scales_share_few_labels(scales):
    display = sweep([0.0, *scales]).plot()
    zero, *labels = column_names(display)
    assert zero == "0"
    assert {*labels} <= {f"{scale:.4g}" for scale in scales}
    assert min(3, len(scales)) <= len(labels) <= 8
    assert list(flaws(display.figure_)) == []


# ---------------------------------------------------------------------------
# What was chosen by cross-validation

CHOICES = {  # init_scales, alphas, what has the axis, the lines, what has the legend
    "more penalties": ([0.1, (1, 0.1)], [0.1, 1, 10], "alpha", ["0.1", "(1, 0.1)"]),
    "more starts": (["auto", 0.1, 0, 1], [1, 10], "init_scale", ["1", "10"]),
    "as many": ([0.1, 1], [1.0, 10], "init_scale", ["1", "10"]),
    "starts alone": ([0.1, 1], [1.0], "init_scale", []),
    "one start": ([0.1], [0, 1, 10], "alpha", []),
    "no choice": ("auto", [0], "alpha", []),
}


@pytest.mark.parametrize("choice", CHOICES)
@identical_units
def test_starts_and_penalties_share_axis_and_lines(choice):
    scales, alphas, on_axis, lines = CHOICES[choice]
    net = make_cv_net(init_scales=scales, alphas=alphas)
    pipeline = make_pipeline(StandardScaler(), net).fit(X, Y)
    display, net = InitSweepDisplay.from_estimator(pipeline), pipeline[-1]
    scores = net.scores_.reshape(3, -1, len(alphas)).mean(axis=0)
    assert [p.scores.mean() for p in display.points] == pytest.approx(scores.ravel())
    assert display.ax_.get_xlabel() == on_axis
    assert display.ax_.get_ylabel() == "Log-loss, mean ± std\nof 3 folds"
    assert legend_of(display) == [*lines, "chosen"]
    title = {"alpha": "init_scale", "init_scale": "alpha"}[on_axis]
    assert display.ax_.get_legend().get_title().get_text() == (title if lines else "")
    means = [line.get_ydata() for line in display.lines_]
    means += [bars.lines[0].get_ydata() for bars in display.off_axis_]
    np.testing.assert_allclose(sorted(np.concatenate(means)), sorted(-scores.ravel()))
    assert display.points[display.chosen].alpha == net.alpha_
    (ring,) = display.ring_.get_xydata()
    np.testing.assert_allclose(ring[1], -scores.max())
    if on_axis == "alpha" and net.alpha_:
        assert ring[0] == net.alpha_
    assert display.plot(legend=False).ax_.get_legend() is None


def my_score(net, X, y):
    return net.score(X, y)


@pytest.mark.parametrize(
    ("scoring", "options", "name"),
    [
        (None, {}, "Accuracy"),
        ("roc_auc", {}, "ROC AUC"),
        (my_score, {}, "Score"),
        ("neg_log_loss", {"negate_score": False}, "Negative log-loss"),
        ("neg_log_loss", {"score_name": "Log-probability"}, "Log-probability"),
    ],
)
def test_scores_of_a_choice_are_named_and_drawn_as_they_are(scoring, options, name):
    net = make_cv_net(scoring=scoring).fit(X, Y)
    display = InitSweepDisplay.from_estimator(net, **options)
    np.testing.assert_allclose(display.lines_[0].get_ydata(), net.scores_.mean(axis=0))
    assert display.ax_.get_ylabel() == f"{name}, mean ± std\nof 3 folds"


@pytest.mark.parametrize(
    ("scoring", "init"), [("accuracy", twice_uniform), (None, "lecun")]
)
def test_a_choice_is_drawn_as_the_fit_made_it(scoring, init):
    """Neither parameters that are set later nor pickling change the figure."""
    scales = [0.5, (1.0, 2.0), "auto"]
    net = make_cv_net(init_scales=scales, init=init, scoring=scoring).fit(X, Y)
    before = InitSweepDisplay.from_estimator(net)
    others = {"init_scales": "auto", "init": "randn", "alphas": "auto"}
    again = pickle.loads(pickle.dumps(net)).set_params(**others, scoring="f1")
    after = InitSweepDisplay.from_estimator(again)
    np.testing.assert_equal(after.points, before.points)
    assert (after.chosen, after.score_name) == (before.chosen, before.score_name)
    name = init if isinstance(init, str) else "twice_uniform"
    starts = [(name, 0.5), (name, "(1,\n2)"), (name, 1.0)]
    assert [point[:2] for point in after.points[::3]] == starts


def test_what_diverged_is_a_cross_and_a_fold_without_scores_is_left_out():
    net = make_cv_net(alphas=[0.1, 1, 10, 100], init_scales=[0.1, 1]).fit(X, Y)
    net.scores_[0, 0, 2] = np.nan  # as of a net that diverged
    net.scores_[1] = np.nan  # as where a fold has rows of one class
    display = InitSweepDisplay.from_estimator(net)
    expected = -net.scores_[[0, 2]].mean(axis=0)
    means = [line.get_ydata() for line in display.lines_]
    np.testing.assert_allclose(means, expected)
    (cross,) = display.failures_
    assert cross.get_xdata() == [10]
    assert display.scores_of == "2 folds"


def test_a_net_that_has_not_chosen_is_refused():
    with pytest.raises(TypeError, match=r"NetClassifierCV.*from_search"):
        InitSweepDisplay.from_estimator(make_net().fit(X, Y))
    with pytest.raises(NotFittedError):
        InitSweepDisplay.from_estimator(make_cv_net())


def test_a_search_over_a_choice_draws_that_of_the_best():
    search = GridSearchCV(make_cv_net(), {"n_hidden": [2, 4]}, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_estimator(search)
    expected = -search.best_estimator_.scores_.mean(axis=0)
    np.testing.assert_allclose(display.lines_[0].get_ydata(), expected)


# ---------------------------------------------------------------------------
# Loss curves


@ignored("ConstantPredictions")
def test_loss_curves_of_several_nets_have_their_names():
    nets = {scale: make_net(init_scale=scale).fit(X, Y) for scale in (0.01, 1, 10)}
    display = LossCurveDisplay.from_estimator(nets, title="init_scale")
    for line, net in zip(display.lines_, nets.values(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), range(1, 6))
        np.testing.assert_array_equal(line.get_ydata(), net.loss_curve_)
    assert display.ax_.get_legend().get_title().get_text() == "init_scale"
    assert legend_of(display) == ["0.01", "1", "10"]


def test_one_loss_curve_needs_no_legend():
    pipeline = make_pipeline(StandardScaler(), make_net()).fit(X, Y)
    display = LossCurveDisplay.from_estimator(pipeline, log_iterations=True)
    assert display.ax_.get_legend() is None
    assert display.validation_lines_ == []
    assert display.ax_.get_xscale() == display.ax_.get_yscale() == "log"


def test_a_list_is_named_by_its_starts():
    nets = [
        make_net(),
        make_net(random_state=1),
        make_net(n_init=2, combine="average", init_scale=1, init=twice_uniform),
        make_cv_net(),
        make_cv_net(init_scales=[(1, 0.5)], init="he"),
    ]
    display = LossCurveDisplay.from_estimator([net.fit(X, Y) for net in nets])
    assert list(display.curves) == [
        *("randn, auto", "randn, auto (2)", "twice_uniform, 1"),
        *("randn, auto (4)", "he, (1, 0.5)"),
    ]
    for curve, net in zip(display.curves.values(), nets, strict=True):
        np.testing.assert_array_equal(curve, net.loss_curve_)


@pytest.mark.parametrize(
    ("net", "label"),
    [
        (make_net(alpha=0), ""),
        (make_net(alpha=1), " + penalty"),
        (make_cv_net(alphas=[0]), ""),
        (make_cv_net(alphas=[1]), " + penalty"),
    ],
)
def test_a_penalty_is_named(net, label):
    display = LossCurveDisplay.from_estimator(net.fit(X, Y))
    assert display.ax_.get_ylabel() == f"Loss{label} (nats)"


@pytest.mark.parametrize("alpha", [0, 1])
def test_validation_curves_are_drawn_beside_and_have_no_penalty(alpha):
    net = make_net(alpha=alpha)
    net.fit(X, Y, X_val=X, y_val=Y)  # the same data, so that the penalty is all
    excess = net.loss_curve_[1] - net.validation_loss_curve_[0]
    assert (excess > 1e-9) == (alpha > 0)
    display = LossCurveDisplay.from_estimator({"net": net}, log_loss=False)
    (line,) = display.validation_lines_
    np.testing.assert_array_equal(line.get_ydata(), net.validation_loss_curve_)
    assert display.ax_.get_yscale() == "linear"
    penalty = " + penalty" if alpha else ""
    assert legend_of(display) == [f"net, training{penalty}", "net, validation"]
    assert display.ax_.get_ylabel() == "Loss (nats)"


# ---------------------------------------------------------------------------
# Hidden units


@pytest.mark.parametrize("size", [(1, 1), (1, 1000)])
@pytest.mark.parametrize("seed", range(5))
def test_half_planes_are_lines_through_the_frame_with_their_side_ticked(seed, size):
    """Lines cross the frame and have the positive side, with the ticks, on the left."""
    rng = np.random.RandomState(seed)
    rows = rng.uniform(0, 1, (20, 2)) * size
    along_axes_and_beyond = [[1, 0, 1, 0, 1, 0], [0, -2, 0, 1, 1, 0]]
    W = np.hstack([rng.standard_normal((2, 5)), along_axes_and_beyond])
    W /= np.transpose([size])
    b = np.array([*rng.standard_normal(5), -0.5, 1, 0.5, -3, 1, 1])
    coefs, intercepts = (W, np.ones((11, 1))), (b, np.zeros(1))
    display = HiddenUnitsDisplay(coefs, intercepts, X=rows).plot()
    low, high = np.transpose([display.ax_.get_xlim(), display.ax_.get_ylim()])
    corners = [[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])]
    sides = corners @ W + b
    crossing = np.flatnonzero(sides.min(axis=0) * sides.max(axis=0) < 0)
    assert {5, 6} <= {*crossing} <= {*range(7)}
    for unit, line in zip(crossing, display.lines_, strict=True):
        ends = line.get_xydata()
        np.testing.assert_allclose(ends @ W[:, unit] + b[unit], 0, atol=1e-12)
        assert ((ends < low) | (ends > high)).any(axis=1).all()  # so the frame cuts it
        (dx, dy), (left_x, left_y) = ends[1] - ends[0], W[:, unit]
        assert dx * left_y - dy * left_x > 0
        assert line.get_path_effects()


def test_lines_over_planar_data_are_as_thick_as_units_are_strong():
    net = make_net(max_iter=200).fit(X, Y)
    display = HiddenUnitsDisplay.from_estimator(net, X, Y)
    widths = [line.get_linewidth() for line in display.lines_]
    strength = np.abs(net.coefs_[1][:, 0])
    np.testing.assert_array_equal(np.argsort(widths), np.argsort(strength))
    assert legend_of(display) == ["0", "1"]
    for labels in (Y[:, None], Y.tolist(), pd.DataFrame({"y": Y}), pl.DataFrame([Y])):
        points = HiddenUnitsDisplay.from_estimator(net, X, labels).points_
        for label, drawn in enumerate(points):
            np.testing.assert_array_equal(drawn.get_offsets(), X[label == Y])
    one_sample = HiddenUnitsDisplay([np.eye(2), np.ones((2, 1))], [-X[0], [0]], X=X[:1])
    one_sample.plot().figure_.canvas.draw()


def test_a_pipeline_is_drawn_as_the_network_sees_it():
    pipeline = make_pipeline(StandardScaler(), make_net()).fit(X, Y)
    display = HiddenUnitsDisplay.from_estimator(pipeline, X)
    np.testing.assert_allclose(display.X, StandardScaler().fit_transform(X))
    assert display.ax_.get_legend() is None
    start = HiddenUnitsDisplay.from_estimator(pipeline, X, at="start")
    np.testing.assert_array_equal(start.coefs[0], pipeline[-1].init_coefs_[0])
    with pytest.raises(ValueError, match=r"'at' parameter.*Got 'middle'"):
        HiddenUnitsDisplay.from_estimator(pipeline, X, at="middle")


AVERAGES = [make_net(n_init=2, combine="average"), make_cv_net(cv=2)]


@pytest.mark.parametrize("net", AVERAGES, ids=["starts", "folds"])
def test_averages_are_drawn_with_all_their_units(net):
    net.fit(X, Y)
    assert HiddenUnitsDisplay.from_estimator(net, X, Y).coefs[0].shape == (2, 8)
    assert SymmetryDisplay.from_estimator(net).n_distinct == 8
    assert SaturationDisplay.from_estimator(net, X).pre_activations.shape == (400, 8)


@pytest.mark.parametrize(("n_features", "n_classes"), [(2, 2), (5, 3), (60, 2)])
def test_weights_of_more_features_are_a_heat_map(n_features, n_classes):
    rows = RNG.standard_normal((90, n_features))
    net = make_net(9).fit(rows, np.arange(90) % n_classes)
    display = HiddenUnitsDisplay.from_estimator(net)
    shown = np.ma.filled(display.im_.get_array(), np.nan)
    kept = ~np.isnan(shown).all(axis=0)
    expected = unit_vectors(net.coefs_, net.intercepts_)
    np.testing.assert_array_equal(shown[:, kept], expected)
    assert kept.sum() == len(kept) - 2
    low, high = display.im_.get_clim()
    assert low == -high
    # The first row is unit 1, and the last one unit n.
    assert display.ax_.get_ylim() == (9.5, 0.5)
    names = [f"Feature {j + 1}" for j in range(n_features)]
    together = ["60 features", "bias, output"]
    names = together if n_features == 60 else [*names, "bias", "output"]
    assert column_names(display) == names


FRAME = pd.DataFrame({"age": X[:, 0], "size": np.where(X[:, 1] > 0, "S", "L")})
CODED = make_column_transformer(
    (StandardScaler(), ["age"]), (OneHotEncoder(), ["size"])
)
CODES = ["standardscaler__age", "onehotencoder__size_L", "onehotencoder__size_S"]
THREE = pd.DataFrame({"a": 0 * X[:, 0], "b": X[:, 0], "c": X[:, 1]})
NUMBERED = ["Feature 1", "Feature 2"]
inner = make_pipeline(VarianceThreshold(), make_net())


def with_new_names(frame):
    return frame.add_prefix("new_")


def without_the_first(frame):
    return frame.iloc[:, 1:].to_numpy()


renamed = FunctionTransformer(with_new_names)  # it does not give its new names
misnamed = FunctionTransformer(without_the_first, feature_names_out="one-to-one")
scaled = make_pipeline(StandardScaler(), make_net())
NAMED = {
    "net": (make_net(), THREE, ["a", "b", "c"]),
    "pipeline": (make_pipeline(CODED, make_net()), FRAME, CODES),
    "search": (GridSearchCV(make_pipeline(CODED, make_net()), {}), FRAME, CODES),
    "nested": (make_pipeline(StandardScaler(), inner), THREE, ["b", "c"]),
    "idle step": (make_pipeline("passthrough", make_net()), X, NUMBERED),
    "no names": (make_pipeline(FunctionTransformer(), make_net()), X, NUMBERED),
    "calibration": (
        CalibratedClassifierCV(scaled, ensemble=False, cv=2),
        THREE,
        [*"abc"],
    ),
    "threshold": (FixedThresholdClassifier(scaled), THREE, [*"abc"]),
    "sampler": (make_resampling_pipeline(EveryOther(), *scaled), THREE, [*"abc"]),
    "renamed": (make_pipeline(renamed, scaled), THREE, ["new_a", "new_b", "new_c"]),
    "misnamed": (make_pipeline(misnamed, make_net()), THREE, NUMBERED),
}


@pytest.mark.parametrize("case", NAMED)
def test_features_have_the_names_that_the_steps_before_the_net_give_them(case):
    model, rows, names = NAMED[case]
    display = HiddenUnitsDisplay.from_estimator(model.fit(rows, Y))
    assert column_names(display) == [*names, "bias", "output"]


@identical_units
def test_units_that_are_all_zero_can_be_drawn():
    net = make_net(init="zeros", activation="tanh").fit(X, Y)
    assert HiddenUnitsDisplay.from_estimator(net, X, Y).lines_ == []
    shown = HiddenUnitsDisplay.from_estimator(net).im_.get_array()
    assert (np.nan_to_num(np.ma.filled(shown, 0)) == 0).all()
    display = SymmetryDisplay.from_estimator(net)
    assert display.ax_.get_title() == "4 hidden units, 1 distinct"
    display = SaturationDisplay.from_estimator(net, X)
    assert display.text_.get_text() == "0% on flat parts"


# ---------------------------------------------------------------------------
# Symmetry and saturation


@pytest.mark.parametrize(
    ("activation", "n_hidden"), [("tanh", 1), ("relu", 12), ("tanh", 20), ("tanh", 120)]
)
@ignored("ConstantPredictions")
def test_similarities_of_units_are_shown_in_the_order_asked_for(activation, n_hidden):
    net = make_net(n_hidden, activation=activation, init="he").fit(X, Y)
    display = SymmetryDisplay.from_estimator(net)
    S = unit_similarity(net.coefs_, net.intercepts_, activation)
    assert sorted(display.order_) == list(range(n_hidden))
    shown = display.im_.get_array()
    np.testing.assert_array_equal(shown, S[np.ix_(display.order_, display.order_)])
    assert display.ax_.get_title() == f"{n_hidden} hidden units, {n_hidden} distinct"
    assert display.im_.get_clim() == (-1 if (S < 0).any() else 0, 1)
    numbers = [str(unit + 1) for unit in display.order_]
    assert column_names(display) == (numbers if n_hidden <= 20 else [])
    display.plot(order="unit", colorbar=False)
    np.testing.assert_array_equal(display.order_, range(n_hidden))
    assert display.colorbar_ is None


@identical_units
def test_similar_units_stand_beside_each_other():
    kinds, group = RNG.standard_normal((3, 2)), np.arange(9) % 3
    start = [kinds[group].T, kinds[group, :1]], [np.zeros(9), np.zeros(1)]
    net = make_net(9, init=start).fit(X, Y)
    display = SymmetryDisplay.from_estimator(net, at="start")
    assert display.n_distinct == 3
    assert np.count_nonzero(np.diff(group[display.order_])) == 2


@pytest.mark.parametrize(
    ("activation", "scale"),
    [("tanh", 0.01), ("tanh", 30), ("logistic", 1), ("relu", 30), ("identity", 1)],
)
@ignored("Saturation", "ConstantPredictions")
def test_the_share_on_flat_parts_and_the_pre_activations_are_shown(activation, scale):
    net = make_net(activation=activation, init_scale=scale).fit(X, Y)
    display = SaturationDisplay.from_estimator(net, X, at="start")
    share = saturation(net.init_coefs_, net.init_intercepts_, activation, X).mean()
    assert display.text_.get_text() == f"{share:.0%} on flat parts"
    heights, bins, _ = display.bars_.get_data()
    assert heights.max() == 1
    assert 5 <= bins[-1] == -bins[0] <= 20
    height = display.curve_.get_ydata()
    assert (height[0], height[-1]) == (0, 1)
    assert (np.diff(height) >= 0).all()
    beyond = np.mean(display.pre_activations < bins[1])  # the outermost bar holds it
    assert heights[0] / heights.sum() == pytest.approx(beyond)


def test_sparse_rows_of_a_pipeline_saturate_as_dense_ones_do():
    pipeline = make_pipeline(StandardScaler(with_mean=False), make_net()).fit(X, Y)
    dense = SaturationDisplay.from_estimator(pipeline, X, edge=3, n_bins=10)
    from_sparse = SaturationDisplay.from_estimator(pipeline, sparse.csr_matrix(X))
    np.testing.assert_allclose(dense.pre_activations, from_sparse.pre_activations)
    assert dense.bars_.get_data().edges.tolist() == np.linspace(-3, 3, 11).tolist()


# ---------------------------------------------------------------------------
# scikit-learn's conventions

every_display = pytest.mark.parametrize(
    "name", ["decades", "curves", "half-planes", "many columns", "many units"]
)


@every_display
def test_displays_draw_where_they_are_told(name):
    display = READABLE[name].plot()
    assert display.figure_ is display.ax_.figure
    figure, ax = pyplot.subplots(layout="tight")
    engine = figure.get_layout_engine()
    assert display.plot(ax) is display
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert figure.get_layout_engine() is engine
    part = pyplot.figure(layout="constrained").subfigures()
    assert display.plot(part.subplots()).figure_ is part


@every_display
def test_without_matplotlib_the_extra_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    message = r"Display\.plot needs matplotlib.*pip install 'skshallow\[plot\]'"
    with pytest.raises(ImportError, match=message):
        READABLE[name].plot()


# ---------------------------------------------------------------------------
# What displays are given

COLUMNS = pd.DataFrame(X, columns=["a", "b"])
WRONG_ROWS = {
    "columns in another order": COLUMNS[["b", "a"]],
    "too many columns": COLUMNS.assign(c=0.0).to_numpy(),
    "missing values": COLUMNS.where(COLUMNS > 0),
    "infinite values": COLUMNS.where(COLUMNS > 0, np.inf),
    "no rows": COLUMNS[:0],
    "one row without its axis": X[0],
    "words": COLUMNS.astype(object).replace(X[0, 0], "word"),
}
unnamed_rows = pytest.mark.filterwarnings("ignore:X does not have valid feature names")


@unnamed_rows
@pytest.mark.parametrize("name", WRONG_ROWS)
@pytest.mark.parametrize("display", [HiddenUnitsDisplay, SaturationDisplay])
def test_rows_are_refused_as_a_prediction_refuses_them(display, name):
    net = make_net().fit(COLUMNS, Y)
    with pytest.raises(ValueError) as said:  # noqa: PT011
        net.predict(WRONG_ROWS[name])
    with pytest.raises(ValueError, match=re.escape(str(said.value))):
        display.from_estimator(net, WRONG_ROWS[name])


ROUND = np.round(X)
RIGHT_ROWS = {
    "lists": ROUND.tolist(),
    "numbers as text": ROUND.astype(str),
    "objects": ROUND.astype(object),
    "CSR": sparse.csr_matrix(ROUND),
    "COO array": sparse.coo_array(ROUND),
    "pandas": pd.DataFrame(ROUND).astype("Float64").to_numpy(),
    "float32": ROUND.astype(np.float32),
    "polars": pl.DataFrame(ROUND),
    "truth values": X > 0,
}


@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.parametrize("name", RIGHT_ROWS)
def test_rows_of_all_kinds_are_drawn_as_numbers(name):
    net, rows = make_net().fit(X, Y), RIGHT_ROWS[name]
    numbers = (X > 0).astype(float) if name == "truth values" else ROUND
    display = HiddenUnitsDisplay.from_estimator(net, rows, Y)
    for label, points in enumerate(display.points_):
        np.testing.assert_array_equal(points.get_offsets(), numbers[label == Y])
    drawn = SaturationDisplay.from_estimator(net, rows).pre_activations
    expected = SaturationDisplay.from_estimator(net, numbers).pre_activations
    np.testing.assert_allclose(drawn, expected, rtol=1e-5, atol=1e-6)


def draw_units(rows=X, y=None, **options):
    net = make_net().fit(X, Y)
    return HiddenUnitsDisplay.from_estimator(net, rows, y, **options)


def draw_saturation(rows=X, **options):
    return SaturationDisplay.from_estimator(make_net().fit(X, Y), rows, **options)


REFUSED = {
    "missing labels": (lambda: draw_units(y=[None] * 400), "y has missing labels"),
    "one-hot": (lambda: draw_units(y=np.eye(2)[Y]), "y should be a 1d array"),
    "sparse labels": (
        lambda: draw_units(y=sparse.csr_matrix(Y)),
        "y must be a 1d array",
    ),
    "targets": (lambda: draw_units(y=X[:, 0]), "Unknown label type: continuous"),
    "few labels": (lambda: draw_units(y=Y[1:]), "y must have shape (400,) like X"),
    "labels alone": (lambda: draw_units(None, Y), "y was given without X"),
    "names": (
        lambda: HiddenUnitsDisplay(*random_units(2, 3), feature_names=["a"]),
        "feature_names must be 2 names, got 1",
    ),
    "no rows": (lambda: draw_saturation(None), "X is None: give the samples"),
    "no width": (lambda: draw_saturation(edge=0), "auto'}. Got 0 instead"),
    "nan wide": (lambda: draw_saturation(edge=np.nan), "auto'}. Got nan instead"),
    "endless": (lambda: draw_saturation(edge=np.inf), "auto'}. Got inf instead"),
    "wide": (lambda: draw_saturation(edge=[1, 2]), "'edge' parameter"),
    "no bars": (lambda: draw_saturation(n_bins=0), "'n_bins' parameter"),
    "no share": (lambda: draw_saturation(threshold=2), "'threshold' parameter"),
    "share": (lambda: draw_saturation(threshold=np.nan), "'threshold' parameter"),
    "share by hand": (
        lambda: SaturationDisplay(np.ones((2, 2)), "tanh", threshold=2),
        "'threshold' parameter of SaturationDisplay",
    ),
    "orders": (
        lambda: READABLE["one unit"].plot(order=np.array([0])),
        "'order' parameter",
    ),
    "order": (lambda: READABLE["one unit"].plot(order="index"), "Got 'index'"),
    "sign": (lambda: READABLE["decades"].plot(negate_score="yes"), "Got 'yes'"),
    "no curves": (lambda: LossCurveDisplay.from_estimator([]), "there are no curves"),
    "several axes": (
        lambda: draw_units(ax=np.array([pyplot.gca()] * 2)),
        "ax must be matplotlib Axes or None, got ndarray: of several axes, pass one",
    ),
    "search": (
        lambda: InitSweepDisplay.from_cv_results(GridSearchCV(make_net(), {})),
        "cv_results must be the cv_results_ of a fitted search, got GridSearchCV",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_named(case):
    draw, message = REFUSED[case]
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        draw()


NAMES = [r"$\bad$", "$a$ to $b$", "_private", ""]
UNITS = random_units(4, 3)
OF_NAMES = {
    "classes": HiddenUnitsDisplay(*random_units(2, 3), X=X, y=[*NAMES, *NAMES] * 50),
    "axes": HiddenUnitsDisplay(*random_units(2, 3), X=X, feature_names=NAMES[:2]),
    "columns": HiddenUnitsDisplay(*UNITS, feature_names=pd.Index(NAMES)),
    "curves": LossCurveDisplay(dict.fromkeys(NAMES, 1 / T)),
    "inits on an axis": sweep([None], NAMES),
    "inits as lines": sweep(SCALES, NAMES),
    "baselines": InitSweepDisplay(
        sweep(SCALES).points, baselines=dict.fromkeys(NAMES, 0.5)
    ),
}


@pytest.mark.parametrize("case", OF_NAMES)
def test_names_are_shown_as_they_are(case):
    display = OF_NAMES[case].plot()
    display.figure_.canvas.draw()
    texts = written(display.figure_.findobj(Text))
    assert not any(map(is_math_text, texts))
    shown = {text.replace(r"\$", "$").strip() for text in texts}
    assert {*NAMES[: 2 if case == "axes" else None]} <= shown
    if display.ax_.get_legend():
        assert len(legend_of(display)) == len(NAMES)


def test_long_names_leave_room_for_the_picture():
    names = [f"column {j} of a table with {'very ' * 20} long names" for j in range(4)]
    for display in (
        HiddenUnitsDisplay(*UNITS, feature_names=names),
        HiddenUnitsDisplay(*random_units(2, 3), X=X, y=names * 100),
    ):
        assert list(flaws(display.plot().figure_)) == []
        assert min(display.ax_.get_position().size) > 0.35


def test_the_name_of_a_metric_is_shown_as_it_is():
    metrics = {"$all$": "accuracy", "f1": "f1"}
    grid = {"init_scale": [0.1, 1]}
    search = GridSearchCV(make_net(), grid, cv=2, scoring=metrics, refit="$all$")
    display = InitSweepDisplay.from_search(search.fit(X, Y))
    assert display.ax_.get_ylabel().startswith(r"\$all\$, mean")


def test_large_numbers_in_a_small_type_are_drawn():
    net = make_net(activation="tanh").fit(X, Y)
    rows = (7e37 * X).astype(np.float32)
    assert HiddenUnitsDisplay.from_estimator(net, rows, Y).lines_
    SaturationDisplay.from_estimator(net, rows).figure_.canvas.draw()


def test_curves_that_are_drawn_one_by_one_differ_and_have_a_legend():
    for name in "abc":
        display = LossCurveDisplay({name: 1 / T}).plot(pyplot.gca())
    assert legend_of(display) == [*"abc"]
    assert len({line.get_color() for line in display.ax_.get_lines()}) == 3
