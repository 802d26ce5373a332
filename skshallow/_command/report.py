"""What the command prints and draws."""

import math
import textwrap
from shlex import quote

import skshallow._command.columns as columns
import skshallow._command.target as target
from skshallow._command.refusal import listed
from skshallow.diagnostics import diagnose

WIDTH = 88  # as in the table of starts
# Names of scores in sentences.
SCORES = {"roc_auc": "ROC AUC", "balanced_accuracy": "balanced accuracy"}


def say(text):
    """Print a paragraph, or an entry of a list, broken into lines."""
    space = "  " if text.startswith("- ") else ""
    words = {"break_long_words": False, "break_on_hyphens": False}
    print(textwrap.fill(text, WIDTH, subsequent_indent=space, **words), flush=True)


def tell_table(table, y, name):
    """How the table was read, its size, and its target."""
    print(f"Read by {table.call}\n")
    n_columns = table.frame.shape[1]
    say(
        f"{len(table.frame):,} rows, {n_columns} columns. The target is {name}: "
        f"{target.described(y)}."
    )
    n_without = len(table.frame) - len(y)
    if n_without:
        rows = "1 row" if n_without == 1 else f"{n_without:,} rows"
        say(f"Left out: {rows} whose {name} is missing.")
    if table.words:
        say(
            f"They hold {listed(table.words)}, which counts as missing: if that is a "
            "class, give it another name in the table."
        )
    if target.has_many_numbers(y):
        say(f"The numbers of {name} are taken for classes that have no order.")


def tell_columns(X, y, kinds, name):
    """What becomes of the columns, a line a treatment."""
    for kind, names in kinds.items():
        if names:
            say(f"- {columns.SAID[kind]}: {listed(names)}")
    used = [name for kind in columns.USED for name in kinds[kind]]
    n_missing = X[used].isna().sum()
    holes = [f"{name} ({n:,})" for name, n in n_missing.items() if n]
    if holes:
        say(
            f"- missing values: {listed(holes)}; in numbers and dates they become the "
            "median, and a column marks them, in text they are a value of their own"
        )
    for column in columns.telling(X, y, kinds):
        say(
            f"- each value of {column} goes with one value of {name}: if it is not "
            f"known before {name} is, leave it out by --drop {quote(column)}"
        )


def tell_rows(n_used, n_all, seconds):
    """That a table is thinned, if it is."""
    print()
    if n_used < n_all:
        say(
            f"Comparing on {n_used:,} of the {n_all:,} rows, drawn class by class, "
            f"because all would take about {in_words(seconds)}: --all-rows uses them."
        )


def tell_seeds(n_seeds, seconds):
    """That there is one seed instead of several."""
    say(
        f"Using one seed, because {n_seeds} would take about {in_words(seconds)}: "
        f"--all-rows uses all rows and {n_seeds} seeds."
    )


def tell_refit(n_rows):
    """That the model is fitted on all rows."""
    print(f"Fitting the start to use on all {n_rows:,} rows.", flush=True)


def tell_plan(task, n_seeds, n_folds, n_nets, seconds):
    """What will be trained, and how long that takes."""
    why = f" ({task.reason})" if task.reason else ""
    seeds = "1 seed" if n_seeds == 1 else f"{n_seeds} seeds"
    say(
        f"Comparing by {SCORES.get(task.scoring, task.scoring)}{why}: {n_nets} nets of "
        f"{seeds} and {n_folds} folds, about {in_words(seconds)}."
    )


def in_words(seconds):
    """A time, rounded up."""
    if seconds < 100:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{math.ceil(minutes / 60)} h"


def tell_findings(model, X, y, beats_guess):
    """The diagnosis of a net that is in trouble."""
    findings = diagnose(model, X, y).findings
    if not beats_guess:  # what tells a rare class from the others is noise
        findings = [found for found in findings if found.name != "class imbalance"]
    for finding in findings:
        say(f"The net that is kept: {finding.sentence}")
    if findings:
        print()


def draw(comparison, title, path, marks):
    """Write the figure, which says where it comes from."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4), layout="constrained")
    ax = figure.subplots()
    comparison.plot([ax])
    # Names of files may hold bytes that are no letters, and dollars are no formula.
    title = title.encode(errors="replace").decode()
    ax.set_title(title, parse_math=False)
    figure.savefig(path, format="png", dpi=200, metadata=marks)


def tell_use(table, task, name, paths, model, n_rows):
    """Which files were written, and how to use the model."""
    file, figure = paths
    say(
        f"Wrote {file}, the pipeline fitted on {n_rows:,} rows, and {figure}. To use "
        "it in Python:"
    )
    print(f"""
    import joblib, pandas
    df = {table.call}
    model = joblib.load({str(file)!r})  # load only files you trust: they are code
    model.predict(df)""")
    if task.scoring == "roc_auc":
        classes = model.classes_.tolist()
        rare = min(classes, key=lambda label: (task.y == label).sum())
        print(
            f"    model.predict_proba(df)[:, {classes.index(rare)}]  # how likely "
            f"{name} is {rare}"
        )
