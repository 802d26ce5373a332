"""scikit-learn's own checks of an estimator hold, for the defaults and every solver."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from skshallow import ShallowNetClassifier, ShallowNetClassifierCV

SOLVERS = ("gd", "sgd", "lbfgs")  # adam is the default
# Mini-batches cut repeated rows elsewhere than weighted ones, so that a weight of two
# is a repeated row only as long as one batch holds all rows.
NEEDS_WHOLE_BATCH = {
    f"check_sample_weight_equivalence_on_{kind}_data": "batches are cut elsewhere"
    for kind in ("dense", "sparse")
}


def checks_of(*estimators, marks=(), expected_to_fail=None):
    """The cases as a list: pytest deprecates generators of parameters."""
    return [
        case if hasattr(case, "marks") else pytest.param(*case, marks=marks)
        for estimator in estimators
        for case in estimator_checks_generator(
            estimator, expected_failed_checks=expected_to_fail, mark="xfail"
        )
    ]


# Fewer iterations than by default are enough for what the checks ask.
CASES = [
    *checks_of(ShallowNetClassifier()),
    *checks_of(*(ShallowNetClassifier(solver=s, max_iter=60) for s in SOLVERS)),
    *checks_of(ShallowNetClassifier(n_init=2, combine="average", max_iter=60)),
    *checks_of(ShallowNetClassifierCV(max_iter=60)),
    *checks_of(ShallowNetClassifierCV(4, solver="lbfgs", cv=2, max_iter=30)),
    *checks_of(ShallowNetClassifierCV(), marks=pytest.mark.long),
    *checks_of(
        ShallowNetClassifier(solver="sgd", batch_size=5, max_iter=15),
        expected_to_fail=NEEDS_WHOLE_BATCH,
    ),
]


def name_of(value):
    if hasattr(value, "get_params"):
        return repr(value).replace("ShallowNetClassifier", "")
    called, arguments = value, {}
    while hasattr(called, "func"):
        called, arguments = called.func, {**called.keywords, **arguments}
    return "-".join([called.__name__, *map(str, arguments.values())])


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::skshallow.exceptions.ConstantPredictionsWarning",
    "ignore::skshallow.exceptions.DeadUnitsWarning",  # features of size 100
    "ignore:The least populated class in y has only:UserWarning",
    "ignore:batch_size=5 is larger than:UserWarning",
)
@pytest.mark.parametrize(("estimator", "check"), CASES, ids=name_of)
def test_check(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # or the array API check is skipped
    check(estimator)
