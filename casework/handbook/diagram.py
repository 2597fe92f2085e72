"""A workflow as a drawing: states as boxes by steps, moves as numbered arrows. SVG, the same for the same workflow."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from casework.i18n import Message
from casework.programs import BACK, SAME, Move, State, Workflow

BOX_WIDTH, BOX_HEIGHT, LINE = 112, 36, 11
GAP_ACROSS, GAP_DOWN = 34, 46
CHARACTERS = 17
"""Half-width characters of one line in a box; a Chinese character counts two."""

IN_A_ROW = 4

FEW = 2
"""A move from more states than these is told in words; its arrows would hide the others."""

_TONES = {"before": "#eef2f4", "active": "#e4f0ee", "paused": "#fdf1d9", "done": "#ece9e1"}


@dataclass(frozen=True)
class Drawn:
    """The drawing, and the moves by the numbers that stand on its arrows."""

    svg: str
    moves: Sequence[tuple[int, Move]]


def draw(workflow: Workflow, say: Callable[[Message], str], label: str) -> Drawn:
    """Draw a workflow in the words of `say`; `label` is what a reader hears instead of the drawing.

    Moves that stay where they are, go back to the state before or start from many states have a number
    in the table and no arrow.
    """
    numbered = list(enumerate(workflow.moves, 1))
    arrows: dict[tuple[str, str], list[int]] = {}
    for number, move in numbered:
        if move.target not in (SAME, BACK) and len(move.sources) <= FEW:
            for source in set(move.sources) - {move.target}:
                arrows.setdefault((source, move.target), []).append(number)
    places = _places(workflow, arrows)
    across = max(x for x, _y in places.values()) + BOX_WIDTH
    down = max(y for _x, y in places.values()) + BOX_HEIGHT
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" class="workflow"'
        f' viewBox="-14 -6 {across + 28} {down + 12}" aria-label={quoteattr(label)}>'
    )
    parts = [opening]
    parts += [_arrow(places[source], places[target], numbers) for (source, target), numbers in arrows.items()]
    parts += [_box(state, places[state.key], say) for state in workflow.states]
    return Drawn("".join([*parts, "</svg>"]), numbered)


def _places(workflow: Workflow, edges: Iterable[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """The upper left corner of each box: rows as the layout found them, and below them the states that
    no arrow touches.
    """
    from fast_sugiyama import from_edges

    keys = [state.key for state in workflow.states]
    order = {key: place for place, key in enumerate(keys)}
    ahead = sorted({(order[a], order[b]) for a, b in edges if order[a] < order[b]})
    layout: Any = from_edges(ahead, vertex_spacing=BOX_WIDTH + GAP_ACROSS) if ahead else None
    found = layout.to_dict() if layout is not None else {}
    by_height: dict[float, list[tuple[float, int]]] = {}
    for place, (x, y) in found.items():
        if int(place) < len(keys):  # the others are points on the way of long arrows
            by_height.setdefault(round(y, 3), []).append((x, int(place)))
    rows = [[place for _x, place in sorted(by_height[y])] for y in sorted(by_height)]
    if rows and rows[0] and min(rows[0]) > min(rows[-1]):
        rows.reverse()
    apart = [place for place in range(len(keys)) if not any(place in row for row in rows)]
    rows += [apart[at : at + IN_A_ROW] for at in range(0, len(apart), IN_A_ROW)]
    widest = max(len(row) for row in rows)
    return {
        keys[place]: (
            (widest - len(row)) * (BOX_WIDTH + GAP_ACROSS) // 2 + column * (BOX_WIDTH + GAP_ACROSS),
            level * (BOX_HEIGHT + GAP_DOWN),
        )
        for level, row in enumerate(rows)
        for column, place in enumerate(row)
    }


def _box(state: State, place: tuple[int, int], say: Callable[[Message], str]) -> str:
    x, y = place
    lines = _lines(say(state.title))
    first = y + BOX_HEIGHT / 2 - (len(lines) - 1) * LINE / 2 + 3.5
    text = "".join(
        f'<text x="{x + BOX_WIDTH / 2:g}" y="{first + number * LINE:g}" text-anchor="middle" font-size="10">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )
    return (
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="4" fill="{_TONES[state.phase]}"'
        f' stroke="#0d5c5e" stroke-width="1"/>{text}'
    )


def _lines(text: str) -> list[str]:
    """The text in at most two lines; what is longer is set smaller by none, so it is cut with an ellipsis."""
    lines, line, width = [], "", 0
    for word in _words(text):
        broad = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in word)
        if width + broad > CHARACTERS and line:
            lines.append(line.strip())
            line, width = "", 0
        line, width = line + word, width + broad
    lines.append(line.strip())
    return lines if len(lines) <= 3 else [*lines[:2], lines[2] + "…"]  # noqa: PLR2004 - three lines fill a box


def _words(text: str) -> list[str]:
    """Where a text may be broken: after a space, and around each Chinese character."""
    words = [""]
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            words += [character, ""]
        else:
            words[-1] += character
            if character == " ":
                words.append("")
    return [word for word in words if word]


def _arrow(source: tuple[int, int], target: tuple[int, int], numbers: Sequence[int]) -> str:
    (x1, y1), (x2, y2) = _edge(source, target), _edge(target, source)
    bend = 16 if y1 == y2 and abs(x1 - x2) > GAP_ACROSS + 2 else 0
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2 - bend
    dx, dy = x2 - middle_x, y2 - middle_y
    length = max((dx * dx + dy * dy) ** 0.5, 1)
    ux, uy = dx / length, dy / length
    head = " ".join(
        f"{px:.1f},{py:.1f}"
        for px, py in (
            (x2, y2),
            (x2 - 6 * ux + 3 * uy, y2 - 6 * uy - 3 * ux),
            (x2 - 6 * ux - 3 * uy, y2 - 6 * uy + 3 * ux),
        )
    )
    said = ", ".join(map(str, numbers))
    half = 4 + 2.3 * len(said)
    at_x, at_y = (x1 + 2 * middle_x + x2) / 4, (y1 + 2 * middle_y + y2) / 4
    return (
        f'<path d="M {x1:.1f} {y1:.1f} Q {middle_x:.1f} {middle_y:.1f} {x2:.1f} {y2:.1f}" fill="none"'
        f' stroke="#51605f" stroke-width="0.9"/><polygon points="{head}" fill="#51605f"/>'
        f'<rect x="{at_x - half:.1f}" y="{at_y - 5:.1f}" width="{2 * half:.1f}" height="10" rx="5" fill="#fff"'
        f' stroke="#76807d" stroke-width="0.5"/>'
        f'<text x="{at_x:.1f}" y="{at_y + 2.6:.1f}" text-anchor="middle" font-size="7.5">{said}</text>'
    )


def _edge(source: tuple[int, int], target: tuple[int, int]) -> tuple[float, float]:
    """Where an arrow leaves a box: in the middle of the side that faces the other."""
    (x, y), (other_x, other_y) = source, target
    if other_y > y:
        return x + BOX_WIDTH / 2 + _lean(x, other_x), y + BOX_HEIGHT
    if other_y < y:
        return x + BOX_WIDTH / 2 + _lean(x, other_x), y
    return (x + BOX_WIDTH if other_x > x else x), y + BOX_HEIGHT / 2


def _lean(x: float, other_x: float) -> float:
    """A little to the side of the other box, so that arrows of one box do not lie on each other."""
    return max(-BOX_WIDTH / 3, min(BOX_WIDTH / 3, (other_x - x) / 6))
