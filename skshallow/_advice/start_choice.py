"""Which of several starts to use, and the sentences about a comparison of starts.

Where a function takes ``c``, this is a ``sweeps.StartComparison``. This module reads
its scores and losses, and knows nothing of searches or networks.
"""

from collections import Counter
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

# If guessing has at least this accuracy, most starts have a high accuracy. Convention.
HIGH_ACCURACY = 0.75
# Names of the references that a verdict mentions.
GUESS, LOGISTIC_REGRESSION = "most frequent class", "logistic regression"


class Start(NamedTuple):
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
    def median_iterations(self):
        """The number of iterations at which half of the nets had reached the loss."""
        return np.quantile(self.iterations, 0.5, method="inverted_cdf")

    @property
    def scale_in_words(self):
        """The scale as text, a number with few digits."""
        if isinstance(self.scale, float):
            return f"{self.scale:g}"
        return self.scale.replace("\n", " ")

    def by_fold(self):
        """Mean scores over the seeds whose fits did not fail; nan without any."""
        return np.array([_summary(fold)[0] for fold in self.scores.T])

    def row(self, has_iterations):
        """A row of a frame, as a dict; means leave failed fits out."""
        row = {"init": self.init, "init_scale": self.scale}
        for name, values in (("test_score", self.scores), ("loss", self.losses)):
            row[f"mean_{name}"], row[f"std_{name}"] = _summary(values)
        if has_iterations:
            row["min_iterations"] = self.iterations.min()
            row["median_iterations"] = self.median_iterations
            row["max_iterations"] = self.iterations.max()
        row["n_fits"], row["n_failed"] = self.scores.size, self.n_failed
        row["status"], _ = self.count_statuses()[0]
        return row

    def count_statuses(self):
        """Pairs of a status and its number of fits, the most frequent first."""
        return Counter(self.statuses.ravel().tolist()).most_common()

    @property
    def name(self):
        """Init and scale, short enough for a table."""
        return "zeros" if self.is_zero else f"{self.init}, {self.scale_in_words}"


def choose_start(starts):
    """The start to use, and the starts that cannot be called worse than the best start.

    `differs` compares means over seeds, fold by fold; a spread below the median of all
    spreads counts as this median. The init is that of the best start. The scale is the
    middle one of the scales that have this init and do not differ from the best start.
    Starts with a failed fit are left out unless there are no others. So are zeros,
    because all their hidden units together do the work of one unit at most.

    A start that differs because its own spread is small may have a higher mean than one
    that does not differ. It cannot be called worse, and is listed with the others.

    Parameters
    ----------
    starts : list of Start

    Returns
    -------
    chosen : int
    tied : list of int
        All starts whose mean is at least the lowest of those that do not differ.
    """
    F = np.array([start.by_fold() for start in starts])  # (n_starts, n_folds)
    F = F[:, ~np.isnan(F).all(axis=0)]  # folds on which a score is defined
    means = [_summary(row)[0] for row in F]
    scored = [i for i, mean in enumerate(means) if not np.isnan(mean)]
    able = [i for i in scored if not starts[i].is_zero] or scored
    whole = [i for i in able if not (starts[i].n_failed or np.isnan(F[i]).any())]
    pool = whole or able
    best = max(pool, key=lambda i: means[i])
    spreads = [_spread(F[best] - F[i]) for i in pool if i != best]
    least = np.median(spreads) if spreads else 0.0
    alike = [i for i in pool if not differs(F[best], F[i], least)]
    same = [i for i in alike if starts[i].init == starts[best].init]
    # What is no number comes last, in the order of the search.
    same.sort(key=lambda i: starts[i].scale if starts[i].has_number else np.inf)
    lowest = min(means[i] for i in alike)
    return same[(len(same) - 1) // 2], [i for i in pool if means[i] >= lowest]


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
    mean, _ = _summary(gaps)
    return mean > max(_spread(gaps), least) + 1e-12


def _spread(gaps):
    gaps = gaps[~np.isnan(gaps)]
    return gaps.std(ddof=1) if len(gaps) > 1 else 0.0


def table(c):
    """The comparison as text: a line for every start and for every reference."""
    has_failures = any(start.n_failed for start in c.starts)
    head = ["  start", _shown_name(c), "final loss"]
    if c.stated_loss is not None:
        head.append(f"iterations to loss {c.stated_loss:g}")
    head += ["failed"] * has_failures + ["status"]
    rows = [head, *(_cells(c, k, has_failures) for k in range(len(c.starts)))]
    for name, scores in c.references.items():
        rows.append([f"  {name}", _mean_and_std(c, scores)])
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    rule, n = "-" * max(map(len, lines)), len(c.starts) + 1
    lines[1:n] = [rule, *lines[1:n], rule]
    return "\n".join([*lines, rule] if c.references else lines)


def _cells(c, k, has_failures):
    """One start as cells of the table; a star marks the chosen one."""
    start, (mean, _) = c.starts[k], _summary(c.starts[k].losses)
    cells = [
        f"{'*' if k == c.chosen else ' '} {start.name}",
        _mean_and_std(c, start.scores),
        "-" if np.isnan(mean) else _decimal(mean, 4),
    ]
    if c.stated_loss is not None:
        counts = start.iterations.min(), start.median_iterations, start.iterations.max()
        low, middle, high = map(_count, counts)
        cells.append(middle if low == high else f"{middle} ({low} to {high})")
    cells += [str(start.n_failed)] * has_failures
    statuses = start.count_statuses()
    if len(statuses) == 1:
        return [*cells, statuses[0][0]]
    return [*cells, ", ".join(f"{status} {n}" for status, n in statuses)]


def _count(iterations):
    return f"{iterations:.0f}" if np.isfinite(iterations) else "never"


def _shown_name(c):
    return c.score_name.removeprefix("Negative ").lower().replace("roc auc", "ROC AUC")


def _mean_and_std(c, scores):
    mean, std = _summary(scores)
    return "-" if np.isnan(mean) else f"{_mean(c, scores)} ± {_decimal(std, 3)}"


def _mean(c, scores):
    mean, _ = _summary(scores)
    return _decimal(-mean if c.score_name.startswith("Negative ") else mean, 3)


def _decimal(number, n_digits):
    """A number as text, with ``n_digits`` decimals unless it is large."""
    return f"{number:.{n_digits}f}" if abs(number) < 1000 else f"{number:.3g}"


def _summary(values):
    """Mean and standard deviation of the values that are not nan."""
    sound = values[~np.isnan(values)]
    if not len(sound):
        return np.nan, np.nan
    with np.errstate(over="ignore"):  # a loss may be near the largest float
        return sound.mean(), sound.std()


# ---------------------------------------------------------------------------
# The verdict


def verdict(c):
    """What to do, and why, in sentences."""
    told = (_use, _ends, _other_inits, _zeros, _guess, _linear)
    return " ".join(filter(None, (tell(c) for tell in told)))


def _beats_guess(c, start):
    guess = c.references.get(GUESS)
    return guess is None or differs(start.by_fold(), guess)


def is_hopeless(c):
    """Whether no start beats always answering with the most frequent class."""
    return not any(_beats_guess(c, start) for start in c.starts)


def _start_in_words(start):
    if start.is_zero:
        return "init='zeros'"
    scale = "'auto'" if start.scale == "auto" else start.scale_in_words
    words = f"init_scale={scale}"
    return words if start.init == "randn" else f"init={start.init!r} with {words}"


def _by_scale(c, places):
    """The starts of some indices that have the init of the chosen start, by scale.

    Of two starts with one scale, such as 1 and "auto" of "he", there is only one.
    """
    init = c.starts[c.chosen].init
    found = [c.starts[i] for i in places if c.starts[i].init == init]
    sound = [s for s in found if s.has_number and not np.isnan(s.scores).all()]
    return {start.scale: start for start in sorted(sound, key=lambda s: s.scale)}


def _use(c):
    words = f"Use {_start_in_words(c.starts[c.chosen])}"
    if is_hopeless(c):
        words = (
            "No start beats always answering with the most frequent class "
            f"({_shown_name(c)} {_mean(c, c.references[GUESS])}). The start that is "
            f"kept is {_start_in_words(c.starts[c.chosen])}"
        )
    tied, scales = _by_scale(c, c.tied), _by_scale(c, range(len(c.starts)))
    if len(tied) > 1:
        some = _list([*tied], scales)
        return f"{words}; {some} do not differ beyond the spread over folds."
    if len(c.starts) > 1 and len(c.tied) == 1:
        return (
            f"{words}: it scores better than all others, beyond the spread over folds."
        )
    return f"{words}."


def _list(some, scales):
    """Scales as a range if no other scale is between them, otherwise as a list."""
    words = [f"{scale:g}" for scale in some]
    if len(some) > 2 and some == [s for s in scales if some[0] <= s <= some[-1]]:
        return f"{words[0]} to {words[-1]}"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _ends(c):
    """A sentence about the scales above and below those that do not differ."""
    tied, starts = _by_scale(c, c.tied), _by_scale(c, range(len(c.starts))).values()
    if not tied:
        return ""
    low, high = min(tied), max(tied)
    above = _end(c, f"Above {high:g}", [s for s in starts if s.scale > high])
    below = _end(c, f"Below {low:g}", [s for s in reversed(starts) if s.scale < low])
    return " ".join(filter(None, (above, below)))


def _end(c, where, beyond):
    """A sentence about the scales beyond one of those that do not differ, if any."""
    if not beyond:
        return ""
    last = beyond[-1]
    return f"{where} it gets worse ({_mean(c, last.scores)} at {last.scale:g})."


def _other_inits(c):
    if c.starts[c.chosen].is_zero:
        return ""
    inits = dict.fromkeys(start.init for start in c.starts if not start.is_zero)
    alike = {c.starts[i].init for i in c.tied}
    told = [
        f"init={init!r} does {'as well' if init in alike else 'worse'}"
        for init in inits
        if init != c.starts[c.chosen].init
    ]
    return f"{'; '.join(told)}." if told else ""


def _zeros(c):
    zeros = [start for start in c.starts if start.is_zero]
    if not zeros or c.starts[c.chosen].is_zero or is_hopeless(c):
        return ""
    chosen, by_zeros = c.starts[c.chosen].by_fold(), zeros[0].by_fold()
    value = f"Zeros get {_mean(c, zeros[0].scores)}"
    if not differs(chosen, by_zeros):
        return f"{value}, but are not kept: their hidden units stay identical."
    if not _beats_guess(c, zeros[0]):
        return f"{value}, no better than always answering with the most frequent class."
    return f"{value}."


def _guess(c):
    """A sentence that names better scores, if guessing has a high accuracy."""
    guess = c.references.get(GUESS)
    if guess is None or c.score_name != "Accuracy" or guess.mean() < HIGH_ACCURACY:
        return ""
    area = "roc_auc" if c.n_classes == 2 else "roc_auc_ovr"
    return (
        f"Always answering with the most frequent class is right in {guess.mean():.1%} "
        f'of the rows: compare by scoring="{area}" (ROC AUC) or '
        'scoring="balanced_accuracy".'
    )


def _linear(c):
    linear = c.references.get(LOGISTIC_REGRESSION)
    if linear is None or is_hopeless(c):
        return ""
    scores, value = c.starts[c.chosen].by_fold(), _mean(c, linear)
    if differs(linear, scores):
        return f"Logistic regression scores better ({value}): prefer it."
    if not differs(scores, linear):
        return f"Logistic regression does as well ({value}), and is simpler."
    return f"Logistic regression gets {value}."
