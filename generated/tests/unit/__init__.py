"""Tests on what the program registers: no engine, no credentials, no network."""
