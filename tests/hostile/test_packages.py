"""No hostile package opens, none takes long or much memory, and none makes the reader write."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.ofd import open_ofd, parse_signature_file, parse_signature_list
from egov_sdk.ofd.describe import describe
from tests.hostile.packages import BAD_XML, ODD, REFUSED, genuine, replacing, verdict
from tests.hostile.zipforge import Entry, entries_of, forge

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_hostile_package_is_refused_with_its_code(name: str) -> None:
    make, expected = REFUSED[name]
    package = make()
    assert verdict(lambda: open_ofd(package).documents) == expected


@pytest.mark.parametrize("name", sorted(ODD))
def test_an_odd_package_opens_and_says_what_is_odd(name: str) -> None:
    make, notes = ODD[name]
    package = open_ofd(make())
    assert tuple(note.code for note in package.notes) == tuple(f"egov.ofd.{note}" for note in notes)
    assert package.documents[0].title == "样本"
    assert "样本" in package.read("OFD.xml").decode()


def test_all_hostile_packages_stay_below_a_second_and_300_mb_and_write_nothing() -> None:
    done = subprocess.run(  # a process of its own, since memory is measured for a whole process
        [sys.executable, "-m", "tests.hostile.packages"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["slowest_s"] < 1
    assert measured["peak_mb"] < 300


@pytest.mark.parametrize("name", sorted(BAD_XML))
@pytest.mark.parametrize(
    "part",
    [
        "OFD.xml",
        "Doc_0/Document.xml",
        "Doc_0/Pages/Page_0/Content.xml",
        "Doc_0/PublicRes.xml",
        "Doc_0/Annots/Page_0/Annotation.xml",
    ],
)
def test_bad_xml_in_any_part_is_refused(name: str, part: str) -> None:
    content, expected = BAD_XML[name]
    package = open_ofd(replacing(part, content))
    assert verdict(lambda: [document.reachable() for document in package.documents]) == expected


def _read_everything(data: bytes) -> None:
    package = open_ofd(data)
    describe(package).to_dict()
    for document in package.documents:
        document.reachable()
        if document.signatures_name is not None:
            for entry in parse_signature_list(package, document).entries:
                parse_signature_file(package, entry.base_name)


def _only_input_errors(data: bytes) -> None:
    refused: InputError | None = None
    try:
        _read_everything(data)
    except InputError as exc:
        refused = exc
    if refused is not None:
        assert isinstance(refused, (ParseError, LimitExceeded))
        assert refused.code.startswith(("egov.ofd.", "egov.input."))
        assert refused.message.isprintable()


_GENUINE = genuine()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_only_give_input_errors(data: bytes) -> None:
    _only_input_errors(data)
    _only_input_errors(_GENUINE + data)
    _only_input_errors(data + _GENUINE)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(_GENUINE)), st.integers(0, len(_GENUINE)))
def test_a_package_with_a_part_cut_out_only_gives_input_errors(start: int, length: int) -> None:
    _only_input_errors(_GENUINE[:start] + _GENUINE[start + length :])


@settings(max_examples=500, deadline=None)
@given(st.lists(st.integers(0, 8 * len(_GENUINE) - 1), min_size=1, max_size=3))
def test_flipped_bits_only_give_input_errors(bits: list[int]) -> None:
    data = bytearray(_GENUINE)
    for bit in bits:
        data[bit // 8] ^= 1 << bit % 8
    _only_input_errors(bytes(data))


def test_every_single_flipped_byte_is_refused_or_harmless() -> None:
    # What a flip may change without being seen is not content: dates, versions, attributes, flags without meaning.
    contents = {entry.name: entry.content for entry in entries_of(_GENUINE)}
    for place in range(len(_GENUINE)):
        data = bytearray(_GENUINE)
        data[place] ^= 0xFF
        try:
            package = open_ofd(bytes(data))
        except InputError:
            continue
        assert {name: package.read(name) for name in package.names} == contents, f"byte {place}"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(e.name for e in entries_of(_GENUINE) if str(e.name).endswith(".xml"))), st.data())
def test_changed_xml_in_a_sound_archive_only_gives_input_errors(name: str, data: st.DataObject) -> None:
    content = bytearray(next(e.content for e in entries_of(_GENUINE) if e.name == name))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=8))
        if not content:
            break
    _only_input_errors(replacing(name, bytes(content)))


@pytest.mark.parametrize("seed", range(20))
def test_words_moved_about_in_xml_only_give_input_errors(seed: int) -> None:
    chance = random.Random(seed)
    words = [
        b"..",
        b"/",
        b"\\",
        b"&amp;",
        b"<!-- -->",
        b"9" * 40,
        b"-1",
        b"nan",
        b"Doc_0",
        b"\xe7\xab\xa0",
        b"'",
        b'"',
        b" ",
    ]
    for entry in entries_of(_GENUINE):
        content = entry.content
        for _ in range(12):
            place = chance.randrange(len(content) + 1)
            content = content[:place] + chance.choice(words) + content[place:]
            _only_input_errors(replacing(str(entry.name), content))


_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_BODY = "<ofd:DocBody>{versions}<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
_VERSION = '<ofd:Version ID="1" BaseLoc="V.xml"/>'


def _many_times() -> dict[str, str]:
    """Each part is modest, and each refers to the next many times."""
    page = '<ofd:Page ID="1" BaseLoc="P.xml"/>' * 15_000
    templates = "".join(f'<ofd:Template TemplateID="{n}"/>' for n in range(20_000))
    resources = "<ofd:PageRes>R.xml</ofd:PageRes>" * 20_000
    media = "<ofd:MediaFile>m.png</ofd:MediaFile>" * 20_000
    files = "<ofd:File>f.png</ofd:File>" * 20_000
    tags = "<ofd:CustomTag><ofd:FileLoc>t.xml</ofd:FileLoc></ofd:CustomTag>" * 20_000
    body = _BODY.format(versions=f"<ofd:Versions>{_VERSION * 200}</ofd:Versions>")
    return {
        "OFD.xml": f"<ofd:OFD {_NS}>{body * 60}</ofd:OFD>",
        "V.xml": f"<ofd:DocVersion {_NS}><ofd:FileList>{files}</ofd:FileList>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocVersion>",
        "Doc_0/Document.xml": f"<ofd:Document {_NS}><ofd:Pages>{page}</ofd:Pages>"
        "<ofd:CustomTags>T.xml</ofd:CustomTags></ofd:Document>",
        "Doc_0/P.xml": f"<ofd:Page {_NS}>{templates}{resources}</ofd:Page>",
        "Doc_0/R.xml": f"<ofd:Res {_NS}><ofd:MultiMedias><ofd:MultiMedia>{media}</ofd:MultiMedia></ofd:MultiMedias>"
        "</ofd:Res>",
        "Doc_0/T.xml": f"<ofd:CustomTags {_NS}>{tags}</ofd:CustomTags>",
    }


def test_references_back_and_forth_do_not_multiply_the_work() -> None:
    package = open_ofd(forge([Entry(name, part.encode(), method=0) for name, part in _many_times().items()]))
    began = time.process_time()
    for document in package.documents:
        document.reachable()
        assert document.page_by_id("2") is None
    assert len(package.documents) == 60
    assert time.process_time() - began < 5  # a quadratic walk takes minutes


def test_deep_names_cost_no_more_than_they_are_long() -> None:
    entries = [Entry(f"{n:04}" + "/a" * 250, method=0) for n in range(4000)]
    began = time.process_time()
    assert len(open_ofd(forge(entries)).names) == 4000
    assert time.process_time() - began < 5
