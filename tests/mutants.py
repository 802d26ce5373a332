"""Mutants: the numerical core with one mistake at a time, each for a test to catch.

Run from anywhere ::

    python tests/mutants.py
    python tests/mutants.py "adam" "row order"

The second runs those mutants alone whose names contain one of the words. Every mutant
is put into a copy of the repository, where the files that test its module run first,
and if it survives them the whole suite does. Prints a table as it goes: the mutant,
what the tests took, and the first that failed. The exit status is 1 if a mutant
survived, which means that a test is missing.

A mutant whose original text does not occur exactly once in its module is an error: who
changes that text brings the mutant up to date.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGES = "numpy", "scipy", "scikit-learn"


class Mutant(NamedTuple):
    """A mistake in one module, and which test files (``test_*.py``) to run first."""

    name: str
    module: str
    original: str
    mutated: str
    tests: str


MUTANTS = [
    Mutant(
        "a lane reads the activations of its neighbour",
        "network",
        "multiply(output, A, Z)",
        "multiply(output, A if A.ndim == 2 else A[::-1], Z)",
        "network lanes",
    ),
    Mutant(
        "a lane alone goes back by another product than among others",
        "network",
        "self.spread = np.matmul if c > 1",
        "self.spread = self.multiply if c > 1",
        "network lanes",
    ),
    Mutant(
        "the only lane of a tile reads the first lane's rows",
        "batches",
        "rows = lanes.start if",
        "rows = 0 if",
        "network batches lanes",
    ),
    Mutant(
        "no penalty in the gradient",
        "network",
        "        G += pull\n",
        "",
        "network parity",
    ),
    Mutant(
        "no penalty in the objective",
        "network",
        "values += self._penalty.values()[: len(ends)]",
        "self._penalty.values()",
        "network parity",
    ),
    Mutant(
        "biases penalised",
        "network",
        "self.pack((1, 1), (0, 0))",
        "self.pack((1, 1), (1, 1))",
        "network",
    ),
    Mutant(
        "the hidden layer's rate for the biases, too",
        "network",
        "self.pack((f, 1), (1, 1))",
        "self.pack((f, 1), (f, 1))",
        "defaults",
    ),
    Mutant(
        "the rate of the first lane's hidden layer for all",
        "network",
        "if np.all(factors == factors[0]):",
        "if True:",
        "lanes lockstep_equality",
    ),
    Mutant(
        "penalty not halved in the objective",
        "network",
        "0.5 * weights.sum(axis=-1)",
        "weights.sum(axis=-1)",
        "network",
    ),
    Mutant(
        "an infinite penalty reaches the biases",
        "network",
        "np.minimum(penalty, largest)[:, None]",
        "np.asarray(penalty)[:, None]",
        "network",
    ),
    Mutant(
        "a block overwrites the gradient of the blocks before",
        "network",
        "self.G += self.addend",
        "self.G[...] = self.addend",
        "network",
    ),
    Mutant(
        "output weights left out of the hidden gradient",
        "network",
        "            G_hidden *= self.W2_T\n",
        "",
        "network",
    ),
    Mutant(
        "sample weights left out of the objective",
        "network",
        "gain *= weight",
        "gain *= weight.mean()",
        "network weights",
    ),
    Mutant(
        "logits without the output bias",
        "network",
        "    A[:, -1] = 1\n    return A",
        "    A[:, -1] = 0\n    return A",
        "network",
    ),
    Mutant(
        "mean for sum in the bias gradient of sparse rows",
        "network",
        "lane.sum(axis=1, out=product[:, -1])",
        "lane.mean(axis=1, out=product[:, -1])",
        "network",
    ),
    Mutant(
        "ties not applied to the gradient",
        "network",
        "self.ties.apply(*self.architecture.layers(self.G))",
        "pass",
        "network",
    ),
    Mutant(
        "ties look at hidden weights alone",
        "network",
        "np.column_stack([hidden[lane], fan_out[lane]])",
        "hidden[lane]",
        "network",
    ),
    Mutant(
        "ties keep the numbers of lanes that have moved up",
        "network",
        "np.searchsorted(lanes, self.lane[stays])",
        "self.lane[stays]",
        "network",
    ),
    Mutant(
        "softmax without its maximum",
        "losses",
        "        Z -= Z.max(axis=1, keepdims=True)\n",
        "",
        "losses",
    ),
    Mutant(
        "sign of the logistic gradient",
        "losses",
        "np.subtract(s, _ONE[Z.dtype], Z)",
        "np.subtract(_ONE[Z.dtype], s, Z)",
        "losses",
    ),
    Mutant(
        "logistic gradient without sample weights",
        "losses",
        "        Z *= target\n        Z *= weight\n",
        "        Z *= target\n",
        "losses",
    ),
    Mutant(
        "half the loss of a wrong logit",
        "losses",
        "        wrong *= 2\n",
        "",
        "losses",
    ),
    Mutant(
        "classes of the softmax in reverse",
        "losses",
        "np.arange(n_classes)[:, None]",
        "np.arange(n_classes)[::-1, None]",
        "losses",
    ),
    Mutant(
        "probabilities of two classes in reverse",
        "losses",
        "np.exp(np.concatenate([Z, -Z], axis=1))",
        "np.exp(np.concatenate([-Z, Z], axis=1))",
        "losses",
    ),
    Mutant(
        "constant predictor without sample weights",
        "losses",
        "np.bincount(labels, weights=weight)",
        "np.bincount(labels)",
        "losses",
    ),
    Mutant(
        "slope of tanh 1 - |a|",
        "activations",
        "np.square(A, out)",
        "np.abs(A, out)",
        "activations",
    ),
    Mutant(
        "slope of logistic 1 - a",
        "activations",
        "    out *= A\n",
        "",
        "activations",
    ),
    Mutant(
        "slope of relu 1 at 0",
        "activations",
        "np.greater(A, 0, out=out)",
        "np.greater_equal(A, 0, out=out)",
        "activations",
    ),
    Mutant(
        "momentum never decays",
        "optimizers",
        "    velocity *= step.momentum\n",
        "",
        "optimizers",
    ),
    Mutant(
        "Nesterov's look-ahead left out",
        "optimizers",
        "if step.nesterov:",
        "if False:",
        "optimizers",
    ),
    Mutant(
        "adam's bias correction off",
        "optimizers",
        "bias = sqrt(1 - BETA_2**count) / (1 - BETA_1**count)",
        "bias = 1.0",
        "optimizers",
    ),
    Mutant(
        "adam's bias correction off by one update",
        "optimizers",
        "bias = sqrt(1 - BETA_2**count)",
        "bias = sqrt(1 - BETA_2 ** (count + 1))",
        "optimizers",
    ),
    Mutant(
        "adam's epsilon in another unit",
        "optimizers",
        "epsilon = EPSILON / sqrt(1 - BETA_2)",
        "epsilon = EPSILON",
        "optimizers",
    ),
    Mutant(
        "all lanes take the step of the first",
        "optimizers",
        "same = np.all(values == values[0])",
        "same = True",
        "optimizers lanes",
    ),
    Mutant(
        "momentum ignored by the auto learning rate",
        "defaults",
        "np.where(forgets, 1 - momentum, 1.0) / penalty",
        "1.0 / penalty",
        "optimizers",
    ),
    Mutant(
        "a cosine that is one update ahead",
        "optimizers",
        "cos(pi * (k / n))",
        "cos(pi * ((k + 1) / n))",
        "optimizers",
    ),
    Mutant(
        "all lanes have the budget of the first",
        "optimizers",
        "[[shares[n]] for n in self._n_updates]",
        "[[shares[self._n_updates[0]]] for n in self._n_updates]",
        "optimizers lanes",
    ),
    Mutant(
        "what is nearly denormal is left",
        "optimizers",
        "NEARLY_DENORMAL * np.finfo(P.dtype).tiny",
        "np.finfo(P.dtype).smallest_subnormal",
        "optimizers",
    ),
    Mutant(
        "ordinary small numbers are flushed",
        "optimizers",
        "NEARLY_DENORMAL * np.finfo(P.dtype).tiny",
        "np.finfo(P.dtype).eps",
        "optimizers",
    ),
    Mutant(
        "a block loses its last row",
        "batches",
        "start, stop = first + part.start, first + part.stop",
        "start, stop = first + part.start, first + part.stop - 1",
        "batches",
    ),
    Mutant(
        "a last batch of one row is dropped",
        "batches",
        "for start in range(0, n, step)]",
        "for start in range(0, max(1, n - 1), step)]",
        "batches",
    ),
    Mutant(
        "a batch divided by all rows gathered with it",
        "batches",
        "share = _share(None, parts[0].start, parts[-1].stop, n_rows, self.dtype)",
        "share = _share(None, 0, 0, self.target.shape[-1], self.dtype)",
        "batches",
    ),
    Mutant(
        "weighted rows divided by their number",
        "batches",
        "weight[..., start:stop] / (total or 1.0)",
        "weight[..., start:stop] / (stop - start)",
        "batches",
    ),
    Mutant(
        "stale targets in the buffer of mini-batches",
        "batches",
        "        self.target[...] = target\n",
        "",
        "batches",
    ),
    Mutant(
        "rows of another type gathered into the buffer",
        "batches",
        "self.X.dtype != block.dtype",
        "False",
        "batches",
    ),
    Mutant(
        "row order shared between seeds",
        "batches",
        "if len(orders) == 1:",
        "if True:",
        "batches",
    ),
    Mutant(
        "a short batch is left at the end",
        "batches",
        "cut = even_slices if is_even else slices",
        "cut = slices",
        "defaults",
    ),
    Mutant(
        "batches of a given size are evened out",
        "batches",
        "cut = even_slices if is_even else slices",
        "cut = even_slices",
        "defaults",
    ),
    Mutant(
        "one batch takes all that is left over",
        "batches",
        "[size + 1] * n_longer + [size] * (n_slices - n_longer)",
        "[size + n_longer] + [size] * (n_slices - 1)",
        "defaults",
    ),
    Mutant(
        "he by the units in place of the features",
        "initializers",
        "np.sqrt(2 / draw.shape[1])",
        "np.sqrt(2 / draw.shape[0])",
        "initializers",
    ),
    Mutant(
        "orthogonal without the signs",
        "initializers",
        "    Q *= np.where(np.diag(R) < 0, -1.0, 1.0)\n",
        "",
        "initializers",
    ),
    Mutant(
        "scales of the two layers swapped",
        "initializers",
        "zip(weights, scales, strict=True)",
        "zip(weights, scales[::-1], strict=True)",
        "initializers",
    ),
    Mutant(
        "automatic scale by the units that a layer has",
        "initializers",
        "GAINS[activation] / sqrt(n_features)",
        "GAINS[activation] / sqrt(n_hidden)",
        "initializers",
    ),
    Mutant(
        "patience off by one",
        "stopping",
        "return self.stale > self.settings.n_iter_no_change",
        "return self.stale >= self.settings.n_iter_no_change",
        "stopping parity",
    ),
    Mutant(
        "patience counted on the plateau",
        "stopping",
        "        stale &= ~self.settings.on_plateau(losses)\n",
        "",
        "stopping parity",
    ),
    Mutant(
        "tol of the wrong sign",
        "stopping",
        "best[:-1] - self.settings.tol",
        "best[:-1] + self.settings.tol",
        "stopping parity",
    ),
    Mutant(
        "patience compares with the last loss, not the best",
        "stopping",
        "self.best = best[-1]",
        "self.best = measures[-1]",
        "parity",
    ),
    Mutant(
        "patience starts anew when a neighbour leaves",
        "stopping",
        "kept.best, kept.stale = self.best[lanes], self.stale[lanes]",
        "kept.best = self.best[lanes]",
        "lanes",
    ),
    Mutant(
        "patience judged one iteration late",
        "stopping",
        "return 1 + (self.settings.n_iter_no_change",
        "return 2 + (self.settings.n_iter_no_change",
        "stopping",
    ),
    Mutant(
        "weights of validation rows ignored",
        "stopping",
        "np.ones(len(labels)) if weight is None else weight",
        "np.ones(len(labels))",
        "weights",
    ),
    Mutant(
        "validation loss divided by the number of rows",
        "stopping",
        "losses / self.known_total",
        "losses / len(self.labels)",
        "weights",
    ),
    Mutant(
        "validation rows of unknown classes count in the loss",
        "stopping",
        "np.where(labels < 0, 0, self.weight)",
        "self.weight",
        "stopping",
    ),
    Mutant(
        "a validation loss of no rows is a divergence",
        "stopping",
        "self.known_total > 0",
        "True",
        "stopping",
    ),
    Mutant(
        "every block of validation rows has the labels of the first",
        "stopping",
        "labels, weight = self.labels[rows],",
        "labels, weight = self.labels[: Z.shape[-1]],",
        "stopping",
    ),
    Mutant(
        "early stopping keeps the last net, not the best",
        "training",
        "p, best_score = self._best[0][k], float(self._best[1][k])",
        "best_score = float(self._best[1][k])",
        "stopping",
    ),
    Mutant(
        "early stopping keeps the last of equal scores",
        "training",
        "better = scores > best[1]",
        "better = scores >= best[1]",
        "stopping",
    ),
    Mutant(
        "early stopping judges the loss, not the score",
        "training",
        "measures = -np.array(curves[1][-len(losses) :]) if early else losses",
        "measures = losses",
        "stopping",
    ),
    Mutant(
        "the weights returned are those of the iteration before",
        "training",
        "self._checkpoints[(self.n_iter + 1) % 2]",
        "self._checkpoints[self.n_iter % 2]",
        "parity",
    ),
    Mutant(
        "n_iter_ off by one",
        "training",
        "p.copy(), status, self.n_iter, *curves",
        "p.copy(), status, self.n_iter + 1, *curves",
        "stopping",
    ),
    Mutant(
        "a short batch counts in full in the loss of its pass",
        "training",
        "rows / np.repeat(np.add.reduceat(rows, first), n_batches)",
        "1 / np.repeat(n_batches, n_batches)",
        "parity",
    ),
    Mutant(
        "a batch of no weight makes an update",
        "training",
        "if batch.total_weight > 0:",
        "if True:",
        "weights",
    ),
    Mutant(
        "light batches count in full",
        "training",
        "        if share < 1:\n",
        "        if share < 0:\n",
        "defaults",
    ),
    Mutant(
        "heavy batches count for more than one",
        "training",
        "        if share < 1:\n",
        "        if share != 1:\n",
        "defaults",
    ),
    Mutant(
        "a rate of one's own is lowered for light batches",
        "training",
        "np.where(self._weighs, share, 1)",
        "np.full(1, share)",
        "defaults",
    ),
    Mutant(
        "every pass has a wave of its own",
        "training",
        "first = n_before * self.batches.n_batches",
        "first = 0",
        "stopping",
    ),
    Mutant(
        "a wave over the passes, not the updates",
        "training",
        "n_updates = settings.max_iter * batches.n_batches",
        "n_updates = settings.max_iter",
        "stopping",
    ),
    Mutant(
        "nothing is ever flushed",
        "training",
        "if progress.count % FLUSH_EVERY == 0:",
        "if False:",
        "defaults",
    ),
    Mutant(
        "a lane takes over the row order of one that left",
        "training",
        "row_streams = [row_streams[k] for k in stay]",
        "row_streams = row_streams[: len(stay)]",
        "cohorts",
    ),
    Mutant(
        "ties not applied to L-BFGS's vector",
        "lbfgs",
        "            ties.apply(*architecture.layers(P))\n",
        "            pass\n",
        "symmetry",
    ),
    Mutant(
        "L-BFGS without its tolerance",
        "lbfgs",
        '{**options, "gtol": tol}',
        '{**options, "gtol": 0}',
        "stopping parity",
    ),
    Mutant(
        "L-BFGS ended by scipy's own limit of evaluations",
        "lbfgs",
        "max(15_000, 10 * max_iter)",
        "15_000",
        "stopping",
    ),
    Mutant(
        "cohort key forgets Nesterov's momentum",
        "cohorts",
        "tuple(values[name] for name in SHARED)",
        'tuple(values[name] for name in SHARED if name != "nesterovs_momentum")',
        "cohorts",
    ),
    Mutant(
        "settings go to the starts in turn, not net by net",
        "cohorts",
        "np.repeat(values, [len(member.starts) for member in members])",
        "np.resize(values, sum(len(member.starts) for member in members))",
        "cohorts",
    ),
    Mutant(
        "lanes whose batches differ in weight share a step",
        "cohorts",
        "weight is not None or estimator.class_weight is not None",
        "False",
        "cohorts lockstep_equality",
    ),
    Mutant(
        "plateau of the unweighted classes",
        "cohorts",
        "constant_predictor_loss(samples.labels, samples.weight)",
        "constant_predictor_loss(samples.labels, None)",
        "stopping parity weights",
    ),
    Mutant(
        "no tol taken for a tol of 0",
        "defaults",
        "-inf if value is None",
        "0 if value is None",
        "stopping",
    ),
    Mutant(
        "a cosine has a stopping rule",
        "defaults",
        "None if is_cosine else TOL",
        "TOL",
        "stopping",
    ),
    Mutant(
        "few updates for a small table",
        "defaults",
        "max(epochs, ceil(UPDATES / n_batches))",
        "epochs",
        "stopping",
    ),
    Mutant(
        "an automatic penalty of the rows alone",
        "defaults",
        "ALPHA * sqrt(mean_square) * weight",
        "ALPHA * weight",
        "defaults",
    ),
    Mutant(
        "a penalty that is not over the weight of the rows",
        "cohorts",
        "penalty, is_auto = alpha / totals.weight,",
        "penalty, is_auto = alpha,",
        "parity weights",
    ),
    Mutant(
        "a penalty over the weight of a batch",
        "cohorts",
        "penalty, is_auto = alpha / totals.weight,",
        "penalty, is_auto = alpha * n_batches / totals.weight,",
        "parity weights",
    ),
    Mutant(
        "partial_fit forgets the rows before",
        "cohorts",
        "return self.totals_before.plus(self.samples.totals())",
        "return self.samples.totals()",
        "continuing",
    ),
    Mutant(
        "partial_fit has a wave",
        "cohorts",
        "_is_cosine(net) and not n_passes",
        "_is_cosine(net)",
        "defaults",
    ),
    Mutant(
        "the rate of the hidden layer ignores its rows",
        "cohorts",
        "np.where(is_auto, share, 1.0)",
        "np.ones_like(rate)",
        "defaults",
    ),
    Mutant(
        "a rate of one's own is lowered in the hidden layer",
        "cohorts",
        "np.where(is_auto, share, 1.0)",
        "np.full_like(rate, share)",
        "defaults",
    ),
    Mutant(
        "starts of a seed depend on how it is given",
        "random_streams",
        "            self.starts.seed(random_state)\n",
        "",
        "lanes",
    ),
    Mutant(
        "a warm start forgets the row order",
        "random_streams",
        '        self.rows.set_state(state["rows"])\n',
        "",
        "continuing",
    ),
    Mutant(
        "a warm start forgets the split",
        "random_streams",
        'self._second = self.rows, state["split_seed"]',
        "self._second = self.rows, self.split_seed",
        "continuing",
    ),
    Mutant(
        "the row order is drawn from the user's generator",
        "random_streams",
        "_copy_of(self.starts).randint(MAX_SEED)",
        "self.starts.randint(MAX_SEED)",
        "lanes",
    ),
    Mutant(
        "a warm start forgets the moments",
        "random_streams",
        "{name: p[None] for name",
        "{name: 0 * p[None] for name",
        "continuing",
    ),
    Mutant(
        "a warm start forgets how many updates were made",
        "random_streams",
        'Continuation(moments, state["count"])',
        "Continuation(moments, 0)",
        "continuing",
    ),
    Mutant(
        "class weights in place of sample weights",
        "samples",
        "_product(factors, samples.weight)",
        "_product(factors, None)",
        "weights",
    ),
    Mutant(
        "classes balanced by rows, not by their weight",
        "samples",
        "np.bincount(labels, weight, minlength=n_classes)",
        "np.bincount(labels, minlength=n_classes)",
        "weights",
    ),
    Mutant(
        "weights that sum to one let the penalty outweigh the data",
        "samples",
        "return max(self.total, self.count)",
        "return self.total",
        "weights",
    ),
    Mutant(
        "weights of two are not two rows",
        "samples",
        "return max(self.total, self.count)",
        "return self.count",
        "weights",
    ),
    Mutant(
        "rows without weight are counted",
        "samples",
        "int((weight > 0).sum())",
        "n",
        "defaults",
    ),
    Mutant(
        "norms of rows without their weights",
        "samples",
        "weight[rows] / total * _square_norms(self.X[rows])",
        "_square_norms(self.X[rows]) / n",
        "defaults",
    ),
    Mutant(
        "a split hands out the weights of other rows",
        "samples",
        "self.weight[index]",
        "self.weight[: len(index)]",
        "weights stopping",
    ),
    Mutant(
        "validation on the rows of training",
        "samples",
        "samples.take(np.sort(test_index))",
        "samples.take(np.sort(train_index))",
        "stopping",
    ),
    Mutant(
        "a split that is not stratified",
        "samples",
        "stratify=samples.labels",
        "stratify=None",
        "stopping",
    ),
    Mutant(
        "linear nets are not looked at",
        "symptoms",
        "            | np.array([may_lag(figures) for figures in compared])\n",
        "",
        "fit_warnings",
    ),
    Mutant(
        "every net is linear",
        "findings",
        "and self.linear_share > LINEAR",
        "and True",
        "fit_warnings diagnostics",
    ),
    Mutant(
        "the worst start is kept",
        "verdicts",
        "return min(cost, key=cost.get)",
        "return max(cost, key=cost.get)",
        "lanes",
    ),
    Mutant(
        "the start reported is not the one that was kept",
        "classifier",
        "start = trained.starts[k]",
        "start = trained.starts[0]",
        "lanes",
    ),
    Mutant(
        "a plain fit leaves the moments of the fit before",
        "classifier",
        "        self.n_iter_ = best.n_iter\n        self._training_state = None\n",
        "        self.n_iter_ = best.n_iter\n",
        "continuing",
    ),
    Mutant(
        "predictions by an activation set after the fit",
        "classifier",
        "ACTIVATIONS[self._activation]",
        "ACTIVATIONS[self.activation]",
        "predictions",
    ),
]


def mutated_source(mutant, root=ROOT):
    """The path of the mutant's module under ``root``, and its text with the mistake."""
    path = root / "skshallow" / f"{mutant.module}.py"
    source = path.read_text(encoding="utf-8")
    if source.count(mutant.original) != 1:
        sys.exit(
            f"{mutant.name}: {mutant.original!r} must occur once in {path.name}, "
            f"but occurs {source.count(mutant.original)} times: bring it up to date."
        )
    mutated = source.replace(mutant.original, mutant.mutated)
    compile(mutated, mutant.name, "exec")  # a slip of the pen is no mutant
    return path, mutated


@contextmanager
def copy_of_the_repository():
    """A copy in a temporary directory, without what is built or hidden."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        copy = Path(scratch) / "repository"
        built = shutil.ignore_patterns(".*", "__pycache__", "_build", "*.egg-info")
        shutil.copytree(ROOT, copy, ignore=built)
        yield copy


def first_failure(root, tests=""):
    """The first test that fails in ``root``: of some files, or of all; or None."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            # Which compares the table of mutants with the code: no mutant survives it.
            "--ignore=tests/test_mutants.py",
            *(f"tests/test_{name}.py" for name in tests.split()),
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    if run.returncode == 0:
        return None
    failure = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", run.stdout, re.M)
    if failure is None:  # the tests did not run at all
        raise RuntimeError(run.stdout + run.stderr)
    return failure[1]


def caught_by(mutant):
    """The first test that fails on a mutant, or None if it survives the whole suite."""
    with copy_of_the_repository() as copy:
        path, source = mutated_source(mutant, copy)
        path.write_text(source, encoding="utf-8")
        return first_failure(copy, mutant.tests) or first_failure(copy)


def chosen(words):
    """The mutants that are asked for: all, or those with a word in their names."""
    for word in words:
        if not any(word in mutant.name for mutant in MUTANTS):
            sys.exit(f"no mutant has {word!r} in its name.")
    return [m for m in MUTANTS if not words or any(word in m.name for word in words)]


def check_without_mutants(mutants):
    """Complain if a test fails anyway, as it would seem to catch every mutant."""
    tests = {name for mutant in mutants for name in mutant.tests.split()}
    with copy_of_the_repository() as copy:
        if failure := first_failure(copy, " ".join(sorted(tests))):
            sys.exit(f"{failure} fails without any mutant.")


def main():
    """Run the mutants asked for; return how many survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="*", help="of the names of those to run")
    mutants = chosen(parser.parse_args().word)
    for mutant in MUTANTS:
        mutated_source(mutant)
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    print(f"Python {platform.python_version()},", ", ".join(packages), flush=True)
    check_without_mutants(mutants)
    width, n_caught = max(len(mutant.name) for mutant in mutants), 0
    for mutant in mutants:
        start = time.perf_counter()
        test = caught_by(mutant)
        n_caught += test is not None
        row = mutant.name.ljust(width), f"{time.perf_counter() - start:5.0f} s"
        print(*row, test or "SURVIVED", sep="  ", flush=True)
    print(f"{n_caught} of {len(mutants)} mutants caught.")
    return len(mutants) - n_caught


if __name__ == "__main__":
    sys.exit(min(main(), 1))
