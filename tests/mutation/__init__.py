"""Whether the unit tests of the generated project notice what is wrong."""
