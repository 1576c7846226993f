//! Files that people send in a call, over HTTP: sent by tus 1.0.0 (<https://tus.io/protocols/resumable-upload>), so that whoever is cut
//! off goes on where they were, and fetched by links that end.

mod caller;
mod fetch;
mod metadata;
mod places;
mod range;
mod receive;
mod refusal;
mod tus;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, head, post},
};
use video::files::{FILES_PATH, Files};

use super::{App, error::ApiError, limits};

pub use fetch::__path_fetch;
pub use places::Places as UploadPlaces;
pub use tus::{__path_append, __path_create, __path_look, __path_remove};

/// Their routes. What carries a file takes as long as it takes, as long as enough arrives.
pub fn routes(app: &App) -> Router<App> {
    let file = format!("{FILES_PATH}/{{fileId}}");
    let short = Router::new()
        .route(FILES_PATH, post(tus::create).options(tus::options))
        .route(&file, head(tus::look).delete(tus::remove).options(tus::options))
        .layer(middleware::from_fn_with_state(app.clone(), limits::apply));
    let long = Router::new().route(&file, get(fetch::fetch).patch(tus::append).post(tus::overridden));
    short.merge(long)
}

/// Without files there are no such routes.
fn files(app: &App) -> Result<&Arc<Files>, ApiError> {
    app.files.as_ref().ok_or_else(ApiError::internal)
}
