"""The folds of a cross-validation: training rows and test rows.

The number of folds and stratification depend only on the rows of positive weight. Rows
of weight 0 are divided among the folds as well, because a net may have to predict them.
This module knows labels and weights of rows, and nothing of nets.
"""

import reprlib
import warnings
from numbers import Integral

import numpy as np
from sklearn.model_selection import StratifiedKFold

from skshallow._fit.labels import listed

# Rows are shuffled before they are divided into folds. Without shuffling, the log-loss
# on the tables was 0.281 instead of 0.270.
N_FOLDS = 5  # convention (scikit-learn's)


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
        if split_params.get("groups") is not None:
            ignored = f"The groups parameter is ignored by cv={cv}: give a GroupKFold."
            warnings.warn(ignored, UserWarning, stacklevel=4)  # where fit was called
        return _stratified(N_FOLDS if cv is None else cv, samples, seed)
    pairs = [*(cv.split(X, y, **split_params) if hasattr(cv, "split") else cv)]
    if not pairs:
        raise ValueError(
            f"cv={reprlib.repr(cv)} gives no folds: give pairs of rows, or a number. A "
            "generator of pairs can be read once only: give a list of it."
        )
    splits = []
    for k, pair in enumerate(pairs):
        try:
            splits.append(_checked_fold(pair, samples))
        except (TypeError, ValueError, IndexError) as error:
            raise ValueError(
                f"cv={reprlib.repr(cv)}, fold {k}: {error}. A fold must be a pair of "
                "training rows and test rows without a row in common, each as a 1-D "
                f"array of indices or a mask of {len(samples.labels)} rows."
            ) from None
    return splits


def _has_weight(samples):
    """Mask of the rows of positive weight."""
    weight = samples.weight
    return np.ones(len(samples.labels), bool) if weight is None else weight > 0


# ---------------------------------------------------------------------------
# A number of folds


def _stratified(n_folds, samples, seed):
    """Stratified folds of the rows of positive weight; others are divided evenly.

    The rows of weight 0 do not change the folds of the other rows.
    """
    labels, has_weight = samples.labels, _has_weight(samples)
    n_of_class = np.bincount(labels[has_weight], minlength=len(samples.classes))
    n_folds = _possible_folds(n_folds, samples.classes, n_of_class)
    divided = np.flatnonzero(has_weight & (n_of_class[labels] > 1))
    others = np.flatnonzero(~has_weight)
    stratified = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    splits = []
    for k, (_, test) in enumerate(stratified.split(divided, labels[divided])):
        test = np.sort(np.r_[divided[test], others[k::n_folds]])
        splits.append((np.setdiff1d(np.arange(len(labels)), test), test))
    return splits


def _possible_folds(n_folds, classes, n_of_class):
    """The number of folds; lower if no class has as many rows.

    A class of one row cannot be divided: the row is a training row in every fold. Some
    test folds lack a class of a few rows, of which scikit-learn warns.
    """
    most = int(n_of_class.max())
    if most < 2:
        raise ValueError(
            "y has no class with two rows that have a weight, and cross-validation "
            f"(cv={n_folds}) needs one: give more rows, or use ShallowNetClassifier."
        )
    for label in listed(classes[n_of_class == 1]):
        _warn_user(
            f"y has one row of class {label!r} that has a weight. It is among the "
            "training rows of every fold, so that no score counts it, and its logits "
            "in oof_decision_function_ are nan. If the class matters, give more rows "
            "of it; if not, leave it out or join it with another."
        )
    if most < n_folds:
        _warn_user(
            f"cv={n_folds}, but no class has more than {most} rows that have a weight: "
            f"there are {most} folds."
        )
    return min(n_folds, most)


def _warn_user(message):
    warnings.warn(message, UserWarning, stacklevel=7)  # where ``fit`` was called


# ---------------------------------------------------------------------------
# Folds that are given


def _checked_fold(pair, samples):
    """Training and test rows as indices from 0, after a check of the fold."""
    labels, has_weight = samples.labels, _has_weight(samples)
    train, test = (np.arange(len(labels))[np.asarray(rows)] for rows in pair)
    if not (train.ndim == test.ndim == 1 and len(train) and len(test)):
        raise ValueError("its training rows or its test rows are not a list of rows")
    both = np.intersect1d(train, test)
    if len(both):
        raise ValueError(
            f"it trains on {len(both)} of its test rows, such as row {both[0]}, and "
            "nets must be judged by rows that they have not seen"
        )
    n_classes = len(np.unique(labels[has_weight]))
    if len(np.unique(labels[train][has_weight[train]])) < min(2, n_classes):
        raise ValueError(
            "its training rows that have a weight are all of one class, and nothing "
            "can be learnt from them: shuffle the rows, or give a splitter such as "
            "StratifiedKFold(5, shuffle=True)"
        )
    return train, test
