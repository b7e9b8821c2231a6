"""No handler here."""
