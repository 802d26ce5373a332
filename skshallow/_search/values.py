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


def check_alphas(alphas):
    """Raise an error if these are not ``"auto"`` or at least one penalty.

    Raises
    ------
    ValueError
    """
    if isinstance(alphas, str):
        return
    values = np.array(alphas, dtype=object)
    is_sequence = values.ndim == 1 and len(values)
    if not (is_sequence and all(map(_is_penalty, values))):
        raise ValueError(
            "alphas must be 'auto' or a sequence of numbers in [0, inf), one at least, "
            f"got {alphas!r}: give for example alphas=[0.1, 1, 10]."
        )


def _is_penalty(value):
    return isinstance(value, Real) and 0 <= value <= sys.float_info.max


def check_scales(init_scales):
    """Raise an error if these are not ``"auto"`` or at least one ``init_scale``.

    Raises
    ------
    ValueError
    """
    if isinstance(init_scales, str):
        return
    try:
        are_sound = [given_scales(scale) or True for scale in init_scales]
    except (TypeError, ValueError):
        are_sound = []
    if not are_sound:
        raise ValueError(
            "init_scales must be 'auto' or a sequence, one at least, of 'auto', "
            "numbers in [0, inf) and pairs of them for the hidden and the output "
            f"weights, got {init_scales!r}: give for example init_scales=[0.1, 1.0]."
        )


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


def names_of(nets):
    """Names of the values of these nets, with their scales if these differ."""
    alphas = [f"alpha={net.alpha:.3g}" for net in nets]
    scales = [f"init_scale={net.init_scale!r}" for net in nets]
    if len(set(scales)) == 1:
        return alphas
    return [" and ".join(pair) for pair in zip(alphas, scales, strict=True)]
