"""The ONNX graph of a net gives the net's answers, in any runtime.

Stated here: nets of every kind, alone and wherever a model may hold one; labels of any
type, as arrays and as maps; precision and tails of probabilities; skl2onnx's options.
"""

import sys
import warnings
from functools import partial

import nets
import numpy as np
import onnx
import pytest
from nets import either_kind, either_precision
from numpy.testing import assert_allclose, assert_array_equal
from onnx import TensorProto
from onnx.reference import ReferenceEvaluator
from onnxruntime import InferenceSession
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import (
    LockstepGridSearchCV,
    LockstepRandomizedSearchCV,
    ShallowNetClassifierCV,
)
from skshallow._core.activations import ACTIVATIONS
from skshallow.exceptions import ConstantPredictionsWarning
from skshallow.export import register_onnx_converter

RNG = np.random.RandomState(0)
X = RNG.standard_normal((120, 4))
CLASS = {2: (X[:, 0] * X[:, 1] > 0).astype(int)}
CLASS[3] = CLASS[2] + (X[:, 2] > 0.5)
TOLERANCE = {np.float64: 1e-12, np.float32: 1e-6}

every_activation = pytest.mark.parametrize("activation", sorted(ACTIVATIONS))


@pytest.fixture(autouse=True, scope="module")
def registered():
    register_onnx_converter()


net = partial(nets.net, n_hidden=6, alpha=0.01, max_iter=20)


def fitted(n_classes=2, dtype=np.float64, **params):
    return net(**params).fit(X.astype(dtype), CLASS[n_classes])


def session_of(graph):
    providers = ["CPUExecutionProvider"]
    return InferenceSession(graph.SerializeToString(), providers=providers)


def answers_of(graph, rows):
    """All outputs of a graph for some rows, by name."""
    session = session_of(graph)
    names = [output.name for output in session.get_outputs()]
    (given,) = session.get_inputs()
    return dict(zip(names, session.run(None, {given.name: rows}), strict=True))


def exported(model, rows=X, **options):
    """The graph of a model; labels and an array of probabilities, unless asked."""
    return to_onnx(model, rows[:1], options={id(model): {"zipmap": False, **options}})


def assert_same_answers(model, rows, graph=None):
    answers = answers_of(graph or exported(model, rows), rows)
    expected = model.predict_proba(rows)
    given = np.float64 if rows.dtype == np.float64 else np.float32
    assert answers["probabilities"].dtype == given
    assert answers["probabilities"].shape == expected.shape
    assert_allclose(answers["probabilities"], expected, rtol=0, atol=TOLERANCE[given])
    assert_array_equal(answers["label"], model.predict(rows))
    assert len(np.unique(answers["label"])) == len(model.classes_)


@every_activation
@either_kind
@pytest.mark.parametrize("trained", [np.float64, np.float32])
@either_precision
def test_a_bare_net(activation, n_classes, trained, dtype):
    model = fitted(n_classes, trained, activation=activation)
    assert_same_answers(model, X.astype(dtype))


@every_activation
@either_kind
def test_the_reference_runtime_agrees(activation, n_classes):
    model = fitted(n_classes, activation=activation)
    graph = exported(model)
    onnx.checker.check_model(graph, full_check=True)
    label, probabilities = ReferenceEvaluator(graph).run(None, {"X": X})
    assert_array_equal(label, model.predict(X))
    assert_allclose(probabilities, model.predict_proba(X), rtol=0, atol=1e-12)


def search(model):
    """A search over one candidate: its best estimator is what is exported."""
    return GridSearchCV(model, {}, cv=2)


def pipeline(model):
    return make_pipeline(StandardScaler(), model)


def calibrated(model, **params):
    return CalibratedClassifierCV(model, cv=2, **params)


MODELS = {
    "average of starts": net(n_init=3, combine="average"),
    "cross-validated net": ShallowNetClassifierCV(4, cv=3, random_state=0),
    "pipeline": pipeline(net()),
    "pipeline in a pipeline": make_pipeline(pipeline(net())),
    "search": search(net()),
    "search of a pipeline": search(pipeline(net())),
    "search in a pipeline": pipeline(search(net())),
    "randomised search": RandomizedSearchCV(net(), {}, n_iter=1, cv=2),
    "lock-step search": LockstepGridSearchCV(pipeline(net()), {}, cv=2),
    "lock-step randomised": LockstepRandomizedSearchCV(net(), {}, n_iter=1, cv=2),
    "calibrated": calibrated(net()),
    "calibrated together": calibrated(net(), ensemble=False),
    "calibrated in a pipeline": pipeline(calibrated(net())),
    "calibrated pipeline": calibrated(pipeline(net())),
    "calibrated search": calibrated(search(net())),
    "calibrated search of a pipeline": calibrated(search(pipeline(net()))),
}


def test_a_calibration_that_skl2onnx_changes_is_told_of():
    model = calibrated(net(), method="isotonic").fit(X, CLASS[2])
    with pytest.warns(UserWarning, match="isotonic .* will differ"):
        graph = exported(model)
    probabilities = answers_of(graph, X)["probabilities"]
    assert abs(probabilities - model.predict_proba(X)).max() > 0.01


UNSIGNED = [np.uint8, np.uint16, np.uint32, np.uint64]
SIGNED = [np.int8, np.int16, np.int32, np.int64]
LABELS = {
    "large integers": [-(2**62), 0, 2**53 + 1],
    "booleans": [False, True],
    "floats": [0.0, 2.0, 5.0],
    "strings": ["no", "yes"],
    "strings of all kinds": ["", "naïve", "\N{SNOWMAN}\N{SNOWMAN}"],
    "objects": np.array(["a", "b", "c"], dtype=object),
    **{kind.__name__: np.array([3, 100], kind) for kind in UNSIGNED + SIGNED},
}


@pytest.mark.parametrize("name", LABELS)
@either_precision
def test_labels(name, dtype):
    labels, rows = np.array(LABELS[name]), X.astype(dtype)
    y = labels[CLASS[len(labels)]]
    for model in (net(), pipeline(search(net()))):
        assert_same_answers(model.fit(X, y), rows)
        assert_same_map(model, rows)
    kind = object if labels.dtype.kind in "UO" else np.int64
    assert answers_of(exported(model), X)["label"].dtype == kind


@pytest.mark.parametrize("labels", [[-7, 4], ["", "naïve"]])
def test_classes_as_an_output(labels):
    model = net().fit(X, np.array(labels)[CLASS[2]])
    answers = answers_of(exported(model, output_class_labels=True), X)
    assert_array_equal(answers["class_labels"], model.classes_)


@pytest.mark.parametrize("dtype", [*UNSIGNED, *SIGNED, bool])
def test_labels_of_calibrated_nets_are_signed(dtype):
    y = np.array([0, 1], dtype)[CLASS[2]]
    for model in (calibrated(net()), pipeline(calibrated(net()))):
        model.fit(X, y)
        if dtype in UNSIGNED:
            match = rf"labels from 0 to 1 are {y.dtype}, .* strings or int32: .*astype"
            with pytest.raises(ValueError, match=match):
                exported(model)
            model.fit(X, y.astype(np.int64))
        assert_same_answers(model, X)
        assert_same_map(model, X)


def test_labels_that_do_not_fit_are_refused():
    huge = net().fit(X, np.array([1, 2**63 + 5], np.uint64)[CLASS[2]])
    for options in ({}, {"zipmap": "columns"}):
        with pytest.raises(ValueError, match=r"labels from 1 to 9.* strings or int64"):
            exported(huge, **options)
    large = calibrated(net()).fit(X, np.array([1, 2**40])[CLASS[2]])
    with pytest.raises(ValueError, match=r"labels from 1 to 1.* strings or int32"):
        exported(large)
    days = net().fit(X, np.array(["2020-01-01", "2021-01-01"], "M8[D]")[CLASS[2]])
    for options in ({}, {"zipmap": True}, {"zipmap": "columns"}):
        with pytest.raises(ValueError, match=r"datetime64\[D\].*astype\(str\)"):
            exported(days, **options)


def assert_same_map(model, rows):
    answers = answers_of(to_onnx(model, rows[:1]), rows)
    assert_array_equal(answers["output_label"], model.predict(rows))
    maps = answers["output_probability"]
    assert all(list(row) == list(model.classes_) for row in maps)
    probabilities = [[row[label] for label in model.classes_] for row in maps]
    assert_allclose(probabilities, model.predict_proba(rows), rtol=0, atol=1e-6)


WORDS = {2: np.array(["no", "yes"]), 3: np.array(["", "naïve", "so so"])}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("are_words", [True, False])
@pytest.mark.parametrize(("zipmap", "dtype"), [(False, np.float64), (True, np.float32)])
@either_kind
def test_wherever_a_net_stands(name, are_words, zipmap, n_classes, dtype):
    rows, y = X.astype(dtype), CLASS[n_classes]
    model = clone(MODELS[name]).fit(rows, WORDS[n_classes][y] if are_words else y)
    (assert_same_map if zipmap else assert_same_answers)(model, rows)


def test_other_classifiers_get_their_map_as_before():
    model = LogisticRegression().fit(X, CLASS[3])
    for rows in (X, X.astype(np.float32)):
        assert_same_map(model, rows)


@pytest.mark.parametrize("labels", [[-7, 4, 5], ["no", "so so", "yes"]])
def test_a_column_for_every_class(labels):
    model = net().fit(X, np.array(labels)[CLASS[3]])
    answers = answers_of(exported(model, zipmap="columns"), X)
    prefix = "i" if isinstance(labels[0], int) else "s"
    columns = [answers.pop(f"{prefix}{label}") for label in labels]
    assert_allclose(np.transpose(columns), model.predict_proba(X), atol=1e-12)
    assert_array_equal(answers.pop("output_label"), model.predict(X))
    assert answers == {}


@pytest.mark.parametrize("zipmap", [False, True])
def test_numbers_for_names(zipmap):
    model = net().fit(X, np.array(["no", "so so", "yes"])[CLASS[3]])
    answers = answers_of(exported(model, zipmap=zipmap, nocl=True), X)
    label = answers["output_label" if zipmap else "label"]
    assert_array_equal(model.classes_[label], model.predict(X))


@either_kind
def test_logits_for_probabilities(n_classes):
    model = fitted(n_classes)
    answers = answers_of(exported(model, raw_scores=True), X)
    Z = model.decision_function(X)
    logits = np.transpose([-Z, Z]) if n_classes == 2 else Z
    assert_allclose(answers["probabilities"], logits, rtol=0, atol=1e-12)
    assert_array_equal(answers["label"], model.predict(X))


@pytest.mark.parametrize("dtype", [np.int64, np.bool_])
def test_other_kinds_of_numbers(dtype):
    rows = np.round(X).astype(dtype)
    assert_same_answers(net().fit(rows, CLASS[2]), rows)


@pytest.mark.parametrize("opset", [11, 12, 13, 15, 18, None])
@either_kind
def test_older_operator_sets(opset, n_classes):
    model = fitted(n_classes)
    graph = to_onnx(model, X[:1], target_opset=opset, options={"zipmap": False})
    if opset is not None:
        assert all(known.version <= opset for known in graph.opset_import)
    assert_same_answers(model, X, graph)


def precisions(graph):
    kinds = {tensor.data_type for tensor in graph.graph.initializer}
    return kinds - {TensorProto.INT64, TensorProto.STRING}


@either_kind
def test_float32_stays_float32(n_classes):
    kinds = {np.float32: TensorProto.FLOAT, np.float64: TensorProto.DOUBLE}
    for dtype, kind in kinds.items():
        graph = exported(fitted(n_classes, dtype), X.astype(np.float32))
        assert precisions(graph) == {kind}


def net_with_logits(Z, dtype):
    """A net whose logits are its features: (n, 1) for two classes."""
    n_outputs = Z.shape[1]
    n_classes = max(2, n_outputs)
    model = net(activation="identity", max_iter=1).set_params(n_hidden=n_outputs)
    rows = np.random.RandomState(0).standard_normal(Z.shape).astype(dtype)
    with warnings.catch_warnings(action="ignore", category=ConstantPredictionsWarning):
        model.fit(rows, np.arange(len(Z)) % n_classes)
    model.coefs_ = [np.eye(n_outputs, dtype=dtype)] * 2
    model.intercepts_ = [np.zeros(n_outputs, dtype)] * 2
    assert_array_equal(np.ravel(model.decision_function(Z)), np.ravel(Z))
    return model


@either_precision
@either_kind
def test_probabilities_keep_their_tails(dtype, n_classes):
    """Errors are small relative to the smaller probability, however small it is."""
    largest = 700 if dtype == np.float64 else 80
    Z = np.linspace(-largest, largest, 161, dtype=dtype)[:, None]
    if n_classes == 3:
        Z = np.hstack([Z, np.zeros_like(Z), np.zeros_like(Z)])
    model = net_with_logits(Z, dtype)
    probabilities = answers_of(exported(model, Z), Z)["probabilities"]
    expected = model.predict_proba(Z)
    assert 0 < expected.min() < (1e-300 if dtype == np.float64 else 1e-34)
    rtol = 1e-13 if dtype == np.float64 else 1e-6
    assert_allclose(probabilities, expected, rtol=rtol, atol=0)


@either_precision
def test_ties_go_to_the_first_class_and_extremes_are_certain(dtype):
    tiny = np.finfo(dtype).tiny
    Z = np.array([[-1e30], [-tiny], [-0.0], [0.0], [tiny], [1e-9], [1e30]], dtype)
    answers = answers_of(exported(net_with_logits(Z, dtype), Z), Z)
    assert_array_equal(answers["label"], [0, 0, 0, 0, 1, 1, 1])
    assert_array_equal(answers["probabilities"][[0, -1]], [[1, 0], [0, 1]])
    Z = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [0, 0, 1]], dtype)
    answers = answers_of(exported(net_with_logits(Z, dtype), Z), Z)
    assert_array_equal(answers["label"], [0, 1, 0, 2])


def test_what_was_set_after_the_fit_does_not_matter():
    model = fitted(activation="relu").set_params(activation="tanh", n_hidden=2)
    register_onnx_converter()  # nor does a second registration
    assert_same_answers(model, X)


def test_an_untrained_net_is_refused():
    with pytest.raises(NotFittedError, match="ShallowNetClassifier"):
        exported(net())


def test_columns_of_a_frame_go_through_a_transformer():
    """skl2onnx passes columns one by one, and its classifiers take one array."""
    model = pipeline(net()).fit(X, CLASS[2])
    rows = X.astype(np.float32)
    columns = {f"x{j}": rows[:, [j]] for j in range(4)}
    kinds = [(name, FloatTensorType([None, 1])) for name in columns]
    graph = to_onnx(model, initial_types=kinds, options={"zipmap": False})
    label, _ = session_of(graph).run(None, columns)
    assert_array_equal(label, model.predict(rows))


def test_without_skl2onnx_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(ImportError, match=r"needs skl2onnx.*extra \[onnx\]"):
        register_onnx_converter()
