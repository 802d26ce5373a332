"""The planar flower of the lecture on random initialisation."""

import numpy as np
from sklearn.utils import check_random_state

PETALS = 4
RADIUS = 4
POINTS_PER_CLASS = 200
NOISE = 0.2


def make_flower(random_state=None):
    """Two classes of points on the petals of a flower in the plane.

    For class j in {0, 1}, 200 points with ``t = linspace(3.12 j, 3.12 (j + 1)) +
    0.2 N(0, 1)``, then ``r = 4 sin(4 t) + 0.2 N(0, 1)`` and ``x = (r sin t, r cos t)``.
    No straight line separates the classes: the accuracy of logistic regression is near
    chance, that of a few hidden units is high.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Seed of the points. ``random_state=1`` gives the points of the course
        (deeplearning.ai, "Neural Networks and Deep Learning", week 3).

    Returns
    -------
    X : ndarray of shape (400, 2)
        Coordinates. The first 200 rows are class 0, and the rows of a class are in the
        order of its petals: shuffle the rows before splitting them into folds.
    y : ndarray of shape (400,)
        Class labels 0 and 1.

    Examples
    --------
    >>> from skshallow.datasets import make_flower
    >>> X, y = make_flower(random_state=1)
    >>> X.shape, int(y.sum())
    ((400, 2), 200)
    """
    rng = check_random_state(random_state)
    noise = NOISE * rng.randn(2, 2, POINTS_PER_CLASS)  # by class, of t and of r
    t = np.linspace([0, 3.12], [3.12, 6.24], POINTS_PER_CLASS, axis=1) + noise[:, 0]
    r = RADIUS * np.sin(PETALS * t) + noise[:, 1]
    X = np.column_stack([(r * np.sin(t)).ravel(), (r * np.cos(t)).ravel()])
    return X, np.repeat([0, 1], POINTS_PER_CLASS)
