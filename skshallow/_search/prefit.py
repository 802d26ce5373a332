"""Trains candidates of a search together, before the search fits them one by one.

Candidates whose pipelines have the same steps before the net form a *setting*. The
candidates of a setting whose nets can be trained together form a *cohort*. The steps
before the net are fitted once for each setting and split. Training one cohort on one
split is a job.
"""

import time
from collections import defaultdict
from copy import copy
from functools import partial
from itertools import product
from typing import NamedTuple

from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import delayed

from skshallow._core.initializers import given_scales
from skshallow._core.threads import single_blas_thread
from skshallow._fit.callbacks import has_callbacks
from skshallow._search.cohorts import cohort_key, fit_cohort
from skshallow._search.fallback import none_on_error
from skshallow._search.fitted_candidate import IMMUTABLE, FittedCandidate, key_of
from skshallow._search.partition import cut
from skshallow._search.progress import Job
from skshallow._search.sklearn_internals import call_of_fit


class Candidate(NamedTuple):
    """A candidate of a search that can be trained with others.

    Parameters
    ----------
    index : int
        Index of the candidate.
    parameters : dict
        Parameters that the search sets.
    net : ShallowNetClassifier
        A net with these parameters.
    """

    index: int
    parameters: dict
    net: object


class PreparedSplit(NamedTuple):
    """The training rows of a split, as the nets of a setting are given them.

    Parameters
    ----------
    index : int
        Index of the split.
    estimator : ShallowNetClassifier or Pipeline
        The estimator, whose steps before the net are fitted.
    args, kwargs : tuple, dict
        Arguments of the net's ``fit``.
    seconds : float
        Time of the preparation, divided by the number of candidates of the setting.
    """

    index: int
    estimator: object
    args: tuple
    kwargs: dict
    seconds: float


def prefit(search, parallel, net_class, X, y, progress, fit_params, candidates, splits):
    """Train the candidates of a search that can be trained together, on every split.

    Parameters
    ----------
    search : GridSearchCV or another search
        Only its estimator, ``n_jobs`` and ``return_curves`` are used.
    parallel : Parallel
        As returned by `parallel_of`.
    net_class : type
        Class of the nets that can be trained together.
    X, y : array-likes
    progress : Silent
        Its methods are called as the work advances.
    fit_params : dict
        Parameters of the estimator's ``fit``.
    candidates : list of dict
        Parameters of each candidate.
    splits : list of (train, test)

    Returns
    -------
    list of FittedCandidate or None
        In the order of ``product(candidates, splits)``. None for a fit that is left to
        the search. With ``return_curves``, only fits that fail are left to the search.
    """
    n_workers, fitted = effective_n_jobs(search.n_jobs), {}
    on_step = progress.step if n_workers == 1 else None  # workers cannot call it
    settings = [
        (estimator, cut(cohorts, n_workers, len(splits)))
        for estimator, cohorts in _by_setting(
            search.estimator, net_class, candidates, progress
        )
    ]
    n_together = sum(len(part) for _, parts in settings for part in parts)
    progress.begin_training(_jobs(settings, splits), n_together)
    for estimator, parts in settings:
        prepare = partial(_prepare, estimator, X, y, fit_params, sum(map(len, parts)))
        rows = enumerate(train for train, _ in splits)
        if n_workers > 1 and isinstance(estimator, Pipeline):
            prepared = list(parallel(delayed(prepare)(*split) for split in rows))
        else:  # one split in memory at a time
            prepared = (prepare(*split) for split in rows)
        jobs = (
            delayed(_train_cohort)(part, split, on_step)
            for split in prepared
            for part in parts
        )
        for fits in parallel(jobs):
            fitted |= fits or {}
            progress.end_job()
    pairs = list(product(range(len(candidates)), range(len(splits))))
    if search.return_curves:  # fits of the search itself would give no curves
        alone = [pair for pair in pairs if pair not in fitted]
        progress.begin_alone(len(alone))
        fit_alone = partial(_fit_alone, search.estimator, X, y, fit_params)
        jobs = (delayed(fit_alone)(candidates[i], splits[k][0]) for i, k in alone)
        for pair, fit in zip(alone, parallel(jobs), strict=True):
            fitted[pair] = fit
            progress.advance()
    return [fitted.get(pair) for pair in pairs]


def _jobs(settings, splits):
    """All jobs, in the order in which they are trained."""
    n_parts, n_before, jobs = sum(len(parts) for _, parts in settings), 0, []
    for _, parts in settings:
        nets = [[candidate.net for candidate in part] for part in parts]
        jobs += [
            Job.of(nets[k], rows, (n_before + k + 1, n_parts), (i, len(splits)))
            for i, (rows, _) in enumerate(splits, start=1)
            for k in range(len(parts))
        ]
        n_before += len(parts)
    return jobs


def _by_setting(estimator, net_class, candidates, progress):
    """For every setting, the estimator of its first candidate and a list of cohorts."""
    settings = {}
    for index, parameters in enumerate(candidates):
        progress.advance()
        if placed := _placed(estimator, net_class, parameters):
            own, net, setting, cohort = placed
            _, cohorts = settings.setdefault(setting, (own, defaultdict(list)))
            cohorts[cohort].append(Candidate(index, parameters, net))
    return [(own, list(cohorts.values())) for own, cohorts in settings.values()]


@none_on_error(ValueError, TypeError, AttributeError)
def _placed(estimator, net_class, parameters):
    """The estimator of a candidate, its net, and the keys of its setting and cohort.

    None if the candidate must be fitted alone.
    """
    own = clone(estimator).set_params(**clone(parameters, safe=False))
    path, net = _net_of(own)
    if type(net) is not net_class or has_callbacks(own):  # no subclass: it may differ
        return None
    net._validate_params()
    given_scales(net.init_scale)
    setting = {k: v for k, v in parameters.items() if not f"{k}__".startswith(path)}
    if path:  # the metadata requests of the net decide what the steps are given
        setting["requests"] = repr(net.get_metadata_routing())
    cohort = cohort_key(net)
    return cohort and (own, net, key_of(setting), cohort)


def _net_of(estimator):
    """The parameter prefix of the last step of a pipeline, and this step.

    An estimator that is no pipeline has the prefix "" and is returned itself.
    """
    path = ""
    while type(estimator) is Pipeline and not estimator.verbose:
        name, estimator = estimator.steps[-1]
        path += f"{name}__"
    return path, estimator


@none_on_error(ValueError, TypeError)
def _prepare(estimator, X, y, fit_params, n_nets, index, rows):
    """A `PreparedSplit`; None if the steps before the net cannot be fitted."""
    start = time.time()
    args, kwargs = call_of_fit(estimator, X, y, rows, fit_params)
    estimator, calls = clone(estimator), []
    _, net = _net_of(estimator)
    net.fit = lambda *args, **kwargs: calls.append((args, kwargs))
    estimator.fit(*args, **kwargs)
    del net.fit
    seconds = (time.time() - start) / n_nets
    return PreparedSplit(index, estimator, *calls.pop(), seconds)


@none_on_error()
def _train_cohort(cohort, split, on_step):
    """A dict of `FittedCandidate` by (index of the candidate, index of the split).

    Candidates that must be fitted alone are not in it. None if all must be.
    """
    if split is None:
        return None
    start, nets = time.time(), [_fresh(candidate.net) for candidate in cohort]
    with single_blas_thread():
        columns, results = fit_cohort(
            nets, *split.args, on_step=on_step, **split.kwargs
        )
    seconds = (time.time() - start) / len(cohort) + split.seconds
    return {
        (candidate.index, split.index): FittedCandidate(
            candidate.parameters, split.estimator, seconds, net, columns, *result
        )
        for candidate, net, result in zip(cohort, nets, results, strict=True)
        if result
    }


@none_on_error(Exception)
def _fit_alone(estimator, X, y, fit_params, parameters, rows):
    """A `FittedCandidate`; None if the fit fails: the search then gives the error."""
    start = time.time()
    estimator = clone(estimator).set_params(**clone(parameters, safe=False))
    args, kwargs = call_of_fit(estimator, X, y, rows, fit_params)
    estimator.fit(*args, **kwargs)
    return FittedCandidate(parameters, estimator, time.time() - start)


def _fresh(net):
    """A clone of a net, made faster than by ``clone``."""
    twin = copy(net)
    for name, value in vars(twin).items():
        if not isinstance(value, IMMUTABLE):
            setattr(twin, name, clone(value, safe=False))
    return twin
