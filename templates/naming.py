"""Names and tags that every resource of this environment carries (NAME-1, NAME-2, TAG-1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Names follow ``resource-type[-role]-environment-suffix``."""

    environment: str
    suffix: str
    migration_date: str
    owner: str

    def name(self, kind: str, role: str = "") -> str:
        """Physical name of one resource, e.g. ``lambda-validate-payment-staging-main``."""
        return "-".join(part for part in (kind, role, self.environment, self.suffix) if part)

    def alphanumeric(self, kind: str, role: str = "") -> str:
        """The same for kinds whose names take letters and digits only."""
        return self.name(kind, role).replace("-", "")

    def common_tags(self) -> dict[str, str]:
        """Tags that do not depend on the resource; the provider adds them too."""
        return {
            "Environment": self.environment,
            "MigrationDate": self.migration_date,
            "Owner": self.owner,
        }

    def tags(self, kind: str, role: str = "") -> dict[str, str]:
        """Tags of one resource."""
        return {**self.common_tags(), "Name": self.name(kind, role)}
