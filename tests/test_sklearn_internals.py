"""An unknown scikit-learn is refused in a sentence, before anything is trained."""

import re

import numpy as np
import pytest
import sklearn
from nets import ignored
from sklearn.model_selection import GridSearchCV

from skshallow import LockstepGridSearchCV, ShallowNetClassifier
from skshallow._search import sklearn_internals
from skshallow._search.rounds import Rounds

X, Y = np.arange(40.0).reshape(20, 2) / 40, np.arange(20) % 2
REFUSED = (
    "lock-step searches know .* 1.7 to 1.9 work, but those of scikit-learn "
    f"{re.escape(sklearn.__version__)} work in another way: use GridSearchCV"
)


def search():
    net = ShallowNetClassifier(2, max_iter=2, tol=None, random_state=0)
    return LockstepGridSearchCV(net, {"init_scale": [0.1, 1]}, cv=2)


def assert_refused():
    refused = search()
    with pytest.raises(RuntimeError, match=REFUSED):
        refused.fit(X, Y)
    assert not hasattr(refused, "cv_results_")


# Its labels have nothing to do with its rows.
@ignored("ConstantPredictions")
def test_the_installed_version_is_known():
    search().fit(X, Y)


@pytest.mark.parametrize("name", ["_safe_split", "_check_method_params"])
def test_a_version_without_a_function_is_refused(name, monkeypatch):
    monkeypatch.setattr(sklearn_internals, name, None)
    assert_refused()


@pytest.mark.parametrize("name", sklearn_internals.OVERRIDDEN)
def test_a_version_without_a_method_is_refused(name, monkeypatch):
    for owner in GridSearchCV.__mro__:
        if name in vars(owner):
            monkeypatch.delattr(owner, name)
    assert_refused()


@pytest.mark.parametrize(
    "others",
    [
        lambda candidates: candidates[::-1],
        lambda candidates: candidates[:-1],
        lambda candidates: [*candidates, candidates[0]],
    ],
    ids=["in another order", "fewer", "more"],
)
def test_a_search_over_other_candidates_than_trained_is_refused(others, monkeypatch):
    """The search would otherwise score one candidate under the name of another."""
    train = Rounds.train
    monkeypatch.setattr(
        Rounds,
        "train",
        lambda rounds, candidates, splits: train(rounds, others(candidates), splits),
    )
    assert_refused()
