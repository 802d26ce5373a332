"""The file of a table: whether it can be read, and what kind of file it is."""

import bz2
import gzip
import lzma
import os
import zipfile
import zlib
from contextlib import contextmanager

from skshallow._command.refusal import Refusal, listed, meant

# First bytes of a file, and what pandas calls such a compression.
COMPRESSIONS = {
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
PARQUET = b"PAR1"
SHEETS = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"}
# Other files that pandas reads, by their suffix.
READERS = {
    ".json": "read_json",
    ".feather": "read_feather",
    ".orc": "read_orc",
    ".dta": "read_stata",
    ".sav": "read_spss",
    ".sas7bdat": "read_sas",
    ".html": "read_html",
    ".xml": "read_xml",
    ".pkl": "read_pickle",
    ".h5": "read_hdf",
    ".zst": "read_csv",
}


def check_table(path):
    """Refuse what is no file, or of a kind that is not read here."""
    if path.is_dir():
        raise Refusal(f"{path} is a directory: name the file of a table.")
    if not path.exists():
        names = sorted(os.listdir(path.parent)) if path.parent.is_dir() else []
        question = meant(path.name, names, "check its path.", cutoff=0.8)
        raise Refusal(f"there is no file {path}: {question}")
    if not path.is_file():
        raise Refusal(f"{path} is a pipe or a device: write the table to a file first.")
    if not os.access(path, os.R_OK):
        raise Refusal(f"{path} may not be read: check its permissions.")
    suffix = path.suffix.lower()
    if suffix in SHEETS or _is_sheet(path):
        raise Refusal(
            f"{path} is a spreadsheet: save its sheet as CSV, and name that file."
        )
    if suffix in READERS:
        raise Refusal(
            f"{path} is neither CSV nor parquet: write it as CSV, for instance with "
            f"pandas.{READERS[suffix]}({str(path)!r}).to_csv('table.csv', index=False)."
        )


def _is_sheet(path):
    if not zipfile.is_zipfile(path) or _begins(path, PARQUET):
        return False
    with zipfile.ZipFile(path) as archive:
        return "[Content_Types].xml" in archive.namelist()


def is_parquet(path):
    """Whether a file is of that kind, whatever its name."""
    return _begins(path, PARQUET)


def compression_of(path):
    """What a file is compressed by, and whether its name says so.

    Returns
    -------
    compression : str or None
    is_named : bool
        Whether pandas finds that out from the name.
    """
    found = [name for start, name in COMPRESSIONS.items() if _begins(path, start)]
    compression = found[0] if found else None
    return compression, SUFFIXES.get(path.suffix.lower()) == compression


def _begins(path, start):
    with path.open("rb") as file:
        return file.read(len(start)) == start


@contextmanager
def opened(path, compression):
    """A table as a binary file, decompressed."""
    if compression != "zip":
        with OPEN[compression](path, "rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name[-1] != "/"]
        if len(names) != 1:
            raise Refusal(
                f"{path} holds {len(names)} files ({listed(names)}): take the "
                "table out, and name that file."
            )
        with archive.open(names[0]) as file:
            yield file
