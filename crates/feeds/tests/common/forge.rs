//! Guardians whose keys are known here, and updates that they sign.

use cenote_feeds::pyth::Emitter;
use cenote_feeds::{GuardianSet, GuardianSets};
use secp256k1::ecdsa::RecoverableSignature;
use secp256k1::{Message, PublicKey, SecretKey};
use sha3::{Digest, Keccak256};

pub const FEED: [u8; 32] = [0xfe; 32];

pub fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

fn key(guardian: u8) -> SecretKey {
    SecretKey::from_secret_bytes([guardian + 1; 32]).unwrap()
}

/// Set 0 of so many guardians; guardian i has the key of bytes i + 1.
pub fn guardians(count: u8) -> GuardianSets {
    let guardians = (0..count).map(address).collect();
    GuardianSets::new(vec![GuardianSet { index: 0, guardians, expires_at: None }]).unwrap()
}

pub fn address(guardian: u8) -> [u8; 20] {
    let key = PublicKey::from_secret_key(&key(guardian)).serialize_uncompressed();
    *keccak(&key[1..]).last_chunk().unwrap()
}

/// A price message, to be changed at will.
#[derive(Clone, Copy)]
pub struct Price {
    pub feed: [u8; 32],
    pub price: i64,
    pub confidence: u64,
    pub exponent: i32,
    pub publish_time: i64,
    pub prev_publish_time: i64,
}

impl Price {
    /// 60,000.00 plus or minus 12 at second 1,000,000.
    pub const PLAIN: Self = Self {
        feed: FEED,
        price: 6_000_000_000_000,
        confidence: 1_200_000_000,
        exponent: -8,
        publish_time: 1_000_000,
        prev_publish_time: 999_999,
    };

    pub fn message(&self) -> Vec<u8> {
        let mut message = vec![0];
        message.extend(self.feed);
        message.extend(self.price.to_be_bytes());
        message.extend(self.confidence.to_be_bytes());
        message.extend(self.exponent.to_be_bytes());
        message.extend(self.publish_time.to_be_bytes());
        message.extend(self.prev_publish_time.to_be_bytes());
        message.extend(self.price.to_be_bytes());
        message.extend(self.confidence.to_be_bytes());
        message
    }
}

/// A VAA in its parts: change one and see it refused.
#[derive(Clone)]
pub struct Vaa {
    pub version: u8,
    pub set: u32,
    /// Guardian named, and guardian whose key signs.
    pub signers: Vec<(u8, u8)>,
    pub emitter: Emitter,
    pub payload: Vec<u8>,
}

impl Vaa {
    pub fn new(signers: impl IntoIterator<Item = u8>, payload: Vec<u8>) -> Self {
        let signers = signers.into_iter().map(|guardian| (guardian, guardian)).collect();
        Self { version: 1, set: 0, signers, emitter: Emitter::PYTHNET, payload }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut body = vec![0; 8];
        body.extend(self.emitter.chain.to_be_bytes());
        body.extend(self.emitter.address);
        body.extend([0; 9]);
        body.extend(&self.payload);
        let digest = Message::from_digest(keccak(&keccak(&body)));
        let mut bytes = vec![self.version];
        bytes.extend(self.set.to_be_bytes());
        bytes.push(self.signers.len() as u8);
        for (named, signer) in &self.signers {
            let signature = RecoverableSignature::sign_ecdsa_recoverable(digest, &key(*signer));
            let (recovery, compact) = signature.serialize_compact();
            bytes.push(*named);
            bytes.extend(compact);
            bytes.push(recovery.to_u8());
        }
        bytes.extend(body);
        bytes
    }
}

/// The Merkle root of messages, and each one's proof. The number of messages is a power of two.
pub fn tree(messages: &[Vec<u8>]) -> ([u8; 20], Vec<Vec<[u8; 20]>>) {
    let hash = |prefix: u8, parts: &[&[u8]]| -> [u8; 20] {
        *keccak(&[&[prefix], parts.concat().as_slice()].concat()).first_chunk().unwrap()
    };
    let mut level: Vec<[u8; 20]> = messages.iter().map(|message| hash(0, &[message])).collect();
    let mut proofs = vec![Vec::new(); messages.len()];
    let mut height = 0;
    while level.len() > 1 {
        for (index, proof) in proofs.iter_mut().enumerate() {
            proof.push(level[(index >> height) ^ 1]);
        }
        let parent =
            |pair: &[[u8; 20]]| hash(1, &[pair[0].min(pair[1]).as_slice(), &pair[0].max(pair[1])[..]]);
        level = level.chunks(2).map(parent).collect();
        height += 1;
    }
    (level[0], proofs)
}

pub fn payload(root: [u8; 20]) -> Vec<u8> {
    [b"AUWV\0".as_slice(), &77u64.to_be_bytes(), &10_000u32.to_be_bytes(), &root].concat()
}

/// The whole update.
pub fn update(vaa: &[u8], messages: &[Vec<u8>], proofs: &[Vec<[u8; 20]>]) -> Vec<u8> {
    let mut bytes = b"PNAU\x01\0\0\0".to_vec();
    bytes.extend((vaa.len() as u16).to_be_bytes());
    bytes.extend(vaa);
    bytes.push(messages.len() as u8);
    for (message, proof) in messages.iter().zip(proofs) {
        bytes.extend((message.len() as u16).to_be_bytes());
        bytes.extend(message);
        bytes.push(proof.len() as u8);
        bytes.extend(proof.concat());
    }
    bytes
}

/// An update of messages, signed by guardians 0 to 12.
pub fn signed(messages: &[Vec<u8>]) -> Vec<u8> {
    let (root, proofs) = tree(messages);
    update(&Vaa::new(0..13, payload(root)).bytes(), messages, &proofs)
}

/// What a Hermes server answers. What it says beside the update is nonsense on purpose.
pub fn hermes(updates: &[Vec<u8>]) -> String {
    let data: Vec<String> = updates.iter().map(|update| format!("\"{}\"", super::hex(update))).collect();
    let data = data.join(",");
    format!(r#"{{"binary":{{"encoding":"hex","data":[{data}]}},"parsed":[{{"price":{{"price":"-1"}}}}]}}"#)
}
