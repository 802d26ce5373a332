"""When the rules apply: questions to the measurements of one network.

The table in ``rules`` names these functions. A diagnosis has all measurements; a fit
has fewer, and must not warn without need.
"""

import numpy as np

from skshallow._advice.measurements import ENDED, NO_EVIDENCE, SATURATED
from skshallow._core.activations import is_bounded

# By how much mini-batches may keep a loss above a plateau, as a share of what an even
# guess costs: on 100 features without a pattern they did by 1.2%.
NOISE = 0.05
# How near to the loss of guessing the plateau is: that of the rule that stops fits.
PLATEAU = 0.01
# Iterations from which on a fit was given the time to learn something, even if it still
# gets better: the patience of the rule that stops fits.
LONG = 50


def has_learnt(m):
    # Only cross-validation knows what the nets of a fit say of rows that they have not
    # seen. Weights that a penalty has nearly brought to 0 may still rank them.
    is_better = m.loss < (1 - PLATEAU) * m.chance_loss
    return m.is_chosen and m.evidence > NO_EVIDENCE and is_better


# ---------------------------------------------------------------------------
# Conditions of a diagnosis


def costs_much(m):
    # A budget may well end while a good network is still getting a little better. The
    # mark is that of an even guess: of rare classes a constant prediction costs so
    # little that the penalty of a good network can cost more.
    return m.is_poor or m.loss_curve[-1] > np.log(m.n_classes)


def shows_nothing(m):
    # Three standard errors are to be less than 0.12, for an area under the ROC curve of
    # 0.62 would have been found by then.
    return m.reference_evidence < NO_EVIDENCE and m.reference_error < 0.04


def is_outweighed(m):
    is_bad = m.is_poor or (m.is_on_plateau and not has_learnt(m))
    return m.has_strong_penalty and not shows_nothing(m) and is_bad


def has_unscaled_features(m):
    # Far beyond, it is enough that a plain model does better.
    lags = m.is_poor or m.accuracy < m.reference_accuracy
    return lags and m.is_unscaled


def has_dead_units(m):
    # Good networks have a few, and can do without; of a small start that rests at a
    # line half of the units point away from it, and none has been thrown there.
    are_missed = m.dead >= 0.5 and m.is_poor and not (m.is_linear and m.starts_small)
    is_relu = m.activation == "relu" and m.feature_scale > 0
    return is_relu and (m.dead == 1 or are_missed)


def is_saturated_from_the_start(m):
    # Large starts that training brings off the flat parts end well, and often; units
    # that moved by more than their size are where the steps have taken them.
    is_flat = min(m.saturation_start, m.saturation) > 0.5 and m.distance_hidden < 1
    is_to_blame = costs_much(m) and not m.is_unscaled
    return is_bounded(m.activation) and is_flat and is_to_blame


def starts_too_large(m):
    # Ten times the cost of an even guess: the outputs start certain, and wrong.
    is_dear = m.loss_curve[0] > 10 * np.log(m.n_classes)
    # Long steps, unscaled features and strong penalties make a first epoch dear, too.
    is_other = m.is_auto_start or m.has_strong_penalty or m.jumps
    return is_dear and costs_much(m) and not is_other


def is_saturated_by_training(m):
    is_flat = is_bounded(m.activation) and m.saturation > 0.5
    is_other = m.is_unscaled or is_saturated_from_the_start(m)
    return is_flat and m.is_poor and not is_other


def learns_too_slowly(m):
    # A start that is not small, whose curve is near a straight line after many steps:
    # it is the steps that are short. `still_falls` alone is a matter of max_iter.
    is_short = m.still_falls and not m.jumps and m.input_start > 0.01
    return m.is_poor and m.n_iter >= 50 and m.has_low_rate and is_short


def is_linear_for_no_reason(m):
    return m.is_linear and m.is_poor and m.lags and not (m.jumps or m.is_unscaled)


def has_settled(m):
    return m.is_poor and not (m.still_falls or m.jumps or m.status == "plateau")


def starts_too_small(m):
    # Features of unit scale at 0.01, as in the lecture, give inputs of 0.01 and more.
    is_tiny = m.starts_small and 0 < m.input_start < 0.01
    return m.is_on_plateau and m.is_poor and is_tiny


def ignores_a_class(m):
    # It tells the classes apart, so that it could predict them all.
    is_rare = 0 < m.missed_share < 0.25
    is_apart = m.evidence > NO_EVIDENCE and not m.is_on_plateau
    return is_rare and (is_apart or has_learnt(m))


def stops_early(m):
    # The stopping rule may end it while it still falls.
    is_stopped = m.status in ENDED and not m.jumps
    return has_settled(m) or (m.is_poor and is_stopped)


# ---------------------------------------------------------------------------
# Conditions of a fit


def is_cut_short(m):
    # One iteration says nothing, but of L-BFGS, which ends so at a stationary point.
    is_first = len(m.loss_curve) == 1 and m.solver != "lbfgs"
    return is_first or m.still_falls


def had_time(m):
    # Where it outweighs the data, a penalty shrinks large weights for very long.
    return len(m.loss_curve) >= LONG or not is_cut_short(m)


def learnt_little(m):
    # Of a rare class good nets may have no row, too.
    is_constant = m.n_predicted == 1 and m.chance_loss > 0.5 * np.log(m.n_classes)
    is_useless = m.final_loss > 0.95 or is_constant or (m.is_linear and m.lags)
    return is_useless and had_time(m) and not has_learnt(m)


def is_dead(m):
    return m.activation == "relu" and m.dead == 1 and m.feature_scale > 0


def suffers_from_saturation(m):
    # From a large start training may well get off the flat parts, or do without.
    is_slow = m.saturation > 0.5 or m.status == "max_iter"
    is_costly = m.loss_curve[-1] > 0.9 * np.log(m.n_classes)
    starts_flat = m.saturation_start > SATURATED
    return is_bounded(m.activation) and starts_flat and is_slow and is_costly


def is_linear_at_rest(m):
    return m.is_linear and m.lags and not (is_cut_short(m) or m.jumps)


def is_held_back_by_small_features(m):
    may_do_better = m.may_be_more and m.lags and m.status != "stopped"
    return m.has_small_features and may_do_better and had_time(m)


def asks_for_convergence(m):
    return not np.isnan(m.tol)  # with tol=None nobody wants to hear of it


def never_left_the_plateau(m):
    is_there = m.status == "plateau" and not has_learnt(m)
    return is_there and asks_for_convergence(m)


def predicts_one_class(m):
    # A rare class may well be told from the others and never be the likelier one. Of a
    # single net that is said, as it cannot be told from what it has learnt by heart.
    # Whoever stops training knows that it is not done, a budget cut short is no reason
    # to worry, and the plateau of the constant predictor has a row of its own.
    is_cut = m.status == "stopped" or (m.status == "max_iter" and m.still_falls)
    is_said = m.status == "plateau" and asks_for_convergence(m)
    return m.n_predicted == 1 and not (is_cut or is_said or has_learnt(m))


def settles_above(m):
    is_short = m.n_iter < LONG and m.still_falls
    has_ended = m.status == "converged" or (m.status == "max_iter" and not is_short)
    # A penalty on what large weights have learnt is no misfit, but of features without
    # a scale it is the sign.
    misfit = m.last_loss - (0 if m.is_unscaled else m.weight_loss)
    is_above = misfit > m.chance_loss + NOISE * np.log(m.n_classes)
    return has_ended and is_above and asks_for_convergence(m)
