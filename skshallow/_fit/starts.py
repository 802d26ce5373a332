"""Starting weights from ``init`` and ``init_scale``, and errors about these parameters.

Weights are drawn in float64: ``W1`` as (n_hidden, n_features), then ``W2`` as
(n_outputs, n_hidden). Then they are scaled and converted, so that for one seed the
start at scale s is s times the start at scale 1. Biases start at zero.
"""

import numpy as np

from skshallow._core.initializers import SCHEMES, auto_scales


def draw_starts(estimator, rng, architecture):
    """Starts (n_starts, p), drawn in order; only one if all would be equal."""
    init, init_scale = estimator.init, estimator.init_scale
    is_random = callable(init) or (isinstance(init, str) and init != "zeros")
    are_equal = not is_random or given_scales(init_scale) == (0, 0)
    n_starts = 1 if are_equal else estimator.n_init
    # The array is allocated at once, so that too many starts fail immediately.
    starts = np.empty((n_starts, architecture.n_parameters), architecture.dtype)
    for start in starts:
        weights = starting_weights(init, init_scale, rng, architecture)
        start[:] = architecture.pack(*weights)
    return starts


def has_auto_scales(init):
    """Whether ``init_scale="auto"`` stands for a scale of each layer, and not for 1.

    Other schemes scale the draws themselves by the number of inputs.
    """
    return isinstance(init, str) and init == "randn"


def given_scales(init_scale):
    """The factors that ``init_scale`` gives, a pair of floats; None for ``"auto"``.

    Raises
    ------
    ValueError
        If ``init_scale`` is not ``"auto"``, one factor or a pair of factors, each
        finite and not negative.
    """
    if isinstance(init_scale, str) and init_scale == "auto":
        return None
    try:
        scales = np.array(init_scale, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        scales = np.empty(0)  # no factor
    is_one_or_two = scales.shape in ((), (2,))
    if not is_one_or_two or not np.all(np.isfinite(scales) & (scales >= 0)):
        raise ValueError(
            "init_scale must be 'auto', a number in [0, inf), or a pair of them for "
            f"the hidden and the output weights, got {init_scale!r}."
        )
    hidden, output = np.full(2, scales).tolist()
    return hidden, output


def layer_scales(init, init_scale, architecture):
    """The factors of the hidden and of the output weights, a pair of floats.

    Parameters are as in `starting_weights`.
    """
    given = given_scales(init_scale)
    if given is not None:
        return given
    return auto_scales(architecture) if has_auto_scales(init) else (1.0, 1.0)


def init_name(init):
    """The name of a scheme or of a callable, or "explicit weights"."""
    if isinstance(init, str):
        return init
    if callable(init):
        return getattr(init, "__name__", type(init).__name__)
    return "explicit weights"


def start_in_words(init, init_scale):
    """The start as its parameters were given, such as ``"init='zeros'"``."""
    words = init_name(init)
    if callable(init):
        words = f"init={words}"
    elif isinstance(init, str):
        words = f"init={words!r}"
    if not isinstance(init_scale, str) or init_scale != "auto":
        words += f", init_scale={init_scale!r}"
    if _vanishes_in_float32(init, init_scale):
        words += ", which is 0 in float32"
    return words


def _vanishes_in_float32(init, init_scale):
    """Whether weights that are not 0 are all 0 once they are rounded to float32."""
    try:
        scales = np.array(given_scales(init_scale) or (1.0, 1.0))  # "auto" is no zero
        if not isinstance(init, str) and not callable(init):
            scales = scales * [np.max(np.abs(coef)) for coef in init[0]]
    except (LookupError, TypeError, ValueError):  # bad values that were set after fit
        return False
    with np.errstate(over="ignore", under="ignore"):
        return bool(np.any(scales > 0) and not np.any(scales.astype(np.float32)))


def starting_weights(init, init_scale, rng, architecture):
    """One start: weights and biases of both layers, in the textbook's orientation.

    Parameters
    ----------
    init : str, callable or (coefs, intercepts)
        The name of a row of `SCHEMES`; a function ``init(rng, shape) -> array``, which
        is called for the hidden layer and then for the output layer; or explicit arrays
        in the layout of ``coefs_`` and ``intercepts_``.
    init_scale : "auto", float or pair of floats
        Factor of the weights, never of the biases.
    rng : RandomState
        Source of the draws. Zeros and explicit arrays draw nothing.
    architecture : Architecture
        The value of ``"auto"`` depends on its activation and its sizes.

    Returns
    -------
    weights, biases : two lists of two arrays each
        Shapes (n_out, n_in) and (n_out,), of the architecture's dtype.

    Raises
    ------
    TypeError, ValueError
        If ``init`` gives something that is not finite numbers of the right shape.
    """
    shapes, dtype = architecture.weight_shapes, architecture.dtype
    if isinstance(init, str) or callable(init):
        draw = _from_callable if callable(init) else _from_scheme
        weights = [draw(init, rng, shape) for shape in shapes]
        biases = [np.zeros(n_out) for n_out, _ in shapes]
    else:
        weights, biases = _from_arrays(init, shapes)
    # After the draws, which raise an error if a width is too large for a float.
    scales = layer_scales(init, init_scale, architecture)
    with np.errstate(over="ignore"):
        weights = [W * scale for W, scale in zip(weights, scales, strict=True)]
    return [_cast(W, dtype) for W in weights], [_cast(b, dtype) for b in biases]


def _from_scheme(name, rng, shape):
    if name == "zeros":
        return np.zeros(shape)
    return SCHEMES[name](rng.standard_normal(shape))


def _from_callable(init, rng, shape):
    """What ``init(rng, shape)`` returns. The error of another call says how to call."""
    try:
        array = init(rng, shape)
    except (AttributeError, TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"init={init_name(init)} was called as init(rng, {shape}), with a "
            "RandomState and the shape of the weights of a layer, and raised "
            f"{type(error).__name__}: {error}. Give a function that takes these two "
            "and returns an array of that shape, such as "
            "lambda rng, shape: rng.standard_normal(shape)."
        ) from error
    return _checked_array(array, shape, f"init(rng, {shape})")


def _from_arrays(init, shapes):
    try:
        (coef_1, coef_2), (bias_1, bias_2) = init
    except (TypeError, ValueError):
        raise ValueError(
            "init: explicit weights must be a pair (coefs, intercepts) of two arrays "
            f"each, as in coefs_ and intercepts_, got {type(init).__name__} that does "
            "not unpack so."
        ) from None
    (h, d), (c, _) = shapes
    W1 = _checked_array(coef_1, (d, h), "init: coefs[0]").T
    W2 = _checked_array(coef_2, (h, c), "init: coefs[1]").T
    b1 = _checked_array(bias_1, (h,), "init: intercepts[0]")
    b2 = _checked_array(bias_2, (c,), "init: intercepts[1]")
    return [W1, W2], [b1, b2]


def _checked_array(values, shape, name):
    try:
        if isinstance(values, np.ndarray) and np.iscomplexobj(values):
            raise TypeError("the numbers are complex")  # NumPy would only warn
        with np.errstate(over="ignore"):
            array = np.array(values, dtype=np.float64)  # a copy: init may reuse it
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(
            f"{name} must be an array of real numbers of shape {shape}, "
            f"got {type(values).__name__}: {error}"
        ) from None
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity.")
    return array


def _cast(array, dtype):
    with np.errstate(over="ignore"):
        cast = array.astype(dtype)
    if not np.isfinite(cast).all():
        raise ValueError(
            f"init_scale: the scaled starting weights overflow {np.dtype(dtype).name}; "
            "lower init_scale or the magnitude of init."
        )
    return cast
