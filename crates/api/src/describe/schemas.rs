//! Every type of the API, by name.

use super::routes::FILE;
use crate::error::ErrorBody;
use crate::view;
use crate::{ApiEvent, Signed};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

type Schemas = Vec<(String, RefOr<Schema>)>;

fn add<T: ToSchema>(all: &mut Schemas) {
    all.push((T::name().into_owned(), <T as PartialSchema>::schema()));
    T::schemas(all);
}

/// Every type of the API by name.
pub(super) fn schemas() -> Map<String, Value> {
    let mut all = Schemas::new();
    add::<view::Status>(&mut all);
    add::<view::InstrumentRow>(&mut all);
    add::<view::Chain>(&mut all);
    add::<view::Depth>(&mut all);
    add::<view::QuoteRequest>(&mut all);
    add::<view::QuoteAnswer>(&mut all);
    add::<view::WhatIfRequest>(&mut all);
    add::<view::WhatIfAnswer>(&mut all);
    add::<Signed>(&mut all);
    add::<crate::Payload>(&mut all);
    add::<view::CommandsAnswer>(&mut all);
    add::<view::SimulateRequest>(&mut all);
    add::<view::SimulateAnswer>(&mut all);
    add::<view::SignatureReport>(&mut all);
    add::<view::RegisterKey>(&mut all);
    add::<view::Account>(&mut all);
    add::<view::OrderPage>(&mut all);
    add::<view::FillPage>(&mut all);
    add::<view::ClosedPage>(&mut all);
    add::<view::EventPage>(&mut all);
    add::<view::Pool>(&mut all);
    add::<view::PoolRisk>(&mut all);
    add::<view::NavPath>(&mut all);
    add::<view::Surface>(&mut all);
    add::<view::MarketParameters>(&mut all);
    add::<view::Candles>(&mut all);
    add::<view::TradePage>(&mut all);
    add::<view::Explanation>(&mut all);
    add::<view::DailyStats>(&mut all);
    add::<view::DevAccount>(&mut all);
    add::<view::FundRequest>(&mut all);
    add::<ErrorBody>(&mut all);
    add::<ApiEvent>(&mut all);
    let mut map: Map<String, Value> = all
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
        .collect();
    for (name, schema) in small() {
        map.insert(name.to_owned(), schema);
    }
    map
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Types too small to have a name in Rust.
fn small() -> Vec<(&'static str, Value)> {
    let number = || json!({ "type": "number" });
    let text = || json!({ "type": "string" });
    let whole = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let object = |fields: &[(&str, Value)], required: &[&str]| {
        let properties: Map<String, Value> =
            fields.iter().map(|(name, kind)| ((*name).to_owned(), kind.clone())).collect();
        json!({ "type": "object", "properties": properties, "required": required })
    };
    let list = |of: &str| json!({ "type": "array", "items": reference(of) });
    let code =
        object(&[("code", text()), ("status", whole()), ("help", text())], &["code", "status", "help"]);
    let snapshot = object(&[("name", text()), ("seq", whole())], &["name", "seq"]);
    vec![
        (
            "Instruments",
            object(
                &[("instruments", list("InstrumentRow")), ("as_of_seq", whole())],
                &["instruments", "as_of_seq"],
            ),
        ),
        (FILE, json!({ "type": "string", "format": "binary" })),
        ("SignedList", list("Signed")),
        (
            "CommandsAnswerList",
            json!({ "type": "array", "items": { "oneOf": [reference("CommandsAnswer"), reference("ErrorBody")] } }),
        ),
        ("DescribeRequest", object(&[("payload", text())], &["payload"])),
        ("DescribeAnswer", object(&[("text", text()), ("hash", text())], &["text", "hash"])),
        (
            "DailyStatsList",
            object(&[("days", list("DailyStats")), ("as_of_seq", whole())], &["days", "as_of_seq"]),
        ),
        ("ErrorCodes", object(&[("codes", json!({ "type": "array", "items": code }))], &["codes"])),
        ("DevAccounts", object(&[("accounts", list("DevAccount"))], &["accounts"])),
        (
            "SnapshotList",
            object(&[("snapshots", json!({ "type": "array", "items": snapshot }))], &["snapshots"]),
        ),
        (
            "ClockRequest",
            json!({ "oneOf": [
                object(&[("pause", json!({ "type": "boolean" }))], &["pause"]),
                object(&[("resume", json!({ "type": "boolean" }))], &["resume"]),
                object(&[("speed", number())], &["speed"]),
                object(&[("jump_ms", whole())], &["jump_ms"]),
                object(&[("until", json!({ "oneOf": [whole(), { "type": "string", "enum": ["next-expiry"] }] }))], &["until"]),
            ] }),
        ),
        ("PriceRequest", object(&[("move", number()), ("over_ms", whole())], &["move"])),
        ("VolRequest", object(&[("points", number())], &["points"])),
        ("OracleRequest", object(&[("off_ms", whole())], &["off_ms"])),
        ("NameRequest", object(&[("name", text())], &["name"])),
    ]
}
