//! Whose signatures count, and how one guardian set appoints the next.

use super::bytes::Bytes;
use super::vaa::{Emitter, Vaa};
use crate::client::excerpt;
use crate::{FeedError, hex};
use cenote_units::{Millis, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// For how long a set still counts after the next one is appointed, as on the chains that check these messages.
const GRACE: Millis = Millis::days(1);
/// Guardians of one set, by the width of their number in a signature.
const GUARDIANS_MAX: usize = 255;
/// Most bytes of a file of guardian sets.
const FILE_MAX: u64 = 1024 * 1024;

/// Module and action of an upgrade that is meant for every chain.
const UPGRADE: [u8; 35] = {
    let mut head = [0; 35];
    head[28] = b'C';
    head[29] = b'o';
    head[30] = b'r';
    head[31] = b'e';
    head[32] = 2;
    head
};

/// The set in force when this was written, number 7.
const BUILT_IN: (u32, [&str; 19]) = (
    7,
    [
        "5893b5a76c3f739645648885bdccc06cd70a3cd3",
        "ff6cb952589bde862c25ef4392132fb9d4a42157",
        "114de8460193bdf3a2fcf81f86a09765f4762fd1",
        "107a0086b32d7a0977926a205131d8731d39cbeb",
        "8c82b2fd82faed2711d59af0f2499d16e726f6b2",
        "42579bffbcf4276e290ab8e4c162bd4052b97970",
        "938f104aeb5581293216ce97d771e0cb721221b1",
        "f3ea0ad4ffb5a178ae4ebc21861651b25bdcbb91",
        "9d16870160e703324d057c3361c34c5befba2c34",
        "000ac0076727b35fbea2dac28fee5ccb0fea768e",
        "af45ced136b9d9e24903464ae889f5c8a723fc14",
        "f93124b7c738843cbb89e864c862c38cddcccf95",
        "d2cc37a4dc036a8d232b48f62cdd4731412f4890",
        "da798f6896a3331f64b48c12d1d57fd9cbe70811",
        "ae565927bb8db25cd8bf3e7bb663d70023e4ea78",
        "3f851ad586a47cef8d04748f33ab0d71395f06b4",
        "178e21ad2e77ae06711549cfbb1f9c7a9d8096e8",
        "7899ceab1dc961dae9defdb7a4f521269a5448fc",
        "61d9800f9fcb4160fb0c6cf3a0902592bac2b434",
    ],
);

/// One set of guardians.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardianSet {
    /// Its number.
    pub index: u32,
    /// The addresses of its keys, in their order.
    pub guardians: Vec<[u8; 20]>,
    /// When it stops to count; `None` for the latest.
    pub expires_at: Option<Timestamp>,
}

impl GuardianSet {
    /// Signatures that are enough: more than two thirds.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.guardians.len() * 2 / 3 + 1
    }
}

/// The sets that count, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardianSets {
    /// By ascending index: only the last can appoint.
    sets: Vec<GuardianSet>,
}

/// The file's form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sets: Vec<FileSet>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSet {
    index: u32,
    guardians: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<u64>,
}

impl GuardianSets {
    /// Wormhole's set 7 on the real network.
    #[must_use]
    pub fn built_in() -> Self {
        let guardians = BUILT_IN.1.iter().filter_map(|text| hex::decode_array(text)).collect();
        Self { sets: vec![GuardianSet { index: BUILT_IN.0, guardians, expires_at: None }] }
    }

    /// Sets in any order.
    ///
    /// # Errors
    /// `guardian_sets`: there is none, two have one index, one is empty, has more than 255 guardians, names a guardian
    /// twice or the address zero.
    pub fn new(mut sets: Vec<GuardianSet>) -> Result<Self, FeedError> {
        sets.sort_by_key(|set| set.index);
        if sets.is_empty() {
            return Err(FeedError::GuardianSets { rule: "at least one set", found: "none".to_owned() });
        }
        if let Some(pair) = sets.windows(2).find(|pair| pair[0].index == pair[1].index) {
            let found = format!("two with index {}", pair[0].index);
            return Err(FeedError::GuardianSets { rule: "one set an index", found });
        }
        sets.iter().try_for_each(|set| {
            fault(&set.guardians).map_or(Ok(()), |(rule, found)| {
                Err(FeedError::GuardianSets { rule, found: format!("{found} in set {}", set.index) })
            })
        })?;
        Ok(Self { sets })
    }

    /// Reads `{"sets": [{"index": 7, "guardians": ["0x…", …], "expires_at_ms": 1700000000000}]}`; the time is left out
    /// for sets that have not ended.
    ///
    /// # Errors
    /// `guardian_sets`; see also [`GuardianSets::new`].
    pub fn from_json(text: &str) -> Result<Self, FeedError> {
        let wrong = |rule, found: String| FeedError::GuardianSets { rule, found };
        let file: File = serde_json::from_str(text)
            .map_err(|error| wrong("JSON with `sets` of `index` and `guardians`", error.to_string()))?;
        let set = |FileSet { index, guardians, expires_at_ms }| {
            let address = |text: &String| {
                let found = || excerpt(text.as_bytes());
                hex::decode_array(text).ok_or_else(|| wrong("addresses of 40 hexadecimal digits", found()))
            };
            let guardians = guardians.iter().map(address).collect::<Result<_, _>>()?;
            let expires_at = expires_at_ms.map(Timestamp::from_millis).transpose();
            let expires_at = expires_at
                .map_err(|_| wrong("milliseconds since 1970", format!("{expires_at_ms:?} in set {index}")))?;
            Ok(GuardianSet { index, guardians, expires_at })
        };
        Self::new(file.sets.into_iter().map(set).collect::<Result<_, FeedError>>()?)
    }

    /// Reads a file; see [`GuardianSets::from_json`].
    ///
    /// # Errors
    /// `guardian_sets`.
    pub fn read(path: &Path) -> Result<Self, FeedError> {
        let wrong = |found: String| FeedError::GuardianSets { rule: "a file that can be read", found };
        let unread = |error: std::io::Error| wrong(format!("{}: {error}", path.display()));
        let length = std::fs::metadata(path).map_err(unread)?.len();
        if length > FILE_MAX {
            return Err(wrong(format!("{}: {length} bytes", path.display())));
        }
        Self::from_json(&std::fs::read_to_string(path).map_err(unread)?)
    }

    /// The text that [`GuardianSets::from_json`] reads.
    #[must_use]
    pub fn to_json(&self) -> String {
        let set = |set: &GuardianSet| FileSet {
            index: set.index,
            guardians: set.guardians.iter().map(|address| format!("0x{}", hex::encode(address))).collect(),
            expires_at_ms: set.expires_at.map(Timestamp::millis),
        };
        // Numbers and texts always serialise.
        serde_json::to_string_pretty(&File { sets: self.sets.iter().map(set).collect() }).unwrap_or_default()
    }

    /// The sets by ascending index; the last one appoints the next.
    #[must_use]
    pub fn sets(&self) -> &[GuardianSet] {
        &self.sets
    }

    /// The set of an index, if it counts at a time.
    pub(super) fn in_force(&self, index: u32, now: Timestamp) -> Result<&GuardianSet, FeedError> {
        let known = || self.sets.iter().map(|set| set.index.to_string()).collect::<Vec<_>>().join(", ");
        let set = self.sets.iter().find(|set| set.index == index);
        let set = set.ok_or_else(|| FeedError::GuardianSetUnknown { index, known: known() })?;
        match set.expires_at {
            Some(end) if end <= now => {
                Err(FeedError::GuardianSetExpired { index, ago_ms: now.since(end).get() })
            }
            _ => Ok(set),
        }
    }

    /// Takes the next set from a governance VAA that the latest set has signed, and returns its index. The sets before
    /// count for a day more.
    ///
    /// # Errors
    /// Those of the VAA, and `guardian_upgrade`; nothing changes then.
    pub fn advance(&mut self, upgrade: &[u8], now: Timestamp) -> Result<u32, FeedError> {
        let vaa = Vaa::parse(upgrade)?;
        vaa.require_emitter(&Emitter::GOVERNANCE)?;
        let next = upgrade_payload(vaa.payload)?;
        let latest = self.sets.last().map_or(0, |set| set.index);
        if vaa.guardian_set != latest {
            let found = format!("one of set {}, set {latest} is the latest", vaa.guardian_set);
            return Err(FeedError::GuardianUpgrade { rule: "signatures of the latest set", found });
        }
        if Some(next.index) != latest.checked_add(1) {
            let found = format!("set {} after set {latest}", next.index);
            return Err(FeedError::GuardianUpgrade { rule: "the next index", found });
        }
        vaa.verify(self.in_force(latest, now)?)?;
        let end = now.after(GRACE);
        for set in &mut self.sets {
            set.expires_at = Some(set.expires_at.map_or(end, |at| at.min(end)));
        }
        let index = next.index;
        self.sets.push(next);
        Ok(index)
    }
}

/// The set that an upgrade appoints.
fn upgrade_payload(payload: &[u8]) -> Result<GuardianSet, FeedError> {
    let wrong = |rule, found: String| FeedError::GuardianUpgrade { rule, found };
    let part = "the payload of the upgrade";
    let mut input = Bytes { rest: payload };
    let head: [u8; UPGRADE.len()] = input.array(part)?;
    if head != UPGRADE {
        return Err(wrong("module `Core`, action 2, every chain", hex::encode(&head)));
    }
    let index = input.u32(part)?;
    let count = input.u8(part)?;
    let guardians = (0..count).map(|_| input.array(part)).collect::<Result<Vec<_>, _>>()?;
    if !input.rest.is_empty() {
        return Err(wrong("nothing after the guardians", format!("{} bytes", input.rest.len())));
    }
    if let Some((rule, found)) = fault(&guardians) {
        return Err(wrong(rule, found));
    }
    Ok(GuardianSet { index, guardians, expires_at: None })
}

/// What a set of guardians must be and is not.
fn fault(guardians: &[[u8; 20]]) -> Option<(&'static str, String)> {
    let count = guardians.len();
    if count == 0 || count > GUARDIANS_MAX {
        return Some(("1 to 255 guardians", count.to_string()));
    }
    if guardians.contains(&[0; 20]) {
        return Some(("addresses other than zero", "zero".to_owned()));
    }
    if guardians.iter().collect::<BTreeSet<_>>().len() < count {
        return Some(("each guardian once", "one twice".to_owned()));
    }
    None
}
