//! Signed commands, and help with signing.

use super::body::Body;
use super::guard::{Asker, REMAINING};
use super::{App, Refused};
use crate::core::{Ask, Shared, SignedAsk, Wanted};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use cenote_api::envelope::{Verified, hex, payload_hash, unhex};
use cenote_api::view::{CommandsAnswer, RegisterKey, SignatureReport};
use cenote_api::{Address, ApiCommand, ApiError, Payload, Signed};
use cenote_units::{Cash, Timestamp};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey};
use serde::Deserialize;
use serde_json::json;

/// Payloads of one request.
const PAYLOADS_MAX: usize = 100;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/commands", post(commands))
        .route("/v1/commands/batch", post(batch))
        .route("/v1/commands/describe", post(describe))
        .route("/v1/debug/signature", post(debug))
        .route("/v1/api-keys", post(register))
}

/// Puts a signed payload before the sequencer and waits until it is durable.
///
/// # Errors
/// Whatever refuses the payload as a whole.
pub async fn submit(shared: &Shared, signed: &Signed) -> Result<CommandsAnswer, ApiError> {
    let verified = signed.verify()?;
    submit_verified(shared, verified).await
}

/// [`submit`] for a payload whose signature holds.
///
/// # Errors
/// As of [`submit`].
pub async fn submit_verified(shared: &Shared, verified: Verified) -> Result<CommandsAnswer, ApiError> {
    let Verified { payload, signer, hash } = verified;
    if payload.venue != shared.venue_id {
        let said = format!(
            "this is venue {}, the payload is signed for {}; sign it for this one",
            shared.venue_id, payload.venue
        );
        return Err(ApiError::new("wrong_venue", said).with("venue_id", &shared.venue_id));
    }
    let expires_at = Timestamp::from_millis(payload.expires_at)
        .map_err(|_| ApiError::invalid("expires_at", "milliseconds before the year 10,000"))?;
    let names = shared.names();
    let wanted = |command: &ApiCommand| -> Wanted {
        let funds = match command {
            ApiCommand::Deposit { amount } if amount.0 <= Cash::ZERO => {
                return Err(ApiError::invalid("amount", "more than zero"));
            }
            ApiCommand::Deposit { amount } => amount.0,
            _ => Cash::ZERO,
        };
        Ok((command.to_engine(&names, payload.account)?, funds, command.label().map(str::to_owned)))
    };
    let commands = payload.commands.iter().map(wanted).collect();
    let (account, nonce) = (payload.account.0, payload.nonce);
    let ask = move |reply| SignedAsk { signer: signer.0, account, nonce, expires_at, hash, commands, reply };
    shared.ask(|reply| Ask::Signed(Box::new(ask(reply)))).await
}

/// An answer with its status: that of the first refusal when nothing was done.
pub(super) fn answered(answer: CommandsAnswer) -> Response {
    let status = answer.error.as_ref().map_or(200, ApiError::status);
    (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), Json(answer)).into_response()
}

async fn commands(State(app): State<App>, Body(signed): Body<Signed>) -> Result<Response, Refused> {
    Ok(answered(submit(&app.shared, &signed).await?))
}

async fn batch(
    State(app): State<App>,
    asker: Asker,
    Body(all): Body<Vec<Signed>>,
) -> Result<Response, Refused> {
    if all.is_empty() || all.len() > PAYLOADS_MAX {
        return Err(ApiError::invalid("payloads", "1 to 100 of them").into());
    }
    // Each payload is a request; the first was paid for at the door.
    let left = app.spend(asker, all.len() as f64 - 1.0)?;
    // Put in one after the other, so that they are carried out in this order, and waited for together.
    let mut waiting = Vec::with_capacity(all.len());
    for signed in all {
        let shared = std::sync::Arc::clone(&app.shared);
        let mut answer = Box::pin(async move { submit(&shared, &signed).await });
        let first = std::future::poll_fn(|cx| std::task::Poll::Ready(answer.as_mut().poll(cx))).await;
        waiting.push((answer, first));
    }
    let mut answers = Vec::with_capacity(waiting.len());
    for (answer, first) in waiting {
        let done = match first {
            std::task::Poll::Ready(done) => done,
            std::task::Poll::Pending => answer.await,
        };
        answers.push(match done {
            Ok(answer) => serde_json::to_value(answer).unwrap_or_default(),
            Err(error) => json!({ "error": error }),
        });
    }
    Ok(([(REMAINING, HeaderValue::from(left))], Json(answers)).into_response())
}

#[derive(Deserialize)]
struct Describe {
    payload: String,
}

async fn describe(Body(request): Body<Describe>) -> Result<Response, Refused> {
    let payload = Payload::parse(&request.payload)?;
    let hash = payload_hash(&request.payload);
    Ok(Json(json!({ "text": payload.text(&hash), "hash": hex(&hash) })).into_response())
}

async fn debug(State(app): State<App>, Body(signed): Body<Signed>) -> impl IntoResponse {
    Json(report(&app.shared.venue_id, &signed))
}

/// What a signature is over, and where it differs from what was expected.
#[must_use]
pub fn report(venue_id: &str, signed: &Signed) -> SignatureReport {
    let key: Option<[u8; 33]> = unhex(&signed.public_key);
    let expected = key
        .filter(|key| PublicKey::from_byte_array_compressed(*key).is_ok())
        .map(|key| Address::of_key(&key));
    let payload = Payload::parse(&signed.payload);
    let hash = payload_hash(&signed.payload);
    let digest = match (&payload, expected) {
        (Ok(payload), Some(signer)) => signed.digest(payload, &hash, signer).ok(),
        _ => None,
    };
    let recovered = digest.map(|digest| recover(&digest, &signed.signature)).unwrap_or_default();
    let verified = signed.verify();
    let difference = match (&verified, &payload) {
        (Ok(verified), _) if verified.payload.venue != venue_id => Some(format!(
            "the payload is for venue {}, this is {venue_id}: sign it anew",
            verified.payload.venue
        )),
        (Ok(_), _) => None,
        (Err(_), Err(error)) => Some(error.message.clone()),
        (Err(error), Ok(_)) => Some(why(signed, expected, &recovered, error)),
    };
    SignatureReport {
        valid: difference.is_none(),
        canonical_bytes: hex(signed.payload.as_bytes()),
        text: payload.as_ref().ok().map(|payload| payload.text(&hash)),
        digest: digest.map(|digest| hex(&digest)),
        expected_address: expected,
        recovered_addresses: recovered,
        difference,
    }
}

fn why(signed: &Signed, expected: Option<Address>, recovered: &[Address], error: &ApiError) -> String {
    let Some(expected) = expected else {
        return "public_key is not a compressed key in 66 hex digits, so no signature can be checked"
            .to_owned();
    };
    if unhex::<64>(&signed.signature).is_none() {
        return "signature must be 128 hex digits: r then s, 32 bytes each, no recovery byte, no DER"
            .to_owned();
    }
    if recovered.contains(&expected) {
        return "the signature is right but its s is high: replace s by n - s, as libraries do with `lowS`"
            .to_owned();
    }
    match recovered.first() {
        Some(other) => format!(
            "over this digest the signature belongs to {other}, not to {expected}: another key signed, or other bytes (hash the payload string exactly \
             as it is sent, with SHA-256, once)"
        ),
        None => error.message.clone(),
    }
}

/// The keys that a signature could belong to.
fn recover(digest: &[u8; 32], signature: &str) -> Vec<Address> {
    let Some(bytes) = unhex::<64>(signature) else { return Vec::new() };
    let message = Message::from_digest(*digest);
    let one = |id: RecoveryId| {
        let signature = RecoverableSignature::from_compact(&bytes, id).ok()?;
        let key = signature.recover_ecdsa(message).ok()?;
        Some(Address::of_key(&key.serialize()))
    };
    [RecoveryId::Zero, RecoveryId::One].into_iter().filter_map(one).collect()
}

async fn register(State(app): State<App>, Body(request): Body<RegisterKey>) -> Result<Response, Refused> {
    let verified = request.grant.verify()?;
    let [ApiCommand::GrantSession(grant)] = verified.payload.commands.as_slice() else {
        return Err(ApiError::invalid("grant", "a payload whose only command is grant_session").into());
    };
    let session = cenote_api::keys::address_of(&cenote_api::keys::session_key(&request.secret));
    if grant.key != session {
        let said = format!(
            "the grant is for {}, the secret stands for {session}; grant a session to that key",
            grant.key
        );
        return Err(ApiError::new("invalid", said).into());
    }
    app.keys.check(&request.id, &request.secret)?;
    let account = verified.payload.account;
    let answer = submit_verified(&app.shared, verified).await?;
    if answer.error.is_none() {
        app.keys.add(&request.id, &request.secret, account)?;
    }
    Ok(answered(answer))
}
