"""The values among which cross-validation chooses: penalties and scales of starts."""

import sys
from itertools import product
from numbers import Integral, Real

import numpy as np
from sklearn.metrics import get_scorer_names
from sklearn.utils._param_validation import StrOptions

import skshallow._fit.defaults as defaults
from skshallow._core.initializers import given_scales
from skshallow._fit.constraints import AUTO, OF_A_NET
from skshallow._fit.request import n_iterations

# Parameters of a net that the estimator which chooses does not have.
CHOSEN = "alpha", "init_scale"
OF_A_CHOICE = {
    **{name: OF_A_NET[name] for name in OF_A_NET.keys() - {*CHOSEN, "warm_start"}},
    "alphas": [AUTO, "array-like"],
    "init_scales": [AUTO, "array-like"],
    "cv": ["cv_object"],
    "scoring": [StrOptions(set(get_scorer_names())), callable, None],
    "n_jobs": [Integral, None],
}


def check_values(alphas, init_scales):
    """Raise an error if there is not at least one value of each to choose from.

    Raises
    ------
    ValueError
    """
    numbers = "numbers in [0, inf)"
    _check("alphas", alphas, _is_penalty, numbers, "[0.1, 1, 10]")
    kinds = f"'auto', {numbers} and pairs of them for the hidden and the output weights"
    _check("init_scales", init_scales, _is_scale, kinds, "[0.1, 1.0]")


def _check(name, values, is_sound, kinds, example):
    """Raise an error if these are neither ``"auto"`` nor a sequence of sound values."""
    if isinstance(values, str):
        return
    is_sequence = np.iterable(values) and len(values)
    if not is_sequence or not all(map(is_sound, values)):
        raise ValueError(
            f"{name} must be 'auto' or a sequence, one at least, of {kinds}, got "
            f"{values!r}: give for example {name}={example}."
        )


def _is_penalty(value):
    return isinstance(value, Real) and 0 <= value <= sys.float_info.max


def _is_scale(value):
    try:
        given_scales(value)
    except ValueError:
        return False
    return True


def values_of(estimator, samples):
    """The penalties and the scales to choose from, two lists.

    Parameters
    ----------
    estimator : ShallowNetClassifierCV
    samples : Samples
        The training rows, with the weights of training.
    """
    totals, scales = samples.totals(), estimator.init_scales
    alphas = defaults.alphas(estimator.alphas, totals.weight, totals.mean_square)
    return alphas, ["auto"] if isinstance(scales, str) else list(scales)


def settings_of(estimator, alphas, init_scales, splits, seed):
    """Parameters of a net for every pair of a scale and a penalty, a list of dicts.

    The order is that of the columns of ``scores_``. The nets of all folds have the same
    ``max_iter``, which is computed for the fold with the fewest training rows.
    """
    params = estimator.get_params(deep=False)
    shared = {name: params[name] for name in params.keys() & OF_A_NET.keys()}
    smallest, _ = min(splits, key=lambda split: len(split[0]))
    budget = defaults.BUDGET_OF_FOLDS
    shared["max_iter"] = n_iterations(estimator, smallest, True, budget)
    shared |= {"random_state": seed, "verbose": False}
    return [
        {**shared, "init_scale": scale, "alpha": alpha}
        for scale, alpha in product(init_scales, alphas)
    ]
