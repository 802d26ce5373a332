"""The table of rules: what may be the matter with a network, and what to do about it.

A diagnosis says all rules that apply, and a fit warns of the first that has a category
of warnings. A fit has fewer measurements, and must not warn without need: where its
condition differs from that of a diagnosis, the row has both. The order of the rows is
their ranking: a new rule is a new row in its place. This module measures nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

import skshallow._fit.exceptions as categories
from skshallow._advice.measurements import ENDED, NO_EVIDENCE, SATURATED
from skshallow._core.activations import is_bounded

# By how much mini-batches may keep a loss above a plateau, as a share of what an even
# guess costs: on 100 features without a pattern they did by 1.2%.
NOISE = 0.05
# Iterations from which on a fit was given the time to learn something, even if it still
# gets better: the patience of the rule that stops fits.
LONG = 50


class Rule(NamedTuple):
    """A row of the table.

    Parameters
    ----------
    sentence : str
        Cause and remedy, a format string of ``m``, the measurements.
    applies : callable, default=None
        ``applies(measurements) -> bool``: when a diagnosis says it. None: never.
    is_general : bool, default=False
        Whether a diagnosis says it only if nothing before it applies: it names what is
        seen rather than why.
    category : type, default=None
        Of the warning of a fit. None: a fit does not warn of it.
    in_fit : callable, default=None
        ``in_fit(measurements) -> bool``: when a fit warns. None: when it applies.
    kind : str, default=""
        What the fit did, in a few words that follow "3 fits".
    fit_sentence : str, default=""
        What a fit says in place of ``sentence``.
    is_put_down_to_scale : bool, default=True
        Whether a fit gives features without a scale as the reason, if they have none.

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
# Conditions of a diagnosis


def _costs_much(m):
    # A budget may well end while a good network is still getting a little better. The
    # mark is that of an even guess: of rare classes a constant prediction costs so
    # little that the penalty of a good network can cost more.
    return m.is_poor or m.loss_curve[-1] > np.log(m.n_classes)


def _shows_nothing(m):
    # Three standard errors are to be less than 0.12, for an area under the ROC curve of
    # 0.62 would have been found by then.
    return m.reference_evidence < NO_EVIDENCE and m.reference_error < 0.04


def _is_outweighed(m):
    is_bad = m.is_poor or m.is_on_plateau
    return m.has_strong_penalty and not _shows_nothing(m) and is_bad


def _has_unscaled_features(m):
    # Far beyond, it is enough that a plain model does better.
    lags = m.is_poor or m.accuracy < m.reference_accuracy
    return lags and m.is_unscaled


def _has_dead_units(m):
    # Good networks have a few, and can do without; of a small start that rests at a
    # line half of the units point away from it, and none has been thrown there.
    are_missed = m.dead >= 0.5 and m.is_poor and not (m.is_linear and m.starts_small)
    is_relu = m.activation == "relu" and m.feature_scale > 0
    return is_relu and (m.dead == 1 or are_missed)


def _is_saturated_from_the_start(m):
    # Large starts that training brings off the flat parts end well, and often; units
    # that moved by more than their size are where the steps have taken them.
    is_flat = min(m.saturation_start, m.saturation) > 0.5 and m.distance_hidden < 1
    is_to_blame = _costs_much(m) and not m.is_unscaled
    return is_bounded(m.activation) and is_flat and is_to_blame


def _starts_too_large(m):
    # Ten times the cost of an even guess: the outputs start certain, and wrong.
    is_dear = m.loss_curve[0] > 10 * np.log(m.n_classes)
    # Long steps, unscaled features and strong penalties make a first epoch dear, too.
    is_other = m.is_auto_start or m.has_strong_penalty or m.jumps
    return is_dear and _costs_much(m) and not is_other


def _is_saturated_by_training(m):
    is_flat = is_bounded(m.activation) and m.saturation > 0.5
    is_other = m.is_unscaled or _is_saturated_from_the_start(m)
    return is_flat and m.is_poor and not is_other


def _learns_too_slowly(m):
    # A start that is not small, whose curve is near a straight line after many steps:
    # it is the steps that are short. `still_falls` alone is a matter of max_iter.
    is_short = m.still_falls and not m.jumps and m.input_start > 0.01
    return m.is_poor and m.n_iter >= 50 and m.has_low_rate and is_short


def _is_linear_for_no_reason(m):
    return m.is_linear and m.is_poor and m.lags and not (m.jumps or m.is_unscaled)


def _has_settled(m):
    return m.is_poor and not (m.still_falls or m.jumps or m.status == "plateau")


def _starts_too_small(m):
    # Features of unit scale at 0.01, as in the lecture, give inputs of 0.01 and more.
    is_tiny = m.starts_small and 0 < m.input_start < 0.01
    return m.is_on_plateau and m.is_poor and is_tiny


def _ignores_a_class(m):
    # It tells the classes apart, so that it could predict them all.
    is_rare = 0 < m.missed_share < 0.25
    return is_rare and m.evidence > NO_EVIDENCE and not m.is_on_plateau


def _stops_early(m):
    # The stopping rule may end it while it still falls.
    is_stopped = m.status in ENDED and not m.jumps
    return _has_settled(m) or (m.is_poor and is_stopped)


# ---------------------------------------------------------------------------
# Conditions of a fit


def _is_cut_short(m):
    # One iteration says nothing, but of L-BFGS, which ends so at a stationary point.
    is_first = len(m.loss_curve) == 1 and m.solver != "lbfgs"
    return is_first or m.still_falls


def _had_time(m):
    # Where it outweighs the data, a penalty shrinks large weights for very long.
    return len(m.loss_curve) >= LONG or not _is_cut_short(m)


def _learnt_little(m):
    # Of a rare class good nets may have no row, too.
    is_constant = m.n_predicted == 1 and m.chance_loss > 0.5 * np.log(m.n_classes)
    is_useless = m.final_loss > 0.95 or is_constant or (m.is_linear and m.lags)
    return is_useless and _had_time(m)


def _is_dead(m):
    return m.activation == "relu" and m.dead == 1 and m.feature_scale > 0


def _suffers_from_saturation(m):
    # From a large start training may well get off the flat parts, or do without.
    is_slow = m.saturation > 0.5 or m.status == "max_iter"
    is_costly = m.loss_curve[-1] > 0.9 * np.log(m.n_classes)
    starts_flat = m.saturation_start > SATURATED
    return is_bounded(m.activation) and starts_flat and is_slow and is_costly


def _is_linear_at_rest(m):
    return m.is_linear and m.lags and not (_is_cut_short(m) or m.jumps)


def _is_held_back_by_small_features(m):
    may_do_better = m.may_be_more and m.lags and m.status != "stopped"
    return m.has_small_features and may_do_better and _had_time(m)


def _asks_for_convergence(m):
    return not np.isnan(m.tol)  # with tol=None nobody wants to hear of it


def _predicts_one_class(m):
    # Whoever stops training knows that it is not done, a budget cut short is no reason
    # to worry, and the plateau of the constant predictor has a row of its own.
    is_cut = m.status == "stopped" or (m.status == "max_iter" and m.still_falls)
    is_said = m.status == "plateau" and _asks_for_convergence(m)
    return m.n_predicted == 1 and not (is_cut or is_said)


def _settles_above(m):
    is_short = m.n_iter < LONG and m.still_falls
    has_ended = m.status == "converged" or (m.status == "max_iter" and not is_short)
    # A penalty on what large weights have learnt is no misfit, but of features without
    # a scale it is the sign.
    misfit = m.last_loss - (0 if m.is_unscaled else m.weight_loss)
    is_above = misfit > m.chance_loss + NOISE * np.log(m.n_classes)
    return has_ended and is_above and _asks_for_convergence(m)


# ---------------------------------------------------------------------------
# The table. Ranked by what causes what: identical units and labels that no model can
# learn come before everything, the data before the start, the start before the steps,
# and these before what a network makes of them.

UNSCALED = (
    "the features are not scaled (root mean square of the largest: "
    "{m.feature_scale:.3g}, where about 1 is wanted): put {m.scaler} before the "
    "network, in a Pipeline."
)
RULES = {
    "penalty too strong": Rule(
        "alpha={m.alpha:.4g} over {m.rows} is a penalty of {m.penalty:.2g} on the mean "
        "loss, {m.penalty_ratio:.2g} times what alpha='auto' would make it, and "
        "outweighs the data: lower alpha, or use alpha='auto'.",
        _is_outweighed,
        in_fit=lambda m: m.has_strong_penalty and _learnt_little(m),
        category=categories.PenaltyWarning,
        kind="had a penalty that outweighs the data",
        is_put_down_to_scale=False,
    ),
    "identical units": Rule(
        "{m.sameness}, because they started so ({m.init}) and identical units get "
        "identical gradients. Use init='randn' with init_scale='auto'.",
        lambda m: max(m.n_distinct, m.n_distinct_start) < m.n_hidden,
        category=categories.SymmetryWarning,
        kind="had identical hidden units",
        is_put_down_to_scale=False,
    ),
    "units became identical": Rule(
        "{m.sameness}, although all started apart: some do the same work. Lower alpha "
        "(now {m.alpha:.3g}), or n_hidden.",
        lambda m: m.n_distinct < m.n_hidden == m.n_distinct_start,
        category=categories.SymmetryWarning,
        kind="ended with identical hidden units",
        is_put_down_to_scale=False,
    ),
    "nothing to learn": Rule(
        "the labels look unrelated to the features: neither nearest neighbours nor a "
        "linear model tells the classes of unseen rows apart (accuracy "
        "{m.reference_accuracy:.0%}, always the same class {m.chance_accuracy:.0%}), "
        "so that what this network gets right ({m.accuracy:.0%}) is probably learnt by "
        "heart. Check that rows and labels belong together, or find other features.",
        _shows_nothing,
    ),
    "unscaled features": Rule(UNSCALED, _has_unscaled_features),
    "dead relu units at the start": Rule(
        "{m.dead:.0%} of the relu units are never active, {m.dead_start:.0%} from the "
        "start on ({m.init}), and without a slope they get no gradient. Use "
        "init='randn' with init_scale='auto'.",
        lambda m: _has_dead_units(m) and m.dead_start >= 0.5 and not m.is_unscaled,
        in_fit=lambda m: _is_dead(m) and m.dead_start >= 0.5,
        category=categories.DeadUnitsWarning,
        kind="started with a dead relu layer",
    ),
    "dead relu units": Rule(
        "{m.dead:.0%} of the relu units are never active, although most were at the "
        "start: too long a step has thrown them there, and without a slope they get no "
        "gradient. {m.shorter_steps}.",
        lambda m: _has_dead_units(m) and m.dead_start < 0.5,
        in_fit=_is_dead,
        category=categories.DeadUnitsWarning,
        kind="ended with a dead relu layer",
    ),
    "saturated start": Rule(
        "the {m.activation} units start on their flat parts for "
        "{m.saturation_start:.0%} of the samples ({m.init}), where gradients vanish, "
        "and are there for {m.saturation:.0%} now. Use init='randn' with "
        "init_scale='auto'.",
        _is_saturated_from_the_start,
        in_fit=_suffers_from_saturation,
        category=categories.SaturationWarning,
        kind="started saturated",
    ),
    "start too large": Rule(
        "the start ({m.init}) makes confident mistakes, with a loss "
        "{m.first_loss:.3g} times that of guessing, and training is still paying for "
        "it. Use init='randn' with init_scale='auto'.",
        _starts_too_large,
    ),
    "learning rate too high": Rule(
        "the loss jumps up and down instead of settling (it ends at "
        "{m.final_loss:.3g} times that of guessing): the steps are too long. "
        "{m.shorter_steps}.",
        lambda m: m.jumps,
    ),
    "saturated by training": Rule(
        "training has driven the {m.activation} units onto their flat parts (for "
        "{m.saturation:.0%} of the samples, {m.saturation_start:.0%} at the start), "
        "where they stay. {m.shorter_steps}.",
        _is_saturated_by_training,
    ),
    "learning rate too low": Rule(
        "after {m.n_iter} iterations the loss still falls, slowly and steadily: the "
        "steps are too short. To get on, {m.more_training}.",
        _learns_too_slowly,
    ),
    "linear plateau": Rule(
        "the network ends where a linear model would: its hidden layer "
        "varies in {m.directions} ({m.linear_share:.0%}; {m.init}), while plain models "
        "find more in the data (accuracy {m.reference_accuracy:.0%} against "
        "{m.accuracy:.0%}). {m.way_on}",
        _is_linear_for_no_reason,
        in_fit=_is_linear_at_rest,
        category=categories.LinearPlateauWarning,
        kind="ended where a linear model would",
    ),
    "linear network": Rule(
        "with activation='identity' the network is a linear model, and these labels "
        "ask for more (accuracy {m.accuracy:.0%}, plain nearest neighbours and lines "
        "reach {m.reference_accuracy:.0%}). Use activation='relu'.",
        lambda m: _has_settled(m) and m.activation == "identity",
    ),
    "too few units": Rule(
        "training has settled with n_hidden={m.n_hidden} and every unit in use "
        "(effective rank {m.rank:.1f}), and yet plain models do better (accuracy "
        "{m.reference_accuracy:.0%} against {m.accuracy:.0%}): there are too few. "
        "Raise n_hidden.",
        # Effective rank near its bound: every unit is needed.
        lambda m: _has_settled(m) and m.rank > 0.6 * m.n_hidden,
    ),
    "start too small": Rule(
        "training ended on the plateau that small starts begin on ({m.init}: the "
        "units' first inputs are of size {m.input_start:.1g}, and all gradients as "
        "small). Use init='randn' with init_scale='auto'.",
        _starts_too_small,
    ),
    "plateau": Rule(
        "after {m.n_iter} iterations (status {m.status!r}) the loss is still within 5% "
        "of that of guessing. {m.way_on}",
        lambda m: m.is_on_plateau and m.is_poor,
        is_general=True,
        in_fit=lambda m: m.status == "plateau" and _asks_for_convergence(m),
        category=ConvergenceWarning,
        kind="never left the plateau of the constant predictor",
        fit_sentence="the loss ({m.last_loss:.4g}) never left the plateau of the "
        "constant predictor in {m.n_iter} iterations. Try init='randn' with "
        "init_scale='auto'{m.auto_rate}, a smaller alpha, more max_iter, or scaled "
        "features; if all this is so, there may be nothing to learn, or too little of "
        "a rare class. {m.message}",
    ),
    "class imbalance": Rule(
        "class {m.missed} ({m.missed_share:.1%} of the samples) is never predicted, "
        "although the network tells it from the others: each sample counts the same, "
        "and the others are many. Use class_weight='balanced', or choose a threshold "
        "on predict_proba.",
        _ignores_a_class,
    ),
    "constant predictions": Rule(
        "every sample gets the same label. {m.more_labels}.",
        lambda m: m.n_predicted == 1 and (m.is_poor or m.chance_accuracy < 1),
        is_general=True,
        in_fit=_predicts_one_class,
        category=categories.ConstantPredictionsWarning,
        kind="predicted one class only",
    ),
    "small features": Rule(
        UNSCALED,
        # A net on these need not end in a line: many are not at rest after all
        # iterations, and relu units without biases bend at the origin.
        in_fit=_is_held_back_by_small_features,
        category=ConvergenceWarning,
        kind="stayed behind plain models",
    ),
    "loss above guessing, unscaled": Rule(
        UNSCALED,
        # It may well fit: what is above is a penalty that grows with the features.
        in_fit=lambda m: m.is_unscaled and _settles_above(m),
        category=ConvergenceWarning,
        kind="had features without a scale",
        is_put_down_to_scale=False,
    ),
    "loss above guessing": Rule(
        "training settled at a loss of {m.last_loss:.4g}, above that of the constant "
        "predictor ({m.chance_loss:.4g}). Steps that are too small stand still there, "
        "and steps that are too large leap about. Try init='randn' with "
        "init_scale='auto'{m.auto_rate}, or scaled features.",
        in_fit=_settles_above,
        category=ConvergenceWarning,
        kind="settled above the loss of the constant predictor",
    ),
    "settled too early": Rule(
        "training has settled with only a part of what the {m.n_hidden} hidden units "
        "can do (effective rank {m.rank:.1f}). {m.way_on}",
        _stops_early,
        is_general=True,
    ),
    "too few iterations": Rule(
        "training used all {m.n_iter} iterations and the loss still falls. To get on, "
        "{m.more_training}.",
        lambda m: m.status == "max_iter" and m.still_falls and _costs_much(m),
        is_general=True,
        # To use up a fixed budget is no lack of convergence.
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
        in_fit=lambda m: m.status == "abnormal" and _asks_for_convergence(m),
        category=ConvergenceWarning,
        kind="ended in an abnormal line search",
        is_put_down_to_scale=False,
    ),
}
