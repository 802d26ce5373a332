"""What the displays show is what was measured, and can be read."""

import pickle
import sys
from copy import copy
from itertools import combinations
from unittest import mock

import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib import pyplot
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import VarianceThreshold
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from skshallow import (
    LockstepGridSearchCV,
    ShallowNetClassifier,
    ShallowNetClassifierCV,
)
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

# scikit-learn 1.7 makes an array of numbers and pairs, of which NumPy 1.23 complains.
ragged_parameters = pytest.mark.filterwarnings(
    "ignore:Creating an ndarray from ragged nested sequences"
)
# Starts that are to be drawn, whatever a net can make of them in five iterations.
IGNORE = "ignore::skshallow.exceptions."
identical_units = pytest.mark.filterwarnings(f"{IGNORE}SymmetryWarning")
saturated_units = pytest.mark.filterwarnings(f"{IGNORE}SaturationWarning")
one_label = pytest.mark.filterwarnings(f"{IGNORE}ConstantPredictionsWarning")


@pytest.fixture(autouse=True)
def canvas():
    """No window, and no figure left behind."""
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


SCALES = [0.001, 0.1, 10.0]


def written(texts):
    return [text.get_text() for text in texts]


def drawn_boxes(figure):
    """All texts that a figure draws, whatever they belong to, with their boxes."""
    drawn, draw = {}, Text.draw

    def record(text, *args, **kwargs):
        draw(text, *args, **kwargs)
        if text.get_visible() and text.get_text().strip():
            drawn[text] = text.get_window_extent()

    with mock.patch.object(Text, "draw", record):
        figure.canvas.draw()
    return drawn


def pixels_without_legends(figure):
    """What is drawn, bottom row first, if only the legends are missing."""
    with mock.patch.object(Legend, "draw"):  # they keep their place
        figure.canvas.draw()
    return np.flipud(np.asarray(figure.canvas.buffer_rgba()))[..., :3]


def flaws(figure):
    """Texts on each other, cut texts, and legends on what is drawn."""
    boxes = drawn_boxes(figure)
    for (one, box), (other, other_box) in combinations(boxes.items(), 2):
        if box.overlaps(other_box):
            yield f"{one.get_text()} on {other.get_text()}"
    low, high = figure.bbox.min - 1, figure.bbox.max + 1
    for text, box in boxes.items():
        if (box.min < low).any() or (box.max > high).any():
            yield f"{text.get_text()} is cut"
    legends = figure.findobj(Legend)
    pixels = pixels_without_legends(figure) if legends else None
    for legend in legends:
        box = legend.get_window_extent().padded(-4)  # its frame is not drawn
        (left, low), (right, high) = box.get_points().astype(int)
        if (pixels[max(low, 0) : high, max(left, 0) : right] != 255).any():
            yield f"{legend.texts[0].get_text()} on a drawing"


SMALL = (4.5, 3.4)  # inches: two of them fit side by side on a page


def assert_readable(display, **plot_kw):
    """Axes labelled, nothing on each other, nothing cut; in a small figure neither."""
    small, ax = pyplot.subplots(figsize=SMALL, layout="constrained")
    copy(display).plot(ax, **plot_kw)
    for drawn, figure in ((display.ax_, display.figure_), (ax, small)):
        assert drawn.get_xlabel()
        assert drawn.get_ylabel()
        assert list(flaws(figure)) == []


@pytest.mark.parametrize(
    ("spoil", "flaw"),
    [
        (lambda ax: ax.set_xticks([0.02], ["minor"], minor=True), "0 on minor"),
        (lambda ax: ax.figure.text(0.99, 0.5, "right"), "right is cut"),
        (lambda ax: ax.axhline(0.95), "line on a drawing"),
    ],
)
def test_flaws_are_found(spoil, flaw):
    _, ax = pyplot.subplots(layout="constrained")
    ax.plot([0, 1], [0, 0.4], label="line")
    ax.set(xlabel="x", ylabel="y", title="title", xlim=(0, 1), ylim=(0, 1))
    ax.set(xticks=[0, 1], yticks=[0, 1])
    ax.annotate("note", (0.8, 0.2))
    ax.legend(loc="upper left", frameon=False)
    assert {*written(drawn_boxes(ax.figure))} == {*"01xy", "title", "note", "line"}
    assert list(flaws(ax.figure)) == []
    spoil(ax)
    assert flaw in list(flaws(ax.figure))


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
    assert_readable(display)


def test_bands_that_overlap_are_told_apart():
    points = [
        SweepPoint(init, scale, np.array([0.5, 0.7]))
        for init in ("randn", "he", "glorot")
        for scale in SCALES
    ]
    bands = InitSweepDisplay(points).plot().bands_
    looks = {(*band.get_edgecolor()[0], str(band.get_linestyle())) for band in bands}
    assert len(looks) == len(bands) == 3
    for band in bands:
        assert band.get_facecolor()[0, 3] * len(bands) < 0.5  # the lowest shows through
        assert band.get_edgecolor()[0, 3] > 0.5
        assert band.get_linewidth()[0] > 0


@ragged_parameters
@identical_units
def test_zeros_stand_left_and_pairs_right_of_the_scales():
    pipeline = Pipeline([("scaler", StandardScaler()), ("net", make_net())])
    inits = ["randn", twice_uniform]
    grid = [
        {"net__init": ["zeros"], "net__init_scale": [1, 5]},
        {"net__init": inits, "net__init_scale": [0, *SCALES, (10, 0.01)]},
    ]
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    assert len(display.lines_) == 2
    places = [bars.lines[0].get_xdata() for bars in display.off_axis_]
    assert [len(place) for place in places] == [1, 2, 2]
    (zeros,), (randn, randn_pair), (uniform, uniform_pair) = places
    assert len({zeros, randn, uniform}) == 3
    assert max(zeros, randn, uniform) < min(SCALES)
    assert max(SCALES) < min(randn_pair, uniform_pair)
    labels = {*written(display.ax_.get_xticklabels())}
    assert {"0", "0.001", "10", "(10,\n0.01)"} <= labels
    low, high = display.ax_.get_xlim()
    assert low < min(zeros, randn, uniform)
    assert high > max(randn_pair, uniform_pair)
    legend = written(display.ax_.get_legend().get_texts())
    assert legend == ["zeros", "randn", "twice_uniform"]
    assert display.scores_of == "1 to 2 candidates × 2 splits"
    assert_readable(display)


@identical_units
def test_inits_alone_are_an_axis_of_their_own():
    inits = ["zeros", "randn", "glorot", "he", "lecun", "orthogonal", twice_uniform]
    search = GridSearchCV(make_net(), {"init": inits}, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    assert display.lines_ == []
    assert written(display.ax_.get_xticklabels()) == [*inits[:-1], "twice_uniform"]
    places = np.concatenate([bar.lines[0].get_xdata() for bar in display.off_axis_])
    np.testing.assert_array_equal(places, range(7))
    means = [bar.lines[0].get_ydata()[0] for bar in display.off_axis_]
    np.testing.assert_allclose(means, search.cv_results_["mean_test_score"])
    assert display.ax_.get_legend() is None
    assert display.ax_.get_xlabel() == "init"
    assert display.ax_.get_ylabel() == "Accuracy, mean ± std\nof 2 splits"
    assert_readable(display)


@ragged_parameters
@identical_units
def test_explicit_weights_and_zero_scales_only():
    start = [np.ones((2, 4)), np.ones((4, 1))], [np.zeros(4), np.zeros(1)]
    search = GridSearchCV(make_net(), {"init": [start, "randn"]}, cv=2).fit(X, Y)
    labels = InitSweepDisplay.from_search(search).ax_.get_xticklabels()
    assert written(labels) == ["explicit weights", "randn"]
    search = GridSearchCV(make_net(), {"init_scale": [0, (10, 0.01)]}, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    assert display.ax_.get_xscale() == "linear"
    assert display.ax_.get_xlabel() == "init_scale"


def test_a_failed_fit_leaves_a_gap_and_a_cross():
    results = {
        "params": [{"init_scale": s} for s in (0.1, 1, 10, 0)],
        "split0_test_score": np.array([0.9, 0.8, np.nan, np.nan]),
        "split1_test_score": np.array([0.9, 0.8, 0.7, 0.6]),
    }
    display = InitSweepDisplay.from_cv_results(results)
    np.testing.assert_allclose(display.lines_[0].get_ydata(), [0.9, 0.8, np.nan])
    crosses = [cross.get_xdata() for cross in display.failures_]
    np.testing.assert_array_equal(crosses[0], [10])
    np.testing.assert_array_equal(crosses[1], display.off_axis_[0].lines[0].get_xdata())


@pytest.mark.parametrize(
    "scales",
    [
        10.0 ** np.arange(-12, 4),
        np.linspace(0.1, 0.9, 25),
        [0.1],
        [0.001, 0.01, 0.1, 1.0, 10.0, "(1,\n0.01)", "(0.01,\n1)", "(0.1,\n1)"],
    ],
)
def test_many_scales_share_few_labels(scales):
    points = [SweepPoint("randn", s, np.array([0.5, 0.6])) for s in (0, *scales)]
    display = InitSweepDisplay(points).plot()
    assert_readable(display)
    labels = set(written(display.ax_.get_xticklabels()))
    slots = {"0", *(scale for scale in scales if isinstance(scale, str))}
    numbers = {f"{scale:.4g}" for scale in scales if not isinstance(scale, str)}
    assert slots <= labels <= slots | numbers
    assert len(labels - slots) >= min(3, len(scales))


@pytest.mark.parametrize(
    ("n_inits", "name", "n_scales"), [(2, "an_init", 6), (7, "an_init_by_hand", 2)]
)
def test_the_legend_of_inits_covers_nothing(n_inits, name, n_scales):
    rng = np.random.RandomState(0)
    points = [
        SweepPoint(f"{name}_{k}", scale, rng.uniform(0, 1, 5))
        for k in range(n_inits)
        for scale in 10.0 ** np.arange(n_scales)
    ]
    display = InitSweepDisplay(points).plot()
    assert len(display.ax_.get_legend().get_texts()) == n_inits
    assert_readable(display)
    assert display.plot(legend=False).ax_.get_legend() is None


# ---------------------------------------------------------------------------
# What was chosen by cross-validation


def test_a_choice_of_the_penalty():
    pipeline = make_pipeline(StandardScaler(), make_cv_net(alphas=[0.1, 10, 100]))
    display = InitSweepDisplay.from_estimator(pipeline.fit(X, Y))
    net = pipeline[-1]
    (line,), scores = display.lines_, net.scores_
    np.testing.assert_array_equal(line.get_xdata(), [0.1, 10, 100])
    np.testing.assert_allclose(line.get_ydata(), -scores.mean(axis=0))
    band = display.bands_[0].get_paths()[0].vertices
    spread = scores[:, 1].std()
    np.testing.assert_allclose(np.ptp(band[band[:, 0] == 10, 1]), 2 * spread)
    ring = display.ring_.get_xydata()
    np.testing.assert_allclose(ring, [[net.alpha_, min(line.get_ydata())]])
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_xlabel() == "alpha"
    assert display.ax_.get_ylabel() == "Log-loss, mean ± std\nof 3 folds"
    assert written(display.ax_.get_legend().get_texts()) == ["chosen"]
    assert_readable(display)
    assert display.plot(legend=False).ax_.get_legend() is None


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
    net = make_cv_net(init_scales=scales, alphas=alphas).fit(X, Y)
    display = InitSweepDisplay.from_estimator(net)
    scores = net.scores_.reshape(3, -1, len(alphas)).mean(axis=0)
    assert [p.scores.mean() for p in display.points] == pytest.approx(scores.ravel())
    assert display.ax_.get_xlabel() == on_axis
    texts = written(display.ax_.get_legend().get_texts())
    assert texts == [*lines, "chosen"]
    title = {"alpha": "init_scale", "init_scale": "alpha"}[on_axis]
    assert display.ax_.get_legend().get_title().get_text() == (title if lines else "")
    means = [line.get_ydata() for line in display.lines_]
    means += [bars.lines[0].get_ydata() for bars in display.off_axis_]
    np.testing.assert_allclose(sorted(np.concatenate(means)), sorted(-scores.ravel()))
    chosen = display.points[display.chosen]
    assert chosen.alpha == net.alpha_
    (ring,) = display.ring_.get_xydata()
    np.testing.assert_allclose(ring[1], -scores.max())
    if on_axis == "alpha" and net.alpha_:
        assert ring[0] == net.alpha_
    assert_readable(display)


def test_many_marks_of_a_slot_stay_in_it():
    points = [
        SweepPoint("randn", scale, np.array([0.5, 0.6]), alpha)
        for scale in (0.0, "auto", "(1,\n2)", *2.0 ** np.arange(8))
        for alpha in 2.0 ** np.arange(8)
    ]
    display = InitSweepDisplay(points).plot()
    places = [bars.lines[0].get_xdata() for bars in display.off_axis_]
    slots = np.sort(np.log10(places), axis=0)  # one a column
    assert slots.shape == (8, 3)
    between = slots[0, 1:] - slots[-1, :-1]
    assert (between > np.diff(slots, axis=0).max()).all()
    assert_readable(display)


def my_score(net, X, y):
    return net.score(X, y)


@pytest.mark.parametrize(
    ("scoring", "name"),
    [(None, "Accuracy"), ("roc_auc", "ROC AUC"), (my_score, "Score")],
)
def test_scores_of_a_choice_are_named(scoring, name):
    net = make_cv_net(scoring=scoring).fit(X, Y)
    display = InitSweepDisplay.from_estimator(net)
    np.testing.assert_allclose(display.lines_[0].get_ydata(), net.scores_.mean(axis=0))
    assert display.ax_.get_ylabel() == f"{name}, mean ± std\nof 3 folds"


def half(rng, shape):
    return 0.5 * rng.standard_normal(shape)


@pytest.mark.parametrize(
    ("scoring", "init"), [("accuracy", half), (None, "lecun"), (my_score, half)]
)
def test_a_choice_is_drawn_as_the_fit_made_it(scoring, init):
    """Whatever was set since, and when it was saved."""
    scales = [0.5, (1.0, 2.0), "auto"]
    net = make_cv_net(init_scales=scales, init=init, scoring=scoring).fit(X, Y)
    assert net.init_scales_ == scales
    assert net.init_scale_ in scales
    before = InitSweepDisplay.from_estimator(net)
    others = {"init_scales": "auto", "init": "randn", "alphas": "auto"}
    again = pickle.loads(pickle.dumps(net)).set_params(**others, scoring="f1")
    after = InitSweepDisplay.from_estimator(again)
    np.testing.assert_equal(after.points, before.points)
    assert (after.chosen, after.score_name) == (before.chosen, before.score_name)
    name = "half" if init is half else init
    starts = [(name, 0.5), (name, "(1,\n2)"), (name, 1.0)]
    assert [point[:2] for point in after.points[::3]] == starts
    assert make_cv_net().fit(X, Y).init_scales_ == ["auto"]


def test_scores_are_drawn_as_they_are_if_asked_for():
    net = make_cv_net().fit(X, Y)
    display = InitSweepDisplay.from_estimator(net, negate_score=False)
    np.testing.assert_allclose(display.lines_[0].get_ydata(), net.scores_.mean(axis=0))
    assert display.ax_.get_ylabel().startswith("Negative log-loss, mean")
    display = InitSweepDisplay.from_estimator(net, score_name="Mean log-probability")
    np.testing.assert_allclose(display.lines_[0].get_ydata(), net.scores_.mean(axis=0))


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


@one_label
def test_loss_curves_of_many_by_name():
    nets = {scale: make_net(init_scale=scale).fit(X, Y) for scale in (0.01, 1, 10)}
    display = LossCurveDisplay.from_estimator(nets, title="init_scale")
    for line, net in zip(display.lines_, nets.values(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), range(1, 6))
        np.testing.assert_array_equal(line.get_ydata(), net.loss_curve_)
    legend = display.ax_.get_legend()
    assert legend.get_title().get_text() == "init_scale"
    assert written(legend.get_texts()) == ["0.01", "1", "10"]
    assert display.ax_.get_ylabel() == "Loss + penalty (nats)"
    assert_readable(display)


def test_one_loss_curve_needs_no_legend():
    pipeline = make_pipeline(StandardScaler(), make_net(max_iter=100)).fit(X, Y)
    display = LossCurveDisplay.from_estimator(pipeline, log_iterations=True)
    assert display.ax_.get_legend() is None
    assert display.validation_lines_ == []
    assert display.ax_.get_xscale() == display.ax_.get_yscale() == "log"
    assert_readable(display, log_iterations=True)


def test_a_list_is_named_by_its_starts():
    nets = [
        make_net(),
        make_net(random_state=1),
        make_net(n_init=2, combine="average", init_scale=1),
        make_cv_net(),
        make_cv_net(init_scales=[(1, 0.5)], init="he"),
    ]
    display = LossCurveDisplay.from_estimator([net.fit(X, Y) for net in nets])
    assert list(display.curves) == [
        *("randn, auto", "randn, auto (2)", "randn, 1"),
        *("randn, auto (4)", "he, (1, 0.5)"),
    ]
    for curve, net in zip(display.curves.values(), nets, strict=True):
        np.testing.assert_array_equal(curve, net.loss_curve_)
    assert_readable(display)


@pytest.mark.parametrize(("alphas", "label"), [([0], ""), ("auto", " + penalty")])
def test_the_penalty_that_was_chosen_is_named(alphas, label):
    net = make_cv_net(alphas=alphas).fit(X, Y)
    display = LossCurveDisplay.from_estimator(net)
    assert display.ax_.get_ylabel() == f"Loss{label} (nats)"


@pytest.mark.parametrize("alpha", [0, 1])
def test_validation_curves_are_drawn_beside_and_a_penalty_is_named(alpha):
    net = make_net(alpha=alpha)
    net.fit(X, Y, X_val=X, y_val=Y)  # the same data, so that the penalty is all
    excess = net.loss_curve_[1] - net.validation_loss_curve_[0]
    assert (excess > 1e-9) == (alpha > 0)
    display = LossCurveDisplay.from_estimator({"net": net}, log_loss=False)
    (line,) = display.validation_lines_
    np.testing.assert_array_equal(line.get_ydata(), net.validation_loss_curve_)
    assert display.ax_.get_yscale() == "linear"
    penalty = " + penalty" if alpha else ""
    names = written(display.ax_.get_legend().get_texts())
    assert names == [f"net, training{penalty}", "net, validation"]
    assert display.ax_.get_ylabel() == "Loss (nats)"
    assert_readable(display, log_loss=False)
    display = LossCurveDisplay.from_estimator(net.fit(X, Y))
    assert display.ax_.get_ylabel() == f"Loss{penalty} (nats)"


@pytest.mark.parametrize(
    ("name", "is_log"), [("0.01", False), ("a network with a long name", True)]
)
def test_the_legend_of_curves_covers_nothing(name, is_log):
    t = np.arange(1, 301)
    curves = {f"{name} {k}": 2.0**k * t**-0.5 + 0.1 * k for k in range(7)}
    beside = {name: curve / 1.5 for name, curve in list(curves.items())[:3]}
    logs = {"log_iterations": is_log, "log_loss": is_log}
    for validation_curves in (None, beside):
        display = LossCurveDisplay(curves, validation_curves=validation_curves)
        assert_readable(display.plot(**logs), **logs)
    figure, ax = pyplot.subplots(figsize=SMALL, layout="constrained")
    display.plot(ax, **logs)
    figure.draw_without_rendering()
    assert (ax.bbox.size > figure.bbox.size / 4).all()  # not squeezed by their legend
    display.plot(pyplot.subplots()[1])  # where nothing makes room beside the axes
    box = display.ax_.get_legend().get_window_extent()
    assert all(display.ax_.bbox.contains(*corner) for corner in box.corners())


def test_the_legend_of_twenty_curves_leaves_room_for_them():
    curves = {f"randn, auto ({k})": 1 / np.arange(1, 99) + k for k in range(20)}
    display = LossCurveDisplay(curves).plot()
    assert_readable(display)
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for ax in axes:
        display.plot(ax)
    assert list(flaws(figure)) == []


@pytest.mark.parametrize("decades", [1e-5, 0.2, 0.8, 1.5, 2.5, 12])
def test_logarithmic_axes_have_at_least_two_numbers(decades):
    display = LossCurveDisplay({"net": 0.69 * np.logspace(0, -decades, 300)}).plot()
    places, (low, high) = display.ax_.get_yticks(), display.ax_.get_ylim()
    assert ((low <= places) & (places <= high)).sum() >= 2
    assert_readable(display)


@pytest.mark.parametrize("n_iterations", [1, 5, 300])
def test_curves_are_marked_and_take_turns_where_they_coincide(n_iterations):
    curve = np.linspace(1, 0.5, n_iterations)
    display = LossCurveDisplay(dict.fromkeys("abc", curve)).plot()
    for line in display.lines_:
        line.set_linestyle("none")  # its markers alone
    pixels = pixels_without_legends(display.figure_).reshape(-1, 3) / 255
    drawn = {matplotlib.colors.to_hex(pixel) for pixel in np.unique(pixels, axis=0)}
    shown = [line.get_color().lower() for line in display.lines_]
    assert set(shown if n_iterations == 300 else shown[-1:]) <= drawn


# ---------------------------------------------------------------------------
# Hidden units


@pytest.mark.parametrize("seed", range(5))
def test_half_planes(seed):
    """Lines end on the frame; ticks are square to them, on the positive side."""
    rng = np.random.RandomState(seed)
    rows = rng.uniform(0, 1, (20, 2))
    along_axes_and_beyond = [[1, 0, 1, 0, 1, 0], [0, -2, 0, 1, 1, 0]]
    W = np.hstack([rng.standard_normal((2, 5)), along_axes_and_beyond])
    b = np.array([*rng.standard_normal(5), -0.5, 1, 0.5, -3, 1, 1])
    coefs, intercepts = (W, np.ones((11, 1))), (b, np.zeros(1))
    display = HiddenUnitsDisplay(coefs, intercepts, X=rows).plot()
    low, high = np.transpose([display.ax_.get_xlim(), display.ax_.get_ylim()])
    corners = [[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])]
    sides = corners @ W + b
    crossing = np.flatnonzero(sides.min(axis=0) * sides.max(axis=0) < 0)
    assert {5, 6} <= {*crossing} <= {*range(7)}
    drawn = zip(crossing, display.lines_, display.ticks_, strict=True)
    for unit, line, combs in drawn:
        ends, (roots, tips) = line.get_xydata(), np.stack(combs.get_segments(), axis=1)
        for points in (ends, roots):
            np.testing.assert_allclose(points @ W[:, unit] + b[unit], 0, atol=1e-12)
        assert (np.isclose(ends, low) | np.isclose(ends, high)).any(axis=1).all()
        assert (tips @ W[:, unit] + b[unit] > 0).all()
        ticks, along = (tips - roots) / (high - low), (ends[1] - ends[0]) / (high - low)
        np.testing.assert_allclose(ticks @ along, 0, atol=1e-12)


def test_units_over_planar_data():
    net = make_net(max_iter=200).fit(X, Y)
    display = HiddenUnitsDisplay.from_estimator(net, X, Y)
    widths = [line.get_linewidth() for line in display.lines_]
    strength = np.abs(net.coefs_[1][:, 0])
    np.testing.assert_array_equal(np.argsort(widths), np.argsort(strength))
    assert [len(points.get_offsets()) for points in display.points_] == [200, 200]
    assert written(display.ax_.get_legend().get_texts()) == ["0", "1"]
    assert_readable(display)


def test_a_pipeline_is_drawn_as_the_network_sees_it():
    pipeline = make_pipeline(StandardScaler(), make_net()).fit(X, Y)
    display = HiddenUnitsDisplay.from_estimator(pipeline, X)
    np.testing.assert_allclose(display.X, StandardScaler().fit_transform(X))
    assert display.ax_.get_legend() is None
    start = HiddenUnitsDisplay.from_estimator(pipeline, X, at="start")
    np.testing.assert_array_equal(start.coefs[0], pipeline[-1].init_coefs_[0])
    with pytest.raises(ValueError, match="at must be 'start' or 'end', got 'middle'"):
        HiddenUnitsDisplay.from_estimator(pipeline, X, at="middle")


AVERAGES = [make_net(n_init=2, combine="average"), make_cv_net(cv=2)]


@pytest.mark.parametrize("net", AVERAGES, ids=["starts", "folds"])
def test_averages_are_drawn_with_all_their_units(net):
    pipeline = make_pipeline(StandardScaler(), net).fit(X, Y)
    rows = StandardScaler().fit_transform(X)
    display = HiddenUnitsDisplay.from_estimator(pipeline, X, Y)
    assert display.coefs[0].shape == (2, 8)
    assert_readable(display)
    assert SymmetryDisplay.from_estimator(pipeline).n_distinct == 8
    drawn = SaturationDisplay.from_estimator(pipeline, X)
    expected = rows @ pipeline[-1].coefs_[0] + pipeline[-1].intercepts_[0]
    np.testing.assert_allclose(drawn.pre_activations, expected)
    boundary = DecisionBoundaryDisplay.from_estimator(pipeline[-1], rows)
    assert boundary.surface_ is not None


def test_labels_are_drawn_as_fit_takes_them():

    net = make_net().fit(X, Y)
    for labels in (Y[:, None], Y.tolist(), pd.DataFrame({"y": Y}), pl.DataFrame([Y])):
        points = HiddenUnitsDisplay.from_estimator(net, X, labels).points_
        for label, drawn in enumerate(points):
            np.testing.assert_array_equal(drawn.get_offsets(), X[label == Y])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        HiddenUnitsDisplay.from_estimator(net, X, Y[:-1])


@pytest.mark.parametrize(("n_features", "n_classes"), [(2, 2), (5, 3), (60, 2)])
def test_weights_as_a_heat_map(n_features, n_classes):
    rng = np.random.RandomState(0)
    rows = rng.standard_normal((90, n_features))
    net = make_net(9).fit(rows, np.arange(90) % n_classes)
    display = HiddenUnitsDisplay.from_estimator(net)
    shown = np.ma.filled(display.im_.get_array(), np.nan)
    kept = ~np.isnan(shown).all(axis=0)
    expected = unit_vectors(net.coefs_, net.intercepts_)
    np.testing.assert_array_equal(shown[:, kept], expected)
    assert kept.sum() == len(kept) - 2
    low, high = display.im_.get_clim()
    assert low == -high
    assert_readable(display)


@pytest.mark.parametrize(
    ("n_features", "n_outputs", "n_hidden", "letters"),
    [(3, 1, 1, 9), (30, 1, 9, 25), (60, 1, 100, 9), (25, 1, 45, 9), (2, 1, 300, 9)],
)
def test_columns_of_heat_maps_are_named(n_features, n_outputs, n_hidden, letters):
    shapes = (n_features, n_hidden), (n_hidden, n_outputs)
    coefs = [np.random.RandomState(0).standard_normal(shape) for shape in shapes]
    names = [f"{j}".rjust(letters, "x") for j in range(n_features)]
    biases = [np.zeros(n_hidden), np.zeros(n_outputs)]
    display = HiddenUnitsDisplay(coefs, biases, feature_names=names).plot()
    assert_readable(display)
    shown = written(display.ax_.get_xticklabels())
    together = [f"{n_features} features", "bias, output"]
    assert shown == (together if n_features == 60 else [*names, "bias", "output"])
    # The first row is unit 1, and the last one unit n.
    assert display.ax_.get_ylim() == (n_hidden + 0.5, 0.5)


@pytest.mark.parametrize("name", ["", "class number "])
def test_many_classes_are_named_beside(name):
    rng = np.random.RandomState(0)
    rows, y = rng.standard_normal((120, 2)), [f"{name}{k % 12}" for k in range(120)]
    coefs = rng.standard_normal((2, 3)), rng.standard_normal((3, 12))
    display = HiddenUnitsDisplay(coefs, [np.zeros(3)] * 2, X=rows, y=y).plot()
    assert len(display.ax_.get_legend().get_texts()) == 12
    assert_readable(display)


def test_feature_names_are_written():

    names = ["height", "weight", "age"]
    frame = pd.DataFrame(X[:, [0, 1, 0]], columns=names)
    display = HiddenUnitsDisplay.from_estimator(make_net().fit(frame, Y))
    assert written(display.ax_.get_xticklabels()) == [*names, "bias", "output"]


def scaled_and_coded(net):

    frame = pd.DataFrame({"age": X[:, 0], "size": np.where(X[:, 1] > 0, "S", "L")})
    columns = make_column_transformer(
        (StandardScaler(), ["age"]), (OneHotEncoder(), ["size"])
    )
    return make_pipeline(columns, net), frame


def test_features_have_the_names_that_the_steps_before_the_net_give_them():
    model, frame = scaled_and_coded(make_net())
    names = [*model[:-1].fit(frame).get_feature_names_out(), "bias", "output"]
    display = HiddenUnitsDisplay.from_estimator(model.fit(frame, Y))
    assert written(display.ax_.get_xticklabels()) == names
    search = GridSearchCV(model, {"shallownetclassifier__alpha": [1]}).fit(frame, Y)
    display = HiddenUnitsDisplay.from_estimator(search)
    assert written(display.ax_.get_xticklabels()) == names


def test_names_of_features_go_through_pipelines_within_pipelines():

    frame = pd.DataFrame({"a": 0 * X[:, 0], "b": X[:, 0], "c": X[:, 1]})
    inner = make_pipeline(VarianceThreshold(), make_net())
    model = make_pipeline(StandardScaler(), inner).fit(frame, Y)
    display = HiddenUnitsDisplay.from_estimator(model)
    assert display.feature_names == ["b", "c"]
    idle = Pipeline([("nothing", "passthrough"), ("net", make_net())]).fit(X, Y)
    display = HiddenUnitsDisplay.from_estimator(idle)
    assert display.feature_names == ["Feature 1", "Feature 2"]


def test_features_of_a_step_without_names_are_numbered():
    model = make_pipeline(FunctionTransformer(), make_net()).fit(X, Y)
    display = HiddenUnitsDisplay.from_estimator(model, X, Y)
    assert display.feature_names == ["Feature 1", "Feature 2"]


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
    ("activation", "n_hidden"),
    [("tanh", 1), ("relu", 12), ("tanh", 20), ("tanh", 120)],
)
@one_label
def test_symmetry(activation, n_hidden):
    net = make_net(n_hidden, activation=activation, init="he").fit(X, Y)
    display = SymmetryDisplay.from_estimator(net)
    S = unit_similarity(net.coefs_, net.intercepts_, activation)
    assert sorted(display.order_) == list(range(n_hidden))
    shown = display.im_.get_array()
    np.testing.assert_array_equal(shown, S[np.ix_(display.order_, display.order_)])
    assert display.ax_.get_title() == f"{n_hidden} hidden units, {n_hidden} distinct"
    assert display.im_.get_clim() == (-1 if (S < 0).any() else 0, 1)
    if n_hidden <= 20:
        numbers = [str(unit + 1) for unit in display.order_]
        assert written(display.ax_.get_xticklabels()) == numbers
    assert_readable(display)
    display.plot(order="unit", colorbar=False)
    np.testing.assert_array_equal(display.order_, range(n_hidden))
    assert display.colorbar_ is None


@identical_units
def test_similar_units_stand_beside_each_other():
    kinds = np.random.RandomState(0).standard_normal((3, 2))
    group = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2])
    start = [kinds[group].T, kinds[group, :1]], [np.zeros(9), np.zeros(1)]
    net = make_net(9, init=start).fit(X, Y)
    display = SymmetryDisplay.from_estimator(net, at="start")
    assert display.n_distinct == 3
    assert np.count_nonzero(np.diff(group[display.order_])) == 2


@pytest.mark.parametrize(
    ("activation", "scale"),
    [("tanh", 0.01), ("tanh", 30), ("logistic", 1), ("relu", 30), ("identity", 1)],
)
@saturated_units
@one_label
def test_saturation(activation, scale):
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
    is_cut = np.abs(display.pre_activations).max() > bins[-1]
    labels = written(display.ax_.get_xticklabels())
    assert (labels[0] == f"≤ −{bins[-1]:g}") == is_cut
    assert_readable(display)


def test_saturation_of_a_pipeline_and_of_sparse_rows():
    pipeline = make_pipeline(StandardScaler(with_mean=False), make_net()).fit(X, Y)
    dense = SaturationDisplay.from_estimator(pipeline, X, edge=3, n_bins=10)
    from_sparse = SaturationDisplay.from_estimator(pipeline, sparse.csr_matrix(X))
    np.testing.assert_allclose(dense.pre_activations, from_sparse.pre_activations)
    assert dense.bars_.get_data().edges.tolist() == np.linspace(-3, 3, 11).tolist()


# ---------------------------------------------------------------------------
# scikit-learn's conventions


def make_displays():
    net = make_net().fit(X, Y)
    search = LockstepGridSearchCV(make_net(), {"init_scale": [0.1, 1]}, cv=2).fit(X, Y)
    return [
        InitSweepDisplay.from_search(search),
        InitSweepDisplay.from_estimator(make_cv_net().fit(X, Y)),
        LossCurveDisplay.from_estimator(net),
        HiddenUnitsDisplay.from_estimator(net),
        HiddenUnitsDisplay.from_estimator(net, X, Y),
        SymmetryDisplay.from_estimator(net),
        SaturationDisplay.from_estimator(net, X),
    ]


def test_displays_hold_arrays_and_draw_where_they_are_told():
    for display in make_displays():
        assert display.figure_ is display.ax_.figure
        figure, ax = pyplot.subplots(layout="tight")
        engine = figure.get_layout_engine()
        assert display.plot(ax) is display
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert figure.get_layout_engine() is engine
        fresh = type(display).__new__(type(display))
        arrays = {k: v for k, v in vars(display).items() if not k.endswith("_")}
        vars(fresh).update(arrays)
        assert fresh.plot().ax_ is not ax
        part = pyplot.figure(layout="constrained").subfigures()
        assert display.plot(part.subplots()).figure_ is part
        pyplot.close("all")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    displays = make_displays()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    for display in displays:
        name = type(display).__name__
        message = rf"{name}\.plot needs matplotlib.*pip install 'skshallow\[plot\]'"
        with pytest.raises(ImportError, match=message):
            display.plot()


# ---------------------------------------------------------------------------
# Colours

# Linear sRGB to XYZ under D65: IEC 61966-2-1. The second row is the luminance.
RGB_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
# Linear RGB as dichromats see it: Machado, Oliveira and Fernandes, "A
# physiologically-based model for simulation of color vision deficiency", IEEE
# Transactions on Visualization and Computer Graphics 15(6), 2009, severity 1.0.
VISIONS = {
    "common": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "greyscale": np.tile(RGB_TO_XYZ[1], (3, 1)),
}
# What is just noticed is 2.3: Mahy, Van Eycken and Oosterlinck, Color Research 19(2),
# 1994.
AT_A_GLANCE = 4 * 2.3
every_vision = pytest.mark.parametrize("vision", VISIONS)


def lab(colour, vision):
    """CIE 1976 L*a*b* of a colour, as it is seen."""
    c = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISIONS[vision] @ linear, 0, 1)
    t = RGB_TO_XYZ @ seen / RGB_TO_XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def are_told_apart(one, other, vision):
    return np.linalg.norm(lab(one, vision) - lab(other, vision)) > AT_A_GLANCE


@every_vision
def test_colours_are_seen_as_is_known(vision):
    np.testing.assert_allclose(lab("red", "common"), [53.24, 80.09, 67.20], atol=0.05)
    grey = lab("grey", "common")
    np.testing.assert_allclose(lab("grey", vision), grey, atol=1e-3)
    # Green and orange of one lightness are confused without cones of red or of green.
    assert are_told_apart("#6e8a00", "#c06400", vision) == (vision == "common")


@every_vision
def test_every_two_curves_are_told_apart(vision):
    curves = {str(k): np.ones(9) + k for k in range(49)}
    display = LossCurveDisplay(curves, validation_curves=curves).plot()
    lines = display.lines_ + display.validation_lines_
    faces = [line.get_markerfacecolor() == "white" for line in lines]
    colours, markers = [
        [*map(get, lines)] for get in (Line2D.get_color, Line2D.get_marker)
    ]
    assert len(set(zip(colours, markers, faces, strict=True))) == 98
    assert len(set(markers[:7])) == 7
    for one, other in combinations([*colours[:7], "white"], 2):
        # In print, those that differ from paper have lines and markers besides.
        if vision != "greyscale" or other == "white":
            assert are_told_apart(one, other, vision)


@every_vision
@one_label
def test_bars_shade_and_curve_of_saturation_are_told_apart(vision):
    net = make_net(init_scale=10).fit(X, Y)
    display = SaturationDisplay.from_estimator(net, X)
    inks = display.bars_.get_facecolor(), display.curve_.get_color()
    grounds = display.flat_.get_facecolor()[0], display.ax_.get_facecolor()
    for one, other in combinations([*inks, *grounds], 2):
        assert are_told_apart(one, other, vision)


@every_vision
def test_maps_grow_lighter_to_everybody(vision):
    steps = matplotlib.colormaps[COLOUR_MAP](np.linspace(0, 1, 50))
    lightness = [lab(step, vision)[0] for step in steps]
    assert (np.diff(lightness) > 0).all()
    assert np.ptp(lightness) > 60
