"""Conversion of fitted nets to ONNX by skl2onnx.

The graph is made from fitted attributes only, and computes the same as `predict`,
`predict_proba` and `decision_function`. skl2onnx and onnx are imported inside the
functions that need them, so that the package works without them.
"""

import warnings

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils.validation import check_is_fitted

from skshallow._fit.pipelines import last_step
from skshallow.classifier import ShallowNetClassifier, ShallowNetClassifierCV
from skshallow.model_selection import LockstepGridSearchCV, LockstepRandomizedSearchCV

# Operators of ONNX. The identity needs no operator.
ONNX_OPERATORS = {"tanh": "Tanh", "logistic": "Sigmoid", "relu": "Relu"}

SEARCHES = RandomizedSearchCV, LockstepGridSearchCV, LockstepRandomizedSearchCV
# The options of skl2onnx's own classifiers. Calibration uses `raw_scores`.
OPTIONS = {
    "zipmap": [True, False, "columns"],
    "nocl": [True, False],
    "output_class_labels": [False, True],
    "raw_scores": [True, False],
}


def register_onnx_converter():
    """Let skl2onnx convert fitted nets, and models that contain a net.

    Afterwards ``skl2onnx.to_onnx(model, X[:1])`` takes a ``ShallowNetClassifier``, a
    ``ShallowNetClassifierCV``, and pipelines, grid and randomised searches and
    calibrated classifiers with a net. Of other searches, such as halving, it takes the
    ``best_estimator_``. A second call changes nothing.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    Notes
    -----
    The graph computes in the precision in which the net predicts: in float32 if both
    its weights and its input are float32, otherwise in float64. The probabilities have
    the type of the input. Labels are strings or 64-bit integers. The labels of a
    calibrated classifier must be strings or signed integers that fit 32 bits, because
    skl2onnx converts other labels wrongly.

    The converter has the options of skl2onnx's own classifiers: ``zipmap``, ``nocl``,
    ``output_class_labels`` and ``raw_scores``. With ``raw_scores=True`` the graph gives
    logits in the place of probabilities, with a column for each class. For two classes
    these are minus the `decision_function` and the `decision_function`.

    With ``zipmap=True``, the default, probabilities are maps of float32, because ONNX
    has no maps of float64. For float64 input, skl2onnx writes maps of float64 for every
    classifier, and no runtime loads such a graph. The registration therefore replaces
    the converter of ZipMap by one that adds a cast to float32.

    Examples
    --------
    >>> from skl2onnx import to_onnx
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.export import register_onnx_converter
    >>> X, y = make_flower(random_state=1)
    >>> net = ShallowNetClassifier(tol=None, max_iter=5, random_state=0).fit(X, y)
    >>> register_onnx_converter()
    >>> graph = to_onnx(net, X[:1], options={"zipmap": False})
    >>> [output.name for output in graph.graph.output]
    ['label', 'probabilities']
    """
    try:
        from skl2onnx import update_registered_converter, update_registered_parser
        from skl2onnx._parse import sklearn_parsers_map
        from skl2onnx._supported_operators import sklearn_operator_name_map
        from skl2onnx.common._registration import register_converter
        from skl2onnx.common.shape_calculator import (
            calculate_linear_classifier_output_shapes,
        )
    except ImportError as error:
        raise ImportError(
            "register_onnx_converter needs skl2onnx, which cannot be imported "
            f"({error}): install skshallow with its extra [onnx]."
        ) from error
    for estimator in (ShallowNetClassifier, ShallowNetClassifierCV):
        update_registered_converter(
            estimator,
            f"Skshallow{estimator.__name__}",
            calculate_linear_classifier_output_shapes,
            _convert,
            parser=_parse,
            options=OPTIONS,
        )
    for search in SEARCHES:  # skl2onnx converts only the class GridSearchCV itself
        sklearn_operator_name_map[search] = sklearn_operator_name_map[GridSearchCV]
        update_registered_parser(search, sklearn_parsers_map[GridSearchCV])
    update_registered_parser(CalibratedClassifierCV, _parse)
    register_converter("SklearnZipMap", _convert_zipmap, overwrite=True)


def _parse(scope, model, inputs, custom_parsers=None):
    """Parse a classifier as skl2onnx does, before anything is written.

    Raise an error for labels that the graph would change. For calibrated classifiers,
    skl2onnx treats unsigned integers as strings, and cuts other integers to 32 bits.
    """
    from skl2onnx._parse import _parse_sklearn_classifier

    check_is_fitted(model)
    is_calibrated = isinstance(model, CalibratedClassifierCV)
    dtype, refused = (np.int32, "mMu") if is_calibrated else (np.int64, "mM")
    classes = model.classes_
    kind = classes.dtype.kind
    is_cut = kind in "iu" and (classes.astype(dtype) != classes).any()
    if is_cut or kind in refused:
        raise ValueError(
            f"the labels from {classes[0]} to {classes[-1]} are {classes.dtype}, but "
            f"the graph can only have strings or {np.dtype(dtype)}: fit with labels "
            "such as y.astype(str)."
        )
    return _parse_sklearn_classifier(scope, model, inputs, custom_parsers)


def _convert(scope, operator, container):
    """Write the graph of the net of skl2onnx's ``operator``."""
    from skl2onnx.algebra import onnx_ops
    from skl2onnx.common.data_types import guess_numpy_type, guess_proto_type
    from skl2onnx.common.utils_classifier import get_label_classes

    def node(name, *inputs, **attributes):
        attributes["op_version"] = container.target_opset
        return getattr(onnx_ops, f"Onnx{name}")(*inputs, **attributes)

    net = operator.raw_operator
    (X,), (label, scores) = operator.inputs, operator.outputs
    weights = net.coefs_[0].dtype
    # As in NumPy's products: float32 only if both weights and input are float32.
    dtype = weights if guess_numpy_type(X.type) == np.float32 else np.dtype(np.float64)
    Z = _class_logits(node, net, X, dtype)
    # As in `predict`, the first of equal logits wins: class 1 of two needs z > 0.
    winner = node("ArgMax", Z, axis=1, keepdims=0)
    classes = get_label_classes(scope, net)
    is_number = classes.dtype.kind in "biuf"  # ONNX has 64-bit integers or UTF-8
    classes = classes.astype(np.int64 if is_number else str)
    if not _is_asked_for_logits(net, scope, container):
        Z = _probabilities(node, net, Z, dtype)
    outputs = (
        node("Gather", classes, winner, axis=0, output_names=[label]),
        node("Cast", Z, to=guess_proto_type(scores.type), output_names=[scores]),
    )
    for output in outputs:
        output.add_to(scope, container)


def _class_logits(node, net, X, dtype):
    """Logits (n, c), one for each class, of the rows of ``X`` (n, d).

    For two classes they are -z and z: the probability of a class is the logistic
    function of its logit.
    """
    from onnx.helper import np_dtype_to_tensor_dtype

    W1, W2, b1, b2 = (W.astype(dtype) for W in (*net.coefs_, *net.intercepts_))
    A = node("Cast", X, to=np_dtype_to_tensor_dtype(dtype))
    A = node("Add", node("MatMul", A, W1), b1)  # (n, h)
    if net._activation != "identity":
        A = node(ONNX_OPERATORS[net._activation], A)
    Z = node("Add", node("MatMul", A, W2), b2)
    if net.out_activation_ == "softmax":
        return Z
    return node("Concat", node("Neg", Z), Z, axis=1)


def _probabilities(node, net, Z, dtype):
    """Probabilities (n, c) of the classes from their logits."""
    if net.out_activation_ == "softmax":
        return node("Softmax", Z, axis=1)
    # 1 / (1 + exp(-z)), because onnxruntime's Sigmoid is 0 for small z: from z = -18
    # down in float32, and from z = -40 down in float64.
    odds = node("Exp", node("Neg", Z))
    return node("Reciprocal", node("Add", odds, np.ones(1, dtype)))


def _is_asked_for_logits(net, scope, container):
    """Whether the graph must give logits in the place of probabilities.

    Calibration needs logits. skl2onnx sets an option of the calibrated estimator for
    that, but a pipeline or a search does not pass the option on to its net.
    """
    calibrations = [
        calibrated
        for operator in scope.operators.values()
        for calibrated in getattr(operator.raw_operator, "calibrated_classifiers_", ())
        if last_step(calibrated.estimator, "best_estimator_")[-1] is net
    ]
    if any(calibrated.method == "isotonic" for calibrated in calibrations):
        warnings.warn(
            "skl2onnx writes isotonic calibration as the nearest of its points, where "
            "scikit-learn interpolates between them: probabilities will differ. "
            "method='sigmoid' is converted exactly.",
            UserWarning,
            stacklevel=2,
        )
    option = container.get_options(net, {"raw_scores": False})
    return option["raw_scores"] or bool(calibrations)


def _convert_zipmap(scope, operator, container):
    """Write a ZipMap as skl2onnx does, after a cast to float32."""
    from onnx import TensorProto
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
    from skl2onnx.operator_converters.zip_map import convert_sklearn_zipmap

    convert_sklearn_zipmap(scope, operator, container)
    if isinstance(operator.inputs[-1].type, DoubleTensorType):
        zipmap = container.nodes[-1]
        cast = scope.get_unique_variable_name("cast")
        name = scope.get_unique_operator_name("Cast")
        container.add_node(
            "Cast", zipmap.input[0], cast, to=TensorProto.FLOAT, name=name
        )
        zipmap.input[0] = cast
        operator.outputs[-1].type.element_type.value_type = FloatTensorType([])
