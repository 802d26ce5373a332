"""Which values cross-validation may choose from."""

import sys
from numbers import Real

import numpy as np

from skshallow._core.initializers import given_scales


def check_alphas(alphas):
    """Complain unless they are ``"auto"`` or penalties, one at least.

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
    """Complain unless they are ``"auto"`` or values of ``init_scale``, one at least.

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
