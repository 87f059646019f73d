//! How rows of leads are read, and the list of a shop's leads.

use crate::domain::consent::ConsentGiven;
use crate::domain::id::LeadId;
use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::lead::CollectedData;
use crate::domain::lead::Intent;
use crate::domain::lead::Lead;
use crate::domain::lead::LeadFilter;
use crate::domain::lead::LeadPage;
use crate::domain::lead::LeadSource;
use crate::domain::lead::LeadStatus;
use crate::domain::lead::PreferredContact;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::language;
use crate::store::rows::optional_timestamp;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::uuid;
use crate::store::shops::changed_one;
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::named_params;
use rusqlite::params;

/// The columns that `lead` reads, in its order.
pub(super) const LEAD_COLUMNS: &str =
    "lead_id, session_id, message_id, source, status, intent, name, email, phone, order_number,
    preferred_contact, notes, language, page_url, consent_at, consent_version, consent_text, created_at, updated_at";
const FILTER: &str =
    "shop_id = :shop and (:intent is null or intent = :intent) and (:status is null or status = :status)
    and (:from is null or created_at >= :from) and (:to is null or created_at < :to)";

impl Store {
    /// The shop's leads that the filter lets through, newest first, at most `limit`; only those older than `before` when there is
    /// one. Not found when there is no such shop, or no such lead in it.
    pub async fn list_leads(
        &self,
        shop: ShopId,
        filter: LeadFilter,
        before: Option<LeadId>,
        limit: u32,
    ) -> StoreResult<LeadPage> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let before_row: Option<i64> = match before {
                None => None,
                Some(id) => conn.query_row(
                    "select id from leads where shop_id = ?1 and lead_id = ?2",
                    params![shop.0, id.to_string()],
                    |row| row.get(0),
                )?,
            };
            let (intent, status) = (filter.intent.map(Intent::name), filter.status.map(LeadStatus::name));
            let (from, to) = (filter.from.map(stamp), filter.to.map(stamp));
            let total = conn
                .prepare_cached(&format!("select count(*) from leads where {FILTER}"))?
                .query_row(
                    named_params! {":shop": shop.0, ":intent": intent, ":status": status, ":from": from, ":to": to},
                    |row| row.get::<_, u32>(0),
                )?;
            let sql = format!(
                "select {LEAD_COLUMNS} from leads where {FILTER} and (:before is null or id < :before)
                 order by id desc limit :limit"
            );
            let mut statement = conn.prepare_cached(&sql)?;
            // One more than asked for tells whether another page follows.
            let found = statement.query_map(
                named_params! {":shop": shop.0, ":intent": intent, ":status": status, ":from": from, ":to": to,
                ":before": before_row, ":limit": i64::from(limit) + 1},
                lead,
            )?;
            let mut leads = found.collect::<Result<Vec<_>, _>>()?;
            let has_more = leads.len() > limit as usize;
            leads.truncate(limit as usize);
            Ok(LeadPage {
                leads,
                total: u64::from(total),
                has_more,
            })
        })
        .await
    }

    /// Notes how far the staff has got. Not found for a lead of another shop.
    pub async fn update_lead_status(
        &self,
        shop: ShopId,
        id: LeadId,
        status: LeadStatus,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write(move |conn| {
            changed_one(conn.execute(
                "update leads set status = ?3, updated_at = ?4 where shop_id = ?1 and lead_id = ?2",
                params![shop.0, id.to_string(), status.name(), stamp(now)],
            )?)
        })
        .await
    }

    /// Deletes a lead with its notifications, also those that wait. Not found for a lead of another shop.
    pub async fn delete_lead(&self, shop: ShopId, id: LeadId) -> StoreResult<()> {
        self.write(move |conn| {
            changed_one(conn.execute(
                "delete from leads where shop_id = ?1 and lead_id = ?2",
                params![shop.0, id.to_string()],
            )?)
        })
        .await
    }

    /// Deletes all leads of a visitor's session with their notifications, and returns how many there were.
    pub async fn delete_session_leads(&self, shop: ShopId, session: SessionId) -> StoreResult<usize> {
        self.write(move |conn| {
            Ok(conn.execute(
                "delete from leads where shop_id = ?1 and session_id = ?2",
                params![shop.0, session.to_string()],
            )?)
        })
        .await
    }
}

/// The columns of `LEAD_COLUMNS`.
pub(super) fn lead(row: &Row<'_>) -> rusqlite::Result<Lead> {
    let message: Option<String> = row.get(2)?;
    let has_consent = row.get::<_, Option<String>>(15)?.is_some();
    let consent = match (has_consent, optional_timestamp(row, 14)?) {
        (true, Some(at)) => Some(ConsentGiven {
            version: row.get(15)?,
            text: row.get(16)?,
            at,
        }),
        _ => None,
    };
    Ok(Lead {
        id: LeadId(uuid(row, 0)?),
        session: SessionId(uuid(row, 1)?),
        message: message.is_some().then(|| uuid(row, 2)).transpose()?.map(MessageId),
        source: parsed(row, 3, |name| {
            LeadSource::ALL.into_iter().find(|source| source.name() == name)
        })?,
        status: parsed(row, 4, LeadStatus::parse)?,
        data: CollectedData {
            intent: row.get::<_, Option<String>>(5)?.and_then(|name| Intent::parse(&name)),
            name: row.get(6)?,
            email: row.get(7)?,
            phone: row.get(8)?,
            order_number: row.get(9)?,
            preferred_contact: row
                .get::<_, Option<String>>(10)?
                .and_then(|name| PreferredContact::parse(&name)),
            notes: row.get(11)?,
        },
        language: language(row, 12)?,
        page_url: row.get(13)?,
        consent,
        created_at: timestamp(row, 17)?,
        updated_at: timestamp(row, 18)?,
    })
}
