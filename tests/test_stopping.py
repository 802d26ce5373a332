"""How training ends: on a plateau, by patience or budget, by validation, by divergence.

The plateau is where the loss is within 1% of the constant predictor's. Patience is not
counted there, nor above it while the loss is also above its first value.
tests/test_parity.py shows where scikit-learn's rule would have stopped.
"""

import warnings
from contextlib import nullcontext
from unittest.mock import Mock

import numpy as np
import pytest
from nets import (
    either_kind,
    either_precision,
    every_solver,
    ignored,
    raises_and_leaves_alone,
)
from scipy.special import xlogy
from searches import exploding
from sklearn.datasets import load_breast_cancer, make_gaussian_quantiles
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale

from skshallow import ShallowNetClassifier
from skshallow._core import lbfgs, workspace
from skshallow._core.losses import constant_predictor_loss
from skshallow._fit.samples import Samples, hold_out
from skshallow.datasets import make_flower
from skshallow.exceptions import SymmetryWarning

FLOWER, PETAL = make_flower(random_state=1)
CANCER = scale(load_breast_cancer().data)[:300], load_breast_cancer().target[:300]
LINE = np.random.RandomState(0).uniform(-1, 1, (400, 1))
ENDS = LINE, np.abs(LINE[:, 0]) > 0.7
SHELLS = make_gaussian_quantiles(
    n_samples=400, n_features=3, n_classes=5, random_state=0
)
CONSTANT_LOSS = np.log(2)  # of the flower: both classes have 200 points
ENDED_ABOVE = "(?s)training ended at a loss .* above that of the constant predictor"


def net(n_hidden=4, **params):
    """A net with a stopping rule, from the lecture's start if no other is given."""
    defaults = {"activation": "tanh", "learning_rate": "constant", "max_iter": 500}
    defaults |= {"alpha": 0.01, "tol": 1e-3, "random_state": 0}
    if params.get("init", "randn") == "randn":
        defaults["init_scale"] = 0.01
    return ShallowNetClassifier(n_hidden, **{**defaults, **params})


def ended(data, status, n_iter=None, said=None, **params):
    """Fit a net; assert its status, its number of iterations and its warning."""
    fitted = net(**params)
    with pytest.warns(ConvergenceWarning, match=said) if said else nullcontext():
        fitted.fit(*data)
    assert fitted.status_ == status
    assert len(fitted.loss_curve_) == fitted.n_iter_
    assert n_iter in (None, fitted.n_iter_)
    return fitted


# Plateaus


@every_solver
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_small_start_learns_the_flower(solver, seed):
    params = {"n_hidden": 8, "solver": solver, "random_state": seed, "max_iter": 20_000}
    small = ended((FLOWER, PETAL), "converged", **params)
    assert small.score(FLOWER, PETAL) > 0.8


@every_solver
@pytest.mark.parametrize(
    ("weights", "early_stopping"),
    [(np.ones(400), False), (np.where(PETAL, 3.0, 1.0), False), (np.ones(400), True)],
)
def test_a_zero_start_stays_on_a_plateau_and_says_why(solver, weights, early_stopping):
    stuck = net(init="zeros", solver=solver, max_iter=2000, tol=1e-6)
    stuck.set_params(learning_rate_init=0.02, n_iter_no_change=10, batch_size=360)
    stuck.set_params(early_stopping=early_stopping)
    with pytest.warns(SymmetryWarning, match="init='randn'"):
        stuck.fit(FLOWER, PETAL, weights)
    assert stuck.status_ == "plateau"
    if solver != "lbfgs":  # scipy has nothing left to do
        assert stuck.n_iter_ == 2000
    share = np.bincount(PETAL, weights) / weights.sum()
    assert stuck.loss_ == pytest.approx(-xlogy(share, share).sum(), rel=0.01)
    assert stuck.coefs_[0].tolist() == np.zeros((2, 4)).tolist()


@every_solver
@pytest.mark.parametrize("cosine", [False, True])
def test_a_tiny_start_stays_on_the_plateau_and_is_told_what_to_try(solver, cosine):
    """The advice is the same without a stopping rule, and names only a given rate.

    L-BFGS has not used all iterations, and is advised ``tol=None``.
    """
    params = {"init_scale": 1e-20, "solver": solver, "max_iter": 20}
    if cosine:
        params |= {"learning_rate": "cosine", "tol": "auto"}
    params["learning_rate_init"] = "auto" if solver == "gd" else 1e-9
    ways = ["init_scale='auto'", "tol=None" if solver == "lbfgs" else "max_iter"]
    ways += ["learning_rate_init='auto'"] if solver in ("sgd", "adam") else []
    said = "(?s)plateau" + "".join(f"(?=.*{way})" for way in ways)
    ended((FLOWER, PETAL), "plateau", said=said, **params)


def test_a_loss_above_the_plateau_is_not_on_it():
    """A start that is worse than the constant predictor may run out of patience."""
    units = np.linspace(0.99, 1.01, 4)
    wrong = [np.stack([units] * 2), np.full((4, 1), 2.0)], [np.zeros(4), np.zeros(1)]
    params = {"init": wrong, "solver": "gd", "learning_rate_init": 1e-9}
    params["n_iter_no_change"] = 5
    impatient = ended((FLOWER, PETAL), "converged", 7, ENDED_ABOVE, **params)
    assert impatient.loss_ > 1.05 * CONSTANT_LOSS


@either_kind
def test_a_loss_that_leaps_about_above_the_plateau_is_not_called_settled(n_classes):
    params = {"solver": "adam", "learning_rate_init": 3.0, "batch_size": 20}
    params |= {"n_iter_no_change": 3, "alpha": 0.0}
    data = FLOWER, np.arange(len(FLOWER)) % n_classes
    leaping = ended(data, "converged", said=ENDED_ABOVE, **params)
    assert leaping.loss_ > 1.05 * np.log(n_classes)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("table", "least"), [(ENDS, 0.9), (SHELLS, 0.6)])
def test_a_loss_that_long_steps_lead_above_the_plateau_is_waited_for(
    table, least, seed
):
    """The loss rises at first, and falls below that of guessing after 80 iterations.

    Guessing gets 0.69 of the first table right, and 0.2 of the second.
    """
    X, y = table
    params = {"solver": "gd", "activation": "logistic", "random_state": seed}
    waiting = ShallowNetClassifier(**params).fit(scale(X), y)
    guessing = constant_predictor_loss(np.unique(y, return_inverse=True)[1], None)
    assert min(waiting.loss_curve_[:80]) > guessing
    assert max(waiting.loss_curve_[:80]) > waiting.loss_curve_[0]
    assert waiting.status_ == "converged"
    assert waiting.score(scale(X), y) > least
    waiting.set_params(early_stopping=True, n_iter_no_change=80).fit(scale(X), y)
    assert waiting.score(scale(X), y) > least - 0.1


def test_a_loss_of_twice_the_first_one_is_not_waited_for():
    X, y = load_breast_cancer(return_X_y=True)
    params = {"solver": "gd", "learning_rate_init": 30.0, "random_state": 0}
    with pytest.warns(ConvergenceWarning):
        runaway = ShallowNetClassifier(**params).fit(scale(X), y)
    assert runaway.status_ == "converged"
    assert runaway.loss_ > 2 * max(runaway.loss_curve_[0], CONSTANT_LOSS)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 1e3])
@every_solver
def test_no_minimum_is_above_the_plateau(solver, alpha):
    """Labels are random, and a large penalty leaves nothing but the biases."""
    noise = np.random.RandomState(0).randint(4, size=400) == 0
    settled = net(2, solver=solver, alpha=alpha, init_scale=1.0, max_iter=2000)
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        warnings.filterwarnings("error", ENDED_ABOVE)
        settled.fit(FLOWER, noise)


@every_solver
@pytest.mark.parametrize("seed", range(6))
def test_the_defaults_learn_the_flower_and_say_nothing(solver, seed):
    """A straight line gets at most 0.6 right."""
    X = scale(FLOWER)
    fitted = ShallowNetClassifier(solver=solver, random_state=seed).fit(X, PETAL)
    assert fitted.score(X, PETAL) > 0.75


# Budgets and patience


@every_solver
def test_a_budget_used_up_is_said(solver):
    params = {"init_scale": 1.0, "solver": solver, "learning_rate_init": 0.01}
    said = r"used all its iterations \(7\).*To get on, .*max_iter"
    ended(CANCER, "max_iter", 7, said, max_iter=7, tol=1e-9, **params)


@ignored("Symmetry")
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("init", ["zeros", "randn"])
@every_solver
def test_without_tol_the_budget_is_used_without_a_warning(solver, init, early_stopping):
    """L-BFGS, which has no rate, ends earlier if there is nothing left to do."""
    params = {"solver": solver, "init": init, "early_stopping": early_stopping}
    params |= {"tol": None, "n_iter_no_change": 1, "learning_rate_init": 1e-12}
    is_done = solver == "lbfgs" and init == "zeros"
    is_stuck = init == "zeros" or solver != "lbfgs"
    status = "plateau" if is_stuck else "max_iter"
    ended((FLOWER, PETAL), status, 1 if is_done else 40, max_iter=40, **params)


def test_without_tol_a_loss_that_rises_ends_nothing():
    params = {"solver": "sgd", "learning_rate_init": 3.0, "init_scale": 1.0}
    params |= {"tol": None, "n_iter_no_change": 1, "max_iter": 40}
    jumping = ended(CANCER, "max_iter", 40, **params)
    rises = np.diff(jumping.loss_curve_) > 0
    assert (rises[1:] & rises[:-1]).any()


@pytest.mark.filterwarnings("ignore:training")  # ended above guessing, or settled
@pytest.mark.parametrize("patience", [1, 2, 5, 33, np.inf])
@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_patience_ends_when_exceeded(solver, patience, early_stopping):
    """The first iteration is never stale; all later ones are, for so high a tol."""
    params = {"init_scale": 1.0, "solver": solver, "early_stopping": early_stopping}
    params |= {"tol": 10.0, "n_iter_no_change": patience, "learning_rate_init": 1e-4}
    status, said = "early_stopped" if early_stopping else "converged", None
    if patience == np.inf:
        status, said, params["learning_rate_init"] = "max_iter", "all its iter", 0.1
    if patience == np.inf and early_stopping and solver == "sgd":
        said = "pass early_stopping=False"  # an earlier score was better
    ended(CANCER, status, min(patience + 2, 50), said, max_iter=50, **params)


# Validation scores


@every_solver
@either_precision
def test_the_best_weights_on_the_validation_data_are_kept(solver, dtype):
    X, y = CANCER[0].astype(dtype), CANCER[1]
    X_val, y_val, weight = X[200:], y[200:], np.linspace(0.5, 2, 100)
    stopped = net(8, init_scale=3.0, solver=solver, max_iter=60, early_stopping=True)
    stopped.set_params(learning_rate_init=0.3, tol=None)
    held_out = {"X_val": X_val, "y_val": y_val, "sample_weight_val": weight}
    stopped.fit(X[:50], y[:50], **held_out)
    scores = stopped.validation_scores_
    assert len(scores) == stopped.n_iter_
    assert stopped.best_validation_score_ == max(scores)
    score = stopped.score(X_val, y_val, weight)
    assert stopped.best_validation_score_ == pytest.approx(score, rel=1e-6)
    # The best came before the last, and the first of equal bests counts.
    first = int(np.argmax(scores)) + 1
    assert first < stopped.n_iter_
    until_best = net(8, init_scale=3.0, solver=solver, max_iter=first, tol=None)
    until_best.set_params(learning_rate_init=0.3).fit(X[:50], y[:50], **held_out)
    np.testing.assert_equal(stopped.coefs_, until_best.coefs_)


@pytest.mark.parametrize("early_stopping", [False, True])
@every_solver
@either_kind
def test_validation_rows_are_scored_by_their_labels(n_classes, solver, early_stopping):
    """Rows of a class that training lacks count as wrong, and the loss omits them.

    The rows are in the order of their labels, so that no two blocks have the same.
    """
    X = np.random.RandomState(0).standard_normal((5000, 2))
    y = np.sort(np.arange(len(X)) % (n_classes + 2))  # of which the ends are unknown
    is_known = (y > 0) & (y <= n_classes)
    training = is_known & (np.arange(len(X)) % 20 == 0)
    weight = np.linspace(0.5, 2, len(X))
    watched = net(init_scale=1.0, solver=solver, max_iter=4, tol=None)
    watched.set_params(early_stopping=early_stopping)
    held_out = {"X_val": X, "y_val": y, "sample_weight_val": weight}
    watched.fit(X[training], y[training], **held_out)
    assert len(X) > 2 * workspace.MAX_BLOCK
    k = int(np.argmax(watched.validation_scores_)) if early_stopping else -1
    score = watched.score(X, y, weight)
    assert watched.validation_scores_[k] == pytest.approx(score, rel=1e-12)
    P = watched.predict_proba(X[is_known])
    loss = log_loss(y[is_known], P, sample_weight=weight[is_known])
    assert watched.validation_loss_curve_[k] == pytest.approx(loss, rel=1e-12)


@either_precision
@pytest.mark.parametrize("seed", range(5))
def test_a_perfect_score_is_1_whatever_the_weights(seed, dtype):
    rng = np.random.RandomState(seed)
    X, weight = rng.standard_normal((5000, 1)).astype(dtype), rng.exponential(size=5000)
    sure = net(1, init=([[[1]], [[1]]], [[0], [0]]), solver="gd", max_iter=1, tol=None)
    y, held_out = X[:, 0] > 0, {"X_val": X, "sample_weight_val": weight}
    sure.set_params(learning_rate_init=1e-300)
    sure.fit(X[:50], y[:50], y_val=y, **held_out)
    assert sure.validation_scores_ == [1.0]


@pytest.mark.parametrize("early_stopping", [False, True])
@every_solver
@pytest.mark.parametrize("foreign", [[7, 8], [7, 7]])
def test_validation_rows_of_no_known_class_end_no_fit(foreign, solver, early_stopping):
    X, y = CANCER
    watched = net(init_scale=1.0, solver=solver, max_iter=4, tol=None)
    watched.set_params(early_stopping=early_stopping)
    with pytest.warns(UserWarning, match="y_val has no label among"):
        watched.fit(X, y, X_val=X[:2], y_val=np.array(foreign))
    assert watched.status_ == "max_iter"
    assert watched.validation_scores_ == [0.0] * 4
    assert np.isnan(watched.validation_loss_curve_).all()
    first = net(init_scale=1.0, solver=solver, tol=None)
    first.set_params(max_iter=1 if early_stopping else 4).fit(X, y)
    np.testing.assert_array_equal(watched.coefs_[0], first.coefs_[0])
    # The rows of known classes may also have no weight.
    watched.fit(X, y, X_val=X[:2], y_val=[y[0], 7], sample_weight_val=[0, 1])
    assert np.isnan(watched.validation_loss_curve_).all()


@every_solver
def test_early_stopping_goes_by_the_scores_while_the_loss_still_falls(solver):
    """Training ends when more than 3 iterations have missed the best score so far."""
    X, y = CANCER
    stopped = net(8, init_scale=1.0, solver=solver, alpha=0, early_stopping=True)
    stopped.set_params(tol=1e-9, n_iter_no_change=3)
    stopped.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert stopped.status_ == "early_stopped"
    assert (np.diff(stopped.loss_curve_) < 0).all()
    assert stopped.n_iter_ == np.argmax(stopped.validation_scores_) + 1 + 4


def test_early_stopping_sets_a_share_aside():
    """Scores are shares of a quarter of the rows."""
    stopped = net(init_scale=1.0, solver="adam", max_iter=1000, early_stopping=True)
    stopped.set_params(validation_fraction=0.25, n_iter_no_change=5, tol=1e-3)
    counts = np.array(stopped.fit(*CANCER).validation_scores_) * 75
    assert stopped.status_ == "early_stopped"
    np.testing.assert_allclose(counts, counts.round(), atol=1e-9)
    assert len(stopped.validation_loss_curve_) == stopped.n_iter_ < 1000


@pytest.mark.parametrize("seed", range(10))
def test_both_sides_of_a_split_have_their_share_of_every_class(seed):
    """Every row holds its label and its weight, with which it must be handed on."""
    labels, weight = np.repeat([0, 1, 2], [80, 16, 4]), np.arange(1.0, 101)
    rows = np.column_stack([labels, weight])
    both = hold_out(
        Samples(rows, labels, weight, np.arange(3)), fraction=0.25, seed=seed
    )
    training, held_out = (np.bincount(side.labels).tolist() for side in both)
    assert (training, held_out) == ([60, 12, 3], [20, 4, 1])
    for side in both:
        np.testing.assert_array_equal(side.X, np.c_[side.labels, side.weight])
    np.testing.assert_array_equal(np.sort([w for s in both for w in s.weight]), weight)


def test_validation_data_are_only_recorded_without_early_stopping():
    X, y = CANCER
    params = {"init_scale": 1.0, "solver": "adam", "max_iter": 20, "tol": None}
    alone = net(**params).fit(X[:200], y[:200])
    watched = net(**params).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert watched.loss_curve_ == alone.loss_curve_
    np.testing.assert_array_equal(watched.coefs_[0], alone.coefs_[0])
    assert (alone.validation_scores_, alone.validation_loss_curve_) == ([], [])
    assert watched.best_validation_score_ is None


# L-BFGS


def test_lbfgs_converges_by_the_gradient():
    params = {"init_scale": 1.0, "solver": "lbfgs", "max_iter": 1000}
    settled, finer = (ended(CANCER, "converged", tol=t, **params) for t in (1e-2, 1e-4))
    assert finer.n_iter_ > settled.n_iter_
    assert finer.loss_ < settled.loss_


@pytest.mark.parametrize("max_iter", [10, 10**6])
def test_lbfgs_may_evaluate_more_often_than_it_iterates(monkeypatch, max_iter):
    """A line search takes 20 evaluations at most, and about one on average."""
    watched = Mock(side_effect=lbfgs.minimize)
    monkeypatch.setattr(lbfgs, "minimize", watched)
    net(init_scale=1.0, solver="lbfgs", tol=0.01, max_iter=max_iter).fit(*CANCER)
    limits = watched.call_args.kwargs["options"]
    assert limits["maxiter"] == max_iter
    assert limits["maxfun"] >= 10 * max_iter


@pytest.mark.parametrize("said", ["ABNORMAL: ", "ABNORMAL_TERMINATION_IN_LNSRCH"])
def test_an_abnormal_line_search_is_reported_in_scipys_word(monkeypatch, said):
    minimize = lbfgs.minimize

    def abnormal(*args, **kwargs):
        result = minimize(*args, **kwargs)
        result.update(success=False, status=2, message=said)
        return result

    monkeypatch.setattr(lbfgs, "minimize", abnormal)
    ended = net(init_scale=1.0, solver="lbfgs", tol=1e-4, max_iter=10)
    with pytest.warns(ConvergenceWarning, match=f"(?s)line search.*{said}"):
        ended.fit(*CANCER)
    assert ended.status_ == "abnormal"
    assert ended.loss_ == ended.loss_curve_[-1]
    ended.set_params(tol=None).fit(*CANCER)  # and warns of nothing


# Divergence


DIVERGING = {
    "rate": {"learning_rate_init": 1e200, "init_scale": 1.0},
    "start": {"init_scale": 1e200, "learning_rate_init": 0.1},
    "start and rate": {"init_scale": 1e160, "learning_rate_init": 1e200},
}
every_divergence = pytest.mark.parametrize("params", DIVERGING.values(), ids=DIVERGING)
THREE = CANCER[1] + (CANCER[0][:, 0] > 1)


def assert_diverges(diverging, X, y):
    """Assert an error that names cause and remedy, and a net that is as it was."""
    cause_and_remedy = "(?s)diverged.*(learning_rate_init|init_scale).*StandardScaler"
    with raises_and_leaves_alone(diverging, ValueError, cause_and_remedy):
        diverging.fit(X, y)


PATIENT = {"tol": None}, {"tol": 0, "n_iter_no_change": 10**7}


@every_divergence
@every_solver
@pytest.mark.parametrize("patience", PATIENT, ids=str)
@pytest.mark.parametrize(
    ("batch_size", "most", "y", "raising"),
    [(300, 17, THREE, "warn"), (6, 256, THREE, "raise"), (1, 300, CANCER[1], "raise")],
)
def test_divergence_is_one_error_within_few_steps(
    params, solver, patience, batch_size, most, y, raising, lanes_of_steps
):
    """A divergence is found in a few iterations, or in one if batches are many.

    NumPy gives no warning before the error.
    """
    if solver == "lbfgs":  # which has no rate, and searches along a line
        params, most = {**params, "init_scale": 1e200}, 50
    diverging = net(init_scale=1.0, tol=None, max_iter=3).fit(FLOWER, PETAL)
    lanes_of_steps.clear()
    diverging.set_params(activation="relu", solver=solver, batch_size=batch_size)
    diverging.set_params(max_iter=10**7)
    with np.errstate(all=raising):
        assert_diverges(diverging.set_params(**patience, **params), CANCER[0], y)
    assert 1 <= len(lanes_of_steps) <= most


@pytest.mark.filterwarnings("ignore:.*diverged:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("early_stopping", [False, True])
@every_solver
def test_starts_that_diverge_leave_the_others(solver, early_stopping, lanes_of_steps):
    params = {"activation": "relu", "solver": solver, "max_iter": 40, "tol": None}
    params |= {"learning_rate_init": 0.01, "early_stopping": early_stopping}
    several = net(init=exploding(0, 2), n_init=4, **params).fit(*CANCER)
    if solver != "lbfgs":  # which trains one start after another
        assert set(lanes_of_steps) == {4, 2}
        n_batches = 1 if solver == "gd" else 2
        assert lanes_of_steps.count(4) <= 17 * n_batches
    assert np.isnan(several.init_losses_).tolist() == [True, False, True, False]
    assert np.isfinite(np.concatenate([c.ravel() for c in several.coefs_])).all()
    assert several.loss_ in several.init_losses_
    if not early_stopping:
        assert several.loss_ == np.nanmin(several.init_losses_)
    alone = net(init=(several.init_coefs_, several.init_intercepts_), **params)
    np.testing.assert_array_equal(alone.fit(*CANCER).coefs_[0], several.coefs_[0])


# The cosine


@pytest.mark.parametrize("max_iter", [1, 2, 7])
@pytest.mark.parametrize("batch_size", [400, 150])
@ignored("Symmetry")
def test_the_rate_falls_to_zero_over_the_updates_of_max_iter(max_iter, batch_size):
    """From zero weights sgd moves the output bias alone, by the rate times p - y."""
    rate, b = 0.5, 0.0
    n_updates = max_iter * -(-400 // batch_size)
    rows = [PETAL[i : i + batch_size] for i in range(0, 400, batch_size)] * max_iter
    for k, labels in enumerate(rows):
        gradient = np.mean(1 / (1 + np.exp(-b)) - labels)
        b -= rate * (1 + np.cos(np.pi * k / n_updates)) / 2 * gradient
    falling = net(init="zeros", solver="sgd", momentum=0, max_iter=max_iter, tol=None)
    falling.set_params(learning_rate="cosine", learning_rate_init=rate, shuffle=False)
    falling.set_params(batch_size=batch_size, nesterovs_momentum=False)
    falling.fit(FLOWER, PETAL)
    assert falling.intercepts_[1][0] == pytest.approx(b, rel=1e-12)


def test_every_warm_start_has_a_cosine_of_its_own():
    """Each call begins at the whole rate again."""
    params = {"learning_rate": "cosine", "solver": "sgd", "momentum": 0, "tol": None}
    params |= {"shuffle": False, "max_iter": 5, "init_scale": 1.0}
    warm = net(warm_start=True, **params)
    coefs, intercepts = warm.fit(*CANCER).coefs_, warm.intercepts_
    again = net(init=(coefs, intercepts), **params).fit(*CANCER)
    np.testing.assert_array_equal(warm.fit(*CANCER).coefs_[0], again.coefs_[0])


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_full_batches_know_no_cosine(solver):
    params = {"solver": solver, "init_scale": 1.0}
    constant = ended(CANCER, "converged", **params)
    cosine = ended(CANCER, "converged", learning_rate="cosine", **params)
    assert cosine.loss_curve_ == constant.loss_curve_


@ignored("Convergence")
@pytest.mark.parametrize("n_rows", [3, 150, 200, 201, 1000])
def test_the_budget_is_60_epochs_and_1000_updates_at_least(n_rows):
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((n_rows, 2)), np.arange(n_rows) % 2
    n_batches = -(-n_rows // 200)
    fitted = ShallowNetClassifier(2, random_state=0).fit(X, y)
    assert fitted.n_iter_ == max(60, -(-1000 // n_batches))
    assert fitted.status_ in ("max_iter", "plateau")


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_rule_that_is_asked_for_stops_under_a_cosine_too(early_stopping):
    asked = ShallowNetClassifier(random_state=0, early_stopping=early_stopping)
    asked.set_params(tol=0.1, n_iter_no_change=5)
    asked.fit(*CANCER)
    assert asked.status_ == ("early_stopped" if early_stopping else "converged")
    assert asked.n_iter_ < 500


@pytest.mark.parametrize("learning_rate", ["cosine", "constant"])
def test_of_equal_validation_scores_the_last_counts_under_a_cosine(learning_rate):
    """While the rate falls, nets improve; at a constant rate the first counts."""
    X, y = CANCER
    watched = ShallowNetClassifier(early_stopping=True, random_state=0, max_iter=40)
    watched.set_params(learning_rate=learning_rate, tol=None)
    watched.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    scores = np.array(watched.validation_scores_)
    best = np.flatnonzero(scores == scores.max())
    assert len(best) > 1
    k = best[-1 if learning_rate == "cosine" else 0]
    loss = log_loss(y[1::2], watched.predict_proba(X[1::2]))
    assert watched.validation_loss_curve_[k] == pytest.approx(loss, rel=1e-12)
