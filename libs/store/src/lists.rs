//! Lists, read through sea-orm: admin pages and "my applications". Never on a request's hot path.

use grantor_ids::TenantId;
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
};

use crate::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "es_list")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    list: String,
    owner: String,
    sort: String,
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    version: i64,
    data: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How many items a list has.
pub(crate) async fn count(
    db: &DatabaseConnection,
    tenant: TenantId,
    list: &str,
    owner: &str,
) -> Result<u64, StoreError> {
    let query = Entity::find()
        .filter(Column::TenantId.eq(tenant.uuid()))
        .filter(Column::List.eq(list))
        .filter(Column::Owner.eq(owner));
    query.count(db).await.map_err(|cause| {
        tracing::error!(%cause, "a list cannot be counted");
        StoreError::Failed
    })
}

/// Between the two halves of a cursor; neither sort keys nor ids contain it.
const CURSOR_SEPARATOR: char = '\u{1f}';

pub(crate) async fn page(
    db: &DatabaseConnection,
    tenant: TenantId,
    list: &str,
    owner: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<(Vec<u8>, String)>, StoreError> {
    let mut query = Entity::find()
        .filter(Column::TenantId.eq(tenant.uuid()))
        .filter(Column::List.eq(list))
        .filter(Column::Owner.eq(owner));
    if let Some((sort, id)) =
        after.filter(|cursor| !cursor.contains('\0')).and_then(|cursor| cursor.split_once(CURSOR_SEPARATOR))
    {
        let same_sort = Condition::all().add(Column::Sort.eq(sort)).add(Column::Id.gt(id));
        query = query.filter(Condition::any().add(Column::Sort.gt(sort)).add(same_sort));
    }
    let found =
        query.order_by_asc(Column::Sort).order_by_asc(Column::Id).limit(u64::from(limit)).all(db).await.map_err(
            |cause| {
                tracing::error!(%cause, "a list cannot be read");
                StoreError::Failed
            },
        )?;
    Ok(found.into_iter().map(|row| (row.data, format!("{}{CURSOR_SEPARATOR}{}", row.sort, row.id))).collect())
}
