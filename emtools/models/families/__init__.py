"""Families: the distribution of the observations of one component."""
