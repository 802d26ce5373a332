"""The files that the command writes: which it may replace, and how."""

import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from skshallow._command.files import SUFFIXES
from skshallow._command.refusal import Refusal


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
        prefix = table.stem
        if table.suffix.lower() in SUFFIXES:
            prefix = Path(prefix).stem
    if Path(prefix).is_dir():
        raise Refusal(f"--output {prefix} is a directory: add a name to it.")
    if not Path(prefix).parent.is_dir():
        raise Refusal(
            f"--output {prefix}: there is no directory {Path(prefix).parent}."
        )
    model, figure = Path(f"{prefix}.joblib"), Path(f"{prefix}.png")
    found = figure.read_bytes()[:2000] if figure.exists() else b""
    marks = marks_of(table, model)
    for path, mark in ((model, marks["Comment"]), (figure, marks["Source"])):
        if path.exists() and mark.encode() not in found:
            raise Refusal(
                f"{path} is there already, and may not be what this command wrote "
                f"for {table}: remove it, or give another name with --output."
            )
    return model, figure


def marks_of(table, model):
    """What a figure says of the table and of the model that it was written with.

    Parameters
    ----------
    table, model : Path

    Returns
    -------
    marks : dict of str -> str
        By keywords of PNG.
    """
    source = _digest(os.fsencode(table.resolve()))
    content = model.read_bytes() if model.exists() else b""
    return {"Source": source, "Comment": _digest(source.encode() + content)}


def _digest(content):
    return hashlib.sha256(content).hexdigest()


@contextmanager
def replaced_together(paths):
    """Files to write to, which take the names of others once all are complete.

    Parameters
    ----------
    paths : sequence of Path
        In one directory.

    Yields
    ------
    parts : list of Path
        Paths in a new directory beside those.
    """
    with TemporaryDirectory(prefix=".", dir=paths[0].parent) as folder:
        parts = [Path(folder, path.name) for path in paths]
        yield parts
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
