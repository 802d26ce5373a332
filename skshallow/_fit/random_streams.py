"""The random streams of a fit, its state for resuming, and streams as dicts."""

import copy
from functools import cached_property
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

from skshallow._core.optimizers import OptimizerState

MAX_SEED = np.iinfo(np.int32).max
# NumPy's bit generators. Only these names may come from a file.
GENERATORS = {
    name: getattr(np.random, name)
    for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
}
# Highest positions in NumPy's tables of random numbers, which NumPy does not check.
LAST_PLACE = {"MT19937": 624, "Philox": 4}


class RandomStreams:
    """The two streams of a fit, and the optimizer state that goes with them.

    ``starts`` is used for the starts only. Row order and validation split come from a
    second stream. This is seeded from a copy of the first that is made before any start
    is drawn. So row order and split depend on the seed only, not on ``init``,
    ``init_scale`` or ``n_init``.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        The parameter of the estimator.

    Attributes
    ----------
    starts : RandomState
    row_seed : int
        New streams with the same ``row_seed`` have the same row orders and split.
    """

    def __init__(self, random_state):
        if isinstance(random_state, Integral):  # seeding costs less than copying
            self.starts = np.random.RandomState(random_state)
            self.row_seed = int(self.starts.randint(MAX_SEED))
            self.starts.seed(random_state)
        else:
            self.starts = check_random_state(random_state)
            self.row_seed = int(copy.deepcopy(self.starts).randint(MAX_SEED))
        self._solver = self._optimizer_state = None

    @cached_property
    def _second(self):
        # Created when it is used, because that takes as long as a step, and most lanes
        # share the stream of another lane.
        rows = np.random.RandomState(self.row_seed)
        return rows, int(rows.randint(MAX_SEED))

    @property
    def rows(self):
        """The stream of row orders."""
        return self._second[0]

    @property
    def split_seed(self):
        """The seed of the validation split."""
        return self._second[1]

    def resume(self, state):
        """Continue the streams of an earlier fit from its `state`."""
        self.rows.set_state(state["rows"])
        self._second = self.rows, state["split_seed"]
        # In version 0.1.0 the moments of a single net were vectors.
        moments = {name: np.atleast_2d(P) for name, P in state["moments"].items()}
        self._solver = state["solver"]
        self._optimizer_state = OptimizerState(moments, state["count"])

    def forget_optimizer_state(self):
        """Begin anew with the optimizer, as units were cut."""
        self._solver = self._optimizer_state = None

    def optimizer_state(self, solver):
        """The optimizer state of the earlier fit; None if its solver was another."""
        return self._optimizer_state if solver == self._solver else None

    def state(self, solver, optimizer_state):
        """Everything that training needs to resume, as arrays, numbers and strings."""
        optimizer_state = optimizer_state or OptimizerState({})
        return {
            "solver": solver if optimizer_state.count else None,
            "moments": optimizer_state.arrays,
            "count": optimizer_state.count,
            "rows": self.rows.get_state(legacy=False),
            "split_seed": self.split_seed,
        }


def stream_as_dict(random_state):
    """The state of a ``RandomState`` as a dict; other objects as they are."""
    if type(random_state) is np.random.RandomState:
        state = random_state.get_state(legacy=False)
        if state["bit_generator"] in GENERATORS:
            return state
    return random_state


def stream_from_dict(state):
    """The ``RandomState`` that a dict describes; the dict is not trusted."""
    name = state["bit_generator"]
    if not isinstance(name, str) or name not in GENERATORS:
        raise ValueError(
            f"its random_state has the bit generator {name!r}, which is none of "
            f"{[*GENERATORS]}"
        )
    random_state = np.random.RandomState(GENERATORS[name](0))
    random_state.set_state(state)
    read, last = random_state.get_state(legacy=False), LAST_PLACE.get(name, 0)
    place = read["state"].get("pos", read.get("buffer_pos", 0))
    if not 0 <= place <= last:
        raise ValueError(f"its random_state is at place {place} of {last} numbers")
    return random_state


def seed_of(random_state):
    """One seed, for all that an estimator fits."""
    if isinstance(random_state, Integral):
        return random_state
    return int(check_random_state(random_state).randint(MAX_SEED))
