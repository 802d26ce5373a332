"""How a text file is written: its encoding, and what separates its fields."""

import codecs
import csv
import io
import re
from itertools import islice

from skshallow._command.files import opened
from skshallow._command.refusal import Refusal

SEPARATORS = (",", ";", "\t", "|")
SPACES = r"\s+"  # where no other separator fits
N_RECORDS = 500  # to look at
SAMPLE_SIZE = 1 << 20  # characters; convention
MARKS = {  # bytes at the beginning that tell the encoding
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_of(path, compression):
    """The encoding: that of a byte-order mark, UTF-8, or else what Windows writes.

    The whole file is looked at: its first letter with an accent may come late.
    """
    with opened(path, compression) as file:
        start = file.read(4)
        for mark, encoding in MARKS.items():
            if start.startswith(mark):
                return encoding
        if b"\x00" in start:
            raise Refusal(f"{path} is no text: give a CSV or parquet file.")
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            while block := file.read(SAMPLE_SIZE):
                decoder.decode(block)
            decoder.decode(b"", final=True)
            return "utf-8"
        except UnicodeDecodeError:
            return "cp1252"  # Latin-1 with quotation marks and the euro sign


def first_records(path, compression, encoding):
    """The beginning of the text, up to the end of a line."""
    try:
        with (
            opened(path, compression) as file,
            io.TextIOWrapper(file, encoding, errors="replace", newline="") as lines,
        ):
            text = lines.read(SAMPLE_SIZE) + lines.readline()
    except LookupError:
        raise Refusal(
            f"--encoding {encoding} is not known to Python: give for instance utf-8, "
            "latin-1 or cp1252."
        ) from None
    if not text.strip():
        raise Refusal(f"{path} is empty: it has no columns.")
    if "\x00" in text:
        raise Refusal(f"{path} is no text: give a CSV or parquet file.")
    return text


def split_sep_line(text):
    """The separator that a line of Excel such as ``sep=;`` names, and the rest.

    Parameters
    ----------
    text : str

    Returns
    -------
    separator : str or None
    rest : str
    """
    line = re.match(r"sep=([^\r\n])[\r\n]+", text, re.IGNORECASE)
    return (line[1], text[line.end() :]) if line else (None, text)


def separator_of(text):
    """The separator by which most records have as many fields as the first one."""
    fits = {separator: _fit(records(text, separator)) for separator in SEPARATORS}
    best = max(fits, key=fits.get)
    if fits[best] > (0, 0):
        return best
    return SPACES if _fit(records(text, SPACES))[0] > 0.9 else ","


def records(text, separator):
    """The first records as lists of fields."""
    csv.field_size_limit(2**31 - 1)  # a field may be long, and a quote not closed
    lines, options = io.StringIO(text, newline=""), {"delimiter": separator}
    if separator == SPACES:  # as many as there are count as one
        lines = (re.sub(r"\s+", " ", line).strip() for line in lines)
        options = {"delimiter": " "}
    found = (record for record in csv.reader(lines, **options) if record)
    return list(islice(found, N_RECORDS))


def _fit(records):
    """Share of records with the fields of the first, and the number of these."""
    if not records or len(records[0]) < 2:
        return 0, 0
    n = len(records[0])
    fitting = [
        # Tables that R has written have names of rows before the first column. Quotes
        # are left over where a separator stood between them.
        len(record) in (n, n + 1) and '"' not in "".join(record)
        for record in records
    ]
    return sum(fitting) / len(records), n


def has_spaces(records):
    """Whether most separators are followed by a space."""
    after = [field.startswith(" ") for record in records for field in record[1:]]
    return sum(after) > len(after) / 2


def ends_in_separators(records):
    """Whether all records but the first one end in a separator with nothing behind."""
    n = len(records[0])
    return len(records) > 1 and all(
        len(record) == n + 1 and record[-1] == "" for record in records[1:]
    )
