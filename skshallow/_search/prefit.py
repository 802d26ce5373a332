"""Trains candidates of a search together, before the search fits them one by one.

Candidates whose pipelines have the same steps before the net form a *group*. The
candidates of a group whose nets can be trained together form a *cohort*. The steps
before the net are fitted once for each group and split. Training one cohort on one
split is a job. Candidates and splits are numbered in the order of the search.
"""

import time
from collections import defaultdict
from copy import copy
from functools import partial
from itertools import product

from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import delayed

from skshallow._core.threads import single_blas_thread
from skshallow._fit.callbacks import has_callbacks
from skshallow._fit.pipelines import last_step
from skshallow._fit.request import n_iterations
from skshallow._search.cohorts import cohort_key, fit_cohort
from skshallow._search.fallback import none_on_error
from skshallow._search.fitted_candidate import IMMUTABLE, FittedCandidate, key_of
from skshallow._search.progress import Job
from skshallow._search.workloads import cut


def prefit(search, parallel, net_class, progress, call_of, candidates, splits):
    """Train the candidates of a search that can be trained together, on every split.

    Parameters
    ----------
    search : GridSearchCV or another search
        Only its estimator, ``n_jobs`` and ``return_curves`` are used.
    parallel : Parallel
        As returned by `parallel_of`.
    net_class : type
        Class of the nets that can be trained together.
    progress : Silent
        Its methods are called as the work advances.
    call_of : callable
        ``call_of(estimator, rows=rows) -> args, kwargs`` returns the arguments of
        ``fit`` for some rows.
    candidates : list of dict
        Parameters of each candidate.
    splits : list of (train, test)

    Returns
    -------
    list of FittedCandidate or None
        In the order of ``product(candidates, splits)``. None for a fit that is left to
        the search. With ``return_curves``, only fits that fail are left to the search.
    """
    n_workers, n_splits, fitted = effective_n_jobs(search.n_jobs), len(splits), {}
    # Workers are other processes and cannot call it.
    on_iteration = progress.begin_iteration if n_workers == 1 else None
    nets, groups = _grouped(search.estimator, net_class, candidates, progress)
    groups = [(first, cut(cohorts, n_workers, n_splits)) for first, cohorts in groups]
    progress.begin_training(_jobs(groups, nets, splits), len(nets))
    for estimator, parts in groups:
        prepare = partial(_prepare, estimator, call_of, sum(map(len, parts)))
        if n_workers > 1 and isinstance(estimator, Pipeline):
            prepared = list(parallel(delayed(prepare)(train) for train, _ in splits))
        else:  # the rows of one split in memory at a time
            prepared = (prepare(train) for train, _ in splits)
        jobs = (
            delayed(_train_cohort)([nets[i] for i in part], rows, on_iteration)
            for rows in prepared
            for part in parts
        )
        order = product(range(n_splits), parts)
        for (k, part), fits in zip(order, parallel(jobs), strict=True):
            for i, fit in zip(part, fits or [], strict=False):
                fitted[i, k] = fit and fit._replace(parameters=candidates[i])
            progress.end_job()
    pairs = [*product(range(len(candidates)), range(n_splits))]
    if search.return_curves:  # fits of the search itself would give no curves
        rest = [(i, k) for i, k in pairs if not fitted.get((i, k))]
        progress.begin_rest(len(rest))
        fit_one = partial(_fit_one, search.estimator, call_of)
        jobs = (delayed(fit_one)(candidates[i], splits[k][0]) for i, k in rest)
        for pair, fit in zip(rest, parallel(jobs), strict=True):
            fitted[pair] = fit
            progress.advance()
    return [fitted.get(pair) for pair in pairs]


def _grouped(estimator, net_class, candidates, progress):
    """The nets that are trained together, and the groups.

    Returns
    -------
    nets : dict of int -> ShallowNetClassifier
        A net for the number of each candidate that is trained with others.
    groups : list of (estimator, cohorts)
        The estimator of the group's first candidate, and its cohorts as lists of the
        numbers of candidates.
    """
    nets, groups = {}, {}
    for index, parameters in enumerate(candidates):
        progress.advance()
        if placed := _placed(estimator, net_class, parameters):
            candidate, nets[index], group, cohort = placed
            _, cohorts = groups.setdefault(group, (candidate, defaultdict(list)))
            cohorts[cohort].append(index)
    return nets, [(first, [*cohorts.values()]) for first, cohorts in groups.values()]


@none_on_error()
def _placed(estimator, net_class, parameters):
    """The estimator of a candidate, its net, and the keys of its group and cohort.

    None for a candidate that is excluded from all cohorts, or has invalid parameters.
    """
    candidate = _candidate(estimator, parameters)
    if candidate is None:
        return None
    path, pipelines, net = last_step(candidate)
    is_plain = all(type(p) is Pipeline and not p.verbose for p in pipelines)
    # Subclasses of pipelines and nets may differ from these.
    if not is_plain or type(net) is not net_class or has_callbacks(candidate):
        return None
    if not _is_valid(net):
        return None
    group = {k: v for k, v in parameters.items() if not f"{k}__".startswith(path)}
    if path:  # the metadata requests of the net decide what the steps are given
        group["requests"] = repr(net.get_metadata_routing())
    cohort = cohort_key(net)
    return cohort and (candidate, net, key_of(group), cohort)


@none_on_error(ValueError, TypeError, AttributeError)
def _candidate(estimator, parameters):
    """The estimator with these parameters; None if it lacks one of them."""
    return clone(estimator).set_params(**clone(parameters, safe=False))


@none_on_error(ValueError, TypeError)
def _is_valid(net):
    net._validate_params()
    return True


def _jobs(groups, nets, splits):
    """All jobs, in the order in which they are trained."""
    n_parts, n_before, jobs = sum(len(parts) for _, parts in groups), 0, []
    for _, parts in groups:
        for i, (train, _) in enumerate(splits, start=1):
            for k, part in enumerate(parts, start=n_before + 1):
                several = "candidate" if len(part) == 1 else "candidates"
                name = f"cohort {k}/{n_parts} ({len(part)} {several})"
                of_part = [nets[index] for index in part]
                each = [
                    n_iterations(net, train, holds_out_rows=True) for net in of_part
                ]
                jobs.append(Job.of(f"{name}, fold {i}/{len(splits)}", of_part, each))
        n_before += len(parts)
    return jobs


@none_on_error(ValueError, TypeError)
def _prepare(estimator, call_of, n_nets, rows):
    """The training rows of a split, as the nets of a group are given them.

    None if the steps before the net cannot be fitted.

    Returns
    -------
    estimator : ShallowNetClassifier or Pipeline
        The estimator, whose steps before the net are fitted.
    args, kwargs : tuple, dict
        Arguments of the net's ``fit``.
    seconds : float
        Time of the preparation, divided by the number of nets of the group.
    """
    start = time.time()
    args, kwargs = call_of(estimator, rows=rows)
    estimator, calls = clone(estimator), []
    *_, net = last_step(estimator)
    net.fit = lambda *args, **kwargs: calls.append((args, kwargs))
    estimator.fit(*args, **kwargs)
    del net.fit
    seconds = (time.time() - start) / n_nets
    return estimator, *calls.pop(), seconds


@none_on_error()
def _train_cohort(nets, prepared, on_iteration):
    """A `FittedCandidate` without parameters for each net, on rows from `_prepare`.

    The list has None for a net whose training could not begin. If the steps before the
    nets cannot be fitted, the function returns None and no list.
    """
    if prepared is None:
        return None
    estimator, args, kwargs, seconds = prepared
    start, nets = time.time(), [_fresh(net) for net in nets]
    with single_blas_thread():
        columns, results = fit_cohort(nets, *args, on_iteration=on_iteration, **kwargs)
    seconds += (time.time() - start) / len(nets)
    return [
        fit and FittedCandidate(None, estimator, seconds, net, columns, *fit)
        for net, fit in zip(nets, results, strict=True)
    ]


@none_on_error()
def _fit_one(estimator, call_of, parameters, rows):
    """A `FittedCandidate`; None if the fit fails: the search then gives the error."""
    start, candidate = time.time(), _candidate(estimator, parameters)
    if candidate is None:
        return None
    args, kwargs = call_of(candidate, rows=rows)
    fitted = _fitted(candidate, args, kwargs)
    seconds = time.time() - start
    return None if fitted is None else FittedCandidate(parameters, fitted, seconds)


@none_on_error(Exception)  # estimators of users may raise any error
def _fitted(estimator, args, kwargs):
    """The estimator, which is fitted; None if the fit fails."""
    estimator.fit(*args, **kwargs)
    return estimator


def _fresh(net):
    """A clone of a net, made faster than by ``clone``."""
    fresh = copy(net)
    for name, value in vars(fresh).items():
        if not isinstance(value, IMMUTABLE):
            setattr(fresh, name, clone(value, safe=False))
    return fresh
