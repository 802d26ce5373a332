"""Reads a table through pandas, and says by which call it has been read."""

from typing import NamedTuple

import skshallow._command.files as files
import skshallow._command.text_columns as text_columns
from skshallow._command.refusal import Refusal

N_ROWS = 200_000  # in which numbers and dates are looked for


class Table(NamedTuple):
    """A table, and how it was read.

    Parameters
    ----------
    frame : pandas.DataFrame
    call : str
        The call that reads it.
    words : list of str
        What stands in the target where pandas finds a missing value.
    """

    frame: object
    call: str
    words: list


def read_table(path, separator=None, decimal=None, encoding=None, target=None):
    """Read a CSV or parquet file; what is not given is found out.

    The values of the target are labels, and never dates.

    Raises
    ------
    Refusal
        If it cannot be read.
    """
    kind = files.kind_of(path)
    if kind == "parquet":
        return _read_parquet(path)
    encodings = [encoding] if encoding else files.ENCODINGS
    for known in encodings:
        try:
            written = files.how_written(path, kind, known, separator)
            return _read_text(path, written, decimal, target)
        except UnicodeError as error:
            reason = error
        except files.DAMAGES as error:
            raise Refusal(f"{path} cannot be decompressed or read ({error}).") from None
    raise Refusal(
        f"{path} is no text in {' or '.join(encodings)} ({reason}): give a CSV or "
        "parquet file, or another --encoding, for instance latin-1."
    )


def _read_text(path, written, decimal, target):
    separator = written.get("sep", ",")
    for n_rows in (N_ROWS, None):
        raw = _read_csv(path, written, dtype=str, nrows=n_rows)
        values = {name: raw[name].dropna().unique().tolist() for name in raw}
        found = text_columns.what_they_hold(values, separator, decimal, target)
        options = written | found
        frame = _read_csv(path, options)
        if len(frame) == len(raw):
            break
        first = _read_csv(path, options, nrows=N_ROWS)
        if _columns_of_text(frame) == _columns_of_text(first):
            break
    if frame.shape[1] < 2:
        raise Refusal(
            f"{path} has one column, {frame.columns[0]!r}, as it was read: name what "
            "separates its columns, for instance --separator ';'."
        )
    words = []
    if target in frame and frame[target].isna().any():
        as_text = {"dtype": str, "keep_default_na": False, "usecols": [target]}
        texts = _read_csv(path, written, **as_text)[target]
        words = sorted(set(texts[frame[target].isna().to_numpy()].str.strip()) - {""})
    return Table(frame, _call("read_csv", path, options), words)


def _columns_of_text(frame):
    from pandas.api import types

    return [name for name in frame if types.is_string_dtype(frame[name].dtype)]


def _read_csv(path, options, **others):
    import pandas as pd

    try:
        return pd.read_csv(path, **options, **others)
    except pd.errors.ParserError as error:
        if "EOF inside string" in str(error):
            raise Refusal(
                f"{path} has a quotation mark that is never closed "
                f"({str(error).strip()}): close it, or remove it."
            ) from None
        raise Refusal(
            f"{path} cannot be read ({str(error).strip()}): mend that line, or name "
            "what separates the columns with --separator."
        ) from None


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
    if not all(isinstance(name, str) for name in frame):
        raise Refusal(f"{path} has columns whose names are no text: rename them.")
    for name in frame.columns[frame.columns.duplicated()]:
        raise Refusal(f"{path} has several columns {name!r}: rename all but one.")
    return Table(frame, _call("read_parquet", path, {}), [])


def _call(reader, path, options):
    given = [f"{name}={value!r}" for name, value in options.items()]
    return f"pandas.{reader}({', '.join([repr(str(path)), *given])})"
