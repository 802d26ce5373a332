"""A candidate that is trained before scikit-learn's search fits and scores it.

A search of scikit-learn clones its estimator, calls ``set_params`` of the clone with
the values of a candidate, and ``fit`` of the estimator that this returns. Here the
search is given a `FittedCandidate` in the place of the clone.
"""

import pickle
from copy import copy
from functools import partial
from io import BytesIO
from numbers import Number
from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from skshallow._fit.result import FitResult
from skshallow._search.sklearn_internals import unknown_version

IMMUTABLE = (Number, str, type(None))


class FittedCandidate(NamedTuple):
    """A candidate of a search, fitted to the training rows of a split.

    Its net was trained together with others, or it was fitted by itself. Without a net,
    it is not fitted: its fit is left to the search.

    Parameters
    ----------
    parameters : dict
        Parameters of the candidate, as the search sets them.
    estimator : estimator, default=None
        A net, or a pipeline that ends in one, whose steps before the net are fitted.
        Other candidates may share it.
    net : estimator, default=None
        A net with these parameters, which lacks the result, or a fitted candidate.
    result : FitResult or bytes, default=None
        Pickled if the candidate comes from another process. None if the candidate was
        fitted by itself.
    warnings : list of FitWarning
        Empty without a result, because the fit gave its own warnings.
    seconds : float
        The time of the fit, or the candidate's share of the time of the jobs in which
        it was trained.
    error : str
        The traceback of an error. The ordinary fit of the candidate then raises its
        own.
    """

    parameters: dict = None
    estimator: object = None
    net: object = None
    result: FitResult | bytes = None
    warnings: list = ()
    seconds: float = 0.0
    error: str = ""

    def __reduce__(self):
        # The process of the search only passes the results on to the workers that score
        # them. So it need not unpickle them. Python's search for garbage, for which all
        # threads wait, also takes less time if there are no objects but bytes.
        result = self.result
        if isinstance(result, FitResult):
            result = pickle.dumps(result)
        return FittedCandidate, tuple(self._replace(result=result))

    def set_params(self, **parameters):
        """An estimator with these parameters, whose ``fit`` takes the training result.

        Raises
        ------
        RuntimeError
            If the parameters are not the candidate's, so that the search works in an
            unknown way.
        """
        if key_of(parameters, type) != key_of(self.parameters, type):
            raise unknown_version()
        estimator = _with_net(self.estimator, self.net)
        estimator.fit = partial(self._fit, estimator)
        return estimator

    def _fit(self, estimator, *args, **kwargs):
        # The net was trained with the same arguments.
        del estimator.fit
        self._give_result(self.net)
        return estimator

    def fitted_net(self):
        """A copy of the net, fitted; None without one, or if training diverged."""
        net = copy(self.net)
        try:
            self._give_result(net)
        except ValueError:
            return None
        return net

    def _give_result(self, net):
        result = self.result
        if isinstance(result, bytes):
            result = pickle.loads(result)
        if result is not None:
            net._set_fitted(result)


def key_of(value, key_of_others=id):
    """A hashable key of a value; keys are equal if and only if the values are the same.

    Parameters
    ----------
    value : object
    key_of_others : callable, default=id
        The key of objects that cannot be compared. With ``id``, such an object is equal
        only to itself; with ``type``, to all objects of its type.
    """
    kind = type(value)
    if kind is np.ndarray and not value.dtype.hasobject:
        return kind, value.dtype, value.shape, value.tobytes()
    if isinstance(value, IMMUTABLE):
        return kind, repr(value)  # 0.0 is not -0.0, and nan is nan
    if isinstance(value, dict):  # the order of keys may matter
        value = *value, *value.values()
    elif not isinstance(value, (tuple, list)):
        return kind, key_of_others(value)
    return kind, *(key_of(part, key_of_others) for part in value)


def _with_net(estimator, net):
    """The net, or a copy of the pipeline that ends in it."""
    if not isinstance(estimator, Pipeline):
        return net
    pipeline = copy(estimator)
    *steps, (name, last) = pipeline.steps
    pipeline.steps = [*_copy_of_steps(steps), (name, _with_net(last, net))]
    return pipeline


def _copy_of_steps(steps):
    """A copy of fitted steps, because some steps change when they are used.

    The copy shares the arrays, because a copied array may have another memory layout,
    and matrix products with it may round in another way. Steps that cannot be pickled
    are not copied.
    """
    file, arrays = BytesIO(), []

    def number_of(part):
        """The number of an array, which is not pickled; None for other objects."""
        if type(part) is not np.ndarray or part.dtype.hasobject:
            return None
        arrays.append(part)
        return len(arrays) - 1

    pickler = pickle.Pickler(file)
    pickler.persistent_id = number_of
    try:
        pickler.dump(steps)
    except Exception:  # steps of users may raise any error when they are pickled
        return steps
    unpickler = pickle.Unpickler(BytesIO(file.getvalue()))
    unpickler.persistent_load = arrays.__getitem__
    return unpickler.load()
