"""Checks of the labels, results and options that displays are given."""

from collections.abc import Hashable

from skshallow._fit.labels import check_classes, labels_of_rows


def checked_labels(y, X):
    """The labels of the rows ``X`` as an array, checked as the labels of a fit."""
    if X is None:
        raise ValueError("y was given without X: give the samples that y labels.")
    y = labels_of_rows(y, X.shape[0])
    check_classes(y, "y")
    return y


def check_option(name, value, *options):
    """Raise an error for a value that is not among the options of a parameter."""
    if not isinstance(value, Hashable) or value not in options:  # arrays are not
        *first, last = map(repr, options)
        either = f"{', '.join(first)} or {last}"
        raise ValueError(f"{name} must be {either}, got {value!r}.")


def check_known(name, value):
    """Raise an error for nan, which no bounds of a number exclude."""
    if value != value:
        raise ValueError(f"{name} must be a number, got nan.")


def check_results(cv_results):
    """Raise an error for what is not the ``cv_results_`` of a search."""
    if not hasattr(cv_results, "keys") or "params" not in cv_results:
        raise TypeError(
            "cv_results must be the cv_results_ of a fitted search, got "
            f"{type(cv_results).__name__}: from_search takes the search itself."
        )
