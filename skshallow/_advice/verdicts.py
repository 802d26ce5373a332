"""What users are told of how training went: a line an iteration, a warning, an error.

Outcomes are data (``training.STATUSES``), and so are symptoms (``symptoms``); each that
calls for something to be done has a row here that says what.
"""

import warnings
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skshallow._advice.findings import SENTENCES, Symptoms
from skshallow._advice.symptoms import SATURATED
from skshallow._core.activations import is_bounded
from skshallow._core.initializers import start_in_words
from skshallow._fit.exceptions import (
    ConstantPredictionsWarning,
    DeadUnitsWarning,
    LinearPlateauWarning,
    PenaltyWarning,
    SaturationWarning,
    SymmetryWarning,
)
from skshallow._fit.request import batch_size
from skshallow._fit.result import best_start

# By how much mini-batches may keep a loss above a plateau, as a share of what an even
# guess costs: on 100 features without a pattern they did by 1.2%.
NOISE = 0.05
# Iterations from which on a fit was given the time to learn something, even if it still
# gets better: the patience of the rule that stops fits.
LONG = 50


class Remark(NamedTuple):
    """Something that a user should know of a fit.

    Parameters
    ----------
    category : type
        Of the warning.
    kind : str
        What the fit did, in a few words that follow "3 fits".
    message : str
        The whole sentence, with the remedy.
    """

    category: type
    kind: str
    message: str

    def of(self, *facts, **more):
        """The remark on an estimator: the message filled in from attributes."""
        attributes = {k: v for fact in facts for k, v in vars(fact).items()}
        message = self.message.format(**{**attributes, **more}).strip()
        return self._replace(message=message)


SAME_STARTS = Remark(
    UserWarning,
    "had equal starts",
    "n_init={n_init}, but every start of this init and init_scale is the same: one "
    "start is trained. Use a random init or n_init=1.",
)
CLIPPED_BATCH = Remark(
    UserWarning,
    "had fewer samples than batch_size",
    "batch_size={batch_size} is larger than the {n_rows} training samples and is "
    "clipped to that.",
)
DIVERGED_STARTS = Remark(
    ConvergenceWarning,
    "lost diverged starts",
    "{n_diverged} of {n_starts} starts diverged and were dropped (nan in "
    "init_losses_). Lower learning_rate_init or init_scale.",
)
# By status.
UNFINISHED = {
    "max_iter": Remark(
        ConvergenceWarning,
        "used all iterations",
        "solver={solver!r} used all max_iter={n_iter} iterations and the loss had "
        "not settled (now {loss:.4g}). Increase max_iter{or_rate} or tol, scale the "
        "features, or pass tol=None to train for a fixed budget. {message}",
    ),
    "plateau": Remark(
        ConvergenceWarning,
        "never left the plateau of the constant predictor",
        "the loss ({loss:.4g}) never left the plateau of the constant predictor in "
        "{n_iter} iterations. Try init='randn' with init_scale='auto'{auto_rate}, a "
        "smaller alpha, more max_iter, or scaled features; if all this is so, there "
        "may be nothing to learn, or too little of a rare class. {message}",
    ),
    "abnormal": Remark(
        ConvergenceWarning,
        "ended in an abnormal line search",
        "L-BFGS ended in an abnormal line search: scipy says {message!r}. The loss is "
        "{loss:.4g}. Scale the features, use float64, or raise tol.",
    ),
}
SETTLED_ABOVE = Remark(
    ConvergenceWarning,
    "settled above the loss of the constant predictor",
    "training settled at a loss of {loss:.4g}, above that of the constant predictor "
    "({plateau_loss:.4g}). Steps that are too small stand still there, and steps that "
    "are too large leap about. Try init='randn' with init_scale='auto'{auto_rate}, or "
    "scaled features.",
)


class Alarm(NamedTuple):
    """Symptoms that a user should know of.

    Parameters
    ----------
    category : type
        Of the warning.
    kind : str
        As in `Remark`.
    cause : str
        The finding (``findings.REMEDIES``) whose sentence is the message.
    rings : callable
        ``rings(symptoms) -> bool``.
    """

    category: type
    kind: str
    cause: str
    rings: Callable


def _is_dead(symptoms):
    s = symptoms
    return s.activation == "relu" and s.dead == 1 and s.feature_scale > 0


def _suffers_from_saturation(symptoms):
    # From a large start training may well get off the flat parts, or do without.
    is_slow = symptoms.saturation > 0.5 or symptoms.status == "max_iter"
    is_costly = symptoms.loss_curve[-1] > 0.9 * np.log(symptoms.n_classes)
    starts_flat = symptoms.saturation_start > SATURATED
    return is_bounded(symptoms.activation) and starts_flat and is_slow and is_costly


def _learnt_little(symptoms):
    s = symptoms
    # Of a rare class good nets may have no row, too.
    is_constant = s.n_predicted == 1 and s.chance_loss > 0.5 * np.log(s.n_classes)
    is_useless = s.final_loss > 0.95 or is_constant or (s.is_linear and s.lags)
    # Where it outweighs them, a penalty shrinks large weights for very long.
    is_long = len(s.loss_curve) >= LONG
    return is_useless and (is_long or not _is_cut_short(s))


def _is_linear_at_rest(symptoms):
    is_at_rest = not (_is_cut_short(symptoms) or symptoms.jumps)
    return symptoms.is_linear and symptoms.lags and is_at_rest


def _is_cut_short(symptoms):
    # One iteration says nothing, but of L-BFGS, which ends so at a stationary point.
    is_first = len(symptoms.loss_curve) == 1 and symptoms.solver != "lbfgs"
    return is_first or symptoms.still_falls


# Causes before consequences: the first that rings is the one to be told of.
ALARMS = (
    Alarm(
        PenaltyWarning,
        "had a penalty that outweighs the data",
        "penalty too strong",
        lambda s: s.has_strong_penalty and _learnt_little(s),
    ),
    Alarm(
        SymmetryWarning,
        "had identical hidden units",
        "identical units",
        lambda s: max(s.n_distinct, s.n_distinct_start) < s.n_hidden,
    ),
    Alarm(
        SymmetryWarning,
        "ended with identical hidden units",
        "units became identical",
        lambda s: s.n_distinct < s.n_hidden,
    ),
    Alarm(
        DeadUnitsWarning,
        "started with a dead relu layer",
        "dead relu units at the start",
        lambda s: _is_dead(s) and s.dead_start >= 0.5,
    ),
    Alarm(
        DeadUnitsWarning,
        "ended with a dead relu layer",
        "dead relu units",
        _is_dead,
    ),
    Alarm(
        SaturationWarning,
        "started saturated",
        "saturated start",
        _suffers_from_saturation,
    ),
    Alarm(
        LinearPlateauWarning,
        "ended where a linear model would",
        "linear plateau",
        _is_linear_at_rest,
    ),
)
BEFORE_SCALE = (PenaltyWarning, SymmetryWarning)
CONSTANT = Alarm(
    ConstantPredictionsWarning,
    "predicted one class only",
    "constant predictions",
    # A budget cut short is no reason to worry.
    lambda s: s.n_predicted == 1 and not (s.status == "max_iter" and s.still_falls),
)


def remarks_on(estimator, trained, symptoms):
    """What to say of how training went, a list.

    An alarm names a cause, and what else could be said follows from it. With
    ``tol=None`` nobody wants to hear of convergence.

    Parameters
    ----------
    estimator : estimator
        Its parameters are named.
    trained : FitResult
    symptoms : dict or None
        Of its net, as from ``symptoms.look_at``.
    """
    remarks = _on_setup(estimator, trained)
    outcomes = [outcome for outcome in trained.outcomes if outcome is not None]
    n_diverged = sum(outcome.status == "diverged" for outcome in outcomes)
    if n_diverged == len(outcomes):
        return remarks
    if n_diverged:
        counts = {"n_diverged": n_diverged, "n_starts": len(outcomes)}
        remarks.append(DIVERGED_STARTS.of(**counts))
    best = trained.outcomes[best_start(trained)]
    symptoms = symptoms and _symptoms(estimator, best, trained, symptoms)
    alarms = _alarms(estimator, symptoms) if symptoms else []
    if alarms or estimator.tol is None:
        return remarks + alarms
    return remarks + _on_convergence(estimator, best, trained, symptoms)


def _on_setup(estimator, trained):
    """What to say of how training was set up, a list."""
    remarks, is_new = [], trained.origins is trained.starts
    if is_new and len(trained.starts) < estimator.n_init:
        remarks.append(SAME_STARTS.of(estimator))
    is_clipped = batch_size(estimator, trained.n_rows) > trained.n_rows
    if is_clipped and not trained.is_epoch:
        remarks.append(CLIPPED_BATCH.of(estimator, n_rows=trained.n_rows))
    return remarks


def _on_convergence(estimator, best, trained, symptoms):
    """What to say of how the loss ended, a list of one remark or none."""
    # To use up a fixed budget is no lack of convergence.
    has_rule = best.status != "max_iter" or trained.settings.tol[0] > -np.inf
    is_unscaled = bool(symptoms) and symptoms.is_unscaled
    is_short = best.n_iter < LONG and (not symptoms or symptoms.still_falls)
    has_ended = best.status == "converged" or (
        best.status == "max_iter" and not is_short
    )
    if has_ended and _is_above_plateau(best, trained, is_unscaled):
        remark = SETTLED_ABOVE
    elif best.status in UNFINISHED and has_rule:
        remark = UNFINISHED[best.status]
    else:
        return []
    plateau_loss = trained.settings.plateau_loss
    remark = remark.of(
        estimator,
        best,
        loss=best.loss,
        plateau_loss=plateau_loss,
        **_on_rate(estimator),
    )
    if not is_unscaled or best.status == "abnormal":
        return [remark]
    if remark.kind == SETTLED_ABOVE.kind:
        # It may well fit: what is above is a penalty that grows with the features.
        why = SENTENCES["unscaled features"].format(f=symptoms)
        return [remark._replace(kind="had features without a scale", message=why)]
    return [_unscaled(remark.category, remark.kind, symptoms)]


def _on_rate(estimator):
    """What to try of the learning rate, in the words of two sentences."""
    if estimator.solver == "lbfgs":  # which reads none
        return {"or_rate": "", "auto_rate": ""}
    is_auto = estimator.learning_rate_init == "auto"
    return {
        "or_rate": " or learning_rate_init",
        "auto_rate": "" if is_auto else ", learning_rate_init='auto'",
    }


def _is_above_plateau(best, trained, is_unscaled):
    """Whether the net fits worse than a constant prediction.

    A penalty on what large weights have learnt is no misfit, but of features without a
    scale it is the sign.
    """
    architecture, settings = trained.architecture, trained.settings
    squares = np.square(best.p, dtype=np.float64) * architecture.is_weight()
    penalty = 0 if is_unscaled else settings.penalty[0] / 2 * squares.sum()
    noise = NOISE * architecture.loss.at_zero
    return best.loss - penalty > settings.plateau_loss + noise


def _unscaled(category, kind, symptoms):
    """The remark that a net did so because its features are not scaled."""
    why = SENTENCES["unscaled features"].format(f=symptoms)
    return Remark(category, kind, f"the net {kind}, and {why}")


def _symptoms(estimator, best, trained, seen):
    return Symptoms(
        activation=estimator.activation,
        solver=estimator.solver,
        is_auto_start=isinstance(estimator.init_scale, str),
        is_auto_rate=isinstance(estimator.learning_rate_init, str),
        init=start_in_words(estimator.init, estimator.init_scale),
        status=best.status,
        n_classes=len(trained.classes),
        loss_curve=best.loss_curve,
        chance_loss=trained.settings.plateau_loss,
        **trained.used(),
        **seen,
    )


def _alarms(estimator, symptoms):
    """The first alarm that rings, a list of one remark or none."""
    status = symptoms.status
    # Whoever stops training knows that it is not done, and the plateau of the constant
    # predictor is said in words of its own.
    is_said = status == "stopped" or (status == "plateau" and estimator.tol is not None)
    for alarm in ALARMS if is_said else (*ALARMS, CONSTANT):
        if alarm.rings(symptoms):
            category, kind = alarm.category, alarm.kind
            if category not in BEFORE_SCALE and symptoms.is_unscaled:
                return [_unscaled(category, kind, symptoms)]
            sentence = SENTENCES[alarm.cause].format(f=symptoms)
            return [Remark(category, kind, sentence)]
    return []


def warn_of(remarks, stacklevel):
    """Give a warning for every remark."""
    for remark in remarks:
        warnings.warn(remark.message, remark.category, stacklevel=stacklevel + 1)


def warn_of_search(remarks, stacklevel):
    """Give one warning for all that is to be said of the fits of a search, if any.

    Parameters
    ----------
    remarks : list of lists of Remark
        One a fit.
    stacklevel : int
        As in ``warnings.warn``, seen from the caller.
    """
    every = [remark for of_fit in remarks for remark in of_fit]
    if not every:
        return
    n_fits = sum(map(bool, remarks))
    counts = Counter(remark.kind for remark in every).most_common()
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts)
    categories = {remark.category for remark in every}
    worst = ConvergenceWarning if ConvergenceWarning in categories else UserWarning
    (category,) = categories if len(categories) == 1 else {worst}
    warnings.warn(
        f"{n_fits} of the {len(remarks)} fits of this search deserve a warning: "
        f"{kinds}. The first: {every[0].message}",
        category,
        stacklevel=stacklevel + 1,
    )
