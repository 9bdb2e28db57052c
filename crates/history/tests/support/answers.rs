//! Every question, asked in full: what two histories must agree on.

use super::Owned;
use cenote_api::Address;
use cenote_api::event::What;
use cenote_history::{Export, History, Resolution, TradesOf};
use std::collections::BTreeSet;
use std::fmt::Debug;

/// What can be asked about.
#[derive(Debug, Clone, Default)]
pub struct Subjects {
    pub accounts: BTreeSet<Address>,
    pub series: BTreeSet<String>,
    pub markets: BTreeSet<String>,
    pub orders: BTreeSet<u64>,
    pub seqs: Vec<u64>,
}

impl Subjects {
    pub fn of(steps: &[Owned]) -> Self {
        let mut subjects = Self::default();
        for step in steps {
            subjects.seqs.push(step.seq);
            for event in &step.events {
                subjects.accounts.extend(event.what.accounts());
                match &event.what {
                    What::OrderPlaced { order, .. } => drop(subjects.orders.insert(*order)),
                    What::OrderFilled { market, legs, .. } => {
                        subjects.markets.insert(market.clone());
                        subjects.series.extend(legs.iter().flat_map(|leg| {
                            match leg.instrument.strip_suffix("-F") {
                                Some(stem) => vec![format!("{stem}-C"), format!("{stem}-P")],
                                None => vec![leg.instrument.clone()],
                            }
                        }));
                    }
                    What::Ticked { market, .. } => drop(subjects.markets.insert(market.clone())),
                    _ => {}
                }
            }
        }
        subjects
    }
}

/// Every answer as text, in one order.
pub fn all(history: &History, of: &Subjects) -> Vec<String> {
    fn say<T: Debug, E: Debug>(what: &str, answer: Result<T, E>) -> String {
        format!("{what}: {:?}", answer.expect("an answer"))
    }
    let mut said = vec![
        say("applied", history.applied()),
        say("daily", history.daily(0, u64::MAX)),
        say("nav", history.nav(0, 0, u64::MAX, 300)),
    ];
    let mut from = 0;
    loop {
        let page = history.events(from, 700, None).expect("events");
        said.push(format!("{page:?}"));
        from = page.next_seq;
        if !page.has_more {
            break;
        }
    }
    for seq in &of.seqs {
        said.push(say("step", history.step(*seq)));
    }
    for order in &of.orders {
        said.push(say("order", history.order(*order)));
    }
    for account in &of.accounts {
        said.push(say("events", history.events_of(*account, 0, 1_000)));
        said.push(say("orders", history.orders_of(*account, None, 1_000)));
        said.push(say("fills", history.fills_of(*account, None, 1_000)));
        said.push(say("positions", history.positions(*account)));
        said.push(say("closed", history.closed(*account, None, 1_000)));
        said.push(say("settlements", history.settlements_of(*account, None, 1_000)));
    }
    for market in &of.markets {
        said.push(say("trades", history.trades(TradesOf::Market(market), None, 1_000)));
        said.push(say("settlements", history.settlements(market, None, 1_000)));
        for (name, _) in Resolution::ALL {
            let resolution = Resolution::parse(name).expect("a resolution");
            said.push(say("candles", history.index_candles(market, resolution, 0, u64::MAX)));
        }
    }
    for series in &of.series {
        said.push(say("trades", history.trades(TradesOf::Series(series), None, 1_000)));
        let hour = Resolution::parse("60").expect("a resolution");
        said.push(say("candles", history.trade_candles(series, hour, 0, u64::MAX)));
    }
    for export in [Export::Fills, Export::Nav, Export::Events] {
        let rows: Vec<_> = history.export(export, 0, u64::MAX, None).expect("rows").collect();
        said.push(format!("{rows:?}"));
    }
    said
}
