"""The container's files fit the checkout; no engine is needed to see that."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_the_container_copies_only_what_exists():
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", read("Dockerfile"), re.MULTILINE)
        for source in line.split()[:-1]
    ]
    allowed = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.split("/")[0] for source in sources} <= allowed


def test_the_container_runs_as_nobody_in_particular_and_says_how_it_is():
    last_stage = read("Dockerfile").split("\nFROM ")[-1]
    assert re.search(r"^USER (?!root)\w+$", last_stage, re.MULTILINE)
    assert "HEALTHCHECK" in last_stage
    assert "/health/live" in last_stage
    assert "ARG TORCH_INDEX=\n" in read("Dockerfile")


def test_compose_has_web_worker_and_database():
    services = yaml.safe_load(read("compose.yaml"))["services"]
    assert {"web", "worker", "database"} <= set(services)
    assert services["worker"]["command"] == ["undertone", "worker"]
    for name in ("web", "worker"):
        assert services[name]["environment"]["DATABASE_URL"].startswith("postgresql+psycopg://")
        assert services[name]["build"]["args"] == {"TORCH_INDEX": "${TORCH_INDEX:-}"}
