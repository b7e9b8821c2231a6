"""A local simulation of an environment: API Gateway and the load balancer, with the real functions behind them."""
