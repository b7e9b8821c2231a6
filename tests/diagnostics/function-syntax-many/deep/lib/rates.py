RATES = {"EUR": 1,
