"""The starts and curves of nets, which a search keeps with ``return_curves=True``."""

import numpy as np

from skshallow._fit.pipelines import end_of

CURVES = "loss_curve_", "validation_loss_curve_", "validation_scores_"
START = "init_coefs_", "init_intercepts_"


def curves_of(model):
    """The curves and the start of the net in which a model ends, as a dict.

    Parameters
    ----------
    model : fitted estimator or None
        None stands for a failed fit. A model that does not end in a net has empty
        curves, the status "" and the start None.
    """
    *_, net = end_of(model)
    curves = {name: getattr(net, name, None) for name in CURVES}
    curves = {name: np.array([] if of is None else of) for name, of in curves.items()}
    status = getattr(net, "status_", "failed" if model is None else "")
    start = {name: getattr(net, name, None) for name in START}
    return {**curves, "status_": status, **start}
