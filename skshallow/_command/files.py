"""The file of a table: its kind, its encoding, and what separates its fields."""

import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
import zlib
from itertools import islice

from skshallow._command.refusal import Refusal, listed, meant

# First bytes of a file, and its kind: parquet, or what pandas calls a compression.
KINDS = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
}
SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
OPEN = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open, None: open}
# What readers of damaged archives, and of such with a password, raise.
DAMAGES = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
DAMAGES += (RuntimeError, NotImplementedError)
NOT_READ = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".json", ".html", ".xml"}
# In the order in which they are tried. UTF-16 begins with a mark, and the last one is
# what Windows writes: Latin-1 with quotation marks and the euro sign.
ENCODINGS = ("utf-8", "utf-16", "cp1252")
SEPARATORS = (",", ";", "\t", "|")
SPACES = r"\s+"  # where no other separator fits
N_RECORDS = 500  # to look at
SAMPLE_SIZE = 1 << 20  # characters; convention


def check_table(path):
    """Refuse what is no file, or of a kind that is not read here."""
    if not path.exists():
        names = [file.name for file in path.parent.glob("*")]
        question = meant(path.name, names, "check its path.", cutoff=0.8)
        raise Refusal(f"there is no file {path}: {question}")
    if not path.is_file():
        raise Refusal(
            f"{path} is no file but a directory, a pipe or a device: write the table "
            "to a file, and name that."
        )
    if path.suffix.lower() in NOT_READ:
        raise Refusal(
            f"{path} is neither CSV nor parquet: save its table as CSV, and name that "
            "file."
        )


def kind_of(path):
    """One of `KINDS`, whatever the name of the file says; None for plain text."""
    with path.open("rb") as file:
        start = file.read(6)
    return next((kind for mark, kind in KINDS.items() if start.startswith(mark)), None)


def how_written(path, compression, encoding, separator=None):
    """Options of ``pandas.read_csv`` that say how a file of text is written.

    Parameters
    ----------
    path : Path
    compression : str or None
    encoding : str
    separator : str, default=None
        None to find it out.

    Returns
    -------
    options : dict

    Raises
    ------
    UnicodeError
        If the text is not written in this encoding.
    """
    text = _first_lines(path, compression, encoding)
    # Excel may write a first line such as "sep=;".
    line = re.match(r"sep=([^\r\n])[\r\n]+", text, re.IGNORECASE)
    if line:
        text = text[line.end() :]
    if not text.strip():
        raise Refusal(f"{path} is empty: it has no columns.")
    separator = separator or (line[1] if line else separator_of(text))
    rows = records(text, separator)
    options = {}
    if separator != ",":
        options["sep"] = separator
    if line:
        options["skiprows"] = 1
    if encoding != "utf-8":
        options["encoding"] = encoding
    if compression != SUFFIXES.get(path.suffix.lower()):
        options["compression"] = compression
    if separator != SPACES and _has_spaces(rows):
        options["skipinitialspace"] = True
    if _ends_in_separators(rows):
        options["index_col"] = False  # or else the columns are out of place
    return options


def _first_lines(path, compression, encoding):
    with _opened(path, compression) as file:
        try:
            lines = io.TextIOWrapper(file, encoding, newline="")
            text = lines.read(SAMPLE_SIZE) + lines.readline()
        except LookupError:
            raise Refusal(
                f"--encoding {encoding} is no encoding of text that Python knows: try "
                "utf-8, cp1252 or latin-1."
            ) from None
    if "\x00" in text:
        raise UnicodeError("it holds the character 0")
    return text.removeprefix("\ufeff")  # a mark of UTF-8, which pandas leaves out, too


def _opened(path, compression):
    """The decompressed content as a binary file."""
    if compression != "zip":
        return OPEN[compression](path, "rb")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()  # with folders, which pandas counts as well
        if len(names) != 1:
            raise Refusal(
                f"{path} holds {len(names)} files or folders ({listed(names)}): take "
                "the table out, or save the sheet of a spreadsheet as CSV, and name "
                "that file."
            )
        return archive.open(names[0])


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


def _has_spaces(records):
    """Whether most separators are followed by a space."""
    after = [field.startswith(" ") for record in records for field in record[1:]]
    return sum(after) > len(after) / 2


def _ends_in_separators(records):
    """Whether all records but the first one end in a separator with nothing behind."""
    n = len(records[0])
    return len(records) > 1 and all(
        len(record) == n + 1 and record[-1] == "" for record in records[1:]
    )
