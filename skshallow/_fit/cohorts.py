"""Trains the nets of one estimator, or of many at once: what the many must share.

The members of a *cohort* are estimators whose nets take the same steps on the same
samples. They may differ in their starts and seeds, and in every setting that an update
reads lane by lane; `SHARED` names what they must agree in. A single fit is a cohort of
one. Knows estimators by their attributes only.
"""

from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import replace
from functools import partial
from math import ceil
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import _num_samples

from skshallow._advice.findings import STRONG
from skshallow._advice.symptoms import symptoms
from skshallow._advice.verdicts import (
    CLIPPED_BATCH,
    SAME_STARTS,
    best_start,
    has_diverged,
    printer,
)
from skshallow._core.activations import ACTIVATIONS
from skshallow._core.batches import Batches
from skshallow._core.initializers import given_scales, is_random, starting_weights
from skshallow._core.losses import constant_predictor_loss, loss_for
from skshallow._core.network import Architecture
from skshallow._core.stopping import Validation, still_falls
from skshallow._core.training import Settings, train
from skshallow._fit import defaults
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.samples import (
    RowTotals,
    Samples,
    held_out_samples,
    split,
    training_samples,
    weigh_classes,
)

# Parameters in which the members of a cohort agree, ...
SHARED = (
    "n_hidden",
    "activation",
    "solver",
    "nesterovs_momentum",
    "batch_size",
    "shuffle",
    "early_stopping",
    "validation_fraction",
    "class_weight",
)
# ... and those in which they may differ.
OWN = (
    "init",
    "init_scale",
    "n_init",
    "learning_rate",
    "learning_rate_init",
    "alpha",
    "momentum",
    "max_iter",
    "tol",
    "n_iter_no_change",
    "random_state",
)
# What a net does with these, it does alone.
ALONE = ("warm_start", "verbose")
COLUMNS = ("n_features_in_", "feature_names_in_")
# Lanes are trained together up to this size of parameters, moments and work buffers:
# more of them gain no speed. Bytes.
COHORT_BYTES = 2**25
# Lanes of one seed that are faster by themselves: with so many the fixed cost of a step
# is spread already, and gathering rows for each lane costs more.
FEW_LANES = 16


class Problem(NamedTuple):
    """What the members of a cohort are trained on.

    Parameters
    ----------
    samples : Samples
    held_out : Samples or None
        Validation samples.
    classes : ndarray of shape (n_classes,)
    totals_before : RowTotals
        Of the rows that earlier calls of ``partial_fit`` were given.
    """

    samples: Samples
    held_out: Samples | None
    classes: np.ndarray
    totals_before: RowTotals = RowTotals()

    def divided(self, estimator, split_seed):
        """The problem with class weights, and validation samples if these are due."""
        samples, held_out = self.samples, self.held_out
        if estimator.early_stopping and held_out is None:
            samples, held_out = split(
                samples, estimator.validation_fraction, split_seed
            )
        weighed = weigh_classes(samples, self.classes, estimator.class_weight)
        return self._replace(samples=weighed, held_out=held_out)

    def totals(self):
        """Of all training rows given so far."""
        return self.totals_before.plus(self.samples.totals())

    def architecture(self, estimator, dtype=None):
        """What the nets of ``estimator`` are made of; ``dtype`` is else the rows'."""
        X = self.samples.X
        return Architecture(
            X.shape[1],
            int(estimator.n_hidden),  # a numpy integer of few bits would overflow
            ACTIVATIONS[estimator.activation],
            loss_for(len(self.classes)),
            dtype or X.dtype,
        )


class Member(NamedTuple):
    """One estimator of a cohort.

    Parameters
    ----------
    estimator : estimator
        Its parameters are read.
    streams : RandomStreams
    starts : ndarray of shape (n_starts, p)
    remarks : tuple of Remark
        What the user should know of the starts.
    origin : ndarray of shape (1, p) or None
        Where training once began, if it goes on from the starts.
    """

    estimator: object
    streams: RandomStreams
    starts: np.ndarray
    remarks: tuple = ()
    origin: np.ndarray | None = None

    @property
    def origins(self):
        """Where training began, once."""
        return self.starts if self.origin is None else self.origin

    @classmethod
    def new(cls, estimator, streams, architecture):
        """A member with random starts."""
        all_zero = given_scales(estimator.init_scale) == (0, 0)
        if estimator.n_init > 1 and (all_zero or not is_random(estimator.init)):
            starts = _starts(1, estimator, architecture, streams.starts)
            return cls(estimator, streams, starts, (SAME_STARTS.of(estimator),))
        starts = _starts(estimator.n_init, estimator, architecture, streams.starts)
        return cls(estimator, streams, starts)


def _starts(n_starts, estimator, architecture, rng):
    """Starts (n_starts, p), drawn in order from ``rng``."""
    draw = partial(
        starting_weights,
        estimator.init,
        estimator.init_scale,
        rng,
        architecture.weight_shapes,
        architecture.dtype,
        estimator.activation,
    )
    first = architecture.pack(*draw())
    starts = np.empty(
        (n_starts, len(first)), architecture.dtype
    )  # too many are too many at once
    starts[0] = first
    for k in range(1, n_starts):
        starts[k] = architecture.pack(*draw())
    return starts


class Trained(NamedTuple):
    """What became of one member's starts.

    Parameters
    ----------
    architecture : Architecture
    classes : ndarray of shape (n_classes,)
    starts : ndarray of shape (n_starts, p)
    outcomes : list of Outcome or None
        One a start; None where training was interrupted or stopped before its first
        iteration had ended.
    interrupted : bool
    remarks : list of Remark
        What the user should know of how training was set up.
    settings : Settings
        Of one lane: all starts have the same.
    totals : RowTotals
        Of the training rows.

    symptoms : dict or None
        Of the best start's net (``symptoms.symptoms``), if a verdict is wanted and
        something is alarming.
    unfit : str
        What is wrong with the rows, where all starts diverged because of that.
    """

    architecture: Architecture
    classes: np.ndarray
    starts: np.ndarray
    outcomes: list
    interrupted: bool
    remarks: list
    settings: Settings
    totals: RowTotals
    symptoms: dict | None = None
    unfit: str = ""

    def used(self):
        """Numbers that stand for parameters, and what a diagnosis holds them against.

        By the names that they have in ``findings.Symptoms``.
        """
        weight, mean_square = self.totals.weight, self.totals.mean_square
        return {
            "alpha": float(self.settings.penalty[0]) * weight,
            "auto_alpha": defaults.alpha("auto", weight, mean_square),
            "row_weight": float(weight),
            "learning_rate_init": float(self.settings.learning_rate[0]),
            "is_cosine": bool(self.settings.is_cosine[0]),
        }

    def without_moments(self):
        """The same without the optimiser's state, from which training could go on."""
        outcomes = [
            outcome and replace(outcome, continuation=None) for outcome in self.outcomes
        ]
        return self._replace(outcomes=outcomes)


def train_cohort(members, problem, architecture, n_passes=None, watch=None):
    """Train the nets of all members in lock-step.

    Parameters
    ----------
    members : list of Member
        They agree in `SHARED`.
    problem : Problem
    architecture : Architecture
    n_passes : int, default=None
        Overrides ``max_iter``, for ``partial_fit``.
    watch : Watch, default=None
        Calls the callbacks of a cohort of one.

    Returns
    -------
    list of Trained
    """
    first, samples, held_out = members[0], problem.samples, problem.held_out
    batches = _batches(first.estimator, architecture, samples)
    totals = problem.totals()
    settings = _settings(members, samples, totals, batches.n_batches, n_passes)
    clipped = [] if n_passes else _clipped(first.estimator, len(samples.labels))

    ends = np.cumsum([len(member.starts) for member in members])
    own = {
        id(m): settings.keep([end - 1]) for m, end in zip(members, ends, strict=True)
    }

    def trained(member, outcomes, interrupted=False):
        remarks = [*member.remarks, *clipped]
        parts = architecture, problem.classes, member.starts, outcomes, interrupted
        return Trained(*parts, remarks, own[id(member)], totals)

    training = train(
        architecture,
        first.estimator.solver,
        batches,
        np.concatenate([member.starts for member in members]),
        settings,
        row_streams=_row_streams(members),
        validation=held_out and Validation(architecture, *held_out),
        continuation=first.streams.continuation_of(first.estimator.solver),
        announce=watch and watch.begin,
        report=_report(first, trained, watch),
    )
    outcomes = iter(training.outcomes)
    results = [
        trained(member, [next(outcomes) for _ in member.starts], training.interrupted)
        for member in members
    ]
    if any(map(has_diverged, results)):
        unfit = _unfit(problem, first.estimator)
        results = [result._replace(unfit=unfit) for result in results]
    if n_passes is None and not training.interrupted:
        try:
            _look_at(results, members, samples)
        except KeyboardInterrupt:  # what has been trained is not lost
            return [result._replace(interrupted=True) for result in results]
    return results


def _unfit(problem, estimator):
    """What scikit-learn says of the rows if it is not told to take them for finite."""
    # What is held out to stop early may be rows of X.
    held_out = "X or X_val" if estimator.early_stopping else "X_val"
    try:
        with config_context(assume_finite=False):
            assert_all_finite(problem.samples.X, input_name="X")
            if problem.held_out is not None:
                assert_all_finite(problem.held_out.X, input_name=held_out)
    except ValueError as error:
        return str(error)
    return ""


def _look_at(results, members, samples):
    """Add the symptoms of every member that has a net."""
    best = {}
    for i, result in enumerate(results):
        with suppress(ValueError):  # all starts diverged
            best[i] = best_start(result)
    if not best:
        return
    ends = [results[i].outcomes[k] for i, k in best.items()]
    seen = symptoms(
        results[0].architecture,
        members[0].estimator.activation,
        np.array([members[i].origins[k] for i, k in best.items()]),
        np.array([end.p for end in ends]),
        samples,
        suspects=np.array(
            [_is_suspect(results[i], members[i], k) for i, k in best.items()]
        ),
        at_rest=np.array([_is_at_rest(results[i], k) for i, k in best.items()]),
    )
    for i, figures in zip(best, seen, strict=True):
        results[i] = results[i]._replace(symptoms=figures)


def _is_suspect(result, member, k):
    """Whether something may be to be said of a net that does not show it."""
    is_poor = result.outcomes[k].loss > 0.95 * result.settings.plateau_loss
    used = result.used()
    has_strong_penalty = used["alpha"] > STRONG * used["auto_alpha"]
    return is_poor and (has_strong_penalty or member.estimator.tol is not None)


def _is_at_rest(result, k):
    """Whether the loss has levelled."""
    settings, curve = result.settings, result.outcomes[k].loss_curve
    return not still_falls(curve, settings.is_cosine[0], settings.plateau_loss)


def _report(member, trained, watch):
    """What to do after each iteration of a cohort of one; None for nothing."""
    verbose = int(member.estimator.verbose)
    reports = [printer(verbose, len(member.starts))] if verbose else []

    def call_back(n_iter, losses, scores, outcomes):
        return watch.end(lambda: trained(member, outcomes()))

    reports += [call_back] if watch else []
    if not reports:
        return None

    def report_all(*facts):
        stops = [report(*facts) for report in reports]  # each of them hears of it
        return any(stops)

    return report_all


def _clipped(estimator, n_rows):
    is_clipped = _batch_size(estimator, n_rows) > n_rows
    return [CLIPPED_BATCH.of(estimator, n_rows=n_rows)] if is_clipped else []


def _row_streams(members):
    """The stream of row orders of every lane; one object wherever they are the same."""
    first = {member.streams.row_seed: member.streams for member in reversed(members)}
    return [
        first[member.streams.row_seed].rows for member in members for _ in member.starts
    ]


def _batches(estimator, architecture, samples):
    n_rows = len(samples.labels)
    return Batches(
        samples.X,
        architecture.loss.encode(samples.labels, architecture.dtype),
        samples.weight,
        batch_size=_batch_size(estimator, n_rows),
        is_even=isinstance(estimator.batch_size, str),
        block_size=architecture.block_size,
        shuffle=estimator.shuffle,
        dtype=architecture.dtype,
    )


def _batch_size(estimator, n_rows):
    return defaults.batch_size(estimator.solver, estimator.batch_size, n_rows)


def n_iterations(estimator, X, has_own_split):
    """Most iterations of a fit on the rows ``X``, as they are given to ``fit``."""
    n_rows = 0
    with suppress(TypeError):  # what is unfit is said when it is looked at
        n_rows = _num_samples(X)
    if estimator.early_stopping and has_own_split:
        n_rows -= ceil(n_rows * estimator.validation_fraction)
    n_rows = max(1, n_rows)
    return int(_max_iter(estimator, ceil(n_rows / _batch_size(estimator, n_rows))))


def _max_iter(estimator, n_batches):
    return defaults.max_iter(estimator.max_iter, _is_cosine(estimator), n_batches)


def _settings(members, samples, totals, n_batches, n_passes):
    """Settings of every lane, with numbers for what is ``"auto"``."""
    first = members[0].estimator
    lanes = {
        "learning_rate_init": lambda net: (
            np.nan if net.learning_rate_init == "auto" else net.learning_rate_init
        ),
        "alpha": lambda net: defaults.alpha(
            net.alpha, totals.weight, totals.mean_square
        ),
        "momentum": lambda net: net.momentum,
        "learning_rate": lambda net: _is_cosine(net) and not n_passes,
        "tol": lambda net: defaults.tol(net.tol, _is_cosine(net)),
        "n_iter_no_change": lambda net: net.n_iter_no_change,
        "max_iter": lambda net: n_passes or _max_iter(net, n_batches),
    }
    rate, alpha, momentum, is_cosine, *stopping = [
        _per_lane(members, name, value) for name, value in lanes.items()
    ]
    penalty, is_auto = alpha / totals.weight, np.isnan(rate)
    auto = defaults.learning_rate(first.solver, first.batch_size, penalty, momentum)
    share = defaults.hidden_rate(first.solver, totals.mean_square)
    return Settings(
        np.where(is_auto, auto, rate),
        np.where(is_auto, share, 1.0),
        is_auto,
        penalty,
        momentum,
        is_cosine > 0,
        *stopping,
        nesterov=first.nesterovs_momentum,
        plateau_loss=constant_predictor_loss(samples.labels, samples.weight),
        early_stopping=first.early_stopping,
    )


def _is_cosine(estimator):
    return defaults.is_cosine(estimator.solver, estimator.learning_rate)


def _per_lane(members, name, value_of):
    """One setting of every lane, float64 of shape (K,)."""
    try:
        values = [float(value_of(member.estimator)) for member in members]
    except OverflowError:
        raise ValueError(f"{name} is too large for a float: lower it.") from None
    return np.repeat(values, [len(member.starts) for member in members])


def cohort_key(estimator):
    """What the members of a cohort have in common, hashable; None fits alone.

    A parameter whose effect on a neighbour is unknown, whoever may have added it, is a
    reason to fit alone, as are L-BFGS, continued training and printed progress.
    """
    values = estimator.get_params(deep=False)
    is_known = values.keys() <= {*SHARED, *OWN, *ALONE}
    if not is_known or values["solver"] == "lbfgs" or any(map(values.get, ALONE)):
        return None
    if isinstance(values["class_weight"], dict):
        values["class_weight"] = frozenset(values["class_weight"].items())
    return tuple(values[name] for name in SHARED)


def fit_cohort(
    estimators,
    X,
    y,
    sample_weight=None,
    *,
    X_val=None,
    y_val=None,
    sample_weight_val=None,
):
    """Train the nets of estimators with one `cohort_key` on the same samples.

    Parameters
    ----------
    estimators : list of ShallowNetClassifier
        With valid parameters; a ``RandomState`` among these is advanced.
    X, y, sample_weight, X_val, y_val, sample_weight_val
        As in ``ShallowNetClassifier.fit``.

    Returns
    -------
    columns : dict
        The fitted attributes that describe the columns of ``X``.
    trained : list of Trained or None
        None where no start could be made: whoever fits it alone is told why.
    """
    first = clone(estimators[0])
    samples, classes = training_samples(first, X, y, sample_weight, reset=True)
    held_out = held_out_samples(first, X_val, y_val, sample_weight_val, classes)
    problem = Problem(samples, held_out, classes)
    streams = [RandomStreams(e.random_state) for e in estimators]
    trained = [None] * len(estimators)
    for group in _alike(first, problem, streams):
        divided = problem.divided(first, streams[group[0]].split_seed)
        architecture = divided.architecture(first)
        members = {}
        for i in group:
            with suppress(Exception):
                members[i] = Member.new(estimators[i], streams[i], architecture)
        for part in _parts(members, divided, architecture):
            results = train_cohort([members[i] for i in part], divided, architecture)
            if results[0].interrupted:
                raise KeyboardInterrupt
            for i, result in zip(part, results, strict=True):
                trained[i] = result.without_moments()
    columns = {name: vars(first)[name] for name in COLUMNS if name in vars(first)}
    return columns, trained


def _alike(estimator, problem, streams):
    """Groups of indices whose streams have what must be the same in common.

    Lanes whose row orders differ may share a step, each with rows of its own. With
    weights their batches would differ in weight, too; sparse rows cannot be stacked;
    and many lanes of one seed are faster by themselves, on the rows they share.
    """
    n_rows, weight = len(problem.samples.labels), problem.samples.weight
    if estimator.early_stopping and problem.held_out is None:
        seeds, few = [stream.split_seed for stream in streams], 1
    elif _batch_size(estimator, n_rows) >= n_rows or not estimator.shuffle:
        return [range(len(streams))]
    else:
        seeds, few = [stream.row_seed for stream in streams], FEW_LANES
        is_weighted = weight is not None or estimator.class_weight is not None
        if is_weighted or issparse(problem.samples.X):
            few = 1
    groups, n_lanes = defaultdict(list), Counter(seeds)
    for i, seed in enumerate(seeds):
        groups[seed if n_lanes[seed] >= few else None].append(i)
    return groups.values()


def _parts(members, problem, architecture):
    """Cut the indices of ``members`` into parts that fit into memory together."""
    (h, d), (c, _) = architecture.weight_shapes
    n_parameters = h * (d + 1) + c * (h + 1)
    n_rows = min(architecture.block_size, len(problem.samples.labels))
    # As measured: starts, parameters, gradients, moments, checkpoints and results; and
    # activations, slopes, logits with notes, and rows.
    lane = 18 * n_parameters + (2 * h + 4 * c + 2 * (d + 1)) * n_rows
    most = COHORT_BYTES // (lane * architecture.dtype.itemsize)
    part, n_lanes = [], 0
    for i, member in members.items():
        if part and n_lanes + len(member.starts) > most:
            yield part
            part, n_lanes = [], 0
        part.append(i)
        n_lanes += len(member.starts)
    if part:
        yield part
