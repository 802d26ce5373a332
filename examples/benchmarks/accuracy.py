"""Measure how accurate ``ShallowNetClassifier`` is, and which start is best where.

Five-fold stratified cross-validation on real binary tables (``tables.py``), the same
folds, the same ``StandardScaler`` and the same seeds for everybody. The statement under
test: the best documented ``init``/``init_scale`` has a mean ROC AUC and a mean log-loss
no worse than those of ``MLPClassifier`` with the same number of hidden units and its
own defaults otherwise, in a fraction of its fit time; and the default start's gap to
both is what the report says it is.

Run it with::

    python examples/benchmarks/accuracy.py --quick
    python examples/benchmarks/accuracy.py --jobs 2 --output docs/accuracy_tables.md

How it measures:

- The seed of a fold is the fold's number, so a model's mean is over five starts too.
- The scaler is fitted on the training rows, outside the clock: the time is the
  model's own ``fit``, with one thread in every BLAS and OpenMP pool.
- All models of a fold are fitted in turn by one process, so that times compare even
  where ``--jobs`` folds run side by side; trust their ratios more than the seconds.
- Log-loss is scikit-learn's, which clips probabilities at machine epsilon.
- A fit that raises is scored as the constant predictor (AUC 0.5, log-loss of the
  training share) and counted; a ``ConvergenceWarning`` is counted and not shown.
"""

import argparse
import platform
import sys
import time
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import sklearn
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from tables import TABLE_NAMES, load_tables
from threadpoolctl import threadpool_limits

import skshallow
from skshallow import ShallowNetClassifier

N_FOLDS = 5
FOLD_SEED = 0

# MLPClassifier gets as many hidden units as ShallowNetClassifier has by default.
N_HIDDEN = ShallowNetClassifier().n_hidden
MLP = f"MLPClassifier, {N_HIDDEN} units"
WIDE_MLP = "MLPClassifier, its own width (100)"
DEFAULT = "ShallowNet, default"
SCALES = (1e-4, 1e-3, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
STARTS = {
    **{f"randn {scale:g}": ("randn", scale) for scale in SCALES},
    **{init: (init, 1.0) for init in ("glorot", "he", "lecun", "orthogonal")},
    "zeros": ("zeros", 1.0),
}

QUICK_TABLES = ("breast-cancer", "digits-1-8", "saheart", "pima", "german", "titanic")
QUICK_STARTS = ("randn 0.01", "randn 0.1", "randn 1", "glorot", "zeros")


@dataclass(frozen=True)
class Scores:
    """What the benchmark measured.

    Attributes
    ----------
    tables : list of Table
    models : list of str
    auc, loss, seconds, unconverged, failed : ndarray of shape \
            (n_tables, n_models, n_folds)
        ROC AUC and log-loss on the test rows, fit time, whether the fit gave a
        ``ConvergenceWarning``, whether it raised.
    errors : list of str
        One line for each fit that raised.
    """

    tables: list
    models: list
    auc: np.ndarray
    loss: np.ndarray
    seconds: np.ndarray
    unconverged: np.ndarray
    failed: np.ndarray
    errors: list

    def columns(self, models):
        """Positions of `models` on the models' axis."""
        return [self.models.index(model) for model in models]


# ---------------------------------------------------------------------------
# Models
# ---------------------------------------------------------------------------


def build_models(starts):
    """Name -> callable that takes ``random_state`` and returns an estimator."""
    models = {
        "LogisticRegression": partial(LogisticRegression, max_iter=1000),
        "HistGradientBoosting": HistGradientBoostingClassifier,
        WIDE_MLP: MLPClassifier,
        MLP: partial(MLPClassifier, hidden_layer_sizes=(N_HIDDEN,)),
        DEFAULT: ShallowNetClassifier,
    }
    for name in starts:
        init, scale = STARTS[name]
        models[name] = partial(ShallowNetClassifier, init=init, init_scale=scale)
    return models


# ---------------------------------------------------------------------------
# Measuring
# ---------------------------------------------------------------------------


def run_fold(X, y, train, test, models, seed):
    """Fit and score every model on one fold.

    Returns
    -------
    rows : ndarray of shape (5, n_models)
        In the order of ``Scores``: auc, loss, seconds, unconverged, failed.
    errors : list of str
    """
    scaler = StandardScaler().fit(X[train])
    rows = np.zeros((5, len(models)))
    errors = []
    with threadpool_limits(1):
        X_train, X_test = scaler.transform(X[train]), scaler.transform(X[test])
        warm_up(models)
        for j, (name, make) in enumerate(models.items()):
            model = make(random_state=seed)
            seconds, unconverged, error = fit_timed(model, X_train, y[train])
            if error is None:
                p = model.predict_proba(X_test)[:, 1]
            else:
                p = np.full(len(test), y[train].mean())
                errors.append(f"{name}, fold {seed}: {error}")
            auc, loss = roc_auc_score(y[test], p), log_loss(y[test], p)
            rows[:, j] = auc, loss, seconds, unconverged, error is not None
    return rows, errors


def warm_up(models):
    """Fit one model of each class on a few rows: imports stay out of the times."""
    rng = np.random.RandomState(0)
    X, y = rng.randn(40, 3), np.arange(40) % 2
    for model in {type(m): m for m in (make() for make in models.values())}.values():
        fit_timed(model, X, y)


def fit_timed(model, X, y):
    """Fit `model`: seconds, whether it failed to converge, and what it raised."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.perf_counter()
        try:
            model.fit(X, y)
            error = None
        except ValueError as exception:  # what a diverged fit raises
            error = str(exception).partition("\n")[0]
        seconds = time.perf_counter() - start
    unconverged = False
    for w in caught:
        if issubclass(w.category, ConvergenceWarning):
            unconverged = True
        else:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
    return seconds, unconverged, error


def run_task(position, fold, table, train, test, models):
    """One fold of one table, with its position in the result arrays."""
    start = time.perf_counter()
    rows, errors = run_fold(table.X, table.y, train, test, models, seed=fold)
    errors = [f"{table.name}: {error}" for error in errors]
    return position, fold, rows, errors, time.perf_counter() - start


def measure(tables, models, n_jobs=1):
    """Cross-validate all models on all tables, showing progress on stderr."""
    splitter = StratifiedKFold(N_FOLDS, shuffle=True, random_state=FOLD_SEED)
    tasks = [
        joblib.delayed(run_task)(i, fold, table, train, test, models)
        for i, table in sorted(enumerate(tables), key=lambda item: -item[1].X.size)
        for fold, (train, test) in enumerate(splitter.split(table.X, table.y))
    ]
    results = np.zeros((5, len(tables), len(models), N_FOLDS))
    errors = []
    pool = joblib.Parallel(
        n_jobs=n_jobs, return_as="generator_unordered", pre_dispatch=n_jobs
    )
    for done, (i, fold, rows, fold_errors, seconds) in enumerate(pool(tasks), 1):
        results[:, i, :, fold] = rows
        errors += fold_errors
        progress = f"[{done}/{len(tasks)}] {tables[i].name}, fold {fold}"
        print(f"{progress}: {seconds:.1f} s", file=sys.stderr, flush=True)
    return Scores(tables, list(models), *results, errors)


# ---------------------------------------------------------------------------
# Comparing
# ---------------------------------------------------------------------------


def mean_rank(values):
    """Average rank of each model over the tables; 1 is the lowest value."""
    return rankdata(values, axis=1).mean(axis=0)


def time_ratio(scores, model, reference):
    """Geometric mean over tables of the fit time of `model` over `reference`'s."""
    j, k = scores.columns([model, reference])
    seconds = scores.seconds.mean(axis=2)
    return np.exp(np.log(seconds[:, j] / seconds[:, k]).mean())


def gap(values, model, reference):
    """Mean over tables of `model` minus `reference`, with its standard error.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n_tables,)
    model : str
        Key of `values`.
    reference : str
        The key to compare it with.

    Returns
    -------
    mean, error : float
        The error is nan where there is one table only.
    """
    difference = values[model] - values[reference]
    n = len(difference)
    error = difference.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return difference.mean(), error


def by_model(scores, values):
    """Model -> mean over folds on each table."""
    return dict(zip(scores.models, values.mean(axis=2).T, strict=True))


def best_start(scores, starts):
    """Choose the one start that serves best on all tables.

    Among the starts whose mean AUC and mean log-loss are both no worse than those of
    the ``MLPClassifier`` of the same width, or among all if there is none, the one
    of the lowest mean log-loss.
    """
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    good = [
        start
        for start in starts
        if auc[start].mean() >= auc[MLP].mean()
        and loss[start].mean() <= loss[MLP].mean()
    ]
    return min(good or starts, key=lambda start: loss[start].mean())


# ---------------------------------------------------------------------------
# Reporting
# ---------------------------------------------------------------------------


def markdown_table(header, rows):
    """Lay out a Markdown table, padded so that it also reads well as text."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[j]) for row in cells) for j in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = []
    for row in (cells[0], rule, *cells[1:]):
        first, rest = row[0].ljust(widths[0]), zip(row[1:], widths[1:], strict=True)
        padded = [first, *(cell.rjust(width) for cell, width in rest)]
        lines.append("| " + " | ".join(padded) + " |")
    return "\n".join(lines)


def report(scores, starts):
    """Write the whole report, as Markdown."""
    sections = [
        "# Accuracy on real binary tables",
        preamble(scores),
        table_list(scores),
        "## Summary",
        summary(scores),
        verdict(scores, starts),
        "## Each table",
        "AUC / log-loss, mean over the folds. The last two columns are the start that "
        "is best on that table by log-loss, chosen with hindsight, and its scores.",
        per_table(scores, starts),
        "## Which start is best where: log-loss",
        "Lower is better; the best start of a row is bold.",
        start_table(scores, starts, scores.loss, np.argmin),
        "## Which start is best where: ROC AUC",
        "Higher is better; the best start of a row is bold.",
        start_table(scores, starts, scores.auc, np.argmax),
        "## Fit time",
        "Seconds, mean over the folds.",
        time_table(scores, starts),
    ]
    if scores.errors:
        lines = "\n".join(f"- {line}" for line in sorted(scores.errors))
        sections += ["## Fits that raised", lines]
    return "\n\n".join(sections) + "\n"


def preamble(scores):
    """Say what was measured, on what, with which versions."""
    versions = (
        f"skshallow {skshallow.__version__}, scikit-learn {sklearn.__version__}, "
        f"NumPy {np.__version__}, Python {platform.python_version()}"
    )
    return (
        "Written by `examples/benchmarks/accuracy.py`, whose first lines say how it "
        "measures; `tables.py` beside it says where the tables come from.\n"
        f"{N_FOLDS}-fold stratified cross-validation on {len(scores.tables)} tables, "
        "behind a `StandardScaler`, one thread.\n"
        f"{versions}. `ShallowNetClassifier()` has {N_HIDDEN} hidden units, and so has "
        "the `MLPClassifier` that it is held against."
    )


def table_list(scores):
    """Size, share of positives and origin of the tables."""
    rows = [
        [table.name, *table.X.shape, f"{table.y.mean():.3f}", table.source]
        for table in scores.tables
    ]
    return markdown_table(["table", "rows", "features", "positive", "from"], rows)


def summary(scores):
    """One line for each model: means over tables, ranks, time, what went wrong."""
    auc, loss = scores.auc.mean(axis=2), scores.loss.mean(axis=2)
    columns = zip(
        scores.models,
        auc.mean(axis=0),
        loss.mean(axis=0),
        mean_rank(-auc),
        mean_rank(loss),
        scores.seconds.mean(axis=(0, 2)),
        (time_ratio(scores, model, MLP) for model in scores.models),
        scores.unconverged.sum(axis=(0, 2)),
        scores.failed.sum(axis=(0, 2)),
        strict=True,
    )
    rows = [
        [
            name,
            f"{a:.4f}",
            f"{ll:.4f}",
            f"{rank_a:.1f}",
            f"{rank_ll:.1f}",
            f"{seconds:.3f}",
            f"{ratio:.2f}",
            f"{unconverged:.0f}",
            f"{failed:.0f}",
        ]
        for name, a, ll, rank_a, rank_ll, seconds, ratio, unconverged, failed in columns
    ]
    header = ["model", "AUC", "log-loss", "rank (AUC)", "rank (log-loss)"]
    header += ["fit (s)", "fit time ratio", "not converged", "raised"]
    fits = len(scores.tables) * N_FOLDS
    note = (
        "Means over the tables; a rank is among all models of this summary, 1 the "
        "best, averaged over the tables. The fit time ratio is to "
        f"{MLP}, as a geometric mean over the tables. The last two columns "
        f"count fits, out of {fits} a model."
    )
    return f"{note}\n\n{markdown_table(header, rows)}"


def verdict(scores, starts):
    """Hold the best start against ``MLPClassifier``, and the default against both."""
    best = best_start(scores, starts)
    pairs = ((best, MLP), (best, WIDE_MLP), (DEFAULT, MLP), (DEFAULT, best))
    rows = [compare(scores, *pair) for pair in pairs]
    header = ["difference", "AUC", "better on", "log-loss", "better on"]
    header += ["fit time ratio"]
    return "\n\n".join(
        [
            statement(scores, best),
            markdown_table(header, rows),
            "Mean difference over the tables ± its standard error, and the number of "
            f"tables, out of {len(scores.tables)}, on which the first of the two is "
            "strictly better. The best start was chosen on these same tables among "
            f"{len(starts)}, which flatters it a little.",
        ]
    )


def statement(scores, best):
    """Whether the claim of this benchmark holds, in a sentence."""
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    better_auc = auc[best].mean() >= auc[MLP].mean()
    better_loss = loss[best].mean() <= loss[MLP].mean()
    ratio = time_ratio(scores, best, MLP)
    return (
        f"Best start for all tables: **{best}**. Its mean AUC is "
        f"{'no worse' if better_auc else 'WORSE'} than that of {MLP} "
        f"({auc[best].mean():.4f} and {auc[MLP].mean():.4f}), its mean "
        f"log-loss is {'no worse' if better_loss else 'WORSE'} "
        f"({loss[best].mean():.4f} and {loss[MLP].mean():.4f}), and it takes "
        f"{ratio:.2f} of its fit time."
    )


def compare(scores, model, reference):
    """Row of the table of differences."""
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    return [
        f"{model} minus {reference}",
        "{:+.4f} ± {:.4f}".format(*gap(auc, model, reference)),
        (auc[model] > auc[reference]).sum(),
        "{:+.4f} ± {:.4f}".format(*gap(loss, model, reference)),
        (loss[model] < loss[reference]).sum(),
        f"{time_ratio(scores, model, reference):.2f}",
    ]


def per_table(scores, starts):
    """AUC / log-loss of each model that is not a variant start, on each table."""
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    models = [model for model in scores.models if model not in starts]
    rows = []
    for i, table in enumerate(scores.tables):
        best = min(starts, key=lambda start: loss[start][i])
        pairs = [f"{auc[m][i]:.3f} / {loss[m][i]:.3f}" for m in (*models, best)]
        rows.append([table.name, *pairs[:-1], best, pairs[-1]])
    header = ["table", *models, "best start", "its scores"]
    return markdown_table(header, rows)


def start_table(scores, starts, values, choose):
    """Score of each start on each table, the best one bold."""
    means = values.mean(axis=2)[:, scores.columns(starts)]
    rows = [
        [table.name, *bold(row, choose(row))]
        for table, row in zip(scores.tables, means, strict=True)
    ]
    mean = means.mean(axis=0)
    rows.append(["mean", *bold(mean, choose(mean))])
    return markdown_table(["table", *starts], rows)


def bold(row, best):
    """Numbers as text, the one at position `best` in bold."""
    text = [f"{value:.4f}" for value in row]
    text[best] = f"**{text[best]}**"
    return text


def time_table(scores, starts):
    """Fit time of the models that are not variant starts, and of the best start."""
    seconds = by_model(scores, scores.seconds)
    models = [model for model in scores.models if model not in starts]
    models.append(best_start(scores, starts))
    rows = [
        [table.name, *(f"{seconds[model][i]:.3f}" for model in models)]
        for i, table in enumerate(scores.tables)
    ]
    return markdown_table(["table", *models], rows)


# ---------------------------------------------------------------------------
# Command line
# ---------------------------------------------------------------------------


def parse_arguments(arguments=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, help="also write the report here")
    parser.add_argument("--quick", action="store_true", help="few tables, few starts")
    parser.add_argument("--jobs", type=int, default=1, help="folds run side by side")
    parser.add_argument(
        "--tables", nargs="+", choices=TABLE_NAMES, metavar="NAME", help="only these"
    )
    options = parser.parse_args(arguments)
    if options.output is not None and not options.output.parent.is_dir():
        # Better now than after an hour of fits.
        parser.error(f"--output: there is no directory {options.output.parent}")
    return options


def main(arguments=None):
    """Measure, print the report, and write it where asked."""
    options = parse_arguments(arguments)
    names = options.tables or (QUICK_TABLES if options.quick else None)
    starts = list(QUICK_STARTS if options.quick else STARTS)
    tables = load_tables(names, partial(print, file=sys.stderr))
    if not tables:
        raise SystemExit("None of the tables asked for is installed.")
    scores = measure(tables, build_models(starts), options.jobs)
    text = report(scores, starts)
    print(text)
    if options.output is not None:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
