"""The function `validate-payment`."""
