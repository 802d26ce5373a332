"""Labels: which are missing, of one kind, and where they stand among the classes.

What is wrong is said with the name of the argument that holds the labels. Knows nothing
of estimators, rows and weights.
"""

import numpy as np
from scipy.sparse import issparse

# scikit-learn's checks sum what may overflow, and cast floats to integers, however
# large; what is wrong is said by errors.
CHECKING = {"over": "ignore", "invalid": "ignore"}
UNKNOWN = -1  # the index of a label that is none of the classes
# Kinds of NumPy's types that compare with each other.
_KIND = dict.fromkeys("biuf", "number") | dict.fromkeys("UT", "text")


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
    if array.dtype == object:
        _check_types(array.ravel(), name, is_list=isinstance(labels, (list, tuple)))


def _check_types(labels, name, is_list):
    """Complain of labels that are lists, and of strings among other objects.

    Of a list of strings and numbers NumPy makes strings, as scikit-learn does.
    """
    if any(isinstance(label, (list, tuple, np.ndarray)) for label in labels):
        raise ValueError(
            f"{name} should be a 1d array of labels, got lists of labels: several "
            "labels a sample are not supported."
        )
    are_strings = {isinstance(label, str) for label in labels}
    if len(are_strings) > 1 and not is_list:
        types = sorted({type(label).__name__ for label in labels})
        raise TypeError(
            f"{name} has labels of several types, {types}: make strings of "
            f"them, for example by {name}.astype(str), or numbers."
        )


def _as_given(labels):
    """An array in which missing values are visible; None if it is no array."""
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
    if flat.dtype.kind in "OT":
        return np.array([_is_missing(label) for label in flat.tolist()], dtype=bool)
    if flat.dtype.kind in "fmM":
        return flat != flat
    return np.zeros(flat.shape, dtype=bool)


def _is_missing(label):
    if label is None or type(label).__name__ == "NAType":  # of pandas
        return True
    differs_from_itself = label != label
    is_bool = isinstance(differs_from_itself, (bool, np.bool_))
    return is_bool and bool(differs_from_itself)


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
    if (y.dtype.kind, classes.dtype.kind) == ("O", "M"):
        y = y.astype("datetime64[us]")  # objects compare with dates of some units only
    elif len(_kinds(y, classes) - {"O"}) > 1:
        return none
    try:
        same = y.astype(classes.dtype)
    except (ValueError, OverflowError):  # a word is no number
        return none
    index = np.minimum(np.searchsorted(classes, same), len(classes) - 1)
    return index, (same == y) & (classes[index] == same)


def encoded(y, classes, name):
    """Indices of the labels ``y`` in the sorted ``classes``, or `UNKNOWN`."""
    try:
        index, is_known = class_indices(y, classes)
        np.unique(y[~is_known])
    except TypeError as error:
        raise TypeError(f"{name} has labels of several types: {error}") from None
    return np.where(is_known, index, UNKNOWN)


def are_of_one_type(labels, classes):
    """Whether labels could be classes: words are no numbers, and these no dates."""
    kinds = _kinds(labels, classes)
    if "O" not in kinds:
        return len(kinds) == 1
    some, others = ({isinstance(a, str) for a in x.tolist()} for x in (labels, classes))
    return not some.isdisjoint(others)


def _kinds(*arrays):
    return {_KIND.get(array.dtype.kind, array.dtype.kind) for array in arrays}


def listed(classes):
    """Classes as a message shows them: dates, and no counts of nanoseconds."""
    return list(classes) if classes.dtype.kind in "mM" else classes.tolist()
