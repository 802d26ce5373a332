"""The table of rules: possible problems of a network, and what to do.

A diagnosis reports all rules that apply. A fit warns by the first rule that applies and
has a category of warnings. A fit has fewer measurements, and must not give unnecessary
warnings: if its condition differs from that of a diagnosis, the row has both. The rows
are in the order of their ranking. To add a rule, add a row before all rules whose
problems it explains. If it has a category, it also needs a sign in
``examination``, because a fit measures only networks with a sign of a problem. This
module measures nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

import skshallow._advice.conditions as conditions
import skshallow.exceptions as categories
from skshallow._advice.measurements import LAG


class Rule(NamedTuple):
    """A row of the table.

    Parameters
    ----------
    sentence : str
        The cause, and what to do: a format string for the measurements ``m``.
    applies : callable, default=None
        ``applies(measurements) -> bool``: whether a diagnosis reports the rule. None
        stands for never.
    is_general : bool, default=False
        Whether a diagnosis reports the rule only if no rule before it applies, because
        it names an effect and not a cause.
    category : type, default=None
        Category of the warning of a fit. None: a fit does not warn by this rule.
    in_fit : callable, default=None
        ``in_fit(measurements) -> bool``: whether a fit warns, if the network has been
        measured, for which it needs a sign (``examination``). None stands for
        ``applies``.
    kind : str, default=""
        What happened to a fit, in a few words that follow "3 fits".
    fit_sentence : str, default=""
        Sentence of a fit, if it differs from ``sentence``.
    is_put_down_to_scale : bool, default=True
        Whether a fit on unscaled features, or on outliers, names these as the reason.

    Examples
    --------
    >>> from skshallow._advice.rules import RULES
    >>> next(iter(RULES))
    'constant features'
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
# The table. A cause comes before its effects.

WRONG_SCALE = "{m.wrong_scale}."
RULES = {
    "constant features": Rule(
        "no feature varies: all rows are the same, so that nothing tells the classes "
        "apart. Check how the features were made.",
        lambda m: m.is_constant,
        category=ConvergenceWarning,
        kind="had features that do not vary",
        is_put_down_to_scale=False,
    ),
    "penalty too strong": Rule(
        "alpha={m.alpha:.4g} over {m.row_weight:g} rows is a penalty of "
        "{m.penalty:.2g} on the mean loss, {m.penalty_ratio:.2g} times the default of "
        "a single net, and outweighs the data: lower {m.alphas}, or use "
        "{m.alphas}='auto'.",
        conditions.is_outweighed,
        in_fit=lambda m: m.has_strong_penalty and conditions.learnt_little(m),
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
        "and the accuracy of this network on the rows given ({m.accuracy:.0%}) may be "
        "overfitting: cross_val_score tells. If it is, check that rows and labels "
        "belong together, or find other features.",
        conditions.may_have_nothing_to_learn,
    ),
    "outliers": Rule(
        WRONG_SCALE,
        # A network that learns what plain models do may still learn more without them.
        lambda m: m.has_outliers and not m.accuracy > 1 - LAG,
    ),
    "unscaled features": Rule(
        WRONG_SCALE,
        conditions.suffers_from_scale,
    ),
    "dead relu units at the start": Rule(
        "{m.inactive:.0%} of the relu units are never active, "
        "{m.inactive_start:.0%} from the start on ({m.init}), and units that are not "
        "active get no gradient. {m.another_start}.",
        conditions.has_dead_units_from_the_start,
        in_fit=lambda m: conditions.is_dead(m) and m.inactive_start >= 0.5,
        category=categories.DeadUnitsWarning,
        kind="started with a dead relu layer",
    ),
    "momentum too high": Rule(
        "momentum={m.momentum:.4g} repeats every step so often that old steps outweigh "
        "new ones. Use momentum=0.9.",
        lambda m: m.has_high_momentum and conditions.costs_much(m),
        in_fit=lambda m: m.has_high_momentum and conditions.learnt_little(m),
        category=ConvergenceWarning,
        kind="had too high a momentum",
        is_put_down_to_scale=False,
    ),
    "dead relu units": Rule(
        "{m.inactive:.0%} of the relu units are never active, although most were at "
        "the start: a step was too long, and units that are not active get no "
        "gradient. {m.shorter_steps}.",
        lambda m: conditions.has_dead_units(m) and m.inactive_start < 0.5,
        in_fit=conditions.is_dead,
        category=categories.DeadUnitsWarning,
        kind="ended with a dead relu layer",
    ),
    "saturated start": Rule(
        "the {m.activation} units start on their flat parts for "
        "{m.saturation_start:.0%} of the samples ({m.init}), where gradients vanish, "
        "and are there for {m.saturation:.0%} now. {m.another_start}.",
        conditions.is_saturated_from_the_start,
        in_fit=conditions.suffers_from_saturation,
        category=categories.SaturationWarning,
        kind="started saturated",
    ),
    "start too large": Rule(
        "the start ({m.init}) makes confident mistakes, with a loss "
        "{m.first_loss:.3g} times that of guessing, and training has not corrected "
        "all of them. {m.another_start}.",
        conditions.starts_too_large,
    ),
    "learning rate too high": Rule(
        "the loss jumps up and down, or grows, instead of settling (it ends at "
        "{m.final_loss:.3g} times that of guessing): the steps are too long. "
        "{m.shorter_steps}.",
        lambda m: m.jumps,
        in_fit=lambda m: m.jumps and conditions.has_grown(m),
        category=ConvergenceWarning,
        kind="ended with a higher loss than at the start",
    ),
    "saturated by training": Rule(
        "training has driven the {m.activation} units onto their flat parts (for "
        "{m.saturation:.0%} of the samples, {m.saturation_start:.0%} at the start), "
        "where they stay. {m.shorter_steps}.",
        conditions.is_saturated_by_training,
    ),
    "learning rate too low": Rule(
        "after {m.n_iter} iterations the loss still falls, slowly and steadily: the "
        "steps are too short. To get on, {m.more_training}.",
        conditions.learns_too_slowly,
    ),
    "many columns": Rule(
        "with {m.n_features} columns the rows are long, so that solver='gd' shortens "
        "the steps of the hidden weights to {m.hidden_rate:.2g} of the learning rate, "
        "and after {m.n_iter} iterations the loss still falls. Use solver='adam', "
        "which needs fewer.",
        conditions.pays_for_short_steps,
        in_fit=conditions.guesses_after_short_steps,
        category=ConvergenceWarning,
        kind="made short steps because of many columns",
        is_put_down_to_scale=False,
    ),
    "uneven weights": Rule(
        "nearly every sample gets the label {m.favoured}, because {m.favoured_by}, "
        "although {m.favoured_share:.1%} of the samples have it. Lower its weight, or "
        "use class_weight='balanced'.",
        lambda m: m.favoured,
        in_fit=lambda m: m.favoured and m.n_predicted == 1 and conditions.had_time(m),
        category=categories.ConstantPredictionsWarning,
        kind="predicted one class because of weights",
        is_put_down_to_scale=False,
    ),
    "guesses on unseen rows": Rule(
        "on rows that they had not seen the nets of the folds are no better than "
        "guessing, so that the temperature is {m.temperature:.0f}, the most, and all "
        "probabilities are alike. {m.way_to_unseen_rows}",
        conditions.guesses_on_unseen_rows,
        is_general=True,
        category=categories.ConstantPredictionsWarning,
        kind="learnt nothing that holds for other rows",
    ),
    "linear plateau": Rule(
        "the network ends where a linear model would: {m.linearity}, while plain "
        "models find more in the data ({m.accuracies}). {m.way_on}",
        conditions.is_held_in_a_line,
        in_fit=conditions.rests_in_a_line,
        category=categories.LinearPlateauWarning,
        kind="ended where a linear model would",
    ),
    "linear network": Rule(
        "with activation='identity' the network is a linear model, and these labels "
        "need more, as plain models show ({m.accuracies}). Use activation='relu'.",
        conditions.is_too_simple,
    ),
    "too few units": Rule(
        "training has settled with n_hidden={m.n_hidden} and every unit in use "
        "(effective rank {m.rank:.1f}), and yet plain models do better "
        "({m.accuracies}): there are too few. Raise n_hidden.",
        conditions.has_too_few_units,
    ),
    "start too small": Rule(
        "training ended on the plateau that small starts begin on ({m.init}: the "
        "units' first inputs are of size {m.input_start:.1g}, and all gradients as "
        "small). {m.another_start}.",
        conditions.starts_too_small,
    ),
    "plateau": Rule(
        "after {m.n_iter} iterations (status {m.status!r}) the loss is within 5% "
        "of that of guessing. {m.way_on}",
        lambda m: m.is_on_plateau and m.is_poor,
        is_general=True,
        in_fit=conditions.ended_on_the_plateau,
        category=ConvergenceWarning,
        kind="ended on the plateau of the constant predictor",
        fit_sentence="the loss ({m.last_loss:.4g}) ended on the plateau of the "
        "constant predictor after {m.n_iter} iterations. Try {m.ways_off_the_plateau}; "
        "if all this is so, there may be nothing to learn, or too little of a rare "
        "class. {m.message}",
    ),
    "class imbalance": Rule(
        "no sample gets the label {m.missed} ({m.missed_share:.1%} of the samples have "
        "it), although the network tells these from the others: each sample counts the "
        "same, and the others are many. {m.ways_to_a_rare_class}.",
        conditions.ignores_a_class,
    ),
    "constant predictions": Rule(
        "every sample gets the same label. {m.more_labels}.",
        lambda m: m.n_predicted == 1 and (m.is_poor or m.chance_accuracy != 1),
        is_general=True,
        in_fit=conditions.predicts_one_class,
        category=categories.ConstantPredictionsWarning,
        kind="predicted one class only",
    ),
    "loss above guessing, unscaled": Rule(
        WRONG_SCALE,
        # The net may fit well: the loss contains a penalty that features make larger.
        in_fit=lambda m: m.is_unscaled and conditions.ends_above(m),
        category=ConvergenceWarning,
        kind="had features without a scale",
        is_put_down_to_scale=False,
    ),
    "held back by features": Rule(
        WRONG_SCALE,
        # A net on small features need not end at a linear model: the loss may not have
        # settled after all iterations, and relu units bend at the origin. A net on rows
        # of which one is far from the others can learn this row and little else.
        in_fit=conditions.is_held_back_by_features,
        category=ConvergenceWarning,
        kind="stayed behind plain models",
    ),
    "loss above guessing": Rule(
        "training ended at a loss of {m.last_loss:.4g}, above that of the constant "
        "predictor ({m.chance_loss:.4g}). Try {m.ways_below_guessing}.",
        in_fit=conditions.ends_above,
        category=ConvergenceWarning,
        kind="ended above the loss of the constant predictor",
    ),
    "settled too early": Rule(
        "training has settled with only a part of what the {m.n_hidden} hidden units "
        "can do (effective rank {m.rank:.1f}). {m.way_on}",
        conditions.stops_early,
        is_general=True,
    ),
    "too few iterations": Rule(
        "training used all its iterations ({m.n_iter}), and they are too few. To get "
        "on, {m.more_training}.",
        conditions.ends_too_soon,
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
        in_fit=lambda m: m.status == "abnormal" and conditions.asks_for_convergence(m),
        category=ConvergenceWarning,
        kind="ended in an abnormal line search",
        is_put_down_to_scale=False,
    ),
}
