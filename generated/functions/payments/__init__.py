"""What the payment functions share; it lies beside ``handler.py`` in each of their archives."""
