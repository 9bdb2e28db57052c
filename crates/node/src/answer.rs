//! Questions answered from a replica, in the types of the API.

pub mod account;
pub mod chain;
pub mod depth;
pub mod explain;
pub mod market;
pub mod past;
pub mod pool;
pub mod quote;
pub mod risk;
pub mod simulate;
pub mod status;
pub mod whatif;

use crate::core::Shared;
use cenote_api::{ApiError, Names};
use cenote_engine::ids::{MarketId, Right};
use cenote_engine::{Error, Rejection};
use cenote_units::{Cash, Price, Size};

/// A refusal of a view, for clients; views never fault on a sound state.
fn refuse(error: Error) -> ApiError {
    match error {
        Error::Rejected(rejection) => (&rejection).into(),
        Error::Fault(fault) => {
            ApiError::new("fault", format!("the engine broke a promise: {fault:?}; report this"))
        }
    }
}

/// The market of a name, or the only one there is.
pub(crate) fn market_of(names: &Names, name: Option<&str>) -> Result<MarketId, ApiError> {
    let known = || names.markets().map(|(_, name)| name.to_owned()).collect::<Vec<_>>().join(", ");
    match name {
        Some(name) => names.find_market(name).ok_or_else(|| {
            ApiError::not_found(format!("there is no market `{name}`; there are: {}", known()))
        }),
        None => match names.markets().next() {
            Some((id, _)) => Ok(id),
            None => Err(ApiError::not_found("this venue has no market yet")),
        },
    }
}

fn option_type(right: Right) -> String {
    match right {
        Right::Call => "call".to_owned(),
        Right::Put => "put".to_owned(),
    }
}

/// A figure for people; nothing is paid by it.
fn float(cash: Cash) -> f64 {
    cenote_engine::quote::cash(cash)
}

fn price_float(price: Price) -> f64 {
    cenote_engine::quote::price(price)
}

/// A figure that is none when it is not finite: JSON has no other way to say unknown.
fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// Quote a contract, of a cost for a size: away from zero when paid, toward it when received, so never better than the truth.
fn per_contract(total: Cash, size: Size) -> Option<Price> {
    let contracts = u128::from(size.magnitude());
    let paid = total.get() >= 0;
    let units = total.get().unsigned_abs();
    // 1e-6 quote over 1e-6 contracts, in 1e-12 quote.
    let scale = 1_000_000_000_000;
    let price = if paid {
        cenote_units::mul_div_up(units, scale, contracts)
    } else {
        cenote_units::mul_div_down(units, scale, contracts)
    };
    price.and_then(|units| Price::new(units).ok())
}

/// Vol in percent of a price at a forward; `None` where no vol gives it.
fn vol_percent(right: Right, price: f64, forward: f64, strike: Price, years: f64) -> Option<f64> {
    use cenote_pricing::implied;
    let strike = price_float(strike);
    let total = match right {
        Right::Call => implied::call_vol(price, forward, strike),
        Right::Put => implied::put_vol(price, forward, strike),
    };
    total.ok().and_then(|vol| finite(100.0 * vol / cenote_pricing::math::sqrt(years)))
}

/// An account that has never held anything is one that holds nothing.
fn or_nothing<T: Default>(answer: Result<T, Error>) -> Result<T, ApiError> {
    match answer {
        Err(Error::Rejected(Rejection::AccountNotFound { .. })) => Ok(T::default()),
        other => other.map_err(refuse),
    }
}

/// What every answer of state says it knows.
pub trait AsOf {
    /// The last command that this knows of.
    fn as_of(&self) -> u64;
}

macro_rules! as_of {
    ($($t:ty),* $(,)?) => { $( impl AsOf for $t { fn as_of(&self) -> u64 { self.as_of_seq } } )* };
}

as_of!(
    cenote_api::view::Chain,
    cenote_api::view::Depth,
    cenote_api::view::QuoteAnswer,
    cenote_api::view::WhatIfAnswer,
    cenote_api::view::Account,
    cenote_api::view::Pool,
    cenote_api::view::PoolRisk,
    cenote_api::view::NavPath,
    cenote_api::view::Surface,
    cenote_api::view::SimulateAnswer,
    cenote_api::view::EventPage,
    cenote_api::view::TradePage,
    cenote_api::view::FillPage,
    cenote_api::view::ClosedPage,
    cenote_api::view::OrderPage,
    cenote_api::view::Candles,
);

/// Names and replica of a shared node, for answers that need both.
pub(crate) fn with<T>(
    shared: &Shared,
    question: impl FnOnce(&mut crate::core::replicas::Replica, &Names) -> T,
) -> T {
    let names = shared.names();
    shared.replicas.read(|replica| question(replica, &names))
}
