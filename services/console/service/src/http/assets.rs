//! What the listener's pages load.

use grantor_pages::ASSETS;
use grantor_web::{AdminRoute, Answer, PathSpec, admin_handler};

use super::GET;

pub(super) fn routes() -> Vec<AdminRoute> {
    let one = |asset: &'static grantor_pages::Asset| {
        let handler = admin_handler(move |_| async move {
            Answer::bytes(200, asset.content_type, asset.bytes)
                .header("cache-control", "public, max-age=31536000, immutable")
        });
        AdminRoute { name: "asset", at: PathSpec::Fixed(asset.path), methods: GET, handler }
    };
    ASSETS.iter().map(one).collect()
}
