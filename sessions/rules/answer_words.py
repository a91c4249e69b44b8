"""The words around the questions that a patient answers through a link, in English and Spanish.

They are this software's own. The questions of a published questionnaire are shown in their exact wording only; where
no official translation is at hand the page says so openly.
"""

from collections.abc import Mapping

ENGLISH, SPANISH = "en", "es"

_EN = {
    "title": "Questions from your clinic",
    "hello": "Hello {first_name}",
    "intro": "Your clinic would like to know how you are. There are {count} questions. You may leave any of them out.",
    "kept": "What you choose is kept as you go. You can stop and come back with the same link until {until}.",
    "read_when": "When your answers are read",
    "read_how": "Nobody reads them at once. They are read when the clinic is open:",
    "read_also": "and now, until {until}",
    "call_us": "For anything else call the clinic:",
    "need_help": "If you need help now",
    "do_not_wait": "Do not wait for an answer to this form. Call:",
    "crisis": "Crisis line",
    "emergency": "Emergency",
    "begin": "Begin",
    "go_on": "Go on",
    "part": "Part {number} of {count}",
    "next": "Next",
    "send": "Send the answers",
    "back": "Back",
    "saved": "Kept",
    "not_saved": "Not kept yet. It is kept when you press the button below.",
    "empty": "Nothing was answered. Choose at least one answer, then send.",
    "wrong": "One of the answers could not be read. Choose again, then go on.",
    "thanks": "Thank you",
    "thanks_text": "Your answers have reached the clinic. They are read when it is open.",
    "close": "You can close this page. The link does not open any more.",
    "give_back": "Please give the tablet back now.",
    "staff": "Staff: take the tablet back",
    "crisis_head": "You are not alone with this",
    "crisis_text": "You told us of thoughts of being better off dead or of hurting yourself. Somebody at"
    " the clinic looks at this when it is open. If you are in danger, or need somebody to talk to now, call:",
    "english_only": "",
    "other_only": "These questions are in another language. If you would rather answer with help, call the clinic.",
    "other_language": "Español",
    "gone_title": "This link does not open",
    "gone": "It may have been used already, or its time is over. If you would like to tell us"
    " something, call the clinic:",
    "too_many": "This link does not open just now. Try again in some minutes, or call the clinic:",
    "too_long": "This text is too long. Shorten it, or call the clinic.",
    "closed_days": "The clinic may be closed on holidays.",
    "to": "to",
}

_ES = {
    "title": "Preguntas de su clínica",
    "hello": "Hola, {first_name}",
    "intro": "A su clínica le gustaría saber cómo está. Son {count} preguntas. Puede dejar en blanco las que quiera.",
    "kept": "Lo que elija se guarda al momento. Puede parar y volver con el mismo enlace hasta el {until}.",
    "read_when": "Cuándo se leen sus respuestas",
    "read_how": "Nadie las lee al momento. Se leen cuando la clínica está abierta:",
    "read_also": "y ahora, hasta el {until}",
    "call_us": "Para cualquier otra cosa, llame a la clínica:",
    "need_help": "Si necesita ayuda ahora",
    "do_not_wait": "No espere una respuesta a este formulario. Llame:",
    "crisis": "Línea de crisis",
    "emergency": "Emergencias",
    "begin": "Empezar",
    "go_on": "Continuar",
    "part": "Parte {number} de {count}",
    "next": "Siguiente",
    "send": "Enviar las respuestas",
    "back": "Atrás",
    "saved": "Guardado",
    "not_saved": "Aún no está guardado. Se guarda al pulsar el botón de abajo.",
    "empty": "No hay ninguna respuesta. Elija al menos una y envíe.",
    "wrong": "Una de las respuestas no se pudo leer. Elija de nuevo y continúe.",
    "thanks": "Gracias",
    "thanks_text": "Sus respuestas han llegado a la clínica. Se leen cuando está abierta.",
    "close": "Puede cerrar esta página. El enlace ya no se abre.",
    "give_back": "Por favor, devuelva ahora la tableta.",
    "staff": "Personal: recuperar la tableta",
    "crisis_head": "No está solo ni sola con esto",
    "crisis_text": "Nos ha dicho que tiene pensamientos de que estaría mejor muerto o muerta, o de hacerse"
    " daño. Alguien de la clínica lo mirará cuando esté abierta. Si está en peligro o necesita hablar"
    " con alguien ahora, llame:",
    "english_only": "Estas preguntas están en inglés: no tenemos una traducción oficial cuyo uso esté permitido."
    " Si prefiere responder con ayuda, llame a la clínica.",
    "other_only": "Estas preguntas están en otro idioma. Si prefiere responder con ayuda, llame a la clínica.",
    "other_language": "English",
    "gone_title": "Este enlace no se abre",
    "gone": "Quizá ya se usó o su plazo ha terminado. Si quiere contarnos algo, llame a la clínica:",
    "too_many": "Este enlace no se abre en este momento. Inténtelo dentro de unos minutos o llame a la clínica:",
    "too_long": "Este texto es demasiado largo. Acórtelo o llame a la clínica.",
    "closed_days": "La clínica puede cerrar en días festivos.",
    "to": "a",
}

WORDS: Mapping[str, Mapping[str, str]] = {ENGLISH: _EN, SPANISH: _ES}

WEEKDAYS = {
    ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    SPANISH: ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}

SEVERITIES = {
    ENGLISH: (("none", "No"), ("mild", "A little"), ("moderate", "Moderate"), ("severe", "Severe")),
    SPANISH: (("none", "No"), ("mild", "Un poco"), ("moderate", "Moderado"), ("severe", "Fuerte")),
}
EFFECTS: dict[str, dict[str, str]] = {
    ENGLISH: {
        "dissociation": "Feeling unreal, or outside yourself",
        "drowsiness": "Feeling very sleepy",
        "dizziness": "Feeling dizzy",
        "nausea": "Feeling sick",
        "vomiting": "Being sick",
        "headache": "Headache",
        "blurred-vision": "Blurred or double vision",
        "anxiety": "Feeling anxious or distressed",
        "confusion": "Feeling confused",
        "poor-coordination": "Being unsteady",
        "urinary-symptoms": "Pain or trouble when passing water",
        "syncope": "Fainting",
        "fall": "A fall",
    },
    SPANISH: {
        "dissociation": "Sensación de irrealidad o de estar fuera de sí",
        "drowsiness": "Mucho sueño",
        "dizziness": "Mareo",
        "nausea": "Náuseas",
        "vomiting": "Vómitos",
        "headache": "Dolor de cabeza",
        "blurred-vision": "Visión borrosa o doble",
        "anxiety": "Ansiedad o angustia",
        "confusion": "Confusión",
        "poor-coordination": "Falta de equilibrio",
        "urinary-symptoms": "Dolor o molestias al orinar",
        "syncope": "Desmayo",
        "fall": "Una caída",
    },
}
"""Terms of the side-effect list in plain words, in the order in which they are asked."""

NOT_ASKED = {
    ENGLISH: "There is nothing to answer here any more. Please go on.",
    SPANISH: "Aquí ya no hay nada que responder. Por favor, continúe.",
}
"""In the place of a questionnaire whose licence has ended since the link was made."""

EFFECTS_STEM = {
    ENGLISH: "Since your last visit, have you had any of these?",
    SPANISH: "Desde su última visita, ¿ha tenido algo de esto?",
}
EFFECTS_TITLE = {ENGLISH: "Since your last visit", SPANISH: "Desde su última visita"}
EFFECTS_WORDS = {
    ENGLISH: "Anything else that you noticed? Say what it was and how strong. It is read when the clinic is open.",
    SPANISH: "¿Ha notado algo más? Diga qué fue y cómo de fuerte. Se lee cuando la clínica está abierta.",
}

MOOD_TITLE = {ENGLISH: "Your mood", SPANISH: "Su ánimo"}
MOOD_STEM = {ENGLISH: "How is your mood today?", SPANISH: "¿Cómo está su ánimo hoy?"}
MOOD_QUESTION = {
    ENGLISH: "From 0, the worst I can imagine, to 10, the best I can imagine",
    SPANISH: "De 0, el peor que puedo imaginar, a 10, el mejor que puedo imaginar",
}
QUESTIONS_TITLE = {ENGLISH: "Questions", SPANISH: "Preguntas"}


def spoken(language: str) -> str:
    """The language of the page: Spanish where asked for, else English."""
    return SPANISH if language == SPANISH else ENGLISH
