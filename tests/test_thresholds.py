"""The piecewise-linear encoding of the examples: knots, ramps, and what they keep."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from skshallow import ShallowNetClassifierCV

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from piecewise_linear import (
    PiecewiseLinearEncoder,
    find_knots,
    ramps,
    with_thresholds,
)

RNG = np.random.RandomState(0)


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


def test_ramps_tell_the_value_of_a_column_between_its_knots():
    knots = np.array([-1.0, 0.0, 2.0, 5.0])
    column = np.r_[RNG.uniform(-1, 5, 100), knots]
    heights = ramps(column, knots)
    assert ((heights >= 0) & (heights <= 1)).all()
    np.testing.assert_allclose(knots[0] + heights @ np.diff(knots), column, atol=1e-6)
    beyond = ramps(np.array([-9.0, 9.0]), knots)
    np.testing.assert_array_equal(beyond, [[0, 0, 0], [1, 1, 1]])


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
    """A class in every other interval of one column, and a column of noise."""
    X = RNG.uniform(size=(600, 2))
    y = (np.floor(6 * X[:, 0]) % 2).astype(int)
    net = ShallowNetClassifierCV(8, cv=3, random_state=0)
    accuracies = [
        model.fit(X[:400], y[:400]).score(X[400:], y[400:])
        for model in (clone(net), with_thresholds(net))
    ]
    assert accuracies[1] > 0.9 > accuracies[0] + 0.1
