"""Cells as the sheet shows them."""

from datetime import timedelta

import pytest
from pocketrag.ingest.readers.number_formats import elapsed, formatted


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (7, "00000", "00007"),
        (12, '"A-"000', "A-012"),
        (49301234, "+00 00 0000", "+49 30 1234"),
        (5551234567, "[<=9999999]###-####;(###) ###-####", None),
        (5551234567, "(###) ###-####", "(555) 123-4567"),
        (5, '0.0" kg"', "5.0 kg"),
        (3.14159265, "0.00", "3.14"),
        (2.675, "0.00", "2.68"),
        (-5, "0.00", "-5.00"),
        (-0.001, "0.00", "0.00"),
        (-5, "0;(0)", "(5)"),
        (0, '0;-0;"none "0', "none 0"),
        (1.5, "0.##", "1.5"),
        (2, "0.##", "2"),
        (1234567.891, "#,##0.00", "1234567.89"),
        (1234.5, '#,##0.00 "EUR"', "1234.50 EUR"),
        (1234.5, "[$€-407]#,##0.00", "€1234.50"),
        (12, "0_);[Red](0)", "12"),
        (0.256, "0.0%", "25.6%"),
        (0.00001, "0.00E+00", "1.00E-05"),
        (0.5, "# ?/?", None),
        (1234567, "0,", None),
        (5, "General", None),
        (5, ";;;", None),
        (1e21, "0", None),
    ],
)
def test_numbers(value, form, shown):
    assert formatted(value, form) == shown


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (timedelta(hours=30), "[h]:mm", "30:00"),
        (timedelta(hours=30, minutes=5), "[hh]:mm:ss", "30:05:00"),
        (timedelta(minutes=90), "[mm]:ss", "90:00"),
        (-timedelta(minutes=90), "[h]:mm", "-1:30"),
    ],
)
def test_durations(value, form, shown):
    assert elapsed(value, form) == shown
