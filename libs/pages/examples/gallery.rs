//! Writes every page, in both languages and with pleasant, hostile and overlong data, to a folder,
//! so that they can be looked at in a browser:
//!
//! ```sh
//! cargo run -p grantor-pages --example gallery -- /tmp/gallery
//! ```

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::{fmt::Write as _, fs, io, path::PathBuf};

use grantor_pages::{ASSETS, BRAND_CSS_PATH, Branding, Colour, Lang, brand_css};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".to_owned()));
    fs::create_dir_all(folder.join("assets"))?;
    for asset in ASSETS {
        fs::write(folder.join(&asset.path[1..]), asset.bytes)?;
    }
    fs::write(folder.join(&BRAND_CSS_PATH[1..]), brand_css(&Branding { colour: Colour::parse("#0f6e5a") }))?;
    let mut index = String::from("<!DOCTYPE html><meta charset=utf-8><title>Gallery</title><ul>");
    for (kind, words) in [("plain", &samples::PLAIN), ("hostile", &samples::HOSTILE), ("long", &samples::LONG)] {
        for lang in Lang::ALL {
            for (name, html) in samples::pages(lang, words) {
                let file = format!("{kind}-{}-{name}.html", lang.tag());
                // Files have no root to start at, so the pages' paths are made relative to the folder.
                let html = html.replace("\"/t/financefeast/assets/", "\"assets/").replace("\"/assets/", "\"assets/");
                fs::write(folder.join(&file), html)?;
                // Writing to a String cannot fail.
                let _ = writeln!(index, "<li><a href=\"{file}\">{file}</a>");
            }
        }
    }
    fs::write(folder.join("index.html"), index)?;
    println!("{}", folder.join("index.html").display());
    Ok(())
}
