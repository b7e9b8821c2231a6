"""Tests of the deployed stack, against AWS as it answers; nothing of the program is imported.

Run after ``pulumi up``, in the project's folder, with credentials that may read the account, and
from an address that the load balancer lets in: ``pytest tests/integration``. The stack's outputs
come from the selected Pulumi stack, or from the file that PAYSTAGE_OUTPUTS names (what
``pulumi stack output --json`` prints).
"""
