"""What is known of one network, and what follows from that.

`Measurements` are taken by ``quick_look`` after a fit, and all of them by ``measuring``
for a diagnosis, and read by the table in ``rules``. What was not measured is nan.
"""

from dataclasses import dataclass, field, fields

import numpy as np

from skshallow._core.activations import is_bounded
from skshallow._fit.defaults import LEARNING_RATE

# In standard errors of a ranking: noise hardly ever has more.
NO_EVIDENCE = 3
# Times alpha="auto" from which a penalty is to blame for a net that learns nothing. On
# real tables the best penalty is up to twenty times that, but there the net does learn.
STRONG = 3
# Root mean square of a start's pre-activations below which it is a small one: "auto"
# makes it 1 or so for scaled features, the lecture's 0.01 a tenth for a hundred.
SMALL = 0.2
# Root mean square of the largest feature below which all are too small for the
# defaults: weights as much larger are needed, and the penalty keeps them down at any
# learning rate. L-BFGS, which reads none, ends near a line on two moons of this size,
# too, by its default tolerance.
SMALL_FEATURES = 0.05
# Share of pairs of unit and sample on flat parts above which a start is saturated. With
# tanh it takes inputs of a deviation of 9.4, which a standard normal start at scale 1
# has from 88 scaled features on. At scale 1 on fewer nets learn well, and often with
# half of the pairs on flat parts.
SATURATED = 0.75
# Share of the rows by which a net may be behind without a word: convention.
LAG = 0.02
# Share of the hidden layer's variance in as many directions as a linear model has, from
# which it is no more than one. At rest on the linear plateau of a plane problem it is
# 0.97 to 1. On tables where a linear model is the best there is nets reach 1 as well:
# whether there is more to learn is asked of nearest neighbours.
LINEAR = 0.95
# Share of the iterations after which the steps under a cosine add up to half: the x of
# x / 2 + sin(pi x) / (2 pi) = 1 / 4.
COSINE_HALF = 0.265
# What keeps training from ending where it did; or else it used up its iterations.
ENDED = {"converged": "pass tol=None", "early_stopped": "pass early_stopping=False"}


@dataclass(frozen=True, kw_only=True)
class Measurements:
    """What was measured of a fitted network.

    A fit measures what it knows anyway, and the units only if its network shows
    something alarming; ``evidence`` of a network that cross-validation chose is then of
    rows out of fold. A diagnosis measures all but ``tol``, ``weight_loss``,
    ``message`` and ``lag_error``. What was not measured is nan, as is what needs labels
    where there are none.

    Parameters
    ----------
    activation, solver : str
    init : str
        The start in words, such as ``"init='zeros'"``.
    is_auto_start, is_auto_rate : bool
        Whether ``init_scale`` and ``learning_rate_init`` were ``"auto"``.
    class_weight : object
        A parameter of the estimator.
    is_chosen : bool
        Whether cross-validation chose the penalty, and perhaps the scale of the start.
    is_weakest : bool
        Whether it may be that a weaker penalty is better: none was tried, and the
        penalty is not of the measured range.
    is_cosine : bool
        Whether the learning rate fell as a cosine.
    learning_rate_init, alpha : float
        As they were used: for ``"auto"``, what it stood for.
    auto_alpha : float
        What ``alpha="auto"`` would have been.
    row_weight : float
        What the penalty is divided by: ``alpha / row_weight`` acts on the mean loss.
    status : str
        ``status_``: how training ended.
    n_iter : int
    loss_curve : ndarray
    n_samples, n_features, n_hidden, n_classes : int
    chance_loss : float
        Of the best constant prediction, with the weights that training had.
    feature_scale : float
        Root mean square of the largest feature.
    is_sparse : bool
        Whether the rows are.
    n_distinct_start, n_distinct : int
        Hidden units that differ, at the start and now.
    saturation_start, saturation : float
        Share of pairs of unit and sample on flat parts.
    dead_start, dead : float
        Share of hidden units that are constant on the samples. After a fit ``dead``
        counts units of activation 0, on every row.
    input_start : float
        Root mean square of the pre-activations at the start.
    linear_share : float
        Share of the variance of the hidden layer's inputs in their first directions, as
        many as a linear model has: one less than there are classes.
    n_predicted : int
        Number of different classes predicted.
    accuracy, reference_accuracy : float
        On the samples, or on some of them, of the network and of plain models
        (`skshallow._advice.baselines`).
    lag_error : float
        Standard error of the difference between these two on the same rows. A diagnosis
        does not measure it: there plain models are given rows that they have not seen.
    similarity : float
        Mean similarity of two hidden units.
    rank : float
        Effective rank of the hidden layer.
    distance_hidden, distance_output : float
        Travelled by the weights, relative to the start.
    gradient_hidden, gradient_output : float
        Norms at the start.
    loss : float
        On the samples: the mean cross-entropy in nats.
    chance_accuracy : float
        Of the best constant prediction.
    reference_loss : float
        Of plain models.
    reference_evidence : float
        By how many standard errors the plain models tell the classes apart.
    reference_error : float
        Standard error of the area under a plain model's ROC curve, were it a guess.
    evidence : float
        By how many standard errors the network tells the classes apart.
    missed : str
        Labels that are never predicted, of those with ten samples or more.
    missed_share : float
        The share of the samples that has them.
    tol : float
        What a fit stopped by; ``-inf`` if by nothing, nan for ``tol=None``.
    weight_loss : float
        The part of a fit's last loss that is the penalty.
    message : str
        What scipy said of how a fit ended.

    Examples
    --------
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.diagnostics import diagnose
    >>> from skshallow.exceptions import SymmetryWarning
    >>> X, y = make_flower(random_state=1)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SymmetryWarning)
    ...     net = ShallowNetClassifier(4, init="zeros", max_iter=50).fit(X, y)
    >>> figures = diagnose(net, X, y).figures
    >>> figures.n_distinct, figures.is_on_plateau
    (1, True)
    """

    activation: str
    solver: str
    init: str
    is_auto_start: bool
    is_auto_rate: bool
    class_weight: object
    is_chosen: bool
    is_weakest: bool
    is_cosine: bool
    learning_rate_init: float
    alpha: float
    auto_alpha: float
    row_weight: float
    status: str
    n_iter: int
    loss_curve: np.ndarray = field(repr=False)
    n_samples: int
    n_features: int
    n_hidden: int
    n_classes: int
    chance_loss: float = np.nan
    feature_scale: float = np.nan
    is_sparse: bool = False
    n_distinct_start: int = np.nan
    n_distinct: int = np.nan
    saturation_start: float = np.nan
    saturation: float = np.nan
    dead_start: float = np.nan
    dead: float = np.nan
    input_start: float = np.nan
    linear_share: float = np.nan
    n_predicted: int = np.nan
    accuracy: float = np.nan
    reference_accuracy: float = np.nan
    lag_error: float = np.nan
    similarity: float = np.nan
    rank: float = np.nan
    distance_hidden: float = np.nan
    distance_output: float = np.nan
    gradient_hidden: float = np.nan
    gradient_output: float = np.nan
    loss: float = np.nan
    chance_accuracy: float = np.nan
    reference_loss: float = np.nan
    reference_evidence: float = np.nan
    reference_error: float = np.nan
    evidence: float = np.nan
    missed: str = ""
    missed_share: float = 0.0
    tol: float = np.nan
    weight_loss: float = np.nan
    message: str = ""

    def __str__(self):
        """A line for everything that was measured, in columns."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.repr}
        width = max(map(len, values))
        return "\n".join(
            f"{name:<{width}}  {_short(value)}"
            for name, value in values.items()
            if value == value and value != ""  # nan is not equal to itself
        )

    @property
    def _unit(self):
        """Loss of a constant prediction."""
        # Nothing is lost by guessing if all samples are of one class.
        is_known = self.chance_loss > 0
        return self.chance_loss if is_known else np.log(self.n_classes)

    @property
    def last_loss(self):
        """Last entry of the loss curve."""
        return float(self.loss_curve[-1])

    @property
    def final_loss(self):
        """Last entry of the loss curve over the loss of a constant prediction."""
        return self.loss_curve[-1] / self._unit

    @property
    def first_loss(self):
        """First entry of the loss curve over the loss of a constant prediction."""
        return self.loss_curve[0] / self._unit

    @property
    def is_on_plateau(self):
        """Whether training ended within 5% of the loss of a constant prediction."""
        return self.status == "plateau" or 0.95 < self.final_loss < 1.05

    @property
    def still_falls(self):
        """Whether the loss curve has not levelled: see `curve_still_falls`."""
        return curve_still_falls(self.loss_curve, self.is_cosine, self._unit)

    @property
    def jumps(self):
        """Whether the curve goes up and down instead of settling.

        Over its second half the mean step upwards is 2% of what an even guess costs,
        where well-trained networks have 0.1%; and the height is no passing matter: the
        curve ends a tenth above its lowest point or has been at one and a half times
        its beginning.
        """
        curve = self.loss_curve
        steps = np.diff(curve[len(curve) // 2 :])
        if not len(steps):
            return False
        even = np.log(self.n_classes)
        rise = np.maximum(steps, 0).mean() / even
        high = curve[-1] > curve.min() + 0.1 * even
        return rise > 0.02 and (high or curve.max() > 1.5 * curve[0])

    @property
    def lags(self):
        """Whether plain models are more accurate, and not by chance.

        By more than 2%, and on the same rows by three standard errors of a difference,
        which is known by those that one of them gets wrong (McNemar, 1947). On other
        samples, of which plain models were given a thousand at most, it is by more than
        2% and two standard errors.
        """
        n, mark = min(self.n_samples, 1000), self.reference_accuracy
        chance = (n * mark + 1) / (n + 2)  # never quite certain
        margin = LAG + 2 * np.sqrt(2 * chance * (1 - chance) / n)
        if not np.isnan(self.lag_error):
            margin = max(LAG, 3 * self.lag_error)
        return mark - self.accuracy > margin

    @property
    def is_poor(self):
        """Whether the network does worse than a plain model does on unseen rows.

        By more than 2% of accuracy and two standard errors, or by 0.15 of what a
        constant prediction costs: a tenth is what a strong penalty takes on tables on
        which it does no harm. With class weights, which trade accuracy away, it is the
        ranking that counts; and a network that ranks no better than chance is poor
        wherever plain models do: of a rare class neither accuracy nor loss would show
        it. Without labels, whether the loss is near that of guessing.
        """
        if np.isnan(self.accuracy):
            return self.final_loss > 0.9
        if self.class_weight is not None:
            return self.evidence < 0.8 * self.reference_evidence
        if self.evidence < NO_EVIDENCE and self.reference_evidence > 6:
            return True
        return self.lags or (self.loss - self.reference_loss) / self._unit > 0.15

    @property
    def is_unscaled(self):
        """Whether the features have another scale than the defaults are made for.

        A ``StandardScaler`` makes it 1, a ``MinMaxScaler`` at most 1; iris in
        centimetres has 6. Of features that are all 0 no scaler makes anything.
        """
        return self.feature_scale > 10 or self.has_small_features

    @property
    def has_small_features(self):
        """Whether every feature is far below unit size."""
        return 0 < self.feature_scale < SMALL_FEATURES

    @property
    def penalty(self):
        """What acts on the mean loss."""
        return self.alpha / self.row_weight

    @property
    def penalty_ratio(self):
        """How many times what ``alpha="auto"`` makes it the penalty is.

        0 where every row is 0: there is nothing that it could outweigh.
        """
        return self.alpha / self.auto_alpha if self.auto_alpha > 0 else 0.0

    @property
    def has_strong_penalty(self):
        """Whether the penalty is much more than ``alpha="auto"`` makes it.

        Identical units learn nothing under any penalty: they are not its doing. Nor is
        a penalty too strong if weaker ones were tried and scored worse.
        """
        is_apart = self.n_distinct_start == self.n_hidden
        return self.penalty_ratio > STRONG and is_apart and self.is_weakest

    @property
    def has_low_rate(self):
        """Whether a user's learning rate is below the measured one."""
        is_below = self.learning_rate_init < LEARNING_RATE[self.solver]
        return is_below and not self.is_auto_rate and self.solver != "lbfgs"

    @property
    def starts_small(self):
        """Whether the units' first inputs are small by the user's ``init_scale``."""
        return self.input_start < SMALL and not self.is_auto_start

    @property
    def is_linear(self):
        """Whether the network is a linear model, and yet not meant to be.

        A hidden layer of as few units as that has no choice; units on their flat parts
        are steps, and what does no better than a constant prediction is no model.
        """
        has_steps = is_bounded(self.activation) and self.saturation > 0.5
        is_model = self.final_loss < 0.95 and not has_steps
        return self.may_be_more and is_model and self.linear_share > LINEAR

    @property
    def may_be_more(self):
        """Whether the network could be more than a linear model."""
        return self.activation != "identity" and self.n_hidden > self.n_classes

    # In the words of sentences. Of a choice by cross-validation they name its own
    # parameters, and nothing that is so already.

    @property
    def sameness(self):
        """How many units are alike."""
        if self.n_distinct == 1:
            return f"all {self.n_hidden} hidden units are identical"
        return f"only {self.n_distinct} of {self.n_hidden} hidden units differ"

    @property
    def accuracies(self):
        """How accurate plain models and the network are, and on which rows."""
        return (
            f"accuracy {self.reference_accuracy:.0%} on rows that they have not seen; "
            f"the network, on the rows given, {self.accuracy:.0%}"
        )

    @property
    def scaler(self):
        """What brings the features to the scale that the defaults are made for."""
        if self.is_sparse:
            return "a MaxAbsScaler (or StandardScaler(with_mean=False))"
        return "a StandardScaler"

    @property
    def rows(self):
        """The rows that the penalty is held against."""
        weight = self.row_weight
        return (
            f"{weight:.0f} rows" if weight % 1 == 0 else f"rows of weight {weight:.4g}"
        )

    @property
    def directions(self):
        """How many directions a linear model has."""
        n = self.n_classes - 1
        return "one direction" if n == 1 else f"{n} directions"

    @property
    def usual_start(self):
        """The parameters of the default start."""
        scale = "init_scales" if self.is_chosen else "init_scale"
        return f"init='randn' with {scale}='auto'"

    @property
    def _has_usual_start(self):
        """Whether the networks of a choice have started so, and it is no advice."""
        is_usual = self.is_auto_start and self.init == "init='randn'"
        return self.is_chosen and is_usual

    @property
    def another_start(self):
        """What to start from instead, a sentence without its full stop."""
        if self._has_usual_start:
            return "Draw other starts with n_init=10"
        return f"Use {self.usual_start}"

    @property
    def measured_penalty(self):
        """What the penalty is compared with."""
        if self.is_chosen:
            return "the default of a single net"
        return "what alpha='auto' would make it"

    @property
    def weaker_penalty(self):
        """How to come to a weaker penalty, in words that follow a colon."""
        if self.is_chosen:
            return "give lower alphas, or use alphas='auto'"
        return "lower alpha, or use alpha='auto'"

    @property
    def fewer_units(self):
        """What to do about units that do the same work, without a full stop."""
        if not self.is_chosen:
            return f"Lower alpha (now {self.alpha:.3g}), or n_hidden"
        if not self.is_weakest:
            return "Lower n_hidden"
        return f"{self._lower_alphas}, or lower n_hidden"

    @property
    def _lower_alphas(self):
        return f"Give lower alphas (the lowest is {self.alpha:.3g})"

    @property
    def ways_off_the_plateau(self):
        """What may bring a network away from guessing."""
        weaker = ["a smaller alpha"]
        if self.is_chosen:
            weaker = ["lower alphas"] if self.alpha > 0 and self.is_weakest else []
        return _either([*self._usual, *weaker, "more max_iter", "scaled features"])

    @property
    def ways_to_settle(self):
        """What may bring a network below the loss of guessing."""
        return _either([*self._usual, "scaled features"])

    @property
    def _usual(self):
        """Start and learning rate that were measured, where it has others."""
        ways = [] if self._has_usual_start else [self.usual_start]
        has_rate = self.solver == "lbfgs" or self.is_auto_rate
        return ways if has_rate else [*ways, "learning_rate_init='auto'"]

    @property
    def ways_to_a_rare_class(self):
        """How to have a rare class predicted, a sentence without its full stop."""
        if self._has_class_weight:
            return "Choose a threshold on predict_proba"
        return "Use class_weight='balanced', or choose a threshold on predict_proba"

    @property
    def _has_class_weight(self):
        """Whether a choice has class weights, and they are no advice."""
        return self.is_chosen and self.class_weight is not None

    @property
    def shorter_steps(self):
        """How to make steps shorter, a sentence without its full stop."""
        if self.solver == "lbfgs":  # which reads no rate
            return self.another_start
        now = f"(now {self.learning_rate_init:.3g})"
        if self.is_auto_rate:
            return f"Lower learning_rate_init {now} tenfold"
        return f"Use learning_rate_init='auto' {now}"

    @property
    def more_training(self):
        """How to train for longer, or faster, in words that follow "to get on"."""
        ways = [ENDED.get(self.status, "raise max_iter")]
        if self.has_low_rate:
            now = f"(now {self.learning_rate_init:.3g})"
            ways.insert(0, f"use learning_rate_init='auto' {now}")
        elif self.solver in ("gd", "sgd"):
            ways.append("use solver='adam'")
        return " or ".join(ways)

    @property
    def way_on(self):
        """What to do about a network that stays below what it could do, a sentence."""
        if self.starts_small:
            return f"Use {self.usual_start}."
        if self.status in ENDED or self.still_falls or self.has_low_rate:
            return f"To get on, {self.more_training}."
        if self.alpha > 0 and not self.is_chosen:
            return f"Lower alpha (now {self.alpha:.3g}) tenfold."
        if self.alpha > 0 and self.is_weakest:
            return f"{self._lower_alphas}."
        return "Try more starts with n_init=10."

    @property
    def more_labels(self):
        """What to do about a single label, a sentence without its full stop."""
        if self.final_loss < 1.05:
            weights = "use class_weight='balanced', and "
            weights = "" if self._has_class_weight else weights
            start = "" if self._has_usual_start else f", then use {self.usual_start}"
            return (
                "If the other classes are rare and matter, "
                f"{weights}judge by recall or the ranking; if "
                "they are not, check that rows and labels belong together"
                f"{start}"
            )
        if self.is_auto_rate and not self.is_auto_start:
            return f"Use {self.usual_start}"
        return self.shorter_steps

    @property
    def or_rate(self):
        """The learning rate as one more thing to increase, where there is one."""
        return "" if self.solver == "lbfgs" else " or learning_rate_init"


def _either(ways):
    """Some ways as words: "a, b, or c"."""
    *others, last = ways
    return ", ".join([*others, f"or {last}"]) if others else last


def curve_still_falls(curve, is_cosine, unit):
    """Whether a loss curve has not levelled.

    The second half of the way falls more than half as far as the first, or the last
    tenth of the iterations by more than 0.5% of what a constant prediction costs. Half
    the way is where the steps add up to half: under a cosine every curve levels with
    the rate, and that is after a quarter of the iterations.

    Parameters
    ----------
    curve : ndarray of shape (n_iter,)
    is_cosine : bool
        Whether the rate fell.
    unit : float
        Loss of a constant prediction.
    """
    half = int(len(curve) * (COSINE_HALF if is_cosine else 0.5))
    tenth = max(1, len(curve) // 10)
    first, second = curve[0] - curve[half], curve[half] - curve[-1]
    late = curve[max(0, len(curve) - 1 - tenth)] - curve[-1]
    return second > max(0.5 * first, 0) or late > 0.005 * unit


def _short(value):
    """A number in four digits, or what it is, as text."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
