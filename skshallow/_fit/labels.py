"""Checks of labels, and the indices of labels among the classes.

Errors name the argument that holds the labels. This module knows nothing of estimators,
rows and weights.
"""

from collections.abc import Set
from datetime import UTC, date
from numbers import Integral

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

# For scikit-learn's checks, which sum values that may overflow and cast large floats to
# integers. The checks raise errors, so that NumPy's warnings are not needed.
CHECKING = {"over": "ignore", "invalid": "ignore"}
UNKNOWN = -1  # the index of a label that is not among the classes
# Kinds of NumPy's types by group; values of a group can be compared.
_KIND = dict.fromkeys("biuf", "number") | dict.fromkeys("UT", "text")
# Types to convert objects to, by the type of the objects; for others it is str.
_PLAIN = {bool: "bool", Integral: "int", date: "'datetime64[us]'"}


def check_labels(labels, name):
    """Raise an error for labels in no order, missing, in columns or of mixed types.

    scikit-learn checks everything else.

    Raises
    ------
    TypeError, ValueError
    """
    if issparse(labels):
        is_column = labels.ndim == 2 and labels.shape[1] == 1
        instead = "ravel()" if is_column else "argmax(axis=1) for one-hot columns"
        raise TypeError(
            f"{name} must be a dense array of labels, got a sparse one: give "
            f"{name}.toarray().{instead}."
        )
    if isinstance(labels, Set):
        instead = "sorted(classes)" if name == "classes" else "a label for each row"
        raise TypeError(
            f"{name} must be an array or a list of labels, got a "
            f"{type(labels).__name__}, which has no order: give {instead}."
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
        as_array = f"np.asarray({name})"
        instead = f"for one-hot columns give {as_array}.argmax(axis=1)"
        if len(array) == 1:  # as in courses, where a column is a sample
            instead = f"samples are rows, so that a row of labels is {as_array}.ravel()"
        raise ValueError(
            f"{name} should be a 1d array of labels, got an array of shape "
            f"{array.shape}: {instead}; several labels for a sample are not supported."
        )
    if array.dtype == object:
        _check_types(array.ravel(), name, is_list=isinstance(labels, (list, tuple)))


def labels_of_rows(y, n_rows):
    """The labels ``y`` of so many rows as an array, checked by `check_labels`."""
    check_labels(y, "y")
    y = column_or_1d(y)
    if len(y) != n_rows:
        raise ValueError(f"y must have shape ({n_rows},) like X, got {y.shape}.")
    return y


def _check_types(labels, name, is_list):
    """Raise an error for labels that are lists, and for strings among other objects.

    A list of strings and numbers is allowed: NumPy, and so scikit-learn, makes strings
    of all of them.
    """
    if any(isinstance(label, (list, tuple, np.ndarray)) for label in labels):
        raise ValueError(
            f"{name} should be a 1d array of labels, got lists of labels: several "
            "labels for a sample are not supported."
        )
    are_strings = {isinstance(label, str) for label in labels}
    if len(are_strings) > 1 and not is_list:
        types = sorted({type(label).__name__ for label in labels})
        raise TypeError(
            f"{name} has labels of several types, {types}: convert all to strings, for "
            f"example by {name}.astype(str), or to numbers."
        )


def check_classes(labels, name):
    """Raise an error for an array of labels that are not classes.

    Objects that are not strings are an error in scikit-learn's metrics too.

    Raises
    ------
    ValueError
    """
    try:
        check_classification_targets(labels)
    except (TypeError, ValueError) as error:
        if labels.dtype.kind not in "OT":
            raise
        label = labels.ravel()[0]
        types = [new for old, new in _PLAIN.items() if isinstance(label, old)]
        if getattr(label, "tzinfo", None) is not None:  # NumPy has no time zones
            types = []
        raise ValueError(
            f"Unknown label type: {name} has labels of type {type(label).__name__} in "
            f"an array of dtype {labels.dtype}: convert them, for example by "
            f"np.asarray({name}).astype({[*types, 'str'][0]})."
        ) from error


def _as_given(labels):
    """The labels as an array that keeps missing values; None if they form no array."""
    # NumPy would turn a nan among strings into the string "nan".
    is_list = isinstance(labels, (list, tuple))
    try:
        array = np.asanyarray(labels, dtype=object if is_list else None)
    except (TypeError, ValueError):
        return None
    return array if array.ndim else None


def _are_missing(array):
    """Which labels are missing, a mask of the flattened array."""
    flat = array.ravel()
    if np.ma.is_masked(flat):
        return np.ma.getmaskarray(flat)
    if flat.dtype.kind in "OT":
        return np.array([_is_missing(label) for label in flat.tolist()], dtype=bool)
    return flat != flat


def _is_missing(label):
    if label is None or type(label).__name__ == "NAType":  # pandas.NA
        return True
    differs_from_itself = label != label
    is_bool = isinstance(differs_from_itself, (bool, np.bool_))
    return is_bool and bool(differs_from_itself)


def check_several(classes, name):
    """Raise an error if there are fewer than two classes."""
    if len(classes) < 2:
        raise ValueError(
            f"a classifier needs at least two classes, got one class in {name}: "
            f"{listed(classes)}."
        )


def check_same_classes(classes, before):
    """Raise an error if the classes are not those of the call before a warm start."""
    _, is_known = class_indices(classes, before)
    if len(classes) != len(before) or not is_known.all():
        raise ValueError(
            "warm_start=True continues with the classes of the last call, "
            f"{listed(before)}, but y has {listed(classes)}: give the same classes "
            "or set warm_start=False."
        )


@np.errstate(**CHECKING)
def class_indices(y, classes):
    """Indices of labels among the classes, and which labels are among them.

    Labels are compared by value, as NumPy compares them, whatever their types: a date
    in days is equal to the same date in nanoseconds, 1 is equal to 1.0 and True, and
    string types may differ in width.

    Parameters
    ----------
    y : ndarray of shape (n,)
    classes : ndarray of shape (n_classes,)
        Sorted.

    Returns
    -------
    index : ndarray of int of shape (n,)
        Without meaning for a label that is not among the classes.
    is_known : ndarray of bool of shape (n,)

    Raises
    ------
    TypeError
        If the labels are objects that cannot be put in order.
    """
    none = np.zeros(len(y), dtype=int), np.zeros(len(y), dtype=bool)
    if (y.dtype.kind, classes.dtype.kind) == ("O", "M"):
        y = as_dates(y, "M")  # objects compare with dates of some units only
    elif len(_kinds(y, classes) - {"O"}) > 1:
        return none
    try:
        same = y.astype(classes.dtype)
    except (ValueError, OverflowError):  # a text that is no number, for example
        return none
    index = np.minimum(np.searchsorted(classes, same), len(classes) - 1)
    return index, (same == y) & (classes[index] == same)


def as_dates(objects, kind):
    """Dates ("M") or time spans ("m") of any types as an array of NumPy."""
    return np.array([*map(_of_numpy, objects)], dtype=f"{kind}8")


def _of_numpy(value):
    """A date as NumPy reads it: in UTC if it has a time zone, as pandas writes it."""
    if hasattr(value, "to_numpy"):  # datetime would lose the nanoseconds of pandas
        return value.to_numpy()
    has_zone = getattr(value, "tzinfo", None) is not None
    return value.astimezone(UTC).replace(tzinfo=None) if has_zone else value


def encoded(y, classes, name):
    """Indices of the labels ``y`` in the sorted ``classes``, or `UNKNOWN`."""
    try:
        index, is_known = class_indices(y, classes)
        np.unique(y[~is_known])
    except TypeError as error:
        raise TypeError(
            f"{name} has labels that cannot be compared with each other and with the "
            f"classes {listed(classes)}: {error}."
        ) from None
    return np.where(is_known, index, UNKNOWN)


def are_of_one_type(labels, classes):
    """Whether labels and classes are both texts, both numbers or both dates."""
    kinds = _kinds(labels, classes)
    if "O" not in kinds:
        return len(kinds) == 1
    some, others = ({isinstance(a, str) for a in x.tolist()} for x in (labels, classes))
    return not some.isdisjoint(others)


def _kinds(*arrays):
    return {_KIND.get(array.dtype.kind, array.dtype.kind) for array in arrays}


def listed(classes):
    """Classes as a list for a message, in which dates are shown as dates."""
    return list(classes) if classes.dtype.kind in "mM" else classes.tolist()
