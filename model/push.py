"""Publishing an export on a hub, and what must be decided before.

Weights can give away texts that they learnt from. So a version that learnt from students' texts is published only
with an operator's decision, which then stands in the export's manifest and card.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from model import backbones, checkpoint, corpora, starter
from model.checkpoint import Manifest
from model.errors import ModelError, PushRefused
from model.hashing import file_sha256
from model.integrity import manifest
from model.scoring import SHIPPED

CARD = "README.md"
HEADING = "## Decision to publish"
LONGEST_REASON = 1000
MESSAGE = "Undertone classifier"


@dataclass(frozen=True)
class Decision:
    """Who decided to publish the weights of that hash (the checkpoint's, not the export's), when and why."""

    who: str
    when: str
    why: str
    weights_hash: str


class Hub(Protocol):
    """What is used of `huggingface_hub.HfApi`."""

    def create_repo(self, repo_id: str, *, private: bool, exist_ok: bool) -> Any: ...

    def repo_info(self, repo_id: str) -> Any: ...

    def upload_folder(
        self, *, repo_id: str, folder_path: Path, allow_patterns: list[str], commit_message: str
    ) -> Any: ...


def push(
    folder: Path,
    repository: str,
    decision: Decision | None = None,
    client: Hub | None = None,
    private: bool = True,
) -> str:
    """Upload a verified export to `repository` ("owner/name", made when missing) and return its address.

    A `decision` is recorded in the export's manifest and card first. Raises PushRefused when it is needed and
    missing, does not fit, or the hub is off; as `checkpoint.verify`; ModelError ("push_failed") when the hub fails.
    """
    own = checkpoint.verify(folder)
    if own.source is None or not (folder / CARD).is_file():
        raise PushRefused(f"{folder} is not an export; make one with `python -m model export`.")
    if decision is not None:
        _check(decision, own.source)
    elif unknown := undecided(own):
        raise PushRefused(
            f"This version learnt from {', '.join(unknown)}, which may be or hold students' own texts: "
            f"an operator must decide (who, why) before weights {own.source} are published."
        )
    hub = client if client is not None else _hub()
    if decision is not None:
        own = record(folder, own, decision)
    return _upload(hub, folder, repository, [*own.files, checkpoint.MANIFEST], private)


def undecided(own: Manifest) -> list[str]:
    """What a version learnt from that is neither the starter corpus nor a permissive public one.

    The sources of what it went on from, or of what it is the mean, are not all in the manifest, so each of these
    counts but the shipped version. So does an encoder that no package carries: its weights may be those of a model
    that learnt from students' texts, and they are part of what is published.
    """
    unknown = _not_public(own)
    if not backbones.is_packaged(own.base["sha256"]):
        unknown.append("an encoder that did not come with this project")
    if not own.data:
        unknown.append("sources that it does not name")
    before = {own.parent, *own.options.get("average_of", ())} - {None, _public_shipped()}
    if before and (own.source or own.weights_hash) != _public_shipped():
        unknown.append("an earlier version")
    return unknown


def _not_public(own: Manifest) -> list[str]:
    """The named sources that are neither the starter corpus nor a permissive public one."""
    public = {starter.NAME, *(name for name, corpus in corpora.CORPORA.items() if corpus.permissive)}
    return sorted({entry["name"] for entry in own.data} - public)


def record(folder: Path, own: Manifest, decision: Decision) -> Manifest:
    """Write the decision into the export's card and manifest; the same once as twice.

    Stopped between the two files, the export no longer verifies and is made again.
    """
    facts = asdict(decision)
    before = (folder / CARD).read_text(encoding="utf-8").partition(f"\n{HEADING}\n")[0]
    lines = "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in facts.items())
    (folder / CARD).write_text(f"{before}\n{HEADING}\n\n{lines}\n", encoding="utf-8")
    files = {**own.files, CARD: file_sha256(folder / CARD)}
    return manifest.write(folder, replace(own, files=files, decision=facts))


def _public_shipped() -> str | None:
    """The shipped version's hash when it names public sources only; what it went on from is told in docs/model."""
    try:
        own = checkpoint.verify(SHIPPED)
    except ModelError:
        return None
    return own.weights_hash if own.data and not _not_public(own) else None


def _check(decision: Decision, weights_hash: str) -> None:
    """PushRefused for a decision about other weights, without a name or a reason, or without a date."""
    if decision.weights_hash != weights_hash:
        raise PushRefused(f"The decision is about weights {decision.weights_hash}, not about {weights_hash}.")
    if not _is_line(decision.who) or not _is_line(decision.why):
        raise PushRefused("A decision says in one line each who decided and why.")
    try:
        datetime.fromisoformat(decision.when)
    except ValueError as error:
        raise PushRefused(f"A decision has a date like 2026-01-31, not {decision.when!r}.") from error


def _is_line(words: str) -> bool:
    return bool(words.strip()) and words.isprintable() and len(words) <= LONGEST_REASON


def _hub() -> Hub:
    """The real hub; PushRefused when the environment keeps it off."""
    from huggingface_hub import HfApi, constants

    if constants.HF_HUB_OFFLINE:
        raise PushRefused("The hub is switched off. Set HF_HUB_OFFLINE=0 to reach it.", "hub_off")
    return HfApi()


def _upload(hub: Hub, folder: Path, repository: str, names: list[str], private: bool) -> str:
    """Upload exactly these files; a repository that is public already is refused where a private one is meant."""
    try:
        address = str(hub.create_repo(repository, private=private, exist_ok=True))
        if private and not hub.repo_info(repository).private:
            raise PushRefused(f"{repository} exists and is public; say so to publish there.")
        hub.upload_folder(
            repo_id=repository, folder_path=folder, allow_patterns=names, commit_message=MESSAGE
        )
    except ModelError:
        raise
    except Exception as error:  # the hub's client fails in many kinds, some of them of its HTTP library
        words = str(error).strip() or type(error).__name__
        raise ModelError(f"The hub did not take {folder}: {words}", "push_failed") from error
    return address
