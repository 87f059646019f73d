//! Consent to the processing of personal data: what a shop asks for, and what a visitor agreed to.

use crate::domain::settings::ShopSettings;
use jiff::Timestamp;
use sha2::Digest;
use sha2::Sha256;

/// What a shop asks its visitors to agree to before it stores their contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRequest {
    /// Whether contacts may not be stored without it.
    pub is_required: bool,
    /// Changes with the text or the address, and only then: the first 16 hexadecimal digits of SHA-256 over both.
    pub version: String,
    pub text: String,
    /// The whole policy on the shop's site.
    pub url: Option<String>,
}

/// What a visitor agreed to, word for word, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentGiven {
    pub version: String,
    pub text: String,
    pub at: Timestamp,
}

impl ConsentRequest {
    /// `None` when the shop asks for none.
    pub fn of(settings: &ShopSettings) -> Option<ConsentRequest> {
        let text = settings.consent_text.clone()?;
        let url = settings.consent_url.clone();
        let hashed = Sha256::digest(format!("{text}\n{}", url.as_deref().unwrap_or_default()));
        Some(ConsentRequest {
            is_required: settings.consent_required,
            version: hashed.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
            text,
            url,
        })
    }

    /// The version that a stored contact needs; `None` when it needs none.
    pub fn required_version(settings: &ShopSettings) -> Option<String> {
        ConsentRequest::of(settings)
            .filter(|consent| consent.is_required)
            .map(|consent| consent.version)
    }

    pub fn given(&self, at: Timestamp) -> ConsentGiven {
        ConsentGiven {
            version: self.version.clone(),
            text: self.text.clone(),
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConsentRequest;
    use crate::domain::settings::ShopSettings;

    #[test]
    fn the_version_tells_what_was_agreed_to() {
        let asking = |text: &str, url: Option<&str>| {
            let settings = ShopSettings {
                consent_required: true,
                consent_text: Some(text.to_owned()),
                consent_url: url.map(str::to_owned),
                ..ShopSettings::default()
            };
            ConsentRequest::of(&settings).unwrap().version
        };
        assert_eq!(asking("да", None), asking("да", None));
        assert_ne!(asking("да", None), asking("да.", None));
        assert_ne!(asking("да", None), asking("да", Some("https://shop.example/policy")));
        assert_eq!(asking("да", None).len(), 16);
        assert_eq!(ConsentRequest::of(&ShopSettings::default()), None);
    }
}
