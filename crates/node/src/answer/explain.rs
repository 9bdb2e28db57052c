//! Why a command did what it did.

use crate::core::Shared;
use cenote_api::view::{Explanation, PostingRow};
use cenote_api::{Address, ApiError, envelope};
use cenote_engine::Command;

/// A command in words, with its events and every movement of cash.
///
/// # Errors
/// No such command, or one that history does not keep.
pub fn explain(shared: &Shared, seq: u64) -> Result<Explanation, ApiError> {
    let missing =
        || ApiError::not_found(format!("command {seq} has not happened, or history does not have it yet"));
    let history = shared.history.as_ref().ok_or_else(missing)?;
    let kept = history.step(seq)?.ok_or_else(missing)?;
    let names = shared.names();
    let row = |posting: &cenote_engine::Posting| PostingRow {
        from: bucket(&posting.from),
        to: bucket(&posting.to),
        amount: posting.amount.into(),
        reason: serde_json::to_value(posting.reason)
            .ok()
            .and_then(|v| v.as_str().map(|s| s.replace('_', " ")))
            .unwrap_or_default(),
    };
    Ok(Explanation {
        seq,
        time: kept.time,
        sender: kept.sender,
        principal: kept.principal,
        command: kept.command.as_ref().map_or_else(|| "a step of the host".to_owned(), |c| words(c, &names)),
        body: kept.command.as_ref().and_then(|c| serde_json::to_value(c).ok()).unwrap_or_default(),
        events: kept.events,
        postings: kept.postings.iter().map(row).collect(),
        digest: envelope::hex(&kept.digest),
    })
}

fn bucket(bucket: &cenote_engine::Bucket) -> String {
    match bucket {
        cenote_engine::Bucket::Account(id) => format!("account {}", Address(*id)),
        other => other.to_string().replace(['_', ':'], " "),
    }
}

fn words(command: &Command, names: &cenote_api::Names) -> String {
    match command {
        Command::PlaceOrder(request) => {
            let leg = |leg: &cenote_engine::command::Leg| {
                let verb = if leg.size.get() < 0 { "sell" } else { "buy" };
                let size = if leg.size.get() < 0 { leg.size.negated() } else { leg.size };
                format!("{verb} {size} {}", names.leg(leg.board, leg.strike, leg.kind))
            };
            let legs: Vec<String> = request.legs.iter().map(leg).collect();
            format!("order to {}, limit {}", legs.join(", "), request.limit)
        }
        Command::PushPrice { market, reports } => match reports.first() {
            Some(report) => format!("price of {}: {}", names.market(*market), report.price),
            None => format!("no price of {}", names.market(*market)),
        },
        other => {
            let value = serde_json::to_value(other).unwrap_or_default();
            let name =
                value.as_str().map(str::to_owned).or_else(|| value.as_object()?.keys().next().cloned());
            name.unwrap_or_default().replace('_', " ")
        }
    }
}
