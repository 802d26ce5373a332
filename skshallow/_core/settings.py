"""The hyperparameters that training reads, with a value for every lane."""

from typing import NamedTuple

import numpy as np


class Settings(NamedTuple):
    """Hyperparameters of training; those in (K,) arrays may differ between lanes.

    Parameters
    ----------
    learning_rate : ndarray of shape (K,)
    hidden_rate : ndarray of shape (K,)
        Factor on the learning rate for the weights of the hidden layer.
    weighs_batches : ndarray of bool of shape (K,)
        Whether the gradient is smaller where a batch weighs less than its rows' share.
    penalty, momentum : ndarray of shape (K,)
        The penalty is ``alpha`` over the weight of all training rows.
    is_cosine : ndarray of bool of shape (K,)
        Whether the learning rate falls to 0 over ``max_iter`` iterations.
    tol : ndarray of shape (K,)
        ``-inf`` never stops.
    n_iter_no_change, max_iter : ndarray of shape (K,)
    nesterov : bool
    plateau_loss : float
        The constant predictor's loss.
    early_stopping : bool
        Whether validation scores decide, instead of the loss.
    """

    learning_rate: np.ndarray
    hidden_rate: np.ndarray
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
        """The settings of some of the lanes."""
        kept = (v[lanes] if isinstance(v, np.ndarray) else v for v in self)
        return Settings(*kept)
