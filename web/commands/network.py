"""People, organisations and tokens from the terminal: how the first administrator comes in."""

from __future__ import annotations

from datetime import timedelta

import click
from sqlalchemy import select

from ordi.parties.organisations import Kind, Nature, Organisation, found
from ordi.parties.people import Role, appoint, welcome
from ordi.parties.tokens import SCOPES, ApiToken, make_token
from web.commands.installation import database, now, organisation_named
from web.sign_in.accounts import SHORTEST, open_account


@click.group()
def organisation() -> None:
    """The network, its poles, workshops, donors, partners."""


@organisation.command("add")
@click.argument("kind", type=click.Choice([str(kind) for kind in Kind]))
@click.argument("name")
@click.option("--in", "parent", help="Where it hangs: name or number of the organisation above.")
@click.option(
    "--nature", type=click.Choice([str(nature) for nature in Nature]), default="association", show_default=True
)
@click.option("--commune", default="", help="Where it is.")
@click.option("--phone", default="", help="Printed on its labels and papers.")
def organisation_add(kind: str, name: str, parent: str | None, nature: str, commune: str, phone: str) -> None:
    """Add an organisation. The first one is the network itself."""
    with database() as session:
        above = organisation_named(session, parent) if parent else None
        made = found(session, Kind(kind), name, parent=above, at=now(), nature=nature, commune=commune, phone=phone)
        session.commit()
        click.echo(f"{made.id}  {made.kind}  {made.name}")


@organisation.command("list")
def organisation_list() -> None:
    """Show every organisation with its number."""
    with database() as session:
        for one in session.scalars(select(Organisation).order_by(Organisation.path)):
            click.echo(f"{one.id:>5}  {'  ' * (one.path.count('/') - 2)}{one.name}  ({one.kind})")


@click.group()
def person() -> None:
    """People who sign in."""


@person.command("add")
@click.argument("name")
@click.option("--username", required=True, help="What they type at the door.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--in", "where", required=True, help="The organisation: its name, its number, or `network`.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True)
@click.option("--days", type=click.IntRange(1), help="The role ends after so many days (an auditor's mandate).")
@click.password_option(help=f"{SHORTEST} characters or more; asked for when not given.")
def person_add(name: str, username: str, role: str, where: str, language: str, days: int | None, password: str) -> None:
    """Welcome a person, with one role and a password they will change."""
    with database() as session:
        at = now()
        place = organisation_named(session, where)
        one = welcome(session, name, at=at, language=language)
        appoint(session, one, Role(role), place, at=at, until=at + timedelta(days=days) if days else None)
        open_account(session, one, username, password, at=at)
        session.commit()
        click.echo(f"{one.op_code}  {one.name}: {role} in {place.name}")


@click.group()
def token() -> None:
    """Tokens for programs that talk to the API."""


@token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True)
@click.option("--in", "where", required=True, help="How far it reaches: an organisation and what stands beneath.")
@click.option("--days", type=click.IntRange(1, 730), default=365, show_default=True, help="How long it lasts.")
def token_create(name: str, scopes: tuple[str, ...], where: str, days: int) -> None:
    """Make a token. Its secret is shown once, here, and written nowhere."""
    with database() as session:
        at = now()
        made, secret = make_token(
            session,
            name,
            list(scopes),
            organisation_named(session, where),
            by=None,
            at=at,
            expires_at=at + timedelta(days=days),
        )
        session.commit()
        click.echo(f"token {made.id} for {made.organisation.name}, until {made.expires_at:%Y-%m-%d}", err=True)
        click.echo(secret)


@token.command("list")
def token_list() -> None:
    """Show tokens, never their secrets."""
    with database() as session:
        at = now()
        for one in session.scalars(select(ApiToken).order_by(ApiToken.id)):
            state = "in force" if one.in_force(at) else "ended"
            click.echo(f"{one.id:>5}  {state:<8}  {one.name}  {one.scopes}  {one.organisation.name}")


@token.command("revoke")
@click.argument("number", type=int)
def token_revoke(number: int) -> None:
    """End a token at once."""
    with database() as session:
        one = session.get(ApiToken, number)
        if one is None:
            raise click.ClickException("no such token")
        one.revoked_at = one.revoked_at or now()
        session.commit()
        click.echo("revoked")
