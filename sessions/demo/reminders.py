"""What the demo's sites tell their patients before a visit: the examples, with an example clinic's own words."""

from clinic.accounts.actor import Actor
from patients.models import Channel
from sessions.demo.story import Clinic
from sessions.models import ReminderText
from sessions.operations.reminder_texts import add_reminder_text
from sessions.rules.reminder_examples import EXAMPLES

WORDS = {
    "[the clinic's own rules for eating and drinking]": "please follow the sheet we gave you (example text)",
    "[las normas de la clínica sobre comer y beber]": "siga la hoja que le dimos (texto de ejemplo)",
    "[who may take you home, by the clinic's rules]": "an adult who takes you home",
    "[quién puede llevarle a casa, según las normas de la clínica]": "que le acompañe una persona adulta",
    "[what the clinic asks for]": "a list of your medicines, and something to listen to",
    "[lo que pide la clínica]": "la lista de sus medicinas y algo para escuchar",
}


def write_texts(clinic: Clinic, *, by: Actor) -> None:
    """Every example as a text message and as an e-mail, once for each site."""
    if ReminderText.objects.filter(site=clinic.site).exists():
        return
    for example in EXAMPLES:
        body = example.body
        for blank, words in WORDS.items():
            body = body.replace(blank, words)
        for channel in Channel:
            content = {
                "language": example.language,
                "channel": channel,
                "name": str(example.name),
                "subject": example.subject if channel == Channel.EMAIL else "",
                "body": body,
                "days_before": example.days_before,
                "send_at": example.send_at,
            }
            add_reminder_text(site=clinic.site, content=content, by=by, now=clinic.now)
