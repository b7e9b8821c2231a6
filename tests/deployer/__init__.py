"""Judging calls by the policies of `generated/deployer/`."""
