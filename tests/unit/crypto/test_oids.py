from __future__ import annotations

import pytest

from egov_sdk.crypto import oids
from egov_sdk.crypto.der import decode_oid, oid, read_one

NAMES = oids.__all__


@pytest.mark.parametrize("name", NAMES)
def test_every_constant_is_an_identifier_that_can_be_encoded(name: str) -> None:
    dotted = getattr(oids, name)
    assert decode_oid(read_one(oid(dotted))) == dotted


def test_no_two_constants_are_the_same_number() -> None:
    assert len({getattr(oids, name) for name in NAMES}) == len(NAMES)


def test_the_constants_are_those_of_the_standard() -> None:
    # GB/T 33560-2017 table A.1; the DER of the first two as in any SM2 key file
    assert oid(oids.EC_PUBLIC_KEY).hex() == "06072a8648ce3d0201"
    assert oid(oids.SM2_CURVE).hex() == "06082a811ccf5501822d"
    assert oid(oids.SM2_SM3_SIGNATURE).hex() == "06082a811ccf55018375"
    assert oids.HMAC_SM3 == "1.2.156.10197.1.401.2"
    assert oids.SM4_XTS == "1.2.156.10197.1.104.10"
    assert oids.GM_SIGNED_DATA == "1.2.156.10197.6.1.4.2.2"
