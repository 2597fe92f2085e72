"""The phones of the invented applicants, by which visitors of a demonstration sign in.

Nobody has one of these numbers: 555-0100 to 555-0199 are kept free for stories in every area of the
North American numbering plan (NANPA, "555 line numbers").
"""

from __future__ import annotations

DEMO_PHONES = tuple(f"+1202555{number:04}" for number in range(101, 131))
