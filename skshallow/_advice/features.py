"""Measurements of features: their scale, and rows that are far from the others."""

import numpy as np
from scipy.sparse import issparse

from skshallow._core.batches import slices

# Distance of the first and the last decile of a standard normal distribution.
DECILES = 2.563
# A feature that varies by less than this share of the largest is constant up to
# rounding, in float32 as well.
ROUNDING = 1e-6


@np.errstate(all="ignore")  # large features overflow, and tiny ones vanish
def measure(X, some_X):
    """Measurements of the features, most of them on some rows."""
    is_sparse = issparse(X)
    return {
        "feature_scale": largest_scale(some_X),
        "is_sparse": is_sparse,
        "is_constant": _is_constant(some_X) and _is_constant(X),
        "outlier_ratio": np.nan if is_sparse else _outlier_ratio(X, some_X),
        "scale_ratio": np.nan if is_sparse else _scale_ratio(some_X),
    }


def largest_scale(X):
    """Root mean square of the feature for which it is largest."""
    rows = X.astype(np.float64)
    squares = rows.multiply(rows) if issparse(X) else np.square(rows)
    return np.sqrt(squares.mean(axis=0).max())


def _outlier_ratio(X, some_X):
    """Standard deviation of a feature over the spread of most rows, the largest.

    Features that are the same in most rows do not count.
    """
    spread = spread_of_most(some_X)
    varies = spread > 0
    return (_deviation(X)[varies] / spread[varies]).max(initial=0)


@np.errstate(all="ignore")  # a constant feature has no other values
def spread_of_most(X):
    """The spread of most rows of every feature, as a standard deviation.

    A normal distribution of this standard deviation has the same deciles. If the rows
    without a code for missing values, such as -9999, have a smaller standard deviation,
    it is taken instead. Such a code is the smallest or the largest value of a feature,
    in up to half of the rows.
    """
    spread, deviation = _spread_by_deciles(X), _deviation(X)
    for code in (X.min(axis=0), X.max(axis=0)):
        spread = np.fmin(spread, _deviation_beside(code, X, deviation))
    return spread


def _scale_ratio(X):
    """Root mean square of the largest feature over the deviation of the smallest.

    Features that are the same in most rows, or up to rounding, do not count as small.
    """
    largest, deviation = largest_scale(X), _deviation(X)
    varies = (_spread_by_deciles(X) > 0) & (deviation > ROUNDING * largest)
    return largest / deviation[varies].min(initial=np.inf)


def _deviation(X):
    """Standard deviations of the features, from blocks of rows to save memory."""
    blocks = [X[rows] for rows in slices(len(X))]
    mean = sum(block.sum(axis=0, dtype=np.float64) for block in blocks) / len(X)
    squares = sum(np.square(block - mean).sum(axis=0) for block in blocks)
    return np.sqrt(squares / len(X))


def _spread_by_deciles(X):
    """The spread of most rows of every feature, as a standard deviation."""
    tenth = round(0.1 * (len(X) - 1))
    low, high = np.sort(X, axis=0)[[tenth, -1 - tenth]]  # np.quantile is slower
    return (high - low) / DECILES


def _deviation_beside(code, X, deviation):
    """Standard deviations of features without a value, or nan if it is no such code.

    The law of total variance gives them. Most rows have to be different from the value,
    and from each other: a feature of two values has no code.
    """
    p, variance = (code == X).mean(axis=0), np.square(deviation)
    distance = code - X.mean(axis=0, dtype=np.float64)
    rest = variance / (1 - p) - p * np.square(distance / (1 - p))
    is_code = (p < 0.5) & (rest > ROUNDING**2 * variance)
    return np.sqrt(np.where(is_code, rest, np.nan))


def _is_constant(X):
    return abs(X.max(axis=0) - X.min(axis=0)).max() == 0
