//! A tenant's colours, delivered as a stylesheet of their own because pages carry no inline style.

use std::fmt::Write as _;

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    r: u8,
    g: u8,
    b: u8,
}

/// How a tenant's pages look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branding {
    /// The colour of buttons and marks; `None` for Grantor's own.
    pub colour: Option<Colour>,
}

/// What links are drawn on where they are hardest to read, by day (`--page` in `assets/app.css`)
/// and by night (`--sunken`). A button that stands out from these stands out from a card as well.
const BEHIND_LIGHT: Colour = Colour::new(0xf3, 0xf5, 0xf8);
const BEHIND_DARK: Colour = Colour::new(0x1f, 0x27, 0x32);
const WHITE: Colour = Colour::new(0xff, 0xff, 0xff);
/// Pure black, as one of white and black then always reaches 4.5 on any colour.
const BLACK: Colour = Colour::new(0, 0, 0);
/// The colour of a tenant that chose none; as in `assets/app.css`.
const DEFAULT: Colour = Colour::new(0x1d, 0x4f, 0x91);

/// WCAG 2.2, 1.4.3: least contrast of text.
const TEXT: f64 = 4.5;
/// WCAG 2.2, 1.4.11: least contrast of a button against what is behind it.
const SURFACE: f64 = 3.0;

impl Colour {
    /// A colour from its three channels.
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }

    /// Reads `#1d4f91`; nothing else is a colour here, so nothing else reaches a stylesheet.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        let plain = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let rgb = if plain { u32::from_str_radix(digits, 16).ok()? } else { return None };
        let [_, r, g, b] = rgb.to_be_bytes();
        Some(Self { r, g, b })
    }

    /// The colour as `0xRRGGBB`.
    pub const fn rgb(self) -> u32 {
        u32::from_be_bytes([0, self.r, self.g, self.b])
    }

    /// Relative luminance, WCAG 2.2.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    /// Contrast ratio, WCAG 2.2: 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// A step of one twentieth towards another colour, or more.
    fn towards(self, other: Self, twentieths: u8) -> Self {
        let mix = |from: u8, to: u8| {
            let (from, to, part) = (u16::from(from), u16::from(to), u16::from(twentieths));
            ((from * (20 - part) + to * part) / 20) as u8
        };
        Self { r: mix(self.r, other.r), g: mix(self.g, other.g), b: mix(self.b, other.b) }
    }

    /// The nearest shade on the way to `limit` that stands out from `behind`.
    fn readable_on(self, behind: Self, limit: Self, least: f64) -> Self {
        (0..=20).map(|step| self.towards(limit, step)).find(|shade| shade.contrast(behind) >= least).unwrap_or(limit)
    }

    /// White where it can be read on this colour, else black, which then reaches 4.5.
    fn ink(self) -> Self {
        if self.contrast(WHITE) >= TEXT { WHITE } else { BLACK }
    }
}

/// The stylesheet of a tenant's colours, served at [`crate::BRAND_CSS_PATH`] below the tenant's
/// base. Whatever colour was chosen, buttons stand out from the page and their text can be read,
/// by day and by night.
pub fn brand_css(branding: &Branding) -> String {
    let chosen = branding.colour.unwrap_or(DEFAULT);
    let mut css = String::with_capacity(320);
    css.push_str(":root{");
    variables(&mut css, chosen, BEHIND_LIGHT, BLACK);
    css.push_str("}\n@media (prefers-color-scheme:dark){:root{");
    variables(&mut css, chosen, BEHIND_DARK, WHITE);
    css.push_str("}}\n");
    css
}

fn variables(css: &mut String, chosen: Colour, behind: Colour, limit: Colour) {
    let surface = chosen.readable_on(behind, limit, SURFACE);
    let text = chosen.readable_on(behind, limit, TEXT);
    for (name, colour) in [("brand", surface), ("on-brand", surface.ink()), ("brand-text", text)] {
        // Writing to a String cannot fail.
        let _ = write!(css, "--{name}:#{:06x};", colour.rgb());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        assert_eq!(Colour::parse("#1d4f91").map(Colour::rgb), Some(0x001d_4f91));
        for text in ["", "#fff", "1d4f91", "#1d4f9g", "#+d4f91", "#1d4f91;}", "red", "url(x)"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_colour_becomes_readable() {
        for rgb in (0..0x0100_0000_u32).step_by(0x0001_1357) {
            let [_, r, g, b] = rgb.to_be_bytes();
            for (behind, limit) in [(BEHIND_LIGHT, BLACK), (BEHIND_DARK, WHITE)] {
                let surface = Colour::new(r, g, b).readable_on(behind, limit, SURFACE);
                let text = Colour::new(r, g, b).readable_on(behind, limit, TEXT);
                assert!(surface.contrast(behind) >= SURFACE, "{rgb:06x} stands out");
                assert!(surface.contrast(surface.ink()) >= TEXT, "{rgb:06x} carries text");
                assert!(text.contrast(behind) >= TEXT, "{rgb:06x} is readable");
            }
        }
    }

    #[test]
    fn the_stylesheet_holds_nothing_but_colours() {
        let css = brand_css(&Branding { colour: Colour::parse("#ffe600") });
        assert!(css.starts_with(":root{--brand:#"), "{css}");
        assert!(!css.contains("url") && css.matches('@').count() == 1, "{css}");
    }

    #[test]
    fn the_backgrounds_are_the_stylesheets() {
        let app = include_str!("../assets/app.css");
        assert!(app.contains(&format!("--page: #{:06x};", BEHIND_LIGHT.rgb())));
        assert!(app.contains(&format!("--sunken: #{:06x};", BEHIND_DARK.rgb())));
    }

    #[test]
    fn a_tenant_without_a_colour_gets_the_stylesheets_own() {
        let app = include_str!("../assets/app.css");
        for rule in brand_css(&Branding::default()).split([';', '{', '}']).filter(|rule| rule.starts_with("--")) {
            let (name, value) = rule.split_once(':').expect("a declaration");
            assert!(app.contains(&format!("{name}: {value};")), "{rule}");
        }
    }
}
