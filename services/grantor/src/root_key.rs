//! `grantor root-key`: rotation of the key that everything else is wrapped by.

use grantor_host::{DataFolder, PostgresDatabases, StartError, Wrapped};

use crate::{
    birth,
    cli::{Place, RootKeyCommand},
    failure::Failure,
};

/// `grantor root-key list | add | remove ID`.
pub async fn root_key(place: &Place, command: RootKeyCommand) -> Result<(), Failure> {
    let config = birth::config(place)?;
    let folder = birth::folder(place, &config);
    if !folder.is_initialised() {
        return Err(StartError::NotInitialised(folder.path().to_owned()).into());
    }
    let postgres = birth::databases(&config)?;
    match command {
        RootKeyCommand::List => list(&folder, postgres.as_ref()).await,
        RootKeyCommand::Add => {
            let id = folder.add_root_key()?;
            println!("{id} wraps from now on. Start every process anew, with this file; then remove the old key.");
            Ok(())
        }
        RootKeyCommand::Remove { id } => remove(&folder, postgres.as_ref(), &id).await,
    }
}

async fn list(folder: &DataFolder, postgres: Option<&PostgresDatabases>) -> Result<(), Failure> {
    let keys = folder.root_keys(false)?;
    let held = postgres.is_none().then(|| folder.hold()).transpose()?;
    let counts = Wrapped::open(folder, postgres, keys.clone()).await?.counts().await?;
    drop(held);
    for id in keys.ids() {
        println!("{id}{}", if id == keys.active_id() { "  active" } else { "" });
        for (service, wrapped) in &counts {
            let tenants = wrapped.get(id).copied().unwrap_or_default();
            println!("  {service:<14} {tenants:>8}");
        }
    }
    Ok(())
}

async fn remove(folder: &DataFolder, postgres: Option<&PostgresDatabases>, id: &str) -> Result<(), Failure> {
    let keys = folder.root_keys(false)?;
    keys.check_removable(id)
        .map_err(|cause| StartError::Setting { setting: "root_key", problem: cause.to_string() })?;
    let held = postgres.is_none().then(|| folder.hold()).transpose()?;
    let rewrapped = Wrapped::open(folder, postgres, keys).await?.rewrap().await?;
    folder.remove_root_key(id)?;
    drop(held);
    println!("{id} is gone; {rewrapped} tenants' keys had still been wrapped by it.");
    Ok(())
}
