"""The random streams of a fit, what a fit keeps to resume, and streams as dicts."""

import copy
from functools import cached_property
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

from skshallow._core.optimizers import OptimizerState

MAX_SEED = np.iinfo(np.int32).max
# NumPy's bit generators: the only names that are looked up.
GENERATORS = {
    name: getattr(np.random, name)
    for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
}
# Places in NumPy's tables of random numbers, which it does not check itself: the name
# of the generator, where its state tells the place, and the highest there is.
PLACES = {
    "MT19937": (lambda state: state["state"]["pos"], 624),
    "Philox": (lambda state: state["buffer_pos"], 4),
}


class RandomStreams:
    """The two streams of a fit, and the optimizer state that goes with them.

    ``starts`` serves the starts alone. Row order and validation split come from a
    second stream, seeded from a copy of the first taken before any start is drawn:
    they depend on the seed, never on ``init``, ``init_scale`` or ``n_init``.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        As in the estimator.

    Attributes
    ----------
    starts : RandomState
    row_seed : int
        New streams of one ``row_seed`` have the same row orders and validation split.
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
        # Created when used: it costs as much as a step, and most lanes share one.
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
        """Be as `state` described the streams of an earlier fit."""
        self.rows.set_state(state["rows"])
        self._second = self.rows, state["split_seed"]
        # A single net's were vectors in version 0.1.0.
        moments = {name: np.atleast_2d(P) for name, P in state["moments"].items()}
        self._solver = state["solver"]
        self._optimizer_state = OptimizerState(moments, state["count"])

    def forget_optimizer_state(self):
        """Begin anew with the optimizer, as units were cut."""
        self._solver = self._optimizer_state = None

    def optimizer_state(self, solver):
        """Where training by the same solver ended, or None."""
        return self._optimizer_state if solver == self._solver else None

    def state(self, solver, optimizer_state):
        """All that training needs to resume, in arrays, numbers and strings."""
        optimizer_state = optimizer_state or OptimizerState({})
        return {
            "solver": solver if optimizer_state.count else None,
            "moments": optimizer_state.arrays,
            "count": optimizer_state.count,
            "rows": self.rows.get_state(legacy=False),
            "split_seed": self.split_seed,
        }


def stream_as_dict(random_state):
    """A ``RandomState`` as the dict of its state; anything else as it is."""
    if type(random_state) is np.random.RandomState:
        state = random_state.get_state(legacy=False)
        if state["bit_generator"] in GENERATORS:
            return state
    return random_state


def stream_from_dict(state):
    """The ``RandomState`` that a dict describes, which may come from anyone."""
    name = state["bit_generator"]
    if not isinstance(name, str) or name not in GENERATORS:
        raise ValueError(
            f"its random_state has the bit generator {name!r}, which is none of "
            f"{[*GENERATORS]}"
        )
    random_state = np.random.RandomState(GENERATORS[name](0))
    random_state.set_state(state)
    place_in, last = PLACES.get(name, (lambda state: 0, 0))
    place = place_in(random_state.get_state(legacy=False))
    if not 0 <= place <= last:
        raise ValueError(f"its random_state is at place {place} of {last} numbers")
    return random_state


def seed_of(random_state):
    """One seed, for all that an estimator fits."""
    if isinstance(random_state, Integral):
        return random_state
    return int(check_random_state(random_state).randint(MAX_SEED))
