"""A net as it goes into a file: arrays, numbers and strings, and a checksum of them.

Pickle, joblib and skops ask an object for its state and later hand it back. The state
made here names no class and no private module, so that a file outlives changes in other
packages. What users set themselves (a callable, callbacks) is kept as it is. Knows
estimators by their attributes only.
"""

import warnings
import zlib

import numpy as np

from skshallow.exceptions import InconsistentVersionWarning
from skshallow.version import VERSION

VERSION_KEY, CHECKSUM_KEY = "_skshallow_version", "_checksum"
# Attributes of a fit that is still running: a checkpoint is none.
OF_A_RUNNING_FIT = ("_callback_fit_ctx", "_skl_callbacks_to_teardown")
# Lists of floats, which are smaller and faster to write as arrays.
CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")


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
    attributes = dict(state)
    sums = attributes.pop(CHECKSUM_KEY, None)
    is_ours = VERSION_KEY in state or sums is not None
    if is_ours and not _are_those_of(sums, attributes, is_whole):
        raise ValueError(
            f"the saved {type(estimator).__name__} is damaged: its checksum does not "
            "fit. Copy the file again, or fit and save the net again."
        )
    version = attributes.pop(VERSION_KEY, "of unknown version")
    if version != VERSION:
        warning = InconsistentVersionWarning(
            estimator_name=type(estimator).__name__,
            current_sklearn_version=VERSION,
            original_sklearn_version=version,
        )
        warnings.warn(warning, stacklevel=3)
    for name, (_, read) in _FORMS.items():
        if name in attributes:
            attributes[name] = read(attributes[name], estimator)
    return attributes


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
        if hasattr(np.random, state["bit_generator"]):
            return state
    return random_state


def _read_stream(state, estimator):
    if not isinstance(state, dict):
        return state
    generator = getattr(np.random, state["bit_generator"])
    random_state = np.random.RandomState(generator(0))
    random_state.set_state(state)
    return random_state


def _write_requests(requests):
    """Requests for metadata as a dict of dicts, by method and by parameter."""
    return {
        method: dict(request.requests)
        for method, request in vars(requests).items()
        if hasattr(request, "requests")
    }


def _read_requests(state, estimator):
    if not isinstance(state, dict):
        return state
    requests = estimator.get_metadata_routing()
    for method, parameters in state.items():
        for name, alias in parameters.items():
            getattr(requests, method).add_request(param=name, alias=alias)
    return requests


# How attributes are written that are not arrays, numbers and strings, and how they are
# read again.
_FORMS = {
    "random_state": (_write_stream, _read_stream),
    "_metadata_request": (_write_requests, _read_requests),
    **dict.fromkeys(CURVES, (np.array, lambda curve, _: np.asarray(curve).tolist())),
}
