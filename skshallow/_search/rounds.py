"""The rounds of a search whose candidates are trained before they are evaluated.

A search of scikit-learn calls ``evaluate_candidates`` once for each round: a grid
search has one round, successive halving several. Here a round lists its candidates and
splits, trains the candidates that can be trained together, and then lets scikit-learn
evaluate all candidates. The estimator that scikit-learn clones for a candidate and a
split is a proxy, and its clone is the fitted candidate.
"""

from contextlib import contextmanager
from functools import partial, update_wrapper
from itertools import repeat
from types import SimpleNamespace

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv

from skshallow._fit.callbacks import has_callbacks, shows_progress
from skshallow._fit.labels import checked_labels
from skshallow._fit.persistence import CURVES
from skshallow._fit.pipelines import last_step, net_in
from skshallow._search.progress import Bars, Lines
from skshallow._search.sklearn_internals import (
    OVERRIDDEN,
    arguments_of,
    unknown_version,
)

START = "init_coefs_", "init_intercepts_"


class PrefitRounds:
    """The rounds of one call of ``fit`` of a search.

    Parameters
    ----------
    search : GridSearchCV or another search
        It is changed.
    X, y : array-likes
        Data that can be indexed.
    prefit : Prefit

    Attributes
    ----------
    warnings : list of lists of FitWarning
        The warnings of every fit so far.
    curves : list of lists of dict
        The curves of every candidate so far on every split, if the search keeps them.
    """

    _replacements = iter(())  # none in a worker, to which the proxy is sent

    def __init__(self, search, X, y, prefit):
        self.search, self.estimator = search, search.estimator
        self.X, self.y, self.prefit = X, y, prefit
        self.verbose = search.verbose
        self.progress = Lines(are_shown=self.verbose and not shows_progress(search))
        self.seconds, self.warnings, self.curves = [], [], []

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
            with self.progress:
                yield
        except (TypeError, ValueError):
            if net_in(self.estimator) is not None:
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
        return self.routed

    def _run_search(self, original, evaluate_candidates, **context):
        if context and shows_progress(self.search):
            self.progress = Bars(self.search, context["callback_ctx"])
            context["callback_ctx"] = self.progress.context_of_others
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
        if not has_callbacks(self.search) or isinstance(self.progress, Bars):
            # No callback uses it, and every job that a worker is sent would contain the
            # contexts of all candidates.
            kwargs.pop("callback_ctx", None)
        arguments = partial(arguments_of, self.X, self.y, self.routed.estimator.fit)
        fitted = self.prefit.train(candidates, splits, arguments, self.progress)
        self._record(fitted, len(splits))
        splitter = SimpleNamespace(split=lambda *_, **__: splits)
        self.progress.begin_evaluation(len(fitted))
        self._replacements = self._taken_from(fitted)
        self.search.verbose = 0
        results = evaluate_candidates(candidates, splitter, *args, **kwargs)
        self.search.verbose = self.verbose
        self.progress.advance()
        self.progress.end_evaluation()
        return results

    def _record(self, fitted, n_splits):
        """Record times, warnings and curves of fits, for the end of the search."""
        self.seconds += [fit.seconds if fit else 0.0 for fit in fitted]
        self.warnings += [fit.warnings if fit else [] for fit in fitted]
        if self.search.return_curves:
            curves = [curves_of(fit and fit.fitted()) for fit in fitted]
            starts = range(0, len(curves), n_splits)
            self.curves += [curves[i : i + n_splits] for i in starts]

    def _taken_from(self, fitted):
        """Yield the fits, and empty the list, so that scored fits free their memory."""
        fitted.reverse()
        yield fitted.pop()
        while fitted:
            self.progress.advance()  # the fit before is scored, or sent to a worker
            yield fitted.pop()

    def _format_results(self, original, candidate_params, n_splits, out, *more):
        """Add the time of training to the fit times."""
        if len(out) != len(self.seconds):
            raise unknown_version()
        out = [
            {**result, "fit_time": result["fit_time"] + seconds}
            for result, seconds in zip(out, self.seconds, strict=True)
        ]
        return original(candidate_params, n_splits, out, *more)


def curves_of(model):
    """The curves and the start of the net in which a model ends, as a dict.

    Parameters
    ----------
    model : fitted estimator or None
        None stands for a failed fit. A model that does not end in a net has empty
        curves, the status "" and the start None.
    """
    *_, net = last_step(model)
    curves = {name: getattr(net, name, None) for name in CURVES}
    curves = {name: np.array([] if c is None else c) for name, c in curves.items()}
    status = getattr(net, "status_", "failed" if model is None else "")
    start = {name: getattr(net, name, None) for name in START}
    return {**curves, "status_": status, **start}
