"""A start is unit draws times a scale: what is drawn, in what order, how it is scaled.

What is no start is stated in ``test_errors``. Oracles: NumPy's own stream, variances of
the papers, and the uniqueness of the QR factorisation with a positive diagonal.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skshallow._core.initializers import (
    SCHEMES,
    is_random,
    layer_scales,
    starting_weights,
)

SHAPES = (7, 5), (3, 7)  # W1 is (n_hidden, n_features), W2 is (n_outputs, n_hidden)
RANDOM_SCHEMES = ["randn", "glorot", "he", "lecun", "orthogonal"]
VARIANCE = {
    "randn": lambda n_in, n_out: 1,
    "glorot": lambda n_in, n_out: 2 / (n_in + n_out),
    "he": lambda n_in, n_out: 2 / n_in,
    "lecun": lambda n_in, n_out: 1 / n_in,
}


def start(init, scale=1.0, seed=0, shapes=SHAPES, dtype=np.float64):
    rng = np.random.RandomState(seed)
    return starting_weights(init, scale, rng, shapes, dtype, "tanh")


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


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_the_lecture_s_start(scale):
    """W1 = randn(n1, n0) * 0.01, W2 = randn(n2, n1) * 0.01, biases zero."""
    weights, biases = start("randn", scale)
    for W, draw in zip(weights, unit_draws(), strict=True):
        np.testing.assert_array_equal(W, scale * draw)
    for bias, shape in zip(biases, SHAPES, strict=True):
        np.testing.assert_array_equal(bias, np.zeros(shape[0]))


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (6, 6), (1, 5), (5, 1)])
def test_orthogonal_is_the_factor_whose_r_has_a_positive_diagonal(shape):
    """Rows or columns are orthonormal. Only then is it uniform, and it is unique."""
    W = start("orthogonal", shapes=(shape, (1, shape[0])))[0][0]
    draw = unit_draws(shapes=(shape,))[0]
    if shape[0] < shape[1]:
        W, draw = W.T, draw.T
    R = W.T @ draw
    np.testing.assert_allclose(W.T @ W, np.eye(min(shape)), atol=1e-14)
    np.testing.assert_allclose(W @ R, draw, atol=1e-13)
    np.testing.assert_allclose(R, np.triu(R), atol=1e-13)
    assert (np.diag(R) > 0).all()


def test_orthogonal_turns_with_the_draw():
    """A rotation of the Gaussian draw rotates the result: the law of Haar's measure."""
    rng = np.random.RandomState(3)
    draw = rng.standard_normal((6, 6))
    rotation = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    make = SCHEMES["orthogonal"].shape_gain
    np.testing.assert_allclose(make(rotation @ draw), rotation @ make(draw), atol=1e-13)


def test_zeros_are_zeros_at_any_scale():
    weights, biases = start("zeros", 5.0)
    assert not any(np.any(array) for array in weights + biases)


@pytest.mark.parametrize("init", [*RANDOM_SCHEMES, "zeros", explicit_start()[0]])
def test_a_random_start_advances_the_stream_by_its_weights_alone(init):
    """And no other start advances it."""
    rng, expected = np.random.RandomState(0), np.random.RandomState(0)
    starting_weights(init, "auto", rng, SHAPES, np.float32, "relu")
    if init in RANDOM_SCHEMES:
        expected.standard_normal(sum(np.prod(shape) for shape in SHAPES))
    assert rng.standard_normal() == expected.standard_normal()


@given(
    st.sampled_from(RANDOM_SCHEMES),
    st.floats(1e-6, 1e6),
    st.floats(1e-6, 1e6),
    st.integers(0, 2**32 - 1),
)
def test_the_start_at_scale_s_is_s_times_the_start_at_scale_1(name, s1, s2, seed):
    weights_1, _ = start(name, 1.0, seed)
    weights, biases = start(name, (s1, s2), seed)
    for W, W_1, s in zip(weights, weights_1, (s1, s2), strict=True):
        np.testing.assert_array_equal(W, s * W_1)
    assert not any(np.any(bias) for bias in biases)


@pytest.mark.parametrize("name", [*RANDOM_SCHEMES, "zeros"])
def test_the_type_asked_for_is_a_rounding_of_the_same_draws(name):
    narrow_weights, narrow_biases = start(name, "auto", dtype=np.float32)
    wide_weights, _ = start(name, "auto")
    for narrow, wide in zip(narrow_weights, wide_weights, strict=True):
        assert narrow.dtype == np.float32
        np.testing.assert_array_equal(narrow, wide.astype(np.float32))
    assert all(bias.dtype == np.float32 for bias in narrow_biases)


def test_a_callable_is_asked_for_the_hidden_layer_first():
    asked = []

    def init(rng, shape):
        asked.append((rng, shape))
        return rng.uniform(size=shape)

    rng, expected = np.random.RandomState(0), np.random.RandomState(0)
    weights, biases = starting_weights(
        init, (2.0, 3.0), rng, SHAPES, np.float64, "relu"
    )
    assert asked == [(rng, SHAPES[0]), (rng, SHAPES[1])]
    np.testing.assert_array_equal(weights[0], 2 * expected.uniform(size=SHAPES[0]))
    np.testing.assert_array_equal(weights[1], 3 * expected.uniform(size=SHAPES[1]))
    assert not any(np.any(bias) for bias in biases)


def test_a_callable_may_give_lists():
    weights, _ = start(lambda rng, shape: np.ones(shape, int).tolist(), 0.5)
    for W, shape in zip(weights, SHAPES, strict=True):
        np.testing.assert_array_equal(W, np.full(shape, 0.5))


def test_explicit_weights_are_scaled_and_explicit_biases_are_not():
    init, expected_weights, expected_biases = explicit_start()
    weights, biases = start(init, (2.0, 0.5))
    np.testing.assert_array_equal(weights[0], 2 * expected_weights[0])
    np.testing.assert_array_equal(weights[1], 0.5 * expected_weights[1])
    for bias, expected in zip(biases, expected_biases, strict=True):
        np.testing.assert_array_equal(bias, expected)


def test_explicit_arrays_are_copied():
    (coefs, intercepts), _, _ = explicit_start()
    weights, biases = start((coefs, intercepts))
    for copied, own in zip(weights + biases, coefs + intercepts, strict=True):
        assert not np.shares_memory(copied, own)


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
def test_auto_scales_plain_draws_to_their_inputs_and_nothing_else(
    init, init_scale, expected
):
    """Nine features and sixteen relu units here."""
    scales = layer_scales(init, init_scale, "relu", ((16, 9), (3, 16)))
    assert scales == pytest.approx(expected, rel=1e-15)
    assert all(type(scale) is float for scale in scales)


def test_which_inits_can_give_different_starts():
    assert all(is_random(name) for name in RANDOM_SCHEMES)
    assert is_random(lambda rng, shape: rng.uniform(size=shape))
    assert not is_random("zeros")
    assert not is_random(explicit_start()[0])
