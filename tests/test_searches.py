"""The comparison of searches sees every kind of difference."""

import copy

import numpy as np
import pytest
from searches import SCALES, X, Y, assert_same_search, net, pair


def results(search):
    return search.cv_results_


def best(search):
    return vars(search.best_estimator_)


def nudged(numbers):
    """The same but for the last bit of the first number."""
    numbers = np.array(numbers)
    numbers.flat[0] = np.nextafter(numbers.flat[0], 9)
    return numbers[()]


def with_second(value):
    """A function that sets the second item."""

    def change(items):
        items[1] = value
        return items

    return change


def refilled(masked):
    masked.fill_value = 7.0
    return masked


# A dict of which something is changed, its key, and the change.
CHANGES = [
    (vars, "cv_results_", lambda results: dict(reversed(results.items()))),
    (results, "split0_test_loss", nudged),
    (results, "rank_test_loss", lambda ranks: ranks.astype(np.int64)),
    (results, "param_init_scale", lambda scales: scales.data),
    (results, "param_init_scale", with_second(np.ma.masked)),
    (results, "param_init_scale", refilled),
    (results, "mean_fit_time", with_second(0.0)),
    (results, "std_fit_time", with_second(np.nan)),
    (results, "params", with_second({"init_scale": 1.0, "scale": 1.0})),
    (vars, "best_index_", int),
    (vars, "best_score_", nudged),
    (vars, "best_params_", lambda params: params | {"alpha": 1.0}),
    (best, "coefs_", lambda coefs: [nudged(coefs[0]), coefs[1]]),
    (best, "loss_curve_", lambda curve: curve[:-1]),
    (best, "alpha", lambda alpha: 2.0),
    (vars, "_left_behind", lambda nothing: None),
    (vars, "scorer_", lambda scorer: None),
    (vars, "n_splits_", lambda n: n + 1),
    (vars, "refit_time_", lambda seconds: 0.0),
]


@pytest.fixture(scope="module")
def fitted():
    return pair(net(), SCALES)[0].fit(X, Y)


def test_a_search_is_the_same_as_itself(fitted):
    assert_same_search(fitted, copy.deepcopy(fitted))


@pytest.mark.parametrize(("part", "key", "change"), CHANGES)
def test_a_difference_is_seen(part, key, change, fitted):
    changed = copy.deepcopy(fitted)
    part(changed)[key] = change(part(changed).get(key))
    with pytest.raises(AssertionError):
        assert_same_search(fitted, changed)
