"""Trains the candidates of a search together, and hands them over one by one.

A search clones its estimator, sets a candidate's parameters, fits and scores, for every
candidate and split. Here all of that but the scoring is done beforehand: candidates
are grouped by what their pipelines do before the net (a setting) and by what their
nets share (a cohort); each setting and split is prepared once, each cohort and split
is one job. What cannot be trained so is left to the search.
"""

import pickle
import time
from collections import defaultdict
from contextlib import suppress
from copy import copy
from functools import partial
from io import BytesIO
from itertools import pairwise, product
from numbers import Number
from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import Parallel, delayed

from skshallow._core.initializers import given_scales
from skshallow._core.threads import single_blas_thread
from skshallow._fit.callbacks import has_callbacks
from skshallow._fit.result import FitResult
from skshallow._search.cohorts import cohort_key, fit_cohort
from skshallow._search.sklearn_internals import call_of_fit, unknown_version

# With several workers a cohort is cut so that hardly one waits for the last job. Its
# parts have these many candidates at least: few lanes share a step's fixed cost less
# well.
MOST_IDLE, FEW_CANDIDATES = 0.1, 8
IMMUTABLE = (Number, str, type(None))


class Candidate(NamedTuple):
    """One candidate of a search that can be trained with others.

    Parameters
    ----------
    index : int
        Its place among the candidates.
    parameters : dict
        What the search sets.
    estimator : ShallowNetClassifier or Pipeline
        With these parameters.
    net : ShallowNetClassifier
        The estimator, or its last step.
    """

    index: int
    parameters: dict
    estimator: object
    net: object


class Prepared(NamedTuple):
    """What the net of a pipeline is given on the training rows of a split.

    Parameters
    ----------
    pipeline : Pipeline or None
        Whose steps before the net are fitted; None for a bare net.
    args, kwargs : tuple, dict
        Arguments of the net's ``fit``.
    seconds : float
    """

    pipeline: Pipeline | None
    args: tuple
    kwargs: dict
    seconds: float


class Fit(NamedTuple):
    """One fit that was done beforehand.

    Parameters
    ----------
    net : ShallowNetClassifier
        With the candidate's parameters, a ``RandomState`` advanced as by a fit.
    pipeline : Pipeline or None
        As in `Prepared`.
    columns : dict
        As from ``fit_cohort``.
    trained : FitResult
    remarks : list of FitWarning
    seconds : float
        Its share of the time of its jobs.
    """

    net: object
    pipeline: Pipeline | None
    columns: dict
    trained: FitResult
    remarks: list
    seconds: float


class Rehearsal:
    """Trains the candidates of one search, and hands them over when it clones.

    Parameters
    ----------
    estimator : estimator
        The search's; left alone.
    net_class : type
        Of the nets that can be trained together.
    n_jobs, pre_dispatch
        The search's.
    alone : bool, default=False
        Whether the search must fit all candidates itself.

    Attributes
    ----------
    stand_in : estimator
        A clone of the estimator to be searched over in its place: ``clone`` of it
        yields the stand-in itself, during a round of candidates a trained estimator
        for each candidate and split in turn, and afterwards a plain clone.
    fit_params : dict
        The search's, for the estimator; to be set before `train`.
    seconds : list of float
        By how much every fit so far took longer than its handing over.
    remarks : list of lists of FitWarning
        On every fit so far.
    """

    def __init__(self, estimator, net_class, n_jobs, pre_dispatch, alone=False):
        self.net_class = net_class
        self.estimator = clone(estimator)
        self.stand_in = clone(estimator)
        self.stand_in.__sklearn_clone__ = self
        self.n_jobs, self.pre_dispatch = n_jobs, pre_dispatch
        self._alone = alone
        self.fit_params, self.seconds, self.remarks = {}, [], []
        self._parameters, self._hand, self._is_over = [], None, False

    def __getstate__(self):
        # A stand-in may be sent to a worker within the search; its nets need not be.
        return {}

    def __call__(self):
        """What a clone of the stand-in is."""
        if self._is_over:
            return clone(self.estimator)
        if self._hand is None:
            return self.stand_in
        estimator = next(self._hand, None)
        if estimator is None:
            raise unknown_version()
        return estimator

    def expect(self, parameters):
        """Take note of the candidates of the next round, a list of dicts."""
        self._parameters = parameters

    def end_round(self):
        """See that everything was handed over.

        Raises
        ------
        RuntimeError
            If not: the search works in a way that is not known.
        """
        if self._hand is not None and next(self._hand, None) is not None:
            raise unknown_version()
        self._hand = None

    def end(self):
        """Be an ordinary estimator from now on."""
        self._is_over = True
        vars(self.stand_in).pop("__sklearn_clone__", None)

    def train(self, X, y, splits):
        """Train the candidates on the training rows of every split.

        Parameters
        ----------
        X, y : array-likes
        splits : list of (train, test)
        """
        parameters, fits = [] if self._alone else self._parameters, {}
        for setting in _settings(self.estimator, self.net_class, parameters):
            fits |= self._train_setting(setting, X, y, splits)
        pairs = list(product(range(len(self._parameters)), range(len(splits))))
        for pair in pairs:
            _, fit = fits.get(pair, (None, None))
            self.seconds.append(fit.seconds if fit else 0.0)
            self.remarks.append(fit.remarks if fit else [])
        self._hand = (self._handed_over(*fits.pop(pair, ())) for pair in pairs)

    def _train_setting(self, setting, X, y, splits):
        """(Candidate, Fit) by (index of the candidate, index of the split)."""
        parallel, n_workers = self._parallel(), effective_n_jobs(self.n_jobs)
        estimator, net = setting[0].estimator, setting[0].net
        prepared = (
            partial(_prepare, estimator, X, y, train, self.fit_params)
            for train, _ in splits
        )
        if n_workers == 1:  # one split in memory at a time
            prepared = (prepare() for prepare in prepared)
        elif net is not estimator:
            prepared = parallel(delayed(prepare)() for prepare in prepared)
        cohorts = _cut(_cohorts(setting), n_workers, len(splits))
        results = parallel(
            delayed(_train)([c.net for c in cohort], split, len(setting))
            for split in prepared
            for cohort in cohorts
        )
        jobs = product(range(len(splits)), cohorts)
        return {
            (candidate.index, k): (candidate, fit)
            for (k, cohort), fits in zip(jobs, results, strict=True)
            for candidate, fit in zip(cohort, fits, strict=True)
            if fit is not None
        }

    def _parallel(self):
        """joblib's workers, beside those that the search holds ready for scoring.

        All who run under ``parallel_config`` share one backend, and the first to be
        done with it closes it for the others: this takes a copy.
        """
        backend, n_jobs = get_active_backend()
        n_jobs = n_jobs if self.n_jobs is None else self.n_jobs
        return Parallel(n_jobs, copy(backend), pre_dispatch=self.pre_dispatch)

    def _handed_over(self, candidate=None, fit=None):
        """An estimator whose ``set_params`` and ``fit`` have been done beforehand."""
        if fit is None:
            return clone(self.estimator)
        estimator = fit.net
        if fit.pipeline is not None:
            estimator = _with_net(fit.pipeline, fit.net)
        done = _Done(estimator, candidate.parameters, fit)
        estimator.set_params, estimator.fit = done.set_params, done.fit
        return estimator


class _Done:
    """Methods that stand on an estimator until its search has called them."""

    def __init__(self, estimator, parameters, result):
        self.estimator, self.parameters, self.result = estimator, parameters, result

    def set_params(self, **parameters):
        """See that the search takes this estimator for what it is."""
        if parameters.keys() != self.parameters.keys() or any(
            _equal(value, self.parameters[name]) is False
            for name, value in parameters.items()
        ):
            raise unknown_version()
        del self.estimator.set_params
        return self.estimator

    def fit(self, *args, **kwargs):
        """Take over the result, whatever the arguments: they are those it had."""
        del self.estimator.fit
        self.result.net._adopt(self.result.trained, self.result.columns)
        return self.estimator


def _settings(estimator, net_class, parameters):
    """Lists of candidates whose pipelines are the same before the net."""
    settings = []
    for index, own in enumerate(parameters):
        candidate, outer = _candidate(estimator, net_class, index, own)
        if candidate is None:
            continue
        for known, setting in settings:
            if _equal(outer, known):
                setting.append(candidate)
                break
        else:
            settings.append((outer, [candidate]))
    return [setting for _, setting in settings]


def _candidate(estimator, net_class, index, parameters):
    """A `Candidate` and its parameters outside the net; None if it must be left out."""
    with suppress(Exception):  # whatever is wrong, an ordinary fit will say it
        own = clone(estimator).set_params(**clone(parameters, safe=False))
        path, net = _net_of(own)
        is_net = type(net) is net_class  # what a subclass does is unknown
        if is_net and _is_ready(net) and not has_callbacks(own):
            outer = {
                name: value
                for name, value in parameters.items()
                if path and not f"{name}__".startswith(path)
            }
            if path:  # the steps route by what the net asks for
                outer["requests"] = repr(net.get_metadata_routing())
            return Candidate(index, parameters, own, net), outer
    return None, None


def _net_of(estimator):
    """What an estimator is or ends in, and the path to that."""
    path = ""
    while type(estimator) is Pipeline and not estimator.verbose:
        name, estimator = estimator.steps[-1]
        path += f"{name}__"
    return path, estimator


def _is_ready(net):
    """Whether the parameters are valid and known, and nothing else is set."""
    net._validate_params()
    given_scales(net.init_scale)
    others = vars(net).keys() - net.get_params(deep=False).keys()
    return cohort_key(net) is not None and others <= {"_metadata_request"}


def _cohorts(setting):
    """Lists of candidates that can be trained at once."""
    cohorts = defaultdict(list)
    for candidate in setting:
        cohorts[cohort_key(candidate.net)].append(candidate)
    return list(cohorts.values())


def _cut(cohorts, n_workers, n_splits):
    """Cut cohorts into parts that keep several workers busy to the end."""
    n_parts = 1
    while not _busy(n_parts * len(cohorts) * n_splits, n_workers):
        n_parts += 1
    return [
        part
        for cohort in cohorts
        for part in _parts(cohort, min(n_parts, len(cohort) // FEW_CANDIDATES))
    ]


def _busy(n_jobs, n_workers):
    """Whether equal jobs leave hardly a worker idle."""
    n_rounds = -(-n_jobs // n_workers)
    return n_rounds * n_workers <= (1 + MOST_IDLE) * n_jobs


def _parts(items, n_parts):
    """Cut a list into ``n_parts``, at least one, of one length or nearly so."""
    n_parts = max(1, n_parts)
    ends = [k * len(items) // n_parts for k in range(n_parts + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def _prepare(estimator, X, y, rows, fit_params):
    """A `Prepared`, or None where an ordinary fit will say what is wrong."""
    start = time.time()
    with suppress(Exception):
        args, kwargs = call_of_fit(estimator, X, y, rows, fit_params)
        _, net = _net_of(estimator)
        if net is estimator:
            return Prepared(None, args, kwargs, time.time() - start)
        pipeline = clone(estimator)
        _, net = _net_of(pipeline)
        calls = []
        net.fit = lambda *args, **kwargs: calls.append((args, kwargs))
        pipeline.fit(*args, **kwargs)
        del net.fit
        ((args, kwargs),) = calls
        return Prepared(pipeline, args, kwargs, time.time() - start)
    return None


def _train(nets, prepared, n_fits):
    """A `Fit` for each of the nets, or None for one that must be fitted alone.

    ``n_fits`` share the time of the preparation.
    """
    if callable(prepared):
        prepared = prepared()
    fits = [None] * len(nets)
    if prepared is None:
        return fits
    start = time.time()
    with suppress(Exception), single_blas_thread():  # as in `_candidate`
        nets = [_fresh(net) for net in nets]
        columns, trained = fit_cohort(nets, *prepared.args, **prepared.kwargs)
        seconds = (time.time() - start) / len(nets) + prepared.seconds / n_fits
        fits = [
            result and Fit(net, prepared.pipeline, columns, *result, seconds)
            for net, result in zip(nets, trained, strict=True)
        ]
    return fits


def _fresh(net):
    """A clone of a net, at less cost."""
    twin = copy(net)
    for name, value in vars(twin).items():
        if not isinstance(value, IMMUTABLE):
            setattr(twin, name, clone(value, safe=False))
    return twin


def _with_net(pipeline, net):
    """A pipeline with copies of the same steps but for the net at its end."""
    twin = copy(pipeline)
    name, last = twin.steps[-1]
    last = _with_net(last, net) if isinstance(last, Pipeline) else net
    twin.steps = [*_own_copy(twin.steps[:-1]), (name, last)]
    return twin


class _KeepsArrays(pickle.Pickler):
    """Leaves arrays out, and remembers them in order."""

    def __init__(self, file):
        super().__init__(file)
        self.arrays = []

    def persistent_id(self, part):
        if type(part) is not np.ndarray or part.dtype.hasobject:
            return None
        self.arrays.append(part)
        return len(self.arrays) - 1


def _own_copy(steps):
    """A copy of fitted steps, some of which change when they are used.

    Their arrays are the same ones: a copy may lie in memory in another way, and then a
    product of matrices rounds in another way. What cannot be pickled is shared.
    """
    file = BytesIO()
    pickler = _KeepsArrays(file)
    try:
        pickler.dump(steps)
    except Exception:
        return steps
    unpickler = pickle.Unpickler(BytesIO(file.getvalue()))
    unpickler.persistent_load = pickler.arrays.__getitem__
    return unpickler.load()


def _equal(a, b):
    """Whether two parameters are the same: True, False, or None if nobody can tell."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if type(a) is np.ndarray and not a.dtype.hasobject:
        alike = a.dtype == b.dtype and a.shape == b.shape
        return alike and a.tobytes() == b.tobytes()
    if isinstance(a, dict):  # the order of keys may matter to somebody
        return _equal([*a, *a.values()], [*b, *b.values()])
    if isinstance(a, (tuple, list)):
        if len(a) != len(b):
            return False
        return _all(_equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, IMMUTABLE):
        return repr(a) == repr(b)  # 0.0 is not -0.0, and nan is nan
    return None


def _all(answers):
    """The conjunction of answers of `_equal`."""
    answers = list(answers)
    if False in answers:
        return False
    return None if None in answers else True
