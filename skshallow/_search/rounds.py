"""The rounds of a search whose candidates are trained before they are evaluated.

A search of scikit-learn calls ``evaluate_candidates`` once for each round: a grid
search has one round, successive halving several, each of the best candidates of the
round before. Here a round lists its candidates and splits, trains the candidates that
can be trained together (``cohorts``), and then lets scikit-learn evaluate all
candidates. The estimator that scikit-learn clones for a candidate and a split is a
proxy, and its clone is the fitted candidate.

What cannot be trained together is fitted by scikit-learn, one by one. This includes
what raises an error here: a bug of this package makes a search slow, but does not stop
it. With the environment variable ``SKSHALLOW_RAISE=1``, which the tests set, the error
is raised if the ordinary fit raises none.
"""

import os
from contextlib import contextmanager
from functools import partial, update_wrapper
from itertools import count, product, repeat
from types import SimpleNamespace

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import delayed

from skshallow._fit.callbacks import has_callbacks, shows_progress
from skshallow._fit.labels import checked_labels
from skshallow._fit.persistence import CURVES
from skshallow._fit.pipelines import last_step, net_in
from skshallow._search.cohort_jobs import fit_one, prepare, train_part
from skshallow._search.cohorts import groups_of
from skshallow._search.fitted_candidate import FittedCandidate
from skshallow._search.progress import Job, Progress
from skshallow._search.sklearn_internals import (
    OVERRIDDEN,
    arguments_of,
    unknown_version,
)
from skshallow._search.workloads import parallel_of, parts_of_cohorts

VARIABLE = "SKSHALLOW_RAISE"
START = "init_coefs_", "init_intercepts_"


class Rounds:
    """The rounds of one call of ``fit`` of a search.

    Parameters
    ----------
    search : GridSearchCV or another search
        It is changed.
    X, y : array-likes
        Data that can be indexed.

    Attributes
    ----------
    fits : list of FittedCandidate
        All fits so far, without the nets.
    curves : list of dict
        The curves of all fits so far, if the search keeps them.
    """

    _replacements = iter(())  # none in a worker, to which the proxy is sent

    def __init__(self, search, X, y):
        self.search, self.estimator, self.X, self.y = search, search.estimator, X, y
        self.n_workers = effective_n_jobs(search.n_jobs)
        self.parallel = parallel_of(search.n_jobs, search.pre_dispatch)
        self.verbose = search.verbose
        self.progress = Progress(bool(search.verbose) and not shows_progress(search))
        self.fits, self.curves = [], []

    def __getstate__(self):
        # A worker clones the proxy like any estimator.
        return {"estimator": self.estimator}

    @contextmanager
    def attached(self):
        """Context in which the search is fitted.

        The search gets a proxy for its estimator, and three methods are overridden.
        ``verbose`` of the search is 0 while it evaluates candidates, because it would
        print a line for every fit, and the fits are done. Between rounds ``verbose`` is
        as it was set. If the search fails and a net cannot be trained on the labels,
        the error of the net is raised.
        """
        search, proxy = self.search, clone(self.estimator)
        proxy.__sklearn_clone__ = self.clone_or_replacement
        # scikit-learn clones its estimator once, and later clones this clone.
        self._replacements = repeat(proxy)
        search.estimator, search.verbose = proxy, 0
        for name in OVERRIDDEN:
            hook = partial(getattr(self, name), getattr(search, name))
            setattr(search, name, update_wrapper(hook, getattr(search, name)))
        try:
            is_stratified = is_classifier(self.estimator)
            search.cv = check_cv(search.cv, self.y, classifier=is_stratified)
            with self.progress.running():
                yield
        except (TypeError, ValueError):
            if net_in(self.estimator) is not None and self.y is not None:
                checked_labels(self.y, "y")
            raise

    def clone_or_replacement(self):
        """What scikit-learn gets when it clones the proxy.

        It clones the proxy for every candidate and split, and so gets the next fitted
        candidate. For a fit that is left to the search, and after a round, it gets an
        ordinary clone of the estimator.
        """
        replacement = next(self._replacements, None)
        return clone(self.estimator) if replacement is None else replacement

    def _get_routed_params_for_fit(self, original, params):
        self.routed = original(params)
        fit_params = self.routed.estimator.fit
        self.arguments = partial(arguments_of, self.X, self.y, fit_params)
        return self.routed

    def _run_search(self, original, evaluate_candidates, **context):
        if context and shows_progress(self.search):
            root = context["callback_ctx"]
            context["callback_ctx"] = self.progress.show_in_bars(self.search, root)
        self.search.verbose = self.verbose
        original(partial(self.run_round, evaluate_candidates), **context)
        self.progress.end_rounds()

    def run_round(
        self, evaluate_candidates, candidate_params, cv=None, *args, **kwargs
    ):
        """Run one round; return the value of scikit-learn's ``evaluate_candidates``."""
        candidates, split_params = list(candidate_params), self.routed.splitter.split
        splits = list((cv or self.search.cv).split(self.X, self.y, **split_params))
        context = kwargs.get("callback_ctx")
        # Only scikit-learn's context knows the number of rounds.
        n_rounds = context and context.parent.max_subtasks
        self.progress.begin_round(len(candidates), len(splits), n_rounds or 1)
        if not has_callbacks(self.search) or shows_progress(self.search):
            # No callback uses it, and every job that a worker is sent would contain the
            # contexts of all candidates.
            kwargs.pop("callback_ctx", None)
        fits = self.train(candidates, splits)
        if self.search.return_curves:
            self.curves += [curves_of(fit.fitted_net()) for fit in fits]
        light = {"estimator": None, "net": None, "result": None}
        self.fits += [fit._replace(**light) for fit in fits]
        self.progress.begin_evaluation(len(fits))
        self._replacements = self._taken_from(fits)
        self.search.verbose = 0
        splitter = SimpleNamespace(split=lambda *_, **__: splits)
        results = evaluate_candidates(candidates, splitter, *args, **kwargs)
        self.search.verbose = self.verbose
        self.progress.advance()
        self.progress.end_evaluation()
        return results

    def _taken_from(self, fits):
        """Yield the fits, and empty the list, so that scored fits free their memory."""
        fits.reverse()
        while fits:
            fit = fits.pop()
            yield None if fit.net is None else fit
            if fits:
                self.progress.advance()  # the fit is scored, or sent to a worker

    def _format_results(self, original, candidate_params, n_splits, out, *more):
        """Add the time of training to the fit times."""
        if len(out) != len(self.fits):
            raise unknown_version()
        timed = []
        for result, fit in zip(out, self.fits, strict=True):
            if fit.error and not result["fit_error"] and os.environ.get(VARIABLE):
                raise RuntimeError(f"an error of the search alone: {fit.error}")
            timed.append({**result, "fit_time": result["fit_time"] + fit.seconds})
        return original(candidate_params, n_splits, timed, *more)

    # Training, before the candidates are evaluated

    def train(self, candidates, splits):
        """Train the candidates that can be trained together, on every split.

        Parameters
        ----------
        candidates : list of dict
            Parameters of each candidate.
        splits : list of (train, test)

        Returns
        -------
        list of FittedCandidate
            In the order of ``product(candidates, splits)``.
        """
        groups, errors = groups_of(self.estimator, candidates, self.progress)
        fits = {
            (i, k): FittedCandidate(candidates[i], error=errors.get(i, ""))
            for i, k in product(range(len(candidates)), range(len(splits)))
        }
        groups = [
            (estimator, parts_of_cohorts(cohorts, self.n_workers, len(splits)))
            for estimator, cohorts in groups
        ]
        n_together = sum(len(part) for _, parts in groups for part in parts)
        self.progress.end_grouping(n_together)
        self.progress.begin_training(_jobs(groups, splits))
        for estimator, parts in groups:
            self._train_group(estimator, parts, splits, fits)
        if self.search.return_curves:  # fits of the search itself would give no curves
            self._fit_rest(splits, fits)
        return [*fits.values()]

    def _train_group(self, estimator, parts, splits, fits):
        """Train the parts of the cohorts of a group on every split; set their fits."""
        n_nets = sum(map(len, parts))
        prepare_split = partial(prepare, estimator, n_nets, self.arguments)
        # The rows of one split in memory at a time.
        prepared = map(prepare_split, (rows for rows, _ in splits))
        if self.n_workers > 1 and isinstance(estimator, Pipeline):
            prepared = self.parallel(delayed(prepare_split)(rows) for rows, _ in splits)
            prepared = list(prepared)
        # Workers are other processes and cannot call it.
        hook = self.progress.begin_iteration if self.n_workers == 1 else None
        train = delayed(partial(train_part, hook))
        jobs = (train(part, split) for split in prepared for part in parts)
        numbers = product(range(len(splits)), parts)
        for of_part, (k, part) in zip(self.parallel(jobs), numbers, strict=True):
            for fit, (i, _) in zip(of_part, part, strict=True):
                fits[i, k] = fit._replace(parameters=fits[i, k].parameters)
            self.progress.end_job()

    def _fit_rest(self, splits, fits):
        """Fit candidates without a net, each by itself, and set the fits."""
        rest = {pair: fit for pair, fit in fits.items() if fit.net is None}
        self.progress.begin_rest(len(rest))
        fit_by_itself = delayed(partial(fit_one, self.estimator, self.arguments))
        jobs = (fit_by_itself(rest[i, k].parameters, splits[k][0]) for i, k in rest)
        for pair, fit in zip(rest, self.parallel(jobs), strict=True):
            error = rest[pair].error or fit.error
            fits[pair] = fit._replace(parameters=rest[pair].parameters, error=error)
            self.progress.advance()


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
                nets = [net for _, net in part]
                jobs.append(Job.of(f"{name}, fold {k}/{len(splits)}", nets, train))
    return jobs


def curves_of(net):
    """The curves and the start of the net in which a model ends, as a dict.

    Parameters
    ----------
    net : fitted estimator or None
        None stands for a failed fit. A model that does not end in a net has empty
        curves, the status "" and the start None.
    """
    status = "failed" if net is None else ""
    *_, net = last_step(net)
    curves = {name: getattr(net, name, None) for name in CURVES}
    # Some curves of an MLPClassifier are None.
    curves = {name: np.array([] if c is None else c) for name, c in curves.items()}
    start = {name: getattr(net, name, None) for name in START}
    return {**curves, "status_": getattr(net, "status_", status), **start}
