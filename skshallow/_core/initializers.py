"""The initialisation schemes: from unit draws to the weights of a layer at scale 1.

Weights have the textbook's orientation: ``W1`` is (n_hidden, n_features) and ``W2``
(n_outputs, n_hidden). A scheme multiplies standard normals by a gain that depends on
the shape; only ``"orthogonal"`` does more. So, for one seed, the starts of two other
random schemes differ by a factor only. To add a scheme, add a row to `SCHEMES`.
"""

from math import sqrt

import numpy as np
from scipy.linalg import qr


def _glorot(draw):
    """Variance 2 / (in + out): Glorot and Bengio (AISTATS 2010), equation 12."""
    return draw * np.sqrt(2 / sum(draw.shape))


def _he(draw):
    """Variance 2 / in: He, Zhang, Ren and Sun (ICCV 2015), equation 10."""
    return draw * np.sqrt(2 / draw.shape[1])


def _lecun(draw):
    """Variance 1 / in: LeCun, Bottou, Orr and Müller (1998), section 4.6."""
    return draw * np.sqrt(1 / draw.shape[1])


def _orthogonal(draw):
    """Orthonormal rows, or columns if there are more rows than columns.

    The matrix is uniform over all such matrices: Saxe, McClelland and Ganguli
    (arXiv:1312.6120). The Q of a Gaussian matrix is uniform only if the diagonal of R
    is made positive: Mezzadri (Notices of the AMS, 2007).
    """
    wide = draw.shape[0] < draw.shape[1]
    Q, R = qr(draw.T if wide else draw, mode="economic")
    Q *= np.where(np.diag(R) < 0, -1.0, 1.0)
    return Q.T if wide else Q


# Functions from the unit draws of one layer to its weights at scale 1.
SCHEMES = {
    "randn": lambda draw: draw,
    "zeros": np.zeros_like,
    "glorot": _glorot,
    "he": _he,
    "lecun": _lecun,
    "orthogonal": _orthogonal,
}

# With "auto" the weights of a layer have the standard deviation gain / sqrt(inputs).
# For standardised features the pre-activations of a unit then start with the standard
# deviation gain, whatever the number of features. The gain of tanh is that of LeCun et
# al., the gain of relu that of He et al.; logistic units have twice the gain of tanh,
# because their slope at 0 is a quarter. The gains hardly matter: on the tables of
# ``defaults``, gains of 1, 1.4 and 2 for relu, and of 0.5 and 1 for the output layer,
# gave scores within 0.001 of each other. ``activations`` has the gains of the units.
OUTPUT_GAIN = 1.0


def auto_scales(architecture):
    """The factors of the hidden and of the output weights that "auto" stands for."""
    (_, n_features), (_, n_hidden) = architecture.weight_shapes
    gain = architecture.activation.gain
    return gain / sqrt(n_features), OUTPUT_GAIN / sqrt(n_hidden)
