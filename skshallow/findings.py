"""The table of rules that `skshallow.diagnostics.diagnose` goes through, in public.

`Figures`, `Symptoms` and `Remedy` are former names.
"""

from skshallow._advice.measurements import Measurements
from skshallow._advice.rules import Finding, Rule, find

__all__ = ["Finding", "Measurements", "Rule", "find"]

Figures = Symptoms = Measurements
Remedy = Rule
