"""The coded lists of a person's data, each with what people read.

Sex: GB/T 2261.1. Kinship: first digit of GB/T 4761. Identity documents: WS/T 364, with local
additions above 90. The codes are stored; the words are translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from casework.i18n import Message, _, pgettext

SEXES: Mapping[str, Message] = {
    "1": _("Male"),
    "2": _("Female"),
    "0": pgettext("sex", "Unknown"),
    "9": pgettext("sex", "Not stated"),
}

RESIDENT_ID = "01"

ID_TYPES: Mapping[str, Message] = {
    RESIDENT_ID: _("Resident identity card"),
    "02": _("Household register"),
    "03": _("Passport"),
    "04": _("Military officer's card"),
    "05": _("Driving licence"),
    "06": _("Mainland travel permit for Hong Kong and Macao residents"),
    "07": _("Mainland travel permit for Taiwan residents"),
    "91": _("Birth certificate"),
    "92": _("Residence permit for Hong Kong, Macao and Taiwan residents"),
    "93": _("Foreigner's permanent residence card"),
    "99": _("Another document"),
}

HEAD = "0"

RELATIONS: Mapping[str, Message] = {
    HEAD: _("The person or head of the household"),
    "1": _("Husband or wife"),
    "2": _("Son"),
    "3": _("Daughter"),
    "4": _("Grandchild"),
    "5": _("Parent"),
    "6": _("Grandparent"),
    "7": _("Brother or sister"),
    "8": pgettext("kin", "Other"),
}

CONTACT_ROLES: Mapping[str, Message] = {
    "next_of_kin": _("Next of kin"),
    "carer": _("Carer"),
    "guardian": _("Guardian"),
    "agent": _("Authorised agent"),
    "referrer": pgettext("contact person", "Referrer"),
    "other": pgettext("contact person", "Other"),
}

SPOKEN: Mapping[str, Message] = {
    "cmn": _("Mandarin"),
    "yue": _("Cantonese"),
    "hak": _("Hakka"),
    "nan": _("Teochew or Southern Min"),
    "en": _("English"),
    "sign": _("Sign language"),
    "other": _("Another language"),
}
"""Languages and dialects that a person speaks best."""

DISCLOSURE: Mapping[str, Message] = {
    "yes": _("Knows the diagnosis"),
    "partly": _("Knows a part of it"),
    "no": _("Does not know it"),
    "unknown": _("Not known yet"),
}
"""What the patient knows of the diagnosis: nobody tells by accident what the family keeps back."""
