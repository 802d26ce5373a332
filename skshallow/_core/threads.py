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


_lock = threading.RLock()  # reentrant: a signal handler may fork while it is held
_users = Counter()  # number of users by thread; no thread has 0
_limiters = []  # the one that restores the caller's setting, while there are users


@contextmanager
def single_blas_thread():
    """Context in which BLAS runs on one thread; may be nested, and used by threads."""
    with _lock:
        if not _users:
            _limiters.append(_controller().limit(limits=1))
        _users[threading.get_ident()] += 1
    try:
        yield
    finally:
        with _lock:
            _remove_users(Counter([threading.get_ident()]))
            _give_up_control()


def _remove_users(users):
    """Count fewer users; without any, restore the caller's setting."""
    for thread, n in users.items():
        _users[thread] -= n
        if not _users[thread]:
            del _users[thread]
    if not _users and _limiters:
        _limiters.pop().restore_original_limits()
        _give_up_control()


def _after_fork_in_child():
    """Drop the users in other threads, which a forked child does not have.

    These users would never leave, and the setting would never be restored.
    """
    here = threading.get_ident()
    _remove_users({thread: n for thread, n in _users.items() if thread != here})
    _lock.release()


# A fork waits until no other thread is setting the limit.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire,
        after_in_parent=_lock.release,
        after_in_child=_after_fork_in_child,
    )
