"""Runs the command with the arguments of the shell."""

import sys

from skshallow._command.main import main

sys.exit(main())
