"""Makes a copy of another environment's database fit to be moved here: ``python -m scrub --help``.

What is a card number, ``payments.cards`` says, as in the functions: there is one rule.
"""
