"""Progress of a lock-step search.

`Silent` defines the methods that a search calls as its work advances, and shows
nothing. `Lines` prints lines, and `Bars` passes the progress to scikit-learn's
callbacks as tasks. A search has one of the three, and is a ``with`` block of it.
`FoldLines` prints the progress of a choice by cross-validation inside one fit.
"""

import time
from math import ceil
from threading import Event, RLock, Thread
from typing import NamedTuple

from skshallow._fit.callbacks import without_callbacks
from skshallow._fit.request import n_iterations

# A line is due when none was printed for `PAUSE` seconds. A thread checks this every
# `TICK` seconds. Together they are less than a second, because the thread may have to
# wait for some tenths of a second, for example while Python collects garbage.
PAUSE, TICK = 0.5, 0.1
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

    def __enter__(self):
        """Called when the search begins."""
        return self

    def begin_round(self, n_candidates, n_splits, callback_ctx=None):
        """Called when a round begins; ``callback_ctx`` is scikit-learn's context."""

    def advance(self):
        """Called when a candidate is assigned to a cohort, excluded or fitted alone."""

    def begin_training(self, jobs, n_candidates):
        """Called before training, with the jobs and the number of their candidates."""

    def step(self, n_nets):
        """Called when ``n_nets`` nets begin an iteration, unless workers train them."""

    def end_job(self):
        """Called when the next job has ended."""

    def end_fold(self, scores):
        """Called when the next fold has ended, with a score for every value."""

    def begin_alone(self, n_fits):
        """Called before the remaining fits, if they are made before the evaluation."""

    def begin_evaluation(self, n_fits):
        """Called before scikit-learn makes the remaining fits and scores."""

    def evaluate(self):
        """Called when a fit begins, or is sent to a worker."""

    def end_evaluation(self):
        """Called when the round has ended."""

    def end_rounds(self):
        """Called after the last round."""

    def __exit__(self, *error):
        """Called when the search has ended, also by an error."""


class Lines(Silent):
    """Prints a line for each round and job, and at least one line every second.

    A thread prints the lines in between, because the search waits while workers train.
    These lines say how far the present *stage* of the work is.
    """

    def __init__(self):
        self._last = time.monotonic()
        self._lock, self._has_ended = RLock(), Event()
        self._thread = Thread(target=self._print_until_the_end, daemon=True)
        self._begin_stage("Listing the candidates")

    def __enter__(self):
        try:
            self._thread.start()
        except BaseException:  # Ctrl-C may come while the thread starts
            self._has_ended.set()
            raise
        return self

    def begin_round(self, n_candidates, n_splits, callback_ctx=None):
        self._print(
            f"Fitting {n_splits} folds for each of {n_candidates} candidates, "
            f"totalling {n_splits * n_candidates} fits"
        )
        self._begin_stage("Grouped {done} of {total} candidates", n_candidates)

    def advance(self):
        self._reach(self._done + 1)

    def begin_training(self, jobs, n_candidates):
        alone = self._total - n_candidates
        self._begin_jobs(jobs)
        self._print(
            f"Candidates trained together: {n_candidates}; fitted one by one: {alone}"
        )

    def step(self, n_nets):
        job = self._jobs[self._job]
        self._n_steps += n_nets
        share = min(1.0, self._n_steps / job.n_steps)
        self._text = f"{_capital(job.name)}: {share:.0%} trained"
        self._reach(self._work + share * job.work)

    def end_job(self, outcome="trained"):
        job, n_ended = self._jobs[self._job], self._job + 1
        self._reach(self._work + job.work)
        if n_ended == len(self._jobs) or len(self._jobs) <= MANY_JOBS:
            self._print(f"{_capital(job.name)}: {outcome}{self._times()}")
        self._await_job(n_ended)

    def begin_alone(self, n_fits):
        self._begin_stage("Fitted one by one: {done} of {total} fits", n_fits)

    def begin_evaluation(self, n_fits):
        self._begin_stage("Scoring fit {next} of {total}", n_fits)
        self._done = -1  # the first call of `evaluate` makes it 0: no fit is done

    def evaluate(self):
        self._reach(self._done + 1)

    def end_evaluation(self):
        self._reach(self._total)
        self._print(f"Scored {self._total} fits{self._times()}")
        self._begin_stage("Choosing the best candidates")

    def end_rounds(self):
        self._begin_stage("Fitting the best candidate to all rows")

    def __exit__(self, *error):
        self._has_ended.set()
        self._thread.join()

    def print_if_due(self):
        """Print how far the present stage is, if no line was printed for a while."""
        with self._lock:
            if time.monotonic() - self._last > PAUSE:
                numbers = {"done": self._done, "next": self._done + 1}
                text = self._text.format(**numbers, total=self._total)
                self._print(f"{text}{self._times()}")

    def _print_until_the_end(self):
        while not self._has_ended.wait(TICK):
            self.print_if_due()

    def _begin_stage(self, text, total=0):
        with self._lock:
            self._text, self._done, self._total = text, 0, total
            self._start = self._done_at = time.monotonic()

    def _begin_jobs(self, jobs):
        self._jobs = jobs
        self._begin_stage("Training begins", sum(job.work for job in jobs))
        self._await_job(0)

    def _await_job(self, k):
        """Wait for the next job, which has no steps yet, or is trained by a worker."""
        self._job, self._n_steps, self._work = k, 0, self._done
        self._text = "All cohorts are trained"
        if k < len(self._jobs):
            self._text = f"Waiting for {self._jobs[k].name}"

    def _reach(self, done):
        self._done, self._done_at = done, time.monotonic()

    def _times(self):
        """The time since the stage began, and an estimate of the time left."""
        seconds = time.monotonic() - self._start
        gone = f", {seconds:.1f} s gone"
        if self._done <= FIRST_ESTIMATE * self._total:
            return gone
        # What is done took until ``_done_at``. What was done since then is not known.
        left = (self._done_at - self._start) * self._total / self._done - seconds
        return f"{gone}, about {_rounded(left)} left" if left > 0 else gone

    def _print(self, line):
        with self._lock:
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

    def end_rounds(self):
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
