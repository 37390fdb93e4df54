"""The words of the board in English and Arabic; those that report and frame have too are theirs."""

from __future__ import annotations

from collections.abc import Mapping

from safepassage.agreement import Language
from safepassage.report.situation import TERMS as REPORT
from safepassage.report.terms import STATES, Term
from safepassage.web.terms import ROOM

TERMS: Mapping[str, Term] = {
    "motion held": Term("Held", "متوقفة"),
    "motion suspended": Term("Suspended", "معلّقة"),
    "motion not begun": Term("Not begun", "لم تبدأ"),
    "motion over": Term("Over", "انتهت"),
    "motion moving": Term("Moving", "تتحرك"),
    "motion not known": Term("Not known", "غير معروف"),
    "for": Term("for {}", "منذ {}"),
    "since": Term("since {}", "منذ {}"),
    "answers": Term("{} rival answers, none settled", "{} إجابات متعارضة، لم تُحسم"),
    "one answer": Term("one answer", "إجابة واحدة"),
    "denied by": Term("denied by {}", "ينفيه {}"),
    "through": Term("through {}", "عبر {}"),
    "next": Term("What would have to happen next", "ما الذي يجب أن يحدث للاستئناف"),
    "nothing asked": Term("Nobody has said what would have to happen.", "لم يقل أحد ما الذي يجب أن يحدث."),
    "roads": Term("Routes and convoys", "الطرق والقوافل"),
    "map": Term("Map", "الخريطة"),
    "show map": Term("Show the map", "إظهار الخريطة"),
    "no map": Term(
        "This device cannot draw the map. The routes above show the same.",
        "لا يستطيع هذا الجهاز رسم الخريطة. تعرض الطرق أعلاه الشيء نفسه.",
    ),
    "map drawn": Term("Drawn from the operation file; straight lines.", "مرسومة من ملف العملية؛ خطوط مستقيمة."),
    "km": Term("km", "كم"),
    "m": Term("m", "م"),
    "zoom in": Term("Zoom in", "تكبير"),
    "zoom out": Term("Zoom out", "تصغير"),
    "zoom with control": Term("Use Ctrl + scroll to zoom the map", "لتكبير الخريطة أو تصغيرها، مرّر مع الضغط على Ctrl"),
    "zoom with command": Term("Use ⌘ + scroll to zoom the map", "لتكبير الخريطة أو تصغيرها، مرّر مع الضغط على ⌘"),
    "two fingers": Term("Use two fingers to move the map", "حرّك الخريطة بإصبعين"),
    "all": Term("All", "الكل"),
    "crossing": Term("crossing", "معبر"),
    "people": Term("People out", "الأشخاص الخارجون"),
    "of": Term("of {}", "من {}"),
    "planned by now": Term("planned by now: {}", "المخطط حتى الآن: {}"),
    "no plan": Term("no plan adopted", "لا خطة معتمدة"),
    "last report": Term("last report {}, {}", "آخر تقرير {}، {}"),
    "last count": Term("last counted by {}, {}", "آخر عدّ من {}، {}"),
    "no count": Term("nobody counted a convoy", "لم يعدّ أحدٌ من في القوافل"),
    "others say": Term("Others published", "نشر آخرون"),
    "groups": Term("By group", "حسب الفئة"),
    "destinations": Term("By destination", "حسب الوجهة"),
    "lights": Term("Consents: may a convoy pass?", "الموافقات: هل تمر قافلة؟"),
    "not needed": Term("not needed", "غير لازمة"),
    "only for": Term("only for {}", "لـ {} فقط"),
    "no expiry": Term("no expiry", "لا تنتهي"),
    "all consents": Term("All consents stand", "كل الموافقات قائمة"),
    "consents short": Term("{} of {} consents are not there", "{} من {} موافقة غير متوفرة"),
    "other segments": Term("Roads and crossings on no evacuation's way ({})", "طرق ومعابر خارج مسارات الإجلاء ({})"),
    "convoys": Term("Convoys and time aboard", "القوافل والوقت على المتن"),
    "none under way": Term("No convoy is under way.", "لا قافلة في الطريق."),
    "ended convoys": Term("Ended ({})", "انتهت ({})"),
    "limit": Term("limit {}", "الحد {}"),
    "reckoned": Term("position reckoned, not reported", "موضع محسوب لا مُبلَّغ عنه"),
    "nobody unaccounted": Term("Nobody is unaccounted for.", "لا أحد مجهول المصير."),
    "unknown count": Term("number not known", "العدد غير معروف"),
    "ahead": Term("{} ahead by {} points; at most {} agreed", "{} متقدمة بـ {} نقطة؛ المتفق عليه {} على الأكثر"),
    "even": Term("even; at most {} points agreed", "متساويان؛ المتفق عليه {} نقطة على الأكثر"),
    "no balance": Term("No clause links evacuations now.", "لا بند يربط عمليات الإجلاء الآن."),
    "gantt": Term("Plan against actual", "المخطط والفعلي"),
    "planned bar": Term("planned", "مخطط"),
    "actual bar": Term("actual", "فعلي"),
    "no bars": Term("No convoy is timed yet.", "لا أوقات لقوافل بعد."),
    "feed": Term("Events", "الأحداث"),
    "more": Term("{} more not listed", "{} أخرى غير معروضة"),
    "known": Term("known", "عُرف"),
    "correction": Term("correction", "تصحيح"),
    "no events": Term("Nothing is recorded yet.", "لم يُسجَّل شيء بعد."),
    "time": Term("Time", "الوقت"),
    "as of": Term("As of", "الموقف في"),
    "known at": Term("Known", "المعروف"),
    "known all": Term("with all that came in since", "مع كل ما ورد بعد ذلك"),
    "known then": Term("as known then", "كما عُرف حينها"),
    "known other": Term("as known at {}", "كما عُرف في {}"),
    "earlier": Term("Earlier event", "الحدث السابق"),
    "later": Term("Later event", "الحدث اللاحق"),
    "play": Term("Play", "تشغيل"),
    "stop": Term("Stop", "إيقاف"),
    "now": Term("Now", "الآن"),
    "key": Term("Band: moving, held, suspended. Ticks: events.", "الشريط: تتحرك، متوقفة، معلّقة. العلامات: أحداث."),
    "live": Term("Live", "مباشر"),
    "looking back": Term("Looking back", "نظرة إلى الوراء"),
    "loading": Term("Loading", "جارٍ التحميل"),
    "offline": Term(
        "No connection. This is the picture of {}; it is not renewed.",
        "لا اتصال. هذه صورة {}، ولا تُحدَّث.",
    ),
    "refused": Term("You may not see this board. Sign in again.", "لا يُسمح لك بعرض هذه اللوحة. سجّل الدخول من جديد."),
    "failed": Term(
        "The board could not be read ({}). Trying again.", "تعذرت قراءة اللوحة ({}). تجري المحاولة من جديد."
    ),
    "quiet since": Term("Quiet since {}", "لا إشارة من الخادم منذ {}"),
    "lost since": Term("Lost since {}", "انقطع الاتصال منذ {}"),
    "held by": Term("held by {}", "يسيطر عليه {}"),
    "differ": Term("reports differ", "التقارير مختلفة"),
    "people waiting": Term("{} waiting", "{} في الانتظار"),
    "people arrived": Term("{} arrived", "{} وصلوا"),
    "people aboard": Term("{} aboard", "{} على المتن"),
    "not counted": Term("not counted", "غير معدودين"),
    "minutes": Term("{} min", "{} د"),
    "hours": Term("{} h {} min", "{} س {} د"),
    "whole hours": Term("{} h", "{} س"),
    "days": Term("{} d {} h", "{} يوم {} س"),
    "consent": Term("consent {}", "الموافقة {}"),
}
"""The board's own words."""

KINDS: Mapping[str, Term] = {
    "agreement proposed": Term("agreement proposed", "اقتُرح اتفاق"),
    "agreement signed": Term("agreement signed", "وُقّع اتفاق"),
    "agreement amended": Term("agreement amended", "عُدّل الاتفاق"),
    "clause suspended": Term("clause suspended", "عُلّق بند"),
    "clause restored": Term("clause restored", "أُعيد بند"),
    "consent given": Term("consent given", "مُنحت موافقة"),
    "consent withdrawn": Term("consent withdrawn", "سُحبت موافقة"),
    "consent expired": Term("consent expired", "انتهت موافقة"),
    "talks held": Term("talks held", "جرت محادثات"),
    "plan adopted": Term("plan adopted", "اعتُمدت خطة"),
    "movement announced": Term("movement announced", "أُعلن تحرك"),
    "convoy formed": Term("convoy formed", "شُكّلت قافلة"),
    "boarded": Term("boarded", "صعود"),
    "departed": Term("departed", "مغادرة"),
    "passed": Term("passed", "عبور"),
    "held": Term("held", "احتجاز"),
    "turned back": Term("turned back", "إعادة"),
    "arrived": Term("arrived", "وصول"),
    "handed over": Term("handed over", "تسليم"),
    "returned": Term("returned", "عودة"),
    "people counted": Term("people counted", "عُدّ الأشخاص"),
    "taken off": Term("taken off", "إنزال"),
    "detained": Term("detained", "توقيف"),
    "refused at boarding": Term("refused at boarding", "رفض عند الصعود"),
    "declined": Term("declined", "امتناع"),
    "born": Term("born", "ولادة"),
    "died": Term("died", "وفاة"),
    "found by inspection": Term("found by inspection", "وُجد عند التفتيش"),
    "road blocked": Term("road blocked", "قُطع طريق"),
    "road cleared": Term("road cleared", "فُتح طريق"),
    "crossing closed": Term("crossing closed", "أُغلق معبر"),
    "crossing opened": Term("crossing opened", "فُتح معبر"),
    "control changed": Term("control changed", "تغيّرت السيطرة"),
    "operation suspended": Term("operation suspended", "عُلّقت العملية"),
    "operation resumed": Term("operation resumed", "استؤنفت العملية"),
    "incident reported": Term("incident reported", "أُبلغ عن حادث"),
    "incident over": Term("incident over", "انتهى حادث"),
    "observer deployed": Term("observer deployed", "نُشر مراقبون"),
    "observer withdrawn": Term("observer withdrawn", "سُحب مراقبون"),
    "aid delivered": Term("aid delivered", "وصلت مساعدات"),
    "question raised": Term("question raised", "طُرحت مسألة"),
    "claim made": Term("claim made", "إفادة"),
    "opinion stated": Term("opinion stated", "رأي"),
    "claim assessed": Term("claim assessed", "تقييم إفادة"),
    "event retracted": Term("event retracted", "سُحب حدث"),
}
"""Kinds of event."""


SHARED: Mapping[str, Term] = {
    **STATES,
    **{
        key: REPORT[key]
        for key in (
            *("evacuation", "waiting", "aboard", "out", "arrived people", "demanded", "state", "unaccounted"),
            *("segment", "party", "until", "author", "unsplit", "incidents", "discrepancies", "balance", "at least"),
        )
    },
    "log unavailable": ROOM["log unavailable"],
}
"""Words of the board that stand in the tables of report and frame."""


def terms(language: Language) -> dict[str, str]:
    """The words of the page in a language."""
    return {key: term.said(language) for table in (SHARED, TERMS) for key, term in table.items()}


def kind_said(kind: str, language: Language) -> str:
    """A kind of event in a language."""
    return KINDS[kind].said(language)
