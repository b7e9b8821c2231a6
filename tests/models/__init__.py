"""AWS's own models, as botocore and cfn-lint have them, beside what the compiler writes."""
