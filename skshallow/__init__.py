"""A neural network with one hidden layer whose initial weights are a hyperparameter."""

from skshallow.classifier import ShallowNetClassifier
from skshallow.model_selection import LockstepGridSearchCV, LockstepRandomizedSearchCV
from skshallow.version import VERSION

__all__ = [
    "LockstepGridSearchCV",
    "LockstepRandomizedSearchCV",
    "ShallowNetClassifier",
]
__version__ = VERSION
