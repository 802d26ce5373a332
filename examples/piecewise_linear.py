"""
Piecewise-linear encoding
=========================

A step of a pipeline that gives a net thresholds to begin with::

    model = with_thresholds(ShallowNetClassifierCV())

:doc:`plot_thresholds` tells when that pays. Copy this file to use it.

It follows Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in
tabular deep learning", NeurIPS 2022 (arXiv:2203.05556), section 3.2, but for values
that many rows share, and for what is beyond the first and the last knot.
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
    column together tell its value, so that the column itself is not needed. Where the
    ramp of a narrow interval has a weight, the net has a threshold. A column of two
    values becomes one of 0 and 1, and a column of one value is left out.

    Parameters
    ----------
    n_knots : int, default=12
        Most knots of a column, at least 2. All its values, if there are no more.
        Otherwise every value that one row in ``n_knots - 1`` has, and quantiles of the
        values of the other rows.

    Attributes
    ----------
    knots_ : list of ndarray
        Of every column, ascending. The first and the last are its extremes.

    Notes
    -----
    Of a column in which most rows are 0, most quantiles are 0. Therefore frequent
    values are left out of the quantiles: the knots are where the other rows are.

    Ramps are float32: their values are between 0 and 1, and a net trains faster on it.
    Missing values are to be filled in before.
    """

    def __init__(self, n_knots=12):
        self.n_knots = n_knots

    def fit(self, X, y=None):
        """Find the knots of the columns of X (n_samples, n_features)."""
        if self.n_knots < 2:
            raise ValueError(f"n_knots={self.n_knots}: a ramp takes 2 knots or more.")
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
    is_frequent = counts * (n_knots - 1) > len(column)  # at most n_knots - 2 are
    others = np.repeat(values[~is_frequent], counts[~is_frequent])
    shares = np.linspace(0, 1, n_knots - np.sum(is_frequent))
    quantiles = np.quantile(others, shares, method="nearest")
    return np.union1d(values[is_frequent], quantiles)


def ramps(column, knots):
    """The ramps between neighbouring knots, (n, len(knots) - 1)."""
    widths = np.diff(knots)
    # Clipped before the division, which would overflow beyond a very narrow interval.
    heights = (column[:, None] - knots[:-1]).clip(0, widths) / widths
    return heights.astype(np.float32)
