"""The random streams of a fit."""

import copy
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

from skshallow._fit.lazy import lazy

MAX_SEED = np.iinfo(np.int32).max

# NumPy's bit generators. Only these names may come from a file.
GENERATORS = {
    name: getattr(np.random, name)
    for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
}
LAST_POSITIONS = {"MT19937": 624, "Philox": 4}  # others have no tables


class RandomStreams:
    """The two streams of a fit.

    ``starts`` is used for the starts only. Row order and validation split come from a
    second stream. Its seed is drawn from a copy of the first stream that is made before
    any start is drawn. So row order and split depend on the seed only, not on ``init``,
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

    # These are created when they are used, because that takes as long as a step, and
    # most lanes share the stream of another lane.
    @lazy
    def rows(self):
        """The stream of row orders, after its first draw, the `split_seed`."""
        rows = np.random.RandomState(self.row_seed)
        rows.randint(MAX_SEED)
        return rows

    @lazy
    def split_seed(self):
        """The seed of the validation split."""
        return int(np.random.RandomState(self.row_seed).randint(MAX_SEED))

    def resume(self, state):
        """Continue the streams of an earlier fit from its `state`."""
        self.rows = stream_of(state["rows"])
        self.split_seed = state["split_seed"]

    def state(self):
        """The state of the second stream, from which a later fit can resume."""
        rows = self.rows.get_state(legacy=False)
        return {"rows": rows, "split_seed": self.split_seed}


def stream_of(state):
    """The ``RandomState`` with this state, which may come from a file.

    NumPy checks the state, apart from the position in its table of random numbers. It
    would read what lies beyond the table.
    """
    name = state["bit_generator"]
    stream = np.random.RandomState(GENERATORS[name](0))
    stream.set_state(state)
    state = stream.get_state(legacy=False)
    position = state["state"].get("pos", state.get("buffer_pos", 0))
    if not 0 <= position <= LAST_POSITIONS.get(name, 0):
        raise ValueError(f"its random_state is at position {position}")
    return stream


def seed_of(random_state):
    """One seed, for all that an estimator fits."""
    if isinstance(random_state, Integral):
        return random_state
    return int(check_random_state(random_state).randint(MAX_SEED))
