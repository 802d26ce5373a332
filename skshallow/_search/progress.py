"""Progress of a lock-step search, and of a choice by cross-validation inside one fit.

A search calls the methods of a `Progress` as it advances. They print lines, or begin
and end tasks of scikit-learn's callbacks.
"""

import time
from contextlib import contextmanager
from math import ceil
from threading import Event, RLock, Thread
from typing import NamedTuple

from skshallow._fit.callbacks import without_callbacks
from skshallow._fit.defaults import n_iterations

# A line is due when none was printed for `PAUSE` seconds. A thread checks this every
# `TICK` seconds. Together they are less than a second, because the thread may have to
# wait for some tenths of a second, for example while Python collects garbage.
PAUSE, TICK = 0.5, 0.1
# The time left is estimated after this part of the work, a 50th. Estimates made
# earlier may be wrong by a factor of ten.
FIRST_PART = 50
# With more jobs than this, not every job has a line of its own.
MANY_JOBS = 100


class Job(NamedTuple):
    """Nets that are trained together on the training rows of one split.

    Parameters
    ----------
    name : str
    n_iterations : int
        Maximum number of iterations of one net.
    n_total : int
        Sum of the maximum numbers of iterations of all nets.
    work : int
        Amount of work, in a unit that all jobs share.
    """

    name: str
    n_iterations: int
    n_total: int
    work: int

    @classmethod
    def of(cls, name, nets, rows):
        """The job of training some nets on some rows."""
        n_each = [n_iterations(net, len(rows), holds_out_rows=True) for net in nets]
        pairs = zip(n_each, nets, strict=True)
        n_total = sum(n * net.n_init for n, net in pairs)
        return cls(name, max(n_each), n_total, n_total * int(nets[0].n_hidden))


class Progress:
    """Prints lines, or passes the progress to scikit-learn's progress bars.

    There is a line for each round and job, and at least one line every second. A thread
    prints the lines in between, because the search waits while workers train. These
    lines say how far the present *stage* of the work is.

    In bars, the task ``search`` has the subtasks ``training`` and ``evaluation`` for
    every round. The subtasks of ``training`` are the jobs, and their subtasks the
    iterations. Methods other than `advance` are in the order of the calls.

    Parameters
    ----------
    has_lines : bool
        Whether lines are printed.
    """

    def __init__(self, has_lines=True):
        self._has_lines, self._last = has_lines, time.monotonic()
        self._search, self._tasks = None, []  # each task is in the one before it
        self._lock, self._has_ended = RLock(), Event()
        self._thread = Thread(target=self._print_until_the_end, daemon=True)
        self._begin_stage("Listing the candidates")

    @contextmanager
    def running(self):
        """Context of the whole work."""
        try:
            if self._has_lines:
                self._thread.start()
            yield self
        finally:  # Ctrl-C may come while the thread starts
            self._has_ended.set()
            if self._thread.is_alive():
                self._thread.join()

    def show_in_bars(self, search, root):
        """Pass the progress to the progress bars of a search.

        Parameters
        ----------
        search : estimator
        root : CallbackContext
            The context of the search. Its next subtask is ``search``.

        Returns
        -------
        context : CallbackContext
            A context without callbacks, for scikit-learn's own tasks, which would show
            fits only when they are scored.
        """
        self._search, self._tasks = search, [root]
        return without_callbacks(search)._init_callback_context(max_subtasks=None)

    def begin_round(self, n_candidates, n_splits, n_rounds=1):
        """Called when a round begins; candidates are then grouped into cohorts."""
        self._print(
            f"Fitting {n_splits} folds for each of {n_candidates} candidates, "
            f"totalling {n_splits * n_candidates} fits"
        )
        self._begin_stage("Grouped {done} of {total} candidates", n_candidates)
        if len(self._tasks) == 1:
            self._begin_task("search", 2 * n_rounds)

    def end_grouping(self, n_together):
        """Called with the number of candidates that are trained together."""
        self._print(
            f"Candidates trained together: {n_together}; "
            f"fitted one by one: {self._total - n_together}"
        )

    def begin_training(self, jobs):
        """Called before training, with the jobs in the order in which they end."""
        self._begin_stage("All cohorts are trained", sum(job.work for job in jobs))
        self._begin_task("training", len(jobs))
        self._jobs, self._has_line_each = iter(jobs), len(jobs) <= MANY_JOBS
        self._await_job()

    def begin_iteration(self, n_nets):
        """Called when ``n_nets`` nets begin an iteration, unless workers train them."""
        if not (self._has_lines or self._tasks):
            return
        job = self._job
        self._n_begun = min(job.n_total, self._n_begun + n_nets)
        share = self._n_begun / job.n_total
        self._text = f"{job.name.capitalize()}: {share:.0%} trained"
        self._reach(self._work + share * job.work)
        n_iter = self._n_begun * job.n_iterations // job.n_total
        for _ in range(self._n_iter, n_iter):
            self._tell("iteration")
        self._n_iter = n_iter

    def end_job(self, outcome="trained"):
        """Called when the next job has ended."""
        self._reach(self._work + self._job.work)
        if self._has_line_each or self._done == self._total:
            self._print(f"{self._job.name.capitalize()}: {outcome}{self._times()}")
        self._end_task()
        self._await_job()

    def begin_rest(self, n_fits):
        """Called before the remaining fits, if they are made before the evaluation."""
        self._begin_stage("Fitted one by one: {done} of {total} fits", n_fits)

    def begin_evaluation(self, n_fits):
        """Called before scikit-learn makes the remaining fits and scores."""
        self._begin_stage("Scoring fit {next} of {total}", n_fits)
        self._end_task()
        self._begin_task("evaluation", n_fits)

    def advance(self):
        """Called when one candidate is grouped, fitted by itself, or evaluated."""
        self._reach(self._done + 1)
        if self._tasks and self._tasks[-1].task_name == "evaluation":
            self._tell("fit and score")

    def end_evaluation(self):
        """Called when the round has ended."""
        self._print(f"Scored {self._total} fits{self._times()}")
        self._begin_stage("Choosing the best candidates")
        self._end_task()

    def end_rounds(self):
        """Called after the last round, before the best candidate is fitted."""
        self._begin_stage("Fitting the best candidate to all rows")
        self._end_task()

    # The present stage and job

    def _begin_stage(self, text, total=0):
        with self._lock:
            self._text, self._done, self._total = text, 0, total
            self._start = self._done_at = time.monotonic()

    def _reach(self, done):
        self._done, self._done_at = done, time.monotonic()

    def _await_job(self):
        """Wait for the next job, which has not begun, or is trained by a worker."""
        self._job, self._work = next(self._jobs, None), self._done
        self._n_begun = self._n_iter = 0
        self._text = "All cohorts are trained"
        if self._job:
            self._text = f"Waiting for {self._job.name}"
            self._begin_task(self._job.name, self._job.n_iterations)

    # Lines

    def _print_until_the_end(self):
        while not self._has_ended.wait(TICK):
            self.print_if_due()

    def print_if_due(self):
        """Print how far the present stage is, if no line was printed for a while."""
        with self._lock:
            if time.monotonic() - self._last > PAUSE:
                numbers = {"done": self._done, "next": self._done + 1}
                text = self._text.format(**numbers, total=self._total)
                self._print(f"{text}{self._times()}")

    def _times(self):
        """The time since the stage began, and an estimate of the time left."""
        seconds = time.monotonic() - self._start
        gone = f", {seconds:.1f} s gone"
        if FIRST_PART * self._done <= self._total:
            return gone
        # What is done took until ``_done_at``. What was done since then is not known.
        n_times = self._total / self._done
        left = n_times * (self._done_at - self._start) - seconds
        return f"{gone}, about {time_text(left)} left" if left > 0 else gone

    def _print(self, line):
        if self._has_lines:
            with self._lock:
                print(line, flush=True)
                self._last = time.monotonic()

    # Bars

    def _begin_task(self, name, n_tasks=None):
        if self._tasks:
            task = self._tasks[-1].subcontext(task_name=name, max_subtasks=n_tasks)
            self._tasks.append(task.call_on_fit_task_begin(estimator=self._search))

    def _end_task(self):
        if self._tasks:
            self._tasks.pop().call_on_fit_task_end(estimator=self._search)

    def _tell(self, name):
        """Tell the callbacks of a subtask that has ended."""
        if self._tasks:
            self._tasks.append(self._tasks[-1].subcontext(task_name=name))
            self._end_task()


def time_text(seconds):
    """A time in whole seconds or minutes, rounded up; at least 1 s."""
    if seconds < 100:
        return f"{max(1, ceil(seconds))} s"
    return f"{ceil(seconds / 60)} min"
