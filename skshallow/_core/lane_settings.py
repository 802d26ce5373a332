"""The parameters of training: which may differ from lane to lane, and which not.

To let another parameter differ from lane to lane, add a field to `LaneSettings`, and
its value to ``_settings_of`` of ``train_together``, and take it out of ``MUST_MATCH``
of ``cohorts``. The code that uses it reads an array (K,).
"""

from typing import NamedTuple

import numpy as np


class LaneSettings(NamedTuple):
    """Parameters of training. Those in (K,) arrays may differ from lane to lane.

    Parameters
    ----------
    learning_rate : ndarray of shape (K,)
    hidden_factor : ndarray of shape (K,)
        Factor of the learning rate for the weights of the hidden layer.
    weighs_batches : ndarray of bool of shape (K,)
        Whether the gradient of a light batch is scaled down. A batch is light if its
        weight is smaller than its number of rows times the mean weight of a row. For
        a last batch with fewer rows than the others, their number of rows counts.
    penalty, momentum : ndarray of shape (K,)
        The penalty is ``alpha`` over the weight of all training rows.
    is_cosine : ndarray of bool of shape (K,)
        Whether the learning rate falls to 0 over ``max_iter`` iterations.
    tol : ndarray of shape (K,)
        With ``-inf`` training never stops early.
    n_iter_no_change, max_iter : ndarray of shape (K,)
    nesterov : bool
    plateau_loss : float
        The loss of the best constant prediction.
    early_stopping : bool
        Whether validation scores, and not losses, decide when training stops.
    """

    learning_rate: np.ndarray
    hidden_factor: np.ndarray
    weighs_batches: np.ndarray
    penalty: np.ndarray
    momentum: np.ndarray
    is_cosine: np.ndarray
    tol: np.ndarray
    n_iter_no_change: np.ndarray
    max_iter: np.ndarray
    nesterov: bool
    plateau_loss: float
    early_stopping: bool

    def keep(self, lanes):
        """The settings of the given lanes."""
        values = (v[lanes] if isinstance(v, np.ndarray) else v for v in self)
        return LaneSettings(*values)
