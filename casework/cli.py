"""The command line. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from casework.configuration import Configuration

CONFIGURATION = "CASEWORK_CONFIG"


def main() -> None:
    """Run the command line; what is wrong with the installation is told without a traceback."""
    os.umask(0o077)
    # Pyramid 2.1 cannot do without; the lock holds the setuptools that still has it.
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    try:
        casework()
    except Exception as error:
        if isinstance(error, _expected()):
            sys.exit(f"casework: {error}")
        raise


def _expected() -> tuple[type[Exception], ...]:
    """Errors that a person who installs Casework can mend; their messages say how."""
    import psycopg
    from sqlalchemy.exc import OperationalError

    from casework.embedded import EmbeddedError
    from casework.migrations import MigrationError
    from casework.programs import ProgramError
    from casework.settings import SettingsError

    return (
        SettingsError,
        EmbeddedError,
        MigrationError,
        ProgramError,
        psycopg.OperationalError,
        OperationalError,
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def casework() -> None:
    """Case work of medical social workers, and the standards they are held to."""


def configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names the ini file; the command gets the `Configuration`."""
    return click.option(
        "-c",
        "--config",
        "configuration",
        default="development.ini",
        envvar=CONFIGURATION,
        show_default=True,
        callback=_read,
        help=f"The ini file; also {CONFIGURATION} in the environment.",
    )(command)


def _read(_context: click.Context, _option: click.Parameter, value: str) -> Configuration:
    from casework import configuration

    return configuration.read(Path(value))


@casework.command()
@click.argument("ini", default="development.ini", envvar=CONFIGURATION)
@click.option("--port", type=click.IntRange(1, 65535), help="Listen there instead.")
def serve(ini: str, port: int | None) -> None:
    """Serve the pages: database, migrations, web and worker processes, until Ctrl-C."""
    from casework import configuration, serve

    sys.exit(serve.serve(configuration.read(Path(ini)).on_port(port)))


@casework.command()
@configured
def worker(configuration: Configuration) -> None:
    """Work off deferred jobs until told to stop."""
    from casework.jobs.worker import run
    from casework.serve import end_with_parent, log_to_terminal

    end_with_parent()
    log_to_terminal()
    run(configuration.settings)


@casework.command()
@configured
def migrate(configuration: Configuration) -> None:
    """Bring the database to this version."""
    from casework.embedded import connect_urls
    from casework.migrations import pending
    from casework.serve import log_to_terminal, migrate_database

    log_to_terminal()
    urls = connect_urls(configuration.settings)
    programs = migrate_database(configuration.settings, urls)
    click.echo(
        "The database is up to date." if not pending(urls.owner, programs) else "The database is behind."
    )


@casework.command()
@click.argument("message")
@click.option("--program", help="The key of a program; else the core.")
@configured
def revision(message: str, program: str | None, configuration: Configuration) -> None:
    """Draft the next migration from what differs between models and database."""
    from casework.embedded import connect_urls
    from casework.migrations import revise
    from casework.programs import Programs

    programs = Programs.load(configuration.settings.programs, configuration.settings.adapters)
    click.echo(revise(connect_urls(configuration.settings).owner, programs, message, program))


@casework.command()
@configured
def demo(configuration: Configuration) -> None:
    """Load the invented district into an empty, migrated database."""
    from casework import demo
    from casework.serve import log_to_terminal

    log_to_terminal()
    demo.load(configuration.settings)


@casework.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@configured
def check(as_json: bool, configuration: Configuration) -> None:
    """Check the standard: what is wrong, in which file and line, and how to mend it.

    Ends with 1 if there are errors; warnings alone do not count.
    """
    import json

    from casework.handbook.review import check_handbook
    from casework.programs import Programs

    findings = check_handbook(Programs.load(configuration.settings.programs))
    errors = sum(finding.level == "error" for finding in findings)
    warned = len(findings) - errors
    if as_json:
        data = {"errors": errors, "warnings": warned, "findings": [each.as_data() for each in findings]}
        click.echo(json.dumps(data, indent=2))
    else:
        for each in findings:
            click.echo(f"{each.where}: {each.level}: {each.what} [{each.check}]\n    {each.mend}")
        click.echo(f"{errors} errors, {warned} warnings")
    sys.exit(1 if errors else 0)


@casework.command()
@click.argument("file", type=click.Path(path_type=Path))
def secret(file: Path) -> None:
    """Make a file with a new master key, which only its owner can read."""
    from casework.embedded.keys import make_key, read_or_make

    if not read_or_make(file, make_key)[1]:
        raise click.ClickException(f"{file} exists; a key that encrypted anything must not be replaced")
    click.echo(
        f"{file} holds a new key. Keep a copy apart from the backups: without it nobody reads encrypted fields."
    )


@casework.command()
@click.argument("name")
@click.option(
    "--network", default="Casework", show_default=True, help="What the whole network is called, if it is new."
)
@configured
def administrator(name: str, network: str, configuration: Configuration) -> None:
    """Open the account NAME of an administrator of the whole network and print its password, once."""
    from casework.embedded import connect_urls
    from casework.errors import Invalid
    from casework.maintenance import system_at_work
    from casework.programs import Programs
    from casework.staff.founding import open_administrator

    settings = configuration.settings
    programs = Programs.load(settings.programs, settings.adapters)
    try:
        with system_at_work(connect_urls(settings).runtime, settings, programs) as work:
            account, password = open_administrator(work, name, network)
    except Invalid as invalid:
        raise click.ClickException(" ".join(str(each.message) for each in invalid.problems)) from invalid
    click.echo(f"Sign-in name: {account.sign_in_name}")
    click.echo(f"One-time password: {password}")
    click.echo("It is kept nowhere. Sign in and change it on the page of your account.")


@casework.group()
def handbook() -> None:
    """The standard as a book."""


@handbook.command()
@click.option(
    "--language", type=click.Choice(("zh_Hans", "en", "both")), default="zh_Hans", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The PDF to write.")
@click.option(
    "--edition", help="The number of a published edition; else the newest one, or the texts as they lie."
)
@configured
def build(language: str, output: Path, edition: str | None, configuration: Configuration) -> None:
    """Set the standard as PDF; the same edition gives the same bytes."""
    import sqlalchemy as sa

    from casework.documents.typesetting import TypesettingError
    from casework.duties.model import Edition
    from casework.embedded import connect_urls
    from casework.handbook.books import chapters_folder, set_book, written
    from casework.handbook.standard import newest_edition
    from casework.maintenance import system_at_work
    from casework.programs import Programs

    settings = configuration.settings
    programs = Programs.load(settings.programs)
    with system_at_work(connect_urls(settings).runtime, settings, programs) as work:
        found = newest_edition(work)
        if edition is not None:
            found = work.session.scalar(sa.select(Edition).where(Edition.number == edition))
            if found is None:
                raise click.ClickException(f"no edition {edition!r} was published")
        title, html = written(work, language, edition=found)
    try:
        content = set_book(title, html, language, chapters_folder(settings))
    except TypesettingError as error:
        raise click.ClickException(str(error)) from error
    output.write_bytes(content)
    click.echo(f"{output}: {len(content)} bytes")


@casework.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@configured
def verify(configuration: Configuration) -> None:
    """Prove that no entry of the audit trail was changed or removed."""
    from casework.audit.verify import run

    sys.exit(run(configuration.settings))


if __name__ == "__main__":
    main()
