"""The command line. Only what `--help` needs is imported here; a command imports what it does when it is run."""

import sys
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from genjin import __version__
from genjin.cli import (
    admin,
    assistants,
    backups,
    daily,
    data,
    demo,
    downloads,
    everything,
    fields,
    jobs,
    moving,
    organisation,
    people,
    pools,
    profiles,
    serve,
    sync,
    tables,
    webhooks,
)
from genjin.cli.output import fail
from genjin.errors import BadSettings, GenjinError


class Commands(TyperGroup):
    """Tells what went wrong on purpose in a line, without a traceback, and ends with exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            fail(f"A setting cannot be used.\n{error}")
        except GenjinError as error:
            fail(str(error).partition("\n")[0] or type(error).__name__)
        except OSError as error:
            if error.filename is None:
                raise
            fail(f"{error.filename}: {error.strerror}")


app = typer.Typer(
    cls=Commands,
    help="Keeps everything that happens to a lead or customer and serves it as a timeline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
organisations = typer.Typer(help="How an organisation works.", no_args_is_help=True, rich_markup_mode=None)
users = typer.Typer(help="Who may sign in.", no_args_is_help=True, rich_markup_mode=None)
departments = typer.Typer(help="The organisation's tree.", no_args_is_help=True, rich_markup_mode=None)
roles = typer.Typer(help="Who sees and changes what.", no_args_is_help=True, rich_markup_mode=None)
tokens = typer.Typer(help="Tokens for programs.", no_args_is_help=True, rich_markup_mode=None)
pool = typer.Typer(help="Pools of leads and customers.", no_args_is_help=True, rich_markup_mode=None)
forms = typer.Typer(help="Fields that are added to forms.", no_args_is_help=True, rich_markup_mode=None)
choices = typer.Typer(help="What lists offer to choose from.", no_args_is_help=True, rich_markup_mode=None)
modules = typer.Typer(help="What modules are called.", no_args_is_help=True, rich_markup_mode=None)
job = typer.Typer(help="What is done in the background.", no_args_is_help=True, rich_markup_mode=None)
webhook = typer.Typer(help="Addresses that are told what happens.", no_args_is_help=True, rich_markup_mode=None)
database = typer.Typer(help="The database's schema.", no_args_is_help=True, rich_markup_mode=None)
exports = typer.Typer(help="Take data out.", no_args_is_help=True, rich_markup_mode=None)
imports = typer.Typer(help="Bring data in.", no_args_is_help=True, rich_markup_mode=None)
moves = typer.Typer(help="Move to another database.", no_args_is_help=True, rich_markup_mode=None)

profile = typer.Typer(
    help="Servers that the commands for daily use speak to.", no_args_is_help=True, rich_markup_mode=None
)

app.command()(admin.init)
app.command()(serve.serve)
app.command()(demo.demo)
app.command()(admin.doctor)
app.command()(admin.unimplemented)
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(assistants.mcp)
app.command()(daily.log)
app.command()(daily.timeline)
app.command()(daily.search)
app.command()(daily.report)
app.command()(sync.sync)
app.command()(sync.sync_misfits)
app.add_typer(profile, name="profile")
app.add_typer(organisations, name="organisation")
app.add_typer(users, name="user")
app.add_typer(departments, name="department")
app.add_typer(roles, name="role")
app.add_typer(tokens, name="token")
app.add_typer(pool, name="pool")
app.add_typer(forms, name="field")
app.add_typer(choices, name="option")
app.add_typer(modules, name="module")
app.add_typer(job, name="jobs")
app.add_typer(webhook, name="webhooks")
app.add_typer(database, name="db")
app.add_typer(imports, name="import")
app.add_typer(exports, name="export")
app.add_typer(moves, name="move")
exports.command("activities")(downloads.export_activities)
profile.command("add")(profiles.profile_add)
profile.command("list")(profiles.profile_list)
profile.command("remove")(profiles.profile_remove)
organisations.command("set")(organisation.organisation_set)
users.command("add")(admin.user_add)
users.command("list")(admin.user_list)
users.command("password")(admin.user_password)
users.command("set")(people.user_set)
users.command("leave")(people.user_leave)
departments.command("add")(people.department_add)
departments.command("list")(people.department_list)
departments.command("move")(people.department_move)
departments.command("managers")(people.department_managers)
roles.command("add")(people.role_add)
roles.command("list")(people.role_list)
roles.command("scope")(people.role_scope)
roles.command("rights")(people.role_rights)
tokens.command("create")(admin.token_create)
tokens.command("list")(admin.token_list)
tokens.command("revoke")(admin.token_revoke)
pool.command("add")(pools.pool_add)
pool.command("set")(pools.pool_set)
pool.command("list")(pools.pool_list)
forms.command("add")(fields.field_add)
forms.command("list")(fields.field_list)
forms.command("disable")(fields.field_disable)
forms.command("enable")(fields.field_enable)
choices.command("add")(fields.option_add)
choices.command("list")(fields.option_list)
choices.command("rename")(fields.option_rename)
modules.command("rename")(fields.module_rename)
job.command("list")(jobs.jobs_list)
job.command("show")(jobs.jobs_show)
job.command("run")(jobs.jobs_run)
job.command("retry")(jobs.jobs_retry)
job.command("cancel")(jobs.jobs_cancel)
job.command("schedule")(jobs.jobs_schedule)
webhook.command("list")(webhooks.webhooks_list)
webhook.command("enable")(webhooks.webhooks_enable)
webhook.command("disable")(webhooks.webhooks_disable)
database.command("upgrade")(data.upgrade)
database.command("status")(data.status)
database.command("grant")(data.grant)
database.command("distribute")(data.distribute)
database.command("check-distribution")(data.check_distribution)
imports.command("capture")(data.capture)
imports.command("table")(tables.import_table)
imports.command("everything")(everything.import_everything)
exports.command("everything")(everything.export_everything)
moves.command("sqlite-to-postgres")(moving.sqlite_to_postgres)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"genjin {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Settings come from GENJIN_* environment variables, such as GENJIN_DATABASE_URL=sqlite:///genjin.db."""


def main() -> None:
    """The entry point of `genjin`. What is read by programs is UTF-8, whatever the terminal's texts are in."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    app()
