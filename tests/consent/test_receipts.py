"""Receipts: of the person's own lines, signed, verifiable with the published keys (P26)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import select, update

from lti_tool.consent import controllers, receipts, record, signing
from lti_tool.consent.signing import SignatureError, UnknownKeyError, canonical
from lti_tool.consent.tables import ConsentEvent
from lti_tool.launch.tables import Institution
from lti_tool.storage import Keyring, current_keyring, use_keyring

from .tampering import unguarded

YES = {"a": "yes", "b": "no", "c": "no", "d": "no"}


@pytest.fixture
def student(sign_in):
    person = sign_in("student")
    person.client.get(person.landing)
    person.post("choices", YES)
    return person


@pytest.fixture
def own_keyring(keyring):
    """Another keyring in use until the test ends."""
    yield use_keyring
    use_keyring(keyring)


def lines(database, **where):
    with database.reading() as session:
        return session.scalars(select(ConsentEvent).filter_by(**where).order_by(ConsentEvent.number)).all()


def verify_by_hand(document, published):
    """As somebody would who has only the file, the published keys and the two RFCs."""
    header, _empty, signature = document["signature"].split(".")
    said = json.loads(urlsafe_b64decode(header + "=="))
    assert said == {"alg": "EdDSA", "b64": False, "crit": ["b64"], "kid": said["kid"], **said}
    jwk = next(key for key in published["keys"] if key["kid"] == said["kid"])
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "=="))
    body = json.dumps(document["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    key.verify(urlsafe_b64decode(signature + "=="), header.encode() + b"." + body)


def test_p26_the_signature_of_a_download_verifies_with_the_published_key(student, database):
    published = json.loads(student.client.get("/consent/keys.json").text)
    for line in lines(database):
        answer = student.get(f"choices/receipts/{line.id}.json")
        assert answer.mimetype == "application/json"
        assert "attachment" in answer.headers["Content-Disposition"]
        document = json.loads(answer.text)
        verify_by_hand(document, published)
        document["receipt"]["event"]["state"] = "withdrawn"
        with pytest.raises(InvalidSignature):
            verify_by_hand(document, published)


def test_p26_the_receipt_matches_the_record_and_its_line(student, database):
    (line,) = lines(database, event="granted")
    document = json.loads(student.get(f"choices/receipts/{line.id}.json").text)
    with database.reading() as session:
        assert document["receipt"] == record.of(session, line)
        assert receipts.stands(session, document["receipt"])
    assert document["receipt"]["ledger"]["hash"] == line.hash
    assert document["receipt"]["event"]["state"] == line.event


def test_p26_every_event_has_a_page_to_read_and_my_choices_lists_them(student, database):
    student.post("choices/a", {"value": "no"})
    page = HTMLParser(student.get("choices").text)
    links = [a.attributes["href"] for a in page.css("table a")]
    assert len(links) == len(lines(database)) == 7
    for link in links:
        shown = student.client.get(link)
        assert shown.status_code == 200
        words = HTMLParser(shown.text).css_first("main").text()
        assert "GDPR Art. 6(1)(a)" in words
        assert "/consent/keys.json" in words
    (line,) = lines(database, event="withdrawn")
    page = student.get(f"choices/receipts/{line.id}").text
    assert line.hash in page
    assert line.wording_sha256 in page


def test_p26_old_receipts_stay_readable_after_a_withdrawal(student, database):
    (line,) = lines(database, event="granted")
    before = json.loads(student.get(f"choices/receipts/{line.id}.json").text)
    student.post("choices/a", {"value": "no"})
    assert json.loads(student.get(f"choices/receipts/{line.id}.json").text) == before


@pytest.mark.parametrize("ending", ["", ".json"])
def test_p26_another_persons_receipt_is_not_found(student, sign_in, database, ending):
    other = sign_in("student", "6")
    for line in lines(database):
        assert other.get(f"choices/receipts/{line.id}{ending}").status_code == 404
    assert student.get(f"choices/receipts/{'0' * 32}{ending}").status_code == 404


def test_p26_staff_open_no_receipt(student, sign_in, database):
    line = lines(database)[0]
    assert sign_in("instructor", "7").get(f"choices/receipts/{line.id}").status_code == 403


def test_p26_a_receipt_of_a_rotated_away_key_still_verifies(student, database, own_keyring):
    line = lines(database)[0]
    old = student.get(f"choices/receipts/{line.id}.json").data
    kid = current_keyring().ids("receipts")[0]
    rotated = current_keyring().with_new("receipts").without("receipts", kid)
    own_keyring(rotated)
    assert receipts.check(old)["record_id"] == line.id
    published = json.loads(student.client.get("/consent/keys.json").text)
    assert [key["kid"] for key in published["keys"]] == [rotated.ids("receipts")[0], kid]
    verify_by_hand(json.loads(old), published)
    assert json.loads(student.get(f"choices/receipts/{line.id}.json").text)["receipt"]["record_id"] == line.id


def test_p26_a_receipt_of_another_installation_is_refused(student, database, own_keyring):
    document = student.get(f"choices/receipts/{lines(database)[0].id}.json").data
    own_keyring(Keyring.generate())
    with pytest.raises(UnknownKeyError):
        receipts.check(document)


def forged(document, **changes):
    head = {"alg": "none", "kid": current_keyring().ids("receipts")[0], **changes}
    return f"{urlsafe_b64encode(json.dumps(head).encode()).rstrip(b'=').decode()}.."


def test_p26_a_forged_signature_is_refused(student, database):
    document = json.loads(student.get(f"choices/receipts/{lines(database)[0].id}.json").text)
    header, _empty, signature = document["signature"].split(".")
    for wrong in (
        *(forged(document), forged(document, alg="HS256"), "", "..", None, 7, ["x"]),
        *(f"{header}..", f"{header}..{signature[:-4]}AAAA", f"{header}.{header}.{signature}"),
    ):
        with pytest.raises(SignatureError):
            receipts.check(json.dumps({**document, "signature": wrong}).encode())


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(),
        lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    ).map(lambda part: json.dumps({"receipt": part, "signature": part}).encode())
)
def test_p26_no_file_makes_the_check_fail_in_any_other_way(keyring, content):
    use_keyring(keyring)
    with pytest.raises((receipts.NoReceiptError, SignatureError)):
        receipts.check(content)


def test_p26_a_receipt_that_the_ledger_no_longer_says_is_told(student, database):
    (line,) = lines(database, event="granted")
    receipt = receipts.check(student.get(f"choices/receipts/{line.id}.json").data)
    with database.session() as session:
        with unguarded(session):
            session.execute(update(ConsentEvent).where(ConsentEvent.id == line.id).values(event="declined"))
        session.expire_all()
        assert receipts.stands(session, receipt) is False
        assert receipts.stands(session, {"record_id": "0" * 32}) is None


def test_one_document_has_one_canonical_form():
    assert canonical({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'.encode()
    assert signing.published()["keys"][0]["crv"] == "Ed25519"


def test_p24_administrators_hear_when_receipts_do_not_say_who_is_responsible(
    sign_in, database, registration, now
):
    administrator = sign_in("administrator", "9")
    words = "Receipts of choices do not say yet who is responsible"
    assert words in administrator.get("connection").text
    with database.session() as session:
        institution = session.get_one(Institution, registration.institution_id)
        controllers.state(session, now, institution, dict.fromkeys(controllers.NAMES, "said"))
    assert words not in administrator.get("connection").text
