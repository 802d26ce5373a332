"""The command on tables as people have them: an answer, or a sentence."""

import errno
import gzip
import os
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

import skshallow
from skshallow import ShallowNetClassifier
from skshallow._command import __main__ as command_line
from skshallow._command import comparing, report, sizing, target
from skshallow._command.refusal import Refusal
from skshallow._command.sizing import measured_cost
from skshallow.sweeps import StartComparison

N = 120
ROOT = Path(skshallow.__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture(autouse=True)
def in_a_folder_and_quick(tmp_path, monkeypatch):
    """A working directory, nets of few iterations from few starts, empty figures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sizing, "measured_cost", lambda *_: sizing.Cost(0, 0))
    monkeypatch.setattr(StartComparison, "plot", lambda *_, **__: None)
    monkeypatch.setattr(comparing, "SCALES", (0.1, "auto"))
    monkeypatch.setattr(comparing, "SEEDS", (0,))
    monkeypatch.setattr(target, "N_FOLDS", 3)
    quick = partial(ShallowNetClassifier, 8, max_iter=30)
    monkeypatch.setattr(comparing, "ShallowNetClassifier", quick)


def passengers(n=N):
    """Ages with gaps, text, identifiers, and two classes that follow from these."""
    rng = np.random.RandomState(0)
    sex = rng.choice(["male", "female"], n)
    survived = ((sex == "female") ^ (rng.rand(n) < 0.2)).astype(int)
    age = pd.Series(rng.randint(1, 80, n).astype(float))
    age[rng.rand(n) < 0.2] = np.nan
    frame = pd.DataFrame({"PassengerId": np.arange(1, n + 1), "Survived": survived})
    frame["Name"] = [f"Family {k}, Mr. Given {k}" for k in range(n)]
    frame["Sex"], frame["Age"] = sex, age
    frame["Fare"] = rng.exponential(30, n).round(2)
    frame["Port"] = rng.choice(["S", "C", None], n, p=[0.7, 0.2, 0.1])
    return frame


@pytest.fixture
def run(capsys):
    """Run the command; returns its exit code, output and errors."""

    def run_command(*argv):
        code = command_line.main(["compare", *map(str, argv)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run_command


def answers(out):
    """The data frame, the model and its labels, by the Python that was printed."""
    lines = [line[4:] for line in out.splitlines() if line.startswith("    ")]
    names = {}
    exec("\n".join(lines), names)
    return names["df"], names["model"], names["model"].predict(names["df"])


def in_one_line(out):
    return " ".join(out.split())


# ---------------------------------------------------------------------------
# Ten tables: each is written by a function that returns the arguments


def missing_ages_and_text():
    passengers().to_csv("table.csv", index=False)
    return "table.csv", "Survived"


def semicolons_decimal_commas_and_a_mark():
    text = passengers().to_csv(index=False, sep=";", decimal=",")
    Path("table.csv").write_text(text, encoding="utf-8-sig")
    return "table.csv", "Survived"


def tabs():
    passengers().to_csv("table.tsv", index=False, sep="\t")
    return "table.tsv", "Survived"


def compressed():
    passengers().to_csv("table.csv.gz", index=False)
    return "table.csv.gz", "Survived"


def parquet():
    pytest.importorskip("pyarrow")
    frame = passengers().astype({"Survived": bool})
    frame["when"] = pd.Timestamp("2020-01-01", tz="Europe/Berlin")
    frame["when"] += pd.to_timedelta(np.arange(N), unit="D")
    frame["day"] = frame["when"].dt.date
    frame["is_child"] = (frame["Age"] < 16).astype("boolean").mask(frame["Age"].isna())
    frame["n"] = pd.array([1, None, 3] * (N // 3), dtype="Int64")
    frame["port"] = frame.pop("Port").astype("string")
    frame["group"] = frame["Sex"].astype("category")
    frame.to_parquet("table.parquet")
    return "table.parquet", "Survived"


def latin_1():
    frame = passengers().replace({"Sex": {"male": "männlich", "female": "weiblich"}})
    frame.to_csv("table.csv", index=False, encoding="latin-1")
    return "table.csv", "Sex"


def three_classes():
    frame = passengers()
    frame["Survived"] = np.array(["no", "yes", "maybe"])[np.arange(N) % 3]
    frame.to_csv("table.csv", index=False)
    return "table.csv", "Survived"


def three_percent():
    frame = passengers(400)
    frame["fraud"] = frame.pop("Survived") * 0
    frame.loc[:11, "fraud"] = 1
    frame.to_csv("table.csv", index=False)
    return "table.csv", "fraud"


def an_identifier():
    frame = passengers().drop(columns=["Name", "PassengerId"])
    rng = np.random.RandomState(1)
    frame["CustomerId"] = rng.choice(10**6, N, replace=False)
    frame.to_csv("table.csv", index=False)
    return "table.csv", "Survived"


def thousands():
    frame = passengers()
    values = np.random.RandomState(2).randint(900, 10**6, N)
    frame["income"] = [f"{value:,}" for value in values]
    frame.to_csv("table.csv", index=False)
    return "table.csv", "Survived"


TABLES = [missing_ages_and_text, semicolons_decimal_commas_and_a_mark, tabs, compressed]
TABLES += [parquet, latin_1, three_classes, three_percent, an_identifier, thousands]


@pytest.mark.parametrize("write", TABLES, ids=lambda write: write.__name__)
def test_a_table_ends_in_a_table_a_verdict_and_a_model(write, run):
    table, name = write()
    code, out, err = run(table, "--target", name)
    assert (code, err) == (0, "")
    assert "final loss" in out
    assert re.search(r"^(Use init_scale=|No start beats)", out, re.MULTILINE)
    df, model, answer = answers(out)
    assert answer.shape == (len(df),)
    labels = df[name].to_numpy()
    assert {type(label) for label in answer.tolist()} == {
        type(label) for label in labels.tolist()
    }
    assert set(answer.tolist()) <= set(labels.tolist())
    assert Path("table.png").stat().st_size > 1000
    for column in df.columns.difference([name, "Name", "PassengerId", "CustomerId"]):
        # the columns that are used can be missing in a row, or hold what is new
        model.predict(df.assign(**{column: pd.Series([None] * len(df), dtype=object)}))


def test_what_was_found_is_said(run):
    _, out, _ = run(semicolons_decimal_commas_and_a_mark()[0], *TARGET)
    assert "sep=';', decimal=','" in out
    assert "120 rows, 7 columns. The target is Survived: 0 (" in out
    assert "- numbers, scaled: Age, Fare\n" in out
    words = in_one_line(out)
    assert "identifiers (--keep COLUMN keeps one): PassengerId -" in words
    assert "text hardly repeats (--keep COLUMN keeps one): Name -" in words
    assert re.search(r"missing values: Age \(\d+\), Port \(\d+\);", words)
    assert (
        "Wrote table.joblib, the pipeline fitted on 120 rows, and table.png." in words
    )
    assert "load only files you trust" in out
    df, model, _ = answers(out)
    assert df["Fare"].dtype == float
    names = model[0].get_feature_names_out()
    assert {"categories__Sex_male", "numbers__missingindicator_Age"} < set(names)


def test_the_model_names_public_classes_only(run):
    run(missing_ages_and_text()[0], "--target", "Survived")
    named = re.findall(rb"skshallow[\w.]*", Path("table.joblib").read_bytes())
    assert set(named) == {b"skshallow.classifier", b"skshallow_version"}


def test_skops_saves_the_model(run):
    skops = pytest.importorskip("skops.io")
    df, model, labels = answers(run(missing_ages_and_text()[0], *TARGET)[1])
    skops.dump(model, "model.skops")
    unknown = skops.get_untrusted_types(file="model.skops")
    assert all(name.split(".")[0] in ("numpy", "skshallow") for name in unknown)
    assert (skops.load("model.skops", trusted=unknown).predict(df) == labels).all()


def test_a_frame_without_a_column_is_refused_by_its_name(run):
    df, model, _ = answers(run(missing_ages_and_text()[0], *TARGET)[1])
    model.predict(df[["Sex", "Age", "Fare", "Port"]])
    with pytest.raises(ValueError, match=r"columns are missing.*Fare"):
        model.predict(df.drop(columns="Fare"))


def test_a_second_run_replaces_its_files_and_no_others(run):
    table, _ = missing_ages_and_text()
    run(table, *TARGET)
    code, _, _ = run(table, *TARGET, "--drop", "Fare")
    assert code == 0
    Path("other.png").write_text("mine")
    code, _, err = run(table, *TARGET, "--output", "other")
    assert code == 2
    assert "other.png" in err
    assert "--output" in err
    assert Path("other.png").read_text() == "mine"


def test_a_model_of_another_table_is_not_replaced(run):
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(missing_ages_and_text()[0]).rename(f"{folder}/table.csv")
    assert run("a/table.csv", *TARGET)[0] == 0
    assert run("a/table.csv", *TARGET)[0] == 0
    code, _, err = run("b/table.csv", *TARGET)
    assert code == 2
    assert "may not be what this command wrote for b/table.csv" in err


@pytest.mark.parametrize("name", ["table.joblib", "table.png"])
def test_a_file_of_the_user_is_not_replaced(name, run):
    table, _ = missing_ages_and_text()
    run(table, *TARGET)
    Path(name).write_text("mine")
    assert run(table, *TARGET)[0] == 2
    assert Path(name).read_text() == "mine"
    assert not list(Path().glob(".*"))


def test_the_table_is_not_replaced(run):
    table, _ = missing_ages_and_text()
    run(table, *TARGET)
    Path(table).rename("table.joblib")
    code, _, err = run("table.joblib", *TARGET)
    assert code == 2
    assert "table.joblib is there already" in err


def test_a_failure_leaves_the_files_as_they_were(run, monkeypatch):
    table, _ = missing_ages_and_text()
    run(table, *TARGET)
    before = Path("table.joblib").read_bytes(), Path("table.png").read_bytes()

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing.report, "draw", interrupt)
    assert run(table, *TARGET, "--drop", "Fare")[0] == 130
    assert before == (Path("table.joblib").read_bytes(), Path("table.png").read_bytes())
    assert not list(Path().glob(".*"))


def test_the_score_suits_the_shares_of_the_classes(run):
    _, out, _ = run(three_percent()[0], "--target", "fraud")
    reason = "always answering 0 is right in 97% of the rows"
    assert f"Comparing by ROC AUC ({reason})" in in_one_line(out)
    assert "model.predict_proba(df)[:, 1]  # how likely fraud is 1" in out
    _, out, _ = run("table.csv", "--target", "fraud", "--scoring", "neg_log_loss")
    assert "log-loss" in out or "log loss" in out


def test_columns_are_kept_and_dropped_as_asked(run):
    asked = ["--keep", "PassengerId", "--keep", "Name", "--drop", "Fare"]
    _, out, _ = run(missing_ages_and_text()[0], *TARGET, *asked)
    assert "- numbers, scaled: PassengerId, Age\n" in out
    assert "Name, Sex, Port" in in_one_line(out)
    assert "- left out as asked: Fare\n" in out


def test_a_column_that_tells_the_target_is_named(run):
    frame = passengers()
    frame["alive"] = frame["Survived"].map({0: "no", 1: "yes"})
    frame.to_csv("table.csv", index=False)
    _, out, _ = run("table.csv", *TARGET)
    assert "each value of alive goes with one value of Survived" in out
    assert "--drop alive" in out
    assert "each value of Sex" not in out


def test_a_net_in_trouble_is_diagnosed(run, monkeypatch):
    strict = partial(ShallowNetClassifier, 8, max_iter=30, alpha=1e6)
    monkeypatch.setattr(comparing, "ShallowNetClassifier", strict)
    _, out, err = run(missing_ages_and_text()[0], *TARGET)
    assert err == ""
    assert "No start beats" in out
    assert re.search(r"The net that is kept: .*alpha", in_one_line(out))


@pytest.mark.filterwarnings("ignore:every sample gets the same label")
@pytest.mark.parametrize("beats_guess", [True, False])
def test_a_rare_class_is_told_apart_only_by_a_net_that_beats_guessing(
    beats_guess, capsys
):
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((400, 5)), np.zeros(400, int)
    y[:16] = 1  # noise that a net learns a little of
    net = ShallowNetClassifier(random_state=0).fit(X, y)
    report.tell_findings(net, X, y, beats_guess)
    said = "class 1 (4.0% of the samples) is never predicted" in capsys.readouterr().out
    assert said == beats_guess


def test_rows_without_a_target_are_left_out(run):
    frame = passengers()
    frame["Survived"] = np.array(["None", "dead", "alive", ""])[np.arange(N) % 4]
    frame.to_csv("table.csv", index=False)
    _, out, _ = run("table.csv", *TARGET)
    assert "Left out: 60 rows whose Survived is missing." in out
    assert "They hold None, which counts as missing" in out


def test_row_numbers_are_left_out_though_a_row_has_no_label(run):
    x = np.random.RandomState(0).standard_normal(60)
    table = pd.DataFrame({"row": np.arange(60), "x": x})
    table["y"] = np.where(table["x"] > 0, "a", "b")
    table.loc[7, "y"] = None
    table.to_csv("rows.csv", index=False)
    _, out, _ = run("rows.csv", "--target", "y")
    assert "Left out: 1 row whose y is missing." in out
    assert "identifiers (--keep COLUMN keeps one): row" in in_one_line(out)


def test_the_page_shows_what_is_printed(run):
    page = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(block, {})
    lines = r"^    (python -m .*)\n\n.*\n\n((?:    .*\n|\n)+)"
    command, shown = re.search(lines, page, re.MULTILINE).groups()
    program = "python -m skshallow compare "
    assert command.startswith(program)
    _, out, _ = run(*command.removeprefix(program).split())
    columns, _, rest = in_one_line(out).partition("Comparing by")
    assert columns == in_one_line(shown).partition("Comparing by")[0]
    use = rest.partition("import joblib")[2]
    assert use == in_one_line(shown).partition("import joblib")[2]


# ---------------------------------------------------------------------------
# What takes long


def test_a_table_too_large_for_a_minute_is_thinned(run, monkeypatch):
    monkeypatch.setattr(sizing, "LEAST", 50)
    monkeypatch.setattr(sizing, "measured_cost", lambda *_: sizing.Cost(0, 1 / 3))
    table, _ = missing_ages_and_text()  # three folds: a second a row
    _, out, _ = run(table, *TARGET)
    words = in_one_line(out)
    assert re.search(r"Comparing on (59|60) of the 120 rows, .* about 2 min: ", words)
    assert re.search(r"3 folds, about (59|60) s\.", words)
    assert "fitted on 120 rows" in words
    _, out, _ = run(table, *TARGET, "--all-rows")
    assert "Comparing on" not in out
    assert "3 folds, about 2 min." in in_one_line(out)


def test_a_model_of_all_rows_that_takes_too_long_is_one_of_those_compared(
    run, monkeypatch
):
    monkeypatch.setattr(sizing, "LEAST", 50)
    monkeypatch.setattr(sizing, "measured_cost", lambda *_: sizing.Cost(100, 0))
    _, out, _ = run(missing_ages_and_text()[0], *TARGET)
    assert "Comparing on 50 of the 120 rows" in in_one_line(out)
    assert "fitted on 50 rows" in in_one_line(out)


def test_a_wide_table_takes_one_seed(run, monkeypatch):
    monkeypatch.setattr(comparing, "SEEDS", (0, 1, 2))
    monkeypatch.setattr(sizing, "measured_cost", lambda *_: sizing.Cost(1, 0))
    _, out, _ = run(missing_ages_and_text()[0], *TARGET)
    assert "Using one seed, because 3 would take about" in out
    assert "9 nets of 1 seed and 3 folds" in out


def test_thinning_keeps_the_shares_and_the_rare():
    y = np.repeat(["a", "b", "c"], [9000, 900, 12])
    rows = sizing.thinned(y, 991)
    labels, counts = np.unique(y[rows], return_counts=True)
    assert labels.tolist() == ["a", "b", "c"]
    assert counts.tolist() == [900, 90, 10]
    assert (np.diff(rows) > 0).all()
    assert sizing.thinned(y, 10**6).tolist() == list(range(len(y)))


def test_the_cost_is_that_of_updates_and_rows(monkeypatch):
    """With a clock that a comparison moves on by what its work costs."""
    clock = [0.0]
    monkeypatch.setattr(sizing, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(sizing, "N_ITERATIONS", (2, 150, 600))
    y = np.arange(3000) % 2

    def compare(model, rows, seeds, cv):
        n_train = len(rows) // 2
        assert (len(seeds), cv) == (1, 2)
        updates = sizing.n_updates(model[-1], n_train)
        clock[0] += cv * (0.001 * updates + 0.0002 * len(rows))

    model = make_pipeline(ShallowNetClassifier())
    cost = measured_cost(compare, model, y)
    np.testing.assert_allclose(cost, (0.001, 0.0002))
    # 60 epochs of 12 batches are fewer than 1000 updates
    n_updates = 12 * -(-1000 // 12)
    seconds = 5 * (3 * 0.001 * n_updates + 0.0002 * 3000)
    np.testing.assert_allclose(cost.seconds(model[-1], 3000, 3, 5), seconds)


# ---------------------------------------------------------------------------
# What cannot be used


def written(**columns):
    frame = passengers()[["Age", "Sex", "Survived"]].assign(**columns)
    frame.to_csv("table.csv", index=False)


def text(lines):
    Path("table.csv").write_text(lines)


def two_files():
    with zipfile.ZipFile("table.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
        archive.writestr("b.csv", "a,b\n1,2\n")


def cut_off():
    whole = gzip.compress(passengers().to_csv(index=False).encode())
    Path("table.csv.gz").write_bytes(whole[:-100])


def damaged():
    whole = bytearray(gzip.compress(passengers().to_csv(index=False).encode()))
    whole[100:300] = bytes(200)
    Path("table.csv.gz").write_bytes(whole)


def with_a_password():
    with zipfile.ZipFile("table.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    content = bytearray(Path("table.zip").read_bytes())
    content[6] |= 1  # the flag of both headers that says so
    content[content.index(b"PK\x01\x02") + 8] |= 1
    Path("table.zip").write_bytes(content)


def a_pipe():
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes")
    os.mkfifo("table.csv")


def a_sheet():
    with zipfile.ZipFile("table.csv", "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "")


TARGET = ["--target", "Survived"]
ERRORS = {
    "no target": (written, ["table.csv"], ["--target", "Age, Sex, Survived"]),
    "unknown target": (
        written,
        ["table.csv", "--target", "survivd"],
        ["'survivd'", "did you mean 'Survived'?"],
    ),
    "no names": (
        lambda: text("1,2,no\n3,4,yes\n"),
        ["table.csv", *TARGET],
        ["'Survived'", "add a line of names"],
    ),
    "no file": (written, ["tabel.csv", *TARGET], ["tabel.csv", "mean 'table.csv'?"]),
    "a directory": (
        lambda: Path("folder").mkdir(),
        ["folder", *TARGET],
        ["folder is no file but a directory", "to a file"],
    ),
    "a pipe": (a_pipe, ["table.csv", *TARGET], ["a pipe", "write the table to a file"]),
    "empty": (lambda: text(""), ["table.csv", *TARGET], ["table.csv is empty"]),
    "a line of Excel alone": (
        lambda: text("sep=;\n"),
        ["table.csv", *TARGET],
        ["table.csv is empty"],
    ),
    "no rows": (
        lambda: text("Age,Survived\n"),
        ["table.csv", *TARGET],
        ["table.csv has no rows"],
    ),
    "no labels": (
        lambda: written(Survived="NA"),
        ["table.csv", *TARGET],
        ["'Survived' has no value", "NA counts as missing", "give it another name"],
    ),
    "a class that counts as missing": (
        lambda: written(Survived=["NA", "EU"] * (N // 2)),
        ["table.csv", *TARGET],
        ["is EU in all rows that have", "NA counts as missing", "give it another name"],
    ),
    "one column": (
        lambda: text("Survived\n1\n0\n"),
        ["table.csv", *TARGET],
        ["'Survived'", "--separator"],
    ),
    "ragged": (
        lambda: text("a,Survived\n1,2\n1,2,3\n"),
        ["table.csv", *TARGET],
        ["line 3, saw 3", "mend that line", "--separator"],
    ),
    "open quote": (
        lambda: text('a,Survived\n1,2\n1,"2\n1,3\n'),
        ["table.csv", *TARGET],
        ["never closed", "at row 2", "close it"],
    ),
    "a sheet": (a_sheet, ["table.csv", *TARGET], ["spreadsheet", "save the sheet"]),
    "another kind": (
        lambda: Path("table.json").write_text("{}"),
        ["table.json", *TARGET],
        ["table.json is neither CSV nor parquet", "save its table as CSV"],
    ),
    "two files": (
        two_files,
        ["table.zip", *TARGET],
        ["2 files or", "take the table out"],
    ),
    "cut off": (cut_off, ["table.csv.gz", *TARGET], ["cannot be decompressed"]),
    "damaged": (damaged, ["table.csv.gz", *TARGET], ["cannot be decompressed"]),
    "damaged, its encoding given": (
        damaged,
        ["table.csv.gz", *TARGET, "--encoding", "utf-8"],
        ["cannot be decompressed"],
    ),
    "a password": (with_a_password, ["table.zip", *TARGET], ["encrypted"]),
    "not utf-16": (
        written,
        ["table.csv", *TARGET, "--encoding", "utf-16"],
        ["no text in utf-16", "another --encoding"],
    ),
    "no encoding": (
        written,
        ["table.csv", *TARGET, "--encoding", "undefined"],
        ["no text in undefined", "another --encoding"],
    ),
    "a line as separator": (
        written,
        ["table.csv", *TARGET, "--separator", "\n"],
        ["one character instead of '\\n'"],
    ),
    "a long open quote": (
        lambda: text('a,Survived\n1,"2\n' + "1,2\n" * 40_000),
        ["table.csv", *TARGET],
        ["never closed", "at row 1", "close it"],
    ),
    "binary": (
        lambda: Path("table.csv").write_bytes(bytes(range(256)) * 9),
        ["table.csv", *TARGET],
        ["no text in utf-8", "give a CSV or parquet file"],
    ),
    "unknown encoding": (
        written,
        ["table.csv", *TARGET, "--encoding", "utf-99"],
        ["--encoding utf-99", "try utf-8", "latin-1"],
    ),
    "another encoding": (
        latin_1,
        ["table.csv", "--target", "Sex", "--encoding", "utf-8"],
        ["no text in utf-8", "another --encoding"],
    ),
    "long separator": (
        written,
        ["table.csv", *TARGET, "--separator", ";;"],
        ["--separator", "one character instead of ';;'"],
    ),
    "no jobs": (
        written,
        ["table.csv", *TARGET, "--n-jobs", "0"],
        ["--n-jobs", "instead of '0'"],
    ),
    "unknown score": (
        written,
        ["table.csv", *TARGET, "--scoring", "acuracy"],
        ["--scoring acuracy", "did you mean 'accuracy'?"],
    ),
    "score for other labels": (
        three_classes,
        ["table.csv", *TARGET, "--scoring", "f1"],
        ["--scoring f1", "'Survived'", "f1_macro"],
    ),
    "unknown column": (
        written,
        ["table.csv", *TARGET, "--keep", "Agee"],
        ["--keep Agee", "did you mean 'Age'?"],
    ),
    "target dropped": (
        written,
        ["table.csv", *TARGET, "--drop", "Survived"],
        ["--drop Survived", "name another column"],
    ),
    "no directory": (
        written,
        ["table.csv", *TARGET, "--output", "nowhere/model"],
        ["nowhere", "there is no directory"],
    ),
    "a long name": (
        written,
        ["table.csv", *TARGET, "--output", "x" * 300],
        ["cannot be read or written", "name too long"],
    ),
    "a measure": (
        lambda: written(Survived=np.linspace(0, 1, N)),
        ["table.csv", *TARGET],
        ["'Survived'", "120 different numbers, such as 0.0", "pandas.cut"],
    ),
    "whole numbers": (
        lambda: written(Survived=np.arange(N) * 7),
        ["table.csv", *TARGET],
        ["'Survived'", "120 different numbers, such as 0", "pandas.cut"],
    ),
    "names": (
        lambda: written(Survived=[f"name {k}" for k in range(N)]),
        ["table.csv", *TARGET],
        ["'Survived'", "120 different values", "name another column"],
    ),
    "one class": (
        lambda: written(Survived="no"),
        ["table.csv", *TARGET],
        ["'Survived' is no in all rows", "name another column"],
    ),
    "a class of one": (
        lambda: written(Survived=["rare", *["no", "yes"] * (N // 2 - 1), "no"]),
        ["table.csv", *TARGET],
        ["'Survived'", "only one row of rare", "merge the class"],
    ),
    "nothing to learn from": (
        lambda: written(Age=1, Sex=np.arange(N)),
        ["table.csv", *TARGET],
        ["no column is left", "one value, or none: Age", "identifiers", "Sex"],
    ),
    "too large": (
        lambda: written(Age=np.linspace(-1, 1, N) * 1e300),
        ["table.csv", *TARGET],
        ["'Age' holds 1e+300", "divide the column"],
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_used_is_one_sentence(name, run):
    prepare, argv, words = ERRORS[name]
    prepare()
    code, _, err = run(*argv)
    assert code == 2
    for word in words:
        assert word in err
    assert err.startswith("skshallow: ")
    assert err.count("\n") == 1
    assert not [*Path().glob("*.joblib"), *Path().glob(".*")]


@pytest.mark.parametrize("scoring", ["r2", "rand_score"])
def test_a_score_of_other_tasks_is_refused(scoring):
    with pytest.raises(Refusal, match=f"--scoring {scoring} .*for classifiers"):
        target.check_scoring(scoring, np.array([0, 1] * 9), "y")


def test_scores_of_classifiers_are_taken():
    for scoring in ("f1", "roc_auc", "neg_brier_score", "matthews_corrcoef"):
        target.check_scoring(scoring, np.array([0, 1] * 9), "y")
    target.check_scoring("top_k_accuracy", np.array([0, 1, 2] * 9), "y")


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2], [3, 4]],
        [{"a": 1}, {"a": 2}],
        [b"a", b"b"],
        [Decimal(1), Decimal(2)],
        pd.to_datetime(["2020-01-01", "2021-01-01"]).tz_localize("UTC"),
    ],
    ids=["lists", "structs", "bytes", "decimals", "times"],
)
def test_labels_are_text_numbers_or_booleans(values):
    with pytest.raises(Refusal, match=r"'y' holds .*: write the labels as text\."):
        target.labels_of(pd.Series(values, name="y"))


@pytest.mark.parametrize("package", ["pandas", "matplotlib"])
def test_a_package_that_is_missing_is_named(package, run, monkeypatch):
    found = command_line.find_spec
    monkeypatch.setattr(
        command_line, "find_spec", lambda n: None if n == package else found(n)
    )
    code, _, err = run(missing_ages_and_text()[0], *TARGET)
    assert code == 2
    assert f"needs {package}: python -m pip install {package}.\n" in err


def test_parquet_without_pyarrow_names_it(run, monkeypatch):
    Path("table.parquet").write_bytes(b"PAR1")

    def raise_import_error(path):
        raise ImportError

    monkeypatch.setattr(pd, "read_parquet", raise_import_error)
    code, _, err = run("table.parquet", *TARGET)
    assert code == 2
    assert "pip install pyarrow" in err


def test_parquet_with_two_columns_of_one_name_is_refused(run, monkeypatch):
    Path("table.parquet").write_bytes(b"PAR1")
    frame = pd.DataFrame([[1, 2, 0]], columns=["a", "a", "Survived"])
    monkeypatch.setattr(pd, "read_parquet", lambda _: frame)
    code, _, err = run("table.parquet", *TARGET)
    assert code == 2
    assert "several columns 'a'" in err


# ---------------------------------------------------------------------------
# The command line


def test_the_command_runs_as_a_module():
    missing_ages_and_text()
    command = [sys.executable, "-m", "skshallow", "compare", "table.csv"]
    result = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert result.returncode == 2
    assert result.stdout.splitlines() == ["Reading table.csv"]
    assert "--target" in result.stderr


def test_without_a_command_there_is_help(capsys):
    assert command_line.main([]) == 0
    assert "compare starts on a table" in capsys.readouterr().out
    with pytest.raises(SystemExit) as exit_:
        command_line.main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"skshallow {skshallow.__version__}\n"


def test_an_interruption_is_no_traceback(run, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing, "read_table", interrupt)
    assert run(missing_ages_and_text()[0], *TARGET)[0] == 130


def test_the_output_may_be_closed_or_know_few_letters(tmp_path):
    """In a process of its own, where the cost is measured and the figure drawn."""
    passengers().rename(columns={"Survived": "überlebt"}).to_csv("t.csv", index=False)
    program = """if 1:
        import sys
        from skshallow._command.__main__ import main
        from skshallow._command import comparing
        comparing.SCALES = (0.1,)
        sys.stderr = None
        sys.exit(main(["compare", "t.csv", "--target", "überlebt"]))
    """
    command = [sys.executable, "-c", program]
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (result.returncode, result.stderr) == (0, "")
    assert r"\xb1" in result.stdout
    assert Path("t.joblib").is_file()


@pytest.mark.parametrize("name", ["a$b$c$2", "表"])
def test_a_name_may_hold_any_letter(name, run):
    frame = passengers().rename(columns={"Survived": name})
    frame.to_csv(f"{name}.csv", index=False)
    code, _, err = run(f"{name}.csv", "--target", name)
    assert (code, err) == (0, "")
    assert Path(f"{name}.png").is_file()


def test_a_name_may_hold_bytes_that_are_no_letters(tmp_path):
    class Comparison:
        plot = staticmethod(lambda axes: None)

    report.draw(Comparison, "caf\udce9 $", tmp_path / "figure", {})


def test_a_disk_that_is_full_is_one_sentence(run, monkeypatch):
    def refuse(*args):
        raise OSError(errno.ENOSPC, "No space left on device", "x.joblib")

    monkeypatch.setattr(comparing.joblib, "dump", refuse)
    code, _, err = run(missing_ages_and_text()[0], *TARGET)
    assert code == 2
    assert "x.joblib cannot be read or written (No space left on device)" in err


def test_no_more_processes_than_cores():
    assert command_line._n_jobs("99999999999999") == os.cpu_count()


def test_progress_goes_to_a_terminal_alone(run, monkeypatch):
    table, _ = missing_ages_and_text()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, out, err = run(table, *TARGET)
    assert "Cohort 1/1" in err
    assert "Cohort" not in out
