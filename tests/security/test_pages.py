"""Signing in, the account and form tokens, as a browser without scripts meets them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from casework.security import passwords, queries
from casework.security.model import HeldPost, SignInAttempts, SignInSession
from casework.testing.browsing import Browser

PASSWORD = "four words in a row"


@pytest.fixture(autouse=True)
def _cheap(cheap_hashing):
    pass


@pytest.fixture
def staff(network, session):
    for name in ("nurse", "worker"):
        network[name].password_hash = passwords.hash_password(PASSWORD)
    session.flush()
    return network


@pytest.fixture
def router(build, sessions, clock):
    return build(sessions, clock)


@pytest.fixture
def new_browser(router, session, staff):
    """`new_browser()`: a browser that nobody has signed in with."""
    return lambda: Browser(router, session)


@pytest.fixture
def browser(new_browser):
    return new_browser()


def sign_in(browser, name="nurse", password=PASSWORD, page=None, status=303):
    form = (page or browser.get("/sign-in")).forms
    chosen = next(form[key] for key in form if form[key].action.endswith("/sign-in"))
    chosen["name"], chosen["password"] = name, password
    return chosen.submit(status=status)


def token(browser):
    return re.search(r'name="csrf-token" content="([^"]+)"', browser.get("/account").text)[1]


def cookie(browser):
    return browser.cookies.get("casework")


def test_signing_in_leads_to_the_page_that_was_wanted(browser):
    answer = browser.get("/account?tab=%E5%BC%A0&x=1", status=303)
    assert urlsplit(answer.location).path == "/sign-in"
    page = answer.follow()
    answer = sign_in(browser, page=page)
    assert answer.location == "http://localhost/account?tab=%E5%BC%A0&x=1"
    assert "Nurse" in answer.follow().text


def test_the_session_is_new_after_signing_in_and_dead_after_signing_out(browser, session):
    browser.set_cookie("casework", "c" * 43)
    sign_in(browser)
    first = cookie(browser)
    assert first != "c" * 43
    page = browser.get("/account")
    answer = next(form for form in page.forms.values() if form.action.endswith("/sign-out")).submit(
        status=303
    )
    assert "casework=;" in answer.headers["Set-Cookie"].replace('""', "")
    browser.set_cookie("casework", first)
    browser.get("/account", status=303)
    sign_in(browser)
    assert cookie(browser) != first


@pytest.mark.parametrize(
    "value", ["", "x", "a" * 43, "a" * 5000, "%00", "\u00e9", "'; drop table sessions --"]
)
def test_a_forged_cookie_is_nobody(browser, value):
    headers = {
        "Cookie": f"casework={value}; casework-visitor={value}; casework-browser={value}; language={value}"
    }
    browser.get("/account", headers=headers, status=303)
    browser.get("/sign-in", headers=headers, status=200)


def test_known_and_unknown_names_get_the_same_answer(browser, new_browser):
    answers = []
    for name in ("nurse", "nobod", "audit"):
        answer = sign_in(new_browser(), name, "wrong", status=422)
        text = re.sub(r'content="[0-9a-f]{64}"|value="[0-9a-f]{64}"|incident\S+', "", answer.text).replace(
            name, "NAME"
        )
        headers = {
            key: value
            for key, value in answer.headers.items()
            if key not in {"X-Request-Id", "Set-Cookie", "Content-Length"}
        }
        answers.append((text, headers, len(answer.headers.getall("Set-Cookie"))))
    assert answers[0] == answers[1] == answers[2]


def test_a_wrong_password_is_counted_though_the_answer_is_an_error(browser, session):
    sign_in(browser, password="wrong", status=422)
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInAttempts)) == 2


def test_the_sixth_attempt_is_told_to_wait(browser, clock):
    for _each in range(5):
        sign_in(browser, password="wrong", status=422)
    answer = sign_in(browser, status=429)
    assert answer.headers["Retry-After"] == "30"
    assert "wrong" not in answer.text
    clock.move(seconds=31)
    sign_in(browser)


def test_a_session_goes_on_while_strangers_guess(browser, new_browser):
    sign_in(browser)
    stranger = new_browser()
    for _each in range(6):
        sign_in(stranger, password="wrong", status="4*")
    browser.get("/account", status=200)


@pytest.mark.parametrize("posted", [{}, {"csrf_token": ""}, {"csrf_token": "a" * 64}])
def test_nobody_is_signed_in_by_another_site(browser, posted):
    browser.get("/sign-in")
    browser.post("/sign-in", {"name": "nurse", "password": PASSWORD, **posted}, status=400)
    assert cookie(browser) is None


def test_the_sign_in_token_of_one_visitor_is_not_good_for_another(browser, new_browser):
    other = re.search(r'name="csrf-token" content="([^"]+)"', new_browser().get("/sign-in").text)[1]
    browser.get("/sign-in")
    browser.post("/sign-in", {"name": "nurse", "password": PASSWORD, "csrf_token": other}, status=400)


def test_no_post_goes_without_the_token_of_the_session(browser, new_browser, router):
    other = new_browser()
    sign_in(other, "worker")
    foreign = token(other)
    sign_in(browser)
    own = token(browser)
    for headers in ({}, {"X-CSRF-Token": foreign}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": own[:-1]}):
        browser.post("/note", {"text": "x"}, headers=headers, status=400)
        browser.post_json("/note", {"text": "x"}, headers=headers, status=400)
        browser.post("/note", {"text": "x"}, upload_files=[("f", "a.txt", b"a")], headers=headers, status=400)
    browser.post(f"/note?csrf_token={own}", {"text": "x"}, status=400)
    browser.post("/note", {"text": "x", "csrf_token": foreign}, status=400)
    browser.post("/sign-out", {}, status=400)
    assert router.registry["saved"] == []
    browser.post("/note", {"text": "form", "csrf_token": own}, status=303)
    browser.post("/note", {"text": "header"}, headers={"X-CSRF-Token": own}, status=303)
    assert router.registry["saved"] == ["form", "header"]


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/account",
        "%2f%2fevil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: x=1",
        " //evil.example",
        "",
        "account",
        "/" + "a" * 3000,
        "/\u202egnp",
    ],
)
def test_the_page_after_signing_in_is_one_of_ours(browser, wanted):
    page = browser.get("/sign-in", {"next": wanted})
    answer = sign_in(browser, page=page)
    assert answer.location == "http://localhost/"
    csrf = token(browser)
    answer = browser.post("/language", {"language": "en", "next": wanted, "csrf_token": csrf}, status=303)
    assert answer.location == "http://localhost/"


def test_an_unused_session_asks_to_sign_in_again_and_a_clock_set_back_does_not_revive_it(browser, clock):
    sign_in(browser)
    clock.move(minutes=29)
    browser.get("/account", status=200)
    clock.move(minutes=30)
    answer = browser.get("/account?a=1", status=302)
    assert answer.location == "http://localhost/account?a=1"
    clock.move(hours=-1)
    page = answer.follow(status=303).follow()
    assert "nothing was done" in page.text or "一段时间" in page.text
    assert sign_in(browser, page=page).location == "http://localhost/account?a=1"


def test_reading_with_head_ends_nothing_more_than_reading_does(browser, clock):
    sign_in(browser)
    browser.head("/account", status=200)
    browser.head("/sign-out", status=405)


def test_a_closed_account_is_out_at_its_next_request(browser, staff, session, clock):
    sign_in(browser)
    staff["nurse"].disabled_at = clock.now()
    session.flush()
    browser.get("/account", status=303)


def test_what_was_typed_is_back_after_signing_in_again(browser, clock, router, session):
    sign_in(browser)
    csrf = token(browser)
    clock.move(minutes=31)
    answer = browser.post(
        "/note",
        [
            ("text", "long 文本"),
            ("who[]", "a"),
            ("who[]", "b"),
            ("new_password", "secret"),
            ("csrf_token", csrf),
        ],
        status=303,
    )
    assert router.registry["saved"] == []
    page = answer.follow()
    answer = sign_in(browser, page=page)
    held = answer.follow()
    assert held.request.path == "/note"
    assert held.json == {"text": "long 文本", "who[]": ["a", "b"]}
    assert browser.get(answer.location).json is None
    assert "long 文本" in browser.get("/account").text


def test_what_was_typed_is_shown_to_nobody_else(browser, new_browser, clock, session):
    sign_in(browser)
    csrf = token(browser)
    clock.move(minutes=31)
    page = browser.post("/note", {"text": "private", "csrf_token": csrf}, status=303).follow()
    assert sign_in(browser, "worker", page=page).location == "http://localhost/"
    held_id = session.scalar(sa.select(HeldPost.id))
    assert browser.get(f"/note?held={held_id}").json is None
    assert "private" not in browser.get("/account").text


def test_a_form_that_was_not_ours_is_not_kept(browser, clock, session):
    sign_in(browser)
    clock.move(minutes=31)
    browser.post("/note", {"text": "x", "csrf_token": "forged"}, status=303)
    assert session.scalar(sa.select(HeldPost.id)) is None


def test_a_session_that_was_ended_keeps_nothing(browser, session, clock, staff):
    sign_in(browser)
    csrf = token(browser)
    session.execute(sa.update(SignInSession).values(ended_at=clock.now(), end_reason="revoked"))
    browser.post("/note", {"text": "x", "csrf_token": csrf}, status=303)
    assert session.scalar(sa.select(HeldPost.id)) is None


def test_what_was_typed_into_a_page_that_only_takes_posts_leads_back_to_its_form(browser, clock):
    sign_in(browser)
    csrf = token(browser)
    clock.move(minutes=31)
    answer = browser.post(
        "/only-post",
        {"text": "x", "csrf_token": csrf},
        headers={"Referer": "http://localhost/note"},
        status=303,
    )
    assert parse_qs(urlsplit(answer.location).query)["next"] == ["/note"]
    assert sign_in(browser, page=answer.follow()).follow().json == {"text": "x"}


def test_a_script_is_told_and_its_page_stays(browser, clock, session):
    sign_in(browser)
    csrf = token(browser)
    clock.move(minutes=31)
    browser.post("/session/keep", headers={"X-CSRF-Token": csrf, "Accept": "*/*"}, status=401)
    browser.post(
        "/note", {"text": "x"}, headers={"X-CSRF-Token": csrf, "Accept": "application/json"}, status=401
    )
    browser.post("/note", {"text": "x"}, headers={"X-CSRF-Token": csrf, "HX-Request": "true"}, status=401)
    assert session.scalar(sa.select(HeldPost.id)) is None
    assert session.scalar(sa.select(SignInSession.end_reason)) == "idle"


def test_a_page_left_open_is_still_good_after_signing_in_again_in_the_same_browser(
    browser, new_browser, clock, router
):
    sign_in(browser)
    csrf = token(browser)
    clock.move(minutes=31)
    browser.get("/account", status=302)
    sign_in(browser)
    assert token(browser) != csrf
    browser.post("/note", {"text": "still here", "csrf_token": csrf}, status=303)
    assert router.registry["saved"] == ["still here"]
    other = new_browser()
    sign_in(other)
    other.post("/note", {"text": "x", "csrf_token": csrf}, status=400)


def test_staying_signed_in_counts_as_use(browser, clock):
    sign_in(browser)
    csrf = token(browser)
    for _each in range(3):
        clock.move(minutes=28)
        browser.post("/session/keep", headers={"X-CSRF-Token": csrf}, status=204)
    browser.get("/account", status=200)


def test_a_device_is_signed_out_from_another(browser, new_browser):
    phone = new_browser()
    sign_in(phone)
    sign_in(browser)
    page = browser.get("/account")
    next(form for form in page.forms.values() if form.action.endswith("/account/device")).submit(
        "device", status=303
    )
    phone.get("/account", status=303)
    browser.get("/account", status=200)


def test_a_device_of_another_person_is_not_there(browser, new_browser, session):
    other = new_browser()
    sign_in(other, "worker")
    foreign = queries.fingerprint(cookie(other))
    sign_in(browser)
    csrf = token(browser)
    for device in (foreign, "", "0", "' or 1=1 --"):
        browser.post("/account/device", {"device": device, "csrf_token": csrf}, status=404)
    other.get("/account", status=200)


def test_a_changed_password_signs_other_devices_out(browser, new_browser):
    phone = new_browser()
    sign_in(phone)
    sign_in(browser)
    page = browser.get("/account")
    form = next(form for form in page.forms.values() if form.action.endswith("/account/password"))
    form["old_password"], form["new_password"] = "wrong", "quite another sentence"
    form = next(
        form for form in form.submit(status=422).forms.values() if form.action.endswith("/account/password")
    )
    form["old_password"], form["new_password"] = PASSWORD, "quite another sentence"
    form.submit(status=303)
    phone.get("/account", status=303)
    browser.get("/account", status=200)
    sign_in(new_browser(), status=422)
    sign_in(new_browser(), password="quite another sentence")


def test_the_language_is_kept_by_cookie_and_by_account(browser, new_browser):
    page = browser.get("/sign-in", headers={"Accept-Language": "en"})
    assert 'lang="en"' in page.text
    form = next(form for form in page.forms.values() if form.action.endswith("/language"))
    form.submit("language", status=303)
    assert 'lang="zh-Hans"' in browser.get("/sign-in", headers={"Accept-Language": "en"}).text
    sign_in(browser)
    csrf = token(browser)
    browser.post("/language", {"language": "zh_Hans", "next": "/account", "csrf_token": csrf}, status=303)
    other = new_browser()
    sign_in(other)
    assert 'lang="zh-Hans"' in other.get("/account").text
    browser.post("/language", {"language": "../../etc", "csrf_token": csrf}, status=422)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "Robert'); --", "{{ 7*7 }}", "张\u202e三", "%(x)s"]
)
def test_a_name_is_shown_as_text(browser, name):
    sign_in(browser)
    page = browser.get("/account")
    form = next(form for form in page.forms.values() if form.action.endswith("/account/name"))
    form["name"] = name
    form.submit(status=303)
    text = browser.get("/account").text
    assert "<script>alert" not in text
    assert "49" not in re.findall(r"account__name\">(.*?)<", text)


def test_the_name_typed_into_the_sign_in_form_is_shown_as_text(browser):
    answer = sign_in(browser, '"><script>alert(1)</script>', "wrong", status=422)
    assert "<script>alert" not in answer.text


def test_the_names_of_the_demo_are_shown_only_in_the_demo(build, sessions, clock, staff, session):
    demo = Browser(build(sessions, clock, demo=True), session).get("/sign-in").text
    assert passwords.DEMO_PASSWORD in demo
    assert "nurse" in demo
    earnest = Browser(build(sessions, clock), session).get("/sign-in").text
    assert passwords.DEMO_PASSWORD not in earnest
    assert "nurse" not in earnest


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(build, sessions, clock, staff, session):
    secure = Browser(build(sessions, clock, https=True, hosts=("localhost",)), session)
    secure.extra_environ["wsgi.url_scheme"] = "https"
    page = secure.get("https://localhost/sign-in")
    form = next(form for form in page.forms.values() if form.action.endswith("/sign-in"))
    form["name"], form["password"] = "nurse", PASSWORD
    answer = form.submit(headers={"Origin": "https://localhost"}, status=303)
    given = [*page.headers.getall("Set-Cookie"), *answer.headers.getall("Set-Cookie")]
    names = {each.partition("=")[0] for each in given}
    assert names == {"__Host-casework", "__Host-casework-browser", "__Host-casework-visitor"}
    for each in given:
        assert {"secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in each.split(";")}
        assert "Domain" not in each
        assert len(each) < 4096


def test_every_page_has_one_registration_for_reading_and_another_for_writing(router):
    for entry in router.registry.introspector.get_category("views"):
        view = entry["introspectable"]
        if view.action_info.file and "casework/security" in view.action_info.file:
            assert view["request_methods"] in (
                "GET",
                "POST",
                frozenset({"GET", "HEAD"}),
                ("GET", "HEAD"),
                ("POST",),
            ), view["route_name"]
