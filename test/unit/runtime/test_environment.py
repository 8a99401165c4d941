"""Where settings come from: the environment, `.env`, and files of secrets."""

from pathlib import Path

import pytest

from runtime import environment
from runtime.errors import SettingsError
from runtime.settings import ALL, PRESENCE, SETTINGS
from runtime.sources import Loaded

SECRETS = [name for name, setting in SETTINGS.items() if setting.is_secret]


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / "no.env"


def write(path: Path, content: str | bytes) -> str:
    """Write a file, bytes as they are, and return its path as a setting would."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def load(environ: dict[str, str], dotenv: Path | None = None) -> Loaded:
    """Load the settings of all programs."""
    return environment.load(environ, ALL, dotenv)


def problems_of(environ: dict[str, str], dotenv: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environ, dotenv)
    return list(caught.value.problems)


def test_without_a_dotenv_there_is_the_environment_alone(dotenv: Path) -> None:
    assert load({"PORT": "80"}, dotenv).values == {"PORT": "80"}


def test_a_dotenv_adds_what_the_environment_lacks(dotenv: Path) -> None:
    write(
        dotenv,
        "# A comment.\nPORT=81\n\nexport LOG_LEVEL=debug  # a hint\nDISCORD_TOKEN='a#b c'\n"
        "export DISCORD_TOKEN # as a shell has it\nMESSAGES_TOKENS= # none\n \n",
    )

    assert load({}, dotenv).values == {"PORT": "81", "LOG_LEVEL": "debug", "DISCORD_TOKEN": "a#b c"}


def test_the_environment_wins_over_the_dotenv(dotenv: Path) -> None:
    write(dotenv, "PORT=81\nLOG_LEVEL=debug\n")

    assert load({"PORT": "80"}, dotenv).values == {"PORT": "80", "LOG_LEVEL": "debug"}


def test_the_environment_can_name_another_dotenv(tmp_path: Path) -> None:
    path = write(tmp_path / "other.env", "PORT=82\n")

    assert load({"DOTENV_PATH": path}).values == {"DOTENV_PATH": path, "PORT": "82"}


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_can_come_from_a_file(name: str, tmp_path: Path, dotenv: Path) -> None:
    path = write(tmp_path / "secret", "hunter2")

    assert load({f"{name}_FILE": path}, dotenv).values == {name: "hunter2"}


def test_a_dotenv_can_name_the_file_of_a_secret(tmp_path: Path, dotenv: Path) -> None:
    path = write(tmp_path / "secret", "hunter2\n")
    write(dotenv, f"DISCORD_TOKEN_FILE={path}\n")

    assert load({}, dotenv).values == {"DISCORD_TOKEN": "hunter2"}


def test_only_a_secret_can_come_from_a_file(dotenv: Path) -> None:
    assert load({"PORT_FILE": "/nowhere"}, dotenv).values == {"PORT_FILE": "/nowhere"}


def test_a_file_of_a_secret_of_other_programs_is_left_closed(dotenv: Path) -> None:
    environ = {"DRONE_WEBHOOK_SECRET_FILE": "/nowhere", "PORT": "80"}

    assert environment.load(environ, (PRESENCE,), dotenv).values == environ


def test_every_secret_among_the_settings_has_a_twin() -> None:
    words = ("SECRET", "TOKEN", "PASSWORD", "USERNAME", "URI")

    assert {name for name in SETTINGS if name.endswith(words)} <= set(SECRETS)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("hunter2", "hunter2"),
        ("hunter2\n", "hunter2"),
        ("hunter2\r\n", "hunter2"),
        (" hunter2 \n", "hunter2"),
        ("grüße\n", "grüße"),
    ],
    ids=["bare", "newline", "CRLF", "space", "UTF-8"],
)
def test_the_newline_after_a_secret_is_no_part_of_it(
    content: str, value: str, tmp_path: Path, dotenv: Path
) -> None:
    path = write(tmp_path / "secret", content)

    assert load({"DISCORD_TOKEN_FILE": path}, dotenv).values == {"DISCORD_TOKEN": value}


def test_a_secret_that_is_set_twice_is_refused(tmp_path: Path, dotenv: Path) -> None:
    path = write(tmp_path / "secret", "hunter2")
    write(dotenv, "DISCORD_TOKEN=hunter3\n")

    assert problems_of({"DISCORD_TOKEN_FILE": path}, dotenv) == [
        "DISCORD_TOKEN and DISCORD_TOKEN_FILE are both set: keep one of them."
    ]


@pytest.mark.parametrize("empty", ["DISCORD_TOKEN", "DISCORD_TOKEN_FILE"])
def test_an_empty_twin_is_an_absent_one(empty: str, tmp_path: Path, dotenv: Path) -> None:
    path = write(tmp_path / "secret", "hunter2")
    environ = {"DISCORD_TOKEN": "hunter2", "DISCORD_TOKEN_FILE": path, empty: ""}

    assert load(environ, dotenv).values["DISCORD_TOKEN"] == "hunter2"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is empty"),
        ("\n", "it is empty"),
        (" \r\n", "it is empty"),
        (b"\xef\xbb\xbf\n", "it is empty"),
        ("hunter2\nhunter3\n", "it has more than one line"),
        (b"hunter2\xff", "it is not UTF-8"),
    ],
    ids=["empty", "newline", "blank", "byte order mark", "two lines", "bytes"],
)
def test_a_file_that_holds_no_secret_is_named_with_the_reason(
    content: str | bytes, reason: str, tmp_path: Path, dotenv: Path
) -> None:
    path = write(tmp_path / "secret", content)

    assert problems_of({"DISCORD_TOKEN_FILE": path}, dotenv) == [
        f"DISCORD_TOKEN_FILE names {path}, which cannot be used: {reason}."
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path, dotenv: Path) -> None:
    path = tmp_path / "nowhere"

    assert problems_of({"DISCORD_TOKEN_FILE": str(path)}, dotenv) == [
        f"DISCORD_TOKEN_FILE names {path}, which cannot be used: No such file or directory."
    ]


def test_a_folder_is_no_secret(tmp_path: Path, dotenv: Path) -> None:
    assert problems_of({"DISCORD_TOKEN_FILE": str(tmp_path)}, dotenv) == [
        f"DISCORD_TOKEN_FILE names {tmp_path}, which cannot be used: Is a directory."
    ]


def test_all_bad_files_come_in_one_message(tmp_path: Path, dotenv: Path) -> None:
    empty = write(tmp_path / "empty", "")
    environ = {
        "DRONE_WEBHOOK_SECRET": "hunter2",
        "DRONE_WEBHOOK_SECRET_FILE": empty,
        "MONGO_URI_FILE": empty,
    }

    assert problems_of(environ, dotenv) == [
        "DRONE_WEBHOOK_SECRET and DRONE_WEBHOOK_SECRET_FILE are both set: keep one of them.",
        f"MONGO_URI_FILE names {empty}, which cannot be used: it is empty.",
    ]


def test_a_dotenv_that_cannot_be_read_is_named(dotenv: Path) -> None:
    write(dotenv, b"DISCORD_TOKEN=hunter2\xff\n")

    assert problems_of({}, dotenv) == [f"{dotenv} cannot be read: it is not UTF-8."]


def test_a_blank_setting_leaves_room_for_the_next_source(tmp_path: Path, dotenv: Path) -> None:
    write(dotenv, "PORT=81\nDISCORD_TOKEN= \n")
    path = write(tmp_path / "secret", "hunter2\n")

    loaded = load({"PORT": "", "DISCORD_TOKEN_FILE": path}, dotenv)

    assert loaded == Loaded(
        {"PORT": "81", "DISCORD_TOKEN": "hunter2"},
        {"PORT": ".env", "DISCORD_TOKEN": f"file {path}"},
    )


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("hunter2", "a relative path"),
        ("/hunter2", "a path in an unknown folder"),
        ("/hunt/er2", "a path in an unknown folder"),
        ("/hunt/er2+==", "a path in an unknown folder"),
    ],
)
def test_a_secret_in_the_place_of_its_path_is_not_shown(
    secret: str, shown: str, dotenv: Path
) -> None:
    assert problems_of({"DISCORD_TOKEN_FILE": secret}, dotenv) == [
        f"DISCORD_TOKEN_FILE names {shown}, which cannot be used: No such file or directory."
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("s3${HOME}x", "s3${HOME}x"),
        ("'s3${HOME}x'", "s3${HOME}x"),
        ('"s3${HOME}x"', "s3${HOME}x"),
        ("s3$HOME", "s3$HOME"),
        ("${HOME:-x}", "${HOME:-x}"),
    ],
)
def test_nothing_in_a_dotenv_is_expanded(written: str, value: str, dotenv: Path) -> None:
    write(dotenv, f"HOME=/expanded\nDISCORD_TOKEN={written}\n")

    assert load({"HOME": "/root"}, dotenv).values["DISCORD_TOKEN"] == value


def test_a_byte_order_mark_is_no_part_of_a_dotenv(dotenv: Path) -> None:
    write(dotenv, b"\xef\xbb\xbfDISCORD_TOKEN=hunter2\r\nPORT=81\r\n")

    assert load({}, dotenv).values == {"DISCORD_TOKEN": "hunter2", "PORT": "81"}


@pytest.mark.parametrize(
    "line",
    [
        "hunter2",
        "DISCORD_TOKEN hunter2",
        "DISCORD_TOKEN: hunter2",
        "DISCORD_TOKEN='hunter2",
        'DISCORD_TOKEN="hunter2',
        "DISCORD_TOKEN='hunter2' hunter3",
        "=hunter2",
        "hunter2+/==",
        "\ufeffDISCORD_TOKEN=hunter2",
    ],
)
@pytest.mark.parametrize("before", ["# Mine.\nPORT=81\n\n", "\n\n\n"], ids=["lines", "nothing"])
def test_a_bad_line_of_a_dotenv_is_an_error_with_its_number(
    before: str, line: str, dotenv: Path
) -> None:
    write(dotenv, f"{before}{line}\nLOG_LEVEL=debug\n")

    assert problems_of({}, dotenv) == [
        f"{dotenv}, line 4: it must be NAME=value, with every quote closed."
    ]


def test_a_dotenv_that_may_not_be_looked_for_is_named(dotenv: Path) -> None:
    folder = dotenv.with_suffix(".txt")
    folder.write_text("no folder")
    too_long = dotenv.parent / ("x" * 300)

    assert load({}, folder / ".env").values == {}
    assert problems_of({}, too_long) == [f"{too_long} cannot be read: File name too long."]


@pytest.mark.parametrize("name", ["DOTENV_PATH", "DISCORD_TOKEN_FILE"])
def test_quotes_around_a_path_are_to_be_removed(name: str, tmp_path: Path) -> None:
    environ = {"DOTENV_PATH": "none", name: f'"{write(tmp_path / "some", "A=b")}"'}

    with pytest.raises(SettingsError) as caught:
        load(environ)

    assert str(caught.value).splitlines()[1:] == [
        f"  - {name} stands in quotes that would be part of it: remove them."
    ]


def test_a_byte_order_mark_is_no_part_of_a_secret(tmp_path: Path, dotenv: Path) -> None:
    path = write(tmp_path / "secret", b"\xef\xbb\xbfhunter2\r\n")

    assert load({"DISCORD_TOKEN_FILE": path}, dotenv).values == {"DISCORD_TOKEN": "hunter2"}


def test_a_secret_in_utf_16_is_explained(tmp_path: Path, dotenv: Path) -> None:
    path = write(tmp_path / "secret", "hunter2\r\n".encode("utf-16"))

    assert problems_of({"DISCORD_TOKEN_FILE": path}, dotenv) == [
        f"DISCORD_TOKEN_FILE names {path}, which cannot be used: it is not UTF-8."
    ]


def test_the_proxies_of_a_dotenv_are_put_where_libraries_look(dotenv: Path) -> None:
    write(dotenv, "HTTPS_PROXY=http://proxy:3128\nno_proxy=drone\nHTTP_PROXY=http://other:3128\n")
    environ = {"http_proxy": "http://mine:3128"}

    loaded = load(environ, dotenv)

    assert environ == {
        "http_proxy": "http://mine:3128",
        "HTTPS_PROXY": "http://proxy:3128",
        "no_proxy": "drone",
    }
    assert loaded.values == environ
