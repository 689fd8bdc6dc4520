from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import der
from egov_sdk.crypto.der import Tlv, ber_to_der, children, encode_tlv, read_one, read_tlv
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits

TAGS = st.sampled_from([tag for tag in range(1, 0x100) if tag & 0x1F != 0x1F])
PRIMITIVE = TAGS.filter(lambda tag: not tag & 0x20)


def tlv(tag: int, content: bytes) -> Tlv:
    return read_one(encode_tlv(tag, content))


# Reading

NOT_DER = {
    "nothing": "",
    "a tag alone": "30",
    "tag zero": "0000",
    "a high tag": "1f0100",
    "a high context tag": "bf8101020500",
    "an indefinite length": "30800000",
    "a length of no octets": "0480",
    "a long form for a short length": "048100",
    "a long form for 127": "04817f" + "00" * 127,
    "a length with a leading zero": "04820080" + "00" * 128,
    "length octets cut off": "0482",
    "more than eight length octets": "0489" + "01" * 9,
    "the reserved length": "04ff",
    "content cut off": "040200",
    "a giant length": "0488ffffffffffffffff",
    "one byte too many": "050000",
}


@pytest.mark.parametrize("case", NOT_DER)
def test_what_is_not_der_is_refused(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_one(bytes.fromhex(NOT_DER[case]), where="thing")
    assert caught.value.code == "egov.input.der"
    assert caught.value.where.startswith("thing, byte ")


def test_an_error_without_a_name_says_the_byte() -> None:
    with pytest.raises(ParseError, match=r"^byte 1: ") as caught:
        read_one(b"\x30\x80")
    assert caught.value.detail["offset"] == 1


@given(TAGS, st.binary(max_size=300))
def test_what_is_written_is_read_back(tag: int, content: bytes) -> None:
    raw = encode_tlv(tag, content)
    found = read_one(raw)
    assert (found.tag, found.content, found.raw, found.offset) == (tag, content, raw, 0)
    assert raw[found.header_len :] == content
    assert found.constructed == bool(tag & 0x20)


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65535, 65536])
def test_lengths_at_their_edges(size: int) -> None:
    assert len(read_one(encode_tlv(0x04, bytes(size))).content) == size


@given(st.binary(max_size=80))
def test_reading_strange_bytes_gives_a_value_or_an_input_error(data: bytes) -> None:
    try:
        found = read_tlv(data)
    except InputError:
        return
    assert data.startswith(found.raw)
    assert encode_tlv(found.tag, found.content) == found.raw


def test_reading_begins_at_the_offset_and_leaves_the_rest() -> None:
    found = read_tlv(b"\xff\x05\x00\x02\x01\x07", offset=3)
    assert (found.tag, found.content, found.offset) == (2, b"\x07", 3)


def test_children_keep_the_offsets_of_the_whole() -> None:
    data = der.sequence(der.null(), der.sequence(der.integer(5)))
    outer = read_one(data)
    inner = children(children(outer)[1])[0]
    assert data[inner.offset :] == inner.raw == b"\x02\x01\x05"


def test_a_primitive_value_has_no_children() -> None:
    with pytest.raises(ParseError, match="primitive"):
        children(tlv(0x04, b"\x05\x00"))


def test_broken_children_are_found_at_their_place() -> None:
    with pytest.raises(ParseError) as caught:
        children(tlv(0x30, b"\x05\x00\x04\x05"), where="x")
    assert caught.value.where == "x, byte 5"


def test_limits_hold_while_reading() -> None:
    with pytest.raises(LimitExceeded) as caught:
        read_tlv(bytes(11), limits=Asn1Limits(total_bytes=10))
    assert (caught.value.limit, caught.value.allowed, caught.value.found) == ("total_bytes", 10, 11)
    many = tlv(0x30, b"\x05\x00" * 4)
    assert len(children(many, limits=Asn1Limits(elements=4))) == 4
    with pytest.raises(LimitExceeded) as caught:
        children(many, limits=Asn1Limits(elements=3))
    assert caught.value.limit == "elements"


def test_expect_gives_the_value_back_or_refuses() -> None:
    value = tlv(0x04, b"")
    assert der.expect(value, 0x04) is value
    with pytest.raises(ParseError, match="expected tag 30, found 04"):
        der.expect(value, 0x30)


def test_content_stays_out_of_repr() -> None:
    assert "secret" not in repr(tlv(0x04, b"secret"))


# BER


BER = {
    "a long length": ("0481020102", "04020102"),
    "an overlong length": ("3084000000020500", "30020500"),
    "an indefinite length": ("308005000000", "30020500"),
    "indefinite inside indefinite": ("30803080050000000000", "300430020500"),
    "a constructed octet string": ("24060401aa0401bb", "0402aabb"),
    "an indefinite constructed octet string": ("248004020001040102 0000", "0403000102"),
    "pieces inside pieces": ("240824060401aa0401bb", "0402aabb"),
    "a constructed bit string": ("2308030200aa030204b0", "030304aab0"),
    "an empty constructed bit string": ("2300", "030100"),
    "a constructed utf8 string of octet strings": ("2c06040161040162", "0c026162"),
    "a constructed utf8 string of utf8 strings": ("2c060c01610c0162", "0c026162"),
    "a context value of indefinite length": ("a08004010a0000", "a00304010a"),
}


@pytest.mark.parametrize("case", BER)
def test_ber_becomes_der(case: str) -> None:
    ber, expected = (bytes.fromhex(text) for text in BER[case])
    assert ber_to_der(ber) == (expected, True)
    assert ber_to_der(expected) == (expected, False)


NOT_BER = {
    "nothing": "",
    "an indefinite length without an end": "30800500",
    "an end cut in half": "3080050000",
    "an end over the parent's edge": "300430800500" + "0000",
    "an indefinite primitive": "04800000",
    "bytes behind": "3080000000",
    "a tag of zero inside": "30020000",
    "an integer in an octet string": "2403020105",
    "a bit string in an octet string": "240403020000",
    "an octet string in a bit string": "2303040100",
    "unused bits before the last piece": "2308030204a0030200aa",
    "a bit string piece without content": "23020300",
    "a high tag": "30031f0100",
    "content cut off": "30810205",
}


@pytest.mark.parametrize("case", NOT_BER)
def test_what_is_not_ber_is_refused(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        ber_to_der(bytes.fromhex(NOT_BER[case]), where="x")
    assert caught.value.code == "egov.input.der"


def test_deep_and_wide_ber_meets_the_limits() -> None:
    deep = b"\x30\x80" * 40 + b"\x00\x00" * 40
    with pytest.raises(LimitExceeded) as caught:
        ber_to_der(deep)
    assert caught.value.limit == "depth"
    with pytest.raises(LimitExceeded) as caught:
        ber_to_der(encode_tlv(0x30, b"\x05\x00" * 30), limits=Asn1Limits(elements=30))
    assert caught.value.limit == "elements"
    with pytest.raises(LimitExceeded) as caught:
        ber_to_der(bytes(20), limits=Asn1Limits(total_bytes=19))
    assert caught.value.limit == "total_bytes"


def test_very_deep_ber_does_not_exhaust_the_stack() -> None:
    with pytest.raises(LimitExceeded):
        ber_to_der(b"\x30\x80" * 100_000)


def trees() -> st.SearchStrategy[bytes]:
    leaf = st.builds(encode_tlv, PRIMITIVE, st.binary(max_size=140))
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=4).map(lambda parts: encode_tlv(0x30, b"".join(parts)))
    )


def loosen(found: Tlv, choices: st.DataObject) -> bytes:
    """The same value with lengths written in other ways."""
    content = b"".join(loosen(part, choices) for part in children(found)) if found.constructed else found.content
    kind = choices.draw(st.sampled_from(["short", "long", "indefinite"] if found.constructed else ["short", "long"]))
    if kind == "indefinite":
        return bytes((found.tag, 0x80)) + content + b"\x00\x00"
    if kind == "long":
        return bytes((found.tag, 0x84)) + len(content).to_bytes(4, "big") + content
    return encode_tlv(found.tag, content)


@given(trees(), st.data())
def test_der_is_left_alone_and_loosened_der_is_restored(value: bytes, choices: st.DataObject) -> None:
    assert ber_to_der(value) == (value, False)
    loose = loosen(read_one(value), choices)
    assert ber_to_der(loose) == (value, loose != value)


@given(st.binary(max_size=60))
def test_strange_bytes_become_der_or_an_input_error(data: bytes) -> None:
    try:
        found, changed = ber_to_der(data)
    except InputError:
        return
    assert read_one(found).raw == found
    assert changed == (found != data)
    assert ber_to_der(found) == (found, False)


# Integers and bits


@given(st.integers(-(1 << 300), 1 << 300))
def test_integers_are_read_back(value: int) -> None:
    assert der.decode_integer(read_one(der.integer(value))) == value


@pytest.mark.parametrize(("value", "content"), [(0, "00"), (127, "7f"), (128, "0080"), (-128, "80"), (-129, "ff7f")])
def test_integers_are_shortest(value: int, content: str) -> None:
    assert der.integer(value).hex() == f"02{len(content) // 2:02x}{content}"


@pytest.mark.parametrize("content", ["", "0000", "007f", "ff80", "ffff", "00007f"])
def test_padded_integers_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        der.decode_integer(tlv(0x02, bytes.fromhex(content)))


def test_an_octet_string_is_no_integer() -> None:
    with pytest.raises(ParseError, match="expected tag 02, found 04"):
        der.decode_integer(tlv(0x04, b"\x01"))


@pytest.mark.parametrize("value", [True, False])
def test_booleans_are_read_back(value: bool) -> None:
    assert der.decode_boolean(read_one(der.boolean(value))) is value


@pytest.mark.parametrize("content", ["", "01", "7f", "fe", "ffff", "0000"])
def test_other_booleans_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        der.decode_boolean(tlv(0x01, bytes.fromhex(content)))


@given(st.binary(max_size=200))
def test_whole_bit_strings_are_read_back(value: bytes) -> None:
    assert der.decode_bit_string(read_one(der.bit_string(value))) == value


@pytest.mark.parametrize("content", ["", "01", "07ff80", "0800"])
def test_bit_strings_with_unused_bits_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        der.decode_bit_string(tlv(0x03, bytes.fromhex(content)))


def test_bit_strings_with_unused_bits_can_be_written() -> None:
    assert der.bit_string(b"\xa0", unused=5).hex() == "030205a0"


@pytest.mark.parametrize(("content", "unused"), [(b"\xa1", 5), (b"", 1), (b"\x00", 8), (b"\x00", -1)])
def test_unused_bits_must_be_there_and_zero(content: bytes, unused: int) -> None:
    with pytest.raises(ValueError, match="unused"):
        der.bit_string(content, unused=unused)


# Object identifiers


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 1 << 64), max_size=8))
def test_identifiers_are_read_back(first: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, (first, second, *rest)))
    assert der.decode_oid(read_one(der.oid(dotted))) == dotted


def test_the_second_arc_below_two_may_be_large() -> None:
    assert der.oid("2.999.3").hex() == "0603883703"
    assert der.decode_oid(tlv(0x06, bytes.fromhex("883703"))) == "2.999.3"


@pytest.mark.parametrize(
    "dotted", ["", "1", "1.", ".1", "1.40", "0.40", "3.1", "1.2.x", "1.-2", "1.2.٣", "1..2", "1 .2"]
)
def test_what_is_no_identifier_is_not_written(dotted: str) -> None:
    with pytest.raises(ValueError, match="object identifier"):
        der.oid(dotted)


@pytest.mark.parametrize("content", ["", "80", "8001", "2a8001", "2a81", "2a" + "01" * 128])
def test_broken_identifiers_are_refused(content: str) -> None:
    with pytest.raises(ParseError):
        der.decode_oid(tlv(0x06, bytes.fromhex(content)))


# Strings


@given(st.text())
def test_utf8_strings_are_read_back(text: str) -> None:
    assert der.decode_string(read_one(der.utf8_string(text))) == text


@pytest.mark.parametrize("tag", [0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1B])
def test_chinese_under_types_that_do_not_allow_it_is_read(tag: int) -> None:
    for encoding in ("utf-8", "gb18030"):
        assert der.decode_string(tlv(tag, "国家电子政务".encode(encoding))) == "国家电子政务"


def test_text_that_is_nothing_else_is_latin() -> None:
    assert der.decode_string(tlv(0x13, b"\xff")) == "ÿ"


def test_wide_strings_are_read() -> None:
    assert der.decode_string(tlv(0x1E, "印章".encode("utf-16-be"))) == "印章"
    assert der.decode_string(tlv(0x1C, "印章".encode("utf-32-be"))) == "印章"


@pytest.mark.parametrize(("tag", "content"), [(0x1E, b"\x00"), (0x1E, b"\xd8\x00"), (0x1C, b"\0\0\0"), (0x04, b"a")])
def test_what_holds_no_text_is_refused(tag: int, content: bytes) -> None:
    with pytest.raises(ParseError, match="readable text"):
        der.decode_string(tlv(tag, content))


def test_printable_and_ia5_strings_keep_to_their_alphabets() -> None:
    assert der.printable_string("A-1 (b)").hex() == "1307412d3120286229"
    assert der.ia5_string("a@b").hex() == "1603614062"
    with pytest.raises(ValueError, match="not printable"):
        der.printable_string("a@b")
    with pytest.raises(ValueError, match="ascii"):
        der.ia5_string("章")


# Times

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


def moments(first: int, last: int) -> st.SearchStrategy[datetime]:
    start, end = (NOON.replace(year=year, tzinfo=None) for year in (first, last))
    return st.datetimes(start, end, timezones=st.just(UTC))


@given(moments(1, 9999))
def test_generalized_times_are_read_back(moment: datetime) -> None:
    assert der.decode_time(read_one(der.generalized_time(moment))) == moment


@given(moments(1950, 2049))
def test_utc_times_are_read_back_to_the_second(moment: datetime) -> None:
    assert der.decode_time(read_one(der.utc_time(moment))) == moment.replace(microsecond=0)


def test_times_are_written_in_utc() -> None:
    beijing = datetime(2026, 1, 2, 20, 0, 0, 120_000, tzinfo=timezone(timedelta(hours=8)))
    assert der.generalized_time(beijing)[2:] == b"20260102120000.12Z"
    assert der.utc_time(beijing)[2:] == b"260102120000Z"


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x18, "20260102120000Z", NOON),
        (0x18, "20260102200000+0800", NOON),
        (0x18, "20260102070000-05", NOON),
        (0x18, "20260102120000.5Z", NOON.replace(microsecond=500_000)),
        (0x18, "20260102120000,000001Z", NOON.replace(microsecond=1)),
        (0x18, "20260102120000.1234567Z", NOON.replace(microsecond=123_456)),
        (0x17, "260102120000Z", NOON),
        (0x17, "2601021200Z", NOON),
        (0x17, "260102200000+0800", NOON),
        (0x17, "500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, "491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times_as_they_occur_are_read(tag: int, text: str, expected: datetime) -> None:
    found = der.decode_time(tlv(tag, text.encode()))
    assert found == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (0x18, ""),
        (0x18, "20260102120000"),
        (0x18, "2026-01-02 12:00:00"),
        (0x18, "20260230120000Z"),
        (0x18, "20261301120000Z"),
        (0x18, "20260102250000Z"),
        (0x18, "20260102120060Z"),
        (0x18, "20260102120000+2500"),
        (0x18, "00000102120000Z"),
        (0x18, "00010101000000+0800"),
        (0x18, "20260102120000ZZ"),
        (0x18, "２０２６0102120000Z"),
        (0x18, "260102120000Z"),
        (0x17, "20260102120000Z"),
        (0x17, "260102120000"),
        (0x17, "26010212Z"),
        (0x0C, "20260102120000Z"),
    ],
)
def test_what_is_no_moment_is_refused(tag: int, text: str) -> None:
    with pytest.raises(ParseError):
        der.decode_time(tlv(tag, text.encode()))


def test_naive_times_are_the_caller_s_mistake() -> None:
    for write in (der.generalized_time, der.utc_time):
        with pytest.raises(ValueError, match="aware"):
            write(datetime(2026, 1, 2))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("year", [1949, 2050])
def test_utc_time_does_not_reach_other_centuries(year: int) -> None:
    with pytest.raises(ValueError, match="1950 to 2049"):
        der.utc_time(datetime(year, 6, 1, tzinfo=UTC))


# Writing


def test_set_of_is_sorted() -> None:
    assert der.set_of(der.integer(300), der.integer(2), der.integer(1)).hex() == "310a0201010201020202012c"


@pytest.mark.parametrize("tag", [0, -1, 0x1F, 0x3F, 0xBF, 0x100])
def test_tags_that_do_not_fit_one_octet_are_not_written(tag: int) -> None:
    with pytest.raises(ValueError, match="identifier octet"):
        encode_tlv(tag, b"")


def test_context_tags() -> None:
    assert der.context(0, der.null()).hex() == "a0020500"
    assert der.context(1, b"a", constructed=False).hex() == "810161"
    for number in (-1, 31):
        with pytest.raises(ValueError, match="0 to 30"):
            der.context(number, b"")
