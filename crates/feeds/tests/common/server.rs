//! A small HTTP server on loopback whose answers may be as wrong as a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

type Handler = Box<dyn Fn(&str, &mut TcpStream) + Send>;

/// Ends with its owner.
pub struct Server {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    handler: Arc<Mutex<Handler>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// `handler` gets the path with its query, and writes the whole answer.
    pub fn start(handler: impl Fn(&str, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let handler: Arc<Mutex<Handler>> = Arc::new(Mutex::new(Box::new(handler)));
        let (ends, current) = (Arc::clone(&over), Arc::clone(&handler));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
                if let Some(path) = request(&stream) {
                    current.lock().unwrap()(&path, &mut stream);
                }
            }
        });
        Self { address, over, handler, thread: Some(thread) }
    }

    /// Answers 200 with one body.
    pub fn answering(body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::start(move |_, stream| reply(stream, "200 OK", "", &body))
    }

    /// Answers otherwise from now on.
    pub fn change(&self, body: impl Into<Vec<u8>>) {
        let body = body.into();
        *self.handler.lock().unwrap() = Box::new(move |_, stream| reply(stream, "200 OK", "", &body));
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A whole answer, after which the connection ends. `headers` end with a line break each.
pub fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    // A client that has heard enough hangs up.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// The path of a request, once it has been read to its end.
fn request(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    first.split(' ').nth(1).map(str::to_owned)
}
