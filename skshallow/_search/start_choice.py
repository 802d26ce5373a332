"""The starts of a comparison, and which of them to use.

This module knows scores and losses, and nothing of searches or networks.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np

# If guessing has at least this accuracy, most starts have a high accuracy. Convention.
HIGH_ACCURACY = 0.75


class StartFits(NamedTuple):
    """All fits of one start. Arrays are (n_seeds, n_folds).

    Parameters
    ----------
    init : str
        The name of a scheme or of a callable, or "explicit weights".
    scale : float or str
        The scale: 0 for a zero start, a text if each layer has its own.
    scores : ndarray
        Test scores, the higher the better; nan if the fit failed.
    losses : ndarray
        Final training losses; nan if the fit failed.
    iterations : ndarray
        Numbers of iterations to the stated loss; inf if it was not reached.
    statuses : ndarray of str
        "failed" if the fit failed.
    """

    init: str
    scale: object
    scores: np.ndarray
    losses: np.ndarray
    iterations: np.ndarray
    statuses: np.ndarray

    @property
    def is_zero(self):
        """Whether all weights are zero, so that hidden units can never differ."""
        return self.scale == 0

    @property
    def has_number(self):
        """Whether the scale is a single number other than zero."""
        return isinstance(self.scale, float) and not self.is_zero

    @property
    def n_failed(self):
        """Number of fits that failed."""
        return int((self.statuses == "failed").sum())

    @property
    def range_of_iterations(self):
        """Lowest, median and highest number; half of the nets reached the median."""
        median = np.quantile(self.iterations, 0.5, method="inverted_cdf")
        return self.iterations.min(), median, self.iterations.max()

    @property
    def name(self):
        """Init and scale, short enough for a table."""
        return "zeros" if self.is_zero else f"{self.init}, {self._scale_in_words()}"

    def in_words(self):
        """The parameters that make this start, in a sentence."""
        if self.is_zero:
            return "init='zeros'"
        scale = "'auto'" if self.scale == "auto" else self._scale_in_words()
        words = f"init_scale={scale}"
        return words if self.init == "randn" else f"init={self.init!r} with {words}"

    def _scale_in_words(self):
        is_number = isinstance(self.scale, float)
        return f"{self.scale:g}" if is_number else self.scale.replace("\n", " ")

    def by_fold(self):
        """Mean scores over the seeds whose fits did not fail; nan without any."""
        return np.array([mean_and_std(fold)[0] for fold in self.scores.T])

    def row(self, has_iterations):
        """A row of a frame, as a dict; means leave failed fits out."""
        row = {"init": self.init, "init_scale": self.scale}
        for name, values in (("test_score", self.scores), ("loss", self.losses)):
            row[f"mean_{name}"], row[f"std_{name}"] = mean_and_std(values)
        if has_iterations:
            names = "min_iterations", "median_iterations", "max_iterations"
            row.update(zip(names, self.range_of_iterations, strict=True))
        row["n_fits"], row["n_failed"] = self.scores.size, self.n_failed
        row["status"] = next(iter(self.counts_of_statuses()))
        return row

    def counts_of_statuses(self):
        """Numbers of fits by status, as a dict with the most frequent status first."""
        return dict(Counter(self.statuses.ravel().tolist()).most_common())


def choose_start(starts):
    """The start to use, and the starts that cannot be called worse than the best start.

    `differs` compares means over seeds, fold by fold; a spread below the median of all
    spreads counts as this median. The init is that of the best start. The scale is the
    middle one of the scales that have this init and do not differ from the best start.
    Starts with a failed fit are left out unless there are no others. So are zeros,
    because all their hidden units together do the work of one unit at most.

    A start may differ from the best start only because its own spread is small, and
    have a higher mean than a start that does not differ. Such a start is not called
    worse: it is listed with those that do not differ.

    Parameters
    ----------
    starts : list of StartFits

    Returns
    -------
    chosen : int
    tied : list of int
        All starts whose mean is at least the lowest of those that do not differ.
    """
    F = np.array([start.by_fold() for start in starts])  # (n_starts, n_folds)
    F = F[:, ~np.isnan(F).all(axis=0)]  # folds on which a score is defined
    means = [mean_and_std(row)[0] for row in F]
    scored = [i for i, mean in enumerate(means) if not np.isnan(mean)]
    able = [i for i in scored if not starts[i].is_zero] or scored
    whole = [i for i in able if not (starts[i].n_failed or np.isnan(F[i]).any())]
    pool = whole or able
    best = max(pool, key=lambda i: means[i])
    spreads = [_spread_of_differences(F[best] - F[i]) for i in pool if i != best]
    least = np.median(spreads) if spreads else 0.0
    no_worse = [i for i in pool if not differs(F[best], F[i], least)]
    with_init = [i for i in no_worse if starts[i].init == starts[best].init]
    # Scales that are not numbers come last, in the order of the search.
    with_init.sort(key=lambda i: starts[i].scale if starts[i].has_number else np.inf)
    lowest = min(means[i] for i in no_worse)
    return with_init[(len(with_init) - 1) // 2], [i for i in pool if means[i] >= lowest]


def differs(a, b, least=0.0):
    """Whether the scores ``a`` are higher than ``b``, beyond the spread over folds.

    The mean difference is compared with the standard deviation of the differences. A
    standard error would be too small, because the training rows of folds overlap. With
    five folds this is about the one-sided 10% point of the corrected test of Nadeau and
    Bengio (Machine Learning 52, 2003). The test is generous, because ``a`` is the best
    of many.

    Parameters
    ----------
    a, b : ndarrays of shape (n_folds,)
    least : float, default=0.0
        Lower limit of the standard deviation.

    Returns
    -------
    differs : bool
        False if the scores have no fold in common.
    """
    gaps = np.asarray(a) - b
    mean, _ = mean_and_std(gaps)
    return mean > max(_spread_of_differences(gaps), least) + 1e-12


def _spread_of_differences(gaps):
    gaps = gaps[~np.isnan(gaps)]
    return gaps.std(ddof=1) if len(gaps) > 1 else 0.0


def mean_and_std(values):
    """Mean and standard deviation of the values that are not nan."""
    sound = values[~np.isnan(values)]
    if not len(sound):
        return np.nan, np.nan
    with np.errstate(over="ignore"):  # a loss may be near the largest float
        return sound.mean(), sound.std()
