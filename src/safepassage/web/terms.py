"""The words of the room in English and Arabic, and how times and numbers are written in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal

from safepassage.agreement import Language

LOCALES: Mapping[Language, Locale] = {"en": Locale("en", "GB"), "ar": Locale("ar", "SY")}


class Term(NamedTuple):
    """A word or sentence of a page. `reviewed`: a speaker of Arabic has read the Arabic."""

    en: str
    ar: str
    reviewed: bool = False


class Words:
    """The words of a page in its language: `words("sign in")`, with values in the places of `{}`.

    Several tables are one; the same key twice with other words is an error.
    """

    def __init__(self, language: Language, *tables: Mapping[str, Term]) -> None:
        self.language = language
        self._terms: dict[str, Term] = {}
        for table in tables:
            for key, term in table.items():
                assert self._terms.setdefault(key, term) == term, f"two terms are called {key!r}: rename one"

    def __call__(self, key: str, *values: object) -> str:
        term = self._terms[key]
        return (term.ar if self.language == "ar" else term.en).format(*values)

    def said(self, key: str) -> str:
        """The word for a value of the code, such as a role or a phase; the value itself where there is none."""
        return self(key) if key in self._terms else key

    def number(self, value: float) -> str:
        return number(value, self.language)

    def time(self, when: datetime) -> str:
        return time(when, self.language)

    def time_of(self, iso: str) -> str:
        """A time that a view gives as ISO 8601."""
        return time(datetime.fromisoformat(iso), self.language)

    def listed(self, items: Iterable[str]) -> str:
        """Items as a list in a sentence's middle."""
        return ("، " if self.language == "ar" else ", ").join(items)


DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
"""Digits are those of the record in both languages: a count or an hour is read out the same by either side."""


def number(value: float, language: Language) -> str:
    """A number with its thousands set apart."""
    return str(format_decimal(value, locale=LOCALES["en"])) if language == "ar" else f"{value:,}"


def time(when: datetime, language: Language) -> str:
    """A time in its own offset: 17 Dec 12:00."""
    return str(format_datetime(when, "d MMM HH:mm", tzinfo=when.tzinfo, locale=LOCALES[language])).translate(DIGITS)


ROOM: Mapping[str, Term] = {
    "board": Term("Board", "اللوحة"),
    "agreement": Term("Agreement", "الاتفاق"),
    "claims": Term("Claims", "الروايات"),
    "log": Term("Log", "السجل"),
    "report": Term("Report", "التقرير"),
    "accounts": Term("Accounts", "الحسابات"),
    "account": Term("Account", "الحساب"),
    "pages": Term("Pages", "الصفحات"),
    "skip": Term("Skip to the content", "تخطَّ إلى المحتوى"),
    "language": Term("العربية", "English"),
    "as of": Term("As of {}", "حتى {}"),
    "known at": Term("as known at {}", "كما كان معروفًا في {}"),
    "now": Term("Go to now", "إلى الآن"),
    "past": Term("This is the past, not now.", "هذه صورة من الماضي، وليست الآن."),
    "demonstration": Term("Demonstration: nothing here is happening.", "عرض تجريبي: لا شيء مما يُعرض يحدث الآن."),
    "demonstration why": Term(
        "It is the record of December 2016, with the clock set to then.",
        "هذا سجلّ كانون الأول 2016، والساعة مضبوطة على ذلك الوقت.",
    ),
    "rehearsal": Term("Rehearsal: the clock is not the real one.", "تمرين: الساعة ليست الساعة الحقيقية."),
    "unreviewed": Term(
        "The Arabic of this page has not been reviewed.", "لم يراجع متحدثٌ بالعربية ترجمة هذه الصفحة بعد."
    ),
    "suspended": Term("Suspended", "معلّقة"),
    "held": Term("Held", "متوقفة"),
    "moving": Term("Moving", "تتحرك"),
    "not begun": Term("Not begun", "لم تبدأ"),
    "over": Term("Over", "انتهت"),
    "not known": Term("Not known", "غير معروف"),
    "sign in": Term("Sign in", "الدخول"),
    "sign out": Term("Sign out", "الخروج"),
    "signed in as": Term("{} ({})", "{} ({})"),
    "name": Term("Account", "الحساب"),
    "password": Term("Password", "كلمة المرور"),
    "new password": Term("New password", "كلمة المرور الجديدة"),
    "old password": Term("Password until now", "كلمة المرور الحالية"),
    "change password": Term("Change the password", "تغيير كلمة المرور"),
    "password changed": Term("The password is changed. Sign in again.", "تغيّرت كلمة المرور. ادخل من جديد."),
    "set up": Term("Set up this room", "إعداد هذه الغرفة"),
    "set up why": Term(
        "There is no account yet. The first one keeps all others: it belongs to a coordinator.",
        "لا يوجد حساب بعد. الحساب الأول يدير كل الحسابات، وهو لمنسّق.",
    ),
    "code": Term("Code that `safepassage serve` printed", "الرمز الذي طبعه safepassage serve"),
    "wrong code": Term(
        "This is not the code: copy it from where the room was started.", "ليس هذا هو الرمز: انسخه من حيث شُغّلت الغرفة."
    ),
    "make account": Term("Make the account", "إنشاء الحساب"),
    "role": Term("Role", "الدور"),
    "party": Term("Party", "الطرف"),
    "no party": Term("none", "لا أحد"),
    "closed": Term("closed", "مغلق"),
    "open": Term("open", "مفتوح"),
    "close account": Term("Close", "إغلاق"),
    "set password": Term("Set password", "تعيين كلمة المرور"),
    "state": Term("State", "الحالة"),
    "coordinator": Term("coordinator", "منسّق"),
    "dispatcher": Term("dispatcher", "مسيّر القوافل"),
    "mediator": Term("mediator", "وسيط"),
    "verifier": Term("verifier", "مدقّق"),
    "liaison": Term("liaison", "ضابط ارتباط"),
    "information": Term("public information", "إعلام"),
    "refused": Term("You may not see this", "لا يُسمح لك برؤية هذا"),
    "refused why": Term(
        "The role {} does not have the right “{}”. Ask a coordinator.", "ليس لدور {} صلاحية «{}». اطلبها من منسّق."
    ),
    "missing": Term("There is no such page", "لا توجد صفحة كهذه"),
    "missing why": Term("Check the address, or go to the board.", "تحقق من العنوان، أو انتقل إلى اللوحة."),
    "unreadable": Term("The address cannot be read", "تعذّرت قراءة العنوان"),
    "unavailable": Term("The record cannot be had now", "السجل غير متاح الآن"),
    "log unavailable": Term(
        "The log cannot be had now: what is reported is not taken in, and this may be old. It is tried again.",
        "لا يمكن الوصول إلى السجل الآن: لا يُستقبل أي بلاغ، وقد يكون المعروض قديمًا. تُعاد المحاولة.",
    ),
    "line offline": Term("No connection since {}. This page is not renewed.", "لا اتصال منذ {}. هذه الصفحة لا تُحدَّث."),
    "line lost": Term(
        "The room cannot be reached since {}. This page is not renewed; it is tried again.",
        "تعذّر الوصول إلى الغرفة منذ {}. هذه الصفحة لا تُحدَّث، وتُعاد المحاولة.",
    ),
    "line refused": Term("You are signed out. What you typed is kept.", "انتهت جلستك. ما كتبته محفوظ."),
    "draft": Term("What you had typed is here again. It is not entered yet.", "عاد ما كنت قد كتبته، ولم يُقيَّد بعد."),
    "drop draft": Term("Drop it", "حذف المسودة"),
    "no script": Term(
        "Without its script this page does not renew itself: load it again for news.",
        "من دون البرنامج النصي لا تتجدد هذه الصفحة: أعد تحميلها لمعرفة الجديد.",
    ),
    "news": Term("Something new came in: show it", "وردت أخبار جديدة: اعرضها"),
    "back": Term("Back", "رجوع"),
}
"""The words of the frame around every page, of signing in and of refusals."""
