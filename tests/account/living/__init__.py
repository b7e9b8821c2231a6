"""A living environment: both entry points answer from what the account holds at that moment, while the engine changes it."""
