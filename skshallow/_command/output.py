"""What the command prints and draws."""

import textwrap
from shlex import quote

import numpy as np
from matplotlib.figure import Figure

import skshallow._command.columns as columns
from skshallow._command.refusal import joined
from skshallow.diagnostics import diagnose
from skshallow.sweeps import WIDTH


def print_wrapped(text):
    """Print a paragraph, or an entry of a list, broken into lines."""
    space = "  " if text.startswith("- ") else ""
    words = {"break_long_words": False, "break_on_hyphens": False}
    print(textwrap.fill(text, WIDTH, subsequent_indent=space, **words), flush=True)


def print_table(frame, call, name):
    """Print how the table was read, its size, and how many labels are missing."""
    print(f"Read by {call}\n")
    n_rows, n_columns = frame.shape
    print_wrapped(f"{n_rows:,} rows, {n_columns} columns.")
    n_without = frame[name].isna().sum()
    if n_without:
        print_wrapped(
            f"Left out: {n_without:,} rows whose {name} is missing. If a class is "
            "called None, NA or the like, give it another name in the table."
        )


def print_columns(X, y, kinds, name):
    """Print the classes, and a line for each kind of columns and what is done to it."""
    classes, counts = np.unique(y, return_counts=True)
    pairs = [f"{label} ({n:,})" for label, n in zip(classes, counts, strict=True)]
    print_wrapped(f"The target is {name}: {joined(pairs)}.")
    for kind, names in kinds.items():
        if names:
            print_wrapped(f"- {columns.DESCRIPTIONS[kind]}: {joined(names)}")
    for column in kinds[columns.CATEGORY] + kinds[columns.FREE_TEXT]:
        if others := columns.not_numeric(X[column]):
            print_wrapped(
                f"- {column} is text because of values that are no numbers: "
                f"{joined(others)}; if it is meant to hold numbers, correct or empty "
                "these cells"
            )
    used = [name for kind in columns.USED for name in kinds[kind]]
    n_missing = X[used].isna().sum()
    missing = [f"{name} ({n:,})" for name, n in n_missing.items() if n]
    if missing:
        print_wrapped(
            f"- missing values: {joined(missing)}; in numbers and dates they become "
            "the median, and a column marks them, in text they are a value of their own"
        )
    for column in columns.leaking(X, y, used):
        print_wrapped(
            f"- each value of {column} goes with one value of {name}: if it is not "
            f"known before {name} is, leave it out by --drop {quote(column)}"
        )
    print()


def print_findings(model, X, y):
    """Print the findings of the diagnosis of the net."""
    for finding in diagnose(model, X, y).findings:
        print_wrapped(f"The net that is kept: {finding.sentence}")
        print()


def write_figure(comparison, title, path):
    """Draw the comparison, and write the figure to a file."""
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    ax = figure.subplots()
    comparison.plot([ax])
    ax.set_title(title, parse_math=False)  # a dollar in a name is no formula
    figure.savefig(path, dpi=200)


def print_use(call, model, figure):
    """Print which files were written, and how to use the model."""
    print_wrapped(
        f"Wrote {model}, the fitted pipeline, and {figure}. To use it in Python:"
    )
    print(f"""
    import joblib, pandas
    df = {call}
    model = joblib.load({str(model)!r})  # load only files you trust: they are code
    model.predict(df)  # or predict_proba: columns in the order of model.classes_""")
