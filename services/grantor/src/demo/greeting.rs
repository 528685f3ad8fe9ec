use grantor_host::Running;

use super::credentials::Credentials;

/// What a newcomer needs to see.
pub fn welcome(credentials: &Credentials, running: &Running) {
    println!("Grantor is running (process {}). Stop it with Ctrl-C.\n", running.pid);
    tell(credentials);
}

fn tell(credentials: &Credentials) {
    let Credentials { operator_token, admin, user, developer, tenants, .. } = credentials;
    let (feast, openid) = (&tenants.financefeast, &tenants.openid);
    let (finapi, finx) = (&tenants.finapi, &tenants.finx);
    println!("  Financefeast   {}   API {}", feast.issuer, feast.api);
    println!("    register a client   {}/oauth/create_client", feast.issuer);
    println!("    client_id           {}", feast.client_id);
    println!("    client_secret       {}", feast.client_secret);
    println!("  OpenID Demo    {}/.well-known/openid-configuration", openid.issuer);
    println!("    client_id           {}", openid.client_id);
    println!("    client_secret       {}", openid.client_secret);
    println!("  finAPI Access  {}/explorer", finapi.issuer);
    println!("    client_id           {}", finapi.client_id);
    println!("    client_secret       {}", finapi.client_secret);
    println!("  finX           {}   API {}", finx.issuer, finx.api);
    println!("    client_id           {}", finx.client_id);
    println!("    client_secret       {}", finx.client_secret);
    for (name, tenant) in [("Finexer", &tenants.finexer), ("Example", &tenants.generic)] {
        if !tenant.issuer.is_empty() {
            println!("  {name:<14} {}", tenant.issuer);
            println!("    client_id           {}", tenant.client_id);
            println!("    client_secret       {}", tenant.client_secret);
        }
    }
    println!("    redirect_uri        {}   (of every client)\n", openid.redirect_uri);
    println!("  User           {}   {}", user.username, user.password);
    println!("  Developer      {}   {}", developer.username, developer.password);
    println!("  Operator       {operator_token}");
    println!("    dashboard           {admin}/");
    println!("    admin API           {admin}/admin/v1/openapi.json");
    println!("    mailbox             {admin}/mailbox");
    println!("    metrics             {admin}/metrics\n");
    println!("A token for the demo client itself:\n");
    println!(
        "curl -s -u '{}:{}' -d grant_type=client_credentials {}/oauth/token\n",
        openid.client_id, openid.client_secret, openid.issuer
    );
    println!("A link to the finX widget (open `location` in a browser; the bank's page says how to sign in there):\n");
    println!(
        "curl -s -u '{}:{}' -H 'Content-Type: application/json' -d '{{\"redirect_uri\":\"{}\",\"state\":\"hello\"}}' {}/onetime/access\n",
        finx.client_id, finx.client_secret, finx.redirect_uri, finx.issuer
    );
    println!("In a browser, as the user (nothing listens at the redirect_uri: the code is in the address bar then):\n");
    println!(
        "  {}/oauth/authorize?response_type=code&client_id={}&redirect_uri={}&scope=openid+profile+plan&state=hello",
        feast.issuer, feast.client_id, feast.redirect_uri
    );
}

/// The data folder is in use: by a demo, of which the same is said again, or by something else.
pub fn already_running(running: Option<&Running>, credentials: Option<&Credentials>) {
    let Some(running) = running else {
        println!("Grantor is already running on this data folder; it has not said yet where.");
        return;
    };
    println!("Grantor is already running (process {}).\n", running.pid);
    match credentials {
        Some(credentials) => tell(credentials),
        None => {
            running.listen.iter().for_each(|at| println!("  {at}"));
            println!("  {}   (operators)", running.admin);
        }
    }
}
