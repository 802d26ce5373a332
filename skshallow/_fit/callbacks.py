"""scikit-learn's callbacks around a fit and each of its iterations.

scikit-learn has callbacks from 1.9 on. With an older version, estimators have no
``set_callbacks``. A fit without callbacks uses this module only to find that there are
none.
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
        """An empty class, because this scikit-learn has no callbacks."""

    AutoPropagatedCallback = ProgressBar = ()


class Watch:
    """Calls the hooks of the callbacks that are set on an estimator, during one fit.

    A fit is a task, and each iteration is a subtask of the fit. L-BFGS may give up
    within an iteration. The task of this iteration ends when the next one begins, or
    with the fit.

    Parameters
    ----------
    estimator : ShallowNetClassifier
    X, y, sample_weight
        The arguments of ``fit``, which the callbacks are given.
    n_tasks : callable
        ``n_tasks() -> int or None`` returns the maximum number of subtasks; None if it
        is not known.
    """

    def __init__(self, estimator, X, y, sample_weight, n_tasks):
        self._iteration = None
        weight = None if sample_weight is None else {"sample_weight": sample_weight}
        self._facts = {"estimator": estimator, "X": X, "y": y, "metadata": weight}
        self._fit = estimator._init_callback_context(max_subtasks=n_tasks())
        self._fit.call_on_fit_task_begin(**self._facts)

    @classmethod
    def over(cls, estimator, *args):
        """A watch for a fit, or None if no callbacks are set."""
        return cls(estimator, *args) if _callbacks_of(estimator) else None

    def begin(self, n_lanes=1, task_name="iteration"):
        """Tell the callbacks that an iteration begins, of any number of lanes."""
        self._close_iteration()
        self._iteration = self._fit.subcontext(task_name=task_name)
        self._iteration.call_on_fit_task_begin(**self._facts)

    def end(self, result):
        """Tell the callbacks that an iteration has ended.

        Parameters
        ----------
        result : callable
            Returns the `FitResult` of a training that stops after this iteration.

        Returns
        -------
        stop : bool
            Whether a callback asks to stop training.
        """

        def attributes():
            twin = copy(self._facts["estimator"])
            twin._set_fitted(result())
            return vars(twin)

        iteration, self._iteration = self._iteration, None
        return iteration.call_on_fit_task_end(
            **self._facts, reconstruction_attributes=attributes
        )

    def tell(self, task_name):
        """Tell the callbacks of a subtask without a net, which has begun and ended."""
        self.begin(task_name=task_name)
        self._close_iteration()

    def close(self):
        """Tell the callbacks that the fit has ended and the estimator is fitted."""
        self._close_iteration()
        self._fit.call_on_fit_task_end(**self._facts, reconstruction_attributes={})

    def _close_iteration(self):
        if self._iteration is not None:
            self._iteration.call_on_fit_task_end(**self._facts)
            self._iteration = None


def has_callbacks(estimator):
    """Whether callbacks are set on an estimator, or on an estimator that it holds."""
    return bool(names_of_callbacks(estimator))


def shows_progress(search):
    """Whether progress bars, and no other callbacks, are set on a search."""
    callbacks = _callbacks_of(search)
    return bool(callbacks) and {type(c) for c in callbacks} == {ProgressBar}


def passes_on_callbacks(search):
    """Whether a search has callbacks that follow the estimators that it fits."""
    return any(
        isinstance(callback, AutoPropagatedCallback)
        and callback.max_propagation_depth != 0
        for callback in _callbacks_of(search)
    )


def names_of_callbacks(value):
    """Names, a set, of the callbacks on an estimator and on estimators that it holds.

    Parameters
    ----------
    value : object
        An estimator, or lists and dicts of estimators, as in a grid.
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
    """A copy of an estimator without callbacks, its own or those of its search."""
    twin = copy(estimator).set_callbacks()
    vars(twin).pop("_parent_callback_ctx", None)
    return twin


def _callbacks_of(value):
    return getattr(value, "_skl_callbacks", ())
