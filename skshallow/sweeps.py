"""The results of a search, read as a sweep over starts.

A search over ``init`` and ``init_scale``, and perhaps over seeds and more, becomes
points: one for every pair of an init and a scale, with the scores of all its fits.
Knows the layout of scikit-learn's ``cv_results_``, and nothing of pictures.
"""

import re
from typing import NamedTuple

import numpy as np

from skshallow.initializers import layer_scales


class SweepPoint(NamedTuple):
    """All the fits of one start.

    Parameters
    ----------
    init : str
        A scheme, the name of a callable, or "explicit weights".
    scale : float, str or None
        0 for a zero start; a text for a pair of scales; None if the search did not
        change the scale.
    scores : ndarray of shape (n_fits,)
        Test scores of all candidates that started so, on all splits.

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


def read_sweep(cv_results, score, *, init, init_scale, others):
    """Points of a sweep, in the order in which they were searched.

    Parameters
    ----------
    cv_results : dict
        ``cv_results_`` of a fitted search.
    score : str
        Name of the metric, "score" unless there are several.
    init, init_scale : object
        Parameters of the estimator where the search does not set them.
    others : {"pool", "best"}
        What to do with candidates that share their start: pool their scores, or keep
        those of the candidate with the best mean.

    Returns
    -------
    points : list of SweepPoint

    Raises
    ------
    ValueError
        If neither ``init`` nor ``init_scale`` was searched, if it cannot be told which
        parameter is meant, or if there are no scores of that name.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow.sweeps import read_sweep
    >>> results = {
    ...     "params": [{"net__init_scale": 0.1}, {"net__init_scale": 1}],
    ...     "split0_test_score": np.array([0.8, 0.9]),
    ...     "split1_test_score": np.array([0.6, 0.7]),
    ... }
    >>> options = {"init": "randn", "init_scale": "auto", "others": "pool"}
    >>> for point in read_sweep(results, "score", **options):
    ...     print(point.init, point.scale, point.scores)
    randn 0.1 [0.8 0.6]
    randn 1.0 [0.9 0.7]
    """
    if others not in ("pool", "best"):
        raise ValueError(f"others must be 'pool' or 'best', got {others!r}.")
    params, scores = cv_results["params"], _split_scores(cv_results, score)
    init_key, scale_key = (_parameter(params, name) for name in ("init", "init_scale"))
    if init_key is None and scale_key is None:
        raise ValueError("the search varied neither init nor init_scale.")
    groups = {}
    for candidate, row in zip(params, scores, strict=True):
        start = candidate.get(init_key, init)
        scale = candidate.get(scale_key, init_scale)
        place = None if scale_key is None else _place(start, scale)
        groups.setdefault((_name(start), place), []).append(row)
    gather = np.concatenate if others == "pool" else _best
    return [SweepPoint(*start, gather(rows)) for start, rows in groups.items()]


def _best(rows):
    means = np.array([row.mean() for row in rows])
    return rows[np.argmax(np.where(np.isnan(means), -np.inf, means))]


def _split_scores(cv_results, score):
    """Test scores, (n_candidates, n_splits)."""
    pattern = re.compile(r"split\d+_test_(.+)")
    found = {key: match[1] for key in cv_results if (match := pattern.fullmatch(key))}
    keys = [key for key, name in found.items() if name == score]
    if not keys:
        names = ", ".join(sorted(set(found.values())))
        raise ValueError(f"score={score!r} is not among the scores: {names}.")
    return np.column_stack([cv_results[key] for key in keys])


def _parameter(params, name):
    """The searched parameter of that name, of whatever step; None without."""
    keys = {key for candidate in params for key in candidate}
    found = sorted(k for k in keys if k == name or k.endswith(f"__{name}"))
    if len(found) > 1:
        raise ValueError(
            f"which parameter is {name}? The search varied {', '.join(found)}."
        )
    return found[0] if found else None


def _name(init):
    if isinstance(init, str):
        return init
    if callable(init):
        return getattr(init, "__name__", type(init).__name__)
    return "explicit weights"


def _place(init, scale):
    """Where a start belongs on an axis of scales: a float, or a text for a pair."""
    hidden, output = layer_scales(init, scale)
    if isinstance(init, str) and init == "zeros":
        return 0.0
    return hidden if hidden == output else f"({hidden:g},\n{output:g})"


def score_label(scoring):
    """What to call the scores of a search.

    Parameters
    ----------
    scoring : str, callable, dict, list or None
        As the search was given it; None is a classifier's own score.

    Returns
    -------
    label : str

    Examples
    --------
    >>> from skshallow.sweeps import score_label
    >>> score_label("roc_auc"), score_label("neg_log_loss"), score_label(None)
    ('ROC AUC', 'Negative log loss', 'Accuracy')
    """
    if scoring is None:
        return "Accuracy"
    if not isinstance(scoring, str):
        return "Score"
    words = scoring.replace("_", " ").replace("neg ", "negative ", 1)
    return (words[0].upper() + words[1:]).replace("Roc auc", "ROC AUC")
