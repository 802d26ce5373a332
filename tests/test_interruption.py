"""Ctrl-C keeps the last completed iteration; any other exception changes nothing.

An exception is raised at chosen lines of the package, so that "at any moment" is meant
literally: every line that a fit runs through is struck, in several of its turns. Where
a test takes only some of these moments, ``pytest --long`` takes them all.
"""

import itertools
import linecache
import os
import pickle
import sys
import threading
from _thread import interrupt_main
from copy import copy
from functools import partial
from unittest.mock import Mock

import joblib
import nets
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from searches import chosen, held
from sklearn.base import clone
from threadpoolctl import threadpool_info, threadpool_limits

import skshallow
from skshallow import LockstepGridSearchCV, ShallowNetClassifier

PACKAGE = os.path.dirname(skshallow.__file__)
N_ROWS, N_ITER = 49, 3
RNG = np.random.RandomState(0)
X = RNG.standard_normal((N_ROWS, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
HELD_OUT = {"X_val": X[:15], "y_val": Y[:15]}


# With a cosine an iteration would depend on how many are to follow.
FEW = {"batch_size": 20, "learning_rate_init": 0.05, "max_iter": N_ITER}
net = partial(nets.net, n_hidden=3, alpha="auto", **FEW)


def used_net(solver="adam", **params):
    """A net that was fitted to other columns and other classes."""
    used = net(solver="gd").fit(X[:, :2], np.arange(N_ROWS) % 3)
    return used.set_params(solver=solver, **params)


def results(net):
    """Every fitted attribute, except for how training ended and what was dropped."""
    names = {name for name in vars(net) if name.endswith("_")}
    names -= {"status_", "init_losses_"}
    return joblib.hash({name: vars(net)[name] for name in names})


class Strike:
    """Raise an exception at the n-th line of the package, while in the context.

    Without an n, ``lines`` holds (file, line number, whether training runs) of all.
    """

    def __init__(self, error=None, at=None):
        self.error, self.at, self.n_lines, self.lines = error, at, 0, []

    def __enter__(self):
        self._previous = sys.gettrace()
        sys.settrace(self._enter_function)
        return self

    def __exit__(self, *error):
        sys.settrace(self._previous)

    def _enter_function(self, frame, event, arg):
        in_package = frame.f_code.co_filename.startswith(PACKAGE)
        return self._pass_line if in_package else None

    def _pass_line(self, frame, event, arg):
        if event == "line":
            self.n_lines += 1
            if self.at is None:
                trains = any(map(is_training, stack(frame)))
                self.lines.append((frame.f_code.co_filename, frame.f_lineno, trains))
            elif self.n_lines == self.at:
                raise self.error
        return self._pass_line


def stack(frame):
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


def is_training(code):
    return code.co_name == "train" and code.co_filename.endswith("training.py")


def strike(error, at, call, *args):
    """Assert that an error, raised at the n-th line of the package, leaves the call."""
    with pytest.raises(error), Strike(error(), at):
        call(*args)


def can_be_struck(file, line):
    """Whether Python looks for signals: not where a with statement is left."""
    is_with = linecache.getline(file, line).lstrip().startswith("with ")
    return not is_with and not file.endswith("threads.py")


def moments(call, in_training=True):
    """Numbers of the lines to strike: the first two turns and the last of each line.

    They lie either between the call of ``train`` and its return, or around it.
    """
    call()  # what is done only once is done now
    with Strike() as record:
        call()
    turns = {}
    for at, (file, line, trains) in enumerate(record.lines, start=1):
        if trains == in_training and can_be_struck(file, line):
            turns.setdefault((file, line), []).append(at)
    return sorted({at for t in turns.values() for at in (*t[:2], t[-1])})


@pytest.fixture
def some(is_long):
    """A function that picks every so many moments and the last, or all if long."""

    def some(chosen, every, first=0):
        return chosen if is_long else sorted({*chosen[first::every], chosen[-1]})

    return some


def packed(net):
    """A pickled net, which `unpacked` restores without a line of the package."""
    return pickle.dumps(vars(net))


def unpacked(attributes):
    net = object.__new__(ShallowNetClassifier)
    vars(net).update(pickle.loads(attributes))
    return net


# Ways to train, each struck by turns with each kind of error

WORDS = np.array(["a", "b", "c"])[np.arange(N_ROWS) % 3]
PASSES = {"classes": [0, 1]}
average = partial(net, n_init=2, combine="average")
CALLS = {
    "gd": ("fit", used_net("gd"), X, Y, {}),
    "sgd": ("fit", used_net("sgd"), X, Y, HELD_OUT),
    "adam": ("fit", used_net(), X, Y, {}),
    "lbfgs": ("fit", used_net("lbfgs"), X, Y, {}),
    "early stopping": ("fit", used_net(early_stopping=True), X, Y, HELD_OUT),
    "several starts": ("fit", used_net(n_init=3), X, Y, {}),
    "an average": ("fit", used_net("sgd", n_init=2, combine="average"), X, Y, {}),
    "a split": ("fit", net(early_stopping=True), X, Y, {}),
    "starts of lbfgs": ("fit", net(solver="lbfgs", n_init=2), X, Y, {}),
    "lbfgs that stops": ("fit", net(solver="lbfgs", early_stopping=True), X, Y, {}),
    "three classes": ("fit", net(solver="sgd"), X, WORDS, {}),
    "sparse rows": ("fit", net(), csr_matrix(X), Y, {}),
    "sparse lbfgs": ("fit", net(solver="lbfgs"), csr_matrix(X), Y, {}),
    "warm start": ("fit", net(warm_start=True).fit(X, Y), X, Y, HELD_OUT),
    "warm lbfgs": ("fit", net(solver="lbfgs", warm_start=True).fit(X, Y), X, Y, {}),
    "a warm average": ("fit", average(warm_start=True).fit(X, Y), X, Y, {}),
    "a first pass": ("partial_fit", net(), X, Y, PASSES),
    "a pass": ("partial_fit", net().partial_fit(X, Y, **PASSES), csr_matrix(X), Y, {}),
    "a pass of one": ("partial_fit", average().partial_fit(X, Y, **PASSES), X, Y, {}),
}
ERRORS = [KeyboardInterrupt, MemoryError, KeyboardInterrupt, ZeroDivisionError]


def results_by_iteration(fresh):
    """The results that may be left of a fit, with their numbers of iterations.

    L-BFGS trains the starts one after the other.
    """
    past, _ = fresh()
    starts = [{}]
    if past.solver == "lbfgs" and past.n_init > 1:
        drawn = nets.drawn_starts(past.n_init, 3, 3)
        starts = [{"n_init": 1, "init": start} for start in drawn]
    found = {}
    for start in starts:
        for k in range(1, N_ITER + 1):
            _, call = fresh(max_iter=k, **start)
            found.setdefault(results(call()), len(found) + 1)
    return found


@pytest.mark.parametrize("in_training", [True, False])
@pytest.mark.parametrize("kind", CALLS)
def test_a_strike_leaves_the_last_iteration_or_nothing(kind, in_training, some):
    """In training an error leaves nothing, and Ctrl-C the completed iterations.

    A later Ctrl-C leaves no fewer. Around training either leaves all or nothing. The
    number of threads of a BLAS is the same before and after.
    """
    method, past, X, Y, more = CALLS[kind]
    start = packed(past)

    def fresh(**params):
        """A net and its bound method, which is looked up before lines are counted."""
        struck = unpacked(start).set_params(**params)
        return struck, partial(getattr(struck, method), X, Y, **more)

    before, whole = joblib.hash(vars(fresh()[0])), results(fresh()[1]())
    after, twice = results_by_iteration(fresh), iter([fresh()[1], fresh()[1]])
    n_completed, first = [], [*CALLS].index(kind) % 7
    with threadpool_limits(2, user_api="blas"):
        threads = [library["num_threads"] for library in threadpool_info()]
        chosen = some(moments(lambda: next(twice)(), in_training), 7, first)
        for at, error in zip(chosen[::-1], itertools.cycle(ERRORS), strict=False):
            struck, call = fresh()
            strike(error, at, call)
            is_unchanged = joblib.hash(vars(struck)) == before
            if not in_training:
                assert is_unchanged or results(struck) == whole
            elif error is not KeyboardInterrupt:
                assert is_unchanged
            else:
                assert is_unchanged or struck.status_ == "interrupted"
                n_completed.append(0 if is_unchanged else after[results(struck)])
        assert [library["num_threads"] for library in threadpool_info()] == threads
    assert n_completed == sorted(n_completed, reverse=True)
    if in_training:  # the first strike was at the last moment
        assert n_completed[0] == after[whole]


@pytest.mark.parametrize("solver", ["gd", "adam"])
def test_ctrl_c_at_one_moment_each_of_many_fits(solver, some):
    """A superfluous rounding, like that of 49 x / 49, changes some numbers only."""
    chosen = some(moments(lambda: net(solver=solver).fit(X, Y)), every=12)
    for seed, at in enumerate(chosen):
        struck = net(solver=solver, random_state=seed)
        strike(KeyboardInterrupt, at, struck.fit, X, Y)
        if hasattr(struck, "n_iter_"):
            again = net(solver=solver, random_state=seed, max_iter=struck.n_iter_)
            assert results(struck) == results(again.fit(X, Y))


@pytest.mark.parametrize("params", [{}, {"n_init": 2}, {"solver": "sgd"}])
def test_ctrl_c_never_leaves_a_net_that_overflowed(params, some):
    """Ctrl-C may come after an overflow and before the review that finds it."""
    params = {"solver": "gd", "activation": "relu", "max_iter": 30, **params}
    diverging = net(**params, learning_rate_init=1e20)

    def call(net=diverging):
        with pytest.raises(ValueError, match="diverged"):
            net.fit(X, Y)

    n_stored = 0
    for at in some(moments(call), every=10):
        struck = clone(diverging)
        strike(KeyboardInterrupt, at, struck.fit, X, Y)
        if not hasattr(struck, "coefs_"):
            continue
        n_stored += 1
        assert np.isfinite(struck.loss_curve_).all()
        assert all(np.isfinite(W).all() for W in [*struck.coefs_, *struck.intercepts_])
        assert np.isfinite(struck.predict_proba(X)).all()
    assert n_stored


# Searches


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("params", [{"solver": "sgd"}, {"early_stopping": True}])
def test_a_search_in_lockstep_is_struck_at_any_moment(params, error, some, monkeypatch):
    """Ctrl-C ends the search; after another error it fits one by one."""
    monkeypatch.delenv("SKSHALLOW_RAISE")

    def search():
        grid = {"init_scale": [0.1, 1.0]}
        return LockstepGridSearchCV(net(**params), grid, cv=2, error_score="raise")

    whole = search().fit(X, Y).cv_results_["mean_test_score"]
    for at in some(moments(lambda: search().fit(X, Y)), every=83):
        struck = search()
        vars(struck).update(cv_results_={"a_score": np.arange(2.0)})  # an earlier fit's
        names = list(vars(struck))
        before = held(struck, names)
        try:
            with Strike(error(), at):
                struck.fit(X, Y)
        except error:
            assert held(struck, names) == before
            assert list(vars(struck)) == names
        else:
            assert error is MemoryError
            np.testing.assert_array_equal(struck.cv_results_["mean_test_score"], whole)


@pytest.mark.parametrize("in_training", [True, False])
def test_a_cross_validated_net_is_whole_or_as_it_was(in_training, some):
    past = chosen(max_iter=2, alphas=[0.1], n_init=2, combine="average")
    past.fit(X[:, :2], np.arange(N_ROWS) % 3)
    whole, twice = copy(past).fit(X, Y), [copy(past), copy(past)]
    allowed = {joblib.hash(vars(net)) for net in (past, whole)}
    chosen_moments = some(moments(lambda: twice.pop().fit(X, Y), in_training), 16)
    for at, error in zip(chosen_moments, itertools.cycle(ERRORS), strict=False):
        struck = copy(past)
        strike(error, at, struck.fit, X, Y)
        assert joblib.hash(vars(struck)) in allowed


# Real signals


# A fit to random labels may warn of that after some numbers of iterations.
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "params", [{"solver": "gd"}, {"early_stopping": True}, {"n_init": 3}]
)
def test_ctrl_c_by_a_real_signal(params):
    # So many rows that no solver ends by itself before the signal comes.
    rng = np.random.RandomState(1)
    X, y = rng.standard_normal((20_000, 8)), rng.randint(0, 2, 20_000)
    params = {**params, "batch_size": 1000}
    struck = net(**params, max_iter=10**8)
    threading.Timer(0.1, interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        struck.fit(X, y)
    assert struck.status_ == "interrupted"
    again = net(**params, max_iter=struck.n_iter_).fit(X, y)
    assert results(struck) == results(again)


def test_an_interrupted_net_predicts_and_goes_on(monkeypatch):
    strike_second = Mock(side_effect=[None, KeyboardInterrupt])
    monkeypatch.setattr("builtins.print", strike_second)
    struck = net(solver="gd", verbose=1, warm_start=True)
    with pytest.raises(KeyboardInterrupt):
        struck.fit(X, Y)
    assert struck.predict_proba(X).shape == (N_ROWS, 2)
    struck.set_params(verbose=0, max_iter=N_ITER - 2).fit(X, Y)
    whole = net(solver="gd").fit(X, Y)
    assert struck.loss_curve_ == whole.loss_curve_
    np.testing.assert_array_equal(struck.coefs_[0], whole.coefs_[0])


# Inits


class InitError(Exception):
    pass


@pytest.mark.parametrize("error", [InitError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_an_exception_in_an_init_changes_nothing(error, call):
    calls = itertools.count(1)

    def failing(rng, shape):
        if next(calls) == call:
            raise error
        return rng.standard_normal(shape)

    rng = np.random.RandomState(0)  # what was drawn of it is given back
    struck = used_net(n_init=2, init=failing, random_state=rng)
    others = [name for name in vars(struck) if name != "init"]
    before = held(struck, others)
    with pytest.raises(error):
        struck.fit(X, Y)
    assert held(struck, others) == before
    assert vars(struck).keys() == {*others, "init"}
    assert struck.init is failing
    assert struck.random_state is rng


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.PCG64])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_fit_that_diverges_gives_back_the_numbers_it_drew(method, bits):
    rng = np.random.RandomState(bits(0))
    diverging = net(solver="sgd", learning_rate_init=1e300, random_state=rng)
    classes = {"classes": [0, 1]} if method == "partial_fit" else {}
    with pytest.raises(ValueError, match="diverged"):
        getattr(diverging, method)(X, Y, **classes)
    assert rng.uniform() == np.random.RandomState(bits(0)).uniform()
