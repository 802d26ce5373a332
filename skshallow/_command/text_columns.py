"""What columns of text stand for: numbers as people write them, dates, missing values.

Columns are looked at as text, so that nothing is lost before it is known how a table
writes its numbers. What comes out are options of ``pandas.read_csv``.
"""

import re

import numpy as np

# Of decimal mark and thousands mark. Without evidence the first one that fits is right.
MARKS = [(".", None), (".", ","), (",", None), (",", "."), (".", " "), (",", " ")]
MARKS += [(".", "'"), (",", "\u00a0"), (",", "\u202f")]  # spaces of French tables
# What people write where nothing is known, beyond what pandas takes for missing.
MISSING = {"", "?", "-", "--", ".", "*", "na", "n.a.", "none", "nil", "unknown"}
MISSING |= {"missing", "not available", "(null)", "\\n"}
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y")
DAYS += ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%m/%d/%y")
DAYS += ("%d/%m/%y", "%d.%m.%y", "%d-%b-%y")
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
FORMATS = ("ISO8601", *(day + time for day in DAYS for time in TIMES))
FEW = 200  # values that are tried before all are


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
                if _is_at_risk(values, pattern, thousands):
                    text[name] = "str"
                continue
            dates[name] = known
        missing[name] = sorted(filter(is_missing, values))
    formats = set(dates.values())
    is_ascii = f"{decimal}{thousands}".isascii()
    options = {
        "decimal": None if decimal == "." else decimal,
        "thousands": thousands,
        "engine": None if is_ascii else "python",  # the other one knows ASCII only
        "dtype": text,
        "na_values": {name: marks for name, marks in missing.items() if marks},
        "parse_dates": list(dates),
        "date_format": formats.pop() if len(formats) == 1 else dates,
    }
    return {option: value for option, value in options.items() if value}


def _is_at_risk(values, pattern, thousands):
    """Whether pandas may not read a column of text as it is written."""
    if thousands and any(re.fullmatch(r"[\d.,'\s+-]*", value) for value in values):
        return True  # it takes that mark away wherever it stands: 1.2.3 would be 123
    # A part of the rows may hold numbers alone, or true and false, and 01 would be 1.
    return not all(map(_is_boolean, values)) and any(
        _is_boolean(value) or pattern.fullmatch(value) for value in values
    )


def _is_boolean(value):
    return value.strip().lower() in ("true", "false")


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
    columns : dict of str -> list of str
        The different values of each column.
    separator : str
    decimal : str or None
        None to find it out.

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
        counts[pair] = sum(is_number(of, pattern) for of in columns.values())
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
    fitting = [f for f in FORMATS if _fits(values[:FEW], f) and _fits(values, f)]
    if is_day_first:
        fitting.sort(key=lambda known: known.startswith("%m"))
    return fitting[0] if fitting else None


def _fits(values, known):
    import pandas as pd

    if known == "ISO8601" and not re.match(r"\d{4}-?\d\d-?\d\d", values[0]):
        return False  # a year alone is a number
    try:
        dates = pd.to_datetime(np.array(values, dtype=object), format=known)
    except (ValueError, TypeError, OverflowError):
        return False
    return pd.api.types.is_datetime64_any_dtype(dates)  # not so with several zones


def looks_marked(values):
    """Whether text is only numbers with a sign of money or a percent sign."""
    pattern = number_pattern(".", ",")
    bare = [value.strip().strip("$€£¥₺%").strip() for value in values]
    return any(map(str.isdigit, "".join(bare))) and all(
        pattern.fullmatch(value) or is_missing(value) for value in bare
    )
