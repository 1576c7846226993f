//! The settings about services around this program: the platform's, and the video provider.

use std::str::FromStr;

use axum::http::HeaderName;
use kaleyra_video::BaseUrl;
use platform::Address;

use super::{
    CrudSettings, CustomIdSettings, DirectorySettings, ProviderSettings, platform_file::CustomIdFields, read::Reader,
};
use crate::http::forward::PlatformHeaders;

/// Where the CRUD Service is unless a setting says so (contract §8.1).
const CRUD_SERVICE: &str = "http://crud-service";

/// Kaleyra Video where `BANDYER_BASE_URL` is set, else this program.
pub fn provider(reader: &mut Reader<'_>) -> ProviderSettings {
    let base_url = reader.read("BANDYER_BASE_URL", None, |text| match BaseUrl::parse(text) {
        Ok(base_url) => Ok(Some(base_url)),
        Err(problem) => Err(format!("cannot be used: {problem}")),
    });
    match (base_url, reader.secret("BANDYER_API_SECRET_KEY")) {
        (Some(base_url), Some(api_key)) => ProviderSettings::Kaleyra { base_url, api_key },
        (Some(_), None) => {
            reader.problems.push(
                "BANDYER_BASE_URL is set without BANDYER_API_SECRET_KEY: set both, or none to carry calls yourself"
                    .to_owned(),
            );
            ProviderSettings::Embedded
        }
        (None, _) => ProviderSettings::Embedded,
    }
}

/// The CRUD Service, if any setting speaks of it.
pub fn crud(reader: &mut Reader<'_>) -> Option<CrudSettings> {
    let names = ["CRUD_SERVICE_URL", "CRUD_SERVICE", "TELECONSULTATIONS_CRUD_NAME", "USER_ID_MAP_CRUD_NAME"];
    let mut given = names.into_iter().filter(|name| reader.text(name).is_some());
    let first = given.next()?;
    let default = Address::parse(CRUD_SERVICE).ok();
    // The URL comes first, then the host.
    let host = reader.read("CRUD_SERVICE", default, |text| Address::parse(text).map(Some));
    let service = reader.read("CRUD_SERVICE_URL", host, |text| Address::parse(text).map(Some))?;
    let mut collection = |name: &str| {
        if reader.text(name).is_none() {
            reader.problems.push(format!("{first} is set without {name}: a CRUD Service needs both collections"));
        }
        reader.read(name, None, |text| match service.collection(text) {
            Ok(_) => Ok(Some(text.to_owned())),
            Err(_) => Err("must be the path of a collection, such as /teleconsultations"),
        })
    };
    let teleconsultations = collection("TELECONSULTATIONS_CRUD_NAME");
    let user_id_map = collection("USER_ID_MAP_CRUD_NAME");
    Some(CrudSettings { service, teleconsultations: teleconsultations?, user_id_map: user_id_map? })
}

/// The directories, if people are to be looked up (contract §3).
pub fn directories(reader: &mut Reader<'_>, fields: Option<CustomIdFields>) -> Option<DirectorySettings> {
    let users = reader.read("AUTH_SERVICE", None, |text| Address::parse(text).map(Some));
    let custom_ids = reader.read("CUSTOM_ID_USERS_API_ENDPOINT", None, |text| Address::parse(text).map(Some));
    let Some(users) = users else {
        if custom_ids.is_some() && reader.text("AUTH_SERVICE").is_none() {
            reader.problems.push(
                "CUSTOM_ID_USERS_API_ENDPOINT is set without AUTH_SERVICE, where the ids found are looked up: set both"
                    .to_owned(),
            );
        }
        return None;
    };
    let CustomIdFields { source, target } = fields.unwrap_or_default();
    Some(DirectorySettings {
        users,
        default_client_type: reader.text("DEFAULT_CLIENT_TYPE").map(str::to_owned),
        custom_ids: custom_ids.map(|users| CustomIdSettings { users, source, target }),
    })
}

/// What the platform's headers are called, and which further ones travel on.
pub fn headers(reader: &mut Reader<'_>) -> PlatformHeaders {
    let usual = PlatformHeaders::default();
    let mut name = |setting: &str, usual: HeaderName| {
        reader.read(setting, usual, |text| match HeaderName::from_str(text) {
            Ok(name) => Ok(name),
            Err(_) => Err(format!("must be the name of a header, not {text:?}")),
        })
    };
    let mut headers = PlatformHeaders {
        user_id: name("USERID_HEADER_KEY", usual.user_id),
        groups: name("GROUPS_HEADER_KEY", usual.groups),
        user_properties: name("USER_PROPERTIES_HEADER_KEY", usual.user_properties),
        client_type: name("CLIENTTYPE_HEADER_KEY", usual.client_type),
        back_office: name("BACKOFFICE_HEADER_KEY", usual.back_office),
        additional: Vec::new(),
    };
    let listed = reader.read("ADDITIONAL_HEADERS_TO_PROXY", Vec::new(), |text| {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let parse = |name: &str| {
            HeaderName::from_str(name).map_err(|_| format!("must be a comma list of header names; {name:?} is none"))
        };
        names.map(parse).collect::<Result<Vec<_>, _>>()
    });
    let (additional, idle): (Vec<_>, Vec<_>) = listed.into_iter().partition(PlatformHeaders::may_travel);
    if !idle.is_empty() {
        let names: Vec<_> = idle.iter().map(HeaderName::as_str).collect();
        reader.notes.push(format!(
            "ADDITIONAL_HEADERS_TO_PROXY has {}, which belong to one connection or message and are not passed on",
            names.join(", ")
        ));
    }
    headers.additional = additional;
    headers
}
