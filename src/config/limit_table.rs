//! The keys of how often the widget's routes may be called. `table` lists them with the others.

use crate::config::key::Key;
use crate::config::key::Kind;

const RANGE: Kind = Kind::Number { min: 1, max: 1_000_000 };

pub const VISITOR_CHATS_PER_MINUTE: Key = Key {
    name: "visitor_chats_per_minute",
    flag: "visitor-chats-per-minute",
    variable: "PALOMPY_VISITOR_CHATS_PER_MINUTE",
    default: Some("20"),
    kind: RANGE,
    help: "Chat messages that one session may send in a minute, from whatever addresses",
};

pub const SHOP_CHATS_PER_MINUTE: Key = Key {
    name: "shop_chats_per_minute",
    flag: "shop-chats-per-minute",
    variable: "PALOMPY_SHOP_CHATS_PER_MINUTE",
    default: Some("600"),
    kind: RANGE,
    help: "Chat messages that all visitors of a shop together may send in a minute",
};

pub const EVENTS_PER_MINUTE: Key = Key {
    name: "events_per_minute",
    flag: "events-per-minute",
    variable: "PALOMPY_EVENTS_PER_MINUTE",
    default: Some("60"),
    kind: RANGE,
    help: "Requests with analytics events that one visitor address may send in a minute",
};

pub const VISITOR_EVENTS_PER_MINUTE: Key = Key {
    name: "visitor_events_per_minute",
    flag: "visitor-events-per-minute",
    variable: "PALOMPY_VISITOR_EVENTS_PER_MINUTE",
    default: Some("60"),
    kind: RANGE,
    help: "Requests with analytics events that one session may send in a minute",
};

pub const SHOP_EVENTS_PER_MINUTE: Key = Key {
    name: "shop_events_per_minute",
    flag: "shop-events-per-minute",
    variable: "PALOMPY_SHOP_EVENTS_PER_MINUTE",
    default: Some("6000"),
    kind: RANGE,
    help: "Requests with analytics events that all visitors of a shop together may send in a minute",
};

pub const FORMS_PER_MINUTE: Key = Key {
    name: "forms_per_minute",
    flag: "forms-per-minute",
    variable: "PALOMPY_FORMS_PER_MINUTE",
    default: Some("30"),
    kind: RANGE,
    help: "Leads, survey answers and votes that one visitor address may send in a minute",
};

pub const VISITOR_FORMS_PER_MINUTE: Key = Key {
    name: "visitor_forms_per_minute",
    flag: "visitor-forms-per-minute",
    variable: "PALOMPY_VISITOR_FORMS_PER_MINUTE",
    default: Some("30"),
    kind: RANGE,
    help: "Leads, survey answers and votes that one session may send in a minute",
};

pub const SHOP_FORMS_PER_MINUTE: Key = Key {
    name: "shop_forms_per_minute",
    flag: "shop-forms-per-minute",
    variable: "PALOMPY_SHOP_FORMS_PER_MINUTE",
    default: Some("600"),
    kind: RANGE,
    help: "Leads, survey answers and votes that all visitors of a shop together may send in a minute",
};

pub const READS_PER_MINUTE: Key = Key {
    name: "reads_per_minute",
    flag: "reads-per-minute",
    variable: "PALOMPY_READS_PER_MINUTE",
    default: Some("300"),
    kind: RANGE,
    help: "Requests of the widget that only read which one visitor address may send in a minute",
};

pub const VISITOR_READS_PER_MINUTE: Key = Key {
    name: "visitor_reads_per_minute",
    flag: "visitor-reads-per-minute",
    variable: "PALOMPY_VISITOR_READS_PER_MINUTE",
    default: Some("300"),
    kind: RANGE,
    help: "Requests of the widget that only read which one session may send in a minute",
};

pub const SHOP_READS_PER_MINUTE: Key = Key {
    name: "shop_reads_per_minute",
    flag: "shop-reads-per-minute",
    variable: "PALOMPY_SHOP_READS_PER_MINUTE",
    default: Some("30000"),
    kind: RANGE,
    help: "Requests of the widget that only read which all visitors of a shop together may send in a minute",
};

pub const TRUSTED_PROXIES: Key = Key {
    name: "trusted_proxies",
    flag: "trusted-proxies",
    variable: "PALOMPY_TRUSTED_PROXIES",
    default: Some("127.0.0.0/8, ::1/128, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7"),
    kind: Kind::Networks,
    help: "Networks of proxies that are believed what X-Forwarded-For says of a visitor's address; none trusts nobody",
};

pub const EVENT_RETENTION_DAYS: Key = Key {
    name: "event_retention_days",
    flag: "event-retention-days",
    variable: "PALOMPY_EVENT_RETENTION_DAYS",
    default: Some("90"),
    kind: Kind::Number { min: 1, max: 3_650 },
    help: "Days for which single analytics events are kept; the counts made of them stay",
};
