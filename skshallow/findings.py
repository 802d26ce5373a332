"""The table of causes and remedies that `skshallow.diagnostics.diagnose` goes through.

What is public of it; the table itself stands with the rest of the advice.
"""

from skshallow._advice.findings import Figures, Finding, Remedy, Symptoms, find

__all__ = ["Figures", "Finding", "Remedy", "Symptoms", "find"]
