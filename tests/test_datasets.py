"""The planar flower is the course's, point by point, and no straight line separates it.

The oracle is the recipe of the course itself, with NumPy's global generator.
"""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skshallow.datasets import make_flower


def course_flower(seed):
    """The recipe: 200 points a class, filled into arrays class by class."""
    np.random.seed(seed)  # noqa: NPY002
    m, a = 400, 4
    n = m // 2
    X, Y = np.zeros((m, 2)), np.zeros(m, dtype=int)
    for j in range(2):
        rows = range(n * j, n * (j + 1))
        theta = np.linspace(j * 3.12, (j + 1) * 3.12, n)
        theta = theta + np.random.randn(n) * 0.2  # noqa: NPY002
        radius = a * np.sin(4 * theta) + np.random.randn(n) * 0.2  # noqa: NPY002
        X[rows] = np.c_[radius * np.sin(theta), radius * np.cos(theta)]
        Y[rows] = j
    return X, Y


@pytest.mark.parametrize("seed", [1, 2, 12345])
def test_the_flower_is_the_course_s(seed):
    """Without a seed the flower comes from NumPy's global generator."""
    state = np.random.get_state()  # noqa: NPY002
    expected_X, expected_y = course_flower(seed)
    np.random.seed(seed)  # noqa: NPY002
    flowers = make_flower(random_state=seed), make_flower()
    np.random.set_state(state)  # noqa: NPY002
    for X, y in flowers:
        np.testing.assert_array_equal(X, expected_X)
        np.testing.assert_array_equal(y, expected_y)
        assert X.shape == (400, 2)


def test_a_generator_goes_on_where_a_seed_starts_anew():
    rng = np.random.RandomState(1)
    first, second = make_flower(rng), make_flower(rng)
    np.testing.assert_array_equal(first[0], make_flower(1)[0])
    assert (second[0] != first[0]).all()


def test_the_flower_is_learnable_but_not_by_a_straight_line():
    """Logistic regression is near chance: 47% in the course."""
    X, y = make_flower(random_state=1)
    assert LogisticRegression().fit(X, y).score(X, y) == pytest.approx(0.47, abs=0.03)
    neighbours = KNeighborsClassifier(5).fit(X[::2], y[::2])
    assert neighbours.score(X[1::2], y[1::2]) > 0.7
