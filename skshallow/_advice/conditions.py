"""Conditions of rules that take more than a line, or serve several rules.

They are functions of the measurements of one network, for the table in ``rules``.
"""

import numpy as np

from skshallow._advice.measurements import COSTLY, NO_EVIDENCE, SATURATED
from skshallow._advice.phrases import ENDED
from skshallow._core.activations import is_bounded
from skshallow._core.stopping import PLATEAU
from skshallow._fit.defaults import MOST_TEMPERATURE

# By how much the noise of mini-batches may keep a loss above a plateau, as a share of
# the loss of equal probabilities. On 100 features without a pattern it was 1.2%.
NOISE_OF_BATCHES = 0.05
# Number of iterations after which a fit should have learnt something, even if it still
# improves: the patience of the stopping rule.
LONG = 50
# Factor of the learning rate below which steps of the hidden weights are much shorter
# than other steps. With standardised features this takes a hundred columns with "gd".
SHORTENED = 0.1


def has_learnt(m):
    # Only a choice by cross-validation has predictions for rows that nets were not
    # trained on. Even weights that a penalty has made tiny may rank these rows.
    is_better = m.loss < (1 - PLATEAU) * m.chance_loss
    return m.is_chosen and m.evidence > NO_EVIDENCE and is_better


def costs_much(m):
    # A good network may still improve a little when its iterations end. The loss is
    # compared with that of equal probabilities: if a class is rare, the loss of a
    # constant prediction can be less than the penalty of a good network.
    return m.is_poor or m.loss_curve[-1] > np.log(m.n_classes)


def shows_nothing(m):
    # Three standard errors must be less than 0.12: then an area under the ROC curve of
    # 0.62 would have been found.
    return m.reference_evidence < NO_EVIDENCE and m.reference_error < 0.04


def may_have_nothing_to_learn(m):
    # A network may learn what plain models do not see, as the parity of many bits.
    return shows_nothing(m) and not (m.is_constant or has_learnt(m))


def is_outweighed(m):
    is_bad = m.is_poor or (m.is_on_plateau and not has_learnt(m))
    return m.has_strong_penalty and not shows_nothing(m) and is_bad


def has_dead_units(m):
    # Good networks have a few dead units and do not need them. If a net from a small
    # start is at a linear plateau, half of its units may be inactive without harm.
    is_harmless = not m.is_poor or (m.is_linear and m.starts_small)
    is_relu = m.activation == "relu" and m.feature_scale > 0
    return is_relu and (m.inactive == 1 or (m.inactive >= 0.5 and not is_harmless))


def has_dead_units_from_the_start(m):
    return has_dead_units(m) and m.inactive_start >= 0.5 and not m.is_unscaled


def suffers_from_scale(m):
    # With a scale far from 1, it is enough that a plain model is better.
    is_worse = m.is_poor or m.accuracy < m.reference_accuracy
    is_impaired = (m.is_unscaled and is_worse) or (m.are_unlike and m.lags)
    return is_impaired and not m.has_outliers


def is_saturated_from_the_start(m):
    # Training often moves units from a large start off the flat parts, and the net is
    # good. If units moved by more than their size, the steps and not the start decided.
    is_start_to_blame = m.saturation_start > 0.5 and m.distance_hidden < 1
    return m.is_saturated and is_start_to_blame and costs_much(m) and not m.is_unscaled


def starts_too_large(m):
    # Ten times the loss of equal probabilities: the outputs start confident and wrong.
    is_dear = m.loss_curve[0] > 10 * np.log(m.n_classes)
    # Long steps, unscaled features and strong penalties also give a high first loss.
    is_other = m.is_auto_start or m.has_strong_penalty or m.jumps
    return is_dear and costs_much(m) and not is_other


def is_saturated_by_training(m):
    is_other = m.is_unscaled or is_saturated_from_the_start(m)
    return m.is_saturated and m.is_poor and not is_other


def learns_too_slowly(m):
    # If the start is not small and the curve still falls steadily after many steps, the
    # steps are too short. `still_falls` alone could mean that max_iter is too low.
    is_short = m.still_falls and not m.jumps and m.input_start > 0.01
    return m.is_poor and m.n_iter >= LONG and m.has_low_rate and is_short


def makes_short_steps(m):
    # Steps of "gd" get shorter with the number of columns, and "adam" needs fewer.
    is_shortened = m.solver == "gd" and m.hidden_rate < SHORTENED
    is_unfinished = m.status == "max_iter" and m.still_falls
    return is_shortened and is_unfinished and not m.is_unscaled


def pays_for_short_steps(m):
    return makes_short_steps(m) and (m.n_predicted == 1 or costs_much(m))


def guesses_on_unseen_rows(m):
    # A start or a stopping rule may have kept training at guessing.
    is_kept = m.no_stopping or not m.is_auto_start
    is_other = is_kept and ended_on_the_plateau(m)
    return m.temperature >= MOST_TEMPERATURE and not is_other


def stays_linear(m):
    # Nets of uneven weights, or of folds that leave out classes, lag because of these.
    is_other = m.jumps or m.favoured or guesses_on_unseen_rows(m)
    return m.is_linear and m.lags and not is_other


def has_settled(m):
    may_fall = m.still_falls or m.is_short or m.keeps_earlier
    return m.is_poor and not (may_fall or m.jumps or m.status == "plateau")


def is_surpassed(m):
    # Without labels there are no plain models to compare with.
    return has_settled(m) and not np.isnan(m.reference_accuracy)


def is_too_simple(m):
    # The loss of a linear network may have settled at that of guessing: on circles.
    may_fall = m.still_falls and m.status != "plateau"
    has_levelled = not (may_fall or m.jumps or np.isnan(m.reference_accuracy))
    return m.activation == "identity" and m.is_poor and has_levelled


def has_too_few_units(m):
    # If the effective rank is near its bound, every unit is needed. But a small start
    # that a stopping rule ended, or a large one, may have kept units from learning.
    is_start_to_blame = m.starts_small and m.status in ENDED
    is_start_to_blame |= starts_too_large(m) or is_saturated_from_the_start(m)
    return is_surpassed(m) and m.rank > 0.6 * m.n_hidden and not is_start_to_blame


def starts_too_small(m):
    # Features of unit scale and a start at 0.01 give pre-activations of at least 0.01.
    is_tiny = m.starts_small and 0 < m.input_start < 0.01
    return is_tiny and m.is_on_plateau and m.is_poor


def ignores_a_class(m):
    # The network tells the classes apart, so that it could predict all of them.
    is_rare = 0 < m.missed_share < 0.25
    is_apart = m.evidence > NO_EVIDENCE and not m.is_on_plateau
    return is_rare and (is_apart or has_learnt(m)) and not m.favoured


def stops_early(m):
    # A stopping rule may end training, or choose an iteration, while the loss falls.
    is_cut = m.status in ENDED or m.keeps_earlier
    return has_settled(m) or (m.is_poor and is_cut and not m.jumps)


def ends_too_soon(m):
    may_fall = m.still_falls or m.is_short
    return m.status == "max_iter" and may_fall and costs_much(m)


def is_due_to_scale(m):
    # A feature that is too small to be used leaves a net linear, and no more.
    return m.is_unscaled or m.has_outliers or (m.are_unlike and stays_linear(m))


def is_held_in_a_line(m):
    return stays_linear(m) and m.is_poor and not is_due_to_scale(m)


# The conditions that follow are those of a fit.


def is_brief(m):
    # What features without a scale do shows after few iterations.
    may_fall = m.still_falls or (m.is_short and not m.is_unscaled)
    return m.n_iter < LONG and may_fall


def rests_in_a_line(m):
    # Where a stopping rule has ended training the net rests, although its loss fell.
    is_over = m.status in ENDED or not (m.still_falls or is_brief(m))
    return stays_linear(m) and is_over


def had_time(m):
    # A penalty that outweighs the data shrinks large weights for very long.
    return len(m.loss_curve) >= LONG or not m.still_falls


def learnt_little(m):
    # A good net may also predict no row of a rare class.
    is_constant = m.n_predicted == 1 and m.chance_loss > 0.5 * np.log(m.n_classes)
    is_useless = m.final_loss > 0.95 or is_constant or (m.is_linear and m.lags)
    return is_useless and had_time(m) and not has_learnt(m)


def is_dead(m):
    return m.activation == "relu" and m.inactive == 1 and m.feature_scale > 0


def suffers_from_saturation(m):
    # From a large start, training may leave the flat parts, or succeed all the same.
    is_slow = m.saturation > 0.5 or m.status == "max_iter"
    is_costly = m.loss_curve[-1] > COSTLY * np.log(m.n_classes)
    starts_flat = m.saturation_start > SATURATED
    return is_bounded(m.activation) and starts_flat and is_slow and is_costly


def is_held_back_by_features(m):
    may_do_better = m.may_be_more and m.lags and m.status != "stopped"
    return (m.is_unscaled or m.has_outliers) and may_do_better and had_time(m)


def asks_for_convergence(m):
    return not np.isnan(m.tol)  # tol=None asks for no warnings about convergence


def ended_on_the_plateau(m):
    # An average has this status if one of its nets has it, and others may be good. A
    # choice may be a little better than guessing only on the rows of its nets.
    is_guessing = m.is_chosen and m.is_on_plateau and m.n_predicted > 1
    is_there = (m.status == "plateau" or is_guessing) and m.final_loss > 0.95
    return is_there and not has_learnt(m) and asks_for_convergence(m)


def predicts_one_class(m):
    # A net may tell a rare class from the others although this class is never the most
    # probable one. A single net is warned of all the same, because this cannot be told
    # from overfitting. There is no warning if a user stopped training or allowed few
    # iterations, and the plateau of the constant predictor has a rule of its own.
    is_cut = m.status == "stopped" or (m.status == "max_iter" and is_brief(m))
    is_other = ended_on_the_plateau(m) or has_learnt(m)
    return m.n_predicted == 1 and not (is_cut or is_other)


def has_grown(m):
    return m.last_loss > max(m.loss_curve[0], m.chance_loss)


def guesses_after_short_steps(m):
    return makes_short_steps(m) and (predicts_one_class(m) or ends_above(m))


def ends_above(m):
    has_ended = m.status == "converged" or (m.status == "max_iter" and not is_brief(m))
    # The penalty of large weights is no misfit, but with unscaled features it is a sign
    # of them, and so it is if training has made the weights large.
    is_misfit = m.is_unscaled or has_grown(m)
    misfit = m.last_loss - (0 if is_misfit else m.weight_loss)
    is_above = misfit > m.chance_loss + NOISE_OF_BATCHES * np.log(m.n_classes)
    return has_ended and is_above and asks_for_convergence(m)
