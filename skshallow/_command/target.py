"""The column to predict: its labels, and the folds and the score of the comparison."""

import numpy as np
from pandas.api import types
from sklearn.dummy import DummyClassifier
from sklearn.metrics import get_scorer
from sklearn.utils.multiclass import type_of_target

from skshallow._command.refusal import Refusal, first_line, joined
from skshallow._search.start_choice import HIGH_ACCURACY
from skshallow._search.start_search import N_FOLDS

# Numbers with more different values than this are no classes, unless there are this
# many rows of each on average.
MANY_CLASSES = 20
ROWS_PER_CLASS = 5
LABELS = ("string", "boolean", "integer", "floating", "empty")


def labels_of(column):
    """The labels of the rows that have one, in the type that they have in the table.

    Parameters
    ----------
    column : pandas.Series

    Returns
    -------
    labels : ndarray of shape (n_labelled,)
    is_labelled : ndarray of bool of shape (n_rows,)
    """
    name, is_labelled = column.name, column.notna().to_numpy()
    labels = column[is_labelled].tolist()
    holds = types.infer_dtype(labels)
    if holds not in LABELS:
        raise Refusal(
            f"target {name!r} holds values such as {labels[0]!r} ({holds}): write the "
            "labels as text, as numbers, or as true and false."
        )
    y = np.array(labels, dtype=object if holds == "string" else None)
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) < 2:
        raise Refusal(
            f"target {name!r} has no two different values ({joined(classes)}), so that "
            "there is nothing to tell apart: name another column."
        )
    has_many = len(classes) > max(MANY_CLASSES, len(y) / ROWS_PER_CLASS)
    is_number = y.dtype.kind in "iuf"
    if is_number and (has_many or type_of_target(y) == "continuous"):
        raise Refusal(
            f"target {name!r} has {len(classes)} different numbers, such as "
            f"{classes[0]} and {classes[1]}, and a classifier needs few classes, of "
            "whole numbers or text: make few of many with pandas.cut, write the "
            "numbers as text, or name another column."
        )
    rare = classes[counts == 1]
    if len(rare):
        raise Refusal(
            f"target {name!r} has only one row of {joined(rare)}: a class needs two at "
            "least; leave such rows out, merge classes, or name another column."
        )
    return y, is_labelled


def folds_of(y):
    """The number of folds of the comparison, and the reason if it is below five.

    Parameters
    ----------
    y : ndarray

    Returns
    -------
    n_folds : int
        As many as the smallest class has rows, and five at most.
    reason : str
    """
    classes, counts = np.unique(y, return_counts=True)
    n_rows, smallest = int(counts.min()), classes[counts.argmin()]
    if n_rows >= N_FOLDS:
        return N_FOLDS, ""
    return n_rows, f" (the class {smallest} has only {n_rows} rows)"


def scoring_of(y, asked=None):
    """The score of the comparison, and the reason for it.

    Parameters
    ----------
    y : ndarray
    asked : str or None
        The score that the user asks for. None stands for the accuracy, or another score
        if most rows are of one class.

    Returns
    -------
    scoring : str
    reason : str
        Empty if the user asks for the score, or if it is the accuracy.
    """
    if asked is not None:
        _check_scoring(asked, y)
        return asked, ""
    classes, counts = np.unique(y, return_counts=True)
    share = counts.max() / len(y)
    if share < HIGH_ACCURACY:
        return "accuracy", ""
    scoring = "roc_auc" if len(classes) == 2 else "balanced_accuracy"
    most = classes[counts.argmax()]
    return scoring, f" (always answering {most} is right in {share:.0%} of the rows)"


def _check_scoring(scoring, y):
    X = np.zeros((len(y), 1))
    try:
        get_scorer(scoring)(DummyClassifier().fit(X, y), X, y)
    except (ValueError, TypeError) as error:
        raise Refusal(
            f"--scoring {scoring} cannot be had of these labels ({first_line(error)}): "
            "take for instance accuracy, roc_auc_ovr, f1_macro or neg_log_loss."
        ) from None
