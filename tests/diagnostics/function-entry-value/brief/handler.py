handle = lambda event: event
