//! Feature: leads. What visitors leave in the form, the administrator's list of all leads, and telling the shop's own system.
//! Contacts found in messages are recorded by the chat; both go through `Store::record_lead`.

mod delivering;
pub mod delivery_routes;
pub mod export;
pub mod form;
pub mod form_routes;
mod notification;
pub mod routes;

use crate::domain::clock::Clock;
use crate::domain::consent::ConsentRequest;
use crate::domain::delivery::Channel;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::delivery::NewDelivery;
use crate::domain::id::DeliveryId;
use crate::domain::id::LeadId;
use crate::domain::id::ShopId;
use crate::domain::lead::Lead;
use crate::domain::lead::LeadFilter;
use crate::domain::lead::LeadPage;
use crate::domain::lead::LeadStatus;
use crate::domain::lead::NewLead;
use crate::domain::lead::Recorded;
use crate::domain::problem::Problem;
use crate::domain::secret::Secret;
use crate::domain::settings::ShopSettings;
use crate::domain::shop::Shop;
use crate::http::error::ApiError;
use crate::notify::Webhooks;
use crate::notify::signature::new_secret;
use crate::store::Store;
use crate::store::error::StoreResult;
use jiff::SignedDuration;
use jiff::Timestamp;
use uuid::Uuid;

/// How long the secret before a rotation signs as well.
const ROTATION: SignedDuration = SignedDuration::from_hours(24);

/// Cheap to clone.
#[derive(Clone)]
pub struct Leads {
    store: Store,
    webhooks: Webhooks,
    clock: Clock,
}

impl Leads {
    pub fn new(store: Store, webhooks: Webhooks, clock: Clock) -> Leads {
        Leads { store, webhooks, clock }
    }

    /// Stores what a visitor left, once however often it is sent, and tells the shop's system. Returns the lead's id.
    pub async fn submit(&self, shop: &Shop, lead: NewLead) -> Result<LeadId, ApiError> {
        let required = ConsentRequest::required_version(&shop.settings);
        let deliveries = new_deliveries(&shop.settings);
        let recorded = self
            .store
            .record_lead(shop.id, lead, required, deliveries, self.clock.now())
            .await?;
        match recorded {
            Recorded::New(id) | Recorded::Updated(id) | Recorded::Unchanged(id) => Ok(id),
            Recorded::ConsentMissing => {
                let problem = Problem::new("consent.accepted", "problem_consent_required");
                Err(ApiError::invalid(vec![problem]))
            }
        }
    }

    /// As `Store::list_leads`.
    pub async fn list(
        &self,
        shop: ShopId,
        filter: LeadFilter,
        before: Option<LeadId>,
        limit: u32,
    ) -> StoreResult<LeadPage> {
        self.store.list_leads(shop, filter, before, limit).await
    }

    pub async fn lead(&self, shop: ShopId, id: LeadId) -> StoreResult<Lead> {
        self.store.lead(shop, id).await
    }

    pub async fn set_status(&self, shop: ShopId, id: LeadId, status: LeadStatus) -> StoreResult<Lead> {
        self.store
            .update_lead_status(shop, id, status, self.clock.now())
            .await?;
        self.store.lead(shop, id).await
    }

    pub async fn delete(&self, shop: ShopId, id: LeadId) -> StoreResult<()> {
        self.store.delete_lead(shop, id).await
    }

    pub async fn list_deliveries(
        &self,
        shop: ShopId,
        status: Option<DeliveryStatus>,
        limit: u32,
    ) -> StoreResult<Vec<Delivery>> {
        self.store.list_deliveries(shop, status, limit).await
    }

    /// As `Store::resend_delivery`.
    pub async fn resend(&self, shop: ShopId, id: DeliveryId) -> StoreResult<Delivery> {
        self.store.resend_delivery(shop, id, self.clock.now()).await
    }

    /// A new secret for the shop's notifications, which is shown this once. The one before signs as well for a day; until when is
    /// returned.
    pub async fn rotate_secret(&self, shop: ShopId) -> anyhow::Result<(Secret<String>, Timestamp)> {
        let secret = new_secret();
        let until = self.clock.now().checked_add(ROTATION)?;
        self.store.rotate_webhook_secret(shop, secret.clone(), until).await?;
        Ok((secret, until))
    }
}

/// The notifications that a change of a lead causes, by the shop's settings.
fn new_deliveries(settings: &ShopSettings) -> Vec<NewDelivery> {
    let webhook = settings.lead_webhook_url.is_some().then_some(Channel::Webhook);
    let channels = webhook.into_iter();
    let delivery = |channel| NewDelivery {
        id: DeliveryId(Uuid::new_v4()),
        channel,
    };
    channels.map(delivery).collect()
}
