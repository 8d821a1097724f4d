"""The command line: `maquette VERB`. Verbs are loaded when called, so that each starts quickly."""

from __future__ import annotations

import errno
import importlib
import sys

import click

from maquette import __version__
from maquette.kernel.errors import MaquetteError

VERBS = {
    # verb: (module of this package, attribute)
    "demo": ("demo", "demo"),
    "run": ("run", "run"),
    "check": ("check", "check"),
    "serve": ("serve", "serve"),
    "engines": ("engines", "engines"),
    "up": ("up", "up"),
    "server": ("up", "server"),
    "worker": ("up", "worker"),
    "backup": ("backup", "backup"),
    "restore": ("backup", "restore"),
    "doctor": ("doctor", "doctor"),
    "storage": ("storage", "storage"),
    "login": ("login", "login"),
    "logout": ("login", "logout"),
    "keys": ("login", "keys"),
    "jobs": ("jobs", "jobs"),
    "algorithms": ("algorithms", "algorithms"),
    "models": ("models", "models"),
    "services": ("services", "services"),
    "predict": ("predict", "predict"),
    "batch": ("batch", "batch"),
    "notebooks": ("notebooks", "notebooks"),
    "tensorboard": ("tensorboard", "tensorboard"),
    "mb": ("objects", "mb"),
    "ls": ("objects", "ls"),
    "cp": ("objects", "cp"),
    "rm": ("objects", "rm"),
    "presign": ("objects", "presign"),
}


class LazyGroup(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module, attribute = VERBS[name]
        command: click.Command = getattr(importlib.import_module(f"maquette.cli.{module}"), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="maquette")
def maquette() -> None:
    """The whole vision-AI workshop on one machine."""


def main() -> None:
    """The `maquette` command: errors are one sentence on stderr, exit codes 0, 1 and 2."""
    try:
        code = maquette.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except MaquetteError as error:
        click.echo(f"maquette: {error.message}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        place = f" of '{error.filename}'" if error.filename else ""
        click.echo(f"maquette: No room left on the disk{place}. Free some space.", err=True)
        sys.exit(1)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
