//! The files that pages load, inside the binary. Their paths carry a digest of their content, so
//! they can be cached for ever.

/// One file that pages load.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Where it is served: below a tenant's base as well as without one.
    pub path: &'static str,
    /// Its media type, for `Content-Type`.
    pub content_type: &'static str,
    /// Its content. Serve it with `Cache-Control: public, max-age=31536000, immutable`.
    pub bytes: &'static [u8],
}

/// Where a tenant's [`crate::brand_css`] is served, below the tenant's base. Not immutable: the
/// query string of the link changes with the colour, the path does not.
pub const BRAND_CSS_PATH: &str = "/assets/brand.css";

/// The one stylesheet.
pub(crate) const APP_CSS: Asset = Asset {
    path: path_of(&APP_CSS_PATH),
    content_type: "text/css; charset=utf-8",
    bytes: include_bytes!("../assets/app.css"),
};

/// Sends the form_post page's form on without a click; the page works without it.
pub(crate) const FORM_POST_JS: Asset = Asset {
    path: path_of(&FORM_POST_JS_PATH),
    content_type: "text/javascript; charset=utf-8",
    bytes: include_bytes!("../assets/form_post.js"),
};

/// The icon of the browser's tab.
pub(crate) const ICON_SVG: Asset =
    Asset { path: path_of(&ICON_SVG_PATH), content_type: "image/svg+xml", bytes: include_bytes!("../assets/icon.svg") };

/// Everything a page can load, besides the tenant's own stylesheet.
pub const ASSETS: &[Asset] = &[APP_CSS, FORM_POST_JS, ICON_SVG];

/// The asset at a path (without the tenant's base), if there is one.
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

const APP_CSS_PATH: [u8; 32] = hashed(b"/assets/app.", include_bytes!("../assets/app.css"), b".css");
const FORM_POST_JS_PATH: [u8; 37] = hashed(b"/assets/form_post.", include_bytes!("../assets/form_post.js"), b".js");
const ICON_SVG_PATH: [u8; 33] = hashed(b"/assets/icon.", include_bytes!("../assets/icon.svg"), b".svg");

const fn path_of(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(path) => path,
        Err(_) => panic!("asset paths are ASCII"),
    }
}

/// `before` + 16 hexadecimal digits of the content's FNV-1a digest + `after`, at compile time.
/// It tells versions apart; nothing relies on it against forgery.
const fn hashed<const N: usize>(before: &[u8], content: &[u8], after: &[u8]) -> [u8; N] {
    assert!(N == before.len() + 16 + after.len(), "the path's length is wrong");
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < content.len() {
        digest = (digest ^ content[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    let mut path = [0; N];
    let mut at = 0;
    while at < N {
        path[at] = if at < before.len() {
            before[at]
        } else if at < before.len() + 16 {
            b"0123456789abcdef"[(digest >> (60 - 4 * (at - before.len()))) as usize & 15]
        } else {
            after[at - before.len() - 16]
        };
        at += 1;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_found_by_their_path_only() {
        for known in ASSETS {
            assert_eq!(asset(known.path).map(|found| found.bytes), Some(known.bytes));
            assert!(known.path.starts_with("/assets/") && known.path.is_ascii());
        }
        assert!(asset("/assets/app.css").is_none());
        assert!(asset("/assets/../Cargo.toml").is_none());
    }

    #[test]
    fn the_stylesheet_and_the_script_load_nothing() {
        for known in [APP_CSS, FORM_POST_JS] {
            let text = std::str::from_utf8(known.bytes).expect("text");
            for word in ["url(", "@import", "http:", "https:", "fetch", "eval"] {
                assert!(!text.contains(word), "{} holds {word}", known.path);
            }
        }
    }
}
