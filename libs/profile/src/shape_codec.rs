//! Bytes in a shape and back: for tokens that are made from something and have to be read again.

use crate::{Alphabet, Shape};

impl Shape {
    /// How many bytes a string of this shape can carry; none where its form leaves no choice.
    pub fn capacity(&self) -> usize {
        match self {
            Self::Random { .. } => usize::try_from(self.entropy_bits() / 8).unwrap_or(0),
            Self::JwtLike { payload_bytes } => usize::from(*payload_bytes) + 32,
            Self::Uuid4 {} => 0,
        }
    }

    /// The bytes as a string of this shape; `None` unless there are exactly
    /// [`Shape::capacity`] of them.
    pub fn encode(&self, bytes: &[u8]) -> Option<String> {
        if bytes.len() != self.capacity() {
            return None;
        }
        match self {
            Self::Random { prefix, alphabet, length } => {
                let digits = to_base(bytes, alphabet.characters(), usize::from(*length));
                Some(format!("{prefix}{digits}"))
            }
            // Its random part is rendered as it is.
            Self::JwtLike { .. } => Some(self.render(bytes)),
            Self::Uuid4 {} => None,
        }
    }

    /// The bytes of a string that [`Shape::encode`] made; `None` for any other string.
    pub fn decode(&self, text: &str) -> Option<Vec<u8>> {
        let bytes = match self {
            Self::Random { prefix, alphabet, length } => {
                let digits = text.strip_prefix(prefix.as_str())?;
                if digits.len() != usize::from(*length) {
                    return None;
                }
                from_base(digits, alphabet.characters(), self.capacity())?
            }
            Self::JwtLike { payload_bytes } => {
                let mut parts = text.split('.').skip(1);
                let mut bytes = base64url(parts.next()?, usize::from(*payload_bytes))?;
                bytes.extend(base64url(parts.next()?, 32)?);
                bytes
            }
            Self::Uuid4 {} => return None,
        };
        // One string for each number: nothing that merely reads alike.
        (self.encode(&bytes).as_deref() == Some(text)).then_some(bytes)
    }
}

/// The big-endian number in digits, the last digit first.
fn to_base(bytes: &[u8], characters: &[u8], length: usize) -> String {
    let base = u32::try_from(characters.len()).unwrap_or(u32::MAX);
    let mut number = bytes.to_vec();
    let mut out = String::with_capacity(length);
    for _ in 0..length {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let value = (remainder << 8) | u32::from(*byte);
            *byte = u8::try_from(value / base).unwrap_or(u8::MAX);
            remainder = value % base;
        }
        out.push(char::from(characters[usize::try_from(remainder).unwrap_or(0)]));
    }
    out
}

fn from_base(digits: &str, characters: &[u8], capacity: usize) -> Option<Vec<u8>> {
    let base = u32::try_from(characters.len()).ok()?;
    let mut number = vec![0_u8; capacity];
    for digit in digits.bytes().rev() {
        let mut carry = u32::try_from(characters.iter().position(|known| *known == digit)?).ok()?;
        for byte in number.iter_mut().rev() {
            let value = u32::from(*byte) * base + carry;
            *byte = u8::try_from(value & 0xff).unwrap_or(0);
            carry = value >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(number)
}

fn base64url(text: &str, bytes: usize) -> Option<Vec<u8>> {
    let characters = Alphabet::Base64url.characters();
    let (mut out, mut bits, mut held) = (Vec::with_capacity(bytes), 0_u32, 0_u32);
    for digit in text.bytes() {
        let value = characters.iter().position(|known| *known == digit)?;
        held = (held << 6) | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    (out.len() == bytes).then_some(out)
}
