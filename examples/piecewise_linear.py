"""
Piecewise-linear encoding
=========================

A step of a pipeline that gives a net thresholds to begin with::

    model = with_thresholds(ShallowNetClassifierCV())

:doc:`plot_thresholds` shows when this step is useful. Copy this file to use it.

The encoding follows Gorishniy, Rubachev and Babenko, "On embeddings for numerical
features in tabular deep learning", NeurIPS 2022 (arXiv:2203.05556), section 3.2. It
differs for values that many rows share, and for values beyond the first and the last
knot.
"""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data


def with_thresholds(net, n_knots=12):
    """A pipeline that encodes the columns, scales them and fits `net`."""
    return make_pipeline(PiecewiseLinearEncoder(n_knots), StandardScaler(), net)


class PiecewiseLinearEncoder(TransformerMixin, BaseEstimator):
    """Replaces a column by ramps, one for each interval between two knots.

    A ramp is 0 below its interval, 1 above it, and linear in between. All ramps of a
    column together determine its value, so that the column itself is not needed. The
    weight of the ramp of a narrow interval gives the net a threshold. A column of two
    values becomes a column of 0 and 1, and a column of one value is left out.

    Parameters
    ----------
    n_knots : int, default=12
        Maximum number of knots of a column, at least 2. If a column has no more values,
        all its values are knots. Otherwise the knots are every value that more than one
        row in ``n_knots - 1`` has, and quantiles of the values of the other rows.

    Attributes
    ----------
    knots_ : list of ndarray
        Knots of every column, ascending. The first and the last are the minimum and the
        maximum of the column.

    Notes
    -----
    If most rows of a column are 0, most quantiles are 0. Therefore frequent values are
    left out of the quantiles, so that the other knots are where the other rows are.

    Ramps are float32: their values are between 0 and 1, and a net trains faster on
    float32. Fill in missing values before this step.
    """

    def __init__(self, n_knots=12):
        self.n_knots = n_knots

    def fit(self, X, y=None):
        """Find the knots of the columns of X (n_samples, n_features)."""
        if self.n_knots < 2:
            raise ValueError(f"n_knots={self.n_knots}: a ramp needs 2 knots or more.")
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        self.knots_ = [find_knots(column, self.n_knots) for column in X.T]
        return self

    def transform(self, X):
        """The ramps of X, an array (n_samples, number of intervals) of float32."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        columns = zip(X.T, self.knots_, strict=True)
        return np.hstack([ramps(column, knots) for column, knots in columns])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # always float32
        return tags


def find_knots(column, n_knots):
    """At most ``n_knots`` of the values of a column (n,), ascending."""
    values, counts = np.unique(column, return_counts=True)
    if len(values) <= n_knots:
        return values
    is_frequent = counts * (n_knots - 1) > len(column)  # at most n_knots - 2 values
    others = np.repeat(values[~is_frequent], counts[~is_frequent])
    shares = np.linspace(0, 1, n_knots - np.sum(is_frequent))
    quantiles = np.quantile(others, shares, method="nearest")
    return np.union1d(values[is_frequent], quantiles)


def ramps(column, knots):
    """The ramps between neighbouring knots, (n, len(knots) - 1)."""
    widths = np.diff(knots)
    # Clipped before the division, which could overflow for a very narrow interval.
    heights = (column[:, None] - knots[:-1]).clip(0, widths) / widths
    return heights.astype(np.float32)
