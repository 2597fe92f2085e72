from __future__ import annotations

import gzip
import json
import re

import pytest
from pyramid.config import Configurator
from webtest import TestApp

from casework.resources import PACKAGE
from casework.web.static import Assets, static

BUILT = PACKAGE / "web" / "static" / "built"


@pytest.fixture(scope="module")
def site():
    config = Configurator()
    config.include("casework.web.static")
    return TestApp(config.make_wsgi_app())


def test_an_address_with_the_right_version_may_be_kept_for_ever(site):
    answer = site.get(static("built/app.css"))
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content_type == "text/css"


def test_an_address_with_another_version_is_kept_for_minutes_only(site):
    assert site.get("/static/built/app.css?v=000000000000").headers["Cache-Control"] == "public, max-age=300"


def test_a_visitor_who_takes_gzip_gets_the_compressed_copy(site):
    packed = site.get(static("built/htmx.js"), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"].endswith('-gz"')
    assert gzip.decompress((BUILT / "htmx.js.gz").read_bytes()) == site.get(static("built/htmx.js")).body


def test_a_browser_that_has_the_file_is_not_sent_it_again(site):
    tag = site.get(static("built/app.js")).headers["ETag"]
    site.get(static("built/app.js"), headers={"If-None-Match": tag}, status=304)


@pytest.mark.parametrize(
    "path",
    [
        "../static.py",
        "built/../../static.py",
        ".hidden",
        "built//app.css",
        "built\\app.css",
        "built",
        "no\0thing",
        "%2e%2e/pages.py",
    ],
)
def test_nothing_outside_the_folder_is_found(path):
    assert Assets().find(path) is None


def test_a_changed_file_has_another_address(tmp_path):
    (tmp_path / "a.css").write_text("a{}")
    assets = Assets(tmp_path)
    before = assets.address("a.css")
    (tmp_path / "a.css").write_text("b{color:red}")
    assert assets.address("a.css") != before


def test_a_file_that_was_never_built_is_named(tmp_path):
    with pytest.raises(LookupError, match="npm run build"):
        Assets(tmp_path).address("built/app.css")


def test_what_was_built_fetches_nothing_from_elsewhere():
    harmless = re.compile(r"https?://(www\.w3\.org/|frontend\.design-system\.service\.gov\.uk/)")
    for name in ("app.css", "app.js", "htmx.js", "icons.svg", "mark.svg"):
        text = harmless.sub("", (BUILT / name).read_text(encoding="utf-8"))
        assert re.findall(r"https?://[^\s\"'`)]+", text) == [], name


def test_the_styles_stay_small():
    assert (BUILT / "app.css").stat().st_size < 120_000


def test_the_lock_names_versions_and_hashes_and_no_address():
    packages = json.loads((PACKAGE.parent / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all("resolved" not in each for each in packages.values())
    assert all(each.get("integrity") for path, each in packages.items() if path)
