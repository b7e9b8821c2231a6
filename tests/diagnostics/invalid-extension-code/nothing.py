def extend(environment, naming, opts):
    pass


extend = None
