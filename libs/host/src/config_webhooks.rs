use std::path::PathBuf;

use grantor_egress::Destinations;
use grantor_webhooks::Rate;
use serde::Deserialize;

use crate::{Config, Mode, StartError};

/// `[webhooks]`: calls of partners' endpoints.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Networks and ports that may be called beside public addresses, such as `10.1.0.0/16:8443` or
    /// `[fd00::/8]:443`; port 0 is every port. Default: none; this machine where the mode is development.
    pub allow: Option<Vec<String>>,
    /// No endpoint is called more often than so many times in a second, and none can be given a higher limit.
    /// Default: as often as it answers.
    pub max_per_second: Option<u32>,
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
    /// No endpoint is called faster.
    pub max_per_second: Option<Rate>,
}

/// This machine, at every port.
const HERE: [&str; 2] = ["127.0.0.0/8:0", "[::1]:0"];

impl Default for Outbound {
    /// Public addresses and this machine.
    fn default() -> Self {
        let destinations = Destinations::parse(&HERE.map(str::to_owned)).unwrap_or_default();
        Self { destinations, authorities: None, max_per_second: None }
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
        let rate = |calls: u32| {
            let rate = Rate::per_second(calls).filter(|rate| *rate <= Rate::HIGHEST);
            rate.ok_or_else(|| StartError::setting("webhooks.max_per_second", "must be from 1 to 10000"))
        };
        Ok(Outbound {
            destinations,
            authorities: settings.authorities.as_ref().map(read).transpose()?,
            max_per_second: settings.max_per_second.map(rate).transpose()?,
        })
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

    #[test]
    fn a_limit_for_all_endpoints_is_one_that_can_be_kept() {
        let limit = |calls: u32| outbound(&format!("[webhooks]\nmax_per_second = {calls}"));
        assert_eq!(limit(50).expect("settings").max_per_second, Rate::per_second(50));
        assert!(limit(0).is_err() && limit(10_001).is_err());
        assert_eq!(outbound("").expect("settings").max_per_second, None);
    }
}
