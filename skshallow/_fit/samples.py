"""Validated samples: rows, class indices and weights, as training takes them.

scikit-learn makes most checks. The errors of this module name the argument that is
wrong. Of estimators it reads attributes, and sets those of the columns. It knows
nothing of networks.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import validate_data

from skshallow._core.batches import slices
from skshallow._fit.labels import (
    CHECKING,
    UNKNOWN,
    check_several,
    checked_labels,
    encoded,
    listed,
)
from skshallow._fit.sample_weights import RowTotals, checked_weight, weigh_classes

FLOATS = (np.float64, np.float32)
# Names of float32 in NumPy, pandas, polars, torch and pyarrow, in small letters.
NAMES_OF_FLOAT32 = {"float32", "torch.float32", "float[pyarrow]", "float"}
COLUMNS = "n_features_in_", "feature_names_in_"


class Samples(NamedTuple):
    """Validated samples.

    Parameters
    ----------
    X : ndarray or CSR of shape (n, d)
    labels : ndarray of shape (n,)
        Class indices. Validation samples may have the index `UNKNOWN`.
    weight : ndarray of shape (n,) or None
        Weights as float64, also if the rows are float32, which might be too small a
        type for a weight or for their sum.
    classes : ndarray of shape (n_classes,)
        The labels that the indices stand for, sorted.
    held_out : Samples or None
        Validation samples of the same classes.
    """

    X: object
    labels: np.ndarray
    weight: np.ndarray | None
    classes: np.ndarray
    held_out: "Samples | None" = None

    @np.errstate(**CHECKING)
    def totals(self):
        """`RowTotals` of the samples; ``mean_square`` is infinite if a norm is."""
        n = len(self.labels)
        weight = self.weight
        if weight is None:
            weight = np.ones(n)
        total = float(weight.sum())
        mean = 0.0
        for rows in slices(n):
            weighed = weight[rows] / total * _square_norms(self.X[rows])
            # An infinite norm with weight 0 must add 0, and not nan.
            mean += float(weighed[weight[rows] > 0].sum())
        return RowTotals(total, int((weight > 0).sum()), mean)

    def take(self, index):
        """The samples of these indices."""
        weight = None if self.weight is None else self.weight[index]
        return self._replace(X=self.X[index], labels=self.labels[index], weight=weight)

    def divided(self, estimator, split_seed):
        """The samples with class weights, and with validation samples if needed."""
        samples = self
        if estimator.early_stopping and self.held_out is None:
            samples, held_out = hold_out(
                self, estimator.validation_fraction, split_seed
            )
            samples = samples._replace(held_out=held_out)
        return weigh_classes(samples, estimator.class_weight)


@np.errstate(**CHECKING)
def training_samples(estimator, X, y, sample_weight, *, reset, classes=None):
    """Validated training samples.

    Parameters
    ----------
    estimator : estimator
        The estimator that is fitted.
    X, y, sample_weight
        As in ``fit``.
    reset : bool
        Whether to set ``n_features_in_`` and ``feature_names_in_`` of the estimator. If
        not, the columns of ``X`` must agree with them.
    classes : ndarray of shape (n_classes,), default=None
        Sorted labels that ``y`` may hold. None takes the labels in ``y``.

    Returns
    -------
    Samples
    """
    if y is not None:
        checked_labels(y, "y")
    try:
        X, y = validate_data(
            estimator,
            X,
            y,
            reset=reset,
            accept_sparse="csr",
            dtype=float_types(X),
            order=None,
        )
    except (TypeError, ValueError) as error:
        # The names of columns may be in errors about them, which are ValueErrors.
        are_dates = any(
            name in str(error).lower() for name in ("datetime", "timestamp")
        )
        if "could not convert string" in str(error):
            what, instead = f"text ({error})", "sklearn.preprocessing.OneHotEncoder"
        elif isinstance(error, TypeError) and are_dates:
            what, instead = "dates", "a FunctionTransformer that counts days"
        else:
            raise
        raise ValueError(
            f"X has {what} where a number is needed: encode such columns, for example "
            f"by {instead} in a ColumnTransformer."
        ) from None
    if classes is None:
        classes, labels = np.unique(y, return_inverse=True)
        check_several(classes, "y")
    else:
        labels = encoded(y, classes)
        if (labels == UNKNOWN).any():
            raise ValueError(
                f"y has labels that are not among the classes {listed(classes)}: "
                f"{listed(np.unique(y[labels == UNKNOWN]))}."
            )
    if sample_weight is not None:
        sample_weight = checked_weight(sample_weight, X.shape[0], "sample_weight")
    return Samples(_native(X), labels, sample_weight, classes)


def _native(X):
    """Rows in the processor's order of bytes, which scikit-learn keeps of a frame."""
    return X.astype(X.dtype.newbyteorder("="), copy=False)


def float_types(X):
    """The dtypes that validation keeps; other dtypes are converted to the first.

    scikit-learn recognises float32 in arrays and in columns of NumPy's types. It would
    convert float32 in other tables (polars, pyarrow, torch, extension types of pandas)
    to float64.

    Parameters
    ----------
    X : array-like or sparse matrix

    Returns
    -------
    dtypes : tuple of dtypes
        Only float32 if every column is float32.
    """
    if isinstance(X, np.ndarray):  # what follows takes 4% of the prediction of a row
        return FLOATS
    if hasattr(X, "schema") and hasattr(X.schema, "types"):
        types = X.schema.types  # pyarrow
    else:
        types = getattr(X, "dtypes", [getattr(X, "dtype", None)])
    is_float32 = {str(dtype).lower() for dtype in types} <= NAMES_OF_FLOAT32
    return (np.float32,) if is_float32 else FLOATS


def columns_of(estimator):
    """The fitted attributes that describe the columns of ``X``, as a dict."""
    return {name: vars(estimator)[name] for name in COLUMNS if hasattr(estimator, name)}


@np.errstate(**CHECKING)
def with_held_out(samples, estimator, X_val, y_val, sample_weight_val):
    """The samples with validated validation samples, if any are given.

    Their labels need not be among the classes, because a fold or a bootstrap may lack a
    class.

    Raises
    ------
    ValueError, TypeError
        If one of ``X_val`` and ``y_val`` is missing, or any of the three is invalid.
    """
    if X_val is None and y_val is None:
        if sample_weight_val is not None:
            raise ValueError("sample_weight_val was given without X_val, y_val.")
        return samples
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val go together, but {missing} is None.")
    X, classes = _held_out_rows(estimator, X_val), samples.classes
    y = checked_labels(y_val, "y_val")
    if len(y) != X.shape[0]:
        raise ValueError(
            "X_val and y_val have inconsistent numbers of samples: "
            f"{X.shape[0]} and {len(y)}."
        )
    weight = sample_weight_val
    if weight is not None:
        weight = checked_weight(weight, X.shape[0], "sample_weight_val")
    if (y.dtype.kind in "OUT") != (classes.dtype.kind in "OUT"):  # text or not
        raise ValueError(
            f"y_val has labels of another type than the classes {listed(classes)}: "
            f"{listed(np.unique(y))}."
        )
    held_out = Samples(X, encoded(y, classes), weight, classes)
    return samples._replace(held_out=held_out)


def _held_out_rows(estimator, X_val):
    try:
        dtypes = float_types(X_val)
        X = validate_data(
            estimator, X_val, reset=False, accept_sparse="csr", dtype=dtypes
        )
        return _native(X)
    except (TypeError, ValueError) as error:
        raise ValueError(f"X_val does not fit the training data: {error}") from error


def _square_norms(X):
    """Squared norms (n,) of some rows, in float64: in float32 they might overflow."""
    if issparse(X):
        X = X.astype(np.float64, copy=False)
        return np.asarray(X.multiply(X).sum(axis=1)).ravel()
    return np.einsum("ij,ij->i", X, X, dtype=np.float64)


def hold_out(samples, fraction, seed):
    """Training and validation samples for early stopping, both with every class."""
    n_samples = len(samples.labels)
    try:
        indices = train_test_split(
            np.arange(n_samples),
            test_size=fraction,
            random_state=seed,
            stratify=samples.labels,
        )
        parts = [samples.take(np.sort(index)) for index in indices]
        if samples.weight is not None and not all(part.weight.any() for part in parts):
            raise ValueError("every sample_weight of a side is 0")
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True: cannot set aside validation_fraction={fraction} of "
            f"{n_samples} samples with every class and weights on both sides "
            f"({error}): give more data, change validation_fraction or random_state, "
            "or pass X_val and y_val to the fit of a ShallowNetClassifier."
        ) from None
    return parts
