//! Bodies, queries and paths, read with errors for people.

use super::Refused;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use cenote_api::ApiError;
use serde::de::DeserializeOwned;

/// A JSON body. The content type does not matter: what is read is what is there.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;
    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let too_large = rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            let code = if too_large { "too_large" } else { "bad_request" };
            let most = super::BODY_MAX;
            Refused(if too_large {
                ApiError::new(code, format!("the body is larger than {most} bytes; send less at once"))
                    .with("limit", most)
            } else {
                ApiError::new(code, format!("the body cannot be read: {rejection}"))
            })
        })?;
        parse(&bytes).map(Self)
    }
}

/// Reads JSON.
///
/// # Errors
/// `bad_request` that says where.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(bytes)
        .map_err(|e| Refused(ApiError::bad_request(format!("the body cannot be read: {e}"))))
}

/// Query parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refused;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Refused(ApiError::bad_request(rejection.body_text()))),
        }
    }
}

/// What varies in a path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refused;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(varies)) => Ok(Self(varies)),
            Err(rejection) => Err(Refused(ApiError::bad_request(rejection.body_text()))),
        }
    }
}
