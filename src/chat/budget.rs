//! What a shop may spend on the language model in a day: set aside before a call, put right after it.

use crate::chat::Chat;
use crate::domain::generation::Prompt;
use crate::domain::id::ShopId;
use crate::domain::shop::Shop;
use crate::llm::Generator;
use crate::store::error::StoreResult;
use crate::store::usage::DayUsage;
use crate::store::usage::Reservation;
use jiff::Timestamp;

/// Characters that make a token, where no service has counted. Models take two (Cyrillic, older ones) to four (English): the least
/// of them, so that the budget is kept rather than used up.
const CHARS_PER_TOKEN: usize = 2;
/// Days that the owner sees.
const DAYS_SHOWN: u32 = 31;

/// Tokens set aside for one call.
#[derive(Debug, Clone, Copy)]
pub struct Reserved {
    shop: ShopId,
    at: Timestamp,
    tokens: u64,
}

impl Chat {
    /// Sets aside what the generator may use at most for this prompt; `None` when the shop's day has not so much left. A shop
    /// without a limit sets nothing aside.
    pub(super) async fn reserve(
        &self,
        shop: &Shop,
        generator: &Generator,
        prompt: &Prompt,
    ) -> StoreResult<Option<Reserved>> {
        let at = self.clock.now();
        let mut reserved = Reserved {
            shop: shop.id,
            at,
            tokens: 0,
        };
        let (Some(limit), Generator::OpenAi(_)) = (shop.settings.daily_llm_tokens, generator) else {
            return Ok(Some(reserved));
        };
        reserved.tokens = most_tokens(generator, prompt);
        match self.store.reserve_tokens(shop.id, at, reserved.tokens, limit).await? {
            Reservation::Granted => Ok(Some(reserved)),
            Reservation::Refused { is_first } => {
                if is_first {
                    tracing::warn!(
                        shop = shop.id.0,
                        limit,
                        "the day's tokens are used up; answering by extraction until midnight UTC"
                    );
                }
                Ok(None)
            }
        }
    }

    /// Notes what a call has used. A failure is logged and costs nobody an answer.
    pub(super) async fn settle(&self, reserved: Reserved, used: u64) {
        if reserved.tokens == 0 && used == 0 {
            return;
        }
        let settled = self
            .store
            .settle_tokens(reserved.shop, reserved.at, reserved.tokens, used)
            .await;
        if let Err(error) = settled {
            tracing::warn!(%error, shop = reserved.shop.0, "could not note the tokens that an answer used");
        }
    }

    /// The shop's latest days with any use, latest first. Not found for an unknown shop.
    pub async fn usage(&self, shop: ShopId) -> StoreResult<(Shop, Vec<DayUsage>)> {
        let days = self.store.list_usage(shop, DAYS_SHOWN).await?;
        Ok((self.store.shop(shop).await?, days))
    }
}

/// What an answer to the prompt takes at most, prompt included; nothing without a model.
pub fn most_tokens(generator: &Generator, prompt: &Prompt) -> u64 {
    match generator {
        Generator::OpenAi(openai) => rough_tokens(prompt) + u64::from(openai.max_answer_tokens(prompt)),
        Generator::Extractive => 0,
    }
}

/// About how many tokens the prompt takes, rather too many than too few.
pub fn rough_tokens(prompt: &Prompt) -> u64 {
    let history = prompt.history.iter().map(|turn| turn.text.as_str());
    let texts = [prompt.system.as_str(), &prompt.context, &prompt.question];
    rough_count(texts.into_iter().chain(history).map(|text| text.chars().count()).sum())
}

/// The same for so many characters of text.
pub fn rough_count(characters: usize) -> u64 {
    u64::try_from(characters.div_ceil(CHARS_PER_TOKEN)).unwrap_or(u64::MAX)
}
