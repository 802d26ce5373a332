"""Measure how well both classes predict, compared with others, and which start is best.

The measure is five-fold stratified cross-validation on real tables (``tables.py``). All
models have the same folds, the same ``StandardScaler`` and the same seeds. The
statements under test:

- The defaults of ``ShallowNetClassifier`` reach ``AIMS`` and ``TABLE_AIMS``. They are
  better than ``MLPClassifier()`` in mean ROC AUC, in mean log-loss and in the average
  ranks by both, and take at most a quarter of its time.
- The defaults of ``ShallowNetClassifierCV`` reach ``CV_AIMS`` and ``CV_TABLE_AIMS``.
  They are better than boosting in both means, better calibrated than boosting and
  ``MLPClassifier()``, and take less time than ``MLPClassifier()``.

Besides the binary tables there are tables of several classes, and small problems
(``problems.py``), which are scored by accuracy.

Run it with::

    python examples/benchmarks/accuracy.py --quick
    python examples/benchmarks/accuracy.py --jobs 2 --output docs/accuracy_tables.md
    python examples/benchmarks/accuracy.py --jobs 2 --others

How it measures:

- The seed of a fold is the number of the fold, so that the mean of a model is also over
  five starts.
- The scaler is fitted on the training rows and not timed. The time is the processor
  time of the model's ``fit``, with one thread in every BLAS and OpenMP pool.
- One process fits all models of a fold in turn, so that their times can be compared
  even if ``--jobs`` folds run at once. Ratios of times are more reliable than seconds.
- Log-loss is scikit-learn's, which clips probabilities at machine epsilon.
- The calibration error is the expected calibration error over ``N_BINS`` bins with
  equally many test rows: the mean distance between probability and share of the class
  of interest. For several classes it is that of the most probable class.
- A fit that raises an error is counted, and scored as the constant predictor (AUC 0.5,
  log-loss of the training share). A ``ConvergenceWarning`` and, for a start at zeros, a
  ``SymmetryWarning`` are counted and not shown.
- ``--others`` measures the tables on which nothing was chosen, without other starts.
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
from problems import PROBLEM_NAMES, QUICK_PROBLEMS, XOR_NAME, measure_problems
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from tables import (
    MULTICLASS_NAMES,
    OTHER_NAMES,
    TABLE_NAMES,
    load_multiclass,
    load_tables,
)
from threadpoolctl import threadpool_limits

import skshallow
from skshallow import ShallowNetClassifier, ShallowNetClassifierCV
from skshallow.exceptions import SymmetryWarning

N_FOLDS = 5
FOLD_SEED = 0

N_BINS = 15
MLP = "MLPClassifier"
NARROW_MLP = "MLPClassifier, 16 units"
BOOSTING = "HistGradientBoosting"
DEFAULT = "ShallowNet"
CV = "ShallowNetCV"
CV_SINGLE = "ShallowNetCV, float32"  # predicts like CV; only its time is of interest
FIELD = ("LogisticRegression", BOOSTING, MLP, NARROW_MLP, DEFAULT, CV)  # are ranked
SCALES = (1e-4, 1e-3, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
STARTS = {
    **{f"randn {scale:g}": ("randn", scale) for scale in SCALES},
    **{init: (init, 1.0) for init in ("glorot", "he", "lecun", "orthogonal")},
    "zeros": ("zeros", 1.0),
}

# Aims of the defaults on all tables, and aims in ROC AUC on three large tables.
AIMS = {"AUC": 0.883, "log-loss": 0.295, "time": 0.25}
TABLE_AIMS = {"magic": 0.918, "phoneme": 0.900, "page-blocks": 0.974}
CV_AIMS = {"AUC": 0.892, "log-loss": 0.274, "time": 0.8, "time, float32": 0.6}
CV_TABLE_AIMS = {"magic": 0.927, "phoneme": 0.910, "page-blocks": 0.981}
# Aims of CV: its lead over MLPClassifier, and the number of tables on which it leads;
# its ranks among the models of the summary; its time on tables of few rows.
CV_LEADS = {"AUC": 0.011, "log-loss": 0.055}
CV_WINS = {"AUC": 14, "log-loss": 19}
CV_RANKS = {"AUC": 2.4, "log-loss": 2.1}
FEW_ROWS, CV_TIMES_OF_FEW = 1500, {CV: 1.5, CV_SINGLE: 1.0}

QUICK_TABLES = ("breast-cancer", "digits-1-8", "saheart", "pima", "german", "titanic")
QUICK_MULTICLASS = ("iris", "wine")
QUICK_STARTS = ("randn 0.01", "randn 0.1", "randn 1", "glorot", "zeros")


@dataclass(frozen=True)
class Scores:
    """The measurements of the benchmark.

    Attributes
    ----------
    tables : list of Table
    models : list of str
    auc, loss, calibration, seconds, warned, failed : ndarray of shape \
            (n_tables, n_models, n_folds)
        ROC AUC (one class against the rest, if there are several), log-loss and
        expected calibration error on the test rows, processor time of the fit, whether
        it warned, whether it raised.
    errors : list of str
        One line for each fit that raised an error.
    """

    tables: list
    models: list
    auc: np.ndarray
    loss: np.ndarray
    calibration: np.ndarray
    seconds: np.ndarray
    warned: np.ndarray
    failed: np.ndarray
    errors: list

    def columns(self, models):
        """Positions of `models` on the axis of models."""
        return [self.models.index(model) for model in models]


# ---------------------------------------------------------------------------
# Models
# ---------------------------------------------------------------------------


def build_models(starts):
    """Name -> callable that takes ``random_state`` and returns an estimator."""
    models = {
        "LogisticRegression": partial(LogisticRegression, max_iter=1000),
        BOOSTING: HistGradientBoostingClassifier,
        MLP: MLPClassifier,
        NARROW_MLP: partial(MLPClassifier, hidden_layer_sizes=(16,)),
        DEFAULT: ShallowNetClassifier,
        CV: ShallowNetClassifierCV,
        CV_SINGLE: ShallowNetClassifierCV,
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
    rows : ndarray of shape (6, n_models)
        In the order of ``Scores``: auc, loss, calibration, seconds, warned, failed.
    errors : list of str
    """
    scaler = StandardScaler().fit(X[train])
    rows = np.zeros((6, len(models)))
    errors = []
    with threadpool_limits(1):
        X_train, X_test = scaler.transform(X[train]), scaler.transform(X[test])
        warm_up(models)
        for j, (name, make) in enumerate(models.items()):
            model = make(random_state=seed)
            dtype = np.float32 if name == CV_SINGLE else np.float64
            fit_rows = X_train.astype(dtype)
            seconds, warned, error = fit_timed(model, fit_rows, y[train])
            if error is None:
                P = model.predict_proba(X_test.astype(dtype)).astype(np.float64)
            else:
                P = np.tile(np.bincount(y[train]) / len(train), (len(test), 1))
                errors.append(f"{name}, fold {seed}: {error}")
            rows[:3, j] = scores_of(y[test], P)
            rows[3:, j] = seconds, warned, error is not None
    return rows, errors


def scores_of(y, P):
    """ROC AUC, log-loss and calibration error of probabilities P (n, n_classes)."""
    classes = np.arange(P.shape[1])
    P = P / P.sum(axis=1, keepdims=True)  # in float64, because float32 sums are not 1
    if len(classes) == 2:
        auc = roc_auc_score(y, P[:, 1])
        error = calibration_error(P[:, 1], y == 1)
    else:
        auc = roc_auc_score(y, P, multi_class="ovr", labels=classes)
        error = calibration_error(P.max(axis=1), P.argmax(axis=1) == y)
    return auc, log_loss(y, P, labels=classes), error


def calibration_error(p, is_true):
    """Expected calibration error of probabilities (n,), in bins of equal numbers."""
    bins = np.array_split(np.argsort(p, kind="stable"), N_BINS)
    gaps = [abs(p[rows].mean() - is_true[rows].mean()) for rows in bins if len(rows)]
    return np.average(gaps, weights=[len(rows) for rows in bins if len(rows)])


def warm_up(models):
    """Fit one model of each class on a few rows, so that imports are not timed."""
    rng = np.random.RandomState(0)
    X = rng.randn(40, 3)
    y = (X[:, 0] > 0).astype(int)
    for model in {type(m): m for m in (make() for make in models.values())}.values():
        fit_timed(model, X, y)


def fit_timed(model, X, y):
    """Fit `model`; return seconds, whether it gave a warning, and the error or None."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.process_time()
        try:
            model.fit(X, y)
            error = None
        except ValueError as exception:  # a diverged fit raises it
            error = str(exception).partition("\n")[0]
        seconds = time.process_time() - start
    warned = False
    for w in caught:
        if issubclass(w.category, (ConvergenceWarning, SymmetryWarning)):
            warned = True
        else:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
    return seconds, warned, error


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
    results = np.zeros((6, len(tables), len(models), N_FOLDS))
    errors = []
    pool = joblib.Parallel(n_jobs=n_jobs, return_as="generator", pre_dispatch=n_jobs)
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


def time_ratio(scores, model, reference, tables=slice(None)):
    """Geometric mean over tables of the fit time of `model` over `reference`'s."""
    j, k = scores.columns([model, reference])
    seconds = scores.seconds.mean(axis=2)[tables]
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
        The error is nan for a single table.
    """
    difference = values[model] - values[reference]
    n = len(difference)
    error = difference.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return difference.mean(), error


def by_model(scores, values):
    """A dict from each model to its means over the folds of each table."""
    return dict(zip(scores.models, values.mean(axis=2).T, strict=True))


def best_start(scores, starts):
    """The start with the lowest mean log-loss over all tables."""
    loss = by_model(scores, scores.loss)
    return min(starts, key=lambda start: loss[start].mean())


def claims(scores):
    """The statements about the defaults of both classes, on the measured tables.

    Aims that are fixed numbers hold for the tables on which the defaults were chosen.

    Returns
    -------
    rows : list of (str, float, float, bool)
        The statement, the measured value, its lower or upper limit, and whether the
        statement is true.
    """
    higher, lower = claims_of_default(scores)
    if CV in scores.models:
        more = claims_of_cv(scores)
        higher, lower = higher + more[0], lower + more[1]
    return [
        *((*row, row[1] >= row[2]) for row in higher),
        *((*row, row[1] <= row[2]) for row in lower),
    ]


def claims_of_default(scores):
    """Statements about ``ShallowNetClassifier()``: lower limits, then upper limits."""
    models = [DEFAULT, MLP]
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    means = {"AUC": [auc[m].mean() for m in models]}
    means["log-loss"] = [loss[m].mean() for m in models]
    ranks = {
        "AUC": mean_rank(-np.transpose([auc[m] for m in models])),
        "log-loss": mean_rank(np.transpose([loss[m] for m in models])),
    }
    lower = [
        (f"mean log-loss, against {MLP}'s", *means["log-loss"]),
        *((f"rank by {name}, against {MLP}'s", *ranks[name]) for name in ranks),
        (f"time over {MLP}'s", time_ratio(scores, DEFAULT, MLP), AIMS["time"]),
    ]
    higher = [
        (f"mean AUC, against {MLP}'s", *means["AUC"]),
        *claims_by_table(scores, DEFAULT, TABLE_AIMS),
    ]
    if are_chosen_on(scores):
        higher.append(("mean AUC", means["AUC"][0], AIMS["AUC"]))
        lower.append(("mean log-loss", means["log-loss"][0], AIMS["log-loss"]))
    return higher, lower


def claims_of_cv(scores):
    """Statements about ``ShallowNetClassifierCV()``: lower limits, upper limits."""
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    error = by_model(scores, scores.calibration)
    higher = claims_by_table(scores, CV, CV_TABLE_AIMS, "CV: ")
    higher.append(
        (f"CV: AUC, against {BOOSTING}", auc[CV].mean(), auc[BOOSTING].mean())
    )
    lower = [
        (f"CV: log-loss, against {BOOSTING}", loss[CV].mean(), loss[BOOSTING].mean()),
        *(
            (f"CV: calibration error, against {m}", error[CV].mean(), error[m].mean())
            for m in (MLP, BOOSTING)
        ),
        (f"CV: time over {MLP}'s", time_ratio(scores, CV, MLP), CV_AIMS["time"]),
        (
            "CV: the same in float32",
            time_ratio(scores, CV_SINGLE, MLP),
            CV_AIMS["time, float32"],
        ),
    ]
    few = [table.X.shape[0] < FEW_ROWS for table in scores.tables]
    if any(few):
        lower += [
            (f"{m}: time on few rows", time_ratio(scores, m, MLP, few), most)
            for m, most in CV_TIMES_OF_FEW.items()
        ]
    if are_chosen_on(scores):
        wins = {"AUC": auc[CV] > auc[MLP], "log-loss": loss[CV] < loss[MLP]}
        leads = {"AUC": auc[CV] - auc[MLP], "log-loss": loss[MLP] - loss[CV]}
        field = [model for model in scores.models if model in FIELD]
        ranks = {
            "AUC": mean_rank(-np.transpose([auc[m] for m in field])),
            "log-loss": mean_rank(np.transpose([loss[m] for m in field])),
        }
        higher.append(("CV: mean AUC", auc[CV].mean(), CV_AIMS["AUC"]))
        lower.append(("CV: mean log-loss", loss[CV].mean(), CV_AIMS["log-loss"]))
        for name in wins:
            ahead = f"CV: {name}, ahead of {MLP}"
            higher.append((f"{ahead} by", leads[name].mean(), CV_LEADS[name]))
            if len(scores.tables) == len(TABLE_NAMES):
                higher.append((f"{ahead} on", wins[name].sum(), CV_WINS[name]))
            rank = ranks[name][field.index(CV)]
            lower.append((f"CV: rank by {name}", rank, CV_RANKS[name]))
    return higher, lower


def claims_by_table(scores, model, aims, prefix=""):
    """Statements about a model's ROC AUC on single tables."""
    auc = by_model(scores, scores.auc)[model]
    return [
        (f"{prefix}AUC on {table.name}", auc[i], aims[table.name])
        for i, table in enumerate(scores.tables)
        if table.name in aims
    ]


def are_chosen_on(scores):
    """Whether all tables are among those on which the defaults were chosen."""
    return all(table.name in TABLE_NAMES for table in scores.tables)


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


def report(scores, starts, outcomes=(), multiclass=None):
    """Write the whole report, as Markdown."""
    models = [model for model in scores.models if model in FIELD]
    sections = [
        "# Accuracy on real tables",
        preamble(scores),
        table_list(scores),
        "## Summary",
        summary(scores, models),
        comparisons(scores, starts),
        "## Each table",
        "AUC / log-loss, mean over the folds.",
        per_table(scores, models),
    ]
    if multiclass is not None:
        sections += ["## Several classes", multiclass_section(multiclass)]
    if outcomes:
        sections += ["## Small problems", problem_table(outcomes)]
    if starts:
        sections += start_sections(scores, starts)
    sections += [
        "## Fit time",
        "Processor seconds, mean over the folds.",
        time_table(scores, models),
    ]
    errors = scores.errors + (multiclass.errors if multiclass else [])
    if errors:
        lines = "\n".join(f"- {line}" for line in sorted(errors))
        sections += ["## Fits that raised", lines]
    return "\n\n".join(sections) + "\n"


def preamble(scores):
    """The beginning of the report: method, tables and versions."""
    versions = (
        f"skshallow {skshallow.__version__}, scikit-learn {sklearn.__version__}, "
        f"NumPy {np.__version__}, Python {platform.python_version()}"
    )
    return (
        "Written by `examples/benchmarks/accuracy.py`, whose first lines say how it "
        "measures; `tables.py` beside it says where the tables come from.\n"
        f"{N_FOLDS}-fold stratified cross-validation on {len(scores.tables)} tables, "
        "behind a `StandardScaler`, one thread.\n"
        f"{versions}. `ShallowNetClassifier()` has {ShallowNetClassifier().n_hidden} "
        f"hidden units, `ShallowNetClassifierCV()` {ShallowNetClassifierCV().n_hidden} "
        "in each of 5 nets, `MLPClassifier()` 100; it is also measured with 16."
    )


def table_list(scores):
    """Size, share of positives and origin of the tables."""
    rows = [
        [table.name, *table.X.shape, f"{table.y.mean():.3f}", table.source]
        for table in scores.tables
    ]
    return markdown_table(["table", "rows", "features", "positive", "from"], rows)


def summary(scores, models):
    """One line for each model: means over tables, ranks, time, warnings and errors."""
    at = scores.columns(models)
    auc, loss = scores.auc.mean(axis=2)[:, at], scores.loss.mean(axis=2)[:, at]
    columns = (
        ("{:.4f}", auc.mean(axis=0)),
        ("{:.4f}", loss.mean(axis=0)),
        ("{:.2f}", mean_rank(-auc)),
        ("{:.2f}", mean_rank(loss)),
        ("{:.4f}", scores.calibration[:, at].mean(axis=(0, 2))),
        ("{:.3f}", scores.seconds[:, at].mean(axis=(0, 2))),
        ("{:.2f}", [time_ratio(scores, model, MLP) for model in models]),
        ("{:.0f}", scores.warned[:, at].sum(axis=(0, 2))),
        ("{:.0f}", scores.failed[:, at].sum(axis=(0, 2))),
    )
    written = [map(form.format, values) for form, values in columns]
    rows = zip(models, *written, strict=True)
    header = ["model", "AUC", "log-loss", "rank (AUC)", "rank (log-loss)"]
    header += ["calibration error", "fit (s)", "time ratio", "warned", "raised"]
    fits = len(scores.tables) * N_FOLDS
    note = (
        "Means over the tables; a rank is among the models of this summary, 1 the "
        "best, averaged over the tables. The time ratio is to "
        f"`{MLP}()`, as a geometric mean over the tables. The last two columns "
        f"count fits, out of {fits} a model."
    )
    return f"{note}\n\n{markdown_table(header, rows)}"


def comparisons(scores, starts):
    """Compare the defaults with their aims, other models and the best start."""
    peers = (MLP, NARROW_MLP, BOOSTING)
    pairs = [(model, peer) for model in (DEFAULT, CV) for peer in peers]
    pairs.append((CV, DEFAULT))
    if starts:
        pairs.append((DEFAULT, best_start(scores, starts)))
    rows = [compare(scores, *pair) for pair in pairs]
    header = ["difference", "AUC", "better on", "log-loss", "better on"]
    header += ["time ratio"]
    aims = [
        [name, f"{value:.4f}", f"{aim:.4f}", "yes" if is_met else "NO"]
        for name, value, aim, is_met in claims(scores)
    ]
    return "\n\n".join(
        [
            markdown_table(["the defaults'", "measured", "to reach", "reached"], aims),
            f"Ranks against `{MLP}()` are of the two alone: 1 to 2.",
            markdown_table(header, rows),
            "Mean difference over the tables ± its standard error, and the number of "
            f"tables, out of {len(scores.tables)}, on which the first of the two is "
            "strictly better.",
        ]
    )


def compare(scores, model, reference):
    """A row of the table of differences."""
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    return [
        f"{model} minus {reference}",
        "{:+.4f} ± {:.4f}".format(*gap(auc, model, reference)),
        (auc[model] > auc[reference]).sum(),
        "{:+.4f} ± {:.4f}".format(*gap(loss, model, reference)),
        (loss[model] < loss[reference]).sum(),
        f"{time_ratio(scores, model, reference):.2f}",
    ]


def per_table(scores, models):
    """AUC / log-loss of each model on each table."""
    auc, loss = by_model(scores, scores.auc), by_model(scores, scores.loss)
    rows = [
        [table.name, *(f"{auc[m][i]:.3f} / {loss[m][i]:.3f}" for m in models)]
        for i, table in enumerate(scores.tables)
    ]
    return markdown_table(["table", *models], rows)


def multiclass_section(scores):
    """Log-loss and calibration error on tables of several classes."""
    models = [model for model in scores.models if model in FIELD]
    loss = by_model(scores, scores.loss)
    error = by_model(scores, scores.calibration)
    rows = [
        [
            table.name,
            *table.X.shape,
            len(np.unique(table.y)),
            *(f"{loss[m][i]:.3f} / {error[m][i]:.3f}" for m in models),
        ]
        for i, table in enumerate(scores.tables)
    ]
    means = (f"{loss[m].mean():.3f} / {error[m].mean():.3f}" for m in models)
    rows.append(["mean", "", "", "", *means])
    header = ["table", "rows", "features", "classes", *models]
    note = "Log-loss / calibration error, mean over the folds."
    is_met = loss[CV].mean() < loss[MLP].mean()
    aim = (
        f"The mean log-loss of `{CV}` is to be below that of `{MLP}`: "
        f"{'reached' if is_met else 'NOT reached'}."
    )
    return "\n\n".join([note, markdown_table(header, rows), aim])


def problem_table(outcomes):
    """Accuracy of both classes and of their peer on the small problems."""
    rows = [
        [
            outcome.name,
            *map(mean_and_worst, outcome[1:]),
            "yes" if outcome.is_met else "NO",
        ]
        for outcome in outcomes
    ]
    peer = "MLPClassifier(max_iter=400)"
    note = (
        f"Accuracy, mean / worst fold (seed, for {XOR_NAME.split(',')[0]}), all with "
        "`random_state=0`. To reach: a mean no more than 0.02, and a worst fold no "
        f"more than 0.08, below the other's; for `{CV}` a mean no more than 0.01."
    )
    table = markdown_table(["problem", DEFAULT, peer, CV, "reached"], rows)
    return f"{note}\n\n{table}"


def mean_and_worst(accuracies):
    """Mean and lowest accuracy as text; an empty text for None."""
    if accuracies is None:
        return ""
    return f"{accuracies.mean():.3f} / {accuracies.min():.3f}"


def start_sections(scores, starts):
    """The sections on which start is best for which table."""
    starts = [DEFAULT, *starts]
    return [
        "## Starts",
        'The default is `randn` with `init_scale="auto"`: scaled to the inputs of each '
        "layer. The others are the same net with another start; a number is "
        f"`init_scale`. Of {len(starts)} starts, the best of some table is best by "
        "chance as well.",
        summary(scores, starts),
        "## Which start is best where: log-loss",
        "Lower is better; the best start of a row is bold.",
        start_table(scores, starts, scores.loss, np.argmin),
        "## Which start is best where: ROC AUC",
        "Higher is better; the best start of a row is bold.",
        start_table(scores, starts, scores.auc, np.argmax),
    ]


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


def time_table(scores, models):
    """Fit time of each model on each table."""
    seconds = by_model(scores, scores.seconds)
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
    parser.add_argument(
        "--others", action="store_true", help="tables on which nothing was chosen"
    )
    options = parser.parse_args(arguments)
    if options.output is not None and not options.output.parent.is_dir():
        # An error now, and not after an hour of fits.
        parser.error(f"--output: there is no directory {options.output.parent}")
    return options


def main(arguments=None):
    """Measure, print the report, and write it where asked."""
    options = parse_arguments(arguments)
    names, starts, problems = TABLE_NAMES, list(STARTS), PROBLEM_NAMES
    multiclass_names = MULTICLASS_NAMES
    if options.quick:
        names, starts, problems = QUICK_TABLES, list(QUICK_STARTS), QUICK_PROBLEMS
        multiclass_names = QUICK_MULTICLASS
    if options.others:
        names, starts, problems, multiclass_names = OTHER_NAMES, [], (), ()
    if options.tables:
        names, problems, multiclass_names = options.tables, (), ()
    tables = load_tables(names, partial(print, file=sys.stderr))
    if not tables:
        raise SystemExit("None of the tables asked for is installed.")
    outcomes = measure_problems(problems, options.jobs)
    scores = measure(tables, build_models(starts), options.jobs)
    multiclass = None
    if several := load_multiclass(multiclass_names, partial(print, file=sys.stderr)):
        multiclass = measure(several, build_models(()), options.jobs)
    text = report(scores, starts, outcomes, multiclass)
    print(text)
    if options.output is not None:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
