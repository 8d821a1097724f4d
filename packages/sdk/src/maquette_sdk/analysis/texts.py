"""Texts in English and Chinese: a report is built once, of such texts, and told in each language."""

from __future__ import annotations

from typing import Any, NamedTuple


class Text(NamedTuple):
    """The same in both languages; may stand wherever a report has a string, also as a key."""

    en: str
    zh: str

    def filled(self, **values: Any) -> Text:
        """With values in its braces; a value may be a text itself."""
        return Text(
            self.en.format(**{name: tell(value, 0) for name, value in values.items()}),
            self.zh.format(**{name: tell(value, 1) for name, value in values.items()}),
        )


def tell(report: Any, language: int) -> Any:
    """The report in one language: 0 English, 1 Chinese. Everything that is no text stays as it is."""
    if isinstance(report, Text):
        return report[language]
    if isinstance(report, dict):
        return {tell(key, language): tell(value, language) for key, value in report.items()}
    if isinstance(report, list):
        # Long lists are figures; looking at the first of them is enough.
        if report and isinstance(report[0], (int, float)):
            return report
        return [tell(value, language) for value in report]
    return report


def in_both_languages(report: Any) -> Any:
    """The report as it is written: `en-us` and `zh-cn` with the same figures."""
    return {"en-us": tell(report, 0), "zh-cn": tell(report, 1)}


def listing(names: Any, most: int = 3) -> Text:
    """A few names in a row, and how many more there are."""
    names = [str(name) for name in names]
    shown, more = names[:most], len(names) - most
    if more <= 0:
        return Text(", ".join(shown), "、".join(shown))
    return Text("{} and {} more".format(", ".join(shown), more), "{} 等 {} 个".format("、".join(shown), len(names)))
