"""Conditions of rules that take more than a line, or serve several rules.

They are functions of the measurements of one network, for the table in
``warning_rules``. What also serves texts, or is shown to users, is a property of the
measurements.
"""

import numpy as np

from skshallow._advice.measurements import (
    COSTLY,
    LAG,
    NO_EVIDENCE,
    SATURATED,
    STOPPING_RULES,
)
from skshallow._core.activations import can_die, is_bounded
from skshallow._core.stopping import PLATEAU
from skshallow._fit.defaults import MOST_TEMPERATURE

# By how much the noise of mini-batches may keep a loss above a plateau, as a share of
# the loss of equal probabilities. On 100 features without a pattern it was 1.2%.
NOISE_OF_BATCHES = 0.05
# Number of iterations after which a fit should have learnt something, even if it still
# improves: the patience of the stopping rule.
LONG = 50
# Where a rate is below the measured one by this factor, or updates are few, a loss near
# guessing shows that the rate is too low.
FAR_BELOW = 100
# From this share of dead units on, they are the cause if a network lags: long steps
# killed 94 to 98 of 100 units on moons. If fewer are dead, more units, L-BFGS or a
# lower penalty often help more than shorter steps.
NEARLY_ALL_DEAD = 0.9
# A network that started on flat parts has left them if a smaller share is there at the
# end: tanh units that start at 3 learn breast cancer, and go from 84% to 5%.
STILL_FLAT = 0.25

# ---------------------------------------------------------------------------
# How training ended


def is_brief(m):
    """Whether training had few iterations, and more would lower the loss."""
    is_short = len(m.loss_curve) < LONG and m.status not in STOPPING_RULES
    return is_short and m.is_unfinished


def has_grown(m):
    """Whether the loss is above its first value and above that of guessing."""
    return m.last_loss > max(m.loss_curve[0], m.chance_loss)


def jumps_and_fails(m):
    """Whether the loss goes up and down, and the network is not good all the same."""
    return m.jumps and (has_grown(m) or m.is_poor)


def has_settled(m):
    """Whether the loss of a poor network has levelled, after many updates."""
    may_fall = m.is_unfinished or m.keeps_earlier
    has_levelled = not (may_fall or m.jumps or m.status == "plateau")
    return has_levelled and m.is_poor


def has_settled_too_early(m):
    """Whether a poor network has settled, or a stopping rule has ended training."""
    # A stopping rule may end training, or choose an iteration, while the loss falls.
    is_cut = m.status in STOPPING_RULES or m.keeps_earlier
    return has_settled(m) or (is_cut and not m.jumps and m.is_poor)


def has_too_few_iterations(m):
    """Whether all iterations were used, and more would help."""
    return m.status == "max_iter" and m.is_unfinished and costs_much(m)


def has_not_converged(m):
    """Whether a fit has used all its iterations, and should have used more."""
    # A fixed number of iterations that is used up is no lack of convergence.
    if m.status != "max_iter" or m.is_fixed:
        return False
    is_cut = m.is_unfinished and not is_brief(m)
    return m.has_rule or (is_cut and should_do_better(m) and m.lags)


def should_do_better(m):
    """Whether a fit should predict its rows as well as plain models predict others."""
    # What cross-validation has chosen need not do so. At a constant rate a network that
    # has used all its iterations may still improve.
    is_over = m.status in STOPPING_RULES or m.is_at_end
    return is_over and not (m.is_chosen or m.activation == "identity")


# ---------------------------------------------------------------------------
# Whether a network has learnt something


def has_learnt(m):
    """Whether a choice by cross-validation predicts rows that it was not trained on."""
    # Even weights that a penalty has made tiny may rank these rows.
    is_better = m.loss < (1 - PLATEAU) * m.chance_loss
    return m.is_chosen and m.evidence > NO_EVIDENCE and is_better


def plain_models_find_nothing(m):
    """Whether plain models find no relation of labels and features."""
    # Three standard errors must be less than 0.12: then an area under the ROC curve of
    # 0.62 would have been found.
    return m.baseline_evidence < NO_EVIDENCE and m.baseline_error < 0.04


def may_have_nothing_to_learn(m):
    """Whether labels look unrelated to the features, to plain models and the net."""
    # A network may learn what plain models do not see, as the parity of many bits.
    return plain_models_find_nothing(m) and not (m.is_constant or has_learnt(m))


def costs_much(m):
    """Whether a network is worse than plain models, or than equal probabilities."""
    # A good network may still improve a little when its iterations end. If a class is
    # rare, the loss of a constant prediction can be less than the penalty of a good
    # network, so that the loss is not compared with that.
    return m.is_poor or m.last_loss > np.log(m.n_classes)


def has_failed(m):
    """Whether a network has learnt little, so that a cause is to be named."""
    # A good net may also predict no row of a rare class.
    is_constant = m.chance_loss > 0.5 * np.log(m.n_classes) and m.n_predicted == 1
    is_useless = (m.guesses or is_constant) and not has_learnt(m)
    return is_useless or m.is_poor


def penalty_outweighs_data(m):
    """Whether the penalty is the reason why a network has learnt little."""
    return m.has_strong_penalty and has_failed(m) and not plain_models_find_nothing(m)


def is_too_simple(m):
    """Whether a network without an activation is worse than plain models."""
    # The loss of a linear network may have settled at that of guessing: on circles.
    may_fall = m.still_falls and m.status != "plateau"
    has_levelled = not (may_fall or m.jumps or np.isnan(m.baseline_accuracy))
    return m.activation == "identity" and m.is_poor and has_levelled


def has_too_few_units(m):
    """Whether a network that needs all its units is worse than plain models."""
    # If the effective rank is near its bound, every unit is needed. But a low rate, a
    # small start that a stopping rule ended, or a large one, may have kept units from
    # learning.
    is_kept = m.has_low_rate or (m.starts_small and m.status in STOPPING_RULES)
    is_kept |= starts_too_large(m) or (m.starts_saturated and m.is_saturated)
    # Without labels there are no plain models to compare with.
    is_surpassed = should_do_better(m) and has_settled(m)
    is_surpassed = is_surpassed and not np.isnan(m.baseline_accuracy)
    return is_surpassed and m.rank > 0.6 * m.n_hidden and not is_kept


# ---------------------------------------------------------------------------
# Features, starts and steps


def suffers_from_scale(m):
    """Whether features that are not scaled make a network worse than plain models."""
    # With a scale far from 1, it is enough that a plain model or guessing is better.
    is_worse = m.is_poor or m.lag > 0 or m.final_loss > 1
    may_do_harm = m.are_unlike or (m.are_fairly_large and not m.jumps)
    is_impaired = (m.is_unscaled and is_worse) or (may_do_harm and m.lags)
    return is_impaired and not suffers_from_outliers(m)


def suffers_from_outliers(m):
    """Whether rows that are far from all others make a network worse."""
    # A start or a rate that a user has set comes first. A network that learns what
    # plain models do may still learn more without these rows.
    is_set = not m.is_auto_start or m.has_low_rate or m.has_high_rate
    return m.has_outliers and not (is_set or m.accuracy > 1 - LAG)


def is_due_to_scale(m):
    """Whether the features are the reason of whatever is wrong with a fit."""
    # If one feature is too small to be used, the only sign is that the net is linear.
    is_due_to_rows = suffers_from_outliers(m)
    return m.is_unscaled or is_due_to_rows or (m.are_unlike and is_linear_and_lags(m))


def is_held_back_by_features(m):
    """Whether unscaled features or outliers make a fit worse than neighbours."""
    may_do_better = m.may_be_more and m.status != "stopped"
    if not (may_do_better and m.accuracy < 1 - LAG):  # the rest takes long to measure
        return False
    have_wrong_scale = m.is_unscaled or m.are_fairly_large or m.are_unlike
    return (have_wrong_scale or suffers_from_outliers(m)) and m.lags


def has_dead_units(m):
    """Whether units are never active, all of them or so many that it does harm."""
    if not can_die(m.activation):
        return False
    if m.n_predicted == 1 and m.inactive == 1:
        return m.feature_scale > 0
    # Good networks do not need their dead units, and a strong penalty leaves no weights
    # to units.
    is_other = is_brief(m) or m.has_strong_penalty
    return not is_other and m.is_poor and m.inactive >= NEARLY_ALL_DEAD


def has_saturated_units(m):
    """Whether units are on flat parts, and it does harm."""
    # Training often moves units from a large start off the flat parts, and the net is
    # good. If the loss jumps, the steps are to blame for all.
    does_harm = costs_much(m) if m.starts_saturated else m.is_poor and not m.jumps
    return m.is_saturated and does_harm


def suffers_from_saturation(m):
    """Whether units are or were on flat parts, and a fit has not succeeded."""
    # From a large start, training may leave the flat parts, or succeed all the same.
    if not is_bounded(m.activation):
        return False
    if m.last_loss > COSTLY * np.log(m.n_classes) and m.saturation_start > SATURATED:
        return m.saturation > STILL_FLAT
    # Units with large weights may be on flat parts in the best network of few units.
    may_lag = m.accuracy < 1 - LAG and not (is_brief(m) or m.jumps)
    may_do_harm = may_lag and (m.starts_saturated or m.has_high_rate)
    return may_do_harm and m.saturation > SATURATED and m.lags


def starts_too_large(m):
    """Whether the outputs start confident and wrong, because of the start alone."""
    # Ten times the loss of equal probabilities.
    is_dear = m.loss_curve[0] > 10 * np.log(m.n_classes)
    # Long steps, unscaled features and strong penalties also give a high first loss.
    is_other = m.is_auto_start or m.has_strong_penalty or m.jumps
    return is_dear and costs_much(m) and not is_other


def starts_too_small(m):
    """Whether a poor network has stayed at a tiny start."""
    # Features of unit scale and a start at 0.01 give pre-activations of at least 0.01.
    is_tiny = m.starts_small and 0 < m.input_start < 0.01
    return is_tiny and is_at_guessing(m)


def has_too_low_a_rate(m):
    """Whether a low learning rate is the reason why a network has learnt little."""
    # After fewer iterations max_iter may be too low, and from a tiny start any rate is.
    is_slow = m.has_low_rate and m.n_iter >= LONG and m.input_start > 0.01
    if not is_slow or m.jumps:
        return False
    # Labels without a pattern, too, leave a net of a low rate near guessing.
    is_very_slow = m.has_few_updates or FAR_BELOW * m.learning_rate_init < m.auto_rate
    is_near_guessing = m.final_loss > 0.9 and m.accuracy < 1 - LAG
    return m.is_poor or (is_very_slow and is_near_guessing)


# ---------------------------------------------------------------------------
# Linear models and guesses


def is_linear_and_lags(m):
    """Whether a network that does no more than a linear model lags plain models."""
    # What takes long to measure comes last.
    return m.accuracy < 1 - LAG and m.is_linear and m.lags


def is_on_linear_plateau(m):
    """Whether training has ended at a linear model, and there is more to learn."""
    if not is_linear_and_lags(m):
        return False
    # Nets of uneven weights, of a strong penalty, or of folds that leave out classes,
    # lag because of these.
    is_other = m.jumps or m.favoured or m.has_strong_penalty
    return m.is_poor and not (is_other or guesses_on_unseen_rows(m))


def guesses_on_unseen_rows(m):
    """Whether the nets of the folds have learnt nothing that holds for other rows."""
    # A start or a stopping rule may have kept training at guessing.
    is_kept = m.stopping_off or not m.is_auto_start
    is_guessing = m.temperature >= MOST_TEMPERATURE
    return is_guessing and not (is_kept and ended_on_the_plateau(m))


def ignores_a_class(m):
    """Whether a rare class is never predicted that the network could predict."""
    is_rare = 0 < m.missed_share < 0.5 / m.n_classes
    is_apart = m.evidence > NO_EVIDENCE and not m.guesses
    return is_rare and (is_apart or has_learnt(m)) and not m.favoured


def ended_on_the_plateau(m):
    """Whether a fit is no better than a constant prediction."""
    # An average has this status if one of its nets has it, and others may be good. A
    # choice may be a little better than guessing only on the rows of its nets.
    is_guessing = m.is_chosen and m.is_on_plateau and m.n_predicted > 1
    is_there = (m.status == "plateau" or is_guessing) and m.guesses
    return is_there and not has_learnt(m) and not m.is_fixed


def is_at_guessing(m):
    """Whether a network is no better than a constant prediction, though it could be."""
    # On a few rows, as the four of XOR, no accuracy is known to be poor.
    is_known = m.is_poor or (m.n_predicted == 1 and ended_on_the_plateau(m))
    return m.is_on_plateau and is_known


def predicts_one_class(m):
    """Whether a net predicts one of several classes, for a reason not yet known."""
    # A net may tell a rare class from the others although this class is never the most
    # probable one. A single net is warned of all the same, because this cannot be told
    # from overfitting. There is no warning if a user stopped training, and the plateau
    # of the constant predictor has a rule of its own.
    may_be_more = m.status != "stopped" and not ended_on_the_plateau(m)
    is_wrong = m.n_predicted == 1 and m.chance_loss != 0
    return is_wrong and may_be_more and not has_learnt(m)


def ends_above(m):
    """Whether a fit ended above the loss of a constant prediction."""
    highest = m.chance_loss + NOISE_OF_BATCHES * np.log(m.n_classes)
    if not m.last_loss > highest or m.is_fixed:
        return False
    has_ended = m.status in ("converged", "max_iter")
    # The penalty is subtracted from the loss. But if training made the weights large,
    # or features are not scaled, a high penalty shows the failure.
    is_misfit = has_grown(m) or m.is_unscaled
    return has_ended and m.last_loss - (0 if is_misfit else m.weight_loss) > highest
