"""The mathematics of one hidden layer, for K networks at once.

    A = g(W1 X' + b1)      Z = W2 A + b2

Shape legend (referred to everywhere else)
------------------------------------------
K lanes, m samples in a block, d features, h hidden units, c outputs (1 for binary).

::

    X    (m, d + 1)      one block for all lanes; [X 1] in equations, where X is (m, d)
    X_T  (d + 1, m)      the same, transposed
                         (K, m, d + 1) and (K, d + 1, m) if lanes have rows of their own
    W1   (K, h, d)   b1 (K, h, 1)      [W1 b1] is one (K, h, d + 1) array
    W2   (K, c, h)   b2 (K, c, 1)      [W2 b2] is one (K, c, h + 1) array
    P    (K, p)          the parameters: both arrays side by side
    A    (K, h + 1, m)   hidden activations, then a row of ones; `units` is all but this
    Z    (K, c, m)       logits
    D    (K, h, m)       slopes of the activation, then dL / d(W1 X' + b1), in which
                         the factor W2' may be left out and multiplied later

A lane is one network, and no operation mixes lanes: a lane has the same numbers as when
it is trained alone, to the last bit. ``workspace`` decides where numbers lie in memory
and which function multiplies them. No solver, estimator or label is known here.
"""

from typing import NamedTuple

import numpy as np


class Architecture(NamedTuple):
    """Sizes, activation and loss of a network.

    Parameters
    ----------
    n_features, n_hidden : int
        d and h.
    activation : Activation
        g and its slope.
    loss : LogisticLoss or SoftmaxLoss
        ``loss.n_outputs`` is c.
    dtype : numpy dtype
    """

    n_features: int
    n_hidden: int
    activation: object
    loss: object
    dtype: np.dtype

    @property
    def weight_shapes(self):
        """Shapes of W1 and W2 of one network."""
        return (self.n_hidden, self.n_features), (self.loss.n_outputs, self.n_hidden)

    @property
    def n_parameters(self):
        """Number of parameters of one network: p."""
        return sum(n_out * (n_in + 1) for n_out, n_in in self.weight_shapes)

    def layers(self, P):
        """Views [W1 b1] (..., h, d + 1) and [W2 b2] (..., c, h + 1) into P (..., p)."""
        (h, d), (c, _) = self.weight_shapes
        split = h * (d + 1)
        hidden = P[..., :split].reshape(*P.shape[:-1], h, d + 1)
        return hidden, P[..., split:].reshape(*P.shape[:-1], c, h + 1)

    def pack(self, weights, biases):
        """Parameters (..., p) from weights (W1, W2) and biases (b1, b2)."""
        P = np.empty((*np.shape(weights[0])[:-2], self.n_parameters), self.dtype)
        for layer, W, b in zip(self.layers(P), weights, biases, strict=True):
            layer[..., :-1] = W
            layer[..., -1] = b
        return P

    def unpack(self, P):
        """The inverse of `pack`: copies of the weights and of the biases."""
        layers = self.layers(P)
        return [L[..., :-1].copy() for L in layers], [L[..., -1].copy() for L in layers]

    def is_weight(self):
        """Mask (p,) of the penalised parameters: 1 for weights, 0 for biases."""
        return self.pack((1, 1), (0, 0))


def forward(activation, layers, X_T, work):
    """Compute hidden activations ``work.units`` and logits ``work.Z`` of a block.

    Parameters
    ----------
    activation : Activation
    layers : pair
        Hidden and output layer, in the form that the workspace multiplies.
    X_T : array of shape (d + 1, m) or (K, d + 1, m)
    work : Workspace
    """
    hidden, output = layers
    work.times_columns(hidden, X_T, work.units)  # [W1 b1] [X 1]'     -> (K, h, m)
    activation.apply(work.units)  # A = g(W1 X' + b1)
    work.multiply(output, work.A, work.Z)  # [W2 b2] [A; 1]           -> (K, c, m)


def backward(activation, W2_T, X, work, gradients):
    """Compute gradients by both layers from dL/dZ, which is in ``work.dZ``.

    Parameters
    ----------
    activation : Activation
    W2_T : ndarray of shape (h, c) or (K, h, c)
    X : array of shape (m, d + 1) or (K, m, d + 1)
    work : Workspace
        It must hold the values that `forward` computed for the same block.
    gradients : pair
        Arrays of the shapes of both layers. They are overwritten.
    """
    D, dZ, (d_hidden, d_output) = work.D, work.dZ, gradients
    work.multiply(dZ, work.A_T, d_output)  # dL/dZ [A; 1]'           -> (K, c, h + 1)
    activation.slope(work.units, D)  # D = g'(W1 X' + b1)            -> (K, h, m)
    if work.dA is None:
        D *= dZ
        work.times_rows(D, X, d_hidden)  # (D * dL/dZ) [X 1]         -> (K, h, d + 1)
        d_hidden *= W2_T
    else:
        work.outer(W2_T, dZ, work.dA)  # dL/dA = W2' dL/dZ           -> (K, h, m)
        D *= work.dA
        work.times_rows(D, X, d_hidden)  # (D * dL/dA) [X 1]         -> (K, h, d + 1)
