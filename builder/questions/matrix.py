"""`matrix`: answers rows with the same columns: a table with `[x]` and `[ ]` in its cells (language, "Questions")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it.token import Token

from builder.markdown import cell_count
from builder.model import LETTERS, Component, Interaction, Part, Question
from builder.questions import Draft, Letters, Pieces, Reading
from builder.questions._lists import check_texts, shown, text_of
from builder.strings import counted

NAME = "matrix"
ATTRIBUTES = frozenset({"multiple"})
FEEDBACK = ">"
"""The heading of the column that holds what is said of each row."""
_MARK = re.compile(r"\[([ \u00a0\u202fxX])\]")
_LINKS = re.compile(r"<a |\bid=\"")
_MANY = 4
"""Columns from which a table is narrow early."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table: its 0-based line, and the inline tokens of its cells."""

    line: int
    cells: tuple[Token, ...]


def read(reading: Reading) -> Draft | None:
    """Read the last table as answers; everything before it is the prompt."""
    body, writer = reading.body, reading.writer
    last = max((index for index, block in enumerate(body) if block[0].type == "table_open"), default=None)
    if last is None:
        reading.report("Q710", reading.place(body[-1]) if body else reading.span)
        return None
    if last + 1 < len(body):
        reading.after_answers(body[last + 1])
    for block in body[:last]:
        if block[0].type == "table_open" and any(_is_mark(cell) for row in _rows(block) for cell in row.cells):
            reading.report("Q711", reading.place(block))
    prompt = [token for block in body[:last] for token in block]
    if not prompt:
        reading.report("Q113", reading.span)
    head, *rows = _rows(body[last])
    columns, said = _columns(reading, head)
    if not rows or len(columns) < 2:
        reading.report("Q712", reading.place(body[last]), rows=len(rows), columns=len(columns))
    multiple = reading.attributes.flag("multiple")
    columns = _marked(reading, head, rows, columns)
    read_rows = [_part(reading, row, head, columns) for row in rows]
    parts = tuple(part for part, _ in read_rows)
    if rows and len(columns) > 1:
        _check_marks(reading, [part for part, is_whole in read_rows if is_whole], multiple)
    check_texts(reading, [part for part in parts if part.text], twice="Q717")
    for count, place in ((len(rows), parts), (len(columns), parts[0].children if parts else ())):
        if count > len(LETTERS):
            reading.report("Q114", place[len(LETTERS)].span, count=count, most=len(LETTERS))
    data = {
        "corner": {"html": writer.inline(head.cells[0])},
        "columns": [{"html": writer.inline(head.cells[index])} for index in columns],
        "rows": [
            {
                "html": writer.inline(row.cells[0]),
                "feedback": writer.html(row.cells[said : said + 1], is_feedback=True) if said else "",
            }
            for row in rows
        ],
    }
    return Draft(writer.html(prompt), parts, data, {"multiple": multiple})


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `choice` interaction a row; each row has letters of its own for the columns."""
    return tuple(
        Interaction(
            f"{question.id}.{letter}",
            "choice",
            letter,
            components=tuple(Component(own, cell.text) for cell, own in zip(part.children, columns, strict=True)),
            multiple=bool(question.settings["multiple"]),
            right=tuple(
                sorted((own for cell, own in zip(part.children, columns, strict=True) if cell.key), key=LETTERS.index)
            ),
            about=part.text,
        )
        for part, letter, columns in zip(question.parts, letters.parts, letters.children, strict=True)
    )


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many rows there are, and whether each takes several answers."""
    kind = "matrix_multiple" if question.settings["multiple"] else "matrix_single"
    return counted(words, kind, len(question.parts), language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return columns and rows, each cell with its letter and what it is called where the table is narrow."""
    columns = [{"number": number, **column} for number, column in enumerate(pieces.data["columns"], 1)]
    # What is written twice must not hold ids or links.
    labels = [
        {"html": escape(text_of(html)) if _LINKS.search(html) else html}
        for html in (column["html"] for column in columns)
    ]
    rows = [
        {
            "letter": letter,
            "cells": [
                {"letter": letter_of_cell, "number": number, "label": label}
                for number, (letter_of_cell, label) in enumerate(zip(children, labels, strict=True), 1)
            ],
            **row,
        }
        for letter, children, row in zip(letters.parts, letters.children, pieces.data["rows"], strict=True)
    ]
    return {
        "is_multiple": question.settings["multiple"],
        "is_wide": len(columns) >= _MANY,
        "width": len(columns) + 1,
        "corner": pieces.data["corner"],
        "columns": columns,
        "rows": rows,
    }


def _rows(block: Sequence[Token]) -> list[_Row]:
    """Return the rows of a table, the head first."""
    rows: list[_Row] = []
    line, cells = 0, list[Token]()
    for token in block:
        if token.type == "tr_open":
            line, cells = (token.map or [0])[0], []
        elif token.type == "inline":
            cells.append(token)
        elif token.type == "tr_close":
            rows.append(_Row(line, tuple(cells)))
    return rows


def _is_mark(cell: Token) -> bool:
    return _MARK.fullmatch(cell.content.strip()) is not None


def _columns(reading: Reading, head: _Row) -> tuple[list[int], int]:
    """Return the places of the columns to choose from, and that of the feedback (0: there is none)."""
    document = reading.writer.document
    last = len(head.cells) - 1
    said = [index for index, cell in enumerate(head.cells) if cell.content.strip() == FEEDBACK]
    for index in said:
        if index < last or not index:
            reading.report("Q719", document.span(head.cells[index]))
    columns = [index for index in range(1, len(head.cells)) if index not in said]
    named = [Part("", head.cells[index].content, "", document.span(head.cells[index])) for index in columns]
    for part in named:
        if not part.text.strip():
            reading.report("Q716", part.span)
    check_texts(reading, [part for part in named if part.text.strip()], twice="Q717")
    return columns, last if last in said else 0


def _marked(reading: Reading, head: _Row, rows: Sequence[_Row], columns: list[int]) -> list[int]:
    """Return the columns without the last one where that holds words only, beside others with marks: reported once."""
    if len(columns) < 2:
        return columns
    *others, last = columns
    words = [row.cells[last].content.strip() for row in rows]
    is_words = any(words) and not any("[" in word for word in words)
    if is_words and any(_is_mark(row.cells[index]) for row in rows for index in others):
        reading.report(
            "Q709", reading.writer.document.span(head.cells[last]), text=head.cells[last].content.strip()[:60]
        )
        return others
    return columns


def _check_marks(reading: Reading, parts: Sequence[Part], multiple: bool) -> None:
    """Report rows without right answer, and the first of those with several that may have one."""
    is_told = multiple
    for part in parts:
        right = sum(bool(child.key) for child in part.children)
        if not right:
            reading.report("Q714", part.span, text=shown(part))
        if right > 1 and not is_told:
            reading.report("Q715", part.span, text=shown(part), count=right)
            is_told = True


def _part(reading: Reading, row: _Row, head: _Row, columns: Sequence[int]) -> tuple[Part, bool]:
    """Return a row as the lock sees it, its columns as its children, and whether all its marks were understood.

    Of cells without mark the first is reported: the others are most often the same slip.
    """
    document = reading.writer.document
    line = document.line_span(row.line)
    count, width = cell_count(document.lines[row.line]), len(head.cells)
    if count > width:
        reading.report("S166", line, count=count, columns=width)
    elif count < width:
        reading.report("Q718", line, count=count, columns=width)
    name = row.cells[0]
    if not name.content.strip():
        reading.report("Q716", document.span(name))
    children, is_whole = list[Part](), count == width
    for index in columns:
        mark, span = _MARK.fullmatch(row.cells[index].content.strip()), line
        if index < count:
            span = document.span(row.cells[index])
            if mark is None and is_whole:
                reading.report("Q713", span)
                is_whole = False
        children.append(Part("", head.cells[index].content, "x" if mark and mark[1] in "xX" else "", span))
    return Part("", name.content, "", document.span(name), tuple(children)), is_whole
