//! Telling a shop's owner that a source could not be read for long, once, and once that it could be read again.

use crate::domain::delivery::Channel;
use crate::domain::delivery::Event;
use crate::domain::delivery::NewDelivery;
use crate::domain::id::DeliveryId;
use crate::knowledge::Knowledge;
use uuid::Uuid;

impl Knowledge {
    /// Queues a notification for each source that has become stale or is not any more, where the shop has an address for them, and
    /// writes it into the log.
    pub async fn tell_stale_sources(&self) -> anyhow::Result<()> {
        for untold in self.store.list_untold_sources(self.clock.now()).await? {
            let settings = self.store.shop(untold.shop).await?.settings;
            let webhook = settings.lead_webhook_url.is_some().then(|| NewDelivery {
                id: DeliveryId(Uuid::new_v4()),
                channel: Channel::Webhook,
            });
            let (shop, source, event) = (untold.shop.0, untold.source.0, untold.event);
            let (name, since) = (untold.name.clone(), untold.since);
            let deliveries = webhook.into_iter().collect();
            if !self.store.tell_source(untold, deliveries, self.clock.now()).await? {
                continue;
            }
            if event == Event::SourceStale {
                tracing::warn!(shop, source, name, %since, "a source is stale: it could not be read since then");
            } else {
                tracing::info!(shop, source, name, "a source that was stale could be read again");
            }
        }
        Ok(())
    }
}
