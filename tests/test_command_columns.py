"""The command recognises how a table is written and what its columns hold.

How it prepares the columns is stated here, too. Whole runs are in ``test_command``.
"""

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skshallow._command import columns, table
from skshallow._command.refusal import joined

N = 60


# ---------------------------------------------------------------------------
# How a file is written


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("a,b", ","),
        ("a;b (m,n)", ","),
        ("a;b;c,d", ";"),
        ("a\tb", "\t"),
        ("a|b", "|"),
        ("a  b", r"\s+"),
        ('a,"b;c;d"', ","),
        ("a", ","),
        ('"a b" "y"', r"\s+"),  # as R writes by default
    ],
)
def test_the_separator_stands_most_often_in_the_line_of_names(line, separator):
    assert table.separator_of(line) == separator


def test_a_table_is_read_as_r_writes_it_by_default(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text('"a" "b" "y"\n"1" 0.5 "x y" "no"\n"2" NA "z" "yes"\n')
    frame, _ = table.read_table(path)
    assert list(frame) == ["a", "b", "y"]
    assert frame["b"].tolist() == ["x y", "z"]
    assert frame["a"].isna().tolist() == [False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found(encoding, tmp_path):
    path = tmp_path / "table.csv"
    frame = pd.DataFrame({"a": ["a"] * 2000 + ["é€"], "b": 1})
    frame.to_csv(path, index=False, encoding=encoding)
    read, _ = table.read_table(path)
    assert list(read) == ["a", "b"]
    assert read["a"].iloc[-1] == "é€"


def test_the_call_reads_the_same_frame(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(
        {
            "version": ["1.2.3", "1.2.4"] * 30,
            "income": ["1.234,5", "234,25"] * 30,
            "when": ["31.12.2020", None] * 30,
            "hole": ["?", "7"] * 30,
            "label": ["2020-01-01", "2021-01-01"] * 30,
        }
    )
    frame.to_csv("table.csv", sep=";", index=False)
    frame, call = table.read_table(Path("table.csv"), target="label")
    pd.testing.assert_frame_equal(eval(call, {"pandas": pd}), frame)
    assert frame["income"].tolist()[:2] == [1234.5, 234.25]
    assert frame["when"].iloc[0] == pd.Timestamp(2020, 12, 31)
    assert frame["version"].iloc[0] == "1.2.3"  # and not 123
    assert np.isnan(frame["hole"].iloc[0])
    assert frame["label"].iloc[0] == "2020-01-01"


@pytest.mark.parametrize(
    ("values", "few", "texts"),
    [
        ("01 02 A1", "01 02", ["01", "02"]),
        ("1 2 3 K", "1 - 3", ["1", "-", "3"]),
        ("TRUE FALSE maybe", "TRUE FALSE", ["TRUE", "FALSE"]),
    ],
)
def test_codes_stay_text_in_a_table_of_few_rows(values, few, texts, tmp_path):
    def write(text):
        lines = [f"{value},1" for value in text.split()]
        path.write_text("\n".join(["code,y", *lines]))

    path = tmp_path / "table.csv"
    write(values)
    _, call = table.read_table(path, target="y")
    write(few)
    read = eval(call, {"pandas": pd})
    assert read["code"].fillna("").tolist() == texts


@pytest.mark.filterwarnings("ignore::pandas.errors.DtypeWarning")
@pytest.mark.parametrize("target", ["code", "b"])
def test_columns_that_mix_numbers_and_text_are_text(target, tmp_path):
    path = tmp_path / "table.csv"
    with path.open("w") as file:
        file.write("code,b\n")
        file.writelines(f"{k % 9}{'x' * (k > 299_000)},1\n" for k in range(300_000))
    frame, _ = table.read_table(path, target=target)
    assert {type(value) for value in frame["code"]} == {str}


@pytest.mark.parametrize(
    ("values", "others"),
    [
        (["12.5x", "1.5", "2"], ["12.5x"]),
        (["1,5", "2,5", "not recorded", None], ["not recorded"]),
        (["1", "2", "3"], []),
        (["a", "b", "1"], []),
        ([True, False, True], []),
    ],
)
def test_what_makes_text_of_a_column_of_numbers_is_found(values, others):
    assert columns.not_numeric(pd.Series(values)) == others


# ---------------------------------------------------------------------------
# How numbers and dates are written


@pytest.mark.parametrize(
    ("values", "separator", "marks"),
    [
        (["1.5", "2"], ",", (".", None)),
        (["1,5", "2"], ",", (",", None)),
        (["1,234", "56,789"], ",", (".", ",")),
        (["1,234", "56,789"], ";", (",", None)),
        (["0,123", "0,456"], ",", (",", None)),  # no number of groups begins with 0
        (["1,234.5", "7"], ";", (".", ",")),
        (["1.234,5", "7"], ",", (",", ".")),
        (["1.234", "5.678"], ";", (".", None)),
        (["1 234,5", "2,5"], ";", (",", " ")),
        (["1'234.5", "2.5"], ",", (".", "'")),
        (["12.03.2020", "a,b"], ";", (".", None)),
    ],
)
def test_the_marks_of_numbers_are_found(values, separator, marks):
    assert table.marks_of({"x": values}, separator) == marks


def test_a_decimal_mark_that_is_given_stays():
    assert table.marks_of({"x": ["1,234"]}, ",", ",") == (",", None)
    assert table.marks_of({"x": ["1·5"]}, ",", "·") == ("·", None)


@pytest.mark.parametrize("is_day_first", [True, False])
def test_iso_dates_need_no_format(is_day_first):
    dates = ["2020-01-31", "2020-01-31 10:11:12"]
    assert table.date_format(dates, is_day_first) == "ISO8601"


@pytest.mark.parametrize(
    ("dates", "is_day_first", "known"),
    [
        (["31.12.2020"], False, "%d.%m.%Y"),
        (["12/31/2020 10:11"], True, "%m/%d/%Y %H:%M"),
        (["31/12/2020"], False, "%d/%m/%Y"),
        (["03/04/2020"], False, "%m/%d/%Y"),
        (["03/04/2020"], True, "%d/%m/%Y"),
        (["Jan 31, 2020", "?"], False, "%b %d, %Y"),
        (["12/31/20 10:11 PM"], False, "%m/%d/%y %I:%M %p"),
        (["2020", "2021"], False, None),
        (["12:30"], False, None),
        (["blue", "31.12.2020"], False, None),
        (["2020-01-01T00:00:00+01:00", "2020-06-01T00:00:00+02:00"], False, None),
    ],
)
def test_dates_are_recognised_by_all_of_their_values(dates, is_day_first, known):
    assert table.date_format(dates, is_day_first) == known


# ---------------------------------------------------------------------------
# What columns are


rng = np.random.RandomState(0)
KINDS = {
    "a measure": (rng.standard_normal(N), columns.NUMBER),
    "counts": (rng.randint(0, 5, N), columns.NUMBER),
    "large whole numbers": (rng.randint(10**6, 10**7, N), columns.NUMBER),
    "counts up": (np.arange(1000, 1000 + N), columns.IDENTIFIER),
    "counts up, shuffled": (rng.permutation(N), columns.IDENTIFIER),
    "counts up in tens": (np.arange(N) * 10, columns.NUMBER),
    "floats that count up": (np.arange(N) * 1.0, columns.IDENTIFIER),
    "counts up with gaps": ([None, *range(N)], columns.IDENTIFIER),
    "counts with gaps": ([None, 1, 2] * 20, columns.NUMBER),
    "few that count up": ([1, 2, 3], columns.NUMBER),
    "CustomerID": (rng.randint(10**6, 10**7, N), columns.IDENTIFIER),
    "store_id": (rng.randint(0, 5, N), columns.NUMBER),
    "order id": ([None, *rng.permutation(10**6)[:N]], columns.IDENTIFIER),
    "order no": (rng.permutation(10**6)[:N], columns.IDENTIFIER),
    "huge whole numbers": ([10**30 * (k % 7) for k in range(N)], columns.NUMBER),
    "huge id": ([10**30 * k for k in range(N)], columns.IDENTIFIER),
    "paid": (rng.permutation(10**6)[:N], columns.NUMBER),
    "uuids": ([f"{k:08x}-12ab" for k in range(N)], columns.FREE_TEXT),
    "levels": (["a", "b", None] * 20, columns.CATEGORY),
    "few names": (["Ann", "Bob", "Cem"], columns.CATEGORY),
    "cabins": ([f"C{k // 1.5:.0f}" for k in range(N)], columns.FREE_TEXT),
    "reviews": ([f"I liked it {k} times " * 5 for k in range(N)], columns.FREE_TEXT),
    "booleans": ([True, False] * 30, columns.CATEGORY),
    "booleans with gaps": ([True, False, None] * 20, columns.CATEGORY),
    "infinities": ([1.0, np.inf, np.nan] * 20, columns.UNUSABLE),
    "too large to be scaled": ([1e300, 1.0] * 30, columns.UNUSABLE),
    "decimals": ([Decimal(k) for k in range(5)] * 9, columns.NUMBER),
    "one value": ([1] * N, columns.CONSTANT),
    "one value or none": ([1, None] * 30, columns.NUMBER),
    "nothing": ([None] * N, columns.CONSTANT),
    "days": ([datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)], columns.DATE),
    "lists": ([[1], [2]], columns.UNUSABLE),
    "complex numbers": ([1j, 2j], columns.UNUSABLE),
    "levels as numbers": (pd.Categorical([1, 2] * 30), columns.CATEGORY),
    "nullable": (pd.array([1, 2, None] * 20, dtype="Int64"), columns.NUMBER),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_column_is_what_its_values_are(name):
    values, kind = KINDS[name]
    assert columns.kind_of(pd.Series(values, name=name)) == kind


def transformed(**values):
    frame = pd.DataFrame({**values, "target": 0})
    prepare = columns.preparation(columns.kinds_of(frame[[*values]]))
    prepare.fit(frame)
    return prepare, frame


def test_a_missing_date_is_the_median_in_every_unit_and_zone():
    days = pd.Series(pd.to_datetime(["2020-01-01", None, "2020-01-03", "2020-01-05"]))
    values = {"us": days, "ns": days.astype("datetime64[ns]")}
    values["zoned"] = days.dt.tz_localize("Asia/Tokyo")
    values["dates"] = [None if pd.isna(day) else day.date() for day in days]
    prepare, frame = transformed(**values)
    out = prepare.transform(frame).reshape(4, 4, 2)
    expected = np.array([-2, 0, 0, 2]) / np.sqrt(2)
    for k in range(4):
        np.testing.assert_allclose(out[:, k, 0], expected, atol=1e-12)
        assert (out[:, k, 1] > 0).tolist() == [False, True, False, False]
    assert prepare.get_feature_names_out()[0] == "date 1__us"


def test_rare_values_share_a_column_and_new_ones_fall_there():
    prepare, frame = transformed(x=["a"] * 20 + ["b"] * 20 + ["c", "d"] * 2)
    assert prepare.transform(frame).shape == (44, 3)
    new = frame.iloc[:3].assign(x=["new", None, 5])
    assert prepare.transform(new).tolist() == [[0, 0, 1]] * 3


def test_huge_whole_numbers_are_scaled():
    prepare, frame = transformed(x=[10**30, 2 * 10**30, None, 3 * 10**30] * 9)
    out = prepare.transform(frame)[:4, 0]
    np.testing.assert_allclose(out, np.array([-1, 0, 0, 1]) * np.sqrt(2), atol=1e-12)


def test_what_is_missing_in_text_is_the_same_in_frames_of_every_kind():
    prepare, frame = transformed(x=["a", "b", np.nan] * 20)
    expected = prepare.transform(frame.iloc[2:3])
    new = [frame.assign(x=None), frame.astype({"x": "string"}).iloc[2:3]]
    new.append(frame.assign(x=pd.Series([None] * 60, dtype="category")))
    polars = pytest.importorskip("polars")
    new.append(polars.DataFrame({"x": [None], "target": [0]}))
    for other in new:
        np.testing.assert_array_equal(prepare.transform(other)[:1], expected)


def test_of_many_names_some_are_listed():
    assert joined("abc") == "a, b, c"
    assert joined(range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
