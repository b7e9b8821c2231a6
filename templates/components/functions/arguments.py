"""What the layers around the functions offer; what each may use of it, its own module grants."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


{{ arguments|safe }}
