"""The rounds of a search whose candidates are trained before they are evaluated.

A search of scikit-learn calls ``evaluate_candidates`` once for each round: a grid
search has one round, successive halving several. Here a round lists its candidates and
splits, trains the candidates that can be trained together, and then lets scikit-learn
evaluate all candidates. The estimator that scikit-learn clones for a candidate and a
split is a proxy, and its clone is the fitted candidate.
"""

from contextlib import ExitStack, contextmanager
from functools import partial, update_wrapper
from itertools import repeat
from types import SimpleNamespace

from sklearn.base import clone

from skshallow._fit.callbacks import has_callbacks, shows_progress
from skshallow._search.curves import curves_of
from skshallow._search.progress import Bars, Lines, Silent
from skshallow._search.sklearn_internals import OVERRIDDEN, unknown_version


class ProxyClones:
    """The clones that ``clone`` returns for a proxy estimator.

    Before the first round the clone is the proxy itself, because scikit-learn clones
    its estimator once and later clones this clone. In a round the clones are the fitted
    candidates, in the order of candidates and splits. After the last round they are
    ordinary clones of the estimator.

    Parameters
    ----------
    estimator : estimator

    Attributes
    ----------
    proxy : estimator
        A clone of the estimator, which the search is given in its place.
    """

    _clones = None  # an iterator, until the last round has ended

    def __init__(self, estimator):
        self.estimator, self.proxy = estimator, clone(estimator)
        self.proxy.__sklearn_clone__ = self
        self._clones = repeat(self.proxy)

    def __call__(self):
        return clone(self.estimator) if self._clones is None else next(self._clones)

    def __getstate__(self):
        # A worker that is sent the proxy clones it like any estimator.
        return {"estimator": self.estimator}

    @contextmanager
    def in_round(self, fitted, on_clone):
        """Context in which the clones are the given fitted candidates.

        Parameters
        ----------
        fitted : list of FittedCandidate or None
            The clones in order; None for an ordinary clone. The list is emptied.
        on_clone : callable
            Called before every clone.

        Raises
        ------
        RuntimeError
            If the number of clones is another, so that the search works in an unknown
            way.
        """
        self._clones = self._take_from(fitted, on_clone)
        yield
        if fitted:
            raise unknown_version()
        self._clones = None

    def _take_from(self, fitted, on_clone):
        fitted.reverse()
        while fitted:
            on_clone()
            candidate = fitted.pop()
            yield clone(self.estimator) if candidate is None else candidate
        raise unknown_version()


class PrefitRounds:
    """The rounds of one call of ``fit`` of a search.

    Parameters
    ----------
    estimator : estimator
        The estimator of the search.
    cv : splitter
    X, y : array-likes
        Data that can be indexed.
    prefit : callable
        ``prefit(progress, fit_params, candidates, splits)`` returns a list of
        `FittedCandidate` or None, in the order of ``product(candidates, splits)``. None
        leaves a fit to the search.
    keeps_curves : bool

    Attributes
    ----------
    clones : ProxyClones
        Clones of the search's estimator.
    warnings : list of lists of FitWarning
        The warnings of every fit so far.
    curves : list of lists of dict
        The curves of every candidate so far on every split, if they are kept.
    """

    def __init__(self, estimator, cv, X, y, prefit, keeps_curves):
        self.cv, self.X, self.y, self.prefit = cv, X, y, prefit
        self.clones, self.keeps_curves = ProxyClones(estimator), keeps_curves
        self.progress = Silent()
        self.seconds, self.warnings, self.curves = [], [], []

    @contextmanager
    def attached_to(self, search):
        """Context in which a search is fitted; it changes the search.

        The search gets the proxy for its estimator, and three methods are overridden.
        ``verbose`` of the search is 0 while it evaluates candidates, because it would
        print a line for every fit, and the fits are done. Between rounds ``verbose`` is
        as it was set.
        """
        self.search, self.verbose, search.verbose = search, search.verbose, 0
        search.cv, search.estimator = self.cv, self.clones.proxy
        for name in OVERRIDDEN:
            hook = partial(getattr(self, name), getattr(search, name))
            setattr(search, name, update_wrapper(hook, getattr(search, name)))
        with ExitStack() as self.stack:  # for the progress, until the refit has ended
            yield

    def _get_routed_params_for_fit(self, original, params):
        self.routed = original(params)
        return self.routed

    def _run_search(self, original, evaluate_candidates, callback_ctx=None):
        context = {} if callback_ctx is None else {"callback_ctx": callback_ctx}
        if context and shows_progress(self.search):
            self.progress = Bars(self.search, callback_ctx)
            context["callback_ctx"] = self.progress.context_of_others
        elif self.verbose:
            self.progress = Lines()
        self.stack.enter_context(self.progress)
        self.search.verbose = self.verbose
        original(partial(self.evaluate, evaluate_candidates), **context)
        self.progress.end_rounds()

    def evaluate(self, evaluate_candidates, candidate_params, cv=None, *args, **kwargs):
        """Run one round; return the value of scikit-learn's ``evaluate_candidates``."""
        candidates, split_params = list(candidate_params), self.routed.splitter.split
        splits = list((cv or self.cv).split(self.X, self.y, **split_params))
        progress, self.search.verbose = self.progress, 0
        progress.begin_round(len(candidates), len(splits), kwargs.get("callback_ctx"))
        if not has_callbacks(self.search) or isinstance(progress, Bars):
            # Nobody listens to it, and every job that a worker is sent would contain
            # the contexts of all candidates.
            kwargs.pop("callback_ctx", None)
        fitted = self.prefit(progress, self.routed.estimator.fit, candidates, splits)
        self.seconds += [fit.seconds if fit else 0.0 for fit in fitted]
        self.warnings += [fit.warnings if fit else [] for fit in fitted]
        if self.keeps_curves:
            curves = [curves_of(fit and fit.fitted()) for fit in fitted]
            n = len(splits)
            self.curves += [curves[i : i + n] for i in range(0, len(curves), n)]
        made = SimpleNamespace(split=lambda *_, **__: splits)
        progress.begin_evaluation(len(fitted))
        with self.clones.in_round(fitted, progress.evaluate):
            results = evaluate_candidates(candidates, made, *args, **kwargs)
        progress.end_evaluation()
        self.search.verbose = self.verbose
        return results

    def _format_results(self, original, candidate_params, n_splits, out, *more):
        """Add the time of training to the fit times."""
        out = [
            {**result, "fit_time": result["fit_time"] + seconds}
            for result, seconds in zip(out, self.seconds, strict=False)
        ]
        return original(candidate_params, n_splits, out, *more)
