"""The frames without a browser: headers, escaping, cookies, the look of the levels."""

import json
import re
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from alerts.console.levels import SHAPES, contrast, ink_on, load_schemes, looks, style_sheet
from alerts.pages import FOLDER, mount_pages
from tests.alerts.pages.served import Served
from tests.alerts.pages.small_png import small_png
from topics.finding import Text
from topics.scheme import Level, Scheme


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    app = FastAPI()
    mount_pages(app)
    with Served(app) as served, httpx.Client(base_url=served.base) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/console", "/alarms/a1", "/static/levels.css", "/static/js/wall.js"])
def test_every_answer_forbids_inline_and_foreign_content(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_page_carries_inline_script_or_style_or_an_address_elsewhere(client: httpx.Client) -> None:
    for path in ("/", "/console", "/alarms/a1"):
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
        assert not re.search(r"\sstyle=|\son\w+=|<style", text)
    for file in [*FOLDER.glob("static/**/*.js"), *FOLDER.glob("static/**/*.css"), *FOLDER.glob("templates/*")]:
        addresses = set(re.findall(r"https?://[^\"'\s]+", file.read_text(encoding="utf-8")))
        assert addresses <= {"http://www.w3.org/2000/svg"}, file.name


def test_the_address_cannot_break_out_of_the_frame(client: httpx.Client) -> None:
    text = client.get("/alarms/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E?x=%22%3E%3Cb%3E").text
    assert "<script>alert" not in text and '"><b>' not in text


def test_language_by_address_is_remembered_and_an_unknown_one_is_not(client: httpx.Client) -> None:
    assert '<html lang="zh-CN"' in client.get("/").text
    assert "lang=en" in client.get("/?lang=en").headers["set-cookie"]
    assert '<html lang="en"' in client.get("/console").text
    refused = client.get("/?lang=fr")
    assert "set-cookie" not in refused.headers
    assert '<html lang="en"' in refused.text


def test_the_words_of_the_page_travel_with_it(client: httpx.Client) -> None:
    found = re.search(r'<script type="application/json" id="frame">(.*?)</script>', client.get("/").text)
    assert found is not None
    frame = json.loads(found.group(1))
    assert frame["words"]["Acknowledge"] == "确认"
    assert frame["zone"] == "Asia/Shanghai"
    assert frame["districts"]["120116"]["zh"] == "滨海新区"


def test_every_level_has_its_own_shape_and_readable_ink() -> None:
    schemes = load_schemes()
    four = next(scheme for scheme in schemes if scheme.name == "four-colours")
    assert [each["shape"] for each in looks((four,))] == list(SHAPES)
    assert [each["code"] for each in looks((four,))] == ["red", "orange", "yellow", "blue"]
    for level in four.levels:
        assert contrast(level.colour, ink_on(level.colour)) >= 4.5, level.code


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("code", "colour"), [("red", "red; } body { display: none"), ("a b", "#c8102e")])
def test_a_scheme_cannot_write_rules_into_the_style_sheet(code: str, colour: str) -> None:
    scheme = Scheme("odd", "test", (Level(code, 1, Text("红", "red"), colour, "Extreme"),))
    with pytest.raises(ValueError, match="expected a plain code and a colour #rrggbb"):
        style_sheet((scheme,))


def test_a_small_picture_keeps_what_few_colours_can_say() -> None:
    pixels = np.zeros((40, 60, 3), dtype=np.uint8)
    pixels[10:30, 20:50] = (200, 16, 46)
    pixels[5, 5] = (1, 2, 3)
    small = small_png(pixels)
    assert len(small) < 400
    assert small[24:26] == b"\x08\x03", "eight bits, palette"
