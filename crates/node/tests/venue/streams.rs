//! Streams: everything once and in order, the newest of what may be conflated.

use super::support::{Setup, Venue, address};
use serde_json::{Value, json};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::{Message, WebSocket};

struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn open(venue: &Venue) -> Self {
        let host = venue.base.trim_start_matches("http://");
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://{host}/v1/ws"), stream).unwrap();
        Self(socket)
    }

    fn send(&mut self, method: &str, params: &Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 9, "method": method, "params": params });
        self.0.send(Message::text(request.to_string())).unwrap();
        loop {
            let message = self.next();
            if message["id"] == json!(9) {
                return message;
            }
        }
    }

    fn next(&mut self) -> Value {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next notification of a channel.
    fn of(&mut self, channel: &str) -> Value {
        loop {
            let message = self.next();
            if message["params"]["channel"] == json!(channel) {
                return message["params"].clone();
            }
        }
    }
}

#[test]
fn events_come_once_and_in_order_from_wherever_one_asks() {
    let venue = Venue::start(&Setup { agents: true, speed: 20.0, ..Setup::default() });
    std::thread::sleep(Duration::from_millis(700));
    let mut socket = Socket::open(&venue);
    socket.send("subscribe", &json!({ "channels": ["events.1"] }));
    let mut seen: Vec<(u64, u64)> = Vec::new();
    while seen.len() < 400 {
        let event = socket.of("events.1");
        seen.push((event["data"]["seq"].as_u64().unwrap(), event["data"]["index"].as_u64().unwrap()));
    }
    assert_eq!(seen[0], (1, 0), "from the first command on");
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
    // The same as by pages.
    let mut paged: Vec<(u64, u64)> = Vec::new();
    let mut from = 0;
    while paged.len() < seen.len() {
        let page = venue.see(&format!("/v1/events?from_seq={from}&limit=37"));
        for event in page["events"].as_array().unwrap() {
            paged.push((event["seq"].as_u64().unwrap(), event["index"].as_u64().unwrap()));
        }
        from = page["next_seq"].as_u64().unwrap();
    }
    assert_eq!(seen, paged[..seen.len()]);
}

#[test]
fn a_chain_is_whole_at_first_and_then_speaks_of_changes() {
    let venue = Venue::start(&Setup::default());
    let expiry = venue.see("/v1/chain")["expiries"][4]["expiry"].as_str().unwrap().to_owned();
    let channel = format!("chain.BTC_USDC.{expiry}.100ms");
    let mut socket = Socket::open(&venue);
    socket.send("public/subscribe", &json!({ "channels": [channel, "status"] }));
    let first = socket.of(&channel);
    assert_eq!(first["data"]["snapshot"].as_bool(), Some(true));
    let mut known = first["data"]["strikes"].as_array().unwrap().clone();
    for _ in 0..3 {
        venue.ticks(1);
        let change = socket.of(&channel);
        assert_eq!(change["data"]["snapshot"].as_bool(), Some(false), "{change}");
        for strike in change["data"]["strikes"].as_array().unwrap() {
            let place = known.iter().position(|row| row["strike"] == strike["strike"]).unwrap();
            known[place] = strike.clone();
        }
        let whole = venue.see(&format!("/v1/chain?expiry={expiry}"));
        assert_eq!(whole["tick"], change["data"]["tick"]);
        let same = json!(known) == whole["expiries"][0]["strikes"];
        assert!(same, "changes add up to the whole");
    }
}

#[test]
fn an_account_hears_of_itself_alone() {
    let venue = Venue::start(&Setup::default());
    let channel = format!("user.{}", address("bob"));
    let mut socket = Socket::open(&venue);
    socket.send("subscribe", &json!({ "channels": [channel] }));
    for name in ["alice", "bob", "carol", "bob"] {
        venue.done("/v1/dev/fund", &json!({ "account": address(name), "amount": "1" }));
    }
    for _ in 0..2 {
        assert_eq!(socket.of(&channel)["data"]["account"].as_str(), Some(address("bob").as_str()));
    }
}

#[test]
fn what_makes_no_sense_is_answered_and_the_connection_lives() {
    let venue = Venue::start(&Setup::default());
    let mut socket = Socket::open(&venue);
    socket.0.send(Message::text("{")).unwrap();
    assert_eq!(socket.next()["error"]["code"], json!(-32602));
    let wrong = socket.send("subscribe", &json!({ "channels": ["nothing"] }));
    assert!(wrong["error"]["data"]["reason"].as_str().unwrap().contains("there are status"), "{wrong}");
    assert_eq!(socket.send("nothing", &json!({}))["error"]["code"], json!(-32601));
    let private = socket.send("private/subscribe", &json!({ "channels": ["user.portfolio.USDC"] }));
    assert_eq!(private["error"]["code"], json!(13_009), "{private}");
    assert_eq!(
        socket.send("public/test", &json!({}))["result"]["version"].as_str(),
        Some(env!("CARGO_PKG_VERSION"))
    );
}
