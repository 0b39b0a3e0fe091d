"""What breaks a client is named, what does not is let through; and today's API breaks nothing."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from api import compatibility
from api.compatibility import ABSENT, RELEASED, breaking, main
from api.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json = dict[str, Any]

TEXT: Final[Json] = {"type": "string"}
WHOLE: Final[Json] = {"type": "integer"}
NULL: Final[Json] = {"type": "null"}
REF: Final[Json] = {"$ref": "#/components/schemas/A"}


def an_object(required: str = "", **properties: Json) -> Json:
    """A closed object, with the names of what it requires."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def one_of(*choices: Json) -> Json:
    """Any of these."""
    return {"anyOf": list(choices)}


def api(**operation: Any) -> Json:  # noqa: ANN401 - as wide as an operation
    """A document of one operation."""
    operation.setdefault("responses", {"200": {}})
    schemas = operation.pop("schemas", {})
    path = operation.pop("path", "/x/{code}")
    method = operation.pop("method", "post")
    more = {"security": operation.pop("everywhere")} if "everywhere" in operation else {}
    return {"paths": {path: {method: operation}}, "components": {"schemas": schemas}, **more}


def asks(schema: Json, **schemas: Json) -> Json:
    """A document whose operation takes a body."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return api(requestBody=body, schemas=schemas)


def answers(schema: Json, **schemas: Json) -> Json:
    """A document whose operation answers."""
    return api(
        responses={"200": {"content": {"application/json": {"schema": schema}}}}, schemas=schemas
    )


def takes(*parameters: Json) -> Json:
    """A document whose operation has parameters."""
    return api(parameters=list(parameters))


def parameter(name: str = "q", place: str = "query", **more: Any) -> Json:  # noqa: ANN401 - as wide as JSON
    """A parameter."""
    return {"name": name, "in": place, "schema": TEXT} | more


@pytest.mark.parametrize(
    ("before", "after", "there", "back"),
    [
        # from one to the other breaks this, and the other way round that
        # -- operations
        (api(), {"paths": {}}, "/x/{code}: the path is gone", None),
        (
            api(),
            api(method="get"),
            "POST /x/{code}: the operation is gone",
            "the operation is gone",
        ),
        (api(), api(path="/x/{name}"), None, None),
        (api(), api(path="/y/{code}"), "the path is gone", "the path is gone"),
        (api(), api(deprecated=True, summary="x", operationId="y", tags=["z"]), None, None),
        # -- parameters
        (takes(), takes(parameter()), None, "query parameter q is gone"),
        (takes(), takes(parameter(required=True)), "q is new and required", "q is gone"),
        (takes(parameter()), takes(parameter(required=True)), "q is required now", None),
        (takes(parameter()), takes(parameter("Q")), "q is gone", "Q is gone"),
        (
            takes(parameter("X-Y", "header")),
            takes(parameter("x-y", "header")),
            None,
            None,
        ),
        (
            takes(parameter("code", "path", required=True)),
            takes(parameter("code", "path", required=True, schema={**TEXT, "maxLength": 9})),
            "path parameter 1 /: maxLength was not limited and is 9",
            None,
        ),
        (takes(parameter(schema=TEXT)), takes(parameter(schema=WHOLE)), "the type", "the type"),
        # -- bodies
        (api(), asks(TEXT), "a body is required now", "a body is no longer taken"),
        (asks(an_object()), asks(an_object(a=TEXT)), None, "body /a: the property is gone"),
        (asks(an_object(a=TEXT)), asks(an_object("a", a=TEXT)), "/a: the property is req", None),
        (asks(an_object()), asks(an_object("a", a=TEXT)), "/a: the property is req", "/a: the"),
        (asks(TEXT), asks({**TEXT, "maxLength": 5}), "maxLength was not limited and is 5", None),
        (
            asks({**TEXT, "maxLength": 5}),
            asks({**TEXT, "maxLength": 4}),
            "maxLength was 5 and is 4",
            None,
        ),
        (asks({**TEXT, "minLength": 1}), asks({**TEXT, "minLength": 2}), "minLength was 1", None),
        (asks({**WHOLE, "maximum": 5}), asks({**WHOLE, "maximum": 4}), "maximum was 5", None),
        (asks({**WHOLE, "minimum": 5}), asks({**WHOLE, "minimum": 6}), "minimum was 5", None),
        (asks({**WHOLE, "multipleOf": 6}), asks({**WHOLE, "multipleOf": 3}), None, "multipleOf"),
        (
            asks({"type": "array", "items": TEXT}),
            asks({"type": "array", "items": TEXT, "maxItems": 9, "uniqueItems": True}),
            "items must differ now",
            None,
        ),
        (asks({"type": "array", "items": TEXT}), asks({"type": "array"}), None, "/*: the type"),
        (asks(TEXT), asks({**TEXT, "pattern": "x"}), "the pattern was None and is x", None),
        (
            asks({**TEXT, "pattern": "y"}),
            asks({**TEXT, "pattern": "x"}),
            "the pattern was y and is x",
            "the pattern was x and is y",
        ),
        (asks(TEXT), asks({**TEXT, "format": "date"}), "the format was None and is date", None),
        (
            asks({**TEXT, "enum": ["a", "b"]}),
            asks({**TEXT, "enum": ["a"]}),
            "b is no longer accepted",
            None,
        ),
        (asks(TEXT), asks({**TEXT, "enum": ["a"]}), "any other value is no longer accepted", None),
        (asks({"const": "a"}), asks({"enum": ["a", "b"]}), None, "b is no longer accepted"),
        (asks(one_of(TEXT, NULL)), asks(TEXT), "the type was null and is string", None),
        (asks({"type": ["string", "null"]}), asks(TEXT), "the type was null, string and", None),
        (asks({"type": "number"}), asks(WHOLE), "the type was number and is integer", None),
        (asks({}), asks(TEXT), "the type was anything and is string", None),
        (
            asks({"type": "object"}),
            asks(an_object()),
            "unknown properties are no longer accepted",
            None,
        ),
        (
            asks({"type": "object"}),
            asks({"type": "object", "additionalProperties": TEXT}),
            "/*: the type was anything and is string",
            None,
        ),
        (
            asks({"type": "object", "additionalProperties": WHOLE}),
            asks({"type": "object", "additionalProperties": TEXT}),
            "/*: the type was integer and is string",
            "/*: the type was string and is integer",
        ),
        (
            asks(one_of(an_object("a", a=TEXT, b=WHOLE), NULL)),
            asks(one_of(an_object("a", a=TEXT), NULL)),
            "body /b: the property is gone",
            None,
        ),
        # -- answers
        (answers(an_object()), answers(an_object(a=TEXT)), None, "200 /a: the property is gone"),
        (answers(an_object("a", a=TEXT)), answers(an_object(a=TEXT)), "may be missing now", None),
        (answers(TEXT), answers(WHOLE), "the type was string and is integer", "the type"),
        (answers(TEXT), answers(one_of(TEXT, NULL)), "the type was string and is null", None),
        (answers(WHOLE), answers({"type": "number"}), "the type was integer and is num", None),
        (answers({**TEXT, "format": "date"}), answers(TEXT), "the format was date", None),
        (answers({**TEXT, "pattern": "x"}), answers(TEXT), "the pattern was x and is None", None),
        (answers({**TEXT, "enum": ["a"]}), answers({**TEXT, "enum": ["a", "b"]}), None, None),
        (
            answers({**TEXT, "enum": ["a"]}),
            answers(TEXT),
            "it is no longer one of a",
            None,
        ),
        (answers({**TEXT, "maxLength": 5}), answers({**TEXT, "maxLength": 6}), None, None),
        (
            answers({"type": "array", "items": an_object(a=TEXT)}),
            answers({"type": "array", "items": an_object(a=WHOLE)}),
            "answer 200 /*/a: the type was string and is integer",
            "/*/a: the type",
        ),
        (
            answers({"type": "object", "additionalProperties": TEXT}),
            answers({"type": "object"}),
            "/*: the type was string and is anything",
            None,
        ),
        (api(), api(responses={"200": {}, "202": {}}), None, "answer 202 is gone"),
        (api(), api(responses={"200": {}, "404": {}}), None, None),
        (
            api(responses={"200": {"headers": {"Link": {}}}}),
            api(),
            "answer 200: header Link is gone",
            None,
        ),
        (api(), answers(TEXT), None, "answer 200 as application/json is gone"),
        # -- references
        (asks(REF, A=an_object(a=TEXT)), asks(an_object(a=TEXT)), None, None),
        (asks(REF, A=TEXT), asks(REF, A=WHOLE), "the type was string", "the type was integer"),
        (
            answers(REF, A=an_object("a", a=TEXT, next=one_of(REF, NULL))),
            answers(REF, A=an_object("a", a=WHOLE, next=one_of(REF, NULL))),
            "answer 200 /a: the type was string and is integer",
            "/a: the type",
        ),
        (
            answers(REF, A={"type": "array", "items": REF}),
            answers({"type": "array"}),
            "the type was array and is anything",
            None,
        ),
        (
            asks({"allOf": [an_object("a", a=TEXT), {"properties": {"b": TEXT}}]}),
            asks(an_object("a b", a=TEXT, b=TEXT)),
            "/b: the property is required now",
            None,
        ),
        # -- security
        (api(), api(security=[{"key": []}]), "to sign in by nothing is no longer enough", None),
        (api(), api(everywhere=[{"key": []}]), "by nothing is no longer enough", None),
        (api(everywhere=[{"key": []}]), api(security=[{"key": []}]), None, None),
        (
            api(security=[{"key": []}, {"cookie": []}]),
            api(security=[{"key": []}]),
            "to sign in by cookie is no longer enough",
            None,
        ),
        (
            api(security=[{"cookie": []}]),
            api(security=[{"cookie": [], "csrf": []}]),
            "to sign in by cookie is no longer enough",
            None,
        ),
        (
            api(security=[{"key": ["read"]}]),
            api(security=[{"key": ["read", "write"]}]),
            "by key is no longer enough",
            None,
        ),
    ],
)
def test_what_breaks_is_named(
    before: Json, after: Json, there: str | None, back: str | None
) -> None:
    """A change that widens one way narrows the other."""
    for old, new, expected in ((before, after, there), (after, before, back)):
        found = breaking(old, new)
        if expected is None:
            assert found == []
        else:
            assert [one for one in found if expected in one], found
        assert breaking(old, copy.deepcopy(old)) == []


def test_the_place_is_named() -> None:
    """Method, path, part and field."""
    before = answers(
        {"type": "object", "properties": {"items": {"type": "array", "items": REF}}},
        A=an_object(a=TEXT),
    )
    after = copy.deepcopy(before)
    after["components"]["schemas"]["A"] = an_object()
    assert breaking(before, after) == [
        "POST /x/{code}: answer 200 /items/*/a: the property is gone"
    ]


@pytest.fixture(scope="module")
def today() -> Json:
    """The document of today."""
    found: Json = json.loads(document())
    return found


def test_one_document_compares_with_itself(today: Json) -> None:
    """The whole of today's, with all its references."""
    assert breaking(today, copy.deepcopy(today)) == []


def test_no_operation_of_today_is_passed_over(today: Json) -> None:
    """The loss of any is named, and of any answer, and of any property of a body or an answer."""
    losses = 0
    for path, methods in today["paths"].items():
        before = today | {"paths": {path: methods}}
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            others = {one: methods[one] for one in methods if one != method}
            gone = today | {"paths": {path: others}}
            assert breaking(before, gone) == [f"{name}: the operation is gone"]
            for pointer, holder, schemas in _losses(operation, today["components"]["schemas"]):
                less = before | {"components": {**today["components"], "schemas": schemas}}
                found = breaking(before, less)
                assert f"{name}: {holder} {pointer}: the property is gone" in found
                losses += 1
    assert losses > len(today["paths"])


def _losses(operation: Json, schemas: Json) -> Iterator[tuple[str, str, Json]]:
    """Every property of the body and the answers of an operation, with all schemas but for it."""
    holders = {f"answer {status}": one for status, one in operation["responses"].items()}
    holders = {name: one for name, one in holders.items() if name.startswith("answer 2")}
    holders |= {"body": operation["requestBody"]} if "requestBody" in operation else {}
    for holder, one in holders.items():
        content = one.get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        for lost in schemas.get(name, {}).get("properties", {}):
            kept = {k: v for k, v in schemas[name]["properties"].items() if k != lost}
            yield f"/{lost}", holder, schemas | {name: schemas[name] | {"properties": kept}}


def test_the_api_of_today_breaks_nothing_that_was_released(today: Json) -> None:
    """Whoever changes it on purpose releases it anew."""
    assert RELEASED.exists(), ABSENT
    assert breaking(json.loads(RELEASED.read_text()), today) == []


def test_a_release_is_the_document_of_today(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    today: Json,
) -> None:
    """After it nothing breaks; what breaks is printed, and fails."""
    monkeypatch.setattr(compatibility, "RELEASED", tmp_path / "released.json")
    text = json.dumps(today)
    assert main([], text) == 1
    assert capsys.readouterr().out == f"{ABSENT}\n"
    assert main(["release"], text) == 0
    assert (tmp_path / "released.json").read_text() == text
    assert main([], text) == 0
    gone = today | {"paths": {**today["paths"], "/v1/gone": {"get": {}}}}
    (tmp_path / "released.json").write_text(json.dumps(gone))
    assert main([], text) == 1
    assert capsys.readouterr().out == "/v1/gone: the path is gone\n"
