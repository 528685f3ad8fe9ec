use std::sync::Arc;

use grantor_crypto::InternalKeys;
use grantor_host::{Config, DataFolder, Options, Platform, PostgresDatabases, Role, Roles, SERVICES, StartError};
use grantor_ports::{Clock, SystemClock};
use secrecy::{ExposeSecret, SecretString};

use crate::{cli::Place, failure::Failure};

/// The configuration file, or the defaults.
pub fn config(place: &Place) -> Result<Config, Failure> {
    let config = place.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    config.check()?;
    Ok(config)
}

/// The data folder.
pub fn folder(place: &Place, config: &Config) -> DataFolder {
    let folder = DataFolder::new(&place.data, config.root_key.clone());
    if config.database.is_some() { folder.without_databases() } else { folder }
}

/// The databases of all services, where they are on PostgreSQL.
pub fn databases(config: &Config) -> Result<Option<PostgresDatabases>, Failure> {
    let settings = config.database.as_ref();
    Ok(settings.map(|settings| PostgresDatabases::of(settings, SERVICES)).transpose()?)
}

/// `grantor init`.
pub async fn init(place: &Place, unless_made: bool) -> Result<(), Failure> {
    let config = config(place)?;
    let folder = folder(place, &config);
    if unless_made && folder.is_initialised() {
        println!("{} is there already; nothing was changed.", folder.path().display());
        return Ok(());
    }
    give_birth(&folder, databases(&config)?, |token| {
        println!("Made {}.", folder.path().display());
        println!("The first operator's token, shown once and stored as a hash:\n\n  {}\n", token.expose_secret());
        println!("Keep it, and set GRANTOR_TOKEN to it for the operator's commands.");
        let config = place.config.as_ref().map(|config| format!(" --config {}", config.display()));
        println!("Then: grantor serve --data {}{}", folder.path().display(), config.unwrap_or_default());
        Ok(())
    })
    .await
}

/// Makes the folder, the root key, the databases and the first operator. The operator's token
/// is given to `keep`, and the folder counts as made once that has kept it: cut short before,
/// it is made again.
pub async fn give_birth(
    folder: &DataFolder,
    postgres: Option<PostgresDatabases>,
    keep: impl FnOnce(&SecretString) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // A database that cannot be reached leaves no folder behind.
    if let Some(postgres) = &postgres {
        postgres.migrate().await?;
    }
    let keys = folder.create()?;
    let held = folder.hold()?;
    if postgres.is_none() {
        folder.migrate(SystemClock.real()).await?;
    }
    // Production's rules are for what runs; nothing runs yet.
    let options =
        Options { clock: Arc::new(SystemClock), ..Options::of(&Config::default(), folder, Roles::default())? };
    let options = Options { postgres, ..options };
    let platform = Platform::open(folder, keys, options).await?;
    let operator = grantor_console::first_operator(platform.stores.of(Role::Console), "first operator").await;
    drop(platform);
    keep(&operator.map_err(|refusal| Failure::Refused(refusal.to_string()))?.token)?;
    folder.finish()?;
    drop(held);
    Ok(())
}

/// `grantor internal-key`: makes the file, or prints the part that some services need.
pub fn internal_key(place: &Place, services: &[String]) -> Result<(), Failure> {
    let config = config(place)?;
    let path = config.internal.key.clone().unwrap_or_else(|| folder(place, &config).internal_key());
    let failed =
        |cause| StartError::Setting { setting: "internal.key", problem: format!("{}: {cause}", path.display()) };
    if services.is_empty() {
        if path.exists() {
            println!("{} is there already; nothing was changed.", path.display());
        } else {
            InternalKeys::create(&path).map_err(failed)?;
            println!("Made {}.", path.display());
        }
        return Ok(());
    }
    let roles = Roles::parse(services)?;
    let keys = InternalKeys::load(&path).map_err(failed)?;
    let names = Role::ALL.map(Role::name);
    let takes_part = |name: &str| roles.iter().any(|role| role.name() == name);
    let pairs: Vec<(&str, &str)> = names
        .iter()
        .flat_map(|caller| names.iter().map(move |callee| (*caller, *callee)))
        .filter(|(caller, callee)| caller != callee && (takes_part(caller) || takes_part(callee)))
        .collect();
    print!("{}", *keys.excerpt(&pairs));
    Ok(())
}

/// `grantor migrate`.
pub async fn migrate(place: &Place) -> Result<(), Failure> {
    let config = config(place)?;
    let folder = folder(place, &config);
    if !folder.is_initialised() {
        return Err(grantor_host::StartError::NotInitialised(folder.path().to_owned()).into());
    }
    if let Some(postgres) = databases(&config)? {
        match postgres.migrate().await? {
            0 => println!("Up to date; nothing to do."),
            steps => println!("Migrated, {steps} steps."),
        }
        say_made(&config.make_topics().await?);
        return Ok(());
    }
    let _held = folder.hold()?;
    match folder.migrate(SystemClock.real()).await? {
        Some(copy) => println!("Migrated. The databases as they were are in {}.", copy.display()),
        None => println!("Up to date; nothing to do."),
    }
    say_made(&config.make_topics().await?);
    Ok(())
}

/// `grantor topics`.
pub async fn topics(place: &Place) -> Result<(), Failure> {
    let config = config(place)?;
    if config.bus.kafka.is_none() {
        let problem = "is not set: there is no broker to make topics on".to_owned();
        return Err(StartError::Setting { setting: "bus.kafka", problem }.into());
    }
    let made = config.make_topics().await?;
    if made.is_empty() {
        println!("Every topic is there; nothing to do.");
    }
    say_made(&made);
    Ok(())
}

fn say_made(topics: &[String]) {
    topics.iter().for_each(|topic| println!("Made the topic {topic}."));
}
