//! Accounts as people write them: bech32 over 20 bytes, the same key and hash as on a Cosmos chain.

use cenote_engine::ids::AccountId;
use ripemd::Ripemd160;
use sha2::{Digest as _, Sha256};

/// The prefix that is printed; any is read.
pub const PREFIX: &str = "cenote";

/// An account's address. Printed as `cenote1...`; read with any bech32 prefix, as `cosmos1...` names the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub AccountId);

impl Address {
    /// The address of a compressed public key: RIPEMD-160 of SHA-256.
    #[must_use]
    pub fn of_key(public_key: &[u8; 33]) -> Self {
        Self::of_bytes(&Ripemd160::digest(Sha256::digest(public_key)).into())
    }

    /// The address of 20 bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8; 20]) -> Self {
        let mut id = [0; 32];
        id[12..].copy_from_slice(bytes);
        Self(AccountId(id))
    }

    /// The 20 bytes.
    #[must_use]
    pub fn bytes(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&self.0.0[12..]);
        bytes
    }

    /// The address with another prefix, as a wallet shows it.
    ///
    /// # Panics
    /// Never for a prefix of 1 to 60 lower-case letters.
    #[must_use]
    pub fn with_prefix(self, prefix: &str) -> String {
        let hrp = bech32::Hrp::parse(prefix).expect("a prefix of lower-case letters");
        bech32::encode::<bech32::Bech32>(hrp, &self.bytes()).expect("20 bytes are short enough")
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.with_prefix(PREFIX))
    }
}

impl std::str::FromStr for Address {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse =
            |why: &str| format!("`{}` is not an address: {why}", text.chars().take(80).collect::<String>());
        let (_, data) =
            bech32::decode(text).map_err(|_| refuse("its checksum or letters are wrong, copy it again"))?;
        let bytes: [u8; 20] = data.try_into().map_err(|_| refuse("it must hold 20 bytes"))?;
        Ok(Self::of_bytes(&bytes))
    }
}

impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Address {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        let text = "Bech32 address of 20 bytes; printed with the prefix `cenote`, read with any.";
        ObjectBuilder::new().schema_type(Type::String).description(Some(text)).build().into()
    }
}

impl utoipa::ToSchema for Address {}
