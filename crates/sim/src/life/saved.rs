//! What a restart needs to go on bit for bit.

use super::{Life, LifeConfig, LifeError, crowd, keeper, prices, tides};
use crate::publisher::Belief;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_units::Timestamp;

/// Grows when the layout changes.
const VERSION: u8 = 1;

#[derive(BorshSerialize, BorshDeserialize)]
struct Saved {
    version: u8,
    seed: u64,
    prices: prices::Moving,
    belief: Belief,
    crowd: crowd::Moving,
    tides: tides::Moving,
    keeper: keeper::Keeper,
    asked_at: Timestamp,
    published_at: Timestamp,
    silent_until: Timestamp,
}

impl Life {
    /// How it goes on from here, in some hundred bytes. To be taken between ticks: after the last phase of one.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let saved = Saved {
            version: VERSION,
            seed: self.config.seed,
            prices: self.prices.moving.clone(),
            belief: self.publisher.belief().clone(),
            crowd: self.crowd.save(),
            tides: self.tides.moving.clone(),
            keeper: self.keeper.clone(),
            asked_at: self.asked_at,
            published_at: self.published_at,
            silent_until: self.silent_until,
        };
        // Only a float that is no number would not serialise, and none is made.
        borsh::to_vec(&saved).unwrap_or_default()
    }

    /// A market of the same configuration that goes on from what was saved.
    ///
    /// # Errors
    /// [`LifeError::Saved`] for bytes that this version did not save or that belong to another seed, [`LifeError::Config`] as of
    /// [`Life::new`].
    pub fn load(config: LifeConfig, saved: &[u8]) -> Result<Self, LifeError> {
        let mut life = Self::new(config)?;
        let refused = |what: String| LifeError::Saved(what);
        if saved.first() != Some(&VERSION) {
            let found = saved.first().map_or("nothing".into(), u8::to_string);
            return Err(refused(format!("the saved market is of version {found}; {VERSION} was expected")));
        }
        let saved: Saved =
            borsh::from_slice(saved).map_err(|e| refused(format!("the saved market is damaged: {e}")))?;
        if saved.seed != life.config.seed {
            let (found, expected) = (saved.seed, life.config.seed);
            return Err(refused(format!("the saved market is of seed {found}; {expected} was expected")));
        }
        life.prices.moving = saved.prices;
        life.publisher.restore(saved.belief);
        life.crowd.load(saved.crowd);
        life.tides.moving = saved.tides;
        life.keeper = saved.keeper;
        life.asked_at = saved.asked_at;
        life.published_at = saved.published_at;
        life.silent_until = saved.silent_until;
        Ok(life)
    }
}
