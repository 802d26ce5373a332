"""Categories of warnings, which users find in ``skshallow.exceptions``."""

import sklearn.exceptions


class SymmetryWarning(UserWarning):
    """Hidden units are identical to the last bit, and training cannot change that.

    Units that are *nearly* parallel, as after small starts, are no problem.

    Examples
    --------
    A filter can turn the warning into an error, so that a search counts the fit as
    failed:

    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.exceptions import SymmetryWarning
    >>> X, y = make_flower(random_state=1)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", SymmetryWarning)
    ...     try:
    ...         ShallowNetClassifier(4, init="zeros").fit(X, y)
    ...     except SymmetryWarning as warning:
    ...         print(str(warning)[:35])
    all 4 hidden units are identical, b
    """


class SaturationWarning(UserWarning):
    """The hidden units are on the flat parts of the activation, and it does harm.

    Gradients vanish on these flat parts. A large start or long steps lead there.

    Examples
    --------
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.exceptions import SaturationWarning
    >>> X, y = make_flower(random_state=1)
    >>> saturated = {"activation": "tanh", "init_scale": 100}
    >>> net = ShallowNetClassifier(**saturated, max_iter=20, random_state=0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     net = net.fit(X, y)
    >>> SaturationWarning in [warning.category for warning in caught]
    True
    """


class DeadUnitsWarning(UserWarning):
    """Relu units are never active, all of them or so many that it does harm.

    A unit that is active on no sample gets no gradient.

    Examples
    --------
    >>> import numpy as np
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.exceptions import DeadUnitsWarning
    >>> X, y = make_flower(random_state=1)
    >>> W1, W2 = np.array([[0.1, 0.2], [0.2, 0.1]]), np.array([[1.0], [2.0]])
    >>> far_below = (W1, W2), (np.array([-9.0, -9.0]), np.array([0.0]))
    >>> net = ShallowNetClassifier(2, activation="relu", init=far_below, max_iter=20)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     net = net.fit(X, y)
    >>> DeadUnitsWarning in [warning.category for warning in caught]
    True
    """


class PenaltyWarning(UserWarning):
    """The penalty outweighs the data, so that the net learns nothing.

    Examples
    --------
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.exceptions import PenaltyWarning
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     net = ShallowNetClassifier(alpha=100, random_state=0).fit(X, y)
    >>> [warning.category is PenaltyWarning for warning in caught]
    [True]
    """


class LinearPlateauWarning(UserWarning):
    """The net does no more than a linear model, though the data allow more.

    The hidden layer varies in one direction only (with more than two classes, in as
    many as a linear model has), and nearest neighbours are more accurate on the same
    rows. Training from a small start passes such a state, and gradient descent may stay
    in it for very long.

    Examples
    --------
    >>> import warnings
    >>> from sklearn.datasets import make_moons
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.exceptions import LinearPlateauWarning
    >>> X, y = make_moons(300, noise=0.2, random_state=0)
    >>> net = ShallowNetClassifier(init_scale=0.01, random_state=0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     net = net.fit(X, y)
    >>> [warning.category is LinearPlateauWarning for warning in caught]
    [True]
    """


class ConstantPredictionsWarning(UserWarning):
    """The net predicts the same label for every sample, and no other warning says why.

    A net that ended on the plateau of the constant predictor gives a
    ``ConvergenceWarning`` instead. A ``ShallowNetClassifierCV`` does not warn if its
    nets tell the classes of the folds left out apart, unless weights are the reason. It
    gives this warning, too, if its nets only guess on these folds.

    Examples
    --------
    The warning can be silenced if one class is rare and only its probability is needed:

    >>> import numpy as np
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.exceptions import ConstantPredictionsWarning
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> y = (np.arange(200) % 20 == 19) & (X[:, 0] > 0)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ConstantPredictionsWarning)
    ...     net = ShallowNetClassifier(random_state=0).fit(X, y)
    >>> bool(net.predict(X).any())
    False
    """


class InconsistentVersionWarning(sklearn.exceptions.InconsistentVersionWarning):
    """The net that is loaded was saved by another version of this package.

    Filters for scikit-learn's warning of the same name apply to this warning, too.

    Parameters
    ----------
    estimator_name : str
    current_sklearn_version, original_sklearn_version : str
        Versions of this package, in spite of the names.

    Examples
    --------
    >>> from skshallow.exceptions import InconsistentVersionWarning
    >>> versions = {"current_sklearn_version": "0.2", "original_sklearn_version": "0.1"}
    >>> warning = InconsistentVersionWarning(estimator_name="net", **versions)
    >>> str(warning)[:72]
    'This net was saved by skshallow 0.1 and is loaded by skshallow 0.2, whic'
    """

    def __str__(self):
        return (
            f"This {self.estimator_name} was saved by skshallow "
            f"{self.original_sklearn_version} and is loaded by skshallow "
            f"{self.current_sklearn_version}, which may fail, or change what it "
            "predicts: load it with the version that saved it, or fit it again."
        )
