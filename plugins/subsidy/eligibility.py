"""What the program asks of applicants and tells them: first advice, papers, and what they agree to.

The advice is a guess from nine answers, said as one; only people decide. It reads no terms, because
every fund of a network has its own: the numbers here are rough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from casework.i18n import Message, _
from casework.programs import Advice, Paper, Purpose

Answers = Mapping[str, Any]

COMFORTABLE_INCOME, COMFORTABLE_SAVINGS = 6000_00, 60_000_00
MODEST_INCOME, SMALL_BILL = 2000_00, 1000_00
"""Rough bounds in fen: the first two per head above which help is unlikely, then the income per head below
which it is likely, and a bill so small that funds have no part in it.
"""


def advice(answers: Answers) -> Advice:
    """What the answers of subsidy.check let expect; says also what is worth doing first."""
    people = max(1, answers.get("people") or 1)
    income, savings = answers.get("income", 0) / people, answers.get("savings", 0) / people
    bill = answers.get("bill_left", 0)
    lines: list[Message] = []
    doubts: list[Message] = []
    likely: Literal["yes", "maybe", "no"] = "yes" if income <= MODEST_INCOME else "maybe"
    if answers.get("residence") == "elsewhere":
        likely = "no"
        lines.append(
            _(
                "The fund is for people who live here. Ask at the civil affairs office of your home; "
                "our social workers know the funds of other places."
            )
        )
    if bill < SMALL_BILL:
        likely = "no"
        lines.append(
            _("What is left to pay is small. Keep the bills: if more comes, you can apply for all together.")
        )
    if income > COMFORTABLE_INCOME or savings > COMFORTABLE_SAVINGS:
        likely = "no"
        lines.append(
            _(
                "With this income or these savings the fund can usually not help. If the illness takes "
                "nearly everything, apply all the same: we look at what you have to pay in a year."
            )
        )
    if answers.get("helped_before"):
        doubts.append(
            _(
                "The fund helped with this illness before. It may help again, but not every year and not without limit."
            )
        )
    if answers.get("disease") == "not-sure":
        doubts.append(
            _("Apply when the diagnosis is known. Until then a social worker can already help you.")
        )
    if likely == "yes" and doubts:
        likely = "maybe"
    lines += doubts
    if answers.get("insured") is False:
        lines.append(
            _(
                "Without insurance, ask first how to join it or to get medical assistance; a social worker goes with you."
            )
        )
    first = {
        "yes": _("From what you write, the fund can probably help. Please apply."),
        "maybe": _("The fund can perhaps help. Please apply; we look at it together."),
        "no": _("The fund can probably not help. You may still apply, and there may be other help."),
    }[likely]
    return Advice(likely, (first, *lines))


def papers(answers: Answers) -> tuple[Paper, ...]:
    """The papers that an application with these answers needs, in the order in which they are asked for."""
    given = set(answers.get("recognised") or ())
    found = [_IDENTITY, _REGISTER, _DIAGNOSIS, _INCOME, _BILLS]
    if answers.get("minor"):
        found.append(_GUARDIANSHIP)
    if answers.get("residence") == "permit":
        found.append(_PERMIT)
    if given - {"none"}:
        found.append(_RECOGNITION)
    if answers.get("other_help"):
        found.append(_OTHER_AID)
    if answers.get("pay_to") == "own":
        found.append(_BANK_CARD)
    return (*found, _OTHER)


_IDENTITY = Paper(
    "identity-card",
    _("Identity card"),
    _(
        "Of the patient and of whoever applies, both sides. For a child without a card the household register is enough."
    ),
)
_REGISTER = Paper(
    "household-register",
    _("Household register"),
    _("The page of each person who lives with you. Of a child also the pages of both parents."),
)
_DIAGNOSIS = Paper(
    "diagnosis",
    _("Diagnosis certificate"),
    _(
        "The newest one, the original. It needs the seal of the hospital, of its medical affairs office, or its "
        "seal for diagnoses. The seal of a ward or a department does not count."
    ),
)
_INCOME = Paper(
    "income",
    _("Proof of income"),
    _(
        "Of everybody who earns: a statement of the employer, pay slips, or bank statements of the last "
        "12 months. If there is no paper, the village or neighbourhood committee can write it down."
    ),
)
_BILLS = Paper(
    "bills",
    _("Bills and settlement sheet"),
    _(
        "The settlement sheet of the insurance shows what was paid and what is left. The cashier prints it "
        "again if it is lost. If the patient is still in hospital, a photo of the list of costs will do for now."
    ),
)
_GUARDIANSHIP = Paper(
    "guardianship",
    _("Proof of guardianship"),
    _(
        "The birth certificate, or the household register on which child and parent stand together. Other guardians: "
        "the decision of the court or the paper of the village or neighbourhood committee."
    ),
)
_PERMIT = Paper(
    "residence-permit", _("Residence permit"), _("Both sides, with the date since when it is held.")
)
_RECOGNITION = Paper(
    "recognition",
    _("Certificate of need or disability"),
    _("The certificate or the card that is valid now."),
)
_OTHER_AID = Paper(
    "other-aid",
    _("Decision about other aid"),
    _(
        "The letter or the message that says how much was promised or paid. If there is none yet, leave it out."
    ),
    required=False,
)
_BANK_CARD = Paper(
    "bank-card",
    _("Bank card"),
    _("The side with the number. The card is the patient's own or, for a child, the guardian's."),
)

_OTHER = Paper(
    "other",
    _("Something else"),
    _("A paper that we asked you for and that is not in the list, or one that you want to show us."),
    required=False,
)

PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        "process",
        _("Reading and keeping what you send us"),
        _(
            "We read what you write and the papers you send, in order to decide on your application and to pay. "
            "It is about health and money, so the law asks for your consent by itself (Personal Information "
            "Protection Law, articles 28 to 30; for a child under 14 that of a parent or guardian, article 31). "
            "Only those who work on your application see it. You can take your consent back at any time; then "
            "we stop, and keep only what the law tells us to keep. Without it we cannot look at the application."
        ),
        required=True,
        separate=True,
    ),
    Purpose(
        "check",
        _("Checking income, property and insurance"),
        _(
            "We may ask the bank, the property register, the social insurance and the civil affairs office whether "
            "what you wrote is right. Every grown-up of the household agrees for himself or herself; whoever "
            "fills this in has asked them. We ask only about the last 12 months and only what the decision needs "
            "(Personal Information Protection Law, articles 6 and 29). Without it the fund cannot decide."
        ),
        required=True,
        separate=True,
    ),
    Purpose(
        "committee",
        _("Showing the file to the committee of the fund"),
        _(
            "The people who decide read your file without your name, your address and your identity number. If one "
            "of them knows you, he or she takes no part. They belong to the fund and not to the hospital, so the "
            "law asks for your consent by itself (Personal Information Protection Law, article 23)."
        ),
        required=True,
        separate=True,
    ),
    Purpose(
        "notice",
        _("Showing the award in public for some days"),
        _(
            "Before money is paid, a notice may stand on our page for some days: a name like 陈*华, the "
            "town, the program and the amount, so that others can say if something is wrong. Never the "
            "illness, the address or a number; of a child only the family name and the age. You may say no: then "
            "somebody else checks the award instead, and you have no disadvantage (Personal Information "
            "Protection Law, article 25)."
        ),
        separate=True,
    ),
    Purpose(
        "texts",
        _("Text messages to this phone"),
        _(
            "We send a short message when something happens or when we need something from you. It never says "
            "what the illness is, nor how much money it is about. You may say no: then look here from time to time, "
            "or ask your social worker (Personal Information Protection Law, article 13)."
        ),
    ),
)
"""What applicants agree to, each by itself."""
