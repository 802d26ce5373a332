"""A candidate that was trained before its search fits it, as the search is given it.

A search of scikit-learn takes a clone of its estimator, calls ``set_params`` with the
values of a candidate, and ``fit`` on what that returns. `FittedCandidate` is given to
it in the place of the clone.
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
    """A candidate of a search, trained on the training rows of a split.

    Parameters
    ----------
    parameters : dict
        Its values, as the search sets them.
    net : ShallowNetClassifier
        With these values, not fitted; a ``RandomState`` advanced as by a fit.
    estimator : ShallowNetClassifier or Pipeline
        A net, or a pipeline that ends in one, whose steps before the net are fitted.
        Other candidates may have the same.
    columns : dict
        As from ``fit_cohort``.
    result : FitResult
    warnings : list of FitWarning
    seconds : float
        Its share of the time of the jobs that it was trained in.
    """

    parameters: dict
    net: object
    estimator: object
    columns: dict
    result: FitResult
    warnings: list
    seconds: float

    def set_params(self, **parameters):
        """An estimator with the candidate's parameters, whose ``fit`` has little to do.

        Raises
        ------
        RuntimeError
            If these are not the candidate's: the search works in an unknown way.
        """
        _check_same(parameters, self.parameters)
        estimator = _with_net(self.estimator, self.net)
        estimator.fit = partial(self._fit, estimator)
        return estimator

    def _fit(self, estimator, *args, **kwargs):
        # The arguments are those of the training that is done.
        del estimator.fit
        self.net._adopt(self.result, self.columns)
        return estimator

    def fitted(self):
        """A fitted copy of the net; None if its training diverged."""
        if self.result.has_diverged:
            return None
        net = copy(self.net)
        net._adopt(self.result, self.columns)
        return net


class FittedAlone(NamedTuple):
    """A candidate of a search that was fitted by itself, before the search would.

    Parameters
    ----------
    parameters : dict
        Its values, as the search sets them.
    estimator : estimator
        With these values, fitted.
    seconds : float
        The time of the fit.
    warnings : tuple
        Empty: the fit has warned of itself.
    """

    parameters: dict
    estimator: object
    seconds: float
    warnings: tuple = ()

    def set_params(self, **parameters):
        """The estimator, whose ``fit`` has nothing to do.

        Raises
        ------
        RuntimeError
            If these are not the candidate's: the search works in an unknown way.
        """
        _check_same(parameters, self.parameters)
        self.estimator.fit = self._fit
        return self.estimator

    def _fit(self, *args, **kwargs):
        del self.estimator.fit
        return self.estimator

    def fitted(self):
        """The fitted estimator."""
        return self.estimator


def _check_same(parameters, expected):
    if key_of(parameters, type) != key_of(expected, type):
        raise unknown_version()


def key_of(value, key_of_others=id):
    """A hashable that is equal for parameters which are the same.

    Parameters
    ----------
    value : object
    key_of_others : callable, default=id
        Of what cannot be compared. By ``id`` it is the same as itself alone; by
        ``type``, as all of its kind.
    """
    kind = type(value)
    if kind is np.ndarray and not value.dtype.hasobject:
        return kind, value.dtype, value.shape, value.tobytes()
    if isinstance(value, IMMUTABLE):
        return kind, repr(value)  # 0.0 is not -0.0, and nan is nan
    if isinstance(value, dict):  # the order of keys may matter to somebody
        value = *value, *value.values()
    elif not isinstance(value, (tuple, list)):
        return kind, key_of_others(value)
    return kind, *(key_of(part, key_of_others) for part in value)


def _with_net(estimator, net):
    """The net, or a pipeline with copies of the same steps that ends in it."""
    if not isinstance(estimator, Pipeline):
        return net
    twin = copy(estimator)
    *steps, (name, last) = twin.steps
    twin.steps = [*_own_copy(steps), (name, _with_net(last, net))]
    return twin


def _own_copy(steps):
    """A copy of fitted steps, some of which change when they are used.

    Their arrays are the same ones: a copy may lie in memory in another way, and then a
    product of matrices rounds in another way. What cannot be pickled is shared.
    """
    file, arrays = BytesIO(), []

    def number_of(part):
        """Of an array, which is left out; None for what is not."""
        if type(part) is not np.ndarray or part.dtype.hasobject:
            return None
        arrays.append(part)
        return len(arrays) - 1

    pickler = pickle.Pickler(file)
    pickler.persistent_id = number_of
    try:
        pickler.dump(steps)
    except Exception:
        return steps
    unpickler = pickle.Unpickler(BytesIO(file.getvalue()))
    unpickler.persistent_load = arrays.__getitem__
    return unpickler.load()
