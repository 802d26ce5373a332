"""Reads a table through pandas: finds how it is written, and says by which call.

Columns are first read as text, so that nothing is lost before it is known how a table
writes its numbers and dates. What is found are options of ``pandas.read_csv``.
"""

import re

import numpy as np

from skshallow._command.refusal import Refusal

# In the order in which they are tried. UTF-16 begins with a mark, and the last one is
# what Windows writes: Latin-1 with quotation marks and the euro sign.
ENCODINGS = ("utf-8", "utf-16", "cp1252")
SEPARATORS = (",", ";", "\t", "|")
SPACES = r"\s+"  # where there is no other separator
# Of decimal mark and thousands mark. Without evidence the first one that fits is right.
MARKS = [(".", None), (".", ","), (",", None), (",", "."), (".", " "), (",", " ")]
MARKS += [(".", "'")]
# What people write where nothing is known, beyond what pandas takes for missing.
MISSING = {"", "?", "-", "--", ".", "*", "na", "n.a.", "none", "nil", "unknown"}
MISSING |= {"missing", "not available", "(null)", "\\n"}
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y")
DAYS += ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%m/%d/%y")
DAYS += ("%d/%m/%y", "%d.%m.%y", "%d-%b-%y")
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
FORMATS = ("ISO8601", *(day + time for day in DAYS for time in TIMES))
FEW = 1000  # of the values of a column are enough to find marks and formats by
# Text that pandas would read as a number or as true or false, if it stood alone.
MISREAD = re.compile(
    r"\s*(true|false|[+-]?(?:inf|infinity|(?=.*\d)[\d.,' ]+(?:e[+-]?\d+)?))\s*", re.I
)


def read_table(path, separator=None, decimal=None, encoding=None, target=None):
    """Read a CSV or parquet file; what is not given is found out.

    The values of the target are labels, and never dates.

    Returns
    -------
    frame : pandas.DataFrame
    call : str
        The call that reads it.

    Raises
    ------
    Refusal
        If it cannot be read.
    """
    if not path.is_file():
        raise Refusal(f"{path} is no file: name a file that holds the table.")
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    if is_parquet:
        return _read_parquet(path)
    encodings = [encoding] if encoding else ENCODINGS
    for known in encodings:
        try:
            return _read_text(path, known, separator, decimal, target)
        except UnicodeError as error:
            reason = error
    raise Refusal(
        f"{path} is no text in {' or '.join(encodings)} ({reason}): give a CSV or "
        "parquet file, or another --encoding, for instance latin-1."
    )


def _read_text(path, encoding, separator, decimal, target):
    how = {} if encoding == "utf-8" else {"encoding": encoding}
    one_line = {"sep": "\x1f", "quoting": 3, "header": None, "nrows": 1}
    as_it_stands = {"dtype": str, "keep_default_na": False}
    line = _read("read_csv", path, **how, **one_line, **as_it_stands).iloc[0, 0]
    separator = separator or separator_of(line)
    if separator != ",":
        how["sep"] = separator
    if f"{separator} " in line:
        how["skipinitialspace"] = True
    texts = _read("read_csv", path, **how, dtype=str)
    if texts.shape[1] < 2:
        raise Refusal(
            f"{path} has one column, {texts.columns[0]!r}, as it was read: name what "
            "separates its columns, for instance --separator ';'."
        )
    values = {name: texts[name].dropna().unique().tolist() for name in texts}
    options = how | what_they_hold(values, separator, decimal, target)
    given = [repr(str(path)), *(f"{name}={value!r}" for name, value in options.items())]
    call = f"pandas.read_csv({', '.join(given)})"
    return _read("read_csv", path, **options), call


def _read_parquet(path):
    frame = _read("read_parquet", path)
    are_text = all(isinstance(name, str) for name in frame)
    if not are_text or not frame.columns.is_unique:
        raise Refusal(
            f"{path} has columns {list(frame)}: give each a name of its own, as text."
        )
    return frame, f"pandas.read_parquet({str(path)!r})"


def _read(reader, path, **options):
    import pandas as pd

    try:
        return getattr(pd, reader)(path, **options)
    except UnicodeError:  # another encoding may fit
        raise
    except Exception as error:  # of pandas, of a decompressor, or of an engine
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise Refusal(
            f"{path} cannot be read ({reason}): mend the file, or say with "
            "--separator, --decimal and --encoding how it is written."
        ) from error


def separator_of(line):
    """The separator that stands most often in the line of names, outside of quotes."""
    line = re.sub(r'"[^"]*"', "", line)
    best = max(SEPARATORS, key=line.count)
    if best not in line:
        return SPACES if re.search(SPACES, line) else ","
    return best


def what_they_hold(columns, separator, decimal, target):
    """Options of ``pandas.read_csv`` that say what columns hold.

    Parameters
    ----------
    columns : dict of str -> list of str
        The different values of each column.
    separator : str
    decimal : str or None
        None to find it out.
    target : str
        A column whose values are never dates.

    Returns
    -------
    options : dict
    """
    decimal, thousands = marks_of(columns, separator, decimal)
    pattern = number_pattern(decimal, thousands)
    dates, text, missing = {}, {}, {}
    for name, values in columns.items():
        if not is_number(values, pattern):
            known = date_format(values, is_day_first=decimal == ",")
            if known is None or name == target:
                if _is_misread(values):
                    text[name] = "str"
                continue
            dates[name] = known
        missing[name] = sorted(filter(is_missing, values))
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
    """Whether pandas may read some of a column of text otherwise than it is written.

    A part of the rows, or another table, may hold these alone, and 01 would be 1. And
    pandas takes a thousands mark away wherever it stands.
    """
    fits = [MISREAD.fullmatch(value) for value in values]
    are_booleans = all(fit and fit[1][0] in "tTfF" for fit in fits)
    return any(fits) and not are_booleans


def number_pattern(decimal, thousands):
    """A pattern of numbers that are written with such marks."""
    whole = r"\d+"
    if thousands:
        whole = rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    mark = re.escape(decimal)
    number = rf"(?:{whole}(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?"
    return re.compile(rf"\s*[+-]?(?:{number}|inf|infinity|nan)\s*", re.IGNORECASE)


def marks_of(columns, separator, decimal=None):
    """Decimal mark and thousands mark by which most columns are numbers.

    Parameters
    ----------
    columns, separator, decimal
        As in `what_they_hold`.

    Returns
    -------
    decimal, thousands : str, and str or None
    """
    marks = [pair for pair in MARKS if decimal in (None, pair[0])]
    marks = marks or [(decimal, None)]
    if separator == ";":  # the separator of where the comma is the decimal mark
        marks = marks[:1] + sorted(marks[1:], key=lambda pair: pair[0] != ",")
    counts = {}
    for pair in marks:
        pattern = number_pattern(*pair)
        counts[pair] = sum(
            is_number(values[:: len(values) // FEW + 1], pattern)
            for values in columns.values()
        )
    return max(marks, key=counts.get)


def is_number(values, pattern):
    """Whether all values are numbers, but for those that stand for missing ones."""
    odd = {value for value in values if not pattern.fullmatch(value)}
    return len(odd) < len(values) and all(map(is_missing, odd))


def is_missing(value):
    """Whether a text stands for a missing value."""
    return value.strip().lower() in MISSING


def date_format(values, is_day_first):
    """The format of the dates of a column; None if it holds others.

    Parameters
    ----------
    values : list of str
    is_day_first : bool
        Which of two formats to take if all dates fit both.

    Returns
    -------
    known : str or None
    """
    values = [value for value in values if not is_missing(value)]
    if not values or not all(re.search(r"\d", value) for value in values[:FEW]):
        return None
    formats = sorted(FORMATS, key=lambda f: is_day_first and f.startswith("%m"))
    fitting = (f for f in formats if _fits(values[:FEW], f) and _fits(values, f))
    return next(fitting, None)


def _fits(values, known):
    import pandas as pd

    if known == "ISO8601" and not re.match(r"\d{4}-?\d\d-?\d\d", values[0]):
        return False  # a year alone is a number
    try:
        dates = pd.to_datetime(np.array(values, dtype=object), format=known)
    except (ValueError, TypeError, OverflowError):
        return False
    return pd.api.types.is_datetime64_any_dtype(dates)  # not so with several zones
