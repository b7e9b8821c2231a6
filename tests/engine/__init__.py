"""The generated program under the genuine Pulumi engine, against a cloud that lives in the test."""
