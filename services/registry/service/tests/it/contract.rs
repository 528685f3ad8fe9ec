use grantor_registry::publish::EVENT_TYPES;

#[test]
fn every_event_is_in_the_catalogue() {
    let catalogue = include_str!("../../../../../proto/CATALOGUE.md");
    let facts = [grantor_copies::TENANT_STATE, grantor_copies::CLIENT_STATE];
    for event in EVENT_TYPES.into_iter().chain(facts) {
        assert!(catalogue.contains(&format!("`{event}`")), "{event}");
    }
}
