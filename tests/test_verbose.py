"""What ``verbose`` prints: ``MLPClassifier``'s line an iteration, or every so many."""

import re

import numpy as np
import pytest
from nets import assert_same_net
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier

from skshallow import ShallowNetClassifier

RNG = np.random.RandomState(0)
X = RNG.standard_normal((80, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
N_ITER = 7
SOLVERS = ["sgd", "adam"]


def peer(**params):
    defaults = {"learning_rate_init": 0.01, "alpha": 1e-3, "max_iter": N_ITER, "tol": 0}
    defaults |= {"n_iter_no_change": 100, "random_state": 0, "verbose": True}
    return MLPClassifier((4,), activation="tanh", **{**defaults, **params})


def like(peer, start, **params):
    """A net with the settings of ``MLPClassifier``'s, from the same start."""
    shared = peer.get_params().keys() & ShallowNetClassifier().get_params().keys()
    settings = {name: peer.get_params()[name] for name in shared}
    settings |= {"n_hidden": 4, "init": start, "tol": None}
    return ShallowNetClassifier(**{**settings, **params})


def start_of(peer):
    """The weights that it starts from: it makes no step at no rate to speak of."""
    still = MLPClassifier(**{**peer.get_params(), "verbose": False})
    still.set_params(max_iter=1, solver="sgd", learning_rate_init=1e-300)
    still.set_params(early_stopping=False, shuffle=False)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        still.fit(X, Y)
    return still.coefs_, still.intercepts_


def lines(capsys):
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_lines_are_those_of_scikit_learn(solver, capsys):
    other = peer(solver=solver, shuffle=False)
    start = start_of(other)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        other.fit(X, Y)
    theirs = lines(capsys)
    like(other, start).fit(X, Y)
    assert lines(capsys) == theirs
    assert len(theirs) == N_ITER


def as_signs(number):
    return "#" * len(number[0])


def test_the_lines_with_validation_are_those_of_scikit_learn(capsys):
    """Split and scores are of other rows: the form is the same."""
    other = peer(solver="adam", early_stopping=True)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        other.fit(X, Y)
    theirs = lines(capsys)
    like(other, "glorot").fit(X, Y)
    forms = [
        [re.sub(r"\d\.\d+$", as_signs, line) for line in said]
        for said in (lines(capsys), theirs)
    ]
    assert forms[0] == forms[1]
    assert [line.count("#") for line in forms[0]] == [10, 8] * N_ITER


@pytest.mark.parametrize("solver", [*SOLVERS, "gd", "lbfgs"])
def test_the_losses_are_those_of_the_curve(solver, capsys):
    net = ShallowNetClassifier(4, solver=solver, max_iter=N_ITER, tol=None)
    net.set_params(random_state=0, verbose=True).fit(X, Y)
    assert lines(capsys) == [
        f"Iteration {k}, loss = {loss:.8f}"
        for k, loss in enumerate(net.loss_curve_, start=1)
    ]


@pytest.mark.parametrize("every", [1, 2, 3, 7, 8])
def test_a_larger_integer_prints_every_so_many(every, capsys):
    net = ShallowNetClassifier(4, max_iter=N_ITER, tol=None, random_state=0)
    net.set_params(verbose=True).fit(X, Y)
    all_lines = lines(capsys)
    net.set_params(verbose=every).fit(X, Y)
    assert lines(capsys) == all_lines[every - 1 :: every]


@pytest.mark.parametrize("verbose", [False, 0])
def test_nothing_is_printed_unasked(verbose, capsys):
    ShallowNetClassifier(max_iter=3, tol=None, verbose=verbose).fit(X, Y)
    assert lines(capsys) == []


def test_printing_changes_no_result():
    net = ShallowNetClassifier(4, n_init=3, max_iter=20, random_state=0, tol=None)
    silent, loud = (clone(net).set_params(verbose=v).fit(X, Y) for v in (False, 5))
    assert_same_net(silent, loud)
