"""The report in a real browser: its numbers are in the page, its charts are drawn, and nothing in it runs or loads
what it should not."""
import html.parser
import json
import os
import re
import shutil
import subprocess

import pytest

from support import REPOSITORY, SAFETY_NET_S, cannot

SAMPLES = sorted((REPOSITORY / "tests/golden/samples").glob("*.json"))
ALONE = {"area", "base", "br", "circle", "col", "hr", "img", "input", "link", "meta", "path", "rect"}
# Would change the title if any of its ways to run a script worked.
HOSTILE = """</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'"><!--"""


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent, self.inside = tag, dict(attributes), parent, []

    @property
    def text(self):
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)

    def all(self, tag, **attributes):
        """Every element below with this tag; `class_="n"` is one of its classes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = []
        for part in self.inside:
            if isinstance(part, str):
                continue
            if (tag == "*" or part.tag == tag) and all(
                    value in part.attributes.get(name, "").split() if name == "class" else part.attributes.get(name) == value
                    for name, value in wanted.items()):
                found.append(part)
            found += part.all(tag, **attributes)
        return found


class Tree(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.root = self.at = Element("document", {}, None)
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = Element(tag, attributes, self.at)
        self.at.inside.append(element)
        if tag not in ALONE:
            self.at = element

    def handle_startendtag(self, tag, attributes):
        self.at.inside.append(Element(tag, attributes, self.at))

    def handle_endtag(self, tag):
        element = self.at
        while element.parent and element.tag != tag:
            element = element.parent
        if element.parent:
            self.at = element.parent

    def handle_data(self, text):
        self.at.inside.append(text)


class Browser:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def open(self, file, complaints=False, then=""):
        """The page as the browser has it once its scripts ran. It must not complain, unless that is wanted: then the
        complaints come with it. The window is so high that every chart is in sight."""
        done = subprocess.run(
            [self.program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
             f"--user-data-dir={self.folder / 'profile'}", "--window-size=1280,20000", "--virtual-time-budget=5000",
             "--dump-dom", file.as_uri() + then],
            capture_output=True, text=True, timeout=2 * SAFETY_NET_S, check=False, env={**os.environ, "HOME": str(self.folder)})
        assert "</html>" in done.stdout, done.stderr[-2000:]
        said = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
        if complaints:
            return Tree(done.stdout).root, said
        assert said == []
        return Tree(done.stdout).root


@pytest.fixture
def browser(folder):
    program = shutil.which("chromium")
    if program is None:
        cannot("there is no chromium (Debian package chromium)")
    return Browser(program, folder)


def report_of(anyone, folder, document):
    """The report of a document (a sample's name, or a value)."""
    saved, report = folder / "document.json", folder / "report.html"
    saved.write_text(json.dumps(document) if isinstance(document, dict)
                     else (REPOSITORY / f"tests/golden/samples/{document}.json").read_text())
    anyone.run("report", saved, "-o", report).ended_with(0)
    return report


def sample(name):
    return json.loads((REPOSITORY / f"tests/golden/samples/{name}.json").read_text())


def strings_replaced(value, by, below=()):
    """Every text that a reader takes as it is; those that choose a meaning stay."""
    if isinstance(value, dict):
        return {key: strings_replaced(item, by, (*below, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [strings_replaced(item, by, below) for item in value]
    fixed = {"schema", "verdict", "unit", "stage", "baseline", "contender", "name", "key", "address", "end", "kernel_stack",
             "difference", "sharing", "error", "grouped_by", "run_ends", "woken_by", "mount_ends", "kinds", "actors"}
    return value + by if isinstance(value, str) and not fixed.intersection(below) else value


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_every_sample_is_a_page_whose_charts_are_drawn_without_a_complaint(anyone, folder, browser, name):
    page = browser.open(report_of(anyone, folder, name))
    figures = page.all("figure", class_="chart")
    assert [figure.attributes.get("data-drawn") for figure in figures] == ["yes"] * len(figures)
    for figure in figures:
        assert figure.all("canvas") and len(figure.all("tr")) > 1


def test_the_page_asks_for_nothing_but_itself(anyone, folder):
    for path in SAMPLES:
        page = Tree(report_of(anyone, folder, path.stem).read_text()).root
        assert [e.tag for e in page.all("*") if "src" in e.attributes or "action" in e.attributes] == []
        assert [e.attributes["href"] for e in page.all("*") if not e.attributes.get("href", "#").startswith("#")] == []
        assert page.all("link") == [] and page.all("iframe") == []
        assert "@import" not in page.all("style")[0].text and "url(" not in page.all("style")[0].text


def test_the_picture_of_the_ledger_has_a_square_for_each_task(anyone, folder, browser):
    document = sample("seven-modes")
    page = browser.open(report_of(anyone, folder, document))
    cards = page.all("div", class_="cards")[0].all("article")
    assert [card.all("h3")[0].text for card in cards] == [result["mode"] for result in document["results"]]
    for card, result in zip(cards, document["results"]):
        assert card.all("strong", class_="total")[0].text == f"{result['kernel_tasks']:,}"
        drawn = [int(e.attributes["data-count"]) for e in card.all("*") if "data-count" in e.attributes]
        assert sum(drawn) == result["kernel_tasks"]
        for row in result["ledger"]:
            assert f"{row['kernel_tasks']:,}×" in [text.text for text in card.all("text", class_="times")]


def test_threads_and_processes_are_different_squares(anyone, folder, browser):
    page = browser.open(report_of(anyone, folder, "seven-modes"))
    fills = {card.all("h3")[0].text: {rect.attributes.get("fill", "").partition("-")[0] for rect in card.all("rect")} - {""}
             for card in page.all("div", class_="cards")[0].all("article")}
    assert fills["platform"] == {"url(#thread"} and fills["fork"] == {"url(#process"}
    assert fills["green"] == set()


def test_of_an_observed_program_the_functions_stand_where_the_actions_were(anyone, folder, browser):
    document = sample("creators")
    page = browser.open(report_of(anyone, folder, document))
    [card] = page.all("div", class_="cards")[0].all("article")
    assert card.all("strong", class_="total")[0].text == f"{document['counts']['kernel_tasks']['value']:,}"
    drawn = sum(int(e.attributes["data-count"]) for e in card.all("*") if "data-count" in e.attributes)
    assert drawn == document["counts"]["kernel_tasks"]["value"]
    most = max(document["creators"]["places"], key=lambda place: place.get("threads", 0) + place.get("processes", 0))
    assert f"{most.get('threads', 0) + most.get('processes', 0):,}×" in [text.text for text in card.all("text", class_="times")]


def test_every_metric_is_a_row_with_its_source(anyone, folder, browser):
    document = sample("seven-modes")
    page = browser.open(report_of(anyone, folder, document))
    rows = {row.all("th")[0].text: row for row in page.all("table", class_="values")[0].all("tr") if row.all("th")}
    for metric in document["results"][0]["metrics"].values():
        [row] = [row for title, row in rows.items() if title.startswith(metric["title"])]
        if "source" in metric:
            assert metric["source"] in row.all("td", class_="source")[0].text


def test_what_was_not_observed_has_a_footnote_with_its_reason_and_no_number(anyone, folder, browser):
    page = browser.open(report_of(anyone, folder, "unprivileged"))
    absent = page.all("span", class_="absent")
    assert absent and {e.text for e in absent} == {"–"}
    notes = {note.attributes["id"] for note in page.all("li") if "id" in note.attributes}
    assert {link.attributes["href"][1:] for link in page.all("table", class_="values")[0].all("a")} == notes
    assert all("not observed" in note.text for note in page.all("ol", class_="footnotes")[0].all("li"))


@pytest.mark.parametrize("name,words", [("interrupted", "PARTIAL"), ("lost-events", "LOST"), ("sweep", "PARTIAL")])
def test_what_forbids_to_trust_the_numbers_stands_in_the_head(anyone, folder, browser, name, words):
    page = browser.open(report_of(anyone, folder, name))
    assert any(words in alert.text for alert in page.all("header")[0].all("p", class_="alert"))


@pytest.mark.parametrize("name,word,sign", [("refuted", "refuted", "✗"), ("seven-modes", "holds", "✓"), ("proven", "not testable here", "?")])
def test_a_verdict_is_a_word_and_a_sign(anyone, folder, browser, name, word, sign):
    page = browser.open(report_of(anyone, folder, name))
    assert f"{sign} {word}" in [cell.text for cell in page.all("td", class_="verdict")]


def test_growth_curves_have_the_medians_of_every_size(anyone, folder, browser):
    document = sample("sweep")
    page = browser.open(report_of(anyone, folder, document))
    for quantity, figure in zip(document["quantities"], page.all("figure", class_="chart")):
        drawn = json.loads(figure.all("script")[0].text)
        assert drawn["x"]["log"] and drawn["y"]["log"]
        for series in drawn["series"]:
            medians = {size["tasks"]: estimate["median"] for size in quantity["sizes"] for estimate in size["estimates"]
                       if estimate["contender"] == series["name"] and estimate.get("median")}
            assert dict(map(tuple, series["points"])) == pytest.approx(medians)


def test_a_histogram_has_every_creation_that_ran(anyone, folder, browser):
    document = sample("creations")
    page = browser.open(report_of(anyone, folder, document))
    [figure] = [f for f in page.all("figure", class_="chart") if "making a task" in f.all("figcaption")[0].text]
    drawn = json.loads(figure.all("script")[0].text)
    ran = [creation for result in document["results"] for creation in result.get("creations", {}).get("records", [])
           if not creation.get("error") and "first_run" in json.dumps(creation)]
    assert sum(count for series in drawn["series"] for _, count, _ in series["points"]) == len(ran) > 0


def test_a_timeline_has_every_mount_and_run_and_can_be_followed_by_a_link(anyone, folder, browser):
    document = sample("timeline")
    report = report_of(anyone, folder, document)
    page = browser.open(report, then="#follow=unit 0")
    recorded = [result["timeline"] for result in document["results"] if "timeline" in result]
    figures = page.all("figure", class_="timeline")
    assert [figure.attributes.get("data-drawn") for figure in figures] == ["yes"] * len(recorded)
    for timeline, figure in zip(recorded, figures):
        lanes = json.loads(figure.all("script")[0].text)["lanes"]
        runs, mounts = timeline["runs"]["columns"], timeline["mounts"]["columns"]
        on_cpus = [lane["runs"] for lane in lanes if lane["kind"] == "cpu"]
        on_tasks = [lane["mounts"] for lane in lanes if lane["kind"] == "task"]
        assert sum(sum(lane["length"]) for lane in on_cpus) == sum(runs["to_ns"]) - sum(runs["from_ns"])
        assert sum(sum(lane["length"]) for lane in on_tasks) == sum(mounts["to_ns"]) - sum(mounts["from_ns"])
        assert sum(len(lane["who"]) for lane in on_tasks) == len(mounts["unit"])
    times = recorded[0]["mounts"]["columns"]["unit"].count(0)
    assert f"unit 0, mounted {times}×" in figures[0].all("output")[0].text


@pytest.mark.parametrize("name", ["timeline", "seven-modes", "proven", "observed", "compared", "creations", "syscalls", "scheduling", "creators"])
def test_a_hostile_document_runs_nothing(anyone, folder, browser, name):
    hostile = strings_replaced(sample(name), HOSTILE)
    report = report_of(anyone, folder, hostile)
    page = browser.open(report)
    assert page.all("title")[0].text.endswith("vtlab") and page.all("img") == []
    assert [e.tag for e in page.all("*") if any(key.startswith("on") for key in e.attributes)] == []
    assert len([s for s in page.all("script") if s.attributes.get("type") != "application/json"]) == 3
    assert "onerror" in page.all("body")[0].text, "the text itself should be there, as text"


def test_a_script_that_got_into_the_page_in_spite_of_all_would_not_run(anyone, folder, browser):
    report = report_of(anyone, folder, "seven-modes")
    report.write_text(report.read_text().replace("<main>", "<main><script>document.title='owned'</script>"))
    page, said = browser.open(report, complaints=True)
    assert page.all("title")[0].text != "owned"
    assert any("Content Security Policy" in line for line in said)


def test_a_run_an_observation_and_a_comparison_are_pages_by_the_ending_of_the_file(anyone, folder, browser):
    for name, words, title in (
            ("run", ("run", "spawn-join", "--mode=virtual,platform", "--tasks", 31), "spawn-join"),
            ("compare", ("compare", "spawn-join", "--tasks", "3,7", "--repeat", 2), "spawn-join"),
            ("observe", ("observe", "-o", folder / "observe.html", "--", "true"), "true")):
        report = folder / f"{name}.html"
        anyone.run(*words, *(() if name == "observe" else ("-o", report))).ended_with(0)
        page = browser.open(report)
        assert title in page.all("h1")[0].text
        command = page.all("p", class_="command")[0].all("code")[0].text
        assert re.search(rf"\b{name} ", command) and str(words[1]) in command


def test_what_show_leaves_out_is_not_in_the_page(anyone, folder):
    saved = REPOSITORY / "tests/golden/samples/syscalls.json"
    anyone.run("report", saved, "--show", "syscalls", "-o", folder / "part.html").ended_with(0)
    page = Tree((folder / "part.html").read_text()).root
    assert [heading.text for heading in page.all("h2")] == ["System calls"]
