//! Accumulator updates: a signed Merkle root, and messages proved under it.

use super::bytes::Bytes;
use super::vaa::{Emitter, Vaa, keccak256};
use super::{FeedId, GuardianSets};
use crate::{FeedError, hex};
use cenote_units::Timestamp;

/// A node of the tree: the first 20 bytes of a Keccak-256.
type Hash = [u8; 20];

/// One price as Pyth's publishers agreed on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceMessage {
    /// Which price.
    pub feed: FeedId,
    /// The price, in `10^exponent`.
    pub price: i64,
    /// Half the width of the uncertainty, in `10^exponent`.
    pub confidence: u64,
    /// Power of ten of every amount here.
    pub exponent: i32,
    /// Seconds since 1970.
    pub publish_time: i64,
    /// Seconds since 1970 of the price before; none lies between.
    pub prev_publish_time: i64,
    /// Exponential moving average of the price.
    pub ema_price: i64,
    /// Exponential moving average of the confidence.
    pub ema_confidence: u64,
}

/// An update whose every message is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedUpdate {
    /// Pythnet's slot.
    pub slot: u64,
    /// The guardian set that signed.
    pub guardian_set: u32,
    /// Its prices, in their order.
    pub prices: Vec<PriceMessage>,
    /// Messages of other kinds, proved and not read.
    pub others: usize,
}

/// Checks an update from its bytes alone: format, emitter, Merkle proofs, then the guardians' signatures. `now` decides
/// which guardian sets have ended. Bytes after the last message are covered by no proof and are not read.
///
/// # Errors
/// The first check that fails, cheap ones first; one wrong message refuses the whole update.
pub fn verify(
    update: &[u8],
    guardians: &GuardianSets,
    emitter: &Emitter,
    now: Timestamp,
) -> Result<VerifiedUpdate, FeedError> {
    let mut input = Bytes { rest: update };
    let vaa = Vaa::parse(envelope(&mut input)?)?;
    vaa.require_emitter(emitter)?;
    let (slot, root) = signed_root(vaa.payload)?;
    let count = input.u8("the number of messages")?;
    let (mut prices, mut others) = (Vec::new(), 0);
    for index in 0..usize::from(count) {
        let length = input.u16("a message's length")?;
        let message = input.take(usize::from(length), "a message")?;
        let steps = input.u8("a message's proof")?;
        let mut hash = leaf(message);
        for _ in 0..steps {
            hash = parent(&hash, &input.array("a message's proof")?);
        }
        if hash != root {
            return Err(FeedError::MerkleProof { message: index });
        }
        match price_message(message)? {
            Some(price) => prices.push(price),
            None => others += 1,
        }
    }
    vaa.verify(guardians.in_force(vaa.guardian_set, now)?)?;
    Ok(VerifiedUpdate { slot, guardian_set: vaa.guardian_set, prices, others })
}

/// Reads up to the messages and returns the VAA.
fn envelope<'a>(input: &mut Bytes<'a>) -> Result<&'a [u8], FeedError> {
    let magic = input.take(4, "the update's magic")?;
    if magic != b"PNAU" {
        return Err(FeedError::Magic { found: hex::encode(magic) });
    }
    let major = input.u8("the update's version")?;
    if major != 1 {
        return Err(FeedError::Version { major });
    }
    // A minor version only adds: to this header, to the ends of messages, and kinds of messages.
    input.u8("the update's version")?;
    let extra = input.u8("the update's header")?;
    input.take(usize::from(extra), "the update's header")?;
    let kind = input.u8("the update's proof kind")?;
    if kind != 0 {
        return Err(FeedError::ProofKind { kind });
    }
    let length = input.u16("the length of the VAA")?;
    input.take(usize::from(length), "the VAA")
}

/// Slot and root that the guardians signed.
fn signed_root(payload: &[u8]) -> Result<(u64, Hash), FeedError> {
    let mut input = Bytes { rest: payload };
    let head = input.take(5, "the signed payload")?;
    if head != b"AUWV\0" {
        return Err(FeedError::Payload { found: hex::encode(head) });
    }
    let slot = input.u64("the signed slot")?;
    // The ring's size tells how long Pythnet keeps the root; nothing here depends on it.
    input.u32("the signed ring size")?;
    Ok((slot, input.array("the signed root")?))
}

// Leaves and nodes are hashed with different prefixes, so no node can be passed off as a message.
fn leaf(message: &[u8]) -> Hash {
    truncated(&[&[0], message])
}

fn parent(a: &Hash, b: &Hash) -> Hash {
    truncated(&[&[1], a.min(b), a.max(b)])
}

fn truncated(parts: &[&[u8]]) -> Hash {
    let [hash @ .., _, _, _, _, _, _, _, _, _, _, _, _] = keccak256(parts);
    hash
}

/// A message of kind 0 is a price, longer ones than needed included; `None` for other kinds.
fn price_message(message: &[u8]) -> Result<Option<PriceMessage>, FeedError> {
    let mut input = Bytes { rest: message };
    let part = "a price message";
    if input.u8(part)? != 0 {
        return Ok(None);
    }
    Ok(Some(PriceMessage {
        feed: FeedId(input.array(part)?),
        price: input.i64(part)?,
        confidence: input.u64(part)?,
        exponent: input.i32(part)?,
        publish_time: input.i64(part)?,
        prev_publish_time: input.i64(part)?,
        ema_price: input.i64(part)?,
        ema_confidence: input.u64(part)?,
    }))
}
