"""The searches that ``sweep.py`` measures, and how many of them."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from pairs import breast_cancer, mlp, moons, our_alpha, quadrants, shallow_net
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from skshallow import (
    LockstepGridSearchCV,
    ShallowNetClassifier,
    ShallowNetClassifierCV,
)

DTYPES = ("float64", "float32")
N_FOLDS = 5
SCALES = (1e-3, 3)  # ends of the sweep of init_scale
PENALTIES = (1e-6, 1e-3)  # ends of the peer's sweep of alpha


@dataclass(frozen=True)
class Work:
    """A search for both sides to do.

    Attributes
    ----------
    name : str
    rows : callable
        ``rows(dtype=...)`` gives X and y.
    n_hidden : int
    solver : {"gd", "adam"}
    batch_size, max_iter : int
    n_scales : int
        Number of initial scales (of penalties for the peer).
    n_seeds : int
        Number of seeds for each of them.
    floors : dict of str to float
        The ratios to reach in float64 and float32.
    """

    name: str
    rows: partial
    n_hidden: int
    solver: str
    batch_size: int
    max_iter: int
    n_scales: int = 20
    n_seeds: int = 1
    floors: dict = field(default_factory=dict)

    @property
    def n_candidates(self):
        """Number of candidates of either search."""
        return self.n_scales * self.n_seeds

    def ours(self, **settings):
        """The estimator of this package, with the penalty for the rows of a fold."""
        n_rows = len(self.rows(dtype="float64")[1]) * (N_FOLDS - 1) // N_FOLDS
        return shallow_net(
            self.n_hidden,
            self.solver,
            alpha=our_alpha(n_rows, self.batch_size),
            tol=None,
            **self._budget(),
            **settings,
        )

    def our_search(self, **settings):
        """The search of this package."""
        grid = {
            "init_scale": np.geomspace(*SCALES, self.n_scales),
            "random_state": range(self.n_seeds),
        }
        return LockstepGridSearchCV(
            self.ours(), grid, cv=N_FOLDS, refit=False, **settings
        )

    def peer_search(self):
        """The search of scikit-learn, with as many candidates."""
        grid = {
            "alpha": np.geomspace(*PENALTIES, self.n_scales),
            "random_state": range(self.n_seeds),
        }
        net = mlp(self.n_hidden, self.solver, tol=0, **self._budget())
        return GridSearchCV(net, grid, cv=N_FOLDS, refit=False)

    def _budget(self):
        return {"batch_size": self.batch_size, "max_iter": self.max_iter}


class Choice(NamedTuple):
    """The choice of a penalty, with all defaults, for both sides to make."""

    name: str
    rows: partial

    def our_search(self, **settings):
        """The estimator that trains the nets of a fold together."""
        return ShallowNetClassifierCV(random_state=0, **settings)

    def single_nets(self, X, y):
        """The nets that the estimator trains and their rows, to fit one by one."""
        cv_net = self.our_search().fit(X, y)
        shuffled = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
        folds = [(X[rows], y[rows]) for rows, _ in shuffled.split(X, y)]
        settings = {"max_iter": cv_net.n_iter_, "random_state": 0}
        return [
            (ShallowNetClassifier(cv_net.n_hidden, alpha=alpha, **settings), *fold)
            for fold in folds
            for alpha in cv_net.alphas_
        ]


def _floors(*ratios):
    return dict(zip(DTYPES, ratios, strict=True))


ADAM = Work("breast cancer, h 8, adam", breast_cancer, 8, "adam", 32, 30, 20, 1)
SEEDS = replace(ADAM, name=f"{ADAM.name}, 10 seeds x 2", n_scales=2, n_seeds=10)
BATCH = Work("breast cancer, h 8, full batch", breast_cancer, 8, "gd", 569, 300)
MOONS = Work("moons, h 8, adam", partial(moons, 1000), 8, "adam", 64, 30)
MOONS_BATCH = replace(
    MOONS, name="moons, h 8, full batch", solver="gd", batch_size=1000, max_iter=300
)
LARGE = Work(
    "n 10000, d 30, h 16, full batch",
    partial(quadrants, 10_000, 30),
    16,
    "gd",
    10_000,
    50,
)
CHOICES = tuple(
    Choice(f"n {n}, d 30, default net", partial(quadrants, n, 30))
    for n in (400, 2000, 10_000)
)
WORKS = (
    replace(ADAM, floors=_floors(18, 28)),
    replace(SEEDS, floors=_floors(14, 20)),
    replace(BATCH, floors=_floors(9, 18)),
    replace(MOONS, floors=_floors(15, 22)),
    replace(MOONS_BATCH, floors=_floors(9, 18)),
    replace(LARGE, floors=_floors(2.8, 3.5)),
)


class Effort(NamedTuple):
    """How much to measure for each part of the table.

    Parameters
    ----------
    works : tuple of Work
        Works of ``search`` and ``lanes``.
    dtypes : tuple of str
        Types of ``search``, ``lanes`` and ``many``.
    n_lanes : int
        Number of lanes of ``lanes``.
    choices : tuple of Choice
        Choices of ``choice``.
    shared_out : tuple
        Works and choices of ``jobs``.
    multiplied : Work
        Work of ``many`` with the smaller number of candidates.
    factor : int
        Factor of the number of candidates in ``many``.
    base : dict
        Size of each kind of work in ``growth`` while another kind grows.
    sizes : dict
        Sizes of each kind of work in ``growth``.
    """

    works: tuple
    dtypes: tuple
    n_lanes: int
    choices: tuple
    shared_out: tuple
    multiplied: Work
    factor: int
    base: dict
    sizes: dict

    def growing(self, kind, size):
        """The work of ``growth`` in which one kind of work has this size."""
        K, n, h, d = {**self.base, kind: size}.values()
        return Work(f"{kind} {size}", partial(quadrants, n, d), h, "adam", 64, 10, K)


FULL = Effort(
    works=WORKS,
    dtypes=DTYPES,
    n_lanes=60,
    choices=CHOICES,
    shared_out=(
        replace(LARGE, name=f"{LARGE.name}, 200 iterations", max_iter=200),
        Choice("n 100000, d 30, default net", partial(quadrants, 100_000, 30)),
    ),
    multiplied=MOONS,
    factor=100,
    base={"candidates": 20, "rows": 1000, "hidden units": 16, "features": 16},
    sizes={
        "candidates": (1, 3, 10, 30, 100, 300, 1000),
        "rows": (100, 300, 1000, 3000, 10_000, 30_000),
        "hidden units": (1, 4, 16, 64, 256, 1024),
        "features": (2, 8, 32, 128, 512, 2048),
    },
)
QUICK = Effort(
    works=(replace(ADAM, max_iter=2, n_scales=2),),
    dtypes=DTYPES[:1],
    n_lanes=4,
    choices=(Choice("moons, n 100, default net", partial(moons, 100)),),
    shared_out=(replace(MOONS, max_iter=2, n_scales=2),),
    multiplied=replace(MOONS, max_iter=2, n_scales=1),
    factor=5,
    base={"candidates": 2, "rows": 100, "hidden units": 2, "features": 4},
    sizes={
        "candidates": (1, 2, 4),
        "rows": (100, 200, 400),
        "hidden units": (1, 2, 4),
        "features": (2, 4, 8),
    },
)
