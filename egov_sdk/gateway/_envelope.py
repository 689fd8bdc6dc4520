"""The answer of a platform that sends envelopes: decrypted, and checked against the platform's key if we have it."""

from __future__ import annotations

import json
from dataclasses import replace

from egov_sdk.crypto import InvalidSignature
from egov_sdk.errors import ParseError
from egov_sdk.gateway._digests import verify_sm2
from egov_sdk.gateway._nhsa import canonical, open_members, read_members
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.errors import AnswerMalformed, AnswerUnsigned
from egov_sdk.gateway.messages import Answer
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.signing import signing_string

__all__ = ["opened"]


def opened(answer: Answer, profile: GatewayProfile, credentials: Credentials) -> Answer:
    """The same answer with ``data`` in the clear.

    Raises:
        AnswerMalformed: it cannot be decrypted.
        AnswerUnsigned: the platform's key is known, and the answer is not signed with it.
    """
    try:
        members = open_members(read_members(answer.body), app_id=credentials.id, secret=credentials.secret)
    except ParseError as error:
        raise AnswerMalformed(error.message, origin="platform", request_id=answer.request_id) from error
    if credentials.peer_key is not None:
        text = signing_string(profile, {"envelope": canonical(members), "secret": credentials.secret})
        signature = members.get("signData")
        try:
            verify_sm2(credentials.peer_key, signature if isinstance(signature, str) else "", text, either_form=True)
        except InvalidSignature as error:
            raise AnswerUnsigned(
                "the answer is not signed with the platform's key", origin="platform", request_id=answer.request_id
            ) from error
    return replace(answer, body=json.dumps(members, ensure_ascii=False).encode())
