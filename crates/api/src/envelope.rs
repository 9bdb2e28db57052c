//! Signed commands: the bytes that are signed are the bytes that are sent.
//!
//! A [`Payload`] is JSON text. It travels as a string, exactly as it was signed, so there is no second encoding to agree on. One payload, two
//! envelopes: `raw`, ECDSA over secp256k1 of the SHA-256 of those bytes; and `adr36`, what Cosmos wallets sign for off-chain data, over a
//! text that people can read and that ends in the payload's hash.

use crate::error::ApiError;
use crate::{Address, ApiCommand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secp256k1::{Message, PublicKey, SecretKey, ecdsa};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// The most commands of one payload.
pub const COMMANDS_MAX: usize = 100;
/// How far ahead a payload may expire, ms of market time.
pub const LIFE_MAX_MS: u64 = 86_400_000;
/// The largest nonce: what a JSON number holds exactly everywhere.
pub const NONCE_MAX: u64 = (1 << 53) - 1;

/// What is signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// The venue that it is for; of no use anywhere else.
    pub venue: String,
    /// The account that it acts for: the signer's own, or the one that granted the signer a session.
    pub account: Address,
    /// Any number that the signer has not used, above the lowest of the 1,024 highest that it has; at most 2^53 - 1.
    pub nonce: u64,
    /// Of no use from this market time on, ms; at most a day ahead.
    pub expires_at: u64,
    /// 1 to 100 commands, carried out in order, each by itself.
    pub commands: Vec<ApiCommand>,
}

/// A payload with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The JSON text of a [`Payload`], byte for byte as signed.
    pub payload: String,
    /// The signer's compressed public key, 66 hex digits.
    pub public_key: String,
    /// 64 bytes `r || s` with a low `s`, 128 hex digits.
    pub signature: String,
    /// What the signature covers.
    #[serde(default)]
    pub envelope: Envelope,
}

/// What a signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// SHA-256 of the payload's bytes.
    #[default]
    Raw,
    /// SHA-256 of the ADR-36 document of [`Payload::text`], for a signer with this bech32 prefix.
    Adr36 {
        /// The prefix of the wallet's chain, like `cosmos`.
        prefix: String,
    },
}

/// A payload whose signature holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// What was signed.
    pub payload: Payload,
    /// Who signed.
    pub signer: Address,
    /// SHA-256 of the payload's bytes: what a resend has in common with the first.
    pub hash: [u8; 32],
}

impl Payload {
    /// Reads a payload.
    ///
    /// # Errors
    /// `bad_request` that says where the text is wrong, or a bound that it breaks.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let payload: Self = serde_json::from_str(text)
            .map_err(|e| ApiError::bad_request(format!("the payload cannot be read: {e}")))?;
        if payload.commands.is_empty() || payload.commands.len() > COMMANDS_MAX {
            return Err(ApiError::invalid("commands", "1 to 100 of them"));
        }
        if payload.nonce > NONCE_MAX {
            return Err(ApiError::invalid("nonce", "at most 9007199254740991"));
        }
        Ok(payload)
    }

    /// What a wallet shows: the commands in words, then the hash of the exact bytes.
    #[must_use]
    pub fn text(&self, hash: &[u8; 32]) -> String {
        use std::fmt::Write as _;
        let mut text = format!("Cenote venue {}\nAccount {}\n", self.venue, self.account);
        for (at, command) in self.commands.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", at + 1, command.describe());
        }
        let _ =
            write!(text, "Nonce {}, valid until {} ms\nSHA-256 {}", self.nonce, self.expires_at, hex(hash));
        text
    }
}

/// SHA-256 of a payload's bytes.
#[must_use]
pub fn payload_hash(payload: &str) -> [u8; 32] {
    Sha256::digest(payload.as_bytes()).into()
}

/// The ADR-36 document that a wallet signs for a text: keys sorted, no spaces, the text in base64.
#[must_use]
pub fn adr36_document(signer: &str, text: &str) -> String {
    let data = STANDARD.encode(text);
    format!(
        "{{\"account_number\":\"0\",\"chain_id\":\"\",\"fee\":{{\"amount\":[],\"gas\":\"0\"}},\"memo\":\"\",\"msgs\":[{{\"type\":\"sign/MsgSignData\",\
         \"value\":{{\"data\":\"{data}\",\"signer\":\"{signer}\"}}}}],\"sequence\":\"0\"}}"
    )
}

impl Signed {
    /// Signs a payload with a key, in the raw envelope.
    #[must_use]
    pub fn raw(payload: &Payload, key: &SecretKey) -> Self {
        let text = serde_json::to_string(payload).expect("a payload is plain JSON");
        let signature = ecdsa::sign(Message::from_digest(payload_hash(&text)), key);
        Self {
            payload: text,
            public_key: hex(&PublicKey::from_secret_key(key).serialize()),
            signature: hex(&signature.serialize_compact()),
            envelope: Envelope::Raw,
        }
    }

    /// Checks the signature and reads the payload. That the signer may act for the account is the engine's to say.
    ///
    /// # Errors
    /// `unauthorised`, `bad_request` or `invalid`.
    pub fn verify(&self) -> Result<Verified, ApiError> {
        let refuse = |why: &str| {
            ApiError::new(
                "unauthorised",
                format!("{why}; POST the same body to /v1/debug/signature to see why"),
            )
        };
        let key: [u8; 33] = unhex(&self.public_key)
            .ok_or_else(|| refuse("public_key must be 66 hex digits of a compressed key"))?;
        let bytes: [u8; 64] =
            unhex(&self.signature).ok_or_else(|| refuse("signature must be 128 hex digits, r then s"))?;
        let signer = Address::of_key(&key);
        let payload = Payload::parse(&self.payload)?;
        let hash = payload_hash(&self.payload);
        let digest = self.digest(&payload, &hash, signer)?;
        let key = PublicKey::from_byte_array_compressed(key)
            .map_err(|_| refuse("public_key is not a point of the curve"))?;
        let signature =
            ecdsa::Signature::from_compact(&bytes).map_err(|_| refuse("signature is out of range"))?;
        // libsecp256k1 takes low s alone: the other half of every pair would be a second signature for the same bytes.
        ecdsa::verify(&signature, Message::from_digest(digest), &key)
            .map_err(|_| refuse(&format!("the signature is not that of {signer} over these bytes")))?;
        Ok(Verified { payload, signer, hash })
    }

    /// The 32 bytes that the signature is over.
    ///
    /// # Errors
    /// `invalid` for a prefix that is none.
    pub fn digest(&self, payload: &Payload, hash: &[u8; 32], signer: Address) -> Result<[u8; 32], ApiError> {
        match &self.envelope {
            Envelope::Raw => Ok(*hash),
            Envelope::Adr36 { prefix } => {
                if prefix.is_empty() || prefix.len() > 20 || !prefix.bytes().all(|b| b.is_ascii_lowercase()) {
                    return Err(ApiError::invalid("prefix", "1 to 20 lower-case letters"));
                }
                let document = adr36_document(&signer.with_prefix(prefix), &payload.text(hash));
                Ok(Sha256::digest(document.as_bytes()).into())
            }
        }
    }
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes of exactly `N` pairs of hex digits.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digit = |b: u8| (b as char).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
