//! What a message wants and how its writer wants to be reached, when it says so plainly.

use crate::domain::lead::Intent;
use crate::domain::lead::PreferredContact;
use regex::RegexSet;
use std::sync::LazyLock;

/// Patterns by intent, in the order in which they count: who asks for a person wants a person, whatever it is about.
const INTENTS: &[(Intent, &str)] = &[
    (
        Intent::Handoff,
        r"(?:позов[a-zа-яё]*|соедин[a-zа-яё]*|переключ[a-zа-яё]*|переведи[a-zа-яё]*|свяжите|дайте|пригласите|подключите|нужен|нужна|хочу|можно)\s+(?:меня\s+)?(?:пожалуйста\s+)?(?:поговорить\s+)?(?:с\s+|на\s+)?(?:жив[a-zа-яё]+\s+|реальн[a-zа-яё]+\s+|настоящ[a-zа-яё]+\s+)?(?:человек[a-zа-яё]*|оператор[a-zа-яё]*|менеджер[a-zа-яё]*|сотрудник[a-zа-яё]*|консультант[a-zа-яё]*|специалист[a-zа-яё]*|админ[a-zа-яё]*)",
    ),
    (
        Intent::Handoff,
        r"(?:поговорить|пообщаться|говорить)\s+с\s+(?:жив[a-zа-яё]+\s+|реальн[a-zа-яё]+\s+)?(?:человек[a-zа-яё]*|людьми|оператор[a-zа-яё]*|менеджер[a-zа-яё]*|сотрудник[a-zа-яё]*|консультант[a-zа-яё]*)",
    ),
    (
        Intent::Handoff,
        r"(?-u:\b)(?:talk|speak|chat|connect|transfer)(?-u:\b)[^.?!\n]{0,20}(?-u:\b)(?:human|person|agent|operator|representative|manager|someone|somebody|staff)(?-u:\b)",
    ),
    (
        Intent::Handoff,
        r"(?-u:\b)(?:human|live agent|real person|operator),?\s*please(?-u:\b)",
    ),
    (
        Intent::Handoff,
        r"^\W*(?:оператор|живой человек|человека|human|operator|agent)\W*$",
    ),
    (
        Intent::Wholesale,
        r"(?:оптом|опт(?:$|[^а-яё])|оптов[a-zа-яё]+|мелкий\s+опт|для\s+перепродажи|дилер[a-zа-яё]*|wholesale|bulk order|in bulk|reseller|b2b)",
    ),
    (
        Intent::Complaint,
        r"(?:жалоб[a-zа-яё]*|пожаловаться|жалуюсь|претензи[a-zа-яё]*|обманул[a-zа-яё]*|верните\s+деньги|хамств[a-zа-яё]*|нахамил[a-zа-яё]*|роспотребнадзор[a-zа-яё]*|complain[a-zа-яё]*|refund my money|ripped off|scam)",
    ),
    (
        Intent::Return,
        r"(?:хо(?:чу|тел[a-zа-яё]*|тим)|надо|нужно|решил[a-zа-яё]*|буду)\s+(?:бы\s+)?(?:сделать\s+|оформить\s+)?(?:вернуть|возврат[a-zа-яё]*|обменять)|(?:оформите|примите)\s+возврат|(?-u:\b)(?:want|need|like|wish|trying)\s+to\s+(?:return|exchange|send back)(?-u:\b)",
    ),
    (
        Intent::Callback,
        r"(?:перезвон[a-zа-яё]*|позвоните|набер(?:ите|и)\s|жду\s+звонка|свяжитесь\s+со\s+мной|закажу\s+звонок|обратный\s+звонок|напишите\s+мне|call me|ring me|give me a call|phone me|contact me|get back to me|text me|message me|email me)",
    ),
    (
        Intent::Order,
        r"(?:хо(?:чу|тел[a-zа-яё]*|тим)|буду|давайте|можно|готов[a-zа-яё]*|решил[a-zа-яё]*)\s+(?:бы\s+)?(?:сейчас\s+)?(?:заказать|купить|оформить\s+заказ|приобрести|сделать\s+заказ)|(?:^|[^a-zа-яё])(?:закажу|куплю|беру|оформите|оформляйте|отложите|забронируйте|зарезервируйте)(?:$|[^a-zа-яё])|(?-u:\b)(?:want|like|ready|wish|going)\s+to\s+(?:buy|order|purchase)(?-u:\b)|(?-u:\b)i['’]?ll take(?-u:\b)|(?-u:\b)place an order(?-u:\b)|(?-u:\b)reserve (?:it|one|this|that) for me(?-u:\b)",
    ),
    (
        Intent::Question,
        r"(?:есть|остался|возник[a-zа-яё]*)\s+(?:один\s+|ещё\s+|еще\s+)?вопрос|хо(?:чу|тел[a-zа-яё]*)\s+(?:бы\s+)?(?:спросить|уточнить|узнать)|(?-u:\b)i have a question(?-u:\b)|(?-u:\b)want(?:ed)? to ask(?-u:\b)",
    ),
];

const WAYS: &[(PreferredContact, &str)] = &[
    (
        PreferredContact::Telegram,
        r"(?:телеграм[a-zа-яё]*|телег[аеу](?:$|[^а-яё])|тг(?:$|[^а-яё])|telegram|(?-u:\b)tg(?-u:\b))",
    ),
    (
        PreferredContact::WhatsApp,
        r"(?:ват?сап[a-zа-яё]*|вотсап[a-zа-яё]*|воцап[a-zа-яё]*|вацап[a-zа-яё]*|whats\s?app)",
    ),
    (PreferredContact::Viber, r"(?:вайбер[a-zа-яё]*|viber)"),
    (
        PreferredContact::Vk,
        r"(?:вконтакте|в\s+вк(?:$|[^а-яё])|(?-u:\b)vk(?-u:\b))",
    ),
    (
        PreferredContact::Max,
        r"(?:в\s+макс(?:е)?(?:$|[^а-яё])|мессенджер[a-zа-яё]*\s+max|in\s+max(?-u:\b))",
    ),
    (
        PreferredContact::Sms,
        r"(?:смс(?:$|[^а-яё])|sms(?-u:\b)|(?-u:\b)text me(?-u:\b))",
    ),
    (
        PreferredContact::Email,
        r"(?:(?:напиш[a-zа-яё]*|пиш[a-zа-яё]*|отправ[a-zа-яё]*|пришл[a-zа-яё]*|ответ[a-zа-яё]*|связ[a-zа-яё]*)[^.?!\n]{0,30}(?:на\s+почту|по\s+почте|на\s+e-?mail|на\s+емейл|на\s+имейл|на\s+мыло)|(?-u:\b)email me(?-u:\b)|(?-u:\b)by e-?mail(?-u:\b)|(?-u:\b)via e-?mail(?-u:\b))",
    ),
    (
        PreferredContact::Phone,
        r"(?:перезвон[a-zа-яё]*|позвон(?:ите|и)(?:$|[^а-яё])|звоните(?:$|[^а-яё])|набер(?:ите|и)\s|жду\s+звонка|обратный\s+звонок|по\s+телефону|call me(?-u:\b)|ring me(?-u:\b)|phone me(?-u:\b)|give me a call|by phone(?-u:\b))",
    ),
];
/// A messenger is the wanted one only if somebody is to write there: "у вас есть телеграм?" asks for the shop's.
const TO_BE_REACHED: &str = r"(?:напиш[a-zа-яё]*|пиш(?:ите|и)(?:$|[^а-яё])|ответьте|отвечайте|свяж[a-zа-яё]*|лучше|удобн[a-zа-яё]*|предпоч[a-zа-яё]*|мой(?:$|[^а-яё])|моя(?:$|[^а-яё])|моё(?:$|[^а-яё])|пришл[a-zа-яё]*|скиньте|скинь|write\s+(?:to\s+)?me|message me|text me|contact me|reach me|prefer[a-zа-яё]*|better|best|(?-u:\b)my(?-u:\b)|(?-u:\b)on(?-u:\b)|(?-u:\b)via(?-u:\b))";
/// The same words about something else.
const NOT_WANTED: &str = r"(?:не\s+(?:надо\s+|нужно\s+)?(?:звон|перезван|позван|пиш)[a-zа-яё]*|не\s+нужен\s+(?:оператор|менеджер|человек)|don['’]?t\s+(?:call|text|contact|email)|do not (?:call|text|contact|email))";

static INTENT_SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| set(INTENTS.iter().map(|(_, pattern)| *pattern)));
static WAY_SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| set(WAYS.iter().map(|(_, pattern)| *pattern)));
static REACH_SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| set([TO_BE_REACHED, NOT_WANTED].into_iter()));

fn set<'a>(patterns: impl Iterator<Item = &'a str>) -> Option<RegexSet> {
    RegexSet::new(patterns.map(|pattern| format!("(?i){pattern}"))).ok()
}

/// What the message wants, if it says so.
pub fn intent_of(message: &str) -> Option<Intent> {
    let found = INTENT_SET.as_ref()?.matches(message);
    let refuses = REACH_SET.as_ref()?.matches(message).matched(1);
    let mut intents = found
        .iter()
        .filter_map(|index| INTENTS.get(index))
        .map(|(intent, _)| *intent);
    intents.find(|intent| !(refuses && matches!(intent, Intent::Callback | Intent::Handoff)))
}

/// How the writer wants to be reached, if the message says so; the first of several in the order of the list.
pub fn preferred_contact_of(message: &str) -> Option<PreferredContact> {
    let found = WAY_SET.as_ref()?.matches(message);
    let reach = REACH_SET.as_ref()?.matches(message);
    let mut ways = found.iter().filter_map(|index| WAYS.get(index)).map(|(way, _)| *way);
    let is_wanted = |way: &PreferredContact| match way {
        PreferredContact::Phone => !reach.matched(1),
        PreferredContact::Email => true,
        _ => reach.matched(0),
    };
    ways.find(is_wanted)
}

/// Whether the text speaks of this way of contact at all.
pub fn mentions(way: PreferredContact, text: &str) -> bool {
    let found = WAY_SET.as_ref().map(|set| set.matches(text));
    let place = WAYS.iter().position(|(known, _)| *known == way);
    found.zip(place).is_some_and(|(found, place)| found.matched(place))
}
