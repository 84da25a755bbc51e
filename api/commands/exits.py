"""Exit codes of the command (interfaces, section 1)."""

OK = 0  #: ran, nothing at or above ``--fail-on``
FAILED_ON = 1  #: ran, something is
UNUSABLE = 2  #: the input cannot be used
OUR_FAULT = 3  #: a fault of ours
