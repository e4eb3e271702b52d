"""Our package in wagtail-lms, an LMS that others wrote, which has no LMSFinish and sends each value by itself.

What is proved here, in the product itself, with packages that its own form unpacked, played in Chromium by a learner
who logged in: no answer is lost and no status is false, whatever is in its database at the end; a new version of a
package leaves those who are half-way through the old one what they have; and the profile of the simulated LMS answers
as the product does, call by call. What the product cannot keep, and the profile says so, happens here too.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from browser.answers import Key
from browser.conftest import COURSES, ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from playwright.sync_api import APIRequestContext, Browser, FilePayload, Page, Route, expect

from builder.score import has_key
from foreign.conftest import WagtailSite, revised

PASSWORD = "un mot long"
CYBERSECURITE = ROOT / "course_src" / "cybersecurite"
MANIFEST = """\
<manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" identifier="m">
<organizations default="o"><organization identifier="o"><title>Empty</title></organization></organizations>
<resources><resource identifier="r" type="webcontent" href="index.html"/></resources></manifest>
"""


class Administrator:
    """Who uploads packages by the form of the product's own pages."""

    def __init__(self, site: WagtailSite, request: APIRequestContext) -> None:
        self.site = site
        self.request = request
        log_in(site, request, "admin")

    def upload(self, name: str, archive: bytes, package: int | None = None) -> int:
        """Upload a zip as a new package, or into one that is there; return the package's number."""
        form = f"{self.site.address}/admin/scormpackage/" + (f"edit/{package}/" if package else "new/")
        assert self.request.get(form).ok
        fields: dict[str, Any] = {"csrfmiddlewaretoken": token(self.request), "title": name, "version": "1.2"}
        fields["package_file"] = FilePayload(name=name, mimeType="application/zip", buffer=archive)
        answer = self.request.post(form, multipart={**fields, "description": ""}, headers={"Referer": form})
        assert answer.ok
        assert "scormpackage/new" not in answer.url, answer.text()
        rows = self.site.rows("select id, launch_url, manifest_data from wagtail_lms_scormpackage order by id")
        number, launch, manifest = rows[-1]
        assert launch == "index.html"
        assert json.loads(manifest)["version"] == "1.2"
        return package or int(number)

    def place(self, package: int) -> Place:
        """Make the pages from which learners launch a package."""
        return Place(self.site, **self.request.post(f"{self.site.address}/place/{package}").json())

    def move(self, place: Place, package: int) -> None:
        """Let a lesson's page play another package from now on."""
        assert self.request.post(f"{self.site.address}/move/{place.lesson}/{package}").ok


class Place:
    """A course page with one lesson page: where a learner launches a package, and what is on record of it."""

    def __init__(self, site: WagtailSite, course: int, lesson: int) -> None:
        self.site = site
        self.course = course
        self.lesson = lesson

    def enroll(self, learner: Learner) -> None:
        assert learner.context.request.get(f"{self.site.address}/lms/course/{self.course}/enroll/").ok

    def launch(self, learner: Learner) -> None:
        learner.page.goto(f"{self.site.address}/lms/scorm-lesson/{self.lesson}/play/")
        learner.ready()

    def attempts(self) -> list[dict[str, Any]]:
        """Return the product's own columns of each attempt with the package that the lesson plays, oldest first."""
        return self.site.records(
            "select a.* from wagtail_lms_scormattempt a join wagtail_lms_scormlessonpage l using (scorm_package_id)"
            " where l.page_ptr_id = ? order by a.id",
            self.lesson,
        )

    def values(self) -> dict[str, str]:
        """Return the elements of the one attempt that there is, by their names without `cmi.`."""
        (attempt,) = self.attempts()
        rows = self.site.rows("select key, value from wagtail_lms_scormdata where attempt_id = ?", attempt["id"])
        return {key.removeprefix("cmi."): value for key, value in rows}

    def is_completed(self) -> bool:
        """Return whether the enrolment counts as completed."""
        ((completed,),) = self.site.rows(
            "select completed_at from wagtail_lms_courseenrollment where course_id = ?", self.course
        )
        return completed is not None


def token(request: APIRequestContext) -> str:
    cookies = request.storage_state()["cookies"]
    return next(cookie["value"] for cookie in cookies if cookie["name"] == "csrftoken")


def log_in(site: WagtailSite, request: APIRequestContext, name: str) -> None:
    form = f"{site.address}/admin/login/"
    request.get(form)
    fields = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token(request), "next": "/lms/"}
    answer = request.post(form, form=fields, headers={"Referer": form}, max_redirects=0)
    assert answer.status == 302, answer.text()


@pytest.fixture(scope="module")
def administrator(wagtail_lms: WagtailSite, chromium: Browser) -> Iterator[Administrator]:
    context = chromium.new_context()
    yield Administrator(wagtail_lms, context.request)
    context.close()


@pytest.fixture
def name(wagtail_lms: WagtailSite) -> str:
    """The user name of somebody who has done nothing so far."""
    return wagtail_lms.newcomer()


@pytest.fixture
def learner(wagtail_lms: WagtailSite, chromium: Browser, loopback: Loopback, name: str) -> Iterator[Learner]:
    """Somebody who is logged in."""
    yield from logged_in(wagtail_lms, chromium, loopback, name)


@pytest.fixture
def elsewhere(wagtail_lms: WagtailSite, chromium: Browser, loopback: Loopback, name: str) -> Iterator[Learner]:
    """The same person at another computer."""
    yield from logged_in(wagtail_lms, chromium, loopback, name)


def logged_in(site: WagtailSite, chromium: Browser, loopback: Loopback, name: str) -> Iterator[Learner]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    log_in(site, context.request, name)
    learner = Learner(context, loopback, inside="/scorm-content/")
    yield learner
    assert learner.troubles == []
    context.close()


def is_judged(key: Key, question: str) -> bool:
    """Return whether answers to a question are right or wrong."""
    return any(has_key(interaction) for interaction in key.numbers.interactions[question])


def check(place: Place, key: Key, expected: dict[str, bool], status: str, score: float | None) -> None:
    """Compare all that the database holds of the one attempt: each element, and the product's own columns.

    Of questions without right answers `expected` says only that they were answered.
    """
    values, (attempt,) = place.values(), place.attempts()
    answered = key.answered(values["suspend_data"])
    assert answered.keys() == expected.keys()
    assert all(answered[name] == expected[name] for name in expected if is_judged(key, name))
    assert key.decode(values["suspend_data"]).state.status == status
    assert values["core.lesson_status"] == attempt["completion_status"] == status
    assert attempt["suspend_data"] == values["suspend_data"]
    assert attempt["location"] == values["core.lesson_location"]
    assert attempt["score_raw"] == (None if score is None else float(values["core.score.raw"])) == score
    assert place.is_completed() == (status == "passed")
    for question in expected:
        index = key.decode(values["suspend_data"]).state.questions[key.numbers.questions[question]].index
        for n, interaction in enumerate(key.numbers.interactions[question]):
            assert values[f"interactions.{index + n}.id"] == interaction.id
            result = ("correct" if expected[question] else "wrong") if is_judged(key, question) else "neutral"
            assert values[f"interactions.{index + n}.result"] == result


def test_is_killed_resumed_failed_and_passed(administrator: Administrator, learner: Learner, shelf: Shelf) -> None:
    """The tab is killed the moment an answer was given; what came before `failed` and `passed` is never above them."""
    key, package = Key(COURSES / "essai"), shelf.build(COURSES / "essai")
    place = administrator.place(administrator.upload(package.zip.name, package.zip.read_bytes()))
    place.enroll(learner)

    place.launch(learner)
    learner.start()
    learner.pick("q-urgence", "a")
    expect(learner.result("q-urgence")).not_to_be_empty()
    learner.kill()
    check(place, key, {"q-urgence": False}, "incomplete", None)

    place.launch(learner)
    learner.go("hameconnage")
    expect(learner.question("q-urgence").locator(".answer[data-letter=a] .feedback")).to_be_visible()
    learner.pick("q-signes", "cd")
    learner.next()
    learner.fill("q-canal", a="mssante", b="3,5", c="b")
    learner.next()
    learner.pick("q-mot", "b")
    learner.next()
    expect(learner.content.locator("main .results")).to_be_visible()
    given = {"q-urgence": False, "q-signes": False, "q-canal": True, "q-mot": True}
    check(place, key, given, "failed", 42.86)

    learner.content.locator("[data-action=answer-again]").click()
    learner.go("hameconnage")
    learner.pick("q-urgence", "b")
    learner.pick("q-signes", "ab")
    learner.leave()
    check(place, key, dict.fromkeys(given, True), "passed", 100)

    place.launch(learner)
    learner.go("_results")
    expect(learner.content.locator("[data-results-grade]")).to_contain_text("100")
    learner.leave()
    check(place, key, dict.fromkeys(given, True), "passed", 100)


def test_a_whole_course_on_two_computers(
    administrator: Administrator, learner: Learner, elsewhere: Learner, shelf: Shelf
) -> None:
    """A real course of five hours: a tab is killed after the first lesson, the others are done on another computer."""
    key, package = Key(CYBERSECURITE), shelf.build(CYBERSECURITE)
    place = administrator.place(administrator.upload(package.zip.name, package.zip.read_bytes()))
    place.enroll(learner)
    given: dict[str, bool] = {}

    def is_said(someone: Learner, question: str) -> None:
        is_path = key.numbers.interactions[question][0].type == "performance"
        judged = "Vous êtes au bout" if is_path else "Juste."
        said = judged if is_judged(key, question) else "C’est noté."
        expect(someone.result(question)).to_contain_text(said)

    def answer(someone: Learner, lesson: str) -> None:
        key.play_lesson(someone, lesson)
        for question in key.lessons[lesson]:
            is_said(someone, question)
            given[question] = True

    first, *others = key.lessons
    place.launch(learner)
    answer(learner, first)
    learner.kill()
    check(place, key, given, "incomplete", None)

    place.launch(elsewhere)
    elsewhere.go(first)
    for question in given:
        is_said(elsewhere, question)
    for lesson in others:
        answer(elsewhere, lesson)
    elsewhere.next()
    expect(elsewhere.content.locator("[data-results-grade]")).to_contain_text("100")
    elsewhere.leave()
    assert len(given) == len(key.numbers.interactions)
    check(place, key, given, "passed", 100)


def test_a_lost_session_is_said_and_made_good(
    administrator: Administrator, wagtail_lms: WagtailSite, learner: Learner, name: str, shelf: Shelf
) -> None:
    """The product says "true" to what it drops; the course does not believe it, and sends again after a new login."""
    key, package = Key(COURSES / "essai"), shelf.build(COURSES / "essai")
    place = administrator.place(administrator.upload(package.zip.name, package.zip.read_bytes()))
    place.enroll(learner)
    place.launch(learner)
    learner.start()
    learner.pick("q-urgence", "b")
    check(place, key, {"q-urgence": True}, "incomplete", None)

    learner.context.clear_cookies()
    learner.pick("q-signes", "ab")
    expect(learner.content.locator("[data-saved]")).not_to_have_attribute("data-saved", "lms")
    check(place, key, {"q-urgence": True}, "incomplete", None)
    # The product's own script stumbles over the page of the login.
    assert all("JSON" in trouble for trouble in learner.troubles)
    learner.page.goto(learner.loopback.url("/blank"))
    learner.troubles.clear()

    log_in(wagtail_lms, learner.context.request, name)
    place.launch(learner)
    learner.go("hameconnage")
    expect(learner.result("q-signes")).to_contain_text("2 points")
    check(place, key, {"q-urgence": True, "q-signes": True}, "incomplete", None)


def test_a_new_version_under_somebody_half_way(
    administrator: Administrator, learner: Learner, elsewhere: Learner, shelf: Shelf, tmp_path: Path
) -> None:
    """A file put over that of a package is not unpacked: the old version goes on, and nothing of it is lost. As a
    package of its own the new version begins a new attempt, which says nothing that was not earned in it; the old
    record stays."""
    key, package = Key(COURSES / "essai"), shelf.build(COURSES / "essai")
    newer = shelf.build(revised(tmp_path), "essai-2")
    number = administrator.upload(package.zip.name, package.zip.read_bytes())
    place = administrator.place(number)
    place.enroll(learner)
    place.launch(learner)
    learner.start()
    learner.pick("q-urgence", "b")
    learner.kill()

    administrator.upload(newer.zip.name, newer.zip.read_bytes(), number)
    place.launch(learner)
    learner.go("hameconnage")
    expect(learner.result("q-urgence")).to_contain_text("2 points")
    expect(learner.content.locator("main h1")).not_to_contain_text("autrement")
    learner.kill()
    check(place, key, {"q-urgence": True}, "incomplete", None)
    (old,) = place.attempts()

    administrator.move(place, administrator.upload(newer.zip.name, newer.zip.read_bytes()))
    place.launch(elsewhere)
    elsewhere.go("hameconnage")
    expect(elsewhere.content.locator("main h1")).to_contain_text("autrement")
    expect(elsewhere.result("q-urgence")).to_be_empty()
    elsewhere.leave()
    check(place, key, {}, "incomplete", None)
    assert administrator.site.records("select * from wagtail_lms_scormattempt where id = ?", old["id"]) == [old]


# --- the profile -----------------------------------------------------------------------------------------------------

SET, GET = "LMSSetValue", "LMSGetValue"
CALLS: tuple[tuple[str, ...], ...] = (
    (SET, "cmi.core.lesson_status", "passed"),
    (GET, "cmi.core.lesson_status"),
    ("LMSCommit", ""),
    ("LMSInitialize", ""),
    ("LMSInitialize", ""),
    ("LMSGetLastError",),
    *(
        (GET, f"cmi.{element}")
        for element in (
            *("core._children", "core.student_id", "core.student_name", "core.lesson_location", "core.credit"),
            *("core.lesson_status", "core.entry", "core.score.raw", "core.total_time", "core.lesson_mode", "core.exit"),
            *("core.session_time", "suspend_data", "launch_data", "comments", "interactions._count"),
            *("interactions._children", "interactions.0.id", "objectives._count", "student_data.mastery_score"),
        )
    ),
    (GET, "nothing"),
    (GET, "cmi.core.nothing"),
    ("LMSGetLastError",),
    # What the player writes, and what no player should.
    (SET, "cmi.core.score.min", "0"),
    (SET, "cmi.core.score.raw", "85.71"),
    (SET, "cmi.core.lesson_status", "incomplete"),
    (SET, "cmi.core.lesson_location", "hameconnage"),
    (SET, "cmi.suspend_data", "A" * 4097),
    (SET, "cmi.suspend_data", "é\n" * 40_000),
    (SET, "cmi.core.session_time", "0000:00:10.00"),
    (SET, "cmi.core.exit", "suspend"),
    (SET, "cmi.interactions.0.id", "q-urgence"),
    (SET, "cmi.interactions.5.type", "choice"),
    (SET, "cmi.interactions.5.correct_responses.0.pattern", "b"),
    (SET, "cmi.core.lesson_status", "not attempted"),
    (SET, "cmi.core.lesson_status", "Passed"),
    (SET, "cmi.core.score.raw", "abc"),
    (SET, "cmi.core.score.raw", ""),
    (SET, "cmi.core.student_id", "someone else"),
    (SET, "cmi.core._children", "x"),
    (SET, "cmi.nothing", "x"),
    (SET, "cmi.core.lesson_status", "passed"),
    ("LMSGetLastError",),
    ("LMSCommit", ""),
    ("LMSCommit", "x"),
    *(
        (GET, f"cmi.{element}")
        for element in (
            *("core.score.min", "core.score.raw", "core.score.max", "core.lesson_status", "core.lesson_location"),
            *("suspend_data", "core.session_time", "core.total_time", "core.exit", "interactions.0.id"),
            *("interactions.5.type", "interactions._count", "core.student_id", "core._children", "nothing"),
        )
    ),
)
AGAIN: tuple[tuple[str, ...], ...] = (
    ("LMSInitialize", ""),
    *((GET, f"cmi.{one}") for one in ("core.entry", "core.lesson_status", "suspend_data", "core.total_time")),
    *((GET, f"cmi.{one}") for one in ("core.lesson_mode", "core.credit", "core.score.raw", "interactions.0.id")),
)

REPLAY = """async (calls) => {
    const answers = [];
    for (const [name, ...given] of calls) {
        try { answers.push(window.API[name](...given)); } catch { answers.push("throws"); }
        // One call at a time: the next one is made when the server has answered this one.
        while (window.underWay) await new Promise((resume) => setTimeout(resume, 5));
        window.settle?.();
    }
    return answers;
}"""
COUNT = """
window.underWay = 0;
const { send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.send = function (body) {
    window.underWay++;
    this.addEventListener("loadend", () => void window.underWay--);
    try { send.call(this, body); } catch (error) { window.underWay = 0; throw error; }
};
"""
SIMULATE = """async (id) => {
    const { createLms, readProfile } = await import("/lms/lms.js");
    const profile = readProfile(await (await fetch("/lms/profiles/wagtail-lms.yml")).text());
    window.lms = createLms(profile, { launch: { id, first: "Jeanne", last: "Martin" } });
    window.settle = () => { try { window.API.LMSGetLastError(); } catch { /* nothing arrives */ } };
    Object.defineProperty(window, "API", { get: () => window.lms.API });
}"""


@pytest.fixture
def probe(administrator: Administrator, learner: Learner) -> Page:
    """The product's page with a package that does nothing."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("imsmanifest.xml", MANIFEST)
        file.writestr("index.html", "<!doctype html><title>Empty</title>")
    place = administrator.place(administrator.upload("empty.zip", archive.getvalue()))
    place.enroll(learner)
    learner.page.add_init_script(COUNT)
    learner.page.goto(f"{place.site.address}/lms/scorm-lesson/{place.lesson}/play/")
    return learner.page


@pytest.fixture
def simulated(learner: Learner, wagtail_lms: WagtailSite, name: str) -> Page:
    """A page with the simulated LMS in this profile, for the same learner."""
    ((number,),) = wagtail_lms.rows("select id from auth_user where username = ?", name)
    page = learner.context.new_page()
    page.goto(learner.loopback.url("/blank"))
    page.evaluate(SIMULATE, str(number))
    return page


def test_the_profile_answers_as_the_product(probe: Page, simulated: Page) -> None:
    """Call by call, in two launches. Left out: LMSGetErrorString and LMSGetDiagnostic, which explain what never is."""
    assert pairs(CALLS, simulated.evaluate(REPLAY, CALLS)) == pairs(CALLS, probe.evaluate(REPLAY, CALLS))
    probe.reload()
    simulated.evaluate("lms.relaunch()")
    assert pairs(AGAIN, simulated.evaluate(REPLAY, AGAIN)) == pairs(AGAIN, probe.evaluate(REPLAY, AGAIN))
    for page in (probe, simulated):
        assert page.evaluate("'LMSFinish' in API") is False


def test_the_profile_fails_as_the_product(probe: Page, simulated: Page, learner: Learner) -> None:
    """Without session, and without network: yes to every value, and reading throws."""
    calls = (
        (SET, "cmi.suspend_data", "two"),
        ("LMSCommit", ""),
        (GET, "cmi.suspend_data"),
        ("LMSGetLastError",),
    )
    begin = (("LMSInitialize", ""), (SET, "cmi.suspend_data", "one"), (GET, "cmi.suspend_data"))
    assert simulated.evaluate(REPLAY, begin) == probe.evaluate(REPLAY, begin)
    learner.context.set_offline(True)
    simulated.evaluate("lms.faults.offline = true")
    assert pairs(calls, simulated.evaluate(REPLAY, calls)) == pairs(calls, probe.evaluate(REPLAY, calls))
    learner.context.set_offline(False)
    simulated.evaluate("lms.faults.offline = false")
    assert simulated.evaluate(REPLAY, begin[2:]) == probe.evaluate(REPLAY, begin[2:]) == ["one"]
    learner.context.clear_cookies()
    simulated.evaluate("lms.faults.session = true")
    assert pairs(calls, simulated.evaluate(REPLAY, calls)) == pairs(calls, probe.evaluate(REPLAY, calls))
    assert learner.troubles
    learner.troubles.clear()


def test_the_profile_disorders_as_the_product(probe: Page, simulated: Page) -> None:
    """What is set is on its way by itself: when the first request is the slower one, its value stays."""
    held: list[Route] = []
    write = "API.LMSInitialize(''); for (const value of ['one', 'two']) API.LMSSetValue('cmi.suspend_data', value)"

    def hold(route: Route) -> None:
        if '"one"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    probe.route("**/scorm-api/**", hold)
    with probe.expect_response(lambda response: '"two"' in (response.request.post_data or "")):
        probe.evaluate(write)
    with probe.expect_response(lambda response: '"one"' in (response.request.post_data or "")):
        held[0].continue_()
    read = "API.LMSGetValue('cmi.suspend_data')"
    assert probe.evaluate(read) == "one"
    simulated.evaluate(write)
    assert simulated.evaluate(read) == "one"


def pairs(calls: tuple[tuple[str, ...], ...], answers: list[str]) -> list[str]:
    """Return calls with their answers, cut to be read when they differ."""
    both = zip(calls, answers, strict=True)
    return [f"{name}{str(given)[:60]} → {answer[:60]!r}, {len(answer)} characters" for (name, *given), answer in both]
