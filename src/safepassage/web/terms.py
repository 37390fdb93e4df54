"""The words of the frame around every page, in English and Arabic."""

from __future__ import annotations

from collections.abc import Mapping

from safepassage.report.terms import Term

ROOM: Mapping[str, Term] = {
    "board": Term("Board", "اللوحة"),
    "agreement": Term("Agreement", "الاتفاق"),
    "claims": Term("Claims", "الإفادات"),
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
    "no account name": Term(
        "2 to 40 small letters, digits, '.', '_' or '-': a post or a token, no name",
        "من 2 إلى 40 من الحروف اللاتينية الصغيرة أو الأرقام أو '.' أو '_' أو '-': منصب أو رمز، لا اسم شخص",
    ),
    "no role": Term("There is no such role: choose one of the list.", "لا يوجد دور كهذا: اختر من القائمة."),
    "party of a liaison": Term(
        "A liaison speaks for one party, and nobody else does: choose accordingly.",
        "يتحدث ضابط الارتباط باسم طرف واحد، ولا يفعل ذلك غيره: اختر وفقًا لذلك.",
    ),
    "no such party": Term(
        "{} is no party of this operation: choose one of the list.", "{} ليس طرفًا في هذه العملية: اختر من القائمة."
    ),
    "set up already": Term(
        "There is an account already: sign in, or ask a coordinator for one.",
        "يوجد حساب بالفعل: ادخل، أو اطلب حسابًا من منسّق.",
    ),
    "name taken": Term("{} is taken: choose another.", "{} مستعمل: اختر غيره."),
    "last coordinator": Term(
        "This is the last coordinator: make another one first.", "هذا آخر منسّق: أنشئ حسابًا لمنسّق آخر أولًا."
    ),
    "no account": Term("There is no account {}.", "لا يوجد حساب باسم {}."),
    "password short": Term(
        "At least {} letters: a few words are easiest to keep.", "{} أحرف على الأقل: بضع كلمات أسهل للحفظ."
    ),
    "wrong password": Term(
        "Account and password do not belong together: try again.", "الحساب وكلمة المرور غير متطابقين: حاول من جديد."
    ),
    "wrong too often": Term("Too many wrong tries: wait {} minutes.", "محاولات خاطئة كثيرة: انتظر {} دقائق."),
    "make account": Term("Make the account", "إنشاء الحساب"),
    "role": Term("Role", "الدور"),
    "party": Term("Party", "الطرف"),
    "no party": Term("none", "لا أحد"),
    "closed": Term("closed", "مغلق"),
    "open": Term("open", "مفتوح"),
    "close account": Term("Close", "إغلاق"),
    "close account why": Term(
        "Whoever uses it is shut out at once. It can be opened again.", "يُمنع مستخدمه من الدخول فورًا. ويمكن إعادة فتحه."
    ),
    "close account of": Term("Close {} now", "إغلاق {} الآن"),
    "open account": Term("Open again", "إعادة الفتح"),
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
        "The role {} does not have the right to this: {}. Ask a coordinator.",
        "ليست لدور «{}» صلاحية: {}. اطلبها من منسّق.",
    ),
    "right see claims": Term("see what was claimed", "الاطلاع على الإفادات"),
    "right claim": Term("enter claims", "إدخال الإفادات"),
    "right assess": Term("assess claims", "تقييم الإفادات"),
    "right see log": Term("see the log", "الاطلاع على السجل"),
    "right record": Term("enter reports", "إدخال البلاغات"),
    "right negotiate": Term("ask the planner about the agreement", "سؤال المخطِّط عن الاتفاق"),
    "right keep accounts": Term("keep accounts", "إدارة الحسابات"),
    "no page": Term("There is no such page", "لا توجد صفحة كهذه"),
    "no page why": Term("Check the address, or go to the board.", "تحقق من العنوان، أو انتقل إلى اللوحة."),
    "unreadable": Term("The address cannot be read", "تعذّرت قراءة العنوان"),
    "too long": Term("This is too long to be taken in", "هذا أطول من أن يُستقبل"),
    "unavailable": Term("The record cannot be had now", "السجل غير متاح الآن"),
    "unavailable why": Term(
        "The room cannot reach its database. Try again soon, or tell whoever runs the room.",
        "يتعذّر على الغرفة الوصول إلى قاعدة بياناتها. أعد المحاولة بعد قليل، أو أبلغ القائم على تشغيل الغرفة.",
    ),
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
}
"""The words of the frame around every page, of signing in and of refusals."""
