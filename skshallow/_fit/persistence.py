"""The state of a net in a file: arrays, numbers and strings, and their checksums.

Pickle, joblib and skops ask an object for its state and later give the state back. The
state that is made here names no class and no private module, so that a file can be read
after changes in other packages. Objects that users set (a callable, callbacks) are kept
as they are. Of an estimator, this module knows the attributes and the metadata request.

A checksum detects damage, but not forgery, and a file of skops may come from anyone. So
no name from a file is called or looked up except in a closed list, and no attribute
from a file replaces a method.
"""

import io
import pickle
import sys
import warnings
import zlib
from collections.abc import Iterator

import numpy as np

from skshallow._fit.random_streams import GENERATORS, stream_of
from skshallow._fit.version import VERSION
from skshallow._fit.warning_categories import InconsistentVersionWarning

VERSION_KEY, CHECKSUM_KEY = "_skshallow_version", "_checksum"
# Attributes of a running fit or search, which are not saved.
OF_A_RUN = "_callback_fit_ctx", "_skl_callbacks_to_teardown", "__sklearn_clone__", "fit"
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
# Lists of floats.
CURVES = "loss_curve_", "validation_scores_", "validation_loss_curve_"
# Errors that reading a damaged or forged state may raise.
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

    Raises
    ------
    PicklingError
        If a parameter is a function or an iterator that pickle cannot save.
    """
    if not _saves_functions():
        for name in INSTEAD.keys() & attributes.keys():
            _check_pickles(name, attributes[name])
    state = {k: v for k, v in attributes.items() if k not in OF_A_RUN}
    for name in _FORMS.keys() & state.keys():
        write, _ = _FORMS[name]
        state[name] = write(state[name])
    state[VERSION_KEY] = VERSION
    return {**state, CHECKSUM_KEY: checksums(state)}


def _saves_functions():
    """Whether one of the modules that save any function asks for the state."""
    frame = sys._getframe()
    while frame:
        if SAVE_FUNCTIONS & {*frame.f_globals.get("__name__", "").split(".")}:
            return True
        frame = frame.f_back
    return False


def _check_pickles(name, value):
    if not (callable(value) or isinstance(value, Iterator)):
        return  # arrays may be large
    pickler = pickle.Pickler(io.BytesIO())
    pickler.persistent_id = _id_of_estimator
    try:
        pickler.dump(value)
    except Exception as error:
        what, other = INSTEAD[name]
        given = getattr(value, "__qualname__", repr(value))
        raise pickle.PicklingError(
            f"{name}={given} cannot be pickled: use {what}, or save the net after "
            f"net.set_params({name}={other!r}). The weights stay as they are, and "
            f"predicting does not need {name}."
        ) from error


def _id_of_estimator(obj):
    """Lets a pickler leave out estimators, such as the one that is saved."""
    return "" if hasattr(type(obj), "get_params") else None


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
        attributes = dict(state)
        _check_sums(attributes, attributes.pop(CHECKSUM_KEY), is_whole)
        version = attributes.pop(VERSION_KEY)
        _check_names(attributes, type(estimator))
        for key in _FORMS.keys() & attributes.keys():
            _, read = _FORMS[key]
            attributes[key] = read(attributes[key], estimator)
        if version != VERSION:
            warning = InconsistentVersionWarning(
                estimator_name=name,
                current_sklearn_version=VERSION,
                original_sklearn_version=version,
            )
            warnings.warn(warning, stacklevel=3)
            attributes = {**_missing_attributes(attributes), **attributes}
    except READ_ERRORS as error:
        why = error if type(error) is ValueError else f"it cannot be read ({error!r})"
        raise ValueError(
            f"the saved {name} is damaged or forged: {why}. Get the file from whoever "
            "saved the net, or fit and save it again."
        ) from error
    return attributes


def _check_names(attributes, cls):
    """Raise an error for attributes that would replace a method or class attribute."""
    bases = [b for b in cls.__mro__ if b.__module__.startswith("skshallow.")]
    for name in attributes:
        if name.startswith("__") or any(hasattr(base, name) for base in bases):
            raise ValueError(f"it has an attribute {name!r}, which no net has")


def _missing_attributes(attributes):
    """Attributes that an older version did not write, as far as they are known.

    Rates of version 0.1.0 were constant, and the weight of its rows is not known.
    """
    added = {"combine": "best", "learning_rate": "constant"}
    if "coefs_" in attributes:
        added |= {"_n_nets": 1, "_output_layers": None}
    if "coefs_" in attributes and "_used" not in attributes:
        rate, unknown = attributes["learning_rate_init"], float("nan")
        if rate == "auto":
            rate = RATES_OF_0_1[attributes["solver"]]
        added["_row_totals"] = 0.0, 0, 0.0
        added["_used"] = {
            "alpha": attributes["alpha"],
            "auto_alpha": unknown,
            "row_weight": unknown,
            "learning_rate_init": rate,
            "is_cosine": False,
        }
    return added


# ---------------------------------------------------------------------------
# Checksums


def _check_sums(attributes, sums, is_whole):
    """Raise an error if the checksums are not those of the attributes."""
    actual = checksums(attributes)
    if not is_whole:
        common = (attributes.keys() & sums.keys()) - {""}
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
    by_method = vars(requests).items()
    return {k: dict(r.requests) for k, r in by_method if hasattr(r, "requests")}


def _read_requests(state, estimator):
    """Metadata requests, of methods and parameters that the estimator has."""
    requests = estimator._get_metadata_request()
    for method, parameters in state.items():
        of_method = vars(requests)[method]
        for name, alias in parameters.items():
            if name not in of_method.requests:
                raise KeyError(name)
            of_method.add_request(param=name, alias=alias)
    return requests


def _write_stream(random_state):
    """The state of a ``RandomState`` as a dict; other objects as they are."""
    if type(random_state) is np.random.RandomState:
        state = random_state.get_state(legacy=False)
        if state["bit_generator"] in GENERATORS:
            return state
    return random_state


def _read_stream(state, estimator):
    return stream_of(state) if isinstance(state, dict) else state


# By attribute, a function of the value that writes it, and one that reads it.
_FORMS = {
    "random_state": (_write_stream, _read_stream),
    "_metadata_request": (_write_requests, _read_requests),
    # Arrays are smaller than lists and faster to write.
    **dict.fromkeys(CURVES, (np.array, lambda curve, _: curve.tolist())),
}
