"""The net works with scikit-learn's other tools.

Stated here: calibration, models of nets, frames, the HTML representation, clones, and
weights through a pipeline and a search. Searches, and scores in them, are in
test_lockstep_*, partial_fit in test_continuing, other weights in test_weights.
"""

import re
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from nets import ignored
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, log_loss
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    train_test_split,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skshallow import LockstepGridSearchCV, ShallowNetClassifier
from skshallow._fit.version import DOCUMENTATION

CANCER = load_breast_cancer(return_X_y=True)
IRIS = load_iris(return_X_y=True)
X_TRAIN, X_TEST, Y_TRAIN, Y_TEST = train_test_split(
    *CANCER, random_state=0, stratify=CANCER[1]
)


FEW = {"max_iter": 100, "tol": None, "random_state": 0}
net = partial(ShallowNetClassifier, n_hidden=8, **FEW)


def scaled(**params):
    return make_pipeline(StandardScaler(), net(**params))


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_improves_an_overconfident_net(method):
    """The net has memorised noisy labels, and calibration lowers its log-loss."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((600, 5))
    y = ((X[:, 0] > 0) ^ (rng.uniform(size=600) < 0.25)).astype(int)
    sure = net(n_hidden=50, alpha=0, max_iter=300, learning_rate_init=0.05)
    calibrated = CalibratedClassifierCV(sure, method=method, cv=3).fit(X[:300], y[:300])
    fitted = clone(sure).fit(X[:300], y[:300])
    frozen = CalibratedClassifierCV(FrozenEstimator(fitted), method=method, cv=3)
    losses = [
        log_loss(y[300:], model.predict_proba(X[300:]))
        for model in (fitted, calibrated, frozen.fit(X[300:], y[300:]))
    ]
    assert max(losses[1:]) < losses[0] - 0.2


BELOW = [("net", scaled()), ("tree", DecisionTreeClassifier(random_state=0))]
WHOLES = {
    "threshold": TunedThresholdClassifierCV(scaled(), scoring="f1", cv=3),
    "bagging": BaggingClassifier(scaled(), 5, max_features=0.5, random_state=0),
    "stacking": StackingClassifier(BELOW, LogisticRegression(max_iter=5000), cv=3),
    "on top": StackingClassifier(BELOW, scaled(), cv=3, passthrough=True),
    "one against the rest": OneVsRestClassifier(scaled()),
}


@pytest.mark.parametrize("name", WHOLES)
def test_a_model_of_nets_predicts_as_well_as_a_net(name):
    whole = clone(WHOLES[name]).fit(X_TRAIN, Y_TRAIN)
    assert whole.score(X_TEST, Y_TEST) > 0.93


@pytest.mark.parametrize("library", [pd, pl])
def test_pipelines_that_hand_on_frames(library):
    rng = np.random.RandomState(0)
    columns = {
        "size": rng.standard_normal(80),
        "weight": 100 + 10 * rng.standard_normal(80),
        "colour": rng.choice(["red", "green", "blue"], 80),
    }
    frame, name = library.DataFrame(columns), library.__name__
    y = np.where(columns["colour"] == "red", "stop", "go")
    encode = make_column_transformer(
        (StandardScaler(), ["size", "weight"]),
        (OneHotEncoder(sparse_output=False), ["colour"]),
        verbose_feature_names_out=False,
    )
    fitted = make_pipeline(encode, net()).set_output(transform=name).fit(frame, y)
    names = ["size", "weight", "colour_blue", "colour_green", "colour_red"]
    assert fitted[-1].feature_names_in_.tolist() == names
    assert fitted.score(frame, y) == 1
    handed_on = fitted[0].transform(frame)
    assert type(handed_on).__module__.startswith(name)
    with pytest.raises(ValueError, match="feature names"):
        fitted[-1].predict(handed_on[names[::-1]])


class UsersSubclass(ShallowNetClassifier):
    """A class of another package."""


def test_a_subclass_has_its_own_parameters_and_changes_no_others():
    class Renamed(ShallowNetClassifier):
        def __init__(self, width=3):
            self.width = width

        @classmethod
        def _get_param_names(cls):
            names = super()._get_param_names()
            names.append("more")
            return names

    usual = [*net().get_params()]
    assert Renamed._get_param_names() == Renamed._get_param_names() == ["width", "more"]
    assert [*net().get_params()] == usual
    assert "width" not in usual


LINK = r'class="sk-estimator-doc-link[^>]*href="([^"]*)"'


def test_the_html_representation():
    """Each class links to its own page, and a user's subclass to none."""
    shown = scaled(init="he", n_init=3)._repr_html_()
    for word in ("ShallowNetClassifier", "StandardScaler", "he", "n_init"):
        assert word in shown
    links = re.findall(LINK, shown)
    assert any(link.endswith("preprocessing.StandardScaler.html") for link in links)
    search = LockstepGridSearchCV(scaled(), {})
    (first, *_) = re.findall(LINK, search._repr_html_())
    assert first == f"{DOCUMENTATION}generated/skshallow.LockstepGridSearchCV.html"
    own = f"{DOCUMENTATION}generated/skshallow.ShallowNetClassifier.html"
    assert re.findall(LINK, net()._repr_html_()) == [own]
    assert own in links
    assert re.findall(LINK, UsersSubclass()._repr_html_()) == []
    assert "<span>Not fitted</span>" in net()._repr_html_()
    assert "<span>Fitted</span>" in net().fit(*IRIS)._repr_html_()


def own_start(rng, shape):
    """An init that a user wrote."""
    return rng.uniform(-0.5, 0.5, shape)


ARRAYS = [np.full((4, 8), 0.1), np.ones((8, 3))], [np.zeros(8), np.zeros(3)]


@ignored("Symmetry")
@pytest.mark.parametrize("init", [own_start, ARRAYS])
def test_clones_of_nets_with_their_own_start(init):
    first = net(init=init, init_scale=1.0, max_iter=300).fit(*IRIS)
    again = clone(first)
    assert not hasattr(again, "coefs_")
    np.testing.assert_equal(again.init, init)
    best = GridSearchCV(again, {"alpha": [first.alpha]}, cv=2).fit(*IRIS)
    for copied in (again.fit(*IRIS), best.best_estimator_):
        np.testing.assert_array_equal(copied.coefs_[0], first.coefs_[0])


# Sample weights on their way

WEIGHT = np.random.RandomState(1).exponential(size=len(X_TRAIN))


@pytest.mark.parametrize("Search", [GridSearchCV, LockstepGridSearchCV])
@pytest.mark.parametrize("routed", [False, True])
def test_weights_through_a_pipeline_and_a_search_over_it(Search, routed):
    """Weights that are routed also weigh the scores; the scaler asks for none."""
    with sklearn.config_context(enable_metadata_routing=routed):
        scaler, last, scorer = StandardScaler(), net(), get_scorer("accuracy")
        if routed:
            scaler.set_fit_request(sample_weight=False)
            last.set_fit_request(sample_weight=True)
            scorer.set_score_request(sample_weight=True)
        name = "sample_weight" if routed else "net__sample_weight"
        pipeline = Pipeline([("scale", scaler), ("net", last)])
        search = Search(pipeline, {"net__alpha": [net().alpha]}, cv=2, scoring=scorer)
        search.fit(X_TRAIN, Y_TRAIN, **{name: WEIGHT})
        whole = clone(pipeline).fit(X_TRAIN, Y_TRAIN, **{name: WEIGHT})
        by_hand = net().fit(StandardScaler().fit_transform(X_TRAIN), Y_TRAIN, WEIGHT)
        for weighed in (search.best_estimator_, whole):
            np.testing.assert_array_equal(weighed[-1].coefs_[0], by_hand.coefs_[0])
        train, test = next(StratifiedKFold(2).split(X_TRAIN, Y_TRAIN))
        half = clone(pipeline)
        half.fit(X_TRAIN[train], Y_TRAIN[train], **{name: WEIGHT[train]})
    right = half.predict(X_TRAIN[test]) == Y_TRAIN[test]
    expected = np.average(right, weights=WEIGHT[test] if routed else None)
    score = search.cv_results_["split0_test_score"][0]
    assert score == pytest.approx(expected)
