"""Somebody in front of a browser who knows the service by its words alone, in either language."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.forms.definition import Item
from casework.forms.library import Library
from casework.forms.sheet import FEW
from casework.i18n import Message, Words
from casework.testing.looking import WIDTHS, complaints

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Text = str | Message
A4 = 672
"""The width of the text on paper (styles/_print.scss), in CSS pixels."""


class Reader:
    """Finds everything by role and label, in the words of the language that the page is in.

    Texts are given as in the sources: in English, or as messages. `steps` counts what was pressed,
    opened and chosen, for claims about how little a task asks for; typing is not counted.
    """

    def __init__(self, page: Page, url: str, words: Words, library: Library) -> None:
        self.page, self.url, self.words, self.library = page, url, words, library
        self.steps = 0

    def say(self, text: Text, **values: Any) -> str:
        """The words of this reader's language."""
        return self.words(Message(text, values) if isinstance(text, str) else text)

    def open(self, path: str) -> None:
        """Go to an address of the service."""
        self.page.goto(self.url + path)

    @property
    def path(self) -> str:
        """The address of the present page, within the service."""
        return self.page.url.removeprefix(self.url).split("?")[0].split("#")[0]

    @property
    def main(self) -> Locator:
        """The page without its frame."""
        return self.page.get_by_role("main")

    def button(self, text: Text, within: Locator | None = None) -> Locator:
        """A button by its words."""
        return (within or self.page).get_by_role("button", name=self.say(text), exact=True)

    def press(self, text: Text, within: Locator | None = None) -> None:
        """Press a button."""
        self.steps += 1
        self.button(text, within).click()

    def link(self, text: Text, within: Locator | None = None) -> Locator:
        """A link by its words."""
        return (within or self.main).get_by_role("link", name=self.say(text), exact=True)

    def follow(self, text: Text, within: Locator | None = None) -> None:
        """Follow a link."""
        self.steps += 1
        self.link(text, within).click()

    def unfold(self, text: Text, within: Locator | None = None) -> None:
        """Open what is folded up under these words."""
        self.steps += 1
        (within or self.main).locator("summary").filter(has_text=self.say(text)).click()

    def field(self, label: Text, within: Locator | None = None) -> Locator:
        """A field by its label, whether it must be filled in or not."""
        return (within or self.main).get_by_label(self._asking(label))

    def type(self, label: Text, text: str, within: Locator | None = None) -> None:
        """Fill in a field."""
        self.field(label, within).fill(text)

    def select(self, label: Text, option: Text, within: Locator | None = None) -> None:
        """Choose from a list that opens."""
        self.steps += 1
        self.field(label, within).select_option(label=self.say(option))

    def choose(self, question: Text, *options: Text, within: Locator | None = None) -> None:
        """Choose or tick among the options of a question."""
        group = (within or self.main).get_by_role("group", name=self._asking(question))
        for option in options:
            self.steps += 1
            group.get_by_label(self.say(option), exact=True).check()

    def answer(self, form_key: str, within: Locator | None = None, **answers: Any) -> None:
        """Answer a form's questions, named by their link ids, with texts and codes of options."""
        for link_id, answer in answers.items():
            item = self.library[form_key].item(link_id)
            if item is None:
                raise LookupError(link_id)
            self._answer(item, answer, within)

    def _answer(self, item: Item, answer: Any, within: Locator | None) -> None:
        label = self.say(item.text)
        if item.unit:
            label = self.say("%(question)s (%(unit)s)", question=label, unit=self.say(item.unit))
        if item.kind == "boolean":
            self.choose(label, "Yes" if answer else "No", within=within)
        elif not item.options:
            self.type(label, str(answer), within)
        elif len(item.options) > FEW and not item.repeats and not any(o.help for o in item.options):
            self.select(label, self._label(item, answer), within)
        else:
            codes = [answer] if isinstance(answer, str) else answer
            self.choose(label, *(self._label(item, code) for code in codes), within=within)

    def _label(self, item: Item, code: str) -> str:
        option = item.option(code)
        if option is None:
            raise LookupError(code)
        return option.label

    def _asking(self, label: Text) -> re.Pattern[str]:
        optional = re.escape(self.say("(optional)"))
        return re.compile(rf"^\s*{re.escape(self.say(label))}\s*({optional})?\s*$")

    def print(self, name: str) -> None:
        """Show the page as paper does from now on. LOOK_AT=folder keeps a picture and the paper itself."""
        self.page.emulate_media(media="print")
        if folder := os.environ.get("LOOK_AT"):
            self.page.set_viewport_size({"width": A4, "height": 1123})
            path = str(Path(folder) / f"{name}-{self.words.language}")
            self.page.screenshot(path=f"{path}-paper.png", full_page=True)
            self.page.pdf(path=f"{path}.pdf", prefer_css_page_size=True)

    def look(self, name: str) -> None:
        """Look at the page at every width: nothing is wrong with it. LOOK_AT=folder keeps pictures."""
        self.page.wait_for_load_state("load")  # a click returns when the next page begins, not when it stands
        found, before = [], self.page.viewport_size
        for width, (across, down) in reversed(WIDTHS.items()):
            self.page.set_viewport_size({"width": across, "height": down})
            if folder := os.environ.get("LOOK_AT"):
                picture = Path(folder) / f"{name}-{self.words.language}-{width}.png"
                self.page.screenshot(path=picture, full_page=True)
            faults = complaints(self.page, width, self.words.language)
            found += [f"{name} {width}: {fault}" for fault in faults]
        if before:
            self.page.set_viewport_size(before)
        assert not found, "\n".join(found)
