"""The benchmarks run from end to end, and compute the right figures.

Stated here: speed (sweeps, single fits, overhead), diagnoses of healthy nets, small
problems, accuracy with its claims, and thresholds.
"""

import csv
import re
import sys
from functools import partial
from types import SimpleNamespace

import accuracy
import diagnoses
import numpy as np
import overhead
import pairs
import problems
import pytest
import single_fit
import sweep
import tables
import thresholds
from nets import ignored
from sklearn.model_selection import ParameterGrid


def test_a_quick_sweep_writes_its_table_and_its_figure(tmp_path, monkeypatch, capsys):
    assert sweep.in_fresh_process(sweep.QUICK, "many", 1, "float64")[0] > 0
    here = lambda effort, case, *of: sweep.CASES[case](effort, *of)  # noqa: E731
    monkeypatch.setattr(sweep, "in_fresh_process", here)
    names = ["--csv", "table.csv", "--figure", "figure.png"]
    sweep.main(["--quick", "--output", str(tmp_path / "new"), *names])
    printed = capsys.readouterr().out
    with open(tmp_path / "new" / "table.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    parts = {row["part"] for row in rows}
    left_out = {"lanes"} if "JAX is not installed" in printed else set()
    assert parts | left_out == {"search", "lanes", "choice", "jobs", "many", "growth"}
    assert np.isfinite([float(row["value"]) for row in rows]).all()
    assert printed.count("\n| ") == len(rows)
    figure = (tmp_path / "new" / "figure.png").read_bytes()
    assert figure.startswith(b"\x89PNG")


SAME = ["max_iter", "batch_size", "activation", "learning_rate", "learning_rate_init"]


def assert_same_work(net, mlp, names=SAME):
    assert (net.n_hidden,) == mlp.hidden_layer_sizes
    assert [getattr(net, n) for n in names] == [getattr(mlp, n) for n in names]


def test_both_searches_have_as_many_candidates_and_the_same_work():
    for work in sweep.FULL.works:
        ours, theirs = work.our_search(), work.peer_search()
        sizes = [len(ParameterGrid(search.param_grid)) for search in (ours, theirs)]
        assert sizes == [work.n_candidates] * 2 == [20, 20]
        assert_same_work(ours.estimator, theirs.estimator)


def test_a_choice_is_held_against_the_nets_that_it_is_made_from():
    (choice,) = sweep.QUICK.choices
    X, y = choice.rows(dtype="float64")
    cv_net, nets = choice.our_search().fit(X, y), choice.single_nets(X, y)
    sweep.fit_each(nets)
    assert len(nets) == cv_net.scores_.size
    chosen = [net for net, *_ in nets if net.alpha == cv_net.alpha_]
    units = np.hstack([net.coefs_[0] for net in chosen])
    np.testing.assert_array_equal(units, cv_net.coefs_[0])


def test_the_single_fits_do_the_same_work():
    for work in single_fit.WORKS:
        net, peers = work.ours(), work.peers()
        assert net.n_init == len(peers)
        for peer in peers:
            assert_same_work(net, peer, [*SAME, "tol", "n_iter_no_change"])
            n_rows = len(work.data(np.float64)[1])
            n_batches = n_rows / work.batch_size
            assert net.alpha == pytest.approx(peer.alpha * n_batches)


def test_times_faster_is_a_ratio_of_medians_with_the_middle_half_by_pairs():
    ours, theirs = [1.0, 2.0, 4.0], [4.0, 4.0, 12.0]
    ratio, low, high = pairs.times_faster(ours, theirs)
    assert ratio == 4 / 2
    assert (low, high) == (2.5, 3.5)  # of the ratios 4, 2 and 3


def test_the_overhead_is_a_table_of_looks_and_a_row_of_imports(monkeypatch, capsys):
    arguments = ["overhead.py", "--rounds", "1", "--imports", "1"]
    monkeypatch.setattr(sys, "argv", arguments)
    overhead.main()
    looks, imports = capsys.readouterr().out.split("`import skshallow` against")
    assert looks.count("%") == 4 * 6  # share, low, high and aim of every fit
    assert re.search(r"\| \d+ ms \| \d+ ms \| \d\.\d\d \|", imports)


def test_two_healthy_nets_give_no_false_alarm(monkeypatch, capsys):
    arguments = ["diagnoses.py", "--tables", "breast-cancer", "digits-1-8"]
    monkeypatch.setattr(sys, "argv", arguments)
    diagnoses.main()
    printed = capsys.readouterr().out
    assert printed.count("| max_iter | none | none |\n") == 2
    assert printed.endswith("\n2 tables, 2 healthy nets, 0 false alarms.\n")


def test_no_other_table_is_one_on_which_the_defaults_were_chosen():
    paths = {recipe.path for recipe in tables.RECIPES}
    assert not paths & {recipe.path for recipe in tables.OTHER_RECIPES}
    assert not set(tables.TABLE_NAMES) & set(tables.OTHER_NAMES)


def test_quick_problems_are_solved_as_well_as_by_the_peer():
    for outcome in problems.measure_problems(problems.QUICK_PROBLEMS):
        assert outcome.is_met, outcome


def made_up_scores(names, models, **values):
    """Scores that are the same in every fold, given by table and model."""
    tables = [
        SimpleNamespace(name=name, X=np.empty((n_rows, 2)), y=np.arange(n_rows) % 2)
        for name, n_rows in zip(names, (1000, 2000), strict=True)
    ]
    none = np.zeros((2, len(models), 5))
    by_fold = {name: np.array(v)[..., None] + none for name, v in values.items()}
    return accuracy.Scores(
        tables, models, **by_fold, warned=none, failed=none, errors=[]
    )


def test_claims_are_held_against_what_was_measured():
    """The scores are round numbers, of one table of few rows and one of many."""
    scores = made_up_scores(
        ("magic", "credit"),
        [accuracy.MLP, accuracy.DEFAULT],
        auc=[[0.89, 0.91], [0.86, 0.85]],
        loss=[[0.35, 0.31], [0.30, 0.31]],
        calibration=[[0.03, 0.9]] * 2,
        seconds=[[4.0, 1.0], [9.0, 1.0]],
    )
    mlp = accuracy.MLP
    expected = {  # what was measured, and whether the statement is true
        f"mean AUC, against {mlp}'s": (0.88, True),
        f"mean log-loss, against {mlp}'s": (0.31, True),
        f"rank by AUC, against {mlp}'s": (1.5, True),  # each is ahead on one table
        f"rank by log-loss, against {mlp}'s": (1.5, True),
        f"time over {mlp}'s": (1 / 6, True),  # geometric mean of 4 and 9
        "AUC on magic": (0.91, False),
        "mean AUC": (0.88, False),
        "mean log-loss": (0.31, False),
    }
    found = {
        name: (value, is_met) for name, value, _, is_met in accuracy.claims(scores)
    }
    assert found == {k: (pytest.approx(v), met) for k, (v, met) in expected.items()}


@pytest.mark.parametrize(
    ("p", "share", "error"), [(0.8, 0.8, 0), (0.8, 0.5, 0.3), (0.2, 1.0, 0.8)]
)
def test_the_calibration_error_is_the_gap_of_probability_and_share(p, share, error):
    """All probabilities are equal, and all bins have the same share of the class."""
    is_true = np.tile(np.arange(10) < 10 * share, accuracy.N_BINS)
    p = np.full(len(is_true), p)
    assert accuracy.calibration_error(p, is_true) == pytest.approx(error, abs=1e-12)


@pytest.mark.parametrize(("ours", "is_met"), [(0.3, True), (0.31, False)])
def test_thresholds_are_held_against_boosting(ours, is_met):
    losses = [[0.5, ours - 0.1, 0.2], [0.5, ours + 0.1, 0.4]]
    figures = {"loss": losses, **dict.fromkeys(["auc", "calibration", "seconds"], 1)}
    scores = made_up_scores(("magic", "phoneme"), list(thresholds.MODELS), **figures)
    assert thresholds.is_met(scores) == is_met
    assert "| mean " in thresholds.table_section(scores)
    assert "| 40 rows " in thresholds.size_section({40: scores})


@ignored("ConstantPredictions")  # after three iterations
def test_a_report_is_written_with_and_without_starts():
    (table,) = accuracy.load_tables(["digits-1-8"])
    models = accuracy.build_models(["glorot"])
    few = {name: partial(make, max_iter=3) for name, make in models.items()}
    scores = accuracy.measure([table], few)
    several = accuracy.measure(tables.load_multiclass(["iris"]), few)
    text = accuracy.report(scores, ["glorot"], multiclass=several)
    assert "## Starts" in text
    assert "| ShallowNet minus glorot " in text
    assert "| iris " in text
    assert "## Starts" not in accuracy.report(scores, [])
