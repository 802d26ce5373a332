"""Weights of samples and of classes, however small: only their ratios count.

scikit-learn's ``compute_class_weight`` is no help here: it refuses spare keys, and
divides by the weight of a class, which may be 0. Knows nothing of estimators and rows.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array

from skshallow._fit.labels import are_of_one_type, listed

# If all weights are below this power of two, another power of two makes them ordinary,
# which is exact: products and sums of them keep their bits.
TINY_EXPONENT = -50


class RowTotals(NamedTuple):
    """What is known of training rows: of a fit, or of many calls of ``partial_fit``.

    Parameters
    ----------
    total : float
        The sum of their weights.
    count : int
        How many have a weight.
    mean_square : float
        The mean of their squared Euclidean norms, by weight: of standardised features
        it is their number.
    """

    total: float = 0.0
    count: int = 0
    mean_square: float = 0.0

    @property
    def weight(self):
        """What the penalty is divided by: the total weight, and at least the count.

        So weights of two are rows that stand there twice, while weights that sum to
        one do not let the penalty outweigh the data.
        """
        return max(self.total, self.count)

    def plus(self, other):
        """Of these rows and others."""
        if self.count == 0:
            return other
        share = 1 / (1 + self.total / other.total)
        mean = self.mean_square + share * (other.mean_square - self.mean_square)
        return RowTotals(self.total + other.total, self.count + other.count, mean)


def checked_weight(weight, n_samples, name):
    """Sample weights (n,), float64, not negative and not all zero."""
    try:
        weight = check_array(
            weight, ensure_2d=False, ensure_min_samples=0, dtype=float, input_name=name
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of weights: {error}") from None
    if weight.shape != (n_samples,):
        raise ValueError(
            f"{name} must be a 1D array of {n_samples} weights, one a sample, got "
            f"shape {weight.shape}."
        )
    if (weight < 0).any():
        raise ValueError(f"{name} must not be negative, got {weight.min()}.")
    total = _total(weight)
    if total == 0:
        raise ValueError(
            f"Sample weights must contain at least one non-zero number, but {name} "
            "has the sum 0."
        )
    if not total < np.inf:  # nan, if scikit-learn was told to look for none
        raise ValueError(f"{name} must have a finite sum, got {total}: scale it down.")
    return _product(weight)


def weigh_classes(samples, classes, class_weight):
    """Samples whose weights include those of their classes.

    Parameters
    ----------
    samples : Samples
    classes : ndarray of shape (n_classes,)
    class_weight : dict, "balanced" or None
    """
    if class_weight is None:
        return samples
    if isinstance(class_weight, str):
        weight = _balanced(samples.labels, samples.weight, len(classes))
    else:
        weight = _given_factors(class_weight, classes)[samples.labels]
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
    """Weights (n,) by which all classes weigh the same.

    A class that weighs nothing, as in a bootstrap, has no share. Shares of a class, and
    not its factor, which may be infinite where the share is not.
    """
    mass = np.bincount(labels, weight, minlength=n_classes)
    share = (1.0 if weight is None else weight) / np.where(mass > 0, mass, 1)[labels]
    return share * (mass.sum() / np.count_nonzero(mass))


def _given_factors(class_weight, classes):
    """The factor of every class in a dict, 1 where it has none: (n_classes,).

    Keys that no class has are spare: a fold may lack a class.
    """
    try:
        by_label = _by_label(class_weight, classes)
        factors = [float(by_label.get(label, 1.0)) for label in classes.tolist()]
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


def _by_label(class_weight, classes):
    """The dict with keys as ``classes.tolist()`` has them."""
    if classes.dtype.kind not in "mM":
        keys = np.array([*class_weight], dtype=object)
        if class_weight and not are_of_one_type(keys, classes):
            raise TypeError("the keys are of another type than the classes")
        return class_weight
    by_label, wrong = {}, []
    for key, factor in class_weight.items():
        try:
            same = classes[classes == _date(key, classes.dtype)]
            by_label |= dict.fromkeys(same.tolist(), factor)
        except (TypeError, ValueError) as error:
            wrong.append(error)
    if wrong and len(wrong) == len(class_weight):
        raise TypeError(f"no key is a date: {wrong[-1]}")
    return by_label


def _date(key, dtype):
    """A key as a date or a span of time of NumPy, whatever its type and unit."""
    # A datetime would lose the nanoseconds of pandas.
    plain = key.to_numpy() if hasattr(key, "to_numpy") else key
    if getattr(key, "tzinfo", None) is not None:
        raise ValueError(f"{key!r} has a time zone, and no class has")
    date = dtype.type(plain)
    if np.isnat(date):
        raise ValueError(f"{key!r} is missing")
    return date


@np.errstate(over="ignore", under="ignore")
def _product(*weights):
    """Weights (n,) as they are or multiplied, times a power of two if all are tiny."""
    mantissas, exponents = zip(*map(np.frexp, weights), strict=True)
    mantissa, exponent = reduce(np.multiply, mantissas), reduce(np.add, exponents)
    largest = exponent[mantissa > 0].max(initial=-(2**20))
    shift = -largest if largest < TINY_EXPONENT else 0
    return np.ldexp(mantissa, exponent + shift)


@np.errstate(over="ignore")
def _total(weight):
    return weight.sum()
