"""One type of resource: what it refers to, what AWS refuses of it, its ids, and the calls of AWS's APIs that make it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud.aws import Aws
    from cloud.record import Record, Ref, Unique
    from cloud.store import Cloud

# Arguments as the engine gives them (`camelCase`), with `tagsAll`: the resource's tags over the provider's.
Inputs = Mapping[str, Any]


class Kind(ABC):
    """One type of resource. It keeps nothing: what it knows is in the arguments, in the state, and in the cloud."""

    token: ClassVar[str]
    refs: ClassVar[tuple[Ref, ...]] = ()
    unique: ClassVar[tuple[Unique, ...]] = ()
    # Names count in the whole account, not in one region.
    everywhere: ClassVar[bool] = False
    # All networks that it touches must be the same one.
    one_vpc: ClassVar[bool] = False
    # Arguments that hold policy documents, and of which sort.
    policies: ClassVar[tuple[tuple[str, str], ...]] = ()
    # What has to hold whenever it is made or changed; when it is made; of a change from one state to the next; and when it is deleted.
    rules: ClassVar[tuple[Callable[[Cloud, Record], None], ...]] = ()
    creation_rules: ClassVar[tuple[Callable[[Cloud, Record], None], ...]] = ()
    change_rules: ClassVar[tuple[Callable[[Cloud, Record, Record], None], ...]] = ()
    delete_rules: ClassVar[tuple[Callable[[Cloud, Record], None], ...]] = ()
    # Two of them cannot be made at the same moment.
    exclusive: ClassVar[bool] = False
    # Not an object at AWS but a setting of one that remains; a second one overwrites the first.
    overwrites: ClassVar[bool] = False
    # What moto cannot do of it, and why it does not matter here; printed at the end of a run.
    lacks: ClassVar[str] = ""
    # Arguments that are not said to AWS before the deletion, if at all (`a` stands for `a.b` too). Any other
    # that neither ``make`` nor ``settle`` reads, or that changes and ``settle`` does not read, is an error.
    unsaid: ClassVar[frozenset[str]] = frozenset()

    # In memory.

    @abstractmethod
    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its id, and the computed properties that others may ask for."""

    # At AWS.

    @abstractmethod
    def make(self, aws: Aws, new: Inputs) -> str:
        """Make the object, by the one call that does it, and return the id that Pulumi knows it by.

        Whatever takes more calls is for ``settle``, so that a creation that breaks off in between leaves
        an object that the state knows.
        """

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:  # noqa: B027 - most need none
        """Put everything that further calls set; it is called after ``make``, and for an update.

        It puts all that the new arguments say, because the attempt before may have broken off anywhere;
        the old ones (empty after ``make``) tell what is to be taken away.
        """

    @abstractmethod
    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Return the computed properties as AWS says them, or nothing when it is gone.

        ``known`` holds the arguments, and after a creation the properties as they are in the state.
        """

    @abstractmethod
    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it. What is gone already is not asked to go."""


class Setting(Kind):
    """Not an object of its own, but something that is set on another one."""

    @abstractmethod
    def owner(self, new: Inputs) -> str:
        """Return what it is set on, which is its id."""

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make nothing."""
        del aws
        return self.owner(new)


class Kept(Kind):
    """A type that moto has no API for: it is kept here, and AWS sees nothing of it."""

    def __init_subclass__(cls, **more: Any) -> None:
        """See that it says why."""
        super().__init_subclass__(**more)
        assert cls.lacks, f"{cls.__name__} has to say what moto lacks"

    @abstractmethod
    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return its id."""

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return what AWS would compute."""
        del aws, new
        return {}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Keep it; a second one of the same name is refused, as by AWS."""
        id_ = self.identity(aws, new)
        assert (self.token, id_) not in aws.kept, f"AlreadyExists: {self.token} {id_}"
        aws.kept[self.token, id_] = _plain(new)
        return id_

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Keep the new arguments."""
        del old
        aws.kept[self.token, id_] = _plain(new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Return what was kept."""
        del known
        kept = aws.kept.get((self.token, id_))
        return None if kept is None else self.properties(aws, kept)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Forget it."""
        del known
        aws.kept.pop((self.token, id_), None)


def _plain(new: Inputs) -> dict[str, Any]:
    """Return a copy, to its depths: whatever is kept is not dropped."""
    return json.loads(json.dumps(new))
