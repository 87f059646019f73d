//! Ids as types, so that a call with the wrong one does not compile.

use serde::Deserialize;
use serde::Serialize;
use std::fmt;
use uuid::Uuid;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! public_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(
    /// A shop. Every statement on shop data takes one.
    ShopId
);
row_id!(DocumentId);
row_id!(ChunkId);
row_id!(ImportId);
row_id!(SourceId);
row_id!(ApiTokenId);
row_id!(JobId);
row_id!(SurveyId);
row_id!(SurveyResponseId);
row_id!(
    /// An embedding space: model, revision and dimensions together. Vectors of two spaces never meet.
    SpaceId
);

public_id!(
    /// What the widget sends to name its shop. It identifies and authorizes nothing but the widget's routes.
    PublicKey
);
public_id!(
    /// One visit of one visitor, made by the widget.
    SessionId
);
public_id!(
    /// One person at one shop, as far as their browser can tell: all sessions that were begun with their token.
    VisitorId
);
public_id!(
    /// One turn of a conversation: the visitor's message with our answer.
    MessageId
);
public_id!(
    /// A lead, in addresses and towards the visitor; cannot be guessed from another one.
    LeadId
);
public_id!(
    /// A notification; the receiver knows repeated attempts by it.
    DeliveryId
);
