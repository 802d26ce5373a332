"""The subcommand ``compare``, from its options to the files that it writes."""

import re
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

import skshallow._command.columns as columns
import skshallow._command.report as report
import skshallow._command.sizing as sizing
import skshallow._command.target as target
from skshallow import ShallowNetClassifier
from skshallow._command.files import check_table
from skshallow._command.outputs import marks_of, paths_to_write, replaced_together
from skshallow._command.refusal import Refusal
from skshallow._command.table import read_table
from skshallow.sweeps import compare_starts

# Between the scales that hardly move at first and those that saturate, with the
# default. Nets have the defaults of the package: those predict well on tables.
SCALES = ("auto", 0.001, 0.01, 0.1, 0.3, 1, 3, 10)
SEEDS = (0, 1, 2)


def compare(options):
    """Read, compare, print, and write the model and the figure."""
    path = Path(options.table)
    check_table(path)
    paths = paths_to_write(options.output, path)
    # Where files cannot be written, that is told before the work begins. What there is
    # to say of the net, the diagnosis says.
    with replaced_together(paths) as (model_file, figure), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = options.separator, options.decimal, options.encoding
        table = read_table(path, *written, options.target)
        task = _task_of(table, path, options)
        comparison, model, n_rows = task.compare_in_time(options)
        joblib.dump(model, model_file)
        title = f"{options.target} in {path.name}"
        report.draw(comparison, title, figure, marks_of(path, model_file))
    report.tell_use(table, task, options.target, paths, model, n_rows)


def _task_of(table, path, options):
    """What the net has to learn, told of column by column."""
    target.check_name(table, path, options.target)
    if table.frame.empty:
        raise Refusal(f"{path} has no rows: name a table that has some.")
    y, is_labelled = target.labels_of(table.frame[options.target], table.words)
    X = table.frame[is_labelled]
    # Of the whole table: without the rows that have no label, a number of the row would
    # no longer count by ones.
    kinds = columns.kinds_of(table.frame, options.target, options.keep, options.drop)
    report.tell_table(table, y, options.target)
    report.tell_columns(X, y, kinds, options.target)
    scoring, reason = target.scoring_of(y, options.scoring, options.target)
    return Task(X, y, make_model(kinds), scoring, reason)


def make_model(kinds):
    """A pipeline from a data frame to a net, of public classes only."""
    return Pipeline(
        [
            ("columns", columns.preparation(kinds)),
            ("float32", columns.as_type("float32")),  # trains twice as fast
            ("net", ShallowNetClassifier()),
        ]
    )


class Task(NamedTuple):
    """A table, ready to be compared on.

    Parameters
    ----------
    X : pandas.DataFrame
    y : ndarray
    model : Pipeline
    scoring : str
    reason : str
        Why this score, or nothing.
    """

    X: object
    y: np.ndarray
    model: Pipeline
    scoring: str
    reason: str

    def compare(self, model, rows, **how):
        """The comparison of all starts on some rows."""
        of_rows = self.X.iloc[rows], self.y[rows]
        how |= {"init_scales": SCALES, "scoring": self.scoring}
        try:
            with redirect_stdout(sys.stderr):
                return compare_starts(model, *of_rows, **how)
        except ValueError as error:
            reason = str(error).strip().splitlines()
            errors = [line for line in reason if re.match(r"\w+Error: ", line)]
            raise Refusal(
                f"the nets cannot be trained: {(errors or reason)[-1]}"
            ) from error

    def compare_in_time(self, options):
        """The comparison, the model to keep, and the number of rows it is fitted on."""
        rows, seeds, is_refitted = self.plan(options.all_rows)
        how = {"seeds": seeds, "cv": target.n_folds(self.y), "n_jobs": options.n_jobs}
        # Progress is for someone who waits, and never stands among the results.
        how["verbose"] = int(sys.stderr.isatty())
        comparison = self.compare(self.model, rows, **how)
        print(f"\n{comparison}\n", flush=True)
        model, n_rows = comparison.model, len(rows)
        if is_refitted:
            report.tell_refit(len(self.y))
            model, n_rows = clone(model).fit(self.X, self.y), len(self.y)
        of_rows = self.X.iloc[rows], self.y[rows]
        report.tell_findings(model, *of_rows, comparison.beats_guess)
        return comparison, model, n_rows

    def plan(self, has_all_rows):
        """Rows and seeds to compare with, and whether a fit on all rows follows."""
        cost = sizing.measured_cost(self.compare, self.model, self.y)
        net, n_all, n_folds = self.model[-1], len(self.y), target.n_folds(self.y)

        def seconds(n_rows, seeds=SEEDS):
            return cost.seconds(net, n_rows, len(seeds), n_folds)

        n, seeds = n_all, SEEDS
        if not has_all_rows:
            n = sizing.rows_for(seconds, n_all)
            if seconds(n) > 2 * sizing.MOST_SECONDS:
                seeds = SEEDS[:1]
        rows = sizing.thinned(self.y, n)
        report.tell_rows(len(rows), n_all, seconds(n_all))
        if seeds != SEEDS:
            report.tell_seeds(len(SEEDS), seconds(n))
        n_nets = len(seeds) * n_folds * (len(SCALES) + 1)
        report.tell_plan(self, len(seeds), n_folds, n_nets, seconds(len(rows), seeds))
        of_a_fit = cost.seconds_of_fit(net, n_all)
        is_refitted = len(rows) < n_all and of_a_fit <= sizing.MOST_SECONDS
        return rows, seeds, is_refitted
