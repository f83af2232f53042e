"""The two exceptions that decide about another try."""


class AirflowException(Exception):
    """The task failed; it is tried again."""


class AirflowFailException(AirflowException):
    """The task failed; it is not tried again."""
