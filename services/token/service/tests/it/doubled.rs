//! Doubled refreshes with lost responses: what a mobile network does to a client. `GRANTOR_REFRESHES`
//! sets how many; `make faults` takes ten thousand.

use std::sync::Arc;

use grantor_token_domain::grant::Grant;
use uuid::Uuid;

use crate::world::*;

const FAMILIES: usize = 8;

fn wanted() -> usize {
    std::env::var("GRANTOR_REFRESHES").ok().and_then(|text| text.parse().ok()).unwrap_or(240)
}

/// Dice that fall the same way every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_client_is_logged_out_and_no_family_has_two_live_generations() {
    let world = Arc::new(
        World::with(|profile| {
            profile.refresh_tokens.grace_seconds = 60;
            profile.refresh_tokens.idle_seconds = None;
            profile.refresh_tokens.absolute_seconds = None;
        })
        .await,
    );
    let mut clients = Vec::new();
    for seed in 0..FAMILIES {
        let reply = world.tokens(OPEN, "openid offline_access").await;
        let world = Arc::clone(&world);
        let first = reply.text("refresh_token").to_owned();
        let rounds = wanted() / FAMILIES;
        clients.push(tokio::spawn(async move { live(&world, seed, first, rounds).await }));
    }
    for client in clients {
        client.await.expect("a client that was not logged out");
    }
}

/// One client: it sends every refresh twice at once and loses some of the answers; then it has
/// only the token from before, and tries again with that.
async fn live(world: &World, seed: usize, first: String, rounds: usize) {
    let mut dice = Dice(seed as u64);
    let mut held = first;
    for round in 0..rounds {
        let (one, two) = tokio::join!(world.refresh(OPEN, &held), world.refresh(OPEN, &held));
        let answers: Vec<&str> =
            [&one, &two].iter().filter(|it| it.status == 200).map(|it| it.text("refresh_token")).collect();
        assert!(!answers.is_empty(), "round {round}: logged out: {one:?} {two:?}");
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "round {round}: two successors");
        for refused in [&one, &two].into_iter().filter(|it| it.status != 200) {
            assert_eq!(refused.status, 503, "round {round}: a benign race is no theft: {refused:?}");
        }
        let successor = answers[0].to_owned();
        let lost = dice.below(3) == 0;
        if lost {
            let again = world.refresh(OPEN, &held).await;
            assert_eq!(again.status, 200, "round {round}: {again:?}");
            assert_eq!(again.text("refresh_token"), successor, "round {round}: the same successor");
        }
        // One generation lives: the successor; the one before only repeats it.
        assert!(world.is_active(OPEN, &successor).await, "round {round}");
        assert!(!world.is_active(OPEN, &held).await, "round {round}");
        held = successor;
    }
    let found = world.grants().await;
    let at_least = |family: &grantor_token_domain::grant::Family| family.generation as usize >= rounds;
    assert!(found.iter().filter_map(Grant::family).any(at_least), "the family moved on once a round");
}

impl World {
    /// The state of every grant.
    async fn grants(&self) -> Vec<Grant> {
        let log = self.store.read_log(grantor_store::Log::Events, Default::default(), 1000).await.unwrap();
        let mut ids: Vec<Uuid> = log
            .iter()
            .filter(|event| event.event_type == "oauth.authorization.created")
            .map(|event| event.aggregate_id)
            .collect();
        ids.dedup();
        let mut grants = Vec::new();
        for id in ids {
            grants.push(self.store.load::<Grant>(OPEN, id).await.unwrap().state);
        }
        grants
    }
}
