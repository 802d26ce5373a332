"""Trains the candidates of a round of a search together, before they are evaluated.

A round trains its candidates inside the search, because a halving search chooses the
candidates of a round by the scores of the round before. `cohorts` says which candidates
are trained together. The steps before the nets are fitted once for each group and
split. Training one cohort, or a part of it, on one split is a job. Candidates and
splits are numbered in the order of the search.
"""

import time
from functools import partial
from itertools import count, product
from typing import NamedTuple

from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import delayed

from skshallow._core.threads import single_blas_thread
from skshallow._fit.lanes import FitRequest, train_in_parts
from skshallow._fit.pipelines import last_step
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.samples import (
    Samples,
    columns_of,
    training_samples,
    with_held_out,
)
from skshallow._search.cohorts import INVALID, by_seed, groups_of, with_parameters
from skshallow._search.fallback import none_on_error
from skshallow._search.fitted_candidate import FittedCandidate
from skshallow._search.progress import Job
from skshallow._search.workloads import parallel_of, parts_of_cohorts


class Prefit:
    """Trains the candidates of the rounds of a search.

    Parameters
    ----------
    search : GridSearchCV or another search
        Its estimator, ``n_jobs``, ``pre_dispatch`` and ``return_curves`` are used.
    net_class : type
        Class of the nets that can be trained together.
    warnings_of : callable
        ``warnings_of(nets, results, samples)`` returns the warnings about each net.
    """

    def __init__(self, search, net_class, warnings_of):
        self.search, self.net_class, self.warnings_of = search, net_class, warnings_of
        self.n_workers = effective_n_jobs(search.n_jobs)
        self.parallel = parallel_of(search.n_jobs, search.pre_dispatch)

    def train(self, candidates, splits, arguments, progress):
        """Train the candidates that can be trained together, on every split.

        Parameters
        ----------
        candidates : list of dict
            Parameters of each candidate.
        splits : list of (train, test)
        arguments : callable
            ``arguments(estimator, rows) -> args, kwargs`` returns the arguments of
            ``fit`` for some rows.
        progress : Lines or Bars
            Its methods are called as the work advances.

        Returns
        -------
        list of FittedCandidate or None
            In the order of ``product(candidates, splits)``. None for a fit that is left
            to the search. With ``return_curves``, only fits that fail are left to the
            search.
        """
        fitted = self._train_cohorts(candidates, splits, arguments, progress)
        pairs = [*product(range(len(candidates)), range(len(splits)))]
        if self.search.return_curves:  # fits of the search itself would give no curves
            rest = [pair for pair in pairs if pair not in fitted]
            progress.begin_rest(len(rest))
            fit_one = partial(_fit_one, self.search.estimator, arguments)
            jobs = (delayed(fit_one)(candidates[i], splits[k][0]) for i, k in rest)
            for pair, fit in zip(rest, self.parallel(jobs), strict=True):
                fitted[pair] = fit
                progress.advance()
        return [fitted.get(pair) for pair in pairs]

    def _train_cohorts(self, candidates, splits, arguments, progress):
        """Fitted candidates, as a dict by the numbers of candidate and split."""
        n_workers, n_splits, fitted = self.n_workers, len(splits), {}
        groups = groups_of(self.search.estimator, self.net_class, candidates, progress)
        groups = [
            (estimator, parts_of_cohorts(cohorts, n_workers, n_splits))
            for estimator, cohorts in groups
        ]
        progress.end_grouping(sum(len(part) for _, parts in groups for part in parts))
        progress.begin_training(_jobs(groups, splits))
        # Workers are other processes and cannot call it.
        on_iteration_begin = progress.begin_iteration if n_workers == 1 else None
        train_cohort = partial(_train_cohort, self.warnings_of, on_iteration_begin)
        for estimator, parts in groups:
            jobs = (
                delayed(train_cohort)(part, split)
                for split in self._prepared(estimator, parts, splits, arguments)
                for part in parts
            )
            for fits in self.parallel(jobs):
                fitted.update(fits or {})
                progress.end_job()
        return fitted

    def _prepared(self, estimator, parts, splits, arguments):
        """The splits, each a `PreparedSplit` for the nets of a group, or None."""
        prepare = partial(_prepare, estimator, sum(map(len, parts)), arguments)
        rows = [train for train, _ in splits]
        if self.n_workers > 1 and isinstance(estimator, Pipeline):
            return list(self.parallel(map(delayed(prepare), count(), rows)))
        # The rows of one split in memory at a time.
        return map(prepare, count(), rows)


def _jobs(groups, splits):
    """All jobs, in the order in which they are trained."""
    n_parts, numbers, jobs = sum(len(parts) for _, parts in groups), count(1), []
    for _, parts in groups:
        names = [
            f"cohort {next(numbers)}/{n_parts} "
            f"({len(part)} candidate{'s' * (len(part) > 1)})"
            for part in parts
        ]
        for k, (train, _) in enumerate(splits, start=1):
            for name, part in zip(names, parts, strict=True):
                nets = [candidate.net for candidate in part]
                jobs.append(Job.of(f"{name}, fold {k}/{len(splits)}", nets, train))
    return jobs


class PreparedSplit(NamedTuple):
    """The training rows of a split, as the nets of a group are given them.

    Parameters
    ----------
    number : int
        In the order of the search, from 0.
    estimator : ShallowNetClassifier or Pipeline
        The estimator, whose steps before the net are fitted.
    args, kwargs : tuple, dict
        Arguments of the net's ``fit``.
    seconds : float
        Time of the preparation, divided by the number of nets of the group.
    """

    number: int
    estimator: object
    args: tuple
    kwargs: dict
    seconds: float


@none_on_error(ValueError, TypeError)
def _prepare(estimator, n_nets, arguments, number, rows):
    """The `PreparedSplit`; None if the steps before the net cannot be fitted."""
    start = time.time()
    args, kwargs = arguments(estimator, rows)
    estimator, calls = clone(estimator), []
    *_, net = last_step(estimator)
    # Only the pipeline knows what it passes on to ``fit`` of its last step.
    net.fit = lambda *args, **kwargs: calls.append((args, kwargs))
    estimator.fit(*args, **kwargs)
    del net.fit
    ((args, kwargs),) = calls
    seconds = (time.time() - start) / n_nets
    return PreparedSplit(number, estimator, args, kwargs, seconds)


@none_on_error()
def _train_cohort(warnings_of, on_iteration_begin, part, split):
    """Train the nets of a cohort, or of a part of it, on one split.

    Parameters
    ----------
    warnings_of, on_iteration_begin : callables
        As in `fit_cohort`.
    part : list of Candidate
    split : PreparedSplit or None

    Returns
    -------
    dict of FittedCandidate or None
        By the numbers of candidate and split, without nets whose training could not
        begin. None if the steps before the nets cannot be fitted.
    """
    if split is None:
        return None
    start, nets = time.time(), [clone(candidate.net) for candidate in part]
    options = {**split.kwargs, "on_iteration_begin": on_iteration_begin}
    with single_blas_thread():
        fits = fit_cohort(nets, warnings_of, *split.args, **options)
    seconds = split.seconds + (time.time() - start) / len(nets)
    return {
        (part[i].number, split.number): FittedCandidate(
            part[i].parameters, split.estimator, seconds, nets[i], result, warnings
        )
        for i, (result, warnings) in fits.items()
    }


def fit_cohort(nets, warnings_of, *args, on_iteration_begin=None, **kwargs):
    """Train nets with one ``cohort_key`` on the same samples.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
        Their parameters must be valid. They get the attributes that describe the
        columns of ``X``, and a ``RandomState`` among their parameters is advanced.
    warnings_of : callable
        As in `Prefit`.
    *args, **kwargs
        Arguments of ``ShallowNetClassifier.fit``.
    on_iteration_begin : callable, default=None
        ``on_iteration_begin(n_nets)`` is called when ``n_nets`` nets begin an
        iteration.

    Returns
    -------
    dict of (FitResult, warnings)
        By index of the net, without nets whose training could not begin: a fit of such
        a net by itself raises the error.
    """
    first, fits = nets[0], {}
    samples = _checked_samples(first, *args, **kwargs)
    if samples is None:
        return fits
    for net in nets:
        vars(net).update(columns_of(first))
    streams = [RandomStreams(net.random_state) for net in nets]
    for group in by_seed(first, samples, streams):
        divided = _divided(samples, first, streams[group[0]].split_seed)
        if divided is None:
            continue
        requests = {i: _new_request(nets[i], streams[i], divided) for i in group}
        requests = {i: request for i, request in requests.items() if request}
        results = train_in_parts([*requests.values()], divided, on_iteration_begin)
        warnings = warnings_of([nets[i] for i in requests], results, divided)
        fits |= zip(requests, zip(results, warnings, strict=True), strict=True)
    return fits


@none_on_error(ValueError, TypeError)
def _checked_samples(
    net, X, y, sample_weight=None, X_val=None, y_val=None, sample_weight_val=None
):
    """The `Samples` of arguments of ``fit``; None if the arguments are invalid."""
    samples = training_samples(net, X, y, sample_weight, reset=True)
    return with_held_out(samples, net, X_val, y_val, sample_weight_val)


# These return None if there are too few rows to divide, or if a start cannot be made.
_divided = none_on_error(ValueError)(Samples.divided)
_new_request = none_on_error(Exception)(FitRequest.new)


@none_on_error(*INVALID)
def _fit_one(estimator, arguments, parameters, rows):
    """A `FittedCandidate`; None if the fit fails: the search then gives the error."""
    start, candidate = time.time(), with_parameters(estimator, parameters)
    args, kwargs = arguments(candidate, rows)
    try:
        candidate.fit(*args, **kwargs)
    except Exception:  # estimators of users may raise any error
        return None
    return FittedCandidate(parameters, candidate, time.time() - start)
