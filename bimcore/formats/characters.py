"""Characters that documents can hold, whatever the names in a model are made of."""

import re

# What XML 1.0 cannot hold, not even as a reference.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """`text` with every character XML cannot hold replaced by U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text)
