"""A start is unit draws times a scale: what is drawn, in what order, how it is scaled.

Bad starts are in ``test_errors``, and the order of the draws, their scale and the state
of a generator afterwards in ``test_lanes``. Oracles: NumPy's own stream, variances of
the papers, and the uniqueness of the QR factorisation with a positive diagonal.
"""

import numpy as np
import pytest
from core_parts import architecture_of

from skshallow._core.initializers import SCHEMES
from skshallow._fit.starts import layer_scales, starting_weights

SHAPES = (7, 5), (3, 7)  # W1 is (n_hidden, n_features), W2 is (n_outputs, n_hidden)
NET = architecture_of(5, 7, "relu", n_classes=3)
RANDOM_SCHEMES = ["randn", "glorot", "he", "lecun", "orthogonal"]
VARIANCE = {
    "randn": lambda n_in, n_out: 1,
    "glorot": lambda n_in, n_out: 2 / (n_in + n_out),
    "he": lambda n_in, n_out: 2 / n_in,
    "lecun": lambda n_in, n_out: 1 / n_in,
}


def start(init, scale=1.0, seed=0, architecture=NET):
    return starting_weights(init, scale, np.random.RandomState(seed), architecture)


def unit_draws(seed=0, shapes=SHAPES):
    rng = np.random.RandomState(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def explicit_start():
    """Coefs and intercepts in scikit-learn's layout, and the same in the textbook's."""
    rng = np.random.RandomState(1)
    weights = [rng.standard_normal(shape) for shape in SHAPES]
    biases = [rng.standard_normal(shape[0]) for shape in SHAPES]
    return ([W.T for W in weights], biases), weights, biases


def test_the_table_has_the_promised_rows():
    assert sorted(SCHEMES) == sorted([*RANDOM_SCHEMES, "zeros"])


@pytest.mark.parametrize("name", VARIANCE)
def test_a_scheme_is_unit_draws_with_the_variance_of_its_paper(name):
    weights, _ = start(name)
    for W, draw in zip(weights, unit_draws(), strict=True):
        n_out, n_in = draw.shape
        expected = draw * np.sqrt(VARIANCE[name](n_in, n_out))
        np.testing.assert_allclose(W, expected, rtol=1e-15)


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (6, 6), (1, 5), (5, 1)])
def test_orthogonal_is_the_factor_whose_r_has_a_positive_diagonal(shape):
    """Rows or columns are orthonormal; with that diagonal W is unique and uniform."""
    h, d = shape
    W = start("orthogonal", architecture=architecture_of(d, h))[0][0]
    draw = unit_draws(shapes=(shape,))[0]
    if shape[0] < shape[1]:
        W, draw = W.T, draw.T
    R = W.T @ draw
    np.testing.assert_allclose(W.T @ W, np.eye(min(shape)), atol=1e-14)
    np.testing.assert_allclose(W @ R, draw, atol=1e-13)
    np.testing.assert_allclose(R, np.triu(R), atol=1e-13)
    assert (np.diag(R) > 0).all()


def test_a_callable_is_asked_for_the_hidden_layer_first():
    asked = []

    def init(rng, shape):
        asked.append((rng, shape))
        return rng.uniform(size=shape)

    rng, expected = np.random.RandomState(0), np.random.RandomState(0)
    weights, biases = starting_weights(init, (2.0, 3.0), rng, NET)
    assert asked == [(rng, SHAPES[0]), (rng, SHAPES[1])]
    np.testing.assert_array_equal(weights[0], 2 * expected.uniform(size=SHAPES[0]))
    np.testing.assert_array_equal(weights[1], 3 * expected.uniform(size=SHAPES[1]))
    assert not any(np.any(bias) for bias in biases)


def ones(rng, shape):
    return np.ones(shape, int).tolist()


MEMORY = np.empty(35)


def heights_in_one_memory(rng, shape):
    """An init that overwrites the weights of one layer by those of the next."""
    MEMORY[:] = shape[0]
    return MEMORY[: np.prod(shape)].reshape(shape)


@pytest.mark.parametrize(
    ("init", "expected"), [(ones, (0.5, 0.5)), (heights_in_one_memory, (3.5, 1.5))]
)
def test_a_callable_may_give_lists_or_the_same_memory_again(init, expected):
    weights, _ = start(init, 0.5)
    for W, shape, value in zip(weights, SHAPES, expected, strict=True):
        np.testing.assert_array_equal(W, np.full(shape, value))


def test_explicit_weights_are_scaled_and_explicit_biases_are_not():
    init, expected_weights, expected_biases = explicit_start()
    weights, biases = start(init, (2.0, 0.5))
    np.testing.assert_array_equal(weights[0], 2 * expected_weights[0])
    np.testing.assert_array_equal(weights[1], 0.5 * expected_weights[1])
    for bias, expected in zip(biases, expected_biases, strict=True):
        np.testing.assert_array_equal(bias, expected)


@pytest.mark.parametrize(
    ("init", "init_scale", "expected"),
    [
        ("randn", "auto", (2**0.5 / 3, 1 / 4)),
        ("he", "auto", (1, 1)),
        ("orthogonal", "auto", (1, 1)),
        (np.zeros, "auto", (1, 1)),
        (([], []), "auto", (1, 1)),
        ("randn", 2, (2, 2)),
        ("randn", (0.5, 3), (0.5, 3)),
        ("zeros", [1, 0], (1, 0)),
        ("glorot", np.float32(0.25), (0.25, 0.25)),
    ],
)
def test_auto_scales_plain_draws_alone_to_their_inputs(init, init_scale, expected):
    """The net has nine features and sixteen relu units."""
    architecture = architecture_of(9, 16, "relu", n_classes=3)
    scales = layer_scales(init, init_scale, architecture)
    assert scales == pytest.approx(expected, rel=1e-15)
    assert all(type(scale) is float for scale in scales)
