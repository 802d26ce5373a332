"""The example `compare_init_scales.py` prints, draws and saves its three tasks."""

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stdout

import compare_init_scales as example
import joblib
import pytest


def run_script(folder):
    """What the script prints, in a process of its own."""
    env = {**os.environ, "PYTHONUTF8": "1"}
    command = [sys.executable, "-W", "error", example.__file__]
    options = {"capture_output": True, "check": True, "encoding": "utf-8"}
    return subprocess.run(command, cwd=folder, env=env, **options).stdout


def run_quickly(folder):
    """What it prints with one seed and fewer iterations, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(example, "SEEDS", [0])
        patch.setattr(example, "N_ITERATIONS", 100)
        with chdir(folder), redirect_stdout(io.StringIO()) as printed:
            example.main()
    return printed.getvalue()


RUNS = [run_quickly, pytest.param(run_script, marks=pytest.mark.long)]


@pytest.fixture(scope="module", params=RUNS)
def run(request, tmp_path_factory):
    """What the script has printed, and the folder that it has written into."""
    folder = tmp_path_factory.mktemp("run")
    return request.param(folder), folder


def test_every_task_has_a_table_and_a_recommendation(run):
    printed, _ = run
    before, *parts = printed.split("  start ")
    for name, part in zip(example.tasks(), parts, strict=True):
        assert f"{name}\nFitting 5 folds for each of" in before
        assert "fold 5/5: trained" in before
        before = part
        rows = [line[2:].split("  ")[0] for line in part.splitlines()]
        scales = [f"randn, {scale:g}" for scale in example.SCALES]
        names = ["zeros", *scales, "most frequent class", "logistic regression"]
        assert [row for row in rows if row in names] == names
        assert part.count("\nUse init_scale=") == 1
        assert "no better than always answering with the most frequent class" in (
            " ".join(part.split())
        )


def test_the_models_can_be_loaded_and_predict(run):
    models = joblib.load(run[1] / "compare_init_scales.joblib")
    assert list(models) == list(example.tasks())
    for name, (X, y) in example.tasks().items():
        assert models[name].n_features_in_ == X.shape[1]
        assert models[name].score(X, y) > 0.8
        assert models[name][-1].init == "randn"


def test_the_figure_is_written(run):
    figure = (run[1] / "compare_init_scales.png").read_bytes()
    assert figure.startswith(b"\x89PNG")
