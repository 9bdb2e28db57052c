//! `cenote whatif`.

use super::quote;
use crate::exit::{CODES, Failure};
use crate::legs;
use crate::session::{As, Common, Session};
use crate::show::number::{figure, float, money, price, strike, typed};
use crate::show::time::{day, moment, parse_moment};
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::view::{PayoffLine, WhatIfAnswer, WhatIfGrid, WhatIfRequest};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote whatif --as alice                               her positions: index by vol
  cenote whatif buy 1 27MAR26 100000 C --as alice        with that added
  cenote whatif buy 1 27MAR26 100000 C sell 1 27MAR26 120000 C
  cenote whatif --pool                                   the pool's own book
  cenote whatif --as alice --spot -30,0,30 --vol 0,20 --at 7d";

/// What positions would be worth at other prices, vols and times.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = format!("{}\n\n{CODES}", legs::HELP))]
pub struct Arguments {
    /// Legs to add, at their marks.
    #[arg(value_name = "LEG", allow_negative_numbers = true)]
    legs: Vec<String>,
    /// Start from the pool's book, not from an account's positions.
    #[arg(long)]
    pool: bool,
    /// Leave this instrument out; may be repeated.
    #[arg(long, value_name = "INSTRUMENT")]
    remove: Vec<String>,
    /// Changes of the index, percent. Up to 9.
    #[arg(
        long,
        value_name = "LIST",
        allow_hyphen_values = true,
        default_value = "-30,-20,-10,-5,0,5,10,20,30"
    )]
    spot: String,
    /// Changes of every vol, points. Up to 21.
    #[arg(long, value_name = "LIST", allow_hyphen_values = true, default_value = "20,10,0,-10,-20")]
    vol: String,
    /// When: a moment, or a length of market time from now on; may be repeated. [default: now]
    #[arg(long, value_name = "WHEN")]
    at: Vec<String>,
    /// The market. [default: that of the legs, else the venue's first]
    #[arg(long)]
    market: Option<String>,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

/// Columns of a table in a terminal, and rows.
const SPOTS_MAX: usize = 9;
const VOLS_MAX: usize = 21;

fn list(name: &str, text: &str, most: usize) -> Result<Vec<f64>, Failure> {
    let refuse =
        || Failure::Usage(format!("--{name}: 1 to {most} numbers like -10,0,10 were expected, not `{text}`"));
    let one = |part: &str| typed(part).trim_end_matches('%').parse::<f64>().ok().filter(|n| n.is_finite());
    let all: Option<Vec<f64>> = text.split(',').map(one).collect();
    all.filter(|all| all.len() <= most).ok_or_else(refuse)
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (spots, vols) = (list("spot", &arguments.spot, SPOTS_MAX)?, list("vol", &arguments.vol, VOLS_MAX)?);
    arguments.common.run(|session| {
        let request = request(session, arguments, &spots, &vols)?;
        let answer = session.client.whatif(&request)?;
        session.show(&answer, |paint| text(&answer, &spots, &vols, paint))
    })
}

fn request(
    session: &Session,
    arguments: &Arguments,
    spots: &[f64],
    vols: &[f64],
) -> Result<WhatIfRequest, Failure> {
    let named = arguments.market.as_deref();
    let add = match arguments.legs.is_empty() {
        true => Vec::new(),
        false => quote::legs(session, &arguments.legs, named)?,
    };
    let of_legs = add.first().and_then(|leg| leg.instrument.rsplitn(4, '-').nth(3));
    let market = session.market(named.or(of_legs))?.market;
    let account = match arguments.signer.who {
        _ if arguments.pool => None,
        Some(_) => Some(session.actor(&arguments.signer)?.account),
        None if !add.is_empty() => None,
        None => {
            let said = "of what? Name an account with --as, the pool with --pool, or legs like buy 1 27MAR26 100000 C";
            return Err(Failure::Usage(said.to_owned()));
        }
    };
    let now = session.status()?.market_time_ms;
    let dates = arguments.at.iter().map(|text| parse_moment(text, now).map_err(Failure::Usage));
    Ok(WhatIfRequest {
        account,
        pool: arguments.pool,
        market,
        add,
        remove: arguments.remove.clone(),
        spot_shocks: spots.iter().map(|percent| percent / 100.0).collect(),
        vol_shocks: vols.to_vec(),
        dates: dates.collect::<Result<_, _>>()?,
    })
}

fn text(answer: &WhatIfAnswer, spots: &[f64], vols: &[f64], paint: Paint) -> String {
    let greeks = &answer.greeks;
    let mut out = format!(
        "worth {} now at index {}; delta {}, gamma {}, vega {} a vol point, theta {} a day\n",
        paint.strong(&float(answer.value, 2)),
        price(answer.index_price),
        figure(greeks.delta),
        figure(greeks.gamma),
        figure(greeks.vega),
        figure(greeks.theta)
    );
    for grid in &answer.grids {
        out.push_str(&format!(
            "\n{}\n",
            paint.strong(&format!("profit at {}, index across, vol points down", moment(grid.at)))
        ));
        out.push_str(&table(grid, spots, vols).text(paint));
    }
    if !answer.payoffs.is_empty() {
        out.push_str(&format!(
            "\n{}\n",
            paint.strong("payoff at settlement, straight between these and flat beyond")
        ));
    }
    for line in &answer.payoffs {
        out.push_str(&payoff(line).text(paint));
    }
    out
}

fn table(grid: &WhatIfGrid, spots: &[f64], vols: &[f64]) -> Table {
    // Figures that are all small need their cents; large ones need the room.
    let largest = grid.pnl.iter().flatten().fold(0.0f64, |most, pnl| most.max(pnl.abs()));
    let places = if largest < 1_000.0 { 2 } else { 0 };
    let mut table = Table::new();
    let signed = |shock: f64, unit: &str| {
        let sign = if shock > 0.0 { "+" } else { "" };
        format!("{sign}{}{unit}", float(shock, if shock.fract() == 0.0 { 0 } else { 1 }))
    };
    let head: Vec<String> =
        std::iter::once("vol".to_owned()).chain(spots.iter().map(|s| signed(*s, "%"))).collect();
    table.head(&head.iter().map(String::as_str).collect::<Vec<_>>());
    for (vol, row) in vols.iter().zip(&grid.pnl) {
        let cell = |pnl: &f64| {
            let tone = if *pnl < 0.0 { Tone::Down } else { Tone::Up };
            Cell::new(tone, float(*pnl, places))
        };
        table.row(std::iter::once(Cell::from(signed(*vol, ""))).chain(row.iter().map(cell)));
    }
    table
}

fn payoff(line: &PayoffLine) -> Table {
    let mut table = Table::new();
    let band = &line.settlement_band;
    let head =
        format!("{} (settles within {} to {})", day(&line.expiry), strike(band.floor), strike(band.cap));
    table.head(&[&head, "payoff"]);
    for point in &line.points {
        table.row([price(point.price), money(point.payoff)]);
    }
    table
}
