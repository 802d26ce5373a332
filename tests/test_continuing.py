"""Training in pieces equals one fit, bit for bit.

A piece is a number, which is a warm start of so many iterations, a pass over the rows
by ``partial_fit``, or a copy through a pickle. That a plain fit starts anew is stated
in ``test_any_sequence``.
"""

import pickle
from functools import partial

import nets
import numpy as np
import pytest
from sklearn.metrics import log_loss

RNG = np.random.RandomState(0)
X = RNG.standard_normal((70, 3))
LABELS = {2: (X[:, 0] * X[:, 1] > 0).astype(int), 3: RNG.randint(3, size=70)}
Y = LABELS[2]
SOLVERS = ["gd", "sgd", "adam"]
PASS, COPY = "pass", "copy"
PIECES = [
    [PASS] * 6,
    [1, 2, 3],
    [4, 2],
    [PASS, PASS, 4],
    [4, PASS, PASS],
    [PASS, COPY, PASS, PASS, COPY, 3],
    [1, COPY, 4, COPY, PASS],
]
every_solver = pytest.mark.parametrize("solver", SOLVERS)


# In partial_fit the penalty is over all rows so far, of which a fit has fewer.
net = partial(nets.net, alpha=0.0, batch_size=16, learning_rate_init=0.05, max_iter=6)


def trained(net, *pieces, X=X, y=Y):
    for piece in pieces:
        if piece is PASS:
            net.partial_fit(X, y, classes=np.unique(y))
        elif piece is COPY:
            net = pickle.loads(pickle.dumps(net))
        else:
            net.set_params(warm_start=True, max_iter=piece).fit(X, y)
    return net


def assert_same_run(one, other):
    """Assert equal weights and histories, however the calls count their iterations."""
    nets.assert_same_net(one, other, {"n_iter_", "status_", "init_losses_"})


@every_solver
@pytest.mark.parametrize("shuffle", [False, True])
@nets.either_precision
@nets.either_kind
@pytest.mark.parametrize("pieces", PIECES, ids=str)
def test_pieces_equal_a_fit(pieces, solver, shuffle, dtype, n_classes):
    """A copy is the same net, and training either does not change the other."""
    params = {"solver": solver, "shuffle": shuffle, "max_iter": 6}
    rows = {"X": X.astype(dtype), "y": LABELS[n_classes]}
    whole = net(**params).fit(**rows)
    in_pieces = net(**params)
    for k, piece in enumerate(pieces):
        before, in_pieces = in_pieces, trained(in_pieces, piece, **rows)
        if piece is COPY:
            assert_same_run(in_pieces, before)
            assert_same_run(trained(before, *pieces[k + 1 :], **rows), whole)
        else:
            n_iter = len(in_pieces.loss_curve_) if piece is PASS else piece
            assert in_pieces.n_iter_ == n_iter
    assert_same_run(in_pieces, whole)


# partial_fit


def test_a_pass_ignores_max_iter_and_tol():
    params = {"solver": "adam", "max_iter": 1, "tol": 100.0, "n_iter_no_change": 1}
    plain = trained(net(solver="adam"), *[PASS] * 5)
    assert_same_run(trained(net(**params), *[PASS] * 5), plain)


@every_solver
def test_a_pass_goes_over_the_rows_it_is_given(solver):
    """Two calls with half the rows each are two passes."""
    params = {"solver": solver, "shuffle": False, "batch_size": 35, "alpha": 0.0}
    halves = net(**params)
    halves.partial_fit(X[:35], Y[:35], classes=[0, 1]).partial_fit(X[35:], Y[35:])
    assert halves.n_iter_ == 2
    if solver != "gd":  # one pass over two batches of the same rows
        whole = net(**params, max_iter=1).fit(X, Y)
        np.testing.assert_array_equal(halves.coefs_[0], whole.coefs_[0])


def test_the_penalty_is_over_the_rows_given_so_far():
    """The loss of weights that stand still shows the penalty over all rows so far."""
    frozen = net(solver="gd", learning_rate_init=1e-300, alpha=0.5)
    calls = [(slice(0, 30), None), (slice(30, 31), [0.2]), (slice(40, 60), [3.0] * 20)]
    total = n_given = 0
    for rows, weight in calls:
        frozen.partial_fit(X[rows], Y[rows], weight, classes=[0, 1])
        n_given += rows.stop - rows.start
        total += sum(weight or [1] * (rows.stop - rows.start))
        cost = log_loss(Y[rows], frozen.predict_proba(X[rows]), labels=[0, 1])
        squares = sum(np.sum(coef**2) for coef in frozen.coefs_)
        expected = cost + 0.5 / (2 * max(total, n_given)) * squares
        assert frozen.loss_ == pytest.approx(expected, rel=1e-12)


@every_solver
def test_rows_without_weight_make_no_update(solver):
    """A stream may hold rows without weight, but the first call needs one with it."""
    with_empty = net(solver=solver, alpha=0.5)
    without = net(solver=solver, alpha=0.5)
    for k in range(6):
        row = slice(k, k + 1)
        with_empty.partial_fit(X[row], Y[row], classes=[0, 1])
        with_empty.partial_fit(X[row], Y[row], [0.0])
        without.partial_fit(X[row], Y[row], classes=[0, 1])
    assert_same_run(with_empty, without)
    with pytest.raises(ValueError, match="not among the classes"):
        with_empty.partial_fit(X[:1], [7], [0.0])


def test_a_pass_may_see_some_of_the_classes():
    passes = net(solver="sgd").partial_fit(X[:20], np.ones(20, int), classes=[0, 1, 2])
    passes.partial_fit(X[20:40], np.full(20, 2))
    passes.partial_fit(X, LABELS[3], classes=[0, 1, 2])
    assert passes.classes_.tolist() == [0, 1, 2]
    assert passes.predict_proba(X).shape == (70, 3)


# warm_start


def test_warm_start_goes_on_with_validation_curves():
    held_out = {"X_val": X[:20], "y_val": Y[:20]}
    whole = net(solver="adam", max_iter=6).fit(X, Y, **held_out)
    warm = net(solver="adam", max_iter=3, warm_start=True)
    warm.fit(X, Y, **held_out).fit(X, Y, **held_out)
    assert warm.validation_scores_ == whole.validation_scores_
    assert warm.validation_loss_curve_ == whole.validation_loss_curve_


def test_warm_start_keeps_the_losses_of_all_starts():
    warm = net(n_init=3, warm_start=True).fit(X, Y)
    before = warm.init_losses_
    np.testing.assert_array_equal(warm.fit(X, Y).init_losses_, before)
    assert len(before) == 3


@pytest.mark.parametrize("seed", [0, np.random.RandomState(0), None])
def test_warm_start_keeps_the_split(seed):
    """If the weights are frozen, every validation loss is that of the same rows."""
    frozen = net(solver="sgd", learning_rate_init=1e-300, early_stopping=True)
    trained(frozen.set_params(random_state=seed), 2, 3)
    assert len(frozen.validation_loss_curve_) == 5
    assert len(set(frozen.validation_loss_curve_)) == 1


@nets.ignored("Penalty")
def test_warm_start_takes_new_settings():
    """A new heavy penalty raises the loss, and a new tiny rate keeps the weights."""
    warm = trained(net(solver="adam"), 3)
    before, best = warm.coefs_[0].copy(), min(warm.loss_curve_)
    trained(warm.set_params(learning_rate_init=1e-300, alpha=100.0), 2)
    np.testing.assert_array_equal(warm.coefs_[0], before)
    assert len(warm.loss_curve_) == 5
    assert warm.best_loss_ == best < warm.loss_ == warm.loss_curve_[-1]


@pytest.mark.parametrize("first", SOLVERS + ["lbfgs"])
@pytest.mark.parametrize("second", SOLVERS + ["lbfgs"])
def test_another_solver_goes_on_from_the_weights(first, second):
    warm = trained(net(solver=first, shuffle=False), 4)
    explicit = net(solver=second, shuffle=False, max_iter=3)
    explicit.set_params(init=(warm.coefs_, warm.intercepts_))
    trained(warm.set_params(solver=second), 3)
    if first != second:
        explicit.fit(X, Y)
        np.testing.assert_array_equal(warm.coefs_[0], explicit.coefs_[0])
        assert warm.loss_curve_[4:] == explicit.loss_curve_


# A plain fit


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("piece", [PASS, 1])
def test_a_plain_fit_discards_optimizer_state(solver, piece):
    """A later call has no moments, as if training began at the weights of the fit."""
    fitted = net(solver=solver, shuffle=False).fit(X, Y)
    explicit = net(solver=solver, shuffle=False)
    explicit.set_params(init=(fitted.coefs_, fitted.intercepts_))
    trained(fitted, piece), trained(explicit, piece)
    np.testing.assert_array_equal(fitted.coefs_[0], explicit.coefs_[0])
    assert fitted.loss_curve_[6:] == explicit.loss_curve_
