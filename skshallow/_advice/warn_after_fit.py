"""Warnings after fits: about parameters, and by the first rule in ``warning_rules``."""

import warnings
from collections import Counter
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

import skshallow._advice.conditions as conditions
from skshallow._advice.fit_measurements import FitMeasurements, Rows
from skshallow._advice.warning_rules import CAUSES, RULES, due_to_scale
from skshallow._fit.defaults import batch_size
from skshallow._fit.labels import UNKNOWN, listed
from skshallow._fit.sample_weights import names_a_class


class FitWarning(NamedTuple):
    """A warning about a fit.

    Parameters
    ----------
    category : type
        Category of the warning.
    kind : str
        The name of a rule, or what happened, in a few words.
    message : str
        The whole sentence, with what to do.
    """

    category: type
    kind: str
    message: str


def warnings_of(estimators, results, samples):
    """The warnings after fits on the same rows, a list of FitWarning for each fit.

    Parameters
    ----------
    estimators : list of estimators
        The estimators, whose parameters the warnings name.
    results : list of FitResult
    samples : Samples
        The training rows.
    """
    rows = Rows(samples)
    with np.errstate(all="ignore"):  # large features, weights and penalties overflow
        return [
            [
                *_setup_warnings(estimator, result, samples),
                *_net_warnings(estimator, result, rows),
            ]
            for estimator, result in zip(estimators, results, strict=True)
        ]


def _setup_warnings(estimator, result, samples):
    """Warnings about parameters that do not fit the data or each other."""
    if not hasattr(estimator, "alphas"):  # which warns of the starts of its folds
        yield from warnings_of_starts(estimator, [result])
    yield from _other_classes(estimator.class_weight, samples)
    n_rows = result.n_rows
    if batch_size(estimator, n_rows) > n_rows:
        yield FitWarning(
            UserWarning,
            "fewer samples than batch_size",
            f"batch_size={estimator.batch_size} is larger than the {n_rows} "
            "training samples and is clipped to that.",
        )


def _other_classes(weights, samples):
    """Warnings that class weights, or validation labels, are all of other classes."""
    classes, held_out = samples.classes, samples.held_out
    if weights and weights != "balanced" and not names_a_class(weights, classes):
        yield FitWarning(
            UserWarning,
            "class weights for other classes",
            f"class_weight={weights!r} has no key among the classes "
            f"{listed(classes)}, so that all have the weight 1: give these as keys.",
        )
    if held_out and (held_out.labels == UNKNOWN).all():
        yield FitWarning(
            UserWarning,
            "validation labels of other classes",
            f"y_val has no label among the classes {listed(classes)}, so that all "
            "validation rows count as wrong: write its labels as in y.",
        )


def warnings_of_starts(estimator, results):
    """Warnings about starts that were all the same, and about diverged starts.

    Parameters
    ----------
    estimator : estimator
    results : list of FitResult
        The result of a fit, or those of the nets of the folds.
    """
    first, outcomes = results[0], [o for result in results for o in result.outcomes]
    if not first.resumes and len(first.starts) < estimator.n_init:
        yield FitWarning(
            UserWarning,
            "equal starts",
            f"n_init={estimator.n_init}, but every start of this init and init_scale "
            "is the same: one start is trained. Use a random init or n_init=1.",
        )
    statuses = [outcome.status for outcome in outcomes if outcome is not None]
    n, n_diverged = len(statuses), statuses.count("diverged")
    if 0 < n_diverged < n:
        yield FitWarning(
            ConvergenceWarning,
            "diverged starts",
            f"{n_diverged} of {n} starts diverged and were dropped. Lower "
            "learning_rate_init or the scale of the start.",
        )


# ---------------------------------------------------------------------------
# Warnings by the rules


def _net_warnings(estimator, result, rows):
    """A warning by the first rule that applies to the net that is kept, if any does."""
    if result.error:
        return
    m = FitMeasurements(estimator, result, rows)
    is_brief = conditions.is_brief(m)
    for name, rule in RULES.items():
        may_warn = rule.category and (rule.in_brief_fit or not is_brief)
        applies = rule.in_fit or rule.applies
        if may_warn and applies(m):
            is_effect = name not in CAUSES and conditions.is_due_to_scale(m)
            message = due_to_scale(name, m) if is_effect else rule.sentence(m)
            yield FitWarning(rule.category, name, message)
            return


def warn(fit_warnings, stacklevel):
    """Give every warning of a fit."""
    for category, _, message in fit_warnings:
        warnings.warn(message, category, stacklevel=stacklevel + 1)


def warn_of_search(fit_warnings, stacklevel):
    """Give one warning for all fits of a search, if any needs a warning.

    Parameters
    ----------
    fit_warnings : list of lists of FitWarning
        One list for each fit.
    stacklevel : int
        As in ``warnings.warn``, seen from the caller.
    """
    every = [warning for of_fit in fit_warnings for warning in of_fit]
    if not every:
        return
    n_fits = sum(map(bool, fit_warnings))
    counts = Counter(warning.kind for warning in every).most_common()
    kinds = ", ".join(f"{kind} in {count}" for kind, count in counts)
    categories = {warning.category for warning in every}
    worst = ConvergenceWarning if ConvergenceWarning in categories else UserWarning
    (category,) = categories if len(categories) == 1 else {worst}
    warnings.warn(
        f"{n_fits} of the {len(fit_warnings)} fits of this search deserve a warning: "
        f"{kinds}. The first: {every[0].message}",
        category,
        stacklevel=stacklevel + 1,
    )
