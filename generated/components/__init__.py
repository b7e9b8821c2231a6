"""One component for each layer of the environment."""
