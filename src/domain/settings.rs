//! What a shop's owner can change while the program runs. Start-time options live in `config`.

use crate::domain::language::Language;
use serde::Deserialize;
use serde::Serialize;

/// A shop's settings. Unknown keys are refused; absent keys take their defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShopSettings {
    /// The language of the shop's own texts; labels in the index and refusals without another hint use it.
    pub language: Language,
    /// Upper limit of a chunk, in tokens of the embedding model.
    pub chunk_size_tokens: usize,
    /// How much of a chunk's end the next one repeats, in the same tokens.
    pub chunk_overlap_tokens: usize,
    /// How many source items the answer may draw on.
    pub context_items: usize,
    /// Whether the language model words a question that leans on the conversation anew before the search.
    pub rewrite_questions: bool,
    /// The first line of a conversation; the widget has its own when absent.
    pub greeting: Option<String>,
    /// Tokens of the language model, prompts and answers together, that answers may use in a day of UTC; no limit when absent.
    pub daily_llm_tokens: Option<u64>,
    /// A price that its source confirmed longer ago than so many hours is not told as a fact; told however old when absent.
    pub price_max_age_hours: Option<u32>,
    /// The shop's clock, by its IANA name: schedules go by it.
    pub time_zone: String,
    /// How many earlier versions of each source can be restored. They take room on the disk.
    pub kept_versions: usize,
    /// A source that could not be read for so many hours is told to the owner.
    pub stale_after_hours: u32,
    /// Web origins whose pages may carry the widget, as `https://shop.example`. Empty allows any.
    pub allowed_origins: Vec<String>,
    /// Whether a visitor's contacts are stored only with consent; needs `consent_text`.
    pub consent_required: bool,
    /// What a visitor agrees to; absent when the shop does not ask.
    pub consent_text: Option<String>,
    /// The whole policy on the shop's site.
    pub consent_url: Option<String>,
    /// Where new leads and stale sources are told, by POST; absent for nowhere.
    pub lead_webhook_url: Option<String>,
    /// The heading of the chat; the shop's name when absent.
    pub widget_title: Option<String>,
    /// The shop's color, as `#0f6b5c`; the widget computes readable ones from it. It has its own when absent.
    pub widget_color: Option<String>,
    pub widget_scheme: WidgetScheme,
    pub widget_position: WidgetPosition,
    /// Questions offered before the first message, in this order.
    pub widget_prompts: Vec<String>,
    /// Advantages of the shop told before the first message, in this order.
    pub widget_perks: Vec<Perk>,
}

/// Whether the widget is light or dark; `Auto` is as the visitor's device is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WidgetScheme {
    #[default]
    Auto,
    Light,
    Dark,
}

/// The lower corner of the page where the widget's button is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WidgetPosition {
    #[default]
    Right,
    Left,
}

/// An advantage of the shop, as "Delivery" and "1 to 3 days".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Perk {
    pub title: String,
    /// May be empty.
    #[serde(default)]
    pub text: String,
}

impl Default for ShopSettings {
    fn default() -> ShopSettings {
        ShopSettings {
            language: Language::Ru,
            chunk_size_tokens: 180,
            chunk_overlap_tokens: 20,
            context_items: 5,
            rewrite_questions: false,
            greeting: None,
            daily_llm_tokens: None,
            price_max_age_hours: None,
            time_zone: "Europe/Moscow".to_owned(),
            kept_versions: 3,
            stale_after_hours: 24,
            allowed_origins: Vec::new(),
            consent_required: false,
            consent_text: None,
            consent_url: None,
            lead_webhook_url: None,
            widget_title: None,
            widget_color: None,
            widget_scheme: WidgetScheme::default(),
            widget_position: WidgetPosition::default(),
            widget_prompts: Vec::new(),
            widget_perks: Vec::new(),
        }
    }
}
