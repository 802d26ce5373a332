"""The allowed values of the parameters of both estimators, and errors about others."""

import sys
from difflib import get_close_matches
from numbers import Integral, Rational, Real

import numpy as np
from sklearn.metrics import get_scorer_names
from sklearn.utils._param_validation import Interval, Options, StrOptions

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.initializers import SCHEMES
from skshallow._core.optimizers import OPTIMIZERS
from skshallow._fit.starts import given_scales

AUTO = StrOptions({"auto"})
AT_LEAST_ONE = Interval(Integral, 1, None, closed="left")
NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
OF_A_NET = {
    "n_hidden": [AT_LEAST_ONE],
    "activation": [StrOptions(set(ACTIVATIONS))],
    "init": [StrOptions(set(SCHEMES)), callable, tuple, list],
    "init_scale": [AUTO, NOT_NEGATIVE, tuple, list, np.ndarray],
    "n_init": [AT_LEAST_ONE],
    "combine": [StrOptions({"best", "average"})],
    "solver": [StrOptions({*OPTIMIZERS, "lbfgs"})],
    "learning_rate": [StrOptions({"cosine", "constant"})],
    "learning_rate_init": [AUTO, Interval(Real, 0, None, closed="neither")],
    "alpha": [AUTO, NOT_NEGATIVE],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "batch_size": [AUTO, AT_LEAST_ONE],
    "max_iter": [AUTO, AT_LEAST_ONE],
    "tol": [AUTO, NOT_NEGATIVE, None],
    "n_iter_no_change": [AT_LEAST_ONE, Options(Real, {np.inf})],
    "shuffle": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "warm_start": ["boolean"],
    "class_weight": [StrOptions({"balanced"}), dict, None],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}
# Parameters that training takes as floats.
AS_FLOATS = "learning_rate_init", "alpha", "max_iter", "tol", "n_iter_no_change"
# Parameters of `ShallowNetClassifier` that `ShallowNetClassifierCV` does not have.
NOT_OF_A_CHOICE = {"alpha", "init_scale", "warm_start"}
OF_A_CHOICE = {
    **{name: OF_A_NET[name] for name in OF_A_NET.keys() - NOT_OF_A_CHOICE},
    "alphas": [AUTO, "array-like"],
    "init_scales": [AUTO, "array-like"],
    "cv": ["cv_object"],
    "scoring": [StrOptions(set(get_scorer_names())), callable, None],
    "n_jobs": [Integral, None],
}
# Names of options in other libraries and textbooks, in small letters.
OTHER_NAMES = {
    "sigmoid": "logistic",
    "linear": "identity",
    "rectifier": "relu",
    "xavier": "glorot",
    "kaiming": "he",
    "normal": "randn",
    "gaussian": "randn",
    "random": "randn",
    "zero": "zeros",
    "batch": "gd",
    "l-bfgs": "lbfgs",
    "mean": "average",
    "adaptive": "cosine",
    "invscaling": "cosine",
}
# What to add to the suggestion of an option.
HINTS = {"cosine": " With it the rate falls by itself."}


def check_floats(net):
    """Raise an error for integers that are too large for a float.

    Raises
    ------
    ValueError
    """
    for name in AS_FLOATS:
        value = getattr(net, name, 0)
        if isinstance(value, Rational) and value > sys.float_info.max:
            raise ValueError(f"{name} is too large for a float: lower it.")


def check_sees_parts(net):
    """Raise an error for parameters that need all the data, in ``partial_fit``.

    Raises
    ------
    ValueError
    """
    selects = net.n_init > 1 and net.combine == "best"
    if net.early_stopping or selects or net.class_weight == "balanced":
        raise ValueError(
            "partial_fit sees a part of the data at a time and supports neither "
            "early_stopping=True nor n_init > 1 with combine='best' nor "
            "class_weight='balanced', got "
            f"early_stopping={net.early_stopping}, n_init={net.n_init}, "
            f"combine={net.combine!r}, class_weight={net.class_weight!r}: use fit, or "
            "change them."
        )


# ---------------------------------------------------------------------------
# The values among which cross-validation chooses


def check_values(alphas, init_scales):
    """Raise an error if there is not at least one value of each to choose from.

    Raises
    ------
    ValueError
    """
    numbers = "numbers in [0, inf)"
    _check("alphas", alphas, _is_alpha, numbers, "[0.1, 1, 10]")
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


def _is_alpha(value):
    return isinstance(value, Real) and 0 <= value <= sys.float_info.max


def _is_scale(value):
    try:
        given_scales(value)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------------------
# Suggestions for a word that is not an option


def suggestions(net):
    """A "Did you mean" for every parameter whose value is not among its options."""
    meant = {
        name: _suggestion(getattr(net, name), constraints)
        for name, constraints in net._parameter_constraints.items()
    }
    return "".join(
        f" Did you mean {name}={option!r}?{HINTS.get(option, '')}"
        for name, option in meant.items()
        if option not in (None, getattr(net, name))
    )


def _suggestion(value, constraints):
    """The value that a user probably meant; None if no option is like the value."""
    alone = value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else None
    if AT_LEAST_ONE in constraints and AT_LEAST_ONE.is_satisfied_by(alone):
        return alone  # as in hidden_layer_sizes=(100,)
    sets = [c.options for c in constraints if isinstance(c, StrOptions)]
    options = set().union(*sets)
    if not isinstance(value, str) or not options:
        return None
    word = value.lower()
    stem = word.removesuffix("_uniform").removesuffix("_normal")
    for name in (word, OTHER_NAMES.get(word), stem, OTHER_NAMES.get(stem)):
        if name in options:
            return name
    return next(iter(get_close_matches(word, options, n=1)), None)
