//! A node of canned answers, and the binary that talks to it.
#![allow(dead_code)] // Each test file uses its part.

pub mod samples;

use serde::Serialize;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET /v1/chain?size=1`.
    pub line: String,
    /// The body.
    pub body: String,
}

impl Request {
    /// The body as a type of the API.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.line, self.body))
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    body: Vec<u8>,
    /// Bytes promised beyond those that come.
    missing: usize,
}

impl Reply {
    /// JSON with a status.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::bytes(status, &serde_json::to_vec(body).unwrap())
    }

    /// JSON.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::json(200, body)
    }

    /// Bytes with a status.
    pub fn bytes(status: u16, body: &[u8]) -> Self {
        Self { status, body: body.to_vec(), missing: 0 }
    }

    /// The same, cut off before its end.
    pub fn cut(mut self, missing: usize) -> Self {
        self.missing = missing;
        self
    }
}

type Handler = Box<dyn FnMut(&Request) -> Option<Reply> + Send>;

/// A server on a port of its own.
pub struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    /// Answers with `handler`; what it leaves alone with [`samples::answer`].
    pub fn new(handler: impl FnMut(&Request) -> Option<Reply> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (kept, stop) = (Arc::clone(&seen), Arc::clone(&over));
        let mut handler: Handler = Box::new(handler);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                kept.lock().unwrap().push(request.clone());
                let not_found =
                    || Reply::json(404, &samples::refusal("not_found", "no such route; see /openapi.json"));
                let reply = handler(&request).or_else(|| samples::answer(&request)).unwrap_or_else(not_found);
                write(&mut stream, &reply);
            }
        });
        Self { address, seen, over, thread: Some(thread) }
    }

    /// Answers with samples alone.
    pub fn venue() -> Self {
        Self::new(|_| None)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The requests that begin so.
    pub fn asked(&self, line: &str) -> Vec<Request> {
        self.seen().into_iter().filter(|request| request.line.starts_with(line)).collect()
    }

    /// Runs the binary against it.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_at(&Home::new(), arguments)
    }

    /// Runs the binary against it, with the keys of a home.
    pub fn run_at(&self, home: &Home, arguments: &[&str]) -> Ran {
        let mut all: Vec<&str> = arguments.to_vec();
        let url = self.url();
        all.extend(["--node", &url]);
        run(home, &all)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the stub itself failed");
        }
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let (mut length, mut header) = (0, String::new());
    while reader.read_line(&mut header).ok()? > 2 {
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        header.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Request { line, body: String::from_utf8(body).unwrap() })
}

fn write(stream: &mut TcpStream, reply: &Reply) {
    let length = reply.body.len() + reply.missing;
    let head = format!(
        "HTTP/1.1 {} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n",
        reply.status
    );
    // A client that has left is its own affair.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&reply.body));
}

/// A directory for keys and files, gone with it.
pub struct Home(pub PathBuf);

impl Home {
    /// An empty one.
    pub fn new() -> Self {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let path = std::env::temp_dir().join(format!("cenote-home-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A path in it.
    pub fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Stdout of a run that went well.
    pub fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

/// Runs the binary with the keys of a home and nothing of the caller's environment.
pub fn run(home: &Home, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cenote"));
    command.args(arguments).env("CENOTE_HOME", &home.0).current_dir(&home.0);
    for name in ["CENOTE_NODE", "CENOTE_AS", "CENOTE_DIR", "NO_COLOR"] {
        command.env_remove(name);
    }
    of(command.output().unwrap())
}

fn of(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// Compares with a text that is kept; `CENOTE_BLESS=1` keeps the new one instead, to be read in the diff.
pub fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("CENOTE_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} differs\n--- kept\n{kept}\n--- now\n{text}");
    // Sentences wrap where they like, tables must not. A log is sentences.
    let sentence = |line: &str| name == "watch.txt" || !line.contains("   ");
    let wide = text.lines().find(|line| line.chars().count() > 100 && !sentence(line));
    assert_eq!(wide, None, "{name}: longer than 100 columns");
}
