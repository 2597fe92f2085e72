"""A new password for a member of staff who lost the old one."""

from __future__ import annotations

from casework.audit.trail import record
from casework.errors import Conflict, Forbidden, Missing, Refusal, Refused
from casework.i18n import _
from casework.security.passwords import hash_password, make_one_time
from casework.security.usecases import end_all_sessions, forget_failures
from casework.staff.model import Account
from casework.staff.usecases import only_working_within_reach
from casework.work import Work


def give_new_password(work: Work, account: Account, seen_version: int) -> str:
    """Set a one-time password, which nobody chooses, and sign the person out everywhere.

    Answers the password, which is kept nowhere else. Raises Forbidden for one's own account and for
    somebody who also works out of the actor's reach, Missing for whoever is not of staff, Conflict
    when the account was changed since it was read, and Refused when it was closed.
    """
    if account.id == work.actor.id:
        raise Forbidden("staff:manage", _("Change your own password on the page “Your account”."))
    locked = work.session.get(Account, account.id, with_for_update=True, populate_existing=True)
    if locked is None or locked.kind != "staff":
        raise Missing
    only_working_within_reach(work, locked)
    if locked.version != seen_version:
        raise Conflict
    if locked.disabled_at is not None:
        raise Refused([Refusal(_("This account was closed. A closed account is not opened again."))])
    password = make_one_time(locked.sign_in_name)
    locked.password_hash = hash_password(password)
    locked.version += 1
    end_all_sessions(work.session, locked.id, "password", work.now)
    forget_failures(work.session, locked.sign_in_name)
    record(work, "setting", f"account:{locked.id}", action="password given")
    return password
