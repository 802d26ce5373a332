"""The benchmarks run from end to end, and reckon right from the times they take."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import ParameterGrid

BENCHMARKS = Path(__file__).parents[1] / "examples" / "benchmarks"


@pytest.fixture
def sweep(monkeypatch):
    """The module, found as its siblings are when it is run as a script."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import sweep

    return sweep


@pytest.fixture
def pairs(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import pairs

    return pairs


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / "sweep.py"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_quick_sweep_writes_its_table_and_its_figure(tmp_path):
    names = ["--csv", "table.csv", "--figure", "figure.png"]
    done = run("--quick", "--output", str(tmp_path / "new"), *names)
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "new" / "table.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    parts = {row["part"] for row in rows}
    left_out = {"lanes"} if "JAX is not installed" in done.stdout else set()
    assert parts | left_out == {"search", "lanes", "jobs", "many", "growth"}
    assert np.isfinite([float(row["value"]) for row in rows]).all()
    assert done.stdout.count("\n| ") == len(rows)
    figure = (tmp_path / "new" / "figure.png").read_bytes()
    assert figure.startswith(b"\x89PNG")


def test_only_what_is_asked_for_is_measured(sweep):
    work = sweep.FULL.works[0]
    assert work.name == "breast cancer, h 8, adam"
    for only in ("", "search", "search: breast cancer", "adam"):
        assert sweep.is_wanted(only, "search", work)
    for only in ("lanes", "moons", "search: moons"):
        assert not sweep.is_wanted(only, "search", work)


def test_without_jax_a_line_says_so_and_nothing_is_measured(sweep, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jax", None)
    assert not list(sweep.compare_lanes(sweep.QUICK, 1, lambda *_: True))
    assert "Left out lanes: JAX is not installed" in capsys.readouterr().out


def test_without_jax_nothing_is_said_where_it_is_not_wanted(sweep, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jax", None)
    assert not list(sweep.compare_lanes(sweep.QUICK, 1, lambda *_: False))
    assert capsys.readouterr().out == ""


def test_both_searches_have_as_many_candidates_and_the_same_work(sweep):
    for work in sweep.FULL.works:
        ours, theirs = work.our_search(), work.peer_search()
        sizes = [len(ParameterGrid(search.param_grid)) for search in (ours, theirs)]
        assert sizes == [work.n_candidates] * 2 == [20, 20]
        net, mlp = ours.estimator, theirs.estimator
        assert (net.n_hidden,) == mlp.hidden_layer_sizes
        for name in ("max_iter", "batch_size", "activation", "learning_rate_init"):
            assert getattr(net, name) == getattr(mlp, name)


def test_growth_is_of_one_kind_at_a_time(sweep):
    work = sweep.FULL.growing("rows", 300)
    X, y = work.rows(dtype="float32")
    assert (X.shape, y.shape, X.dtype) == ((300, 16), (300,), np.float32)
    assert (work.n_candidates, work.n_hidden) == (20, 16)
    work = sweep.FULL.growing("features", 128)
    assert work.rows(dtype="float64")[0].shape == (1000, 128)


@pytest.mark.parametrize("power", [0, 1, 2])
def test_the_exponent_of_a_power_law_is_its_power(sweep, power):
    sizes = np.array([1, 7, 30, 200, 1000])
    seconds = 0.3 * sizes**power
    seconds[:2] = 5  # a fixed cost that only the small ones feel
    assert sweep.exponent(sizes, seconds) == pytest.approx(power, abs=1e-12)


def test_the_figure_shows_the_seconds_of_the_table(sweep):
    rows = [
        sweep.Row("growth", "hidden units 4", "float64", "seconds", 0.5),
        sweep.Row("growth", "hidden units 16", "float64", "seconds", 1.5),
        sweep.Row("growth", "hidden units", "float64", "exponent", 0.8),
        sweep.Row("jobs", "hidden units 4", "float64", "seconds", 7.0),
    ]
    (curve,) = sweep.curves(rows).items()
    assert curve[0] == ("hidden units", "float64")
    np.testing.assert_array_equal(curve[1], [[4, 16], [0.5, 1.5]])


def test_times_faster_is_a_ratio_of_medians_with_the_middle_half_by_pairs(pairs):
    ours, theirs = [1.0, 2.0, 4.0], [4.0, 4.0, 12.0]
    ratio, low, high = pairs.times_faster(ours, theirs)
    assert ratio == 4 / 2
    assert (low, high) == (2.5, 3.5)  # of the ratios 4, 2 and 3


def test_runs_take_turns(pairs):
    done = []
    ticks = iter(range(100))
    seconds = pairs.in_turn(
        2,
        lambda: done.append("a"),
        lambda: (done.append("b"), next(ticks)),  # takes a tick more
        clock=lambda: next(ticks),
    )
    assert done == ["a", "b", "a", "b"]
    np.testing.assert_array_equal(seconds, [[1, 1], [2, 2]])
