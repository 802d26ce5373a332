"""The command line, ``python -m skshallow``: its arguments, errors and exit codes."""

import argparse
import os
import sys
from importlib.util import find_spec

from skshallow._command.refusal import Refusal
from skshallow._fit.version import VERSION

DESCRIPTION = """\
Compare starts of a shallow net on a table, by cross-validation, and write the model.

The table is read through pandas: CSV with any separator, compressed or not, or parquet.
Numbers are scaled, text becomes columns of 0 and 1, missing values are filled in.
Printed are what becomes of each column, a table of starts, and which one to use.
PREFIX.joblib is the fitted pipeline, PREFIX.png the figure. Load a .joblib file only if
you trust where it came from: it is code.
"""


def _character(text):
    text = {r"\t": "\t", "tab": "\t"}.get(text, text)  # hard to type in a shell
    if len(text) != 1 or text in '\r\n"':
        raise argparse.ArgumentTypeError(f"give one character instead of {text!r}")
    return text


def _n_jobs(text):
    if not text.removeprefix("-").isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f"give a number of processes, or -1 for one a core, instead of {text!r}"
        )
    return min(int(text), os.cpu_count() or 1)


COLUMNS = {"metavar": "COLUMN", "action": "append", "default": []}
CHARACTER = {"metavar": "CHARACTER", "type": _character}
# What argparse has to know of each option.
OPTIONS = {
    "--target": {"metavar": "COLUMN", "help": "the column to predict"},
    "--output": {
        "metavar": "PREFIX",
        "help": "what PREFIX.joblib and PREFIX.png are called, default: as TABLE; "
        "files of an earlier run on this table are replaced",
    },
    "--keep": {
        **COLUMNS,
        "help": "use this column although it looks like an identifier; may be repeated",
    },
    "--drop": {**COLUMNS, "help": "do not use this column; may be repeated"},
    "--scoring": {
        "metavar": "NAME",
        "help": "a score of scikit-learn for classifiers, such as neg_log_loss; "
        "default: accuracy, or if one class has most of the rows, roc_auc or "
        "balanced_accuracy",
    },
    "--all-rows": {
        "action": "store_true",
        "help": "use all rows, however long that takes; default: as many as a minute "
        "allows",
    },
    "--separator": {**CHARACTER, "help": "what separates columns, default: found"},
    "--decimal": {**CHARACTER, "help": "the decimal mark, default: found"},
    "--encoding": {"metavar": "NAME", "help": "of the text, default: found"},
    "--n-jobs": {
        "metavar": "N",
        "type": _n_jobs,
        "help": "number of processes, -1 for one a core; default: 1",
    },
}


def main(argv=None):
    """Run the command.

    Parameters
    ----------
    argv : list of str, default=None
        The arguments; None for those of the process.

    Returns
    -------
    code : int
        0, or 2 if something cannot be used.
    """
    _prepare_streams()
    try:
        _run(argv)
        return 0
    except Refusal as refusal:
        said, code = refusal, 2
    except KeyboardInterrupt:
        said, code = "interrupted", 130
    except BrokenPipeError:  # as after "| head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        said, code = _in_words(error), 2
    print(f"skshallow: {said}", file=sys.stderr)
    return code


def _in_words(error):
    return (
        f"{error.filename or 'a file'} cannot be read or written "
        f"({error.strerror or error}): check its path and the space on the disk."
    )


def _prepare_streams():
    """Let the output take every letter, and be there even if the shell closed it."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w")  # noqa: SIM115
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, stream)


def _run(argv):
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help()
        return
    missing = [name for name in ("pandas", "matplotlib") if find_spec(name) is None]
    if missing:
        raise Refusal(
            f"this command needs {' and '.join(missing)}: python -m pip install "
            f"{' '.join(missing)}."
        )
    # Before the imports of pandas, which take their time.
    print(f"Reading {options.table}", flush=True)
    from skshallow._command.comparing import compare

    compare(options)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message):
        raise Refusal(f"{message}; {self.prog} --help tells more.")


def _parser():
    parser = _Parser("python -m skshallow", description="A shallow net on your table.")
    parser.add_argument("--version", action="version", version=f"skshallow {VERSION}")
    commands = parser.add_subparsers(
        metavar="COMMAND", title="commands", dest="command"
    )
    compare = commands.add_parser(
        "compare",
        help="compare starts on a table, and write the model",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("table", metavar="TABLE", help="a CSV, TSV or parquet file")
    for option, settings in OPTIONS.items():
        compare.add_argument(option, **settings)
    return parser


if __name__ == "__main__":
    sys.exit(main())
