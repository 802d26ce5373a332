"""Candidates of a search, the last step of pipelines, and the net in a model."""

from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from skshallow._fit.fitted_net import FittedNet


def last_step(model, inner=None):
    """Follow pipelines to their last steps.

    Parameters
    ----------
    model : object
        Any model. A model that is no pipeline counts as its own last step.
    inner : str, default=None
        Name of an attribute with the inner model of other models, such as
        "best_estimator_". The inner model is followed as well.

    Returns
    -------
    prefix : str
        Prefix of the parameters of the last step; "" without a pipeline.
    pipelines : list
        The pipelines on the way, from the outermost.
    end : object
    """
    prefix, pipelines = "", []
    while True:
        if hasattr(model, "steps"):
            pipelines.append(model)
            name, model = model.steps[-1]
            prefix += f"{name}__"
        elif inner and hasattr(model, inner):
            model = getattr(model, inner)
        else:
            return prefix, pipelines, model


def with_parameters(estimator, parameters):
    """A clone of an estimator with the parameters of a candidate, cloned as well."""
    return clone(estimator).set_params(**clone(parameters, safe=False))


def net_in(model):
    """The net that a model ends in, fitted or not.

    Parameters
    ----------
    model : object
        A net, or a pipeline, a search or another model around one estimator.

    Returns
    -------
    net : ShallowNetClassifier, ShallowNetClassifierCV or None

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow._fit.pipelines import net_in
    >>> net_in(make_pipeline(ShallowNetClassifier(3)))
    ShallowNetClassifier(n_hidden=3)
    """
    *_, end = last_step(model, "estimator")
    return end if isinstance(end, FittedNet) else None


def steps_and_net(model):
    """The only fitted net in a model, and what the model does to rows before the net.

    Parameters
    ----------
    model : ShallowNetClassifier, or a model as in `diagnostics.network_and_rows`

    Returns
    -------
    steps : list of transformers
        The steps of all pipelines before the net, without samplers (steps with
        ``fit_resample``), which a prediction skips.
    net : FittedNet

    Raises
    ------
    NotFittedError, TypeError
        As `diagnostics.network_and_rows`.
    """
    steps = []
    while not isinstance(model, FittedNet):
        if hasattr(model, "steps"):
            *before, (_, model) = model.steps
            steps += [step for _, step in before if _is_transformer(step)]
        else:
            model = _model_inside(model)
    return steps, model


def _is_transformer(step):
    is_sampler = hasattr(step, "fit_resample") and not hasattr(step, "transform")
    is_nothing = step is None or isinstance(step, str)  # "passthrough"
    return not (is_sampler or is_nothing)


def _model_inside(model):
    """The only fitted model in a search or in another model around one estimator."""
    from sklearn.frozen import FrozenEstimator  # which few programs load

    name = model if isinstance(model, str) else type(model).__name__
    if hasattr(model, "best_estimator_"):
        return model.best_estimator_
    if hasattr(model, "estimator"):
        check_is_fitted(model)
    if isinstance(model, FrozenEstimator):
        return model.estimator
    if getattr(model, "refit", True) is False:
        raise TypeError(
            f"{name} was fitted with refit=False and has no best_estimator_: set "
            "refit=True, or the name of a score, and fit it again."
        )
    calibrated = getattr(model, "calibrated_classifiers_", ())
    if len(calibrated) == 1:
        return calibrated[0].estimator
    # The estimator_ of an ensemble is a template; that of a feature selection is given
    # other columns.
    is_whole = not (hasattr(model, "estimators_") or hasattr(model, "transform"))
    if is_whole and hasattr(model, "estimator_"):
        return model.estimator_
    raise TypeError(
        "a fitted ShallowNetClassifier or ShallowNetClassifierCV is needed, or a model "
        "that ends in exactly one, such as a Pipeline, a search with refit=True or a "
        f"calibration with ensemble=False, got {name}: pass the fitted net itself, "
        "with the rows as they reach it."
    )
