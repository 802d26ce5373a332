"""Time whole searches by ``LockstepGridSearchCV``, and the training inside them.

There are six parts:

- ``search``: a whole ``fit(refit=False)`` with scoring, compared with ``GridSearchCV``
  over ``MLPClassifier`` with as many candidates (which differ in ``alpha``, because
  ``MLPClassifier`` has no initial scale). Rows, folds, width, batch size, epochs,
  activation (tanh), constant learning rate and type are the same; no fit stops early.
- ``lanes``: the training alone, per lane and step, compared with warm JAX (``vmap`` and
  ``jit``); and the whole search compared with JAX and its compilation. For JAX only
  training and scoring are timed, without splitting and bookkeeping. This part runs in a
  fresh process bound to one core, and is left out if JAX is not installed.
- ``choice``: a fit of ``ShallowNetClassifierCV`` with all defaults, compared with
  fitting its nets one after the other.
- ``jobs``: ``n_jobs=2`` compared with ``n_jobs=1``, in wall-clock time.
- ``many``: time and memory with 100 times as many candidates, in fresh processes.
- ``growth``: how time grows with candidates, rows, hidden units and features, and its
  exponent.

Except for these, each side has one process and one BLAS thread. Both sides run in turn.
A row gives the ratio of the medians of processor time, which a busy machine disturbs
less, and the middle half of the ratios of the pairs. The table is printed and written
as CSV, and growth is drawn as PNG.

Run it with::

    python examples/benchmarks/sweep.py --output results
    python examples/benchmarks/sweep.py --only "search: moons" --rounds 11
    python examples/benchmarks/sweep.py --quick
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from cost_figure import draw
from memory import MEGABYTE, peak_bytes
from pairs import LEARNING_RATE, clocked, in_turn, times_faster
from sklearn.model_selection import StratifiedKFold
from sweep_works import DTYPES, FULL, N_FOLDS, QUICK
from threadpoolctl import threadpool_limits

FEW_ROUNDS = 3  # for parts that take long, and for the figure


class Row(NamedTuple):
    """A row of the table: a quantity, the middle half of its pairs, and its aim."""

    part: str
    work: str
    dtype: str
    quantity: str
    value: float
    low: float | None = None
    high: float | None = None
    aim: str = ""

    def markdown(self):
        """The row as it is printed."""
        half = "" if self.low is None else f"{self.low:.3g} to {self.high:.3g}"
        cells = *self[:4], f"{self.value:.3g}", half, self.aim
        return f"| {' | '.join(cells)} |"


HEADER = """\
| part | work | dtype | quantity | value | middle half | aim |
|---|---|---|---|---:|---:|---:|"""


# ---------------------------------------------------------------------------
# Whole searches


def compare_searches(effort, rounds, is_wanted):
    """``search``: against ``GridSearchCV`` over ``MLPClassifier``."""
    for work in filter(partial(is_wanted, "search"), effort.works):
        for dtype in effort.dtypes:
            X, y = work.rows(dtype=dtype)
            small = replace(work, n_scales=2, n_seeds=1, max_iter=1)
            in_turn(1, *searches(small, X, y))  # allocates what a search needs
            ratio = times_faster(*in_turn(rounds, *searches(work, X, y)))
            aim = f">= {work.floors[dtype]}" if dtype in work.floors else ""
            quantity = "times faster than MLPClassifier's"
            yield Row("search", work.name, dtype, quantity, *ratio, aim)


def searches(work, X, y):
    """Both sides' searches, ready to run."""
    return [partial(s.fit, X, y) for s in (work.our_search(), work.peer_search())]


def compare_choices(effort, rounds, is_wanted):
    """``choice``: choosing a penalty with nets together, or one by one."""
    for choice in filter(partial(is_wanted, "choice"), effort.choices):
        for dtype in effort.dtypes:
            X, y = choice.rows(dtype=dtype)
            single_nets = choice.single_nets(X, y)
            together = partial(choice.our_search().fit, X, y)
            seconds = in_turn(rounds, together, partial(fit_each, single_nets))
            quantity = "times faster than its nets one by one"
            yield Row("choice", choice.name, dtype, quantity, *times_faster(*seconds))
            yield Row("choice", choice.name, dtype, "seconds", np.median(seconds[0]))


def fit_each(nets_with_rows):
    """Fit nets on their own rows."""
    for net, X, y in nets_with_rows:
        net.fit(X, y)


def compare_jobs(effort, rounds, is_wanted):
    """``jobs``: two workers against one, in wall-clock time."""
    for work in filter(partial(is_wanted, "jobs"), effort.shared_out):
        X, y = work.rows(dtype="float64")
        two, one = (partial(work.our_search(n_jobs=n).fit, X, y) for n in (2, 1))
        two()  # starts the workers
        rounds = min(rounds, FEW_ROUNDS)
        seconds = in_turn(rounds, two, one, clock=time.perf_counter)
        ratio, alone = times_faster(*seconds), np.median(seconds[1])
        quantity = "times faster with two jobs"
        yield Row("jobs", work.name, "float64", quantity, *ratio, ">= 1.6")
        yield Row("jobs", work.name, "float64", "seconds with one job", alone)


def compare_numbers(effort, rounds, is_wanted):
    """``many``: many candidates against few, each in a fresh process."""
    few = effort.multiplied
    many = replace(few, n_scales=few.n_scales * effort.factor)
    for work in filter(partial(is_wanted, "many"), [few]):
        for dtype in effort.dtypes:
            measured = [
                [
                    in_fresh_process(effort, "many", n.n_scales, dtype)
                    for n in (few, many)
                ]
                for _ in range(min(rounds, FEW_ROUNDS))
            ]
            seconds, peaks = np.transpose(measured)  # (2, rounds) each: few, then many
            ratio, megabytes = times_faster(*seconds), peaks[1].max() / MEGABYTE
            quantity = (
                f"times the time of {few.n_scales} candidates for {many.n_scales}"
            )
            aim = f"<= {effort.factor}"
            yield Row("many", work.name, dtype, quantity, *ratio, aim)
            quantity = f"MB above the data for {many.n_scales} candidates"
            yield Row("many", work.name, dtype, quantity, megabytes, aim="<= 200")


def time_and_memory(effort, n_candidates, dtype):
    """Seconds of a search, and bytes by which it raises the peak of this process."""
    work = replace(effort.multiplied, n_scales=int(n_candidates))
    X, y = work.rows(dtype=dtype)
    replace(work, n_scales=2, max_iter=1).our_search().fit(X, y)
    before = peak_bytes()
    seconds, _ = clocked(partial(work.our_search().fit, X, y))
    return seconds, peak_bytes() - before


# ---------------------------------------------------------------------------
# The training inside


def compare_lanes(effort, rounds, is_wanted):
    """``lanes``: against JAX."""
    wanted = [i for i, w in enumerate(effort.works) if is_wanted("lanes", w)]
    if wanted and find_spec("jax") is None:
        print("Left out lanes: JAX is not installed (pip install jax).")
        return
    for i in wanted:
        for dtype in effort.dtypes:
            measured = in_fresh_process(effort, "lanes", i, dtype, rounds)
            yield from lanes_rows(effort.works[i].name, dtype, **measured)


def lanes_rows(name, dtype, ours, jax, our_search, jax_search):
    """The rows of one work, from times (rounds,) in seconds."""
    row = partial(Row, "lanes", name, dtype)
    yield row("µs a lane and step", np.median(ours) * 1e6)
    yield row("µs a lane and step in JAX", np.median(jax) * 1e6)
    yield row("times faster than warm JAX", *times_faster(ours, jax), ">= 1")
    ratio = times_faster(our_search, jax_search)
    yield row("times faster than JAX with its compile", *ratio, ">= 5")


def against_jax(effort, index, dtype, rounds):
    """Seconds of both sides: a lane and step, and a whole search."""
    bind_to_one_core()
    import jax_peer

    work = effort.works[int(index)]
    X, y = work.rows(dtype=dtype)
    jax_peer.jax.numpy.zeros(1).block_until_ready()  # initialises JAX
    # The first search in a process, with compilation, is the one that a user waits for.
    jax_search, _ = clocked(partial(search_in_jax, jax_peer, work, X, y))
    our_search = partial(work.our_search().fit, X, y)
    our_search()
    train, _ = folds(X, y)[0]
    run, starts = our_training(work, X[train], y[train], effort.n_lanes)
    peer = trainer_in_jax(jax_peer, work, X[train], y[train], starts)
    runs = run, peer.train
    in_turn(1, *runs)
    n_batches = 1 if work.solver == "gd" else -(-len(train) // work.batch_size)
    ours, jax = in_turn(int(rounds), *runs) / (
        len(starts[0]) * work.max_iter * n_batches
    )
    return {
        "ours": ours.tolist(),
        "jax": jax.tolist(),
        "our_search": in_turn(int(rounds), our_search)[0].tolist(),
        "jax_search": [jax_search],
    }


def bind_to_one_core():
    """Keep this process on one core, if the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def folds(X, y):
    """The folds of the searches, cut to equal lengths so that JAX compiles once."""
    splits = list(StratifiedKFold(N_FOLDS).split(X, y))
    sizes = [min(map(len, rows)) for rows in zip(*splits, strict=True)]
    return [(train[: sizes[0]], test[: sizes[1]]) for train, test in splits]


def our_training(work, X, y, n_lanes):
    """The training of lanes, ready to run, and their starts (W1, b1, w2, b2).

    Only this function uses private parts of the package.
    """
    from skshallow._fit.random_streams import RandomStreams
    from skshallow._fit.samples import training_samples
    from skshallow._fit.train_together import FitRequest, train_together

    seeds = lane_seeds(work, n_lanes)
    net = work.ours(init_scale=0.3, n_init=n_lanes // len(seeds))
    samples = training_samples(net, X, y, None, reset=True)
    requests = [FitRequest.new(net, RandomStreams(s), samples) for s in seeds]
    starts = np.concatenate([request.starts for request in requests])
    hidden, output = requests[0].architecture.layers(starts)
    parts = hidden[..., :-1], hidden[..., -1], output[:, 0, :-1], output[:, 0, -1]
    return partial(train_together, requests, samples), parts


def lane_seeds(work, n_lanes):
    """One seed for all lanes, or one for every ``n_scales`` lanes."""
    return range(n_lanes // work.n_scales) if work.n_seeds > 1 else range(1)


def trainer_in_jax(jax_peer, work, X, y, starts):
    """The training of the same lanes in JAX, compiled."""
    seeds, n_lanes = None, len(starts[0])
    if work.n_seeds > 1:
        distinct = lane_seeds(work, n_lanes)
        seeds = np.repeat(distinct, n_lanes // len(distinct))
    return jax_peer.Trainer(
        starts,
        X,
        y,
        seeds,
        solver=work.solver,
        batch_size=work.batch_size,
        max_iter=work.max_iter,
        rate=LEARNING_RATE[work.solver],
        penalty=work.ours().alpha / len(y),
    )


def search_in_jax(jax_peer, work, X, y):
    """Accuracies (n_folds, n_candidates) of a search by JAX, its compile included."""
    rng, (h, d) = np.random.default_rng(0), (work.n_hidden, X.shape[1])
    shapes = (h, d), (h,), (h,), ()
    starts = [
        0.3 * rng.standard_normal((work.n_candidates, *shape)).astype(X.dtype)
        for shape in shapes
    ]
    trainer, accuracies = None, []
    for train, test in folds(X, y):
        rows = X[train], y[train]
        trainer = trainer or trainer_in_jax(jax_peer, work, *rows, starts)
        P, _ = trainer.train(rows)
        accuracies.append(np.asarray(jax_peer.accuracies(P, X[test], y[test])))
    return np.array(accuracies)


# ---------------------------------------------------------------------------
# Growth


def measure_growth(effort, rounds, is_wanted):
    """``growth``: seconds at every size, and the exponent over the last three sizes."""
    for kind, sizes in effort.sizes.items():
        works = [effort.growing(kind, size) for size in sizes]
        if not any(is_wanted("growth", work) for work in works):
            continue
        curve = []
        seconds_of_both_types(works[0], 1)  # allocates what a search needs
        for work in works:
            curve.append(seconds_of_both_types(work, min(rounds, FEW_ROUNDS)))
            for dtype, seconds in zip(DTYPES, curve[-1], strict=True):
                yield Row("growth", work.name, dtype, "seconds", seconds)
        for dtype, seconds in zip(DTYPES, np.transpose(curve), strict=True):
            quantity = "exponent of the last three sizes"
            yield Row(
                "growth", kind, dtype, quantity, exponent(sizes, seconds), aim="1"
            )


def seconds_of_both_types(work, rounds):
    """Median seconds of a search in float64 and in float32."""
    rows = [work.rows(dtype=dtype) for dtype in DTYPES]
    runs = [partial(work.our_search().fit, X, y) for X, y in rows]
    return np.median(in_turn(rounds, *runs), axis=1)


def exponent(sizes, seconds):
    """Slope of the last three points on log-log axes."""
    return np.polyfit(np.log(sizes[-3:]), np.log(seconds[-3:]), 1)[0]


def curves(rows):
    """The curves for `draw`, from the table: (kind, dtype) -> sizes and seconds."""
    points = {}
    for row in rows:
        if row.part == "growth" and row.quantity == "seconds":
            kind, size = row.work.rsplit(" ", 1)
            points.setdefault((kind, row.dtype), []).append((int(size), row.value))
    return {key: np.transpose(curve) for key, curve in points.items()}


# ---------------------------------------------------------------------------
# Command line

PARTS = (
    compare_searches,
    compare_lanes,
    compare_choices,
    compare_jobs,
    compare_numbers,
    measure_growth,
)
CASES = {"many": time_and_memory, "lanes": against_jax}


def in_fresh_process(effort, *case):
    """The value of one of `CASES` in a fresh process with one BLAS thread."""
    command = [sys.executable, __file__, "--case", *map(str, case)]
    if effort is QUICK:
        command.append("--quick")
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    output = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **one_thread},
    ).stdout
    return json.loads(output)


def parse_arguments(arguments=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="pairs of runs per row")
    parser.add_argument(
        "--only", default="", help="rows whose 'part: work' contains this"
    )
    parser.add_argument("--quick", action="store_true", help="see that all of it runs")
    parser.add_argument(
        "--output", type=Path, default=Path(), help="folder to write to"
    )
    parser.add_argument("--csv", default="sweep.csv", help="name of the table")
    parser.add_argument("--figure", default="sweep.png", help="name of the figure")
    parser.add_argument("--case", nargs="+", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments=None):
    """Print and write the table and the figure, or one number if a case is given."""
    options = parse_arguments(arguments)
    effort = QUICK if options.quick else FULL
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        if options.case:
            case, *of = options.case
            print(json.dumps(CASES[case](effort, *of)))
            return
        options.output.mkdir(parents=True, exist_ok=True)  # before the work, not after
        rows = measure(effort, options)
    write(rows, options.output / options.csv)
    growth = curves(rows)
    if growth and not draw(growth, effort.base, options.output / options.figure):
        print("No figure: matplotlib is not installed (pip install matplotlib).")


def measure(effort, options):
    """Measure and print all rows that are wanted."""
    rounds = 1 if options.quick else options.rounds
    rows = []
    print(HEADER)
    for part in PARTS:
        for row in part(effort, rounds, partial(is_wanted, options.only)):
            print(row.markdown(), flush=True)
            rows.append(row)
    return rows


def is_wanted(only, part, work):
    """Whether the rows of a part on some work are wanted."""
    return only in f"{part}: {work.name}"


def write(rows, path):
    """Write the table as CSV."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Row._fields)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
