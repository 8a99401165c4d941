"""The stand-in keeps messages as Discord does, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from playground.discord.options import APPLICATION_ID, CHANNEL_ID, GUILD_ID, TOKEN
from playground.discord.process import StandIn, running
from playground.stand_in import OrderRefused

AGENT = "DiscordBot (https://example.org/drone-discord, 0.1)"
MESSAGES = f"/channels/{CHANNEL_ID}/messages"
ADA = str(int(GUILD_ID) + 100)


class Bot:
    """Ask the API as the bridge does."""

    def __init__(self, stand_in: StandIn) -> None:
        self.api = stand_in.api
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"Bot {TOKEN}", "User-Agent": AGENT})

    def ask(self, method: str, path: str, body: object = None, **more: Any) -> requests.Response:
        """Ask, with a JSON body if there is one."""
        return self.session.request(method, self.api + path, json=body, timeout=60, **more)

    def create(self, **payload: object) -> requests.Response:
        """Create a message in the default channel."""
        return self.ask("POST", MESSAGES, payload)

    def edit(self, message_id: str, **payload: object) -> requests.Response:
        """Edit a message of the default channel."""
        return self.ask("PATCH", f"{MESSAGES}/{message_id}", payload)

    def get(self, message_id: str) -> requests.Response:
        """Read a message of the default channel."""
        return self.ask("GET", f"{MESSAGES}/{message_id}")


@pytest.fixture(scope="module")
def process() -> Iterator[StandIn]:
    with running("--no-limits") as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(process: StandIn) -> StandIn:
    process.reset()
    return process


@pytest.fixture
def bot(stand_in: StandIn) -> Iterator[Bot]:
    bot = Bot(stand_in)
    yield bot
    bot.session.close()


def error(response: requests.Response) -> tuple[int, int]:
    """Return status and Discord's code of a refusal."""
    return response.status_code, response.json()["code"]


def test_a_created_message_comes_back_whole(bot: Bot) -> None:
    response = bot.create(content=" hello ", nonce="n1", embeds=[{"title": "t", "color": 5}])

    body = response.json()
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Via"] == "1.1 google"
    assert body == {
        "id": body["id"],
        "channel_id": CHANNEL_ID,
        "type": 0,
        "content": "hello",
        "author": {
            "id": APPLICATION_ID,
            "username": "Drone",
            "global_name": None,
            "discriminator": "0000",
            "avatar": None,
            "public_flags": 0,
            "bot": True,
        },
        "timestamp": body["timestamp"],
        "edited_timestamp": None,
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [{"type": "rich", "title": "t", "color": 5}],
        "components": [],
        "flags": 0,
        "nonce": "n1",
    }


def test_an_edit_changes_only_what_it_names(bot: Bot) -> None:
    created = bot.create(content="text", embeds=[{"title": "old"}]).json()

    edited = bot.edit(created["id"], embeds=[{"title": "new"}]).json()

    assert edited["content"] == "text"
    assert edited["embeds"] == [{"type": "rich", "title": "new"}]
    assert edited["edited_timestamp"] is not None
    assert bot.get(created["id"]).json() == edited


def test_a_nonce_is_echoed_by_the_create_only(bot: Bot) -> None:
    created = bot.create(content="x", nonce="n").json()

    assert created["nonce"] == "n"
    assert "nonce" not in bot.get(created["id"]).json()


def test_an_enforced_nonce_gives_back_the_first_message(bot: Bot, stand_in: StandIn) -> None:
    first = bot.create(content="first", nonce="n", enforce_nonce=True).json()

    second = bot.create(content="second", nonce="n", enforce_nonce=True)

    assert second.status_code == 200
    assert second.json() == first
    assert [one["id"] for one in stand_in.messages()] == [first["id"]]


def test_a_nonce_that_is_not_enforced_makes_a_second_message(bot: Bot) -> None:
    first = bot.create(content="x", nonce="n").json()

    assert bot.create(content="x", nonce="n").json()["id"] != first["id"]


def test_an_enforced_nonce_of_a_deleted_message_is_unknown(bot: Bot) -> None:
    first = bot.create(content="x", nonce="n", enforce_nonce=True).json()
    bot.ask("DELETE", f"{MESSAGES}/{first['id']}")

    assert error(bot.create(content="x", nonce="n", enforce_nonce=True)) == (404, 10008)


def test_a_nonce_is_forgotten_after_its_window(bot: Bot, stand_in: StandIn) -> None:
    first = bot.create(content="x", nonce="n", enforce_nonce=True).json()
    stand_in.advance(299)
    assert bot.create(content="x", nonce="n", enforce_nonce=True).json()["id"] == first["id"]

    stand_in.advance(2)

    assert bot.create(content="x", nonce="n", enforce_nonce=True).json()["id"] != first["id"]


def test_messages_are_listed_from_new_to_old(bot: Bot) -> None:
    ids = [bot.create(content=str(n)).json()["id"] for n in range(5)]

    def listed(query: str) -> list[str]:
        return [one["id"] for one in bot.ask("GET", f"{MESSAGES}?{query}").json()]

    assert listed("") == ids[::-1]
    assert listed("limit=2") == [ids[4], ids[3]]
    assert listed(f"before={ids[2]}") == [ids[1], ids[0]]
    assert listed(f"after={ids[1]}&limit=2") == [ids[3], ids[2]]


@pytest.mark.parametrize(("limit", "status"), [("1", 200), ("100", 200), ("0", 400), ("101", 400)])
def test_a_list_is_limited_to_a_hundred(bot: Bot, limit: str, status: int) -> None:
    assert bot.ask("GET", f"{MESSAGES}?limit={limit}").status_code == status


def test_a_deleted_message_is_unknown(bot: Bot) -> None:
    message_id = bot.create(content="x").json()["id"]

    assert bot.ask("DELETE", f"{MESSAGES}/{message_id}").status_code == 204

    assert error(bot.get(message_id)) == (404, 10008)
    assert error(bot.edit(message_id, content="y")) == (404, 10008)


def test_an_edit_may_not_empty_a_message(bot: Bot) -> None:
    message_id = bot.create(content="x").json()["id"]

    assert error(bot.edit(message_id, content=None)) == (400, 50006)


def test_somebody_elses_message_cannot_be_edited(bot: Bot, stand_in: StandIn) -> None:
    written = stand_in.order("POST", "messages", {"channel_id": CHANNEL_ID, "content": "hi"})

    assert error(bot.edit(written["id"], content="x")) == (403, 50005)
    assert error(bot.ask("DELETE", f"{MESSAGES}/{written['id']}")) == (403, 50013)


def test_a_reply_carries_the_message_it_answers(bot: Bot) -> None:
    first = bot.create(content="card").json()

    reply = bot.create(content="done", message_reference={"message_id": first["id"]}).json()

    assert reply["type"] == 19
    assert reply["referenced_message"]["id"] == first["id"]
    assert reply["message_reference"]["message_id"] == first["id"]


def test_a_reply_to_a_deleted_message_is_refused(bot: Bot) -> None:
    response = bot.create(content="x", message_reference={"message_id": "5"})

    assert error(response) == (400, 50035)
    leaf = response.json()["errors"]["message_reference"]["_errors"][0]
    assert leaf["code"] == "REPLIES_UNKNOWN_MESSAGE"


def test_a_reply_that_need_not_exist_becomes_a_plain_message(bot: Bot) -> None:
    reference = {"message_id": "5", "fail_if_not_exists": False}

    assert bot.create(content="x", message_reference=reference).json()["type"] == 0


def test_a_file_comes_back_as_an_attachment(bot: Bot) -> None:
    payload = {"attachments": [{"id": 0, "description": "the log"}]}
    parts = {
        "payload_json": (None, json.dumps(payload), "application/json"),
        "files[0]": ("log.txt", b"all is well", "text/plain"),
    }

    created = bot.ask("POST", MESSAGES, files=parts).json()

    (attachment,) = created["attachments"]
    assert attachment["filename"] == "log.txt"
    assert attachment["size"] == 11
    assert attachment["description"] == "the log"
    assert bot.session.get(attachment["url"], timeout=60).content == b"all is well"


@pytest.mark.parametrize(("size", "status"), [(10 * 1024 * 1024, 200), (10 * 1024 * 1024 + 1, 413)])
def test_a_file_may_have_ten_mebibytes(bot: Bot, size: int, status: int) -> None:
    parts = {"files[0]": ("log.txt", bytes(size), "text/plain")}

    assert bot.ask("POST", MESSAGES, files=parts).status_code == status


def test_an_edit_drops_the_attachments_it_does_not_list(bot: Bot) -> None:
    parts = {"files[0]": ("a.txt", b"a", "text/plain"), "files[1]": ("b.txt", b"b", "text/plain")}
    created = bot.ask("POST", MESSAGES, files=parts).json()

    kept = {"id": created["attachments"][1]["id"]}
    edited = bot.edit(created["id"], attachments=[kept]).json()

    assert [one["filename"] for one in edited["attachments"]] == ["b.txt"]


def test_v2_can_be_set_by_an_edit_but_never_unset(bot: Bot) -> None:
    created = bot.create(content="x").json()
    displays = [{"type": 10, "content": "now in V2"}]

    refused = bot.edit(created["id"], flags=1 << 15, components=displays)
    accepted = bot.edit(created["id"], flags=1 << 15, components=displays, content=None)
    unset = bot.edit(created["id"], flags=0)

    assert error(refused) == (400, 50035)
    assert accepted.json()["flags"] == 1 << 15
    assert unset.json()["flags"] == 1 << 15


def test_notifications_can_be_suppressed_by_a_create_only(bot: Bot) -> None:
    silent = bot.create(content="x", flags=1 << 12).json()
    plain = bot.create(content="x").json()

    assert silent["flags"] == 1 << 12
    assert bot.edit(plain["id"], flags=1 << 12).json()["flags"] == 0


def test_a_plain_create_pings_everybody_it_names(bot: Bot, stand_in: StandIn) -> None:
    bot.create(content=f"@everyone <@{ADA}> <@&{GUILD_ID}> `<@5>`")

    assert stand_in.messages()[0]["notified"] == ["@everyone", ADA, GUILD_ID]


def test_nobody_is_pinged_when_nothing_is_parsed(bot: Bot, stand_in: StandIn) -> None:
    created = bot.create(content=f"@everyone <@{ADA}>", allowed_mentions={"parse": []}).json()

    assert created["mentions"] == []
    assert stand_in.messages()[0]["notified"] == []


def test_an_embed_never_pings(bot: Bot, stand_in: StandIn) -> None:
    bot.create(embeds=[{"description": f"@everyone <@{ADA}>"}])

    assert stand_in.messages()[0]["notified"] == []


def test_an_edit_highlights_without_notifying(bot: Bot, stand_in: StandIn) -> None:
    created = bot.create(content="x", allowed_mentions={"parse": []}).json()

    edited = bot.edit(created["id"], content=f"<@{ADA}>").json()

    assert [one["id"] for one in edited["mentions"]] == [ADA]
    assert stand_in.messages()[0]["notified"] == []


def test_every_version_can_be_read_out(bot: Bot, stand_in: StandIn) -> None:
    created = bot.create(content="one", nonce="n").json()
    bot.edit(created["id"], content="two")
    stand_in.delete_message(created["id"])

    (message,) = stand_in.messages(CHANNEL_ID)

    assert [(one["cause"], one["content"]) for one in message["versions"]] == [
        ("create", "one"),
        ("edit", "two"),
    ]
    assert message["nonce"] == "n"
    assert message["deleted_by"] == "person"


def test_an_id_tells_when_the_message_was_made(bot: Bot, stand_in: StandIn) -> None:
    stand_in.set_clock(-7200)

    created = bot.create(content="x").json()

    now = stand_in.order("GET", "clock")["now"]
    assert abs(((int(created["id"]) >> 22) + 1420070400000) / 1000 - now) < 60
    (message,) = stand_in.messages()
    assert message["created_at"] == ((int(created["id"]) >> 22) + 1420070400000) / 1000


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "Bot wrong"}, 401, 0),
        ({"Authorization": TOKEN}, 401, 0),
        ({"Authorization": None}, 401, 0),
        ({"User-Agent": "python-requests/2.34"}, 403, 40333),
        ({"User-Agent": "DiscordBot"}, 403, 40333),
        ({"User-Agent": "DiscordBot (https://github.com/Rapptz/discord.py 2.7.1) Python"}, 200, 0),
    ],
    ids=["wrong token", "no Bot", "no token", "requests", "no url", "discord.py"],
)
def test_a_caller_must_be_the_bot(
    bot: Bot, headers: dict[str, str | None], status: int, code: int
) -> None:
    response = bot.ask("GET", "/users/@me", headers=headers)

    assert response.status_code == status
    assert response.json().get("code", 0) == code


def test_a_body_must_say_what_it_is(bot: Bot) -> None:
    response = bot.ask("POST", MESSAGES, data="x", headers={"Content-Type": "text/plain"})

    assert error(response) == (400, 50035)


@pytest.mark.parametrize(("body", "code"), [("{", 50109), ("[]", 50035), ("{}", 50006)])
def test_a_body_must_be_a_json_object(bot: Bot, body: str, code: int) -> None:
    response = bot.ask("POST", MESSAGES, data=body, headers={"Content-Type": "application/json"})

    assert error(response) == (400, code)


def test_a_refused_payload_is_kept_for_reading(bot: Bot, stand_in: StandIn) -> None:
    bot.create(embeds=[{"title": "x" * 257}])

    (refusal,) = stand_in.refusals()
    assert refusal["status"] == 400
    assert refusal["refused"] == "50035 Invalid Form Body"
    assert json.loads(refusal["body"]) == {"embeds": [{"title": "x" * 257}]}
    assert "BASE_TYPE_MAX_LENGTH" in refusal["answer"]


def test_the_request_log_says_what_was_asked(bot: Bot, stand_in: StandIn) -> None:
    message_id = bot.create(content="x").json()["id"]
    bot.edit(message_id, content="y")

    (entry,) = stand_in.requests(method="PATCH")

    assert entry["route"] == "/channels/{channel_id}/messages/{message_id}"
    assert entry["path"] == f"/api/v10{MESSAGES}/{message_id}"
    assert entry["status"] == 200
    assert json.loads(entry["body"]) == {"content": "y"}
    assert entry["message_id"] == message_id


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/channels/5/messages", 404, 10003),
        ("/channels/builds/messages", 400, 50035),
        ("/guilds/5", 404, 10004),
        (f"/guilds/{GUILD_ID}/members/5", 404, 10007),
        ("/nowhere", 404, 0),
    ],
)
def test_what_is_unknown_has_a_code_of_its_own(bot: Bot, path: str, status: int, code: int) -> None:
    assert error(bot.ask("GET", path)) == (status, code)


@pytest.mark.parametrize("version", ["/api/v6", "/api"])
def test_only_version_ten_is_served(stand_in: StandIn, version: str) -> None:
    response = requests.get(f"{stand_in.address}{version}/users/@me", timeout=60)

    assert error(response) == (400, 50041)


@pytest.mark.parametrize(
    ("denied", "method", "payload", "expected"),
    [
        (["VIEW_CHANNEL"], "GET", None, (403, 50001)),
        (["VIEW_CHANNEL"], "POST", {"content": "x"}, (403, 50001)),
        (["SEND_MESSAGES"], "POST", {"content": "x"}, (403, 50013)),
        (["EMBED_LINKS"], "POST", {"embeds": [{"title": "t"}]}, (403, 50013)),
        (["READ_MESSAGE_HISTORY"], "POST",
         {"content": "x", "message_reference": {"message_id": "5"}}, (400, 160002)),
    ],
    ids=["unseen", "unseen for writing", "silenced", "without embeds", "without history"],
)  # fmt: skip
def test_a_denied_permission_is_refused(
    bot: Bot,
    stand_in: StandIn,
    denied: list[str],
    method: str,
    payload: object,
    expected: tuple[int, int],
) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=denied)

    assert error(bot.ask(method, MESSAGES, payload)) == expected


def test_a_permission_can_be_given_back(bot: Bot, stand_in: StandIn) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=["SEND_MESSAGES"])
    stand_in.set_channel(CHANNEL_ID, deny=[])

    assert bot.create(content="x").status_code == 200


def test_without_history_a_list_is_empty(bot: Bot, stand_in: StandIn) -> None:
    bot.create(content="x")
    stand_in.set_channel(CHANNEL_ID, deny=["READ_MESSAGE_HISTORY"])

    assert bot.ask("GET", MESSAGES).json() == []


def test_the_bots_permissions_can_be_computed_from_what_it_may_read(bot: Bot) -> None:
    channel = bot.ask("GET", f"/channels/{CHANNEL_ID}").json()
    guild = bot.ask("GET", f"/guilds/{channel['guild_id']}").json()
    roles = bot.ask("GET", f"/guilds/{channel['guild_id']}/roles").json()
    member = bot.ask("GET", f"/guilds/{GUILD_ID}/members/{APPLICATION_ID}").json()

    assert channel["type"] == 0
    assert channel["permission_overwrites"] == []
    assert guild["roles"] == roles
    assert set(member["roles"]) < {role["id"] for role in roles}
    assert int(roles[0]["permissions"]) & (1 << 10 | 1 << 11) == 1 << 10 | 1 << 11


def test_a_removed_channel_is_unknown(bot: Bot, stand_in: StandIn) -> None:
    stand_in.remove_channel(CHANNEL_ID)

    assert error(bot.create(content="x")) == (404, 10003)


def test_a_channel_can_be_made(bot: Bot, stand_in: StandIn) -> None:
    stand_in.set_channel("1100000000000000077", name="releases")

    response = bot.ask("POST", "/channels/1100000000000000077/messages", {"content": "x"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ({"type": 15}, 40058),
        ({"type": 4}, 50008),
        ({"type": 11, "archived": True, "locked": True}, 160005),
    ],
    ids=["forum", "category", "locked thread"],
)
def test_a_channel_of_the_wrong_kind_is_refused(
    bot: Bot, stand_in: StandIn, channel: dict[str, object], code: int
) -> None:
    stand_in.set_channel(CHANNEL_ID, **channel)

    assert error(bot.create(content="x")) == (400, code)


def test_an_archived_thread_takes_no_changes_until_a_message_opens_it(
    bot: Bot, stand_in: StandIn
) -> None:
    stand_in.set_channel(CHANNEL_ID, type=11)
    first, second = (bot.create(content="x").json()["id"] for _ in range(2))
    stand_in.set_channel(CHANNEL_ID, archived=True)

    refused = [
        error(bot.edit(first, content="y")),
        error(bot.ask("DELETE", f"{MESSAGES}/{second}")),
    ]
    opened = bot.create(content="z").status_code
    taken = [
        bot.edit(first, content="y").status_code,
        bot.ask("DELETE", f"{MESSAGES}/{second}").status_code,
    ]

    assert (refused, opened, taken) == ([(400, 50083)] * 2, 200, [200, 204])


@pytest.mark.parametrize(
    ("posts", "channel", "expected"),
    [
        (1, {"type": 11, "archived": True}, 200),
        (0, {"type": 11, "archived": True}, 403),
        (1, {"type": 11, "archived": True, "locked": True}, 403),
        (1, {"type": 0}, 403),
    ],
    ids=["where it posted", "where it did not post", "a locked thread", "no thread"],
)
def test_a_bot_opens_an_archived_thread(
    bot: Bot, stand_in: StandIn, posts: int, channel: dict[str, object], expected: int
) -> None:
    stand_in.set_channel(CHANNEL_ID, type=11)
    for _ in range(posts):
        bot.create(content="x")
    stand_in.set_channel(CHANNEL_ID, **channel)

    opened = bot.ask("PATCH", f"/channels/{CHANNEL_ID}", {"archived": False})

    assert opened.status_code == expected


def test_in_a_thread_only_the_permission_to_send_in_threads_counts(
    bot: Bot, stand_in: StandIn
) -> None:
    stand_in.set_channel(CHANNEL_ID, type=11, deny=["SEND_MESSAGES"])
    assert bot.create(embeds=[{"title": "t"}]).status_code == 200

    stand_in.set_channel(CHANNEL_ID, deny=["SEND_MESSAGES_IN_THREADS"])
    assert error(bot.create(content="x")) == (403, 50013)


def test_without_the_permission_to_attach_files_an_edit_with_one_is_refused(
    bot: Bot, stand_in: StandIn
) -> None:
    message_id = bot.create(content="x").json()["id"]
    stand_in.set_channel(CHANNEL_ID, deny=["ATTACH_FILES"])

    parts = {"files[0]": ("log.txt", b"z", "text/plain")}
    refused = bot.ask("PATCH", f"{MESSAGES}/{message_id}", files=parts)

    assert error(refused) == (403, 50013)
    assert bot.edit(message_id, content="y").status_code == 200


def test_without_history_one_message_cannot_be_read(bot: Bot, stand_in: StandIn) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=["READ_MESSAGE_HISTORY"])
    assert error(bot.ask("GET", f"{MESSAGES}/1")) == (403, 50013)

    stand_in.set_channel(CHANNEL_ID, deny=[])
    assert error(bot.ask("GET", f"{MESSAGES}/1")) == (404, 10008)


def test_a_revoked_token_is_refused_everywhere(bot: Bot, stand_in: StandIn) -> None:
    stand_in.revoke_token()
    assert error(bot.create(content="x")) == (401, 0)

    stand_in.revoke_token(revoked=False)
    assert bot.create(content="x").status_code == 200


def test_messages_beyond_the_bound_are_forgotten() -> None:
    with running("--no-limits", "--keep-messages", "3", "--keep-requests", "4") as stand_in:
        bot = Bot(stand_in)
        ids = [bot.create(content=str(n)).json()["id"] for n in range(5)]
        bot.session.close()

        assert [one["id"] for one in stand_in.messages()] == ids[2:]
        assert stand_in.counts()["forgotten_messages"] == 2
        assert [one["number"] for one in stand_in.requests()] == [2, 3, 4, 5]


def test_versions_beyond_the_bound_are_forgotten_and_counted(bot: Bot, stand_in: StandIn) -> None:
    message_id = bot.create(content="first").json()["id"]
    for n in range(120):
        bot.edit(message_id, content=str(n))

    (message,) = stand_in.messages()

    assert len(message["versions"]) == 100
    assert message["forgotten_versions"] == 21
    assert message["versions"][0]["content"] == "first"
    assert message["versions"][-1]["content"] == "119"


def test_an_unknown_key_in_an_order_is_an_error(stand_in: StandIn) -> None:
    with pytest.raises(OrderRefused, match="unknown: secnods"):
        stand_in.add_fault("slow", secnods=3)


def test_another_sites_page_may_not_give_orders(stand_in: StandIn) -> None:
    response = requests.post(
        f"{stand_in.address}/control/reset", headers={"Origin": "https://evil.example"}, timeout=60
    )

    assert response.status_code == 403


@pytest.mark.parametrize("path", ["/control/counts", "/view/state", "/"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_a_strangers_name_for_this_machine_opens_nothing(
    stand_in: StandIn, path: str, host: str
) -> None:
    refused = requests.get(stand_in.address + path, headers={"Host": host}, timeout=60)

    assert (refused.status_code, refused.json()["error"]) == (403, "foreign_host")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:5050", "127.0.0.1", "[::1]:80", "127.1.1.1"]
)
def test_this_machine_may_be_called_by_its_own_names(stand_in: StandIn, host: str) -> None:
    url = f"{stand_in.address}/control/counts"

    assert requests.get(url, headers={"Host": host}, timeout=60).status_code == 200


def test_the_api_may_be_called_by_any_name(bot: Bot) -> None:
    assert bot.ask("GET", "/users/@me", headers={"Host": "discord.test"}).status_code == 200


# What a thread needs to be written to; its permissions are its parent's.
THREAD_ID = "1100000000000000077"


@pytest.mark.parametrize(
    ("denied", "status"),
    [
        pytest.param([], 200, id="nothing"),
        pytest.param(["SEND_MESSAGES"], 200, id="what only the channel needs"),
        pytest.param(["SEND_MESSAGES_IN_THREADS"], 403, id="what a thread needs"),
        pytest.param(["EMBED_LINKS"], 403, id="what an embed needs"),
    ],
)
def test_a_thread_is_written_to_if_its_parent_allows(
    stand_in: StandIn, bot: Bot, denied: list[str], status: int
) -> None:
    stand_in.set_channel(CHANNEL_ID, deny=denied)
    stand_in.set_channel(THREAD_ID, type=11, parent_id=CHANNEL_ID)
    path, body = f"/channels/{THREAD_ID}/messages", {"embeds": [{"title": "t"}]}

    assert bot.ask("POST", path, body).status_code == status
