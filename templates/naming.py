"""Names and tags that every resource of this environment carries (NAME-1, NAME-2, TAG-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Names follow ``resource-type[-role]-environment-suffix``."""

    environment: str
    suffix: str
    region: str
    # Part of ARNs and of names that are unique in the world.
    account_id: pulumi.Output[str]
    # Whether this copy sets what an account has only once: the role by which API Gateway logs.
    manages_account: bool
    # Tags that do not depend on the resource; the provider adds them too.
    common_tags: Mapping[str, str]

    def name(self, kind: str, role: str = "") -> str:
        """Physical name of one resource, e.g. ``lambda-validate-payment-staging-main``."""
        return "-".join(part for part in (kind, role, self.environment, self.suffix) if part)

    def alphanumeric(self, kind: str, role: str = "") -> str:
        """Return the same for kinds whose names take letters and digits only."""
        return self.name(kind, role).replace("-", "")

    def tags(self, kind: str, role: str = "") -> dict[str, str]:
        """Tags of one resource."""
        return {**self.common_tags, "Name": self.name(kind, role)}
