"""What a search in lock-step does, told while it does it.

`Silent` says what is told and tells nobody; `Lines` prints, and `Bars` tells it to
scikit-learn's callbacks as tasks. A search has one of them. `FoldLines` prints what a
choice by cross-validation does inside one fit.
"""

import time
from math import ceil
from typing import NamedTuple

from skshallow._fit.callbacks import without_callbacks
from skshallow._fit.request import n_iterations

# Seconds after which the next step prints a line. That is less than a second, because
# cohorts of thousands take a few tenths to begin.
PAUSE = 0.7
# Of all work: with less done, an estimate of what is left may be wrong tenfold.
FIRST_ESTIMATE = 0.02
# With more jobs than these, not all of them are worth a line of their own.
MANY_JOBS = 100


class Job(NamedTuple):
    """Candidates that are trained together on the training rows of one split.

    Parameters
    ----------
    name : str
    n_iterations : int
        The most that one of their nets may take.
    n_steps : int
        The most iterations of all their nets, summed.
    work : int
        What that takes, in a unit that all jobs of a search share.
    """

    name: str
    n_iterations: int
    n_steps: int
    work: int

    @classmethod
    def of(cls, nets, rows, cohort, split):
        """The job of training some nets on some rows.

        Parameters
        ----------
        nets : list of ShallowNetClassifier
            One a candidate, of one cohort.
        rows : array-like
            Indices or a mask.
        cohort, split : tuple of (int, int)
            A number, from 1, and how many there are.
        """
        n_each = [n_iterations(net, rows, has_own_split=True) for net in nets]
        n_steps = sum(n * net.n_init for n, net in zip(n_each, nets, strict=True))
        (k, n_cohorts), (i, n_splits) = cohort, split
        candidates = "1 candidate" if len(nets) == 1 else f"{len(nets)} candidates"
        return cls(
            f"cohort {k}/{n_cohorts} ({candidates}), fold {i}/{n_splits}",
            max(n_each),
            n_steps,
            n_steps * int(nets[0].n_hidden),
        )


class Silent:
    """Tells nothing. The methods are called in the order in which they stand here."""

    def begin_round(self, n_candidates, n_splits, callback_ctx=None):
        """A round begins; before anything of it is done.

        ``callback_ctx`` is that which scikit-learn has for it.
        """

    def group(self, n_candidates):
        """Called for every candidate that is looked at."""

    def begin_training(self, jobs, n_candidates):
        """Jobs are known, and how many candidates they train."""

    def step(self, n_nets):
        """So many nets of a job begin an iteration. Several workers do not tell."""

    def end_job(self):
        """The next of the jobs has ended."""

    def end_fold(self, scores):
        """The next fold of a choice has ended, with a score for every value."""

    def begin_evaluation(self, n_fits):
        """scikit-learn is about to fit what is left, and to score."""

    def evaluate(self):
        """Called for every fit that is begun."""

    def end_evaluation(self):
        """All of the round is done."""

    def end(self):
        """There are no more rounds."""


class Lines(Silent):
    """Prints lines: what a round has to do, every job, and one a second at least."""

    def __init__(self):
        self._last = time.monotonic()

    def begin_round(self, n_candidates, n_splits, callback_ctx=None):
        self._n, self._n_done = n_candidates, 0
        self._print(
            f"Fitting {n_splits} folds for each of {n_candidates} candidates, "
            f"totalling {n_splits * n_candidates} fits"
        )

    def group(self, n_candidates):
        self._n_done += 1
        if self._is_due():
            self._print(f"Grouped {self._n_done} of {n_candidates} candidates")

    def begin_training(self, jobs, n_candidates):
        self._begin_jobs(jobs)
        alone = self._n - n_candidates
        self._print(
            f"Candidates trained together: {n_candidates}; fitted one by one: {alone}"
        )

    def step(self, n_nets):
        self._n_steps += n_nets
        if self._is_due():
            job = self._jobs[self._job]
            share = min(1.0, self._n_steps / job.n_steps)
            times = self._times(self._work + share * job.work, self._all_work)
            self._print(f"{_capital(job.name)}: {share:.0%} trained{times}")

    def end_job(self, outcome="trained"):
        job = self._jobs[self._job]
        self._job, self._n_steps = self._job + 1, 0
        self._work += job.work
        is_last = self._job == len(self._jobs)
        if is_last or len(self._jobs) <= MANY_JOBS or self._is_due():
            times = self._times(self._work, self._all_work)
            self._print(f"{_capital(job.name)}: {outcome}{times}")

    def begin_evaluation(self, n_fits):
        self._n, self._n_done, self._start = n_fits, -1, time.monotonic()

    def evaluate(self):
        self._n_done += 1  # the fit that begins is not done
        if self._is_due():
            times = self._times(self._n_done, self._n)
            self._print(f"Scored {self._n_done} of {self._n} fits{times}")

    def end_evaluation(self):
        self._print(f"Scored {self._n} fits{self._times(self._n, self._n)}")

    def _begin_jobs(self, jobs):
        self._jobs, self._job, self._n_steps = jobs, 0, 0
        self._work, self._all_work = 0, sum(job.work for job in jobs)
        self._start = time.monotonic()

    def _times(self, done, total):
        """The time since ``_start``, and an estimate of what is left."""
        seconds = time.monotonic() - self._start
        gone = f", {seconds:.1f} s gone"
        if done < FIRST_ESTIMATE * total or done == total:
            return gone
        return f"{gone}, about {_rounded(seconds * (total - done) / done)} left"

    def _is_due(self):
        return time.monotonic() - self._last > PAUSE

    def _print(self, line):
        print(line, flush=True)
        self._last = time.monotonic()


class FoldLines(Lines):
    """Prints what a choice by cross-validation does: every fold, with its scores.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
        One a value, with numbers for what is ``"auto"``.
    names : list of str
        Of the values.
    n_folds : int
    """

    def __init__(self, nets, names, n_folds):
        super().__init__()
        self._names = names
        self.begin_round(len(nets), n_folds)
        n_iter = max(net.max_iter for net in nets)
        n_steps = sum(net.max_iter * net.n_init for net in nets)
        self._begin_jobs(
            [
                Job(f"fold {k}/{n_folds}", n_iter, n_steps, n_steps)
                for k in range(1, n_folds + 1)
            ]
        )

    def end_fold(self, scores):
        pairs = zip(self._names, scores, strict=True)
        self.end_job(", ".join(f"{score:.4f} with {name}" for name, score in pairs))


class Bars(Silent):
    """Tells scikit-learn's callbacks of jobs, their iterations, and evaluations.

    The tasks of the search are ``search``; within, for every round, ``training`` and
    ``evaluation``; within training, the jobs; and within these, iterations.

    Parameters
    ----------
    search : estimator
        Whose callbacks these are.
    root : CallbackContext
        Of the search; its next subtask is the one that the rounds make up.
    """

    def __init__(self, search, root):
        self._search, self._root, self._rounds = search, root, None

    @property
    def context_of_others(self):
        """A context for scikit-learn's own account of the rounds: nobody hears of it.

        It would tell of fits only when they are scored.
        """
        return without_callbacks(self._search)._init_callback_context(max_subtasks=None)

    def begin_round(self, n_candidates, n_splits, callback_ctx=None):
        if self._rounds is None:  # of which there are as many as scikit-learn says
            n_rounds = callback_ctx.parent.max_subtasks or 1
            self._rounds = self._begin(self._root, "search", 2 * n_rounds)

    def begin_training(self, jobs, n_candidates):
        self._jobs, self._job = iter(jobs), None
        self._training = self._begin(self._rounds, "training", len(jobs))

    def step(self, n_nets):
        job = self._job_in_training()
        self._n_steps += n_nets
        n_iter = min(job.n_iterations, self._n_steps * job.n_iterations // job.n_steps)
        for _ in range(self._n_iter, n_iter):
            self._end(self._task.subcontext(task_name="iteration"))
        self._n_iter = n_iter

    def end_job(self):
        self._job_in_training()
        self._end(self._task)
        self._job = None

    def begin_evaluation(self, n_fits):
        self._end(self._training)
        self._evaluation = self._begin(self._rounds, "evaluation", n_fits)
        self._fit = None

    def evaluate(self):
        self._end_fit()
        self._fit = self._evaluation.subcontext(task_name="fit and score")

    def end_evaluation(self):
        self._end_fit()
        self._end(self._evaluation)

    def end(self):
        if self._rounds is not None:
            self._end(self._rounds)

    def _job_in_training(self):
        if self._job is None:
            self._job, self._n_steps, self._n_iter = next(self._jobs), 0, 0
            name, n_iter = self._job.name, self._job.n_iterations
            self._task = self._begin(self._training, name, n_iter)
        return self._job

    def _end_fit(self):
        if self._fit is not None:
            self._end(self._fit)

    def _begin(self, parent, task_name, n_tasks):
        task = parent.subcontext(task_name=task_name, max_subtasks=n_tasks)
        return task.call_on_fit_task_begin(estimator=self._search)

    def _end(self, task):
        task.call_on_fit_task_end(estimator=self._search)


def _capital(name):
    return name[0].upper() + name[1:]


def _rounded(seconds):
    return f"{ceil(seconds)} s" if seconds < 100 else f"{ceil(seconds / 60)} min"
