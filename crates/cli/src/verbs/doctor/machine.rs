//! What this machine says: port, keys, data and disk.

use super::{Check, files, wall_ms};
use crate::keyring::too_open;
use crate::session::Session;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

/// A disk must have so much left, and should, KiB.
const FREE_BAD_KIB: u64 = 1024 * 1024;
const FREE_WARN_KIB: u64 = 5 * 1024 * 1024;

/// Who has the port of a node that does not answer.
pub(super) fn port(node: &str) -> Check {
    let authority = node.split_once("://").map_or(node, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let named = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    let address = named.to_socket_addrs().ok().and_then(|mut all| all.next());
    let taken = address.is_some_and(|at| TcpStream::connect_timeout(&at, Duration::from_secs(1)).is_ok());
    match (address, taken) {
        (None, _) => Check::bad("port", format!("{authority} is no address"), "check --node"),
        (_, true) => Check::bad(
            "port",
            format!("something else listens at {authority}"),
            "stop it, or `cenote up --port` another and --node",
        ),
        (_, false) => Check::ok("port", format!("{authority} is free: `cenote up` would listen there")),
    }
}

pub(super) fn keys(session: &Session) -> Vec<Check> {
    let names = session.keyring.names();
    let open = names.iter().filter_map(|name| too_open(&session.keyring.path(name)));
    let mut wrong: Vec<String> = open.collect();
    let unreadable = names.iter().filter_map(|name| session.keyring.read(name).err()?.document());
    wrong.extend(unreadable.map(|error| error.message).filter(|said| !said.contains("is open to others")));
    if wrong.is_empty() {
        let found = format!("{} in {}", names.len(), session.keyring.home().display());
        return vec![Check::ok("keys", found)];
    }
    wrong.into_iter().map(said_whole).collect()
}

/// A sentence that has its next step in it.
fn said_whole(found: String) -> Check {
    Check { next: None, ..Check::bad("keys", found, "") }
}

/// A node's directory on this machine, when it is here; the node has told of its journal when it `is_told`.
pub(super) fn data(dir: &Path, is_told: bool) -> Vec<Check> {
    let shown = dir.display();
    if !dir.exists() {
        let found = format!("{shown} is not there: no node has run here, or name it with --dir");
        return vec![Check::ok("data", found)];
    }
    let mut checks = vec![written(dir)];
    if !is_told {
        let journal = cenote_node::answer::status::journal(dir, true);
        checks.push(match journal.segments {
            0 => Check::warn("journal", format!("{shown} has none"), "name the node's directory with --dir"),
            _ => Check::ok("journal", files(&journal, wall_ms())),
        });
    }
    checks.extend(too_open(&dir.join("api-keys.json")).map(said_whole));
    checks.extend(free_kib(dir).map(|free| room(free, dir)));
    checks
}

fn written(dir: &Path) -> Check {
    let shown = dir.display();
    let probe = dir.join(format!(".doctor.{}", std::process::id()));
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Check::ok("data", format!("{shown} can be written")),
        Err(error) => Check::bad(
            "data",
            format!("{shown} cannot be written ({error})"),
            "give it to the user who runs the node",
        ),
    }
}

fn room(free: u64, dir: &Path) -> Check {
    let found = format!("{} MiB left for {}", free / 1_024, dir.display());
    let next = "make room, a node stops when its disk is full";
    match free {
        free if free < FREE_BAD_KIB => Check::bad("disk", found, next),
        free if free < FREE_WARN_KIB => Check::warn("disk", found, next),
        _ => Check::ok("disk", found),
    }
}

/// Room on the disk of a directory, as `df` tells; where there is none to ask, nobody knows.
fn free_kib(dir: &Path) -> Option<u64> {
    let output = std::process::Command::new("df").arg("-Pk").arg(dir).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::{FREE_BAD_KIB, FREE_WARN_KIB, room};
    use std::path::Path;

    #[test]
    fn a_disk_is_judged_by_what_is_left() {
        for (free, expected) in [
            (0, State::Bad),
            (FREE_BAD_KIB - 1, State::Bad),
            (FREE_BAD_KIB, State::Warn),
            (FREE_WARN_KIB - 1, State::Warn),
            (FREE_WARN_KIB, State::Ok),
        ] {
            let check = room(free, Path::new("d"));
            assert!(check.state == expected, "{free}");
            assert_eq!(check.next.is_some(), expected != State::Ok);
        }
    }
}
