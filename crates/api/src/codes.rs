//! What error codes mean: one table, for whoever answers with one, explains one or lists them.

/// A code with its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable code, snake case.
    pub code: &'static str,
    /// The HTTP status that it is answered with.
    pub status: u16,
    /// What it means and what to do next; the rule by its number in docs/spec/protocol.md where there is one.
    pub help: &'static str,
}

const fn row(code: &'static str, status: u16, help: &'static str) -> Code {
    Code { code, status, help }
}

/// What is known of a code; `None` when there is none of that name.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    all().find(|row| row.code == code)
}

/// Every code: the host's own, then those of the protocol's rules in the order of `cenote_engine::Rejection::CODES`.
pub fn all() -> impl Iterator<Item = &'static Code> {
    HOST.iter().chain(RULES)
}

/// Codes of the host.
pub const HOST: &[Code] = &[
    row(
        "bad_request",
        400,
        "The body or a parameter cannot be read; the message says where. Send it as /openapi.json describes it.",
    ),
    row(
        "unauthorised",
        401,
        "The signature, token or key is wrong. POST /v1/debug/signature says why of a signed payload; log in again with a token.",
    ),
    row(
        "wrong_venue",
        401,
        "The payload is signed for another venue. Sign it for the venue_id of GET /v1/status.",
    ),
    row(
        "expired",
        409,
        "expires_at is not after the venue's market time, or more than a day after it. Sign again, by the market_time_ms of GET /v1/status.",
    ),
    row(
        "nonce_used",
        409,
        "The signer has used this nonce for other bytes, or it is below the window. Use an unused one: the account's nonce_next is.",
    ),
    row(
        "not_found",
        404,
        "No such instrument, market, account, route or snapshot; the message names it. GET /v1/instruments and /openapi.json list what there is.",
    ),
    row(
        "insufficient_wallet",
        400,
        "The account's wallet at the host holds less than the deposit. Deposit less; in dev mode `cenote fund` brings money.",
    ),
    row(
        "rate_limited",
        429,
        "Too many requests from one address, each payload of a batch being one. Wait retry_after_ms; GET /v1/status has the limits.",
    ),
    row(
        "busy",
        503,
        "The queue of commands is full, or something that the node keeps cannot be read just now. Nothing was done: try again.",
    ),
    row(
        "stopping",
        503,
        "The node is shutting down; nothing was done. Send the same bytes again when it is back.",
    ),
    row(
        "interrupted",
        503,
        "The node ended before it could say what became of this: it may have been done. Send the same bytes again when it is back; they are done once.",
    ),
    row("too_large", 413, "The body is larger than the body_bytes of GET /v1/status. Send less at once."),
    row(
        "dev_only",
        403,
        "This is for dev mode and for this machine alone. Use signed commands, or a node of your own: `cenote up`.",
    ),
    row("not_supported", 400, "This venue does not do that; the message says what it does instead."),
    row(
        "fault",
        500,
        "The engine broke a promise of its own, and the node stops. Keep the journal and report it.",
    ),
];

/// Codes of the protocol's rules.
pub const RULES: &[Code] = &[
    row(
        "wrong_funds",
        400,
        "Money came with a command that takes none, or none with a deposit. Attach money to deposits, and only to them.",
    ),
    row(
        "forbidden",
        403,
        "The signer lacks the power that the message names. Sign with that key, or ask its holder (rules G1, G4).",
    ),
    row(
        "session_refused",
        403,
        "The session key is unknown, has ended, or was not granted this. Grant a new one from the account itself, `cenote keys session` (rule G4).",
    ),
    row(
        "invalid",
        400,
        "A field breaks a rule of its own, whatever the state; the message names both. Correct the field.",
    ),
    row("out_of_bounds", 400, "A number is larger than any pool can hold. Use a smaller one."),
    row(
        "parameter_out_of_bounds",
        400,
        "A parameter is outside its bounds. `cenote market params` (GET /v1/markets/{market}) shows them (rule G2).",
    ),
    row(
        "session_cap",
        400,
        "The session key has reached its daily cap: what its orders could take counts until they end. Use the account's own key or wait for the next UTC day (rule G4).",
    ),
    row(
        "pool_not_found",
        404,
        "There is no pool of that number. `cenote status` (GET /v1/status) lists markets and their pools.",
    ),
    row(
        "market_not_found",
        404,
        "There is no market of that name. `cenote status` (GET /v1/status) lists them.",
    ),
    row(
        "board_not_found",
        404,
        "That expiry is not listed, or has settled and is gone. `cenote chain` (GET /v1/instruments) shows those that are listed (rules R1, E6).",
    ),
    row(
        "strike_not_found",
        404,
        "That strike is not listed on that expiry. `cenote chain EXPIRY` (GET /v1/instruments) shows those that are (rule R3).",
    ),
    row(
        "order_not_found",
        404,
        "No live order has that number: it has filled or ended. `cenote orders --all` (GET /v1/orders/{number}) shows what became of it.",
    ),
    row(
        "proposal_not_found",
        404,
        "There is no such proposal: it was enacted or rejected. `cenote market proposals` (GET /v1/markets/{market}) shows those that wait.",
    ),
    row(
        "account_not_found",
        404,
        "The account has never held anything. Deposit first: `cenote deposit`, in dev mode `cenote fund`.",
    ),
    row(
        "position_too_small",
        400,
        "The account holds less than the command hands over. Name at most what `cenote account` (GET /v1/accounts/{address}) shows.",
    ),
    row(
        "offer_not_found",
        404,
        "No offer of that number is made to this account; it was taken or taken back.",
    ),
    row(
        "nothing_to_claim",
        400,
        "Nothing of that epoch can be claimed: its batch has not run yet, or everything is claimed. `cenote lp status` shows where requests are (rules Q4, Q6).",
    ),
    row(
        "paused",
        503,
        "The guardian has paused what adds risk. Reducing, withdrawing, claiming and settling stay open (rule G3).",
    ),
    row(
        "timelocked",
        400,
        "The proposal's timelock has not passed. Enact it from the moment in the message on (rule G1).",
    ),
    row("not_newer", 400, "The price or surface is not newer than the one in force. Publish a later one."),
    row(
        "from_the_future",
        400,
        "The price or surface is dated after the market's time. Check the publisher's clock.",
    ),
    row(
        "surface_arbitrage",
        400,
        "The surface would allow a riskless profit; the message names the condition. Refit it with that condition (rule V2).",
    ),
    row(
        "carry_out_of_bounds",
        400,
        "The published forward moves further than one publish may. Publish it within that limit.",
    ),
    row("no_price", 503, "The market has no price and surface in force yet. Wait for its first tick."),
    row(
        "guarded",
        503,
        "The market is on guard: a price jumped and waits to be confirmed, or the surface is clipped or old. Only orders that lower risk fill until that ends; `cenote status` (GET /v1/status) says why (rule P4).",
    ),
    row(
        "board_closed",
        400,
        "The expiry is too near, or over: in its settlement window only orders that reduce fill, just before expiry none, after it only settlement (rules O6, E5). Trade a later expiry.",
    ),
    row(
        "not_settleable",
        400,
        "The settlement price cannot be known yet: it takes the first tick from expiry on, or the settlement delay (rule E3). Wait until the moment in the message.",
    ),
    row(
        "reduce_only",
        400,
        "A leg would open or enlarge a position, and the order may only reduce. Lower its size, or place it without reduce_only (--reduce-only).",
    ),
    row(
        "orders_live",
        400,
        "The account has live orders, which must stay payable. Cancel them first: `cenote cancel --all`.",
    ),
    row(
        "orders_elsewhere",
        400,
        "An account's live orders are all in one market. Wait for them, cancel them, or use another account (rule O1).",
    ),
    row("queue_full", 503, "The market's queue of orders is full. Try again after the next tick (rule O4)."),
    row(
        "account_full",
        400,
        "The account has no room for more of what the message names. Close or claim some first.",
    ),
    row(
        "insufficient_shares",
        400,
        "The account has fewer unlocked pool shares than this takes. New shares are locked for a while: `cenote lp status`, or locked_until of the account's stake, says until when (rule Q8).",
    ),
    row(
        "pool_winding_down",
        503,
        "The pool's equity is below what new risk needs. Only orders that lower its risk fill until liquidity comes in (rule O8).",
    ),
    row(
        "pool_capacity",
        400,
        "The order would take the pool beyond one of its limits, which the message names with both numbers: loss in its scenarios, utilisation, vega, or delta of one tick. Trade less; `cenote quote --largest` (POST /v1/quote with largest) finds how much fits (rule O8).",
    ),
    row(
        "limit_exceeded",
        400,
        "The cost is above the order's limit. Raise the limit, or give the order time, until (--until), to wait for a better price (rule O5).",
    ),
    row(
        "insufficient_cash",
        400,
        "The account, or the pool, has less free cash than this takes; the message has both numbers. Trade less, or deposit. What positions could lose at settlement is locked and not free (rule O5).",
    ),
];

#[cfg(test)]
mod tests;
