"""Checks of labels, and the indices of labels among the classes.

Errors name the argument that holds the labels. This module knows nothing of estimators,
rows and weights.
"""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

# For scikit-learn's checks, which sum values that may overflow and cast large floats to
# integers. The checks raise errors, so that NumPy's warnings are not needed.
CHECKING = {"over": "ignore", "invalid": "ignore"}
UNKNOWN = -1  # the index of a label that is not among the classes
NAMES_OF_MISSING = "NAType", "NaTType"  # of pandas


def checked_labels(labels, name):
    """The labels as an array (n,), none of which is missing or a measurement.

    Raises
    ------
    ValueError
    """
    if np.ma.is_masked(labels):
        labels = labels.tolist()  # with None for what is masked
    # NumPy would make strings or numbers of missing values in a list.
    is_list = isinstance(labels, (list, tuple))
    given = np.asarray(labels, dtype=object if is_list else None)
    if given.ndim == 0:
        raise ValueError(
            f"{name} must be a 1d array or a list of labels, got a "
            f"{type(labels).__name__}: give for instance a list."
        )
    _check_none_is_missing(given.ravel(), name)
    if given.ndim == 2 and given.shape[1] > 1:
        what = "a row of labels" if len(given) == 1 else "one-hot columns"
        instead = "ravel()" if len(given) == 1 else "argmax(axis=1)"
        raise ValueError(
            f"{name} should be a 1d array of labels, got an array of shape "
            f"{given.shape}: for {what} give np.asarray({name}).{instead}."
        )
    if given.dtype == object and any(isinstance(label, list) for label in given.flat):
        raise ValueError(f"{name} has several labels for a sample: give one for each.")
    try:
        # The function of scikit-learn takes 4% of a short call of ``partial_fit``.
        is_plain = type(labels) is np.ndarray and labels.ndim == 1
        array = labels if is_plain else column_or_1d(labels)
        _check_objects(array)
        check_classification_targets(array)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error
    return array


def labels_of_rows(y, n_rows):
    """The labels ``y`` of so many rows as an array, checked by `checked_labels`."""
    y = checked_labels(y, "y")
    if len(y) != n_rows:
        raise ValueError(f"y must have shape ({n_rows},) like X, got {y.shape}.")
    return y


def _check_none_is_missing(labels, name):
    if labels.dtype.kind in "OT":
        is_missing = np.array([*map(_is_missing, labels.tolist())], dtype=bool)
    else:
        is_missing = labels != labels
    if is_missing.any():
        raise ValueError(
            f"{name} has missing labels (None, NaN, NA or NaT): {is_missing.sum()} of "
            f"{is_missing.size}, the first at position {is_missing.argmax()}. Drop "
            "them and their rows, or give them a label of their own."
        )


def _is_missing(label):
    is_nan = isinstance(label, (float, np.generic)) and label != label
    return label is None or is_nan or type(label).__name__ in NAMES_OF_MISSING


def _check_objects(labels):
    """Raise an error for objects that are not strings, as scikit-learn's metrics do."""
    if labels.dtype == object and not all(isinstance(label, str) for label in labels):
        types = sorted({type(label).__name__ for label in labels})
        raise ValueError(
            f"Unknown label type: the labels are objects of the types {types}. Convert "
            "all to strings, for example by np.asarray(labels).astype(str), or to "
            "numbers."
        )


def check_several(classes, name):
    """Raise an error if there are fewer than two classes."""
    if len(classes) < 2:
        raise ValueError(
            f"a classifier needs at least two classes, got one class in {name}: "
            f"{listed(classes)}."
        )


def check_same_classes(classes, before):
    """Raise an error if the classes are not those of the call before a warm start."""
    if len(classes) != len(before) or (encoded(classes, before) == UNKNOWN).any():
        raise ValueError(
            "warm_start=True continues with the classes of the last call, "
            f"{listed(before)}, but y has {listed(classes)}: give the same classes "
            "or set warm_start=False."
        )


def encoded(y, classes):
    """Indices of the labels ``y`` (n,) among the classes, or `UNKNOWN`.

    Labels are compared by value, as Python compares them: 1 is equal to 1.0 and True,
    and string types may differ in width, as dates may in their units.
    """
    if y.dtype.kind == classes.dtype.kind and y.dtype.kind in "mM":
        common = np.promote_types(y.dtype, classes.dtype)
        y, classes = y.astype(common), classes.astype(common)
    index_of = {label: i for i, label in enumerate(classes.tolist())}
    return np.array([index_of.get(label, UNKNOWN) for label in y.tolist()], dtype=int)


def listed(classes):
    """Classes as a list for a message, in which dates are shown as dates."""
    return list(classes) if classes.dtype.kind in "mM" else classes.tolist()
