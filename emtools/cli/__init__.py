"""The command line: one command per step, each a rule's only call."""
