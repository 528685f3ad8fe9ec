use grantor_pages::{ASSETS, Branding, Colour, PageError};
use grantor_web::{Answer, Call, asset_file, error_page};

/// A file that pages load. Its path carries a digest of its content.
pub(crate) async fn file(call: Call) -> Answer {
    asset_file(&call.path).unwrap_or_else(|| error_page(&call, PageError::NotFound))
}

/// The tenant's colours.
pub(crate) async fn brand_css(call: Call) -> Answer {
    let colour = call.tenant.branding.colour.as_deref().and_then(Colour::parse);
    let css = grantor_pages::brand_css(&Branding { colour });
    Answer::bytes(200, "text/css; charset=utf-8", css).header("cache-control", "public, max-age=3600")
}

/// What browsers ask for although every page names its icon.
pub(crate) async fn favicon(call: Call) -> Answer {
    match ASSETS.iter().find(|asset| asset.content_type == "image/svg+xml") {
        Some(icon) => {
            Answer::bytes(200, icon.content_type, icon.bytes).header("cache-control", "public, max-age=86400")
        }
        None => error_page(&call, PageError::NotFound),
    }
}
