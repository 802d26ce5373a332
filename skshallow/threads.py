"""One BLAS thread while any fit or prediction runs, the caller's setting afterwards.

Products of a small net are slower on several threads than on one, and a result must
not depend on how many the process happens to have. The setting belongs to the whole
process, so concurrent users are counted: the first to enter sets the limit and the
last to leave restores it.
"""

import os
import threading
from contextlib import contextmanager
from functools import cache

import threadpoolctl


@cache
def _controller():
    # Finding the loaded BLAS libraries takes milliseconds; setting them, microseconds.
    return threadpoolctl.ThreadpoolController().select(user_api="blas")


def _give_up_control():
    """Let any thread set OpenBLAS again.

    From 3.8 on, threadpoolctl lets only the thread that set it last do so, for as long
    as that thread lives; but the last to leave need not be the first who entered.
    """
    openblas = getattr(threadpoolctl, "OpenBLASController", None)
    if hasattr(openblas, "clear_controlling_thread"):
        openblas.clear_controlling_thread()


class _SingleBlasThread:
    def __init__(self):
        self._lock = threading.Lock()
        self._users = 0
        self._limiter = None

    def enter(self):
        with self._lock:
            if self._users == 0:
                self._limiter = _controller().limit(limits=1)
            self._users += 1

    def leave(self):
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._limiter.restore_original_limits()
                self._limiter = None
            _give_up_control()


_single = _SingleBlasThread()

if hasattr(os, "register_at_fork"):
    # A child has none of its parent's threads: neither a held lock nor a user count
    # may follow it.
    os.register_at_fork(after_in_child=_single.__init__)


@contextmanager
def single_blas_thread():
    """Context in which BLAS runs on one thread; it may be nested and shared."""
    _single.enter()
    try:
        yield
    finally:
        _single.leave()
