"""The column to predict: its labels, and by what folds and what score to compare."""

import re

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.metrics import get_scorer, get_scorer_names

from skshallow._advice.start_choice import HIGH_ACCURACY
from skshallow._command.refusal import Refusal, listed, meant
from skshallow._search.start_search import N_FOLDS

# A class should have this many rows in the mean; a column with more different values
# is a measure. Convention.
ROWS_PER_CLASS = 5
MANY_CLASSES = 20
LABELS = (str, bool, int, float)


def check_name(table, path, name):
    """Refuse a target that the table does not have."""
    names = list(table.frame)
    if name is None:
        raise Refusal(
            "name the column to predict with --target COLUMN; "
            f"{path} has {listed(names, 20)}."
        )
    if name not in names:
        otherwise = (
            f"there are {listed(names, 20)}; if these are values instead of names, add "
            "a line of names at the top."
        )
        raise Refusal(f"{path} has no column {name!r}: {meant(name, names, otherwise)}")


def labels_of(column, words=()):
    """The labels of the rows that have one, in the type that the table gives them.

    Parameters
    ----------
    column : pandas.Series
    words : list of str
        What stands in it where pandas finds a missing value.

    Returns
    -------
    labels : ndarray of shape (n_labelled,)
    is_labelled : ndarray of bool, of a value per row
    """
    name, is_labelled = column.name, column.notna().to_numpy()
    labels = column[is_labelled].tolist()
    if not labels:
        raise Refusal(
            f"target {name!r} has no value in any row: {_remedy(words)}name another "
            "column."
        )
    odd = [label for label in labels if not isinstance(label, LABELS)]
    if odd:
        raise Refusal(
            f"target {name!r} holds {odd[0]!r}, which is no text, no number and not "
            "true or false: write the labels as text."
        )
    texts = [label for label in labels if isinstance(label, str)]
    if 0 < len(texts) < len(labels):
        other = next(label for label in labels if not isinstance(label, str))
        raise Refusal(
            f"target {name!r} mixes kinds of values, such as {texts[0]!r} and "
            f"{other!r}: write all as text."
        )
    y = np.array(labels, dtype=object if texts else None)
    _check_labels(name, y, words)
    return y, is_labelled


def _remedy(words):
    """What to do if a class may have been taken for missing."""
    if not words:
        return ""
    return (
        f"{listed(words)} counts as missing, so if that is a class, give it another "
        "name in the table, or "
    )


def _check_labels(name, y, words):
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) == 1:
        of = "rows that have a value" if words else "rows"
        raise Refusal(
            f"target {name!r} is {classes[0]} in all {of}, and there is nothing to "
            f"tell apart: {_remedy(words)}name another column."
        )
    n_most = MANY_CLASSES if y.dtype.kind in "iuf" else len(y) // 2
    is_measure = y.dtype.kind == "f" and not all(map(float.is_integer, y.tolist()))
    has_many = len(classes) > n_most and len(y) < ROWS_PER_CLASS * len(classes)
    if is_measure or has_many:
        are_numbers = y.dtype.kind in "iuf"
        remedy = "make few of many with pandas.cut, or " if are_numbers else ""
        raise Refusal(
            f"target {name!r} has {len(classes)} different "
            f"{'numbers' if are_numbers else 'values'}, such as {classes[0]}, and a "
            f"classifier needs few classes: {remedy}name another column."
        )
    rare = classes[counts == 1]
    if len(rare):
        words = "only one row" if len(rare) == 1 else "only one row each"
        raise Refusal(
            f"target {name!r} has {words} of {listed(rare)}: a class needs two at "
            "least; leave such rows out, or merge the class with another."
        )


def has_many_numbers(y):
    """Whether labels are so many numbers that they may be meant to be measures."""
    return y.dtype.kind in "iuf" and len(np.unique(y)) > MANY_CLASSES


def described(y):
    """The classes and how many rows each has, in words."""
    classes, counts = np.unique(y, return_counts=True)
    pairs = [f"{label} ({n:,})" for label, n in zip(classes, counts, strict=True)]
    return listed(pairs, 10)


def n_folds(y):
    """Five, or as many as the smallest class has rows."""
    return int(min(N_FOLDS, np.unique(y, return_counts=True)[1].min()))


def scoring_of(y, asked, name):
    """The score that is asked for, or else the one that tells most, and why.

    Parameters
    ----------
    y : ndarray
    asked : str or None
    name : str
        Of the target.

    Returns
    -------
    scoring : str
    reason : str
        Empty if the score is asked for, or the accuracy.
    """
    if asked is not None:
        check_scoring(asked, y, name)
        return asked, ""
    classes, counts = np.unique(y, return_counts=True)
    share = counts.max() / len(y)
    if share < HIGH_ACCURACY:
        return "accuracy", ""
    scoring = "roc_auc" if len(classes) == 2 else "balanced_accuracy"
    most = classes[counts.argmax()]
    return scoring, f"always answering {most} is right in {share:.0%} of the rows"


def check_scoring(scoring, y, name):
    """Refuse a score that scikit-learn does not have, or not for such labels."""
    names = [known for known in get_scorer_names() if _is_of_classifiers(known)]
    if scoring not in names:
        raise Refusal(
            f"--scoring {scoring} is no score of scikit-learn for classifiers; "
            f"{meant(scoring, names)}"
        )
    X = np.zeros((len(y), 1))
    try:
        get_scorer(scoring)(DummyClassifier().fit(X, y), X, y)
    except (ValueError, TypeError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise Refusal(
            f"--scoring {scoring} cannot be had of the labels of {name!r} ({reason}): "
            "take for instance accuracy, roc_auc_ovr, f1_macro or neg_log_loss."
        ) from None


def _is_of_classifiers(name):
    module = get_scorer(name)._score_func.__module__
    return not re.search("regression|cluster", module)
