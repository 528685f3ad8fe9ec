use grantor_remote::Role;
use grantor_web::Route;

use crate::{DataFolder, Options, Platform, Roles, StartError};

/// Every route that faces tenants, of every service: the table from which an ingress is made.
///
/// The services say what they answer once they are there, so they are made, over empty databases
/// in `scratch`, which has to be an empty folder that the caller removes.
pub async fn tenant_routes(scratch: &std::path::Path) -> Result<Vec<Route>, StartError> {
    let folder = DataFolder::new(scratch, None);
    let keys = folder.create()?;
    let options = Options { roles: Roles::default().and(Role::DemoApi), ..Options::default() };
    folder.migrate(options.clock.real()).await?;
    let platform = Platform::open(&folder, keys, options).await?;
    Ok(platform.tenants.routes().to_vec())
}
