"""A file from another system: chosen, and its columns explained."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, Text
from clinic.facilities.models import Site
from patients.models import ImportBatch
from patients.reading.columns import FIELDS
from patients.reading.dates import DateOrder
from patients.reading.table import ENCODINGS, MAX_BYTES, too_big
from patients.rules.score_columns import GROUPS


class UploadForm(forms.Form):
    """The file and the site that takes in its patients, or where its patients are registered."""

    site = forms.ChoiceField(label=_("Site"))
    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,
        help_text=_("With a first line that names the columns; at most 20,000 rows"),
    )
    encoding = forms.ChoiceField(
        label=_("Written in"),
        required=False,
        choices=[("", _("UTF-8, or as the file says")), *ENCODINGS.items()],
        help_text=_("Change this only when the file is refused for it"),
    )

    def __init__(self, *args: Any, sites: Iterable[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {str(site.public_id): site for site in sites}
        field = cast(forms.ChoiceField, self.fields["site"])
        field.choices = [(key, site.name) for key, site in self.sites.items()]
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.tsv,text/csv"

    @property
    def chosen_site(self) -> Site:
        return self.sites[self.cleaned_data["site"]]

    def content(self) -> bytes:
        """The bytes of the file; the rest of one that is too long is not read.

        Raises:
            Invalid: it is too long (``import.file_too_big``).
        """
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise too_big()
        content: bytes = file.read()
        return content


class ColumnsForm(forms.Form):
    """For each column of the file, the field that it holds; most columns of an export are left out."""

    system = Text(
        label=_("Name of the other system"),
        max_length=80,
        help_text=_("Use the same name the next time, so that nobody is registered twice"),
    )
    other_system = Text(
        label=_("Who gives the other identifier"),
        max_length=80,
        required=False,
        help_text=_("Only where a column is “Another identifier”"),
    )
    date_order = forms.ChoiceField(
        label=_("Dates like 03/04/1980"),
        required=False,
        choices=[
            ("", _("The file leaves no doubt")),
            (DateOrder.DAY_FIRST.value, _("Day first: 3 April")),
            (DateOrder.MONTH_FIRST.value, _("Month first: March 4")),
        ],
    )

    ABOUT = ("system", "date_order", "other_system")

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        for place, column in enumerate(columns):
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=column, required=False, choices=[("", _("Not taken")), *self.meanings()]
            )

    @classmethod
    def meanings(cls) -> list[Any]:
        """What a column may hold, as the choices of its field."""
        return list(FIELDS.items())

    @classmethod
    def initial_of(cls, columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
        field_of = {column: field for field, column in mapping.items()}
        return {f"column{place}": field_of.get(column, "") for place, column in enumerate(columns)}

    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column{place}"] for place in range(len(self.columns))]

    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ABOUT]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        taken: set[str] = set()
        for place in range(len(self.columns)):
            field = cleaned.get(f"column{place}")
            if field in taken:
                self.add_error(f"column{place}", _("Another column holds this already. Choose one of them."))
            elif field:
                taken.add(field)
        return cleaned

    def mapping(self) -> dict[str, str]:
        """``{field: column}``, as the operation takes it."""
        chosen = ((self.cleaned_data[f"column{place}"], column) for place, column in enumerate(self.columns))
        return {field: column for field, column in chosen if field}

    def said(self) -> dict[str, Any]:
        """What was said beside the columns, by its name in the operation."""
        return {name: self.cleaned_data[name] for name in self.ABOUT}


class ScoreColumnsForm(ColumnsForm):
    """The same for past scores: whose row it is, of which day, which answers and totals."""

    ABOUT = ("system", "date_order", "taken_on")

    other_system = None  # type: ignore[assignment]
    system = Text(
        label=_("Name of the other system"),
        max_length=80,
        help_text=_("Stands beside each score; for ids the name under which the patients were imported"),
    )
    taken_on = Day(
        label=_("One date for all rows"),
        required=False,
        help_text=_("Only where no column holds the date"),
    )

    @classmethod
    def meanings(cls) -> list[Any]:
        return [(group, list(fields.items())) for group, fields in GROUPS]


COLUMNS_FORM: dict[str, type[ColumnsForm]] = {
    ImportBatch.Kind.PATIENTS: ColumnsForm,
    ImportBatch.Kind.SCORES: ScoreColumnsForm,
}
