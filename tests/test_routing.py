"""A pipeline and a search treat validation data in two ways that may surprise."""

import numpy as np
import sklearn
from nets import ignored, net
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier

# Few iterations on unscaled features.
pytestmark = ignored("ConstantPredictions")

RNG = np.random.RandomState(0)
X, X_VAL = (100 + 50 * RNG.standard_normal((n, 3)) for n in (60, 25))
Y, Y_VAL = ((rows[:, 0] > 100).astype(int) for rows in (X, X_VAL))


def test_a_pipeline_transforms_validation_data_only_on_request():
    scaler = StandardScaler().fit(X)
    rows, held_out = scaler.transform(X), scaler.transform(X_VAL)
    scaled = net().fit(rows, Y, X_val=held_out, y_val=Y_VAL)
    raw = net().fit(rows, Y, X_val=X_VAL, y_val=Y_VAL)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = net().set_fit_request(X_val=True, y_val=True)
        steps = [("scale", StandardScaler()), ("net", routed)]
        asked = Pipeline(steps, transform_input=["X_val"])
        asked.fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    trapped = Pipeline([("scale", StandardScaler()), ("net", net())])
    trapped.fit(X, Y, net__X_val=X_VAL, net__y_val=Y_VAL)
    assert asked[-1].validation_loss_curve_ == scaled.validation_loss_curve_
    assert trapped[-1].validation_loss_curve_ == raw.validation_loss_curve_
    assert raw.validation_loss_curve_ != scaled.validation_loss_curve_


@ignored("Convergence")
def test_a_search_slices_validation_data_that_are_as_long_as_the_training_data():
    seen = []

    class Watching(ShallowNetClassifier):
        def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None):
            seen.append(len(X_val))
            return super().fit(X, y, sample_weight, X_val=X_val, y_val=y_val)

    # Two iterations on unscaled rows are too few to converge.
    watching = Watching(max_iter=2, tol=None, random_state=0)
    for rows, labels, expected in ((X_VAL, Y_VAL, {25}), (X, Y, {40})):
        seen.clear()
        search = GridSearchCV(watching, {"alpha": [1.0]}, cv=3, refit=False)
        search.fit(X, Y, X_val=rows, y_val=labels)
        assert set(seen) == expected
