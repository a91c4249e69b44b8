"""What a reminder may say, to whom it may go, and when: a phone on a table is read by whoever passes it.

No length of fasting stands here or in an example: published rules disagree, so the words are the clinic's own.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from clinic.common.text import words
from clinic.facilities.models import Site
from patients.models import Channel, Patient
from sessions.models import InfusionSession, Protocol, ProtocolVersion, Reminder, ReminderText
from sessions.rules.messages import UNKNOWN, reason_told
from sessions.rules.reminder_languages import ENGLISH, LANGUAGES, language_of, spoken_day
from sessions.states import Status

PLACEHOLDERS = {
    "first_name": _("the patient's first name"),
    "day": _("the day of the visit"),
    "time": _("the time of the visit on the site's clocks"),
    "site": _("the site's name"),
    "phone": _("the site's telephone"),
}

DRUG, TREATMENT, DIAGNOSIS, FIELD = (
    _("it names the drug"),
    _("it names the treatment"),
    _("it names a diagnosis"),
    _("it tells the field of medicine"),
)
STEMS: dict[str, Any] = {
    "ketamin": DRUG,
    "esketamin": DRUG,
    "spravato": DRUG,
    "infus": TREATMENT,
    "intraven": TREATMENT,
    "dose": TREATMENT,
    "dosis": TREATMENT,
    "sedat": TREATMENT,
    "sedac": TREATMENT,
    "antidepres": TREATMENT,
    "depres": DIAGNOSIS,
    "anxi": DIAGNOSIS,
    "ansiedad": DIAGNOSIS,
    "bipolar": DIAGNOSIS,
    "suicid": DIAGNOSIS,
    "trauma": DIAGNOSIS,
    "ptsd": DIAGNOSIS,
    "tept": DIAGNOSIS,
    "psych": FIELD,
    "psiq": FIELD,
    "psicol": FIELD,
    "psicot": FIELD,
    "mental": FIELD,
}
"""Beginnings of words, folded, that no reminder may hold, each with what it would give away."""

WHOLE: dict[str, Any] = {"iv": TREATMENT, "drip": TREATMENT, "goteo": TREATMENT, "suero": TREATMENT}
"""Whole words, which begin too many others."""

_PLAIN = (
    "adult adults care chronic clinic clinical demo example first major only protocol resistant second severe"
    " standard treatment trial visit week weeks with without your"
)
PLAIN = frozenset(_PLAIN.split())
"""Words of protocols' names that give nothing away."""
SHORTEST = 4

SMS_LONGEST, EMAIL_LONGEST = 480, 2000
MOST_DAYS = 14


def telling_words(text: str, *, also: Iterable[str] = ()) -> dict[str, Any]:
    """The words of a text that would tell a stranger what the visit is for, each with what it gives away.

    Args:
        also: words beyond the lists of this module, such as :func:`protocol_words`.
    """
    named = frozenset(also)
    found: dict[str, Any] = {}
    for word in words(text):
        stem = next((stem for stem in STEMS if word.startswith(stem)), None)
        if stem is not None:
            found[word] = STEMS[stem]
        elif word in WHOLE:
            found[word] = WHOLE[word]
        elif word in named:
            found[word] = _("it stands in the name of a protocol")
    return found


def protocol_words() -> frozenset[str]:
    """The words of the protocols' names, indications and drugs, but for those that give nothing away."""
    texts = [text for row in Protocol.objects.values_list("name", "indication") for text in row]
    texts += ProtocolVersion.objects.order_by().values_list("drug", flat=True).distinct()
    return frozenset(
        word for text in texts for word in words(text) if len(word) >= SHORTEST and word not in PLAIN
    )


def check_text(text: ReminderText) -> None:
    """Refuse a text that tells too much, or that could not be filled in.

    Raises:
        Invalid: by field, everything that is wrong.
    """
    problems: dict[str, list[Problem]] = {}
    also = protocol_words()
    for field in ("subject", "body"):
        found = [*_places_wrong(getattr(text, field)), *_told_wrong(getattr(text, field), also)]
        if found:
            problems[field] = found
    for field, problem in _shape_wrong(text):
        problems.setdefault(field, []).append(problem)
    if not problems and (found := site_problems(text, text.site, also)):
        problems["body"] = found
    if problems:
        raise Invalid(problems)


def _places_wrong(template: str) -> list[Problem]:
    try:
        parsed = list(Formatter().parse(template))
    except ValueError:
        message = _("A brace is left open, or stands alone. Write the words to fill in as {first_name}.")
        return [Problem("reminder.braces", message)]
    wrong = [_written(name, spec, turned) for _text, name, spec, turned in parsed if name is not None]
    message = _("{%(name)s} is not known. There are only: %(known)s.")
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    return [
        Problem("reminder.placeholder", message, {"name": name, "known": known})
        for name in wrong
        if name not in PLACEHOLDERS
    ]


def _written(name: str, spec: str | None, turned: str | None) -> str:
    """A placeholder as it was typed; one with a format is none that is known."""
    return name + (f"!{turned}" if turned else "") + (f":{spec}" if spec else "")


def _told_wrong(template: str, also: Iterable[str]) -> list[Problem]:
    message = _("“%(word)s” may not stand in a reminder: %(reason)s, and others may read it.")
    return [
        Problem("reminder.tells", message, {"word": word, "reason": reason})
        for word, reason in telling_words(template, also=also).items()
    ]


def _shape_wrong(text: ReminderText) -> Iterable[tuple[str, Problem]]:
    if not text.body.strip():
        yield "body", Problem("reminder.empty", _("Write what the patient is told."))
    if "[" in text.subject + text.body:
        message = _("Fill in what stands in square brackets: it is for the clinic to say.")
        yield "body", Problem("reminder.blank", message)
    longest = SMS_LONGEST if text.channel == Channel.SMS else EMAIL_LONGEST
    if len(text.body) > longest:
        message = _("The text has %(length)s characters. At most %(longest)s go out this way; shorten it.")
        yield "body", Problem("reminder.long", message, {"length": len(text.body), "longest": longest})
    if text.channel == Channel.EMAIL and not text.subject.strip():
        yield "subject", Problem("reminder.no_subject", _("An e-mail needs a subject."))
    if text.days_before > MOST_DAYS:
        message = _("A reminder goes out at most %(most)s days before.")
        yield "days_before", Problem("reminder.days", message, {"most": MOST_DAYS})
    if text.language not in LANGUAGES:
        message = _("There is no language with the code %(code)s here. Choose one of the list.")
        yield "language", Problem("reminder.language", message, {"code": text.language})


def site_problems(text: ReminderText, site: Site, also: Iterable[str]) -> list[Problem]:
    """What the site's own name and telephone would do to the text, now or when it goes out."""
    template = text.subject + text.body
    found = []
    if "{site}" in template and (telling := telling_words(site.name, also=also)):
        message = _(
            "The name of the site says “%(word)s”. Leave {site} out and write a name that tells nothing."
        )
        found.append(Problem("reminder.site_tells", message, {"word": next(iter(telling))}))
    if "{phone}" in template and not site.phone:
        message = _("The site has no telephone number yet. Leave {phone} out, or enter it with the site.")
        found.append(Problem("reminder.no_phone", message))
    return found


def fill_in(template: str, *, first_name: str, visit_at: datetime, site: Site, language: str) -> str:
    """The text as it goes out. The visit is at the site, so its day and time are those of the site's clocks."""
    there = visit_at.astimezone(site.zone)
    return template.format(
        first_name=first_name,
        day=spoken_day(there.date(), language),
        time=there.strftime("%H:%M"),
        site=site.name,
        phone=site.phone,
    )


def first_name_of(patient: Patient) -> str:
    """Some people have one name only."""
    return patient.given_name.strip() or patient.family_name


def address_of(patient: Patient, channel: str) -> str:
    """Where the channel reaches the patient; "" where nothing is known."""
    return (patient.phone if channel == Channel.SMS else patient.email).strip()


def zone_of(patient: Patient, site: Site) -> ZoneInfo:
    """The patient's clocks; the site's where the patient's are not known."""
    try:
        return ZoneInfo(patient.time_zone) if patient.time_zone else site.zone
    except (ZoneInfoNotFoundError, ValueError):
        return site.zone


def due_at(text: ReminderText, *, visit_day: date, zone: ZoneInfo) -> datetime:
    """When the clocks of ``zone`` show the text's time, so many days before the visit.

    A time that the clocks skip is taken as if they had not, and so comes an hour later; of one that they show twice
    it is the first.
    """
    at = datetime.combine(visit_day - timedelta(days=text.days_before), text.send_at, tzinfo=zone)
    return at.astimezone(UTC)


def chosen_text(texts: Iterable[ReminderText], patient: Patient) -> ReminderText | None:
    """Of one text's versions the one by the patient's channel and in their language, else in English."""
    by_language = {text.language: text for text in texts if text.channel == patient.reminders_by}
    wanted = language_of(patient.language)
    return by_language.get(wanted) or by_language.get(ENGLISH)


def why_not(reminder: Reminder, session: InfusionSession, *, now: datetime) -> str:
    """Why a queued message must not go out any more, as a code of :data:`WHY`; "" when it may."""
    patient = session.patient
    if session.state is Status.CANCELLED:
        return "cancelled"
    if session.scheduled_start != reminder.visit_at:
        return "moved"
    if session.state is not Status.SCHEDULED or session.scheduled_start <= now:
        return "over"
    if patient.is_deceased:
        return "died"
    if patient.reminders_by != reminder.channel:
        return "channel"
    if not address_of(patient, reminder.channel):
        return "address"
    return "" if reminder.text.is_in_use else "text"


WHY: dict[str, Any] = {
    "cancelled": _("The visit was called off."),
    "moved": _("The visit was moved; another message speaks of the new time."),
    "over": _("The visit has begun or is over."),
    "died": _("The patient has died."),
    "channel": _("The patient no longer agrees to messages by this channel."),
    "address": _("No number or address is known for this channel."),
    "text": _("The text is no longer in use."),
    "tells": _("The text would tell too much, or the site lacks a telephone. Mend the text."),
    "refused": _("It was not accepted."),
    "waits": _("It was not accepted and will be tried again."),
    UNKNOWN: _(
        "It was handed over, and nobody knows whether it was taken: the answer did not come, or has not come yet."
        " It is not sent again by itself, so that nobody gets it twice."
    ),
}
"""What the codes of :attr:`Reminder.why` mean. Behind a colon stands what the carrier said."""


def told_why(why: str) -> str:
    """A stored reason as a sentence."""
    return reason_told(why, WHY)
