"""Experiments that show what makes Python programs fast and slow, on this machine."""
