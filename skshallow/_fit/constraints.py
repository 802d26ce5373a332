"""The allowed values of the parameters of a net."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from skshallow._core.activations import ACTIVATIONS
from skshallow._core.initializers import SCHEMES
from skshallow._core.optimizers import OPTIMIZERS

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
