"""Invented people: staff of every role, and patients with names from many places."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One account of the demo: user name, printed name, credential, role, and rights beyond the role."""

    username: str
    name: str
    credential: str
    role: str
    rights: tuple[str, ...] = ()


STAFF = (
    StaffMember("desk", "Dana Whitlock", "", "front_desk"),
    StaffMember("nurse", "Nia Okafor", "RN", "nurse"),
    StaffMember("nurse2", "Tomás Figueiredo", "RN", "nurse"),
    StaffMember("nurse3", "Hanna Kivelä", "RN", "nurse"),
    StaffMember("nurse4", "Leonor Pacheco", "RN", "nurse"),
    StaffMember("nurse5", "Duarte Neves", "RN", "nurse"),
    StaffMember("prescriber", "Priya Raman", "MD", "prescriber"),
    StaffMember("director", "Elias Brandt", "MD", "prescriber", ("approve_protocol", "license_wording")),
    StaffMember("manager", "Morgan Hale", "", "manager"),
    StaffMember("admin", "Aiko Lindqvist", "", "administrator"),
    StaffMember("auditor", "Ruth Abara", "", "auditor"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A patient of the demo."""

    family: str
    given: str
    sex: str
    birth: str
    kilograms: str
    allergy: str = ""
    medicine: str = ""


PEOPLE = (
    Person("Okonkwo", "Grace", "female", "1984-03-12", "71.4", "latex"),
    Person("Okonkwo", "Gideon", "male", "1979-11-02", "88.0"),
    Person("Silva", "Beatriz", "female", "1991-07-23", "58.6", "", "escitalopram 20 mg"),
    Person("Müller", "Jonas", "male", "1968-01-30", "94.2", "penicillin", "lisinopril 10 mg"),
    Person("Nakamura", "Haruka", "female", "1995-09-05", "52.8"),
    Person("O'Rourke", "Siobhán", "female", "1973-12-18", "66.1", "", "venlafaxine 150 mg"),
    Person("Petrov", "Ilya", "male", "1988-04-27", "79.5"),
    Person("García Márquez", "Lucía", "female", "1982-10-09", "63.3", "sulfonamides"),
    Person("Hassan", "Yusuf", "male", "1976-06-14", "85.7", "", "bupropion 300 mg"),
    Person("Andersson", "Freja", "female", "1999-02-21", "60.9"),
    Person("Dubois", "Camille", "other", "1986-08-03", "69.8", "", "lamotrigine 100 mg"),
    Person("Kaplan", "Avi", "male", "1961-05-16", "81.2", "iodine contrast", "amlodipine 5 mg"),
    Person("Tran", "Minh", "male", "1993-03-08", "67.4"),
    Person("Rossi", "Chiara", "female", "1970-09-29", "74.6", "", "mirtazapine 30 mg"),
    Person("Mbeki", "Thandiwe", "female", "1989-12-01", "77.9"),
    Person("Novák", "Tereza", "female", "1997-04-11", "55.2"),
    Person("Ferreira", "Rui", "male", "1965-07-07", "90.3", "", "losartan 50 mg"),
    Person("Cohen", "Miriam", "female", "1978-02-14", "61.5", "morphine"),
    Person("Jensen", "Mads", "male", "1990-10-25", "83.8"),
    Person("Osei", "Akosua", "female", "1985-05-19", "72.0"),
    Person("Lindholm", "Eero", "male", "1972-08-22", "78.7", "", "sertraline 200 mg"),
    Person("Chowdhury", "Farah", "female", "1994-01-17", "57.1"),
    Person("Walsh", "Declan", "male", "1981-11-11", "92.6"),
    Person("Yilmaz", "Elif", "female", "1987-06-30", "64.9", "peanut"),
    Person("Kowalski", "Piotr", "male", "1969-03-03", "86.4", "", "duloxetine 60 mg"),
    Person("Santos", "Inês", "female", "1992-09-13", "59.7"),
    Person("Ivanova", "Daria", "female", "1975-12-27", "68.2"),
    Person("Ahmed", "Samira", "female", "1998-07-15", "54.4"),
    Person("Bianchi", "Matteo", "male", "1983-02-09", "80.1", "", "fluoxetine 40 mg"),
    Person("Clarke", "Ngozi", "female", "1967-10-31", "75.3", "codeine"),
    Person("Sørensen", "Ida", "female", "1996-05-26", "62.7"),
    Person("Haddad", "Karim", "male", "1980-08-18", "87.5"),
)

REFERRERS = (
    ("Dr Amara Boateng", "Riverside family practice", "22 Riverside\nExampletown", "555 0301"),
    ("Dr Henrik Vaas", "Old Mill psychiatry", "7 Mill Yard\nExampletown", "555 0302"),
    ("Dr Sofia Pereira", "St Anne's community clinic", "140 Church Street\nExampletown", "555 0303"),
)
"""Who sent the patients: name, practice, address, telephone. Every fourth patient came by themselves."""

STREETS = ("12 Mill Lane", "4 Harbour Row", "97 Elm Street", "31 Station Road", "8 Orchard Close")
