def extend(environment, naming, opts):
    x = [1,
