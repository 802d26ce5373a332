"""Reads a table by pandas, and finds the options of ``pandas.read_csv`` to do so.

All columns are read as text first. The options for numbers and dates are found from
this text.
"""

import re

import numpy as np
import pandas as pd

from skshallow._command.refusal import Refusal, first_line

# In the order in which they are tried. A file in UTF-16 begins with a mark. Windows
# writes cp1252: Latin-1 with quotation marks and the euro sign.
ENCODINGS = ("utf-8", "utf-16", "cp1252")
SEPARATORS = (",", ";", "\t", "|")
SPACES = r"\s+"  # the separator if there is no other
# Pairs of a decimal mark and a thousands mark. The first pair that fits is used.
MARKS = [(".", None), (".", ","), (",", None), (",", "."), (".", " "), (",", " ")]
MARKS += [(".", "'")]
# Texts that stand for missing values, beside those that pandas knows.
MISSING = {"", "?", "-", "--", ".", "*", "na", "n.a.", "none", "nil", "unknown"}
MISSING |= {"missing", "not available", "(null)", "\\n"}
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y")
DAYS += ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%m/%d/%y")
DAYS += ("%d/%m/%y", "%d.%m.%y", "%d-%b-%y")
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
FORMATS = ("ISO8601", *(day + time for day in DAYS for time in TIMES))
FEW = 1000  # number of values of a column that are enough to find marks and formats
# Text that pandas would read as a number or as true or false in a column of such text.
MISREAD = re.compile(
    r"\s*(true|false|[+-]?(?:inf|infinity|(?=.*\d)[\d.,' ]+(?:e[+-]?\d+)?))\s*", re.I
)
# What to do if a file that is whole cannot be read.
FOR_TEXT = "say with --separator, --decimal and --encoding how it is written"
FOR_PARQUET = "install an engine, python -m pip install 'skshallow[parquet]'"


def read_table(path, separator=None, decimal=None, encoding=None, target=None):
    """Read a CSV or parquet file, and find the options that are not given.

    The values of the target are labels, and never read as dates.

    Returns
    -------
    frame : pandas.DataFrame
    call : str
        The call of pandas that reads the file.

    Raises
    ------
    Refusal
        If the file cannot be read.
    """
    if not path.is_file():
        raise Refusal(f"{path} is no file: name a file that holds the table.")
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            return _read_parquet(path)
    encodings = [encoding] if encoding else ENCODINGS
    for name in encodings:
        try:
            return _read_text(path, name, separator, decimal, target)
        except UnicodeError as error:
            reason = error
    raise Refusal(
        f"{path} is no text in {' or '.join(encodings)} ({reason}): give a CSV or "
        "parquet file, or another --encoding, for instance latin-1."
    )


def _read_text(path, encoding, separator, decimal, target):
    options = {} if encoding == "utf-8" else {"encoding": encoding}
    one_line = {"sep": "\x1f", "quoting": 3, "nrows": 0}
    line = _read(pd.read_csv, path, **options, **one_line).columns[0]
    separator = separator or separator_of(line)
    if separator != ",":
        options["sep"] = separator
    if f"{separator} " in line:
        options["skipinitialspace"] = True
    texts = _read(pd.read_csv, path, **options, dtype=str)
    if texts.shape[1] < 2:
        raise Refusal(
            f"{path} has one column, {texts.columns[0]!r}, as it was read: name what "
            "separates its columns, for instance --separator ';'."
        )
    values = {name: texts[name].dropna().unique().tolist() for name in texts}
    options |= options_for(values, separator, decimal, target)
    parts = [repr(str(path)), *(f"{name}={value!r}" for name, value in options.items())]
    call = f"pandas.read_csv({', '.join(parts)})"
    return _read(pd.read_csv, path, **options), call


def _read_parquet(path):
    frame = _read(pd.read_parquet, path, FOR_PARQUET)
    are_text = all(isinstance(name, str) for name in frame)
    if not are_text or not frame.columns.is_unique:
        raise Refusal(
            f"{path} has columns {list(frame)}: give each a name of its own, as text."
        )
    return frame, f"pandas.read_parquet({str(path)!r})"


def _read(reader, path, advice=FOR_TEXT, **options):
    try:
        return reader(path, **options)
    except UnicodeError:  # another encoding may fit
        raise
    except Exception as error:  # of pandas, of a decompressor, or of an engine
        raise Refusal(
            f"{path} cannot be read ({first_line(error)}): mend the file, or {advice}."
        ) from error


def separator_of(line):
    """The most frequent separator in the first line, outside of quotation marks."""
    line = re.sub(r'"[^"]*"', "", line)
    best = max(SEPARATORS, key=line.count)
    if best not in line:
        return SPACES if re.search(SPACES, line) else ","
    return best


def options_for(columns, separator, decimal, target):
    """Options of ``pandas.read_csv`` for the numbers, dates and text in columns.

    Parameters
    ----------
    columns : dict of str -> list of str
        The different values of each column.
    separator : str
    decimal : str or None
        None if it has to be found.
    target : str
        The column whose values are never read as dates.

    Returns
    -------
    options : dict
    """
    decimal, thousands = marks_of(columns, separator, decimal)
    pattern = number_pattern(decimal, thousands)
    dates, text, missing = {}, {}, {}
    for name, values in columns.items():
        if not are_numbers(values, pattern):
            form = date_format(values, is_day_first=decimal == ",")
            if form is None or name == target:
                if _is_misread(values):
                    text[name] = "str"
                continue
            dates[name] = form
        missing[name] = sorted(filter(marks_missing, values))
    formats = set(dates.values())
    options = {
        "decimal": None if decimal == "." else decimal,
        "thousands": thousands,
        "dtype": text,
        "na_values": {name: marks for name, marks in missing.items() if marks},
        "parse_dates": list(dates),
        "date_format": formats.pop() if len(formats) == 1 else dates,
    }
    return {option: value for option, value in options.items() if value}


def _is_misread(values):
    """Whether pandas would change some values of a column of text, such as 01 to 1.

    It would if a part of the rows, or another table, has only such values. Also, pandas
    removes a thousands mark in all places.
    """
    fits = [MISREAD.fullmatch(value) for value in values]
    are_booleans = all(fit and fit[1][0] in "tTfF" for fit in fits)
    return any(fits) and not are_booleans


def number_pattern(decimal, thousands):
    """The regular expression of numbers with these marks."""
    groups = rf"[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    whole = rf"(?:{groups}\d+)"
    mark = re.escape(decimal)
    number = rf"(?:{whole}(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?"
    return re.compile(rf"\s*[+-]?(?:{number}|inf|infinity|nan)\s*", re.IGNORECASE)


def marks_of(columns, separator, decimal=None):
    """The decimal mark and the thousands mark with which most columns are numbers.

    Parameters
    ----------
    columns, separator, decimal
        As in `options_for`.

    Returns
    -------
    decimal, thousands : str, and str or None
    """
    marks = [pair for pair in MARKS if decimal in (None, pair[0])]
    marks = marks or [(decimal, None)]
    if separator == ";":  # tables with decimal commas have this separator
        marks = marks[:1] + sorted(marks[1:], key=lambda pair: pair[0] != ",")
    few = [values[:: len(values) // FEW + 1] for values in columns.values()]

    def n_of_numbers(pair):
        pattern = number_pattern(*pair)
        return sum(are_numbers(values, pattern) for values in few)

    return max(marks, key=n_of_numbers)


def are_numbers(values, pattern):
    """Whether all values are numbers, apart from those that stand for missing ones."""
    others = {value for value in values if not pattern.fullmatch(value)}
    return len(others) < len(values) and all(map(marks_missing, others))


def marks_missing(value):
    """Whether a text stands for a missing value."""
    return value.strip().lower() in MISSING


def date_format(values, is_day_first):
    """The format of the dates in a column; None if its values are not dates.

    Parameters
    ----------
    values : list of str
    is_day_first : bool
        Whether dates that fit both have the day before the month.

    Returns
    -------
    form : str or None
    """
    values = [value for value in values if not marks_missing(value)]
    if not values or not all(re.search(r"\d", value) for value in values[:FEW]):
        return None
    formats = sorted(FORMATS, key=lambda f: is_day_first and f.startswith("%m"))
    fitting = (f for f in formats if _fits(values[:FEW], f) and _fits(values, f))
    return next(fitting, None)


def _fits(values, form):
    if form == "ISO8601" and not re.match(r"\d{4}-?\d\d-?\d\d", values[0]):
        return False  # a year alone is a number
    try:
        dates = pd.to_datetime(np.array(values, dtype=object), format=form)
    except (ValueError, TypeError, OverflowError):
        return False
    return pd.api.types.is_datetime64_any_dtype(dates)  # not so with several zones
