"""The layers of the environment, each with what it needs from the ones before it."""

from __future__ import annotations

import pulumi

{{ imports|safe }}from naming import Naming


class Environment:
    """Everything that is deployed: one component per layer."""

    def __init__(self, naming: Naming, opts: pulumi.ResourceOptions) -> None:
{{ layers|safe }}