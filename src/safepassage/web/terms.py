"""The words of the frame around every page, in English and Arabic."""

from __future__ import annotations

from collections.abc import Mapping

from safepassage.report.terms import Term

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
    "demonstration": Term(
        "Demonstration: the record of December 2016, with the clock set to then. Nothing here is happening.",
        "عرض تجريبي: سجلّ كانون الأول 2016، والساعة مضبوطة على ذلك الوقت. لا شيء مما يُعرض يحدث الآن.",
    ),
    "rehearsal": Term("Rehearsal: the clock is not the real one.", "تمرين: الساعة ليست الساعة الحقيقية."),
    "unreviewed": Term(
        "The Arabic of this page has not been reviewed.", "لم يراجع متحدثٌ بالعربية ترجمة هذه الصفحة بعد."
    ),
    "sign in": Term("Sign in", "الدخول"),
    "sign out": Term("Sign out", "الخروج"),
    "signed in as": Term("{} ({})", "{} ({})"),
    "name": Term("Account", "الحساب"),
    "password": Term("Password", "كلمة المرور"),
    "new password": Term("New password", "كلمة المرور الجديدة"),
    "old password": Term("Password until now", "كلمة المرور الحالية"),
    "change password": Term("Change the password", "تغيير كلمة المرور"),
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
    "no page": Term("There is no such page", "لا توجد صفحة كهذه"),
    "no page why": Term("Check the address, or go to the board.", "تحقق من العنوان، أو انتقل إلى اللوحة."),
    "unreadable": Term("The address cannot be read", "تعذّرت قراءة العنوان"),
    "unavailable": Term("The record cannot be had now", "السجل غير متاح الآن"),
    "log unavailable": Term(
        "The log cannot be had now: what is reported is not taken in, and this may be old. It is tried again.",
        "لا يمكن الوصول إلى السجل الآن: لا يُستقبل أي بلاغ، وقد يكون المعروض قديمًا. تُعاد المحاولة.",
    ),
    "no script": Term(
        "Without its script this page does not renew itself: load it again for news.",
        "من دون البرنامج النصي لا تتجدد هذه الصفحة: أعد تحميلها لمعرفة الجديد.",
    ),
    "news": Term("Something new came in: show it", "وردت أخبار جديدة: اعرضها"),
}
"""The words of the frame around every page, of signing in and of refusals."""
