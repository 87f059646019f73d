//! Tokens of the administration API.

use crate::domain::id::ApiTokenId;
use crate::domain::id::ShopId;
use jiff::Timestamp;

/// A stored token; its secret is known only to whoever made it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub name: String,
    /// The only shop it opens, or `None` for all.
    pub shop_id: Option<ShopId>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}
