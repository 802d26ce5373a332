"""The command gives an answer on tables of many kinds, or says in one sentence why not.

How columns are recognised and treated is stated in ``test_command_columns``.
"""

import gzip
import os
import re
import subprocess
import sys
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import skshallow
from skshallow import ShallowNetClassifier
from skshallow._command import __main__ as command_line
from skshallow._command import comparing, output, target
from skshallow._command.refusal import Refusal
from skshallow.sweeps import StartComparison

N = 120
ROOT = Path(skshallow.__file__).parents[1]


@pytest.fixture(autouse=True)
def in_a_folder_and_quick(tmp_path, monkeypatch):
    """A working directory, nets of few iterations from few starts, empty figures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(comparing, "clock", lambda *_: lambda n_rows: 1)
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
        code = command_line.main(["compare", *argv])
        return code, *capsys.readouterr()

    return run_command


def answers(out):
    """The data frame, the model and its labels, by the Python that was printed."""
    lines = [line[4:] for line in out.splitlines() if line.startswith("    ")]
    names = {}
    exec("\n".join(lines), names)
    return names["df"], names["model"], names["model"].predict(names["df"])


def in_one_line(out):
    return " ".join(out.split())


TARGET = ["--target", "Survived"]


def write(**columns):
    """Write the table with other columns, or without those that are None."""
    frame = passengers().assign(**columns)
    empty = frame.columns[frame.isna().all()]
    frame.drop(columns=empty).to_csv("table.csv", index=False)


# ---------------------------------------------------------------------------
# Ten tables: each is written by a function that returns the arguments


def missing_ages_and_text():
    write()
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
    write(Survived=["no", "yes", "maybe"] * (N // 3))
    return "table.csv", "Survived"


def three_percent():
    write(fraud=np.arange(N) < 4)
    return "table.csv", "fraud"


def an_identifier():
    rng = np.random.RandomState(1)
    write(CustomerId=rng.choice(10**6, N, replace=False), Name=None, PassengerId=None)
    return "table.csv", "Survived"


def thousands():
    values = np.random.RandomState(2).randint(900, 10**6, N)
    write(income=[f"{value:,}" for value in values])
    return "table.csv", "Survived"


TABLES = [missing_ages_and_text, semicolons_decimal_commas_and_a_mark, tabs, compressed]
TABLES += [parquet, latin_1, three_classes, three_percent, an_identifier, thousands]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_a_table_ends_in_a_table_a_recommendation_and_a_model(table, run):
    table, name = table()
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
    assert "120 rows, 7 columns.\nThe target is Survived: 0 (" in out
    assert "- numbers, scaled: Age, Fare\n" in out
    words = in_one_line(out)
    assert "identifiers (--keep COLUMN keeps one): PassengerId -" in words
    assert "text hardly repeats (--keep COLUMN keeps one): Name -" in words
    assert re.search(r"missing values: Age \(\d+\), Port \(\d+\);", words)
    assert "Wrote table.joblib, the fitted pipeline, and table.png." in words
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


def test_files_are_replaced_only_if_asked(run):
    write()
    for name in ("table.joblib", "table.png"):
        Path(name).write_text("mine")
        code, _, err = run("table.csv", *TARGET)
        assert code == 2
        assert f"{name} is there already: replace it with --overwrite" in err
        assert Path(name).read_text() == "mine"
        Path(name).unlink()
    Path("table.png").write_text("mine")
    assert run("table.csv", *TARGET, "--output", "other")[0] == 0
    assert run("table.csv", *TARGET, "--overwrite")[0] == 0
    assert Path("table.png").read_bytes() == Path("other.png").read_bytes()


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("No space left")])
def test_a_failure_at_the_end_leaves_the_files_as_they_were(error, run, monkeypatch):
    def fail(*args):
        raise error

    write()
    Path("table.joblib").write_text("mine")
    monkeypatch.setattr(output, "write_figure", fail)
    code, _, err = run("table.csv", *TARGET, "--overwrite")
    assert code == (130 if error is KeyboardInterrupt else 2)
    assert err.startswith("skshallow: ")
    assert err.count("\n") == 1
    assert Path("table.joblib").read_text() == "mine"
    assert sorted(os.listdir()) == ["table.csv", "table.joblib"]


def test_the_score_suits_the_shares_of_the_classes(run):
    _, out, _ = run(three_percent()[0], "--target", "fraud")
    reason = "always answering False is right in 97% of the rows"
    assert f"Comparing by roc_auc ({reason})" in in_one_line(out)
    asked = ["--scoring", "neg_log_loss", "--output", "other"]
    _, out, _ = run("table.csv", "--target", "fraud", *asked)
    assert "Comparing by neg_log_loss:" in out
    scoring, _ = target.scoring_of(np.repeat([0, 1, 2], [80, 10, 10]))
    assert scoring == "balanced_accuracy"


def test_fewer_folds_are_explained(run):
    write(Survived=["rare"] * 2 + ["no", "yes"] * (N // 2 - 1))
    _, out, _ = run("table.csv", *TARGET)
    assert "and 2 folds (the class rare has only 2 rows), about" in in_one_line(out)
    assert target.folds_of(np.repeat([0, 1], [target.N_FOLDS, 90])) == (3, "")


def test_columns_are_kept_and_dropped_as_asked(run):
    write()
    asked = ["--keep", "PassengerId", "--keep", "Name", "--drop", "Fare"]
    _, out, _ = run("table.csv", *TARGET, "--output", "other")
    assert "hardly repeats (--keep COLUMN keeps one): Name -" in in_one_line(out)
    _, out, _ = run("table.csv", *TARGET, *asked)
    assert "- numbers, scaled: PassengerId, Age\n" in out
    assert "Name, Sex, Port" in in_one_line(out)
    assert "Fare" not in out


def test_a_column_that_tells_the_target_is_named(run):
    write(alive=passengers()["Survived"].map({0: "no", 1: "yes"}))
    _, out, _ = run("table.csv", *TARGET)
    assert "each value of alive goes with one value of Survived" in out
    assert "--drop alive" in out
    assert "each value of Sex" not in out


def test_a_net_in_trouble_is_diagnosed(run, monkeypatch):
    strict = partial(ShallowNetClassifier, 8, max_iter=30, alpha=1e6)
    monkeypatch.setattr(comparing, "ShallowNetClassifier", strict)
    write()
    _, out, err = run("table.csv", *TARGET)
    assert err == ""
    assert "No start beats" in out
    assert re.search(r"The net that is kept: .*alpha", in_one_line(out))


def test_rows_without_a_label_are_left_out_and_still_numbered(run):
    write(Survived=["None", "dead", "alive", ""] * (N // 4))
    _, out, _ = run("table.csv", *TARGET)
    assert "Left out: 60 rows whose Survived is missing. If a class is called" in out
    assert "identifiers (--keep COLUMN keeps one): PassengerId" in in_one_line(out)


def test_the_page_shows_what_is_printed(run, monkeypatch, tmp_path):
    monkeypatch.undo()  # with as many nets as a user has
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(block, {})
    lines = r"^    (python -m .*)\n\n.*\n\n((?:    .*\n|\n)+)"
    command, shown = re.search(lines, page, re.MULTILINE).groups()
    program = "python -m skshallow compare "
    assert command.startswith(program)
    _, out, _ = run(*command.removeprefix(program).split())
    printed, shown = (re.sub(r"about \d+ s", "", text) for text in (out, shown))
    assert in_one_line(printed) == in_one_line(shown)


# ---------------------------------------------------------------------------
# What takes long


def test_a_table_too_large_for_a_minute_is_thinned(run, monkeypatch):
    monkeypatch.setattr(comparing, "MIN_ROWS", 30)
    monkeypatch.setattr(comparing, "clock", lambda *_: lambda n_rows: n_rows)
    write()
    _, out, _ = run("table.csv", *TARGET)
    words = in_one_line(out)
    assert re.search(r"Comparing on 60 of the 120 rows, .* about 2 min: ", words)
    assert "1 seeds and 3 folds, about 60 s." in words
    assert "Fitting the start to use on all 120 rows." in words
    _, out, _ = run("table.csv", *TARGET, "--all-rows", "--overwrite")
    assert "Comparing on" not in out
    assert "3 folds, about 2 min." in in_one_line(out)


def test_there_are_enough_rows_to_compare_on_however_long_that_takes():
    assert comparing.size_for_a_minute(lambda n: 10 * n, 10**6) == 1000


def test_thinning_keeps_the_shares_and_the_rare():
    y = np.repeat(["a", "b", "c"], [9000, 900, 12])
    rows = comparing.thinned(y, 991)
    labels, counts = np.unique(y[rows], return_counts=True)
    assert labels.tolist() == ["a", "b", "c"]
    assert counts.tolist() == [900, 90, 10]
    assert (np.diff(rows) > 0).all()
    assert comparing.thinned(y, 10**6).tolist() == list(range(len(y)))


def test_a_comparison_takes_the_time_of_its_updates(monkeypatch):
    """The clock of this test advances by the number of updates of a comparison."""
    now = [0.0]
    monkeypatch.undo()
    monkeypatch.setattr(comparing, "perf_counter", lambda: now[0])
    y = np.arange(3000) % 2

    net = ShallowNetClassifier()

    def compare_rows(rows, seeds, cv):
        now[0] += len(seeds) * cv * 0.001 * comparing.n_updates(net, len(rows) // cv)

    seconds_of = comparing.clock(compare_rows, net, y, n_folds=5)
    # 60 epochs of 12 batches are fewer than 1000 updates
    np.testing.assert_allclose(seconds_of(3000), 5 * 3 * 0.001 * 12 * -(-1000 // 12))


# ---------------------------------------------------------------------------
# What cannot be used


@pytest.fixture
def refusal(run):
    """Run the command on what it cannot use; returns the sentence that says so."""

    def run_in_vain(*argv):
        code, _, err = run(*TARGET, *argv)
        assert code == 2
        assert re.fullmatch("skshallow: .*\n", err)
        assert not [*Path().glob("*.joblib"), *Path().glob(".*")]
        return err

    return run_in_vain


def cut_off():
    whole = gzip.compress(passengers().to_csv(index=False).encode())
    Path("table.csv.gz").write_bytes(whole[:-100])


BAD_ARGUMENTS = [
    (write, "table.csv --target=", "--target COLUMN is needed: there are.*Age, Fare"),
    (write, "table.csv --target=survivd", r"did you mean 'Survived'\?"),
    (write, "table.csv --encoding=utf-99", "utf-99.*--encoding"),
    (write, "table.csv --decimal=,,", "length-1.*--decimal"),
    (write, "table.csv --n-jobs=0", "nets cannot be trained.*n_jobs"),
    (write, "table.csv --scoring=acuracy", "--scoring acuracy.*accuracy"),
    (write, "table.csv --keep=Agee", r"--keep Agee.*mean 'Age'\?"),
    (write, "table.csv --drop=Survived", "--drop Survived names no column"),
    (write, "table.csv --output=nowhere/model", "nowhere.*check the path"),
    (write, ".", "is no file"),
    (cut_off, "table.csv.gz", r"table\.csv\.gz cannot be read"),
    (latin_1, "table.csv --encoding=utf-8", "no text in utf-8.*another --encoding"),
    (three_classes, "table.csv --scoring=f1", "f1.*f1_macro"),
]


@pytest.mark.parametrize(("prepare", "arguments", "said"), BAD_ARGUMENTS)
def test_a_bad_argument_is_named_in_one_sentence(prepare, arguments, said, refusal):
    prepare()
    assert re.search(said, refusal(*arguments.split()))


A_CLASS_OF_ONE = ["rare", *["no", "yes"] * (N // 2 - 1), "no"]
ENDLESS_QUOTE = b'a,Survived\n1,"2\n' + b"1,2\n" * 40_000
NUMBERS_ALONE = "".join(["a,b,Survived\n", *(f"{k},1,{k % 2}\n" for k in range(N))])
BAD_TABLES = [  # what the file holds, or the values of Survived, and what is said
    (b"1,2,no\n3,4,yes\n", r"there are 1, 2, no\."),
    (b"", r"table\.csv cannot be read \(No columns"),
    (b"Age,Survived\n", "'Survived' has no two"),
    (b"Survived\n1\n0\n", "'Survived'.*--separator"),
    (b"a,Survived\n1,2\n1,2,3\n", "line 3, saw 3.*mend the file.*--separator"),
    (ENDLESS_QUOTE, "EOF inside string starting at row 1.*mend the file"),
    (NUMBERS_ALONE.encode(), "no column is left.*--keep"),
    (bytes(range(256)) * 9, "no text in utf-8.*give a CSV or parquet file"),
    ("NA", r"'Survived' has no two different values \(\).*name another"),
    ("no", r"'Survived'.*\(no\)"),
    (
        np.linspace(0, 1, N),
        "'Survived'.*120 different numbers, such as 0.0 and.*pandas.cut",
    ),
    (np.arange(N) % 2 / 2, "'Survived'.*numbers, such as 0.0 and 0.5.*numbers as text"),
    (A_CLASS_OF_ONE, "'Survived'.*only one row of rare.*merge classes"),
]


@pytest.mark.parametrize(("held", "said"), BAD_TABLES)
def test_a_table_that_cannot_be_used_is_one_sentence(held, said, refusal):
    if isinstance(held, bytes):
        Path("table.csv").write_bytes(held)
    else:
        write(Survived=held)
    assert re.search(said, refusal("table.csv"))


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2], [3, 4]],
        [{"a": 1}, {"a": 2}],
        [b"a", b"b"],
        [Decimal(1), Decimal(2)],
        [1, "a"],
        pd.to_datetime(["2020-01-01", "2021-01-01"]).tz_localize("UTC"),
    ],
    ids=["lists", "structs", "bytes", "decimals", "mixed", "times"],
)
def test_labels_are_text_numbers_or_booleans(values):
    with pytest.raises(Refusal, match=r"'y' holds values such as .*: write the labels"):
        target.labels_of(pd.Series(values, name="y"))


@pytest.mark.parametrize("package", ["pandas", "matplotlib"])
def test_a_package_that_is_missing_is_named(package, refusal, monkeypatch):
    write()
    monkeypatch.setitem(sys.modules, package, None)
    for module in ("comparing", "output", "table"):  # which import it
        monkeypatch.delitem(sys.modules, f"skshallow._command.{module}")
    err = refusal("table.csv")
    assert package in err
    assert err.endswith(": python -m pip install 'skshallow[table]'\n")


def test_an_output_that_is_closed_is_named():
    """``| head`` closes the output in this way."""
    write()
    command = [sys.executable, "-m", "skshallow", "compare", "table.csv"]
    command.append("--target=Survived")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.close()
        assert process.stderr.read() == (
            "skshallow: the output was closed before the model was written.\n"
        )
    assert process.returncode == 2


def test_parquet_needs_an_engine_and_names_of_columns(refusal, monkeypatch):
    Path("table.parquet").write_bytes(b"PAR1")
    said = refusal("table.parquet")
    assert "table.parquet cannot be read (" in said
    assert "skshallow[parquet]" in said
    for names in (["a", "a", "Survived"], [0, 1, "Survived"]):
        frame = pd.DataFrame([[1, 2, 0]], columns=names)
        monkeypatch.setattr(pd, "read_parquet", lambda _, frame=frame: frame)
        assert "give each a name of its own, as text" in refusal("table.parquet")


def test_the_command_runs_as_a_module():
    command = [sys.executable, "-m", "skshallow", "compare", "table.csv"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stdout.splitlines() == ["Reading table.csv"]
    assert result.stderr.startswith("skshallow: table.csv is no file")


# ---------------------------------------------------------------------------
# The command line


def test_the_version_is_the_package_s(capsys):
    with pytest.raises(SystemExit) as exit_:
        command_line.main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"skshallow {skshallow.__version__}\n"


def test_the_output_may_be_ascii():
    """A process with an ASCII output estimates the time and draws the figure, too."""
    passengers().rename(columns={"Survived": "überlebt"}).to_csv("t.csv", index=False)
    program = """if 1:
        import sys
        from skshallow._command.__main__ import main
        from skshallow._command import comparing
        comparing.SCALES = (0.1,)
        sys.exit(main(["compare", "t.csv", "--target", "überlebt"]))
    """
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
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


def test_progress_goes_to_a_terminal_alone(run, monkeypatch):
    write()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, out, err = run("table.csv", *TARGET)
    assert "Cohort 1/1" in err
    assert "Cohort" not in out
