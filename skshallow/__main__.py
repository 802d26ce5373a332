"""``python -m skshallow``: the package as a command."""

import sys

from skshallow._command.main import main

if __name__ == "__main__":
    sys.exit(main())
