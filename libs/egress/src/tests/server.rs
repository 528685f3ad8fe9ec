//! A mail server of RFC 5321 for one connection, on a loopback port.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread::JoinHandle,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

/// What the server says; everything else it agrees to.
#[derive(Clone, Copy)]
pub struct Answers {
    pub recipient: &'static str,
    pub login: &'static str,
}

impl Default for Answers {
    fn default() -> Self {
        Self { recipient: "250 ok", login: "235 welcome" }
    }
}

/// What it was told.
#[derive(Debug, Default)]
pub struct Received {
    pub tls: bool,
    pub login: Option<String>,
    pub from: String,
    pub to: Vec<String>,
    /// With dots unstuffed (RFC 5321 4.5.2).
    pub message: String,
}

pub struct Server {
    pub port: u16,
    thread: JoinHandle<Received>,
}

impl Server {
    pub fn start(answers: Answers, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { port, thread: std::thread::spawn(move || serve(&listener, answers, tls)) }
    }

    /// Waits for the end of the one connection.
    pub fn received(self) -> Received {
        self.thread.join().unwrap()
    }

    /// Closes the port.
    pub fn stop(self) {
        drop(TcpStream::connect(("127.0.0.1", self.port)).unwrap());
        self.thread.join().unwrap();
    }
}

fn serve(listener: &TcpListener, answers: Answers, tls: Option<Arc<ServerConfig>>) -> Received {
    let (stream, _) = listener.accept().unwrap();
    let mut received = Received::default();
    let starttls = tls.is_some();
    let mut plain = Talk { stream: BufReader::new(stream), answers };
    if plain.run("220 test ESMTP\r\n", starttls, &mut received) {
        let connection = ServerConnection::new(tls.expect("STARTTLS was offered")).unwrap();
        received.tls = true;
        let stream = StreamOwned::new(connection, plain.stream.into_inner());
        Talk { stream: BufReader::new(stream), answers }.run("", false, &mut received);
    }
    received
}

struct Talk<S: Read> {
    stream: BufReader<S>,
    answers: Answers,
}

impl<S: Read + Write> Talk<S> {
    /// `true` when the client wants TLS now; `false` when it has left.
    fn run(&mut self, greeting: &str, starttls: bool, received: &mut Received) -> bool {
        if !self.say(greeting) {
            return false;
        }
        while let Some(line) = self.line() {
            let argument = line.split_once(':').map(|(_, path)| path.split(' ').next().unwrap().to_owned());
            let verb = line.split([' ', ':']).next().unwrap().to_ascii_uppercase();
            let answer = match verb.as_str() {
                "EHLO" if starttls => "250-test\r\n250 STARTTLS",
                "EHLO" => "250-test\r\n250 AUTH PLAIN",
                "STARTTLS" => {
                    self.say("220 go ahead\r\n");
                    return true;
                }
                "AUTH" => {
                    received.login = line.rsplit(' ').next().map(from_base64);
                    self.answers.login
                }
                "MAIL" => {
                    received.from = argument.unwrap();
                    "250 ok"
                }
                "RCPT" => {
                    received.to.push(argument.unwrap());
                    self.answers.recipient
                }
                "DATA" => {
                    self.say("354 go on\r\n");
                    received.message = self.message();
                    "250 taken"
                }
                "QUIT" => "221 bye",
                _ => "502 what",
            };
            self.say(&format!("{answer}\r\n"));
        }
        false
    }

    fn say(&mut self, text: &str) -> bool {
        let stream = self.stream.get_mut();
        stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).is_ok()
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(1..) => Some(line.trim_end_matches("\r\n").to_owned()),
            Ok(0) | Err(_) => None,
        }
    }

    fn message(&mut self) -> String {
        let mut message = String::new();
        while let Some(line) = self.line() {
            if line == "." {
                break;
            }
            message.push_str(line.strip_prefix('.').unwrap_or(&line));
            message.push_str("\r\n");
        }
        message
    }
}

fn from_base64(text: &str) -> String {
    let value =
        |c: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|&l| l == c);
    let bits: String = text.bytes().filter_map(value).map(|six| format!("{six:06b}")).collect();
    let bytes = bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2));
    String::from_utf8(bytes.map(Result::unwrap).collect()).unwrap()
}

/// A certificate authority of one test.
pub struct TestCa(CertifiedIssuer<'static, KeyPair>);

impl TestCa {
    pub fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A certificate for 127.0.0.1.
    pub fn server_config(&self) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}
