"""A neural network with one hidden layer whose initial weights are a hyperparameter."""

from skshallow._fit.version import VERSION
from skshallow.classifier import ShallowNetClassifier
from skshallow.model_selection import LockstepGridSearchCV, LockstepRandomizedSearchCV

__all__ = [
    "LockstepGridSearchCV",
    "LockstepRandomizedSearchCV",
    "ShallowNetClassifier",
]
__version__ = VERSION
