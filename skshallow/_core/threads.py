"""One BLAS thread while any fit or prediction runs, the caller's setting afterwards.

Products of a small net are slower on several threads than on one, and a result must
not depend on the number of threads. The setting belongs to the whole process, so
concurrent users are counted: the first to enter sets the limit and the last to leave
restores it. A forked child has only the thread that forked. If that thread is no
user, the child restores the setting at once.
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

    From 3.8 on, threadpoolctl lets only the thread that set OpenBLAS last set it again,
    as long as that thread lives. But the last thread to leave need not be the first
    that entered.
    """
    openblas = getattr(threadpoolctl, "OpenBLASController", None)
    if hasattr(openblas, "clear_controlling_thread"):
        openblas.clear_controlling_thread()


_lock = threading.RLock()  # reentrant: a signal handler may fork while it is held
_users = {}  # the thread of every user
_callers = {}  # the caller's number of threads by library, while there are users


@contextmanager
def single_blas_thread():
    """Context in which BLAS runs on one thread; may be nested, and used by threads.

    ``KeyboardInterrupt`` may be raised at any line, also while it is entered or left.
    """
    user = object()
    try:
        with _lock:
            _users[user] = threading.get_ident()
            for library in _controller().lib_controllers:
                if library not in _callers:
                    _callers[library] = library.num_threads
                    library.set_num_threads(1)
        yield
    finally:
        try:
            _remove([user])
        except KeyboardInterrupt:
            _remove([user])  # what was done is not done again
            raise


def _remove(users):
    """Remove users; without any left, restore the caller's setting."""
    with _lock:
        for user in users:
            _users.pop(user, None)
        if not _users:
            for library, n_threads in list(_callers.items()):
                library.set_num_threads(n_threads)
                del _callers[library]
        _give_up_control()


def _after_fork_in_child():
    """Drop the users in other threads, which a forked child does not have.

    These users would never leave, and the setting would never be restored.
    """
    here = threading.get_ident()
    _remove([user for user, thread in _users.items() if thread != here])
    _lock.release()


# A fork waits until no other thread is setting the limit.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire,
        after_in_parent=_lock.release,
        after_in_child=_after_fork_in_child,
    )
