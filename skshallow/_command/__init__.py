"""The command ``python -m skshallow compare``: from a table in a file to a model."""
