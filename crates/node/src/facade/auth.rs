//! Logging in: HMAC of what is asked, or the key itself.

use super::rpc::{Failure, Login, Who, required, text};
use crate::http::App;
use axum::http::{HeaderMap, Method, Uri, header};
use cenote_api::envelope::hex;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// How far a timestamp of a signature may be from this machine's clock, ms.
const SKEW: u64 = 60_000;
/// How long a token lives, seconds.
const LIFE: u64 = 31_536_000;

/// What an HTTP signature is over.
pub struct Signed<'a> {
    /// GET or POST.
    pub method: &'a Method,
    /// Path and query.
    pub uri: &'a Uri,
    /// The body.
    pub body: &'a [u8],
}

fn refused(reason: &str) -> Failure {
    Failure::new(13_009, "unauthorized", reason)
}

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis())
        .unwrap_or(u64::MAX)
}

fn who(app: &App, id: &str) -> Option<(Who, String)> {
    let key = app.keys.get(id)?;
    Some((Who { id: id.to_owned(), account: key.account, session: key.session() }, key.secret))
}

fn mac(secret: &str, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

/// HMAC-SHA256 in hex.
fn sign(secret: &str, message: &[u8]) -> String {
    hex(&mac(secret, message).finalize().into_bytes())
}

/// Whether this is the HMAC in hex, in a time that does not tell where it differs.
fn signed(secret: &str, message: &[u8], sig: &str) -> bool {
    cenote_api::envelope::unhex::<32>(sig).is_some_and(|sig| mac(secret, message).verify_slice(&sig).is_ok())
}

fn check(app: &App, id: &str, ts: &str, nonce: &str, rest: &[u8], sig: &str) -> Result<Who, Failure> {
    let at: u64 = ts.parse().map_err(|_| refused("the timestamp must be milliseconds"))?;
    if at.abs_diff(now()) > SKEW {
        return Err(refused(&format!("the timestamp is {at}, the time {}; set the clock right", now())));
    }
    let (who, secret) =
        who(app, id).ok_or_else(|| refused("there is no such API key; make one with `cenote keys api`"))?;
    let mut message = format!("{ts}\n{nonce}\n").into_bytes();
    message.extend_from_slice(rest);
    if !signed(&secret, &message, sig) {
        return Err(refused("the signature is not that of this key over this request"));
    }
    Ok(who)
}

/// The login of an HTTP request; nobody when it shows no key.
pub fn of_headers(app: &App, headers: &HeaderMap, signed: &Signed<'_>) -> Result<Option<Who>, Failure> {
    let Some(shown) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Ok(None);
    };
    if let Some(fields) =
        shown.strip_prefix("deri-hmac-sha256 ").or_else(|| shown.strip_prefix("Deri-hmac-sha256 "))
    {
        let field = |name: &str| {
            let mut pairs = fields.split(',').filter_map(|pair| pair.trim().split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .ok_or_else(|| refused(&format!("{name} is missing")))
        };
        let path = signed.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
        let mut rest = format!("{}\n{path}\n", signed.method).into_bytes();
        rest.extend_from_slice(signed.body);
        rest.push(b'\n');
        return check(app, field("id")?, field("ts")?, field("nonce")?, &rest, field("sig")?).map(Some);
    }
    if let Some(token) = shown.strip_prefix("Bearer ").or_else(|| shown.strip_prefix("bearer ")) {
        return of_token(app, token).map(Some);
    }
    if let Some(basic) = shown.strip_prefix("Basic ") {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD
            .decode(basic)
            .ok()
            .and_then(|b| String::from_utf8(b).ok());
        let pair = pair.ok_or_else(|| refused("this is no Basic login"))?;
        let (id, secret) = pair.split_once(':').ok_or_else(|| refused("this is no Basic login"))?;
        return of_secret(app, id, secret).map(Some);
    }
    Err(refused("Authorization must be deri-hmac-sha256, Bearer or Basic"))
}

fn of_secret(app: &App, id: &str, secret: &str) -> Result<Who, Failure> {
    let (who, known) =
        who(app, id).ok_or_else(|| refused("there is no such API key; make one with `cenote keys api`"))?;
    // Two MACs under a key of this login alone tell nothing of where the secrets differ.
    if !signed(id, known.as_bytes(), &sign(id, secret.as_bytes())) {
        return Err(refused("this is not the secret of that key"));
    }
    Ok(who)
}

/// A token says whose it is and until when, under the key's own HMAC: the node remembers none.
fn token(id: &str, secret: &str, kind: &str) -> String {
    let until = now() / 1_000 + LIFE;
    let body = format!("{id}.{until}.{kind}");
    format!("{body}.{}", sign(secret, format!("token\n{body}").as_bytes()))
}

fn of_token(app: &App, token: &str) -> Result<Who, Failure> {
    let wrong = || refused("the token is wrong or too old; log in again");
    let (body, sig) = token.rsplit_once('.').ok_or_else(wrong)?;
    let mut parts = body.rsplitn(3, '.');
    let (Some(_), Some(until), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let (who, secret) = who(app, id).ok_or_else(wrong)?;
    let fresh = until.parse::<u64>().is_ok_and(|until| until > now() / 1_000);
    if !fresh || !signed(&secret, format!("token\n{body}").as_bytes(), sig) {
        return Err(wrong());
    }
    Ok(who)
}

/// `public/auth`.
pub fn auth(app: &App, login: &mut Login, params: &Value) -> Result<Value, Failure> {
    let who = match required(params, "grant_type")? {
        "client_credentials" => {
            of_secret(app, required(params, "client_id")?, required(params, "client_secret")?)?
        }
        "client_signature" => {
            let ts = super::rpc::number(params, "timestamp").map(|n| n.to_string());
            let ts = ts.ok_or_else(|| Failure::invalid("timestamp is needed"))?;
            let (nonce, data) = (text(params, "nonce").unwrap_or(""), text(params, "data").unwrap_or(""));
            check(
                app,
                required(params, "client_id")?,
                &ts,
                nonce,
                data.as_bytes(),
                required(params, "signature")?,
            )?
        }
        "refresh_token" => of_token(app, required(params, "refresh_token")?)?,
        other => {
            return Err(Failure::invalid(&format!(
                "grant_type {other}: use client_credentials, client_signature or refresh_token"
            )));
        }
    };
    let secret = app.keys.get(&who.id).map(|key| key.secret).unwrap_or_default();
    let answer = json!({
        "access_token": token(&who.id, &secret, "access"),
        "refresh_token": token(&who.id, &secret, "refresh"),
        "expires_in": LIFE,
        "scope": "account:read trade:read_write wallet:read",
        "token_type": "bearer",
        "sid": who.id,
    });
    login.who = Some(who);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::{sign, signed};

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_is_that_of_the_rfc() {
        let mac = sign("Jefe", b"what do ya want for nothing?");
        assert_eq!(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let holds = |sig: &str| signed("Jefe", b"what do ya want for nothing?", sig);
        assert!(holds(&mac) && holds(&mac.to_uppercase()));
        assert!(!holds(&mac.replace('5', "6")) && !holds("") && !holds(&mac[..62]) && !holds("not hex"));
    }
}
