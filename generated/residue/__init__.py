"""What is left in an account after ``pulumi destroy``: ``python -m residue --help``; it changes nothing.

It stands alone: boto3, and nothing of the program.
"""
