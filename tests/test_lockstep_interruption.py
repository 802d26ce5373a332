"""A search in lock-step that fails as a whole, or is struck, leaves nothing behind."""

import numpy as np
import pytest
from searches import SCALES, X, Y, held, net, pair, prefixed, scaled
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import FunctionTransformer

from skshallow import LockstepGridSearchCV


class Stop(BaseException):
    """What no search may swallow."""


class Strikes:
    """A start, a scorer or a step that raises from its n-th call on.

    The class counts the calls of the latest one and of its copies: having been called
    makes no other object of it.
    """

    n_calls = 0

    def __init__(self, error, at):
        self.error, self.at, Strikes.n_calls = error, at, 0

    def __call__(self, *args):
        Strikes.n_calls += 1
        if self.n_calls >= self.at:
            raise self.error("struck")
        if len(args) == 3:  # a score
            return 0.5
        return args[0] if len(args) == 1 else args[0].standard_normal(args[1])

    def __deepcopy__(self, memo):
        return self

    def __sklearn_clone__(self):
        return self


def struck_search(plain, where, error, at):
    """A search that is struck in a start, in a step before the net, or in scoring."""
    strikes = Strikes(error, at)
    function = FunctionTransformer(strikes if where == "step" else None)
    estimator = scaled(net(init=strikes if where == "start" else "randn"))
    estimator.set_params(scale=function)
    return plain(
        estimator,
        prefixed(SCALES),
        cv=2,
        scoring=strikes if where == "score" else None,
        error_score="raise",
    )


@pytest.mark.parametrize("error", [KeyboardInterrupt, Stop, MemoryError])
@pytest.mark.parametrize("where", ["start", "step", "score"])
@pytest.mark.parametrize("at", [1, 3])
@pytest.mark.parametrize("fitted", [False, True])
def test_a_struck_search_is_as_it_was(where, error, at, fitted):
    """Save what a plain search, struck likewise, leaves behind."""
    left = []
    for kind in (GridSearchCV, LockstepGridSearchCV):
        search = struck_search(kind, where, error, at)
        if fitted:
            earlier = {"a_score": np.arange(2.0)}
            vars(search).update(cv_results_=earlier, best_estimator_=net().fit(X, Y))
        names = list(vars(search))
        before = held(search, names)
        with pytest.raises(error):
            search.fit(X, Y)
        assert held(search, names) == before
        left.append(vars(search).keys() - set(names))
    assert left[1] <= left[0]
    assert left[0].isdisjoint({"cv_results_", "best_estimator_", "scorer_"})


def test_a_struck_search_can_be_fitted_again():
    search = struck_search(LockstepGridSearchCV, "start", KeyboardInterrupt, 3)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    search.set_params(estimator__net__init="randn")
    assert np.isfinite(search.fit(X, Y).cv_results_["mean_test_score"]).all()


def test_a_search_that_fails_is_as_it_was():
    for options in ({"error_score": "raise"}, {}):
        _, search = pair(net(), {"alpha": [-1.0]}, **options)
        names = list(vars(search))
        before = held(search, names)
        with pytest.raises(ValueError, match="alpha"):
            search.fit(X, Y)
        assert held(search, names) == before
        assert not hasattr(search, "cv_results_")
