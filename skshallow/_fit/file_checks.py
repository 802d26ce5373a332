"""Checks whether attributes that were read from a file are those of a net.

Attributes with which a net could not predict or resume training are rejected, and so
are attributes that would replace a method. Names are looked up only in closed lists.
"""

from numbers import Integral, Real

import numpy as np

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.initializers import given_scales
from skshallow._core.losses import loss_for
from skshallow._core.optimizers import OPTIMIZERS
from skshallow._fit.random_streams import stream_from_dict

PACKAGES = ("skshallow.", "sklearn.", "builtins.")
NEEDED = {"intercepts_", "classes_", "n_features_in_", "_activation", "_row_totals"}
NEEDED |= {"_n_nets", "_output_layers", "_training_state", "_used"}
NEEDED_OF_A_CHOICE = {"alpha_", "alphas_", "init_scale_", "init_scales_", "scores_"}
NEEDED_OF_A_CHOICE |= {"init_losses_", "oof_decision_function_", "temperature_"}
NEEDED_OF_A_CHOICE |= {"_init_name", "_scoring"}
# Names of the settings that a fit keeps for a diagnosis.
USED = ("alpha", "auto_alpha", "row_weight", "learning_rate_init", "is_cosine")
MAX = np.finfo(np.float64).max


def check_names(attributes, cls):
    """Raise an error for attributes that would replace a method or class attribute."""
    bases = [b for b in cls.__mro__ if f"{b.__module__}.".startswith(PACKAGES)]
    taken = {name for base in bases for name in vars(base)}
    for name, value in attributes.items():
        is_free = isinstance(name, str) and not name.startswith("__")
        if (not is_free or name in taken) and not _is_of_a_search(value):
            raise ValueError(f"it has an attribute {name!r}, which no net has")


def _is_of_a_search(value):
    """Whether a value is a function by which a running search replaces a method.

    The search sends it to its workers. A file of skops with such a value needs trust in
    more than nets.
    """
    owner = type(getattr(value, "__self__", value))
    is_ours = owner.__module__.startswith("skshallow.")
    return callable(value) and is_ours and not hasattr(owner, "get_params")


def check_net(net, is_whole):
    """Raise an error if a net with these attributes could not predict or resume.

    Parameters
    ----------
    net : dict
    is_whole : bool
        Whether missing attributes are an error as well.
    """
    for name in net.keys() & _CHECKS.keys():
        is_sound, expected = _CHECKS[name]
        if not is_sound(net[name]):
            raise ValueError(f"its {name} must be {expected}")
    if "coefs_" not in net:
        return
    is_choice = "alphas" in net
    missing = (NEEDED | NEEDED_OF_A_CHOICE if is_choice else NEEDED) - net.keys()
    if is_whole and missing:
        raise ValueError(f"it has weights, but no {', '.join(sorted(missing))}")
    d, _, c = _sizes(net["coefs_"], "coefs_")
    for weights in ("coefs_", "intercepts_"), ("init_coefs_", "init_intercepts_"):
        _check_layers(net, *weights, d, c)
    _check_sizes(net, d, c)
    # The size at the start, because units may have been removed since.
    _, h, _ = _sizes(net.get("init_coefs_", net["coefs_"]), "init_coefs_")
    _check_what_goes_on(net, d, h, c)
    if is_choice and not missing:
        _check_choice(net)


def _check_layers(net, coefs_name, intercepts_name, d, c):
    """Raise an error if the shapes of weights and biases do not fit each other."""
    coefs = net.get(coefs_name, net["coefs_"])
    _, h, _ = _sizes(coefs, coefs_name)  # larger at the start if units were removed
    biases = net.get(intercepts_name, [np.empty(h), np.empty(c)])
    arrays = [numbers(array, 2, coefs_name) for array in coefs]
    arrays += [numbers(array, 1, intercepts_name) for array in biases]
    shapes = [array.shape for array in arrays]
    if shapes != [(d, h), (h, c), (h,), (c,)]:
        raise ValueError(f"its {coefs_name} and {intercepts_name} have shapes {shapes}")


def _check_sizes(net, d, c):
    """Raise an error for attributes that do not fit ``d`` features or ``c`` outputs."""
    expected = {"n_features_in_": d, "n_outputs_": c}
    if "classes_" in net:
        loss = loss_for(len(net["classes_"]))
        expected["out_activation_"] = loss.link
        if loss.n_outputs != c:
            raise ValueError(f"it has {c} outputs for {len(net['classes_'])} classes")
    for name, value in expected.items():
        if name in net and net[name] != value:
            raise ValueError(f"its {name} must be {value!r}, got {net[name]!r}")
    if len(net.get("feature_names_in_", range(d))) != d:
        raise ValueError(f"its feature_names_in_ must be {d} names")
    logits = net.get("oof_decision_function_")
    if logits is not None and logits.shape[1:] != ((c,) if c > 1 else ()):
        raise ValueError(f"its oof_decision_function_ must be of {c} outputs")


def _check_what_goes_on(net, d, h, c):
    """Raise an error if the state for resuming does not fit the weights."""
    n_nets, layers = net.get("_n_nets", 1), net.get("_output_layers")
    if h % n_nets:
        raise ValueError(f"its {h} hidden units are not those of {n_nets} networks")
    h //= n_nets
    if layers is None and n_nets > 1 and "alphas" not in net:  # a choice never resumes
        raise ValueError(f"it has no _output_layers of {n_nets} networks")
    if layers is not None:
        shape = numbers(layers, 3, "_output_layers").shape
        if shape != (n_nets, c, h + 1):
            raise ValueError(f"its _output_layers have the shape {shape}")
    if net.get("_training_state") is not None:
        n_parameters = h * (d + 1) + c * (h + 1)
        _check_training_state(net["_training_state"], n_nets, n_parameters)


def _check_choice(net):
    """Raise an error if the attributes of a choice do not fit each other."""
    alphas, scales = net["alphas_"].tolist(), net["init_scales_"]
    n_folds = len(net["scores_"])
    shapes = [(n_folds, len(scales), len(alphas))]
    if len(scales) == 1:
        shapes.append((n_folds, len(alphas)))
    if net["scores_"].shape not in shapes:
        raise ValueError(f"its scores_ have the shape {net['scores_'].shape}")
    pairs = [(net["alpha_"], alphas), (net["init_scale_"], scales)]
    if not all(_is_among(value, values) for value, values in pairs):
        raise ValueError("its alpha_ and init_scale_ are not among what it chose from")
    if len(net["init_losses_"]) != n_folds or net["_n_nets"] < n_folds:
        raise ValueError(
            f"it is the average of other nets than those of {n_folds} folds"
        )
    if net["_output_layers"] is not None or net["_training_state"] is not None:
        raise ValueError("it has what training would resume from, and does not resume")


def _is_among(value, values):
    return any(np.array_equal(value, other) for other in values)


def _check_training_state(state, n_nets, n_parameters):
    """Raise an error if an optimizer's state does not fit the weights."""
    solver, moments = state["solver"], state["moments"]
    expected = {} if solver is None else OPTIMIZERS[solver].init(np.empty((1, 0)))
    shapes = {numbers(np.atleast_2d(P), 2, "moments").shape for P in moments.values()}
    if (
        set(moments) != set(expected)
        or not shapes <= {(n_nets, n_parameters)}
        or not _is_count(state["count"])
        or not _is_count(state["split_seed"])
        or state["split_seed"] >= 2**32
        or state["rows"]["bit_generator"] != "MT19937"
    ):
        raise ValueError("its _training_state does not go with its weights")
    stream_from_dict(state["rows"])


def _sizes(coefs, name):
    """Numbers of features, of hidden units and of outputs."""
    (d, h), (_, c) = (numbers(coef, 2, name).shape for coef in coefs)
    return d, h, c


def numbers(array, n_dimensions, name):
    """An array of real numbers, after a check of its number of dimensions."""
    array = np.asarray(array)
    if array.dtype.kind != "f" or array.ndim != n_dimensions:
        raise ValueError(
            f"its {name} must be {n_dimensions}-D arrays of floats, got {array.ndim}-D "
            f"of {array.dtype}"
        )
    return array


def _is_a(*types):
    return lambda value: isinstance(value, types)


def _is_count(value):
    return isinstance(value, Integral) and value >= 0


def _are_pairs(value):
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    return is_pair and all(isinstance(array, np.ndarray) for array in value)


def _are_labels(value):
    if not isinstance(value, np.ndarray) or value.ndim != 1:
        return False
    return len(set(value.tolist())) == len(value) > 1


def _are_floats(*n_dimensions):
    def are_floats(value):
        is_array = isinstance(value, np.ndarray) and value.ndim in n_dimensions
        return is_array and value.dtype.kind == "f"

    return are_floats


def _are_penalties(value):
    return (
        _are_floats(1)(value) and len(value) and np.all((value >= 0) & (value <= MAX))
    )


def _are_scales(value):
    return (
        isinstance(value, (list, tuple)) and len(value) and all(map(_is_scale, value))
    )


def _is_positive(value):
    return isinstance(value, Real) and 0 < value <= MAX


def _is_scale(value):
    try:
        given_scales(value)
    except ValueError:
        return False
    return True


def _are_names(value):
    return np.ndim(value) == 1 and all(isinstance(name, str) for name in value)


def _are_totals(value):
    are_three = isinstance(value, (tuple, list)) and len(value) == 3
    return are_three and all(isinstance(t, Real) and 0 <= t <= MAX for t in value)


def _are_used(value):
    are_known = value.keys() == set(USED)
    used = value.values()
    return are_known and all(isinstance(u, Real) and not abs(u) > MAX for u in used)


def _is_activation(value):
    return isinstance(value, str) and value in ACTIVATIONS


_IS_NUMBER = _is_a(Real), "a number"
_IS_COUNT = _is_count, "a whole number"
# Attributes, each with a condition and the condition in words.
_CHECKS = {
    **dict.fromkeys(("coefs_", "intercepts_"), (_are_pairs, "two arrays")),
    **dict.fromkeys(("init_coefs_", "init_intercepts_"), (_are_pairs, "two arrays")),
    **dict.fromkeys(("n_features_in_", "n_outputs_"), _IS_COUNT),
    **dict.fromkeys(("n_layers_", "n_iter_"), _IS_COUNT),
    **dict.fromkeys(("loss_", "best_loss_"), _IS_NUMBER),
    "alpha_": _IS_NUMBER,
    "temperature_": (_is_positive, "a positive number"),
    "init_losses_": (_are_floats(1), "1-D numbers"),
    "alphas_": (_are_penalties, "finite numbers that are not negative, one at least"),
    "init_scales_": (_are_scales, "scales of the start, one at least"),
    "_init_name": (_is_a(str), "a name"),
    "_scoring": (_is_a(str, type(None)), "a name or None"),
    "scores_": (_are_floats(2, 3), "2-D or 3-D numbers"),
    "oof_decision_function_": (_are_floats(1, 2), "1-D or 2-D numbers"),
    "init_scale_": (_is_scale, "'auto', a number or a pair of numbers"),
    "_n_nets": (lambda value: _is_count(value) and value > 0, "a number of networks"),
    "best_validation_score_": (_is_a(Real, type(None)), "a number or None"),
    "classes_": (_are_labels, "an array of two labels or more, no two the same"),
    "feature_names_in_": (_are_names, "an array of names"),
    "_row_totals": (_are_totals, "three numbers, finite and not negative"),
    "_used": (_are_used, f"numbers by the names {[*USED]}"),
    "out_activation_": (_is_a(str), "a name"),
    "status_": (_is_a(str), "a word"),
    "_activation": (_is_activation, f"one of {[*ACTIVATIONS]}"),
}
