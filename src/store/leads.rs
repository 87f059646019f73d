//! Leads: recorded once for each visitor and matter, with the notifications that each change causes.

use crate::domain::consent::ConsentGiven;
use crate::domain::delivery::Event;
use crate::domain::delivery::NewDelivery;
use crate::domain::id::LeadId;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::lead::Intent;
use crate::domain::lead::Lead;
use crate::domain::lead::NewLead;
use crate::domain::lead::Recorded;
use crate::domain::lead::SAME_LEAD;
use crate::store::Store;
use crate::store::deliveries::queue;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::lead_rows::LEAD_COLUMNS;
use crate::store::lead_rows::lead;
use crate::store::rows::optional;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

impl Store {
    /// Records a lead, or joins it to the one that its visitor left in the last 24 hours and that is not done yet: one of the same
    /// session, which it corrects, or else one with the same phone or e-mail, which it only completes, because it may come from a
    /// stranger. A wish to talk with a person is a lead of its own.
    ///
    /// With `required_consent`, contacts are stored only if the lead brings consent to that version, or the session has given it
    /// before. What changes something queues `deliveries` in the same transaction. Not found when the shop is gone.
    pub async fn record_lead(
        &self,
        shop: ShopId,
        new: NewLead,
        required_consent: Option<String>,
        deliveries: Vec<NewDelivery>,
        now: Timestamp,
    ) -> StoreResult<Recorded> {
        let has_deliveries = !deliveries.is_empty();
        let recorded = self
            .write(move |conn| {
                require_shop(conn, shop)?;
                let mut new = new;
                if let Some(version) = required_consent
                    && !has_consent(conn, shop, &mut new, &version)?
                {
                    return Ok(Recorded::ConsentMissing);
                }
                let (recorded, event) = match find_same(conn, shop, &new, now)? {
                    None => (Recorded::New(insert(conn, shop, &new, now)?), Event::LeadCreated),
                    Some(old) => (join(conn, shop, old, new.clone(), now)?, Event::LeadUpdated),
                };
                let is_handoff = new.data.intent == Some(Intent::Handoff);
                match recorded {
                    Recorded::New(lead) if is_handoff => {
                        queue(conn, shop, lead, Event::HandoffRequested, &deliveries, now)?;
                    }
                    Recorded::New(lead) | Recorded::Updated(lead) => queue(conn, shop, lead, event, &deliveries, now)?,
                    Recorded::Unchanged(_) | Recorded::ConsentMissing => {}
                }
                Ok(recorded)
            })
            .await?;
        if has_deliveries && matches!(recorded, Recorded::New(_) | Recorded::Updated(_)) {
            self.deliveries_queued.notify_one();
        }
        Ok(recorded)
    }

    /// Whether the session has agreed to this version of the shop's consent text.
    pub async fn has_consent(&self, shop: ShopId, session: SessionId, version: String) -> StoreResult<bool> {
        self.read(move |conn| Ok(given_consent(conn, shop, session, &version)?.is_some()))
            .await
    }

    /// Not found for a lead of another shop.
    pub async fn lead(&self, shop: ShopId, id: LeadId) -> StoreResult<Lead> {
        self.read(move |conn| {
            let sql = format!("select {LEAD_COLUMNS} from leads where shop_id = ?1 and lead_id = ?2");
            Ok(conn
                .prepare_cached(&sql)?
                .query_row(params![shop.0, id.to_string()], lead)?)
        })
        .await
    }
}

/// Whether the lead may be stored. A session that agreed to this version before need not do it again.
fn has_consent(conn: &Connection, shop: ShopId, new: &mut NewLead, version: &str) -> StoreResult<bool> {
    let is_given = new.consent.as_ref().is_some_and(|consent| consent.version == version);
    if !is_given {
        new.consent = given_consent(conn, shop, new.session, version)?;
    }
    Ok(new.consent.is_some() || !new.data.is_personal())
}

fn given_consent(
    conn: &Connection,
    shop: ShopId,
    session: SessionId,
    version: &str,
) -> StoreResult<Option<ConsentGiven>> {
    let mut statement = conn.prepare_cached(
        "select consent_text, consent_at from leads where shop_id = ?1 and session_id = ?2 and consent_version = ?3
         order by id desc limit 1",
    )?;
    let given = statement.query_row(params![shop.0, session.to_string(), version], |row| {
        Ok(ConsentGiven {
            version: version.to_owned(),
            text: row.get(0)?,
            at: timestamp(row, 1)?,
        })
    });
    optional(given)
}

/// The lead that the new one goes on with: of the same session first, then the newest.
fn find_same(conn: &Connection, shop: ShopId, new: &NewLead, now: Timestamp) -> StoreResult<Option<Lead>> {
    let since = now.checked_sub(SAME_LEAD).map_err(StoreError::internal)?;
    let sql = format!(
        "select {LEAD_COLUMNS} from leads
         where shop_id = ?1 and (session_id = ?2 or phone = ?3 or email = ?4) and updated_at >= ?5 and status <> 'done'
             and coalesce(intent, '') = 'handoff' = ?6
         order by session_id = ?2 desc, id desc"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let found = statement.query_map(
        params![
            shop.0,
            new.session.to_string(),
            new.data.phone,
            new.data.email,
            stamp(since),
            new.data.intent == Some(Intent::Handoff)
        ],
        lead,
    )?;
    for candidate in found {
        let candidate = candidate?;
        if candidate.session == new.session || !candidate.data.contradicts(&new.data) {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn insert(conn: &Connection, shop: ShopId, new: &NewLead, now: Timestamp) -> StoreResult<LeadId> {
    let (data, consent) = (&new.data, new.consent.as_ref());
    conn.prepare_cached(include_str!("sql/lead_insert.sql"))?
        .execute(params![
            shop.0,
            new.id.to_string(),
            new.session.to_string(),
            new.message.map(|message| message.to_string()),
            new.source.name(),
            data.intent.map(Intent::name),
            data.name,
            data.email,
            data.phone,
            data.order_number,
            data.preferred_contact.map(|contact| contact.name()),
            data.notes,
            new.language.code(),
            new.page_url,
            consent.map(|consent| stamp(consent.at)),
            consent.map(|consent| &consent.version),
            consent.map(|consent| &consent.text),
            stamp(now),
        ])?;
    Ok(new.id)
}

fn join(conn: &Connection, shop: ShopId, old: Lead, new: NewLead, now: Timestamp) -> StoreResult<Recorded> {
    let data = if old.session == new.session {
        old.data.updated_by(&new.data)
    } else {
        old.data.completed_by(&new.data)
    };
    let is_new_consent = new.consent.as_ref().map(|consent| &consent.version)
        != old.consent.as_ref().map(|consent| &consent.version)
        && new.consent.is_some();
    if data == old.data && !is_new_consent {
        return Ok(Recorded::Unchanged(old.id));
    }
    let consent = if is_new_consent { new.consent } else { old.consent };
    conn.prepare_cached(include_str!("sql/lead_update.sql"))?
        .execute(params![
            shop.0,
            old.id.to_string(),
            data.intent.map(Intent::name),
            data.name,
            data.email,
            data.phone,
            data.order_number,
            data.preferred_contact.map(|contact| contact.name()),
            data.notes,
            old.message.or(new.message).map(|message| message.to_string()),
            old.page_url.or(new.page_url),
            consent.as_ref().map(|consent| stamp(consent.at)),
            consent.as_ref().map(|consent| &consent.version),
            consent.as_ref().map(|consent| &consent.text),
            stamp(now),
        ])?;
    Ok(Recorded::Updated(old.id))
}
