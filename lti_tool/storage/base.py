"""The declarative base: names of constraints are fixed so that migrations can find them."""

import uuid
from typing import Any, ClassVar

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; `dict` and `list` annotations become JSON columns."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {dict[str, Any]: JSON, list[Any]: JSON}


def new_id() -> str:
    """A random UUID as 32 hex digits; ids are never counted up, so they tell nothing (S22)."""
    return uuid.uuid4().hex
