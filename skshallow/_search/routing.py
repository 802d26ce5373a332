"""Scores and metadata of an estimator that cross-validates.

This module uses only ``cv``, ``scoring`` and the class of an estimator.
"""

import warnings
from copy import copy
from functools import partial

import numpy as np
from sklearn import get_config
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import check_scoring
from sklearn.utils import indexable
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)

from skshallow._core.losses import log_loss, loss_for
from skshallow._fit.labels import listed
from skshallow._fit.samples import columns_of
from skshallow._search.sklearn_internals import arguments_of

LOG_LOSS = "neg_log_loss"  # computed here, with class weights


def scorer_of(estimator):
    """The scorer of ``scoring``; None for the log-loss, which is computed here."""
    scoring = "accuracy" if estimator.scoring is None else estimator.scoring
    return None if scoring == LOG_LOSS else check_scoring(estimator, scoring=scoring)


def routing_of(estimator):
    """A metadata router from ``fit`` to the splitter and the scorer."""
    to_split = MethodMapping().add(caller="fit", callee="split")
    to_score = MethodMapping().add(caller="fit", callee="score")
    router = MetadataRouter(owner=type(estimator).__name__)
    router.add_self_request(estimator)
    router.add(splitter=estimator.cv, method_mapping=to_split)
    router.add(scorer=scorer_of(estimator), method_mapping=to_score)
    return router


def routed_params(estimator, sample_weight, params):
    """Parameters of the splitter and of the scorer, two dicts.

    Without metadata routing, ``groups`` are passed to the splitter, and weights to a
    scorer if it is one of scikit-learn.

    Raises
    ------
    TypeError
        If there are other parameters.
    """
    weight = {} if sample_weight is None else {"sample_weight": sample_weight}
    if get_config()["enable_metadata_routing"]:
        routed = process_routing(estimator, "fit", **weight, **params)
        return routed.splitter.split, routed.scorer.score
    if unknown := params.keys() - {"groups"}:
        raise TypeError(
            f"fit got {sorted(unknown)}: without metadata routing "
            "(sklearn.set_config(enable_metadata_routing=True)) it takes X, y, "
            "sample_weight and groups."
        )
    takes_weight = hasattr(scorer_of(estimator), "set_score_request")
    return params, weight if takes_weight else {}


# ---------------------------------------------------------------------------
# Scores


def score_of(estimator, X, y, samples, params):
    """The function that scores nets: ``score(net, result, logits, rows) -> float``.

    Parameters
    ----------
    estimator : estimator
    X, y : array-likes
        The arguments of ``fit``, because a scorer may use the names of columns.
    samples : Samples
        The same rows, with the weights of training.
    params : dict
        Parameters of the scorer. Arrays with a row for each sample are sliced.
    """
    scorer = scorer_of(estimator)
    if scorer is None:
        rows = {"labels": samples.labels, "weight": samples.weight}
        return partial(_neg_log_loss, loss=loss_for(len(samples.classes)), **rows)
    arguments = partial(arguments_of, *indexable(X, y), params)
    data = {"arguments": arguments, "columns": columns_of(estimator)}
    return partial(_scored, scorer=scorer, samples=samples, **data)


def _neg_log_loss(net, result, logits, rows, *, loss, labels, weight):
    """Minus the log-loss on some of the rows, with the weights of training."""
    weight = None if weight is None else weight[rows]
    return -log_loss(loss, logits, labels[rows], weight)


def _scored(net, result, logits, rows, *, scorer, arguments, samples, columns):
    """The score on some of the rows by a scorer of scikit-learn.

    The score is nan if the rows lack a class without which it is not defined.
    """
    net = copy(net)
    vars(net).update(columns)
    net._set_fitted(result)
    args, params = arguments(net, rows)
    weight = params.get("sample_weight")
    if weight is not None and not np.any(weight):
        return np.nan  # as the log-loss does, and not an error
    try:
        score = scorer(net, *args, **params)
    except (IndexError, ValueError) as error:  # the first in older versions
        if len(np.unique(samples.labels[rows])) < len(samples.classes):
            text = f"scoring={scorer} is nan on folds whose rows lack a class: {error}"
            warnings.warn(text, UndefinedMetricWarning, stacklevel=2)
            return np.nan
        raise ValueError(
            f"scoring={scorer} cannot be computed for the classes "
            f"{listed(samples.classes)}: choose another one, for example {LOG_LOSS!r}. "
            f"The error was: {error}"
        ) from error
    number = np.asarray(score)
    if number.ndim or number.dtype.kind not in "biuf":
        raise ValueError(
            f"scoring must give one number (nan where it is not defined), got {score!r}"
        )
    return float(number)
