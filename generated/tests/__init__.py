"""Tests of the project: ``unit`` needs no cloud, ``integration`` needs the deployed stack."""
