"""What an institution tells people who need help, and staff who read something worrying (P53, P55)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import FieldError
from lti_tool.launch.help_contacts import HelpBlock
from lti_tool.launch.tables import Institution

LONGEST = 4000
REFUSED = (
    "The protocol names what to do, and whom to call, in up to 4,000 characters each. Nothing was changed."
)


@dataclass(frozen=True)
class Protocol:
    """What staff do about a text that worries them, in the institution's own words."""

    steps: str
    contacts: str
    address: str = ""
    """Where the whole protocol lies; empty when there is nothing more."""

    def checked(self) -> "Protocol":
        """Without blanks around; raises FieldError when a part is empty, too long, or no web address."""
        given = {name: value.replace("\r\n", "\n").strip() for name, value in asdict(self).items()}
        wrong = [name for name in ("steps", "contacts") if not given[name]]
        wrong += [name for name, value in given.items() if len(value) > LONGEST and name not in wrong]
        if given["address"] and not _is_web(given["address"]):
            wrong.append("address")
        if wrong:
            raise FieldError(REFUSED, *wrong)
        return Protocol(**given)


def set_help(
    session: Session,
    now: datetime,
    institution: Institution,
    language: str,
    block: HelpBlock,
    actor_id: str | None,
) -> None:
    """Put a language's help block in place of the one before. Raises FieldError, with nothing changed (P53)."""
    code, given = _language(language), block.checked()
    lines = {"services": given.services, "crisis": given.crisis, "emergency": given.emergency}
    institution.help_blocks = {**institution.help_blocks, code: lines}
    audit.record(session, now, "help_set", code=code, institution_id=institution.id, actor_id=actor_id)
    session.flush()


def set_protocol(
    session: Session, now: datetime, institution: Institution, protocol: Protocol, actor_id: str | None
) -> None:
    """Put another protocol in place of the one before. Raises FieldError, with nothing changed (P55)."""
    institution.protocol = asdict(protocol.checked())
    audit.record(session, now, "protocol_set", institution_id=institution.id, actor_id=actor_id)
    session.flush()


def protocol_of(institution: Institution) -> Protocol | None:
    return Protocol(**institution.protocol) if institution.protocol else None


def _language(code: str) -> str:
    """The code as catalogues are named, such as `de` or `zh_Hans`; raises FieldError for none that is known."""
    try:
        return str(Locale.parse(code.strip().replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        raise FieldError("That is not the code of a language, such as en or de.", "language") from None


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and address.isprintable()
