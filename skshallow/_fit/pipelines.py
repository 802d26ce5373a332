"""The estimator in which pipelines, and perhaps searches, end."""


def end_of(model, inner=None):
    """Follow pipelines to their last steps.

    Parameters
    ----------
    model : object
        Any model. One that is no pipeline is its own end.
    inner : str, default=None
        An attribute by which models that are no pipelines are followed as well, such as
        "best_estimator_".

    Returns
    -------
    prefix : str
        Prefix of the parameters of the end in the pipelines; "" without a pipeline.
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
