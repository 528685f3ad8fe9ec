use chrono::{DateTime, TimeDelta};

use super::*;

const GOOD: Standing = Standing {
    tenant_active: true,
    client: ClientStanding { approved: true, confidential: true, password_grant: true },
    locked_out: false,
    user: Some(UserStanding::Active),
    made: None,
    not_before: NotBefore { marks: Marks { tenant: 0, user: 0 }, instant: None },
    scope_allowed: true,
};

/// One column of the matrix: what is wrong, and the answer for each of [`Use::ALL`].
fn check(what_is_wrong: &str, standing: Standing, expected: [Result<(), Denial>; 6]) {
    let found = Use::ALL.map(|what| permit(what, &standing));
    assert_eq!(found, expected, "{what_is_wrong}");
}

#[test]
fn every_grant_type_meets_every_policy() {
    use Denial as D;
    // IssueCode, AuthorizationCode, RefreshToken, ClientCredentials, Password, Token
    check("nothing", GOOD, [Ok(()); 6]);
    check("tenant", Standing { tenant_active: false, ..GOOD }, [Err(D::Tenant); 6]);
    let l = Err(D::LockedOut);
    check("lockout", Standing { locked_out: true, ..GOOD }, [l, l, l, l, l, Ok(())]);
    let suspended = ClientStanding { approved: false, ..GOOD.client };
    check("client", Standing { client: suspended, ..GOOD }, [Err(D::Client); 6]);
    let public = ClientStanding { confidential: false, ..GOOD.client };
    let p = Err(D::PublicClient);
    check("public client", Standing { client: public, ..GOOD }, [Ok(()), Ok(()), Ok(()), p, p, Ok(())]);
    let not_let_in = ClientStanding { password_grant: false, ..GOOD.client };
    let n = Err(D::NotLetIn);
    check("no opt-in", Standing { client: not_let_in, ..GOOD }, [Ok(()), Ok(()), Ok(()), Ok(()), n, Ok(())]);
    let two = Standing { user: Some(UserStanding::SecondFactor), ..GOOD };
    check("second factor", two, [Ok(()), Ok(()), Ok(()), Ok(()), Err(D::SecondFactor), Ok(())]);
    check("locked user", Standing { user: Some(UserStanding::Locked), ..GOOD }, [Err(D::UserLocked); 6]);
    check("gone user", Standing { user: Some(UserStanding::Gone), ..GOOD }, [Err(D::UserGone); 6]);
    let (g, u) = (Err(D::UserGone), Err(D::UserUnheard));
    check("no user", Standing { user: None, ..GOOD }, [g, g, g, Ok(()), g, Ok(())]);
    let unheard = Standing { user: Some(UserStanding::Unheard), ..GOOD };
    check("silent directory", unheard, [Ok(()), Ok(()), u, Ok(()), u, Ok(())]);
    let s = Err(D::Scope);
    check("scope", Standing { scope_allowed: false, ..GOOD }, [s, s, s, s, s, Ok(())]);
}

#[test]
fn what_was_made_before_a_mass_revocation_is_dead_for_every_use() {
    let made = DateTime::from_timestamp_millis(1_000).unwrap();
    let old = Standing { made: Some((made, Marks { tenant: 3, user: 5 })), ..GOOD };
    let least = |tenant, user| NotBefore { marks: Marks { tenant, user }, instant: None };
    check("marks reached", Standing { not_before: least(3, 5), ..old }, [Ok(()); 6]);
    check("tenant's mark moved on", Standing { not_before: least(4, 5), ..old }, [Err(Denial::Revoked); 6]);
    check("user's mark moved on", Standing { not_before: least(3, 6), ..old }, [Err(Denial::Revoked); 6]);
}

#[test]
fn what_was_made_before_the_directorys_instant_is_dead() {
    let made = DateTime::from_timestamp_millis(1_000).unwrap();
    let at = |instant| NotBefore { instant: Some(instant), ..NotBefore::default() };
    let old = Standing { made: Some((made, Marks::default())), ..GOOD };
    check("same instant", Standing { not_before: at(made), ..old }, [Ok(()); 6]);
    let later = made + TimeDelta::milliseconds(1);
    check("before", Standing { not_before: at(later), ..old }, [Err(Denial::Revoked); 6]);
}
