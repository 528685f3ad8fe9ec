use grantor_oauth::{RedirectRefusal, RedirectUri, RegistrationRule, append_query, matches};
use proptest::prelude::*;

const WEB: RegistrationRule = RegistrationRule::for_client(false, true, false);
const NATIVE: RegistrationRule = RegistrationRule::for_client(true, false, false);
const DEVELOPMENT: RegistrationRule = RegistrationRule::for_client(false, true, true);

fn refusal(raw: &str, rule: RegistrationRule) -> Option<RedirectRefusal> {
    RedirectUri::register(raw, rule).err()
}

#[test]
fn https_is_for_everybody() {
    for raw in ["https://example.com/oauth/callback", "https://example.com", "https://a.b:8443/cb?keep=1&x="] {
        assert_eq!(refusal(raw, WEB), None, "{raw}");
        assert_eq!(RedirectUri::register(raw, WEB).unwrap().as_str(), raw);
    }
}

#[test]
fn http_is_for_loopback_of_native_and_development_clients() {
    for raw in ["http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", "http://[::1]:5000/cb", "http://localhost:3000/"] {
        assert_eq!(refusal(raw, WEB), Some(RedirectRefusal::Http), "{raw}");
        assert_eq!(refusal(raw, NATIVE), None, "{raw}");
        assert_eq!(refusal(raw, DEVELOPMENT), None, "{raw}");
    }
    let public_in_development = RegistrationRule::for_client(false, false, true);
    assert_eq!(refusal("http://127.0.0.1/cb", public_in_development), Some(RedirectRefusal::Http));
    for raw in
        ["http://example.com/cb", "http://127.0.0.1.evil.tld/cb", "http://localhost.evil/", "http://127.0.0.1@evil/"]
    {
        assert_eq!(refusal(raw, NATIVE), Some(RedirectRefusal::Http), "{raw}");
    }
}

#[test]
fn private_use_schemes_are_reverse_domains_of_native_clients() {
    assert_eq!(refusal("com.example.app:/cb", NATIVE), None);
    assert_eq!(refusal("com.example.app://host/cb", NATIVE), None);
    assert_eq!(refusal("com.example.app:/cb", DEVELOPMENT), Some(RedirectRefusal::Scheme));
    for raw in [
        "myapp:/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "com.example:cb",
        "Com.Example:/cb",
        ".com:/",
        "x..y:/",
    ] {
        assert_eq!(refusal(raw, NATIVE), Some(RedirectRefusal::Scheme), "{raw}");
    }
}

#[test]
fn what_browsers_read_differently_is_refused() {
    use RedirectRefusal::*;
    let cases = [
        ("https://a.tld/cb#x", Fragment),
        ("https://*.a.tld/cb", Wildcard),
        ("https://user@a.tld/cb", UserInfo),
        ("https://a.tld\\@evil.tld/", Character),
        ("https://a.tld/ cb", Character),
        ("https://a.tld/\tcb", Character),
        ("https://ä.tld/cb", Character),
        ("https:a.tld", Scheme),
        ("https:///a.tld", Host),
        ("https://0x7f.1/cb", Host),
        ("https://a.tld:0/cb", Host),
        ("https://a.tld:99999/cb", Host),
        ("https://A.tld/cb", Host),
        ("https://%61.tld/cb", Host),
        ("https://a.tld;frame-ancestors/cb", Host),
        ("https://a.tld,b/cb", Host),
        ("https://a'b.tld/cb", Host),
        ("https://a.tld/cb?code=1", ReservedParameter),
        ("https://a.tld/cb?x=1&st%61te=1", ReservedParameter),
        ("HTTPS://a.tld/cb", Scheme),
        ("//a.tld/cb", Scheme),
        ("", Length),
    ];
    for (raw, why) in cases {
        assert_eq!(refusal(raw, WEB), Some(why), "{raw}");
    }
    assert_eq!(refusal(&format!("https://a.tld/{}", "x".repeat(2048)), WEB), Some(Length));
}

#[test]
fn comparison_is_by_raw_string() {
    let registered = "https://example.com/cb";
    assert!(matches(registered, registered, true));
    for presented in [
        "https://example.com/cb/",
        "https://example.com:443/cb",
        "https://EXAMPLE.com/cb",
        "https://example.com/%63b",
        "https://example.com/cb?",
        "https:example.com/cb",
        "https://example.com/./cb",
        "https://example.com/cb#",
        "",
    ] {
        assert!(!matches(registered, presented, true), "{presented}");
    }
}

#[test]
fn only_the_loopback_port_of_native_clients_is_free() {
    let registered = "http://127.0.0.1/cb";
    assert!(matches(registered, "http://127.0.0.1:49152/cb", true));
    assert!(matches("http://[::1]:1/cb?x=1", "http://[::1]:2/cb?x=1", true));
    assert!(!matches(registered, "http://127.0.0.1:49152/cb", false));
    for presented in [
        "http://127.0.0.1:49152/other",
        "http://localhost:1/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:70000/cb",
        "http://127.0.0.1:1@evil.tld/cb",
        "http://127.0.0.1:1\\@evil.tld/cb",
        "http://127.0.0.1.evil.tld/cb",
        "http://127.0.0.1:+1/cb",
        "https://127.0.0.1:1/cb",
    ] {
        assert!(!matches(registered, presented, true), "{presented}");
    }
}

#[test]
fn the_presented_uri_is_used_not_the_registered_one() {
    let registered = [RedirectUri::register("http://127.0.0.1/cb", NATIVE).unwrap()];
    let picked = RedirectUri::pick(&registered, "http://127.0.0.1:4000/cb", true).unwrap();
    assert_eq!(picked.as_str(), "http://127.0.0.1:4000/cb");
    assert_eq!(RedirectUri::pick(&registered, "http://127.0.0.1:4000/cb", false), None);
}

#[test]
fn parameters_are_appended_in_order_and_the_query_is_kept() {
    let pairs = [("code", "a b&c"), ("state", "ü=1+1")];
    let appended = |uri| append_query(uri, pairs);
    assert_eq!(appended("https://a/cb"), "https://a/cb?code=a%20b%26c&state=%C3%BC%3D1%2B1");
    assert_eq!(appended("https://a/cb?x=1"), "https://a/cb?x=1&code=a%20b%26c&state=%C3%BC%3D1%2B1");
    assert_eq!(appended("https://a/cb?"), "https://a/cb?code=a%20b%26c&state=%C3%BC%3D1%2B1");
    assert_eq!(append_query("https://a/cb", []), "https://a/cb");
}

#[test]
fn the_origin_is_what_a_policy_names() {
    let origin = |raw| RedirectUri::register(raw, RegistrationRule::WIDEST).unwrap().origin().to_owned();
    assert_eq!(origin("https://a.tld:8443/cb?x=/"), "https://a.tld:8443");
    assert_eq!(origin("https://a.tld?x=1"), "https://a.tld");
    assert_eq!(origin("http://127.0.0.1:1/cb"), "http://127.0.0.1:1");
    assert_eq!(origin("com.example.app:/cb"), "com.example.app:");
}

proptest! {
    #[test]
    fn appended_parameters_are_read_back_by_a_form_parser(pairs in prop::collection::vec(("[a-z]{1,6}", "\\PC{0,30}"), 1..6)) {
        let uri = append_query("https://a.tld/cb?keep=1", pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let query = uri.split_once('?').unwrap().1;
        let read: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        prop_assert_eq!(&read[0], &("keep".to_owned(), "1".to_owned()));
        prop_assert_eq!(&read[1..], &pairs[..]);
        prop_assert!(uri.bytes().all(|b| b.is_ascii_graphic()));
    }

    #[test]
    fn whatever_registers_is_read_alike_by_a_url_parser(raw in "https://[a-z0-9.:@/?%\\\\-]{1,30}") {
        if let Ok(uri) = RedirectUri::register(&raw, WEB) {
            let parsed = url::Url::parse(&raw).unwrap();
            let origin = parsed.origin().ascii_serialization();
            prop_assert_eq!(origin.trim_end_matches(":443"), uri.origin().trim_end_matches(":443"));
        }
    }
}
