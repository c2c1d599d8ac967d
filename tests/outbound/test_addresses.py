"""Which addresses may be called (S17): a table of hostile ones, resolved without a network."""

import socket

import pytest

from lti_tool.outbound.addresses import OutboundFailedError, OutboundRefusedError, target

NAMES = {
    "lms.example.edu": ["93.184.215.14"],
    "six.example.edu": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example.edu": ["10.1.2.3"],
    "half.example.edu": ["93.184.215.14", "127.0.0.1"],
    "mapped.example.edu": ["::ffff:169.254.169.254"],
    "localhost": ["127.0.0.1"],
}

REFUSED = [
    "http://lms.example.edu/",
    "https://lms.example.edu:8443/",
    "https://lms.example.edu:80/",
    "ftp://lms.example.edu/",
    "file:///etc/passwd",
    "gopher://lms.example.edu/",
    "//lms.example.edu/",
    "lms.example.edu/keys",
    "https:///keys",
    "https://user@lms.example.edu/",
    "https://user:secret@lms.example.edu/",
    "https://lms.example.edu@127.0.0.1/",
    "https://lms.example.edu\\@127.0.0.1/",
    "https://lms.example.edu/\r\nX: y",
    "https://lms.example.edu /",
    "https://lms.example.edu/\x00",
    "https://lms.example.edu:99999/",
    "https://[::1/",
    "https://" + "a" * 5000,
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://0x7f.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:db8::1]/",
    "https://inside.example.edu/",
    "https://half.example.edu/",
    "https://mapped.example.edu/",
    "https://localhost/",
]


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """The table above in place of a name server; numeric hosts are read by the system's own rules."""
    resolve = socket.getaddrinfo.__closure__ and socket._socket.getaddrinfo

    def fake(host, port, *_arguments, **_options):
        if host in NAMES:
            return [(0, 0, 0, "", (address, port)) for address in NAMES[host]]
        return resolve(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)

    monkeypatch.setattr(socket, "getaddrinfo", fake)


@pytest.mark.parametrize("url", REFUSED)
def test_a_hostile_address_is_refused(url):
    with pytest.raises(OutboundRefusedError):
        target(url, [])


@pytest.mark.parametrize(
    ("url", "ip", "path"),
    [
        ("https://lms.example.edu/keys?a=b#c", "93.184.215.14", "/keys?a=b"),
        ("https://LMS.example.edu:443", "93.184.215.14", "/"),
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
