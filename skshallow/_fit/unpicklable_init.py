"""The error for an ``init`` function that pickle cannot save.

cloudpickle, and with it the workers of joblib, can save functions that pickle cannot.
So this module finds out which of the two asks for the state of a net.
"""

import pickle
import sys
from types import FunctionType

PICKLERS = (pickle.Pickler, pickle._Pickler)
# Functions that are called between a pickler and `check_init`.
STEPS = ("state_of", "__getstate__", "__reduce_ex__", "_reduce_ex")


def check_init(init):
    """Raise an error for an ``init`` function that pickle cannot save.

    Raises
    ------
    PicklingError
    """
    if not callable(init) or not _is_for_pickle(sys._getframe(1)):
        return
    try:
        pickle.dumps(init)
    except Exception as error:
        name = getattr(init, "__qualname__", type(init).__qualname__)
        raise pickle.PicklingError(
            f"init={name} cannot be pickled ({error}): use a function that is defined "
            'in a module, or save the net after net.set_params(init="randn"). The '
            "weights stay as they are, and predicting does not need init."
        ) from error


def _is_for_pickle(frame):
    """Whether pickle asks for the state, or a pickler that saves functions like it.

    The pickler written in C has no frame. It is recognised by its caller.
    """
    while frame.f_code.co_name in STEPS and frame.f_back:
        frame = frame.f_back
    pickler = frame.f_locals.get("self")
    if not isinstance(pickler, PICKLERS):
        return _calls_pickle(frame)
    has_own = hasattr(pickler, "reducer_override")
    has_own |= FunctionType in getattr(pickler, "dispatch_table", {})
    if isinstance(pickler, pickle._Pickler):
        saves, plain = type(pickler).dispatch, pickle._Pickler.dispatch
        has_own |= saves.get(FunctionType) is not plain[FunctionType]
    return not has_own


def _calls_pickle(frame):
    """Whether the code of a frame uses pickle or its functions, and no other pickler.

    The code of this module does not count: it would call itself without end.
    """
    names = {**frame.f_globals, **frame.f_locals}
    named = [names.get(name) for name in frame.f_code.co_names]
    classes = [value for value in named if isinstance(value, type)]
    plain = (pickle, pickle.dump, pickle.dumps, pickle.Pickler)
    return (
        frame.f_globals is not globals()
        and any(value is one for value in named for one in plain)
        and all(c is pickle.Pickler or not issubclass(c, PICKLERS) for c in classes)
    )
