"""One BLAS thread while any fit or prediction runs, the caller's setting afterwards.

Products of a small net are slower on several threads than on one, and a result must
not depend on the number of threads. The setting belongs to the whole process, so
concurrent users are counted: the first to enter sets the limit and the last to leave
restores it. A forked child has only the thread that forked. If that thread is no
user, the child restores the setting at once.
"""

import os
import threading
from collections import Counter
from contextlib import contextmanager
from functools import cache

import threadpoolctl


@cache
def _controller():
    # Finding the loaded BLAS libraries takes milliseconds; setting them, microseconds.
    return threadpoolctl.ThreadpoolController().select(user_api="blas")


def _give_up_control():
    """Let any thread set OpenBLAS again.

    From 3.8 on, threadpoolctl lets only the thread that set OpenBLAS last set it again,
    as long as that thread lives. But the last thread to leave need not be the first
    that entered.
    """
    openblas = getattr(threadpoolctl, "OpenBLASController", None)
    if hasattr(openblas, "clear_controlling_thread"):
        openblas.clear_controlling_thread()


class _SingleBlasThread:
    def __init__(self):
        # Reentrant: a signal handler may fork while `enter` or `leave` runs.
        self.lock = threading.RLock()
        self._users = Counter()  # number of users by thread
        self._limiter = None

    def enter(self):
        with self.lock:
            if not self._users:
                self._limiter = _controller().limit(limits=1)
            self._users[threading.get_ident()] += 1

    def leave(self):
        with self.lock:
            self._users -= Counter([threading.get_ident()])  # drops counts of zero
            if not self._users:
                self._restore()
            _give_up_control()

    def _restore(self):
        if self._limiter is not None:
            self._limiter.restore_original_limits()
        self._limiter = None

    def after_fork_in_child(self):
        """Drop the users in other threads, which a forked child does not have.

        These users would never leave, and the setting would never be restored.
        """
        self.lock = threading.RLock()
        here, had_users = threading.get_ident(), bool(self._users)
        self._users = +Counter({here: self._users[here]})  # drops counts of zero
        if had_users and not self._users:
            self._restore()
            _give_up_control()


_single = _SingleBlasThread()

# A fork waits until no other thread is setting the limit. The lock is looked up at
# every fork, because a child has a lock of its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _single.lock.acquire(),
        after_in_parent=lambda: _single.lock.release(),
        after_in_child=_single.after_fork_in_child,
    )


@contextmanager
def single_blas_thread():
    """Context in which BLAS runs on one thread; may be nested, and used by threads."""
    _single.enter()
    try:
        yield
    finally:
        _single.leave()
