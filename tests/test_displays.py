"""What the displays show is what was measured, and can be read."""

import pickle
import subprocess
import sys
from copy import copy
from itertools import combinations, pairwise
from pathlib import Path
from unittest import mock

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.cm import ScalarMappable
from matplotlib.legend import Legend
from matplotlib.text import Text
from resampling import EveryOther, make_resampling_pipeline
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import skshallow
from skshallow import (
    LockstepGridSearchCV,
    LockstepRandomizedSearchCV,
    ShallowNetClassifier,
)
from skshallow._core.activations import ACTIVATIONS
from skshallow._plot.drawing import STYLES, half_plane, marked, style_of
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
from skshallow.sweeps import SweepPoint, read_sweep

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


def twice_uniform(rng, shape):
    return rng.uniform(-2, 2, shape)


SCALES = [0.001, 0.1, 10.0]
PAIR = (10, 0.01)
GRID = {"init_scale": [0, *SCALES], "random_state": [0, 1, 2]}
SEARCHES = [GridSearchCV, LockstepGridSearchCV]
every_search = pytest.mark.parametrize("search", SEARCHES)


def prefixed(grid):
    return {f"shallownetclassifier__{name}": values for name, values in grid.items()}


def is_upright(line):
    """Whether a line is an axvline, and no marker or bar."""
    return list(line.get_ydata()) == [0, 1] and np.ptp(line.get_xdata()) == 0


def drawn_texts(figure):
    """All texts that a figure draws, whatever they belong to, with their boxes."""
    drawn, draw = {}, Text.draw

    def record(text, *args, **kwargs):
        draw(text, *args, **kwargs)
        if text.get_visible() and text.get_text().strip():
            drawn[text] = text.get_window_extent()

    with mock.patch.object(Text, "draw", record):
        figure.canvas.draw()
    return drawn


def overlapping_texts(figure, texts):
    pairs = combinations(texts.items(), 2)
    return [
        (one.get_text(), other.get_text())
        for (one, box), (other, other_box) in pairs
        if box.overlaps(other_box)
    ]


def texts_outside(figure, texts):
    """Texts that a pixel or more of is missing."""
    low, high = figure.bbox.min - 1, figure.bbox.max + 1
    return [
        text.get_text()
        for text, box in texts.items()
        if (box.min < low).any() or (box.max > high).any()
    ]


def texts_under_legends(figure, texts):
    return [
        text.get_text()
        for legend in figure.findobj(Legend)
        for text, box in texts.items()
        if text not in legend.findobj(Text) and box.overlaps(legend.get_window_extent())
    ]


def legends_over_drawings(figure, texts):
    """Legends whose place would not be white without them."""
    legends, engine = figure.findobj(Legend), figure.get_layout_engine()
    if not legends:
        return []
    boxes = [legend.get_window_extent() for legend in legends]
    figure.set_layout_engine("none")  # or the axes would move
    for legend in legends:
        legend.set_visible(False)
    figure.canvas.draw()
    pixels = np.flipud(np.asarray(figure.canvas.buffer_rgba()))[..., :3]
    for legend in legends:
        legend.set_visible(True)
    figure.set_layout_engine(engine)
    found = []
    for legend, box in zip(legends, boxes, strict=True):
        frame = legend.borderpad * legend.prop.get_size_in_points() * figure.dpi / 72
        (left, low), (right, high) = np.rint(box.padded(-frame).get_points()).astype(
            int
        )
        if (pixels[max(low, 0) : high, max(left, 0) : right] != 255).any():
            found.append(legend.texts[0].get_text())
    return found


CHECKS = [
    overlapping_texts,
    texts_outside,
    texts_under_legends,
    legends_over_drawings,
]
SMALL = (4.5, 3.4)  # inches: two of them fit side by side on a page


def assert_readable(display, **plot_kw):
    """Axes labelled, nothing on each other, nothing cut; in a small figure neither."""
    small, ax = pyplot.subplots(figsize=SMALL, layout="constrained")
    copy(display).plot(ax, **plot_kw)
    for drawn, figure in ((display.ax_, display.figure_), (ax, small)):
        assert drawn.get_xlabel()
        assert drawn.get_ylabel()
        texts = drawn_texts(figure)
        for check in CHECKS:
            assert check(figure, texts) == [], check.__name__


def problems(check, ax):
    return check(ax.figure, drawn_texts(ax.figure))


def readable_axes():
    """A picture with one of each kind of text, all of them readable."""
    _, ax = pyplot.subplots(layout="constrained")
    ax.plot([0, 1], [0, 0.4], label="line")
    ax.set(xlabel="x", ylabel="y", title="title", xlim=(0, 1), ylim=(0, 1))
    ax.set(xticks=[0, 1], yticks=[0, 1])
    ax.set_xticks([0.5], ["minor"], minor=True)
    ax.annotate("note", (0.8, 0.2))
    ax.legend(loc="upper left")
    ax.figure.colorbar(ScalarMappable(), ax=ax, label="colour bar")
    return ax


def test_every_kind_of_text_is_looked_at():
    ax = readable_axes()
    texts = [text.get_text() for text in drawn_texts(ax.figure)]
    assert {"x", "y", "title", "0", "minor", "note", "line", "colour bar"} <= {*texts}
    assert texts.count("0") == 2  # of both axes
    assert all(problems(check, ax) == [] for check in CHECKS)


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda ax: ax.set_xticks([0.02], ["of a minor tick"], minor=True), "0"),
        (lambda ax: ax.set_xticks([0.98, 1], ["a", "of a tick"]), "a"),
        (lambda ax: ax.annotate("another note", (0.81, 0.21)), "note"),
        (lambda ax: ax.legend(loc=(0.7, 0.19)), "line"),
        (lambda ax: ax.figure.text(0.5, 0.99, "above", ha="center", va="top"), "title"),
        (lambda ax: ax.figure.axes[1].set_ylabel("b" * 30, labelpad=-22), "b" * 30),
        (lambda ax: ax.set_ylabel("y" * 50, labelpad=-12), "y" * 50),
    ],
)
def test_texts_on_each_other_are_found(spoil, text):
    ax = readable_axes()
    spoil(ax)
    assert text in sum(problems(overlapping_texts, ax), ())


@pytest.mark.parametrize("place", [(-0.01, 0.5), (0.99, 0.5), (0.5, -0.02), (0.5, 1)])
def test_texts_that_are_cut_are_found(place):
    ax = readable_axes()
    ax.figure.text(*place, "cut")
    assert problems(texts_outside, ax) == ["cut"]


def test_texts_under_a_legend_are_found():
    ax = readable_axes()
    ax.legend(loc=(0.7, 0.19))
    assert "note" in problems(texts_under_legends, ax)


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.plot([0, 1], [0.1, 0.8]),  # no vertex under it
        lambda ax: ax.plot([0.7], [0.55], "x"),
        lambda ax: ax.fill_between([0.5, 1], 0, 1, alpha=0.1),
        lambda ax: ax.errorbar([0.7], [0.2], [0.5], linestyle="none"),
        lambda ax: ax.scatter([0.7], [0.55]),
        lambda ax: ax.annotate("note", (0.7, 0.53)),
    ],
)
def test_what_is_drawn_under_a_legend_is_found(draw):
    ax = readable_axes()
    ax.legend(loc=(0.6, 0.5))
    assert problems(legends_over_drawings, ax) == []
    draw(ax)
    assert problems(legends_over_drawings, ax) == ["line"]


# ---------------------------------------------------------------------------
# Sweeps


@every_search
@identical_units
def test_a_sweep_pools_seeds_and_splits(search):
    search = search(make_net(), GRID, cv=2).fit(X, Y)
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
    of = "of 3 candidates × 2 splits"
    assert display.ax_.get_ylabel() == f"Accuracy, mean ± std\n{of}"
    assert_readable(display)


@identical_units
def test_zeros_stand_left_of_the_axis():
    grid = [
        {"init": ["zeros"], "init_scale": [1, 5]},
        {"init": ["randn"], "init_scale": [0, *SCALES]},
    ]
    search = LockstepGridSearchCV(make_net(), grid, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    places = [bar.lines[0].get_xdata() for bar in display.off_axis_]
    assert [len(place) for place in places] == [1, 1]
    assert np.all(np.concatenate(places) < min(SCALES))
    assert places[0] != places[1]
    labels = {text.get_text() for text in display.ax_.get_xticklabels()}
    assert {"0", "0.001", "10"} <= labels
    low, high = display.ax_.get_xlim()
    assert low < min(map(min, places))
    assert high > max(SCALES)
    names = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert names == ["zeros", "randn"]
    assert display.scores_of == "1 to 2 candidates × 2 splits"
    assert_readable(display)


@ragged_parameters
@every_search
@identical_units
def test_a_pipeline_an_init_axis_and_a_pair(search):
    pipeline = make_pipeline(StandardScaler(), make_net())
    grid = [
        prefixed({"init": ["randn", twice_uniform], "init_scale": [0.1, 1.0, PAIR]}),
        prefixed({"init": ["zeros"]}),
    ]
    search = search(pipeline, grid, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    assert len(display.lines_) == 2
    assert len(display.off_axis_) == 3
    labels = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert "(10,\n0.01)" in labels
    borders = [line.get_xdata()[0] for line in display.ax_.lines if is_upright(line)]
    assert len(borders) == 2
    assert borders[0] < 0.1
    assert borders[1] > 1
    names = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert names == ["randn", "twice_uniform", "zeros"]
    assert_readable(display)


@identical_units
def test_inits_alone_are_an_axis_of_their_own():
    inits = ["zeros", "randn", "glorot", "he", "lecun", "orthogonal", twice_uniform]
    search = GridSearchCV(make_net(), {"init": inits}, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    assert display.lines_ == []
    labels = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert labels == [*inits[:-1], "twice_uniform"]
    places = np.concatenate([bar.lines[0].get_xdata() for bar in display.off_axis_])
    np.testing.assert_array_equal(places, range(7))
    means = [bar.lines[0].get_ydata()[0] for bar in display.off_axis_]
    np.testing.assert_allclose(means, search.cv_results_["mean_test_score"])
    assert display.ax_.get_legend() is None
    assert display.ax_.get_ylabel() == "Accuracy, mean ± std\nof 2 splits"
    assert_readable(display)


@ragged_parameters
@identical_units
def test_explicit_weights_and_zero_scales_only():
    start = [np.ones((2, 4)), np.ones((4, 1))], [np.zeros(4), np.zeros(1)]
    search = GridSearchCV(make_net(), {"init": [start, "randn"]}, cv=2).fit(X, Y)
    labels = InitSweepDisplay.from_search(search).ax_.get_xticklabels()
    assert [t.get_text() for t in labels] == ["explicit weights", "randn"]
    search = GridSearchCV(make_net(), {"init_scale": [0, PAIR]}, cv=2).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    assert display.ax_.get_xscale() == "linear"
    assert display.ax_.get_xlabel() == "init_scale"


@pytest.mark.parametrize("search", [RandomizedSearchCV, LockstepRandomizedSearchCV])
def test_auto_stands_at_what_it_means(search):
    grid = {"init": ["randn", "glorot"], "init_scale": ["auto", 0.1]}
    search = search(make_net(), grid, n_iter=4, cv=2, random_state=0).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    found = {point.init: set() for point in display.points}
    for point in display.points:
        found[point.init].add(point.scale)
    assert found == {"randn": {"auto", 0.1}, "glorot": {1.0, 0.1}}


def test_the_estimator_says_what_the_search_does_not():
    net = make_net(init="he")
    search = GridSearchCV(net, {"init_scale": ["auto", 0.1]}, cv=2).fit(X, Y)
    points = InitSweepDisplay.from_search(search).points
    assert [(p.init, p.scale) for p in points] == [("he", 1.0), ("he", 0.1)]


def test_other_parameters_are_pooled_or_the_best_is_kept():
    grid = {"init_scale": [0.1, 1], "learning_rate_init": [1e-4, 1]}
    search = GridSearchCV(make_net(), grid, cv=2, scoring="neg_log_loss").fit(X, Y)
    pooled = InitSweepDisplay.from_search(search)
    assert [len(point.scores) for point in pooled.points] == [4, 4]
    best = InitSweepDisplay.from_search(search, others="best", negate_score=True)
    means = search.cv_results_["mean_test_score"].reshape(2, 2)
    np.testing.assert_allclose(best.lines_[0].get_ydata(), -means.max(axis=1))
    assert best.ax_.get_ylabel().startswith("Log loss,")
    assert pooled.ax_.get_ylabel().startswith("Negative log loss,")
    assert best.ax_.get_ylabel().endswith("of 2 splits, best of 2 candidates")
    assert pooled.ax_.get_ylabel().endswith("of 2 candidates × 2 splits")
    with pytest.raises(ValueError, match="others must be 'pool' or 'best', got 'all'"):
        InitSweepDisplay.from_search(search, others="all")


def test_one_of_several_metrics():
    search = LockstepGridSearchCV(
        make_net(),
        {"init_scale": [0.1, 1]},
        cv=2,
        scoring=["accuracy", "roc_auc"],
        refit="roc_auc",
    ).fit(X, Y)
    display = InitSweepDisplay.from_search(search)
    expected = search.cv_results_["mean_test_roc_auc"]
    np.testing.assert_allclose(display.lines_[0].get_ydata(), expected)
    assert display.ax_.get_ylabel().startswith("ROC AUC")
    display = InitSweepDisplay.from_cv_results(search.cv_results_, score="accuracy")
    expected = search.cv_results_["mean_test_accuracy"]
    np.testing.assert_allclose(display.lines_[0].get_ydata(), expected)
    with pytest.raises(ValueError, match=r"score='loss' .*: accuracy, roc_auc\."):
        InitSweepDisplay.from_search(search, score="loss")


def test_a_failed_fit_leaves_a_gap_and_a_cross():
    results = {
        "params": [{"init_scale": s} for s in (0.1, 1, 10)],
        "split0_test_score": np.array([0.9, 0.8, np.nan]),
        "split1_test_score": np.array([0.9, 0.8, 0.7]),
    }
    display = InitSweepDisplay.from_cv_results(results)
    np.testing.assert_allclose(display.lines_[0].get_ydata(), [0.9, 0.8, np.nan])
    (crosses,) = display.failures_
    np.testing.assert_array_equal(crosses.get_xdata(), [10])


def test_searches_that_are_no_sweep():
    options = {"init": "randn", "init_scale": "auto", "others": "pool"}
    results = {"params": [{"alpha": 1}], "split0_test_score": [0]}
    with pytest.raises(ValueError, match="neither init nor init_scale"):
        read_sweep(results, "score", **options)
    results["params"] = [{"a__init": "randn", "b__init": "he"}]
    with pytest.raises(ValueError, match=r"parameter is init\?.*a__init, b__init"):
        read_sweep(results, "score", **options)


def swept(search):
    """Init, scale and scores of every point that is drawn of a search."""
    points = InitSweepDisplay.from_search(search).points
    return [(point.init, point.scale, point.scores.tolist()) for point in points]


def of_splits(search, candidate):
    """The test scores of one candidate on two splits."""
    return [search.cv_results_[f"split{k}_test_score"][candidate] for k in range(2)]


SCALED = Pipeline([("scaler", StandardScaler()), ("clf", make_net())])
OTHERS = [LogisticRegression(C=1e-6), LogisticRegression(C=1e-5)]


# Of estimators of several lengths NumPy 1.23 makes an array, with a warning.
@pytest.mark.filterwarnings("ignore:Creating an ndarray from ragged")
@pytest.mark.parametrize(
    "grid",
    [
        [{"clf": [make_net()], "clf__init_scale": [0.1, 1]}, {"clf": OTHERS}],
        [{"clf__init_scale": [0.1, 1]}, {"clf": [OTHERS[0]], "clf__C": [1, 2]}],
        [{"clf__init_scale": [0.1, 1], "scaler": ["passthrough"]}, {"clf": OTHERS}],
        {"clf": [make_net(init_scale=0.1), make_net(init_scale=1), *OTHERS]},
        {"clf": [make_pipeline(make_net(init_scale=s)) for s in (0.1, 1)] + OTHERS},
    ],
)
@every_search
def test_candidates_of_other_classifiers_are_left_out(search, grid):
    search = search(SCALED, grid, cv=2).fit(X, Y)
    expected = [("randn", s, of_splits(search, k)) for k, s in enumerate([0.1, 1.0])]
    assert swept(search) == expected


def test_the_net_may_stand_in_the_grid_alone():
    pipeline = Pipeline([("scaler", StandardScaler()), ("clf", OTHERS[0])])
    grid = [
        {"clf": [make_net(init="he")], "clf__init_scale": [0.1, 1]},
        {"clf": [make_net(init="glorot", init_scale=3)]},
        {"clf__C": [1]},
    ]
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, Y)
    starts = [("he", 0.1), ("he", 1.0), ("glorot", 3.0)]
    expected = [(*start, of_splits(search, k)) for k, start in enumerate(starts)]
    assert swept(search) == expected
    of_results = InitSweepDisplay.from_cv_results(search.cv_results_, init=None)
    assert [(p.init, p.scale) for p in of_results.points] == starts


def test_nets_of_several_inits_are_an_axis_of_their_own():
    inits = ["he", "glorot", twice_uniform]
    nets = [make_pipeline(make_net(init=init)) for init in inits]
    search = GridSearchCV(SCALED, {"clf": nets}, cv=2).fit(X, Y)
    assert [name for name, _, _ in swept(search)] == ["he", "glorot", "twice_uniform"]
    grid = {"clf": nets[:1], "clf__shallownetclassifier__init": ["lecun", "he"]}
    search = GridSearchCV(SCALED, grid, cv=2).fit(X, Y)
    assert [name for name, _, _ in swept(search)] == ["lecun", "he"]


def test_a_sweep_without_a_net_is_refused():
    search = GridSearchCV(SCALED, {"clf": OTHERS, "clf__C": [1]}, cv=2).fit(X, Y)
    with pytest.raises(ValueError, match="varied neither init nor init_scale"):
        InitSweepDisplay.from_search(search)
    results = {"params": [{"clf": OTHERS[0], "clf__init_scale": 1}]}
    results["split0_test_score"] = np.zeros(1)
    with pytest.raises(ValueError, match="no candidate of the search ends in a Sha"):
        InitSweepDisplay.from_cv_results(results)
    results["params"] = [{"a": make_net(), "b": make_net()}]
    with pytest.raises(ValueError, match=r"which net is meant\?.*a, b"):
        InitSweepDisplay.from_cv_results(results)
    with pytest.raises(NotFittedError, match="GridSearchCV"):
        InitSweepDisplay.from_search(GridSearchCV(SCALED, {}))


def test_an_init_of_another_step_is_not_the_net_s():
    results = {
        "params": [
            {"nmf__init": init, "clf__init_scale": scale}
            for init in ("random", "nndsvd")
            for scale in (0.1, 1)
        ],
        "split0_test_score": np.arange(4),
    }
    points = InitSweepDisplay.from_cv_results(results).points
    assert [(p.init, p.scale, p.scores.tolist()) for p in points] == [
        ("randn", 0.1, [0, 2]),
        ("randn", 1.0, [1, 3]),
    ]


@pytest.mark.parametrize("resource", ["n_samples", "clf__max_iter"])
@one_label
def test_rounds_of_a_halving_search_are_not_pooled(resource):
    inits = ["randn", twice_uniform]
    search = HalvingGridSearchCV(
        SCALED,
        {"clf__init_scale": [0.1, 1], "clf__init": inits, "clf__random_state": [0]},
        resource=resource,
        min_resources={"n_samples": 80}.get(resource, 2),
        max_resources={"n_samples": 400}.get(resource, 8),
        factor=2,
        cv=2,
        random_state=0,
    ).fit(X, Y)
    results = search.cv_results_
    assert len(results["params"]) > 4
    last = {}
    for k, candidate in enumerate(results["params"]):
        init, scale = candidate["clf__init"], candidate["clf__init_scale"]
        last[getattr(init, "__name__", init), scale] = of_splits(search, k)
    drawn = {(init, scale): scores for init, scale, scores in swept(search)}
    assert drawn == last
    display = InitSweepDisplay.from_search(pickle.loads(pickle.dumps(search)))
    assert {(p.init, p.scale): p.scores.tolist() for p in display.points} == last
    assert display.scores_of == "2 splits, last round"
    assert_readable(display)


def scale_labels(ax):
    """Labels of the scales, without those of zero and of pairs."""
    labels = [text.get_text() for text in ax.get_xticklabels()]
    return [label for label in labels if label != "0" and label[0] != "("]


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
    shown = np.array(scale_labels(display.ax_), float)
    assert set(shown) <= {float(f"{s:.4g}") for s in scales if not isinstance(s, str)}
    assert len(shown) >= min(3, len(scales))
    if len(scales) == 16:
        assert np.ptp(np.diff(np.log10(shown))) == pytest.approx(0)


@pytest.mark.parametrize("n_scales", [2, 6])
@pytest.mark.parametrize("n_inits", [2, 7])
def test_the_legend_of_inits_stands_where_nothing_is(n_inits, n_scales):
    rng = np.random.RandomState(0)
    points = [
        SweepPoint(f"an_init_{k}", scale, rng.uniform(0, 1, 5))
        for k in range(n_inits)
        for scale in 10.0 ** np.arange(n_scales)
    ]
    display = InitSweepDisplay(points).plot()
    assert len(display.ax_.get_legend().get_texts()) == n_inits
    assert_readable(display)


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
    assert [t.get_text() for t in legend.get_texts()] == ["0.01", "1", "10"]
    assert display.ax_.get_ylabel() == "Loss + penalty (nats)"
    assert_readable(display)


def test_one_loss_curve_needs_no_legend():
    pipeline = make_pipeline(StandardScaler(), make_net(max_iter=100)).fit(X, Y)
    display = LossCurveDisplay.from_estimator(pipeline, log_iterations=True)
    assert display.ax_.get_legend() is None
    assert display.validation_lines_ == []
    assert display.ax_.get_xscale() == display.ax_.get_yscale() == "log"
    assert_readable(display)


def test_a_list_is_named_by_its_starts():
    nets = [make_net(), make_net(random_state=1), make_net(init="he")]
    display = LossCurveDisplay.from_estimator([net.fit(X, Y) for net in nets])
    assert list(display.curves) == ["randn, auto", "randn, auto (2)", "he, auto"]


def test_validation_curves_are_drawn_beside():
    net = make_net().fit(X[::2], Y[::2], X_val=X[1::2], y_val=Y[1::2])
    display = LossCurveDisplay.from_estimator(net, log_loss=False)
    (line,) = display.validation_lines_
    np.testing.assert_array_equal(line.get_ydata(), net.validation_loss_curve_)
    assert line.get_markerfacecolor() == "white"
    assert display.ax_.get_yscale() == "linear"
    assert_readable(display)


@pytest.mark.parametrize("alpha", [0, 1])
def test_the_labels_of_curves_say_what_is_drawn(alpha):
    net = make_net(alpha=alpha)
    net.fit(X, Y, X_val=X, y_val=Y)  # the same data, so that the penalty is all
    excess = net.loss_curve_[1] - net.validation_loss_curve_[0]
    assert (excess > 1e-9) == (alpha > 0)
    display = LossCurveDisplay.from_estimator({"net": net})
    names = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    penalty = " + penalty" if alpha else ""
    assert names == [f"net, training{penalty}", "net, validation"]
    assert display.ax_.get_ylabel() == "Loss (nats)"
    display = LossCurveDisplay.from_estimator(net.fit(X, Y))
    assert display.ax_.get_ylabel() == f"Loss{penalty} (nats)"


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("name", ["0.01", "a network with a long name"])
def test_the_legend_of_curves_stands_where_nothing_is(name, is_log):
    t = np.arange(1, 301)
    curves = {f"{name} {k}": 2.0**k * t**-0.5 + 0.1 * k for k in range(7)}
    beside = {name: curve / 1.5 for name, curve in list(curves.items())[:3]}
    for validation_curves in (None, beside):
        display = LossCurveDisplay(curves, validation_curves=validation_curves)
        display.plot(log_iterations=is_log, log_loss=is_log)
        assert_readable(display, log_iterations=is_log, log_loss=is_log)
    figure, ax = pyplot.subplots(figsize=SMALL, layout="constrained")
    display.plot(ax, log_iterations=is_log, log_loss=is_log)
    figure.draw_without_rendering()
    assert (ax.bbox.size > figure.bbox.size / 4).all()  # not squeezed by their legend
    _, ax = pyplot.subplots()  # where nothing makes room beside the axes
    display.plot(ax)
    box, frame = ax.get_legend().get_window_extent(), ax.bbox
    assert box.x0 > frame.x0
    assert box.x1 < frame.x1


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("n", [1, 2, 7, 500])
def test_markers_lie_on_the_curve_and_take_turns(n, is_log):
    marks = [marked(n, k, is_log) for k in range(7)]
    assert all(min(m) >= 0 and max(m) < n for m in marks)
    if n == 500:
        assert all(len(m) >= 6 for m in marks)
        assert all(not set(a) & set(b) for a, b in pairwise(marks) if not is_log)


# ---------------------------------------------------------------------------
# Hidden units


@pytest.mark.parametrize("seed", range(20))
def test_half_planes(seed):
    """Ends on the walls and on the line, ticks square to it on the positive side."""
    rng = np.random.RandomState(seed)
    w = rng.standard_normal(2)
    b = -w @ rng.uniform(0.1, 0.9, 2)  # a point inside is on the line
    ends, ticks = half_plane(w, b)
    assert ends.shape == (2, 2)
    np.testing.assert_allclose(ends @ w + b, 0, atol=1e-12)
    on_wall = np.isclose(ends, 0) | np.isclose(ends, 1)
    assert on_wall.any(axis=1).all()
    assert (ends > -1e-12).all()
    assert (ends < 1 + 1e-12).all()
    roots, tips = ticks[:, 0], ticks[:, 1]
    np.testing.assert_allclose(roots @ w + b, 0, atol=1e-12)
    assert (tips @ w + b > 0).all()
    np.testing.assert_allclose((tips - roots) @ (ends[1] - ends[0]), 0, atol=1e-12)


@pytest.mark.parametrize(
    ("w", "b", "crosses"),
    [
        ([1, 0], -0.5, True),
        ([0, -2], 1, True),
        ([1, 0], 0.5, False),
        ([0, 1], -3, False),
        ([1, 1], 1, False),
        ([0, 0], 1, False),
    ],
)
def test_half_planes_along_the_axes_and_beyond(w, b, crosses):
    ends, ticks = half_plane(np.array(w, float), b)
    assert len(ends) == (2 if crosses else 0)
    assert (len(ticks) > 0) == crosses


def test_units_over_planar_data():
    net = make_net(max_iter=200).fit(X, Y)
    display = HiddenUnitsDisplay.from_estimator(net, X, Y)
    assert len(display.lines_) == len(display.ticks_) == 4
    for line, w, b in zip(
        display.lines_, net.coefs_[0].T, net.intercepts_[0], strict=True
    ):
        points = np.column_stack(line.get_data())
        np.testing.assert_allclose(points @ w + b, 0, atol=1e-9)
    widths = [line.get_linewidth() for line in display.lines_]
    strength = np.abs(net.coefs_[1][:, 0])
    np.testing.assert_array_equal(np.argsort(widths), np.argsort(strength))
    assert [len(points.get_offsets()) for points in display.points_] == [200, 200]
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


def test_labels_are_drawn_as_fit_takes_them():
    import pandas as pd
    import polars as pl

    net = make_net().fit(X, Y)
    for labels in (Y[:, None], Y.tolist(), pd.DataFrame({"y": Y}), pl.DataFrame([Y])):
        points = HiddenUnitsDisplay.from_estimator(net, X, labels).points_
        for label, drawn in enumerate(points):
            np.testing.assert_array_equal(drawn.get_offsets(), X[label == Y])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        HiddenUnitsDisplay.from_estimator(net, X, Y[:-1])


def test_samplers_have_no_part_in_what_is_drawn():
    pipeline = make_resampling_pipeline(StandardScaler(), EveryOther(), make_net())
    rows, net = StandardScaler().fit_transform(X), pipeline.fit(X, Y).steps[-1][1]
    display = HiddenUnitsDisplay.from_estimator(pipeline, X, Y)
    np.testing.assert_array_equal(display.X, rows)
    drawn = SaturationDisplay.from_estimator(pipeline, X).pre_activations
    expected = SaturationDisplay.from_estimator(net, rows).pre_activations
    np.testing.assert_array_equal(drawn, expected)
    assert SymmetryDisplay.from_estimator(pipeline).n_distinct == 4
    (curve,) = LossCurveDisplay.from_estimator(pipeline).curves.values()
    np.testing.assert_array_equal(curve, net.loss_curve_)


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
    [(30, 1, 9, 25), (40, 1, 9, 9), (60, 1, 100, 9), (25, 10, 45, 9), (2, 1, 300, 9)],
)
def test_labels_of_heat_maps_do_not_touch(n_features, n_outputs, n_hidden, letters):
    rng = np.random.RandomState(0)
    shapes = (n_features, n_hidden), (n_hidden, n_outputs)
    coefs = [rng.standard_normal(shape) for shape in shapes]
    names = [f"{j}".rjust(letters, "x") for j in range(n_features)]
    biases = [np.zeros(n_hidden), np.zeros(n_outputs)]
    display = HiddenUnitsDisplay(coefs, biases, feature_names=names).plot()
    assert_readable(display)
    shown = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert shown[:-2] in (names, [f"{n_features} features"])
    assert shown[-2:] == ["bias", "output"]


@pytest.mark.parametrize("name", ["", "class number "])
def test_many_classes_share_rows_of_the_legend(name):
    rng = np.random.RandomState(0)
    rows, classes = rng.standard_normal((120, 2)), np.arange(120) % 12
    coefs = rng.standard_normal((2, 3)), rng.standard_normal((3, 12))
    y = np.array([f"{name}{k}" for k in classes])
    display = HiddenUnitsDisplay(coefs, [np.zeros(3)] * 2, X=rows, y=y).plot()
    assert len(display.ax_.get_legend().get_texts()) == 12
    assert_readable(display)


def test_feature_names_are_written():
    import pandas as pd

    rows = np.random.RandomState(0).standard_normal((20, 3))
    frame = pd.DataFrame(rows, columns=["height", "weight", "age"])
    net = make_net().fit(frame, np.arange(20) % 2)
    labels = HiddenUnitsDisplay.from_estimator(net).ax_.get_xticklabels()
    names = ["height", "weight", "age", "bias", "output"]
    assert [t.get_text() for t in labels] == names


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


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("n_hidden", [1, 12, 20, 60])
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
    assert_readable(display)
    plain = display.plot(order="unit", colorbar=False)
    assert plain is display
    np.testing.assert_array_equal(display.order_, range(n_hidden))
    assert display.colorbar_ is None


@identical_units
def test_similar_units_stand_beside_each_other():
    rng = np.random.RandomState(0)
    kinds = rng.standard_normal((3, 2))
    group = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2])
    start = [kinds[group].T, kinds[group, :1]], [np.zeros(9), np.zeros(1)]
    net = make_net(9, init=start).fit(X, Y)
    display = SymmetryDisplay.from_estimator(net, at="start")
    assert display.n_distinct == 3
    in_order = group[display.order_]
    assert np.count_nonzero(np.diff(in_order)) == 2


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("scale", [0.01, 1, 30])
@saturated_units
@one_label
def test_saturation(activation, scale):
    net = make_net(activation=activation, init_scale=scale).fit(X, Y)
    display = SaturationDisplay.from_estimator(net, X, at="start")
    start = net.init_coefs_, net.init_intercepts_
    share = saturation(*start, activation, X).mean()
    assert display.text_.get_text() == f"{share:.0%} on flat parts"
    heights, bins, _ = display.bars_.get_data()
    assert heights.max() == 1
    assert 5 <= bins[-1] == -bins[0] <= 20
    _, height = display.curve_.get_data()
    assert height.min() == 0
    assert height.max() == 1
    assert (np.diff(height) >= 0).all()
    beyond = np.mean(display.pre_activations < bins[1])  # the outermost bar holds it
    assert heights[0] / heights.sum() == pytest.approx(beyond)
    is_cut = np.abs(display.pre_activations).max() > bins[-1]
    labels = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert (labels[0] == f"≤ −{bins[-1]:g}") == is_cut
    assert_readable(display)


def test_saturation_of_a_pipeline_and_of_sparse_rows():
    pipeline = make_pipeline(StandardScaler(with_mean=False), make_net()).fit(X, Y)
    dense = SaturationDisplay.from_estimator(pipeline, X, edge=3, n_bins=10)
    rows = sparse.csr_matrix(X)
    from_sparse = SaturationDisplay.from_estimator(pipeline, rows, edge=3, n_bins=10)
    np.testing.assert_allclose(dense.pre_activations, from_sparse.pre_activations)
    assert dense.bars_.get_data().edges.tolist() == np.linspace(-3, 3, 11).tolist()


# ---------------------------------------------------------------------------
# scikit-learn's conventions


def make_displays():
    net = make_net().fit(X, Y)
    search = LockstepGridSearchCV(make_net(), {"init_scale": [0.1, 1]}, cv=2).fit(X, Y)
    return [
        InitSweepDisplay.from_search(search),
        LossCurveDisplay.from_estimator(net),
        HiddenUnitsDisplay.from_estimator(net),
        HiddenUnitsDisplay.from_estimator(net, X, Y),
        SymmetryDisplay.from_estimator(net),
        SaturationDisplay.from_estimator(net, X),
    ]


def test_displays_hold_arrays_and_draw_where_they_are_told():
    for display in make_displays():
        assert display.figure_ is display.ax_.figure
        figure, ax = pyplot.subplots()
        assert display.plot(ax) is display
        assert display.ax_ is ax
        assert display.figure_ is figure
        fresh = type(display).__new__(type(display))
        arrays = {k: v for k, v in vars(display).items() if not k.endswith("_")}
        vars(fresh).update(arrays)
        assert fresh.plot().ax_ is not ax


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    displays = make_displays()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    for display in displays:
        name = type(display).__name__
        message = rf"{name}\.plot needs matplotlib.*pip install 'skshallow\[plot\]'"
        with pytest.raises(ImportError, match=message):
            display.plot()


def test_matplotlib_is_loaded_by_plot_alone():
    program = "import sys, skshallow.displays; print('matplotlib' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(skshallow.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "False"


def test_what_is_no_network_is_refused():
    scaler = StandardScaler().fit(X)
    with pytest.raises(TypeError, match="got StandardScaler"):
        LossCurveDisplay.from_estimator(scaler)
    for display in (LossCurveDisplay, HiddenUnitsDisplay, SymmetryDisplay):
        with pytest.raises(NotFittedError, match="ShallowNetClassifier"):
            display.from_estimator(make_net())
    with pytest.raises(NotFittedError, match="ShallowNetClassifier"):
        SaturationDisplay.from_estimator(make_net(), X)


# Linear RGB as dichromats see it: Machado, Oliveira and Fernandes, "A
# physiologically-based model for simulation of color vision deficiency", IEEE
# Transactions on Visualization and Computer Graphics 15(6), 2009, severity 1.0.
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]
# Linear sRGB to XYZ under D65: IEC 61966-2-1. The second row is the luminance.
RGB_TO_XYZ = np.array(
    [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
)
VISIONS = {
    "common": np.eye(3),
    "protanopia": np.array(PROTANOPIA),
    "deuteranopia": np.array(DEUTERANOPIA),
    "greyscale": np.tile(RGB_TO_XYZ[1], (3, 1)),
}
JUST_NOTICED = 2.3  # Mahy, Van Eycken and Oosterlinck, Color Research 19(2), 1994
AT_A_GLANCE = 4 * JUST_NOTICED
every_vision = pytest.mark.parametrize("vision", VISIONS)


def linear_rgb(colour):
    """Without sRGB's gamma."""
    c = np.array(matplotlib.colors.to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE 1976 L*a*b* of linear RGB."""
    t = RGB_TO_XYZ @ np.clip(rgb, 0, 1) / RGB_TO_XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one, other, vision):
    """CIE76 between two colours, as they are seen."""
    M = VISIONS[vision]
    return np.linalg.norm(lab(M @ linear_rgb(one)) - lab(M @ linear_rgb(other)))


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("#ffffff", [100, 0, 0]),
        ("#ff0000", [53.24, 80.09, 67.20]),
        ("#00ff00", [87.74, -86.18, 83.18]),
        ("#0000ff", [32.30, 79.19, -107.86]),
    ],
)
def test_lab_of_known_colours(colour, expected):
    np.testing.assert_allclose(lab(linear_rgb(colour)), expected, atol=0.05)


@every_vision
def test_grey_is_grey_to_everybody(vision):
    np.testing.assert_allclose(VISIONS[vision].sum(axis=1), 1, atol=2e-6)


@pytest.mark.parametrize("vision", ["protanopia", "deuteranopia"])
def test_colours_that_are_confused_are_found(vision):
    """Along the direction that a dichromat does not see, against all others."""
    unseen = np.linalg.svd(VISIONS[vision])[2][-1]
    one, other = (
        np.where(c <= 0.0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - 0.055)
        for c in (0.3 + 0.2 * unseen, 0.3 - 0.2 * unseen)
    )
    assert distance(one, other, vision) < AT_A_GLANCE
    assert distance(one, other, "common") > 4 * AT_A_GLANCE


@pytest.mark.parametrize("vision", ["common", "protanopia", "deuteranopia"])
def test_the_colours_of_curves_differ_to_the_colour_blind(vision):
    colours = [colour for colour, _, _ in STYLES]
    for one, other in combinations(colours, 2):
        assert distance(one, other, vision) > AT_A_GLANCE, (one, other)


def styles_in(ax):
    """Colour, and what tells lines apart without it, of the lines with a name."""
    return [
        (line.get_color(), (line.get_marker(), line.get_markerfacecolor() == "white"))
        for line in ax.lines
        if not line.get_label().startswith("_")
    ]


def told_apart(one, other, vision):
    return one[1] != other[1] or distance(one[0], other[0], vision) > AT_A_GLANCE


@every_vision
def test_every_two_lines_of_a_display_are_told_apart(vision):
    curves = {str(k): np.ones(9) + k for k in range(7)}
    display = LossCurveDisplay(curves, validation_curves=curves).plot()
    styles = styles_in(display.ax_)
    assert len(styles) == 14
    for one, other in combinations(styles, 2):
        assert told_apart(one, other, vision)
    assert not told_apart(styles[0], styles[0], vision)


def test_styles_do_not_come_round_soon():
    styles = [tuple(style_of(k).values()) for k in range(len(STYLES) ** 2)]
    for (colour, line, marker), (other, other_line, other_marker) in combinations(
        styles, 2
    ):
        assert (colour, line) != (other, other_line)
        assert (colour, marker) != (other, other_marker)


@every_vision
@one_label
def test_bars_shade_and_curve_of_saturation_are_told_apart(vision):
    net = make_net(init_scale=10).fit(X, Y)
    display = SaturationDisplay.from_estimator(net, X)
    parts = [
        display.bars_.get_facecolor(),
        display.curve_.get_color(),
        display.flat_.get_facecolor()[0],
        display.ax_.get_facecolor(),
    ]
    for one, other in combinations(parts, 2):
        assert distance(one, other, vision) > AT_A_GLANCE


@every_vision
def test_maps_grow_lighter_to_everybody(vision):
    steps = matplotlib.colormaps[COLOUR_MAP](np.linspace(0, 1, 50))
    lightness = [lab(VISIONS[vision] @ linear_rgb(step))[0] for step in steps]
    assert (np.diff(lightness) > 0).all()
    assert np.ptp(lightness) > 60


def luminance(colour):
    return matplotlib.colors.to_rgb(colour) @ np.array([0.299, 0.587, 0.114])


def test_curves_and_maps_survive_a_black_and_white_print():
    colours, lines, markers = zip(*STYLES, strict=True)
    assert len(set(lines)) == len(set(markers)) == len(set(colours)) == len(STYLES)
    assert all(luminance(colour) < 0.7 for colour in colours)  # on white
    steps = matplotlib.colormaps[COLOUR_MAP](np.linspace(0, 1, 50))[:, :3]
    assert (np.diff([luminance(step) for step in steps]) > 0).all()
