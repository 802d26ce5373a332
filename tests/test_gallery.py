"""The gallery's scripts run without a warning, draw, and say what is true.

A script prints the numbers it finds, and its text names none of them: it says what they
show. What a lesson depends on is listed here, in the script's own variables. What the
package promises of every net (biases start at 0, equal units are worth one, an average
has the units of all, a file has no rows, a net that is loaded is the one that was
saved) is stated in its other tests.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot

EXAMPLES = Path(__file__).parents[1] / "examples"

# Script: the number of its figures, and what is true of its variables at the end.
LESSONS = {
    "plot_zero_start.py": (
        2,
        "n_different_weights > X.shape[1] / 2",
        "logistic_accuracy > 0.9 and reference_accuracy - logistic_accuracy < 0.01",
        "all((counts[name] == 1).all() for name in [*nets][:3])",
        "all((differences[name] == 0).all() for name in [*nets][:3])",
        "(counts['tanh, random × 0.01'] == N_HIDDEN).all()",
        "np.ptp(differences['tanh, random × 0.01'][[0, -1]]) > 1",
        "display.similarity[~np.eye(N_HIDDEN, dtype=bool)].max() < 0.8",
        "max([*accuracies.values()][:3]) < logistic_accuracy + 0.01",
        "1 - min(random_accuracies) < (1 - logistic_accuracy) / 4",
    ),
    "plot_init_scale.py": (
        1,
        "all(np.isfinite(n[SCALES.index(0.01)]).all() for n in iterations.values())",
        # Each factor of ten below 0.01 costs about as much as the one before.
        "all((np.diff(n[:3]) < 0).all() for n in medians.values())",
        "best_scales['planar flower'] > best_scales['breast cancer'] == 0.1",
        "medians['planar flower'].min() < medians['planar flower'][2] / 5",
        "medians['breast cancer'][SCALES.index(best_scales['planar flower'])]"
        " > 10 * medians['breast cancer'][2]",
        "np.isinf(iterations['breast cancer'][-1]).all()",
    ),
    "plot_saturation.py": (
        2,
        "all(flat_shares[a, 0.01] == 0 for a in ('tanh', 'logistic'))",
        "all(0.3 < flat_shares[a, 1] < 0.7 for a in ('tanh', 'logistic'))",
        "all(flat_shares[a, 10] > 0.9 for a in ('tanh', 'logistic'))",
        "all(abs(flat_shares['relu', s] - 0.5) < 0.01 for s in SCALES)",
        "all(1.5 * iterations[a, 0.01] < iterations[a, 1] for a in ACTIVATIONS)",
        "iterations['tanh', 1] > 6 * iterations['tanh', 0.01]",
        "all(iterations[a, 1] < 3 * iterations[a, 0.01] for a in ('logistic', 'relu'))",
        "all((loss_curves((a, start)) > TARGET).all()"
        " for a in ('tanh', 'logistic') for start in (10, LARGE_HIDDEN))",
        "all(1 / 7 < 1 - accuracies[a, 10] < 1 / 5 for a in ('tanh', 'logistic'))",
        "accuracies['relu', 10] > 0.995",
        "all(share > 0.7 for share in flat_output_shares.values())",
        "all(iterations_to_target((a, LARGE_OUTPUT)).max() < iterations[a, 0.01] / 3"
        " for a in ('logistic', 'relu'))",
        "iterations['tanh', LARGE_OUTPUT] > 10 * iterations['tanh', 0.01]",
        "relu_first_loss < 1 and relu_peak_loss > 100",
    ),
    "plot_phase_diagram.py": (
        1,
        # Maps are (widths, scales): 1 to 32 units, 0.001 to 10.
        "0.935 < accuracy[2:, :5].min() < accuracy[2:, :5].max() < 0.965",
        "accuracy[:2, :5].max() < accuracy[2:, :5].min()",
        "accuracy[:, 7:].max() < 0.82",
        "set(np.array(SCALES)[iterations.argmin(axis=1)]) <= {0.03, 0.1}",
        "(iterations[:2, 6] > N_ITERATIONS).all()",
        "np.ptp(distance_map[:, critical]) < 0.03",
        "distance_map[0, 0] > 5 * distance_map[-1, 0]",
        "(abs(exponents - expected) < 0.04).all()",
    ),
    "plot_flower_widths.py": (
        2,
        "max(own[1], own[2], fresh[1], fresh[2]) < 0.7",
        "0.9 < min(own[n] for n in WIDTHS[2:])",
        "max(own.values()) - own[3] < 0.01",
        "all(own[n] < fresh[n] < 0.93 for n in WIDTHS[2:])",
        "n_different[50] <= n_different[20] < 20",
        "own_by_heart > own[50] + 0.03 and fresh_by_heart < fresh[5]",
    ),
    "plot_choose_init.py": (
        1,
        "'saturated units in' in str(warning.message)",
        "'identical units in' in str(warning.message)",
        "means['zeros', 0] < 0.11",
        "means['randn', 10] < means['glorot', 10] < means['orthogonal', 10] < 0.7",
        "0.93 < min(m for (init, scale), m in means.items()"
        " if 0 < scale <= (0.1 if init == 'randn' else 1))",
        "search.best_score_ > max(means.values())",
        "np.mean(test_accuracies) < search.best_score_",
    ),
    "plot_restarts.py": (
        1,
        # The losses fall apart into low ones and high ones, as accuracies do.
        "1 < sum(loss < 0.31 for loss in losses.values()) < len(losses)",
        "sum(0.31 < loss < 0.44 for loss in losses.values()) == 0",
        "all((net.score(X_fresh, y_fresh) > 0.8) == (net.loss_ < 0.31)"
        " for net in nets.values())",
        "twenty.score(X_fresh, y_fresh) > 0.89",
        "0 < n_bad_small < n_bad < 10",
        "patient.loss_ < twenty.loss_ - 0.03",
        "0 <= twenty.loss_ - hundred.loss_ < 0.002",
        "averaged.score(X_fresh, y_fresh) > twenty.score(X_fresh, y_fresh) - 0.01",
        "np.mean(wide_accuracies['average of twenty'])"
        " > np.mean(wide_accuracies['one start']) + 0.01",
        "np.ptp(wide_accuracies['average of twenty']) < 0.01",
        "np.ptp(wide_accuracies['best of twenty']) > 0.02",
    ),
    "plot_thresholds.py": (
        1,
        # Rows: sizes, from few to many. Columns: net, with thresholds, boosting.
        "(np.diff([*zip(*bus_losses.values())])[:, 0] < -0.05).all()",
        "(np.diff([*zip(*bus_losses.values())])[:4, 1] > 0.01).all()",
        "abs(np.diff([*zip(*bus_losses.values())])[-1, 1]) < 0.01",
        "(np.diff(knot_losses) < -0.003).all()",
        "(np.diff([*zip(*band_losses.values())]) > 0.005).all()",
        "np.diff([*zip(*band_losses.values())])[-1, 0] < 0.02 < 0.08"
        " < np.diff([*zip(*band_losses.values())])[0, 0]",
        "curves['net'].max() < truth.max() - 0.3",
        "curves['net with thresholds'].max() > truth.max() - 0.1",
        "abs(np.diff(curves['boosting'])).sum()"
        " > 2 * abs(np.diff(curves['net with thresholds'])).sum()",
    ),
    "plot_choose_penalty.py": (
        2,
        "net.alpha_ in ALPHAS[3:6]",
        "log_losses[0] > ignorance + 0.1",
        "log_losses.min() < ignorance - 0.15",
        "abs(log_losses[-1] - ignorance) < 0.01",
        "scores['rows that it learnt']['log-loss'] < scores['out of fold']['log-loss']",
        "abs(scores['out of fold']['log-loss'] - scores['held out']['log-loss'])"
        " < np.hypot(scores['out of fold']['±'], scores['held out']['±'])",
        "cost(y_test, test_probability, best)"
        " < 0.85 * cost(y_test, test_probability, 0.5)",
        "all((abs(curve.prob_true - curve.prob_pred) < 0.15).all()"
        " for curve in curves.values())",
    ),
    "plot_imbalance.py": (
        2,
        "highest < 0.3",
        "scores['none']['recall'] == 0 and scores['none']['accuracy'] == 0.95",
        "np.ptp([*areas.values()]) < 0.015",
        "scores['balanced']['recall'] > 0.8 > 0.2 > scores['balanced']['precision']",
        "scores['balanced']['accuracy'] < 0.8",
        "0.3 < scores['1 to 5']['recall'] < 0.7",
        "diagnosis.findings[0].name == 'class imbalance'",
        "'class_weight' in diagnosis.findings[0].sentence",
        "means['balanced'] > 5 * 0.05",
        "all(abs(means[n] - 0.05) < 0.005 for n in ('none', 'balanced, shifted back'))",
        "abs(threshold_scores['recall'] - scores['balanced']['recall']) < 0.01",
        "n_lines['none'] < 8 / 2 < n_lines['balanced']",
        "[net.status_ for net in from_small.values()] == ['plateau', 'max_iter']",
        "from_small['class_weight: balanced'].loss_curve_[10] < 0.95 * heights[1]",
    ),
    "plot_saving.py": (
        2,
        "not there_before_loading and message == 'I was here.'",
        "needed == TRUSTED and accepted == 'loaded'",
        "refused == refused_stranger == 'UntrustedTypesFoundException'",
        "set(wanted) == {*TRUSTED, 'shutil.rmtree'}",
        "refused_pickle != 'loaded'",
        "len(outcomes) == 3 and 'loaded' not in outcomes.values()",
        "'checksum' in complaint",
    ),
}

# These take about ten seconds each, the others a few seconds or less.
LONG = {
    "plot_phase_diagram.py",
    "plot_restarts.py",
    "plot_saturation.py",
    "plot_thresholds.py",
}
SCRIPTS = [
    pytest.param(path.name, marks=[pytest.mark.long] if path.name in LONG else [])
    for path in EXAMPLES.glob("plot_*.py")
]


# plt.show() warns under Agg where a display exists.
@pytest.mark.filterwarnings("ignore:.*non-interactive:UserWarning")
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_draws_and_its_lesson_is_true(script):
    n_figures, *truths = LESSONS[script]
    pyplot.switch_backend("Agg")
    pyplot.close("all")  # what others have left open
    names = {**runpy.run_path(str(EXAMPLES / script)), "np": np}
    assert len(pyplot.get_fignums()) == n_figures
    pyplot.close("all")
    false = [truth for truth in truths if not eval(truth, names)]
    assert false == []
