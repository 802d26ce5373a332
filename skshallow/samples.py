"""Validated samples: rows, class indices and weights, as training takes them.

scikit-learn checks what it can; what remains is said with the name of the argument that
is wrong. Knows estimators by their attributes only, and nothing of networks.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    column_or_1d,
    validate_data,
)

from skshallow.batches import slices

FLOATS = (np.float64, np.float32)
# scikit-learn's checks sum what may overflow, and cast floats to integers, however
# large; what is wrong is said by errors.
CHECKING = {"over": "ignore", "invalid": "ignore"}


# Rows whose norms are taken at once.
ROWS_TOGETHER = 1024


class RowTotals(NamedTuple):
    """Sums over training rows: those of a fit, or of many calls of ``partial_fit``.

    Parameters
    ----------
    total : float
        Of their weights.
    count : int
        Of those that have a weight.
    squares : float
        Of their squared Euclidean norms times their weights.
    """

    total: float = 0.0
    count: int = 0
    squares: float = 0.0

    @property
    def weight(self):
        """What the penalty is divided by: the total weight, and at least the count.

        So weights of two are rows that stand there twice, while weights that sum to
        one do not let the penalty outweigh the data.
        """
        return max(self.total, self.count)

    @property
    def mean_square(self):
        """Mean squared norm of a row: its length, if the features are standardised."""
        return self.squares / self.total

    def plus(self, other):
        """The sums over these rows and others."""
        return RowTotals(*(a + b for a, b in zip(self, other, strict=True)))


class Samples(NamedTuple):
    """Validated samples.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    labels : ndarray of shape (n,)
        Class indices.
    weight : ndarray of shape (n,) or None
        float64 whatever the rows are: a share of the total fits float32, a weight or
        the total need not.
    """

    X: object
    labels: np.ndarray
    weight: np.ndarray | None

    def totals(self):
        """Their `RowTotals`."""
        n, weight = len(self.labels), self.weight
        if weight is None:
            weight = np.ones(n)
        squares = 0.0
        for rows in slices(n, ROWS_TOGETHER):
            X = self.X[rows]
            norms = X.multiply(X).sum(axis=1) if issparse(X) else _square_norms(X)
            squares += float(weight[rows] @ np.asarray(norms, np.float64).ravel())
        return RowTotals(float(_total(weight)), int((weight > 0).sum()), squares)

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
    X, y = validate_data(
        estimator, X, y, reset=reset, accept_sparse="csr", dtype=FLOATS, order=None
    )
    check_classification_targets(y)
    if classes is None:
        classes, labels = np.unique(y, return_inverse=True)
        check_several(classes, "y")
    else:
        labels = _encode(y, classes, "y")
    weight = None
    if sample_weight is not None:
        weight = _checked_weight(sample_weight, X, "sample_weight")
    return Samples(X, labels, weight), classes


@np.errstate(**CHECKING)
def held_out_samples(estimator, X_val, y_val, sample_weight_val, classes):
    """Validation samples whose columns are the estimator's, or None if none are given.

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
    X = check_array(X_val, accept_sparse="csr", dtype=FLOATS, input_name="X_val")
    try:
        validate_data(estimator, X_val, reset=False, skip_check_array=True)
    except ValueError as error:
        raise ValueError(f"X_val does not fit the training data: {error}") from None
    y_val = column_or_1d(y_val, warn=True)
    if len(y_val) != X.shape[0]:
        raise ValueError(
            "X_val and y_val have inconsistent numbers of samples: "
            f"{X.shape[0]} and {len(y_val)}."
        )
    weight = None
    if sample_weight_val is not None:
        weight = _checked_weight(sample_weight_val, X, "sample_weight_val")
    return Samples(X, _encode(y_val, classes, "y_val"), weight)


def _square_norms(X):
    return np.einsum("ij,ij->i", X, X)


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
    weight = _class_factors(class_weight, classes, samples)[samples.labels]
    if samples.weight is not None:
        weight = weight * samples.weight
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
    """Indices of the labels ``y`` in the sorted ``classes``."""
    try:
        labels, is_known = class_indices(y, classes)
        unknown = listed(np.unique(y[~is_known]))
    except TypeError as error:
        raise TypeError(f"{name} has labels of several types: {error}") from None
    if unknown:
        raise ValueError(
            f"{name} has labels that are not among the classes {listed(classes)}: "
            f"{unknown}."
        )
    return labels


def _class_factors(class_weight, classes, samples):
    """One factor a class, (n_classes,)."""
    try:
        # A class whose samples weigh nothing, or next to nothing
        with np.errstate(divide="ignore", over="ignore"):
            factors = compute_class_weight(
                class_weight,
                classes=classes,
                y=classes[samples.labels],
                sample_weight=samples.weight,
            )
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            "class_weight must be 'balanced', None, or a dict from the classes "
            f"{classes.tolist()} to numbers, got {class_weight!r}: {error}"
        ) from None
    unknown = set(class_weight).difference(classes.tolist())
    if isinstance(class_weight, dict) and unknown:
        raise ValueError(
            f"class_weight has labels that are not among the classes "
            f"{classes.tolist()}: {[*unknown]}, got {class_weight!r}."
        )
    if not np.all(np.isfinite(factors) & (factors >= 0)):
        raise ValueError(
            "class_weight must give finite weights that are not negative, got "
            f"{class_weight!r}, which gives {factors.tolist()} (infinite where all of "
            "a class has sample_weight 0)."
        )
    return factors


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
    return weight


def _total(weight):
    with np.errstate(over="ignore"):
        return weight.sum(dtype=np.float64)
