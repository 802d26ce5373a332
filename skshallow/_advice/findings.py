"""What figures of a network mean: causes and remedies, one row of a table each.

`Symptoms` is what a fit sees of its network, and `Figures` all that a diagnosis
measures; ``REMEDIES`` holds a row for every cause known here, with the condition under
which it applies, its weight and its sentence. To add a finding, add a row in its place:
the weightiest stand first. Measures nothing, and knows no estimator.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from skshallow._advice.measures import still_falls
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
# Rows on which a fit compares its net with plain models.
FEW = 500
# Share of the rows by which a net may be behind without a word: convention.
LAG = 0.02
# Share of the hidden layer's variance in as many directions as a linear model has, from
# which it is no more than one. At rest on the linear plateau of a plane problem it is
# 0.97 to 1. On tables where a linear model is the best there is nets reach 1 as well:
# whether there is more to learn is asked of nearest neighbours.
LINEAR = 0.95
# What keeps training from ending where it did; or else it used up its iterations.
ENDED = {"converged": "pass tol=None", "early_stopped": "pass early_stopping=False"}


@dataclass(frozen=True, kw_only=True)
class Symptoms:
    """What is plain to see of a network as soon as it is trained.

    Parameters
    ----------
    n_hidden : int
    activation : str
    solver : str
    init : str
        The start in words, such as ``"init='zeros'"``.
    is_auto_start, is_auto_rate : bool
        Whether ``init_scale`` and ``learning_rate_init`` were ``"auto"``.
    is_cosine : bool
        Whether the learning rate fell as a cosine.
    status : str
        ``status_``: how training ended.
    n_classes : int
    loss_curve : ndarray
    chance_loss : float
        Of the best constant prediction, with the weights that training had.
    feature_scale : float
        Root mean square of the largest feature.
    is_sparse : bool
        Whether the rows are.
    learning_rate_init, alpha : float
        As they were used: for ``"auto"``, what it stood for.
    auto_alpha : float
        What ``alpha="auto"`` would have been.
    row_weight : float
        What the penalty is divided by: ``alpha / row_weight`` acts on the mean loss.
    n_distinct_start, n_distinct : int
        Hidden units that differ, at the start and now.
    saturation_start, saturation : float
        Share of pairs of unit and sample on flat parts.
    dead_start, dead : float
        Share of hidden units that are constant on the samples.
    input_start : float
        Root mean square of the pre-activations at the start.
    linear_share : float
        Share of the variance of the hidden layer's inputs in their first directions, as
        many as a linear model has: one less than there are classes.
    n_predicted : int
        Number of different classes predicted.
    accuracy, reference_accuracy : float
        On the samples, or on some of them, of the network and of plain models
        (`skshallow._advice.references`); nan where they were not needed.
    lag_error : float
        Standard error of the difference between these two.

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
    >>> diagnose(net, X, y).figures.sameness
    'all 4 hidden units are identical'
    """

    n_hidden: int
    activation: str
    solver: str
    init: str
    is_auto_start: bool
    is_auto_rate: bool
    is_cosine: bool
    status: str
    n_classes: int
    loss_curve: np.ndarray = field(repr=False)
    chance_loss: float = np.nan
    feature_scale: float
    is_sparse: bool
    learning_rate_init: float
    alpha: float
    auto_alpha: float
    row_weight: float
    n_distinct_start: int
    n_distinct: int
    saturation_start: float
    saturation: float
    dead_start: float
    dead: float
    input_start: float
    linear_share: float
    n_predicted: int
    accuracy: float = np.nan
    reference_accuracy: float = np.nan
    lag_error: float = np.nan

    @property
    def sameness(self):
        """How many units are alike, in words."""
        if self.n_distinct == 1:
            return f"all {self.n_hidden} hidden units are identical"
        return f"only {self.n_distinct} of {self.n_hidden} hidden units differ"

    @property
    def is_unscaled(self):
        """Whether the features have another scale than the defaults are made for.

        A ``StandardScaler`` makes it 1, a ``MinMaxScaler`` at most 1; iris in
        centimetres has 6. Of features that are all 0 no scaler makes anything.
        """
        return self.feature_scale > 10 or 0 < self.feature_scale < 0.05

    @property
    def scaler(self):
        """What brings the features to the scale that the defaults are made for."""
        if self.is_sparse:
            return "a MaxAbsScaler (or StandardScaler(with_mean=False))"
        return "a StandardScaler"

    @property
    def penalty(self):
        """What acts on the mean loss."""
        return self.alpha / self.row_weight

    @property
    def rows(self):
        """The rows that the penalty is held against, in words."""
        weight = self.row_weight
        return (
            f"{weight:.0f} rows" if weight % 1 == 0 else f"rows of weight {weight:.4g}"
        )

    @property
    def penalty_ratio(self):
        """How many times what ``alpha="auto"`` makes it the penalty is.

        0 where every row is 0: there is nothing that it could outweigh.
        """
        return self.alpha / self.auto_alpha if self.auto_alpha > 0 else 0.0

    @property
    def has_strong_penalty(self):
        """Whether the penalty is much more than ``alpha="auto"`` makes it.

        Identical units learn nothing under any penalty: they are not its doing.
        """
        return self.penalty_ratio > STRONG and self.n_distinct_start == self.n_hidden

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
        may_be_more = self.activation != "identity" and self.n_hidden > self.n_classes
        has_steps = is_bounded(self.activation) and self.saturation > 0.5
        is_model = self.final_loss < 0.95 and not has_steps
        return may_be_more and is_model and self.linear_share > LINEAR

    @property
    def directions(self):
        """How many directions a linear model has, in words."""
        n = self.n_classes - 1
        return "one direction" if n == 1 else f"{n} directions"

    @property
    def lags(self):
        """Whether plain models are more accurate, and not by chance.

        By more than 2% and three standard errors of a difference on the same rows,
        which is known by those that one of them gets wrong (McNemar, 1947).
        """
        ahead = self.reference_accuracy - self.accuracy
        return ahead > max(LAG, 3 * self.lag_error)

    @property
    def still_falls(self):
        """Whether the curve has not levelled.

        The second half of the way falls more than half as far as the first, or the
        last tenth of the iterations by more than 0.5% of what a constant prediction
        costs. Half the way is where the steps add up to half: under a cosine every
        curve levels with the rate, and that is after a quarter of the iterations.
        """
        return still_falls(self.loss_curve, self.is_cosine, self._unit)

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
    def shorter_steps(self):
        """How to make steps shorter, a sentence without its full stop."""
        if self.solver == "lbfgs":  # which reads no rate
            return "Use init='randn' with init_scale='auto'"
        now = f"(now {self.learning_rate_init:.3g})"
        if self.is_auto_rate:
            return f"Lower learning_rate_init {now} tenfold"
        return f"Use learning_rate_init='auto' {now}"

    @property
    def has_low_rate(self):
        """Whether a user's learning rate is below the measured one."""
        is_below = self.learning_rate_init < LEARNING_RATE[self.solver]
        return is_below and not self.is_auto_rate and self.solver != "lbfgs"

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
            return "Use init='randn' with init_scale='auto'."
        if self.status in ENDED or self.still_falls or self.has_low_rate:
            return f"To get on, {self.more_training}."
        if self.alpha > 0:
            return f"Lower alpha (now {self.alpha:.3g}) tenfold."
        return "Try more starts with n_init=10."

    @property
    def more_labels(self):
        """What to do about a single label, a sentence without its full stop."""
        if self.final_loss < 1.05:
            return (
                "If the other classes are rare and matter, use "
                "class_weight='balanced', and judge by recall or the ranking; if they "
                "are not, check that rows and labels belong together, then use "
                "init='randn' with init_scale='auto'"
            )
        if self.is_auto_rate and not self.is_auto_start:
            return "Use init='randn' with init_scale='auto'"
        return self.shorter_steps

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
    def _unit(self):
        # Nothing is lost by guessing if all samples are of one class.
        is_known = self.chance_loss > 0
        return self.chance_loss if is_known else np.log(self.n_classes)


@dataclass(frozen=True, kw_only=True)
class Figures(Symptoms):
    """What was measured of a fitted network; what needs labels is nan without them.

    Parameters
    ----------
    n_hidden : int
    activation, solver, init : str
    is_auto_start, is_auto_rate, is_cosine : bool
    status : str
    n_classes : int
    loss_curve : ndarray
    chance_loss, feature_scale : float
    is_sparse : bool
    learning_rate_init, alpha, auto_alpha, row_weight : float
    n_distinct_start, n_distinct : int
    saturation_start, saturation, dead_start, dead : float
    input_start, linear_share : float
    n_predicted : int
    accuracy, reference_accuracy, lag_error : float
        All these as in `Symptoms`.
    n_samples, n_features : int
    class_weight : object
        A parameter of the estimator.
    n_iter : int
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

    n_samples: int
    n_features: int
    class_weight: object
    n_iter: int
    similarity: float
    rank: float
    distance_hidden: float
    distance_output: float
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
    def lags(self):
        """Whether plain models are more accurate, and not by chance.

        By more than 2% and two standard errors of the difference on other samples, of
        which plain models were given a thousand at most.
        """
        n, mark = min(self.n_samples, 1000), self.reference_accuracy
        chance = (n * mark + 1) / (n + 2)  # never quite certain
        spread = np.sqrt(2 * chance * (1 - chance) / n)
        return mark - self.accuracy > LAG + 2 * spread


class Finding(NamedTuple):
    """Something that is the matter with a network.

    Parameters
    ----------
    name : str
        The cause, as in `REMEDIES`.
    weight : int
        Its place: causes before their consequences.
    sentence : str
        The cause and the remedy.

    Examples
    --------
    >>> from skshallow.findings import Finding
    >>> Finding("plateau", 45, "the loss never moved. Raise init_scale.").name
    'plateau'
    """

    name: str
    weight: int
    sentence: str


class Remedy(NamedTuple):
    """A row of the table of causes.

    Parameters
    ----------
    name : str
    weight : int
        Larger is said earlier. A cause weighs more than what it causes.
    applies : callable
        ``applies(figures) -> bool``.
    sentence : str
        Cause and remedy, a format string of ``f``, the figures.
    is_general : bool, default=False
        Said only if nothing weightier was found: it names what is seen rather than
        why.

    Examples
    --------
    >>> from skshallow._advice.findings import REMEDIES
    >>> max(REMEDIES, key=lambda row: row.weight).name
    'penalty too strong'
    """

    name: str
    weight: int
    applies: Callable
    sentence: str
    is_general: bool = False

    def of(self, figures):
        """The finding for some figures.

        Parameters
        ----------
        figures : Figures

        Returns
        -------
        Finding
        """
        return Finding(self.name, self.weight, self.sentence.format(f=figures))


def _costs_much(f):
    # A budget may well end while a good network is still getting a little better. The
    # mark is that of an even guess: of rare classes a constant prediction costs so
    # little that the penalty of a good network can cost more.
    return f.is_poor or f.loss_curve[-1] > np.log(f.n_classes)


def _starts_too_large(f):
    # Ten times the cost of an even guess: the outputs start certain, and wrong.
    is_dear = f.loss_curve[0] > 10 * np.log(f.n_classes)
    # Long steps, unscaled features and strong penalties make a first epoch dear, too.
    is_other = f.is_auto_start or f.has_strong_penalty or f.jumps
    return is_dear and _costs_much(f) and not is_other


def _has_settled(f):
    return f.is_poor and not (f.still_falls or f.jumps or f.status == "plateau")


def _stops_early(f):
    # The stopping rule may end it while it still falls.
    is_stopped = f.status in ENDED and not f.jumps
    return _has_settled(f) or (f.is_poor and is_stopped)


def _shows_nothing(f):
    # Three standard errors are to be less than 0.12, for an area under the ROC curve of
    # 0.62 would have been found by then.
    return f.reference_evidence < NO_EVIDENCE and f.reference_error < 0.04


def _has_unscaled_features(f):
    # Far beyond, it is enough that a plain model does better.
    lags = f.is_poor or f.accuracy < f.reference_accuracy
    return lags and f.is_unscaled


def _has_dead_relu_units(f):
    # Good networks have a few, and can do without; of a small start that rests at a
    # line half of the units point away from it, and none has been thrown there.
    are_missed = f.dead >= 0.5 and f.is_poor and not (f.is_linear and f.starts_small)
    return (
        f.activation == "relu" and (f.dead == 1 or are_missed) and f.feature_scale > 0
    )


def _is_saturated_from_the_start(f):
    # Large starts that training brings off the flat parts end well, and often; units
    # that moved by more than their size are where the steps have taken them.
    is_flat = min(f.saturation_start, f.saturation) > 0.5 and f.distance_hidden < 1
    is_to_blame = _costs_much(f) and not f.is_unscaled
    return is_bounded(f.activation) and is_flat and is_to_blame


def _is_saturated_by_training(f):
    is_flat = is_bounded(f.activation) and f.saturation > 0.5
    is_other = f.is_unscaled or _is_saturated_from_the_start(f)
    return is_flat and f.is_poor and not is_other


def _starts_too_small(f):
    # Features of unit scale at 0.01, as in the lecture, give inputs of 0.01 and more.
    is_tiny = f.starts_small and 0 < f.input_start < 0.01
    return f.is_on_plateau and f.is_poor and is_tiny


def _learns_too_slowly(f):
    # A start that is not small, whose curve is near a straight line after many steps:
    # it is the steps that are short. `still_falls` alone is a matter of max_iter.
    short = f.still_falls and not f.jumps and f.input_start > 0.01
    return f.is_poor and f.n_iter >= 50 and f.has_low_rate and short


def _is_linear_for_no_reason(f):
    is_other = f.jumps or f.is_unscaled
    return f.is_linear and f.is_poor and f.lags and not is_other


def _ignores_a_class(f):
    # It tells the classes apart, so that it could predict them all.
    is_rare = 0 < f.missed_share < 0.25
    return is_rare and f.evidence > NO_EVIDENCE and not f.is_on_plateau


# Ranked by what causes what: identical units and labels that no model can learn come
# before everything, the data before the start, the start before the steps, and these
# before what a network makes of them.
REMEDIES = (
    Remedy(
        "penalty too strong",
        105,
        lambda f: (
            f.has_strong_penalty
            and not _shows_nothing(f)
            and (f.is_poor or f.is_on_plateau)
        ),
        "alpha={f.alpha:.4g} over {f.rows} is a penalty of {f.penalty:.2g} on the mean "
        "loss, {f.penalty_ratio:.2g} times what alpha='auto' would make it, and "
        "outweighs the data: lower alpha, or use alpha='auto'.",
    ),
    Remedy(
        "identical units",
        100,
        lambda f: max(f.n_distinct, f.n_distinct_start) < f.n_hidden,
        "{f.sameness}, because they started so ({f.init}) and identical units get "
        "identical gradients. Use init='randn' with init_scale='auto'.",
    ),
    Remedy(
        "units became identical",
        95,
        lambda f: f.n_distinct < f.n_hidden == f.n_distinct_start,
        "{f.sameness}, although all started apart: some do the same work. Lower alpha "
        "(now {f.alpha:.3g}), or n_hidden.",
    ),
    Remedy(
        "nothing to learn",
        90,
        _shows_nothing,
        "the labels look unrelated to the features: neither nearest neighbours nor a "
        "linear model tells the classes of unseen rows apart (accuracy "
        "{f.reference_accuracy:.0%}, always the same class {f.chance_accuracy:.0%}), "
        "so that what this network gets right ({f.accuracy:.0%}) is probably learnt by "
        "heart. Check that rows and labels belong together, or find other features.",
    ),
    Remedy(
        "unscaled features",
        80,
        _has_unscaled_features,
        "the features are not scaled (root mean square of the largest: "
        "{f.feature_scale:.3g}, where about 1 is wanted): put {f.scaler} before "
        "the network, in a Pipeline.",
    ),
    Remedy(
        "dead relu units at the start",
        72,
        lambda f: _has_dead_relu_units(f) and f.dead_start >= 0.5 and not f.is_unscaled,
        "{f.dead:.0%} of the relu units are never active, {f.dead_start:.0%} from the "
        "start on ({f.init}), and without a slope they get no gradient. Use "
        "init='randn' with init_scale='auto'.",
    ),
    Remedy(
        "dead relu units",
        70,
        lambda f: _has_dead_relu_units(f) and f.dead_start < 0.5,
        "{f.dead:.0%} of the relu units are never active, although most were at the "
        "start: too long a step has thrown them there, and without a slope they get no "
        "gradient. {f.shorter_steps}.",
    ),
    Remedy(
        "saturated start",
        65,
        _is_saturated_from_the_start,
        "the {f.activation} units start on their flat parts for "
        "{f.saturation_start:.0%} of the samples ({f.init}), where gradients vanish, "
        "and are there for {f.saturation:.0%} now. Use init='randn' with "
        "init_scale='auto'.",
    ),
    Remedy(
        "start too large",
        63,
        _starts_too_large,
        "the start ({f.init}) makes confident mistakes, with a loss "
        "{f.first_loss:.3g} times that of guessing, and training is still paying for "
        "it. Use init='randn' with init_scale='auto'.",
    ),
    Remedy(
        "learning rate too high",
        60,
        lambda f: f.jumps,
        "the loss jumps up and down instead of settling (it ends at "
        "{f.final_loss:.3g} times that of guessing): the steps are too long. "
        "{f.shorter_steps}.",
    ),
    Remedy(
        "saturated by training",
        55,
        _is_saturated_by_training,
        "training has driven the {f.activation} units onto their flat parts (for "
        "{f.saturation:.0%} of the samples, {f.saturation_start:.0%} at the start), "
        "where they stay. {f.shorter_steps}.",
    ),
    Remedy(
        "learning rate too low",
        50,
        _learns_too_slowly,
        "after {f.n_iter} iterations the loss still falls, slowly and steadily: the "
        "steps are too short. To get on, {f.more_training}.",
    ),
    Remedy(
        "linear plateau",
        49,
        _is_linear_for_no_reason,
        "the network ends where a linear model would: its hidden layer "
        "varies in {f.directions} ({f.linear_share:.0%}; {f.init}), while plain models "
        "find more in the data (accuracy {f.reference_accuracy:.0%} against "
        "{f.accuracy:.0%}). {f.way_on}",
    ),
    Remedy(
        "linear network",
        48,
        lambda f: _has_settled(f) and f.activation == "identity",
        "with activation='identity' the network is a linear model, and these labels "
        "ask for more (accuracy {f.accuracy:.0%}, plain nearest neighbours and lines "
        "reach {f.reference_accuracy:.0%}). Use activation='relu'.",
    ),
    Remedy(
        "too few units",
        47,
        # Effective rank near its bound: every unit is needed.
        lambda f: _has_settled(f) and f.rank > 0.6 * f.n_hidden,
        "training has settled with n_hidden={f.n_hidden} and every unit in use "
        "(effective rank {f.rank:.1f}), and yet plain models do better (accuracy "
        "{f.reference_accuracy:.0%} against {f.accuracy:.0%}): there are too few. "
        "Raise n_hidden.",
    ),
    Remedy(
        "start too small",
        46,
        _starts_too_small,
        "training ended on the plateau that small starts begin on ({f.init}: the "
        "units' first inputs are of size {f.input_start:.1g}, and all gradients as "
        "small). Use init='randn' with init_scale='auto'.",
    ),
    Remedy(
        "plateau",
        45,
        lambda f: f.is_on_plateau and f.is_poor,
        "after {f.n_iter} iterations (status {f.status!r}) the loss is still within 5% "
        "of that of guessing. {f.way_on}",
        is_general=True,
    ),
    Remedy(
        "class imbalance",
        40,
        _ignores_a_class,
        "class {f.missed} ({f.missed_share:.1%} of the samples) is never predicted, "
        "although the network tells it from the others: each sample counts the same, "
        "and the others are many. Use class_weight='balanced', or choose a threshold "
        "on predict_proba.",
    ),
    Remedy(
        "constant predictions",
        35,
        lambda f: f.n_predicted == 1 and (f.is_poor or f.chance_accuracy < 1),
        "every sample gets the same label. {f.more_labels}.",
        is_general=True,
    ),
    Remedy(
        "settled too early",
        25,
        _stops_early,
        "training has settled with only a part of what the {f.n_hidden} hidden units "
        "can do (effective rank {f.rank:.1f}). {f.way_on}",
        is_general=True,
    ),
    Remedy(
        "too few iterations",
        20,
        lambda f: f.status == "max_iter" and f.still_falls and _costs_much(f),
        "training used all {f.n_iter} iterations and the loss still falls. To get on, "
        "{f.more_training}.",
        is_general=True,
    ),
)


SENTENCES = {row.name: row.sentence for row in REMEDIES}


def find(figures):
    """What is the matter with a network, the weightiest cause first.

    Parameters
    ----------
    figures : Figures

    Returns
    -------
    findings : list of Finding
        Empty if nothing is.

    Examples
    --------
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.diagnostics import diagnose
    >>> from skshallow.exceptions import SymmetryWarning
    >>> from skshallow.findings import find
    >>> X, y = make_flower(random_state=1)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SymmetryWarning)
    ...     net = ShallowNetClassifier(4, init="zeros", max_iter=50).fit(X, y)
    >>> find(diagnose(net, X, y).figures)[0].sentence[:36]
    'all 4 hidden units are identical, be'
    """
    rows = [row for row in REMEDIES if row.applies(figures)]
    return [row.of(figures) for row in rows if row is rows[0] or not row.is_general]
