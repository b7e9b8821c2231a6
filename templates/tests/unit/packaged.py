"""FN-1: what an archive names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

import archives

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What the Lambda runtime brings and the layer does not repeat.
RUNTIME = ("boto3", "botocore", "s3transfer", "urllib3")


def assets(archive: pulumi.AssetArchive) -> list[pulumi.FileAsset]:
    """Return its files; it has nothing else."""
    found: Mapping[str, object] = archive.assets
    files = [asset for asset in found.values() if isinstance(asset, pulumi.FileAsset)]
    assert len(files) == len(found)
    return files


def paths(archive: pulumi.AssetArchive) -> dict[str, Path]:
    """Return its files on this machine, by their names within it."""
    names: Mapping[str, object] = archive.assets
    return {
        name: archives.ROOT / str(asset.path)
        for name, asset in zip(names, assets(archive), strict=True)
    }
