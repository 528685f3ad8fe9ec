//! Grantor's web pages: typed view models in, HTML strings out.
//!
//! A service fills a view model ([`Login`], [`Consent`], …) and calls [`Page::html`]. Nothing
//! here reads a clock, a file or the network. Every text exists in English and German through
//! one typed catalogue, so a missing translation does not compile. Text from users is escaped by
//! the templates (C30).
//!
//! Pages hold to a strict Content-Security-Policy: no inline style or script and nothing from
//! another host (C18). All they load is [`ASSETS`] and the tenant's [`brand_css`], and everything
//! works without JavaScript.

mod assets;
mod branding;
mod frame;
mod menu;
mod monogram;
mod pages;
mod texts;

pub use assets::{ASSETS, Asset, BRAND_CSS_PATH, asset};
pub use branding::{Branding, Colour, brand_css};
pub use frame::{Frame, Lang, SignedIn};
pub use menu::{Menu, MenuPage};
pub use monogram::Monogram;
pub use pages::*;
