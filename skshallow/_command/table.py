"""Reads a table through pandas, and says by which call it has been read."""

import re
import warnings
from typing import NamedTuple

import skshallow._command.dialect as dialect
import skshallow._command.files as files
import skshallow._command.text_columns as text_columns
from skshallow._command.refusal import Refusal

N_ROWS = 200_000  # in which numbers and dates are looked for
# Options of pandas.read_csv that do not say what columns hold.
HOW_WRITTEN = ("sep", "skiprows", "encoding", "compression", "skipinitialspace")
HOW_WRITTEN += ("index_col",)


class Table(NamedTuple):
    """A table, and how it was read.

    Parameters
    ----------
    frame : pandas.DataFrame
    call : str
        The call that reads it.
    header : list of str
        The first line of a text file, or else the names of the columns.
    words : list of str
        What stands in the target where pandas finds a missing value.
    """

    frame: object
    call: str
    header: list
    words: list


def read_table(path, *, separator=None, decimal=None, encoding=None, target=None):
    """Read a CSV or parquet file; what is not given is found out.

    The values of the target are labels, and never dates.

    Raises
    ------
    Refusal
        If it cannot be read.
    """
    if files.is_parquet(path):
        return _read_parquet(path)
    try:
        return _read_text(path, separator, decimal, encoding, target)
    except files.DAMAGES as error:
        raise Refusal(f"{path} cannot be decompressed or read ({error}).") from None
    except UnicodeError as error:
        raise Refusal(
            f"{path} is not written in {encoding or 'UTF-8 or cp1252'} ({error}): give "
            "another --encoding, for instance latin-1."
        ) from None


def _read_text(path, separator, decimal, encoding, target):
    written, records = _written(path, separator, encoding)
    for n_rows in (N_ROWS, None):
        raw = _read_csv(path, written, dtype=str, nrows=n_rows)
        columns = {name: raw[name].dropna().unique().tolist() for name in raw}
        found = _found(columns, written.get("sep", ","), decimal, target)
        options = written | found
        frame = _read_csv(path, options)  # adds an option where it has to
        if len(frame) == len(raw) or not _are_odd_later(path, options, frame):
            break
    if frame.shape[1] < 2:
        raise Refusal(
            f"{path} has one column, {frame.columns[0]!r}, as it was read: name what "
            "separates its columns, for instance --separator ';'."
        )
    words = []
    if target in frame and frame[target].isna().any():
        words = _words_for_missing(path, options, frame[target])
    return Table(frame, _call("read_csv", path, options), records[0], words)


def _are_odd_later(path, options, frame):
    """Whether later rows make text of a column that is none in the first ones."""
    first = _read_csv(path, options, nrows=N_ROWS)
    return any(_is_text(frame[name]) and not _is_text(first[name]) for name in frame)


def _is_text(column):
    from pandas.api import types

    return types.is_object_dtype(column.dtype) or types.is_string_dtype(column.dtype)


def _words_for_missing(path, options, column):
    """The text that stands in a column where pandas finds a missing value."""
    how = {key: value for key, value in options.items() if key in HOW_WRITTEN}
    raw = {"dtype": str, "keep_default_na": False, "usecols": [column.name]}
    texts = _read_csv(path, how | raw)[column.name]
    return sorted(set(texts[column.isna().to_numpy()].str.strip()) - {""})


def _written(path, separator, encoding):
    """Options that tell how the file is written, and its first records."""
    compression, is_named = files.compression_of(path)
    found = encoding or dialect.encoding_of(path, compression)
    text = dialect.first_records(path, compression, found)
    named, text = dialect.split_sep_line(text)
    separator = separator or named or dialect.separator_of(text)
    records = dialect.records(text, separator)
    options = {}
    if separator != ",":
        options["sep"] = separator
    if named:
        options["skiprows"] = 1
    if found != "utf-8":
        options["encoding"] = found
    if not is_named:
        options["compression"] = compression
    if separator != dialect.SPACES and dialect.has_spaces(records):
        options["skipinitialspace"] = True
    if dialect.ends_in_separators(records):
        options["index_col"] = False  # or else the columns are out of place
    return options, records


def _found(columns, separator, decimal, target):
    """Options that tell what the columns hold."""
    found_decimal, thousands = text_columns.marks_of(columns, separator, decimal)
    pattern = text_columns.number_pattern(found_decimal, thousands)
    numbers = [
        name for name, of in columns.items() if text_columns.is_number(of, pattern)
    ]
    others = {name: of for name, of in columns.items() if name not in numbers}
    dates = text_columns.dates_of(
        {name: of for name, of in others.items() if name != target},
        is_day_first=found_decimal == ",",
    )
    missing = text_columns.marks_of_missing(columns, [*numbers, *dates])
    rest = others.keys() - dates.keys()
    text = [
        name
        for name, of in others.items()
        if name in rest and _is_at_risk(of, pattern, thousands, name == target)
    ]
    options = {}
    if found_decimal != ".":
        options["decimal"] = found_decimal
    if thousands:
        options["thousands"] = thousands
    if not f"{found_decimal}{thousands}".isascii():
        options["engine"] = "python"  # the other one knows ASCII marks only
    if text:
        options["dtype"] = dict.fromkeys(text, "str")
    if missing:
        options["na_values"] = missing
    if dates:
        formats = set(dates.values())
        how = formats.pop() if len(formats) == 1 else dates
        options |= {"parse_dates": list(dates), "date_format": how}
    return options


def _is_at_risk(values, pattern, thousands, is_target):
    """Whether pandas may not read a column of text as it is written."""
    if thousands and any(re.fullmatch(r"[\d.,'\s+-]*", value) for value in values):
        return True  # it takes that mark away wherever it stands: 1.2.3 would be 123
    return not is_target and text_columns.has_others_than_text(values, pattern)


def _read_csv(path, options, **others):
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            warnings.simplefilter("error", pd.errors.DtypeWarning)
            return pd.read_csv(path, **options, **others)
    except pd.errors.DtypeWarning:  # numbers in one part of a column, text in another
        options["low_memory"] = False
        return _read_csv(path, options, **others)
    except pd.errors.EmptyDataError:
        raise Refusal(f"{path} is empty: it has no columns.") from None
    except pd.errors.ParserError as error:
        raise Refusal(f"{path}: {_parser_error(str(error))}") from None


def _parser_error(message):
    counts = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if counts:
        expected, line, found = counts.groups()
        return (
            f"line {line} has {found} fields, and the lines before it {expected}: mend "
            "that line, or name what separates the columns with --separator."
        )
    quote = re.search(r"EOF inside string starting at row (\d+)", message)
    if quote:
        return f"a quotation mark in row {quote[1]} is never closed: mend that row."
    return f"pandas cannot read it ({message.strip()})."


def _read_parquet(path):
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except ImportError:
        raise Refusal(
            f"{path} is a parquet file, which needs pyarrow: python -m pip install "
            "pyarrow."
        ) from None
    except Exception as error:  # of whatever engine
        first = str(error).strip().splitlines()[0]
        raise Refusal(f"{path} cannot be read as parquet ({first}).") from None
    if not frame.columns.map(lambda name: isinstance(name, str)).all():
        raise Refusal(f"{path} has columns whose names are no text: rename them.")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise Refusal(f"{path} has two columns {twice!r}: rename one of them.")
    return Table(frame, _call("read_parquet", path, {}), list(frame), [])


def _call(reader, path, options):
    given = [f"{name}={value!r}" for name, value in options.items()]
    return f"pandas.{reader}({', '.join([repr(str(path)), *given])})"
