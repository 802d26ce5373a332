"""A net as it goes into a file: arrays, numbers and strings, and a checksum of them.

Pickle, joblib and skops ask an object for its state and later hand it back. The state
made here names no class and no private module, so that a file outlives changes in other
packages. What users set themselves (a callable, callbacks) is kept as it is. Knows
estimators by their attributes only.

A checksum protects from damage and not from forgery, and a file of skops may come from
anyone. So no name from a file is called or looked up except in a closed list, and what
could not predict is refused when it is loaded.
"""

import pickle
import sys
import warnings
import zlib
from numbers import Integral, Real
from types import FunctionType

import numpy as np
from sklearn.utils.metadata_routing import MetadataRequest

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.losses import loss_for
from skshallow._core.optimizers import OPTIMIZERS
from skshallow._fit.defaults import LEARNING_RATE
from skshallow._fit.exceptions import InconsistentVersionWarning
from skshallow._fit.version import VERSION

VERSION_KEY, CHECKSUM_KEY = "_skshallow_version", "_checksum"
# Attributes of a fit that is still running: a checkpoint is none.
OF_A_RUNNING_FIT = ("_callback_fit_ctx", "_skl_callbacks_to_teardown")
# Functions between a pickler and `state_of`.
STEPS_OF_PICKLING = ("state_of", "__getstate__", "__reduce_ex__", "_reduce_ex")
# Lists of floats, which are smaller and faster to write as arrays.
CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")
NUMPY_GENERATORS = {
    generator.__name__: generator
    for generator in (
        np.random.MT19937,
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.Philox,
        np.random.SFC64,
    )
}
# Places in NumPy's tables of random numbers, which it does not check itself: the name
# of the generator, where its state tells the place, and the highest there is.
PLACES = {
    "MT19937": (lambda state: state["state"]["pos"], 624),
    "Philox": (lambda state: state["buffer_pos"], 4),
}
# What reading a forged state may stumble upon.
STUMBLES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


# What version 0.1.0 did not write, by what it did: its rates were constant, and what
# its rows weighed is not known any more.
NOTHING_USED = dict.fromkeys(
    ("alpha", "auto_alpha", "row_weight", "learning_rate_init", "is_cosine"),
    float("nan"),
)
MAX = np.finfo(np.float64).max
PARAMETERS_SINCE_0_2 = {"learning_rate": "constant"}
NEEDED = {
    *("intercepts_", "classes_", "n_features_in_", "_activation"),
    *("_row_totals", "_used"),
}


def _fitted_since_0_2(attributes):
    """What a fit by version 0.1.0 would have kept, as far as it is known."""
    rate, alpha = attributes["learning_rate_init"], attributes["alpha"]
    if rate == "auto":
        rate = LEARNING_RATE[attributes["solver"]]
    known = {"alpha": alpha, "learning_rate_init": rate, "is_cosine": False}
    return {"_row_totals": (0.0, 0, 0.0), "_used": {**NOTHING_USED, **known}}


def state_of(attributes):
    """What to write of an estimator.

    Parameters
    ----------
    attributes : dict
        Of the estimator; left alone.

    Returns
    -------
    dict
        Arrays, numbers, strings, and lists, tuples and dicts of them, as far as the
        estimator's parameters are such.
    """
    _check_init(attributes.get("init"))
    state = {k: v for k, v in attributes.items() if k not in OF_A_RUNNING_FIT}
    for name, (write, _) in _FORMS.items():
        if name in state:
            state[name] = write(state[name])
    state[VERSION_KEY] = VERSION
    return {**state, CHECKSUM_KEY: _checksums(state)}


def attributes_of(state, estimator, is_whole=True):
    """The attributes that `state_of` was given.

    Parameters
    ----------
    state : dict
        Left alone.
    estimator : estimator
        Whose attributes they are to be; asked for its class and metadata requests.
    is_whole : bool, default=True
        Whether nothing may be missing or new: a subclass may change its own state.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If the state is not as it was written.
    """
    name = type(estimator).__name__
    try:
        is_intact = _is_intact(state, is_whole)
    except STUMBLES as error:
        raise _not_a_net(name, error) from error
    if not is_intact:
        raise ValueError(
            f"the saved {name} is damaged: its checksum does not fit. Copy the file "
            "again, or fit and save the net again."
        )
    dropped = (CHECKSUM_KEY, *OF_A_RUNNING_FIT)
    attributes = {k: v for k, v in state.items() if k not in dropped}
    version = attributes.pop(VERSION_KEY, "of unknown version")
    if version != VERSION:
        warning = InconsistentVersionWarning(
            estimator_name=name,
            current_sklearn_version=VERSION,
            original_sklearn_version=version,
        )
        warnings.warn(warning, stacklevel=3)
    try:
        if version != VERSION:
            attributes = {**PARAMETERS_SINCE_0_2, **attributes}
            if "coefs_" in attributes:
                attributes = {**_fitted_since_0_2(attributes), **attributes}
        _check_names(attributes, type(estimator))
        for key in _FORMS.keys() & attributes.keys():
            _, read = _FORMS[key]
            attributes[key] = read(attributes[key], estimator)
        _check_net(attributes, is_whole)
    except STUMBLES as error:
        raise _not_a_net(name, error) from error
    return attributes


def _check_init(init):
    """Complain of a starting function that pickle is about to fail on.

    cloudpickle, and with it the workers of joblib, takes what pickle does not.

    Raises
    ------
    PicklingError
    """
    if not callable(init) or not _is_for_pickle():
        return
    try:
        pickle.dumps(init)
    except Exception as error:
        name = getattr(init, "__qualname__", type(init).__qualname__)
        raise pickle.PicklingError(
            f"init={name} cannot be pickled ({error}): give a function that stands in "
            'a module, or save the net after net.set_params(init="randn"). The weights '
            "stay as they are, and predicting does not need init."
        ) from error


def _is_for_pickle():
    """Whether it is pickle, or a pickler that saves functions as it does, that asks.

    The pickler written in C has no frame of its own: it is known by its caller.
    """
    frame = sys._getframe(2)
    while frame.f_code.co_name in STEPS_OF_PICKLING and frame.f_back:
        frame = frame.f_back
    pickler = frame.f_locals.get("self")
    if isinstance(pickler, pickle._Pickler):
        saves = type(pickler).dispatch.get(FunctionType)
        is_plain = saves is pickle._Pickler.dispatch[FunctionType]
    elif not isinstance(pickler, pickle.Pickler):
        return _calls_pickle(frame)
    else:
        is_plain = True
    has_own = FunctionType in getattr(pickler, "dispatch_table", {})
    return is_plain and not has_own and not hasattr(pickler, "reducer_override")


def _calls_pickle(frame):
    """Whether the code of a frame names pickle or its functions, and is not ours."""
    if frame.f_globals is globals():  # which would try again for ever
        return False
    names = {**frame.f_globals, **frame.f_locals}
    named = [names.get(name) for name in frame.f_code.co_names]
    plain = (pickle, pickle.dump, pickle.dumps, pickle.Pickler)
    has_other = any(
        isinstance(value, type) and issubclass(value, (pickle.Pickler, pickle._Pickler))
        for value in named
        if value is not pickle.Pickler
    )
    return not has_other and any(value is one for value in named for one in plain)


def _not_a_net(name, error):
    why = error if type(error) is ValueError else f"it cannot be read ({error!r})"
    return ValueError(
        f"the saved {name} is damaged or forged: {why}. Get the file from whoever "
        "saved the net, or fit and save it again."
    )


def _is_intact(state, is_whole):
    """Whether the checksums of a state fit, if it has any."""
    if not isinstance(state, dict):
        raise ValueError(f"its state must be a dict, got {type(state).__name__}")
    attributes = dict(state)
    sums = attributes.pop(CHECKSUM_KEY, None)
    is_ours = VERSION_KEY in attributes or sums is not None
    return not is_ours or _are_those_of(sums, attributes, is_whole)


def _checksums(state):
    """One for every attribute, by name, and by the name "" one of all these."""
    sums = {name: checksum(value) for name, value in state.items()}
    return {**sums, "": checksum(sums)}


def _are_those_of(sums, state, is_whole):
    found = _checksums(state)
    if is_whole or not isinstance(sums, dict):
        return sums == found
    return all(sums[name] == found[name] for name in state.keys() & sums.keys())


def checksum(value):
    """CRC-32 of arrays, numbers and strings, however nested.

    The same for lists and tuples, for numbers of Python and NumPy, and for every memory
    layout and byte order: what a file format may change. Other objects do not count.
    """
    if isinstance(value, dict):
        pairs = sorted((checksum(k), checksum(v)) for k, v in value.items())
        return zlib.crc32(repr(pairs).encode())
    if isinstance(value, (list, tuple)):
        return zlib.crc32(repr([checksum(v) for v in value]).encode())
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            return checksum([value.shape, value.tolist()])
        array = np.asarray(value, dtype=value.dtype.newbyteorder("<"))
        kind = f"{array.dtype.str} {array.shape}".encode()
        return zlib.crc32(array.tobytes(), zlib.crc32(kind))
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return zlib.crc32(repr(value).encode(errors="surrogatepass"))
    return 0


def _write_stream(random_state):
    """A ``RandomState`` as the dict of its state; anything else as it is."""
    if type(random_state) is np.random.RandomState:
        state = random_state.get_state(legacy=False)
        if state["bit_generator"] in NUMPY_GENERATORS:
            return state
    return random_state


def _read_stream(state, estimator):
    return _stream_of(state) if isinstance(state, dict) else state


def _stream_of(state):
    """The ``RandomState`` that a dict describes."""
    name = state["bit_generator"]
    if not isinstance(name, str) or name not in NUMPY_GENERATORS:
        raise ValueError(
            f"its random_state has the bit generator {name!r}, which is none of "
            f"{[*NUMPY_GENERATORS]}"
        )
    random_state = np.random.RandomState(NUMPY_GENERATORS[name](0))
    random_state.set_state(state)
    place_in, last = PLACES.get(name, (lambda state: 0, 0))
    place = place_in(random_state.get_state(legacy=False))
    if not 0 <= place <= last:
        raise ValueError(f"its random_state is at place {place} of {last} numbers")
    return random_state


def _write_requests(requests):
    """Requests for metadata as a dict of dicts, by method and by parameter."""
    return {
        method: dict(request.requests)
        for method, request in vars(requests).items()
        if hasattr(request, "requests")
    }


def _read_requests(state, estimator):
    if isinstance(state, MetadataRequest):  # saved before there were versions
        return state
    requests = estimator.get_metadata_routing()
    known = {k: v for k, v in vars(requests).items() if hasattr(v, "requests")}
    for method, parameters in state.items():
        for name, alias in parameters.items():
            if method not in known or name not in known[method].requests:
                raise ValueError(
                    f"its metadata requests name {name!r} of the method {method!r}, "
                    f"which {type(estimator).__name__} does not have"
                )
            known[method].add_request(param=name, alias=alias)
    return requests


def _read_callbacks(callbacks, estimator):
    """Callbacks, if they are such."""
    if hasattr(estimator, "set_callbacks"):  # from scikit-learn 1.9 on
        estimator.set_callbacks(*callbacks)
    return callbacks


def _read_curve(curve, estimator):
    return _numbers(curve, 1, "a loss curve").tolist()


# How attributes are written that are not arrays, numbers and strings, and how they are
# read again.
_FORMS = {
    "random_state": (_write_stream, _read_stream),
    "_metadata_request": (_write_requests, _read_requests),
    "_skl_callbacks": (list, _read_callbacks),
    **dict.fromkeys(CURVES, (np.array, _read_curve)),
}


# ---------------------------------------------------------------------------
# Whether what was read is a net


def _check_names(attributes, cls):
    """Complain of attributes that would take the place of a method, or another."""
    packages = ("skshallow.", "sklearn.", "builtins.")
    bases = [b for b in cls.__mro__ if f"{b.__module__}.".startswith(packages)]
    taken = {name for base in bases for name in vars(base)}
    for name, value in attributes.items():
        is_free = isinstance(name, str) and not name.startswith("__")
        if (not is_free or name in taken) and not _is_of_a_search(value):
            raise ValueError(f"it has an attribute {name!r}, which no net has")


def _is_of_a_search(value):
    """Whether a value is what a search puts in the place of a method while it runs.

    Its workers are sent it. No file of skops holds it that needs trust in nets alone.
    """
    owner = type(getattr(value, "__self__", value))
    is_ours = owner.__module__.startswith("skshallow.")
    return callable(value) and is_ours and not hasattr(owner, "get_params")


def _check_net(net, is_whole):
    """Complain of the attributes of a fitted net that could not predict or go on.

    Parameters
    ----------
    net : dict
    is_whole : bool
        Whether what is missing is wrong, too.
    """
    for name in net.keys() & _CHECKS.keys():
        condition, expected = _CHECKS[name]
        if not condition(net[name]):
            raise ValueError(f"its {name} must be {expected}")
    if "coefs_" not in net:
        return
    missing = NEEDED - net.keys()
    if is_whole and missing:
        raise ValueError(f"it has weights, but no {', '.join(sorted(missing))}")
    for weights in ("coefs_", "intercepts_"), ("init_coefs_", "init_intercepts_"):
        _check_layers(net, *weights)
    _check_training_state(net.get("_training_state"), net["coefs_"])


def _check_layers(net, coefs_name, intercepts_name):
    """Complain of weights whose shapes fit neither each other nor the classes."""
    d, _, c = _sizes(net["coefs_"], "coefs_")
    coefs = net.get(coefs_name, net["coefs_"])
    _, h, _ = _sizes(coefs, coefs_name)  # of the start more, if units were cut
    biases = net.get(intercepts_name, [np.empty(h), np.empty(c)])
    arrays = [_numbers(array, 2, coefs_name) for array in coefs]
    arrays += [_numbers(array, 1, intercepts_name) for array in biases]
    if [array.shape for array in arrays] != [(d, h), (h, c), (h,), (c,)]:
        shapes = [array.shape for array in arrays]
        raise ValueError(f"its {coefs_name} and {intercepts_name} have shapes {shapes}")
    expected = {"n_features_in_": d, "n_outputs_": c}
    if "classes_" in net:
        loss = loss_for(len(net["classes_"]))
        expected |= {"n_outputs_": loss.n_outputs, "out_activation_": loss.link}
        if loss.n_outputs != c:
            raise ValueError(f"it has {c} outputs for {len(net['classes_'])} classes")
    for name, value in expected.items():
        if name in net and net[name] != value:
            raise ValueError(f"its {name} must be {value!r}, got {net[name]!r}")
    if len(net.get("feature_names_in_", range(d))) != d:
        raise ValueError(f"its feature_names_in_ must be {d} names")


def _check_training_state(state, coefs):
    """Complain of an optimizer's state that does not go with the weights."""
    if state is None:
        return
    d, h, c = _sizes(coefs, "coefs_")
    solver, moments = state["solver"], state["moments"]
    expected = set()
    if solver is not None:
        expected = set(OPTIMIZERS[solver].init(np.empty((1, 0))))
    shapes = {_numbers(p, 1, "moments").shape for p in moments.values()}
    is_seed = _is_count(state["split_seed"]) and state["split_seed"] < 2**32
    if (
        set(moments) != expected
        or not shapes <= {(d * h + h + h * c + c,)}
        or not _is_count(state["count"])
        or not is_seed
        or state["rows"]["bit_generator"] != "MT19937"
    ):
        raise ValueError("its _training_state does not go with its weights")
    _stream_of(state["rows"])


def _sizes(coefs, name):
    """Numbers of features, of hidden units and of outputs."""
    (d, h), (_, c) = (_numbers(coef, 2, name).shape for coef in coefs)
    return d, h, c


def _numbers(array, n_dimensions, name):
    """An array of real numbers, of so many dimensions."""
    array = np.asarray(array)
    if array.dtype.kind != "f" or array.ndim != n_dimensions:
        raise ValueError(
            f"its {name} must be {n_dimensions}-D arrays of floats, got {array.ndim}-D "
            f"of {array.dtype}"
        )
    return array


def _is_count(value):
    return isinstance(value, Integral) and value >= 0


def _are_pairs(value):
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    return is_pair and all(isinstance(array, np.ndarray) for array in value)


def _are_labels(value):
    if not isinstance(value, np.ndarray) or value.ndim != 1:
        return False
    return len(set(value.tolist())) == len(value) > 1


# Attributes, each with a condition and that in words.
def _are_totals(totals):
    return (
        isinstance(totals, (tuple, list))
        and len(totals) == 3
        and all(isinstance(number, Real) and 0 <= number <= MAX for number in totals)
    )


def _are_used(used):
    return used.keys() == NOTHING_USED.keys() and all(
        isinstance(number, Real) and not abs(number) > MAX for number in used.values()
    )


_CHECKS = {
    **dict.fromkeys(
        ("coefs_", "intercepts_", "init_coefs_", "init_intercepts_"),
        (_are_pairs, "two arrays"),
    ),
    **dict.fromkeys(
        ("loss_", "best_loss_"), (lambda loss: isinstance(loss, Real), "a number")
    ),
    "best_validation_score_": (
        lambda score: score is None or isinstance(score, Real),
        "a number or None",
    ),
    **dict.fromkeys(
        ("n_features_in_", "n_outputs_", "n_layers_", "n_iter_"),
        (_is_count, "a whole number"),
    ),
    "classes_": (_are_labels, "an array of two labels or more, no two the same"),
    "init_losses_": (
        lambda losses: np.ndim(losses) == 1 and losses.dtype.kind == "f",
        "an array of numbers",
    ),
    "feature_names_in_": (
        lambda names: (
            np.ndim(names) == 1 and all(isinstance(name, str) for name in names)
        ),
        "an array of names",
    ),
    "_row_totals": (_are_totals, "three numbers, finite and not negative"),
    "_used": (_are_used, f"numbers by the names {[*NOTHING_USED]}"),
    "out_activation_": (lambda name: isinstance(name, str), "a name"),
    "status_": (lambda status: isinstance(status, str), "a word"),
    "_activation": (
        lambda name: isinstance(name, str) and name in ACTIVATIONS,
        f"one of {[*ACTIVATIONS]}",
    ),
}
