"""What the objects of EC2 have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import ClientError

from cloud.aws import as_list, code_of
from cloud.kind import Inputs, Kind

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.record import Record
    from cloud.store import Cloud


def tagged(new: Inputs, what: str) -> list[dict[str, Any]]:
    """Return tags for the call that makes something of EC2."""
    return [{"ResourceType": what, "Tags": as_list(new["tagsAll"])}]


def retag(aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
    """Put the tags of something of EC2, and take away those that are no longer said."""
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        aws.client("ec2").delete_tags(Resources=[id_], Tags=[{"Key": key} for key in gone])
    if new["tagsAll"]:
        aws.client("ec2").create_tags(Resources=[id_], Tags=as_list(new["tagsAll"]))


def adopted(kind: Ec2Object, cloud: Cloud, record: Record, vpc: Record, id_: str) -> dict[str, Any]:
    """Return the ids of what AWS made with a network."""
    arn = f"arn:aws:ec2:{record.region}:{cloud.account}:{kind.what}/{id_}"
    return {"id": id_, "arn": arn, "ownerId": cloud.account, "vpcId": vpc.id}


class Ec2Object(Kind):
    """An object of EC2, with an id and tags of its own."""

    # As tags and ARNs call it.
    what: ClassVar[str]
    # The call that finds it by its id: name, argument, and where the answer has it.
    found_by: ClassVar[tuple[str, str, str]]
    # Those of the usual two that the provider has for it.
    usual: ClassVar[tuple[str, ...]] = ("arn", "ownerId")
    # Other properties, with the places in the answer that they come from.
    properties: ClassVar[dict[str, str]] = {}
    # How its ids begin.
    prefix: ClassVar[str]

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id of EC2's form, and the usual two."""
        id_ = f"{self.prefix}-0{record.hex(16)}"
        arn = f"arn:aws:ec2:{record.region}:{cloud.account}:{self.what}/{id_}"
        usual = {"arn": arn, "ownerId": cloud.account}
        return {"id": id_, **{name: usual[name] for name in self.usual}}

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put the tags."""
        retag(aws, id_, old, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        found = self.find(aws, id_)
        if found is None:
            return None
        usual = {"arn": aws.arn("ec2", f"{self.what}/{id_}"), "ownerId": aws.account}
        return {
            **{name: usual[name] for name in self.usual},
            **{name: found[place] for name, place in self.properties.items() if place in found},
            **self.computed(aws, found),
        }

    def find(self, aws: Aws, id_: str) -> dict[str, Any] | None:
        """Return what AWS says of it."""
        call, argument, rows = self.found_by
        try:
            found = getattr(aws.client("ec2"), call)(**{argument: [id_]})[rows]
        except ClientError as error:
            if code_of(error).endswith("NotFound"):
                return None
            raise
        there = [row for row in found if row.get("State") not in ("deleted", "deleting")]
        return there[0] if there else None

    def computed(self, aws: Aws, found: dict[str, Any]) -> dict[str, Any]:
        """Return what takes more than a look at the answer."""
        del aws, found
        return {}

    def present(self, aws: Aws, id_: str) -> dict[str, Any]:
        """Return what AWS says of what must be there."""
        found = self.find(aws, id_)
        assert found is not None, f"there is no {self.what} {id_}"
        return found

    @abstractmethod
    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
