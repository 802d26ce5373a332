"""Parts of sentences about one network: what is wrong with it, and what to do."""

import numpy as np

# By status, how to prevent that a stopping rule ends training.
ENDED = {"converged": "tol=None", "early_stopped": "early_stopping=False"}
# With fewer hidden units than this, more of them may be what is missing: on two moons 3
# logistic units have an accuracy of 0.87 with any penalty, and 30 units 0.93.
FEW_UNITS = 10


class Phrases:
    """Parts of the sentences of ``rules``, as properties of `Measurements`.

    For a choice by cross-validation they name its own parameters. They do not advise a
    value that is already set.
    """

    @property
    def sameness(self):
        """How many units are identical, in words."""
        if self.n_distinct == 1:
            return f"all {self.n_hidden} hidden units are identical"
        return f"only {self.n_distinct} of {self.n_hidden} hidden units differ"

    @property
    def accuracies(self):
        """The accuracies of plain models and of the network, in words."""
        return (
            f"accuracy {self.reference_accuracy:.0%} on rows that they have not seen; "
            f"the network, on the rows given, {self.accuracy:.0%}"
        )

    @property
    def wrong_scale(self):
        """What is wrong with the scale of the features, and what to do, in words."""
        if self.has_outliers:
            return (
                "some rows are far from all others: the standard deviation of a "
                f"column is {self.outlier_ratio:.0f} times the spread of most rows, "
                "and a scaler leaves hardly any difference between those. Clip or drop "
                "errors, impute codes by SimpleImputer(missing_values=-9999), or put a "
                "QuantileTransformer(output_distribution='normal') in the place of a "
                "scaler, in a Pipeline"
            )
        scaler = "a StandardScaler"
        if self.is_sparse:
            scaler = "a MaxAbsScaler (or StandardScaler(with_mean=False))"
        scale = (
            f"root mean square of the largest: {self.feature_scale:.3g}, where about 1 "
            "is wanted"
        )
        if self.are_unlike:
            scale = f"the largest is {self.scale_ratio:.0f} times the smallest"
        return (
            f"the features are not scaled ({scale}): put {scaler} before the network, "
            "in a Pipeline"
        )

    @property
    def linearity(self):
        """In what a network is a linear model, in words."""
        n = self.n_classes - 1
        directions = "one direction" if n == 1 else f"{n} directions"
        if self.is_in_a_line:
            share = f"{self.linear_share:.0%}"
            return f"its hidden layer varies in {directions} ({share}; {self.init})"
        share = f"{self.straight_share:.1%}"
        lines = "straight lines in place of its units"
        return f"{lines} give {share} of the variance of its logits ({self.init})"

    @property
    def usual_start(self):
        """The parameters of the default start."""
        scale = "init_scales" if self.is_chosen else "init_scale"
        return f"init='randn' with {scale}='auto'"

    @property
    def _has_usual_start(self):
        """Whether the network already had the default start."""
        return self.is_auto_start and self.init == "init='randn'"

    @property
    def another_start(self):
        """Which start to use instead, a sentence without its full stop."""
        if self._has_usual_start:
            return f"Draw other starts with {self.more_starts}"
        return f"Use {self.usual_start}"

    @property
    def alphas(self):
        """The parameter that sets the penalty."""
        return "alphas" if self.is_chosen else "alpha"

    @property
    def may_have_weaker_penalty(self):
        """Whether a weaker penalty may be better."""
        return self.alpha > 0 and self.is_weakest

    @property
    def fewer_units(self):
        """What to do about identical units, a sentence without its full stop."""
        if self.may_have_weaker_penalty:
            return f"Lower {self.alphas} (now {self.alpha:.3g}), or n_hidden"
        return "Lower n_hidden"

    @property
    def ways_off_the_plateau(self):
        """What may help a network to do better than guessing."""
        curved = ["activation='relu'"] if self.activation == "identity" else []
        weaker = [f"lower {self.alphas}"] if self.may_have_weaker_penalty else []
        other = [self.more_starts] if self.solver == "lbfgs" else []
        ways = [*curved, *self._usual, *weaker, *self._longer, *other]
        return _either([*ways, "scaled features"])

    @property
    def ways_below_guessing(self):
        """What may help a network to a loss below that of guessing."""
        longer = self._longer if self.no_stopping or self.still_falls else []
        return _either([*self._usual, *longer, "scaled features"])

    @property
    def _longer(self):
        """How to train for longer, if ``max_iter="auto"`` is not longer already."""
        return [] if self.is_short else [self.no_stopping or "more max_iter"]

    @property
    def _usual(self):
        """The default iterations, start and rate, if those of the network are worse."""
        ways = ["max_iter='auto'"] if self.is_short else []
        ways += [] if self._has_usual_start else [self.usual_start]
        has_rate = self.solver == "lbfgs" or self.is_auto_rate
        return ways if has_rate else [*ways, "learning_rate_init='auto'"]

    @property
    def ways_to_a_rare_class(self):
        """How to get a rare class predicted, a sentence without its full stop."""
        if self.class_weight is None:
            return "Use class_weight='balanced', or choose a threshold on predict_proba"
        return "Choose a threshold on predict_proba"

    @property
    def shorter_steps(self):
        """How to make steps shorter, a sentence without its full stop."""
        if self.solver == "lbfgs":  # has no learning rate
            return self.another_start
        rate = f"{self.learning_rate_init:.3g}"
        if self.learning_rate_init > self.auto_rate and not self.is_auto_rate:
            return f"Use learning_rate_init='auto' (now {rate})"
        now = f"'auto' made it {rate}" if self.is_auto_rate else f"now {rate}"
        return f"Lower learning_rate_init tenfold ({now})"

    @property
    def no_stopping(self):
        """The parameter with which a rule does not cut training short; "" if none did.

        L-BFGS may converge on the plateau of the constant predictor.
        """
        if self.keeps_earlier:
            return "early_stopping=False"
        has_converged = self.solver == "lbfgs" and not self.is_used_up
        at_rest = self.status == "plateau" and has_converged
        status = "converged" if at_rest else self.status
        return "" if np.isnan(self.tol) else ENDED.get(status, "")

    @property
    def more_training(self):
        """How to train for longer or faster, in words that follow "to get on"."""
        longer = "call partial_fit more often" if self.is_partial else "raise max_iter"
        if self.no_stopping:
            longer = f"pass {self.no_stopping}"
        elif self.is_short:
            longer = f"use max_iter='auto' (now {self.max_iter})"
        ways = [longer]
        if self.has_low_rate:
            now = f"(now {self.learning_rate_init:.3g})"
            ways.insert(0, f"use learning_rate_init='auto' {now}")
        elif self.solver in ("gd", "sgd"):
            ways.append("use solver='adam'")
        return " or ".join(ways)

    @property
    def way_on(self):
        """What to do about a network that could do more, a sentence.

        If the rate has fallen to 0, another solver helps most: on 7 problems in one and
        two dimensions (checkerboards, spirals, rings, a sine) the accuracy on unseen
        rows is higher by 0.20 with L-BFGS, by 0.07 with four times the iterations, by
        0.01 with a tenth of the penalty, and by 0.11 with the last two. At a line the
        penalty holds the units together.
        """
        if self.starts_small:
            return f"Use {self.usual_start}."
        may_go_on = self.no_stopping or self.still_falls or self.is_short
        if may_go_on or self.has_low_rate:
            return f"To get on, {self.more_training}."
        is_at_end = self.is_cosine and self.status == "max_iter"
        longer = f"use solver='lbfgs', or raise max_iter (now {self.n_iter}) fourfold"
        if self.may_have_weaker_penalty:
            weaker = f"lower {self.alphas} (now {self.alpha:.3g}) tenfold"
            weaker += " or raise n_hidden" if self.n_hidden < FEW_UNITS else ""
            if is_at_end and self.is_linear:
                return f"To get on, {weaker}, or use solver='lbfgs'."
            if is_at_end:
                return f"To get on, {longer}. If that is not enough, {weaker} as well."
            return f"To get on, {weaker}."
        if self.is_partial:
            return f"To get on, {self.more_training}."
        if is_at_end:
            return f"To get on, {longer}."
        if self.status == "max_iter":
            return f"Raise max_iter (now {self.n_iter}) or n_init."
        return f"Try more starts with {self.more_starts}."

    @property
    def way_to_unseen_rows(self):
        """What to do about nets of folds that have learnt nothing, a sentence."""
        may_go_on = self.is_short or self.still_falls or self.has_low_rate
        if may_go_on and self.final_loss > 0.95:  # nor have they learnt their own rows
            return f"To get on, {self.more_training}."
        return (
            "Either the columns tell nothing of the labels, or the folds leave out "
            "whole classes or groups: then give cv=StratifiedKFold(5, shuffle=True)."
        )

    @property
    def more_starts(self):
        """How to try more starts, in words."""
        return "n_init=10" if self.n_init < 10 else f"n_init={10 * self.n_init}"

    @property
    def more_labels(self):
        """What to do about a single predicted label, a sentence without full stop."""
        is_like_guessing = self.final_loss < 1.05
        if isinstance(self.class_weight, dict) and not is_like_guessing:
            return f"Use class_weight='balanced' (now {self.class_weight})"
        # Long steps may lead above guessing for a while, and the default rate is long.
        has_usual_steps = self.is_auto_rate and self.is_auto_start
        may_go_on = self.no_stopping or self.has_low_rate or has_usual_steps
        if self.is_short or (may_go_on and not is_like_guessing):
            return f"To get on, {self.more_training}"
        if is_like_guessing:
            use = (
                "use class_weight='balanced', and " if self.class_weight is None else ""
            )
            start = "" if self._has_usual_start else f", then use {self.usual_start}"
            return (
                f"If the other classes are rare and matter, {use}judge by recall "
                "or the ranking; if they are not, check that rows and labels belong "
                f"together{start}"
            )
        if self.is_auto_rate and not self.is_auto_start:
            return f"Use {self.usual_start}"
        return self.shorter_steps

    @property
    def or_rate(self):
        """Words that add the learning rate to what to increase, if there is one."""
        return "" if self.solver == "lbfgs" else " or learning_rate_init"


def _either(ways):
    """Several ways in words: "a, b, or c"."""
    *others, last = ways
    return ", ".join([*others, f"or {last}"]) if others else last
