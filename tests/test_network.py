"""The objective is the textbook's, its gradient its derivative, its symmetries exact.

Oracles: the formulas in five lines of NumPy with scikit-learn's log-loss, central
differences along random directions, and identities of the functions themselves.
"""

import numpy as np
import pytest
from core_parts import architecture_of, batches_of, starts_of
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.metrics import log_loss

from skshallow._core import objective as objective_module
from skshallow._core.batches import Block
from skshallow._core.objective import Objective
from skshallow._core.prediction import logits_by_block
from skshallow._core.ties import Ties
from skshallow._core.workspace import block_size

M, D, H = 60, 4, 5
DTYPES = [np.float64, np.float32]
TEXTBOOK = {
    "tanh": np.tanh,
    "logistic": expit,
    "relu": lambda Z: np.maximum(Z, 0),
    "identity": lambda Z: Z,
}
every_activation = pytest.mark.parametrize("activation", TEXTBOOK)
every_loss = pytest.mark.parametrize("n_classes", [2, 4])
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
every_weighting = pytest.mark.parametrize("weighted", [False, True])


def network_of(activation="tanh", n_classes=2, dtype=np.float64, n_hidden=H):
    return architecture_of(D, n_hidden, activation, n_classes, dtype)


def rows_of(n_classes=2, dtype=np.float64, weighted=False, n_rows=M):
    """X, labels and weights; every fifth weight is zero."""
    rng = np.random.RandomState(1)
    X, labels = rng.standard_normal((n_rows, D)), rng.randint(n_classes, size=n_rows)
    weight = None
    if weighted:
        weight = rng.exponential(size=n_rows).astype(dtype)
        weight[::5] = 0
    return X.astype(dtype), labels, weight


def evaluate(architecture, P, penalty, rows, block_size=M, ties=None):
    """Objective (K,) and gradient (K, p) over all rows as one batch."""
    batches = batches_of(architecture, *rows, block_size=block_size)
    objective = Objective(architecture, P, np.broadcast_to(penalty, len(P)), ties)
    ((blocks, _, _),) = batches.epoch(None)
    return objective(blocks), objective.G


def assert_close(evaluated, expected, rtol, atol):
    """Values are the same up to a ratio, and gradients up to a difference."""
    np.testing.assert_allclose(evaluated[0], expected[0], rtol=rtol)
    np.testing.assert_allclose(evaluated[1], expected[1], rtol=0, atol=atol)


def all_logits(architecture, P, X):
    """Logits (K, c, n) of all rows."""
    blocks = [(rows, Z.copy()) for rows, Z in logits_by_block(architecture, P, X)]
    order = np.concatenate([np.arange(X.shape[0])[rows] for rows, _ in blocks])
    np.testing.assert_array_equal(order, np.arange(X.shape[0]))
    return np.concatenate([Z for _, Z in blocks], axis=2)


def textbook_logits(architecture, p, X, activation):
    """(m, c) logits of one network, in float64."""
    (W1, W2), (b1, b2) = architecture.unpack(p)
    hidden = TEXTBOOK[activation](X.astype(np.float64) @ W1.T + b1)
    return hidden @ W2.T + b2


def textbook_objective(architecture, p, penalty, rows, activation):
    X, labels, weight = rows
    Z = textbook_logits(architecture, p.astype(np.float64), X, activation)
    two_classes = Z.shape[1] == 1
    probabilities = expit(Z * [-1, 1]) if two_classes else softmax(Z, axis=1)
    classes = np.arange(probabilities.shape[1])
    loss = log_loss(labels, probabilities, sample_weight=weight, labels=classes)
    weights, _ = architecture.unpack(p)
    square = sum(np.sum(W.astype(np.float64) ** 2) for W in weights)
    return loss + penalty / 2 * square


def textbook_slope(architecture, p, penalty, rows, activation, direction, step=1e-5):
    """Derivative along a direction by a central difference of the textbook's loss."""
    wide = architecture._replace(dtype=np.dtype(np.float64))
    p = p.astype(np.float64)
    ahead, behind = (
        textbook_objective(wide, p + sign * step * direction, penalty, rows, activation)
        for sign in (1, -1)
    )
    return (ahead - behind) / (2 * step)


@every_activation
@every_loss
@every_dtype
@every_weighting
@pytest.mark.parametrize("penalty", [0.0, 0.1])
@pytest.mark.parametrize("block_size", [M, 17])
def test_value_and_gradient_are_the_textbook_s(
    activation, n_classes, dtype, weighted, penalty, block_size
):
    architecture = network_of(activation, n_classes, dtype)
    P, rows = starts_of(architecture, 2), rows_of(n_classes, dtype, weighted)
    values, G = evaluate(architecture, P, penalty, rows, block_size)
    assert values.dtype == np.float64
    assert G.dtype == dtype
    tolerance = 1e-8 if dtype == np.float64 else 2e-5
    rng = np.random.RandomState(2)
    for p, value, gradient in zip(P, values, G, strict=True):
        expected = textbook_objective(architecture, p, penalty, rows, activation)
        assert value == pytest.approx(expected, rel=tolerance)
        for _ in range(4):
            direction = rng.standard_normal(P.shape[1])
            direction /= np.linalg.norm(direction)
            along = architecture, p, penalty, rows, activation, direction
            slope = textbook_slope(*along)
            assert gradient @ direction == pytest.approx(slope, abs=tolerance)


@every_activation
@every_loss
@every_dtype
@every_weighting
def test_sparse_rows_are_dense_rows(activation, n_classes, dtype, weighted):
    architecture = network_of(activation, n_classes, dtype)
    X, labels, weight = rows_of(n_classes, dtype, weighted)
    X[np.abs(X) < 0.7] = 0
    P = starts_of(architecture, 3)
    dense = evaluate(architecture, P, 0.5, (X, labels, weight), 17)
    sparse_rows = sparse.csr_matrix(X), labels, weight
    stored = evaluate(architecture, P, 0.5, sparse_rows, 17)
    tolerance = 1e-13 if dtype == np.float64 else 1e-5
    assert_close(stored, dense, rtol=tolerance, atol=tolerance)
    logits, expected = (all_logits(architecture, P, S) for S in (sparse_rows[0], X))
    np.testing.assert_allclose(logits, expected, rtol=0, atol=20 * tolerance)


def assert_lanes_are_alone(evaluated):
    """Values and gradients of all lanes are to the last bit those of each by itself.

    ``evaluated`` is given numbers of lanes, of which there are 11.
    """
    values, G = evaluated(np.arange(11))
    for k in range(11):
        value, gradient = evaluated(np.array([k]))
        np.testing.assert_array_equal(value[0], values[k])
        np.testing.assert_array_equal(gradient[0], G[k])


@every_loss
@every_dtype
@every_weighting
@pytest.mark.parametrize("n_hidden", [3, 33])
@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("block_size", [20, 300])
def test_a_lane_s_numbers_are_those_it_has_alone(
    n_classes, dtype, weighted, n_hidden, storage, block_size
):
    """Whichever penalties; 11 lanes of 33 units on 300 rows exceed one cache."""
    architecture = network_of("tanh", n_classes, dtype, n_hidden)
    P, penalty = starts_of(architecture, 11), np.linspace(0, 0.1, 11)
    X, labels, weight = rows_of(n_classes, dtype, weighted, n_rows=700)
    rows = storage(X), labels, weight
    assert_lanes_are_alone(
        lambda lanes: evaluate(architecture, P[lanes], penalty[lanes], rows, block_size)
    )
    logits = all_logits(architecture, P, rows[0])
    alone = all_logits(architecture, P[[7]], rows[0])
    np.testing.assert_array_equal(alone[0], logits[7])


@every_loss
@every_dtype
@pytest.mark.parametrize("n_rows", [1, 2, 3, 7, 8, 16, 31, 32, 33])
def test_a_lane_s_numbers_are_those_it_has_alone_on_few_rows(n_classes, dtype, n_rows):
    """Where matrices become vectors, whose products have code of their own."""
    architecture = network_of("tanh", n_classes, dtype)
    P, rows = starts_of(architecture, 11), rows_of(n_classes, dtype, n_rows=n_rows)
    assert_lanes_are_alone(lambda lanes: evaluate(architecture, P[lanes], 0.5, rows))


def blocks_of(architecture, X, labels, weight, block_size):
    """Blocks of X (..., n, D), labels and weight (..., n), with or without lanes."""
    lanes, n_rows = X.shape[:-2] or (1,), X.shape[-2]
    X = np.concatenate([X, np.ones_like(X[..., :1])], axis=-1)
    target = architecture.loss.encode(labels.ravel(), architecture.dtype)
    target, weight = (rows.reshape(*lanes, 1, n_rows) for rows in (target, weight))
    for start in range(0, n_rows, block_size):
        part = slice(start, start + block_size)
        rows = X[..., part, :]
        transpose = rows.swapaxes(-1, -2).copy()
        yield Block(rows, transpose, target[..., part], weight[..., part])


@every_loss
@every_dtype
@pytest.mark.parametrize("n_hidden", [3, 33, 200])
@pytest.mark.parametrize("block_size", [7, 20, 300])
def test_lanes_with_rows_of_their_own_have_the_numbers_they_have_alone(
    n_classes, dtype, n_hidden, block_size
):
    """11 lanes of 33 units on 300 rows exceed one cache; one of 200 nearly fills it."""
    architecture = network_of("tanh", n_classes, dtype, n_hidden)
    P, penalty = starts_of(architecture, 11), np.linspace(0, 0.1, 11)
    rows = rows_of(n_classes, dtype, weighted=True, n_rows=302)
    rng = np.random.RandomState(3)
    orders = np.array([rng.permutation(302) for _ in P])

    def evaluated(lanes):
        # A lane alone has rows without a lane axis.
        order = orders if len(lanes) > 1 else orders[lanes[0]]
        X, labels, weight = (part[order] for part in rows)
        objective = Objective(architecture, P[lanes], penalty[lanes])
        blocks = list(blocks_of(architecture, X, labels, weight, block_size))
        return objective(blocks), objective.G

    assert_lanes_are_alone(evaluated)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("penalty", [[0.0, 0.0], [0.02, 0.0]])
def test_an_objective_may_be_evaluated_again_and_again(weighted, penalty):
    """Its buffers carry nothing over: neither between points nor between batches.

    Objectives may also be asked for later, many batches at a time.
    """
    architecture = network_of()
    P, (X, labels, weight) = starts_of(architecture, 2), rows_of(weighted=weighted)
    batches = batches_of(architecture, X, labels, weight, batch_size=25, block_size=10)
    at_once = Objective(architecture, P, np.array(penalty))
    later = Objective(architecture, P, np.array(penalty))
    expected = []
    for shift in (0.0, 0.3):
        P += shift
        for i, (blocks, _, _) in enumerate(batches.epoch(None)):
            part = slice(25 * i, 25 * i + 25)
            rows = X[part], labels[part], weight if weight is None else weight[part]
            values, G = evaluate(architecture, P, penalty, rows, 10)
            np.testing.assert_array_equal(at_once(blocks), values)
            np.testing.assert_array_equal(at_once.G, G)
            later.gradient(blocks)
            np.testing.assert_array_equal(later.G, G)
            expected.append(values)
    np.testing.assert_array_equal(later.values(), expected)


def test_deferred_rows_that_outgrow_their_memory_are_evaluated_on_the_way(monkeypatch):
    architecture = network_of()
    P, rows = starts_of(architecture, 3), rows_of()
    expected, _ = evaluate(architecture, P, 0.5, rows, 10)
    for capacity in (1, 25 * 8 * 3):
        monkeypatch.setattr(objective_module, "DEFERRED_BYTES", capacity)
        values, _ = evaluate(architecture, P, 0.5, rows, 10)
        np.testing.assert_array_equal(values, expected)


@every_activation
@every_loss
def test_permuting_hidden_units_changes_no_prediction(activation, n_classes):
    architecture = network_of(activation, n_classes)
    X, _, _ = rows_of(n_classes)
    p, order = starts_of(architecture, 1)[0], np.random.RandomState(4).permutation(H)
    (W1, W2), (b1, b2) = architecture.unpack(p)
    q = architecture.pack((W1[order], W2[:, order]), (b1[order], b2))
    Z = all_logits(architecture, np.array([p, q]), X)
    np.testing.assert_allclose(Z[1], Z[0], rtol=0, atol=1e-14)


@every_activation
@every_loss
@every_dtype
def test_logits_are_the_textbook_s_over_any_number_of_blocks(
    activation, n_classes, dtype
):
    architecture = network_of(activation, n_classes, dtype)
    n_rows = 2 * block_size(architecture) + 7
    X, _, _ = rows_of(n_classes, dtype, n_rows=n_rows)
    P = starts_of(architecture, 3)
    kept = P.copy()
    Z = all_logits(architecture, P, X)
    assert Z.shape == (3, architecture.loss.n_outputs, n_rows)
    assert Z.dtype == dtype
    tolerance = 1e-13 if dtype == np.float64 else 1e-4
    for p, logits in zip(P, Z, strict=True):
        expected = textbook_logits(architecture, p, X, activation).T
        np.testing.assert_allclose(logits, expected, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(P, kept)


def tied_pairs(ties):
    if ties is None:
        return set()
    triples = zip(ties.lane, ties.unit, ties.first, strict=True)
    return {(int(k), int(u), int(f)) for k, u, f in triples}


def equal_pairs(hidden, output):
    """Each unit that equals an earlier one, with the first such, by comparing all."""
    found = set()
    for k in range(len(hidden)):
        units = [(*hidden[k, u], *output[k, :, u]) for u in range(hidden.shape[1])]
        first = [units.index(unit) for unit in units]
        found |= {(k, u, first[u]) for u in range(len(units)) if first[u] < u}
    return found


@pytest.mark.parametrize(("n_hidden", "scale"), [(64, 1), (1, 0)])
def test_without_equal_units_there_are_no_ties(n_hidden, scale):
    """Among many units that differ, and of a single one."""
    architecture = network_of(n_hidden=n_hidden)
    layers = architecture.layers(scale * starts_of(architecture, 5))
    assert Ties.find(*layers) is None


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 9), st.integers(1, 3))
def test_ties_are_all_equal_pairs_and_no_others(seed, K, h, c):
    """Equal in incoming weights, bias and outgoing weights: the output bias is no part
    of a unit."""
    rng = np.random.RandomState(seed)
    hidden, output = rng.randint(2, size=(K, h, 3)), rng.randint(2, size=(K, c, h + 1))
    ties = Ties.find(hidden, output)
    assert tied_pairs(ties) == equal_pairs(hidden, output)


@given(st.integers(0, 10**6))
def test_kept_ties_are_those_of_the_lanes_that_are_left(seed):
    rng = np.random.RandomState(seed)
    hidden, output = rng.randint(2, size=(6, 5, 2)), rng.randint(2, size=(6, 1, 6))
    lanes = np.flatnonzero(rng.randint(2, size=6))
    ties = Ties.find(hidden, output)
    kept = ties and ties.keep(lanes)
    assert tied_pairs(kept) == equal_pairs(hidden[lanes], output[lanes])


@every_activation
@every_loss
@every_dtype
def test_tied_units_get_one_gradient_and_it_is_the_right_one(
    activation, n_classes, dtype
):
    architecture = network_of(activation, n_classes, dtype, n_hidden=7)
    P, rows = starts_of(architecture, 2), rows_of(n_classes, dtype)
    hidden, output = architecture.layers(P)
    hidden[1, 2:], output[1, :, 2:-1] = hidden[1, 2:3], output[1, :, 2:3]
    ties = Ties.find(hidden, output)
    _, free = evaluate(architecture, P, 0.5, rows)
    _, tied = evaluate(architecture, P, 0.5, rows, ties=ties)
    G_hidden, G_output = architecture.layers(tied)
    for unit in range(3, 7):
        np.testing.assert_array_equal(G_hidden[1, unit], G_hidden[1, 2])
        np.testing.assert_array_equal(G_output[1, :, unit], G_output[1, :, 2])
    atol = 1e-14 if dtype == np.float64 else 1e-6
    np.testing.assert_allclose(tied, free, rtol=0, atol=atol)
    np.testing.assert_array_equal(tied[0], free[0])


@pytest.mark.parametrize("penalty", [1e-60, 1e-40, 1e-20, 1e20, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_penalty_of_any_size_has_its_value(penalty, dtype):
    """Neither its square nor its inverse may overflow on the way."""
    architecture = architecture_of(2, 3, dtype=dtype)
    weights = [np.full(shape, 0.5) for shape in architecture.weight_shapes]
    P = architecture.pack(weights, [np.zeros(3), np.zeros(1)])[None]
    rows = np.ones((4, 2), dtype), np.array([0, 1, 1, 0]), None
    with np.errstate(all="ignore"):
        free, _ = evaluate(architecture, P, 0.0, rows)
        penalised, _ = evaluate(architecture, P, penalty, rows)
    assert penalised == pytest.approx(free + penalty / 2 * 9 * 0.25, rel=1e-6)


@every_dtype
@every_loss
def test_a_penalty_beyond_all_numbers_leaves_biases_their_gradient(n_classes, dtype):
    architecture = network_of("tanh", n_classes, dtype)
    P, (X, labels, _) = starts_of(architecture, 2), rows_of(n_classes, dtype)
    rows = X, labels, None
    with np.errstate(all="ignore"):
        _, free = evaluate(architecture, P, 0.0, rows)
        _, penalised = evaluate(architecture, P, np.inf, rows)
    biases = architecture.is_weight() == 0
    assert np.isfinite(free).all()
    np.testing.assert_array_equal(penalised[:, biases], free[:, biases])
