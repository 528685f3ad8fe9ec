//! A mail server of a tenant's own: takes every mail from whoever logs in.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What one conversation brought.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The base64 of `AUTH PLAIN`.
    pub login: String,
    /// Header and text, as they came.
    pub message: String,
}

/// A server on loopback.
pub struct SmtpServer {
    /// Where.
    pub port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl SmtpServer {
    /// Starts it; it ends with the test's runtime.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let into = Arc::clone(&into);
                tokio::spawn(async move {
                    if let Ok(one) = talk(stream).await {
                        into.lock().expect("no panic").push(one);
                    }
                });
            }
        });
        Self { port, taken }
    }

    /// The newest mail whose text has this, as soon as it is here.
    ///
    /// # Panics
    /// When none comes.
    pub async fn mail_with(&self, text: &str) -> Taken {
        for _ in 0..1200 {
            let taken = self.taken.lock().expect("no panic").clone();
            if let Some(one) = taken.into_iter().rev().find(|one| one.message.contains(text)) {
                return one;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("no mail with {text:?} after thirty seconds");
    }
}

/// RFC 5321, as far as a client that behaves needs it.
async fn talk(stream: TcpStream) -> std::io::Result<Taken> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut one = Taken::default();
    write.write_all(b"220 here\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = match line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => b"250-here\r\n250 AUTH PLAIN\r\n",
            "AUTH" => {
                one.login = line.split_whitespace().nth(2).unwrap_or_default().to_owned();
                b"235 welcome\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    one.message.push_str(&line);
                    one.message.push('\n');
                }
                b"250 taken\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                break;
            }
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(one)
}
