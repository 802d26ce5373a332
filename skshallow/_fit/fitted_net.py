"""What both estimators share: fitted attributes, predictions and saving.

`FittedNet._store` sets the fitted attributes that both estimators have, apart from
those of the columns of ``X`` and ``init_losses_``. This module has no training.
"""

from contextlib import contextmanager, nullcontext

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.validation import check_is_fitted, validate_data

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.losses import loss_for
from skshallow._core.threads import single_blas_thread
from skshallow._fit.callbacks import CallbackSupportMixin
from skshallow._fit.logits import predicted_logits
from skshallow._fit.parameters import check_floats, suggestions
from skshallow._fit.persistence import attributes_of, state_of
from skshallow._fit.result import unpacked
from skshallow._fit.samples import float_types
from skshallow._fit.version import PAGE

SMALL_PREDICTION = 2**13  # multiplications, too few for OpenBLAS to use two threads


class FittedNet(CallbackSupportMixin, ClassifierMixin, BaseEstimator):
    """A network with one hidden layer as a scikit-learn estimator, without ``fit``."""

    _doc_link_module, _doc_link_template = "skshallow", PAGE

    def decision_function(self, X):
        """Logits of every sample.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes one logit for each sample: a positive logit stands for the
            second class. For more classes one logit for each sample and class: the
            largest logit stands for the predicted class.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            (Z,) = self._logits(X)
        return Z[0] if len(Z) == 1 else Z.T

    def predict(self, X):
        """Most probable class of every sample.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            For two classes the second class if the logit is positive, otherwise the
            first. For more classes the class with the largest logit.
        """
        labels = self._from_logits("classify", X)
        return self.classes_[labels]

    def predict_proba(self, X):
        """Probability of every class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``.
        """
        return self._from_logits("probabilities", X).T

    def predict_log_proba(self, X):
        """Natural logarithm of the probability of every class.

        It is computed from the logits, so that it is finite also if a probability
        rounds to 0.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``.
        """
        return self._from_logits("log_probabilities", X).T

    def score(self, X, y, sample_weight=None):
        """Accuracy of the predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,)
            Their labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        accuracy : float
            Share of the samples, or of their weight, whose predicted label is ``y``.
        """
        # The checks of scikit-learn take several times as long as the predictions, and
        # a search scores every fit. Labels of the type of ``classes_`` need no checks.
        is_plain = type(y) is np.ndarray and y.ndim == 1 and y.dtype.kind in "biuU"
        is_ours = type(self).predict is FittedNet.predict and hasattr(self, "classes_")
        is_plain = is_plain and is_ours and y.dtype == self.classes_.dtype
        if is_plain and sample_weight is None:
            labels = self.predict(X)
            if len(labels) == len(y):
                return float(np.mean(labels == y))
        return super().score(X, y, sample_weight)

    def _logits(self, X):
        """Logits of the rows of ``X``, in the shape that the losses take, (1, c, n)."""
        if not hasattr(self, "coefs_"):  # much faster than check_is_fitted
            check_is_fitted(self)
        dtypes = float_types(X)
        X = validate_data(self, X, reset=False, accept_sparse="csr", dtype=dtypes)
        activation = ACTIVATIONS[self._activation]
        # For such a small product BLAS uses one thread, and setting it takes longer.
        is_small = X.shape[0] * self.coefs_[0].size < SMALL_PREDICTION
        with nullcontext() if is_small else single_blas_thread():
            Z = predicted_logits(activation, self.coefs_, self.intercepts_, X)
        return Z.T[None]

    def _from_logits(self, method, X):
        """The value of a method of the loss for the logits of the rows of ``X``."""
        with np.errstate(over="ignore", invalid="ignore"):
            Z = self._logits(X)
            return getattr(loss_for(len(self.classes_)), method)(Z)[0]

    @classmethod
    def _get_param_names(cls):
        # scikit-learn reads the signature at every call, and a search calls this often.
        if "_names_of_parameters" not in vars(cls):
            cls._names_of_parameters = super()._get_param_names()
        return [*cls._names_of_parameters]

    def _validate_params(self):
        try:
            super()._validate_params()
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{error}{suggestions(self)}") from None
        check_floats(self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self):
        return state_of(super().__getstate__())

    def __setstate__(self, state):
        is_whole = type(self).__getstate__ is FittedNet.__getstate__
        super().__setstate__(attributes_of(state, self, is_whole))

    def __copy__(self):
        twin = type(self).__new__(type(self))
        vars(twin).update(vars(self))
        return twin

    def _store(self, kept):
        """Set fitted attributes from the `FitResult` of a single start.

        If training resumed, curves are continued, and the start remains that of the
        first fit. If an average has lost networks, or a net has lost units, the start
        is that of the remaining ones in this call.
        """
        (outcome,) = kept.outcomes
        architecture = kept.architecture
        self.classes_ = kept.classes
        if not kept.resumes or architecture.n_hidden != len(self.init_intercepts_[0]):
            self.init_coefs_, self.init_intercepts_ = unpacked(
                architecture, kept.starts[0]
            )
        if not kept.resumes:
            self.n_layers_ = 3
            self.n_outputs_ = architecture.loss.n_outputs
            self.out_activation_ = architecture.loss.link
        self.coefs_, self.intercepts_ = unpacked(architecture, outcome.p)
        for name, curve in (
            ("loss_curve_", outcome.loss_curve),
            ("validation_scores_", outcome.validation_scores),
            ("validation_loss_curve_", outcome.validation_losses),
        ):
            past = getattr(self, name) if kept.resumes else []
            setattr(self, name, past + curve.tolist())
        self.loss_, self.best_loss_ = self.loss_curve_[-1], min(self.loss_curve_)
        self.best_validation_score_ = outcome.best_score
        self.n_iter_ = outcome.n_iter
        self.status_ = "interrupted" if kept.interrupted else outcome.status
        self._activation, self._n_nets = self.activation, kept.n_nets
        self._row_totals, self._used = tuple(kept.totals), kept.used()
        self._output_layers = kept.output_layers
        self._training_state = None  # set by fits that can be resumed


@contextmanager
def unchanged_on_error(estimator):
    """Restore every attribute, and the ``RandomState``, if the block raises."""
    before = vars(estimator).copy()
    rng = estimator.random_state
    if isinstance(rng, np.random.RandomState):
        drawn = rng.get_state(legacy=False)
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        if isinstance(rng, np.random.RandomState):
            rng.set_state(drawn)
        raise
