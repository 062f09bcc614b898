"""Queries that each request asks: their SQL is made once, not each time.

To find one row by its key takes Django longer to write the SQL than the database to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

__all__ = ["Given", "Prepared"]

Row = TypeVar("Row")


class Given(Expression):
    """Stands in a queryset's filter for a value that is given later.

    Args:
        name: What the value is called when it is given.
        field: Of the kind that it is compared with; brings it into the database's form.
    """

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        """A placeholder, and this itself in the place of its value."""
        return "%s", (self,)

    def value(self, given: Mapping[str, Any]) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(given[self.name], connection, prepared=False)


@dataclass(frozen=True)
class _Compiled:
    """A queryset's SQL for one kind of database, and how its rows become what is asked for."""

    sql: str
    parameters: tuple[Any, ...]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Expression]]
    shape: Callable[[list[Any]], Any]

    def first(self, given: Mapping[str, Any]) -> Any:
        values = [one.value(given) if isinstance(one, Given) else one for one in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            found = cursor.fetchone()
        return None if found is None else self.shape(self._converted(list(found)))

    def _converted(self, row: list[Any]) -> list[Any]:
        for position, converters, expression in self.converters:
            for converter in converters:
                row[position] = converter(row[position], expression, connection)
        return row


class Prepared(Generic[Row]):
    """A lookup of at most one row, compiled at its first use on each kind of database.

    Args:
        build: Makes the queryset, with :class:`Given` for what differs from one time to the next:
            one of a model, with or without ``select_related``, or one of ``values_list``.

    Example:
        >>> from django.db.models import CharField
        >>> from netgloss.server.people.models import Panel
        >>> by_name = Prepared(lambda: Panel.objects.filter(name=Given("name", CharField())))
        >>> # and in a request: by_name.first(name="prolific")
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def first(self, **given: Any) -> Row | None:
        """The row, or None.

        Args:
            **given: A value for each :class:`Given`, by its name.

        Raises:
            TransactionManagementError: At its first use, a locking query outside a transaction.
        """
        kind = connection.vendor
        if kind not in self._compiled:
            self._compiled[kind] = _compile(self._build())
        return cast("Row | None", self._compiled[kind].first(given))


def _compile(queryset: QuerySet[Any, Any]) -> _Compiled:
    compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select or []])
    return _Compiled(
        sql,
        tuple(parameters),
        [(position, *rest) for position, rest in converters.items()],
        tuple if queryset.query.values_select else _shape(compiler),
    )


def _shape(compiler: SQLCompiler) -> Callable[[list[Any]], Model]:
    """What makes an instance of a row, with those that the queryset selects along with it."""
    about, select = compiler.klass_info or {}, compiler.select or []
    model, columns = about["model"], about["select_fields"]
    first, end = columns[0], columns[-1] + 1
    names = [cast(Any, column).target.attname for column, *_ in select[first:end]]
    # As an untyped function: the stubs are those of a later Django, which wants one thing more.
    related = cast(Any, get_related_populators)(about, select, DEFAULT_DB_ALIAS)

    def make(row: list[Any]) -> Model:
        made: Model = model.from_db(DEFAULT_DB_ALIAS, names, row[first:end])
        for populator in related:
            populator.populate(row, made)
        return made

    return make
