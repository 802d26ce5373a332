"""The table of rules: possible problems of a network, and what to do.

A diagnosis reports all rules that apply. A fit warns by the first rule that applies and
has a category of warnings. A fit has fewer measurements, and must not give unnecessary
warnings: if its condition differs from that of a diagnosis, the row has both. The rows
are in the order of their ranking. To add a rule, add a row in its place. This module
measures nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

import skshallow._fit.exceptions as categories
from skshallow._advice.measurements import ENDED, NO_EVIDENCE, SATURATED
from skshallow._core.activations import is_bounded

# By how much the noise of mini-batches may keep a loss above a plateau, as a share of
# the loss of equal probabilities. On 100 features without a pattern it was 1.2%.
NOISE = 0.05
# Relative distance of the plateau from the loss of guessing, as in the stopping rule.
PLATEAU = 0.01
# Number of iterations after which a fit should have learnt something, even if it still
# improves: the patience of the stopping rule.
LONG = 50


class Rule(NamedTuple):
    """A row of the table.

    Parameters
    ----------
    sentence : str
        Cause and remedy, a format string for the measurements ``m``.
    applies : callable, default=None
        ``applies(measurements) -> bool``: whether a diagnosis reports the rule. None
        stands for never.
    is_general : bool, default=False
        Whether a diagnosis reports the rule only if no rule before it applies, because
        it names an effect and not a cause.
    category : type, default=None
        Category of the warning of a fit. None: a fit does not warn by this rule.
    in_fit : callable, default=None
        ``in_fit(measurements) -> bool``: whether a fit warns. None stands for
        ``applies``.
    kind : str, default=""
        What happened to a fit, in a few words that follow "3 fits".
    fit_sentence : str, default=""
        Sentence of a fit, if it differs from ``sentence``.
    is_put_down_to_scale : bool, default=True
        Whether a fit on unscaled features names these as the reason.

    Examples
    --------
    >>> from skshallow._advice.rules import RULES
    >>> next(iter(RULES))
    'penalty too strong'
    """

    sentence: str
    applies: Callable | None = None
    is_general: bool = False
    category: type | None = None
    in_fit: Callable | None = None
    kind: str = ""
    fit_sentence: str = ""
    is_put_down_to_scale: bool = True


# ---------------------------------------------------------------------------
# Conditions that take more than a line or serve several rules, as functions of the
# measurements of one network.


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


def is_outweighed(m):
    is_bad = m.is_poor or (m.is_on_plateau and not has_learnt(m))
    return m.has_strong_penalty and not shows_nothing(m) and is_bad


def has_dead_units(m):
    # Good networks have a few dead units and do not need them. If a net from a small
    # start is at a linear plateau, half of its units may be inactive without harm.
    are_missed = m.dead >= 0.5 and m.is_poor and not (m.is_linear and m.starts_small)
    is_relu = m.activation == "relu" and m.feature_scale > 0
    return is_relu and (m.dead == 1 or are_missed)


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


def stays_linear(m):
    return m.is_linear and m.lags and not m.jumps


def has_settled(m):
    return m.is_poor and not (m.still_falls or m.jumps or m.status == "plateau")


def has_too_few_units(m):
    # If the effective rank is near its bound, every unit is needed. But a small start
    # that a stopping rule ended, or a large one, may have kept units from learning.
    is_start_to_blame = m.starts_small and m.status in ENDED
    is_start_to_blame |= starts_too_large(m) or is_saturated_from_the_start(m)
    return has_settled(m) and m.rank > 0.6 * m.n_hidden and not is_start_to_blame


def starts_too_small(m):
    # Features of unit scale and a start at 0.01 give pre-activations of at least 0.01.
    is_tiny = m.starts_small and 0 < m.input_start < 0.01
    return is_tiny and m.is_on_plateau and m.is_poor


def ignores_a_class(m):
    # The network tells the classes apart, so that it could predict all of them.
    is_rare = 0 < m.missed_share < 0.25
    is_apart = m.evidence > NO_EVIDENCE and not m.is_on_plateau
    return is_rare and (is_apart or has_learnt(m))


def stops_early(m):
    # A stopping rule may end training while the loss still falls.
    return has_settled(m) or (m.is_poor and m.status in ENDED and not m.jumps)


# The conditions that follow are those of a fit.


def is_cut_short(m):
    # A single iteration says nothing, except for L-BFGS at a stationary point.
    is_first = len(m.loss_curve) == 1 and m.solver != "lbfgs"
    return is_first or m.still_falls


def had_time(m):
    # A penalty that outweighs the data shrinks large weights for very long.
    return len(m.loss_curve) >= LONG or not is_cut_short(m)


def learnt_little(m):
    # A good net may also predict no row of a rare class.
    is_constant = m.n_predicted == 1 and m.chance_loss > 0.5 * np.log(m.n_classes)
    is_useless = m.final_loss > 0.95 or is_constant or (m.is_linear and m.lags)
    return is_useless and had_time(m) and not has_learnt(m)


def is_dead(m):
    return m.activation == "relu" and m.dead == 1 and m.feature_scale > 0


def suffers_from_saturation(m):
    # From a large start, training may leave the flat parts, or succeed all the same.
    is_slow = m.saturation > 0.5 or m.status == "max_iter"
    is_costly = m.loss_curve[-1] > 0.9 * np.log(m.n_classes)
    starts_flat = m.saturation_start > SATURATED
    return is_bounded(m.activation) and starts_flat and is_slow and is_costly


def is_held_back_by_small_features(m):
    may_do_better = m.may_be_more and m.lags and m.status != "stopped"
    return m.has_small_features and may_do_better and had_time(m)


def asks_for_convergence(m):
    return not np.isnan(m.tol)  # tol=None asks for no warnings about convergence


def never_left_the_plateau(m):
    return m.status == "plateau" and not has_learnt(m) and asks_for_convergence(m)


def predicts_one_class(m):
    # A net may tell a rare class from the others although this class is never the most
    # probable one. A single net is warned of all the same, because this cannot be told
    # from overfitting. There is no warning if a user stopped training or the iterations
    # ended early, and the plateau of the constant predictor has a rule of its own.
    is_cut = m.status == "stopped" or (m.status == "max_iter" and m.still_falls)
    is_said = m.status == "plateau" and asks_for_convergence(m)
    return m.n_predicted == 1 and not (is_cut or is_said or has_learnt(m))


def has_grown(m):
    return m.last_loss > max(m.loss_curve[0], m.chance_loss)


def settles_above(m):
    is_short = m.n_iter < LONG and m.still_falls
    has_ended = m.status == "converged" or (m.status == "max_iter" and not is_short)
    # The penalty of large weights is no misfit, but with unscaled features it is a sign
    # of them, and so it is if training has made the weights large.
    is_misfit = m.is_unscaled or has_grown(m)
    misfit = m.last_loss - (0 if is_misfit else m.weight_loss)
    is_above = misfit > m.chance_loss + NOISE * np.log(m.n_classes)
    return has_ended and is_above and asks_for_convergence(m)


# ---------------------------------------------------------------------------
# The table. Causes come before their effects: first identical units and labels that no
# model can learn, then the data, the start, the steps, and last their effects.

UNSCALED = (
    "the features are not scaled (root mean square of the largest: "
    "{m.feature_scale:.3g}, where about 1 is wanted): put {m.scaler} before the "
    "network, in a Pipeline."
)
RULES = {
    "penalty too strong": Rule(
        "alpha={m.alpha:.4g} over {m.rows} is a penalty of {m.penalty:.2g} on the mean "
        "loss, {m.penalty_ratio:.2g} times {m.measured_penalty}, and outweighs the "
        "data: {m.weaker_penalty}.",
        is_outweighed,
        in_fit=lambda m: m.has_strong_penalty and learnt_little(m),
        category=categories.PenaltyWarning,
        kind="had a penalty that outweighs the data",
        is_put_down_to_scale=False,
    ),
    "identical units": Rule(
        "{m.sameness}, because they started so ({m.init}) and identical units get "
        "identical gradients. {m.another_start}.",
        lambda m: max(m.n_distinct, m.n_distinct_start) < m.n_hidden,
        category=categories.SymmetryWarning,
        kind="had identical hidden units",
        is_put_down_to_scale=False,
    ),
    "units became identical": Rule(
        "{m.sameness}, although all were different at the start. {m.fewer_units}.",
        lambda m: m.n_distinct < m.n_hidden == m.n_distinct_start,
        category=categories.SymmetryWarning,
        kind="ended with identical hidden units",
        is_put_down_to_scale=False,
    ),
    "nothing to learn": Rule(
        "the labels look unrelated to the features: neither nearest neighbours nor a "
        "linear model tells the classes of unseen rows apart (accuracy "
        "{m.reference_accuracy:.0%}, always the same class {m.chance_accuracy:.0%}), "
        "and the accuracy of this network on the rows given ({m.accuracy:.0%}) is "
        "probably overfitting. Check that rows and labels belong together, or find "
        "other features.",
        shows_nothing,
    ),
    "unscaled features": Rule(
        UNSCALED,
        # With a scale far from 1, it is enough that a plain model is better.
        lambda m: m.is_unscaled and (m.is_poor or m.accuracy < m.reference_accuracy),
    ),
    "dead relu units at the start": Rule(
        "{m.dead:.0%} of the relu units are never active, {m.dead_start:.0%} from the "
        "start on ({m.init}), and units that are not active get no gradient. "
        "{m.another_start}.",
        lambda m: has_dead_units(m) and m.dead_start >= 0.5 and not m.is_unscaled,
        in_fit=lambda m: is_dead(m) and m.dead_start >= 0.5,
        category=categories.DeadUnitsWarning,
        kind="started with a dead relu layer",
    ),
    "dead relu units": Rule(
        "{m.dead:.0%} of the relu units are never active, although most were at the "
        "start: a step was too long, and units that are not active get no gradient. "
        "{m.shorter_steps}.",
        lambda m: has_dead_units(m) and m.dead_start < 0.5,
        in_fit=is_dead,
        category=categories.DeadUnitsWarning,
        kind="ended with a dead relu layer",
    ),
    "saturated start": Rule(
        "the {m.activation} units start on their flat parts for "
        "{m.saturation_start:.0%} of the samples ({m.init}), where gradients vanish, "
        "and are there for {m.saturation:.0%} now. {m.another_start}.",
        is_saturated_from_the_start,
        in_fit=suffers_from_saturation,
        category=categories.SaturationWarning,
        kind="started saturated",
    ),
    "start too large": Rule(
        "the start ({m.init}) makes confident mistakes, with a loss "
        "{m.first_loss:.3g} times that of guessing, and training has not corrected "
        "all of them. {m.another_start}.",
        starts_too_large,
    ),
    "learning rate too high": Rule(
        "the loss jumps up and down, or grows, instead of settling (it ends at "
        "{m.final_loss:.3g} times that of guessing): the steps are too long. "
        "{m.shorter_steps}.",
        lambda m: m.jumps,
        in_fit=lambda m: m.jumps and has_grown(m),
        category=ConvergenceWarning,
        kind="ended with a higher loss than they began with",
    ),
    "saturated by training": Rule(
        "training has driven the {m.activation} units onto their flat parts (for "
        "{m.saturation:.0%} of the samples, {m.saturation_start:.0%} at the start), "
        "where they stay. {m.shorter_steps}.",
        is_saturated_by_training,
    ),
    "learning rate too low": Rule(
        "after {m.n_iter} iterations the loss still falls, slowly and steadily: the "
        "steps are too short. To get on, {m.more_training}.",
        learns_too_slowly,
    ),
    "linear plateau": Rule(
        "the network ends where a linear model would: its hidden layer "
        "varies in {m.directions} ({m.linear_share:.0%}; {m.init}), while plain models "
        "find more in the data ({m.accuracies}). {m.way_on}",
        lambda m: stays_linear(m) and m.is_poor and not m.is_unscaled,
        in_fit=lambda m: stays_linear(m) and not is_cut_short(m),
        category=categories.LinearPlateauWarning,
        kind="ended where a linear model would",
    ),
    "linear network": Rule(
        "with activation='identity' the network is a linear model, and these labels "
        "need more, as plain models show ({m.accuracies}). Use activation='relu'.",
        lambda m: has_settled(m) and m.activation == "identity",
    ),
    "too few units": Rule(
        "training has settled with n_hidden={m.n_hidden} and every unit in use "
        "(effective rank {m.rank:.1f}), and yet plain models do better "
        "({m.accuracies}): there are too few. Raise n_hidden.",
        has_too_few_units,
    ),
    "start too small": Rule(
        "training ended on the plateau that small starts begin on ({m.init}: the "
        "units' first inputs are of size {m.input_start:.1g}, and all gradients as "
        "small). {m.another_start}.",
        starts_too_small,
    ),
    "plateau": Rule(
        "after {m.n_iter} iterations (status {m.status!r}) the loss is still within 5% "
        "of that of guessing. {m.way_on}",
        lambda m: m.is_on_plateau and m.is_poor,
        is_general=True,
        in_fit=never_left_the_plateau,
        category=ConvergenceWarning,
        kind="never left the plateau of the constant predictor",
        fit_sentence="the loss ({m.last_loss:.4g}) never left the plateau of the "
        "constant predictor in {m.n_iter} iterations. Try {m.ways_off_the_plateau}; "
        "if all this is so, there may be nothing to learn, or too little of a rare "
        "class. {m.message}",
    ),
    "class imbalance": Rule(
        "class {m.missed} ({m.missed_share:.1%} of the samples) is never predicted, "
        "although the network tells it from the others: each sample counts the same, "
        "and the others are many. {m.ways_to_a_rare_class}.",
        ignores_a_class,
    ),
    "constant predictions": Rule(
        "every sample gets the same label. {m.more_labels}.",
        lambda m: m.n_predicted == 1 and (m.is_poor or m.chance_accuracy < 1),
        is_general=True,
        in_fit=predicts_one_class,
        category=categories.ConstantPredictionsWarning,
        kind="predicted one class only",
    ),
    "small features": Rule(
        UNSCALED,
        # A net on small features need not end at a linear model: the loss may not have
        # settled after all iterations, and relu units bend at the origin.
        in_fit=is_held_back_by_small_features,
        category=ConvergenceWarning,
        kind="stayed behind plain models",
    ),
    "loss above guessing, unscaled": Rule(
        UNSCALED,
        # The net may fit well: the loss contains a penalty that features make larger.
        in_fit=lambda m: m.is_unscaled and settles_above(m),
        category=ConvergenceWarning,
        kind="had features without a scale",
        is_put_down_to_scale=False,
    ),
    "loss above guessing": Rule(
        "training settled at a loss of {m.last_loss:.4g}, above that of the constant "
        "predictor ({m.chance_loss:.4g}). The steps are too small to change it, or so "
        "large that the loss jumps up and down. Try {m.ways_to_settle}.",
        in_fit=settles_above,
        category=ConvergenceWarning,
        kind="settled above the loss of the constant predictor",
    ),
    "settled too early": Rule(
        "training has settled with only a part of what the {m.n_hidden} hidden units "
        "can do (effective rank {m.rank:.1f}). {m.way_on}",
        stops_early,
        is_general=True,
    ),
    "too few iterations": Rule(
        "training used all {m.n_iter} iterations and the loss still falls. To get on, "
        "{m.more_training}.",
        lambda m: m.status == "max_iter" and m.still_falls and costs_much(m),
        is_general=True,
        # A fixed number of iterations that is used up is no lack of convergence.
        in_fit=lambda m: m.status == "max_iter" and m.tol > -np.inf,
        category=ConvergenceWarning,
        kind="used all iterations",
        fit_sentence="solver={m.solver!r} used all max_iter={m.n_iter} iterations and "
        "the loss had not settled (now {m.last_loss:.4g}). Increase max_iter"
        "{m.or_rate} or tol, scale the features, or pass tol=None to train for a fixed "
        "budget. {m.message}",
    ),
    "abnormal line search": Rule(
        "L-BFGS ended in an abnormal line search: scipy says {m.message!r}. The loss "
        "is {m.last_loss:.4g}. Scale the features, use float64, or raise tol.",
        in_fit=lambda m: m.status == "abnormal" and asks_for_convergence(m),
        category=ConvergenceWarning,
        kind="ended in an abnormal line search",
        is_put_down_to_scale=False,
    ),
}
