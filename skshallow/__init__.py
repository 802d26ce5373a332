"""A neural network with one hidden layer whose initial weights are a hyperparameter."""

from skshallow.classifier import ShallowNetClassifier

__all__ = ["ShallowNetClassifier"]
__version__ = "0.1.0"
