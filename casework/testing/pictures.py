"""Takes the pictures of the README from the service itself: `make pictures`.

The invented district is loaded into a database of its own on a fixed day, so that a picture changes
only when the pages do.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from casework.clock import MovableClock
from casework.demo import play
from casework.programs import Programs
from casework.resources import PACKAGE
from casework.settings import Settings
from casework.testing.database import quick_server, template_copy
from casework.testing.live import serving
from casework.testing.looking import chromium, page

A_MORNING = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
"""Half past nine on a Tuesday in Shanghai."""

PICTURES = PACKAGE.parent / "docs" / "pictures"


def main() -> None:
    """Write docs/pictures/*.png."""
    PICTURES.mkdir(exist_ok=True)
    programs = Programs.load(("casework",))
    state = Path(os.environ.get("CASEWORK_TEST_STATE", ".state/test")).resolve()
    with tempfile.TemporaryDirectory(prefix="casework-pictures-") as folder, quick_server(state) as server:
        settings = Settings(mode="test", programs=("casework",), state_dir=folder)
        with template_copy(server, programs, f"casework_pictures_{os.getpid()}", state) as url:
            _take(url, settings, programs)


def _take(url: str, settings: Settings, programs: Programs) -> None:
    from casework.security.cookies import cookie_name
    from casework.security.queries import account_by_name

    with serving(url, settings, programs, MovableClock(A_MORNING)) as service:
        with service.work() as work:
            play(work, print)
        with service.work() as work:
            worker = account_by_name(work.session, "worker")
        if worker is None:
            raise LookupError("the demo has no account named worker")
        token = service.sign_in(worker)
        with chromium() as browser:
            for language, suffix in (("en", ""), ("zh-CN", ".zh")):
                with page(browser, "desk", language) as opened:
                    opened.context.add_cookies(
                        [{"name": cookie_name(settings), "value": token, "url": service.url}]
                    )
                    opened.goto(f"{service.url}/")
                    opened.screenshot(path=PICTURES / f"day{suffix}.png")
                    opened.click("main .duty a[href*='/cases/']")
                    opened.screenshot(path=PICTURES / f"case{suffix}.png")


if __name__ == "__main__":
    main()
