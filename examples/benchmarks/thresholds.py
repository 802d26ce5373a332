"""Measure how much piecewise-linear encoding improves a net, and from how many rows on.

Three models are compared: ``ShallowNetClassifierCV`` after a scaler, the same net with
the recipe of ``examples/piecewise_linear.py``, and boosted trees. The tables are real
(``tables.py``), and the folds and the method are those of ``accuracy.py``; but times
are those of the whole pipeline. The statement under test: on tables of ``MANY_ROWS``
rows and more, the mean log-loss with the recipe is not above that of boosting.

Then the training rows of these tables, but not the test rows, are thinned to ``SIZES``,
with the same shares of the classes.

Run it with::

    python examples/benchmarks/thresholds.py --quick
    python examples/benchmarks/thresholds.py
    python examples/benchmarks/thresholds.py --others
"""

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np
from accuracy import (
    BOOSTING,
    CV,
    FOLD_SEED,
    N_FOLDS,
    Scores,
    by_model,
    markdown_table,
    run_fold,
    time_ratio,
)
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, train_test_split
from tables import OTHER_NAMES, TABLE_NAMES, load_tables

from skshallow import ShallowNetClassifierCV

sys.path.insert(0, str(Path(__file__).parents[1]))
from piecewise_linear import with_thresholds

THRESHOLDS = f"{CV}, thresholds"
MODELS = {
    CV: ShallowNetClassifierCV,
    THRESHOLDS: lambda **seed: with_thresholds(ShallowNetClassifierCV(**seed)),
    BOOSTING: HistGradientBoostingClassifier,
}
MANY_ROWS = 4000
SIZES = (250, 500, 1000, 2000, 4000)
QUICK_TABLES, QUICK_MANY_ROWS, QUICK_SIZES = ("digits-1-8", "saheart"), 400, (100,)


def measure(tables, size=None):
    """Cross-validate the models, trained on `size` rows at most: `Scores`."""
    splitter = StratifiedKFold(N_FOLDS, shuffle=True, random_state=FOLD_SEED)
    results = np.zeros((6, len(tables), len(MODELS), N_FOLDS))
    errors = []
    for i, table in enumerate(tables):
        for fold, (train, test) in enumerate(splitter.split(table.X, table.y)):
            rows = thinned(train, table.y, size, seed=fold)
            figures, raised = run_fold(table.X, table.y, rows, test, MODELS, fold)
            results[:, i, :, fold] = figures
            errors += [f"{table.name}: {error}" for error in raised]
        print(f"{table.name}, {size or 'all'} rows", file=sys.stderr, flush=True)
    return Scores(tables, list(MODELS), *results, errors)


def thinned(train, y, size, seed):
    """At most ``size`` training rows, with the same class shares; None for all."""
    if size is None or size >= len(train):
        return train
    return train_test_split(
        train, train_size=size, stratify=y[train], random_state=seed
    )[0]


def is_met(scores):
    """Whether the mean log-loss with the recipe is not above that of boosting."""
    loss = by_model(scores, scores.loss)
    return loss[THRESHOLDS].mean() <= loss[BOOSTING].mean()


def table_section(scores):
    """AUC / log-loss of every table, their means, and whether a fit raised."""
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    rows = [
        [t.name, len(t.y), *(f"{auc[m][i]:.3f} / {loss[m][i]:.3f}" for m in MODELS)]
        for i, t in enumerate(scores.tables)
    ]
    means = (f"{auc[m].mean():.4f} / {loss[m].mean():.4f}" for m in MODELS)
    rows.append(["mean", "", *means])
    ratios = (f"{time_ratio(scores, m, BOOSTING):.2f}" for m in MODELS)
    rows.append([f"time, {BOOSTING}'s", "", *ratios])
    table = markdown_table(["AUC / log-loss", "rows", *MODELS], rows)
    return "\n\n".join([table, *scores.errors])


def size_section(by_size):
    """Mean log-loss by the number of training rows, and tables won."""
    rows = []
    for size, scores in by_size.items():
        loss = by_model(scores, scores.loss)
        means = (f"{loss[m].mean():.4f}" for m in MODELS)
        wins = (np.sum(loss[THRESHOLDS] < loss[m]) for m in (CV, BOOSTING))
        ratio = f"{time_ratio(scores, THRESHOLDS, CV):.2f}"
        rows.append([f"{size} rows", *means, *wins, ratio])
    header = ["log-loss", *MODELS, f"better than {CV}", f"than {BOOSTING}"]
    return markdown_table([*header, f"time, {CV}'s"], rows)


def parse_arguments(arguments=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--quick", action="store_true", help="two small tables")
    kind.add_argument(
        "--others", action="store_true", help="tables on which nothing was chosen"
    )
    return parser.parse_args(arguments)


def main(arguments=None):
    """Measure, and print a section for large tables, small tables, and thinned ones."""
    options = parse_arguments(arguments)
    names, many_rows, sizes = TABLE_NAMES, MANY_ROWS, SIZES
    if options.quick:
        names, many_rows, sizes = QUICK_TABLES, QUICK_MANY_ROWS, QUICK_SIZES
    if options.others:
        names = OTHER_NAMES
    tables = load_tables(names, partial(print, file=sys.stderr))
    large = [table for table in tables if len(table.y) >= many_rows]
    small = [table for table in tables if len(table.y) < many_rows]
    if large:
        scores = measure(large)
        print(f"## {many_rows} rows and more\n\n{table_section(scores)}\n")
        met = "is" if is_met(scores) else "IS NOT"
        print(f"The statement {met} true.\n")
        by_size = {size: measure(large, size) for size in sizes}
        print(f"## The same, thinned\n\n{size_section(by_size)}\n")
    if small:
        print(f"## Fewer rows\n\n{table_section(measure(small))}")


if __name__ == "__main__":
    main()
