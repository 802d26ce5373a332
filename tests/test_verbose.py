"""What ``verbose`` prints: ``MLPClassifier``'s line an iteration, or every so many."""

import re
from functools import partial

import nets
import pytest
from nets import assert_same_net
from searches import X, Y
from sklearn.neural_network import MLPClassifier

N_ITER = 7
net = partial(nets.net, max_iter=N_ITER, verbose=True)


def lines(capsys):
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_lines_have_the_form_of_scikit_learn_s(solver, early_stopping, capsys):
    """Losses and scores differ, because the nets do, but have as many digits."""
    ours = net(solver=solver, early_stopping=early_stopping, n_iter_no_change=100)
    shared = MLPClassifier().get_params().keys() & ours.get_params().keys()
    settings = {name: getattr(ours, name) for name in shared}
    settings |= {"tol": 0, "alpha": 0, "batch_size": 20, "learning_rate": "constant"}
    with pytest.warns(UserWarning, match="Maximum iterations"):
        MLPClassifier((4,), **{**settings, "learning_rate_init": 0.01}).fit(X, Y)
    theirs = lines(capsys)
    ours.fit(X, Y)
    forms = [
        [re.sub(r"\d", "#", line) for line in of] for of in (lines(capsys), theirs)
    ]
    assert forms[0] == forms[1]
    assert len(theirs) == N_ITER * (1 + early_stopping)


@pytest.mark.parametrize("solver", ["sgd", "adam", "gd", "lbfgs"])
def test_the_losses_are_those_of_the_curve(solver, capsys):
    curve = net(solver=solver).fit(X, Y).loss_curve_
    assert lines(capsys) == [
        f"Iteration {k}, loss = {loss:.8f}" for k, loss in enumerate(curve, start=1)
    ]


@pytest.mark.parametrize("every", [1, 2, 3, 7, 8])
def test_a_larger_integer_prints_every_so_many(every, capsys):
    net().fit(X, Y)
    all_lines = lines(capsys)
    net(verbose=every).fit(X, Y)
    assert lines(capsys) == all_lines[every - 1 :: every]


@pytest.mark.parametrize("verbose", [False, 0])
def test_nothing_is_printed_unasked_and_printing_changes_no_result(verbose, capsys):
    silent = net(n_init=3, verbose=verbose).fit(X, Y)
    assert lines(capsys) == []
    assert_same_net(silent, net(n_init=3, verbose=5).fit(X, Y))
