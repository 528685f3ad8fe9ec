//! Events as sentences.

use crate::Lang;

/// What an event says; `None` for one that has no sentence yet.
pub(crate) fn event_label(lang: Lang, event: &str) -> Option<&'static str> {
    let (_, en, de) = LABELS.iter().find(|(known, ..)| *known == event)?;
    Some(match lang {
        Lang::En => en,
        Lang::De => de,
    })
}

const LABELS: [(&str, &str, &str); 43] = [
    ("platform.tenant.created", "Tenant made", "Mandant angelegt"),
    ("platform.tenant.profile_changed", "Profile changed", "Profil geändert"),
    ("platform.tenant.presentation_changed", "Name, look or terms changed", "Name, Aussehen oder Bedingungen geändert"),
    ("platform.tenant.mail_server_changed", "Mail server changed", "Mailserver geändert"),
    ("platform.tenant.member_invited", "Colleague invited", "Teammitglied eingeladen"),
    ("platform.tenant.invitation_withdrawn", "Invitation withdrawn", "Einladung zurückgezogen"),
    ("platform.tenant.member_joined", "Colleague joined", "Teammitglied beigetreten"),
    ("platform.tenant.member_role_changed", "Role changed", "Rolle geändert"),
    ("platform.tenant.member_left", "Colleague removed", "Teammitglied entfernt"),
    ("platform.tenant.suspended", "Tenant suspended", "Mandant gesperrt"),
    ("platform.tenant.restored", "Tenant restored", "Mandant entsperrt"),
    ("platform.tenant.clock_advanced", "Clock moved forward", "Uhr vorgestellt"),
    ("oauth.client.registered", "Client registered", "Anwendung registriert"),
    ("oauth.client.submitted", "Client submitted for approval", "Anwendung zur Freigabe eingereicht"),
    ("oauth.client.approved", "Client approved", "Anwendung freigegeben"),
    ("oauth.client.rejected", "Client rejected", "Anwendung abgelehnt"),
    ("oauth.client.suspended", "Client suspended", "Anwendung gesperrt"),
    ("oauth.client.restored", "Client restored", "Anwendung entsperrt"),
    ("oauth.client.updated", "Client changed", "Anwendung geändert"),
    ("oauth.client.secret_rotated", "New client secret", "Neues Anwendungsgeheimnis"),
    ("oauth.client.secret_retired", "Client secret ended", "Anwendungsgeheimnis beendet"),
    ("oauth.client.deleted", "Client deleted", "Anwendung gelöscht"),
    ("identity.user.created", "User made", "Nutzer angelegt"),
    ("identity.user.profile_changed", "Personal data changed", "Persönliche Daten geändert"),
    ("identity.user.credential_changed", "Password changed", "Passwort geändert"),
    ("identity.user.locked", "User locked", "Nutzer gesperrt"),
    ("identity.user.locked_out", "Locked after wrong passwords", "Nach falschen Passwörtern gesperrt"),
    ("identity.user.unlocked", "User unlocked", "Nutzer entsperrt"),
    ("identity.user.deactivated", "User deactivated", "Nutzer abgeschaltet"),
    ("identity.user.erased", "User erased", "Nutzer gelöscht"),
    ("identity.account.linked", "Account linked", "Konto verknüpft"),
    ("platform.signing_key.created", "Key made", "Schlüssel angelegt"),
    ("platform.signing_key.activated", "Key signs from now on", "Schlüssel signiert ab jetzt"),
    ("platform.signing_key.retired", "Key signs no more", "Schlüssel signiert nicht mehr"),
    ("webhook.endpoint.created", "Endpoint made", "Endpunkt angelegt"),
    ("webhook.endpoint.updated", "Endpoint changed", "Endpunkt geändert"),
    ("webhook.endpoint.paused", "Endpoint paused", "Endpunkt angehalten"),
    ("webhook.endpoint.resumed", "Endpoint resumed", "Endpunkt fortgesetzt"),
    ("webhook.endpoint.disabled", "Endpoint disabled", "Endpunkt abgeschaltet"),
    ("webhook.endpoint.secret_rotated", "Secret replaced", "Geheimnis ersetzt"),
    ("webhook.endpoint.secret_revealed", "Secret shown", "Geheimnis angezeigt"),
    ("webhook.endpoint.deleted", "Endpoint deleted", "Endpunkt gelöscht"),
    ("identity.account.unlinked", "Account unlinked", "Konto gelöst"),
];
