"""What this environment is: fixed by its spec, but for the suffix, which each stack may choose."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi

ENVIRONMENT = "staging"
# Of the stack that has the environment's own name; any other needs one of its own.
SUFFIX = "main"
REGION = "us-east-1"
MIGRATION_DATE = "2026-12-01"
OWNER = "payments-platform"
# Tags beside those of the environment.
COMPANY_TAGS: dict[str, str] = {}
# Empty: any account.
ALLOWED_ACCOUNT_IDS: tuple[str, ...] = ()

# The longest that leaves every name within AWS's limit for its kind.
LONGEST_SUFFIX = 12
SUFFIX_PATTERN = re.compile(r"[a-z0-9](-?[a-z0-9])*")


class SuffixError(ValueError):
    """The suffix would make a name that AWS refuses."""


def checked_suffix(suffix: str) -> str:
    """Return the suffix, or say why it cannot be one."""
    if len(suffix) > LONGEST_SUFFIX:
        message = (
            f"environmentSuffix {suffix!r} has {len(suffix)} characters; names leave room for "
            f"{LONGEST_SUFFIX}: pulumi config set environmentSuffix <shorter>"
        )
        raise SuffixError(message)
    if not SUFFIX_PATTERN.fullmatch(suffix):
        message = (
            f"environmentSuffix {suffix!r} must be lower-case letters, digits and single inner "
            "hyphens: pulumi config set environmentSuffix <suffix>"
        )
        raise SuffixError(message)
    return suffix


def own_suffix(suffix: str, stack: str) -> str:
    """Return the suffix, or say that it is another stack's: every name would be taken already."""
    if suffix == SUFFIX and stack != ENVIRONMENT:
        message = (
            f"environmentSuffix {suffix!r} is that of the stack {ENVIRONMENT!r}; this is the stack "
            f"{stack!r}, and would meet its names. Give a second copy a suffix of its own: pulumi "
            "config set environmentSuffix <suffix>. Where this stack is the only one: pulumi stack "
            f"rename {ENVIRONMENT}"
        )
        raise SuffixError(message)
    return suffix


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Values that every layer shares."""

    environment: str
    suffix: str
    region: str
    migration_date: str
    owner: str
    allowed_account_ids: tuple[str, ...]
    manages_account: bool

    def tags(self) -> dict[str, str]:
        """Tags of everything in this environment."""
        return {
            **COMPANY_TAGS,
            "Environment": self.environment,
            "MigrationDate": self.migration_date,
            "Owner": self.owner,
        }

    @classmethod
    def load(cls) -> Settings:
        """Read the stack's configuration."""
        suffix = checked_suffix(pulumi.Config().require("environmentSuffix"))
        return cls(
            environment=ENVIRONMENT,
            suffix=own_suffix(suffix, pulumi.get_stack()),
            region=REGION,
            migration_date=MIGRATION_DATE,
            owner=OWNER,
            allowed_account_ids=ALLOWED_ACCOUNT_IDS,
            manages_account=pulumi.Config().get_bool("manageAccountRole") is not False,
        )
