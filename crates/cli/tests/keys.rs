//! Keys on this machine, session keys and API keys.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod stub;

use cenote_api::keys::{address_of, session_key};
use cenote_api::view::RegisterKey;
use cenote_api::{Address, ApiCommand};
use std::io::Write as _;
use std::process::{Command, Stdio};
use stub::samples::{self, CALL, NOW, cash};
use stub::{Home, Reply, Stub, run};

const SECRET: &str = "1717171717171717171717171717171717171717171717171717171717171717";

fn local(home: &Home, arguments: &[&str]) -> stub::Ran {
    let mut all = arguments.to_vec();
    all.extend(["--node", "http://127.0.0.1:9"]);
    run(home, &all)
}

#[test]
fn a_key_is_made_shown_moved_and_kept_to_its_owner() {
    let home = Home::new();
    let made = local(&home, &["keys", "new", "main", "--json"]).json();
    let address: Address = made["address"].as_str().unwrap().parse().unwrap();
    assert_eq!(local(&home, &["keys", "show", "main", "--json"]).json(), made);
    assert_eq!(local(&home, &["keys", "list", "--json"]).json()["keys"][0]["name"], "main");
    let refused = local(&home, &["keys", "export", "main"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "a private key is never printed unasked");
    let secret = local(&home, &["keys", "export", "main", "--reveal"]).ok();
    let file = home.at("elsewhere.txt");
    std::fs::write(&file, &secret).unwrap();
    let moved = local(&home, &["keys", "import", "again", "--file", &file, "--json"]).json();
    assert_eq!(moved["address"].as_str().unwrap(), address.to_string());
    for (arguments, code, expected) in [
        (&["keys", "new", "main"][..], 3, "there is a key main already"),
        (&["keys", "new", "alice"], 2, "alice is an account of dev mode"),
        (&["keys", "new", "../main"], 2, "`../main` cannot name a key"),
        (&["keys", "show", "other"], 3, "there is no key other"),
        (&["keys", "import", "x", "--file", "no-such-file"], 3, "cannot read no-such-file"),
    ] {
        let ran = local(&home, arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{arguments:?}: {}", ran.err);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_signs_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, stub) = (Home::new(), Stub::venue());
    stub.run_at(&home, &["keys", "new", "main"]).ok();
    std::fs::set_permissions(home.at("keys/main.json"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = stub.run_at(&home, &["trade", "1", CALL, "--as", "main"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("is open to others (mode 644); close it with `chmod 600 "), "{}", ran.err);
    let ran = stub.run_at(&home, &["doctor"]);
    assert!(ran.code == 1 && ran.out.contains("chmod 600"), "{}", ran.out);
}

#[test]
fn a_key_comes_in_by_stdin_so_that_nobody_sees_it_among_the_arguments() {
    let home = Home::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cenote"))
        .args(["keys", "import", "piped", "--json"])
        .env("CENOTE_HOME", &home.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{SECRET}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(local(&home, &["keys", "export", "piped", "--reveal"]).ok(), format!("{SECRET}\n"));
}

#[test]
fn a_session_key_is_granted_then_kept_and_acts_for_its_account() {
    let (home, stub) = (Home::new(), Stub::venue());
    let granted = [
        "keys",
        "session",
        "bot",
        "--scope",
        "trade,liquidity",
        "--cap",
        "5000",
        "--expires",
        "7d",
        "--as",
        "alice",
    ];
    stub.run_at(&home, &granted).ok();
    let payload = samples::signed(&stub.asked("POST /v1/commands")[0]);
    let [ApiCommand::GrantSession(grant)] = &payload.commands[..] else { panic!("{payload:?}") };
    assert_eq!((grant.trade, grant.liquidity, grant.daily_cap), (true, true, cash("5000")));
    assert_eq!(grant.expires_at, NOW + 604_800_000);
    stub.run_at(&home, &["cancel", "7", "--as", "bot"]).ok();
    let request = stub.asked("POST /v1/commands").pop().unwrap();
    let signed: cenote_api::Signed = request.read();
    let verified = signed.verify().unwrap();
    assert_eq!((verified.payload.account, verified.signer), (samples::address("alice"), grant.key));
    let ran = stub.run_at(&home, &["keys", "session", "more", "--cap", "1", "--as", "bot"]);
    assert!(ran.code == 3 && ran.err.contains("bot is a session key itself"), "{}", ran.err);
    stub.run_at(&home, &["keys", "revoke", "bot", "--as", "alice"]).ok();
    let revoked = samples::signed(stub.asked("POST /v1/commands").last().unwrap()).commands;
    assert_eq!(revoked, [ApiCommand::RevokeSession { key: grant.key }]);
}

/// A grant that is refused leaves no file behind that looks as if it could sign.
#[test]
fn a_refused_grant_leaves_no_key() {
    let home = Home::new();
    let stub = Stub::new(|request| {
        let said = samples::refusal(
            "account_full",
            "the account has room for 8 session keys; close or claim some first",
        );
        (request.line == "POST /v1/commands").then(|| Reply::json(400, &said))
    });
    let ran = stub.run_at(&home, &["keys", "session", "bot", "--cap", "1", "--as", "alice"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(!std::path::Path::new(&home.at("keys/bot.json")).exists());
}

/// The node gets a secret and the grant of just that secret's key.
#[test]
fn an_api_key_is_a_session_key_that_the_node_holds() {
    let stub = Stub::new(|request| {
        (request.line == "POST /v1/api-keys").then(|| {
            let register: RegisterKey = request.read();
            let payload = register.grant.verify().unwrap().payload;
            let [ApiCommand::GrantSession(grant)] = &payload.commands[..] else { panic!("{payload:?}") };
            assert_eq!(grant.key, address_of(&session_key(&register.secret)));
            let granted = cenote_api::event::What::SessionGranted {
                account: payload.account,
                key: grant.key,
                expires_at: grant.expires_at,
            };
            Reply::ok(&samples::done(granted))
        })
    });
    let made = stub.run(&["keys", "api", "--cap", "5000", "--as", "alice", "--json"]).json();
    let register: RegisterKey = stub.asked("POST /v1/api-keys")[0].read();
    assert_eq!(made["id"].as_str().unwrap(), register.id);
    assert_eq!(made["secret"].as_str().unwrap(), register.secret);
    assert!(register.id.starts_with("alice-") && register.id.len() >= 8 && register.secret.len() >= 32);
    let said = stub.run(&["keys", "api", "--id", "my-bot-0001", "--cap", "5000", "--as", "alice"]).ok();
    assert!(
        said.contains("my-bot-0001")
            && said.contains("shown this once")
            && said.contains("cenote keys revoke cenote1")
    );
}

#[test]
fn a_node_in_dev_mode_lists_its_accounts() {
    let stub = Stub::new(|request| {
        let account = cenote_api::view::DevAccount {
            name: "alice".into(),
            address: samples::address("alice"),
            private_key: SECRET.into(),
            api_id: "alice".into(),
            api_secret: cenote_api::keys::dev_api_secret("alice"),
        };
        let all = serde_json::json!({ "accounts": [account] });
        (request.line == "GET /v1/dev/accounts").then(|| Reply::ok(&all))
    });
    let said = stub.run(&["keys", "list"]).ok();
    assert!(
        said.contains(&cenote_api::keys::dev_api_secret("alice"))
            && said.contains("everybody knows their keys")
    );
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
}
