//! A calibration as a table for people and as JSON for programs.

use crate::fit::{Calibration, ExpiryFit};
use crate::time;
use serde::Serialize;
use std::fmt::Write;

#[derive(Serialize)]
struct Report<'a> {
    currency: &'a str,
    snapshot: String,
    index: f64,
    seconds: f64,
    converged: bool,
    quotes: usize,
    rmse_vol_points: f64,
    inside_bid_ask: Option<f64>,
    dropped: DroppedRows,
    expiries: Vec<ExpiryReport>,
}

#[derive(Serialize)]
struct DroppedRows {
    one_sided: usize,
    crossed: usize,
    no_delta: usize,
    expired: usize,
    expiries_too_near: usize,
}

#[derive(Serialize)]
struct ExpiryReport {
    expiry: String,
    days: f64,
    node: bool,
    forward: f64,
    carry: f64,
    carry_published: f64,
    theta: f64,
    rho: f64,
    psi: f64,
    atm_vol: f64,
    quotes: usize,
    rmse_vol_points: f64,
    inside_bid_ask: Option<f64>,
}

/// `None`, in JSON `null`, where there is nothing to have a share of.
fn share(inside: usize, quotes: usize) -> Option<f64> {
    if quotes == 0 { None } else { Some(inside as f64 / quotes as f64) }
}

/// The calibration as indented JSON; shares and vols per 1.00, `seconds` those of reading and fitting.
pub fn json(calibration: &Calibration, seconds: f64) -> String {
    let expiry = |e: &ExpiryFit| ExpiryReport {
        expiry: time::format(e.expiry_ms),
        days: e.years * 365.0,
        node: e.node,
        forward: e.forward,
        carry: e.carry,
        carry_published: e.carry_published,
        theta: e.slice.theta,
        rho: e.slice.rho,
        psi: e.slice.psi,
        atm_vol: e.atm_vol,
        quotes: e.quotes,
        rmse_vol_points: e.rmse_vol_points,
        inside_bid_ask: share(e.inside, e.quotes),
    };
    let totals = calibration.totals;
    let report = Report {
        currency: &calibration.currency,
        snapshot: time::format(calibration.surface.published_at_ms),
        index: calibration.surface.index,
        seconds,
        converged: calibration.converged,
        quotes: totals.quotes,
        rmse_vol_points: totals.rmse_vol_points,
        inside_bid_ask: share(totals.inside, totals.quotes),
        dropped: DroppedRows {
            one_sided: calibration.dropped.one_sided,
            crossed: calibration.dropped.crossed,
            no_delta: calibration.dropped.no_delta,
            expired: calibration.dropped.expired,
            expiries_too_near: calibration.too_near,
        },
        expiries: calibration.expiries.iter().map(expiry).collect(),
    };
    // Plain numbers and text: nothing in it can fail to be written.
    serde_json::to_string_pretty(&report).unwrap_or_default()
}

const HEADER: [&str; 12] = [
    "expiry",
    "days",
    "forward",
    "carry bp",
    "published",
    "theta",
    "rho",
    "psi",
    "ATM vol",
    "quotes",
    "rmse pts",
    "inside",
];

fn cells(e: &ExpiryFit) -> [String; 12] {
    let expiry = time::format(e.expiry_ms).chars().take(16).collect::<String>();
    [
        format!("{expiry}{}", if e.node { " " } else { "*" }),
        format!("{:.2}", e.years * 365.0),
        format!("{:.2}", e.forward),
        format!("{:.1}", e.carry * 1e4),
        format!("{:.1}", e.carry_published * 1e4),
        format!("{:.6}", e.slice.theta),
        format!("{:.4}", e.slice.rho),
        format!("{:.5}", e.slice.psi),
        format!("{:.2}%", e.atm_vol * 100.0),
        e.quotes.to_string(),
        format!("{:.2}", e.rmse_vol_points),
        percent(share(e.inside, e.quotes)),
    ]
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_string(), |share| format!("{:.1}%", share * 100.0))
}

/// The calibration as an aligned table with a summary above it.
pub fn text(calibration: &Calibration, seconds: f64) -> String {
    let rows: Vec<[String; 12]> = calibration.expiries.iter().map(cells).collect();
    let width = |i: usize| rows.iter().map(|row| row[i].len()).chain([HEADER[i].len()]).max().unwrap_or(0);
    let totals = calibration.totals;
    let mut out = format!(
        "{} at {}, index {:.2}: {} quotes at {} expiries, {} inside bid and ask, {:.2} vol points rms, {:.3} s\n",
        calibration.currency,
        time::format(calibration.surface.published_at_ms),
        calibration.surface.index,
        totals.quotes,
        calibration.expiries.len(),
        percent(share(totals.inside, totals.quotes)),
        totals.rmse_vol_points,
        seconds,
    );
    let _ = writeln!(out, "left out: {}; {} expiries too near", calibration.dropped, calibration.too_near);
    if !calibration.converged {
        out.push_str("the search stopped early: the surface is sound but may fit better than this\n");
    }
    out.push('\n');
    for row in std::iter::once(&HEADER.map(str::to_string)).chain(&rows) {
        let mut line = format!("{:<1$}", row[0], width(0));
        for (i, cell) in row.iter().enumerate().skip(1) {
            let _ = write!(line, "  {cell:>0$}", width(i));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if calibration.expiries.iter().any(|e| !e.node) {
        out.push_str("* no node of its own: priced between its neighbours\n");
    }
    out
}

#[cfg(test)]
mod tests;
