"""The state of a net in a file: arrays, numbers and strings, and their checksums.

Pickle, joblib and skops ask an object for its state and later give the state back. The
state that is made here names no class and no private module, so that a file can be read
after changes in other packages. Objects that users set (a callable, callbacks) are kept
as they are. Of an estimator, this module knows the attributes, the metadata request and
the callbacks.

A checksum detects damage, but not forgery, and a file of skops may come from anyone. So
no name from a file is called or looked up except in a closed list, and a net that could
not predict is rejected when it is loaded (``file_checks``).
"""

import io
import pickle
import sys
import warnings
import zlib
from collections.abc import Iterator

import numpy as np
from sklearn.utils.metadata_routing import MetadataRequest

from skshallow._fit.file_checks import (
    CURVES,
    GENERATORS,
    USED_VALUES,
    check_names,
    check_net,
    stream_from_dict,
)
from skshallow._fit.version import VERSION
from skshallow._fit.warning_categories import InconsistentVersionWarning

VERSION_KEY, CHECKSUM_KEY = "_skshallow_version", "_checksum"
# Attributes of a running fit, which are not saved in a checkpoint.
OF_A_RUNNING_FIT = ("_callback_fit_ctx", "_skl_callbacks_to_teardown")
FUNCTION = "a function that is defined in a module"
# Where pickle cannot save the value of a parameter: what to use instead, and a value to
# save the fitted net with.
INSTEAD = {
    "init": (FUNCTION, "randn"),
    "scoring": (FUNCTION, None),
    "cv": ("a splitter, or a list of splits", 5),
}
# Modules that copy functions, or save the code of a function and not its name.
SAVE_FUNCTIONS = {"copy", "cloudpickle", "dill", "hashing"}
# Errors that reading a forged state may raise.
READ_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError)
READ_ERRORS += (TypeError, ValueError)
# The automatic learning rates of version 0.1.0, whatever they are now.
RATES_OF_0_1 = {"gd": 1.0, "sgd": 0.3, "adam": 0.02, "lbfgs": 1.0}


def state_of(attributes):
    """The state of an estimator to write to a file.

    Parameters
    ----------
    attributes : dict
        Attributes of the estimator; not changed.

    Returns
    -------
    dict
        Arrays, numbers, strings, and lists, tuples and dicts of them, apart from
        parameters that are other objects.
    """
    _check_parameters(attributes)
    state = {k: v for k, v in attributes.items() if k not in OF_A_RUNNING_FIT}
    for name in _FORMS.keys() & state.keys():
        write, _ = _FORMS[name]
        state[name] = write(state[name])
    state[VERSION_KEY] = VERSION
    return {**state, CHECKSUM_KEY: checksums(state)}


def _check_parameters(attributes):
    """Raise an error for a function or an iterator that pickle cannot save.

    cloudpickle, and with it the workers of joblib, can save any function. So it matters
    who asks for the state.

    Raises
    ------
    PicklingError
    """
    if _saves_functions():
        return
    for name, (what, other) in INSTEAD.items():
        given = attributes.get(name)
        if not (callable(given) or isinstance(given, Iterator)):
            continue  # arrays may be large
        trial = pickle.Pickler(io.BytesIO())
        trial.persistent_id = _id_of_estimator
        try:
            trial.dump(given)
        except Exception as error:
            value = getattr(given, "__qualname__", repr(given))
            raise pickle.PicklingError(
                f"{name}={value} cannot be pickled: use {what}, or save the net after "
                f"net.set_params({name}={other!r}). The weights stay as they are, and "
                f"predicting does not need {name}."
            ) from error


def _id_of_estimator(obj):
    """Lets a pickler leave out estimators, such as the one that is saved."""
    return "" if hasattr(type(obj), "get_params") else None


def _saves_functions():
    """Whether one of the modules that save any function asks for the state."""
    frame = sys._getframe()
    while frame:
        if SAVE_FUNCTIONS & {*frame.f_globals.get("__name__", "").split(".")}:
            return True
        frame = frame.f_back
    return False


def attributes_of(state, estimator, is_whole=True):
    """The attributes that `state_of` was given.

    Parameters
    ----------
    state : dict
        Not changed.
    estimator : estimator
        The estimator that gets the attributes. Only its class and its metadata requests
        are used.
    is_whole : bool, default=True
        Whether no entry may be missing or new. A subclass may change its own state.

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
        _check_sums(state, is_whole)
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
            attributes = {**_missing_attributes(attributes), **attributes}
        check_names(attributes, type(estimator))
        for key in _FORMS.keys() & attributes.keys():
            _, read = _FORMS[key]
            attributes[key] = read(attributes[key], estimator)
        check_net(attributes, is_whole)
    except READ_ERRORS as error:
        why = error if type(error) is ValueError else f"it cannot be read ({error!r})"
        raise ValueError(
            f"the saved {name} is damaged or forged: {why}. Get the file from whoever "
            "saved the net, or fit and save it again."
        ) from error
    return attributes


def _missing_attributes(attributes):
    """Attributes that an older version did not write, as far as they are known.

    Rates of version 0.1.0 were constant, and the weight of its rows is not known.
    """
    is_of_0_1 = "learning_rate" not in attributes
    added = {"combine": "best"}
    if "coefs_" in attributes:
        added |= {"_n_nets": 1, "_output_layers": None}
    if is_of_0_1:
        added["learning_rate"] = "constant"
    if is_of_0_1 and "coefs_" in attributes:
        rate, alpha = attributes["learning_rate_init"], attributes["alpha"]
        if rate == "auto":
            rate = RATES_OF_0_1[attributes["solver"]]
        used = dict.fromkeys(USED_VALUES, float("nan"))
        used |= {"alpha": alpha, "learning_rate_init": rate, "is_cosine": False}
        added |= {"_row_totals": (0.0, 0, 0.0), "_used": used}
    return added


# ---------------------------------------------------------------------------
# Checksums


def _check_sums(state, is_whole):
    """Raise an error if a state has checksums, and they do not fit."""
    if not isinstance(state, dict):
        raise ValueError(f"its state must be a dict, got {type(state).__name__}")
    attributes = dict(state)
    sums = attributes.pop(CHECKSUM_KEY, None)
    if sums is None and VERSION_KEY not in attributes:
        return  # saved before there were checksums
    actual = checksums(attributes)
    if not is_whole and isinstance(sums, dict):
        common = attributes.keys() & sums.keys()
        sums, actual = ({name: d[name] for name in common} for d in (sums, actual))
    if sums != actual:
        raise ValueError("its checksum does not fit")


def checksums(state):
    """A checksum for every attribute, by name, and with the name "" one for all."""
    sums = {name: checksum(value) for name, value in state.items()}
    return {**sums, "": checksum(sums)}


def checksum(value):
    """CRC-32 of arrays, numbers and strings, which may be nested.

    It does not depend on what a file format may change: lists or tuples, numbers of
    Python or NumPy, memory layout, byte order. Other objects do not count.
    """
    if isinstance(value, dict):
        pairs = sorted((checksum(k), checksum(v)) for k, v in value.items())
        return zlib.crc32(repr(pairs).encode())
    if isinstance(value, (list, tuple)):
        return zlib.crc32(repr([checksum(v) for v in value]).encode())
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject and isinstance(value, np.memmap):
            # The dtype is damaged: numbers in the file would be used as addresses.
            raise ValueError("it maps objects into memory")
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


# ---------------------------------------------------------------------------
# How other objects than arrays, numbers and strings are written and read


def _write_requests(requests):
    """Metadata requests as a dict of dicts, by method and by parameter."""
    return {name: dict(r.requests) for name, r in _by_method(requests).items()}


def _read_requests(state, estimator):
    if isinstance(state, MetadataRequest):  # saved before there were versions
        return state
    requests = estimator._get_metadata_request()
    by_method = _by_method(requests)
    for method, parameters in state.items():
        for name, alias in parameters.items():
            if method not in by_method or name not in by_method[method].requests:
                raise ValueError(
                    f"its metadata requests name {name!r} of the method {method!r}, "
                    f"which {type(estimator).__name__} does not have"
                )
            by_method[method].add_request(param=name, alias=alias)
    return requests


def _by_method(requests):
    return {k: v for k, v in vars(requests).items() if hasattr(v, "requests")}


def _read_callbacks(callbacks, estimator):
    if hasattr(estimator, "set_callbacks"):  # from scikit-learn 1.9 on
        estimator.set_callbacks(*callbacks)  # raises an error if one is no callback
    return callbacks


def _write_stream(random_state):
    """The state of a ``RandomState`` as a dict; other objects as they are."""
    if type(random_state) is np.random.RandomState:
        state = random_state.get_state(legacy=False)
        if state["bit_generator"] in GENERATORS:
            return state
    return random_state


def _read_stream(state, estimator):
    return stream_from_dict(state) if isinstance(state, dict) else state


_FORMS = {
    "random_state": (_write_stream, _read_stream),
    "_metadata_request": (_write_requests, _read_requests),
    "_skl_callbacks": (list, _read_callbacks),
    # Arrays are smaller than lists and faster to write.
    **dict.fromkeys(CURVES, (np.array, lambda curve, _: np.asarray(curve).tolist())),
}
