//! A report for people: at most 100 columns, every figure with its unit near.

use super::report::{Orders, Report};
use crate::format::{cash, change, grouped, length, moment, percent, table};
use cenote_units::Cash;
use std::fmt::Write as _;

/// The report as aligned tables.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = header(report);
    section(&mut out, "net asset value, quote", &nav(report));
    section(&mut out, "profit and loss by source, quote", &pnl(report));
    let _ = writeln!(out, "  other is {:.1e} of the sources' sizes together", report.unexplained);
    section(&mut out, "orders", &orders(&report.orders));
    section(&mut out, "the worst after any command", &peaks(report));
    out.push_str(&footer(report));
    out
}

fn section(out: &mut String, title: &str, rows: &[Vec<String>]) {
    let _ = write!(out, "\n{title}\n{}", table(rows));
}

fn row<const N: usize>(cells: [String; N]) -> Vec<String> {
    cells.to_vec()
}

fn header(report: &Report) -> String {
    let tape = &report.tape;
    let mut out = format!(
        "{}\n{} ticks, {} apart, {} to {} UTC, seed {}\n",
        tape.source,
        grouped(tape.ticks as u128),
        length(tape.spacing),
        moment(tape.from),
        moment(tape.to),
        report.seed,
    );
    if tape.gaps > 0 {
        let (gaps, silence) = (tape.gaps, length(tape.silence));
        let _ = writeln!(out, "the tape has {gaps} gaps, {silence} together");
    }
    let feed = &report.feed;
    let _ = writeln!(
        out,
        "{} prices taken, {} jumps held ({} dropped), {} surfaces ({} clipped), {} boards settled",
        grouped(feed.ticks.into()),
        feed.jumps_held,
        feed.jumps_dropped,
        grouped(feed.surfaces.into()),
        feed.surfaces_clipped,
        feed.settlements,
    );
    out
}

fn nav(report: &Report) -> Vec<Vec<String>> {
    let nav = &report.nav;
    let premium = &report.premium;
    vec![
        row(["start".into(), cash(nav.start)]),
        row(["providers in less out".into(), change(nav.flows)]),
        row(["profit and loss".into(), change(report.pnl.total)]),
        row(["end".into(), cash(nav.end)]),
        row(["least after any tick".into(), cash(nav.min)]),
        row(["a share, return".into(), percent(nav.per_share)]),
        row(["a share, worst fall".into(), percent(nav.drawdown)]),
        row(["premium received".into(), cash(premium.received)]),
        row(["premium paid".into(), cash(premium.paid)]),
        row(["fees, all takers".into(), cash(premium.fees)]),
    ]
}

fn pnl(report: &Report) -> Vec<Vec<String>> {
    let base = report.nav.start.get() as f64;
    let share = |part: Cash| percent(part.get() as f64 / base);
    let mut rows = vec![row(["source".into(), "amount".into(), "of start".into()])];
    rows.extend(
        report.pnl.sources().iter().map(|(name, part)| row([(*name).into(), change(*part), share(*part)])),
    );
    rows.push(row(["total".into(), change(report.pnl.total), share(report.pnl.total)]));
    rows
}

fn orders(orders: &Orders) -> Vec<Vec<String>> {
    let count = |n: u64| grouped(n.into());
    let mut rows = vec![
        row(["placed".into(), count(orders.placed)]),
        row(["filled".into(), count(orders.filled)]),
        row(["left to wait, times".into(), count(orders.rested)]),
        row(["cancelled".into(), count(orders.cancelled)]),
        row(["expired".into(), count(orders.expired)]),
        row(["live at the end".into(), count(orders.live)]),
    ];
    rows.extend(orders.refused_by_code.iter().map(|(code, n)| row([format!("refused: {code}"), count(*n)])));
    rows
}

fn peaks(report: &Report) -> Vec<Vec<String>> {
    let peaks = &report.peaks;
    vec![
        row(["obligations over risk capital".into(), percent(peaks.utilisation)]),
        row(["escrow of all boards, quote".into(), cash(peaks.escrow)]),
        row(["net delta over risk capital".into(), percent(peaks.delta)]),
        row(["net vega a vol point over risk capital".into(), percent(peaks.vega)]),
        row(["live orders".into(), peaks.queued.to_string()]),
        row(["boards not settled".into(), peaks.boards.to_string()]),
    ]
}

fn footer(report: &Report) -> String {
    let invariants = &report.invariants;
    let mut out = String::from("\n");
    for (code, n) in &report.refused_commands {
        let _ = writeln!(out, "{n} commands other than orders were refused: {code}");
    }
    let _ = writeln!(
        out,
        "{} commands in {:.2} s, {} a second",
        grouped(report.commands.into()),
        report.seconds,
        grouped(report.commands_per_second as u128),
    );
    let _ = writeln!(
        out,
        "{} states checked for {} invariants each: {}",
        grouped(invariants.checked.into()),
        invariants.of_each,
        if invariants.violated == 0 {
            "all hold".to_owned()
        } else {
            format!("{} broken", invariants.violated)
        },
    );
    for breach in &invariants.breaches {
        let _ = writeln!(out, "  after command {}: {} {}", breach.sequence, breach.name, breach.what);
    }
    let _ = writeln!(out, "digest {}", report.digest);
    out
}
