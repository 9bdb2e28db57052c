//! Wormhole's signed messages (VAA, "verified action approval").

use super::bytes::Bytes;
use super::guardians::GuardianSet;
use crate::{FeedError, hex};
use secp256k1::Message;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use sha3::{Digest, Keccak256};
use std::fmt;

/// Who emitted a message: a chain by Wormhole's number, and an address on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Emitter {
    /// Wormhole's number of the chain.
    pub chain: u16,
    /// The address, padded to 32 bytes.
    pub address: [u8; 32],
}

impl Emitter {
    /// Pythnet's accumulator.
    pub const PYTHNET: Self = Self {
        chain: 26,
        address: [
            0xe1, 0x01, 0xfa, 0xed, 0xac, 0x58, 0x51, 0xe3, 0x2b, 0x9b, 0x23, 0xb5, 0xf9, 0x41, 0x1a, 0x8c,
            0x2b, 0xac, 0x4a, 0xae, 0x3e, 0xd4, 0xdd, 0x7b, 0x81, 0x1d, 0xd1, 0xa7, 0x2e, 0xa4, 0xaa, 0x71,
        ],
    };

    /// Wormhole's own governance.
    pub(super) const GOVERNANCE: Self = {
        let mut address = [0; 32];
        address[31] = 4;
        Self { chain: 1, address }
    };
}

impl fmt::Display for Emitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {} address {}", self.chain, hex::encode(&self.address))
    }
}

struct Signature<'a> {
    guardian: u8,
    /// r, s, and the recovery number.
    bytes: &'a [u8; 65],
}

/// A message in its parts. Nothing is proved before [`Vaa::verify`].
pub(super) struct Vaa<'a> {
    pub guardian_set: u32,
    signatures: Vec<Signature<'a>>,
    body: &'a [u8],
    pub emitter: Emitter,
    pub payload: &'a [u8],
}

impl<'a> Vaa<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, FeedError> {
        let mut input = Bytes { rest: bytes };
        let version = input.u8("the version of the VAA")?;
        if version != 1 {
            return Err(FeedError::VaaVersion { version });
        }
        let guardian_set = input.u32("the guardian set of the VAA")?;
        let count = input.u8("the number of signatures")?;
        let mut signatures = Vec::new();
        for _ in 0..count {
            let guardian = input.u8("a signature of the VAA")?;
            let part = "a signature of the VAA";
            let (bytes, rest) = input.rest.split_first_chunk().ok_or(FeedError::Truncated {
                part,
                needed: 65,
                left: input.rest.len(),
            })?;
            input.rest = rest;
            signatures.push(Signature { guardian, bytes });
        }
        let body = input.rest;
        // Timestamp and nonce: prices carry their own time.
        input.take(8, "the body of the VAA")?;
        let emitter = Emitter {
            chain: input.u16("the emitter of the VAA")?,
            address: input.array("the emitter of the VAA")?,
        };
        // Sequence and consistency level.
        input.take(9, "the body of the VAA")?;
        Ok(Self { guardian_set, signatures, body, emitter, payload: input.rest })
    }

    pub(super) fn require_emitter(&self, required: &Emitter) -> Result<(), FeedError> {
        if self.emitter == *required {
            return Ok(());
        }
        Err(FeedError::Emitter { found: self.emitter.to_string(), required: required.to_string() })
    }

    /// Whether more than two thirds of a set have signed, each at most once, and every signature is right.
    pub(super) fn verify(&self, set: &GuardianSet) -> Result<(), FeedError> {
        let (needed, found) = (set.quorum(), self.signatures.len());
        if found < needed {
            return Err(FeedError::Quorum { needed, found });
        }
        for pair in self.signatures.windows(2) {
            if pair[1].guardian <= pair[0].guardian {
                let (before, guardian) = (pair[0].guardian, pair[1].guardian);
                return Err(FeedError::SignatureOrder { before, guardian });
            }
        }
        let digest = keccak256(&[&keccak256(&[self.body])]);
        for Signature { guardian, bytes } in &self.signatures {
            let guardians = set.guardians.len();
            let address = set
                .guardians
                .get(usize::from(*guardian))
                .ok_or(FeedError::GuardianIndex { guardian: *guardian, guardians })?;
            if signer(digest, bytes) != Some(*address) {
                return Err(FeedError::Signature { guardian: *guardian });
            }
        }
        Ok(())
    }
}

/// The address whose key made a signature.
fn signer(digest: [u8; 32], bytes: &[u8; 65]) -> Option<[u8; 20]> {
    let (compact, recovery) = (&bytes[..64], bytes[64]);
    // The chains that check these messages recover with 0 and 1 alone.
    let recovery = match recovery {
        0 => RecoveryId::Zero,
        1 => RecoveryId::One,
        _ => return None,
    };
    let signature = RecoverableSignature::from_compact(compact, recovery).ok()?;
    let key = signature.recover_ecdsa(Message::from_digest(digest)).ok()?;
    let hash = keccak256(&[&key.serialize_uncompressed()[1..]]);
    hash.last_chunk().copied()
}

pub(super) fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
