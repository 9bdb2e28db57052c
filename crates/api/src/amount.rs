//! Exact amounts as decimal text: what is shown is what is meant, to the last unit.

use cenote_units::{Cash, Price, Shares, Size};
use std::borrow::Cow;

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAmount {
    text: String,
    places: usize,
}

impl std::fmt::Display for NotAnAmount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { text, places } = self;
        write!(f, "`{text}` is not an amount: write digits with at most {places} after the point, like 12.5")
    }
}

impl std::error::Error for NotAnAmount {}

/// Units of `10^-places` in a decimal text; refused rather than rounded.
fn units(text: &str, places: usize) -> Result<i128, NotAnAmount> {
    let refuse = || NotAnAmount { text: text.chars().take(40).collect(), places };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || (fraction.is_empty() && digits.contains('.')) || !plain(whole) || !plain(fraction)
    {
        return Err(refuse());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places || whole.len() > 30 {
        return Err(refuse());
    }
    let joined = format!("{whole}{fraction}{}", "0".repeat(places - fraction.len()));
    let magnitude: i128 = joined.parse().map_err(|_| refuse())?;
    Ok(if negative { -magnitude } else { magnitude })
}

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident($inner:ty), $raw:ty, $places:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub struct $name(pub $inner);

        impl std::str::FromStr for $name {
            type Err = NotAnAmount;
            fn from_str(text: &str) -> Result<Self, NotAnAmount> {
                let refuse = || NotAnAmount { text: text.chars().take(40).collect(), places: $places };
                let raw = <$raw>::try_from(units(text, $places)?).map_err(|_| refuse())?;
                <$inner>::new(raw).map(Self).map_err(|_| refuse())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, Type};
                let text = concat!("Decimal text with at most ", $places, " places.");
                ObjectBuilder::new().schema_type(Type::String).description(Some(text)).examples([$example]).build().into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

amount! {
    /// Money in the quote token, six places.
    Money(Cash), i128, 6, "9624.80"
}
amount! {
    /// A price in quote per underlying, twelve places.
    Quote(Price), u128, 12, "100000"
}
amount! {
    /// A signed number of contracts, six places.
    Contracts(Size), i64, 6, "2.5"
}
amount! {
    /// Pool shares, six places.
    ShareCount(Shares), u128, 6, "1500.25"
}

#[cfg(test)]
mod tests;
