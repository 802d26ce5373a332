"""Comparing starts: `compare_starts` trains nets from them and says which to use."""

import textwrap
import warnings
from dataclasses import dataclass
from itertools import zip_longest
from numbers import Real

import numpy as np
from sklearn.exceptions import FitFailedWarning
from sklearn.utils._param_validation import Interval, validate_params

import skshallow._search.start_choice as start_choice
import skshallow._search.start_search as start_search
from skshallow._advice.warning_rules import RULES
from skshallow._fit.parameters import AUTO, OF_A_CHOICE
from skshallow._fit.pipelines import with_parameters
from skshallow._plot.drawing import pyplot_for
from skshallow._search.results import SweepPoint, score_label
from skshallow.displays import InitSweepDisplay
from skshallow.model_selection import LockstepGridSearchCV

__all__ = ["StartComparison", "SweepPoint", "compare_starts"]
SCALES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # around the lecture's 0.01
WIDTH = 88
# Warnings about nets that are suppressed, because the table shows the status of every
# net: their categories, and the beginnings of the messages of searches.
CATEGORIES = {FitFailedWarning, *(rule.category for rule in RULES.values())} - {None}
MESSAGES = r"\d+ of the \d+ fits of this search", "One or more of the test scores"


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
        The numbers, a recommendation, and the fitted model. ``print`` it for a table.

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
    search = LockstepGridSearchCV(
        estimator,
        start_search.grid_of(estimator, inits, init_scales, seeds),
        scoring=scoring,
        n_jobs=n_jobs,
        refit=False,
        cv=start_search.shuffled_splits(cv, X, y),
        verbose=verbose,
        return_curves=True,
    )
    with warnings.catch_warnings():
        for category in CATEGORIES:
            warnings.simplefilter("ignore", category)
        for message in MESSAGES:
            warnings.filterwarnings("ignore", message)
        search.fit(X, y)
    baselines = start_search.baseline_scores(search, X, y)
    starts, stated = start_search.starts_of(search, len(seeds), iterations_to, y)
    chosen, tied = start_choice.choose_start(starts)
    params = search.cv_results_["params"][chosen * len(seeds)]
    model = with_parameters(estimator, params)
    return StartComparison(
        starts,
        chosen,
        tied,
        baselines,
        score_name=score_label(scoring),
        stated_loss=stated,
        n_classes=len(np.unique(np.asarray(y))),
        search=search,
        model=model.fit(X, y),
    )


@dataclass(repr=False, eq=False)
class StartComparison:
    """The result of `compare_starts`. ``print`` it for a table and a recommendation.

    Parameters
    ----------
    starts : list of StartFits
        The fits of every start, in the order of the rows of `to_frame`.
    chosen : int
        Index of the chosen start.
    tied : list of int
        Indices of the starts that count as no worse than the best start, and of those
        whose mean scores lie between theirs.
    baselines : dict of str -> ndarray of shape (n_folds,)
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
    recommendation : str
        What to do, and why.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.sweeps import compare_starts
    >>> net = ShallowNetClassifier(8, solver="gd", max_iter=100, tol=None)
    >>> starts = {"inits": ["randn"], "init_scales": [0.01, 1], "seeds": [0]}
    >>> comparison = compare_starts(net, *make_flower(random_state=1), **starts)
    >>> comparison.recommendation.split(":")[0]
    'Use init_scale=1'
    """

    starts: list
    chosen: int
    tied: list
    baselines: dict
    score_name: str
    stated_loss: float | None
    n_classes: int
    search: LockstepGridSearchCV
    model: object

    def __post_init__(self):
        chosen = self.starts[self.chosen]
        self.start = chosen.init, chosen.scale
        self.beats_guess = any(map(self._beats_guess, self.starts))
        about = self._on_scales, self._on_inits, self._on_zeros, self._on_baselines
        self.recommendation = " ".join(
            text for sentences in about for text in sentences(chosen)
        )

    def __repr__(self):
        return f"{self._table()}\n{textwrap.fill(self.recommendation, WIDTH)}"

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
        means = {name: np.nanmean(scores) for name, scores in self.baselines.items()}
        displays = [self._display("scores", self.score_name, baselines=means)]
        if self.stated_loss is not None:
            name = f"Iterations to loss {self.stated_loss:g}"
            budget = int(self.search.curves_.n_iter.max())
            displays.append(self._display("iterations", name, budget=budget))
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

    def _display(self, values, score_name, **options):
        """A display of the scores, or of the iterations, of all starts."""
        points = [
            SweepPoint(start.init, start.scale, getattr(start, values).ravel())
            for start in self.starts
        ]
        n_seeds, n_folds = self.starts[0].scores.shape
        options |= {"score_name": score_name, "chosen": self.chosen}
        scores_of = f"{n_seeds} seeds × {n_folds} folds"
        return InitSweepDisplay(points, scores_of=scores_of, **options)

    def _beats_guess(self, start):
        guess = self.baselines.get(start_search.GUESS)
        return guess is None or start_choice.differs(start.by_fold(), guess)

    # Sentences of the recommendation

    def _on_scales(self, chosen):
        use = f"Use {chosen.in_words()}"
        if not self.beats_guess:
            guess = self._mean(self.baselines[start_search.GUESS])
            use = (
                "No start beats always answering with the most frequent class "
                f"({self._shown_name()} {guess}). The start that is kept is "
                f"{chosen.in_words()}"
            )
        scales = _by_scale(self.starts, chosen.init)
        tied = _by_scale([self.starts[i] for i in self.tied], chosen.init)
        if len(tied) > 1:
            several = _scales_in_words([*tied], scales)
            yield f"{use}; {several} do not differ beyond the spread over folds."
        elif len(self.tied) == 1 < len(self.starts):
            best = "it scores better than all others, beyond the spread over folds"
            yield f"{use}: {best}."
        else:
            yield f"{use}."
        for where, end in (("Above", max), ("Below", min)):
            if tied and end(scales) != end(tied):
                mean = self._mean(scales[end(scales)].scores)
                worse = f"it gets worse ({mean} at {end(scales):g})"
                yield f"{where} {end(tied):g} {worse}."

    def _on_inits(self, chosen):
        inits = dict.fromkeys(start.init for start in self.starts if not start.is_zero)
        tied = {self.starts[i].init for i in self.tied}
        sentences = [
            f"init={init!r} does {'as well' if init in tied else 'worse'}"
            for init in inits
            if init != chosen.init
        ]
        if sentences and not chosen.is_zero:
            yield f"{'; '.join(sentences)}."

    def _on_zeros(self, chosen):
        zeros = [start for start in self.starts if start.is_zero]
        if not zeros or chosen.is_zero or not self.beats_guess:
            return
        more = ""
        if not start_choice.differs(chosen.by_fold(), zeros[0].by_fold()):
            more = ", but are not kept: their hidden units stay identical"
        elif not self._beats_guess(zeros[0]):
            more = ", no better than always answering with the most frequent class"
        yield f"Zeros get {self._mean(zeros[0].scores)}{more}."

    def _on_baselines(self, chosen):
        accuracy = np.mean(self.baselines.get(start_search.GUESS, 0.0))
        if self.score_name == "Accuracy" and accuracy >= start_choice.HIGH_ACCURACY:
            area = "roc_auc" if self.n_classes == 2 else "roc_auc_ovr"
            yield (
                "Always answering with the most frequent class is right in "
                f'{accuracy:.1%} of the rows: compare by scoring="{area}" (ROC AUC) or '
                'scoring="balanced_accuracy".'
            )
        linear = self.baselines.get(start_search.LOGISTIC_REGRESSION)
        if linear is not None and self.beats_guess:
            scores, mean = chosen.by_fold(), self._mean(linear)
            if start_choice.differs(linear, scores):
                yield f"Logistic regression scores better ({mean}): prefer it."
            elif start_choice.differs(scores, linear):
                yield f"Logistic regression gets {mean}."
            else:
                yield f"Logistic regression does as well ({mean}), and is simpler."

    # The table

    def _table(self):
        """The comparison as text: a line for every start and for every baseline."""
        starts = [self._cells(k) for k in range(len(self.starts))]
        rows = [[*starts[0]], *(cells.values() for cells in starts)]
        for name, scores in self.baselines.items():
            rows.append([f"  {name}", self._score_cell(scores)])
        widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        rule, n = "-" * max(map(len, lines)), len(starts) + 1
        lines[1:n] = [rule, *lines[1:n], rule]
        return "\n".join([*lines, rule] if self.baselines else lines)

    def _cells(self, k):
        """A start as cells of the table, by the names of the columns."""
        start = self.starts[k]
        loss, _ = start_choice.mean_and_std(start.losses)
        cells = {
            "  start": f"{'*' if k == self.chosen else ' '} {start.name}",
            self._shown_name(): self._score_cell(start.scores),
            "final loss": "-" if np.isnan(loss) else _decimal(loss, 4),
        }
        if self.stated_loss is not None:
            low, middle, high = (
                f"{n:.0f}" if np.isfinite(n) else "never"
                for n in start.range_of_iterations
            )
            text = middle if low == high else f"{middle} ({low} to {high})"
            cells[f"iterations to loss {self.stated_loss:g}"] = text
        if any(other.n_failed for other in self.starts):
            cells["failed"] = str(start.n_failed)
        counts = start.counts_of_statuses()
        texts = [f"{status} {n}" for status, n in counts.items()]
        cells["status"] = ", ".join(texts if len(texts) > 1 else counts)
        return cells

    def _shown_name(self):
        name = self.score_name.removeprefix("Negative ").lower()
        return name.replace("roc auc", "ROC AUC")

    def _mean(self, scores):
        mean, _ = start_choice.mean_and_std(scores)
        return _decimal(-mean if self.score_name.startswith("Negative ") else mean, 3)

    def _score_cell(self, scores):
        mean, std = start_choice.mean_and_std(scores)
        return "-" if np.isnan(mean) else f"{self._mean(scores)} ± {_decimal(std, 3)}"


def _decimal(number, n_digits):
    """A number as text, with ``n_digits`` decimals unless it is large."""
    return f"{number:.{n_digits}f}" if abs(number) < 1000 else f"{number:.3g}"


def _by_scale(starts, init):
    """Starts with a number as scale and with scores, by scale, from the lowest scale.

    If two starts have the same scale, such as 1 and "auto" of "he", the later one is
    returned.
    """
    starts = [start for start in starts if start.init == init and start.has_number]
    scored = [start for start in starts if not np.isnan(start.scores).all()]
    return {start.scale: start for start in sorted(scored, key=lambda s: s.scale)}


def _scales_in_words(some, scales):
    """Scales as a range if no other scale is between them, otherwise as a list."""
    words = [f"{scale:g}" for scale in some]
    if len(some) > 2 and some == [s for s in scales if some[0] <= s <= some[-1]]:
        return f"{words[0]} to {words[-1]}"
    return f"{', '.join(words[:-1])} and {words[-1]}"
