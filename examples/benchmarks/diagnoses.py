"""Count the false alarms of ``diagnose`` on real tables.

A ``StandardScaler`` and a ``ShallowNetClassifier`` with its defaults are fitted on
three quarters of every table (``tables.py``), and diagnosed on these rows. A net counts
as healthy if its ROC AUC on the other rows is at least that of ``LogisticRegression``
minus ``MARGIN``. Everything that ``diagnose`` finds in a healthy net counts as a false
alarm. This is strict: a net may rank well and never predict a rare class, and then the
finding is true and useful.

Run it with::

    python examples/benchmarks/diagnoses.py
    python examples/benchmarks/diagnoses.py --seed 1 --tables pima titanic
"""

import argparse
import warnings
from typing import NamedTuple

from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tables import TABLE_NAMES, load_tables
from threadpoolctl import threadpool_limits

from skshallow import ShallowNetClassifier
from skshallow.diagnostics import diagnose

MARGIN = 0.01  # in ROC AUC
MOST_ROWS = 10_000  # larger tables are cut to this number of rows, at random
HEADER = (
    "| table | rows | features | accuracy, net | linear | AUC, net | linear "
    "| status | warnings | findings |\n|---|---:|---:|---:|---:|---:|---:|---|---|---|"
)


class Case(NamedTuple):
    """A table, and the net that was fitted on it: one row of the report.

    Attributes
    ----------
    name : str
    shape : (int, int)
        Numbers of rows (training and unseen rows together) and of features.
    accuracy, auc : (float, float)
        Scores of the net and of ``LogisticRegression`` on unseen rows.
    status : str
        ``status_`` of the net.
    warnings, findings : list of str
        Categories of the warnings of the fit, and names of the findings of `diagnose`.
    """

    name: str
    shape: tuple
    accuracy: tuple
    auc: tuple
    status: str
    warnings: list
    findings: list

    @property
    def is_healthy(self):
        """Whether the net ranks unseen rows as well as a linear model does."""
        net, linear = self.auc
        return net >= linear - MARGIN

    def row(self):
        """The row of the table, in Markdown."""
        scores = [f"{score:.3f}" for score in (*self.accuracy, *self.auc)]
        said = [", ".join(names) or "none" for names in (self.warnings, self.findings)]
        cells = [self.name, *map(str, self.shape), *scores, self.status, *said]
        return f"| {' | '.join(cells)} |"


def split(table, seed):
    """Training and unseen rows, in the order of ``train_test_split``.

    Three quarters are training rows. Both parts have the table's share of positives.
    """
    n = min(len(table.y), MOST_ROWS)
    sizes = {"train_size": n - n // 4, "test_size": n // 4}
    return train_test_split(
        table.X, table.y, stratify=table.y, random_state=seed, **sizes
    )


def fit_and_diagnose(table, seed):
    """Fit the net and a linear model on a table: a `Case`."""
    X, X_unseen, y, y_unseen = split(table, seed)
    net = make_pipeline(StandardScaler(), ShallowNetClassifier(random_state=seed))
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.fit(X, y)
    linear.fit(X, y)
    models = (net, linear)
    return Case(
        name=table.name,
        shape=(len(y) + len(y_unseen), X.shape[1]),
        accuracy=tuple(model.score(X_unseen, y_unseen) for model in models),
        auc=tuple(
            roc_auc_score(y_unseen, model.decision_function(X_unseen))
            for model in models
        ),
        status=net[-1].status_,
        warnings=[warning.category.__name__ for warning in caught],
        findings=[finding.name for finding in diagnose(net, X, y).findings],
    )


def summary(cases):
    """A line with the numbers of tables, healthy nets and false alarms."""
    healthy = [case for case in cases if case.is_healthy]
    n_false = sum(len(case.findings) for case in healthy)
    alarmed = ", ".join(case.name for case in healthy if case.findings)
    where = f" ({alarmed})" if alarmed else ""
    return (
        f"{len(cases)} tables, {len(healthy)} healthy nets, "
        f"{n_false} false alarms{where}."
    )


def main():
    """Print a row for every table, and the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of split and start")
    parser.add_argument(
        "--tables", nargs="+", choices=TABLE_NAMES, metavar="NAME", help="only these"
    )
    arguments = parser.parse_args()
    tables = load_tables(arguments.tables)
    print(HEADER)
    cases = []
    with threadpool_limits(1):
        for table in tables:
            cases.append(fit_and_diagnose(table, arguments.seed))
            print(cases[-1].row(), flush=True)
    print(f"\n{summary(cases)}")


if __name__ == "__main__":
    main()
