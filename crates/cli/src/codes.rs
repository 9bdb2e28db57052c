//! What error codes mean, without a node: those of the host, and those of the protocol's rules.

use cenote_api::error::HOST_CODES;
use cenote_engine::Rejection;

/// Every code.
pub fn all() -> Vec<&'static str> {
    HOST_CODES.iter().map(|row| row.code).chain(Rejection::CODES.iter().copied()).collect()
}

/// What a code means and what to do; the rule by its number in docs/spec/protocol.md where there is one.
pub fn help(code: &str) -> Option<&'static str> {
    let host = HOST_CODES.iter().find(|row| row.code == code).map(|row| row.help);
    host.or_else(|| of_anybody(code)).or_else(|| of_traders(code)).or_else(|| of_powers(code))
}

/// Codes that any command may meet.
fn of_anybody(code: &str) -> Option<&'static str> {
    Some(match code {
        "wrong_funds" => {
            "Money came with a command that takes none, or none with a deposit. Attach money to deposits, and only to them."
        }
        "forbidden" => {
            "The signer lacks the power that the message names. Sign with that key, or ask its holder (rules G1, G4)."
        }
        "session_refused" => {
            "The session key is unknown, has ended, or was not granted this. Grant a new one from the account itself: `cenote keys session` (rule G4)."
        }
        "invalid" => {
            "A field breaks a rule of its own, whatever the state; the message names both. Correct the field."
        }
        "out_of_bounds" => "A number is larger than any pool can hold. Use a smaller one.",
        "session_cap" => {
            "The session key has reached its daily cap: what its orders could take counts until they end. Use the account's own key or wait for the next UTC day (rule G4)."
        }
        "pool_not_found" => "There is no pool of that number. `cenote status` lists markets and their pools.",
        "market_not_found" => "There is no market of that name. `cenote status` lists them.",
        "board_not_found" => {
            "That expiry is not listed, or has settled and is gone. `cenote chain` shows those that are listed (rules R1, E6)."
        }
        "strike_not_found" => {
            "That strike is not listed on that expiry. `cenote chain EXPIRY` shows those that are (rule R3)."
        }
        "order_not_found" => {
            "No live order has that number: it has filled or ended. `cenote orders --all` shows what became of it."
        }
        "account_not_found" => {
            "The account has never held anything. Deposit first: `cenote deposit`, in dev mode `cenote fund`."
        }
        "offer_not_found" => "No offer of that number is made to this account; it was taken or taken back.",
        "account_full" => {
            "The account has no room for more of what the message names. Close or claim some first."
        }
        "insufficient_cash" => {
            "The account, or the pool, has less free cash than this takes; the message has both numbers. Trade less, or deposit. What positions could lose at settlement is locked and not free (rule O5)."
        }
        _ => return None,
    })
}

/// Codes that traders and providers of liquidity meet.
fn of_traders(code: &str) -> Option<&'static str> {
    Some(match code {
        "position_too_small" => {
            "The account holds less than the command hands over. Name at most what `cenote account` shows."
        }
        "no_price" => "The market has no price and surface in force yet. Wait for its first tick.",
        "guarded" => {
            "The market is on guard: a price jumped and waits to be confirmed, or the surface is clipped or old. Only orders that lower risk fill until that ends; `cenote status` says why (rule P4)."
        }
        "board_closed" => {
            "The expiry is too near, or over: in its settlement window only orders that reduce fill, just before expiry none, after it only settlement (rules O6, E5). Trade a later expiry."
        }
        "reduce_only" => {
            "A leg would open or enlarge a position, and the order may only reduce. Lower its size or drop --reduce-only."
        }
        "orders_live" => {
            "The account has live orders, which must stay payable. Cancel them first: `cenote cancel --all`."
        }
        "orders_elsewhere" => {
            "An account's live orders are all in one market. Wait for them, cancel them, or use another account (rule O1)."
        }
        "queue_full" => "The market's queue of orders is full. Try again after the next tick (rule O4).",
        "insufficient_shares" => {
            "The account has fewer unlocked pool shares than this takes. New shares are locked for a while: `cenote lp status` says until when (rule Q8)."
        }
        "pool_winding_down" => {
            "The pool's equity is below what new risk needs. Only orders that lower its risk fill until liquidity comes in (rule O8)."
        }
        "pool_capacity" => {
            "The order would take the pool beyond one of its limits, which the message names with both numbers: loss in its scenarios, utilisation, vega, or delta of one tick. Trade less; `cenote quote --largest` finds how much fits (rule O8)."
        }
        "limit_exceeded" => {
            "The cost is above the order's limit. Raise the limit, or let the order wait for a better price with --until (rule O5)."
        }
        "nothing_to_claim" => {
            "Nothing of that epoch can be claimed: its batch has not run yet, or everything is claimed. `cenote lp status` shows where requests are (rules Q4, Q6)."
        }
        "paused" => {
            "The guardian has paused what adds risk. Reducing, withdrawing, claiming and settling stay open (rule G3)."
        }
        _ => return None,
    })
}

/// Codes that publishers, keepers, admin and guardian meet.
fn of_powers(code: &str) -> Option<&'static str> {
    Some(match code {
        "parameter_out_of_bounds" => {
            "A parameter is outside its bounds. `cenote market params` shows them (rule G2)."
        }
        "proposal_not_found" => {
            "There is no such proposal: it was enacted or rejected. `cenote market proposals` shows those that wait."
        }
        "timelocked" => {
            "The proposal's timelock has not passed. Enact it from the moment in the message on (rule G1)."
        }
        "not_newer" => "The price or surface is not newer than the one in force. Publish a later one.",
        "from_the_future" => {
            "The price or surface is dated after the market's time. Check the publisher's clock."
        }
        "surface_arbitrage" => {
            "The surface would allow a riskless profit; the message names the condition. Refit it with that condition (rule V2)."
        }
        "carry_out_of_bounds" => {
            "The published forward moves further than one publish may. Publish it within that limit."
        }
        "not_settleable" => {
            "The settlement price cannot be known yet: it takes the first tick from expiry on, or the settlement delay (rule E3). Wait until the moment in the message."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{all, help};

    #[test]
    fn every_code_has_help_that_ends_in_a_sentence() {
        let mut seen = std::collections::BTreeSet::new();
        for code in all() {
            let text = help(code).unwrap_or_else(|| panic!("{code} has no help"));
            assert!(text.len() > 30 && text.trim_end().ends_with('.'), "{code}: {text}");
            seen.insert(code);
        }
        assert!(help("no_such_code").is_none() && seen.len() > 40);
    }
}
