"""The files that the command writes: which it may replace, and how."""

import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from skshallow._command.files import SUFFIXES
from skshallow._command.refusal import Refusal

SIGNATURE = "skshallow compare"  # in the figures that the command writes


def paths_to_write(prefix, table):
    """The paths of model and figure, refused if something else would be lost.

    Files of an earlier run on the same table are replaced.

    Parameters
    ----------
    prefix : str or None
        None for the name of the table, without its suffixes, in the working directory.
    table : Path

    Returns
    -------
    model, figure : Path
    """
    if prefix is None:
        name = table.name.removesuffix(table.suffix)
        if table.suffix.lower() in SUFFIXES:
            name = Path(name).stem
        prefix = name
    if not Path(prefix).name or Path(prefix).is_dir():
        raise Refusal(f"--output {prefix} is a directory: add a name to it.")
    model, figure = Path(f"{prefix}.joblib"), Path(f"{prefix}.png")
    folder = model.parent
    if not folder.is_dir():
        raise Refusal(f"--output {prefix}: there is no directory {folder}.")
    if not os.access(folder, os.W_OK):
        raise Refusal(f"--output {prefix}: directory {folder} may not be written to.")
    for path in (model, figure):
        if path.exists() and not _may_replace(path, model, figure, table):
            raise Refusal(
                f"{path} is there already, and may not be what this command wrote "
                f"for {table}: remove it, or give another name with --output."
            )
    return model, figure


def _may_replace(path, model, figure, table):
    """Whether a file is of an earlier run on this table, and still what that wrote."""
    if path.samefile(table) or not (path.is_file() and figure.is_file()):
        return False
    found = figure.read_bytes()[:2000]
    marks = marks_of(table, model) if path == model else marks_of(table)
    return all(mark.encode() in found for mark in marks.values())


def marks_of(table, model=None):
    """What a figure says of where it comes from, by key.

    Parameters
    ----------
    table : Path
    model : Path or None
        The file that was written with the figure; None to leave that out.

    Returns
    -------
    marks : dict of str -> str
    """
    marks = {"Software": SIGNATURE, "Source": _digest(os.fsencode(table.resolve()))}
    if model is not None:
        marks["Comment"] = _digest(model.read_bytes())
    return marks


def _digest(content):
    return hashlib.sha256(content).hexdigest()


@contextmanager
def replaced_together(paths):
    """Files to write to, which take the names of others once all are complete.

    Parameters
    ----------
    paths : sequence of Path

    Yields
    ------
    parts : list of Path
        Empty files beside those.
    """
    paths = [path.resolve() for path in paths]
    parts = [path.with_name(f".{token_hex(4)}{path.suffix}.part") for path in paths]
    try:
        for part in parts:
            part.open("xb").close()
        yield parts
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
