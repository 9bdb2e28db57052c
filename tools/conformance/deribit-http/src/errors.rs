//! Refusals: the client has the server's text, in which the code is.

use crate::trading::request;
use crate::{Run, client};
use deribit_http::HttpError;
use deribit_http::model::order::OrderType;

/// Walks through it.
pub async fn walk(run: &mut Run, name: &str) -> Result<(), String> {
    let far = format!("{}-123456-C", name.rsplitn(3, '-').last().unwrap_or_default());
    let poor = client_of(run, "keeper").await?;
    let Run { client, checks, node } = run;
    checks.refused("a name that is none", 13_020, client.get_ticker("NO-SUCH-THING").await);
    checks.refused("an option that is not listed", 13_020, client.get_ticker(&far).await);
    checks.refused("an order for it", 13_020, client.buy_order(request(&far, OrderType::Market, None)).await);
    checks.refused("an index that there is not", 13_020, client.get_index_price("no_such").await);
    checks.refused("an order that there is not", 10_004, client.get_order_state("987654321").await);
    checks.refused("to cancel it", 10_004, client.cancel_order("987654321").await);
    let mut nothing = request(name, OrderType::Market, None);
    nothing.amount = Some(0.0);
    checks.refused("an amount of nothing", 10_021, client.buy_order(nothing).await);
    let unpriced = request(name, OrderType::Limit, None);
    checks.refused("a limit without a price", -32_602, client.buy_order(unpriced).await);
    let mut posted = request(name, OrderType::Limit, Some(1.0));
    posted.post_only = Some(true);
    checks.refused("post only", 10_033, client.buy_order(posted).await);
    let mut stop = request(name, OrderType::StopMarket, None);
    stop.trigger_price = Some(1.0);
    checks.refused("a stop order", 10_033, client.buy_order(stop).await);
    let mut edit = request(name, OrderType::Limit, Some(2.0));
    edit.order_id = Some("1".to_owned());
    checks.refused("edit", 10_033, client.edit_order(edit).await);
    let mut more = request(name, OrderType::Market, None);
    more.amount = Some(4.0);
    checks.refused("an order above the account's cash", 10_009, poor.buy_order(more).await);

    let stranger = crate::client(node, "alice", "no")?;
    let login = stranger.get_positions(None, None, None).await;
    let refused = matches!(login, Err(HttpError::AuthenticationFailed(_)));
    checks.check("a wrong secret", refused, &login);
    Ok(())
}

/// A client of another of the venue's own accounts.
async fn client_of(run: &Run, name: &str) -> Result<deribit_http::DeribitHttpClient, String> {
    let all = run.native("/v1/dev/accounts").await?;
    let account = all["accounts"].as_array().into_iter().flatten().find(|a| a["name"] == name);
    let account = account.ok_or_else(|| format!("there is no account {name}"))?;
    let text = |field: &str| account[field].as_str().unwrap_or_default().to_owned();
    client(&run.node, &text("api_id"), &text("api_secret"))
}
