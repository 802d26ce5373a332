"""Comparing starts: `compare_starts` trains nets from them and says which to use."""

import textwrap
from dataclasses import dataclass
from numbers import Real

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import Interval, validate_params

import skshallow._advice.start_choice as start_choice
import skshallow._search.start_search as start_search
from skshallow._fit.parameters import AUTO, OF_A_CHOICE
from skshallow._plot.drawing import pyplot_for
from skshallow._search.results import SweepPoint, score_label
from skshallow.displays import InitSweepDisplay
from skshallow.model_selection import LockstepGridSearchCV

__all__ = ["StartComparison", "SweepPoint", "compare_starts"]
SCALES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # around the lecture's 0.01
WIDTH = 88


@validate_params(
    {
        **{name: ["array-like"] for name in ("inits", "init_scales", "seeds")},
        # One start is chosen, by one score.
        "scoring": OF_A_CHOICE["scoring"],
        "iterations_to": [AUTO, Interval(Real, 0, None, closed="neither"), None],
    },
    prefer_skip_nested_validation=False,
)
def compare_starts(
    estimator,
    X,
    y,
    *,
    inits=("zeros", "randn"),
    init_scales=SCALES,
    seeds=(0, 1, 2),
    cv=None,
    scoring=None,
    iterations_to=None,
    n_jobs=None,
    verbose=0,
):
    """Compare starts by cross-validation, and fit the chosen one on all rows.

    A start is a pair of ``init`` and ``init_scale``. A lock-step search trains a net
    for every start and seed on every fold. The scores of the seeds of a start are
    pooled: the function chooses a start, not a seed.

    Parameters
    ----------
    estimator : ShallowNetClassifier or Pipeline that ends in one
        The estimator that is fitted. All its parameters apart from ``init``,
        ``init_scale`` and ``random_state`` are used as they are.
    X, y : array-likes
        Training data and labels, as the estimator takes them.
    inits : sequence, default=("zeros", "randn")
        Values of ``init``. "zeros" is compared once, because scales do not change it.
    init_scales : sequence, default=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
        Values of ``init_scale`` for every init other than "zeros".
    seeds : sequence of int, default=(0, 1, 2)
        Values of ``random_state`` for every start.
    cv : int, splitter or iterable of splits, default=None
        A number of folds, which are stratified and shuffled, or how to split the rows.
        None stands for 5 folds.
    scoring : str or callable, default=None
        A scorer; higher scores are better. None stands for the accuracy.
    iterations_to : float or "auto", default=None
        A training loss. The comparison then also tells how many iterations each start
        needs to reach this loss. "auto" stands for the loss half-way between that of
        always predicting the shares of the classes and the lowest mean final loss of a
        start.
    n_jobs : int, default=None
    verbose : int, default=0
        As in `LockstepGridSearchCV`.

    Returns
    -------
    comparison : StartComparison
        The numbers, a verdict, and the fitted model. ``print`` it for a table.

    Raises
    ------
    TypeError
        If the estimator does not end in a ``ShallowNetClassifier``.
    ValueError
        If a parameter has a value that cannot be used, or all fits failed.

    Notes
    -----
    How a start is chosen. Scores are averaged over the seeds, fold by fold. The best
    start is the one with the highest mean. A start counts as no worse than the best
    start if the mean of their differences over the folds is at most the standard
    deviation of these differences, or the median of these standard deviations over all
    starts if that is larger. The chosen init is that of the best start. The chosen
    scale is the middle one of the scales that have this init and count as no worse, so
    that a chance result at either end of this range does not decide. Two kinds of
    starts are chosen only if there are no others: zeros, because their hidden units
    stay identical, and starts with a failed fit.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.sweeps import compare_starts
    >>> net = ShallowNetClassifier(8, solver="gd", max_iter=100, tol=None)
    >>> scales = {"init_scales": [0.01, 0.1, 1], "seeds": [0, 1]}
    >>> comparison = compare_starts(net, *make_flower(random_state=1), **scales)
    >>> comparison.start, comparison.model.init_scale
    (('randn', 1.0), 1)
    """
    net, path = start_search.net_at_end(estimator)
    search = LockstepGridSearchCV(
        estimator,
        start_search.grid_of(net, path, inits, init_scales, seeds),
        scoring=scoring,
        n_jobs=n_jobs,
        refit=False,
        cv=start_search.shuffled_splits(cv, X, y),
        verbose=verbose,
        return_curves=True,
    )
    with start_search.without_warnings_of_nets():
        search.fit(X, y)
    references = start_search.references_of(search, net, path, X, y)
    starts, stated = start_search.starts_of(search, path, len(seeds), iterations_to, y)
    chosen, tied = start_choice.choose_start(starts)
    params = search.cv_results_["params"][chosen * len(seeds)]
    model = clone(estimator).set_params(**clone(params, safe=False))
    return StartComparison(
        starts,
        chosen,
        tied,
        references,
        score_name=score_label(scoring),
        stated_loss=stated,
        n_classes=len(np.unique(np.asarray(y))),
        search=search,
        model=model.fit(X, y),
    )


@dataclass(repr=False, eq=False)
class StartComparison:
    """The result of `compare_starts`. ``print`` it for a table and a verdict.

    Parameters
    ----------
    starts : list of Start
        The fits of every start, in the order of the rows of `to_frame`.
    chosen : int
        Index of the chosen start.
    tied : list of int
        Indices of the starts that count as no worse than the best start, and of those
        whose mean scores lie between theirs.
    references : dict of str -> ndarray of shape (n_folds,)
        Scores of simple models on the same folds: of always predicting the most
        frequent class, or the shares of the classes, and of logistic regression in the
        place of the net. A model that the scorer cannot score is left out.
    score_name : str
        Name of the score. Scores are shown with the opposite sign if it begins with
        "Negative ".
    stated_loss : float or None
        The training loss up to which iterations are counted.
    n_classes : int
    search : LockstepGridSearchCV
        The search, fitted with ``return_curves=True`` and ``refit=False``.
    model : estimator
        The estimator with the chosen start and the first seed, fitted on all rows.

    Attributes
    ----------
    start : tuple of (init, scale)
        The chosen start, as the columns of `to_frame` name it.
    beats_guess : bool
        Whether a start scores better than always answering with the most frequent
        class. True if that answer cannot be scored.
    verdict : str
        What to do, and why.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.sweeps import compare_starts
    >>> net = ShallowNetClassifier(8, solver="gd", max_iter=100, tol=None)
    >>> starts = {"inits": ["randn"], "init_scales": [0.01, 1], "seeds": [0]}
    >>> comparison = compare_starts(net, *make_flower(random_state=1), **starts)
    >>> comparison.verdict.split(":")[0]
    'Use init_scale=1'
    """

    starts: list
    chosen: int
    tied: list
    references: dict
    score_name: str
    stated_loss: float | None
    n_classes: int
    search: LockstepGridSearchCV
    model: object

    def __post_init__(self):
        chosen = self.starts[self.chosen]
        self.start = chosen.init, chosen.scale
        self.verdict = start_choice.verdict(self)
        self.beats_guess = not start_choice.is_hopeless(self)

    def __repr__(self):
        said = textwrap.fill(self.verdict, WIDTH)
        return f"{start_choice.table(self)}\n{said}"

    def to_frame(self):
        """The comparison as a pandas data frame with a row for each start.

        Returns
        -------
        frame : pandas.DataFrame
            Seeds and folds are pooled, and means leave failed fits out. The columns are
            "init", "init_scale", "mean_test_score", "std_test_score", "mean_loss" and
            "std_loss" (of the final training loss), "n_fits", "n_failed", "status" (the
            most frequent status) and "is_chosen". With ``iterations_to`` there are also
            "min_iterations", "median_iterations" and "max_iterations": the numbers of
            iterations to the stated loss, inf if a net did not reach it.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        rows = [start.row(self.stated_loss is not None) for start in self.starts]
        return pd.DataFrame(rows).assign(is_chosen=np.arange(len(rows)) == self.chosen)

    def plot(self, axes=None, *, legend=True):
        """Draw the scores over the scales, and with ``iterations_to`` the iterations.

        Parameters
        ----------
        axes : sequence of matplotlib Axes, default=None
            One, or two with ``iterations_to``. None makes a new figure.
        legend : bool, default=True
            Whether to add a legend.

        Returns
        -------
        displays : list of InitSweepDisplay
            One for each of the axes.
        """
        n_seeds, n_folds = self.starts[0].scores.shape
        both = {
            "scores_of": f"{n_seeds} seeds × {n_folds} folds",
            "chosen": self.chosen,
        }
        means = {name: np.nanmean(scores) for name, scores in self.references.items()}
        first = {"score_name": self.score_name, "references": means, **both}
        displays = [InitSweepDisplay(self._points("scores"), **first)]
        if self.stated_loss is not None:
            name = f"Iterations to loss {self.stated_loss:g}"
            budget = int(self.search.curves_.n_iter.max())
            second = {"score_name": name, "budget": budget, **both}
            displays.append(InitSweepDisplay(self._points("iterations"), **second))
        if axes is None:
            size = 6.4, 1.6 + 2.4 * len(displays)
            below = {"sharex": True, "figsize": size, "layout": "constrained"}
            _, axes = pyplot_for(self).subplots(len(displays), **below)
        axes = np.ravel(axes)
        if len(axes) != len(displays):
            raise ValueError(f"axes must be {len(displays)} Axes, got {len(axes)}.")
        for display, ax in zip(displays, axes, strict=True):
            display.plot(ax, legend=legend and display is displays[0])
        for display in displays[:-1]:
            display.ax_.set_xlabel("")  # the lowest axes have the label
        return displays

    def _points(self, name):
        return [
            SweepPoint(start.init, start.scale, getattr(start, name).ravel())
            for start in self.starts
        ]
