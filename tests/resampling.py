"""Pipelines with steps that change the rows of a fit, as imbalanced-learn has them."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline


class EveryOther(BaseEstimator):
    """A sampler, which can resample the rows of a fit and nothing else."""

    def fit_resample(self, X, y):
        return X[::2], np.asarray(y)[::2]


class ResamplingPipeline(Pipeline):
    """A pipeline that lets samplers resample when it is fitted, and not afterwards.

    Like imbalanced-learn's, it has no ``transform`` where a sampler comes last.
    """

    def fit(self, X, y):
        for _, step in self.steps[:-1]:
            if hasattr(step, "fit_resample"):
                X, y = step.fit_resample(X, y)
            elif step not in (None, "passthrough"):
                X = step.fit(X, y).transform(X)
        self.steps[-1][1].fit(X, y)
        return self

    def _iter(self, *args, **kwargs):
        for i, name, step in super()._iter(*args, **kwargs):
            if not hasattr(step, "fit_resample"):
                yield i, name, step


def make_resampling_pipeline(*steps):
    return ResamplingPipeline([(f"step {i}", step) for i, step in enumerate(steps)])
