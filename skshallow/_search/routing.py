"""Metadata of an estimator that cross-validates: who is given what.

Knows estimators by their ``cv``, their ``scoring`` and their class alone.
"""

from sklearn import get_config
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)

LOG_LOSS = "neg_log_loss"  # computed here, with class weights


def scorer_of(estimator):
    """The scorer that ``scoring`` names; None for the log-loss, which needs none."""
    scoring = "accuracy" if estimator.scoring is None else estimator.scoring
    return None if scoring == LOG_LOSS else check_scoring(estimator, scoring=scoring)


def routing_of(estimator):
    """A router whose ``fit`` splits and scores."""
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

    Without metadata routing ``groups`` go to the splitter, and weights to whatever is
    a scorer of scikit-learn.

    Raises
    ------
    TypeError
        If there are others.
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
