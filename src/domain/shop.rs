//! A shop as its owner knows it.

use crate::domain::id::PublicKey;
use crate::domain::id::ShopId;
use crate::domain::settings::ShopSettings;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct Shop {
    pub id: ShopId,
    pub name: String,
    pub public_key: PublicKey,
    pub created_at: Timestamp,
    pub settings: ShopSettings,
}
