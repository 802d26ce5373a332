"""The rules: possible problems of a network, and what to do.

A diagnosis reports all rules that apply. A fit warns by the first rule that applies and
has a category of warnings. A fit must not give unnecessary warnings: if its condition
differs from that of a diagnosis, the row has both. The rows are in the order of their
ranking, in four tables: causes, the scale of the features, what this may explain, and
what is said if no rule before applies. To add a rule, add a row before all rules whose
problems it explains. After a fit a measurement is taken when a condition first reads
it: a condition begins with what takes no time. This module measures nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

from sklearn.exceptions import ConvergenceWarning

import skshallow._advice.advice as advice
import skshallow._advice.conditions as conditions
import skshallow._fit.warning_categories as warning_categories


class Rule(NamedTuple):
    """A row of the table.

    A text is a format string for the measurements ``m``, or a function of them.

    Parameters
    ----------
    cause : str or callable, default=""
        What is wrong, with the values that show it, without a full stop.
    advice : str or callable, default=""
        What to do, as a sentence; empty if the cause says it.
    applies : callable, default=None
        ``applies(measurements) -> bool``: whether a diagnosis reports the rule. None
        stands for never.
    category : type, default=None
        Category of the warning of a fit. None: a fit does not warn by this rule.
    in_fit : callable, default=None
        ``in_fit(measurements) -> bool``: whether a fit warns. None stands for
        ``applies``.
    in_brief_fit : bool, default=False
        Whether a fit warns even after a few iterations, of which more would help.

    Examples
    --------
    >>> from skshallow._advice.warning_rules import RULES
    >>> next(iter(RULES))
    'constant features'
    """

    cause: str | Callable = ""
    advice: str | Callable = ""
    applies: Callable | None = None
    category: type | None = None
    in_fit: Callable | None = None
    in_brief_fit: bool = False

    def sentence(self, m):
        """The cause, and what to do.

        Parameters
        ----------
        m : Measurements

        Returns
        -------
        sentence : str
        """
        texts = (
            text(m) if callable(text) else text.format(m=m)
            for text in (self.cause, self.advice)
        )
        return ". ".join(filter(None, texts))


# ---------------------------------------------------------------------------
# The table. A cause comes before its effects.

ACCURACIES = (
    "accuracy {m.baseline_accuracy:.0%} on rows that they have not seen; the network, "
    "on the rows given, {m.accuracy:.0%}"
)
# With a momentum of 0.995 sgd learns moons as well as with 0.9. With 1 the velocity
# never decays.
HIGH_MOMENTUM = 0.995
# Problems that no other rule explains.
CAUSES = {
    "constant features": Rule(
        "no feature varies: all rows are the same",
        "Check how the features were made.",
        lambda m: m.n_predicted == 1 and m.is_constant,
        category=ConvergenceWarning,
        in_brief_fit=True,
    ),
    "penalty too strong": Rule(
        lambda m: (
            f"alpha={m.alpha:.4g} over {m.row_weight:g} rows is a penalty of "
            f"{m.alpha / m.row_weight:.2g} on the mean loss, "
            f"{m.penalty_ratio:.0f} times the default of a single net, and outweighs "
            "the data"
        ),
        lambda m: "Lower {0}, or use {0}='auto'.".format(advice.alpha_name(m)),
        conditions.penalty_outweighs_data,
        category=warning_categories.PenaltyWarning,
    ),
    "identical units": Rule(
        advice.identical_units,
        advice.make_units_differ,
        lambda m: m.n_distinct < m.n_hidden,
        category=warning_categories.SymmetryWarning,
        in_brief_fit=True,
    ),
    "nothing to learn": Rule(
        "the labels look unrelated to the features: plain models predict unseen rows "
        "no better (accuracy {m.baseline_accuracy:.0%}) than always the same class "
        "({m.chance_accuracy:.0%}), and this network may be overfitting the rows given "
        "({m.accuracy:.0%})",
        "If cross_val_score shows that it is, check that rows and labels belong "
        "together, or find other features.",
        conditions.may_have_nothing_to_learn,
    ),
    "momentum too high": Rule(
        "momentum={m.momentum:.4g} repeats every step so often that old steps outweigh "
        "new ones",
        "Use momentum=0.9.",
        lambda m: m.momentum > HIGH_MOMENTUM and conditions.has_failed(m),
        category=ConvergenceWarning,
    ),
    "uneven weights": Rule(
        "nearly every sample gets the label {m.favoured}, because {m.favoured_by}, "
        "although {m.favoured_share:.1%} of the samples have it",
        "Lower its weight, or use class_weight='balanced'.",
        lambda m: m.favoured,
        category=warning_categories.ConstantPredictionsWarning,
        in_fit=lambda m: m.n_predicted == 1 and m.favoured,
    ),
}
# A finding of one of these two explains all problems in the tables that follow.
SCALE = {
    "outliers": Rule(
        "some rows are far from all others: the standard deviation of a column is "
        "{m.outlier_ratio:.0f} times the spread of most rows",
        "Clip or drop errors, impute codes by SimpleImputer(missing_values=-9999), or "
        "put a QuantileTransformer(output_distribution='normal') in the place of a "
        "scaler, in a Pipeline.",
        conditions.suffers_from_outliers,
    ),
    "unscaled features": Rule(
        lambda m: f"the features are not scaled ({advice.scales(m)})",
        "Put a StandardScaler, or for sparse rows a MaxAbsScaler, before the network, "
        "in a Pipeline.",
        conditions.suffers_from_scale,
    ),
}


def due_to_scale(problem, m):
    """The sentence about a problem of a fit that the scale of the features explains."""
    has_outliers = conditions.suffers_from_outliers(m)
    rule = SCALE["outliers" if has_outliers else "unscaled features"]
    return f"{problem}: {rule.sentence(m)}"


# Problems that features of a wrong scale may cause as well.
EFFECTS = {
    "dead relu units": Rule(
        "{m.inactive:.0%} of the {m.activation} units are never active "
        "({m.inactive_start:.0%} at the start; {m.init}), and units that are not "
        "active get no gradient",
        advice.revive_units,
        conditions.has_dead_units,
        category=warning_categories.DeadUnitsWarning,
        in_brief_fit=True,
    ),
    "saturated units": Rule(
        "for {m.saturation:.0%} of the samples the {m.activation} units are on their "
        "flat parts ({m.saturation_start:.0%} at the start; {m.init}), where gradients "
        "vanish",
        advice.leave_flat_parts,
        conditions.has_saturated_units,
        category=warning_categories.SaturationWarning,
        in_fit=conditions.suffers_from_saturation,
        in_brief_fit=True,
    ),
    "start too large": Rule(
        "the start is too large ({m.init}): its loss is {m.first_loss:.3g} times that "
        "of guessing, and training has not corrected all of it",
        advice.use_another_start,
        conditions.starts_too_large,
        category=ConvergenceWarning,
    ),
    "learning rate too high": Rule(
        "the loss jumps up and down, or grows, instead of settling (it ends at "
        "{m.final_loss:.3g} times that of guessing): the steps are too long",
        advice.shorten_steps,
        conditions.jumps_and_fails,
        category=ConvergenceWarning,
        in_brief_fit=True,
    ),
    "learning rate too low": Rule(
        "learning_rate_init={m.learning_rate_init:.3g} is far below that of 'auto' "
        "({m.auto_rate:.3g}), and little is learnt after {m.n_iter} iterations",
        advice.train_more,
        conditions.has_too_low_a_rate,
        category=ConvergenceWarning,
    ),
    "start too small": Rule(
        "training ended on the plateau that small starts begin on ({m.init}: the "
        "units' first inputs are of size {m.input_start:.1g}, and all gradients as "
        "small)",
        advice.use_another_start,
        conditions.starts_too_small,
    ),
    "linear plateau": Rule(
        "the network ends where a linear model would ({m.init}): "
        "{m.linear_share:.0%} of the variance of its hidden layer is in the directions "
        "of such a model, and straight lines in place of its units give "
        "{m.straight_share:.1%} of that of its logits, while plain models find more in "
        f"the data ({ACCURACIES})",
        advice.get_on,
        conditions.is_on_linear_plateau,
        category=warning_categories.LinearPlateauWarning,
    ),
    "linear network": Rule(
        "with activation='identity' the network is a linear model, and these labels "
        f"need more, as plain models show ({ACCURACIES})",
        "Use activation='relu'.",
        conditions.is_too_simple,
    ),
    "too few units": Rule(
        "training has settled with n_hidden={m.n_hidden} and every unit in use "
        "(effective rank {m.rank:.1f}), and yet plain models do better "
        f"({ACCURACIES}): there are too few",
        "Raise n_hidden.",
        conditions.has_too_few_units,
        category=ConvergenceWarning,
    ),
    "class imbalance": Rule(
        "no sample gets the label {m.missed} ({m.missed_share:.1%} of the samples have "
        "it), although the network tells these from the others, which are many",
        advice.learn_a_rare_class,
        conditions.ignores_a_class,
    ),
}
# These are reported only if no rule before applies.
GENERAL = {
    "guesses on unseen rows": Rule(
        "on unseen rows the nets of the folds are no better than guessing, so that the "
        "temperature is {m.temperature:.0f}, and all probabilities are alike",
        advice.predict_unseen_rows,
        conditions.guesses_on_unseen_rows,
        category=warning_categories.ConstantPredictionsWarning,
        in_brief_fit=True,
    ),
    "plateau": Rule(
        "the loss ({m.last_loss:.4g}) ended on the plateau of the constant predictor "
        "after {m.n_iter} iterations",
        advice.get_below_guessing,
        conditions.is_at_guessing,
        category=ConvergenceWarning,
        in_fit=conditions.ended_on_the_plateau,
        in_brief_fit=True,
    ),
    "constant predictions": Rule(
        "every sample gets the same label",
        advice.predict_more_labels,
        conditions.predicts_one_class,
        category=warning_categories.ConstantPredictionsWarning,
    ),
    "behind plain models": Rule(
        # A net on small features need not end at a linear model: the loss may not have
        # settled after all iterations, and relu units bend at the origin. A net on rows
        # of which one is far from the others can learn this row and little else.
        lambda m: due_to_scale("behind plain models", m),
        category=ConvergenceWarning,
        in_fit=conditions.is_held_back_by_features,
    ),
    "loss above guessing": Rule(
        "training ended at a loss of {m.last_loss:.4g}, above that of the constant "
        "predictor ({m.chance_loss:.4g})",
        advice.get_below_guessing,
        category=ConvergenceWarning,
        in_fit=conditions.ends_above,
    ),
    "settled too early": Rule(
        "training has settled at a poor network (effective rank {m.rank:.1f} with "
        "n_hidden={m.n_hidden})",
        advice.get_on,
        conditions.has_settled_too_early,
        category=ConvergenceWarning,
        in_fit=lambda m: (
            conditions.should_do_better(m) and conditions.has_settled_too_early(m)
        ),
    ),
    "too few iterations": Rule(
        "training used all its iterations ({m.n_iter}), and the loss "
        "({m.last_loss:.4g}) had not settled",
        advice.train_longer,
        conditions.has_too_few_iterations,
        category=ConvergenceWarning,
        in_fit=conditions.has_not_converged,
        in_brief_fit=True,
    ),
    "abnormal line search": Rule(
        "L-BFGS ended in an abnormal line search: scipy says {m.message!r}. The loss "
        "is {m.last_loss:.4g}",
        "Scale the features, use float64, or raise tol.",
        category=ConvergenceWarning,
        in_fit=lambda m: m.status == "abnormal" and not m.is_fixed,
        in_brief_fit=True,
    ),
}
RULES = CAUSES | SCALE | EFFECTS | GENERAL
