"""The commands of `flask --app server.wsgi <command>`."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

import click
from flask import Flask

from runtime.environment import load
from runtime.errors import SettingsError
from runtime.settings import BRIDGE, settings_of
from runtime.sources import Loaded
from server.config.flask_dotenv import forget_flask_dotenv
from server.config.mongo import MongoSettings
from server.config.settings import (
    ServerSettings,
    WorkerSettings,
    read_drone,
    read_mongo,
    read_registration,
    read_server,
    read_worker,
)
from server.core.cards.lifecycle import retried
from server.core.discord.objects import read_application
from server.core.discord.snowflake import is_snowflake
from server.core.drone.ping import beside_interactions, is_address
from server.core.drone.webhook_counts import WebhookCounts
from server.core.interactions.commands import TREE
from server.edges.discord import DiscordRest
from server.edges.drone import DroneRest
from server.edges.mongo.store import MongoStore, check_options, connect
from server.edges.webhook_post import post_ping
from server.errors import StoreUnavailable
from server.services.operations.doctor import (
    check_drone,
    check_interactions,
    check_secrets,
    check_store,
    tell_origins,
)
from server.services.operations.doctor_discord import Ids, check_discord
from server.services.operations.finding import Finding
from server.services.operations.register_commands import (
    CommandScope,
    NotRegistered,
    read_difference,
    replace_commands,
)

TIMEOUT = timedelta(seconds=5)
_COLORS = {"+": "green", "-": "red", "~": "yellow"}  # click leaves them out of what is no terminal

Settings = TypeVar("Settings")


def register(app: Flask) -> None:
    """Add the commands to *app*."""
    app.cli.add_command(init_db)
    app.cli.add_command(doctor)
    app.cli.add_command(cards)
    app.cli.add_command(register_commands)


@click.command("init-db")
@click.option("--drop", is_flag=True, help="Delete everything in the database first.")
@click.option(
    "--yes",
    "confirmed",
    metavar="DATABASE",
    is_flag=False,
    flag_value="",
    help="Do not ask before deleting: --yes=DATABASE, with the database's name.",
)
def init_db(drop: bool, confirmed: str | None) -> None:
    """Make the indexes that are missing.

    Safe at any time, on every deploy and while everything runs; only --drop deletes anything.
    """
    settings = _read(_read_mongo)
    place = _place(settings)
    with _opened(settings) as store:
        if drop or confirmed is not None:
            _confirm(drop, confirmed, settings.database, place)
            store.drop()
            click.echo(f"Deleted everything in {place}.")
        store.prepare()
    click.echo(f"Every index is there in {place}.")


@click.command()
@click.option("--url", metavar="URL", default="", help="Where Drone posts: try the secret there.")
def doctor(url: str) -> None:
    """Check the settings and everything they point at.

    Prints where the settings come from, then one line a check, with what to do about a problem;
    exits 1 if there is any. The webhook secret is tried with a signed ping that nothing is shown
    for. Without --url it goes beside the Interactions Endpoint URL, if Discord knows one.
    """
    if url and not is_address(url):
        raise click.UsageError("--url must look like https://bridge.example.com/.")
    loaded = _load()
    defaults = {name: setting.default for name, setting in settings_of(BRIDGE).items()}
    for line in tell_origins(defaults, loaded.origins):
        click.echo(line)
    findings = list(_findings(loaded.values, url))
    for finding in findings:
        click.echo(str(finding))
    if any(finding.is_well is False for finding in findings):
        sys.exit(1)


@click.command()
@click.option("--dropped", is_flag=True, help="List the cards that were given up, with the reason.")
@click.option("--retry", is_flag=True, help="Give them another chance; the worker takes them up.")
@click.argument("ids", nargs=-1)
def cards(dropped: bool, retry: bool, ids: tuple[str, ...]) -> None:
    """List dropped cards, or try them again: all of them, or those whose IDS you name."""
    if dropped == retry:
        raise click.UsageError("Say either --dropped or --retry.")
    now = datetime.now(UTC)
    with _opened(_read(_read_mongo)) as store:
        found = [card for card in store.cards.dropped() if not ids or card.id in ids]
        for card in found:
            click.echo(f"{card.id}  attempts {card.attempts}  {card.dropped}")
            if retry and store.cards.save(retried(card, now), now) is None:
                click.echo("  it changed just now; try again.")
    verb = "will be tried again" if retry else "dropped"
    click.echo(f"{len(found)} card(s) {verb}.")


@click.command("register-commands")
@click.option("--guild", "guild_id", metavar="ID", help="In this server alone, at once.")
@click.option("--global", "everywhere", is_flag=True, help="In every server; may take an hour.")
@click.option("--dry-run", is_flag=True, help="Only print the difference.")
def register_commands(guild_id: str | None, everywhere: bool, dry_run: bool) -> None:
    """Give Discord the slash commands, if it has others; print the difference.

    Without a choice, in the server of DISCORD_GUILD_ID. Other commands of the application are
    removed. Run it once for each version, not at every start.
    """
    if guild_id and everywhere:
        raise click.UsageError("Say either --guild or --global.")
    settings = _read(read_registration)
    guild_id = "" if everywhere else guild_id or settings.guild_id
    if not everywhere and not is_snowflake(guild_id):
        raise click.UsageError("Say --guild with a server's id, or --global.")
    scope = CommandScope(settings.application_id, guild_id)
    rest = DiscordRest(settings.discord_api_base_url, settings.discord_token)
    try:
        lines = read_difference(rest.get, scope, TREE)
        for line in lines:
            click.secho(line, fg=_COLORS[line[0]])
        if not lines:
            click.echo(f"The commands {scope} are as they should be.")
        elif dry_run:
            click.echo(f"Nothing was changed {scope}.")
        else:
            replace_commands(rest.put, scope, TREE)
            click.echo(f"The commands {scope} are registered.")
    except NotRegistered as error:
        raise click.ClickException(str(error)) from error


def _findings(values: Mapping[str, str], url: str) -> Iterator[Finding]:
    problems: list[str] = []
    server = _try(read_server, values, problems)
    worker = _try(read_worker, values, problems)
    mongo = _try(_read_mongo, values, problems)
    drone = _try(read_drone, values, problems)
    for problem in dict.fromkeys(problems):
        yield Finding("Settings", False, problem)
    if not problems:
        yield Finding("Settings", True, "complete.")
    if mongo is not None:
        yield from check_store(lambda: _read_store(mongo), _place(mongo))
    # Several checks look at the same.
    get = (
        cache(DiscordRest(worker.discord_api_base_url, worker.discord_token).get)
        if worker
        else None
    )
    if server is not None:
        if get is not None and server.interactions.public_key and not url:
            application = read_application(get("/applications/@me"))
            url = beside_interactions(application and application.interactions_url)
        yield from check_secrets(post_ping, url, server.webhook_secrets, datetime.now(UTC))
    if worker is not None and get is not None:
        yield from check_discord(get, _ids(worker, server))
        if server is not None and (chosen := server.interactions).public_key:
            yield check_interactions(get, chosen.application_id, chosen.public_key)
    if drone is not None:
        yield check_drone(DroneRest(drone.server, drone.token).who_am_i())


def _read_mongo(values: Mapping[str, str]) -> MongoSettings:
    settings = read_mongo(values)
    check_options(settings)
    return settings


def _ids(worker: WorkerSettings, server: ServerSettings | None) -> Ids:
    """Return what the settings name at Discord; the server's may have been unreadable."""
    if server is None:
        return Ids(worker.discord_channel_id)
    return Ids(
        worker.discord_channel_id,
        server.messages.guild_id,
        server.interactions.operator_role_ids,
        server.messages.channels,
        bool(server.messages.tokens),
    )


def _try(
    read: Callable[[Mapping[str, str]], Settings], values: Mapping[str, str], problems: list[str]
) -> Settings | None:
    try:
        return read(values)
    except SettingsError as error:
        problems.extend(error.problems)
        return None


def _read(read: Callable[[Mapping[str, str]], Settings]) -> Settings:
    try:
        return read(_load().values)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _load() -> Loaded:
    try:
        forget_flask_dotenv(os.environ)
        return load(os.environ, BRIDGE)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _opened(settings: MongoSettings) -> Iterator[MongoStore]:
    """Open the store, and turn what is wrong with it into one sentence."""
    try:
        with closing(connect(settings, TIMEOUT)) as store:
            yield store
    except StoreUnavailable as error:
        raise click.ClickException(f"{_place(settings)} cannot be used: {error}") from error


def _confirm(drop: bool, confirmed: str | None, database: str, place: str) -> None:
    """Return if a person means to delete what is in *place*; end the command otherwise."""
    if not drop:
        raise click.UsageError("--yes goes together with --drop.")
    if confirmed == "":
        raise click.UsageError("Say which database to delete: --yes=DATABASE.")
    if confirmed is None:
        click.echo(f"This deletes every delivery and every card in {place}.")
        confirmed = click.prompt("Type the name of the database to go on", type=str).strip()
    if confirmed != database:
        raise click.ClickException(f"Nothing was deleted: this is {place}.")


def _read_store(settings: MongoSettings) -> tuple[WebhookCounts, datetime]:
    with closing(connect(settings, TIMEOUT)) as store:
        return store.webhooks.read(), store.clock()


def _place(settings: MongoSettings) -> str:
    """Name the database without what is secret in its address."""
    address = settings.uri.reveal().rpartition("://")[2].rpartition("@")[2]
    host = address.partition("?")[0].partition("/")[0]
    return f"database {settings.database} at {host}"
