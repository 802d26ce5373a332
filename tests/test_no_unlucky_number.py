"""No number of rows, batch size or unit of weight ruins a fit by the defaults.

A last batch of a single row, weights that sum to one, and a row at a time once let the
penalty outweigh the data: a net that was right at 200 rows guessed at 201. Here the
accuracy on unseen rows is followed through numbers that are next to one another.
"""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import AdaBoostClassifier
from sklearn.model_selection import (
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier

FALL = 0.03  # by so much an accuracy may lie below that of the next number
TRAINING_ROWS = {"breast cancer": 402, "digits": 1202}
# Numbers of rows that follow one another: near 200, and round multiples of it.
ALL_RUNS = [range(195, 211), *(range(n - 1, n + 3) for n in range(400, 1201, 200))]
FEW_RUNS = [range(199, 203), range(399, 403)]
ALL_BATCHES, FEW_BATCHES = range(1, 65), (5, 6, 31, 32, 33)
ALL_FACTORS = [10.0**power for power in range(-6, 7)]
FEW_FACTORS = (1e-6, 1e-3, 1.0, 1e3, 1e6)


def split(name):
    """Rows to train on, as many as any test asks for, and unseen ones, standardised."""
    load = {"breast cancer": load_breast_cancer, "digits": load_digits}[name]
    X, y = load(return_X_y=True)
    return train_test_split(
        StandardScaler().fit_transform(X),
        y,
        train_size=TRAINING_ROWS[name],
        stratify=y,
        random_state=0,
    )


@pytest.fixture(params=TRAINING_ROWS)
def parts(request):
    """X, X_unseen, y, y_unseen of a table."""
    return split(request.param)


@pytest.fixture
def breast_cancer():
    return split("breast cancer")


def accuracy(parts, n_rows=None, factor=None, **parameters):
    """Accuracy on unseen rows after training on the first ``n_rows``."""
    X, X_unseen, y, y_unseen = parts
    X, y = X[:n_rows], y[:n_rows]
    weight = None if factor is None else np.full(len(y), factor)
    net = ShallowNetClassifier(random_state=0, **parameters)
    return net.fit(X, y, weight).score(X_unseen, y_unseen)


def assert_none_falls(numbers, accuracies):
    """No accuracy lies further than `FALL` below either neighbour's."""
    falls = [
        f"{accuracies[i]:.3f} at {numbers[i]:g}, {accuracies[j]:.3f} at {numbers[j]:g}"
        for i in range(len(numbers))
        for j in (i - 1, i + 1)
        if 0 <= j < len(numbers) and accuracies[i] < accuracies[j] - FALL
    ]
    assert not falls, "; ".join(falls)


def test_no_number_of_rows_is_unlucky(parts, is_long):
    runs = ALL_RUNS if is_long else FEW_RUNS
    for numbers in (run for run in runs if run[-1] <= len(parts[2])):
        assert_none_falls(numbers, [accuracy(parts, n_rows=n) for n in numbers])


def test_no_number_of_rows_is_unlucky_in_batches_of_a_fixed_size(breast_cancer):
    numbers = range(198, 203)  # the last batch has from 1 to all of its 50 rows
    scores = [accuracy(breast_cancer, n_rows=n, batch_size=50) for n in numbers]
    assert_none_falls(numbers, scores)


def test_no_batch_size_is_unlucky(parts, is_long):
    sizes = ALL_BATCHES if is_long else FEW_BATCHES
    assert_none_falls(sizes, [accuracy(parts, 301, batch_size=size) for size in sizes])


@pytest.mark.parametrize("solver", ["adam", "sgd", "gd", "lbfgs"])
def test_no_unit_of_weight_is_unlucky(breast_cancer, solver, is_long):
    factors = ALL_FACTORS if is_long else FEW_FACTORS
    scores = [
        accuracy(breast_cancer, factor=factor, solver=solver) for factor in factors
    ]
    assert_none_falls(factors, scores)


def test_no_unit_of_weight_is_unlucky_with_ten_classes(is_long):
    factors = ALL_FACTORS if is_long else (1e-6, 1.0, 1e6)
    digits = split("digits")
    assert_none_falls(factors, [accuracy(digits, 600, factor=f) for f in factors])


def test_weights_that_sum_to_one_serve_boosting():
    X, y = load_breast_cancer(return_X_y=True)
    nets = AdaBoostClassifier(ShallowNetClassifier(), n_estimators=3, random_state=0)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_score(make_pipeline(StandardScaler(), nets), X, y, cv=folds)
    assert scores.mean() >= 0.95


@pytest.mark.parametrize("solver", ["adam", "sgd", "gd"])
def test_one_pass_row_by_row_learns(breast_cancer, solver):
    X, X_unseen, y, y_unseen = breast_cancer
    net = ShallowNetClassifier(solver=solver, random_state=0)
    for i in range(len(y)):
        net.partial_fit(X[i : i + 1], y[i : i + 1], classes=[0, 1])
    assert net.score(X_unseen, y_unseen) >= 0.93
