"""Points and curves, to be drawn, from searches and from a ``ShallowNetClassifierCV``.

A search over ``init`` and ``init_scale``, and perhaps over seeds and more, gives a
point for every pair of an init and a scale, with the scores of all its fits. A
``ShallowNetClassifierCV`` gives a point for every start and penalty. This module draws
nothing.
"""

import re
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from skshallow._fit.pipelines import net_in, with_parameters
from skshallow._fit.result import mean_curve
from skshallow._fit.starts import given_scales, has_auto_scales, init_name


class SweepPoint(NamedTuple):
    """All the fits of one start, or of one start with one penalty.

    Parameters
    ----------
    init : str
        The name of a scheme or of a callable, or "explicit weights".
    scale : float, str or None
        The scale: 0 for a zero start, a text if each layer has its own, None if the
        search did not vary it.
    scores : ndarray of shape (n_fits,)
        Test scores of all candidates with this start, on all splits.
    alpha : float, default=None
        The penalty of a ``ShallowNetClassifierCV``; None for a search, whose point may
        pool several penalties.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.sweeps import SweepPoint
    >>> SweepPoint("randn", 0.01, np.array([0.9, 1.0])).init
    'randn'
    """

    init: str
    scale: object
    scores: np.ndarray
    alpha: float = None


def read_sweep(cv_results, score, starts, others):
    """Points of a sweep, in the order of the search.

    For a halving search, only the last round that a start has reached is used: nets of
    different rounds were trained with different resources, and their scores are never
    pooled.

    Parameters
    ----------
    cv_results : dict
        ``cv_results_`` of a fitted search.
    score : str
        Name of the metric; "score" if there is only one.
    starts : list of (init, init_scale) or None
        The start of every candidate. Those without one are left out.
    others : {"pool", "best"}
        What to do with candidates that have the same start: pool their scores, or keep
        the scores of the candidate with the best mean.

    Returns
    -------
    points : list of SweepPoint
    scores_of : str
        The candidates and splits that a point pools, as "3 candidates × 5 splits".

    Raises
    ------
    ValueError
        If the starts do not differ, or if there are no scores of this name.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._search.results import read_sweep
    >>> results = {
    ...     "params": [{"init_scale": 0.1}, {"init_scale": 1}],
    ...     "split0_test_score": np.array([0.8, 0.9]),
    ...     "split1_test_score": np.array([0.6, 0.7]),
    ... }
    >>> starts = [("randn", 0.1), ("randn", 1)]
    >>> points, _ = read_sweep(results, "score", starts, "pool")
    >>> for point in points:
    ...     print(point.init, point.scale, point.scores)
    randn 0.1 [0.8 0.6]
    randn 1.0 [0.9 0.7]
    """
    scores = split_scores(cv_results, score)
    rows = [i for i, start in enumerate(starts) if start is not None]
    is_axis = len({repr(starts[i][1]) for i in rows}) > 1
    groups = defaultdict(list)
    for i in rows:
        scale = place(*starts[i]) if is_axis else None
        groups[init_name(starts[i][0]), scale].append(i)
    if len(groups) < 2:
        raise ValueError(
            "the search varied neither init nor init_scale of a ShallowNetClassifier: "
            "search over one of them. A ShallowNetClassifierCV chooses its start "
            "itself: InitSweepDisplay.from_estimator draws the values among which it "
            "chose."
        )
    rounds = np.asarray(cv_results.get("iter", np.zeros(len(starts))))
    last = [[i for i in g if rounds[i] == rounds[g].max()] for g in groups.values()]
    gather = np.concatenate if others == "pool" else _best
    points = [
        SweepPoint(init, scale, gather(scores[group]))
        for (init, scale), group in zip(groups, last, strict=True)
    ]
    scores_of = _scores_of([*map(len, last)], scores.shape[1], others)
    return points, scores_of + ", last round" * ("iter" in cv_results)


def _scores_of(counts, n_splits, others):
    """How many scores a point has, in words, given the numbers of its candidates."""
    few, many = min(counts), max(counts)
    splits = f"{n_splits} split{'s' * (n_splits > 1)}"
    if many == 1:
        return splits
    several = f"{many} candidates" if few == many else f"{few} to {many} candidates"
    best = f"{splits}, best of {several}"
    return best if others == "best" else f"{several} × {splits}"


def read_choice(network):
    """The values among which a ``ShallowNetClassifierCV`` chose, as points of a sweep.

    A fold on which no score is defined is left out, as in the choice.

    Parameters
    ----------
    network : fitted ShallowNetClassifierCV

    Returns
    -------
    points : list of SweepPoint
        One for every start and penalty, with a score for each fold.
    chosen : int
        Index of the chosen point.

    Raises
    ------
    TypeError
        If the network is a ``ShallowNetClassifier``.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifierCV
    >>> from skshallow.datasets import make_flower
    >>> from skshallow._search.results import read_choice
    >>> net = ShallowNetClassifierCV(4, alphas=[0.1, 1], random_state=0)
    >>> points, chosen = read_choice(net.fit(*make_flower(random_state=1)))
    >>> [point.alpha for point in points], points[chosen].alpha == net.alpha_
    ([0.1, 1.0], True)
    """
    if not hasattr(network, "scores_"):
        raise TypeError(
            "InitSweepDisplay.from_estimator draws the values among which a "
            f"ShallowNetClassifierCV chose, but this is a {type(network).__name__}: "
            "pass a search over init_scale to from_search."
        )
    # The parameters of the last fit; they may have been set anew since.
    init, alphas = network._init_name, network.alphas_.tolist()
    scales = [place(init, scale) for scale in network.init_scales_]
    scores = network.scores_.reshape(-1, len(scales), len(alphas))
    scores = scores[~np.isnan(scores).all(axis=(1, 2))]
    points = [
        SweepPoint(init, scale, scores[:, j, k], alpha)
        for j, scale in enumerate(scales)
        for k, alpha in enumerate(alphas)
    ]
    values = [(point.scale, point.alpha) for point in points]
    return points, values.index((place(init, network.init_scale_), network.alpha_))


def read_curves(search):
    """Mean curves of the nets of a search that has kept them.

    Seeds and splits are pooled. For a net that ended earlier than others, its last
    value counts for the later iterations. Failed fits are left out.

    Parameters
    ----------
    search : fitted search
        A lock-step search with ``return_curves=True``.

    Returns
    -------
    loss, validation_loss : dict of str -> ndarray of shape (n_iterations,)
        Mean curves, by the parameters that differ.

    Raises
    ------
    ValueError
        If the search has kept no curves.

    Examples
    --------
    >>> from skshallow import LockstepGridSearchCV, ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow._search.results import read_curves
    >>> net = ShallowNetClassifier(16)
    >>> grid = {"init_scale": [0.3, 1], "random_state": [0, 1]}
    >>> search = LockstepGridSearchCV(net, grid, cv=2, return_curves=True)
    >>> loss, _ = read_curves(search.fit(*make_flower(random_state=1)))
    >>> loss.keys()
    dict_keys(['init_scale=0.3', 'init_scale=1'])
    """
    if not hasattr(search, "curves_"):
        raise ValueError(
            f"this {type(search).__name__} has kept no curves: fit a "
            "LockstepGridSearchCV with return_curves=True."
        )
    curves, names = search.curves_, _names(search.curves_.params)
    return _means(names, curves.loss), _means(names, curves.validation_loss)


def _names(params):
    """Names of the candidates, made of the parameters that differ except the seed."""
    plain = [dict(_name_and_text(*pair) for pair in c.items()) for c in params]
    keys = dict.fromkeys(key for c in plain for key in c if key != "random_state")
    varied = [key for key in keys if len({c.get(key) for c in plain}) > 1]
    names = [[f"{key}={c[key]}" for key in varied if key in c] for c in plain]
    return [", ".join(parts) or "all candidates" for parts in names]


def _name_and_text(key, value):
    """Name and value of a parameter, as text, without the names of steps."""
    name = key.rpartition("__")[2]
    value = init_name(value) if name == "init" else value
    return name, f"{value:.4g}" if isinstance(value, float) else str(value)


def _means(names, stack):
    """Mean curves by name from a stack (n_candidates, n_splits, n_iterations)."""
    curves = {}
    for name, rows in zip(names, stack, strict=True):
        whole = (row[~np.isnan(row)] for row in rows)
        curves.setdefault(name, []).extend(curve for curve in whole if len(curve))
    return {name: mean_curve(several) for name, several in curves.items() if several}


def starts_of_search(search):
    """The start of every candidate of a fitted search; None if it ends in no net."""
    nets = _nets_of(search.estimator, search.cv_results_["params"])
    return [
        (net.init, net.init_scale) if hasattr(net, "init_scale") else None
        for net in nets
    ]


def _nets_of(estimator, params):
    """The unfitted nets of candidates; None for those that end in no net."""
    return [net_in(with_parameters(estimator, values)) for values in params]


def starts_in(params, init, init_scale):
    """The starts that candidates set; None for those that set neither parameter.

    Parameters
    ----------
    params : list of dict
        The parameters of every candidate. Other steps than the net may have an
        ``init``, so that the net is the first step whose ``init_scale`` is set, or if
        there is none the first whose ``init`` is set.
    init, init_scale : object
        Values for candidates that set one of the two.

    Examples
    --------
    >>> from skshallow._search.results import starts_in
    >>> starts_in([{"net__init_scale": 0.1}, {"net__init": "he"}], "randn", "auto")
    [('randn', 0.1), ('he', 'auto')]
    """
    names = [key.rpartition("__") for candidate in params for key in candidate]
    of_scales = [name for name in names if name[2] == "init_scale"]
    of_inits = [name for name in names if name[2] == "init"]
    step, mark, _ = next(iter(of_scales or of_inits), ("", "", ""))
    keys = f"{step}{mark}init", f"{step}{mark}init_scale"
    return [
        (c.get(keys[0], init), c.get(keys[1], init_scale)) if c.keys() & keys else None
        for c in params
    ]


def _best(rows):
    means = np.array([row.mean() for row in rows])
    return rows[np.argmax(np.where(np.isnan(means), -np.inf, means))]


def split_scores(cv_results, score):
    """Test scores, (n_candidates, n_splits)."""
    pattern = re.compile(r"split\d+_test_(.+)")
    metrics = {key: match[1] for key in cv_results if (match := pattern.fullmatch(key))}
    keys = [key for key, name in metrics.items() if name == score]
    if not keys:
        names = ", ".join(sorted(set(metrics.values())))
        raise ValueError(
            f"score={score!r} is not among the scores of the search: {names}."
        )
    return np.column_stack([cv_results[key] for key in keys])


def place(init, scale):
    """The place of a start on an axis of scales: a float, or a text.

    ``init`` may be the name of a scheme, or any other value.
    """
    given = given_scales(scale)
    if given is None and has_auto_scales(init):
        return "auto"
    hidden, output = given or (1.0, 1.0)
    if isinstance(init, str) and init == "zeros":
        return 0.0
    return hidden if hidden == output else f"({hidden:g},\n{output:g})"


def score_label(scoring):
    """The name of the scores of a search.

    Parameters
    ----------
    scoring : str, callable, dict, list or None
        The parameter of the search; None stands for the accuracy.

    Returns
    -------
    label : str

    Examples
    --------
    >>> from skshallow._search.results import score_label
    >>> score_label("roc_auc"), score_label("neg_log_loss"), score_label(None)
    ('ROC AUC', 'Negative log-loss', 'Accuracy')
    """
    if scoring is None:
        return "Accuracy"
    if not isinstance(scoring, str):
        return "Score"
    words = scoring.replace("_", " ").replace("neg ", "negative ", 1)
    words = words.replace("log loss", "log-loss")
    return (words[0].upper() + words[1:]).replace("Roc auc", "ROC AUC")
