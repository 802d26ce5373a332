"""What is trained together: the groups and cohorts of the candidates of a search.

Candidates whose pipelines have the same steps before the net form a *group*. The
candidates of a group whose nets can be trained together form a *cohort*: the nets take
the same steps on the same samples. They may differ in their starts, in their seeds, and
in all parameters that are not in `MUST_MATCH`. To let a parameter differ, give it a
value for each lane in ``lane_settings`` and ``train_together``; otherwise all nets
would get the value of the first. Seeds separate the nets of a cohort where the rows
depend on the seed, which is known only when the rows are (`by_seed` in
``cohort_jobs``).
"""

from collections import defaultdict
from traceback import format_exc

from sklearn.pipeline import Pipeline

from skshallow._fit.callbacks import has_callbacks
from skshallow._fit.pipelines import last_step, with_parameters
from skshallow._search.fitted_candidate import key_of

# Parameters in which the nets of a cohort agree.
MUST_MATCH = (
    "n_hidden",
    "activation",
    "solver",
    "nesterovs_momentum",
    "batch_size",
    "shuffle",
    "early_stopping",
    "validation_fraction",
    "class_weight",
)
# Parameters that exclude a net from every cohort if they are set.
EXCLUDED = ("warm_start", "verbose")


def groups_of(estimator, candidates, progress):
    """The groups of the candidates, and the cohorts of each group.

    Parameters
    ----------
    estimator : estimator
    candidates : list of dict
        Parameters of each candidate.
    progress : Progress
        Advances by every candidate.

    Returns
    -------
    groups : list of (estimator, cohorts)
        The estimator of the group's first candidate, and its cohorts. A cohort is a
        list of pairs: the number of a candidate, and its net, unfitted.
    errors : dict of int -> str
        The traceback of the error for each candidate that cannot be made.
    """
    groups, errors = {}, {}
    for number, parameters in enumerate(candidates):
        progress.advance()
        try:
            keys = _keys(with_parameters(estimator, parameters), parameters)
        except Exception:  # the ordinary fit raises it again
            keys, errors[number] = None, format_exc()
        if keys:
            with_net, net, group, cohort = keys
            _, cohorts = groups.setdefault(group, (with_net, defaultdict(list)))
            cohorts[cohort].append((number, net))
    groups = [(first, [*cohorts.values()]) for first, cohorts in groups.values()]
    return groups, errors


def _keys(candidate, parameters):
    """A candidate, its net, and the keys of its group and its cohort.

    None for a candidate that is excluded from all cohorts.
    """
    prefix, pipelines, net = last_step(candidate)
    is_plain = all(type(p) is Pipeline and not p.verbose for p in pipelines)
    # A subclass, which inherits this method, may train in another way.
    is_net = "_warnings_of" in vars(type(net))
    if not (is_plain and is_net) or has_callbacks(candidate):
        return None
    net._validate_params()
    group = {k: v for k, v in parameters.items() if not f"{k}__".startswith(prefix)}
    if prefix:  # the metadata requests of the net decide what the steps are given
        group["requests"] = repr(net.get_metadata_routing())
    cohort = cohort_key(net)
    return cohort and (candidate, net, key_of(group), cohort)


def cohort_key(net):
    """The values, hashable, in which a cohort agrees; None for an excluded net.

    L-BFGS and the parameters in `EXCLUDED` exclude a net from every cohort.
    """
    values = net.get_params(deep=False)
    if values["solver"] == "lbfgs" or any(map(values.get, EXCLUDED)):
        return None
    if isinstance(values["class_weight"], dict):
        values["class_weight"] = frozenset(values["class_weight"].items())
    return tuple(values[name] for name in MUST_MATCH)
