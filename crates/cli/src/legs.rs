//! Legs as people type them: `+2 BTC_USDC-27MAR26-100000-C`, `buy 2 27MAR26 100000 C`.

use crate::show::number::typed;
use cenote_api::Contracts;
use cenote_api::command::OrderLeg;

/// For `--help`.
pub const HELP: &str = "\
Legs, one after the other:
  +2 BTC_USDC-27MAR26-100000-C       buy two from the pool; -1 sells one to it
  buy 2 27MAR26 100000 C             the same in words, in the market of --market
  sell 1 27MAR26 100000 P            C call, P put, F the forward of the strike
  Quoted together they are told apart by spaces: \"buy 2 27MAR26 100000 C\".";

/// A leg whose market may still be open.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Typed {
    size: Contracts,
    name: Name,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// With its market.
    Full(String),
    /// Without: what comes after it.
    Short(String),
}

/// Legs as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legs(Vec<Typed>);

impl Legs {
    /// Reads words.
    ///
    /// # Errors
    /// Which word is not understood, and what was expected.
    pub fn parse<S: AsRef<str>>(words: &[S]) -> Result<Self, String> {
        let mut words = words.iter().flat_map(|word| word.as_ref().split_whitespace()).peekable();
        let mut legs = Vec::new();
        while words.peek().is_some() {
            legs.push(leg(&mut words)?);
        }
        match legs.len() {
            0 => Err("a leg was expected, like `buy 1 27MAR26 100000 C`".to_owned()),
            n if n > cenote_engine::limits::LEGS => {
                Err(format!("{n} legs; an order has at most {}", cenote_engine::limits::LEGS))
            }
            _ => Ok(Self(legs)),
        }
    }

    /// Some leg does not say in which market it is.
    pub fn need_market(&self) -> bool {
        self.0.iter().any(|leg| matches!(leg.name, Name::Short(_)))
    }

    /// The market that a leg names, if one does.
    pub fn market(&self) -> Option<&str> {
        self.0.iter().find_map(|leg| match &leg.name {
            Name::Full(name) => name.rsplitn(4, '-').nth(3),
            Name::Short(_) => None,
        })
    }

    /// The legs, those without a market in `market`.
    pub fn in_market(&self, market: &str) -> Vec<OrderLeg> {
        let one = |leg: &Typed| OrderLeg {
            instrument: match &leg.name {
                Name::Full(name) => name.clone(),
                Name::Short(rest) => format!("{market}-{rest}"),
            },
            size: leg.size,
        };
        self.0.iter().map(one).collect()
    }
}

fn leg<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<Typed, String> {
    let mut next =
        |what: &str| words.next().ok_or_else(|| format!("{what} was expected at the end of the legs"));
    let first = next("a leg")?;
    let (size, name) = match first.to_ascii_lowercase().as_str() {
        "buy" | "sell" => {
            let amount = next("a size")?;
            let size = size(amount)?;
            if size.0.get() <= 0 {
                return Err(format!("`{first} {amount}`: after {first} comes a size above zero"));
            }
            let sold = first.eq_ignore_ascii_case("sell");
            (if sold { Contracts(size.0.negated()) } else { size }, next("an instrument")?)
        }
        _ => (size(first)?, next("an instrument")?),
    };
    if name.matches('-').count() >= 3 {
        return Ok(Typed { size, name: Name::Full(name.to_owned()) });
    }
    let (strike, kind) = (next("a strike")?, next("C, P or F")?);
    let kind = match kind.to_ascii_lowercase().as_str() {
        "c" | "call" => 'C',
        "p" | "put" => 'P',
        "f" | "forward" => 'F',
        _ => return Err(format!("`{kind}`: after the strike comes C, P or F")),
    };
    let strike = typed(strike);
    if strike.parse::<cenote_api::Quote>().is_err() {
        return Err(format!("`{strike}`: a strike was expected after {name}, like 100000"));
    }
    let (expiry, strike) = (name.to_ascii_uppercase(), strike.replace('.', "d"));
    Ok(Typed { size, name: Name::Short(format!("{expiry}-{strike}-{kind}")) })
}

fn size(text: &str) -> Result<Contracts, String> {
    let plain = typed(text);
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    plain.parse().map_err(|_| {
        format!(
            "`{text}`: a leg begins with a size (+2, -1) or with buy or sell, like `buy 2 27MAR26 100000 C`"
        )
    })
}

#[cfg(test)]
mod tests;
