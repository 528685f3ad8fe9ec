use std::path::PathBuf;

use grantor_egress::Destinations;
use serde::Deserialize;

use crate::{Config, Mode, StartError};

/// `[webhooks]`: calls of partners' endpoints.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Networks and ports that may be called beside public addresses, such as `10.1.0.0/16:8443` or
    /// `[fd00::/8]:443`; port 0 is every port. Default: none; this machine where the mode is development.
    pub allow: Option<Vec<String>>,
    /// Certificate authorities that are trusted beside those that browsers trust, in PEM form.
    pub authorities: Option<PathBuf>,
}

/// What [`WebhookSettings`] come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Where calls may go.
    pub destinations: Destinations,
    /// More authorities, in PEM form.
    pub authorities: Option<Vec<u8>>,
}

/// This machine, at every port.
const HERE: [&str; 2] = ["127.0.0.0/8:0", "[::1]:0"];

impl Default for Outbound {
    /// Public addresses and this machine.
    fn default() -> Self {
        let destinations = Destinations::parse(&HERE.map(str::to_owned)).unwrap_or_default();
        Self { destinations, authorities: None }
    }
}

impl Config {
    pub(crate) fn outbound(&self) -> Result<Outbound, StartError> {
        let settings = &self.webhooks;
        let destinations = match &settings.allow {
            Some(words) => Destinations::parse(words)
                .map_err(|unknown| StartError::setting("webhooks.allow", unknown.to_string()))?,
            None if self.mode == Mode::Production => Destinations::default(),
            None => Outbound::default().destinations,
        };
        let read = |path: &PathBuf| {
            std::fs::read(path)
                .map_err(|cause| StartError::setting("webhooks.authorities", format!("{}: {cause}", path.display())))
        };
        Ok(Outbound { destinations, authorities: settings.authorities.as_ref().map(read).transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(text: &str) -> Result<Outbound, StartError> {
        toml::from_str::<Config>(text).expect("a configuration").outbound()
    }

    #[test]
    fn only_development_calls_this_machine_unless_told_otherwise() {
        let (here, inside) = ("127.0.0.1".parse().unwrap(), "10.1.2.3".parse().unwrap());
        let may = |text: &str, at| outbound(text).expect("settings").destinations.admit(at, 8443);
        assert!(may("", here) && !may("", inside));
        assert!(!may("mode = \"production\"", here));
        let listed = "mode = \"production\"\n[webhooks]\nallow = [\"10.1.0.0/16:8443\"]";
        assert!(may(listed, inside) && !may(listed, here));
        assert!(outbound("[webhooks]\nallow = [\"everywhere\"]").is_err());
    }
}
