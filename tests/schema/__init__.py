"""The JSON Schema of the spec, held against the compiler."""
