"""What a change of a JSON schema breaks, for who sends by it or for who reads by it.

Who sends by the old schema must go on being accepted: nothing may become required, narrower
or unknown. Who reads by the old schema must go on finding what it promised: nothing may be
gone, become optional, or turn into something else. Three things are additions, and break
nothing: new values of an enumeration in an answer (whoever reads one meets values that they
do not know), wider limits in an answer, and new properties in an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]

_ANY: Final = frozenset({"null", "boolean", "object", "array", "number", "string"})
_MOST: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LEAST: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_CHOICES: Final = ("anyOf", "oneOf")
_NOTHING: Final[Schema] = {"type": []}
_ANYTHING: Final[Schema] = {}
"""The schemas `false` and `true`."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Compares schemas of two documents, as who sends or who reads by the old one sees them."""

    before: Schema
    after: Schema
    """The documents, in which references are looked up."""
    sends: bool

    def breaking(
        self,
        old: Schema,
        new: Schema,
        where: str = "",
        seen: frozenset[tuple[int, int]] = frozenset(),
    ) -> list[str]:
        """What breaks, each with a pointer to where; none for what is being compared already."""
        old, new = resolved(old, self.before), resolved(new, self.after)
        if (pair := (id(old), id(new))) in seen:
            return []
        seen |= {pair}
        old_ones = _alternatives(old, self.before)
        new_ones = _alternatives(new, self.after)
        if len(old_ones) == len(new_ones) == 1:
            return list(self._simple(old_ones[0], new_ones[0], where, seen))
        found: list[str] = []
        for one in old_ones if self.sends else new_ones:
            pairs = [(one, n) for n in new_ones] if self.sends else [(o, one) for o in old_ones]
            found += self._nearest(pairs, where, seen)
        return list(dict.fromkeys(found))

    def _nearest(
        self, pairs: list[tuple[Schema, Schema]], where: str, seen: frozenset[tuple[int, int]]
    ) -> list[str]:
        """What breaks between the two that agree best; nothing if any two agree."""
        found = [
            (_types(old) != _types(new), list(self._simple(old, new, where, seen)))
            for old, new in pairs
        ]
        if any(not breaks for _, breaks in found):
            return []
        return min(found, key=lambda one: (one[0], len(one[1])))[1]

    def _simple(
        self, old: Schema, new: Schema, where: str, seen: frozenset[tuple[int, int]]
    ) -> Iterator[str]:
        """What breaks between two schemas without alternatives."""
        at = where or "/"
        narrow, wide = (old, new) if self.sends else (new, old)
        if extra := _types(narrow) - _types(wide):
            yield f"{at}: the type was {_named(old)} and is {_named(new)} ({_listed(extra)})"
            return
        yield from self._values(old, new, at)
        if self.sends:
            yield from _narrowed(old, new, at)
        if "object" in _types(old) & _types(new):
            yield from self._object(old, new, where, seen)
        if "array" in _types(old) & _types(new) and ("items" in old or "items" in new):
            items = old.get("items", _ANYTHING), new.get("items", _ANYTHING)
            yield from self.breaking(*items, f"{where}/*", seen)

    def _values(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        """Changes of enumeration, format and pattern."""
        was, is_ = _enumerated(old), _enumerated(new)
        if self.sends and is_ is not None and (was is None or not was <= is_):
            lost = "any other value" if was is None else _listed(was - is_)
            yield f"{at}: {lost} is no longer accepted"
        if not self.sends and was is not None and is_ is None:
            yield f"{at}: it is no longer one of {_listed(was)}"
        for keyword in ("format", "pattern"):
            before, after = old.get(keyword), new.get(keyword)
            if before != after and (after if self.sends else before) is not None:
                yield f"{at}: the {keyword} was {before} and is {after}"

    def _object(
        self, old: Schema, new: Schema, where: str, seen: frozenset[tuple[int, int]]
    ) -> Iterator[str]:
        """Changes of properties."""
        was, is_ = old.get("properties", {}), new.get("properties", {})
        required_before, required = set(old.get("required", ())), set(new.get("required", ()))
        for name in was:
            if name not in is_:
                yield f"{where}/{name}: the property is gone"
            else:
                yield from self.breaking(was[name], is_[name], f"{where}/{name}", seen)
        if self.sends:
            for name in sorted(required - required_before):
                yield f"{where}/{name}: the property is required now"
        else:
            for name in sorted((required_before - required) & set(is_)):
                yield f"{where}/{name}: the property may be missing now"
        yield from self._others(old, new, where, seen)

    def _others(
        self, old: Schema, new: Schema, where: str, seen: frozenset[tuple[int, int]]
    ) -> Iterator[str]:
        """Changes of what properties without a name in the schema may be."""
        was, is_ = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if self.sends and is_ is False and was is not False:
            yield f"{where or '/'}: unknown properties are no longer accepted"
        elif isinstance(was, Mapping) or (self.sends and isinstance(is_, Mapping) and was):
            old_one = was if isinstance(was, Mapping) else _ANYTHING
            new_one = is_ if isinstance(is_, Mapping) else _ANYTHING
            if is_ is not False:
                yield from self.breaking(old_one, new_one, f"{where}/*", seen)


def resolved(schema: Any, document: Schema) -> Schema:  # noqa: ANN401 - true and false are schemas
    """What a schema, or anything else in a document, refers to; itself where it does not."""
    followed: set[str] = set()
    while isinstance(schema, Mapping) and "$ref" in schema and schema["$ref"] not in followed:
        followed.add(schema["$ref"])
        schema = _at(schema["$ref"], document)
    if schema is False:
        return _NOTHING
    return schema if isinstance(schema, Mapping) else _ANYTHING


def _at(reference: str, document: Schema) -> Any:  # noqa: ANN401 - whatever stands there
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def _alternatives(schema: Schema, document: Schema) -> list[Schema]:
    """The schemas of which one has to hold, each with what holds beside them."""
    schema = _merged(schema, document)
    for keyword in _CHOICES:
        if keyword in schema:
            beside = {name: value for name, value in schema.items() if name not in _CHOICES}
            return [
                {**beside, **alternative}
                for choice in schema[keyword]
                for alternative in _alternatives(resolved(choice, document), document)
            ]
    return [schema]


def _merged(schema: Schema, document: Schema) -> Schema:
    """A schema with all that `allOf` adds to it."""
    if "allOf" not in schema:
        return schema
    found: dict[str, Any] = {}
    own = {name: value for name, value in schema.items() if name != "allOf"}
    for part in (*(_merged(resolved(p, document), document) for p in schema["allOf"]), own):
        properties = {**found.get("properties", {}), **part.get("properties", {})}
        required = [*found.get("required", ()), *part.get("required", ())]
        found |= part
        found |= {"properties": properties} if properties else {}
        found |= {"required": required} if required else {}
    return found


def _types(schema: Schema) -> frozenset[str]:
    """The JSON types that a schema allows; of numbers, `integer` where no other will do."""
    said = schema.get("type")
    if said is None:
        values = _enumerated(schema)
        return _ANY | {"integer"} if values is None else frozenset(map(_type_of, values))
    types = frozenset([said] if isinstance(said, str) else said)
    return types | {"integer"} if "number" in types else types


def _type_of(value: object) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return kinds.get(type(value), "null")


def _enumerated(schema: Schema) -> frozenset[Any] | None:
    """The only values that a schema allows, if it says which."""
    if "const" in schema:
        return frozenset([schema["const"]])
    return frozenset(schema["enum"]) if "enum" in schema else None


def _narrowed(old: Schema, new: Schema, at: str) -> Iterator[str]:
    """Limits on what is sent that are tighter than they were."""
    for keywords, tighter in ((_MOST, -1), (_LEAST, 1)):
        for keyword in keywords:
            before, after = old.get(keyword), new.get(keyword)
            if after is not None and (before is None or (after - before) * tighter > 0):
                yield f"{at}: {keyword} was {_said(before)} and is {after}"
    before, after = old.get("multipleOf"), new.get("multipleOf")
    if after is not None and (before is None or before % after):
        yield f"{at}: multipleOf was {_said(before)} and is {after}"
    if new.get("uniqueItems") and not old.get("uniqueItems"):
        yield f"{at}: items must differ now"


def _said(limit: object) -> str:
    return "not limited" if limit is None else str(limit)


def _named(schema: Schema) -> str:
    types = _types(schema)
    return "anything" if types >= _ANY else _listed(types - {"integer"} or types)


def _listed(values: frozenset[Any]) -> str:
    return ", ".join(sorted(map(str, values)))
