from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .door import ask, post

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def app(build):
    return build(max_body_kb=64)


@pytest.mark.parametrize(
    "path", ["/%zz\xff\xfe", "/\xe4\xb8", "/\xed\xa0\x80", "/\x00", "/echo\x00", "/echo\n"]
)
def test_a_path_that_is_not_text_is_400(app, path):
    assert ask(app, PATH_INFO=path).status == 400


@pytest.mark.parametrize(
    "query", ["%zz", "a=%", "a=%ff%fe", "a=%00", "%00=a", "a=%ed%a0%80", "a=\xff", "%c0%80"]
)
def test_a_query_that_is_not_text_is_400(app, query):
    assert ask(app, QUERY_STRING=query).status == 400


def test_text_of_all_the_world_comes_through(app):
    answer = ask(app, QUERY_STRING="q=%E5%BC%A0%E4%B8%89+%F0%A0%AE%B7%2B&p=100%25")
    assert json.loads(answer.body)["query"] == [["q", "张三 𠮷+"], ["p", "100%"]]


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("TRACE", 405),
        ("CONNECT", 405),
        ("JEFF", 501),
        ("get", 501),
        ("", 501),
        ("OPTIONS", 405),
        ("DELETE", 405),
    ],
)
def test_methods_that_are_not_ours_are_refused(app, method, status):
    answer = ask(app, REQUEST_METHOD=method)
    assert answer.status == status
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_no_header_changes_the_method(app):
    answer = post(app, b"_method=DELETE", HTTP_X_HTTP_METHOD_OVERRIDE="DELETE")
    assert json.loads(answer.body)["form"] == [["_method", "DELETE"]]


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "a b",
        "a,b",
        "localhost, evil.example",
        "evil.example/path",
        "user@localhost",
        "a:b:c",
        "\xff",
    ],
)
def test_a_host_that_is_no_host_is_400(app, host):
    assert ask(app, HTTP_HOST=host).status == 400


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("casework.example", 200),
        ("CASEWORK.example:8443", 200),
        ("casework.example.", 200),
        ("[::1]", 200),
        ("evil.example", 400),
        ("casework.example.evil.example", 400),
        ("evilcasework.example", 400),
    ],
)
def test_only_our_hosts_are_answered(build, host, status):
    app = build(hosts=("casework.example", "[::1]"))
    assert ask(app, HTTP_HOST=host, HTTP_X_FORWARDED_HOST="casework.example").status == status


def test_a_monitor_may_ask_by_any_name(build):
    assert (
        ask(build(hosts=("casework.example",)), PATH_INFO="/healthz", HTTP_HOST="10.0.0.3:80").status == 200
    )


def test_a_body_too_large_is_413_and_not_read(app):
    class Untouched:
        def read(self, *_size):
            raise AssertionError("the body was read")

    for length in ("65537", "9" * 14, "9" * 5000):
        answer = ask(
            app,
            **{
                "REQUEST_METHOD": "POST",
                "CONTENT_TYPE": FORM,
                "CONTENT_LENGTH": length,
                "wsgi.input": Untouched(),
            },
        )
        assert answer.status == 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "+5", "0x10", "５", "1,2"])
def test_a_length_that_is_no_number_is_400(app, length):
    assert ask(app, REQUEST_METHOD="POST", CONTENT_TYPE=FORM, CONTENT_LENGTH=length).status == 400


def test_a_body_of_unknown_length_is_411(app):
    answer = ask(app, REQUEST_METHOD="POST", CONTENT_TYPE=FORM, HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status == 411


def test_too_many_of_anything_is_4xx(app):
    assert ask(app, QUERY_STRING="&".join(f"a{number}=1" for number in range(20_000))).status == 400
    assert post(app, b"&".join(b"a%d=" % number for number in range(5000))).status == 400
    assert ask(app, **{f"HTTP_X_{number}": "1" for number in range(20_000)}).status == 431
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n\r\n' % n for n in range(1100)
    )
    assert len(parts) < 64 * 1024
    assert post(app, parts + b"--b--\r\n", "multipart/form-data; boundary=b").status == 200
    many = parts.replace(b"form-data; ", b"").replace(b"\r\n\r\n\r\n", b"\n\n")[: 63 * 1024]
    assert post(app, many, "multipart/form-data; boundary=b").status < 500


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [
        (b"a=1&a=2", "", 400),
        (b"a[]=1&a[]=2", "", 200),
        (b"a=1&b=2", "c=3", 200),
        (b"a=1", "a=1", 400),
        (b"a[]=1", "a[]=1", 400),
        (b"a=1&%61=2", "", 400),
        (b"a=%00", "", 400),
        (b"%00=a", "", 400),
        (b"a=%ff", "", 400),
        (b"a=%ed%a0%80", "", 400),
        (b"a=\xff", "", 400),
        (b"a=%", "", 400),
        (b"a=%E5%BC%A0", "", 200),
        (b"&&&=&", "", 200),
    ],
)
def test_fields_are_unambiguous_text(app, body, query, status):
    assert post(app, body, QUERY_STRING=query).status == status


def multipart(*parts: bytes) -> bytes:
    return (
        b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b--\r\n"
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (multipart(b'name="a"\r\n\r\n1', b'name="b"\r\n\r\n2'), 200),
        (multipart(b'name="a"\r\n\r\n1', b'name="a"\r\n\r\n2'), 400),
        (multipart(b'name="a[]"\r\n\r\n1', b'name="a[]"\r\n\r\n2'), 200),
        (multipart(b'name="a"\r\n\r\n\x00'), 400),
        (multipart(b'name="f"; filename="x.png"\r\n\r\n\x00\x01'), 200),
        (b"--wrong\r\n", 200),
        (b"--b\r\n\r\nnameless\r\n--b--\r\n", 400),
        (b"", 200),
    ],
)
def test_parts_are_unambiguous_text_too(app, body, status):
    assert post(app, body, "multipart/form-data; boundary=b").status == status


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff"]
)
def test_a_multipart_form_without_a_boundary_is_4xx(app, kind):
    assert 400 <= post(app, b"--b--\r\n", kind).status < 500


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"a": [1, null, true, "x", 1.5]}', 200),
        (b"null", 200),
        (b"", 200),
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": 1e999}', 400),
        (b'{"a": -Infinity}', 400),
        (b'{"a": ' + b"9" * 4000 + b"}", 400),
        (b"[" * 20_000 + b"]" * 20_000, 400),
        (b"[" * 52 + b"]" * 52, 400),
        (b'{"a": "\\u0000"}', 400),
        (b'{"a": "\\ud800"}', 400),
        (b'{"\\udc00": 1}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b"\xff", 400),
    ],
)
def test_json_is_checked_before_anybody_reads_it(app, body, status):
    assert post(app, body, "application/json").status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"HTTP_ORIGIN": "http://localhost"}, 200),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, 200),
        ({"HTTP_ORIGIN": "http://evil.example"}, 400),
        ({"HTTP_ORIGIN": "http://localhost.evil.example"}, 400),
        ({"HTTP_ORIGIN": "null"}, 400),
        ({"HTTP_ORIGIN": "http://[bad"}, 400),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 400),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, 400),
    ],
)
def test_another_site_cannot_post(app, headers, status):
    assert post(app, b"a=1", **headers).status == status


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "spoofed, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "<script>", "192.0.2.7"),
        (1, ",,", "192.0.2.7"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_a_trusted_proxy_names_the_visitor(build, proxies, forwarded, address):
    answer = ask(build(trusted_proxies=proxies), HTTP_X_FORWARDED_FOR=forwarded)
    assert json.loads(answer.body)["address"] == address


def test_the_scheme_is_what_is_configured(build):
    assert json.loads(ask(build(), HTTP_X_FORWARDED_PROTO="https").body)["scheme"] == "http"
    assert json.loads(ask(build(https=True)).body)["scheme"] == "https"


def test_every_request_has_a_number_of_its_own(app):
    first, second = ask(app), ask(app, HTTP_X_REQUEST_ID="mine")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert json.loads(second.body)["id"] == second.headers["x-request-id"]


def test_a_refused_request_is_answered_in_the_readers_language(app):
    chinese = ask(app, PATH_INFO="/\xff", HTTP_ACCEPT_LANGUAGE="zh-CN").body
    assert 'lang="zh-Hans"' in chinese
    assert 'lang="en"' in ask(app, PATH_INFO="/\xff", HTTP_COOKIE="language=en").body


@pytest.mark.parametrize(
    "wish", ["../../etc/passwd", "x" * 100_000, "zh;q=nan,en;q=1e999", "\xff\xfe", "*", ",,;q="]
)
def test_a_hostile_language_is_passed_over(app, wish):
    assert ask(app, HTTP_ACCEPT_LANGUAGE=wish).status == 200
    assert (
        ask(app, PATH_INFO="/\xff", HTTP_ACCEPT_LANGUAGE=wish, HTTP_COOKIE=f"language={wish}").status == 400
    )


LATIN = st.text(st.characters(max_codepoint=255), max_size=60)


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "JEFF"]),
    path=LATIN.map(lambda text: f"/x/{text}"),
    query=LATIN,
    body=st.binary(max_size=300),
    kind=st.sampled_from([FORM, "application/json", "multipart/form-data; boundary=b", "text/plain", ""])
    | LATIN,
    headers=st.dictionaries(
        st.sampled_from(
            [
                "HTTP_HOST",
                "HTTP_ACCEPT",
                "HTTP_ACCEPT_LANGUAGE",
                "HTTP_REFERER",
                "HTTP_ORIGIN",
                "HTTP_COOKIE",
                "HTTP_USER_AGENT",
                "HTTP_X_FORWARDED_FOR",
                "HTTP_RANGE",
                "HTTP_IF_NONE_MATCH",
                "HTTP_IF_MODIFIED_SINCE",
                "HTTP_ACCEPT_ENCODING",
                "HTTP_CONTENT_ENCODING",
                "HTTP_EXPECT",
                "HTTP_AUTHORIZATION",
                "HTTP_X_CSRF_TOKEN",
                "CONTENT_LENGTH",
            ]
        ),
        LATIN,
        max_size=4,
    ),
    where=st.sampled_from(["", "/echo", "/static/built/app.css", "/healthz"]),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_however_malformed_is_our_fault(app, method, path, query, body, kind, headers, where):
    answer = ask(
        app,
        REQUEST_METHOD=method,
        PATH_INFO=where or path,
        QUERY_STRING=query,
        CONTENT_TYPE=kind,
        body=body,
        **{
            "HTTP_HOST": "localhost",
            **headers,
            **({} if "CONTENT_LENGTH" in headers else {"CONTENT_LENGTH": str(len(body))}),
        },
    )
    assert answer.status < 500 or answer.status == 501
    assert "nosniff" in answer.headers["x-content-type-options"]
