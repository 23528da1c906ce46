"""The timeline of a report, used as a person does: wheel, mouse, keys, paper; in a real browser."""
import base64
import json
import shutil

import pytest

from chromium import Page
from support import REPOSITORY, cannot

SAMPLE = REPOSITORY / "tests/golden/samples/timeline.json"
FIGURE = "document.querySelector('figure.timeline')"


@pytest.fixture(scope="module")
def chromium():
    return shutil.which("chromium") or cannot("there is no chromium (Debian package chromium)")


@pytest.fixture
def report(anyone, folder):
    anyone.run("report", SAMPLE, "-o", folder / "report.html").ended_with(0)
    return folder / "report.html"


@pytest.fixture
def page(chromium, folder, report):
    with Page(chromium, folder) as opened:
        opened.open(report)
        opened.value(f"{FIGURE}.scrollIntoView({{behavior: 'instant'}})")
        yield opened
        assert opened.said == [], "the page complained"


def box(page):
    return page.value(f"(() => {{ const b = {FIGURE}.querySelector('canvas').getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; }})()")


def sight(page):
    """From where to where the timeline is seen, in ns."""
    length = timeline()["length_ns"]
    seen = page.value(f"[{FIGURE}.dataset.from ?? '0', {FIGURE}.dataset.to ?? '{length}']")
    return [int(text) for text in seen]


def timeline():
    return next(result["timeline"] for result in json.loads(SAMPLE.read_text())["results"] if "timeline" in result)


def place(page, lane, at_ns):
    """Where on the screen that lane has that moment, as timeline.js lays them out."""
    left, top, width, _ = box(page)
    begin, end = sight(page)
    return left + 150 + (at_ns - begin) / (end - begin) * (width - 150), top + 26 + lane * 48 + 12


def lanes(page):
    return page.value(f"JSON.parse({FIGURE}.querySelector('script').textContent).lanes")


def first_mount(page):
    """The place of the first lane with units, where its first unit was mounted, and its name."""
    for number, lane in enumerate(lanes(page)):
        if lane["kind"] == "task" and lane["mounts"]["who"]:
            begin = lane["mounts"]["gap"][0]
            names = page.value(f"JSON.parse({FIGURE}.querySelector('script').textContent).units")
            return number, begin + lane["mounts"]["length"][0] / 2, names[lane["mounts"]["who"][0]]
    raise AssertionError("no lane has units")


def test_the_wheel_zooms_in_around_the_pointer_and_out_again(page):
    begin, end = sight(page)
    x, y = place(page, 0, end / 4)
    page.wheel(x, y, -400)
    page.until(f"{FIGURE}.dataset.to !== undefined")
    near, far = sight(page)
    assert begin <= near < end / 4 < far < end
    # What was under the pointer is under it still.
    assert (end / 4 - near) / (far - near) == pytest.approx(1 / 4, abs=0.01)
    page.wheel(x, y, 4000)
    page.until(f"Number({FIGURE}.dataset.to) === {end}")
    assert sight(page) == [begin, end]


def test_dragging_moves_and_stops_at_both_ends(page):
    _, end = sight(page)
    page.value(f"{FIGURE}.querySelector('canvas').focus()")
    page.key("+", "+")
    page.until(f"{FIGURE}.dataset.to !== undefined")
    near, far = sight(page)
    x, y = place(page, 0, (near + far) / 2)
    page.drag((x, y), (x - 100, y))
    moved = sight(page)
    assert moved[0] > near and moved[1] - moved[0] == pytest.approx(far - near, abs=2)
    for _ in range(3):
        page.drag((x + 300, y), (x - 300, y))
    assert sight(page)[1] == end


def test_the_keys_move_zoom_and_show_all(page):
    begin, end = sight(page)
    page.value(f"{FIGURE}.querySelector('canvas').focus()")
    page.key("+", "+")
    page.key("+", "+")
    zoomed = sight(page)
    assert begin < zoomed[0] < zoomed[1] < end
    page.key("ArrowRight")
    assert sight(page)[0] > zoomed[0]
    page.key("ArrowLeft")
    assert sight(page)[0] == pytest.approx(zoomed[0], abs=2)
    page.key("Home")
    assert sight(page) == [begin, end]


def test_pointing_at_a_unit_tells_who_it_is_and_how_it_ended(page):
    number, at, name = first_mount(page)
    page.mouse("mouseMoved", *place(page, number, at))
    page.until(f"!{FIGURE}.querySelector('.tip').hidden")
    told = page.value(f"{FIGURE}.querySelector('.tip').textContent")
    assert name in told and "then it" in told
    left, top, _, _ = box(page)
    page.mouse("mouseMoved", left + 10, top - 10)
    page.until(f"{FIGURE}.querySelector('.tip').hidden")


def test_a_click_follows_the_unit_and_escape_ends_that(page):
    number, at, name = first_mount(page)
    page.click(*place(page, number, at))
    assert page.value(f"{FIGURE}.dataset.followed") == name
    story = page.value(f"{FIGURE}.querySelector('.story').textContent").splitlines()
    unit = next(i for i, each in enumerate(page.value(f"JSON.parse({FIGURE}.querySelector('script').textContent).units")) if each == name)
    assert len(story) - 1 == timeline()["mounts"]["columns"]["unit"].count(unit)
    page.key("Escape")
    assert page.value(f"{FIGURE}.dataset.followed") == ""


def test_a_followed_unit_has_an_arrow_from_each_that_woke_it(page):
    recorded = timeline()
    number, at, name = first_mount(page)
    page.click(*place(page, number, at))
    unit = next(i for i, each in enumerate(page.value(f"JSON.parse({FIGURE}.querySelector('script').textContent).units")) if each == name)
    events, kinds = recorded["events"]["columns"], recorded["kinds"]
    last = max(begin for begin, who in zip(recorded["mounts"]["columns"]["from_ns"], recorded["mounts"]["columns"]["unit"]) if who == unit)
    woken = [i for i, who in enumerate(events["unit"]) if who == unit and kinds[events["kind"][i]] in ("start", "unpark")
             and events["at_ns"][i] <= last]
    assert page.value(f"{FIGURE}.dataset.wakes") == str(len(woken)) != "0"
    story = page.value(f"{FIGURE}.querySelector('.story').textContent")
    assert story.count("unparked") + story.count("started") == len(woken)


def rectangles_of_a_frame(anyone, chromium, folder, runs):
    """How many rectangles are filled to draw all of a timeline with so many runs on one CPU."""
    document = json.loads(SAMPLE.read_text())
    document["results"] = [result for result in document["results"] if "timeline" in result][:1]
    recorded = document["results"][0]["timeline"]
    recorded["length_ns"] = runs * 1000
    columns = recorded["runs"]["columns"]
    for name, column in columns.items():
        columns[name] = [column[0]] * runs
    columns["from_ns"] = [i * 1000 for i in range(runs)]
    columns["to_ns"] = [i * 1000 + 500 for i in range(runs)]
    saved = folder / f"{runs}.json"
    saved.write_text(json.dumps(document))
    anyone.run("report", saved, "--show", "timeline", "-o", folder / f"{runs}.html").ended_with(0)
    with Page(chromium, folder) as page:
        page.ask("Page.addScriptToEvaluateOnNewDocument", source="""
            window.filled = 0;
            const fill = CanvasRenderingContext2D.prototype.fillRect;
            CanvasRenderingContext2D.prototype.fillRect = function (...words) { window.filled += 1; fill.apply(this, words); };""")
        page.open(folder / f"{runs}.html")
        page.until(f"{FIGURE}.dataset.drawn === 'yes'")
        page.value("window.filled = 0")
        page.value("window.dispatchEvent(new Event('beforeprint'))")  # paints once, at once
        return page.value("window.filled")


def test_a_frame_costs_pixels_and_not_events(anyone, chromium, folder):
    few, many = (rectangles_of_a_frame(anyone, chromium, folder, runs) for runs in (5_000, 100_000))
    assert 1000 < few < 4000 and many < 1.2 * few


def test_on_paper_the_timeline_is_there_with_ink_for_light_paper(page):
    paper = base64.b64decode(page.ask("Page.printToPDF", printBackground=False)["data"])
    assert paper.startswith(b"%PDF")
    page.ask("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    page.value("window.dispatchEvent(new Event('beforeprint'))")
    # The first bar of a CPU: the colour of its text is that of paper's ink.
    assert page.value("getComputedStyle(document.documentElement).getPropertyValue('--text').trim()") == "#1b1f24"
    assert page.value(f"{FIGURE}.querySelector('canvas').width") > 0
