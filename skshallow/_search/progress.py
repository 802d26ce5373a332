"""Progress of a lock-step search.

`Silent` defines the methods that a search calls as its work advances, and shows
nothing. `Lines` prints lines, and `Bars` passes the progress to scikit-learn's
callbacks as tasks. A search has one of the three. `FoldLines` prints the progress of a
choice by cross-validation inside one fit.
"""

import time
from math import ceil
from typing import NamedTuple

from skshallow._fit.callbacks import without_callbacks
from skshallow._fit.request import n_iterations

# Seconds after which the next step prints a line. Less than a second, because cohorts
# of thousands of nets take a few tenths of a second to begin.
PAUSE = 0.7
# Share of the work that must be done before the time left is estimated. Estimates that
# are made earlier may be wrong by a factor of ten.
FIRST_ESTIMATE = 0.02
# With more jobs than this, not every job has a line of its own.
MANY_JOBS = 100


class Job(NamedTuple):
    """Candidates that are trained together on the training rows of one split.

    Parameters
    ----------
    name : str
    n_iterations : int
        Maximum number of iterations of one net.
    n_steps : int
        Sum of the maximum numbers of iterations of all nets.
    work : int
        Amount of work, in a unit that all jobs of a search share.
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
            The nets of a cohort, one for each candidate.
        rows : array-like
            Indices or a mask.
        cohort, split : tuple of (int, int)
            The number of the cohort or split, from 1, and the number of all.
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
    """Shows nothing. A search calls the methods in the order of their definition."""

    def begin_round(self, n_candidates, n_splits, callback_ctx=None):
        """Called when a round begins; ``callback_ctx`` is scikit-learn's context."""

    def group(self, n_candidates):
        """Called for every candidate when it is assigned to a cohort or excluded."""

    def begin_training(self, jobs, n_candidates):
        """Called before training, with the jobs and the number of their candidates."""

    def step(self, n_nets):
        """Called when ``n_nets`` nets begin an iteration, unless workers train them."""

    def end_job(self):
        """Called when the next job has ended."""

    def end_fold(self, scores):
        """Called when the next fold has ended, with a score for every value."""

    def begin_evaluation(self, n_fits):
        """Called before scikit-learn makes the remaining fits and scores."""

    def evaluate(self):
        """Called when a fit begins."""

    def end_evaluation(self):
        """Called when the round has ended."""

    def end(self):
        """Called after the last round."""


class Lines(Silent):
    """Prints a line for each round and job, and at least one line every second."""

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
        self._n_done += 1  # the first call makes it 0: the fit that begins is not done
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
        """The time since ``_start``, and an estimate of the time left."""
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
    """Prints the progress of a choice by cross-validation, and the scores of each fold.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
        One for each value, with numbers in the place of ``"auto"``.
    names : list of str
        Names of the values.
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
    """Passes jobs, iterations and evaluations to scikit-learn's callbacks as tasks.

    The task ``search`` has the subtasks ``training`` and ``evaluation`` for every
    round. The subtasks of ``training`` are the jobs, and their subtasks the iterations.

    Parameters
    ----------
    search : estimator
        The search on which the callbacks are set.
    root : CallbackContext
        The context of the search. Its next subtask is ``search``.
    """

    def __init__(self, search, root):
        self._search, self._root, self._rounds = search, root, None

    @property
    def context_of_others(self):
        """A context without callbacks, for scikit-learn's own tasks.

        scikit-learn's own tasks would show fits only when they are scored.
        """
        return without_callbacks(self._search)._init_callback_context(max_subtasks=None)

    def begin_round(self, n_candidates, n_splits, callback_ctx=None):
        if self._rounds is None:  # the context of scikit-learn has the number of rounds
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
