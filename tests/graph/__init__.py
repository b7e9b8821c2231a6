"""The compiler's resource graph beside what the generated program registers."""
