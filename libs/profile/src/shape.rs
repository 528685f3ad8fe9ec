//! Shapes: how random bytes become an id, a code, a token or a secret.

use serde::{Deserialize, Serialize};

/// The characters a random string is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alphabet {
    /// `0-9A-Za-z`.
    Base62,
    /// `0-9a-f`.
    Hex,
    /// `A-Za-z0-9-_` (RFC 4648 5).
    Base64url,
}

impl Alphabet {
    /// The characters in order.
    pub const fn characters(self) -> &'static [u8] {
        match self {
            Self::Base62 => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            Self::Hex => b"0123456789abcdef",
            Self::Base64url => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        }
    }
}

/// The shape of a generated string. `Uuid4 {}` has braces because serde refuses unknown members of
/// a tagged variant only then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    /// `length` characters of an alphabet after an optional prefix.
    Random {
        /// Fixed text in front, not counted in `length`.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        prefix: String,
        /// The characters.
        alphabet: Alphabet,
        /// How many of them, 1 to 1024.
        length: u16,
    },
    /// A version 4 UUID (RFC 9562 5.4): 36 characters, 122 random bits.
    Uuid4 {},
    /// An unsecured-looking JWT whose content is random: `eyJhbGciO…` header, random payload and
    /// signature parts. Opaque: nothing reads it but the row behind its hash.
    JwtLike {
        /// Random bytes in the payload part, 16 to 256.
        payload_bytes: u16,
    },
}

/// `{"alg":"HS256","typ":"JWT"}` in base64url, `alg` first so that it begins `eyJhbGciO`.
const JWT_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// Extra bytes so that reducing a number to another base is biased by less than 2^-64.
const SURPLUS: usize = 8;

impl Shape {
    /// `length` characters of an alphabet.
    pub const fn random(alphabet: Alphabet, length: u16) -> Self {
        Self::Random { prefix: String::new(), alphabet, length }
    }

    /// How many uniformly random bytes [`Shape::render`] takes.
    ///
    /// Alphabets of 2^n characters take one byte a character (the mask is exact). Base62 reads
    /// the bytes as one big number: ⌈entropy / 8⌉ + 8 of them keep the bias below 2^-64.
    pub fn bytes_needed(&self) -> usize {
        match self {
            Self::Random { alphabet: Alphabet::Base62, .. } => {
                usize::try_from(self.entropy_bits().div_ceil(8)).unwrap_or(usize::MAX - SURPLUS) + SURPLUS + 1
            }
            Self::Random { length, .. } => usize::from(*length),
            Self::Uuid4 {} => 16,
            Self::JwtLike { payload_bytes } => usize::from(*payload_bytes) + 32,
        }
    }

    /// The entropy of what is rendered, rounded down.
    pub fn entropy_bits(&self) -> u32 {
        match self {
            // log2(62) is 5.954196…
            Self::Random { alphabet: Alphabet::Base62, length, .. } => u32::from(*length) * 5954 / 1000,
            Self::Random { alphabet: Alphabet::Hex, length, .. } => u32::from(*length) * 4,
            Self::Random { alphabet: Alphabet::Base64url, length, .. } => u32::from(*length) * 6,
            Self::Uuid4 {} => 122,
            Self::JwtLike { payload_bytes } => (u32::from(*payload_bytes) + 32) * 8,
        }
    }

    /// The length of what is rendered, in bytes.
    pub fn rendered_len(&self) -> usize {
        match self {
            Self::Random { prefix, length, .. } => prefix.len() + usize::from(*length),
            Self::Uuid4 {} => 36,
            Self::JwtLike { payload_bytes } => JWT_HEADER.len() + 2 + base64_len(usize::from(*payload_bytes)) + 43,
        }
    }

    /// Renders random bytes.
    ///
    /// # Panics
    /// When there are not exactly [`Shape::bytes_needed`] of them; [`Shape::generate`] cannot get
    /// that wrong.
    pub fn render(&self, random: &[u8]) -> String {
        assert_eq!(random.len(), self.bytes_needed(), "a shape is rendered from as many bytes as it needs");
        match self {
            Self::Random { prefix, alphabet, length } => {
                let mut out = String::with_capacity(self.rendered_len());
                out.push_str(prefix);
                let characters = alphabet.characters();
                if characters.len().is_power_of_two() {
                    out.extend(random.iter().map(|b| char::from(characters[usize::from(*b) & (characters.len() - 1)])));
                } else {
                    push_base62(&mut out, random, usize::from(*length));
                }
                out
            }
            Self::Uuid4 {} => uuid4(random),
            Self::JwtLike { payload_bytes } => {
                let (payload, signature) = random.split_at(usize::from(*payload_bytes));
                format!("{JWT_HEADER}.{}.{}", base64url(payload), base64url(signature))
            }
        }
    }

    /// Asks for as many random bytes as it needs and renders them.
    pub fn generate(&self, fill: impl FnOnce(&mut [u8])) -> String {
        let mut random = vec![0; self.bytes_needed()];
        fill(&mut random);
        self.render(&random)
    }
}

/// Repeated division of the big-endian number by 62^5, five characters a round.
fn push_base62(out: &mut String, random: &[u8], length: usize) {
    const CHUNK: u64 = 62_u64.pow(5);
    let characters = Alphabet::Base62.characters();
    let mut limbs: Vec<u32> =
        random.rchunks(4).rev().map(|bytes| bytes.iter().fold(0, |limb, b| (limb << 8) | u32::from(*b))).collect();
    let mut left = length;
    while left > 0 {
        let mut remainder = 0_u64;
        for limb in &mut limbs {
            let value = (remainder << 32) | u64::from(*limb);
            // The quotient fits: the remainder is below the divisor.
            *limb = u32::try_from(value / CHUNK).unwrap_or(u32::MAX);
            remainder = value % CHUNK;
        }
        for _ in 0..left.min(5) {
            out.push(char::from(characters[usize::try_from(remainder % 62).unwrap_or(0)]));
            remainder /= 62;
        }
        left = left.saturating_sub(5);
    }
}

fn uuid4(random: &[u8]) -> String {
    let mut out = String::with_capacity(36);
    for (at, byte) in random.iter().enumerate() {
        let byte = match at {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push(char::from(Alphabet::Hex.characters()[usize::from(byte >> 4)]));
        out.push(char::from(Alphabet::Hex.characters()[usize::from(byte & 15)]));
    }
    out
}

const fn base64_len(bytes: usize) -> usize {
    (bytes * 8).div_ceil(6)
}

fn base64url(bytes: &[u8]) -> String {
    let characters = Alphabet::Base64url.characters();
    let mut out = String::with_capacity(base64_len(bytes.len()));
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_usize, |n, b| (n << 8) | usize::from(*b)) << (8 * (3 - group.len()));
        out.extend((0..=group.len()).map(|at| char::from(characters[(number >> (18 - 6 * at)) & 63])));
    }
    out
}
