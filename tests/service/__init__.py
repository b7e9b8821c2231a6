"""The payment functions on a real PostgreSQL, with moto in AWS's place."""
