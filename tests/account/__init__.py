"""An AWS account on this machine: moto's server behind the provider that the genuine engine talks to."""
