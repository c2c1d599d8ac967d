"""Setting up by command line: what is missing or unsafe is said in one line, and secrets stay out of sight."""

import socket
import stat

import pytest
from sqlalchemy import select, text

from lti_tool.launch.tables import Institution, Operator, Registration
from lti_tool.lms.tables import LmsConnection
from lti_tool.processes import PortInUseError, require_free_port, web_command
from lti_tool.scoring import serving
from lti_tool.settings import Settings
from lti_tool.storage import engine
from lti_tool.storage.migrate import migrate
from model.checkpoint import verify
from tests.cli.conftest import TOKEN, platform, refused
from tests.cli.test_processes import free_port

URL = "https://lms.example"
REGISTER = ("register", *platform(URL))
ADMIN = ("admin", "add", "--issuer", URL, "--client-id", "tool", "--sub", "7")
NEED_TABLES = [
    ("worker",),
    ("sync",),
    ("score",),
    ("retrain",),
    ("rollback",),
    ("keys", "list"),
    ("keys", "rotate"),
    ADMIN,
    REGISTER,
]


def names(command):
    return " ".join(command[:2])


@pytest.mark.parametrize("command", [("serve",), ("check",), ("migrate",), *NEED_TABLES], ids=names)
def test_without_keys_every_command_says_how_to_make_them(bare, command):
    refused(bare(*command), "undertone keys init")


@pytest.mark.parametrize("command", NEED_TABLES, ids=names)
def test_without_tables_every_command_says_how_to_make_them(bare, command):
    bare("keys", "init")
    refused(bare(*command), "undertone migrate")


@pytest.mark.parametrize("command", [("serve",), ("retrain",), ("keys", "init")], ids=names)
def test_a_setting_that_cannot_be_understood_is_named_without_its_value(bare, command):
    result = bare(*command, UNDERTONE_PORT="a secret")
    refused(result, "UNDERTONE_PORT")
    assert "a secret" not in result.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("PORT", value) for value in ("0", "65536")),
        *(("RETRAIN_AT", value) for value in ("24:00", "2:30", "02:60", "02:30\n", "night")),
        *((f"{part}_SECONDS", value) for part in ("PULL", "SNAPSHOT", "RETRAIN") for value in ("0", "-1")),
        ("OUTBOUND_HOSTS", "abc"),
        *(
            ("BASE_URL", value)
            for value in ("https://", "lms.example", "ftp://x", "https://[x", "https://a:b@x")
        ),
        *(("BASE_URL", value) for value in ("https://x:99999", "https://x/?a", "https://x/#a")),
        *(("RETRAIN_LEAST_CORRECTIONS", value) for value in ("0", "-1")),
        ("TRUSTED_PROXIES", "-1"),
        *(("LOCALE", value) for value in ("klingon", "", "xx")),
        *(("JOB_LEASE_SECONDS", value) for value in ("inf", "nan", "0.001", "3601")),
    ],
)
def test_a_setting_outside_its_bounds_is_named(bare, name, value):
    refused(bare("keys", "init", **{f"UNDERTONE_{name}": value}), f"UNDERTONE_{name}")
    assert not bare.folder.exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "0", "UNDERTONE_PORT must be at least 1 and at most 65535."),
        ("PULL_SECONDS", "x", "UNDERTONE_PULL_SECONDS must be above 0."),
        ("JOB_LEASE_SECONDS", "inf", "must be at least 1 and at most 3600."),
        ("RETRAIN_AT", "night", "UNDERTONE_RETRAIN_AT must be from 00:00 to 23:59."),
        ("BASE_URL", "https://", "UNDERTONE_BASE_URL must be a web address such as https://"),
        ("LOCALE", "klingon", "UNDERTONE_LOCALE must be the code of a language"),
        ("ENVIRONMENT", "x", "UNDERTONE_ENVIRONMENT should be 'production', 'demo' or 'test'."),
    ],
)
def test_what_a_setting_may_be_is_said(bare, name, value, words):
    refused(bare("keys", "init", **{f"UNDERTONE_{name}": value}), words)


def test_a_slash_at_the_end_of_the_tools_address_is_taken_off():
    assert (
        Settings(environment="test", base_url="https://x.example/tool/").base_url == "https://x.example/tool"
    )


@pytest.mark.parametrize("locale", ["de", "pt-BR", "en_XA"])
def test_a_language_is_taken_in_any_spelling(locale):
    assert Settings(environment="test", locale=locale).locale == locale


def test_a_name_that_does_not_resolve_is_not_called_a_port_in_use(undertone):
    result = undertone("serve", "--host", "nowhere.invalid")
    refused(result, "nowhere.invalid is no address and no name")
    assert "in use" not in result.stderr


def test_an_address_of_another_machine_is_not_called_a_port_in_use(undertone, monkeypatch):
    elsewhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 8700))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked: [elsewhere])
    result = undertone("serve", "--host", "192.0.2.1")
    refused(result, "192.0.2.1 is not an address of this machine")
    assert "in use" not in result.stderr


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_address_of_ipv6_is_listened_on(host):
    with socket.socket(socket.AF_INET6) as taken:
        try:
            taken.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        port = taken.getsockname()[1]
        taken.listen()
        with pytest.raises(PortInUseError):
            require_free_port(host, port)
    require_free_port(host, port)
    assert f"[::1]:{port}" in web_command(host, port)


@pytest.mark.parametrize(("command", "port"), [("serve", "99999"), ("serve", "0"), ("demo", "65535")])
def test_a_port_that_does_not_exist_is_refused(bare, command, port):
    result = bare(command, "--port", port)
    assert result.exit_code == 2
    assert f"{port} is not in the range" in result.stderr


def test_an_unsafe_production_set_up_names_every_fault(undertone):
    result = undertone("check", UNDERTONE_ENVIRONMENT="production")
    refused(result, "UNDERTONE_BASE_URL")
    assert "UNDERTONE_HELP_CONTACTS" in result.stderr


@pytest.mark.parametrize(
    "address", ["nonsense", "postgresql+psycopg://u:hush@127.0.0.1:1/x", "sqlite:////nowhere/at/all.db"]
)
def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(undertone, address):
    result = undertone("retrain", DATABASE_URL=address)
    refused(result, "atabase")
    assert "hush" not in result.output


def test_a_damaged_database_file_is_one_line(undertone):
    (undertone.folder / "undertone.db").write_bytes(b"not a database at all, but long enough to be one" * 50)
    refused(undertone("retrain"), "database does not answer")


def test_a_database_that_another_program_is_writing_to_is_said_to_be_busy(undertone, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 20)
    with undertone.database.session() as session:
        session.execute(text("SELECT 1"))  # the lock is taken with the first statement
        refused(undertone("retrain"), "The database is busy")
        assert "WRONG database: The database is busy" in undertone("check").output


@pytest.mark.parametrize("lost", ["DROP TABLE alembic_version", "DELETE FROM alembic_version"])
def test_a_database_that_lost_its_version_is_not_made_again(undertone, lost):
    with undertone.database.session() as session:
        session.execute(text(lost))
    refused(undertone("migrate"), "not their version")
    assert "WRONG database: The database holds" in undertone("check").output


@pytest.mark.parametrize("command", [("migrate",), ("serve",), ("worker",), ("retrain",)], ids=names)
def test_a_database_of_a_newer_version_is_one_line(undertone, command):
    with undertone.database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refused(undertone(*command), "made by a newer version of Undertone")


def test_keys_are_made_once_and_for_the_owner_alone(bare):
    assert bare("keys", "init").exit_code == 0
    path = bare.folder / "keys.json"
    before = path.read_bytes()
    assert stat.S_IMODE(bare.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    refused(bare("keys", "init"), "already")
    assert path.read_bytes() == before


def test_a_home_that_is_made_after_the_keys_is_the_owners_alone(bare, tmp_path):
    keys = str(tmp_path / "keys.json")
    assert bare("keys", "init", UNDERTONE_KEYS_FILE=keys).exit_code == 0
    bare.folder.rmdir()
    refused(bare("retrain", UNDERTONE_KEYS_FILE=keys), "undertone migrate")
    assert stat.S_IMODE(bare.folder.stat().st_mode) == 0o700


def test_plain_http_is_registered_only_for_listed_hosts(undertone):
    command = ("register", *platform("http://lms.test:8080"))
    refused(undertone(*command, UNDERTONE_LMS_TOKEN=TOKEN), "UNDERTONE_OUTBOUND_HOSTS")
    listed = {"UNDERTONE_OUTBOUND_HOSTS": '["lms.test:8080"]'}
    assert undertone(*command, UNDERTONE_LMS_TOKEN=TOKEN, **listed).exit_code == 0


def test_migrating_twice_changes_nothing(undertone):
    assert undertone("migrate").exit_code == 0
    assert undertone("migrate").exit_code == 0


def test_signing_keys_are_listed_and_a_new_one_is_added(undertone):
    first = undertone("keys", "list").output.splitlines()
    assert len(first) == 1
    made = undertone("keys", "rotate").output
    both = undertone("keys", "list").output.splitlines()
    assert both[0] == first[0]  # which signs still
    assert both[1] in made


def test_registering_takes_the_token_from_the_environment(undertone):
    result = undertone(*REGISTER, UNDERTONE_LMS_TOKEN=TOKEN)
    assert result.exit_code == 0, result.output
    assert TOKEN not in result.output
    with undertone.database.reading() as session:
        assert session.scalars(select(LmsConnection)).one().token == TOKEN
        assert session.scalars(select(Institution.mode)).one() == "individual"


def test_registering_asks_for_the_token_and_does_not_show_it(undertone):
    result = undertone(*REGISTER, typed=f"{TOKEN}\n")
    assert result.exit_code == 0, result.output
    assert TOKEN not in result.output


def test_a_token_as_an_argument_is_not_taken(undertone):
    result = undertone(*REGISTER, "--lms-token", TOKEN)
    assert result.exit_code == 2
    assert "No such option" in result.stderr


def test_registering_twice_changes_nothing(undertone):
    undertone(*REGISTER, UNDERTONE_LMS_TOKEN=TOKEN)
    refused(undertone(*REGISTER, UNDERTONE_LMS_TOKEN="another"), "registered already")
    with undertone.database.reading() as session:
        assert session.scalars(select(LmsConnection)).one().token == TOKEN


def test_an_lms_address_that_is_none_registers_nothing(undertone):
    command = [
        "ftp://x" if one == URL and REGISTER[n - 1] == "--lms-url" else one for n, one in enumerate(REGISTER)
    ]
    refused(undertone(*command, UNDERTONE_LMS_TOKEN=TOKEN), "web address")
    with undertone.database.reading() as session:
        assert session.scalars(select(Registration)).all() == []


def test_an_administrator_is_listed_for_a_registered_platform_only(undertone):
    refused(undertone(*ADMIN), "No platform is registered")
    undertone(*REGISTER, UNDERTONE_LMS_TOKEN=TOKEN)
    for _ in range(2):
        assert undertone(*ADMIN).exit_code == 0
    with undertone.database.reading() as session:
        assert len(session.scalars(select(Operator)).all()) == 1


def test_an_installation_can_begin_with_a_model_of_its_own(bare, small_model):
    bare("keys", "init")
    assert bare("migrate", UNDERTONE_STARTER_MODEL=str(small_model)).exit_code == 0
    with bare.database.reading() as session:
        assert serving.serving(session, None).weights_hash == verify(small_model).weights_hash


def test_a_model_of_its_own_that_is_not_there_is_said_in_one_line(bare, tmp_path):
    bare("keys", "init")
    nowhere = {"UNDERTONE_STARTER_MODEL": str(tmp_path / "nowhere")}
    refused(bare("migrate", **nowhere), "no checkpoint")
    result = bare("check", **nowhere)
    assert result.exit_code == 1
    assert "WRONG settings: UNDERTONE_STARTER_MODEL" in result.output


def test_without_a_model_check_says_what_installs_one(bare):
    bare("keys", "init")
    migrate(bare.database)
    result = bare("check")
    assert "WRONG serving model: No model is installed yet. Run `undertone migrate`" in result.output


@pytest.mark.parametrize(("given", "processes"), [({}, "1"), ({"UNDERTONE_WEB_PROCESSES": "3"}, "3")])
def test_serve_answers_pages_with_as_many_processes_as_were_set(undertone, monkeypatch, given, processes):
    started: list[list[str]] = []
    monkeypatch.setattr("lti_tool.processes.run_together", lambda commands: started.extend(commands) or 0)
    result = undertone("serve", "--port", str(free_port()), **given)
    assert result.exit_code == 0, result.output
    web, worker = started
    assert web[web.index("--workers") + 1] == processes
    assert worker[-1] == "worker"
