"""The settings of MongoDB: one address, or its parts."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, unquote

from runtime.reader import Reader
from runtime.secret import Secret

# Stricter than the driver, whose errors would quote a piece of a password that is not encoded.
# https://www.mongodb.com/docs/manual/reference/connection-string/
_PORT = r"6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3}"
_PLACE = rf"(?:\[[0-9A-Fa-f:.%]+[^\s,/?@\[\]]*\]|[^\s,:/?@\[\]]+)(?::(?:{_PORT}))?"
_PLACES = rf"{_PLACE}(?:,{_PLACE})*"
_WORD = r"(?:[^\s:/?@%]|%[0-9A-Fa-f]{2})+"
_MONGO_URI = re.compile(rf"mongodb(?:\+srv)?://(?:{_WORD}(?::{_WORD})?@)?{_PLACES}(?:[/?][^\s@]*)?")
# https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions
_MONGO_DATABASE = re.compile(r"[^\s/\\.\"$]{1,63}")
# An address names it to say where the user is kept; nobody's data belongs there.
_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class MongoSettings:
    """How to reach MongoDB, and how long it keeps what is done; a ttl of zero means for ever."""

    uri: Secret
    database: str
    delivery_ttl: timedelta
    card_ttl: timedelta


def read_mongo_settings(reader: Reader) -> MongoSettings:
    """Read how to reach MongoDB; problems are left with *reader*."""
    uri = reader.text("MONGO_URI")
    if uri and not _MONGO_URI.fullmatch(uri):
        reader.problems.append(
            "MONGO_URI must look like mongodb://user:password@host:27017/?option=value, "
            "with the signs @ : / ? % in user and password percent-encoded."
        )
    return MongoSettings(
        uri=Secret(uri or _uri(reader)),
        database=_database(reader, uri),
        delivery_ttl=timedelta(days=reader.number("DELIVERY_TTL_DAYS")),
        card_ttl=timedelta(days=reader.number("CARD_TTL_DAYS")),
    )


def _database(reader: Reader, uri: str) -> str:
    """Return the database that MONGO_URI or MONGO_DATABASE names; they must not differ."""
    chosen = reader.text("MONGO_DATABASE")
    path = uri.partition("://")[2].partition("?")[0].partition("/")[2]
    in_uri = unquote(path) if path != _ADMIN and _MONGO_URI.fullmatch(uri) else ""
    for name, database in (("MONGO_DATABASE", chosen), ("The database in MONGO_URI", in_uri)):
        if database and not _MONGO_DATABASE.fullmatch(database):
            reader.problems.append(
                f'{name} must be at most 63 characters, without spaces and / \\ . " $.'
            )
    if in_uri and reader.is_set("MONGO_DATABASE") and in_uri != chosen:
        reader.problems.append(
            "MONGO_DATABASE and the database in MONGO_URI differ: keep one of them. Where the user "
            "is kept goes into the address as ?authSource=."
        )
    return in_uri or chosen


def _uri(reader: Reader) -> str:
    user = reader.text("MONGO_INITDB_ROOT_USERNAME")
    password = reader.text("MONGO_INITDB_ROOT_PASSWORD")
    if bool(user) != bool(password):
        reader.problems.append(
            "MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD go together."
        )
    hosts = ",".join(_in_brackets(host) for host in reader.text("MONGO_HOST").split(","))
    place = f"{hosts}:{reader.number('MONGO_PORT')}"
    if not re.fullmatch(_PLACES, place):
        reader.problems.append(
            "MONGO_HOST must be a name or an address alone: the port goes into MONGO_PORT, "
            "everything else into MONGO_URI."
        )
    if not user:
        return f"mongodb://{place}"
    return f"mongodb://{quote(user, safe='')}:{quote(password, safe='')}@{place}/?authSource=admin"


def _in_brackets(host: str) -> str:
    """Return *host* as it stands in an address; IPv6 needs brackets there.

    https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2
    """
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return host
    return f"[{host.replace('%', '%25')}]"
