"""Checks whether attributes that were read from a file are those of a net.

Attributes with which a net could not predict or resume training are rejected, and so
are attributes that would replace a method. What only describes a net, such as its
scores, is not checked: nobody could tell a forged number from a true one. Names are
looked up only in closed lists.
"""

from numbers import Integral, Real

import numpy as np

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.losses import loss_for
from skshallow._core.optimizers import OPTIMIZERS
from skshallow._core.stopping import STATUSES

PACKAGES = ("skshallow.", "sklearn.", "builtins.")
# What predictions and further training need.
NEEDED = {"coefs_", "intercepts_", "classes_", "n_features_in_", "_activation"}
NEEDED |= {"init_coefs_", "init_intercepts_", "_n_nets", "_output_layers"}
NEEDED |= {"_row_totals", "_training_state"}
MAX = np.finfo(np.float64).max
# NumPy's bit generators. Only these names may come from a file.
GENERATORS = {
    name: getattr(np.random, name)
    for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
}
# Highest positions in NumPy's tables of random numbers, which NumPy does not check.
LAST_PLACE = {"MT19937": 624, "Philox": 4}
# Names of the settings that a fit keeps for a diagnosis.
USED_VALUES = ("alpha", "auto_alpha", "row_weight", "learning_rate_init", "is_cosine")
# Lists of floats, which training continues.
CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")


def check_names(attributes, cls):
    """Raise an error for attributes that would replace a method or class attribute."""
    bases = [b for b in cls.__mro__ if f"{b.__module__}.".startswith(PACKAGES)]
    taken = {name for base in bases for name in vars(base)}
    for name, value in attributes.items():
        is_free = isinstance(name, str) and not name.startswith("__")
        if (not is_free or name in taken) and not _is_of_a_search(value):
            raise ValueError(f"it has an attribute {name!r}, which no net has")


def _is_of_a_search(value):
    """Whether a value is a function that a running search sets in place of a method.

    The search sets it as an attribute of a net, and sends the net to its workers. To
    load a file of skops with such a value, users must trust more types than the net's.
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
        Whether missing attributes are an error. If not, and some are missing, each of
        the others is checked, but not whether they go with each other.
    """
    sizes = {}
    for name, form in FORMS.items():
        if name in net and not _has_form(net[name], form, sizes):
            raise ValueError(f"its {name} is not that of a net")
    missing = NEEDED - net.keys()
    if "coefs_" not in net or (missing and not is_whole):
        return
    if missing:
        raise ValueError(f"it has weights, but no {', '.join(sorted(missing))}")
    for name, holds in _relations(net, **sizes).items():
        if not holds:
            raise ValueError(f"its {name} does not go with its other attributes")


def _relations(net, d, h, c, u=None):
    """Whether attributes go with weights of these sizes."""
    n_nets, layers = net["_n_nets"], net["_output_layers"]
    h, n_left = divmod(h if u is None else u, n_nets)  # of each network, at the start
    expected = {"n": n_nets, "c": c, "s": h + 1, "p": h * (d + 1) + c * (h + 1)}
    is_single = n_nets == 1 or "alphas" in net  # a net with ``alphas`` never resumes
    state = net["_training_state"]
    return {
        "n_features_in_": net["n_features_in_"] == d,
        "feature_names_in_": len(net.get("feature_names_in_", range(d))) == d,
        "classes_": loss_for(len(net["classes_"])).n_outputs == c,
        "_n_nets": n_left == 0,
        "_output_layers": (layers is None and is_single)
        or _has_form(layers, "ncs", expected),
        "_training_state": state is None or _can_resume(state, expected),
    }


def _can_resume(state, sizes):
    """Whether training can resume from the state of an optimizer and its streams."""
    solver, arrays, rows = state["solver"], state["moments"], state["rows"]
    names = () if solver is None else OPTIMIZERS[solver].arrays
    stream_from_dict(rows)
    return (
        set(arrays) == set(names)
        # In version 0.1.0 the arrays of a single net were vectors.
        and all(_has_form(np.atleast_2d(P), "np", sizes) for P in arrays.values())
        and _is_count(state["count"])
        and state["count"] <= MAX
        and _is_count(state["split_seed"])
        and state["split_seed"] < 2**32
        and rows["bit_generator"] == "MT19937"
    )


def stream_from_dict(state):
    """The ``RandomState`` that a dict describes; the dict is not trusted."""
    name = state["bit_generator"]
    if not isinstance(name, str) or name not in GENERATORS:
        raise ValueError(
            f"its random_state has the bit generator {name!r}, which is none of "
            f"{[*GENERATORS]}"
        )
    random_state = np.random.RandomState(GENERATORS[name](0))
    random_state.set_state(state)
    read, last = random_state.get_state(legacy=False), LAST_PLACE.get(name, 0)
    place = read["state"].get("pos", read.get("buffer_pos", 0))
    if not 0 <= place <= last:
        raise ValueError(f"its random_state is at place {place} of {last} numbers")
    return random_state


def _has_form(value, form, sizes):
    """Whether a value is of a form.

    Parameters
    ----------
    value : object
    form : callable, list or str
        A condition; the forms of the entries of a list; or, for an array of float32 or
        float64 without nan, a letter for each axis, which is not empty.
    sizes : dict
        Lengths of axes by letter. A letter that it does not have is added.
    """
    if callable(form):
        return form(value)
    if isinstance(form, list):
        is_list = isinstance(value, (list, tuple)) and len(value) == len(form)
        return is_list and all(map(_has_form, value, form, [sizes] * len(form)))
    is_array = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return (
        is_array
        and value.dtype.itemsize in (4, 8)
        and value.ndim == len(form)
        and value.size > 0
        and not np.isnan(value).any()
        and all(
            sizes.setdefault(axis, n) == n
            for axis, n in zip(form, value.shape, strict=True)
        )
    )


def _is_count(value):
    return isinstance(value, Integral) and value >= 0


def _are_labels(value):
    if not isinstance(value, np.ndarray) or value.ndim != 1:
        return False
    return len(value) > 1 and np.array_equal(np.unique(value), value)


def _are_names(value):
    return np.ndim(value) == 1 and all(isinstance(name, str) for name in value)


def _is_curve(value):
    array = np.asarray(value)
    return array.ndim == 1 and array.dtype.kind in "iuf"


def _are_used(value):
    is_whole = isinstance(value, dict) and value.keys() >= set(USED_VALUES)
    return (
        is_whole
        and all(isinstance(number, Real) for number in value.values())
        and not value["row_weight"] <= 0  # nan in version 0.1.0
    )


# The letters of the axes stand for d features, h hidden units, u of them at the start
# (units may have been removed since) and c outputs.
FORMS = {
    "coefs_": ["dh", "hc"],
    "intercepts_": ["h", "c"],
    "init_coefs_": ["du", "uc"],
    "init_intercepts_": ["u", "c"],
    "classes_": _are_labels,
    "feature_names_in_": _are_names,
    "n_features_in_": _is_count,
    "n_iter_": _is_count,
    "_activation": lambda name: isinstance(name, str) and name in ACTIVATIONS,
    "_n_nets": lambda value: _is_count(value) and value > 0,
    "_row_totals": [lambda value: isinstance(value, Real) and 0 <= value <= MAX] * 3,
    "_used": _are_used,
    "status_": lambda word: isinstance(word, str) and word in STATUSES,
    **dict.fromkeys(CURVES, _is_curve),
    "loss_curve_": lambda value: _is_curve(value) and np.size(value) > 0,
}
