"""What a loss curve tells: whether it has levelled, and whether it jumps."""

import numpy as np

# With a cosine rate, half of the sum of all steps is made after this share of the
# iterations: the x of x / 2 + sin(pi x) / (2 pi) = 1 / 4.
COSINE_HALF = 0.265


def curve_still_falls(curve, is_cosine, chance_loss):
    """Whether a loss curve has not levelled.

    The loss falls in the second half of the steps by more than half of what it falls in
    the first half, or in the last tenth of the iterations by more than 0.5% of the loss
    of a constant prediction. The halves are those of the sum of the steps. With a
    cosine rate, under which every curve levels, the first half ends after about a
    quarter of the iterations.

    Parameters
    ----------
    curve : ndarray of shape (n_iter,)
    is_cosine : bool
        Whether the rate fell as a cosine.
    chance_loss : float
        Loss of a constant prediction.
    """
    half = int(len(curve) * (COSINE_HALF if is_cosine else 0.5))
    tenth = max(1, len(curve) // 10)
    first, second = curve[0] - curve[half], curve[half] - curve[-1]
    late = curve[max(0, len(curve) - 1 - tenth)] - curve[-1]
    return second > max(0.5 * first, 0) or late > 0.005 * chance_loss


def curve_jumps(curve, log_n_classes):
    """Whether a loss curve goes up and down instead of settling.

    In its second half the mean step upwards is more than 2% of the loss of equal
    probabilities (well-trained networks have 0.1%). In addition, the curve ends above
    its lowest point by a tenth of that loss, or has been above one and a half times its
    first value.

    Parameters
    ----------
    curve : ndarray of shape (n_iter,)
    log_n_classes : float
        Loss of equal probabilities.
    """
    steps = np.diff(curve[len(curve) // 2 :])
    if not len(steps):
        return False
    rise = np.maximum(steps, 0).mean() / log_n_classes
    high = curve[-1] > curve.min() + 0.1 * log_n_classes
    return rise > 0.02 and (high or curve.max() > 1.5 * curve[0])
