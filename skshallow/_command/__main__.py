"""The command line, ``python -m skshallow``: its arguments, errors and exit codes."""

import argparse
import os
import sys

from skshallow._command.refusal import Refusal
from skshallow._fit.version import VERSION

DESCRIPTION = """\
Compare starts of a shallow net on a table, by cross-validation, and write the model.

The table is read through pandas: CSV with any separator, compressed or not, or parquet.
Numbers are scaled, text becomes columns of 0 and 1, missing values are filled in.
The output says what becomes of each column, compares starts, and names one to use.
Starts are compared by accuracy, or if one class has most of the rows by roc_auc or
balanced_accuracy, on as many rows as a minute allows.
PREFIX.joblib is the fitted pipeline, PREFIX.png the figure. Load a .joblib file only if
you trust where it came from: it is code.
"""


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
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a terminal may lack letters
    options = _parser().parse_args(argv)
    try:
        # Printed before pandas is imported, which takes some time, or is an error.
        print(f"Reading {options.table}", flush=True)
        from skshallow._command.comparing import compare

        compare(options)
        return 0
    except Refusal as refusal:
        message, code = refusal, 2
    except ImportError as error:
        message, code = f"{error}: python -m pip install 'skshallow[table]'", 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        message, code = "the output was closed before the model was written.", 2
    except OSError as error:
        message, code = f"{error}: check the path and the space on the disk.", 2
    except KeyboardInterrupt:
        message, code = "interrupted", 130
    print(f"skshallow: {message}", file=sys.stderr)
    return code


def _parser():
    parser = argparse.ArgumentParser(
        "python -m skshallow", description="A shallow net on your table."
    )
    parser.add_argument("--version", action="version", version=f"skshallow {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", required=True)
    compare = commands.add_parser(
        "compare",
        help="compare starts on a table, and write the model",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_arguments(compare.add_argument)
    return parser


def _add_arguments(add):
    """The arguments of ``compare``, by the method of its parser."""
    column = {"metavar": "COLUMN"}
    columns = {**column, "action": "append", "default": []}
    add("table", metavar="TABLE", help="a CSV, TSV or parquet file")
    add("--target", **column, default="", help="the column to predict")
    add("--output", metavar="PREFIX", help="names of the files, default: as TABLE")
    add("--overwrite", action="store_true", help="replace files that are there")
    add("--keep", **columns, help="use a column that looks like an identifier")
    add("--drop", **columns, help="leave out a column; both may be repeated")
    add("--scoring", metavar="NAME", help="a score of scikit-learn, as neg_log_loss")
    add("--all-rows", action="store_true", help="use all rows, however long it takes")
    mark = {"metavar": "CHARACTER"}
    tab = {"type": lambda text: text.replace(r"\t", "\t")}  # hard to type in a shell
    add("--separator", **mark, **tab, help="what separates columns, default: found")
    add("--decimal", **mark, help="the decimal mark, default: found")
    add("--encoding", metavar="NAME", help="of the text, default: found")
    add("--n-jobs", metavar="N", type=int, help="processes, -1 for one a core")


if __name__ == "__main__":
    sys.exit(main())
