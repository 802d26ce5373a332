"""scikit-learn's callbacks around a fit and each of its iterations.

They exist from scikit-learn 1.9 on; with an older one estimators have no
``set_callbacks``. A fit without callbacks comes here once, to find that there are none.
"""

from copy import copy

try:
    from sklearn.callback import (
        AutoPropagatedCallback,
        CallbackSupportMixin,
        ProgressBar,
    )
except ImportError:

    class CallbackSupportMixin:
        """Nothing: this scikit-learn has no callbacks."""

    AutoPropagatedCallback = ProgressBar = ()


class Watch:
    """Calls the hooks of the callbacks that are set on an estimator, during one fit.

    A fit is a task, and each iteration a task within it. What began and never ended,
    because L-BFGS gave up, ends with the fit.

    Parameters
    ----------
    estimator : ShallowNetClassifier
    X, y, sample_weight
        As ``fit`` was given them, for the callbacks.
    resumes : bool
        Whether training resumes from the estimator's present weights.
    n_tasks : callable
        ``n_tasks() -> int or None``, the most within the fit; None if it is not known.
    """

    def __init__(self, estimator, X, y, sample_weight, resumes, n_tasks):
        self._resumes, self._iteration = resumes, None
        weight = None if sample_weight is None else {"sample_weight": sample_weight}
        self._facts = {"estimator": estimator, "X": X, "y": y, "metadata": weight}
        self._fit = estimator._init_callback_context(max_subtasks=n_tasks())
        self._fit.call_on_fit_task_begin(**self._facts)

    @classmethod
    def over(cls, estimator, *args):
        """A watch over a fit, or None if no callbacks are set."""
        return cls(estimator, *args) if _callbacks_of(estimator) else None

    def begin(self, task_name="iteration"):
        """Tell that an iteration begins."""
        self._close_iteration()
        self._iteration = self._fit.subcontext(task_name=task_name)
        self._iteration.call_on_fit_task_begin(**self._facts)

    def end(self, result):
        """Tell that an iteration has ended.

        Parameters
        ----------
        result : callable
            Returns the `FitResult` that it would be if training stopped here.

        Returns
        -------
        stop : bool
            Whether a callback asks for that.
        """

        def attributes():
            twin = copy(self._facts["estimator"])
            twin._set_fitted(result(), self._resumes)
            return vars(twin)

        iteration, self._iteration = self._iteration, None
        return iteration.call_on_fit_task_end(
            **self._facts, reconstruction_attributes=attributes
        )

    def tell(self, task_name):
        """Tell that a task within the fit is over, which has no net to show."""
        self.begin(task_name)
        self._close_iteration()

    def close(self):
        """Tell that the fit has ended, and the estimator is what it has become."""
        self._close_iteration()
        self._fit.call_on_fit_task_end(**self._facts, reconstruction_attributes={})

    def _close_iteration(self):
        if self._iteration is not None:
            self._iteration.call_on_fit_task_end(**self._facts)
            self._iteration = None


def has_callbacks(value):
    """Whether callbacks are set on an estimator, or on any that it holds.

    Parameters
    ----------
    value : object
        What is no estimator has none.
    """
    if not hasattr(value, "get_params") or isinstance(value, type):
        return False
    return any(map(_callbacks_of, [value, *value.get_params().values()]))


def shows_progress(search):
    """Whether progress bars, and no other callbacks, are set on a search."""
    callbacks = _callbacks_of(search)
    return bool(callbacks) and {type(c) for c in callbacks} == {ProgressBar}


def passes_on_callbacks(search):
    """Whether a search has callbacks that follow the estimators which it fits."""
    return any(
        isinstance(callback, AutoPropagatedCallback)
        and callback.max_propagation_depth != 0
        for callback in _callbacks_of(search)
    )


def names_of_callbacks(value):
    """Of those that are set on an estimator, or in what parameters hold, a set.

    Parameters
    ----------
    value : object
        An estimator, or estimators in lists and dicts, as in a grid.
    """
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, (list, tuple)):
        return set().union(*map(names_of_callbacks, value))
    if not hasattr(value, "get_params") or isinstance(value, type):
        return set()
    holders = value, *value.get_params().values()
    return {type(c).__name__ for holder in holders for c in _callbacks_of(holder)}


def without_callbacks(estimator):
    """A copy of an estimator that nobody hears of: not even what fits it, if any."""
    twin = copy(estimator).set_callbacks()
    vars(twin).pop("_parent_callback_ctx", None)
    return twin


def _callbacks_of(value):
    return getattr(value, "_skl_callbacks", ())
