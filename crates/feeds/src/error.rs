//! Why there is no update: a stable code, what was required and what was there, what to do next.

use cenote_units::Price;

macro_rules! errors {
    ($( $(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $t:ty),* $(,)? } = $code:literal, $text:literal $(, $arg:expr)* ; )*) => {
        /// Why a source gave no update, or cannot be set up.
        #[derive(Debug, Clone, PartialEq)]
        pub enum FeedError {
            $( $(#[$doc])* $name { $($(#[$fdoc])* $field: $t),* }, )*
        }

        impl FeedError {
            /// Every code, in the order of the list in the documentation.
            pub const CODES: &'static [&'static str] = &[ $($code),* ];

            /// The stable code.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $( Self::$name { .. } => $code, )* }
            }
        }

        impl std::fmt::Display for FeedError {
            #[allow(unused_variables)]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $( Self::$name { $($field),* } => write!(f, $text $(, $arg)*), )* }
            }
        }
    };
}

errors! {
    /// The base address of a source cannot be used.
    BaseAddress {
        /// What was given.
        base: String,
        /// What it must be.
        rule: &'static str,
    } = "base_address", "the base address is `{base}`; it must be {rule}";
    /// An option of a source is outside its range.
    Option {
        /// Which.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What was given.
        found: String,
    } = "option", "option {field} is `{found}`; it must be {rule}";
    /// A configuration of guardian sets cannot be used.
    GuardianSets {
        /// What it must be.
        rule: &'static str,
        /// What was there.
        found: String,
    } = "guardian_sets", "guardian sets: {rule} required, found {found}; correct the file, or leave it out for the built-in set";

    /// No connection, or it broke.
    Unreachable {
        /// What was asked.
        url: String,
        /// What the system said.
        reason: String,
    } = "unreachable", "{url} cannot be reached: {reason}; check the network and the base address";
    /// The whole answer was not there in time.
    TimedOut {
        /// What was asked.
        url: String,
        /// Milliseconds allowed.
        limit_ms: u128,
    } = "timed_out", "{url} did not answer in full within {limit_ms} ms; it is asked again later";
    /// The answer is longer than any true one.
    TooLarge {
        /// What was asked.
        url: String,
        /// Most bytes.
        limit: usize,
    } = "too_large", "{url} answered more than {limit} bytes; check that the base address is the right server";
    /// The server wants fewer requests.
    RateLimited {
        /// What was asked.
        url: String,
        /// Seconds that it wants to be left alone, if it says.
        retry_after_s: Option<u64>,
    } = "rate_limited", "{url} wants fewer requests (status 429{}); poll less often", after(*retry_after_s);
    /// The server answered with another status than 200.
    Status {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
        /// Seconds that it wants to be left alone, if it says.
        retry_after_s: Option<u64>,
        /// The beginning of what it says.
        says: String,
    } = "http_status", "{url} answered with status {status}{}, 200 is required; it says `{says}`", after(*retry_after_s);
    /// The answer is not of the expected shape.
    Answer {
        /// What was asked.
        url: String,
        /// Where and why.
        detail: String,
    } = "answer", "the answer of {url} cannot be read: {detail}; check that the base address is the right server";
    /// A field of the answer has a value that it cannot have.
    Field {
        /// Which.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What was there.
        found: String,
    } = "answer_field", "{field} is `{found}`; it must be {expected}; the whole answer is refused";
    /// The answer is of a test network and the real one was asked for, or the other way.
    Network {
        /// Whether test prices are wanted.
        wanted_testnet: bool,
    } = "network", "the answer is of the {} network, the {} network is required; check the base address", network(!wanted_testnet), network(*wanted_testnet);

    /// Too old.
    Stale {
        /// What.
        what: &'static str,
        /// Its age, milliseconds.
        age_ms: u64,
        /// Most, milliseconds.
        age_max_ms: u64,
    } = "stale", "the {what} is {age_ms} ms old, at most {age_max_ms} ms is accepted; wait for the source, or check this machine's clock";
    /// Published after now.
    FromTheFuture {
        /// What.
        what: &'static str,
        /// Milliseconds ahead of this machine's clock.
        ahead_ms: u64,
        /// Most, milliseconds.
        ahead_max_ms: u64,
    } = "from_the_future", "the {what} is {ahead_ms} ms ahead of this machine's clock, at most {ahead_max_ms} ms is accepted; set the clock";
    /// Older than what the same source said before.
    WentBack {
        /// What.
        what: &'static str,
        /// Milliseconds before the last one.
        by_ms: u64,
    } = "went_back", "the {what} is {by_ms} ms older than the last one, later is required; it is asked again";

    /// A price of zero or less.
    NotPositive {
        /// What.
        what: &'static str,
        /// As it was stated.
        found: String,
    } = "not_positive", "the {what} is {found}; more than zero, to 1e-12, is required; it is asked again";
    /// A number beyond every price.
    PriceOutOfRange {
        /// What.
        what: &'static str,
        /// As it was stated.
        found: String,
    } = "price_out_of_range", "the {what} is {found}; at most {} is accepted; it is asked again", Price::MAX;
    /// An uncertainty wider than the price says nothing.
    ConfidenceTooWide {
        /// The price.
        price: Price,
        /// The confidence.
        confidence: Price,
    } = "confidence_too_wide", "the confidence {confidence} is wider than the price {price}; at most the price is accepted; it is asked again";
    /// The update proves other prices than the one asked for.
    FeedMissing {
        /// Which was asked for.
        feed: String,
        /// Prices that are there.
        found: usize,
    } = "feed_missing", "the update proves {found} prices and none is of feed {feed}; check the feed's identifier";

    /// An update or message ends before it should.
    Truncated {
        /// The part that is cut.
        part: &'static str,
        /// Bytes that it needs.
        needed: usize,
        /// Bytes that are left.
        left: usize,
    } = "truncated", "{part} needs {needed} bytes and {left} are left; the update is refused";
    /// The update does not begin as one.
    Magic {
        /// Its first bytes, hex.
        found: String,
    } = "update_magic", "the update begins with {found}, `PNAU` is required; it is refused";
    /// The format of the update is not known.
    Version {
        /// Major version.
        major: u8,
    } = "update_version", "the update is of major version {major}, 1 is required; a later program may read it";
    /// The update is proved by something else than a Wormhole message.
    ProofKind {
        /// Which.
        kind: u8,
    } = "update_proof_kind", "the update's proof is of kind {kind}, 0 is required; a later program may read it";
    /// What the guardians signed is not a Merkle root.
    Payload {
        /// Its first bytes, hex.
        found: String,
    } = "update_payload", "the signed payload begins with {found}, `AUWV` and kind 0 are required; the update is refused";
    /// A message is not below the root that was signed.
    MerkleProof {
        /// Which message of the update, from 0.
        message: usize,
    } = "merkle_proof", "message {message} of the update is not under the signed root; the update is refused";
    /// The VAA is of an unknown format.
    VaaVersion {
        /// Which.
        version: u8,
    } = "vaa_version", "the VAA is of version {version}, 1 is required; it is refused";
    /// The VAA comes from somebody else.
    Emitter {
        /// Chain and address, hex.
        found: String,
        /// Chain and address, hex.
        required: String,
    } = "vaa_emitter", "the VAA was emitted by {found}, {required} is required; it is refused";
    /// The VAA is signed by a set that is not configured.
    GuardianSetUnknown {
        /// Its index.
        index: u32,
        /// Those that are, as a list.
        known: String,
    } = "guardian_set_unknown", "the VAA is signed by guardian set {index}, known: {known}; give the program the upgrade VAA that made that set";
    /// The VAA is signed by a set whose time is over.
    GuardianSetExpired {
        /// Its index.
        index: u32,
        /// Milliseconds since it ended.
        ago_ms: u64,
    } = "guardian_set_expired", "the VAA is signed by guardian set {index}, which ended {ago_ms} ms ago; a later set is required";
    /// Fewer signatures than two thirds and one.
    Quorum {
        /// Required.
        needed: usize,
        /// Found.
        found: usize,
    } = "vaa_quorum", "the VAA has {found} signatures, {needed} are required; it is refused";
    /// Signatures are not by ascending guardian, or a guardian signs twice.
    SignatureOrder {
        /// The guardian before.
        before: u8,
        /// The guardian after it.
        guardian: u8,
    } = "vaa_signature_order", "guardian {guardian} follows guardian {before}, ascending order is required; the VAA is refused";
    /// A signature of a guardian beyond the set.
    GuardianIndex {
        /// Which.
        guardian: u8,
        /// Guardians of the set.
        guardians: usize,
    } = "vaa_guardian_index", "a signature is of guardian {guardian} and the set has {guardians}, counted from 0; the VAA is refused";
    /// A signature that its guardian did not make.
    Signature {
        /// Whose it should be.
        guardian: u8,
    } = "vaa_signature", "the signature of guardian {guardian} is not theirs over this body; the VAA is refused";
    /// A VAA that is no upgrade to the next guardian set.
    GuardianUpgrade {
        /// What it must be.
        rule: &'static str,
        /// What was there.
        found: String,
    } = "guardian_upgrade", "the VAA is no upgrade to the next guardian set: {rule} required, found {found}; give the VAAs in their order";

    /// The chain has no quotes.
    NoQuotes {
        /// Options listed.
        listed: usize,
        /// Why they are no quotes.
        dropped: String,
    } = "no_quotes", "none of the {listed} options listed is a quote ({dropped}); two-sided quotes are required; check the currency";
    /// The chain gives no surface.
    NoSurface {
        /// Why.
        reason: String,
    } = "no_surface", "the quotes give no surface: {reason}; the surface before stays";
    /// The best surface is not good enough to publish.
    PoorFit {
        /// Quotes inside.
        inside: usize,
        /// Quotes.
        quotes: usize,
        /// Least share inside, per cent.
        needed_percent: u32,
    } = "poor_fit", "the best surface is between bid and ask of {inside} of {quotes} quotes, {needed_percent}% are required; the surface before stays";
}

impl FeedError {
    /// Seconds that the server asked to be left alone.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after_s, .. } | Self::Status { retry_after_s, .. } => *retry_after_s,
            _ => None,
        }
    }
}

impl std::error::Error for FeedError {}

fn after(retry_after_s: Option<u64>) -> String {
    retry_after_s.map_or(String::new(), |seconds| format!(", again after {seconds} s"))
}

const fn network(testnet: bool) -> &'static str {
    if testnet { "test" } else { "real" }
}
