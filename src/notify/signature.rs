//! Signatures after Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`.

use crate::domain::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use jiff::Timestamp;
use sha2::Sha256;
use uuid::Uuid;

const PREFIX: &str = "whsec_";

/// A new secret as the specification writes it: `whsec_` and 32 bytes in base64, of which 244 bits are random (two version 4 UUIDs).
pub fn new_secret() -> Secret<String> {
    let bytes = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The `webhook-signature` header: `v1,…` for each secret with a space between. `None` when one cannot be read.
pub fn signatures(secrets: &[&Secret<String>], id: &str, at: Timestamp, body: &str) -> Option<String> {
    let signed = format!("{id}.{}.{body}", at.as_second());
    let mut all = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let key = STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(signed.as_bytes());
        all.push(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    }
    Some(all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::new_secret;
    use super::signatures;
    use crate::domain::secret::Secret;
    use jiff::Timestamp;

    #[test]
    fn signatures_are_those_of_the_specification() {
        // The example of the Standard Webhooks reference libraries.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let header = signatures(
            &[&secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            header.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn during_a_rotation_both_secrets_sign() {
        let (old, new) = (new_secret(), new_secret());
        let at = Timestamp::from_second(1).unwrap();
        let both = signatures(&[&new, &old], "m", at, "{}").unwrap();
        let single = |secret| signatures(&[secret], "m", at, "{}").unwrap();
        assert_eq!(both, format!("{} {}", single(&new), single(&old)));
        assert_ne!(single(&new), single(&old));
        assert_eq!(signatures(&[&Secret::new("plain".to_owned())], "m", at, "{}"), None);
    }
}
