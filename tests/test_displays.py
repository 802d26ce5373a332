"""What the displays show is what was measured, and can be read."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skshallow
from skshallow import (
    LockstepGridSearchCV,
    LockstepRandomizedSearchCV,
    ShallowNetClassifier,
)
from skshallow.activations import ACTIVATIONS
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
from skshallow.drawing import STYLES, half_plane, marked
from skshallow.sweeps import read_sweep

X, Y = make_flower(random_state=1)

# scikit-learn 1.7 makes an array of numbers and pairs, of which NumPy 1.23 complains.
ragged_parameters = pytest.mark.filterwarnings(
    "ignore:Creating an ndarray from ragged nested sequences"
)


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


def visible_texts(ax):
    """The texts of an axes that are drawn, with their boxes in pixels."""
    ax.figure.draw_without_rendering()
    ticks = [
        label
        for axis in (ax.xaxis, ax.yaxis)
        for tick in axis.get_major_ticks()
        if (label := tick.label1).get_text() and _is_within(ax, axis, tick)
    ]
    texts = [*ticks, ax.xaxis.label, ax.yaxis.label, ax.title, *ax.texts]
    return [(t.get_text(), t.get_window_extent()) for t in texts if t.get_text()]


def _is_within(ax, axis, tick):
    low, high = sorted(axis.get_view_interval())
    return low <= tick.get_loc() <= high


def is_upright(line):
    """Whether a line is an axvline, and no marker or bar."""
    return list(line.get_ydata()) == [0, 1] and np.ptp(line.get_xdata()) == 0


def assert_readable(display):
    """Both axes labelled, and no text on another or outside the figure."""
    ax = display.ax_
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    texts = visible_texts(ax)
    figure = ax.figure.bbox
    for i, (one, box) in enumerate(texts):
        assert box.x0 >= figure.x0 - 1, one
        assert box.x1 <= figure.x1 + 1, one
        assert box.y0 >= figure.y0 - 1, one
        assert box.y1 <= figure.y1 + 1, one
        for other, other_box in texts[:i]:
            assert not box.overlaps(other_box), (one, other)


# ---------------------------------------------------------------------------
# Sweeps


@every_search
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
    assert display.ax_.get_ylabel().startswith("Accuracy")
    assert_readable(display)


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
    assert_readable(display)


@ragged_parameters
@every_search
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
    assert_readable(display)


@ragged_parameters
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
    assert found == {"randn": {0.01, 0.1}, "glorot": {1.0, 0.1}}


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
    assert best.ax_.get_ylabel().startswith("Log loss")
    assert pooled.ax_.get_ylabel().startswith("Negative log loss")
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


def test_many_decades_share_few_labels():
    scales = 10.0 ** np.arange(-12, 4)
    results = {
        "params": [{"init_scale": scale} for scale in [0, *scales]],
        "split0_test_score": np.linspace(0.5, 0.9, 17),
    }
    assert_readable(InitSweepDisplay.from_cv_results(results))


# ---------------------------------------------------------------------------
# Loss curves


def test_loss_curves_of_many_by_name():
    nets = {scale: make_net(init_scale=scale).fit(X, Y) for scale in (0.01, 1, 10)}
    display = LossCurveDisplay.from_estimator(nets, title="init_scale")
    for line, net in zip(display.lines_, nets.values(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), range(1, 6))
        np.testing.assert_array_equal(line.get_ydata(), net.loss_curve_)
    legend = display.ax_.get_legend()
    assert [t.get_text() for t in legend.get_texts()] == ["0.01", "1", "10"]
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
    assert len(display.ax_.get_legend().get_texts()) == 2
    assert display.ax_.get_yscale() == "linear"


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


def test_feature_names_are_written():
    import pandas as pd

    rows = np.random.RandomState(0).standard_normal((20, 3))
    frame = pd.DataFrame(rows, columns=["height", "weight", "age"])
    net = make_net().fit(frame, np.arange(20) % 2)
    labels = HiddenUnitsDisplay.from_estimator(net).ax_.get_xticklabels()
    names = ["height", "weight", "age", "bias", "output"]
    assert [t.get_text() for t in labels] == names


def test_units_that_are_all_zero_can_be_drawn():
    net = make_net(init="zeros").fit(X, Y)
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
@pytest.mark.parametrize("n_hidden", [1, 12, 60])
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


def luminance(colour):
    return matplotlib.colors.to_rgb(colour) @ np.array([0.299, 0.587, 0.114])


def test_curves_and_maps_survive_a_black_and_white_print():
    colours, lines, markers = zip(*STYLES, strict=True)
    assert len(set(lines)) == len(set(markers)) == len(set(colours)) == len(STYLES)
    assert all(luminance(colour) < 0.7 for colour in colours)  # on white
    steps = matplotlib.colormaps[COLOUR_MAP](np.linspace(0, 1, 50))[:, :3]
    assert (np.diff([luminance(step) for step in steps]) > 0).all()
