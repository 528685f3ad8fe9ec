use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// OAuth 2.0 and OpenID Connect for many tenants, from one log of events.
#[derive(Debug, Parser)]
#[command(name = "grantor", version, about)]
pub struct Arguments {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub api: Api,
    #[command(subcommand)]
    pub command: Command,
}

/// Where the data and the settings are.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The data folder.
    #[arg(long, global = true, default_value = "./data", env = "GRANTOR_DATA")]
    pub data: PathBuf,
    /// The configuration file; without one, the defaults of the embedded mode.
    #[arg(long, global = true, env = "GRANTOR_CONFIG")]
    pub config: Option<PathBuf>,
}

/// How the operator's commands reach a running Grantor.
#[derive(Debug, Clone, Args)]
pub struct Api {
    /// Base URL of the admin API; that of the process on the data folder when absent.
    #[arg(long, global = true, env = "GRANTOR_ADMIN")]
    pub admin: Option<String>,
    /// The operator's token; the demo's when absent.
    #[arg(long, global = true, env = "GRANTOR_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes the data folder, the root key and the first operator; prints that operator's token once.
    Init {
        /// Nothing is wrong when they have been made before.
        #[arg(long)]
        unless_made: bool,
    },
    /// Brings the databases up to date, after a copy, and makes missing topics.
    Migrate,
    /// Makes the topics of `bus.kafka` that are missing.
    Topics,
    /// Runs services in this process: all of them, or those that are named.
    Serve {
        /// registry, directory, authorization, token, console, webhooks, demo-api.
        services: Vec<String>,
    },
    /// Makes the key file by which processes know each other, if there is none; or prints the
    /// part of it that a process with these services needs.
    InternalKey {
        /// registry, directory, authorization, token, console, webhooks, demo-api.
        services: Vec<String>,
    },
    /// Root keys: the file that everything else is wrapped by.
    RootKey {
        #[command(subcommand)]
        command: RootKeyCommand,
    },
    /// Prints an nginx configuration that puts several processes behind one address per tenant.
    Ingress(Ingress),
    /// Makes a seeded demo if there is none yet, and runs it.
    Demo {
        /// The first of the ports it uses: port to port + 11.
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Tenants.
    Tenant {
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Clients of a tenant.
    Client {
        /// The tenant's slug.
        #[arg(long, global = true, default_value = "")]
        tenant: String,
        #[command(subcommand)]
        command: ClientCommand,
    },
    /// Users of a tenant.
    User {
        /// The tenant's slug.
        #[arg(long, global = true, default_value = "")]
        tenant: String,
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Signing keys of a tenant.
    Key {
        /// The tenant's slug.
        #[arg(long, global = true, default_value = "")]
        tenant: String,
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Webhook endpoints of a tenant and its clients.
    Webhook {
        /// The tenant's slug.
        #[arg(long, global = true, default_value = "")]
        tenant: String,
        #[command(subcommand)]
        command: WebhookCommand,
    },
    /// Profiles as documents; needs no running Grantor.
    Profile {
        #[command(subcommand)]
        command: ProfileCommand,
    },
}

/// What stands before several processes.
#[derive(Debug, Args)]
pub struct Ingress {
    /// Where nginx listens; may be given more than once.
    #[arg(long, required = true)]
    pub listen: Vec<SocketAddr>,
    /// Where the process of a service listens for tenants: `token=127.0.0.1:8084`.
    #[arg(long, required = true)]
    pub service: Vec<String>,
    /// The admin listener of the process that runs the registry: it knows the tenants' paths.
    #[arg(long)]
    pub ask: SocketAddr,
    /// A folder that nginx may write to.
    #[arg(long, default_value = "/var/cache/nginx/grantor")]
    pub cache: PathBuf,
    /// The certificate chain, for https.
    #[arg(long, requires = "key")]
    pub certificate: Option<PathBuf>,
    /// Its private key.
    #[arg(long, requires = "certificate")]
    pub key: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum RootKeyCommand {
    /// Lists them, with the number of tenants whose keys each wraps, by service.
    List,
    /// Adds one, which wraps from now on. Start every process anew then: each brings the keys in its
    /// databases under the new one while it runs.
    Add,
    /// Takes an old one away, after bringing what is left under the active one.
    Remove { id: String },
}

#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Lists tenants.
    List,
    /// Shows one.
    Show { slug: String },
    /// Makes one from a JSON document (see `GET /admin/v1/openapi.json`); `-` reads standard input.
    Create { document: PathBuf },
    /// Prints its profile.
    Profile { slug: String },
    /// Replaces its profile by a JSON document; `-` reads standard input.
    SetProfile { slug: String, document: PathBuf },
    /// Makes one with another's profile, look and terms; never its keys, clients or users.
    Clone {
        /// The tenant to take after.
        slug: String,
        /// The slug of the new one.
        new: String,
        /// The issuer of the new one.
        #[arg(long)]
        issuer: String,
        /// Its name; the other's when absent.
        #[arg(long)]
        name: Option<String>,
        /// production, development or sandbox; the other's when absent.
        #[arg(long)]
        kind: Option<String>,
        /// Whom partners of the new one write to.
        #[arg(long)]
        contact: Option<String>,
    },
    /// Changes one knob of its profile.
    Set {
        slug: String,
        /// The knob as a JSON pointer, such as `/access_tokens/ttl_seconds`.
        pointer: String,
        /// JSON, or a word that stands for itself.
        #[arg(required_unless_present = "remove")]
        value: Option<String>,
        /// Takes the knob, or the item of a list, out.
        #[arg(long, conflicts_with = "value")]
        remove: bool,
        /// Acknowledges a weak knob by its name in the security delta; may be given more than once.
        #[arg(long)]
        acknowledge: Vec<String>,
    },
    /// Shows in which knobs its profile differs from a preset or another tenant's.
    Diff {
        slug: String,
        #[arg(long, required_unless_present = "tenant")]
        preset: Option<String>,
        #[arg(long, conflicts_with = "preset")]
        tenant: Option<String>,
    },
    /// Shows where its profile is weaker than RFC 9700, OAuth 2.1 and FAPI 2.0.
    Delta {
        slug: String,
        /// Prints JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Shows what time it is at a sandbox, or moves its clock forward.
    Clock {
        slug: String,
        #[command(subcommand)]
        command: Option<ClockCommand>,
    },
    /// Shows its own mail server, or sets, removes or tests it.
    MailServer {
        slug: String,
        #[command(subcommand)]
        command: Option<MailServerCommand>,
    },
    /// Shows its own staff, or gives or takes a role.
    Team {
        slug: String,
        #[command(subcommand)]
        command: Option<TeamCommand>,
    },
    /// Refuses everything at this tenant until it is restored.
    Suspend { slug: String },
    /// Answers again.
    Restore { slug: String },
}

#[derive(Debug, Subcommand)]
pub enum TeamCommand {
    /// Gives a user, by id or address, a role: viewer, reviewer or owner.
    Set { user: String, role: String },
    /// Takes the role away.
    Remove { user: String },
}

#[derive(Debug, Subcommand)]
pub enum MailServerCommand {
    /// Sets it by a JSON document: host, port, security (tls, start_tls), username, password, from.
    Set { document: PathBuf },
    /// Takes it away: mails go out as the deployment's do.
    Remove,
    /// Sends a test mail.
    Test { to: String },
}

#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    /// Moves it forward: what ends by then is over within a second. There is no way back.
    Advance {
        /// Such as `10d`, `90m` or `1h 30s`.
        by: humantime::Duration,
    },
}

#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Lists clients, newest first.
    List {
        /// Only those in this state: draft, pending, approved, rejected, suspended.
        #[arg(long)]
        state: Option<String>,
    },
    /// Shows one.
    Show { client_id: String },
    /// Makes an approved client from a JSON document; prints its secret once.
    Create { document: PathBuf },
    /// Changes its settings by a JSON document.
    Change { client_id: String, document: PathBuf },
    /// Lets it be used.
    Approve { client_id: String },
    /// Says no to it.
    Reject {
        client_id: String,
        /// For the developer.
        #[arg(long)]
        reason: String,
    },
    /// Stops it; its tokens are dead at once.
    Suspend {
        client_id: String,
        /// For the developer.
        #[arg(long)]
        reason: String,
    },
    /// Lets it be used again.
    Restore { client_id: String },
    /// Makes a second secret, printed once; the older one goes on for a day.
    RotateSecret { client_id: String },
    /// Deletes it for ever.
    Delete { client_id: String },
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Lists users, newest first.
    List,
    /// Shows one, by id or e-mail address.
    Show { user: String },
    /// Makes one from a JSON document; `-` reads standard input.
    Create { document: PathBuf },
    /// Changes one by a JSON document.
    Change { user: String, document: PathBuf },
    /// No login and no token until unlocked.
    Lock { user: String },
    /// Again.
    Unlock { user: String },
    /// No more.
    Deactivate { user: String },
    /// Destroys what is personal; cannot be taken back.
    Erase { user: String },
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Lists signing keys.
    List,
    /// Brings in a next key: published now, used once every cache knows it.
    Rotate {
        /// RS256, ES256 or EdDSA.
        alg: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Lists endpoints.
    List {
        /// Only this client's.
        #[arg(long)]
        client: Option<String>,
    },
    /// Prints an endpoint, and how it does.
    Show { id: String },
    /// Makes an endpoint; prints its secret.
    Create {
        /// Where it is.
        url: String,
        /// Names of events.
        #[arg(required = true)]
        events: Vec<String>,
        /// The client whose events it hears; the whole tenant's when absent.
        #[arg(long)]
        client: Option<String>,
        /// tenant, standard or cloud_events.
        #[arg(long)]
        format: Option<String>,
        /// v1, v1a or both.
        #[arg(long)]
        signing: Option<String>,
        /// Calls per second, at most; as many as it answers when absent.
        #[arg(long)]
        max_per_second: Option<u32>,
    },
    /// Limits how often it is called in a second; 0 takes the limit away.
    Limit { id: String, per_second: u32 },
    /// Stops calling it; what happens meanwhile waits.
    Pause { id: String },
    /// Goes on, also after it was disabled.
    Resume { id: String },
    /// Takes it away for ever.
    Delete { id: String },
    /// Makes a new secret; those before sign on for a day, or for as long as is said.
    RotateSecret {
        id: String,
        /// Such as 1h; 0s for none.
        #[arg(long, value_parser = humantime::parse_duration)]
        overlap: Option<std::time::Duration>,
    },
    /// Sends a test event.
    Test { id: String },
    /// Lists what was sent, newest first.
    Deliveries {
        id: String,
        /// pending, delivered or failed.
        #[arg(long)]
        state: Option<String>,
    },
    /// Sends one again.
    Resend { id: String, message: String },
    /// Sends again what did not arrive since an instant, such as 2026-11-28T12:00:00Z.
    Recover { id: String, since: String },
}

#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Lists the presets.
    Presets,
    /// Prints a preset.
    Show { preset: String },
    /// Checks a document, and prints where it is weaker than RFC 9700, OAuth 2.1 and FAPI 2.0 and
    /// what makes up for it. Fails when a weak knob is not acknowledged.
    Lint {
        /// A file, or `-` for standard input, or the name of a preset.
        document: PathBuf,
        /// Prints JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
}
