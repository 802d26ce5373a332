"""Options, settings and fixtures of all test files."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from watching import HAS_CALLBACKS, REASON, watch

import skshallow
from skshallow._core.objective import Objective

pytest.register_assert_rewrite("searches", "nets", "core_parts")
os.environ["SKSHALLOW_RAISE"] = "1"  # or a bug would only make a search slow
# Programs that tests run import the package that the tests import.
paths = str(Path(skshallow.__file__).parents[1]), os.environ.get("PYTHONPATH")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
if "PYTEST_XDIST_WORKER" in os.environ:  # the other cores have workers of their own
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser):
    parser.addoption(
        "--long",
        action="store_true",
        help="all combinations where few are usual, and the tests marked as long",
    )


def pytest_configure(config):
    """Set no deadline for an example; give an attack few fixed examples or many new."""
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")
    is_long = config.getoption("--long")
    settings.register_profile(
        "attack",
        max_examples=11_000 if is_long else 300,
        derandomize=not is_long,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that are marked as long, unless ``--long`` is given."""
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_collection_finish(session):
    """Exclude the millions of objects that were collected from garbage collection."""
    gc.freeze()


@pytest.fixture
def is_long(request):
    """Whether ``--long`` asks for all combinations."""
    return request.config.getoption("--long")


def _n_lanes(objective, blocks, **of_batch):
    return len(objective.P)


@pytest.fixture
def lanes_of_steps(monkeypatch):
    """The number of lanes of every gradient taken, in order."""
    return watch(monkeypatch, Objective, "gradient", _n_lanes)


@pytest.fixture
def drawn(monkeypatch):
    """Tasks that a ProgressBar draws: names by path, and (path, progress) at ends."""
    if not HAS_CALLBACKS:
        pytest.skip(REASON)
    from sklearn.callback._progressbar import RichProgressMonitor as Monitor

    begin, end, record = Monitor._on_task_begin, Monitor._on_task_end, ({}, [])

    def on_begin(self, task):
        record[0][tuple(task["path"])] = task["task_name"]
        begin(self, task)

    def on_end(self, task):
        path = tuple(task["path"])
        end(self, task)
        record[1].append((path, self.root_rich_task.progress))

    monkeypatch.setattr(Monitor, "_on_task_begin", on_begin)
    monkeypatch.setattr(Monitor, "_on_task_end", on_end)
    return record
