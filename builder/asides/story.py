"""`story {character=jeanne}`: something that happens to one of the course's characters."""

from __future__ import annotations

from difflib import get_close_matches

from builder.asides import BlockWriter, Directive

NAME = "story"
ATTRIBUTES = frozenset({"character"})


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write a box with the character's name, age, role and dates.

    Reports a story without character (Q450) and one who is in no `characters.yml` (Q451).
    """
    value = directive.attributes.values.get("character")
    character = writer.characters.get(value.text) if value else None
    if value is None or value.is_flag:
        directive.report(writer, "Q450", directive.span)
    elif character is None:
        known = sorted(writer.characters)
        near = get_close_matches(value.text, known, 1, 0.5)
        suggestion = near[0] if near else ", ".join(known) or "-"
        directive.report(writer, "Q451", value.span, name=value.text[:40], suggestion=suggestion)
    writer.write('<div class="story">\n')
    if character is not None:
        age = writer.words["story_age"].format(age=character.age) if character.age.isdigit() else character.age
        facts = writer.words["separator"].join(part for part in (age, character.role, character.dates) if part)
        more = f' <span class="story-facts">{writer.text(facts)}</span>' if facts else ""
        writer.write(f'<p class="story-who"><strong>{writer.text(character.name)}</strong>{more}</p>\n')
    writer.blocks(directive.tokens)
    writer.write("</div>\n")
