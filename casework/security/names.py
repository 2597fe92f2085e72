"""Sign-in names as they are stored and compared."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 200


def fold_name(name: str) -> str:
    """A sign-in name without what the eye does not tell apart; two that fold alike are one account.

    Width, case, the dot of the capital I, invisible marks and spaces around it do not count (NFKC of
    Unicode TR 15, full case folding of the Unicode standard, 5.18).
    """
    folded = unicodedata.normalize("NFKC", name[:LONGEST_NAME].strip()).casefold()
    folded = unicodedata.normalize("NFKC", folded).replace("i\u0307", "i")
    return "".join(letter for letter in folded if unicodedata.category(letter) not in {"Cf", "Cc"}).strip()
