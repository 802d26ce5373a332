"""The findings of a diagnosis, and the measurements that they are derived from.

`Figures`, `Symptoms` and `Remedy` are former names.
"""

from typing import NamedTuple

from skshallow._advice.measurements import Measurements
from skshallow._advice.warning_rules import GENERAL, RULES, SCALE, Rule

__all__ = ["Finding", "Measurements", "Rule", "find"]

Figures = Symptoms = Measurements
Remedy = Rule


class Finding(NamedTuple):
    """A problem of a network.

    Parameters
    ----------
    name : str
        Name of the problem.
    sentence : str
        The cause of the problem, and what to do.

    Examples
    --------
    >>> from skshallow.findings import Finding
    >>> Finding("plateau", "the loss never moved. Raise init_scale.").name
    'plateau'
    """

    name: str
    sentence: str


def find(measurements):
    """Find the problems of a network.

    Parameters
    ----------
    measurements : Measurements
        The ``measurements`` of a `Diagnosis`.

    Returns
    -------
    findings : list of Finding
        Causes come before their effects. Empty for a healthy network.

    Examples
    --------
    >>> import warnings
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.diagnostics import diagnose
    >>> from skshallow.exceptions import SymmetryWarning
    >>> from skshallow.findings import find
    >>> X, y = make_flower(random_state=1)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SymmetryWarning)
    ...     net = ShallowNetClassifier(4, init="zeros", max_iter=50).fit(X, y)
    >>> find(diagnose(net, X, y).measurements)[0].sentence[:36]
    'all 4 hidden units are identical, be'
    """
    findings = []
    for name, rule in RULES.items():
        if findings and (name in GENERAL or findings[-1].name in SCALE):
            break
        if rule.applies and rule.applies(measurements):
            findings.append(Finding(name, rule.sentence(measurements)))
    return findings
