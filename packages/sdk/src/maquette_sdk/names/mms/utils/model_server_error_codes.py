"""Codes that MXNet services put into an MMSError."""


class ModelServerErrorCodes:
    """The codes of errors in a service's own code."""

    INVALID_PREDICT_INPUT = 417
    INVALID_PREDICT_MESSAGE = 418
    CUSTOM_SERVICE_ERROR = 500
    UNSUPPORTED_PREDICT_OPTIONS = 501
