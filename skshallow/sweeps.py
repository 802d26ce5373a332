"""Comparing starts: `compare_starts` searches over them and says which to use."""

import textwrap

import numpy as np
from sklearn.base import clone

import skshallow._advice.start_choice as start_choice
import skshallow._search.start_search as start_search
from skshallow._plot.drawing import new_column
from skshallow._search.readings import SweepPoint, score_label
from skshallow.displays import InitSweepDisplay
from skshallow.model_selection import LockstepGridSearchCV

__all__ = ["StartComparison", "SweepPoint", "compare_starts"]
SCALES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # around the lecture's 0.01
WIDTH = 88


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
    """Compare starts by cross-validation, and fit the one to use on all rows.

    A lock-step search trains a net for every init, scale and seed on every fold. What
    is chosen is a start and never a seed: seeds are pooled.

    Parameters
    ----------
    estimator : ShallowNetClassifier or Pipeline that ends in one
        Its other parameters are those of all nets.
    X, y : array-likes
        As the estimator takes them.
    inits : sequence, default=("zeros", "randn")
        Values of ``init``. "zeros" is compared once, whatever the scales.
    init_scales : sequence, default=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
        Values of ``init_scale`` for each of the others.
    seeds : sequence of int, default=(0, 1, 2)
        Values of ``random_state`` for each start.
    cv : int, splitter or iterable of splits, default=None
        A number is that of stratified and shuffled folds; None is 5.
    scoring : str or callable, default=None
        A scorer, the higher the better; None takes the accuracy.
    iterations_to : float or "auto", default=None
        A training loss: each start is told how many iterations it needs until it is as
        low. "auto" is half of the way from the loss of always answering with the shares
        of the classes to the lowest mean of the final losses of a start.
    n_jobs : int, default=None
    verbose : int, default=0
        As of `LockstepGridSearchCV`.

    Returns
    -------
    comparison : StartComparison

    Raises
    ------
    TypeError
        If the estimator ends in no ``ShallowNetClassifier``.
    ValueError
        If a parameter has a value that cannot be used, or all fits failed.

    Notes
    -----
    The rule of choice. Scores are averaged over the seeds, fold by fold. A start does
    not differ from the best one if the mean of their differences over the folds is at
    most the standard deviation of these differences, or the median of those of all
    starts if that is more. Chosen is the init of the best start, and of the scales that
    have this init and do not differ from the best the middle one, so that a lucky score
    at an end decides nothing. Zeros are compared and not chosen, because their hidden
    units stay identical; nor is a start of which a fit failed, unless all are such.

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
    path = start_search.path_to_net(estimator)
    start_search.check_options(scoring, iterations_to)
    search = LockstepGridSearchCV(
        estimator,
        start_search.grid_of(path, inits, init_scales, seeds),
        scoring=scoring,
        n_jobs=n_jobs,
        refit=False,
        cv=start_search.splits_of(cv, X, y),
        verbose=verbose,
        return_curves=True,
    )
    with start_search.told_by_the_table():
        search.fit(X, y)
    references = start_search.references_of(search, path, X, y)
    results = search, path, len(seeds)
    starts, stated = start_search.starts_of(*results, iterations_to, y)
    chosen, tied = start_choice.choose(starts)
    told = references, score_label(scoring), stated, len(np.unique(np.asarray(y)))
    comparison = start_choice.Comparison(starts, chosen, tied, *told)
    params = search.cv_results_["params"][chosen * len(seeds)]
    model = clone(estimator).set_params(**clone(params, safe=False))
    return StartComparison(comparison, search, model.fit(X, y))


class StartComparison:
    """What `compare_starts` has found; printed, a table and a verdict.

    Parameters
    ----------
    comparison : Comparison
        The numbers.
    search : fitted LockstepGridSearchCV
    model : fitted estimator

    Attributes
    ----------
    start : tuple of (init, scale)
        The start to use, as the columns of `to_frame` name it.
    model : estimator
        The estimator with that start and the first of the seeds, fitted on all rows.
    verdict : str
        What to do, and why.
    stated_loss : float or None
        Until which iterations are counted.
    references : dict of str -> ndarray of shape (n_folds,)
        Scores on the same folds of always answering with the most frequent class, or
        the shares of the classes, and of logistic regression in the place of the net.
        What cannot be scored is left out.
    search : LockstepGridSearchCV
        Fitted with ``return_curves=True`` and without a refit.

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

    def __init__(self, comparison, search, model):
        self._comparison, self.search, self.model = comparison, search, model
        chosen = comparison.starts[comparison.chosen]
        self.start = chosen.init, chosen.scale
        self.verdict = start_choice.verdict(comparison)
        self.stated_loss = comparison.stated_loss
        self.references = comparison.references

    def __repr__(self):
        said = textwrap.fill(self.verdict, WIDTH)
        return f"{start_choice.table(self._comparison)}\n{said}"

    def to_frame(self):
        """The comparison as a pandas data frame: a row a start, seeds and folds pooled.

        Returns
        -------
        frame : pandas.DataFrame
            With columns "init", "init_scale", "mean_test_score", "std_test_score",
            "mean_loss" and "std_loss" (the final training loss), "min_iterations",
            "median_iterations" and "max_iterations" (until the stated loss, inf if it
            was not reached; where they were asked for), "n_fits", "n_failed", "status"
            (the most frequent) and "is_chosen". Means leave failed fits out.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        c = self._comparison
        rows = [start.row(self.stated_loss is not None) for start in c.starts]
        return pd.DataFrame(rows).assign(is_chosen=np.arange(len(rows)) == c.chosen)

    def plot(self, axes=None, *, legend=True):
        """Draw scores, and iterations if they were asked for, over the scales.

        Parameters
        ----------
        axes : sequence of matplotlib Axes, default=None
            One, or two where iterations were asked for; a new figure if None.
        legend : bool, default=True

        Returns
        -------
        displays : list of InitSweepDisplay
        """
        c = self._comparison
        n_seeds, n_folds = c.starts[0].scores.shape
        told = {"scores_of": f"{n_seeds} seeds × {n_folds} folds", "chosen": c.chosen}
        of_scores = {"score_name": c.score_name, **told}
        means = {name: np.nanmean(scores) for name, scores in self.references.items()}
        displays = [
            InitSweepDisplay(_points(c, "scores"), references=means, **of_scores)
        ]
        if self.stated_loss is not None:
            name = f"Iterations to loss {self.stated_loss:g}"
            budget = int(self.search.curves_.n_iter.max())
            told |= {"score_name": name, "budget": budget}
            displays.append(InitSweepDisplay(_points(c, "iterations"), **told))
        if axes is None:
            axes = new_column(len(displays))
        for display, ax in zip(displays, np.ravel(axes), strict=True):
            display.plot(ax, legend=legend and display is displays[0])
        for display in displays[:-1]:
            display.ax_.set_xlabel("")  # the axes below share it
        return displays


def _points(c, name):
    return [SweepPoint(s.init, s.scale, getattr(s, name).ravel()) for s in c.starts]
