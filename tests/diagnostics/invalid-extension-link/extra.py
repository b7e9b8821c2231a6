def extend(environment, naming, opts):
    pass
