//! Shapes: lengths, alphabets, evenness.

use grantor_profile::{Alphabet, Shape};
use proptest::prelude::*;

fn app_id() -> Shape {
    Shape::Random { prefix: "app_".to_owned(), alphabet: Alphabet::Base62, length: 13 }
}

fn shapes() -> Vec<Shape> {
    let mut all = vec![Shape::Uuid4 {}, app_id(), Shape::JwtLike { payload_bytes: 48 }];
    for alphabet in [Alphabet::Base62, Alphabet::Hex, Alphabet::Base64url] {
        all.extend([1, 32, 42, 43, 128].map(|length| Shape::random(alphabet, length)));
    }
    all
}

#[test]
fn a_uuid_has_its_version_and_variant() {
    let text = Shape::Uuid4 {}.render(&[0xff; 16]);
    assert_eq!(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    assert_eq!(Shape::Uuid4 {}.render(&[0; 16]), "00000000-0000-4000-8000-000000000000");
}

#[test]
fn a_jwt_like_code_begins_as_the_guide_shows() {
    let text = Shape::JwtLike { payload_bytes: 48 }.generate(|bytes| bytes.fill(7));
    assert!(text.starts_with("eyJhbGciO"));
    assert_eq!(text.split('.').count(), 3);
    assert!(text.len() <= 2048);
}

#[test]
fn entropy_is_that_of_the_guides_shapes() {
    assert_eq!(Shape::random(Alphabet::Base62, 42).entropy_bits(), 250);
    assert_eq!(Shape::random(Alphabet::Hex, 40).entropy_bits(), 160);
    assert_eq!(Shape::random(Alphabet::Base64url, 43).entropy_bits(), 258);
    assert_eq!(Shape::Uuid4 {}.entropy_bits(), 122);
    assert_eq!(app_id().entropy_bits(), 77);
}

/// A small generator, so that the test is the same every time.
fn fill(seed: &mut u64, bytes: &mut [u8]) {
    for byte in bytes {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *byte = seed.to_le_bytes()[3];
    }
}

#[test]
fn every_character_is_about_as_frequent_at_every_place() {
    let shape = Shape::random(Alphabet::Base62, 42);
    let mut seed = 88_172_645_463_325_252;
    let mut counts = vec![[0_u32; 128]; 42];
    for _ in 0..6200 {
        let text = shape.generate(|bytes| fill(&mut seed, bytes));
        text.bytes().enumerate().for_each(|(at, b)| counts[at][usize::from(b)] += 1);
    }
    for place in counts {
        for character in Alphabet::Base62.characters() {
            let count = place[usize::from(*character)];
            assert!((50..=160).contains(&count), "{count} of 100 expected");
        }
    }
}

#[test]
#[should_panic(expected = "as many bytes as it needs")]
fn too_few_bytes_are_not_rendered() {
    Shape::Uuid4 {}.render(&[0; 15]);
}

proptest! {
    #[test]
    fn every_shape_has_its_length_and_alphabet(which in 0_usize..18, seed in 1_u64..) {
        let shape = &shapes()[which];
        let mut seed = seed;
        let text = shape.generate(|bytes| fill(&mut seed, bytes));
        prop_assert_eq!(text.len(), shape.rendered_len());
        if let Shape::Random { prefix, alphabet, .. } = shape {
            let random = text.strip_prefix(prefix.as_str()).unwrap();
            prop_assert!(random.bytes().all(|b| alphabet.characters().contains(&b)));
        }
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "safe in a URL");
    }
}
