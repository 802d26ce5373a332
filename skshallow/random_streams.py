"""The random streams of a fit, and what a fit keeps so that the next can go on."""

import copy
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from skshallow.training import Continuation

MAX_SEED = np.iinfo(np.int32).max


class RandomStreams(NamedTuple):
    """The two streams of a fit, and the optimiser state that goes with them.

    ``starts`` serves the starts alone. Row order and validation split come from a
    second stream, seeded from a copy of the first taken before any start is drawn:
    they depend on the seed, never on ``init``, ``init_scale`` or ``n_init``. Streams of
    one ``row_seed`` have the same row orders.
    """

    starts: np.random.RandomState
    rows: np.random.RandomState
    row_seed: int
    split_seed: int
    solver: str | None = None
    continuation: Continuation | None = None

    @classmethod
    def seeded(cls, random_state):
        """The streams of a new fit."""
        starts = check_random_state(random_state)
        row_seed = int(_copy_of(starts).randint(MAX_SEED))
        rows = np.random.RandomState(row_seed)
        return cls(starts, rows, row_seed, int(rows.randint(MAX_SEED)))

    def continued(self, state):
        """The streams as `state` described them."""
        self.rows.set_state(state["rows"])
        moments = {name: p[None] for name, p in state["moments"].items()}
        continuation = Continuation(moments, state["count"])
        return self._replace(
            split_seed=state["split_seed"],
            solver=state["solver"],
            continuation=continuation,
        )

    def continuation_of(self, solver):
        """Where training by the same solver ended, or None."""
        return self.continuation if solver == self.solver else None

    def state(self, solver, continuation):
        """All that training needs to go on, in arrays, numbers and strings."""
        continuation = continuation or Continuation({})
        return {
            "solver": solver if continuation.count else None,
            "moments": {name: p[0] for name, p in continuation.moments.items()},
            "count": continuation.count,
            "rows": self.rows.get_state(legacy=False),
            "split_seed": self.split_seed,
        }


def _copy_of(rng):
    """A `RandomState` that will draw what ``rng`` will."""
    state = rng.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":
        return copy.deepcopy(rng)  # right for every generator, but slow
    twin = np.random.RandomState(0)
    twin.set_state(state)
    return twin
