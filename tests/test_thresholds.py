"""The piecewise-linear encoding of the examples: knots, ramps, and what they keep."""

import numpy as np
import pandas as pd
import pytest
from piecewise_linear import PiecewiseLinearEncoder, find_knots, ramps, with_thresholds
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from skshallow import ShallowNetClassifier, ShallowNetClassifierCV

RNG = np.random.RandomState(0)
NORMAL = RNG.standard_normal(500)
COLUMNS = {
    "mostly 0, which is least": np.where(NORMAL < 1, 0, NORMAL),
    "mostly 0, which is most": np.where(NORMAL > -1, 0, NORMAL),
    "mostly 0, in between": np.where(abs(NORMAL) < 1.5, 0, NORMAL),
    "all 0 but one": np.where(np.arange(500) == 7, 3.0, 0),
    "many ties": np.round(NORMAL, 1),
    "counts": RNG.poisson(30, 500),
    "times": 1.7e9 + 1e6 * NORMAL,
    "narrow and wide": np.r_[1e300, np.arange(499) * 5e-324],
    "two values": np.where(NORMAL > 1, 5, 3),
    "one value": np.full(500, 3.0),
}
each_column = pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)


@each_column
@pytest.mark.parametrize("n_knots", [2, 3, 8, 20])
def test_knots_are_some_values_of_a_column_and_its_extremes(column, n_knots):
    knots = find_knots(column, n_knots)
    assert len(knots) <= n_knots
    assert (np.diff(knots) > 0).all()
    assert np.isin(knots, column).all()
    assert (knots[0], knots[-1]) == (column.min(), column.max())


@each_column
def test_a_ramp_is_interpolated_between_its_knots(column):
    knots = find_knots(column, 8)
    heights = ramps(column, knots)
    assert heights.shape == (500, len(knots) - 1)
    for j, ramp in enumerate(heights.T):
        k = np.searchsorted(knots, column, side="right") - 1
        beginning, end = knots[j : j + 2]
        np.testing.assert_array_equal(ramp[k < j], 0)
        np.testing.assert_array_equal(ramp[k > j], 1)
        inside = column[k == j] - beginning
        np.testing.assert_allclose(ramp[k == j], inside / (end - beginning), rtol=1e-6)


@pytest.mark.parametrize("n_knots", [2, 5, 12])
def test_knots_share_the_rows_of_a_column_without_ties(n_knots):
    column = RNG.standard_normal(1000)
    knots = find_knots(column, n_knots)
    assert (knots[0], knots[-1]) == (column.min(), column.max())
    counts = np.histogram(column, knots)[0]
    assert len(counts) == n_knots - 1
    assert np.ptp(counts) <= 2


def test_few_values_are_all_knots():
    assert find_knots(np.array([3.0, 1.0, 1.0, 2.0]), 8).tolist() == [1, 2, 3]


def test_a_frequent_value_is_a_knot_and_leaves_the_others_theirs():
    column = np.r_[np.zeros(700), np.arange(1.0, 301.0)]
    knots = find_knots(column, 5)
    assert knots[0] == 0
    assert knots[1:].tolist() == [1, 101, 200, 300]


def test_one_knot_makes_no_ramp():
    with pytest.raises(ValueError, match="n_knots=1"):
        PiecewiseLinearEncoder(1).fit(NORMAL[:, None])


def test_constant_columns_are_left_out_and_frames_are_taken():
    frame = pd.DataFrame({"a": RNG.uniform(size=50), "b": 1.0, "c": np.arange(50) % 2})
    encoded = PiecewiseLinearEncoder(4).fit_transform(frame)
    assert encoded.shape == (50, 3 + 0 + 1)
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded[:, 3], frame["c"])


def test_it_is_an_estimator_of_scikit_learn(monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # or the array API check is skipped
    check_estimator(PiecewiseLinearEncoder())


def test_a_net_with_thresholds_finds_them():
    """The class alternates over intervals of one column, and the other is noise."""
    X = RNG.uniform(size=(600, 2))
    y = (np.floor(6 * X[:, 0]) % 2).astype(int)
    net = ShallowNetClassifierCV(8, cv=3, random_state=0)
    accuracies = [
        model.fit(X[:400], y[:400]).score(X[400:], y[400:])
        for model in (clone(net), with_thresholds(net))
    ]
    assert accuracies[1] > 0.9 > accuracies[0] + 0.1


def test_the_recipe_is_a_pipeline_whose_knots_are_a_parameter():
    X, y = np.column_stack([NORMAL, NORMAL > 0]), (NORMAL > 1).astype(int)
    model = with_thresholds(ShallowNetClassifier(4, max_iter=20, random_state=0))
    model.set_params(piecewiselinearencoder__n_knots=5).fit(X, y)
    assert model[-1].coefs_[0].shape == (4 + 1, 4)
    assert model[-1].coefs_[0].dtype == np.float32  # faster than float64
    assert model[1].mean_.shape == (5,)
