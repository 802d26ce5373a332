"""The folds of a cross-validation: training rows and test rows.

The number of folds and stratification depend only on the rows of positive weight. Rows
of weight 0 are divided among the folds as well, because a net may have to predict them.
This module knows labels and weights of rows, and nothing of nets.
"""

import warnings
from numbers import Integral

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import check_consistent_length

from skshallow._fit.labels import listed

# Rows are shuffled before they are divided into folds. Without shuffling, the log-loss
# on the tables was 0.281 instead of 0.270.
N_FOLDS = 5  # convention (scikit-learn's)
LONG = 80  # maximum number of characters of ``cv`` in a message


def splits_of(cv, X, y, samples, split_params, seed):
    """Training and test rows of every fold, as arrays of indices.

    Parameters
    ----------
    cv : int, splitter, iterable or None
    X, y : array-likes
        The arguments of ``fit``, for the splitter.
    samples : Samples
        The same rows, with the weights of training.
    split_params : dict
        Parameters of the splitter, such as groups.
    seed : int
        Seed of the shuffling if ``cv`` is a number.

    Raises
    ------
    ValueError
        If no class has two rows that can be divided, or if the folds of ``cv`` cannot
        be used to train and score nets.
    """
    if cv is None or isinstance(cv, Integral):
        n_folds = N_FOLDS if cv is None else cv
        groups = split_params.get("groups")
        return _stratified(n_folds, samples, groups, seed)
    pairs = [*(cv.split(X, y, **split_params) if hasattr(cv, "split") else cv)]
    if not pairs:
        is_used_up = hasattr(cv, "__next__")
        again = " It can be read once only: give a list of it." if is_used_up else ""
        raise ValueError(
            f"cv={_shown(cv)} gives no folds: give pairs of rows, or a number.{again}"
        )
    splits = []
    for k, pair in enumerate(pairs):
        try:
            splits.append(_checked(pair, len(samples.labels)))
        except ValueError as error:
            raise ValueError(f"cv={_shown(cv)}, fold {k}: {error}") from None
    _check_classes(splits, samples)
    return splits


# ---------------------------------------------------------------------------
# A number of folds


def _stratified(n_folds, samples, groups, seed):
    """Stratified folds of the rows of positive weight; others are divided evenly.

    The rows of weight 0 do not change the folds of the other rows.
    """
    labels, counts = samples.labels, _have_weight(samples)
    n_of_class = np.bincount(labels[counts], minlength=len(samples.classes))
    n_folds = _possible_folds(n_folds, samples.classes, n_of_class)
    divided = np.flatnonzero(counts & (n_of_class[labels] > 1))
    others = np.flatnonzero(~counts)
    stratified = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    if groups is not None:  # scikit-learn says that they are ignored
        check_consistent_length(labels, groups)
        groups = np.asarray(groups)[divided]
    folds = stratified.split(divided, labels[divided], groups)
    splits = []
    for k, (_, test) in enumerate(folds):
        left_out = np.zeros(len(labels), dtype=bool)
        left_out[divided[test]] = left_out[others[k::n_folds]] = True
        splits.append((np.flatnonzero(~left_out), np.flatnonzero(left_out)))
    return splits


def _have_weight(samples):
    weight = samples.weight
    return np.ones(len(samples.labels), bool) if weight is None else weight > 0


def _possible_folds(n_folds, classes, n_of_class):
    """The number of folds; lower if a class that can be divided has fewer rows.

    A class of one row cannot be divided: the row is a training row in every fold.
    """
    can_be_divided = n_of_class > 1
    if not can_be_divided.any():
        raise ValueError(
            "y has no class with two rows that have a weight, and cross-validation "
            f"(cv={n_folds}) needs one: give more rows, or use ShallowNetClassifier."
        )
    for label in listed(classes[n_of_class == 1]):
        _warn(
            f"y has one row of class {label!r} that has a weight. It is among the "
            "training rows of every fold, so that no score knows of it, and its logits "
            "in oof_decision_function_ are nan. If the class matters, give more rows "
            "of it; if not, leave it out or join it with another."
        )
    fewest = int(n_of_class[can_be_divided].min())
    if fewest >= n_folds:
        return n_folds
    rare = listed(classes[n_of_class == fewest])[0]
    _warn(
        f"cv={n_folds}, but y has only {fewest} rows of class {rare!r}: there are "
        f"{fewest} folds. Set cv={fewest}, or give cv=KFold(5, shuffle=True), which "
        "need not divide the class."
    )
    return fewest


def _warn(message):
    warnings.warn(message, UserWarning, stacklevel=7)  # where ``fit`` was called


# ---------------------------------------------------------------------------
# Folds that are given


def _checked(pair, n_rows):
    """Training and test rows as indices, after a check that no row is in both."""
    try:
        train, test = (np.asarray(part) for part in pair)
    except (TypeError, ValueError):
        raise ValueError(
            f"it must be a pair of training rows and test rows, got {_shown(pair)}."
        ) from None
    train, test = _indices(train, n_rows), _indices(test, n_rows)
    for rows, kind in ((train, "training"), (test, "test")):
        if not len(rows):
            raise ValueError(f"it has no {kind} rows: give it some, or leave it out.")
    both = np.intersect1d(train, test)
    if len(both):
        raise ValueError(
            f"it trains on {len(both)} of its test rows, such as row {both[0]}, and "
            "nets must be judged by rows that they have not seen: leave them out of "
            "one of the two."
        )
    return train, test


def _indices(rows, n_rows):
    """Rows as indices from 0, given as indices or as a mask."""
    if rows.dtype == bool and rows.shape == (n_rows,):
        return np.flatnonzero(rows)
    if not rows.size:
        return np.zeros(0, dtype=int)
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ValueError(
            f"rows must be a 1-D array of indices or a mask of {n_rows}, got an array "
            f"of {rows.dtype} of shape {rows.shape}."
        )
    beyond = rows[(rows < -n_rows) | (rows >= n_rows)]
    if len(beyond):
        raise ValueError(f"X has {n_rows} rows, and no row {beyond[0]}.")
    return np.arange(n_rows)[rows]


def _check_classes(splits, samples):
    """Raise an error for a fold that trains on one class, unless there is only one."""
    labels, counts = samples.labels, _have_weight(samples)
    n_classes = len(np.unique(labels[counts]))
    for k, (train, _) in enumerate(splits):
        in_fold = np.unique(labels[train][counts[train]])
        if len(in_fold) < min(2, n_classes):
            raise ValueError(
                f"cv: the training rows of fold {k} that have a weight are all "
                "of one class, and nothing can be learnt from them. Shuffle the rows, "
                "or give a splitter that leaves every fold several classes to train "
                "on, such as StratifiedKFold(5, shuffle=True)."
            )


def _shown(value):
    text = " ".join(repr(value).split())
    return text if len(text) <= LONG else f"{text[:LONG]} ..."
