"""
Which start should a shallow net get?
=====================================

A hidden layer may not start at zero: all its units would stay the same for ever.
It starts at small random numbers instead, and *how small* is a hyperparameter like
any other. This script searches it with scikit-learn's own `GridSearchCV`, over
``init="zeros"`` and ``init="randn"`` with ``init_scale`` from 0.001 to 10 and several
seeds, on three binary tasks: breast cancer, the handwritten digits 1 and 8, and the
planar flower. Logistic regression, which has no hidden layer and may start at zero,
is the baseline.

Every net gets the same number of iterations (``tol=None``) and no penalty on its
weights (``alpha=0``), so that the tables show what the start does, not when a stopping
rule happened to fire or how large weights are taxed. For each start they give the
cross-validated accuracy, the final training loss, and the number of iterations needed
to reach a stated loss: starts that end equally accurate can be far apart there.

Run it from any directory, on the three tasks or on a table of your own::

    python compare_init_scales.py
    python compare_init_scales.py --data patients.csv --target diagnosis

It writes compare_init_scales.png (if matplotlib is installed) and
compare_init_scales.joblib, a dictionary with the best pipeline of each task::

    model = joblib.load("compare_init_scales.joblib")["breast cancer"]
    model.predict(X)

Load such a file only if you trust where it came from: a pickle is code.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import textwrap
import time
import warnings
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier
from skshallow.datasets import make_flower
from skshallow.exceptions import (
    ConstantPredictionsWarning,
    LinearPlateauWarning,
    SaturationWarning,
    SymmetryWarning,
)

SCALES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
N_HIDDEN = 8
LEARNING_RATE = 1.2  # the course's, for full-batch gradient descent
N_ITERATIONS = 300
N_SEEDS = 3
N_FOLDS = 5
WIDTH = 88
# Fits warn of what a bad start does to them. That is what the tables tell.
TOLD_BY_TABLES = (
    ConstantPredictionsWarning,
    LinearPlateauWarning,
    SaturationWarning,
    SymmetryWarning,
)

EXAMPLES = """\
examples:
  python compare_init_scales.py
  python compare_init_scales.py --seeds 10 --output results
  python compare_init_scales.py --data patients.csv --target diagnosis

A table has a header line, a column with two kinds of labels (--target), and numbers
in all its other columns.
"""


class Task(NamedTuple):
    """A binary classification problem: X (n, d), y (n,)."""

    name: str
    X: np.ndarray
    y: np.ndarray


class Row(NamedTuple):
    """One line of a table. The arrays have one entry for every seed and fold."""

    label: str
    scale: float | None
    accuracy: np.ndarray
    final_loss: np.ndarray
    iterations: np.ndarray | None = None


class Comparison(NamedTuple):
    """All that the table, the sentence and the figure of one task show."""

    task: str
    stated_loss: float
    n_iterations: int
    zeros: Row
    randn: list
    constant: Row
    logistic: Row


class UnusableInputError(Exception):
    """Something the user gave cannot be used; the message says what and why."""


# ---------------------------------------------------------------------------
# The tasks


def bundled_tasks():
    """Three tasks that need no download."""
    X, y = load_breast_cancer(return_X_y=True)
    breast_cancer = Task("breast cancer", X, y)

    X, y = load_digits(return_X_y=True)
    is_1_or_8 = (y == 1) | (y == 8)
    digits = Task("digits 1 and 8", X[is_1_or_8], y[is_1_or_8])

    return [breast_cancer, digits, Task("flower", *make_flower(random_state=1))]


def read_task(path, target):
    """The task in a CSV file: ``target`` holds the labels, the rest are features."""
    header, lines = read_csv(path)
    if target not in header:
        raise UnusableInputError(
            f"{path} has no column {target!r}; its columns are: {listed(header)}"
        )
    columns = dict(zip(header, zip(*lines, strict=True), strict=True))
    y = labels(columns.pop(target), target)
    if not columns:
        raise UnusableInputError(f"{path} has no column besides the target {target!r}")
    return Task(Path(path).stem, features(columns), y)


def read_csv(path):
    """Header and lines of a CSV file, as text."""
    try:
        # Excel puts a byte order mark at the head of a file; utf-8-sig drops it.
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file, strict=True) if row]
    except OSError as error:
        raise UnusableInputError(f"cannot read {path}: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnusableInputError(f"{path} is not a CSV file: {error}") from error
    header, *lines = [[cell.strip() for cell in row] for row in rows or [[]]]
    check_shape(path, header, lines)
    return header, lines


def check_shape(path, header, lines):
    """A header of distinct names, and lines of its length below it."""
    if not lines:
        raise UnusableInputError(f"{path} has no rows below its header")
    if "" in header:
        raise UnusableInputError(
            f"column {header.index('') + 1} of {path} has no name: if it numbers the "
            "rows, leave it out (index=False in pandas), or else name it"
        )
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise UnusableInputError(f"{path} has two columns named {listed(repeated)}")
    for number, line in enumerate(lines, start=1):
        if len(line) != len(header):
            raise UnusableInputError(
                f"row {number} of {path} differs from its header in length: "
                f"{len(line)} cells in place of {len(header)}"
            )


def labels(cells, target):
    """The target column, if it is binary and large enough for cross-validation."""
    counts = Counter(cells)
    if "" in counts:
        raise UnusableInputError(
            f"the target {target!r} has missing values in {counts['']} rows"
        )
    if len(counts) != 2:
        raise UnusableInputError(
            f"the target {target!r} must have two kinds of labels, but has "
            f"{len(counts)}: {listed(counts)}"
        )
    rarest, count = min(counts.items(), key=lambda item: item[1])
    if count < N_FOLDS:
        raise UnusableInputError(
            f"the target {target!r} has {rarest!r} in {count} rows only; "
            f"{N_FOLDS}-fold cross-validation needs {N_FOLDS}"
        )
    return np.array(cells)


def features(columns):
    """Columns of text as an array of numbers, (n, d)."""
    values = {name: [number(cell) for cell in cells] for name, cells in columns.items()}
    textual = [name for name, column in values.items() if None in column]
    if textual:
        raise UnusableInputError(
            f"these features are not numbers: {listed(textual)}; encode or drop them"
        )
    X = np.column_stack(list(values.values()))
    # Squares of huge values, which a scaler needs, overflow.
    huge = np.abs(X) > 1e150
    for problem, found in (("missing", np.isnan(X)), ("infinite or huge", huge)):
        if found.any():
            names = np.array(list(values))[found.any(axis=0)]
            raise UnusableInputError(
                f"these features have {problem} values: {listed(names)}; fill in the "
                "values or drop the rows"
            )
    return X


def number(cell):
    """The number in a cell, nan for a missing one, None for anything else."""
    if cell.lower() in ("", "na", "n/a", "null", "none", "?"):
        return np.nan
    try:
        return float(cell)
    except ValueError:
        return None


def listed(names, at_most=20):
    """Names as a comma-separated list of bounded length."""
    names = [repr(str(name)) for name in names]
    more = f", ... ({len(names)} in all)" if len(names) > at_most else ""
    return ", ".join(names[:at_most]) + more


# ---------------------------------------------------------------------------
# The search


def make_net(n_iterations):
    """The pipeline whose start is searched."""
    net = ShallowNetClassifier(
        n_hidden=N_HIDDEN,
        activation="tanh",
        solver="gd",
        learning_rate_init=LEARNING_RATE,
        max_iter=n_iterations,
        alpha=0,  # no penalty: large starts would pay it before they learn
        tol=None,  # a fixed budget: as many iterations for every start
    )
    return Pipeline([("scale", StandardScaler()), ("net", net)])


def starts(n_seeds):
    """The grid. Zeros need no seed: they have nothing to draw."""
    return [
        {"net__init": ["zeros"]},
        {
            "net__init": ["randn"],
            "net__init_scale": SCALES,
            "net__random_state": list(range(n_seeds)),
        },
    ]


def folds():
    """The folds that all starts and both baselines are measured on."""
    # Shuffled, because the rows of a table are often sorted; with a fixed seed, so
    # that the folds are the same in every search.
    return StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)


def choose_stated_loss(task, n_iterations):
    """A loss worth timing: half of the way that the lecture's start goes.

    The way begins at the loss of the constant predictor and ends where one net that
    starts at scale 0.01, on all the data, is after its last iteration.
    """
    shares = np.unique(task.y, return_counts=True)[1] / len(task.y)
    begin = -np.sum(shares * np.log(shares))
    pilot = make_net(n_iterations).set_params(net__init_scale=0.01, net__random_state=0)
    end = pilot.fit(task.X, task.y)[-1].loss_
    return round((begin + end) / 2, 3)


def measure(pipeline, X, y, stated_loss):
    """What is worth knowing about a fitted net; X and y are the held-out fold.

    A search discards its nets, but it hands each one to the scorer first, and a
    scorer may return several numbers. Only the accuracy ranks the candidates.
    """
    net = pipeline[-1]
    return {
        "accuracy": pipeline.score(X, y),
        "final_loss": net.loss_,
        "iterations": iterations_to(stated_loss, net.loss_curve_),
    }


def iterations_to(loss, curve):
    """The first iteration, from 1, at or below ``loss``; one past the end if none is.

    That is a finite number, as a search asks of its scores, and sorts behind all
    others, so that medians stay meaningful.
    """
    reached = np.flatnonzero(np.asarray(curve) <= loss)
    return int(reached[0]) + 1 if len(reached) else len(curve) + 1


def measure_and_tick(pipeline, X, y, stated_loss):
    """Measure a net and show that one more is done."""
    # The search itself prints nothing or a line a fit: a dot a fit lies between.
    print(".", end="", file=sys.stderr, flush=True)
    return measure(pipeline, X, y, stated_loss)


def search_starts(task, stated_loss, n_seeds, n_jobs, n_iterations):
    """The fitted search over all starts."""
    search = GridSearchCV(
        make_net(n_iterations),
        starts(n_seeds),
        scoring=partial(measure_and_tick, stated_loss=stated_loss),
        refit="accuracy",
        cv=folds(),
        n_jobs=n_jobs,
        error_score="raise",
    )
    n_fits = (1 + len(SCALES) * n_seeds) * N_FOLDS
    print(f"{task.name}, {n_fits} fits: ", end="", file=sys.stderr, flush=True)
    begin = time.perf_counter()
    search.fit(task.X, task.y)
    print(f" {time.perf_counter() - begin:.1f} s", file=sys.stderr, flush=True)
    return search


def measure_baseline(label, model, task):
    """The row of a model that has no start to choose."""
    scores = cross_validate(
        make_pipeline(StandardScaler(), model),
        task.X,
        task.y,
        cv=folds(),
        scoring={"accuracy": "accuracy", "loss": training_loss},
        return_train_score=True,
    )
    return Row(label, None, scores["test_accuracy"], scores["train_loss"])


def training_loss(model, X, y):
    """The cross-entropy alone, as for the nets: logistic regression has a penalty."""
    return log_loss(y, model.predict_proba(X))


def rows_of(search):
    """The zeros row and the list of randn rows, seeds and folds pooled."""
    results = search.cv_results_
    # Candidates with zeros have no scale among their parameters.
    scales = np.array([p.get("net__init_scale", 0) for p in results["params"]])
    zeros = Row("zeros", 0, **pooled(results, scales == 0))
    randn = [
        Row(f"randn, scale {scale:g}", scale, **pooled(results, scales == scale))
        for scale in SCALES
    ]
    return zeros, randn


def pooled(results, chosen):
    """All seeds and folds of the chosen candidates, for each measured quantity."""
    return {
        name: np.concatenate(
            [results[f"split{fold}_test_{name}"][chosen] for fold in range(N_FOLDS)]
        )
        for name in ("accuracy", "final_loss", "iterations")
    }


def compare(task, n_seeds=N_SEEDS, n_jobs=1, n_iterations=N_ITERATIONS):
    """The comparison on one task, and the winner fitted to all its data."""
    with warnings.catch_warnings():
        for category in TOLD_BY_TABLES:
            warnings.simplefilter("ignore", category)
        stated_loss = choose_stated_loss(task, n_iterations)
        search = search_starts(task, stated_loss, n_seeds, n_jobs, n_iterations)
    zeros, randn = rows_of(search)
    comparison = Comparison(
        task=task.name,
        stated_loss=stated_loss,
        n_iterations=n_iterations,
        zeros=zeros,
        randn=randn,
        constant=measure_baseline("constant answer", DummyClassifier(), task),
        logistic=measure_baseline(
            "logistic regression", LogisticRegression(max_iter=1000), task
        ),
    )
    return comparison, search.best_estimator_


# ---------------------------------------------------------------------------
# The table, and what it says


def legend(options):
    """How to read the tables."""
    return textwrap.fill(
        f"{N_HIDDEN} tanh units, {options.iterations} iterations of full-batch "
        f"gradient descent at rate {LEARNING_RATE:g}; seeds: {options.seeds}, folds: "
        f"{N_FOLDS}. Accuracy: on held-out folds, mean and standard deviation over "
        "seeds and folds. Final loss: mean on the training folds. Iterations: median "
        "(smallest to largest) until the training loss is as low as stated.",
        WIDTH,
    )


def table(comparison):
    """The comparison as text."""
    stated = f"iterations to loss {comparison.stated_loss:g}"
    head = f"{'start':<20}{'accuracy':<17}{'final loss':<13}{stated}"
    rows = [comparison.zeros, *comparison.randn, None]
    rows += [comparison.constant, comparison.logistic]
    rule = "-" * len(head)
    body = [table_line(row, comparison.n_iterations) if row else rule for row in rows]
    return "\n".join([comparison.task, rule, head, rule, *body, rule])


def table_line(row, n_iterations):
    """One row as text; baselines have no iterations to compare."""
    accuracy = f"{row.accuracy.mean():.3f} ± {row.accuracy.std():.3f}"
    line = f"{row.label:<20}{accuracy:<17}{row.final_loss.mean():<13.4f}"
    if row.iterations is None:
        return line + "-"
    counts = low_median_high(row.iterations)
    low, middle, high = (in_budget(count, n_iterations) for count in counts)
    return line + (middle if low == high else f"{middle}  ({low} to {high})")


def median(iterations):
    """The count at which half of the nets were there, never a mean of two counts.

    One of the two could belong to a net that never got there.
    """
    return int(np.quantile(iterations, 0.5, method="inverted_cdf"))


def low_median_high(iterations):
    """Fewest, median and most iterations of one row."""
    return iterations.min(), median(iterations), iterations.max()


def in_budget(iterations, n_iterations):
    """A number of iterations in words that admit it may lie beyond the budget."""
    if iterations > n_iterations:
        return f"more than {n_iterations}"
    return f"{iterations:.0f}"


def sentence(comparison):
    """What the table shows, in words that hold whatever it shows."""
    return (
        f"On {comparison.task}, {zeros_clause(comparison)}; "
        f"{accuracy_clause(comparison)}; {speed_clause(comparison)}."
    )


def zeros_clause(comparison):
    """What zeros are worth beside one answer for everything."""
    zeros = comparison.zeros.accuracy.mean()
    constant = comparison.constant.accuracy.mean()
    beside = "better" if zeros > constant else "no better"
    return (
        f"the zeros start gets {zeros:.1%} right, {beside} than always giving the same "
        f"answer ({constant:.1%})"
    )


def accuracy_clause(comparison):
    """The range of accuracies over the random starts, and the baseline."""
    means = [row.accuracy.mean() for row in comparison.randn]
    return (
        f"random starts get from {min(means):.1%} (scale "
        f"{scales_of(comparison, means, min)}) to {max(means):.1%} (scale "
        f"{scales_of(comparison, means, max)}), logistic regression "
        f"{comparison.logistic.accuracy.mean():.1%}"
    )


def speed_clause(comparison):
    """Where the stated loss is reached soonest, and how far behind both ends are."""
    medians = [median(row.iterations) for row in comparison.randn]
    budget, loss = comparison.n_iterations, comparison.stated_loss
    if min(medians) > budget:
        return (
            f"no scale takes half of its nets to loss {loss:g} in {budget} iterations"
        )
    smallest, largest = (in_budget(medians[end], budget) for end in (0, -1))
    return (
        f"loss {loss:g} is reached soonest from scale "
        f"{scales_of(comparison, medians, min)} ({min(medians)} iterations; from the "
        f"smallest scale {smallest}, from the largest {largest}), so {verdict(medians)}"
    )


def verdict(medians):
    """Which end of the sweep is slower than its fastest scale."""
    too_small, too_large = medians[0] > min(medians), medians[-1] > min(medians)
    if too_small and too_large:
        return "a start can be too small and too large"
    if too_small:
        return "a start can be too small, but none here is too large"
    if too_large:
        return "a start can be too large, but none here is too small"
    return "neither end of the sweep is slower than the scales between"


def scales_of(comparison, values, best):
    """The scales at which ``values`` are at their ``best`` (min or max): ties count."""
    chosen = np.isclose(values, best(values), rtol=0, atol=1e-12)
    scales = np.array([row.scale for row in comparison.randn])
    *others, last = [f"{scale:g}" for scale in scales[chosen]]
    return f"{', '.join(others)} and {last}" if others else last


def winner_line(pipeline):
    """Which start was kept."""
    net = pipeline[-1]
    start = "zeros"
    if net.init != "zeros":
        start = (
            f"{net.init} with init_scale={net.init_scale:g}, seed {net.random_state}"
        )
    return textwrap.fill(
        f"Kept: the single start that was most accurate, {start}, trained on all rows "
        "(scales are ranked above by their mean over the seeds).",
        WIDTH,
    )


# ---------------------------------------------------------------------------
# The figure

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#555555"  # told apart by colour-blind eyes
ZEROS_AT = SCALES[0] / 10  # a logarithmic axis has no 0: zeros get a place left of it


def draw(comparisons, path):
    """Write the figure, one column a task; returns False without matplotlib."""
    try:
        # A Figure of its own needs neither pyplot nor a screen.
        from matplotlib.figure import Figure
    except ImportError:
        return False
    n = len(comparisons)
    figure = Figure(figsize=(1.4 + 2.6 * n, 5), layout="constrained")
    axes = figure.subplots(2, n, sharex=True, sharey="row", squeeze=False)
    for (top, bottom), comparison in zip(axes.T, comparisons, strict=True):
        draw_accuracy(top, comparison)
        draw_iterations(bottom, comparison)
        top.set_title(comparison.task)
        bottom.set_xlabel("init_scale")
    axes[0, 0].set_ylabel("accuracy (mean ± s.d.)")
    axes[1, 0].set_ylabel("iterations (median, range)")
    figure.align_ylabels()
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=200)
    return True


def draw_accuracy(ax, comparison):
    """Mean accuracy and its standard deviation over seeds and folds."""
    for rows, style in (
        (comparison.randn, {"label": "randn", "color": BLUE, "marker": "o", "ls": "-"}),
        ([comparison.zeros], {"label": "zeros", "color": ORANGE, "marker": "s"}),
    ):
        means = [row.accuracy.mean() for row in rows]
        spreads = [row.accuracy.std() for row in rows]
        ax.errorbar(places(rows), means, spreads, capsize=2, ms=5, **style)
    baseline = comparison.logistic.accuracy.mean()
    ax.axhline(baseline, color=GREY, ls="--", label="logistic regression")
    style_scale_axis(ax)


def draw_iterations(ax, comparison):
    """Median and range over seeds and folds; hollow where half never got there."""
    budget = comparison.n_iterations
    beyond = 1.5 * budget  # where a net is shown that did not get there
    for rows, color, marker in (
        (comparison.randn, BLUE, "o"),
        ([comparison.zeros], ORANGE, "s"),
    ):
        counts = np.array([low_median_high(row.iterations) for row in rows])
        low, middle, high = np.where(counts > budget, beyond, counts).T
        x = np.array(places(rows))
        ax.errorbar(x, middle, [middle - low, high - middle], color=color, capsize=2)
        style = {"color": color, "ls": "none", "marker": marker, "ms": 5}
        ax.plot(x, middle, **style)
        never = middle > budget
        ax.plot(x[never], middle[never], markerfacecolor="white", **style)
    ax.axhspan(budget, 2.25 * budget, color="0.92", lw=0, zorder=0)
    powers = [10**k for k in range(1 + int(np.log10(budget / 2)))]
    ax.set(yscale="log", ylim=(0.8, 2.25 * budget))
    ax.set_yticks([*powers, beyond], [*map(str, powers), f">{budget}"])
    ax.set_title(f"until loss {comparison.stated_loss:g}", fontsize="medium")
    style_scale_axis(ax)


def places(rows):
    """Where rows lie on the scale axis."""
    return [row.scale or ZEROS_AT for row in rows]


def style_scale_axis(ax):
    """A logarithmic axis with zeros set apart at its left."""
    ax.set_xscale("log")
    ax.set_xlim(ZEROS_AT / 2, SCALES[-1] * 2)
    ax.set_xticks(
        [ZEROS_AT, 0.001, 0.01, 0.1, 1, 10],
        ["zeros", "0.001", "0.01", "0.1", "1", "10"],
    )
    ax.minorticks_off()
    ax.axvline((ZEROS_AT * SCALES[0]) ** 0.5, color="0.8", lw=0.8)
    ax.spines[["top", "right"]].set_visible(False)


# ---------------------------------------------------------------------------
# Saving, and what a fresh process makes of it

PREDICT_AFRESH = """\
import sys
import joblib

model_path, samples_path, predictions_path = sys.argv[1:]
samples = joblib.load(samples_path)
predictions = {
    name: (model.predict(samples[name]), model.predict_proba(samples[name]))
    for name, model in joblib.load(model_path).items()
}
joblib.dump(predictions, predictions_path)
"""


def predict_afresh(model_path, samples):
    """Predictions of the saved models, made by a Python process that only loads them.

    Models and samples are dictionaries with the tasks' names as keys.
    """
    with tempfile.TemporaryDirectory() as folder:
        samples_path, predictions_path = Path(folder, "samples"), Path(folder, "result")
        joblib.dump(samples, samples_path)
        paths = [model_path, samples_path, predictions_path]
        subprocess.run([sys.executable, "-c", PREDICT_AFRESH, *paths], check=True)
        return joblib.load(predictions_path)


def survives_saving(models, samples, model_path):
    """Save the models; True if a fresh process predicts the same to the last bit."""
    joblib.dump(models, model_path)
    afresh = predict_afresh(model_path, samples)
    return all(
        np.array_equal(afresh[name][0], model.predict(samples[name]))
        and np.array_equal(afresh[name][1], model.predict_proba(samples[name]))
        for name, model in models.items()
    )


# ---------------------------------------------------------------------------
# The command line


def parse_arguments(arguments=None):
    """The options; exits with a message if they make no sense."""
    parser = argparse.ArgumentParser(
        description="Compare the starts of a one-hidden-layer net by cross-validation.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", metavar="FILE.csv", help="compare on your own table")
    parser.add_argument("--target", metavar="COLUMN", help="its column of labels")
    parser.add_argument(
        "--output", metavar="DIR", default=".", help="for figure and model (default: .)"
    )
    for flag, default, meaning in (
        ("--seeds", N_SEEDS, "random starts for each scale"),
        ("--jobs", 2, "fits at a time"),
        ("--iterations", N_ITERATIONS, "iterations of each fit"),
    ):
        parser.add_argument(
            flag,
            metavar="N",
            type=positive_integer,
            default=default,
            help=f"{meaning} (default: {default})",
        )
    return parser.parse_args(arguments)


def positive_integer(text):
    """The type of options that count something."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a positive integer, got {text!r}")
    return int(text)


def tasks_of(options):
    """The user's table as the only task, or the three bundled ones."""
    if options.data and options.target:
        return [read_task(options.data, options.target)]
    if options.data or options.target:
        raise UnusableInputError("--data FILE.csv and --target COLUMN go together")
    return bundled_tasks()


def output_directory(path):
    """The directory for the results, made if need be."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableInputError(f"cannot write to {path}: {error.strerror}") from error
    if not os.access(path, os.W_OK):  # better known before the search than after it
        raise UnusableInputError(f"cannot write to {path}: no permission")
    return Path(path)


def report(task, options):
    """Compare on one task and print what came out."""
    comparison, winner = compare(
        task, options.seeds, options.jobs, n_iterations=options.iterations
    )
    print(table(comparison))
    print(textwrap.fill(sentence(comparison), WIDTH))
    print(winner_line(winner), end="\n\n", flush=True)
    return comparison, winner


def run(options):
    """The whole comparison; an exit status."""
    tasks, output = tasks_of(options), output_directory(options.output)
    print(legend(options), end="\n\n", flush=True)
    reports = {task.name: report(task, options) for task in tasks}

    figure_path = output / "compare_init_scales.png"
    if draw([comparison for comparison, _ in reports.values()], figure_path):
        print(f"Figure: {figure_path}")
    else:
        print("No figure: matplotlib is not installed (pip install matplotlib).")

    model_path = output / "compare_init_scales.joblib"
    winners = {name: winner for name, (_, winner) in reports.items()}
    if not survives_saving(winners, {task.name: task.X for task in tasks}, model_path):
        print(f"{model_path}: a fresh process predicts differently", file=sys.stderr)
        return 1
    print(f"Model: {model_path}, loaded in a fresh process: identical predictions.")
    return 0


def main(arguments=None):
    """Exit status: 0, or 2 for input that cannot be used."""
    try:
        return run(parse_arguments(arguments))
    except UnusableInputError as error:
        print(f"{Path(__file__).name}: error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
