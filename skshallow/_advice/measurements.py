"""The measurements of one network, and properties that follow from them.

``take_measurements`` takes them: all for a diagnosis, and after a fit those that a rule
of ``warning_rules`` reads.
"""

import numpy as np

from skshallow._core.activations import is_bounded
from skshallow._fit.defaults import BUDGET_OF_FOLDS

# The stopping rules, by the status that they give, and how to turn each off.
STOPPING_RULES = {"converged": "tol=None", "early_stopped": "early_stopping=False"}
# In standard errors of a ranking. Random rankings hardly ever have more.
NO_EVIDENCE = 3
# If a net learns nothing and its penalty is more than this number of times that of
# alpha="auto", the penalty is the cause. On real tables the best penalty is up to
# twenty times that of "auto", but there the net learns.
STRONG = 3
# A start is small if the root mean square of its pre-activations is below this. For
# scaled features it is about 1 with "auto", and with the lecture's 0.01 a tenth for a
# hundred features.
SMALL = 0.2
# Features are too large for the defaults if the root mean square of the largest exceeds
# this. For iris in centimetres it is 6, and does no harm.
LARGE_FEATURES = 10
# Features of this size may do harm, for instance if they are far from zero: with a mean
# of 5 and a standard deviation of 1 the accuracy on the XOR of two normal features is
# 0.73 instead of 0.98, with a mean of 3 it is 0.94. They count as the cause only if a
# net stays behind plain models.
FAIRLY_LARGE_FEATURES = 4
# Features are too small for the defaults if the root mean square of the largest is
# below this. The weights then have to be larger by as much, and the penalty prevents
# that at any learning rate. L-BFGS, which has no learning rate, also ends near a linear
# model on two moons of this size, because of its default tolerance.
SMALL_FEATURES = 0.05
# Features are too different for the defaults if the largest is this many times the
# smallest: the penalty keeps the weights of the smallest too low. On the digits, whose
# pixels have one scale, and on scaled tables it is up to 50.
UNLIKE = 100
# Rows are far from the others if they make the standard deviation of a feature this
# many times the spread of most rows. For a normal distribution it is 1, and for a
# log-normal one with the standard deviation 2 of the logarithm it is 11. Of the 26
# tables of ``defaults`` it is higher on spambase (17) and page-blocks (27), and there a
# QuantileTransformer lowers the log-loss by 0.011 and 0.024.
FAR = 15
# A start is saturated if the share of pairs of a unit and a sample on flat parts is
# above this. For tanh this needs pre-activations with a standard deviation of 9.4,
# which a standard normal start at scale 1 has from 88 scaled features on. With fewer
# features nets learn well at scale 1, often with half of the pairs on flat parts.
SATURATED = 0.75
# A fit warns of saturation if the loss is above this share of that of equal
# probabilities.
COSTLY = 0.9
# A net may be worse by this share of the rows without a warning. Convention.
LAG = 0.02
# A net does no more than a linear model if at least this share of the variance of its
# hidden layer is in the directions of a linear model. On the linear plateau of a plane
# problem it is 0.97 to 1. It can also be 1 on tables for which a linear model is best:
# nearest neighbours tell whether there is more to learn.
LINEAR_SHARE = 0.95
# A net also does no more than a linear model if its units do not bend on these rows:
# if this share of the variance of its logits is left when each unit is replaced by its
# best line. On two moons with logistic units and "gd" it is 0.97 to 1 if the accuracy
# is that of a linear model (up to 0.02 more), and up to 0.965 for nets with 0.91, where
# a linear model has 0.85.
STRAIGHT_SHARE = 0.97
# max_iter="auto" makes at least this number of updates. On moons, circles and the
# flower a cosine over so many updates ends with the accuracy of one over twice as many;
# over a quarter of them the accuracy is lower by up to 0.07.
_, FEW_UPDATES = BUDGET_OF_FOLDS
# A learning rate is low if it is below the measured one over this. A tenth of the
# measured rate does not count as low, because the advice against long steps is a tenth.
LOW = 15
# A learning rate is high if it is above the measured one by this factor. Convention:
# tanh units learn moons at fifty times the measured rate, and a rule that reads this
# also needs a sign of harm.
HIGH = 3
# Weights decide over the labels if one class has more than this share of all weight. If
# weights are unknown, the loss of a constant prediction tells: this is its loss if one
# other class has the rest.
NEARLY_ALL, ONE_SIDED = 0.95, 0.1985
# With a cosine rate, half of the sum of all steps is made after this share of the
# iterations: the x of x / 2 + sin(pi x) / (2 pi) = 1 / 4.
COSINE_HALF = 0.265


class Measurements:
    """Measurements of a fitted network.

    These are the measurements of a diagnosis. Values that need labels are nan if there
    are none. The rules after a fit read the same names. Then ``evidence`` and ``loss``
    of a network that cross-validation chose are those of rows out of fold, the
    accuracies are weighted as the rows are, and ``weight_loss`` and ``message``, which
    a diagnosis lacks, are measured.

    Parameters
    ----------
    **values : dict
        The values of the attributes.

    Attributes
    ----------
    activation, solver : str
    init : str
        The start in words, such as ``"init='zeros'"``.
    is_auto_start, is_auto_rate : bool
        Whether ``init_scale`` and ``learning_rate_init`` were ``"auto"``.
    class_weight : object
        The parameter of the estimator.
    is_chosen : bool
        Whether cross-validation chose the penalty, and perhaps the scale of the start.
    temperature : float
        The number by which cross-validation has divided the logits.
    is_weakest : bool
        Whether a weaker penalty than that in use may be better. In a choice by
        cross-validation it is false for the default penalties, and if a weaker penalty
        scored worse; but it is true if all penalties that a user gave are too strong.
    is_cosine : bool
        Whether the learning rate fell as a cosine.
    learning_rate_init, alpha : float
        The values that were used, also for ``"auto"``.
    auto_alpha, auto_rate : float
        The values of ``alpha="auto"`` for these rows and of
        ``learning_rate_init="auto"``.
    momentum : float
        The momentum of the steps; 0 for solvers without momentum.
    row_weight : float
        The divisor of the penalty: ``alpha / row_weight`` acts on the mean loss.
    status : str
        ``status_``: how training ended.
    n_iter : int
    n_init : int
    max_iter : object
        The parameter of the estimator.
    is_used_up : bool
        Whether training used all iterations that ``max_iter`` allowed.
    is_fixed, has_rule : bool
        Whether ``tol=None`` was set to train for a fixed number of iterations, and
        whether there was a stopping rule.
    n_updates : int
        Number of updates of all iterations in the loss curve.
    loss_curve : ndarray
    n_samples, n_features, n_hidden, n_classes : int
    chance_loss : float
        Loss of the best constant prediction, with the weights of training.
    feature_scale : float
        Root mean square of the feature for which it is largest.
    is_sparse : bool
        Whether the rows are sparse.
    is_constant : bool
        Whether every feature has the same value in all rows.
    is_partial : bool
        Whether the last training was by ``partial_fit``.
    keeps_earlier : bool
        Whether early stopping has kept the network of an earlier iteration, which was
        better than the last by more than `LAG`.
    outlier_ratio : float
        Standard deviation of a feature over the spread of most rows, for the feature
        for which this is largest. Sparse rows have none.
    scale_ratio : float
        Root mean square of the largest feature over the standard deviation of the
        smallest. Sparse rows have none.
    n_distinct_start, n_distinct : int
        Numbers of different hidden units, at the start and now.
    saturation_start, saturation : float
        Shares of pairs of a unit and a sample on flat parts, at the start and now.
    dead_start, dead : float
        Shares of hidden units that are constant on the samples, at the start and now.
        After a fit they are not measured.
    inactive_start, inactive : float
        Shares of hidden units whose activation is 0 on every sample, at the start and
        now.
    input_start : float
        Root mean square of the pre-activations at the start.
    linear_share : float
        Share of the variance of the hidden layer's inputs in as many directions as a
        linear model has: the number of classes minus one.
    straight_share : float
        Share of the variance of the logits if every unit is replaced by its best line.
    n_predicted : int
        Number of different predicted classes.
    accuracy, baseline_accuracy : float
        Accuracy of the network and of plain models (`skshallow._advice.baselines`), on
        all or some of the samples.
    lag, lag_error : float
        By how much plain models are more accurate than the network on the same rows,
        and the standard error of that.
    similarity : float
        Mean similarity of two hidden units.
    rank : float
        Effective rank of the hidden layer.
    distance_hidden, distance_output : float
        Distances that the weights moved, relative to the start.
    gradient_hidden, gradient_output : float
        Norms of the gradients at the start.
    loss : float
        Mean cross-entropy on the samples, in nats.
    chance_accuracy : float
        Accuracy of the best constant prediction.
    baseline_loss : float
        Mean cross-entropy of plain models.
    baseline_evidence : float
        Number of standard errors by which plain models tell the classes apart.
    baseline_error : float
        Standard error of the area under the ROC curve of a random ranking.
    evidence : float
        Number of standard errors by which the network tells the classes apart.
    missed : str
        Labels with at least ten samples that are never predicted.
    missed_share : float
        Share of the samples that have these labels.
    favoured : str
        A label that nearly all samples get, and that weights give nearly all weight.
    favoured_by : str
        Which parameter gives it the weight, in words.
    favoured_share : float
        Share of the samples that have this label.
    weight_loss : float
        The penalty in the last loss of a fit.
    message : str
        The message of scipy about the end of a fit.

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
    >>> measured = diagnose(net, X, y).measurements
    >>> measured.n_distinct, measured.is_on_plateau
    (1, True)
    """

    def __init__(self, **values):
        vars(self).update(values)

    def __repr__(self):
        """A line for each value that was measured, in columns."""
        values = {k: v for k, v in vars(self).items() if k != "loss_curve"}
        width = max(map(len, values))
        return "\n".join(
            f"{name:<{width}}  {_in_four_digits(value)}"
            for name, value in values.items()
            if value == value and value != ""  # nan is not equal to itself
        )

    @property
    def _guessing_loss(self):
        """Loss of a constant prediction."""
        # The loss of a constant prediction is 0 if all samples are of one class.
        return self.chance_loss if self.chance_loss != 0 else np.log(self.n_classes)

    @np.errstate(over="ignore")  # the loss of guessing is tiny if a weight is
    def _over_guessing(self, loss):
        """A loss over that of a constant prediction."""
        return loss / self._guessing_loss

    @property
    def last_loss(self):
        """Last entry of the loss curve."""
        return float(self.loss_curve[-1])

    @property
    def final_loss(self):
        """Last entry of the loss curve over the loss of a constant prediction."""
        return self._over_guessing(self.loss_curve[-1])

    @property
    def first_loss(self):
        """First entry of the loss curve over the loss of a constant prediction."""
        return self._over_guessing(self.loss_curve[0])

    @property
    def guesses(self):
        """Whether the loss is not 5% below that of a constant prediction."""
        return self.final_loss > 0.95

    @property
    def is_on_plateau(self):
        """Whether training ended within 5% of the loss of a constant prediction."""
        return self.status == "plateau" or (self.guesses and self.final_loss < 1.05)

    @property
    def still_falls(self):
        """Whether the loss curve has not levelled.

        The loss falls in the second half of the steps by more than half of what it
        falls in the first half, or in the last tenth of the iterations by more than
        0.5% of the loss of a constant prediction. The halves are those of the sum of
        the steps. With a cosine rate, under which every curve levels, the first half
        ends after about a quarter of the iterations. A single iteration does not show
        it, except for L-BFGS at a stationary point.
        """
        curve, n = self.loss_curve, len(self.loss_curve)
        is_stationary = self.solver == "lbfgs" and not self.is_used_up
        if n == 1 and not is_stationary:
            return True
        half = int(n * (COSINE_HALF if self.is_cosine else 0.5))
        first, second = curve[0] - curve[half], curve[half] - curve[-1]
        late = curve[max(0, n - 1 - max(1, n // 10))] - curve[-1]
        return second > max(0.5 * first, 0) or late > 0.005 * self._guessing_loss

    @property
    def is_unfinished(self):
        """Whether more iterations would lower the loss."""
        return self.still_falls or self.has_few_updates

    @property
    def has_few_updates(self):
        """Whether a user's ``max_iter`` ended training before many updates.

        They are fewer than ``max_iter="auto"`` makes. The curve does not show that more
        would lower the loss: under a rate that falls to 0 every loss levels, and under
        a constant rate a loss may level at a linear model first.
        """
        has_ended = self.is_used_up and self.status in ("max_iter", "plateau")
        is_set = self.max_iter != "auto"  # rows of weight 0 make "auto" short
        is_over = self.is_at_end or has_ended
        return is_over and is_set and self.n_updates < FEW_UPDATES

    @property
    def is_at_end(self):
        """Whether training ended because the learning rate has fallen to 0."""
        return self.is_cosine and self.status in ("max_iter", "plateau")

    @property
    def jumps(self):
        """Whether the loss curve goes up and down instead of settling.

        In its second half the mean step upwards is more than 2% of the loss of equal
        probabilities (well-trained networks have 0.1%). In addition, the curve ends
        above its lowest point by a tenth of that loss, or has been above one and a half
        times its first value.
        """
        curve, unit = self.loss_curve, np.log(self.n_classes)
        if len(curve) < 3:  # its second half has no step
            return False
        rise = np.maximum(np.diff(curve[len(curve) // 2 :]), 0).mean() / unit
        high = curve[-1] > curve.min() + 0.1 * unit
        return rise > 0.02 and (high or curve.max() > 1.5 * curve[0])

    @property
    def lags(self):
        """Whether plain models are more accurate, and not by chance.

        On the same rows the difference must be more than 2% and more than three
        standard errors.
        """
        if not self.accuracy < 1 - LAG:
            return False
        return self.lag > max(LAG, 3 * self.lag_error)

    @property
    def is_poor(self):
        """Whether the network is worse than a plain model is on unseen rows.

        It `lags` in accuracy, or is worse in loss by 0.15 times the loss of a constant
        prediction. (A strong penalty can cost a tenth of that loss without harm.) With
        weights, which change the accuracy, the ranking is compared. A network whose
        ranking is no better than chance is also poor if plain models rank well, because
        for a rare class neither accuracy nor loss shows it. Without labels, the network
        is poor if its loss is near that of guessing, unless one class had nearly all
        weight, because guessing is then hard to better.
        """
        if np.isnan(self.accuracy):
            return self.final_loss > 0.9
        if self.class_weight is not None or self.favoured:
            return self.evidence < 0.8 * self.baseline_evidence
        if self.evidence < NO_EVIDENCE and self.baseline_evidence > 6:
            return True
        return self.lags or self._over_guessing(self.loss - self.baseline_loss) > 0.15

    @property
    def is_unscaled(self):
        """Whether the features have another scale than the defaults need.

        The scale is 1 after a ``StandardScaler`` and at most 1 after a
        ``MinMaxScaler``; for iris in centimetres it is 6. Features that are all 0 do
        not count as unscaled, because a scaler does not change them.
        """
        scale = self.feature_scale
        return scale > LARGE_FEATURES or 0 < scale < SMALL_FEATURES

    @property
    def are_fairly_large(self):
        """Whether the features are so large that they may do harm."""
        return self.feature_scale > FAIRLY_LARGE_FEATURES

    @property
    def are_unlike(self):
        """Whether the largest feature has a usual scale, and the smallest far less."""
        return self.scale_ratio > UNLIKE and not self.is_unscaled

    @property
    def has_outliers(self):
        """Whether some rows are far from all others."""
        return self.outlier_ratio > FAR

    @property
    def penalty_ratio(self):
        """The penalty divided by that of ``alpha="auto"``; 0 if every row is 0."""
        return self.alpha / self.auto_alpha if self.auto_alpha > 0 else 0.0

    @property
    def has_strong_penalty(self):
        """Whether the penalty is much stronger than that of ``alpha="auto"``.

        A penalty does not count as too strong if units are identical, because such
        units learn nothing with any penalty, nor if a weaker penalty scored worse.
        """
        is_strong = self.penalty_ratio > STRONG and self.is_weakest
        return is_strong and self.n_distinct_start == self.n_hidden

    @property
    def may_have_weaker_penalty(self):
        """Whether a weaker penalty may be better."""
        return self.alpha > 0 and self.is_weakest

    @property
    def stopping_off(self):
        """The parameter that turns off the rule that ended training; "" if none did.

        L-BFGS may converge on the plateau of the constant predictor.
        """
        if self.keeps_earlier:
            return "early_stopping=False"
        has_converged = self.solver == "lbfgs" and not self.is_used_up
        at_rest = self.status == "plateau" and has_converged
        status = "converged" if at_rest else self.status
        return "" if self.is_fixed else STOPPING_RULES.get(status, "")

    @property
    def has_low_rate(self):
        """Whether a user's learning rate is far below the measured one."""
        is_below = LOW * self.learning_rate_init < self.auto_rate
        return is_below and not self.is_auto_rate and self.solver != "lbfgs"

    @property
    def has_high_rate(self):
        """Whether a user's learning rate is far above the measured one."""
        is_above = self.learning_rate_init > HIGH * self.auto_rate
        return is_above and not self.is_auto_rate and self.solver != "lbfgs"

    @property
    def starts_small(self):
        """Whether pre-activations start small because of the user's ``init_scale``."""
        return self.input_start < SMALL and not self.is_auto_start

    @property
    def is_linear(self):
        """Whether the network does no more than a linear model, but could do more.

        It could not with as few hidden units as a linear model has directions. Units on
        their flat parts are steps, and not linear. A network that is no better than a
        constant prediction does not count.
        """
        is_model = not (self.guesses or self.is_saturated)
        # Units that hardly moved do not bend either, which more iterations change.
        is_over = self.status in STOPPING_RULES or not self.is_unfinished
        is_straight = self.has_linear_layer or self.straight_share > STRAIGHT_SHARE
        return self.may_be_more and is_model and is_over and is_straight

    @property
    def has_linear_layer(self):
        """Whether the hidden layer varies in the directions of a linear model only.

        With no more features than such directions, any hidden layer does, and then its
        units must not bend either.
        """
        may_vary = self.n_features >= self.n_classes
        is_straight = may_vary or self.straight_share > LINEAR_SHARE
        return self.linear_share > LINEAR_SHARE and is_straight

    @property
    def is_saturated(self):
        """Whether most pairs of a unit and a sample are on flat parts now."""
        return is_bounded(self.activation) and self.saturation > 0.5

    @property
    def starts_saturated(self):
        """Whether the start is the reason if units are on flat parts.

        If units moved by more than their size, the steps and not the start decided.
        """
        return self.saturation_start > 0.5 and not self.distance_hidden >= 1

    @property
    def may_be_more(self):
        """Whether the network could be more than a linear model."""
        return self.activation != "identity" and self.n_hidden > self.n_classes


def _in_four_digits(value):
    """A float in four digits, or any other value, as text."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
