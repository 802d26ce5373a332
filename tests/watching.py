"""What tests watch: calls of functions and of callbacks, and the memory of a call."""

import tracemalloc

import pytest
import sklearn
from sklearn.utils.fixes import parse_version

HAS_CALLBACKS = parse_version(sklearn.__version__) >= parse_version("1.9")
REASON = "scikit-learn has callbacks from 1.9 on"
needs_callbacks = pytest.mark.skipif(not HAS_CALLBACKS, reason=REASON)


def watch(monkeypatch, owner, name, record):
    """A list that gets what ``record`` returns for the arguments of every call."""
    function, records = getattr(owner, name), []

    def watched(*args, **kwargs):
        records.append(record(*args, **kwargs))
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, watched)
    return records


def peak_bytes(call, *args):
    """The most bytes that Python has allocated at once during a call."""
    tracemalloc.start()
    try:
        call(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Diary:
    """A callback that keeps every call; it may ask to stop, or fail at its n-th."""

    def __init__(self, stop_after=None, fail_at=None, error=RuntimeError):
        self.calls, self.fitted = [], []
        self.stop_after, self.fail_at, self.error = stop_after, fail_at, error

    def _record(self, hook, context=None):
        self.calls.append(hook if context is None else f"{hook} {context.task_name}")
        if self.fail_at == len(self.calls):
            raise self.error

    def setup(self, estimator, context):
        self._record("setup")

    def teardown(self, estimator, context):
        self._record("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self._record("begin", context)
        self.seen = X, y, metadata

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self._record("end", context)
        self.fitted.append(fitted_estimator)
        return len(self.fitted) == self.stop_after
