"""BLAS runs on one thread in fits and predictions, and as before outside of them.

Stated here: nested and overlapping fits, failures, threads and forked children, and
that no result depends on the setting outside.
"""

import itertools
import linecache
import os
import pickle
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import nets
import numpy as np
import pytest
import threadpoolctl
from nets import either_precision, every_solver
from threadpoolctl import threadpool_info, threadpool_limits

from skshallow._core import threads
from skshallow._core.network import forward
from skshallow._core.threads import single_blas_thread
from skshallow._fit.lazy import lazy
from skshallow._fit.starts import starting_weights

RNG = np.random.RandomState(0)
X = RNG.standard_normal((3000, 40))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
PREDICTIONS = "predict", "predict_proba", "predict_log_proba", "decision_function"


def blas_threads():
    """The settings of all BLAS libraries in the process, as a set."""
    libraries = threadpool_info()
    return {b["num_threads"] for b in libraries if b["user_api"] == "blas"}


net = partial(nets.net, n_hidden=32, max_iter=3)


def trained(net):
    return np.append(nets.numbers_of(net), net.predict_proba(X))


def give_up_control():
    """Let any thread set OpenBLAS: new versions of threadpoolctl let only one."""
    openblas = getattr(threadpoolctl, "OpenBLASController", None)
    if hasattr(openblas, "clear_controlling_thread"):
        openblas.clear_controlling_thread(force=True)


@pytest.fixture(autouse=True)
def two_threads():
    """Set two threads outside, and assert that the test leaves that setting."""
    give_up_control()
    outside = threadpool_limits(2, user_api="blas")
    give_up_control()
    assert blas_threads() == {2}
    yield
    left_behind = blas_threads()
    give_up_control()
    outside.restore_original_limits()
    give_up_control()
    assert left_behind == {2}


@pytest.mark.parametrize("outside", [1, 2])
def test_the_context_may_be_nested_and_respects_what_was_set_before(outside):
    with threadpool_limits(outside, user_api="blas"):
        with single_blas_thread():
            with single_blas_thread():
                assert blas_threads() == {1}
            assert blas_threads() == {1}
        assert blas_threads() == {outside}


def threads_during(call, *args):
    """The settings seen while nets start, train or predict."""
    seen, functions = set(), (starting_weights.__code__, forward.__code__)

    def look(frame, event, arg):
        if event == "return" and frame.f_code in functions:
            seen.update(blas_threads())

    sys.setprofile(look)
    try:
        call(*args)
    finally:
        sys.setprofile(None)
    return seen


def threads_during_a_fit():
    return threads_during(net(max_iter=1).fit, X, Y)


@every_solver
def test_one_thread_while_starting_training_and_predicting(solver):
    fitted = net(solver=solver)
    assert threads_during(fitted.fit, X, Y) == {1}
    for method in PREDICTIONS:
        assert threads_during(getattr(fitted, method), X[:10]) == {1}
    if solver != "lbfgs":
        assert threads_during(net(solver=solver).partial_fit, X, Y, None, [0, 1]) == {1}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_in_a_fit_restores_the_setting(error):
    def failing(rng, shape):
        raise error

    with pytest.raises(error):
        net(init=failing).fit(X, Y)
    assert blas_threads() == {2}


def strike(at):
    """A trace function that raises at the n-th line where Python looks for signals."""
    n_lines = itertools.count(1)

    def trace(frame, event, arg):
        if frame.f_code.co_filename != threads.__file__:
            return None
        line = linecache.getline(threads.__file__, frame.f_lineno).strip()
        is_struck = event == "line" and not line.startswith(("with ", "try:"))
        if is_struck and next(n_lines) == at:
            raise KeyboardInterrupt
        return trace

    return trace


def test_ctrl_c_while_the_context_is_entered_or_left_restores_the_setting():
    for at in itertools.count(1):
        sys.settrace(strike(at))
        try:
            with single_blas_thread():
                pass
        except KeyboardInterrupt:
            assert blas_threads() == {2}
        else:
            break
        finally:
            sys.settrace(None)
    assert at > 10


class Meeting:
    """An init that waits, inside of its fit, until it is told to go on."""

    def __init__(self):
        self.is_inside, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self, rng, shape):
        self.is_inside.set()
        assert self.may_go_on.wait(30)
        return rng.standard_normal(shape)


@contextmanager
def fits_in_other_threads(n_fits):
    """Start fits that wait inside; yield a function that lets the k-th fit end."""
    meetings = [Meeting() for _ in range(n_fits)]
    with ThreadPoolExecutor(max(1, n_fits)) as pool:
        fits = []
        for init in meetings:
            fits.append(pool.submit(net(init=init).fit, X, Y))
            assert init.is_inside.wait(30)

        def end(k):
            meetings[k].may_go_on.set()
            fits[k].result(30)

        try:
            yield end
        finally:
            for k in range(n_fits):
                end(k)


@pytest.mark.parametrize("first_to_leave", [0, 1])
def test_overlapping_fits_restore_the_setting_once_both_are_over(first_to_leave):
    with fits_in_other_threads(2) as end:
        assert blas_threads() == {1}
        end(first_to_leave)
        assert blas_threads() == {1}
        end(1 - first_to_leave)
        assert blas_threads() == {2}  # while the threads of the pool live on


def test_a_fit_leaves_the_control_of_threads_to_others():
    """Neither a later fit nor anyone else in another thread is locked out."""
    net().fit(X, Y)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(threads_during_a_fit).result(30) == {1}
        pool.submit(threadpool_limits, 1, "blas").result(30)
        assert blas_threads() == {1}
        pool.submit(threadpool_limits, 2, "blas").result(30)
        assert blas_threads() == {2}


def in_child(function):
    """What ``function`` returns in a forked child, which may take half a minute."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a deadlock ends
        try:
            with open(write_end, "wb") as pipe:
                pickle.dump(function(), pipe)
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end, "rb") as pipe:
        written = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(written)


def forks(test):
    """Mark a test that forks: ignore Python's warning, and skip it without fork."""
    warned = "ignore:.*multi-threaded, use of fork:DeprecationWarning"
    test = pytest.mark.filterwarnings(warned)(test)
    has_fork = hasattr(os, "fork")
    return pytest.mark.skipif(not has_fork, reason="this system has no fork")(test)


@pytest.mark.parametrize("n_fits", [0, 1, 2])
@forks
def test_a_child_forked_during_fits_has_the_setting_from_before_and_trains(n_fits):
    """The child has the setting before and after training, in threads and children."""
    expected = trained(net().fit(X, Y))

    def seen_in_child():
        seen = [blas_threads()]
        with ThreadPoolExecutor(1) as pool:
            seen += [pool.submit(threads_during_a_fit).result(30), blas_threads()]
        seen += [threads_during_a_fit(), blas_threads()]
        with single_blas_thread(), single_blas_thread():
            seen.append(blas_threads())
        with threadpool_limits(1, user_api="blas"):
            seen.append(blas_threads())
        seen += [in_child(blas_threads), blas_threads()]
        return seen, trained(net().fit(X, Y))

    with fits_in_other_threads(n_fits):
        seen, in_fork = in_child(seen_in_child)
        assert blas_threads() == {1 if n_fits else 2}  # the parent is as it was
    assert seen == [{2}, {1}, {2}, {1}, {2}, {1}, {1}, {2}, {2}]
    np.testing.assert_array_equal(in_fork, expected)
    assert blas_threads() == {2}


@forks
def test_a_child_forked_inside_a_fit_goes_on_and_leaves_it():
    """The child lacks the other thread and its fit, and leaves its own two contexts."""
    with fits_in_other_threads(1):
        outer, inner = single_blas_thread(), single_blas_thread()
        with outer, inner:
            seen = in_child(
                lambda: [blas_threads(), left(outer, inner), blas_threads()]
            )
        assert blas_threads() == {1}
    assert seen == [{1}, None, {2}]
    assert blas_threads() == {2}


def test_a_lazy_attribute_of_one_fit_waits_for_no_other():
    """A child forked while it is computed would wait for ever for a lock."""

    class Fit:
        def __init__(self, is_free):
            self.begins, self.is_free = threading.Event(), is_free

        @lazy
        def value(self):
            self.begins.set()
            return self.is_free.wait(timeout=60)

    is_free = threading.Event()
    held, other = Fit(is_free), Fit(threading.Event())
    other.is_free.set()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: held.value)
        assert held.begins.wait(timeout=60)
        assert pool.submit(lambda: other.value).result(timeout=20)
        is_free.set()
        assert first.result()
    assert vars(held)["value"] is True


@forks
def test_a_fork_waits_until_no_other_thread_is_setting_the_limit():
    """Without the wait the child could have a setting that is half made."""
    is_setting, done = threading.Event(), []

    def set_slowly():
        with threads._lock:
            is_setting.set()
            time.sleep(0.2)
            done.append(True)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(set_slowly)
        assert is_setting.wait(30)
        assert in_child(lambda: list(done)) == [True]


def left(outer, inner):
    """Leave both contexts."""
    inner.__exit__(None, None, None)
    assert blas_threads() == {1}
    outer.__exit__(None, None, None)


@either_precision
@every_solver
def test_results_do_not_depend_on_the_threads_outside(solver, dtype):
    data, results = X.astype(dtype), []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            results.append(trained(net(solver=solver, n_hidden=100).fit(data, Y)))
    np.testing.assert_array_equal(*results)


def test_fits_and_predictions_in_many_threads_equal_those_one_after_another():
    """Some of the calls fail, and the setting is restored all the same."""
    fitted = net().fit(X, Y)
    trained_alone = [trained(net(random_state=k).fit(X, Y)) for k in range(6)]
    expected = fitted.predict_proba(X)

    def train(k):
        at_once = trained(net(random_state=k).fit(X, Y))
        np.testing.assert_array_equal(at_once, trained_alone[k])

    def diverge(k):
        with pytest.raises(ValueError, match="diverged"):
            net(solver="gd", learning_rate_init=1e200, init_scale=1.0).fit(X, Y)

    def predict(k):
        np.testing.assert_array_equal(fitted.predict_proba(X), expected)

    kinds = train, diverge, predict
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(call, k) for k in range(6) for call in kinds]
        for call in calls:
            call.result(60)
        assert blas_threads() == {2}
