def extend(environment, naming):
    pass
