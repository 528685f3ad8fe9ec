use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Personal data under a user's own key, in the binary form of a sealed field. The rules carry
/// it and cannot look inside; without the key it is noise. In JSON base64url without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&B64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        B64.decode(text.as_bytes()).map(Self).map_err(|_| de::Error::custom("expected base64url without padding"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_survive_a_state_row() {
        let sealed = Sealed(vec![0, 255, 7]);
        let json = serde_json::to_string(&sealed).unwrap();
        assert_eq!(serde_json::from_str::<Sealed>(&json).unwrap(), sealed);
        assert_eq!(format!("{sealed:?}"), "Sealed(..)");
    }
}
