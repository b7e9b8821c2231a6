"""The two doors of the environment on this machine: API Gateway and load balancer, before the real functions."""
