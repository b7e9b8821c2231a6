"""Random valid specs, and what must hold for each."""
