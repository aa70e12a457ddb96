"""Frozen types ⇄ JSON, exactly: what is decoded equals what was encoded, and anything else is refused.

Enums are their values, days and moments ISO text, `Decimal` text, sets sorted lists, bytes Base64. A value whose
declared type is a union of dataclasses carries the class's name under ``"@"``. A stored object may lack a field
that has a default (it is older than the field); it may not hold one that the type does not know.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import operator
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
TAG: Final = "@"


class CodecError(ValueError):
    """A stored value is not of its type – the record was written by another version or changed by hand."""


def encode(value: object, hint: object | None = None) -> Any:
    """JSON for a value of type `hint`; a hint is needed for unions and containers. Raises CodecError."""
    return _encode(type(value) if hint is None else hint, value)


def decode(hint: Callable[..., T], data: object) -> T:
    """The value of a class. Raises CodecError."""
    return cast("T", _decode(hint, data))


def decode_as(hint: object, data: object) -> Any:
    """The value of a union or container such as ``MatchOutcome`` or ``tuple[Finding, ...]``. Raises CodecError."""
    return _decode(hint, data)


@cache
def _fields(kind: type) -> Mapping[str, tuple[object, bool]]:
    """Name → (declared type, whether it has a default)."""
    hints = get_type_hints(kind)
    return {
        field.name: (
            hints[field.name],
            field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
    }


def _union(hint: object) -> tuple[list[type], bool] | None:
    """The members of a union without None, and whether None is one; None for what is no union."""
    if get_origin(hint) not in {Union, types.UnionType}:
        return None
    members = [member for member in get_args(hint) if member is not type(None)]
    return members, len(members) < len(get_args(hint))


def _encode(hint: Any, value: Any) -> Any:
    union = _union(hint)
    if union is not None:
        return _encode_union(*union, value)
    if get_origin(hint) is not None:
        return _encode_container(hint, value)
    if hint in {float, int, str}:
        return _encode_scalar(hint, value)
    _of(hint, value)
    if dataclasses.is_dataclass(hint):
        kind = cast("type", hint)
        return {name: _encode(inner, getattr(value, name)) for name, (inner, _) in _fields(kind).items()}
    if isinstance(value, Enum):
        return value.value
    if hint not in _WRITE:
        raise CodecError(f"no JSON for {hint}")
    return _WRITE[hint](value)


def _encode_scalar(hint: type, value: Any) -> Any:
    """A number or text; NumPy's numbers and text enums are taken for what they equal, truth values are no numbers."""
    if hint is float and isinstance(value, float | int) and not isinstance(value, bool):
        return _finite(float(value))
    if hint is int and hasattr(value, "__index__") and not isinstance(value, bool):
        return operator.index(value)
    if hint is str and isinstance(value, str):
        return str(value)
    raise CodecError(f"{type(value).__name__} where {hint.__name__} belongs")


def _encode_union(members: list[Any], optional: bool, value: Any) -> Any:  # noqa: FBT001 - what `_union` says
    if value is None and optional:
        return None
    if len(members) == 1:
        return _encode(members[0], value)
    if type(value) in members and dataclasses.is_dataclass(value):
        return {TAG: type(value).__name__, **_encode(type(value), value)}
    raise CodecError(f"{type(value).__name__} is none of {members}")


def _encode_container(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return [_encode(kind, item) for kind, item in zip(_item_hints(hint, _of(tuple, value)), value, strict=True)]
    if origin is frozenset:
        return sorted(_encode(arguments[0], item) for item in _of(frozenset, value))
    if origin is Mapping:
        return {_encode(arguments[0], key): _encode(arguments[1], item) for key, item in _of(Mapping, value).items()}
    raise CodecError(f"no JSON for {hint}")


def _decode(hint: Any, data: Any) -> Any:
    union = _union(hint)
    if union is not None:
        return _decode_union(*union, data)
    if get_origin(hint) is not None:
        return _decode_container(hint, data)
    if dataclasses.is_dataclass(hint):
        return _decode_dataclass(cast("type", hint), _of(dict, data))
    try:
        if isinstance(hint, type) and issubclass(hint, Enum):
            return hint(_of(str if issubclass(hint, str) else int, data))
        if hint in _READ:
            stored, read = _READ[hint]
            return read(_of(stored, data))
    except CodecError:
        raise
    except (ValueError, InvalidOperation) as error:
        raise CodecError(str(error)) from error
    raise CodecError(f"no {hint} in JSON")


def _decode_union(members: list[Any], optional: bool, data: Any) -> Any:  # noqa: FBT001 - what `_union` says
    if data is None and optional:
        return None
    if len(members) == 1:
        return _decode(members[0], data)
    body = dict(_of(dict, data))
    name = body.pop(TAG, None)
    for member in members:
        if member.__name__ == name:
            return _decode(member, body)
    raise CodecError(f"{name!r} is none of {members}")


def _decode_container(hint: Any, data: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple(_decode(kind, item) for kind, item in zip(_item_hints(hint, _of(list, data)), data, strict=True))
    if origin is frozenset:
        return frozenset(_decode(arguments[0], item) for item in _of(list, data))
    if origin is Mapping:
        return {_decode(arguments[0], key): _decode(arguments[1], item) for key, item in _of(dict, data).items()}
    raise CodecError(f"no {hint} in JSON")


def _decode_dataclass(kind: type, data: Mapping[str, Any]) -> Any:
    fields = _fields(kind)
    unknown = data.keys() - fields.keys()
    if unknown:
        raise CodecError(f"{kind.__name__} has no {sorted(unknown)}")
    values = {}
    for name, (hint, has_default) in fields.items():
        if name in data:
            values[name] = _decode(hint, data[name])
        elif not has_default:
            raise CodecError(f"{kind.__name__} lacks {name}")
    return kind(**values)


def _item_hints(hint: object, items: tuple[object, ...] | list[object]) -> tuple[object, ...]:
    arguments = get_args(hint)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return (arguments[0],) * len(items)
    if len(arguments) != len(items):
        raise CodecError(f"{len(items)} items for {hint}")
    return arguments


def _of(kind: Any, value: Any) -> Any:
    """The value, when it is exactly of that kind (True is no number, a datetime is no day)."""
    exact = type(value) is kind or (kind is Mapping and isinstance(value, Mapping))
    if not exact:
        raise CodecError(f"{type(value).__name__} where {getattr(kind, '__name__', kind)} belongs")
    return value


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise CodecError("a moment needs a time zone")
    return moment


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise CodecError(f"{number} is no number JSON knows")
    return number


def _finite_decimal(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise CodecError(f"{number} is no amount")
    return number


_WRITE: Final[dict[Any, Callable[[Any], Any]]] = {
    bool: bool,
    Decimal: lambda value: str(_finite_decimal(value)),
    date: date.isoformat,
    datetime: lambda value: _aware(value).isoformat(),
    bytes: lambda value: base64.b64encode(value).decode("ascii"),
}
_READ: Final[dict[Any, tuple[type, Callable[[Any], Any]]]] = {
    bool: (bool, bool),
    int: (int, int),
    str: (str, str),
    float: (float, _finite),
    Decimal: (str, lambda text: _finite_decimal(Decimal(text))),
    date: (str, date.fromisoformat),
    datetime: (str, lambda text: _aware(datetime.fromisoformat(text))),
    bytes: (str, lambda text: base64.b64decode(text, validate=True)),
}
