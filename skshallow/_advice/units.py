"""Measurements of the hidden units of a fitted network, at its start and at its end."""

import numpy as np

import skshallow._advice.measures as measures
from skshallow._fit.result import n_nets_of


def start_of(net):
    """Weights and biases of both layers at the start."""
    return net.init_coefs_, net.init_intercepts_


def end_of(net):
    """Weights and biases of both layers at the end."""
    return net.coefs_, net.intercepts_


def measured(net, X):
    """Measurements of the hidden units of a network, on some rows."""
    activation, n_nets = net._activation, n_nets_of(net)
    Z_start = measures.pre_activations(*start_of(net), X)
    Z = measures.pre_activations(*end_of(net), X)
    A_start = measures.activated(activation, Z_start)
    return {
        "n_distinct_start": _n_distinct(activation, start_of(net), n_nets),
        "n_distinct": _n_distinct(activation, end_of(net), n_nets),
        "saturation_start": share_on_flat_parts(activation, Z_start),
        "saturation": share_on_flat_parts(activation, Z),
        "inactive_start": inactive(A_start).mean(),
        "input_start": _root_mean_square(Z_start),
        "linear_share": measures.linear_shares(Z, net.coefs_[1].shape[1]),
        "straight_share": straight_share(net, Z),
    }


@np.errstate(all="ignore")  # units and logits may be infinite, or constant
def straight_share(net, Z):
    """Share of the variance of the logits if every unit is replaced by its best line.

    Parameters
    ----------
    Z : ndarray of shape (n, h)
        Inputs of the hidden units.
    """
    A = measures.activated(net._activation, Z)
    Z, A = Z - Z.mean(axis=0), A - A.mean(axis=0)
    squares = np.square(Z).sum(axis=0)
    slopes = (Z * A).sum(axis=0) / np.where(squares > 0, squares, 1)
    bent, logits = (A - slopes * Z) @ net.coefs_[1], A @ net.coefs_[1]
    return 1 - np.square(bent).sum() / np.square(logits).sum()


def _n_distinct(activation, average, n_nets):
    """Number of different units, counted within each of the averaged networks.

    The networks of all folds begin with the same units, and some units do not learn.
    """
    (W1, W2), (b1, b2) = average
    (d, h), c = W1.shape, len(b2)
    W1 = W1.reshape(d, n_nets, h // n_nets).swapaxes(0, 1)
    coefs = W1, W2.reshape(n_nets, h // n_nets, c)
    intercepts = b1.reshape(n_nets, h // n_nets), b2
    return measures.n_distinct_units(coefs, intercepts, activation).sum()


def inactive(A):
    """Which units have the activation 0 on every row."""
    return ~A.any(axis=0)


def share_on_flat_parts(activation, Z):
    """Share of pairs of a unit and a sample on flat parts."""
    is_flat = measures.relative_slope(activation, Z) < measures.FLAT
    return is_flat.mean(axis=0).mean()


def _root_mean_square(Z):
    norm, exponent = measures.matrix_norm(Z.astype(np.float64))
    return np.ldexp(norm / np.sqrt(Z.size), exponent)
