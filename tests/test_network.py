"""The objective is the textbook's, its gradient its derivative, its symmetries exact.

Oracles: the formulas in five lines of NumPy with scikit-learn's log-loss, central
differences along random directions, and identities of the functions themselves.
"""

import numpy as np
import pytest
from core_parts import architecture_of, batches_of, starts_of
from hypothesis import given
from hypothesis import strategies as st
from nets import either_precision
from numpy.random import RandomState
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.metrics import log_loss

from skshallow._core.evaluation import logits_by_block
from skshallow._core.objective import Objective
from skshallow._core.ties import Ties
from skshallow._core.workspace import block_size

M, D, H = 60, 4, 5
TEXTBOOK = {
    "tanh": np.tanh,
    "logistic": expit,
    "relu": lambda Z: np.maximum(Z, 0),
    "identity": lambda Z: Z,
}
every_activation = pytest.mark.parametrize("activation", TEXTBOOK)
every_loss = pytest.mark.parametrize("n_classes", [2, 4])
every_weighting = pytest.mark.parametrize("weighted", [False, True])
every_storage = pytest.mark.parametrize("storage", [np.asarray, sparse.csr_matrix])


@pytest.fixture(scope="module", autouse=True)
def _training_ignores_floating_point_flags():
    """As in training: a product of finite numbers once set the flag "invalid"."""
    with np.errstate(all="ignore"):
        yield


def network_of(activation="tanh", n_classes=2, dtype=np.float64, n_hidden=H):
    return architecture_of(D, n_hidden, activation, n_classes, dtype)


def rows_of(n_classes=2, dtype=np.float64, weighted=False, n_rows=M):
    """X, labels and weights; some features and every fifth weight are zero."""
    rng = RandomState(1)
    X, labels = rng.standard_normal((n_rows, D)), rng.randint(n_classes, size=n_rows)
    X[np.abs(X) < 0.3] = 0
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
@either_precision
@every_weighting
@every_storage
@pytest.mark.parametrize("block_size", [M, 17])
def test_value_and_gradient_are_the_textbook_s(
    activation, n_classes, dtype, weighted, storage, block_size
):
    architecture, rng = network_of(activation, n_classes, dtype), RandomState(2)
    P, penalties = starts_of(architecture, 2), np.array([0.0, 0.1])
    X, labels, weight = rows = rows_of(n_classes, dtype, weighted)
    stored = storage(X), labels, weight
    values, G = evaluate(architecture, P, penalties, stored, block_size)
    assert (values.dtype, G.dtype) == (np.float64, dtype)
    exact, tolerance = (1e-13, 1e-8) if dtype == np.float64 else (1e-6, 2e-5)
    for p, penalty, value, gradient in zip(P, penalties, values, G, strict=True):
        expected = textbook_objective(architecture, p, penalty, rows, activation)
        assert value == pytest.approx(expected, rel=exact)
        for _ in range(4):
            direction = rng.standard_normal(P.shape[1])
            direction /= np.linalg.norm(direction)
            along = architecture, p, penalty, rows, activation, direction
            slope = textbook_slope(*along)
            assert gradient @ direction == pytest.approx(slope, abs=tolerance)


SHARED = {
    "dense": (np.asarray, False),
    "dense, weighted": (np.asarray, True),
    "sparse": (sparse.csr_matrix, False),
    "sparse, weighted": (sparse.csr_matrix, True),
}
# Units, rows of a batch and of a block. 11 lanes of 33 units on 300 rows exceed one
# cache, and one of 200 nearly fills it. Of few rows matrices become vectors, whose
# products have code of their own.
SIZES = [(h, 302, block) for h in (3, 33, 200) for block in (7, 20, 300)]
SIZES += [(H, n_rows, M) for n_rows in (1, 2, 3, 7, 8, 16, 31, 32, 33)]


def numbers_of(architecture, batches, P, penalty, streams):
    """Objectives (2, K) and gradients (2, K, p) of the two batches of an epoch."""
    objective = Objective(architecture, P, penalty)
    epoch = batches.epoch(streams)
    found = [(objective(blocks), objective.G.copy()) for blocks, _, _ in epoch]
    return map(np.array, zip(*found, strict=True))


@every_loss
@either_precision
@pytest.mark.parametrize(("n_hidden", "n_rows", "block_size"), SIZES)
@pytest.mark.parametrize("kind", [*SHARED, "of their own"])
def test_a_lane_computes_as_alone(n_classes, dtype, n_hidden, n_rows, block_size, kind):
    """The lanes have different penalties, and rows that they share or of their own."""
    architecture = network_of("tanh", n_classes, dtype, n_hidden)
    P, penalty = starts_of(architecture, 11), np.linspace(0, 0.1, 11)
    storage, weighted = SHARED.get(kind, SHARED["dense"])
    X, *rest = rows_of(n_classes, dtype, weighted, 2 * n_rows)
    rows, is_shared = (storage(X), *rest), kind in SHARED
    sizes = {"batch_size": n_rows, "block_size": block_size, "shuffle": True}

    def numbers(lanes):
        batches = batches_of(architecture, *rows, **sizes)
        streams = [RandomState(0)] * 11 if is_shared else [*map(RandomState, range(11))]
        of_lanes = P[lanes], penalty[lanes], streams[lanes]
        return numbers_of(architecture, batches, *of_lanes)

    values, G = numbers(slice(11))
    for k in range(11):
        value, gradient = numbers(slice(k, k + 1))
        np.testing.assert_array_equal(value[:, 0], values[:, k])
        np.testing.assert_array_equal(gradient[:, 0], G[:, k])
    logits = all_logits(architecture, P, rows[0])
    alone = all_logits(architecture, P[[7]], rows[0])
    np.testing.assert_array_equal(alone[0], logits[7])


@every_weighting
@pytest.mark.parametrize("penalty", [[0.0, 0.0], [0.02, 0.0]])
def test_an_objective_may_be_evaluated_again_and_again(weighted, penalty):
    """The buffers carry nothing over, neither between points nor between batches.

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
    later.clear()
    later.gradient(blocks)
    np.testing.assert_array_equal(later.values(), expected[-1:])


def test_deferred_rows_that_outgrow_their_memory_are_evaluated_on_the_way(monkeypatch):
    architecture = network_of()
    P, rows = starts_of(architecture, 3), rows_of()
    expected, _ = evaluate(architecture, P, 0.5, rows, 10)
    for capacity in (1, 25 * 8 * 3):
        monkeypatch.setattr("skshallow._core.objective.DEFERRED_BYTES", capacity)
        values, _ = evaluate(architecture, P, 0.5, rows, 10)
        np.testing.assert_array_equal(values, expected)


@every_activation
@every_loss
def test_permuting_hidden_units_changes_no_prediction(activation, n_classes):
    architecture = network_of(activation, n_classes)
    X, _, _ = rows_of(n_classes)
    p, order = starts_of(architecture, 1)[0], RandomState(4).permutation(H)
    (W1, W2), (b1, b2) = architecture.unpack(p)
    q = architecture.pack((W1[order], W2[:, order]), (b1[order], b2))
    Z = all_logits(architecture, np.array([p, q]), X)
    np.testing.assert_allclose(Z[1], Z[0], rtol=0, atol=1e-14)


@every_activation
@every_loss
@either_precision
@every_storage
def test_logits_are_the_textbook_s_in_all_blocks(activation, n_classes, dtype, storage):
    architecture = network_of(activation, n_classes, dtype)
    n_rows = 2 * block_size(architecture) + 7
    X, _, _ = rows_of(n_classes, dtype, n_rows=n_rows)
    P = starts_of(architecture, 3)
    kept = P.copy()
    Z = all_logits(architecture, P, storage(X))
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
    assert len(ties.lane) > 0
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


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 9), st.integers(1, 3))
def test_ties_are_all_equal_pairs_of_the_lanes_that_are_left(seed, K, h, c):
    """Tied units are equal in incoming weights, bias and outgoing weights.

    The output bias is no part of a unit. Without equal units there are no ties.
    """
    rng = RandomState(seed)
    hidden, output = rng.randint(2, size=(K, h, 3)), rng.randint(2, size=(K, c, h + 1))
    ties = Ties.find(hidden, output)
    assert tied_pairs(ties) == equal_pairs(hidden, output)
    lanes = np.flatnonzero(rng.randint(2, size=K))
    kept = ties and ties.keep(lanes)
    assert tied_pairs(kept) == equal_pairs(hidden[lanes], output[lanes])


@every_activation
@every_loss
@either_precision
def test_tied_units_get_one_gradient_which_is_right(activation, n_classes, dtype):
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


@pytest.mark.parametrize("penalty", [1e-60, 1e-40, 1e-20, 1e20, 1e30, np.inf])
@either_precision
@every_loss
def test_a_penalty_of_any_size_counts_and_spares_biases(n_classes, dtype, penalty):
    """Neither the square nor the inverse of a penalty overflows on the way."""
    architecture = network_of("tanh", n_classes, dtype)
    P, rows = starts_of(architecture, 2), rows_of(n_classes, dtype)
    is_weight = architecture.is_weight() > 0
    with np.errstate(all="ignore"):
        free, G = evaluate(architecture, P, 0.0, rows)
        penalised, penalised_G = evaluate(architecture, P, penalty, rows)
    if np.isfinite(penalty):
        square = np.sum(P[:, is_weight].astype(float) ** 2, axis=1)
        np.testing.assert_allclose(penalised, free + penalty / 2 * square, rtol=1e-6)
    assert np.isfinite(G).all()
    np.testing.assert_array_equal(penalised_G[:, ~is_weight], G[:, ~is_weight])
