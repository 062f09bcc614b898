"""Queries that each request asks, and changes that it makes: their SQL is made once.

To find or change one row by its key takes Django longer to write the SQL than the database to
answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import ValuesListIterable, get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

__all__ = ["Given", "Prepared", "PreparedChange", "insert", "save_fields"]

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
        return self.output_field.get_db_prep_save(given[self.name], connection)


@dataclass(frozen=True)
class _Compiled:
    """A queryset's SQL for one kind of database, and how its rows become what is asked for."""

    sql: str
    parameters: tuple[Any, ...]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Expression]]
    shape: Callable[[list[Any]], Any]

    def first(self, given: Mapping[str, Any]) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, _values(self.parameters, given))
            found = cursor.fetchone()
        return None if found is None else self._made(found)

    def all(self, given: Mapping[str, Any]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, _values(self.parameters, given))
            found = cursor.fetchall()
        return [self._made(row) for row in found]

    def _made(self, row: Sequence[Any]) -> Any:
        return self.shape(self._converted(list(row)))

    def _converted(self, row: list[Any]) -> list[Any]:
        for position, converters, expression in self.converters:
            for converter in converters:
                row[position] = converter(row[position], expression, connection)
        return row


class Prepared(Generic[Row]):
    """A lookup, compiled at its first use on each kind of database.

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
        return cast("Row | None", self._here().first(given))

    def all(self, **given: Any) -> list[Row]:
        """All rows.

        Args:
            **given: As for :meth:`first`.

        Raises:
            TransactionManagementError: As for :meth:`first`.
        """
        return self._here().all(given)

    def _here(self) -> _Compiled:
        """For the kind of database that is asked."""
        kind = connection.vendor
        if kind not in self._compiled:
            self._compiled[kind] = _compile(self._build())
        return self._compiled[kind]


class PreparedChange:
    """A change of rows, compiled at its first use on each kind of database.

    Args:
        build: Makes the queryset of the rows, and the new value of each field to change; both with
            :class:`Given` for what differs from one time to the next.
    """

    def __init__(self, build: Callable[[], tuple[QuerySet[Any], Mapping[str, Any]]]) -> None:
        self._build = build
        self._compiled: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def run(self, **given: Any) -> int:
        """Changes the rows; returns how many.

        Args:
            **given: A value for each :class:`Given`, by its name.
        """
        kind = connection.vendor
        if kind not in self._compiled:
            self._compiled[kind] = _compile_change(*self._build())
        sql, parameters = self._compiled[kind]
        with connection.cursor() as cursor:
            cursor.execute(sql, _values(parameters, given))
            return int(cursor.rowcount)


def insert(rows: Sequence[Model]) -> None:
    """Writes new rows of one model; ``bulk_create(rows)`` for models whose keys they bring along.

    Args:
        rows: At least one; what they refer to is stored already.

    Raises:
        IntegrityError: A constraint forbids one of them.
    """
    model = type(rows[0])
    fields = model._meta.concrete_fields
    sql, parameters = _insertion(model, len(rows), connection.vendor)
    given = {
        _named(field, place): getattr(row, field.attname)
        for place, row in enumerate(rows)
        for field in fields
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(parameters, given))
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def save_fields(row: Model, *names: str) -> None:
    """Writes these fields of a row; ``row.save(update_fields=names)`` without signals.

    Args:
        row: Found before, so that it is there.
        names: Of its fields, foreign keys excepted; always in one order for one purpose.

    Raises:
        DatabaseError: The row is gone.
    """
    sql, parameters = _update(type(row), names, connection.vendor)
    given = {name: getattr(row, name) for name in names} | {"pk": row.pk}
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(parameters, given))
        if cursor.rowcount != 1:
            raise DatabaseError(f"{type(row).__name__}: the row to change is gone")


def _values(parameters: Sequence[Any], given: Mapping[str, Any]) -> list[Any]:
    return [one.value(given) if isinstance(one, Given) else one for one in parameters]


@cache
def _update(
    model: type[Model], names: tuple[str, ...], _vendor: str
) -> tuple[str, tuple[Any, ...]]:
    """The SQL of a change of one row; one for each kind of database."""
    key = model._meta.pk
    assert key is not None
    new = {
        name: Given(name, cast("Field[Any, Any]", model._meta.get_field(name))) for name in names
    }
    return _compile_change(model._base_manager.filter(pk=Given("pk", key)), new)


def _compile_change(found: QuerySet[Any], new: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    query = cast(UpdateQuery, found.query.chain(UpdateQuery))
    query.add_update_values(dict(new))
    sql, parameters = query.get_compiler(using=DEFAULT_DB_ALIAS).as_sql()
    return sql, tuple(parameters)


@cache
def _insertion(model: type[Model], number: int, _vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The SQL that writes so many rows; one for each kind of database."""
    fields = model._meta.concrete_fields
    rows: list[Any] = [
        SimpleNamespace(**{one.attname: Given(_named(one, place), one) for one in fields})
        for place in range(number)
    ]
    query = InsertQuery(model)
    query.insert_values(fields, rows, raw=True)
    ((sql, parameters),) = query.get_compiler(using=DEFAULT_DB_ALIAS).as_sql()
    return sql, tuple(parameters)


def _named(field: Field[Any, Any], place: int) -> str:
    return f"{field.attname} {place}"


def _compile(queryset: QuerySet[Any, Any]) -> _Compiled:
    compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select or []])
    return _Compiled(
        sql,
        tuple(parameters),
        [(position, *rest) for position, rest in converters.items()],
        tuple if issubclass(queryset._iterable_class, ValuesListIterable) else _shape(compiler),
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
