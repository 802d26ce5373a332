"""Weights of samples and of classes.

Weights may be tiny, because only their ratios count. scikit-learn's
``compute_class_weight`` cannot be used: it rejects keys that are not classes, and
divides by the weight of a class, which may be 0. This module knows nothing of
estimators.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array

from skshallow._fit.labels import UNKNOWN, encoded, listed

# If all weights are below this power of two, they are multiplied by another power of
# two. This is exact: it does not change the digits of products and sums of weights.
# Larger weights stay as they are, because those of several calls of ``partial_fit`` are
# added.
TINY_EXPONENT = -900


class RowTotals(NamedTuple):
    """Totals of the training rows of a fit, or of all calls of ``partial_fit`` so far.

    Parameters
    ----------
    total : float
        Sum of the weights.
    count : int
        Number of rows with a positive weight.
    mean_square : float
        Weighted mean of the squared Euclidean norms of the rows. For standardised
        features this is the number of features.
    """

    total: float = 0.0
    count: int = 0
    mean_square: float = 0.0

    @property
    def weight(self):
        """The divisor of the penalty: the total weight, and at least the count.

        A row of weight two then counts like two rows. Weights that sum to one do not
        make the penalty outweigh the data.
        """
        return max(self.total, self.count)

    def plus(self, other):
        """The totals of these rows and of other rows together."""
        if self.count == 0:
            return other
        share = 1 / (1 + self.total / other.total)
        mean = self.mean_square + share * (other.mean_square - self.mean_square)
        return RowTotals(self.total + other.total, self.count + other.count, mean)


NO_ROWS = RowTotals()


def checked_weight(weight, n_samples, name):
    """Validated sample weights (n,), float64, not negative and not all zero."""
    try:
        weight = check_array(
            weight, ensure_2d=False, ensure_min_samples=0, dtype=float, input_name=name
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of weights: {error}") from None
    if weight.shape != (n_samples,):
        raise ValueError(
            f"{name} must be a 1D array of {n_samples} weights, one for each sample, "
            f"got shape {weight.shape}."
        )
    if (weight < 0).any():
        raise ValueError(f"{name} must not be negative, got {weight.min()}.")
    total = _total(weight)
    if total == 0:
        raise ValueError(
            f"Sample weights must contain at least one non-zero number, but {name} "
            "has the sum 0."
        )
    if not np.isfinite(total):  # nan if scikit-learn does not check for it
        raise ValueError(
            f"{name} must have a finite sum, got {total}: scale it "
            "down, or leave a row out by a weight of 0."
        )
    return _product(weight)


def weigh_classes(samples, class_weight):
    """Samples whose weights include those of their classes.

    Parameters
    ----------
    samples : Samples
    class_weight : dict, "balanced" or None
    """
    if class_weight is None:
        return samples
    if isinstance(class_weight, str):
        weight = _balanced(samples.labels, samples.weight, len(samples.classes))
    else:
        weight = given_factors(class_weight, samples.classes)[samples.labels]
        both = [weight] if samples.weight is None else [weight, samples.weight]
        weight = _product(*both)
    total = _total(weight)
    if not 0 < total < np.inf:
        raise ValueError(
            f"class_weight={class_weight!r} and sample_weight together give weights "
            f"with the sum {total}: it must be positive and finite."
        )
    return samples._replace(weight=weight)


def _balanced(labels, weight, n_classes):
    """Weights (n,) with which all classes have the same total weight.

    A class of weight 0, as in a bootstrap, does not count. The weights are computed
    from the shares of the samples in their class, and not from a factor for each class,
    which may overflow.
    """
    mass = np.bincount(labels, weight, minlength=n_classes)
    share = (1.0 if weight is None else weight) / np.where(mass > 0, mass, 1)[labels]
    return share * (mass.sum() / np.count_nonzero(mass))


def given_factors(class_weight, classes):
    """The factors of the classes in a dict, (n_classes,); 1 for a class without a key.

    Keys that are no classes are ignored, because a fold may lack a class, and because
    scikit-learn's models of several nets give these the classes 0 and 1.
    """
    try:
        by_label = _by_label(class_weight, classes)
        factors = [float(by_label.get(label, 1)) for label in classes.tolist()]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            "class_weight must be 'balanced', None, or a dict from the classes "
            f"{listed(classes)} to numbers, got {class_weight!r}: {error}"
        ) from None
    factors = np.array(factors)
    if not np.all(np.isfinite(factors) & (factors >= 0)):
        raise ValueError(
            "class_weight must give finite weights that are not negative, got "
            f"{class_weight!r}, which gives {factors.tolist()}."
        )
    return factors


def names_a_class(class_weight, classes):
    """Whether a key of the dict is one of the classes."""
    by_label = _by_label(class_weight, classes)
    return any(label in by_label for label in classes.tolist())


def _by_label(class_weight, classes):
    """The dict, in which keys that are dates become those of ``classes.tolist()``."""
    if classes.dtype.kind not in "mM":
        return class_weight
    # NumPy would take a date of pandas for a datetime, which has no nanoseconds.
    keys = [key.to_numpy() if hasattr(key, "to_numpy") else key for key in class_weight]
    dates = np.array(keys, dtype=f"{classes.dtype.kind}8")
    labels = dict(enumerate(classes.tolist()))
    pairs = zip(encoded(dates, classes), class_weight.values(), strict=True)
    return {labels[k]: factor for k, factor in pairs if k != UNKNOWN}


@np.errstate(over="ignore", under="ignore")
def _product(*weights):
    """The product of weights (n,), times a power of two if all products are tiny."""
    mantissas, exponents = zip(*map(np.frexp, weights), strict=True)
    mantissa, exponent = reduce(np.multiply, mantissas), reduce(np.add, exponents)
    largest = exponent[mantissa > 0].max(initial=-(2**20))
    shift = -largest if largest < TINY_EXPONENT else 0
    return np.ldexp(mantissa, exponent + shift)


@np.errstate(over="ignore")
def _total(weight):
    return weight.sum()
