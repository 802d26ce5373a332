"""The comparison of searches sees every kind of difference."""

import copy

import numpy as np
import pytest
from searches import SCALES, X, Y, assert_same_search, net, pair


def reverse(search):
    search.cv_results_ = dict(reversed(search.cv_results_.items()))


def nudge_score(search):
    score = search.cv_results_["split0_test_loss"]
    score[0] = np.nextafter(score[0], 9)


def widen_ranks(search):
    ranks = search.cv_results_["rank_test_loss"]
    search.cv_results_["rank_test_loss"] = ranks.astype(np.int64)


def unmask(search):
    scales = search.cv_results_["param_init_scale"]
    search.cv_results_["param_init_scale"] = scales.data


def mask(search):
    search.cv_results_["param_init_scale"][1] = np.ma.masked


def refill(search):
    search.cv_results_["param_init_scale"].fill_value = 7.0


def stop_the_clock(search):
    search.cv_results_["mean_fit_time"][1] = 0.0


def lose_time(search):
    search.cv_results_["std_fit_time"][1] = np.nan


def rename_parameter(search):
    search.cv_results_["params"][1]["scale"] = 1.0


def retype_index(search):
    search.best_index_ = int(search.best_index_)


def nudge_score_of_best(search):
    search.best_score_ = np.nextafter(search.best_score_, 9)


def swap_parameters(search):
    search.best_params_ = dict(search.best_params_, alpha=1.0)


def nudge_weight(search):
    W1 = search.best_estimator_.coefs_[0]
    W1[0, 0] = np.nextafter(W1[0, 0], 9)


def shorten_curve(search):
    search.best_estimator_.loss_curve_.pop()


def change_parameter(search):
    search.best_estimator_.alpha = 2.0


def leave_something(search):
    search._left_behind = None


def lose_scorer(search):
    search.scorer_ = None


def count_a_split(search):
    search.n_splits_ += 1


def take_no_time(search):
    search.refit_time_ = 0.0


CHANGES = [
    reverse,
    nudge_score,
    widen_ranks,
    unmask,
    mask,
    refill,
    stop_the_clock,
    lose_time,
    rename_parameter,
    retype_index,
    nudge_score_of_best,
    swap_parameters,
    nudge_weight,
    shorten_curve,
    change_parameter,
    leave_something,
    lose_scorer,
    count_a_split,
    take_no_time,
]


@pytest.fixture(scope="module")
def fitted():
    return pair(net(), SCALES)[0].fit(X, Y)


def test_a_search_is_the_same_as_itself(fitted):
    assert_same_search(fitted, copy.deepcopy(fitted))


@pytest.mark.parametrize("change", CHANGES)
def test_a_difference_is_seen(change, fitted):
    changed = copy.deepcopy(fitted)
    change(changed)
    with pytest.raises(AssertionError):
        assert_same_search(fitted, changed)
