"""Scores and metadata of an estimator that cross-validates.

This module uses only ``cv``, ``scoring`` and the class of an estimator.
"""

from copy import copy
from numbers import Real
from typing import NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch, indexable
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)

from skshallow._core.losses import log_loss, loss_for
from skshallow._fit.samples import columns_of
from skshallow._search.sklearn_internals import call_of_fit

LOG_LOSS = "neg_log_loss"  # computed here, with class weights


def scorer_of(estimator):
    """The scorer of ``scoring``; None for the log-loss, which is computed here."""
    scoring = "accuracy" if estimator.scoring is None else estimator.scoring
    return None if scoring == LOG_LOSS else check_scoring(estimator, scoring=scoring)


def named(scoring):
    """The name of ``scoring``, or None, from which ``readings`` makes a label."""
    return scoring if scoring is None or isinstance(scoring, str) else "score"


def routing_of(estimator):
    """A metadata router from ``fit`` to the splitter and the scorer."""
    to_split = MethodMapping().add(caller="fit", callee="split")
    to_score = MethodMapping().add(caller="fit", callee="score")
    router = MetadataRouter(owner=type(estimator).__name__)
    router.add_self_request(estimator)
    router.add(splitter=estimator.cv, method_mapping=to_split)
    scorer = scorer_of(estimator)
    if scorer is not None:
        router.add(scorer=scorer, method_mapping=to_score)
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
        return routed.splitter.split, routed.get("scorer", Bunch(score={})).score
    if unknown := params.keys() - {"groups"}:
        raise TypeError(
            f"fit got {sorted(unknown)}: without metadata routing "
            "(sklearn.set_config(enable_metadata_routing=True)) it takes X, y, "
            "sample_weight and groups."
        )
    scorer = scorer_of(estimator)
    takes_weight = hasattr(scorer, "set_score_request")
    return params, weight if takes_weight else {}


# ---------------------------------------------------------------------------
# Scores


class LogLoss(NamedTuple):
    """Minus the log-loss of nets on some of the rows, with the weights of training.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Class indices of all rows.
    weight : ndarray of shape (n,) or None
    n_classes : int
    """

    labels: np.ndarray
    weight: np.ndarray | None
    n_classes: int

    def __call__(self, net, result, logits, rows):
        weight = None if self.weight is None else self.weight[rows]
        return -log_loss(loss_for(self.n_classes), logits, self.labels[rows], weight)


class GivenScore(NamedTuple):
    """The score of nets on some of the rows by a scorer of scikit-learn.

    Parameters
    ----------
    scorer : callable
        ``scorer(estimator, X, y, **params)``.
    X, y : array-likes
        All rows, as given to ``fit``, because a scorer may use the names of columns.
    columns : dict
        The fitted attributes that describe the columns of ``X``.
    params : dict
        Parameters of the scorer. Arrays with a row for each sample are sliced.
    """

    scorer: object
    X: object
    y: object
    columns: dict
    params: dict

    def __call__(self, net, result, logits, rows):
        net = copy(net)
        net._adopt(result, self.columns)
        args, params = call_of_fit(net, self.X, self.y, rows, self.params)
        weight = params.get("sample_weight")
        if weight is not None and not np.any(weight):
            return np.nan  # like the log-loss, and no error
        score = self.scorer(net, *args, **params)
        if isinstance(score, np.ndarray | np.generic) and score.ndim == 0:
            score = score.item()
        if not isinstance(score, Real):
            raise ValueError(
                "scoring must give one number for the rows of a fold (nan where it is "
                f"not defined), and this one gives {score!r}: give the name of a "
                "scorer of scikit-learn, or a function of (estimator, X, y) that "
                "returns a float."
            )
        return float(score)


def score_of(estimator, X, y, samples, params):
    """The function that scores the nets of ``estimator``: a `LogLoss` or `GivenScore`.

    Parameters
    ----------
    estimator : estimator
    X, y : array-likes
        The arguments of ``fit``.
    samples : Samples
        The same rows, with the weights of training.
    params : dict
        Parameters of the scorer.
    """
    scorer = scorer_of(estimator)
    if scorer is None:
        n_classes = samples.labels.max() + 1
        return LogLoss(samples.labels, samples.weight, n_classes)
    return GivenScore(scorer, *indexable(X, y), columns_of(estimator), params)
