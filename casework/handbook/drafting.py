"""Writing the next edition and publishing it, which two people do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.audit.trail import record
from casework.duties.editions import Imprint, register_edition
from casework.duties.model import Edition
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal, Refused
from casework.handbook.clauses import Handbook
from casework.handbook.editing import file_of, rules_file_of, sentence_in, with_rule, with_sentence
from casework.handbook.findings import Finding
from casework.handbook.model import EditionDraft
from casework.handbook.review import check_handbook
from casework.handbook.standard import HELD, all_files, files_of, newest_edition, standard_with
from casework.i18n import LANGUAGES, _
from casework.texts import clean
from casework.work import Work

LONGEST_SENTENCE = 1000
_NUMBER = re.compile(r"[\w./—-]{1,40}( [\w./—-]{1,40}){0,4}")


def open_draft(work: Work, *, lock: bool = False) -> EditionDraft | None:
    """The draft that is being written or waits to be published, if there is one."""
    wanted = sa.select(EditionDraft).where(EditionDraft.status.in_(("draft", "proposed")))
    return work.session.scalar(wanted.with_for_update() if lock else wanted)


def begin_draft(work: Work, *, number: str, note: str, in_force_on: date | None) -> EditionDraft:
    """Begin the next edition; it has a number of its own and comes into force tomorrow at the earliest.

    Raises Invalid, and Refused while another draft is open.
    """
    number, note = clean(number), clean(note, lines=True)
    problems = []
    if not _NUMBER.fullmatch(number):
        problems.append(Problem("number", _("Give the edition a number such as “2026-2”.")))
    elif number in set(work.session.scalars(sa.select(Edition.number)).all()):
        problems.append(Problem("number", _("An edition of this number was published. Give another number.")))
    if len(note) > LONGEST_SENTENCE:
        problems.append(Problem("note", _("The note is longer than 1,000 characters. Shorten it.")))
    problems += _problems_of_day(work, in_force_on)
    if problems or in_force_on is None:
        raise Invalid(problems)
    draft = EditionDraft(
        number=number,
        note=note,
        in_force_on=in_force_on,
        files={},
        status="draft",
        begun_by=work.actor.id,
        begun_at=work.now,
        changed_by=work.actor.id,
        changed_at=work.now,
        effects=None,
        version=1,
    )
    try:
        with work.session.begin_nested():
            work.session.add(draft)
    except IntegrityError:
        raise Refused([Refusal(_("Another draft is open. Publish or discard it first."))]) from None
    record(work, "setting", f"edition-draft:{draft.id}", action="begun", number=number)
    return draft


def _problems_of_day(work: Work, in_force_on: date | None) -> Sequence[Problem]:
    if in_force_on is None:
        return [Problem("in_force_on", _("Give the day from which it is in force."))]
    if in_force_on <= work.today:
        return [Problem("in_force_on", _("It can be in force from tomorrow at the earliest."))]
    return []


def files_with(work: Work, draft: EditionDraft) -> dict[str, str]:
    """Every file of the standard as the draft has it."""
    return all_files(work.programs, {**files_of(newest_edition(work)), **draft.files})


def standard_in(work: Work, draft: EditionDraft) -> Handbook:
    """The standard as the draft has it. StandardsError if it cannot be used as it stands."""
    return standard_with(work.programs, files_with(work, draft))


def findings_in(work: Work, draft: EditionDraft) -> Sequence[Finding]:
    """What the checker finds in the draft."""
    return check_handbook(work.programs, files_with(work, draft))


def change_clause(
    work: Work,
    draft: EditionDraft,
    clause_id: str,
    *,
    titles: Mapping[str, str],
    sentences: Mapping[str, str],
    rule: Mapping[str, str],
    seen_version: int,
) -> None:
    """Write a clause anew in every language, and the values of its rule (editing.FIELDS; empty: none).

    What keeps the clause from being used is Invalid, by field; everything else the checker says of
    the whole draft. Raises Conflict when the draft was changed since it was read, Missing for a
    clause that is not there.
    """
    draft = _locked(work, draft, seen_version)
    files = files_with(work, draft)
    changed = dict(draft.files)
    for language in LANGUAGES:
        name = file_of(files, language, clause_id)
        if name is None:
            raise Missing
        sentence, title = clean(sentences.get(language, "")), clean(titles.get(language, ""))
        if (title, sentence) != sentence_in(files[name], clause_id):
            changed[name] = files[name] = with_sentence(files[name], clause_id, title, sentence)
    if rule:
        name = rules_file_of(clause_id)
        try:
            text = with_rule(files.get(name, ""), clause_id, {key: clean(v) for key, v in rule.items()})
        except LookupError:
            raise Missing from None
        if text != files[name]:
            changed[name] = files[name] = text
    _refuse(work, clause_id, titles, sentences, files)
    if changed == draft.files:
        return
    draft.files = changed
    draft.version += 1
    draft.changed_by, draft.changed_at = work.actor.id, work.now
    record(work, "setting", f"edition-draft:{draft.id}", action="clause changed", clause=clause_id)


def _refuse(
    work: Work,
    clause_id: str,
    titles: Mapping[str, str],
    sentences: Mapping[str, str],
    files: Mapping[str, str],
) -> None:
    problems = []
    for language, name in LANGUAGES.items():
        if not clean(titles.get(language, "")):
            problems.append(
                Problem(f"title_{language}", _("Give the clause a title in %(language)s.", language=name))
            )
        sentence = clean(sentences.get(language, ""))
        if not sentence:
            problems.append(
                Problem(f"sentence_{language}", _("Write the sentence in %(language)s.", language=name))
            )
        elif len(sentence) > LONGEST_SENTENCE:
            problems.append(
                Problem(
                    f"sentence_{language}", _("The sentence is longer than 1,000 characters. Shorten it.")
                )
            )
    if not problems:
        own = {file_of(files, language, clause_id): f"sentence_{language}" for language in LANGUAGES}
        own[rules_file_of(clause_id)] = "within"
        problems = [
            Problem(own[found.file], _("%(what)s %(mend)s", what=found.what, mend=found.mend))
            for found in check_handbook(work.programs, files)
            if found.level == "error" and found.file in own
        ]
    if problems:
        raise Invalid(problems)


def propose(work: Work, draft: EditionDraft, seen_version: int) -> None:
    """Say that the draft is ready for the second person. Refused while the checker finds errors."""
    draft = _locked(work, draft, seen_version)
    if errors := [found for found in findings_in(work, draft) if found.level == "error"]:
        raise Refused(
            [Refusal(_("%(where)s: %(what)s", where=each.where, what=each.what)) for each in errors]
        )
    if files_with(work, draft) == all_files(work.programs, files_of(newest_edition(work))):
        raise Refused([Refusal(_("Nothing is different from the edition in force. Change a clause first."))])
    draft.status, draft.proposed_by, draft.proposed_at = "proposed", work.actor.id, work.now
    draft.version += 1
    record(work, "setting", f"edition-draft:{draft.id}", action="proposed")


def take_back(work: Work, draft: EditionDraft, seen_version: int) -> None:
    """Go on writing a draft that was proposed."""
    draft = _locked(work, draft, seen_version, status="proposed")
    draft.status, draft.proposed_by, draft.proposed_at = "draft", None, None
    draft.version += 1
    record(work, "setting", f"edition-draft:{draft.id}", action="taken back")


def discard(work: Work, draft: EditionDraft, seen_version: int) -> None:
    """Throw the draft away."""
    draft = _locked(work, draft, seen_version, status=draft.status)
    draft.status = "discarded"
    draft.version += 1
    record(work, "setting", f"edition-draft:{draft.id}", action="discarded")


def publish(work: Work, draft: EditionDraft, seen_version: int) -> Edition:
    """Publish the draft as an edition that never changes; whoever proposed or last changed it may not.

    It is in force from the beginning of its day, or of tomorrow if that day has come meanwhile.
    Raises Forbidden, Conflict, and Refused if the checker finds errors.
    """
    draft = _locked(work, draft, seen_version, status="proposed")
    if work.actor.id in (draft.proposed_by, draft.changed_by):
        raise Forbidden("standard:publish", _("Two people publish: somebody else than who wrote it has to."))
    if any(found.level == "error" for found in findings_in(work, draft)):
        raise Refused([Refusal(_("The checker finds errors in this draft. Mend them first."))])
    files = files_with(work, draft)
    standard = standard_with(work.programs, files)
    edition_id = register_edition(
        work.session,
        work.now,
        standard.rules,
        standard.texts(),
        in_force_from=_beginning(work, max(draft.in_force_on, work.today + timedelta(days=1))),
        imprint=Imprint(draft.number, files, draft.note, draft.proposed_by, work.actor.id),
    )
    draft.status, draft.edition_id = "published", edition_id
    draft.version += 1
    work.session.info.pop(HELD, None)
    edition = work.session.get_one(Edition, edition_id)
    record(
        work, "setting", f"edition:{edition_id}", action="published", number=draft.number, hash=edition.hash
    )
    return edition


def _beginning(work: Work, day: date) -> datetime:
    return datetime.combine(day, time(), work.zone)


def _locked(work: Work, draft: EditionDraft, seen_version: int, status: str = "draft") -> EditionDraft:
    locked = work.session.get(EditionDraft, draft.id, with_for_update=True, populate_existing=True)
    if locked is None:
        raise Missing
    if locked.version != seen_version or locked.status != status:
        raise Conflict(yours={"version": seen_version}, theirs={"version": locked.version})
    return locked
