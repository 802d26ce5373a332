"""``python -m skshallow`` runs the command, a program that stands on the package."""

from runpy import run_module

run_module("skshallow._command", run_name="__main__")
