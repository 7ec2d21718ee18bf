"""Modules that take the place of other tools': the same names, arguments and results."""
