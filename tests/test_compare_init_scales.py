"""The example `compare_init_scales.py`: what it measures, says, saves, refuses.

What it measures is measured by hand again; what it says is said of comparisons that are
made up; what it refuses is one line and a status of 2.
"""

import itertools
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import joblib
import numpy as np
import pytest

import skshallow
from skshallow.datasets import make_flower

# What is fitted by hand here starts as badly as what the example fits.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::skshallow.exceptions.{category}Warning")
    for category in ("Symmetry", "Saturation", "ConstantPredictions")
]
SCRIPT = Path(__file__).parents[1] / "examples" / "compare_init_scales.py"
N_ITERATIONS = 12
SCALES = [0.01, 1, 10]
FEW = ["--seeds", "1", "--iterations", "3", "--jobs", "1"]
RNG = np.random.RandomState(0)


sys.path.insert(0, str(SCRIPT.parent))
example = import_module(SCRIPT.stem)


@pytest.fixture(autouse=True)
def package_for_subprocesses(monkeypatch):
    """Other processes import the package that this one imported."""
    root = str(Path(skshallow.__file__).parents[1])
    inherited = os.environ.get("PYTHONPATH")
    path = root + os.pathsep + inherited if inherited else root
    monkeypatch.setenv("PYTHONPATH", path)


@pytest.fixture
def few_scales(monkeypatch):
    monkeypatch.setattr(example, "SCALES", SCALES)


@pytest.fixture(scope="module")
def small_task():
    X = RNG.standard_normal((60, 3))
    # More of one class than of the other, in no fold alike.
    return example.Task("small", X, np.where(X[:, 0] + X[:, 1] ** 2 > 0.5, "yes", "no"))


def write_csv(path, header, rows):
    lines = [",".join(map(str, row)) for row in [header, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def good_rows(n=20):
    """Rows of two numbers and a label."""
    return [[i / 7, -(i**2), "yes" if i % 3 else "no"] for i in range(n)]


def own_table(folder, *options):
    """Arguments of a run on a table of one's own, with as little work as can be."""
    table = write_csv(folder / "t.csv", ["a", "b", "kind"], good_rows())
    return ["--data", table, "--target", "kind", *FEW, *options]


# What is compared


def test_bundled_tasks_are_three_binary_ones_with_the_courses_flower():
    tasks = {task.name: task for task in example.bundled_tasks()}
    shapes = {name: task.X.shape for name, task in tasks.items()}
    assert shapes == {
        "breast cancer": (569, 30),
        "digits 1 and 8": (356, 64),
        "flower": (400, 2),
    }
    assert all(len(np.unique(task.y)) == 2 for task in tasks.values())
    X, y = make_flower(random_state=1)
    np.testing.assert_array_equal(tasks["flower"].X, X)
    np.testing.assert_array_equal(tasks["flower"].y, y)


def test_grid_has_zeros_and_randn_from_a_thousandth_to_ten_with_several_seeds():
    zeros, randn = example.starts(example.N_SEEDS)
    assert zeros == {"net__init": ["zeros"]}
    assert randn["net__init"] == ["randn"]
    assert min(randn["net__init_scale"]) == 1e-3
    assert max(randn["net__init_scale"]) == 10
    assert len(set(randn["net__random_state"])) == example.N_SEEDS > 1


def test_folds_are_shuffled_and_the_same_every_time():
    X, y = make_flower(random_state=1)
    splits = [example.folds().split(X, y) for _ in range(2)]
    held_out, again = ([test for _, test in split] for split in splits)
    np.testing.assert_array_equal(held_out, again)
    # Neighbours in the table are neighbours in the plane: few may stay together.
    assert max(np.mean(np.diff(test) == 1) for test in held_out) < 0.5


def test_every_net_has_the_same_budget_and_no_penalty(small_task):
    pipeline = example.make_net(N_ITERATIONS).fit(small_task.X, small_task.y)
    assert pipeline[-1].tol is None
    assert pipeline[-1].alpha == 0
    assert pipeline[-1].n_iter_ == N_ITERATIONS


@pytest.mark.parametrize(
    ("loss", "expected"), [(0.8, 1), (0.7, 1), (0.5, 2), (0.4, 3), (0.2, 6)]
)
def test_iterations_to_counts_the_first_arrival_and_one_more_than_all(loss, expected):
    assert example.iterations_to(loss, [0.7, 0.5, 0.3, 0.6, 0.3]) == expected


def test_median_never_averages_an_arrival_with_a_budget_that_ran_out():
    assert example.median([1, 11]) == 1
    assert example.median([1, 11, 11]) == 11
    assert example.median([5, 3, 4]) == 4


def test_stated_loss_lies_half_way_from_the_constant_predictor(small_task):
    share = np.mean(small_task.y == "yes")
    constant = -share * np.log(share) - (1 - share) * np.log(1 - share)
    net = example.make_net(N_ITERATIONS)
    net.set_params(net__init_scale=0.01, net__random_state=0)
    reached = net.fit(small_task.X, small_task.y)[-1].loss_
    assert 0.3 < reached < 0.95 * constant
    stated = example.choose_stated_loss(small_task, N_ITERATIONS)
    assert stated == pytest.approx((constant + reached) / 2, abs=6e-4)


def fits_by_hand(task, stated_loss, seeds, **start):
    """(accuracy, final loss, iterations) of each seed and fold, without a search."""
    measured = []
    for seed in seeds:
        for train, test in example.folds().split(task.X, task.y):
            net = example.make_net(N_ITERATIONS)
            net.set_params(net__random_state=seed, **start)
            net.fit(task.X[train], task.y[train])
            curve = np.array(net[-1].loss_curve_)
            below = np.append(curve, -np.inf) <= stated_loss
            accuracy = np.mean(net.predict(task.X[test]) == task.y[test])
            measured.append((accuracy, curve[-1], np.argmax(below) + 1))
    return sorted(measured)


@pytest.mark.usefixtures("few_scales")
def test_rows_hold_what_fits_by_hand_give(small_task, capsys):
    comparison, winner = example.compare(small_task, 2, 1, N_ITERATIONS)
    assert [row.scale for row in comparison.randn] == SCALES
    for row, seeds, start in [
        (comparison.zeros, [None], {"net__init": "zeros"}),
        *((row, [0, 1], {"net__init_scale": row.scale}) for row in comparison.randn),
    ]:
        expected = fits_by_hand(small_task, comparison.stated_loss, seeds, **start)
        found = zip(row.accuracy, row.final_loss, row.iterations, strict=True)
        np.testing.assert_array_equal(sorted(found), expected)

    assert winner[0].n_samples_seen_ == len(small_task.X)

    def accuracy(scale, seed):
        fits = fits_by_hand(small_task, 0, [seed], net__init_scale=scale)
        return np.mean([accuracy for accuracy, *_ in fits])

    candidates = itertools.product(SCALES, (0, 1))
    accuracies = {candidate: accuracy(*candidate) for candidate in candidates}
    kept = accuracies[winner[-1].init_scale, winner[-1].random_state]
    assert kept == pytest.approx(max(accuracies.values()))
    assert kept > min(accuracies.values()) + 0.01

    n_fits = (1 + 2 * len(SCALES)) * example.N_FOLDS
    progress = capsys.readouterr().err
    assert f"small, {n_fits} fits" in progress
    assert progress.split(":")[1].split()[0] == "." * n_fits


@pytest.mark.usefixtures("few_scales")
def test_zeros_are_worth_a_constant_answer_and_baselines_what_they_say(small_task):
    comparison, _ = example.compare(small_task, 1, 1, N_ITERATIONS)
    larger = max(np.mean(small_task.y == label) for label in ("yes", "no"))
    assert comparison.constant.accuracy.mean() == pytest.approx(larger, abs=0.01)
    assert (comparison.zeros.accuracy == comparison.constant.accuracy).all()
    assert comparison.logistic.accuracy.mean() > larger
    assert comparison.logistic.final_loss.mean() < comparison.constant.final_loss.mean()
    assert comparison.logistic.iterations is None


# What the table and the sentence say


def made_up(randn, zeros=0.5, constant=0.5, n_iterations=100):
    """A comparison of given (scale, accuracies, iterations)."""
    row = example.Row
    nothing = np.zeros(2)
    return example.Comparison(
        task="made-up task",
        stated_loss=0.25,
        n_iterations=n_iterations,
        zeros=row("zeros", 0, np.full(2, zeros), nothing, np.full(2, n_iterations + 1)),
        randn=[
            row(f"randn {scale}", scale, np.array(accuracy), nothing, np.array(counts))
            for scale, accuracy, counts in randn
        ],
        constant=row("constant answer", None, np.full(2, constant), nothing),
        logistic=row("logistic regression", None, np.full(2, 0.875), nothing),
    )


def with_iterations(*iterations):
    scales = [0.001, 0.1, 10][: len(iterations)]
    return made_up([(s, [0.8], [n]) for s, n in zip(scales, iterations, strict=True)])


@pytest.mark.parametrize(
    ("iterations", "truth"),
    [
        ((30, 7, 101), "can be too small and too large"),
        ((30, 7, 8), "can be too small and too large"),
        ((30, 7, 7), "can be too small, but none here is too large"),
        ((7, 7, 30), "can be too large, but none here is too small"),
        ((7, 9, 30), "can be too large, but none here is too small"),
        ((7, 9, 7), "neither end of the sweep is slower"),
        ((7, 7, 7), "neither end of the sweep is slower"),
    ],
)
def test_sentence_tells_which_end_is_slower(iterations, truth):
    said = example.sentence(with_iterations(*iterations))
    assert truth in said
    others = {"too small and too large", "none here is too", "neither end"}
    assert sum(phrase in said for phrase in others) == 1


def test_sentence_admits_that_no_start_got_there():
    said = example.sentence(with_iterations(101, 101, 101))
    assert "no scale takes half of its nets to loss 0.25 in 100 iterations" in said
    assert "soonest" not in said
    assert "a start can be" not in said


ONE_SCALE = [(0.01, [0.8], [7])]
TIED = [(0.01, [0.5, 0.7], [9, 9]), (0.1, [0.6], [9]), (1, [0.6], [9])]
TIED.append((10, [0.9, 0.9], [20, 20]))


@pytest.mark.parametrize(
    ("comparison", "truth"),
    [
        (
            with_iterations(30, 7, 101),
            "loss 0.25 is reached soonest from scale 0.1 (7 iterations; from the "
            "smallest scale 30, from the largest more than 100)",
        ),
        (made_up(TIED), "60.0% (scale 0.01, 0.1 and 1) to 90.0% (scale 10)"),
        (made_up(TIED), "logistic regression 87.5%"),
        (made_up(TIED), "soonest from scale 0.01, 0.1 and 1 (9 iterations"),
        (made_up(ONE_SCALE, 0.5), "50.0% right, no better than always giving the same"),
        (made_up(ONE_SCALE, 0.4), "40.0% right, no better than always giving the same"),
        (made_up(ONE_SCALE, 0.7), "70.0% right, better than always giving the same"),
        (made_up(ONE_SCALE), "than always giving the same answer (50.0%)"),
    ],
)
def test_sentence_names_scales_that_tie_and_judges_zeros(comparison, truth):
    assert truth in example.sentence(comparison)


def test_table_shows_mean_spread_and_iterations_and_admits_what_was_not_reached():
    comparison = made_up(
        [(0.01, [0.8, 0.9], [30, 40]), (1, [0.7, 0.7], [7, 7]), (10, [0.6], [20, 101])]
    )
    lines = example.table(comparison).splitlines()

    def line(start):
        (found,) = [line for line in lines if line.startswith(start)]
        return " ".join(found.split())

    assert lines[0] == "made-up task"
    assert line("start") == "start accuracy final loss iterations to loss 0.25"
    assert line("zeros") == "zeros 0.500 ± 0.000 0.0000 more than 100"
    assert line("randn 0.01") == "randn 0.01 0.850 ± 0.050 0.0000 30 (30 to 40)"
    assert line("randn 1 ") == "randn 1 0.700 ± 0.000 0.0000 7"
    assert line("randn 10") == "randn 10 0.600 ± 0.000 0.0000 20 (20 to more than 100)"
    assert line("constant") == "constant answer 0.500 ± 0.000 0.0000 -"
    assert line("logistic") == "logistic regression 0.875 ± 0.000 0.0000 -"
    columns = {len(line) for line in lines[1:] if set(line) == {"-"}}
    assert columns == {len(lines[2])}


# The figure


def test_figure_shows_zeros_apart_and_hollow_points_where_the_loss_was_not_reached(
    tmp_path, monkeypatch
):
    from matplotlib.figure import Figure

    drawn, save = [], Figure.savefig

    def watched(self, *args, **options):
        drawn.append(self)
        save(self, *args, **options)

    monkeypatch.setattr(Figure, "savefig", watched)
    comparison = with_iterations(30, 7, 101)
    assert example.draw([comparison, comparison], tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")

    top, bottom = drawn[0].axes[0], drawn[0].axes[2]
    assert [ax.get_title() for ax in drawn[0].axes[:2]] == ["made-up task"] * 2
    assert "accuracy" in top.get_ylabel()
    assert "iterations" in bottom.get_ylabel()
    assert bottom.get_xlabel() == "init_scale"
    ticks = [label.get_text() for label in bottom.get_xticklabels()]
    assert ticks == ["zeros", "0.001", "0.01", "0.1", "1", "10"]
    assert bottom.get_xticks()[0] < 0.001

    dashed = [line.get_ydata()[0] for line in top.lines if line.get_ls() == "--"]
    assert dashed == [0.875]
    hollow = [line.get_xdata() for line in bottom.lines if line.get_mfc() == "white"]
    assert sorted(np.concatenate(hollow)) == [example.ZEROS_AT, 10]


@pytest.mark.usefixtures("few_scales")
def test_without_matplotlib_a_line_says_so_and_the_rest_works(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert example.main(own_table(tmp_path, "--output", str(tmp_path / "new"))) == 0
    out = capsys.readouterr().out
    assert "No figure: matplotlib is not installed" in out
    assert "identical predictions" in out
    assert [path.name for path in (tmp_path / "new").iterdir()] == [
        "compare_init_scales.joblib"
    ]


# Saving


@pytest.fixture(scope="module")
def model(small_task):
    return example.make_net(N_ITERATIONS).fit(small_task.X, small_task.y)


def test_a_fresh_process_predicts_the_same_to_the_last_bit(tmp_path, model, small_task):
    path = tmp_path / "m.joblib"
    assert example.survives_saving({"small": model}, {"small": small_task.X}, path)
    afresh = example.predict_afresh(path, {"small": small_task.X})
    labels, probabilities = afresh["small"]
    np.testing.assert_array_equal(labels, model.predict(small_task.X))
    np.testing.assert_array_equal(probabilities, model.predict_proba(small_task.X))


def test_the_fresh_process_knows_only_the_file(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        example.predict_afresh(tmp_path / "missing.joblib", {})


@pytest.mark.parametrize("changed", ["label", "last bit of a probability"])
def test_a_different_prediction_is_noticed(
    tmp_path, monkeypatch, model, small_task, changed
):
    def predict_otherwise(path, samples):
        labels = model.predict(small_task.X)
        probabilities = model.predict_proba(small_task.X)
        if changed == "label":
            labels[7] = "yes" if labels[7] == "no" else "no"
        else:
            probabilities[7, 1] = np.nextafter(probabilities[7, 1], 1)
        return {"small": (labels, probabilities)}

    monkeypatch.setattr(example, "predict_afresh", predict_otherwise)
    models, samples = {"small": model}, {"small": small_task.X}
    assert not example.survives_saving(models, samples, tmp_path / "m.joblib")


# The command line


def run(*arguments, cwd=None):
    command = [sys.executable, str(SCRIPT), *arguments]
    as_utf8 = {"encoding": "utf-8", "env": {**os.environ, "PYTHONIOENCODING": "utf-8"}}
    return subprocess.run(command, capture_output=True, check=False, cwd=cwd, **as_utf8)


def test_own_table_from_the_command_line(tmp_path):
    done = run(*own_table(tmp_path, "--jobs", "2"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert "." * 50 in done.stderr
    assert "randn, scale 0.001" in done.stdout
    assert "logistic regression" in done.stdout
    assert "On t, the zeros start gets" in done.stdout
    assert "loaded in a fresh process: identical predictions" in done.stdout
    assert (tmp_path / "compare_init_scales.png").exists()
    assert "No figure" not in done.stdout

    winner = joblib.load(tmp_path / "compare_init_scales.joblib")["t"]
    assert winner.predict([[1.0, -2.0]])[0] in ("yes", "no")


@pytest.fixture
def refused(capsys):
    """Run with some arguments, which are refused for a reason: a function."""

    def refused(arguments, *parts):
        assert example.main(arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert_is_one_line(printed.err, *parts)

    return refused


def assert_is_one_line(message, *parts):
    assert message.startswith("compare_init_scales.py: error: ")
    assert message.count("\n") == 1
    for part in parts:
        assert part in message


def test_what_is_refused_is_one_line_and_status_2(tmp_path):
    """From the command line: a file that is missing, and one that is no good."""
    write_csv(tmp_path / "t.csv", ["a", "b", "sort"], good_rows())
    for data, parts in [
        ("nowhere.csv", ["cannot read nowhere.csv: No such file"]),
        ("t.csv", ["no column 'kind'", "'a', 'b', 'sort'"]),
    ]:
        done = run("--data", data, "--target", "kind", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert_is_one_line(done.stderr, *parts)


ROWS = "".join(f"{i},{i % 2}\n" for i in range(12))


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"a,sort\n" + ROWS.encode(), ["no column 'kind'", "'a', 'sort'"]),
        (b"a,kind\n1,maybe\n" + ROWS.encode(), ["two kinds of labels", "3", "maybe"]),
        (b"a,kind\nmany,1\n" + ROWS.encode(), ["not numbers: 'a'"]),
        (b"a,kind\n,1\n" + ROWS.encode(), ["missing values: 'a'"]),
        (b"", ["no rows"]),
        (b"a,kind\n", ["no rows"]),
        (b"a,a,kind\n1,2,3\n", ["two columns named 'a'"]),
        (b",a,kind\n0,1,0\n", ["column 1", "has no name", "index=False"]),
        (b"a,kind\n1,0\n2\n", ["row 2", "1 cells in place of 2"]),
        (b"kind\n" + b"0\n1\n" * 6, ["no column besides the target 'kind'"]),
        (b"a,kind\n" + b"1,0\n" * 12, ["'kind'", "two kinds of labels", "1: '0'"]),
        (b"a,kind\n1,\n" + ROWS.encode(), ["'kind' has missing values in 1 rows"]),
        (b"a,kind\n" + b"1,0\n" * 9 + b"2,1\n" * 4, ["has '1' in 4 rows only"]),
        (b"a,kind\ninf,1\n" + ROWS.encode(), ["infinite or huge values: 'a'"]),
        (b"a,kind\n1e200,1\n" + ROWS.encode(), ["infinite or huge values: 'a'"]),
        (b"a,kind\n?,1\n" + ROWS.encode(), ["missing values: 'a'"]),
        (b"a,kind\nNaN,1\n" + ROWS.encode(), ["missing values: 'a'"]),
        (b"\xff\xfea\x00", ["is not a CSV file"]),
        (b'a,kind\n"1,0\n', ["is not a CSV file"]),
    ],
)
def test_an_unusable_table_is_refused_with_its_fault(tmp_path, refused, content, parts):
    (tmp_path / "t.csv").write_bytes(content)
    refused(["--data", str(tmp_path / "t.csv"), "--target", "kind"], *parts)


@pytest.mark.parametrize("n_labels", [3, 1000])
def test_a_target_with_many_labels_is_not_listed_in_full(tmp_path, n_labels):
    rows = [[i, i % n_labels] for i in range(2000)]
    table = write_csv(tmp_path / "t.csv", ["a", "kind"], rows)
    with pytest.raises(example.UnusableInputError, match=f"has {n_labels}: ") as caught:
        example.read_task(table, "kind")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("alone", [["--data", "t.csv"], ["--target", "kind"]])
def test_data_and_target_go_together(alone, refused):
    refused(alone, "--data FILE.csv and --target COLUMN")


def test_output_that_is_a_file_is_refused_before_any_work(tmp_path, refused):
    (tmp_path / "taken").write_text("")
    refused(["--output", str(tmp_path / "taken")], "cannot write to", "taken")


@pytest.mark.parametrize("flag", ["--seeds", "--jobs", "--iterations"])
@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5"])
def test_counts_must_be_positive_integers(flag, value, capsys):
    with pytest.raises(SystemExit) as stopped:
        example.main([flag, value])
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert f"argument {flag}: must be a positive integer, got {value!r}" in message


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as stopped:
        example.main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "python compare_init_scales.py --data patients.csv --target" in text


@pytest.mark.usefixtures("few_scales")
def test_status_is_1_if_a_fresh_process_predicts_otherwise(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(example, "survives_saving", lambda *arguments: False)
    assert example.main(own_table(tmp_path, "--output", str(tmp_path))) == 1
    assert "predicts differently" in capsys.readouterr().err


def test_table_is_read_as_written(tmp_path):
    # With what spreadsheets add: byte order mark, spaces, quotes, an empty last line.
    rows = "".join(f'{i % 2} kind , {i}.5,"-1e{i}"\r\n' for i in range(12))
    text = '\ufeffsort ,a,"of, which"\r\n' + rows + "\r\n"
    (tmp_path / "my table.csv").write_bytes(text.encode())
    task = example.read_task(str(tmp_path / "my table.csv"), "sort")
    assert task.name == "my table"
    np.testing.assert_array_equal(task.X[:, 0], np.arange(12) + 0.5)
    np.testing.assert_array_equal(task.X[:, 1], [-float(f"1e{i}") for i in range(12)])
    assert task.y.tolist() == ["0 kind", "1 kind"] * 6
