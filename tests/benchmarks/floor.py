"""The floor: the least that Django REST framework can do for one insert and one list.

No rules, no audit, no scope, no idempotency; the same token authentication and the same page size as ours.
"""

from typing import ClassVar

from rest_framework import generics, serializers

from patients.models import Patient
from sessions.models import VitalSigns


class FloorVitalSigns(serializers.ModelSerializer):
    class Meta:
        model = VitalSigns
        fields: ClassVar = [
            "public_id",
            "session",
            "systolic",
            "diastolic",
            "heart_rate",
            "oxygen_saturation",
            "taken_at",
            "taken_by",
            "entered_at",
            "entered_by",
        ]


class FloorPatient(serializers.ModelSerializer):
    class Meta:
        model = Patient
        fields: ClassVar = ["public_id", "family_name", "given_name", "birth_date", "sex", "phone"]


class FloorInsert(generics.CreateAPIView):
    queryset = VitalSigns.objects.all()
    serializer_class = FloorVitalSigns


class FloorList(generics.ListAPIView):
    queryset = Patient.objects.order_by("pk")
    serializer_class = FloorPatient
