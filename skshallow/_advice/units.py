"""Measurements of the hidden units of a fitted network, at its start and at its end."""

import numpy as np

import skshallow._advice.net_measures as net_measures
from skshallow._fit.result import n_nets_of


def weights_at(net, at):
    """Weights and biases of both layers at the "start" or at the "end" of training."""
    if at == "start":
        return net.init_coefs_, net.init_intercepts_
    return net.coefs_, net.intercepts_


def n_distinct(net):
    """Numbers of different units, counted within each of the averaged networks."""
    return {
        "n_distinct_start": _count_distinct(net, *weights_at(net, "start")),
        "n_distinct": _count_distinct(net, *weights_at(net, "end")),
    }


def at_start(net, X):
    """Measurements of the hidden units at the start, on some rows."""
    Z = net_measures.pre_activations(*weights_at(net, "start"), X)
    return {
        "saturation_start": _share_on_flat_parts(net, Z),
        "inactive_start": are_inactive(net, Z).mean(),
        "input_start": _root_mean_square(Z),
    }


def at_end(net, X):
    """Measurements of the hidden units at the end, on some rows."""
    Z = net_measures.pre_activations(*weights_at(net, "end"), X)
    return {
        "saturation": _share_on_flat_parts(net, Z),
        "linear_share": net_measures.linear_shares(Z, net.coefs_[1].shape[1]),
        "straight_share": straight_share(net, Z),
    }


def rank(net, X):
    """Effective rank of the hidden layer on some rows."""
    return net_measures.effective_rank(*weights_at(net, "end"), net._activation, X)


def for_diagnosis(net, X):
    """Measurements of the hidden units, on some rows, that a fit does not need."""
    activation = net._activation
    start, end = weights_at(net, "start"), weights_at(net, "end")
    S, distances = net_measures.unit_similarity(*end, activation), (np.nan, np.nan)
    if start[0][0].shape == end[0][0].shape:  # no units were removed
        distances = net_measures.distance_travelled(start[0], end[0])
    return {
        "inactive": are_inactive(net, net_measures.pre_activations(*end, X)).mean(),
        "dead_start": net_measures.dead_units(*start, activation, X).mean(),
        "dead": net_measures.dead_units(*end, activation, X).mean(),
        "similarity": S[~np.eye(len(S), dtype=bool)].mean() if len(S) > 1 else 1,
        "rank": rank(net, X),
        "distance_hidden": distances[0],
        "distance_output": distances[1],
    }


@np.errstate(all="ignore")  # units and logits may be infinite, or constant
def straight_share(net, Z):
    """Share of the variance of the logits if every unit is replaced by its best line.

    Parameters
    ----------
    Z : ndarray of shape (n, h)
        Inputs of the hidden units.
    """
    A = net_measures.activated(net._activation, Z)
    Z, A = Z - Z.mean(axis=0), A - A.mean(axis=0)
    squares = np.square(Z).sum(axis=0)
    slopes = (Z * A).sum(axis=0) / np.where(squares > 0, squares, 1)
    bent, logits = (A - slopes * Z) @ net.coefs_[1], A @ net.coefs_[1]
    return 1 - np.square(bent).sum() / np.square(logits).sum()


def _count_distinct(net, coefs, intercepts):
    # Units are compared within each network: those of all folds start from the same
    # units, and units that do not learn stay equal to those of another fold.
    (W1, W2), (b1, b2), n_nets = coefs, intercepts, n_nets_of(net)
    d, h = W1.shape
    W1 = W1.reshape(d, n_nets, h // n_nets).swapaxes(0, 1)
    coefs = W1, W2.reshape(n_nets, h // n_nets, len(b2))
    intercepts = b1.reshape(n_nets, h // n_nets), b2
    return net_measures.n_distinct_units(coefs, intercepts, net._activation).sum()


def are_inactive(net, Z):
    """Which units have the activation 0 on every row, by their inputs (n, h)."""
    return ~net_measures.activated(net._activation, Z).any(axis=0)


def _share_on_flat_parts(net, Z):
    is_flat = net_measures.relative_slope(net._activation, Z) < net_measures.FLAT
    return is_flat.mean(axis=0).mean()


def _root_mean_square(Z):
    norm, exponent = net_measures.matrix_norm(Z.astype(np.float64))
    return np.ldexp(norm / np.sqrt(Z.size), exponent)
