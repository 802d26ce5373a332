"""Several starts become one net whose logits are the mean of theirs.

The oracles are single nets with ``init=(that start)``: the average has their units, bit
for bit, after any sequence of calls.
"""

import itertools
import pickle
import warnings

import numpy as np
import pytest
from nets import (
    ROUNDING,
    SOLVERS,
    assert_averages_logits,
    assert_is_average,
    assert_same_net,
    drawn_starts,
    either_kind,
    either_precision,
    every_solver,
    ignored,
    mean_curve,
    raises_and_leaves_alone,
)
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from searches import LABELS, WEIGHT, D, X, Y, compare, exploding, net
from sklearn.base import clone

from skshallow._advice import take_measurements
from skshallow._core import training
from skshallow._core.lbfgs import train_by_lbfgs
from skshallow.diagnostics import diagnose

H, N_NETS = 3, 3
every_step_solver = pytest.mark.parametrize("solver", SOLVERS[:3])
UNEQUAL_ENDS = {"tol": 3e-3, "n_iter_no_change": 2, "max_iter": 40}


def average(**params):
    return net(**{"n_init": N_NETS, "combine": "average", **params})


def singles(of_average, n_classes=2):
    """Nets of one start each, in the order in which the starts are drawn."""
    n_outputs = 1 if n_classes == 2 else n_classes
    starts = drawn_starts(of_average.n_init, D, H, n_outputs, of_average.random_state)
    return [clone(of_average).set_params(n_init=1, init=start) for start in starts]


def in_passes(net, rows, y):
    return net.partial_fit(rows, y, classes=np.unique(y))


def in_fits(net, rows, y):
    return net.set_params(warm_start=True).fit(rows, y)


# One call


@every_solver
@either_precision
@either_kind
@pytest.mark.parametrize("store", [np.asarray, sparse.csr_matrix])
def test_logits_are_the_mean_of_those_of_single_nets(solver, dtype, n_classes, store):
    """By Jensen's inequality the log-loss is never above the mean of theirs."""
    rows, y = store(X.astype(dtype)), LABELS[n_classes]
    whole = average(solver=solver)
    nets = [n.fit(rows, y, WEIGHT) for n in singles(whole, n_classes)]
    whole.fit(rows, y, WEIGHT)
    assert_averages_logits(whole, nets, rows)
    assert_is_average(whole, nets)
    assert_array_equal(whole.init_losses_, [n.loss_ for n in nets])
    assert whole.n_layers_ == 3
    assert [W.shape for W in whole.coefs_] == [(D, 9), (9, whole.n_outputs_)]


@every_solver
def test_the_average_of_one_start_is_the_best_of_one(solver):
    one, other = average(solver=solver, n_init=1), net(solver=solver)
    assert_same_net(one.fit(X, Y), other.fit(X, Y))
    assert len(one.intercepts_[0]) == H


@ignored("Convergence")
@every_solver
def test_starts_may_end_apart(solver):
    whole = average(solver=solver, **UNEQUAL_ENDS)
    nets = [n.fit(X, Y) for n in singles(whole)]
    whole.fit(X, Y)
    ends = {n.n_iter_ for n in nets}
    assert len(ends) > 1
    assert_is_average(whole, nets)
    assert whole.n_iter_ == max(ends) == len(whole.loss_curve_)
    # Of several statuses the average has the one that asks for attention.
    assert {n.status_ for n in nets} == {"converged", "max_iter"}
    assert whole.status_ == "max_iter"


@ignored("Convergence")
@every_solver
@pytest.mark.parametrize("held_out", [{}, {"X_val": X[:20], "y_val": Y[:20]}])
def test_each_start_stops_early_by_itself(solver, held_out):
    whole = average(solver=solver, early_stopping=True, tol=0.0, n_iter_no_change=1)
    whole.set_params(max_iter=20, validation_fraction=0.3)
    nets = [n.fit(X, Y, **held_out) for n in singles(whole)]
    whole.fit(X, Y, **held_out)
    assert_is_average(whole, nets)
    best = [n.best_validation_score_ for n in nets]
    assert whole.best_validation_score_ == pytest.approx(np.mean(best), 1e-12)


@every_solver
def test_a_start_that_diverges_is_dropped_and_said(solver):
    """The average consists of the other two starts, and later calls train these."""
    whole = average(solver=solver, init=exploding(1), warm_start=True)
    first, _, third = singles(average(solver=solver, warm_start=True))
    with pytest.warns(UserWarning, match=r"1 of 3 starts diverged and were dropped"):
        whole.fit(X, Y)
    assert np.isnan(whole.init_losses_).tolist() == [False, True, False]
    for _ in range(2):
        assert_is_average(whole, [first.fit(X, Y), third.fit(X, Y)][:2])
        whole.fit(X, Y)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_an_average_of_starts_that_all_diverge_is_an_error(method):
    whole = average(solver="gd").partial_fit(X, Y, classes=[0, 1])
    whole.set_params(learning_rate_init=1e308, warm_start=True, activation="relu")
    with raises_and_leaves_alone(whole, ValueError, "training diverged"):
        getattr(whole, method)(X, Y)


ONES = [np.ones((D, H)), np.ones((H, 1))], [np.zeros(H), np.zeros(1)]


@ignored("Symmetry")
@pytest.mark.parametrize("call", [in_fits, in_passes])
@pytest.mark.parametrize(
    "start", [{"init": "zeros"}, {"init": ONES}, {"init_scale": 0}]
)
def test_equal_starts_are_one_with_a_warning(start, call):
    whole, alone = average(**start), net(**start)
    with pytest.warns(UserWarning, match=r"n_init=3, but every start.*is the same"):
        call(whole, X, Y)
    assert_same_net(whole, call(alone, X, Y))
    call(whole, X, Y)  # a call that goes on draws no starts, and gives no warning


# Training that goes on


WAYS = {
    "passes": [in_passes] * 3,
    "warm starts": [in_fits] * 3,
    "both": [in_fits, in_passes, in_fits, in_passes],
    "a pass after a fit": [lambda net, X, y: net.fit(X, y), in_passes, in_passes],
}
every_way = pytest.mark.parametrize("calls", WAYS.values(), ids=WAYS)


@every_step_solver
@either_precision
@either_kind
@every_way
def test_training_goes_on_net_by_net(solver, dtype, n_classes, calls):
    whole, y = average(solver=solver), LABELS[n_classes]
    nets = singles(whole, n_classes)
    for k, call in enumerate(calls):
        rows = slice(7 * k, None)  # other rows each time
        for one in (whole, *nets):
            call(one, X[rows].astype(dtype), y[rows])
        assert_is_average(whole, nets)
        assert whole.n_iter_ == nets[0].n_iter_
    assert_averages_logits(whole, nets, X.astype(dtype))


@ignored("Convergence")
@pytest.mark.parametrize("solver", ["gd", "sgd"])
@pytest.mark.parametrize("go_on", [in_passes, in_fits])
def test_nets_that_ended_apart_go_on(solver, go_on):
    """Each net goes on as it would alone, however many iterations it has had.

    Neither the row order nor the count of updates depends on its end here.
    """
    whole = average(solver=solver, shuffle=False, **UNEQUAL_ENDS)
    nets = singles(whole)
    for one in (whole, *nets):
        in_fits(one, X, Y)
    assert len({n.n_iter_ for n in nets}) > 1
    coefs = [go_on(n, X, Y).coefs_[0] for n in nets]
    assert_array_equal(go_on(whole, X, Y).coefs_[0], np.hstack(coefs))


def test_ctrl_c_loses_no_net_that_was_to_go_on(monkeypatch):
    """L-BFGS trains one net after another, and Ctrl-C comes before the second."""
    whole = average(solver="lbfgs", warm_start=True).fit(X, Y)
    calls, train = itertools.count(), train_by_lbfgs

    def strike(*args):
        if next(calls) % 2:
            raise KeyboardInterrupt
        train(*args)

    monkeypatch.setattr(training, "train_by_lbfgs", strike)
    with raises_and_leaves_alone(whole, KeyboardInterrupt):
        whole.fit(X, Y)
    fresh = average(solver="lbfgs")
    with pytest.raises(KeyboardInterrupt):
        fresh.fit(X, Y)
    assert_is_average(fresh, [singles(fresh)[0].fit(X, Y)])
    assert fresh.status_ == "interrupted"


def pickled(net):
    return pickle.loads(pickle.dumps(net))


as_it_is_or_pickled = pytest.mark.parametrize("through", [lambda net: net, pickled])


def test_a_net_that_diverges_later_is_dropped_and_said():
    """The units of such a net leave the weights of the average.

    The start of the average is then that of the other nets in this call.
    """
    params = {"solver": "gd", "activation": "identity", "alpha": 0.0}
    params |= {"learning_rate_init": 50.0}
    whole, others = average(init=exploding(1, by=1e140), **params), average(**params)
    first, _, third = singles(others)
    for _ in range(20):
        with warnings.catch_warnings(record=True, action="always") as caught:
            in_passes(whole, X, Y)
        starts = [vars(one).copy() for one in (first, third)]
        in_passes(first, X, Y), in_passes(third, X, Y)
        if caught:
            break
    for one, start in zip((first, third), starts, strict=True):
        one.init_coefs_, one.init_intercepts_ = start["coefs_"], start["intercepts_"]
    assert len(whole.loss_curve_) > 1
    assert "1 of 3 starts diverged and were dropped. Lower" in str(caught[0].message)
    # Before the last entry the mean is of three nets.
    whole.loss_curve_[:-1] = mean_curve([first.loss_curve_, third.loss_curve_])[:-1]
    for _ in range(2):
        assert_is_average(whole, [first, third])
        for one in (whole, first, third):
            in_passes(one, X, Y)


@every_step_solver
def test_combine_is_about_new_starts(solver):
    """An average continues as an average, and a single net as a single net."""
    straight, changed = average(solver=solver), average(solver=solver)
    for combine in ("average", "best", "best", "average"):
        in_fits(straight, X, Y)
        assert_same_net(in_fits(changed.set_params(combine=combine), X, Y), straight)
    alone = average(solver=solver, combine="best")
    in_fits(alone, X, Y)
    assert len(in_fits(alone.set_params(combine="average"), X, Y).intercepts_[0]) == H


# What a user changes in a fitted net counts


@pytest.mark.parametrize("solver", ["gd", "adam"])  # without a velocity
@either_precision
@either_kind
@as_it_is_or_pickled
def test_an_edited_average_goes_on_as_it_was_edited(solver, dtype, n_classes, through):
    """At a rate of nearly 0 the average stays as it was edited."""
    whole, y = average(solver=solver), LABELS[n_classes]
    in_passes(whole, X.astype(dtype), y)
    whole.intercepts_[1][:] += 0.5
    whole.coefs_[1][1:3] = 0
    whole.coefs_[1][5] *= -2
    whole.coefs_[0][:, 8] = 1.0
    edited = whole.coefs_ + whole.intercepts_
    whole = through(whole).set_params(learning_rate_init=1e-300)
    in_passes(whole, X.astype(dtype), y)
    rtol = 2 * ROUNDING[dtype]
    for one, other in zip(edited, whole.coefs_ + whole.intercepts_, strict=True):
        assert_allclose(other, one, rtol, rtol)
    assert_array_equal(np.abs(whole.coefs_[1]) < 1e-30, edited[1] == 0)


@every_step_solver
def test_an_edit_changes_the_net_whose_weight_it_is(solver):
    """The other nets go on, to the last bit, as if nothing had been edited."""
    whole, other = average(solver=solver), average(solver=solver)
    in_passes(whole, X, Y), in_passes(other, X, Y)
    whole.coefs_[1][:H] *= 2
    in_passes(whole, X, Y), in_passes(other, X, Y)
    assert_array_equal(whole.coefs_[0][:, H:], other.coefs_[0][:, H:])
    assert (whole.coefs_[0][:, :H] != other.coefs_[0][:, :H]).any()


def cut(net, keep):
    (W1, W2), (b1, b2) = net.coefs_, net.intercepts_
    net.coefs_, net.intercepts_ = [W1[:, keep], W2[keep]], [b1[keep], b2]
    return net


@as_it_is_or_pickled
@pytest.mark.parametrize("go_on", [in_passes, in_fits])
@pytest.mark.parametrize(("n_init", "keep"), [(3, [0, 1, 4, 5, 6, 8]), (1, [0, 2])])
def test_a_net_whose_units_were_cut_goes_on_as_one_net(through, go_on, n_init, keep):
    """An average that has lost units is one net, whose optimizer begins anew."""
    whole = in_fits(average(n_init=n_init, alpha=0.0), X, Y)
    before = in_passes(whole, X, Y).predict_proba(X)
    whole = through(cut(whole, keep))
    assert np.abs(whole.predict_proba(X) - before).max() > 0.001
    assert diagnose(whole, X, Y).measurements.n_hidden == len(keep)
    said = f"n_hidden=3 does not fit the {len(keep)} hidden units.*set n_hidden="
    with pytest.raises(ValueError, match=said):
        go_on(whole, X, Y)
    start = {"init": (whole.coefs_, whole.intercepts_), "warm_start": False}
    start = {**start, "n_init": 1, "n_hidden": len(keep), "solver": "gd"}
    alone = clone(whole).set_params(**start)
    go_on(whole.set_params(n_hidden=len(keep), solver="gd"), X, Y)
    go_on(alone, X, Y)
    ones, others = whole.coefs_ + whole.init_coefs_, alone.coefs_ + alone.init_coefs_
    for one, other in zip(ones, others, strict=True):
        assert_allclose(one, other, 1e-9, 1e-9)
    go_on(through(whole), X, Y)


# Searches and warnings


GRIDS = {
    "starts": {"n_init": [1, 3], "combine": ["best", "average"]},
    "seeds": {"combine": ["best", "average"], "random_state": [0, 1], "n_init": [2]},
    "solvers": {"combine": ["average"], "solver": SOLVERS, "n_init": [2]},
}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_averages_are_searched_in_lockstep(grid, early_stopping):
    estimator = net(early_stopping=early_stopping, validation_fraction=0.3)
    compare(estimator, grid)


def test_the_penalty_in_the_loss_is_the_mean_of_those_of_single_nets():
    """A warning of a high loss subtracts this penalty from the loss."""
    nets = [average(), *singles(average())]
    whole, *alone = (take_measurements.weight_loss(one.fit(X, Y)) for one in nets)
    assert whole == pytest.approx(np.mean(alone), 1e-12)
