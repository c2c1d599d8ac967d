"""Which addresses may be called (S17); those that may not stand in `test_hostile_urls.py`."""

import socket

import pytest

from lti_tool.outbound.addresses import OutboundFailedError, OutboundRefusedError, target

NAMES = {
    "lms.example.edu": ["93.184.215.14"],
    "six.example.edu": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "xn--bcher-kva.example.edu": ["93.184.215.14"],
    "localhost": ["127.0.0.1"],
}


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """The table above in place of a name server."""

    def fake(host, port, *_arguments, **_options):
        if host not in NAMES:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(0, 0, 0, "", (address, port)) for address in NAMES[host]]

    monkeypatch.setattr(socket, "getaddrinfo", fake)


@pytest.mark.parametrize(
    ("url", "ip", "path"),
    [
        ("https://lms.example.edu/keys?a=b", "93.184.215.14", "/keys?a=b"),
        ("https://LMS.example.edu:443", "93.184.215.14", "/"),
        ("https://93.184.215.14/", "93.184.215.14", "/"),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "/"),
        ("https://xn--bcher-kva.example.edu/a%20b", "93.184.215.14", "/a%20b"),
        ("https://six.example.edu/", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "/"),
    ],
)
def test_a_public_https_address_is_connected_to_where_it_was_checked(url, ip, path):
    found = target(url, [])
    assert (found.ip, found.path) == (ip, path)


def test_a_listed_host_may_be_private_and_plain(names):
    assert target("http://localhost:8701/keys", ["localhost:8701"]).ip == "127.0.0.1"
    with pytest.raises(OutboundRefusedError):
        target("http://localhost:8702/keys", ["localhost:8701"])


def test_an_unknown_name_is_a_failure_not_a_refusal():
    with pytest.raises(OutboundFailedError):
        target("https://nowhere.example.edu/", [])
