"""Modules of the team's own, copied from where the spec names them, called after the components.

Each has a function that adds resources beside the environment's, under the same provider and
with names and tags of the same form::

    def extend(environment: Environment, naming: Naming, opts: pulumi.ResourceOptions) -> None: ...
"""
