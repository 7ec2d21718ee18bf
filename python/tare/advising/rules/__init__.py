"""Families of rules, one file each; catalogue.py is the list of all."""
