"""Finds the words of forms for the catalogues.

Babel calls `extract` by the entry point `casework_form` for every YAML file that
`casework.packaging.catalogues` names. Every text that people read is a message: titles, questions, help, units, prefixes
and the labels of options.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from casework.forms.source import compose, line_of

READ_BY_PEOPLE = frozenset({"title", "text", "help", "label", "unit", "prefix"})
LISTS = frozenset({"items", "options"})

Found = tuple[int, None, str, list[str]]


def extract(
    file: IO[bytes],
    keywords: Mapping[str, Any],  # noqa: ARG001 - Babel's signature; it passes options by name.
    comment_tags: list[str],  # noqa: ARG001
    options: Mapping[str, Any],  # noqa: ARG001
) -> Iterator[Found]:
    """Every message of one form with its line; the id of its item goes along as a comment."""
    name = str(getattr(file, "name", "form.yaml"))
    yield from _messages(compose(file.read().decode("utf-8"), name), [])


def _messages(node: Node, comments: list[str]) -> Iterator[Found]:
    if not isinstance(node, MappingNode):
        return
    identity = next(
        (f"{key.value}: {value.value}" for key, value in node.value if key.value in {"form", "id"}), None
    )
    comments = [identity] if identity else comments
    for key, value in node.value:
        if key.value in READ_BY_PEOPLE and isinstance(value, ScalarNode) and value.value.strip():
            yield line_of(key), None, value.value.strip(), comments
        elif key.value in LISTS and isinstance(value, SequenceNode):
            for child in value.value:
                yield from _messages(child, comments)
