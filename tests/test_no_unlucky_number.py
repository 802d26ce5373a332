"""No number of rows, batch size or unit of weight ruins a fit by the defaults.

A last batch of a single row, weights that sum to one, and a row at a time once let the
penalty outweigh the data: a net that was right at 200 rows guessed at 201. These tests
compare the accuracies on unseen rows for numbers that are next to one another.
"""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import AdaBoostClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier

FALL = 0.03  # an accuracy may be so much below that for the next number
TRAINING_ROWS = {"breast cancer": 402, "digits": 1202}
# What varies, in runs of numbers that are next to one another: those with --long, and
# those without. Numbers of rows are near 200 and round multiples of it.
RUNS = {
    "n_rows": (
        [range(195, 211), *(range(n - 1, n + 3) for n in range(400, 1201, 200))],
        [range(199, 203), range(399, 403)],
    ),
    "batch_size": ([range(1, 65)], [(5, 6, 31, 32, 33)]),
    "factor": (
        [[10.0**power for power in range(-6, 7)]],
        [(1e-6, 1e-3, 1.0, 1e3, 1e6)],
    ),
}
# What varies on which table, and what is fixed.
CASES = [
    *[(table, "n_rows", {}) for table in TRAINING_ROWS],
    ("breast cancer", "n_rows", {"batch_size": 50}),
    *[(table, "batch_size", {"n_rows": 301}) for table in TRAINING_ROWS],
    *[
        ("breast cancer", "factor", {"solver": solver})
        for solver in ("adam", "sgd", "gd", "lbfgs")
    ],
    ("digits", "factor", {"n_rows": 600}),
]


def split(name):
    """Rows to train on, as many as any test asks for, and unseen ones, standardised."""
    load = {"breast cancer": load_breast_cancer, "digits": load_digits}[name]
    X, y = load(return_X_y=True)
    X, n_rows = StandardScaler().fit_transform(X), TRAINING_ROWS[name]
    return train_test_split(X, y, train_size=n_rows, stratify=y, random_state=0)


def accuracy(parts, n_rows=None, factor=None, **parameters):
    """Accuracy on unseen rows after training on the first ``n_rows``.

    All of them weigh ``factor``.
    """
    X, X_unseen, y, y_unseen = parts
    X, y = X[:n_rows], y[:n_rows]
    weight = None if factor is None else np.full(len(y), factor)
    net = ShallowNetClassifier(random_state=0, **parameters)
    return net.fit(X, y, weight).score(X_unseen, y_unseen)


def assert_none_falls(numbers, accuracies):
    """Assert that no accuracy lies further than `FALL` below either neighbour's."""
    falls = [
        f"{accuracies[i]:.3f} at {numbers[i]:g}, {accuracies[j]:.3f} at {numbers[j]:g}"
        for i in range(len(numbers))
        for j in (i - 1, i + 1)
        if 0 <= j < len(numbers) and accuracies[i] < accuracies[j] - FALL
    ]
    assert not falls, "; ".join(falls)


@pytest.mark.parametrize(("table", "name", "fixed"), CASES)
def test_no_number_is_unlucky(table, name, fixed, is_long):
    parts, (all_runs, usual) = split(table), RUNS[name]
    for run in all_runs if is_long else usual:
        if name != "n_rows" or run[-1] <= TRAINING_ROWS[table]:
            scores = [accuracy(parts, **{name: number}, **fixed) for number in run]
            assert_none_falls(run, scores)


def test_weights_that_sum_to_one_serve_boosting():
    X, y = load_breast_cancer(return_X_y=True)
    nets = AdaBoostClassifier(ShallowNetClassifier(), n_estimators=3, random_state=0)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_score(make_pipeline(StandardScaler(), nets), X, y, cv=folds)
    assert scores.mean() >= 0.95


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("solver", "table", "least"),
    [
        ("adam", "breast cancer", 0.93),
        ("sgd", "breast cancer", 0.93),
        ("gd", "breast cancer", 0.93),
        ("adam", "digits", 0.9),
    ],
)
def test_one_pass_row_by_row_learns(solver, table, least, seed):
    X, X_unseen, y, y_unseen = split(table)
    net = ShallowNetClassifier(solver=solver, random_state=seed)
    for i in range(len(y)):
        net.partial_fit(X[i : i + 1], y[i : i + 1], classes=np.unique(y))
    assert net.score(X_unseen, y_unseen) >= least
