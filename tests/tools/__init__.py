"""The tools beside the tests that more than one person relies on."""
