"""Validated samples: rows, class indices and weights, as training takes them.

scikit-learn checks what it can; what remains is said with the name of the argument that
is wrong. Knows estimators by their attributes only, and nothing of networks.
"""

from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    column_or_1d,
    validate_data,
)

from skshallow._core.batches import slices

FLOATS = (np.float64, np.float32)
# scikit-learn's checks sum what may overflow, and cast floats to integers, however
# large; what is wrong is said by errors.
CHECKING = {"over": "ignore", "invalid": "ignore"}
# Weights count by their ratios alone. If all are below this power of two, another power
# of two makes them ordinary, which is exact: products and sums of them keep their bits.
TINY_EXPONENT = -50
UNKNOWN = -1  # the index of a label that is none of the classes


# Rows whose norms are taken at once.
ROWS_TOGETHER = 1024


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
        step = share * (other.mean_square - self.mean_square)
        return RowTotals(
            self.total + other.total,
            self.count + other.count,
            self.mean_square + step,
        )


class Samples(NamedTuple):
    """Validated samples.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    labels : ndarray of shape (n,)
        Class indices; among validation samples `UNKNOWN`, too.
    weight : ndarray of shape (n,) or None
        float64 whatever the rows are: a share of the total fits float32, a weight or
        the total need not.
    """

    X: object
    labels: np.ndarray
    weight: np.ndarray | None

    @np.errstate(over="ignore", invalid="ignore")
    def totals(self):
        """Their `RowTotals`, of an infinite mean if a squared norm is."""
        n, weight = len(self.labels), self.weight
        if weight is None:
            weight = np.ones(n)
        total, mean = float(_total(weight)), 0.0
        for rows in slices(n, ROWS_TOGETHER):
            weighed = weight[rows] / total * _square_norms(self.X[rows])
            # A row beyond all numbers adds nothing, and not nan, if it has no weight.
            mean += float(weighed[weight[rows] > 0].sum())
        return RowTotals(total, int((weight > 0).sum()), mean)

    def take(self, index):
        """Some of the samples."""
        weight = None if self.weight is None else self.weight[index]
        return Samples(self.X[index], self.labels[index], weight)


@np.errstate(**CHECKING)
def training_samples(estimator, X, y, sample_weight, *, reset, classes=None):
    """Samples to train on, and their classes unless these are given.

    Parameters
    ----------
    estimator : estimator
        Receives ``n_features_in_`` and ``feature_names_in_`` if ``reset``, and has its
        columns compared with those of ``X`` if not.
    X, y, sample_weight
        As in ``fit``.
    reset : bool
    classes : ndarray of shape (n_classes,), default=None
        Sorted labels, all that ``y`` may hold.

    Returns
    -------
    samples : Samples
    classes : ndarray of shape (n_classes,)
    """
    check_labels(y, "y")
    X, y = validate_data(
        estimator, X, y, reset=reset, accept_sparse="csr", dtype=FLOATS, order=None
    )
    check_classification_targets(y)
    if classes is None:
        classes, labels = np.unique(y, return_inverse=True)
        check_several(classes, "y")
    else:
        labels = _encode(y, classes, "y")
        _check_known(labels, y, classes)
    weight = None
    if sample_weight is not None:
        weight = _checked_weight(sample_weight, X, "sample_weight")
    return Samples(X, labels, weight), classes


@np.errstate(**CHECKING)
def held_out_samples(estimator, X_val, y_val, sample_weight_val, classes):
    """Validation samples whose columns are the estimator's, or None if none are given.

    Their labels need not be among the classes: a fold or a bootstrap may lack some.

    Raises
    ------
    ValueError, TypeError
        If one of ``X_val`` and ``y_val`` is missing or any of the three is unfit.
    """
    if X_val is None and y_val is None:
        if sample_weight_val is not None:
            raise ValueError("sample_weight_val was given without X_val, y_val.")
        return None
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val go together, but {missing} is None.")
    with _said_of("X_val"):
        X = check_array(X_val, accept_sparse="csr", dtype=FLOATS, input_name="X_val")
    try:
        validate_data(estimator, X_val, reset=False, skip_check_array=True)
    except ValueError as error:
        raise ValueError(f"X_val does not fit the training data: {error}") from None
    check_labels(y_val, "y_val")
    with _said_of("y_val"):
        y_val = column_or_1d(y_val, warn=True)
    if len(y_val) != X.shape[0]:
        raise ValueError(
            "X_val and y_val have inconsistent numbers of samples: "
            f"{X.shape[0]} and {len(y_val)}."
        )
    weight = None
    if sample_weight_val is not None:
        weight = _checked_weight(sample_weight_val, X, "sample_weight_val")
    labels = _encode(y_val, classes, "y_val")
    if not _are_of_one_type(y_val, classes):
        raise ValueError(
            f"y_val has labels of another type than the classes {listed(classes)}: "
            f"{listed(np.unique(y_val))}."
        )
    return Samples(X, labels, weight)


@contextmanager
def _said_of(name):
    """Errors of scikit-learn's checks, with the name of what they are about."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if name in str(error):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name}: {error}") from error


def _square_norms(X):
    """Squared norms of some rows, (n,): float64, which holds any of float32."""
    if issparse(X):
        X = X.astype(np.float64, copy=False)
        return np.asarray(X.multiply(X).sum(axis=1)).ravel()
    return np.einsum("ij,ij->i", X, X, dtype=np.float64)


def split(samples, fraction, seed):
    """Training and validation samples for early stopping, every class on both sides."""
    try:
        train_index, test_index = train_test_split(
            np.arange(len(samples.labels)),
            test_size=fraction,
            random_state=seed,
            stratify=samples.labels,
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True: cannot set aside validation_fraction={fraction} of "
            f"{len(samples.labels)} samples with every class on both sides ({error}) "
            "Give more data, change validation_fraction, or pass X_val and y_val."
        ) from None
    parts = samples.take(np.sort(train_index)), samples.take(np.sort(test_index))
    if samples.weight is not None and not all(_total(p.weight) > 0 for p in parts):
        raise ValueError(
            f"early_stopping=True: setting aside validation_fraction={fraction} leaves "
            "only samples on one side whose sample_weight is 0. Change random_state or "
            "validation_fraction, or pass X_val and y_val."
        )
    return parts


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
        weight = _weighed_equally(samples, len(classes))
    else:
        factors = _given_factors(class_weight, classes)[samples.labels]
        weight = _product(factors, samples.weight)
    total = _total(weight)
    if not 0 < total < np.inf:
        raise ValueError(
            f"class_weight={class_weight!r} and sample_weight together give weights "
            f"with the sum {total}: it must be positive and finite."
        )
    return samples._replace(weight=weight)


def check_several(classes, name):
    """Complain unless there are two classes or more."""
    if len(classes) < 2:
        raise ValueError(
            f"a classifier needs at least two classes, got one class in {name}: "
            f"{listed(classes)}."
        )


def check_same_classes(classes, before):
    """Complain unless a warm start goes on with the classes it knows."""
    _, is_known = class_indices(classes, before)
    if len(classes) != len(before) or not is_known.all():
        raise ValueError(
            "warm_start=True goes on with the classes of the last call, "
            f"{listed(before)}, but y has {listed(classes)}: give the same classes "
            "or set warm_start=False."
        )


def check_labels(labels, name):
    """Complain of labels that are missing, in several columns or of several types.

    What else may be wrong is left to scikit-learn.

    Raises
    ------
    TypeError, ValueError
    """
    if issparse(labels):
        raise TypeError(
            f"{name} must be a dense array of labels, got a sparse one: for one-hot "
            f"columns give {name}.toarray().argmax(axis=1)."
        )
    array = _as_given(labels)
    if array is None:
        return
    is_missing = _are_missing(array)
    if is_missing.any():
        raise ValueError(
            f"{name} has missing labels (None, NaN, NA or NaT): {is_missing.sum()} of "
            f"{is_missing.size}, the first at position {is_missing.argmax()}. Drop "
            "them and their rows, or give them a label of their own."
        )
    if array.ndim == 2 and array.shape[1] > 1:
        as_array = f"{name}.to_numpy()" if hasattr(labels, "to_numpy") else name
        raise ValueError(
            f"{name} should be a 1d array of labels, got an array of shape "
            f"{array.shape}: for one-hot columns give {as_array}.argmax(axis=1); "
            "several labels a sample are not supported."
        )
    if array.dtype == object and any(
        isinstance(label, (list, tuple, np.ndarray)) for label in array.flat
    ):
        raise ValueError(
            f"{name} should be a 1d array of labels, got lists of labels: several "
            "labels a sample are not supported."
        )
    if array.dtype == object and not isinstance(labels, (list, tuple)):
        kinds = {type(label).__name__ for label in array.flat}
        if "str" in kinds and any(not isinstance(label, str) for label in array.flat):
            raise TypeError(
                f"{name} has labels of several types, {sorted(kinds)}: make strings of "
                f"them, for example by {name}.astype(str), or numbers."
            )


def _as_given(labels):
    """An array in which what is missing still shows; None of what is no array."""
    # Of a nan among strings NumPy would make the string "nan".
    is_list = isinstance(labels, (list, tuple))
    try:
        array = np.asanyarray(labels, dtype=object if is_list else None)
    except (TypeError, ValueError):
        return None
    return array if array.ndim else None


def _are_missing(array):
    """Which labels are missing, (n,) or in the order of rows."""
    flat = array.ravel()
    if np.ma.is_masked(flat):
        return np.ma.getmaskarray(flat)
    if flat.dtype.kind == "f":
        return np.isnan(flat)
    if flat.dtype.kind in "mM":
        return np.isnat(flat)
    if flat.dtype.kind in "OT":
        return np.array([_is_missing(label) for label in flat.tolist()], dtype=bool)
    return np.zeros(flat.shape, dtype=bool)


def _is_missing(label):
    if label is None or type(label).__name__ == "NAType":  # of pandas
        return True
    differs_from_itself = label != label
    is_bool = isinstance(differs_from_itself, (bool, np.bool_))
    return is_bool and bool(differs_from_itself)


@np.errstate(**CHECKING)
def class_indices(y, classes):
    """Where labels stand among the classes, and which of them are classes at all.

    Labels are compared as NumPy compares them, whatever holds them: a day is the same
    in nanoseconds, 1 is 1.0 and True, and strings may differ in width.

    Parameters
    ----------
    y : ndarray of shape (n,)
    classes : ndarray of shape (n_classes,)
        Sorted.

    Returns
    -------
    index : ndarray of int of shape (n,)
        Of no meaning where a label is no class.
    is_known : ndarray of bool of shape (n,)

    Raises
    ------
    TypeError
        If the labels are objects that cannot be put in order.
    """
    none = np.zeros(len(y), dtype=int), np.zeros(len(y), dtype=bool)
    kinds = y.dtype.kind, classes.dtype.kind
    if kinds == ("O", "M"):  # objects compare with dates of some units only
        y = y.astype("datetime64[us]")
    elif "O" not in kinds and len({_KIND.get(kind, kind) for kind in kinds}) > 1:
        return none
    try:
        same = y.astype(classes.dtype)
    except (ValueError, OverflowError):  # a word is no number
        return none
    index = np.minimum(np.searchsorted(classes, same), len(classes) - 1)
    return index, (same == y) & (classes[index] == same)


def listed(classes):
    """Classes as a message shows them: dates, and no counts of nanoseconds."""
    return list(classes) if classes.dtype.kind in "mM" else classes.tolist()


# Kinds of NumPy's types that compare with each other.
_KIND = dict.fromkeys("biuf", "number") | dict.fromkeys("UT", "text")


def _encode(y, classes, name):
    """Indices of the labels ``y`` in the sorted ``classes``, or `UNKNOWN`."""
    try:
        index, is_known = class_indices(y, classes)
        np.unique(y[~is_known])
    except TypeError as error:
        raise TypeError(f"{name} has labels of several types: {error}") from None
    return np.where(is_known, index, UNKNOWN)


def _are_of_one_type(labels, classes):
    """Whether labels could be classes: words are no numbers, and these no dates."""
    kinds = {
        _KIND.get(array.dtype.kind, array.dtype.kind) for array in (labels, classes)
    }
    if "O" not in kinds:
        return len(kinds) == 1
    some, others = ({isinstance(a, str) for a in x.tolist()} for x in (labels, classes))
    return not some.isdisjoint(others)


def _check_known(codes, labels, classes):
    if (codes == UNKNOWN).any():
        raise ValueError(
            f"y has labels that are not among the classes {listed(classes)}: "
            f"{listed(np.unique(labels[codes == UNKNOWN]))}."
        )


def _weighed_equally(samples, n_classes):
    """Weights (n,) by which all classes weigh the same: ``class_weight="balanced"``.

    A class that weighs nothing, as in a bootstrap, has no share. Shares of a class, and
    not its factor, which may be infinite where the share is not.
    """
    labels, weight = samples.labels, samples.weight
    mass = np.bincount(labels, weight, minlength=n_classes)
    share = (1.0 if weight is None else weight) / np.where(mass > 0, mass, 1)[labels]
    return share * (mass.sum() / np.count_nonzero(mass))


def _given_factors(class_weight, classes):
    """The factor of every class in a dict, 1 where it has none: (n_classes,).

    Keys that no class has are spare: a fold may lack a class.
    """
    try:
        pairs = _by_label(class_weight, classes)
        factors = [float(pairs.get(label, 1.0)) for label in classes.tolist()]
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
    if classes.dtype.kind in "mM":
        return _by_date(class_weight, classes)
    keys = np.array([*class_weight], dtype=object)
    if class_weight and not _are_of_one_type(keys, classes):
        raise TypeError("the keys are of another type than the classes")
    return class_weight


def _by_date(class_weight, classes):
    """The same of dates, whatever their types and units."""
    by_label, n_dates = {}, 0
    for key, factor in class_weight.items():
        try:
            # pandas' nanoseconds would be lost otherwise
            plain = key.to_numpy() if hasattr(key, "to_numpy") else key
            if getattr(key, "tzinfo", None) is not None:
                raise ValueError(f"{key!r} has a time zone, and no class has")
            date = classes.dtype.type(plain)
            if np.isnat(date):
                raise ValueError(f"{key!r} is missing")
        except (TypeError, ValueError) as error:
            wrong = error
            continue
        n_dates += 1
        same = np.flatnonzero(classes == date)
        by_label |= {classes[i : i + 1].tolist()[0]: factor for i in same}
    if class_weight and not n_dates:
        raise TypeError(f"no key is a date: {wrong}")
    return by_label


def _checked_weight(weight, X, name):
    """Sample weights (n,), float64, not negative and not all zero."""
    try:
        weight = check_array(
            weight,
            ensure_2d=False,
            dtype=np.float64,
            input_name=name,
            ensure_min_samples=0,
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of weights: {error}") from None
    if weight.shape != (X.shape[0],):
        raise ValueError(
            f"{name} must be a 1D array of {X.shape[0]} weights, one a sample, got "
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
    return _of_ordinary_size(*np.frexp(weight))


def _product(factors, weight):
    """Factors times weights, if any, however small both are: (n,)."""
    mantissa, exponent = np.frexp(factors)
    if weight is None:
        return _of_ordinary_size(mantissa, exponent)
    other_mantissa, other_exponent = np.frexp(weight)
    return _of_ordinary_size(mantissa * other_mantissa, exponent + other_exponent)


def _of_ordinary_size(mantissa, exponent):
    """``mantissa * 2**exponent``, times a power of two if all of them are tiny."""
    largest = exponent[mantissa > 0].max(initial=-(2**20))
    shift = -largest if largest < TINY_EXPONENT else 0
    with np.errstate(over="ignore", under="ignore"):
        return np.ldexp(mantissa, exponent + shift)


def _total(weight):
    with np.errstate(over="ignore"):
        return weight.sum(dtype=np.float64)
