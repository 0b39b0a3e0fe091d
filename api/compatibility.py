"""Whether the API of today breaks what the released one promised.

`python -m api.compatibility` names what breaks, `python -m api.compatibility release` makes
the API of today the promise. What counts as breaking for values is in `api.schema_changes`;
operations, parameters, bodies, answers of 2xx and ways to sign in must stay beside. Refusals
may change: their codes are in `docs/reference/errors.md`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.openapi import REFERENCE, document
from api.schema_changes import Changes, Schema, resolved

RELEASED: Final = REFERENCE / "openapi-released.json"
ABSENT: Final = (
    "There is no released API to compare with. Make it: python -m api.compatibility release"
)
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER: Final = re.compile(r"\{([^}]*)\}")

Parameters = dict[tuple[str, str], Schema]


def breaking(before: Schema, after: Schema) -> list[str]:
    """Every change from one OpenAPI document to the next that breaks a client, by place."""
    return list(_Documents(before, after).breaking())


@dataclass(frozen=True, slots=True)
class _Documents:
    """The released document and that of today."""

    before: Schema
    after: Schema

    def breaking(self) -> Iterator[str]:
        """What breaks, operation by operation."""
        paths = {_shape(path): item for path, item in self.after.get("paths", {}).items()}
        for path, old_item in self.before.get("paths", {}).items():
            new_item = paths.get(_shape(path))
            if new_item is None:
                yield f"{path}: the path is gone"
                continue
            for method in METHODS:
                name = f"{method.upper()} {path}"
                if method in old_item and method not in new_item:
                    yield f"{name}: the operation is gone"
                elif method in old_item:
                    for found in self._operation(path, method, old_item, new_item):
                        yield f"{name}: {found}"

    def _operation(
        self, path: str, method: str, old_item: Schema, new_item: Schema
    ) -> Iterator[str]:
        old, new = old_item[method], new_item[method]
        yield from self._parameters(
            _parameters(path, old_item, old, self.before),
            _parameters(path, new_item, new, self.after),
        )
        yield from self._body(old, new)
        yield from self._answers(old.get("responses", {}), new.get("responses", {}))
        yield from self._security(old, new)

    def _parameters(self, old: Parameters, new: Parameters) -> Iterator[str]:
        for (place, name), was in old.items():
            is_ = new.get((place, name))
            if is_ is None:
                yield f"{place} parameter {name} is gone"
                continue
            if is_.get("required") and not was.get("required"):
                yield f"{place} parameter {name} is required now"
            for found in self._sent(was.get("schema", {}), is_.get("schema", {})):
                yield f"{place} parameter {name} {found}"
        for place, name in new.keys() - old.keys():
            if new[place, name].get("required"):
                yield f"{place} parameter {name} is new and required"

    def _body(self, old: Schema, new: Schema) -> Iterator[str]:
        was = resolved(old.get("requestBody", {}), self.before)
        is_ = resolved(new.get("requestBody", {}), self.after)
        if is_.get("required") and not was.get("required"):
            yield "a body is required now"
        if was and not is_:
            yield "a body is no longer taken"
            return
        for media_type, content in was.get("content", {}).items():
            if media_type not in is_["content"]:
                yield f"a body of {media_type} is no longer taken"
                continue
            schema = is_["content"][media_type].get("schema", {})
            for found in self._sent(content.get("schema", {}), schema):
                yield f"body {found}"

    def _answers(self, old: Schema, new: Schema) -> Iterator[str]:
        for status in filter(_is_success, old):
            if status not in new:
                yield f"answer {status} is gone"
                continue
            was = resolved(old[status], self.before)
            is_ = resolved(new[status], self.after)
            for name in was.get("headers", {}).keys() - is_.get("headers", {}).keys():
                yield f"answer {status}: header {name} is gone"
            for media_type, content in was.get("content", {}).items():
                if media_type not in is_.get("content", {}):
                    yield f"answer {status} as {media_type} is gone"
                    continue
                schema = is_["content"][media_type].get("schema", {})
                changes = Changes(self.before, self.after, sends=False)
                for found in changes.breaking(content.get("schema", {}), schema):
                    yield f"answer {status} {found}"

    def _security(self, old: Schema, new: Schema) -> Iterator[str]:
        """Each way to prove who asks that was enough must be enough."""
        ways = _ways(new, self.after)
        for way in _ways(old, self.before):
            if not any(_is_enough(way, other) for other in ways):
                yield f"to sign in by {' and '.join(sorted(way)) or 'nothing'} is no longer enough"

    def _sent(self, old: Schema, new: Schema) -> list[str]:
        return Changes(self.before, self.after, sends=True).breaking(old, new)


def _shape(path: str) -> str:
    """A path whatever its parameters are called: only their places matter to a client."""
    return _PARAMETER.sub("{}", path)


def _parameters(path: str, item: Schema, operation: Schema, within: Schema) -> Parameters:
    """Parameters by place and name; those of the path by the order in which they stand in it."""
    names = _PARAMETER.findall(path)
    found: Parameters = {}
    for one in (*item.get("parameters", ()), *operation.get("parameters", ())):
        parameter = resolved(one, within)
        place, name = parameter["in"], parameter["name"]
        if place == "path" and name in names:
            name = str(names.index(name) + 1)
        if place == "header":
            name = name.lower()
        found[place, name] = parameter
    return found


def _is_success(status: str) -> bool:
    return status.startswith("2") or status == "default"


def _ways(operation: Schema, within: Schema) -> list[Mapping[str, Any]]:
    """The ways to prove who asks, of which one is enough; one without anything where none is."""
    return operation.get("security", within.get("security", [])) or [{}]


def _is_enough(given: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return all(name in given and set(scopes) <= set(given[name]) for name, scopes in asked.items())


def main(arguments: list[str], today: str) -> int:
    """Release the document of today, or name what it breaks; the exit status."""
    if arguments == ["release"]:
        RELEASED.write_text(today)
        return 0
    if not RELEASED.exists():
        sys.stdout.write(f"{ABSENT}\n")
        return 1
    found = breaking(json.loads(RELEASED.read_text()), json.loads(today))
    sys.stdout.writelines(f"{one}\n" for one in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], document()))
