"""Tests of the code that runs in Lambda, loaded from its folders; no Pulumi, no AWS."""
