"""The subcommand ``compare``: from its options to the files that it writes."""

import sys
import warnings
from contextlib import redirect_stdout
from functools import partial
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

import skshallow._command.columns as columns
import skshallow._command.output as output
import skshallow._command.target as target
from skshallow import ShallowNetClassifier
from skshallow._command.refusal import Refusal, check_name
from skshallow._command.table import read_table
from skshallow._fit.defaults import batch_size, n_iterations
from skshallow._search.progress import time_text
from skshallow.sweeps import compare_starts

# The default, and scales from those with which nets hardly move at first to those with
# which units saturate. The other parameters have their defaults.
SCALES = ("auto", 0.001, 0.01, 0.1, 0.3, 1, 3, 10)
SEEDS = (0, 1, 2)
MINUTE = 60
MIN_ROWS = 1000  # of a comparison: with fewer, the scores of a fold are too imprecise
N_TRIAL = 2000  # rows of the short comparison that is timed


def compare(options):
    """Read, compare, print, and write the model and the figure."""
    path = Path(options.table)
    model_path, figure_path = _paths_to_write(path, options)
    # Both files are written to a folder beside them, and moved at the end. So if the
    # directory cannot be written to, the error comes before the work begins. Warnings
    # are not shown, because the diagnosis has what they say of the net.
    folder = TemporaryDirectory(prefix=".", dir=model_path.parent)
    with folder as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame, call = read_table(
            path, options.separator, options.decimal, options.encoding, options.target
        )
        X, y, model = _task_of(frame, call, options)
        comparison, model = _compare_on(X, y, model, options)
        written = Path(name, "model"), Path(name, "figure.png")
        joblib.dump(model, written[0])
        output.write_figure(comparison, f"{options.target} in {path.name}", written[1])
        for file, final in zip(written, (model_path, figure_path), strict=True):
            file.replace(final)
    output.print_use(call, model_path, figure_path)


def _paths_to_write(table, options):
    """The paths of the model and the figure; an error if one of the files exists."""
    prefix = options.output or table.stem.removesuffix(".csv")  # as in table.csv.gz
    paths = Path(f"{prefix}.joblib"), Path(f"{prefix}.png")
    for path in paths:
        if path.exists() and not options.overwrite:
            raise Refusal(
                f"{path} is there already: replace it with --overwrite, or give "
                "another name with --output."
            )
    return paths


def _task_of(frame, call, options):
    """Rows, labels and an unfitted pipeline; prints what the columns are."""
    check_name("--target", options.target, list(frame))
    output.print_table(frame, call, options.target)
    y, is_labelled = target.labels_of(frame[options.target])
    features = frame.drop(columns=options.target)
    for option, names in (("--keep", options.keep), ("--drop", options.drop)):
        for name in names:
            check_name(option, name, list(features))
    # From all rows, also those without a label: a column that numbers the rows would
    # otherwise have gaps.
    kinds = columns.kinds_of(features.drop(columns=options.drop), options.keep)
    X = features[is_labelled]
    output.print_columns(X, y, kinds, options.target)
    if not any(kinds[kind] for kind in columns.USED):
        raise Refusal("no column is left to learn from: keep one with --keep.")
    return X, y, make_model(kinds)


def _compare_on(X, y, model, options):
    """The comparison, and the model with the chosen start, fitted on all rows."""
    scoring, scoring_reason = target.scoring_of(y, options.scoring)
    n_folds, folds_reason = target.folds_of(y)
    how = {"init_scales": SCALES, "scoring": scoring, "n_jobs": options.n_jobs}
    compare_rows = partial(_compare_rows, model, X, y, **how)
    n_all = len(y)
    seconds_of = clock(compare_rows, model[-1], y, n_folds)
    n = n_all if options.all_rows else size_for_a_minute(seconds_of, n_all)
    rows = thinned(y, n)
    if len(rows) < n_all:
        output.print_wrapped(
            f"Comparing on {len(rows):,} of the {n_all:,} rows, drawn class by class, "
            f"because all would take about {time_text(seconds_of(n_all))}: --all-rows "
            "uses them."
        )
    n_nets = len(SEEDS) * n_folds * (len(SCALES) + 1)
    output.print_wrapped(
        f"Comparing by {scoring}{scoring_reason}: {n_nets} nets of {len(SEEDS)} seeds "
        f"and {n_folds} folds{folds_reason}, about {time_text(seconds_of(len(rows)))}."
    )
    # Lines of progress go to a terminal only, and not to the output.
    verbose = int(sys.stderr.isatty())
    comparison = compare_rows(rows, seeds=SEEDS, cv=n_folds, verbose=verbose)
    print(f"\n{comparison}\n", flush=True)
    model = comparison.model
    if len(rows) < n_all:
        print(f"Fitting the start to use on all {n_all:,} rows.\n", flush=True)
        model = clone(model).fit(X, y)
    output.print_findings(model, X.iloc[rows], y[rows])
    return comparison, model


def _compare_rows(model, X, y, rows, **how):
    try:
        with redirect_stdout(sys.stderr):
            return compare_starts(model, X.iloc[rows], y[rows], **how)
    except ValueError as error:
        reason = str(error).strip().rpartition("\n")[2]  # of the last failed fit
        raise Refusal(f"the nets cannot be trained: {reason}") from error


def clock(compare_rows, net, y, n_folds):
    """Measure how long an update takes, by a short comparison.

    Parameters
    ----------
    compare_rows : callable
        ``compare_rows(rows, seeds=..., cv=...)`` makes a comparison.
    net : ShallowNetClassifier
        It is not fitted.
    y : ndarray
        All labels.
    n_folds : int

    Returns
    -------
    seconds_of : callable
        ``seconds_of(n_rows)`` is the time of a comparison on so many rows, in seconds.
    """
    rows = thinned(y, N_TRIAL)
    begin = perf_counter()
    compare_rows(rows, seeds=SEEDS[:1], cv=2)
    per_update = (perf_counter() - begin) / (2 * n_updates(net, len(rows) // 2))
    n_fits = len(SEEDS) * n_folds
    return lambda n: per_update * n_fits * n_updates(net, n - n // n_folds)


def n_updates(net, n_rows):
    """Number of updates of a fit of a net on ``n_rows`` rows."""
    n_batches = ceil(n_rows / batch_size(net, n_rows))
    return n_batches * n_iterations(net, n_rows, holds_out_rows=True)


def size_for_a_minute(seconds_of, n_rows):
    """How many rows a comparison of about a minute has, and at least a thousand."""
    return max(MIN_ROWS, int(n_rows * MINUTE / seconds_of(n_rows)))


def thinned(y, n_rows):
    """Indices, sorted, of ``n_rows`` random rows: the same share of every class.

    There are at least 10 rows of every class that has as many.
    """
    if n_rows >= len(y):
        return np.arange(len(y))
    rng = np.random.RandomState(0)  # the same rows in every run
    taken = []
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        n = max(round(len(rows) * n_rows / len(y)), min(len(rows), 10))
        taken.append(rng.permutation(rows)[:n])
    return np.sort(np.concatenate(taken))


def make_model(kinds):
    """A pipeline from a data frame to a net, of public classes only."""
    return Pipeline(
        [
            ("columns", columns.preparation(kinds)),
            ("float32", columns.as_type("float32")),  # trains twice as fast
            ("net", ShallowNetClassifier()),
        ]
    )
