"""What several test files share."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from skshallow._core.settings import Settings

pytest.register_assert_rewrite("searches")


def pytest_addoption(parser):
    parser.addoption(
        "--long", action="store_true", help="all combinations where few are usual"
    )


def pytest_configure(config):
    """Few examples and always the same, or many and new ones, of an attack."""
    is_long = config.getoption("--long")
    settings.register_profile(
        "attack",
        max_examples=11_000 if is_long else 300,
        derandomize=not is_long,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def is_long(request):
    """Whether there is time for all combinations."""
    return request.config.getoption("--long")


@pytest.fixture
def make_settings():
    """Settings of some lanes that never stop early, unless changed: a function."""

    def make(n_lanes, nesterov=True, early_stopping=False, plateau_loss=0.7, **changes):
        values = {
            "learning_rate": 0.3,
            "hidden_rate": 1.0,
            "weighs_batches": 0,
            "penalty": 1e-4,
            "is_cosine": 0,
            "momentum": 0.9,
            "tol": -np.inf,
            "n_iter_no_change": 10,
            "max_iter": 300,
            **changes,
        }
        return Settings(
            **{
                name: np.array(np.broadcast_to(value, n_lanes), dtype=float)
                for name, value in values.items()
            },
            nesterov=nesterov,
            plateau_loss=plateau_loss,
            early_stopping=early_stopping,
        )

    return make
